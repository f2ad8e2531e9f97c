"""Binance's other files: each tells what the statement leaves out, and no fact counts twice."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.importers.binance.binance import Binance
from adapters.importers.binance.binance_pairs import coins_of, glued, split_pair
from adapters.importers.table import Misread
from domain.events import Deposited, PriceObserved
from domain.money import ONE
from domain.parts import StatedLot
from marginbook import Book
from tests.adapters.importers.binance_files import (
    FUTURES,
    TRADES,
    binance,
    statement,
    table,
    told,
)
from tests.adapters.importers.fixtures import DATA, written
from tests.adapters.importers.outcomes import read

STORY = (DATA / "binance" / "story.csv").read_text()

BOUGHT = """
    2024-05-06 09:21:33, Cross Margin, Transaction Buy, BTC, 0.2
    2024-05-06 09:21:33, Cross Margin, Transaction Spend, USDT, -13000
    2024-05-06 09:21:33, Cross Margin, Transaction Fee, BNB, -0.0165
"""
FILL = table(
    TRADES,
    """
    2024-05-06 09:21:33, BTCUSDT, BUY, 65000, 0.15BTC, 9750USDT, 0.0125BNB
    2024-05-06 09:21:33, BTCUSDT, BUY, 65000, 0.05BTC, 3250USDT, 0.004BNB
    """,
)


# Trades -------------------------------------------------------------------------------------------


def test_the_trade_history_alone_tells_the_event_that_the_statement_tells() -> None:
    own, theirs = binance(BOUGHT).events, binance(trades=FILL, account="binance/cross").events
    assert own == theirs
    assert [account for account, _ in binance(trades=FILL).drafts] == ["binance/main"]


def test_given_together_a_trade_counts_once_and_in_its_account() -> None:
    outcomes = binance(BOUGHT, trades=FILL)
    assert outcomes.said == []
    assert [draft for draft in outcomes.drafts if draft[1] in binance(BOUGHT).events] == [
        ("binance/cross", binance(BOUGHT).events[0])
    ]
    assert len(outcomes.events) == 1
    assert len(outcomes.rows) == 5


def test_the_whole_story_with_its_trades_is_the_story() -> None:
    trades = (DATA / "binance" / "trades.csv").read_text().splitlines(keepends=True)
    others = ("2024-02-05", "2024-02-06")
    of_story = "".join(row for row in trades if row[1:11] not in others)
    outcomes = binance(story=STORY, trades=of_story)
    assert outcomes.said == []
    assert outcomes.drafts == binance(story=STORY).drafts


def test_given_apart_the_second_is_known(tmp_path: Path) -> None:
    spot = statement(BOUGHT.replace("Cross Margin", "Spot")).encode()
    files = written(tmp_path, {"s.csv": spot, "t.csv": FILL.encode()})
    with Book.open(tmp_path / "book.db") as book:
        for path, recorded in ((files[0], 3), (files[1], 0)):
            (result,) = book.import_files([path]).files
            assert (result.recorded, result.findings) == (recorded, ())


@pytest.mark.parametrize(
    ("account", "second"),
    [("Cross Margin", "09:21:33"), ("Cross Margin", "09:21:34"), ("Spot", "09:21:33")],
)
def test_a_trade_history_after_the_statement_doubles_nothing(
    tmp_path: Path, account: str, second: str
) -> None:
    """Neither trades of margin, whose account it does not name, nor those told a second later."""
    told = BOUGHT.replace("Cross Margin", account).replace("09:21:33", second)
    files = written(tmp_path, {"s.csv": statement(told).encode(), "t.csv": FILL.encode()})
    with Book.open(tmp_path / "book.db") as book:
        for paths, known in (([files[0]], 0), ([files[1]], 2), (files, 5)):
            results = book.import_files(paths).files
            assert sum(result.known for result in results) == known
            assert [result.findings for result in results] == [()] * len(results)


@pytest.mark.parametrize("first", [0, 1])
def test_a_trade_of_one_account_told_a_second_apart_is_doubled_by_no_order(
    tmp_path: Path, first: int
) -> None:
    """Nor is it lost, if it was another one: that cannot be told, so it is a conflict."""
    told = BOUGHT.replace("Cross Margin", "Spot").replace("09:21:33", "09:21:34")
    files = written(tmp_path, {"s.csv": statement(told).encode(), "t.csv": FILL.encode()})
    with Book.open(tmp_path / "book.db") as book:
        book.import_file(files[first])
        (finding,) = book.import_file(files[1 - first]).files[0].findings
        assert "conflict: binance/main holds this of binance/main already" in finding.problem


@pytest.mark.parametrize("second", ["09:21:33", "09:21:34"])
def test_a_margin_statement_after_the_trade_history_is_a_conflict_that_says_what_to_do(
    tmp_path: Path, second: str
) -> None:
    told = BOUGHT.replace("09:21:33", second)
    files = written(tmp_path, {"s.csv": statement(told).encode(), "t.csv": FILL.encode()})
    with Book.open(tmp_path / "book.db") as book:
        book.import_file(files[1])
        for paths in ([files[0]], files):
            result = book.import_files(paths)
            findings = [finding for file in result.files for finding in file.findings]
            assert [finding.problem for finding in findings] == [
                "conflict: binance/main holds this of binance/cross already at position 1 (t.csv:3)"
            ]
            assert "in one command, to a new book" in findings[0].hint
        assert {line.account for line in book.balances().balances} == {"binance/main"}


def test_two_accounts_may_trade_alike_in_one_second(tmp_path: Path) -> None:
    both = BOUGHT + BOUGHT.replace("Cross Margin", "Spot")
    (file,) = written(tmp_path, {"s.csv": statement(both).encode()})
    with Book.open(tmp_path / "book.db") as book:
        (result,) = book.import_file(file).files
        assert (result.recorded, result.findings) == (6, ())


def test_a_history_that_tells_more_than_the_margin_statement_is_a_conflict(tmp_path: Path) -> None:
    more = FILL.replace("0.05BTC, 3250USDT", "0.06BTC, 3900USDT").replace("0.05BTC", "0.06BTC")
    files = written(tmp_path, {"s.csv": statement(BOUGHT).encode(), "t.csv": more.encode()})
    with Book.open(tmp_path / "book.db") as book:
        book.import_file(files[0])
        (result,) = book.import_file(files[1]).files
        assert result.recorded == 0
        assert result.findings[0].problem.startswith("conflict: binance/cross holds")


def test_the_statement_may_be_a_second_later() -> None:
    outcomes = binance(BOUGHT.replace("09:21:33", "09:21:34"), trades=FILL)
    assert outcomes.said == []
    assert [event.id for event in outcomes.events] == ["trade/2024-05-06T09:21:34Z/BTC-USDT/buy"]


def test_a_trade_of_the_main_account_that_the_statement_lacks_is_remarked_on() -> None:
    other = BOUGHT.replace("Cross Margin", "Spot").replace("09:21:33", "09:20:00")
    outcomes = binance(other, trades=FILL)
    assert len(outcomes.events) == 2
    assert "tells trades of the main account, but not this one" in outcomes.said[0]


def test_fills_part_what_the_statement_does_not() -> None:
    rows = """
        2024-05-06 09:00:00, Spot, Transaction Buy, BTC, 0.1
        2024-05-06 09:00:00, Spot, Transaction Buy, ETH, 1
        2024-05-06 09:00:00, Spot, Transaction Spend, USDT, -6500
        2024-05-06 09:00:00, Spot, Transaction Spend, USDT, -3100
        2024-05-06 09:00:00, Spot, Transaction Fee, BNB, -0.012
    """
    fills = table(
        TRADES,
        """
        2024-05-06 09:00:00, BTCUSDT, BUY, 65000, 0.1BTC, 6500USDT, 0.008BNB
        2024-05-06 09:00:00, ETHUSDT, BUY, 3100, 1ETH, 3100USDT, 0.004BNB
        """,
    )
    outcomes = binance(rows, trades=fills)
    assert outcomes.said == []
    assert told(outcomes) == [
        "main Filled buy BTC 0.1 6500 USDT 0.008 BNB",
        "main Filled buy ETH 1 3100 USDT 0.004 BNB",
    ]
    assert outcomes.drafts == binance(trades=fills).drafts


def test_other_amounts_in_the_trade_history_are_remarked_on() -> None:
    outcomes = binance(BOUGHT, trades=FILL.replace("3250USDT", "3260USDT"))
    assert outcomes.drafts == binance(BOUGHT).drafts
    (said,) = outcomes.said
    assert "the trade history tells another trade: buy 0.2 BTC for 13010 USDT" in said


def test_the_same_trade_in_two_accounts_goes_to_the_one_that_says_the_same() -> None:
    spot = BOUGHT.replace("Cross Margin", "Spot").replace("13000", "13001")
    outcomes = binance(BOUGHT, spot, trades=FILL)
    assert outcomes.said == []
    assert (
        told(outcomes)
        == [
            "cross Filled buy BTC 0.2 13000 USDT 0.0165 BNB",
            "main Filled buy BTC 0.2 13001 USDT 0.0165 BNB",
        ]
        or len(outcomes.events) == 2
    )
    unclear = binance(BOUGHT, spot, trades=FILL.replace("3250USDT", "3255USDT"))
    assert "in several accounts of this second, in other sums" in unclear.said[0]
    assert len(unclear.events) == 2


def test_a_fill_in_both_columns_is_one_row() -> None:
    """The older columns and the newer ones of one export of one fill."""
    old = table(
        "Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin",
        "2021-01-05 10:00:00,BTCUSDT,BUY,34000.00,0.1,3400.000,0.00255,BNB",
    )
    new = table(
        TRADES, "2021-01-05 10:00:00,BTCUSDT,BUY,34000,0.1000000BTC,3400.00USDT,0.00255000BNB"
    )
    assert binance(old=old).drafts == binance(new=new).drafts == binance(old=old, new=new).drafts
    assert binance(old=old, new=new).reasons.total() == 1


def test_a_newest_trade_history_has_the_zone_of_its_name() -> None:
    text = table(
        TRADES.replace("Date(UTC)", "Time"),
        "23-09-20 18:20:55,ALGOUSDT,SELL,0.0997,103ALGO,10.2691USDT,0.00003593BNB",
    )
    name = "Binance-Spot-Trade-History-202603230406(UTC--6)_abcd.csv"
    (event,) = read(Binance(), {name: text}).events
    assert event.id == "trade/2023-09-21T00:20:55Z/ALGO-USDT/sell"


@pytest.mark.parametrize(
    ("pair", "executed", "amount", "coins"),
    [
        ("BTCUSDT", "0.20000000BTC", "13,000.00000000USDT", ("BTC", "USDT")),
        ("1INCHUSDT", "1,201.51INCH", "54.00000000USDT", ("1INCH", "USDT")),
        ("1000SATSFDUSD", "50,0001000SATS", "27.5FDUSD", ("1000SATS", "FDUSD")),
        ("BNBETH", "2.000BNB", "0.26ETH", ("BNB", "ETH")),
        ("BTCBUSD", "0.01BTC", "430.00BUSD", ("BTC", "BUSD")),
        ("BTCBUSD", "0.01BTCB", "430.00USD", ("BTCB", "USD")),
        ("USDCUSDT", "1,000USDC", "1,000.1USDT", ("USDC", "USDT")),
        ("EURUSDT", "10 EUR", "11 USDT", ("EUR", "USDT")),
    ],
)
def test_pairs_are_parted_by_what_the_row_names(
    pair: str, executed: str, amount: str, coins: tuple[str, str]
) -> None:
    assert coins_of(pair, executed, amount) == coins


@pytest.mark.parametrize(
    ("market", "fee", "coins"),
    [
        ("BTCUSDT", "BNB", ("BTC", "USDT")),
        ("BNBETH", "BNB", ("BNB", "ETH")),
        ("1INCHUSDT", "1INCH", ("1INCH", "USDT")),
        ("BTCBUSD", "BNB", ("BTC", "BUSD")),
        ("BTCBUSD", "USD", ("BTCB", "USD")),
        ("BNBUSD", "BNB", ("BNB", "USD")),
        ("ABCTUSD", "TUSD", ("ABC", "TUSD")),
        ("ADAEUR", "BNB", ("ADA", "EUR")),
    ],
)
def test_old_pairs_are_parted_by_quotes_and_fee(
    market: str, fee: str, coins: tuple[str, str]
) -> None:
    assert split_pair(market, fee) == coins


@pytest.mark.parametrize("market", ["ABCTUSD", "FOOBAR", "USDT", ""])
def test_old_pairs_that_may_be_two_or_none_are_faults(market: str) -> None:
    with pytest.raises(Misread):
        split_pair(market, "BNB")


def test_quantities_of_coins_that_begin_with_digits() -> None:
    assert glued("1201INCH", "Fee", ("1INCH", "USDT", "BNB"))[0] == 120
    assert glued("0.10BNB", "Fee", ("1INCH", "USDT", "BNB"))[1] == "BNB"
    assert glued("5DOGE", "Fee", ("1INCH", "USDT", "BNB"))[1] == "DOGE"
    for text in ("1,20BTC", "BTC", "1.5", "", "-", "1,2,3BTC", "1.2.3BTC"):
        with pytest.raises(Misread):
            glued(text, "Fee", ("BTC",))


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2024-05-06 09:21:33, BTCUSDT, HOLD, 1, 1BTC, 1USDT, 0BNB", "Side"),
        ("2024-05-06 09:21:33, BTCUSDT, BUY, x, 1BTC, 1USDT, 0BNB", "Price"),
        ("2024-05-06 09:21:33, ETHUSDT, BUY, 1, 1BTC, 1USDT, 0BNB", "Pair"),
        ("2024-05-06 09:21:33, BTCUSDT, BUY, 1, 1BTC, 1USDT, free", "Fee"),
        ("06.05.2024 09:21, BTCUSDT, BUY, 1, 1BTC, 1USDT, 0BNB", "Date(UTC)"),
    ],
)
def test_bad_cells_of_a_trade(row: str, column: str) -> None:
    outcomes = binance(trades=table(TRADES, row))
    assert [(fault.line, fault.column) for fault in outcomes.faults] == [(2, column)]
    assert outcomes.events == []


# Futures ------------------------------------------------------------------------------------------

MOVED = "Transfer Between Spot Account and UM Futures Account"
TOLD = f"""
    2024-05-01 09:00:00, Spot, {MOVED}, USDT, -1000
    2024-05-01 09:00:00, USD-M Futures, {MOVED}, USDT, 1000
    2024-05-01 10:00:00, USD-M Futures, Fee, USDT, -0.24
    2024-05-01 16:00:00, USD-M Futures, Funding Fee, USDT, -0.05
    2024-05-02 11:00:00, USD-M Futures, Realized Profit and Loss, USDT, 25.5
    2024-05-02 11:00:00, USD-M Futures, Realized Profit and Loss, USDT, 25.5
    2024-05-03 12:00:00, USD-M Futures, Asset Conversion Transfer, USDT, -60
    2024-05-03 12:00:00, USD-M Futures, Asset Conversion Transfer, BNB, 0.1
