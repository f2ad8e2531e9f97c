"""The fixtures of all formats: which files of tests/data belong together, and how to cut them up.

A folder's `story*` files are one set, told in the way of one venue; every other file is a set of
its own. Kraken's folders hold two files that need each other.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from attrs import frozen

from adapters.importers.layout import Key, Layout
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.registry import importers, recognise
from adapters.importers.statement import Statement
from adapters.importers.table import HEADER_WITHIN

DATA = Path(__file__).parents[2] / "data"
NO_STATEMENTS = ("native", "prices")
SUFFIXES = (".csv", ".json", ".ods")

Files = Mapping[str, bytes]


@frozen
class Fixture:
    """Files that are imported together."""

    name: str
    paths: tuple[Path, ...]

    @property
    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.paths}


def fixtures() -> list[Fixture]:
    return [*_fixtures()]


def stories() -> list[Fixture]:
    return [fixture for fixture in fixtures() if fixture.name.endswith("/story")]


def _fixtures() -> Iterator[Fixture]:
    for folder in sorted(DATA.iterdir()):
        files = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
        if folder.name in NO_STATEMENTS or not files:
            continue
        if folder.name.startswith("kraken") and any(path.name == "ledgers.csv" for path in files):
            yield Fixture(folder.name, tuple(files))
            continue
        story = tuple(path for path in files if path.name.startswith("story"))
        if story:
            yield Fixture(f"{folder.name}/story", story)
        for path in files:
            if path not in story:
                yield Fixture(f"{folder.name}/{path.stem}", (path,))


def layout_of(path: Path) -> Layout | None:
    """The layout of a statement's file, None for what is no table of one."""
    importer, _ = recognise(path)
    if not isinstance(importer, Statement) or path.suffix != ".csv":
        return None
    beginning = path.read_bytes()
    return next(layout for layout in importer.layouts if layout.recognise(beginning))


def claims(path: Path) -> list[str]:
    """Every layout of every importer that takes this file for its own."""
    beginning = path.read_bytes()[: 1 << 16]
    return [
        layout.name
        for importer in importers()
        for layout in getattr(importer, "layouts", ())
        if layout.recognise(beginning)
    ]


def data_lines(path: Path) -> tuple[list[bytes], list[bytes]]:
    """A table's physical lines: those up to its header, and the rows."""
    lines = path.read_bytes().splitlines(keepends=True)
    layout = layout_of(path)
    at = 1
    if layout is not None:
        for number in range(1, HEADER_WITHIN + 1):
            if layout.recognise(b"".join(lines[:number])):
                at = number
                break
    return lines[:at], [line if line.endswith(b"\n") else line + b"\n" for line in lines[at:]]


def instants(path: Path) -> dict[int, datetime]:
    """When each physical line of a table says something happened."""
    layout = layout_of(path)
    if layout is None:
        return {}
    found: dict[int, datetime] = {}
    for row in layout.rows(SourceFile(path=path, sha256="")):
        if isinstance(row, Fault):
            continue
        key = layout.key(row.cells)
        if isinstance(key, Key):
            found[row.line] = key.at
    return found


def count_of_rows(content: bytes, header: int) -> int:
    """Rows behind so many lines, as the standard library counts them."""
    text = content.decode("utf-8-sig").splitlines(keepends=True)[header:]
    return sum(1 for cells in csv.reader(text) if cells)


def written(folder: Path, files: Mapping[str, bytes] | Sequence[tuple[str, bytes]]) -> list[Path]:
    """These files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in files.items() if isinstance(files, Mapping) else files:
        path = folder / name
        path.write_bytes(content)
        paths.append(path)
    return paths
