"""What-ifs at the edges: one instant, one name, many coins and digits, money without a price."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Any

import pytest

from adapters.wire import from_native
from domain.events import Deposited, Event, Filled, IncomeReceived, PriceObserved, Voided
from marginbook import Book
from projections.whatif.supposed import WhatIf
from tests.adapters.test_deciding import tell
from tests.adapters.test_whatif import COLLATERAL, LONG, at_price, rows, said, serious, terms
from tests.projections.margin.test_margin import cents

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def book() -> Iterator[Book]:
    with Book.open(":memory:") as opened:
        yield opened


def recorded(book: Book, report: WhatIf) -> None:
    """Let it happen for real."""
    for native in (*report.prices, *report.events):
        account, event = from_native(native)
        book.record([event], account)


# One instant ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sequence", [0, 50])
@pytest.mark.parametrize("later", [timedelta(0), timedelta(seconds=1)])
def test_what_is_supposed_at_an_instant_comes_after_all_that_happened_at_it(
    book: Book, sequence: int, later: timedelta
) -> None:
    """0.3 BTC bought at noon for 30,000 are there at noon: 27,000 less 2 %, and not a cent more."""
    tell(
        book,
        """
        2025-02-01  binance/cross  deposited  10000 USD
        2025-02-01  binance/cross  borrowed   20000 USD
        """,
    )
    terms(book, "binance/cross", model="binance_cross", leverage=3)
    trade: dict[str, Any] = {"side": "buy", "quote": "USD", "price": "100000", "quantity": "0.3"}
    fill = Filled(at=NOON, id="f", asset="BTC", sequence=sequence, **trade)
    book.record([fill], "binance/cross")
    report = book.supposing(NOON + later, prices={"BTC": Decimal(90000)}).liquidate()
    assert rows(report) == [("0.3", "26460.00", "30000.00", "-3540.00", "short")]
    assert said(report.outcomes[0].equity_left) == "6460.00"
    assert serious(report) == []


def test_the_last_microsecond_of_a_day_is_an_instant_like_any_other(book: Book) -> None:
    """There is no later one on that day: what is supposed comes last in it, whatever it holds."""
    last = datetime(2025, 3, 1, 23, 59, 59, 999999, tzinfo=UTC)
    deposit = Deposited(at=last, id="d", asset="USD", quantity=Decimal(1000), sequence=50)
    bought: dict[str, Any] = {"side": "buy", "quote": "USD", "price": "1000", "quantity": "1"}
    book.record([deposit, Filled(at=last, id="f", asset="ETH", sequence=51, **bought)], "v/a")
    report = book.supposing(prices={"ETH": Decimal(900)}).trade("sell", Decimal(1), "ETH")
    assert report.at == last
    assert rows(report) == [("1", "900.00", "1000.00", "-100.00", "short")]
    assert serious(report) == []


def test_income_of_that_instant_keeps_its_own_value(book: Book) -> None:
    """1 BTC staked at noon, worth 90,000 then; half of it sold at a supposed 1,000."""
    hour = timedelta(hours=1)
    price = PriceObserved(at=NOON - hour, id="p", asset="BTC", quote="USD", price=Decimal(90000))
    income = IncomeReceived(at=NOON, id="i", asset="BTC", quantity=Decimal(1), kind="staking")
    book.record([price], "book")
    book.record([income], "self/wallet")
    supposing = book.supposing(NOON, prices={"BTC": Decimal(1000)})
    report = supposing.trade("sell", Decimal("0.5"), "BTC", account="self/wallet")
    assert rows(report) == [("0.5", "500.00", "45000.00", "-44500.00", "short")]
    assert (
        report.tax.notes
        == book.supposing(NOON + hour)
        .trade("sell", Decimal("0.5"), "BTC", account="self/wallet")
        .tax.notes
    )


# Names ------------------------------------------------------------------------------------------


def test_a_former_what_if_that_was_recorded_and_voided_swallows_nothing(book: Book) -> None:
    tell(book, COLLATERAL)
    former = at_price(book, BTC="60000").trade("sell", Decimal(1), "BTC")
    recorded(book, former)
    (native,) = former.events
    account, event = from_native(native)
    book.record([Voided(at=event.at, id="v", target=event.id, reason="not so")], account)
    again = at_price(book, BTC="60000").trade("sell", Decimal(1), "BTC")
    assert rows(again) == rows(former) == [("1", "60000.00", "17000.00", "43000.00", "long")]
    assert [event["id"] for event in again.events] != [event["id"] for event in former.events]


def test_a_what_if_that_was_recorded_is_followed_by_another(book: Book) -> None:
    """Half a coin, and then another half."""
    tell(book, COLLATERAL)
    for left in ("1", "0.5"):
        report = at_price(book, BTC="60000").trade("sell", Decimal("0.5"), "BTC")
        recorded(book, report)
        (held,) = [h for h in report.after[0].holdings if h.asset == "BTC"]
        assert held.quantity == Decimal(left)


# Money without a price --------------------------------------------------------------------------

TETHERS = """
    2025-03-01  binance/cross  deposited  10000 USDT  bought 2025-03-01 for 10000
    2025-03-01  binance/cross  borrowed   20000 USDT
    2025-03-01  binance/cross  bought     0.3 BTC  @ 100000 USDT
