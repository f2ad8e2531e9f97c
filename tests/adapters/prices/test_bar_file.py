"""The bars of a file: in order, each once, and what is no bar is a finding."""

import random
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tracemalloc import get_traced_memory, start, stop

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.prices.bar_file import IN_DOUBT, REPEATED, opened
from adapters.prices.pairs import Wanted
from domain.errors import BookError, UnknownName
from tests.adapters.prices.bars import DATA, DAY, FIRST, a_day, held, kraken

FIVE = kraken(*range(5))


def test_a_bar_ends_where_the_next_one_begins() -> None:
    for bar, after in pairwise(held(FIVE).bars):
        assert bar.ends == after.at


@given(st.permutations(FIVE.splitlines(keepends=True)))
def test_rows_in_any_order_are_the_same_bars(rows: list[str]) -> None:
    found = held("".join(rows))
    assert found.bars == held(FIVE).bars
    assert found.series == held(FIVE).series


def test_the_bars_can_be_read_again() -> None:
    found = held(kraken(3, 1, 1, 2, "nonsense\n"))
    assert found.again == found.bars


def test_a_missing_bar_stays_missing_and_is_counted() -> None:
    found = held(kraken(0, 1, 2, 6, 9))
    assert found.said == []
    assert found.series is not None
    assert (found.series.bars, found.series.missing) == (5, 5)
    assert found.closes == ["10", "11", "12", "16", "19"]


def test_a_bar_that_stands_twice_counts_once() -> None:
    found = held(kraken(0, 1, a_day(1, "11.00"), 2))
    assert found.said == []
    assert found.reasons == {REPEATED: 1}
    assert found.closes == ["10", "11", "12"]
    assert found.rows == [1, 2, 3, 4]


def test_of_two_bars_of_one_time_that_differ_none_counts() -> None:
    found = held(kraken(0, 1, a_day(1, "11.5"), 2))
    assert found.said == [
        f'prices.csv:{line}: column "time": "2025-03-02T00:00:00Z" the bar of this time stands in'
        f" line {other} too, and not all of them are equal. Which is right? Take the others out"
        for line, other in ((2, 3), (3, 2))
    ]
    assert found.closes == ["10", "12"]
    assert found.series is not None
    assert found.series.missing == 1


def test_a_broken_row_beside_a_whole_one_of_the_same_time_leaves_the_whole_one() -> None:
    broken = a_day(1).replace(",11,1.5", ",12,1.5")
    found = held(kraken(0, 1, broken, 2))
    assert found.closes == ["10", "11", "12"]
    assert [said.split(": ")[0] for said in found.said] == ["prices.csv:3"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{t},11,11,11,0,1,1", '"close": "0" is no price: it must be more than zero'),
        ("{t},0.00,11,11,11,1,1", '"open": "0.00" is no price'),
        ("{t},11,11,-11,11,1,1", '"low": "-11" is no price'),
        ("{t},11,11,11,,1,1", '"close": is missing. If nothing was traded, take the row out'),
        ("{t},11,11,11,NaN,1,1", '"close": "NaN" is not a decimal'),
        ("{t},11,11,11,11,1.5.2,1", '"volume": "1.5.2" is not a decimal'),
        ("{t},11,11,11,11,-1,1", '"volume": "-1" must not be negative'),
        ('{t},11,11,11,"11,5",1,1', '"close": "11,5" is not a decimal'),
        ("{t},11,10,11,11,1,1", '"low": "11" must not be above the high, 10'),
        ("{t},11,12,11.5,12,1,1", '"open": "11" must lie between the low, 11.5, and the high, 12'),
        ("11,{t},11,11,11,1,1", '"time": "11" is not a time'),
        ("{t},11,11,11,11,1", '"trades": the row has 6 fields, the header 7'),
        ("{t},11,11,11,11,1,1,1", '"8": "1" the row has 8 fields, the header 7'),
        ('{t},11,"11', "is no row of a table"),
    ],
)
def test_a_bad_row_says_where_and_what_and_the_others_are_read(row: str, said: str) -> None:
    found = held(kraken(0, 2, 3, row.format(t=FIRST + DAY) + "\n"))
    (fault,) = found.said
    assert fault.startswith("prices.csv:4: ")
    assert said in fault
    assert found.closes == ["10", "12", "13"]
    assert found.rows == [1, 2, 3, 4]


