"""What if: the margin after, the disposals, the tax; and nothing in the log."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.whatif import Supposing
from domain.events import MarginTermsSet
from marginbook import Book, BookError
from projections.tax.us.estimate import Rates
from projections.whatif.supposed import WhatIf
from tests.adapters.test_deciding import tell
from tests.projections.margin.test_margin import cents

COLLATERAL = """
    2023-01-10  binance/cross  deposited  1 BTC  bought 2023-01-10 for 17000
    2025-02-01  binance/cross  borrowed   30000 USD
    2025-02-01  binance/cross  bought     0.5 BTC  @ 60000
"""
"""Cases: E1 before its liquidation: 1.5 BTC, of which 1 was bought for 17,000; 30,000 owed."""

LONG = """
    2025-03-01  deposited  10000 USD
    2025-03-01  bought     1.5 BTC  @ 30000  on p  leverage 5
"""


@pytest.fixture
def book() -> Iterator[Book]:
    with Book.open(":memory:") as opened:
        yield opened


def terms(book: Book, account: str, **fields: Any) -> None:
    at = datetime(2022, 1, 1, tzinfo=UTC)
    book.record([MarginTermsSet(at=at, id="terms", **fields)], account)


def at_price(book: Book, **prices: str) -> Supposing:
    return book.supposing(prices={asset: Decimal(price) for asset, price in prices.items()})


def rows(report: WhatIf) -> list[tuple[str, str, str, str, str]]:
    return [
        (str(r.of.quantity), str(r.proceeds), str(r.basis), str(r.gain), r.term)
        for r in report.disposals
    ]


def said(*amounts: Decimal | None) -> str:
    """Amounts in cents."""
    return " ".join(cents(amount) for amount in amounts)


def serious(report: WhatIf) -> list[str]:
    return [found.kind for found in report.findings if found.severity != "info"]


# Liquidation ------------------------------------------------------------------------------------


def test_a_liquidation_that_loses_can_be_a_taxable_gain(book: Book) -> None:
    """Cases: E1, E2: 600 is 1 % of 60,000: -30,600 of worth, +12,400 taxable, 29,400 left."""
    tell(book, COLLATERAL)
    terms(book, "binance/cross", model="binance_cross", liquidation_fee_rate="0.01")
    head = book.head()
    report = at_price(book, BTC="40000").liquidate()
    assert rows(report) == [
        ("1", "39600.00", "17000.00", "22600.00", "long"),
        ("0.5", "19800.00", "30000.00", "-10200.00", "short"),
    ]
    assert said(*report.taxable) == "-10200.00 22600.00"
    (outcome,) = report.outcomes
    assert (cents(outcome.equity_left), cents(outcome.penalty)) == ("29400.00", "600.00")
    assert cents(outcome.result) == "-30600.00", "from the mark of 60,000"
    assert [event["type"] for event in report.events] == ["liquidated", "repaid"]
    assert book.head() == head, "nothing is recorded"


def test_the_clearance_fee_of_binance_at_its_own_price(book: Book) -> None:
    """Exchanges: 2.6: 0.3 BTC at 73,333.33: 2 % of 22,000 is 440."""
    tell(
        book,
        """
        2025-03-01  binance/cross  deposited  10000 USD
        2025-03-01  binance/cross  borrowed   20000 USD
        2025-03-01  binance/cross  bought     0.3 BTC  @ 100000
        """,
    )
    terms(book, "binance/cross", model="binance_cross", leverage=3)
    reached = book.margin()[0].prices["BTC"].liquidation
    assert reached is not None
    report = book.supposing(prices={"BTC": reached}).liquidate()
    (outcome,) = report.outcomes
    assert (cents(outcome.penalty), cents(outcome.equity_left)) == ("440.00", "1560.00")
    assert cents(outcome.result) == "-8440.00"


def three_times(account: str) -> str:
    return f"""
        2025-03-01  binance/cross  deposited  20000 USD
        2025-03-01  binance/cross  transferred  5000 USD  to {account}
        2025-03-01  {account}  borrowed  10000 USD
        2025-03-01  {account}  bought  0.15 BTC  @ 100000
    """


def test_an_isolated_long_of_5000_loses_5000_and_not_a_cent_more(book: Book) -> None:
    account = "binance/isolated/BTCUSD"
    tell(book, three_times(account))
    terms(book, account, model="binance_isolated", leverage=3)
    report = at_price(book, BTC="1000").liquidate([account])
    (outcome,) = report.outcomes
    assert said(outcome.result, outcome.equity_left) == "-5000.00 0.00"
    # 150 of proceeds, 3 of clearance fee: 9,853 of the debt is not paid by anybody
    assert said(outcome.shortfall) == "9853.00"
    assert report.events[-1]["type"] == "debt_forgiven"
    assert report.events[-1]["recourse"] is False
    (state,) = report.after
    assert said(state.equity, state.debt) == "0.00 0.00"


def test_a_cross_account_loses_from_all_of_its_collateral_and_owes_the_rest(book: Book) -> None:
    tell(book, three_times("binance/other"))
    terms(book, "binance/other", model="binance_cross", leverage=3)
    (outcome,) = at_price(book, BTC="1000").liquidate(["binance/other"]).outcomes
    assert said(outcome.result, outcome.equity_left) == "-14853.00 -9853.00"
    assert not outcome.shortfall


def test_where_positions_are_closed_coins_are_sold_as_far_as_their_loss_wants(book: Book) -> None:
    """At Kraken: 1.5 x 20,000 lost, 10,000 of it in cash; 20,000 of own BTC at 10,000 is 2 BTC."""
    tell(book, LONG + "2025-03-01  deposited  3 BTC  bought 2020-01-01 for 21000")
    report = at_price(book, BTC="10000").liquidate()
    assert rows(report) == [
        ("1.5", "15000.00", "45000.00", "-30000.00", "short"),
        ("2", "20000.00", "14000.00", "6000.00", "long"),
    ]
    (state,) = report.after
    assert [(h.asset, str(h.quantity)) for h in state.holdings] == [("BTC", "1")]


def test_the_lots_of_collateral_tell_what_a_liquidation_would_tax(book: Book) -> None:
    """Liquidated at 1.1 x 30,000 / 1.5 = 22,000: 5,000 on the old lot, 19,000 lost on the new."""
    tell(book, COLLATERAL)
    terms(book, "binance/cross", model="binance_cross", leverage=3)
    old, new = book.supposing().liquidate().collateral
    assert [cents(old.liquidation_price), cents(old.gain), old.term] == [
        "22000.00",
        "5000.00",
        "long",
    ]
    assert [cents(new.gain), new.term, cents(new.unrealised)] == ["-19000.00", "short", "0.00"]


def test_a_short_is_bought_back(book: Book) -> None:
    tell(
        book,
        """
        2025-03-01  binance/isolated/BTCUSD  deposited  10000 USD
        2025-03-01  binance/isolated/BTCUSD  borrowed   0.4 BTC
        2025-03-01  binance/isolated/BTCUSD  sold       0.4 BTC  @ 100000
        """,
    )
    terms(book, "binance/isolated/BTCUSD", model="binance_isolated", leverage=5)
    report = at_price(book, BTC="110000").liquidate()
    # sold for 40,000, bought for 44,000 and a fee of 2 %, 880
    assert rows(report) == [("0.4", "40000.00", "44880.00", "-4880.00", "short")]
    (outcome,) = report.outcomes
    assert outcome.equity_left == 5120


def test_a_liquidation_wants_somebody_who_owes(book: Book) -> None:
    tell(book, "2025-03-01  deposited  1 BTC  bought 2024-01-01 for 1")
    with pytest.raises(BookError, match="no account owes anything"):
        book.supposing().liquidate()


# Trades, loans, stops ---------------------------------------------------------------------------


def test_a_sale_tells_its_gain_by_lot_and_method(book: Book) -> None:
    tell(
        book,
        """
        2023-01-10  deposited  1 BTC  bought 2023-01-10 for 17000  as old
        2025-02-01  deposited  1 BTC  bought 2025-02-01 for 95000  as new
        2025-03-01  price      BTC 100000
        """,
    )
    report = book.supposing().trade("sell", Decimal(1), "BTC")
    gains = {m.method: (cents(m.long_term), cents(m.short_term)) for m in report.methods}
    old, new = ("83000.00", "0.00"), ("0.00", "5000.00")
    assert gains == {"spec_id": old, "fifo": old, "lifo": new, "hifo": new, "lofo": old}
    assert [m.lots[0].lot for m in report.methods] == ["old", "old", "new", "new", "old"]
    assert said(report.tax.long_term.change) == "83000.00"
    assert "taxable_income" in report.tax.missing
    assert report.tax.tax is None, "no tax is guessed"


def test_rates_of_ones_own_give_the_tax(book: Book) -> None:
    tell(book, COLLATERAL)
    supposing = book.supposing(
        prices={"BTC": Decimal(40000)}, rates=Rates(Decimal("0.32"), Decimal("0.15"))
    )
    report = supposing.trade("sell", Decimal(1), "BTC")
    assert report.tax.tax is not None
    assert report.tax.tax.change == Decimal("3450.00"), "15 % of 40,000 - 17,000"


def test_a_stop_tells_the_margin_after_and_the_liquidation_price_then(book: Book) -> None:
    tell(book, LONG)
    report = at_price(book, BTC="29000").leave("stop", quantity=Decimal("0.5"))
    (state,) = report.after
    assert rows(report) == [("0.5", "14500.00", "15000.00", "-500.00", "short")]
    # 9,500 of cash, 1 BTC open at 30,000 and 5x: P = (0.4 x 6,000 - 9,500 + 30,000) / 1
    assert cents(state.prices["BTC"].liquidation) == "22900.00"
    assert serious(report) == []


def test_a_stop_beyond_the_liquidation_is_never_reached(book: Book) -> None:
    """Exchanges: 2.6: the account is liquidated at 25,733.33."""
    tell(book, LONG)
    (found,) = at_price(book, BTC="25000").leave("stop").findings[:1]
    assert (found.kind, found.severity) == ("liquidated_first", "error")
    assert "25733.33" in found.problem
    assert serious(at_price(book, BTC="25734").leave("stop")) == []


@pytest.mark.parametrize(
    ("side", "kind", "price", "said"),
    [
        (
            "bought",
            "stop",
            "31000",
            "lies above the mark of BTC, 30000 USD: for a long that is a take-prof",
        ),
        (
            "bought",
            "take-profit",
            "29000",
            "lies below the mark of BTC, 30000 USD: for a long that is a st",
        ),
        (
            "sold",
            "stop",
            "29000",
            "lies below the mark of BTC, 30000 USD: for a short that is a take-prof",
        ),
        (
            "sold",
            "take-profit",
            "31000",
            "lies above the mark of BTC, 30000 USD: for a short that is a st",
        ),
    ],
)
def test_stop_and_target_lie_on_their_own_sides(
    book: Book, side: str, kind: str, price: str, said: str
) -> None:
    tell(book, LONG.replace("bought", side))
    with pytest.raises(BookError, match=said):
        at_price(book, BTC=price).leave(kind)


def test_a_short_is_left_by_buying(book: Book) -> None:
    tell(book, LONG.replace("bought", "sold"))
    report = at_price(book, BTC="28000").leave("take-profit")
    assert report.events[0]["side"] == "buy"
    assert said(*report.taxable) == "3000.00 0.00"


def test_more_collateral_moves_the_liquidation_price_and_is_no_gain(book: Book) -> None:
    """1,500 more for 1.5 BTC: 1,000 lower, 24,733.33."""
    tell(book, LONG)
    report = book.supposing().move("deposit", Decimal(1500), "USD")
    assert cents(report.after[0].prices["BTC"].liquidation) == "24733.33"
    assert report.outcomes[0].result == 0
    assert report.tax.capital_result.change == 0


def test_a_repayment_pays_interest_first(book: Book) -> None:
    more = """
        2025-02-02  binance/cross  interest   40 USD debt
        2025-02-03  binance/cross  deposited  5000 USD
    """
    tell(book, COLLATERAL + more)
    (event,) = book.supposing().move("repay", Decimal(1000), "USD").events
    assert (event["quantity"], event["interest"]) == ("960", "40")


def test_nothing_that_happened_later_counts(book: Book) -> None:
    tell(book, LONG + "2025-06-01  sold  1.5 BTC  @ 40000  on p")
    then = book.supposing(datetime(2025, 4, 1, tzinfo=UTC), prices={"BTC": Decimal(31000)})
    report = then.trade("sell", Decimal("1.5"), "BTC", position="p")
    assert said(*report.taxable) == "1500.00 0.00"


def test_what_happens_at_the_last_instant_comes_before_the_question(book: Book) -> None:
    """An asserted balance of that instant is not compared with what is supposed after it."""
    tell(book, LONG + "2025-03-01  asserted  10000 USD")
    report = at_price(book, BTC="29000").leave("stop")
    assert "failed_assertion" not in [found.kind for found in report.findings]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda s: s.trade("sell", Decimal(1), "BTC", account="kraken/no"), "there is no account"),
        (lambda s: s.leave("stop", "ETH", account="kraken/main"), "at which price"),
        (lambda s: s.trade("buy", Decimal(1), "ETH"), "what is 1 ETH worth in USD"),
        (lambda s: s.move("withdraw", Decimal(1), "DOGE"), "holds 0 DOGE"),
    ],
)
def test_what_cannot_be_asked_says_what_to_say(book: Book, ask: Any, said: str) -> None:
    tell(book, LONG)
    with pytest.raises(BookError, match=said):
        ask(book.supposing())


def test_an_empty_book_has_nothing_to_suppose_of(book: Book) -> None:
    with pytest.raises(BookError, match="nothing has happened"):
        book.supposing()


def test_coins_of_money_are_the_money_of_their_account(book: Book) -> None:
    """An account in tethers is liquidated into tethers; what these are worth, a price says."""
    tell(
        book,
        """
        2025-03-01  price  USDT 1
        2025-03-01  binance/cross  deposited  10000 USDT  bought 2025-03-01 for 10000
        2025-03-01  binance/cross  borrowed   20000 USDT
        2025-03-01  binance/cross  bought     0.3 BTC  @ 100000 USDT
        """,
    )
    terms(book, "binance/cross", model="binance_cross", leverage=3, liquidation_fee_rate="0")
    report = at_price(book, BTC="80000").liquidate()
    assert [(e.get("quote"), e["type"]) for e in report.events] == [
        ("USDT", "liquidated"),
        (None, "repaid"),
    ]
    assert report.outcomes[0].equity_left == 4000
    assert said(*report.taxable) == "-6000.00 0.00"


# What it must not do ----------------------------------------------------------------------------

SHORT = """
    2025-03-01  price  USDT 1
    2025-03-01  binance/isolated/BTCUSDT  deposited  10000 USDT  bought 2025-03-01 for 10000
    2025-03-01  binance/isolated/BTCUSDT  borrowed   0.4 BTC
    2025-03-01  binance/isolated/BTCUSDT  sold       0.4 BTC  @ 100000 USDT
