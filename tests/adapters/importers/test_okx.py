"""OKX's statements: what its rows become, and that tables and pages tell the same.

tests/data/okx/story_*.csv, in USDT; the venue lends by itself, so no row borrows or repays:

    02-01 09:10  20,000 moved into the trading account                      20,000.00
          10:05  1 BTC bought at 42,000, fee 42                            -22,042.00
    02-02        interest 9                                                -22,051.00
    02-10        0.4 BTC sold at 45,000, fee 18: +17,982                     -4,069.00
    03-01        5 ETH sold that are not there (-5), fee 17: +16,983         12,914.00
    03-15        5 ETH bought at 3,100, fee 15.50: -15,515.50                -2,601.50
    04-10        liquidation: 0.6 BTC at 40,000, fee 24: +23,976             21,374.50
    04-20        5,000 moved out, and withdrawn                             16,374.50
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.importers.okx import okx_words
from adapters.importers.okx.okx import Okx
from adapters.importers.registry import recognise
from domain.events import AccountOpened, Event
from marginbook import Book
from tests.adapters.importers.outcomes import Outcomes, read, shown

FOLDER = Path(__file__).parents[2] / "data" / "okx"
STORY = {path.name: path.read_text() for path in sorted(FOLDER.glob("story*.csv"))}
TRADING, FUNDING = STORY["story_trading.csv"], STORY["story_funding.csv"]
HEADER, *ROWS = TRADING.replace("\ufeff", "").splitlines()[1:]
FIELDS = ("side", "asset", "quantity", "amount", "fee", "fee_asset", "contract", "kind", "note")


def okx(files: dict[str, str]) -> Outcomes:
    return read(Okx(), files)


def table(*rows: str, zone: str = "UTC+0") -> str:
    return "\n".join([f"UID:1,Account Type:Main,Time Zone:{zone}", HEADER, *rows]) + "\n"


def bills(*bills: dict[str, Any]) -> str:
    """A page of bills; what is not said of one is as in a plain spot account."""
    plain = {"billId": "1", "ccy": "USDT", "bal": "", "type": "", "subType": "", "ts": "171000000"}
    plain |= {"instId": "", "instType": "", "ordId": "", "mgnMode": "", "fee": "0"}
    plain["ts"] = "1710000000123"
    return json.dumps({"code": "0", "data": [plain | bill for bill in bills]})


def events(outcomes: Outcomes) -> list[tuple[str, Event]]:
    return outcomes.drafts


def test_the_story_ends_with_what_the_balances_say(tmp_path: Path) -> None:
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files(sorted(FOLDER.glob("story*.csv")))
        assert [file.findings for file in result.files] == [(), ()]
        (left,) = book.balances().balances
        assert (left.account, left.asset, str(left.held)) == ("okx/main", "USDT", "16374.5")
        assert not left.owed
        kinds = {finding.kind for finding in book.check()}
        assert "failed_assertion" not in kinds
        assert "negative_balance" not in kinds


def test_the_story_in_words() -> None:
    told = okx(STORY)
    assert shown(told.events, "side", "asset", "quantity", "amount", "fee", "to") == [
        "Deposited USDT 20000",
        "Transferred USDT 20000 okx/main",
        "Borrowed USDT 22042",
        "Filled buy BTC 1 42000 42",
        "Borrowed USDT 9",
        "InterestCharged USDT 9",
        "Filled sell BTC 0.4 18000 18",
        "Repaid USDT 17982",
        "Borrowed ETH 5",
        "Filled sell ETH 5 17000 17",
        "Repaid USDT 4069",
        "Borrowed USDT 2601.5",
        "Filled buy ETH 5 15500 15.5",
        "Repaid ETH 5",
        "Liquidated sell BTC 0.6 24000 24",
        "Repaid USDT 2601.5",
        "Transferred USDT 5000 okx/funding",
        "Withdrawn USDT 5000",
    ]
    assert told.asserted["USDT"] == Decimal("16374.5")
    modes = {account: e.mode for account, e in told.drafts if isinstance(e, AccountOpened)}
    assert modes == {"okx/main": "cross"}


# Generations ------------------------------------------------------------------------------------


def _rows() -> Iterable[dict[str, str]]:
    names = HEADER.split(",")
    for row in ROWS:
        cells = dict(zip(names, row.split(","), strict=True))
        at = datetime.fromisoformat(cells["Time"]) - timedelta(hours=8)
        yield cells | {"Time": f"{at:%Y-%m-%d %H:%M:%S}"}


def as_of_2022() -> str:
    """Two columns called Unit; rows in UTC."""
    columns = {
        "id": "id",
        "Order id": "Order id",
        "Time": "Time",
        "Trade Type": "Trade Type",
        "Instrument": "Symbol",
        "Type": "Action",
        "Amount": "Amount",
        "Unit": "Trading Unit",
        "PL": "PnL",
        "Fee": "Fee",
        "Position Change": "Position Change",
        "Position Balance": "Position Balance",
        "Balance Change": "Balance Change",
        "Balance": "Balance",
    }
    lines = [",".join([*columns, "Unit"])]
    lines += [
        ",".join([*(row[name] for name in columns.values()), row["Balance Unit"]])
        for row in _rows()
    ]
    return "\ufeff" + "\n".join(lines)


def as_of_2023() -> str:
    names = HEADER.replace("Filled Price,", "Filled Price,Filled Price Unit,")
    names = names.replace("Position Balance,", "Position Balance,Position Unit,")
    rows = [",".join(row.get(name, "USDT") for name in names.split(",")) for row in _rows()]
    return "\n".join([names, *rows])


def with_dollars() -> str:
    lines = [HEADER + ",Filled_price-USD,Balance-USD"]
    return "\n".join([*lines, *(",".join([*row.values(), "1", "2"]) for row in _rows())])


def as_a_page() -> str:
    types = {"Transfer in": ("1", "11"), "Transfer out": ("1", "12"), "Buy": ("2", "1")}
    types |= {"Sell": ("2", "2"), "Liquidation sell": ("5", "107")}
    types |= {"Interest deduction for Market loans": ("7", "9")}
    page = []
    for row in _rows():
        at = datetime.fromisoformat(row["Time"] + "+00:00")
        type_, sub = types[row["Action"]]
        page.append(
            {
                "billId": row["id"],
                "ccy": row["Balance Unit"],
                "balChg": row["Balance Change"],
                "bal": row["Balance"],
                "type": type_,
                "subType": sub,
                "ts": f"{at.timestamp():.0f}417",
                "instId": row["Symbol"],
                "ordId": row["Order id"],
                "instType": "MARGIN" if row["Symbol"] else "",
                "mgnMode": "cross" if row["Symbol"] else "",
                "fee": row["Fee"],
                "interest": "0",
            }
        )
    return json.dumps({"code": "0", "msg": "", "data": page})


@pytest.mark.parametrize(
    ("name", "content", "generation"),
    [
        ("x.csv", as_of_2022(), "okx-trading 2022"),
        ("x.csv", as_of_2023(), "okx-trading 2025"),
        ("x.csv", with_dollars(), "okx-trading 2025"),
        ("x.json", as_a_page(), "okx-bills"),
    ],
)
def test_every_generation_becomes_the_same_events(
    name: str, content: str, generation: str, tmp_path: Path
) -> None:
    told = okx({name: content})
    assert told.said == []
    assert events(told) == events(okx({"story_trading.csv": TRADING}))
    path = tmp_path / name
    path.write_text(content)
    importer, found = recognise(path)
    assert (importer.name, found) == ("okx", generation)


def test_a_table_and_its_page_are_told_once() -> None:
    both = okx({"a.csv": TRADING, "b.json": as_a_page()})
    assert both.said == []
    assert events(both) == events(okx({"a.csv": TRADING}))
    assert sum(both.reasons.values()) == len(ROWS)


def test_where_an_export_begins_means_nothing(tmp_path: Path) -> None:
    """The later half first, with debts that it does not begin: the same events in the end."""
    late = "\n".join([*TRADING.splitlines()[:2], *TRADING.splitlines()[2:10]]) + "\n"
    books = []
    for number, texts in enumerate(([late, TRADING], [TRADING])):
        with Book.open(tmp_path / f"{number}.db") as book:
            for text in texts:
                path = tmp_path / f"{number}-{len(text)}.csv"
                path.write_text(text)
                book.import_file(path)
            entries = [e for e in book.events() if e.account == "okx/main"]
            books.append(sorted(str(e.event) for e in entries))
            assert "conflict" not in {finding.kind for finding in book.check()}
    assert books[0] == books[1]


def test_a_move_is_the_same_whichever_account_tells_it() -> None:
    apart = [*okx({"t.csv": TRADING}).drafts, *okx({"f.csv": FUNDING}).drafts]
    moves = [draft for draft in apart if type(draft[1]).__name__ == "Transferred"]
    assert [(a, e.id, e.at) for a, e in moves[:2]] == [(a, e.id, e.at) for a, e in moves[2:]]


def test_the_two_sides_of_a_move_may_be_seconds_apart() -> None:
    """It bears the trading account's name, and the earlier time."""
    late = {"t.csv": TRADING, "f.csv": FUNDING.replace("11:55:00", "11:55:03")}
    early = {"t.csv": TRADING, "f.csv": FUNDING.replace("09:10:00", "09:09:58")}
    assert okx(late).said == okx(early).said == []
    moves = [
        [(e.id, str(e.at)) for e in okx(files).events if type(e).__name__ == "Transferred"]
        for files in (late, early)
    ]
    names = [
        "transfer/2024-02-01T09:10:00Z/USDT/20000/to-trading",
        "transfer/2024-04-20T11:55:00Z/USDT/5000/to-funding",
    ]
    assert moves[0] == [
        (names[0], "2024-02-01 09:10:00+00:00"),
        (names[1], "2024-04-20 11:55:00+00:00"),
    ]
    assert moves[1] == [
        (names[0], "2024-02-01 09:09:58+00:00"),
        (names[1], "2024-04-20 11:55:00+00:00"),
    ]
    far = okx({"t.csv": TRADING, "f.csv": FUNDING.replace("11:55:00", "11:55:06")})
    assert len([e for e in far.events if type(e).__name__ == "Transferred"]) == 3


