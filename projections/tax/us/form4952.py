"""Form 4952: how much investment interest may be deducted, and what is carried forward.

Source: Form 4952 (2025), line text; IRC 163(d)(1)-(5).
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
    refused: Decimal = ZERO
    """What was elected on line 4g above its limit, 4b + 4e."""


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
    net_capital_gain = max(long - max(-short, ZERO), ZERO)
    line_4e = min(net, net_capital_gain)
    refused = max(elected - (dividends + line_4e), ZERO)
    line_4g = elected - refused
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
    return Form4952(lines=lines, carryforward=line_3 - line_8, refused=refused)
