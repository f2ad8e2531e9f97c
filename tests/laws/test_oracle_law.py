"""Engine and oracle agree on swaps and fees, on picks and orders, and across the turn of 2025."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from domain.methods import LAWFUL
from projections.lots import LotBook
from projections.tax.us import identification
from projections.tax.us.law import TOLD_ALONE
from projections.trades import Costs, Trades
from tests.laws.histories import EXCHANGES, KINDS, histories
from tests.laws.test_oracle import differences, sentences, some
from tests.story import Story, lots, told

COINS = (*KINDS, *EXCHANGES, *EXCHANGES, "fee of a trade", "fee of a trade")
DECIDED = (
    *("buy", "sell", "deposit", "pick", "buy again", "sell again", "pick", "transfer", "order"),
    *("open", "income", "withdraw", "swap out", "pick", "interest", "borrow", "repay", "long"),
    *("liquidate a position", "settle", "deposit", "buy", "sell", "pick", "order"),
)
BEFORE = (
    *("buy", "sell", "deposit", "transfer", "withdraw", "borrow", "repay", "sell again", "fee"),
    *("transfer", "sell again", "swap out", "buy again"),
)
AROUND_2025 = tuple(datetime(2025, 1, 1, 12, tzinfo=UTC) - timedelta(days=n) for n in (40, 90, 200))
AROUND_2027 = (
    *AROUND_2025,
    datetime(2026, 12, 1, 12, tzinfo=UTC),
    datetime(2026, 9, 1, tzinfo=UTC),
)
ZONES = ("UTC", "America/New_York", "Asia/Tokyo")
ONE_COIN = 4

SWAPS = histories((*COINS, "fee of a fee"), 30, priced=3)
UNPRICED = histories((*COINS, "fee of a fee in its own coin"), 30, priced=2)
IDENTIFIED = histories(DECIDED, 30, AROUND_2027, ZONES, places=ONE_COIN)
TURNED = histories(BEFORE, 30, AROUND_2025, ZONES, places=ONE_COIN)
FROM_2027 = histories(DECIDED, 20, AROUND_2027[-2:-1], places=ONE_COIN)
SCOPED = histories((*BEFORE, "scope"), 30, AROUND_2025, places=ONE_COIN)

FAMILIES = {
    "swaps and fees in anything": (SWAPS, ("fifo", "hifo"), 250),
    "swaps where a price is missing": (UNPRICED, ("fifo", "lofo"), 250),
    "picks, orders and custody": (IDENTIFIED, (LAWFUL,), 800),
    "the turn of 2025": (TURNED, ("fifo", "lifo", "hifo"), 300),
    "the scope before 2025": (SCOPED, ("fifo", "lofo"), 150),
}
families = pytest.mark.parametrize("name", FAMILIES)


@families
def test_engine_and_oracle_agree(name: str) -> None:
    agree(name, 1)


@pytest.mark.nightly
@families
def test_engine_and_oracle_agree_for_long(name: str) -> None:
    agree(name, 30)


def agree(name: str, times: int) -> None:
    stories, methods, examples = FAMILIES[name]

    @settings(max_examples=examples * times)
    @given(stories)
    def law(book: Story) -> None:
        assert differences(book, methods) == []

    law()


# Small world -------------------------------------------------------------------------------------

PRICES = told(
    "\n".join(f"2024-12-{day}  price  X 2" for day in (30, 31))
    + """
    2025-01-01  price  X 2
    2025-01-02  price  X 2
    2025-01-03  price  X 2
"""
)
LETTERS = told("""
    2024-12-30               bought       2 X  @ 1
    2024-12-30  self/wallet  bought       1 X  @ 3
    2024-12-30               sold         1 X  @ 4
    2024-12-30               transferred  1 X  to self/wallet
    2024-12-30  self/wallet  sold         1 X  for 2 Y  fee 0.5 X
    2024-12-30  book         picked       e0   picks e2:1 e1:0.5
    2024-12-30  self/wallet  transferred  0.5 X  to kraken/main  fee 0.5
    2024-12-30               charged      0.5 X
    2024-12-30  book         elected      hifo
    2024-12-30               borrowed     1 X
    2024-12-30               repaid       1 X
