"""A liquidation as a plan: what a venue would sell, buy back and repay to end all debts.

Positions are closed first, the first opened first; then coins are sold and coins owed bought back;
then debts are repaid as far as there is anything to repay them with. Which coins are sold: where
the account owes loans, all of them, as such venues take the collateral over; where only positions
were closed, as much as their loss wants, in Kraken's order (its help pages).

What a purchase or a loss takes beyond the money there is, the venue lends; in isolated mode it
bears what is left in the end (`debt_forgiven` without recourse), else it stays owed.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Context, Decimal

from domain.account import Position
from domain.events import DebtForgiven, Filled, Liquidated
from domain.money import CASH, MONEY, ONE, ZERO, plain
from projections.whatif.plans import Plan

_UP = Context(prec=28, rounding=ROUND_CEILING)
_EIGHT = Decimal("1E-8")

_ORDER = ("USD", "EUR", "GBP", "CAD", "CHF", "AUD", "JPY", "BTC", "ETH", "USDT")
"""After the position's own two: in which a loss is taken (Kraken's help pages)."""


def liquidate(plan: Plan) -> None:
    """Everything that the venue would do."""
    loans = any(plan.owed.values())
    positions = sorted(plan.account.positions.items(), key=lambda item: item[1].since)
    first = [position.asset for _, position in positions]
    for name, position in positions:
        close(plan, name, position, position.quantity, first, Liquidated, lent=True)
    if loans:
        _sell_all(plan)
        _buy_back(plan)
    for money in sorted({*plan.held, *plan.owed}):
        raise_money(plan, money, _lacking(plan, money), first, Liquidated)
    _repay(plan)
    if plan.account.mode == "isolated":
        _forgive(plan)


def close(
    plan: Plan,
    name: str,
    position: Position,
    quantity: Decimal,
    first: list[str],
    kind: type[Filled],
    *,
    price: Decimal | None = None,
    lent: bool = False,
) -> None:
    """Close so much of a position. A loss in a coin is paid with coins that are there by then."""
    side, quote = "sell" if position.side > 0 else "buy", position.quote
    if quote not in CASH:
        loss = plan.takes(side, position.asset, quantity, quote, price, name, kind)
        raise_money(plan, quote, loss - plan.held.get(quote, ZERO), first, kind)
    plan.trade(
        side,
        position.asset,
        quantity,
        quote=quote,
        price=price,
        position=name,
        lent=lent,
        kind=kind,
    )


def raise_money(
    plan: Plan, money: str, lacking: Decimal, first: list[str], kind: type[Filled]
) -> None:
    """Sell what is held, and not owed itself, for so much of a money, or as far as it goes."""
    wanted = plan.held.get(money, ZERO) + lacking
    for asset in tuple(_in_order(plan, first)):
        lacking = wanted - plan.held.get(money, ZERO)
        free = plan.held[asset] - max(plan.owed.get(asset, ZERO), ZERO)
        if lacking <= 0:
            return
        if asset == money or free <= 0:
            continue
        of_kind = Filled if asset in MONEY else kind  # money is changed, not seized
        taken, seized = plan.fee_rates
        kept = ONE - taken - (seized if of_kind is Liquidated else ZERO)
        price = plan.market.priced_in(asset, money)
        units = _UP.quantize(_UP.divide(lacking, price * kept), _EIGHT)
        plan.trade("sell", asset, Decimal(plain(min(units, free))), quote=money, kind=of_kind)


def _lacking(plan: Plan, asset: str) -> Decimal:
    """What is owed of an asset beyond what is held, or is held below zero."""
    return max(plan.owed.get(asset, ZERO), ZERO) - plan.held.get(asset, ZERO)


def _in_order(plan: Plan, first: list[str]) -> Iterator[str]:
    """What is held: the positions' own coins, then the venue's order, then by worth."""
    held = [asset for asset, units in plan.held.items() if units > 0]
    order = {asset: place for place, asset in enumerate(dict.fromkeys((*first, *_ORDER)))}

    def place(asset: str) -> tuple[int, Decimal, str]:
        worth = plan.held[asset] * plan.market.price(asset)
        return order.get(asset, len(order)), -worth, asset

    return iter(sorted(held, key=place))


def _sell_all(plan: Plan) -> None:
    for asset in sorted(plan.held):
        beyond = plan.held[asset] - plan.owed.get(asset, ZERO)
        if beyond > 0 and asset not in MONEY:
            plan.trade("sell", asset, beyond, kind=Liquidated)


def _buy_back(plan: Plan) -> None:
    for asset in sorted(plan.owed):
        lacking = plan.owed[asset] - max(plan.held.get(asset, ZERO), ZERO)
        if lacking > 0 and asset not in MONEY:
            plan.trade("buy", asset, lacking, lent=True, kind=Liquidated)


def _repay(plan: Plan) -> None:
    for asset in sorted(asset for asset, owed in plan.owed.items() if owed > 0):
        units = min(plan.owed[asset], max(plan.held.get(asset, ZERO), ZERO))
        if units > 0:
            plan.repay(asset, units)


def _forgive(plan: Plan) -> None:
    for asset in sorted({*plan.held, *plan.owed}):
        below = max(-plan.held.get(asset, ZERO), ZERO)
        left = below + max(plan.owed.get(asset, ZERO), ZERO)
        if left:
            plan.add(DebtForgiven, asset=asset, quantity=Decimal(plain(left)), recourse=False)
