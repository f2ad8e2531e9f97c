"""Which prices of the book make one series: one pair, one interval, one price an instant."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.prices.known_prices import KnownPrice, series_of
from adapters.prices.pairs import Wanted
from domain.errors import UnknownName

START = datetime(2025, 3, 1, tzinfo=UTC)


def price(hours: int, value: int, interval: str = "60m", quote: str = "USD") -> KnownPrice:
    at = START + timedelta(hours=hours)
    name = f"price-BTC-{quote}-{interval}-2025-03-01T00:00:00Z" if interval else f"mine-{hours}"
    return KnownPrice(
        asset="BTC",
        quote=quote,
        price=Decimal(value),
        at=at,
        source=None,
        id=name,
        file=None,
        line=None,
    )


def closes(prices: Iterable[KnownPrice], **told: object) -> list[int]:
    kept = list(prices)
    series = series_of(lambda: kept, "BTC", Wanted(**told))  # type: ignore[arg-type]
    return [int(close.close) for close in series.closes]


def test_the_one_series_there_is_needs_no_choice() -> None:
    assert closes([price(1, 5), price(2, 6)]) == [5, 6]


def test_a_bars_price_knows_when_its_bar_began() -> None:
    (close,) = series_of(lambda: [price(1, 5)], "BTC", Wanted()).closes
    assert (close.at, close.ends) == (START, START + timedelta(hours=1))


def test_prices_of_several_intervals_are_not_mixed() -> None:
    prices = [price(1, 5), price(24, 7, "1440m"), price(24, 6)]
    with pytest.raises(UnknownName, match="has 1440m and 60m: choose with --interval"):
        closes(prices)
    assert closes(prices, interval=timedelta(hours=1)) == [5, 6]
    with pytest.raises(UnknownName, match="choose with --interval"):
        closes(prices, interval=timedelta(hours=4))


def test_the_books_currency_comes_before_other_quotes() -> None:
    prices = [price(1, 5, quote="EUR"), price(1, 6), price(1, 7, quote="USDT")]
    assert closes(prices) == [6]
    assert closes(prices, quote="EUR") == [5]
    with pytest.raises(UnknownName, match="in EUR and USDT: choose with --quote"):
        closes([price(1, 5, quote="EUR"), price(1, 7, quote="USDT")])
    assert closes([price(1, 5, quote="EUR")]) == [5], "the only one there is"


def test_prices_stated_one_by_one_are_a_series_too() -> None:
    assert closes([price(1, 5, ""), price(3, 6, "")]) == [5, 6]


def test_of_two_prices_of_one_instant_the_last_one_learnt_counts() -> None:
    assert closes([price(1, 5, ""), price(1, 6, ""), price(2, 7, "")]) == [6, 7]


def test_no_price_says_so() -> None:
    with pytest.raises(UnknownName, match="the book knows no price of BTC"):
        closes([])
    with pytest.raises(UnknownName, match="no price of BTC in EUR"):
        closes([price(1, 5)], quote="EUR")
