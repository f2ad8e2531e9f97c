"""One story in every venue's words: the same trades give the same gains, wherever they were made.

The trader puts in 20,000, borrows 30,000, buys 1 BTC at 42,000 (fee 42), sells 0.4 at 45,000 (fee
18), repays half, shorts 5 ETH at 3,400 (fee 17) and covers at 3,100 (fee 15.50), and is liquidated
of 0.6 BTC at 40,000 (fee 24). By hand:

    0.4 BTC  18,000 - 18 - 42,042 x 0.4        =  1,165.20
    5 ETH    17,000 - 17 - (15,500 + 15.50)    =  1,467.50
    0.6 BTC  24,000 - 24 - 42,042 x 0.6        = -1,249.20

A stablecoin counts as one dollar here, so that venues with and without dollars can be compared.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from domain.events import BasisStated, Deposited, PriceObserved
from domain.money import CASH, ONE, plain
from domain.parts import StatedLot
from marginbook import Book
from tests.adapters.importers.fixtures import Fixture, stories, written
from tests.kraken_venue import Venue

GAINS = {"BTC 0.4": "1165.20", "BTC 0.6": "-1249.20", "ETH 5": "1467.50"}
SPOT = {"BTC 0.4": "1165.20", "BTC 0.6": "-1249.20"}
"""What a venue without margin can tell of it."""

COIN = {"BTC 0.4": "1182.00", "BTC 0.6": "-1224.00", "ETH 5": "1483.00"}
"""Where a stablecoin buys: what the purchase costs (42, 15.50) cuts what the stablecoin brought,
and is no basis of the coin (Treas. Reg. 1.1001-7(b), 1.1012-1(h)(2)(ii)(B))."""

TOLD: dict[str, dict[str, str]] = {
    **dict.fromkeys(("bitfinex", "bittytax", "cointracker", "koinly", "summ"), GAINS),
    **dict.fromkeys(("coinbase", "coinbase_pro", "gemini", "rp2"), SPOT),
    **dict.fromkeys(("binance", "bybit", "kucoin", "okx"), COIN),
    **{venue: {} for venue in ("bitmex", "deribit", "kraken_futures")},  # they trade no coin
}
"""What each venue's words for it tell."""

STORIES = stories()


def kraken(folder: Path) -> list[Path]:
    """The story as Kraken's two files tell it: the venue lends within positions."""
    venue = Venue("the same story")
    venue.deposit("2024-02-01 09:00:00", "USD", "20000")
    long = venue.open("2024-02-01 10:05:00", "buy", "BTC", "1", "42000", leverage=5)
    venue.rollover("2024-02-02 00:00:00", long)
    venue.close("2024-02-10 12:00:00", long, "0.4", "45000")
    short = venue.open("2024-03-01 08:05:00", "sell", "ETH", "5", "3400", leverage=5)
    venue.close("2024-03-15 08:00:00", short, "5", "3100")
    venue.close("2024-04-10 03:00:00", long, "0.6", "40000")
    venue.withdraw("2024-04-20 12:00:00", "USD", "5000")
    return written(folder, {"l.csv": venue.ledgers().encode(), "t.csv": venue.trades().encode()})


def gains(book: Book) -> dict[str, str]:
    """What was won or lost on coins, by asset and quantity, the dollars of stablecoins apart."""
    sums: dict[str, Decimal] = {}
    for row in book.tax_year(2024).rows:
        if row.of.asset in ("BTC", "ETH"):
            name = f"{row.of.asset} {plain(row.of.quantity)}"
            sums[name] = sums.get(name, Decimal()) + row.gain
    return {name: f"{gain:.2f}" for name, gain in sorted(sums.items())}


def dollars_for_stablecoins(book: Book) -> None:
    """Say that every stablecoin in the book is worth, and cost, one dollar."""
    events = [recorded for recorded in book.events() if recorded.account != "book"]
    stable = {"USDT", "USDC"}
    prices = {
        (asset, recorded.event.at): PriceObserved(
            at=recorded.event.at,
            id=f"par/{asset}/{recorded.position}",
            asset=asset,
            quote="USD",
            price=ONE,
        )
        for recorded in events
        for asset in stable
    }
    book.record(prices.values(), "book")
    for recorded in events:
        event = recorded.event
        if isinstance(event, Deposited) and event.asset not in CASH and not event.lots:
            lot = StatedLot(acquired=event.at.date(), quantity=event.quantity, basis=event.quantity)
            stated = BasisStated(at=event.at, id=f"par/{event.id}", target=event.id, lots=(lot,))
            book.record([stated], recorded.account)


@pytest.mark.parametrize("fixture", STORIES, ids=lambda fixture: fixture.name)
def test_the_story_gives_the_same_gains_at_every_venue(fixture: Fixture, tmp_path: Path) -> None:
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files(fixture.paths)
        assert [finding for file in result.files for finding in file.findings] == []
        dollars_for_stablecoins(book)
        found = gains(book)
    assert found == TOLD[fixture.name.removesuffix("/story")]


def test_kraken_tells_the_same_gains_within_its_own_fees(tmp_path: Path) -> None:
    """Its files print a fee of 0.26 %, so each gain differs by what the fees do, no more."""
    with Book.open(tmp_path / "book.db") as book:
        book.import_files(kraken(tmp_path))
        found = gains(book)
    fee = Decimal("0.0026")
    bought = 42000 + 42000 * fee
    assert {name: Decimal(gain) for name, gain in found.items()} == {
        "BTC 0.4": 18000 * (1 - fee) - bought * Decimal("0.4"),
        "BTC 0.6": 24000 * (1 - fee) - bought * Decimal("0.6"),
        "ETH 5": 17000 * (1 - fee) - 15500 * (1 + fee),
    }
