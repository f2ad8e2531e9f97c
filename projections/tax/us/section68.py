"""Section 68 from 2026 on: itemised deductions are worth no more than 35 % of them.

They are cut by 2/37 of the lesser of the deductions and of the income above which the 37 % bracket
begins, after every other limit, that of Form 4952 among them (IRC 68(a), (b) as amended by P.L.
119-21).
"""

from decimal import Decimal

from domain.money import ZERO, share
from projections.tax.us.law import INCOME_BRACKETS, SECTION_68, in_force


def cut(year: int, deductions: Decimal, taxable_income: Decimal, filing_status: str) -> Decimal:
    """What itemised deductions lose, in USD; `taxable_income` is before the cut, and after them."""
    part = in_force(SECTION_68, year).value
    if part is None:
        return ZERO
    begins = in_force(INCOME_BRACKETS, year).value[filing_status][-1]
    above = max(taxable_income + deductions - begins, ZERO)
    return share(min(deductions, above), *part)
