"""What was earned: by hand, in the eyes of a trader."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import Calendar
from domain.money import exact
from projections.decisions import Decisions
from projections.performance.performance import Performance
from projections.performance.results import AccountResult, PerformanceReport, performed
from projections.replay import replay
from projections.report import Report
from tests.story import Story, told


def report(
    text: str | Story,
    account: str | None = None,
    since: str | None = None,
    until: str | None = None,
    currency: str = "USD",
) -> PerformanceReport:
    """The report of a story, with its curve."""
    book = told(text) if isinstance(text, str) else text
    decisions = Decisions(book.log)
    begin, end = (None if at is None else datetime.fromisoformat(at) for at in (since, until))
    fold = Performance(currency, Calendar(ZoneInfo(book.zone)), decisions, account, begin)
    happened = [r for r in book.replayed if end is None or r.event.at <= end]
    turns, voided = fold.turns, decisions.voided
    replay(happened, *fold.projections, voided=voided, turns=turns, until=end)
    with exact():
        fold.close(end)
        return performed(fold, curve=True)


def figures(result: Report, *names: str) -> str:
    """Some figures of a result, as the report prints them."""
    said = result.to_dict()
    return " ".join(f"{name} {said[name]}" for name in names)


def not_zero(account: AccountResult) -> dict[str, str]:
    """Every line that is not zero."""
    said = account.to_dict()
    return {n: v for n, v in said.items() if isinstance(v, str) and v not in ("0", "book")}


def rows(results: tuple[Report, ...], *names: str) -> list[str]:
    return [" ".join(str(one.to_dict()[name]) for name in names) for one in results]


# A loan is no income --------------------------------------------------------------------------

LOAN = """
    2025-01-01  deposited  10000 USD
    2025-01-01  borrowed   10000 USD
    2025-01-01  bought     2 BTC  @ 10000
    2025-02-01  price      BTC 11000
