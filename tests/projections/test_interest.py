"""Interest: charged is not paid. Cash basis: deductible in the year in which it was paid."""

import pytest

from tests.story import balances, findings, form_4952, kinds, taxed, told

ACCRUED = "2025-06-01  interest  1200 USD debt\n"


def paid(text: str, year: int = 2025) -> str:
    return form_4952(told(text), year).get("1", "0.00")


def test_interest_taken_from_the_balance_is_paid_at_once() -> None:
    assert paid("2025-06-01  interest  70 USD balance") == "70.00"


def test_interest_added_to_the_debt_is_not_paid() -> None:
    """Cases: F7; P550 46."""
    assert paid(ACCRUED) == "0.00"


@pytest.mark.parametrize(
    ("credit", "amount"),
    [
        ("deposited  5000 USD", "1200.00"),
        ("deposited  500 USD", "500.00"),
        ("deposited  500 EUR", "0.00"),
        ("sold  1 X  for 3000", "1200.00"),
        ("sold  1 X  for 3000 EUR", "0.00"),
        ("bought  1000 USD  for 900 EUR", "1000.00"),
        ("received  interest 300 USD", "300.00"),
        ("funding  300 USD PERP", "300.00"),
        ("funding  -300 USD PERP", "0.00"),
        ("contract  PERP 300 USD", "300.00"),
        ("borrowed  5000 USD", "0.00"),
        ("repaid  0 USD  interest 700", "700.00"),
        ("repaid  700 USD", "0.00"),
        ("okx/main  transferred  300 USD  to kraken/main", "300.00"),
        ("okx/main  deposited  5000 USD", "0.00"),
        ("withdrawn  5000 USD", "0.00"),
    ],
)
def test_any_credit_in_the_debts_currency_pays_interest_and_new_money_lent_does_not(
    credit: str, amount: str
) -> None:
    """Contract: `interest_first`; P550 46: a new note for an old one is no payment."""
    assert paid(ACCRUED + f"2025-07-01  {credit}") == amount


def test_a_credit_that_came_before_the_interest_pays_none_of_it() -> None:
    assert paid("2025-05-01  deposited  5000 USD\n" + ACCRUED) == "0.00"


def test_interest_that_credits_have_paid_is_not_paid_again_when_the_venue_collects_it() -> None:
    """Brief of openings 4, 5: counted twice or thrice elsewhere."""
    assert (
        paid(
            ACCRUED
            + """
            2025-07-01  deposited  800 USD
            2025-08-01  repaid     0 USD  interest 1000
            2025-08-02  repaid     0 USD  interest 200
            2025-08-03  deposited  5000 USD
            """
        )
        == "1200.00"
    )


def test_later_interest_is_paid_after_earlier_interest() -> None:
    text = """
        2025-06-01  interest   100 USD debt
        2025-07-01  deposited  100 USD
        2025-12-01  interest   50 USD debt
        2026-01-01  repaid     0 USD  interest 150
    """
    assert (paid(text), paid(text, 2026)) == ("100.00", "50.00")


def test_the_policy_may_let_credits_pay_the_principal_first() -> None:
    """Contract: policy `credits_pay` principal_first."""
    text = "2025-01-01  policy  credits_pay principal_first\n" + ACCRUED
    assert paid(text + "2025-07-01  deposited  5000 USD") == "0.00"
    assert paid(text + "2025-07-01  repaid  0 USD  interest 1200") == "1200.00"


def test_interest_that_was_forgiven_was_not_paid() -> None:
    text = ACCRUED + "2025-07-01  forgiven  1200 USD\n2025-08-01  deposited  5000 USD"
    assert balances(told(text))[0]["interest_owed"] == "0"
    assert paid(text) == "0.00"


def test_the_year_of_a_payment_is_that_of_the_zone() -> None:
    text = "2026-01-01T03:00  interest  70 USD balance"
    assert form_4952(told(text, "America/New_York"), 2025)["1"] == "70.00"
    assert form_4952(told(text), 2026)["1"] == "70.00"


def test_interest_in_coin_is_worth_the_price_of_the_day_it_was_paid() -> None:
    text = """
        2025-06-01  price      X 10
        2025-06-01  interest   5 X debt
        2025-07-01  price      X 20
        2025-07-01  deposited  3 X  bought 2025-01-01 for 3
    """
    assert paid(text) == "60.00"


def test_interest_in_coin_that_nobody_can_price_is_found() -> None:
    assert "missing_price" in kinds(told("2025-06-01  interest  5 X balance"))


def test_the_entries_behind_line_1_are_named() -> None:
    book = told(
        """
        2025-06-01  interest   70 USD balance
        2025-07-01  interest   30 USD debt
        2025-08-01  deposited  5000 USD
        """
    )
    assert taxed(book, 2025)[1].behind["form_4952:1"] == (1, 3)


REFINANCED = """
    2025-08-01        borrowed  1000 USD
    2025-08-01        withdrawn  1000 USD
    2025-11-01T09:00  borrowed  1010 USD
    2025-11-01T10:00  repaid    1000 USD  interest 10
"""


