"""Beside each liquidation: what it cost its owner, what is taxed, and why the two differ."""

from typing import Any

from tests.story import Story, form_8949, liquidated, lots, table, told

GUIDE = """
    2023-01-10  kraken/main  deposited   1 BTC      bought 2023-01-10 for 17000
    2025-02-01  kraken/main  borrowed    30000 USD
    2025-02-01  kraken/main  bought      0.5 BTC    @ 60000 USD
    2025-03-01  kraken/main  liquidated  1.5 BTC    @ 40000 USD  penalty 600  as gone
    2025-03-01  kraken/main  repaid      30000 USD
"""


def only(book: Story, year: int = 2025) -> dict[str, Any]:
    (one,) = liquidated(book, year)
    return one


def amounts(one: dict[str, Any], *names: str) -> list[Any]:
    return [one["taxable"]["total"] if name == "taxable" else one[name] for name in names]


def test_a_liquidation_can_be_a_gain_although_the_trader_lost_half() -> None:
    """Cases: E1, E2: economic result -30,600, taxable +12,400."""
    book = told(GUIDE)
    assert form_8949(book, 2025) == table("""
        quantity  acquired    proceeds  basis     gain       term   kind
        1         2023-01-10  39600.00  17000.00  22600.00   long   liquidation
        0.5       2025-02-01  19800.00  30000.00  -10200.00  short  liquidation
    """)
    one = only(book)
    assert amounts(one, "proceeds", "penalty", "equity_before", "equity_after") == [
        "60000.00",
        "600.00",
        "60000.00",
        "29400.00",
    ]
    assert amounts(one, "economic_result", "taxable", "built_up_before") == [
        "-30600.00",
        "12400.00",
        "43000.00",
    ]
    assert one["taxable"] == {
        "short_term": "-10200.00",
        "long_term": "22600.00",
        "total": "12400.00",
    }
    assert one["events"] == ["gone"]
    assert one["sold"] == [{"asset": "BTC", "quantity": "1.5"}]
    assert one["debt_repaid"] == [{"asset": "USD", "quantity": "30000"}]


def test_why_the_two_differ_is_said_with_the_numbers() -> None:
    """Cases: E2: all of the difference had built up before the loan."""
    assert only(told(GUIDE))["why"] == (
        "The account was worth 60,000.00 when it began to owe on 2025-02-01 and 29,400.00"
        " afterwards: an economic result of -30,600.00. Taxed is +12,400.00 (short-term"
        " -10,200.00, long-term +22,600.00), because a sale is measured from the basis of the units"
        " sold. 43,000.00 of gain had built up before: 1 BTC bought from 2023-01-10 on for"
        " 17,000.00 and worth 60,000.00 then."
    )


def test_a_partial_liquidation_keeps_the_rest_of_the_lot() -> None:
    """Cases: E9: proceeds 21,900, basis 8,000; what is still held is in neither figure's gain."""
    book = told("""
        2022-11-20  price         BTC 16000
        2022-11-20  okx/isolated/BTCUSD  bought      1 BTC  @ 16000
        2022-11-20  okx/isolated/BTCUSD  deposited   16000 USD
        2023-12-01  price         BTC 42000
        2023-12-01  price         USDC 1
        2023-12-01  okx/isolated/BTCUSD  borrowed    20000 USDC
        2023-12-01  okx/isolated/BTCUSD  withdrawn   20000 USDC
        2024-01-10  okx/isolated/BTCUSD  liquidated  0.5 BTC  @ 44000 USD  penalty 100
    """)
    assert form_8949(book, 2024) == table("""
        proceeds  basis    gain      term
        21900.00  8000.00  13900.00  long
    """)
    assert lots(book)[0] == table("quantity basis\n0.5 8000")[0]
    one = only(book, 2024)
    # 42,000 before; 22,000 + 21,900 - 20,000 after; 20,000 of loan withdrawn
    assert amounts(one, "equity_before", "equity_after", "net_deposits") == [
        "42000.00",
        "23900.00",
        "-20000.00",
    ]
    assert amounts(one, "economic_result", "taxable", "built_up_before") == [
        "1900.00",
        "13900.00",
        "13000.00",
    ]
    assert "The other -1,000.00 between the two is" in one["why"]
    assert "with 20,000.00 net taken out between" in one["why"]


