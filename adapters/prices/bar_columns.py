"""Which column of a table of bars says what, and how its cells are read.

Columns are matched by name, whatever file the table stands in: CSV or Parquet. Times without an
offset are UTC, as exchanges write them.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from attrs import frozen

from adapters import clock
from adapters.importers.assets import money_rank
from adapters.importers.table import Misread, number


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

    @property
    def needed(self) -> tuple[str, ...]:
        """What must be there, in the order in which `row_of` takes it."""
        return (self.time, self.open, self.high, self.low, self.close)

    @property
    def others(self) -> tuple[str, ...]:
        """What may be there, in the order in which `row_of` takes it; "" is not there."""
        return (self.volume, self.last, self.symbol)


TIMES = (
    *("unix", "unix_timestamp", "open_time", "opentime"),
    *("timestamp", "time", "datetime", "date"),
)
"""What the column of the time may be called, the most exact first."""


PRICES = frozenset({"open", "high", "low", "close"})


def columns_of(header: Sequence[str], needed: frozenset[str] = PRICES) -> Columns | None:
    """Which column says what, where a header has the `needed` ones and a time; else None."""
    names = {_bare(cell): cell for cell in reversed(header)}
    time = next((names[name] for name in TIMES if name in names), None)
    return _named(time, names) if time is not None and needed <= names.keys() else None


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


def row_of(line: int, cells: Sequence[str], names: Columns) -> BarRow:
    """A row of text: the needed cells, then the others. Raises `Misread`."""
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
    unix = UNIX.fullmatch(text)
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


UNIX = re.compile(r"(\d{10,17})(?:\.0*)?")
