"""Shorts and loans: books of their own, which never touch owned lots before they are delivered."""

import pytest

from tests.story import balances, folded, form_8949, kinds, lots, shorts, table, told


def test_a_short_is_taxed_when_it_is_delivered() -> None:
    """Cases: D1; Instructions for Schedule D p. 6: sold for 100, bought back for 80."""
    book = told("""
        2025-03-01  borrowed  10 X
        2025-03-01  sold      10 X  for 100
        2025-04-01  bought    10 X  for 80
        2025-05-01  repaid    10 X
    """)
    assert form_8949(book, 2025) == table("""
        quantity  acquired    sold        proceeds  basis  gain   term   kind
        10        2025-04-01  2025-05-01  100.00    80.00  20.00  short  short
    """)
    (row,) = form_8949(book, 2025)
    assert row["description"] == "10 X short sale closed"
    assert (row["lot"], row["disposal"]) == ("3", "4")


def test_a_short_over_the_new_year_belongs_to_the_year_of_its_close() -> None:
    """Cases: D2; Instructions for Form 8949 p. 6."""
    book = told("""
        2025-11-20  borrowed  1 BTC
        2025-11-20  sold      1 BTC  @ 90000  fee 90
        2026-01-15  bought    1 BTC  @ 80000  fee 80
        2026-01-15  repaid    1 BTC
    """)
    assert form_8949(book, 2025) == []
    assert form_8949(book, 2026) == table("""
        acquired    sold        proceeds  basis     gain     term   box
        2026-01-15  2026-01-15  89910.00  80080.00  9830.00  short  I
    """)


def test_a_cover_bought_in_december_and_delivered_in_january_is_next_years() -> None:
    """Cases: D10; P550 85."""
    book = told("""
        2025-11-20  borrowed  1 BTC
        2025-11-20  sold      1 BTC  @ 90000
        2025-12-31  bought    1 BTC  @ 80000
        2026-01-02  repaid    1 BTC
    """)
    assert form_8949(book, 2025) == []
    assert form_8949(book, 2026) == table("""
        acquired    sold        gain
        2025-12-31  2026-01-02  10000.00
    """)


def test_units_of_a_second_lender_do_not_close_a_short() -> None:
    """Cases: D10; P550 85: delivery of borrowed property closes nothing."""
    book = told("""
        2025-11-20  borrowed  1 BTC  loan first
        2025-11-20  sold      1 BTC  @ 90000
        2025-12-01  borrowed  1 BTC  loan second
        2025-12-01  repaid    1 BTC  loan first
    """)
    assert form_8949(book, 2025) == []
    assert shorts(book) == table("""
        opened      quantity  proceeds
        2025-11-20  1         90000
    """)
    assert balances(book)[:1] == table("""
        asset  held  owed
        BTC    0     1
    """)


def test_a_short_can_lose() -> None:
    """Cases: D3."""
    book = told("""
        2025-03-01  borrowed  1 BTC
        2025-03-01  sold      1 BTC  @ 60000
        2025-04-01  bought    1 BTC  @ 66000
        2025-04-01  repaid    1 BTC
    """)
    assert form_8949(book, 2025) == table("""
        proceeds  basis     gain      term
        60000.00  66000.00  -6000.00  short
    """)


def test_a_short_closed_with_an_own_coin_takes_the_coins_basis_and_term() -> None:
    """Cases: D4 (without its straddle); P550 85: the term is that of the property delivered."""
    book = told("""
        2022-01-01  deposited  1 BTC  bought 2022-01-01 for 20000
        2025-05-01  borrowed   1 BTC
        2025-05-01  sold       1 BTC  @ 60000
        2025-06-01  repaid     1 BTC
    """)
    assert form_8949(book, 2025) == table("""
        acquired    sold        proceeds  basis     gain      term  kind
        2022-01-01  2025-06-01  60000.00  20000.00  40000.00  long  short
    """)
    assert lots(book) == []


def test_units_returned_unsold_are_no_income() -> None:
    """Cases: D5."""
    book = told("""
        2025-03-01  borrowed  1 BTC
        2025-04-01  repaid    1 BTC
    """)
    assert form_8949(book, 2025) == []
    assert (lots(book), shorts(book), balances(book), kinds(book)) == ([], [], [], [])


def test_a_loss_is_allowed_though_the_coin_was_bought_back_next_day() -> None:
    """Cases: D7: IRC 1091 speaks of shares of stock and securities."""
    book = told("""
        2025-03-01  bought  1 BTC  @ 61200
        2025-04-01  sold    1 BTC  @ 60000
        2025-04-02  bought  1 BTC  @ 60000
    """)
    assert form_8949(book, 2025) == table("""
        gain      code  adjustment
        -1200.00  -     0.00
    """)


