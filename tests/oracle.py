"""What the books must say, figured the slow way: fractions, lists, and sorting at every step.

Written from the words of the contract ("Native event file", "Readings that scripts rely on"), not
from the code that it judges. It knows deposits, withdrawals and transfers, trades for USD with fees
in USD, loans and shorts, leveraged positions and their delivery, interest and income in coin, and
prices. What it leaves out (swaps, fees in coin, decisions, policies, gifts) is told in stories.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from domain import events as e
from domain.recorded import Recorded

Place = tuple[str, str, str]
"""Account, asset, position; owned units lie in position ""."""


@dataclass
class Lot:
    """Units acquired together: what is left of them, and its basis."""

    name: str
    acquired: datetime
    turn: tuple[datetime, int, int]  # when it arrived, sequence, position in the log
    part: int  # of a deposit of several lots
    quantity: Fraction
    basis: Fraction
    known: bool = True


@dataclass
class Short:
    """Units sold short: what is open of them, and its proceeds (None: nobody knows)."""

    opened: datetime
    turn: tuple[datetime, int, int]
    quantity: Fraction
    proceeds: Fraction | None


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


def first(lots: list[Lot], method: str) -> Lot:
    """The lot that goes first; ties fall to the oldest, then to the order of the log."""
    oldest = sorted(lots, key=lambda lot: (lot.acquired, lot.turn, lot.part))
    if method == "lifo":
        newest = max((lot.acquired, lot.turn) for lot in lots)
        return next(lot for lot in oldest if (lot.acquired, lot.turn) == newest)
    if method == "hifo":
        return max(oldest, key=lambda lot: lot.basis / lot.quantity)
    if method == "lofo":
        return min(oldest, key=lambda lot: lot.basis / lot.quantity)
    return oldest[0]


class Oracle:
    """All books under one method."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.rows: list[Row] = []
        self.lots: dict[Place, list[Lot]] = defaultdict(list)
        self.shorts: dict[Place, list[Short]] = defaultdict(list)
        self.covers: dict[Place, list[tuple[Lot, Short]]] = defaultdict(list)
        self.unsold: dict[Place, Fraction] = defaultdict(Fraction)
        self.moved: dict[Place, dict[Place | None, Fraction]] = defaultdict(dict)
        self.prices: list[tuple[datetime, str, Fraction]] = []

    def run(self, events: Iterable[Recorded]) -> "Oracle":
        """Take events, oldest first."""
        for recorded in events:
            self._take(recorded, recorded.event)
        return self

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
                self._acquire(now, owned, Fraction(event.quantity), value)
            case e.Withdrawn(asset=asset) if asset != "USD":
                _, lent = self._leave(now, owned, Fraction(event.quantity))
                self._lent_elsewhere(owned, None, lent)
                self._pay(now, owned, Fraction(event.fee), "fee")
            case e.Transferred(asset=asset) if asset != "USD":
                there = (event.to, asset, "")
                own, lent = self._leave(now, owned, Fraction(event.quantity))
                self.lots[there] += own
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
            case e.Filled():
                self._filled(now, event)
            case e.PositionSettled():
                self._settled(now, event)

    # In -------------------------------------------------------------------------------------------

    def _acquire(
        self, now: Recorded, place: Place, quantity: Fraction, basis: Fraction | None
    ) -> None:
        if quantity:
            self.lots[place].append(self._lot(now, quantity, basis))

    def _lot(self, now: Recorded, quantity: Fraction, basis: Fraction | None) -> Lot:
        event = now.event
        turn = (event.at, event.sequence, now.position)
        known = basis is not None
        return Lot(event.id, event.at, turn, 0, quantity, basis or Fraction(), known)

    def _deposited(self, now: Recorded, place: Place, event: e.Deposited) -> None:
        lots = []
        for told in event.lots:
            lot = self._lot(now, Fraction(told.quantity), Fraction(told.basis))
            day = datetime.combine(told.acquired + timedelta(days=1), time(), UTC)
            lot.acquired = min(day - timedelta(microseconds=1), event.at)
            lots.append(lot)
        rest = Fraction(event.quantity) - sum(lot.quantity for lot in lots)
        if rest > 0:
            lots.append(self._lot(now, rest, None))
        for part, lot in enumerate(lots, 1):
            lot.part = part
            lot.name = event.id if len(lots) == 1 else f"{event.id}/{part}"
        self.lots[place] += lots

    # Out ------------------------------------------------------------------------------------------

    def _own(self, place: Place) -> Fraction:
        return sum((lot.quantity for lot in self.lots[place]), Fraction())

    def _choose(self, place: Place, quantity: Fraction) -> list[Lot]:
        """Own units by the method, at most all; set-aside ones where the rest is not enough."""
        for lot, short in take_pairs(self.covers[place], quantity - self._own(place)):
            self.lots[place].append(lot)
            self.shorts[place].append(short)
            self.shorts[place].sort(key=lambda short: (short.opened, short.turn))
        taken = []
        while quantity and self.lots[place]:
            lot = first(self.lots[place], self.method)
            part = part_of(lot, min(quantity, lot.quantity))
            taken.append(part)
            quantity -= part.quantity
            if not lot.quantity:
                self.lots[place].remove(lot)
        return taken

    def _dispose(
        self,
        now: Recorded,
        place: Place,
        quantity: Fraction,
        proceeds: Fraction | None,
        kind: str,
    ) -> None:
        """Own units go; what nobody has is sold at a basis that nobody has stated."""
        taken = self._choose(place, quantity)
        lacking = quantity - sum(lot.quantity for lot in taken)
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

    def _leave(self, now: Recorded, place: Place, quantity: Fraction) -> tuple[list[Lot], Fraction]:
        """Units go elsewhere as they are: own ones first, then borrowed ones not sold."""
        lent = min(max(quantity - self._own(place), Fraction()), self.unsold[place])
        self.unsold[place] -= lent
        return self._choose(place, quantity - lent), lent

    def _pay(self, now: Recorded, place: Place, quantity: Fraction, kind: str) -> None:
        """Units pay at their worth: own ones first, then borrowed ones not sold."""
        if not quantity:
            return
        worth = self._worth(now, place[1], quantity)
        own = min(self._own(place), quantity)
        lent = min(quantity - own, self.unsold[place])
        for units, borrowed in ((own, False), (lent, True), (quantity - own - lent, False)):
            share = None if worth is None else worth * units / quantity
            if units and borrowed:
                self.unsold[place] -= units
                self._open(now, place, units, share)
            elif units:
                self._dispose(now, place, units, share, kind)

    def _open(
        self, now: Recorded, place: Place, quantity: Fraction, proceeds: Fraction | None
    ) -> None:
        turn = (now.event.at, now.event.sequence, now.position)
        self.shorts[place].append(Short(now.event.at, turn, quantity, proceeds))

    def _worth(self, now: Recorded, asset: str, quantity: Fraction) -> Fraction | None:
        """By the newest price that is not more than 24 hours old."""
        known = [
            (at, i, price)
            for i, (at, of, price) in enumerate(self.prices)
            if of == asset and now.event.at - timedelta(hours=24) <= at <= now.event.at
        ]
        return max(known)[2] * quantity if known else None

    # Debt -----------------------------------------------------------------------------------------

    def _lent_elsewhere(self, place: Place, to: Place | None, lent: Fraction) -> None:
        """Borrowed units went to another place (None: out of the book); some may have come home."""
        moved = self.moved[place]
        if to is not None:
            home = min(self.moved[to].get(place, Fraction()), lent)
            self.moved[to][place] = self.moved[to].get(place, Fraction()) - home
            lent -= home
        moved[to] = moved.get(to, Fraction()) + lent

    def _repaid(self, now: Recorded, place: Place, quantity: Fraction) -> None:
        """What is left once all that was lent here is settled leaves as it is."""
        quantity = self._settle(now, place, place, quantity)
        self._choose(place, min(quantity, self._own(place)))

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
            self.lots[place] += self._choose(own, settled)
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
                self._choose(own, units)
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
        costs = Fraction(event.fee)
        if isinstance(event, e.Liquidated):
            costs += Fraction(event.penalty)
        total = Fraction(event.total) + (costs if event.side == "buy" else -costs)
        place = (now.account, event.asset, event.position or "")
        quantity = Fraction(event.quantity)
        kind = "liquidation" if isinstance(event, e.Liquidated) else "sale"
        if event.side == "buy":
            self._bought(now, place, quantity, total)
        elif event.position is None:
            short = min(quantity, self.unsold[place])
            self.unsold[place] -= short
            self._sell(now, place, quantity, total, short, kind)
        else:
            own = self._own(place)
            self._sell(now, place, quantity, total, max(quantity - own, Fraction()), kind)

    def _bought(self, now: Recorded, place: Place, quantity: Fraction, total: Fraction) -> None:
        """Open shorts first: a position's close at once, others wait for the delivery."""
        price = total / quantity
        for short in take(self.shorts[place], quantity):
            quantity -= short.quantity
            lot = self._lot(now, short.quantity, price * short.quantity)
            if not place[2]:
                self.covers[place].append((lot, short))
            elif short.proceeds is not None:
                self._row(now, place, lot, short.proceeds, "short")
        self._acquire(now, place, quantity, price * quantity)

    def _sell(
        self,
        now: Recorded,
        place: Place,
        quantity: Fraction,
        total: Fraction,
        short: Fraction,
        kind: str,
    ) -> None:
        price = total / quantity
        if short:
            self._open(now, place, short, price * short)
        if quantity > short:
            self._dispose(now, place, quantity - short, price * (quantity - short), kind)

    def _settled(self, now: Recorded, event: e.PositionSettled) -> None:
        """A long's units become owned lots, a short takes own ones; of more, nothing happens."""
        place, owned = (now.account, event.asset, event.position), (now.account, event.asset, "")
        quantity = Fraction(event.quantity)
        if sum(short.quantity for short in self.shorts[place]) >= quantity:
            for short in take(self.shorts[place], quantity):
                self._dispose(now, owned, short.quantity, short.proceeds, "short")
        elif self._own(place) >= quantity:
            self.lots[owned] += self._choose(place, quantity)


