"""Returns on own capital, against examples that others have published."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from projections.performance.returns import TimeWeighted, money_weighted

BEGUN = datetime(2025, 1, 1, tzinfo=UTC)
LATER = BEGUN + timedelta(days=90)
MICROSOFT = {
    date(2008, 1, 1): 10000,
    date(2008, 3, 1): -2750,
    date(2008, 10, 30): -4250,
    date(2009, 2, 15): -3250,
    date(2009, 4, 1): -2750,
}


def flows(of: dict[date, int]) -> dict[date, Decimal]:
    return {day: Decimal(flow) for day, flow in of.items()}


def test_the_money_weighted_return_is_microsofts_example_of_xirr() -> None:
    """support.microsoft.com, XIRR function: 0.373362535, "accurate within 0.000001 percent"."""
    found = money_weighted(flows(MICROSOFT), date(2009, 4, 1), Decimal(0))
    assert found.rate is not None
    assert abs(found.rate - Decimal("0.373362535")) < Decimal("0.00000001")


def test_what_is_there_at_the_end_counts_as_if_it_were_withdrawn() -> None:
    *first, last = MICROSOFT
    there = money_weighted(flows({day: MICROSOFT[day] for day in first}), last, Decimal(2750))
    assert there == money_weighted(flows(MICROSOFT), last, Decimal(0))


def test_cfa_institutes_example_of_both_returns() -> None:
    """CFA Program, Level I, Rates and Returns: a share bought at 200, one more at 225, 5 of
    dividends paid out each; 470 and dividends of 10 at the end of the second year: money-weighted
    9.39 %, time-weighted 15 % and 6.67 %, 10.76 % a year (10.755 without rounding in between).
    """
    paid = {date(2025, 1, 1): Decimal(200), date(2026, 1, 1): Decimal(220)}
    by_money = money_weighted(paid, date(2027, 1, 1), Decimal(480)).rate
    chain = TimeWeighted()
    chain.flow(BEGUN, Decimal(200), Decimal(200))
    chain.flow(BEGUN, Decimal(220), Decimal(450))
    by_time = chain.rate(BEGUN, Decimal(480)).rate
    assert by_money is not None
    assert by_time is not None
    assert f"{by_money:.4f}" == "0.0939"
    assert f"{(1 + by_time).sqrt() - 1:.5f}" == "0.10755"


@pytest.mark.parametrize(
    ("days", "worth", "rate"),
    [
        (365, "11000", "0.1"),
        (730, "12100", "0.1"),
        (365, "5000", "-0.5"),
        (365, "10000", "0"),
    ],
)
def test_one_flow_grows_to_the_end_at_its_rate(days: int, worth: str, rate: str) -> None:
    begun = date(2025, 1, 1)
    found = money_weighted({begun: Decimal(10000)}, begun + timedelta(days), Decimal(worth)).rate
    assert found == Decimal(rate)


def test_a_day_s_growth_is_that_of_a_year_in_365_of_them() -> None:
    found = money_weighted({date(2025, 1, 1): Decimal(10000)}, date(2025, 1, 2), Decimal(10001))
    assert found.rate is not None
    assert abs(found.rate - (Decimal("1.0001") ** 365 - 1)) < Decimal("1E-20")


@pytest.mark.parametrize(
    ("paid", "days", "worth", "reason"),
    [
        ({}, 30, "0", "own capital stood there for less than a day"),
        ({0: 100}, 0, "110", "own capital stood there for less than a day"),
        ({0: 100}, 30, "0", "no rate makes the flows grow to what is there"),
        ({0: 100}, 30, "-5", "no rate makes the flows grow to what is there"),
        ({0: -5, 1: 100}, 30, "96", "it did not begin with own capital"),
        ({0: 100}, 1, "200", "the period is too short to tell a rate of a year"),
    ],
)
def test_where_no_rate_fits_the_reason_is_told(
    paid: dict[int, int], days: int, worth: str, reason: str
) -> None:
    begun = date(2025, 1, 1)
    given_ = {begun + timedelta(day): Decimal(flow) for day, flow in paid.items()}
    found = money_weighted(given_, begun + timedelta(days), Decimal(worth))
    assert (found.rate, found.reason) == (None, reason)


@given(
    st.dictionaries(st.integers(0, 3000), st.integers(-5000, 20000), max_size=20),
    st.integers(1, 100000),
)
def test_at_the_rate_that_is_found_the_flows_grow_to_what_is_there(
    paid: dict[int, int], worth: int
) -> None:
    begun, end = date(2020, 1, 1), date(2020, 1, 1) + timedelta(3001)
    dated = {begun + timedelta(day): Decimal(flow) for day, flow in paid.items()}
    rate = money_weighted(dated, end, Decimal(worth)).rate
    assume(rate is not None and rate > Decimal("-0.99"))
    assert rate is not None
    grown = [
        Decimal(flow) * (1 + rate) ** (Decimal((end - day).days) / 365)
        for day, flow in dated.items()
    ]
    size = sum((abs(amount) for amount in grown), Decimal(worth))
    assert abs(sum(grown, Decimal(0)) - worth) < Decimal("1E-10") * size


FLOWS = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=1, max_size=30)


@given(FLOWS, st.integers(1, 500))
def test_the_time_weighted_return_is_the_chain_of_its_parts(
    parts: list[tuple[int, int]], end: int
) -> None:
    """Against fractions: each part ends at one amount, and the next begins at another."""
    chain, grown, begins = TimeWeighted(BEGUN, Decimal(100)), Fraction(1), 100
    for worth, after in parts:
        chain.flow(BEGUN, Decimal(after - worth), Decimal(after))
        grown, begins = grown * Fraction(worth, begins), after
    expected = grown * Fraction(end, begins) - 1
    rate = chain.rate(BEGUN, Decimal(end)).rate
    assert rate is not None
    assert abs(Fraction(rate) - expected) <= Fraction(1, 10**26) * (1 + abs(expected))


@pytest.mark.parametrize(
    ("begins", "ends", "reason"),
    [
        ("0", "5", "no own capital was there from 2025-01-01T00:00:00Z on"),
        ("-3", "5", "no own capital was there from 2025-01-01T00:00:00Z on"),
        ("100", "-1", "more than all own capital was lost by 2025-04-01T00:00:00Z"),
        (None, "5", "a price is missing at 2025-01-01T00:00:00Z"),
        ("100", None, "a price is missing at 2025-04-01T00:00:00Z"),
    ],
)
def test_a_part_that_has_no_return_leaves_the_chain_without_one(
    begins: str | None, ends: str | None, reason: str
) -> None:
    first, last = (None if worth is None else Decimal(worth) for worth in (begins, ends))
    chain = TimeWeighted(BEGUN, first)
    assert chain.rate(LATER, last).reason == reason
    assert chain.rate(LATER, Decimal(7)).rate is None, "and nothing heals it"


def test_a_stretch_in_which_nothing_stood_there_is_passed_over() -> None:
    chain = TimeWeighted()
    chain.flow(BEGUN, Decimal(100), Decimal(100))
    chain.flow(BEGUN, Decimal(-110), Decimal(0))
    chain.flow(LATER, Decimal(50), Decimal(50))
    assert chain.rate(LATER, Decimal(55)).rate == Decimal("0.21")
    assert chain.rate(LATER, Decimal(55)).rate == Decimal("0.21"), "asked again, it says the same"


def test_what_was_lost_entirely_stays_lost() -> None:
    chain = TimeWeighted()
    chain.flow(BEGUN, Decimal(100), Decimal(100))
    chain.flow(LATER, Decimal(50), Decimal(50))
    assert chain.rate(LATER, Decimal(80)).rate == -1
