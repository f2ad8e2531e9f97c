"""Gemini's transaction history: three columns an asset, amounts as people read them.

The story: 50,000 USD come in; 1 BTC is bought at 42,000 (fee 42); 0.4 are sold at 45,000 (fee 18)
and 0.6 at 40,000 (fee 24); 5,000 go out. Held at the end, by hand:

    USD  50,000 - 42,042 + 17,982 + 23,976 - 5,000 = 44,916
    BTC  1 - 0.4 - 0.6                              = 0
"""

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.importers.gemini.gemini import Gemini
from domain.events import Deposited
from tests.adapters.importers.outcomes import Outcomes, read, shown
from tests.story import balances, recorded

STORY = Path(__file__).parents[2] / "data" / "gemini" / "story.csv"
HEADER = (
    "Date,Time (UTC),Type,Symbol,Specification,Liquidity Indicator,Trading Fee Rate (bps),"
    "USD Amount USD,Fee (USD) USD,USD Balance USD,BTC Amount BTC,Fee (BTC) BTC,BTC Balance BTC,"
    "ETH Amount ETH,Fee (ETH) ETH,ETH Balance ETH,Trade ID,Order ID,Tx Hash"
)


def history(*rows: str, header: str = HEADER) -> Outcomes:
    return read(Gemini(), {"g.csv": "\n".join([header, *rows]) + "\n"})


def row(what: str, *amounts: str, ids: str = "1,2,") -> str:
    """`amounts` are USD, its fee, its balance, then those of BTC and ETH."""
    cells = [f'"{amount}"' for amount in amounts]
    return f"2024-05-01,10:00:00.250,{what},,,{','.join([*cells, *[''] * (9 - len(cells))])},{ids}"


def test_the_story_leaves_what_it_leaves_by_hand() -> None:
    outcomes = read(Gemini(), {"story.csv": STORY.read_bytes()})
    assert outcomes.said == []
    held = {row["asset"]: Decimal(row["held"]) for row in balances(recorded(outcomes.drafts))}
    assert held == {"USD": Decimal(44916)}
    assert outcomes.asserted == {"BTC": Decimal()}
    assert outcomes.reasons == {"totals of the history": 1}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (row("Buy,BTCUSD,Limit", "($498.75)", "($1.25)", "($500.00)", "0.03 BTC ", "", "0.03 BTC "),
         ["Filled buy BTC 0.03 USD 498.75 1.25"]),
        (row("Sell,ETHBTC,Limit", *[""] * 3, "0.05 BTC ", "(0.0001 BTC)", "0.0499 BTC ",
             "(1.0 ETH)", "", "(1.0 ETH)"),
         ["Filled sell ETH 1 BTC 0.05 0.0001"]),
        (row("Buy,BTCUSD,Limit", "-500", "-1", "-501", "0.01", "", "0.01"),
         ["Filled buy BTC 0.01 USD 500 1"]),
        (row("Buy,BTCUSD,Maker", "($500.00)", "$0.05 ", "($499.95)", "0.01 BTC", "", "0.01 BTC"),
         ["Filled buy BTC 0.01 USD 500", "IncomeReceived USD 0.05 rebate"]),
        (row("Credit,USD,Deposit (Wire Transfer)", "$20,000", "", "$20,000.00 "),
         ["Deposited USD 20000"]),
        (row("Debit,BTC,Withdrawal (BTC)", "", "", "", "(0.5 BTC)", "(0.001 BTC)", "(0.501 BTC)"),
         ["Withdrawn BTC 0.5 0.001"]),
        (row("Interest Credit,BTC,Interest", "", "", "", "0.0001 BTC", "", "0.0001 BTC"),
         ["IncomeReceived BTC 0.0001 interest"]),
    ],
)  # fmt: skip
def test_each_kind_of_row(line: str, told: list[str]) -> None:
    outcomes = history(line)
    assert outcomes.said == []
    fields = ("side", "asset", "quantity", "quote", "amount", "fee", "kind")
    assert shown(outcomes.events, *fields) == told


