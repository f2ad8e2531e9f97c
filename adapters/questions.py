"""Every question that is answered by a replay of one log: the folds that it needs, and one pass.

Whoever asks gives the log; nothing is written and nothing kept. What was known is a position in the
log (None: all of it).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from attrs import evolve

from adapters.country_registry import country_named
from adapters.log.readable import Reading
from adapters.references import referred
from domain.calendar import Calendar
from domain.errors import BookError, UnknownName
from domain.events import Deposited, ImportRecorded, MarginTermsSet, Withdrawn
from domain.lot import Disposal
from domain.methods import method_name
from domain.money import exact
from domain.policies import price_age
from domain.recorded import Recorded
from projections.balances import Balances
from projections.changes import Picture
from projections.dealings import Dealings
from projections.decisions import DECISIONS, Decisions
from projections.findings import Finding, Findings
from projections.identifying import AtStake
from projections.inventory import LotsReport, inventory
from projections.loans.accrual import Accruals
from projections.loans.accrual_report import AccrualReport
from projections.margin.calls_report import MarginCalls
from projections.margin.margin_calls import Calls
from projections.margin.margin_history import MarginPoint
from projections.margin.margin_report import margin
from projections.margin.margin_state import MarginState
from projections.performance.performance import Performance
from projections.performance.results import PerformanceReport, performed
from projections.prices import Marks, Prices
from projections.property import Property
from projections.replay import Projection, Turn, replay
from projections.tax.country_year import CountryYear, found_by
from projections.tax.us.compare import Compare, Comparison
from projections.tax.us.form8949 import Row
from projections.tax.us.tax_year import Forms, TaxYear
from projections.tax.us.us_lots import Foreseen, UsLots, foresee, policies_of
from projections.tax.us.year import UsTax
from projections.told_twice import TOLD, ToldTwice
from projections.trail import Trails
from projections.trail_report import Trail
from projections.transfers.transfer_legs import Legs
from projections.transfers.transfers import Transfers

_NO_YEAR = 0  # no row is asked for


class Questions:
    """The questions that can be asked of one log, or of one on trial."""

    def __init__(self, log: Reading) -> None:
        self.log = log
        self.calendar = Calendar(ZoneInfo(log.settings.zone))
        self._currency = log.settings.currency

    def find(self, reference: str, account: str | None = None) -> Recorded:
        """The event called ID or ACCOUNT#ID. Raises `UnknownName`."""
        return referred(self.log, reference, account)

    def decisions(self, known: int | None = None) -> Decisions:
        """What the book itself has decided."""

        def find(account: str, event: str) -> Recorded | None:
            return self._held(account, event, known)

        return Decisions(self.log.read(types=DECISIONS, known=known, order="log"), find)

    def replay(
        self,
        decisions: Decisions,
        projections: Iterable[Projection],
        *,
        until: datetime | None = None,
        known: int | None = None,
        turns: Iterable[Turn] = (),
    ) -> None:
        """Feed what happened until then to these folds."""
        events = self.log.read(at_or_before=until, known=known)
        replay(events, *projections, voided=decisions.voided, turns=turns, until=until)

    def marks(self, decisions: Decisions | None = None) -> Marks:
        """A fold of the last prices, fills among them."""
        policies = (decisions or self.decisions()).policies
        return Marks(self._currency, price_age(policies["price_age"]))

    def margin(
        self,
        until: datetime | None,
        prices: Mapping[str, Decimal] | None = None,
        known: int | None = None,
    ) -> tuple[MarginState, ...]:
        """What every account is worth and how far it is from liquidation."""
        decisions = self.decisions(known)
        balances, marks = Balances(), self.marks(decisions)
        self.replay(decisions, [balances, marks], until=until, known=known)
        balances.close()
        with exact():
            states = margin(balances, marks, prices, until)
        found = balances.findings
        return tuple(
            evolve(state, findings=(*state.findings, *found.of_account(state.account)))
            for state in states
        )

    def margin_history(
        self,
        sink: Callable[[MarginPoint], None] | None,
        until: datetime | None,
        known: int | None = None,
    ) -> MarginCalls:
        """What the level of each account after each event tells; `sink` gets the points."""
        decisions = self.decisions(known)
        calls = Calls(Balances(), self.marks(decisions), sink)
        self.replay(decisions, calls.projections, until=until, known=known)
        with exact():
            return calls.report()

    def lots(self, until: datetime | None, method: str | None, known: int | None) -> LotsReport:
        """What is open under a method."""
        decisions = self.decisions(known)
        tax = self._us(_NO_YEAR, method, decisions, known=known)
        self.replay(decisions, tax.dealings, until=until, known=known, turns=tax.turns)
        return inventory(tax.book, tax.property)

    def interest(self, until: datetime | None, known: int | None) -> AccrualReport:
        """Interest due beside interest charged, as of then, or of the last fact of each account."""
        decisions = self.decisions(known)
        balances, marks = Balances(), self.marks(decisions)
        accruals = Accruals(balances, marks)
        self.replay(decisions, [balances, marks, accruals], until=until, known=known)
        return accruals.report(until)

    def transfers(self, until: datetime | None = None, known: int | None = None) -> Transfers:
        """The legs of transfers: linked, paired, or alone."""
        decisions = self.decisions(known)
        events = self.log.read(
            types=[Deposited, Withdrawn], known=known, at_or_before=until, order="log"
        )
        return Transfers(Legs.among(events, decisions))

    def trails(self, known: int | None = None) -> tuple[Trail, ...]:
        """What vouches for each account."""
        voided = self.decisions(known).voided
        told = self.log.read(types=[ImportRecorded], known=known, order="log")
        fold = Trails(r for r in told if (r.account, r.event.id) not in voided)
        events = self.log.read(known=known, with_source=True)
        replay(events, *fold.projections, voided=voided)
        return fold.trails()

    def told_twice(self) -> tuple[Finding, ...]:
        """What two files seem to tell of one fact."""
        fold = ToldTwice()
        replay(self.log.read(types=TOLD, with_source=True), fold, voided=self.decisions().voided)
        return fold.findings()

    def terms(self, account: str, until: datetime | None) -> Recorded | None:
        """The event that set the margin terms of an account which are in force then."""
        voided = self.decisions().voided
        told = self.log.read(accounts=[account], types=[MarginTermsSet], at_or_before=until)
        found = None
        for recorded in told:
            if (account, recorded.event.id) not in voided:
                found = recorded
        return found

    def performance(
        self,
        account: str | None,
        since: datetime | None,
        until: datetime | None,
        known: int | None,
        *,
        curve: bool,
    ) -> PerformanceReport:
        """What was earned from `since` to `until`, and on which capital."""
        if since is not None and until is not None and until < since:
            raise BookError(f"the period ends at {until} before it begins at {since}")
        decisions = self.decisions(known)
        fold = Performance(self._currency, self.calendar, decisions, account, since)
        self.replay(decisions, fold.projections, until=until, known=known, turns=fold.turns)
        if account is not None and account not in fold.balances.accounts:
            raise UnknownName(f"nothing happened in an account {account!r} until then")
        with exact():
            fold.close(until)
            return performed(fold, curve=curve)

    def at_stake(
        self, position: int, at: datetime, method: str | None = None, known: int | None = None
    ) -> AtStake:
        """What the event at a log position, which happened `at`, could take under a method."""
        decisions, findings = self.decisions(known), Findings()
        foreseen = self._foreseen(decisions, known)
        lots = UsLots(decisions, self.calendar, findings, foreseen)
        stake = lots.kept(method_name(method), partial(AtStake, position))
        prices = Prices(self._currency, price_age(decisions.policies["price_age"]))
        own = Property([stake], self.calendar, prices, findings)
        folds = (prices, Dealings(own, decisions))
        self.replay(decisions, folds, until=at, known=known, turns=lots.turns)
        return stake

    def disposals(self, after: int, methods: Sequence[str]) -> dict[str, list[Disposal]]:
        """What the entries after a log position dispose of, by method: one pass."""
        decisions, findings = self.decisions(), Findings()
        lots = UsLots(decisions, self.calendar, findings, self._foreseen(decisions, None))
        found: dict[str, list[Disposal]] = {method_name(name): [] for name in methods}

        def hear(name: str) -> Callable[[Disposal], None]:
            return lambda one: found[name].append(one) if one.position > after else None

        books = [lots.book(name, hear(name)) for name in found]
        prices = Prices(self._currency, price_age(decisions.policies["price_age"]))
        own = Property(books, self.calendar, prices, findings)
        self.replay(decisions, (prices, Dealings(own, decisions)), turns=lots.turns)
        return found

    def tax_year(
        self, year: int, method: str | None, known: int | None, *, aggregate: bool = False
    ) -> TaxYear:
        """The US tax year with its rows."""
        rows: list[Row] = []
        streamed = self.us_year(year, rows.append, method, known, aggregate=aggregate)
        return evolve(streamed, rows=tuple(rows))

    def us_year(
        self,
        year: int,
        sink: Callable[[Row], None],
        method: str | None,
        known: int | None,
        *,
        aggregate: bool = False,
    ) -> TaxYear:
        """The US tax year, its rows handed to `sink`. `aggregate`: see form8949.py."""
        head = self.log.head()
        known = head.position if known is None else known
        decisions = self.decisions(known)
        tax = self._us(year, method, decisions, sink, known=known, aggregate=aggregate)
        end = self.calendar.end(date(year, 12, 31))
        self.replay(decisions, tax.projections, until=end, known=known, turns=tax.turns)
        forms = tax.result()
        return TaxYear(
            forms=evolve(forms, findings=_once(forms.findings, self._unknown(decisions, known))),
            rows=(),
            zone=self.log.settings.zone,
            policies=policies_of(year, decisions),
            head=head,
            known=known,
            clock=self._clock(known),
        )

    def compare(self, year: int, methods: Sequence[str], known: int | None) -> Comparison:
        """A US tax year under several methods, from one pass."""
        head = self.log.head()
        known = head.position if known is None else known
        decisions = self.decisions(known)
        foreseen = self._foreseen(decisions, known)
        fold = Compare(year, methods, decisions, self.calendar, self._currency, foreseen)
        end = self.calendar.end(date(year, 12, 31))
        self.replay(decisions, fold.projections, until=end, known=known, turns=fold.turns)
        compared = fold.result()
        found = _once(decisions.findings, compared.findings, self._unknown(decisions, known))
        return evolve(compared, findings=found, head=head)

    def country_year(self, year: int, country: str, known: int | None) -> CountryYear:
        """The tax year of another country."""
        law = country_named(country)
        head = self.log.head()
        known = head.position if known is None else known
        decisions = self.decisions(known)
        fold = law.fold(year, decisions, self.calendar, self._currency)
        balances = Balances()
        seen = law.seen(year)
        until = None if seen is None else self.calendar.end(seen)
        self.replay(decisions, [balances, *fold.projections], until=until, known=known)
        balances.close()
        figures = fold.result()
        noticed = found_by(self.calendar.end(figures.span.last), balances.findings.all())
        found = _once(figures.findings, self._unknown(decisions, known), noticed)
        return CountryYear(
            figures=evolve(figures, findings=found),
            zone=self.log.settings.zone,
            head=head,
            known=known,
            clock=self._clock(known),
        )

    def picture(self) -> Picture:
        """Every tax year and open lot under the book's own method, and every finding: one pass."""
        decisions = self.decisions(None)
        tax = self._us(_NO_YEAR, None, decisions)
        marks = self.marks(decisions)
        accruals = Accruals(tax.balances, marks)
        legs = Legs(decisions)
        self.replay(decisions, [*tax.projections, marks, accruals, legs], turns=tax.turns)
        years = tuple(tax.result(year) for year in tax.years())
        looked: tuple[Forms, ...] = years or (tax.result(tax.last_year()),)
        return Picture(
            years=years,
            lots=inventory(tax.book, tax.property),
            findings=_once(
                *(f.findings for f in looked),
                accruals.report().findings,
                Transfers(legs).findings(),
                self._unknown(decisions, None),
            ),
            accounts=frozenset(tax.balances.accounts),
        )

    # ----------------------------------------------------------------------------------------------

    def _us(
        self,
        year: int,
        method: str | None,
        decisions: Decisions,
        sink: Callable[[Row], None] | None = None,
        *,
        known: int | None = None,
        aggregate: bool = False,
    ) -> UsTax:
        return UsTax(
            year,
            method_name(method),
            decisions,
            self.calendar,
            self._currency,
            sink or _unheard,
            foreseen=self._foreseen(decisions, known),
            aggregate=aggregate,
        )

    def _foreseen(self, decisions: Decisions, known: int | None) -> Foreseen:
        """What the law asks of later events, read only where it asks."""
        return foresee(lambda: self.log.read(known=known), decisions, self.calendar, self._currency)

    def _unknown(self, decisions: Decisions, known: int | None) -> tuple[Finding, ...]:
        """Decisions about an event that is not in the book: they have no effect."""
        return tuple(
            _nowhere(recorded, account, event)
            for recorded, (account, event) in decisions.references
            if self._held(account, event, known) is None
        )

    def _held(self, account: str, event: str, known: int | None) -> Recorded | None:
        target = self.log.find(account, event)
        return target if target and (known is None or target.position <= known) else None

    def _clock(self, known: int) -> str:
        return "SOURCE_DATE_EPOCH" if self.log.clocked(known) else "system"


def _nowhere(recorded: Recorded, account: str, event: str) -> Finding:
    return Finding(
        kind="unknown_reference",
        account=recorded.account,
        at=recorded.event.at,
        event=recorded.event.id,
        problem=f"it names {account}#{event}, which is not in the book",
        hint="it has no effect: is the id, or the account, written otherwise?",
    )


def _once(*groups: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings of several folds, what two of them found alike once."""
    return tuple(
        {(f.kind, f.account, f.event, f.asset, f.problem): f for g in groups for f in g}.values()
    )


def _unheard(row: Row) -> None:
    """A sink for rows that nobody asked for."""
