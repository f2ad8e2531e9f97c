"""The commands of paper trading: the watermark, the doors, and a session as scripts run it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import marginbook
from adapters.cli.options import WATERMARK

BARS = """\
time,symbol,open,high,low,close,volume
2025-01-02T00:00:00Z,BTC/USD,100,110,95,105,1
2025-01-03T00:00:00Z,BTC/USD,104,106,92,94,1
2025-01-04T00:00:00Z,BTC/USD,94,99,60,65,1
"""
OPEN = (
    *("paper", "open", "--deposit", "10000", "USD", "--at", "2025-01-01T00:00:00Z"),
    *("--preset", "kraken@2026-02-10", "--set", "taker_fee_rate=0.004"),
)
DEPOSIT = (
    '{"type":"deposited","account":"kraken/main","at":"2025-03-04T10:00:05Z","id":"d-1",'
    '"asset":"USD","quantity":"100"}\n'
)

Run = Callable[..., tuple[int, Any]]
Said = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a file of bars."""
    monkeypatch.chdir(tmp_path)
    for name in ("MARGINBOOK", "MARGINBOOK_PAPER"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bars.csv").write_text(BARS)
    return tmp_path


@pytest.fixture
def run(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a command with --json; return its exit status and its document."""

    def ran(*arguments: str) -> tuple[int, Any]:
        status = marginbook.main([*arguments, "--json"])
        out, _ = capfdbinary.readouterr()
        return status, json.loads(out)

    return ran


@pytest.fixture
def said(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Said:
    """Run a command; return what it printed."""

    def ran(*arguments: str) -> str:
        assert marginbook.main([*arguments]) in (0, 1)
        return capfdbinary.readouterr().out.decode()

    return ran


def session(run: Run) -> None:
    """A long of 100 BTC at 100, stopped at 93."""
    assert run(*OPEN)[0] == 0
    run("paper", "order", "buy", "100", "BTC", "--leverage", "4", "--id", "long")
    run("paper", "order", "sell", "100", "BTC", "--stop", "93", "--position", "long")
    status, report = run("paper", "run", "bars.csv")
    assert (status, report["bars"], report["filled"], report["known"]) == (0, 3, 2, 0)
    assert report["interest"] == {"USD": "30"}


# The watermark -----------------------------------------------------------------------------------

ASKED = (
    ("events",),
    ("verify",),
    ("check",),
    ("balances",),
    ("lots",),
    ("margin",),
    ("margin", "--history"),
    ("margin", "--calls"),
    ("interest",),
    ("performance",),
    ("performance", "--curve"),
    ("whatif", "buy", "1", "BTC", "--account", "paper/main"),
    ("tax", "2025"),
    ("tax", "2025", "--country", "ca"),
    ("compare", "2025"),
    ("explain", "8949:1", "--year", "2025"),
    ("orders",),
    ("orders", "--all"),
    ("run", "bars.csv"),
    ("order", "buy", "1", "BTC"),
    ("open", "--deposit", "5", "USD"),
    ("elect", "hifo"),
    ("state", "2025", "taxable_income", "5"),
    ("policy", "transfer_fee", "add_to_basis"),
)


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_all_that_is_said_of_a_paper_book_says_so(run: Run, said: Said, asked: tuple[str]) -> None:
    session(run)
    text = said("paper", *asked)
    assert text.startswith(f"{WATERMARK}\n"), text
    assert text.count(WATERMARK) == 1
    other = ("--id", "other") if asked[0] in ("elect", "state", "policy") else ()
    _, document = run("paper", *asked, *other)
    assert document["paper"] is True
    assert next(iter(document)) == "paper"


def test_nothing_that_is_said_of_a_real_book_does(run: Run, said: Said, folder: Path) -> None:
    (folder / "year.jsonl").write_text(DEPOSIT)
    for asked in (("import", "year.jsonl"), ("events",), ("margin", "--history"), ("tax", "2025")):
        assert "PAPER" not in said(*asked)
        assert "paper" not in run(*asked)[1]


def test_an_error_of_a_paper_book_says_so_too(run: Run) -> None:
    status, document = run("paper", "cancel", "nothing")
    assert (status, document["paper"]) == (2, True)
    assert "no order is called 'nothing'" in document["error"]


def test_files_of_a_paper_year_bear_it_in_their_names_and_first_lines(
    run: Run, folder: Path
) -> None:
    session(run)
    run("paper", "tax", "2025", "--out", "reports")
    table, document = sorted((folder / "reports").iterdir())
    assert table.name == "PAPER-form8949-2025-spec_id.csv"
    assert table.read_text().startswith(f"# {WATERMARK}\nrow,box,")
    assert document.name == "PAPER-tax-2025-spec_id.json"
    assert document.read_text().startswith('{\n  "paper": true,\n  "watermark": "PAPER')


# Doors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        ("events",),
        ("tax", "2025"),
        ("margin",),
        ("check",),
        ("verify",),
        ("init",),
        ("import", "bars.csv"),
        ("prices", "list"),
        ("elect", "hifo"),
    ],
    ids=" ".join,
)
def test_no_other_command_takes_a_paper_book(run: Run, asked: tuple[str]) -> None:
    run(*OPEN)
    status, document = run("--book", "paper.db", *asked)
    assert status == 2
    assert "this is a paper book" in document["error"] or "bars" in document["error"]
    assert "marginbook p" in document["error"]


def test_paper_commands_take_no_real_book(run: Run, folder: Path) -> None:
    (folder / "year.jsonl").write_text(DEPOSIT)
    run("import", "year.jsonl")
    for asked in (
        ("tax", "2025"),
        ("orders",),
        ("run", "bars.csv"),
        ("open", "--deposit", "1", "USD"),
    ):
        status, document = run("paper", "--paper-book", "book.db", *asked)
        assert status == 2
        assert "this is a real book" in document["error"]


def test_an_exported_paper_book_is_no_file_for_a_real_one(run: Run, folder: Path) -> None:
    session(run)
    _, document = run("paper", "events")
    lines = [json.dumps(entry["event"]) for entry in document["events"]]
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n")
    status, result = run("import", "events.jsonl", "--account", "kraken/main")
    (file,) = result["files"]
    assert (status, file["recorded"], len(file["findings"])) == (2, 0, len(lines))
    assert run("balances")[1]["balances"] == []


def test_the_paper_book_is_a_file_of_its_own(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*OPEN)
    assert [path.name for path in folder.glob("*.db")] == ["paper.db"]
    run("paper", "--paper-book", "other.db", *OPEN[1:])
    monkeypatch.setenv("MARGINBOOK_PAPER", "third.db")
    monkeypatch.setenv("MARGINBOOK", "real.db")
    run(*OPEN)
    assert sorted(path.name for path in folder.glob("*.db")) == ["other.db", "paper.db", "third.db"]


# Sessions ----------------------------------------------------------------------------------------


def test_a_session_ends_in_a_paper_tax_year(run: Run) -> None:
    session(run)
    status, year = run("paper", "tax", "2025")
    (row,) = year["form_8949"]
    assert status == 0
    assert (row["proceeds"], row["basis"], row["gain"]) == ("9262.80", "10040.00", "-777.20")
    assert (row["account"], row["disposal"]) == ("paper/main", "fill-order-2")
    assert year["form_4952"]["1"] == "30.00"


def test_every_kind_of_order_can_be_placed(run: Run) -> None:
    run(*OPEN)
    kinds = []
    for option in ((), ("--limit", "90"), ("--stop", "120"), ("--take-profit", "80")):
        _, placed = run("paper", "order", "buy", "1", "BTC", *option)
        kinds.append(placed["events"][0]["event"]["kind"])
    for option in (("--trail", "5"), ("--trail-rate", "0.05")):
        more = ("--leverage", "2", "--expires", "2025-02-01T00:00:00Z")
        _, placed = run("paper", "order", "sell", "1", "BTC", *option, *more)
        kinds.append(placed["events"][0]["event"]["kind"])
    assert kinds == [
        "market",
        "limit",
        "stop_loss",
        "take_profit",
        "trailing_stop",
        "trailing_stop",
    ]
    _, listed = run("paper", "orders")
    assert [one["order"] for one in listed["orders"]] == [f"order-{n}" for n in range(1, 7)]
    assert {one["status"] for one in listed["orders"]} == {"open"}


def test_one_order_has_one_price(run: Run) -> None:
    run(*OPEN)
    status, document = run("paper", "order", "buy", "1", "BTC", "--limit", "5", "--stop", "6")
    assert status == 2
    assert "--limit and --stop are two orders" in document["error"]


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (("--preset", "kraken", "--model", "kraken"), "--preset names its model"),
        (("--set", "leverage=3"), "belong to --preset or --model"),
        (("--model", "kraken", "--set", "call=0.3", "--set", "liquidation=0.4"), "call 0.3"),
        (
            ("--preset", "kraken@2026-02-10", "--set", "taker_fee_rate=1"),
            "taker_fee_rate 1 is not below 1",
        ),
        (("--deposit", "none", "USD"), "must be a number above zero"),
        (("--account", "kraken/main", "--deposit", "1", "USD"), "is called paper/NAME"),
        (("--preset", "unheard_of"), "no preset is called"),
    ],
)
def test_an_account_that_cannot_be_is_not_opened(
    run: Run, arguments: tuple[str], wrong: str
) -> None:
    status, document = run("paper", "open", *arguments)
    assert (status, document["paper"]) == (2, True)
    assert wrong in document["error"]
    assert run("paper", "events")[1]["events"] == []


def test_a_model_of_ones_own_will_do(run: Run) -> None:
    terms = ("--model", "standard", "--set", "initial_rate=0.5", "--set", "maintenance_rate=0.25")
    status, opened = run("paper", "open", *terms, "--factor", "BTC=0.9", "--rate", "USD=0.0001")
    assert status == 0
    event = opened["events"][-1]["event"]
    assert (event["model"], event["collateral_factors"]) == ("standard", {"BTC": "0.9"})


def test_what_costs_nothing_is_told(said: Said) -> None:
    opened = ("paper", "open", "--deposit", "100", "USD", "--at", "2025-01-01T00:00:00Z")
    bare = said(*opened, "--preset", "kraken@undated")
    assert "trades cost no fee" in bare
    assert "bears no interest" in bare
    whole = said(*OPEN)
    assert "trades cost no fee" not in whole
    assert "bears no interest" not in whole


def test_a_run_may_end_with_a_day(run: Run) -> None:
    run(*OPEN)
    _, report = run("paper", "run", "bars.csv", "--until", "2025-01-03")
    assert (report["bars"], report["stands"]) == (2, "2025-01-04T00:00:00Z")


def test_orders_that_are_younger_than_the_bars_are_told(run: Run, said: Said) -> None:
    run(*OPEN)
    run("paper", "order", "buy", "1", "BTC", "--at", "2026-01-01T00:00:00Z")
    assert run("paper", "run", "bars.csv")[1]["waiting"] == 1
    assert "1 open orders are placed after that" in said("paper", "run", "bars.csv")


def test_a_run_wants_an_account(run: Run) -> None:
    status, document = run("paper", "run", "bars.csv")
    assert (status, document["paper"]) == (2, True)
    assert "no account is open: marginbook paper open --deposit" in document["error"]
    assert run("paper", "events")[1]["events"] == []
    run(*OPEN)
    assert run("paper", "run", "bars.csv")[1]["bars"] == 3


def test_bars_of_another_market_than_the_one_that_ran_are_refused(run: Run, folder: Path) -> None:
    """The 3rd closed at 94; a file that says 93 is another market's."""
    session(run)
    before = run("paper", "verify")[1]["head"]
    (folder / "bars.csv").write_text(BARS.replace("104,106,92,94", "104,106,92,93"))
    status, document = run("paper", "run", "bars.csv")
    assert status == 2
    assert "ends 2025-01-04T00:00:00Z closes at 93: it ran with 94" in document["error"]
    assert run("paper", "verify")[1]["head"] == before


def test_bars_with_a_fault_are_not_run(run: Run, folder: Path) -> None:
    run(*OPEN)
    (folder / "bars.csv").write_text(BARS.replace("104,106,92,94", "104,100,92,94"))
    status, document = run("paper", "run", "bars.csv")
    assert status == 2
    assert "nothing was run:\nbars.csv:3: must lie between" in document["error"]
    status, document = run("paper", "run", "nowhere.csv")
    assert "there is no such file" in document["error"]


def test_an_order_is_listed_and_taken_back(run: Run, said: Said) -> None:
    run(*OPEN)
    run("paper", "order", "buy", "1", "BTC", "--limit", "90")
    assert "order-1  paper/main  buy 1 BTC  limit  90.00 USD" in said("paper", "orders")
    assert "order_cancelled" in said("paper", "cancel", "order-1", "--reason", "too dear")
    assert "No orders." in said("paper", "orders")
    assert "cancelled  too dear" in said("paper", "orders", "--all")
    assert "No orders." in said("paper", "orders", "--all", "--account", "paper/other")


def test_the_demo_shows_each_way_out(run: Run, said: Said) -> None:
    _, report = run("paper", "demo")
    ended = {one["order"]: (one["kind"], one["status"]) for one in report["orders"]}
    assert ended == {
        "long": ("market", "filled"),
        "order-2": ("stop_loss", "filled"),
        "again": ("limit", "filled"),
        "order-4": ("stop_loss", "cancelled"),
        "order-5": ("take_profit", "filled"),
        "short": ("market", "filled"),
        "order-7": ("trailing_stop", "filled"),
        "large": ("market", "filled"),
    }
    assert report["paper"] is True
    assert report["run"]["liquidated"] == 1
    assert report["verify"]["ok"] is True
    assert [row["gain"] for row in report["tax"]["form_8949"]] == [
        *("-3128.40", "2255.20", "1455.96", "-13877.82")
    ]
    assert [finding["severity"] for finding in report["tax"]["findings"]] == ["info"]
    assert report["margin_before_the_fall"]["accounts"][0]["positions"][0]["position"] == "large"
    text = said("paper", "demo")
    assert text.startswith(WATERMARK)
    assert "PAPER TAX YEAR 2025" in text


def test_the_bundled_commands_are_those_of_real_books(said: Said) -> None:
    helped = said("paper", "--help")
    for name in ("open", "order", "orders", "cancel", "run", "demo", "tax", "margin", "explain"):
        assert f"\n  {name} " in helped
