"""What the books must say, figured the slow way: fractions, lists, and sorting at every step.

Written from the words of the contract ("Native event file", "Readings that scripts rely on") and of
the law, not from the code that it judges. It knows deposits, withdrawals and transfers, trades for
USD and coin for coin with fees in anything, loans and shorts, leveraged positions and their
delivery, interest and income in coin, prices, picks, standing orders and custody, and the turn of
2025. What it leaves out (gifts, allocations, stated bases, most policies) is told in stories.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from domain import events as e
from domain.recorded import Recorded
from tests.oracle_choice import Choices
from tests.oracle_lots import (
    Lot,
    Place,
    Short,
    first,
    oldest_first,
    part_of,
    take,
    take_pairs,
    units_of,
)
from tests.oracle_trades import Cost, Fees


@dataclass
class Row:
    """Units disposed of."""

    account: str
    asset: str
    quantity: Fraction
    lot: str
    acquired: datetime
    sold: datetime
    proceeds: Fraction
    basis: Fraction
    event: str
    kind: str
    missing: bool


class Oracle:
    """All books under one method."""

    def __init__(self, method: str, zone: str = "UTC") -> None:
        self.method = method
        self.zone = zone
        self.rows: list[Row] = []
        self.lots: dict[Place, list[Lot]] = defaultdict(list)
        self.shorts: dict[Place, list[Short]] = defaultdict(list)
        self.covers: dict[Place, list[tuple[Lot, Short]]] = defaultdict(list)
        self.unsold: dict[Place, Fraction] = defaultdict(Fraction)
        self.moved: dict[Place, dict[Place | None, Fraction]] = defaultdict(dict)
        self.prices: list[tuple[datetime, str, Fraction]] = []
        self.units: dict[Place, Fraction] = defaultdict(Fraction)
        self._came = 0

    def run(self, log: Iterable[Recorded]) -> "Oracle":
        """Take events, oldest first, to the last."""
        events = list(log)
        self.choices = Choices(events, self.method, self.zone)
        self.fees = Fees(events)
        self.universal = universal_before_2025(events)
        turn = datetime(2025, 1, 1, tzinfo=ZoneInfo(self.zone))
        for recorded in events:
            if recorded.event.at >= turn:
                self._turn()
            self.picked = self.choices.picked(recorded, recorded.account, given(recorded.event))
            self._take(recorded, recorded.event)
        self._turn()
        return self

    def _turn(self) -> None:
        """From now on lots lie where the units are: the first time this is said, they are laid so.

        Each account keeps its own lots up to its units, oldest first; the rest fill the others.
        """
        if not self.universal:
            return
        self.universal = False
        for asset in {place[1] for place in self.units}:
            here = sorted(place for place in self.units if place[1:] == (asset, ""))
            beyond: list[Lot] = []
            for place in here:
                lots, self.lots[place] = oldest_first(self.lots[place]), []
                self.lots[place] = take_units(lots, self.units[place])
                beyond += lots
            beyond = oldest_first(beyond)
            for place in here:
                lacking = self.units[place] - units_of(self.lots[place])
                self.lots[place] += take_units(beyond, lacking)

    def _take(self, now: Recorded, event: Any) -> None:
        owned = (now.account, getattr(event, "asset", ""), "")
        match event:
            case e.PriceObserved():
                self.prices.append((event.at, event.asset, Fraction(event.price)))
            case e.Deposited(asset=asset) if asset != "USD":
                self._deposited(now, owned, event)
            case e.IncomeReceived(asset=asset) if asset != "USD":
                worth = self._worth(now, asset, Fraction(event.quantity))
                value = worth if event.value is None else Fraction(event.value)
                self._income(now, owned, Fraction(event.quantity), value)
            case e.Withdrawn(asset=asset, purpose="spent") if asset != "USD":
                self._spent(now, owned, event)
            case e.Withdrawn(asset=asset) if asset != "USD":
                mine = event.purpose == "own"
                _, lent = self._leave(now, owned, Fraction(event.quantity), leaving=mine)
                self._lent_elsewhere(owned, None, lent)
                self._pay(now, owned, Fraction(event.fee), "fee")
            case e.Transferred(asset=asset) if asset != "USD":
                there = (event.to, asset, "")
                own, lent = self._leave(now, owned, Fraction(event.quantity), moving=True)
                self._put(there, *own)
                self.unsold[there] += lent
                self._lent_elsewhere(owned, there, lent)
                self._pay(now, owned, Fraction(event.fee), "fee")
            case e.Borrowed(asset=asset) if asset != "USD":
                self.unsold[owned] += Fraction(event.quantity)
            case e.Repaid(asset=asset) if asset != "USD":
                self._repaid(now, owned, Fraction(event.quantity))
                self._pay(now, owned, Fraction(event.interest), "interest")
            case e.InterestCharged(asset=asset, settled="balance") if asset != "USD":
                self._pay(now, owned, Fraction(event.quantity), "interest")
            case e.FeeCharged(asset=asset) if asset != "USD":
                if (now.account, event.id) not in self.fees.reckoned:
                    self.fees.reckoned.add((now.account, event.id))
                    self._pay(now, owned, Fraction(event.quantity), "fee")
            case e.Filled():
                self._filled(now, event)
            case e.PositionSettled():
                self._settled(now, event)

    # In -------------------------------------------------------------------------------------------

    def _acquire(
        self, now: Recorded, place: Place, quantity: Fraction, basis: Fraction | None
    ) -> None:
        if quantity:
            self._put(place, [self._lot(now, quantity, basis)], quantity)

    def _put(self, place: Place, lots: list[Lot], units: Fraction) -> None:
        """Units come to lie in a place, and so do lots."""
        for lot in lots:
            self._came += 1
            self.lots[place].append(replace(lot, lain=self._came))
        self.units[place] += units

    def _income(
        self, now: Recorded, place: Place, quantity: Fraction, value: Fraction | None
    ) -> None:
        """What was charged in the same coin is withheld from it."""
        charged = sum((c.quantity for c in self.fees.of(now, now.event.id, place[1])), Fraction())
        withheld = min(charged, quantity)
        fee = None if value is None else value * withheld / quantity
        rest = None if value is None or fee is None else value - fee
        self._acquire(now, place, quantity - withheld, rest)
        self._withheld(now, place, withheld, fee)

    def _lot(self, now: Recorded, quantity: Fraction, basis: Fraction | None) -> Lot:
        event = now.event
        turn = (event.at, event.sequence, now.position)
        known = basis is not None
        return Lot(now.account, event.id, event.at, turn, 0, quantity, basis or Fraction(), known)

    def _deposited(self, now: Recorded, place: Place, event: e.Deposited) -> None:
        lots = []
        for told in event.lots:
            lot = self._lot(now, Fraction(told.quantity), Fraction(told.basis))
            day = datetime.combine(told.acquired + timedelta(days=1), time(), ZoneInfo(self.zone))
            lot.acquired = min(day - timedelta(microseconds=1), event.at)
            lots.append(lot)
        rest = Fraction(event.quantity) - sum(lot.quantity for lot in lots)
        if rest > 0:
            lots.append(self._lot(now, rest, None))
        for part, lot in enumerate(lots, 1):
            lot.part = part
            lot.name = event.id if len(lots) == 1 else f"{event.id}/{part}"
        self._put(place, lots, units_of(lots))

    # Out ------------------------------------------------------------------------------------------

    def _choose(
        self,
        now: Recorded,
        place: Place,
        quantity: Fraction,
        *,
        moving: bool = False,
        leaving: bool = False,
    ) -> tuple[list[Lot], Fraction]:
        """Own units, at most all, and their lots: what was picked, then by the method.

        Set-aside ones go where the rest is not enough. Before 2025 they may be lots of any account,
        but what is `moving` inside the book takes those that lie here, as far as there are any, and
        so does what is `leaving` for its owner's other wallets, and then the rest anywhere.
        """
        for lot, short in take_pairs(self.covers[place], quantity - self.units[place]):
            self._put(place, [lot], lot.quantity)
            self.shorts[place].append(short)
            self.shorts[place].sort(key=lambda short: (short.opened, short.turn))
        units = left = min(quantity, self.units[place])
        self.units[place] -= units
        anywhere = self.universal and not place[2] and not moving
        every = [p for p in self.lots if p[1:] == (place[1], "")]
        among = every if anywhere and not leaving else [place]
        taken = []
        while left:
            found = self._next(now, place, among)
            if found is None:
                if not anywhere or among is every:
                    break
                among = every
                continue
            there, lot, name = found
            most = min(left, lot.quantity)
            if name:
                most = min(most, self.picked[name])
                self.picked[name] -= most
            part = part_of(lot, most)
            taken.append(part)
            left -= part.quantity
            if not lot.quantity:
                self.lots[there] = [other for other in self.lots[there] if other is not lot]
        return taken, units

    def _next(
        self, now: Recorded, place: Place, among: list[Place]
    ) -> tuple[Place, Lot, str] | None:
        """The lot that goes next, where it lies, and by which pick if any."""
        lying = {id(lot): there for there in among for lot in self.lots[there]}
        lots = [lot for there in among for lot in self.lots[there]]
        for name, wanted in self.picked.items():
            called = [lot for lot in lots if name in (lot.name, f"{lot.account}#{lot.name}")]
            if wanted and called:
                lot = first(called, "fifo")
                return lying[id(lot)], lot, name
            if place[1] == given_by(
                now.event
            ):  # it had less than was picked: it is not asked again
                self.picked[name] = Fraction()
        if not lots:
            return None
        lot = first(lots, self.choices.method(now, place[0], place[1]))
        return lying[id(lot)], lot, ""

    def _dispose(
        self,
        now: Recorded,
        place: Place,
        quantity: Fraction,
        proceeds: Fraction | None,
        kind: str,
    ) -> None:
        """Own units go; what nobody has is sold at a basis that nobody has stated."""
        taken, units = self._choose(now, place, quantity)
        lacking = quantity - units
        if lacking:
            lot = self._lot(now, lacking, None)
            taken.append(replace(lot, name=""))
        for lot in taken:
            if proceeds is not None:
                self._row(now, place, lot, proceeds * lot.quantity / quantity, kind)

    def _row(self, now: Recorded, place: Place, lot: Lot, proceeds: Fraction, kind: str) -> None:
        event = now.event
        self.rows.append(
            Row(
                account=place[0],
                asset=place[1],
                quantity=lot.quantity,
                lot=lot.name,
                acquired=lot.acquired,
                sold=event.at,
                proceeds=proceeds,
                basis=lot.basis,
                event=event.id,
                kind=kind,
                missing=not lot.known,
            )
        )

    def _leave(
        self,
        now: Recorded,
        place: Place,
        quantity: Fraction,
        *,
        moving: bool = False,
        leaving: bool = False,
    ) -> tuple[tuple[list[Lot], Fraction], Fraction]:
        """Units go elsewhere as they are: own ones first, then borrowed ones not sold."""
        lent = min(max(quantity - self.units[place], Fraction()), self.unsold[place])
        self.unsold[place] -= lent
        return self._choose(now, place, quantity - lent, moving=moving, leaving=leaving), lent

    def _pay(self, now: Recorded, place: Place, quantity: Fraction, kind: str) -> None:
        """Units pay at their worth."""
        if quantity:
            self._paid(now, place, quantity, self._worth(now, place[1], quantity), kind)

    def _paid(
        self, now: Recorded, place: Place, quantity: Fraction, worth: Fraction | None, kind: str
    ) -> None:
        """Units pay for something: own ones first, then borrowed ones not sold."""
        own = min(self.units[place], quantity)
        lent = min(quantity - own, self.unsold[place])
        for units, borrowed in ((own, False), (lent, True), (quantity - own - lent, False)):
            share = None if worth is None else worth * units / quantity
            if units and borrowed:
                self.unsold[place] -= units
                self._open(now, place, units, share)
            elif units:
                self._dispose(now, place, units, share, kind)

    def _withheld(
        self, now: Recorded, place: Place, quantity: Fraction, worth: Fraction | None
    ) -> None:
        """Units withheld from those just received go for what they cost."""
        if quantity and worth is not None:
            self._row(now, place, self._lot(now, quantity, worth), worth, "fee")

    def _spent(self, now: Recorded, place: Place, event: e.Withdrawn) -> None:
        """Units and their fee go together, for the worth of what they buy, less other costs."""
        quantity, fee = Fraction(event.quantity), [Cost(place[1], Fraction(event.fee))]
        costs = self.fees.costs(now, fee, place[1], "", self._worth)
        self._pay_thirds(now, costs.paid)
        worth = self._worth(now, place[1], quantity)
        net = None if worth is None or costs.usd is None else worth - costs.usd
        self._paid(now, place, quantity + costs.with_given, net, "spent")

    def _pay_thirds(self, now: Recorded, paid: list[tuple[str, Fraction, Fraction | None]]) -> None:
        for asset, units, brought in paid:
            self._paid(now, (now.account, asset, ""), units, brought, "fee")

    def _open(
        self, now: Recorded, place: Place, quantity: Fraction, proceeds: Fraction | None
    ) -> None:
        turn = (now.event.at, now.event.sequence, now.position)
        self.shorts[place].append(Short(now.event.at, turn, quantity, proceeds))

    def _worth(self, now: Recorded, asset: str, quantity: Fraction) -> Fraction | None:
        """By the newest price that is not more than 24 hours old."""
        if asset == "USD":
            return quantity
        known = [
            (at, i, price)
            for i, (at, of, price) in enumerate(self.prices)
            if of == asset and now.event.at - timedelta(hours=24) <= at <= now.event.at
        ]
        return max(known)[2] * quantity if known else None

    def _worth_by_fill(self, now: Recorded, asset: str, quantity: Fraction) -> Fraction | None:
        """A trade for USD says itself what its coin is worth."""
        event = now.event
        if isinstance(event, e.Filled) and (event.asset, event.quote) == (asset, "USD"):
            return Fraction(event.total) / Fraction(event.quantity) * quantity
        return self._worth(now, asset, quantity)

    # Debt -----------------------------------------------------------------------------------------

    def _lent_elsewhere(self, place: Place, to: Place | None, lent: Fraction) -> None:
        """Borrowed units went to another place (None: out of the book); some may have come home.

        Of several places, the one to which some went first comes first.
        """
        if to is not None and (home := min(self.moved[to].get(place, Fraction()), lent)):
            self.moved[to][place] -= home
            lent -= home
        if lent:
            self.moved[place][to] = self.moved[place].get(to, Fraction()) + lent

    def _repaid(self, now: Recorded, place: Place, quantity: Fraction) -> None:
        """What is left once all that was lent here is settled leaves as it is."""
        quantity = self._settle(now, place, place, quantity)
        self._choose(now, place, min(quantity, self.units[place]))

    def _settle(self, now: Recorded, own: Place, place: Place, quantity: Fraction) -> Fraction:
        """Covers first, then borrowed units not sold, then own lots for open shorts.

        Borrowed units that lie elsewhere are settled there: own ones go back for them, for those
        not sold before covers, and what was borrowed is owned from then on.
        """
        settled = Fraction()
        if place != own:
            settled += self._unsold(place, quantity)
        for lot, short in take_pairs(self.covers[place], quantity - settled):
            settled += lot.quantity
            if short.proceeds is not None:
                self._row(now, own, lot, short.proceeds, "short")
        settled += self._unsold(place, quantity - settled)
        if place != own:
            self._put(place, *self._choose(now, own, settled, moving=True))
        quantity -= settled
        for short in take(self.shorts[place], quantity):
            quantity -= short.quantity
            self._dispose(now, own, short.quantity, short.proceeds, "short")
        moved = self.moved[place]
        for there in [*filter(None, moved), None]:
            units = min(moved.get(there, Fraction()), quantity)
            if not units:
                continue
            moved[there] -= units
            if there is None:
                self._choose(now, own, units)
                quantity -= units
            else:
                quantity -= units - self._settle(now, own, there, units)
        return quantity

    def _unsold(self, place: Place, quantity: Fraction) -> Fraction:
        units = min(quantity, self.unsold[place])
        self.unsold[place] -= units
        return units

    # Trades ---------------------------------------------------------------------------------------

    def _filled(self, now: Recorded, event: e.Filled) -> None:
        kind = "liquidation" if isinstance(event, e.Liquidated) else "sale"
        given, received = (
            (event.quote, Fraction(event.total)),
            (event.asset, Fraction(event.quantity)),
        )
        if event.side == "sell":
            given, received = received, given
        own = [Cost(event.fee_asset or event.quote, Fraction(event.fee))]
        if isinstance(event, e.Liquidated):
            own.append(Cost(event.quote, Fraction(event.penalty)))
        sides = (given[0], received[0]) if event.position is None else ("", "")
        worth_of = self._worth if event.position is None else self._worth_by_fill
        costs = self.fees.costs(now, own, *sides, worth_of)
        self._pay_thirds(now, costs.paid)
        if event.position is not None:
            self._in_position(now, event, costs.usd, kind)
            return
        if "USD" in (given[0], received[0]):
            worth: Fraction | None = Fraction(event.total)
        else:
            worth = self._worth(now, *received)
            worth = self._worth(now, *given) if worth is None else worth
        share = costs.with_received / received[1]
        fee = None if worth is None else worth * share
        if (
            given[0] == "USD"
        ):  # all costs are part of the basis, and what was withheld goes at its own
            basis = None if worth is None or costs.usd is None else worth + costs.usd
        else:
            brought = None if worth is None or costs.usd is None else worth - costs.usd
            brought = None if brought is None or fee is None else brought - fee
            place = (now.account, given[0], "")
            units = given[1] + costs.with_given
            short = min(units, self.unsold[place])
            self.unsold[place] -= short
            self._sell(now, place, units, brought, short, kind)
            basis = None if worth is None or fee is None else worth - fee
        if received[0] != "USD":
            place = (now.account, received[0], "")
            self._bought(now, place, received[1] - costs.with_received, basis)
            self._withheld(now, place, costs.with_received, fee)

    def _in_position(
        self, now: Recorded, event: e.Filled, costs: Fraction | None, kind: str
    ) -> None:
        place = (now.account, event.asset, event.position or "")
        quantity, total = Fraction(event.quantity), Fraction(event.total)
        if event.side == "buy":
            self._bought(now, place, quantity, None if costs is None else total + costs)
        else:
            short = max(quantity - self.units[place], Fraction())
            self._sell(now, place, quantity, None if costs is None else total - costs, short, kind)

    def _bought(
        self, now: Recorded, place: Place, quantity: Fraction, total: Fraction | None
    ) -> None:
        """Open shorts first: a position's close at once, others wait for the delivery."""
        if not quantity:
            return
        price = None if total is None else total / quantity
        for short in take(self.shorts[place], quantity):
            quantity -= short.quantity
            lot = self._lot(now, short.quantity, times(price, short.quantity))
            if not place[2]:
                self.covers[place].append((lot, short))
            elif short.proceeds is not None:
                self._row(now, place, lot, short.proceeds, "short")
        self._acquire(now, place, quantity, times(price, quantity))

    def _sell(
        self,
        now: Recorded,
        place: Place,
        quantity: Fraction,
        total: Fraction | None,
        short: Fraction,
        kind: str,
    ) -> None:
        price = None if total is None else total / quantity
        if short:
            self._open(now, place, short, times(price, short))
        if quantity > short:
            self._dispose(now, place, quantity - short, times(price, quantity - short), kind)

    def _settled(self, now: Recorded, event: e.PositionSettled) -> None:
        """A long's units become owned lots, a short takes own ones; of more, nothing happens."""
        place, owned = (now.account, event.asset, event.position), (now.account, event.asset, "")
        quantity = Fraction(event.quantity)
        if sum(short.quantity for short in self.shorts[place]) >= quantity:
            for short in take(self.shorts[place], quantity):
                self._dispose(now, owned, short.quantity, short.proceeds, "short")
        elif self.units[place] >= quantity:
            self._put(owned, *self._choose(now, place, quantity))


def given_by(event: Any) -> str:
    """The asset that an event is about; a third one may pay its fee."""
    bought = isinstance(event, e.Filled) and event.side == "buy"
    return str(event.quote if bought else event.asset)


def times(price: Fraction | None, quantity: Fraction) -> Fraction | None:
    return None if price is None else price * quantity


def take_units(lots: list[Lot], quantity: Fraction) -> list[Lot]:
    """Take units off these lots, in their order, at most all."""
    taken = []
    while quantity > 0 and lots:
        part = part_of(lots[0], min(quantity, lots[0].quantity))
        taken.append(part)
        quantity -= part.quantity
        if not lots[0].quantity:
            del lots[0]
    return taken


def universal_before_2025(events: list[Recorded]) -> bool:
    """Whether lots are one pool over all accounts: unless the book says otherwise."""
    said = [
        (r.position, r.event.value)
        for r in events
        if isinstance(r.event, e.PolicySet) and r.event.name == "basis_scope"
    ]
    return not said or max(said)[1] == "universal"


def given(event: Any) -> str:
    """The asset that an event gives away."""
    bought = isinstance(event, e.Filled) and event.side == "buy"
    return str(event.quote if bought else getattr(event, "asset", ""))
