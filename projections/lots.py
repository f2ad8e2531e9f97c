"""Open lots under one method, and what is sold of them.

A `LotBook` is told what to acquire, dispose of and move (projections/property.py); it alone takes
lots, in the order that its `Chooser` gives. Several books under different methods may listen to the
same dealings in one pass.

Lots always lie where their units are. What a disposal may choose among is the `scope`: the lots of
its own account, or a pool over several. In such a pool units and lots part company (units sold here
may be lots that lie there), so the units of each account are counted apart from them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from attrs import evolve, frozen

from domain.events import Event, Filled
from domain.lot import Disposal, Lot, OpenLot, Slice
from domain.money import ZERO, share
from domain.price import Chosen
from domain.recorded import Recorded
from projections.lot_rules import LotRule
from projections.pools import ANYWHERE, Key, Parcel, Pool
from projections.units import Transit


@frozen
class Choice:
    """How lots are chosen for one event: lots by name first, the rest in a method's order.

    `identified` and `picked` say in words why, and whether that is adequate.
    """

    method: str
    identified: str
    picks: Mapping[str, Decimal] = {}
    picked: str = ""
    since: datetime | None = None
    """Only lots that came in from then on may be picked."""


class Chooser(Protocol):
    """Who decides which lots go: the law of a country, or a method throughout."""

    @property
    def method(self) -> str:
        """The method that was asked for."""
        ...

    @property
    def order(self) -> str:
        """The order in which open lots are listed."""
        ...

    def choose(self, recorded: Recorded, key: Key) -> Choice:
        """How lots of this place are chosen for this event."""
        ...

    def lacking(self, recorded: Recorded, key: Key, lot: str, asked: Decimal, had: Decimal) -> None:
        """A lot that was picked had fewer units than were asked for."""
        ...

    def beyond(self, recorded: Recorded, key: Key, picked: Decimal, leaving: Decimal) -> None:
        """More units were picked than went."""
        ...

    def barred(self, recorded: Recorded, key: Key, lot: str) -> None:
        """A lot that was picked came in too early to be picked."""
        ...


Scope = Callable[[Key], Key]
"""The pool that a place belongs to."""


def everywhere(key: Key) -> Key:
    """One pool over all accounts; a leveraged position's units are its own."""
    return key if key[2] else (ANYWHERE, key[1], "")


def venue(key: Key) -> Key:
    """One pool over all accounts of a venue."""
    return key if key[2] else (key[0].partition("/")[0], key[1], "")


