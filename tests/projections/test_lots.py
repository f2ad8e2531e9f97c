"""Which lots go first, and what is left of them."""

import pytest

from domain.methods import ORDERS
from domain.money import exact
from tests.story import findings, folded, form_8949, kinds, lots, table, told

# Identification (Reg. 1.1012-1(j)) ---------------------------------------------------------------

WALLET = """
    2025-01-01  self/one     deposited    10 DE  bought 2025-01-01 for 20   as A
    2026-01-01  self/two     deposited    20 DE  bought 2026-01-01 for 100  as B
    2026-08-01  self/two     transferred  20 DE  to self/wallet
    2026-09-01  self/one     transferred  10 DE  to self/wallet
    2026-09-02  self/wallet  sold         10 DE  for 100  as sale
"""


def test_units_identified_in_time_are_the_ones_sold() -> None:
    """Cases: A1; Reg. 1.1012-1(j)(5)(i) Example 1."""
    book = told(WALLET + "2026-09-02  picked  sale  picks B:10")
    assert form_8949(book, 2026) == table("""
        lot  quantity  acquired    sold        proceeds  basis  gain   term
        B    10        2026-01-01  2026-09-02  100.00    50.00  50.00  short
    """)
    assert lots(book) == table("""
        account      lot  quantity  basis
        self/wallet  A    10        20
        self/wallet  B    10        50
    """)


def test_without_a_record_the_earliest_acquired_go_not_the_first_to_arrive() -> None:
    """Cases: A2; Reg. 1.1012-1(j)(5)(ii) Example 2."""
    assert form_8949(told(WALLET), 2026) == table("""
        lot  quantity  acquired    sold        proceeds  basis  gain   term
        A    10        2025-01-01  2026-09-02  100.00    20.00  80.00  long
    """)


def test_a_late_identification_is_found_and_not_honoured() -> None:
    """Notice 2026-20, 4.02: a pick after the sale leaves FIFO in force."""
    book = told(WALLET + "2026-09-02T12:00:01  picked  sale  picks B:10")
    assert [row["lot"] for row in form_8949(book, 2026)] == ["A"]
    assert findings(book, 2026) == table("""
        kind                 account  event  severity
        late_identification  book     6      warning
    """)


def test_a_pick_may_take_several_lots_and_leave_the_rest_to_the_order_in_force() -> None:
    book = told("""
        2025-01-01  bought  1 X  for 10  as A
        2025-01-02  bought  1 X  for 20  as B
        2025-01-03  bought  1 X  for 30  as C
        2025-02-01  picked  sale  picks C:0.5 B:1
        2025-02-01  sold    2 X  for 200  as sale
    """)
    assert form_8949(book, 2025) == table("""
        lot  quantity  basis
        A    0.5        5.00
        B    1         20.00
        C    0.5       15.00
    """)


def test_a_pick_may_name_the_account_where_two_share_an_id() -> None:
    """Contract: "where two accounts share an id, `ACCOUNT#ID` is accepted"."""
    for account, basis in (("kraken/main", "10.00"), ("okx/main", "20.00")):
        book = told(f"""
            2025-01-01  kraken/main  bought       1 X  for 10  as A
            2025-01-02  okx/main     bought       1 X  for 20  as A
            2025-01-03  okx/main     transferred  1 X  to kraken/main
            2025-02-01  picked       sale  picks {account}#A:1
            2025-02-01  sold         1 X  for 200  as sale
        """)
        assert [row["basis"] for row in form_8949(book, 2025)] == [basis]


def test_a_pick_of_more_than_a_lot_holds_is_found() -> None:
    book = told("""
        2025-01-01  deposited  1 X  bought 2025-01-01 for 10  as A
        2025-01-02  deposited  1 X  bought 2025-01-02 for 20  as B
        2025-02-01  picked  sale  picks B:2
        2025-02-01  sold    2 X  for 200  as sale
    """)
    assert [(row["lot"], row["quantity"]) for row in form_8949(book, 2025)] == [
        ("A", "1"),
        ("B", "1"),
    ]
    assert kinds(book) == ["invalid_identification"]


