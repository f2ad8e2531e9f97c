"""Form 4952: told as a year of interest, income and trades; all lines as on the form."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from tests.story import findings, form_4952, kinds, table, taxed, told

LINES = ("1", "2", "3", "4a", "4b", "4c", "4d", "4e", "4f", "4g", "4h", "5", "6", "7", "8")


def filled(**lines: int) -> dict[str, str]:
    """The form with these lines, named line_4a or so, and zeros elsewhere."""
    given = {name.removeprefix("line_"): f"{amount}.00" for name, amount in lines.items()}
    return dict.fromkeys(LINES, "0.00") | given


INTEREST = "2025-06-01  deposited  4000 USD\n2025-06-01  interest  4000 USD balance\n"
SHORT_GAIN = """
    2025-01-01  bought  1 A  for 1000
    2025-02-01  sold    1 A  for {}
"""
LONG_GAIN = """
    2023-01-01  bought  1 B  for 1000
    2025-02-01  sold    1 B  for {}
"""


def test_interest_above_investment_income_is_carried_forward() -> None:
    """Cases: F1; the year after: F5."""
    book = told(
        INTEREST
        + """
        2025-12-31  fact      2025 investment_income 3000
        2026-06-01  interest  500 USD balance
        2026-12-31  fact      2026 investment_income 1200
        """
    )
    assert form_4952(book, 2025) == filled(
        line_1=4000,
        line_3=4000,
        line_4a=3000,
        line_4c=3000,
        line_4h=3000,
        line_6=3000,
        line_7=1000,
        line_8=3000,
    )
    assert form_4952(book, 2026) == filled(
        line_1=500,
        line_2=1000,
        line_3=1500,
        line_4a=1200,
        line_4c=1200,
        line_4h=1200,
        line_6=1200,
        line_7=300,
        line_8=1200,
    )
    assert str(taxed(book, 2026)[1].carryovers["investment_interest"]) == "300.00"


def test_short_term_gain_is_investment_income() -> None:
    """Cases: F2."""
    book = told(INTEREST + SHORT_GAIN.format(3500) + "2025-12-31  fact  2025 investment_income 500")
    assert form_4952(book, 2025) == filled(
        line_1=4000,
        line_3=4000,
        line_4a=500,
        line_4c=500,
        line_4d=2500,
        line_4f=2500,
        line_4h=3000,
        line_6=3000,
        line_7=1000,
        line_8=3000,
    )


GAINS = (
    INTEREST
    + SHORT_GAIN.format(2000)
    + LONG_GAIN.format(7000)
    + "2025-12-31  fact  2025 investment_income 1000\n"
)


def test_net_capital_gain_is_no_investment_income_unless_elected() -> None:
    """Cases: F3."""
    assert form_4952(told(GAINS), 2025) == filled(
        line_1=4000,
        line_3=4000,
        line_4a=1000,
        line_4c=1000,
        line_4d=7000,
        line_4e=6000,
        line_4f=1000,
        line_4h=2000,
        line_6=2000,
        line_7=2000,
        line_8=2000,
    )


def test_elected_gain_is_investment_income() -> None:
    """Cases: F4."""
    assert form_4952(told(GAINS + "2025-12-31  fact  2025 elected_gain 2000"), 2025) == filled(
        line_1=4000,
        line_3=4000,
        line_4a=1000,
        line_4c=1000,
        line_4d=7000,
        line_4e=6000,
        line_4f=1000,
        line_4g=2000,
        line_4h=4000,
        line_6=4000,
        line_8=4000,
    )


def test_an_election_above_its_limit_is_refused_as_a_whole() -> None:
    """Cases: F6; IRC 163(d)(4)(B): 4g is at most 4b + 4e, and no election is the lawful default."""
    book = told(GAINS + "2025-12-31  fact  2025 elected_gain 6000.01")
    assert form_4952(book, 2025) == form_4952(told(GAINS), 2025)
    assert table("""
        kind                  account  severity
        election_above_limit  book     error
    """)[0] in findings(book)
    at_the_limit = told(GAINS + "2025-12-31  fact  2025 elected_gain 6000")
    assert form_4952(at_the_limit, 2025)["4g"] == "6000.00"
    assert "election_above_limit" not in kinds(at_the_limit)


def worksheet(text: str) -> dict[str, str]:
    return shown(taxed(told(GAINS + text), 2025)[1].schedule_d_tax_worksheet)


def shown(lines: Mapping[str, Decimal]) -> dict[str, str]:
    return {name: str(amount) for name, amount in lines.items()}


def test_what_is_elected_comes_off_the_gain_that_is_taxed_lower() -> None:
    """Cases: F4, F6; Schedule D Tax Worksheet lines 2-10: 6,000 of long-term gain less 2,000."""
    assert worksheet("") == {}
    assert worksheet("2025-12-31  fact  2025 elected_gain 2000") == {
        "2": "0.00",
        "3": "2000.00",
        "4": "6000.00",
        "5": "0.00",
        "6": "0.00",
        "7": "6000.00",
        "8": "2000.00",
        "9": "4000.00",
        "10": "4000.00",
    }


def test_what_is_elected_is_laid_on_gain_first_and_on_dividends_after_it() -> None:
    """Cases: F6; 6,200 elected: all 6,000 of 4e, then 200 of 400 in dividends."""
    lines = worksheet("""
        2025-12-31  fact  2025 qualified_dividends 400
        2025-12-31  fact  2025 elected_gain 6200
    """)
    assert [lines[name] for name in ("5", "6", "8", "9", "10")] == [
        "200.00",
        "200.00",
        "6000.00",
        "0.00",
        "200.00",
    ]


def test_qualified_dividends_are_no_investment_income_unless_elected() -> None:
    """Form 4952 lines 4b and 4c."""
    facts = """
        2025-12-31  fact  2025 investment_income 1000
        2025-12-31  fact  2025 qualified_dividends 400
        2025-12-31  fact  2025 elected_gain 150
    """
    lines = form_4952(told(INTEREST + facts), 2025)
    assert {name: lines[name] for name in ("4b", "4c", "4g", "4h", "8")} == {
        "4b": "400.00",
        "4c": "600.00",
        "4g": "150.00",
        "4h": "750.00",
        "8": "750.00",
    }


def test_investment_expenses_come_off_the_income() -> None:
    """Cases: F11; P550 48."""
    book = told("""
        2025-06-01  interest  8000 USD balance
        2025-12-31  fact      2025 investment_income 10000
        2025-12-31  fact      2025 investment_expenses 3200
    """)
    assert form_4952(book, 2025) == filled(
        line_1=8000,
        line_3=8000,
        line_4a=10000,
        line_4c=10000,
        line_4h=10000,
        line_5=3200,
        line_6=6800,
        line_7=1200,
        line_8=6800,
    )


def test_interest_added_to_the_debt_is_deducted_when_a_credit_pays_it() -> None:
    """Cases: F7; P550 46: cash basis."""
    book = told("""
        2025-06-01  interest   1200 USD debt
        2026-02-01  deposited  5000 USD
    """)
    assert form_4952(book, 2025) == {}
    assert form_4952(book, 2026)["1"] == "1200.00"


def test_sale_proceeds_credited_to_the_margin_account_pay_its_interest() -> None:
    """Cases: F8; P550 46, Interest on margin accounts."""
    book = told("""
        2025-01-01  bought    1 BTC  for 3000
        2025-06-01  interest  1200 USD debt
        2025-12-30  sold      1 BTC  for 3000
    """)
    assert form_4952(book, 2025)["1"] == "1200.00"


def test_a_fee_for_borrowing_coins_to_sell_short_is_investment_interest() -> None:
    """Cases: F9; P550 51; IRC 163(d)(3)(C)."""
    book = told("""
        2025-06-01  borrowed  1 BTC
        2025-06-01  sold      1 BTC  @ 60000
        2025-07-01  interest  300 USD balance  loan_asset BTC
    """)
    assert form_4952(book, 2025)["1"] == "300.00"


def test_interest_lent_out_is_investment_income() -> None:
    """Cases: I4."""
    book = told("""
        2025-06-01  received  interest 5 USDC  worth 5
        2025-07-01  interest  1 USD balance
    """)
    assert form_4952(book, 2025)["4a"] == "5.00"


def test_interest_in_coin_counts_at_its_worth() -> None:
    """Cases: B4."""
    book = told("""
        2023-05-01  bought    1 ETH  for 1800
        2025-08-01  price     ETH 3500
        2025-08-01  interest  0.02 ETH balance
    """)
    assert form_4952(book, 2025)["1"] == "70.00"


def test_a_carryover_loss_cuts_the_net_gain() -> None:
    """Form 4952 line 4d, capital loss carryovers included."""
    carried = "2025-01-01  fact  2025 short_term_carryover 600\n"
    lines = form_4952(told(INTEREST + SHORT_GAIN.format(2000) + carried), 2025)
    assert (lines["4d"], lines["4f"]) == ("400.00", "400.00")


def test_the_first_years_carryforward_may_be_stated() -> None:
    book = told("2025-01-01  fact  2025 interest_carryforward 700")
    assert form_4952(book, 2025)["2"] == "700.00"
    assert form_4952(book, 2026)["2"] == "700.00"


@pytest.mark.parametrize("purpose", ["business", "personal"])
def test_interest_of_another_purpose_is_no_investment_interest(purpose: str) -> None:
    """Contract: policy `interest_purpose`; IRC 163(h)."""
    book = told(f"2025-01-01  policy  interest_purpose {purpose}\n" + INTEREST)
    assert form_4952(book, 2025) == {}
    assert shown(taxed(book, 2025)[1].schedule_c) == (
        {"16b": "4000.00"} if purpose == "business" else {}
    )
    assert ("interest_personal" in kinds(book)) == (purpose == "personal")


def test_a_traders_interest_stands_on_schedule_c_and_earlier_interest_stays_on_form_4952() -> None:
    """Fact `trader` of one year; a trader's gains are no investment income (IRC 163(d)(4)(B))."""
    book = told(
        GAINS
        + """
        2025-12-31  fact      2025 trader yes
        2025-12-31  fact      2025 interest_carryforward 1500
        2026-06-01  interest  70 USD balance
        """
    )
    assert form_4952(book, 2025) == filled(
        line_2=1500,
        line_3=1500,
        line_4a=1000,
        line_4c=1000,
        line_4h=1000,
        line_6=1000,
        line_7=500,
        line_8=1000,
    )
    assert shown(taxed(book, 2025)[1].schedule_c) == {"16b": "4000.00"}
    following = form_4952(book, 2026)
    assert (following["1"], following["2"]) == ("70.00", "500.00")
    assert taxed(book, 2026)[1].schedule_c == {}


