"""Average cost: what units cost, and what parting with some of them earned.

The one trick: quantity and cost bear a sign. Above zero they are units owned and what was paid for
them; below zero units sold that were never owned, and what they brought. So one rule serves longs
and shorts, and what goes through zero is split there: the cost grows by what comes in and by what
is earned, cost after = cost before + worth moved + result, exactly. All that parts with units is a
result; what only adds to them is none.
"""

from decimal import Decimal

from domain.money import ZERO, ratio, share
from domain.recorded import Recorded
from projections.amounts import Amount, minus, plus


class Holding:
    """Units of one asset. `cost` has their sign, in the book's currency; None: it is not known."""

    __slots__ = ("cost", "moved", "quantity", "realised")

    def __init__(self) -> None:
        self.quantity = ZERO
        self.cost: Amount = ZERO
        self.realised: Amount = ZERO
        self.moved: Recorded | None = None
        """What moved these units last."""

    @property
    def average_entry(self) -> Decimal | None:
        """What one unit cost, or brought, on average, before fees."""
        known = self.quantity and self.cost is not None
        return ratio(self.cost, self.quantity) if known and self.cost is not None else None

    def move(self, recorded: Recorded, units: Decimal, worth: Amount) -> None:
        """Units came (above zero) or went; `worth` is what they were worth, with their sign.

        A worth without units is a result: something was given, or got, for nothing.
        """
        self.moved = recorded
        if not units:
            self.realised = minus(self.realised, worth)
        closed = self._closed(units)
        if closed:
            part = worth if closed == units else _share(worth, closed, units)
            cost = self.cost
            if closed != -self.quantity:
                cost = _share(cost, -closed, self.quantity)
            self.realised = minus(self.realised, plus(part, cost))
            self.quantity += closed
            self.cost = minus(self.cost, cost) if self.quantity else ZERO
            units, worth = units - closed, minus(worth, part)
        if units:
            self.quantity += units
            self.cost = plus(self.cost, worth)

    def _closed(self, units: Decimal) -> Decimal:
        """The part of these units that goes against what is there."""
        if not self.quantity or (units > 0) == (self.quantity > 0):
            return ZERO
        return units if abs(units) <= abs(self.quantity) else -self.quantity


def _share(total: Amount, part: Decimal, whole: Decimal) -> Amount:
    return None if total is None else share(total, part, whole)
