"""The Canadian tax year: capital gains of a calendar year at their average cost, half taxable.

Everything known is replayed: what is bought within 30 days after a sale at a loss, also in the next
year, denies the loss. Shorts, positions and contracts are gains of their own, as the book closes
them, and no loss of theirs is superficial.
"""

from datetime import date

from domain.calendar import Calendar
from domain.money import ZERO, cents, exact
from projections.decisions import Decisions
from projections.tax.canada.cost_base import CostBase, Sold
from projections.tax.canada.law import INCLUSION, SUPERFICIAL_DAYS
from projections.tax.country import Law
from projections.tax.country_year import Figures, PoolLeft, Span
from projections.tax.gains import Gain, listed, net
from projections.tax.pooled import AverageCost, PooledTax
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
        return CanadianTax(self, _LAW, CostBase, year, decisions, calendar, currency)


class CanadianTax(PooledTax[CostBase]):
    """The projections of a Canadian tax year."""

    def result(self) -> Figures:
        """The year's figures."""
        with exact():
            gains, pools = self.beside_the_pools(), []
            for asset, holding in self.holdings():
                sales, pool = holding.figure(self.span.last)
                gains += [_gain(asset, sold) for sold in sales if sold.sale.day in self.span]
                if pool.quantity or pool.cost:
                    pools.append(_left(asset, pool))
            amount, inclusion = net(gains), in_force(INCLUSION, self.year).value
            return self.figures(
                listed(gains),
                pools,
                in_force(SUPERFICIAL_DAYS, self.year).value,
                net=cents(amount),
                taxable=cents(max(ZERO, amount * inclusion)),
                amounts={
                    "inclusion_rate": inclusion,
                    "denied": cents(sum((gain.denied for gain in gains), ZERO)),
                },
            )


def _left(asset: str, pool: AverageCost) -> PoolLeft:
    missing = "basis" if pool.missing else ""
    return PoolLeft(asset=asset, quantity=pool.quantity, cost=pool.cost, missing=missing)


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