@pytest.mark.parametrize("own", ["", "2019-01-01  bought  1 BTC  @ 4000\n"])
def test_a_short_keeps_its_hands_off_the_long_lots(own: str) -> None:
    """Cases: D8; a naive FIFO reports 36,000, long (BittyTax 0.6.0: the profit vanishes)."""
    book = told(
        own
        + """
        2023-01-01  borrowed  1 BTC
        2023-01-01  sold      1 BTC  @ 40000
        2023-03-10  bought    1 BTC  @ 35000
        2023-03-10  repaid    1 BTC
        """
    )
    assert form_8949(book, 2023) == table("""
        acquired    sold        proceeds  basis     gain     term
        2023-03-10  2023-03-10  40000.00  35000.00  5000.00  short
    """)
    assert [row["acquired"] for row in lots(book)] == (["2019-01-01"] if own else [])


def test_the_first_opened_short_is_covered_first_in_parts_that_add_up() -> None:
    book = told("""
        2025-01-01  borrowed  3 X
        2025-01-01  sold      1 X  for 100
        2025-01-02  sold      2 X  for 300
        2025-02-01  bought    2 X  for 120
        2025-02-02  repaid    1.5 X
    """)
    assert form_8949(book, 2025) == table("""
        quantity  proceeds  basis  gain
        1         100.00    60.00  40.00
        0.5        75.00    30.00  45.00
    """)
    assert shorts(book) == table("""
        opened      quantity  proceeds  covered
        2025-01-02  0.5       75        True
        2025-01-02  1         150       False
    """)


def test_a_sale_beyond_the_borrowed_units_sells_own_lots() -> None:
    """Contract: "a sale without position uses borrowed units first"."""
    book = told("""
        2025-01-01  deposited  1 X  bought 2024-01-01 for 10
        2025-02-01  borrowed   1 X
        2025-02-02  sold       1.5 X  for 150
    """)
    assert form_8949(book, 2025) == table("""
        lot  quantity  proceeds  basis  kind
        1    0.5       50.00     5.00   sale
    """)
    assert shorts(book) == table("""
        opened      quantity  proceeds
        2025-02-02  1         100
    """)


def test_a_purchase_beyond_the_open_shorts_is_a_lot() -> None:
    book = told("""
        2025-02-01  borrowed  1 X
        2025-02-02  sold      1 X  for 100
        2025-03-01  bought    4 X  for 200
    """)
    assert lots(book) == table("""
        lot  quantity  basis
        3    3         150
    """)


def test_the_order_of_a_delivery_covers_then_unsold_units_then_own_lots() -> None:
    """Contract: "a repayment beyond the covers delivers own lots"."""
    book = told("""
        2025-01-01  deposited  5 X  bought 2024-01-01 for 50
        2025-02-01  borrowed   3 X
        2025-02-02  sold       2 X  for 200
        2025-02-03  bought     1 X  for 80
        2025-03-01  repaid     1 X
        2025-03-02  repaid     1 X
        2025-03-03  repaid     1 X
    """)
    assert form_8949(book, 2025) == table("""
        disposal  lot  quantity  proceeds  basis
        5         4    1         100.00    80.00
        7         1    1         100.00    10.00
    """)


def test_more_repaid_than_was_borrowed_leaves_without_gain_and_is_found() -> None:
    book = told("""
        2025-01-01  deposited  5 X  bought 2024-01-01 for 50
        2025-02-01  borrowed   1 X
        2025-03-01  repaid     2 X
    """)
    assert form_8949(book, 2025) == []
    assert [row["quantity"] for row in lots(book)] == ["4"]
    assert kinds(book) == ["repaid_more_than_owed", "repaid_own_units"]


def test_a_cover_that_is_sold_again_opens_its_short_again() -> None:
    """Borrowed once, sold, bought back, sold and bought back again, then repaid: 100-80 and 90-85.

    The units bought on March 2 were held and are what was sold on March 3; nothing is missing.
    """
    book = told("""
        2025-03-01  borrowed  1 X
        2025-03-01  sold      1 X  for 100
        2025-03-02  bought    1 X  for 80
        2025-03-03  sold      1 X  for 90
        2025-03-04  bought    1 X  for 85
        2025-03-05  repaid    1 X
    """)
    assert form_8949(book, 2025) == table("""
        lot  acquired    sold        proceeds  basis  gain   kind
        3    2025-03-02  2025-03-03  90.00     80.00  10.00  sale
        5    2025-03-04  2025-03-05  100.00    85.00  15.00  short
    """)
    assert kinds(book) == []


def test_a_cover_that_is_moved_away_stays_a_lot_and_its_short_stays_open() -> None:
    book = told("""
        2025-03-01  borrowed     1 X
        2025-03-01  sold         1 X  for 100
        2025-03-02  bought       1 X  for 80  as cover
        2025-03-03  transferred  1 X  to self/wallet
    """)
    assert lots(book) == table("""
        account      lot    acquired    quantity  basis
        self/wallet  cover  2025-03-02  1         80
    """)
    assert shorts(book) == table("""
        account      opened      quantity  proceeds
        kraken/main  2025-03-01  1         100
    """)
    assert kinds(book) == ["straddle"]


