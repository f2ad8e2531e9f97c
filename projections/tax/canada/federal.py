"""The Canadian tax year: capital gains of a calendar year at their average cost, half taxable.

Everything known is replayed: what is bought within 30 days after a sale at a loss, also in the next
year, denies the loss. Shorts, positions and contracts are gains of their own, as the book closes
them, and no loss of theirs is superficial.
"""

from datetime import date, timedelta

from domain.calendar import Calendar
from domain.lot import Disposal
from domain.money import ZERO, cents, exact
from projections.decisions import Decisions
from projections.findings import Findings
from projections.tax.canada.cost_base import CostBase, Sold
from projections.tax.canada.law import INCLUSION, SUPERFICIAL_DAYS
from projections.tax.country import LastSeen, Law, counting, remark_currency, told, under
from projections.tax.country_year import Figures, PoolLeft, Span, found_by
from projections.tax.gains import Gain, as_it_is, listed, net
from projections.tax.pooled import PooledBook
from projections.tax.rule import in_force

_LAW = Law(frozenset({"gift", "donation"}), {"transfer_fee": "disposal"})


class Canada:
    """The country `ca`."""

    code = "ca"
    currency = "CAD"

    def span(self, year: int) -> Span:
        """The calendar year."""
        return Span(date(year, 1, 1), date(year, 12, 31))

    def seen(self, year: int) -> None:
        """All that is known: what is bought later may deny a loss."""

    def fold(
        self, year: int, decisions: Decisions, calendar: Calendar, currency: str
    ) -> "CanadianTax":
        """The fold of one tax year."""
        return CanadianTax(self, year, decisions, calendar, currency)


class CanadianTax:
    """The projections of a Canadian tax year."""

    def __init__(
        self,
        country: Canada,
        year: int,
        decisions: Decisions,
        calendar: Calendar,
        currency: str,
    ) -> None:
        self._country = country
        self._year = year
        self._calendar = calendar
        self._currency = currency
        self._findings = Findings()
        self._decisions = under(_LAW, decisions, self._findings)
        self._emitted: list[Disposal] = []
        self._book = PooledBook(CostBase, self._emitted.append, calendar)
        self._seen = LastSeen(calendar)
        self.projections = (
            *told(self._book, _LAW, self._decisions, calendar, currency, self._findings),
            self._seen,
        )

    def result(self) -> Figures:
        """The year's figures."""
        with exact():
            return self._figures()

    def _figures(self) -> Figures:
        span = self._country.span(self._year)
        gains = [as_it_is(disposal) for disposal in self._emitted if disposal.sold_day in span]
        pools = []
        for asset, holding in sorted(self._book.holdings.items()):
            sales, pool = holding.figure(span.last)
            gains += [_gain(asset, sold) for sold in sales if sold.sale.day in span]
            if pool.quantity or pool.cost:
                missing = "basis" if pool.missing else ""
                left = PoolLeft(
                    asset=asset, quantity=pool.quantity, cost=pool.cost, missing=missing
                )
                pools.append(left)
        inclusion = in_force(INCLUSION, self._year).value
        days = timedelta(days=in_force(SUPERFICIAL_DAYS, self._year).value)
        remark_currency(self._country, self._currency, self._findings)
        self._seen.remark((gain.sold for gain in gains), span.last, days, self._findings)
        amount = net(gains)
        return Figures(
            year=self._year,
            country=self._country.code,
            span=span,
            currency=self._currency,
            disposals=listed(gains),
            pools=tuple(pools),
            net=cents(amount),
            taxable=cents(max(ZERO, amount * inclusion)),
            amounts={
                "inclusion_rate": inclusion,
                "denied": cents(sum((gain.denied for gain in gains), ZERO)),
            },
            policies=counting(self._decisions),
            findings=found_by(
                self._calendar.end(span.last + days),
                (*self._decisions.findings, *self._findings.all()),
            ),
        )


def _gain(asset: str, sold: Sold) -> Gain:
    sale = sold.sale
    return Gain(
        sold=sale.day,
        asset=asset,
        quantity=sale.quantity,
        proceeds=sale.proceeds,
        matched=sold.matched,
        events=(sale.event,),
        place=sale.place,
        denied=sold.denied,
        missing="basis" if sold.missing else "",
    )
