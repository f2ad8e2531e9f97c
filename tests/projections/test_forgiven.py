"""Debt written off after a liquidation: income with recourse, amount realised without."""

import pytest

from projections.decisions import Decisions
from tests.story import balances, findings, form_8949, kinds, schedule_1, table, taxed, told

CAR = """
    2024-01-01  binance/isolated/BTCUSD  deposited   1 BTC      bought 2024-01-01 for 15000
    2024-02-01  binance/isolated/BTCUSD  borrowed    10000 USD
    2024-02-01  binance/isolated/BTCUSD  withdrawn   10000 USD
    2025-03-01  binance/isolated/BTCUSD  liquidated  1 BTC      for 9000  as gone
    2025-03-01  binance/isolated/BTCUSD  repaid      9000 USD
"""


def test_a_debt_written_off_with_recourse_is_income_and_the_loss_stays() -> None:
    """Cases: E3; Pub. 544 (2025) p. 8, Cancellation of debt, Example 1, the car as a coin."""
    book = told(CAR + "2025-03-02  binance/isolated/BTCUSD  forgiven  1000 USD  recourse yes")
    assert form_8949(book, 2025) == table("""
        proceeds  basis     gain
        9000.00   15000.00  -6000.00
    """)
    assert schedule_1(book) == {"8c": "1000.00"}
    assert balances(book) == []


def test_without_recourse_the_whole_debt_is_realised_and_nothing_is_income() -> None:
    """Cases: E4; Pub. 544 (2025) p. 8, Amount realized on a nonrecourse debt, Example 1."""
    book = told(CAR + "2025-03-02  binance/isolated/BTCUSD  forgiven  1000 USD  recourse no")
    assert form_8949(book, 2025) == table("""
        proceeds  basis     gain
        10000.00  15000.00  -5000.00
    """)
    assert schedule_1(book) == {}
    assert kinds(book) == ["tax_fact_missing"]


@pytest.mark.parametrize(
    ("policy", "recourse", "proceeds"),
    [
        ("nonrecourse", "", "10000.00"),
        ("nonrecourse", "recourse yes", "9000.00"),
        ("recourse", "", "9000.00"),
        ("recourse", "recourse no", "10000.00"),
    ],
)
def test_the_policy_counts_where_the_write_off_does_not_say(
    policy: str, recourse: str, proceeds: str
) -> None:
    """Policy `liquidation_deficit`."""
    book = told(f"""{CAR}
        2025-03-02  binance/isolated/BTCUSD  forgiven  1000 USD  {recourse}
        2025-12-31  policy  liquidation_deficit {policy}
    """)
    assert [row["proceeds"] for row in form_8949(book, 2025)] == [proceeds]


def test_a_write_off_of_a_later_year_belongs_to_the_year_of_the_liquidation() -> None:
    """The sale discharged the debt, whenever the venue wrote it off."""
    book = told(CAR + "2026-02-01  binance/isolated/BTCUSD  forgiven  1000 USD  recourse no")
    assert [row["proceeds"] for row in form_8949(book, 2025)] == ["10000.00"]
    assert schedule_1(book, 2026) == {}


def test_the_fund_that_tops_up_a_position_limits_its_loss_to_the_margin() -> None:
    """Cases: E6: bought for 50,000 with a margin of 10,000, sold for 35,000; the margin is lost."""
    text = """
        2025-02-01  kraken/main  deposited   10000 USD
        2025-02-01  kraken/main  bought      1 BTC  @ 50000  on T1  leverage 5
        2025-03-01  kraken/main  liquidated  1 BTC  @ 35000  on T1
        2025-03-01  kraken/main  forgiven    5000 USD
    """
    limited = told(text + "2025-01-01 policy liquidation_deficit nonrecourse")
    assert [row["gain"] for row in form_8949(limited, 2025)] == ["-10000.00"]
    assert schedule_1(limited) == {}
    liable = told(text)
    assert [row["gain"] for row in form_8949(liable, 2025)] == ["-15000.00"]
    assert schedule_1(liable) == {"8c": "5000.00"}
    assert balances(limited) == balances(liable) == []


