"""Income tax by brackets and breakpoints, as the worksheet of Form 1040 line 16 has it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import exact
from projections.tax.us.income_tax import IncomeTax, income_tax

STATUSES = st.sampled_from(["single", "mfj", "hoh", "mfs"])
YEARS = st.integers(2023, 2028)
USD = st.decimals(0, 2_000_000, places=2)


def tax(income: str, favoured: str = "0", status: str = "single", year: int = 2025) -> IncomeTax:
    return income_tax(year, status, Decimal(income), Decimal(favoured))


def both(income: str, favoured: str = "0") -> tuple[str, str]:
    figured = tax(income, favoured)
    return f"{figured.ordinary:.2f}", f"{figured.favoured:.2f}"


def total(year: int, status: str, income: Decimal, favoured: Decimal) -> Decimal:
    with exact():
        figured = income_tax(year, status, income, favoured)
        return figured.ordinary + figured.favoured


def test_each_bracket_taxes_its_own_part() -> None:
    """2025: 1,192.50 on 11,925; 4,386 on 36,550; 11,335.50 on the 51,525 above 48,475."""
    assert both("100000") == ("16914.00", "0.00")


def test_gain_lies_on_ordinary_income_and_fills_the_zero_rate_first() -> None:
    """90,000 ordinary of spouses: 6,700 of gain fit below 96,700, 3,300 bear 15 %."""
    assert tax("100000", "10000", "mfj").favoured == 495


def test_gain_above_the_second_breakpoint_bears_20_percent() -> None:
    """All is gain: nothing on 48,350, 72,757.50 on 485,050, 13,320 on 66,600."""
    assert both("600000", "600000") == ("0.00", "86077.50")


def test_gain_never_bears_more_than_the_brackets_would_take() -> None:
    """125 of gain between 48,350 and 48,475: 12 %, not 15 % (line 24 of the worksheet)."""
    assert tax("48475", "125").favoured == 15


def test_more_gain_than_income_is_taxed_as_far_as_there_is_income() -> None:
    """A deduction took 20,000 of the gain: nothing is ordinary."""
    assert both("60000", "80000") == ("0.00", "1747.50")


def test_income_below_zero_bears_nothing() -> None:
    assert both("-5000", "1000") == ("0.00", "0.00")


@pytest.mark.parametrize(
    ("income", "favoured", "rates"),
    [
        ("11924.99", "0", ("0.10", "0")),
        ("11925", "0", ("0.12", "0")),
        ("48350", "10000", ("0.12", "0.15")),
        ("700000", "100000", ("0.35", "0.20")),
        ("0", "0", ("0.10", "0")),
    ],
)
def test_rates_are_those_of_the_next_dollar(
    income: str, favoured: str, rates: tuple[str, str]
) -> None:
    figured = tax(income, favoured)
    assert (figured.ordinary_rate, figured.favoured_rate) == tuple(map(Decimal, rates))


def test_a_year_after_the_table_is_taxed_by_its_last() -> None:
    assert tax("700000", year=2030) == tax("700000", year=2026) != tax("700000", year=2025)


@given(YEARS, STATUSES, USD, USD, st.decimals(0, 50_000, places=2))
def test_more_income_never_bears_less(
    year: int, status: str, income: Decimal, favoured: Decimal, more: Decimal
) -> None:
    """At most 37 % more of a dollar that is ordinary, and 20 % of the gain that it pushes up."""
    grows = total(year, status, income + more, favoured) - total(year, status, income, favoured)
    assert 0 <= grows <= more * Decimal("0.57")


@given(YEARS, STATUSES, USD, USD)
def test_favour_never_costs(year: int, status: str, income: Decimal, favoured: Decimal) -> None:
    assert total(year, status, income, favoured) <= total(year, status, income, Decimal(0))
