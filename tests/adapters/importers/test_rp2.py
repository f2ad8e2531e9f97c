"""rp2's spreadsheet: its tables, its configuration, and files that only look like one."""

from pathlib import Path

import pytest

from adapters.importers.generic import ods_sheets
from adapters.importers.generic.generic import Generic
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.registry import recognise
from domain.errors import UnknownName
from marginbook import Book
from tests.adapters.importers.ods_files import document, ods, packed
from tests.adapters.importers.outcomes import Outcomes, read, shown

IN = "Unique ID,Timestamp,Asset,Exchange,Holder,Transaction Type,Spot Price,Crypto In,Crypto Fee,"
IN += "USD In No Fee,USD In With Fee,USD Fee,Notes"
OUT = "Unique ID,Timestamp,Asset,Exchange,Holder,Transaction Type,Spot Price,Crypto Out No Fee,"
OUT += "Crypto Fee,Crypto Out With Fee,USD Out No Fee,USD Fee,Notes"
INTRA = "Unique ID,Timestamp,Asset,From Exchange,From Holder,To Exchange,To Holder,Spot Price,"
INTRA += "Crypto Sent,Crypto Received,Notes"


def sheet(text: str) -> list[list[str]]:
    """Lines of cells; a blank line is a blank row."""
    return [line.strip().split(",") for line in text.strip().splitlines()]


STORY = {
    "BTC": sheet(f"""
        IN
        {IN}
        ,2024-02-01 10:05:00+00:00,BTC,Kraken,Bob,BUY,42000,1,,42000,42042,42,
        TABLE END

        OUT
        {OUT}
        ,2024-02-10 12:00:00+00:00,BTC,Kraken,Bob,SELL,45000,0.4,0,0.4,18000,18,
        ,2024-04-10 03:00:00+00:00,BTC,Kraken,Bob,SELL,40000,0.6,0,,,24,forced
        TABLE END
    """)
}
"""The story as rp2 can tell it: no loans, no shorts, no money put in."""


def rp2(files: dict[str, bytes | str], account: str | None = None) -> Outcomes:
    return read(Generic(), files, account)


def told(text: str, name: str = "BTC") -> Outcomes:
    return rp2({"rp2.ods": ods({name: sheet(text)})})


def test_the_story_is_the_fixture() -> None:
    fixture = Path(__file__).parents[2] / "data" / "rp2" / "story.ods"
    assert rp2({"s.ods": fixture.read_bytes()}).drafts == rp2({"s.ods": ods(STORY)}).drafts


def test_a_year_of_rp2() -> None:
    outcomes = rp2({"rp2.ods": ods(STORY)})
    assert shown(outcomes.events, "side", "asset", "quantity", "amount", "fee", "fee_asset") == [
        "Filled buy BTC 1 42000 42",
        "Filled sell BTC 0.4 18000 18",
        "Filled sell BTC 0.6 24000 24",
    ]
    assert {account for account, _ in outcomes.drafts} == {"kraken/bob"}
    assert outcomes.faults == []
    assert sorted(outcomes.rows) == [("rp2.ods", 3), ("rp2.ods", 8), ("rp2.ods", 9)]


def test_income_is_worth_its_price_and_fees_may_be_in_the_coin() -> None:
    outcomes = told(f"""
        IN
        {IN}
        a,2024-01-01 00:00:00 +0000,BTC,Kraken,Bob,STAKING,40000,0.5,,,,,
        b,2024-01-02T00:00:00Z,BTC,Kraken,Bob,Buy,40000,1,0.001,,,,
        c,2024-01-03 01:00:00.5+01:00,BTC,Kraken,Bob,MINING,1E5,0.5,,,,2,
        d,2024-01-04 00:00:00+00:00,BTC,Kraken,Bob,GIFT,1,2,,,,,
        e,2024-01-05 00:00:00+00:00,BTC,,,BUY,10,1,,10,10.5,,
        TABLE END
    """)
    assert shown(outcomes.events, "kind", "quantity", "value", "amount", "fee", "fee_asset") == [
        "IncomeReceived staking 0.5 20000",
        "Filled 1 40000 0.001 BTC",
        "IncomeReceived reward 0.5 50000",
        "FeeCharged 2",
        "Deposited 2",
        "Filled 1 10 0.5",
    ]
    assert outcomes.drafts[-1][0] == "rp2/main"