"""
HISTORY = table(
    FUTURES,
    """
    2024-05-01 09:00:00,TRANSFER,1000,USDT,,1
    2024-05-01 10:00:00,COMMISSION,-0.24,USDT,BTCUSDT,2
    2024-05-01 16:00:00,FUNDING_FEE,-0.05,USDT,BTCUSDT,3
    2024-05-02 11:00:01,REALIZED_PNL,25.5,USDT,BTCUSDT,4
    2024-05-02 11:00:00,REALIZED_PNL,25.5,USDT,ETHUSDT,5
    2024-05-03 12:00:00,COIN_SWAP_WITHDRAW,-60,USDT,,6
    2024-05-03 12:00:00,COIN_SWAP_DEPOSIT,0.1,BNB,,6
    """,
)


def test_futures_in_both_files_count_once_and_name_the_contract() -> None:
    outcomes = binance(TOLD, futures=HISTORY)
    assert outcomes.said == []
    assert set(outcomes.rows.values()) == {1}
    assert told(outcomes) == [
        "main Transferred USDT 1000 binance/futures",
        "futures ContractSettled USDT 0.24 BTCUSDT",
        "futures FundingSettled USDT -0.05 BTCUSDT",
        "futures ContractSettled USDT 25.5 ETHUSDT",
        "futures ContractSettled USDT 25.5 BTCUSDT",
        "futures Filled buy BNB 0.1 60 USDT",
    ]
    assert [event.id for event in outcomes.events] == [event.id for event in binance(TOLD).events]


def test_futures_given_apart_are_conflicts_never_doubles(tmp_path: Path) -> None:
    history = HISTORY.replace("11:00:01", "11:00:00").splitlines(keepends=True)
    files = {
        "s.csv": statement(TOLD).encode(),
        "f.csv": "".join([history[0], *history[2:6]]).encode(),
    }
    first, second = written(tmp_path, files)
    with Book.open(tmp_path / "book.db") as book:
        book.import_files([first])
        before = book.balances().balances
        (result,) = book.import_files([second]).files
        assert (result.recorded, len(result.findings)) == (0, 4)
        assert book.balances().balances == before


@pytest.mark.parametrize("first", [["f.csv"], ["s.csv", "f.csv"]])
def test_the_statement_after_the_futures_history_is_known(tmp_path: Path, first: list[str]) -> None:
    """It names no contract, so it contradicts none: as when next month's export overlaps."""
    history = HISTORY.replace("11:00:01", "11:00:00").splitlines(keepends=True)
    files = {
        "s.csv": statement(TOLD).encode(),
        "f.csv": "".join([history[0], *history[2:6]]).encode(),
    }
    paths = {path.name: path for path in written(tmp_path, files)}
    with Book.open(tmp_path / "book.db") as book:
        book.import_files([paths[name] for name in first])
        (result,) = book.import_files([paths["s.csv"]]).files
        assert result.findings == ()
        contracts = [getattr(each.event, "contract", "") for each in book.events()]
        assert sorted(filter(None, contracts)) == ["BTCUSDT", "BTCUSDT", "BTCUSDT", "ETHUSDT"]


