"""Binance's statement: a second's rows are one trade, two legs one move; nothing is guessed."""

import pytest

from adapters.importers.binance.binance import Binance
from adapters.importers.registry import recognise
from tests.adapters.importers.binance_files import (
    FUTURES,
    MARGIN,
    MIDDLE,
    NEWEST,
    OLDEST,
    binance,
    statement,
    told,
)
from tests.adapters.importers.fixtures import DATA
from tests.adapters.importers.outcomes import read, shown

BOUGHT = """
    2024-05-06 09:21:33, Cross Margin, Transaction Buy, BTC, 0.20000000
    2024-05-06 09:21:33, Cross Margin, Transaction Spend, USDT, -13000.00000000
    2024-05-06 09:21:33, Cross Margin, Transaction Fee, BNB, -0.01650000
    2024-05-06 09:21:33, Cross Margin, Transaction Buy, BTC, 0.15000000
    2024-05-06 09:21:33, Cross Margin, Transaction Spend, USDT, -9750.75000000
    2024-05-06 09:21:33, Cross Margin, Transaction Fee, BNB, -1.2375E-02
"""
BUY = "cross Filled buy BTC 0.35 22750.75 USDT 0.028875 BNB"


# Generations --------------------------------------------------------------------------------------


def test_every_header_tells_the_same() -> None:
    story = (DATA / "binance" / "story.csv").read_text()
    rows = "\n".join(line.partition(",")[2] for line in story.splitlines()[1:])
    files = {header: statement(rows, header) for header in (OLDEST, MIDDLE, NEWEST)}
    assert len({tuple(read(Binance(), {"a.csv": text}).drafts) for text in files.values()}) == 1
    together = read(Binance(), {f"{n}.csv": text for n, text in enumerate(files.values())})
    assert together.drafts == read(Binance(), {"a.csv": files[OLDEST]}).drafts
    assert together.reasons["the same row stands elsewhere in these files"] == 2 * 35
    assert together.said == []


def test_the_generation_is_named() -> None:
    found = [Binance().recognise(f"{header}\n".encode()) for header in (OLDEST, MIDDLE, NEWEST)]
    assert found == ["binance-statement 2019", "binance-statement 2021", "binance-statement 2023"]
    assert recognise(DATA / "binance" / "operations.csv")[1] == "binance-statement 2023"


def test_a_word_that_was_renamed_is_the_same_row() -> None:
    old = """
        2022-01-05 10:00:00, Spot, Small assets exchange BNB, ADA, -3.5
        2022-01-05 10:00:00, Spot, Small assets exchange BNB, BNB, 0.004
        2022-01-06 10:00:00, USDT-Futures, Realize profit and loss, USDT, 5
        2022-01-07 10:00:00, CrossMargin, Margin loan, USDT, 500
    """
    new = """
        2022-01-05 10:00:00, Spot, Small Assets Exchange BNB, ADA, -3.50000000
        2022-01-05 10:00:00, Spot, Small Assets Exchange BNB, BNB, 0.00400000
        2022-01-06 10:00:00, USD-M Futures, Realized Profit and Loss, USDT, 5.00000000
        2022-01-07 10:00:00, Cross Margin, Margin Loan, USDT, 500.00000000
    """
    assert binance(old).drafts == binance(new).drafts == binance(old, new).drafts
    assert binance(old, new).reasons.total() == 4


def test_times_are_of_the_zone_that_the_name_of_a_newest_file_tells() -> None:
    rows = "2024-05-06 09:00:00, Spot, Deposit, BTC, 1"
    for name, hour in (
        ("Binance-Transaction-History-202603230400(UTC+7)_abcd.csv", 2),
        ("Binance-Transaction-History-202603230400(UTC--6)_abcd.csv", 15),
        ("Binance-Historique-202610031149UTC2-part1-of1.csv", 7),
        ("Binance-Transaction-History-202603230400.csv", 9),
    ):
        (event,) = read(Binance(), {name: statement(rows, NEWEST)}).events
        assert event.at.hour == hour
        (event,) = read(Binance(), {name: statement(rows, MIDDLE)}).events
        assert event.at.hour == 9, "the older header says UTC itself"


