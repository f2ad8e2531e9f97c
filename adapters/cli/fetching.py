"""The command that asks venues: fetch."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.options import DONE, TIME, Asked, Command, progress_to_stderr
from adapters.cli.progressing import WIPED
from adapters.cli.recording import imported_text, recorded_in, status_of

if TYPE_CHECKING:
    from adapters.live.page_fetch import FetchResult, Told


@click.command(cls=Command)
@click.argument("venue", metavar="VENUE")
@click.option("--since", type=TIME, help="The first run: not before this (default: all there is).")
@click.option(
    "--pages",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where pages are kept (default: the book's name with .pages behind it).",
)
@click.option("--account", metavar="A", help="Record everything under this account.")
@click.option("--dry-run", is_flag=True, help="Fetch pages; say what would be recorded.")
@click.pass_obj
def fetch(
    asked: Asked,
    venue: str,
    since: datetime | date | None,
    pages: Path | None,
    account: str | None,
    dry_run: bool,
) -> int:
    """Fetch what a venue's interface tells, keep its pages, and import them like files.

    Keys come from MARGINBOOK_<VENUE>_KEY and _SECRET (for some venues _PASSPHRASE), or from the
    system's keyring under marginbook/VENUE. Make keys that may only read. Safe to repeat: what was
    fetched is not asked for again, and what is recorded is known.
    """
    from adapters.live import page_fetch
    from adapters.live.feeds import venue_named
    from adapters.live.live_keys import keys_of
    from adapters.live.venue_wire import VenueWire

    known = venue_named(venue)
    folder = pages or Path(f"{asked.book}.pages")
    wire = VenueWire(known, keys_of(known.name, passphrase=known.passphrase))
    imported = None
    with recorded_in(asked, dry_run=dry_run) as book:
        begin = book.calendar.since(since)
        with _watched(asked) as told:
            feeds = page_fetch.fetch(known, wire, folder, since=begin, told=told)
        paths = [*page_fetch.pages(known, folder)]
        if paths:
            imported = book.import_files(paths, account=account, dry_run=dry_run)
    result = page_fetch.FetchResult(
        venue=known.name, folder=str(folder), feeds=feeds, imported=imported
    )
    asked.answer(result, lambda: _fetched_text(result))
    return DONE if imported is None else status_of(imported)


@contextmanager
def _watched(asked: Asked) -> "Iterator[Told | None]":
    """Who hears how many rows have come; the line is gone when the counts are printed."""
    if asked.json or not progress_to_stderr():
        yield None
        return
    try:
        yield lambda feed, rows: click.echo(f"\r{feed}: {rows:,} rows", nl=False, err=True)
    finally:
        click.echo(WIPED, nl=False, err=True)


def _fetched_text(result: "FetchResult") -> str:
    """What came, feed by feed, and what became of it."""
    lines = []
    for feed in result.feeds:
        since = "the beginning" if feed.since is None else f"{feed.since:%Y-%m-%d %H:%M}"
        again = " (going on with a run that was cut off)" if feed.resumed else ""
        span = f"from {since} to {feed.until:%Y-%m-%d %H:%M} UTC{again}"
        pages = "1 page" if feed.pages == 1 else f"{feed.pages:,} pages"
        lines.append(f"{feed.feed}: {feed.rows:,} rows on {pages}, {span}")
    lines.append(f"pages are kept in {result.folder}")
    if result.imported is not None:
        lines.append(imported_text(result.imported))
    return "\n".join(lines)
