"""Margin interest paid, year by year, in USD.

Interest is deducted when it is paid (IRC 163(d); Pub. 550 (2025) p. 46). Taken from the balance it
is paid at once. Added to the debt it is paid when the venue collects it: by a repayment that names
it, or by any credit to the account in the debt's currency (policy `credits_pay` interest_first).
New money lent is no payment, and interest paid with money that its own lender lent for it is not
paid either (Pub. 550 p. 46, the example; Davison, 107 T.C. 35): where a venue lends by the very row
that takes the interest (an account below zero), it counts as added to the debt; where a loan of the
day only looks so, that is found.

What the interest was for (policy `interest_purpose`, fact `trader`) is asked where forms are
filled.
"""

from datetime import date
from decimal import Decimal

from domain.calendar import Calendar
from domain.events import (
    EVENTS,
    Borrowed,
    ContractSettled,
    DebtForgiven,
    Deposited,
    Event,
    Filled,
    FundingSettled,
    IncomeReceived,
    InterestCharged,
    Liquidated,
    Repaid,
    Transferred,
)
from domain.money import ZERO, plain
from domain.price import Chosen
from domain.recorded import Recorded
from projections.balances import Balances
from projections.decisions import Decisions
from projections.findings import Findings
from projections.prices import Prices
from projections.replay import Steps
from projections.worth import Worth


class Accrual:
    """Interest on one account's debt in one asset: charged to the debt, collected, deemed paid."""

    __slots__ = ("charged", "collected", "paid")

    def __init__(self) -> None:
        self.charged = ZERO
        self.collected = ZERO
        self.paid = ZERO


class NewLoan:
    """Money borrowed on `day`, and what else there was to pay interest with: own units.

    `name` and `quantity` are those of the last loan of that day.
    """

    __slots__ = ("day", "name", "own", "quantity")

    def __init__(self, day: date, own: Decimal, name: str, quantity: Decimal) -> None:
        self.day = day
        self.own = own
        self.name = name
        self.quantity = quantity


