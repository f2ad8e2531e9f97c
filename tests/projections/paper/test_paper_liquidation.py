"""Liquidation on paper: which positions go, what is sold after them, and what cannot be paid."""

from decimal import Decimal
from typing import Any

import attrs

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
from projections.paper.paper_session import PaperSession
from tests.paper import Session, bars, ran, resumed, story

MONEY = "2025-01-01  paper/main  deposited  10000 USD"
TERMS = "2025-01-01  paper/main  terms  kraken leverage 5"
FALL = """
    2025-01-02  100 101 99 100
    2025-01-03  100 101 {low} {low}
    """


def on_margin(*orders: str, terms: str = TERMS) -> str:
    return "\n".join([MONEY, terms, *(f"2025-01-01  paper/main  {order}" for order in orders)])


def rated(text: str, **rates: Any) -> list[Recorded]:
    """The story with these rates of interest."""

    def changed(entry: Recorded) -> Recorded:
        if not isinstance(entry.event, MarginTermsSet):
            return entry
        given: Any = rates
        event = attrs.evolve(entry.event, interest_rates=given)
        return attrs.evolve(entry, event=event)

    return [changed(entry) for entry in story(text)]


def ids(session: Session) -> list[str]:
    return [event.id for event in session.of()]


# Which positions ---------------------------------------------------------------------------------


def test_the_oldest_position_goes_first_and_the_next_only_if_it_must() -> None:
    """10,000 used by 400 and 100: at 88 the first is closed, and level 0.4 x 2,000 is far."""
    session = ran(
        on_margin(
            "ordered  buy 400 BTC market on old leverage 5",
            "ordered  buy 100 BTC market on young leverage 5",
        ),
        FALL.format(low=87),
    )
    assert session.fills[2:] == ["sell 400 BTC @ 88 liquidated"]
    assert list(session.account.positions) == ["young"]
    assert session.said == {}


def test_the_next_goes_where_the_market_falls_on() -> None:
    session = ran(
        on_margin(
            "ordered  buy 400 BTC market on old leverage 5",
            "ordered  buy 100 BTC market on young leverage 5",
        ),
        FALL.format(low=40),
    )
    # 10,000 - 400 x 12 = 5,200; 5,200 - 100 x (100 - p) = 800 at p = 56
    assert session.fills[2:] == ["sell 400 BTC @ 88 liquidated", "sell 100 BTC @ 56 liquidated"]


def test_a_position_of_another_pair_goes_at_its_last_price() -> None:
    """ETH has no bar of that day; BTC alone brings the account down."""
    session = ran(
        on_margin(
            "ordered  buy 100 ETH market on old leverage 5",
            "ordered  buy 400 BTC market on young leverage 5",
        ),
        """
        2025-01-02  50 50 50 50 ETH/USD
        2025-01-02  100 101 99 100
        2025-01-03  100 101 70 70
        """,
    )
    # used 1,000 + 8,000; 10,000 - 400 x (100 - p) = 3,600 at p = 84
    first, second = session.fills[2:]
    assert first == "sell 100 ETH @ 50 liquidated"
    # used 8,000: level at 3,200: p = 83
    assert second == "sell 400 BTC @ 83 liquidated"


def test_another_assets_exits_stay_when_a_position_goes() -> None:
    session = ran(
        on_margin(
            "ordered  buy 400 BTC market on old leverage 5",
            "ordered  buy 100 BTC market on young leverage 5",
            "ordered  sell 100 BTC stop_loss trigger 20 on young reduce_only yes  as kept",
            "ordered  sell 400 BTC stop_loss trigger 20 on old reduce_only yes  as gone",
        ),
        FALL.format(low=87),
    )
    assert session.said == {"gone": "position old is closed"}


# What is sold after them -------------------------------------------------------------------------


def test_coins_are_sold_so_that_fee_and_penalty_are_paid_too() -> None:
    terms = f"{TERMS} taker_fee_rate 0.004 liquidation_fee_rate 0.02"
    session = ran(
        on_margin("deposited  200 BTC", "ordered  buy 490 BTC market on p leverage 5", terms=terms),
        "2025-01-02 100 101 99 100\n2025-01-03 70 71 1 70",
    )
    assert session.account.owed.get("USD", Decimal(0)) == 0
    assert session.held("BTC") > 0
    (coins,) = [sold for sold in session.of(Liquidated) if sold.position is None]
    assert coins.fee == (coins.quantity * coins.price * Decimal("0.004")).quantize(Decimal("1E-8"))
    assert Decimal(0) <= session.held() < Decimal("0.00001")


def test_coins_without_a_price_are_not_sold() -> None:
    session = ran(
        on_margin("deposited  200 XYZ", "ordered  buy 490 BTC market on p leverage 5  as it"),
        FALL.format(low=87),
    )
    assert session.said == {"it": "the account holds or owes what has no price yet"}


