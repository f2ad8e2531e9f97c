"""Which of several prices says what something was worth, and that the choice is kept.

Order: what the event says itself; a price that the owner stated; the minute bar of the same venue
that had ended; any other bar, newest first; none.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events import Event, IncomeReceived, PriceObserved
from domain.price import Series, interval_of_name, name_of_close, series_of_name
from tests.story import Folded, Story, findings, folded, kinds, lots, recorded, table, told

AT = "2025-06-01T10:00:30Z"


def close(
    price: str, ended: str, length: str = "1m", venue: str = "", pair: str = "X-USD"
) -> PriceObserved:
    """The close of a bar that ended at this time of 2025-06-01 (a day before: `-`)."""
    at = f"2025-05-31T{ended[1:]}Z" if ended[0] == "-" else f"2025-06-01T{ended}Z"
    asset, quote = pair.split("-")
    name = name_of_close(asset, quote, length, venue, at)  # bars are named by their beginning;
    return PriceObserved(at=at, id=name, asset=asset, quote=quote, price=price)  # type: ignore[arg-type]


def stated(price: str, at: str, pair: str = "X-USD", name: str = "mine") -> PriceObserved:
    asset, quote = pair.split("-")
    at = f"2025-06-01T{at}Z"
    return PriceObserved(at=at, id=name, asset=asset, quote=quote, price=price)  # type: ignore[arg-type]


def book(*prices: PriceObserved, account: str = "kraken/main", at: str = AT) -> Story:
    """1 X received as a reward, and these prices."""
    reward: Event = IncomeReceived(id="1", at=at, asset="X", quantity=1, kind="reward")  # type: ignore[arg-type]
    return recorded([(account, reward), *(("book", price) for price in prices)])


def worth(*prices: PriceObserved, account: str = "kraken/main", at: str = AT) -> str:
    (lot,) = lots(book(*prices, account=account, at=at))
    return lot["basis"]


def chosen(story: Story) -> list[dict[str, Any]]:
    """What the basis of the one lot stood on."""
    (lot,) = (lot for _, lot in story_fold(story).books["fifo"].open())
    return [choice.to_dict() for choice in lot.lot.priced]


def story_fold(story: Story) -> Folded:
    return folded(story, "fifo")


# Among the bars of one pair -----------------------------------------------------------------------

OWN = close("100", "10:00:00", venue="kraken")
OTHER = close("101", "10:00:00", venue="binance")
NOBODYS = close("102", "10:00:00")


def test_the_minute_bar_of_the_events_own_venue_counts() -> None:
    for prices in ((OWN, OTHER, NOBODYS), (NOBODYS, OTHER, OWN), (OTHER, OWN, NOBODYS)):
        assert worth(*prices) == "100"
        assert worth(*prices, account="binance/cross") == "101"
        assert worth(*prices, account="binance/isolated/XUSD") == "101"


def test_a_bar_that_has_not_ended_is_not_known() -> None:
    assert worth(close("99", "09:59:00", venue="kraken"), OWN, at="2025-06-01T09:59:59Z") == "99"
    assert worth(close("99", "09:59:00", venue="kraken"), OWN, at="2025-06-01T10:00:00Z") == "100"


def test_the_own_minute_bar_counts_before_newer_bars_of_others() -> None:
    assert worth(OWN, close("105", "10:00:20", "1s", venue="binance")) == "100"
    assert worth(OWN, close("105", "10:00:20", "1s")) == "100"


def test_the_own_venues_silence_of_an_hour_ends_its_precedence() -> None:
    """Candles without trades are left out: the last close is the price until somebody trades."""
    newer = close("101", "10:00:00", venue="binance")
    assert worth(close("98", "09:00:30", venue="kraken"), newer) == "98"
    assert worth(close("98", "09:00:29", venue="kraken"), newer) == "101"


def test_without_an_own_minute_bar_the_newest_counts() -> None:
    day = close("90", "00:00:00", "1440m", venue="kraken")
    hour = close("95", "10:00:00", "60m")
    assert worth(day, hour) == "95"
    assert worth(day, OTHER) == "101", "another venue's minute is nearer than the own day"
    assert worth(day) == "90"


def test_of_one_instant_the_own_venue_counts_then_the_finest_bar() -> None:
    own, other = close("90", "10:00:00", "60m", venue="kraken"), close("91", "10:00:00", "60m")
    assert worth(own, other) == worth(other, own) == "90"
    hour, quarter = close("90", "10:00:00", "60m"), close("91", "10:00:00", "15m")
    assert worth(hour, quarter) == worth(quarter, hour) == "91"
    a, b = close("1", "10:00:00", venue="a"), close("2", "10:00:00", venue="b")
    assert worth(a, b) == worth(b, a) == "1", "not by which was learnt first"


def test_what_the_owner_stated_last_is_the_owners_word() -> None:
    assert worth(OWN, stated("107", "10:00:10")) == "107"
    assert worth(OWN, stated("107", "10:00:00")) == worth(stated("107", "10:00:00"), OWN) == "107"
    assert worth(OWN, stated("107", "09:59:59")) == "100"
    assert worth(stated("107", "09:59:59"), OTHER) == "101"


def test_a_price_is_too_old_whatever_its_bar() -> None:
    old = close("98", "-10:00:29", venue="kraken")
    assert kinds(book(old)) == ["missing_price"]
    assert worth(old, close("90", "-10:00:30", "1440m")) == "90"


# Through a second leg -----------------------------------------------------------------------------

COIN = close("50", "10:00:00", venue="binance", pair="X-USDT")
TETHER = close("0.99", "10:00:00", venue="kraken", pair="USDT-USD")


def test_the_own_minute_counts_through_a_minute_of_its_quote() -> None:
    direct = close("51", "10:00:00", venue="kraken")
    assert worth(COIN, TETHER, direct, account="binance/main") == "49.5"
    assert worth(COIN, TETHER, direct, account="kraken/main") == "51"
    daily = close("0.98", "00:00:00", "1440m", venue="kraken", pair="USDT-USD")
    assert worth(COIN, daily, direct, account="binance/main") == "51"
    assert worth(COIN, daily, account="binance/main") == "49"


def test_a_price_in_euro_needs_the_euros_own_price() -> None:
    coin = close("50", "10:00:00", venue="kraken", pair="X-EUR")
    assert kinds(book(coin)) == ["missing_price"]
    assert worth(coin, close("1.1", "10:00:00", pair="EUR-USD")) == "55"


def test_there_are_never_three_legs() -> None:
    """X in USDT, USDT in USDC, USDC in USD: nobody priced USDT in USD."""
    story = book(
        COIN,
        close("1", "10:00:00", pair="USDT-USDC"),
        close("1", "10:00:00", pair="USDC-USD"),
    )
    (found,) = story_fold(story).findings.all()
    assert found.kind == "missing_price"
    assert "it is known in USDT: import USDTUSD of that time" in found.hint


def test_a_price_of_the_wrong_way_round_is_no_leg() -> None:
    """USD in USDT is not USDT in USD: nothing is inverted."""
    assert kinds(book(COIN, close("1", "10:00:00", pair="USD-USDT"))) == ["missing_price"]


def test_a_missing_leg_is_named_and_a_stale_coin_price_is_not() -> None:
    (found,) = story_fold(book(COIN, close("2", "10:00:00", pair="X-BTC"))).findings.all()
    assert "it is known in BTC and USDT: import BTCUSD or USDTUSD of that time" in found.hint
    (found,) = story_fold(book(close("2", "-09:00:00", pair="X-BTC"))).findings.all()
    assert found.hint.startswith("add a price_observed")


def test_of_two_ways_the_one_whose_older_leg_is_newer_counts() -> None:
    by_btc = (close("0.1", "08:00:00", pair="X-BTC"), close("1000", "10:00:00", pair="BTC-USD"))
    by_usdt = (close("99", "09:00:00", pair="X-USDT"), close("1", "09:30:00", pair="USDT-USD"))
    assert worth(*by_btc, *by_usdt) == "99"
    assert worth(*by_btc) == "100"


def test_an_older_word_of_the_owner_gives_way_to_a_minute_through_a_leg() -> None:
    assert worth(COIN, TETHER, stated("60", "09:59:59"), account="binance/main") == "49.5"
    assert worth(COIN, TETHER, stated("60", "10:00:00"), account="binance/main") == "60"


VENUES = st.sampled_from(["", "kraken", "binance"])
LENGTHS = st.sampled_from(["1s", "1m", "5m", "60m", "1440m"])
TIMES = st.sampled_from(
    ["-10:00:29", "-23:00:00", "08:00:00", "09:00:30", "09:59:00", "10:00:00", "10:00:20"]
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(VENUES, LENGTHS, TIMES), max_size=7, unique=True),
    st.lists(st.sampled_from(["09:00:00", "09:59:30", "10:00:00"]), max_size=2, unique=True),
    st.randoms(use_true_random=False),
)
def test_the_choice_keeps_to_its_rules_in_whatever_order_prices_were_learnt(
    bars: list[tuple[str, str, str]], words: list[str], chance: Random
) -> None:
    prices = [close(str(i), at, length, venue) for i, (venue, length, at) in enumerate(bars, 1)]
    prices += [stated(str(100 + i), at, name=f"w{i}") for i, at in enumerate(words)]
    said = chosen(book(*prices))
    chance.shuffle(prices)
    (again,) = chosen(book(*prices))
    (first,) = said
    assert first == again
    fresh = [price for price in prices if price.at >= NOW - timedelta(hours=24)]
    if not fresh:
        assert first == {"asset": "X", "rule": "none"}
        return
    taken = next(p for p in prices if str(p.price) == first["price"])
    near = [p for p in fresh if _is_own_minute(p) and p.at >= NOW - timedelta(hours=1)]
    assert taken in fresh
    if near:
        assert taken in near or taken.id.startswith("w")
        assert taken.at >= max(p.at for p in near)
    else:
        assert taken.at == max(p.at for p in fresh)


NOW = datetime(2025, 6, 1, 10, 0, 30, tzinfo=UTC)


def _is_own_minute(price: PriceObserved) -> bool:
    series = series_of_name(price.id)
    return series.venue == "kraken" and timedelta() < series.length <= timedelta(minutes=1)


# The choice is kept -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "rule", "age"),
    [
        ([OWN, OTHER], "same_venue_minute_bar", 30),
        ([OTHER], "coarser_bar", 30),
        ([close("1", "10:00:00", "5m", venue="kraken")], "coarser_bar", 30),
        ([close("1", "08:00:30", venue="kraken")], "coarser_bar", 7200),
        ([stated("7", "09:00:30")], "stated_price", 3600),
    ],
)
def test_a_lot_knows_by_which_rule_it_was_valued(
    prices: list[PriceObserved], rule: str, age: int
) -> None:
    (choice,) = chosen(book(*prices))
    assert (choice["asset"], choice["rule"], choice["age_seconds"]) == ("X", rule, age)
    assert choice["ids"] == [prices[0].id]


def test_two_legs_are_as_good_as_the_weaker() -> None:
    (choice,) = chosen(book(COIN, TETHER, account="binance/main"))
    assert (choice["rule"], choice["price"]) == ("same_venue_minute_bar", "49.5")
    assert choice["ids"] == [COIN.id, TETHER.id]
    daily = close("0.98", "00:00:00", "1440m", venue="kraken", pair="USDT-USD")
    (choice,) = chosen(book(COIN, daily, account="binance/main"))
    assert (choice["rule"], choice["age_seconds"]) == ("coarser_bar", 36_030)


def test_a_lot_without_a_price_says_that_there_was_none() -> None:
    assert chosen(book()) == [{"asset": "X", "rule": "none"}]


def test_what_an_event_says_itself_needs_no_price() -> None:
    story = told("2025-06-01  bought 1 X @ 100\n2025-06-02  price X 7")
    assert chosen(story) == []


def test_a_fee_in_the_coin_bought_is_valued_by_its_own_fill() -> None:
    """An own fill in the book's currency is a price of its event, whatever bars say."""
    story = told("2025-06-01  price X 7\n2025-06-01  bought 1 X @ 100  fee 0.01 X")
    rows = story_fold(story).disposals["fifo"]
    assert [(row.proceeds, row.priced) for row in rows] == [(Decimal(1), ())]


