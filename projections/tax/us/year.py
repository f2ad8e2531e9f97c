"""A tax year: everything the forms need from one pass over the log.

`UsTax` is a set of projections to feed with one replay up to the end of the year; `result()` fills
the forms (filing.py). Rows of Form 8949 stream to a sink while the replay runs.
"""

from collections.abc import Callable

from domain.calendar import Calendar
from domain.money import exact
from domain.policies import price_age
from projections.balances import Balances
from projections.dealings import Dealings
from projections.decisions import Decisions
from projections.findings import Findings
from projections.interest import Interest
from projections.lots import LotBook
from projections.prices import Prices
from projections.property import Property
from projections.replay import Projection
from projections.tax.us.filing import filed
from projections.tax.us.form8949 import Form8949, Row
from projections.tax.us.gathered import Gathered
from projections.tax.us.income import Income
from projections.tax.us.tax_year import Forms


class UsTax:
    """The projections of a US tax year under one method. `sink` receives the year's rows.

    `balances`, where given, are fed by the same replay before these projections.
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
        book: Callable[..., LotBook] = LotBook,
        balances: Balances | None = None,
    ) -> None:
        self.year = year
        self.method = method
        self.findings = Findings()
        self._decisions = decisions
        self.form_8949 = Form8949(year, sink)
        self.prices = Prices(currency, price_age(decisions.policies["price_age"]))
        self.book = book(method, self.form_8949.add, decisions, self.findings)
        self.property = Property([self.book], calendar, self.prices, self.findings)
        held = Balances() if balances is None else balances
        self.interest = Interest(decisions, calendar, self.prices, self.findings, held)
        self.income = Income(decisions.policies, calendar, self.prices, self.findings)
        self.dealings: tuple[Projection, ...] = (self.prices, Dealings(self.property, decisions))
        """What lots alone need."""
        self.projections: tuple[Projection, ...] = (
            *((held,) if balances is None else ()),
            *self.dealings,
            self.interest,
            self.income,
        )

    def result(self, year: int | None = None) -> Forms:
        """Fill the forms, from the first year the log knows to this one. Call after the replay."""
        self.year = year or self.year
        with exact():
            gathered = self.gathered()
            return filed(self.year, self.method, gathered, self._decisions, self.findings)

    def last_year(self) -> int:
        """The last year in which anything was taxed or stated."""
        with exact():
            years = self.gathered().years()
        return max(years.union(self._decisions.tax_facts), default=1970)

    def gathered(self) -> Gathered:
        """The totals of every year so far. To be called inside `exact()`."""
        self.form_8949.close()
        income = self.income
        return Gathered(
            boxes=self.form_8949.totals,
            interest_paid=self.interest.paid,
            payments=self.interest.payments,
            interest_received=income.interest,
            schedule_1=income.lines,
            forgiven=income.forgiven,
            contracts=income.contracts,
            funding_received=income.funding_received,
            funding_paid=income.funding_paid,
        )
