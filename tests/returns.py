"""A year's forms of which nothing is known but the two results of Schedule D."""

from decimal import Decimal

from projections.tax.us.form1040 import form_1040
from projections.tax.us.form8960 import form_8960
from projections.tax.us.schedule_d import schedule_d
from projections.tax.us.tax_year import Forms


def forms(year: int, short: Decimal, long: Decimal, status: str) -> Forms:
    """Lines 7 and 15 as given: there is a schedule wherever one of them is not zero."""
    schedule = schedule_d(
        year, {}, contracts_short=short, contracts_long=long, filing_status=status
    )
    taken = form_1040(year, schedule)
    return Forms(
        year=year,
        method="spec_id",
        schedule_d=schedule.lines,
        form_4952={},
        form_6781={},
        schedule_1={},
        carryovers={
            "short_term": schedule.carryover.short_term,
            "long_term": schedule.carryover.long_term,
        },
        findings=(),
        form_1040=taken,
        form_8960=form_8960(
            year,
            interest=Decimal(0),
            dividends=Decimal(0),
            gain=next(iter(taken.values()), None),
            deduction=Decimal(0),
            filing_status=status,
            modified_agi=None,
        ),
    )
