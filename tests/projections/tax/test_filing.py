"""Years in a chain: what is carried, what is used up, and that nothing is lost between them."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.money import ZERO, exact
from projections.decisions import Decisions
from projections.findings import Findings
from projections.tax.us.filing import filed
from projections.tax.us.form8949 import BoxTotal
from projections.tax.us.gathered import Gathered
from projections.tax.us.law import BOXES, in_force
from projections.tax.us.tax_year import Forms
from tests.story import Story, form_4952, kinds, schedule_d, taxed, told


def year(number: int, short: int, long: int, interest: int, **facts: int) -> str:
    """A year with these results and this interest paid."""
    traded = f"""
        {number - 2}-01-01  bought    1 OLD{number}  for 50000
        {number}-01-02      bought    1 NEW{number}  for 50000
        {number}-03-01      sold      1 OLD{number}  for {50000 + long}
        {number}-03-01      sold      1 NEW{number}  for {50000 + short}
    """
    paid = f"{number}-06-01  interest  {interest} USD balance\n" if interest else ""
    stated = "".join(f"{number}-12-31  fact  {number} {n} {a}\n" for n, a in facts.items())
    return traded + paid + stated


FIVE_YEARS = (
    year(
        2024,
        -4000,
        1500,
        900,
        short_term_carryover=1000,
        long_term_carryover=2000,
        interest_carryforward=500,
        taxable_income=50000,
        investment_income=600,
    )
    + year(2025, 500, -700, 300, taxable_income=-1500)
    + year(2026, 2000, 4000, 1000, taxable_income=80000, elected_gain=250)
    + year(2027, -10000, 6000, 50, taxable_income=20000, investment_income=75)
)


def carried(book: Story, number: int) -> list[str]:
    """Short-term, long-term, interest: as next year takes them up."""
    names = ("short_term", "long_term", "investment_interest")
    return [str(taxed(book, number)[1].carryovers[name]) for name in names]


def test_losses_and_interest_through_five_years() -> None:
    """By hand (Capital Loss Carryover Worksheet; Form 4952).

    2024: 7 = -4,000 - 1,000; 15 = 1,500 - 2,000; 21 = -3,000, all used: short 5,000 - 3,000 =
    2,000, long 500. Interest 900 + 500 against 600: 800 left.
    2025: 7 = 500 - 2,000; 15 = -700 - 500; 16 = 21 = -2,700; taxable income -1,500, so 1,200 used:
    short 1,500 - 1,200 = 300, long 1,200. Interest 300 + 800, no income: 1,100 left.
    2026: 7 = 2,000 - 300; 15 = 4,000 - 1,200; 16 = 4,500; no loss left. Interest 1,000 + 1,100
    against 4f 4,500 - 2,800 = 1,700 and 4g 250: 150 left.
    2027: 7 = -10,000; 15 = 6,000; 21 = -3,000: short 10,000 - 6,000 - 3,000 = 1,000. Interest 50 +
    150 against 75 (a net loss is no income): 125 left.
    2028: 16 = 21 = -1,000, used up. Interest 125 left.
    """
    book = told(FIVE_YEARS)
    assert [carried(book, number) for number in range(2024, 2029)] == [
        ["-2000.00", "-500.00", "800.00"],
        ["-300.00", "-1200.00", "1100.00"],
        ["0.00", "0.00", "150.00"],
        ["-1000.00", "0.00", "125.00"],
        ["0.00", "0.00", "125.00"],
    ]
    lines = [schedule_d(book, number) for number in range(2024, 2029)]
    assert [[form.get(line, "") for line in ("7", "15", "16", "21")] for form in lines] == [
        ["-5000.00", "-500.00", "-5500.00", "-3000.00"],
        ["-1500.00", "-1200.00", "-2700.00", "-2700.00"],
        ["1700.00", "2800.00", "4500.00", ""],
        ["-10000.00", "6000.00", "-4000.00", "-3000.00"],
        ["-1000.00", "0.00", "-1000.00", "-1000.00"],
    ]
    interest = [form_4952(book, number) for number in range(2024, 2029)]
    assert [[form[line] for line in ("1", "2", "6", "7", "8")] for form in interest] == [
        ["900.00", "500.00", "600.00", "800.00", "600.00"],
        ["300.00", "800.00", "0.00", "1100.00", "0.00"],
        ["1000.00", "1100.00", "1950.00", "150.00", "1950.00"],
        ["50.00", "150.00", "75.00", "125.00", "75.00"],
        ["0.00", "125.00", "0.00", "125.00", "0.00"],
    ]


def test_a_loss_stated_for_a_later_year_counts_and_is_found_where_the_book_carries_another() -> (
    None
):
    """2025 begins with -2,000 and -500: the same said again is no contradiction."""
    again = told(FIVE_YEARS + "2026-01-01  fact  2025 short_term_carryover 2000")
    assert "carryover_contradicted" not in kinds(again)
    other = told(FIVE_YEARS + "2026-01-01  fact  2025 long_term_carryover 499")
    assert schedule_d(other, 2025)["14"] == "-499.00"
    (found,) = [f for f in taxed(other, 2026)[1].findings if f.kind == "carryover_contradicted"]
    assert (found.severity, found.problem) == (
        "warning",
        "2025: long_term_carryover is stated as -499.00, the book carries -500.00 from the year"
        " before",
    )


def test_form_1040_takes_the_gain_or_the_limited_loss() -> None:
    """Schedule D (2025) lines 16 and 21: line 7a from 2025 on, 7 before."""
    book = told(FIVE_YEARS)
    assert [taxed(book, number)[1].form_1040 for number in range(2024, 2028)] == [
        {"7": Decimal(-3000)},
        {"7a": Decimal(-2700)},
        {"7a": Decimal(4500)},
        {"7a": Decimal(-3000)},
    ]
    assert taxed(told("2025-01-01  bought  1 X  for 1"), 2025)[1].form_1040 == {}


def answers(short: int, long: int, more: str = "") -> Any:
    return dict(taxed(told(year(2025, short, long, 0) + more), 2025)[1].schedule_d_answers)


def test_schedule_d_is_answered_as_far_as_the_form_asks() -> None:
    """Schedule D (2025) lines 16, 17, 20 and 22."""
    interest = "2025-06-01  interest  5 USD balance"
    dividends = "2025-12-31  fact  2025 qualified_dividends 5"
    assert answers(100, 200) == {"17": True, "20": True}
    assert answers(100, 200, interest) == {"17": True, "20": False}
    assert answers(-100, 200, dividends) == {"17": True, "20": True}
    assert answers(300, -200) == {"17": False, "22": False}
    assert answers(300, -200, dividends) == {"17": False, "22": True}
    assert answers(-300, 200, dividends) == {"22": True}
    assert answers(-200, 200) == {"22": False}


def test_one_deduction_stands_alike_on_every_form() -> None:
    """Cases: F4: 4,000 allowed; 2,000 elected."""
    text = year(2025, 1000, 6000, 4000, investment_income=1000, elected_gain=2000)
    forms = taxed(told(text + "2025-12-31  fact  2025 itemizes yes"), 2025)[1]
    assert {name: str(a) for name, a in forms.schedule_a.items()} == {"9": "4000.00"}
    assert str(forms.form_8960["9a"]) == "4000.00"
    assert forms.schedule_d_answers == {"17": True, "20": False}
    assert str(forms.schedule_d_tax_worksheet["3"]) == "2000.00"


# What must add up whatever happened ---------------------------------------------------------------

FIRST, LAST = 2021, 2026
YEARS = range(FIRST, LAST + 1)
MONEY = st.integers(-20_000_00, 20_000_00).map(lambda number: Decimal(number) / 100)
AMOUNT = st.integers(0, 6_000_00).map(lambda number: Decimal(number) / 100)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "taxable_income": st.sampled_from(["-5000", "-900.5", "0", "700", "60000"]),
        "filing_status": st.sampled_from(["mfs", "mfj"]),
        "investment_income": AMOUNT.map(str),
        "qualified_dividends": AMOUNT.map(str),
        "investment_expenses": st.just("12.34"),
        "elected_gain": AMOUNT.map(str),
        "itemizes": st.sampled_from(["true", "false"]),
        "trader": st.sampled_from(["true", "false"]),
        "section_1256_unrealized": MONEY.map(str),
        "section_1256_carryback": st.integers(1, 4000).map(str),
    },
)
EACH = st.fixed_dictionaries(
    {"short": MONEY, "long": MONEY, "contracts": MONEY, "paid": AMOUNT, "lent": AMOUNT}
)
FIRST_FACTS = st.fixed_dictionaries(
    {},
    optional={
        "interest_carryforward": AMOUNT.map(str),
        "short_term_carryover": AMOUNT.map(str),
        "long_term_carryover": AMOUNT.map(str),
    },
)


def total(result: Decimal) -> BoxTotal:
    box = BoxTotal()
    box.proceeds.add(max(result, ZERO))
    box.basis.add(max(-result, ZERO))
    return box


def returns(each: list[dict[str, Decimal]], stated: list[dict[str, str]]) -> dict[int, Forms]:
    """Every year's forms from these totals and facts."""
    happened = dict(zip(YEARS, each, strict=True))
    decisions = Decisions()
    decisions.tax_facts = dict(zip(YEARS, stated, strict=True))
    with exact():
        boxes = {
            number: {
                in_force(BOXES["", False], number).value[term]: total(results[term])
                for term in ("short", "long")
            }
            for number, results in happened.items()
        }
        gathered = Gathered(
            boxes=boxes,
            interest_paid={number: a["paid"] for number, a in happened.items()},
            behind={},
            interest_received={number: a["lent"] for number, a in happened.items()},
            schedule_1={},
            forgiven={},
            contracts={number: a["contracts"] for number, a in happened.items()},
            funding_received={},
            funding_paid={},
        )
        return {y: filed(y, "fifo", gathered, decisions, Findings()) for y in YEARS}