def part_of(lot: Lot, quantity: Fraction) -> Lot:
    """Take units off a lot, with their share of its basis."""
    part = replace(lot, quantity=quantity, basis=lot.basis * quantity / lot.quantity)
    lot.quantity -= quantity
    lot.basis -= part.basis
    return part


def part_of_short(short: Short, quantity: Fraction) -> Short:
    """Take units off a short, with their share of its proceeds."""
    if short.proceeds is None:
        part = replace(short, quantity=quantity)
    else:
        part = replace(
            short, quantity=quantity, proceeds=short.proceeds * quantity / short.quantity
        )
        short.proceeds -= part.proceeds or Fraction()
    short.quantity -= quantity
    return part


def take(shorts: list[Short], quantity: Fraction) -> list[Short]:
    """Take open shorts, first opened first, at most all."""
    taken = []
    while quantity > 0 and shorts:
        part = part_of_short(shorts[0], min(quantity, shorts[0].quantity))
        taken.append(part)
        quantity -= part.quantity
        if not shorts[0].quantity:
            del shorts[0]
    return taken


def take_pairs(covers: list[tuple[Lot, Short]], quantity: Fraction) -> list[tuple[Lot, Short]]:
    """Take set-aside units with their shorts, first bought first, at most all."""
    taken = []
    while quantity > 0 and covers:
        lot, short = covers[0]
        units = min(quantity, lot.quantity)
        taken.append((part_of(lot, units), part_of_short(short, units)))
        quantity -= units
        if not lot.quantity:
            del covers[0]
    return taken
