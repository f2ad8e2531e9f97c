"""`check` with its trail of lights, and `assert`: what scripts get, and what people see."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import marginbook
from adapters.wire import from_native
from marginbook import Book

Run = Callable[..., tuple[int, Any]]
Read = Callable[..., str]

STORY = [
    {"type": "deposited", "account": "kraken/main", "at": "2025-03-01T10:00:00Z", "id": "d1",
     "asset": "USD", "quantity": "9000.03"},
    {"type": "balance_asserted", "account": "kraken/main", "at": "2025-03-05T10:00:00Z", "id": "b1",
     "asset": "USD", "quantity": "9001.03"},
    {"type": "deposited", "account": "kraken/main", "at": "2025-03-06T10:00:00Z", "id": "d2",
     "asset": "USD", "quantity": "1"},
    {"type": "balance_asserted", "account": "kraken/main", "at": "2025-03-06T10:00:00Z", "id": "b2",
     "asset": "USD", "quantity": "9001.03"},
    {"type": "withdrawn", "account": "kraken/main", "at": "2025-03-07T10:00:00Z", "id": "w1",
     "asset": "USD", "quantity": "1"},
    {"type": "deposited", "account": "coinbase/main", "at": "2025-03-01T10:00:00Z", "id": "d1",
     "asset": "USD", "quantity": "5"},
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a book in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARGINBOOK", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    Path("story.jsonl").write_text("".join(json.dumps(event) + "\n" for event in STORY))
    with Book.open("book.db") as book:
        book.import_file("story.jsonl")
    return tmp_path


def record(*lines: dict[str, str]) -> None:
    """Record native lines of one account, without a file."""
    read = [from_native(line) for line in lines]
    with Book.open("book.db") as book:
        book.record([event for _, event in read], account=read[0][0])


@pytest.fixture
def run(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a command with --json; return its exit status and its document (or its stderr)."""

    def ran(*arguments: str) -> tuple[int, Any]:
        status = marginbook.main([*arguments, "--json"])
        out, err = capfdbinary.readouterr()
        return status, json.loads(out) if out else err.decode()

    return ran


