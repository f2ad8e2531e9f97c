"""Presets: every one loads, contradicts nothing, and holds the numbers of its source."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from adapters.venues.presets import Preset, preset, presets
from adapters.wire import decode, encode, from_native, to_native
from domain.errors import InvalidEvent, Refused, UnknownName
from domain.events import MarginTermsSet
from domain.terms_faults import faults

AT = datetime(2026, 3, 1, tzinfo=UTC)
NEEDED = {"initial_rate": "0.5", "maintenance_rate": "0.05"}
DOCS = Path(__file__).parents[3] / "docs" / "margin-terms.md"


def made(chosen: Preset, **changes: Any) -> MarginTermsSet:
    needed = {name: NEEDED[name] for name in chosen.needs}
    return chosen.terms(at=AT, id="t", **{**needed, **changes})


every = pytest.mark.parametrize("chosen", presets(), ids=lambda chosen: chosen.edition)


@every
def test_a_preset_contradicts_nothing(chosen: Preset) -> None:
    assert [fault for fault in faults(made(chosen)) if fault.severity == "error"] == []


@every
def test_a_whole_ladder_contradicts_nothing(chosen: Preset) -> None:
    if chosen.ladder:
        sizes = [str(90000 * n) for n in range(len(chosen.ladder))]
        assert faults(made(chosen, tiers=chosen.rungs(sizes))) == ()


@every
def test_what_is_recorded_survives_its_way_into_the_log_and_back(chosen: Preset) -> None:
    event = made(chosen, interest_rates={"ETH": "0.0002"}, collateral_factors={"BTC": "0.95"})
    assert from_native(to_native("any/main", event)) == ("any/main", event)
    assert decode(*encode(event))[0] == event


@every
def test_a_preset_says_where_it_was_read(chosen: Preset) -> None:
    assert chosen.source
    event = made(chosen)
    assert event.source == f"preset {chosen.edition}: {chosen.source}"
    assert event.model == chosen.model


@every
def test_numbers_are_texts(chosen: Preset) -> None:
    def leaves(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [leaf for part in value.values() for leaf in leaves(part)]
        return (
            [leaf for part in value for leaf in leaves(part)]
            if isinstance(value, list)
            else [value]
        )

    assert {type(leaf) for value in chosen.values.values() for leaf in leaves(value)} <= {str}


@every
def test_the_docs_list_it(chosen: Preset) -> None:
    assert row(chosen) in DOCS.read_text("utf-8")


def row(chosen: Preset) -> str:
    """A preset's line in docs/margin-terms.md."""
    shown = {
        name: ", ".join(f"{asset} {part}" for asset, part in value.items())
        if isinstance(value, dict)
        else f"{len(value)}"
        if isinstance(value, list)
        else value
        for name, value in chosen.values.items()
    }
    values = "; ".join(f"{name} {value}" for name, value in shown.items())
    needs = f" **needs** {', '.join(chosen.needs)}" if chosen.needs else ""
    when = chosen.date or "undated"
    return f"| `{chosen.name}` | `{chosen.model}` | {when} | {values}{needs} | {chosen.source} |"


LEVELS = """
    kraken                 0.8   0.4
    binance_cross_3x       1.3   1.1
    binance_cross_5x       1.16  1.1
    binance_isolated_10x   1.09  1.05
    binance_isolated_5x    1.19  1.15
    binance_isolated_3x    1.22  1.18
    bitfinex               1.5   1
"""


@pytest.mark.parametrize("line", LEVELS.strip().splitlines())
def test_call_and_liquidation_are_the_venues(line: str) -> None:
    """Exchanges: 2.1, 2.2, 2.3."""
    name, call, liquidation = line.split()
    event = made(preset(name, AT.date()))
    assert (event.call, event.liquidation) == (Decimal(call), Decimal(liquidation))


