"""Where the rows of several files meet: a temporary database sorts them, and weeds out doubles.

The one trick: rows are kept as the text they are, so memory stays constant however long the files,
and nothing depends on the order of files or of rows. A row without an id of the venue's is called
by a digest of what it says; rows that are alike within one file are so many, and the same rows in
another file are the same so many again: of two files, the one that has more of them counts. Files
that somebody put into one, each with its header, are still several.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from adapters.importers.layout import Kept, Key, Layout
from adapters.importers.reading import Fault, Ignored, Outcome, SourceFile
from adapters.importers.table import SPREADSHEET, Misread

TWIN = "the same row stands elsewhere in these files"

_BETWEEN = "\x1f"  # what parts the cells of a row, kept as one text
_BATCH = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_YEAR, _LAST_YEAR = 1990, 2200  # before money was kept on computers; beyond any report

_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -24000;
    CREATE TABLE rows (
        n INTEGER PRIMARY KEY, file INT, line INT, layout INT, at INT, family, id, bundle, cells,
        part INT
    );
    CREATE TEMP TABLE gone (n INT);
    CREATE TEMP TABLE called (n INT, id);
"""

_TWINS = """
    SELECT n, file, line, layout, at, family, id, bundle, cells, part FROM rows
    WHERE (family, id) IN (SELECT family, id FROM rows GROUP BY family, id HAVING count(*) > 1)
    ORDER BY family, id, file, line
"""

_ALONE = "at"
_TOGETHER = """
    CASE WHEN bundle = '' THEN at
    ELSE (SELECT min(at) FROM rows g WHERE g.bundle = rows.bundle) END
"""

_Stored = tuple[int, int, int, int, int, str, str, str, str, int]

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
        self._database.execute("BEGIN")

    def close(self) -> None:
        self._database.close()

    def take_in(self, file: int, layout: Layout) -> Iterator[Outcome]:
        """Keep the rows of one of the files; yield what is none."""
        self._layouts.append(layout)
        source, number, family, key = (
            self._files[file],
            len(self._layouts) - 1,
            layout.family,
            layout.key,
        )
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
            except Misread as misread:
                yield misread.fault(source, line)
                continue
            if not isinstance(found, Key):
                yield Ignored(source, line, found)
                continue
            if not _FIRST_YEAR <= found.at.year <= _LAST_YEAR:
                problem = f"is of the year {found.at.year}"
                yield Fault(file=source, line=line, problem=problem, hint=f"W{SPREADSHEET[1:]}")
                continue
            at = (found.at - _EPOCH) // _MICROSECOND
            batch.append((file, line, number, at, family, found.name, found.bundle, text, part))
            if len(batch) == _BATCH:
                self._insert(batch)
        self._insert(batch)

    def _insert(self, batch: list[tuple[Any, ...]]) -> None:
        self._database.executemany(
            "INSERT INTO rows VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", batch
        )
        batch.clear()

    def twins(self, same: Same) -> Iterator[Outcome]:
        """Take out rows that others say already, and name those apart that are only alike.

        A row whose id stands elsewhere with other content is a fault.
        """
        run = self._database.execute
        run("CREATE INDEX names ON rows (family, id)")
        for (_, name), rows in groupby(run(_TWINS), key=itemgetter(5, 6)):
            if name.startswith("~"):
                yield from self._counted(rows)
            else:
                yield from self._one_of([*rows], same)
        run("DELETE FROM rows WHERE n IN (SELECT n FROM gone)")
        run("UPDATE rows SET id = called.id FROM called WHERE called.n = rows.n")

    def _counted(self, rows: Iterator[_Stored]) -> Iterator[Outcome]:
        """Rows that are alike: the second of one file is `NAME/2`, in whichever file it stands."""
        most = 0
        for (file, _), alike in groupby(rows, key=itemgetter(1, 9)):
            before, count = most, 0
            for count, row in enumerate(alike, start=1):
                if count <= before:
                    self._database.execute("INSERT INTO gone VALUES (?)", (row[0],))
                    yield Ignored(self._files[file], row[2], TWIN)
                elif count > 1:
                    name = f"{row[6]}/{count}"
                    self._database.execute("INSERT INTO called VALUES (?, ?)", (row[0], name))
            most = max(most, count)

    def _one_of(self, rows: list[_Stored], same: Same) -> Iterator[Outcome]:
        """Rows of one id: the fullest counts, the others say the same or are faults."""
        kept = max(rows, key=lambda row: sum(map(bool, row[8].split(_BETWEEN))))
        for row in rows:
            if row is kept:
                continue
            self._database.execute("INSERT INTO gone VALUES (?)", (row[0],))
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