def test_a_positions_fee_in_its_coin_is_valued_by_its_own_fill() -> None:
    """Rule 1: 0.01 X is worth 1 USD where 1 X was bought for 100, and 7 was seen elsewhere."""
    for seen in ("", "2025-06-01  price X 7"):
        story = told(f"""
            {seen}
            2025-05-01  deposited 1 X  bought 2020-01-01 for 50
            2025-06-01  bought    1 X  @ 100  position p  leverage 2  fee 0.01 X
            2025-06-02  sold      1 X  @ 120  position p  leverage 2
        """)
        fee, sale = story_fold(story).disposals["fifo"]
        assert (fee.kind, fee.proceeds, fee.priced) == ("fee", Decimal(1), ())
        assert (sale.basis, sale.basis_priced) == (Decimal(101), ())
        assert kinds(story) == []


def test_a_positions_fee_in_another_coin_needs_that_coins_price() -> None:
    story = told("""
        2025-05-01  deposited 1 F  bought 2020-01-01 for 50
        2025-06-01  bought    1 X  @ 100  position p  leverage 2  fee 0.01 F
    """)
    assert kinds(story) == ["missing_price"]


PAR = close("0.99", "00:00:00", "1440m", venue="kraken", pair="USDT-USD")
DAILY = close("50", "00:00:00", "1440m", venue="kraken")