class LotBook(Transit):
    """All open lots under one method. `sink` gets every disposal, in the order of the replay."""

    def __init__(
        self, sink: Callable[[Disposal], None], chooser: Chooser, scope: Scope | None = None
    ) -> None:
        super().__init__()
        self.chooser = chooser
        self._sink = sink
        self._pools: dict[Key, Pool] = {}
        self._picks: tuple[int, dict[str, Decimal]] = (0, {})
        self._scope = scope
        self._units: dict[Key, Decimal] = {}  # counted while a pool is over several accounts
        self.rules: tuple[LotRule, ...] = ()

    @property
    def method(self) -> str:
        return self.chooser.method

    def follow(self, rule: LotRule) -> None:
        """Follow a rule from now on: it sees rows before the rules that were there, lots after."""
        sink = self._sink
        self.rules = (*self.rules, rule)

        def ruled(disposal: Disposal) -> None:
            for row in rule.rows(disposal):
                sink(row)

        self._sink = ruled

    # In -------------------------------------------------------------------------------------------

    def acquire(self, key: Key, lot: Lot) -> None:
        """Units came in."""
        pool = self._pool(key)
        if self.rules:
            for part in self._ruled(key[1], lot):
                pool.add(OpenLot(part, key[0]))
        else:
            pool.add(OpenLot(lot, key[0]))
        if self._scope is not None:
            self._count(key, lot.quantity)

    def put(self, key: Key, parcel: Parcel) -> None:
        """Units arrived, their lots as they are: dates and basis kept."""
        pool = self._pool(key)
        for part in parcel.slices:
            pool.add(OpenLot.of(part, key[0]))
        if self._scope is not None:
            self._count(key, parcel.units)

    # Out ------------------------------------------------------------------------------------------

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
        """Units were disposed of for `proceeds` USD in all; None where nobody knows their worth.

        `opened`: the log position of the sale that opened a short, where they close one; `priced`:
        the prices that the proceeds stand on.
        """
        taken, event = self._take(recorded, key, quantity, ANYWHERE), recorded.event
        left, rest = quantity, proceeds
        for part, identified in taken:
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
                    key[0],
                    key[1],
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
                    identified,
                    "" if lot.stated else "basis",
                    opened,
                    lot.treatment,
                    priced,
                    lot.priced,
                )
            )
        if left and rest is not None:
            unowned = _unowned(recorded, key, left, rest, kind, sold_day, opened)
            self._sink(evolve(unowned, priced=priced) if priced else unowned)

    def emit(self, disposal: Disposal) -> None:
        """A disposal whose units no method chooses: a short that closed, units withheld."""
        self._sink(disposal)

    def take(self, recorded: Recorded, key: Key, quantity: Decimal) -> Parcel:
        """Units left the book without a disposal, and their lots."""
        slices = [part for part, _ in self._take(recorded, key, quantity, ANYWHERE)]
        return Parcel(slices, sum((part.quantity for part in slices), ZERO))

    def leave(self, recorded: Recorded, key: Key, quantity: Decimal) -> None:
        """Units leave for a place that the book does not see: with lots that lie here, then others.

        Their owner keeps them, so it is no disposition, and nothing is chosen among all accounts.
        """
        parcel = self.move(recorded, key, quantity)
        lacking = parcel.units - sum((part.quantity for part in parcel.slices), ZERO)
        if lacking:
            self._pool(key).take(lacking, self.chooser.choose(recorded, key).method)

    def move(self, recorded: Recorded, key: Key, quantity: Decimal) -> Parcel:
        """Units go to another place of the book, with lots that lie here."""
        if self._scope is None:
            return self.take(recorded, key, quantity)
        units = min(quantity, self.held(key))
        slices = [part for part, _ in self._take(recorded, key, units, key[0])]
        return Parcel(slices, units)

    # What is there --------------------------------------------------------------------------------

    def held(self, key: Key) -> Decimal:
        """Own units in a place."""
        if self._scope is not None:
            return self._units.get(key, ZERO)
        pool = self._pools.get(key)
        return ZERO if pool is None else pool.quantity

    def open(self) -> Iterator[tuple[Key, OpenLot]]:
        """Every open lot, by place and in the order in which it would go."""
        order = self.chooser.order
        found = [
            ((lot.place, asset, position), lot)
            for (_, asset, position), pool in self._pools.items()
            for lot in pool.open(order)
        ]
        return iter(sorted(found, key=lambda entry: entry[0]))

    def lots_of(self, asset: str) -> Iterator[OpenLot]:
        """Every open lot of an asset, wherever it lies."""
        for (_, name, _), pool in self._pools.items():
            if name == asset:
                yield from pool

    def alter(
        self,
        asset: str,
        which: Callable[[Lot], bool],
        quantity: Decimal,
        change: Callable[[Slice], None],
    ) -> None:
        """Change up to `quantity` open units of these lots of an asset, wherever they lie."""
        for (_, name, _), pool in self._pools.items():
            if name == asset and quantity:
                quantity -= pool.alter(which, quantity, change)

    def candidates(self, recorded: Recorded, key: Key) -> list[OpenLot]:
        """The lots that a disposal may choose among, first in its order first."""
        pool = self._pools.get(key if self._scope is None else self._scope(key))
        return pool.open(self.chooser.choose(recorded, key).method) if pool else []

    def units(self) -> dict[Key, Decimal]:
        """Own units by place."""
        if self._scope is None:
            return {key: pool.quantity for key, pool in self._pools.items() if pool.quantity}
        return {key: units for key, units in self._units.items() if units}

    def divide(self, scope: Scope | None, lots: Iterable[tuple[Key, OpenLot]]) -> None:
        """From now on choose within this scope, where these are the owned lots, by place."""
        self._pools = {key: pool for key, pool in self._pools.items() if key[2]}
        self._scope = scope
        if scope is None:
            self._units = {}
        for key, lot in lots:
            lot.place = key[0]
            self._pool(key).add(lot)

    # ----------------------------------------------------------------------------------------------

    def _ruled(self, asset: str, lot: Lot) -> Iterable[Lot]:
        lots = [lot]
        for rule in self.rules:
            lots = [part for before in lots for part in rule.acquired(asset, before)]
        return lots

    def _pool(self, key: Key) -> Pool:
        where = key if self._scope is None else self._scope(key)
        pool = self._pools.get(where)
        if pool is None:
            pool = self._pools[where] = Pool()
        return pool

    def _count(self, key: Key, quantity: Decimal) -> None:
        self._units[key] = self._units.get(key, ZERO) + quantity

    def _take(
        self, recorded: Recorded, key: Key, quantity: Decimal, place: str
    ) -> list[tuple[Slice, str]]:
        """Units and how they were identified; fewer where there are no more."""
        choice = self.chooser.choose(recorded, key)
        if self._scope is not None:
            quantity = min(quantity, self.held(key))
            self._count(key, -quantity)
        pool = self._pool(key)
        if not choice.picks:
            return [(part, choice.identified) for part in pool.take(quantity, choice.method, place)]
        taken = self._picked(recorded, key, quantity, choice, place)
        picked = [(part, choice.picked) for part in taken]
        quantity -= sum((part.quantity for part in taken), ZERO)
        rest = pool.take(quantity, choice.method, place) if quantity else []
        return picked + [(part, choice.identified) for part in rest]

    def _compare(
        self, recorded: Recorded, key: Key, quantity: Decimal, choice: Choice, place: str
    ) -> None:
        """Picks name no more units than a lot has, nor than go."""
        for name, units in choice.picks.items():
            had = self._pool(key).called(name, place)
            if had < units:
                self.chooser.lacking(recorded, key, name, units, had)
        picked = sum(choice.picks.values(), ZERO)
        leaving = _leaving(recorded.event, quantity)
        if picked > leaving:
            self.chooser.beyond(recorded, key, picked, leaving)

    def _picked(
        self, recorded: Recorded, key: Key, quantity: Decimal, choice: Choice, place: str
    ) -> list[Slice]:
        """The units picked for this event, each once: what the units leave serves its fee."""
        pool, given = self._pool(key), key[1] == _given(recorded.event)
        if self._picks[0] != recorded.position:
            self._picks = (recorded.position, dict(choice.picks))
            if given:
                self._compare(recorded, key, quantity, choice, place)
        wanted = self._picks[1]
        taken: list[Slice] = []
        for name, units in wanted.items():
            asked = min(units, quantity)
            parts = pool.pick(name, asked, place, choice.since) if asked else []
            found = sum((part.quantity for part in parts), ZERO)
            wanted[name] = ZERO if found < asked and given else wanted[name] - found
            quantity -= found
            taken += parts
            if found < asked and choice.since is not None and pool.called(name, place):
                self.chooser.barred(recorded, key, name)
        return taken


def _leaving(event: Event, quantity: Decimal) -> Decimal:
    """The units that an event takes of what it gives away: its fee in the same asset too."""
    fee_asset = getattr(event, "fee_asset", None) or getattr(event, "quote", _given(event))
    return quantity + (getattr(event, "fee", ZERO) if fee_asset == _given(event) else ZERO)


def _given(event: Event) -> str:
    """The asset that an event gives away; one that pays its fee is another matter."""
    if isinstance(event, Filled) and event.side == "buy":
        return event.quote
    return getattr(event, "asset", "")


def _unowned(
    recorded: Recorded,
    key: Key,
    quantity: Decimal,
    proceeds: Decimal,
    kind: str,
    sold_day: date,
    opened: int,
) -> Disposal:
    """What was sold without a lot: basis nobody has stated, term short."""
    event = recorded.event
    return Disposal(
        key[0],
        key[1],
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
        opened,
    )
