"""A paper book: what is asked of it, what it refuses, and that it may be stopped anywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.book import Book
from adapters.log.chain import Head
from adapters.paper.paper_book import PaperBook, Placed
from adapters.venues.presets import preset
from domain.errors import BookError, InvalidEvent, LogError, Refused, UnknownName
from domain.events import MarginTermsSet, OrderPlaced
from tests.paper import bars

BEGUN = datetime(2025, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = bars("""
    2025-01-02  100 110 95 105
    2025-01-03  104 106 92 94
    2025-01-04  94 99 91 98
    2025-01-05  99 125 98 124
    2025-01-06  123 126 104 105
    2025-01-07  105 106 60 65
""")


@pytest.fixture(autouse=True)
def stated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two books that are told the same have the same head."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[PaperBook]:
    with begun(tmp_path / "paper.db") as opened:
        yield opened


def begun(path: str | Path) -> PaperBook:
    """An account with 10,000 USD, 10 BTC and Kraken's terms."""
    opened = PaperBook.open(path)
    money, coins = (Decimal(10_000), "USD"), (Decimal(10), "BTC")
    opened.begin(at=BEGUN, deposits=[money, coins], terms=terms)
    return opened


def terms(at: datetime) -> MarginTermsSet:
    return preset("kraken@2026-02-10").terms(at=at, id="new", leverage="5", taker_fee_rate="0.004")


def order(book: PaperBook, **fields: Any) -> OrderPlaced:
    """Place an order of 1 BTC/USD; return it as it stands in the log."""
    given = {"side": "buy", "asset": "BTC", "quantity": "1", "quote": "USD", "kind": "market"}
    return placed(book.order(**(given | fields)))


def placed(answer: Placed) -> OrderPlaced:
    (entry,) = answer.events
    assert isinstance(entry.event, OrderPlaced)
    return entry.event


# A whole session ---------------------------------------------------------------------------------


def orders_of(book: PaperBook) -> None:
    order(book, id="spot", kind="limit", price="96")
    order(book, id="long", quantity="200", leverage="4", position="p")
    order(book, side="sell", quantity="200", kind="stop_loss", trigger="93", position="p")
    order(book, id="again", quantity="100", kind="limit", price="92", leverage="3")
    order(book, side="sell", quantity="100", kind="trailing_stop", trail="8", position="again")


def run_in_parts(book: PaperBook, *stops: int) -> Head:
    orders_of(book)
    for stop in stops:
        book.run(DAYS[:stop])
    return book.run(DAYS).head


@pytest.mark.parametrize("stops", [(), (1,), (2, 3), (1, 2, 3, 4, 5), (5,), (3, 3, 1, 2)])
def test_a_session_that_is_stopped_ends_as_the_one_that_went_on(
    tmp_path: Path, stops: tuple[int, ...]
) -> None:
    with begun(tmp_path / "one.db") as one, begun(tmp_path / "other.db") as other:
        whole = run_in_parts(one)
        assert run_in_parts(other, *stops) == whole
        assert one.verify(whole).ok


def test_a_session_may_be_left_and_opened_again(tmp_path: Path) -> None:
    with begun(tmp_path / "one.db") as one:
        whole = run_in_parts(one)
    with begun(tmp_path / "other.db") as other:
        orders_of(other)
        other.run(DAYS[:3])
    with PaperBook.open(tmp_path / "other.db") as other:
        assert other.stands() == DAYS[2].ends
        assert other.run(DAYS).head == whole


def test_running_the_same_bars_again_records_nothing(book: PaperBook) -> None:
    first = run_in_parts(book)
    again = book.run(DAYS)
    assert (again.bars, again.known, again.recorded, again.head) == (0, 6, 0, first)


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        (
            "2025-01-03  104 106 92 95",
            "ends 2025-01-04T00:00:00Z closes at 95: it ran with 94, and the session stands at"
            " 2025-01-05",
        ),
        (
            "2025-01-01  100 110 95 105",
            "ends 2025-01-02T00:00:00Z closes at 105: no bar that ended then has run",
        ),
    ],
)
def test_bars_of_the_past_that_are_not_those_that_ran_are_refused(
    book: PaperBook, others: str, reason: str
) -> None:
    """2 to 4 January have run, the 3rd with a close of 94: neither 95, nor a bar of the 1st."""
    order(book, kind="limit", price="96")
    head = book.run(DAYS[:3]).head
    with pytest.raises(BookError, match=reason):
        book.run([*bars(others), *DAYS])
    assert book.head() == head, "and nothing of the bars that follow was run"


def test_an_hour_of_a_day_that_ran_is_refused(book: PaperBook) -> None:
    head = book.run(DAYS[:2]).head
    with pytest.raises(BookError, match=r"ends 2025-01-02T01:00:00Z .* no bar that ended then"):
        book.run(bars("2025-01-02  100 110 95 105", hours=1))
    assert book.head() == head


