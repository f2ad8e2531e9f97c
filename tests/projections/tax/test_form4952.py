"""Form 4952: told as a year of interest, income and trades; all lines as on the form."""

import pytest

from tests.story import findings, form_4952, table, taxed, told

LINES = ("1", "2", "3", "4a", "4b", "4c", "4d", "4e", "4f", "4g", "4h", "5", "6", "7", "8")


def filled(**lines: int) -> dict[str, str]:
    """The form with these lines, named line_4a or so, and zeros elsewhere."""
    given = {name.removeprefix("line_"): f"{amount}.00" for name, amount in lines.items()}
    return dict.fromkeys(LINES, "0.00") | given


INTEREST = "2025-06-01  interest  4000 USD balance\n"
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


def test_what_is_elected_above_the_limit_is_found_and_does_not_count() -> None:
    """Cases: F6 in part: 4g is at most 4b + 4e."""
    book = told(GAINS + "2025-12-31  fact  2025 elected_gain 6100")
    assert form_4952(book, 2025)["4g"] == "6000.00"
    assert table("""
        kind                  account  severity
        election_above_limit  book     error
    """)[0] in findings(book)


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
    """Us-tax: 7, line 4d, capital loss carryovers included."""
    carried = "2025-01-01  fact  2025 short_term_carryover 600\n"
    lines = form_4952(told(INTEREST + SHORT_GAIN.format(2000) + carried), 2025)
    assert (lines["4d"], lines["4f"]) == ("400.00", "400.00")


def test_the_first_years_carryforward_may_be_stated() -> None:
    book = told("2025-01-01  fact  2025 interest_carryforward 700")
    assert form_4952(book, 2025)["2"] == "700.00"
    assert form_4952(book, 2026)["2"] == "700.00"


@pytest.mark.parametrize("purpose", ["business", "personal"])
def test_interest_of_another_purpose_is_no_investment_interest(purpose: str) -> None:
    """Contract: policy `interest_purpose`."""
    assert (
        form_4952(told(f"2025-01-01  policy  interest_purpose {purpose}\n" + INTEREST), 2025) == {}
    )