def test_the_history_pairs_with_the_other_wallets_leg() -> None:
    rows = "2024-05-01 09:00:00, Spot, transfer_out, USDT, -1000"
    outcomes = binance(rows, futures=table(FUTURES, "2024-05-01 09:00:00,TRANSFER,1000,USDT,,1"))
    assert outcomes.said == []
    assert told(outcomes) == ["main Transferred USDT 1000 binance/futures"]


def test_conversions_and_moves_given_apart_are_the_same_events() -> None:
    told_apart = {event.id: event for event in binance(TOLD).events}
    spot = TOLD.splitlines()[1]
    for event in binance(spot, futures=HISTORY).events:
        assert event.id in told_apart or event.at.second == 1
        if type(event).__name__ in ("Filled", "Transferred", "FeeCharged"):
            assert event == told_apart[event.id]


def test_the_fixture_of_futures() -> None:
    outcomes = binance(futures=(DATA / "binance" / "futures.csv").read_text())
    assert told(outcomes)[-1] == "coin-futures ContractSettled BTC -0.002 BTCUSD_PERP"
    assert len(outcomes.events) == 10
    assert [fault.line for fault in outcomes.faults] == [2, 14]


def test_a_wallet_that_no_symbol_tells_is_a_finding() -> None:
    (said,) = binance(futures=table(FUTURES, "2024-05-01 09:00:00,TRANSFER,1,BTC,,1")).said
    assert "which futures wallet of BTC this is cannot be told" in said


