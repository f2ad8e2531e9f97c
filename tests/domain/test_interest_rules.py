"""When interest falls due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import MarginTermsSet
from domain.interest_rules import BY_MODEL, InterestRule, rule_of

OPENED = datetime(2025, 3, 4, 13, 20, tzinfo=UTC)


def rule(model: str, every: str | None = None) -> InterestRule:
    more: dict[str, Any] = {"at": "2025-01-01T00:00:00Z", "id": "t"}
    return rule_of(MarginTermsSet(model=model, interest_every=every, **more))


def test_every_model_has_a_rule() -> None:
    models = "kraken binance_cross binance_isolated bitfinex okx_isolated bybit_unified perp"
    assert set(BY_MODEL) == {*models.split(), "standard"}


@pytest.mark.parametrize(
    ("model", "every", "due"),
    [
        ("binance_cross", "hour", "2025-03-04T14:00"),
        ("kraken", "4h", "2025-03-04T17:20"),
        ("okx_isolated", "hour", "2025-03-04T14:00"),
        ("bybit_unified", "hour", "2025-03-04T14:00"),
    ],
)
def test_the_next_charge_falls_due_by_the_clock_or_from_the_opening(
    model: str, every: str, due: str
) -> None:
    own = rule(model)
    assert own.every == every
    assert own.next(OPENED, OPENED) == datetime.fromisoformat(f"{due}+00:00")


def test_interest_by_the_second_has_no_next_charge() -> None:
    assert rule("bitfinex").next(OPENED, OPENED) is None


def test_another_period_runs_by_its_own_clock_and_keeps_what_else_is_the_models() -> None:
    daily = rule("kraken", "day")
    assert daily.next(OPENED, OPENED) == datetime(2025, 3, 5, tzinfo=UTC)
    assert (daily.at_once, daily.locked) == (True, True)
    assert rule("binance_cross", "4h").next(OPENED, OPENED) == OPENED + timedelta(hours=4)
    assert not rule("bitfinex", "hour").by_second
    assert rule("bitfinex", "day") == rule("bitfinex") == BY_MODEL["bitfinex"]


@given(st.sampled_from(sorted(BY_MODEL)), st.integers(0, 10**6), st.integers(0, 10**6))
def test_charges_of_two_stretches_add_up(model: str, one: int, other: int) -> None:
    own, middle = rule(model), OPENED + timedelta(seconds=one)
    end = middle + timedelta(seconds=other)
    parts = own.ticks(OPENED, OPENED, middle) + own.ticks(OPENED, middle, end)
    assert own.ticks(OPENED, OPENED, end) == parts
