"""The command line, as scripts and people use it: shapes, exit status, and what bad input gets."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import marginbook

LIQUIDATION = """\
{"type":"deposited","account":"kraken/main","at":"2023-01-10T12:00:00Z","id":"d1","asset":"BTC",\
"quantity":"1","lots":[{"acquired":"2023-01-10","quantity":"1","basis":"17000"}]}
{"type":"borrowed","account":"kraken/main","at":"2025-02-01T11:00:00Z","id":"b1","asset":"USD","quantity":"30000"}
{"type":"filled","account":"kraken/main","at":"2025-02-01T12:00:00Z","id":"f1","side":"buy","asset":"BTC",\
"quantity":"0.5","quote":"USD","price":"60000"}
{"type":"interest_charged","account":"kraken/main","at":"2025-02-10T12:00:00Z","id":"i1","asset":"USD",\
"quantity":"45.50","settled":"debt"}
{"type":"liquidated","account":"kraken/main","at":"2025-03-01T12:00:00Z","id":"l1","side":"sell","asset":"BTC",\
"quantity":"1.5","quote":"USD","price":"40000","penalty":"600"}
{"type":"repaid","account":"kraken/main","at":"2025-03-01T13:00:00Z","id":"r1","asset":"USD",\
"quantity":"30000","interest":"45.50"}
"""

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the story of a liquidation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARGINBOOK", raising=False)
    (tmp_path / "year.jsonl").write_text(LIQUIDATION)
    return tmp_path


@pytest.fixture
def run(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a command with --json; return its exit status and its document (or its stderr)."""

    def ran(*arguments: str) -> tuple[int, Any]:
        status = marginbook.main([*arguments, "--json"])
        out, err = capfdbinary.readouterr()
        return status, json.loads(out) if out else err.decode()

    return ran


def test_an_import_counts_every_row(run: Run) -> None:
    status, said = run("import", "year.jsonl")
    assert status == 0
    (file,) = said["files"]
    assert (file["rows"], file["recorded"], file["known"], file["ignored"]) == (6, 6, 0, 0)
    assert file["findings"] == []
    assert said["head"]["position"] == 7, "six events, and the record of the import itself"
    assert len(said["head"]["hash"]) == 64


def test_importing_again_records_nothing_and_leaves_the_head(run: Run) -> None:
    _, first = run("import", "year.jsonl")
    status, again = run("import", "year.jsonl")
    assert status == 0
    assert again["files"][0]["known"] == 6
    assert again["head"] == first["head"]


def test_a_dry_run_says_the_same_and_records_nothing(run: Run, folder: Path) -> None:
    status, said = run("import", "--dry-run", "year.jsonl")
    assert (status, said["files"][0]["recorded"]) == (0, 6)
    assert not (folder / "book.db").exists(), "nothing was there, nothing is made"
    _, said = run("import", "year.jsonl")
    assert said["files"][0]["recorded"] == 6


def test_one_bad_line_refuses_a_native_file_whole(run: Run, folder: Path) -> None:
    bad = LIQUIDATION.replace('"quantity":"1.5"', '"quantity":1.5')
    (folder / "bad.jsonl").write_text(bad)
    status, said = run("import", "bad.jsonl")
    assert status == 2
    (file,) = said["files"]
    (found,) = file["findings"]
    assert (found["line"], found["column"]) == (5, "quantity")
    assert "1.5" in found["value"]
    assert file["recorded"] == 0
    assert file["rows"] == file["known"] + file["ignored"] + len(file["findings"])
    assert run("events")[1]["events"] == []


def test_a_refused_file_takes_the_others_of_its_command_with_it(run: Run, folder: Path) -> None:
    (folder / "bad.jsonl").write_text('{"type":"sold"}\n')
    status, said = run("import", "year.jsonl", "bad.jsonl")
    assert status == 2
    assert [file["recorded"] for file in said["files"]] == [0, 0]
    assert run("events")[1]["events"] == []


