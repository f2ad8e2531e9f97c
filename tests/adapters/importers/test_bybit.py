"""Bybit's statements: what their rows become, and that tables and pages tell the same.

tests/data/bybit/story_*.csv, in USDT; the venue lends by itself, so no row borrows or repays:

    02-01 09:10  20,000 moved into the unified account                      20,000.00
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
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.importers.bybit import bybit_words
from adapters.importers.bybit.bybit import Bybit
from adapters.importers.registry import recognise
from domain.events import AccountOpened, ContractSettled, FundingSettled
from marginbook import Book
from tests.adapters.importers.outcomes import Outcomes, read, shown

FOLDER = Path(__file__).parents[2] / "data" / "bybit"
UTA = (FOLDER / "story_uta.csv").read_text()
FUND = (FOLDER / "story_fund.csv").read_text()
HEADER, *ROWS = UTA.splitlines()[1:]
OLD = (
    "Time,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,"
    "Cash Flow,Change,Wallet Balance,Fee Rate,Trade ID,Order ID"
)


def bybit(files: dict[str, str]) -> Outcomes:
    return read(Bybit(), files)


def log(*rows: str) -> str:
    return "\n".join([OLD, *rows]) + "\n"


def test_the_story_ends_with_what_the_balances_say(tmp_path: Path) -> None:
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files(sorted(FOLDER.glob("story*.csv")))
        assert [file.findings for file in result.files] == [(), ()]
        (left,) = book.balances().balances
        assert (left.account, left.asset, str(left.held)) == ("bybit/main", "USDT", "16374.5")
        assert not left.owed
        kinds = {finding.kind for finding in book.check()}
        assert not kinds & {"failed_assertion", "negative_balance"}


def test_the_story_in_words() -> None:
    told = bybit({"a.csv": UTA, "b.csv": FUND})
    assert shown(told.events, "side", "asset", "quantity", "amount", "fee", "to") == [
        "Deposited USDT 20000",
        "Transferred USDT 20000 bybit/main",
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
        "Transferred USDT 5000 bybit/funding",
        "Withdrawn USDT 5000",
    ]
    modes = {account: e.mode for account, e in told.drafts if isinstance(e, AccountOpened)}
    assert modes == {"bybit/main": "cross"}


# Generations ------------------------------------------------------------------------------------


def _rows() -> Iterable[dict[str, str]]:
    return (dict(zip(HEADER.split(","), row.split(","), strict=True)) for row in ROWS)


def as_of_2020(words: dict[str, str]) -> str:
    """Without user, with trade ids, fees above zero where they were taken."""
    lines = []
    for row in _rows():
        cells = row | {"Time": row["Time(UTC)"], "Type": words.get(row["Type"], row["Type"])}
        cells["Fee Paid"] = row["Fee Paid"].lstrip("-")
        lines.append(",".join(cells.get(name, "7") for name in OLD.split(",")))
    return log(*lines)


def with_ids_behind() -> str:
    names = "Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,"
    names += "Cash Flow,Change,Wallet Balance,Action,OrderId,TradeId,Time"
    lines = []
    for row in _rows():
        cells = row | {"Time": row["Time(UTC)"] + ".000"}
        lines.append(",".join(cells.get(name, "7") for name in names.split(",")))
    return "\n".join([names, *lines])


def as_a_page() -> str:
    rows = []
    for row in _rows():
        at = datetime.fromisoformat(row["Time(UTC)"] + "+00:00")
        fee = row["Fee Paid"]
        rows.append(
            {
                "id": "1",
                "transactionTime": f"{at.timestamp():.0f}250",
                "symbol": row["Contract"],
                "category": "spot" if row["Contract"] else "",
                "side": row["Direction"].capitalize() if row["Contract"] else "None",
                "type": row["Type"],
                "qty": row["Quantity"],
                "currency": row["Currency"],
                "funding": "",
                "fee": fee.removeprefix("-") if fee.startswith("-") else f"-{fee}",
                "cashFlow": row["Cash Flow"],
                "change": row["Change"],
                "cashBalance": row["Wallet Balance"],
            }
        )
    return json.dumps({"retCode": 0, "result": {"list": rows}})


@pytest.mark.parametrize(
    ("name", "content", "generation"),
    [
        ("x.csv", as_of_2020({}), "bybit-log 2020"),
        ("x.csv", with_ids_behind(), "bybit-log 2024"),
        ("x.json", as_a_page(), "bybit-pages"),
        (
            "x.csv",
            as_of_2020({"TRADE": "trade", "TRANSFER_IN": "transferIn"}),
            "bybit-log 2020",
        ),
    ],
)
def test_every_generation_becomes_the_same_events(
    name: str, content: str, generation: str, tmp_path: Path
) -> None:
    told = bybit({name: content})
    assert told.said == []
    assert told.drafts == bybit({"a.csv": UTA}).drafts
    path = tmp_path / name
    path.write_text(content)
    importer, found = recognise(path)
    assert (importer.name, found) == ("bybit", generation)


def test_a_table_and_its_page_are_told_once() -> None:
    both = bybit({"a.csv": UTA, "b.json": as_a_page()})
    assert both.said == []
    assert both.drafts == bybit({"a.csv": UTA}).drafts
    assert sum(both.reasons.values()) == len(ROWS)


# Kinds of row -----------------------------------------------------------------------------------


def test_the_derivatives_account() -> None:
    told = bybit({"d.csv": (FOLDER / "derivatives_2020.csv").read_text()})
    assert told.said == []
    assert shown(told.events, "asset", "quantity", "amount", "fee", "kind", "note") == [
        "Transferred USDT 1100",
        "Withdrawn USDT 97.966",
        "IncomeReceived USDT 1.2 rebate",  # the fee of a maker, given back
        "FundingSettled USDT -0.6",
        "FundingSettled USDT 0.25",
        "ContractSettled USDT 40 3.624",
        "ContractSettled USDT 1.86",  # an opening: its fee alone
        "ContractSettled USDT -200 2 liquidation",
        "Deposited BTC 0.05",
        "Filled BTC 0.005 300",
    ]
    assert told.asserted == {"USDT": Decimal("1135.4"), "BTC": Decimal("0.045")}


def test_every_kind_of_a_page() -> None:
    told = bybit({"p.json": (FOLDER / "pages.json").read_text()})
    assert told.said == []
    assert told.reasons == {"nothing moved": 1}  # an automatic loan that moves no balance
    lines = shown(told.events, "asset", "quantity", "amount", "fee", "fee_asset", "kind", "to")
    for line in (
        "Filled BTC 0.1 6000 0.0001 BTC",
        "InterestCharged USDT 0.5",
        "ContractSettled USDC 12.5",  # a session's result, its funding beside it
        "FundingSettled USDC -0.1",
        "ContractSettled USDC 30 0.3",
        "IncomeReceived USDT 10 bonus",
        "FeeCharged USDT 4 bonus recalled",
        "IncomeReceived USDT 1.5 rebate",
        "IncomeReceived XYZ 7 airdrop",
        "Filled BTC 0.02 1300",
        "Filled USDC 20 19.9",
        "Borrowed USDC 1000",
        "Repaid USDC 1000",
        "Transferred USDC 10 bybit/earn",
        "Transferred USDC 10 bybit/main",
    ):
        assert line in lines


def test_what_the_funding_account_tells() -> None:
    header = "Date & Time(UTC),Coin,QTY,Type,Account Balance,Description\n"
    rows = (
        "2024-01-01 00:00:00,USDT,100,Deposit,100,Deposit",
        "2024-01-02 00:00:00,USDT,-40,Earn,60,Easy Earn | Flexible Subscription",
        "2024-01-03 00:00:00,USDT,0.5,Earn,60.5,Easy Earn | Flexible Interest Distribution",
        "2024-01-04 00:00:00,USDT,40,Earn,100.5,Easy Earn | Flexible Redemption",
        "2024-01-05 00:00:00,ABC,3,Airdrop,3,Token Splash",
        "2024-01-06 00:00:00,ABC,-3,Convert,0,Convert",
        "2024-01-06 00:00:00,USDT,6,Convert,106.5,Convert",
        "2024-01-07 00:00:00,USDT,-20,Transfer out,86.5,Transfer to Derivatives Account",
        "2024-01-08 00:00:00,USDT,-5,Withdraw,81.5,Withdrawal",
        "2024-01-09 00:00:00,USDT,-5,Bybit Card,76.5,Purchase",
    )
    told = bybit({"f.csv": header + "\n".join(rows)})
    assert shown(told.events, "asset", "quantity", "amount", "kind", "to") == [
        "Deposited USDT 100",
        "Transferred USDT 40 bybit/earn",
        "IncomeReceived USDT 0.5 interest",
        "Transferred USDT 40 bybit/funding",
        "IncomeReceived ABC 3 airdrop",
        "Filled ABC 3 6",
        "Transferred USDT 20 bybit/main",
        "Withdrawn USDT 5",
    ]
    assert [said for said in told.said if "Bybit Card, Purchase" in said]


@pytest.mark.parametrize("word", sorted(bybit_words.TYPES))
def test_every_type_is_read_or_said_to_be_incomplete(word: str) -> None:
    told = bybit({"l.csv": log(f"2024-01-01 00:00:00,USDT,ABCUSDT,{word},--,0,0,0,0,0,-5,-5,0,,,")})
    assert not [said for said in told.said if "not known" in said]


def test_an_unknown_type_is_a_fault() -> None:
    told = bybit({"l.csv": log("2024-01-01 00:00:00,USDT,,GIFT_CARD,--,0,0,0,0,0,5,5,5,,,")})
    assert "is a type of row not known here" in told.said[0]
    assert told.events == []


def test_fills_of_one_second_and_side_are_one_trade() -> None:
    """Newer tables tell no trade id; so a trade's name may not hang on it."""
    rows = (
        "2024-01-01 00:00:00,BTC,BTCUSDT,TRADE,BUY,1,0,100,0,-0.1,1,0.9,0.9,,{},",
        "2024-01-01 00:00:00,USDT,BTCUSDT,TRADE,BUY,-100,0,100,0,0,-100,-100,900,,{},",
        "2024-01-01 00:00:00,BTC,BTCUSDT,TRADE,BUY,2,0,110,0,-0.2,2,1.8,2.7,,{},",
        "2024-01-01 00:00:00,USDT,BTCUSDT,TRADE,BUY,-220,0,110,0,0,-220,-220,680,,{},",
    )
    start = "2023-12-31 00:00:00,USDT,,TRANSFER_IN,--,0,0,0,0,0,1000,1000,1000,,,"
    without = bybit({"l.csv": log(start, *(row.format("") for row in rows))})
    named = bybit({"l.csv": log(start, *(row.format("t1") for row in rows))})
    assert without.said == named.said == []
    assert without.drafts == named.drafts
    assert shown(without.events[1:], "quantity", "amount", "fee", "fee_asset", "price") == [
        "Filled 3 320 0.3 BTC 106.6666667"
    ]


