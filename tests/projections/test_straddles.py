"""Straddles: long and short of one coin at once is found, and what it may change is told."""

import pytest

from projections.offsets import underlying
from tests.story import straddles, told

OWN = "2023-01-01  kraken/main    deposited  1 BTC  bought 2023-01-01 for 20000\n"
SHORT = """
    2025-02-01  kraken/margin  borrowed  1 BTC
    2025-02-01  kraken/margin  sold      1 BTC  @ 60000  as short
"""


def test_own_coins_beside_an_open_short_are_worth_knowing() -> None:
    """IRC 1092; Pub. 550 (2025) p. 90: positions in the same property that offset each other."""
    (found,) = straddles(told(OWN + SHORT))
    assert (found["kind"], found["severity"], found["asset"]) == ("straddle", "info", "BTC")
    assert (found["account"], found["event"]) == ("kraken/margin", "short")
    assert "BTC of kraken/main is long while BTC is short in kraken/margin" in found["problem"]
    assert "IRC 1092" in found["hint"]


@pytest.mark.parametrize(
    "text",
    [
        OWN,
        SHORT,
        OWN
        + "2025-02-01  kraken/margin  borrowed  1 BTC\n2025-03-01  kraken/margin  repaid  1 BTC",
        OWN + SHORT.replace("BTC", "ETH"),
        OWN.replace("BTC", "USDT") + SHORT.replace("BTC", "USDT"),
        SHORT + "2025-03-01  kraken/margin  bought  1 BTC  @ 50000",
        OWN + "2025-01-31  kraken/main  sold  1 BTC  @ 50000" + SHORT,
    ],
    ids=["long", "short", "borrowed", "other coin", "dollars", "covered", "sold before"],
)
def test_without_both_legs_at_once_there_is_no_straddle(text: str) -> None:
    assert straddles(told(text)) == []


def test_a_long_and_a_short_position_of_one_account_are_one_straddle() -> None:
    book = told("""
        2025-02-01  bought  1 BTC  @ 60000  on T1  leverage 5
        2025-02-02  sold    1 BTC  @ 61000  on T2  leverage 5
    """)
    (found,) = straddles(book)
    assert (found["account"], found["severity"]) == ("kraken/main", "info")


def test_a_loss_waits_for_the_gain_of_the_leg_that_stays_open() -> None:
    """Pub. 550 (2025) p. 91, Example: a loss of 15,000 against 12,750 of unrecognised gain."""
    book = told("""
        2024-01-01  kraken/main    deposited   2 BTC  bought 2024-01-01 for 100000
        2025-07-08  kraken/margin  borrowed    1 BTC
        2025-07-08  kraken/margin  sold        1 BTC  @ 50000
        2025-12-11  kraken/margin  bought      1 BTC  @ 65000
        2025-12-11  kraken/margin  repaid      1 BTC  as closed
        2025-12-30  price          BTC 56375
    """)
    (found,) = straddles(book)
    assert found["severity"] == "warning"
    assert "a loss of 15000.00 was realised on the short leg (closed)" in found["problem"]
    assert "while the long leg is open with an unrecognised gain of 12750.00" in found["problem"]
    assert "up to 12750.00 is not deductible yet" in found["problem"]


def test_a_loss_of_own_coins_waits_for_the_gain_of_an_open_short() -> None:
    book = told("""
        2024-01-01  kraken/main  deposited  1 BTC  bought 2024-01-01 for 65000
        2025-07-08  okx/margin   borrowed   2 BTC
        2025-07-08  okx/margin   sold       2 BTC  @ 56375
        2025-12-11  kraken/main  sold       0.5 BTC  @ 35000  as cut
        2025-12-30  price        BTC 50000
    """)
    (found,) = straddles(book)
    assert found["severity"] == "warning"
    assert "a loss of 15000.00 was realised on the long leg (cut)" in found["problem"]
    assert "while the short leg is open with an unrecognised gain of 12750.00" in found["problem"]
    assert "up to 12750.00 is not deductible yet" in found["problem"]


def test_a_loss_of_a_short_position_waits_for_the_gain_of_own_coins() -> None:
    book = told(f"""{OWN}
        2025-02-01  okx/margin  sold    1 BTC  @ 60000  on T1  leverage 5
        2025-03-01  okx/margin  bought  1 BTC  @ 70000  on T1  as closed
    """)
    (found,) = straddles(book)
    assert found["severity"] == "warning"
    assert "a loss of 10000.00 was realised on the short leg (closed)" in found["problem"]
    assert "an unrecognised gain of 50000.00: up to 10000.00" in found["problem"]


