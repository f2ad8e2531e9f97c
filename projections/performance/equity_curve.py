"""The equity curve: what is one's own, day by day and at every flow, beside what was put in.

The one trick: a day is over when the first event of a later day comes, before anything learns from
it. So this fold stands first in the pass, and a day's point is made of what its last event left.
A quiet day is like the one before it and has no point. Own capital is what was deposited less what
was withdrawn, at its worth then; a loan is neither.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.calendar import Calendar
from domain.events import EVENTS, Event, PriceObserved
from domain.money import ZERO
from domain.recorded import Recorded
from projections.amounts import Amount, minus, plus
from projections.performance.exposure import Running
from projections.performance.returns import Rate, TimeWeighted, money_weighted
from projections.replay import Steps
from projections.report import Report


@frozen(kw_only=True)
class Point(Report):
    """Own capital at one time, in the book's currency; flows and profit since the period began."""

    at: datetime
    net_worth: Decimal | None
    net_flows: Decimal | None
    debt: Decimal | None
    profit: Decimal | None


class EquityCurve:
    """The fold: a point a day on which something of `kinds` happened, and one a flow."""

    def __init__(
        self, calendar: Calendar, worth: Running, debt: Running, kinds: Iterable[type[Event]]
    ) -> None:
        self.points: list[Point] = []
        self.opening: Amount = ZERO
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.capital: Amount = ZERO
        """The most own capital that was ever in: what stood there first, and net flows."""
        self._calendar = calendar
        self._worth = worth
        self._debt = debt
        self._flows: Amount = ZERO
        self._by_day: dict[date, Decimal] = {}
        self._chain = TimeWeighted()
        self._day: date | None = None
        self.steps: Steps = dict.fromkeys(kinds, self._look)
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def begin(self, at: datetime) -> None:
        """The period begins, before all events of this instant."""
        self.points.clear()
        self.opening = self.capital = self._worth.worth()
        self._flows, self._day = ZERO, None
        self.first = self.last = at
        self._chain = TimeWeighted(at, self.opening)
        self._by_day = {}
        self._put_in(at - timedelta(microseconds=1), self.opening)
        if self.opening:
            self._mark(at)

    def flow(self, at: datetime, worth: Amount) -> None:
        """Own capital came (above zero) or went, and all else of its event has been told."""
        self._flows = plus(self._flows, worth)
        self._put_in(at, worth)
        self._chain.flow(at, worth, self._worth.worth())
        capital = plus(self.opening, self._flows)
        if capital is None or self.capital is None:
            self.capital = None
        else:
            self.capital = max(self.capital, capital)
        self._mark(at)

    def close(self, until: datetime | None) -> None:
        """There are no more events: the period ends here (None: with the last event)."""
        end = until or self.last
        if self._day is not None and end is not None:
            self._mark_day(min(self._calendar.end(self._day), end))
            self._day = None
        self.last = end

    def time_weighted(self) -> Rate:
        """The return over the period, whenever capital came and went."""
        return self._chain.rate(self.last, self._worth.worth())

    def money_weighted(self) -> Rate:
        """The yearly return on the capital as it came and went."""
        worth = self._worth.worth()
        if worth is None or self._flows is None or self.opening is None or self.last is None:
            return Rate(None, "a price is missing" if self.last else "nothing happened")
        return money_weighted(self._by_day, self._calendar.day(self.last), worth)

    # ----------------------------------------------------------------------------------------------

    def _look(self, recorded: Recorded, event: Any) -> None:
        day = self._calendar.day(event.at)
        if day != self._day:
            if self._day is not None:
                self._mark_day(self._calendar.end(self._day))
            self._day = day
        if self.first is None and type(event) is not PriceObserved:
            self.first = event.at
        self.last = event.at

    def _put_in(self, at: datetime, worth: Amount) -> None:
        if worth:
            day = self._calendar.day(at)
            self._by_day[day] = self._by_day.get(day, ZERO) + worth

    def _mark_day(self, at: datetime) -> None:
        if self.points or self._worth.exposure.units:
            self._mark(at)

    def _mark(self, at: datetime) -> None:
        worth = self._worth.worth()
        self.points.append(
            Point(
                at=at,
                net_worth=worth,
                net_flows=self._flows,
                debt=self._debt.worth(),
                profit=minus(minus(worth, self.opening), self._flows),
            )
        )
