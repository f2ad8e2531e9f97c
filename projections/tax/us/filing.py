"""A return filled from what was gathered: every year after the one before, then this year's forms.

Nothing here looks at events: the same totals and facts give the same forms. Chained are capital
losses (capital.py) and investment interest that no income has allowed yet (form4952.py).
"""

from collections.abc import Mapping
from decimal import Decimal

from domain.money import ZERO, cents
from projections.decisions import Decisions
from projections.findings import Finding, Findings
from projections.tax.us.capital import CapitalYear, CapitalYears
from projections.tax.us.facts import Facts
from projections.tax.us.form1040 import answers, form_1040
from projections.tax.us.form4952 import Form4952, form_4952, schedule_d_tax_worksheet
from projections.tax.us.form6781 import sixty_forty
from projections.tax.us.form8960 import form_8960
from projections.tax.us.gathered import Gathered
from projections.tax.us.law import INCOME_BRACKETS
from projections.tax.us.schedule_d import whole_dollars
from projections.tax.us.section68 import cut
from projections.tax.us.tax_year import Forms

Lines = Mapping[str, Decimal]


def filed(
    year: int, method: str, gathered: Gathered, decisions: Decisions, findings: Findings
) -> Forms:
    """The year's forms. `findings` take what the filling notices.

    What stands beside the forms (findings of other folds, liquidations, brokers' reports) is put
    there by projections/tax/us/year.py.
    """
    return _Return(year, method, gathered, decisions, findings).forms()


