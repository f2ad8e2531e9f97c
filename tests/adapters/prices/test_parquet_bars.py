"""Parquet files of bars: the same columns as a plain table's, whatever their types."""

import re
import struct
import sys
import tracemalloc
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.book import Book
from adapters.importers.reading import SourceFile
from adapters.importers.registry import recognise
from adapters.prices.bar_formats import format_of
from domain.errors import BookError, UnknownName
from tests.adapters.prices.bars import Held, held


def written(path: Path, select: str) -> Path:
    """A file that holds the rows of a query."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def table(*rows: str, columns: str = "time, open, high, low, close, volume") -> str:
    values = ", ".join(f"({row})" for row in rows)
    return f"SELECT * FROM (VALUES {values}) AS bars({columns})"  # noqa: S608


def read(folder: Path, select: str, name: str = "bars.parquet") -> Held:
    return held(written(folder / name, select).read_bytes(), name)


PRICES = "10, 12, 9.5, 11, 1.5"


@pytest.mark.parametrize(
    "time",
    [
        "TIMESTAMP '2025-03-01'",
        "TIMESTAMPTZ '2025-03-01 01:00:00+01'",
        "TIMESTAMP_NS '2025-03-01'",
        "TIMESTAMP_MS '2025-03-01'",
        "TIMESTAMP_S '2025-03-01'",
        "DATE '2025-03-01'",
        "1740787200",
        "1740787200::DOUBLE",
        "1740787200000",
        "1740787200000000::DOUBLE",
        "'2025-03-01T00:00:00Z'",
        "'2025-03-01'",
    ],
)
def test_times_are_typed_or_counted_or_written(tmp_path: Path, time: str) -> None:
    rows = read(tmp_path, table(f"{time}, {PRICES}", f"{_later(time)}, {PRICES}"))
    assert rows.said == []
    assert [bar.at.isoformat() for bar in rows.bars] == [
        "2025-03-01T00:00:00+00:00",
        "2025-03-02T00:00:00+00:00",
    ]


def _later(time: str) -> str:
    """The same a day later."""
    day = {10: 86_400, 13: 86_400_000, 16: 86_400_000_000}
    counted = re.match(r"\d+", time)
    if counted:
        return time.replace(counted[0], str(int(counted[0]) + day[len(counted[0])]))
    return time.replace("2025-03-01", "2025-03-02")


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_a_typed_time_is_utc_wherever_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    days = (f"TIMESTAMPTZ '2025-03-0{day} 00:00:00+00', {PRICES}" for day in (1, 2))
    assert read(tmp_path, table(*days)).bars[0].at.isoformat() == "2025-03-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("cell", "close"),
    [
        ("11::DECIMAL(38, 18)", "11"),
        ("10.123456789012345678::DECIMAL(38, 18)", "10.123456789012345678"),
        ("11::INTEGER", "11"),
        ("10.1::DOUBLE", "10.1"),
        ("10.1::FLOAT", "10.1"),
        ("10.1::DOUBLE + 0.2::DOUBLE", "10.299999999999999"),
        ("'10.10'", "10.1"),
        ("1.05e1::DOUBLE", "10.5"),
    ],
)
def test_a_double_is_its_shortest_text_and_a_decimal_is_exact(
    tmp_path: Path, cell: str, close: str
) -> None:
    days = (f"DATE '2025-03-0{day}', 10, 12, 9.5, {cell}, NULL" for day in (1, 2))
    rows = read(tmp_path, table(*days).replace(", volume)", ", nothing)"))
    assert rows.said == []
    assert rows.closes == [close, close]


@settings(max_examples=200)
@given(st.floats(1e-9, 1e15))
def test_the_shortest_text_of_a_double_is_pythons(number: float) -> None:
    """As a CSV writer would have written it: the text that reads back as the same double."""
    with duckdb.connect() as connection:
        (text,) = connection.execute("SELECT CAST(?::DOUBLE AS VARCHAR)", [number]).fetchall()[0]
    assert struct.pack("d", float(text)) == struct.pack("d", number)
    assert Decimal(text) == Decimal(repr(number))


def test_columns_go_by_name_in_any_order_and_case(tmp_path: Path) -> None:
    day = "1, 'BTC-USD', 11.0, 12, 9.5, 10, DATE '2025-03-0{}', 7"
    names = 'x, "Symbol", "Close", "HIGH", low, "Open", "Date", "Volume BTC"'
    rows = read(tmp_path, table(day.format(1), day.format(2), columns=names))
    assert (rows.closes, rows.said, rows.lines) == (["11", "11"], [], [1, 2])
    assert [str(bar.volume) for bar in rows.bars] == ["7", "7"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("NULL, 1, 1, 1, '1', 1", 'bars.parquet:2: column "time": is not a time'),
        ("'x', 1, 1, 1, '1', 1", 'bars.parquet:2: column "time": "x" is not a time'),
        ("'2025-03-02', NULL, 1, 1, '1', 1", 'column "open": is missing'),
        ("'2025-03-02', 1, 1, 1, 'nan', 1", 'column "close": "nan" is not a decimal'),
        ("'2025-03-02', 1, 1, 1, '1,5', 1", 'column "close": "1,5" is not a decimal'),
        ("'2025-03-02', 1, 1, 1, '0', 1", 'column "close": "0" is no price'),
        ("'2025-03-02', 1, 1, 2, '1', 1", "must not be above the high"),
        ("'2025-03-02', 1, 1, 1, '1', NULL", 'column "volume": is not a decimal'),
    ],
)
def test_a_bad_row_says_where_and_what_and_the_others_are_read(
    tmp_path: Path, row: str, said: str
) -> None:
    days = [f"'2025-03-0{day}', 1, 1, 1, '1', 1" for day in (1, 3, 4)]
    rows = read(tmp_path, table(days[0], row, *days[1:]))
    assert len(rows.said) == 1
    assert said in rows.said[0]
    assert rows.rows == [1, 2, 3, 4]
    assert rows.lines == [1, 3, 4]


@pytest.mark.parametrize("cell", ["[1, 2]", "{'a': 1}", "true", "'\\xAA'::BLOB", "INTERVAL 1 DAY"])
def test_a_column_of_another_kind_is_a_finding(tmp_path: Path, cell: str) -> None:
    rows = read(tmp_path, table(f"DATE '2025-03-01', 1, 1, 1, {cell}, 1"))
    (said,) = rows.said
    assert 'column "close"' in said
    assert "is not a decimal" in said


@pytest.mark.parametrize("number", ["'nan'", "'inf'", "'-inf'", "5e-324", "1e300"])
def test_a_double_that_is_no_price_is_a_finding(tmp_path: Path, number: str) -> None:
    rows = read(tmp_path, table(f"DATE '2025-03-01', 1, 1, 1, {number}::DOUBLE, 1"))
    assert len(rows.said) == 1


def test_a_missing_column_is_a_finding_of_the_file(tmp_path: Path) -> None:
    (said,) = read(tmp_path, "SELECT 1 AS time, 2 AS open, 3 AS high, 4 AS low").said
    assert said == (
        'bars.parquet: column "close": this column is missing.'
        " The columns found are time,open,high,low"
    )
    (said,) = read(tmp_path, "SELECT 1 AS open, 3 AS high, 4 AS low, 5 AS close").said
    assert 'column "time"' in said


def test_names_that_are_patterns_are_names(tmp_path: Path) -> None:
    name = "a[1]*b?.parquet"
    days = (f"DATE '2025-03-0{day}', {PRICES}" for day in (1, 2))
    source = written(tmp_path / "plain.parquet", table(*days))
    (tmp_path / "a1xbx.parquet").write_bytes(b"PAR1 is another file")
    assert held(source.read_bytes(), name).closes == ["11", "11"]


def test_a_column_may_be_called_anything(tmp_path: Path) -> None:
    day = "DATE '2025-03-0{}', 1, 1, 1, 1, 7"
    names = 'time, open, high, low, close, "volume "" ; drop"'
    assert len(read(tmp_path, table(day.format(1), day.format(2), columns=names)).bars) == 2


# Through the book ---------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    days = (f"DATE '2025-03-0{day}', {PRICES}" for day in (1, 2))
    return written(tmp_path / "XBTUSD_1440.parquet", table(*days))


def test_a_close_is_a_price_with_its_row(file: Path) -> None:
    with Book.open(":memory:") as book:
        (result,) = book.import_prices([file]).imported.files
        assert (result.format, result.rows, result.recorded) == ("bars-parquet", 2, 2)
        assert [(p.asset, p.file, p.line, p.venue) for p in book.prices()] == [
            ("BTC", "XBTUSD_1440.parquet", 1, ""),
            ("BTC", "XBTUSD_1440.parquet", 2, ""),
        ]
        (again,) = book.import_prices([file]).imported.files
        assert (again.recorded, again.known) == (0, 2)


def test_without_the_extra_the_answer_says_which(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with (
        Book.open(":memory:") as book,
        pytest.raises(BookError, match=r"XBTUSD_1440.parquet .* 'marginbook\[analytics\]'"),
    ):
        book.import_prices([file])


def test_import_says_which_command_reads_it(file: Path) -> None:
    with pytest.raises(UnknownName, match="prices import"):
        recognise(file)


# Damage -------------------------------------------------------------------------------------------


def whole() -> bytes:
    """A file of 40 rows whose pages are not compressed, so that damage reaches their cells."""
    path = Path(__file__).parents[2] / "data" / "prices" / "days.parquet"
    return path.read_bytes()


def judged(content: bytes) -> None:
    """Whatever stands there: rows, findings, or a format that nobody knows; nothing is raised."""
    try:
        rows = held(content, "bars.parquet")
    except UnknownName:
        return
    assert rows.bars or rows.said or not rows.outcomes
    assert len(rows.rows) == len(set(rows.rows))


def test_the_whole_file_is_read() -> None:
    rows = held(whole(), "days.parquet")
    assert (len(rows.bars), rows.said) == (40, [])


def test_a_file_cut_off_says_so() -> None:
    (said,) = held(whole()[:-9], "bars.parquet").said
    assert said.startswith("bars.parquet: is no Parquet file that can be read: ")
    assert "/" not in said, "no name of a folder"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(whole())))
def test_a_file_cut_off_anywhere_ends_as_findings(length: int) -> None:
    judged(whole()[:length])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(4, len(whole()) - 1), st.integers(0, 255)), max_size=8))
def test_any_bytes_anywhere_end_as_findings(changes: list[tuple[int, int]]) -> None:
    content = bytearray(whole())
    for place, byte in changes:
        content[place] = byte
    judged(bytes(content))


def test_a_file_of_any_length_is_read_in_the_same_memory(tmp_path: Path) -> None:
    """The first rows are there before the last are read, and they come in the file's order."""
    select = (
        "SELECT 1700000000 + 60 * i AS time, 1 AS open, 1 AS high, 1 AS low, 1 AS close"
        " FROM range(300000) AS made(i)"
    )
    path = written(tmp_path / "long.parquet", select)
    tracemalloc.start()
    lines = 0
    for lines, row in enumerate(format_of(path).rows(SourceFile(path=path, sha256="")), 1):
        assert row.line == lines
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == 300_000
    assert peak < 5_000_000