def test_two_moves_of_one_second_and_amount_are_two() -> None:
    row = ",,2024-01-01 00:00:00,Transfer,,Transfer in,0,cont,0,0,0,USDT,0,0,5"
    told = okx({"t.csv": table(f"1{row},5,USDT", f"2{row},10,USDT")})
    assert shown(told.events, "id", "quantity") == [
        "Transferred transfer/2024-01-01T00:00:00Z/USDT/5/to-trading 5",
        "Transferred transfer/2024-01-01T00:00:00Z/USDT/5/to-trading/2 5",
    ]


# Kinds of row -----------------------------------------------------------------------------------


def test_every_published_kind_of_bill() -> None:
    told = okx({"bills.json": (FOLDER / "bills.json").read_text()})
    assert told.said == []
    lines = shown(told.events, *FIELDS)
    for line in (
        "Filled buy BTC 0.1 6000 0.0001 BTC",  # a fee in the coin bought
        "IncomeReceived USDT 0.031 rebate",
        "ContractSettled USDT 3 BTC-USDT-SWAP",  # opening: the fee alone
        "FundingSettled USDT -0.6 BTC-USDT-SWAP",
        "ContractSettled USDT 100 3 BTC-USDT-SWAP",
        "ContractSettled USDT 40 BTC-USDT-SWAP auto-deleveraging",
        "ContractSettled USDT -208 2 BTC-USDT-SWAP liquidation",
        "ContractSettled USDT -5 BTC-USDT-SWAP clawback",
        "ContractSettled USDT 12.5 BTC-USDT-240503",
        "InterestCharged ETH 0.0001",  # in another coin, and lent for it
        "Liquidated buy ETH 2.0001 6200.31 12.50062",  # forced repayment
        "Filled sell BTC 0.01 615",  # conversion
        "Borrowed USDC 100",
    ):
        assert line in lines