@pytest.mark.parametrize(
    ("prices", "basis", "asset"),
    [
        ([DAILY, PAR], "39.6", "USDT"),
        ([DAILY, close("1", "00:00:00", "1440m", pair="USDT-EUR")], "50", "X"),
        ([DAILY], "50", "X"),
        ([OTHER, PAR], "39.6", "USDT"),
        ([OWN, PAR], "100", "X"),
        ([stated("41", "10:00:00"), PAR], "41", "X"),
        ([close("50", "00:00:00", "1440m", pair="X-USDT"), PAR], "39.6", "USDT"),
    ],
)
def test_a_coin_bought_for_a_token_of_money_is_not_worth_what_a_daily_bar_says(
    prices: list[PriceObserved], basis: str, asset: str
) -> None:
    """1 X for 40 USDT at 10:00:30, X closed at 50 at midnight. The trade itself says 40.

    Reg. 1.1001-7(b)(4): what cannot be told with reasonable accuracy is worth what was given. With
    the daily close, dollars were sold at a gain of a quarter, and the coin had that basis.
    """
    (trade,) = told("2025-06-01T10:00:30  bought 1 X for 40 USDT").log
    story = recorded([(trade.account, trade.event), *(("book", price) for price in prices)])
    (lot,) = lots(story)
    assert lot["basis"] == basis
    assert [choice["asset"] for choice in chosen(story)] == [asset]


