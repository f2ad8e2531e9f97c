"""Which units a disposal is matched with: same day, 30 days, section 104 pool, later ones.

All disposals of a day are one disposal, all acquisitions of a day one acquisition (TCGA 1992 s.
105(1)(a)). The one trick: every day's own match is made first, for the whole log, so that what is
left of a day is free for others. Then disposals go by date, each through the rest of the rules:
acquisitions of the next 30 days, earliest first; the pool; acquisitions after that, where the pool
has run out (s. 106A(3), (5), (9); CG51555). Source: HMRC Cryptoassets Manual, CRYPTO22200 ff.

Units acquired on a day that nobody knows go straight into the pool.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from attrs import frozen

from domain.money import ZERO
from projections.tax.gains import Matched
from projections.tax.pooled import Arrival, AverageCost, Departure, Sale
from projections.tax.rule import in_force
from projections.tax.uk.law import BEYOND, LATER_DAYS, MATCHING_DAYS, NOTHING, POOL, SAME_DAY


class Day:
    """What happened to an asset on one day; what is left of it while days are matched."""

    __slots__ = ("acquired", "departures", "events", "place", "proceeds", "sold", "undated")

    def __init__(self) -> None:
        self.acquired = AverageCost()
        self.undated: list[Arrival] = []
        self.departures: list[Departure] = []
        self.sold = ZERO
        self.proceeds = ZERO
        self.events: list[str] = []
        self.place = 0


@frozen
class Identified:
    """A day's disposal and the units it was matched with; `missing`: a cost nobody has stated."""

    day: date
    quantity: Decimal
    proceeds: Decimal
    matched: tuple[Matched, ...]
    events: tuple[str, ...]
    place: int
    missing: bool


class Section104:
    """One asset over all wallets, told day by day (`Holding` of projections/tax/pooled.py)."""

    def __init__(self) -> None:
        self._days: dict[date, Day] = {}

    def came(self, arrival: Arrival, day: date) -> None:
        """Units were acquired."""
        if arrival.day is None:
            self._day(day).undated.append(arrival)
        else:
            acquired = self._day(day).acquired
            acquired.add(arrival.quantity, arrival.cost, missing=not arrival.stated)

    def sold(self, sale: Sale) -> None:
        """Units were disposed of."""
        day = self._day(sale.day)
        day.sold += sale.quantity
        day.proceeds += sale.proceeds
        day.place = day.place or sale.place
        if sale.event not in day.events[-1:]:
            day.events.append(sale.event)

    def left(self, departure: Departure) -> None:
        """Units left without a disposal."""
        self._day(departure.day).departures.append(departure)

    def identify(self, last: date) -> tuple[list[Identified], AverageCost]:
        """Every disposal up to a day, and the pool at its end. To be called once, when all is told.

        Later days are looked at as far as they decide what was disposed of before.
        """
        return _Matching(self._days).up_to(last)

    def _day(self, date_: date) -> Day:
        day = self._days.get(date_)
        if day is None:
            day = self._days[date_] = Day()
        return day


class _Matching:
    """The days of one asset, being matched."""

    def __init__(self, days: dict[date, Day]) -> None:
        self._days = days
        self._dates = sorted(days)
        self._pool = AverageCost()
        self._same_day = {day: self._own_match(day) for day in self._dates}

    def up_to(self, last: date) -> tuple[list[Identified], AverageCost]:
        found = []
        for day in self._dates[: bisect_right(self._dates, last)]:
            for arrival in self._days[day].undated:
                self._pool.add(arrival.quantity, arrival.cost, missing=not arrival.stated)
            if self._days[day].sold:
                found.append(self._identified(day))
            self._into_the_pool(day)
        return found, self._pool

    def _own_match(self, day: date) -> list[tuple[Matched, bool]]:
        told = self._days[day]
        return list(self._match(told.acquired, told.sold, SAME_DAY, day))

    def _identified(self, day: date) -> Identified:
        told = self._days[day]
        parts = list(self._same_day[day])
        for rule in (self._next_days, self._pooled, self._beyond):
            rest = told.sold - sum((part.quantity for part, _ in parts), ZERO)
            parts += rule(day, rest)
        rest = told.sold - sum((part.quantity for part, _ in parts), ZERO)
        if rest:
            parts.append((Matched(rule=NOTHING, quantity=rest, cost=ZERO), True))
        return Identified(
            day=day,
            quantity=told.sold,
            proceeds=told.proceeds,
            matched=tuple(part for part, _ in parts),
            events=tuple(told.events),
            place=told.place,
            missing=any(missing for _, missing in parts),
        )

    def _next_days(self, day: date, rest: Decimal) -> Iterator[tuple[Matched, bool]]:
        days = in_force(MATCHING_DAYS, day.year).value
        yield from self._later(day, day + timedelta(days=days), rest, LATER_DAYS)

    def _pooled(self, _: date, rest: Decimal) -> Iterator[tuple[Matched, bool]]:
        yield from self._match(self._pool, rest, POOL, None)

    def _beyond(self, day: date, rest: Decimal) -> Iterator[tuple[Matched, bool]]:
        yield from self._later(day, date.max, rest, BEYOND)

    def _later(
        self, day: date, last: date, rest: Decimal, rule: str
    ) -> Iterator[tuple[Matched, bool]]:
        """What later days left of their acquisitions, earliest first."""
        for place in range(bisect_right(self._dates, day), len(self._dates)):
            later = self._dates[place]
            if not rest or later > last:
                return
            for part, missing in self._match(self._days[later].acquired, rest, rule, later):
                rest -= part.quantity
                yield part, missing

    def _match(
        self, units: AverageCost, quantity: Decimal, rule: str, acquired: date | None
    ) -> Iterator[tuple[Matched, bool]]:
        matched = min(units.quantity, quantity)
        if matched:
            missing = units.missing
            cost = units.take(matched)
            yield (
                Matched(rule=rule, quantity=matched, cost=cost, acquired=acquired),
                missing,
            )

    def _into_the_pool(self, day: date) -> None:
        """What is left of a day's acquisition joins the pool; then what left is taken from it."""
        told = self._days[day]
        acquired, missing = told.acquired.quantity, told.acquired.missing
        self._pool.add(acquired, told.acquired.take(acquired), missing=missing)
        for departure in told.departures:
            self._pool.take(min(departure.quantity, self._pool.quantity))
