"""How a bar fills an order: each kind by hand, both directions, gaps, and what comes first."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.errors import BookError
from domain.events import Filled, Liquidated, OrderTrailed, PriceObserved
from tests.paper import PRICES, Session, bars, logged, ran, resumed, story

MONEY = "2025-01-01  paper/main  deposited  10000 USD"
COINS = f"{MONEY}\n2025-01-01  paper/main  deposited  10 BTC"
TERMS = "2025-01-01  paper/main  terms  kraken leverage 5"


def ordered(*orders: str, begin: str = COINS) -> str:
    """A session that begins with coins, and these orders on the first day."""
    return "\n".join([begin, *(f"2025-01-01  paper/main  ordered  {order}" for order in orders)])


def on_margin(*orders: str) -> str:
    return ordered(*orders, begin=f"{MONEY}\n{TERMS}")


def filled(order: str, bar: str) -> list[str]:
    """What one order makes of one bar."""
    return ran(ordered(f"{order}  as it"), f"2025-01-02  {bar}").fills


# Each kind of order ------------------------------------------------------------------------------


def test_a_market_order_fills_at_the_open() -> None:
    assert filled("buy 1 BTC market", "100 110 90 105") == ["buy 1 BTC @ 100 of it"]
    assert filled("sell 1 BTC market", "100 110 90 105") == ["sell 1 BTC @ 100 of it"]


@pytest.mark.parametrize(
    ("order", "bar", "price"),
    [
        ("buy 1 BTC limit price 95", "100 110 90 105", "95"),
        ("buy 1 BTC limit price 90", "100 110 90 105", "90"),
        ("buy 1 BTC limit price 95", "92 110 90 105", "92"),  # the open is better
        ("buy 1 BTC limit price 120", "100 110 90 105", "100"),
        ("sell 1 BTC limit price 105", "100 110 90 105", "105"),
        ("sell 1 BTC limit price 110", "100 110 90 105", "110"),
        ("sell 1 BTC limit price 105", "108 110 90 105", "108"),
    ],
)
def test_a_limit_order_fills_at_its_price_or_better(order: str, bar: str, price: str) -> None:
    side = order.split()[0]
    assert filled(order, bar) == [f"{side} 1 BTC @ {price} of it"]


@pytest.mark.parametrize(
    ("order", "bar"),
    [
        ("buy 1 BTC limit price 89.99", "100 110 90 105"),
        ("sell 1 BTC limit price 110.01", "100 110 90 105"),
        ("sell 1 BTC stop_loss trigger 89.99", "100 110 90 105"),
        ("buy 1 BTC stop_loss trigger 110.01", "100 110 90 105"),
        ("sell 1 BTC take_profit trigger 110.01", "100 110 90 105"),
        ("buy 1 BTC take_profit trigger 89.99", "100 110 90 105"),
    ],
)
def test_what_the_bar_does_not_touch_does_not_fill(order: str, bar: str) -> None:
    assert filled(order, bar) == []


@pytest.mark.parametrize(
    ("order", "bar", "price"),
    [
        ("sell 1 BTC stop_loss trigger 95", "100 110 90 105", "95"),
        ("sell 1 BTC stop_loss trigger 95", "93 110 90 105", "93"),  # gapped: worse
        ("buy 1 BTC stop_loss trigger 105", "100 110 90 105", "105"),
        ("buy 1 BTC stop_loss trigger 105", "107 110 90 105", "107"),
    ],
)
def test_a_stop_fills_at_its_trigger_or_where_the_market_opens_beyond_it(
    order: str, bar: str, price: str
) -> None:
    side = order.split()[0]
    assert filled(order, bar) == [f"{side} 1 BTC @ {price} of it"]


@pytest.mark.parametrize(
    ("order", "bar", "price"),
    [
        ("sell 1 BTC take_profit trigger 105", "100 110 90 105", "105"),
        ("sell 1 BTC take_profit trigger 105", "108 110 90 105", "108"),
        ("buy 1 BTC take_profit trigger 95", "100 110 90 105", "95"),
        ("buy 1 BTC take_profit trigger 95", "92 110 90 105", "92"),
    ],
)
def test_a_target_fills_at_its_trigger_or_where_the_market_opens_beyond_it(
    order: str, bar: str, price: str
) -> None:
    side = order.split()[0]
    assert filled(order, bar) == [f"{side} 1 BTC @ {price} of it"]


def test_an_order_of_another_pair_is_not_asked() -> None:
    assert filled("buy 1 BTC market", "100 110 90 105 ETH/USD") == []


# Trailing stops ----------------------------------------------------------------------------------


def test_a_trailing_stop_follows_the_best_price_of_bars_that_have_ended() -> None:
    """120 is seen on the 2nd, so the stop stands at 110 on the 3rd, and not a day before."""
    session = ran(
        ordered("sell 1 BTC trailing_stop trail 10 trigger 90 as it"),
        """
        2025-01-02  100 120 99 118
        2025-01-03  118 119 105 106
        """,
    )
    assert session.fills == ["sell 1 BTC @ 110 of it"]
    assert [moved.trigger for moved in session.of(OrderTrailed)] == [110]


def test_a_trailing_stop_to_buy_follows_a_falling_market() -> None:
    session = ran(
        ordered("buy 1 BTC trailing_stop trail_rate 0.1 trigger 110 as it"),
        """
        2025-01-02  100 101 80 82
        2025-01-03  85 95 84 94
        """,
    )
    assert session.fills == ["buy 1 BTC @ 88 of it"]


def test_a_trailing_stop_without_a_mark_begins_behind_the_first_open() -> None:
    session = ran(ordered("sell 1 BTC trailing_stop trail 5 as it"), "2025-01-02  100 104 94 103")
    assert session.fills == ["sell 1 BTC @ 95 of it"]


def test_a_trailing_stop_that_waits_for_its_position_begins_where_that_is_opened() -> None:
    """The market was at 120 before: that is nothing to a position that was opened at 90."""
    session = ran(
        on_margin(
            "buy 10 BTC limit price 90 on p leverage 5  as entry",
            "sell 10 BTC trailing_stop trail 10 on p reduce_only yes  as stop",
        ),
        """
        2025-01-02  100 120 95 110
        2025-01-03  110 111 90 95
        2025-01-04  95 104 94 100
        2025-01-05  100 101 93 95
        """,
    )
    assert session.fills == ["buy 10 BTC @ 90 of entry", "sell 10 BTC @ 94 of stop"]
    assert [moved.trigger for moved in session.of(OrderTrailed)] == [80, 94]


def test_a_trailing_stop_never_goes_back() -> None:
    session = ran(
        ordered("sell 1 BTC trailing_stop trail 10 trigger 95 as it"),
        """
        2025-01-02  100 102 99 100
        2025-01-03  100 101 96 97
        """,
    )
    assert session.fills == []
    assert session.of(OrderTrailed) == []


def test_a_trail_wider_than_the_price_is_cancelled() -> None:
    session = ran(ordered("sell 1 BTC trailing_stop trail 500 as it"), "2025-01-02 100 104 94 103")
    assert session.said == {"it": "its trail is wider than the price"}


# What comes first --------------------------------------------------------------------------------


def test_the_stop_comes_before_the_target() -> None:
    """The bar touches both, and does not say which first: the worse one counts."""
    session = ran(
        on_margin(
            "buy 10 BTC market on p leverage 5  as entry",
            "sell 10 BTC stop_loss trigger 95 on p reduce_only yes  as stop",
            "sell 10 BTC take_profit trigger 105 on p reduce_only yes  as target",
        ),
        "2025-01-02  100 110 90 105",
    )
    assert session.fills == ["buy 10 BTC @ 100 of entry", "sell 10 BTC @ 95 of stop"]
    assert session.said == {"target": "position p is closed"}


def test_the_stop_of_a_short_comes_before_its_target() -> None:
    session = ran(
        on_margin(
            "sell 10 BTC market on p leverage 5  as entry",
            "buy 10 BTC stop_loss trigger 105 on p reduce_only yes  as stop",
            "buy 10 BTC take_profit trigger 95 on p reduce_only yes  as target",
        ),
        "2025-01-02  100 110 90 105",
    )
    assert session.fills == ["sell 10 BTC @ 100 of entry", "buy 10 BTC @ 105 of stop"]


@pytest.mark.parametrize(
    ("entry", "stop", "target", "fills"),
    [
        # 10 bought at 95 and sold at 90; at 106 they would have won 110
        ("buy limit price 95", 90, 106, ["buy 10 BTC @ 95 of entry", "sell 10 BTC @ 90 of stop"]),
        # a break-out: its stop is nearer to the open than it is itself
        (
            "buy stop_loss trigger 105",
            98,
            106,
            ["buy 10 BTC @ 105 of entry", "sell 10 BTC @ 98 of stop"],
        ),
        (
            "sell limit price 105",
            107,
            94,
            ["sell 10 BTC @ 105 of entry", "buy 10 BTC @ 107 of stop"],
        ),
        (
            "sell stop_loss trigger 95",
            102,
            94,
            ["sell 10 BTC @ 95 of entry", "buy 10 BTC @ 102 of stop"],
        ),
    ],
)
def test_what_is_opened_within_a_bar_meets_its_stop_before_its_target(
    entry: str, stop: int, target: int, fills: list[str]
) -> None:
    """10,000 less ten times the way to the stop: 5, 7, 2 and 7 a coin."""
    side, kind = entry.split(maxsplit=1)
    out = "sell" if side == "buy" else "buy"
    session = ran(
        on_margin(
            f"{side} 10 BTC {kind} on p leverage 5  as entry",
            f"{out} 10 BTC take_profit trigger {target} on p reduce_only yes  as target",
            f"{out} 10 BTC stop_loss trigger {stop} on p reduce_only yes  as stop",
        ),
        "2025-01-02  100 107 80 101",
    )
    assert session.fills == fills
    assert session.said == {"target": "position p is closed"}
    lost = {90: 50, 98: 70, 107: 20, 102: 70}[stop]
    assert session.held() == 10_000 - lost


@pytest.mark.parametrize(
    ("entry", "bar", "fills"),
    [
        # the high of 107 may have been before the purchase at 95: 11 a coin that nobody knows of
        ("buy limit price 95", "100 107 94 96", ["buy @ 95 of entry"]),
        ("buy limit price 95", "100 107 94 106", ["buy @ 95 of entry", "sell @ 106 of target"]),
        # a break-out at 105 meets all that is above it afterwards
        (
            "buy stop_loss trigger 105",
            "100 107 99 101",
            ["buy @ 105 of entry", "sell @ 106 of target"],
        ),
        # gapped below its own stop: out at once
        ("buy limit price 95", "85 92 80 91", ["buy @ 85 of entry", "sell @ 85 of stop"]),
        ("buy market", "85 92 80 91", ["buy @ 85 of entry", "sell @ 85 of stop"]),
        # opened above its target: out at once, at that price
        ("buy limit price 120", "110 112 109 111", ["buy @ 110 of entry", "sell @ 110 of target"]),
    ],
)
def test_the_target_of_what_a_bar_opened_fills_where_the_market_surely_came_by(
    entry: str, bar: str, fills: list[str]
) -> None:
    kind = entry.removeprefix("buy ")
    session = ran(
        on_margin(
            "sell 10 BTC take_profit trigger 106 on p reduce_only yes  as target",
            f"buy 10 BTC {kind} on p leverage 5  as entry",
            "sell 10 BTC stop_loss trigger 90 on p reduce_only yes  as stop",
        ),
        f"2025-01-02  {bar}",
    )
    assert [fill.replace(" 10 BTC", "") for fill in session.fills] == fills


@pytest.mark.parametrize(("target", "left"), [(103, "0"), (100, "0"), (99, "1")])
def test_the_target_of_a_short_fills_where_the_market_surely_came_by(
    target: int, left: str
) -> None:
    """Sold at 105, and the bar ended at 100: perhaps it was not at 99 any more."""
    session = ran(
        on_margin(
            "sell 1 BTC limit price 105 on p leverage 5  as entry",
            f"buy 1 BTC take_profit trigger {target} on p reduce_only yes  as target",
        ),
        "2025-01-02  100 107 99 100",
    )
    open_ones = session.account.positions.values()
    assert sum(position.quantity for position in open_ones) == Decimal(left)


def test_the_target_of_coins_that_a_bar_bought_waits_and_that_of_coins_held_does_not() -> None:
    orders = ("buy 2 BTC limit price 95  as entry", "sell 2 BTC limit price 106  as target")
    bar = "2025-01-02  100 107 94 96"
    assert ran(ordered(*orders, begin=MONEY), bar).fills == ["buy 2 BTC @ 95 of entry"]
    assert ran(ordered(*orders), bar).fills == [
        "buy 2 BTC @ 95 of entry",
        "sell 2 BTC @ 106 of target",
    ]


def test_a_sale_of_coins_waits_until_they_are_bought() -> None:
    """The market is at 91 before the purchase: the stop does not go for want of coins."""
    session = ran(
        ordered(
            "sell 2 BTC stop_loss trigger 92  as stop",
            "buy 2 BTC stop_loss trigger 105  as entry",
            "sell 2 BTC limit price 109  as target",
            begin=MONEY,
        ),
        """
        2025-01-02  100 101 91 100
        2025-01-03  100 108 99 107
        2025-01-04  107 108 100 101
        2025-01-05  101 110 95 100
        """,
    )
    assert session.fills == ["buy 2 BTC @ 105 of entry", "sell 2 BTC @ 109 of target"]
    assert session.said == {}


def test_the_stop_of_what_is_opened_within_a_bar_comes_before_another_entry() -> None:
    """Bought at 95 and stopped at 90, before the market comes to the other limit at 94."""
    session = ran(
        on_margin(
            "buy 10 BTC limit price 95 on p leverage 5  as entry",
            "buy 10 BTC limit price 94 on q leverage 5  as other",
            "sell 10 BTC stop_loss trigger 90 on p reduce_only yes  as stop",
        ),
        "2025-01-02  100 107 80 101",
    )
    assert session.fills == [
        "buy 10 BTC @ 95 of entry",
        "sell 10 BTC @ 90 of stop",
        "buy 10 BTC @ 94 of other",
    ]


def test_liquidation_comes_before_the_stop_and_the_stop_before_the_target() -> None:
    """Kraken, 5x, all the margin: 500 BTC at 100 need 10,000. Level 0.4 is reached at 88."""
    session = ran(
        on_margin(
            "buy 500 BTC market on p leverage 5  as entry",
            "sell 500 BTC stop_loss trigger 90 on p reduce_only yes  as stop",
            "sell 500 BTC take_profit trigger 110 on p reduce_only yes  as target",
        ),
        """
        2025-01-02  100 101 99 100
        2025-01-03  100 120 80 110
        """,
    )
    assert session.fills == ["buy 500 BTC @ 100 of entry", "sell 500 BTC @ 88 liquidated"]
    assert session.said == dict.fromkeys(["stop", "target"], "position p is closed")


def test_a_short_is_liquidated_on_the_way_up() -> None:
    """Level 0.4 of 10,000 used: equity 4,000, so 6,000 are lost: 12 a coin."""
    session = ran(
        on_margin("sell 500 BTC market on p leverage 5  as entry"),
        """
        2025-01-02  100 101 99 100
        2025-01-03  100 120 80 110
        """,
    )
    assert session.fills == ["sell 500 BTC @ 100 of entry", "buy 500 BTC @ 112 liquidated"]


def test_what_opens_beyond_the_liquidation_is_liquidated_at_the_open_before_its_stop() -> None:
    session = ran(
        on_margin(
            "buy 500 BTC market on p leverage 5  as entry",
            "sell 500 BTC stop_loss trigger 90 on p reduce_only yes  as stop",
        ),
        """
        2025-01-02  100 101 99 100
        2025-01-03  85 86 80 84
        """,
    )
    assert session.fills == ["buy 500 BTC @ 100 of entry", "sell 500 BTC @ 85 liquidated"]


def test_what_the_bar_does_not_reach_is_not_liquidated() -> None:
    session = ran(
        on_margin("buy 500 BTC market on p leverage 5  as entry"),
        """
        2025-01-02  100 101 99 100
        2025-01-03  100 120 88.01 110
        """,
    )
    assert session.of(Liquidated) == []


def test_a_liquidation_price_without_an_end_is_rounded_to_where_the_level_is_reached() -> None:
    """3 BTC bought for 3,333 at 5x: 10,000 held, level 0.4 at a price with endless threes."""
    session = ran(
        f"""
        2025-01-01  paper/main  deposited  2000 USD
        {TERMS}
        2025-01-01  paper/main  ordered  buy 3 BTC market on p leverage 5  as entry
        """,
        """
        2025-01-02  3333 3333 3333 3333
        2025-01-03  3333 3333 1000 3000
        """,
    )
    # equity 2000 - 3 x (3333 - p) = 0.4 x 1999.8 = 799.92, so p = 8798.92 / 3
    assert session.fills[-1] == "sell 3 BTC @ 2932.97333333 liquidated"


def test_what_opens_within_a_bar_may_be_liquidated_in_it() -> None:
    """The entry fills at 95, and the bar was at 70: whether before or after, nobody knows."""
    session = ran(
        on_margin("buy 500 BTC limit price 95 on p leverage 5  as entry"),
        "2025-01-02  100 101 70 100",
    )
    assert session.fills[0] == "buy 500 BTC @ 95 of entry"
    assert [type(event) for event in session.of(Filled, Liquidated)] == [Filled, Liquidated]


def test_of_two_stops_the_nearer_one_fills_first() -> None:
    session = ran(
        ordered(
            "sell 6 BTC stop_loss trigger 91  as far", "sell 6 BTC stop_loss trigger 95  as near"
        ),
        "2025-01-02  100 110 90 105",
    )
    assert session.fills == ["sell 6 BTC @ 95 of near"]
    assert session.said == {"far": "it takes 6 BTC, and 4 are held"}


# Time --------------------------------------------------------------------------------------------


def test_an_order_counts_from_the_first_bar_that_begins_after_it() -> None:
    text = f"{MONEY}\n2025-01-02T08:00  paper/main  ordered  buy 1 BTC market  as it"
    days = """
        2025-01-02  100 110 90 105
        2025-01-03  107 110 90 105
        """
    assert ran(text, days).fills == ["buy 1 BTC @ 107 of it"]


def test_an_order_expires() -> None:
    session = ran(
        ordered("buy 1 BTC limit price 80 expires 2025-01-03T00:00:00Z  as it"),
        """
        2025-01-02  100 110 90 105
        2025-01-03  79 110 70 105
        """,
    )
    assert session.fills == []
    assert session.said == {"it": "expired"}


def test_an_order_that_expires_within_a_bar_fills_at_its_open_or_not_at_all() -> None:
    order = "buy 1 BTC limit price 95 expires 2025-01-02T12:00:00Z  as it"
    assert ran(ordered(order), "2025-01-02  100 110 90 105").fills == []
    assert ran(ordered(order), "2025-01-02  94 110 90 105").fills == ["buy 1 BTC @ 94 of it"]


def test_an_order_that_expires_as_the_bar_ends_may_fill_within_it() -> None:
    order = "buy 1 BTC limit price 95 expires 2025-01-03T00:00:00Z  as it"
    assert ran(ordered(order), "2025-01-02  100 110 90 105").fills == ["buy 1 BTC @ 95 of it"]


def test_what_is_taken_back_does_not_fill() -> None:
    text = (
        f"{ordered('buy 1 BTC limit price 95  as it')}\n2025-01-01  paper/main  cancelled it mine"
    )
    assert ran(text, "2025-01-02  100 110 90 105").fills == []


def test_what_happens_within_a_bar_is_of_its_last_day() -> None:
    """A stop of 31 December belongs to that year, though its bar ends with the next one."""
    session = ran(
        f"{COINS}\n2025-01-01  paper/main  ordered  sell 1 BTC stop_loss trigger 95  as it",
        "2025-12-31  100 110 90 105",
    )
    (fill,) = session.of(Filled)
    assert fill.at == datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    (price,) = [e for a, e in session.made if a == PRICES and isinstance(e, PriceObserved)]
    assert price.at == datetime(2026, 1, 1, tzinfo=UTC)
    assert price.price == 105


def test_time_does_not_run_backwards() -> None:
    session = ran(COINS, "2025-01-02  100 110 90 105\n2025-01-03  100 110 90 105 ETH/USD")
    log = logged(story(COINS), session.made)
    with pytest.raises(BookError, match=r"begins before 2025-01-04T00:00:00Z.*go together"):
        resumed(log, bars("2025-01-02  1 1 1 1 XMR/USD"))


def test_a_bar_that_is_told_twice_runs_once() -> None:
    (one,) = bars("2025-01-02  100 110 90 105")
    assert len(resumed(story(COINS), [one, one]).made) == 1
    (other,) = bars("2025-01-02  100 110 70 105")
    with pytest.raises(BookError, match=r"two bars of BTC/USD are of one time and differ"):
        resumed(story(COINS), [one, other])


def test_bars_of_several_pairs_run_side_by_side() -> None:
    session = ran(
        f"""
        {MONEY}
        2025-01-01  paper/main  ordered  buy 1 BTC market  as one
        2025-01-01  paper/main  ordered  buy 1 ETH limit price 9  as other
        """,
        """
        2025-01-02  100 110 90 105
        2025-01-02  10 11 9 10 ETH/USD
        """,
    )
    assert session.fills == ["buy 1 BTC @ 100 of one", "buy 1 ETH @ 9 of other"]
    assert [e.price for _, e in session.made if isinstance(e, PriceObserved)] == [105, 10]


# Reducing ----------------------------------------------------------------------------------------


def reducing(bar: str) -> Session:
    return ran(
        on_margin(
            "buy 10 BTC limit price 95 on p leverage 5  as entry",
            "sell 15 BTC stop_loss trigger 90 on p reduce_only yes  as stop",
        ),
        f"2025-01-02  100 101 94 96\n2025-01-03  {bar}",
    )


def test_a_stop_may_wait_for_the_position_that_it_is_to_close() -> None:
    session = reducing("96 97 89 90")
    assert session.fills == ["buy 10 BTC @ 95 of entry", "sell 10 BTC @ 90 of stop"]
    assert session.said == {"stop": "the position held no more than was filled"}
    assert session.account.positions == {}


def test_an_order_that_only_reduces_never_opens() -> None:
    session = ran(
        on_margin("sell 1 BTC market on p reduce_only yes  as it"), "2025-01-02 100 110 90 105"
    )
    assert session.said == {"it": "there is no position p to reduce"}


def test_an_exit_whose_entry_was_cancelled_is_cancelled_as_the_next_bar_opens() -> None:
    session = ran(
        on_margin(
            "buy 600 BTC limit price 95 on p leverage 5  as entry",
            "sell 600 BTC stop_loss trigger 90 on p reduce_only yes  as stop",
        ),
        "2025-01-02  100 101 94 96\n2025-01-03  96 97 80 81",
    )
    assert session.fills == []
    assert session.said["stop"] == "there is no position p to reduce"


def test_an_order_in_an_account_that_holds_nothing_is_cancelled() -> None:
    session = ran("2025-01-01 paper/main ordered buy 1 BTC market  as it", "2025-01-02 9 9 9 9")
    assert session.said == {"it": "it takes 9 USD, and 0 are held"}


def test_an_order_beyond_the_position_turns_it() -> None:
    session = ran(
        on_margin(
            "buy 10 BTC market on p leverage 5  as long",
            "sell 15 BTC market on p leverage 5  as turn",
        ),
        "2025-01-02  100 110 90 105",
    )
    assert session.account.positions["p"].side == -1
    assert session.account.positions["p"].quantity == Decimal(5)
