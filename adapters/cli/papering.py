"""Paper trading: open an account, place orders, run bars, and ask as of a real book.

`paper tax`, `paper margin` and all that ask are the very same commands, on the paper book.
"""

import os
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from adapters.cli.asking import (
    balances,
    check,
    compare,
    events,
    explain,
    lots,
    tax,
    verify,
)
from adapters.cli.deciding import elect, identify, policy, state
from adapters.cli.options import DONE, INTERVAL, TIME, Asked, Command, InOrder, json_option
from adapters.cli.performing import performance
from adapters.cli.supposing import whatif
from adapters.cli.terming import FACTOR, RATE, SETTING
from adapters.cli.watching import interest, margin

if TYPE_CHECKING:
    from adapters.paper.paper_book import PaperBook
    from domain.events import MarginTermsSet

Time = datetime | date
F = TypeVar("F", bound=Callable[..., Any])

_DEFAULT = "paper/main"


@click.group(cls=InOrder, params=[json_option()])
@click.option(
    "--paper-book", metavar="PATH", help="Its file (default: $MARGINBOOK_PAPER or ./paper.db)."
)
@click.pass_context
def paper(ctx: click.Context, paper_book: str | None, json: bool) -> None:
    """Trade on paper: orders filled by price bars, in a book of its own that is never a real one.

    Begin with `marginbook paper open --deposit 10000 USD`, or look at `marginbook paper demo`.
    """
    asked = ctx.ensure_object(Asked)
    named = None if ctx.parent is None else ctx.parent.params.get("book")
    asked.book = paper_book or named or os.environ.get("MARGINBOOK_PAPER") or "paper.db"
    asked.paper = True
    asked.json = json or asked.json


def _where(command: F) -> F:
    """The account, and when: options that most commands share."""
    for option in (
        click.option("--at", type=TIME, help="When (default: where the session stands)."),
        click.option("--account", default=_DEFAULT, show_default=True, metavar="A"),
    ):
        command = option(command)
    return command


@paper.command("open", cls=Command)
@_where
@click.option("--deposit", "deposits", type=(str, str), multiple=True, metavar="QTY ASSET")
@click.option("--preset", metavar="P", help="A venue's margin terms: `marginbook terms --list`.")
@click.option("--model", metavar="M", help="A margin model, where no preset is wanted.")
@click.option("--set", "settings", type=SETTING, multiple=True, help="Another value.")
@click.option("--factor", "factors", type=FACTOR, multiple=True, help="What collateral counts.")
@click.option("--rate", "rates", type=RATE, multiple=True, help="Interest of one period.")
@click.option("--zone", default="UTC", show_default=True, help="Tax zone of a new paper book.")
@click.pass_obj
def open_(
    asked: Asked,
    /,
    account: str,
    at: Time | None,
    deposits: Sequence[tuple[str, str]],
    preset: str | None,
    model: str | None,
    settings: Sequence[tuple[str, str]],
    factors: Sequence[tuple[str, Decimal]],
    rates: Sequence[tuple[str, Decimal]],
    zone: str,
) -> int:
    """Open an account with play money and a venue's terms, or add them to one that is open."""
    from adapters.cli.render_paper import placed_text

    if preset and model:
        raise click.UsageError("--preset names its model: leave --model out")
    if not (preset or model) and (settings or factors or rates):
        raise click.UsageError("--set, --factor and --rate belong to --preset or --model")
    changes: dict[str, Any] = dict(settings)
    changes |= {"collateral_factors": dict(factors), "interest_rates": dict(rates)}
    with _opened(asked, zone) as book:
        terms = _terms(preset, model, changes) if preset or model else None
        given = [(_units(quantity), asset) for quantity, asset in deposits]
        placed = book.begin(account, at=_instant(book, at), deposits=given, terms=terms)
    asked.answer(placed, lambda: placed_text(placed))
    return DONE


@paper.group(cls=InOrder)
def order() -> None:
    """Place an order: buy or sell."""


