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
    threshold = in_force(NET_INVESTMENT_INCOME_THRESHOLD, year).value[filing_status]
    lines = {"1": interest, "2": dividends}
    lines = {line: amount for line, amount in lines.items() if amount}
    if gain is not None:
        lines |= {"5a": gain, "5d": gain}
    lines["8"] = line_8
    if deduction:
        lines |= {"9a": deduction, "9d": deduction, "11": deduction}
    lines["12"] = line_12
    if modified_agi is not None:
        lines["13"] = modified_agi
    lines["14"] = threshold
    if modified_agi is not None:
        line_15 = max(modified_agi - threshold, ZERO)
        line_16 = min(line_12, line_15)
        tax = line_16 * in_force(NET_INVESTMENT_INCOME_RATE, year).value
        lines |= {"15": line_15, "16": line_16, "17": tax}
    return {line: cents(amount) for line, amount in lines.items()}
