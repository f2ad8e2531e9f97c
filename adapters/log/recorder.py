"""The log in SQLite: how entries are stored.

The recorder is the library's, with our columns beside its own: the event's id as a key that is
unique within the account, when it was recorded and by what clock, its time and place in a replay,
its hash.

The one trick: appending begins by writing. The first statement of the transaction takes the lock,
so what is read after it (the head, a stream's version, which events are known) still holds when it
commits, and other processes queue instead of failing.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from eventsourcing.persistence import InfrastructureFactory, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
)
from eventsourcing.utils import Environment

from adapters import clock
from adapters.log.chain import Settings
from adapters.log.database import Database, Fault
from adapters.log.schema import APPLICATION, PAPER_APPLICATION, RARE, SCHEMA, VERSION
from adapters.log.tail import Held, Row, Tail
from adapters.wire import decode_event, topics_of
from domain.errors import UnknownTopic
from domain.events import ORDERS
from domain.order import place
from domain.recorded import stream_of

ROW = "rowid, originator_id, originator_version, topic, state, recorded_at, effective_at, place"

_INSERT = "INSERT INTO stored_events VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_KEYS = 500  # looked up at a time: fewer parameters than any SQLite takes
_BEFORE_ALL = -(2**63)
_OF_ORDERS = topics_of(ORDERS)


class LogFactory(SQLiteFactory):
    """The library's factory, for a database that is open already."""

    def __init__(self, env: Environment, database: Database, look: clock.Clock) -> None:
        InfrastructureFactory.__init__(self, env)
        self.datastore = database
        self._look = look

    def application_recorder(self) -> "LogRecorder":
        return LogRecorder(self.datastore, self._look)


