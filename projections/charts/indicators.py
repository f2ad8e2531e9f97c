"""Indicators: what traders read off a row of prices, by the definitions of those who named them.

The one trick: sums over a window are exact, so what leaves the window leaves no trace, and a
million bars later nothing has drifted. Only quotients and roots round: within an indicator to 60
digits, what it answers to 28. Each takes prices one by one, first in time first, in constant time
and memory, and answers one value a price: None until the indicator is defined.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from attrs import frozen

from domain.bar import Bar
from domain.errors import BookError
from domain.money import ZERO, difference, exact, product, ratio, total
from projections.report import Report

_WITHIN = Context(
    prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)
_ANSWER = Context(
    prec=28, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)
_HUNDRED, _TWO, _THREE = Decimal(100), Decimal(2), Decimal(3)


# Of closes ----------------------------------------------------------------------------------------


def sma(closes: Iterable[Decimal], length: int = 20) -> Iterator[Decimal | None]:
    """Simple moving average: the mean of the last `length` prices."""
    for window in _windows(closes, length):
        yield None if window is None else ratio(window.total, Decimal(length))


def ema(closes: Iterable[Decimal], length: int = 20) -> Iterator[Decimal | None]:
    """Exponential moving average: a price counts 2 / (`length` + 1), what was before it the rest.

    It begins with the simple mean of the first `length` prices (Murphy, Technical Analysis of the
    Financial Markets, 1999).
    """
    whole, rest = Decimal(_length(length) + 1), Decimal(length - 1)
    average, seed = None, ZERO
    for count, close in enumerate(closes, start=1):
        if average is not None:
            weighed = _WITHIN.fma(rest, average, _WITHIN.multiply(_TWO, close))
            average = _WITHIN.divide(weighed, whole)
        else:
            seed = total(seed, close)
            if count == length:
                average = _WITHIN.divide(seed, Decimal(length))
        yield None if average is None else _ANSWER.plus(average)


def rsi(closes: Iterable[Decimal], length: int = 14) -> Iterator[Decimal | None]:
    """Relative strength index, from 0 (it only fell) to 100 (it only rose).

    100 x average gain / (average gain + average loss), which is Wilder's 100 - 100 / (1 + RS). Both
    averages begin as the simple mean of the first `length` changes, so the first value stands at
    price `length` + 1; then each is ((`length` - 1) x average + the change) / `length`. Where
    nothing moved in either direction it is 50. Source: J. Welles Wilder, New Concepts in Technical
    Trading Systems, 1978, section VI.
    """
    whole, rest = Decimal(_length(length)), Decimal(length - 1)
    gain = loss = ZERO
    before = None
    for changes, close in enumerate(closes):
        before = close if before is None else before
        up = max(difference(close, before), ZERO)
        down = max(difference(before, close), ZERO)
        before = close
        if changes <= length:
            gain, loss = total(gain, up), total(loss, down)
            if changes == length:
                gain, loss = _WITHIN.divide(gain, whole), _WITHIN.divide(loss, whole)
        else:
            gain = _WITHIN.divide(_WITHIN.fma(rest, gain, up), whole)
            loss = _WITHIN.divide(_WITHIN.fma(rest, loss, down), whole)
        yield None if changes < length else _strength(gain, loss)


def _strength(gain: Decimal, loss: Decimal) -> Decimal:
    moved = _WITHIN.add(gain, loss)
    if not moved:
        return Decimal(50)
    return _ANSWER.divide(_WITHIN.multiply(_HUNDRED, gain), moved)


@frozen
class Bands(Report):
    """Bollinger's three lines at one price, in its units."""

    lower: Decimal
    middle: Decimal
    upper: Decimal


def bollinger(
    closes: Iterable[Decimal], length: int = 20, width: Decimal = _TWO
) -> Iterator[Bands | None]:
    """Bollinger Bands: the mean of the last `length` prices, and `width` deviations to each side.

    The deviation is that of the whole window (population sigma, the sum of squares divided by
    `length`). Source: John Bollinger, Bollinger on Bollinger Bands, 2001, chapter 7.
    """
    count = Decimal(length)
    for window in _windows(closes, length):
        if window is None:
            yield None
            continue
        with exact():  # n times the squares less the square of the sum: never below zero
            spread = count * window.squares - window.total * window.total
        sigma = _ANSWER.divide(_WITHIN.sqrt(spread), count)
        middle, away = ratio(window.total, count), product(width, sigma)
        yield Bands(difference(middle, away), middle, total(middle, away))


class _Window:
    """The exact sums of the last prices."""

    __slots__ = ("squares", "total")

    def __init__(self) -> None:
        self.total = self.squares = ZERO


def _windows(prices: Iterable[Decimal], length: int) -> Iterator[_Window | None]:
    """The window that ends at each price; None until it is full. The same object each time."""
    window, kept = _Window(), deque[Decimal](maxlen=_length(length))
    for price in prices:
        with exact():
            if len(kept) == length:
                window.total -= kept[0]
                window.squares -= kept[0] * kept[0]
            window.total += price
            window.squares += price * price
        kept.append(price)
        yield window if len(kept) == length else None


# Of bars ------------------------------------------------------------------------------------------


@frozen
class Pivots(Report):
    """Levels for the period after a bar: pivot, resistances above, supports below."""

    r3: Decimal
    r2: Decimal
    r1: Decimal
    p: Decimal
    s1: Decimal
    s2: Decimal
    s3: Decimal


def floor_pivots(bar: Bar) -> Pivots:
    """The classic floor traders' pivots, from the bar of the period before.

    P = (high + low + close) / 3, R1 = 2P - low, S1 = 2P - high, R2 and S2 = P plus and minus
    (high - low), R3 = high + 2 (P - low), S3 = low - 2 (high - P). A support may be below zero.
    Source: John L. Person, A Complete Guide to Technical Trading Tactics, 2004, chapter 6.
    """
    with exact():
        high, low = bar.high, bar.low
        p = ratio(high + low + bar.close, _THREE)
        return Pivots(
            r3=high + _TWO * (p - low),
            r2=p + (high - low),
            r1=_TWO * p - low,
            p=p,
            s1=_TWO * p - high,
            s2=p - (high - low),
            s3=low - _TWO * (high - p),
        )


@frozen
class Swing(Report):
    """Whether a bar turned the market: its high as a resistance, its low as a support, or None."""

    high: Decimal | None
    low: Decimal | None


def swings(bars: Iterable[Bar], sides: int = 2) -> Iterator[Swing | None]:
    """Swing highs and lows: a high above those of the `sides` bars before and after it; lows alike.

    A bar's value is known only `sides` bars later; the first and the last of them have None. Equal
    highs are no swing. With two bars on each side this is the fractal of Bill Williams, Trading
    Chaos, 1995.
    """
    width = 2 * _length(sides) + 1
    around = deque[Bar](maxlen=width)
    count = 0
    for count, bar in enumerate(bars, start=1):
        around.append(bar)
        if count <= sides:
            yield None
        elif len(around) == width:
            yield _swing(around, sides)
    for _ in range(min(sides, max(count - sides, 0))):
        yield None


def _swing(around: Iterable[Bar], sides: int) -> Swing:
    bars = list(around)
    middle = bars.pop(sides)
    return Swing(
        high=middle.high if all(middle.high > bar.high for bar in bars) else None,
        low=middle.low if all(middle.low < bar.low for bar in bars) else None,
    )


# ----------------------------------------------------------------------------------------------


def _length(length: int) -> int:
    if length < 1:
        msg = f"an indicator looks at one price at least, not at {length}"
        raise BookError(msg)
    return length
