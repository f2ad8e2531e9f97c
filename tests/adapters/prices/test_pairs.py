"""Of which pair bars are, and how long: told, said by the data, or by a name as a default."""

from datetime import timedelta

import pytest

from adapters.prices.pairs import Wanted, interval_of, label, named_interval, pair_of, split
from domain.errors import BookError, UnknownName


def test_what_is_told_counts() -> None:
    pair = pair_of("XBTUSD_1440.csv", "", Wanted(asset="ETH", quote="EUR"))
    assert pair == ("ETH", "EUR", "--asset and --quote")


def test_what_the_data_says_counts_before_the_name() -> None:
    assert pair_of("XBTUSD_1440.csv", "ETH/EUR", Wanted()) == ("ETH", "EUR", "the data")


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("XBTUSD_1440.csv", "BTC/USD"),
        ("XXBTZUSD_60.csv", "BTC/USD"),
        ("my_kraken_ETHEUR_15.csv", "ETH/EUR"),
        ("USDTUSD_1.csv", "USDT/USD"),
        ("XDGUSD_5.csv", "DOGE/USD"),
        ("BTCUSDT-1h-2025-03.csv", "BTC/USDT"),
        ("ETHBTC-1d-2025-03-04.csv", "ETH/BTC"),
        ("SOLFDUSD-1m-2025-03.csv", None),
        ("BTCBUSD-1d-2022.csv", None),
        ("prices.csv", None),
        ("report_2025_03.csv", None),
        ("xbtusd_1440.csv", None),
    ],
)
def test_a_name_in_the_manner_of_a_venue_is_a_default(name: str, pair: str | None) -> None:
    if pair is None:
        with pytest.raises(BookError, match="of which pair are these bars"):
            pair_of(name, "", Wanted())
    else:
        found = pair_of(name, "", Wanted())
        assert f"{found.asset}/{found.quote}" == pair
        assert found.told_by == "the file's name"


@pytest.mark.parametrize(
    ("symbol", "told"),
    [("", Wanted(asset="BTC", quote="BTC")), ("", Wanted(asset="USD")), ("BTC/BTC", Wanted())],
)
def test_nothing_is_priced_in_itself(symbol: str, told: Wanted) -> None:
    with pytest.raises(BookError, match="is not priced in itself"):
        pair_of("prices.csv", symbol, told)


def test_an_asset_alone_is_priced_as_the_name_says_or_in_the_books_currency() -> None:
    told = Wanted(asset="BTC", currency="EUR")
    assert pair_of("BTCUSDT-1h-2025-03.csv", "", told)[:2] == ("BTC", "USDT")
    assert pair_of("ETHUSDT-1h-2025-03.csv", "", told)[:2] == ("BTC", "EUR")
    assert pair_of("x.csv", "", told) == ("BTC", "EUR", "--asset and the book's currency")


def test_a_quote_alone_must_be_the_one_that_is_said() -> None:
    assert pair_of("XBTUSD_60.csv", "", Wanted(quote="USD"))[:2] == ("BTC", "USD")
    with pytest.raises(BookError, match="of which pair"):
        pair_of("XBTUSD_60.csv", "", Wanted(quote="EUR"))


@pytest.mark.parametrize("told", [Wanted(asset="BTC"), Wanted(quote="EUR")])
def test_data_of_another_pair_than_was_told_is_refused(told: Wanted) -> None:
    with pytest.raises(BookError, match="its rows are of ETH/USD, not of"):
        pair_of("x.csv", "ETH/USD", told)


@pytest.mark.parametrize(
    ("symbol", "pair"),
    [
        ("BTC/USD", ("BTC", "USD")),
        ("btc-usd", ("BTC", "USD")),
        ("XBT_USD", ("BTC", "USD")),
        ("BTCUSD", ("BTC", "USD")),
        ("BTCTUSD", None),
        ("", None),
        ("BTC/USD/EUR", None),
        ("///", None),
        ("/USD", None),
    ],
)
def test_a_symbol_is_split_where_it_can_be_read_in_one_way(
    symbol: str, pair: tuple[str, str] | None
) -> None:
    assert split(symbol) == pair


@pytest.mark.parametrize(
    ("text", "minutes"), [("1440", 1440), ("60m", 60), ("4h", 240), ("1d", 1440), ("1w", 10080)]
)
def test_an_interval_is_minutes_or_a_number_with_its_unit(text: str, minutes: int) -> None:
    assert interval_of(text) == timedelta(minutes=minutes)
    assert label(interval_of(text)) == f"{minutes}m"


@pytest.mark.parametrize("text", ["", "0", "1M", "-5", "1.5h", "d", "400d", "1 d", "9" * 9])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(UnknownName, match="is no interval of bars"):
        interval_of(text)


def test_seconds_have_a_label_of_their_own() -> None:
    assert label(timedelta(seconds=90)) == "90s"
    assert label(timedelta(milliseconds=1500)) == "1.5s"


def test_a_name_may_say_how_long_bars_are() -> None:
    assert named_interval("XBTUSD_1440.csv") == timedelta(days=1)
    assert named_interval("BTCUSDT-1s-2025-03-04.csv") == timedelta(seconds=1)
    assert named_interval("BTCUSDT-1mo-2025-03.csv") is None
    assert named_interval("prices.csv") is None
