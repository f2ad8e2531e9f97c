"""The German tax year: private sales of coins, first in first out in each wallet.

Coins held for more than one year are sold free of tax (EStG sec. 23(1) sentence 1 no. 2); a short
is a sale before the acquisition and always taxable (no. 3); results of contracts are income from
capital (sec. 20) and listed without being counted; a rebate of fees is costs given back: it counts.
Gains of a year below the exemption limit are free, at the limit all of them are taxable: a cliff.
Lots lie in each wallet and go first in first out (letter of the Ministry of Finance of 6 March
2025).

The lots are the house's own `LotBook`, so transfers carry their dates.
"""

from datetime import date
from decimal import Decimal

from domain.calendar import Calendar
from domain.lot import Disposal
from domain.money import ZERO, cents, exact
from projections.decisions import Decisions
from projections.findings import Findings
from projections.lots import LotBook
from projections.shorts import FIRST_OPENED
from projections.tax.country import FirstIn, Law, counting, remark_currency, told, under
from projections.tax.country_year import Figures, PoolLeft, Span
from projections.tax.gains import Gain, as_it_is, listed, net
from projections.tax.germany.law import (
    CAPITAL_INCOME,
    COSTS_GIVEN_BACK,
    EXEMPTION_LIMIT,
    HELD_OVER_A_YEAR,
    PRIVATE_SALE,
    SHORT_SALE,
)
from projections.tax.rule import in_force

_LAW = Law()


class Germany:
    """The country `de`."""

    code = "de"
    currency = "EUR"

    def span(self, year: int) -> Span:
        """The calendar year."""
        return Span(date(year, 1, 1), date(year, 12, 31))

    def seen(self, year: int) -> date:
        """The year's end: nothing later decides what was sold."""
        return self.span(year).last

    def fold(
        self, year: int, decisions: Decisions, calendar: Calendar, currency: str
    ) -> "GermanTax":
        """The fold of one tax year."""
        return GermanTax(self, year, decisions, calendar, currency)


class GermanTax:
    """The projections of a German tax year."""

    def __init__(
        self,
        country: Germany,
        year: int,
        decisions: Decisions,
        calendar: Calendar,
        currency: str,
    ) -> None:
        self._country = country
        self._year = year
        self._span = country.span(year)
        self._currency = currency
        self._findings = Findings()
        self._decisions = under(_LAW, decisions, self._findings)
        self._gains: list[Gain] = []
        self._book = LotBook(self._dispose, FirstIn())
        self.projections = told(
            self._book, _LAW, self._decisions, calendar, currency, self._findings
        )

    def result(self) -> Figures:
        """The year's figures."""
        with exact():
            return self._figures()

    def _figures(self) -> Figures:
        amount = net(self._gains)
        limit = in_force(EXEMPTION_LIMIT, self._year).value
        remark_currency(self._country, self._currency, self._findings)
        return Figures(
            year=self._year,
            country=self._country.code,
            span=self._span,
            currency=self._currency,
            disposals=listed(self._gains),
            pools=self._left(),
            net=cents(amount),
            taxable=cents(amount) if amount >= limit else cents(ZERO),
            amounts={
                "exemption_limit": cents(limit),
                "free": cents(self._not_counted(HELD_OVER_A_YEAR)),
                "capital_income": cents(self._not_counted(CAPITAL_INCOME)),
            },
            policies=counting(self._decisions),
            findings=(*self._decisions.findings, *self._findings.all()),
        )

    def _dispose(self, disposal: Disposal) -> None:
        if disposal.sold_day in self._span:
            rule = _rule(disposal)
            taxed = rule not in (HELD_OVER_A_YEAR, CAPITAL_INCOME)
            self._gains.append(as_it_is(disposal, rule, taxed=taxed))

    def _not_counted(self, rule: str) -> Decimal:
        return sum((g.amount for g in self._gains if g.matched[0].rule == rule), ZERO)

    def _left(self) -> tuple[PoolLeft, ...]:
        """What is left in each wallet."""
        left: dict[tuple[str, str], tuple[Decimal, Decimal, bool]] = {}
        for (account, asset, position), lot in self._book.open():
            if not position:
                units, cost, known = left.get((asset, account), (ZERO, ZERO, True))
                known = known and lot.lot.stated
                left[asset, account] = (units + lot.quantity, cost + lot.basis, known)
        return tuple(
            PoolLeft(
                asset=asset,
                account=account,
                quantity=units,
                cost=cost,
                missing="" if known else "basis",
            )
            for (asset, account), (units, cost, known) in sorted(left.items())
        )


def free(acquired: date, sold: date) -> bool:
    """Whether more than one year lay between: from the day after the same date of the next year.

    A year from 29 February ends on 28 February (BGB sec. 187(1), 188(2)-(3)).

    >>> free(date(2023, 3, 12), date(2024, 3, 12)), free(date(2023, 3, 12), date(2024, 3, 13))
    (False, True)
    """
    try:
        return sold > acquired.replace(year=acquired.year + 1)
    except ValueError:  # 29 February
        return sold > date(acquired.year + 1, 2, 28)


def _rule(disposal: Disposal) -> str:
    if disposal.kind == "contract" and disposal.lot_position == disposal.position:
        return CAPITAL_INCOME  # the result itself; coins that paid for one are sold
    if disposal.kind == "rebate":
        return COSTS_GIVEN_BACK
    if disposal.identified == FIRST_OPENED:  # closed with what was bought for it afterwards
        return SHORT_SALE
    acquired = disposal.acquired_day or disposal.acquired.date()
    return HELD_OVER_A_YEAR if free(acquired, disposal.sold_day) else PRIVATE_SALE
