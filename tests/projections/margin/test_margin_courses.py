"""The course of calls and liquidations: several events in one instant, or over several seconds."""

from decimal import Decimal

import pytest

from tests.projections.margin.test_margin import cents
from tests.projections.margin.test_margin_calls import LONG, called, of_kraken, watched
from tests.story import told

PERPETUAL = """
    2025-03-01  v/a  terms      perp  maintenance_rate 0.01
    2025-03-01  v/a  deposited  1000 USD
    2025-03-01  v/a  bought     0.1 BTC  @ 100000  on p
"""
"""Its level, 0.1 P / 100 over 0.1 P - 9,000, rises as the price falls; from 90,000 on: none."""

LENT = """
    2025-03-01  binance/cross  terms      binance_cross  leverage 3
    2025-03-01  binance/cross  deposited  10000 USD
    2025-03-01  binance/cross  borrowed   20000 USD
    2025-03-01  binance/cross  bought     0.3 BTC  @ 100000
"""
"""Called at 86,666.67, liquidated at 73,333.33."""


# How far it went ----------------------------------------------------------------------------------


def test_the_nearest_of_a_level_that_rises_is_its_highest() -> None:
    """At 92,000: 92 over 200; at 95,000: 95 over 500."""
    account, _ = of_kraken(
        PERPETUAL
        + """
        2025-03-02  price  BTC 95000
        2025-03-03  price  BTC 92000  as nearest
        2025-03-04  price  BTC 94000
        """
    )
    assert account.nearest is not None
    assert (account.nearest.level, account.nearest.event) == (Decimal("0.46"), "nearest")


def test_beyond_any_level_is_the_worst_and_the_nearest_and_stays_it() -> None:
    """At 89,000 nothing is left, -100: no level any more. 90,500 is 90.50 over 50, 1.81."""
    account, report = of_kraken(
        PERPETUAL
        + """
        2025-03-02  price  BTC 90500  as out
        2025-03-03  price  BTC 89000  as beyond
        2025-03-04  price  BTC 90500
        2025-03-05  price  BTC 95000
        """
    )
    assert account.nearest is not None
    assert (account.nearest.level, account.nearest.event) == (None, "beyond")
    assert account.nearest.status == "liquidation"
    assert called(account) == [("liquidation", "03-02", "03-05", False)]
    assert account.calls[0].worst is None
    (found,) = report.findings
    assert found.event == "out"


def test_a_course_that_begins_beyond_any_level_is_not_made_milder() -> None:
    account, _ = of_kraken(
        PERPETUAL
        + """
        2025-03-02  price  BTC 89000  as beyond
        2025-03-03  price  BTC 90500
        """
    )
    assert account.calls[0].worst is None
    assert account.nearest is not None
    assert (account.nearest.level, account.nearest.event) == (None, "beyond")


def test_the_worst_of_a_call_is_its_lowest_level_and_not_its_last() -> None:
    """0.3 x 60,000 over 20,000."""
    account, _ = of_kraken(
        LENT
        + """
        2025-03-02  price  BTC 73000
        2025-03-03  price  BTC 60000
        2025-03-04  price  BTC 72000
        """
    )
    assert [call.worst for call in account.calls] == [Decimal("0.9")]


# One instant --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("deposit", "found"), [("0.1", ["leverage_above_limit"]), ("1", [])])
def test_a_loan_is_judged_with_all_that_is_booked_in_its_instant(
    deposit: str, found: list[str]
) -> None:
    """20,001 lent against 10,000.10 is beyond 3x, against 10,001 it is not."""
    report, _ = watched(
        told(f"""
        2025-03-01  binance/cross  terms      binance_cross  leverage 3
        2025-03-01  binance/cross  deposited  10000 USD
        2025-03-02  binance/cross  borrowed   20001 USD  as loan
        2025-03-02  binance/cross  deposited  {deposit} USD
        """)
    )
    assert [finding.kind for finding in report.findings] == found
    assert {finding.event for finding in report.findings} <= {"loan"}


def test_a_call_that_begins_with_a_liquidation_is_answered_by_it() -> None:
    """0.5 BTC are sold at 24,000; 7,000 - 6,000 over 6,000 is beyond 0.4 still."""
    account, report = of_kraken(LONG + "2025-03-03  liquidated  0.5 BTC  @ 24000  on p")
    assert called(account) == [("liquidation", "03-03", "-", True)]
    assert report.findings == ()


def test_a_liquidation_over_two_seconds_is_one() -> None:
    """Half of the coins is sold and repaid, then the other half: the venue decided once."""
    account, report = of_kraken(
        LENT
        + """
        2025-03-02            price  BTC 73000
        2025-03-03T12:00:00   binance/cross  liquidated  0.15 BTC  @ 73000  as first
        2025-03-03T12:00:00   binance/cross  repaid      10000 USD
        2025-03-03T12:00:01   binance/cross  liquidated  0.15 BTC  @ 80000
        2025-03-03T12:00:01   binance/cross  repaid      10000 USD
        """
    )
    assert [compared.event for compared in account.liquidations] == ["first"]
    assert report.findings == ()


def test_two_liquidations_with_a_trade_of_ones_own_between_them_are_two() -> None:
    account, _ = of_kraken(
        LENT
        + """
        2025-03-03T12:00:00   binance/cross  liquidated  0.15 BTC  @ 73000
        2025-03-03T12:00:01   binance/cross  bought      0.01 BTC  @ 73000
        2025-03-03T12:00:02   binance/cross  liquidated  0.15 BTC  @ 72000
        """
    )
    assert len(account.liquidations) == 2


# Quotes -------------------------------------------------------------------------------------------


def test_a_liquidation_for_tethers_is_held_against_prices_in_tethers() -> None:
    """A tether at 50 cents: 0.3 x 73,333 x 0.5 over 10,000, and 73,333.33 tethers were expected."""
    account, report = of_kraken("""
        2025-03-01  price          USDT 0.5
        2025-03-01  binance/cross  terms       binance_cross  leverage 3
        2025-03-01  binance/cross  deposited   10000 USDT  bought 2025-03-01 for 5000
        2025-03-01  binance/cross  borrowed    20000 USDT
        2025-03-01  binance/cross  bought      0.3 BTC  @ 100000 USDT
        2025-03-03  binance/cross  liquidated  0.3 BTC  @ 73333 USDT
        2025-03-03  binance/cross  repaid      20000 USDT
    """)
    (compared,) = account.liquidations
    assert (compared.level, compared.agrees) == (Decimal("1.099995"), True)
    assert cents(compared.expected_price) == "73333.33"
    assert report.findings == ()
