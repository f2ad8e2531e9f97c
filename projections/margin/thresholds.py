"""The prices that matter: at which price of one asset an account reaches a level, all else equal.

The one trick: between two prices at which some tier begins, the cushion of a level
(domain/terms.py) is a straight line in the price, so two points of it say where it is zero. Where
a tier itself makes it jump over zero, the price at which the tier begins is the answer. Of several
prices the one nearest to the mark counts. Quotients are rounded towards the side on which the
level is reached, so that at the price given it is reached, and one tick before it is not.
"""

from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, DivisionByZero, InvalidOperation
from itertools import pairwise

from attrs import frozen

from domain.money import ONE, ZERO
from domain.terms import DEBT
from projections.margin.standing import Standing
from projections.report import Report

_TRAPS = [InvalidOperation, DivisionByZero]
_DOWN = Context(prec=28, rounding=ROUND_FLOOR, traps=_TRAPS)
_UP = Context(prec=28, rounding=ROUND_CEILING, traps=_TRAPS)
_HALF, _QUARTER = Decimal("0.5"), Decimal("0.25")


@frozen(kw_only=True)
class Threshold(Report):
    """Prices of an asset at which an account is called and liquidated, None: at no price.

    Where the price is beyond one already, it is the price at which the account got there.
    """

    call: Decimal | None
    liquidation: Decimal | None


NEVER = Threshold(call=None, liquidation=None)


def threshold(standing: Standing, asset: str, mark: Decimal) -> Threshold:
    """The prices of `asset` that matter; `mark` is its price now. To be called inside `exact()`."""
    segments = tuple(_segments(standing, asset))
    return Threshold(
        call=_reached(standing, asset, mark, segments, 0),
        liquidation=_reached(standing, asset, mark, segments, 1),
    )


class _Line:
    """The cushion of one level between two prices: a straight line through two points of it."""

    def __init__(self, one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]) -> None:
        self.run = other[0] - one[0]
        self.rise = other[1] - one[1]
        self.begin = one

    def sign(self, price: Decimal) -> int:
        """Whether the cushion is above zero at a price (1), below (-1), or zero."""
        height = self.begin[1] * self.run + self.rise * (price - self.begin[0])
        return (height > 0) - (height < 0)

    @property
    def slope(self) -> int:
        """1 where a higher price is safer, -1 where a lower one is."""
        return (self.rise > 0) - (self.rise < 0)

    def root(self) -> Decimal:
        """The price at which it is zero, rounded to where the level is reached."""
        price, height = self.begin
        context = _DOWN if self.rise > 0 else _UP
        return context.plus(price + context.divide(-height * self.run, self.rise))


_Segment = tuple[Decimal, Decimal | None]


def _segments(standing: Standing, asset: str) -> Iterator[_Segment]:
    """The prices between which no tier begins: (from, to), the last without an end."""
    begins = sorted({ZERO, *(price for price in _tiers_begin(standing, asset) if price > 0)})
    yield from pairwise(begins)
    yield begins[-1], None


def _tiers_begin(standing: Standing, asset: str) -> Iterable[Decimal]:
    """At which prices of the asset another tier counts for something of the account."""
    terms, account = standing.terms, standing.account
    if terms is None or not terms.tiers:
        return
    if terms.model.need == DEBT:
        yield from _debt_tiers_begin(standing, asset)
        return
    begins = [tier.from_ for tier in terms.tiers]
    for position in account.positions.values():
        base, quote = standing.mark(position.asset), standing.mark(position.quote)
        if position.asset == asset and quote is not None:
            yield from (_UP.divide(begin * quote, position.quantity) for begin in begins)
        elif position.quote == asset and base is not None:
            worth = position.quantity * base
            yield from (_UP.divide(worth, begin) for begin in begins if begin)
    for units in _sized(standing, asset):
        if units:
            yield from (_UP.divide(begin, units) for begin in begins)


def _sized(standing: Standing, asset: str) -> Iterable[Decimal]:
    """Units of the asset, but for positions, whose worth has a tier."""
    account, terms = standing.account, standing.terms
    owed, held = account.owed_of(asset), account.held.get(asset, ZERO)
    sizes = frozenset() if terms is None else terms.model.sizes
    if "debts" in sizes:
        yield owed - min(held, ZERO)
    if "coins" in sizes:
        yield abs(held - owed)


def _debt_tiers_begin(standing: Standing, asset: str) -> Iterable[Decimal]:
    """Where all that is lent reaches the next tier."""
    terms = standing.terms
    _, lent = standing.supposing(asset, ONE)
    steep = standing.supposing(asset, ONE + ONE)[1] - lent
    if terms is not None and steep:
        yield from (ONE + _UP.divide(tier.from_ - lent, steep) for tier in terms.tiers)


def _reached(
    standing: Standing, asset: str, mark: Decimal, segments: tuple[_Segment, ...], which: int
) -> Decimal | None:
    """The price nearest to the mark at which a level (0: call, 1: liquidation) is reached."""
    found: list[Decimal] = []
    before: _Line | None = None
    for begin, end in segments:
        line = _cushion(standing, asset, begin, end, which)
        if line is not None:
            if line.slope and _has_root(line, begin, end):
                found.append(line.root())
            if before is not None and begin and _jumps(before, line, begin):
                found.append(begin if line.sign(begin) <= 0 else begin.next_minus(_DOWN))
        before = line
    return min(
        (price for price in found if price > 0),
        key=lambda price: (abs(price - mark), price),
        default=None,
    )


def _cushion(
    standing: Standing, asset: str, begin: Decimal, end: Decimal | None, which: int
) -> _Line | None:
    """The line of a level's cushion within a segment; None where the level does not exist."""
    terms = standing.terms
    if terms is None:
        return None
    points = []
    for part in (_QUARTER, _HALF):
        price = begin + (ONE if end is None else end - begin) * part
        equity, weighed = standing.supposing(asset, price)
        level = terms.levels(weighed)[which]
        if level is None:
            return None
        points.append((price, terms.cushion(level, equity, terms.needed(weighed))))
    return _Line(*points)


def _has_root(line: _Line, begin: Decimal, end: Decimal | None) -> bool:
    first = line.sign(begin)
    last = line.slope if end is None else line.sign(end)
    return first != last or not first


def _jumps(before: _Line, after: _Line, at: Decimal) -> bool:
    """Whether a tier that begins at a price carries the cushion over zero at once."""
    return (before.sign(at) > 0) != (after.sign(at) > 0) and 0 not in (
        before.sign(at),
        after.sign(at),
    )
