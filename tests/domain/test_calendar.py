"""Days in the book's tax zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import Calendar

NEW_YORK = Calendar(ZoneInfo("America/New_York"))


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("UTC"), ZoneInfo("Etc/UTC")])
def test_the_days_of_utc(zone: ZoneInfo) -> None:
    calendar = Calendar(zone)
    assert calendar.day(datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)) == date(2025, 12, 31)
    assert calendar.start(date(2026, 1, 1)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_year_ends_later_in_new_york() -> None:
    assert NEW_YORK.day(datetime(2026, 1, 1, 4, 59, 59, tzinfo=UTC)) == date(2025, 12, 31)
    assert NEW_YORK.day(datetime(2026, 1, 1, 5, 0, 0, tzinfo=UTC)) == date(2026, 1, 1)
    assert NEW_YORK.end(date(2025, 12, 31)) == datetime(2026, 1, 1, 4, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"), [("2025-03-08", 24), ("2025-03-09", 23), ("2025-11-02", 25)]
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    it = date.fromisoformat(day)
    length = NEW_YORK.end(it) - NEW_YORK.start(it) + timedelta(microseconds=1)
    assert length == timedelta(hours=hours)


@given(
    st.dates(date(1990, 1, 1), date(2037, 12, 31)),
    st.sampled_from(
        ["America/New_York", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Asia/Kathmandu"]
    ),
)
def test_a_day_begins_and_ends_inside_itself_and_the_next_follows(day: date, zone: str) -> None:
    """Also where clocks change at midnight, or (Apia, 2011-12-30) where a day is left out."""
    calendar = Calendar(ZoneInfo(zone))
    start, end = calendar.start(day), calendar.end(day)
    assert calendar.start(day + timedelta(days=1)) == end + timedelta(microseconds=1)
    if start <= end:
        assert calendar.day(start) == calendar.day(end) == day
        assert calendar.day(start - timedelta(microseconds=1)) < day


@given(
    st.sampled_from(["UTC", "America/New_York", "America/St_Johns", "Antarctica/Casey"]),
    st.lists(st.integers(0, 10 * 24 * 12), min_size=1, max_size=20),
)
def test_the_day_of_an_instant_is_the_same_whatever_was_asked_before(
    zone: str, steps: list[int]
) -> None:
    """Clocks went back over midnight: 2009-11-01 in Newfoundland, 2010-03-05 in Casey."""
    calendar = Calendar(ZoneInfo(zone))
    for begin in (datetime(2009, 10, 28, tzinfo=UTC), datetime(2010, 3, 1, tzinfo=UTC)):
        for step in steps:
            at = begin + step * timedelta(minutes=5)
            assert calendar.day(at) == at.astimezone(ZoneInfo(zone)).date()
