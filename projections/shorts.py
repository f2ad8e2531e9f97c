"""Short sales: units sold that were borrowed, a book of their own.

A short is opened by the sale of borrowed units and never touches owned lots. What is bought while
it is open covers it, first opened first, and is set aside. It closes when units are delivered to
the lender: then the gain is taxed, with the cover's date as the date acquired (open-transaction
reading of Reg. 1.1233-1(a)(1); Pub. 550, Short Sales; Instructions for Form 8949, Short sales).
Returning units that were never sold closes nothing, and units newly borrowed keep it open.
"""

from collections import deque
from datetime import date, datetime
from decimal import Decimal

from domain.money import ZERO, share


class Short:
    """Units sold short: `proceeds` USD, net of the costs of the sale, for what is not covered yet."""

    __slots__ = ("event", "opened", "opened_day", "position", "proceeds", "quantity")

    def __init__(
        self,
        event: str,
        opened: datetime,
        opened_day: date,
        position: int,
        quantity: Decimal,
        proceeds: Decimal,
    ) -> None:
        self.event = event
        self.opened = opened
        self.opened_day = opened_day
        self.position = position
        self.quantity = quantity
        self.proceeds = proceeds

    def take(self, quantity: Decimal) -> "Short":
        """Take units off, at most all, with their share of the proceeds."""
        whole = quantity == self.quantity
        proceeds = self.proceeds if whole else share(self.proceeds, quantity, self.quantity)
        self.quantity -= quantity
        self.proceeds -= proceeds
        return Short(
            self.event, self.opened, self.opened_day, self.position, quantity, proceeds
        )


class Cover:
    """Units bought for an open short and set aside: their basis, and the short they answer."""

    __slots__ = ("acquired", "acquired_day", "basis", "lot", "position", "short")

    def __init__(
        self,
        lot: str,
        acquired: datetime,
        acquired_day: date,
        position: int,
        short: Short,
        basis: Decimal,
    ) -> None:
        self.lot = lot
        self.acquired = acquired
        self.acquired_day = acquired_day
        self.position = position
        self.short = short
        self.basis = basis

    def take(self, quantity: Decimal) -> "Cover":
        """Take units off, at most all."""
        all_units = self.short.quantity
        basis = self.basis if quantity == all_units else share(self.basis, quantity, all_units)
        self.basis -= basis
        short = self.short.take(quantity)
        return Cover(self.lot, self.acquired, self.acquired_day, self.position, short, basis)


class Loan:
    """Borrowed units of one asset in one account (or one position): unsold, sold short, covered."""

    __slots__ = ("covers", "open", "shorts", "unsold")

    def __init__(self) -> None:
        self.unsold = ZERO
        self.open = ZERO
        self.shorts: deque[Short] = deque()
        self.covers: deque[Cover] = deque()

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

    def deliver(self, quantity: Decimal) -> list[Cover]:
        """Covers that go back to the lender, first bought first."""
        delivered: list[Cover] = []
        while quantity and self.covers:
            cover = self.covers[0]
            units = min(quantity, cover.short.quantity)
            delivered.append(cover.take(units))
            if not cover.short.quantity:
                self.covers.popleft()
            quantity -= units
        return delivered