"""


def test_a_loan_never_looks_like_income() -> None:
    """10,000 of one's own and 10,000 lent buy 2 BTC; 10 % more is 2,000, 20 % of one's own."""
    total = report(LOAN).total
    assert not_zero(total) == {
        "net_worth": "12000",
        "deposited": "10000",
        "profit": "2000",
        "unrealised": "2000",
        "time_weighted": "0.2",
        "return_on_capital": "0.2",
        "money_weighted": str(total.to_dict()["money_weighted"]),
    }


def test_repaying_a_loan_changes_nothing_but_what_is_realised() -> None:
    """1 BTC is sold for 11,000: of them 10,000 go back."""
    total = report(
        LOAN + "2025-02-01T13:00  sold 1 BTC  @ 11000\n2025-02-01T14:00  repaid 10000 USD"
    ).total
    names = ("net_worth", "deposited", "withdrawn", "profit", "realised", "unrealised")
    assert figures(total, *names) == (
        "net_worth 12000 deposited 10000 withdrawn 0 profit 2000 realised 1000 unrealised 1000"
    )
    assert figures(total, "time_weighted", "return_on_capital") == (
        "time_weighted 0.2 return_on_capital 0.2"
    )


def test_interest_costs_when_it_is_charged_whenever_it_is_paid() -> None:
    text = LOAN + "2025-02-02  interest 100 USD debt\n"
    names = ("profit", "interest", "interest_paid", "interest_owed")
    owed = report(text).total
    assert figures(owed, *names) == "profit 1900 interest 100 interest_paid 0 interest_owed 100"
    paid = report(
        text + "2025-02-03  sold 1 BTC  @ 11000\n2025-02-04  repaid 10000 USD  interest 100"
    )
    assert figures(paid.total, *names) == (
        "profit 1900 interest 100 interest_paid 100 interest_owed 0"
    )


@pytest.mark.parametrize("paid", ["interest 100 USD balance", "repaid 10000 USD  interest 100"])
def test_interest_that_was_not_charged_before_costs_when_it_is_paid(paid: str) -> None:
    text = LOAN + f"2025-02-02  sold 1 BTC  @ 11000\n2025-02-03  {paid}"
    names = ("profit", "interest", "interest_paid", "interest_owed")
    assert figures(report(text).total, *names) == (
        "profit 1900 interest 100 interest_paid 100 interest_owed 0"
    )


def test_interest_in_coin_is_owed_at_its_mark_and_was_charged_at_its_worth_then() -> None:
    """0.1 BTC is charged at 10,000 and stands at 12,000: 1,000 is interest, 200 unrealised."""
    total = report("""
        2025-01-01  deposited  10000 USD
        2025-01-01  price      BTC 10000
        2025-01-01  interest   0.1 BTC debt
        2025-01-02  price      BTC 12000
    """).total
    names = ("net_worth", "profit", "unrealised", "interest", "interest_paid", "interest_owed")
    assert figures(total, *names) == (
        "net_worth 8800 profit -1200 unrealised -200"
        " interest 1000 interest_paid 0 interest_owed 1200"
    )


def test_forgiven_debt_is_a_gain_of_its_own() -> None:
    total = report("""
        2025-01-01  deposited  100 USD
        2025-01-01  borrowed   1000 USD
        2025-01-01  bought     1 BTC  @ 1100
        2025-02-01  sold       1 BTC  @ 900
        2025-02-01  repaid     900 USD
        2025-02-02  forgiven   100 USD
    """).total
    names = ("net_worth", "profit", "realised", "forgiven")
    assert figures(total, *names) == "net_worth 0 profit -100 realised -200 forgiven 100"


# Average cost ---------------------------------------------------------------------------------


def test_units_are_sold_at_their_average_cost() -> None:
    """1 at 100 and 3 at 200 cost 175 each; 2 sold at 300 earn 250."""
    total = report("""
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     1 X  @ 100
        2025-01-02  bought     3 X  @ 200  fee 1
        2025-01-03  sold       2 X  @ 300  fee 2
    """).total
    names = ("asset", "quantity", "average_entry", "realised", "unrealised")
    assert rows(total.assets, *names) == ["X 2 175 250 250"]
    assert figures(total, "profit", "fees") == "profit 497 fees 3"


def test_a_short_of_borrowed_coins_is_units_below_zero() -> None:
    """2 borrowed X are sold at 100 and bought back at 70 and 90: 30 + 10 less 5 of interest."""
    text = """
        2025-01-01  deposited  1000 USD
        2025-01-01  price      X 100
        2025-01-01  borrowed   2 X
        2025-01-01  sold       2 X  @ 100
    """
    assert rows(report(text).total.assets, "quantity", "average_entry") == ["-2 100"]
    total = report(
        text
        + """
        2025-01-02  bought     1 X  @ 70
        2025-01-03  bought     1 X  @ 90
        2025-01-04  repaid     2 X
        2025-01-04  interest   5 USD balance
    """
    ).total
    names = ("net_worth", "profit", "realised", "unrealised", "interest_paid")
    assert figures(total, *names) == (
        "net_worth 1035 profit 35 realised 40 unrealised 0 interest_paid 5"
    )


def test_units_that_go_through_zero_are_split_there() -> None:
    """1 long at 100, 3 sold at 150: 50 earned, 2 short at 150; 3 bought at 100: 100, 1 long."""
    total = report("""
        2025-01-01  deposited  1000 USD
        2025-01-01  borrowed   2 X
        2025-01-01  bought     1 X  @ 100
        2025-01-02  sold       3 X  @ 150
        2025-01-03  bought     3 X  @ 100
    """).total
    names = ("quantity", "average_entry", "realised", "unrealised")
    assert rows(total.assets, *names) == ["1 100 150 0"]


def test_a_coin_that_pays_a_fee_is_parted_with_at_its_mark() -> None:
    """1 Y cost 10 and pays a fee when it is worth 25: a fee of 25, and 15 earned."""
    total = report("""
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     2 Y  @ 10
        2025-01-02  price      Y 25
        2025-01-02  bought     1 X  @ 100  fee 1 Y
    """).total
    assert rows(total.assets, "asset", "realised", "unrealised") == ["X 0 0", "Y 15 15"]
    assert figures(total, "profit", "fees") == "profit 5 fees 25"


def test_coins_are_changed_at_what_the_quote_is_worth() -> None:
    """10 ETH for 1 BTC, which cost 100 and is worth 300."""
    total = report("""
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     1 BTC  @ 100
        2025-01-02  price      BTC 300
        2025-01-02  bought     10 ETH  @ 0.1 BTC
        2025-01-03  price      ETH 40
    """).total
    assert rows(total.assets, "asset", "quantity", "average_entry", "realised", "unrealised") == [
        "BTC 0 None 200 0",
        "ETH 10 30 0 100",
    ]


def test_where_the_quote_has_no_price_a_trade_is_worth_what_the_asset_is() -> None:
    total = report("""
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     1 BTC  @ 100
        2025-01-02  price      BTC 300
        2025-01-02  sold       1 BTC  @ 50 NEW
    """).total
    assert rows(total.assets, "asset", "average_entry", "realised", "unrealised") == [
        "BTC None 200 0",
        "NEW 6 0 None",
    ]


def test_money_of_another_currency_is_an_asset_like_others() -> None:
    total = report("""
        2025-01-01  price      EUR 1.10
        2025-01-01  deposited  100 EUR
        2025-01-02  price      EUR 1.20
    """).total
    assert rows(total.assets, "asset", "average_entry", "unrealised") == ["EUR 1.1 10"]


def test_the_books_own_currency_is_its_measure() -> None:
    total = report(
        """
        2025-01-01  price      USD 0.9 quote EUR
        2025-01-01  deposited  100 EUR
        2025-01-01  sold       50 EUR  @ 1.1 USD
    """,
        currency="EUR",
    ).total
    assert rows(total.assets, "asset", "quantity", "average_entry", "unrealised") == [
        "USD 55 0.9090909090909090909090909091 -0.5"
    ]
    assert figures(total, "net_worth", "deposited") == "net_worth 99.5 deposited 100"


# Positions and derivatives ------------------------------------------------------------------------

POSITION = """
    2025-01-01  deposited  1000 USD
    2025-01-01  bought     2 X  @ 100  on p  leverage 5  fee 1
    2025-01-02  bought     2 X  @ 200  on p  leverage 5  fee 2
