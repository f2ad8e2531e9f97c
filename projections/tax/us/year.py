"""A tax year: every form from one pass over the log, each year carried into the next.

`UsTax` is a set of projections to feed with one replay up to the end of the year; `result()` fills
the forms. Rows of Form 8949 stream to a sink while the replay runs.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from domain.calendar import Calendar
from domain.money import ZERO, cents, exact
from domain.policies import price_age
from projections.dealings import Dealings
from projections.decisions import Decisions
from projections.findings import Finding, Findings
from projections.interest import Interest
from projections.lots import LotBook
from projections.prices import Prices
from projections.property import Property
from projections.replay import Projection
from projections.tax.us.broker_reports import BrokerReports
from projections.tax.us.form4952 import Form4952, form_4952
from projections.tax.us.form8949 import Form8949, Row
from projections.tax.us.income import Income
from projections.tax.us.law import CAPITAL_LOSS_LIMIT, SECTION_1256_SHORT, in_force
from projections.tax.us.schedule_d import Carryover, ScheduleD, schedule_d
from projections.tax.us.tax_year import Forms
from projections.tax.us.us_lots import UsLots
from projections.tax.us.wash_sales import Purchases


class UsTax:
    """The projections of a US tax year under one method. `sink` receives the year's rows."""

    def __init__(
        self,
        year: int,
        method: str,
        decisions: Decisions,
        calendar: Calendar,
        currency: str,
        sink: Callable[[Row], None],
        *,
        book: Callable[..., LotBook] = LotBook,
        disposed: Mapping[str, datetime] | None = None,
        purchases: Purchases | None = None,
        aggregate: bool = False,
    ) -> None:
        self.year = year
        self.method = method
        self.findings = Findings()
        self._decisions = decisions
        self.prices = Prices(currency, price_age(decisions.policies["price_age"]))
        self.reports = BrokerReports(decisions.reported, self.findings)
        self.form_8949 = Form8949(year, sink, self.reports, aggregate=aggregate)
        lots = UsLots(decisions, calendar, self.findings, disposed or {}, purchases)
        self.turns = lots.turns
        self.book = lots.book(method, self.form_8949.add, book)
        self.property = Property([self.book], calendar, self.prices, self.findings)
        self.interest = Interest(decisions, calendar, self.prices, self.findings)
        self.income = Income(calendar, self.prices, self.findings)
        self.projections: tuple[Projection, ...] = (
            self.prices,
            Dealings(self.property, decisions, self.reports.costs if self.reports else None),
            self.interest,
            self.income,
        )

    def result(self, year: int | None = None) -> Forms:
        """Fill the forms, from the first year the log knows to this one. Call after the replay."""
        self.year = year or self.year
        with exact():
            self.form_8949.close()
            return self._filled()

    def last_year(self) -> int:
        """The last year in which anything was taxed or stated."""
        with exact():
            self.form_8949.close()
        return max(self._years(), default=1970)

    def _filled(self) -> Forms:
        carried, interest_carried = Carryover(), ZERO
        schedule: ScheduleD | None = None
        interest: Form4952 | None = None
        for year in range(min({self.year, *self._years()}), self.year + 1):
            facts = Facts(year, self._decisions.facts(year), self.findings)
            carried, interest_carried = facts.carried(carried, interest_carried)
            schedule = self._schedule(year, facts, carried)
            interest = self._interest(year, facts, schedule, interest_carried)
            carried, interest_carried = schedule.carryover, interest.carryforward
        assert schedule is not None and interest is not None  # noqa: S101, PT018 - one year at least
        self._remark(schedule, interest)
        income = self.income.lines.get(self.year, {})
        return Forms(
            year=self.year,
            method=self.method,
            schedule_d=schedule.lines,
            form_4952={line: cents(amount) for line, amount in interest.lines.items()},
            form_6781=self._form_6781(self.year),
            schedule_1={line: cents(amount) for line, amount in sorted(income.items())},
            carryovers={
                "short_term": cents(carried.short_term),
                "long_term": cents(carried.long_term),
                "investment_interest": cents(interest_carried),
                "section_1256": cents(ZERO),
            },
            reconciliation=self.reports.close(self.year),
            findings=self._decisions.findings + self.findings.all(),
            interest_payments=tuple(self.interest.payments.get(self.year, ())),
        )

    def _years(self) -> set[int]:
        income = self.income
        tables = (self.form_8949.totals, self.interest.paid, income.lines, income.interest)
        return set().union(*tables, income.contracts, self._decisions.tax_facts)

    def _schedule(self, year: int, facts: "Facts", carried: Carryover) -> ScheduleD:
        contracts = self._form_6781(year)
        return schedule_d(
            year,
            self.form_8949.totals.get(year, {}),
            contracts_short=contracts.get("8", ZERO),
            contracts_long=contracts.get("9", ZERO),
            carried=carried,
            filing_status=facts.filing_status(),
            taxable_income=facts.money("taxable_income"),
        )

    def _interest(
        self, year: int, facts: "Facts", schedule: ScheduleD, carried: Decimal
    ) -> Form4952:
        return form_4952(
            paid=cents(self.interest.paid.get(year, ZERO)),
            carried=carried,
            income=cents(self.income.interest.get(year, ZERO))
            + facts.money_or_zero("investment_income"),
            dividends=facts.money_or_zero("qualified_dividends"),
            short=schedule.short,
            long=schedule.long,
            elected=facts.money_or_zero("elected_gain"),
            expenses=facts.money_or_zero("investment_expenses"),
        )

    def _form_6781(self, year: int) -> Mapping[str, Decimal]:
        if year not in self.income.contracts:
            return {}
        net = cents(self.income.contracts[year])
        short = cents(net * in_force(SECTION_1256_SHORT, year).value)
        return {"1": net, "5": net, "7": net, "8": short, "9": net - short}

    def _remark(self, schedule: ScheduleD, interest: Form4952) -> None:
        facts = self._decisions.facts(self.year)
        loss = schedule.short + schedule.long < 0
        if loss and "taxable_income" not in facts:
            self._find(
                "tax_fact_missing",
                f"the loss carried past {self.year} depends on taxable income, which is not stated",
                "state taxable_income for the year; until then it is taken to be zero or more",
            )
        if interest.refused:
            self._find(
                "election_above_limit",
                f"elected_gain is {interest.refused} above lines 4b + 4e of Form 4952",
                "only the part within the limit counts (IRC 163(d)(4)(B))",
                "error",
            )

    def _find(self, kind: str, problem: str, hint: str, severity: str = "info") -> None:
        finding = Finding(kind=kind, account="book", problem=problem, hint=hint, severity=severity)
        self.findings.keep(finding)


