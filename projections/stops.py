"""Stops and targets: whether a price lies on the right side, and whether it would be reached first.

A stop limits a loss, so it lies below the mark of a long and above that of a short; a take-profit
the other way round. A stop beyond the price at which the account is liquidated is never reached.
"""

from decimal import Decimal

from domain.errors import BookError
from domain.money import plain
from projections.findings import Finding
from projections.margin_state import MarginState

STOP, TAKE_PROFIT = "stop", "take-profit"


def judged(kind: str, state: MarginState, asset: str, price: Decimal, side: int) -> list[Finding]:
    """What is to be said of a stop or a target. Raises `BookError` for the wrong side.

    `side` is 1 for what is held long, -1 for a short; the price is in the account's currency.
    """
    mark = _mark(state, asset)
    if mark is not None:
        loses = price < mark if side > 0 else price > mark
        if price != mark and loses != (kind == STOP):
            other = TAKE_PROFIT if kind == STOP else STOP
            where, word = "below" if price < mark else "above", "long" if side > 0 else "short"
            msg = f"{plain(price)} lies {where} the mark of {plain(mark)}"
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
            problem=f"{state.account} is liquidated at {liquidation:,.2f},"
            f" before the price comes to {plain(price)}",
            hint="this stop is never reached: lay it on the other side, or add collateral",
        )
    ]


def _mark(state: MarginState, asset: str) -> Decimal | None:
    marks = {holding.asset: holding.mark for holding in (*state.holdings, *state.debts)}
    marks |= {p.asset: p.mark for p in state.positions if p.quote == state.currency}
    return marks.get(asset)
