"""KuCoin's statements: what their rows become; the zone of their times stands in the header.

tests/data/kucoin/story_*.csv, in USDT of the margin account:

    02-01 09:10  20,000 moved in from the funding account                   20,000.00
          10:00  30,000 borrowed                                            50,000.00
          10:05  1 BTC bought at 42,000, fee 42                              7,958.00
    02-02        interest 9                                                  7,949.00
    02-10        0.4 BTC sold at 45,000, fee 18: +17,982                    25,931.00
          12:05  15,000 repaid                                              10,931.00
    03-01        5 ETH borrowed, sold at 3,400, fee 17: +16,983             27,914.00
    03-15        5 ETH bought at 3,100, fee 15.50: -15,515.50; repaid       12,398.50
    04-10        liquidation: 0.6 BTC at 40,000, fee 24: +23,976            36,374.50
          03:00:01  15,000 repaid                                           21,374.50
    04-20        5,000 moved out, and withdrawn                             16,374.50
"""

from pathlib import Path

import pytest

from adapters.importers.kucoin import kucoin_words
from adapters.importers.kucoin.kucoin import Kucoin
from adapters.importers.registry import recognise
from domain.events import AccountOpened
from marginbook import Book
from tests.adapters.importers.outcomes import Outcomes, read, shown

FOLDER = Path(__file__).parents[2] / "data" / "kucoin"
STORY = {path.name: path.read_text() for path in sorted(FOLDER.glob("story*.csv"))}
HEADER = "UID,Account Type,Currency,Side,Amount,Fee,Time(UTC+08:00),Remark,Type"


def kucoin(files: dict[str, str]) -> Outcomes:
    return read(Kucoin(), files)


def history(*rows: str) -> str:
    """Rows without user; the account's type is mainAccount where it begins with a comma."""
    lines = [f"1,{'mainAccount' if row.startswith(',') else ''}{row}" for row in rows]
    return "\n".join([HEADER, *lines]) + "\n"


def test_the_story_ends_with_what_was_worked_out(tmp_path: Path) -> None:
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files(sorted(FOLDER.glob("story*.csv")))
        assert [file.findings for file in result.files] == [(), ()]
        (left,) = book.balances().balances
        assert (left.account, left.asset, str(left.held)) == ("kucoin/cross", "USDT", "16374.5")
        assert not left.owed
        assert not left.interest_owed


def test_the_story_in_words() -> None:
    told = kucoin(STORY)
    assert shown(told.events, "side", "asset", "quantity", "amount", "fee", "to") == [
        "Deposited USDT 20000",
        "Transferred USDT 20000 kucoin/cross",
        "Borrowed USDT 30000",
        "Filled buy BTC 1 42000 42",
        "InterestCharged USDT 9",
        "Filled sell BTC 0.4 18000 18",
        "Repaid USDT 15000",
        "Borrowed ETH 5",
        "Filled sell ETH 5 17000 17",
        "Filled buy ETH 5 15500 15.5",
        "Repaid ETH 5",
        "Liquidated sell BTC 0.6 24000 24",
        "Repaid USDT 15000",
        "Transferred USDT 5000 kucoin/main",
        "Withdrawn USDT 5000",
    ]
    modes = {account: e.mode for account, e in told.drafts if isinstance(e, AccountOpened)}
    assert modes == {"kucoin/cross": "cross"}


def test_a_move_is_the_same_whichever_account_tells_it() -> None:
    moves = [
        [draft for draft in kucoin({"x.csv": text}).drafts if "transfer/" in draft[1].id]
        for text in STORY.values()
    ]
    assert moves[0] == moves[1]
    assert len(moves[0]) == 2


# Time zones -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "at"),
    [
        ("Time(UTC+08:00)", "2024-05-06 01:21:33+00:00"),
        ("Time(UTC)", "2024-05-06 09:21:33+00:00"),
        ("Time(UTC-05:00)", "2024-05-06 14:21:33+00:00"),
    ],
)
def test_the_zone_is_read_from_the_header(column: str, at: str) -> None:
    row = ",USDT,Deposit,5,0,2024-05-06 09:21:33,,Deposit"
    told = kucoin({"h.csv": history(row).replace("Time(UTC+08:00)", column)})
    assert [str(event.at) for event in told.events] == [at]