"""


def test_what_an_isolated_short_lacks_to_be_bought_back_the_venue_lends_and_bears(
    book: Book,
) -> None:
    """52,000 and a fee of 1,040 for the coins, 50,000 there: 3,040 lent, and never paid back."""
    tell(book, SHORT)
    terms(book, "binance/isolated/BTCUSDT", model="binance_isolated", leverage=5)
    report = at_price(book, BTC="130000").liquidate()
    assert [event["type"] for event in report.events] == [
        "borrowed",
        "liquidated",
        "repaid",
        "debt_forgiven",
    ]
    (outcome,) = report.outcomes
    assert said(outcome.result, outcome.equity_left, outcome.shortfall) == "-10000.00 0.00 3040.00"
    assert serious(report) == []
    assert said(sum(report.taxable, Decimal(0))) == "-10000.00", "as much as was lost"


def test_a_basis_that_nobody_stated_makes_a_what_if_unreliable(book: Book) -> None:
    tell(book, "2025-03-01  deposited  1 BTC\n2025-03-01  price  BTC 50000")
    report = book.supposing().trade("sell", Decimal(1), "BTC")
    assert report.unreliable
    assert "missing_basis" in serious(report)


def test_a_deposit_that_is_supposed_needs_no_basis(book: Book) -> None:
    tell(book, LONG)
    assert serious(book.supposing().move("deposit", Decimal(1), "BTC")) == []


def test_a_mark_that_is_old_is_told(book: Book) -> None:
    tell(book, LONG)
    later = book.supposing(datetime(2026, 4, 1, tzinfo=UTC))
    assert "stale_mark" in serious(later.liquidate())
    fresh = book.supposing(datetime(2026, 4, 1, tzinfo=UTC), prices={"BTC": Decimal(29000)})
    assert "stale_mark" not in serious(fresh.liquidate())


def test_an_account_is_asked_for_where_several_could_be_meant(book: Book) -> None:
    tell(
        book,
        LONG
        + """
        2025-03-01  binance/cross  deposited  0.3 BTC  bought 2024-01-01 for 1
        2025-03-01  okx/main       deposited  0.3 BTC  bought 2024-01-01 for 1
        """,
    )
    with pytest.raises(BookError, match=r"--account: binance/cross, okx/main$"):
        book.supposing().trade("sell", Decimal("0.1"), "BTC")
    with pytest.raises(BookError, match="binance/cross, kraken/main, okx/main"):
        at_price(book, BTC="29000").leave("stop", "BTC")


EUROS = """
    2025-03-01  price      EUR 1.1
    2025-03-01  deposited  10000 USD
    2025-03-01  deposited  100 EUR
    2025-03-01  sold       2 ETH  @ 2000 EUR  on p  leverage 5
