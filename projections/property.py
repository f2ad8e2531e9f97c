"""The books of property: lots under each method, and the shorts and loans beside them.

What comes in by a trade covers open shorts before it becomes a lot; what is sold takes borrowed
units first and opens a short with them. Everything here is told its amounts: who pays which cost is
decided by whoever calls (projections/trades.py, projections/dealings.py).
"""

from collections.abc import Sequence
from decimal import Decimal

from domain.calendar import Calendar
from domain.lot import Disposal, Lot, OpenLot
from domain.money import CASH, ONE, ZERO, plain, share
from domain.parts import StatedLot
from domain.price import Chosen
from domain.recorded import Recorded
from projections.findings import Findings
from projections.pools import Key, Parcel
from projections.prices import Prices
from projections.shorts import Cover, Loan, Short
from projections.stated import stated_lots
from projections.units import UnitBook
from projections.worth import Worth


class Property:
    """Lots, shorts and loans of every account."""

    def __init__(
        self, books: Sequence[UnitBook], calendar: Calendar, prices: Prices, findings: Findings
    ) -> None:
        self.books = books
        self.calendar = calendar
        self.prices = prices
        self.worth = Worth(prices, findings)
        self.findings = findings
        self.loans: dict[Key, Loan] = {}
        self.discharged: dict[Key, tuple[Decimal, Decimal | None]] = {}
        """Units of debt that liquidations discharged, and their worth in USD (releases.py)."""

    # In -------------------------------------------------------------------------------------------

    def bought(
        self, recorded: Recorded, asset: str, quantity: Decimal, basis: Decimal | None
    ) -> None:
        """Units came in by a trade: they cover open shorts first, the rest is a lot."""
        if asset in CASH:
            return
        loan = self.loans.get((recorded.account, asset, "")) if self.loans else None
        if loan is not None and loan.open:
            quantity, basis = self._cover(recorded, asset, loan, quantity, basis)
        if quantity:
            self.received(recorded, (recorded.account, asset, ""), quantity, basis)

    def received(
        self, recorded: Recorded, key: Key, quantity: Decimal, basis: Decimal | None
    ) -> None:
        """Units came in and are a lot of this event. `basis` None: nobody knows it."""
        lot = self._lot(recorded, quantity, basis)
        for book in self.books:
            book.acquire(key, lot)

    def stated(
        self, recorded: Recorded, key: Key, lots: Sequence[StatedLot], rest: Decimal = ZERO
    ) -> None:
        """Units came in with the dates and bases that their owner states, and `rest` without."""
        for lot in stated_lots(recorded, lots, rest, self.calendar, self.findings):
            for book in self.books:
                book.acquire(key, lot)

    # Out ------------------------------------------------------------------------------------------

    def sold(
        self,
        recorded: Recorded,
        asset: str,
        quantity: Decimal,
        proceeds: Decimal | None,
        kind: str = "sale",
    ) -> None:
        """Units were sold: borrowed ones first, which opens a short; the rest are own lots."""
        if asset in CASH:
            return
        loan = self.loans.get((recorded.account, asset, "")) if self.loans else None
        if loan is not None and loan.unsold:
            quantity, proceeds = self._sell_short(recorded, asset, loan, quantity, proceeds)
        if quantity:
            self.disposed(recorded, (recorded.account, asset, ""), quantity, proceeds, kind)

    def spent(self, recorded: Recorded, asset: str, quantity: Decimal, kind: str) -> Decimal | None:
        """Units paid for something at their worth (returned): own ones first, then lent ones."""
        proceeds = self.worth.usd(recorded, asset, quantity)
        self.paid(recorded, asset, quantity, proceeds, kind)
        return proceeds

    def paid(
        self,
        recorded: Recorded,
        asset: str,
        quantity: Decimal,
        proceeds: Decimal | None,
        kind: str,
    ) -> None:
        """Units paid for something, for `proceeds` in all: own ones first, then borrowed ones."""
        if asset in CASH or not quantity:
            return
        key = (recorded.account, asset, "")
        loan = self.loans.get(key)
        own = self.books[0].held(key)
        if loan is not None and loan.unsold and own < quantity:
            worth = None if proceeds is None else share(proceeds, own, quantity)
            if own:
                self.disposed(recorded, key, own, worth, kind)
            rest = None if proceeds is None or worth is None else proceeds - worth
            quantity, proceeds = self._sell_short(recorded, asset, loan, quantity - own, rest)
        if quantity:
            self.disposed(recorded, key, quantity, proceeds, kind)

    def disposed(
        self,
        recorded: Recorded,
        key: Key,
        quantity: Decimal,
        proceeds: Decimal | None,
        kind: str,
        opened: int = 0,
        priced: tuple[Chosen, ...] | None = None,
    ) -> None:
        """Own units were disposed of; `opened`: by the sale of which a short that they close.

        `priced`: the prices that the proceeds stand on, where they are not those of this event.
        """
        priced = self.worth.chosen(recorded) if priced is None else priced
        day = self.calendar.day(recorded.event.at)
        if self.books[0].held(key) < quantity:
            self._gather(recorded, key, quantity)
        for book in self.books:
            book.dispose(recorded, key, quantity, proceeds, kind, day, opened, priced)

    def withheld(
        self, recorded: Recorded, units: tuple[str, Decimal], worth: Decimal, identified: str
    ) -> None:
        """Units withheld from those received: sold at basis (Reg. 1.1012-1(j)(3)(iii))."""
        self._at_once(recorded, *units, (worth, worth), "fee", identified)

    def settled(
        self, recorded: Recorded, what: str, result: Decimal, kind: str = "contract"
    ) -> None:
        """A result in USD, signed, of a contract or a rebate: of the day, without units."""
        amounts = (result, ZERO) if result > 0 else (ZERO, -result)
        self._at_once(recorded, what, ONE, amounts, kind, f"a {kind}: no lots")

    def left(
        self, recorded: Recorded, key: Key, quantity: Decimal, to: Key | None = None
    ) -> Decimal:
        """How many of `quantity` units are own ones; borrowed unsold ones make up the rest.

        These go `to` another place of the book, or out of it, and are owed where they were lent.
        """
        own = self.books[0].held(key)
        loan = self.loans.get(key)
        if loan is not None and own < quantity:
            lent = min(loan.unsold, quantity - own)
            loan.unsold -= lent
            if to is None:
                loan.away += lent
            else:
                self.loan(to).arrive(key, to, lent, loan)
            quantity -= lent
        if own < quantity:
            self._gather(recorded, key, quantity)
        return quantity

    # Shorts and loans -----------------------------------------------------------------------------

    def loan(self, key: Key) -> Loan:
        """The loan of this asset in this place."""
        loan = self.loans.get(key)
        if loan is None:
            loan = self.loans[key] = Loan()
        return loan

    def delivered(self, recorded: Recorded, asset: str, quantity: Decimal) -> None:
        """Units went back to the lender: covers first, then unsold ones, then own lots."""
        if asset in CASH:
            return
        key = (recorded.account, asset, "")
        beyond = self._settle(recorded, key, key, quantity)
        if beyond:
            problem = f"{plain(beyond)} {asset} repaid beyond what was borrowed in this account"
            hint = "the units leave without gain: is a borrowed event missing?"
            self.findings.add(
                "repaid_own_units", recorded, problem, asset=asset, hint=hint, severity="warning"
            )
            for book in self.books:
                book.take(recorded, key, beyond)

    def _settle(self, recorded: Recorded, own: Key, place: Key, quantity: Decimal) -> Decimal:
        """Settle what was lent in `place`, or moved on from there; return the units left over.

        In the own place covers and unsold units go back themselves. Elsewhere own units go back for
        them, unsold ones first, and they are own ones from now on.
        """
        loan, asked = self.loan(place), quantity
        if place != own:
            quantity -= loan.give_back(quantity)
        for cover in loan.deliver(quantity):
            self._closed(recorded, own[1], cover)
            quantity -= cover.short.quantity
        quantity -= loan.give_back(quantity)
        if place != own:
            self._exchange(recorded, own, place, asked - quantity)
        quantity = self.close_with_own(recorded, own, loan, quantity)
        for there in list(loan.moved):
            moved = min(loan.moved[there], quantity)
            loan.moved[there] -= moved
            if moved:
                quantity -= moved - self._settle(recorded, own, there, moved)
        away = min(loan.away, quantity)
        loan.away -= away
        if away:
            self._exchange(recorded, own, None, away)
        return quantity - away

    def _exchange(self, recorded: Recorded, own: Key, place: Key | None, quantity: Decimal) -> None:
        """Own units stand in for borrowed ones of another place, or of none in the book."""
        if self.books[0].held(own) < quantity:
            self._gather(recorded, own, quantity)
        for book in self.books:
            if place is None:
                book.take(recorded, own, quantity)
            else:
                book.put(place, book.move(recorded, own, quantity))

    def close_with_own(
        self, recorded: Recorded, own: Key, loan: Loan, quantity: Decimal
    ) -> Decimal:
        """Deliver own lots for open shorts, first opened first; return the units left over."""
        for short in loan.answer(quantity):
            amounts = (short.quantity, short.proceeds)
            self.disposed(recorded, own, *amounts, "short", short.position, short.priced)
            quantity -= short.quantity
        return quantity

    def cover_and_close(
        self, recorded: Recorded, asset: str, loan: Loan, quantity: Decimal, basis: Decimal | None
    ) -> None:
        """Units bought close a position's short at once."""
        left, rest = quantity, ZERO if basis is None else basis
        for short in loan.answer(quantity):
            units = short.quantity
            part = rest if units == left else share(rest, units, left)
            left, rest = left - units, rest - part
            known = None if basis is None else part
            self._closed(recorded, asset, self._cover_of(recorded, asset, short, known))

    def sell_short(
        self,
        recorded: Recorded,
        asset: str,
        loan: Loan,
        quantity: Decimal,
        proceeds: Decimal | None,
    ) -> None:
        """Borrowed units were sold."""
        day = self.calendar.day(recorded.event.at)
        short = Short.of(recorded, day, quantity, proceeds, self.worth.chosen(recorded))
        loan.sell(short)
        for book in self.books:
            for rule in book.rules:
                rule.sold_short(asset, short)

    # ----------------------------------------------------------------------------------------------

    def _lot(self, recorded: Recorded, quantity: Decimal, basis: Decimal | None) -> Lot:
        event = recorded.event
        return Lot(
            event.id,
            event.at,
            self.calendar.day(event.at),
            event.sequence,
            recorded.position,
            quantity,
            ZERO if basis is None else basis,
            basis is not None,
            account=recorded.account,
            priced=self.worth.chosen(recorded),
        )

    def _sell_short(
        self,
        recorded: Recorded,
        asset: str,
        loan: Loan,
        quantity: Decimal,
        proceeds: Decimal | None,
    ) -> tuple[Decimal, Decimal | None]:
        """Sell borrowed units as far as there are any; return what is left, and for how much."""
        units = min(loan.unsold, quantity)
        worth = proceeds
        if proceeds is not None and units != quantity:
            worth = share(proceeds, units, quantity)
        loan.unsold -= units
        self.sell_short(recorded, asset, loan, units, worth)
        rest = None if proceeds is None or worth is None else proceeds - worth
        return quantity - units, rest

    def _cover(
        self, recorded: Recorded, asset: str, loan: Loan, quantity: Decimal, basis: Decimal | None
    ) -> tuple[Decimal, Decimal | None]:
        """Set units aside for open shorts; return what is left of them, and its basis."""
        left, rest = quantity, ZERO if basis is None else basis
        for short in loan.answer(min(loan.open, quantity)):
            units = short.quantity
            part = rest if units == left else share(rest, units, left)
            left, rest = left - units, rest - part
            known = None if basis is None else part
            loan.covers.append(self._cover_of(recorded, asset, short, known))
        return left, None if basis is None else rest

    def _cover_of(
        self, recorded: Recorded, asset: str, short: Short, basis: Decimal | None
    ) -> Cover:
        """Units bought by this event for an open short."""
        for book in self.books:
            for rule in book.rules:
                rule.set_aside(asset, short.quantity, short)
        return Cover(OpenLot(self._lot(recorded, short.quantity, basis)), short)

    def _closed(self, recorded: Recorded, asset: str, cover: Cover) -> None:
        """A short closed with the units bought for it: the same in every book.

        No row where nobody knows the proceeds, as of any other sale: that is a finding already.
        """
        disposal = cover.closed(recorded, asset, self.calendar.day(recorded.event.at))
        if disposal is None:
            return
        for book in self.books:
            book.emit(disposal)

    def _at_once(
        self,
        recorded: Recorded,
        asset: str,
        quantity: Decimal,
        amounts: tuple[Decimal, Decimal],
        kind: str,
        identified: str,
    ) -> None:
        """Acquired and disposed of by one event, for (proceeds, basis): the same in every book."""
        event, day = recorded.event, self.calendar.day(recorded.event.at)
        disposal = Disposal(
            recorded.account,
            asset,
            quantity,
            event.id,
            event.at,
            day,
            event.at,
            day,
            *amounts,
            event.id,
            recorded.position,
            recorded.position,
            kind,
            identified,
            priced=self.worth.chosen(recorded),
        )
        for book in self.books:
            book.emit(disposal)

    def _gather(self, recorded: Recorded, key: Key, quantity: Decimal) -> None:
        """See that there are so many own units: those set aside for a short are own ones too.

        What covered a short and goes elsewhere leaves it open again.
        """
        loan = self.loans.get(key)
        if loan is not None:
            for cover in loan.deliver(quantity - self.books[0].held(key)):
                loan.reopen(cover.short)
                units = cover.lot.take(cover.lot.quantity)
                for book in self.books:
                    book.put(key, Parcel([units], units.quantity))
        lacking = quantity - self.books[0].held(key)
        if lacking:
            day = self.calendar.day(recorded.event.at)
            self.findings.never_came_in(recorded, key[0], lacking, key[1], day)
