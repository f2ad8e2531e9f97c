"""Deribit's transaction log: whatever explains a change, the balance does what it says.

The story, in USDC: 20,000 come in; 1 BTC long at 42,000, 0.4 closed at 45,000, 0.6 liquidated at
40,000; 5 ETH short at 3,400, covered at 3,100; 5,000 go out. By hand:

    results  100 + 2,900 - 3,000 (BTC) + 1,500 (ETH)  =  1,500
    fees     42 + 18 + 24 (BTC) + 17 + 15.50 (ETH)    =    116.50
    funding                                           =     -9
    held     20,000 + 1,500 - 116.50 - 9 - 5,000      = 16,374.50
"""

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.importers.deribit.deribit import Deribit
from adapters.importers.deribit.deribit_rows import settled_in
from domain.events import ContractSettled, FundingSettled
from domain.money import ZERO
from tests.adapters.importers.outcomes import Outcomes, read, shown
from tests.story import balances, recorded

STORY = Path(__file__).parents[2] / "data" / "deribit" / "story.csv"
HEADER = (
    "ID,UserSeq,Date,Instrument,Type,Side,Base Amount,Position,Price,Mark Price,Index Price,"
    "Cash Flow,Funding,Fee Rate,Fee Charged,Fee Balance,Change,Balance,Equity,Trade ID,Order ID,"
    "Info,Note"
)
OPENED = ("BTC-PERPETUAL,trade,open buy", "0", "0", "0.0001", "-0.0001")


def log(*rows: tuple[str, str, str, str, str], name: str = "d.csv") -> Outcomes:
    """Rows of (instrument, type and side; cash flow; funding; fee; change), balances added up."""
    return read(Deribit(), {name: text(*rows)})


def text(*rows: tuple[str, str, str, str, str], trade: str = "-") -> str:
    lines, held = [HEADER], Decimal()
    for n, (what, flow, funding, fee, change) in enumerate(rows, start=1):
        held += Decimal(change)
        lines.append(
            f"{n},{1700 + n},2024-05-01 08:00:{n:02d},{what},-,-,-,-,-,{flow},{funding},-,{fee},0,"
            f"{change},{held},-,{trade},-,,"
        )
    return "\n".join(lines) + "\n"


def test_the_story_leaves_what_it_leaves_by_hand() -> None:
    outcomes = read(Deribit(), {"story.csv": STORY.read_bytes()})
    assert outcomes.said == []
    held = {row["asset"]: Decimal(row["held"]) for row in balances(recorded(outcomes.drafts))}
    assert held == outcomes.asserted == {"USDC": Decimal("16374.5")}
    results = [event for event in outcomes.events if isinstance(event, ContractSettled)]
    assert sum((event.amount for event in results), ZERO) == 1500
    assert sum((event.fee for event in results), ZERO) == Decimal("116.5")


def test_funding_counts_where_it_is_settled_and_nowhere_else() -> None:
    """The trade shows -1 and the settlement -9: one of them is in a change of the balance."""
    outcomes = read(Deribit(), {"story.csv": STORY.read_bytes()})
    funding = [event.amount for event in outcomes.events if isinstance(event, FundingSettled)]
    assert funding == [Decimal(-9)]


