"""Income tax on taxable income, of which net capital gain and qualified dividends are taxed lower.

The one trick: income is a stack. Ordinary income lies below and meets the brackets; what is taxed
lower lies on it and meets breakpoints of its own, counted from the bottom of the whole stack. So a
tax on a part of the stack is the tax up to its top less the tax up to its bottom.

It is figured by formula: the Tax Table of Form 1040 (below 100,000) figures it for the middle of
steps of $50, and may differ by some dollars. Collectibles, IRC 1202 and 1250 gain are not there.

Source: Qualified Dividends and Capital Gain Tax Worksheet, Instructions for Form 1040 (2025), line
16; IRC 1(h), 1(j).
"""

from bisect import bisect_right
from decimal import Decimal

from attrs import frozen

from domain.money import ZERO
from projections.tax.us.law import (
    CAPITAL_GAIN_BREAKPOINTS,
    CAPITAL_GAIN_RATES,
    INCOME_BRACKETS,
    INCOME_RATES,
    in_force,
)


@frozen(kw_only=True)
class IncomeTax:
    """The tax in exact USD, and the rates that the next dollar of either kind would bear.

    A dollar of ordinary income may also push gain above a breakpoint: no rate here holds that.
    """

    ordinary: Decimal
    """The tax on ordinary income."""
    favoured: Decimal
    """The tax on what is taxed lower: never more than the brackets would take of it."""
    ordinary_rate: Decimal
    favoured_rate: Decimal


def income_tax(
    year: int, filing_status: str, taxable_income: Decimal, favoured: Decimal
) -> IncomeTax:
    """Tax `taxable_income`, of which `favoured` (zero or more) is taxed lower, both in USD.

    Taxable income below zero is none. A year after the last of the table is taxed by that one.
    """
    brackets = _Scale(
        in_force(INCOME_RATES, year).value, in_force(INCOME_BRACKETS, year).value[filing_status]
    )
    breakpoints = _Scale(
        in_force(CAPITAL_GAIN_RATES, year).value,
        in_force(CAPITAL_GAIN_BREAKPOINTS, year).value[filing_status],
    )
    income = max(taxable_income, ZERO)
    below = max(income - favoured, ZERO)
    ordinary = brackets.tax(below)
    return IncomeTax(
        ordinary=ordinary,
        favoured=min(
            breakpoints.tax(income) - breakpoints.tax(below), brackets.tax(income) - ordinary
        ),
        ordinary_rate=brackets.rate(below),
        favoured_rate=breakpoints.rate(income),
    )


@frozen
class _Scale:
    """Rates, the lowest first, and the income from which each but the lowest counts."""

    rates: tuple[Decimal, ...]
    begins: tuple[Decimal, ...]

    def tax(self, income: Decimal) -> Decimal:
        """What a stack as high as this bears: each rate adds its step to the one before."""
        tax = last = ZERO
        for rate, begin in zip(self.rates, (ZERO, *self.begins), strict=True):
            tax += (rate - last) * max(income - begin, ZERO)
            last = rate
        return tax

    def rate(self, income: Decimal) -> Decimal:
        """The rate that the next dollar bears."""
        return self.rates[bisect_right(self.begins, income)]
