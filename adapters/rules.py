"""What speaks against a decision of our own, and for what it counts.

A rule looks at the book as it is, and says in words why a decision cannot count, or nothing. Judged
by the replay itself is the rest: an error that the decision causes speaks against it. Sources:
Treas. Reg. 1.1012-1(j)(1)-(3); Rev. Proc. 2024-28; IRC 163(d)(4)(B).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from attrs import Factory, frozen

from adapters.questions import Questions
from adapters.references import full_name
from domain.errors import Refused, UnknownName
from domain.events import (
    BasisAllocated,
    BasisStated,
    Deposited,
    Event,
    IncomeReceived,
    LotsIdentified,
    MethodElected,
    PolicySet,
    TaxFactStated,
    TransferLinked,
    Voided,
    Withdrawn,
    YearClosed,
)
from domain.money import CASH, ZERO, exact, plain
from domain.policies import fact_fault, fault
from domain.recorded import Recorded
from projections.changes import Changed, Picture
from projections.decisions import EARLY, Decisions, named
from projections.findings import Finding
from projections.identifying import AtStake
from projections.report import instant

_SHOWN = 6  # lots named in a message


Decided = (
    MethodElected
    | LotsIdentified
    | BasisAllocated
    | BasisStated
    | TransferLinked
    | PolicySet
    | TaxFactStated
    | Voided
)
"""The decisions there are."""


@frozen(kw_only=True)
class Case:
    """A decision to be made: the book as it is without it."""

    book: Questions
    event: Decided
    account: str
    decisions: Decisions = Factory(lambda self: self.book.decisions(), takes_self=True)
    picture: Picture = Factory(lambda self: self.book.picture(), takes_self=True)

    def about(self, reference: str, account: str | None = None) -> Recorded:
        """The event that the decision is about, unless it is not there or void."""
        try:
            found = self.book.find(reference, account)
        except UnknownName as unknown:
            raise Refused(str(unknown)) from unknown
        if self.is_void(found):
            msg = f"{full_name(found)} is void: it counts for nothing"
            raise Refused(msg)
        return found

    def is_void(self, recorded: Recorded) -> bool:
        return (recorded.account, recorded.event.id) in self.decisions.voided


def objection(case: Case) -> str | None:
    """Why a decision cannot count; None: nothing speaks against it yet."""
    match case.event:
        case MethodElected(asset=asset):
            return _money(asset)
        case LotsIdentified() as pick:
            return _identified(case, pick)
        case BasisAllocated() as allocation:
            return _allocated(case, allocation)
        case BasisStated() as basis:
            return _stated(case, basis)
        case TransferLinked() as link:
            return _linked(case, link)
        case PolicySet(name=name, value=value):
            return fault(name, value)
        case TaxFactStated(name=name, value=value):
            return fact_fault(name, value)
        case Voided(target=target):
            return _revoked(case, case.about(target, case.account))


def _revoked(case: Case, target: Recorded) -> str | None:
    """An allocation that is effective stays."""
    if not isinstance(target.event, BasisAllocated):
        return None
    without_effect = {
        (found.account, found.event)
        for found in case.picture.findings
        if found.kind.startswith("allocation_") and found.severity == "error"
    }
    if (target.account, target.event.id) in without_effect:
        return None
    return f"{target.event.id} is effective, and irrevocable (Rev. Proc. 2024-28, 4.02(6))"


# By kind ------------------------------------------------------------------------------------------


def _identified(case: Case, event: LotsIdentified) -> str | None:
    sale = case.about(event.disposal, case.account)
    if event.at > sale.event.at:
        return (
            f"{sale.event.id} was at {instant(sale.event.at)}, this pick is of {instant(event.at)}:"
            " lots must be identified no later than the date and time of the sale or transfer"
            " (Treas. Reg. 1.1012-1(j)(2), (3)(ii)). The standing order in force counts, else FIFO."
            " A pick that was written down in time says so with --at; the book keeps both times"
        )
    stake = case.book.at_stake(sale.position, sale.event.at)
    wanted: dict[str, Decimal] = {}
    taken: dict[str, Decimal] = {}
    with exact():
        for pick in event.picks:
            wanted[pick.lot] = wanted.get(pick.lot, ZERO) + pick.quantity
        for name, units in wanted.items():
            if units > stake.within(name):
                return lacking(sale, stake, name, units)
            asset = stake.asset(name)
            taken[asset] = taken.get(asset, ZERO) + units
    for asset, units in taken.items():
        takes = stake.takes(asset)
        if units > takes:
            picks = f"the picks name {plain(units)}"
            return f"{sale.event.id} takes {plain(takes)} {asset} of your lots, {picks}"
    return None


def _allocated(case: Case, event: BasisAllocated) -> str | None:
    if event.kind == "global" and event.rule_recorded is None:
        return (
            "a global allocation follows a rule that was written down before: say when, with"
            " --rule-recorded (Rev. Proc. 2024-28, section 5.02(5)(a))"
        )
    if not event.allocations:
        return "an allocation lays basis on at least one account"
    for part in event.allocations:
        if part.account not in case.picture.accounts:
            known = ", ".join(sorted(case.picture.accounts))
            return f"the book has no account {part.account!r}; it has {known or 'none'}"
    return _money(event.asset)


def _stated(case: Case, event: BasisStated) -> str | None:
    target = case.about(event.target, case.account)
    if not isinstance(target.event, Deposited | IncomeReceived):
        return f"{target.event.id} is no deposit and no income: its basis follows from the book"
    if not event.lots:
        return "a basis is stated by lots: at least one"
    return _money(target.event.asset)


def _linked(case: Case, event: TransferLinked) -> str | None:
    out, into = case.about(event.out), case.about(event.into)
    left, came = out.event, into.event
    if not isinstance(left, Withdrawn) or left.purpose != "own":
        return f"{full_name(out)} is no withdrawal of own units: a transfer begins with one"
    if not isinstance(came, Deposited):
        return f"{full_name(into)} is no deposit: a transfer ends with one"
    if left.asset != came.asset:
        return f"{left.asset} left and {came.asset} came: one transfer is of one asset"
    if came.at < left.at - EARLY:
        return f"the units came at {instant(came.at)}, before they left at {instant(left.at)}"
    if came.quantity > left.quantity:
        return (
            f"{plain(came.quantity)} {came.asset} came, more than the"
            f" {plain(left.quantity)} that left"
        )
    return _linked_already(case, out, into)


def _linked_already(case: Case, out: Recorded, into: Recorded) -> str | None:
    decisions = case.decisions
    for leg, others in ((out, decisions.departures), (into, decisions.arrivals)):
        other = others.get((leg.account, leg.event.id))
        if other is not None:
            said = f"{full_name(leg)} is linked with {'#'.join(other)} already"
            return f"{said}: void that link first, if it is wrong"
    return None


# After the trial ----------------------------------------------------------------------------------

_AT_FAULT: Mapping[type[Event], frozenset[str]] = {
    LotsIdentified: frozenset({"invalid_identification"}),
    BasisStated: frozenset({"lots_exceed_deposit", "acquired_after_arrival"}),
}
"""Errors that are found in what a decision is about, and are the decision's own."""


