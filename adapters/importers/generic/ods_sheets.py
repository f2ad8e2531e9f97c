"""Spreadsheets in the OpenDocument format: their rows as texts, one by one.

The one trick: such a file is a ZIP with one XML document of cells, which is parsed while it is
unpacked, so memory stays constant. Numbers are the text that the cell holds, not what it shows.
What could hurt is refused: document types (and with them entities), and files that unpack to more
than a spreadsheet of transactions ever does.
Source: OASIS, Open Document Format for Office Applications 1.2, part 1 (table, office and text).
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import BadZipFile, ZipFile

SIGNATURE = b"application/vnd.oasis.opendocument.spreadsheet"
"""What such a file says of itself within its first bytes."""

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT = (f"{_SPACE}{name}:1.0 " for name in ("table", "office", "text"))
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_VALUES = (f"{_OFFICE}value", f"{_OFFICE}date-value", f"{_OFFICE}string-value")
_DAMAGED = (
    *(BadZipFile, KeyError, EOFError, OSError, ValueError, OverflowError),
    *(struct.error, zlib.error),
)
"""All that the standard library raises for archives with wrong bytes in them."""
_CHUNK = 1 << 16
_MOST_BYTES = 1 << 29
_MOST_COLUMNS = 256
_MOST_ALIKE = 10_000


class SheetRow(NamedTuple):
    """A row that is not blank: its sheet, its number there from 1, and its cells."""

    sheet: str
    number: int
    cells: tuple[str, ...]


class BadSheet(Exception):
    """A file that is no spreadsheet, or that hides what none should hold: what is wrong."""


def sheet_rows(path: Path) -> Iterator[SheetRow]:
    """Every row of every sheet that is not blank. Raises `BadSheet`."""
    try:
        with ZipFile(path) as archive, archive.open("content.xml") as content:
            reader = _Reader()
            unpacked = 0
            while chunk := content.read(_CHUNK):
                unpacked += len(chunk)
                if unpacked > _MOST_BYTES:
                    raise BadSheet("unpacks to more than 512 MiB: this is no list of transactions")
                yield from reader.fed(chunk, last=False)
            yield from reader.fed(b"", last=True)
    except _DAMAGED as error:
        raise BadSheet(f"is no spreadsheet that can be unpacked: {error}") from error
    except (RuntimeError, NotImplementedError) as error:
        raise BadSheet(f"is packed in a way not known here: {error}") from error
    except ExpatError as error:
        raise BadSheet(f"holds XML that cannot be read: {error}") from error


class _Reader:
    """Takes XML in, gives rows out."""

    def __init__(self) -> None:
        self._parser = ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._rows: list[SheetRow] = []
        self._sheet = ""
        self._number = 0
        self._alike = 1
        self._cells: list[str] = []
        self._cell: Mapping[str, str] | None = None
        self._text: list[str] = []
        self._aside = 0
        """How deep within a remark on a cell, whose text is not the cell's."""

    def fed(self, chunk: bytes, *, last: bool) -> Iterator[SheetRow]:
        """The rows that end in this chunk."""
        self._parser.Parse(chunk, last)
        yield from self._rows
        self._rows.clear()

    def _refuse(self, *_: object) -> None:
        raise BadSheet("declares a document type: no spreadsheet does")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_OFFICE}annotation" or self._aside:
            self._aside += 1
        elif name == f"{_TABLE}table":
            self._sheet, self._number = attributes.get(f"{_TABLE}name", ""), 0
        elif name == f"{_TABLE}table-row":
            self._cells = []
            self._alike = _count(attributes, f"{_TABLE}number-rows-repeated")
        elif name in _CELLS:
            self._cell, self._text = attributes, []
        elif name == f"{_TEXT}p" and self._text:
            self._text.append("\n")
        elif name == f"{_TEXT}s":
            count = min(_count(attributes, f"{_TEXT}c"), _MOST_COLUMNS)
            self._text.append(" " * count)

    def _characters(self, text: str) -> None:
        if self._cell is not None and not self._aside:
            self._text.append(text)

    def _end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
        elif name in _CELLS and self._cell is not None:
            value = next((self._cell[key] for key in _VALUES if key in self._cell), None)
            told = ("".join(self._text) if value is None else value).strip()
            count = _count(self._cell, f"{_TABLE}number-columns-repeated")
            self._cells += [told] * min(count, _MOST_COLUMNS - len(self._cells))
            self._cell = None
        elif name == f"{_TABLE}table-row":
            self._row()

    def _row(self) -> None:
        cells = self._cells
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            if self._alike > _MOST_ALIKE:
                raise BadSheet(f"repeats a row of {self._sheet} {self._alike} times")
            for number in range(self._number + 1, self._number + self._alike + 1):
                self._rows.append(SheetRow(self._sheet, number, tuple(cells)))
        self._number += self._alike


def _count(attributes: Mapping[str, str], name: str) -> int:
    """How often something stands there."""
    told = attributes.get(name, "1")
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise BadSheet(f"repeats something {told[:20]!r} times")
    return int(told)