def test_an_isolated_position_is_an_account_of_its_own() -> None:
    told = okx({"bills.json": (FOLDER / "bills.json").read_text()})
    name = "okx/isolated/BTC-USDT"
    lines = shown([event for account, event in told.drafts if account == name], "asset", "quantity")
    assert lines == [
        "Borrowed USDT 701.2",  # 1,201.20 spent, 500 moved in
        "Filled BTC 0.02",
        "Filled BTC 0.02",
        "Repaid USDT 701.2",
        "AccountOpened",
    ]


@pytest.mark.parametrize("action", sorted(okx_words.ACTIONS))
def test_every_action_is_read_or_said_to_be_incomplete(action: str) -> None:
    """One row alone: an event, or half of a trade; but never an unknown type."""
    row = f"1,9,2024-01-01 00:00:00,Swap,BTC-USDT-SWAP,{action},0,cont,0,0,0,USDT,0,0,-5,95,USDT"
    told = okx({"t.csv": table(row)})
    assert not [said for said in told.said if "not known" in said]
    assert told.rows == {("t.csv", 3): 1}


@pytest.mark.parametrize("type_", sorted(okx_words.TYPES))
def test_every_type_of_bill_is_read(type_: str) -> None:
    told = okx({"b.json": bills({"type": type_, "balChg": "-1", "instId": "BTC-USDT-SWAP"})})
    assert not [said for said in told.said if "not known" in said]


