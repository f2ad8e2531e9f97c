"""Bars in Parquet files: the same columns as a plain table's, whatever their types.

The one trick: DuckDB casts every cell to text, and from there on it is read as a cell of CSV. A
typed time is written in UTC, a decimal as it is, and a double as the shortest text that is that
double: what a writer of CSV would have written, for a double has no exact text of its own.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Misread
from adapters.prices.bar_columns import PRICES, TIMES, BarRow, Columns, columns_of, row_of
from domain.errors import BookError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class ParquetBars:
    """The format `bars-parquet`. Rows are numbered from 1."""

    name = "bars-parquet"
    looks_like = "PAR1...  (a Parquet file with columns time, open, high, low, close, volume)"
    venue = ""

    def recognise(self, beginning: bytes) -> bool:
        """Whether a file that begins so says that it is Parquet."""
        return beginning.startswith(b"PAR1")

    def rows(self, file: SourceFile) -> Iterator[BarRow | Fault]:
        """Every row. Raises `BookError` where DuckDB is not installed."""
        duckdb = _duckdb(file)
        line = 0
        with _connected(duckdb) as connection:
            try:
                named = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [_path(file)])
                header = [name for name, *_ in named.fetchall()]
                columns = columns_of(header)
                if columns is None:
                    yield _lacking(file, header)
                    return
                for line, *cells in _cells(connection, file, columns):
                    try:
                        yield row_of(line, cells, columns)
                    except Misread as misread:
                        yield misread.fault(file, line)
            except (duckdb.Error, UnicodeDecodeError, MemoryError) as error:
                yield _damaged(file, line, error)


def _duckdb(file: SourceFile) -> Any:
    try:
        import duckdb
    except ImportError:
        msg = f"{file.name} is a Parquet file, and what reads it is not installed:"
        raise BookError(f"{msg} pip install 'marginbook[analytics]'") from None
    return duckdb


def _connected(duckdb: Any) -> "DuckDBPyConnection":
    """A database in memory that keeps it small, knows no zone but UTC, and loads nothing."""
    settings = {
        "threads": 1,
        "memory_limit": "256MB",
        "temp_directory": "",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection: DuckDBPyConnection = duckdb.connect(config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _cells(
    connection: "DuckDBPyConnection", file: SourceFile, columns: Columns
) -> Iterator[tuple[Any, ...]]:
    """The number of each row and the text of its cells, in the file's own order."""
    wanted = ", ".join(
        f"coalesce(CAST({_quoted(name)} AS VARCHAR), '')" if name else "''"
        for name in (*columns.needed, *columns.others)
    )
    rows = connection.execute(
        f"SELECT file_row_number + 1, {wanted}"  # noqa: S608 - names are quoted
        " FROM read_parquet(?, file_row_number = true)",
        [_path(file)],
    )
    while batch := rows.fetchmany(_BATCH):
        yield from batch


_BATCH = 1000


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _path(file: SourceFile) -> str:
    """The file's name, which DuckDB takes for a pattern of names."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(file.path))


def _lacking(file: SourceFile, header: list[str]) -> Fault:
    names = {name.lower().replace(" ", "_") for name in header}
    missing = sorted(PRICES - names, key=("open", "high", "low", "close").index)
    if not names.intersection(TIMES):
        missing.insert(0, "time")
    return Fault(
        file=file,
        line=0,
        column=missing[0],
        problem="this column is missing",
        hint=f"The columns found are {','.join(header)}",
        counts=False,
    )


def _damaged(file: SourceFile, line: int, error: Exception) -> Fault:
    """What cannot be read, and whatever stands behind it."""
    where = f"cannot be read behind row {line}" if line else "is no Parquet file that can be read"
    said = str(error).partition("\n")[0].replace(str(file.path), file.name)
    hint = "Is it damaged or cut off? Write or download it again"
    return Fault(file=file, line=0, problem=f"{where}: {said}", hint=hint, counts=False)
