"""The commands that decide, as people and scripts use them: JSON, exit status, what is refused."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import marginbook

NOW = "2026-11-22T12:00:00Z"
EPOCH = "1795348800"

HISTORY = [
    {
        "type": "deposited",
        "account": "kraken/main",
        "at": "2023-01-10T12:00:00Z",
        "id": "old",
        "asset": "BTC",
        "quantity": "1",
        "lots": [{"acquired": "2023-01-10", "quantity": "1", "basis": "17000"}],
    },
    {
        "type": "deposited",
        "account": "kraken/main",
        "at": "2024-12-01T12:00:00Z",
        "id": "new",
        "asset": "BTC",
        "quantity": "1",
        "lots": [{"acquired": "2024-12-01", "quantity": "1", "basis": "95000"}],
    },
    {
        "type": "deposited",
        "account": "coinbase/main",
        "at": "2024-06-01T12:00:00Z",
        "id": "unknown",
        "asset": "ETH",
        "quantity": "2.5",
    },
    {
        "type": "withdrawn",
        "account": "kraken/main",
        "at": "2025-01-10T12:00:00Z",
        "id": "out",
        "asset": "BTC",
        "quantity": "0.1",
    },
    {
        "type": "deposited",
        "account": "coinbase/main",
        "at": "2025-01-10T13:00:00Z",
        "id": "in",
        "asset": "BTC",
        "quantity": "0.1",
    },
    {
        "type": "filled",
        "account": "kraken/main",
        "at": "2025-03-01T12:00:00Z",
        "id": "sale",
        "side": "sell",
        "asset": "BTC",
        "quantity": "0.5",
        "quote": "USD",
        "price": "90000",
    },
]

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Run a command with --json in a folder with a book; its exit status and its document."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARGINBOOK", raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    lines = "".join(f"{json.dumps(event)}\n" for event in HISTORY)
    (tmp_path / "history.jsonl").write_text(lines)

    def ran(*arguments: str) -> tuple[int, Any]:
        status = marginbook.main([*arguments, "--json"])
        out, _ = capfdbinary.readouterr()
        return status, json.loads(out)

    assert ran("import", "history.jsonl")[0] == 0
    return ran


def head(run: Run) -> Any:
    return run("verify")[1]["head"]


def figures(said: Any) -> dict[tuple[int, str, str], tuple[Any, Any]]:
    """(year, form, line): before and after."""
    return {
        (m["year"], m["form"], m["line"]): (m["before"], m["after"])
        for m in said["changed"]["figures"]
    }


HAPPY: dict[str, tuple[list[str], dict[str, Any]]] = {
    "elect": (
        ["elect", "hifo", "--account", "kraken/main", "--asset", "BTC", "--told-broker"],
        {
            "type": "method_elected",
            "account": "kraken/main",
            "at": NOW,
            "id": "elect-1",
            "method": "hifo",
            "asset": "BTC",
            "told_broker": True,
        },
    ),
    "identify": (
        ["identify", "sale", "new:0.2", "old", "--at", "2025-03-01T11:00:00Z"],
        {
            "type": "lots_identified",
            "account": "kraken/main",
            "at": "2025-03-01T11:00:00Z",
            "id": "identify-1",
            "disposal": "sale",
            "picks": [{"lot": "new", "quantity": "0.2"}, {"lot": "old", "quantity": "0.3"}],
        },
    ),
    "allocate": (
        [
            "allocate",
            "BTC",
            "kraken/main:2023-01-10:1:17000",
            "kraken/main:2024-12-01T12:00:00Z:1:95000",
            "--at",
            "2024-12-30",
            "--global",
            "--rule-recorded",
            "2024-12-01",
        ],
        {
            "type": "basis_allocated",
            "account": "book",
            "at": "2024-12-30T23:59:59.999999Z",
            "id": "allocate-1",
            "asset": "BTC",
            "allocations": [
                {
                    "account": "kraken/main",
                    "acquired": "2023-01-10",
                    "quantity": "1",
                    "basis": "17000",
                },
                {
                    "account": "kraken/main",
                    "acquired": "2024-12-01T12:00:00Z",
                    "quantity": "1",
                    "basis": "95000",
                },
            ],
            "kind": "global",
            "rule_recorded": "2024-12-01T23:59:59.999999Z",
        },
    ),
    "basis": (
        ["basis", "unknown", "--lot", "2021-05-01:2:5000", "--lot", "2021-06-01:0.5:1200:1000"],
        {
            "type": "basis_stated",
            "account": "coinbase/main",
            "at": NOW,
            "id": "basis-1",
            "target": "unknown",
            "lots": [
                {"acquired": "2021-05-01", "quantity": "2", "basis": "5000"},
                {
                    "acquired": "2021-06-01",
                    "quantity": "0.5",
                    "basis": "1200",
                    "loss_basis": "1000",
                },
            ],
        },
    ),
    "link": (
        ["link", "kraken/main#out", "coinbase/main#in"],
        {
            "type": "transfer_linked",
            "account": "book",
            "at": NOW,
            "id": "link-1",
            "out": "kraken/main#out",
            "into": "coinbase/main#in",
        },
    ),
    "policy": (
        ["policy", "transfer_fee", "add_to_basis", "--note", "as our preparer reads it"],
        {
            "type": "policy_set",
            "account": "book",
            "at": NOW,
            "id": "policy-1",
            "note": "as our preparer reads it",
            "name": "transfer_fee",
            "value": "add_to_basis",
        },
    ),
    "state": (
        ["state", "2025", "long_term_carryover", "-5000", "--id", "carried"],
        {
            "type": "tax_fact_stated",
            "account": "book",
            "at": NOW,
            "id": "carried",
            "year": 2025,
            "name": "long_term_carryover",
            "value": "-5000",
        },
    ),
    "void": (
        ["void", "sale", "--reason", "entered twice"],
        {
            "type": "voided",
            "account": "kraken/main",
            "at": NOW,
            "id": "void-1",
            "target": "sale",
            "reason": "entered twice",
        },
    ),
}


@pytest.mark.parametrize("command", HAPPY)
def test_a_decision_is_one_native_event_and_what_it_changed(run: Run, command: str) -> None:
    """Recorded, listed, known when repeated, and known when its own line is imported again."""
    arguments, native = HAPPY[command]
    before = head(run)
    status, said = run(*arguments)
    assert status in (0, 1)
    assert status == (1 if said["changed"]["findings"]["came"] else 0)
    assert said["event"] == native
    assert said["position"] == before["position"] + 1
    assert said["recorded_at"] == NOW
    assert said["head"] == head(run) != before
    assert (said["known"], set(said["changed"])) == (False, {"figures", "lots", "findings"})
    assert said["counts"]

    (listed,) = [e for e in run("events")[1]["events"] if e["position"] == said["position"]]
    assert listed["event"] == native

    status, again = run(*arguments)
    assert (status, again["known"], again["position"]) == (0, True, said["position"])
    assert again["head"] == said["head"] == head(run)
    assert again["changed"] == {"figures": [], "lots": [], "findings": {"gone": [], "came": []}}

    Path("again.jsonl").write_text(f"{json.dumps(native)}\n")
    status, imported = run("import", "again.jsonl")
    assert (status, imported["files"][0]["known"]) == (0, 1)
    run("--book", "other.db", "import", "again.jsonl")
    (copy,) = run("--book", "other.db", "events", "--type", native["type"])[1]["events"]
    assert copy["event"] == native


def test_what_a_pick_changed_is_told_line_by_line(run: Run) -> None:
    """0.5 of 2023 cost 8,500; 0.2 of 2024 cost 19,000 and 0.3 of 2023 5,100."""
    _, said = run(*HAPPY["identify"][0])
    lines = figures(said)
    assert lines[2025, "schedule_d", "3"] == (
        None,
        {"proceeds": "18000.00", "basis": "19000.00", "adjustment": "0.00", "gain": "-1000.00"},
    )
    assert lines[2025, "schedule_d", "10"] == (
        {"proceeds": "45000.00", "basis": "8500.00", "adjustment": "0.00", "gain": "36500.00"},
        {"proceeds": "27000.00", "basis": "5100.00", "adjustment": "0.00", "gain": "21900.00"},
    )
    assert lines[2025, "schedule_d", "16"] == ("36500.00", "20900.00")
    (old,) = [lot for lot in said["changed"]["lots"] if lot["lot"] == "old"]
    assert (old["before"]["quantity"], old["after"]["quantity"]) == ("0.4", "0.6")


def test_a_stated_basis_takes_its_finding_away(run: Run) -> None:
    status, said = run(*HAPPY["basis"][0])
    (gone,) = said["changed"]["findings"]["gone"]
    assert (status, gone["kind"], gone["event"]) == (0, "missing_basis", "unknown")
    hint = gone["hint"]
    assert hint.startswith("marginbook basis unknown --lot ")


def test_a_void_that_reveals_an_error_ends_with_one(run: Run) -> None:
    assert run("void", "old", "--reason", "another's")[0] == 0
    status, said = run("void", "new", "--reason", "another's")
    assert status == 1
    came = {found["kind"] for found in said["changed"]["findings"]["came"]}
    assert came == {"missing_basis", "negative_balance"}
    assert run("void", "void-1", "--reason", "it was ours")[0] == 0


def test_a_void_of_a_void_is_found_by_its_id(run: Run) -> None:
    run("void", "sale", "--reason", "entered twice")
    status, said = run("void", "void-1", "--reason", "it was not")
    assert (status, said["event"]["id"], said["event"]["target"]) == (0, "void-2", "void-1")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["elect", "best"], "must be one of fifo, lifo, hifo, lofo"),
        (["elect", "hifo", "--account", "kraken"], "venue/name"),
        (["elect", "hifo", "--asset", "USD"], "USD is money"),
        (["elect", "hifo", "--at", "2025-01-01T00:00:00"], "has no zone"),
        (["identify", "sale", "new"], "1.1012-1(j)(2), (3)(ii)"),
        (["identify", "sale", "new:0", "--at", "2025-01-01"], "no quantity above zero"),
        (["identify", "sale", "new:much", "--at", "2025-01-01"], "no quantity"),
        (["identify", "sale", "gone", "--at", "2025-01-01"], "no lot called gone lies open"),
        (["identify", "sale", "in:0.1", "--at", "2025-01-01"], "in lies in coinbase/main"),
        (["identify", "sale", "old:0.95", "--at", "2025-01-01"], "has 0.9 left"),
        (["identify", "sale", "old:0.6", "--at", "2025-01-01"], "sale takes 0.5 BTC"),
        (["identify", "gone", "old"], "no event is called 'gone'"),
        (["identify", "sale", "old", "--account", "coinbase/main"], "no event of coinbase/main"),
        (["identify", "sale"], "Missing argument"),
        (["allocate", "BTC", "kraken/main:2023-01-10:1"], "write kraken/main:2021-05-01:2.5:6200"),
        (["allocate", "BTC", "kraken/main:2023-01-10:0:1"], "must be more than zero"),
        (["allocate", "BTC", "kraken/main:2023-01-10:1:-1"], "must not be negative"),
        (["allocate", "BTC", "kraken/x:2023-01-10:1:1"], "no account 'kraken/x'"),
        (["allocate", "BTC", "kraken/main:2023-01-10:1:1", "--global"], "--rule-recorded"),
        (
            ["allocate", "BTC", "kraken/main:2023-01-10:1:1", "--rule-recorded", "2024-01-01"],
            "belongs to --global",
        ),
        (["basis", "unknown", "--lot", "2021-05-01:2.5"], "write 2021-05-01:2.5:6200"),
        (["basis", "unknown", "--lot", "2021-05-01:3:6200"], "0.5 ETH more than came in"),
        (["basis", "unknown", "--lot", "2024-06-02:2:6200"], "after it came in"),
        (["basis", "unknown"], "Missing option '--lot'"),
        (["basis", "sale", "--lot", "2021-05-01:1:1"], "no deposit and no income"),
        (["link", "kraken/main#out", "coinbase/main#unknown"], "BTC left and ETH came"),
        (["link", "kraken/main#out", "coinbase/main#gone"], "no event of coinbase/main"),
        (["policy", "wash", "on"], "known: basis_scope"),
        (["policy", "funding", "gross"], "must be one of net, split"),
        (["state", "2025", "income", "1"], "known: filing_status"),
        (["state", "2025", "filing_status", "married"], "single, mfj, mfs, hoh"),
        (["state", "25", "trader", "true"], "25 is not in the range"),
        (["void", "gone", "--reason", "x"], "no event is called 'gone'"),
        (["void", "sale"], "Missing option '--reason'"),
    ],
)
def test_what_cannot_count_ends_with_two_says_why_and_records_nothing(
    run: Run, arguments: Sequence[str], why: str
) -> None:
    before = head(run)
    status, said = run(*arguments)
    assert (status, list(said)) == (2, ["error"])
    assert why in said["error"]
    assert head(run) == before


def test_an_election_above_its_limit_is_refused(run: Run) -> None:
    """Form 4952 line 4g is at most 4b + 4e (IRC 163(d)(4)(B)): 36,500 of long-term gain."""
    interest = {
        "type": "interest_charged",
        "account": "kraken/main",
        "at": "2025-04-01T12:00:00Z",
        "id": "interest",
        "asset": "USD",
        "quantity": "100",
        "settled": "balance",
    }
    Path("interest.jsonl").write_text(json.dumps(interest))
    run("import", "interest.jsonl")
    before = head(run)
    status, said = run("state", "2025", "elected_gain", "36500.01")
    assert (status, head(run)) == (2, before)
    assert "IRC 163(d)(4)(B)" in said["error"]
    status, said = run("state", "2025", "elected_gain", "36500")
    assert (status, figures(said)[2025, "form_4952", "8"]) == (0, (None, "100.00"))


def test_an_order_made_now_says_what_it_counts_for(run: Run) -> None:
    status, said = run("elect", "hifo")
    assert (status, said["event"]["account"]) == (0, "book")
    assert said["counts"] == f"counts for sales after {NOW}; earlier ones keep their lots"


@pytest.mark.usefixtures("run")
def test_people_read_what_moved(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    def read(*arguments: str) -> str:
        assert marginbook.main(list(arguments)) == 0
        return capfdbinary.readouterr().out.decode()

    text = read(*HAPPY["identify"][0])
    assert (
        "Recorded kraken/main#identify-1 (lots_identified) at position 8: counts for sale" in text
    )
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "2025 Schedule D line 3 gain - -1,000.00" in rows
    assert "2025 Schedule D line 16 36,500.00 20,900.00" in rows
    assert any(row.startswith("kraken/main BTC old 0.4 of 2023-01-10") for row in rows)
    assert "Known already: kraken/main#identify-1" in read(*HAPPY["identify"][0])
    assert "No figure, lot or finding is another one now." in read("elect", "fifo")


@pytest.mark.parametrize("command", HAPPY)
def test_every_command_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert marginbook.main([command, "--help"]) == 0
    assert f"marginbook {command} " in capsys.readouterr().out.split("Example:")[1]
