"""A bar holds what can be true, and nothing else."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.bar import Bar
from domain.errors import InvalidEvent

DAY = {
    "at": "2025-03-04T00:00:00Z",
    "ends": "2025-03-05T00:00:00Z",
    "asset": "BTC",
    "quote": "USD",
    "open": "10",
    "high": "12",
    "low": "9",
    "close": "11",
    "volume": "3",
}


def bar(**changes: object) -> Bar:
    return Bar(**{**DAY, **changes})  # type: ignore[arg-type]


def test_a_bar_keeps_exact_numbers_and_utc() -> None:
    day = bar(at="2025-03-04T01:00:00+01:00", close="11.1")
    assert (day.at, day.close) == (datetime(2025, 3, 4, tzinfo=UTC), Decimal("11.1"))


def test_nothing_traded_is_a_volume_and_an_unknown_volume_is_none() -> None:
    assert bar(volume="0").volume == 0
    assert bar(volume=None).volume is None


def test_a_market_may_stand_still() -> None:
    assert bar(open="9", high="9", low="9", close="9").high == 9


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        *((name, "0", "must be more than zero") for name in ("open", "high", "low", "close")),
        ("close", "-1", "must be more than zero"),
        ("close", "NaN", "is not a decimal number"),
        ("low", "12.5", "must not be above the high"),
        ("high", "8", "must not be above the high"),
        ("open", "12.5", "must lie between the low"),
        ("close", "8.5", "must lie between the low"),
        ("volume", "-1", "must not be negative"),
        ("ends", "2025-03-04T00:00:00Z", "must be later"),
        ("ends", "2025-03-03T00:00:00Z", "must be later"),
        ("at", "2025-03-04T00:00:00", "has no zone"),
        ("asset", "", "must be a text"),
    ],
)
def test_what_cannot_be_true_is_refused(field: str, value: str, said: str) -> None:
    with pytest.raises(InvalidEvent, match=said):
        bar(**{field: value})
