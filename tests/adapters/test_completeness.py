"""What an import leaves as evidence, in odd cases, and to which accounts it belongs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.book import Book
from adapters.import_result import FileResult, ImportResult
from adapters.importers.reading import Draft, Outcome, SourceFile, Taken
from adapters.intake import take_in
from adapters.log.log import Log
from domain.errors import BookError
from domain.events import Deposited, ImportRecorded
from projections.trail_report import Trail
from tests.adapters.importers.kraken_year import kraken_year
from tests.adapters.importers.ods_files import ods
from tests.kraken_venue import Venue


def line(account: str, name: str, quantity: str = "1", **more: str) -> str:
    """A deposit as a native line."""
    at = "2025-01-01T00:00:00Z"
    event = {"type": "deposited", "account": account, "at": at, "id": name, "asset": "USD"}
    return json.dumps({**event, "quantity": quantity, **more}) + "\n"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """An empty book, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Book.open(":memory:")


def given_files(book: Book, files: Mapping[str, str], **options: bool) -> ImportResult:
    """What an import of files with these contents did."""
    for name, text in files.items():
        Path(name).write_text(text)
    return book.import_files(list(files), **options)  # type: ignore[arg-type]


def evidence(book: Book) -> list[ImportRecorded]:
    """Every import that was recorded, in order."""
    events = (recorded.event for recorded in book.questions.log.read(order="log"))
    return [event for event in events if isinstance(event, ImportRecorded)]


def counted(event: ImportRecorded | FileResult) -> tuple[int, ...]:
    """recorded, known, ignored."""
    return event.recorded, event.known, event.ignored


def imports_of(book: Book) -> dict[str, list[str]]:
    """The files of each account's import lights."""
    return {trail.account: [light.file for light in trail.imports] for trail in book.trail()}


def only(trails: Sequence[Trail]) -> Trail:
    (trail,) = trails
    return trail


# One file ----------------------------------------------------------------------------------------


def test_an_import_that_brings_nothing_new_writes_nothing(book: Book) -> None:
    text = line("a/x", "1")
    head = given_files(book, {"a.jsonl": text}).head
    again = given_files(book, {"b.jsonl": text + "\n\n"})
    assert (again.head, counted(again.files[0])) == (head, (0, 1, 0))
    assert imports_of(book) == {"a/x": ["a.jsonl"]}


def test_a_file_given_twice_under_two_names_is_recorded_once(book: Book) -> None:
    text = line("a/x", "1") + line("a/x", "2")
    result = given_files(book, {"b.jsonl": text, "a.jsonl": text})
    assert [counted(file) for file in result.files] == [(0, 2, 0), (2, 0, 0)]
    (one,) = evidence(book)
    assert (one.file, one.rows, one.recorded) == ("a.jsonl", 2, 2)
    assert imports_of(book) == {"a/x": ["a.jsonl"]}


def test_a_path_given_twice_is_one_file(book: Book) -> None:
    Path("a.jsonl").write_text(line("a/x", "1"))
    result = book.import_files(["a.jsonl", "./a.jsonl"])
    assert [counted(file) for file in result.files] == [(1, 0, 0)]


def test_a_venues_file_given_twice_under_two_names_counts_each_row_once(book: Book) -> None:
    year = kraken_year()
    text, trades = year.ledgers(), year.trades()
    result = given_files(book, {"one.csv": text, "two.csv": text, "trades.csv": trades})
    lines = text.count("\n") - 1
    assert [file.rows for file in result.files] == [lines, lines, trades.count("\n") - 1]
    assert [file.findings for file in result.files] == [(), (), ()]
    assert sum(event.recorded for event in evidence(book)) == sum(
        file.recorded for file in result.files
    )
    trail = only(book.trail())
    assert trail.status == "green"
    assert {light.file for light in trail.imports} == {event.file for event in evidence(book)}


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_an_empty_file_leaves_no_evidence(book: Book, text: str) -> None:
    Path("empty.jsonl").write_text(text)
    with pytest.raises(BookError):
        book.import_files(["empty.jsonl"])
    (file,) = book.import_files(["empty.jsonl"], format="native").files
    assert (file.rows, counted(file)) == (0, (0, 0, 0))
    assert evidence(book) == []


def test_a_file_of_ignored_rows_alone_leaves_no_evidence(book: Book) -> None:
    venue = Venue("nothing")
    venue.entry("2025-01-01 10:00:00", "deposit", "KFEE", "50")
    venue.entry("2025-01-01 11:00:00", "deposit", "USD", "50", pending=True)
    (file,) = given_files(book, {"ledgers.csv": venue.ledgers()}).files
    assert (file.rows, counted(file), file.findings) == (2, (0, 0, 2), ())
    assert evidence(book) == []
    assert book.head().position == 0


