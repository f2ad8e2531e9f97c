"""Schedule D: totals by line, the limit on losses, and what is carried to next year.

Losses are negative throughout, also where the paper form prints them in brackets.
"""

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from domain.money import ZERO, cents
from projections.tax.us.form8949 import BoxTotal
from projections.tax.us.law import CAPITAL_LOSS_LIMIT, SCHEDULE_D_LINES, in_force

Line = Decimal | Mapping[str, Decimal]


@frozen(kw_only=True)
class Carryover:
    """Capital losses carried to next year's lines 6 and 14: zero or negative."""

    short_term: Decimal = ZERO
    long_term: Decimal = ZERO


@frozen(kw_only=True)
class ScheduleD:
    """One year's lines. `short` is line 7, `long` line 15, `limited` line 21 (0 or negative)."""

    lines: Mapping[str, Line]
    short: Decimal
    long: Decimal
    limited: Decimal
    carryover: Carryover


def schedule_d(
    year: int,
    boxes: Mapping[str, BoxTotal],
    *,
    contracts_short: Decimal = ZERO,
    contracts_long: Decimal = ZERO,
    carried: Carryover | None = None,
    filing_status: str = "single",
    taxable_income: Decimal | None = None,
) -> ScheduleD:
    """Fill the schedule.

    `contracts_*` are Form 6781 lines 8 and 9; `carried` last year's carryover; `taxable_income` may
    be negative (before the zero floor), None: unknown and taken to be enough to use the loss
    allowed.
    """
    carried = carried or Carryover()
    lines: dict[str, Line] = {}
    short, long = contracts_short + carried.short_term, contracts_long + carried.long_term
    for line, letters in SCHEDULE_D_LINES.items():
        totals = [boxes[letter] for letter in letters if letter in boxes]
        if not totals:
            continue
        columns = _columns(totals)
        lines[line] = columns
        if line in ("1a", "1b", "2", "3"):
            short += columns["gain"]
        else:
            long += columns["gain"]
    beside = {
        "4": contracts_short,
        "6": carried.short_term,
        "11": contracts_long,
        "14": carried.long_term,
    }
    lines |= {line: amount for line, amount in beside.items() if amount}
    net, limited = short + long, ZERO
    if lines:
        lines |= {"7": cents(short), "15": cents(long), "16": cents(net)}
    if net < 0:
        limit = in_force(CAPITAL_LOSS_LIMIT, year).value[filing_status]
        limited = lines["21"] = cents(max(net, -limit))
    carryover = _carryover(short, long, limited, taxable_income)
    return ScheduleD(
        lines=_in_form_order(lines), short=short, long=long, limited=limited, carryover=carryover
    )


def _columns(totals: list[BoxTotal]) -> dict[str, Decimal]:
    proceeds = sum((total.proceeds.printed for total in totals), ZERO)
    basis = sum((total.basis.printed for total in totals), ZERO)
    gain = sum((total.gain for total in totals), ZERO)
    return {
        "proceeds": proceeds,
        "basis": basis,
        "adjustment": gain - proceeds + basis,
        "gain": gain,
    }


def _carryover(
    short: Decimal, long: Decimal, limited: Decimal, taxable_income: Decimal | None
) -> Carryover:
    """The worksheet, line by line. Source: law.CARRYOVER."""
    if limited == 0 or (
        short + long == limited and (taxable_income is None or taxable_income >= 0)
    ):
        return Carryover()
    line_2 = -limited
    line_3 = line_2 if taxable_income is None else max(taxable_income + line_2, ZERO)
    line_4 = min(line_2, line_3)
    line_5 = max(-short, ZERO)
    line_8 = ZERO
    if line_5:
        line_8 = max(line_5 - (line_4 + max(long, ZERO)), ZERO)
    line_9 = max(-long, ZERO)
    line_13 = ZERO
    if line_9:
        line_12 = max(short, ZERO) + max(line_4 - line_5, ZERO)
        line_13 = max(line_9 - line_12, ZERO)
    return Carryover(short_term=-line_8, long_term=-line_13)


_ORDER = [
    "1a",
    "1b",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8a",
    "8b",
    "9",
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "21",
]


def _in_form_order(lines: dict[str, Line]) -> dict[str, Line]:
    return {name: lines[name] for name in _ORDER if name in lines}
