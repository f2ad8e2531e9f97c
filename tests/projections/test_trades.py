"""What a trade is worth, and who bears its costs."""

import pytest

from tests.story import balances, findings, folded, form_8949, kinds, lots, table, told

# Costs in cash -----------------------------------------------------------------------------------


def test_fees_in_cash_go_into_basis_and_cut_proceeds() -> None:
    """Cases: B1; Reg. 1.1012-1(h)(2)(ii)(A), 1.1001-7(b)(1)(i)."""
    book = told("""
        2025-01-10  bought  0.5 BTC  for 47500  fee 95
        2025-05-10  sold    0.5 BTC  for 52000  fee 104
    """)
    assert form_8949(book, 2025) == table("""
        quantity  acquired    sold        proceeds  basis     gain     term
        0.5       2025-01-10  2025-05-10  51896.00  47595.00  4301.00  short
    """)


def test_coin_for_coin_all_costs_belong_to_what_was_given() -> None:
    """Cases: B2; Reg. 1.1012-1(h)(2)(ii)(B)."""
    book = told("""
        2024-01-05  deposited  10 ETH  bought 2024-01-05 for 22000
        2025-06-01  price      BTC 100000
        2025-06-01  sold       10 ETH  for 0.25 BTC  fee 40 USD  as swap
    """)
    assert form_8949(book, 2025) == table("""
        asset  acquired    sold        proceeds  basis     gain     term
        ETH    2024-01-05  2025-06-01  24960.00  22000.00  2960.00  long
    """)
    assert lots(book) == table("""
        asset  lot   acquired    quantity  basis
        BTC    swap  2025-06-01  0.25      25000
    """)


def test_interest_paid_in_coin_is_a_disposal_at_its_worth() -> None:
    """Cases: B4."""
    book = told("""
        2023-05-01  deposited  1 ETH  bought 2023-05-01 for 1800
        2025-08-01  price      ETH 3500
        2025-08-01  interest   0.02 ETH balance
    """)
    assert form_8949(book, 2025) == table("""
        kind      quantity  proceeds  basis  gain   term
        interest  0.02      70.00     36.00  34.00  long
    """)


def test_a_stablecoin_is_property() -> None:
    """Cases: B5; Notice 2014-21."""
    book = told("""
        2025-03-01  bought  10000 USDT  for 10001
        2025-03-02  price   ETH 2499.50
        2025-03-02  bought  4 ETH  for 10000 USDT
    """)
    assert form_8949(book, 2025) == table("""
        asset  quantity  proceeds  basis     gain   term
        USDT   10000     9998.00   10001.00  -3.00  short
    """)
    assert lots(book) == table("""
        asset  quantity  basis
        ETH    4         9998
    """)


# Costs in coin (Reg. 1.1001-7(b)(5)) -------------------------------------------------------------

TEN_A = """
    2025-01-05  deposited  10 A  bought 2025-01-05 for 5.00
    2025-06-01  price      A 2
    2025-06-01  price      B 1
    2025-06-01  price      C 1
"""


def test_units_spent_on_services_less_a_cost_in_cash() -> None:
    """Cases: B6, Example 1: worth 10.00 by the price of that day."""
    book = told("""
        2025-01-05  deposited  10 A   bought 2025-01-05 for 5.00
        2025-06-01  price      A 1
        2025-06-01  spent      10 A   as haircut
        2025-06-01  charged    1 USD  of haircut
    """)
    assert form_8949(book, 2025) == table("""
        kind   quantity  proceeds  basis  gain
        spent  10        9.00      5.00   4.00
    """)


def test_a_cost_in_cash_of_a_swap() -> None:
    """Cases: B6, Example 2; 1.1012-1(h)(4) Example 1."""
    book = told(TEN_A + "2025-06-01  sold  10 A  for 20 B  fee 2 USD")
    assert form_8949(book, 2025) == table("""
        asset  quantity  proceeds  basis  gain
        A      10        18.00     5.00   13.00
    """)
    assert lots(book) == table("""
        asset  quantity  basis
        B      20        20
    """)


