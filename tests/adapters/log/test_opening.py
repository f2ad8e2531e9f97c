"""Opening: a book, or a sentence that says why not. Nothing else is touched."""

import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from eventsourcing.persistence import IntegrityError

from adapters.log import Log, Settings
from domain.errors import LogError, UnknownName
from tests.adapters.log.drafts import USUAL, book_of, deposit, deposits, ids, noon, tampered


def test_a_book_keeps_what_it_was_made_with(tmp_path: Path) -> None:
    book = tmp_path / "book.db"
    with Log.open(book, create=Settings(zone="Europe/Berlin", currency="EUR")) as log:
        log.append(deposits(1))
    with Log.open(book, create=USUAL) as log:
        assert log.settings == Settings(zone="Europe/Berlin", currency="EUR")
        assert ids(log.read()) == ["D1"]


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "America", "../etc/passwd", "/etc/passwd"])
def test_a_zone_must_exist(zone: str) -> None:
    with pytest.raises(UnknownName, match="is no time zone"):
        Settings(zone=zone)


def test_a_currency_must_be_one() -> None:
    with pytest.raises(UnknownName, match="is no currency"):
        Settings(currency="BTC")


def test_a_book_that_is_not_there_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"there is no book here.*marginbook init"):
        Log.open(tmp_path / "book.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="this is a folder"):
        Log.open(tmp_path, create=USUAL)


def test_a_book_is_not_made_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="there is no folder"):
        Log.open(tmp_path / "books" / "book.db", create=USUAL)


@pytest.mark.parametrize("content", [b"txid,refid,time\n" * 300, b"short", b"\0" * 8192])
def test_another_file_is_no_book_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "ledgers.csv"
    other.write_bytes(content)
    for create in (None, USUAL):
        with pytest.raises(LogError, match=r"ledgers\.csv: .*no book"):
            Log.open(other, create=create)
    assert other.read_bytes() == content


def test_the_database_of_another_program_is_no_book_and_stays_as_it_is(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE head (position)")
    connection.commit()
    connection.close()
    content = other.read_bytes()
    for create in (None, USUAL):
        with pytest.raises(LogError, match="another program"):
            Log.open(other, create=create)
    assert other.read_bytes() == content


def test_an_empty_file_becomes_a_book_only_if_one_is_to_be_made(tmp_path: Path) -> None:
    empty = tmp_path / "book.db"
    empty.touch()
    with pytest.raises(LogError, match="holds no book"):
        Log.open(empty)
    with Log.open(empty, create=USUAL) as log:
        assert log.append(deposits(1)).recorded == 1


def test_a_book_of_a_later_version_says_so(tmp_path: Path) -> None:
    book = book_of(tmp_path / "book.db", deposits(1))
    tampered(book, "PRAGMA user_version = 2")
    with pytest.raises(LogError, match="version 2"):
        Log.open(book)


def test_a_book_with_a_zone_that_this_machine_does_not_know_says_so(tmp_path: Path) -> None:
    book = book_of(tmp_path / "book.db", deposits(1))
    tampered(book, "UPDATE settings SET zone = 'Mars/Olympus'")
    with pytest.raises(LogError, match=r"settings cannot be used.*Mars/Olympus"):
        Log.open(book)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM settings",
        "DROP TABLE settings",
        "UPDATE settings SET zone = x'00'",
        "DROP TABLE head",
        "DELETE FROM head",
        "UPDATE head SET hash = 'text'",
        "DROP TABLE stored_events",
    ],
)
def test_a_book_without_its_tables_is_refused_or_its_reading_is(
    tmp_path: Path, statement: str
) -> None:
    book = book_of(tmp_path / "book.db", deposits(1))
    connection = sqlite3.connect(book, isolation_level=None)
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute(statement)
    connection.close()

    def use() -> None:
        with Log.open(book) as log:
            log.append(deposits(2))

    with pytest.raises(LogError, match=r"book\.db: .*marginbook verify"):
        use()


def test_a_strange_path_is_a_path(tmp_path: Path) -> None:
    for name in ("a?mode=memory", "50%20#1 :memory:.db", "file:x", "ünïcode 帳簿"):
        with Log.open(tmp_path / name, create=USUAL) as log:
            log.append(deposits(1))
        with Log.open(str(tmp_path / name)) as log:
            assert log.head().position == 1


def test_a_path_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Log.open("book.db", create=USUAL) as log:
        log.append(deposits(1))
    assert (tmp_path / "book.db").is_file()


