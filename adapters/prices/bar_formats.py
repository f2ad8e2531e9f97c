"""The formats of bar files: each knows its files by their first rows and reads every row of them.

The one trick: a format is no code but a reading of columns, one for the time, four for prices, and
perhaps the volume, the end and the pair. A format that is no table keeps to `BarFormat` instead.
Names of files decide nothing here.
Sources: Kraken, Downloadable historical OHLCVT data; Binance, public data (klines; timestamps of
spot files are microseconds from 2025-01-01 on, milliseconds before); CryptoDataDownload's files.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, Protocol

from attrs import frozen

from adapters import clock
from adapters.importers.assets import money_rank
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Misread, Table, no_text, number
from domain.errors import UnknownName


class BarRow(NamedTuple):
    """One row as it stands: times are microseconds since 1970, `symbol` the pair if it is told.

    `ends` is None where the file tells no end, `volume` where it tells none.
    """

    line: int
    at: int
    ends: int | None
    symbol: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None


class BarFormat(Protocol):
    """One way of writing bars. Instances hold no state."""

    name: str
    looks_like: str
    """What such a file begins with, for people."""

    def recognise(self, beginning: bytes) -> bool:
        """Whether a file that begins so (up to 64 KiB of it) is of this format."""
        ...

    def rows(self, file: SourceFile) -> Iterator[BarRow | Fault]:
        """Every row in the file's own order, or the fault that it is."""
        ...


def format_of(path: Path) -> BarFormat:
    """The format of a file. Raises `UnknownName` where it is none of those known here."""
    beginning = beginning_of(path)
    for known in FORMATS:
        if known.recognise(beginning):
            return known
    problem = no_text(beginning) or "holds no bars of a format known here"
    looked_for = "\n".join(f"  {known.name}: {known.looks_like}" for known in FORMATS)
    msg = f"{path.name} {problem}. Known are files of bars that look like\n{looked_for}"
    raise UnknownName(msg)


def beginning_of(path: Path) -> bytes:
    """What a file is known by."""
    with path.open("rb") as file:
        return file.read(1 << 16)


# Tables -------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Columns:
    """Which column of a table says what; "" where none does."""

    time: str
    open: str = "open"
    high: str = "high"
    low: str = "low"
    close: str = "close"
    volume: str = ""
    last: str = ""
    """The last moment of the bar, still within it, counted as the time is."""
    symbol: str = ""
    unheaded: tuple[str, ...] = ()
    """All columns of a file without a header."""


class _Headed:
    """Tables with a header that has these columns."""

    def __init__(self, name: str, looks_like: str, *needed: str) -> None:
        self.name = name
        self.looks_like = looks_like
        self._needed = {*needed, "open", "high", "low", "close"}

    def recognise(self, beginning: bytes) -> bool:
        return self._columns(beginning) is not None

    def rows(self, file: SourceFile) -> Iterator[BarRow | Fault]:
        columns = self._columns(beginning_of(file.path))
        return iter(()) if columns is None else _rows(file, columns)

    def _columns(self, beginning: bytes) -> Columns | None:
        for cells in _first_rows(beginning):
            names = {_bare(cell): cell for cell in reversed(cells)}
            time = next((names[name] for name in _TIMES if name in names), None)
            if time is not None and self._needed <= names.keys():
                return _named(time, names)
        return None


class _Unheaded:
    """Tables without a header, known by the count of their columns, all of them numbers."""

    def __init__(self, name: str, looks_like: str, columns: Columns) -> None:
        self.name = name
        self.looks_like = looks_like
        self._columns = columns

    def recognise(self, beginning: bytes) -> bool:
        width = len(self._columns.unheaded)
        return any(
            len(cells) == width
            and _UNIX.fullmatch(cells[0]) is not None
            and all(map(_NUMBER.fullmatch, cells))
            for cells in _first_rows(beginning)
        )

    def rows(self, file: SourceFile) -> Iterator[BarRow | Fault]:
        return _rows(file, self._columns)


