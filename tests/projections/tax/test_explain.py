"""Why a figure is what it is: the lots it could have been, and the events that say so."""

from decimal import Decimal

import pytest

from domain.errors import UnknownName
from marginbook import Book
from projections.tax.us import law
from projections.tax.us.explain import Because
from tests.story import Story, told

BOOK = told("""
    2024-01-01  bought      1 X  for 10  as old
    2025-01-01  bought      1 X  for 30  as dear
    2025-02-01  elected     hifo
    2025-03-01  sold        1.5 X  for 60  as sale
    2025-04-01  interest    7 USD balance
    2025-05-01  liquidated  0.5 X  for 50
""")


def why(figure: str, story: Story = BOOK, method: str | None = None) -> Because:
    with Book.open(":memory:") as book:
        for recorded in story.log:
            book.record([recorded.event], recorded.account)
        return book.explain(figure, year=2025, method=method).because


def test_a_row_names_the_lots_it_chose_among_and_those_it_took() -> None:
    row = why("8949:1")
    assert row.value == "15.00"
    assert [(lot.lot, str(lot.quantity)) for lot in row.candidates] == [("dear", "1"), ("old", "1")]
    assert {(lot.lot, str(lot.quantity)) for lot in row.chosen} == {("dear", "1"), ("old", "0.5")}
    assert row.positions == (1, 4)
    assert "hifo, standing order of 2025-02-01: adequate" in row.rule


def test_a_row_under_another_method_is_explained_under_it() -> None:
    """What the sale of 1.5 left of the last lot in is what the liquidation could take."""
    assert [(lot.lot, lot.basis) for lot in why("8949:3", method="fifo").candidates] == [
        ("dear", Decimal(15))
    ]
    assert [(lot.lot, lot.basis) for lot in why("8949:3", method="lifo").candidates] == [
        ("old", Decimal(5))
    ]


def test_a_row_cites_its_law() -> None:
    assert law.IDENTIFICATION.source in why("8949:1").law
    assert why("8949:3").law[0] == law.LIQUIDATION.source


def test_a_line_of_schedule_d_is_its_rows() -> None:
    assert [choice.row for choice in why("D:3").chosen] == [2]
    assert [choice.row for choice in why("D:16").chosen] == [1, 2, 3]
    assert why("D:16").value == why("schedule_d:16").value


def test_a_line_of_form_4952_names_its_payments() -> None:
    assert (why("4952:1").value, why("4952:1").positions) == ("7.00", (5,))


def test_a_short_row_names_its_opening_too() -> None:
    book = told("""
        2025-01-01  borrowed  1 X
        2025-01-02  sold      1 X  for 9
        2025-01-03  bought    1 X  for 7
        2025-01-04  repaid    1 X
    """)
    assert why("8949:1", book).positions == (2, 3, 4)
    assert why("8949:1", book).law[0] == law.SHORT_SALE.source


@pytest.mark.parametrize("figure", ["8949:0", "8949:9", "8949:x", "D:99", "4952:99", "1040:7a", ""])
def test_a_figure_that_is_not_there_is_refused(figure: str) -> None:
    with pytest.raises(UnknownName):
        why(figure)


@pytest.mark.parametrize(
    ("figure", "value", "positions"),
    [
        ("1:8v", "300.00", (1,)),
        ("schedule_1:8z", "5.00", (2,)),
        ("B:1", "7.00", (3,)),
        ("6781:8", "400.00", (4, 5)),
        ("4952:1", "20.00", (6,)),
        ("8960:1", "7.00", ()),
        ("1:8c", "30.00", (8, 9)),
    ],
)
def test_a_line_names_the_events_it_adds_up(
    figure: str, value: str, positions: tuple[int, ...]
) -> None:
    book = told("""
        2025-01-01  received  staking 0.1 ETH  worth 300
        2025-01-02  received  bonus 5 USD
        2025-01-03  received  interest 7 USD
        2025-02-01  contract  CME 1500 USD  section_1256 yes
        2025-02-02  contract  CME -500 USD  section_1256 yes
        2025-03-01  interest  20 USD balance
        2024-03-01  interest  10 USD balance
        2025-03-02  forgiven  20 USD  recourse yes
        2025-03-03  forgiven  10 USD  recourse yes
        2024-03-02  forgiven  50 USD  recourse yes
    """)
    line = why(figure, book)
    assert (line.value, line.positions) == (value, positions)
    assert line.law


