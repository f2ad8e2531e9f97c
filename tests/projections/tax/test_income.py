"""Ordinary income, debt forgiven, and section 1256 contracts."""

import pytest

from tests.story import Story, balances, form_8949, kinds, lots, schedule_d, table, taxed, told


def schedule_1(book: Story, year: int = 2025) -> dict[str, str]:
    return {line: str(amount) for line, amount in taxed(book, year)[1].schedule_1.items()}


def test_staking_is_income_at_its_worth_and_its_lot_has_that_basis() -> None:
    """Cases: I1; Rev. Rul. 2023-14: held from the next day."""
    book = told("""
        2024-06-01  received  staking 0.1 ETH  worth 300
        2025-06-01  sold      0.05 ETH  for 160
        2025-06-02  sold      0.05 ETH  for 160
    """)
    assert schedule_1(book, 2024) == {"8v": "300.00"}
    assert form_8949(book, 2025) == table("""
        acquired    basis   gain   term
        2024-06-01  150.00  10.00  short
        2024-06-01  150.00  10.00  long
    """)


def test_a_bonus_is_income_and_later_a_gain() -> None:
    """Cases: I2."""
    book = told("""
        2025-06-01  received  bonus 1 ETH  worth 50
        2025-07-01  sold      1 ETH  for 80
    """)
    assert schedule_1(book) == {"8v": "50.00"}
    assert [row["gain"] for row in form_8949(book, 2025)] == ["30.00"]


def test_a_commission_withheld_from_a_reward_is_of_the_units_just_received() -> None:
    """All that was earned is income; what was withheld is sold at its basis."""
    book = told("""
        2025-06-01  deposited  1 ETH  bought 2025-01-01 for 10
        2025-06-02  received   staking 1 ETH  worth 100  as reward
        2025-06-02  charged    0.1 ETH  of reward
    """)
    assert schedule_1(book) == {"8v": "100.00"}
    assert form_8949(book, 2025) == table("""
        lot     quantity  proceeds  basis  gain
        reward  0.1       10.00     10.00  0.00
    """)
    assert [row["basis"] for row in lots(book)] == ["10", "90"]


def test_income_without_a_value_is_worth_the_price_of_that_day() -> None:
    book = told("""
        2025-06-01  price     ETH 3000
        2025-06-01  received  reward 0.1 ETH
    """)
    assert schedule_1(book) == {"8v": "300.00"}
    assert [row["basis"] for row in lots(book)] == ["300"]


def test_income_that_nobody_can_value_is_found() -> None:
    book = told("2025-06-01  received  reward 0.1 ETH")
    assert kinds(book) == ["missing_price"]
    assert [row["basis"] for row in lots(book)] == ["-"]


def test_income_in_money_is_other_income_and_no_lot() -> None:
    book = told("2025-06-01  received  bonus 25 USD")
    assert schedule_1(book) == {"8z": "25.00"}
    assert lots(book) == []


def test_a_debt_forgiven_after_a_liquidation_is_income_and_changes_no_gain() -> None:
    """Cases: E5; IRC 61(a)(11)."""
    text = """
        2025-02-01  bought      1 BTC  @ 60000
        2025-02-01  deposited   50000 USD
        2025-03-01  liquidated  1 BTC  @ 10000  penalty 250
    """
    before, after = told(text), told(text + "2025-03-02  forgiven  250 USD")
    assert [row["held"] for row in balances(before)] == ["-250"]
    assert balances(after) == []
    assert schedule_1(before) == {}
    assert schedule_1(after) == {"8c": "250.00"}
    assert form_8949(after, 2025) == form_8949(before, 2025)


def test_a_section_1256_gain_is_sixty_forty_on_schedule_d_and_off_form_8949() -> None:
    """Cases: H1; IRC 1256(a)(3)."""
    book = told("2025-06-01  contract  CME 10000 USD  section_1256 yes")
    assert {line: str(a) for line, a in taxed(book, 2025)[1].form_6781.items()} == {
        "1": "10000.00",
        "5": "10000.00",
        "7": "10000.00",
        "8": "4000.00",
        "9": "6000.00",
    }
    assert schedule_d(book, 2025) == {
        "4": "4000.00",
        "7": "4000.00",
        "11": "6000.00",
        "15": "6000.00",
        "16": "10000.00",
    }
    assert form_8949(book, 2025) == []


def test_a_perpetual_and_its_funding_are_a_net_capital_result() -> None:
    """Cases: I3; policy `funding` net."""
    book = told("""
        2025-06-01  funding   12 USD PERP
        2025-06-02  funding   -20 USD PERP
        2025-06-03  contract  PERP 100 USD  fee 1
    """)
    assert sum(float(row["gain"]) for row in form_8949(book, 2025)) == 91
    assert schedule_d(book, 2025)["16"] == "91.00"
    assert balances(book) == table("""
        asset  held
        USD    91
    """)


@pytest.mark.parametrize(("amount", "gains"), [("2", ["200.00"]), ("-2", ["180.00", "-200.00"])])
def test_a_contract_settled_in_coin_moves_coins_at_their_worth(
    amount: str, gains: list[str]
) -> None:
    book = told(f"""
        2025-01-01  deposited  10 X  bought 2025-01-01 for 100
        2025-06-01  price      X 100
        2025-06-01  contract   PERP {amount} X
    """)
    assert [row["gain"] for row in form_8949(book, 2025)] == gains
    held = sum(float(row["quantity"]) for row in lots(book))
    assert held == float(balances(book)[0]["held"]) == 10 + float(amount)
