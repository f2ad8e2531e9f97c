"""What Form 1040 takes from Schedule D, and which worksheets it is sent on to.

Source: Schedule D (2025), lines 16 to 22. Lines 18 and 19 are blank here: no collectibles, no real
property.
"""

from collections.abc import Mapping
from decimal import Decimal

from domain.money import cents
from projections.tax.us.law import CAPITAL_GAIN_LINE, in_force
from projections.tax.us.schedule_d import ScheduleD


def form_1040(year: int, schedule: ScheduleD) -> Mapping[str, Decimal]:
    """The line that takes line 16, or of a loss line 21 (negative)."""
    if not schedule.lines:
        return {}
    gain = schedule.limited or cents(schedule.short + schedule.long)
    return {in_force(CAPITAL_GAIN_LINE, year).value: gain}


def answers(schedule: ScheduleD, interest_form: bool, dividends: bool) -> Mapping[str, bool]:
    """Lines 17, 20 and 22, where the form asks.

    `interest_form`: Form 4952 is filed; `dividends`: there are qualified ones.
    """
    if not schedule.lines:
        return {}
    if cents(schedule.short + schedule.long) <= 0:
        return {"22": dividends}
    if cents(schedule.long) <= 0:
        return {"17": False, "22": dividends}
    return {"17": True, "20": not interest_form}
