"""Which lots go first, and what becomes of them."""

import pytest

from tests.story import findings, form_8949, kinds, lots, table, told

# Identification (Reg. 1.1012-1(j)) --------------------------------------------------------------

TWO_LOTS = """
    2025-01-01  self/one  bought       10 DE  for 20   as A
    2026-01-01  self/one  bought       20 DE  for 100  as B
    2026-09-01  self/one  transferred  10 DE  to self/wallet  as out-A
    2026-09-01  self/one  transferred  20 DE  to self/wallet  as out-B
"""


def test_units_identified_before_the_sale_are_the_ones_sold() -> None:
    """Cases: A1; Reg. 1.1012-1(j)(5)(i) Example 1."""
    book = told(
        TWO_LOTS
        + """
        2026-09-02T11:59            picked  sale  picks B:10
        2026-09-02      self/wallet sold    10 DE  for 100  as sale
        """.replace("picked", "self/wallet picked")
    )
    assert form_8949(book, 2026) == table("""
        lot  quantity  acquired    sold        proceeds  basis  gain   term
        B    10        2026-01-01  2026-09-02  100.00    50.00  50.00  short
    """)
    assert lots(book) == table("""
        account      lot  quantity  basis
        self/wallet  A    10        20
        self/wallet  B    10        50
    """)


def test_without_a_record_the_earliest_acquired_is_sold_whatever_arrived_first() -> None:
    """Cases: A2; Reg. 1.1012-1(j)(5)(ii) Example 2."""
    book = told("""
        2025-01-01  self/one  bought       10 DE  for 20   as A
        2026-01-01  self/two  bought       20 DE  for 100  as B
        2026-08-01  self/two  transferred  20 DE  to self/wallet
        2026-09-01  self/one  transferred  10 DE  to self/wallet
        2026-09-02  self/wallet  sold      10 DE  for 100
    """)
    assert form_8949(book, 2026) == table("""
        lot  quantity  acquired    sold        proceeds  basis  gain   term
        A    10        2025-01-01  2026-09-02  100.00    20.00  80.00  long
    """)


def test_a_standing_order_counts_for_later_sales() -> None:
    """Cases: A5; Reg. 1.1012-1(j)(3)(ii)."""
    book = told("""
        2025-01-02  elected  hifo
        2025-02-01  bought   1 X    for 50  as A
        2025-03-01  bought   1 X    for 90  as B
        2025-04-01  bought   1 X    for 40  as C
        2025-07-01T10:00Z  sold  1.5 X  for 142.50
    """)
    assert form_8949(book, 2025) == table("""
        lot  quantity  proceeds  basis  gain   term
        B    1         95.00     90.00   5.00  short
        A    0.5       47.50     25.00  22.50  short
    """)
    assert form_8949(book, 2025) == form_8949(book, 2025, "hifo")


def test_a_standing_order_does_not_reach_a_sale_at_its_own_instant() -> None:
    """Contract: "for sales after `at` (strictly)"."""
    book = told("""
        2025-02-01  bought   1 X  for 50  as A
        2025-03-01  bought   1 X  for 90  as B
        2025-07-01  elected  hifo
        2025-07-01  sold     1 X  for 95
        2025-07-01T12:00:01  sold  1 X  for 95
    """)
    assert form_8949(book, 2025) == table("""
        lot  gain   identified
        A    45.00  fifo,_the_default:_adequate
        B     5.00  hifo,_standing_order_of_2025-07-01:_adequate
    """)


def test_an_accounts_order_beats_the_books_whatever_their_dates() -> None:
    """Contract: `method_elected`."""
    book = told("""
        2025-01-01  kraken/main  elected  lifo
        2025-01-02  book         elected  hifo
        2025-01-03  book         elected  lofo  asset Y
        2025-02-01  kraken/main  bought  1 X  for 90
        2025-02-02  kraken/main  bought  1 X  for 50  as newest
        2025-02-01  okx/main     bought  1 X  for 90  as dearest
        2025-02-02  okx/main     bought  1 X  for 50
        2025-02-01  okx/main     bought  1 Y  for 90
        2025-02-02  okx/main     bought  1 Y  for 50  as cheapest
        2025-03-01  kraken/main  sold    1 X  for 100
        2025-03-02  okx/main     sold    1 X  for 100
        2025-03-03  okx/main     sold    1 Y  for 100
    """)
    assert form_8949(book, 2025) == table("""
        lot       method
        newest    lifo
        dearest   hifo
        cheapest  lofo
    """.replace("method", "account").replace("lifo", "kraken/main").replace("hifo", "okx/main").replace("lofo", "okx/main"))
