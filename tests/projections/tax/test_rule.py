"""A figure of the law holds from its year on, until the next one does."""

from datetime import UTC, datetime

import pytest

from projections.findings import Finding
from projections.tax.country_year import found_by
from projections.tax.rule import Rule, in_force

RULES = (Rule(2009, "old", "", ""), Rule(2024, "new", "", ""), Rule(2026, "newest", "", ""))


@pytest.mark.parametrize(
    ("year", "value"),
    [
        (2008, "old"),
        (2009, "old"),
        (2023, "old"),
        (2024, "new"),
        (2026, "newest"),
        (2099, "newest"),
    ],
)
def test_the_latest_that_began_is_in_force_and_the_first_before_all(year: int, value: str) -> None:
    assert in_force(RULES, year).value == value


def test_findings_up_to_an_instant_are_those_of_it_too_and_those_without_a_time() -> None:
    end = datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    after = datetime(2026, 1, 1, tzinfo=UTC)
    timeless, last, next_year = (
        Finding(kind="k", account="a", problem="p", at=at) for at in (None, end, after)
    )
    assert found_by(end, (timeless, last, next_year)) == (timeless, last)
