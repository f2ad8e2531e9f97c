"""Which lots a sale takes: identified in time, else first in first out.

A pick counts where it was made no later than the sale, a standing order where it was entered
before. In self custody one's own books are enough (Treas. Reg. 1.1012-1(j)(2)). In a broker's
custody the broker must have been told ((j)(3)(ii)); through 2026 one's own books are enough
(Notices 2025-7 and 2026-20, section 4.02), but where the broker was told other units, those are the
ones sold (4.05). Before 2025 records of one's own decided (IRS FAQ on virtual currency, 39-41).
Whatever is not adequate leaves the next in line: a told order, else FIFO, and a finding.

The one trick: which order is in force changes only at a few instants, those of orders and openings
and the first ones of 2025 and 2027. Between two of them the answer for a place is found once.
"""

from bisect import bisect
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.calendar import Calendar
from domain.events import LotsIdentified, MethodElected
from domain.methods import LAWFUL
from domain.money import ZERO, plain
from domain.recorded import Recorded
from projections.decisions import Decisions, named
from projections.findings import Findings
from projections.lots import Choice
from projections.pools import Key
from projections.tax.us.law import PER_ACCOUNT, TOLD_ALONE

UNIVERSAL = "fifo over all accounts, the default before 2025: adequate"
DEFAULT = "fifo, the default: adequate"


