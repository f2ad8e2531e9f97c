"""Open positions at Bitfinex: one for each pair, to which every fill of the pair adds or takes.

A position is called by the trade that opened it, for the ledger names its own number only where it
charges for it. It keeps its whole cost; a part takes its share by quantity, the last what is left.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from attrs import define, field

from adapters.importers.bitfinex.bitfinex_rows import Fill
from domain.money import ZERO, share

Pair = tuple[str, str]

_LATE = timedelta(days=1)  # how long after its end a position may still be charged for


@define(eq=False)
class Position:
    """What is open of a pair. `side` is that of the opening fill.

    `cost` is the quote paid (long) or received (short) for `quantity`; `untold` the result of its
    fills that the ledger has not shown yet.
    """

    id: str
    base: str
    quote: str
    side: str
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    untold: Decimal = ZERO
    closed: datetime | None = None

    @property
    def lent(self) -> str:
        """What the venue lends to it."""
        return self.quote if self.side == "buy" else self.base

    def copy(self) -> "Position":
        return Position(self.id, self.base, self.quote, self.side, self.quantity, self.cost)

    def add(self, quantity: Decimal, amount: Decimal) -> None:
        self.quantity += quantity
        self.cost += amount

    def take(self, quantity: Decimal) -> Decimal:
        """Take units off, at most all; return their share of the cost."""
        last = quantity == self.quantity
        cost = self.cost if last else share(self.cost, quantity, self.quantity)
        self.quantity -= quantity
        self.cost -= cost
        return cost

    def made(self, fill: Fill) -> tuple[Decimal, Decimal]:
        """Take off what a fill closes; return how much that was, and what it won."""
        closed = min(fill.quantity, self.quantity)
        cost = self.take(closed)
        won = closed * fill.price - cost
        return closed, won if self.side == "buy" else -won


@define
class Positions:
    """The positions of one account, by pair."""

    lost: set[Pair] = field(factory=set)
    """Pairs whose position is not known any more: a row of it could not be read."""
    _open: dict[Pair, Position] = field(factory=dict)
    _ended: dict[str, Position] = field(factory=dict)
    """The last position that ended, by what it was lent."""
    _named: dict[str, str | None] = field(factory=dict)
    """The venue's number of a position -> how it is called here."""

    def of(self, pair: Pair) -> Position | None:
        return self._open.get(pair)

    @property
    def all(self) -> list[Position]:
        """All that are open."""
        return [*self._open.values()]

    def closes(self, fill: Fill) -> bool:
        """Whether a fill takes something off the open position of its pair."""
        position = self._open.get((fill.asset, fill.quote))
        return position is not None and position.side != fill.side

    def open(self, id_: str, pair: Pair, side: str) -> Position:
        position = Position(id_, *pair, side)
        self._open[pair] = position
        return position

    def end(self, position: Position, at: datetime) -> None:
        """Nothing is left of it."""
        position.closed = at
        del self._open[position.base, position.quote]
        self._ended[position.lent] = position

    def lose(self, pair: Pair) -> None:
        """A row of this pair could not be read: nothing is certain of its position from now on."""
        self.lost.add(pair)
        self._open.pop(pair, None)

    def charged(self, number: str, asset: str, at: datetime) -> str | None:
        """The position that is charged in what it was lent, if that can be told.

        Of several the venue's number decides, where it was met while one alone was open. A number
        that was met while none was open is that of a position from before the files.
        """
        if number in self._named:
            return self._named[number]
        fits = [one for one in self._open.values() if one.lent == asset]
        ended = self._ended.get(asset)
        if not fits and ended and ended.closed and at - ended.closed <= _LATE:
            fits = [ended]
        if self.lost or len(fits) > 1:
            return None
        name = fits[0].id if fits else None
        if number:
            self._named[number] = name
        return name