"""


def test_a_leveraged_long_with_fees_and_rollover() -> None:
    """4 at 150 on average, 1 sold at 190: 40 earned; 3 stand at 190: 120."""
    total = report(
        POSITION
        + """
        2025-01-03  interest   3 USD balance
        2025-01-04  sold       1 X  @ 190  on p  fee 1
    """
    ).total
    names = ("position", "side", "quantity", "average_entry", "realised", "unrealised", "status")
    assert rows(total.positions, *names) == ["p long 3 150 40 120 open"]
    assert figures(total, "net_worth", "profit", "realised", "fees", "interest_paid") == (
        "net_worth 1153 profit 153 realised 40 fees 4 interest_paid 3"
    )
    assert total.assets == ()


def test_a_position_that_flips_earns_on_what_it_closes() -> None:
    total = report(POSITION + "2025-01-03  sold  6 X  @ 180  on p").total
    names = ("side", "quantity", "average_entry", "realised", "unrealised", "status")
    assert rows(total.positions, *names) == ["short 2 180 120 0 open"]


def test_a_short_position_earns_when_the_price_falls() -> None:
    total = report("""
        2025-01-01  deposited  1000 USD
        2025-01-01  sold       2 X  @ 100  on s  leverage 5
        2025-01-02  bought     2 X  @ 70   on s
    """).total
    names = ("side", "quantity", "average_entry", "realised", "unrealised", "status")
    assert rows(total.positions, *names) == ["short 0 None 60 0 closed"]
    assert figures(total, "profit") == "profit 60"


def test_a_liquidation_costs_its_loss_and_its_penalty() -> None:
    total = report(POSITION + "2025-01-03  liquidated  4 X  @ 50  on p  fee 1  penalty 10").total
    assert rows(total.positions, "quantity", "realised", "status") == ["0 -400 liquidated"]
    assert figures(total, "net_worth", "profit", "realised", "fees", "penalties") == (
        "net_worth 586 profit -414 realised -400 fees 4 penalties 10"
    )


def test_a_position_that_is_delivered_was_bought_for_what_is_paid() -> None:
    total = report(POSITION + "2025-01-03  settled  p 4 X  for 600\n2025-01-03  price X 170").total
    assert rows(total.positions, "quantity", "realised", "status") == ["0 0 delivered"]
    assert rows(total.assets, "quantity", "average_entry", "unrealised") == ["4 150 80"]
    assert figures(total, "profit", "fees") == "profit 77 fees 3"


def test_a_short_that_is_delivered_sells_own_units() -> None:
    total = report("""
        2025-01-01  price      X 80
        2025-01-01  deposited  2 X  bought 2024-01-01 for 1
        2025-01-02  sold       2 X  @ 100  on s  leverage 5
        2025-01-03  settled    s 2 X  for 200
    """).total
    assert rows(total.positions, "quantity", "realised", "status") == ["0 0 delivered"]
    assert rows(total.assets, "quantity", "realised") == ["0 40"]
    assert figures(total, "net_worth", "profit") == "net_worth 200 profit 40"


def test_a_position_in_a_coin_earns_that_coin() -> None:
    """10 ETH at 0.1 BTC, sold at 0.15: 0.5 BTC, worth 200 when it was earned and 250 now."""
    total = report("""
        2025-01-01  price      BTC 300
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     10 ETH  @ 0.1 BTC   on p  leverage 2
        2025-01-02  price      BTC 400
        2025-01-02  sold       10 ETH  @ 0.15 BTC  on p
        2025-01-03  price      BTC 500
    """).total
    assert rows(total.positions, "quote", "realised", "unrealised") == ["BTC 200 0"]
    assert rows(total.assets, "asset", "quantity", "average_entry", "unrealised") == [
        "BTC 0.5 400 50"
    ]
    assert figures(total, "profit") == "profit 250"


def test_an_open_position_in_a_coin_lives_of_both_prices() -> None:
    total = report("""
        2025-01-01  price      BTC 300
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     10 ETH  @ 0.1 BTC   on p  leverage 2
        2025-01-02  price      BTC 400
        2025-01-02  price      ETH 50
    """).total
    assert rows(total.positions, "average_entry", "unrealised") == ["0.1 100"]
    assert figures(total, "net_worth", "profit") == "net_worth 1100 profit 100"


def test_a_name_of_a_position_may_be_used_again_for_another_coin() -> None:
    total = report("""
        2025-01-01  price      EUR 2
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     1 X  @ 100  on p  leverage 5
        2025-01-02  sold       1 X  @ 130  on p
        2025-01-03  sold       2 Y  @ 10 EUR  on p
        2025-01-04  price      Y 15
    """).total
    names = ("asset", "quote", "side", "quantity", "average_entry", "realised", "unrealised")
    assert rows(total.positions, *names) == ["Y EUR short 2 10 30 10"]
    assert figures(total, "net_worth", "profit") == "net_worth 1040 profit 40"


def test_contracts_tell_their_results_and_their_funding() -> None:
    total = report("""
        2025-01-01  deposited  1000 USD
        2025-01-02  funding    -5 USD PERP
        2025-01-03  funding    2 USD PERP
        2025-01-04  contract   PERP 50 USD  fee 1
    """).total
    assert rows(total.contracts, "contract", "realised", "funding") == ["PERP 50 -3"]
    assert figures(total, "profit", "realised", "funding", "fees") == (
        "profit 46 realised 50 funding -3 fees 1"
    )


def test_income_is_a_line_of_its_own_and_no_flow() -> None:
    total = report("""
        2025-01-01  price     X 10
        2025-01-01  received  staking 2 X  worth 18
        2025-01-02  received  staking 1 X
    """).total
    assert figures(total, "deposited", "income", "unrealised", "profit") == (
        "deposited 0 income 28 unrealised 2 profit 30"
    )


def test_income_in_the_books_own_currency_is_what_came_in() -> None:
    total = report("2025-01-01  received  bonus 5 USD  worth 4").total
    assert figures(total, "net_worth", "income", "profit") == "net_worth 5 income 5 profit 5"


# Flows ----------------------------------------------------------------------------------------


def test_a_deposit_in_the_middle_leaves_the_time_weighted_return_alone() -> None:
    """10 % in the first half year, 10 % in the second: 21 %, whatever came in between. By money:
    1000 x 1.2087 + 5500 x 1.2087 ** (184 / 365) = 7260, less, as the second half has more days.
    """
    text = """
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     10 X  @ 100
        2025-07-01  price      X 110
        {}
        2026-01-01  price      X 121
    """
    plain = report(text.format("")).total
    more = report(
        text.format("2025-07-01  deposited 5500 USD\n2025-07-01  bought 50 X @ 110")
    ).total
    assert plain.time_weighted == more.time_weighted == Decimal("0.21")
    assert plain.money_weighted == Decimal("0.21")
    assert more.money_weighted is not None
    assert f"{more.money_weighted:.4f}" == "0.2087"
    assert figures(more, "profit", "return_on_capital") == (
        "profit 760 return_on_capital 0.1169230769230769230769230769"
    )


@pytest.mark.parametrize("word", ["withdrawn", "spent", "given"])
def test_what_leaves_is_no_loss_and_its_gain_was_earned(word: str) -> None:
    total = report(f"""
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     10 X  @ 100
        2025-07-01  price      X 110
        2025-07-01  {word}     5 X  fee 1
    """).total
    names = ("net_worth", "deposited", "withdrawn", "profit", "realised", "unrealised", "fees")
    assert figures(total, *names) == (
        "net_worth 440 deposited 1000 withdrawn 550 profit -10 realised 60 unrealised 40 fees 110"
    )
    assert figures(total, "time_weighted") == "time_weighted -0.01"


TRANSFER = """
    2025-01-01  kraken/main  deposited    1000 USD
    2025-01-01  kraken/main  bought       10 X  @ 100
    2025-02-01  price        X 110
    2025-02-01  kraken/main  transferred  5 X  fee 1  to self/wallet
    2025-03-01  price        X 120