def _ordering(side: str) -> None:
    """The command `order buy` or `order sell`."""

    @order.command(side, cls=Command, epilog=_EXAMPLES[side])
    @click.argument("quantity", metavar="QTY")
    @click.argument("asset", metavar="ASSET")
    @click.option("--quote", default="USD", show_default=True, metavar="Q")
    @click.option("--limit", metavar="P", help="At this price or better.")
    @click.option("--stop", metavar="P", help="A stop-loss: once the market is as bad as this.")
    @click.option("--take-profit", metavar="P", help="Once the market is as good as this.")
    @click.option("--trail", metavar="D", help="A trailing stop, so far behind the best price.")
    @click.option("--trail-rate", metavar="R", help="The same as a part of the price: 0.05.")
    @click.option("--leverage", metavar="L", help="Open a position: the venue lends the rest.")
    @click.option("--position", metavar="NAME", help="Its name (default: the order's id).")
    @click.option("--reduce-only", is_flag=True, help="Never open a position.")
    @click.option("--expires", type=TIME, help="Rest until then.")
    @click.option("--id", "name", metavar="ID", help="The order's id (default: such as order-1).")
    @_where
    @click.pass_obj
    def command(asked: Asked, /, **given: Any) -> int:
        return _order(asked, side, given)

    command.help = {
        "buy": "Buy: with the account's money, or with --leverage as a position.",
        "sell": "Sell coins that are held, a position, or with --leverage short.",
    }[side]


_EXAMPLES = {
    "buy": "\b\nExample:\n  marginbook paper order buy 0.5 BTC --limit 60000 --leverage 3",
    "sell": "\b\nExample:\n  marginbook paper order sell 0.5 BTC --stop 55000 --position order-1",
}
_KINDS = {
    "limit": ("limit", "price"),
    "stop": ("stop_loss", "trigger"),
    "take_profit": ("take_profit", "trigger"),
    "trail": ("trailing_stop", "trail"),
    "trail_rate": ("trailing_stop", "trail_rate"),
}
_ordering("buy")
_ordering("sell")


@paper.command(cls=Command)
@click.option("--all", "all_", is_flag=True, help="What became of the others, too.")
@click.option("--account", metavar="A", help="Of this account alone.")
@click.pass_obj
def orders(asked: Asked, /, all_: bool, account: str | None) -> int:
    """List the open orders."""
    from adapters.cli.render_paper import orders_text

    with _opened(asked) as book:
        found = tuple(o for o in book.orders(all=all_) if account in (None, o.account))
    asked.answer({"orders": [one.to_dict() for one in found]}, lambda: orders_text(found))
    return DONE


@paper.command(cls=Command)
@click.argument("order_id", metavar="ID")
@click.option("--account", metavar="A", help="The order's account, if several have its id.")
@click.option("--at", type=TIME, help="When (default: where the session stands).")
@click.option("--reason", default="taken back", show_default=True, metavar="TEXT")
@click.pass_obj
def cancel(
    asked: Asked, /, order_id: str, account: str | None, at: Time | None, reason: str
) -> int:
    """Take an open order back."""
    from adapters.cli.render_paper import placed_text

    with _opened(asked) as book:
        placed = book.cancel(order_id, account, at=_instant(book, at), reason=reason)
    asked.answer(placed, lambda: placed_text(placed))
    return DONE


