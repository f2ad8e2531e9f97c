"""Margin terms that contradict themselves, and levels that are reached at once."""

from typing import Any

import pytest

from domain.events import MarginTermsSet
from domain.terms_faults import faults


def terms(model: str, **more: Any) -> MarginTermsSet:
    return MarginTermsSet(at="2025-01-01T00:00:00Z", id="t", model=model, **more)  # type: ignore[arg-type]


def said(model: str, **more: Any) -> list[tuple[str, str]]:
    return [(fault.severity, fault.problem) for fault in faults(terms(model, **more))]


SOUND: list[tuple[str, dict[str, Any]]] = [
    ("kraken", {"call": "0.8", "liquidation": "0.4"}),
    ("binance_cross", {"call": "1.3", "liquidation": "1.1", "leverage": "3"}),
    ("binance_isolated", {"call": "1.09", "liquidation": "1.05", "leverage": "10"}),
    ("bitfinex", {"call": "1.5", "liquidation": "1", "initial_rate": "0.2", "leverage": "5"}),
    ("okx_isolated", {"liquidation": "1", "maintenance_rate": "0.03", "leverage": "10"}),
    ("bybit_unified", {"call": "0.9", "liquidation": "1"}),
    ("perp", {"call": "0.9", "liquidation": "1", "maintenance_rate": "0.004", "leverage": "125"}),
    ("standard", {"initial_rate": "0.5", "maintenance_rate": "0.25"}),
    ("kraken", {}),
    ("kraken", {"call": "0.4", "liquidation": "0.4"}),
    ("perp", {"call": "1", "liquidation": "1"}),
    ("standard", {"initial_rate": "0.25", "maintenance_rate": "0.25"}),
    ("standard", {"leverage": "1"}),
    ("standard", {"leverage": "1.5", "initial_rate": "0.6"}),
    ("perp", {"tiers": [{"from": "0", "liquidation": "1"}, {"from": "1", "call": "0.9"}]}),
    (
        "perp",
        {
            "tiers": [
                {"from": "0", "maintenance_rate": "0.01"},
                {"from": "1", "maintenance_rate": "0.01"},
            ]
        },
    ),
    ("okx_isolated", {"liquidation": "1", "maintenance_rate": "0.9"}),
    (
        "bitfinex",  # a tier's own leverage says what its initial margin is
        {
            "call": "1.5",
            "initial_rate": "0.1",
            "tiers": [{"from": "0", "maintenance_rate": "0.1", "leverage": "5"}],
        },
    ),
    ("perp", {"tiers": [{"from": "0", "maintenance_rate": "0.01"}, {"from": "5"}]}),
]


@pytest.mark.parametrize(("model", "fields"), SOUND)
def test_terms_that_venues_have_are_sound(model: str, fields: dict[str, Any]) -> None:
    assert said(model, **fields) == []


CONTRADICTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "call 0.3 lies below liquidation 0.4": ("kraken", {"call": "0.3", "liquidation": "0.4"}),
    "call 1.05 lies below liquidation 1.1": (
        "binance_cross",
        {"call": "1.05", "liquidation": "1.1"},
    ),
    "call 1.1 lies beyond liquidation 1": ("perp", {"call": "1.1", "liquidation": "1"}),
    "liquidation 1 is not above 1": ("binance_isolated", {"call": "1.1", "liquidation": "1"}),
    "initial_rate 0.1 is below maintenance_rate 0.15": (
        "bitfinex",
        {"initial_rate": "0.1", "maintenance_rate": "0.15"},
    ),
    "leverage 10 x initial_rate 0.2 is above 1": (
        "standard",
        {"initial_rate": "0.2", "leverage": "10"},
    ),
    "maintenance_rate 15 is not below 1": ("bitfinex", {"maintenance_rate": "15"}),
    "taker_fee_rate 1 is not below 1": ("kraken", {"taker_fee_rate": "1"}),
    "maker_fee_rate 25 is not below 1": ("kraken", {"maker_fee_rate": "25"}),
    "liquidation_fee_rate 2 is not below 1": ("binance_cross", {"liquidation_fee_rate": "2"}),
    "leverage 0.5 is below 1": ("standard", {"leverage": "0.5"}),
    "tiers 1 and 2 both begin at 5": ("perp", {"tiers": [{"from": "5"}, {"from": "5.0"}]}),
    "tier 2 begins at 1, before tier 1 at 5": ("perp", {"tiers": [{"from": "5"}, {"from": "1"}]}),
    "tier 3: maintenance_rate falls from 0.02 to 0.01": (
        "perp",
        {
            "tiers": [
                {"from": "0", "maintenance_rate": "0.02"},
                {"from": "1"},
                {"from": "2", "maintenance_rate": "0.01"},
            ]
        },
    ),
    "tier 1: call 1.04 lies below liquidation 1.05": (
        "binance_isolated",
        {"call": "1.09", "liquidation": "1.05", "tiers": [{"from": "0", "call": "1.04"}]},
    ),
    "call 1 is not above 1": ("binance_cross", {"call": "1", "leverage": "1"}),
    "tier 1: maintenance_rate 1 is not below 1": (
        "perp",
        {"tiers": [{"from": "0", "maintenance_rate": "1"}]},
    ),
    "tier 2: call 1.1 lies below liquidation 1.2": (
        "binance_isolated",
        {"call": "1.1", "tiers": [{"from": "0"}, {"from": "1", "liquidation": "1.2"}]},
    ),
    "tier 1: leverage 0.1 is below 1": ("perp", {"tiers": [{"from": "0", "leverage": "0.1"}]}),
}