class Interest:
    """The fold. `paid` is USD by year, `payments` the log positions behind it.

    `balances` are those of the same replay, and are fed first: a loan is in them already.
    """

    def __init__(
        self,
        decisions: Decisions,
        calendar: Calendar,
        prices: Prices,
        findings: Findings,
        balances: Balances,
        year: int | None = None,
    ) -> None:
        """`year`: of which the prices chosen are kept."""
        self.paid: dict[int, Decimal] = {}
        self.payments: dict[int, list[int]] = {}
        self.priced: list[Chosen] = []
        """The prices that payments of the one year stand on."""
        self._kept = year
        self._credits_pay = decisions.policies["credits_pay"] == "interest_first"
        self._calendar = calendar
        self._findings = findings
        self._balances = balances
        self._worth = Worth(prices, findings)
        self._debts: dict[tuple[str, str], Accrual] = {}
        self._lent: dict[tuple[str, str], NewLoan] = {}
        self._lent_for_it: set[tuple[str, str, int]] = set()
        self.steps: Steps = {
            Borrowed: self._borrowed,
            InterestCharged: self._interest,
            DebtForgiven: self._forgiven,
            Repaid: self._repaid,
            Deposited: self._received,
            IncomeReceived: self._received,
            Transferred: self._transferred,
            Filled: self._filled,
            Liquidated: self._filled,
            FundingSettled: self._settled,
            ContractSettled: self._settled,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def _interest(self, recorded: Recorded, event: InterestCharged) -> None:
        lent = event.quantity if event.settled == "debt" else self._lent_with(recorded, event)
        if lent:
            debt = self._debts.setdefault((recorded.account, event.asset), Accrual())
            debt.charged += lent
        else:
            self._look_at_loans(recorded, event.asset, event.quantity)
        if lent < event.quantity:
            self._pay(recorded, self._usd(recorded, event.asset, event.quantity - lent))

    def _lent_with(self, recorded: Recorded, event: InterestCharged) -> Decimal:
        """How much of it the same row lent: its loan bears the interest's id, and more words."""
        name = (recorded.account, event.asset)
        loan = self._lent.get(name)
        if loan is None or not loan.name.startswith(f"{event.id}/"):
            return ZERO
        lent = min(loan.quantity, event.quantity)
        loan.own = max(loan.own - (event.quantity - lent), ZERO)
        year = self._calendar.day(event.at).year
        if (*name, year) not in self._lent_for_it:
            self._lent_for_it.add((*name, year))
            self._findings.add(
                "interest_paid_by_new_loan",
                recorded,
                f"interest of {year} in {event.asset} was lent as it was taken, here for the first"
                " time: it counts as paid when own money comes in",
                asset=event.asset,
                hint="policy credits_pay says whether any credit pays it, or the loan's end",
                severity="info",
            )
        return lent

    def _repaid(self, recorded: Recorded, event: Repaid) -> None:
        name = (recorded.account, event.asset)
        if event.interest:
            self._look_at_loans(recorded, event.asset, event.interest)
            debt = self._debts.setdefault(name, Accrual())
            debt.collected += event.interest
            self._raise(recorded, event.asset, debt, debt.collected)
        unpaid = self._debts.get(name)
        if unpaid is not None and not self._balances.accounts[name[0]].owed_of(event.asset):
            self._raise(recorded, event.asset, unpaid, unpaid.charged)

    def _forgiven(self, recorded: Recorded, event: DebtForgiven) -> None:
        """What was written off will never be paid, unpaid interest before anything else."""
        debt = self._debts.get((recorded.account, event.asset))
        if debt is not None:
            unpaid = max(debt.charged - debt.paid, ZERO)
            debt.charged -= min(unpaid, event.quantity)

    def _received(self, recorded: Recorded, event: Deposited | IncomeReceived) -> None:
        self._credit(recorded, recorded.account, event.asset, event.quantity)

    def _transferred(self, recorded: Recorded, event: Transferred) -> None:
        self._credit(recorded, event.to, event.asset, event.quantity)

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        if not (self._debts or self._lent) or event.position is not None:
            return
        if event.side == "buy":
            self._credit(recorded, recorded.account, event.asset, event.quantity)
        else:
            self._credit(recorded, recorded.account, event.quote, event.total)

    def _settled(self, recorded: Recorded, event: FundingSettled | ContractSettled) -> None:
        if event.amount > 0:
            self._credit(recorded, recorded.account, event.asset, event.amount)

    def _borrowed(self, recorded: Recorded, event: Borrowed) -> None:
        name, day = (recorded.account, event.asset), self._calendar.day(recorded.event.at)
        held = self._balances.accounts[recorded.account].held[event.asset] - event.quantity
        own, before = max(held, ZERO), self._lent.get(name)
        if before is not None and before.day == day:
            own = min(own, before.own)
        self._lent[name] = NewLoan(day, own, event.id, event.quantity)

    def _look_at_loans(self, recorded: Recorded, asset: str, quantity: Decimal) -> None:
        """Find a payment that a loan of the same day made: own units did not suffice for it."""
        loan = self._lent.get((recorded.account, asset))
        if loan is None or loan.day != self._calendar.day(recorded.event.at):
            return
        if loan.own < quantity:
            own = "none" if not loan.own else f"only {plain(loan.own)}"
            self._findings.add(
                "interest_paid_by_new_loan",
                recorded,
                f"{plain(quantity)} {asset} of interest paid with money lent by the same lender"
                f" that day: there were {own} of your own",
                asset=asset,
                hint="if it was lent for that, it is no payment (Davison, 107 T.C. 35): void this"
                " event and state the interest as settled debt",
                severity="warning",
            )
        loan.own = max(loan.own - quantity, ZERO)

    def _credit(self, recorded: Recorded, account: str, asset: str, quantity: Decimal) -> None:
        loan = self._lent.get((account, asset))
        if loan is not None:
            loan.own += quantity
        debt = self._debts.get((account, asset))
        if debt is not None and self._credits_pay:
            self._raise(recorded, asset, debt, min(debt.paid + quantity, debt.charged))

    def _raise(self, recorded: Recorded, asset: str, debt: Accrual, paid: Decimal) -> None:
        """What counts as paid grows to `paid`, never back: nothing is paid twice."""
        if paid > debt.paid:
            units, debt.paid = paid - debt.paid, paid
            self._pay(recorded, self._usd(recorded, asset, units))

    def _pay(self, recorded: Recorded, worth: Decimal) -> None:
        year = self._calendar.day(recorded.event.at).year
        self.paid[year] = self.paid.get(year, ZERO) + worth
        self.payments.setdefault(year, []).append(recorded.position)
        if year == self._kept:
            self.priced.extend(self._worth.chosen(recorded))

    def _usd(self, recorded: Recorded, asset: str, quantity: Decimal) -> Decimal:
        """The worth, as far as it is known: where it is not, that is found."""
        return self._worth.usd(recorded, asset, quantity) or ZERO
