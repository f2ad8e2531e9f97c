"""Commands that ask: events, verify, check, balances, lots, tax, compare, explain."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.options import DONE, FOUND, TIME, Asked, Command
from adapters.cli.text import table

if TYPE_CHECKING:
    from adapters.log.chain import Head
    from projections.findings import Finding

Time = datetime | date


@click.command(cls=Command)
@click.option("--account", metavar="A", help="Of this account alone.")
@click.option("--type", "type_", metavar="T", help="Of this type alone, such as filled.")
@click.option("--from", "since", type=TIME, help="From this time on.")
@click.option("--to", "at", type=TIME, help="Up to and with this time.")
@click.pass_obj
def events(
    asked: Asked, account: str | None, type_: str | None, since: Time | None, at: Time | None
) -> int:
    """List events in the order in which they happened."""
    from adapters.cli.stream import as_json, as_text
    from adapters.wire import type_named

    types = None if type_ is None else [type_named(type_)]
    with asked.open() as book:
        found = book.events(account=account, types=types, since=since, at=at)
        asked.stream(as_json(found) if asked.json else as_text(found))
    return DONE


@click.command(cls=Command)
@click.option("--head", metavar="POSITION:HASH", help="An older head that the log must contain.")
@click.pass_obj
def verify(asked: Asked, head: str | None) -> int:
    """Prove that nothing was changed: walk the hash chain, the keys, the positions, the events."""
    with asked.open() as book:
        report = book.verify(None if head is None else _head(head))

    def text() -> str:
        rows = [
            (p.name, "ok" if p.ok else "FAULT", p.checked, p.first_fault or "")
            for p in report.passes
        ]
        verdict = "nothing was changed" if report.ok else "THE LOG IS NOT WHAT WAS WRITTEN"
        return (
            table(["pass", "", "checked", "first fault"], rows)
            + f"\n{report.events} events, head {report.head}: {verdict}"
        )

    asked.answer(report, text)
    return DONE if report.ok else FOUND


@click.command(cls=Command)
@click.option("--trail", "whole", is_flag=True, help="List every light of every account.")
@click.pass_obj
def check(asked: Asked, *, whole: bool) -> int:
    """Look for what is missing, contradictory or doubtful, and for what vouches for the rest."""
    from adapters.cli.render import findings_text
    from adapters.cli.render_trail import trail_text

    with asked.open() as book:
        found, trails, calendar = book.check(), book.trail(), book.calendar

    def text() -> str:
        noticed = findings_text(found) or "Nothing to find: every figure has its facts."
        lights = trail_text(trails, calendar, whole=whole)
        return f"{noticed}\n\n{lights}" if lights else noticed

    asked.answer(
        {
            "findings": [finding.to_dict() for finding in found],
            "trail": [trail.to_dict() for trail in trails],
        },
        text,
    )
    return status(found)


@click.command(cls=Command)
@click.option("--at", type=TIME, help="As of this time.")
@click.pass_obj
def balances(asked: Asked, at: Time | None) -> int:
    """What every account holds and owes."""
    from adapters.cli.render import balances_text

    with asked.open() as book:
        report = book.balances(at)
    asked.answer(report, lambda: balances_text(report))
    return status(report.findings)


@click.command(cls=Command)
@click.option("--at", type=TIME, help="As of this time.")
@click.option("--method", metavar="M", help="fifo, lifo, hifo, lofo (default: the book's own).")
@click.pass_obj
def lots(asked: Asked, at: Time | None, method: str | None) -> int:
    """Open lots, and shorts that wait for their delivery."""
    from adapters.cli.render import lots_text

    with asked.open() as book:
        report = book.lots(at, method=method)
    asked.answer(report, lambda: lots_text(report))
    return DONE


@click.command(cls=Command)
@click.argument("year", type=click.IntRange(2009, 2199))
@click.option("--method", metavar="M", help="fifo, lifo, hifo, lofo (default: the book's own).")
@click.option("--known", type=TIME, help="As it was known at this time.")
@click.option("--aggregate", is_flag=True, help="Sum what may be on Schedule D, 1a and 8a, alone.")
@click.option("--country", default="us", show_default=True, help="us, uk, ca, de.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the report's files here.")
@click.pass_obj
def tax(
    asked: Asked,
    year: int,
    method: str | None,
    known: Time | None,
    country: str,
    aggregate: bool,
    out: Path | None,
) -> int:
    """The US tax year (Form 8949, Schedule D, Form 4952, carryovers), or another country's."""
    from adapters.cli.render import tax_text

    if country != "us":
        return _abroad(asked, year, country, method, known, out)
    with asked.open() as book:
        position = None if known is None else book.known_at(known)
        report = book.tax_year(year, method, known=position, aggregate=aggregate)
    if out is not None:
        from adapters.exporters.files import write_tax_year

        for path in write_tax_year(report, out, asked.watermark):
            click.echo(f"wrote {path}", err=True)
    asked.answer(report, lambda: tax_text(report))
    return status(report.forms.findings)