def test_each_book_in_memory_is_its_own() -> None:
    with (
        Log.open(":memory:", create=USUAL) as one,
        Log.open(":memory:", create=USUAL) as other,
    ):
        one.append(deposits(1))
        assert other.head().position == 0


def test_a_closed_book_is_one_file(tmp_path: Path) -> None:
    """It can be copied, and its hash taken."""
    book_of(tmp_path / "book.db", deposits(10))
    assert [file.name for file in tmp_path.iterdir()] == ["book.db"]


def test_a_book_that_was_closed_says_so(tmp_path: Path) -> None:
    log = Log.open(tmp_path / "book.db", create=USUAL)
    log.close()
    with pytest.raises(LogError, match="was closed"):
        log.head()


def test_a_book_is_closed_when_the_last_reader_is_done(tmp_path: Path) -> None:
    """A connection that is closed under a thread that uses it would crash the program."""
    log = Log.open(book_of(tmp_path / "book.db", deposits(3)))
    done: list[tuple[int]] = []

    def read() -> None:
        with log.recorder.reading() as rows:
            begun.set()
            time.sleep(0.1)
            done.append(rows.execute("SELECT count(*) FROM stored_events").fetchone())

    begun = threading.Event()
    reader = threading.Thread(target=read)
    reader.start()
    begun.wait()
    log.close()
    assert done == [(3,)]
    reader.join()


def test_a_book_opened_to_read_is_read_and_verified_but_not_written(tmp_path: Path) -> None:
    book = book_of(tmp_path / "book.db", deposits(3))
    before = book.read_bytes()
    with Log.open(book, read_only=True) as log:
        assert len(list(log.read())) == 3
        assert log.verify().ok
        with pytest.raises(LogError, match="cannot be written"):
            log.append([deposit("new")])
    assert book.read_bytes() == before


def test_what_is_in_the_users_shell_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library would take its settings from there; here it must not."""
    for prefix in ("", "LOG_"):
        for name, value in {
            "PERSISTENCE_MODULE": "eventsourcing.popo",
            "SQLITE_DBNAME": str(tmp_path / "elsewhere.db"),
            "SQLITE_LOCK_TIMEOUT": "soon",
            "COMPRESSOR_TOPIC": "zlib",
            "CIPHER_TOPIC": "nowhere:Cipher",
            "CIPHER_KEY": "x",
            "MAPPER_TOPIC": "nowhere:Mapper",
            "TRANSCODER_TOPIC": "nowhere:Transcoder",
            "APPLICATION_RECORDER_TOPIC": "nowhere:Recorder",
            "IS_SNAPSHOTTING_ENABLED": "y",
            "AGGREGATE_CACHE_MAXSIZE": "10",
            "ORIGINATOR_ID_TYPE": "uuid",
            "CREATE_TABLE": "n",
        }.items():
            monkeypatch.setenv(prefix + name, value)
    with Log.open(tmp_path / "book.db", create=USUAL, look=noon(1)) as log:
        head = log.append(deposits(2)).head
    for name in list(os.environ):
        if "_" in name and name.removeprefix("LOG_") != "PATH":
            monkeypatch.delenv(name)
    with Log.open(":memory:", create=USUAL, look=noon(1)) as plain:
        assert plain.append(deposits(2)).head == head
    assert [file.name for file in tmp_path.iterdir()] == ["book.db"]


@pytest.mark.parametrize("table", ["stored_events", "settings"])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {table}",
        "UPDATE {table} SET rowid = rowid",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "REPLACE INTO {table} SELECT * FROM {table}",
    ],
)
def test_nothing_can_be_changed_or_taken_back(tmp_path: Path, table: str, statement: str) -> None:
    with Log.open(tmp_path / "book.db", create=USUAL) as log:
        head = log.append(deposits(2)).head
        with (
            pytest.raises(IntegrityError, match="can only be added to"),
            log.recorder.reading() as rows,
        ):
            rows.execute(statement.format(table=table))
        assert log.head() == head
        assert log.verify().ok


@pytest.mark.parametrize("edit", ["hash = zeroblob(32)", "recorded_at = 'noon'", "rowid = 9"])
def test_nothing_is_added_to_a_log_whose_end_is_damaged(tmp_path: Path, edit: str) -> None:
    book = book_of(tmp_path / "book.db", deposits(3))
    tampered(book, f"UPDATE stored_events SET {edit} WHERE rowid = 3")  # noqa: S608
    with Log.open(book) as log, pytest.raises(LogError, match=r"book\.db: .*marginbook verify"):
        log.append(deposits(4))