def test_a_time_without_its_zone_is_not_guessed() -> None:
    row = ",USDT,Deposit,5,0,2024-05-06 09:21:33,,Deposit"
    told = kucoin({"h.csv": history(row).replace("(UTC+08:00)", "")})
    assert told.said == [
        'h.csv:2: column "Time": "2024-05-06 09:21:33" is a local time: the zone of these times is '
        "not told. Export it again with the zone in its header, such as Time(UTC+00:00)"
    ]


def test_the_same_history_in_another_zone_is_the_same() -> None:
    row = ",USDT,Deposit,5,0,2024-05-06 {}:21:33,,Deposit"
    east = history(row.format("09"))
    west = history(row.format("01")).replace("+08:00", "+00:00")
    assert kucoin({"a.csv": east, "b.csv": west}).drafts == kucoin({"a.csv": east}).drafts


# Kinds of row -----------------------------------------------------------------------------------


def test_the_history_of_2022_says_it_in_remarks() -> None:
    told = kucoin({"h.csv": (FOLDER / "history_2022.csv").read_text()})
    assert told.said == []
    fields = ("asset", "quantity", "amount", "fee", "fee_asset", "interest", "kind", "to")
    assert shown(told.events, *fields) == [
        "Deposited EUR 1000",
        "FeeCharged EUR 10 deposit",
        "Filled USDT 540 500",  # its halves are a second apart
        "Filled XRP 600 300 0.3",  # two fills of one second
        "IncomeReceived KCS 1 bonus",
        "IncomeReceived KCS 0.5 reward",
        "IncomeReceived GAS 0.01 airdrop",
        "Filled XRP 100 52 0.004 KCS",
        "Filled GAS 0.01 0.005",
        "IncomeReceived KCS 0.001 rebate",
        "IncomeReceived KCS 0.002 staking",
        "Transferred KCS 1 kucoin/earn",
        "Transferred KCS 1 kucoin/main",
        "Borrowed USDT 1000",
        "Repaid USDT 600",
        "IncomeReceived USDT 1.2 reward",
        "InterestCharged USDT 1.2",  # what the last repayment is beyond the principal
        "Repaid USDT 400 1.2",
        "IncomeReceived USDT 10 bonus",
        "Withdrawn XRP 50 0.25",
    ]


def test_interest_within_a_repayment_leaves_nothing_owed(tmp_path: Path) -> None:
    with Book.open(tmp_path / "book.db") as book:
        book.import_file(FOLDER / "history_2022.csv")
        cross = [b for b in book.balances().balances if b.account == "kucoin/cross"]
        assert cross == []
        kinds = {finding.kind for finding in book.check()}
        assert "repaid_more_than_owed" not in kinds


def test_a_repayment_of_a_loan_that_is_not_there_is_a_fault() -> None:
    row = "marginAccount,USDT,Withdrawal,5,0,2024-05-06 09:21:33,,Debt Repayment"
    said = kucoin({"h.csv": history(row)}).said
    assert "repays a loan that these files do not hold" in said[0]


def test_fills_and_history_are_one_trade() -> None:
    text = (FOLDER / "fills.csv").read_text().splitlines(keepends=True)
    files = {"h.csv": (FOLDER / "history_2022.csv").read_text(), "f.csv": "".join(text[:-1])}
    together = kucoin(files)
    assert together.said == []
    trades = [draft for draft in together.drafts if draft[1].id.startswith("trade/")]
    for name, content in files.items():
        apart = kucoin({name: content}).drafts
        assert [draft for draft in apart if draft[1].id.startswith("trade/")] == trades
    assert len(trades) == 2


def test_a_fill_that_the_history_does_not_hold_is_a_fault() -> None:
    """Where the two files print different seconds, the trade must not be told twice."""
    files = {
        "h.csv": (FOLDER / "history_2022.csv").read_text(),
        "f.csv": (FOLDER / "fills.csv").read_text(),
    }
    assert "has no trade in this second" in "".join(kucoin(files).said)
    assert not [e for e in kucoin(files).events if getattr(e, "asset", "") == "ETH"]


