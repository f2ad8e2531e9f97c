"""What one sale or transfer may take: the lots open a moment before it, and how many units.

The one trick: a book of lots that is asked to watch one event, and remembers what was there when it
first took something of a place. Whether lots of other accounts are among them (before 2025, or by
policy) is the book's business.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.lot import Lot, Slice
from domain.money import ZERO, exact
from domain.recorded import Recorded
from projections.lots import LotBook
from projections.pools import ANYWHERE, Key


@frozen
class Lying:
    """What lay open of a lot, where, and whether the event could take it."""

    place: str
    asset: str
    lot: Lot
    quantity: Decimal
    takeable: bool


class AtStake(LotBook):
    """A lot book that remembers what lay open before the event at position `watch`."""

    watch = 0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.needed: dict[Key, Decimal] = {}
        """How many units the event takes of each place."""
        self._open: list[tuple[Key, Lot, Decimal]] = []
        self._there: set[tuple[str, str, str, int, str]] = set()

    @property
    def lay(self) -> Iterator[Lying]:
        """Every lot that lay open, in every account, when the event took its first."""
        for key, lot, quantity in self._open:
            takeable = _name(key, lot) in self._there
            yield Lying(key[0], key[1], lot, quantity, takeable)

    def called(self, name: str) -> Iterator[Lying]:
        """What lay open, wherever, of the lots of that name: ID or ACCOUNT#ID."""
        return (lying for lying in self.lay if lying.lot.is_called(name))

    def within(self, name: str) -> Decimal:
        """How many units of the lots of that name the event could take."""
        with exact():
            return sum((lying.quantity for lying in self.called(name) if lying.takeable), ZERO)

    def asset(self, name: str) -> str:
        """The asset of the lots of that name, "" where the event could take none."""
        return next((lying.asset for lying in self.called(name) if lying.takeable), "")

    def takes(self, asset: str) -> Decimal:
        """How many units of an asset the event takes."""
        with exact():
            return sum((units for key, units in self.needed.items() if key[1] == asset), ZERO)

    def _take(
        self, recorded: Recorded, key: Key, quantity: Decimal, place: str
    ) -> list[tuple[Slice, str]]:
        """Remember, then take."""
        if recorded.position == self.watch and quantity:
            if not self.needed:
                self._open = [(where, lot.lot, lot.quantity) for where, lot in self.open()]
            if key not in self.needed:
                for lot in self.candidates(recorded, key):
                    if place in (ANYWHERE, lot.place):
                        self._there.add(_name((lot.place, *key[1:]), lot.lot))
            self.needed[key] = self.needed.get(key, ZERO) + quantity
        return super()._take(recorded, key, quantity, place)


def _name(key: Key, lot: Lot) -> tuple[str, str, str, int, str]:
    return (*key, lot.position, lot.id)