_IDENTIFIES = (LotsIdentified, MethodElected)


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
        self._turn = calendar.start(PER_ACCOUNT.value)
        self._unsaid = [
            (done, void) for done, void in decisions.too_late if isinstance(done.event, _IDENTIFIES)
        ]
        self._decided = bool(decisions.orders or decisions.picks or self._unsaid)
        self._words: dict[tuple[str, str], Choice] = {}
        self._plain = self._fifo(UNIVERSAL if universal else DEFAULT)
        self._changes = sorted({_FIRST, _LAST, *self._instants()})
        self._since = self._until = _FIRST
        self._in_force: dict[Key, Choice] = {}

    def per_account(self) -> None:
        """From now on a sale chooses among the lots of its own account."""
        self._plain = self._fifo(DEFAULT)
        self._in_force.clear()

    def choose(self, recorded: Recorded, key: Key) -> Choice:
        """How lots of this place are chosen for this event."""
        if not self._decided:
            return self._plain
        event = recorded.event
        if self._unsaid:
            self._remember(recorded, key)
        if not self._since <= event.at < self._until:
            self._begin(event.at)
        if self._decisions.picks and self._decisions.picked(recorded.account, event.id):
            return self._choice(recorded, key, self._picks(recorded, key))
        choice = self._in_force.get(key)
        if choice is None:
            choice = self._in_force[key] = self._choice(recorded, key, [])
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

    def beyond(self, recorded: Recorded, key: Key, picked: Decimal, leaving: Decimal) -> None:
        """More units were picked than went."""
        self._findings.add(
            "invalid_identification",
            recorded,
            f"{plain(picked)} units were picked where {plain(leaving)} went",
            asset=key[1],
            hint="the first that were named count, as far as units went",
        )

    # ----------------------------------------------------------------------------------------------

    def _instants(self) -> Iterator[datetime]:
        """When another order may be in force, or count, than before."""
        for order in self._decisions.orders:
            yield order.event.at + _MOMENT  # it counts for what comes after it
        for openings in self._decisions.openings.values():
            for opening in openings:
                yield opening.at
        for law in (PER_ACCOUNT, TOLD_ALONE):
            yield self._calendar.start(law.value)

    def _begin(self, at: datetime) -> None:
        """Go to the two changes between which this instant lies."""
        after = bisect(self._changes, at)
        self._since, self._until = self._changes[after - 1], self._changes[after]
        self._in_force.clear()

    def _choice(self, recorded: Recorded, key: Key, picks: list[Recorded]) -> Choice:
        at = recorded.event.at
        orders = [order for order in self._decisions.orders if _reaches(order, recorded, key)]
        order, pick = max(orders, key=_rank, default=None), max(picks, key=_when, default=None)
        if self._calendar.day(at) >= PER_ACCOUNT.value and (
            self._decisions.custody(key[0], at) == "broker"
        ):
            order, pick = self._as_told(recorded, orders, picks)
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
        since = self._turn if self._is_under_way(recorded, key) else None
        return Choice(standing.method, standing.identified, wanted, words, since)

    def _as_told(
        self, recorded: Recorded, orders: list[Recorded], picks: list[Recorded]
    ) -> tuple[Recorded | None, Recorded | None]:
        """In a broker's custody: what it was told, else (while the relief lasts) own books."""
        told_orders = [order for order in orders if _of(order).told_broker]
        told_picks = [pick for pick in picks if _picked(pick).told_broker]
        order, pick = max(orders, key=_rank, default=None), max(picks, key=_when, default=None)
        told_order = max(told_orders, key=_rank, default=None)
        told_pick = max(told_picks, key=_when, default=None)
        if self._calendar.day(recorded.event.at) >= TOLD_ALONE.value:
            if pick is not None and told_pick is None:
                self._untold(pick, f"the pick of lots for {recorded.event.id}", recorded)
            if order is not None and order is not told_order:
                self._untold(order, f"the standing order {order.event.id}", recorded)
            return told_order, told_pick
        if not told_orders and not told_picks:
            return order, pick
        if pick is not None and pick is not told_pick:
            same = told_pick is not None and _picked(pick).picks == _picked(told_pick).picks
            if not same:
                self._differ(pick, told_pick or told_order)
        if pick is None and order is not told_order and not _alike(order, told_order):
            self._differ(order, told_order)
        return told_order, told_pick

    def _standing(self, order: Recorded) -> Choice:
        method, day = _of(order).method, self._calendar.day(order.event.at)
        told = ", told to the broker" if _of(order).told_broker else ""
        return self._said(method, f"{method}, standing order of {day}{told}: adequate")

    def _picks(self, recorded: Recorded, key: Key) -> list[Recorded]:
        """The picks for this event that were made in time."""
        in_time = []
        for pick in self._decisions.picked(recorded.account, recorded.event.id):
            if pick.event.at > recorded.event.at:
                self._late(pick, recorded)
            elif _picked(pick).told_broker or not self._relies(recorded, key):
                in_time.append(pick)
            else:
                self._early(pick, recorded, key)
        return in_time

    def _is_under_way(self, recorded: Recorded, key: Key) -> bool:
        """Whether a global allocation of the asset was not complete yet: old units have no lots."""
        completed = self._completed.get(key[1])
        return completed is not None and self._turn <= recorded.event.at < completed

    def _relies(self, recorded: Recorded, key: Key) -> bool:
        """Whether own books are not enough in a broker's custody yet (Notice 2025-7, 4.04)."""
        custody = self._decisions.custody(key[0], recorded.event.at)
        return custody == "broker" and self._is_under_way(recorded, key)

    def barred(self, recorded: Recorded, key: Key, lot: str) -> None:
        """A lot that was picked is of units whose allocation was not complete."""
        for pick in self._decisions.picked(recorded.account, recorded.event.id):
            self._early(pick, recorded, key)

    def _early(self, pick: Recorded, recorded: Recorded, key: Key) -> None:
        self._findings.add(
            "identification_before_allocation",
            pick,
            f"lots of {recorded.event.id} were picked before the global allocation was complete",
            asset=key[1],
            hint="of units held before 2025 only a standing order chooses until then, else FIFO"
            " (Rev. Proc. 2024-28, 5.02(5)(c); Notice 2025-7, 4.04)",
            severity="warning",
        )

    def _remember(self, recorded: Recorded, key: Key) -> None:
        """Find what was in force at this sale and has been voided since."""
        at = recorded.event.at
        for decision, void in self._unsaid:
            event = decision.event
            if void.event.at <= at:
                continue
            if isinstance(event, MethodElected):
                meant = _reaches(decision, recorded, key)
            else:
                name = named(_picked(decision).disposal, decision.account)
                here = name in ((recorded.account, recorded.event.id), ("book", recorded.event.id))
                meant = here and event.at <= at
            if meant:
                self._findings.add(
                    "identification_voided",
                    void,
                    f"{event.id} was in force when units of {key[1]} went, and was voided after it",
                    asset=key[1],
                    hint="what was in force identified the units (Treas. Reg. 1.1012-1(j)(2), (3)):"
                    " void it only if it was never made",
                    severity="warning",
                )

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

    def _differ(self, own: Recorded | None, told: Recorded | None) -> None:
        if own is None or told is None:
            return
        self._findings.add(
            "identifications_differ",
            own,
            f"the broker was told otherwise ({told.event.id}) than one's own books say",
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


def _alike(one: Recorded | None, other: Recorded | None) -> bool:
    return one is not None and other is not None and _of(one).method == _of(other).method


def _rank(order: Recorded) -> tuple[bool, bool, datetime, int]:
    event = _of(order)
    return order.account != "book", event.asset is not None, event.at, order.position


def _when(pick: Recorded) -> tuple[datetime, int]:
    return pick.event.at, pick.position


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)
