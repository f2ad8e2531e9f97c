"""The prices that matter where tiers begin, where they jump, and where a quote itself moves."""

from decimal import Decimal
from typing import Any

import pytest

from tests.projections.margin.test_margin import cents, said, state
from tests.projections.margin.test_margin_models import figured, with_terms
from tests.story import told


def tier(begin: int, rate: str, deduction: str | None = None) -> dict[str, str]:
    told = {"from": str(begin), "maintenance_rate": rate}
    return told if deduction is None else {**told, "deduction": deduction}


@pytest.mark.parametrize(
    ("own", "second"),
    [
        (
            10500,
            tier(50000, "0.02", "500"),
        ),  # 60,500 less 50,000 - 40,000 is 500: 1 %, and 2 % - 500
        (10500, tier(50000, "0.02")),  # 500 is reached where 1 % ends
        (11000, tier(50000, "0.02")),  # 1,000 is reached where 2 % begin
    ],
)
def test_a_level_that_is_reached_exactly_where_a_tier_begins(
    own: int, second: dict[str, str]
) -> None:
    """A short of 1 BTC at 40,000: at 50,000 it has lost 10,000."""
    text = f"deposited  {own} USD\nsold  1 BTC  @ 40000  on p"
    terms: dict[str, Any] = {"model": "perp", "tiers": [tier(0, "0.01"), second]}
    assert figured(text, **terms).prices["BTC"].liquidation == 50000
    assert figured(text, {"BTC": "50000"}, **terms).status == "liquidation"
    assert figured(text, {"BTC": "49999.99"}, **terms).status == "healthy"


def test_the_nearest_of_two_prices_counts_and_not_the_smallest() -> None:
    """A long of 1 BTC at 100,000 with 20,000: 1 % up to 120,000, from there on half of it.

    Down: 20,000 + P - 100,000 = P / 100 at 80,808.08. Up: at 120,000 equity 40,000 is below 60,000.
    """
    text = "deposited  20000 USD\nbought  1 BTC  @ 100000  on p"
    terms: dict[str, Any] = {"model": "perp", "tiers": [tier(0, "0.01"), tier(120000, "0.5")]}
    near = {
        mark: figured(text, {"BTC": mark}, **terms).prices["BTC"].liquidation
        for mark in ("100000", "105000")
    }
    assert cents(near["100000"]) == "80808.08"
    assert near["105000"] == 120000
    assert figured(text, {"BTC": "119999"}, **terms).status == "healthy"


def test_a_short_perpetual_beside_coins_of_its_own_is_liquidated_upwards() -> None:
    """Short 2 at 50,000, 1 BTC held, 10,000 USD: 10,000 + 100,000 - P = 2 P / 100."""
    account = figured(
        """
        deposited  10000 USD
        deposited  1 BTC  bought 2024-01-01 for 1
        sold       2 BTC  @ 50000  on p
        """,
        model="perp",
        maintenance_rate="0.01",
    )
    assert cents(account.prices["BTC"].liquidation) == "107843.14"  # 110,000 / 1.02


# Quotes -----------------------------------------------------------------------------------------


def test_tiers_and_deductions_of_a_perpetual_are_in_its_quote() -> None:
    """1 BTC at 40,000 tethers with 10,000 of own ones, a tether at 50 cents; 2 % - 300 tethers.

    In dollars: equity 5,000, maintenance 2 % of 20,000 - 150 = 250. It is liquidated where
    10,000 + P - 40,000 = 0.02 P - 300: at 30,306.12 tethers, 15,153.06 dollars.
    """
    account = figured(
        """
        price      USDT 0.5
        deposited  10000 USDT  bought 2024-01-01 for 5000
        bought     1 BTC  @ 40000 USDT  on p
        """,
        model="perp",
        tiers=[tier(0, "0.01"), tier(30000, "0.02", "300")],
    )
    assert said(account, "currency", "equity") == ["USD", "5000"]
    assert said(account, "maintenance_margin", "level") == ["250", "0.05"]
    assert cents(account.prices["BTC"].liquidation) == "15153.06"
    (position,) = account.positions
    assert cents(position.liquidation_price) == "30306.12"
    assert said(position, "mark", "maintenance_margin") == ["40000", "250"]


IN_TETHERS = """
    2025-03-01  price  USDT 0.45
    2025-03-01  price  BTC 50000
    2025-03-01  v/a    deposited  5000 USD
    2025-03-01  v/a    bought     1 BTC  @ 100000 USDT  on p
    2025-03-01  price  BTC 50000
"""


def test_a_token_that_falls_may_carry_a_position_into_a_larger_tier() -> None:
    """50,000 dollars of BTC are 120,000 tethers and more at 0.41666... and less.

    There 40 % of 50,000 is more than the equity, 55,000 - 100,000 x 0.41666 = 13,333. Upwards
    it would take 0.545: 55,000 - 54,500 = 1 % of 50,000.
    """
    tiers = [tier(0, "0.01"), tier(120000, "0.4")]
    book = with_terms(told(IN_TETHERS), "v/a", model="perp", tiers=tiers)
    account = state(book, BTC="50000")
    assert said(account, "equity", "status") == ["10000", "healthy"]
    reached = account.prices["USDT"].liquidation
    assert reached is not None
    assert f"{reached:.12f}" == "0.416666666667"
    assert state(book, BTC="50000", USDT=str(reached)).status == "liquidation"
    tick = Decimal("1E-28")
    assert state(book, BTC="50000", USDT=str(reached + tick)).status == "healthy"
    assert state(book, BTC="50000", USDT="0.545").status == "liquidation"


# Debts ------------------------------------------------------------------------------------------


def test_a_balance_below_zero_is_a_debt_that_has_its_tier() -> None:
    """1 BTC below zero with 40,000: at 30,000 the equity of 10,000 is less than 40 % of it."""
    account = figured(
        """
        deposited  40000 USD
        withdrawn  1 BTC
        price      BTC 25000
        """,
        model="bybit_unified",
        tiers=[tier(0, "0.01"), tier(30000, "0.4")],
    )
    assert said(account, "maintenance_margin", "status") == ["250", "healthy"]
    assert account.prices["BTC"].liquidation == 30000


def test_what_is_owed_beyond_what_is_held_has_its_tier() -> None:
    """Standard terms weigh 2 BTC owed and 1 held as one: 40 % where it is worth 30,000."""
    account = figured(
        """
        deposited  40000 USD
        deposited  1 BTC  bought 2024-01-01 for 1
        borrowed   2 BTC
        withdrawn  2 BTC
        price      BTC 25000
        """,
        model="standard",
        tiers=[tier(0, "0.01"), tier(30000, "0.4")],
    )
    assert account.prices["BTC"].liquidation == 30000
