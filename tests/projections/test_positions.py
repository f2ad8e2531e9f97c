"""Leveraged positions: beside the balances, and apart from owned lots until they are delivered."""

from tests.story import balances, form_8949, kinds, lots, shorts, table, told


def test_a_flip_in_one_fill_closes_and_opens() -> None:
    """Cases: D9 (NautilusTrader 1.221.0 loses the flip: 0 instead of 400)."""
    book = told("""
        2025-03-01  bought  1 BTC  @ 100  on p
        2025-03-02  sold    3 BTC  @ 300  on p
        2025-03-03  bought  2 BTC  @ 200  on p
    """)
    assert form_8949(book, 2025) == table("""
        kind   acquired    sold        quantity  proceeds  basis   gain
        sale   2025-03-01  2025-03-02  1         300.00    100.00  200.00
        short  2025-03-03  2025-03-03  2         600.00    400.00  200.00
    """)
    assert balances(book) == table("""
        asset  held  in_positions
        USD    400   0
    """)
    assert (lots(book), shorts(book)) == ([], [])


def test_a_sale_of_own_and_borrowed_units_closes_and_opens_too() -> None:
    """Cases: D9, told with a loan instead of a position."""
    book = told("""
        2025-03-01  bought    1 BTC  @ 100
        2025-03-02  borrowed  2 BTC
        2025-03-02  sold      3 BTC  @ 300
        2025-03-03  bought    2 BTC  @ 200
        2025-03-03  repaid    2 BTC
    """)
    assert form_8949(book, 2025) == table("""
        kind   acquired    sold        quantity  proceeds  basis   gain
        sale   2025-03-01  2025-03-02  1         300.00    100.00  200.00
        short  2025-03-03  2025-03-03  2         600.00    400.00  200.00
    """)
    assert (lots(book), shorts(book)) == ([], [])


def test_money_as_a_position_has_no_lots() -> None:
    """Gains on foreign money (IRC 988) are not figured; a coin that pays the fee is disposed of."""
    book = told("""
        2025-01-01  deposited  1 X  bought 2025-01-01 for 1
        2025-03-01  price      X 5
        2025-03-01  bought     100 EUR  @ 1.1  fee 1 X  on p
        2025-03-02  sold       100 EUR  @ 1.2  on p
    """)
    assert [row["asset"] for row in form_8949(book, 2025)] == ["X"]
    assert lots(book) == []
    assert balances(book) == table("""
        asset  held
        USD    10
    """)


def test_a_flip_shares_its_fee_by_units() -> None:
    book = told("""
        2025-03-01  bought  1 BTC  @ 100  fee 1  on p
        2025-03-02  sold    3 BTC  @ 300  fee 9  on p
    """)
    assert form_8949(book, 2025) == table("""
        quantity  proceeds  basis   gain
        1         297.00    101.00  196.00
    """)
    assert shorts(book) == table("""
        position  quantity  proceeds
        p         2         594
    """)
    assert balances(book) == table("""
        asset  held  in_positions
        BTC    0     -2
        USD    190   0
    """)


def test_a_position_never_touches_owned_lots() -> None:
    book = told("""
        2024-01-01  deposited  1 BTC  bought 2024-01-01 for 10
        2025-03-01  bought     1 BTC  @ 100  on p
        2025-03-02  sold       1 BTC  @ 90   on p
        2025-03-03  sold       1 BTC  @ 90   on q
        2025-03-04  bought     1 BTC  @ 95   on q
    """)
    assert form_8949(book, 2025) == table("""
        kind   lot  gain
        sale   2    -10.00
        short  5     -5.00
    """)
    assert [row["lot"] for row in lots(book)] == ["1"]


def test_two_positions_of_one_asset_stand_apart() -> None:
    book = told("""
        2025-03-01  bought  1 BTC  @ 100  on p
        2025-03-02  sold    1 BTC  @ 300  on q
    """)
    assert form_8949(book, 2025) == []
    assert [row["position"] for row in lots(book) + shorts(book)] == ["p", "q"]


def test_a_part_of_a_position_takes_its_lots_by_the_method() -> None:
    book = told("""
        2025-03-01  bought  1 BTC  @ 100  on p
        2025-03-02  bought  1 BTC  @ 200  on p
        2025-03-03  sold    1 BTC  @ 300  on p
    """)
    assert [row["gain"] for row in form_8949(book, 2025)] == ["200.00"]
    assert [row["gain"] for row in form_8949(book, 2025, "lifo")] == ["100.00"]


def test_a_long_that_is_delivered_becomes_an_owned_lot_of_the_openings_date_and_basis() -> None:
    """Contract: `position_settled`."""
    book = told("""
        2023-03-01  bought   2 BTC    @ 100  fee 2  on p
        2025-03-02  settled  p 1 BTC  for 100
        2025-03-03  sold     1 BTC    @ 300
    """)
    assert form_8949(book, 2025) == table("""
        acquired    proceeds  basis   gain    term
        2023-03-01  300.00    101.00  199.00  long
    """)
    assert lots(book) == table("""
        position  quantity  basis
        p         1         101
    """)
    assert balances(book) == table("""
        asset  held  in_positions
        BTC    0     1
        USD    198   0
    """)


def test_a_short_that_is_settled_delivers_own_units() -> None:
    book = told("""
        2022-01-01  deposited  1 BTC  bought 2022-01-01 for 20
        2025-03-01  sold       1 BTC  @ 100  fee 1  on p
        2025-03-02  settled    p 1 BTC  for 100
    """)
    assert form_8949(book, 2025) == table("""
        kind   acquired    sold        proceeds  basis  gain   term
        short  2022-01-01  2025-03-02  99.00     20.00  79.00  long
    """)
    assert balances(book) == table("""
        asset  held
        USD    99
    """)