def test_a_liquidation_says_so() -> None:
    outcomes = read(Deribit(), {"story.csv": STORY.read_bytes()})
    assert [event.at.day for event in outcomes.events if event.note == "liquidation"] == [10]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (OPENED, ["ContractSettled BTC-PERPETUAL BTC 0.0001"]),
        # a profit that waits for the settlement
        (("BTC-27DEC24,trade,close sell", "0.02", "0", "0.0001", "-0.0001"),
         ["ContractSettled BTC-27DEC24 BTC 0.0001"]),
        # a premium paid, a premium received, an expiry in the money
        (("BTC-27DEC24-50000-C,trade,open buy", "-0.01", "0", "0.0003", "-0.0103"),
         ["ContractSettled BTC-27DEC24-50000-C BTC -0.01 0.0003"]),
        (("BTC-27DEC24-50000-C,trade,open sell", "0.01", "0", "0.0003", "0.0097"),
         ["ContractSettled BTC-27DEC24-50000-C BTC 0.01 0.0003"]),
        (("BTC-27DEC24-50000-C,delivery,close sell", "0.4", "0", "0.00015", "0.39985"),
         ["ContractSettled BTC-27DEC24-50000-C BTC 0.4 0.00015"]),
        # the fee came from a fee balance, or went to the maker
        (("BTC-27DEC24-50000-C,trade,open sell", "0.01", "0", "0.0003", "0.01"),
         ["ContractSettled BTC-27DEC24-50000-C BTC 0.01"]),
        (("BTC-PERPETUAL,trade,open buy", "0", "0", "-0.0001", "0.0001"),
         ["IncomeReceived BTC rebate 0.0001"]),
        # a session: funding within the cash flow, or beside it
        (("BTC-PERPETUAL,settlement,long", "0.05", "-0.01", "-", "0.05"),
         ["FundingSettled BTC-PERPETUAL BTC -0.01", "ContractSettled BTC-PERPETUAL BTC 0.06"]),
        (("BTC-PERPETUAL,settlement,long", "0.05", "-0.01", "-", "0.04"),
         ["FundingSettled BTC-PERPETUAL BTC -0.01", "ContractSettled BTC-PERPETUAL BTC 0.05"]),
        (("BTC-PERPETUAL,settlement,-", "-0.01", "-0.01", "-", "-0.01"),
         ["FundingSettled BTC-PERPETUAL BTC -0.01"]),
        (("-,transfer from insurance,-", "-", "-", "-", "0.01"),
         ["ContractSettled insurance fund BTC 0.01"]),
        (("-,socialized fund,-", "-", "-", "-", "-0.01"),
         ["ContractSettled socialised loss BTC -0.01"]),
        (("-,deposit,-", "-", "-", "-", "1.5"), ["Deposited BTC 1.5"]),
        (("-,withdrawal,-", "-", "-", "0.001", "-0.501"), ["Withdrawn BTC 0.001 0.5"]),
        (("-,transfer,-", "-", "-", "-", "-2.5"), ["Withdrawn BTC 2.5"]),
        (("-,transfer,-", "-", "-", "-", "2.5"), ["Deposited BTC 2.5"]),
    ],
)  # fmt: skip
def test_each_kind_of_row(row: tuple[str, str, str, str, str], told: list[str]) -> None:
    outcomes = log(OPENED, row)
    assert outcomes.said == []
    fields = ("contract", "asset", "kind", "amount", "fee", "quantity")
    assert shown(outcomes.events, *fields)[1:] == told
    held = {row["asset"]: Decimal(row["held"]) for row in balances(recorded(outcomes.drafts))}
    assert held.get("BTC", ZERO) == outcomes.asserted["BTC"]


def test_rows_that_move_nothing_are_ignored() -> None:
    outcomes = log(OPENED, ("BTC-PERPETUAL,position move,-", "0", "0", "0", "0"))
    assert outcomes.reasons == {"nothing moved": 1}


@pytest.mark.parametrize(
    ("instrument", "currency"),
    [
        ("BTC-PERPETUAL", "BTC"),
        ("ETH-27DEC24", "ETH"),
        ("BTC-27DEC24-50000-C", "BTC"),
        ("SOL_USDC-PERPETUAL", "USDC"),
        ("XRP_USDC-27DEC24-1d5-C", "USDC"),
        ("BTC-FS-27DEC24_PERP", "BTC"),
        ("BTC_USDC", ""),
        ("-", ""),
        ("", ""),
    ],
)
def test_a_contract_tells_the_currency_of_its_log(instrument: str, currency: str) -> None:
    assert settled_in(instrument) == currency


