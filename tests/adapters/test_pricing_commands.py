"""The commands about prices, as scripts and people use them."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import marginbook

DATA = Path(__file__).parents[1] / "data" / "prices"
KRAKEN = str(DATA / "XBTUSD_1440.csv")
DAILY = str(DATA / "daily.csv")

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARGINBOOK", raising=False)
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
def read(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., str]:
    """Run a command for people; return what it prints."""

    def ran(*arguments: str) -> str:
        assert marginbook.main(list(arguments)) == 0
        return capfdbinary.readouterr()[0].decode()

    return ran


# import -------------------------------------------------------------------------------------------


def test_an_import_of_prices_has_the_shape_of_every_import(run: Run) -> None:
    status, said = run("prices", "import", KRAKEN)
    assert status == 0
    (file,) = said["files"]
    assert file["path"] == KRAKEN
    assert file["format"] == "kraken-ohlcvt"
    assert (file["rows"], file["recorded"], file["known"], file["ignored"]) == (4, 4, 0, 0)
    assert (file["reasons"], file["findings"]) == ({}, [])
    assert file["series"] == {
        "asset": "BTC",
        "quote": "USD",
        "pair_from": "the file's name",
        "interval": "1440m",
        "interval_from": "the file's name",
        "bars": 4,
        "missing": 1,
        "first": "2025-03-01T00:00:00Z",
        "last": "2025-03-05T00:00:00Z",
        "venue": "kraken",
        "venue_from": "the format",
    }
    assert said["head"]["position"] == 5, "four prices, and the record of the import itself"


def test_importing_prices_again_leaves_the_head(run: Run) -> None:
    _, first = run("prices", "import", KRAKEN)
    status, again = run("prices", "import", KRAKEN)
    assert (status, again["files"][0]["known"], again["head"]) == (0, 4, first["head"])


def test_a_dry_run_leaves_no_book_behind(run: Run, folder: Path) -> None:
    status, said = run("prices", "import", KRAKEN, "--dry-run")
    assert (status, said["files"][0]["recorded"]) == (0, 4)
    assert not (folder / "book.db").exists()


def test_findings_end_with_one_and_strict_with_two(run: Run, folder: Path) -> None:
    text = (DATA / "daily.csv").read_text() + "2025-03-04,11,12,10,0,5\n"
    (folder / "bad.csv").write_text(text)
    told = ("bad.csv", "--asset", "SOL", "--quote", "USD")
    assert run("prices", "import", *told, "--strict")[0] == 2
    assert run("prices", "list")[1] == {"prices": []}
    status, said = run("prices", "import", *told)
    assert status == 1
    (file,) = said["files"]
    assert file["rows"] == file["recorded"] + file["known"] + file["ignored"] + 1
    (found,) = file["findings"]
    assert found == {
        "line": 5,
        "column": "Close",
        "value": "0",
        "problem": "is no price: it must be more than zero",
        "hint": "If nothing was traded, take the row out: a missing bar is counted as missing",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("prices", "import"), "Missing argument 'FILE...'"),
        (("prices", "import", "nowhere.csv"), "nowhere.csv: there is no such file"),
        (("prices", "import", DAILY), "of which pair are these bars? Tell it with --asset"),
        (("prices", "import", DAILY, "--interval", "x"), "'x' is no interval of bars"),
        (("prices", "import", "year.jsonl"), "holds no bars of a format known here"),
        (("prices", "indicators"), "name a file of bars, or an asset of the book with --asset"),
        (("prices", "indicators", "--asset", "BTC"), "the book knows no price of BTC"),
        (("prices", "indicators", "--asset", "BTC", "--pivots"), "need bars: name the file"),
        (("prices", "indicators", KRAKEN, "--rsi", "0"), "0 is not in the range"),
        (("prices", "indicators", KRAKEN, "--bollinger", "20,x"), "is no length and width"),
        (("prices", "indicators", KRAKEN, "--bollinger", "20,-2"), "is no length and width"),
        (("prices", "indicators", "header.csv", "--asset", "X"), "holds no bar that can be read"),
        (("prices", "indicators", "dry.csv", "--asset", "X", "--levels", "3"), "has no volume"),
        (("prices", "list", "--from", "2025-03-01T00:00:00"), "has no zone"),
    ],
)
def test_wrong_use_ends_with_two_and_says_what_to_do(
    run: Run, folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    (folder / "year.jsonl").write_text('{"type":"deposited"}\n')
    (folder / "header.csv").write_text("time,open,high,low,close\n")
    rows = "2025-03-01,1,1,1,1\n2025-03-02,1,1,1,1\n"
    (folder / "dry.csv").write_text(f"time,open,high,low,close\n{rows}")
    status, document = run(*arguments)
    assert status == 2
    assert said in document["error"]


def test_options_may_stand_before_behind_or_between(run: Run, folder: Path) -> None:
    run("--book", "one.db", "prices", "import", KRAKEN)
    run("prices", "--book", "two.db", "import", KRAKEN)
    run("prices", "import", KRAKEN, "--book", "three.db")
    for name in ("one.db", "two.db", "three.db"):
        assert len(run("prices", "list", "--book", name)[1]["prices"]) == 4
    assert not (folder / "book.db").exists()


def test_people_read_what_a_file_was_taken_for(read: Callable[..., str]) -> None:
    said = read("prices", "import", KRAKEN)
    bars = "BTC/USD (the file's name), bars of 1440m (the file's name)"
    assert f"{bars}, of kraken (the format)" in said
    assert "4 bars, 2025-03-01 00:00 to 2025-03-05 00:00 UTC, 1 missing between them" in said


# list ---------------------------------------------------------------------------------------------


def test_the_list_tells_price_instant_and_source(run: Run) -> None:
    run("prices", "import", KRAKEN)
    _, said = run("prices", "list", "--asset", "BTC", "--from", "2025-03-06")
    assert said == {
        "prices": [
            {
                "asset": "BTC",
                "quote": "USD",
                "price": "90600.5",
                "at": "2025-03-06T00:00:00Z",
                "source": "XBTUSD_1440.csv 1440m close",
                "id": "price-BTC-USD-1440m@kraken-2025-03-05T00:00:00Z",
                "file": "XBTUSD_1440.csv",
                "line": 4,
            }
        ]
    }
    assert run("prices", "list", "--asset", "ETH")[1] == {"prices": []}
    assert len(run("prices", "list", "--to", "2025-03-03")[1]["prices"]) == 2


def test_a_price_stated_by_hand_is_in_the_list(run: Run, folder: Path) -> None:
    (folder / "p.jsonl").write_text(
        '{"type":"price_observed","account":"book","at":"2025-03-01T00:00:00Z","id":"p",'
        '"asset":"SOL","quote":"USD","price":"140"}\n'
    )
    run("import", "p.jsonl")
    (price,) = run("prices", "list")[1]["prices"]
    assert (price["asset"], price["price"], price["source"]) == ("SOL", "140", None)


def test_people_read_that_there_are_none(read: Callable[..., str]) -> None:
    assert read("init") != ""
    assert read("prices", "list") == "No prices.\n"


def test_people_read_one_price_a_line(read: Callable[..., str]) -> None:
    read("prices", "import", KRAKEN)
    assert read("prices", "list", "--to", "2025-03-02").splitlines() == [
        "2025-03-02 00:00:00  BTC/USD  86050.1  XBTUSD_1440.csv 1440m close  [XBTUSD_1440.csv:1]"
    ]


# indicators ---------------------------------------------------------------------------------------


def test_indicators_of_a_file_are_aligned_with_its_bars(run: Run, folder: Path) -> None:
    """Closes 10.8, 12, 11.5: gains 1.2, then a loss of 0.5. RSI(2) = 100 x 1.2 / 1.7."""
    status, said = run(
        *("prices", "indicators", DAILY, "--asset", "SOL", "--quote", "USD"),
        *("--rsi", "2", "--sma", "3", "--ema", "2", "--bollinger", "2,1"),
    )
    assert status == 0
    assert (said["asset"], said["quote"], said["interval"]) == ("SOL", "USD", "1440m")
    assert said["bars"][0] == {
        "at": "2025-03-01T00:00:00Z",
        "ends": "2025-03-02T00:00:00Z",
        "close": "10.8",
        "rsi": None,
        "bollinger": None,
        "sma": None,
        "ema": None,
    }
    last = said["bars"][2]
    assert round(Decimal(last["rsi"]), 4) == Decimal("70.5882")
    assert last["bollinger"] == {"lower": "11.5", "middle": "11.75", "upper": "12"}
    assert last["ema"] == "11.46666666666666666666666667"
    assert round(Decimal(last["sma"]), 4) == Decimal("11.4333")
    assert (said["missing"], said["findings"]) == (0, [])
    assert not (folder / "book.db").exists(), "a file needs no book"


def test_pivots_are_those_of_the_last_bar_and_swings_those_of_each(run: Run) -> None:
    """High 12.1, low 11.4, close 11.5: P = 35 / 3."""
    _, said = run("prices", "indicators", DAILY, "--asset", "SOL", "--pivots")
    assert said["pivots"]["of"] == "2025-03-03T00:00:00Z"
    assert said["pivots"]["p"].startswith("11.6666")
    assert [row["swing"] for row in said["bars"]] == [None, None, None]


def test_levels_are_of_all_bars_or_of_the_last_ones_asked_for(run: Run) -> None:
    told = ("prices", "indicators", DAILY, "--asset", "SOL", "--levels", "2")
    assert run(*told)[1]["levels"]["volume"] == "3400.5"
    _, said = run(*told, "--last", "1")
    assert said["levels"]["volume"] == "900"
    assert [row["close"] for row in said["bars"]] == ["11.5"]


def test_a_bad_row_is_a_finding_of_the_indicators_too(run: Run, folder: Path) -> None:
    (folder / "bad.csv").write_text((DATA / "daily.csv").read_text() + "2025-03-04,1,2,3,4,5\n")
    status, said = run("prices", "indicators", "bad.csv", "--asset", "SOL", "--sma", "2")
    assert status == 1
    assert [found["line"] for found in said["findings"]] == [5]
    assert len(said["bars"]) == 3


def test_the_books_prices_have_the_same_indicators_as_the_file(run: Run) -> None:
    run("prices", "import", KRAKEN)
    asked = ("--rsi", "2", "--bollinger", "3")
    _, of_book = run("prices", "indicators", "--asset", "BTC", *asked)
    _, of_file = run("prices", "indicators", KRAKEN, *asked)
    assert of_book["bars"] == of_file["bars"]
    assert (of_book["quote"], of_book["interval"]) == ("USD", "1440m")


def test_without_a_choice_there_are_rsi_and_bollinger(run: Run) -> None:
    _, said = run("prices", "indicators", KRAKEN)
    assert list(said["bars"][0]) == ["at", "ends", "close", "rsi", "bollinger"]


def test_people_read_a_table(read: Callable[..., str], folder: Path) -> None:
    rows = [f"{1740787200 + 86400 * i},5,6,4,{5 + i % 2},1,1\n" for i in range(70)]
    (folder / "XBTUSD_1440.csv").write_text("".join(rows))
    said = read(
        *("prices", "indicators", "XBTUSD_1440.csv", "--sma", "3", "--bollinger", "2"),
        *("--pivots", "--levels", "2"),
    )
    assert said.startswith("BTC/USD, bars of 1440m\n... 10 bars before these: --last N, or --json")
    assert "swing high" in said
    assert "bollinger lower" in said
    assert "5.3333333" in said, "rounded for the eye"
    assert "Value area (70 % of the volume): 4 to 6" in said
    assert "Pivots after the bar of 2025-05-09T00:00:00Z" in said
    said = read("prices", "indicators", KRAKEN, "--last", "1")
    assert "1 bars are missing" in said
    assert "2025-03-05 00:00" in said


def test_people_read_findings_with_their_line(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (folder / "bad.csv").write_text((DATA / "daily.csv").read_text() + "2025-03-04,1,2,3,4,5\n")
    assert marginbook.main(["prices", "indicators", "bad.csv", "--asset", "SOL"]) == 1
    said = capfdbinary.readouterr()[0].decode()
    assert 'line 5: column "low": "3" must not be above the high, 2.' in said


# venues -------------------------------------------------------------------------------------------


def test_indicators_are_of_one_venues_bars(run: Run) -> None:
    run("prices", "import", KRAKEN)
    status, said = run("prices", "import", KRAKEN, "--venue", "bitstamp")
    assert (status, said["files"][0]["recorded"]) == (0, 4)
    series = said["files"][0]["series"]
    assert (series["venue"], series["venue_from"]) == ("bitstamp", "--venue")
    status, said = run("prices", "indicators", "--asset", "BTC")
    assert status == 2
    assert "the book has bars of bitstamp and kraken: choose with --venue" in said["error"]
    status, said = run("prices", "indicators", "--asset", "BTC", "--venue", "kraken", "--sma", "2")
    assert (status, len(said["bars"])) == (0, 4)


def test_what_is_no_venue_is_wrong_use(run: Run) -> None:
    for command in (("import", KRAKEN), ("indicators", KRAKEN)):
        status, said = run("prices", *command, "--venue", "Kraken Pro")
        assert status == 2
        assert "'Kraken Pro' is no venue" in said["error"]