"""


def test_lots_of_an_account_in_tethers_tell_no_gain_in_dollars(book: Book) -> None:
    """What a tether is worth nobody has said, and 73,333.33 of them less 9,000 dollars is nothing.

    The lot of 0.3 BTC has a basis, 20,000 tethers are owed: liquidated at 1.1 x 20,000 / 0.3.
    """
    tell(
        book,
        """
        2025-03-01  binance/cross  deposited  0.3 BTC  bought 2024-01-01 for 9000
        2025-03-01  binance/cross  borrowed   20000 USDT
        2025-03-01  binance/cross  withdrawn  20000 USDT
        2025-03-01  price          BTC 100000  quote USDT
        """,
    )
    terms(book, "binance/cross", model="binance_cross", leverage=3)
    (lot,) = book.supposing().liquidate().collateral
    assert (cents(lot.liquidation_price), cents(lot.mark)) == ("73333.33", "100000.00")
    assert lot.basis == 9000
    assert (lot.gain, lot.unrealised) == (None, None)


def test_with_a_price_of_the_tether_they_tell_it(book: Book) -> None:
    """0.3 BTC bought for 15,000 dollars are sold at 36,666.67: 11,000 less 15,000."""
    tell(book, "2025-03-01  price  USDT 0.5" + TETHERS)
    terms(book, "binance/cross", model="binance_cross", leverage=3)
    (lot,) = book.supposing().liquidate().collateral
    assert (cents(lot.liquidation_price), cents(lot.gain)) == ("36666.67", "-4000.00")


def test_a_sale_for_tethers_at_the_mark_is_taxed_as_if_it_had_been_recorded(book: Book) -> None:
    """A month later nobody has seen a newer price: a tether at 50 cents, a coin at 100,000 of them.

    What the what-if stands on is told with it, so that recording it gives the very same.
    """
    tell(
        book,
        """
        2025-03-01  price          USDT 0.5
        2025-03-01  binance/cross  deposited  1 BTC  bought 2023-01-10 for 17000
        2025-03-01  binance/cross  deposited  10 USDT  bought 2025-03-01 for 5
        2025-03-01  price          BTC 100000  quote USDT
        """,
    )
    report = book.supposing(NOON + timedelta(days=30)).trade("sell", Decimal(1), "BTC")
    assert (report.events[0]["quote"], report.events[0]["price"]) == ("USDT", "100000")
    assert rows(report) == [("1", "50000.00", "17000.00", "33000.00", "long")]
    assert "missing_price" not in serious(report)
    recorded(book, report)
    (row,) = book.tax_year(2025).rows
    assert (row.proceeds, row.gain) == (Decimal("50000.00"), Decimal("33000.00"))
    assert said(report.tax.long_term.after) == "33000.00"


def test_a_price_that_is_supposed_is_told_beside_that_of_the_trade(book: Book) -> None:
    """Half a coin goes for 59,000 a coin in a market of 60,000; a mark is the last price seen."""
    tell(book, COLLATERAL)
    supposing = book.supposing(prices={"BTC": Decimal(60000)}, price=Decimal(59000))
    report = supposing.trade("sell", Decimal("0.5"), "BTC")
    assert [(seen["asset"], seen["price"]) for seen in report.prices] == [("BTC", "60000")]
    assert rows(report)[0][1] == "29500.00"
    (held,) = [h for h in report.after[0].holdings if h.asset == "BTC"]
    assert cents(held.mark) == "59000.00"


# Digits and numbers -----------------------------------------------------------------------------


def test_a_coin_of_eighteen_decimals_is_liquidated(book: Book) -> None:
    """4,000 USDT of it against 20,000 lent: its proceeds are booked at eighteen decimals."""
    units = Decimal("10000.123456789012345678")
    isolated = "binance/isolated/MATICUSDT"
    events: list[Event] = [
        Deposited(at=NOON, id="d", asset="MATIC", quantity=units),
    ]
    book.record(events, isolated)
    tell(
        book,
        f"""
        2025-03-01  price       USDT 0.9987
        2025-03-01  {isolated}  borrowed   20000 USDT
        2025-03-01  {isolated}  withdrawn  20000 USDT
        """,
    )
    terms(book, isolated, model="binance_isolated", leverage=5)
    report = at_price(book, MATIC="0.4").liquidate()
    assert [event["type"] for event in report.events] == ["liquidated", "repaid", "debt_forgiven"]
    (outcome,) = report.outcomes
    # 4,000.049 less 2 % is 3,920.05 dollars of 19,974 owed
    assert said(outcome.equity_left, outcome.shortfall) == "0.00 16053.95"


def test_six_hundred_coins_are_liquidated(book: Book) -> None:
    names = [f"C{number}" for number in range(600)]
    ten, one = Decimal(10), Decimal(1)
    prices = [PriceObserved(at=NOON, id=n, asset=n, quote="USD", price=ten) for n in names]
    book.record(prices, "book")
    book.record([Deposited(at=NOON, id=n, asset=n, quantity=one) for n in names], "v/a")
    tell(book, "2025-03-01  v/a  borrowed  1000 USD")
    terms(book, "v/a", model="binance_cross", leverage=3, liquidation_fee_rate="0")
    report = book.supposing().liquidate()
    assert len(report.events) == 601
    assert report.outcomes[0].equity_left == 6000


def test_its_report_is_the_same_under_any_context_of_decimals(book: Book) -> None:
    tell(book, COLLATERAL + LONG)
    report = at_price(book, BTC="31234.57").liquidate()
    told, taxable = report.to_dict(), report.taxable
    with localcontext(Context(prec=6)):
        assert (report.to_dict(), report.taxable) == (told, taxable)
    assert said(*taxable) != "0.00 0.00", "there is something in it"
