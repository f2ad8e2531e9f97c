"""Ordinary income, debt forgiven, rebates and funding."""

import pytest

from tests.story import (
    balances,
    findings,
    form_8949,
    kinds,
    lots,
    schedule_1,
    schedule_d,
    table,
    taxed,
    told,
)


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


@pytest.mark.parametrize(
    ("stated", "deficit", "income"),
    [
        ("", "recourse", {"8c": "250.00"}),
        ("", "nonrecourse", {}),
        ("recourse yes", "nonrecourse", {"8c": "250.00"}),
        ("recourse no", "recourse", {}),
    ],
)
def test_the_event_says_whether_the_debtor_answers_for_it_else_the_policy(
    stated: str, deficit: str, income: dict[str, str]
) -> None:
    """Policy `liquidation_deficit`."""
    policy = f"2025-01-01  policy  liquidation_deficit {deficit}\n"
    forced = "2025-03-01  liquidated  1 BTC  for 1000\n"
    book = told(policy + forced + f"2025-03-02  forgiven  250 USD  {stated}")
    assert schedule_1(book) == income
    assert "unknown_policy" not in kinds(book)


@pytest.mark.parametrize(
    ("by", "income"),
    [("100", {"8c": "150.00"}), ("250", {}), ("9000", {}), ("0", {"8c": "250.00"})],
)
def test_debt_forgiven_is_no_income_as_far_as_the_debtor_was_insolvent(
    by: str, income: dict[str, str]
) -> None:
    """Cases: E5; IRC 108(a)(1)(B), (a)(3): file Form 982."""
    text = "2025-03-02  forgiven  250 USD\n2025-12-31  fact  2025 insolvent_by "
    book = told(text + by)
    assert schedule_1(book) == income
    found = [row for row in findings(book) if row["kind"] == "debt_excluded"]
    assert len(found) == (by != "0")
    assert all(row["severity"] == "info" and "Form 982" in row["hint"] for row in found)
    assert "tax_fact_unreadable" in kinds(told(text + "-1"))


REBATE = """
    2025-05-01  bought    1 BTC  for 1000  fee 10
    2025-05-01  received  rebate 4 USD
    2025-06-01  sold      1 BTC  for 1500
"""


def test_a_rebate_of_fees_lowers_the_cost_of_trading() -> None:
    """Policy `rebate` price_adjustment: a short-term result of its day, without units."""
    book = told(REBATE)
    assert schedule_1(book) == {}
    assert form_8949(book, 2025) == table("""
        acquired    sold        proceeds  basis    gain    term   kind
        2025-05-01  2025-05-01  4.00      0.00     4.00    short  rebate
        2025-05-01  2025-06-01  1500.00   1010.00  490.00  short  sale
    """)
    assert form_8949(book, 2025)[0]["description"] == "USD fee rebate"
    assert schedule_d(book, 2025)["7"] == "494.00"


def test_a_rebate_may_be_ordinary_income() -> None:
    """Policy `rebate` income."""
    book = told("2025-01-01  policy  rebate income\n" + REBATE)
    assert schedule_1(book) == {"8z": "4.00"}
    assert [row["gain"] for row in form_8949(book, 2025)] == ["490.00"]


@pytest.mark.parametrize(("policy", "rows"), [("price_adjustment", ["4.00"]), ("income", [])])
def test_a_rebate_in_coin_is_a_lot_at_its_worth_under_either_reading(
    policy: str, rows: list[str]
) -> None:
    book = told(f"""
        2025-01-01  policy    rebate {policy}
        2025-05-01  received  rebate 0.1 X  worth 4
    """)
    assert [row["gain"] for row in form_8949(book, 2025)] == rows
    assert [(row["quantity"], row["basis"]) for row in lots(book)] == [("0.1", "4")]
    assert schedule_1(book) == ({"8v": "4.00"} if policy == "income" else {})


def test_a_rebate_that_nobody_can_value_is_found_and_makes_no_row() -> None:
    book = told("2025-05-01  received  rebate 0.1 X")
    assert kinds(book) == ["missing_price"]
    assert form_8949(book, 2025) == []


def test_interest_received_stands_on_schedule_b() -> None:
    """Cases: I4; Form 4952 line 4a has it too."""
    book = told("2025-06-01  received  interest 5 USDC  worth 5")
    forms = taxed(book, 2025)[1]
    assert {line: str(amount) for line, amount in forms.schedule_b.items()} == {"1": "5.00"}
    assert schedule_1(book) == {}


