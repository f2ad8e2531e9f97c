"""In which money an account is figured, and what a price does that is given or seen."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from attrs import evolve

from domain.events import PriceObserved
from domain.price import Price
from domain.recorded import Recorded
from projections.balances import Balances
from projections.margin.margin_history import MarginHistory, MarginPoint
from projections.prices import Marks
from projections.replay import Replay
from tests.projections.margin.test_margin import cents, state
from tests.projections.margin.test_margin_calls import watched
from tests.story import Story, told

TETHERS = """
    2025-03-01  binance/cross  terms      binance_cross  leverage 3
    2025-03-01  binance/cross  deposited  10000 USDT  bought 2025-03-01 for 10000
    2025-03-01  binance/cross  borrowed   20000 USDT
    2025-03-01  binance/cross  bought     0.3 BTC  @ 100000 USDT
"""


def test_a_price_given_for_a_token_turns_an_account_into_dollars_and_keeps_its_level() -> None:
    """30,000 tethers over 20,000 is 1.5 at any price of the tether; half of 10,000 is 5,000.

    1.1 x 20,000 / 0.3 is 73,333.33 tethers a coin, 36,666.67 dollars.
    """
    account = state(told(TETHERS), USDT="0.5")
    assert (account.currency, account.level, account.status) == ("USD", Decimal("1.5"), "healthy")
    assert cents(account.equity) == "5000.00"
    assert cents(account.debt) == "10000.00"
    assert cents(account.prices["BTC"].liquidation) == "36666.67"
    assert account.findings == ()


def test_a_price_given_of_a_coin_counts_beside_that_of_its_token() -> None:
    """0.3 coins at 40,000 dollars over 20,000 tethers at 0.5: 12,000 / 10,000."""
    account = state(told(TETHERS), USDT="0.5", BTC="40000")
    assert (account.level, cents(account.equity)) == (Decimal("1.2"), "2000.00")


def test_an_account_in_tethers_is_asked_for_at_a_price_of_a_coin_in_tethers() -> None:
    account = state(told(TETHERS), BTC="80000")
    assert (account.currency, cents(account.equity)) == ("USDT", "4000.00")
    assert account.level == Decimal("1.2")


def test_a_fill_of_a_coin_moves_what_is_priced_in_that_coin() -> None:
    """2 X at 0.5 Y: 1 Y; a Y bought for 30 dollars makes it 30, one sold for 50 makes it 50."""
    _, points = watched(
        told("""
        2025-03-01  deposited  1000 USD
        2025-03-01  deposited  2 X  bought 2024-01-01 for 1
        2025-03-01  price      X 0.5  quote Y
        2025-03-02  bought     1 Y  @ 30 USD  as first
        2025-03-03  sold       1 Y  @ 50 USD  as second
        """)
    )
    equity = {point.event: point.equity for point in points}
    # 970 + 30 + 2 x 15; 1,020 + 2 x 25
    assert (cents(equity["first"]), cents(equity["second"])) == ("1030.00", "1070.00")


# What it costs ----------------------------------------------------------------------------------


class Counted(Marks):
    """Marks that know how often they were asked."""

    asked = 0

    def leg(self, asset: str, quote: str) -> Price | None:
        self.asked += 1
        return super().leg(asset, quote)

    def mark(self, asset: str, currency: str | None = None) -> Price | None:
        self.asked += 1
        return super().mark(asset, currency)

    def quotes(self, asset: str) -> tuple[str, ...]:
        self.asked += 1
        return super().quotes(asset)


def of_coins(count: int) -> Story:
    """An account in tethers, which have no price, that holds so many coins."""
    coins = "\n".join(
        f"2025-03-01  price  C{i} 10  quote USDT\n"
        f"2025-03-01  binance/cross  deposited  1 C{i}  bought 2024-01-01 for 1"
        for i in range(count)
    )
    return told(f"{TETHERS}\n{coins}")


def prices_of(coins: int, book: Story) -> Iterator[Recorded]:
    """So many prices after all that, each of a coin in turn."""
    last = book.replayed[-1]
    for number in range(1, 101):
        at, position = last.event.at + timedelta(minutes=number), len(book.log) + number
        event = PriceObserved(
            at=at,
            id=f"later {number}",
            asset=f"C{number % coins}",
            quote="USDT",
            price=Decimal(number),
        )
        yield evolve(last, account="book", position=position, event=event)


def asked_of_a_hundred_prices(coins: int) -> float:
    points: list[MarginPoint] = []
    marks = Counted("USD", timedelta(hours=24))
    history = MarginHistory(Balances(), marks, lambda point, *_: points.append(point))
    book = of_coins(coins)
    fold = Replay(history.projections)
    fold.run(book.replayed)
    assert points[-1].currency == "USDT"
    before = marks.asked
    fold.run(prices_of(coins, book))
    assert len({point.event for point in points if point.event.startswith("later")}) == 100
    return (marks.asked - before) / 100


def test_a_price_asks_for_as_many_marks_in_an_account_of_many_coins_as_of_few() -> None:
    """Whether dollars would do by now is asked where something new has a price, not every time."""
    assert asked_of_a_hundred_prices(300) <= asked_of_a_hundred_prices(5) <= 4