def line(forms: Forms, name: str) -> Decimal:
    amount = forms.schedule_d.get(name, ZERO)
    assert isinstance(amount, Decimal)
    return amount


def used(forms: Forms, facts: dict[str, str]) -> Decimal:
    """What other income bore of a loss: less than line 21 where there was not so much income."""
    limited = -line(forms, "21")
    income = facts.get("taxable_income")
    return limited if income is None else max(min(limited, Decimal(income) + limited), ZERO)


@settings(max_examples=100, deadline=None)
@given(st.lists(EACH, min_size=6, max_size=6), st.lists(FACTS, min_size=6, max_size=6), FIRST_FACTS)
def test_no_loss_and_no_interest_is_lost_or_counted_twice(
    each: list[dict[str, Decimal]], stated: list[dict[str, str]], first: dict[str, str]
) -> None:
    """All interest paid is allowed, a business expense, or carried; all results of all years, with
    what the first brought along, are taxed, borne by other income, taken by earlier gains, or
    carried."""
    stated[0] |= first
    forms = returns(each, stated)
    end = forms[LAST].carryovers
    made = sum((a["short"] + a["long"] + a["contracts"] for a in each), ZERO)
    made += Decimal(stated[-1].get("section_1256_unrealized", 0))
    brought = (first.get(f"{term}_term_carryover", "0") for term in ("short", "long"))
    made -= sum(map(Decimal, brought), ZERO)
    taxed_ = sum((max(line(form, "16"), ZERO) for form in forms.values()), ZERO)
    borne = sum((used(form, stated[y - FIRST]) for y, form in forms.items()), ZERO)
    back = sum((sum(form.section_1256_carryback.values(), ZERO) for form in forms.values()), ZERO)
    carried = end["short_term"] + end["long_term"] + end["section_1256"]
    assert made == taxed_ - borne - back + carried

    paid = sum((a["paid"] for a in each), ZERO) + Decimal(first.get("interest_carryforward", 0))
    allowed = sum((form.form_4952.get("8", ZERO) for form in forms.values()), ZERO)
    business = sum((form.schedule_c.get("16b", ZERO) for form in forms.values()), ZERO)
    if back:  # earlier years are shown as filed, and the chain stands on their amended forms
        assert paid <= allowed + business + end["investment_interest"]
    else:
        assert paid == allowed + business + end["investment_interest"]


