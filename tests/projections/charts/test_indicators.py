"""Indicators: the published examples, and the slow way in fractions for everything else."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bar import Bar
from domain.errors import BookError
from projections.charts.indicators import Swing, bollinger, ema, floor_pivots, rsi, sma, swings

WILDER = """
    54.80 56.80 57.85 59.85 60.57 61.10 62.17 60.60 62.35 62.15 62.35 61.45 62.80 61.37 62.50
    62.57 60.80 59.37 60.35 62.35 62.17 62.55 64.55 64.37 65.30 64.42 62.90 61.60 62.05 60.05
    59.70 60.90 60.25 58.27 58.70 57.72 58.10 58.20
"""
WILDER_SAYS = """
    74.36 74.55 65.75 59.68 61.98 66.44 65.75 67.00 71.43 70.50 72.14 67.95 60.78 55.56 56.71
    49.49 48.19 52.38 50.00 43.50 45.36 42.53 44.13 44.75
"""
CHARTSCHOOL = """
    44.3389 44.0902 44.1497 43.6124 44.3278 44.8264 45.0955 45.4245 45.8433 46.0826 45.8931
    46.0328 45.6140 46.2820 46.2820 46.0028 46.0328 46.4116 46.2222 45.6439 46.2122 46.2521
    45.7137 46.4515 45.7835 45.3548 44.0288 44.1783 44.2181 44.5672 43.4205 42.6628 43.1314
"""
CHARTSCHOOL_SAYS = """
    70.5328 66.3186 66.5498 69.4063 66.3552 57.9749 62.9296 63.2571 56.0593 62.3771 54.7076
    50.4228 39.9898 41.4605 41.8689 45.4632 37.3040 33.0795 37.7730
