"""A price of the book, and by which rule one was chosen to say what something was worth.

The one trick: a bar's price is called after its bar (`price-BTC-USD-1m@kraken-2025-03-04T10:00Z`,
but with seconds), so its venue and length are read back from its name. One stated alone has none.
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from attrs import frozen

from domain.filling import quickly_made
from domain.money import plain

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Series(NamedTuple):
    """Bars of one venue ("": not known) and length; a length of zero: prices stated alone."""

    venue: str
    length: timedelta


STATED = Series("", timedelta())


def name_of_close(asset: str, quote: str, interval: str, venue: str, at: str) -> str:
    """What the close of a bar is called that begins `at` and lasts `interval` (`1m`, `1s`).

    >>> name_of_close("BTC", "USD", "1m", "kraken", "2025-03-04T10:00:00Z")
    'price-BTC-USD-1m@kraken-2025-03-04T10:00:00Z'
    """
    where = f"@{venue}" if venue else ""
    return f"price-{asset}-{quote}-{interval}{where}-{at}"


def series_of_name(name: str) -> Series:
    """The bars that a price is of, by its name.

    >>> series_of_name("price-BTC-USD-90s-2025-03-04T10:00:00Z").length.total_seconds()
    90.0
    """
    if not name.startswith("price-"):
        return STATED
    bars, time = name[:-_STAMP], name[-_STAMP:]
    if time[0] == "-" and time[-1] == "Z" and time[5] == "-" and time[11] == "T":
        return _series(bars)
    found = _TIMED.fullmatch(name)  # an instant within a second
    return STATED if found is None else _series(found["bars"])


def interval_of_name(name: str) -> str:
    """The length of a bar as its name has it, `1440m`; "" of a price stated alone."""
    found = _TIMED.fullmatch(name)
    bars = found and _BARS.fullmatch(found["bars"])
    return f"{bars['count']}{bars['unit']}" if bars else ""


@lru_cache(maxsize=256)
def _series(bars: str) -> Series:
    found = _BARS.fullmatch(bars)
    if found is None:
        return STATED
    unit = MINUTE if found["unit"] == "m" else timedelta(seconds=1)
    return Series(found["venue"] or "", int(found["count"]) * unit)


_STAMP = len("-2025-03-04T10:00:00Z")
_BARS = re.compile(
    r"price-.+-(?P<count>[1-9]\d{0,6})(?P<unit>[ms])(?:@(?P<venue>[a-z0-9][a-z0-9._-]*))?"
)
_TIMED = re.compile(r"(?P<bars>price-.+)-\d{4}-\d\d-\d\dT[\d:.]+Z")


def venue_of(account: str) -> str:
    """Where an account is held: `kraken` of `kraken/main`."""
    return account.partition("/")[0]


@quickly_made
@frozen
class Price:
    """A price of one unit, the time of its oldest leg, and where it came from.

    `id` and `position` (in the log) are its event's, `legs` are the two it is made of, if it is.
    """

    price: Decimal
    at: datetime
    source: str
    series: Series = STATED
    id: str = ""
    position: int = 0
    legs: tuple["Price", ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the events that told it."""
        return tuple(leg.id for leg in self.legs) or (self.id,)

    @property
    def positions(self) -> tuple[int, ...]:
        """The log positions of the events that told it."""
        return tuple(leg.position for leg in self.legs) or (self.position,)

    def near(self, at: datetime, venue: str | None) -> bool:
        """Whether it closed a bar of a minute at most, not over an hour ago, at this venue.

        `venue` None: at any.
        """
        length = self.series.length
        if not length or length > MINUTE or at - self.at > HOUR:
            return False
        return venue is None or self.series.venue == venue


@quickly_made
@frozen
class Chosen:
    """What the worth of an asset stood on at an instant; `price` None: nothing did.

    `account` is that whose event was valued.
    """

    asset: str
    at: datetime
    account: str
    price: Price | None

    @property
    def rule(self) -> str:
        """By which rule: that of the weaker leg, where there are two."""
        price = self.price
        if price is None:
            return NO_PRICE
        if not price.legs:
            return self._rule(price, venue_of(self.account))
        first, second = price.legs
        rules = self._rule(first, venue_of(self.account)), self._rule(second, None)
        return max(rules, key=RULES.index)

    def _rule(self, price: Price, venue: str | None) -> str:
        if price.series == STATED:
            return STATED_PRICE
        return MINUTE_BAR if price.near(self.at, venue) else OTHER_BAR

    def to_dict(self) -> dict[str, Any]:
        """The choice as JSON values, the same in whatever order all was learnt.

        Ages are whole seconds.
        """
        price = self.price
        if price is None:
            return {"asset": self.asset, "rule": NO_PRICE}
        return {
            "asset": self.asset,
            "rule": self.rule,
            "price": plain(price.price),
            "at": price.at.isoformat().replace("+00:00", "Z"),
            "age_seconds": (self.at - price.at) // timedelta(seconds=1),
            "ids": list(price.ids),
        }


OWN_FILL, STATED_PRICE = "own_fill", "stated_price"
MINUTE_BAR, OTHER_BAR, NO_PRICE = "same_venue_minute_bar", "coarser_bar", "none"
RULES = (OWN_FILL, STATED_PRICE, MINUTE_BAR, OTHER_BAR, NO_PRICE)
"""From the strongest evidence to the weakest; projections/prices.py chooses among what is known.

What the event says itself in the book's currency; the owner's word; the last minute bar of the same
venue that had ended; any other bar (coarser, older than an hour, another venue's); none.
"""
