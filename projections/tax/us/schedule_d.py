"""Schedule D: totals by line, the limit on losses, and what is carried to next year.

Losses are negative throughout, also where the paper form prints them in brackets.
"""

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from domain.money import ZERO, cents, dollars
from projections.tax.us.form8949 import BoxTotal
from projections.tax.us.law import CAPITAL_LOSS_LIMIT, SCHEDULE_D_LINES, SHORT_LINES, in_force

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
        if line in SHORT_LINES:
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


def whole_dollars(schedule: ScheduleD, boxes: Mapping[str, BoxTotal]) -> Mapping[str, Line]:
    """The same lines in whole dollars: rounded from unrounded sums, so that the page adds up.

    Source: law.ROUNDING.
    """
    lines: dict[str, Line] = {}
    sums = {"7": ZERO, "15": ZERO}
    for name, amount in schedule.lines.items():
        part = "7" if name in SHORT_LINES else "15"
        if isinstance(amount, Decimal):
            lines[name] = dollars(amount)
        else:
            totals = [boxes[box] for box in SCHEDULE_D_LINES[name] if box in boxes]
            proceeds = sum((dollars(total.proceeds.exact) for total in totals), ZERO)
            basis = sum((dollars(total.basis.exact) for total in totals), ZERO)
            more = sum((dollars(total.adjustment.exact) for total in totals), ZERO)
            gain = proceeds - basis + more
            lines[name] = {"proceeds": proceeds, "basis": basis, "adjustment": more, "gain": gain}
            sums[part] += gain
    for name, part in (("4", "7"), ("6", "7"), ("11", "15"), ("14", "15")):
        sums[part] += lines.get(name, ZERO)  # type: ignore[operator]
    if lines:
        net = sums["7"] + sums["15"]
        lines |= {**sums, "16": net}
    if "21" in lines:
        all_of_it = schedule.limited == cents(schedule.short + schedule.long)
        lines["21"] = net if all_of_it else dollars(schedule.limited)
    return lines


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
