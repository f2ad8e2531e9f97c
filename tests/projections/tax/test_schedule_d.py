"""Schedule D: totals, the limit on losses, and what is carried into the next year."""

import pytest

from projections.report import money
from tests.story import Story, findings, schedule_d, taxed, told


def traded(short: int, long: int, year: int = 2025) -> str:
    """A year with this net short-term and long-term result."""
    return f"""
        {year - 2}-01-01  bought  1 OLD  for 50000
        {year}-01-02      bought  1 NEW  for 50000
        {year}-03-01      sold    1 OLD  for {50000 + long}
        {year}-03-01      sold    1 NEW  for {50000 + short}
    """


def carried(book: Story, year: int) -> tuple[str, str]:
    """What next year takes up, short-term and long-term."""
    carryovers = taxed(book, year)[1].carryovers
    return str(carryovers["short_term"]), str(carryovers["long_term"])


def test_rows_add_up_on_the_lines_of_their_boxes() -> None:
    """Schedule D (2025); boxes I and L of 2025 are lines 3 and 10."""
    assert schedule_d(told(traded(-500, 900)), 2025) == {
        "3": "-500.00",
        "7": "-500.00",
        "10": "900.00",
        "15": "900.00",
        "16": "400.00",
    }


def test_columns_hold_proceeds_basis_adjustment_and_gain() -> None:
    line = taxed(told(traded(-500, 900)), 2025)[1].schedule_d["10"]
    assert isinstance(line, dict)
    assert {name: str(amount) for name, amount in line.items()} == {
        "proceeds": "50900.00",
        "basis": "50000.00",
        "adjustment": "0.00",
        "gain": "900.00",
    }


def test_a_year_without_anything_has_no_lines() -> None:
    assert schedule_d(told("2025-01-02  bought  1 X  for 5"), 2025) == {}


@pytest.mark.parametrize(("status", "limit"), [("single", "-3000.00"), ("mfs", "-1500.00")])
def test_a_loss_is_limited(status: str, limit: str) -> None:
    """Cases: G6; IRC 1211(b)(1)."""
    book = told(traded(-8000, 0) + f"2025-12-31  fact  2025 filing_status {status}")
    lines = schedule_d(book, 2025)
    assert (lines["16"], lines["21"]) == ("-8000.00", limit)


def test_a_loss_below_the_limit_is_not_cut() -> None:
    book = told(traded(-800, 0))
    assert schedule_d(book, 2025)["21"] == "-800.00"
    assert carried(book, 2025) == ("0.00", "0.00")


@pytest.mark.parametrize(
    ("income", "short", "long", "limited", "next_short", "next_long"),
    [
        (50000, -10000, 2000, "-3000.00", "-5000.00", "0.00"),
        (50000, 1000, -9000, "-3000.00", "0.00", "-5000.00"),
        (50000, -2000, -6000, "-3000.00", "0.00", "-5000.00"),
        (-1000, -10000, 0, "-3000.00", "-8000.00", "0.00"),
    ],
)
def test_the_capital_loss_carryover_worksheet(
    income: int, short: int, long: int, limited: str, next_short: str, next_long: str
) -> None:
    """Cases: G7; Instructions for Schedule D p. 10; P550 102."""
    book = told(traded(short, long) + f"2025-12-31  fact  2025 taxable_income {income}")
    assert schedule_d(book, 2025)["21"] == limited
    assert carried(book, 2025) == (next_short, next_long)


def test_a_carryover_becomes_lines_6_and_14_of_the_next_year() -> None:
    book = told(traded(-10000, -4000) + traded(500, 0, 2026))
    assert carried(book, 2025) == ("-7000.00", "-4000.00")
    lines = schedule_d(book, 2026)
    assert (lines["6"], lines["14"], lines["7"]) == ("-7000.00", "-4000.00", "-6500.00")
    assert lines["21"] == "-3000.00"
    assert carried(book, 2026) == ("-3500.00", "-4000.00")


