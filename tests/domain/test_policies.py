"""Policies: named readings where the law is open."""

from datetime import timedelta

import pytest

from domain.policies import BUILT, DEFAULTS, POLICIES, fact_fault, fault, price_age


def test_the_first_value_of_each_is_the_default_and_no_fault() -> None:
    assert [name for name, value in DEFAULTS.items() if fault(name, value)] == []
    assert all(DEFAULTS[name] == values[0] for name, values in POLICIES.items())


def test_what_is_figured_is_no_fault_and_the_rest_is() -> None:
    for name, values in POLICIES.items():
        for value in values[1:]:
            assert (fault(name, value) is None) == (value in BUILT.get(name, ()))


def test_a_policy_or_value_that_nobody_knows_is_a_fault() -> None:
    assert "no policy is called 'colour'" in (fault("colour", "blue") or "")
    assert "must be one of net, split, not 'both'" in (fault("funding", "both") or "")
    assert "must be like 24h" in (fault("price_age", "1d") or "")


def test_the_age_of_prices_is_in_hours() -> None:
    assert price_age("36h") == timedelta(hours=36)
    assert fault("price_age", "0h") is None
    assert price_age("0h") == timedelta()


def test_an_age_that_nobody_can_read_is_the_default() -> None:
    assert price_age("a day") == price_age("24h") == timedelta(hours=24)


# Facts of a tax year -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("filing_status", status) for status in ("single", "mfj", "mfs", "hoh")),
        *((name, said) for name in ("itemizes", "trader") for said in ("true", "false")),
        *((name, "0") for name in ("qualified_dividends", "elected_gain", "interest_carryforward")),
        ("investment_expenses", "0.01"),
        ("taxable_income", "-1500"),
        ("short_term_carryover", "-2000"),
        ("long_term_carryover", "2000"),
        ("section_1256_unrealized", "-1"),
        ("investment_income", "-5"),
    ],
)
def test_a_fact_is_an_amount_or_one_of_a_few_words(name: str, value: str) -> None:
    """Losses and income may be of either sign; what is paid, received or elected may be zero."""
    assert fact_fault(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("colour", "5", "no fact of a tax year is called 'colour'"),
        ("filing_status", "happy", "must be one of single, mfj, mfs, hoh, not happy"),
        ("itemizes", "yes", "must be one of true, false, not yes"),
        ("trader", "5000", "must be one of true, false, not 5000"),
        ("taxable_income", "much", "must be an amount in USD such as 5000, not much"),
        ("taxable_income", "NaN", "must be an amount in USD such as 5000, not NaN"),
        ("taxable_income", "Infinity", "must be an amount in USD"),
        ("taxable_income", "5,000", "must be an amount in USD"),
        ("qualified_dividends", "-0.01", "must not be negative, as -0.01 is"),
        ("elected_gain", "-1", "must not be negative"),
        ("investment_expenses", "-1", "must not be negative"),
        ("interest_carryforward", "-1", "must not be negative"),
    ],
)
def test_what_no_form_could_take_is_a_fault(name: str, value: str, problem: str) -> None:
    assert problem in (fact_fault(name, value) or "")