def test_what_went_out_and_what_moved() -> None:
    outcomes = told(f"""
        OUT
        {OUT}
        ,2024-01-01 00:00:00+00:00,BTC,Kraken,Bob,GIFT,1,2,0.1,,,,
        ,2024-01-02 00:00:00+00:00,BTC,Kraken,Bob,DONATE,1,2,0,,,,
        ,2024-01-03 00:00:00+00:00,BTC,Kraken,Bob,FEE,1,0,0.3,,,,
        ,2024-01-04 00:00:00+00:00,BTC,Kraken,Bob,LOST,1,1,0,,,,
        ,2024-01-05 00:00:00+00:00,BTC,Kraken,Bob,STAKING,1,1,0,,,,
        TABLE END
        INTRA
        {INTRA}
        ,2024-01-06 00:00:00+00:00,BTC,Kraken,Bob,Coinbase Pro,Alice,,1,0.99,
        TABLE END
    """)
    fields = ("to", "asset", "quantity", "fee", "purpose")
    assert shown(outcomes.events, *fields) == [
        "Withdrawn BTC 2 0.1 gift",
        "Withdrawn BTC 2 donation",
        "FeeCharged BTC 0.3",
        "Withdrawn BTC 1 own",
        "Transferred coinbase-pro/alice BTC 0.99 0.01",
    ]
    assert [(f.line, f.problem) for f in outcomes.faults] == [
        (6, "leaves the book as lost: no loss is figured"),
        (7, "loses staked units: what for is not told"),
    ]


CONFIG = """
[general]
assets = BTC
exchanges = Kraken
holders = Bob
[in_header]
timestamp = 3
asset = 0
exchange = 1
holder = 2
transaction_type = 5
spot_price = 4
crypto_in = 6
[out_header]
timestamp = 0
[intra_header]
timestamp = 0
"""
ODD = """
    IN
    what,where,who,when,at,how,much
    BTC,Kraken,Bob,2024-01-01 00:00:00+00:00,40000,BUY,2
    TABLE END
"""


@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        '{"in_header": {"timestamp": 3, "asset": 0, "exchange": 1, "holder": 2,'
        ' "transaction_type": 5, "spot_price": 4, "crypto_in": 6}}',
    ],
)
def test_the_configuration_says_which_column_is_which(config: str) -> None:
    table = ods({"BTC": sheet(ODD)})
    outcomes = rp2({"a.ods": table, "z.ini": config})
    assert shown(outcomes.events, "quantity", "amount") == ["Filled 2 80000"]
    assert outcomes.faults == []
    alone = rp2({"a.ods": table})
    assert alone.events == []
    assert alone.said[0] == (
        'a.ods:2: column "timestamp": the table IN of BTC has no such column. Give the'
        " configuration (.ini) along: it says which column is which"
    )


@pytest.mark.parametrize(
    "config", ["[in_header\n", "[in_header]\ntimestamp = first\n", '{"in_header": 3}']
)
def test_a_configuration_that_is_none_is_found(config: str) -> None:
    (fault,) = rp2({"c.ini": config}).faults
    assert fault.problem.startswith("is no configuration of rp2: ")


def test_other_money_is_named_by_the_header() -> None:
    outcomes = told(f"""
        IN
        {IN.replace("USD", "EUR")}
        ,2024-01-01 00:00:00+00:00,BTC,Kraken,Bob,BUY,1,2,,90,,3,
        TABLE END
    """)
    assert shown(outcomes.events, "quote", "amount", "fee") == ["Filled EUR 90 3"]


def test_rows_that_are_not_as_they_should_be_are_found() -> None:
    outcomes = told(f"""
        a note
        IN
        {IN}
        ,2024-01-01 00:00:00,BTC,Kraken,Bob,BUY,1,2,,90,,3,
        ,2024-01-01 00:00:00+00:00,ETH,Kraken,Bob,BUY,1,2,,90,,3,
        ,2024-01-01 00:00:00+00:00,BTC,Kraken,Bob,STEAL,1,2,,90,,3,
        ,2024-01-01 00:00:00+00:00,BTC,Kraken,Bob,BUY,__unknown,2,,,,3,
        ,2024-01-01 00:00:00+00:00,BTC,Kraken,Bob,STAKING,1,-2,,90,,3,
    """)
    assert outcomes.events == []
    assert outcomes.reasons == {"stands outside of the tables": 1}
    assert sorted((f.line, f.column, f.value, f.problem) for f in outcomes.faults) == [
        (2, "", "", "the table IN has no end"),
        (4, "timestamp", "2024-01-01 00:00:00", "is not a time with its zone"),
        (5, "asset", "ETH", "stands in the sheet of BTC"),
        (6, "transaction_type", "IN STEAL", "is a label not known here"),
        (7, "spot_price", "__unknown", "is not a decimal"),
        (8, "crypto_in", "-2", "is below zero"),
    ]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
