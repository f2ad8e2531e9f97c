"""Open lots that one choice is made among: those of one account, or of several.

The one trick: a heap in the method's order. A lot that is used in part keeps its place, because
splitting changes neither its date nor its basis per unit; a lot that has gone by another way leaves
a stale entry, dropped when it comes up. A pool over several accounts keeps a heap for all of them,
and one for each account whose own lots are asked for.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from heapq import heapify, heappop, heappush
from typing import Any

from domain.lot import Lot, OpenLot, Slice
from domain.methods import ORDERS
from domain.money import ZERO

Key = tuple[str, str, str]
"""Where lots lie: (account, asset, position). Owned units lie in position ""."""

ANYWHERE = ""

Heap = list[tuple[tuple[Any, ...], int]]


class Parcel:
    """Units on the move, and the lots that go with them.

    These are fewer where a pool over several accounts has used up those that lay here.
    """

    __slots__ = ("slices", "units")

    def __init__(self, slices: list[Slice], units: Decimal) -> None:
        self.slices = slices
        self.units = units

    def shed(self, units: Decimal) -> list[Slice]:
        """Take units off the end: what did not arrive."""
        self.units -= units
        shed: list[Slice] = []
        while units and self.slices:
            last = OpenLot.of(self.slices.pop())
            taken = last.take(min(units, last.quantity))
            if last.quantity:
                self.slices.append(last.take(last.quantity))
            units -= taken.quantity
            shed.append(taken)
        return shed


class Pool:
    """The open lots among which one choice is made."""

    __slots__ = ("_heaps", "_lots", "_named", "_serial", "quantity")

    def __init__(self) -> None:
        self._lots: dict[int, OpenLot] = {}
        self._heaps: dict[tuple[str, str], Heap] = {}
        self._named: dict[str, list[int]] | None = None
        self._serial = 0
        self.quantity = ZERO

    def add(self, lot: OpenLot) -> None:
        """A lot lies here from now on."""
        self._serial += 1
        self._lots[self._serial] = lot
        self.quantity += lot.quantity
        for (place, method), heap in self._heaps.items():
            if place in (ANYWHERE, lot.place):
                heappush(heap, (ORDERS[method](lot.lot), self._serial))
        if self._named is not None:
            self._name(self._named, self._serial, lot)

    def take(self, quantity: Decimal, method: str, place: str = ANYWHERE) -> list[Slice]:
        """Take units (of one place), first in order first; fewer where the lots run out."""
        taken: list[Slice] = []
        heap = self._heaps.get((place, method))
        if heap is None:
            heap = self._heap(place, method)
        lots = self._lots
        while quantity and heap:
            serial = heap[0][1]
            lot = lots.get(serial)
            if lot is None:
                heappop(heap)
                continue
            if lot.quantity <= quantity:
                heappop(heap)
                del lots[serial]
                part = lot.take(lot.quantity)
            else:
                part = lot.take(quantity)
            quantity -= part.quantity
            self.quantity -= part.quantity
            taken.append(part)
        return taken

    def pick(
        self, name: str, quantity: Decimal, place: str = ANYWHERE, since: datetime | None = None
    ) -> list[Slice]:
        """Take up to `quantity` units of the lots called ID or ACCOUNT#ID that came in `since`."""
        taken: list[Slice] = []
        for serial in self._called(name):
            lot = self._lots.get(serial)
            if lot is None or place not in (ANYWHERE, lot.place) or not lot.lot.is_called(name):
                continue
            if since is not None and (lot.lot.arrived or lot.lot.acquired) < since:
                continue
            part = lot.take(min(quantity, lot.quantity))
            if not lot.quantity:
                del self._lots[serial]
            quantity -= part.quantity
            self.quantity -= part.quantity
            taken.append(part)
            if not quantity:
                break
        return taken

    def alter(
        self, which: Callable[[Lot], bool], quantity: Decimal, change: Callable[[Slice], None]
    ) -> Decimal:
        """Change up to `quantity` units of these lots and return how many; they rank anew."""
        left = quantity
        for serial, lot in list(self._lots.items()):
            if left and which(lot.lot):
                part = lot.take(min(left, lot.quantity))
                if not lot.quantity:
                    del self._lots[serial]
                self.quantity -= part.quantity
                left -= part.quantity
                change(part)
                self.add(OpenLot.of(part, lot.place))
        return quantity - left

    def __iter__(self) -> Iterator[OpenLot]:
        """What is left, in the order in which it came."""
        return iter(self._lots.values())

    def called(self, name: str, place: str = ANYWHERE) -> Decimal:
        """Units in the lots of that name."""
        lots = [lot for serial in self._called(name) if (lot := self._lots.get(serial))]
        here = [lot for lot in lots if place in (ANYWHERE, lot.place) and lot.lot.is_called(name)]
        return sum((lot.quantity for lot in here), ZERO)

    def open(self, method: str) -> list[OpenLot]:
        """What is left, in the method's order."""
        order = ORDERS[method]
        return sorted(self._lots.values(), key=lambda lot: order(lot.lot))

    def _called(self, name: str) -> Iterable[int]:
        if self._named is None:
            self._named = {}
            for serial, lot in self._lots.items():
                self._name(self._named, serial, lot)
        return self._named.get(name.rpartition("#")[2], ())

    def _name(self, named: dict[str, list[int]], serial: int, lot: OpenLot) -> None:
        """A lot answers to its own id and, as one of several, to its event's."""
        own = lot.lot.id
        for name in {own, own.rpartition("/")[0]} - {""}:
            named.setdefault(name, []).append(serial)

    def _heap(self, place: str, method: str) -> Heap:
        order = ORDERS[method]
        heap = [
            (order(lot.lot), serial)
            for serial, lot in self._lots.items()
            if place in (ANYWHERE, lot.place)
        ]
        heapify(heap)
        self._heaps[place, method] = heap
        return heap
