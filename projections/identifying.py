"""What one sale or transfer may take: the lots open a moment before it, and how many units.

The one trick: a book of lots that is asked to watch one event, and remembers what was there when it
first took something of a place. Whether lots of other accounts are among them (before 2025, or by
policy) is the book's business.
"""

from collections.abc import Iterator
from decimal import Decimal

from attrs import frozen

from domain.lot import Disposal, Lot, Slice
from domain.money import ZERO, exact
from domain.recorded import Recorded
from projections.lots import Chooser, LotBook, Scope
from projections.pools import ANYWHERE, Key


@frozen
class Candidate:
    """A lot that the event could take from: what lay open of it, and the basis of that."""

    asset: str
    lot: Lot
    quantity: Decimal
    basis: Decimal


class AtStake(LotBook):
    """A lot book that remembers what lay open before the event at position `watched`."""

    def __init__(self, watched: int, chooser: Chooser, scope: Scope | None) -> None:
        super().__init__(_unheard, chooser, scope)
        self.needed: dict[Key, Decimal] = {}
        """How many units the event takes of each place."""
        self.could: dict[Key, tuple[Candidate, ...]] = {}
        """What it could take there, first in its order first."""
        self._watched = watched
        self._lay: list[tuple[str, Lot]] = []

    def called(self, name: str) -> Iterator[Candidate]:
        """What it could take, from wherever, of the lots of that name: ID or ACCOUNT#ID."""
        return (one for there in self.could.values() for one in there if one.lot.is_called(name))

    def within(self, name: str) -> Decimal:
        """How many units of the lots of that name it could take."""
        with exact():
            return sum((candidate.quantity for candidate in self.called(name)), ZERO)

    def asset(self, name: str) -> str:
        """The asset of the lots of that name, "" where it could take none."""
        return next((candidate.asset for candidate in self.called(name)), "")

    def takes(self, asset: str) -> Decimal:
        """How many units of an asset it takes."""
        with exact():
            return sum((units for key, units in self.needed.items() if key[1] == asset), ZERO)

    def places(self, name: str) -> set[str]:
        """Where lots of that name lay open when it took its first, within its reach or not."""
        return {place for place, lot in self._lay if lot.is_called(name)}

    def _take(
        self, recorded: Recorded, key: Key, quantity: Decimal, place: str
    ) -> list[tuple[Slice, str]]:
        """Remember, then take."""
        if recorded.position == self._watched and quantity:
            if not self.needed:
                self._lay = [(where[0], lot.lot) for where, lot in self.open()]
            if key not in self.needed:
                self.could[key] = tuple(
                    Candidate(key[1], lot.lot, lot.quantity, lot.basis)
                    for lot in self.candidates(recorded, key)
                    if place in (ANYWHERE, lot.place)
                )
            self.needed[key] = self.needed.get(key, ZERO) + quantity
        return super()._take(recorded, key, quantity, place)


def _unheard(disposal: Disposal) -> None:
    """Nobody asks for rows."""
