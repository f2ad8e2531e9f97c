"""SQLite as the log uses it: how a connection is opened, and what its faults mean to a person.

The pool, its locks and its transactions are the library's. What is ours: a file is opened only in
the way that was asked for, a commit is on the disk when it returns, and replacing a row is deleting
it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import monotonic, sleep

from eventsourcing.domain import EventSourcingError
from eventsourcing.persistence import ConnectionPoolClosedError, ConnectionUnavailableError
from eventsourcing.sqlite import SQLiteConnection, SQLiteConnectionPool, SQLiteDatastore

from domain.errors import LogError

MEMORY = ":memory:"
"""The path of a book that lives as long as its `Log`."""

_PATIENCE = 30  # seconds to wait for another writer
_PRAGMAS = (
    "synchronous = FULL",  # what was acknowledged survives a power cut
    "recursive_triggers = ON",  # INSERT OR REPLACE meets the triggers against deleting
    "trusted_schema = OFF",  # a file from elsewhere runs nothing
    "cell_size_check = ON",  # a damaged page is noticed early
    "cache_size = -32000",  # 32 MB: a long import writes its pages once
)
_books_in_memory = count(1)


def database_at(path: Path | str, *, create: bool, read_only: bool) -> "Database":
    """The book at a path. Raises `LogError` if there is none and `create` is not given."""
    file = Path(path)
    with told(str(path)):
        if path != MEMORY:
            if file.is_dir():
                raise Fault("this is a folder: name the book's file in it")
            if not file.exists() and not create:
                raise Fault("there is no book here: make one with `marginbook init`")
            if not file.absolute().parent.is_dir():
                raise Fault(f"there is no folder {file.parent}: make it first")
        return Database(path, read_only=read_only, create=create)


class Database(SQLiteDatastore):
    """The connections to one book. Stream ids are texts; writers queue for up to 30 seconds."""

    def __init__(self, path: Path | str, *, read_only: bool = False, create: bool = False) -> None:
        self.name = str(path)
        address = _address(path, "ro" if read_only else "rwc" if create else "rw")
        super().__init__(address, originator_id_type="text")
        self.pool = _Pool(db_name=address, lock_timeout=_PATIENCE, pool_timeout=_PATIENCE)
        self.pool.is_journal_mode_wal = True  # as it is: only a new book is switched to it

    def close(self) -> None:
        """Close, once no other thread is reading: a connection closed under it would crash it."""
        end = monotonic() + _PATIENCE
        while self.pool.num_in_use and monotonic() < end:
            sleep(0.01)
        super().close()


class _Pool(SQLiteConnectionPool):
    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        try:
            for pragma in _PRAGMAS:
                connection.cursor().execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection


def _address(path: Path | str, mode: str) -> str:
    if path == MEMORY:
        return f"file:marginbook-{next(_books_in_memory)}?mode=memory&cache=shared"
    file = Path(path).absolute()
    if mode == "ro" and not os.access(file.parent, os.W_OK) and not wal_of(file).exists():
        mode = "ro&immutable=1"  # a folder that no one can write, a CD: SQLite cannot lock there
    return f"{file.as_uri()}?mode={mode}"


def wal_of(file: Path) -> Path:
    """The file in which SQLite keeps commits that are not yet in the book's own file."""
    return file.with_name(f"{file.name}-wal")


class Fault(LogError):
    """What is wrong with a book, before it is said with which."""


@contextmanager
def told(book: str) -> Iterator[None]:
    """Tell what is wrong as a `LogError` that says with which book, and what to do."""
    try:
        yield
    except Fault as fault:
        msg = f"{book}: {fault}"
        raise LogError(msg) from fault
    except (sqlite3.Error, EventSourcingError, UnicodeDecodeError, PermissionError) as fault:
        msg = f"{book}: {_meaning(fault)}"
        raise LogError(msg) from fault


def _meaning(fault: BaseException) -> str:
    if isinstance(fault, ConnectionUnavailableError):
        return _MEANINGS["SQLITE_BUSY"]
    if isinstance(fault, PermissionError):
        return _MEANINGS["SQLITE_PERM"]
    if isinstance(fault, ConnectionPoolClosedError):
        return "this book was closed: open it again."
    if isinstance(fault, UnicodeDecodeError):  # even the complaint about it cannot be read
        return _MEANINGS["SQLITE_CORRUPT"]
    cause: BaseException | None = fault
    while cause is not None and not isinstance(cause, sqlite3.Error):
        cause = cause.__cause__
    name = getattr(cause, "sqlite_errorname", "")
    for start, meaning in _MEANINGS.items():
        if name.startswith(start):
            return meaning
    return f"the database answers: {cause or fault}. {_DAMAGED}"


_NOTHING = "Nothing of this was recorded"
_DAMAGED = "Run `marginbook verify` to see what is damaged, and go back to a copy."
_PERMISSIONS = "check the permissions of the file and its folder."
_MEANINGS = {
    "SQLITE_FULL": f"the disk is full. {_NOTHING}: make room and run it again.",
    "SQLITE_BUSY": f"another program has been writing for {_PATIENCE} s. {_NOTHING}: try later.",
    "SQLITE_LOCKED": f"it is being written. {_NOTHING}: try again.",
    "SQLITE_READONLY": f"it cannot be written: {_PERMISSIONS}",
    "SQLITE_PERM": f"access was denied: {_PERMISSIONS}",
    "SQLITE_CANTOPEN": f"it cannot be opened: {_PERMISSIONS}",
    "SQLITE_IOERR": f"the disk failed. {_NOTHING}: check the disk, then run `marginbook verify`.",
    "SQLITE_NOTADB": "the file is no book: is it the one you meant?",
    "SQLITE_CORRUPT": f"the file is damaged. {_DAMAGED}",
}