def test_a_fee_printed_without_brackets_is_what_the_balance_says_it_is() -> None:
    """A spreadsheet wrote numbers: the fee above zero was taken all the same."""
    outcomes = history(row("Buy,BTCUSD,Limit", "-500", "1", "-501", "0.01", "", "0.01"))
    assert outcomes.said == []
    assert shown(outcomes.events, "fee") == ["Filled 1"]


def test_a_transaction_is_told() -> None:
    line = row("Credit,BTC,Deposit (BTC)", "", "", "", "0.5 BTC ", "", "0.5 BTC ", ids=",,8cafff8a")
    (event,) = history(line).events
    assert isinstance(event, Deposited)
    assert event.txid == "8cafff8a"


def test_a_table_saved_by_a_spreadsheet_has_the_time_twice() -> None:
    line = row("Credit,USD,Deposit (Wire Transfer)", "$5.00", "", "$5.00", ids=",,")
    day, time, rest = line.split(",", 2)
    assert history(f"{day} {time},{day} {time},{rest}").drafts == history(line).drafts


def test_a_file_with_more_assets_tells_the_same_events() -> None:
    fewer = HEADER.replace("ETH Amount ETH,Fee (ETH) ETH,ETH Balance ETH,", "")
    line = row("Credit,USD,Deposit (Wire Transfer)", "$5.00", "", "$5.00", ids=",,")
    short = line.replace(",,,,,,,,", ",,,,,")
    assert read(Gemini(), {"a.csv": f"{fewer}\n{short}\n"}).drafts == history(line).drafts
    both = read(Gemini(), {"a.csv": f"{fewer}\n{short}\n", "b.csv": f"{HEADER}\n{line}\n"})
    assert len(both.events) == 1
    assert both.reasons == {"the same row stands elsewhere in these files": 1}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (row("Borrow,BTC,Loan", "", "", "", "1 BTC", "", "1 BTC"), '"borrow" is a type of row'),
        (row("Credit,BTC,Administrative Credit", "", "", "", "1 BTC", "", "1 BTC"),
         '"Administrative Credit" is a credit that is no deposit'),
        (row("Debit,BTC,Withdrawal (BTC)", "", "", "", "1 BTC", "", "1 BTC"), "goes the other way"),
        (row("Buy,BTCUSD,Limit", "($5.00)", "", "($5.00)"), "is no trade of its market"),
        (row("Sell,BTCUSD,Limit", "($5.00)", "", "($5.00)", "1 BTC", "", "1 BTC"), "the other way"),
        (row("Credit,USD,Deposit", "$1,5", "", "$1,5"), '"$1,5" is not a decimal'),
        (row("Credit,USD,Deposit", "$5", "", "$5").replace("2024-", "24/"), "is not a time"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_a_finding(line: str, said: str) -> None:
    outcomes = history(line)
    assert outcomes.events == []
    assert any(said in each for each in outcomes.said)
    assert set(outcomes.rows.values()) == {1}


def test_a_balance_that_does_not_follow_is_found() -> None:
    outcomes = history(
        row("Credit,USD,Deposit (Wire)", "$100.00", "", "$100.00", ids=",,"),
        row("Debit,USD,Withdrawal (Wire)", "($40.00)", "", "$50.00", ids=",,"),
    )
    assert [fault.problem for fault in outcomes.faults] == [
        "the running balance does not follow: after 100 it should be 60"
    ]


def test_cents_hide_a_part_of_every_balance() -> None:
    """264.20 - 11.26 - 0.03 is 252.91; printed is 252.92, and nothing is wrong."""
    outcomes = history(
        row("Credit,USD,Deposit (Wire)", "$264.20", "", "$264.20", ids=",,"),
        row("Buy,BTCUSD,Limit", "($11.26)", "($0.03)", "$252.92", "0.001 BTC", "", "0.001 BTC"),
    )
    assert outcomes.said == []
    assert outcomes.asserted == {"BTC": Decimal("0.001")}


def test_a_header_without_assets_is_none_of_gemini() -> None:
    assert Gemini().recognise(b"Date,Time (UTC),Type,Symbol,Specification,Trade ID\n") is None
