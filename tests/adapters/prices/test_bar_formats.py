"""The formats: each file is known by its rows, and its times and columns are what they are."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.clock import instant
from adapters.importers.registry import recognise
from adapters.importers.table import Misread
from adapters.prices.bar_columns import moment
from adapters.prices.bar_formats import _KLINES, FORMATS, format_of
from domain.errors import UnknownName
from tests.adapters.prices.bars import DATA, held, kraken

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


def kline(begins: str, ends: str, close: str) -> str:
    return f"{begins},10,12,9,{close},1,{ends},1,1,1,1,0\n"


def test_klines_that_begin_in_milliseconds_may_go_on_in_microseconds() -> None:
    """Spot files of Binance changed on 2025-01-01 00:00 UTC; two were joined here."""
    joined = (
        kline("1735682400000", "1735685999999", "10")  # 2024-12-31 22:00
        + kline("1735686000000", "1735689599999", "11")
        + kline("1735689600000000", "1735693199999999", "12")  # 2025-01-01 00:00
        + kline("1735693200000000", "1735696799999999", "10.5")
    )
    for content in (joined, "".join(reversed(joined.splitlines(keepends=True)))):
        found = held(content, "BTCUSDT-1h.csv")
        assert (found.said, found.closes) == ([], ["10", "11", "12", "10.5"])
        assert [f"{bar.at:%m-%d %H:%M} {bar.ends:%H:%M:%S.%f}" for bar in found.bars] == [
            "12-31 22:00 23:00:00.000000",
            "12-31 23:00 00:00:00.000000",
            "01-01 00:00 01:00:00.000000",
            "01-01 01:00 02:00:00.000000",
        ]
        assert found.series is not None
        assert (found.series.missing, found.series.interval) == (0, "60m")


def test_the_same_kline_in_both_units_is_one_bar() -> None:
    twice = kline("1735689600000", "1735693199999", "12") + kline(
        "1735689600000000", "1735693199999999", "12"
    )
    found = held(twice)
    assert (len(found.bars), found.said, sum(found.reasons.values())) == (1, [], 1)


def test_futures_klines_stay_in_milliseconds() -> None:
    """With a header, and in milliseconds after 2025-01-01 too."""
    header = ",".join(_KLINES) + "\n"
    bars = header + kline("1740787200000", "1740790799999", "12")
    found = held(bars + kline("1740790800000", "1740794399999", "11"), "BTCUSDT-1h-2025-03.csv")
    assert (found.said, found.lines) == ([], [2, 3])
    assert (
        f"{found.bars[0].at:%Y-%m-%d %H:%M} {found.bars[1].ends:%H:%M}" == "2025-03-01 00:00 02:00"
    )


def test_a_kline_whose_two_times_are_in_different_units_keeps_its_end() -> None:
    found = held(kline("1735689600000", "1735693199999999", "12"))
    assert [f"{bar.at:%H:%M} {bar.ends:%H:%M:%S.%f}" for bar in found.bars] == [
        "00:00 01:00:00.000000"
    ]


def test_a_venue_comes_with_the_format_unless_it_is_told() -> None:
    for content, venue in (
        (kraken(0, 1), "kraken"),
        (kline("1735689600000", "1735693199999", "12"), "binance"),
        ("time,open,high,low,close\n2025-03-01,1,1,1,1\n2025-03-02,1,1,1,1\n", ""),
        ((DATA / "Bitstamp_ETHUSD_d.csv").read_text(), ""),
    ):
        series = held(content, asset="ETH").series
        assert series is not None
        assert (series.venue, series.venue_from) == (venue, "the format" if venue else "")


@pytest.mark.parametrize(
    "number",
    [
        "1.234,5",
        "1,234.5",
        "1 234.5",
        "1'234.5",
        "\u0661\u0662",
        "1_000",
        "$5",
        "5 USD",
        "(5)",
        "\u22125",
    ],
)
def test_a_number_of_another_locale_is_a_finding_and_no_price(number: str) -> None:
    cell = f'"{number}"'
    rows = f"2025-03-01,5,5,5,5\n2025-03-02,{cell},{cell},{cell},{cell}\n2025-03-03,5,5,5,5\n"
    found = held(f"time,open,high,low,close\n{rows}", interval=timedelta(days=1))
    (said,) = found.said
    assert said.startswith('prices.csv:3: column "open": ')
    assert (found.lines, found.rows) == ([2, 4], [2, 3, 4])


@pytest.mark.parametrize(
    "time", ["01/03/2025", "3/1/2025 10:00", "1.3.2025", "2025/03/01", "March 1"]
)
def test_a_date_of_another_locale_is_a_finding(time: str) -> None:
    found = held(
        f"time,open,high,low,close\n2025-03-01,5,5,5,5\n{time},5,5,5,5\n2025-03-02,5,5,5,5\n"
    )
    (said,) = found.said
    assert f'prices.csv:3: column "time": "{time}" is not a time' in said
    assert found.lines == [2, 4]


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