def test_a_fee_in_a_third_currency_belongs_to_the_trade() -> None:
    rows = (
        "2024-01-01 00:00:00,BTC,BTCUSDT,TRADE,SELL,-1,0,100,0,0,-1,-1,9,,,",
        "2024-01-01 00:00:00,USDT,BTCUSDT,TRADE,SELL,100,0,100,0,0,100,100,900,,,",
        "2024-01-01 00:00:00,MNT,BTCUSDT,TRADE,SELL,0,0,100,0,-0.5,0,-0.5,7,,,",
    )
    told = bybit({"l.csv": log(*rows)})
    assert shown(told.events, "asset", "quantity", "amount", "fee", "fee_asset") == [
        "Filled BTC 1 100 0.5 MNT"
    ]


def test_an_account_can_be_named() -> None:
    told = read(Bybit(), {"a.csv": UTA, "b.csv": FUND}, "mine")
    assert {account for account, _ in told.drafts} == {"mine", "mine-funding"}


def test_half_a_spot_trade_is_a_fault_and_no_contract() -> None:
    row = "2024-01-01 00:00:00,USDT,BTCUSDT,TRADE,SELL,100,0,100,0,-1,100,99,99,,,"
    assert "is half of a trade: only USDT moves" in bybit({"l.csv": log(row)}).said[0]