class Facts:
    """What was stated of one year, read as numbers; what cannot be read is a finding."""

    def __init__(self, year: int, stated: Mapping[str, str], findings: Findings) -> None:
        self._year = year
        self._stated = stated
        self._findings = findings

    def filing_status(self) -> str:
        status = self._stated.get("filing_status", "single")
        if status not in CAPITAL_LOSS_LIMIT[0].value:
            known = ", ".join(CAPITAL_LOSS_LIMIT[0].value)
            self._find(f"filing_status {status!r} is none of {known}: single counts")
            return "single"
        return status

    def money(self, name: str) -> Decimal | None:
        """A stated amount in USD, None where nothing was stated."""
        text = self._stated.get(name)
        if text is None:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            self._find(f"{name} {text!r} is no amount: it is left out")
            return None
        return cents(amount)

    def money_or_zero(self, name: str) -> Decimal:
        return self.money(name) or ZERO

    def carried(self, losses: Carryover, interest: Decimal) -> tuple[Carryover, Decimal]:
        """What comes from last year: as stated for this year, else as last year left it."""
        short, long = self.money("short_term_carryover"), self.money("long_term_carryover")
        stated = self.money("interest_carryforward")
        return (
            Carryover(
                short_term=losses.short_term if short is None else -abs(short),
                long_term=losses.long_term if long is None else -abs(long),
            ),
            interest if stated is None else stated,
        )

    def _find(self, problem: str) -> None:
        finding = Finding(
            kind="tax_fact_unreadable",
            account="book",
            problem=f"{self._year}: {problem}",
            hint="state the fact again",
        )
        self._findings.keep(finding)