def test_a_row_between_the_bars_puts_the_ends_of_all_in_doubt() -> None:
    """A daily file with one bar at 07:00 is no file of bars seven hours long."""
    stray = f"{FIRST + DAY + 25_200},11,11,11,11,1,1\n"
    found = held(kraken(0, 1, stray, 2, 3))
    (said,) = found.said
    assert said.startswith('prices.csv:4: column "time"') or "no multiple of 420m" in said
    assert found.bars == []
    assert found.reasons == {IN_DOUBT: 5}
    told = held(kraken(0, 1, stray, 2, 3), interval=timedelta(days=1))
    (said,) = told.said
    assert said.startswith('prices.csv:3: column "time": "2025-03-02T07:00:00Z" this bar begins')
    assert "420m after the one before it, which is no multiple of 1440m (--interval)" in said
    assert told.bars == []


def test_one_bar_alone_does_not_say_how_long_it_is() -> None:
    found = held(kraken(3))
    assert found.said == [
        "prices.csv: does not say how long its bars are: no two are neighbours."
        " Tell how long the bars are with --interval (1440, 60m, 4h, 1d)"
    ]
    assert found.reasons == {IN_DOUBT: 1}
    assert len(held(kraken(3), interval=timedelta(days=1)).bars) == 1


def test_two_bars_years_apart_do_not_say_how_long_they_are() -> None:
    found = held(kraken(3, 800))
    assert found.bars == []
    assert found.reasons == {IN_DOUBT: 2}


def test_a_name_says_how_long_bars_are_where_the_distances_agree() -> None:
    """Of a coin that nobody trades every day the smallest distance may be two days."""
    found = held(kraken(0, 2, 6), "XBTUSD_1440.csv")
    assert found.series is not None
    assert (found.series.interval, found.series.interval_from) == ("1440m", "the file's name")
    assert found.series.missing == 4


def test_a_name_that_contradicts_the_bars_is_asked_about() -> None:
    found = held(FIVE, "XBTUSD_10080.csv")
    assert found.said == [
        'XBTUSD_10080.csv:2: column "time": "2025-03-02T00:00:00Z" this bar begins 1440m after'
        " the one before it, which is no multiple of 10080m (the file's name). If the row is wrong,"
        " take it out. Tell how long the bars are with --interval (1440, 60m, 4h, 1d)"
    ]
    assert found.bars == []
    assert len(held(FIVE, "XBTUSD_10080.csv", interval=timedelta(days=1)).bars) == 5


def test_an_interval_that_contradicts_the_bars_is_refused() -> None:
    found = held(FIVE, interval=timedelta(days=7))
    assert "which is no multiple of 10080m (--interval)" in found.said[0]
    assert found.bars == []


def test_an_interval_that_contradicts_the_end_of_a_bar_is_refused() -> None:
    klines = (DATA / "BTCUSDT-1h-2025-01.csv").read_bytes()
    found = held(klines, interval=timedelta(days=1))
    assert "this bar lasts 60m, not 1440m (--interval)" in found.said[0]
    assert found.bars == []
    assert len(held(klines, interval=timedelta(hours=1)).bars) == 2


def test_bars_that_overlap_are_found() -> None:
    """Klines of an hour and of a day in one file."""
    text = (DATA / "BTCUSDT-1h-2025-01.csv").read_text()
    day = text.splitlines()[0].replace("1735693199999999", "1735775999999999")
    found = held(day.replace("1735689600", "1735689000") + "\n" + text)
    assert len(found.said) == 2
    assert "begins before the one before it ends" in found.said[0]


def test_months_of_their_own_length_are_no_gap() -> None:
    """2025-01, -02 and -03 as monthly klines."""
    starts = [1735689600, 1738368000, 1740787200, 1743465600]
    rows = [f"{start}000000,5,6,4,5,1,{end - 1}999999,1,1,1,1,0" for start, end in pairwise(starts)]
    found = held("\n".join(rows))
    assert found.said == []
    assert found.series is not None
    assert found.series.missing == 0