def test_a_change_that_does_not_follow_is_a_fault() -> None:
    row = "2024-01-01 00:00:00,USDT,BTCUSDT,TRADE,Open Long,1,1,100,0,1,0,-7,0,,,"
    said = bybit({"l.csv": log(row)}).said[0]
    assert 'column "Change": "-7" is not what cash flow 0, fee 1 and funding 0 come to' in said


def test_signs_that_cannot_be_told_are_a_fault() -> None:
    row = "2024-01-01 00:00:00,USDT,BTCUSDT,TRADE,Open Long,1,1,100,1,1,5,5,5,,,"
    assert "in two ways" in bybit({"l.csv": log(row)}).said[0]


MONEY = st.integers(-(10**6), 10**6).map(lambda n: Decimal(n) / 100)


@given(MONEY, MONEY, MONEY, st.booleans(), st.booleans())
def test_a_contracts_row_moves_exactly_its_change(
    cash: Decimal, fee: Decimal, funding: Decimal, fee_flipped: bool, funding_flipped: bool
) -> None:
    """Whatever signs the file prints: result - fee + funding + rebate = change."""
    change = cash - fee + funding
    told_fee, told_funding = (
        (-fee if fee_flipped else fee),
        (-funding if funding_flipped else funding),
    )
    row = (
        f"2024-01-01 00:00:00,USDT,BTCUSDT,TRADE,Close Long,1,0,1,{told_funding},{told_fee},"
        f"{cash},{change},{change},,,"
    )
    told = bybit({"l.csv": log(row)})
    if told.said:
        assert abs(fee) == abs(funding)
        return
    moved = Decimal()
    for event in told.events:
        match event:
            case ContractSettled():
                moved += event.amount - event.fee
            case FundingSettled():
                moved += event.amount
            case _ if type(event).__name__ == "IncomeReceived":
                moved += event.quantity  # type: ignore[attr-defined]
    assert moved == change


@pytest.mark.parametrize(
    ("cell", "instead", "said"),
    [
        (",17982,", ",17 982,", 'column "Change": "17 982" is not a decimal'),
        ("2024-02-10 12:00:00", "10/02/2024", 'column "Time"'),
        (",TRADE,SELL,-0.4,", ",TRADE,SELL,", "fields, the header"),
    ],
)
def test_a_bad_cell_is_a_fault_with_its_line_and_column(cell: str, instead: str, said: str) -> None:
    told = bybit({"t.csv": UTA.replace(cell, instead, 1)})
    assert any(said in fault for fault in told.said)
    assert set(told.rows.values()) == {1}
