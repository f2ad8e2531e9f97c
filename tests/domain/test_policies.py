"""Policies: named readings where the law is open."""

from datetime import timedelta

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
