"""Why a figure is what it is: the lots it could have been, and the events that say so."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import Calendar
from domain.errors import UnknownName
from projections.decisions import Decisions
from projections.lots import LotBook
from projections.replay import replay
from projections.tax.us import law
from projections.tax.us.explain import Because, because
from projections.tax.us.form8949 import Row
from projections.tax.us.tax_year import TaxYear
from projections.tax.us.year import UsTax
from tests.story import Story, told

BOOK = told("""
    2024-01-01  bought      1 X  for 10  as old
    2025-01-01  bought      1 X  for 30  as dear
    2025-02-01  elected     hifo
    2025-03-01  sold        1.5 X  for 60  as sale
    2025-04-01  interest    7 USD balance
    2025-05-01  liquidated  0.5 X  for 50
""")


def why(figure: str, book: Story = BOOK, year: int = 2025) -> Because:
    def ask(kind: Callable[..., LotBook]) -> TaxYear:
        rows: list[Row] = []
        decisions, calendar = Decisions(book.log), Calendar(ZoneInfo(book.zone))
        tax = UsTax(year, "spec_id", decisions, calendar, "USD", rows.append, book=kind)
        replay(book.replayed, *tax.projections, voided=decisions.voided)
        forms = tax.result()
        return TaxYear(
            forms=forms,
            rows=tuple(rows),
            zone=book.zone,
            policies=decisions.policies,
            head=None,
            known=len(book.log),
            clock="system",
        )

    return because(figure, ask)


def test_a_row_names_the_lots_it_chose_among_and_those_it_took() -> None:
    row = why("8949:1")
    assert row.value == "15.00"
    assert [(lot.lot, str(lot.quantity)) for lot in row.candidates] == [("dear", "1"), ("old", "1")]
    assert {(lot.lot, str(lot.quantity)) for lot in row.chosen} == {("dear", "1"), ("old", "0.5")}
    assert row.positions == (1, 4)
    assert "hifo, standing order of 2025-02-01: adequate" in row.rule


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
    """)
    line = why(figure, book)
    assert (line.value, line.positions) == (value, positions)
    assert line.law