@pytest.fixture
def read(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Read:
    """Run a command; return what it prints."""

    def ran(*arguments: str) -> str:
        marginbook.main([*arguments])
        return capfdbinary.readouterr().out.decode()

    return ran


# check -------------------------------------------------------------------------------------------


def test_check_keeps_its_findings_and_gains_the_trail(run: Run) -> None:
    status, said = run("check")
    assert status == 1
    assert [found["kind"] for found in said["findings"]] == ["failed_assertion"]
    assert list(said) == ["findings", "trail"]
    coinbase, kraken = said["trail"]
    assert list(kraken) == [
        "account", "status", "lights", "unvouched", "beginnings", "vouched", "events_since",
    ]  # fmt: skip
    assert (coinbase["account"], coinbase["status"]) == ("coinbase/main", "grey")
    assert (kraken["account"], kraken["status"]) == ("kraken/main", "red")
    first, second, told = kraken["lights"]
    assert first == {
        "at": "2025-03-05T10:00:00Z",
        "kind": "balance",
        "status": "red",
        "asset": "USD",
        "asserted": "9001.03",
        "held": "9000.03",
        "difference": "1",
        "event": "b1",
    }
    assert (second["status"], second["difference"]) == ("green", "0")
    counts = {"rows": 6, "recorded": 6, "known": 0, "ignored": 0, "findings": 0, "remarks": 0}
    assert told == {
        **{key: told[key] for key in ("at", "sha256")},
        **counts,
        "kind": "import",
        "status": "green",
        "file": "story.jsonl",
        "format": "native 1",
        "event": "import/7",
    }
    assert kraken["unvouched"] == [
        {
            "asset": "USD",
            "since": "2025-03-06T10:00:00Z",
            "until": "2025-03-07T10:00:00Z",
            "events": 1,
            "held": "9000.03",
        }
    ]
    assert (kraken["vouched"], kraken["events_since"]) == ("2025-03-06T10:00:00Z", 1)


def test_a_red_light_alone_does_not_change_how_check_ends(run: Run) -> None:
    """Grey and amber are no findings: what decides is what was found."""
    run("void", "b1", "--reason", "misread")
    status, said = run("check")
    assert (status, said["findings"]) == (0, [])
    assert [trail["status"] for trail in said["trail"]] == ["grey", "amber"]


def test_in_python_the_findings_and_the_trail_are_two_questions(folder: Path) -> None:
    with Book.open("book.db") as book:
        assert [found.kind for found in book.check()] == ["failed_assertion"]
        coinbase, kraken = book.trail()
        assert isinstance(kraken, marginbook.Trail)
        assert isinstance(kraken.lights[0], marginbook.BalanceLight)
        assert isinstance(kraken.lights[-1], marginbook.ImportLight)
        assert [trail.account for trail in book.trail(known=1)] == ["kraken/main"]
        assert coinbase.to_dict()["vouched"] is None


def test_a_trail_is_a_line(read: Read) -> None:
    lines = read("check").splitlines()
    start = next(i for i, text in enumerate(lines) if text.startswith("What vouches"))
    coinbase, kraken = (text for text in lines[start + 1 :] if not text.startswith(" "))
    told = "1 import without findings"
    assert coinbase == f"coinbase/main  ●○    {told}; no balance was ever asserted"
    assert kraken == (
        "kraken/main    ✗●●○  1 balance agrees, 1 differs (USD 2025-03-05: 9,001.03 asserted,"
        f" 9,000.03 held); {told}; last vouched 2025-03-06; 1 event since"
    )
    assert "    ○ 5 USD held after 1 event: never asserted" in lines
    assert "    ○ 9,000.03 USD held: nothing vouches for the last event, to 2025-03-07" in lines


def test_days_of_a_trail_are_the_books_own(run: Run, read: Read) -> None:
    run("init", "--book", "ny.db", "--zone", "America/New_York")
    run("assert", "a/x", "USD", "0", "--at", "2025-03-05", "--book", "ny.db")
    assert "last vouched 2025-03-05" in read("check", "--book", "ny.db")


def test_every_light_is_listed_where_it_is_asked_for(read: Read) -> None:
    text = read("check", "--trail")
    assert "    ✗ 2025-03-05  USD: 9,001.03 asserted, 9,000.03 held (+1)  [b1]\n" in text
    assert "    ● 2025-03-06  USD: 9,001.03 asserted, 9,001.03 held  [b2]\n" in text
    assert "): 6 rows = 6 recorded + 0 known + 0 ignored + 0 findings\n" in text


def test_a_long_trail_shows_its_last_lights_and_every_red_one(read: Read) -> None:
    asserted = [
        {**STORY[1], "id": f"x{i}", "at": f"2025-03-02T10:00:{i:02d}Z", "quantity": "9000.03"}
        for i in range(30)
    ]
    wrong = {**STORY[1], "id": "bad", "at": "2025-03-02T11:00:00Z", "quantity": "1"}
    record(*asserted, wrong)
    text = read("check")
    assert f"kraken/main    .. {'●' * 16}✗✗●●○  31 balances agree, 2 differ; " in text
    assert "    ✗ 2025-03-02  USD: 1 asserted, 9,000.03 held (-8,999.03)  [bad]\n" in text
    assert "[x3]" not in text


def test_without_colour_the_lights_are_ascii(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = read("check")
    assert "kraken/main    x++o  1 balance agrees" in text
    assert text.isascii()


def test_the_trail_says_where_a_book_begins_in_the_middle(read: Read) -> None:
    record({**STORY[4], "id": "w", "at": "2024-01-01T00:00:00Z", "asset": "BTC"})
    said = "    the history of BTC begins in the middle, at 2024-01-01 (w)\n"
    assert said in read("check")


def test_an_empty_book_has_no_trail(run: Run, read: Read) -> None:
    assert run("check", "--book", "new.db") == (0, {"findings": [], "trail": []})
    assert read("check", "--book", "new.db").startswith("Nothing to find")


# assert ------------------------------------------------------------------------------------------


def test_a_balance_of_a_statement_is_recorded_and_answered_by_its_light(run: Run) -> None:
    arguments = ("assert", "coinbase/main", "USD", "5.00", "--at", "2025-03-31", "--note", "p. 3")
    status, said = run(*arguments)
    assert (status, said["position"], said["known"]) == (0, 8, False)
    assert said["event"] == {
        "type": "balance_asserted",
        "account": "coinbase/main",
        "at": "2025-03-31T23:59:59.999999Z",
        "id": "assert-1",
        "note": "p. 3",
        "asset": "USD",
        "quantity": "5.00",
    }
    assert (said["light"]["status"], said["light"]["held"]) == ("green", "5")
    assert said["head"]["position"] == 8
    assert run("check")[1]["trail"][0]["status"] == "green"
    status, again = run(*arguments)
    assert (status, again["known"], again["head"]) == (0, True, said["head"])


def test_a_balance_that_differs_is_recorded_and_found(run: Run) -> None:
    status, said = run("assert", "coinbase/main", "USD", "7", "--at", "2025-03-31")
    assert (status, said["light"]["status"], said["light"]["difference"]) == (1, "red", "2")
    found = run("check")[1]["findings"]
    assert ("failed_assertion", "coinbase/main") in [(f["kind"], f["account"]) for f in found]


def test_what_is_held_now_is_asserted_anew_each_time(run: Run) -> None:
    first = run("assert", "coinbase/main", "USD", "5")[1]
    second = run("assert", "coinbase/main", "USD", "5")[1]
    assert (first["event"]["id"], second["event"]["id"]) == ("assert-1", "assert-2")


def test_what_the_venue_asserted_does_not_count_in_the_ids_of_what_was_written_by_hand(
    run: Run,
) -> None:
    assert run("assert", "kraken/main", "USD", "5")[1]["event"]["id"] == "assert-1"


def test_a_debt_can_be_asserted_below_zero(run: Run) -> None:
    status, said = run("assert", "coinbase/main", "EUR", "-3", "--at", "2025-03-31")
    assert (status, said["light"]["asserted"]) == (1, "-3")


def test_a_name_that_the_book_does_not_know_is_doubted(read: Read) -> None:
    doubt = "The book knows of no usd in coinbase/main before: are both names right?"
    assert doubt in read("assert", "coinbase/main", "usd", "5")
    assert "both names" not in read("assert", "coinbase/main", "USD", "5")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("book", "USD", "5"), "a balance is an account's"),
        (("kraken", "USD", "5"), "account"),
        (("kraken/main", "USD", "1,5"), "is not a decimal number"),
        (("kraken/main", "USD", "5", "--at", "yesterday"), "is no time"),
        (("kraken/main", "USD", "5", "--id", "d1"), "already recorded with other content"),
    ],
)
def test_what_cannot_be_an_assertion_is_refused(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    status, document = run("assert", *arguments)
    assert status == 2
    assert said in document["error"]
    assert run("events")[1]["events"][-1]["position"] <= 7


def test_a_native_line_asserts_alike_and_is_never_applied(run: Run) -> None:
    asserted = {**STORY[1], "id": "b3", "at": "2025-03-08T00:00:00Z", "quantity": "1"}
    Path("more.jsonl").write_text(json.dumps(asserted))
    assert run("import", "more.jsonl")[0] == 0
    held = {b["account"]: b["held"] for b in run("balances")[1]["balances"]}
    assert held["kraken/main"] == "9000.03"
    trail = run("check")[1]["trail"][1]
    assert [light["status"] for light in trail["lights"] if light["kind"] == "balance"] == [
        "red", "green", "red",
    ]  # fmt: skip
    assert [light["file"] for light in trail["lights"] if light["kind"] == "import"] == [
        "story.jsonl", "more.jsonl",
    ]  # fmt: skip
