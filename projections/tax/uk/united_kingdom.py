"""The UK tax year: gains of 6 April to 5 April, with section 104 pools over all wallets.

A year is final only 30 days after its end, and everything known is replayed: an acquisition after
the year may be what was sold in it. Exact amounts are kept; beside them stands what HMRC prints,
whole pounds with the gain rounded down. Shorts, positions and contracts are gains of their own, as
the book closes them.
"""

from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from attrs import evolve

from domain.calendar import Calendar
from domain.money import ZERO, cents, exact
from projections.decisions import Decisions
from projections.tax.country import Law
from projections.tax.country_year import Figures, PoolLeft, Span
from projections.tax.gains import CountryDisposal, Gain, listed, net
from projections.tax.pooled import AverageCost, PooledTax
from projections.tax.rule import in_force
from projections.tax.uk.law import ANNUAL_EXEMPT_AMOUNT, MATCHING_DAYS, YEAR_BEGINS
from projections.tax.uk.section104 import Identified, Section104

_LAW = Law(frozenset({"gift"}), {"transfer_fee": "disposal"})


class UnitedKingdom:
    """The country `uk`."""

    code = "uk"
    currency = "GBP"

    def span(self, year: int) -> Span:
        """6 April of `year` to 5 April of the next: 2018 is the tax year 2018/19."""
        return Span(
            date(year, *YEAR_BEGINS.value), date(year + 1, *YEAR_BEGINS.value) - timedelta(days=1)
        )

    def seen(self, year: int) -> None:
        """All that is known: a disposal may wait for an acquisition of any later day."""

    def fold(self, year: int, decisions: Decisions, calendar: Calendar, currency: str) -> "UkTax":
        """The fold of one tax year."""
        return UkTax(self, _LAW, Section104, year, decisions, calendar, currency)


class UkTax(PooledTax[Section104]):
    """The projections of a UK tax year."""

    def result(self) -> Figures:
        """The year's figures."""
        with exact():
            gains, pools = self.beside_the_pools(), []
            for asset, holding in self.holdings():
                identified, pool = holding.identify(self.span.last)
                gains += [_gain(asset, one) for one in identified if one.day in self.span]
                if pool.quantity:
                    pools.append(_left(asset, pool))
            amount = cents(net(gains))
            exempt = in_force(ANNUAL_EXEMPT_AMOUNT, self.year).value
            return self.figures(
                tuple(_printed(row) for row in listed(gains)),
                pools,
                in_force(MATCHING_DAYS, self.year).value,
                net=amount,
                taxable=cents(max(ZERO, amount)),
                amounts={
                    "annual_exempt_amount": cents(exempt),
                    "above_exempt_amount": cents(max(ZERO, amount - exempt)),
                },
            )


def _gain(asset: str, identified: Identified) -> Gain:
    return Gain(
        sold=identified.day,
        asset=asset,
        quantity=identified.quantity,
        proceeds=identified.proceeds,
        matched=identified.matched,
        events=identified.events,
        place=identified.place,
        missing="basis" if identified.missing else "",
    )


def _left(asset: str, pool: AverageCost) -> PoolLeft:
    return PoolLeft(
        asset=asset,
        quantity=pool.quantity,
        cost=pool.cost,
        printed=_pounds(pool.cost),
        missing="basis" if pool.missing else "",
    )


def _printed(row: CountryDisposal) -> CountryDisposal:
    """Whole pounds as HMRC prints them: proceeds and gain rounded down, so cost makes up the rest.

    So a gain of 462.50 is 462, and a loss of 30.50 is 31 (Cryptoassets Manual, examples).
    """
    gain, proceeds = _pounds(row.of.amount), _pounds(row.of.proceeds)
    return evolve(row, printed={"proceeds": proceeds, "cost": proceeds - gain, "gain": gain})


def _pounds(amount: Decimal) -> Decimal:
    return amount.to_integral_value(ROUND_FLOOR)