def test_a_fee_in_kcs_is_taken_instead_of_the_trades_own() -> None:
    rows = (
        ",USDT,Withdrawal,10.01,0.01,2024-05-06 09:00:00,,Spot",
        ",XRP,Deposit,5,0,2024-05-06 09:00:00,,Spot",
        ",USDT,Deposit,0.01,0,2024-05-06 09:00:00,,Fee Refunds using KCS",
        ",KCS,Withdrawal,0.001,0,2024-05-06 09:00:00,,KCS Fee Deduction",
        ",KCS,Withdrawal,0.002,0,2024-05-06 09:00:07,,KCS Fee Deduction",
        ",USDT,Deposit,0.02,0,2024-05-06 09:00:07,,Fee Refunds using KCS",
    )
    told = kucoin({"h.csv": history(*rows)})
    assert shown(told.events, "asset", "quantity", "amount", "fee", "fee_asset", "kind") == [
        "Filled XRP 5 10 0.001 KCS",
        "FeeCharged KCS 0.002 trading",
        "IncomeReceived USDT 0.02 rebate",
    ]
    header = (FOLDER / "fills.csv").read_text().splitlines()[0]
    fill = "1,mainAccount,a,XRP-USDT,BUY,MARKET,2,5,10,10,2024-05-06 09:00:00,0.01,,TAKER,USDT"
    told = kucoin({"h.csv": history(*rows[:4]), "f.csv": f"{header}\n{fill}\n"})
    assert told.said == []
    assert told.events == kucoin({"h.csv": history(*rows[:4])}).events


def test_a_table_without_records_is_empty_and_no_fault() -> None:
    told = kucoin({"h.csv": f"{HEADER}\r\nNo matching records found.\r\n"})
    assert told.all == []


def test_whole_orders_tell_the_same_trades_as_their_fills() -> None:
    fills, orders = ((FOLDER / name).read_text() for name in ("fills.csv", "orders.csv"))
    told = kucoin({"f.csv": fills, "o.csv": orders})
    assert told.said == []
    assert told.drafts == kucoin({"f.csv": fills}).drafts
    assert told.reasons == {"an order that was not filled": 1}
    assert kucoin({"o.csv": orders}).drafts == told.drafts[:2]


def test_fills_that_the_history_contradicts_are_a_fault() -> None:
    files = {
        "h.csv": (FOLDER / "history_2022.csv").read_text().replace("338.61", "338.62"),
        "f.csv": (FOLDER / "fills.csv").read_text(),
    }
    assert any("the account history tells other amounts" in said for said in kucoin(files).said)


def test_two_pairs_in_one_second_need_their_orders() -> None:
    rows = (
        ",USDT,Withdrawal,10,0,2024-05-06 09:00:00,,Spot",
        ",XRP,Deposit,5,0,2024-05-06 09:00:00,,Spot",
        ",ADA,Deposit,5,0,2024-05-06 09:00:00,,Spot",
    )
    told = kucoin({"h.csv": history(*rows)})
    assert "trades of ADA, USDT, XRP in one second cannot be told apart" in told.said[0]
    header = (FOLDER / "fills.csv").read_text().splitlines()[0]
    fills = (
        "1,mainAccount,a,XRP-USDT,BUY,MARKET,1,5,6,6,2024-05-06 09:00:00,0,,TAKER,USDT\n"
        "1,mainAccount,b,ADA-USDT,BUY,MARKET,1,5,4,4,2024-05-06 09:00:00,0,,TAKER,USDT\n"
    )
    told = kucoin({"h.csv": history(*rows), "f.csv": f"{header}\n{fills}"})
    assert shown(told.events, "asset", "quantity", "amount") == ["Filled ADA 5 4", "Filled XRP 5 6"]