def test_what_is_settled_beyond_the_position_is_found_and_moves_nothing() -> None:
    for held in ("", "2025-03-01  bought  1 BTC  @ 100  on p\n"):
        book = told(held + "2025-03-02  settled  p 2 BTC  for 200")
        assert kinds(book) == ["unknown_position"]
        assert [row["position"] for row in lots(book)] == (["p"] if held else [])


def test_a_liquidated_position_bears_its_penalty() -> None:
    book = told("""
        2025-03-01  bought      1 BTC  @ 100  on p  leverage 5
        2025-03-02  liquidated  1 BTC  @ 70   penalty 3  on p
    """)
    assert form_8949(book, 2025) == table("""
        kind         proceeds  basis   gain
        liquidation  67.00     100.00  -33.00
    """)
    assert balances(book)[:1] == table("""
        asset  held
        USD    -33
    """)


# Quoted in a coin: the quote is lent too ---------------------------------------------------------

QUOTED = """
    2025-01-01  deposited  1 BTC  bought 2025-01-01 for 50
    2025-03-01  price      BTC 100
    2025-03-01  bought     10 ETH  for 1 BTC  on p
    2025-03-02  price      BTC 200
"""


def test_a_long_quoted_in_a_coin_owes_it_and_keeps_its_profit_in_coin() -> None:
    book = told(QUOTED + "2025-03-02  sold  10 ETH  for 1.5 BTC  on p")
    assert form_8949(book, 2025) == table("""
        asset  kind   quantity  proceeds  basis   gain
        ETH    sale   10        300.00    100.00   200.00
        BTC    short  1         100.00    200.00  -100.00
    """)
    assert lots(book) == table("""
        asset  lot  quantity  basis
        BTC    1    1         50
        BTC    5    0.5       100
    """)
    assert balances(book) == table("""
        asset  held
        BTC    1.5
    """)


def test_a_loss_of_a_long_quoted_in_a_coin_is_paid_with_own_coins() -> None:
    book = told(QUOTED + "2025-03-02  sold  10 ETH  for 0.75 BTC  on p")
    assert form_8949(book, 2025) == table("""
        asset  lot  kind   quantity  proceeds  basis   gain
        BTC    1    short  0.25      25.00     12.50    12.50
        ETH    3    sale   10        150.00    100.00   50.00
        BTC    5    short  0.75      75.00     150.00  -75.00
    """)
    assert balances(book) == table("""
        asset  held
        BTC    0.75
    """)


def test_a_short_quoted_in_a_coin_keeps_the_coin_and_hands_its_profit_over() -> None:
    book = told("""
        2025-03-01  price   BTC 100
        2025-03-01  sold    10 ETH  for 1 BTC  on p
        2025-03-02  price   BTC 200
        2025-03-02  bought  10 ETH  for 0.75 BTC  on p
    """)
    assert form_8949(book, 2025) == table("""
        asset  kind   quantity  proceeds  basis   gain
        BTC    sale   0.75      150.00    75.00   75.00
        ETH    short  10        100.00    150.00  -50.00
    """)
    assert lots(book) == table("""
        asset  position  quantity  basis
        BTC    -         0.25      25
    """)
    assert balances(book) == table("""
        asset  held
        BTC    0.25
    """)


def test_a_loss_of_a_short_quoted_in_a_coin_is_paid_with_own_coins() -> None:
    book = told("""
        2025-01-01  deposited  1 BTC  bought 2025-01-01 for 50
        2025-03-01  price   BTC 100
        2025-03-01  sold    10 ETH  for 1 BTC  on p
        2025-03-02  price   BTC 200
        2025-03-02  bought  10 ETH  for 1.25 BTC  on p
    """)
    assert form_8949(book, 2025) == table("""
        asset  lot  kind   quantity  proceeds  basis   gain
        BTC    1    sale   0.25      50.00     12.50   37.50
        BTC    3    sale   1         200.00    100.00  100.00
        ETH    5    short  10        100.00    250.00  -150.00
    """)
    assert balances(book) == table("""
        asset  held
        BTC    0.75
    """)


def test_a_delivered_long_quoted_in_a_coin_is_paid_with_own_coins() -> None:
    book = told(QUOTED + "2025-03-02  settled  p 10 ETH  for 1 BTC")
    assert form_8949(book, 2025) == table("""
        asset  lot  kind   quantity  proceeds  basis  gain
        BTC    1    short  1         100.00    50.00  50.00
    """)
    assert lots(book) == table("""
        asset  position  lot  quantity  basis
        ETH    -         3    10        100
    """)
    assert balances(book) == table("""
        asset  held
        ETH    10
    """)


def test_a_delivered_short_quoted_in_a_coin_hands_over_its_coins() -> None:
    book = told("""
        2025-01-01  deposited  10 ETH  bought 2025-01-01 for 30
        2025-03-01  price      BTC 100
        2025-03-01  sold       10 ETH  for 1 BTC  on p
        2025-03-02  settled    p 10 ETH  for 1 BTC
    """)
    assert form_8949(book, 2025) == table("""
        asset  lot  kind   proceeds  basis  gain
        ETH    1    short  100.00    30.00  70.00
    """)
    assert lots(book) == table("""
        asset  position  lot  quantity  basis
        BTC    -         3    1         100
    """)
