"""The log in SQLite: every statement that touches its tables (schema.py).

The recorder is the library's, with our columns beside its own: the event's id as a key that is unique
within the account, when it was recorded and by what clock, its time and place in a replay, its hash.

The one trick: appending begins by writing. The first statement of the transaction takes the lock, so
what is read after it (the head, a stream's version, which events are known) still holds when it
commits, and other processes queue instead of failing.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isqrt
from typing import Any

from attrs import frozen
from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteDatastore

from adapters import clock, wire
from adapters.log.chain import Settings
from adapters.log.schema import APPLICATION, SCHEMA, VERSION
from adapters.log.tail import Tail
from domain.events import place

PAGE = 5000
"""How many entries are read at a time."""

Row = tuple[int, str, int, str, bytes, int, int, int]
"""An entry to be decoded: position, stream, version, topic, state, recorded_at, effective_at, place."""

_ROW = "rowid, originator_id, originator_version, topic, state, recorded_at, effective_at, place"
_INSERT = "INSERT INTO stored_events VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_KEYS = 500  # looked up at a time: far fewer parameters than any SQLite takes
_BEFORE_ALL = -(2**63)


@frozen(kw_only=True)
class Selection:
    """Which entries to read, and in which order. Times are whole microseconds since 1970."""

    known: int
    """The last position that counts."""
    since: int = 0
    """The last position that does not."""
    at_or_before: int | None = None
    after: int | None = None
    streams: Sequence[str] | None = None
    topics: Sequence[str] | None = None
    replay: bool = True
    """In order of (effective_at, place, position), else of position."""


class LogRecorder(SQLiteApplicationRecorder):
    """The library's recorder, keeping the chain and our columns."""

    def __init__(self, datastore: SQLiteDatastore, look: clock.Clock = clock.read) -> None:
        super().__init__(datastore)
        self._look = look

    # Making a book, and what it says of itself ----------------------------------------------------

    def construct_create_table_statements(self) -> list[str]:
        return [
            f"PRAGMA application_id = {APPLICATION}",  # a write first: takes the lock
            f"PRAGMA user_version = {VERSION}",
            *SCHEMA.values(),
        ]

    def create_table(self) -> None:
        """Make the tables of a book with the default settings."""
        self.create(Settings())

    def create(self, settings: Settings) -> None:
        """Make the tables of a book, unless another process just did."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(f"PRAGMA application_id = {APPLICATION}")
            cursor.execute("SELECT count(*) FROM sqlite_master")
            if cursor.fetchone()[0]:
                return
            self._create_table(cursor)
            genesis = settings.genesis
            told = (settings.zone, settings.currency, genesis)
            cursor.execute("INSERT INTO settings VALUES (0, ?, ?, ?)", told)
            cursor.execute("INSERT INTO head VALUES (0, 0, ?)", (genesis,))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """A cursor that sees one state of the book; its rows are tuples."""
        with self.datastore.transaction(commit=False) as cursor:
            rows: sqlite3.Cursor = cursor.sqlite_cursor
            rows.row_factory = None
            yield rows

    def marks(self) -> tuple[int, int, int]:
        """The file's application id and version, and how many tables, indexes and triggers it has."""
        with self.reading() as rows:
            (application,) = rows.execute("PRAGMA application_id").fetchone()
            (version,) = rows.execute("PRAGMA user_version").fetchone()
            (things,) = rows.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return application, version, things

    def settings(self) -> tuple[str, str, bytes]:
        """Zone, currency and genesis, as they stand."""
        with self.reading() as rows:
            told: tuple[str, str, bytes] = rows.execute(
                "SELECT zone, currency, genesis FROM settings"
            ).fetchone()
            return told

    # Appending ------------------------------------------------------------------------------------

    def lock(self, cursor: SQLiteCursor) -> Tail:
        """Take the writers' lock and return the end of the log; decides when it is recorded."""
        cursor.execute("UPDATE head SET id = 0")
        cursor.execute("SELECT position, hash FROM head")
        position, digest = cursor.fetchone()
        cursor.execute("SELECT recorded_at FROM stored_events WHERE rowid = ?", (position,))
        (before,) = cursor.fetchone() or (_BEFORE_ALL,)
        reading = self._look()
        recorded_at = max(clock.microseconds(reading.time), before)
        return Tail(position, digest, recorded_at, int(reading.stated))

    def write(self, cursor: SQLiteCursor, tail: Tail) -> None:
        """Store what was added to the end of the log."""
        cursor.executemany(_INSERT, tail.rows)
        cursor.execute("UPDATE head SET position = ?, hash = ?", (tail.position, tail.hash))
        tail.rows.clear()

    def version(self, cursor: SQLiteCursor, stream: str) -> int:
        """The version of a stream's last entry, 0 without any."""
        cursor.execute(
            "SELECT max(originator_version) FROM stored_events WHERE originator_id = ?", (stream,)
        )
        return cursor.fetchone()[0] or 0

    def held(self, cursor: SQLiteCursor, stream: str, keys: Sequence[str]) -> dict[str, Row]:
        """Those entries of a stream that bear one of these keys, by key."""
        rows: sqlite3.Cursor = cursor.sqlite_cursor
        rows.row_factory = None
        held = {}
        for start in range(0, len(keys), _KEYS):
            some = keys[start : start + _KEYS]
            found = rows.execute(
                f"SELECT {_ROW}, key FROM stored_events INDEXED BY by_key"
                f" WHERE originator_id = ? AND key IN ({_marks(some)})",
                (stream, *some),
            )
            held.update({row[-1]: row[:-1] for row in found})
        return held

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int]:
        """The library's way in: streams, versions and states are given."""
        tail = self.lock(c)
        first = tail.position + 1
        for stored in stored_events:
            key, effective_at, order = _described(stored, tail.recorded_at)
            tail.add(
                str(stored.originator_id),
                stored.originator_version,
                stored.topic,
                stored.state,
                key,
                effective_at,
                order,
            )
        self.write(c, tail)
        return range(first, tail.position + 1)

    # Reading --------------------------------------------------------------------------------------

    def head(self) -> tuple[int, bytes]:
        """The position and hash of the last entry."""
        with self.reading() as rows:
            told: tuple[int, bytes] = rows.execute("SELECT position, hash FROM head").fetchone()
            return told

    def entry(self, position: int) -> Row | None:
        with self.reading() as rows:
            row: Row | None = rows.execute(
                f"SELECT {_ROW} FROM stored_events WHERE rowid = ?", (position,)
            ).fetchone()
            return row

    def find(self, stream: str, key: str) -> Row | None:
        with self.reading() as rows:
            row: Row | None = rows.execute(
                f"SELECT {_ROW} FROM stored_events WHERE originator_id = ? AND key = ?",
                (stream, key),
            ).fetchone()
            return row