# Trades -------------------------------------------------------------------------------------------


def test_the_rows_of_a_second_are_one_trade() -> None:
    outcomes = binance(BOUGHT)
    assert told(outcomes) == [BUY]
    assert outcomes.events[0].id == "trade/2024-05-06T09:21:33Z/BTC-USDT/buy"
    assert len(outcomes.rows) == 6


@pytest.mark.parametrize("late", [1, 2, 4, 5])
def test_a_trade_may_reach_into_the_next_second(late: int) -> None:
    rows = BOUGHT.strip().splitlines()
    shifted = [*rows[:late], *(row.replace("09:21:33", "09:21:34") for row in rows[late:])]
    assert told(binance("\n".join(shifted))) == [BUY]


def test_a_second_trade_a_second_later_is_one_of_its_own() -> None:
    later = BOUGHT.replace("09:21:33", "09:21:34")
    assert told(binance(BOUGHT, later)) == [BUY, BUY]


def test_a_purchase_and_a_sale_of_one_second_are_parted_by_their_words() -> None:
    outcomes = binance("""
        2024-05-06 09:00:00, Spot, Transaction Buy, BTC, 0.1
        2024-05-06 09:00:00, Spot, Transaction Spend, USDT, -6500
        2024-05-06 09:00:00, Spot, Transaction Fee, BTC, -0.0001
        2024-05-06 09:00:00, Spot, Transaction Sold, ETH, -2
        2024-05-06 09:00:00, Spot, Transaction Revenue, USDT, 6200
        2024-05-06 09:00:00, Spot, Transaction Fee, USDT, -6.2
    """)
    assert told(outcomes) == [
        "main Filled buy BTC 0.1 6500 USDT 0.0001 BTC",
        "main Filled sell ETH 2 6200 USDT 6.2",
    ]


def test_shares_that_cannot_be_told_are_a_finding() -> None:
    outcomes = binance("""
        2024-05-06 09:00:00, Spot, Transaction Buy, BTC, 0.1
        2024-05-06 09:00:00, Spot, Transaction Buy, ETH, 1
        2024-05-06 09:00:00, Spot, Transaction Spend, USDT, -9500
    """)
    assert outcomes.events == []
    assert "several pairs in one second: which of BTC, ETH, USDT was for which" in outcomes.said[0]
    assert "Export the trade history of this time" in outcomes.said[0]
    assert len(outcomes.said) == 3


def test_a_shared_fee_of_two_trades_is_a_finding() -> None:
    outcomes = binance("""
        2024-05-06 09:00:00, Spot, Transaction Buy, BTC, 0.1
        2024-05-06 09:00:00, Spot, Transaction Spend, USDT, -6500
        2024-05-06 09:00:00, Spot, Transaction Sold, ETH, -2
        2024-05-06 09:00:00, Spot, Transaction Revenue, USDT, 6200
        2024-05-06 09:00:00, Spot, Transaction Fee, BNB, -0.02
    """)
    assert outcomes.events == []
    assert "share a fee in BNB" in outcomes.said[0]


@pytest.mark.parametrize(
    ("rows", "trade"),
    [
        ("Buy BTC 0.1, Buy USDT -6500", "buy BTC 0.1 6500 USDT"),
        ("Sell BTC -0.1, Sell USDT 6500", "sell BTC 0.1 6500 USDT"),
        ("Buy BTC 0.1, Sell USDT -6500", "buy BTC 0.1 6500 USDT"),
        ("Sell BTC -0.1, Buy USDT 6500", "sell BTC 0.1 6500 USDT"),
        ("Buy BNB 2, Transaction Related BUSD -600", "buy BNB 2 600 BUSD"),
        ("Buy EUR 100, Sell USDT -110", "buy EUR 100 110 USDT"),
    ],
)
def test_older_words(rows: str, trade: str) -> None:
    """`Buy` and `Sell` stand before what is bought or sold, or before both of its legs."""
    legs = [row.strip().rsplit(" ", 2) for row in rows.split(",")]
    text = "\n".join(f"2021-01-05 10:00:00,Spot,{word},{coin},{n}" for word, coin, n in legs)
    fee = "2021-01-05 10:00:00, Spot, Fee, BNB, -0.01"
    assert told(binance(f"{text}\n{fee}")) == [f"main Filled {trade} 0.01 BNB"]