class _Return:
    """One year's return, with all the years before it."""

    def __init__(
        self,
        year: int,
        method: str,
        gathered: Gathered,
        decisions: Decisions,
        findings: Findings,
    ) -> None:
        self._year = year
        self._method = method
        self._gathered = gathered
        self._decisions = decisions
        self._findings = findings
        first = min({year, *gathered.years(), *decisions.tax_facts})
        self._all_facts = {
            y: Facts(y, decisions.facts(y), findings) for y in range(first, year + 1)
        }
        self._facts = self._all_facts[year]
        self._capital = CapitalYears(self._all_facts, gathered)

    def forms(self) -> Forms:
        """Fill them."""
        year, gathered = self._year, self._gathered
        capital, facts = self._capital.years[year], self._facts
        interest, interest_carried = self._interest()
        schedule = capital.schedule
        dividends = facts.amount("qualified_dividends")
        schedule_a = self._schedule_a(interest)
        gain = form_1040(year, schedule)
        lent = cents(gathered.interest_received.get(year, ZERO))
        self._remark(capital)
        return Forms(
            year=year,
            method=self._method,
            schedule_d=schedule.lines,
            schedule_d_dollars=whole_dollars(schedule, gathered.boxes.get(year, {})),
            form_4952=_cents(interest.lines),
            form_6781=_cents(capital.contracts.lines),
            schedule_1=self._schedule_1(),
            carryovers={
                "short_term": cents(capital.carryover.short_term),
                "long_term": cents(capital.carryover.long_term),
                "investment_interest": cents(interest_carried),
                "section_1256": cents(capital.section_1256),
            },
            schedule_a=schedule_a,
            schedule_b=_filled({"1": lent}),
            schedule_c=self._schedule_c(),
            form_8960=form_8960(
                year,
                interest=lent + max(facts.amount("investment_income") - dividends, ZERO),
                dividends=dividends,
                gain=next(iter(gain.values()), None),
                deduction=schedule_a.get("9", ZERO),
                filing_status=facts.filing_status(),
                modified_agi=facts.money("modified_agi"),
            ),
            form_1040=gain,
            schedule_d_answers=answers(schedule, bool(interest.lines), dividends > 0),
            schedule_d_tax_worksheet=_cents(
                schedule_d_tax_worksheet(interest, dividends, schedule.short, schedule.long)
            ),
            section_1256_carryback={str(y): cents(a) for y, a in capital.goes_back.items()},
            funding=self._funding(),
            findings=(
                *self._decisions.findings,
                *self._decisions.restated(year),
                *self._findings.all(),
            ),
            behind={name: tuple(at) for (y, name), at in gathered.behind.items() if y == year},
            priced={name: tuple(of) for (y, name), of in gathered.priced.items() if y == year},
        )

    # Interest -------------------------------------------------------------------------------------

    def _interest(self) -> tuple[Form4952, Decimal]:
        """This year's Form 4952, and what it carries forward."""
        carried, form = ZERO, Form4952(lines={}, carryforward=ZERO)
        for year, facts in self._all_facts.items():
            before = facts.carried("interest_carryforward", carried, min(self._all_facts))
            elected = facts.amount("elected_gain")
            form = self._form_4952(year, before, elected)
            carried = form.carryforward
            if form.refused:
                facts.find(
                    "election_above_limit",
                    f"elected_gain {elected} is above {form.limit}, lines 4b + 4e of Form 4952",
                    "no gain is elected until it is stated again (IRC 163(d)(4)(B))",
                    "error",
                )
            taken = self._capital.taken.get(year, ZERO)
            if taken:
                carried = self._amended(year, before, form, taken).carryforward
        return form, carried

    def _amended(self, year: int, before: Decimal, form: Form4952, taken: Decimal) -> Form4952:
        """The form of a year whose gain a section 1256 loss of a later year has lowered."""
        elected = form.lines.get("4g", ZERO)
        limit = self._form_4952(year, before, ZERO, taken).limit
        return self._form_4952(year, before, min(elected, limit), taken)

    def _form_4952(
        self, year: int, before: Decimal, elected: Decimal, taken: Decimal = ZERO
    ) -> Form4952:
        facts, gathered = self._all_facts[year], self._gathered
        schedule = self._capital.years[year].schedule
        less_short, less_long = sixty_forty(year, taken)
        investor = not facts.truth("trader")  # a trader's gains are those of a business
        invested = self._purpose(facts) == "investment"
        return form_4952(
            paid=self._for_investment(year) if invested else ZERO,
            carried=before,
            income=cents(gathered.interest_received.get(year, ZERO))
            + facts.amount("investment_income"),
            dividends=facts.amount("qualified_dividends"),
            short=schedule.short - less_short if investor else ZERO,
            long=schedule.long - less_long if investor else ZERO,
            elected=elected,
            expenses=facts.amount("investment_expenses"),
        )

    def _for_investment(self, year: int) -> Decimal:
        """Interest paid, as far as the debt was used for investment (Temp. Reg. 1.163-8T)."""
        facts, paid = self._all_facts[year], self._gathered.interest_paid.get(year, ZERO)
        part = cents(paid * facts.share("investment_share"))
        if year == self._year and part != cents(paid):
            facts.find(
                "interest_personal",
                f"{cents(paid) - part} of interest paid was not for investment: on no form",
                "fact investment_share: debt is traced by its use (Pub. 550 p. 46)",
            )
        return part

    def _purpose(self, facts: Facts) -> str:
        """What the year's margin interest was paid for: a trader's is of the business."""
        purpose = self._decisions.policies["interest_purpose"]
        return "business" if purpose == "investment" and facts.truth("trader") else purpose

    def _schedule_a(self, interest: Form4952) -> Lines:
        """Line 9, where deductions are itemised: else what line 8 allows is of no use."""
        deduction, itemizes = cents(interest.deduction), self._facts.truth("itemizes")
        if itemizes:
            return _filled({"9": deduction, "section_68": self._cut()})
        if not deduction:
            return {}
        problem = f"Form 4952 line 8 uses up {deduction} of interest, worth nothing on Schedule A"
        if itemizes is None:
            problem = f"Form 4952 line 8 allows {deduction}: worth nothing unless you itemise"
        self._facts.find(
            "interest_not_itemized",
            problem,
            "interest that is allowed is not carried forward (Pub. 550 pp. 47, 51): state itemizes",
            "info" if itemizes is None else "warning",
        )
        return {}

    def _cut(self) -> Decimal:
        """What section 68 takes off all itemised deductions, where they and income are stated."""
        facts = self._facts
        income = facts.money("taxable_income")
        deductions = facts.amount("itemized_deductions")
        if income is None or not deductions:
            return ZERO
        known = INCOME_BRACKETS[-1].since
        if self._year > known:
            facts.find(
                "bracket_not_known",
                f"the cut of section 68 is figured with the bracket of {known}",
                "it is indexed each year: a later version of this tool will know that year's",
                "warning",
            )
        return -cents(cut(self._year, deductions, income, facts.filing_status()))

    def _schedule_c(self) -> Lines:
        """Line 16b: interest of a trader or another business. Personal interest goes nowhere."""
        paid = cents(self._gathered.interest_paid.get(self._year, ZERO))
        purpose = self._purpose(self._facts)
        if purpose == "personal" and paid:
            self._facts.find(
                "interest_personal",
                f"{paid} of interest paid was for personal purposes and stands on no form",
                "it is not deductible (IRC 163(h)); policy interest_purpose decides",
            )
        return _filled({"16b": paid}) if purpose == "business" else {}

    # Income ---------------------------------------------------------------------------------------

    def _schedule_1(self) -> Lines:
        """Ordinary income; debt forgiven beyond what the debtor was insolvent by."""
        lines = dict(self._gathered.schedule_1.get(self._year, {}))
        forgiven = self._gathered.forgiven.get(self._year, ZERO)
        excluded = min(self._facts.amount("insolvent_by"), forgiven)
        if excluded:
            self._facts.find(
                "debt_excluded",
                f"{cents(excluded)} of {cents(forgiven)} of debt forgiven is no income: you were"
                " insolvent",
                "file Form 982; it also cuts what you carry to next year, capital losses among it"
                " (IRC 108(a)(1)(B), (a)(3), (b)), which is not figured: state next year's",
            )
        if forgiven > excluded:
            lines["8c"] = forgiven - excluded
        return {line: cents(amount) for line, amount in sorted(lines.items())}

    def _funding(self) -> Lines:
        """Funding apart from capital results, where the policy says so."""
        received = cents(self._gathered.funding_received.get(self._year, ZERO))
        paid = cents(self._gathered.funding_paid.get(self._year, ZERO))
        if paid:
            self._facts.find(
                "funding_not_deductible",
                f"{paid} of funding paid is a miscellaneous itemised deduction: disallowed",
                "IRC 67(g); a trader deducts it on Schedule C, policy funding net in the result",
            )
        return {"received": received, "paid": paid} if received or paid else {}

    # ----------------------------------------------------------------------------------------------

    def _remark(self, capital: CapitalYear) -> None:
        facts, schedule, year = self._facts, capital.schedule, self._year
        if schedule.short + schedule.long < 0 and facts.money("taxable_income") is None:
            self._find(
                "tax_fact_missing",
                f"the loss carried past {year} depends on taxable income, which is not stated",
                "state taxable_income for the year; until then it is taken to be zero or more",
            )
        for earlier, part in capital.goes_back.items():
            facts.find(
                "return_to_amend",
                f"{part} of the section 1256 loss goes back to {earlier}",
                f"amend {earlier}: Form 6781 line 1, Schedule D, Form 4952 if it was filed (Form"
                " 1045 or 1040-X); this book shows that year as it was before",
            )

    def _find(self, kind: str, problem: str, hint: str, severity: str = "info") -> None:
        finding = Finding(kind=kind, account="book", problem=problem, hint=hint, severity=severity)
        self._findings.keep(finding)


def _cents(lines: Lines) -> Lines:
    return {line: cents(amount) for line, amount in lines.items()}


def _filled(lines: Lines) -> Lines:
    """The lines that are not empty on paper."""
    return {line: amount for line, amount in lines.items() if amount}
