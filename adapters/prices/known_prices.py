"""Prices that a book knows: what was observed, by whom, and which of it makes one series.

A bar's price is called after its bar (domain/price.py), so its interval and venue are read back
from its id; a price that someone stated alone has none.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from attrs import frozen

from adapters.prices.pairs import Wanted, label
from domain.errors import UnknownName
from domain.events import PriceObserved
from domain.price import interval_of_name, series_of_name
from domain.recorded import Recorded
from projections.report import Report


@frozen(kw_only=True)
class KnownPrice(Report):
    """One unit of `asset` in units of `quote` at an instant; the row of the file that says so."""

    asset: str
    quote: str
    price: Decimal
    at: datetime
    source: str | None
    id: str
    file: str | None
    line: int | None

    @property
    def interval(self) -> str:
        """The interval of the bar that it closed; "" where it is no bar's."""
        return interval_of_name(self.id)

    @property
    def venue(self) -> str:
        """Where the bar that it closed was traded; "" where that is not known."""
        return series_of_name(self.id).venue


def known_prices(
    observed: Iterable[Recorded], voided: Collection[tuple[str, str]], asset: str | None = None
) -> Iterator[KnownPrice]:
    """The prices among these events that were not voided, of one asset or of all."""
    for recorded in observed:
        event = recorded.event
        if not isinstance(event, PriceObserved) or (recorded.account, event.id) in voided:
            continue
        if asset in (None, event.asset):
            source = recorded.source
            yield KnownPrice(
                asset=event.asset,
                quote=event.quote,
                price=event.price,
                at=event.at,
                source=event.source,
                id=event.id,
                file=None if source is None else source.file,
                line=None if source is None else source.line,
            )


class Close(NamedTuple):
    """A price in a row of prices: its bar's beginning, its end, and its close at the end."""

    at: datetime
    ends: datetime
    close: Decimal


class PriceSeries(NamedTuple):
    """The prices of one pair and interval ("": stated one by one), oldest first."""

    asset: str
    quote: str
    interval: str
    closes: Iterator[Close]


def series_of(
    prices: Callable[[], Iterable[KnownPrice]], asset: str, wanted: Wanted
) -> PriceSeries:
    """The one series of an asset that was asked for. `prices` gives the asset's prices anew.

    Raises `UnknownName` where there is none, or several and nothing says which.
    """
    held = Counter((price.quote, price.interval) for price in prices())
    quotes = sorted({quote for quote, _ in held})
    quote = wanted.quote or (wanted.currency if wanted.currency in quotes else "".join(quotes[:1]))
    if quote not in quotes:
        msg = f"the book knows no price of {asset}{f' in {quote}' if quote else ''}"
        raise UnknownName(f"{msg}: see prices list, or name a file of bars")
    if wanted.quote is None and quote != wanted.currency and len(quotes) > 1:
        raise UnknownName(f"{asset} has prices in {' and '.join(quotes)}: choose with --quote")
    intervals = sorted(interval for known, interval in held if known == quote)
    interval = label(wanted.interval) if wanted.interval else intervals[0]
    msg = f"of {asset}/{quote} the book has"
    if interval not in intervals or (wanted.interval is None and len(intervals) > 1):
        known = " and ".join(name or "single prices" for name in intervals)
        raise UnknownName(f"{msg} {known}: choose with --interval")
    venues = sorted({p.venue for p in prices() if (p.quote, p.interval) == (quote, interval)})
    venue = venues[0] if wanted.venue is None and len(venues) == 1 else wanted.venue
    if venue not in venues:
        known = " and ".join(name or "no known venue" for name in venues)
        raise UnknownName(f"{msg} bars of {known}: choose with --venue")
    chosen = (p for p in prices() if (p.quote, p.interval, p.venue) == (quote, interval, venue))
    return PriceSeries(asset, quote, interval, _closes(chosen, interval))


def _closes(prices: Iterable[KnownPrice], interval: str) -> Iterator[Close]:
    """One close an instant: the last one learnt."""
    unit = timedelta(minutes=1) if interval.endswith("m") else timedelta(seconds=1)
    length = int(interval[:-1]) * unit if interval else timedelta()
    last: Close | None = None
    for price in prices:
        close = Close(price.at - length, price.at, price.price)
        if last is not None and last.ends != close.ends:
            yield last
        last = close
    if last is not None:
        yield last