def test_a_run_may_end_before_its_bars_do(book: PaperBook) -> None:
    report = book.run(DAYS, until=DAYS[1].ends)
    assert (report.bars, report.stands) == (2, DAYS[1].ends)


def test_a_session_ends_in_a_tax_year_by_the_code_of_real_books(book: PaperBook) -> None:
    """Two positions and a coin: every row is what the fills say, fees and all."""
    run_in_parts(book)
    assert book.tax_year(2024).rows == ()
    year = book.tax_year(2025)
    rows = [
        (str(r.of.quantity), r.term, str(r.proceeds), str(r.basis), str(r.gain)) for r in year.rows
    ]
    assert rows == [
        ("200", "short", "18525.60", "20080.00", "-1554.40"),
        ("100", "short", "11653.20", "9236.80", "2416.40"),
    ]
    assert year.forms.form_4952["1"] == Decimal("103.70"), "12 times 5.00, and 19 times 2.30"
    errors = {f.kind for f in year.forms.findings if f.severity == "error"}
    assert errors <= {"missing_basis"}, "of the coins that were put in"


def test_what_bars_made_agrees_with_margin_interest_and_balances(book: PaperBook) -> None:
    """The venue is judged as a real one: what it charged, sold and left is what the terms say."""
    order(book, id="all", quantity="400", leverage="5")
    book.run(DAYS)
    assert [order.status for order in book.orders(all=True)] == ["filled"]
    liquidated = book.margin_history().accounts[0].liquidations
    assert [one.agrees for one in liquidated] == [True]
    assert book.interest().findings == ()
    assert [f for f in book.check() if f.severity == "error" and f.kind != "missing_basis"] == []


# Asking ------------------------------------------------------------------------------------------


def test_what_is_asked_happens_where_the_session_stands(book: PaperBook) -> None:
    assert order(book).at == BEGUN
    book.run(DAYS[:2])
    assert order(book).at == DAYS[1].ends
    assert [one.order for one in book.orders()] == ["order-2"]


def test_an_order_with_leverage_opens_a_position_that_is_called_as_it_is(book: PaperBook) -> None:
    assert order(book, leverage="2").position == "order-1"


def test_the_exit_of_a_position_opens_none(book: PaperBook) -> None:
    order(book, id="in", leverage="2")
    assert order(book, side="sell", kind="stop_loss", trigger="90", position="in").reduce_only
    book.run(DAYS[:1])
    target = order(book, side="sell", kind="take_profit", trigger="120", position="in")
    assert target.reduce_only


def test_a_trailing_stop_begins_behind_the_market(book: PaperBook) -> None:
    assert order(book, side="sell", kind="trailing_stop", trail="8").trigger is None
    book.run(DAYS[:1])
    assert order(book, side="sell", kind="trailing_stop", trail="8").trigger == 97
    assert order(book, kind="trailing_stop", trail_rate="0.1").trigger == Decimal("115.5")


def test_the_same_order_again_is_known(book: PaperBook) -> None:
    first = book.order(id="o", side="buy", asset="BTC", quantity="1", quote="USD", kind="market")
    again = book.order(id="o", side="buy", asset="BTC", quantity="1", quote="USD", kind="market")
    assert (first.known, again.known) == (False, True)
    assert first.events == again.events
    with pytest.raises(BookError, match="already recorded with other content"):
        order(book, id="o", quantity="2")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"side": "sell", "quantity": "11"}, "11 BTC are more than the 10 that are held"),
        ({"side": "sell", "kind": "stop_loss", "trigger": "105"}, "a price below the market: 105"),
        ({"side": "sell", "kind": "stop_loss", "trigger": "106"}, "BTC/USD stands at 105"),
        ({"side": "buy", "kind": "stop_loss", "trigger": "104"}, "a price above the market"),
        ({"side": "sell", "kind": "take_profit", "trigger": "104"}, "a price above the market"),
        ({"side": "buy", "kind": "take_profit", "trigger": "106"}, "a price below the market"),
        ({"leverage": "6"}, "6x is more than the 5x that the terms allow"),
        ({"leverage": "0.5"}, "a leverage of 0.5 lends nothing"),
        ({"at": BEGUN}, "the session has run to 2025-01-03T00:00:00Z: no order can be placed"),
        ({"position": "q", "reduce_only": True, "side": "sell"}, "there is no position q"),
        ({"position": "p", "reduce_only": True}, "this would enlarge position p"),
        ({"position": "p", "asset": "ETH"}, "position p is of BTC/USD"),
        ({"account": "paper/other"}, "paper/other is not open"),
        ({"account": "paper/prices"}, "paper/prices is not open"),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_the_reason(
    book: PaperBook, fields: dict[str, Any], reason: str
) -> None:
    order(book, quantity="10", leverage="2", position="p")
    book.run(DAYS[:1])
    before = book.head()
    with pytest.raises(Refused, match=reason):
        order(book, **fields)
    assert book.head() == before