"""

CLOSES = st.lists(st.decimals("0.00000001", "1000000000", places=8), max_size=60)
LENGTHS = st.integers(1, 12)
TINY = Fraction(1, 10**24)


def numbers(text: str) -> list[Decimal]:
    return [Decimal(word) for word in text.split()]


def near(value: Decimal | None, exact: Fraction) -> bool:
    """To the 28 digits that are answered, with one to spare."""
    return value is not None and abs(Fraction(value) - exact) <= abs(exact) * TINY


# RSI ----------------------------------------------------------------------------------------------


def test_the_first_rsi_of_wilders_worksheet_worked_by_hand() -> None:
    """Of the first 14 changes ten are gains, 11.80 in all, and four are losses, 4.10 in all.

    RSI = 100 x 11.80 / (11.80 + 4.10) = 74.2138... Wilder rounds every step to cents: averages 0.84
    and 0.29, RS 2.90, and 100 - 100 / 3.90 = 74.36, as printed (New Concepts, 1978, section VI).
    """
    first = list(rsi(numbers(WILDER)))[:15]
    assert first[:14] == [None] * 14
    assert first[14] == Decimal("74.21383647798742138364779874")


def test_every_rsi_of_wilders_worksheet_but_for_his_rounding() -> None:
    ours = [value for value in rsi(numbers(WILDER)) if value is not None]
    for value, printed in zip(ours, numbers(WILDER_SAYS), strict=True):
        assert abs(value - printed) < Decimal("0.54")


def test_every_rsi_of_chartschools_spreadsheet() -> None:
    """The worked example of the StockCharts ChartSchool, whose spreadsheet does not round."""
    ours = [value for value in rsi(numbers(CHARTSCHOOL)) if value is not None]
    assert [round(value, 4) for value in ours] == numbers(CHARTSCHOOL_SAYS)


def test_rsi_of_what_only_rose_fell_or_stood_still() -> None:
    for step, value in ((1, 100), (-1, 0), (0, 50)):
        closes = [Decimal(100 + step * i) for i in range(20)]
        assert list(rsi(closes))[14:] == [value] * 6


@given(CLOSES, LENGTHS)
def test_rsi_is_what_fractions_say(closes: list[Decimal], length: int) -> None:
    for count, value in enumerate(rsi(closes, length), start=1):
        exact = slow_rsi(closes[:count], length)
        assert value is None if exact is None else near(value, exact)


def slow_rsi(closes: list[Decimal], length: int) -> Fraction | None:
    changes = [Fraction(b) - Fraction(a) for a, b in pairwise(closes)]
    if len(changes) < length:
        return None
    up = [max(change, Fraction()) for change in changes]
    down = [max(-change, Fraction()) for change in changes]
    gain = sum(up[:length], Fraction()) / length
    loss = sum(down[:length], Fraction()) / length
    for rise, fall in zip(up[length:], down[length:], strict=True):
        gain = (gain * (length - 1) + rise) / length
        loss = (loss * (length - 1) + fall) / length
    return 100 * gain / (gain + loss) if gain + loss else Fraction(50)


@given(CLOSES, LENGTHS)
def test_rsi_lies_between_0_and_100_and_mirrors(closes: list[Decimal], length: int) -> None:
    """Turned upside down, what rose fell."""
    top = max(closes, default=Decimal(0)) + 1
    mirrored = [top - close for close in closes]
    for value, other in zip(rsi(closes, length), rsi(mirrored, length), strict=True):
        if value is None or other is None:
            assert value is other
        elif value != 50 or other != 50:
            assert 0 <= value <= 100
            assert abs(value + other - 100) <= Decimal("1e-24")


# Averages -----------------------------------------------------------------------------------------


def test_a_simple_average_by_hand() -> None:
    assert list(sma(numbers("2 4 6 9"), 3)) == [
        None,
        None,
        4,
        Decimal("6.333333333333333333333333333"),
    ]


def test_an_exponential_average_by_hand() -> None:
    """Length 3, so a price counts one half: mean(2, 4, 6) = 4, then (8 + 4) / 2 = 6."""
    assert list(ema(numbers("2 4 6 8 5"), 3)) == [None, None, 4, 6, Decimal("5.5")]


@given(CLOSES, LENGTHS)
def test_averages_are_what_fractions_say(closes: list[Decimal], length: int) -> None:
    for count, (simple, smooth) in enumerate(
        zip(sma(closes, length), ema(closes, length), strict=True), start=1
    ):
        seen = [Fraction(close) for close in closes[:count]]
        if count < length:
            assert simple is None
            assert smooth is None
            continue
        assert near(simple, sum(seen[-length:], Fraction()) / length)
        average = sum(seen[:length], Fraction()) / length
        for close in seen[length:]:
            average = (2 * close + (length - 1) * average) / (length + 1)
        assert near(smooth, average)


def test_nothing_drifts_in_a_long_row() -> None:
    """A price of 19 digits leaves no trace when it has left the window."""
    closes = [Decimal("1234567890123456789.5"), *[Decimal("0.1"), Decimal("0.3")] * 5000]
    assert list(sma(closes, 2))[-1] == Decimal("0.2")
    bands = list(bollinger(closes, 2))[-1]
    assert bands is not None
    assert bands.to_dict() == {"lower": "0", "middle": "0.2", "upper": "0.4"}


# Bollinger ----------------------------------------------------------------------------------------


def test_bands_by_hand() -> None:
    """2 4 4 4 5 5 7 9: mean 5; squares of the distances 9 1 1 1 0 0 4 16, mean 4, sigma 2."""
    *before, last = bollinger(numbers("2 4 4 4 5 5 7 9"), 8, Decimal("1.5"))
    assert before == [None] * 7
    assert last is not None
    assert last.to_dict() == {"lower": "2", "middle": "5", "upper": "8"}


@given(CLOSES, LENGTHS, st.decimals("0.5", "4", places=2))
def test_bands_are_what_fractions_say(closes: list[Decimal], length: int, width: Decimal) -> None:
    for count, bands in enumerate(bollinger(closes, length, width), start=1):
        if count < length:
            assert bands is None
            continue
        assert bands is not None
        window = [Fraction(close) for close in closes[count - length : count]]
        mean = sum(window, Fraction()) / length
        variance = sum(((close - mean) ** 2 for close in window), Fraction()) / length
        assert near(bands.middle, mean)
        away = (Fraction(bands.upper) - Fraction(bands.middle)) / Fraction(width)
        assert abs(away**2 - variance) <= variance * TINY


@given(CLOSES, LENGTHS)
def test_bands_lie_around_their_middle_as_far_on_each_side(
    closes: list[Decimal], length: int
) -> None:
    for bands in bollinger(closes, length):
        if bands is not None:
            lower, middle, upper = map(Fraction, (bands.lower, bands.middle, bands.upper))
            assert upper - middle == middle - lower >= 0


# Of bars ------------------------------------------------------------------------------------------


def bar(day: int, high: str, low: str, close: str | None = None) -> Bar:
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day)
    ends = at + timedelta(days=1)
    price = Decimal(close or low)
    return Bar(
        at=at,
        ends=ends,
        asset="BTC",
        quote="USD",
        open=price,
        high=Decimal(high),
        low=Decimal(low),
        close=price,
    )


def test_floor_pivots_by_hand() -> None:
    """High 110, low 90, close 106: P = 306 / 3 = 102, and the range is 20."""
    pivots = floor_pivots(bar(0, "110", "90", "106"))
    assert pivots.to_dict() == {
        "r3": "134",  # 110 + 2 x 12
        "r2": "122",  # 102 + 20
        "r1": "114",  # 204 - 90
        "p": "102",
        "s1": "94",  # 204 - 110
        "s2": "82",  # 102 - 20
        "s3": "74",  # 90 - 2 x 8
    }


def turned(highs: str, lows: str, sides: int) -> list[Swing | None]:
    pairs = zip(highs.split(), lows.split(), strict=True)
    return list(swings([bar(i, high, low) for i, (high, low) in enumerate(pairs)], sides))


def test_a_swing_high_stands_above_its_neighbours_on_both_sides() -> None:
    found = turned("5 6 9 7 8 6 5", "4 3 2 1 2 3 4", 2)
    assert found[:2] == found[-2:] == [None, None]
    assert [swing and (swing.high, swing.low) for swing in found[2:-2]] == [
        (9, None),
        (None, 1),
        (None, None),
    ]


def test_equal_highs_are_no_swing() -> None:
    assert turned("5 9 9 5 4", "1 2 3 2 1", 1)[1:4] == [Swing(None, None)] * 3


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 4))
def test_swings_are_what_a_look_at_all_bars_says(heights: list[int], sides: int) -> None:
    bars = [bar(i, str(height + 10), str(height)) for i, height in enumerate(heights)]
    found = list(swings(bars, sides))
    assert len(found) == len(bars)
    for i, swing in enumerate(found):
        around = heights[max(i - sides, 0) : i] + heights[i + 1 : i + 1 + sides]
        if i < sides or i + sides >= len(bars):
            assert swing is None
            continue
        assert swing is not None
        assert (swing.high is not None) is all(heights[i] > other for other in around)
        assert (swing.low is not None) is all(heights[i] < other for other in around)


@pytest.mark.parametrize("indicator", [sma, ema, rsi, bollinger])
def test_an_indicator_of_no_length_is_misuse(
    indicator: Callable[[Iterable[Decimal], int], Iterable[object]],
) -> None:
    with pytest.raises(BookError, match="at one price at least, not at 0"):
        list(indicator(numbers("1 2"), 0))


def test_no_price_gives_no_value() -> None:
    for indicator in (sma, ema, rsi, bollinger):
        assert list(indicator([])) == []
    assert list(swings([])) == []
