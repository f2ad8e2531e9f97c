"""Reading the log in SQLite, page by page.

A page is read, the database is let go, its entries are handed out, and the next page begins where
this one ended: memory stays constant, no reader keeps a writer's journal from being tidied, and
what is appended meanwhile lies behind the last position that counts.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from math import isqrt

from attrs import frozen

from adapters.log.recorder import ROW, LogRecorder, marks
from adapters.log.schema import COMMON, RARE
from adapters.log.tail import Row

PAGE = 5000
"""How many entries are read at a time."""

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


Reading = Callable[[], AbstractContextManager[sqlite3.Cursor]]
"""A cursor for the length of a block."""


def pages(recorder: LogRecorder, wanted: Selection, size: int = PAGE) -> Iterator[list[Row]]:
    """The entries of a selection, in lists."""
    return pages_read(recorder.reading, wanted, size)


def pages_read(reading: Reading, wanted: Selection, size: int = PAGE) -> Iterator[list[Row]]:
    """The same by cursors of one's own."""
    with reading() as rows:
        index = way_in(rows, wanted, size)
    condition, values = _condition(wanted)
    select = f"SELECT {ROW} FROM stored_events {index} WHERE {condition}"  # noqa: S608
    page_after = _replay_page if wanted.replay else _log_page
    last: Row | None = None
    while True:
        with reading() as rows:
            page = page_after(rows, select, values, last, size)
        if not page:
            return
        yield page
        last = page[-1]


def _log_page(
    rows: sqlite3.Cursor, select: str, values: list[object], last: Row | None, size: int
) -> list[Row]:
    position = last[0] if last else 0
    statement = f"{select} AND rowid > ? ORDER BY rowid LIMIT ?"
    return rows.execute(statement, (*values, position, size)).fetchall()


def _replay_page(
    rows: sqlite3.Cursor, select: str, values: list[object], last: Row | None, size: int
) -> list[Row]:
    """The rest of the last entry's instant, then what comes after.

    One comparison of (effective_at, place, rowid) would say the same, but SQLite seeks by the first
    two alone and walks through an instant's entries anew for every page.
    """
    position, (effective_at, place) = (last[0], last[-2:]) if last else (0, (_BEFORE_ALL, 0))
    statement = f"{select} AND effective_at = ? AND place = ? AND rowid > ? ORDER BY rowid LIMIT ?"
    page = rows.execute(statement, (*values, effective_at, place, position, size)).fetchall()
    if len(page) < size:
        statement = (
            f"{select} AND (effective_at, place) > (?, ?)"
            " ORDER BY effective_at, place, rowid LIMIT ?"
        )
        page += rows.execute(statement, (*values, effective_at, place, size - len(page)))
    return page


def _condition(wanted: Selection) -> tuple[str, list[object]]:
    terms: list[str] = ["rowid <= ?"]
    values: list[object] = [wanted.known]
    for term, bound in (
        ("rowid > ?", wanted.since or None),
        ("effective_at <= ?", wanted.at_or_before),
        ("effective_at > ?", wanted.after),
    ):
        if bound is not None:
            terms.append(term)
            values.append(bound)
    for column, names in (("originator_id", wanted.streams), ("topic", wanted.topics)):
        if names is not None:
            terms.append(f"{column} IN ({marks(names)})")
            values += names
    if _all_rare(wanted.topics):
        terms.append(RARE)
    return " AND ".join(terms), values


def _all_rare(topics: Sequence[str] | None) -> bool:
    return bool(topics) and not set(topics or ()).intersection(COMMON)


def way_in(rows: sqlite3.Cursor, wanted: Selection, size: int) -> str:
    """The way into the table that costs least.

    Few entries are best found by their stream or topic and sorted for each page. Sorting n entries
    for n / size pages must not cost more than going through the whole log once.
    """
    few = isqrt(size * wanted.known)
    topics = wanted.topics if _all_rare(wanted.topics) else None
    for index, term, names in (
        ("by_stream", "originator_id IN", wanted.streams),
        ("by_topic", f"{RARE} AND topic IN", topics),
    ):
        if names is not None:
            counted = f"stored_events INDEXED BY {index} WHERE {term} ({marks(names)})"
            statement = f"SELECT count(*) FROM (SELECT 1 FROM {counted} LIMIT ?)"  # noqa: S608
            ((found,),) = rows.execute(statement, (*names, few + 1))
            if found <= few:
                return f"INDEXED BY {index}"
    return "INDEXED BY by_time" if wanted.replay else "NOT INDEXED"
