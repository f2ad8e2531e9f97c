"""Form 8949: rows, boxes, terms and cents."""

from datetime import UTC
from decimal import Decimal

import pytest

from domain.calendar import Calendar
from domain.methods import LAWFUL
from domain.money import dollars
from projections.decisions import Decisions
from projections.replay import Replay
from projections.tax.us.year import UsTax
from tests.story import Story, form_8949, schedule_d, table, told


@pytest.mark.parametrize(
    ("acquired", "sold", "term"),
    [
        ("2024-01-01", "2025-01-01", "short"),
        ("2024-01-01", "2025-01-02", "long"),
        ("2024-02-29", "2025-02-28", "short"),
        ("2024-02-29", "2025-03-01", "long"),
        ("2022-06-01", "2023-06-01", "short"),
        ("2022-06-01", "2023-06-02", "long"),
        ("2024-05-15", "2025-05-15", "short"),
        ("2024-05-15", "2025-05-16", "long"),
        ("2023-06-01", "2024-06-01", "short"),
        ("2022-06-01T23:00", "2023-06-02T01:00", "long"),
    ],
)
def test_long_is_more_than_one_year(acquired: str, sold: str, term: str) -> None:
    """Cases: C (rp2 1.7.2 says long at 365 days, btctax on 29 February)."""
    book = told(f"""
        {acquired}  bought  1 BTC  for 1
        {sold}      sold    1 BTC  for 2
    """)
    (row,) = form_8949(book, int(sold[:4]))
    assert row["term"] == term


def test_the_zone_is_part_of_the_term() -> None:
    """Cases: C: the same instants on other days; 23:00 UTC is the evening before in New York."""
    text = """
        2022-06-01T23:00  bought  1 BTC  for 1
        2023-06-02T01:00  sold    1 BTC  for 2
    """
    columns = "acquired    sold        term\n"
    assert form_8949(told(text), 2023) == table(columns + "2022-06-01  2023-06-02  long")
    assert form_8949(told(text, "America/New_York"), 2023) == table(
        columns + "2022-06-01  2023-06-01  short"
    )


def test_the_zone_is_part_of_the_year() -> None:
    """A sale in the first hours of the new year, UTC, belongs to the old one in New York."""
    text = """
        2025-01-02        bought  1 BTC  for 1
        2026-01-01T04:59:59  sold  0.5 BTC  for 2
        2026-01-01T05:00:00  sold  0.5 BTC  for 2
    """
    assert [len(form_8949(told(text), year)) for year in (2025, 2026)] == [0, 2]
    assert [len(form_8949(told(text, "America/New_York"), year)) for year in (2025, 2026)] == [1, 1]


def test_daylight_saving_moves_the_day() -> None:
    """New York's midnight is 05:00 UTC in winter and 04:00 in summer."""
    book = told(
        """
        2025-01-02        bought  2 BTC  for 1
        2025-03-08T04:30  sold    1 BTC  for 2
        2025-03-10T04:30  sold    1 BTC  for 2
        """,
        "America/New_York",
    )
    assert [row["sold"] for row in form_8949(book, 2025)] == ["2025-03-07", "2025-03-10"]


@pytest.mark.parametrize(
    ("year", "boxes"),
    [(2023, ["F", "C"]), (2024, ["F", "C"]), (2025, ["L", "I"]), (2026, ["L", "I"])],
)
def test_digital_assets_without_a_form_are_never_c_or_f_from_2025(
    year: int, boxes: list[str]
) -> None:
    """Cases: G1; Form 8949 (2024), (2025)."""
    book = told(f"""
        {year - 2}-01-02  bought  1 BTC  for 1
        {year}-02-01      bought  1 BTC  for 1
        {year}-03-01      sold    2 BTC  for 2
    """)
    assert [row["box"] for row in form_8949(book, year)] == boxes


