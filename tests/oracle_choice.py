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
        self._log = log
        self._method = method
        self._zone = ZoneInfo(zone)

    def method(self, now: Recorded, account: str, asset: str) -> str:
        """The standing order in force: the account's, then the book's; else first in first out."""
        if self._method != LAWFUL:
            return self._method
        only_told = self._only_told(now, account)
        orders = [
            (order.account != "book", order.event.asset is not None, order.event.at, order.position)
            for order in self._log
            if isinstance(order.event, e.MethodElected)
            and order.event.at < now.event.at
            and order.account in (account, "book")
            and order.event.asset in (asset, None)
            and (order.event.told_broker or not only_told)
        ]
        if not orders:
            return "fifo"
        position = max(orders)[-1]
        return next(
            order.event.method
            for order in self._log
            if isinstance(order.event, e.MethodElected) and order.position == position
        )

    def picked(self, now: Recorded, account: str) -> dict[str, Fraction]:
        """Units picked for this event, by lot: the last word, of those told the broker if any."""
        names = {(now.account, now.event.id), ("book", now.event.id)}
        picks = [
            (pick.event.at, pick.position, pick.event)
            for pick in self._log
            if isinstance(pick.event, e.LotsIdentified)
            and self._method == LAWFUL
            and named(pick.event.disposal, pick.account) in names
            and pick.event.at <= now.event.at
        ]
        if self._custody(account, now.event.at) == "broker":
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
            (r.event.at, r.event.sequence, r.position, r.event.custody)
            for r in self._log
            if isinstance(r.event, e.AccountOpened) and r.account == account
        ]
        before = [told for told in opened if told[0] <= at]
        return max(before)[-1] if before else min(opened)[-1] if opened else "broker"


def named(reference: str, account: str) -> tuple[str, str]:
    """(account, id) of `ACCOUNT#ID`, or of an ID in `account`."""
    before, mark, name = reference.rpartition("#")
    return (before if mark else account, name)
