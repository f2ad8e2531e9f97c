"""Short sales: units sold that were borrowed, a book of their own.

A short is opened by the sale of borrowed units and never touches owned lots. What is bought while
it is open covers it, first opened first, and is set aside. It closes when units are delivered to
the lender: then the gain is taxed, with the cover's date as the date acquired (open-transaction
reading of Reg. 1.1233-1(a)(1); Pub. 550, Short Sales; Instructions for Form 8949, Short sales).
Returning units that were never sold closes nothing, and units newly borrowed keep it open.
"""

from bisect import bisect
from collections import deque
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter

from domain.lot import Disposal, OpenLot
from domain.money import ZERO, share
from domain.price import Chosen
from domain.recorded import Recorded
from projections.pools import Key

FIRST_OPENED = "short: first opened is closed first"


class Short:
    """Units sold short: `proceeds` USD, net of the sale's costs; None: nobody knows how much."""

    __slots__ = (
        *("event", "opened", "opened_day", "place", "position"),
        *("priced", "proceeds", "quantity"),
    )

    def __init__(
        self,
        event: str,
        opened: datetime,
        opened_day: date,
        place: int,
        position: int,
        quantity: Decimal,
        proceeds: Decimal | None,
        priced: tuple[Chosen, ...] = (),
    ) -> None:
        self.event = event
        self.opened = opened
        self.opened_day = opened_day
        self.place = place
        self.position = position
        self.quantity = quantity
        self.proceeds = proceeds
        self.priced = priced

    @classmethod
    def of(
        cls,
        recorded: Recorded,
        day: date,
        quantity: Decimal,
        proceeds: Decimal | None,
        priced: tuple[Chosen, ...] = (),
    ) -> "Short":
        """Units that this event sold; `priced`: the prices that the proceeds stand on."""
        event, position = recorded.event, recorded.position
        return cls(event.id, event.at, day, event.sequence, position, quantity, proceeds, priced)

    def take(self, quantity: Decimal) -> "Short":
        """Take units off, at most all, with their share of the proceeds."""
        proceeds = self.proceeds
        if proceeds is not None:
            if quantity != self.quantity:
                proceeds = share(proceeds, quantity, self.quantity)
            self.proceeds -= proceeds  # type: ignore[operator]
        self.quantity -= quantity
        opened = (self.event, self.opened, self.opened_day, self.place, self.position)
        return Short(*opened, quantity, proceeds, self.priced)


class Cover:
    """A lot bought for an open short and set aside, and the short it answers, unit for unit."""

    __slots__ = ("lot", "short")

    def __init__(self, lot: OpenLot, short: Short) -> None:
        self.lot = lot
        self.short = short

    def take(self, quantity: Decimal) -> "Cover":
        """Take units off, at most all."""
        return Cover(OpenLot.of(self.lot.take(quantity)), self.short.take(quantity))

    def closed(self, recorded: Recorded, asset: str, day: date) -> Disposal | None:
        """The row of the short, closed with these units; None where nobody knows its proceeds."""
        event, short, lot = recorded.event, self.short, self.lot.lot
        if short.proceeds is None:
            return None
        return Disposal(
            recorded.account,
            asset,
            short.quantity,
            lot.id,
            lot.acquired,
            lot.day,
            event.at,
            day,
            short.proceeds,
            self.lot.basis,
            event.id,
            recorded.position,
            lot.position,
            "short",
            FIRST_OPENED,
            "" if lot.stated else "basis",
            short.position,
            priced=short.priced,
            basis_priced=lot.priced,
        )


class Loan:
    """Borrowed units of one asset in one account (or one position).

    `unsold` lie there as they were lent, `open` were sold short, `moved` are unsold ones that went
    to other places of the book, `away` those that left it.
    """

    __slots__ = ("away", "covers", "moved", "open", "shorts", "unsold")

    def __init__(self) -> None:
        self.unsold = ZERO
        self.away = ZERO
        self.moved: dict[Key, Decimal] = {}
        self.open = ZERO
        self.shorts: deque[Short] = deque()
        self.covers: deque[Cover] = deque()

    @property
    def outstanding(self) -> Decimal:
        """Units owed, wherever they are."""
        covered = sum((cover.short.quantity for cover in self.covers), ZERO)
        return self.unsold + self.open + covered + self.away + sum(self.moved.values(), ZERO)

    def arrive(self, came_from: Key, here: Key, quantity: Decimal, lender: "Loan") -> None:
        """Borrowed units came here; those that had gone from here to there have come home."""
        self.unsold += quantity
        home = min(self.moved.get(came_from, ZERO), quantity)
        if home:
            self.moved[came_from] -= home
        if quantity > home:
            lender.moved[here] = lender.moved.get(here, ZERO) + quantity - home

    def sell(self, short: Short) -> None:
        """Borrowed units were sold."""
        self.shorts.append(short)
        self.open += short.quantity

    def answer(self, quantity: Decimal) -> list[Short]:
        """The open shorts that `quantity` units answer, first opened first."""
        answered: list[Short] = []
        while quantity and self.shorts:
            short = self.shorts[0]
            units = min(quantity, short.quantity)
            answered.append(short.take(units))
            if not short.quantity:
                self.shorts.popleft()
            quantity -= units
            self.open -= units
        return answered

    def give_back(self, quantity: Decimal) -> Decimal:
        """Units that were never sold go back, at most all; return how many."""
        back = min(self.unsold, quantity)
        self.unsold -= back
        return back

    def reopen(self, short: Short) -> None:
        """What covered it went elsewhere: the short is open again, in its old place."""
        order = attrgetter("opened", "place", "position")
        place = bisect(self.shorts, order(short), key=order)
        self.shorts.insert(place, short)
        self.open += short.quantity

    def deliver(self, quantity: Decimal) -> list[Cover]:
        """Covers that go, first bought first."""
        delivered: list[Cover] = []
        while quantity and self.covers:
            cover = self.covers[0]
            units = min(quantity, cover.short.quantity)
            delivered.append(cover.take(units))
            if not cover.short.quantity:
                self.covers.popleft()
            quantity -= units
        return delivered