def test_a_pick_serves_the_units_and_the_fee_of_one_transfer_once() -> None:
    """The fee takes what the pick has left, not the first lot of the pick again."""
    book = told("""
        2025-01-01  deposited  1 X  bought 2025-01-01 for 10  as A
        2025-01-02  deposited  1 X  bought 2025-01-02 for 20  as B
        2025-02-01  price   X  50
        2025-02-01  picked  move  picks A:0.5 B:0.5
        2025-02-01  transferred  0.9 X  fee 0.1  to self/wallet  as move
    """)
    assert form_8949(book, 2025) == table("""
        lot  quantity  proceeds  basis
        B    0.1       5.00      2.00
    """)
    assert lots(book) == table("""
        account      lot  quantity  basis
        kraken/main  A    0.5       5
        kraken/main  B    0.5       10
        self/wallet  A    0.5       5
        self/wallet  B    0.4       8
    """)
    assert findings(book) == []


def test_under_another_method_picks_do_not_count() -> None:
    """Contract: an explicit method is a replay of its own, labelled what-if."""
    book = told(WALLET + "2026-09-02  picked  sale  picks A:10")
    (row,) = form_8949(book, 2026, "lifo")
    assert (row["lot"], row["identified"]) == ("B", "lifo, what-if: a pick was in force")


def test_a_standing_order_counts_for_later_sales() -> None:
    """Cases: A5; Reg. 1.1012-1(j)(3)(ii)."""
    book = told("""
        2025-01-02         elected  hifo
        2025-02-01         bought   1 X    for 50  as A
        2025-03-01         bought   1 X    for 90  as B
        2025-04-01         bought   1 X    for 40  as C
        2025-07-01T10:00Z  sold     1.5 X  for 142.50
    """)
    assert form_8949(book, 2025) == table("""
        lot  quantity  proceeds  basis  gain   term
        A    0.5       47.50     25.00  22.50  short
        B    1         95.00     90.00   5.00  short
    """)


def test_a_standing_order_does_not_reach_a_sale_at_its_own_instant() -> None:
    """Contract: "a standing order for sales after `at` (strictly)"."""
    book = told("""
        2025-02-01           bought   1 X  for 50  as A
        2025-03-01           bought   1 X  for 90  as B
        2025-03-02           bought   1 X  for 95  as C
        2025-07-01           elected  hifo
        2025-07-01           sold     1 X  for 95
        2025-07-01T12:00:01  sold     1 X  for 95
    """)
    assert [(row["lot"], row["identified"]) for row in form_8949(book, 2025)] == [
        ("A", "fifo, the default: adequate"),
        ("C", "hifo, standing order of 2025-07-01: adequate"),
    ]


def test_an_accounts_order_beats_the_books_whatever_their_dates() -> None:
    """Contract: `method_elected`."""
    book = told("""
        2025-01-01  kraken/main  elected  lifo
        2025-01-02  book         elected  hifo
        2025-01-03  book         elected  lofo  asset Y
        2025-02-01  kraken/main  bought   1 X   for 90
        2025-02-02  kraken/main  bought   1 X   for 50  as newest
        2025-02-01  okx/main     bought   1 X   for 90  as dearest
        2025-02-02  okx/main     bought   1 X   for 50
        2025-02-01  okx/main     bought   1 Y   for 90
        2025-02-02  okx/main     bought   1 Y   for 50  as cheapest
        2025-03-01  kraken/main  sold     1 X   for 100
        2025-03-02  okx/main     sold     1 X   for 100
        2025-03-03  okx/main     sold     1 Y   for 100
    """)
    assert [row["lot"] for row in form_8949(book, 2025)] == ["newest", "dearest", "cheapest"]


# Method by method --------------------------------------------------------------------------------

PARTIAL_FILLS = told("""
    2023-01-10  bought  1.0 BTC   @ 20000  fee 100
    2023-02-10  bought  0.5 BTC   @ 24000  fee 60
    2023-03-10  bought  2.0 BTC   @ 22000
    2023-06-01  sold    0.4 BTC   @ 30000
    2023-06-02  sold    1.5 BTC   @ 31000
    2023-06-03  sold    0.25 BTC  @ 28000
""")


