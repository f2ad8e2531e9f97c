"""Which lots must go, as the law words it, looked up anew for every event.

A pick counts if it was made no later than the sale, a standing order if it was entered before it.
In a broker's custody the broker must have been told (Treas. Reg. 1.1012-1(j)(3)(ii)), except that
through 2026 own books are enough (Notices 2025-7 and 2026-20), and where both say something, what
the broker was told counts, pick or order (Notice 2026-20, 4.05). In self custody ((j)(2)) and
before 2025 own books are enough.
"""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from domain import events as e
from domain.recorded import Recorded

LAWFUL = "spec_id"
BY_ACCOUNT, ONLY_TOLD = date(2025, 1, 1), date(2027, 1, 1)


class Choices:
    """Picks, orders and custody of a whole log; under another method than the lawful, none."""

    def __init__(self, log: Sequence[Recorded], method: str, zone: str) -> None:
        self._method = method
        self._zone = ZoneInfo(zone)
        lawful = log if method == LAWFUL else ()
        self._orders = [(r, r.event) for r in lawful if isinstance(r.event, e.MethodElected)]
        self._picks = [(r, r.event) for r in lawful if isinstance(r.event, e.LotsIdentified)]
        self._opened = [(r, r.event) for r in lawful if isinstance(r.event, e.AccountOpened)]

    def method(self, now: Recorded, account: str, asset: str) -> str:
        """The standing order in force: the account's, then the book's; else first in first out."""
        if self._method != LAWFUL:
            return self._method
        orders, picks = self._said(now, account, asset)
        if self._told_counts(now, account, orders, picks):
            orders = [order for order in orders if order[1].told_broker]
        return max(orders, key=lambda order: order[0])[1].method if orders else "fifo"

    def picked(self, now: Recorded, account: str, asset: str) -> dict[str, Fraction]:
        """Units picked for this event, by lot: the last word, of those told the broker if any."""
        orders, picks = self._said(now, account, asset)
        if self._told_counts(now, account, orders, picks):
            picks = [pick for pick in picks if pick[2].told_broker]
        wanted: dict[str, Fraction] = {}
        for part in max(picks)[2].picks if picks else ():
            wanted[part.lot] = wanted.get(part.lot, Fraction()) + Fraction(part.quantity)
        return wanted

    def _said(self, now: Recorded, account: str, asset: str) -> tuple[list[Any], list[Any]]:
        """The orders and picks that were made in time for this event."""
        orders = [
            ((r.account != "book", order.asset is not None, order.at, r.position), order)
            for r, order in self._orders
            if order.at < now.event.at
            and r.account in (account, "book")
            and order.asset in (asset, None)
        ]
        names = {(now.account, now.event.id), ("book", now.event.id)}
        picks = [
            (pick.at, r.position, pick)
            for r, pick in self._picks
            if named(pick.disposal, r.account) in names and pick.at <= now.event.at
        ]
        return orders, picks

    def _told_counts(
        self, now: Recorded, account: str, orders: list[Any], picks: list[Any]
    ) -> bool:
        """In a broker's custody, from 2025: where it was told anything, and from 2027 always."""
        day = now.event.at.astimezone(self._zone).date()
        if day < BY_ACCOUNT or self._custody(account, now.event.at) != "broker":
            return False
        said = [order for _, order in orders] + [pick for _, _, pick in picks]
        return day >= ONLY_TOLD or any(one.told_broker for one in said)

    def _custody(self, account: str, at: datetime) -> str:
        """As the account was last opened by then, else as it first was."""
        opened = [
            (told.at, told.sequence, r.position, told.custody)
            for r, told in self._opened
            if r.account == account
        ]
        before = [told for told in opened if told[0] <= at]
        return max(before)[-1] if before else min(opened)[-1] if opened else "broker"


def named(reference: str, account: str) -> tuple[str, str]:
    """(account, id) of `ACCOUNT#ID`, or of an ID in `account`."""
    before, mark, name = reference.rpartition("#")
    return (before if mark else account, name)
