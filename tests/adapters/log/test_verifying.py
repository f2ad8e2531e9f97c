"""Verifying: whatever was changed by hand is found, and the right pass says where."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.log import Head, Log, Verification, verification
from adapters.log.chain import link
from adapters.log.passes import StoredEntry
from adapters.log.recorder import LogRecorder
from domain.errors import BookError
from tests.adapters.log.drafts import USUAL, book_of, deposit, deposits, policy, tampered

DRAFTS = [*deposits(3), policy("P"), *deposits(2, account="okx/main"), deposit("last")]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return book_of(tmp_path / "book.db", DRAFTS)


def faults(book: Path, head: Head | None = None) -> dict[str, str]:
    """What is wrong with a book, by the name of the pass that says so."""
    with Log.open(book) as log:
        verification = log.verify(head)
    assert verification.ok == all(one.ok for one in verification.passes)
    return {one.name: str(one.first_fault) for one in verification.passes if not one.ok}


def test_a_book_as_it_was_written_is_in_order(book: Path) -> None:
    with Log.open(book) as log:
        verification = log.verify()
        assert verification == Verification(verification.passes, 7, log.head())
    assert verification.ok
    assert {one.name: one.checked for one in verification.passes} == {
        "file": verification.passes[0].checked,
        "tables": 12,
        "settings": 1,
        "chain": 7,
        "positions": 7,
        "versions": 7,
        "keys": 7,
        "columns": 7,
        "events": 7,
        "clock": 7,
    }


def test_an_empty_book_is_in_order() -> None:
    with Log.open(":memory:", create=USUAL) as log:
        verification = log.verify(log.head())
        assert verification.ok
        assert verification.events == 0
        assert verification.head == log.head()


@pytest.mark.parametrize(
    ("position", "edit", "named", "told"),
    [
        (1, "state = CAST(replace(state, '\"1\"', '\"2\"') AS BLOB)", "chain", "expected "),
        (3, "state = CAST('{}' AS BLOB)", "events", "KeyError('event')"),
        (3, "state = CAST(state AS TEXT)", "file", "CHECK constraint failed"),
        (3, "state = CAST(state AS TEXT)", "chain", "cannot be checked"),
        (2, "topic = 'withdrawn.v1'", "chain", "expected "),
        (2, "topic = 'filled.v1'", "events", "side"),
        (2, "topic = 'filled.v7'", "events", "filled.v7"),
        (2, "topic = CAST(topic AS BLOB)", "chain", "cannot be checked"),
        (7, "originator_id = 'account:okx/main', originator_version = 3", "chain", "expected "),
        (1, "originator_id = 'account:mine'", "versions", "position 2: expected 1, found 2"),
        (7, "originator_version = 9", "versions", "expected 4, found 9"),
        (7, "originator_version = 9", "chain", "expected "),
        (2, "key = 'D9'", "keys", "expected D2, found D9"),
        (2, "key = 'D9'", "chain", "expected "),
        (2, "key = CAST(x'44ff32' AS TEXT)", "chain", "expected "),
        (2, "key = CAST(x'44ff32' AS TEXT)", "keys", "expected D2, found D\\udcff2"),
        (2, "key = NULL", "keys", "expected D2, found None"),
        (4, "recorded_at = recorded_at - 1", "clock", "before the entry before it"),
        (7, "recorded_at = recorded_at + 1", "chain", "expected "),
        (7, "recorded_at = 'noon'", "chain", "cannot be checked"),
        (5, "clock = 1", "chain", "expected "),
        (5, "clock = 2", "clock", "expected clock 0 or 1, found 2"),
        (6, "effective_at = effective_at + 1", "columns", "found (170406"),
        (6, "effective_at = 'noon'", "columns", "no whole number"),
        (6, "place = -1", "columns", "found (1704067320000000, -1)"),
        (3, "hash = zeroblob(32)", "chain", f"found {'00' * 32}"),
        (3, "hash = 'hash'", "chain", "found hash"),
        (7, "rowid = 99", "positions", "expected 7, found 99"),
        (7, "rowid = -5", "positions", "expected 1, found -5"),
    ],
)
def test_a_column_that_is_changed_by_hand_is_named(
    book: Path, position: int, edit: str, named: str, told: str
) -> None:
    tampered(book, f"UPDATE stored_events SET {edit} WHERE rowid = {position}")  # noqa: S608
    assert told in (fault := faults(book)[named])
    assert fault.encode()
    assert "position" in fault or named == "file"


@pytest.mark.parametrize(
    ("statement", "named", "told"),
    [
        ("DELETE FROM stored_events WHERE rowid = 3", "positions", "expected 3, found 4"),
        ("DELETE FROM stored_events WHERE rowid = 3", "versions", "position 7: expected 3"),
        ("DELETE FROM stored_events WHERE rowid = 3", "chain", "position 4"),
        ("DELETE FROM stored_events WHERE rowid > 5", "positions", "says it ends at 7"),
        ("DELETE FROM stored_events", "positions", "ends at 0"),
        ("UPDATE head SET position = 6", "positions", "says it ends at 6"),
        ("UPDATE head SET hash = zeroblob(32)", "positions", "says it ends at 7:00000000"),
        ("UPDATE settings SET zone = 'UTC'", "settings", "expected"),
        ("UPDATE settings SET currency = 'EUR'", "settings", "expected"),
        ("UPDATE settings SET genesis = zeroblob(32)", "settings", "expected"),
        ("UPDATE settings SET genesis = zeroblob(32)", "chain", "position 1"),
        ("DROP INDEX by_time", "tables", "by_time is missing"),
        ("DROP INDEX by_key; CREATE INDEX by_key ON head (id)", "tables", "by_key was changed"),
        ("CREATE TRIGGER t AFTER INSERT ON head BEGIN SELECT 1; END", "tables", "t is none of"),
    ],
)
def test_what_is_taken_away_or_added_by_hand_is_named(
    book: Path, statement: str, named: str, told: str
) -> None:
    tampered(book, statement)
    assert told in faults(book)[named]


def test_two_entries_that_changed_places_are_named(book: Path) -> None:
    swap = "UPDATE stored_events SET rowid = CASE rowid WHEN -1 THEN 3 WHEN 2 THEN -1 ELSE 2 END"
    tampered(book, *(f"{swap} WHERE rowid = {row}" for row in (2, 3, -1)))
    assert faults(book)["chain"].startswith("position 2: ")
    assert "versions" in faults(book)


def test_a_second_entry_under_one_id_is_named(book: Path) -> None:
    """Someone dropped the index, and calculated the chain anew."""
    tampered(book, "DROP INDEX by_key", "UPDATE stored_events SET key = 'D1' WHERE rowid = 2")
    rechain(book)
    assert set(faults(book)) == {"tables", "keys"}
    tampered(
        book, "UPDATE stored_events SET state = (SELECT state FROM stored_events) WHERE rowid = 2"
    )
    rechain(book)
    assert faults(book)["keys"] == "account:kraken/main: 2 entries bear the id 'D1'"


def test_an_event_that_cannot_be_true_is_named_though_the_chain_holds(book: Path) -> None:
    smaller = 'CAST(replace(state, \'"quantity":"1"\', \'"quantity":"-1"\') AS BLOB)'
    tampered(book, f"UPDATE stored_events SET state = {smaller} WHERE rowid = 2")  # noqa: S608
    rechain(book)
    found = faults(book)
    assert "chain" not in found
    assert "more than zero" in found["events"]


def test_an_index_that_does_not_agree_with_its_table_is_named(book: Path) -> None:
    """A replay reads by the index: what it leaves out would be left out of a return."""
    tampered(
        book,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = sql || ' WHERE rowid <> 3' WHERE name = 'by_time'",
        "PRAGMA writable_schema = OFF",
    )
    tampered(book, "REINDEX by_time")
    assert "by_time" in faults(book)["tables"]
    tampered(
        book,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, ' WHERE rowid <> 3', '')"
        " WHERE name = 'by_time'",
    )
    assert "by_time" in faults(book)["file"]


# Against what was noted elsewhere ---------------------------------------------------------------


def test_a_log_still_contains_what_it_was(book: Path) -> None:
    with Log.open(book) as log:
        noted = [Head(0, log.settings.genesis.hex()), log.head()]
        log.append([deposit("more")])
    for head in noted:
        assert faults(book, head) == {}


def test_an_end_that_was_cut_off_is_found_by_the_head_on_a_report(book: Path) -> None:
    """Everything agrees with everything else: only the report knows better."""
    with Log.open(book) as log:
        noted = log.head()
    tampered(
        book,
        "DELETE FROM stored_events WHERE rowid > 5",
        "UPDATE head SET position = 5, hash = (SELECT hash FROM stored_events WHERE rowid = 5)",
    )
    assert faults(book) == {}
    found = faults(book, noted)
    assert set(found) == {"head"}
    assert "ends at position 5, before 7: its end was cut off" in found["head"]


def test_an_older_copy_is_found_by_the_head_on_a_report(book: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    older.write_bytes(book.read_bytes())
    with Log.open(book) as log:
        noted = log.append([deposit("more")]).head
    assert "older copy" in faults(older, noted)["head"]


def test_a_log_written_anew_from_its_beginning_is_found_by_the_head_on_a_report(book: Path) -> None:
    with Log.open(book) as log:
        noted = log.head()
    tampered(
        book,
        "UPDATE stored_events SET key = 'D7', state = CAST(replace(state, 'D1', 'D7') AS BLOB)"
        " WHERE rowid = 1",
    )
    rechain(book)
    assert faults(book) == {}
    assert faults(book, noted)["head"].startswith(f"position 7: expected {noted.hash}, found ")


def test_another_book_does_not_contain_the_head(book: Path, tmp_path: Path) -> None:
    other = book_of(tmp_path / "other.db", [deposit("other")])
    with Log.open(book) as log:
        noted = Head(0, log.head().hash)
    assert faults(other, noted)["head"].startswith("position 0: expected ")


def test_a_head_is_read_as_it_is_printed(book: Path) -> None:
    with Log.open(book) as log:
        assert Head.parse(str(log.head())) == log.head()
    for text in ("", "7", "7:abc", f"-1:{'a' * 64}", f"7:{'A' * 64}", f"7:{'a' * 64} "):
        with pytest.raises(BookError, match="is no head"):
            Head.parse(text)


def test_a_log_that_grows_meanwhile_is_in_order(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.log.verification._PAGE", 2)
    with Log.open(book) as log, Log.open(book) as other:
        entries = verification._entries

        def disturbed(recorder: LogRecorder, last: int) -> Iterator[StoredEntry]:
            for entry in entries(recorder, last):
                other.append([deposit(f"during {entry.position}")])
                yield entry

        monkeypatch.setattr(verification, "_entries", disturbed)
        found = log.verify(log.head())
        assert found.ok
        assert (found.events, log.head().position) == (7, 14)


def rechain(book: Path) -> None:
    """Calculate all hashes anew, as a forger would."""
    connection = sqlite3.connect(book)
    (previous,) = connection.execute("SELECT genesis FROM settings").fetchone()
    hashes = []
    for position, stream, version, topic, state, key, recorded_at, clock in connection.execute(
        "SELECT rowid, originator_id, originator_version, topic, state, key, recorded_at, clock"
        " FROM stored_events ORDER BY rowid"
    ):
        texts = stream.encode(), topic.encode(), key.encode()
        previous = link(previous, position, version, recorded_at, clock, *texts, state)
        hashes.append(
            f"UPDATE stored_events SET hash = x'{previous.hex()}'"  # noqa: S608
            f" WHERE rowid = {position}"
        )
    connection.close()
    tampered(book, *hashes, f"UPDATE head SET hash = x'{previous.hex()}'")  # noqa: S608
