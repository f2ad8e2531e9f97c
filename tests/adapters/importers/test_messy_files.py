"""Files as people have them: put together, saved by a spreadsheet, with mistakes in the mapping."""

from pathlib import Path

import pytest

from adapters.importers.coinbase.coinbase import Coinbase
from adapters.importers.generic.generic import Generic
from adapters.importers.generic.mapped import Mapped
from domain.errors import BookError
from tests.adapters.importers.outcomes import Outcomes, read

KOINLY = (
    "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,"
    "Net Worth Amount,Net Worth Currency,Label,Description,TxHash\n"
)
BOUGHT = "2024-02-01 10:05:00 UTC,21000,USD,0.5,BTC,21,USD,,,,,\n"
SOLD = "2024-02-10 12:00:00 UTC,0.2,BTC,9000,USD,9,USD,,,,,\n"
TRACKER = (
    "Date,Received Quantity,Received Currency,Sent Quantity,Sent Currency,Fee Amount,Fee Currency,"
    "Tag\n"
)


# Several files in one -----------------------------------------------------------------------------


def test_rows_of_two_files_put_into_one_count_once() -> None:
    """As in two files: what both have is one row; two that are alike within one stay two."""
    told = read(Generic(), {"all.csv": KOINLY + BOUGHT * 2 + KOINLY + BOUGHT + SOLD})
    assert (len(told.events), told.said) == (3, [])
    assert told.reasons == {"the same row stands elsewhere in these files": 1}
    assert told.rows.total() == 4


# Times that a spreadsheet wrote -------------------------------------------------------------------


def test_a_file_with_the_day_first_is_not_read_with_the_month_first() -> None:
    """One date shows it for all of them: 10/02 was in February."""
    rows = "01/02/2024 09:00:00,100,USD,,,,,\n10/02/2024 09:00:00,5,USD,,,,,\n"
    late = "15/03/2024 08:00:00,7,USD,,,,,\n"
    told = read(Generic(), {"a.csv": TRACKER + rows + late})
    assert told.events == []
    assert len(told.faults) == 3
    assert "as a.csv:4 shows (15/03/2024 08:00:00)" in told.said[0]
    assert len(read(Generic(), {"a.csv": TRACKER + rows}).events) == 2


def test_an_id_that_a_spreadsheet_shortened_is_no_id() -> None:
    """2840141160393467 and 2840141160393999 are both 2.84014E+15: told once, one would be lost."""
    fills = (
        "portfolio,trade id,product,side,created at,size,size unit,price,fee,total,"
        "price/fee/total unit\n"
        "default,5.012E+14,ETH-USD,BUY,2024-11-20T12:30:10.118Z,0.6,ETH,3100,7.44,-1867.44,USD\n"
        "default,501200331,ETH-USD,BUY,2024-11-20T12:30:10.118Z,0.6,ETH,3100,7.44,-1867.44,USD\n"
    )
    told = read(Coinbase(), {"fills.csv": fills})
    assert [event.id for event in told.events] == ["501200331/ETH/USD"]
    (fault,) = told.said
    assert fault.startswith('fills.csv:2: "5.012E+14" is an id that a spreadsheet shortened')


# Assets that people wrote -------------------------------------------------------------------------


def test_money_in_small_letters_or_with_spaces_is_that_money() -> None:
    """And the row is the row that a tool writes; a token's own capitals stay."""
    row = "02/01/2024 10:05:00,0.5,{0},21000,{1},21,{1},\n"
    by_tool = read(Generic(), {"a.csv": TRACKER + row.format("BTC", "USD")})
    by_hand = read(Generic(), {"a.csv": TRACKER + row.format("btc ", " usd")})
    assert by_hand.events == by_tool.events
    (token,) = read(Generic(), {"a.csv": TRACKER + row.format("stETH", "usd")}).events
    assert getattr(token, "asset", "") == "stETH"


# Mapping files ------------------------------------------------------------------------------------

MAPPING = """name = "prime"

[columns]
time = "When"
kind = "Type"
pair = "Market"
quantity = "Quantity"
price = "Price"

[time]
format = "%Y-%m-%d %H:%M"
zone = "UTC"

[kinds]
"LOAN" = "borrowed"
"BUY" = "filled buy"
"BACK" = "repaid"
"""
TABLE = (
    "When,Type,Market,Quantity,Price\n"
    "2024-02-01 10:00,LOAN,USD,21000,\n"
    "2024-02-01 10:05,BUY,BTC/USD,0.5,42000\n"
    "2024-02-01 10:06,BACK,USD,100,\n"
)


def mapped(folder: Path, mapping: str, table: str = TABLE) -> Outcomes:
    """What is read of a table by a mapping."""
    path = folder / "prime.toml"
    path.write_text(mapping)
    return read(Mapped(path), {"prime.csv": table})


def test_the_market_of_a_row_that_is_no_trade_is_the_asset(tmp_path: Path) -> None:
    told = mapped(tmp_path, MAPPING)
    assert told.said == []
    assert [getattr(event, "asset", "") for event in told.events] == ["USD", "BTC", "USD"]


def test_the_market_of_a_trade_is_a_pair(tmp_path: Path) -> None:
    (fault,) = mapped(tmp_path, MAPPING, TABLE.replace("BTC/USD", "BTC")).said
    assert "is no pair of two assets" in fault


def test_a_word_without_a_kind_is_told_which_kinds_there_are(tmp_path: Path) -> None:
    (fault,) = mapped(tmp_path, MAPPING.replace('"LOAN" = "borrowed"\n', "")).said
    assert 'Add it to prime.toml, under [kinds]: "LOAN" = one of deposited, withdrawn' in fault


def test_a_time_format_that_no_time_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"prime.toml:11: time.format: '%Y-%m-%d %Q'"):
        mapped(tmp_path, MAPPING.replace("%H:%M", "%Q"))


def test_a_table_with_another_separator_is_told_what_to_say(tmp_path: Path) -> None:
    (fault,) = mapped(tmp_path, MAPPING, TABLE.replace(",", ";")).said
    assert fault.endswith('Price; if it is mapped, say separator = ";" in the mapping file')
    (fault,) = mapped(tmp_path, MAPPING, TABLE.replace("Price", "Cost")).said
    assert fault.endswith("The header found is When,Type,Market,Quantity,Cost")