def test_a_cost_in_a_third_coin_and_a_cost_of_paying_it() -> None:
    """Cases: B6, Example 3: the third coin bears what disposing of it cost."""
    book = told(
        TEN_A
        + """
        2025-01-05  deposited  10 C  bought 2025-01-05 for 5.00
        2025-06-01  sold       10 A  for 20 B  fee 2 C  as swap
        2025-06-01  charged    1 C   of swap
        """
    )
    assert form_8949(book, 2025) == table("""
        asset  kind  quantity  proceeds  basis  gain
        A      sale  10        18.00     5.00   13.00
        C      fee   3         2.00      1.50   0.50
    """)
    assert lots(book) == table("""
        asset  quantity  basis
        B      20        20
        C      7         3.5
    """)
    assert balances(book) == table("""
        asset  held
        B      20
        C      7
    """)


def test_costs_withheld_from_the_coin_given_are_sold_with_it() -> None:
    """Reg. 1.1001-7(b)(5) Example 4: one disposition, for what arrives."""
    book = told(TEN_A + "2025-06-01  sold  9 A  for 18 B  fee 1 A")
    assert form_8949(book, 2025) == table("""
        asset  quantity  proceeds  basis  gain
        A      10        18.00     5.00   13.00
    """)


def test_costs_withheld_from_the_coin_received_are_of_the_units_just_received() -> None:
    """Cases: B6, Example 5; 1.1012-1(j)(3)(iii)."""
    book = told(
        TEN_A
        + """
        2025-01-05  deposited  5 B   bought 2025-01-05 for 50
        2025-06-01  sold       10 A  for 20 B  fee 2 B  as swap
        2025-06-01  charged    1 B   of swap
        """
    )
    assert form_8949(book, 2025) == table("""
        asset  kind  lot   quantity  acquired    proceeds  basis  gain
        A      sale  1     10        2025-01-05  17.00     5.00   12.00
        B      fee   swap  3         2025-06-01   3.00     3.00    0.00
    """)
    assert lots(book) == table("""
        lot   quantity  basis
        5     5         50
        swap  17        17
    """)


def test_a_withheld_unit_is_of_the_units_just_received_whatever_order_stands() -> None:
    """Cases: A11; Reg. 1.1012-1(j)(5)(v)-(vi) Examples 5 and 6."""
    for order in ("", "2025-01-01  elected  lofo\n"):
        book = told(
            order
            + """
            2025-01-01  deposited  10 AB  bought 2025-01-01 for 10  as old
            2025-01-01  deposited  30 CD  bought 2025-01-01 for 60
            2026-06-30  price      AB 2
            2026-06-30  bought     10 AB  for 10 CD  fee 1 AB  as new
            """
        )
        assert form_8949(book, 2026)[1:] == table("""
            asset  lot  quantity  proceeds  basis  gain
            AB     new  1         2.00      2.00   0.00
        """)
        assert lots(book)[:2] == table("""
            lot  quantity  basis
            old  10        10
            new  9         18
        """)


def test_the_policy_withheld_fee_may_leave_the_choice_to_the_method() -> None:
    """Contract: policy `withheld_fee` by_method."""
    book = told("""
        2025-01-01  policy     withheld_fee by_method
        2025-01-01  deposited  10 AB  bought 2025-01-01 for 10  as old
        2025-01-01  deposited  10 CD  bought 2025-01-01 for 10
        2025-06-30  price      AB 2
        2025-06-30  bought     10 AB  for 10 CD  fee 1 AB  as new
    """)
    assert form_8949(book, 2025) == table("""
        asset  lot  quantity  proceeds  basis  gain
        AB     old  1          2.00      1.00  1.00
        CD     3    10        18.00     10.00  8.00
    """)


def test_a_fee_withheld_from_coins_bought_for_cash_stays_in_their_basis() -> None:
    """Treas. Reg. 1.1012-1(j)(3)(iii): not illustrated; no dollar of the cost may be lost."""
    book = told("2025-06-30  bought  10 AB  for 100  fee 1 AB  as new")
    assert form_8949(book, 2025) == table("""
        lot  quantity  proceeds  basis  gain
        new  1         10.00     10.00  0.00
    """)
    assert lots(book) == table("""
        lot  quantity  basis
        new  9         100
    """)


def test_a_purchase_whose_fee_is_paid_in_another_coin() -> None:
    """Cases: B7; Reg. 1.6045-1(d)(6)(x)(A)-(B) Examples 1 and 2."""
    book = told("""
        2026-03-09  bought  20 CM  for 20
        2026-03-16  price   CM 1
        2026-03-16  bought  10 DE  for 80  fee 1 CM  as DE
        2027-06-12  price   CM 2
        2027-06-12  price   ST 2
        2027-06-12  sold    10 DE  for 50 ST  fee 1 CM  as ST
    """)
    assert form_8949(book, 2026) == table("""
        asset  quantity  proceeds  basis  gain
        CM     1         1.00      1.00   0.00
    """)
    assert form_8949(book, 2027) == table("""
        asset  quantity  proceeds  basis  gain   term
        CM     1          2.00      1.00   1.00  long
        DE     10        98.00     81.00  17.00  long
    """)
    assert lots(book) == table("""
        asset  quantity  basis
        CM     18        18
        ST     50        100
    """)


