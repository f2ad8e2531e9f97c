"""Days and years in the book's tax zone: the zone is part of every answer.

The one trick: events come in order of time, many a day. The last local day is kept with the
instants between which it lies, so that most questions are two comparisons. A day on which clocks
are set is not kept: where they go back over midnight, a part of the day before comes after it.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


class Calendar:
    """Local days of instants."""

    __slots__ = ("_begins", "_day", "_ends", "_zone")

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._day = date.min
        self._begins = self._ends = datetime.min.replace(tzinfo=UTC)

    def day(self, at: datetime) -> date:
        """The local day of an instant."""
        if self._begins <= at < self._ends:
            return self._day
        day = at.astimezone(self._zone).date()
        begins, ends = self.start(day), self.start(day + _DAY)
        if ends - begins == _DAY:
            self._day, self._begins, self._ends = day, begins, ends
        return day

    def end(self, day: date) -> datetime:
        """The last microsecond of a local day, in UTC: what a date means where a time is wanted."""
        return self.start(day + _DAY) - timedelta(microseconds=1)

    def start(self, day: date) -> datetime:
        """The first instant of a local day, in UTC."""
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def until(self, told: datetime | date | None) -> datetime | None:
        """The last instant that a told time includes: of a date, the end of that day."""
        return told if told is None or isinstance(told, datetime) else self.end(told)

    def since(self, told: datetime | date | None) -> datetime | None:
        """The first instant that a told time includes: of a date, its beginning."""
        return told if told is None or isinstance(told, datetime) else self.start(told)


_DAY = timedelta(days=1)
