"""Days and years in the book's tax zone: the zone is part of every answer."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


class Calendar:
    """Local days of instants."""

    __slots__ = ("_utc", "_zone")

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._utc = str(zone) == "UTC"

    def day(self, at: datetime) -> date:
        """The local day of an instant."""
        return at.date() if self._utc else at.astimezone(self._zone).date()

    def end(self, day: date) -> datetime:
        """The last microsecond of a local day, in UTC: what a date means where a time is wanted."""
        return self.start(day + timedelta(days=1)) - timedelta(microseconds=1)

    def start(self, day: date) -> datetime:
        """The first instant of a local day, in UTC."""
        return datetime.combine(day, time(), self._zone).astimezone(UTC)
