"""Exposure: of how many units of each asset's price an account lives.

The one trick: net worth is linear in the prices. Units held, less units owed, plus what positions
hold, and of their quotes less what they cost, are one signed number an asset; net worth is its sum
at the marks. So it is kept up by touching what an event names (`Running`), and a loan, which is
held and owed at once, is not in it at all.
"""

from decimal import Decimal

from domain.money import ZERO
from projections.amounts import Amount, times, total
from projections.prices import Marks


def mark(marks: Marks, asset: str) -> Amount:
    """The last price seen of one unit."""
    price = marks.mark(asset)
    return None if price is None else price.price


class Exposure:
    """Units by asset, signed, none of them zero; `touched` are those that moved of late."""

    __slots__ = ("touched", "units")

    def __init__(self) -> None:
        self.units: dict[str, Decimal] = {}
        self.touched: set[str] = set()

    def add(self, asset: str, units: Decimal) -> None:
        """Units came (above zero) or went."""
        left = self.units.pop(asset, ZERO) + units
        if left:
            self.units[asset] = left
        self.touched.add(asset)

    def worth(self, marks: Marks) -> Amount:
        """All units at their marks; None where one is missing."""
        return total(times(units, mark(marks, asset)) for asset, units in self.units.items())


class Running:
    """The worth of one exposure, kept up: what did not move since is not valued again."""

    def __init__(self, exposure: Exposure, marks: Marks) -> None:
        self.exposure = exposure
        self._marks = marks
        self._worths: dict[str, Decimal] = {}
        self._known = ZERO
        self._unknown: set[str] = set()
        self._priced: set[str] = set()
        self._quoted: dict[str, set[str]] = {}

    def price(self, asset: str, quote: str) -> None:
        """A price was seen: whatever is quoted in this asset may be worth something else, too."""
        self._priced.add(asset)
        if quote != self._marks.currency:
            self._quoted.setdefault(quote, set()).add(asset)

    def worth(self) -> Amount:
        """All units at their marks; None where one is missing."""
        touched, priced = self.exposure.touched, self._priced
        for asset in touched.union(priced, *(self._quoted.get(asset, ()) for asset in priced)):
            self._value(asset)
        touched.clear()
        priced.clear()
        return None if self._unknown else self._known

    def _value(self, asset: str) -> None:
        units = self.exposure.units.get(asset, ZERO)
        worth = times(units, mark(self._marks, asset))
        self._known -= self._worths.pop(asset, ZERO)
        self._unknown.discard(asset)
        if worth is None:
            self._unknown.add(asset)
        elif worth:
            self._worths[asset] = worth
            self._known += worth
