"""What every command shares: the book, JSON or text, times, and how errors end."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from domain.errors import UnknownName

if TYPE_CHECKING:
    from adapters.book import Book

DONE, FOUND, WRONG = 0, 1, 2
"""Exit status: done; done with findings, or a check failed; wrong use, nothing was recorded."""


class Command(click.Command):
    """A command that takes `--book` and `--json` too, so that they may stand behind it."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += [book_option(), json_option()]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command with the options that stood before it or behind it."""
        asked = ctx.ensure_object(Asked)
        asked.book = ctx.params.pop("book") or asked.book
        asked.json = ctx.params.pop("json") or asked.json
        return super().invoke(ctx)


class Asked:
    """What was asked for: which book, and JSON or text."""

    def __init__(self) -> None:
        self.book = os.environ.get("MARGINBOOK") or "book.db"
        self.json = False

    def open(self, **settings: str) -> "Book":
        """Open the book, or begin one."""
        from adapters.book import Book

        return Book.open(self.book, **settings)

    def answer(self, report: Any, text: Callable[[], str]) -> None:
        """Print a report: as one JSON document, or as text for people."""
        if self.json:
            print_json(report.to_dict() if hasattr(report, "to_dict") else report)
        else:
            click.echo(text())


def book_option() -> click.Option:
    """The book to use."""
    words = "The book's file (default: $MARGINBOOK or ./book.db)."
    return click.Option(["--book"], metavar="PATH", help=words)


def json_option() -> click.Option:
    """JSON instead of text."""
    return click.Option(["--json"], is_flag=True, help="Print one JSON document.")


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    import orjson

    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))


class TimeType(click.ParamType):  # type: ignore[type-arg]
    """A time with zone, or a date: the end of that day in the book's tax zone."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | date:
        """Read RFC 3339 with offset, or YYYY-MM-DD."""
        if isinstance(value, date):
            return value
        try:
            if len(value) == len("2025-01-01"):
                return date.fromisoformat(value)
            time = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time: write 2025-03-04T10:00:05Z", param, ctx)
        if time.tzinfo is None:
            self.fail(f"{value!r} has no zone: write {value}Z, or +01:00", param, ctx)
        return time.astimezone(UTC)


class PriceType(click.ParamType):  # type: ignore[type-arg]
    """ASSET=PRICE in the book's currency."""

    name = "ASSET=PRICE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Decimal]:
        """Read a price above zero."""
        asset, _, number = str(value).partition("=")
        try:
            price = Decimal(number)
        except InvalidOperation:
            price = Decimal(0)
        if not asset or not price.is_finite() or price <= 0:
            self.fail(f"{value!r} is no price: write BTC=60000", param, ctx)
        return asset, price


class IntervalType(click.ParamType):  # type: ignore[type-arg]
    """How long a bar is: minutes, or a number with s, m, h, d or w."""

    name = "interval"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read 1440, 60m, 4h, 1d."""
        from adapters.prices.pairs import interval_of

        if isinstance(value, timedelta):
            return value
        try:
            return interval_of(str(value))
        except UnknownName as unknown:
            self.fail(str(unknown), param, ctx)


TIME = TimeType()
PRICE = PriceType()
INTERVAL = IntervalType()


def fail(message: str, *, json: bool) -> int:
    """Say what is wrong: on stderr, or as the one JSON document where JSON was asked for."""
    if json:
        print_json({"error": message})
    else:
        click.echo(f"marginbook: {message}", err=True)
    return WRONG


def progress_to_stderr() -> bool:
    """Whether someone is watching."""
    return sys.stderr.isatty()
