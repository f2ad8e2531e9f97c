"""Prices known so far in a replay.

Two questions: what something was worth (`value`: an observed price of that instant or not too old,
for tax) and what it is worth now (`mark`: the last price anyone saw, fills included, for margin).
Neither guesses: a missing price is None, and whoever asked makes a finding of it.

The last price of each series of bars is kept (domain/price.py), so that two venues' stand side by
side. Of several the minute bar of the event's own venue decides what it was worth, unless the owner
stated a newer price; without one the newest, and of one instant that of the venue, then the finest.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from domain.events import EVENTS, Event, Filled, Liquidated, PriceObserved
from domain.money import ONE, product
from domain.price import STATED, Price, Series, series_of_name, venue_of
from domain.recorded import Recorded
from projections.replay import Steps

Known = Mapping[Series, Price]
"""The last price of each series of one pair."""


class Prices:
    """The last observed prices and the last mark of each pair."""

    def __init__(self, currency: str, max_age: timedelta) -> None:
        self.currency = currency
        self.max_age = max_age
        self._observed: dict[str, dict[str, dict[Series, Price]]] = {}
        self._seen: dict[str, dict[str, Price]] = {}
        self.steps: Steps = {PriceObserved: self._observe}
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def value(self, asset: str, at: datetime, account: str = "") -> Price | None:
        """What one unit was worth, in an account: by a price not older than the policy allows.

        Where only a price in another quote was observed, that quote's own price is the second leg.
        """
        since = at - self.max_age
        if asset == self.currency:
            return Price(ONE, since, "currency")
        quotes = self._observed.get(asset)
        if quotes is None:
            return None
        known = quotes.get(self.currency)
        if known is not None and len(known) == 1 and len(quotes) == 1:
            (only,) = known.values()
            return only if only.at >= since else None
        venue = venue_of(account)
        direct = None if known is None else _best(known, since, at, venue)
        if direct and (len(quotes) == 1 or (venue and direct.near(at, venue))):
            return direct
        paths = list(self._paths(asset, quotes, since, at, venue))
        near = [path for path in paths if _near(path, at, venue)]
        if direct is None:
            return _newest(near or paths)
        if direct.series == STATED:
            near = [path for path in near if path.at > direct.at]
        return _newest(near) or direct

    def lacking(self, asset: str, at: datetime) -> tuple[str, ...]:
        """The quotes in which an asset's price is known, but not their own: legs that lack."""
        since = at - self.max_age
        quotes = self._observed.get(asset, {})
        return tuple(
            quote
            for quote in sorted(quotes)
            if quote != self.currency and any(price.at >= since for price in quotes[quote].values())
        )

    def mark(self, asset: str, currency: str | None = None) -> Price | None:
        """The last price seen of one unit, however old, in the book's currency or another."""
        currency = currency or self.currency
        if asset == currency:
            return Price(ONE, _ALWAYS, "currency")
        quotes = self._seen.get(asset, {})
        if currency in quotes:
            return quotes[currency]
        for quote in sorted(quotes):
            rest = self._seen.get(quote, {}).get(currency)
            if rest:
                return _through(quotes[quote], quote, rest)
        return None

    def leg(self, asset: str, quote: str) -> Price | None:
        """The last price seen of one unit in this very quote."""
        return self._seen.get(asset, {}).get(quote)

    def quotes(self, asset: str) -> tuple[str, ...]:
        """In what an asset's price was ever seen, by name."""
        return tuple(sorted(self._seen.get(asset, ())))

    def _paths(
        self,
        asset: str,
        quotes: Mapping[str, Known],
        since: datetime,
        at: datetime,
        venue: str,
    ) -> Iterator[Price]:
        """Every price by way of one other quote whose own price is known."""
        for quote in sorted(quotes):
            known = self._observed.get(quote, {}).get(self.currency)
            if known is None or quote in (asset, self.currency):
                continue
            leg, rest = _best(quotes[quote], since, at, venue), _best(known, since, at, venue)
            if leg and rest:
                yield _through(leg, quote, rest)

    def _observe(self, recorded: Recorded, event: PriceObserved) -> None:
        asset, quote, series = event.asset, event.quote, series_of_name(event.id)
        source, position = event.source or "observed", recorded.position
        price = Price(event.price, event.at, source, series, event.id, position)
        self._observed.setdefault(asset, {}).setdefault(quote, {})[series] = price
        seen = self._seen.setdefault(asset, {})
        before = seen.get(quote)
        if (
            before is None
            or before.at != price.at
            or before.series == series
            or _tie(price, "") < _tie(before, "")
        ):
            seen[quote] = price


class Marks(Prices):
    """Prices that learn from fills too: what margin is figured with."""

    def __init__(self, currency: str, max_age: timedelta) -> None:
        super().__init__(currency, max_age)
        self.now: datetime | None = None
        """When the last price was seen."""
        self.steps = {**self.steps, Filled: self._filled, Liquidated: self._filled}
        self.passes_over = frozenset(EVENTS) - self.steps.keys()

    def _observe(self, recorded: Recorded, event: PriceObserved) -> None:
        super()._observe(recorded, event)
        self.now = event.at

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        self.now = event.at
        price = Price(event.price, event.at, f"fill {event.id}")
        self._seen.setdefault(event.asset, {})[event.quote] = price


def _best(known: Known, since: datetime, at: datetime, venue: str) -> Price | None:
    """The price among those of one pair that counts; None where all are too old."""
    fresh = [price for price in known.values() if price.at >= since]
    if len(fresh) > 1 and venue:
        near = [price for price in fresh if price.near(at, venue)]
        if near:
            fresh = [*near, *(price for price in fresh if price.series == STATED)]
    if len(fresh) > 1:
        newest = max(price.at for price in fresh)
        return min(
            (price for price in fresh if price.at == newest), key=lambda price: _tie(price, venue)
        )
    return fresh[0] if fresh else None


def _tie(price: Price, venue: str) -> tuple[bool, bool, timedelta, str]:
    """What decides between prices of one instant: stated, then own, then finer, then the name."""
    series = price.series
    return (series != STATED, series.venue != venue, series.length, series.venue)


def _near(path: Price, at: datetime, venue: str) -> bool:
    """Whether both legs closed a minute bar of late, the first at the event's own venue."""
    leg, rest = path.legs
    return bool(venue) and leg.near(at, venue) and rest.near(at, None)


def _newest(paths: Iterable[Price]) -> Price | None:
    """The one whose older leg is the newest; of equal ones the first."""
    return max(paths, key=lambda path: path.at, default=None)


def _through(leg: Price, quote: str, rest: Price) -> Price:
    """A price in another quote, and that quote's own: one price, as old as the older."""
    source = f"{leg.source}; {quote}: {rest.source}"
    value, at = product(leg.price, rest.price), min(leg.at, rest.at)
    return Price(value, at, source, leg.series, legs=(leg, rest))


_ALWAYS = datetime.min.replace(tzinfo=UTC)