def test_isolated_margin_touches_the_lots_of_its_own_account_alone() -> None:
    """Cases: E7, A6: the older lot in the other account stays where it is."""
    book = told("""
        2021-01-01  binance/main                 deposited    1 BTC    bought 2021-01-01 for 10000
        2025-01-01  binance/isolated/BTCUSD      deposited    1 BTC    bought 2024-12-01 for 50000
        2025-01-02  binance/isolated/BTCUSD      borrowed     50000 USD
        2025-01-02  binance/isolated/BTCUSD      bought       1 BTC    @ 50000
        2025-02-01  binance/isolated/BTCUSD      liquidated   1.2 BTC  @ 30000
        2025-02-01  binance/isolated/BTCUSD      repaid       36000 USD
    """)
    assert [(row["account"], row["basis"], row["gain"]) for row in form_8949(book, 2025)] == [
        ("binance/isolated/BTCUSD", "50000.00", "-20000.00"),
        ("binance/isolated/BTCUSD", "10000.00", "-4000.00"),
    ]
    assert [(row["account"], row["quantity"]) for row in lots(book)] == [
        ("binance/isolated/BTCUSD", "0.8"),
        ("binance/main", "1"),
    ]
    one = only(book)
    assert amounts(one, "equity_before", "equity_after", "economic_result") == [
        "50000.00",
        "10000.00",
        "-40000.00",
    ]


def test_several_assets_sold_by_one_liquidation_are_one() -> None:
    book = told("""
        2025-01-01  price       BTC 50000
        2025-01-01  price       ETH 3000
        2025-01-01  deposited   1 BTC   bought 2023-01-01 for 20000
        2025-01-01  deposited   10 ETH  bought 2024-12-01 for 40000
        2025-01-01  borrowed    60000 USD
        2025-01-01  withdrawn   60000 USD
        2025-03-01T10:00  liquidated  1 BTC   @ 40000  fee 40  penalty 400
        2025-03-01T10:40  repaid      39560 USD
        2025-03-01T11:20  liquidated  10 ETH  @ 2500   penalty 250
        2025-03-01T11:21  repaid      20440 USD
    """)
    one = only(book)
    assert one["sold"] == [{"asset": "BTC", "quantity": "1"}, {"asset": "ETH", "quantity": "10"}]
    assert amounts(one, "proceeds", "fees", "penalty") == ["65000.00", "40.00", "650.00"]
    assert one["debt_repaid"] == [{"asset": "USD", "quantity": "60000"}]
    assert one["taxable"] == {
        "short_term": "-15250.00",
        "long_term": "19560.00",
        "total": "4310.00",
    }
    # 80,000 before, 4,310 after, 60,000 of loan taken out: 30,000 built up, 10,000 lost before
    assert amounts(one, "economic_result", "built_up_before") == ["-15690.00", "20000.00"]


def test_an_hour_apart_or_a_trade_between_makes_two_liquidations() -> None:
    text = """
        2025-01-01  price      BTC 50000
        2025-01-01  deposited  2 BTC  bought 2023-01-01 for 20000
        2025-01-01  borrowed   90000 USD
        2025-01-01  withdrawn  90000 USD
        2025-03-01T10:00  liquidated  1 BTC  @ 40000
    """
    later = "2025-03-01T{}  liquidated  1 BTC  @ 40000"
    assert len(liquidated(told(text + later.format("11:00")), 2025)) == 1
    assert len(liquidated(told(text + later.format("11:01")), 2025)) == 2
    trade = "2025-03-01T10:10  sold  0.1 BTC @ 40000\n2025-03-01T10:20  liquidated  0.9 BTC @ 40000"
    assert len(liquidated(told(text + trade), 2025)) == 2
    elsewhere = f"2025-03-01T10:10 okx/main bought 0.1 BTC @ 40000\n{later.format('10:20')}"
    assert len(liquidated(told(text + elsewhere), 2025)) == 1