def test_a_carryover_lives_through_years_without_trades() -> None:
    """10,000 lost: 3,000 a year are used up, the last 1,000 in the fourth."""
    book = told(traded(-10000, 0))
    assert [carried(book, year)[0] for year in (2025, 2026, 2027, 2028, 2029)] == [
        "-7000.00",
        "-4000.00",
        "-1000.00",
        "0.00",
        "0.00",
    ]
    assert schedule_d(book, 2028) == {
        "6": "-1000.00",
        "7": "-1000.00",
        "15": "0.00",
        "16": "-1000.00",
        "21": "-1000.00",
    }


@pytest.mark.parametrize("stated", ["2000", "-2000"])
def test_the_first_carryover_may_be_stated_with_either_sign(stated: str) -> None:
    """Contract: fact `short_term_carryover` (Schedule D line 6)."""
    book = told(f"2025-01-01  fact  2025 short_term_carryover {stated}")
    assert schedule_d(book, 2025)["6"] == "-2000.00"


def test_an_unknown_taxable_income_is_found_where_it_matters() -> None:
    assert "tax_fact_missing" in kinds_of(traded(-8000, 0))
    stated = "2025-12-31  fact  2025 taxable_income 1"
    assert "tax_fact_missing" not in kinds_of(traded(-8000, 0) + stated)
    assert "tax_fact_missing" not in kinds_of(traded(8000, 0))


def test_a_fact_that_cannot_be_read_is_found_and_left_out() -> None:
    for fact in ("taxable_income much", "filing_status happy", "long_term_carryover NaN"):
        assert "tax_fact_unreadable" in kinds_of(f"2025-12-31  fact  2025 {fact}")


def kinds_of(text: str) -> set[str]:
    return {row["kind"] for row in findings(told(text))}


def test_whole_dollars_are_rounded_from_unrounded_sums_and_foot() -> None:
    """Cases: G4: three rows of 10.40 are 31, not 30; 2.50 is 3."""
    book = told("""
        2025-01-01  bought  3 X  for 3
        2020-01-01  bought  1 Y  for 0.10
        2025-02-01  sold    1 X  for 11.40
        2025-02-02  sold    1 X  for 11.40
        2025-02-03  sold    1 X  for 11.40
        2025-02-03  sold    1 Y  for 2.60
    """)
    forms = taxed(book, 2025)[1]
    assert money(forms.schedule_d_dollars) == {
        "3": {"proceeds": "34", "basis": "3", "adjustment": "0", "gain": "31"},
        "7": "31",
        "10": {"proceeds": "3", "basis": "0", "adjustment": "0", "gain": "3"},
        "15": "3",
        "16": "34",
    }


def test_a_loss_in_whole_dollars_is_limited_as_it_is_in_cents() -> None:
    book = told("""
        2025-01-01  bought  1 X  for 100.60
        2025-02-01  sold    1 X  for 0.30
    """)
    lines = money(taxed(book, 2025)[1].schedule_d_dollars)
    assert (lines["3"]["gain"], lines["16"], lines["21"]) == ("-101", "-101", "-101")
    book = told("""
        2025-01-01  bought  1 X  for 10000.60
        2025-02-01  sold    1 X  for 0.30
    """)
    lines = money(taxed(book, 2025)[1].schedule_d_dollars)
    assert (lines["16"], lines["21"]) == ("-10001", "-3000")


def test_short_rows_that_are_summed_are_on_line_1a() -> None:
    book = told("""
        2025-01-01  bought    1 X  for 100
        2025-02-01  sold      1 X  for 150  as sale
        2026-01-31  reported  1099-DA 2025  disposal sale  proceeds 150  covered 100
    """)
    rows, forms = taxed(book, 2025, aggregate=True)
    assert rows == []
    assert {n: money(line) for n, line in forms.schedule_d.items()} == {
        "1a": {"proceeds": "150.00", "basis": "100.00", "adjustment": "0.00", "gain": "50.00"},
        "7": "50.00",
        "15": "0.00",
        "16": "50.00",
    }