def test_a_row_of_another_pair_is_found() -> None:
    text = (DATA / "Bitstamp_ETHUSD_d.csv").read_text()
    other = text + "1741046400,2025-03-04 00:00:00,BTC/USD,9,9,9,9,9,9\n"
    found = held(other, asset=None, quote=None)
    (said,) = found.said
    assert '"symbol": "BTC/USD" is another pair than the ETH/USD' in said
    assert len(found.bars) == 3


def test_a_header_alone_holds_no_bars() -> None:
    found = held("time,open,high,low,close\n")
    assert (found.outcomes, found.again, found.series) == ([], [], None)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "XBTUSD_1.csv"
    path.write_text("".join(f"{FIRST + 60 * i},10,11,9,10.5,1,1\n" for i in range(20_000)))
    start()
    with opened(path, Wanted()) as bars:
        count = sum(1 for _ in bars.outcomes())
    _, most = get_traced_memory()
    stop()
    assert count == 20_000
    assert most < 2_500_000


# What else may come -------------------------------------------------------------------------------

FILES = [
    ("XBTUSD_1440.csv", (DATA / "XBTUSD_1440.csv").read_bytes()),
    ("BTCUSDT-1h-2025-01.csv", (DATA / "BTCUSDT-1h-2025-01.csv").read_bytes()),
    ("BTCUSDT-1h-2024-12.csv", (DATA / "BTCUSDT-1h-2024-12.csv").read_bytes()),
    ("Bitstamp_ETHUSD_d.csv", (DATA / "Bitstamp_ETHUSD_d.csv").read_bytes()),
    ("daily.csv", (DATA / "daily.csv").read_bytes()),
]


def looked_at(content: bytes, name: str) -> None:
    """Every row is accounted for once, or the file is refused as a whole: never a traceback."""
    asset = "ETH" if "ETH" in name else "BTC"
    try:
        found = held(content, name, asset=asset)
    except UnknownName:
        return
    except BookError as error:
        assert "its rows are of" in str(error)  # noqa: PT017 - the one other way to refuse
        return
    assert len(found.rows) == len(set(found.rows))
    assert found.again == found.bars
    ends = [bar.ends for bar in found.bars]
    assert ends == sorted(set(ends))


@given(st.sampled_from(FILES), st.integers(0, 400))
def test_a_file_cut_off_anywhere_ends_as_findings(file: tuple[str, bytes], length: int) -> None:
    name, content = file
    looked_at(content[:length], name)


@given(st.sampled_from(FILES), st.binary(max_size=60), st.integers(0, 400))
def test_any_bytes_anywhere_end_as_findings(
    file: tuple[str, bytes], noise: bytes, place: int
) -> None:
    name, content = file
    looked_at(content[:place] + noise + content[place:], name)
    looked_at(noise, name)


@given(st.sampled_from(FILES), st.randoms(use_true_random=False))
def test_columns_exchanged_in_some_rows_end_as_findings(
    file: tuple[str, bytes], chance: random.Random
) -> None:
    name, content = file
    rows = [row.split(b",") for row in content.splitlines()]
    for row in rows:
        if chance.random() < 0.5:
            chance.shuffle(row)
    looked_at(b"\n".join(map(b",".join, rows)), name)


CELL = st.sampled_from(
    ["1740787200", "1740873600000", "9" * 400, "1e30", "1E-50", "-0", "", "0", "5", "7.5", "x", '"']
)


@given(st.lists(st.lists(CELL, min_size=6, max_size=8), max_size=6))
def test_any_cells_end_as_findings(rows: list[list[str]]) -> None:
    looked_at(FILES[0][1] + "\n".join(map(",".join, rows)).encode(), "XBTUSD_1440.csv")
    header = b"time,open,high,low,close,volume\n"
    looked_at(header + "\n".join(map(",".join, rows)).encode(), "x.csv")