@pytest.mark.parametrize("told_as", ["sold  500 FE  for 1000  fee 10 FE", "spent  500 FE  fee 10"])
def test_units_taken_for_a_purchase_and_its_fee_are_one_disposition(told_as: str) -> None:
    """Cases: B8; Reg. 1.6045-1(d)(5)(v)(D) Example 4."""
    book = told(f"""
        2025-01-05  deposited  1000 FE  bought 2025-01-05 for 1000
        2025-06-01  price      FE 2
        2025-06-01  {told_as}
    """)
    assert form_8949(book, 2025) == table("""
        quantity  proceeds  basis   gain
        510       1000.00   510.00  490.00
    """)
    assert balances(book)[:1] == table("""
        asset  held
        FE     490
    """)


def test_a_fee_of_another_trade_or_of_none_is_a_disposal_of_its_own() -> None:
    book = told("""
        2025-01-05  deposited  10 C  bought 2025-01-05 for 5
        2025-06-01  price      C 1
        2025-06-01  charged    2 C   kind withdrawal
    """)
    assert form_8949(book, 2025) == table("""
        kind  quantity  proceeds  basis  gain
        fee   2         2.00      1.00   1.00
    """)


def test_a_second_fee_belongs_to_its_trade_wherever_its_line_stood() -> None:
    for at in ("12:00", "13:00"):
        book = told(f"""
            2025-06-01        price    X 10
            2025-06-01T{at}  charged  5 USD  of buy
            2025-06-01T{at}  charged  1 X    of buy
            2025-06-01T12:00  bought   10 X   for 100  fee 1  as buy
        """)
        assert form_8949(book, 2025) == table("""
            lot  kind  quantity  proceeds  basis
            buy  fee   1         10.00     10.00
        """)
        assert lots(book) == table("""
            lot  quantity  basis
            buy  9         106
        """)


def test_a_fee_that_came_before_its_trade_is_not_counted_twice() -> None:
    book = told("""
        2025-01-01           deposited  10 C  bought 2025-01-01 for 5
        2025-06-01           price    C 1
        2025-06-01T12:00     charged  1 C   of buy
        2025-06-01T12:00:01  bought   10 X  for 100  as buy
    """)
    assert form_8949(book, 2025) == table("""
        asset  quantity  proceeds  basis
        C      1         1.00      0.50
    """)
    assert lots(book)[0]["quantity"] == "9"
    assert balances(book)[0]["held"] == "9"


def test_a_second_fee_of_a_position_is_a_cost_of_it() -> None:
    book = told("""
        2025-01-01  deposited  10 C  bought 2025-01-01 for 5
        2025-06-01  price      C 1
        2025-06-01  bought     1 X   for 100  fee 1  on p  as open
        2025-06-01  charged    2 C    of open
        2025-06-01  charged    3 USD  of open
        2025-06-02  sold       1 X   for 120  on p
    """)
    assert form_8949(book, 2025) == table("""
        asset  kind  proceeds  basis   gain
        C      fee     2.00      1.00   1.00
        X      sale  120.00    106.00  14.00
    """)


def test_a_fee_larger_than_what_was_received_takes_own_units_too() -> None:
    book = told("""
        2025-01-01  deposited  5 X  bought 2025-01-01 for 5
        2025-06-01  price      X 2
        2025-06-01  bought     1 X  for 2  fee 3 X  as buy
    """)
    assert sum(float(row["quantity"]) for row in form_8949(book, 2025)) == 3
    assert [row["quantity"] for row in lots(book)] == ["2", "1"]
    assert balances(book)[1]["held"] == "3"


# What something is worth -------------------------------------------------------------------------


def test_where_nobody_knows_what_was_received_what_was_given_says_it() -> None:
    """Reg. 1.1001-7(b)(4)."""
    book = told("""
        2025-01-05  deposited  10 A  bought 2025-01-05 for 5
        2025-06-01  price      A 2
        2025-06-01  sold       10 A  for 20 B
    """)
    assert form_8949(book, 2025) == table("""
        asset  proceeds  gain
        A      20.00     15.00
    """)
    assert lots(book) == table("""
        asset  basis
        B      20
    """)


