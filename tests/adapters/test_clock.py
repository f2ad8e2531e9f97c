"""The clock: the system's, or what is stated; stored to the microsecond."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import clock
from domain.errors import BookError


def test_the_time_is_the_systems_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    before = time.time()
    reading = clock.read()
    assert before - 1 <= reading.time.timestamp() <= clock.now().timestamp() <= time.time() + 1
    assert reading.time.tzinfo is UTC
    assert not reading.stated


def test_the_time_may_be_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert clock.read() == clock.Reading(datetime(2026, 1, 1, tzinfo=UTC), stated=True)
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("stated", ["", "soon", "-1", "1.5", "1e9", " 1", "\u0661", "9" * 30])
def test_a_statement_that_is_no_time_is_refused(
    monkeypatch: pytest.MonkeyPatch, stated: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", stated)
    with pytest.raises(BookError, match=r"SOURCE_DATE_EPOCH: .*whole seconds since 1970"):
        clock.read()


def test_times_before_1970_are_negative_and_exact() -> None:
    assert clock.microseconds(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert clock.microseconds(datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == 0


TIMES = st.datetimes(timezones=st.just(UTC))


@given(TIMES, TIMES)
def test_stored_times_come_back_and_are_in_order(one: datetime, other: datetime) -> None:
    stored = clock.microseconds(one), clock.microseconds(other)
    assert (clock.instant(stored[0]), clock.instant(stored[1])) == (one, other)
    assert (stored[0] < stored[1]) == (one < other)