def test_the_tiers_of_isolated_margin_end_where_the_next_leverage_begins() -> None:
    """Exchanges: 2.2: tier 10 of 10x is 1.25/1.19/1.15, what 5x begins with."""
    last = preset("binance_isolated_10x").rungs([str(n) for n in range(10)])[-1]
    first = preset("binance_isolated_5x").rungs(["0"])[0]
    assert (last.call, last.liquidation, last.leverage) == (
        first.call,
        first.liquidation,
        first.leverage,
    )


def test_the_older_table_had_one_call_level_for_all_tiers() -> None:
    """The page in Spanish and Korean: 1.1 and 1.05 in every tier of 10x."""
    event = made(preset("binance_isolated_10x", date(2023, 1, 1)))
    assert (event.call, event.liquidation_fee_rate) == (Decimal("1.1"), None)


@pytest.mark.parametrize("name", ["binance_cross_3x", "binance_cross_5x", "binance_isolated_10x"])
def test_a_liquidation_at_binance_costs_two_percent(name: str) -> None:
    assert made(preset(name)).liquidation_fee_rate == Decimal("0.02")


def test_krakens_rates_are_those_of_the_text_of_2026() -> None:
    """Exchanges: 2.1: 0.025 % USD, 0.010 % BTC in the text of 2026-02-10; none before it."""
    new, old = preset("kraken", date(2026, 2, 10)), preset("kraken", date(2026, 2, 9))
    rates = (("BTC", Decimal("0.0001")), ("USD", Decimal("0.00025")))
    assert made(new).interest_rates == rates
    assert made(old).interest_rates == ()
    assert (old.edition, new.edition) == ("kraken@undated", "kraken@2026-02-10")


def test_a_perpetuals_maintenance_margin_has_no_steps() -> None:
    """Where a tier begins, rate x size - deduction is the same in both tiers."""
    tiers = made(preset("binance_perp_btcusdt")).tiers
    for tier, after in pairwise(tiers):
        assert tier.maintenance_rate is not None and after.maintenance_rate is not None  # noqa: PT018
        assert tier.deduction is not None and after.deduction is not None  # noqa: PT018
        size = after.from_
        margins = [size * t.maintenance_rate - t.deduction for t in (tier, after)]  # type: ignore[operator]
        assert margins[0] == margins[1]


def test_what_no_source_gives_must_be_given() -> None:
    with pytest.raises(Refused, match="says nothing of maintenance_rate: no source gives it"):
        preset("bitfinex").terms(at=AT, id="t")
    given = preset("bitfinex").terms(at=AT, id="t", maintenance_rate="0.05")
    assert given.maintenance_rate == Decimal("0.05")


def test_rates_are_added_to_the_presets_own_and_may_replace_them() -> None:
    event = made(preset("kraken"), interest_rates={"ETH": "0.0002", "USD": "0.0001"})
    rates = dict(event.interest_rates)
    assert rates == {"BTC": Decimal("0.0001"), "ETH": Decimal("0.0002"), "USD": Decimal("0.0001")}


def test_a_generation_is_chosen_by_day_or_by_name() -> None:
    assert preset("kraken").edition == "kraken@2026-02-10"
    assert preset("kraken@undated", date(2027, 1, 1)).edition == "kraken@undated"
    with pytest.raises(UnknownName, match="is not known to hold on 2020-01-01"):
        preset("okx_isolated_btcusdt", date(2020, 1, 1))
    with pytest.raises(UnknownName, match="no such generation of kraken"):
        preset("kraken@2020-01-01")
    with pytest.raises(UnknownName, match=r"no preset is called 'kracken'; known: .*bitfinex"):
        preset("kracken")


def test_a_ladder_takes_no_more_sizes_than_it_has_tiers() -> None:
    with pytest.raises(Refused, match="has 5 tiers, and 6 sizes are given"):
        preset("binance_isolated_3x").rungs(["0", "1", "2", "3", "4", "5"])
    with pytest.raises(Refused, match="kraken has no ladder"):
        preset("kraken").rungs(["0"])
    with pytest.raises(InvalidEvent):
        preset("binance_isolated_3x").rungs(["many"])
