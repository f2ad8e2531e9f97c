"""The formats of bar files: each knows its files by their first rows and reads every row of them.

The one trick: a format is no code but a reading of columns, one for the time, four for prices, and
perhaps the volume, the end and the pair (bar_columns.py).
Names of files decide nothing here.
Sources: Kraken, Downloadable historical OHLCVT data; Binance, public data (klines; timestamps of
spot files are microseconds from 2025-01-01 on, milliseconds before); CryptoDataDownload's files.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Misread, Table, no_text
from adapters.prices.archive import beginning_of, is_packed
from adapters.prices.bar_columns import PRICES, UNIX, BarRow, Columns, columns_of, row_of
from adapters.prices.pairs import Wanted
from adapters.prices.parquet_bars import ParquetBars
from domain.errors import UnknownName


class BarFormat(Protocol):
    """One way of writing bars. Instances hold no state."""

    name: str
    looks_like: str
    """What such a file begins with, for people."""
    venue: str
    """Who writes such files, as its accounts are called; "" where anybody does."""

    def recognise(self, beginning: bytes) -> bool:
        """Whether a file that begins so (up to 64 KiB of it) is of this format."""
        ...

    def rows(self, file: SourceFile) -> Iterator[BarRow | Fault]:
        """Every row in the file's own order, or the fault that it is."""
        ...


def format_of(path: Path, wanted: Wanted | None = None) -> BarFormat:
    """The format of a file, or of the table in an archive that is wanted.

    Raises `UnknownName` where it is none of those known here.
    """
    beginning = beginning_of(path, wanted or Wanted())
    for known in FORMATS:
        if known.recognise(beginning):
            return known
    problem = no_text(beginning) or "holds no bars of a format known here"
    if is_packed(beginning):
        problem = "is a ZIP archive or a workbook in which no table (CSV) can be read: is it whole?"
    looked_for = "\n".join(f"  {known.name}: {known.looks_like}" for known in FORMATS)
    problem += "" if problem.endswith("?") else "."
    msg = f"{path.name} {problem} Known are files of bars that look like\n{looked_for}"
    raise UnknownName(msg)


# Tables -------------------------------------------------------------------------------------------


class _Headed:
    """Tables with a header that has these columns."""

    def __init__(self, name: str, looks_like: str, *needed: str, venue: str = "") -> None:
        self.name = name
        self.looks_like = looks_like
        self.venue = venue
        self._needed = PRICES.union(needed)

    def recognise(self, beginning: bytes) -> bool:
        return self._columns(beginning) is not None

    def rows(self, file: SourceFile) -> Iterator[BarRow | Fault]:
        columns = self._columns(beginning_of(file.path, Wanted()))
        return iter(()) if columns is None else _rows(file, columns)

    def _columns(self, beginning: bytes) -> Columns | None:
        for cells in _first_rows(beginning):
            columns = columns_of(cells, self._needed)
            if columns is not None:
                return columns
        return None


class _Unheaded:
    """Tables without a header, known by the count of their columns, all of them numbers."""

    def __init__(self, name: str, looks_like: str, columns: Columns, venue: str) -> None:
        self.name = name
        self.looks_like = looks_like
        self.venue = venue
        self._columns = columns

    def recognise(self, beginning: bytes) -> bool:
        width = len(self._columns.unheaded)
        return any(
            len(cells) == width
            and UNIX.fullmatch(cells[0]) is not None
            and all(map(_NUMBER.fullmatch, cells))
            for cells in _first_rows(beginning)
        )

    def rows(self, file: SourceFile) -> Iterator[BarRow | Fault]:
        return _rows(file, self._columns)


_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_KLINES = (
    *("open_time", "open", "high", "low", "close", "volume", "close_time"),
    *("quote_volume", "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore"),
)
_OHLCVT = ("time", "open", "high", "low", "close", "volume", "trades")

FORMATS: Sequence[BarFormat] = (
    _Headed(
        "cryptodatadownload",
        "unix,date,symbol,open,high,low,close,Volume BTC,Volume USD",
        *("unix", "date", "symbol"),
    ),
    _Headed("binance-klines", ",".join(_KLINES), "open_time", "close_time", venue="binance"),
    _Headed("bars-csv", "time,open,high,low,close,volume"),
    _Unheaded(
        "binance-klines",
        "1741046400000000,93200.1,93410.0,86050.0,87250.5,...  (12 columns, no header)",
        Columns(time="open_time", volume="volume", last="close_time", unheaded=_KLINES),
        "binance",
    ),
    _Unheaded(
        "kraken-ohlcvt",
        "1741046400,93200.1,93410.0,86050.0,87250.5,4102.1,51233  (7 columns, no header)",
        Columns(time="time", volume="volume", unheaded=_OHLCVT),
        "kraken",
    ),
    ParquetBars(),
)
"""Every format there is. The first that knows a file reads it."""


def _first_rows(beginning: bytes) -> Iterator[list[str]]:
    """The cells of the first rows, as far as they are rows."""
    if no_text(beginning):
        return
    for line in beginning.decode("utf-8-sig", errors="replace").splitlines()[:_WITHIN]:
        try:
            cells = next(csv.reader([line]), [])
        except csv.Error:
            continue
        if cells:
            yield [cell.strip() for cell in cells]


_WITHIN = 20  # rows, as adapters/importers/table.py looks for a header


def _rows(file: SourceFile, columns: Columns) -> Iterator[BarRow | Fault]:
    """Every row of a table."""
    optional = [name or f"({i})" for i, name in enumerate(columns.others)]  # "" in every row
    for row in Table(file, columns.needed, optional, columns.unheaded).rows():
        if isinstance(row, Fault):
            yield row
            continue
        try:
            yield row_of(row.line, row.cells, columns)
        except Misread as misread:
            yield misread.fault(file, row.line)
