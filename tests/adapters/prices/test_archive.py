"""A ZIP archive of bars is read as it was downloaded."""

import zipfile
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.book import Book
from adapters.prices.bar_file import opened
from adapters.prices.bar_formats import format_of
from adapters.prices.pairs import Wanted
from domain.errors import UnknownName
from tests.adapters.prices.bars import DATA, held, kraken

KLINES = "BTCUSDT-1h-2025-01"


def packed(path: Path, tables: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in tables.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def klines(tmp_path: Path) -> Path:
    content = (DATA / f"{KLINES}.csv").read_text()
    return packed(tmp_path / f"{KLINES}.zip", {f"{KLINES}.csv": content})


@pytest.fixture
def all_pairs(tmp_path: Path) -> Path:
    return packed(
        tmp_path / "Kraken_OHLCVT.zip",
        {
            "master/XBTUSD_1440.csv": kraken(0, 1),
            "master/XBTEUR_1440.csv": kraken(2, 3),
            "master/XBTUSD_60.csv": "1740787200,1,1,1,1,1,1\n1740790800,1,1,1,1,1,1\n",
            "master/._XBTUSD_1440.csv": "not a table",
            "readme.txt": "prices",
        },
    )


def test_the_table_in_an_archive_is_read_and_named(klines: Path) -> None:
    """The pair comes from its name, the proof is the archive's: what the venue gives a hash of."""
    with Book.open(":memory:") as book:
        (file,) = book.import_prices([klines]).imported.files
        assert (file.path, file.format) == (str(klines), "binance-klines")
        assert (file.recorded, file.findings) == (file.rows, ())
        assert file.rows > 0
        price = next(iter(book.prices()))
        assert (price.file, price.line, price.venue) == (f"{KLINES}.csv", 1, "binance")
        (first,) = [e for e in book.events() if e.event.id == price.id]
        assert first.source is not None
        assert first.source.sha256 == sha256(klines.read_bytes()).hexdigest()
        plain = book.import_prices([DATA / f"{KLINES}.csv"]).imported.files[0]
        assert (plain.recorded, plain.known) == (0, file.rows)


def test_of_many_tables_the_one_that_was_told_is_read(all_pairs: Path) -> None:
    with Book.open(":memory:") as book:
        day = timedelta(days=1)
        told = book.import_prices([all_pairs], asset="BTC", quote="USD", interval=day)
        assert told.imported.files[0].recorded == 2
        assert told.series[str(all_pairs)].interval_from == "--interval"
        other = book.import_prices([all_pairs], asset="BTC", quote="EUR")
        assert other.series[str(all_pairs)].quote == "EUR"


@pytest.mark.parametrize(
    ("asset", "said"),
    [(None, "none is what was told"), ("ETH", "none is"), ("BTC", "3 of them are what was told")],
)
def test_of_many_tables_it_must_be_told_which(
    all_pairs: Path, asset: str | None, said: str
) -> None:
    with (
        Book.open(":memory:") as book,
        pytest.raises(UnknownName, match=f"Kraken_OHLCVT.zip holds 3 tables, and {said}"),
    ):
        book.import_prices([all_pairs], asset=asset)


def test_an_archive_without_a_table_is_no_file_of_bars(tmp_path: Path) -> None:
    path = packed(tmp_path / "book.xlsx", {"xl/workbook.xml": "<x/>"})
    with pytest.raises(UnknownName, match=r"book.xlsx is a ZIP archive or a workbook"):
        format_of(path)


def test_faults_name_the_line_of_the_table(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"XBTUSD_1440.csv": kraken(0, "1740873600,0,0,0,0,0,0\n")})
    with opened(path, Wanted()) as bars:
        (fault,) = bars.faults()
        assert (fault.line, fault.column, fault.file.path) == (2, "open", path)


@pytest.mark.parametrize("damage", [-30, 60, 70])
def test_a_damaged_archive_is_a_finding_or_nobodys(tmp_path: Path, damage: int) -> None:
    path = packed(tmp_path / "XBTUSD_1440.zip", {"XBTUSD_1440.csv": kraken(*range(60))})
    content = bytearray(path.read_bytes())
    content[damage] ^= 0xFF
    try:
        said = held(bytes(content), path.name).said
    except UnknownName as unknown:
        said = [str(unknown)]
    assert len(said) == 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_bytes_of_an_archive_anywhere_end_as_findings(data: st.DataObject) -> None:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("XBTUSD_1440.csv", kraken(*range(9)))
    content = bytearray(whole.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    try:
        rows = held(bytes(content), "XBTUSD_1440.zip")
    except UnknownName:
        return
    assert len(rows.rows) == len(set(rows.rows))
