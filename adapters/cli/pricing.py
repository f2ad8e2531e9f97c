"""Commands about prices: prices import, prices list, prices indicators."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.indicating import indicators
from adapters.cli.options import (
    DONE,
    INTERVAL,
    TIME,
    Asked,
    Command,
    book_option,
    json_option,
)
from adapters.cli.recording import imported_text, importing, status_of
from domain.money import plain

if TYPE_CHECKING:
    from adapters.prices.bar_import import PricesResult
    from adapters.prices.known_prices import KnownPrice

Time = datetime | date


@click.group(params=[book_option(), json_option()])
@click.pass_obj
def prices(asked: Asked, book: str | None, json: bool) -> None:
    """Prices: record them from files of bars, list them, read indicators off them."""
    asked.book = book or asked.book
    asked.json = json or asked.json


@prices.command("import", cls=Command)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--asset", metavar="A", help="What is priced, such as BTC.")
@click.option("--quote", metavar="Q", help="What it is priced in, such as USD.")
@click.option("--interval", type=INTERVAL, help="How long a bar is: 1440, 60m, 4h, 1d.")
@click.option("--venue", metavar="V", help="Where it was traded: kraken, or none (not known).")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded; record nothing.")
@click.option("--strict", is_flag=True, help="Record nothing where one row has a finding.")
@click.pass_obj
def import_(
    asked: Asked,
    files: tuple[Path, ...],
    asset: str | None,
    quote: str | None,
    interval: timedelta | None,
    venue: str | None,
    dry_run: bool,
    strict: bool,
) -> int:
    """Record the close of every bar, at the instant at which it ended. Safe to repeat."""
    with importing(asked, files, dry_run=dry_run) as (book, progress):
        result = book.import_prices(
            files,
            asset=asset,
            quote=quote,
            interval=interval,
            venue=venue,
            dry_run=dry_run,
            strict=strict,
            progress=progress,
        )
    asked.answer(result, lambda: _imported(result))
    return status_of(result.imported)


@prices.command("list", cls=Command)
@click.option("--asset", metavar="A", help="Of this asset alone.")
@click.option("--from", "since", type=TIME, help="From this time on.")
@click.option("--to", "at", type=TIME, help="Up to and with this time.")
@click.pass_obj
def list_(asked: Asked, asset: str | None, since: Time | None, at: Time | None) -> int:
    """List the prices that the book knows, in the order of time."""
    with asked.open() as book:
        known = book.prices(asset=asset, since=since, at=at)
        asked.stream(_as_json(known) if asked.json else _as_text(known))
    return DONE


prices.add_command(indicators)


def _imported(result: "PricesResult") -> str:
    """What became of the rows, and what each file was taken to hold."""
    held = []
    for path, series in result.series.items():
        pair = f"{series.asset}/{series.quote} ({series.pair_from})"
        interval = f"{series.interval} ({series.interval_from})"
        missing = f", {series.missing} missing between them" if series.missing else ""
        span = f"{series.first:%Y-%m-%d %H:%M} to {series.last:%Y-%m-%d %H:%M} UTC"
        venue = f", of {series.venue} ({series.venue_from})" if series.venue else ""
        held.append(f"{Path(path).name}: {pair}, bars of {interval}{venue}")
        held.append(f"  {series.bars} bars, {span}{missing}")
    return "\n".join([*held, imported_text(result.imported)])


def _as_json(known: "Iterable[KnownPrice]") -> Iterator[str]:
    """One JSON document, piece by piece."""
    import orjson

    yield '{"prices":['
    gap = "\n"
    for price in known:
        yield gap + orjson.dumps(price.to_dict()).decode()
        gap = ",\n"
    yield "\n]}\n"


def _as_text(known: "Iterable[KnownPrice]") -> Iterator[str]:
    """One line a price."""
    price = None
    for price in known:
        row: Any = "" if price.file is None else f"  [{price.file}:{price.line}]"
        pair = f"{price.asset}/{price.quote}"
        source = price.source or "observed"
        yield f"{price.at:%Y-%m-%d %H:%M:%S}  {pair}  {plain(price.price)}  {source}{row}\n"
    if price is None:
        yield "No prices.\n"