def test_what_is_lent_bears_interest_from_the_moment_it_is_lent() -> None:
    """The opening fee of 0.025 % is charged at once, and there is nothing to pay it with."""
    session = resumed(
        rated(on_margin("ordered  buy 490 BTC market on p leverage 5"), USD="0.00025"),
        bars("2025-01-02 100 101 99 100\n2025-01-03 70 71 69 70"),
    )
    (lent,) = session.of(Borrowed)
    # 49,000 lent: 12.25 seven times until the market opens
    assert lent.quantity == Decimal("4785.75")
    charged = [c for c in session.of(InterestCharged) if c.loan is None]
    assert charged[0].quantity == Decimal("1.1964375")
    assert {c.settled for c in charged} == {"debt"}
    assert charged[0].id == "interest-USD-2025-01-03T00:00:00Z"


def test_a_debt_is_paid_from_what_a_later_trade_brings_interest_first() -> None:
    text = on_margin("deposited  10 BTC", "ordered  buy 490 BTC market on p leverage 5")
    text += "\n2025-01-04  paper/main  deposited  5000 USD"
    text += "\n2025-01-04  paper/main  ordered  buy 1 BTC market  as small"
    session = ran(text, "2025-01-02 100 101 99 100\n2025-01-03 70 71 69 70\n2025-01-04 70 70 70 70")
    repaid = session.of(Repaid)
    assert [one.quantity for one in repaid] == [700, 4_000]
    assert session.held() == 5_000 - 4_000 - 70


# Isolated ----------------------------------------------------------------------------------------


def test_an_isolated_account_that_the_fee_of_a_stop_empties_is_written_off_too() -> None:
    """20x: 100,000 bought, 4,000 of fee; stopped 4,000 lower, for 3,840: 1,840 are not there."""
    terms = "2025-01-01  paper/main  terms  perp leverage 20 maintenance_rate 0.01"
    text = on_margin(
        "ordered  buy 1000 BTC market on p leverage 20",
        "ordered  sell 1000 BTC stop_loss trigger 96 on p reduce_only yes  as out",
        terms=f"{terms} taker_fee_rate 0.04",
    ).replace("paper/main", "paper/isolated/BTCUSD")
    session = ran(text, "2025-01-02 100 101 95.9 98")
    assert session.fills[-1] == "sell 1000 BTC @ 96 of out"
    assert [lent.quantity for lent in session.of(Borrowed)] == [1_840]
    assert [debt.quantity for debt in session.of(DebtForgiven)] == [1_840]


def test_what_coins_do_not_cover_is_written_off_after_they_are_sold() -> None:
    text = on_margin("deposited  10 BTC", "ordered  buy 490 BTC market on p leverage 5")
    session = ran(
        text.replace("paper/main", "paper/isolated/BTCUSD"),
        "2025-01-02 100 101 99 100\n2025-01-03 70 71 69 70",
    )
    assert session.fills[-1] == "sell 10 BTC @ 70 liquidated"
    assert [debt.quantity for debt in session.of(DebtForgiven)] == [4_000]


def test_a_written_off_debt_includes_its_interest() -> None:
    log = rated(on_margin("ordered  buy 490 BTC market on p leverage 5"), USD="0.00025")
    isolated = [attrs.evolve(entry, account="paper/isolated/BTCUSD") for entry in log]
    session = resumed(isolated, bars("2025-01-02 100 101 99 100\n2025-01-03 70 71 69 70"))
    (forgiven,) = session.of(DebtForgiven)
    assert forgiven.quantity == Decimal("4785.75") + Decimal("1.1964375")
    own = session.state.accounts["paper/isolated/BTCUSD"]
    assert not any((*own.owed.values(), *own.interest_owed.values()))


# Margin ------------------------------------------------------------------------------------------


def test_to_enlarge_a_position_needs_margin_for_the_whole_of_it() -> None:
    session = ran(
        on_margin(
            "ordered  buy 300 BTC market on p leverage 5  as first",
            "ordered  buy 300 BTC market on p leverage 5  as more",
        ),
        "2025-01-02  100 110 90 105",
    )
    assert session.fills == ["buy 300 BTC @ 100 of first"]
    assert "initial margin is 12000 USD" in session.said["more"]


def test_a_model_of_debt_lends_what_its_leverage_allows() -> None:
    """3x: a half of what is lent must be there. An order at 5x does not get round that."""
    text = on_margin(
        "ordered  buy 201 BTC market on p leverage 3  as much",
        "ordered  buy 200 BTC market on p leverage 3  as enough",
        terms="2025-01-01  paper/main  terms  binance_cross leverage 3",
    )
    session = ran(text, "2025-01-02  100 110 90 105")
    assert session.fills == ["buy 200 BTC @ 100 of enough"]
    assert "initial margin is 10050 USD" in session.said["much"]


