"""`margin` with its history, and `whatif`, as scripts and people use them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import marginbook

LONG = """\
{"type":"deposited","account":"kraken/main","at":"2025-03-01T10:00:00Z","id":"d1","asset":"USD","quantity":"10000"}
{"type":"filled","account":"kraken/main","at":"2025-03-01T11:00:00Z","id":"f1","side":"buy","asset":"BTC",\
"quantity":"1.5","quote":"USD","price":"30000","position":"p","leverage":"5"}
{"type":"price_observed","account":"book","at":"2025-03-02T11:00:00Z","id":"low","asset":"BTC","quote":"USD","price":"28000"}
{"type":"price_observed","account":"book","at":"2025-03-03T11:00:00Z","id":"high","asset":"BTC","quote":"USD","price":"31000"}
"""

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARGINBOOK", raising=False)
    (tmp_path / "long.jsonl").write_text(LONG)
    assert marginbook.main(["import", "long.jsonl"]) == 0
    return tmp_path


@pytest.fixture
def run(folder: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return its exit status and its JSON, else what it printed."""

    def ran(*arguments: str) -> tuple[int, Any]:
        capfd.readouterr()
        status = marginbook.main(list(arguments))
        out, err = capfd.readouterr()
        return status, json.loads(out) if "--json" in arguments else out + err

    return ran


def test_a_state_keeps_the_names_of_the_contract(run: Run) -> None:
    _, said = run("margin", "--json")
    (account,) = said["accounts"]
    names = "account mode model equity collateral debt used_margin maintenance_margin level status"
    assert [name for name in names.split() if name not in account] == []
    assert account["prices"] == {
        "BTC": {
            "call": "28133.33333333333333333333333",
            "liquidation": "25733.33333333333333333333333",
        }
    }
    (position,) = account["positions"]
    names = "position asset side quantity entry mark unrealised call_price liquidation_price"
    assert [name for name in names.split() if name not in position] == []
    assert (account["level_shown"], account["net_worth"]) == ("margin level 127.78 %", "11500")


def test_a_history_is_one_document_of_points_and_what_they_tell(run: Run) -> None:
    status, said = run("margin", "--history", "--json")
    assert status == 0
    assert [(p["event"], p["level"], p["status"]) for p in said["points"]] == [
        ("d1", None, "healthy"),
        ("f1", "1.111111111111111111111111111", "healthy"),
        ("low", "0.7777777777777777777777777778", "call"),
        ("high", "1.277777777777777777777777778", "healthy"),
    ]
    (account,) = said["accounts"]
    assert [(c["status"], c["event"], c["until"]) for c in account["calls"]] == [
        ("call", "low", "2025-03-03T11:00:00Z")
    ]
    assert account["nearest"]["event"] == "low"


def test_points_may_be_narrowed_and_what_they_tell_is_whole(run: Run) -> None:
    _, said = run("margin", "--history", "--from", "2025-03-03", "--json")
    assert [p["event"] for p in said["points"]] == ["high"]
    assert len(said["accounts"][0]["calls"]) == 1
    _, said = run("margin", "--history", "--at", "2025-03-01", "--json")
    assert [p["event"] for p in said["points"]] == ["d1", "f1"]


def test_a_misspelt_account_is_no_empty_one(run: Run) -> None:
    for asked in (["margin"], ["margin", "--calls"], ["margin", "--history"], ["interest"]):
        status, text = run(*asked, "--account", "kraken/mian")
        assert (status, "known: kraken/main" in text) == (2, True)


def test_calls_are_told_in_words(run: Run) -> None:
    status, text = run("margin", "--calls")
    assert status == 0
    assert "nearest to liquidation: level 0.7778 (call)" in text
    assert "2025-03-02 11:00:00" in text


@pytest.mark.parametrize("time", ["", "T12:00:00Z"])
def test_a_history_does_not_end_before_it_begins(run: Run, time: str) -> None:
    span = ("--from", f"2025-03-03{time}", "--at", f"2025-03-02{time}")
    status, said = run("margin", "--history", *span)
    assert (status, "before it begins" in said) == (2, True)


