"""An account's sums, kept part by part: what an event leaves behind, and what it takes off."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from projections.balances import Balances
from projections.margin.margin_history import MarginHistory
from projections.prices import Marks
from projections.replay import replay
from tests.projections.margin.test_margin import said, state
from tests.projections.margin.test_margin_calls import watched
from tests.projections.margin.test_margin_models import figured
from tests.story import told


def test_positions_that_are_closed_leave_nothing_behind() -> None:
    """A thousand of them would slow every question: it is made of USD, BTC and the open one."""
    sizes: list[tuple[int, int]] = []
    history = MarginHistory(
        Balances(),
        Marks("USD", timedelta(hours=24)),
        lambda _, standing, __: sizes.append(standing.size),
    )
    rounds = "\n".join(
        f"2025-03-01  bought  1 BTC  @ 30000  on p{i}  leverage 5\n"
        f"2025-03-01  sold    1 BTC  @ 30000  on p{i}"
        for i in range(3)
    )
    replay(told(f"2025-03-01  deposited  10000 USD\n{rounds}").replayed, *history.projections)
    opened, closed = sizes[1::2], sizes[2::2]
    assert len(set(opened)) == len(set(closed)) == 1
    (parts, waiting), (left, _) = opened[0], closed[0]
    assert (parts - left, waiting) == (1, 0)


def test_a_position_opened_again_under_its_old_name_is_measured_by_itself() -> None:
    """The first did not say its leverage, and stood in an account that held nothing."""
    _, points = watched(
        told("""
        2025-03-01  bought     1 BTC  @ 100  on p
        2025-03-02  sold       1 BTC  @ 100  on p
        2025-03-03  deposited  9000 USD
        2025-03-04  bought     1 BTC  @ 30000  on p  leverage 5  as again
        2025-03-05  withdrawn  9000 USD  as empty
        """)
    )
    told_of = {point.event: said(point, "level", "status") for point in points}
    assert told_of["again"] == ["1.5", "healthy"]
    assert told_of["empty"] == ["0", "liquidation"]


def test_a_position_that_is_delivered_pays_its_units_from_the_balance() -> None:
    """1 BTC for 6,000 of 10,000, worth 5,000 by then: 9,000, and no position any more."""
    _, points = watched(
        told("""
        2025-03-01  deposited  10000 USD
        2025-03-01  bought     1 BTC  @ 6000  on p  leverage 5
        2025-03-02  price      BTC 5000
        2025-03-03  settled    p 1 BTC  for 6000  as delivered
        """)
    )
    last = points[-1]
    assert said(last, "event", "equity", "level", "status") == [
        "delivered",
        "9000",
        None,
        "healthy",
    ]


def test_the_margin_of_a_position_quoted_in_a_coin_is_worth_what_the_coin_is() -> None:
    """10 ETH at 0.1 BTC and 2x hold 0.5 BTC: 15,000 at 30,000; equity 10,000 is 2/3 of it."""
    book = told("""
        2025-03-01  price      BTC 30000
        2025-03-01  deposited  10000 USD
        2025-03-01  bought     10 ETH  @ 0.1 BTC  on p  leverage 2
    """)
    account = state(book)
    assert f"{account.level:.4f} {account.status}" == "0.6667 call"


def test_an_account_below_zero_that_owes_nothing_by_name_is_not_healthy() -> None:
    """A balance below zero is owed to the venue: without terms nobody says how near it is."""
    account = state(told("2025-03-01  okx/main  withdrawn  5 USD"))
    assert (account.status, account.level) == (None, None)
    assert said(account, "equity", "debt") == ["-5", "5"]


def test_a_haircut_is_taken_off_what_is_held_and_never_off_what_is_owed() -> None:
    """2 ETH at 1,000, half of their worth counts; 1 ETH is owed, whole: 1,000 - 1,000."""
    account = figured(
        """
        deposited  1 ETH  bought 2024-01-01 for 900
        borrowed   1 ETH
        price      ETH 1000
        """,
        model="binance_cross",
        leverage=3,
        collateral_factors={"ETH": "0.5"},
    )
    assert said(account, "equity", "debt") == ["0", "1000"]


# A margin that is used, and what is free --------------------------------------------------------


def test_binance_at_four_times_uses_exactly_what_was_brought() -> None:
    """1,000 of own money lend 3,000 at 4x: all of it is used, to the last digit."""
    account = figured("deposited  1000 USD\nborrowed  3000 USD", model="binance_cross", leverage=4)
    assert said(account, "used_margin", "free_margin", "borrowable") == ["1000", "0", "0"]


def test_the_margin_that_a_perpetual_needs_is_the_equity_at_which_it_is_liquidated() -> None:
    """5 % of 20,000 is 1,000; liquidated at 80 % of the margin balance, that is at 1,250."""
    account = figured(
        "deposited  5000 USD\nbought  0.2 BTC  @ 100000  on p",
        model="perp",
        maintenance_rate="0.05",
        liquidation="0.8",
    )
    assert account.level == Decimal("0.2")
    assert said(account, "maintenance_margin", "above_liquidation") == ["1250", "3750"]
    assert account.positions[0].maintenance_margin == 1250


# Tiers ------------------------------------------------------------------------------------------

DEBTS = [
    {"from": "0", "liquidation": "1.05"},
    {"from": "40000", "liquidation": "1.15"},
]


def test_a_tier_that_tells_a_liquidation_alone_keeps_the_call_of_the_terms() -> None:
    """52,000 over a debt of 42,000 is 1.238: called at 1.3, and not yet at 1.15."""
    terms: dict[str, Any] = {"model": "binance_isolated", "leverage": 10, "call": "1.3"}
    account = figured("deposited  10000 USD\nborrowed  42000 USD", **terms, tiers=DEBTS)
    assert account.status == "call"
    assert account.terms is not None
    assert (account.terms.call, account.terms.liquidation) == (Decimal("1.3"), Decimal("1.15"))


def test_tiers_out_of_order_are_found_and_no_level_is_figured() -> None:
    tiers = [
        {"from": "10000", "maintenance_rate": "0.02"},
        {"from": "0", "maintenance_rate": "0.01"},
    ]
    text = "deposited  5000 USD\nbought  0.2 BTC  @ 100000  on p"
    account = figured(text, model="perp", tiers=tiers)
    assert (account.level, account.status) == (None, None)
    found = account.findings
    assert {(f.kind, f.severity) for f in found} == {("terms_contradict", "error")}
    assert "tier 2 begins at 0, before tier 1 at 10000" in [f.problem for f in found]


def test_a_deduction_that_makes_the_margin_fall_is_a_contradiction() -> None:
    """1 % of 1,000 is 10; 2 % of it less 500 is -480, where 20 - 10 goes on."""
    text = "deposited  5000 USD\nbought  0.2 BTC  @ 100000  on p"
    tiers = [
        {"from": "0", "maintenance_rate": "0.01"},
        {"from": "1000", "maintenance_rate": "0.02", "deduction": "500"},
    ]
    account = figured(text, model="perp", tiers=tiers)
    assert (account.level, account.status) == (None, None)
    (found,) = account.findings
    assert (found.kind, found.severity) == ("terms_contradict", "error")
    assert "falls from 10 to -480" in found.problem
    sound = figured(text, model="perp", tiers=[tiers[0], {**tiers[1], "deduction": "10"}])
    assert sound.findings == ()
    assert sound.maintenance_margin == 390


def test_tiers_that_begin_above_zero_lack_a_rate_for_what_is_smaller() -> None:
    """A position of 990, and the first tier begins at 1,000."""
    text = "deposited  10 USD\nbought  0.0099 BTC  @ 100000  on p"
    tiers = [{"from": "1000", "maintenance_rate": "0.02"}]
    account = figured(text, model="perp", tiers=tiers)
    assert (account.level, account.status) == (None, None)
    assert [(f.kind, f.severity) for f in account.findings] == [("terms_incomplete", "error")]
    whole = figured(text, model="perp", tiers=tiers, maintenance_rate="0.01")
    assert (whole.findings, whole.maintenance_margin) == ((), Decimal("9.9"))