""")
DECEMBER = datetime(2024, 12, 30, 12, tzinfo=UTC)


def differ(length: int, letters: int) -> list[str]:
    """Of histories with a price for each day."""
    prices = tuple(evolve(price, position=-i) for i, price in enumerate(PRICES.log))
    for book in sentences(some(LETTERS, letters), length, DECEMBER):
        if found := differences(Story(prices + book.log), (LAWFUL, "lifo")):
            return [repr(book), *found]
    return []


@pytest.mark.parametrize(("length", "letters"), [(2, 11), (3, 11), (4, 8)])
def test_engine_and_oracle_agree_on_every_short_history_over_new_year(
    length: int, letters: int
) -> None:
    """Two of the days are in 2024: what happens then meets lots of all accounts."""
    assert differ(length, letters) == []


@pytest.mark.nightly
def test_engine_and_oracle_agree_on_every_history_of_five_days_over_new_year() -> None:
    assert differ(5, 11) == []


# Canaries: the comparison must be able to fail ---------------------------------------------------


def an_order_counts_at_its_own_instant(patch: pytest.MonkeyPatch) -> None:
    def reaches(order: Any, recorded: Any, key: Any) -> bool:
        return order.event.at <= recorded.event.at and order.account in (key[0], "book")

    patch.setattr(identification, "_reaches", reaches)
    patch.setattr(identification, "_MOMENT", timedelta())


def brokers_need_never_be_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(identification, "TOLD_ALONE", evolve(TOLD_ALONE, value=date(2100, 1, 1)))


def picks_are_not_heard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(identification.Identification, "_picks", lambda *_: [])


def a_transfer_takes_lots_from_anywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(LotBook, "move", LotBook.take)


def what_was_given_decides(patch: pytest.MonkeyPatch) -> None:
    rule = Trades._worth
    patch.setattr(Trades, "_worth", lambda self, now, one, two: rule(self, now, two, one))


def costs_of_a_swap_are_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Costs, "add", lambda self, usd: None)


BROKEN: list[tuple[Callable[[pytest.MonkeyPatch], None], st.SearchStrategy[Story], str]] = [
    (an_order_counts_at_its_own_instant, IDENTIFIED, LAWFUL),
    (brokers_need_never_be_told, FROM_2027, LAWFUL),
    (picks_are_not_heard, IDENTIFIED, LAWFUL),
    (a_transfer_takes_lots_from_anywhere, TURNED, "fifo"),
    (what_was_given_decides, SWAPS, "fifo"),
    (costs_of_a_swap_are_lost, SWAPS, "fifo"),
]


@pytest.mark.parametrize(
    ("broken", "stories", "method"), BROKEN, ids=lambda of: getattr(of, "__name__", "")
)
def test_a_broken_engine_is_caught(
    broken: Callable[[pytest.MonkeyPatch], None],
    stories: st.SearchStrategy[Story],
    method: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken(monkeypatch)
    quick = settings(max_examples=3000, database=None, derandomize=True, phases=[Phase.generate])
    caught = find(stories, lambda book: bool(differences(book, [method])), settings=quick)
    assert differences(caught, [method]) != []


# What the oracle found ---------------------------------------------------------------------------


def test_custody_is_as_the_account_was_last_opened() -> None:
    book = told("""
        2027-01-10  deposited  1 X  bought 2027-01-01 for 1
        2027-01-11  deposited  1 X  bought 2027-01-02 for 2
        2027-01-12  elected    hifo
        2027-01-13  opened     spot  custody broker
        2027-01-13  opened     spot  custody self
        2027-01-14  sold       1 X  @ 3
    """)
    assert differences(book, (LAWFUL,)) == []


def test_units_that_paid_for_a_fee_are_gone_whatever_they_were_worth() -> None:
    book = told("""
        2025-01-01  deposited  1 X    bought 2025-01-01 for 10
        2025-01-01  deposited  1 Y    bought 2025-01-01 for 100
        2025-01-02  price      Y 200
        2025-01-02  bought     1 Z    for 50       as trade
        2025-01-02  charged    0.5 Y  of trade     as fee
        2025-01-02  charged    0.5 X  of fee
    """)
    assert [row["quantity"] for row in lots(book) if row["asset"] == "X"] == ["0.5"]


def test_no_cash_that_was_charged_is_lost() -> None:
    book = told("""
        2025-01-01  bought   1 X    for 100   fee 1  as trade
        2025-01-01  charged  1 USD  of trade  as more
        2025-01-01  charged  1 USD  of more
    """)
    assert [row["basis"] for row in lots(book)] == ["103"]
