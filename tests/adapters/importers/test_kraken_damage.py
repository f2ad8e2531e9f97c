"""Kraken's files as people really have them: opened, saved, joined and cut by hand."""

import csv
from collections import Counter
from io import StringIO
from random import Random

import pytest

from adapters.importers.kraken.kraken import Kraken
from tests.adapters.importers.kraken_year import kraken_year
from tests.adapters.importers.outcomes import Outcomes, exported, kraken
from tests.kraken_venue import Venue

YEAR = kraken_year()
LEDGERS, TRADES = YEAR.ledgers(2024), YEAR.trades(2026)
EXPECTED = kraken({"l.csv": LEDGERS, "t.csv": TRADES}).drafts

NASTY = (
    *(
        "",
        "0",
        "-0",
        "1e400",
        "1E-50",
        "NaN",
        "Infinity",
        "\uff11",
        "1_0",
        "1,5",
        "$5",
        " 5",
        "9" * 50,
    ),
    *("2025-02-30 10:00:00", "9999-12-31 23:59:59", "0001-01-01 00:00:00", "45000.5", "-", "=1+1"),
    *("\n", "a\nb", '"', "\x1f", "\u202e", "XXBT", "ZUSD", "KFEE", "BTC/USD", "/", "XBT/"),
    *("trade", "margin", "settled", "rollover", "transfer", "spottofutures", "buy", "closing"),
)


def _events(outcomes: Outcomes) -> list[object]:
    return [event for _, event in outcomes.drafts]


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.split("\n", 1)[0].upper() + "\n" + text.split("\n", 1)[1],
        lambda text: "My exports\n\n" + text,
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: "".join(f"{line},,\n" for line in text.splitlines()),
        lambda text: "\n".join([*text.splitlines()[:1], *text.splitlines()[:0:-1]]),
    ],
    ids=["capitals", "preamble", "windows", "empty columns", "upside down"],
)
def test_how_a_table_was_saved_means_nothing(saved: object) -> None:
    assert callable(saved)
    outcomes = kraken({"l.csv": saved(LEDGERS), "t.csv": saved(TRADES)})
    assert outcomes.said == []
    assert outcomes.drafts == EXPECTED


def test_quotes_that_nothing_needs_may_be_missing() -> None:
    assert kraken({"l.csv": LEDGERS.replace('"', ""), "t.csv": TRADES}).drafts == EXPECTED


def test_names_of_files_mean_nothing() -> None:
    assert kraken({"trades.csv": LEDGERS, "ledgers.csv": TRADES}).drafts == EXPECTED


@pytest.mark.parametrize("wallet", [" spot / main ", "spot /  main", "spot /\nmain"])
def test_a_wallet_is_the_same_however_it_is_spaced(wallet: str) -> None:
    """The third with the line end that a quoted cell may hold."""
    assert kraken({"l.csv": LEDGERS.replace("spot / main", wallet), "t.csv": TRADES}).said == []


def test_types_may_be_in_capitals() -> None:
    types = {"deposit", "margin", "rollover", "trade", "withdrawal"}
    ledgers = LEDGERS
    for type_ in types:
        ledgers = ledgers.replace(f'"{type_}"', f'"{type_.title()}"')
    assert kraken({"l.csv": ledgers, "t.csv": TRADES}).drafts == EXPECTED


@pytest.mark.parametrize("zone", ["+02:00", "Z", " UTC"])
def test_a_time_of_another_shape_is_never_taken_for_utc(zone: str) -> None:
    """Rows of two zones in one file: those that say theirs are faults, not moved by hours."""
    venue = Venue("zones")
    venue.deposit("2025-01-02 09:00:00", "USD", "50000")
    venue.deposit("2025-01-02 10:00:00", "USD", "50000")
    ledgers = venue.ledgers().replace("2025-01-02 10:00:00", f"2025-01-02 10:00:00{zone}")
    outcomes = kraken({"l.csv": ledgers})
    assert [(f.column, f.counts) for f in outcomes.faults] == [("time", True)]
    assert len(outcomes.events) == 1


def test_a_file_moved_to_another_time_zone_is_found() -> None:
    """A spreadsheet that shows local time may move a sale into another year."""
    venue = Venue("moved")
    venue.deposit("2024-12-31 09:00:00", "BTC", "1")
    venue.trade("2024-12-31 23:30:00", "sell", "BTC", "0.1", "90000")
    trades = venue.trades().replace("2024-12-31 23:30:00", "2025-01-01 00:30:00")
    outcomes = kraken({"l.csv": venue.ledgers(), "t.csv": trades})
    assert len(outcomes.events) == 1
    assert "its trade and its ledger entries are 1:00:00 apart" in outcomes.said[0]


@pytest.mark.parametrize("year", ["9999", "0001"])
def test_a_year_that_no_event_can_be_of_is_a_fault_of_its_row(year: str) -> None:
    venue = Venue("far")
    venue.deposit("2025-01-02 09:00:00", "USD", "50000")
    outcomes = kraken(
        {"l.csv": venue.ledgers().replace("2025-01-02 09:00:00", f"{year}-12-31 23:59:59")}
    )
    assert [fault.column for fault in outcomes.faults] == ["time"]


def test_the_same_rows_with_the_other_sign_of_the_fee_count_once() -> None:
    """Exports of two years print a fee with two signs."""
    venue = Venue("signs")
    venue.deposit("2025-01-02 09:00:00", "USD", "50000")
    venue.trade("2025-01-03 09:00:00", "buy", "BTC", "0.1", "90000")
    once = exported(venue)
    signed = venue.ledgers().replace('"23.4', '"-23.4')
    assert signed != venue.ledgers()
    files = {"a.csv": venue.ledgers(), "b.csv": signed, "t.csv": venue.trades()}
    assert _events(kraken(files)) == _events(once)


def test_nasty_cells_are_found_and_rows_counted_once() -> None:
    """Cells replaced, rows doubled, deleted and cut off, hundreds of times."""
    for seed in range(60):
        random = Random(seed)  # noqa: S311
        files = {"l.csv": _spoilt(LEDGERS, random), "t.csv": _spoilt(TRADES, random)}
        rows = kraken(files).rows
        counted = Counter(name for name, line in rows.elements() if line)
        assert [row for row, count in rows.items() if count > 1 and row[1]] == []
        for name, text in files.items():
            if Kraken().recognise(text.encode()):
                assert counted[name] == sum(1 for row in csv.reader(StringIO(text)) if row) - 1


def _spoilt(text: str, random: Random) -> str:
    rows = [*csv.reader(StringIO(text))]
    pool = [cell for row in rows[1:] for cell in row]
    for _ in range(random.choice([1, 1, 2, 5])):
        row = random.choice(rows[1:])
        at = random.randrange(len(row) or 1)
        match random.randrange(10):
            case 0:
                rows.append([*row[:at], random.choice(NASTY), *row[at + 1 :]])
            case 1:
                rows.remove(row)
            case 2:
                del row[at:]
            case _:
                row[at : at + 1] = [random.choice([*NASTY, *random.sample(pool, 30)])]
    text_ = StringIO()
    csv.writer(text_, lineterminator="\n").writerows(rows)
    return text_.getvalue()
