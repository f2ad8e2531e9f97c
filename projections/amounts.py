"""Amounts that may be unknown: whatever is made of an unknown amount is unknown, never zero."""

from collections.abc import Iterable
from decimal import Decimal

from domain.money import ZERO

Amount = Decimal | None
"""An exact amount; None: a price is missing."""


def plus(one: Amount, other: Amount) -> Amount:
    """The sum."""
    return None if one is None or other is None else one + other


def minus(one: Amount, other: Amount) -> Amount:
    """The difference."""
    return None if one is None or other is None else one - other


def negative(amount: Amount) -> Amount:
    """The other side of an amount."""
    return None if amount is None else -amount


def times(units: Decimal, price: Amount) -> Amount:
    """The worth of units; no units are worth nothing at any price."""
    if not units:
        return ZERO
    return None if price is None else units * price


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum of all."""
    added = ZERO
    for amount in amounts:
        if amount is None:
            return None
        added += amount
    return added
