"""Kraken's files as they come: several, overlapping, shuffled, damaged, edited. Nothing is lost."""

from pathlib import Path

import pytest

from adapters.importers.kraken import kraken_codes as codes
from adapters.importers.kraken.kraken import Kraken
from marginbook import Book
from tests.adapters.importers.kraken_year import kraken_year
from tests.adapters.importers.outcomes import Outcomes, exported, kraken, shown
from tests.kraken_venue import LEDGERS, TRADES, Venue

NOON = "2025-02-01 12:00:00"


@pytest.fixture
def venue() -> Venue:
    venue = Venue("files")
    venue.deposit("2025-01-02 09:00:00", "USD", "10000")
    venue.trade("2025-01-03 10:00:00", "buy", "ETH", "1", "3000")
    venue.withdraw("2025-01-05 11:00:00", "ETH", "0.5", "0.001")
    return venue


def edited(venue: Venue, old: str, new: str, **more: str) -> Outcomes:
    """The ledger with one text in place of another."""
    assert venue.ledgers().count(old) == 1
    files = {"ledgers.csv": venue.ledgers().replace(old, new), "trades.csv": venue.trades()}
    return kraken(files | more)


# Several files ------------------------------------------------------------------------------------


def test_overlapping_exports_are_one_history(venue: Venue) -> None:
    """January to the trade, and the trade to the end, in the columns of two years."""
    venue.entries.sort(key=lambda entry: entry["time"])
    outcomes = kraken(
        {
            "ledgers-1.csv": venue.ledgers(2013, venue.entries[:4]),
            "ledgers-2.csv": venue.ledgers(2026, venue.entries[2:]),
            "trades-1.csv": venue.trades(2013),
            "trades-2.csv": venue.trades(2026),
        }
    )
    assert outcomes.said == []
    assert outcomes.drafts == exported(venue).drafts
    assert outcomes.reasons["the same row stands elsewhere in these files"] == 3
    assert set(outcomes.rows.values()) == {1}


def test_the_state_of_a_position_may_have_moved_on_between_exports(venue: Venue) -> None:
    long = venue.open("2025-02-01 10:00:00", "buy", "ETH", "1", "3000", leverage=2)
    before = venue.trades(2026)
    venue.rollover("2025-02-01 14:00:00", long)
    venue.close("2025-02-02 10:00:00", long, "1", "3100")
    outcomes = kraken(
        {"ledgers.csv": venue.ledgers(), "trades-1.csv": before, "trades-2.csv": venue.trades(2026)}
    )
    assert outcomes.said == []
    assert outcomes.drafts == exported(venue).drafts


def test_one_id_with_two_contents_is_a_fault(venue: Venue) -> None:
    other = venue.ledgers().replace(
        '"10000.0000","0.0000","10000.0000"', '"9000.0000","0.0000","9000.0000"'
    )
    files = {"a.csv": venue.ledgers(), "b.csv": other, "trades.csv": venue.trades()}
    (said,) = kraken(files).said
    assert said.startswith('b.csv:3: column "txid"')
    assert "this id stands in a.csv:3 with other content, which was taken" in said


def test_the_same_trade_with_another_price_is_a_fault(venue: Venue) -> None:
    other = venue.trades().replace('"3000.0"', '"3001.0"')
    files = {"ledgers.csv": venue.ledgers(), "t1.csv": venue.trades(), "t2.csv": other}
    assert ["t2.csv:2" in said for said in kraken(files).said] == [True]


def test_importing_a_later_export_alone_repeats_what_it_can(venue: Venue) -> None:
    """The first row of an asset whose history is missing is read all the same, with a remark."""
    venue.entries.sort(key=lambda entry: entry["time"])
    late = venue.entries[2:]
    outcomes = kraken({"ledgers.csv": venue.ledgers(2020, late), "trades.csv": venue.trades()})
    assert outcomes.said == [
        'ledgers.csv:2: column "balance": "6992.2" history before this row is missing: the balance'
        " of USD was 10000. Export from the account's first day on, or give the earlier files along"
    ]
    assert outcomes.events == exported(venue).events[1:]


