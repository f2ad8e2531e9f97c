"""What one sale or transfer may take: the lots open a moment before it, and how many units.

The one trick: a book of lots that is asked to watch one event, and remembers what was there when it
first took something of a place.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.lot import Lot, Slice
from domain.money import ZERO, exact
from domain.recorded import Recorded
from projections.lots import Key, LotBook


@frozen
class Lying:
    """What lay open of a lot, and where."""

    key: Key
    lot: Lot
    quantity: Decimal


class AtStake(LotBook):
    """A lot book that remembers what lay open before the event at position `watch`."""

    watch = 0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.lay: list[Lying] = []
        """All open lots, in every account, when the event took its first."""
        self.needed: dict[Key, Decimal] = {}
        """How many units the event takes of each place."""

    def dispose(self, recorded: Recorded, key: Key, quantity: Decimal, *more: Any) -> None:
        """Remember, then dispose."""
        self._remember(recorded, key, quantity)
        super().dispose(recorded, key, quantity, *more)

    def take(self, recorded: Recorded, key: Key, quantity: Decimal) -> list[Slice]:
        """Remember, then take."""
        self._remember(recorded, key, quantity)
        return super().take(recorded, key, quantity)

    def called(self, name: str) -> Iterator[Lying]:
        """What lay open, wherever, of the lots of that name: ID or ACCOUNT#ID."""
        return (lying for lying in self.lay if lying.lot.is_called(name))

    def within(self, name: str) -> Decimal:
        """How many units of the lots of that name the event could take."""
        with exact():
            return sum((o.quantity for o in self.called(name) if o.key in self.needed), ZERO)

    def asset(self, name: str) -> str:
        """The asset of the lots of that name, "" where the event could take none."""
        return next((o.key[1] for o in self.called(name) if o.key in self.needed), "")

    def takes(self, asset: str) -> Decimal:
        """How many units of an asset the event takes."""
        with exact():
            return sum((units for key, units in self.needed.items() if key[1] == asset), ZERO)

    def _remember(self, recorded: Recorded, key: Key, quantity: Decimal) -> None:
        if recorded.position != self.watch or not quantity:
            return
        if not self.needed:
            self.lay = [Lying(place, lot.lot, lot.quantity) for place, lot in self.open()]
        self.needed[key] = self.needed.get(key, ZERO) + quantity
