"""Open lots under one method, and what is sold of them.

The one trick: a pool keeps its lots in a heap in the method's order. A lot that is used in part
keeps its place, because splitting changes neither its date nor its basis per unit. A lot that was
picked by name leaves a stale entry, dropped when it comes up.

A `LotBook` is told what to acquire, dispose of and move (projections/dealings.py); it alone chooses
lots. Several books under different methods may listen to the same dealings in one pass.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from heapq import heapify, heappop, heappush
from typing import Any

from attrs import frozen

from domain.events import LotsIdentified, MethodElected
from domain.lot import Disposal, Lot, OpenLot, Slice
from domain.methods import LAWFUL, ORDERS
from domain.money import ZERO, plain, share
from domain.recorded import Recorded
from projections.decisions import Decisions
from projections.findings import Findings

Key = tuple[str, str, str]
"""Where lots lie: (account, asset, position). Owned units lie in position ""."""


class Pool:
    """The open lots of one place."""

    __slots__ = ("_heaps", "_lots", "_serial", "quantity")

    def __init__(self) -> None:
        self._lots: dict[int, OpenLot] = {}
        self._heaps: dict[str, list[tuple[tuple[Any, ...], int]]] = {}
        self._serial = 0
        self.quantity = ZERO

    def add(self, lot: OpenLot) -> None:
        self._serial += 1
        self._lots[self._serial] = lot
        self.quantity += lot.quantity
        for method, heap in self._heaps.items():
            heappush(heap, (ORDERS[method](lot.lot), self._serial))

    def take(self, quantity: Decimal, method: str) -> list[Slice]:
        """Take units, first in the method's order first; fewer where the lots run out."""
        taken: list[Slice] = []
        heap = self._heaps.get(method) or self._heap(method)
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

    def pick(self, name: str, quantity: Decimal) -> list[Slice]:
        """Take up to `quantity` units of the lots of that name: ID or ACCOUNT#ID."""
        taken: list[Slice] = []
        for serial in [s for s, lot in self._lots.items() if lot.lot.is_called(name)]:
            if not quantity:
                break
            lot = self._lots[serial]
            part = lot.take(min(quantity, lot.quantity))
            if not lot.quantity:
                del self._lots[serial]
            quantity -= part.quantity
            self.quantity -= part.quantity
            taken.append(part)
        return taken

    def open(self, method: str) -> list[OpenLot]:
        """What is left, in the method's order."""
        order = ORDERS[method]
        return sorted(self._lots.values(), key=lambda lot: order(lot.lot))

    def _heap(self, method: str) -> list[tuple[tuple[Any, ...], int]]:
        order = ORDERS[method]
        heap = [(order(lot.lot), serial) for serial, lot in self._lots.items()]
        heapify(heap)
        self._heaps[method] = heap
        return heap


@frozen
class Choice:
    """How lots are chosen at one moment: the order, and in words why."""

    method: str
    identified: str


