"""The command `performance`, and the book's own door to it."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import marginbook
from domain.errors import BookError, UnknownName
from marginbook import Book
from tests.story import told

LOAN = """\
{"type":"deposited","account":"kraken/main","at":"2025-01-01T12:00:00Z","id":"d","asset":"USD","quantity":"10000"}
{"type":"borrowed","account":"kraken/main","at":"2025-01-01T12:00:00Z","id":"b","asset":"USD","quantity":"10000"}
{"type":"filled","account":"kraken/main","at":"2025-01-01T12:00:00Z","id":"f","side":"buy","asset":"BTC",\
"quantity":"2","quote":"USD","price":"10000"}
{"type":"transferred","account":"kraken/main","at":"2025-01-15T12:00:00Z","id":"t","to":"self/wallet",\
"asset":"BTC","quantity":"1"}
{"type":"price_observed","account":"book","at":"2025-02-01T12:00:00Z","id":"p","asset":"BTC","quote":"USD","price":"11000"}
"""
UNPRICED = """\
{"type":"deposited","account":"kraken/main","at":"2025-03-01T12:00:00Z","id":"x","asset":"NEW","quantity":"1"}
"""

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the book of a loan; return its exit status, and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARGINBOOK", raising=False)
    (tmp_path / "loan.jsonl").write_text(LOAN)
    (tmp_path / "unpriced.jsonl").write_text(UNPRICED)

    def ran(*arguments: str) -> tuple[int, Any]:
        status = marginbook.main([*arguments])
        out, err = capfd.readouterr()
        if "--json" in arguments:
            return status, json.loads(out)
        return status, out + err

    ran("import", "loan.jsonl")
    return ran


def test_a_loan_is_no_income_on_the_command_line_either(run: Run) -> None:
    status, said = run("performance", "--json")
    total = said["total"]
    assert (status, total["profit"], total["time_weighted"]) == (0, "2000", "0.2")
    assert (said["currency"], said["from"], said["to"]) == (
        "USD",
        "2025-01-01T12:00:00Z",
        "2025-02-01T12:00:00Z",
    )
    assert [account["account"] for account in said["accounts"]] == ["kraken/main", "self/wallet"]
    assert said["curve"] == []
    assert (
        {
            *("account", "net_worth", "deposited", "withdrawn", "profit", "realised", "unrealised"),
            *("income", "fees", "interest_paid", "interest_owed", "funding", "penalties", "assets"),
            "positions",
        }
        <= said["accounts"][0].keys()
        < total.keys()
    )
    assert total["assets"] == [
        {
            "asset": "BTC",
            "quantity": "2",
            "average_entry": "10000",
            "realised": "0",
            "unrealised": "2000",
        }
    ]


def test_the_curve_is_added_where_it_is_asked_for(run: Run) -> None:
    _, said = run("performance", "--curve", "--json")
    assert [(point["at"], point["net_worth"], point["debt"]) for point in said["curve"]] == [
        ("2025-01-01T12:00:00Z", "10000", "0"),
        ("2025-01-01T23:59:59.999999Z", "10000", "10000"),
        ("2025-01-15T23:59:59.999999Z", "10000", "10000"),
        ("2025-02-01T12:00:00Z", "12000", "10000"),
    ]


def test_an_account_and_a_period_may_be_named(run: Run) -> None:
    period = ("--from", "2025-01-15", "--to", "2025-01-31", "--json")
    _, said = run("performance", "--account", "self/wallet", *period)
    assert (said["from"], said["to"]) == ("2025-01-15T00:00:00Z", "2025-01-31T23:59:59.999999Z")
    total = said["total"]
    assert (total["account"], total["deposited"], total["profit"]) == ("self/wallet", "10000", "0")


def test_people_read_a_table(run: Run) -> None:
    status, text = run("performance", "--curve")
    assert status == 0
    for line in (
        "PERFORMANCE 2025-01-01 12:00 to 2025-02-01 12:00 UTC, book, in USD",
        "profit             2,000.00",
        "time-weighted, over the period   20.00 %",
        "BTC           2      10,000.00      0.00    2,000.00",
        "2025-02-01 12:00:00  12,000.00  10,000.00  2,000.00  10,000.00",
    ):
        assert line in text


def test_what_is_missing_is_a_dash_and_a_finding(run: Run) -> None:
    run("import", "unpriced.jsonl")
    status, text = run("performance")
    assert status == 1
    assert "missing_price  kraken/main x: what was 1 NEW worth in USD at 2025-03-01T12:00" in text
    assert "a price is missing at 2025-03-01T12:00:00Z" in text


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--account", "okx/main"), "nothing happened in an account 'okx/main' until then"),
        (("--from", "2025-02-01", "--to", "2025-01-01"), "before it begins"),
        (("--from", "soon"), "is no time"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    run: Run, arguments: tuple[str, ...], problem: str
) -> None:
    status, said = run("performance", *arguments, "--json")
    assert status == 2
    assert problem in said["error"]


def test_a_book_in_which_nothing_happened_says_so(run: Run) -> None:
    status, text = run("--book", "other.db", "performance")
    assert (status, text) == (0, "Nothing happened.\n")


def test_a_book_answers_in_python_as_it_was_known() -> None:
    story = told("""
        2025-01-01  deposited  100 USD
        2025-01-02  contract   PERP 10 USD
        2025-01-03  contract   PERP 10 USD
    """)
    with Book.open(":memory:") as book:
        events = [recorded.event for recorded in story.log]
        book.record(events, "kraken/main")
        assert book.performance().total.profit == 20
        assert book.performance(known=2).total.profit == 10
        assert book.performance(at=date(2025, 1, 2)).total.profit == 10
        assert book.performance(since=date(2025, 1, 3)).total.profit == 10
        with pytest.raises(UnknownName):
            book.performance("self/wallet")
        with pytest.raises(BookError):
            book.performance(since=date(2025, 1, 3), at=date(2025, 1, 2))