def test_what_moves_after_a_liquidation_is_no_part_of_it() -> None:
    book = told(f"""{GUIDE}
        2025-03-02  deposited  1000 USD
        2025-03-03  bought     0.1 BTC  @ 50000
        2025-03-04  sold       0.1 BTC  @ 60000
    """)
    assert amounts(only(book), "economic_result", "taxable") == ["-30600.00", "12400.00"]


def test_two_liquidations_under_one_debt_are_each_measured_from_its_beginning() -> None:
    book = told("""
        2025-01-01  price       BTC 50000
        2025-01-01  deposited   1 BTC  bought 2023-01-01 for 20000
        2025-01-01  borrowed    40000 USD
        2025-01-01  withdrawn   40000 USD
        2025-03-01  liquidated  0.5 BTC  @ 45000
        2025-04-01  liquidated  0.5 BTC  @ 40000
    """)
    first, second = liquidated(book, 2025)
    assert amounts(first, "economic_result", "taxable") == ["-5000.00", "12500.00"]
    assert amounts(second, "economic_result", "taxable") == ["-7500.00", "10000.00"]


def test_once_nothing_is_owed_the_next_debt_begins_anew() -> None:
    book = told("""
        2025-01-01  price       BTC 50000
        2025-01-01  deposited   1 BTC  bought 2023-01-01 for 20000
        2025-01-01  borrowed    1000 USD
        2025-01-02  repaid      1000 USD
        2025-02-01  price       BTC 80000
        2025-02-01  borrowed    40000 USD
        2025-02-01  withdrawn   40000 USD
        2025-03-01  liquidated  1 BTC  @ 45000
    """)
    assert amounts(only(book), "equity_before", "built_up_before") == ["80000.00", "60000.00"]


def test_the_price_nearest_in_time_says_what_stood_there_was_worth() -> None:
    """An old price gives way to the trade right after; a trade much later does not count."""
    text = """
        2024-01-01  price       BTC 20000
        2025-01-01  deposited   1 BTC  bought 2023-01-01 for 10000
        2025-02-01  borrowed    10000 USD
        2025-02-01  withdrawn   10000 USD
        {}
        2025-03-01  liquidated  1 BTC  @ 30000
    """
    soon = told(text.format("2025-02-02  okx/main  bought  1 BTC  @ 60000"))
    assert amounts(only(soon), "equity_before", "economic_result") == ["60000.00", "-30000.00"]
    recent = told(text.format("2025-01-31  price  BTC 55000"))
    assert amounts(only(recent), "equity_before") == ["55000.00"]


def test_a_deposit_between_counts_at_its_worth_and_is_no_profit() -> None:
    book = told("""
        2025-01-01  price        BTC 50000
        2025-01-01  deposited    1 BTC  bought 2023-01-01 for 20000
        2025-01-01  borrowed     40000 USD
        2025-01-01  withdrawn    40000 USD
        2025-02-01  price        BTC 45000
        2025-02-01  okx/main     deposited    1 BTC  bought 2024-01-01 for 30000
        2025-02-01  okx/main     transferred  1 BTC  to kraken/main
        2025-03-01  liquidated   2 BTC  @ 30000
    """)
    one = only(book)
    assert amounts(one, "net_deposits", "equity_after") == ["5000.00", "20000.00"]
    assert amounts(one, "economic_result", "taxable") == ["-35000.00", "10000.00"]
    # 95,000 entered for two: 47,500 each, 50,000 paid for them
    assert amounts(one, "built_up_before") == ["45000.00"]


def test_without_a_price_the_economic_result_is_not_guessed() -> None:
    book = told("""
        2025-01-01  deposited   1 BTC   bought 2023-01-01 for 20000
        2025-01-01  deposited   9 XYZ   bought 2023-01-01 for 90
        2025-01-01  borrowed    40000 USD
        2025-01-01  withdrawn   40000 USD
        2025-03-01  liquidated  1 BTC   @ 30000
    """)
    one = only(book)
    assert amounts(one, "economic_result", "equity_after", "taxable") == [None, None, "10000.00"]
    assert one["reason"] == "no price is known of XYZ"
    assert one["why"].startswith("What it cost its owner is not known: no price is known of XYZ.")


