"""Policies: named readings where the law is open."""

from datetime import timedelta

import pytest

from domain.policies import DEFAULTS, POLICIES, TAX_FACTS, fact_fault, fault, price_age


def test_the_first_value_of_each_is_the_default_and_no_fault() -> None:
    assert [name for name, value in DEFAULTS.items() if fault(name, value)] == []
    assert all(DEFAULTS[name] == values[0] for name, values in POLICIES.items())


def test_every_value_is_figured() -> None:
    for name, values in POLICIES.items():
        assert [value for value in values if fault(name, value)] == []


def test_a_policy_or_value_that_nobody_knows_is_a_fault() -> None:
    assert "no policy is called 'colour'" in (fault("colour", "blue") or "")
    assert "must be one of net, split, not 'both'" in (fault("funding", "both") or "")
    assert "must be like 24h" in (fault("price_age", "1d") or "")


def test_facts_below_zero_are_a_fault_but_for_those_that_may_be_losses() -> None:
    assert [name for name in TAX_FACTS if "negative" not in (fact_fault(name, "-5") or "")] == [
        "filing_status",
        "taxable_income",
        "short_term_carryover",
        "long_term_carryover",
        "itemizes",
        "trader",
        "section_1256_unrealized",
        "modified_agi",
    ]
    assert [fact_fault("trader", word) for word in ("true", "false", "yes", "no")] == [None] * 4


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
        *((n, said) for n in ("itemizes", "trader") for said in ("true", "false", "yes", "no")),
        *((name, "0") for name in ("qualified_dividends", "elected_gain", "interest_carryforward")),
        ("investment_expenses", "0.01"),
        ("taxable_income", "-1500"),
        ("short_term_carryover", "-2000"),
        ("long_term_carryover", "2000"),
        ("section_1256_unrealized", "-1"),
    ],
)
def test_a_fact_is_an_amount_or_one_of_a_few_words(name: str, value: str) -> None:
    """Losses and taxable income may be of either sign; what is paid or elected may be zero."""
    assert fact_fault(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("colour", "5", "no fact of a tax year is called 'colour'"),
        ("filing_status", "happy", "must be one of single, mfj, mfs, hoh, not happy"),
        ("itemizes", "perhaps", "must be one of true, false, yes, no, not perhaps"),
        ("trader", "5000", "must be one of true, false, yes, no, not 5000"),
        ("taxable_income", "much", "must be an amount in USD such as 5000, not much"),
        ("taxable_income", "NaN", "must be an amount in USD such as 5000, not NaN"),
        ("taxable_income", "Infinity", "must be an amount in USD"),
        ("taxable_income", "5,000", "must be an amount in USD"),
        ("qualified_dividends", "-0.01", "must not be negative, as -0.01 is"),
        ("elected_gain", "-1", "must not be negative"),
        ("investment_expenses", "-1", "must not be negative"),
        ("interest_carryforward", "-1", "must not be negative"),
        ("investment_income", "-1", "must not be negative"),
        ("section_1256_carryback", "-1", "must not be negative"),
        ("itemized_deductions", "-1", "must not be negative"),
        ("insolvent_by", "-1", "must not be negative"),
    ],
)
def test_what_no_form_could_take_is_a_fault(name: str, value: str, problem: str) -> None:
    assert problem in (fact_fault(name, value) or "")


# Names --------------------------------------------------------------------------------------------


def test_the_policies_and_their_values_have_the_names_that_books_hold() -> None:
    """Contract, section 5: the default first. A recorded name is never taken back."""
    assert POLICIES == {
        "basis_scope": ("account", "universal"),
        "short_sale": ("open_transaction", "stock_like"),
        "loan": ("nonrecognition", "exchange"),
        "funding": ("net", "split"),
        "transfer_fee": ("disposal", "add_to_basis", "ignore"),
        "interest_purpose": ("investment", "business", "personal"),
        "credits_pay": ("interest_first", "principal_first"),
        "wash_sale": ("off", "on"),
        "liquidation_deficit": ("recourse", "nonrecourse"),
        "price_age": ("24h",),
        "withheld_fee": ("from_received", "by_method"),
        "lot_pool": ("account", "venue"),
        "rebate": ("price_adjustment", "income"),
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("basis_scope", "universal"),
        ("lot_pool", "venue"),
        ("transfer_fee", "add_to_basis"),
        ("transfer_fee", "ignore"),
        ("interest_purpose", "business"),
        ("interest_purpose", "personal"),
        ("credits_pay", "principal_first"),
        ("withheld_fee", "by_method"),
        ("funding", "split"),
        ("rebate", "income"),
        ("liquidation_deficit", "nonrecourse"),
    ],
)
def test_a_reading_that_is_figured_may_be_chosen(name: str, value: str) -> None:
    assert fault(name, value) is None


@pytest.mark.parametrize(
    "name",
    [
        *("filing_status", "taxable_income", "investment_income", "qualified_dividends"),
        *("elected_gain", "investment_expenses", "interest_carryforward", "short_term_carryover"),
        *("long_term_carryover", "section_1256_carryback", "section_1256_unrealized", "itemizes"),
        *("itemized_deductions", "trader", "modified_agi", "insolvent_by"),
    ],
)
def test_the_facts_of_a_year_have_the_names_that_books_hold(name: str) -> None:
    assert "no fact of a tax year" not in (fact_fault(name, "?") or "")


@pytest.mark.parametrize("value", ["24", "h", "-1h", "1.5h", "h24", "", "24 h", "24hh"])
def test_an_age_is_a_whole_number_of_hours(value: str) -> None:
    assert "must be like 24h" in (fault("price_age", value) or "")