def judge(case: Case, findings: Iterable[Finding]) -> list[Finding]:
    """What the trial found that speaks against the decision: the errors it is at fault for."""
    known = set(case.picture.findings)
    return [
        found
        for found in findings
        if found.severity == "error" and _is_at_fault(case, found, came=found not in known)
    ]


_ABOVE_LIMIT = {
    "elected_gain": "election_above_limit",
    "section_1256_carryback": "carryback_above_limit",
}
"""Elections of an amount, and what is found where it is too high."""


def _is_at_fault(case: Case, found: Finding, *, came: bool) -> bool:
    event, where = case.event, (found.account, found.event)
    if where == (case.account, event.id):
        return True
    match event:
        case LotsIdentified(disposal=target) | BasisStated(target=target):
            return found.kind in _AT_FAULT[type(event)] and where == named(target, case.account)
        case TaxFactStated(name=name) if name in _ABOVE_LIMIT:
            return came and found.kind == _ABOVE_LIMIT[name]
        case _:
            return False


# In words -----------------------------------------------------------------------------------------


def counts(case: Case, recorded_at: datetime, changed: Changed) -> str:
    """For what a decision counts, and whether it moves a figure of a year that is closed."""
    closed = _closed(case) & {moved.year for moved in changed.figures}
    years = ", ".join(str(year) for year in sorted(closed))
    more = f"; closed already, so for an amended return: {years}" if closed else ""
    return _counts(case, recorded_at) + more


def _closed(case: Case) -> set[int]:
    return {
        recorded.event.year
        for recorded in case.book.log.read(types=[YearClosed])
        if isinstance(recorded.event, YearClosed) and not case.is_void(recorded)
    }


def _counts(case: Case, recorded_at: datetime) -> str:
    event = case.event
    at = instant(event.at)
    match event:
        case MethodElected():
            words = f"counts for sales after {at}; earlier ones keep their lots"
        case LotsIdentified():
            words = f"counts for {event.disposal}; what it takes beyond goes by the standing order"
        case BasisAllocated():
            words = f"counts as completed at {at}; judged at every replay (Rev. Proc. 2024-28)"
        case BasisStated():
            words = f"counts for the units of {event.target} from when they came in"
        case TransferLinked():
            return "the units keep their lots, with dates and basis"
        case PolicySet():
            return "counts for the whole book, whatever the date"
        case TaxFactStated():
            return f"counts for {event.year}"
        case Voided():
            return f"{event.target} no longer counts"
    if isinstance(event, MethodElected) and case.account not in {"book", *case.picture.accounts}:
        words += f"; the book has no account {case.account} yet"
    if not isinstance(event, BasisStated) and event.at < recorded_at:
        words += _earlier(event.at, recorded_at)
    return words


_MOMENT = 300  # seconds: a decision is recorded as it is made


def _earlier(at: datetime, recorded_at: datetime) -> str:
    if (recorded_at - at).total_seconds() < _MOMENT:
        return ""
    return f". Recorded at {instant(recorded_at)}: keep what proves that it was made earlier"


def lacking(sale: Recorded, stake: AtStake, name: str, units: Decimal = ZERO) -> str:
    """Why a sale cannot take `units` of a lot, and what it could take."""
    where, left = sale.account, stake.within(name)
    elsewhere = sorted(stake.places(name) - {where})
    if not stake.needed:
        return f"{sale.event.id} takes no lots of yours: there is nothing to pick"
    if left > units:
        return f"{sale.event.id} takes no more units: nothing is left for lot {name}"
    if left:
        said = f"lot {name} has {plain(left)} left in {where}, not {plain(units)}"
    elif elsewhere:
        said = f"lot {name} lies in {', '.join(elsewhere)}, not in {where}"
    else:
        said = f"no lot called {name} lies open in {where}"
    lots = [
        f"{one.lot.id} ({plain(one.quantity)} of {one.lot.day or 'an unknown day'})"
        for there in stake.could.values()
        for one in there
    ]
    more = f" and {len(lots) - _SHOWN} more" if len(lots) > _SHOWN else ""
    return f"{said} when {sale.event.id} took its lots; there: {', '.join(lots[:_SHOWN])}{more}"


def _money(asset: str | None) -> str | None:
    return f"{asset} is money: it has no lots" if asset in CASH else None
