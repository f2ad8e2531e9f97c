"""Dates whose order of day, month and year the user chose: a file as a whole tells it, or none.

The reports write `24-02-01`, `01-02-24` or `02-01-24` as was set when they were made. The one
trick: all dates of a file are read first, each in every order. An order is out where a date does
not exist in it or lies before the venue, and where rows called by rising numbers would go back in
time, also beside other files. If one order is left, it is certain; else the file is a fault. Times
are UTC, as the reports are, unless the user says which zone these were set to.
Source: Bitfinex Reports, preferences "Date format" (YY-MM-DD, DD-MM-YY, MM-DD-YY).
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import frozen

from adapters.importers.layout import Layout
from adapters.importers.local_times import in_zone
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import SAVED_BY_SPREADSHEET, Misread, Row, utc

_ORDERS = ("YMD", "DMY", "MDY")
_SHAPE = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})")
_OPENED = date(2012, 1, 1)
"""Bitfinex began in 2012."""
_LONGER = "Export a longer time, or with dates as YY-MM-DD: one date with a single meaning decides"
_LONGEST = 20  # digits of a number
_TWO_DAYS = timedelta(days=2)  # numbers and times may part a little, never by so much

_Days = dict[str, tuple[int, int] | None]
"""Each date as it stands, with the lowest and the highest number of its rows (None: no numbers)."""
_Span = tuple[date, tuple[int, int]]


@frozen(kw_only=True)
class DatedLayout(Layout):
    """A layout with a column `DATE` in the user's order, and a `#` that counts up."""

    whole: bool = False
    """Whether the header has the needed columns and no others, common ones, so that only the texts
    tell whose they are."""
    zone: ZoneInfo | None = None
    """The zone that the reports were set to, where that is not UTC."""
    beside: tuple[SourceFile, ...] = ()
    """All files of the import: where numbers go on from one to the next, they decide together."""

    def recognise(self, beginning: bytes) -> str | None:
        found = super().recognise(beginning)
        if found and self.whole:
            return found if self._is_whole(beginning) else None
        return found

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        """The rows with their times as `YYYY-MM-DD HH:MM:SS`."""
        at = self.columns.index("DATE")
        order = self._order(file, at)
        if isinstance(order, Fault):
            yield order
            return
        dates: dict[str, str] = {}
        for row in super().rows(file):
            if isinstance(row, Fault):
                yield row
                continue
            line, cells, part = row
            day, time = _parted(cells[at])
            date_ = dates.get(day)
            if date_ is None:
                read = _day(day, order)
                if read is None:
                    yield _no_time(file, line, cells[at], order)
                    continue
                date_ = dates[day] = read.isoformat()
            told = f"{date_} {time}"
            if self.zone is not None and not cells[at].endswith("Z"):
                try:
                    told = _moved(told, self.zone)
                except Misread as misread:
                    yield misread.fault(file, line)
                    continue
            yield Row(line, (*cells[:at], told, *cells[at + 1 :]), part)

    def _is_whole(self, beginning: bytes) -> bool:
        text = beginning.decode("utf-8-sig", errors="replace").lstrip("\r\n")
        names = [name.strip().strip('"').casefold() for name in text.split("\n", 1)[0].split(",")]
        ours = sorted(names) == sorted(name.casefold() for name in self.needed)
        return ours and " on wallet " in text.lower()

    def _order(self, file: SourceFile, at: int) -> str | Fault:
        """The one order in which all dates of the file can be read."""
        days = self._days(file, at)
        orders = _orders(days, [])
        if len(orders) > 1:
            orders = _orders(days, self._known(file, at))
        if len(orders) == 1:
            return orders[0]
        if not orders:
            problem = "its dates are not all written in one order"
            return Fault(file=file, line=0, column="DATE", problem=problem, counts=False)
        text, read = min(
            (day, found) for day in days if len(found := {str(_day(day, o)) for o in orders}) > 1
        )
        ways = " or ".join(sorted(read))
        problem = f"the order of day, month and year cannot be told: {text} is {ways}"
        return Fault(file=file, line=0, column="DATE", problem=problem, hint=_LONGER, counts=False)

    def _known(self, file: SourceFile, at: int) -> list[_Span]:
        """What other files of this kind say with certainty: days and their numbers."""
        known: list[_Span] = []
        for other in self.beside:
            if other.path == file.path or not self._is_ours(other):
                continue
            days = self._days(other, at)
            orders = _orders(days, [])
            if len(orders) == 1:
                known += _spans(orders[0], days)
        return known

    def _is_ours(self, file: SourceFile) -> bool:
        with file.path.open("rb") as start:
            return self.recognise(start.read(1 << 16)) is not None

    def _days(self, file: SourceFile, at: int) -> _Days:
        number = self.columns.index("#") if "#" in self.columns else None
        days: _Days = {}
        for row in super().rows(file):
            if isinstance(row, Fault):
                continue
            day, _ = _parted(row.cells[at])
            n = row.cells[number] if number is not None else ""
            if not n.isascii() or not n.isdigit() or len(n) > _LONGEST:
                days[day] = None
            elif day not in days:
                days[day] = (int(n), int(n))
            elif (known := days[day]) is not None:
                days[day] = (min(known[0], int(n)), max(known[1], int(n)))
        return {day: span for day, span in days.items() if any(_day(day, o) for o in _ORDERS)}