def _abroad(
    asked: Asked, year: int, country: str, method: str | None, known: Time | None, out: Path | None
) -> int:
    """The tax year of another country: its law alone says which units go."""
    from adapters.cli.render_countries import country_text
    from adapters.country_registry import country_named

    country_named(country)  # before a book is begun
    if method is not None:
        raise click.UsageError(f"--method is for us: the law of {country} says which units go")
    with asked.open() as book:
        position = None if known is None else book.known_at(known)
        report = book.country_year(year, country, known=position)
    if out is not None:
        from adapters.exporters.country_files import write_country_year

        for path in write_country_year(report, out, asked.watermark):
            click.echo(f"wrote {path}", err=True)
    asked.answer(report, lambda: country_text(report))
    return status(report.figures.findings)


@click.command(cls=Command)
@click.argument("year", type=click.IntRange(2009, 2199))
@click.option(
    "--methods",
    default="spec_id,fifo,lifo,hifo,lofo",
    show_default=True,
    metavar="M,M,...",
    help="Methods to lay side by side; spec_id is the book's own.",
)
@click.option("--known", type=TIME, help="As it was known at this time.")
@click.pass_obj
def compare(asked: Asked, year: int, methods: str, known: Time | None) -> int:
    """A US tax year under several methods: totals, the disposals that differ, what was elected."""
    from adapters.cli.render import comparison_text

    names = [name.strip() for name in methods.split(",") if name.strip()]
    if not names:
        raise click.UsageError("--methods names no method")
    with asked.open() as book:
        position = None if known is None else book.known_at(known)
        report = book.compare(year, names, known=position)
    asked.answer(report, lambda: comparison_text(report))
    return status(report.findings)


@click.command(cls=Command)
@click.argument("figure", metavar="FIGURE")
@click.option("--year", type=click.IntRange(2009, 2199), required=True, help="The tax year.")
@click.option("--method", metavar="M", help="fifo, lifo, hifo, lofo (default: the book's own).")
@click.option("--known", type=TIME, help="As it was known at this time.")
@click.pass_obj
def explain(asked: Asked, figure: str, year: int, method: str | None, known: Time | None) -> int:
    """Why a figure is what it is: 8949:17, D:16, 4952:1, down to the rows of your files."""
    from adapters.cli.render import explanation_text

    with asked.open() as book:
        position = None if known is None else book.known_at(known)
        explanation = book.explain(figure, year=year, method=method, known=position)
    asked.answer(explanation, lambda: explanation_text(explanation))
    return DONE


def status(found: "Iterable[Finding]") -> int:
    """How a report ends: what is merely worth knowing leaves it done."""
    return FOUND if any(finding.severity != "info" for finding in found) else DONE


def _head(text: str) -> "Head":
    from adapters.log.chain import Head

    return Head.parse(text)
