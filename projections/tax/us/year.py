"""A tax year: everything the forms need from one pass over the log.

`UsTax` is a set of projections to feed with one replay up to the end of the year; `result()` fills
the forms (filing.py). Rows of Form 8949 stream to a sink while the replay runs.
"""

from collections.abc import Callable
from decimal import Decimal

from attrs import evolve

from domain.calendar import Calendar
from domain.lot import Disposal
from domain.money import exact, plain
from domain.policies import price_age
from projections.balances import Balances
from projections.dealings import Dealings
from projections.decisions import Decisions, Name
from projections.findings import Finding, Findings
from projections.interest import Interest
from projections.liquidations import Liquidations
from projections.prices import Prices
from projections.property import Property
from projections.replay import Projection
from projections.straddles import Straddles
from projections.tax.us.broker_reports import BrokerReports
from projections.tax.us.filing import filed
from projections.tax.us.form8949 import Form8949, Row
from projections.tax.us.gathered import Gathered
from projections.tax.us.income import Income
from projections.tax.us.law import CURRENCY
from projections.tax.us.tax_year import Forms
from projections.tax.us.us_lots import Foreseen, UsLots


class UsTax:
    """The projections of a US tax year under one method. `sink` receives the year's rows.

    `foreseen`: see us_lots.py; `aggregate`: see form8949.py.
    """

    def __init__(
        self,
        year: int,
        method: str,
        decisions: Decisions,
        calendar: Calendar,
        currency: str,
        sink: Callable[[Row], None],
        *,
        foreseen: Foreseen | None = None,
        aggregate: bool = False,
    ) -> None:
        self.year = self._priced_year = year
        self.method = method
        self.findings = Findings()
        if currency != CURRENCY.value:
            self.findings.keep(_other_currency(currency))
        self.balances = Balances()
        self._decisions = decisions
        costs: dict[Name, Decimal] = {}
        self._reports = BrokerReports(decisions.reported, costs, self.findings)
        self._form_8949 = Form8949(year, sink, self._reports, aggregate=aggregate)
        self._liquidations = Liquidations(decisions, self.balances, calendar, currency)
        self._straddles = Straddles(calendar)
        lots = UsLots(decisions, calendar, self.findings, foreseen or Foreseen())
        self.turns = lots.turns
        self.book = lots.book(method, self._heard())
        prices = Prices(currency, price_age(decisions.policies["price_age"]))
        self.property = Property([self.book], calendar, prices, self.findings)
        self._straddles.watch(self.property)
        self._interest = Interest(decisions, calendar, prices, self.findings, self.balances, year)
        self._income = Income(decisions, calendar, prices, self.findings, year)
        dealings = Dealings(self.property, decisions, costs if decisions.reported else None)
        self.dealings: tuple[Projection, ...] = (prices, dealings)
        """What lots alone need."""
        self.projections: tuple[Projection, ...] = (
            *self._liquidations.projections,
            self._straddles,
            *self.dealings,
            self._interest,
            self._income,
        )

    def result(self, year: int | None = None) -> Forms:
        """Fill the forms, from the first year the log knows to this one. Call after the replay."""
        self.year = year or self.year
        self.balances.close()
        self._look_for_lost_units()
        with exact():
            gathered = self._gathered()
            reconciliation = self._reports.close(self.year)
            forms = filed(self.year, self.method, gathered, self._decisions, self.findings)
        found = (*forms.findings, *self._straddles.found(self.year), *self.balances.findings.all())
        return evolve(
            forms,
            findings=found,
            reconciliation=reconciliation,
            liquidations=self._liquidations.of_year(self.year),
        )

    def years(self) -> range:
        """From the first year in which anything was taxed or stated to the last."""
        with exact():
            years = self._gathered().years().union(self._decisions.tax_facts, self._reports.years)
        return range(min(years), max(years) + 1) if years else range(0)

    def last_year(self) -> int:
        """The last year in which anything was taxed or stated."""
        return max(self.years(), default=1970)

    def _look_for_lost_units(self) -> None:
        """Find what left for another account and has not arrived."""
        for (account, event), units in self.book.on_the_way.items():
            self.findings.keep(
                Finding(
                    kind="transfer_not_arrived",
                    account=account,
                    event=event,
                    problem=f"{plain(units)} units sent to it have not arrived by then",
                    hint="they lie in no account: did it arrive before it left, or twice?",
                    severity="warning",
                )
            )

    def _heard(self) -> Callable[[Disposal], None]:
        """Who hears of a disposal: the form first."""
        form, straddles, liquidations = self._form_8949, self._straddles, self._liquidations

        def hear(disposal: Disposal) -> None:
            form.add(disposal)
            straddles.disposed(disposal)

        def hear_all(disposal: Disposal) -> None:
            hear(disposal)
            liquidations.disposed(disposal)

        return hear_all if liquidations.accounts else hear

    def _gathered(self) -> Gathered:
        """The totals of every year so far. To be called inside `exact()`."""
        self._form_8949.close()
        income = self._income
        return Gathered(
            boxes=self._form_8949.totals,
            interest_paid=self._interest.paid,
            interest_received=income.interest,
            schedule_1=income.lines,
            forgiven=income.forgiven,
            contracts=income.contracts,
            funding_received=income.funding_received,
            funding_paid=income.funding_paid,
            behind={
                **income.behind,
                **{(year, "form_4952:1"): at for year, at in self._interest.payments.items()},
            },
            priced={**income.priced, (self._priced_year, "form_4952:1"): self._interest.priced},
        )


def _other_currency(currency: str) -> Finding:
    return Finding(
        kind="other_currency",
        account="book",
        problem=f"the book is kept in {currency}: the figures of this return are {currency},"
        f" not {CURRENCY.value}",
        hint=f"keep a book of its own for this return: marginbook init --currency {CURRENCY.value}",
        severity="warning",
    )
