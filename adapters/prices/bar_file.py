"""The bars of one file, oldest first, each once; what is no bar is a fault with its line.

The one trick: rows meet in a temporary SQLite database, which sorts them, so that memory stays
constant however long the file and whatever the order of its rows. The interval is told, or stands
in the file's name, or is the smallest distance between two bars; every distance must be a multiple
of it, for a row between the bars would make the close of each count at a wrong time.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, Self

from attrs import evolve, frozen

from adapters import clock
from adapters.importers.reading import Fault, Ignored, SourceFile
from adapters.prices.archive import Damaged, unpacked
from adapters.prices.bar_columns import BarRow
from adapters.prices.bar_formats import BarFormat, format_of
from adapters.prices.pairs import LONGEST, Pair, Wanted, label, named_interval, pair_of, split
from domain.bar import Bar
from domain.errors import InvalidEvent
from projections.report import Report, instant

REPEATED = "the same bar stands in another row of this file"
IN_DOUBT = "not recorded, because it is not known when these bars end"

_BATCH = 1000
_TABLE = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -32000;
    CREATE TABLE row (line INT, at INT, ends INT, symbol, open, high, low, close, volume);
"""


@frozen(kw_only=True)
class Series(Report):
    """What a file holds: how many bars, how many candles between them are missing, and since when.

    `first` and `last` are the instants at which bars open. `pair_from`, `interval_from` and
    `venue_from` say how the pair, the interval and the venue ("": unknown) are known.
    """

    asset: str
    quote: str
    pair_from: str
    interval: str
    interval_from: str
    bars: int
    missing: int
    first: datetime
    last: datetime
    venue: str
    venue_from: str


class Placed(NamedTuple):
    """A bar and the line it was read from."""

    bar: Bar
    line: int


def opened(path: Path, wanted: Wanted) -> "BarFile":
    """The bars of the file at a path, to be closed. Raises `UnknownName` for an unknown format."""
    return BarFile(SourceFile(path=path, sha256=""), format_of(path, wanted), wanted)