def test_a_conversion_has_no_action_in_tables() -> None:
    """Two of one second are two: each has its order."""
    rows = (
        "1,A,2026-07-06 04:09:33,Spot,TAO-USDC-CONVERT,,0.5,USDC,200,0,0,TAO,0,0,-0.5,9.5,TAO",
        "2,A,2026-07-06 04:09:33,Spot,TAO-USDC-CONVERT,,100,USDC,200,0,0,USDC,0,0,100,100,USDC",
        "3,B,2026-07-06 04:09:33,Spot,BTC-USDC-CONVERT,,1,USDC,60,0,0,BTC,0,0,1,1,BTC",
        "4,B,2026-07-06 04:09:33,Spot,BTC-USDC-CONVERT,,60,USDC,60,0,0,USDC,0,0,-60,40,USDC",
    )
    told = okx({"t.csv": table(*rows)})
    assert shown(told.events, "side", "asset", "quantity", "quote", "amount") == [
        "Filled sell TAO 0.5 USDC 100",
        "Filled buy BTC 1 USDC 60",
    ]


def test_an_unknown_type_is_a_fault_and_not_passed_over() -> None:
    told = okx({"b.json": bills({"type": "99", "subType": "7", "balChg": "1", "bal": "1"})})
    assert [said for said in told.said if "not known" in said] == [
        'b.json:1: column "type": "99/7" is a type of row not known here. '
        "Enter it by hand as a native line, or ask for this type to be read"
    ]
    row = "1,9,2024-01-01 00:00:00,Gift,,Present,0,cont,0,0,0,USDT,0,0,5,5,USDT"
    assert '"Present" is a type of row not known here' in okx({"t.csv": table(row)}).said[0]


def test_half_a_trade_is_a_fault() -> None:
    row = "1,9,2024-01-01 00:00:00,Spot,BTC-USDT,Buy,1,BTC,5,0,0,BTC,0,0,1,1,BTC"
    assert "is half of a trade: only BTC moves" in okx({"t.csv": table(row)}).said[0]


def test_a_fee_in_another_currency_is_a_fault() -> None:
    row = "1,9,2024-01-01 00:00:00,Spot,BTC-USDT,Buy,1,BTC,5,0,-1,OKB,0,0,1,1,BTC"
    said = okx({"t.csv": table(row)}).said[0]
    assert 'column "Fee Unit": "OKB" is another currency than the balance\'s' in said


def test_a_row_that_is_missing_shows_in_the_balance() -> None:
    told = okx({"t.csv": TRADING.replace(ROWS[5], "").replace(ROWS[6], "")})
    assert any("the running balance does not follow" in said for said in told.said)


