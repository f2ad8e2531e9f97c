"""Loans in kind as exchanges (policy `loan` exchange): what is borrowed is bought for a debt.

Borrowed units come in as a lot at their worth, against an obligation of as much. Sales take lots as
ever, so no short is opened. Repaying disposes of own units for the share of the obligation that it
meets, first borrowed first repaid. Nothing in the law says so: IRC 1058 covers securities alone;
over a whole loan the sums are those of the other reading (projections/shorts.py).
"""

from collections import deque
from decimal import Decimal

from domain.events import Borrowed
from domain.money import share
from domain.price import Chosen
from domain.recorded import Recorded
from projections.pools import Key
from projections.property import Property


class Obligation:
    """Units owed, and what they were worth in USD when borrowed; None: nobody knows."""

    __slots__ = ("priced", "quantity", "value")

    def __init__(
        self, quantity: Decimal, value: Decimal | None, priced: tuple[Chosen, ...]
    ) -> None:
        self.quantity = quantity
        self.value = value
        self.priced = priced
        """The prices that the value stands on."""

    def meet(self, quantity: Decimal) -> Decimal | None:
        """Take units off, at most all; return their share of the value."""
        value = self.value
        if value is not None:
            if quantity != self.quantity:
                value = share(value, quantity, self.quantity)
            self.value -= value  # type: ignore[operator]
        self.quantity -= quantity
        return value


class Obligations:
    """What is owed in kind, by account and asset."""

    def __init__(self, property: Property) -> None:  # noqa: A002
        self._property = property
        self._owed: dict[Key, deque[Obligation]] = {}

    def borrowed(self, recorded: Recorded, event: Borrowed) -> None:
        """Units came in for a debt of their worth."""
        own, key = self._property, (recorded.account, event.asset, "")
        worth = own.worth.usd(recorded, event.asset, event.quantity)
        own.received(recorded, key, event.quantity, worth)
        self._owed.setdefault(key, deque()).append(
            Obligation(event.quantity, worth, own.worth.chosen(recorded))
        )

    def met(self, recorded: Recorded, asset: str, quantity: Decimal) -> None:
        """Own units went for what was owed; what is beyond it leaves without gain, and is found."""
        own, key, left = self._property, (recorded.account, asset, ""), quantity
        owed = self._owed.get(key, deque())
        while left and owed:
            units = min(left, owed[0].quantity)
            value, priced = owed[0].meet(units), owed[0].priced
            own.disposed(recorded, key, units, value, "repayment", priced=priced)
            left -= units
            if not owed[0].quantity:
                owed.popleft()
        if left:
            own.delivered(recorded, asset, left)
