"""The holding period, worded otherwise: a year ends with the month's same day, or with its end.

What was acquired on the last day of a month has been held for a year at the end of the same month's
last day (Rev. Rul. 66-7); on any other day, at the end of the same day. Long-term is what was held
longer (IRC 1222(1)-(4)).
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from domain import lot

FIRST, LAST = date(2019, 1, 1), date(2025, 12, 31)


def year_is_over(acquired: date) -> date:
    """The last day of the first year in which it was held."""
    year, month = acquired.year + 1, acquired.month
    last = monthrange(year, month)[1]
    is_end_of_month = acquired.day == monthrange(acquired.year, month)[1]
    return date(year, month, last if is_end_of_month else min(acquired.day, last))


def wrong_terms(rule: Callable[[date, date], bool]) -> list[tuple[date, date]]:
    """Pairs of days about a year apart of which a rule says other than the ruling."""
    pairs = (
        (acquired, acquired + timedelta(days=held))
        for acquired in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days))
        for held in range(360, 372)
        if acquired + timedelta(days=held) <= LAST
    )
    return [pair for pair in pairs if rule(*pair) != (pair[1] > year_is_over(pair[0]))]


def test_the_term_of_every_pair_of_days_about_a_year_apart() -> None:
    """Cases: C."""
    assert wrong_terms(lot.long_term) == []


@pytest.mark.parametrize("days", [365, 366])
def test_a_count_of_days_is_caught(days: int) -> None:
    assert wrong_terms(lambda acquired, sold: (sold - acquired).days >= days)
