"""The table of bars inside a ZIP archive, as venues offer them: read without unpacking by hand.

Binance packs one table. Kraken packs those of all pairs: of several the one counts whose name says
the pair and the interval that were told. It is unpacked into a temporary file for as long as it is
read; the archive itself is what its rows are proved by.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory

from adapters.importers.reading import SourceFile
from adapters.prices.pairs import Wanted, named
from domain.errors import UnknownName

_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""What a damaged, encrypted or unusual archive raises."""

_BEGINNING = 1 << 16


class Damaged(Exception):
    """An archive whose table cannot be unpacked, and why."""


def beginning_of(path: Path, wanted: Wanted) -> bytes:
    """The first 64 KiB of a file, or of the table in an archive, if it can be had.

    Raises `UnknownName` where an archive holds several tables and it is not told which is meant.
    """
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    if not is_packed(beginning):
        return beginning
    try:
        with zipfile.ZipFile(path) as archive:
            table = _table(archive, path.name, wanted)
            if table is None:
                return beginning
            with archive.open(table) as member:
                return member.read(_BEGINNING)
    except _UNREADABLE:
        return beginning


@contextmanager
def unpacked(file: SourceFile, wanted: Wanted) -> Iterator[SourceFile]:
    """The file, or the table in it, to be read within the block. Raises `Damaged`."""
    with file.path.open("rb") as stream:
        packed = is_packed(stream.read(4))
    if not packed:
        yield file
        return
    with TemporaryDirectory() as folder:
        try:
            path = _unpack(file.path, Path(folder), wanted)
        except _UNREADABLE as problem:
            raise Damaged(str(problem)) from problem
        yield SourceFile(path=path, sha256=file.sha256)


def _unpack(packed: Path, folder: Path, wanted: Wanted) -> Path:
    """Write the table that is meant into a folder; return where."""
    with zipfile.ZipFile(packed) as archive:
        table = _table(archive, packed.name, wanted)
        if table is None:
            raise zipfile.BadZipFile("it holds no table")
        path = folder / PurePosixPath(table.filename).name
        with archive.open(table) as member, path.open("wb") as copy:
            copyfileobj(member, copy)
    return path


def is_packed(beginning: bytes) -> bool:
    """Whether a file that begins so is a ZIP archive."""
    return beginning.startswith(b"PK\x03\x04")


def _table(archive: zipfile.ZipFile, name: str, wanted: Wanted) -> zipfile.ZipInfo | None:
    """The one table that is meant; None where there is none at all. Raises `UnknownName`."""
    tables = [member for member in archive.infolist() if _is_table(member.filename)]
    if len(tables) < 2:
        return tables[0] if tables else None
    chosen = [table for table in tables if _is_meant(table.filename, wanted)]
    if len(chosen) == 1:
        return chosen[0]
    told = f"{len(chosen)} of them are what was told" if chosen else "none is what was told"
    msg = f"{name} holds {len(tables)} tables, and {told}: tell --asset, --quote and --interval,"
    some = ", ".join(PurePosixPath(table.filename).name for table in tables[:_SHOWN])
    more = ", ..." if len(tables) > _SHOWN else ""
    raise UnknownName(f"{msg} or unpack the one that is meant. It holds {some}{more}")


_SHOWN = 3


def _is_table(member: str) -> bool:
    path = PurePosixPath(member)
    return path.suffix.lower() == ".csv" and not path.name.startswith(".")


def _is_meant(member: str, wanted: Wanted) -> bool:
    """Whether a table's name says the pair and interval that were told, as far as they were."""
    pair, interval = named(PurePosixPath(member).name)
    if pair is None or wanted.asset is None:
        return False
    return (
        pair[0] == wanted.asset
        and wanted.quote in (None, pair[1])
        and wanted.interval in (None, interval)
    )
