"""rp2's configuration: which column of its tables says what.

An INI file with the sections `in_header`, `out_header` and `intra_header`, each a list of
fields and the numbers of their columns from 0; older ones are JSON with the same names.
Source: rp2, docs/input_files.md ("The Config File"), and DaLI's configuration.
"""

import json
import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as NoConfiguration
from pathlib import Path

from attrs import frozen

from adapters.importers.layout import Layout
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Row

Columns = Mapping[str, Mapping[str, int]]
"""The column of each field, by table: `IN`, `OUT`, `INTRA`."""

TABLES = ("IN", "OUT", "INTRA")
_SECTION = re.compile(rb"^\s*\[in_header\b", re.MULTILINE)


class BadColumns(Exception):
    """A configuration that cannot be read: what is wrong."""


@frozen(kw_only=True)
class ColumnsLayout(Layout):
    """The configuration as a file that is given along: it has no rows."""

    @property
    def looks_like(self) -> str:
        return "[in_header], or JSON with in_header: fields and the numbers of their columns"

    def recognise(self, beginning: bytes) -> str | None:
        told = beginning.lstrip()[:1] == b"{" and b'"in_header"' in beginning
        return self.name if told or _SECTION.search(beginning) else None

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        try:
            read_columns(file.path)
        except BadColumns as bad:
            yield Fault(file=file, line=0, problem=str(bad), counts=False)


def read_columns(path: Path) -> Columns:
    """The columns that a configuration tells. Raises `BadColumns`."""
    try:
        text = path.read_text("utf-8-sig")
        told = json.loads(text) if text.lstrip().startswith("{") else _ini(text)
        return {
            table: {name.strip(): _place(place) for name, place in section.items()}
            for table in TABLES
            for section in (told.get(f"{table.lower()}_header", {}),)
        }
    except (NoConfiguration, ValueError, AttributeError) as error:
        raise BadColumns(f"is no configuration of rp2: {' '.join(str(error).split())}") from error


def _ini(text: str) -> dict[str, dict[str, str]]:
    parser = ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name.split()[0]: dict(parser[name]) for name in parser.sections() if name.split()}


def _place(told: object) -> int:
    place = int(str(told).strip())
    if not 0 <= place < 256:
        raise ValueError(f"{place} is no column")
    return place