"""


def test_a_transfer_is_a_flow_of_its_accounts_and_none_of_the_book() -> None:
    found = report(TRANSFER)
    names = ("account", "net_worth", "deposited", "withdrawn", "profit", "realised", "unrealised")
    assert rows(found.accounts, *names) == [
        "kraken/main 480 1000 550 30 60 80",
        "self/wallet 600 550 0 50 0 50",
    ]
    assert rows((found.total,), *names) == ["book 1080 1000 0 80 10 180"]
    assert rows(found.total.assets, "quantity", "average_entry") == ["9 100"]
    assert len(found.curve) == 4, "the deposit, and three days"


def test_asked_for_one_account_its_transfers_are_flows() -> None:
    found = report(TRANSFER, "self/wallet")
    assert [account.account for account in found.accounts] == ["self/wallet"]
    assert figures(found.total, "account", "deposited", "profit") == (
        "account self/wallet deposited 550 profit 50"
    )
    assert found.total.time_weighted is not None
    assert f"{found.total.time_weighted:.6f}" == "0.090909"


LINKED = """
    2025-01-01  price        X 100
    2025-01-01  kraken/main  deposited  10 X  bought 2025-01-01 for 1
    2025-02-01  kraken/main  withdrawn  10 X  as out
    2025-02-02  price        X 110
    2025-02-03  okx/main     deposited  {} X  as in
    2025-02-03  linked       kraken/main#out okx/main#in