@paper.command("run", cls=Command)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="BARS..."
)
@click.option("--until", type=TIME, help="Only bars that end by then; a date includes its day.")
@click.option("--asset", metavar="A", help="What is priced, such as BTC, if the files do not say.")
@click.option("--quote", metavar="Q", help="What it is priced in, such as USD.")
@click.option("--interval", type=INTERVAL, help="How long a bar is: 1440, 60m, 4h, 1d.")
@click.pass_obj
def run_(
    asked: Asked,
    /,
    files: tuple[Path, ...],
    until: Time | None,
    asset: str | None,
    quote: str | None,
    interval: timedelta | None,
) -> int:
    """Run price bars against the open orders. Safe to repeat: what has run is passed over.

    Files of several pairs go together, in one command. docs/paper.md says how a bar fills an order.
    """
    from adapters.cli.recording import check_files
    from adapters.cli.render_paper import run_text
    from adapters.paper.bar_feed import BarFeed
    from adapters.prices.pairs import Wanted

    check_files(files)
    with _opened(asked) as book:
        wanted = Wanted(asset=asset, quote=quote, interval=interval, currency=book.currency)
        end = _instant(book, until)
        if end is not None and not isinstance(until, datetime):
            end += timedelta(microseconds=1)  # the bar of that day ends as the next one begins
        with BarFeed(files, wanted) as bars:
            report = book.run(bars, end)
    asked.answer(report, lambda: run_text(report))
    return DONE


@paper.command(cls=Command)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("out"), help="Folder for the files."
)
@click.pass_obj
def demo(asked: Asked, /, out: Path) -> int:
    """Run a bundled, invented session: stops, a target, a liquidation, and its paper tax year."""
    from adapters.paper.paper_tour import tour

    report, text = tour(out)
    asked.answer(report, lambda: text)
    return DONE


_SAME = (events, verify, check, balances, lots, tax, compare, explain)
_WATCH = (margin, whatif, interest, performance)
for _command in (*_SAME, *_WATCH, elect, identify, policy, state):
    paper.add_command(_command)


# ----------------------------------------------------------------------------------------------


def _opened(asked: Asked, zone: str = "UTC") -> "PaperBook":
    from adapters.paper.paper_book import PaperBook

    return PaperBook.open(asked.book, zone=zone)


def _order(asked: Asked, side: str, given: dict[str, Any]) -> int:
    """Place the order that the options tell."""
    from adapters.cli.render_paper import placed_text

    asked_for = [name for name in _KINDS if given[name] is not None]
    if len(asked_for) > 1:
        words = " and ".join("--" + name.replace("_", "-") for name in asked_for)
        raise click.UsageError(f"{words} are two orders: place one after the other")
    fields: dict[str, Any] = {"kind": "market"}
    for name in asked_for:
        kind, field = _KINDS[name]
        fields = {"kind": kind, field: given[name]}
    same = ("quantity", "asset", "quote", "leverage", "position")
    fields |= {name: given[name] for name in same}
    fields |= {"side": side, "reduce_only": given["reduce_only"] or None, "id": given["name"]}
    with _opened(asked) as book:
        fields |= {name: _instant(book, given[name]) for name in ("at", "expires")}
        placed = book.order(given["account"], **fields)
    asked.answer(placed, lambda: placed_text(placed))
    return DONE


def _terms(
    preset: str | None, model: str | None, changes: dict[str, Any]
) -> "Callable[[datetime], MarginTermsSet]":
    """The account's terms, from when it is opened; refused where they contradict themselves."""
    from adapters.venues.presets import preset as named
    from domain.events import MarginTermsSet
    from domain.fields import from_fields
    from domain.terms_faults import refuse

    def made(at: datetime) -> MarginTermsSet:
        if preset:
            chosen = named(preset, at.date())
            event = chosen.terms(at=at, id="new", **changes)
        else:
            event = from_fields(MarginTermsSet, {"at": at, "id": "new", "model": model, **changes})
        refuse(event)
        return event

    return made


def _instant(book: "PaperBook", time: Time | None) -> datetime | None:
    """A date means the end of that day in the book's tax zone."""
    if time is None or isinstance(time, datetime):
        return time
    return book.calendar.end(time)


def _units(text: str) -> Decimal:
    from domain.errors import InvalidEvent
    from domain.money import ZERO

    try:
        units = Decimal(text)
    except ArithmeticError:
        units = ZERO
    if not units.is_finite() or units <= 0:
        raise InvalidEvent("deposit", text, "must be a number above zero, such as 10000")
    return units