@settings(max_examples=100, deadline=None)
@given(st.lists(EACH, min_size=6, max_size=6), st.lists(FACTS, min_size=6, max_size=6))
def test_what_goes_back_is_at_most_the_gain_of_the_year_it_goes_to(
    each: list[dict[str, Decimal]], stated: list[dict[str, str]]
) -> None:
    """IRC 1212(c)(3), (5): of these contracts, and of all gains and losses; three years back."""
    forms = returns(each, stated)
    taken = dict.fromkeys(YEARS, ZERO)
    for number, form in forms.items():
        back = form.section_1256_carryback
        assert sum(back.values(), ZERO) <= form.form_6781.get("6", ZERO)
        for earlier, amount in back.items():
            assert number - 3 <= int(earlier) < number
            taken[int(earlier)] += amount
    for number, amount in taken.items():
        gain = min(forms[number].form_6781.get("5", ZERO), line(forms[number], "16"))
        assert amount <= max(gain, ZERO)


def test_the_smallest_amounts_are_amounts() -> None:
    """Half a dollar is a gain, a term and a dividend like any other; nothing is none."""
    half = "2025-12-31  fact  2025 qualified_dividends 0.50"
    assert answers(-300, 200, half) == {"22": True}
    assert answers(-300, 200, "2025-12-31  fact  2025 qualified_dividends 0") == {"22": False}
    small = "2025-06-01 contract PERP {} USD\n"
    assert answers(0, 0, small.format("0.50")) == {"17": False, "22": False}
    assert answers(0, 0, small.format("-0.50")) == {"22": False}
    assert answers(0, 0) == {"22": False}
    long = "2023-01-01 bought 1 Y for 50 \n 2025-05-05 sold 1 Y for {}"
    assert answers(0, 0, long.format("50.50")) == {"17": True, "20": True}
    assert answers(100, 0) == {"17": False, "22": False}


def test_a_year_without_schedule_d_has_no_answers() -> None:
    forms = taxed(told("2025-01-01  bought  1 X  for 1"), 2025)[1]
    assert (forms.schedule_d_answers, forms.form_1040) == ({}, {})