def test_exports_given_one_after_another_end_as_given_together(tmp_path: Path) -> None:
    """What a later export cannot close alone it leaves out, so nothing ever contradicts."""
    year = kraken_year()
    year.entries.sort(key=lambda row: row["time"])
    early = [row for row in year.entries if row["time"] < "2025-02-05 05"]
    late = [row for row in year.entries if row["time"] > "2025-02-03 12"]
    first = _written(tmp_path, "1", year.ledgers(2020, early), year.trades(2013, year.fills[:3]))
    second = _written(tmp_path, "2", year.ledgers(2026, late), year.trades(2026, year.fills[2:]))
    with Book.open(tmp_path / "steps.db") as book, Book.open(tmp_path / "once.db") as once:
        for files in (first, second, [*first, *second]):
            result = book.import_files(files)
        assert [file.findings for file in result.files] == [(), (), (), ()]
        once.import_files([*first, *second])
        assert book.balances() == once.balances()
        assert book.margin() == once.margin()
        assert "conflict" not in {found.kind for found in book.check()}
        head = book.import_files([*second, *first]).head
        assert head == result.head


def _written(folder: Path, name: str, ledgers: str, trades: str) -> list[Path]:
    paths = [folder / f"ledgers-{name}.csv", folder / f"trades-{name}.csv"]
    for path, text in zip(paths, (ledgers, trades), strict=True):
        path.write_text(text)
    return paths


# Running balances ---------------------------------------------------------------------------------


def test_a_row_that_was_taken_out_shows_in_the_next_balance(venue: Venue) -> None:
    venue.withdraw("2025-01-06 11:00:00", "USD", "100")
    lost = venue.entries.pop()
    venue.withdraw("2025-01-07 11:00:00", "USD", "200")
    outcomes = exported(venue)
    assert lost["txid"] not in [event.id for event in outcomes.events]
    assert outcomes.said == [
        'ledgers.csv:10: column "balance": "6692.2" the running balance does not follow: after'
        " 6992.2 it should be 6792.2. Rows before this one are missing, or one of them was edited"
    ]
    assert shown(outcomes.events[-1:], "quantity") == ["Withdrawn 200"]


def test_an_edited_amount_shows_in_its_own_balance(venue: Venue) -> None:
    outcomes = edited(
        venue, '"-0.5000000000","0.0010000000","0.4990000000"', '"-0.4","0.001","0.499"'
    )
    assert [fault.counts for fault in outcomes.faults] == [False]
    assert "after 1 it should be 0.599" in outcomes.said[0]


def test_balances_are_kept_apart_by_wallet(venue: Venue) -> None:
    venue.entry(NOON, "earn", "DOT", "1", subtype="reward", wallet="earn / flexible")
    venue.entry("2025-02-02 12:00:00", "earn", "DOT", "2", subtype="reward", wallet="earn / bonded")
    outcomes = exported(venue, 2024)
    assert outcomes.said == []
    assert str(outcomes.asserted["DOT"]) == "3"


# Damage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"10000.0000","0.0000"',
            '"10000,0000","0.0000"',
            'column "amount": "10000,0000" is not a decimal',
        ),
        (
            '"10000.0000","0.0000"',
            '"$10000","0.0000"',
            'column "amount": "$10000" is not a decimal',
        ),
        ('"10000.0000","0.0000"', '"NaN","0.0000"', 'column "amount": "NaN" is not a decimal'),
        (
            '"10000.0000","0.0000"',
            '"1E400","0.0000"',
            'column "amount": "1E400" has over 24 digits',
        ),
        (
            "2025-01-02 09:00:00",
            "02.01.2025 09:00",
            'column "time": "02.01.2025 09:00" is not a time',
        ),
        ("2025-01-02 09:00:00", "2025-01-02T09:00:00Z", "is not a time"),
    ],
)
def test_a_cell_that_cannot_be_read_is_shown_with_its_column(
    venue: Venue, old: str, new: str, said: str
) -> None:
    ledger = venue.ledgers().splitlines()
    ledger[2] = ledger[2].replace(old, new)
    outcomes = kraken({"ledgers.csv": "\n".join(ledger), "trades.csv": venue.trades()})
    assert len(outcomes.said) == 1
    assert outcomes.said[0].startswith("ledgers.csv:3: ")
    assert said in outcomes.said[0]
    assert (
        "was the file saved by a spreadsheet? Export it again" in outcomes.said[0] or "1E400" in new
    )
    assert len(outcomes.events) == 2, "the others are read"