def test_of_a_trade_for_a_token_of_money_the_tokens_price_is_asked_for() -> None:
    """One file of daily bars answers for every trade, and not one for each coin."""
    story = told("2025-06-01  bought 1 X for 40 USDT\n2025-06-02  sold 1 X for 41 USDT")
    found = [one for one in findings(story) if one["kind"] == "missing_price"]
    assert [one["asset"] for one in found] == ["USDT", "USDT"]
    assert "prices import USDTUSD" in found[0]["hint"]


def test_rows_say_which_prices_their_proceeds_and_basis_stand_on() -> None:
    story = told("""
        2025-06-01T10:00  price     X 10
        2025-06-01T11:00  received  reward 2 X
        2025-06-01T12:00  price     Y 5
        2025-06-01T12:30  deposited 4 Y  bought 2020-01-01 for 4
        2025-06-01T13:00  sold      1 X  @ 3 Y  fee 1 Y
        2025-06-02        sold      1 X  @ 20
    """)
    said = [
        {
            "sold": row.asset,
            "proceeds": "+".join(c.asset for c in row.priced) or "-",
            "basis": "+".join(c.asset for c in row.basis_priced) or "-",
        }
        for row in story_fold(story).disposals["fifo"]
        if row.kind == "sale"
    ]
    assert said == table("""
        sold  proceeds  basis
        X     Y         X
        X     -         X
    """)


