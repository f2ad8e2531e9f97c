"""Loans in kind read as exchanges (policy `loan` exchange)."""

from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings

from domain.money import ZERO, exact
from tests.laws.histories import flattened, lawful
from tests.story import Story, balances, folded, form_8949, kinds, lots, shorts, table, told

EXCHANGE = "2025-01-01  policy  loan exchange\n"


def test_borrowed_coins_sold_and_bought_back_gain_at_the_sale_and_at_the_repayment() -> None:
    """Cases: D6: 1,000 when sold, 10,000 when repaid."""
    book = told(
        EXCHANGE
        + """
        2025-03-01  price     BTC 60000
        2025-03-01  borrowed  1 BTC
        2025-03-02  sold      1 BTC  @ 61000
        2025-04-01  bought    1 BTC  @ 50000
        2025-04-02  repaid    1 BTC
        """
    )
    assert form_8949(book, 2025) == table("""
        kind       lot  acquired    sold        proceeds  basis     gain      term   box
        sale       3    2025-03-01  2025-03-02  61000.00  60000.00  1000.00   short  I
        repayment  5    2025-04-01  2025-04-02  60000.00  50000.00  10000.00  short  I
    """)
    assert (lots(book), shorts(book), kinds(book)) == ([], [], [])


def test_the_other_reading_of_the_same_loan_gains_the_same_at_its_close() -> None:
    """Cases: D6."""
    book = told("""
        2025-03-01  price     BTC 60000
        2025-03-01  borrowed  1 BTC
        2025-03-02  sold      1 BTC  @ 61000
        2025-04-01  bought    1 BTC  @ 50000
        2025-04-02  repaid    1 BTC
    """)
    assert form_8949(book, 2025) == table("""
        kind   proceeds  basis     gain
        short  61000.00  50000.00  11000.00
    """)


def test_units_returned_unsold_are_a_repayment_without_gain() -> None:
    book = told(
        EXCHANGE
        + """
        2025-03-01  price     BTC 60000
        2025-03-01  borrowed  1 BTC
        2025-04-01  repaid    1 BTC
        """
    )
    assert form_8949(book, 2025) == table("""
        kind       proceeds  basis     gain
        repayment  60000.00  60000.00  0.00
    """)


@pytest.mark.parametrize(
    ("method", "lot", "gain"), [("fifo", "own", "50.00"), ("lifo", "2", "0.00")]
)
def test_what_is_repaid_is_chosen_as_what_is_sold(method: str, lot: str, gain: str) -> None:
    """Borrowed coins are lots like any other: the first in, first in first out."""
    book = told("""
        2025-01-01  bought    1 X  for 50  as own
        2025-03-01  borrowed  1 X
        2025-03-01  price     X 100
        2025-04-01  repaid    1 X
        2025-01-01  policy    loan exchange
    """)
    assert form_8949(book, 2025, method) == [
        {"kind": "repayment", "lot": lot, "proceeds": "100.00", "gain": gain}
    ]


def test_first_borrowed_is_first_repaid_in_shares() -> None:
    book = told(
        EXCHANGE
        + """
        2025-03-01  price     X 100
        2025-03-01  borrowed  2 X
        2025-03-05  price     X 110
        2025-03-05  borrowed  2 X
        2025-04-01  repaid    1 X
        2025-04-02  repaid    2 X
        """
    )
    assert form_8949(book, 2025) == table("""
        disposal  lot  quantity  proceeds  basis   gain
        6         3    1         100.00    100.00  0.00
        7         3    1         100.00    100.00  0.00
        7         5    1         110.00    110.00  0.00
    """)
    assert balances(book) == table("""
        asset  held  owed
        X      1     1
    """)


def test_borrowed_coins_that_move_are_lots_that_move() -> None:
    book = told(
        EXCHANGE
        + """
        2025-03-01  price                     X 100
        2025-03-01  okx/margin   borrowed     1 X
        2025-03-02  okx/margin   transferred  1 X  to self/wallet
        2025-03-03  self/wallet  sold         1 X  for 130
        2025-03-04  okx/margin   bought       1 X  for 90
        2025-03-05  okx/margin   repaid       1 X
        """
    )
    assert form_8949(book, 2025) == table("""
        account      kind       proceeds  basis   gain
        self/wallet  sale       130.00    100.00  30.00
        okx/margin   repayment  100.00    90.00   10.00
    """)
    assert (lots(book), shorts(book)) == ([], [])


def test_coins_borrowed_at_a_price_nobody_knows_are_found_and_have_no_basis() -> None:
    book = told(
        EXCHANGE
        + """
        2025-03-01  borrowed  1 X
        2025-03-02  sold      1 X  for 100
        2025-03-03  bought    1 X  for 80
        2025-03-04  repaid    1 X
        """
    )
    assert form_8949(book, 2025) == table("""
        kind  proceeds  basis  missing
        sale  100.00    0.00   basis
    """)
    assert kinds(book) == ["missing_price"]


def test_more_repaid_than_was_borrowed_leaves_without_gain_and_is_found() -> None:
    book = told(
        EXCHANGE
        + """
        2025-01-01  deposited  5 X  bought 2024-01-01 for 50
        2025-02-01  price      X 10
        2025-02-01  borrowed   1 X
        2025-03-01  repaid     2 X
        """
    )
    assert form_8949(book, 2025) == table("""
        quantity  proceeds  basis
        1         10.00     10.00
    """)
    assert kinds(book) == ["repaid_more_than_owed", "repaid_own_units"]


def test_a_short_position_is_a_short_in_either_reading() -> None:
    position = """
        2025-03-01  sold    1 X  for 100  on p
        2025-03-02  bought  1 X  for 80   on p
    """
    told_so, other = told(EXCHANGE + position), told(position)
    columns = {"kind", "proceeds", "basis", "gain", "term"}
    one, two = (
        [{c: row[c] for c in columns} for row in form_8949(b, 2025)] for b in (told_so, other)
    )
    assert one == two
    assert [row["kind"] for row in one] == ["short"]


def test_a_repayment_is_a_disposition_before_which_an_allocation_must_be_complete() -> None:
    """Rev. Proc. 2024-28, 5.02(4): in this reading repaying disposes of own units."""
    story = """
        2024-01-01  a/x   deposited  2 X  bought 2024-01-01 for 100
        2025-02-01        price      X 60
        2025-02-01  a/x   borrowed   1 X
        2025-02-02  a/x   repaid     1 X
        2025-03-01  book  allocated  X  allocations a/x:2024-01-01:2:100
    """
    assert "allocation_late" not in kinds(told(story))
    assert "allocation_late" in kinds(told(story + EXCHANGE))


@settings(max_examples=150)
@given(lawful("withdraw").map(flattened))
def test_once_flat_both_readings_gain_the_same(book: Story) -> None:
    """Nonrecognition and exchange differ in time and kind, never in the sum."""
    assert total(exchanged(book)) == total(book)


def exchanged(book: Story) -> Story:
    (policy,) = told(EXCHANGE).log
    return Story((*book.log, evolve(policy, position=len(book.log) + 1)), book.zone)


def total(book: Story) -> Decimal:
    fold = folded(book)
    assert [lot for _, lot in fold.books["spec_id"].open()] == []
    with exact():
        return sum((d.gain for d in fold.disposals["spec_id"]), ZERO)
