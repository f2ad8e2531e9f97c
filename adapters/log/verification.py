"""Verification: one named pass for each thing that could lie.

Everything stored is read once, in order of position, and shown to every pass; each remembers the
first fault it finds. A pass is in order only if it has seen the whole log: where the file cannot be
read on, that is the fault of all that were still reading.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, frozen

from adapters.log.chain import Head, Settings
from adapters.log.passes import (
    Anchor,
    Chain,
    Check,
    Columns,
    Events,
    Keys,
    Positions,
    StoredEntry,
    Times,
    Versions,
    differ,
    in_hex,
)
from adapters.log.recorder import LogRecorder
from adapters.log.schema import PAPER_APPLICATION, SCHEMA
from projections.report import Report

_PAGE = 2000
_ENTRIES = (
    "SELECT rowid, originator_id, originator_version, topic, state, key, recorded_at, clock,"
    " effective_at, place, hash FROM stored_events NOT INDEXED"
    " WHERE rowid >= ? AND rowid <= ? ORDER BY rowid LIMIT ?"
)
_TWINS = (
    "SELECT originator_id, key, count(*) FROM stored_events WHERE key IS NOT NULL"
    " GROUP BY originator_id, key HAVING count(*) > 1 LIMIT 1"
)

Looked = tuple[int, str | None]
"""How many things were looked at, and the first fault."""


@frozen
class Pass(Report):
    """One thing that was checked: `first_fault` says where, what was expected, what was found."""

    name: str
    ok: bool
    checked: int
    first_fault: str | None = None


@frozen
class Verification(Report):
    """What `verify` found; `events` and `head` say how far the log could be read."""

    passes: tuple[Pass, ...]
    events: int
    head: Head

    @property
    def ok(self) -> bool:
        return all(one.ok for one in self.passes)

    def to_dict(self) -> dict[str, Any]:
        """The verification as JSON values."""
        return {"ok": self.ok, **super().to_dict()}


def verify(recorder: LogRecorder, head: Head | None = None) -> Verification:
    """Check a log; with a head that was noted earlier, also that the log still contains it."""
    with _as_it_stands(recorder) as rows:
        looks = (("file", _file), ("tables", _tables), ("settings", _settings))
        once = [_looked(name, look, rows) for name, look in looks]
        stated = rows.execute("SELECT position, hash FROM head").fetchone()
        (genesis,) = rows.execute("SELECT genesis FROM settings").fetchone() or (b"",)
        (last,) = rows.execute("SELECT max(rowid) FROM stored_events").fetchone()
        twins = rows.execute(_TWINS).fetchone()
    checks: list[Check] = [
        Chain(genesis),
        Positions(stated, genesis),
        Versions(),
        Keys(twins),
        Columns(),
        Events(),
        Times(),
    ]
    if head is not None:
        checks.append(Anchor(head, genesis))
    return _verified(recorder, last or 0, once, [_Running(check) for check in checks], genesis)


def _verified(
    recorder: LogRecorder, last: int, once: list[Pass], running: list["_Running"], genesis: bytes
) -> Verification:
    events, position, digest = 0, 0, genesis
    try:
        for entry in _entries(recorder, last):
            for one in running:
                one.see(entry)
            events, position, digest = events + 1, entry.position, entry.hash
    except sqlite3.Error as problem:
        for one in running:
            one.stop(f"after position {position}: the file cannot be read on: {problem}")
    passes = (*once, *(one.result() for one in running))
    return Verification(passes, events, Head(position, in_hex(digest)))


@define
class _Running:
    """A check under way."""

    check: Check
    checked: int = 0
    fault: str | None = None

    def see(self, entry: StoredEntry) -> None:
        if self.fault is None:
            self.checked += 1
            try:
                wrong = self.check.see(entry)
            except Exception as problem:
                wrong = f"cannot be checked: {problem!r}"
            if wrong:
                self.fault = f"position {entry.position}: {wrong}"

    def stop(self, fault: str) -> None:
        self.fault = self.fault or fault

    def result(self) -> Pass:
        return _pass(self.check.name, self.checked, self.fault or self.check.end())


def _pass(name: str, checked: int, fault: str | None) -> Pass:
    """A pass whose fault can be printed, also where it shows bytes that are no text."""
    told = fault and fault.encode(errors="backslashreplace").decode()
    return Pass(name, fault is None, checked, told)


# What needs no reading of the log ---------------------------------------------------------------


def _file(rows: sqlite3.Cursor) -> Looked:
    """SQLite's own check: pages, indexes against tables, constraints."""
    (pages,) = rows.execute("PRAGMA page_count").fetchone()
    (said,) = rows.execute("PRAGMA integrity_check(1)").fetchone()
    return pages, None if said == "ok" else " ".join(said.split())


def _tables(rows: sqlite3.Cursor) -> Looked:
    """Tables, indexes and triggers are those that a book is made with."""
    found = dict(rows.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    for name, made in SCHEMA.items():
        if found.get(name) != made:
            return len(SCHEMA), f"{name} {'was changed' if name in found else 'is missing'}"
    for (trigger,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        if trigger not in SCHEMA:
            return len(SCHEMA), f"{trigger} is none of ours"
    return len(SCHEMA), None


def _settings(rows: sqlite3.Cursor) -> Looked:
    """Zone, currency and the mark of a paper book are those that the chain begins with."""
    ((zone, currency, found),) = rows.execute("SELECT zone, currency, genesis FROM settings")
    ((application,),) = rows.execute("PRAGMA application_id")
    paper = application == PAPER_APPLICATION
    expected = Settings(zone=zone, currency=currency, paper=paper).genesis
    return 1, None if found == expected else differ(expected, found)


def _looked(name: str, look: Callable[[sqlite3.Cursor], Looked], rows: sqlite3.Cursor) -> Pass:
    try:
        checked, fault = look(rows)
    except Exception as problem:
        checked, fault = 0, f"cannot be checked: {problem!r}"
    return _pass(name, checked, fault)


# Reading what stands there ----------------------------------------------------------------------


def _entries(recorder: LogRecorder, last: int) -> Iterator[StoredEntry]:
    """Every entry up to a position, whatever position it claims."""
    beyond = -(2**63)
    while True:
        with _as_it_stands(recorder) as rows:
            page = rows.execute(_ENTRIES, (beyond, last, _PAGE)).fetchall()
        for row in page:
            yield StoredEntry(row)
        if len(page) < _PAGE:
            return
        beyond = page[-1][0] + 1


@contextmanager
def _as_it_stands(recorder: LogRecorder) -> Iterator[sqlite3.Cursor]:
    """A cursor that reads texts even where they are no longer UTF-8."""
    with recorder.reading() as rows:
        rows.connection.text_factory = _text
        try:
            yield rows
        finally:
            rows.connection.text_factory = str


def _text(stored: bytes) -> str:
    return stored.decode(errors="surrogateescape")