def test_half_a_trade_and_a_fee_alone_are_findings() -> None:
    outcomes = binance("""
        2024-05-06 09:00:00, Spot, Transaction Buy, BTC, 0.1
        2024-05-06 09:10:00, Spot, Transaction Fee, BNB, -0.1
    """)
    assert "half of a trade" in outcomes.said[0]
    assert "a fee whose trade is missing" in outcomes.said[1]


def test_a_leg_that_cannot_be_read_spoils_its_trade() -> None:
    outcomes = binance(BOUGHT.replace("-9750.75000000", "-9750.75 USDT"))
    assert outcomes.events == []
    assert any(
        said.startswith('statement-1.csv:6: column "Change": "-9750.75 USDT" is not a decimal')
        for said in outcomes.said
    )
    assert len(outcomes.said) == 6


def test_bnb_taken_beside_a_trade_without_fee_is_its_fee() -> None:
    outcomes = binance("""
        2026-02-10 04:15:59, Spot, Transaction Spend, USDC, -49.881
        2026-02-10 04:15:59, Spot, Transaction Buy, BNB, 0.078
        2026-02-10 04:15:59, Spot, BNB Fee Deduction, BNB, -0.00005557
    """)
    assert told(outcomes) == ["main Filled buy BNB 0.078 49.881 USDC 0.00005557 BNB"]


# Conversions --------------------------------------------------------------------------------------


def test_several_small_assets_without_a_remark_are_a_finding() -> None:
    rows = """
        2023-01-05 10:00:00, Spot, Small Assets Exchange BNB, ADA, -3.5, ADA to BNB
        2023-01-05 10:00:00, Spot, Small Assets Exchange BNB, BNB, 0.004, ADA to BNB
        2023-01-05 10:00:00, Spot, Small Assets Exchange BNB, XRP, -2, XRP to BNB
        2023-01-05 10:00:00, Spot, Small Assets Exchange BNB, BNB, 0.003, XRP to BNB
    """
    assert told(binance(rows)) == [
        "main Filled sell ADA 3.5 0.004 BNB",
        "main Filled sell XRP 2 0.003 BNB",
    ]
    plain = rows.replace(", ADA to BNB", "").replace(", XRP to BNB", "")
    assert "exchanges ADA, XRP for BNB in one second" in binance(plain).said[0]
    assert len(binance(plain).said) == 4


def test_bnb_taken_instead_of_a_fee_is_sold_for_what_is_given_back() -> None:
    outcomes = binance("""
        2024-05-07 16:00:00, Cross Margin, BNB Fee Deduction, BNB, -0.00001200
        2024-05-07 16:00:00, Cross Margin, BNB Fee Deduction, USDT, 7.1E-03
    """)
    assert told(outcomes) == ["cross Filled sell BNB 0.000012 0.0071 USDT"]


# Moves --------------------------------------------------------------------------------------------


def test_two_legs_are_one_transfer() -> None:
    rows = f"""
        2024-05-06 09:10:01, Spot, {MARGIN}, USDT, -10000
        2024-05-06 09:10:01, Cross Margin, {MARGIN}, USDT, 10000
    """
    assert told(binance(rows)) == [
        "main Transferred USDT 10000 cross".replace("cross", "binance/cross")
    ]
    late = rows.replace("09:10:01, Cross", "09:10:02, Cross")
    assert told(binance(late)) == told(binance(rows))


def test_an_unpaired_leg_is_a_finding_that_says_which() -> None:
    outcomes = binance(f"""
        2024-05-06 09:10:01, Spot, {MARGIN}, USDT, -10000
        2024-05-06 09:10:03, Cross Margin, {MARGIN}, USDT, 10000
    """)
    assert outcomes.events == []
    first, second = outcomes.said
    assert "10000 USDT left the account binance/main, and where they came to is missing" in first
    assert "10000 USDT came to the account binance/cross, and where they left is missing" in second


