"""Returns on own capital: by time, and by money.

By time: the period is cut at every flow from and to the outside; the parts are chained, so that
neither the instant nor the size of a flow matters: product of (end / beginning) - 1. (GIPS
Standards 2020, "time-weighted return".)

By money: the one yearly rate r at which all flows grow to what is there at the end: sum of flow x
(1 + r) ** (days / 365) = end. It is what spreadsheets call XIRR. Days are local days; what stood
there when the period began counts as a flow of that day.

The one trick: the unknown is the growth of one day, so that every power is a whole one; bisection
finds it, from nothing but sums and products of Decimals at 60 digits, the same on every machine.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise

from attrs import frozen

from domain.money import ONE, ZERO
from projections.amounts import Amount, minus

_FINE = Context(prec=60, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
_TOLD = Context(prec=28, rounding=ROUND_HALF_EVEN)
_YEAR = 365
_HALVINGS = 120
_NARROW, _WIDENINGS = Decimal("1.0001"), 18
_DIGITS = Decimal("1E-20")
_ABSURD = Decimal("1E+7")


@frozen
class Rate:
    """A return (0.2 is 20 %), or why there is none."""

    rate: Decimal | None
    reason: str = ""


class TimeWeighted:
    """The chain of returns between flows; in the making."""

    def __init__(self, at: datetime | None = None, worth: Amount = ZERO) -> None:
        self._grown = ONE
        self._at = at
        self._worth = worth
        self._reason = ""

    def flow(self, at: datetime | None, flow: Amount, after: Amount) -> None:
        """Own capital came (above zero) or went; `after` is the net worth with it."""
        self._chain(at, minus(after, flow))
        self._at, self._worth = at, after

    def rate(self, at: datetime | None, worth: Amount) -> Rate:
        """The return up to now, to 28 digits; not over a year, but over the period."""
        self.flow(at, ZERO, worth)
        if self._reason:
            return Rate(None, self._reason)
        return Rate(_TOLD.subtract(self._grown, ONE))

    def _chain(self, at: datetime | None, worth: Amount) -> None:
        if self._reason:
            return
        before = self._worth
        if before is None or worth is None:
            self._reason = f"a price is missing at {_shown(self._at if before is None else at)}"
        elif before <= 0 and worth != before:
            since = "the beginning" if self._at is None else _shown(self._at)
            self._reason = f"no own capital was there from {since} on"
        elif worth < 0 < before:
            self._reason = f"more than all own capital was lost by {_shown(at)}"
        elif worth != before:
            self._grown = _FINE.multiply(self._grown, _FINE.divide(worth, before))


def money_weighted(flows: Mapping[date, Decimal], end: date, worth: Decimal) -> Rate:
    """The yearly rate at which flows (in above zero) grow to `worth` at the end of a day."""
    flows = {day: flow for day, flow in flows.items() if flow}
    if not flows or (min(flows) == end):
        return Rate(None, "own capital stood there for less than a day")
    if flows[min(flows)] < 0:
        return Rate(None, "it did not begin with own capital")
    growth = _Growth(flows, end, worth)
    found = growth.root()
    if found is None:
        return Rate(None, "no rate makes the flows grow to what is there")
    rate = _FINE.subtract(_FINE.power(found, _YEAR), ONE)
    if rate > _ABSURD:
        return Rate(None, "the period is too short to tell a rate of a year")
    return Rate(rate.quantize(_DIGITS, context=_FINE))


class _Growth:
    """What flows have grown to by the end, less what is there, at any growth of a day."""

    def __init__(self, flows: Mapping[date, Decimal], end: date, worth: Decimal) -> None:
        days = sorted(flows)
        gaps = [(later - earlier).days for earlier, later in pairwise([*days, end])]
        self._steps = [(_FINE.plus(flows[day]), gap) for day, gap in zip(days, gaps, strict=True)]
        self._worth = _FINE.plus(worth)

    def root(self) -> Decimal | None:
        """The growth of a day at which nothing is left over; None where none is found."""
        low, high = self._bracket()
        if low is None or high is None:
            return None
        rises = self._over(high) > 0
        for _ in range(_HALVINGS):
            middle = _FINE.divide(_FINE.add(low, high), 2)
            over = self._over(middle)
            if not over:
                return middle
            if (over > 0) == rises:
                high = middle
            else:
                low = middle
        return _FINE.divide(_FINE.add(low, high), 2)

    def _bracket(self) -> tuple[Decimal, Decimal] | tuple[None, None]:
        """The narrowest of a row of ranges around no growth at all that holds a change of sign."""
        wide = _NARROW
        for _ in range(_WIDENINGS):
            low, high = _FINE.divide(ONE, wide), wide
            below, above = self._over(low), self._over(high)
            if not below or not above:
                found = high if below else low
                return found, found
            if (below > 0) != (above > 0):
                return low, high
            wide = _FINE.multiply(wide, wide)
        return None, None

    def _over(self, growth: Decimal) -> Decimal:
        grown = ZERO
        for flow, gap in self._steps:
            grown = _FINE.multiply(_FINE.add(grown, flow), _FINE.power(growth, gap))
        return _FINE.subtract(grown, self._worth)


def _shown(at: datetime | None) -> str:
    return "the beginning" if at is None else at.isoformat().replace("+00:00", "Z")