ROW = "<table:table-row table:number-rows-repeated='{}'><table:table-cell/>{}</table:table-row>"
CELL = "<table:table-cell office:value='1'/>"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04 no archive", "is no spreadsheet that can be unpacked: "),
        (packed("", "other.xml"), "is no spreadsheet that can be unpacked: "),
        (packed("<a>"), "holds XML that cannot be read: "),
        (packed(b"\xff\xfe\x00"), "holds XML that cannot be read: "),
        (packed(document("", BOMB)), "declares a document type: no spreadsheet does"),
        (
            packed(document(f"<table:table>{ROW.format(99999, CELL)}</table:table>")),
            "repeats a row of  99999 times",
        ),
        (
            packed(document(f"<table:table>{ROW.format('1e9', CELL)}</table:table>")),
            "repeats something '1e9' times",
        ),
        (ods(STORY)[:400], "is no spreadsheet that can be unpacked: "),
    ],
)
def test_a_file_that_only_looks_like_a_spreadsheet_is_found(
    content: bytes, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.ods"
    path.write_bytes(content)
    (fault,) = Generic().layouts[-2].rows(SourceFile(path=path, sha256=""))
    assert isinstance(fault, Fault)
    assert fault.problem.startswith(problem)


def test_a_file_that_unpacks_to_more_than_any_list_does_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ods_sheets, "_MOST_BYTES", 1 << 20)
    (fault,) = rp2({"x.ods": packed(b" " * (2 << 20))}).faults
    assert fault.problem == "unpacks to more than 512 MiB: this is no list of transactions"


def test_blank_rows_and_columns_that_are_repeated_are_nothing() -> None:
    blank = "<table:table-row table:number-rows-repeated='1048576'><table:table-cell"
    blank += " table:number-columns-repeated='16384'/></table:table-row>"
    outcomes = rp2(
        {"x.ods": packed(document(f"<table:table table:name='X'>{blank}</table:table>"))}
    )
    assert (outcomes.events, outcomes.faults) == ([], [])


def test_a_remark_on_a_cell_is_no_part_of_it() -> None:
    remark = "<office:annotation><text:p>check this</text:p></office:annotation>"
    cell = f"<table:table-cell>{remark}<text:p>IN<text:s text:c='2'/></text:p></table:table-cell>"
    row = f"<table:table-row>{cell}</table:table-row>"
    outcomes = rp2({"x.ods": packed(document(f"<table:table table:name='X'>{row}</table:table>"))})
    assert outcomes.said == [
        "x.ods:1: the table IN has no end. Its last row says TABLE END in the first column"
    ]


def test_it_is_known_by_what_it_says_of_itself(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(ods(STORY))
    assert recognise(tmp_path / "x")[1] == "rp2-spreadsheet"
    (tmp_path / "y.xlsx").write_bytes(b"PK\x03\x04\x14\x00[Content_Types].xml")
    with pytest.raises(UnknownName, match="is a ZIP archive or a workbook"):
        recognise(tmp_path / "y.xlsx")


def test_a_spreadsheet_and_its_configuration_are_imported_together(tmp_path: Path) -> None:
    (tmp_path / "rp2.ods").write_bytes(ods({"BTC": sheet(ODD)}))
    (tmp_path / "rp2.ini").write_text(CONFIG)
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files([tmp_path / "rp2.ods", tmp_path / "rp2.ini"])
        assert [(f.format, f.rows, f.recorded) for f in result.files] == [
            ("rp2-spreadsheet", 1, 1),
            ("rp2-configuration", 0, 0),
        ]


def test_a_spreadsheet_of_another_program_is_read_too(tmp_path: Path) -> None:
    """ezodf writes what rp2 itself reads and DaLI writes."""
    ezodf = pytest.importorskip("ezodf")
    document = ezodf.newdoc("ods", str(tmp_path / "x.ods"))
    table = ezodf.Sheet("BTC", size=(20, 20))
    for row, cells in enumerate(STORY["BTC"]):
        for column, text in enumerate(cells):
            number = text.replace(".", "").isdigit()
            if text:
                table[row, column].set_value(float(text) if number else text)
    document.sheets += table
    document.save()
    outcomes = rp2({"x.ods": (tmp_path / "x.ods").read_bytes()})
    assert outcomes.drafts == rp2({"x.ods": ods(STORY)}).drafts
