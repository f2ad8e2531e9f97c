"""What an owner had, and put, into an account while it owed, at the prices nearest in time.

A debt often begins at an instant for which no price is known yet: the next trade tells it. So units
wait for the first price seen at or after their instant, and the nearer of that one and the last one
before counts (the earlier of two equally near).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from domain.account import Account
from domain.money import ZERO
from domain.price import Price
from projections.prices import Marks


class Lump:
    """Units of one asset (signed) that stood there, came or went at one instant."""

    __slots__ = ("asset", "at", "before", "price", "quantity")

    def __init__(self, asset: str, quantity: Decimal, at: datetime, before: Price | None) -> None:
        self.asset = asset
        self.quantity = quantity
        self.at = at
        self.before = before
        self.price = before.price if before is not None and before.at >= at else None

    def see(self, price: Price) -> None:
        """A price was seen after these units."""
        before = self.before
        if before is None or price.at - self.at < self.at - before.at:
            self.price = price.price
        else:
            self.price = before.price

    @property
    def worth(self) -> Decimal | None:
        """Signed as the quantity; None while no price is known at all."""
        price = self.price
        if price is None and self.before is not None:
            price = self.before.price
        return None if price is None else self.quantity * price


class Stake:
    """One account from when it began to owe: what stood there then, what came and went since."""

    def __init__(
        self, began: datetime, held: Mapping[str, Decimal], marks: Marks, *, known: bool = True
    ) -> None:
        self.began = began
        self.known = known
        """Whether the book knows the debt or position that this began with."""
        self._marks = marks
        self._stood, self._moved = ZERO, ZERO
        self._entered: dict[str, tuple[Decimal, Decimal]] = {}
        self._waiting: list[tuple[Lump, bool]] = []
        for asset, quantity in held.items():
            if quantity:
                self._take(asset, quantity, began, stood=True)

    def move(self, asset: str, quantity: Decimal, at: datetime) -> None:
        """Units came in (above zero) or went out by the owner's doing."""
        self._take(asset, quantity, at, stood=False)

    def look(self) -> bool:
        """Prices may have been seen: value what waits for one. Whether anything still waits."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for lump, stood in waiting:
                price = self._marks.mark(lump.asset)
                if price is not None and (price.at >= lump.at or lump.before is None):
                    lump.see(price)
                self._keep(lump, stood=stood)
        return bool(self._waiting)

    @property
    def before(self) -> Decimal | None:
        """What stood there was worth when it began; None: a price is missing."""
        return self._sum(self._stood, stood=True)

    @property
    def net_deposits(self) -> Decimal | None:
        """What was put in since, less what was taken out; None: a price is missing."""
        return self._sum(self._moved, stood=False)

    @property
    def unpriced(self) -> set[str]:
        """Assets that no price is known of."""
        return {lump.asset for lump, _ in self._waiting if lump.worth is None}

    def entered(self, asset: str) -> tuple[Decimal, Decimal]:
        """Units that stood there or came in, and what they were worth then."""
        quantity, worth = self._entered.get(asset, (ZERO, ZERO))
        for lump, _ in self._waiting:
            if lump.asset == asset and lump.quantity > 0 and lump.worth is not None:
                quantity, worth = quantity + lump.quantity, worth + lump.worth
        return quantity, worth

    def _take(self, asset: str, quantity: Decimal, at: datetime, *, stood: bool) -> None:
        before = self._marks.mark(asset)
        if asset == self._marks.currency and before is not None:
            before = Price(before.price, at, before.source)
        self._keep(Lump(asset, quantity, at, before), stood=stood)

    def _keep(self, lump: Lump, *, stood: bool) -> None:
        if lump.price is None:
            self._waiting.append((lump, stood))
            return
        worth = lump.quantity * lump.price
        if stood:
            self._stood += worth
        else:
            self._moved += worth
        if lump.quantity > 0:
            quantity, whole = self._entered.get(lump.asset, (ZERO, ZERO))
            self._entered[lump.asset] = quantity + lump.quantity, whole + worth

    def _sum(self, total: Decimal, *, stood: bool) -> Decimal | None:
        for lump, was in self._waiting:
            if was == stood:
                if lump.worth is None:
                    return None
                total += lump.worth
        return total


def equity(account: Account, marks: Marks) -> tuple[Decimal, set[str]]:
    """What an account is worth after its debts, and the assets that no price is known of."""
    total, unpriced = ZERO, set[str]()
    lines = [*account.held.items()]
    lines += [(asset, -owed) for asset, owed in account.owed.items()]
    lines += [(asset, -owed) for asset, owed in account.interest_owed.items()]
    for position in account.positions.values():
        lines.append((position.asset, position.quantity * position.side))
        lines.append((position.quote, -position.cost * position.side))
    for asset, quantity in lines:
        mark = marks.mark(asset) if quantity else None
        if mark is not None:
            total += quantity * mark.price
        elif quantity:
            unpriced.add(asset)
    return total, unpriced


def owes(account: Account) -> bool:
    """Whether it owes, holds a position, or has less than nothing of an asset."""
    return (
        bool(account.positions)
        or any(owed > 0 for owed in account.owed.values())
        or any(owed > 0 for owed in account.interest_owed.values())
        or any(held < 0 for held in account.held.values())
    )