def test_moves_between_isolated_pairs_move_nothing() -> None:
    outcomes = binance(f"""
        2024-05-06 09:10:01, Isolated Margin, {MARGIN}, USDT, -10
        2024-05-06 09:10:01, Isolated Margin, {MARGIN}, USDT, 10
    """)
    assert outcomes.events == []
    assert outcomes.reasons == {"moved within one wallet": 2}


def test_earn_is_a_wallet_whose_legs_may_be_left_out() -> None:
    legs = """
        2023-01-06 10:00:00, Spot, Simple Earn Flexible Subscription, USDT, -1000, Binance Earn
        2023-01-08 10:00:00, Spot, Simple Earn Flexible Redemption, USDT, 400, Binance Earn
    """
    earn = """
        2023-01-06 10:00:01, Earn, Simple Earn Flexible Subscription, LDUSDT, 1000
        2023-01-08 10:00:00, Earn, Simple Earn Flexible Redemption, LDUSDT, -400
    """
    assert told(binance(legs)) == [
        "main Transferred USDT 1000 binance/earn",
        "earn Transferred USDT 400 binance/main",
    ]
    assert binance(legs, earn).drafts == binance(legs).drafts
    assert len(binance(earn).said) == 2, "the other leg may be of Spot or Funding"


def test_what_is_not_known_is_a_finding_that_names_it() -> None:
    outcomes = binance("""
        2024-05-06 09:00:00, Spot, Mystery Bonus Program, XYZ, 5
        2024-05-06 09:01:00, Copy Trading, Deposit, USDT, 5
        2024-05-06 09:02:00, Spot, Asset Recovery, MATIC, -5
    """)
    assert outcomes.events == []
    found = [(fault.line, fault.column, fault.value) for fault in outcomes.faults]
    assert sorted(found) == [
        (2, "Operation", "Mystery Bonus Program"),
        (3, "Account", "Copy Trading"),
        (4, "Operation", "Asset Recovery"),
    ]


def test_every_operation_of_the_fixture() -> None:
    path = DATA / "binance" / "operations.csv"
    outcomes = read(Binance(), {path.name: path.read_bytes()})
    assert set(outcomes.rows.values()) == {1}
    assert shown(outcomes.events, "id") != []
    counts: dict[str, int] = {}
    for line in told(outcomes):
        kind = " ".join(line.split()[:2])
        counts[kind] = counts.get(kind, 0) + 1
    assert counts == {
        "main Deposited": 3,
        "funding Deposited": 2,
        "main Filled": 9,
        "main FeeCharged": 2,
        "main IncomeReceived": 7,
        "main Transferred": 4,
        "funding Transferred": 1,
        "earn Transferred": 1,
        "funding Withdrawn": 1,
        "main Withdrawn": 2,
        "futures ContractSettled": 3,
        "futures FundingSettled": 1,
        "futures Filled": 1,
    }
    assert sorted({fault.line for fault in outcomes.faults}) == [55, 56, 57, 58, 59, 60]


# Files --------------------------------------------------------------------------------------------


def test_identical_rows_count_each_and_overlapping_files_once() -> None:
    row = "2024-05-06 09:00:00, Spot, Simple Earn Flexible Interest, USDT, 0.1"
    assert len(binance(f"{row}\n{row}").events) == 2
    assert len(binance(f"{row}\n{row}", row).events) == 2
    ids = [event.id for event in binance(f"{row}\n{row}").events]
    assert ids[1] == f"{ids[0]}/2"


def test_files_of_two_users_are_read_one_by_one() -> None:
    files = {
        "a.csv": statement("2024-05-06 09:00:00, Spot, Deposit, BTC, 1", user="1"),
        "b.csv": statement("2024-05-07 09:00:00, Spot, Deposit, BTC, 2", user="2"),
    }
    outcomes = read(Binance(), files)
    assert len(outcomes.events) == 1
    assert "is of another user, or sub-account, than 1" in outcomes.said[0]


