"""Open margin positions, as far as Kraken's files tell of them.

Kraken names a position by the trade that opened it, and closes the oldest of a pair first unless
the file says which one. A position keeps its whole cost; a part of it takes its share by quantity,
and the last part what is left: so does whoever folds the events, to the last digit.
"""

from collections.abc import Sequence
from decimal import Decimal

from attrs import define

from adapters.importers.reading import Unclear
from domain.money import ZERO, share

EARLIER = (
    "Export trades and ledgers from the position's opening on, and give all files in one import"
)


@define(eq=False)
class Position:
    """What is open of one opening trade.

    `cost` is the quote paid (long) or received (short) for `quantity`.
    """

    id: str
    base: str
    quote: str
    side: str
    quantity: Decimal
    cost: Decimal


@define
class Part:
    """What a fill takes of one position: `cost` is the share of the position's cost."""

    position: Position
    quantity: Decimal
    cost: Decimal


class Positions:
    """The positions that are open, oldest first."""

    def __init__(self) -> None:
        self.midway = False
        """Whether there may be positions that were opened before the files begin."""
        self._open: dict[str, Position] = {}
        self._pairs: dict[tuple[str, str], dict[str, Position]] = {}

    def __contains__(self, id_: str) -> bool:
        return id_ in self._open

    def open(self, position: Position) -> None:
        self._open[position.id] = position
        self._pairs.setdefault((position.base, position.quote), {})[position.id] = position

    def named(self, id_: str) -> list[Position]:
        """The open position of this name, if there is one."""
        return [self._open[id_]] if id_ in self._open else []

    def of_pair(self, base: str, quote: str, side: str) -> list[Position]:
        """The open positions of a pair and side, oldest first."""
        return [p for p in self._pairs.get((base, quote), {}).values() if p.side == side]

    def of_asset(self, base: str, side: str) -> list[Position]:
        """The open positions in an asset, oldest first, whatever their quote."""
        return [p for p in self._open.values() if p.base == base and p.side == side]

    def take(self, positions: Sequence[Position], quantity: Decimal) -> list[Part]:
        """Take `quantity` off these positions in turn. Raises `Unclear` if they are less."""
        there = sum((position.quantity for position in positions), ZERO)
        if there < quantity:
            problem = f"takes {quantity:f} of a position, of which these files opened {there:f}"
            raise Unclear(problem, EARLIER)
        parts: list[Part] = []
        for position in positions:
            if quantity:
                parts.append(self._part(position, min(quantity, position.quantity)))
                quantity -= parts[-1].quantity
        return parts

    def _part(self, position: Position, quantity: Decimal) -> Part:
        cost = position.cost
        if quantity == position.quantity:
            del self._open[position.id]
            del self._pairs[position.base, position.quote][position.id]
        else:
            cost = share(position.cost, quantity, position.quantity)
        position.quantity -= quantity
        position.cost -= cost
        return Part(position, quantity, cost)