"""


def test_a_price_alone_is_in_the_quote_of_what_is_left(book: Book) -> None:
    """A short at 2,000 EUR: 2,150 EUR is a stop, 1,900 EUR is none."""
    tell(book, EUROS)
    report = book.supposing(price=Decimal(2150)).leave("stop")
    assert (report.events[0]["price"], report.events[0]["quote"]) == ("2150", "EUR")
    assert said(report.outcomes[0].result) == "-330.00", "300 EUR"
    with pytest.raises(BookError, match="for a short that is a take-profit"):
        book.supposing(price=Decimal(1900)).leave("stop")


@pytest.mark.parametrize(
    ("kind", "price", "result"), [("stop", 90_000, "-1000.00"), ("take-profit", 110_000, "1000.00")]
)
def test_a_price_alone_of_a_holding_is_in_the_money_it_would_be_sold_for(
    book: Book, kind: str, price: int, result: str
) -> None:
    """A tether is worth 50 cents: 0.2 BTC cost 20,000 of them, 10,000 dollars, and lose a tenth.

    The mark is 50,000 dollars: 90,000 of these would lie above it, and be no stop.
    """
    tell(
        book,
        """
        2025-03-01  price  USDT 0.5
        2025-03-01  binance/cross  deposited  30000 USDT  bought 2025-03-01 for 15000
        2025-03-01  binance/cross  bought     0.2 BTC  @ 100000 USDT
        """,
    )
    report = book.supposing(price=Decimal(price)).leave(kind)
    (event,) = report.events
    assert (event["price"], event["quote"]) == (str(price), "USDT")
    assert said(*report.taxable) == f"{result} 0.00"
    other = "take-profit" if kind == "stop" else "stop"
    with pytest.raises(BookError, match=f"for a long that is a {kind}"):
        book.supposing(price=Decimal(price)).leave(other)


def test_a_loss_is_taken_in_money_before_coins(book: Book) -> None:
    """Kraken's order: the quote, the base, then USD, EUR, ..., BTC."""
    tell(book, EUROS + "2025-03-01  deposited  1 BTC  bought 2020-01-01 for 1")
    report = at_price(book, ETH="2420", BTC="50000").liquidate()
    assert [(e["type"], e["asset"]) for e in report.events] == [
        ("liquidated", "ETH"),
        ("filled", "USD"),
    ]


def test_costs_in_several_moneys_are_added_up_at_their_worth(book: Book) -> None:
    tell(book, EUROS)
    terms(book, "kraken/main", model="kraken", taker_fee_rate="0.01")
    (outcome,) = at_price(book, ETH="2200").liquidate().outcomes
    assert said(outcome.fees, outcome.result) == "44.00 -44.00", "40 EUR"


@pytest.mark.parametrize(
    ("kind", "quantity", "status"), [("withdraw", "3000", "call"), ("withdraw", "6500", "liquidat")]
)
def test_what_leads_into_a_call_or_a_liquidation_says_so(
    book: Book, kind: str, quantity: str, status: str
) -> None:
    tell(book, LONG)
    report = book.supposing().move(kind, Decimal(quantity), "USD")
    (found,) = [f for f in report.findings if f.kind == "reached_at_once"]
    assert status in found.problem


def test_a_short_by_a_loan_is_supposed_with_its_loan(book: Book) -> None:
    tell(book, COLLATERAL)
    report = at_price(book, BTC="60000").trade("sell", Decimal(2), "BTC", borrow=True)
    assert [(e["type"], e["quantity"]) for e in report.events] == [
        ("borrowed", "0.5"),
        ("filled", "2"),
    ]