def test_margin_is_told_by_what_happened_where_the_account_type_does_not() -> None:
    rows = (
        ",USDT,Deposit,10,0,2024-05-06 09:00:00,,Borrowings",
        ",USDT,Withdrawal,10,0,2024-05-06 09:01:00,,Cross Margin",
        ",XRP,Deposit,5,0,2024-05-06 09:01:00,,Cross Margin",
        ",XRP,Withdrawal,5,0,2024-05-06 09:02:00,XRP-USDT,Isolated Margin",
        ",USDT,Deposit,11,0,2024-05-06 09:02:00,XRP-USDT,Isolated Margin",
        ",USDT,Withdrawal,1,0,2024-05-06 09:03:00,,Liquidation Fees",
    )
    told = kucoin({"h.csv": history(*rows)})
    assert [(account, type(event).__name__) for account, event in told.drafts] == [
        ("kucoin/cross", "Borrowed"),
        ("kucoin/cross", "Filled"),
        ("kucoin/isolated/XRP-USDT", "Filled"),
        ("kucoin/cross", "FeeCharged"),
        ("kucoin/cross", "AccountOpened"),
        ("kucoin/isolated/XRP-USDT", "AccountOpened"),
    ]


def test_futures_settle_contracts_and_funding() -> None:
    rows = (
        "futuresAccount,USDT,Deposit,9.5,0.5,2024-05-06 09:00:00,XBTUSDTM,Realised PNL",
        "futuresAccount,USDT,Withdrawal,0.2,0,2024-05-06 16:00:00,XBTUSDTM,Funding Fees",
    )
    told = kucoin({"h.csv": history(*rows)})
    assert shown(told.events, "contract", "amount", "fee") == [
        "ContractSettled XBTUSDTM 10 0.5",
        "FundingSettled XBTUSDTM -0.2",
    ]


def test_moves_between_funding_and_trading_are_none() -> None:
    rows = (
        ",USDT,Withdrawal,10,0,2024-05-06 09:00:00,Trading Account,Transfer",
        ",USDT,Deposit,10,0,2024-05-06 09:00:00,Funding Account,Transfer",
        ",USDT,Withdrawal,3,0,2024-05-06 10:00:00,Futures Account,Transfer",
        ",USDT,Withdrawal,4,0,2024-05-06 11:00:00,,Transfer",
    )
    told = kucoin({"h.csv": history(*rows)})
    assert told.reasons == {"moved between own wallets": 2}
    assert shown(told.events, "quantity", "to") == ["Transferred 3 kucoin/futures"]
    assert "does not say to or from which account it moves" in told.said[0]


@pytest.mark.parametrize("word", sorted(kucoin_words.WORDS))
def test_every_word_is_read_or_said_to_be_incomplete(word: str) -> None:
    for side in ("Deposit", "Withdrawal"):
        told = kucoin({"h.csv": history(f",USDT,{side},5,0,2024-05-06 09:21:33,ETH-USDT,{word}")})
        assert not [said for said in told.said if "not known" in said]
        assert told.rows == {("h.csv", 2): 1}


def test_an_unknown_type_is_a_fault() -> None:
    told = kucoin({"h.csv": history(",USDT,Deposit,5,0,2024-05-06 09:21:33,x,Mystery Box")})
    assert 'column "Type": "Mystery Box" is a type of row not known here' in told.said[0]


def test_generations_and_kinds_are_known_by_their_header() -> None:
    assert {path.name: recognise(path)[1] for path in sorted(FOLDER.glob("*.csv"))} == {
        "fills.csv": "kucoin-fills 2023",
        "history_2022.csv": "kucoin-history 2022",
        "orders.csv": "kucoin-orders 2022",
        "story_main.csv": "kucoin-history 2024",
        "story_margin.csv": "kucoin-history 2024",
    }


@pytest.mark.parametrize(
    ("cell", "instead", "said"),
    [
        ("17982", "17 982", 'column "Amount": "17 982" is not a decimal'),
        ("2024-02-10 12:00:00", "10/02/2024", 'column "Time"'),
        ("Withdrawal,0.4", "Sideways,0.4", 'column "Side": "Sideways" is neither'),
        (",BTC,Withdrawal,0.4", ",BTC,Withdrawal,-0.4", 'column "Amount": "-0.4" has a sign'),
    ],
)
def test_a_bad_cell_is_a_fault_with_its_line_and_column(cell: str, instead: str, said: str) -> None:
    told = kucoin({"t.csv": STORY["story_margin.csv"].replace(cell, instead, 1)})
    assert any(said in fault for fault in told.said)
    assert set(told.rows.values()) == {1}