@pytest.mark.parametrize(
    ("method", "rows", "total"),
    [
        (
            "fifo",
            """
            disposal  lot  quantity  basis     gain
            4         1    0.4        8040.00  3960.00
            5         1    0.6       12060.00  6540.00
            5         2    0.5       12060.00  3440.00
            5         3    0.4        8800.00  3600.00
            6         3    0.25       5500.00  1500.00
            """,
            "19040.00",
        ),
        (
            "lifo",
            """
            disposal  lot  quantity  basis     gain
            4         3    0.4        8800.00   3200.00
            5         3    1.5       33000.00  13500.00
            6         2    0.15       3618.00    582.00
            6         3    0.1        2200.00    600.00
            """,
            "17882.00",
        ),
        (
            "hifo",
            """
            disposal  lot  quantity  basis     gain
            4         2    0.4        9648.00   2352.00
            5         2    0.1        2412.00    688.00
            5         3    1.4       30800.00  12600.00
            6         3    0.25       5500.00   1500.00
            """,
            "17140.00",
        ),
        (
            "lofo",
            """
            disposal  lot  quantity  basis     gain
            4         1    0.4        8040.00  3960.00
            5         1    0.6       12060.00  6540.00
            5         3    0.9       19800.00  8100.00
            6         3    0.25       5500.00  1500.00
            """,
            "20100.00",
        ),
    ],
)
def test_partial_fills_over_several_lots(method: str, rows: str, total: str) -> None:
    """Cases: N1 (rp2 1.7.2 agrees). Rows of one sale stand by the date acquired."""
    found = form_8949(PARTIAL_FILLS, 2023, method)
    assert found == table(rows)
    assert f"{sum(float(row['gain']) for row in found):.2f}" == total


def test_what_fifo_leaves_of_partial_fills() -> None:
    """Cases: N1."""
    assert lots(PARTIAL_FILLS, "fifo") == table("""
        lot  quantity  basis
        3    1.35      29700
    """)


def test_dearest_first_takes_the_oldest_of_equals() -> None:
    """Cases: N2."""
    book = told("""
        2022-01-01  bought  1 BTC    @ 40000
        2022-02-01  bought  1 BTC    @ 40000
        2022-03-01  bought  1 BTC    @ 40000
        2022-06-01  sold    1.5 BTC  @ 45000
    """)
    assert form_8949(book, 2022, "hifo") == table("""
        lot  quantity  gain
        1    1         5000.00
        2    0.5       2500.00
    """)


def test_a_sale_fee_in_the_coin_sold_is_sold_with_it() -> None:
    """Cases: N3 (rp2 1.7.2 agrees)."""
    book = told("""
        2018-06-03  bought  10 BTC    @ 1000  fee 10
        2018-09-03  sold    7.99 BTC  @ 2500  fee 0.01 BTC
    """)
    assert form_8949(book, 2018) == table("""
        quantity  proceeds  basis    gain      term
        8         19975.00  8008.00  11967.00  short
    """)
    assert lots(book) == table("""
        lot  quantity  basis
        1    2         2002
    """)


@pytest.mark.parametrize(
    ("method", "row"),
    [("hifo", "2  40040.00  4960.00"), ("lofo", "1  40000.00  5000.00")],
)
def test_lots_rank_by_basis_per_unit_fee_included(method: str, row: str) -> None:
    """Cases: N4. By price alone lot 1 would be the dearest (rp2 #150)."""
    book = told("""
        2022-01-01  bought  1 BTC  @ 40000
        2022-02-01  bought  1 BTC  @ 39990  fee 50
        2022-06-01  sold    1 BTC  @ 45000
    """)
    assert form_8949(book, 2022, method) == table(f"""
        lot  basis  gain
        {row}
    """)


def test_an_own_transfer_with_a_fee_in_coin() -> None:
    """Cases: N5 (rp2 1.7.2 agrees): the fee is sold, what was moved keeps its date."""
    book = told("""
        2020-01-01  bought       1 BTC     @ 11000  fee 100
        2020-01-21  price        BTC 11400
        2020-01-21  transferred  0.09 BTC  fee 0.01  to self/wallet
        2020-03-01  sold         0.9 BTC   @ 9000
        2020-03-01  self/wallet  sold  0.09 BTC  @ 9000
    """)
    assert form_8949(book, 2020) == table("""
        account      kind  quantity  acquired    proceeds  basis     gain      term
        kraken/main  fee   0.01      2020-01-01   114.00     111.00      3.00  short
        kraken/main  sale  0.9       2020-01-01  8100.00    9990.00  -1890.00  short
        self/wallet  sale  0.09      2020-01-01   810.00     999.00   -189.00  short
    """)


