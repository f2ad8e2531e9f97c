"""Prices known so far in a replay.

Two questions: what something was worth (`value`: an observed price of that instant or not too old,
for tax) and what it is worth now (`mark`: the last price anyone saw, fills included, for margin).
Neither guesses: a missing price is None, and whoever asked makes a finding of it.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from attrs import frozen

from domain.events import EVENTS, Event, Filled, Liquidated, PriceObserved
from domain.money import ONE, product
from domain.recorded import Recorded
from projections.replay import Steps


@frozen
class Price:
    """A price, the time of its oldest leg, and where it came from."""

    price: Decimal
    at: datetime
    source: str


class Prices:
    """The last observed price and the last mark of each pair."""

    def __init__(self, currency: str, max_age: timedelta) -> None:
        self.currency = currency
        self.max_age = max_age
        self._observed: dict[str, dict[str, Price]] = {}
        self._seen: dict[str, dict[str, Price]] = {}
        self.steps: Steps = {PriceObserved: self._observe}
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def value(self, asset: str, at: datetime) -> Price | None:
        """What one unit was worth: the last observed price, not older than the policy allows.

        Where only a price in another quote was observed, that quote's own price is the second leg.
        """
        return self._priced(self._observed, asset, at - self.max_age, self.currency)

    def mark(self, asset: str, currency: str | None = None) -> Price | None:
        """The last price seen of one unit, however old, in the book's currency or another."""
        return self._priced(self._seen, asset, None, currency or self.currency)

    def leg(self, asset: str, quote: str) -> Price | None:
        """The last price seen of one unit in this very quote."""
        return self._seen.get(asset, {}).get(quote)

    def quotes(self, asset: str) -> tuple[str, ...]:
        """In what an asset's price was ever seen, by name."""
        return tuple(sorted(self._seen.get(asset, ())))

    def _priced(
        self,
        table: dict[str, dict[str, Price]],
        asset: str,
        since: datetime | None,
        currency: str,
    ) -> Price | None:
        if asset == currency:
            return Price(ONE, since or _ALWAYS, "currency")
        quotes = table.get(asset, {})
        direct = quotes.get(currency)
        if direct and (since is None or direct.at >= since):
            return direct
        for quote in sorted(quotes):
            leg, rest = quotes[quote], table.get(quote, {}).get(currency)
            if rest and (since is None or min(leg.at, rest.at) >= since):
                source = f"{leg.source}; {quote}: {rest.source}"
                return Price(product(leg.price, rest.price), min(leg.at, rest.at), source)
        return None

    def _observe(self, recorded: Recorded, event: PriceObserved) -> None:
        price = Price(event.price, event.at, event.source or "observed")
        self._observed.setdefault(event.asset, {})[event.quote] = price
        self._seen.setdefault(event.asset, {})[event.quote] = price


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


_ALWAYS = datetime.min.replace(tzinfo=UTC)
