"""The bundled year: its files are those of the story, and its numbers those worked out by hand.

SHORT 2 BTC at 104,500: 209,000 less 543.40; covered at 93,900: 187,800 plus 488.28   +20,168.32
LONG 1.8 BTC at 95,300: 171,540 plus 446.00; forced at 78,450: 141,210 less 367.15   -31,143.15
own coins taken for the rest of the loss: 0.3305100574 BTC x 11,440 = 3,781.04       +22,147.47
the fee of a withdrawal: 0.0001 BTC at 117,200 = 11.72, basis 1.144                       +10.58
margin call: 5,111.712 + 0.5 x 84,100 - 1.8 x 11,200 = 27,001.712; / 34,308 = 78.70 %
"""

import json
from pathlib import Path

import pytest

import adapters.demo
import marginbook
from tests.make_demo import year

HOME = Path(adapters.demo.__file__).parent


def test_the_files_are_those_of_the_story() -> None:
    venue, facts = year()
    assert (HOME / "ledgers.csv").read_text() == venue.ledgers(2024)
    assert (HOME / "trades.csv").read_text() == venue.trades(2020)
    assert list(map(json.loads, (HOME / "facts.jsonl").read_text().splitlines())) == facts


def test_the_demo_shows_a_call_a_gain_out_of_a_loss_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert marginbook.main(["demo", "--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    (called,) = report["margin_at_the_call"]["accounts"]
    assert (called["equity"], called["status"]) == ("27001.712", "call")
    assert [row["gain"] for row in report["tax"]["form_8949"]] == [
        "20168.32",
        "-31143.15",
        "22147.47",
        "10.58",
    ]
    assert report["tax"]["schedule_d"]["16"] == "11183.22"
    (found,) = report["tax"]["findings"]
    assert (found["kind"], found["severity"]) == ("straddle", "warning"), "short beside own coins"
    assert report["verify"]["ok"] is True
    assert all(Path(file).is_file() for file in report["files"])

    assert marginbook.main(["demo"]) == 0, "a second time, over the first"
    text = capfd.readouterr().out
    assert "a taxable gain of 22,147.47" in text
    readme = Path(marginbook.__file__).with_name("README.md").read_text()
    picture = readme.split("```")[1].splitlines()[2:]
    assert [line for line in picture if line not in text.splitlines()] == []
    commands = [line.split()[1:] for line in text.splitlines() if line.startswith("  ./go")]
    assert len(commands) == 3
    statuses = [marginbook.main(command) for command in commands]
    assert statuses == [0, 1, 0], "the tax year has a finding: the straddle"
    assert "facts.jsonl:1" in capfd.readouterr().out, "the owner's word on the basis is evidence"