def test_income_is_of_the_instant_of_control() -> None:
    """Cases: I5; Rev. Rul. 2023-14: earned on day 1, sellable on day 3."""
    book = told("""
        2025-06-01  price     M 10
        2025-06-03  price     M 12
        2025-06-03  received  staking 2 M
    """)
    assert schedule_1(book) == {"8v": "24.00"}
    assert [(row["acquired"], row["basis"]) for row in lots(book)] == [("2025-06-03", "24")]


def test_a_fork_without_units_received_changes_nothing() -> None:
    """Cases: I6; Rev. Rul. 2019-24, Situation 1: nothing was received, nothing is recorded."""
    book = told("2025-01-01  bought  1 M  for 100")
    assert schedule_1(book) == {}
    assert [row["basis"] for row in lots(book)] == ["100"]


PERPETUAL = """
    2025-06-01  funding   12 USD PERP
    2025-06-02  funding   -20 USD PERP
    2025-06-03  contract  PERP 100 USD
"""


def test_funding_apart_is_income_where_received_and_nothing_where_paid() -> None:
    """Cases: I3; policy `funding` split: capital 100.00, the funding apart (IRC 67(g))."""
    net, split = told(PERPETUAL), told("2025-01-01  policy  funding split\n" + PERPETUAL)
    assert (schedule_d(net, 2025)["16"], schedule_d(split, 2025)["16"]) == ("92.00", "100.00")
    assert (schedule_1(net), schedule_1(split)) == ({}, {"8z": "12.00"})
    assert taxed(net, 2025)[1].funding == {}
    forms = taxed(split, 2025)[1]
    assert {name: str(a) for name, a in forms.funding.items()} == {
        "received": "12.00",
        "paid": "20.00",
    }
    assert ("funding_not_deductible", "info") in {(f.kind, f.severity) for f in forms.findings}
    assert balances(split) == balances(net)


@pytest.mark.parametrize(("amount", "gains", "held"), [("2", [], "12"), ("-2", ["180.00"], "8")])
def test_funding_in_coin_moves_coins_at_their_worth_under_either_reading(
    amount: str, gains: list[str], held: str
) -> None:
    """Split: coins received are a lot at their worth, coins paid are disposed of."""
    book = told(f"""
        2025-01-01  policy     funding split
        2025-01-01  deposited  10 X  bought 2025-01-01 for 100
        2025-06-01  price      X 100
        2025-06-01  funding    {amount} X PERP
    """)
    assert [row["gain"] for row in form_8949(book, 2025)] == gains
    assert sum(float(row["quantity"]) for row in lots(book)) == float(held)


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


def test_the_owner_may_state_what_income_was_worth() -> None:
    """The basis of units received as income is what was included (Rev. Rul. 2023-14)."""
    book = told("""
        2025-06-01  received  staking 0.1 ETH  as reward
        2025-06-02  stated    kraken/main#reward  lots 2025-06-01:0.1:300
    """)
    assert schedule_1(book) == {"8v": "300.00"}
    assert [row["basis"] for row in lots(book)] == ["300"]
    assert kinds(book) == []


def test_what_the_event_says_income_was_worth_comes_first() -> None:
    book = told("""
        2025-06-01  received  staking 0.1 ETH  worth 250  as reward
        2025-06-02  stated    kraken/main#reward  lots 2025-06-01:0.1:300
    """)
    assert schedule_1(book) == {"8v": "250.00"}


def test_a_stated_worth_of_other_units_does_not_count() -> None:
    book = told("""
        2025-06-01  received  staking 0.1 ETH  as reward
        2025-06-02  stated    kraken/main#reward  lots 2025-06-01:0.2:300
    """)
    assert kinds(book) == ["missing_price"]


@pytest.mark.parametrize(
    ("amount", "funding", "lines"),
    [
        ("0.50", {"received": "0.50", "paid": "0.00"}, {"8z": "0.50"}),
        ("-0.50", {"received": "0.00", "paid": "0.50"}, {}),
        ("0", {}, {}),
    ],
)
def test_funding_apart_is_received_or_paid_however_little(
    amount: str, funding: dict[str, str], lines: dict[str, str]
) -> None:
    """Policy `funding` split: both sides are shown where there is either."""
    book = told(f"2025-01-01 policy funding split\n 2025-06-01 funding {amount} USD PERP")
    said = {name: str(a) for name, a in taxed(book, 2025)[1].funding.items()}
    assert said == funding
    assert schedule_1(book) == lines


def test_funding_that_nobody_can_value_is_found_and_fills_no_line() -> None:
    book = told("2025-01-01 policy funding split\n 2025-06-01 funding 2 X PERP")
    assert schedule_1(book) == {}
    assert "missing_price" in kinds(book)
