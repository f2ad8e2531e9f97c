"""What a venue sells, in which order and how much of it, and what is left or borne in the end."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from marginbook import Book, BookError
from projections.whatif.supposed import WhatIf
from tests.adapters.test_deciding import tell
from tests.adapters.test_whatif import at_price, said, serious, terms
from tests.laws.made_up_books import MadeUp

ISOLATED = "binance/isolated/BTCUSDT"
PAR = """
    2025-03-01  price  USDT 1
    2025-03-01  price  USDC 1
"""


@pytest.fixture
def book() -> Iterator[Book]:
    with Book.open(":memory:") as opened:
        yield opened


def events(report: WhatIf) -> list[str]:
    """What would happen: kind, side, units, asset."""
    return [
        " ".join(
            str(event[name]) for name in ("type", "side", "quantity", "asset") if name in event
        )
        for event in report.events
    ]


# Isolated accounts ------------------------------------------------------------------------------


def test_coins_are_sold_for_every_money_that_is_owed(book: Book) -> None:
    """1 BTC is 28,000, less 2 % 27,440: 20,000 are owed in two moneys, 7,440 are left."""
    tell(
        book,
        PAR
        + f"""
        2025-03-01  {ISOLATED}  deposited  1 BTC  bought 2024-01-01 for 20000
        2025-03-01  {ISOLATED}  borrowed   10000 USDT
        2025-03-01  {ISOLATED}  borrowed   10000 USDC
        2025-03-01  {ISOLATED}  withdrawn  10000 USDT
        2025-03-01  {ISOLATED}  withdrawn  10000 USDC
        """,
    )
    terms(book, ISOLATED, model="binance_isolated", leverage=5, liquidation_fee_rate="0.02")
    report = at_price(book, BTC="28000").liquidate()
    (outcome,) = report.outcomes
    assert said(outcome.equity_left, outcome.shortfall, outcome.penalty) == "7440.00 0.00 560.00"
    (state,) = report.after
    assert said(state.debt) == "0.00"


def test_cash_pays_a_debt_in_a_token(book: Book) -> None:
    """30,000 dollars, 1,180 tethers owed and spent: changed at par, without a clearance fee."""
    tell(
        book,
        PAR
        + f"""
        2025-03-01  {ISOLATED}  deposited  30000 USD
        2025-03-01  {ISOLATED}  borrowed   1180 USDT
        2025-03-01  {ISOLATED}  withdrawn  1180 USDT
        """,
    )
    terms(book, ISOLATED, model="binance_isolated", leverage=5, liquidation_fee_rate="0.02")
    report = book.supposing().liquidate()
    (outcome,) = report.outcomes
    assert said(outcome.equity_left, outcome.shortfall, outcome.penalty) == "28820.00 0.00 0.00"
    assert events(report) == ["filled sell 1180 USD", "repaid 1180 USDT"]


def test_cash_pays_the_loss_of_a_position_in_tethers(book: Book) -> None:
    """A long at 50,000 is closed at 40,000: 10,000 lost, 2 % of 40,000 taken, of 30,000."""
    tell(
        book,
        PAR
        + f"""
        2025-03-01  {ISOLATED}  deposited  30000 USD
        2025-03-01  {ISOLATED}  bought     1 BTC  @ 50000 USDT  on p
        """,
    )
    terms(book, ISOLATED, model="binance_isolated", leverage=5, liquidation_fee_rate="0.02")
    report = at_price(book, BTC="40000").liquidate()
    (outcome,) = report.outcomes
    assert said(outcome.equity_left, outcome.shortfall, outcome.penalty) == "19200.00 0.00 800.00"
    assert events(report) == ["filled sell 10800 USD", "liquidated sell 1 BTC"]


def test_where_the_venue_bears_a_shortfall_nothing_of_worth_is_left() -> None:
    """Of the isolated accounts of made-up books; and somewhere the venue does bear one."""
    borne = 0
    for seed in range(80):
        chance = Random(seed)  # noqa: S311
        made = MadeUp(seed)
        prices = {c: p * chance.randrange(20, 250) / 100 for c, p in made.prices.items()}
        with Book.open(":memory:") as book:
            for account, event in made.events:
                book.record([event], account)
            for account in (name for name in made.accounts if "/isolated/" in name):
                try:
                    report = book.supposing(prices=prices).liquidate([account])
                except BookError:
                    continue
                (outcome,), (state,) = report.outcomes, report.after
                if outcome.shortfall:
                    borne += 1
                    left = [h for h in state.holdings if h.value and h.value > Decimal("0.01")]
                    assert not any((*left, state.debt)), f"seed {seed}"
    assert borne > 8


# Order ------------------------------------------------------------------------------------------


def test_positions_are_closed_the_first_opened_first_whatever_their_names(book: Book) -> None:
    tell(
        book,
        """
        2025-03-01  deposited  100000 USD
        2025-03-01  bought     1 BTC  @ 30000  on z  leverage 5
        2025-03-02  bought     2 ETH  @ 2000   on a  leverage 5
        """,
    )
    assert events(book.supposing().liquidate()) == [
        "liquidated sell 1 BTC",
        "liquidated sell 2 ETH",
    ]


def test_a_loss_takes_the_coins_of_the_most_worth_first(book: Book) -> None:
    """After those of the venue's own order: BTC; then ADA of 2,000, then SOL of 1,000."""
    tell(
        book,
        """
        2025-03-01  deposited  10 SOL    bought 2024-01-01 for 1
        2025-03-01  deposited  100 ADA   bought 2024-01-01 for 1
        2025-03-01  deposited  0.01 BTC  bought 2024-01-01 for 1
        2025-03-01  bought     1 ETH     @ 5000  on p  leverage 5
        """,
    )
    report = at_price(book, ETH="2000", SOL="100", ADA="20", BTC="50000").liquidate()
    assert events(report) == [
        "liquidated sell 1 ETH",
        "liquidated sell 0.01 BTC",  # 500 of 3,000
        "liquidated sell 100 ADA",  # 2,000
        "liquidated sell 5 SOL",
    ]