def _moved(text: str, zone: ZoneInfo) -> str:
    """The UTC time of a time of this zone. Raises `Misread` where it never was, or was twice."""
    local = utc(text, "DATE").replace(tzinfo=None)
    return in_zone(local, zone, text, "DATE").replace(tzinfo=None).isoformat(" ")


def _no_time(file: SourceFile, line: int, value: str, order: str) -> Fault:
    hint = f"Other dates of this file are {order}. {SAVED_BY_SPREADSHEET}"
    problem = "is not a time"
    return Fault(file=file, line=line, column="DATE", value=value, problem=problem, hint=hint)


def _parted(text: str) -> tuple[str, str]:
    """The date and the time of a cell."""
    day, between, time = text.partition(" ")
    if not between:
        day, _, time = text.removesuffix("Z").partition("T")
    return day, time


@lru_cache(maxsize=1 << 14)
def _day(text: str, order: str) -> date | None:
    """The date that a text is in this order of its parts, or None if it is none."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    parts = (shape[1], shape[3], shape[4])
    if len(parts[0]) == 4:
        order = "YMD"
    found = dict(zip(order, parts, strict=True))
    if len(found["Y"]) not in (2, 4) or max(len(found["M"]), len(found["D"])) > 2:
        return None
    year = int(found["Y"]) + (2000 if len(found["Y"]) == 2 else 0)
    try:
        read = date(year, int(found["M"]), int(found["D"]))
    except ValueError:
        return None
    return read if read >= _OPENED else None


def _orders(days: _Days, known: list[_Span]) -> list[str]:
    """The orders in which all dates exist and numbers rise with time, each reading once.

    Where numbers rise in none of them, they do not count.
    """
    readings: dict[tuple[date | None, ...], str] = {}
    for order in _ORDERS:
        readings.setdefault(tuple(_day(day, order) for day in days), order)
    orders = [order for dates, order in readings.items() if None not in dates]
    rising = [order for order in orders if _rising([*_spans(order, days), *known])]
    return rising or orders


def _spans(order: str, days: _Days) -> list[_Span]:
    return [(read, span) for day, span in days.items() if span and (read := _day(day, order))]


def _rising(spans: list[_Span]) -> bool:
    """Whether rows with higher numbers are never days older."""
    spans = sorted(spans)
    highest, behind = -1, 0
    for read, (low, _) in spans:
        while spans[behind][0] <= read - _TWO_DAYS:
            highest = max(highest, spans[behind][1][1])
            behind += 1
        if low <= highest:
            return False
    return True
