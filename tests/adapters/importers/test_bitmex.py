"""BitMEX's wallet history: results by day, in smallest units.

The story, in USDt: 20,000 come in; BTC and ETH contracts bring what the same trades bring
elsewhere, fees included; 5,000 go out. By hand:

    results  -42 + 1,182 - 17 + 1,484.50 - 1,224  =  1,383.50
    funding                                       =     -9
    held     20,000 + 1,383.50 - 9 - 5,000        = 16,374.50
"""

import json
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.importers.bitmex.bitmex import Bitmex
from domain.events import ContractSettled
from domain.money import ZERO
from tests.adapters.importers.outcomes import Outcomes, read, shown
from tests.story import balances, recorded

STORY = Path(__file__).parents[2] / "data" / "bitmex" / "story.csv"
HEADER = "transactTime,transactType,amount,fee,address,transactStatus,walletBalance,currency"


def wallet(*rows: str, header: str = HEADER) -> Outcomes:
    return read(Bitmex(), {"w.csv": "\n".join([header, *rows]) + "\n"})


def test_the_story_leaves_what_it_leaves_by_hand() -> None:
    outcomes = read(Bitmex(), {"story.csv": STORY.read_bytes()})
    assert outcomes.said == []
    held = {row["asset"]: Decimal(row["held"]) for row in balances(recorded(outcomes.drafts))}
    assert held == outcomes.asserted == {"USDT": Decimal("16374.5")}
    results = [event.amount for event in outcomes.events if isinstance(event, ContractSettled)]
    assert sum(results, ZERO) == Decimal("1383.5")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2019-12-25T12:00:00.000Z,RealisedPNL,85517,0,XBTUSD,Completed,85517,XBt",
         "ContractSettled XBTUSD BTC 0.00085517"),
        ("2019-12-25T12:00:00.000Z,RealisedPNL,-201,0,XBTUSD,Completed,-201,",
         "ContractSettled XBTUSD BTC -0.00000201"),
        ("2024-12-25T12:00:00.000Z,Funding,-1500000,0,XBTUSDT,Completed,-1500000,USDt",
         "FundingSettled XBTUSDT USDT -1.5"),
        ("2019-12-25T12:00:00.000Z,Deposit,5000000,null,,Completed,5000000,XBt",
         "Deposited BTC 0.05"),
        ("2019-12-25T12:00:00.000Z,Withdrawal,-5746216,100000,3Q,Completed,-5746216,XBt",
         "Withdrawn BTC 0.05646216 0.001"),
        ("2019-12-25T12:00:00.000Z,Transfer,-100,0,123,Completed,-100,XBt",
         "Withdrawn BTC 0.000001"),
        ("2019-12-25T12:00:00.000Z,Transfer,100,0,123,Completed,100,XBt",
         "Deposited BTC 0.000001"),
        ("2019-12-25T12:00:00.000Z,AffiliatePayout,100,0,,Completed,100,XBt",
         "IncomeReceived BTC reward 0.000001"),
        ("2024-12-25T12:00:00.000Z,Deposit,2500000000,0,,Completed,2500000000,Gwei",
         "Deposited ETH 2.5"),
    ],
)  # fmt: skip
def test_each_kind_of_row(row: str, told: str) -> None:
    outcomes = wallet(row)
    assert outcomes.said == []
    fields = ("contract", "asset", "kind", "amount", "quantity", "fee")
    assert shown(outcomes.events, *fields) == [told]
    held = {row["asset"]: Decimal(row["held"]) for row in balances(recorded(outcomes.drafts))}
    assert held == outcomes.asserted


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2019-04-09T11:55:00Z,Withdrawal,-1050000,150000,3Q,Canceled,1889603,XBt", "cancelled"),
        ("2019-04-09T11:55:00Z,Withdrawal,-5,0,3Q,Pending,0,XBt", "not completed yet"),
        ("2019-04-09T11:55:00Z,UnrealisedPNL,5,0,XBTUSD,Pending,0,XBt",
         "unrealised result: nothing moved yet"),
        ("2019-04-09T11:55:00Z,RealisedPNL,0,0,XBTUSD,Completed,0,XBt", "nothing moved"),
    ],
)  # fmt: skip
def test_what_did_not_happen_is_ignored_and_no_part_of_the_balance(row: str, reason: str) -> None:
    outcomes = wallet(row, "2020-01-01T12:00:00Z,Deposit,5,0,,Completed,5,XBt")
    assert outcomes.said == []
    assert outcomes.reasons == {reason: 1}
    assert len(outcomes.events) == 1


