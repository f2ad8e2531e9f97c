"""Form 4952: how much investment interest may be deducted, and what is carried forward.

Interest of earlier years counts again until income allows it (IRC 163(d)(2)); what line 8 allows is
used up, whether or not it is of use on Schedule A.

Source: Form 4952 (2025), line text; IRC 163(d)(1)-(5); Pub. 550 (2025) pp. 45-51.
"""

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from domain.money import ZERO


@frozen(kw_only=True)
class Form4952:
    """The lines, and line 7 as next year takes it up. No lines: nothing was paid or carried."""

    lines: Mapping[str, Decimal]
    carryforward: Decimal
    limit: Decimal = ZERO
    """What line 4g may be at most: 4b + 4e."""
    refused: bool = False
    """Whether more was elected than that: the election is void as a whole."""

    @property
    def deduction(self) -> Decimal:
        """Line 8."""
        return self.lines.get("8", ZERO)


def form_4952(
    *,
    paid: Decimal,
    carried: Decimal,
    income: Decimal,
    dividends: Decimal = ZERO,
    short: Decimal,
    long: Decimal,
    elected: Decimal = ZERO,
    expenses: Decimal = ZERO,
) -> Form4952:
    """Fill the form.

    `paid` line 1, `carried` line 2, `income` 4a, `dividends` 4b (qualified, within 4a), `short` and
    `long` the net results of Schedule D lines 7 and 15 (losses negative, carryovers included),
    `elected` 4g, `expenses` 5.
    """
    if not paid and not carried:
        return Form4952(lines={}, carryforward=ZERO)
    net = max(short + long, ZERO)
    line_4e = min(net, max(long + min(short, ZERO), ZERO))
    limit = dividends + line_4e
    line_4g = elected if elected <= limit else ZERO
    line_4h = income - dividends + net - line_4e + line_4g
    line_6 = max(line_4h - expenses, ZERO)
    line_3 = paid + carried
    line_8 = min(line_3, line_6)
    lines = {
        "1": paid,
        "2": carried,
        "3": line_3,
        "4a": income,
        "4b": dividends,
        "4c": income - dividends,
        "4d": net,
        "4e": line_4e,
        "4f": net - line_4e,
        "4g": line_4g,
        "4h": line_4h,
        "5": expenses,
        "6": line_6,
        "7": line_3 - line_8,
        "8": line_8,
    }
    return Form4952(
        lines=lines, carryforward=line_3 - line_8, limit=limit, refused=line_4g != elected
    )


def schedule_d_tax_worksheet(
    interest: Form4952, dividends: Decimal, short: Decimal, long: Decimal
) -> Mapping[str, Decimal]:
    """What an election on line 4g takes from the gain and dividends that are taxed lower.

    It is laid on 4e first, the rest on 4b. Lines 2 to 10; empty where nothing was elected. Source:
    Instructions for Schedule D (2025), Schedule D Tax Worksheet.
    """
    elected = interest.lines.get("4g", ZERO)
    if not elected:
        return {}
    line_4e = interest.lines["4e"]
    of_dividends, of_gain = max(elected - line_4e, ZERO), min(elected, line_4e)
    line_6 = max(dividends - of_dividends, ZERO)
    line_7 = min(long, short + long)
    line_9 = max(line_7 - of_gain, ZERO)
    return {
        "2": dividends,
        "3": elected,
        "4": line_4e,
        "5": of_dividends,
        "6": line_6,
        "7": line_7,
        "8": of_gain,
        "9": line_9,
        "10": line_6 + line_9,
    }
