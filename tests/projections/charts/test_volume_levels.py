"""Volume by price: nothing is lost between the bins."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bar import Bar
from domain.errors import BookError
from projections.charts.volume_levels import volume_profile


def bar(low: object, high: object, volume: object) -> Bar:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    return Bar(
        at=at,
        ends=at + timedelta(days=1),
        asset="BTC",
        quote="USD",
        open=low,  # type: ignore[arg-type]
        high=high,  # type: ignore[arg-type]
        low=low,  # type: ignore[arg-type]
        close=high,  # type: ignore[arg-type]
        volume=volume,  # type: ignore[arg-type]
    )


BARS = st.lists(
    st.tuples(
        st.decimals("0.01", "1000", places=2),
        st.decimals("0", "500", places=2),
        st.decimals("0", "1000", places=4),
    ).map(lambda three: bar(three[0], three[0] + three[1], three[2])),
    min_size=1,
    max_size=12,
)


def test_a_profile_by_hand() -> None:
    """Four bins of 10 from 100 to 140.

    The bar 100-120 lays 40 in halves on the first two, the bar 110-140 lays 60 in thirds on the
    last three, the bar that stood at 115 lays 30 on the second: 20, 70, 20, 20. The value area
    needs 91 of 130: it begins with 70 and takes the upper of two equal neighbours, twice.
    """
    profile = volume_profile([bar(100, 120, 40), bar(110, 140, 60), bar(115, 115, 30)], 4)
    assert [b.to_dict() for b in profile.bins] == [
        {"low": "100", "high": "110", "volume": "20"},
        {"low": "110", "high": "120", "volume": "70"},
        {"low": "120", "high": "130", "volume": "20"},
        {"low": "130", "high": "140", "volume": "20"},
    ]
    assert profile.point_of_control == profile.bins[1]
    assert [profile.value_area_low, profile.value_area_high] == [110, 140]
    assert profile.volume == 130


def test_of_equal_bins_the_one_nearer_to_the_middle_is_the_point_of_control() -> None:
    profile = volume_profile([bar(100, 109, 9), bar(103, 103, 1), bar(108, 108, 1)], 9)
    assert profile.point_of_control.low == 103


def test_a_market_that_stood_still_has_all_volume_at_its_price() -> None:
    profile = volume_profile([bar(5, 5, 2), bar(5, 5, 3)], 3)
    assert sum(b.volume for b in profile.bins) == profile.point_of_control.volume == 5
    assert profile.value_area_low == profile.value_area_high == 5


@given(BARS, st.integers(1, 20))
def test_the_bins_add_up_to_the_volume_traded(bars: list[Bar], count: int) -> None:
    profile = volume_profile(bars, count)
    traded = sum((Fraction(b.volume or 0) for b in bars), Fraction())
    assert sum((Fraction(b.volume) for b in profile.bins), Fraction()) == traded
    assert profile.volume == traded
    assert all(b.volume >= 0 for b in profile.bins)
    assert [b.high for b in profile.bins[:-1]] == [b.low for b in profile.bins[1:]]


@given(BARS, st.integers(1, 20))
def test_each_bin_holds_what_fractions_say(bars: list[Bar], count: int) -> None:
    low = min(Fraction(b.low) for b in bars)
    high = max(Fraction(b.high) for b in bars)
    width = (high - low) / count
    for i, found in enumerate(volume_profile(bars, count).bins):
        exact = sum((overlap(b, low + i * width, width, i == count - 1) for b in bars), Fraction())
        assert abs(Fraction(found.volume) - exact) < Fraction(1, 10**30)


def overlap(one: Bar, low: Fraction, width: Fraction, last: bool) -> Fraction:
    """What a bar lays on a bin."""
    first, end, volume = Fraction(one.low), Fraction(one.high), Fraction(one.volume or 0)
    if first == end:
        return volume if low <= first < low + width or (last and low <= first) else Fraction()
    return volume * max(min(end, low + width) - max(first, low), Fraction()) / (end - first)


@given(BARS, st.integers(1, 20))
def test_the_value_area_holds_70_percent_around_the_point_of_control(
    bars: list[Bar], count: int
) -> None:
    profile = volume_profile(bars, count)
    assert profile.point_of_control.volume == max(b.volume for b in profile.bins)
    inside = [
        b
        for b in profile.bins
        if profile.value_area_low <= b.low and b.high <= profile.value_area_high
    ]
    assert profile.point_of_control in inside
    held = sum((Fraction(b.volume) for b in inside), Fraction())
    assert held >= Fraction(profile.volume) * Fraction(7, 10)


def test_a_bar_without_volume_is_named() -> None:
    with pytest.raises(BookError, match="the bar of 2025-01-01 00:00 UTC has no volume"):
        volume_profile([bar(1, 2, None)], 2)


def test_no_bar_and_no_bin_are_misuse() -> None:
    with pytest.raises(BookError, match="there is no bar"):
        volume_profile([], 2)
    with pytest.raises(BookError, match="one bin at least"):
        volume_profile([bar(1, 2, 3)], 0)
