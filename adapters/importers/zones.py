"""The zone of a file's times, where the file tells it: in a column's name or in a line above.

`Time(UTC+08:00)` in a header (KuCoin, Bybit), `Time Zone:UTC+8` in a preamble (OKX). Only offsets
are told so, never names of places.
"""

import re
from collections.abc import Iterable

ZONE = "zone"
"""What the column is called in which every row says the file's zone: `+08:00`, or "" if untold."""

_OFFSET = r"(?:UTC|GMT)\s*(?:([+-])\s*(\d{1,2})(?::?(\d{2}))?)?"
_NAMED = re.compile(rf"(.*\S)\s*\({_OFFSET}\)", re.IGNORECASE)
_PREAMBLE = re.compile(rf"\s*time\s*zone\s*:\s*{_OFFSET}\s*", re.IGNORECASE)


def unzoned(column: str) -> str:
    """A column's name without the zone behind it."""
    found = _NAMED.fullmatch(column)
    return found[1] if found else column


def zone_told(cells: Iterable[str]) -> str:
    """The zone that a header or a line above it tells, as `+08:00`; "" if it tells none."""
    for cell in cells:
        found = _NAMED.fullmatch(cell.strip()) or _PREAMBLE.fullmatch(cell)
        if found:
            sign, hours, minutes = found.groups()[-3:]
            return f"{sign or '+'}{int(hours or 0):02}:{minutes or '00'}"
    return ""