@pytest.mark.parametrize("txid", [" ", "LABCDE-FGHIJ-KLMNOP "])
def test_an_id_that_is_no_name_is_a_fault(venue: Venue, txid: str) -> None:
    """Such a row was once the last of its asset, and named the balance asserted there."""
    (said,) = edited(venue, venue.entries[-1]["txid"], txid).said
    assert said.startswith(f'ledgers.csv:7: column "txid": "{txid}" is no name')


def test_an_unreadable_leg_takes_its_whole_trade_along(venue: Venue) -> None:
    outcomes = edited(venue, '"-3000.0000","7.8000"', '"-3000.0000","7,8"')
    assert outcomes.said[0].startswith('ledgers.csv:4: column "fee": "7,8" is not a decimal')
    assert sorted(outcomes.said[1:]) == [
        "ledgers.csv:5: belongs together with trades.csv:2, which was not read.",
        "trades.csv:2: belongs together with ledgers.csv:4, which could not be read.",
    ]
    assert set(outcomes.rows.values()) == {1}


def test_an_unreadable_trade_takes_its_entries_along(venue: Venue) -> None:
    outcomes = kraken(
        {
            "ledgers.csv": venue.ledgers(),
            "trades.csv": venue.trades().replace('"3000.0"', '"3.000,0"'),
        }
    )
    assert [said.partition(":")[0] for said in outcomes.said] == [
        "trades.csv",
        *["ledgers.csv"] * 2,
    ]
    assert "its trade in trades.csv:2 could not be read" in outcomes.said[1]
    assert set(outcomes.rows.values()) == {1}


def test_a_trade_all_of_whose_entries_are_unreadable_is_a_fault_too(venue: Venue) -> None:
    ledger = venue.ledgers().splitlines()
    for line in (3, 4):
        ledger[line] = ledger[line].replace("2025-01-03", "03/01/25")
    outcomes = kraken({"ledgers.csv": "\n".join(ledger), "trades.csv": venue.trades()})
    assert len(outcomes.faults) == 3
    assert set(outcomes.rows.values()) == {1}


@pytest.mark.parametrize("end", ["", '"', '","', '","depo'])
def test_a_file_that_ends_too_early_says_so(venue: Venue, end: str) -> None:
    cut = venue.ledgers().rpartition("\n" + '"L')[0] + '\n"LABCDE' + end
    outcomes = kraken({"ledgers.csv": cut, "trades.csv": venue.trades()})
    assert outcomes.said[0].startswith("ledgers.csv:7: ")
    assert "cut off" in outcomes.said[0]


def test_a_control_character_within_a_row_is_a_fault(venue: Venue) -> None:
    outcomes = edited(venue, '"0.0010000000","0.4990000000"', '"0.001\x1f","0.499"')
    assert outcomes.said == ["ledgers.csv:7: has control characters."]


def test_a_missing_column_is_named(venue: Venue) -> None:
    outcomes = kraken({"ledgers.csv": venue.ledgers().replace('"balance"', '"bal."')})
    (fault,) = outcomes.faults
    assert 'ledgers.csv:1: column "balance": this column is missing' in str(fault)
    assert not fault.counts