def test_a_loss_counts_where_the_other_leg_was_closed_in_the_same_year() -> None:
    text = f"""{OWN}
        2025-02-01  okx/margin   sold    1 BTC  @ 60000  on T1  leverage 5
        2025-03-01  okx/margin   bought  1 BTC  @ 70000  on T1
    """
    sold = told(text + "2025-12-31T23:00  kraken/main  sold  1 BTC  @ 70000")
    assert [row["severity"] for row in straddles(sold)] == ["info"]
    late = told(text + "2026-01-01T00:00  kraken/main  sold  1 BTC  @ 70000")
    assert [row["severity"] for row in straddles(late)] == ["warning"]
    assert [row["severity"] for row in straddles(late, None)] == ["warning"]


def test_coins_bought_after_the_loss_are_no_leg_of_it() -> None:
    book = told(f"""{OWN}
        2025-02-01  okx/margin   sold    1 BTC  @ 60000  on T1  leverage 5
        2025-03-01  okx/margin   bought  1 BTC  @ 70000  on T1
        2025-04-01  kraken/main  sold    1 BTC  @ 70000
        2025-05-01  kraken/main  bought  1 BTC  @ 50000
        2025-12-31  price        BTC 90000
    """)
    assert [row["severity"] for row in straddles(book)] == ["info"]


def test_the_gain_is_that_of_the_end_of_the_year() -> None:
    """Pub. 550 (2025) p. 91: what an open position would have gained on the last day."""
    book = told(f"""{OWN}
        2025-02-01  okx/margin  sold    1 BTC  @ 60000  on T1  leverage 5
        2025-03-01  okx/margin  bought  1 BTC  @ 70000  on T1
        2025-12-31  price       BTC 15000
        2026-01-02  price       BTC 90000
    """)
    assert [row["severity"] for row in straddles(book)] == ["info"]


def test_own_coins_delivered_for_a_short_at_a_loss_are_sold_at_their_worth() -> None:
    """Cases: D4; Pub. 550 (2025) p. 91, Note: closed at market value, the coin sold at it."""
    book = told("""
        2022-01-01  kraken/main  deposited  1 BTC  bought 2022-01-01 for 20000
        2025-05-01  kraken/main  borrowed   1 BTC
        2025-05-01  kraken/main  sold       1 BTC  @ 60000
        2025-06-01  price        BTC 66000
        2025-06-01  kraken/main  repaid     1 BTC  as delivery
    """)
    (found,) = straddles(book)
    assert found["severity"] == "warning"
    assert "a short that stood at a loss of 6000.00 (delivery)" in found["problem"]
    cheaper = told("""
        2022-01-01  kraken/main  deposited  1 BTC  bought 2022-01-01 for 20000
        2025-05-01  kraken/main  borrowed   1 BTC
        2025-05-01  kraken/main  sold       1 BTC  @ 60000
        2025-06-01  price        BTC 55000
        2025-06-01  kraken/main  repaid     1 BTC
    """)
    assert [row["severity"] for row in straddles(cheaper)] == ["info"]


def test_interest_paid_while_a_straddle_is_open_belongs_to_its_basis() -> None:
    """Pub. 550 (2025) p. 51: not deducted on Form 4952."""
    text = OWN + SHORT
    meanwhile = told(text + "2025-02-10  kraken/margin  interest  5 USD balance  as fee")
    (found,) = straddles(meanwhile)
    assert found["severity"] == "warning"
    assert "interest fell due or was paid meanwhile (fee)" in found["problem"]
    assert "not deducted on Form 4952" in found["problem"]
    before = told("2025-01-10  kraken/margin  interest  5 USD balance\n" + text)
    elsewhere = told(text + "2025-02-10  okx/margin  interest  5 USD balance")
    after = told(f"""{text}
        2025-02-05  kraken/main    sold      1 BTC  @ 60000
        2025-02-10  kraken/margin  interest  5 USD balance
    """)
    for book in (before, elsewhere, after):
        assert [row["severity"] for row in straddles(book)] == ["info"]


def test_a_gain_of_a_short_that_was_covered_and_not_delivered_is_unrecognised() -> None:
    """Pub. 550 (2025) p. 91: gain realised but not recognised at the end of the year."""
    book = told("""
        2024-01-01  kraken/main  deposited  1 BTC  bought 2024-01-01 for 65000
        2025-07-08  okx/margin   borrowed   1 BTC
        2025-07-08  okx/margin   sold       1 BTC  @ 60000
        2025-12-11  kraken/main  sold       1 BTC  @ 35000
        2025-12-12  okx/margin   bought     1 BTC  @ 40000
        2026-01-02  okx/margin   repaid     1 BTC
    """)
    (found,) = straddles(book)
    assert "a loss of 30000.00 was realised on the long leg" in found["problem"]
    assert "an unrecognised gain of 20000.00: up to 20000.00" in found["problem"]