"""


@pytest.mark.parametrize(
    ("arrived", "expected"),
    [
        ("10", "net_worth 1100 deposited 1000 withdrawn 0 profit 100 fees 0"),
        ("9", "net_worth 990 deposited 1000 withdrawn 0 profit -10 fees 110"),
        ("11", "net_worth 1210 deposited 1110 withdrawn 0 profit 100 fees 0"),
    ],
)
def test_linked_legs_are_one_transfer(arrived: str, expected: str) -> None:
    total = report(LINKED.format(arrived)).total
    assert figures(total, "net_worth", "deposited", "withdrawn", "profit", "fees") == expected


def test_units_on_their_way_are_the_books_own() -> None:
    found = report(LINKED.format("10"), until="2025-02-02T12:00Z")
    assert figures(found.total, "net_worth", "profit") == "net_worth 1100 profit 100"
    assert [one.kind for one in found.findings] == ["unpaired_transfer"]


def test_a_leg_that_arrives_before_it_left_is_counted_once() -> None:
    text = LINKED.format("10").replace("2025-02-01  kraken", "2025-02-04  kraken")
    found = report(text)
    names = ("net_worth", "deposited", "withdrawn", "profit")
    assert figures(found.total, *names) == "net_worth 1100 deposited 2100 withdrawn 1100 profit 100"
    assert found.findings == ()


def test_a_leg_that_is_told_to_arrive_a_little_early_is_no_flow_of_the_book() -> None:
    """Two clocks, or one instant of which the deposit was recorded first."""
    text = LINKED.format("10").replace("2025-02-01  kraken", "2025-02-03T12:10  kraken")
    found = report(text)
    names = ("net_worth", "deposited", "withdrawn", "profit")
    assert figures(found.total, *names) == "net_worth 1100 deposited 1000 withdrawn 0 profit 100"
    assert found.findings == ()


def test_what_arrives_in_another_coin_is_no_part_of_the_transfer() -> None:
    text = LINKED.format("10").replace("deposited  10 X  as in", "deposited  10 USD  as in")
    found = report(text)
    names = ("net_worth", "deposited", "withdrawn")
    assert figures(found.total, *names) == "net_worth 1110 deposited 1010 withdrawn 0"
    assert rows(found.findings, "kind", "event") == ["unpaired_transfer out"]


def test_own_capital_is_at_most_what_was_in_at_one_time() -> None:
    total = report("""
        2025-01-01  deposited  1000 USD
        2025-01-02  withdrawn  900 USD
        2025-01-03  deposited  200 USD
        2025-01-04  contract   PERP 100 USD
    """).total
    assert figures(total, "profit", "return_on_capital") == "profit 100 return_on_capital 0.1"


# A period -------------------------------------------------------------------------------------


def test_a_period_begins_with_what_stands_there() -> None:
    """January earned 100, half of it realised; February 150: 5 units at 10 more, and 100 on 5."""
    text = """
        2025-01-01  deposited  1000 USD
        2025-01-01  bought     10 X  @ 100  fee 1
        2025-01-31  sold       5 X   @ 110  fee 1
        2025-02-10  price      X 120
        2025-02-20  sold       5 X   @ 130  fee 1
        2025-03-10  deposited  5 USD
    """
    found = report(text, since="2025-02-01T00:00Z", until="2025-02-28T23:59Z")
    total = found.total
    names = ("net_worth_before", "net_worth", "deposited", "profit", "realised", "unrealised")
    assert figures(total, *names, "unrealised_before", "fees") == (
        "net_worth_before 1098 net_worth 1197 deposited 0 profit 99 realised 150 unrealised 0"
        " unrealised_before 50 fees 1"
    )
    assert total.time_weighted is not None
    assert f"{total.time_weighted:.6f}" == f"{Decimal(99) / 1098:.6f}"
    assert rows(found.curve, "at", "net_worth", "profit", "net_flows") == [
        "2025-02-01T00:00:00Z 1098 0 0",
        "2025-02-10T23:59:59.999999Z 1148 50 0",
        "2025-02-20T23:59:59.999999Z 1197 99 0",
    ]
    assert (found.to_dict()["from"], found.to_dict()["to"]) == (
        "2025-02-01T00:00:00Z",
        "2025-02-28T23:59:00Z",
    )


def test_a_period_lists_what_was_there_or_moved_in_it() -> None:
    """Of a position that was partly closed before, only what was earned since."""
    text = (
        POSITION
        + """
        2025-01-03  sold       1 X  @ 250  on p
        2025-01-03  bought     1 Z  @ 10
        2025-01-03  sold       1 Z  @ 20
        2025-01-03  bought     1 X  @ 100  on old
        2025-01-04  sold       1 X  @ 200  on old
        2025-02-01  sold       1 X  @ 170  on p
        2025-02-01  bought     1 Y  @ 10
        2025-02-02  sold       1 Y  @ 10
    """
    )
    total = report(text, since="2025-01-31T00:00Z").total
    assert rows(total.positions, "position", "quantity", "realised") == ["p 2 20"]
    assert rows(total.assets, "asset", "quantity", "realised") == ["Y 0 0"]


def test_a_period_before_everything_begins_with_nothing() -> None:
    found = report(LOAN, since="2024-01-01T00:00Z")
    assert figures(found.total, "net_worth_before", "profit", "time_weighted") == (
        "net_worth_before 0 profit 2000 time_weighted 0.2"
    )
    assert rows(found.curve, "net_worth") == ["10000", "10000", "12000"]


def test_a_whole_year_is_a_year_to_the_money_weighted_return() -> None:
    text = """
        2024-12-01  deposited  1000 USD
        2024-12-01  bought     10 X  @ 100
        2025-12-01  price      X 110
    """
    found = report(text, since="2025-01-01T00:00Z", until="2025-12-31T23:59:59Z").total
    assert figures(found, "money_weighted") == "money_weighted 0.1"


def test_a_period_may_hold_nothing_at_all() -> None:
    found = report(LOAN, since="2026-01-01T00:00Z")
    assert figures(found.total, "net_worth_before", "profit", "time_weighted") == (
        "net_worth_before 12000 profit 0 time_weighted 0"
    )
    assert report("2025-01-01  elected hifo").since is None


# The curve ------------------------------------------------------------------------------------


def test_the_curve_has_a_point_a_day_and_one_a_flow() -> None:
    """Days end in the book's zone: 03:00 UTC is still the day before in New York."""
    book = told(
        """
        2025-01-01          price      X 100
        2025-01-02          deposited  1000 USD
        2025-01-02T13:00    borrowed   500 USD
        2025-01-02T14:00    bought     10 X  @ 100
        2025-01-03T03:00    price      X 110
        2025-01-04          withdrawn  100 USD
    """,
        zone="America/New_York",
    )
    found = report(book)
    assert rows(found.curve, "at", "net_worth", "net_flows", "debt", "profit") == [
        "2025-01-02T12:00:00Z 1000 1000 0 0",
        "2025-01-03T04:59:59.999999Z 1100 1000 500 100",
        "2025-01-04T12:00:00Z 1000 900 500 100",
        "2025-01-04T12:00:00Z 1000 900 500 100",
    ]