def test_a_fee_whose_coin_was_cut_off_is_remarked_on() -> None:
    outcomes = binance(trades=FILL.rstrip("\n")[:-1])
    assert outcomes.said == [
        'trades.csv:3: column "Fee": "0.004BN" takes a fee in BN, which is neither of its coins nor'
        " BNB. Is the line cut off? Export the trades again"
    ]


def test_fees_of_contracts_cut_their_result(tmp_path: Path) -> None:
    """1,200 - 42 - 18 - 9 of funding: 1,131, with USDT at one dollar."""
    rows = """
        Date(UTC),type,Amount,Asset,Symbol,Transaction ID
        2024-05-01 10:00:00,COMMISSION,-42,USDT,BTCUSDT,2
        2024-05-01 16:00:00,FUNDING_FEE,-9,USDT,BTCUSDT,3
        2024-05-02 11:00:00,REALIZED_PNL,1200,USDT,BTCUSDT,4
        2024-05-02 11:00:00,COMMISSION,-18,USDT,BTCUSDT,5
    """
    text = "\n".join(line.strip() for line in rows.strip().splitlines())
    (path,) = written(tmp_path, {"f.csv": text.encode()})
    with Book.open(tmp_path / "book.db") as book:
        book.import_files([path])
        times = {told.event.at for told in book.events(account="binance/futures")}
        prices = [
            PriceObserved(at=at, id=f"p{n}", asset="USDT", quote="USD", price=ONE)
            for n, at in enumerate(sorted(times))
        ]
        book.record(prices, "book")
        first = min(times) - timedelta(days=1)
        lot = StatedLot(acquired=first.date(), quantity=1000, basis=1000)  # type: ignore[arg-type]
        paid_in = Deposited(at=first, id="d", asset="USDT", quantity=1000, lots=(lot,))  # type: ignore[arg-type]
        book.record([paid_in], "binance/futures")
        gains = [row.gain for row in book.tax_year(2024).rows]
    assert sum(gains) == 1131
