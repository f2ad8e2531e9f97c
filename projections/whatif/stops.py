"""Stops and targets as a plan: what is left at a price, and whether that price is ever reached.

A stop limits a loss, so it lies below the mark of a long and above that of a short; a take-profit
the other way round. A stop beyond the price at which the account is liquidated is never reached.
Prices are in the account's money throughout.
"""

from decimal import Decimal

from domain.errors import BookError
from domain.events import Filled
from domain.money import ONE, ZERO, plain, ratio, rough
from projections.findings import Finding
from projections.margin.margin_state import MarginState
from projections.whatif.liquidating import close, raise_money
from projections.whatif.plans import Plan

STOP, TAKE_PROFIT = "stop", "take-profit"


def leave(
    plan: Plan,
    asset: str,
    price: Decimal,
    *,
    quantity: Decimal | None = None,
    position: str | None = None,
) -> int:
    """Leave an asset at a price, whole or so many units; return the side that was left.

    A position if there is one or one is named; else what is held beyond what is owed of it, or,
    where more is owed, what would have to be bought back. Raises `BookError` for nothing.
    """
    positions = plan.account.positions
    if position is not None and position not in positions:
        open_ones = ", ".join(positions) or "none"
        msg = f"{plan.account.name} has no position {position}; open: {open_ones}"
        raise BookError(msg)
    named = [name for name, found in sorted(positions.items()) if found.asset == asset]
    if position is not None or named:
        return _leave_positions(plan, [position] if position else named, price, quantity)
    net = plan.held.get(asset, ZERO) - plan.owed.get(asset, ZERO)
    if not net:
        msg = f"{plan.account.name} has no {asset} and owes none"
        raise BookError(msg)
    quote = plan.money_for(asset)
    side, units = "sell" if net > 0 else "buy", quantity or abs(net)
    plan.trade(side, asset, units, quote=quote, price=_in(plan, price, quote), lent=net < 0)
    return 1 if net > 0 else -1


def judged(
    kind: str, mark: Decimal | None, state: MarginState, asset: str, price: Decimal, side: int
) -> list[Finding]:
    """What is to be said of a stop or a target. Raises `BookError` for the wrong side.

    `mark` is the asset's price now, `side` is 1 for what is held long, -1 for a short.
    """
    if mark is not None and price != mark:
        loses = price < mark if side > 0 else price > mark
        if loses != (kind == STOP):
            other = TAKE_PROFIT if kind == STOP else STOP
            where, word = "below" if price < mark else "above", "long" if side > 0 else "short"
            msg = f"{plain(price)} lies {where} the mark of {asset}, {plain(mark)} {state.currency}"
            msg = f"{msg}: for a {word} that is a {other}"
            raise BookError(msg)
    reached = state.prices.get(asset)
    liquidation = None if reached is None else reached.liquidation
    if kind != STOP or liquidation is None:
        return []
    first = liquidation >= price if side > 0 else liquidation <= price
    if not first:
        return []
    return [
        Finding(
            kind="liquidated_first",
            account=state.account,
            asset=asset,
            problem=f"{state.account} is liquidated at {rough(liquidation)} {state.currency},"
            f" before the price comes to {plain(price)}",
            hint="this stop is never reached: lay it on the other side, or add collateral",
        )
    ]


def _leave_positions(plan: Plan, names: list[str], price: Decimal, quantity: Decimal | None) -> int:
    sides = {plan.account.positions[name].side for name in names}
    if len(sides) > 1:
        msg = f"positions {', '.join(names)} are long and short: name one with --position"
        raise BookError(msg)
    before, owes = dict(plan.held), any(plan.owed.values())
    first = [plan.account.positions[name].asset for name in names]
    for name in names:
        found = plan.account.positions[name]
        units = found.quantity if quantity is None else min(quantity, found.quantity)
        quantity = None if quantity is None else quantity - units
        if units:
            at = _in(plan, price, found.quote)
            close(plan, name, found, units, first, Filled, price=at)
    for money in sorted(plan.held if not owes else ()):
        short_before = max(-before.get(money, ZERO), ZERO)
        raise_money(plan, money, -plan.held[money] - short_before, first, Filled)
    return sides.pop()


def _in(plan: Plan, price: Decimal, quote: str) -> Decimal:
    """A price of the account's money in a quote."""
    worth = ONE if quote == plan.market.money else plan.market.price(quote)
    return price if worth == ONE else ratio(price, worth)
