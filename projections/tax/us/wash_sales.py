"""Wash sales of coins (policy `wash_sale` on): a loss counts later where the coin was bought again.

IRC 1091 speaks of stock and securities, so the policy is off unless the owner, or a coming law,
says otherwise; it counts for sales from the instant of the `policy_set` on. Pub. 550 (2025) pp.
86-87: a loss on units is disallowed as far as units of the same coin were bought within 30 days
before or after the sale, the first bought first, each of them once; the disallowed loss is added to
their basis, and their time includes that of the units sold.

The one trick: what will be bought must be known when a row is made, so a pass over the purchases
goes before the replay. It is a replay itself, of the same dealings, and remembers what they bought.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from attrs import evolve, frozen

from domain.calendar import Calendar
from domain.lot import UNTREATED, Disposal, Lot, OpenLot, Slice
from domain.money import ZERO, share
from domain.policies import price_age
from domain.recorded import Recorded
from projections.dealings import Dealings
from projections.decisions import Decisions
from projections.findings import Findings
from projections.lot_rules import LotRule
from projections.lots import LotBook
from projections.pools import Key
from projections.prices import Prices
from projections.property import Property
from projections.replay import replay
from projections.tax.us.identification import Identification
from projections.tax.us.law import WASH_SALE

NEITHER = frozenset({"short", "contract"})
"""Kinds of disposal whose losses are let alone: shorts (IRC 1091(e)), and what has no units."""


@frozen
class Purchase:
    """Units that an event bought or earned: they may replace others sold at a loss."""

    position: int
    day: date
    quantity: Decimal


Purchases = Mapping[str, Sequence[Purchase]]
"""By asset, oldest first."""


def purchased(
    events: Iterable[Recorded], decisions: Decisions, calendar: Calendar, currency: str
) -> Purchases:
    """All that these events, oldest first, bought; nothing is read where the policy is off."""
    if decisions.policies["wash_sale"] != "on":
        return {}
    findings = Findings()
    book = LotBook(_unheard, Identification("fifo", decisions, calendar, findings))
    prices = Prices(currency, price_age(decisions.policies["price_age"]))
    buyer = _Buyer([book], calendar, prices, findings)
    replay(events, prices, Dealings(buyer, decisions), voided=decisions.voided)
    return buyer.purchases


class WashSales(LotRule):
    """The losses of a book of lots, and the units that replace what was sold.

    A loss of a basis that nobody has stated is let alone.
    """

    def __init__(self, book: LotBook, purchases: Purchases, since: datetime) -> None:
        self._book = book
        self._since = since
        self._bought = {asset: _Bought(list_) for asset, list_ in purchases.items()}

    def acquired(self, asset: str, lot: Lot) -> Iterable[Lot]:
        """Units came in; those that replace others bear the loss and the time of these."""
        bought = self._bought.get(asset)
        return (lot,) if bought is None else bought.come(lot)

    def rows(self, disposal: Disposal) -> Iterable[Disposal]:
        """A loss, in parts: what counts later, and what is allowed."""
        bought = self._bought.get(disposal.asset)
        if (
            bought is None
            or disposal.kind in NEITHER
            or disposal.missing
            or disposal.sold < self._since
            or disposal.gain >= 0
        ):
            return (disposal,)
        matched = list(bought.match(disposal, self._book))
        if not matched:
            return (disposal,)
        washed, rest = disposal.split(sum((units for _, units in matched), ZERO))
        self._replace(bought, matched, washed)
        disallowed = washed.treated(disallowed=-washed.gain)
        return (disallowed,) if rest is None else (disallowed, rest)

    def _replace(
        self, bought: "_Bought", matched: Sequence[tuple[int, Decimal]], sold: Disposal
    ) -> None:
        """Lay the loss on the units that were matched; on those to come when they come."""
        whole = _Carried(sold, sold.quantity, -sold.gain)
        for index, units in matched:
            carried = whole.take(units)
            if index < bought.arrived:
                position = bought.purchases[index].position
                self._book.alter(sold.asset, _free(position), units, carried.lay)
            else:
                bought.awaited.setdefault(index, []).append(carried)


class _Carried:
    """A disallowed loss, and the units that carry it on."""

    __slots__ = ("loss", "sold", "units")

    def __init__(self, sold: Disposal, units: Decimal, loss: Decimal) -> None:
        self.sold = sold
        self.units = units
        self.loss = loss

    def take(self, units: Decimal) -> "_Carried":
        """The part of so many units, at most all."""
        loss = self.loss if units == self.units else share(self.loss, units, self.units)
        self.units -= units
        self.loss -= loss
        return _Carried(self.sold, units, loss)

    def lay(self, part: Slice) -> None:
        """These units carry their share of the loss; their time includes that of those sold."""
        lot, sold = part.lot, self.sold
        before = lot.treatment or UNTREATED
        treatment = evolve(
            before,
            held_from=lot.held_from - (sold.sold_day - sold.held_from),
            replaces=True,
            events=(*before.events, sold.position),
        )
        part.lot = evolve(lot, treatment=treatment)
        part.bear(self.take(part.quantity).loss)


class _Bought:
    """The purchases of one asset: which have arrived, and what is laid on those to come."""

    def __init__(self, purchases: Sequence[Purchase]) -> None:
        self.purchases = purchases
        self.arrived = 0
        self.awaited: dict[int, list[_Carried]] = {}
        self._days = [purchase.day for purchase in purchases]

    def come(self, lot: Lot) -> Iterator[Lot]:
        """A lot came in: if it is the next purchase, the units that replace others go last."""
        index = self.arrived
        if index == len(self.purchases) or self.purchases[index].position != lot.position:
            yield lot
            return
        self.arrived += 1
        left, replacing = OpenLot(lot), []
        for carried in self.awaited.pop(index, ()):
            part = left.take(carried.units)
            carried.lay(part)
            replacing.append(part.lot)
        if left.quantity:
            yield evolve(lot, quantity=left.quantity, basis=left.basis)
        yield from replacing

    def match(self, sold: Disposal, book: LotBook) -> Iterator[tuple[int, Decimal]]:
        """The purchases about a sale, first bought first, and how many units each replaces.

        Of what was bought before, what is still there and has replaced nothing yet.
        """
        window, left = timedelta(days=WASH_SALE.value), sold.quantity
        there: dict[int, Decimal] = {}
        for lot in book.lots_of(sold.asset):
            if not _replaces(lot.lot):
                position = lot.lot.position
                there[position] = there.get(position, ZERO) + lot.quantity
        for index in range(bisect_left(self._days, sold.sold_day - window), len(self._days)):
            if not left or self._days[index] > sold.sold_day + window:
                break
            purchase = self.purchases[index]
            if index < self.arrived:
                free = there.get(purchase.position, ZERO)
            else:
                awaited = self.awaited.get(index, ())
                free = purchase.quantity - sum((carried.units for carried in awaited), ZERO)
            units = min(left, free)
            if units:
                left -= units
                yield index, units


class _Buyer(Property):
    """Property that remembers what it bought."""

    def __init__(
        self, books: Sequence[LotBook], calendar: Calendar, prices: Prices, findings: Findings
    ) -> None:
        super().__init__(books, calendar, prices, findings)
        self.purchases: dict[str, list[Purchase]] = {}

    def received(
        self, recorded: Recorded, key: Key, quantity: Decimal, basis: Decimal | None
    ) -> None:
        super().received(recorded, key, quantity, basis)
        day = self.calendar.day(recorded.event.at)
        bought = Purchase(recorded.position, day, quantity)
        self.purchases.setdefault(key[1], []).append(bought)


def _free(position: int) -> Callable[[Lot], bool]:
    """Whether a lot is of this purchase, and its units have replaced nothing yet."""
    return lambda lot: lot.position == position and not _replaces(lot)


def _replaces(lot: Lot) -> bool:
    return lot.treatment is not None and lot.treatment.replaces


def _unheard(disposal: Disposal) -> None:
    """A sink for rows that nobody asked for."""
