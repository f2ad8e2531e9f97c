"""What paper trades cost, to the cent, and what margin allows of them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from domain.events import (
    Borrowed,
    DebtForgiven,
    Filled,
    InterestCharged,
    Liquidated,
    MarginTermsSet,
    Repaid,
)
from domain.recorded import Recorded
from tests.paper import Session, bars, ran, resumed, story

MONEY = "2025-01-01  paper/main  deposited  10000 USD"
FEES = "taker_fee_rate 0.004 maker_fee_rate 0.0025 liquidation_fee_rate 0.005"
KRAKEN = f"2025-01-01  paper/main  terms  kraken leverage 5 {FEES}"
RATES = {"USD": "0.00025", "BTC": "0.0001"}


def on_margin(*lines: str) -> str:
    return "\n".join([MONEY, KRAKEN, *(f"2025-01-01  paper/main  {line}" for line in lines)])


def with_terms(text: str, days: str, hours: int = 24, **changes: Any) -> Session:
    """A session whose terms say more than a line of a story can."""

    def changed(recorded: Recorded) -> Recorded:
        if not isinstance(recorded.event, MarginTermsSet):
            return recorded
        event: Any = attrs.evolve(recorded.event, **changes)
        return attrs.evolve(recorded, event=event)

    return resumed([changed(entry) for entry in story(text)], bars(days, hours))


def with_rates(text: str, days: str, hours: int = 24, **rates: str) -> Session:
    """A session whose terms have rates of interest."""
    return with_terms(text, days, hours, interest_rates=rates or RATES)


# Fees --------------------------------------------------------------------------------------------


def test_who_takes_pays_more_than_who_rests() -> None:
    """0.4 % of 4,000 at the open; 0.25 % of 3,800 for a limit that waited."""
    session = ran(
        on_margin(
            "ordered buy 40 BTC market  as took", "ordered buy 40 BTC limit price 95  as rested"
        ),
        "2025-01-02  100 110 90 105",
    )
    assert [(fill.fee, fill.liquidity) for fill in session.of(Filled)] == [
        (Decimal(16), "taker"),
        (Decimal("9.5"), "maker"),
    ]
    assert session.held() == 10_000 - 4_000 - 16 - 3_800 - Decimal("9.5")


def test_without_a_rate_of_its_own_a_resting_order_pays_as_a_taker() -> None:
    text = on_margin("ordered buy 40 BTC limit price 95").replace("maker_fee_rate 0.0025", "")
    (fill,) = ran(text, "2025-01-02  100 110 90 105").of(Filled)
    assert fill.fee == Decimal("15.2")


def test_a_liquidation_pays_the_fee_and_the_penalty() -> None:
    session = ran(
        on_margin("ordered buy 400 BTC market on p leverage 5"),
        """
        2025-01-02  100 101 99 100
        2025-01-03  100 101 80 85
        """,
    )
    # 8,000 used, 160 paid: 9,840 - 400 x (100 - p) = 3,200 at p = 83.4
    (liquidated,) = session.of(Liquidated)
    assert (liquidated.price, liquidated.fee, liquidated.penalty) == (
        Decimal("83.4"),
        Decimal("133.44"),
        Decimal("166.8"),
    )
    assert session.held() == Decimal(9_840 - 6_640) - Decimal("133.44") - Decimal("166.8")


def test_an_account_without_terms_pays_nothing() -> None:
    session = ran(f"{MONEY}\n2025-01-01 paper/main ordered buy 1 BTC market", "2025-01-02 9 9 9 9")
    assert session.held() == 9_991


# Interest ----------------------------------------------------------------------------------------


def test_a_long_pays_for_the_money_that_is_lent() -> None:
    """Kraken: 0.025 % of 20,000 at the opening, then every four hours: 5 times on the first day."""
    session = with_rates(
        on_margin("ordered buy 200 BTC market on p leverage 5"), "2025-01-02  100 101 99 100"
    )
    charged = session.of(InterestCharged)
    assert [(c.quantity, c.asset, c.settled, c.loan) for c in charged] == [
        (Decimal(5), "USD", "balance", "p"),
        (Decimal(25), "USD", "balance", "p"),
    ]
    assert session.costs == 80 + 30
    assert session.held() == 10_000 - 80 - 30


def test_a_short_pays_for_the_coins_in_the_quote() -> None:
    """0.01 % of 200 BTC, 6 times, at the price of its opening."""
    session = with_rates(
        on_margin("ordered sell 200 BTC market on p leverage 5"), "2025-01-02  100 101 99 100"
    )
    assert sum(c.quantity for c in session.of(InterestCharged)) == Decimal(12)
    assert {(c.asset, c.loan_asset) for c in session.of(InterestCharged)} == {("USD", "BTC")}


def test_what_runs_past_the_hour_is_charged_on_the_hour() -> None:
    """Binance: the first hour at once, then each full hour: 3 in two hours and an instant."""
    text = f"""
        {MONEY}
        2025-01-01  paper/main  terms  binance_cross leverage 3
        2025-01-01  paper/main  ordered  buy 50 BTC market on p leverage 2
        """
    session = with_rates(
        text,
        """
        2025-01-02T00:00  100 101 99 100
        2025-01-02T01:00  100 101 99 100
        2025-01-02T02:00  100 101 99 100
        """,
        1,
        USD="0.00001",
    )
    assert sum(c.quantity for c in session.of(InterestCharged)) == Decimal("0.15")


def test_a_liquidated_position_has_paid_for_the_bar_it_fell_in() -> None:
    session = with_rates(
        on_margin("ordered buy 400 BTC market on p leverage 5"),
        """
        2025-01-02  100 101 99 100
        2025-01-03  100 101 50 60
        """,
    )
    assert sum(c.quantity for c in session.of(InterestCharged)) == 10 * 12
    assert session.state.accruals.report().findings == ()


def test_a_position_that_turns_twice_pays_for_its_money_once() -> None:
    """Long, short, long again: 729 lent at the end of the first hour, charged then and at two."""
    text = f"""
        {MONEY}
        2025-01-01  paper/main  terms  binance_cross leverage 5
        2025-01-01  paper/main  ordered  buy 1 BTC market on p leverage 2
        2025-01-01  paper/main  ordered  sell 2 BTC limit price 500 on p leverage 2
        2025-01-01  paper/main  ordered  buy 2 BTC limit price 729 on p leverage 2
        """
    hours = "2025-01-02T00 1000 1000 729 810\n2025-01-02T01 810 810 810 810"
    session = with_rates(text, hours, 1, USD="0.00001")
    charged = [charge.quantity for charge in session.of(InterestCharged)]
    assert charged == [Decimal("0.01"), Decimal("0.00729"), Decimal("0.00729")]
    assert session.state.accruals.report().findings == ()


# Margin ------------------------------------------------------------------------------------------


def test_an_order_that_lacks_margin_is_cancelled_and_says_how_much() -> None:
    session = ran(
        on_margin("ordered buy 501 BTC market on p leverage 5  as it"), "2025-01-02  100 110 90 105"
    )
    assert session.said["it"] == (
        "its initial margin is 10020 USD with all that is open, and the equity would be 9799.6"
    )


def test_a_second_position_needs_margin_beside_the_first() -> None:
    session = ran(
        on_margin(
            "ordered buy 300 BTC market on p leverage 5  as one",
            "ordered buy 300 BTC market on q leverage 5  as other",
        ),
        "2025-01-02  100 110 90 105",
    )
    assert session.fills == ["buy 300 BTC @ 100 of one"]
    assert "initial margin is 12000 USD" in session.said["other"]


def test_closing_needs_no_margin() -> None:
    session = ran(
        on_margin(
            "ordered buy 450 BTC market on p leverage 5",
            "ordered sell 450 BTC stop_loss trigger 92 on p reduce_only yes  as out",
        ),
        """
        2025-01-02  100 101 99 100
        2025-01-03  91 95 90 90
        """,
    )
    assert session.fills[-1] == "sell 450 BTC @ 91 of out"


def test_coins_are_bought_with_money_that_is_held() -> None:
    session = ran(
        f"{MONEY}\n2025-01-01 paper/main ordered buy 101 BTC market  as it",
        "2025-01-02 100 110 90 105",
    )
    assert session.said == {"it": "it takes 10100 USD, and 10000 are held"}


def test_a_position_needs_terms() -> None:
    session = ran(
        f"{MONEY}\n2025-01-01 paper/main ordered buy 1 BTC market on p leverage 2 as it",
        "2025-01-02 100 110 90 105",
    )
    assert session.said["it"].startswith("the account has no margin terms")


def test_collateral_is_not_spent_below_the_call() -> None:
    """Coins count for nothing here: 3,800 spent on them leave an equity of 4,030 for 8,000 used."""
    text = on_margin(
        "ordered buy 400 BTC market on p leverage 5", "ordered buy 40 BTC limit price 95  as coins"
    )
    session = with_terms(text, "2025-01-02 100 101 94 95", collateral_factors={"BTC": "0"})
    assert session.said == {"coins": "it would bring the account to its call level"}


# Below zero --------------------------------------------------------------------------------------


def crashed(account: str = "paper/main", *more: str, later: str = "", days: str = "") -> Session:
    """490 BTC bought at 100 with 10,000, and a market that opens at 70."""
    text = on_margin("ordered buy 490 BTC market on p leverage 5  as it", *more)
    text = text.replace(
        " taker_fee_rate 0.004 maker_fee_rate 0.0025 liquidation_fee_rate 0.005", ""
    )
    fall = "2025-01-02 100 101 99 100\n2025-01-03 70 71 69 70"
    return ran(f"{text}\n{later}".replace("paper/main", account), f"{fall}\n{days}")


def test_what_a_gap_takes_beyond_the_balance_is_lent() -> None:
    session = crashed()
    assert session.fills[-1] == "sell 490 BTC @ 70 liquidated"
    (lent,) = session.of(Borrowed)
    assert lent.quantity == 4_700
    assert session.held() == 0
    assert session.account.owed["USD"] == 4_700
    assert session.equity == -4_700


def test_an_isolated_account_loses_no_more_than_it_held() -> None:
    session = crashed("paper/isolated/BTCUSD")
    (forgiven,) = session.of(DebtForgiven)
    assert (forgiven.quantity, forgiven.recourse) == (4_700, False)
    own = session.state.accounts["paper/isolated/BTCUSD"]
    assert own.held["USD"] == own.owed["USD"] == 0


def test_own_coins_are_sold_for_what_a_liquidation_left_owed() -> None:
    session = crashed("paper/main", "deposited 100 BTC  as coins")
    assert session.fills[-2:] == [
        "sell 490 BTC @ 70 liquidated",
        "sell 67.14285715 BTC @ 70 liquidated",
    ]
    assert session.account.owed["USD"] == 0
    assert session.held() == Decimal("0.0000005")
    assert session.held("BTC") == Decimal("32.85714285")


def test_what_was_lent_is_paid_back_from_the_next_credit() -> None:
    """Interest is lent when no money is held: coins alone are collateral here."""
    text = f"""
        2025-01-01  paper/main  deposited  200 BTC
        {KRAKEN}
        2025-01-01  paper/main  ordered  buy 100 BTC market on p leverage 5
        2025-01-03  paper/main  ordered  sell 1 BTC market  as coin
        """
    session = with_rates(text, "2025-01-02 100 101 99 100\n2025-01-03 100 101 99 100")
    assert [event.quantity for event in session.of(Borrowed)] == [40]
    settled = [event.settled for event in session.of(InterestCharged)]
    assert settled == [*["debt"] * 6, "balance"], "from the sale on there is money to pay with"
    (repaid,) = session.of(Repaid)
    assert (repaid.quantity, repaid.interest) == (40, Decimal("17.57"))
    assert session.state.accruals.report().findings == ()


@pytest.mark.parametrize(
    ("deposit", "repaid", "left", "owed"), [(5_000, 4_700, 300, 0), (1_000, 1_000, 0, 3_700)]
)
@pytest.mark.parametrize(
    ("at", "open_"), [("2025-01-04", "2025-01-04"), ("2025-01-04T08:00", "2025-01-05")]
)
def test_a_deposit_pays_back_what_is_lent_as_the_next_bar_opens(
    at: str, open_: str, deposit: int, repaid: int, left: int, owed: int
) -> None:
    """The crash left 4,700 owed: 490 x 30 lost, and 10,000 held."""
    session = crashed(
        later=f"{at}  paper/main  deposited  {deposit} USD",
        days="2025-01-04 70 71 69 70\n2025-01-05 70 71 69 70",
    )
    (paid,) = session.of(Repaid)
    assert (paid.quantity, paid.at) == (
        repaid,
        datetime.fromisoformat(open_).replace(tzinfo=UTC),
    )
    assert session.held() == left
    assert session.account.owed["USD"] == owed
    assert session.equity == deposit - 4_700


def test_the_time_of_a_fill_is_that_of_its_bar() -> None:
    (fill,) = ran(on_margin("ordered buy 1 BTC market"), "2025-01-02  100 101 99 100").of(Filled)
    assert fill.at == datetime(2025, 1, 2, tzinfo=UTC)


# Other money -------------------------------------------------------------------------------------


def test_an_account_in_tokens_of_money_needs_no_price_of_them() -> None:
    """Level = assets / debt: 1,000 lent, 1,000 held; called off at 1.1: a price of 10."""
    session = ran(
        """
        2025-01-01  paper/main  deposited  1000 USDT
        2025-01-01  paper/main  terms  binance_cross leverage 3
        2025-01-01  paper/main  ordered  buy 10 BTC market on p quote USDT leverage 2  as it
        """,
        """
        2025-01-02  100 101 99 100 BTC/USDT
        2025-01-03  100 101 5 20 BTC/USDT
        """,
    )
    # 1,000 + 10 p = 1.1 x 1,000 at p = 10; the clearance fee is 2 % of 100
    assert session.fills == ["buy 10 BTC @ 100 of it", "sell 10 BTC @ 10 liquidated"]
    assert session.held("USDT") == 1_000 - 900 - 2


def test_a_position_quoted_in_a_coin_is_weighed_at_the_price_of_that_coin() -> None:
    """Long 100 ETH for 10 BTC at 5x: 2 BTC, 2,000 USD, are used; 10,000 USD stand behind it."""
    session = ran(
        f"""
        {MONEY}
        2025-01-01  paper/main  deposited  1 BTC
        2025-01-01  paper/main  terms  kraken
        2025-01-02  paper/main  ordered  buy 100 ETH market on p quote BTC leverage 5  as it
        """,
        """
        2025-01-01  1000 1000 1000 1000
        2025-01-02  1000 1000 1000 1000
        2025-01-02  0.1 0.1 0.09 0.09 ETH/BTC
        2025-01-03  0.09 0.09 0.001 0.001 ETH/BTC
        """,
    )
    # equity 11,000 - 100 x (0.1 - p) x 1,000 = 0.4 x 2,000 at p = -0.002: never liquidated
    assert session.fills == ["buy 100 ETH @ 0.1 of it"]
    assert session.equity == 11_000 - 9_900


def test_a_short_in_tokens_of_money_pays_each_hour_once() -> None:
    """What one USDT is worth nobody has said: its interest is charged in it all the same."""
    text = """
        2025-01-01  paper/main  deposited  1000 USDT
        2025-01-01  paper/main  terms  binance_cross leverage 3
        2025-01-01  paper/main  ordered  sell 10 BTC market on p quote USDT leverage 2
        """
    hours = "\n".join(f"2025-01-02T{hour:02} 100 100 100 100 BTC/USDT" for hour in range(5))
    session = with_rates(text, hours, 1, BTC="0.0001")
    charged = [charge.quantity for charge in session.of(InterestCharged)]
    assert charged == [Decimal("0.1")] * 5, "the hour of the opening, and four full ones"
    assert session.held("USDT") == Decimal("999.5")