def test_interest_paid_with_a_new_note_to_the_same_lender_is_found() -> None:
    """P550 46: paid "with a new note for $1,010"; Davison, 107 T.C. 35."""
    (found,) = findings(told(REFINANCED))
    assert (found["kind"], found["severity"]) == ("interest_paid_by_new_loan", "warning")
    assert found["event"] == "4"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("borrowed 100 USD", True),
        ("borrowed 100 USD|borrowed 100 USD", True),
        ("borrowed 100 USD|interest 100 USD balance", True),
        ("deposited 99 USD|borrowed 100 USD", True),
        ("deposited 100 USD|borrowed 100 USD", False),
        ("borrowed 100 USD|deposited 100 USD", False),
        ("deposited 150 USD|borrowed 100 USD|interest 100 USD balance", True),
        ("deposited 150 USD|borrowed 100 USD|withdrawn 250 USD|borrowed 100 USD", True),
        ("deposited 150 USD|borrowed 100 USD|withdrawn 50 USD|borrowed 100 USD", False),
        ("borrowed 100 EUR|deposited 100 USD", False),
        ("okx/main borrowed 100 USD|deposited 100 USD", False),
    ],
)
def test_own_money_of_before_the_loan_or_since_it_pays_the_interest(text: str, found: bool) -> None:
    """A story of one day, then 100 USD of interest taken from the balance."""
    day = "".join(f"2025-06-01T12:00  {what}\n" for what in text.split("|"))
    book = told(day + "2025-06-01T12:00  interest  100 USD balance")
    assert ("interest_paid_by_new_loan" in kinds(book)) == found
    assert form_4952(book, 2025)["1"] in ("100.00", "200.00"), "found, not left out"


def test_a_loan_of_another_day_or_a_later_one_paid_no_interest() -> None:
    loan = "2025-06-01  borrowed  100 USD\n"
    for when in ("2025-06-02", "2025-05-31", "2025-06-01T11:59"):
        book = told(loan + f"{when}  interest  100 USD balance")
        assert "interest_paid_by_new_loan" not in kinds(book)


def test_the_day_of_a_loan_is_that_of_the_zone() -> None:
    """23:30 and 00:30 UTC are one evening in New York, and two days in London."""
    text = """
        2025-01-10T23:30  borrowed  100 USD
        2025-01-11T00:30  interest  100 USD balance
    """
    assert "interest_paid_by_new_loan" in kinds(told(text, "America/New_York"))
    assert "interest_paid_by_new_loan" not in kinds(told(text))


def test_interest_in_coin_may_be_paid_by_a_new_loan_too() -> None:
    coin = "2025-06-01  price  X 10\n2025-06-01  borrowed  5 X\n2025-06-01  interest  {} X balance"
    assert "interest_paid_by_new_loan" in kinds(told(coin.format(5)))
    own = "2025-01-01  deposited  5 X  bought 2025-01-01 for 5\n"
    assert "interest_paid_by_new_loan" not in kinds(told(own + coin.format(5)))


BELOW_ZERO = """
    2024-12-30        okx/main  borrowed   1000 USD
    2024-12-30        okx/main  bought     1 BTC  @ 1000
    2024-12-31        okx/main  borrowed   5 USD  as I1/borrowed-USD
    2024-12-31        okx/main  interest   5 USD balance  as I1
    2025-01-01T13:00  okx/main  borrowed   7 USD  as I2/borrowed-USD
    2025-01-01T13:00  okx/main  interest   7 USD balance  as I2
"""


def test_interest_that_its_own_row_lends_is_paid_when_own_money_comes_in() -> None:
    """Davison, 107 T.C. 35: charged in December on an account below zero, paid in January."""
    text = BELOW_ZERO + "2025-01-05  okx/main  deposited  2000 USD"
    book = told(text)
    assert form_4952(book, 2024).get("1") is None
    assert form_4952(book, 2025)["1"] == "12.00"
    found = [one for one in findings(book) if one["kind"] == "interest_paid_by_new_loan"]
    assert [(one["event"], one["severity"]) for one in found] == [("I1", "info"), ("I2", "info")]


def test_under_principal_first_it_is_paid_when_nothing_is_owed_any_more() -> None:
    text = f"""
        2024-01-01  policy  credits_pay principal_first
        {BELOW_ZERO}
        2025-02-01  okx/main  deposited  600 USD
        2025-02-01T13:00  okx/main  repaid  600 USD
        2026-02-01  okx/main  deposited  412 USD
        2026-02-01T13:00  okx/main  repaid  412 USD
    """
    book = told(text)
    assert [form_4952(book, year).get("1") for year in (2024, 2025, 2026)] == [None, None, "12.00"]


def test_only_the_part_that_was_lent_waits() -> None:
    text = """
        2025-01-01        okx/main  deposited  3 USD
        2025-01-02        okx/main  borrowed   5 USD  as I1/borrowed-USD
        2025-01-02        okx/main  interest   8 USD balance  as I1
        2026-01-02        okx/main  deposited  4 USD
    """
    book = told(text)
    assert [form_4952(book, year)["1"] for year in (2025, 2026)] == ["3.00", "4.00"]