def test_a_history_takes_no_prices(run: Run) -> None:
    status, text = run("margin", "--history", "--price", "BTC=1")
    assert (status, "--price is for one state" in text) == (2, True)
    status, text = run("margin", "--from", "2025-03-03")
    assert (status, "--from is for --history" in text) == (2, True)


@pytest.mark.parametrize("price", ["BTC=0", "BTC=-1", "BTC=NaN", "BTC", "BTC=1e", "=5"])
def test_a_price_that_is_none_is_wrong_use(run: Run, price: str) -> None:
    assert run("margin", "--price", price)[0] == 2


def test_an_old_mark_is_shown_as_old(run: Run) -> None:
    status, said = run("margin", "--at", "2025-04-01", "--json")
    assert status == 1
    (account,) = said["accounts"]
    assert account["status"] == "healthy"
    (found,) = said["findings"]
    assert (found["kind"], found["asset"], found["at"]) == (
        "stale_mark",
        "BTC",
        "2025-03-03T11:00:00Z",
    )


def test_a_what_if_records_nothing(run: Run) -> None:
    _, before = run("verify", "--json")
    status, said = run("whatif", "liquidate", "--price", "BTC=25000", "--json")
    assert status == 0
    assert said["recorded"] is False
    assert said["outcomes"][0]["result"] == "-9000"
    assert said["taxable"] == {
        "short_term": "-7500.00",
        "long_term": "0.00",
        "total": "-7500.00",
    }
    assert said["margin"]["accounts"][0]["positions"] == []
    assert [row["gain"] for row in said["disposals"]] == ["-7500.00"]
    assert run("verify", "--json")[1]["head"] == before["head"]


@pytest.mark.parametrize(
    "asked",
    [
        ["liquidate"],
        ["liquidate", "kraken/main", "--rates", "0.32/0.15"],
        ["sell", "0.5", "BTC", "--position", "p"],
        ["buy", "0.2", "BTC", "--price", "29000"],
        ["buy", "2", "BTC", "--price", "29000", "--borrow"],
        ["sell", "0.2", "BTC", "--borrow"],
        ["buy", "0.5", "BTC", "--position", "p", "--leverage", "5"],
        ["borrow", "1000", "USD"],
        ["deposit", "1000", "USD"],
        ["withdraw", "1000", "USD"],
        ["stop", "--price", "29000"],
        ["stop", "BTC", "--price", "BTC=29000", "--quantity", "0.5"],
        ["take-profit", "--price", "33000", "--at", "2025-06-01"],
    ],
)
def test_every_what_if_answers_in_text_and_json(run: Run, asked: list[str]) -> None:
    status, text = run("whatif", *asked)
    assert status in (0, 1)
    assert "Nothing is recorded." in text
    assert "Margin after" in text
    status, said = run("whatif", *asked, "--json")
    assert said["whatif"] == asked[0]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["stop", "--price", "32000"], "that is a take-profit"),
        (["stop"], "at which price"),
        (["sell", "0", "BTC"], "no number above zero"),
        (["sell", "1", "DOGE"], "holds 0 DOGE, this takes 1"),
        (["buy", "1", "BTC"], "holds 10000 USD, this takes 31000"),
        (["repay", "1", "USD"], "owes 0 USD"),
        (["withdraw", "20000", "USD"], "holds 10000 USD"),
        (["buy", "1", "USD", "--price", "5"], "USD is the money here"),
        (["buy", "1", "BTC", "--leverage", "5"], "a leverage is a position's"),
        (["buy", "1", "BTC", "--price", "5", "--price", "6"], "a price is given twice"),
        (["liquidate", "kraken/none"], "there is no account"),
        (["liquidate", "--rates", "32/15"], "no rates"),
        (["buy", "1", "ETH"], "what is 1 ETH worth"),
    ],
)
def test_a_what_if_that_cannot_be_asked_says_why(run: Run, asked: list[str], said: str) -> None:
    status, text = run("whatif", *asked)
    assert (status, said in text) == (2, True), text


def test_a_stop_that_is_never_reached_ends_with_a_finding(run: Run) -> None:
    status, said = run("whatif", "stop", "--price", "25000", "--json")
    assert status == 1
    assert "liquidated_first" in [found["kind"] for found in said["findings"]]