def test_a_file_that_is_refused_leaves_no_evidence_nor_do_its_companions(book: Book) -> None:
    good, bad = line("a/x", "1"), line("a/x", "2").replace('"2"', "2")
    result = given_files(book, {"good.jsonl": good, "bad.jsonl": good + bad})
    assert result.refused
    assert [file.rows for file in result.files] == [1, 2]
    assert (evidence(book), book.head().position) == ([], 0)


def test_a_dry_run_leaves_no_evidence(book: Book) -> None:
    assert given_files(book, {"a.jsonl": line("a/x", "1")}, dry_run=True).files[0].recorded == 1
    assert (evidence(book), book.head().position) == ([], 0)


# Accounts ----------------------------------------------------------------------------------------


def test_a_file_of_two_accounts_stands_in_both_trails(book: Book) -> None:
    price = {"type": "price_observed", "account": "book", "at": "2025-01-01T00:00:00Z", "id": "p"}
    price |= {"asset": "BTC", "quote": "USD", "price": "9"}
    text = line("a/x", "1") + line("b/y", "1") + json.dumps(price)
    given_files(book, {"two.jsonl": text, "one.jsonl": line("a/x", "2")})
    assert imports_of(book) == {
        "a/x": ["two.jsonl", "one.jsonl"],
        "b/y": ["two.jsonl"],
        "book": ["two.jsonl"],
    }
    assert {trail.account: trail.status for trail in book.trail()} == {
        "a/x": "grey",
        "b/y": "grey",
        "book": "green",
    }


def test_rows_split_over_two_imports_have_two_lights(book: Book) -> None:
    """The second file holds the first's rows again: each light counts its own file."""
    first, second = line("a/x", "1"), line("a/x", "2")
    given_files(book, {"early.jsonl": first})
    given_files(book, {"late.jsonl": first + second})
    lights = list(only(book.trail()).imports)
    assert [(light.file, light.rows, light.recorded, light.known) for light in lights] == [
        ("early.jsonl", 1, 1, 0),
        ("late.jsonl", 2, 1, 1),
    ]


