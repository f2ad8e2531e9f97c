"""Bars: what one unit was traded for between two instants, as four prices and a volume.

A bar is named by the instant at which it opens and counts at the instant at which it ends: before
that its close is not known. It cannot hold what cannot be true.
"""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from domain.errors import InvalidEvent
from domain.fields import instant, non_negative, positive, text


@frozen(kw_only=True)
class Bar:
    """The trades of one pair from `at` until before `ends` (both in UTC).

    Prices are of one unit of `asset` in units of `quote`, `volume` counts units of `asset` (None:
    not known). Raises `InvalidEvent` with the field's name.
    """

    at: datetime = instant()
    ends: datetime = instant()
    asset: str = text()
    quote: str = text()
    open: Decimal = positive()
    high: Decimal = positive()
    low: Decimal = positive()
    close: Decimal = positive()
    volume: Decimal | None = non_negative(default=None)

    def __attrs_post_init__(self) -> None:
        if self.ends <= self.at:
            raise InvalidEvent("ends", self.ends.isoformat(), "must be later than `at`")
        if self.low > self.high:
            raise InvalidEvent("low", self.low, f"must not be above the high, {self.high}")
        for name, price in (("open", self.open), ("close", self.close)):
            if not self.low <= price <= self.high:
                problem = f"must lie between the low, {self.low}, and the high, {self.high}"
                raise InvalidEvent(name, price, problem)
