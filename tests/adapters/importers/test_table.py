"""The reader of tables: every row knows where it stands, and a broken one is not the end."""

from decimal import Decimal
from pathlib import Path
from time import process_time
from tracemalloc import get_traced_memory, start, stop

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.importers.column_names import named_columns
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Misread, Row, Table, number, plain, utc


@pytest.fixture
def table(tmp_path: Path) -> "Make":
    return Make(tmp_path)


class Make:
    """Tables with needed columns `id` and `amount`, and `note` if it is there."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "table.csv"

    def __call__(self, content: str | bytes) -> list[Row | str]:
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        file = SourceFile(path=self.path, sha256="")
        rows = Table(file, ["id", "amount"], ["note"]).rows()
        return [str(row) if isinstance(row, Fault) else row for row in rows]


def test_columns_are_found_by_name_and_those_not_there_are_empty(table: Make) -> None:
    assert table("amount,more,id\n5,x,a\n") == [Row(2, ("a", "5", ""))]


def test_a_byte_order_mark_and_windows_line_ends_are_nothing(table: Make) -> None:
    assert table(b"\xef\xbb\xbfid,amount\r\na,5\r\n\r\nb,6") == [
        Row(2, ("a", "5", "")),
        Row(4, ("b", "6", "")),
    ]


def test_a_row_is_named_by_the_line_it_begins_on(table: Make) -> None:
    assert table('id,amount,note\na,5,"one\ntwo, three\n"\nb,6,\n') == [
        Row(2, ("a", "5", "one\ntwo, three\n")),
        Row(5, ("b", "6", "")),
    ]


def test_empty_columns_at_the_end_may_be_there_or_not(table: Make) -> None:
    assert table("id,amount,,\na,5\nb,6,,\nc,7,,,,\n") == [
        Row(2, ("a", "5", "")),
        Row(3, ("b", "6", "")),
        Row(4, ("c", "7", "")),
    ]


def test_too_few_and_too_many_fields_are_faults_with_line_and_column(table: Make) -> None:
    assert table("id,amount,note\na\nb,6,x,y\nc,7,z\n") == [
        'table.csv:2: column "amount": the row has 1 fields, the header 3. Is the line cut off?',
        'table.csv:3: column "4": "y" the row has 4 fields, the header 3.'
        " Is a comma not in quotes?",
        Row(4, ("c", "7", "z")),
    ]


def test_a_preamble_is_passed_over(table: Make) -> None:
    assert table("\nTransactions\nUser,Ann,1\nid,amount\na,5\n") == [Row(5, ("a", "5", ""))]


def test_of_two_columns_with_one_name_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,Unit,Unit\na,USD,BTC\n")
    file = SourceFile(path=path, sha256="")
    assert list(Table(file, ["id", "Unit", "Unit/2"]).rows()) == [Row(2, ("a", "USD", "BTC"))]


def test_a_format_without_a_header_says_what_its_columns_are(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("1,2,3\n4,5\n")
    rows = Table(SourceFile(path=path, sha256=""), ["c", "a"], ["z"], ["a", "b", "c"]).rows()
    assert [str(row) if isinstance(row, Fault) else row for row in rows] == [
        Row(1, ("3", "1", "")),
        't.csv:2: column "c": the row has 2 fields, the header 3. Is the line cut off?',
    ]


def test_a_missing_column_is_named_with_what_was_found(table: Make) -> None:
    assert table("id,sum\na,5\n") == [
        'table.csv:1: column "amount": this column is missing. The header found is id,sum'
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "table.csv: is empty."),
        (b"\n\n", "table.csv: is empty."),
        (
            b"PK\x03\x04...",
            "table.csv: is a ZIP archive or a workbook: unpack it, or save it as CSV.",
        ),
        (b"%PDF-1.7", "table.csv: is a PDF: marginbook reads the CSV export."),
        ("id,amount\n".encode("utf-16"), "table.csv: is UTF-16 text: save it as UTF-8."),
        (b"id\0amount\n", "table.csv: is no text: it has NUL bytes."),
    ],
)
def test_a_file_that_is_no_table_is_one_fault(table: Make, content: bytes, problem: str) -> None:
    assert table(content) == [problem]


def test_a_header_alone_is_a_table_without_rows(table: Make) -> None:
    assert table("id,amount") == []


def test_bytes_that_are_no_text_are_a_fault_of_their_row_alone(table: Make) -> None:
    assert table(b"id,amount\na,\xff\nb\0,6\nc,\xe2\x82\xac\n") == [
        "table.csv:2: is not UTF-8.",
        "table.csv:3: has a NUL byte: this is no text, or a damaged file.",
        Row(4, ("c", "€", "")),
    ]


def test_an_open_quote_at_the_end_is_a_file_cut_off(table: Make) -> None:
    assert table('id,amount\na,5\nb,"6') == [
        Row(2, ("a", "5", "")),
        "table.csv:3: is no row of a table: unexpected end of data."
        " Is a quote not closed, or the file cut off?",
    ]


def test_an_open_quote_in_the_middle_does_not_swallow_the_file(table: Make) -> None:
    rows = table('id,amount\na,"5\n' + "b,6\n" * 60_000)
    assert rows[0] == (
        "table.csv:2: is no row of a table: field larger than field limit (131072)."
        " Is a quote not closed, or the file cut off?"
    )
    assert len(rows) > 20_000, "the rows behind it are read again"


def test_a_line_without_end_is_a_fault(table: Make) -> None:
    assert table("id,amount\na," + "5" * 3_000_000 + "\nb,6\n") == [
        "table.csv:2: is longer than a million characters.",
        Row(3, ("b", "6", "")),
    ]


def test_memory_does_not_grow_with_the_file(table: Make) -> None:
    table.path.write_text("id,amount\n" + "abcdefgh,12345.678\n" * 100_000)
    start()
    file = SourceFile(path=table.path, sha256="")
    count = sum(1 for _ in Table(file, ["id", "amount"]).rows())
    _, most = get_traced_memory()
    stop()
    assert count == 100_000
    assert most < 1_000_000


@given(st.binary(max_size=200))
def test_any_bytes_end_as_rows_or_faults(content: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        Make(Path(folder))(b"id,amount\n" + content)
        Make(Path(folder))(content)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.50", "1.5"),
        ("20000.0000", "20000"),
        ("0E-10", "0"),
        ("-0.0", "0"),
        ("-3.605E-05", "-0.00003605"),
        ("1e3", "1000"),
        ("1000", "1000"),
        (".5", "0.5"),
        ("+7", "7"),
        ("123456789012345678901234", "123456789012345678901234"),
    ],
)
def test_numbers_are_exact_and_written_in_one_way(text: str, value: str) -> None:
    assert str(number(text, "amount")) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "1,5", "$5", "NaN", "Infinity", "1_000", "٣", "1.2.3", "-", "E", "5 ", "0x1", "."],
)
def test_what_is_no_decimal_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(Misread) as refused:
        number(text, "amount")
    assert (refused.value.column, refused.value.value) == ("amount", text)
    assert refused.value.problem == "is not a decimal"
    assert "was the file saved by a spreadsheet? Export it again" in refused.value.hint


@pytest.mark.parametrize("text", ["1E24", "1E400", "1E-41", "1E99999999999999999999", "1" * 25])
def test_a_number_of_too_many_digits_is_refused(text: str) -> None:
    with pytest.raises(Misread):
        number(text, "amount")


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9), max_value=10**9
    )
)
def test_plain_numbers_are_the_same_numbers(value: Decimal) -> None:
    assert plain(value) == value == number(str(value), "x")
    assert str(plain(value)) == str(plain(plain(value)))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025-03-04 10:00:05", "2025-03-04T10:00:05+00:00"),
        ("2025-03-04 10:00:05.1234", "2025-03-04T10:00:05.123400+00:00"),
    ],
)
def test_a_time_without_zone_is_utc(text: str, iso: str) -> None:
    assert utc(text, "time").isoformat() == iso


@pytest.mark.parametrize(
    "text",
    [
        *("", "2025-03-04", "2025-03-04 10:00", "3/4/2025 10:00:05", "2025-02-30 10:00:05"),
        *("2025-03-04T10:00:05", "2025-03-04 10:00:05Z", "2025-03-04 10:00:05+01:00", "x" * 30),
    ],
)
def test_what_is_no_such_time_is_refused(text: str) -> None:
    with pytest.raises(Misread):
        utc(text, "time")


def test_a_header_of_many_columns_that_are_alike_is_numbered_at_once() -> None:
    """As a page of JSON in one line looks when it is taken for a table: no search per column."""
    began = process_time()
    names = named_columns(["{", *["a"] * 20_000, "a/3", "b"], ["b"], {})
    assert names[:4] == ["{", "a", "a/2", "a/3"]
    assert names[-2:] == ["a/3/2", "b"]
    assert len(set(names)) == len(names)
    assert process_time() - began < 2


def test_a_header_that_comes_again_begins_another_file_whose_columns_may_stand_otherwise(
    table: Make,
) -> None:
    rows = table("id,amount\na,5\n\ufeffAmount,note,more,ID\n6,x,y,b\nc\n")
    assert rows == [
        Row(2, ("a", "5", "")),
        Row(4, ("b", "6", "x"), 1),
        'table.csv:5: column "note": the row has 1 fields, the header 4. Is the line cut off?',
    ]


def test_a_row_that_begins_like_a_header_is_a_row(table: Make) -> None:
    assert table("id,amount\nid,5\n") == [Row(2, ("id", "5", ""))]
