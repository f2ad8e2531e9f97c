"""Form 8960: net investment income tax, as far as the book knows."""

from decimal import Decimal

import pytest

from tests.story import taxed, told

GAINS = """
    2025-01-01  bought    1 A  for 1000
    2025-02-01  sold      1 A  for 2000
    2023-01-01  bought    1 B  for 1000
    2025-02-01  sold      1 B  for 7000
    2025-06-01  interest  4000 USD balance
    2025-12-31  fact      2025 investment_income 1000
    2025-12-31  fact      2025 itemizes yes
"""


def form_8960(text: str) -> dict[str, str]:
    lines = taxed(told(text), 2025)[1].form_8960
    return {line: str(amount) for line, amount in lines.items()}


def test_interest_that_is_deducted_lowers_net_investment_income() -> None:
    """Cases: F3 on Form 8960: 1,000 + 7,000 - 2,000."""
    assert form_8960(GAINS) == {
        "1": "1000.00",
        "5a": "7000.00",
        "5d": "7000.00",
        "8": "8000.00",
        "9a": "2000.00",
        "9d": "2000.00",
        "11": "2000.00",
        "12": "6000.00",
        "14": "200000.00",
    }


def test_line_9a_is_what_schedule_a_deducts() -> None:
    """Cases: F10: F1, if itemised."""
    text = """
        2025-06-01  interest  4000 USD balance
        2025-12-31  fact      2025 investment_income 3000
    """
    itemised = form_8960(text + "2025-12-31  fact  2025 itemizes yes")
    assert (itemised["9a"], itemised["12"]) == ("3000.00", "0.00")
    assert "9a" not in form_8960(text + "2025-12-31  fact  2025 itemizes no")
    assert form_8960(text)["12"] == "3000.00"


@pytest.mark.parametrize(
    ("status", "income", "lines"),
    [
        ("single", 203000, ("200000.00", "3000.00", "3000.00", "114.00")),
        ("hoh", 210000, ("200000.00", "10000.00", "6000.00", "228.00")),
        ("mfs", 126000, ("125000.00", "1000.00", "1000.00", "38.00")),
        ("mfj", 250000, ("250000.00", "0.00", "0.00", "0.00")),
    ],
)
def test_the_tax_is_on_the_lesser_of_the_income_and_what_is_above_the_threshold(
    status: str, income: int, lines: tuple[str, ...]
) -> None:
    """IRC 1411(a)(1), (b): 3.8 % of the lesser of 6,000 and the excess."""
    form = form_8960(
        GAINS
        + f"2025-12-31  fact  2025 filing_status {status}\n"
        + f"2025-12-31  fact  2025 modified_agi {income}"
    )
    assert form["13"] == f"{Decimal(income):.2f}"
    assert tuple(form[line] for line in ("14", "15", "16", "17")) == lines


def test_a_capital_loss_counts_as_far_as_other_income_bears_it() -> None:
    """Line 5a is what Form 1040 takes from Schedule D: -3,000 of -8,000."""
    form = form_8960("""
        2025-01-01  bought    1 A  for 9000
        2025-02-01  sold      1 A  for 1000
        2025-03-01  received  interest 3500 USD
    """)
    assert (form["1"], form["5a"], form["8"], form["12"]) == (
        "3500.00",
        "-3000.00",
        "500.00",
        "500.00",
    )


def test_qualified_dividends_are_dividends() -> None:
    form = form_8960("""
        2025-12-31  fact  2025 investment_income 1000
        2025-12-31  fact  2025 qualified_dividends 400
    """)
    assert (form["1"], form["2"], form["8"]) == ("600.00", "400.00", "1000.00")


def test_a_year_without_investment_income_has_no_form() -> None:
    assert form_8960("2025-12-31  fact  2025 modified_agi 900000") == {}
