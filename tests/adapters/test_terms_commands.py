"""The commands `terms` and `interest`, as people and scripts use them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import marginbook

Run = Callable[..., tuple[int, Any]]

HISTORY = [
    {"type": "borrowed", "at": "2025-03-04T13:20:00Z", "id": "b", "quantity": "1000"},
    {
        "type": "interest_charged",
        "at": "2025-03-04T13:20:00Z",
        "id": "i1",
        "quantity": "0.01000000",
        "settled": "debt",
    },
    {
        "type": "interest_charged",
        "at": "2025-03-04T14:00:00Z",
        "id": "i2",
        "quantity": "0.02000000",
        "settled": "debt",
    },
    {
        "type": "repaid",
        "at": "2025-03-04T14:15:00Z",
        "id": "r",
        "quantity": "400",
        "interest": "0.03",
    },
]
ACCOUNT = "binance/cross"
PRESET = ("terms", ACCOUNT, "binance_cross_3x", "--at", "2025-01-01T00:00:00Z")
RATE = ("--rate", "USDT=0.00001")


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Run a command with --json beside a book of one loan; its exit status and its document."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARGINBOOK", raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795348800")
    lines = (json.dumps({"account": ACCOUNT, "asset": "USDT", **event}) for event in HISTORY)
    (tmp_path / "history.jsonl").write_text("\n".join(lines) + "\n")

    def ran(*arguments: str) -> tuple[int, Any]:
        status = marginbook.main([*arguments, "--json"])
        out, _ = capfdbinary.readouterr()
        return status, json.loads(out)

    assert ran("import", "history.jsonl")[0] == 0
    return ran


def test_a_preset_is_recorded_with_every_value_written_out(run: Run) -> None:
    status, said = run(*PRESET, *RATE, "--factor", "BTC=0.95", "--set", "call=1.35")
    assert status == 0
    assert said == {
        "event": {
            "type": "margin_terms_set",
            "account": ACCOUNT,
            "at": "2025-01-01T00:00:00Z",
            "id": "terms-1",
            "model": "binance_cross",
            "leverage": "3",
            "call": "1.35",
            "liquidation": "1.1",
            "collateral_factors": {"BTC": "0.95"},
            "liquidation_fee_rate": "0.02",
            "interest_rates": {"USDT": "0.00001"},
            "interest_every": "hour",
            "source": said["event"]["source"],
        },
        "position": 6,
        "known": False,
        "faults": [],
    }
    assert said["event"]["source"].startswith("preset binance_cross_3x@undated: binance.com/")
    assert run("terms", ACCOUNT)[1]["event"] == said["event"]


def test_recording_the_same_again_is_known(run: Run) -> None:
    first = run(*PRESET, *RATE)[1]
    for again in (PRESET, PRESET[:3]):
        assert run(*again, *RATE) == (0, {**first, "known": True})
    other = run(*PRESET[:3], "--rate", "USDT=0.00002")[1]
    assert (other["known"], other["event"]["id"]) == (False, "terms-2")


def test_an_id_that_is_taken_by_other_terms_is_refused(run: Run) -> None:
    run(*PRESET, "--id", "mine")
    for more in ([], ["--dry-run"]):
        status, said = run(*PRESET, *RATE, "--id", "mine", *more)
        assert status == 2
        assert "already recorded with other content" in said["error"]


def test_a_dry_run_records_nothing(run: Run) -> None:
    status, said = run(*PRESET, "--dry-run")
    assert (status, said["position"], said["known"]) == (0, None, False)
    assert run("terms", ACCOUNT)[1]["event"] is None


def test_a_dry_run_leaves_no_book_behind(run: Run) -> None:
    assert run("--book", "other.db", *PRESET, "--dry-run")[0] == 0
    assert not Path("other.db").exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["kraken", "--set", "call=0.3"], "call 0.3 lies below liquidation 0.4"),
        (["standard"], "says nothing of initial_rate, maintenance_rate"),
        (["kracken"], "no preset is called 'kracken'"),
        (["kraken", "--set", "kall=1"], "'kall' cannot be set; known: leverage, initial_rate"),
        (["kraken", "--set", "leverage"], "is no setting: write leverage=3"),
        (["kraken", "--set", "leverage=many"], "is not a decimal number"),
        (["kraken", "--set", "maker_fee_rate=1.6"], "maker_fee_rate 1.6 is not below 1"),
        (["kraken", "--rate", "USD=1.5"], "is no part from 0 to 1: write USD=0.00025"),
        (["kraken", "--factor", "USD"], "is no part from 0 to 1: write BTC=0.95"),
        (["kraken", "--set", "tiers=0,5"], "kraken has no ladder"),
        (["okx_isolated_btcusdt", "--at", "2020-01-01"], "is not known to hold on 2020-01-01"),
    ],
)
def test_terms_that_cannot_count_are_refused(run: Run, words: list[str], why: str) -> None:
    before = run("verify")[1]["head"]
    status, said = run("terms", "kraken/main", *words)
    assert status == 2
    assert why in said["error"]
    assert run("verify")[1]["head"] == before


def test_a_level_that_is_reached_at_once_is_recorded_with_a_warning(run: Run) -> None:
    status, said = run("terms", "bitfinex/margin", "bitfinex@undated")
    assert (status, said["faults"][0]["severity"]) == (0, "warning")
    status, said = run("terms", "bitfinex/margin")
    assert status == 1
    assert said["faults"][0]["problem"].startswith("call 1.5 is reached as soon as")


def test_tiers_are_laid_on_the_sizes_of_a_pair(run: Run) -> None:
    account = "binance/isolated/BTCUSDT"
    _, said = run("terms", account, "binance_isolated_10x", "--set", "tiers=0,90000,180000")
    tiers = said["event"]["tiers"]
    assert [(tier["from"], tier["call"]) for tier in tiers] == [
        ("0", "1.09"),
        ("90000", "1.101"),
        ("180000", "1.112"),
    ]


def test_the_terms_in_force_are_those_of_the_time_and_never_void_ones(run: Run) -> None:
    first, second = run(*PRESET)[1], run("terms", ACCOUNT, "binance_cross_5x")[1]
    assert run("terms", ACCOUNT)[1]["event"] == second["event"]
    assert run("terms", ACCOUNT, "--at", "2025-06-01")[1]["event"] == first["event"]
    assert run("terms", ACCOUNT, "--at", "2024-06-01")[1]["event"] is None
    run("void", second["event"]["id"], "--reason", "mistyped", "--account", ACCOUNT)
    assert run("terms", ACCOUNT)[1]["event"] == first["event"]


def test_terms_that_are_announced_are_not_in_force_yet(run: Run) -> None:
    """The clock stands in November 2026: what counts from 2027 on is shown as of 2027."""
    first = run(*PRESET)[1]
    announced = run("terms", ACCOUNT, "binance_cross_5x", "--at", "2027-01-01T00:00:00Z")[1]
    assert run("terms", ACCOUNT)[1]["event"] == first["event"]
    assert run("terms", ACCOUNT, "--at", "2027-01-01")[1]["event"] == announced["event"]


def test_presets_are_listed_with_their_sources(run: Run) -> None:
    status, said = run("terms", "--list")
    names = {one["name"] for one in said["presets"]}
    assert status == 0
    assert {"kraken", "binance_cross_3x", "bitfinex", "okx_isolated", "standard"} <= names
    assert all(one["source"] for one in said["presets"])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "name an account, or ask for --list"),
        ([ACCOUNT, "--set", "leverage=3"], "belong to a PRESET"),
        (["nowhere"], "must be venue/name"),
    ],
)
def test_what_is_left_unsaid_is_asked_for(run: Run, words: list[str], why: str) -> None:
    status, said = run("terms", *words)
    assert status == 2
    assert why in said["error"]


# Interest -----------------------------------------------------------------------------------------


def test_interest_is_compared_loan_by_loan(run: Run) -> None:
    run(*PRESET, *RATE)
    status, said = run("interest", "--at", "2025-03-04T16:00:00Z")
    (row,) = said["loans"]
    names = ("account", "asset", "lent", "periods", "expected", "charged", "difference")
    assert [row[name] for name in names] == [
        ACCOUNT,
        "USDT",
        "600",
        "4",
        "0.032",
        "0.03",
        "-0.002",
    ]
    assert (row["next_charge"], row["per_day"]) == ("2025-03-04T17:00:00Z", "0.144")
    (found,) = said["findings"]
    assert (found["kind"], found["event"], found["at"]) == (
        "interest_differs",
        "i2",
        "2025-03-04T14:00:00Z",
    )
    assert status == 1


def test_interest_of_one_account_alone(run: Run) -> None:
    run(*PRESET, *RATE)
    status, said = run("interest", "--account", "kraken/main")
    assert (status, f"known: {ACCOUNT}" in said["error"]) == (2, True)
    assert len(run("interest", "--account", ACCOUNT)[1]["loans"]) == 1


def test_without_a_rate_nothing_is_found(run: Run) -> None:
    status, said = run("interest", "--at", "2025-03-05")
    assert status == 0
    assert said["loans"][0]["uncompared"] == "no interest rate of USDT is known"
    assert "interest_differs" not in kinds(run)


def test_check_finds_what_differs(run: Run) -> None:
    run(*PRESET, *RATE)
    run("import", written("2025-03-04T16:00:00Z"))
    assert "interest_differs" in kinds(run)


def kinds(run: Run) -> set[str]:
    """What `check` finds."""
    return {found["kind"] for found in run("check")[1]["findings"]}


def written(at: str) -> str:
    """A file that says that all was repaid then."""
    event = {"type": "repaid", "account": ACCOUNT, "at": at, "id": "end", "asset": "USDT"}
    Path("end.jsonl").write_text(json.dumps({**event, "quantity": "600"}) + "\n")
    return "end.jsonl"


def test_people_read_both_as_tables(run: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    run(*PRESET, *RATE)
    run("import", written("2025-03-04T16:00:00Z"))
    for words, expected in (
        (("terms", "--list"), "binance_perp_btcusdt (binance, perp, from 2021-03-18)"),
        (("terms", ACCOUNT), "set by terms-1 at position 6"),
        (("terms", "kraken/main"), "No terms of kraken/main are in the book"),
        ((*PRESET, *RATE), "Known already"),
        (("terms", "x/y", "okx_isolated_btcusdt", "--dry-run"), "3000000"),
        (("terms", "x/y", "bitfinex@undated", "--dry-run"), "A dry run"),
        (("interest",), "interest_differs"),
        (("interest", "--at", "2025-03-04T15:00:00Z"), "next charge"),
    ):
        marginbook.main([*words])
        assert expected in capfdbinary.readouterr().out.decode()


def test_a_file_without_most_of_its_rollovers_parts_at_the_first_that_is_missing(run: Run) -> None:
    """9.50 at the opening of 47,500 and three times after it, 5.70 for 28,500; then 28 are missing.

    The short of 3 ETH paid 1.68 USD at its opening and once after it: by value, so worth knowing.
    """
    kraken = Path(__file__).parents[1] / "data" / "kraken"
    run("import", str(kraken / "ledgers.csv"), str(kraken / "trades.csv"))
    rates = ("--rate", "USD=0.0002", "--rate", "ETH=0.0002")
    run("terms", "kraken/main", "kraken@undated", "--at", "2025-01-01T00:00:00Z", *rates)
    before = run("interest", "--account", "kraken/main", "--at", "2025-02-04T06:00:00Z")
    assert before[0] == 0
    assert (before[1]["loans"][0]["expected"], before[1]["loans"][0]["charged"]) == ("43.7", "43.7")
    status, said = run("interest", "--account", "kraken/main")
    found = [(one["asset"], one["severity"], one["at"]) for one in said["findings"]]
    assert status == 1
    assert found == [
        ("ETH", "info", "2025-02-06T14:30:00.123400Z"),
        ("USD", "warning", "2025-02-04T06:00:05.123400Z"),
    ]