def test_thirds_of_a_lot_use_up_its_basis_exactly() -> None:
    """Cases: N6."""
    book = told("""
        2024-01-01  bought  1 X           for 100
        2024-02-01  sold    0.33333333 X  @ 300
        2024-02-02  sold    0.33333333 X  @ 300
        2024-02-03  sold    0.33333334 X  @ 300
    """)
    assert form_8949(book, 2024) == table("""
        proceeds  basis  gain
        100.00    33.33  66.67
        100.00    33.34  66.66
        100.00    33.33  66.67
    """)
    with exact():
        assert sum(disposal.basis for disposal in folded(book).disposals["spec_id"]) == 100


def test_a_lot_of_three_units_sold_one_by_one() -> None:
    """Cases: A9: 33.333... each, and cents that add up to 100.00."""
    book = told("""
        2024-01-01  bought  3 X  for 100
        2024-02-01  sold    1 X  @ 50
        2024-02-02  sold    1 X  @ 50
        2024-02-03  sold    1 X  @ 50
    """)
    assert [row["basis"] for row in form_8949(book, 2024)] == ["33.33", "33.34", "33.33"]
    with exact():
        assert sum(disposal.basis for disposal in folded(book).disposals["spec_id"]) == 100


def test_lots_stay_in_their_account() -> None:
    """Cases: N7, per wallet (CoinLedger's figures)."""
    book = told("""
        2025-07-01  a/main  bought  1 BTC  @ 10000
        2025-08-01  b/main  bought  1 BTC  @ 20000
        2025-09-01  c/main  bought  1 BTC  @ 30000
        2025-10-01  c/main  sold    1 BTC  @ 40000
    """)
    assert [row["gain"] for row in form_8949(book, 2025)] == ["10000.00"]


@pytest.mark.parametrize(
    ("method", "rows"),
    [("fifo", {("1", "200.00"), ("2", "50.00")}), ("hifo", {("2", "100.00"), ("1", "100.00")})],
)
def test_what_was_bought_at_the_instant_of_the_sale_counts(
    method: str, rows: set[tuple[str, str]]
) -> None:
    """Cases: N8 (rp2 1.7.2 agrees)."""
    book = told("""
        2022-01-01T10:00  bought  1 X    @ 100
        2022-01-02T10:00  bought  1 X    @ 200
        2022-01-02T10:00  sold    1.5 X  @ 300
    """)
    assert {(row["lot"], row["gain"]) for row in form_8949(book, 2022, method)} == rows


def test_newest_first_within_one_day_takes_the_newest() -> None:
    """Openings 3: beancount 3.2.3 takes the oldest lot of the newest day (gain 200, not 100)."""
    book = told("""
        2025-01-02T09:00  bought  1 X  @ 100
        2025-01-02T10:00  bought  1 X  @ 200
        2025-01-02T11:00  sold    1 X  @ 300
    """)
    assert [row["gain"] for row in form_8949(book, 2025, "lifo")] == ["100.00"]


def test_a_lot_used_in_part_is_not_lost_when_income_arrives() -> None:
    """Openings 3: rp2 #156."""
    book = told("""
        2025-01-01  bought    2 X  for 100
        2025-01-02  sold      1 X  @ 60
        2025-01-03  received  staking 1 X  worth 10
        2025-01-04  sold      1 X  @ 60
    """)
    assert [row["lot"] for row in form_8949(book, 2025, "hifo")] == ["1", "1"]


@pytest.mark.parametrize("method", ORDERS)
def test_lots_of_one_deposit_and_day_go_in_the_order_in_which_they_were_stated(method: str) -> None:
    """Not in the order of their names as texts, where ID/10 stands before ID/2."""
    stated = " ".join(f"2024-01-01:1:{10}" for _ in range(12))
    sales = "".join(f"2024-02-{day:02}  sold  1 X  @ 20\n" for day in range(1, 13))
    book = told(f"2024-01-31  deposited  12 X  as in  lots {stated}\n{sales}")
    order = [f"in/{i}" for i in range(1, 13)]
    assert [row["lot"] for row in form_8949(book, 2024, method)] == order


# What nobody has stated --------------------------------------------------------------------------