F1 = INTEREST + "2025-12-31  fact  2025 investment_income 3000\n"


def test_what_may_be_deducted_stands_on_line_9_of_schedule_a() -> None:
    """Cases: F1; Pub. 550 p. 51."""
    book = told(F1 + "2025-12-31  fact  2025 itemizes yes")
    assert shown(taxed(book, 2025)[1].schedule_a) == {"9": "3000.00"}
    assert kinds(book) == []


@pytest.mark.parametrize(
    ("stated", "severity"), [("", "info"), ("2025-12-31  fact  2025 itemizes no", "warning")]
)
def test_interest_that_is_allowed_is_used_up_though_nothing_is_itemised(
    stated: str, severity: str
) -> None:
    """Pub. 550 pp. 47, 51: only what line 6 does not allow is carried, 1,000 here."""
    book = told(F1 + stated)
    assert taxed(book, 2025)[1].schedule_a == {}
    assert findings(book) == table(f"""
        kind                   severity
        interest_not_itemized  {severity}
    """)
    assert str(taxed(book, 2025)[1].carryovers["investment_interest"]) == "1000.00"


def test_interest_that_is_not_allowed_yet_is_not_lost() -> None:
    assert kinds(told(INTEREST + "2025-12-31  fact  2025 itemizes no")) == []


