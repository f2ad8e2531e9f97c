"""What trades and fees of Kraken's rows have in common: who pays which fee, and exact splits.

Ids: a fill bears its trade's txid. What else the same rows say is named after it: `TXID/2` the part
of another position, `TXID/opening` the fee for opening it, `TXID/own-BTC` own units sold to pay for
a loss, `TXID/fee-BTC` a second fee, `TXID/rebate-BTC` a fee given back.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from adapters.importers.kraken.kraken_codes import split_pair
from adapters.importers.kraken.kraken_rows import Group, Trade, Unclear
from adapters.importers.table import plain
from domain.events import FeeCharged, IncomeReceived
from domain.money import ZERO, ratio, share

Fee = tuple[str, Decimal]

_PRICE = Context(prec=10, rounding=ROUND_HALF_EVEN)
_WIDE = Context(prec=150, rounding=ROUND_HALF_EVEN)


def pair_of(group: Group, trade: Trade) -> tuple[str, str]:
    """Base and quote of the group's trade. Raises `Unclear`."""
    pair = split_pair(trade.pair, frozenset([entry.asset for entry in group.entries]))
    if pair is None:
        problem = "cannot be split into base and quote"
        raise Unclear(problem, "Newer exports write BTC/USD", column="pair", value=trade.pair)
    return pair


def fees_of(group: Group, first: Sequence[str]) -> tuple[Fee | None, list[Fee]]:
    """The fee that a fill bears itself, and the rest. The assets named `first` come first.

    A fee below zero was given back: no fill bears it.
    """
    fees = [*group.fees().items()]
    if not fees or (len(fees) == 1 and fees[0][1] > 0):
        return (fees[0] if fees else None), []
    fees.sort(key=lambda fee: (first.index(fee[0]) if fee[0] in first else len(first), fee[0]))
    own = next((fee for fee in fees if fee[1] > 0), None)
    return own, [fee for fee in fees if fee is not own]


def fee_fields(fee: Fee | None, quote: str) -> dict[str, Any]:
    """A fill's own fee, as its fields."""
    if fee is None or not fee[1]:
        return {}
    return {"fee": fee[1]} if fee[0] == quote else {"fee": fee[1], "fee_asset": fee[0]}


def charge(group: Group, fees: Sequence[Fee], of: str, at: datetime) -> None:
    """Add fees that the event `of` cannot carry itself, and those that were given back.

    A fee belongs to what it was taken for if that is a trade; else it says what it was taken for.
    """
    belongs: dict[str, Any] = (
        {"of": of} if group.trade or group.kind == "exchange" else {"kind": group.kind}
    )
    for name, fee in fees:
        more: dict[str, Any] = {"at": at, "asset": name, "quantity": abs(fee)}
        more["sequence"] = group.turn(at)
        if fee > 0:
            group.events.append(FeeCharged(id=f"{of}/fee-{name}", **belongs, **more))
        else:
            more["kind"] = "rebate"
            group.events.append(IncomeReceived(id=f"{of}/rebate-{name}", **more))


def price_of(amount: Decimal, quantity: Decimal) -> Decimal:
    """The unit price to 10 significant digits: for reading; the exact amount stands beside it."""
    return plain(_PRICE.divide(amount, quantity))


def quotient(amount: Decimal, by: Decimal) -> Decimal:
    """The exact quotient where it ends, else rounded to 8 decimals."""
    whole = ratio(amount, by)
    return plain(whole if whole * by == amount else rounded(whole, 8))


def rounded(number: Decimal, places: int) -> Decimal:
    """The number to so many decimals, without trailing zeros."""
    return plain(number.quantize(Decimal(1).scaleb(-places), context=_WIDE))


def split(total: Decimal, quantities: Sequence[Decimal], places: int = 10) -> list[Decimal]:
    """`total` in proportion to quantities, to so many decimals; the last takes what is left."""
    whole = sum(quantities, ZERO)
    parts = [rounded(share(total, quantity, whole), places) for quantity in quantities[:-1]]
    return [*parts, plain(total - sum(parts, ZERO))]