def test_a_trade_that_nobody_can_price_is_found_and_makes_no_row() -> None:
    book = told("""
        2025-01-05  deposited  10 A  bought 2025-01-05 for 5
        2025-06-01  sold       10 A  for 20 B  as swap
        2025-06-02  sold       20 B  for 30
    """)
    assert form_8949(book, 2025) == table("""
        asset  lot   proceeds  basis  missing
        B      swap  30.00     0.00   basis
    """)
    assert findings(book) == table("""
        kind           asset  event  severity
        missing_price  B      swap   error
    """)


def test_other_money_is_converted_and_has_no_lots() -> None:
    book = told("""
        2025-06-01  price   EUR 1.10
        2025-06-01  bought  1 BTC  for 50000 EUR  fee 100 EUR
        2025-06-02  price   EUR 1.20
        2025-06-02  sold    1 BTC  for 50000 EUR  fee 100 EUR
    """)
    assert form_8949(book, 2025) == table("""
        asset  proceeds  basis     gain
        BTC    59880.00  55110.00  4770.00
    """)
    assert lots(book) == []


# Liquidation -------------------------------------------------------------------------------------

LIQUIDATED = told("""
    2023-01-10  kraken/main  deposited   1 BTC      bought 2023-01-10 for 17000
    2025-02-01  kraken/main  borrowed    30000 USD
    2025-02-01  kraken/main  bought      0.5 BTC    @ 60000
    2025-03-01  kraken/main  liquidated  1.5 BTC    @ 40000  penalty 600
    2025-03-01  kraken/main  repaid      30000 USD
""")


def test_a_liquidation_can_be_a_gain() -> None:
    """Cases: E1; the trader lost 30,600 of equity and owes tax on 12,400. IRC 1001."""
    assert form_8949(LIQUIDATED, 2025) == table("""
        quantity  acquired    sold        proceeds  basis     gain       term   kind
        1         2023-01-10  2025-03-01  39600.00  17000.00   22600.00  long   liquidation
        0.5       2025-02-01  2025-03-01  19800.00  30000.00  -10200.00  short  liquidation
    """)
    assert balances(LIQUIDATED) == table("""
        asset  held   owed
        USD    29400  0
    """)


def test_the_economic_loss_and_the_taxable_gain_of_a_liquidation() -> None:
    """Cases: E2: collateral worth 60,000 ended as 29,400."""
    (left,) = balances(LIQUIDATED)
    assert int(left["held"]) - 60000 == -30600
    assert sum(disposal.gain for disposal in folded(LIQUIDATED).disposals["spec_id"]) == 12400


def test_a_partial_liquidation_touches_only_its_own_isolated_account() -> None:
    """Cases: E7."""
    book = told("""
        2023-01-10  binance/cross               deposited   1 BTC  bought 2023-01-10 for 20000
        2025-02-01  binance/isolated/BTCUSDT    deposited   1 BTC  bought 2025-02-01 for 95000
        2025-06-01  binance/isolated/BTCUSDT    liquidated  0.4 BTC  @ 104000
    """)
    assert form_8949(book, 2025) == table("""
        account                   quantity  acquired    proceeds  basis     gain     term
        binance/isolated/BTCUSDT  0.4       2025-02-01  41600.00  38000.00  3600.00  short
    """)
    assert [row["quantity"] for row in lots(book)] == ["1", "0.6"]


def test_posting_collateral_is_no_disposal_and_its_forced_sale_is() -> None:
    """Cases: E9."""
    book = told("""
        2022-11-20  bought      1 BTC       @ 16000
        2022-11-21  borrowed    20000 USDC
        2024-01-10  liquidated  0.5 BTC     @ 44000  penalty 100
    """)
    assert form_8949(book, 2024) == table("""
        quantity  acquired    sold        proceeds  basis    gain      term
        0.5       2022-11-20  2024-01-10  21900.00  8000.00  13900.00  long
    """)
    assert lots(book) == table("""
        quantity  basis
        0.5       8000
    """)


def test_a_forced_purchase_bears_its_penalty_in_basis() -> None:
    book = told("2025-03-01  liquidated  1 BTC  @ 40000  side buy  fee 5  penalty 600")
    assert lots(book) == table("""
        quantity  basis
        1         40605
    """)
    assert kinds(book) == ["negative_balance"]