@pytest.mark.parametrize("words", CONTRADICTIONS)
def test_a_contradiction_is_an_error_that_says_what_contradicts(words: str) -> None:
    model, fields = CONTRADICTIONS[words]
    errors = [problem for severity, problem in said(model, **fields) if severity == "error"]
    assert len(errors) == 1
    assert errors[0].startswith(words)


def test_a_fee_rate_may_be_any_part() -> None:
    rates = dict.fromkeys(("taker_fee_rate", "maker_fee_rate", "liquidation_fee_rate"), "0.999")
    assert said("kraken", **rates) == []


AT_ENTRY: dict[str, tuple[str, dict[str, Any]]] = {
    "call 1.5 is reached as soon as the most is borrowed, with the initial margin alone": (
        "bitfinex",  # exchanges: 2.3: initial 20 %, maintenance 15 %: called below 22.5 %
        {"call": "1.5", "liquidation": "1", "initial_rate": "0.2", "maintenance_rate": "0.15"},
    ),
    "call 1.5 is reached as soon as the most is borrowed, at 3x": (
        "binance_cross",
        {"call": "1.5", "liquidation": "1.1", "leverage": "3"},
    ),
    "liquidation 1.6 is reached as soon as the most is borrowed, at 3x": (
        "binance_cross",
        {"call": "1.7", "liquidation": "1.6", "leverage": "3"},
    ),
    "call 1 is reached as soon as the most is borrowed, with the initial margin alone": (
        "kraken",
        {"call": "1", "liquidation": "0.4"},
    ),
    "call 0.5 is reached as soon as the most is borrowed, at 125x": (
        "perp",
        {"call": "0.5", "liquidation": "1", "maintenance_rate": "0.004", "leverage": "125"},
    ),
    "tier 1: call 1.2 is reached as soon as the most is borrowed, at 6x": (
        "binance_isolated",
        {
            "liquidation": "1.05",
            "call": "1.1",
            "tiers": [{"from": "0", "call": "1.2", "leverage": "6"}],
        },
    ),
}


@pytest.mark.parametrize("words", AT_ENTRY)
def test_a_level_that_is_reached_at_once_is_a_warning(words: str) -> None:
    model, fields = AT_ENTRY[words]
    assert said(model, **fields) == [("warning", words)]


def test_a_level_that_is_met_exactly_is_reached() -> None:
    """1.5 x 20 % of maintenance is the 30 % of initial margin, to the digit."""
    fields = {"call": "1.5", "initial_rate": "0.3", "maintenance_rate": "0.2"}
    assert [severity for severity, _ in said("bitfinex", **fields)] == ["warning"]


@pytest.mark.parametrize("model", ["okx_isolated", "bitfinex"])
def test_a_tier_is_reached_by_its_own_rate(model: str) -> None:
    tiers = [{"from": "0", "maintenance_rate": "0.03"}, {"from": "1", "maintenance_rate": "0.11"}]
    found = said(model, liquidation="1", leverage="10", maintenance_rate="0.03", tiers=tiers)
    words = "tier 2: liquidation 1 is reached as soon as the most is borrowed, at 10x"
    assert found == [("warning", words)]


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = said("bitfinex", call="1", liquidation="1.5", initial_rate="0.1", maintenance_rate="1")
    assert len([severity for severity, _ in found if severity == "error"]) == 3