def test_a_status_that_nobody_knows_leaves_the_limit_of_a_single_person() -> None:
    book = told(traded(-8000, 0) + "2025-12-31  fact  2025 filing_status happy")
    assert schedule_d(book, 2025)["21"] == "-3000.00"
    found = {row["kind"]: row["severity"] for row in findings(book)}
    assert found["tax_fact_unreadable"] == "error"


def test_what_is_missing_is_missing_in_the_whole_book() -> None:
    (found,) = [row for row in findings(told(traded(-8000, 0))) if row["kind"].startswith("tax_")]
    assert (found["kind"], found["account"], found["severity"]) == (
        "tax_fact_missing",
        "book",
        "info",
    )


def test_every_line_in_whole_dollars_foots_with_its_part() -> None:
    """Line 2: 1,000.60 - 100.40 - 12.60 of costs in (g) is 1,001 - 100 - 13 = 888; 4 is 40 % of
    10.30: 4.12; 6 is -100.40; 7 = 888 + 4 - 100. Line 10: 301 - 100; 11 is 6.18; 14 is -50.60;
    15 = 201 + 6 - 51. 16 = 792 + 156."""
    book = told("""
        2025-01-01  fact      2025 short_term_carryover 100.40
        2025-01-01  fact      2025 long_term_carryover 50.60
        2025-01-01  bought    1 NEW  for 100.40
        2020-01-01  bought    1 OLD  for 100.20
        2025-06-01  sold      1 NEW  for 1000.60  fee 12.60  as sale
        2025-06-01  sold      1 OLD  for 300.70
        2025-06-02  contract  CME 10.30 USD  section_1256 yes
        2026-01-31  reported  1099-DA 2025  disposal sale  proceeds 1000.60
    """)
    assert money(taxed(book, 2025)[1].schedule_d_dollars) == {
        "2": {"proceeds": "1001", "basis": "100", "adjustment": "-13", "gain": "888"},
        "4": "4",
        "6": "-100",
        "7": "792",
        "10": {"proceeds": "301", "basis": "100", "adjustment": "0", "gain": "201"},
        "11": "6",
        "14": "-51",
        "15": "156",
        "16": "948",
    }


def test_two_boxes_of_one_line_are_pages_of_their_own_in_dollars() -> None:
    """Boxes A and G: 10.40 each is 10 on each page, and 20 on line 1b, where cents say 20.80."""
    book = told("""
        2025-01-01  deposited  2 X  bought 2025-01-01 for 0
        2025-06-01  sold       1 X  for 10.40  as one
        2025-06-02  sold       1 X  for 10.40  as two
        2026-01-31  reported   1099-B 2025   disposal one  proceeds 10.40  covered 0
        2026-01-31  reported   1099-DA 2025  disposal two  proceeds 10.40  covered 0
    """)
    forms = taxed(book, 2025)[1]
    assert money(forms.schedule_d)["1b"]["gain"] == "20.80"
    assert money(forms.schedule_d_dollars)["1b"]["gain"] == "20"


def test_a_year_without_lines_has_none_in_dollars() -> None:
    assert taxed(told("2025-01-02  bought  1 X  for 5"), 2025)[1].schedule_d_dollars == {}


def test_a_loss_of_both_terms_is_one_loss_in_dollars() -> None:
    """100.60 short and 50.60 long: 101 and 51, so lines 16 and 21 are 152; in cents 151.20."""
    book = told("""
        2020-01-01  bought  1 OLD  for 50.60
        2025-01-01  bought  1 NEW  for 100.60
        2025-02-01  sold    1 OLD  @ 1  for 0
        2025-02-01  sold    1 NEW  @ 1  for 0
    """)
    forms = taxed(book, 2025)[1]
    assert money(forms.schedule_d)["21"] == "-151.20"
    lines = money(forms.schedule_d_dollars)
    assert [lines[name] for name in ("7", "15", "16", "21")] == ["-101", "-51", "-152", "-152"]
