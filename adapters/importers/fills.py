"""What fills of every venue have in common: unit prices, exact splits, and who bears which fee."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from adapters.importers.table import plain
from domain.money import ZERO, ratio, share

Fee = tuple[str, Decimal]
"""The asset a fee is taken in, and how much of it."""

_PRICE = Context(prec=10, rounding=ROUND_HALF_EVEN)
_WIDE = Context(prec=150, rounding=ROUND_HALF_EVEN)


def fee_fields(fee: Fee | None, quote: str) -> dict[str, Any]:
    """A fill's own fee, as its fields."""
    if fee is None or not fee[1]:
        return {}
    return {"fee": fee[1]} if fee[0] == quote else {"fee": fee[1], "fee_asset": fee[0]}


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
