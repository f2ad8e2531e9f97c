"""What trades and fees of Kraken's rows have in common: who pays which fee, and exact splits.

Ids: a fill bears its trade's txid. What else the same rows say is named after it: `TXID/2` the part
of another position, `TXID/opening` the fee for opening it, `TXID/own-BTC` own units sold to pay for
a loss, `TXID/fee-BTC` a second fee, `TXID/rebate-BTC` a fee given back.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from adapters.importers.kraken_codes import split_pair
from adapters.importers.kraken_rows import Group, Trade, Unclear
from adapters.importers.table import plain
from domain.events import FeeCharged, IncomeReceived
from domain.money import ZERO, ratio, share

Fee = tuple[str, Decimal]

_PRICE = Context(prec=10, rounding=ROUND_HALF_EVEN)
_WIDE = Context(prec=150, rounding=ROUND_HALF_EVEN)


def pair_of(group: Group, trade: Trade) -> tuple[str, str]:
    """Base and quote of the group's trade. Raises `Unclear`."""
    pair = split_pair(trade.pair, {entry.asset for entry in group.entries})
    if pair is None:
        problem = "cannot be split into base and quote"
        raise Unclear(problem, "Newer exports write BTC/USD", column="pair", value=trade.pair)
    return pair


def fees_of(group: Group, first: Sequence[str]) -> list[Fee]:
    """The fees taken, those in the assets named `first` before the others."""
    fees = sorted(
        group.fees().items(),
        key=lambda fee: (first.index(fee[0]) if fee[0] in first else len(first), fee[0]),
    )
    return [fee for fee in fees if fee[1] > 0]


def fee_fields(fees: Sequence[Fee], quote: str) -> dict[str, Any]:
    """The first fee, as a fill bears it."""
    if not fees or not fees[0][1]:
        return {}
    name, fee = fees[0]
    return {"fee": fee} if name == quote else {"fee": fee, "fee_asset": name}


def charge(group: Group, fees: Sequence[Fee], of: str, at: datetime) -> None:
    """Add the fees that the trade `of` cannot carry itself."""
    for name, fee in fees:
        group.events.append(
            FeeCharged(
                at=at,
                id=f"{of}/fee-{name}",
                sequence=group.turn(at),
                asset=name,
                quantity=fee,
                of=of,
            )
        )


def give_back(group: Group, of: str, at: datetime) -> None:
    """Add the fees that were credited."""
    for name, fee in sorted(group.fees().items()):
        if fee < 0:
            group.events.append(
                IncomeReceived(
                    at=at,
                    id=f"{of}/rebate-{name}",
                    sequence=group.turn(at),
                    asset=name,
                    quantity=-fee,
                    kind="rebate",
                )
            )


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