def test_a_liquidation_without_a_known_debt_has_no_economic_result() -> None:
    book = told("""
        2025-01-01  deposited   1 BTC  bought 2023-01-01 for 20000
        2025-03-01  liquidated  1 BTC  @ 30000
    """)
    one = only(book)
    assert amounts(one, "economic_result", "built_up_before", "taxable") == [
        None,
        None,
        "10000.00",
    ]
    assert one["reason"] == "the book knows no debt or position of this account before it"


def test_a_position_and_the_coins_taken_for_its_loss_are_one_liquidation() -> None:
    book = told("""
        2023-01-10  price       BTC 20000
        2023-01-10  deposited   1 BTC    bought 2023-01-10 for 17000
        2025-02-01  bought      1 BTC    @ 60000  on T1  leverage 5
        2025-03-01  liquidated  1 BTC    @ 40000  on T1
        2025-03-01  liquidated  0.5 BTC  @ 40000
    """)
    one = only(book)
    assert one["sold"] == [{"asset": "BTC", "quantity": "1.5"}]
    assert amounts(one, "equity_before", "equity_after") == ["60000.00", "20000.00"]
    assert one["taxable"] == {
        "short_term": "-20000.00",
        "long_term": "11500.00",
        "total": "-8500.00",
    }
    assert amounts(one, "economic_result", "built_up_before") == ["-40000.00", "21500.00"]


def test_a_short_that_was_bought_back_by_force_is_taxed_with_its_liquidation() -> None:
    book = told("""
        2025-02-01  deposited   30000 USD
        2025-02-01  sold        1 BTC  @ 60000  on T1  leverage 5
        2025-03-01  liquidated  1 BTC  @ 80000  on T1  side buy  penalty 100
    """)
    one = only(book)
    assert one["bought"] == [{"asset": "BTC", "quantity": "1"}]
    assert amounts(one, "cost", "economic_result", "taxable") == [
        "80000.00",
        "-20100.00",
        "-20100.00",
    ]


def test_a_loan_in_coin_bought_back_and_returned_is_taxed_with_its_liquidation() -> None:
    book = told("""
        2025-02-01  deposited   30000 USD
        2025-02-01  borrowed    1 BTC
        2025-02-01  sold        1 BTC  @ 60000
        2025-03-01  liquidated  1 BTC  @ 80000  side buy
        2025-03-01  repaid      1 BTC
    """)
    assert amounts(only(book), "economic_result", "taxable") == ["-20000.00", "-20000.00"]


DEFICIT = """
    2025-02-01  bought      1 BTC  @ 60000
    2025-02-01  deposited   50000 USD
    2025-03-01  liquidated  1 BTC  @ 10000  penalty 250
"""


def test_a_deficit_written_off_later_is_part_of_the_result_and_no_gain() -> None:
    """Cases: E5: 250 of income apart; the gains unchanged."""
    one = only(told(DEFICIT + "2025-03-20  forgiven  250 USD"))
    assert amounts(only(told(DEFICIT)), "economic_result", "taxable") == ["-50250.00"] * 2
    assert amounts(one, "economic_result", "taxable") == ["-50000.00", "-50250.00"]
    assert amounts(one, "forgiven_as_income", "forgiven_as_proceeds") == ["250.00", "0.00"]
    assert "250.00 of debt was written off: income of its own" in one["why"]


def test_a_deficit_without_recourse_is_in_what_is_taxed() -> None:
    """Cases: E6: the loss is limited to the margin."""
    one = only(told(DEFICIT + "2025-03-20  forgiven  250 USD  recourse no"))
    assert amounts(one, "economic_result", "taxable") == ["-50000.00", "-50000.00"]
    assert amounts(one, "forgiven_as_income", "forgiven_as_proceeds") == ["0.00", "250.00"]


def test_interest_collected_right_after_is_part_of_what_it_cost() -> None:
    book = told(GUIDE + "2025-03-01  interest  50 USD balance")
    assert amounts(only(book), "economic_result", "taxable") == ["-30650.00", "12400.00"]
    assert "The other +50.00 between the two" in only(book)["why"]


def test_a_liquidation_belongs_to_the_year_it_began_in() -> None:
    assert liquidated(told(GUIDE), 2024) == []
    assert liquidated(told("2025-01-01 deposited 1 USD"), 2025) == []