_TIMES = (
    *("unix", "unix_timestamp", "open_time", "opentime"),
    *("timestamp", "time", "datetime", "date"),
)
"""What the column of the time may be called, the most exact first."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_UNIX = re.compile(r"(\d{10,17})(?:\.0*)?")

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
    _Headed("binance-klines", ",".join(_KLINES), "open_time", "close_time"),
    _Headed("bars-csv", "time,open,high,low,close,volume"),
    _Unheaded(
        "binance-klines",
        "1741046400000000,93200.1,93410.0,86050.0,87250.5,...  (12 columns, no header)",
        Columns(time="open_time", volume="volume", last="close_time", unheaded=_KLINES),
    ),
    _Unheaded(
        "kraken-ohlcvt",
        "1741046400,93200.1,93410.0,86050.0,87250.5,4102.1,51233  (7 columns, no header)",
        Columns(time="time", volume="volume", unheaded=_OHLCVT),
    ),
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


def _bare(name: str) -> str:
    return name.lower().replace(" ", "_")


def _named(time: str, names: dict[str, str]) -> Columns:
    """The columns of a header; of several volumes the one that counts units of the asset."""
    volumes = [name for name in reversed(names) if name.startswith("volume_")]
    units = [name for name in volumes if money_rank(name.removeprefix("volume_").upper()) > 2]
    volume = "volume" if "volume" in names else next(iter((*units, *volumes)), "")
    ends = "close_time" if _bare(time) == "open_time" else ""
    return Columns(
        time=time,
        open=names["open"],
        high=names["high"],
        low=names["low"],
        close=names["close"],
        volume=names.get(volume, ""),
        last=names.get(ends, ""),
        symbol=names.get("symbol", ""),
    )


def _rows(file: SourceFile, columns: Columns) -> Iterator[BarRow | Fault]:
    """Every row of a table."""
    needed = (columns.time, columns.open, columns.high, columns.low, columns.close)
    others = (columns.volume, columns.last, columns.symbol)
    optional = [name or f"({i})" for i, name in enumerate(others)]  # reads as "" in every row
    for row in Table(file, needed, optional, columns.unheaded).rows():
        if isinstance(row, Fault):
            yield row
            continue
        try:
            yield _row(row.line, row.cells, columns)
        except Misread as misread:
            yield misread.fault(file, row.line)


def _row(line: int, cells: tuple[str, ...], names: Columns) -> BarRow:
    time, open_, high, low, close, volume, last, symbol = cells
    at, _ = moment(time.strip(), names.time)
    ends = None
    if names.last:
        within, unit = moment(last.strip(), names.last)
        ends = within + unit
    return BarRow(
        line,
        at,
        ends,
        symbol.strip(),
        _price(open_.strip(), names.open),
        _price(high.strip(), names.high),
        _price(low.strip(), names.low),
        _price(close.strip(), names.close),
        number(volume.strip(), names.volume) if names.volume else None,
    )


def _price(text: str, column: str) -> Decimal:
    """A price above zero. Raises `Misread`."""
    if not text:
        raise Misread(column, text, "is missing", _NO_PRICE)
    price = number(text, column)
    if price <= 0:
        raise Misread(column, text, "is no price: it must be more than zero", _NO_PRICE)
    return price


_NO_PRICE = "If nothing was traded, take the row out: a missing bar is counted as missing"


def moment(text: str, column: str) -> tuple[int, int]:
    """A time in microseconds since 1970, and the unit it was given in, in microseconds.

    Whole seconds, milliseconds or microseconds since 1970 (told apart by their size), or an ISO
    time or date; without an offset that is UTC, as exchanges write. Raises `Misread`.
    """
    unix = _UNIX.fullmatch(text)
    if unix:
        for digits, unit in _UNITS:
            if len(unix[1]) <= digits:
                return _within_years(int(unix[1]) * unit, unit, text, column)
    elif text[4:5] == "-" and text[7:8] == "-":
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            time = time if time.tzinfo else time.replace(tzinfo=UTC)
            return _within_years(clock.microseconds(time), 1, text, column)
    raise Misread(column, text, "is not a time", _TIME_HINT)


_UNITS = ((11, 1_000_000), (14, 1_000), (17, 1))
"""Up to how many digits a count since 1970 has, and its unit in microseconds."""

_TIME_HINT = "It should be seconds, milliseconds or microseconds since 1970, or 2025-03-04T10:00Z"


def _within_years(at: int, unit: int, text: str, column: str) -> tuple[int, int]:
    if not _EARLIEST <= at < _LATEST:
        raise Misread(column, text, "is not a time of the years 1971 to 2999", _TIME_HINT)
    return at, unit


_EARLIEST = clock.microseconds(datetime(1971, 1, 1, tzinfo=UTC))
_LATEST = clock.microseconds(datetime(2999, 1, 1, tzinfo=UTC))