class LogRecorder(SQLiteApplicationRecorder):
    """The library's recorder, keeping the chain and our columns."""

    def __init__(self, datastore: SQLiteDatastore, look: clock.Clock = clock.read) -> None:
        super().__init__(datastore)
        self._look = look

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """A cursor that sees one state of the book; its rows are tuples."""
        with self.datastore.transaction(commit=False) as cursor:
            yield plain_rows(cursor)

    # Making a book --------------------------------------------------------------------------------

    def construct_create_table_statements(self) -> list[str]:
        return list(SCHEMA.values())

    def create_table(self) -> None:
        """Make a book with the settings that are usual."""
        self.create(Settings())

    def create(self, settings: Settings) -> None:
        """Make a book in an empty file, unless another process is quicker."""
        with self.datastore.get_connection(commit=True) as connection:
            rows = plain_rows(connection.cursor())
            ((things,),) = rows.execute("SELECT count(*) FROM sqlite_master")
            if things:
                return
            rows.execute("PRAGMA journal_mode = WAL").fetchall()  # who reads waits for no writer
        with self.datastore.transaction(commit=True) as cursor:
            mark = PAPER_APPLICATION if settings.paper else APPLICATION
            cursor.execute(f"PRAGMA application_id = {mark}")  # takes the lock
            ((things,),) = plain_rows(cursor).execute("SELECT count(*) FROM sqlite_master")
            if things:
                return
            cursor.execute(f"PRAGMA user_version = {VERSION}")
            self._create_table(cursor)
            genesis = settings.genesis
            stated = (settings.zone, settings.currency, genesis)
            cursor.execute("INSERT INTO settings VALUES (0, ?, ?, ?)", stated)
            cursor.execute("INSERT INTO head VALUES (0, 0, ?)", (genesis,))

    # Appending ------------------------------------------------------------------------------------

    def lock(self, cursor: SQLiteCursor) -> Tail:
        """Take the writers' lock; return the end of the log, and the time of what is added to it.

        The time never runs backwards within a book, whatever the clock says.
        """
        rows = plain_rows(cursor)
        rows.execute("UPDATE head SET id = 0")
        position, digest = _head(rows)
        statement = "SELECT rowid, hash, recorded_at FROM stored_events ORDER BY rowid DESC LIMIT 1"
        last = rows.execute(statement).fetchone() or (0, digest, _BEFORE_ALL)
        if last[:2] != (position, digest) or type(last[2]) is not int:
            raise _damaged("the log does not end where it says it does")
        reading = self._look()
        recorded_at = max(clock.microseconds(reading.time), last[2])
        return Tail(position, digest, recorded_at, int(reading.stated))

    def write(self, cursor: SQLiteCursor, tail: Tail) -> None:
        """Store what was added to the end of the log."""
        cursor.executemany(_INSERT, tail.rows)
        cursor.execute("UPDATE head SET position = ?, hash = ?", (tail.position, tail.hash))
        tail.rows.clear()

    def version(self, cursor: SQLiteCursor, stream: str) -> int:
        """The version of a stream's last entry, 0 before the first."""
        statement = "SELECT max(originator_version) FROM stored_events WHERE originator_id = ?"
        ((version,),) = plain_rows(cursor).execute(statement, (stream,))
        return version or 0

    def held(self, cursor: SQLiteCursor, stream: str, keys: Sequence[str]) -> dict[str, Held]:
        """Those entries of a stream that bear one of these keys, by key."""
        held: dict[str, Held] = {}
        for start in range(0, len(keys), _KEYS):
            some = keys[start : start + _KEYS]
            found = plain_rows(cursor).execute(
                f"SELECT {ROW}, key FROM stored_events INDEXED BY by_key"  # noqa: S608
                f" WHERE originator_id = ? AND key IN ({marks(some)})",
                (stream, *some),
            )
            held.update({row[-1]: row[:-1] for row in found})
        return held

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int]:
        """The library's way in: stream, version and state are given; positions are returned."""
        tail = self.lock(c)
        before = tail.position
        for stored in stored_events:
            key, effective_at, order = _described(stored, tail.recorded_at)
            stream, version = str(stored.originator_id), stored.originator_version
            tail.add(stream, version, stored.topic, stored.state, key, effective_at, order)
        self.write(c, tail)
        return list(range(before + 1, tail.position + 1))

    # Looking up -----------------------------------------------------------------------------------

    def check_kind(self) -> bool:
        """Whether this is a paper book. Raises `LogError` for what this version cannot read."""
        with self.reading() as rows:
            ((application,),) = rows.execute("PRAGMA application_id")
            ((version,),) = rows.execute("PRAGMA user_version")
            ((things,),) = rows.execute("SELECT count(*) FROM sqlite_master")
        if not things and not application:
            raise Fault("the file is empty, it holds no book")
        if application not in (APPLICATION, PAPER_APPLICATION):
            raise Fault("the file is the database of another program, no book")
        if version != VERSION:
            msg = f"the book has version {version}, this program reads {VERSION}: use a later one"
            raise Fault(msg)
        return bool(application == PAPER_APPLICATION)

    def simulated(self) -> bool:
        """Whether the book holds a stream of a paper account, or an order."""
        with self.reading() as rows:
            ((found,),) = rows.execute(
                "SELECT EXISTS (SELECT 1 FROM stored_events INDEXED BY by_stream"
                " WHERE originator_id >= ? AND originator_id < ?)",
                (stream_of("paper"), stream_of("paper0")),  # '0' is the character after '/'
            )
        return bool(found) or any(topic in _OF_ORDERS for topic in self.rare_topics())

    def settings(self) -> tuple[str, str, bytes]:
        """Zone, currency and genesis as they stand."""
        with self.reading() as rows:
            stated = rows.execute("SELECT zone, currency, genesis FROM settings").fetchall()
        if [tuple(map(type, row)) for row in stated] != [(str, str, bytes)]:
            raise _damaged("its settings are gone")
        zone, currency, genesis = stated[0]
        return zone, currency, genesis

    def head(self) -> tuple[int, bytes]:
        """The position and the hash that the log says it ends with."""
        with self.reading() as rows:
            return _head(rows)

    def rare_topics(self) -> list[str]:
        """The stored type names that occur beside the common ones, one look-up each."""
        topics: list[str] = []
        with self.reading() as rows:
            rare = f"stored_events INDEXED BY by_topic WHERE {RARE}"
            statement = f"SELECT topic FROM {rare} AND topic > ? ORDER BY topic LIMIT 1"  # noqa: S608
            while found := rows.execute(statement, (topics[-1] if topics else "",)).fetchone():
                topics.append(found[0])
        return topics

    def entry(self, position: int) -> Row | None:
        """The entry at a position."""
        return self._one("rowid = ?", position)

    def find(self, stream: str, key: str) -> Row | None:
        """The entry of a stream that bears a key."""
        return self._one("originator_id = ? AND key = ?", stream, key)

    def _one(self, condition: str, *values: object) -> Row | None:
        with self.reading() as rows:
            statement = f"SELECT {ROW} FROM stored_events WHERE {condition}"  # noqa: S608
            row: Row | None = rows.execute(statement, values).fetchone()
            return row

    def recorded_by(self, time: int) -> int:
        """The last position recorded at or before a time: times never run backwards, so halve."""
        low, (high, _) = 0, self.head()
        with self.reading() as rows:
            while low < high:
                middle = (low + high + 1) // 2
                statement = "SELECT recorded_at FROM stored_events WHERE rowid = ?"
                found = rows.execute(statement, (middle,)).fetchone()
                if found is None or type(found[0]) is not int:
                    raise _damaged(f"when position {middle} was recorded is gone")
                low, high = (middle, high) if found[0] <= time else (low, middle - 1)
        return low

    def clocked(self, known: int) -> bool:
        """Whether an entry up to a position was recorded under SOURCE_DATE_EPOCH."""
        with self.reading() as rows:
            statement = "SELECT 1 FROM stored_events WHERE clock = 1 AND rowid <= ? LIMIT 1"
            return rows.execute(statement, (known,)).fetchone() is not None


def marks(values: Sequence[object]) -> str:
    """The placeholders for so many values."""
    return ",".join("?" * len(values))


def plain_rows(cursor: SQLiteCursor) -> sqlite3.Cursor:
    """The library's cursor, its rows as tuples."""
    rows: sqlite3.Cursor = cursor.sqlite_cursor
    rows.row_factory = None
    return rows


def _head(rows: sqlite3.Cursor) -> tuple[int, bytes]:
    stated = rows.execute("SELECT position, hash FROM head").fetchall()
    if [tuple(map(type, row)) for row in stated] != [(int, bytes)]:
        raise _damaged("where the log ends is gone")
    position, digest = stated[0]
    return position, digest


def _damaged(what: str) -> Fault:
    return Fault(f"{what}: run `marginbook verify`, and go back to a copy")


def _described(stored: StoredEvent, recorded_at: int) -> tuple[str | None, int, int]:
    """Key, time and place of an event; of what is no event of ours, when it was recorded."""
    try:
        event = decode_event(stored.topic, stored.state)
    except UnknownTopic:
        return None, recorded_at, 0
    return event.id, clock.microseconds(event.at), place(event)