def test_a_price_of_the_quote_moves_what_is_quoted_in_it() -> None:
    found = report("""
        2025-01-01  price      EUR 1
        2025-01-01  price      X 100 quote EUR
        2025-01-01  deposited  1 X  bought 2024-01-01 for 5
        2025-01-02  price      EUR 1.5
        2025-01-03  price      EUR 2
    """)
    assert rows(found.curve, "net_worth") == ["100", "100", "150", "200"]


def test_a_period_begins_with_the_first_event_that_is_no_price() -> None:
    found = report("2020-01-01  price  X 1\n" + LOAN)
    assert found.to_dict()["from"] == "2025-01-01T12:00:00Z"


# What is missing ------------------------------------------------------------------------------


def test_a_deposit_without_a_price_is_unknown_and_so_is_what_hangs_on_it() -> None:
    found = report("""
        2025-01-01  deposited  1 X  bought 2024-01-01 for 5  as d
        2025-01-01  deposited  100 USD
        2025-01-02  price      X 10
        2025-01-03  sold       0.5 X  @ 12  fee 1
    """)
    names = ("net_worth", "deposited", "profit", "realised", "unrealised", "fees", "time_weighted")
    assert figures(found.total, *names) == (
        "net_worth 111 deposited None profit None realised None unrealised None fees 1"
        " time_weighted None"
    )
    assert rows(found.findings, "kind", "event", "asset", "severity") == ["missing_price d X error"]
    assert found.total.reasons == {
        "time_weighted": "a price is missing at 2025-01-01T12:00:00Z",
        "money_weighted": "a price is missing",
    }


