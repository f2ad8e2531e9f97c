"""Numbers: exact until the form.

Quantities, prices and amounts are Decimals. Sums and products are exact: `exact()` is a context of
400 digits in which rounding is an error, and every number that comes in is bounded (24 digits
before the point, 40 after), so that no sum, and no product of five of them, can need more. Only
three things round, and each says so in its name: a share of a total (`share`, cut at 40 decimals;
what is cut stays with the rest), a quotient (`ratio`), and money on a form (`Cents`).
"""

from contextlib import AbstractContextManager
from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    getcontext,
    localcontext,
)

ZERO = Decimal(0)
ONE = Decimal(1)

_DIGITS = 400
_EXACT = Context(prec=_DIGITS, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])
_ROUNDED = Context(
    prec=_DIGITS, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)
_FINE, _FINEST = Decimal("1E+40"), Decimal("1E-40")
_RATIO = Context(prec=28, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero])
_CENT = Decimal("0.01")
_DOLLAR = Decimal(1)
_NOTHING = Decimal("0.00")

CASH = frozenset(
    ["USD", "EUR", "GBP", "CAD", "CHF", "AUD", "JPY", "NZD", "SEK", "NOK", "DKK", "PLN"]
)
"""Money, which is no property here and has no lots. Gains under IRC 988 are not figured."""

MONEY = CASH.union(
    ["USDT", "USDC", "DAI", "BUSD", "TUSD", "USDP", "GUSD", "FDUSD", "PYUSD", "USDE", "RLUSD"],
    ["USD1", "USDS", "EURC", "EURT"],
)
"""Money and tokens that stand for it: no exposure to a market. Tokens are property all the same,
and their worth is looked up, never assumed."""


def exact() -> AbstractContextManager[Context]:
    """A context in which sums and products are exact and rounding raises `decimal.Inexact`."""
    return localcontext(_EXACT)


def share(total: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """`total` x `part` / `whole`, cut at 40 decimals.

    The caller keeps `total` less this share, so that the parts of a total always add up to it.
    """
    if getcontext().prec != _DIGITS:  # outside a replay
        with exact():
            return share(total, part, whole)
    return total * part * _FINE // whole * _FINEST


def product(one: Decimal, other: Decimal) -> Decimal:
    """The exact product, also outside a replay."""
    return _EXACT.multiply(one, other)


def total(one: Decimal, other: Decimal) -> Decimal:
    """The exact sum, also outside a replay."""
    return _EXACT.add(one, other)


def difference(one: Decimal, other: Decimal) -> Decimal:
    """The exact difference, also outside a replay."""
    return _EXACT.subtract(one, other)


def ratio(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The quotient to 28 digits: for levels and unit prices, never for money that is kept."""
    return _RATIO.divide(numerator, denominator)


def plain(number: Decimal) -> str:
    """The number as people write it: no exponent, no zeros behind the last digit.

    >>> plain(Decimal("1E+3")), plain(Decimal("0.500")), plain(Decimal("-0"))
    ('1000', '0.5', '0')
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rough(amount: Decimal) -> str:
    """An amount for a sentence: cents, of small ones four digits that count.

    >>> rough(Decimal("25733.3333")), rough(Decimal("0.000012345678"))
    ('25733.33', '0.00001235')
    """
    if abs(amount) >= 1 or not amount:
        return format(cents(amount), "f")
    return plain(Decimal(format(amount, ".4g")))


def cents(amount: Decimal) -> Decimal:
    """Money with two decimals, halves away from zero, never a negative zero."""
    return _ROUNDED.add(amount.quantize(_CENT, ROUND_HALF_UP, _ROUNDED), ZERO)


def dollars(amount: Decimal) -> Decimal:
    """Money in whole dollars, 50 cents up (Instructions for Form 8949 (2025), Rounding off)."""
    return _ROUNDED.add(amount.quantize(_DOLLAR, ROUND_HALF_UP, _ROUNDED), ZERO)


class Cents:
    """Money as it is printed row by row: each row is the growth of the rounded running total.

    So the rows add up to the rounded exact total, and a thousand rows of $0.004 keep their $4.
    `unit` is a cent, or a dollar for a form in whole dollars.
    """

    __slots__ = ("_unit", "exact", "printed")

    def __init__(self, unit: Decimal | None = None) -> None:
        self._unit = unit or _CENT
        self.exact = ZERO
        self.printed = ZERO if unit else _NOTHING

    def add(self, amount: Decimal) -> Decimal:
        """Add an exact amount; return the cents of its row. To be called inside `exact()`."""
        before = self.printed
        self.exact += amount
        now = self.exact.quantize(self._unit, ROUND_HALF_UP, _ROUNDED)
        self.printed = now or abs(now)  # never a negative zero
        return self.printed - before
