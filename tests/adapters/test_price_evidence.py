"""From a figure to the price it stands on: which rule chose it, and which row of which file."""

import json
from pathlib import Path
from typing import Any

import pytest

import marginbook
from adapters.book import Book

MINUTE = 60
TEN = 1_748_772_000  # 2025-06-01T10:00:00Z

FACTS = """
{"type":"deposited","account":"kraken/main","at":"2025-05-01T00:00:00Z","id":"d","asset":"BTC","quantity":"2","lots":[{"acquired":"2023-01-01","quantity":"2","basis":"40000"}]}
{"type":"income_received","account":"kraken/main","at":"2025-06-01T10:00:30Z","id":"r","asset":"BTC","quantity":"1","kind":"staking"}
{"type":"income_received","account":"binance/main","at":"2025-06-01T10:00:30Z","id":"r2","asset":"BTC","quantity":"1","kind":"staking"}
{"type":"interest_charged","account":"kraken/main","at":"2025-06-01T10:00:40Z","id":"i","asset":"BTC","quantity":"0.01","settled":"balance"}
{"type":"withdrawn","account":"kraken/main","at":"2025-06-01T16:00:00Z","id":"w","asset":"BTC","quantity":"1","purpose":"spent"}
{"type":"filled","account":"binance/main","at":"2025-06-02T10:00:00Z","id":"s","side":"sell","asset":"BTC","quantity":"1","quote":"USD","price":"70000"}
{"type":"income_received","account":"kraken/main","at":"2025-07-01T10:00:30Z","id":"late","asset":"BTC","quantity":"1","kind":"staking"}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Kraken's and Binance's minute before 10:00, and an hour of nobody's that ended at 16:00."""
    name = tmp_path / "book.db"
    (tmp_path / "facts.jsonl").write_text(FACTS.strip())
    before = TEN - MINUTE
    kraken = "".join(f"{before + i * MINUTE},1,999999,1,{60000 + i},1,1\n" for i in (-1, 0, 1))
    (tmp_path / "XBTUSD_1.csv").write_text(kraken)
    klines = "".join(
        f"{(before + i * MINUTE) * 10**6},1,999999,1,{61000 + i},1,"
        f"{(before + (i + 1) * MINUTE) * 10**6 - 1},1,1,1,1,0\n"
        for i in (-1, 0, 1)
    )
    (tmp_path / "klines.csv").write_text(klines)
    hours = "".join(f"2025-06-01T{hour}:00Z,1,99999,1,6{hour}00\n" for hour in (14, 15))
    (tmp_path / "hours.csv").write_text(f"time,open,high,low,close\n{hours}")
    with Book.open(name) as made:
        made.import_file(tmp_path / "facts.jsonl")
        for file in ("klines.csv", "hours.csv", "XBTUSD_1.csv"):
            result = made.import_prices([tmp_path / file], asset="BTC", quote="USD").imported
            assert not result.has_findings
    return name


def asked(book: Path, capfdbinary: Any, *command: str) -> Any:
    marginbook.main(["--book", str(book), *command, "--json"])
    return json.loads(capfdbinary.readouterr()[0])


def test_the_tax_report_says_by_which_rule_each_row_was_valued(
    book: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    report = asked(book, capfdbinary, "tax", "2025")
    rows = {row["disposal"]: row for row in report["form_8949"]}
    (interest,) = rows["i"]["prices"]
    assert {name: interest[name] for name in ("of", "asset", "rule", "price", "at")} == {
        "of": "proceeds",
        "asset": "BTC",
        "rule": "same_venue_minute_bar",
        "price": "60000",
        "at": "2025-06-01T10:00:00Z",
    }
    assert interest["age_seconds"] == 40
    assert interest["ids"] == ["price-BTC-USD-1m@kraken-2025-06-01T09:59:00Z"]
    assert rows["i"]["proceeds"] == "600.00"
    (spent,) = rows["w"]["prices"]
    assert (spent["rule"], spent["price"], spent["age_seconds"]) == ("coarser_bar", "61500", 0)
    (sold,) = rows["s"]["prices"]
    assert (sold["of"], sold["rule"]) == ("basis", "same_venue_minute_bar")
    assert rows["s"]["basis"] == "61000.00", "Binance's own minute, not Kraken's"
    assert report["prices"] == [
        {"rule": "same_venue_minute_bar", "count": 5, "rows": 2},
        {"rule": "coarser_bar", "count": 1, "rows": 1},
        {"rule": "none", "count": 1, "rows": 0},
    ]


def test_rows_whose_events_tell_all_have_no_prices(
    book: Path, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    (tmp_path / "more.jsonl").write_text(
        '{"type":"filled","account":"kraken/main","at":"2026-06-02T10:00:00Z","id":"f",'
        '"side":"sell","asset":"BTC","quantity":"0.5","quote":"USD","price":"70000"}'
    )
    asked(book, capfdbinary, "import", str(tmp_path / "more.jsonl"))
    report = asked(book, capfdbinary, "tax", "2026")
    assert ["prices" in row for row in report["form_8949"]] == [False]
    assert report["prices"] == [{"rule": "own_fill", "count": 1, "rows": 1}]


def test_explain_leads_from_a_row_to_the_row_of_the_price_file(
    book: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    report = asked(book, capfdbinary, "tax", "2025")
    number = next(row["row"] for row in report["form_8949"] if row["disposal"] == "i")
    why = asked(book, capfdbinary, "explain", f"8949:{number}", "--year", "2025")
    (price,) = why["prices"]
    assert price["source"] == "XBTUSD_1.csv 1m close"
    (event,) = (event for event in why["events"] if event["id"] in price["ids"])
    assert event["type"] == "price_observed"
    assert (event["source"]["file"], event["source"]["line"]) == ("XBTUSD_1.csv", 2)


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("1:8v", ["same_venue_minute_bar", "same_venue_minute_bar", "none"]),
        ("4952:1", ["same_venue_minute_bar"]),
    ],
)
def test_explain_says_which_prices_a_line_stands_on(
    book: Path, capfdbinary: pytest.CaptureFixture[bytes], line: str, rules: list[str]
) -> None:
    why = asked(book, capfdbinary, "explain", line, "--year", "2025")
    assert [price["rule"] for price in why["prices"]] == rules
    assert [price.get("price") for price in why["prices"]][:2] == ["60000", "61000"][: len(rules)]


def test_in_which_order_price_files_came_means_nothing(
    book: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    other = tmp_path / "other.db"
    with Book.open(other) as made:
        for file in ("XBTUSD_1.csv", "hours.csv", "klines.csv"):
            made.import_prices([tmp_path / file], asset="BTC", quote="USD")
        made.import_file(tmp_path / "facts.jsonl")
    one, two = (asked(name, capfdbinary, "tax", "2025") for name in (book, other))
    assert [row | {"events": []} for row in one["form_8949"]] == [
        row | {"events": []} for row in two["form_8949"]
    ]
    for figure in ("schedule_d", "schedule_1", "form_4952", "prices"):
        assert one[figure] == two[figure]


def test_people_read_the_rule_and_the_file(
    book: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    marginbook.main(["--book", str(book), "explain", "1:8v", "--year", "2025"])
    said = capfdbinary.readouterr()[0].decode()
    assert "same_venue_minute_bar  XBTUSD_1.csv 1m close" in said
    assert "none" in said
