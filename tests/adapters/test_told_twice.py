"""One history from two tools: the second file may be known, or its doubles are found."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.book import Book
from projections.findings import Finding

KOINLY = (
    "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,"
    "Net Worth Amount,Net Worth Currency,Label,Description,TxHash\n"
    "2024-02-01 09:00:07 UTC,,,20000,USD,,,,,,,\n"
    "2024-02-01 10:05:09 UTC,21000,USD,0.5,BTC,21,USD,,,,,\n"
    "2024-02-10 12:00:03 UTC,0.2,BTC,9000,USD,9,USD,,,{label},,\n"
)
TRACKER = (
    "Date,Received Quantity,Received Currency,Sent Quantity,Sent Currency,Fee Amount,Fee Currency,"
    "Tag\n"
    "02/01/2024 09:00:07,20000,USD,,,,,\n"
    "02/01/2024 10:05:09,0.5,BTC,21000,USD,21,USD,\n"
    "02/10/2024 12:00:03,9000,USD,0.2,BTC,9,USD,\n"
)


def found(files: Mapping[str, str], account: str | None = None) -> list[Finding]:
    """What a book says that was told twice, each file imported by itself."""
    book = Book.open(":memory:")
    for name, text in files.items():
        Path(name).write_text(text)
        book.import_files([name], account=account)
    return [finding for finding in book.check() if finding.kind == "told_twice"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_two_tools_that_tell_one_history_in_two_accounts_are_found() -> None:
    koinly = KOINLY.format(label="")
    (finding,) = found({"koinly.csv": koinly, "tracker.csv": TRACKER})
    assert (finding.account, finding.severity) == ("cointracker/main", "warning")
    assert "this and 2 more are told of koinly/main, too" in finding.problem
    assert "koinly.csv:2 and tracker.csv:2" in finding.problem


def test_three_files_of_one_history_are_found_two_by_two() -> None:
    koinly = KOINLY.format(label="")
    bitty = (
        "Type,Buy Quantity,Buy Asset,Sell Quantity,Sell Asset,Fee Quantity,Fee Asset,Wallet,"
        "Timestamp\n"
        "Trade,0.5,BTC,21000,USD,21,USD,Kraken,2024-02-01T10:05:09.125Z\n"
    )
    three = found({"koinly.csv": koinly, "tracker.csv": TRACKER, "bitty.csv": bitty})
    assert [finding.account for finding in three] == [
        "cointracker/main",
        "kraken/main",
        "kraken/main",
    ]


def test_under_one_account_the_second_tool_tells_nothing_new() -> None:
    assert found({"koinly.csv": KOINLY.format(label=""), "tracker.csv": TRACKER}, "k/main") == []


def test_a_sale_that_the_other_tool_calls_a_liquidation_is_a_conflict_under_one_account() -> None:
    """What a tool calls a row is no part of which row it is: it is one fact, told in two ways."""
    book = Book.open(":memory:")
    Path("koinly.csv").write_text(KOINLY.format(label="liquidation"))
    Path("tracker.csv").write_text(TRACKER)
    book.import_files(["koinly.csv"], account="k/main")
    (file,) = book.import_files(["tracker.csv"], account="k/main").files
    (finding,) = file.findings
    assert "conflict: k/main holds this id with other content" in finding.problem


def test_times_that_a_spreadsheet_cut_to_the_minute_are_found() -> None:
    cut = TRACKER.replace(":07,", ",").replace(":09,", ",").replace(":03,", ",")
    (finding,) = found({"tracker.csv": TRACKER, "saved.csv": cut})
    assert "this and 2 more are told of cointracker/main, too" in finding.problem


def test_what_was_voided_is_told_once() -> None:
    book = Book.open(":memory:")
    for name, text in {"koinly.csv": KOINLY.format(label=""), "tracker.csv": TRACKER}.items():
        Path(name).write_text(text)
        book.import_files([name])
    lines = [
        {
            "type": "voided",
            "account": "book",
            "at": "2026-01-01T00:00:00Z",
            "id": f"void-{number}",
            "target": f"koinly/main#{told.event.id}",
            "reason": "told by CoinTracker",
        }
        for number, told in enumerate(book.events(account="koinly/main"))
    ]
    Path("voids.jsonl").write_text("\n".join(map(json.dumps, lines)))
    book.import_files(["voids.jsonl"])
    assert [f for f in book.check() if f.kind == "told_twice"] == []


def test_trades_of_one_file_in_two_accounts_are_two() -> None:
    two = (
        "Type,Buy Quantity,Buy Asset,Sell Quantity,Sell Asset,Fee Quantity,Fee Asset,Wallet,"
        "Timestamp\n"
        "Trade,0.5,BTC,21000,USD,,,Kraken,2024-02-01T10:05:09Z\n"
        "Trade,0.5,BTC,21000,USD,,,Gemini,2024-02-01T10:05:09Z\n"
    )
    assert found({"two.csv": two}) == []


def test_a_fee_that_one_tool_counts_in_hides_nothing() -> None:
    koinly = KOINLY.format(label="").replace("21000,USD,0.5,BTC,21,USD", "21630,USD,0.5,BTC,,")
    (finding,) = found({"koinly.csv": koinly, "tracker.csv": TRACKER})
    assert "this and 2 more" in finding.problem


def test_one_file_imported_for_two_accounts_is_found() -> None:
    book = Book.open(":memory:")
    Path("tracker.csv").write_text(TRACKER)
    for account in ("a/main", "b/main"):
        book.import_files(["tracker.csv"], account=account)
    (finding,) = (finding for finding in book.check() if finding.kind == "told_twice")
    assert "this and 2 more are told of a/main, too" in finding.problem


def test_a_file_without_ids_beside_one_with_them_is_found() -> None:
    """BitMEX's older files have no `transactID`: a row cannot be known by it."""
    columns = "transactTime,transactType,amount,fee,address,transactStatus,walletBalance"
    row = "2019-12-25T12:00:00.000Z,Deposit,100000000,0,3BMEX,Completed,100000000"
    old = f"{columns}\n{row}\n"
    new = f"{columns},currency,transactID\n{row},XBt,f9e5\n"
    (finding,) = found({"old.csv": old, "new.csv": new})
    assert (finding.account, finding.asset) == ("bitmex/main", "BTC")


def test_an_export_that_has_one_more_of_what_is_alike_tells_nothing_twice() -> None:
    head, *rows = TRACKER.splitlines(keepends=True)
    assert found({"a.csv": head + rows[1], "b.csv": head + rows[1] * 2}) == []