def test_a_carryforward_stated_later_counts_and_is_found_where_the_book_carries_another() -> None:
    """Contract: `interest_carryforward` is line 2 of the first year. F1 carries 1,000."""
    for stated, found in (("1000", []), ("900", ["carryover_contradicted"])):
        book = told(F1 + f"2026-01-02  fact  2026 interest_carryforward {stated}")
        assert form_4952(book, 2026)["2"] == f"{stated}.00"
        assert kinds(book, 2026) == found


def test_facts_that_cannot_be_below_zero_are_left_out_where_they_are() -> None:
    for fact in ("elected_gain", "investment_expenses", "qualified_dividends"):
        book = told(F1 + f"2025-12-31  fact  2025 {fact} -1\n")
        assert form_4952(book, 2025) == form_4952(told(F1), 2025)
        assert "tax_fact_unreadable" in kinds(book)
    book = told("2025-01-01  fact  2025 interest_carryforward -1")
    assert form_4952(book, 2025) == {}
    assert kinds(book) == ["tax_fact_unreadable"]


def test_a_truth_that_is_none_is_found_and_left_out() -> None:
    book = told(F1 + "2025-12-31  fact  2025 itemizes perhaps")
    assert kinds(book) == ["interest_not_itemized", "tax_fact_unreadable"]