ORDERS = (
    "UID,Account Type,Order ID,Order Time(UTC+08:00),Symbol,Side,Order Type,Order Price,"
    "Order Amount,Avg. Filled Price,Filled Amount,Filled Volume,Filled Volume (USDT),"
    "Filled Time(UTC+08:00),Fee,Fee Currency,Status\n"
)
BTC = (
    "BTC,Deposit,0.1,0,2024-02-03 17:00:00,,Cross Margin",
    "USDT,Withdrawal,4204.2,4.2,2024-02-03 17:00:00,,Cross Margin",
)
BTC_ORDER = (
    f"{ORDERS}1,mainAccount,o2,2024-02-02 16:59:00,BTC-USDT,BUY,LIMIT,42000,0.1,42000,0.1,4200,"
    "4200,2024-02-03 17:00:0?,4.2,USDT,deal\n"
)
KCS = (
    "KCS,Deposit,49.95,0.05,2024-02-02 17:00:00,,Spot",
    "XRP,Withdrawal,100,0,2024-02-02 17:00:00,,Spot",
)
KCS_ORDER = (
    f"{ORDERS}1,mainAccount,o1,2024-02-02 16:59:00,XRP-KCS,SELL,LIMIT,0.5,100,0.5,100,50,50,"
    "2024-02-02 17:00:0?,0.05,KCS,deal\n"
)


@pytest.mark.parametrize(
    ("rows", "order", "second"),
    [(BTC, BTC_ORDER, "0"), (BTC, BTC_ORDER, "1"), (KCS, KCS_ORDER, "0")],
)
def test_orders_in_a_command_after_the_history_double_nothing(
    tmp_path: Path, rows: tuple[str, ...], order: str, second: str
) -> None:
    """Neither a trade of margin, nor one whose quote only the orders tell."""
    files = [tmp_path / "history.csv", tmp_path / "orders.csv"]
    files[0].write_text(history(*(f",{row}" for row in rows)))
    files[1].write_text(order.replace("?", second))
    with Book.open(tmp_path / "book.db") as book:
        assert [book.import_file(file).files[0].recorded for file in files] == [2, 0]
        assert not [f for file in files for f in book.import_file(file).files[0].findings]


def test_orders_in_a_command_before_the_history_double_nothing(tmp_path: Path) -> None:
    """What is certain is known; a trade of margin that stands in the main account is a conflict."""
    for name, rows, order, expected in (
        ("coins", KCS, KCS_ORDER, [0]),
        ("margin", BTC, BTC_ORDER, [1]),
    ):
        files = [tmp_path / f"{name}-orders.csv", tmp_path / f"{name}-history.csv"]
        files[0].write_text(order.replace("?", "0"))
        files[1].write_text(history(*(f",{row}" for row in rows)))
        with Book.open(tmp_path / f"{name}.db") as book:
            book.import_file(files[0])
            (result,) = book.import_file(files[1]).files
            assert result.recorded == 0
            assert [len(result.findings)] == expected


def test_a_repayment_beyond_what_interest_can_be_is_a_fault() -> None:
    """The files begin within a loan: what goes beyond the part they hold is no interest."""
    told = kucoin(
        {
            "h.csv": history(
                ",USDT,Deposit,100,0,2024-05-01 16:00:00,,Borrowings",
                ",USDT,Withdrawal,500,0,2024-05-02 16:00:00,,Debt Repayment",
            )
        }
    )
    assert len(told.faults) == 1
    assert "more than these files show as borrowed (100 USDT)" in told.said[0]


def test_files_of_two_users_are_read_one_by_one() -> None:
    """A sub-account's rows may be alike, and its coins are not held here."""
    row = "{uid},mainAccount,USDT,Deposit,5,0,2024-02-01 09:10:00,Bonus,Rewards"
    files = {f"{uid}.csv": f"{HEADER}\n{row.format(uid=uid)}\n" for uid in ("1", "2")}
    told = kucoin(files)
    assert len(told.events) == 1
    (fault,) = told.faults
    assert fault.file.name == "2.csv"
    assert fault.problem.startswith("is of another user, or sub-account, than 1")
