"""What some disposals would change of a year's tax: by hand, for 2025 if nothing else."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BookError
from domain.money import cents
from projections.decisions import Decisions
from projections.findings import Findings
from projections.tax.us.estimate import Change, Rates, TaxEffect, estimated
from projections.tax.us.facts import Facts
from projections.tax.us.income_tax import income_tax
from tests.returns import forms
from tests.story import taxed, told

SINGLE = """
    2025-12-31  fact  2025 filing_status single
    2025-12-31  fact  2025 taxable_income 100000
"""
LONG_10000 = """
    2023-01-01  bought  1 L  for 1000
    2025-02-01  sold    1 L  for 11000
"""
RATES = Rates(Decimal("0.32"), Decimal("0.15"))


def effect(book: str, what_if: str, year: int = 2025, rates: Rates | None = None) -> TaxEffect:
    without, with_it = told(book), told(book + what_if)
    stated = Decisions(without.log).facts(year)
    before, after = (taxed(story, year)[1] for story in (without, with_it))
    return estimated(before, after, Facts(year, stated, Findings()), rates)


def bought_and_sold(gain: int, *, long: bool = False, year: int = 2025) -> str:
    """One more coin, sold in March, 100,000 of proceeds."""
    bought = f"{year - 2}-01-02" if long else f"{year}-01-02"
    return f"""
        {bought}      bought  1 W  for {100_000 - gain}
        {year}-03-01  sold    1 W  for 100000
    """


def change(of: Change | None) -> str:
    assert of is not None
    return str(of.change)


def changes(found: TaxEffect) -> tuple[str, str, str]:
    """Ordinary tax, tax on gain, and all."""
    return change(found.ordinary_tax), change(found.capital_gain_tax), change(found.tax)


# By brackets --------------------------------------------------------------------------------------


def test_a_short_term_gain_bears_the_brackets_that_it_reaches() -> None:
    """3,350 to 103,350 at 22 %: 737; 6,650 at 24 %: 1,596."""
    found = effect(SINGLE, bought_and_sold(10_000))
    assert changes(found) == ("2333.00", "0.00", "2333.00")
    assert found.rates_before == Rates(Decimal("0.22"), Decimal("0.15"))
    assert found.rates_after == Rates(Decimal("0.24"), Decimal("0.15"))


def test_a_long_term_gain_bears_15_percent() -> None:
    assert changes(effect(SINGLE, bought_and_sold(10_000, long=True))) == (
        "0.00",
        "1500.00",
        "1500.00",
    )


def test_a_loss_saves_as_far_as_other_income_bears_it_and_the_rest_is_carried() -> None:
    """3,000 of 5,000 at 22 %."""
    found = effect(SINGLE, bought_and_sold(-5000))
    assert changes(found) == ("-660.00", "0.00", "-660.00")
    assert change(found.capital_result) == "-3000.00"
    assert change(found.carryovers["short_term"]) == "-2000.00"


def test_a_short_term_loss_first_takes_the_gain_that_is_taxed_lower() -> None:
    """The 10,000 of gain in the 100,000 bore 1,500; 2,000 more save 22 %: 440."""
    found = effect(SINGLE + LONG_10000, bought_and_sold(-12_000))
    assert (change(found.short_term), change(found.long_term)) == ("-12000.00", "0.00")
    assert found.taxable_income == Change(Decimal("100000.00"), Decimal("88000.00"))
    assert changes(found) == ("-440.00", "-1500.00", "-1940.00")


def test_short_term_gain_pushes_long_term_gain_above_a_breakpoint() -> None:
    """1,000 at 12 %, and 1,000 of the gain from 0 to 15 %: 27 % in all: no rate says that."""
    book = """
        2025-12-31  fact    2025 filing_status single
        2025-12-31  fact    2025 taxable_income 48350
        2023-01-01  bought  1 L  for 1000
        2025-02-01  sold    1 L  for 9350
    """
    assert changes(effect(book, bought_and_sold(1000))) == ("120.00", "150.00", "270.00")


def test_qualified_dividends_lie_beside_the_gain() -> None:
    """1,000 of the 48,850 are dividends, 500 above the breakpoint, where gain goes, too."""
    book = """
        2025-12-31  fact  2025 filing_status single
        2025-12-31  fact  2025 taxable_income 48850
        2025-12-31  fact  2025 qualified_dividends 1000
    """
    found = effect(book, bought_and_sold(500, long=True))
    assert found.capital_gain_tax == Change(Decimal("75.00"), Decimal("150.00"))


def test_gain_elected_for_interest_is_ordinary() -> None:
    """Form 4952 line 4g: 4,000 of 10,000 and of 11,000 are not taxed lower."""
    book = (
        SINGLE
        + LONG_10000
        + """
        2025-06-01  interest  4000 USD balance
        2025-12-31  fact      2025 itemizes yes
        2025-12-31  fact      2025 elected_gain 4000
    """
    )
    found = effect(book, bought_and_sold(1000, long=True))
    assert found.capital_gain_tax == Change(Decimal("900.00"), Decimal("1050.00"))
    assert change(found.ordinary_tax) == "0.00"


def test_a_gain_that_lets_interest_be_deducted_bears_nothing_if_deductions_are_itemised() -> None:
    """Line 8 of Form 4952 grows from 10,000 by 1,000, as the gain does; else it is of no use."""
    book = SINGLE + bought_and_sold(10_000).replace("W", "B")
    book += "2025-06-01  interest  40000 USD balance\n"
    itemised = effect(book + "2025-12-31  fact  2025 itemizes yes\n", bought_and_sold(1000))
    assert changes(itemised) == ("0.00", "0.00", "0.00")
    assert change(itemised.carryovers["investment_interest"]) == "-1000.00"
    assert itemised.taxable_income == Change(Decimal(100_000), Decimal(100_000))
    assert changes(effect(book, bought_and_sold(1000))) == ("220.00", "0.00", "220.00")


def test_more_income_in_the_highest_bracket_costs_deductions_from_2026_on() -> None:
    """37,000 of deductions on 610,600: 2/37 of 7,000, then of 8,000, are lost: 378.38 and 432.43.

    1,054.05 at 35 %: 368.92.
    """
    book = """
        2026-12-31  fact  2026 filing_status single
        2026-12-31  fact  2026 taxable_income 610600
        2026-12-31  fact  2026 itemizes yes
        2026-12-31  fact  2026 itemized_deductions 37000
    """
    found = effect(book, bought_and_sold(1000, year=2026), 2026)
    assert found.taxable_income == Change(Decimal("610978.38"), Decimal("612032.43"))
    assert change(found.tax) == "368.92"


@pytest.mark.parametrize(
    ("itemizes", "income"),
    [("yes", ("2002000.00", "2002200.00")), ("no", ("2000000.00", "2003700.00"))],
)
def test_interest_that_a_gain_lets_be_deducted_is_cut_too(
    itemizes: str, income: tuple[str, str]
) -> None:
    """2/37 of 37,000, then of 40,700 (3,700 of interest more). Nothing is cut if not itemised."""
    book = f"""
        2026-06-01  interest  4000 USD balance
        2026-12-31  fact      2026 filing_status mfj
        2026-12-31  fact      2026 taxable_income 2000000
        2026-12-31  fact      2026 itemizes {itemizes}
        2026-12-31  fact      2026 itemized_deductions 37000
    """
    book += bought_and_sold(300, year=2026).replace("W", "B")
    found = effect(book, bought_and_sold(3700, year=2026), 2026)
    assert found.taxable_income == Change(*map(Decimal, income))


# Net investment income tax ------------------------------------------------------------------------


def test_modified_agi_is_moved_by_the_what_if_too() -> None:
    """195,000 + 20,000 is 15,000 above the threshold: 3.8 % of that; Form 8960 has it as stated."""
    book = SINGLE + "2025-12-31  fact  2025 modified_agi 195000\n"
    found = effect(book, bought_and_sold(20_000, long=True))
    assert found.net_investment_income_tax == Change(Decimal("0.00"), Decimal("570.00"))
    assert found.tax is not None
    assert found.tax.change == Decimal(3000 + 570)


def test_a_loss_saves_net_investment_income_tax() -> None:
    """10,000 of gain, all of it above the threshold; a loss of 4,000: 3.8 % of that."""
    book = SINGLE + LONG_10000 + "2025-12-31  fact  2025 modified_agi 300000\n"
    found = effect(book, bought_and_sold(-4000))
    assert found.net_investment_income_tax == Change(Decimal("380.00"), Decimal("228.00"))


def test_without_modified_agi_that_tax_is_not_in_it() -> None:
    found = effect(SINGLE, bought_and_sold(10_000, long=True))
    assert found.missing == ("modified_agi",)
    assert found.net_investment_income_tax is None
    assert change(found.tax) == "1500.00"
    assert "net investment income tax is not in it: state modified_agi" in found.notes


def test_without_investment_income_that_tax_is_zero_and_nothing_is_missing() -> None:
    found = effect(SINGLE, bought_and_sold(-1000))
    assert found.net_investment_income_tax == Change(Decimal("0.00"), Decimal("0.00"))
    assert found.missing == ()


# What is not known --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "missing", "names"),
    [
        ("", ("filing_status", "taxable_income"), "filing_status and taxable_income"),
        ("2025-12-31  fact  2025 filing_status mfj", ("taxable_income",), "taxable_income"),
        ("2025-12-31  fact  2025 taxable_income 9", ("filing_status",), "filing_status"),
    ],
)
def test_without_status_or_income_there_is_no_tax_but_a_reason(
    stated: str, missing: tuple[str, ...], names: str
) -> None:
    found = effect(stated + "\n", bought_and_sold(-10_000, long=True))
    assert found.missing == missing
    assert found.notes == (f"no tax is figured until {names} of 2025 are stated",)
    assert {found.tax, found.ordinary_tax, found.capital_gain_tax, found.taxable_income} == {None}
    assert (found.net_investment_income_tax, found.rates_before, found.rates_after) == (None,) * 3
    assert change(found.long_term) == "-10000.00"
    assert change(found.capital_result) == "-3000.00"
    assert found.filing_status == (None if "filing_status" in missing else "mfj")


def test_a_year_before_the_table_has_no_tax_but_a_reason() -> None:
    found = effect(SINGLE.replace("2025", "2022"), bought_and_sold(10, year=2022), 2022)
    assert found.tax is None
    assert found.notes == ("no tax is figured: the brackets of 2022 are not known to this version",)


def test_the_first_year_of_the_table_has_tax() -> None:
    """2023: 22 % from 44,725 to 95,375, 24 % above."""
    found = effect(SINGLE.replace("2025", "2023"), bought_and_sold(10, year=2023), 2023)
    assert change(found.tax) == "2.40"


@pytest.mark.parametrize(("year", "told_so"), [(2026, False), (2027, True)])
def test_a_year_after_the_table_is_figured_with_its_last_and_says_so(
    year: int, told_so: bool
) -> None:
    found = effect(SINGLE.replace("2025", str(year)), bought_and_sold(-10, year=year), year)
    assert change(found.tax) == "-2.20"
    assert any("the brackets of 2026" in note for note in found.notes) == told_so


def test_losses_carried_by_a_return_without_income_are_said_to_be_rough() -> None:
    book = SINGLE.replace("100000", "1000")
    rough = "losses carried are figured with taxable_income as stated"
    below = SINGLE.replace("100000", "-1")
    for stated, gain, told_so in (
        (book, -1000, False),
        (book, -1001, True),
        (below, 5, True),
        (below, 0, False),
    ):
        notes = effect(stated, bought_and_sold(gain)).notes
        assert any(note.startswith(rough) for note in notes) == told_so


def test_what_else_differs_is_named() -> None:
    found = effect(SINGLE, "2025-03-01  received  interest 3500 USD\n")
    assert change(found.tax) == "0.00"
    assert "schedule_b differs too: what that changes is not in the estimate" in found.notes


def test_forms_of_two_years_are_refused() -> None:
    one, two = (forms(year, Decimal(0), Decimal(0), "single") for year in (2024, 2025))
    with pytest.raises(BookError, match="forms of 2024 and 2025"):
        estimated(one, two, Facts(2024, {}, Findings()))


# By the rates given -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what_if", "taxes"),
    [
        (bought_and_sold(1000), ("320.00", "0.00", "320.00")),
        (bought_and_sold(1000, long=True), ("0.00", "150.00", "150.00")),
        # A short-term loss takes the long-term gain of 10,000 first: it saves 15 % of 4,000.
        (bought_and_sold(-4000), ("0.00", "-600.00", "-600.00")),
        # And 3,000 of what is above it, at 32 %.
        (bought_and_sold(-14_000), ("-960.00", "-1500.00", "-2460.00")),
    ],
)
def test_rates_that_are_given_need_no_fact_and_count_after_netting(
    what_if: str, taxes: tuple[str, str, str]
) -> None:
    found = effect(LONG_10000, what_if, rates=RATES)
    assert changes(found) == taxes
    assert found.missing == ()
    assert (found.rates_before, found.rates_after) == (RATES, RATES)
    assert (found.taxable_income, found.net_investment_income_tax) == (None, None)
    assert found.notes == ("figured with the rates given, which are taken to hold every tax",)


def test_interest_that_a_gain_lets_be_deducted_saves_the_short_rate() -> None:
    book = "2025-06-01  interest  400 USD balance\n2025-12-31  fact  2025 itemizes yes\n"
    assert changes(effect(book, bought_and_sold(1000), rates=RATES)) == ("192.00", "0.00", "192.00")


@pytest.mark.parametrize("rate", ["-0.01", "1.01", "24", "NaN"])
def test_a_rate_is_a_part_of_the_whole(rate: str) -> None:
    for rates in ((rate, "0.15"), ("0.24", rate)):
        with pytest.raises(BookError, match="is no rate; give a part of the whole"):
            Rates(*map(Decimal, rates))
    assert Rates(Decimal(0), Decimal(1)).long == 1


# The report ---------------------------------------------------------------------------------------


def test_an_estimate_has_the_keys_that_scripts_rely_on() -> None:
    said: dict[str, Any] = effect(SINGLE, bought_and_sold(-5000)).to_dict()
    nothing = {"before": "0.00", "after": "0.00", "change": "0.00"}
    assert said == {
        "year": 2025,
        "filing_status": "single",
        "short_term": {"before": "0.00", "after": "-5000.00", "change": "-5000.00"},
        "long_term": nothing,
        "capital_result": {"before": "0.00", "after": "-3000.00", "change": "-3000.00"},
        "taxable_income": {"before": "100000.00", "after": "97000.00", "change": "-3000.00"},
        "ordinary_tax": {"before": "16914.00", "after": "16254.00", "change": "-660.00"},
        "capital_gain_tax": nothing,
        "net_investment_income_tax": nothing,
        "tax": {"before": "16914.00", "after": "16254.00", "change": "-660.00"},
        "rates_before": {"short": "0.22", "long": "0.15"},
        "rates_after": {"short": "0.22", "long": "0.15"},
        "carryovers": {
            "short_term": {"before": "0.00", "after": "-2000.00", "change": "-2000.00"},
            "long_term": nothing,
            "investment_interest": nothing,
            "section_1256": nothing,
        },
        "missing": [],
        "notes": ["by formula: no Tax Table, alternative minimum tax, credits or state tax"],
    }


# Properties ---------------------------------------------------------------------------------------

RESULT = st.decimals(-100_000, 500_000, places=2)
INCOME = st.decimals(-10_000, 1_000_000, places=2)
STATUS = st.sampled_from(["single", "mfj", "hoh", "mfs"])
YEAR = st.integers(2023, 2027)
ANY_RATES = st.none() | st.just(RATES)


def stated(year: int, status: str, income: Decimal) -> Facts:
    facts = {"filing_status": status, "taxable_income": str(income), "modified_agi": str(income)}
    return Facts(year, facts, Findings())


@given(YEAR, STATUS, INCOME, RESULT, RESULT, ANY_RATES)
def test_nothing_changes_nothing(
    year: int, status: str, income: Decimal, short: Decimal, long: Decimal, rates: Rates | None
) -> None:
    same = forms(year, short, long, status)
    found = estimated(same, same, stated(year, status, income), rates)
    assert change(found.tax) == "0.00"


@given(YEAR, STATUS, INCOME, RESULT, RESULT, RESULT, RESULT)
def test_there_and_back_is_nothing(
    year: int, status: str, income: Decimal, s1: Decimal, l1: Decimal, s2: Decimal, l2: Decimal
) -> None:
    """The effect is tax after less tax before: undone from the moved return, it comes back."""
    one, two = forms(year, s1, l1, status), forms(year, s2, l2, status)
    there = estimated(one, two, stated(year, status, income))
    assert there.taxable_income is not None
    moved = there.taxable_income.after
    back = estimated(two, one, stated(year, status, moved))
    assert there.tax is not None
    assert back.tax == Change(there.tax.after, there.tax.before)


@given(YEAR, STATUS, INCOME, RESULT, RESULT, RESULT, RESULT)
def test_the_effect_is_tax_after_less_tax_before(
    year: int, status: str, income: Decimal, s1: Decimal, l1: Decimal, s2: Decimal, l2: Decimal
) -> None:
    def tax(moved: Decimal, short: Decimal, long: Decimal) -> Decimal:
        figured = income_tax(year, status, income + moved, max(min(long, short + long), Decimal(0)))
        return cents(figured.ordinary) + cents(figured.favoured)

    found = estimated(
        forms(year, s1, l1, status), forms(year, s2, l2, status), stated(year, status, income)
    )
    assert found.tax is not None
    assert found.net_investment_income_tax is not None
    moved = found.capital_result.change
    expected = tax(moved, s2, l2) - tax(Decimal(0), s1, l1)
    assert found.tax.change - found.net_investment_income_tax.change == expected


@given(YEAR, STATUS, INCOME, RESULT, RESULT, st.decimals(0, 50_000, places=2), st.booleans())
def test_more_gain_never_bears_less(
    year: int,
    status: str,
    income: Decimal,
    short: Decimal,
    long: Decimal,
    more: Decimal,
    kind: bool,
) -> None:
    later = (short + more, long) if kind else (short, long + more)
    found = estimated(
        forms(year, short, long, status), forms(year, *later, status), stated(year, status, income)
    )
    assert found.tax is not None
    assert found.tax.change >= Decimal("-0.02")  # two lines are rounded
