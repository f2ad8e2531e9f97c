"""Interest that should have been charged, loan by loan, beside what was.

The venue's rule (domain/interest_rules.py) and the rates of `margin_terms_set` say what falls due;
`interest_charged`, and interest in `repaid` beyond what was charged to the debt, say what was.
Where the terms give no rate nothing is expected, and nothing is compared.

A loan is what was borrowed in one asset, or under one id; or what the venue lends to a position:
its cost in the quote (a long) or its units (a short). The one trick: `Balances` of the same replay
is fed first, so what a position owes now is read there, and the difference is lent or repaid.

Constant time an event, but where a charge or repayment names no loan and several have ids (it is
laid on them in turn), and where terms change (every open loan of the account is looked at). What
has ended is kept for a day, for charges that come late.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from domain.events import (
    EVENTS,
    Borrowed,
    DebtForgiven,
    Event,
    Filled,
    InterestCharged,
    Liquidated,
    MarginTermsSet,
    PositionSettled,
    Repaid,
)
from domain.interest_rules import DAY, InterestRule, rule_of
from domain.money import ZERO, exact
from domain.recorded import Recorded
from projections.balances import Balances
from projections.findings import Finding
from projections.loans.accrual_report import (
    AccrualReport,
    EndedLoans,
    differing,
    ended_with,
    reported,
    without_loan,
)
from projections.loans.loan_interest import LoanInterest
from projections.prices import Marks
from projections.replay import Steps

_Key = tuple[str, str]
"""An account, and an asset or the name of a loan."""

_Charge = tuple[Recorded, str, Decimal, str, str | None]
"""Units of an asset charged on a loan of an asset that may have a name."""


class Accruals:
    """The fold. `balances` and `marks` are those of the same replay, and are fed first."""

    def __init__(self, balances: Balances, marks: Marks) -> None:
        self._balances = balances
        self._marks = marks
        self._terms: dict[str, tuple[InterestRule, dict[str, Decimal]]] = {}
        self._loans: dict[_Key, dict[str, LoanInterest]] = {}  # by account and asset, then by name
        self._named: dict[_Key, LoanInterest] = {}
        self._ended: deque[tuple[datetime, LoanInterest]] = deque()  # the first end first
        self._totals: dict[_Key, EndedLoans] = {}
        self._unpaid: dict[_Key, Decimal] = {}  # interest charged to the debt
        self._seen: dict[str, datetime] = {}  # the last fact of each account
        self._waiting: list[_Charge] = []  # charges of this instant without a loan
        self._found: list[Finding] = []
        self.steps: Steps = {
            MarginTermsSet: self._agreed,
            Borrowed: self._borrowed,
            Repaid: self._repaid,
            InterestCharged: self._charged,
            DebtForgiven: self._forgiven,
            Filled: self._filled,
            Liquidated: self._filled,
            PositionSettled: self._filled,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def report(self, at: datetime | None = None) -> AccrualReport:
        """Every loan, as of a time; without one, as of the last fact of its account."""
        with exact():
            totals = dict(self._totals)
            found = [*self._found, *self._unlent()]
            rows = []
            for loan in self._all():
                loan = loan if loan.ended else loan.at(at or self._seen[loan.account])
                if loan.differs:
                    found.append(differing(loan))
                if loan.ended is None:
                    rows.append(reported(loan))
                else:
                    totals[loan.account, loan.asset] = ended_with(totals, loan)
            return AccrualReport(
                loans=tuple(sorted(rows, key=lambda row: (row.account, row.asset, row.loan))),
                ended=tuple(totals[key] for key in sorted(totals)),
                findings=tuple(found),
            )

    # Terms ----------------------------------------------------------------------------------------

    def _agreed(self, recorded: Recorded, event: MarginTermsSet) -> None:
        """Other terms: loans at a locked rate keep it, all others change from now on."""
        self._turn(event.at)
        rates = self._balances.accounts[recorded.account].rates
        rule = rule_of(event)
        self._terms[recorded.account] = rule, rates
        for loan in self._all():
            if loan.account == recorded.account and not (loan.rule and loan.rule.locked):
                loan.agree_on(rule, rates.get(loan.asset), event.at)

    # Loans ----------------------------------------------------------------------------------------

    def _borrowed(self, recorded: Recorded, event: Borrowed) -> None:
        self._begin(recorded)
        self._lend(recorded, event.asset, event.loan or "", event.quantity)

    def _repaid(self, recorded: Recorded, event: Repaid) -> None:
        self._begin(recorded)
        key = recorded.account, event.asset
        if event.interest:
            unpaid = self._unpaid.get(key, ZERO)
            paid = min(unpaid, event.interest)
            self._unpaid[key] = unpaid - paid
            if event.interest > paid:
                self._charge(recorded, event.asset, event.interest - paid, event.asset, event.loan)
        if event.quantity:
            self._take(recorded.account, event.asset, event.loan, event.quantity, event.at)

    def _forgiven(self, recorded: Recorded, event: DebtForgiven) -> None:
        """Take off what `Balances` took off: it knows what was principal and what interest."""
        self._begin(recorded)
        key = recorded.account, event.asset
        account = self._balances.accounts[recorded.account]
        if key in self._unpaid:
            owed = account.interest_owed.get(event.asset, ZERO)
            self._unpaid[key] = min(self._unpaid[key], owed)
        lent = sum((loan.lent for loan in self._borrowings(*key)), ZERO)
        beyond = lent - max(account.owed.get(event.asset, ZERO), ZERO)
        if beyond > 0:
            self._take(recorded.account, event.asset, None, beyond, event.at)

    def _filled(self, recorded: Recorded, event: Filled | PositionSettled) -> None:
        """What a position owes now is lent, or taken back, up to what it owed before."""
        self._begin(recorded)
        if event.position is None:
            return
        position = self._balances.accounts[recorded.account].positions.get(event.position)
        asset, owed = (event.quote, ZERO) if position is None else position.lent
        for old in (event.quote, event.asset):  # a flipped position owes another asset
            loan = self._loans.get((recorded.account, old), {}).get(event.position)
            if loan is not None and not loan.ended and (position is None or old != asset):
                self._end(loan, loan.lent, event.at)
        if position is None:
            return
        loan = self._loans.get((recorded.account, asset), {}).get(event.position)
        before = ZERO if loan is None else loan.lent
        if owed > before:
            self._lend(recorded, asset, event.position, owed - before)
        elif loan is not None and owed < before:
            self._end(loan, before - owed, event.at)

    def _lend(self, recorded: Recorded, asset: str, name: str, quantity: Decimal) -> None:
        account, at = recorded.account, recorded.event.at
        loan = self._loans.get((account, asset), {}).get(name)
        if loan is not None and loan.ended and loan.rule and loan.rule.from_opening:
            self._close(loan)  # a new clock begins
            loan = None
        if loan is None:
            loan = self._opened(recorded, asset, name)
        loan.lend(quantity, at)
        waiting, self._waiting = self._waiting, []
        for charge in waiting:
            self._charge(*charge)

    def _opened(self, recorded: Recorded, asset: str, name: str) -> LoanInterest:
        account, at = recorded.account, recorded.event.at
        rule, rates = self._terms.get(account, (None, {}))
        loan = LoanInterest(
            account=account,
            asset=asset,
            name=name,
            position=not isinstance(recorded.event, Borrowed),
            opened=at,
            rule=rule,
            rate=rates.get(asset),
            counted=at,
            reckoned=at,
        )
        self._loans.setdefault((account, asset), {})[name] = loan
        if name:
            self._named[account, name] = loan
        return loan

    def _take(
        self, account: str, asset: str, name: str | None, quantity: Decimal, at: datetime
    ) -> None:
        """Pay principal back: of the loan that is named, else of the oldest first."""
        for loan in self._chosen(account, asset, name):
            units = ZERO if loan.position else min(quantity, loan.lent)
            if units > 0:
                self._end(loan, units, at)
                quantity -= units

    def _end(self, loan: LoanInterest, quantity: Decimal, at: datetime) -> None:
        loan.repay(quantity, at)
        if loan.ended is not None:
            self._ended.append((loan.ended, loan))

    # Charges --------------------------------------------------------------------------------------

    def _charged(self, recorded: Recorded, event: InterestCharged) -> None:
        self._begin(recorded)
        if event.settled == "debt":
            key = recorded.account, event.asset
            self._unpaid[key] = self._unpaid.get(key, ZERO) + event.quantity
        of = event.loan_asset or event.asset
        self._charge(recorded, event.asset, event.quantity, of, event.loan)

    def _charge(
        self, recorded: Recorded, asset: str, quantity: Decimal, of: str, name: str | None
    ) -> None:
        """Lay a charge on the loan it is for; one that names none, on each up to what it lacks."""
        at, event = recorded.event.at, recorded.event.id
        loans = self._chosen(recorded.account, of, name)
        if not loans:
            self._waiting.append((recorded, asset, quantity, of, name))
            return
        for loan in loans[:-1]:
            if asset == loan.asset and loan.compared:
                loan.reckon(at)
                part = min(quantity, max(-loan.difference, ZERO))
                if part:
                    loan.charge(part, at, event)
                    quantity -= part
        last = loans[-1]
        if not quantity:
            return
        if asset == last.asset:
            last.charge(quantity, at, event)
        else:
            last.charge_other(asset, quantity, self._prices(asset, last.asset), at, event)

    def _prices(self, asset: str, other: str) -> tuple[Decimal, Decimal] | None:
        """The last prices that anyone saw of two assets, None where one has none."""
        one, unit = self._marks.mark(asset), self._marks.mark(other)
        return None if one is None or unit is None else (one.price, unit.price)

    def _unlent(self) -> Iterator[Finding]:
        """Charges that no loan accounts for, where the account's terms have a rate for them."""
        for recorded, asset, quantity, of, name in self._waiting:
            if of in self._terms.get(recorded.account, (None, {}))[1]:
                yield without_loan(recorded, quantity, asset, of, name)

    # Which loan -----------------------------------------------------------------------------------

    def _chosen(self, account: str, asset: str, name: str | None) -> list[LoanInterest]:
        """The loan of this name; else the one without a name, else all that have one.

        Of these, what was borrowed before what positions owe.
        """
        loans = self._loans.get((account, asset), {})
        if name in loans:
            return [loans[name]]
        if name is not None and (account, name) in self._named:
            return [self._named[account, name]]
        if "" in loans:
            return [loans[""]]
        return [] if name is not None else self._borrowings(account, asset) or list(loans.values())

    def _borrowings(self, account: str, asset: str) -> list[LoanInterest]:
        """What was borrowed in an asset, the oldest first."""
        return [
            loan for loan in self._loans.get((account, asset), {}).values() if not loan.position
        ]

    def _all(self) -> Iterable[LoanInterest]:
        return (loan for loans in self._loans.values() for loan in loans.values())

    # Time -----------------------------------------------------------------------------------------

    def _begin(self, recorded: Recorded) -> None:
        self._seen[recorded.account] = recorded.event.at
        self._turn(recorded.event.at)

    def _turn(self, now: datetime) -> None:
        """Charges of an earlier instant found no loan, and what ended a day ago is final."""
        if self._waiting and self._waiting[0][0].event.at != now:
            self._found += self._unlent()
            self._waiting = []
        while self._ended and self._ended[0][0] < now - DAY:
            end, loan = self._ended.popleft()
            if loan.ended == end:
                self._close(loan)

    def _close(self, loan: LoanInterest) -> None:
        """Judge a loan for good, and let it go."""
        loans = self._loans.get((loan.account, loan.asset), {})
        if loans.get(loan.name) is not loan:
            return
        if loan.differs:
            self._found.append(differing(loan))
        self._totals[loan.account, loan.asset] = ended_with(self._totals, loan)
        del loans[loan.name]
        if not loans:
            del self._loans[loan.account, loan.asset]
        if self._named.get((loan.account, loan.name)) is loan:
            del self._named[loan.account, loan.name]
