"""Which lots a sale takes: identified in time, else first in first out.

A pick counts where it was made no later than the sale, a standing order where it was entered
before. In self custody one's own books are enough (Treas. Reg. 1.1012-1(j)(2)). In a broker's
custody the broker must have been told ((j)(3)(ii)); through 2026 one's own books are enough
(Notices 2025-7 and 2026-20, section 4.02), but where the broker was told other units, those are the
ones sold (4.05). Before 2025 records of one's own decided (IRS FAQ on virtual currency, 39-41).
Whatever is not adequate leaves the next in line: a told order, else FIFO, and a finding.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from domain.calendar import Calendar
from domain.events import LotsIdentified, MethodElected
from domain.methods import LAWFUL
from domain.money import ZERO, plain
from domain.recorded import Recorded
from projections.decisions import Decisions
from projections.findings import Findings
from projections.lots import Choice
from projections.pools import Key
from projections.tax.us.law import PER_ACCOUNT, TOLD_ALONE, TRANSITION_RULE

UNIVERSAL = "fifo over all accounts, the default before 2025: adequate"
DEFAULT = "fifo, the default: adequate"


class Identification:
    """How lots are chosen under a method: the book's own treatment, or another as a what-if."""

    def __init__(
        self,
        method: str,
        decisions: Decisions,
        calendar: Calendar,
        findings: Findings,
        *,
        universal: bool = False,
        completed: Mapping[str, datetime] | None = None,
    ) -> None:
        """Choose so from now on.

        `universal`: lots of all accounts are one pool before 2025; `completed`: when the global
        allocation of an asset was complete (Rev. Proc. 2024-28, 5.02(5)(c)).
        """
        self.method = method
        self.order = "fifo" if method == LAWFUL else method
        self._lawful = method == LAWFUL
        self._decisions = decisions
        self._calendar = calendar
        self._findings = findings
        self._completed = completed or {}
        self._decided = bool(decisions.orders or decisions.picks)
        self._words: dict[tuple[str, str], Choice] = {}
        self._plain = self._fifo(UNIVERSAL if universal else DEFAULT)
        self._last: tuple[int, Key, Choice] | None = None

    def per_account(self) -> None:
        """From now on a sale chooses among the lots of its own account."""
        self._plain = self._fifo(DEFAULT)

    def choose(self, recorded: Recorded, key: Key) -> Choice:
        """How lots of this place are chosen for this event."""
        if not self._decided:
            return self._plain
        last = self._last
        if last is not None and last[0] == recorded.position and last[1] == key:
            return last[2]
        choice = self._choice(recorded, key)
        self._last = recorded.position, key, choice
        return choice

    def lacking(self, recorded: Recorded, key: Key, lot: str, asked: Decimal, had: Decimal) -> None:
        """A lot that was picked had fewer units here than were asked for."""
        self._findings.add(
            "invalid_identification",
            recorded,
            f"lot {lot} has {plain(had)} of the {plain(asked)} units picked in {key[0]}",
            asset=key[1],
            hint="the standing order or FIFO counts for the rest (Treas. Reg. 1.1012-1(j))",
        )

    # ----------------------------------------------------------------------------------------------

    def _choice(self, recorded: Recorded, key: Key) -> Choice:
        told_alone = self._told_alone(recorded, key[0])
        order = self._order(recorded, key, told_alone=told_alone)
        pick = self._pick(recorded, key, told_alone=told_alone)
        if not self._lawful:
            lawful = "a pick" if pick else "fifo" if order is None else _of(order).method
            return self._what_if(lawful)
        standing = self._plain if order is None else self._standing(order)
        if pick is None:
            return standing
        wanted: dict[str, Decimal] = {}
        for part in _picked(pick).picks:
            wanted[part.lot] = wanted.get(part.lot, ZERO) + part.quantity
        told = "told to the broker" if _picked(pick).told_broker else "in own books"
        words = f"picked {told} in time: adequate"
        return Choice(standing.method, standing.identified, wanted, words)

    def _told_alone(self, recorded: Recorded, account: str) -> bool:
        """Whether only what the broker was told counts."""
        at = recorded.event.at
        rule = TOLD_ALONE.value
        return self._calendar.day(at) >= rule and self._decisions.custody(account, at) == "broker"

    # Standing orders ------------------------------------------------------------------------------

    def _order(self, recorded: Recorded, key: Key, *, told_alone: bool) -> Recorded | None:
        """The order in force: an account's before the book's, an asset's before a general one."""
        reach = [order for order in self._decisions.orders if _reaches(order, recorded, key)]
        best = max(reach, key=_rank, default=None)
        if not told_alone or best is None or _of(best).told_broker:
            return best
        self._untold(best, f"the standing order {best.event.id}", recorded)
        return max((o for o in reach if _of(o).told_broker), key=_rank, default=None)

    def _standing(self, order: Recorded) -> Choice:
        method, day = _of(order).method, self._calendar.day(order.event.at)
        told = ", told to the broker" if _of(order).told_broker else ""
        return self._said(method, f"{method}, standing order of {day}{told}: adequate")

    # Picks ----------------------------------------------------------------------------------------

    def _pick(self, recorded: Recorded, key: Key, *, told_alone: bool) -> Recorded | None:
        """The last pick that is adequate; one that was told to the broker before any other."""
        picks = self._decisions.picked(recorded.account, recorded.event.id)
        if not picks:
            return None
        in_time = [pick for pick in picks if pick.event.at <= recorded.event.at]
        for late in picks:
            if late not in in_time:
                self._late(late, recorded)
        in_time = [pick for pick in in_time if self._complete(pick, recorded, key)]
        own = max(in_time, key=_when, default=None)
        told = max((p for p in in_time if _picked(p).told_broker), key=_when, default=None)
        if told_alone:
            if told is None and own is not None:
                self._untold(own, f"the pick of lots for {recorded.event.id}", recorded)
            return told
        if self._decisions.custody(key[0], recorded.event.at) == "self" or told is None:
            return own
        if own is not None and _picked(own).picks != _picked(told).picks:
            self._differ(own, told)
        return told

    def _complete(self, pick: Recorded, recorded: Recorded, key: Key) -> bool:
        """Whether no global allocation of the asset was still under way."""
        completed = self._completed.get(key[1])
        at = recorded.event.at
        if completed is None or at >= completed or self._calendar.day(at) < PER_ACCOUNT.value:
            return True
        self._findings.add(
            "identification_before_allocation",
            pick,
            f"lots of {recorded.event.id} were picked before the global allocation was complete",
            asset=key[1],
            hint=f"only a standing order counts until then, else FIFO ({TRANSITION_RULE.source})",
            severity="warning",
        )
        return False

    # Words ----------------------------------------------------------------------------------------

    def _fifo(self, words: str) -> Choice:
        return self._said("fifo", words) if self._lawful else self._what_if("fifo")

    def _what_if(self, lawful: str) -> Choice:
        words = "adequate" if lawful == self.method else f"what-if: {lawful} was in force"
        return self._said(self.method, f"{self.method}, {words}")

    def _said(self, method: str, words: str) -> Choice:
        return self._words.setdefault((method, words), Choice(method, words))

    def _late(self, pick: Recorded, recorded: Recorded) -> None:
        self._findings.add(
            "late_identification",
            pick,
            f"lots of {recorded.event.id} were picked after it: {pick.event.at.isoformat()}",
            hint="the standing order or FIFO counts (Treas. Reg. 1.1012-1(j)(2), (3))",
            severity="warning",
        )

    def _untold(self, decision: Recorded, what: str, recorded: Recorded) -> None:
        self._findings.add(
            "identification_not_told_to_broker",
            decision,
            f"{what} was not told to the broker who held the units of {recorded.account}",
            hint=f"from {TOLD_ALONE.value} on it must be: an order that was told, else FIFO counts"
            f" ({TOLD_ALONE.source})",
            severity="warning",
        )

    def _differ(self, own: Recorded, told: Recorded) -> None:
        self._findings.add(
            "identifications_differ",
            own,
            f"the broker was told other lots ({told.event.id}) than one's own books say",
            hint="the units that the broker was told are the ones sold (Notice 2026-20, 4.05)",
            severity="warning",
        )


def _of(order: Recorded) -> MethodElected:
    assert isinstance(order.event, MethodElected)  # noqa: S101 - for the type checker
    return order.event


def _picked(pick: Recorded) -> LotsIdentified:
    assert isinstance(pick.event, LotsIdentified)  # noqa: S101 - for the type checker
    return pick.event


def _reaches(order: Recorded, recorded: Recorded, key: Key) -> bool:
    """Whether an order was entered before a sale, and is about its account and asset."""
    event = _of(order)
    return (
        event.at < recorded.event.at
        and order.account in (key[0], "book")
        and event.asset in (key[1], None)
    )


def _rank(order: Recorded) -> tuple[bool, bool, datetime, int]:
    event = _of(order)
    return order.account != "book", event.asset is not None, event.at, order.position


def _when(pick: Recorded) -> tuple[datetime, int]:
    return pick.event.at, pick.position
