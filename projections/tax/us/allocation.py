"""The turn from universal lots to lots by account, at the start of 2025 (Rev. Proc. 2024-28).

Until then a sale could take the lots of any account, so units and lots of an account may be
unequal. At the turn each account keeps the lots that lie there as far as it has units, oldest
first; lots beyond these fill the accounts that lack some, oldest first, by the accounts' names: and
that is found, because the owner may lay the unused basis on the accounts otherwise. Such an
allocation is judged by 5.02: it must lay all units of unused basis, with their dates, on the same
number of units (2); a specific one must be complete before the first disposition of that asset and
the due date of the 2025 return, whichever is earlier (4); a global one follows a rule written down
before 2025 and must be complete before the later of the two (5). The first that holds is
irrevocable.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from domain.calendar import Calendar
from domain.events import (
    BasisAllocated,
    ContractSettled,
    Event,
    FeeCharged,
    Filled,
    FundingSettled,
    InterestCharged,
    PositionSettled,
    Repaid,
    Transferred,
    Withdrawn,
)
from domain.lot import OpenLot
from domain.methods import LAWFUL, fifo
from domain.money import ZERO, plain
from domain.parts import Allocation
from domain.recorded import Recorded
from projections.decisions import Decisions
from projections.findings import Finding, Findings
from projections.lots import LotBook, Scope
from projections.pools import Key
from projections.tax.us.law import PER_ACCOUNT, TRANSITION_RETURN, TRANSITION_RULE

CENT = Decimal("0.01")


def first_disposed(
    events: Iterable[Recorded], decisions: Decisions, calendar: Calendar
) -> Mapping[str, datetime]:
    """When each asset was first disposed of in 2025 or later, among these events, oldest first.

    A transfer to an own account is none (Rev. Proc. 2024-28, 3.11); its network fee is one.
    """
    since, first = calendar.start(PER_ACCOUNT.value), dict[str, datetime]()
    exchanged = decisions.policies["loan"] == "exchange"
    for recorded in events:
        event = recorded.event
        if event.at >= since and (recorded.account, event.id) not in decisions.voided:
            if exchanged and isinstance(event, Repaid):
                first.setdefault(event.asset, event.at)
            for asset in _disposed(event):
                first.setdefault(asset, event.at)
    return first


def _disposed(event: Event) -> Iterator[str]:
    match event:
        case Filled(position=None):
            yield event.asset if event.side == "sell" else event.quote
            if event.fee:
                yield event.fee_asset or event.quote
        case Filled():
            if event.fee:
                yield event.fee_asset or event.quote
        case Withdrawn():
            if event.fee or event.purpose != "own":
                yield event.asset
        case Transferred():
            if event.fee:
                yield event.asset
        case Repaid():
            if event.interest:
                yield event.asset
        case InterestCharged(settled="balance") | FeeCharged() | PositionSettled():
            yield event.asset
        case FundingSettled() | ContractSettled():
            if event.amount < 0:
                yield event.asset
        case _:
            pass


class Transition:
    """What happens to lots at the start of 2025."""

    def __init__(
        self,
        decisions: Decisions,
        calendar: Calendar,
        findings: Findings,
        disposed: Mapping[str, datetime],
        scope: Scope | None,
    ) -> None:
        """Judge the allocations that the book holds.

        `disposed`: when each asset was first disposed of in 2025 or later; `scope`: among which
        lots a sale chooses from then on.
        """
        self.at = calendar.start(PER_ACCOUNT.value)
        self._calendar = calendar
        self._findings = findings
        self._disposed = disposed
        self._scope = scope
        self._in_time: dict[str, list[Recorded]] = {}
        self._voids = {done.position: void for done, void in decisions.too_late}
        for recorded in decisions.allocations:
            event = _of(recorded)
            late = self._late(event)
            if late and recorded.position in self._voids:
                continue
            if late:
                self._refuse("allocation_late", recorded, late)
            else:
                self._remark_extension(recorded)
                self._in_time.setdefault(event.asset, []).append(recorded)

    @property
    def completed(self) -> Mapping[str, datetime]:
        """When the global allocation of an asset was complete: picks count from then on."""
        return {
            asset: first[0].event.at
            for asset, first in self._in_time.items()
            if _of(first[0]).kind == "global"
        }

    def turn(self, book: LotBook) -> None:
        """Divide the universal pool among the accounts."""
        lots: dict[str, list[tuple[Key, OpenLot]]] = {}
        for key, lot in book.open():
            if not key[2]:
                lots.setdefault(key[1], []).append((key, lot))
        units = book.units()
        divided = []
        for asset in sorted({*lots, *self._in_time}):
            there = lots.get(asset, [])
            there.sort(key=lambda entry: fifo(entry[1].lot))
            held = {key: n for key, n in units.items() if key[1] == asset and not key[2]}
            laid = self._allocated(book, asset, there, held)
            divided += self._filled(asset, there, held) if laid is None else laid
        book.divide(self._scope, divided)

    # As the owner laid it -------------------------------------------------------------------------

    def _allocated(
        self,
        book: LotBook,
        asset: str,
        lots: list[tuple[Key, OpenLot]],
        units: Mapping[Key, Decimal],
    ) -> list[tuple[Key, OpenLot]] | None:
        laid: list[tuple[Key, OpenLot]] | None = None
        for recorded in self._in_time.get(asset, ()):
            if laid is not None:
                self._refuse(
                    "allocation_irrevocable",
                    recorded,
                    f"the units of {asset} have been allocated already",
                    "the first allocation stands (Rev. Proc. 2024-28, 4.02(6))",
                )
                continue
            wrong, laid = _lay(_of(recorded), lots, units)
            if wrong and book.method == LAWFUL and recorded.position not in self._voids:
                self._refuse("allocation_mismatch", recorded, wrong)
            if laid is not None and recorded.position in self._voids:
                self._revoked(recorded, self._voids[recorded.position])
        return laid

    def _revoked(self, recorded: Recorded, void: Recorded) -> None:
        self._findings.add(
            "allocation_irrevocable",
            void,
            f"{recorded.event.id} was effective before it was voided: the units of"
            f" {_of(recorded).asset} stay as they were allocated",
            asset=_of(recorded).asset,
            hint="an allocation is irrevocable (Rev. Proc. 2024-28, 4.02(6))",
        )

    def _late(self, event: BasisAllocated) -> str | None:
        sold = self._disposed.get(event.asset)
        last = TRANSITION_RETURN.value[1]
        due = self._calendar.start(last)
        if event.kind == "global":
            ruled = event.rule_recorded
            if ruled is None or ruled >= self._calendar.start(TRANSITION_RULE.value):
                return "the rule of a global allocation was not written down before 2025"
            if event.at >= max(due, sold or due):
                return f"it was complete neither before {last} nor before the first disposition"
        elif sold is not None and event.at >= sold:
            return f"{event.asset} had been disposed of before, at {sold.isoformat()}"
        elif event.at >= due:
            return "it was not complete before the due date of the 2025 return"
        return None

    def _remark_extension(self, recorded: Recorded) -> None:
        due = TRANSITION_RETURN.value[0]
        if self._calendar.day(recorded.event.at) >= due:
            problem = f"not complete before {due}: in time only if the 2025 return was extended"
            self._findings.add(
                "allocation_on_extension",
                recorded,
                problem,
                asset=_of(recorded).asset,
                severity="info",
            )

    def _refuse(
        self,
        kind: str,
        recorded: Recorded,
        problem: str,
        hint: str = "It has no effect: lots fill the accounts first in first out"
        " (Rev. Proc. 2024-28, 5.02)",
    ) -> None:
        asset = _of(recorded).asset
        self._findings.add(kind, recorded, problem, asset=asset, hint=hint)

    # First in first out ---------------------------------------------------------------------------

    def _filled(
        self, asset: str, lots: list[tuple[Key, OpenLot]], units: Mapping[Key, Decimal]
    ) -> list[tuple[Key, OpenLot]]:
        """Each account keeps its own lots, oldest first; the others fill what is lacking."""
        room, kept, beyond = dict(units), [], []
        for key, lot in lots:
            stays = min(room.get(key, ZERO), lot.quantity)
            if stays:
                room[key] -= stays
                kept.append((key, OpenLot.of(lot.take(stays))))
            if lot.quantity:
                beyond.append(lot)
        if beyond:
            self._unequal(asset, lots, units)
        for key in sorted(key for key, lacking in room.items() if lacking > 0):
            while room[key] > 0 and beyond:
                moved = min(room[key], beyond[0].quantity)
                kept.append((key, OpenLot.of(beyond[0].take(moved))))
                room[key] -= moved
                if not beyond[0].quantity:
                    del beyond[0]
        return kept

    def _unequal(
        self, asset: str, lots: list[tuple[Key, OpenLot]], units: Mapping[Key, Decimal]
    ) -> None:
        held = ", ".join(f"{plain(n)} in {key[0]}" for key, n in sorted(units.items()))
        self._findings.keep(
            Finding(
                kind="allocation_needed",
                account="book",
                asset=asset,
                at=self.at,
                problem=f"units and lots of {asset} were unequal at the start of 2025"
                f" ({held}): lots filled the accounts first in first out",
                hint=f"made in time, `marginbook allocate {asset} ACCOUNT:DAY:QUANTITY:USD...` lays"
                " them otherwise (Rev. Proc. 2024-28, 5.02)",
                severity="warning",
            )
        )


def _lay(
    event: BasisAllocated, lots: list[tuple[Key, OpenLot]], units: Mapping[Key, Decimal]
) -> tuple[str, list[tuple[Key, OpenLot]] | None]:
    """Lay the lots on the accounts, as the allocation says; or what is wrong with it."""
    asked: dict[Key, Decimal] = {}
    for line in event.allocations:
        key = (line.account, event.asset, "")
        asked[key] = asked.get(key, ZERO) + line.quantity
    for key in sorted({*asked, *units}):
        there, laid = units.get(key, ZERO), asked.get(key, ZERO)
        if there != laid:
            return f"{key[0]} held {plain(there)} {event.asset}, not {plain(laid)}", None
    left = [_copy(lot) for _, lot in lots]
    result: list[tuple[Key, OpenLot]] = []
    for line in event.allocations:
        parts, basis = _taken(line, left)
        key = (line.account, event.asset, "")
        if sum((part.quantity for part in parts), ZERO) != line.quantity:
            return f"{plain(line.quantity)} units of {_day(line)} were not there to allocate", None
        if abs(basis - line.basis) >= CENT:
            told = f"{plain(line.quantity)} units of {_day(line)} have a basis of {basis:.2f}"
            return f"{told}, not {line.basis:.2f}", None
        result += [(key, part) for part in parts]
    return "", result


def _taken(line: Allocation, left: list[OpenLot]) -> tuple[list[OpenLot], Decimal]:
    """The lots of one line: those of its date, first the one whose basis it names."""

    def far(lot: OpenLot) -> Decimal:
        return abs(lot.basis * line.quantity - line.basis * lot.quantity) / lot.quantity

    parts, wanted, basis = [], line.quantity, ZERO
    same = [lot for lot in left if lot.quantity and _acquired(lot, line.acquired)]
    for lot in sorted(same, key=far) if len(same) > 1 else same:
        units = min(wanted, lot.quantity)
        if units:
            part = lot.take(units)
            basis += part.basis
            wanted -= units
            parts.append(OpenLot.of(part))
    return parts, basis


def _acquired(lot: OpenLot, told: date) -> bool:
    if isinstance(told, datetime):
        return lot.lot.acquired == told
    return lot.lot.day == told


def _copy(lot: OpenLot) -> OpenLot:
    copy = OpenLot(lot.lot, lot.place)
    copy.quantity, copy.basis, copy.loss_basis = lot.quantity, lot.basis, lot.loss_basis
    return copy


def _day(line: Allocation) -> str:
    return line.acquired.isoformat()


def _of(recorded: Recorded) -> BasisAllocated:
    assert isinstance(recorded.event, BasisAllocated)  # noqa: S101 - for the type checker
    return recorded.event
