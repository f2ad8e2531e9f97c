"""What the book itself has decided, gathered before a replay: voids, policies, picks, facts.

These count for events before and after them, or by rules of their own, so a replay must know them
from its start. They are few; the facts of trading are many and stream past.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter

from domain.events import (
    AccountOpened,
    BasisAllocated,
    BasisStated,
    BrokerReported,
    DebtForgiven,
    Event,
    FeeCharged,
    IncomeReceived,
    Liquidated,
    LotsIdentified,
    MethodElected,
    PolicySet,
    TaxFactStated,
    TransferLinked,
    Voided,
    Withdrawn,
)
from domain.lot import Disposal
from domain.money import ZERO
from domain.order import place
from domain.policies import DEFAULTS, TAX_FACTS, fact_fault, fault
from domain.recorded import Recorded
from projections.findings import Finding, Findings
from projections.forgiven import Forgiven

DECISIONS: frozenset[type[Event]] = frozenset(
    {
        AccountOpened,  # in whose custody its units are
        BasisAllocated,
        BasisStated,
        BrokerReported,
        DebtForgiven,  # without recourse it raises what the liquidation before it brought
        FeeCharged,  # a fee may belong to a trade that stands before it
        Liquidated,
        LotsIdentified,
        MethodElected,
        PolicySet,
        TaxFactStated,
        TransferLinked,
        Voided,
    }
)
"""The kinds of event to gather first."""

_when = attrgetter("at", "sequence")
_position = attrgetter("position")
_IN_FORCE = (BasisAllocated, LotsIdentified, MethodElected)

Name = tuple[str, str]
"""An event's name in the book: (account, id)."""

Find = Callable[[str, str], Recorded | None]
"""What the book holds under an account and an id."""

EARLY = timedelta(minutes=10)
"""How long before it was sent a transfer may arrive: two venues' clocks differ, some tell whole
seconds or minutes, some the time at which a transfer was begun and others at which it was done."""