def test_borrowed_units_that_are_moved_stay_borrowed() -> None:
    """Selling them where they went opens the short there."""
    book = told("""
        2025-03-01  okx/main     borrowed     1 X
        2025-03-02  okx/main     transferred  1 X  to kraken/main
        2025-03-03  kraken/main  sold         1 X  for 100
    """)
    assert form_8949(book, 2025) == []
    assert shorts(book) == table("""
        account      quantity  proceeds
        kraken/main  1         100
    """)


def test_a_loan_sold_and_bought_back_in_another_account_is_closed_where_it_is_repaid() -> None:
    book = told("""
        2025-03-01  okx/margin  borrowed     1 X
        2025-03-02  okx/margin  transferred  1 X  to okx/spot
        2025-03-03  okx/spot    sold         1 X  for 100
        2025-03-04  okx/spot    bought       1 X  for 80
        2025-03-05  okx/spot    transferred  1 X  to okx/margin
        2025-03-06  okx/margin  repaid       1 X
    """)
    assert form_8949(book, 2025) == table("""
        account     kind   acquired    sold        proceeds  basis  gain
        okx/margin  short  2025-03-04  2025-03-06  100.00    80.00  20.00
    """)
    assert (lots(book), shorts(book), kinds(book)) == ([], [], ["straddle"])


def test_own_units_that_repay_a_loan_make_the_units_lent_elsewhere_own_ones() -> None:
    book = told("""
        2025-03-01  okx/margin  borrowed     1 X
        2025-03-02  okx/margin  transferred  1 X  to okx/spot
        2025-03-03  okx/margin  deposited    1 X  bought 2025-01-01 for 70  as own
        2025-03-04  okx/margin  repaid       1 X
        2025-03-05  okx/spot    sold         1 X  for 100
    """)
    assert form_8949(book, 2025) == table("""
        account   kind  lot  acquired    proceeds  basis  gain
        okx/spot  sale  own  2025-01-01  100.00    70.00  30.00
    """)
    assert kinds(book) == []


def test_borrowed_units_that_come_home_go_back_themselves() -> None:
    book = told("""
        2025-03-01  okx/margin  borrowed     1 X
        2025-03-02  okx/margin  transferred  1 X  to okx/spot
        2025-03-03  okx/spot    transferred  1 X  to okx/margin
        2025-03-04  okx/margin  repaid       1 X
    """)
    assert (form_8949(book, 2025), shorts(book), balances(book), kinds(book)) == ([], [], [], [])


def test_borrowed_units_that_left_the_book_are_repaid_with_own_ones_without_gain() -> None:
    book = told("""
        2025-03-01  borrowed   1 X
        2025-03-02  withdrawn  1 X
        2025-03-03  deposited  1 X  bought 2025-01-01 for 70
        2025-03-04  repaid     1 X
    """)
    assert (form_8949(book, 2025), lots(book), kinds(book)) == ([], [], [])


def test_borrowed_units_that_pay_interest_open_a_short() -> None:
    book = told("""
        2025-03-01  borrowed  1 X
        2025-03-02  price     X 100
        2025-03-02  interest  0.1 X balance
    """)
    assert form_8949(book, 2025) == []
    assert shorts(book) == table("""
        opened      quantity  proceeds
        2025-03-02  0.1       10
    """)


def test_a_short_covered_at_a_price_nobody_knows_says_that_its_basis_is_missing() -> None:
    book = told("""
        2025-03-01  borrowed   1 X
        2025-03-01  sold       1 X  for 100
        2025-03-02  deposited  9 Y  bought 2025-01-01 for 9
        2025-03-02  bought     1 X  for 9 Y
        2025-03-03  repaid     1 X
    """)
    assert form_8949(book, 2025) == table("""
        asset  proceeds  basis  missing
        X      100.00    0.00   basis
    """)
    assert kinds(book) == ["missing_price"]


def test_a_short_opened_at_a_price_nobody_knows_makes_no_row() -> None:
    """As a sale does: proceeds of zero would be a loss that nobody had."""
    book = told("""
        2025-03-01  borrowed   1 X
        2025-03-01  sold       1 X  for 9 Y
        2025-03-02  deposited  80 USD
        2025-03-02  bought     1 X  for 80
        2025-03-03  repaid     1 X
    """)
    assert form_8949(book, 2025) == []
    assert kinds(book) == ["missing_price"]


def test_interest_repaid_in_coin_is_a_disposal_of_own_units() -> None:
    book = told("""
        2025-01-01  deposited  1 X  bought 2024-12-01 for 50
        2025-03-01  borrowed   1 X
        2025-03-02  price      X 100
        2025-03-02  repaid     1 X  interest 0.1
    """)
    assert form_8949(book, 2025) == table("""
        kind      quantity  proceeds  basis  gain
        interest  0.1       10.00     5.00   5.00
    """)


def test_a_short_says_how_it_was_chosen() -> None:
    book = told("""
        2025-03-01  borrowed  1 X
        2025-03-01  sold      1 X  for 100
        2025-03-02  bought    1 X  for 80
        2025-03-03  repaid    1 X
    """)
    for method in ("spec_id", "lifo"):
        (row,) = form_8949(book, 2025, method)
        assert row["identified"] == "short: first opened is closed first"
    assert folded(book).disposals["spec_id"][0].gain == 20