def test_a_local_time_is_not_guessed() -> None:
    """As the site writes it, in the reader's own zone and language."""
    outcomes = wallet(
        '"12/25/2019, 7:00:00 AM",RealisedPNL,85517,0,XBTUSD,Completed,85517,',
        '"25/12/2019, 07:00:00",Deposit,85517,0,,Completed,85517,',
    )
    assert outcomes.events == []
    for fault in outcomes.faults:
        assert fault.column == "transactTime"
        assert fault.hint.startswith("The zone of these times is not told. Say it (--zone ")


def test_a_local_time_is_read_in_the_zone_that_is_said() -> None:
    """12 hours of New York in winter are 5 behind UTC; another language stays a finding."""
    rows = [
        '"12/25/2019, 7:00:00 AM",RealisedPNL,85517,0,XBTUSD,Completed,85517,',
        '"25.12.2019, 07:00:00",Deposit,85517,0,,Completed,85517,',
        '"11/3/2019, 1:30:00 AM",Deposit,85517,0,,Completed,85517,',
    ]
    files = {"w.csv": "\n".join([HEADER, *rows]) + "\n"}
    outcomes = read(Bitmex().in_zone(ZoneInfo("America/New_York")), files)
    (event,) = outcomes.events
    assert event.at.isoformat() == "2019-12-25T12:00:00+00:00"
    assert [fault.problem for fault in outcomes.faults] == [
        "is not a time",
        "was twice in America/New_York",
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2019-12-25T12:00:00Z,SpotTrade,5,0,,Completed,5,XBt", '"SpotTrade" is a type of trans'),
        ("2019-12-25T12:00:00Z,RealisedPNL,5,0,,Completed,5,XBt", "of which contract it is"),
        ("2019-12-25T12:00:00Z,Deposit,5,0,,Completed,5,BMEx", '"BMEx" is a currency not known'),
        ("2019-12-25T12:00:00Z,Deposit,-5,0,,Completed,-5,XBt", "moves the other way"),
        ("2019-12-25T12:00:00Z,Withdrawal,-5,5,,Completed,-5,XBt", "the fee is all that goes out"),
        ("2019-12-25T12:00:00Z,Deposit,5,0,,Lost,5,XBt", '"Lost" is a status not known here'),
        ("2019-12-25T12:00:00Z,Deposit,0.5x,0,,Completed,5,XBt", '"0.5x" is not a decimal'),
    ],
)
def test_what_cannot_be_told_is_a_finding(row: str, said: str) -> None:
    outcomes = wallet(row)
    assert outcomes.events == []
    assert any(said in each for each in outcomes.said)
    assert set(outcomes.rows.values()) == {1}


def test_a_page_of_the_interface_is_read_as_the_table_is() -> None:
    header, *rows = STORY.read_text().splitlines()
    names = header.split(",")
    page = [dict(zip(names, row.split(","), strict=True)) for row in rows]
    told = json.dumps([{n: v or None for n, v in fields.items()} for fields in page])
    table = read(Bitmex(), {"w.csv": STORY.read_bytes()})
    assert read(Bitmex(), {"w.json": told}).drafts == table.drafts
    both = read(Bitmex(), {"w.csv": STORY.read_bytes(), "w.json": told})
    assert both.drafts == table.drafts
    assert both.reasons["the same row stands elsewhere in these files"] == 8


def test_rows_without_ids_are_told_apart_by_what_they_say() -> None:
    row = "2019-12-25T12:00:00Z,RealisedPNL,5,0,XBTUSD,Completed,{},XBt"
    outcomes = wallet(row.format(5), row.format(10))
    assert outcomes.said == []
    assert len({event.id for event in outcomes.events}) == 2
