"""Where the rows of several files meet: a temporary database sorts them, and weeds out doubles.

The one trick: rows are kept as the text they are, so memory stays constant however long the files,
and nothing depends on the order of files or of rows. A row without an id of the venue's is called
by a digest of what it says; rows that are alike within one file are so many, and the same rows in
another file are the same so many again: of all files, the one that has most of them counts.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from adapters.importers.layout import Kept, Key, Layout
from adapters.importers.reading import Fault, Ignored, Outcome, SourceFile
from adapters.importers.table import SAVED_BY_SPREADSHEET
from adapters.importers.unread import UNREAD, fault_of

TWIN = "the same row stands elsewhere in these files"

_BETWEEN = "\x1f"  # what parts the cells of a row, kept as one text
_COUNTED = "~"  # begins the family of rows that have no id of the venue's
_BATCH = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SHORTENED = re.compile(r"(?<![A-Za-z0-9.])\d(?:\.\d+)?E\+\d\d(?![A-Za-z0-9])")
_FIRST_YEAR, _LAST_YEAR = 1990, 2200  # before money was kept on computers; beyond any report

_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -24000;
    CREATE TABLE rows (
        n INTEGER PRIMARY KEY, file INT, line INT, layout INT, at INT, family, id, bundle, cells,
        user, part INT
    );
    CREATE TEMP TABLE gone (n INT);
    CREATE TEMP TABLE called (n INT, id);
"""

_TWINS = "SELECT family, id FROM rows GROUP BY family, id HAVING count(*) > 1"
_ALIKE = """
    SELECT n, file, line, layout, at, family, id, bundle, cells, part FROM rows
    WHERE family = ? AND id = ? ORDER BY file, cells, line
"""
_FULLEST_FILE = """
    SELECT file, part FROM rows WHERE family = ? AND id = ? GROUP BY file, part
    ORDER BY count(*) DESC, sum(fullness(cells)) DESC, min(cells) LIMIT 1
"""
_FULLEST_ROW = """
    SELECT min(n), file, line, layout, at, family, id, bundle, cells FROM rows
    WHERE family = ? AND id = ? GROUP BY cells
    ORDER BY fullness(cells) DESC, count(*) DESC, cells LIMIT 1
"""

_ALONE = "at"
_TOGETHER = """
    CASE WHEN bundle = '' THEN at
    ELSE (SELECT min(at) FROM rows g WHERE g.bundle = rows.bundle) END
"""

Same = Callable[[tuple[Layout, Kept], tuple[Layout, Kept]], bool]
"""Whether two rows of one id say the same."""