def test_a_log_without_contracts_has_its_currency_in_its_name_or_nowhere() -> None:
    rows = [("-,deposit,-", "-", "-", "-", "1.5")]
    named = log(*rows, name="transaction_log-1234-ETH-2024.csv")
    assert shown(named.events, "asset", "quantity") == ["Deposited ETH 1.5"]
    unnamed = log(*rows)
    assert unnamed.events == []
    assert "the currency of this log is not told" in unnamed.said[0]


def test_older_and_newer_headers_tell_the_same() -> None:
    new = text(OPENED, ("-,deposit,-", "-", "-", "-", "1.5"))
    old = new.replace("Base Amount", "Size").replace("Fee Charged", "Fee Paid")
    newest = new.replace("Base Amount", "Amount,Base Amount")
    newest = newest.replace(",-,-,-,-,-,", ",-,-,-,-,-,-,")
    first = read(Deribit(), {"d.csv": new})
    assert first.said == []
    for header in (old, newest):
        assert read(Deribit(), {"d.csv": header}).drafts == first.drafts


def test_a_spot_trade_needs_the_logs_of_both_currencies() -> None:
    usdc = text(("BTC_USDC,trade,buy", "-", "-", "0", "-42000"), OPENED_USDC, trade="USDC-7")
    btc = text(("BTC_USDC,trade,buy", "-", "-", "0", "1"), OPENED, trade="USDC-7")
    together = read(Deribit(), {"b.csv": btc, "u.csv": usdc})
    assert shown(together.events, "id", "side", "asset", "quantity", "quote", "amount")[0] == (
        "Filled spot-USDC-7 buy BTC 1 USDC 42000"
    )
    alone = read(Deribit(), {"b.csv": btc})
    assert "is half of a trade" in alone.said[0]


OPENED_USDC = ("BTC_USDC-PERPETUAL,trade,open buy", "0", "0", "1", "-1")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("-,swap,-", "-", "-", "-", "1"), '"swap" is a type of row not known here'),
        (("-,correction,-", "-", "-", "-", "1"), '"correction" is a type of row not known here'),
        (("BTC-PERPETUAL,trade,open buy", "0", "0", "0.1", "-0.2"), "is neither the fee"),
        (("BTC-PERPETUAL,settlement,long", "0.1", "0", "-", "0.2"), "is neither the cash flow"),
        (("ETH-PERPETUAL,trade,open buy", "0", "0", "0.1", "-0.1"), "is settled in ETH, the log"),
        (("-,deposit,-", "-", "-", "-", "-1"), "is a deposit that moves the other way"),
        (("-,withdrawal,-", "-", "-", "1", "-1"), "the fee is all that goes out"),
    ],
)
def test_what_cannot_be_told_is_a_finding(row: tuple[str, str, str, str, str], said: str) -> None:
    outcomes = log(OPENED, row)
    assert len(outcomes.events) == 1
    assert any(said in each for each in outcomes.said)
    assert set(outcomes.rows.values()) == {1}


def test_rows_of_one_second_go_by_their_user_sequence() -> None:
    rows = text(OPENED, ("-,deposit,-", "-", "-", "-", "1.5"), OPENED)
    rows = rows.replace("08:00:01", "08:00:00").replace("08:00:02", "08:00:00")
    outcomes = read(Deribit(), {"d.csv": rows.replace("08:00:03", "08:00:00")})
    assert outcomes.said == []
    assert shown(outcomes.events) == ["ContractSettled", "Deposited", "ContractSettled"]


@pytest.mark.parametrize("date", ["01/05/24 08:00:01", "1 May 2024 08:00:01"])
def test_a_date_of_another_form_is_not_guessed(date: str) -> None:
    outcomes = read(Deribit(), {"d.csv": text(OPENED).replace("2024-05-01 08:00:01", date)})
    assert outcomes.events == []
    assert "is not a time" in outcomes.said[0]