def test_the_fund_that_tops_up_a_short_makes_its_cover_cheaper() -> None:
    """Cases: E6, the other side: what the trader never paid is no cost of the cover."""
    book = told("""
        2025-02-01  kraken/main  deposited   10000 USD
        2025-02-01  kraken/main  sold        1 BTC  @ 50000  on T1  leverage 5
        2025-03-01  kraken/main  liquidated  1 BTC  @ 65000  on T1  side buy
        2025-03-01  kraken/main  forgiven    5000 USD  recourse no
    """)
    assert form_8949(book, 2025) == table("""
        proceeds  basis     gain
        50000.00  60000.00  -10000.00
    """)


TWO = """
    2025-01-01  deposited   1 BTC   bought 2023-01-01 for 20000
    2025-01-01  deposited   10 ETH  bought 2025-01-01 for 30000
    2025-02-01  borrowed    50000 USD
    2025-02-01  withdrawn   50000 USD
    2025-03-01  liquidated  1 BTC   for 30000
    2025-03-01  liquidated  10 ETH  for 15000
    2025-03-01  repaid      45000 USD
"""


def test_a_write_off_after_several_assets_is_shared_by_what_each_brought() -> None:
    book = told(TWO + "2025-03-01  forgiven  5000 USD  recourse no")
    assert form_8949(book, 2025) == table("""
        asset  proceeds  term
        BTC    33333.33  long
        ETH    16666.67  short
    """)
    assert sum(float(row["proceeds"]) for row in form_8949(book, 2025)) == 50000


def test_a_write_off_raises_the_last_liquidation_before_it_alone() -> None:
    book = told(f"""{TWO}
        2025-03-05  deposited   1 SOL  bought 2025-01-01 for 100
        2025-03-05  liquidated  1 SOL  for 90
        2025-03-06  forgiven    5000 USD  recourse no
        2025-03-07  deposited   1 SOL  bought 2025-01-01 for 100
        2025-03-08  liquidated  1 SOL  for 90
    """)
    assert [row["proceeds"] for row in form_8949(book, 2025)] == [
        "30000.00",
        "15000.00",
        "5090.00",
        "90.00",
    ]


def test_a_debt_in_coin_counts_at_its_worth_when_the_collateral_was_sold() -> None:
    book = told("""
        2025-01-01  deposited   1 BTC  bought 2024-06-01 for 30000
        2025-02-01  borrowed    40000 USDT
        2025-02-01  withdrawn   40000 USDT
        2025-03-01  price       USDT 0.99
        2025-03-01  liquidated  1 BTC  for 36000 USDT
        2025-03-01  repaid      36000 USDT
        2025-03-02  forgiven    4000 USDT  recourse no
    """)
    assert form_8949(book, 2025)[0] == table("asset proceeds\nBTC 39600.00")[0]
    assert schedule_1(book) == {}


def test_a_write_off_that_no_liquidation_precedes_is_found_and_is_income() -> None:
    book = told("2025-03-02  forgiven  250 USD  recourse no")
    assert schedule_1(book) == {"8c": "250.00"}
    found = [row for row in findings(book) if row["kind"] == "forgiven_without_liquidation"]
    assert [row["severity"] for row in found] == ["warning"]


def test_another_account_or_a_voided_liquidation_is_no_liquidation_before_it() -> None:
    text = CAR + "2025-03-02  kraken/main  forgiven  1000 USD  recourse no"
    assert [row["proceeds"] for row in form_8949(told(text), 2025)] == ["9000.00"]
    assert "forgiven_without_liquidation" in kinds(told(text))
    voided = told(f"""{CAR}
        2025-03-02  binance/isolated/BTCUSD  forgiven  1000 USD  recourse no
        2025-03-03  binance/isolated/BTCUSD  voided    gone wrong
    """)
    assert form_8949(voided, 2025) == []
    assert schedule_1(voided) == {"8c": "1000.00"}


def test_the_write_off_is_evidence_of_the_row() -> None:
    book = told(CAR + "2025-03-02  binance/isolated/BTCUSD  forgiven  1000 USD  recourse no")
    (row,) = taxed(book, 2025)[0]
    assert list(Decisions(book.log).behind(row.of)) == [6]