class LotBook:
    """All open lots under one method. `sink` gets every disposal, in the order of the replay."""

    def __init__(
        self,
        method: str,
        sink: Callable[[Disposal], None],
        decisions: Decisions,
        findings: Findings,
    ) -> None:
        self.method = method
        self._sink = sink
        self._decisions = decisions
        self._findings = findings
        self._pools: dict[Key, Pool] = {}
        self._transit: dict[tuple[str, str], list[Slice]] = {}
        self._choices: dict[tuple[str, str], Choice] = {}
        self._picks: tuple[int, dict[str, Decimal]] = (0, {})
        self._plain = (
            Choice("fifo", "fifo, the default: adequate")
            if method == LAWFUL
            else self._what_if("fifo")
        )

    def acquire(self, key: Key, lot: Lot) -> None:
        """Units came in."""
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = Pool()
        pool.add(OpenLot(lot))

    def dispose(
        self,
        recorded: Recorded,
        key: Key,
        quantity: Decimal,
        proceeds: Decimal | None,
        kind: str,
        sold_day: Any,
    ) -> None:
        """Units were disposed of for `proceeds` USD in all; None where nobody knows their worth."""
        slices, choice = self._choose(recorded, key, quantity)
        account, asset, _ = key
        event = recorded.event
        left, rest = quantity, proceeds
        for part in slices:
            units, lot = part.quantity, part.lot
            worth = rest
            if rest is not None:
                if units != left:
                    worth = share(rest, units, left)
                rest -= worth  # type: ignore[operator]
            left -= units
            if worth is None:
                continue
            basis, day = part.basis, lot.day
            if part.loss_basis is not None:  # a gift: IRC 1015(a)
                if worth < part.loss_basis:
                    day = lot.given
                basis = min(max(part.loss_basis, worth), basis)
            self._sink(
                Disposal(
                    account,
                    asset,
                    units,
                    lot.id,
                    lot.acquired,
                    day,
                    event.at,
                    sold_day,
                    worth,
                    basis,
                    event.id,
                    recorded.position,
                    lot.position,
                    kind,
                    choice.identified,
                    "" if lot.stated else "basis",
                )
            )
        if left and rest is not None:
            self._sink(_unowned(recorded, account, asset, left, rest, kind, sold_day))

    def emit(self, disposal: Disposal) -> None:
        """A disposal whose units no method chooses: a short that closed, units withheld."""
        self._sink(disposal)

    def take(self, recorded: Recorded, key: Key, quantity: Decimal) -> list[Slice]:
        """Units left without a disposal; their lots."""
        return self._choose(recorded, key, quantity)[0]

    def put(self, key: Key, slices: list[Slice]) -> None:
        """Lots arrived as they are, dates and basis kept."""
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = Pool()
        for part in slices:
            pool.add(OpenLot.of(part))

    def send(self, into: tuple[str, str], slices: list[Slice]) -> None:
        """Lots are on their way to the event (account, id) that will receive them."""
        self._transit.setdefault(into, []).extend(slices)

    def receive(self, into: tuple[str, str]) -> list[Slice]:
        """The lots that were sent to this event."""
        return self._transit.pop(into, [])

    def held(self, key: Key) -> Decimal:
        """Units in open lots."""
        pool = self._pools.get(key)
        return ZERO if pool is None else pool.quantity

    def open(self) -> Iterator[tuple[Key, OpenLot]]:
        """Every open lot, by place and in the order in which it would go."""
        for key in sorted(self._pools):
            for lot in self._pools[key].open(self._plain.method):
                yield key, lot

    def candidates(self, recorded: Recorded, key: Key) -> list[OpenLot]:
        """The open lots that a disposal of this event may take, first first."""
        pool = self._pools.get(key)
        return pool.open(self._standing(recorded, key).method) if pool else []

    # Which lots -----------------------------------------------------------------------------------

    def _choose(
        self, recorded: Recorded, key: Key, quantity: Decimal
    ) -> tuple[list[Slice], Choice]:
        pool = self._pools.get(key)
        choice = self._standing(recorded, key)
        if pool is None:
            return [], choice
        decisions = self._decisions
        if self.method == LAWFUL and decisions.picks:
            picked = self._picked(recorded, key, quantity)
            if picked:
                quantity -= sum((part.quantity for part in picked), ZERO)
                rest = pool.take(quantity, choice.method) if quantity else []
                return picked + rest, Choice(choice.method, "picked in time: adequate")
        return pool.take(quantity, choice.method), choice

    def _standing(self, recorded: Recorded, key: Key) -> Choice:
        """The order in force: an account's before the book's, an asset's before a general one."""
        decisions = self._decisions
        if not decisions.orders and not decisions.picks:
            return self._plain
        if self.method != LAWFUL and decisions.picks and self._wanted(recorded):
            return self._what_if("a pick")
        order = self._order(key, recorded.event.at)
        if self.method != LAWFUL:
            return self._what_if("fifo" if order is None else order[1])
        if order is None:
            return self._plain
        return Choice(order[1], f"{order[1]}, standing order of {order[0]:%Y-%m-%d}: adequate")

    def _order(self, key: Key, at: datetime) -> tuple[datetime, str] | None:
        best: tuple[bool, bool, datetime, int, str] | None = None
        for recorded in self._decisions.orders:
            event = recorded.event
            assert isinstance(event, MethodElected)  # noqa: S101 - for the type checker
            if (
                event.at < at
                and recorded.account in (key[0], "book")
                and event.asset in (key[1], None)
            ):
                own, special = recorded.account != "book", event.asset is not None
                found = (own, special, event.at, recorded.position, event.method)
                best = found if best is None or found > best else best
        return None if best is None else (best[2], best[4])

    def _what_if(self, lawful: str) -> Choice:
        words = "adequate" if lawful == self.method else f"what-if: {lawful} was in force"
        return self._choices.setdefault(
            (self.method, words), Choice(self.method, f"{self.method}, {words}")
        )

    def _picked(self, recorded: Recorded, key: Key, quantity: Decimal) -> list[Slice]:
        """The units picked for this event, each once: what the units leave serves its fee."""
        if self._picks[0] != recorded.position:
            self._picks = (recorded.position, self._wanted(recorded))
        wanted, event = self._picks[1], recorded.event
        taken: list[Slice] = []
        lacking: list[str] = []
        for name, units in wanted.items():
            asked = min(units, quantity)
            parts = self._pools[key].pick(name, asked)
            found = sum((part.quantity for part in parts), ZERO)
            wanted[name] -= found
            quantity -= found
            taken += parts
            if found < asked:
                lacking.append(f"lot {name} has {plain(found)} of the {plain(asked)} units picked")
        if quantity and key[1] in (getattr(event, "asset", ""), getattr(event, "quote", "")):
            hint = "the standing order or FIFO counts for the rest"
            for problem in lacking:
                self._findings.add("invalid_identification", recorded, problem, hint=hint)
        return taken

    def _wanted(self, recorded: Recorded) -> dict[str, Decimal]:
        """Units by lot of the last pick that came in time."""
        event = recorded.event
        wanted: dict[str, Decimal] = {}
        for decision in self._decisions.picked(recorded.account, event.id):
            pick = decision.event
            assert isinstance(pick, LotsIdentified)  # noqa: S101 - for the type checker
            if pick.at <= event.at:
                wanted = {}
                for part in pick.picks:
                    wanted[part.lot] = wanted.get(part.lot, ZERO) + part.quantity
            else:
                late = f"lots of {event.id} were picked after it: {pick.at.isoformat()}"
                self._findings.add(
                    "late_identification",
                    decision,
                    late,
                    hint="the standing order or FIFO counts (Reg. 1.1012-1(j)(2), (3))",
                    severity="warning",
                )
        return wanted


def _unowned(
    recorded: Recorded,
    account: str,
    asset: str,
    quantity: Decimal,
    proceeds: Decimal,
    kind: str,
    sold_day: Any,
) -> Disposal:
    """What was sold without a lot: basis nobody has stated, term short."""
    event = recorded.event
    return Disposal(
        account,
        asset,
        quantity,
        "",
        event.at,
        None,
        event.at,
        sold_day,
        proceeds,
        ZERO,
        event.id,
        recorded.position,
        0,
        kind,
        "no lot: inadequate",
        "basis",
    )
