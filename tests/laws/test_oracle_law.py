"""Engine and oracle agree on swaps and fees, on picks and orders, and across the turn of 2025."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings

from domain.methods import LAWFUL
from tests.laws.histories import EXCHANGES, KINDS, histories
from tests.laws.test_oracle import differences
from tests.story import Story

COINS = (*KINDS, *EXCHANGES, *EXCHANGES, "fee of a trade", "fee of a trade")
DECIDED = (
    *("buy", "sell", "deposit", "pick", "transfer", "order", "open", "withdraw", "swap out"),
    *("borrow", "repay", "interest", "income", "long", "liquidate a position", "settle"),
    *("sell again", "pick"),
)
BEFORE = (
    *("buy", "sell", "deposit", "transfer", "withdraw", "borrow", "repay", "sell again", "fee"),
    *("transfer", "sell again", "swap out"),
)
AROUND_2025 = tuple(datetime(2025, 1, 1, 12, tzinfo=UTC) - timedelta(days=n) for n in (40, 90, 200))
AROUND_2027 = (
    *AROUND_2025,
    datetime(2026, 12, 1, 12, tzinfo=UTC),
    datetime(2026, 9, 1, tzinfo=UTC),
)
ZONES = ("UTC", "America/New_York", "Asia/Tokyo")


@settings(max_examples=300)
@given(histories((*COINS, "fee of a fee"), 30, priced=3))
def test_engine_and_oracle_agree_on_swaps_and_fees_in_anything(book: Story) -> None:
    assert differences(book, ("fifo", "hifo")) == []


@settings(max_examples=300)
@given(histories((*COINS, "fee of a fee in its own coin"), 30, priced=2))
def test_engine_and_oracle_agree_where_a_price_is_missing(book: Story) -> None:
    assert differences(book, ("fifo", "hifo")) == []


@settings(max_examples=600)
@given(histories(DECIDED, 30, AROUND_2027, ZONES))
def test_engine_and_oracle_agree_on_picks_and_orders(book: Story) -> None:
    assert differences(book, (LAWFUL,)) == []


@settings(max_examples=600)
@given(histories(BEFORE, 30, AROUND_2025, ZONES))
def test_engine_and_oracle_agree_on_the_turn_of_2025(book: Story) -> None:
    assert differences(book, ("fifo", "lifo", "hifo")) == []
