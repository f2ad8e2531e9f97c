"""What a book of units is asked and told, whatever the law that chooses among them.

`Property` (projections/property.py) tells it what came in, went out or moved. `LotBook` keeps lots
and a method chooses, `PooledBook` (projections/tax/pooled.py) averages; units on their way between
two events of the book wait alike in both.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol

from domain.lot import Disposal, Lot, OpenLot
from domain.money import ZERO
from domain.price import Chosen
from domain.recorded import Recorded
from projections.lot_rules import LotRule
from projections.pools import Key, Parcel


class UnitBook(Protocol):
    """A book of units, as whoever tells it asks. Amounts are in the book's currency."""

    @property
    def rules(self) -> tuple[LotRule, ...]:
        """Rules of law over its lots."""
        ...

    def acquire(self, key: Key, lot: Lot) -> None:
        """Units came in."""
        ...

    def dispose(
        self,
        recorded: Recorded,
        key: Key,
        quantity: Decimal,
        proceeds: Decimal | None,
        kind: str,
        sold_day: date,
        opened: int = 0,
        priced: tuple[Chosen, ...] = (),
    ) -> None:
        """Units were disposed of for `proceeds` in all; None where nobody knows their worth."""
        ...

    def emit(self, disposal: Disposal) -> None:
        """A disposal whose units the law does not choose: a short that closed, a contract."""
        ...

    def take(self, recorded: Recorded, key: Key, quantity: Decimal) -> Parcel:
        """Units left the book without a disposal, as far as there are any."""
        ...

    def leave(self, recorded: Recorded, key: Key, quantity: Decimal) -> None:
        """Units go to a place of their owner's outside of the book, as far as there are any."""
        ...

    def move(self, recorded: Recorded, key: Key, quantity: Decimal) -> Parcel:
        """Units go to another place of the book, as far as there are any."""
        ...

    def put(self, key: Key, parcel: Parcel) -> None:
        """Units arrived as they were."""
        ...

    def send(self, into: tuple[str, str], parcel: Parcel) -> None:
        """Units are on their way to the event (account, id) that will receive them."""
        ...

    def receive(self, into: tuple[str, str]) -> Parcel:
        """The units that were sent to this event."""
        ...

    def held(self, key: Key) -> Decimal:
        """Own units in this place."""
        ...

    def open(self) -> Iterator[tuple[Key, OpenLot]]:
        """Every open lot, by place; pooled units have none."""
        ...


class Transit:
    """Units between the event (account, id) that they left by and the one they arrive with."""

    def __init__(self) -> None:
        self._transit: dict[tuple[str, str], list[Parcel]] = {}

    @property
    def on_the_way(self) -> Mapping[tuple[str, str], Decimal]:
        """Units sent that have not arrived, by the event that is to receive them."""
        return {
            into: sum((parcel.units for parcel in parcels), ZERO)
            for into, parcels in self._transit.items()
        }

    def send(self, into: tuple[str, str], parcel: Parcel) -> None:
        """Units are on their way to the event that will receive them."""
        self._transit.setdefault(into, []).append(parcel)

    def receive(self, into: tuple[str, str]) -> Parcel:
        """What was sent to this event."""
        parcels = self._transit.pop(into, [])
        slices = [part for parcel in parcels for part in parcel.slices]
        return Parcel(slices, sum((parcel.units for parcel in parcels), ZERO))
