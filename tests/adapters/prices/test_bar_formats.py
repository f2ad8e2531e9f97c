"""The formats: each file is known by its rows, and its times and columns are what they are."""

from pathlib import Path

import pytest

from adapters.clock import instant
from adapters.importers.registry import recognise
from adapters.importers.table import Misread
from adapters.prices.bar_formats import FORMATS, format_of, moment
from domain.errors import UnknownName
from tests.adapters.prices.bars import DATA, held

OF_FILES = {
    "XBTUSD_1440.csv": "kraken-ohlcvt",
    "BTCUSDT-1h-2025-01.csv": "binance-klines",
    "BTCUSDT-1h-2024-12.csv": "binance-klines",
    "Bitstamp_ETHUSD_d.csv": "cryptodatadownload",
    "daily.csv": "bars-csv",
}


@pytest.mark.parametrize(("name", "known"), OF_FILES.items())
def test_a_file_is_known_by_its_rows_not_by_its_name(name: str, known: str, tmp_path: Path) -> None:
    path = tmp_path / "export (3).txt"
    path.write_bytes((DATA / name).read_bytes())
    assert format_of(path).name == known


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "x is empty. "),
        (b"PK\x03\x04", "x is a ZIP archive"),
        (b"txid,refid,time\n", "x holds no bars of a format known here. "),
        (b"1740787200,1,1,1,1\n", "x holds no bars"),
        (b"7,1,1,1,1,1,1\n", "x holds no bars"),
    ],
)
def test_what_is_no_file_of_bars_is_told_what_they_look_like(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(UnknownName) as unknown:
        format_of(path)
    assert str(unknown.value).startswith(said)
    for known in FORMATS:
        assert f"\n  {known.name}: {known.looks_like}" in str(unknown.value)


def test_import_says_which_command_reads_prices() -> None:
    with pytest.raises(UnknownName, match=r"holds bars of prices: .*prices import"):
        recognise(DATA / "daily.csv")


def test_kraken_counts_seconds() -> None:
    found = held((DATA / "XBTUSD_1440.csv").read_bytes())
    assert [f"{bar.at:%m-%d} {bar.close} {bar.volume}" for bar in found.bars] == [
        "03-01 86050.1 2100.5",
        "03-02 94250 5200.12345678",
        "03-03 86200 6100",
        "03-05 90600.5 2900.75",
    ]


def test_binance_counts_milliseconds_until_2024_and_microseconds_from_2025_on() -> None:
    """A bar's last moment is one unit before its end."""
    for name, first, last in (
        ("BTCUSDT-1h-2024-12.csv", "2024-12-31 22:00", "2025-01-01 00:00"),
        ("BTCUSDT-1h-2025-01.csv", "2025-01-01 00:00", "2025-01-01 02:00"),
    ):
        found = held((DATA / name).read_bytes())
        assert f"{found.bars[0].at:%Y-%m-%d %H:%M}" == first
        assert f"{found.bars[-1].ends:%Y-%m-%d %H:%M}" == last
        assert found.series is not None
        assert (found.series.interval, found.series.interval_from) == ("60m", "the end of each bar")


def test_one_kline_alone_knows_its_end() -> None:
    one = (DATA / "BTCUSDT-1h-2025-01.csv").read_text().splitlines()[0]
    (bar,) = held(one).bars
    assert f"{bar.ends:%H:%M:%S.%f}" == "01:00:00.000000"


def test_cryptodatadownload_begins_with_an_address_and_the_newest_bar() -> None:
    found = held((DATA / "Bitstamp_ETHUSD_d.csv").read_bytes(), asset=None, quote=None)
    assert found.closes == ["2215", "2520.5", "2150.2"]
    assert found.lines == [5, 4, 3]
    assert found.bars[0].volume == 12000.25, "units of the asset, not of the quote"
    assert found.series is not None
    assert (found.series.asset, found.series.quote) == ("ETH", "USD")
    assert found.series.pair_from == "the data"


def test_cryptodatadownload_counts_seconds_or_milliseconds() -> None:
    text = (DATA / "Bitstamp_ETHUSD_d.csv").read_text()
    in_ms = text.replace("00,2025", "00000,2025")
    assert held(in_ms, asset="ETH").bars == held(text, asset="ETH").bars


def test_a_volume_of_the_quote_standing_first_is_not_the_volume() -> None:
    text = "unix,date,symbol,open,high,low,close,Volume USD,Volume BTC\n"
    text += "1740787200,x,BTC/USD,1,1,1,1,500,7\n1740873600,x,BTC/USD,1,1,1,1,500,8\n"
    assert [bar.volume for bar in held(text).bars] == [7, 8]


@pytest.mark.parametrize("name", ["time", "Timestamp", "DATE", "unix", "Open Time", "datetime"])
def test_a_plain_table_may_call_its_time_by_any_of_these(name: str) -> None:
    text = f"close,{name},low,high,open\n5,2025-03-01,4,6,5\n5.5,2025-03-02,4,6,5\n"
    found = held(text)
    assert found.said == []
    assert found.closes == ["5", "5.5"]
    assert found.bars[0].volume is None, "not told is not zero"


@pytest.mark.parametrize(
    ("text", "iso", "unit"),
    [
        ("1741046400", "2025-03-04T00:00:00", 1_000_000),
        ("1741046400.0", "2025-03-04T00:00:00", 1_000_000),
        ("1741046400000", "2025-03-04T00:00:00", 1_000),
        ("1741046400000001", "2025-03-04T00:00:00.000001", 1),
        ("2025-03-04", "2025-03-04T00:00:00", 1),
        ("2025-03-04 10:30:00", "2025-03-04T10:30:00", 1),
        ("2025-03-04T10:30Z", "2025-03-04T10:30:00", 1),
        ("2025-03-04T10:30:00+02:00", "2025-03-04T08:30:00", 1),
    ],
)
def test_a_time_is_counted_or_written_and_utc_where_no_offset_stands(
    text: str, iso: str, unit: int
) -> None:
    at, given = moment(text, "time")
    assert (instant(at).isoformat(), given) == (f"{iso}+00:00", unit)


@pytest.mark.parametrize(
    "text",
    [
        *("", "93200", "93200.1", "-1741046400", "1e9", "1741046400.5", "17410464000000000000"),
        *("2025-13-01", "03/04/2025", "2025-W10-1", "yesterday", "٢٠٢٥-03-04", "0001-01-01"),
        *("2025-03-04 25:00", "9999-12-31T23:00-12:00", "1969-12-31T23:00:00Z"),
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Misread):
        moment(text, "time")


def test_every_format_and_every_indicator_is_on_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "prices.md").read_text()
    assert [known.name for known in FORMATS if f"`{known.name}`" not in page] == []
    for option in ("rsi", "bollinger", "sma", "ema", "pivots", "levels", "last"):
        assert f"--{option}" in page