# Funding and the oldest table -------------------------------------------------------------------


def funding(*rows: str) -> str:
    header = "id,Time,Type,Amount,Before Balance,After Balance,Fee,Symbol"
    return "\n".join([header, *rows])


def test_what_the_funding_account_tells() -> None:
    told = okx(
        {
            "f.csv": funding(
                "1,2024-01-01 00:00:00,Deposit,100,0,100,0,USDT",
                "2,2024-01-02 00:00:00,Staking Yield,1,100,101,0,USDT",
                "3,2024-01-03 00:00:00,Fee rebate,2,101,103,0,USDT",
                "4,2024-01-04 00:00:00,Stake,-50,103,53,0,USDT",
                "5,2024-01-05 00:00:00,Redeem staking,50,53,103,0,USDT",
                "6,2024-01-06 00:00:00,Withdrawal,-10,103,93,1,USDT",  # the fee is within
                "7,2024-01-07 00:00:00,Withdrawal,-10,93,82,1,USDT",  # the fee is beside it
            )
        }
    )
    assert told.said == []
    assert shown(told.events, "asset", "quantity", "fee", "kind", "to") == [
        "Deposited USDT 100",
        "IncomeReceived USDT 1 staking",
        "IncomeReceived USDT 2 rebate",
        "Transferred USDT 50 okx/earn",
        "Transferred USDT 50 okx/funding",
        "Withdrawn USDT 9 1",
        "Withdrawn USDT 10 1",
    ]
    assert told.asserted == {"USDT": 82}


def test_an_amount_that_the_balance_contradicts_is_a_fault() -> None:
    told = okx({"f.csv": funding("1,2024-01-01 00:00:00,Deposit,100,0,90,0,USDT")})
    assert "is not what the balance did, which is 90" in told.said[0]


def test_the_oldest_table_is_in_china_time_where_it_says_so() -> None:
    header = "time,type,size,balance,fee,currency\n"
    rows = (
        "2019-05-06 17:21:33 CST,buy,1,0.999,-0.001,btc\n"
        "2019-05-06 17:21:33 CST,sell,-5000,-5000,0,usdt\n"
    )
    told = okx({"o.csv": header + rows})
    assert shown(told.events, "at", "asset", "quantity", "amount", "fee", "fee_asset") == [
        "Borrowed 2019-05-06 09:21:33+00:00 USDT 5000",
        "Filled 2019-05-06 09:21:33+00:00 BTC 1 5000 0.001 BTC",
    ]
    spoken = rows.replace("2019-05-06 17:21:33 CST", "Mon May 06 17:21:33 CST 2019")
    assert okx({"o.csv": header + spoken}).events == told.events
    untold = okx({"o.csv": header + rows.replace(" CST", "")})
    assert "the zone of these times is not told" in untold.said[0]
    assert untold.events == []


@pytest.mark.parametrize(
    ("cell", "instead", "said"),
    [
        ("17982", "17.982,00", "fields, the header"),
        (",17982,", ",17982 USDT,", 'column "Balance Change": "17982 USDT" is not a decimal'),
        ("2024-02-10 20:00:00", "10.02.2024 20:00", 'column "Time"'),
    ],
)
def test_a_bad_cell_is_a_fault_with_its_line_and_column(cell: str, instead: str, said: str) -> None:
    told = okx({"t.csv": TRADING.replace(cell, instead, 1)})
    assert any(said in fault for fault in told.said)
    assert set(told.rows.values()) == {1}


@pytest.mark.parametrize("cut", [0, 1])
def test_an_id_that_a_spreadsheet_cut_short_is_a_fault(cut: int) -> None:
    """Else the trade would be told again under another name beside the venue's own export."""
    cells = next(row for row in ROWS if ",Spot," in row).split(",")
    cells[cut] = "6.8E+17"
    (said,) = okx({"t.csv": table(",".join(cells))}).said
    assert '"6.8E+17" is an id that a spreadsheet shortened' in said
    assert "Was the file saved by a spreadsheet? Export it again" in said