class Decisions:
    """The book's decisions as they are known. Built from events in log order.

    `find` looks up the events that decisions are about; without it they are among `known`.
    """

    def __init__(self, known: Iterable[Recorded] = (), find: Find | None = None) -> None:
        self.voided: frozenset[Name] = frozenset()
        self.policies: dict[str, str] = dict(DEFAULTS)
        self.chosen: set[str] = set()
        """Policies that were set, to whatever value."""
        self.policies_from: dict[str, datetime] = {}
        """From when a policy that was set is said to count."""
        self.picks: dict[Name, list[Recorded]] = {}
        self.bases: dict[Name, Recorded] = {}
        self.fees: dict[Name, list[Recorded]] = {}
        self.orders: list[Recorded] = []
        self.allocations: list[Recorded] = []
        self.openings: dict[str, list[AccountOpened]] = {}
        self.arrivals: dict[Name, Name] = {}
        self.departures: dict[Name, Name] = {}
        self.links: list[Recorded] = []
        self.parted: dict[tuple[Name, Name], Recorded] = {}
        """Two legs whose link was voided, and the void."""
        self.tax_facts: dict[int, dict[str, str]] = {}
        self.reported: list[Recorded] = []
        self.too_late: list[tuple[Recorded, Recorded]] = []
        """Elections, picks and allocations that were voided after they were made, and the void."""
        self._findings = Findings()
        self._restated: dict[int, Findings] = {}
        gathered = list(known)
        voids = _voids(gathered)
        self.voided = frozenset(voids)
        self._gathered = [r for r in gathered if (r.account, r.event.id) not in self.voided]
        for recorded in self._gathered:
            self._take(recorded)
        for recorded in gathered:
            void = voids.get((recorded.account, recorded.event.id))
            if void is not None and isinstance(recorded.event, _IN_FORCE):
                self._undo(recorded, void)
            if void is not None and isinstance(recorded.event, TransferLinked):
                self.parted[named(recorded.event.out), named(recorded.event.into)] = void
        self.early = self._early(find or _among(gathered))
        """Withdrawals that stand behind the linked deposit they made, by that deposit's name."""
        self.forgiven = Forgiven(self._gathered, self.policies["liquidation_deficit"])

    @property
    def references(self) -> Iterator[tuple[Recorded, Name]]:
        """Each event that another one of ours is about, with the one that names it.

        An id named for the whole book stands for itself in every account, and is left out.
        """
        for recorded in self._gathered:
            for name in _targets(recorded):
                if name[0] != "book":
                    yield recorded, name

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self._findings.all()

    def restated(self, year: int) -> tuple[Finding, ...]:
        """The facts of a year that were stated again with another value."""
        found = self._restated.get(year)
        return found.all() if found else ()

    def picked(self, account: str, event: str) -> list[Recorded]:
        """The picks of lots for one disposal or transfer, whoever recorded them."""
        return self.picks.get((account, event), []) + self.picks.get(("book", event), [])

    def custody(self, account: str, at: datetime) -> str:
        """`broker` or `self`: as the account was last opened by then, else as it first was."""
        openings = self.openings.get(account)
        if not openings:
            return "broker"
        ordered = sorted(openings, key=_when)
        begun = [opening for opening in ordered if opening.at <= at]
        return (begun[-1] if begun else ordered[0]).custody

    def stated(self, account: str, event: str) -> Recorded | None:
        """The owner's word on what came in with one event."""
        return self.bases.get((account, event)) or self.bases.get(("book", event))

    def value(self, recorded: Recorded, income: IncomeReceived) -> Decimal | None:
        """What income was worth in USD: as its event says, else as the owner states its basis.

        Units received as income have that worth as their basis (Rev. Rul. 2019-24, 2023-14).
        """
        told = self.stated(recorded.account, income.id)
        if income.value is not None or told is None or not isinstance(told.event, BasisStated):
            return income.value
        lots = told.event.lots
        if sum((lot.quantity for lot in lots), ZERO) != income.quantity:
            return None
        return sum((lot.basis for lot in lots), ZERO)

    def behind(self, sale: Disposal) -> Iterator[int]:
        """Log positions of the picks, orders, bases and write-offs that a sale stands on."""
        for name in (sale.lot, sale.lot.rpartition("/")[0]):
            told = self.stated(sale.account, name) or self._stated_elsewhere(name)
            if told is not None:
                yield told.position
        for pick in self.picked(sale.account, sale.event):
            yield pick.position
        yield from self.forgiven.behind.get((sale.account, sale.event), ())
        if "standing order" in sale.identified:
            for order in self.orders:
                of = order.event
                assert isinstance(of, MethodElected)  # noqa: S101 - for the type checker
                here = order.account in (sale.account, "book") and of.asset in (sale.asset, None)
                if here and of.at < sale.sold:
                    yield order.position

    def _stated_elsewhere(self, event: str) -> Recorded | None:
        """The owner's word on a lot that came from another account."""
        found = [told for (_, name), told in self.bases.items() if name == event]
        return found[0] if len(found) == 1 else None

    def facts(self, year: int) -> dict[str, str]:
        """What was stated of a tax year from outside the book."""
        return self.tax_facts.get(year, {})

    def _take(self, recorded: Recorded) -> None:
        account = recorded.account
        match recorded.event:
            case PolicySet() as policy:
                wrong = fault(policy.name, policy.value)
                if wrong:
                    self._findings.add("unknown_policy", recorded, wrong)
                else:
                    self.policies[policy.name] = policy.value
                    self.chosen.add(policy.name)
                    self.policies_from[policy.name] = policy.at
            case LotsIdentified() as pick:
                self.picks.setdefault(named(pick.disposal, account), []).append(recorded)
            case BasisStated() as basis:
                self.bases[named(basis.target, account)] = recorded
            case FeeCharged(of=str() as of):
                self.fees.setdefault(named(of, account), []).append(recorded)
            case MethodElected():
                self.orders.append(recorded)
            case BasisAllocated():
                self.allocations.append(recorded)
            case AccountOpened() as opening:
                self.openings.setdefault(account, []).append(opening)
            case BrokerReported():
                self.reported.append(recorded)
            case TransferLinked() as link:
                out, into = named(link.out), named(link.into)
                self.departures[out] = into
                self.arrivals[into] = out
                self.links.append(recorded)
            case TaxFactStated() as fact:
                self._state(recorded, fact)
            case _:
                pass

    def _early(self, find: Find) -> dict[Name, Recorded]:
        """A leg that came a little before it was sent counts as sent when it came."""
        early: dict[Name, Recorded] = {}
        for into, out in self.arrivals.items():
            sent, came = find(*out), find(*into)
            if sent is None or came is None or out in self.voided:
                continue
            own = isinstance(sent.event, Withdrawn) and sent.event.purpose == "own"
            behind = _in_replay(sent) > _in_replay(came)
            if own and behind and sent.event.at - came.event.at <= EARLY:
                early[into] = sent
        return early

    def _undo(self, recorded: Recorded, void: Recorded) -> None:
        """What was in force before it was voided; an allocation may be irrevocable."""
        if void.event.at > recorded.event.at:
            self.too_late.append((recorded, void))
            if isinstance(recorded.event, BasisAllocated):
                self.allocations = sorted([*self.allocations, recorded], key=_position)

    def _state(self, recorded: Recorded, fact: TaxFactStated) -> None:
        wrong = fact_fault(fact.name, fact.value)
        if wrong:
            kind = "tax_fact_unreadable" if fact.name in TAX_FACTS else "unknown_fact"
            hint = "it has no effect: state it again"
            self._findings.add(kind, recorded, f"{fact.year}: {wrong}", hint=hint)
            return
        facts = self.tax_facts.setdefault(fact.year, {})
        before = facts.get(fact.name)
        if before is not None and before != fact.value:
            told = f"{fact.name} of {fact.year} was {before} and is now {fact.value}"
            hint = "the later one counts: void the earlier one"
            found = self._restated.setdefault(fact.year, Findings())
            found.add("fact_restated", recorded, told, hint=hint, severity="warning")
        facts[fact.name] = fact.value


def named(reference: str, account: str = "book") -> Name:
    """(account, id) of `ACCOUNT#ID`, or of an ID in `account`."""
    before, mark, event = reference.partition("#")
    return (before, event) if mark else (account, reference)


def _targets(recorded: Recorded) -> tuple[Name, ...]:
    match recorded.event:
        case LotsIdentified(disposal=target) | BasisStated(target=target) | Voided(target=target):
            return (named(target, recorded.account),)
        case TransferLinked(out=out, into=into):
            return named(out), named(into)
        case FeeCharged(of=str() as of):
            return (named(of, recorded.account),)
        case _:
            return ()


def _among(known: list[Recorded]) -> Find:
    """Look up what is gathered."""
    held = {(recorded.account, recorded.event.id): recorded for recorded in known}
    return lambda account, event: held.get((account, event))


def _in_replay(recorded: Recorded) -> tuple[datetime, int, int]:
    return recorded.event.at, place(recorded.event), recorded.position


def _voids(known: list[Recorded]) -> dict[Name, Recorded]:
    """What counts no more, and what says so. A void that was itself voided has no effect."""
    gone: dict[Name, Recorded] = {}
    for recorded in reversed(known):
        event = recorded.event
        if isinstance(event, Voided) and (recorded.account, event.id) not in gone:
            gone[named(event.target, recorded.account)] = recorded
    return gone
