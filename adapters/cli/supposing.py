"""Commands that suppose: whatif liquidate, sell, buy, borrow, repay, deposit, withdraw, stop, ...

Nothing is recorded. Each tells the margin after, the disposals, the gain by lot and method, and
what the year's tax would change by.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.asking import status
from adapters.cli.options import TIME, Asked, Command, PriceType

if TYPE_CHECKING:
    from adapters.whatif import Supposing
    from projections.whatif.supposed import WhatIf


class AmountType(click.ParamType):  # type: ignore[type-arg]
    """A number above zero."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Read a decimal."""
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal(0)
        if not number.is_finite() or number <= 0:
            self.fail(f"{value!r} is no number above zero: write 0.5", param, ctx)
        return number


class AnyPriceType(PriceType):
    """PRICE of what is traded, or ASSET=PRICE of anything."""

    name = "[ASSET=]PRICE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Decimal]:
        """Read a price above zero; "" stands for what is traded."""
        if "=" in str(value):
            return super().convert(value, param, ctx)
        return "", AMOUNT.convert(value, param, ctx)


class RatesType(click.ParamType):  # type: ignore[type-arg]
    """SHORT/LONG: what a dollar of short-term and of long-term gain bears."""

    name = "SHORT/LONG"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read two parts of the whole, such as 0.32/0.15."""
        from domain.errors import BookError
        from projections.tax.us.estimate import Rates

        short, _, long = str(value).partition("/")
        try:
            return Rates(Decimal(short), Decimal(long))
        except (InvalidOperation, BookError):
            self.fail(f"{value!r} are no rates: write 0.32/0.15", param, ctx)


AMOUNT, ANY_PRICE, RATES = AmountType(), AnyPriceType(), RatesType()

_SHARED = (
    click.option("--rates", type=RATES, help="Your own rates, instead of the year's brackets."),
    click.option("--method", metavar="M", help="fifo, lifo, hifo, lofo (default: the book's own)."),
    click.option("--at", type=TIME, help="At this time (default: right after the last event)."),
    click.option(
        "--price",
        "prices",
        type=ANY_PRICE,
        multiple=True,
        help="PRICE of what is traded, in its quote; or ASSET=PRICE in the account's currency.",
    ),
)
_ACCOUNT = click.option("--account", metavar="A", help="In this account.")
_QUANTITY = click.argument("quantity", type=AMOUNT)
_ASSET = click.argument("asset")
_POSITION = click.option("--position", metavar="NAME", help="Of this position.")


@click.group()
def whatif() -> None:
    """Ask what would follow of a trade, a loan, a stop, a liquidation. Nothing is recorded."""


def _asks(name: str, words: str, *parameters: Any) -> Callable[..., Callable[..., "WhatIf"]]:
    """Make a command of the group of a question; it gets a `Supposing` and its own parameters."""

    def made(question: Callable[..., "WhatIf"]) -> Callable[..., "WhatIf"]:
        @wraps(question)
        def command(
            asked: Asked, prices: Any, at: Any, method: str | None, rates: Any, **given: Any
        ) -> int:
            known = dict(prices)
            if len(known) < len(prices):
                raise click.UsageError("a price is given twice")
            price = known.pop("", None)
            with asked.open() as book:
                supposing = book.supposing(
                    at, prices=known, price=price, method=method, rates=rates
                )
                report = question(supposing, **given)
            from adapters.cli.render_whatif import whatif_text

            asked.answer(report, lambda: whatif_text(report))
            return status(report.findings)

        for parameter in (*_SHARED, *reversed(parameters)):
            command = parameter(command)
        whatif.command(name, cls=Command, help=words)(click.pass_obj(command))
        return question

    return made


@_asks(
    "liquidate",
    "Liquidate accounts, or all that owe: what is sold, taxed and left.",
    click.argument("accounts", metavar="[ACCOUNT]...", nargs=-1),
)
def _liquidate(supposing: "Supposing", accounts: tuple[str, ...]) -> "WhatIf":
    return supposing.liquidate(accounts)


def _trading(side: str, words: str) -> None:
    leverage = click.option("--leverage", type=AMOUNT, help="The position's leverage.")

    borrow = click.option("--borrow", is_flag=True, help="The venue lends what is lacking for it.")

    @_asks(side, words, _QUANTITY, _ASSET, _ACCOUNT, _POSITION, leverage, borrow)
    def trade(supposing: "Supposing", **given: Any) -> "WhatIf":
        return supposing.trade(side, **given)


def _moving(kind: str, words: str) -> None:
    @_asks(kind, words, _QUANTITY, _ASSET, _ACCOUNT)
    def move(supposing: "Supposing", **given: Any) -> "WhatIf":
        return supposing.move(kind, **given)


def _leaving(kind: str, words: str) -> None:
    asset = click.argument("asset", required=False)
    quantity = click.option("--quantity", type=AMOUNT, help="So many units, not all.")

    @_asks(kind, words, asset, quantity, _ACCOUNT, _POSITION)
    def leave(supposing: "Supposing", **given: Any) -> "WhatIf":
        return supposing.leave(kind, **given)


_trading("sell", "Sell units at the mark, or at --price; short with --borrow.")
_trading("buy", "Buy units at the mark, or at --price.")
_moving("borrow", "Borrow units.")
_moving("repay", "Repay a loan: interest owed first, then principal.")
_moving("deposit", "Deposit units as collateral.")
_moving("withdraw", "Withdraw units.")
_leaving("stop", "Leave a position or holding at a price at which it loses.")
_leaving("take-profit", "Leave a position or holding at a price at which it gains.")
