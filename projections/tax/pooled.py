"""Units of an asset over all accounts: the book of a country that averages their cost.

The one trick: nothing is matched while the events go by. What came in, was sold and left is written
down, and the law is applied when all of it is known, because what is bought later may decide what
was sold earlier. A move between own accounts changes nothing: units that left are struck out again
where they arrive.

Units of a leveraged position stay out of it, in lots of the position, first in first out; where
they are delivered, they come in with the day and cost of the opening.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from domain.calendar import Calendar
from domain.lot import Disposal, Lot, OpenLot, Slice
from domain.money import ZERO, share
from domain.price import Chosen
from domain.recorded import Recorded
from projections.decisions import Decisions
from projections.findings import Findings
from projections.lot_rules import LotRule
from projections.lots import LotBook
from projections.pools import Key, Parcel
from projections.tax.country import (
    Country,
    FirstIn,
    LastSeen,
    Law,
    counting,
    remark_currency,
    told,
    under,
)
from projections.tax.country_year import Figures, PoolLeft, found_by
from projections.tax.gains import CountryDisposal, Gain, as_it_is
from projections.units import Transit


class Departure:
    """Units that left without a sale; none if they arrived in another place of the book."""

    __slots__ = ("at", "day", "quantity")

    def __init__(self, at: datetime, day: date, quantity: Decimal) -> None:
        self.at = at
        self.day = day
        self.quantity = quantity


@frozen
class Sale:
    """Units sold: when, which place in the log, by which event, for how much net of costs."""

    at: datetime
    day: date
    place: int
    event: str
    quantity: Decimal
    proceeds: Decimal


@frozen
class Arrival:
    """Units acquired: `day` is None where nobody knows it, and `stated` says if the cost is known.

    They count from when they were acquired, also where they came into the book later.
    """

    at: datetime
    day: date | None
    quantity: Decimal
    cost: Decimal
    stated: bool


class Holding(Protocol):
    """All of one asset: it is told, in the order of the replay, and applies its law afterwards."""

    def came(self, arrival: Arrival, day: date) -> None:
        """Units were acquired; `day` is the known one, else that of their arrival."""
        ...

    def sold(self, sale: Sale) -> None:
        """Units were disposed of."""
        ...

    def left(self, departure: Departure) -> None:
        """Units left otherwise, as far as the departure still stands in the end."""
        ...


class AverageCost:
    """Units at one average cost. The last units taken bear what is left of the cost, exactly."""

    __slots__ = ("cost", "missing", "quantity")

    def __init__(self) -> None:
        self.quantity = ZERO
        self.cost = ZERO
        self.missing = False

    def add(self, quantity: Decimal, cost: Decimal, *, missing: bool = False) -> None:
        """Units come in; `missing`: nobody has stated what some of them cost."""
        self.quantity += quantity
        self.cost += cost
        self.missing = self.missing or missing

    def take(self, quantity: Decimal) -> Decimal:
        """Take units, at most all there are; return their cost."""
        if not quantity:  # a cost may wait for units: Canada's denied loss
            return ZERO
        if quantity == self.quantity:
            cost, self.cost, self.quantity, self.missing = self.cost, ZERO, ZERO, False
            return cost
        cost = share(self.cost, quantity, self.quantity)
        self.quantity -= quantity
        self.cost -= cost
        return cost


class Moved(Slice):
    """Pooled units on the move: their cost stays in the pool, unless they never arrive."""

    __slots__ = ("departure",)

    def __init__(self, lot: Lot, departure: Departure) -> None:
        super().__init__(lot, departure.quantity, ZERO)
        self.departure = departure


H = TypeVar("H", bound=Holding)


class PooledBook(Transit, Generic[H]):
    """One holding an asset, whatever the account; `emit` gets what the pool does not decide."""

    rules: tuple[LotRule, ...] = ()

    def __init__(
        self,
        holding: Callable[[], H],
        emit: Callable[[Disposal], None],
        calendar: Calendar,
    ) -> None:
        super().__init__()
        self._new = holding
        self._calendar = calendar
        self._holdings: dict[str, H] = {}
        self._held: dict[Key, Decimal] = {}
        self._positions = LotBook(emit, FirstIn())
        self.emit = emit

    @property
    def holdings(self) -> Mapping[str, H]:
        """The holding of each asset that was ever held."""
        return self._holdings

    def acquire(self, key: Key, lot: Lot) -> None:
        """Units came in; a position keeps its own."""
        if key[2]:
            self._positions.acquire(key, lot)
        else:
            arrival = Arrival(lot.acquired, lot.day, lot.quantity, lot.basis, lot.stated)
            self._came(key, arrival)

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
        """Units were sold. Where nobody knows their worth they leave, and that is a finding."""
        if key[2]:
            self._positions.dispose(recorded, key, quantity, proceeds, kind, sold_day, opened)
            return
        self._held[key] = max(ZERO, self.held(key) - quantity)
        at, name = recorded.event.at, f"{recorded.account}#{recorded.event.id}"
        holding = self._holding(key[1])
        if proceeds is None:
            holding.left(Departure(at, sold_day, quantity))
        else:
            holding.sold(Sale(at, sold_day, recorded.position, name, quantity, proceeds))

    def take(self, recorded: Recorded, key: Key, quantity: Decimal) -> Parcel:
        """Units left, as far as the place held any."""
        if key[2]:
            return self._positions.take(recorded, key, quantity)
        units = min(quantity, self.held(key))
        if not units:
            return Parcel([], ZERO)
        event = recorded.event
        day = self._calendar.day(event.at)
        departure = Departure(event.at, day, units)
        self._held[key] -= units
        self._holding(key[1]).left(departure)
        lot = Lot(event.id, event.at, day, event.sequence, recorded.position, units, ZERO)
        return Parcel([Moved(lot, departure)], units)

    def leave(self, recorded: Recorded, key: Key, quantity: Decimal) -> None:
        """Units leave, as far as the place held any."""
        self.take(recorded, key, quantity)

    def move(self, recorded: Recorded, key: Key, quantity: Decimal) -> Parcel:
        """Units go to another place: they will be struck out of what left."""
        return self.take(recorded, key, quantity)

    def put(self, key: Key, parcel: Parcel) -> None:
        """Units arrived: pooled ones never left, others come in with their day and cost."""
        if key[2]:
            if any(isinstance(part, Moved) for part in parcel.slices):
                raise ValueError(f"pooled units never go into a position: {key}")
            self._positions.put(key, parcel)
            return
        for part in parcel.slices:
            if isinstance(part, Moved):
                part.departure.quantity = ZERO
                self._held[key] = self.held(key) + part.quantity
            else:
                lot = part.lot
                came = Arrival(lot.acquired, lot.day, part.quantity, part.basis, lot.stated)
                self._came(key, came)

    def send(self, into: tuple[str, str], parcel: Parcel) -> None:
        """Units are on their way: they are still owned."""
        for part in parcel.slices:
            if isinstance(part, Moved):
                part.departure.quantity = ZERO
        super().send(into, parcel)

    def held(self, key: Key) -> Decimal:
        """Own units in this place."""
        return self._positions.held(key) if key[2] else self._held.get(key, ZERO)

    def open(self) -> Iterator[tuple[Key, OpenLot]]:
        """The lots of positions; pooled units have none."""
        return self._positions.open()

    def _came(self, key: Key, arrival: Arrival) -> None:
        self._held[key] = self.held(key) + arrival.quantity
        day = arrival.day or self._calendar.day(arrival.at)
        self._holding(key[1]).came(arrival, day)

    def _holding(self, asset: str) -> H:
        holding = self._holdings.get(asset)
        if holding is None:
            holding = self._holdings[asset] = self._new()
        return holding


class PooledTax(Generic[H]):
    """The projections of one tax year, over the holdings of a pooled book."""

    def __init__(
        self,
        country: Country,
        law: Law,
        holding: Callable[[], H],
        year: int,
        decisions: Decisions,
        calendar: Calendar,
        currency: str,
    ) -> None:
        self.year = year
        self.span = country.span(year)
        self._country = country
        self._calendar = calendar
        self._currency = currency
        self._findings = Findings()
        self._decisions = under(law, decisions, self._findings)
        self._emitted: list[Disposal] = []
        self._book = PooledBook(holding, self._emitted.append, calendar)
        self._seen = LastSeen(calendar)
        self.projections = (
            *told(self._book, law, self._decisions, calendar, currency, self._findings),
            self._seen,
        )

    def holdings(self) -> Iterator[tuple[str, H]]:
        """Each asset's holding, by its name."""
        return iter(sorted(self._book.holdings.items(), key=lambda named: named[0]))

    def beside_the_pools(self) -> list[Gain]:
        """The year's gains that no pool decides: of shorts, positions, contracts."""
        return [as_it_is(disposal) for disposal in self._emitted if disposal.sold_day in self.span]

    def figures(
        self,
        disposals: tuple[CountryDisposal, ...],
        pools: Iterable[PoolLeft],
        days: int,
        *,
        net: Decimal,
        taxable: Decimal,
        amounts: Mapping[str, Decimal],
    ) -> Figures:
        """The year as a report; acquisitions within `days` after it may still change it."""
        after, last = timedelta(days=days), self.span.last
        remark_currency(self._country, self._currency, self._findings)
        self._seen.remark((row.sold for row in disposals), last, after, self._findings)
        found = (*self._decisions.findings, *self._findings.all())
        return Figures(
            year=self.year,
            country=self._country.code,
            span=self.span,
            currency=self._currency,
            disposals=disposals,
            pools=tuple(pools),
            net=net,
            taxable=taxable,
            amounts=amounts,
            policies=counting(self._decisions),
            findings=found_by(self._calendar.end(last + after), found),
        )