def test_a_taken_id_with_other_content_is_a_conflict_and_the_rest_is_recorded(
    run: Run, folder: Path
) -> None:
    run("import", "year.jsonl")
    other = LIQUIDATION.splitlines()[1].replace("30000", "31000")
    fresh = other.replace('"b1"', '"b2"')
    (folder / "more.jsonl").write_text(f"{other}\n{fresh}\n")
    status, said = run("import", "more.jsonl")
    assert status == 1
    (file,) = said["files"]
    assert (file["rows"], file["recorded"], len(file["findings"])) == (2, 1, 1)
    assert "conflict" in file["findings"][0]["problem"]
    assert "year.jsonl:2" in file["findings"][0]["problem"]
    assert run("import", "more.jsonl", "--strict")[0] == 2


def test_equal_content_written_otherwise_is_known(run: Run, folder: Path) -> None:
    run("import", "year.jsonl")
    line = LIQUIDATION.splitlines()[1]
    same = line.replace('"30000"', '"30000.00"').replace("11:00:00Z", "12:00:00+01:00")
    (folder / "same.jsonl").write_text(same)
    status, said = run("import", "same.jsonl")
    assert (status, said["files"][0]["known"]) == (0, 1)


def test_the_tax_year_of_the_liquidation(run: Run) -> None:
    """Cases: E1. The trader lost 30,600 of equity and owes tax on 12,400."""
    run("import", "year.jsonl")
    status, year = run("tax", "2025")
    assert status == 0
    rows = year["form_8949"]
    columns = ("row", "box", "term", "proceeds", "basis", "gain")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        (1, "L", "long", "39600.00", "17000.00", "22600.00"),
        (2, "I", "short", "19800.00", "30000.00", "-10200.00"),
    ]
    assert rows[0]["acquired"] == "2023-01-10"
    assert (rows[0]["code"], rows[0]["adjustment"]) == ("", "0.00")
    assert year["schedule_d"]["3"]["gain"] == "-10200.00"
    assert year["schedule_d"]["16"] == "12400.00"
    assert "21" not in year["schedule_d"], "line 21 is for losses"
    assert year["form_4952"]["1"] == "45.50"
    assert year["form_4952"]["7"] == "45.50", "no investment income: all is carried"
    assert year["carryovers"]["investment_interest"] == "45.50"
    assert year["method"] == "spec_id"
    assert year["policies"]["short_sale"] == "open_transaction"


def test_what_the_liquidation_cost_stands_beside_what_is_taxed(run: Run) -> None:
    """Cases: E2, and the 45.50 of interest."""
    run("import", "year.jsonl")
    (one,) = run("tax", "2025")[1]["liquidations"]
    assert (one["economic_result"], one["taxable"]["total"]) == ("-30645.50", "12400.00")


def test_people_read_why_a_loss_is_taxed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marginbook.main(["import", "year.jsonl"])
    marginbook.main(["tax", "2025"])
    assert "43,000.00 of gain had built up before" in " ".join(capsys.readouterr().out.split())


def test_another_method_is_a_what_if(run: Run) -> None:
    run("import", "year.jsonl")
    _, year = run("tax", "2025", "--method", "hifo")
    assert year["what_if"] is True
    assert all("what-if" in row["identified"] for row in year["form_8949"])