def test_a_later_period_knows_its_profit_though_a_cost_before_it_is_unknown() -> None:
    text = """
        2025-01-01  deposited  1 X  bought 2024-01-01 for 5  as d
        2025-01-02  price      X 10
        2025-01-04  price      X 12
        {}
    """
    found = report(text.format(""), since="2025-01-03T00:00Z")
    assert figures(found.total, "profit", "realised", "unrealised", "time_weighted") == (
        "profit 2 realised 0 unrealised None time_weighted 0.2"
    )
    assert rows(found.findings, "kind", "event") == ["missing_price d"]
    sold = report(text.format("2025-01-04  sold 1 X @ 12"), since="2025-01-05T00:00Z")
    assert sold.findings == (), "nothing that is left hangs on it"


def test_an_unknown_cost_is_over_when_all_its_units_are_gone() -> None:
    total = report("""
        2025-01-01  deposited  1 X  bought 2024-01-01 for 5
        2025-01-02  sold       1 X  @ 12
        2025-01-03  bought     2 X  @ 3
        2025-01-04  sold       1 X  @ 4
    """).total
    names = ("quantity", "average_entry", "realised", "unrealised")
    assert rows(total.assets, *names) == ["1 3 None 1"]


def test_units_without_a_mark_leave_the_net_worth_unknown() -> None:
    found = report("""
        2025-01-01  deposited  100 USD
        2025-01-01  price      BTC 100
        2025-01-02  bought     1 BTC  @ 100
        2025-01-03  sold       1 BTC  @ 7 NEW  as n
    """)
    assert figures(found.total, "net_worth", "profit", "realised", "unrealised") == (
        "net_worth None profit None realised 0 unrealised None"
    )
    assert rows(found.findings, "kind", "event", "asset") == ["missing_price n NEW"]
    assert found.curve[-1].net_worth is None