def test_a_spot_account_lends_nothing(tmp_path: Path) -> None:
    with PaperBook.open(tmp_path / "paper.db") as book:
        book.begin(at=BEGUN, deposits=[(Decimal(100), "USD")])
        with pytest.raises(Refused, match="the account has no margin terms"):
            order(book, leverage="2")


def test_leverage_must_be_told_where_the_terms_do_not(tmp_path: Path) -> None:
    def without(at: datetime) -> MarginTermsSet:
        return preset("kraken@2026-02-10").terms(at=at, id="new")

    with PaperBook.open(tmp_path / "paper.db") as book:
        book.begin(at=BEGUN, deposits=[(Decimal(100), "USD")], terms=without)
        with pytest.raises(Refused, match="give --leverage"):
            order(book, position="p")


def test_what_is_bought_first_may_be_sold_by_a_stop_that_waits(book: PaperBook) -> None:
    order(book, quantity="5", kind="limit", price="90")
    assert order(book, side="sell", quantity="15", kind="stop_loss", trigger="80").quantity == 15


def test_an_order_is_taken_back_once(book: PaperBook) -> None:
    order(book, id="o", kind="limit", price="50")
    book.cancel("o")
    (state,) = book.orders(all=True)
    assert (state.status, state.reason) == ("cancelled", "taken back")
    with pytest.raises(Refused, match="o is cancelled: there is nothing to take back"):
        book.cancel("o")
    with pytest.raises(UnknownName, match="no order is called 'x'"):
        book.cancel("x")


def test_nothing_is_taken_back_in_the_past(book: PaperBook) -> None:
    order(book, id="o", kind="limit", price="50")
    book.run(DAYS[:2])
    with pytest.raises(Refused, match="the session has run to"):
        book.cancel("o", at=BEGUN)


def test_two_accounts_may_have_an_order_of_one_name(book: PaperBook) -> None:
    book.begin("paper/other", at=BEGUN, deposits=[(Decimal(10), "USD")])
    order(book, id="o", kind="limit", price="5")
    order(book, id="o", kind="limit", price="5", account="paper/other")
    with pytest.raises(UnknownName, match="2 orders are called 'o'"):
        book.cancel("o")
    book.cancel("o", "paper/other")
    assert [one.account for one in book.orders()] == ["paper/main"]


# Accounts ----------------------------------------------------------------------------------------


def test_an_account_is_opened_and_added_to(tmp_path: Path) -> None:
    with PaperBook.open(tmp_path / "paper.db") as book:
        book.begin("paper/isolated/BTCUSD", at=BEGUN, terms=terms)
        book.begin("paper/isolated/BTCUSD", deposits=[(Decimal(5), "USD")], at=BEGUN)
        added = book.begin("paper/isolated/BTCUSD", deposits=[(Decimal(6), "USD")], at=BEGUN)
        assert [entry.event.id for entry in added.events] == ["deposit-2"]
        (state,) = book.margin()
        assert state.mode == "isolated"
        assert state.equity == 11
        with pytest.raises(Refused, match="is open: give --deposit"):
            book.begin("paper/isolated/BTCUSD", at=BEGUN)


@pytest.mark.parametrize("account", ["kraken/main", "book", "paper/prices"])
def test_an_account_of_another_kind_is_not_opened(tmp_path: Path, account: str) -> None:
    with PaperBook.open(tmp_path / "paper.db") as book, pytest.raises(Refused, match="paper/NAME"):
        book.begin(account, at=BEGUN)


def test_no_money_comes_in_where_the_session_has_been(book: PaperBook) -> None:
    book.run(DAYS[:2])
    with pytest.raises(Refused, match="nothing can happen at 2025-01-01"):
        book.begin(deposits=[(Decimal(5), "USD")], at=BEGUN)
    (entry,) = book.begin(deposits=[(Decimal(5), "USD")]).events
    assert entry.event.at == DAYS[1].ends


def test_a_paper_book_is_none_for_real_trades(tmp_path: Path) -> None:
    Book.open(tmp_path / "book.db").close()
    with pytest.raises(LogError, match="this is a real book"):
        PaperBook.open(tmp_path / "book.db")
    with pytest.raises(BookError, match="use Book for a real one"):
        PaperBook.open(tmp_path / "paper.db", paper=False)
    with PaperBook.open(tmp_path / "paper.db") as book, pytest.raises(InvalidEvent):
        book.record([], "kraken")


def test_another_writer_meanwhile_is_heard(tmp_path: Path) -> None:
    """The bars are run again over what the other one recorded."""
    path = tmp_path / "paper.db"

    class Interrupting(list[Any]):
        asked = 0

        def __iter__(self) -> Iterator[Any]:
            self.asked += 1
            return super().__iter__()

    given = Interrupting(DAYS)
    with begun(path) as book:
        log_head = book.head

        def head_once() -> Head:
            answer = log_head()
            book.head = log_head  # type: ignore[method-assign]
            with PaperBook.open(path) as other:
                order(other, id="late")
            return answer

        book.head = head_once  # type: ignore[method-assign]
        report = book.run(given)
    assert (report.filled, given.asked) == (1, 1)