def test_a_trade_that_would_be_liquidated_at_once_is_not_made() -> None:
    terms = "2025-01-01  paper/main  terms  kraken liquidation 2 call 3"
    session = ran(
        on_margin("ordered  buy 300 BTC market on p leverage 5  as it", terms=terms),
        "2025-01-02  100 110 90 105",
    )
    assert session.said == {"it": "it would be liquidated at once"}


def test_a_leverage_that_nobody_says_is_asked_for() -> None:
    terms = "2025-01-01  paper/main  terms  kraken"
    session = ran(
        on_margin("ordered  buy 3 BTC market on p  as it", terms=terms), "2025-01-02 100 110 90 105"
    )
    assert session.said == {"it": "nothing says the leverage of position p"}


def test_more_leverage_than_the_terms_allow_is_not_filled() -> None:
    terms = "2025-01-01  paper/main  terms  standard initial_rate 0.5 maintenance_rate 0.25"
    orders = (
        "buy 3 BTC market on p leverage 3  as it",
        "buy 3 BTC market on q leverage 0.5  as low",
    )
    session = ran(
        on_margin(*(f"ordered  {one}" for one in orders), terms=terms), "2025-01-02 100 110 90 105"
    )
    assert session.said == {
        "it": "3x is more than the 2x that the terms allow",
        "low": "a leverage of 0.5 lends nothing: give 1 or more",
    }


def test_a_market_exit_does_not_wait_for_its_entry() -> None:
    session = ran(
        on_margin(
            "ordered  buy 3 BTC limit price 50 on p leverage 2  as entry",
            "ordered  sell 3 BTC market on p reduce_only yes  as out",
        ),
        "2025-01-02 100 110 90 105",
    )
    assert session.said == {"out": "there is no position p to reduce"}


# Names and time ----------------------------------------------------------------------------------


def test_what_the_venue_makes_is_called_by_what_it_is_and_when() -> None:
    session = resumed(
        rated(
            on_margin(
                "ordered  buy 490 BTC market on p leverage 5  as in",
                "ordered  sell 490 BTC trailing_stop trail 60 on p reduce_only yes  as out",
            ),
            USD="0.00025",
        ),
        bars("2025-01-02 100 101 99 100\n2025-01-03 70 71 69 70"),
    )
    assert ids(session) == [
        "fill-in",
        "interest-p-2025-01-02T00:00:00Z",
        "trail-out-2025-01-02T00:00:00Z",
        "interest-p-2025-01-02T23:59:59.999999Z",
        "trail-out-2025-01-02T23:59:59.999999Z",
        "interest-p-2025-01-03T00:00:00Z",
        "liquidation-p-2025-01-03T00:00:00Z",
        "borrowed-USD-2025-01-03T00:00:00Z",
        "interest-USD-2025-01-03T00:00:00Z",
        "cancel-out",
        "interest-USD-2025-01-03T23:59:59.999999Z",
    ]
    prices = [event.id for account, event in session.made if account == "paper/prices"]
    assert prices == ["bar-BTC-USD-2025-01-02T00:00:00Z", "bar-BTC-USD-2025-01-03T00:00:00Z"]


def test_what_comes_in_while_a_bar_runs_counts_within_it() -> None:
    text = f"{TERMS}\n{MONEY}".replace(MONEY, "2025-01-02T12:00  paper/main  deposited  10000 USD")
    text += "\n2025-01-01  paper/main  ordered  buy 3 BTC limit price 95 on p leverage 5  as it"
    assert ran(text, "2025-01-02 100 110 90 105").fills == ["buy 3 BTC @ 95 of it"]
    assert ran(text, "2025-01-02 94 110 90 105").said["it"].startswith("its initial margin is")


def test_a_session_counts_its_bars_and_ends_when_it_is_told() -> None:
    days = bars("2025-01-02 1 1 1 1\n2025-01-03 1 1 1 1\n2025-01-04 1 1 1 1")
    state = resumed([], []).state
    session = PaperSession(state, [])
    assert len(list(session.run(days, until=days[1].ends))) == 2
    assert (session.ran, session.known) == (2, 0)
    assert list(session.run(days[:2])) == []
    assert (session.ran, session.known) == (2, 2)
    assert session.look_until(days[2].at) is state


def test_a_fill_says_which_order_it_is_of_and_in_whose_place() -> None:
    (fill,) = ran(
        on_margin("ordered  buy 1 BTC stop_loss trigger 105  as it"), "2025-01-02 100 110 90 105"
    ).of(Filled)
    assert (fill.order, fill.liquidity, fill.position) == ("it", "taker", None)