def test_what_was_known_then_is_a_question(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")  # 2025-10-09T08:53:20Z
    run("import", "year.jsonl")
    assert run("tax", "2025", "--known", "2025-10-08")[1]["form_8949"] == []
    report = run("tax", "2025", "--known", "2025-10-10")[1]
    assert len(report["form_8949"]) == 2
    assert report["clock"] == "SOURCE_DATE_EPOCH"


def test_one_clock_and_one_order_give_one_head(
    folder: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    (one, two) = (run("--book", name, "import", "year.jsonl")[1] for name in ("a.db", "b.db"))
    assert one["head"] == two["head"]


def test_balances_margin_and_lots_as_of_a_time(run: Run) -> None:
    run("import", "year.jsonl")
    balances = run("balances", "--at", "2025-02-28")[1]["balances"]
    assert {b["asset"]: (b["held"], b["owed"], b["interest_owed"]) for b in balances} == {
        "BTC": ("1.5", "0", "0"),
        "USD": ("0", "30000", "45.5"),
    }
    lots = run("lots", "--at", "2025-02-28")[1]
    assert [(x["lot"], x["quantity"], x["basis"]) for x in lots["lots"]] == [
        ("d1", "1", "17000"),
        ("f1", "0.5", "30000"),
    ]
    (account,) = run("margin", "--at", "2025-02-28", "--price", "BTC=50000")[1]["accounts"]
    assert (account["collateral"], account["debt"], account["equity"]) == (
        "75000",
        "30045.5",
        "44954.5",
    )


def test_krakens_published_example(run: Run, folder: Path) -> None:
    """10,000 USD of collateral, long 1.5 BTC at 30,000 and 5x: called at 28,133.33."""
    (folder / "k.jsonl").write_text(
        '{"type":"deposited","account":"kraken/main","at":"2025-01-01T00:00:00Z","id":"d",'
        '"asset":"USD","quantity":"10000"}\n'
        '{"type":"filled","account":"kraken/main","at":"2025-01-02T00:00:00Z","id":"f",'
        '"side":"buy","asset":"BTC","quantity":"1.5","quote":"USD","price":"30000",'
        '"position":"f","leverage":"5"}\n'
    )
    run("import", "k.jsonl")
    (account,) = run("margin")[1]["accounts"]
    (position,) = account["positions"]
    assert account["used_margin"] == "9000"
    assert Decimal(account["level"]).quantize(Decimal("0.0001")) == Decimal("1.1111")
    assert account["status"] == "healthy"
    assert Decimal(position["call_price"]).quantize(Decimal("0.01")) == Decimal("28133.33")
    assert Decimal(position["liquidation_price"]).quantize(Decimal("0.01")) == Decimal("25733.33")
    called = account["prices"]["BTC"]["call"]
    (at_call,) = run("margin", "--price", f"BTC={called}")[1]["accounts"]
    assert Decimal(at_call["level"]) == pytest.approx(Decimal("0.8"), abs=Decimal("1e-12"))
    assert at_call["status"] in ("call", "healthy")
    assert run("margin", "--price", "BTC=28133.33")[1]["accounts"][0]["status"] == "call"
    assert run("margin", "--price", "BTC=28133.34")[1]["accounts"][0]["status"] == "healthy"
    assert run("margin", "--price", "BTC=25733.33")[1]["accounts"][0]["status"] == "liquidation"


def test_a_row_explains_itself_down_to_the_line(run: Run) -> None:
    run("import", "year.jsonl")
    status, why = run("explain", "8949:1", "--year", "2025")
    assert (status, why["figure"], why["value"]) == (0, "8949:1", "22600.00")
    assert [c["lot"] for c in why["candidates"]] == ["d1", "f1"]
    assert why["law"]
    assert [(e["id"], e["source"]["file"], e["source"]["line"]) for e in why["events"]] == [
        ("d1", "year.jsonl", 1),
        ("l1", "year.jsonl", 5),
    ]
    paid = run("explain", "4952:1", "--year", "2025")[1]["events"]
    assert [e["id"] for e in paid] == ["l1"], "the proceeds of the sale paid the interest first"
    assert run("explain", "D:16", "--year", "2025")[1]["value"] == "12400.00"
    assert run("explain", "8949:9", "--year", "2025")[0] == 2


def test_a_sale_of_nothing_is_found_with_all_its_names(run: Run, folder: Path) -> None:
    """Cases: N9."""
    (folder / "n9.jsonl").write_text(
        '{"type":"filled","account":"kraken/main","at":"2025-02-01T12:00:00Z","id":"s",'
        '"side":"sell","asset":"BTC","quantity":"1","quote":"USD","price":"40000"}\n'
    )
    run("import", "n9.jsonl")
    status, said = run("check")
    assert status == 1
    (found,) = [f for f in said["findings"] if f["kind"] == "missing_basis"]
    assert (found["account"], found["asset"], found["event"]) == ("kraken/main", "BTC", "s")
    assert found["at"] == "2025-02-01T12:00:00Z"
    assert "1 BTC" in found["problem"]
    assert found["severity"] == "error"
    (row,) = run("tax", "2025")[1]["form_8949"]
    assert (row["basis"], row["missing"], row["acquired"]) == ("0.00", "basis", None)


def test_events_are_listed_as_they_were_written(run: Run) -> None:
    run("import", "year.jsonl")
    events = run("events", "--type", "borrowed", "--from", "2025-02-01", "--to", "2025-02-01")[1]
    (event,) = events["events"]
    assert event["event"] == json.loads(LIQUIDATION.splitlines()[1])
    assert (event["position"], event["type"], event["source"]["line"]) == (2, "borrowed", 2)


def test_verify_finds_an_older_head(run: Run, folder: Path) -> None:
    _, said = run("import", "year.jsonl")
    head = f"{said['head']['position']}:{said['head']['hash']}"
    (folder / "more.jsonl").write_text(LIQUIDATION.splitlines()[1].replace('"b1"', '"b2"'))
    run("import", "more.jsonl")
    status, proof = run("verify", "--head", head)
    assert (status, proof["ok"]) == (0, True)
    status, proof = run("verify", "--head", head.replace(head[-4:], "0000"))
    assert (status, proof["ok"]) == (1, False)
    assert run("verify", "--head", "nonsense")[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["tax", "2025", "--method", "best"],
        ["balances", "--at", "2025-02-28T10:00:00"],
        ["balances", "--at", "yesterday"],
        ["margin", "--price", "BTC=-1"],
        ["import", "nowhere.csv"],
        ["import"],
        ["events", "--type", "sold"],
        ["tax", "2025", "--country", "fr"],
        ["init", "--zone", "America/Gotham"],
        ["--book", ".", "balances"],
        ["frobnicate"],
    ],
)
def test_wrong_use_ends_with_two_and_says_why(run: Run, arguments: Sequence[str]) -> None:
    status, said = run(*arguments)
    assert status == 2
    assert len(said["error"]) > 15


def test_a_book_keeps_the_zone_it_was_begun_in(run: Run) -> None:
    status, said = run("init", "--zone", "America/New_York")
    assert (status, said["zone"]) == (0, "America/New_York")
    run("import", "year.jsonl")
    assert run("init")[0] == 2, "it holds events already"
    assert run("tax", "2025")[1]["zone"] == "America/New_York"


def test_a_zone_may_still_be_chosen_while_a_book_is_empty(run: Run, folder: Path) -> None:
    (folder / "bad.jsonl").write_text("{}\n")
    assert run("import", "bad.jsonl")[0] == 2
    status, said = run("init", "--zone", "America/New_York")
    assert (status, said["zone"]) == (0, "America/New_York")


def test_the_order_of_lines_and_files_makes_no_difference(run: Run, folder: Path) -> None:
    lines = LIQUIDATION.splitlines()
    reports = []
    for seed in range(3):
        random.Random(seed).shuffle(lines)  # noqa: S311
        (folder / f"a{seed}.jsonl").write_text("\n".join(lines[:3]) + "\n")
        (folder / f"b{seed}.jsonl").write_text("\n".join(lines[3:]))
        book = ["--book", f"{seed}.db"]
        run(*book, "import", f"a{seed}.jsonl", f"b{seed}.jsonl")
        year = run(*book, "tax", "2025")[1]
        for row in year["form_8949"]:
            row["events"] = len(row["events"])
        reports.append({k: year[k] for k in ("form_8949", "schedule_d", "form_4952", "carryovers")})
    assert reports[0] == reports[1] == reports[2]


def test_tables_are_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marginbook.main(["import", "year.jsonl"])
    for command in (["margin"], ["lots"], ["balances"], ["tax", "2025"], ["events"], ["verify"]):
        assert marginbook.main(command) == 0
        assert "{" not in capsys.readouterr().out.replace('[{"acquired', "")


def test_files_of_a_tax_year_are_the_same_bytes_each_time(folder: Path) -> None:
    marginbook.main(["import", "year.jsonl"])
    written = []
    for out in ("one", "two"):
        marginbook.main(["tax", "2025", "--out", out])
        written.append([path.read_bytes() for path in sorted((folder / out).iterdir())])
    assert written[0] == written[1]
    assert b"1,L,1 BTC,2023-01-10,2025-03-01,39600.00,17000.00" in written[0][0]


def test_reports_do_not_depend_on_hash_seed_or_time_zone(folder: Path) -> None:
    marginbook.main(["import", "year.jsonl"])
    outputs = {
        subprocess.run(
            [sys.executable, "-m", "marginbook", "tax", "2025", "--json"],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "PYTHONPATH": _home()},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(outputs) == 1


def _home() -> str:
    return str(Path(marginbook.__file__).parent)