def test_a_sale_with_nothing_held_is_found_and_never_a_basis_of_zero_in_silence() -> None:
    """Cases: N9."""
    book = told("""
        2022-02-01  sold    1 BTC  @ 40000
        2022-03-01  bought  1 BTC  @ 35000
    """)
    assert form_8949(book, 2022) == table("""
        lot  acquired  sold        proceeds  basis  missing  box
        -    -         2022-02-01  40000.00  0.00   basis    C
    """)
    missing, below = findings(book, 2022)
    assert [missing] == table("""
        kind           account      asset  event  severity
        missing_basis  kraken/main  BTC    1      error
    """)
    assert missing["problem"] == "1 BTC went out on 2022-02-01 that never came in"
    assert below["kind"] == "negative_balance"
    assert lots(book) == table("""
        lot  quantity  basis
        2    1         35000
    """)


def test_a_deposit_without_lots_is_found_and_taints_what_is_sold_of_it() -> None:
    book = told("""
        2023-03-02  deposited  2.5 ETH  as in
        2025-03-03  sold       1 ETH  @ 4000
    """)
    assert form_8949(book, 2025) == table("""
        lot  acquired  sold        basis  missing  term
        in   -         2025-03-03  0.00   basis    long
    """)
    (missing,) = findings(book)
    assert missing["problem"] == "2.5 ETH deposited on 2023-03-02: bought when, for how much?"


def test_a_deposit_may_hold_several_lots_and_lack_some() -> None:
    book = told("""
        2025-01-05  deposited  3 X  as in  lots 2024-01-01:1:10 2024-06-01:1.5:30
        2025-02-01  sold       1 X  @ 100
    """)
    assert [row["lot"] for row in form_8949(book, 2025)] == ["in/1"]
    assert lots(book) == table("""
        lot   acquired    quantity  basis
        in/2  2024-06-01  1.5       30
        in/3  -           0.5       -
    """)
    assert kinds(book) == ["missing_basis"]


def test_lots_beyond_the_deposit_are_found() -> None:
    book = told("2025-01-05  deposited  1 X  lots 2024-01-01:2:10")
    assert kinds(book) == ["lots_exceed_deposit"]


def test_the_owners_word_on_a_deposit_counts_from_its_beginning() -> None:
    """Contract: `basis_stated`."""
    book = told("""
        2025-01-05  deposited  1 X  as in
        2025-02-01  sold       1 X  @ 100
        2026-01-01  kraken/main  stated  in  lots 2023-01-01:1:10
    """)
    assert form_8949(book, 2025) == table("""
        lot  acquired    basis  gain   term  missing
        in   2023-01-01  10.00  90.00  long  -
    """)
    assert findings(book) == []


def test_between_the_two_bases_of_a_gift_there_is_neither_gain_nor_loss() -> None:
    """Cases: I7; IRC 1015(a); Pub. 550 p. 60: 10,000 and 9,000, sold for 9,500."""
    gift = "2025-01-05  deposited  1 X  lots 2020-01-01:1:10000:9000\n"
    for price, gain in (("9500", "0.00"), ("11000", "1000.00"), ("8000", "-1000.00")):
        book = told(gift + f"2025-02-01  sold  1 X  @ {price}")
        assert [row["gain"] for row in form_8949(book, 2025)] == [gain]


def test_the_givers_time_counts_for_a_gain_and_not_for_a_loss() -> None:
    """IRC 1223(2): with the basis of the gift's own day the time begins then, too."""
    gift = "2025-01-05  deposited  1 X  lots 2020-01-01:1:10000:9000\n"
    for price, term in (("11000", "long"), ("8000", "short")):
        book = told(gift + f"2025-06-01  sold  1 X  @ {price}")
        assert [row["term"] for row in form_8949(book, 2025)] == [term]


def test_a_lot_cannot_be_acquired_after_it_came_in() -> None:
    book = told("2025-01-05  deposited  1 X  lots 2025-02-01:1:10")
    assert kinds(book) == ["acquired_after_arrival"]
    assert [row["acquired"] for row in lots(book)] == ["2025-01-05"]


def test_a_gift_given_uses_up_lots_without_gain() -> None:
    """Rev. Proc. 2024-28, 6.05, Example 5."""
    book = told("""
        2025-01-01  bought  1 X  for 10  as A
        2025-01-02  bought  1 X  for 20  as B
        2025-02-01  given   1 X
    """)
    assert form_8949(book, 2025) == []
    assert [row["lot"] for row in lots(book)] == ["B"]


