"""Policies: named readings where the law is open."""

from datetime import timedelta

from domain.policies import BUILT, DEFAULTS, POLICIES, fault, price_age


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
