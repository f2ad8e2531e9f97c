"""Volume levels: at which prices most was traded.

The one trick: a bar's volume is laid on the bins its range crosses in proportion to what it shares
with each, and the last of them takes what is left, so that the bins add up to the volume traded.
"""

from collections.abc import Iterable
from decimal import Decimal

from attrs import frozen

from domain.bar import Bar
from domain.errors import BookError
from domain.money import ZERO, exact, share
from projections.report import Report

VALUE_AREA = Decimal("0.70")
"""The part of the volume that the value area holds, at least."""


@frozen
class Bin(Report):
    """Prices from `low` up to `high`, and the units traded there."""

    low: Decimal
    high: Decimal
    volume: Decimal


@frozen(kw_only=True)
class Profile(Report):
    """Bins from the lowest price up. The point of control is the bin that holds most volume."""

    bins: tuple[Bin, ...]
    point_of_control: Bin
    value_area_low: Decimal
    value_area_high: Decimal
    volume: Decimal


def volume_profile(bars: Iterable[Bar], count: int) -> Profile:
    """The volume of these bars by price, in `count` bins of equal width.

    `bars` is read twice: once for the lowest and the highest price. Of two bins that hold the same,
    the one nearer to the middle is the point of control, then the lower. The value area begins with
    it and takes the fuller of its two neighbours (of two equal ones the upper) until it holds 70 %
    of the volume. Within a bar volume is taken to be spread evenly over its range.
    Source: J. Peter Steidlmayer and Kevin Koy, Markets and Market Logic, 1986 (the Market Profile),
    with volume in the place of time.

    Raises `BookError` where there is no bar, or one without volume.
    """
    if count < 1:
        msg = f"a volume profile has one bin at least, not {count}"
        raise BookError(msg)
    with exact():
        edges = _edges(bars, count)
        volumes = [ZERO] * count
        for bar in bars:
            _spread(bar, edges, volumes)
        total = sum(volumes, ZERO)
        control = max(range(count), key=lambda i: (volumes[i], -abs(2 * i - count + 1), -i))
        low, high = _value_area(volumes, control, total * VALUE_AREA)
    bins = tuple(map(Bin, edges, edges[1:], volumes))
    return Profile(
        bins=bins,
        point_of_control=bins[control],
        value_area_low=edges[low],
        value_area_high=edges[high + 1],
        volume=total,
    )


def _edges(bars: Iterable[Bar], count: int) -> list[Decimal]:
    """Where the bins begin and end, from the lowest price to the highest."""
    low = high = None
    for bar in bars:
        low = bar.low if low is None else min(low, bar.low)
        high = bar.high if high is None else max(high, bar.high)
    if low is None or high is None:
        msg = "there is no bar to take volume from"
        raise BookError(msg)
    inner = [low + share(high - low, Decimal(i), Decimal(count)) for i in range(1, count)]
    return [low, *inner, high]


def _spread(bar: Bar, edges: list[Decimal], volumes: list[Decimal]) -> None:
    """Lay a bar's volume on the bins its range crosses."""
    if bar.volume is None:
        msg = f"the bar of {bar.at:%Y-%m-%d %H:%M} UTC has no volume: levels need it"
        raise BookError(msg)
    first, last = _bin(bar.low, edges), _bin(bar.high, edges)
    left, reach = bar.volume, bar.high - bar.low
    for i in range(first, last):
        part = share(bar.volume, edges[i + 1] - max(bar.low, edges[i]), reach)
        volumes[i] += part
        left -= part
    volumes[last] += left


def _bin(price: Decimal, edges: list[Decimal]) -> int:
    """The bin of a price: an inner edge belongs to the bin above it."""
    low, high = 0, len(edges) - 2
    while low < high:
        middle = (low + high + 1) // 2
        if edges[middle] <= price:
            low = middle
        else:
            high = middle - 1
    return low


def _value_area(volumes: list[Decimal], control: int, wanted: Decimal) -> tuple[int, int]:
    """The first and the last bin of the value area."""
    low = high = control
    held = volumes[control]
    while held < wanted:
        above = volumes[high + 1] if high + 1 < len(volumes) else None
        below = volumes[low - 1] if low else None
        if above is not None and (below is None or above >= below):
            high, held = high + 1, held + above
        elif below is not None:
            low, held = low - 1, held + below
        else:
            break
    return low, high