def test_the_same_file_in_two_imports_vouches_for_the_account_that_each_told(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First one account was in conflict, then mended: both imports read one file, at one time."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    venue = Venue("twice")
    venue.deposit("2025-01-02 09:00:00", "USD", "50000")
    given_files(book, {"ledgers.csv": venue.ledgers()})
    book.import_files(["ledgers.csv"], account="other/main")
    first, second = evidence(book)
    assert (first.sha256, first.at) == (second.sha256, second.at)
    seen = {t.account: [light.event for light in t.imports] for t in book.trail()}
    assert seen == {"kraken/main": [first.id], "other/main": [second.id]}


def test_both_files_that_say_an_event_vouch_for_it(book: Book) -> None:
    """A trade is told by its ledger entries and by its row of the trades file."""
    year = kraken_year()
    given_files(book, {"ledgers.csv": year.ledgers(), "trades.csv": year.trades()})
    assert imports_of(book) == {"kraken/main": ["ledgers.csv", "trades.csv"]}


def test_an_import_that_is_void_vouches_for_nothing(book: Book) -> None:
    given_files(book, {"a.jsonl": line("a/x", "1")})
    (told,) = evidence(book)
    void = {"type": "voided", "account": "book", "at": "2025-01-01T00:00:00Z", "id": "v"}
    given_files(book, {"v.jsonl": json.dumps({**void, "target": told.id, "reason": "no"})})
    assert imports_of(book) == {"a/x": [], "book": ["v.jsonl"]}


# Findings ----------------------------------------------------------------------------------------


def test_a_row_that_could_not_be_read_makes_the_light_amber(book: Book) -> None:
    venue = Venue("amber")
    venue.deposit("2025-01-02 09:00:00", "USD", "50000")
    venue.entry("2025-01-03 09:00:00", "mystery", "USD", "-1")
    given_files(book, {"ledgers.csv": venue.ledgers()})
    (light,) = only(book.trail()).imports
    assert (light.status, light.findings, light.remarks) == ("amber", 1, 0)
    assert light.rows == light.recorded + light.known + light.ignored + light.findings


def test_a_remark_on_a_row_that_was_taken_makes_the_light_amber_and_counts_no_row(
    book: Book,
) -> None:
    """The running balance does not follow: a row before it is missing."""
    venue = Venue("gap")
    venue.deposit("2025-01-02 09:00:00", "USD", "50000")
    venue.withdraw("2025-01-03 09:00:00", "USD", "1000")
    del venue.entries[-1]
    venue.withdraw("2025-01-04 09:00:00", "USD", "2000")
    (file,) = given_files(book, {"ledgers.csv": venue.ledgers()}).files
    trail = only(book.trail())
    (light,) = trail.imports
    assert len(file.findings) == light.remarks > 0
    assert (light.status, light.findings) == ("amber", 0)
    assert trail.status == "red", "and the last balance differs by what is missing"
    assert [(one.asset, one.difference) for one in trail.balances] == [("USD", Decimal(-1000))]


def test_a_balance_that_contradicts_an_earlier_export_is_a_conflict(book: Book) -> None:
    """The first export left a wallet out. No row ends in the conflict, so it counts none."""
    venue = Venue("wallets")
    venue.deposit("2025-01-02 09:00:00", "USD", "50000")
    venue.entry("2025-01-03 09:00:00", "reward", "USD", "5", wallet="earn / flexible")
    venue.withdraw("2025-01-04 09:00:00", "USD", "1000")
    spot = [row for row in venue.entries if row["wallet"] == "spot / main"]
    Path("spot.csv").write_text(venue.ledgers(2026, spot))
    Path("all.csv").write_text(venue.ledgers(2026))
    book.import_files(["spot.csv"])
    (file,) = book.import_files(["all.csv"]).files
    (found,) = file.findings
    assert "conflict: kraken/main holds this id with other content" in found.problem
    assert found.value.startswith("balance/USD/")
    assert file.rows == sum(counted(file))
    assert (evidence(book)[-1].findings, evidence(book)[-1].remarks) == (0, 1)
    assert book.import_files(["all.csv"], strict=True).refused


def test_records_of_another_books_imports_do_not_take_the_place_of_our_own(book: Book) -> None:
    """A native file may be the export of a book, `import_recorded` and all."""
    other = {
        "type": "import_recorded", "account": "book", "at": "2024-01-01T00:00:00Z",
        "id": "import/3", "file": "old.csv", "sha256": "00", "format": "kraken-ledgers 2020",
        "rows": 9, "recorded": 9, "known": 0, "ignored": 0, "findings": 0,
    }  # fmt: skip
    given_files(book, {"export.jsonl": line("a/x", "1") + json.dumps(other)})
    assert [(event.id, event.file) for event in evidence(book)] == [
        ("import/3", "old.csv"),
        ("import/3+", "export.jsonl"),
    ]
    assert imports_of(book) == {"a/x": ["export.jsonl"], "book": ["export.jsonl"]}


# Counts add up -----------------------------------------------------------------------------------

_NATIVE = st.lists(
    st.one_of(
        st.builds(
            line,
            st.sampled_from(["a/x", "b/y"]),
            st.sampled_from(["1", "2", "3", "4"]),
            st.sampled_from(["1", "1.0", "2"]),
        ),
        st.sampled_from(["\n", "{}\n", "no json\n", '{"type":"sold"}\n', line("a b", "1")]),
    ),
    max_size=8,
)
_ROWS = kraken_year().ledgers().splitlines(keepends=True)
_KRAKEN = st.lists(
    st.one_of(
        st.sampled_from(_ROWS[1:]),
        st.sampled_from(_ROWS[1:]).map(lambda row: row.replace("0", "x", 1)),
        st.sampled_from(_ROWS[1:]).map(lambda row: row.replace('"USD"', '"EUR"')),
        st.sampled_from(_ROWS[1:]).map(lambda row: row[: len(row) // 2] + "\n"),
        st.sampled_from(["a,b\n", '"",""\n', "\n"]),
    ),
    max_size=12,
).map(lambda rows: [_ROWS[0], *rows])


@given(st.lists(st.one_of(_NATIVE, _KRAKEN), min_size=1, max_size=3), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_rows_are_what_was_recorded_known_ignored_and_found(
    files: list[list[str]], together: bool, strict: bool
) -> None:
    """Good, bad and repeated rows; files at once or one after another; and once more at the end."""
    with TemporaryDirectory() as folder, Book.open(":memory:") as book:
        paths = []
        for number, rows in enumerate(files):
            kind = "csv" if rows and rows[0] == _ROWS[0] else "jsonl"
            path = Path(folder, f"{number}.{kind}")
            path.write_text("".join(rows) or line("a/x", "9"))
            if kind == "csv" or path.read_text().lstrip().startswith("{"):
                paths.append(path)
        steps = [paths] if together else [[path] for path in paths]
        for step in (*steps, paths):
            before = len(evidence(book))
            result = book.import_files(step, strict=strict)
            new = evidence(book)[before:]
            for file in result.files:
                _add_up(file, Path(file.path).read_text())
            told = [file for file in result.files if file.recorded]
            assert [(e.sha256, e.rows, *counted(e)) for e in new] == [
                (file.sha256, file.rows, *counted(file)) for file in told
            ]
            for event in new:
                assert event.rows == sum(counted(event)) + event.findings
                assert event.findings + event.remarks == _findings(result, event)
        ids = {event.id for event in evidence(book)}
        assert ids == {light.event for trail in book.trail() for light in trail.imports}


def _add_up(file: FileResult, text: str) -> None:
    """Every line but the header and blank ones is a row, and ends once."""
    lines = [one for one in text.splitlines() if one.strip()]
    rows = len(lines) - file.path.endswith("csv")
    found = file.rows - sum(counted(file))
    assert 0 <= found <= len(file.findings)
    if '"' not in text.replace('","', "").replace('"\n', "").replace('\n"', ""):
        assert file.rows == rows


def _findings(result: ImportResult, event: ImportRecorded) -> int:
    (file,) = [f for f in result.files if f.sha256 == event.sha256 and f.recorded]
    return len(file.findings)


class Together:
    """An importer of another distribution: all rows of a file together say one simulated event."""

    name = "together"
    headers: Sequence[str] = ("together",)
    all_or_nothing = False

    def recognise(self, beginning: bytes) -> str | None:
        return "together 1"

    def read(self, files: Sequence[SourceFile], account: str | None) -> Iterator[Outcome]:
        for file in files:
            rows = tuple((file, n) for n, _ in enumerate(file.path.read_text().splitlines(), 1))
            event = Deposited(at=datetime(2025, 1, 1, tzinfo=UTC), id="d", asset="USD", quantity=1)  # type: ignore[arg-type]
            yield Taken(rows, (Draft("paper/main", event, file.row(1)),))


def test_every_row_of_a_simulated_event_is_a_finding(book: Book) -> None:
    Path("three.txt").write_text("a\nb\nc\n")
    log = book.questions.log
    assert isinstance(log, Log)
    (file,) = take_in(log, [Path("three.txt")], known_by=lambda _: (Together(), "together 1")).files
    assert (file.rows, counted(file), len(file.findings)) == (3, (0, 0, 0), 3)
    assert evidence(book) == []


# The same bytes again ----------------------------------------------------------------------------

TRACKING = (
    '"Type","Buy","Cur.","Sell","Cur.","Fee","Cur.","Exchange","Group","Comment","Date"\n'
    '"Deposit","100","USD","-","-","-","-","Kraken","","","01.02.2024 10:00:00"\n'
)


def in_zone(book: Book, zone: str, **how: bool) -> tuple[ImportResult, list[str]]:
    """An import of a file whose times are read as those of a zone, and what was found."""
    Path("trades.csv").write_text(TRACKING)
    result = book.import_files(["trades.csv"], zone=zone, **how)  # type: ignore[arg-type]
    return result, [finding.problem for finding in result.files[0].findings]


def test_the_same_file_in_another_zone_may_count_twice(book: Book) -> None:
    assert in_zone(book, "Europe/Berlin")[1] == []
    assert in_zone(book, "Europe/Berlin")[1] == []
    result, (problem,) = in_zone(book, "UTC")
    assert problem.endswith("and 1 row is new all the same")
    assert "--zone" in result.files[0].findings[0].hint
    assert (result.files[0].rows, result.files[0].recorded) == (1, 1)


def test_the_same_file_in_another_zone_is_refused_if_asked_to_be_strict(book: Book) -> None:
    in_zone(book, "Europe/Berlin")
    result, _ = in_zone(book, "UTC", strict=True)
    assert result.refused


def test_rows_that_an_earlier_import_could_not_read_are_no_doubles(book: Book) -> None:
    """The ledger was given without its trades: the second import reads what the first could not."""
    year = kraken_year()
    assert given_files(book, {"ledgers.csv": year.ledgers()}).has_findings
    again = given_files(book, {"ledgers.csv": year.ledgers(), "trades.csv": year.trades()})
    assert not any(file.findings for file in again.files)


def test_a_file_no_row_of_which_can_be_read_refuses_the_import(book: Book) -> None:
    """A spreadsheet that was cut off, beside a file that is whole."""
    Path("trades.csv").write_text(TRACKING)
    whole = ods({"BTC": [["IN"], ["timestamp", "asset", "transaction_type", "crypto_in"]]})
    Path("cut.ods").write_bytes(whole[: len(whole) // 2])
    assert book.import_files(["trades.csv", "cut.ods"], zone="UTC").refused
    assert not evidence(book)


def test_a_file_of_another_format_than_is_said_cannot_be_read(book: Book) -> None:
    """The contract: 2, unreadable input, and nothing was recorded, of other files neither."""
    Path("trades.csv").write_text(TRACKING)
    Path("notes.csv").write_text("a,b\n1,2\n")
    result = book.import_files(["trades.csv", "notes.csv"], format="generic", zone="UTC")
    assert result.refused
    assert not evidence(book)
