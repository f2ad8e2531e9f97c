"""Which lots must go, as the law words it, looked up anew for every event.

A pick counts if it was made no later than the sale, a standing order if it was entered before it.
In a broker's custody the broker must have been told (Treas. Reg. 1.1012-1(j)(3)(ii)), except that
through 2026 own books are enough (Notices 2025-7 and 2026-20), and where both say something, what
the broker was told counts. In self custody ((j)(2)) and before 2025 own books are enough.
"""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from domain import events as e
from domain.recorded import Recorded

LAWFUL = "spec_id"
ONLY_TOLD = date(2027, 1, 1)


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
        only_told = self._only_told(now, account)
        orders = [
            ((r.account != "book", order.asset is not None, order.at, r.position), order.method)
            for r, order in self._orders
            if order.at < now.event.at
            and r.account in (account, "book")
            and order.asset in (asset, None)
            and (order.told_broker or not only_told)
        ]
        return max(orders)[1] if orders else "fifo"

    def picked(self, now: Recorded, account: str) -> dict[str, Fraction]:
        """Units picked for this event, by lot: the last word, of those told the broker if any."""
        names = {(now.account, now.event.id), ("book", now.event.id)}
        picks = [
            (pick.at, r.position, pick)
            for r, pick in self._picks
            if named(pick.disposal, r.account) in names and pick.at <= now.event.at
        ]
        if picks and self._custody(account, now.event.at) == "broker":
            told = [pick for pick in picks if pick[2].told_broker]
            picks = told if told or self._only_told(now, account) else picks
        wanted: dict[str, Fraction] = {}
        for part in max(picks)[2].picks if picks else ():
            wanted[part.lot] = wanted.get(part.lot, Fraction()) + Fraction(part.quantity)
        return wanted

    def _only_told(self, now: Recorded, account: str) -> bool:
        at = now.event.at
        day = at.astimezone(self._zone).date()
        return day >= ONLY_TOLD and self._custody(account, at) == "broker"

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
