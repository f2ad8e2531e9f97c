"""Binance's times, and whose clock they are by.

A column called `UTC_Time` or `Date(UTC)` says it. Since 2023 the column may be called `Time` alone;
then the venue writes the zone of the user into the file's name: `...(UTC+7)...`, `...(UTC--6)...`.
A name without one says UTC, which is what the venue's own pages and older exports mean.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from attrs import frozen

from adapters.importers.layout import Layout, first_rows
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Misread, Row, utc

SECOND = timedelta(seconds=1)
_ZONE = re.compile(r"UTC([+-]{0,2})(\d{1,2})(?:[:.]?([0-5]\d))?(?!\d)")
_FARTHEST = timedelta(hours=14)
_SHORT = len("24-05-06 09:21:33")


def instant(text: str, column: str) -> datetime:
    """The instant of `2024-05-06 09:21:33` or `24-05-06 09:21:33`. Raises `Misread`."""
    if len(text) == _SHORT and text[8] == " " and text[2] == "-":
        return utc(f"20{text}", column)
    return utc(text, column)


@lru_cache(maxsize=4096)
def instant_and_text(text: str, column: str) -> tuple[datetime, str]:
    """The instant, and the same as canonical text. Raises `Misread`."""
    at = instant(text, column)
    return at, at.isoformat()


def second_of(at: datetime) -> datetime:
    return at.replace(microsecond=0) if at.microsecond else at


def stamp(at: datetime) -> str:
    """An instant as ids have it: `2024-05-06T09:21:33Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@frozen(kw_only=True)
class ZonedLayout(Layout):
    """A layout whose first column is a time, perhaps of the zone that the file's name tells."""

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        offset = _offset(file)
        for row in super().rows(file):
            if offset and isinstance(row, Row):
                yield row._replace(cells=(_moved(row.cells[0], offset), *row.cells[1:]))
            else:
                yield row


def _offset(file: SourceFile) -> timedelta:
    """How far the file's times are ahead of UTC."""
    told = _ZONE.search(file.name)
    if told is None:
        return timedelta()
    with file.path.open("rb") as start:
        header = first_rows(start.read(1 << 16))
        if not any(cell.strip().casefold() == "time" for cells in header for cell in cells):
            return timedelta()
    sign, hours, minutes = told.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > _FARTHEST:  # some other number
        return timedelta()
    return -offset if "-" in sign else offset


def _moved(text: str, offset: timedelta) -> str:
    """A time of that zone as UTC; what is no time stays as it is."""
    try:
        return f"{instant(text, '') - offset:%Y-%m-%d %H:%M:%S}"
    except (Misread, OverflowError):
        return text
