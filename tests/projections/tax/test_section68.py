"""Section 68: the cut of itemised deductions from 2026 on."""

import pytest

from tests.story import taxed, told


def lines(year: int, income: int, deductions: int, status: str = "single") -> dict[str, str]:
    book = told(f"""
        {year}-12-31  fact  {year} itemizes true
        {year}-12-31  fact  {year} filing_status {status}
        {year}-12-31  fact  {year} taxable_income {income}
        {year}-12-31  fact  {year} itemized_deductions {deductions}
    """)
    return {line: str(amount) for line, amount in taxed(book, year)[1].schedule_a.items()}


@pytest.mark.parametrize(("deductions", "cut"), [(50_000, "-2702.70"), (100_000, "-5405.41")])
def test_two_thirtysevenths_of_deductions_are_lost(deductions: int, cut: str) -> None:
    """Cases: J."""
    assert lines(2026, 2_000_000, deductions) == {"section_68": cut}


def test_only_income_in_the_highest_bracket_counts() -> None:
    """590,600 + 87,000 is 37,000 above 640,600: 2,000."""
    assert lines(2026, 590_600, 87_000) == {"section_68": "-2000.00"}
    assert lines(2026, 590_600, 87_000, "mfj") == {}


def test_there_was_no_cut_before_2026() -> None:
    assert lines(2025, 2_000_000, 50_000) == {}


def test_the_income_to_compare_must_be_stated() -> None:
    book = told("""
        2026-12-31  fact  2026 itemizes true
        2026-12-31  fact  2026 itemized_deductions 50000
    """)
    assert taxed(book, 2026)[1].schedule_a == {}


def test_a_year_whose_bracket_is_not_known_is_found() -> None:
    book = told("""
        2028-12-31  fact  2028 itemizes true
        2028-12-31  fact  2028 taxable_income 2000000
        2028-12-31  fact  2028 itemized_deductions 50000
    """)
    assert [found.kind for found in taxed(book, 2028)[1].findings] == ["bracket_not_known"]