def test_zero_is_no_amount_below_zero() -> None:
    facts = ("elected_gain", "investment_expenses", "qualified_dividends", "interest_carryforward")
    zeros = "".join(f"2025-12-31  fact  2025 {fact} 0\n" for fact in facts)
    book = told(F1 + zeros)
    assert form_4952(book, 2025) == form_4952(told(F1), 2025)
    assert kinds(book) == ["interest_not_itemized"]


def test_a_carryforward_below_zero_is_left_out_beside_interest_paid() -> None:
    """4,000 paid, 3,000 allowed: line 2 is empty, and what the book carries stands."""
    book = told(F1 + "2025-12-31  fact  2025 interest_carryforward -500")
    assert form_4952(book, 2025) == form_4952(told(F1), 2025)
    found = {row["kind"]: row["severity"] for row in findings(book)}
    assert found["tax_fact_unreadable"] == "error"
    later = told(F1 + "2026-12-31  fact  2026 interest_carryforward -500")
    assert form_4952(later, 2026)["2"] == "1000.00"


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ("", "Form 4952 line 8 allows 3000.00: worth nothing unless you itemise"),
        (
            "2025-12-31  fact  2025 itemizes no",
            "Form 4952 line 8 uses up 3000.00 of interest, worth nothing on Schedule A",
        ),
    ],
)
def test_who_does_not_itemise_is_told_so_and_who_has_not_said_is_asked(
    stated: str, problem: str
) -> None:
    (found,) = findings(told(F1 + stated))
    assert found["problem"] == f"2025: {problem}"


@pytest.mark.parametrize(("share", "line_1"), [("0.8", "800.00"), ("0.8421052632", "842.11")])
def test_debt_of_mixed_purpose_counts_as_far_as_it_was_for_investment(
    share: str, line_1: str
) -> None:
    """Cases: F12: 8,000 of 10,000 for stock is 80 %; after 500 repaid 8,000 of 9,500 is 84 %."""
    book = told(f"""
        2025-06-01  interest  1000 USD balance
        2025-12-31  fact      2025 investment_share {share}
    """)
    assert form_4952(book, 2025)["1"] == line_1
    assert "interest_personal" in kinds(book)


def test_a_share_is_a_part_of_the_whole() -> None:
    book = told("2025-06-01 interest 1000 USD balance\n2025-12-31 fact 2025 investment_share 80")
    assert form_4952(book, 2025)["1"] == "1000.00"
    assert "tax_fact_unreadable" in kinds(book)
