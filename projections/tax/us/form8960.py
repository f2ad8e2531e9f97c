"""Form 8960: net investment income tax of an individual, as far as the book knows.

Lines 13 and 15-17 need modified adjusted gross income, which is stated from outside.

Source: Form 8960 (2025), line text; IRC 1411(a)(1), (b), (c).
"""

from collections.abc import Mapping
from decimal import Decimal

from domain.money import ZERO, cents
from projections.tax.us.law import (
    NET_INVESTMENT_INCOME_RATE,
    NET_INVESTMENT_INCOME_THRESHOLD,
    in_force,
)


def form_8960(
    year: int,
    *,
    interest: Decimal,
    dividends: Decimal,
    gain: Decimal | None,
    deduction: Decimal,
    filing_status: str,
    modified_agi: Decimal | None,
) -> Mapping[str, Decimal]:
    """Fill the form.

    `interest` line 1, `dividends` line 2, `gain` line 5a (what Form 1040 takes from Schedule D, the
    loss limited; None: no Schedule D), `deduction` line 9a, `modified_agi` line 13.
    """
    if not (interest or dividends or deduction) and gain is None:
        return {}
    line_8 = interest + dividends + (gain or ZERO)
    line_12 = max(line_8 - deduction, ZERO)
    lines = {"1": interest, "2": dividends}
    lines = {line: amount for line, amount in lines.items() if amount}
    if gain is not None:
        lines |= {"5a": gain, "5d": gain}
    lines["8"] = line_8
    if deduction:
        lines |= {"9a": deduction, "9d": deduction, "11": deduction}
    lines["12"] = line_12
    lines |= due(year, line_12, modified_agi, filing_status)
    return {line: cents(amount) for line, amount in lines.items()}


def due(
    year: int, line_12: Decimal, modified_agi: Decimal | None, filing_status: str
) -> Mapping[str, Decimal]:
    """Lines 13 to 17, exact: line 14 alone where modified adjusted gross income is not known."""
    threshold = in_force(NET_INVESTMENT_INCOME_THRESHOLD, year).value[filing_status]
    if modified_agi is None:
        return {"14": threshold}
    line_15 = max(modified_agi - threshold, ZERO)
    line_16 = min(line_12, line_15)
    tax = line_16 * in_force(NET_INVESTMENT_INCOME_RATE, year).value
    return {"13": modified_agi, "14": threshold, "15": line_15, "16": line_16, "17": tax}