class Spool:
    """All rows of one import of a venue's files."""

    def __init__(self, files: Sequence[SourceFile]) -> None:
        self._files = files
        self._layouts: list[Layout] = []
        # The empty name is a file of its own, which is gone when closed.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLES)
        self._database.create_function("fullness", 1, _fullness, deterministic=True)
        self._database.execute("BEGIN")

    def close(self) -> None:
        self._database.close()

    def take_in(self, file: int, layout: Layout) -> Iterator[Outcome]:
        """Keep the rows of one of the files; yield what is none."""
        self._layouts.append(layout)
        source, number, key = self._files[file], len(self._layouts) - 1, layout.key
        family, counted = layout.family, f"{_COUNTED}{layout.family}"
        user = layout.columns.index(layout.user) if layout.user else None
        batch: list[tuple[Any, ...]] = []
        for row in layout.rows(source):
            if isinstance(row, Fault):
                yield row
                continue
            line, cells, part = row
            text = _BETWEEN.join(cells)
            if text.count(_BETWEEN) != len(cells) - 1:
                yield Fault(file=source, line=line, problem="has control characters")
                continue
            try:
                found = key(cells)
            except UNREAD as error:
                yield fault_of(error, source, line)
                continue
            if not isinstance(found, Key):
                yield Ignored(source, line, found)
                continue
            if "E+" in (names := f"{found.id} {found.bundle}") and (
                shortened := _SHORTENED.search(names)
            ):
                yield Fault(
                    file=source,
                    line=line,
                    value=shortened[0],
                    problem="is an id that a spreadsheet shortened: others may look the same",
                    hint=SAVED_BY_SPREADSHEET,
                )
                continue
            if not _FIRST_YEAR <= found.at.year <= _LAST_YEAR:
                problem = f"is of the year {found.at.year}"
                yield Fault(file=source, line=line, problem=problem, hint=SAVED_BY_SPREADSHEET)
                continue
            at = (found.at - _EPOCH) // _MICROSECOND
            named = family if found.id else counted
            told = cells[user] if user is not None else ""
            batch.append(
                (file, line, number, at, named, found.name, found.bundle, text, told, part)
            )
            if len(batch) == _BATCH:
                self._insert(batch)
        self._insert(batch)

    def _insert(self, batch: list[tuple[Any, ...]]) -> None:
        insert = "INSERT INTO rows VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self._database.executemany(insert, batch)
        batch.clear()

    def others(self) -> Iterator[Outcome]:
        """Take out rows of other users than the first by name: sub-accounts have their own."""
        run = self._database.execute
        users = [
            user for (user,) in run("SELECT DISTINCT user FROM rows WHERE user <> '' ORDER BY 1")
        ]
        if len(users) < 2:
            return
        for file, line, user in run("SELECT file, line, user FROM rows WHERE user > ?", users[:1]):
            yield Fault(
                file=self._files[file],
                line=line,
                value=user,
                problem=f"is of another user, or sub-account, than {users[0]}, whose rows are read",
                hint="Import the files of each user by themselves, with --account",
            )
        run("DELETE FROM rows WHERE user > ?", users[:1])

    def twins(self, same: Same) -> Iterator[Outcome]:
        """Take out rows that others say already, and name those apart that are only alike.

        A row whose id stands elsewhere with other content is a fault.
        """
        run = self._database.execute
        run("CREATE INDEX names ON rows (family, id)")
        for called in run(_TWINS):
            if called[0].startswith(_COUNTED):
                yield from self._counted(called)
            else:
                yield from self._one_of(called, same)
        run("DELETE FROM rows WHERE n IN (SELECT n FROM gone)")
        run("UPDATE rows SET id = called.id FROM called WHERE called.n = rows.n")

    def _counted(self, called: tuple[str, str]) -> Iterator[Outcome]:
        """Rows that are alike: those of the file that has most of them, the second as `NAME/2`.

        Files that were joined into one are files of their own.
        """
        run = self._database.execute
        (fullest,) = run(_FULLEST_FILE, called)
        count = 0
        for n, file, line, *_, part in run(_ALIKE, called):
            if (file, part) != fullest:
                run("INSERT INTO gone VALUES (?)", (n,))
                yield Ignored(self._files[file], line, TWIN)
                continue
            count += 1
            if count > 1:
                run("INSERT INTO called VALUES (?, ?)", (n, f"{called[1]}/{count}"))

    def _one_of(self, called: tuple[str, str], same: Same) -> Iterator[Outcome]:
        """Rows of one id: the fullest counts, or what most of them say; others contradict it."""
        run = self._database.execute
        kept = run(_FULLEST_ROW, called).fetchone()
        for row in run(_ALIKE, called):
            if row[0] == kept[0]:
                continue
            run("INSERT INTO gone VALUES (?)", (row[0],))
            file = self._files[row[1]]
            if row[8] == kept[8] or same(self._kept(row), self._kept(kept)):
                yield Ignored(file, row[2], TWIN)
                continue
            where = f"{self._files[kept[1]].name}:{kept[2]}"
            yield Fault(
                file=file,
                line=row[2],
                value=row[6],
                problem=f"this id stands in {where} with other content, which was taken",
                hint="Was one of the files edited? Export both again",
            )

    def moments(self, *, spanning: bool) -> Iterator[list[tuple[Layout, Kept]]]:
        """Rows instant by instant, oldest first, those of one instant by id.

        Where bundles may be `spanning` several instants, theirs is that of their first row.
        """
        if spanning:
            self._database.execute("CREATE INDEX bundles ON rows (bundle, at)")
        moment = _TOGETHER if spanning else _ALONE
        rows = self._database.execute(
            f"SELECT n, file, line, layout, at, family, id, bundle, cells, {moment} AS moment"  # noqa: S608
            " FROM rows ORDER BY moment, at, id, family"
        )
        for _, together in groupby(rows, key=itemgetter(9)):
            yield [self._kept(row) for row in together]

    def _kept(self, row: Sequence[Any]) -> tuple[Layout, Kept]:
        _, file, line, layout, at, _, name, bundle, cells = row[:9]
        kept = Kept(
            self._files[file],
            line,
            name,
            _EPOCH + timedelta(microseconds=at),
            bundle,
            tuple(cells.split(_BETWEEN)),
        )
        return self._layouts[layout], kept


def _fullness(cells: str) -> int:
    """How much a row says: its cells that are not empty."""
    return sum(map(bool, cells.split(_BETWEEN)))