def test_the_rule_of_a_row_says_how_its_lot_was_chosen_how_long_it_was_held_and_what_it_sums() -> (
    None
):
    sums = "gain = proceeds - basis + adjustment, in cents of the box's running total"
    chosen = "lots: hifo, standing order of 2025-02-01: adequate"
    assert why("8949:1").rule == (f"{chosen}; held more than one year: long-term, box L; {sums}")
    assert why("8949:2").rule == f"{chosen}; held one year or less: short-term, box I; {sums}"


LOSSES = told("""
    2024-06-01  fact       2025 short_term_carryover 5000
    2025-06-01  deposited  2 X
    2025-06-02  sold       1 X  for 5
    2025-06-03  contract   CME -100 USD  section_1256 yes
""")


def test_a_row_without_a_basis_says_so_first() -> None:
    rule = why("8949:1", LOSSES).rule
    assert rule.startswith("basis is stated nowhere: it counts as zero and is a finding; lots: ")
    assert "stated nowhere" not in why("8949:1").rule


@pytest.mark.parametrize(
    ("figure", "rows", "boxes", "more"),
    [
        ("D:3", 1, "I", ""),
        ("D:7", 1, "I", ", with what earlier years carried here"),
        (
            "D:21",
            1,
            "I",
            ", with what earlier years carried here, as far as the year's limit on losses",
        ),
        ("D:4", 0, "none", ""),
        ("D:6", 0, "none", ""),
        ("D:15", 0, "none", ", with what earlier years carried here"),
    ],
)
def test_a_line_of_schedule_d_says_which_rows_it_adds_up_and_what_else(
    figure: str, rows: int, boxes: str, more: str
) -> None:
    """Schedule D (2025): 7 and 15 add Parts I and II, 16 both, 21 limits 16. What is carried is
    line 6 or 14, under the Capital Loss Carryover Worksheet."""
    line = why(figure, LOSSES)
    assert line.rule == f"the sum of {rows} rows of Form 8949 (boxes: {boxes}){more}"
    assert len(line.chosen) == rows
    assert (law.CARRYOVER.source in line.law) == bool(more)


@pytest.mark.parametrize(
    ("figure", "rows"), [("D:3", [2]), ("D:10", [1, 3]), ("D:7", [2]), ("D:15", [1, 3])]
)
def test_a_line_of_schedule_d_adds_up_the_rows_of_its_own_part(
    figure: str, rows: list[int]
) -> None:
    assert [choice.row for choice in why(figure).chosen] == rows


def test_a_row_took_what_its_own_sale_took_and_nothing_of_others() -> None:
    """The liquidation took the old lot, as the sale before it did in part."""
    assert [(lot.lot, lot.row) for lot in why("8949:3").chosen] == [("old", 3)]
    assert [(lot.lot, str(lot.quantity)) for lot in why("8949:3").candidates] == [("old", "0.5")]


def test_candidates_are_the_lots_before_anything_of_the_event_went() -> None:
    """One unit is delivered for a short and another pays the interest, in one repayment."""
    book = told("""
        2025-01-01  bought    1 X  for 1  as a
        2025-01-02  bought    1 X  for 2  as b
        2025-01-03  bought    1 X  for 3  as c
        2025-02-01  borrowed  1 X
        2025-02-01  sold      1 X  for 10
        2025-03-01  price     X 10
        2025-03-01  repaid    1 X  interest 1
    """)
    for figure in ("8949:1", "8949:2"):
        assert [lot.lot for lot in why(figure, book).candidates] == ["a", "b", "c"]
        assert [lot.lot for lot in why(figure, book).chosen] == ["a", "b"]


@pytest.mark.parametrize("name", ["4952", "form_4952"])
def test_a_form_may_be_called_by_its_number_or_its_key(name: str) -> None:
    assert why(f"{name}:1").value == "7.00"


def test_who_asks_for_no_figure_is_told_what_there_is() -> None:
    asked = "8949:ROW, D:LINE, 4952:LINE, 6781:LINE, 1:LINE, B:LINE, A:LINE, C:LINE, 8960:LINE"
    with pytest.raises(UnknownName, match=f"no figure is called '1040:7a': ask for {asked}"):
        why("1040:7a")


def test_units_withheld_by_a_broker_cite_their_own_rule() -> None:
    """Treas. Reg. 1.1012-1(j)(3)(iii), Example 5."""
    book = told("""
        2025-01-01  price  AB 1
        2025-01-01  price  CD 1
        2025-01-01  deposited  10 CD  bought 2025-01-01 for 10
        2025-01-02  price  AB 1
        2025-01-02  price  CD 1
        2025-01-02  bought  10 AB  @ 1 CD  fee 1 AB
    """)
    assert law.WITHHELD.source in why("8949:2", book).law
    assert law.WITHHELD.source not in why("8949:1", book).law