def test_an_account_given_stands_for_the_main_wallet() -> None:
    outcomes = binance(
        f"""
        2024-05-06 09:10:01, Spot, {MARGIN}, USDT, -10000
        2024-05-06 09:10:01, Cross Margin, {MARGIN}, USDT, 10000
    """,
        account="mine",
    )
    assert {account for account, _ in outcomes.drafts} == {"mine", "mine-cross"}


def test_files_of_others_are_refused() -> None:
    for path in sorted(DATA.glob("*/*.csv")):
        if not path.parent.name.startswith("binance"):
            assert Binance().recognise(path.read_bytes()) is None
    assert "is no export of Binance" in read(Binance(), {"a.csv": "a,b\n1,2\n"}).said[0]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("06/05/2024 09:00:00, Spot, Deposit, BTC, 1", "Time"),
        ("2024-05-06T09:00:00Z, Spot, Deposit, BTC, 1", "Time"),
        ("2024-05-06 09:00:00, Spot, Deposit, BTC, 1k", "Change"),
        ("2024-05-06 09:00:00, Spot, Deposit, , 1", "Coin"),
        ("2024-05-06 09:00:00, Spot, Deposit, BTC, ", "Change"),
        ("2024-05-06 09:00:00, Spot, Deposit, BTC, NaN", "Change"),
    ],
)
def test_a_bad_cell_is_a_fault_with_its_column(row: str, column: str) -> None:
    (fault,) = binance(row).faults
    assert (fault.line, fault.column) == (2, column)


def test_amounts_the_wrong_way_are_findings() -> None:
    outcomes = binance("""
        2024-05-06 09:00:00, Spot, Deposit, BTC, -1
        2024-05-06 09:01:00, Spot, Withdraw, BTC, 1
        2024-05-06 09:02:00, Spot, Distribution, BTC, -1
        2024-05-06 09:03:00, Cross Margin, Margin Loan, BTC, -1
        2024-05-06 09:04:00, Cross Margin, Margin Repayment, BTC, 1
        2024-05-06 09:05:00, Cross Margin, Margin Fee, BTC, 1
        2024-05-06 09:06:00, Funding, P2P Trading, USDT, -1
    """)
    assert outcomes.events == []
    assert len(outcomes.said) == 7


def test_a_futures_header_is_no_statement() -> None:
    assert Binance().recognise(f"{FUTURES}\n".encode()) == "binance-futures 2020"


def test_files_put_into_one_double_nothing() -> None:
    """Two exports that overlap, one behind the other, the second of another generation."""
    one, other = statement(BOUGHT_TWICE), statement(BOUGHT_TWICE + LATER, NEWEST)
    together = read(Binance(), {"all.csv": one + other})
    apart = read(Binance(), {"one.csv": one, "other.csv": other})
    assert together.said == []
    assert together.events == apart.events
    assert len(together.events) == 6
    assert sum(together.rows.values()) == 9 + 11


BOUGHT_TWICE = """
    2024-02-01 09:00:00, Spot, Deposit, USDT, 1000
    2024-02-01 09:00:01, Spot, Transaction Buy, BTC, 0.01
    2024-02-01 09:00:01, Spot, Transaction Spend, USDT, -420
    2024-02-01 09:00:01, Spot, Transaction Fee, BTC, -0.00001
    2024-02-01 09:00:01, Spot, Transaction Buy, BTC, 0.01
    2024-02-01 09:00:01, Spot, Transaction Spend, USDT, -420
    2024-02-01 09:00:01, Spot, Transaction Fee, BTC, -0.00001
    2024-02-02 09:00:00, Spot, Deposit, USDT, 5
    2024-02-02 09:00:00, Spot, Deposit, USDT, 5
"""
LATER = """
    2024-02-03 09:00:00, Spot, Withdraw, USDT, -5
    2024-02-03 09:00:00, Spot, Withdraw, USDT, -5
"""