def test_a_position_without_a_mark_is_found_by_its_fill() -> None:
    found = report("2025-01-01  deposited 9 USD\n2025-01-01  bought 1 X @ 2 NEW on p as n")
    assert found.total.net_worth is None
    assert {row.split()[0] for row in rows(found.findings, "event")} == {"n"}


def test_what_is_below_zero_is_counted_and_found() -> None:
    found = report("""
        2025-01-01  deposited  100 USD
        2025-01-02  sold       1 X  @ 50
        2025-01-03  price      X 60
    """)
    assert rows(found.total.assets, "quantity", "average_entry", "unrealised") == ["-1 50 -10"]
    assert [one.kind for one in found.findings] == ["negative_balance"]


def test_profit_before_any_own_capital_has_no_return() -> None:
    total = report("""
        2025-01-01  borrowed   1000 USD
        2025-01-01  bought     10 X  @ 100
        2025-01-02  price      X 110
    """).total
    assert figures(total, "profit", "time_weighted", "money_weighted", "return_on_capital") == (
        "profit 100 time_weighted None money_weighted None return_on_capital None"
    )
    assert total.reasons["time_weighted"] == "no own capital was there from the beginning on"


def test_a_settlement_of_no_position_does_nothing_but_a_finding() -> None:
    found = report(POSITION + "2025-01-03  settled  q 4 X  for 600")
    assert [one.kind for one in found.findings] == ["unknown_position"]
    assert figures(found.total, "fees") == "fees 3"


def test_what_was_voided_does_not_count() -> None:
    found = report(LOAN + "2025-03-01  deposited 5 USD as wrong\n"
                   "2025-03-01  kraken/main  voided wrong mistaken")  # fmt: skip
    assert found.total.deposited == 10000


def test_an_account_in_which_nothing_happened_has_nothing() -> None:
    assert figures(report(LOAN, "okx/main").total, "net_worth", "profit") == (
        "net_worth 0 profit 0"
    )


def test_findings_of_one_account_are_those_it_has() -> None:
    text = LOAN + "2025-01-01  okx/main  sold 1 X @ 5"
    assert report(text, "kraken/main").findings == ()
    assert len(report(text).findings) == 1


def test_the_report_is_plain_json() -> None:
    said: Any = report(POSITION).to_dict()
    assert list(said) == ["currency", "from", "to", "accounts", "total", "curve", "findings"]
    assert said["from"] == datetime(2025, 1, 1, 12, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    assert said["accounts"][0]["positions"][0]["average_entry"] == "150"