def test_what_is_sold_for_a_loss_pays_its_own_fees(book: Book) -> None:
    """1,000 lost, 1 % and 2 % of 2,000 taken: 1,060 of BTC at 50,000, of which 97 % come in."""
    tell(
        book,
        """
        2025-03-01  deposited  1 BTC  bought 2024-01-01 for 1
        2025-03-01  bought     1 ETH  @ 3000  on p  leverage 5
        """,
    )
    fees = {"taker_fee_rate": "0.01", "liquidation_fee_rate": "0.02"}
    terms(book, "kraken/main", model="kraken", **fees)
    report = at_price(book, ETH="2000", BTC="50000").liquidate()
    # 1,060 / 48,500, up at eight decimals
    assert events(report) == ["liquidated sell 1 ETH", "liquidated sell 0.02185568 BTC"]
    (state,) = report.after
    (cash,) = [held for held in state.holdings if held.asset == "USD"]
    assert 0 <= cash.quantity < Decimal("0.001")


# Loans ------------------------------------------------------------------------------------------


def test_of_a_coin_that_is_held_and_owed_only_what_is_beyond_is_sold(book: Book) -> None:
    """1.5 BTC held and 0.5 owed: 1 is sold and 0.5 goes back as it is."""
    tell(
        book,
        """
        2025-03-01  binance/cross  deposited  1 BTC  bought 2024-01-01 for 1
        2025-03-01  binance/cross  borrowed   0.5 BTC
        """,
    )
    terms(book, "binance/cross", model="binance_cross", leverage=3)
    report = at_price(book, BTC="50000").liquidate()
    assert events(report) == ["liquidated sell 1 BTC", "repaid 0.5 BTC"]


def test_coins_are_sold_for_the_money_that_is_owed_and_not_for_that_which_is_held(
    book: Book,
) -> None:
    """10 tethers stand there; the loan is in another token: 1,000 of it from 2,000 of proceeds."""
    tell(
        book,
        PAR
        + """
        2025-03-01  binance/cross  deposited  10 USDT  bought 2025-03-01 for 10
        2025-03-01  binance/cross  deposited  1 ETH  bought 2024-01-01 for 1
        2025-03-01  binance/cross  borrowed   1000 USDC
        2025-03-01  binance/cross  withdrawn  1000 USDC
        """,
    )
    terms(book, "binance/cross", model="binance_cross", leverage=3, liquidation_fee_rate="0")
    report = at_price(book, ETH="2000").liquidate()
    assert events(report) == ["liquidated sell 1 ETH", "repaid 1000 USDC"]
    assert report.events[0]["quote"] == "USDC"


def test_a_loss_does_not_take_coins_that_are_owed_themselves(book: Book) -> None:
    """2 ETH held, 1.5 of them lent: half an ETH is there for a loss of 3,000."""
    tell(
        book,
        """
        2025-03-01  v/a  deposited  0.5 ETH  bought 2024-01-01 for 1
        2025-03-01  v/a  borrowed   1.5 ETH
        2025-03-01  v/a  bought     1 BTC  @ 30000  on p
        """,
    )
    terms(book, "v/a", model="standard", maintenance_rate="0.05")
    report = at_price(book, BTC="27000", ETH="2000").liquidate()
    assert events(report)[:2] == ["liquidated sell 1 BTC", "liquidated sell 0.5 ETH"]
    assert "repaid 1.5 ETH" in events(report)


STOPPED = """
    2025-03-01  v/a  deposited  5 ETH  bought 2024-01-01 for 1
    2025-03-01  v/a  bought     1 BTC  @ 30000  on p
    2025-03-01  price  ETH 2000
"""


@pytest.mark.parametrize(
    ("loan", "sold", "remarked"),
    [
        ("", ["filled sell 1 BTC", "filled sell 0.5 ETH"], []),
        ("2025-03-01  v/a  borrowed  100 USD", ["filled sell 1 BTC"], ["negative_balance"]),
    ],
)
def test_a_stop_in_an_account_with_a_loan_sells_no_other_coin(
    book: Book, loan: str, sold: list[str], remarked: list[str]
) -> None:
    """A loss of 1,000 at 29,000: where loans stand anyway, it stays owed."""
    tell(book, STOPPED + loan)
    more: dict[str, Any] = {"maintenance_rate": "0.05"}
    terms(book, "v/a", model="standard", **more)
    report = at_price(book, BTC="29000").leave("stop")
    assert events(report) == sold
    assert serious(report) == remarked