class BarFile:
    """The bars of one file. Ask for `outcomes` first, then iterate as often as you like.

    Raises `BookError` while reading where the pair is not known.
    """

    def __init__(self, file: SourceFile, format: BarFormat, wanted: Wanted) -> None:  # noqa: A002
        self.series: Series | None = None
        """What the file holds; None before `outcomes` were asked for, or if it holds no bar."""
        self.name = file.name
        """What the table is called: within an archive it has a name of its own."""
        self.venue = format.venue if wanted.venue is None else wanted.venue
        self._file = file
        self._format = format
        self._wanted = wanted
        self._pair: Pair | None = None
        self._symbol = ""
        self._interval: timedelta | None = None
        # The empty name is a file of its own, which is gone when closed.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLE)
        self._database.execute("BEGIN")

    def close(self) -> None:
        """Let the rows go."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Bar]:
        """The bars, oldest first; none where it is in doubt when they end."""
        if self.series is None:
            return iter(())
        return (placed.bar for placed in self._judged() if isinstance(placed, Placed))

    def faults(self) -> list[Fault]:
        """What cannot be read; then the bars can be had, and `series` is known."""
        return [outcome for outcome in self.outcomes() if isinstance(outcome, Fault)]

    def outcomes(self) -> Iterator[Placed | Ignored | Fault]:
        """Every row as what it is: first those that cannot be read, then by the time of the bar."""
        yield from self._take_in()
        self._symbol = self._first("SELECT symbol FROM row GROUP BY 1 ORDER BY count(*) DESC, 1")
        if self._symbol is None:
            return
        self._pair = pair_of(self.name, self._symbol, self._wanted)
        interval_from = self._set_interval()
        if isinstance(interval_from, Fault):
            yield interval_from
            yield from (Ignored(self._file, line, IN_DOUBT) for line in self._lines())
            return
        yield from self._told(interval_from)

    def _told(self, interval_from: str) -> Iterator[Placed | Ignored | Fault]:
        """The outcomes of the rows that can be read; what they are together is `series`."""
        bars = missing = 0
        first = before = None
        width = self._interval
        for outcome in self._judged():
            if isinstance(outcome, Placed):
                bar = outcome.bar
                bars, first, width = bars + 1, first or bar, width or bar.ends - bar.at
                missing += 0 if before is None else (bar.at - before.ends) // width
                before = bar
            yield outcome
        if first and before and width and self._pair:
            self.series = Series(
                asset=self._pair.asset,
                quote=self._pair.quote,
                pair_from=self._pair.told_by,
                interval=label(width),
                interval_from=interval_from,
                bars=bars,
                missing=missing,
                first=first.at,
                last=before.at,
                venue=self.venue,
                venue_from="--venue"
                if self._wanted.venue is not None
                else self.venue and "the format",
            )

    # Rows in -------------------------------------------------------------------------------------

    def _take_in(self) -> Iterator[Fault]:
        """Keep every row that can be read; yield the others."""
        try:
            with unpacked(self._file, self._wanted) as table:
                self.name = table.name
                rows = self._format.rows(table)
                while batch := list(islice(rows, _BATCH)):
                    faults = [row for row in batch if isinstance(row, Fault)]
                    kept = (_kept(row) for row in batch if isinstance(row, BarRow))
                    self._database.executemany(_INSERT, kept)
                    yield from (evolve(fault, file=self._file) for fault in faults)
        except Damaged as problem:
            hint = "Download it again, or unpack it"
            said = f"cannot be unpacked: {problem}"
            yield Fault(file=self._file, line=0, problem=said, hint=hint, counts=False)

    def _set_interval(self) -> str | Fault:
        """Learn how long the bars are, and how that is known; or what speaks against it."""
        told, named = self._wanted.interval, named_interval(self.name)
        if self._first("SELECT 1 FROM row WHERE ends IS NOT NULL"):
            other = told and self._row(_OTHER, told // _MICROSECOND)
            if not told or not other:
                return "the end of each bar"
            lasts = label(timedelta(microseconds=other[2]))
            return self._doubt(other, f"this bar lasts {lasts}, not {label(told)} (--interval)")
        apart = timedelta(microseconds=self._first(_SMALLEST, self._symbol) or 0)
        if told:
            self._interval, known_by = told, "--interval"
        elif named:
            self._interval, known_by = named, "the file's name"
        elif timedelta() < apart <= LONGEST:
            self._interval, known_by = apart, "the smallest distance between two bars"
        else:
            problem = "does not say how long its bars are: no two are neighbours"
            return Fault(file=self._file, line=0, problem=problem, hint=_TELL, counts=False)
        between = self._row(_BETWEEN, self._symbol, self._interval // _MICROSECOND)
        if between is None:
            return known_by
        distance = label(timedelta(microseconds=between[2]))
        problem = f"this bar begins {distance} after the one before it, which is no multiple of"
        return self._doubt(between, f"{problem} {label(self._interval)} ({known_by})")

    def _doubt(self, row: tuple[Any, ...], problem: str) -> Fault:
        """What a row says of all of them: it is not known when they end."""
        return Fault(
            file=self._file,
            line=row[0],
            column="time",
            value=instant(clock.instant(row[1])),
            problem=problem,
            hint=f"If the row is wrong, take it out. {_TELL}",
            counts=False,
        )

    # Rows out ------------------------------------------------------------------------------------

    def _judged(self) -> Iterator[Placed | Ignored | Fault]:
        """The rows by the time of their bar: of equal ones one counts, of others none."""
        before: Bar | None = None
        rows = self._database.execute("SELECT * FROM row ORDER BY at, line")
        for _, same in groupby(rows, key=itemgetter(1)):
            group = list(same)
            made = [self._made(row) for row in group]
            placed = [one for one in made if isinstance(one, Placed)]
            yield from (one for one in made if isinstance(one, Fault))
            if any(one.bar != placed[0].bar for one in placed):
                yield from (self._conflict(one.line, placed) for one in placed)
                continue
            for one in placed[:1]:
                if before is not None and one.bar.at < before.ends:
                    yield self._overlap(one, before)
                    continue
                before = one.bar
                yield one
            yield from (Ignored(self._file, one.line, REPEATED) for one in placed[1:])

    def _made(self, row: tuple[Any, ...]) -> Placed | Fault:
        line, at, ends, symbol, *prices, volume = row
        if symbol != self._symbol and split(symbol) != split(self._symbol):
            problem = f"is another pair than the {self._symbol} of this file's other rows"
            return self._fault(line, "symbol", symbol, problem, "Give each pair a file of its own")
        begins = clock.instant(at)
        open_, high, low, close = map(Decimal, prices)
        asset, quote, _ = self._pair or Pair("", "", "")
        try:
            bar = Bar(
                at=begins,
                ends=begins + self._interval if self._interval else clock.instant(ends),
                asset=asset,
                quote=quote,
                open=open_,
                high=high,
                low=low,
                close=close,
                volume=None if volume is None else Decimal(volume),
            )
        except InvalidEvent as wrong:
            hint = "Are columns exchanged, or was the row edited? Export it again"
            return self._fault(line, wrong.field, str(wrong.value), wrong.problem, hint)
        return Placed(bar, line)

    def _conflict(self, line: int, placed: list[Placed]) -> Fault:
        others = ", ".join(str(one.line) for one in placed if one.line != line)
        at = instant(placed[0].bar.at)
        problem = f"the bar of this time stands in line {others} too, and not all of them are equal"
        return self._fault(line, "time", at, problem, "Which is right? Take the others out")

    def _overlap(self, one: Placed, before: Bar) -> Fault:
        problem = f"this bar begins before the one before it ends, at {instant(before.ends)}"
        hint = "Give bars of each interval a file of their own"
        return self._fault(one.line, "time", instant(one.bar.at), problem, hint)

    def _fault(self, line: int, column: str, value: str, problem: str, hint: str) -> Fault:
        return Fault(
            file=self._file, line=line, column=column, value=value, problem=problem, hint=hint
        )

    def _lines(self) -> Iterator[int]:
        return (line for (line,) in self._database.execute("SELECT line FROM row ORDER BY line"))

    def _row(self, query: str, *values: object) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._database.execute(query, values).fetchone()
        return found

    def _first(self, query: str, *values: object) -> Any:
        found = self._row(query, *values)
        return None if found is None else found[0]


_DISTANCES = """(
    SELECT line, at, at - lag(at) OVER (ORDER BY at, line) AS distance FROM row WHERE symbol = ?
)"""
_SMALLEST = f"SELECT min(distance) FROM {_DISTANCES} WHERE distance > 0"  # noqa: S608
_BETWEEN = f"SELECT line, at, distance FROM {_DISTANCES} WHERE distance % ? ORDER BY at"  # noqa: S608
_OTHER = "SELECT line, at, ends - at FROM row WHERE ends - at <> ? ORDER BY at"
_INSERT = "INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_MICROSECOND = timedelta(microseconds=1)
_TELL = "Tell how long the bars are with --interval (1440, 60m, 4h, 1d)"


def _kept(row: BarRow) -> tuple[Any, ...]:
    """A row as the database keeps it: numbers as the text they are."""
    line, at, ends, symbol, *numbers = row
    return line, at, ends, symbol, *(None if n is None else str(n) for n in numbers)