def test_the_command_that_is_asked_for_can_be_pasted_into_any_shell() -> None:
    """Rows without an id of their own are called `~DIGEST`: zsh takes that for a home."""
    hints = [
        found["hint"]
        for name in ("~ab12", "W7")
        for found in findings(told(f"2025-01-01  okx/main  deposited  1 X  as {name}"))
    ]
    assert [hint.split()[2] for hint in hints] == ["okx/main#~ab12", "W7"]


# Between accounts --------------------------------------------------------------------------------


def test_a_transfer_keeps_dates_bases_and_names() -> None:
    book = told("""
        2023-01-01  bought       2 X  for 30  as A
        2025-02-01  transferred  1 X  to self/wallet
    """)
    assert lots(book) == table("""
        account      lot  acquired    quantity  basis
        kraken/main  A    2023-01-01  1         15
        self/wallet  A    2023-01-01  1         15
    """)


def test_two_linked_legs_are_one_transfer() -> None:
    """Contract: `transfer_linked`."""
    book = told("""
        2023-01-01  kraken/main  deposited  1 X  bought 2023-01-01 for 30  as A
        2025-02-01  kraken/main  withdrawn  1 X  as out
        2025-02-02  self/wallet  deposited  1 X  as in
        2025-02-03  linked  kraken/main#out  self/wallet#in
    """)
    assert lots(book) == table("""
        account      lot  acquired    quantity  basis
        self/wallet  A    2023-01-01  1         30
    """)
    assert findings(book) == []


def test_what_leaves_for_a_wallet_of_ones_own_takes_the_lots_that_lie_here() -> None:
    """It is no disposition: FIFO over all accounts before 2025 still finds the oldest units (IRS
    FAQ 41), as it does where the wallet is an account of the book."""
    book = told("""
        2015-01-01  a/main  bought     1 X  for 300    as A
        2023-01-01  b/main  bought     1 X  for 20000  as B
        2024-01-01  b/main  withdrawn  1 X
        2024-06-01  a/main  sold       1 X  for 60000
    """)
    assert form_8949(book, 2024) == table("""
        lot  basis   gain      term
        A    300.00  59700.00  long
    """)
    assert lots(book) == []


def test_where_none_lie_here_units_that_leave_take_the_lots_of_another_account() -> None:
    """The sale took A, which lay elsewhere: what left was B, or a lot would have no units."""
    book = told("""
        2015-01-01  a/main  bought     1 X  for 300    as A
        2023-01-01  b/main  bought     1 X  for 20000  as B
        2024-01-01  b/main  sold       1 X  for 50000
        2024-06-01  a/main  withdrawn  1 X
    """)
    assert [row["lot"] for row in form_8949(book, 2024)] == ["A"]
    assert lots(book) == []


@pytest.mark.parametrize(
    ("policy", "rows", "moved"),
    [
        ("disposal", [("40.00", "30.00", "10.00", "short")], "2970"),
        ("add_to_basis", [], "3000"),
        ("ignore", [], "2970"),
    ],
)
def test_a_transfers_fee_in_coin_is_what_the_policy_says(
    policy: str, rows: list[tuple[str, ...]], moved: str
) -> None:
    """Cases: B3; policy `transfer_fee`."""
    book = told(f"""
        2025-01-01  policy       transfer_fee {policy}
        2025-01-02  bought       1 ETH  for 3000
        2025-03-01  price        ETH 4000
        2025-03-01  transferred  0.99 ETH  fee 0.01  to self/wallet
    """)
    assert [
        tuple(row[c] for c in ("proceeds", "basis", "gain", "term"))
        for row in form_8949(book, 2025)
    ] == rows
    assert lots(book) == table(f"""
        account      acquired    quantity  basis
        self/wallet  2025-01-02  0.99      {moved}
    """)


def test_a_lot_that_bore_a_transfers_fee_ranks_by_its_grown_basis() -> None:
    """Ties: HIFO compares basis per unit, fees included."""
    book = told("""
        2025-01-01  policy       transfer_fee add_to_basis
        2025-01-02  kraken/main  bought       2 X  for 200  as grown
        2025-01-03  self/wallet  bought       1 X  for 101  as plain
        2025-03-01  kraken/main  transferred  1 X  fee 1  to self/wallet
        2025-03-02  self/wallet  sold         1 X  @ 300
    """)
    assert form_8949(book, 2025, "hifo") == table("""
        lot    basis
        grown  200.00
    """)