def test_each_pair_of_accounts_is_found_once_a_year() -> None:
    book = told(f"""{OWN}
        2023-01-01  okx/main       deposited  1 BTC  bought 2023-01-01 for 20000
        {SHORT}
        2025-03-01  kraken/margin  borrowed   1 BTC
        2025-03-01  kraken/margin  sold       1 BTC  @ 61000
        2025-04-01  kraken/main    bought     1 BTC  @ 62000
        2027-04-01  kraken/main    bought     1 BTC  @ 62000
    """)
    assert [row["problem"].split(":")[0] for row in straddles(book)] == ["2025", "2025"]
    assert [row["problem"].split(":")[0] for row in straddles(book, 2026)] == ["2026", "2026"]
    assert [row["problem"].split(":")[0] for row in straddles(book, None)] == [
        year for year in ("2025", "2026", "2027") for _ in range(2)
    ]


def test_a_straddle_that_nothing_happens_to_goes_on_to_the_year_asked_for() -> None:
    (found,) = straddles(told(OWN + SHORT), 2028)
    assert found["problem"].startswith("2028: ")
    assert found["at"].startswith("2025-02-01")


def test_coins_that_move_to_another_account_are_long_there() -> None:
    book = told(f"""{OWN}
        2025-01-15  kraken/main  transferred  1 BTC  to ledger/main
        {SHORT}
    """)
    (found,) = straddles(book)
    assert "BTC of ledger/main is long" in found["problem"]


def test_a_contract_on_a_coin_that_is_held_may_be_the_other_leg() -> None:
    """The book knows no side of a contract: it never warns, and says what to look at."""
    book = told(f"""{OWN}
        2025-02-01  kraken/futures  funding   12 USD PF_XBTUSD
        2025-02-02  kraken/futures  contract  PF_XBTUSD -500 USD  as settled
        2025-02-02  kraken/futures  contract  PF_ETHUSD -500 USD
    """)
    (found,) = straddles(book)
    assert (found["account"], found["severity"]) == ("kraken/futures", "info")
    assert "beside the contract PF_XBTUSD" in found["problem"]
    assert "it lost with settled" in found["problem"]
    assert found["hint"].startswith("if the contract is short")


@pytest.mark.parametrize(
    ("contract", "asset"),
    [
        ("BTCUSDT", "BTC"),
        ("BTC-PERPETUAL", "BTC"),
        ("PI_XBTUSD", "BTC"),
        ("ETH-27JUN25", "ETH"),
        ("ETHFIUSDT", "ETHFI"),
        ("ETHWUSDT", ""),
        ("PERP", ""),
    ],
)
def test_a_contracts_name_begins_with_its_coin(contract: str, asset: str) -> None:
    assert underlying(contract, ("BTC", "ETH", "ETHFI")) == asset


def test_hedges_without_a_price_are_not_called_deductible() -> None:
    book = told("""
        2023-01-01  kraken/main  deposited  1 BTC  bought 2023-01-01 for 20000
        2025-02-01  okx/margin   sold       1 BTC  @ 10 USDT  on T1  leverage 5
        2025-02-01  price        USDT 1
        2025-03-01  price        USDT 1
        2025-03-01  okx/margin   bought     1 BTC  @ 20 USDT  on T1
    """)
    (found,) = straddles(book)
    assert found["severity"] == "warning"
    assert "no price says whether it stands at a gain" in found["problem"]


@pytest.mark.parametrize(
    "year",
    [
        "2025-12-31  price  BTC 80000",
        "2025-12-31  price  BTC 80000\n2026-01-02  price  BTC 130000",
        "2025-12-31T23:00  kraken/main  sold  0.1 BTC  @ 80000\n2026-01-01  price  BTC 130000",
    ],
    ids=["alone", "observed", "filled"],
)
def test_the_next_years_first_price_says_nothing_of_the_gain_on_the_last_day(year: str) -> None:
    """Pub. 550 (2025) p. 91: what an open position would have gained on the last day."""
    book = told(f"""
        2024-01-01  kraken/main    deposited  2 BTC  bought 2024-01-01 for 200000
        2025-02-01  kraken/margin  borrowed   1 BTC
        2025-02-01  kraken/margin  sold       1 BTC  @ 120000
        2025-03-01  kraken/main    sold       1 BTC  @ 90000  as cut
        {year}
        2026-01-03  kraken/main    deposited  1 USD
    """)
    of_2025, of_2026 = straddles(book, None)
    assert (of_2025["severity"], of_2026["severity"]) == ("warning", "info")
    assert "an unrecognised gain of 40000.00" in of_2025["problem"]


def test_coins_that_a_fee_used_up_are_long_no_more() -> None:
    """Interest that is paid when they are gone is none of a straddle."""
    book = told("""
        2024-01-01  kraken/main    deposited  1 BNB  bought 2024-01-01 for 300
        2025-02-01  kraken/margin  borrowed   1 BNB
        2025-02-01  kraken/margin  sold       1 BNB  @ 600
        2025-02-02  price          BNB 600
        2025-02-02  kraken/main    bought     1 BTC  @ 60000  fee 1 BNB
        2025-02-03  kraken/main    interest   5 USD balance
    """)
    assert [row["severity"] for row in straddles(book)] == ["info"]