def test_a_new_column_is_no_fault(venue: Venue) -> None:
    ledger = "\n".join(f'{line},"?"' for line in venue.ledgers().splitlines())
    files = {"ledgers.csv": ledger.replace('"?"', '"region"', 1), "trades.csv": venue.trades()}
    assert kraken(files).drafts == exported(venue).drafts


def test_a_file_of_something_else_is_refused_as_a_whole(venue: Venue) -> None:
    files = {"ledgers.csv": venue.ledgers(), "trades.csv": venue.trades(), "z.csv": "a,b\n1,2\n"}
    outcomes = kraken(files)
    assert outcomes.drafts == exported(venue).drafts
    assert "z.csv: is no Kraken export. The header should be txid,refid" in outcomes.said[0]


def test_an_export_of_nothing_says_nothing(venue: Venue) -> None:
    assert kraken({"ledgers.csv": venue.ledgers(2020, [])}).all == []


# Names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", LEDGERS)
def test_every_generation_of_ledgers_is_recognised(year: int) -> None:
    beginning = kraken_year().ledgers(year).encode()
    assert Kraken().recognise(beginning) == f"kraken-ledgers {year}"
    assert Kraken().recognise(b"\xef\xbb\xbf" + beginning.replace(b'"', b"")) is not None


@pytest.mark.parametrize("year", TRADES)
def test_every_generation_of_trades_is_recognised(year: int) -> None:
    assert Kraken().recognise(kraken_year().trades(year).encode()) == f"kraken-trades {year}"


@pytest.mark.parametrize(
    "beginning", [b"", b"\n", b"PK\x03\x04", b"a,b,c\n", b"\xff\xfet\x00", b"{}"]
)
def test_other_files_are_not_recognised(beginning: bytes) -> None:
    assert Kraken().recognise(beginning) is None


@pytest.mark.parametrize(
    ("code", "name", "place"),
    [
        ("XXBT", "BTC", ""),
        ("XBT.M", "BTC", ".M"),
        ("ZUSD", "USD", ""),
        ("USD.HOLD", "USD", ".HOLD"),
        ("XXDG", "DOGE", ""),
        ("ETH2.S", "ETH", ".S"),
        ("DOT28.S", "DOT", "28.S"),
        ("C98", "C98", ""),
        ("1INCH", "1INCH", ""),
        ("ZRX", "ZRX", ""),
    ],
)
def test_an_assets_code_is_a_name_and_a_place(code: str, name: str, place: str) -> None:
    assert codes.asset(code) == (name, place)


@pytest.mark.parametrize(
    ("pair", "split"),
    [
        ("BTC/USD", ("BTC", "USD")),
        ("XBT/EUR", ("BTC", "EUR")),
        ("XXBTZUSD", ("BTC", "USD")),
        ("XETHXXBT", ("ETH", "BTC")),
        ("XBTUSD", ("BTC", "USD")),
        ("XBTUSDT", ("BTC", "USDT")),
        ("XBTPYUSD", ("BTC", "PYUSD")),
        ("USDTZUSD", ("USDT", "USD")),
        ("USDTUSD", ("USDT", "USD")),
        ("ZEURZUSD", ("EUR", "USD")),
        ("DOTUSD", ("DOT", "USD")),
        ("XTZUSD", ("XTZ", "USD")),
        ("ICXETH", ("ICX", "ETH")),
        ("TRXXBT", ("TRX", "BTC")),
        ("XDGUSD", ("DOGE", "USD")),
        ("TUSDUSD", ("TUSD", "USD")),
        ("TUSD", ("T", "USD")),
        ("BTC/", None),
        ("USD", None),
        ("FOOPYUSD", None),
    ],
)
def test_a_pair_is_split_where_its_quote_begins(pair: str, split: tuple[str, str] | None) -> None:
    assert codes.split_pair(pair, frozenset()) == split


def test_a_pair_that_splits_in_two_ways_is_told_by_its_entries() -> None:
    assert codes.split_pair("FOOPYUSD", frozenset({"FOO", "PYUSD"})) == ("FOO", "PYUSD")