def test_a_row_has_an_exact_description_and_no_code() -> None:
    book = told("""
        2025-01-02  bought  1 BTC           for 1000
        2025-02-01  sold    0.50000000 BTC  for 2
    """)
    assert form_8949(book, 2025) == table("""
        row  box  code  adjustment  quantity  account      lot  disposal
        1    I    -     0.00        0.5       kraken/main  1    2
    """)
    (row,) = form_8949(book, 2025)
    assert (row["description"], row["events"]) == ("0.5 BTC", "[1, 2]")


def test_rows_stand_by_sale_then_by_the_log_then_by_the_date_acquired() -> None:
    """Contract: rows are ordered by (sold, disposal's log position, acquired)."""
    book = told("""
        2025-03-02  sold    1 B  for 5
        2025-03-01  sold    2 A  for 6
        2025-03-01  sold    1 C  for 7
        2025-01-02  bought  1 A  for 2
        2025-01-01  bought  1 A  for 1
        2025-01-01  bought  1 B  for 1
        2025-01-01  bought  1 C  for 1
    """)
    assert form_8949(book, 2025, "lifo") == table("""
        row  disposal  lot
        1    2         5
        2    2         4
        3    3         7
        4    1         6
    """)


def test_dust_is_kept_in_the_cents_of_later_rows() -> None:
    """A thousand rows of $0.004 are $4.00: each row is the growth of the rounded total."""
    book = told(
        "2025-01-01  deposited  1000 X  bought 2024-12-01 for 0\n"
        + "2025-02-01  sold  1 X  for 0.004\n" * 1000
    )
    rows = form_8949(book, 2025)
    assert sum(Decimal(row["proceeds"]) for row in rows) == 4
    assert schedule_d(book, 2025)["3"] == "4.00"


def test_whole_dollars_are_rounded_once_the_cents_are_added() -> None:
    """Cases: G4; Instructions for Schedule D p. 9, for Form 8949 p. 3."""
    assert dollars(3 * Decimal("10.40")) == 31
    rounded = {"1.49": 1, "1.50": 2, "2.50": 3, "-2.50": -3, "1.39": 1}
    assert {amount: dollars(Decimal(amount)) for amount in rounded} == rounded


def printed_after_each_event(book: Story) -> list[list[str]]:
    """Which disposals are rows already, after each event of the replay."""
    rows: list[str] = []
    tax = UsTax(
        2025,
        LAWFUL,
        Decisions(book.log),
        Calendar(UTC),
        "USD",
        lambda row: rows.append(row.of.event),
    )
    fold, seen = Replay(tax.projections, turns=tax.turns), []
    for recorded in book.replayed:
        fold.run([recorded])
        seen.append(list(rows))
    tax.result()
    return [*seen, rows]


SALES = """
    2025-01-01        bought  5 X  for 5
    2025-02-01T10:00  sold    1 X  for 2  as a
    2025-02-01T10:00  sold    1 X  for 2  as b
    2025-02-01T11:00  sold    1 X  for 2  as c
    2025-02-02T10:00  sold    1 X  for 2  as d
"""


def test_rows_are_printed_as_soon_as_their_instant_is_over() -> None:
    """A million sales need no memory: a and b wait for each other only until c comes."""
    assert printed_after_each_event(told(SALES)) == [
        *([], [], []),
        ["a", "b"],
        ["a", "b", "c"],
        ["a", "b", "c", "d"],
    ]


def test_where_a_day_was_reported_as_one_rows_are_printed_once_it_is_over() -> None:
    report = "2026-01-31 reported 1099-DA 2025 asset X quantity 3 sold 2025-02-01 proceeds 6"
    assert printed_after_each_event(told(SALES + report)) == [
        *([], [], [], []),
        ["a", "b", "c"],
        ["a", "b", "c"],
        ["a", "b", "c", "d"],
    ]


def test_coins_that_paid_a_contracts_loss_are_described_as_units() -> None:
    """Column (a): exact units and name; the contract's result itself has none."""
    book = told("""
        2025-01-01  deposited  1 X  bought 2025-01-01 for 10
        2025-02-01  price      X 20
        2025-02-01  contract   PERP -0.5 X
    """)
    assert sorted(row["description"] for row in form_8949(book, 2025)) == ["0.5 X", "PERP"]