def test_a_third_coins_fee_is_no_part_of_what_the_coin_received_stands_on() -> None:
    story = told("""
        2025-06-01T10:00  price     X 10
        2025-06-01T10:00  price     F 1
        2025-06-01T11:00  deposited 1 F  bought 2020-01-01 for 1
        2025-06-01T11:00  deposited 1 Y  bought 2020-01-01 for 4
        2025-06-01T13:00  bought    1 X  @ 1 Y  fee 1 F
    """)
    fold = story_fold(story)
    (lot,) = (lot.lot for _, lot in fold.books["fifo"].open())
    assert [c.asset for c in lot.priced] == ["X"]
    (sold,) = (row for row in fold.disposals["fifo"] if row.asset == "Y")
    assert {c.asset for c in sold.priced} == {"X", "F"}


def test_a_short_keeps_the_price_of_its_sale() -> None:
    story = told("""
        2025-06-01T10:00  price    Y 5
        2025-06-01T11:00  borrowed 1 X
        2025-06-01T11:00  sold     1 X  @ 3 Y
        2025-06-09        bought   1 X  @ 9
        2025-06-09        repaid   1 X
    """)
    (row,) = (row for row in story_fold(story).disposals["fifo"] if row.kind == "short")
    assert [c.asset for c in row.priced] == ["Y"]
    assert row.basis_priced == ()


# Names --------------------------------------------------------------------------------------------


def test_a_bars_name_says_venue_and_length() -> None:
    for venue in ("", "kraken", "binance.us", "a-b"):
        for interval, seconds in (("1m", 60), ("1440m", 86_400), ("1s", 1), ("90s", 90)):
            for time in ("2025-03-04T10:00:00Z", "2025-03-04T10:00:00.500000Z"):
                name = name_of_close("BTC", "USD", interval, venue, time)
                series = series_of_name(name)
                assert (series.venue, series.length.total_seconds()) == (venue, seconds)
                assert interval_of_name(name) == interval


@pytest.mark.parametrize(
    "name",
    [
        "",
        "price-",
        "price-BTC-2025-01-06T09:12:00Z",
        "price-BTC-USD-1m",
        "price-BTC-USD-0m-2025-03-04T10:00:00Z",
        "price-BTC-USD-1m@-2025-03-04T10:00:00Z",
        "xprice-BTC-USD-1m-2025-03-04T10:00:00Z",
        "price-BTC-USD-1m-2025-03-04T10:00:00",
        "price-BTC-USD-1.5s-2025-03-04T10:00:00Z",
    ],
)
def test_any_other_name_is_a_price_stated_alone(name: str) -> None:
    series = series_of_name(name)
    assert isinstance(series, Series)
    assert (series.venue, bool(series.length)) == ("", False)
    assert interval_of_name(name) == ""
