"""Coinbase Pro: the account statement and the fills tell one history, each in its own way.

The story: 50,000 USD come in; 1 BTC is bought at 42,000 (fee 42); 0.4 are sold at 45,000 (fee 18)
and 0.6 at 40,000 (fee 24); 5,000 go out. Held at the end, by hand:

    USD  50,000 - 42,042 + 17,982 + 23,976 - 5,000 = 44,916
    BTC  1 - 0.4 - 0.6                              = 0
"""

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.importers.coinbase.coinbase import Coinbase
from domain.events import Filled
from marginbook import Book
from tests.adapters.importers.fixtures import written
from tests.adapters.importers.outcomes import Outcomes, read, shown
from tests.story import balances, recorded

DATA = Path(__file__).parents[2] / "data" / "coinbase_pro"
ACCOUNT = "portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id"
FILLS = (
    "portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit"
)
BOUGHT = (
    "default,match,2024-05-01T10:00:00.118Z,-1860.0000000000000000,3140.00,USD,,7,9a",
    "default,match,2024-05-01T10:00:00.118Z,0.6000000000000000,0.60,ETH,,7,9a",
    "default,fee,2024-05-01T10:00:00.118Z,-7.4400000000000000,3132.56,USD,,7,9a",
)
DEPOSITED = "default,deposit,2024-05-01T09:00:00.000Z,5000,5000,USD,t1,,"
FILL = "default,7,ETH-USD,BUY,2024-05-01T10:00:00.118Z,0.60000000,ETH,3100,7.44,-1867.44,USD"


def account(*rows: str, header: str = ACCOUNT) -> str:
    return "\n".join([header, *rows]) + "\n"


def fills(*rows: str) -> str:
    return "\n".join([FILLS, *rows]) + "\n"


def pro(**files: str) -> Outcomes:
    return read(Coinbase(), {f"{name}.csv": text for name, text in files.items()})


def story() -> dict[str, str]:
    return {name: (DATA / f"story_{name}.csv").read_text() for name in ("account", "fills")}


def test_the_story_leaves_what_it_leaves_by_hand() -> None:
    outcomes = pro(**story())
    assert outcomes.said == []
    held = {row["asset"]: Decimal(row["held"]) for row in balances(recorded(outcomes.drafts))}
    assert held == {"USD": Decimal(44916)}
    assert outcomes.asserted == {"USD": Decimal(44916), "BTC": Decimal()}


@pytest.mark.parametrize("given", [("account",), ("fills",), ("account", "fills")])
def test_either_statement_tells_the_same_trades(given: tuple[str, ...]) -> None:
    files = story()
    told = pro(**{name: files[name] for name in given})
    trades = [event for event in pro(**files).events if isinstance(event, Filled)]
    assert [event for event in told.events if isinstance(event, Filled)] == trades
    assert len(trades) == 3


def test_one_statement_after_the_other_records_no_trade_twice(tmp_path: Path) -> None:
    with Book.open(tmp_path / "book.db") as book:
        book.import_files([DATA / "story_account.csv"])
        again = book.import_files([DATA / "story_fills.csv"])
        assert [(file.recorded, file.known, file.findings) for file in again.files] == [(0, 3, ())]


def test_a_fill_that_the_account_statement_lacks_is_a_trade_all_the_same() -> None:
    """The statement was cut off after the first of two fills of one order."""
    second = FILL.replace(",7,", ",8,").replace("0.60000000", "0.40000000")
    second = second.replace("7.44,-1867.44", "4.96,-1244.96")
    outcomes = pro(a=account(DEPOSITED, *BOUGHT), f=fills(FILL, second))
    assert outcomes.said == []
    assert shown(outcomes.events, "id", "quantity", "amount", "fee") == [
        "Deposited t1 5000",
        "Filled 7/ETH/USD 0.6 1860 7.44",
        "Filled 8/ETH/USD 0.4 1240 4.96",
    ]


def test_a_trade_of_which_one_row_is_missing_is_half_a_trade() -> None:
    for missing in (0, 1):
        rows = [row for n, row in enumerate(BOUGHT) if n != missing]
        outcomes = pro(a=account(DEPOSITED, *rows))
        assert [event for event in outcomes.events if isinstance(event, Filled)] == []
        assert any("is half of a trade: its other match is missing" in s for s in outcomes.said)
        assert set(outcomes.rows.values()) == {1}


def test_the_fill_tells_what_a_statement_of_one_asset_lacks() -> None:
    outcomes = pro(a=account(DEPOSITED, BOUGHT[0], BOUGHT[2]), f=fills(FILL))
    assert outcomes.said == []
    assert shown(outcomes.events, "id", "quantity")[1:] == ["Filled 7/ETH/USD 0.6"]


@pytest.mark.parametrize(
    "fill",
    [
        FILL.replace("0.60000000", "0.70000000"),
        FILL.replace("7.44,", "7.45,"),
        FILL.replace("BUY", "SELL"),
        FILL.replace("-1867.44", "-1867.45"),
    ],
)
def test_statements_that_contradict_each_other_are_refused(fill: str) -> None:
    outcomes = pro(a=account(DEPOSITED, *BOUGHT), f=fills(fill))
    assert shown(outcomes.events) == ["Deposited"]
    assert any("tell other amounts of this trade" in said for said in outcomes.said)
    assert set(outcomes.rows.values()) == {1}


def test_a_trade_id_is_of_one_market_alone() -> None:
    """Two markets counted to the same number, at different times or at once."""
    rows = [FILL, FILL.replace("ETH", "BTC").replace("10:00:00", "11:00:00")]
    outcomes = pro(f=fills(*rows))
    assert shown(outcomes.events, "id") == ["Filled 7/ETH/USD", "Filled 7/BTC/USD"]


def test_portfolios_are_accounts_and_transfers_between_them_have_two_legs() -> None:
    outcomes = pro(
        a=account(
            DEPOSITED,
            "default,withdrawal,2024-05-02T09:00:00.000Z,-20,4980,USD,t2,,",
            "savings,deposit,2024-05-02T09:00:00.000Z,20,20,USD,t2,,",
        )
    )
    assert outcomes.said == []
    assert [(account, event.id) for account, event in outcomes.drafts[:3]] == [
        ("coinbase/pro", "t1"),
        ("coinbase/pro/savings", "t2"),
        ("coinbase/pro", "t2"),
    ]


def test_older_files_have_no_portfolios() -> None:
    """The same rows in files of 2015 and 2018 are the same events."""
    old = [row.removeprefix("default,") for row in (DEPOSITED, *BOUGHT)]
    older = pro(
        a=account(*old, header=ACCOUNT.removeprefix("portfolio,")),
        f="\n".join([FILLS.removeprefix("portfolio,"), FILL.removeprefix("default,")]) + "\n",
    )
    newer = pro(a=account(DEPOSITED, *BOUGHT), f=fills(FILL))
    assert older.said == []
    assert older.drafts == newer.drafts
    both = pro(a=account(*old, header=ACCOUNT.removeprefix("portfolio,")),
               b=account(DEPOSITED, *BOUGHT))  # fmt: skip
    assert both.events == newer.events
    assert both.reasons == {"the same row stands elsewhere in these files": 4}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["default,rebate,2024-05-01T10:00:00Z,0.5,0.5,USD,,,"], "IncomeReceived USD 0.5 rebate"),
        (["default,fee,2024-05-01T10:00:00Z,-0.5,-0.5,USD,,,"], "FeeCharged USD 0.5"),
        (["default,transfer,2024-05-01T10:00:00Z,5,5,ETH,t,,"], "Deposited ETH 5"),
        (["default,transfer,2024-05-01T10:00:00Z,-5,-5,ETH,t,,"], "Withdrawn ETH 5"),
        (
            [
                "default,conversion,2024-05-01T10:00:00Z,-100,-100,USD,c1,,",
                "default,conversion,2024-05-01T10:00:00Z,100,100,USDC,c1,,",
            ],
            "Filled USDC 100",
        ),
        (
            [
                "default,conversion,2024-05-01T10:00:00Z,100,100,USD,,,",
                "default,conversion,2024-05-01T10:00:00Z,-100,-100,USDC,,,",
            ],
            "Filled USDC 100",
        ),
        (["default,deposit,2024-05-01T10:00:00Z,-5,-5,USD,t,,"], "Withdrawn USD 5"),
    ],
)
def test_what_else_an_account_statement_tells(rows: list[str], told: str) -> None:
    outcomes = pro(a=account(*rows))
    assert shown(outcomes.events, "asset", "quantity", "kind") == [told]


def test_a_trade_between_coins_is_quoted_as_the_market_quotes_it() -> None:
    outcomes = pro(
        a=account(
            "default,match,2024-05-01T10:00:00.118Z,0.0003,0.0003,BTC,,9,x",
            "default,match,2024-05-01T10:00:00.118Z,-0.01,-0.01,ETH,,9,x",
        )
    )
    assert shown(outcomes.events, "side", "asset", "quote", "price") == ["Filled sell ETH BTC 0.03"]


def test_fees_in_scientific_notation_and_rebates_of_makers() -> None:
    market = "0.001,SOL,0.05507"
    tiny = f"default,123,SOL-ETH,BUY,2021-11-06T09:33:32Z,{market},2.7535e-7,-0.00005534535,ETH"
    given = f"default,124,SOL-ETH,SELL,2021-11-06T09:33:33Z,{market},-1e-7,0.00005517,ETH"
    assert shown(pro(f=fills(tiny, given)).events, "id", "amount", "fee", "kind", "quantity") == [
        "Filled 123/ETH/SOL 0.00005507 0.00000027535 0.001",
        "Filled 124/ETH/SOL 0.00005507 0.001",
        "IncomeReceived 124/ETH/rebate rebate 0.0000001",
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("default,margin,2024-05-01T10:00:00Z,5,5,USD,t,,", 'column "type": "margin" is a type'),
        ("default,match,2024-05-01T10:00:00Z,5,5,USD,,,", "is a match without a trade id"),
        ("default,conversion,2024-05-01T10:00:00Z,5,5,USD,c,,", "is half of a conversion"),
        ("default,deposit,2024-05-01T10:00:00Z,-5,-5,BTC,t,,", "takes back a deposit of coins"),
        ("default,rebate,2024-05-01T10:00:00Z,-5,-5,USD,,,", "is a rebate that takes units away"),
        ("default,deposit,2024-05-01 10:00:00,5,5,USD,t,,", "is not a time with its zone"),
        ('default,deposit,2024-05-01T10:00:00Z,"5,0",5,USD,t,,', '"5,0" is not a decimal'),
        ("default,deposit,2024-05-01T10:00:00Z,5,5,,t,,", "names no asset"),
    ],
)
def test_what_cannot_be_told_is_a_finding(row: str, said: str) -> None:
    outcomes = pro(a=account(row))
    assert outcomes.events == []
    assert any(said in line for line in outcomes.said)
    assert set(outcomes.rows.values()) == {1}


def test_a_balance_that_does_not_follow_is_found() -> None:
    outcomes = pro(
        a=account(DEPOSITED, "default,withdrawal,2024-05-02T09:00:00Z,-20,4900,USD,t2,,")
    )
    assert [fault.problem for fault in outcomes.faults] == [
        "the running balance does not follow: after 5000 it should be 4980"
    ]


def test_coins_moved_to_pro_keep_their_basis(tmp_path: Path) -> None:
    """The history tells one leg, Pro's statement the other; the import pairs them."""
    history = (
        "Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,"
        "Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n"
        "2024-05-01 10:00:00 UTC,Buy,ETH,1,USD,$3000,$3000,$3030,$30,Bought 1 ETH for 3030 USD\n"
        "2024-05-02 10:00:00 UTC,Pro Deposit,ETH,-1,USD,$3000,$3000,$3000,$0,Transfer\n"
    )
    statement = account(
        "default,deposit,2024-05-02T10:00:00.512Z,1,1,ETH,t1,,",
        "default,match,2024-06-01T10:00:00.118Z,-1,0,ETH,,7,9a",
        "default,match,2024-06-01T10:00:00.118Z,3500,3500,USD,,7,9a",
    )
    files = {"h.csv": history.encode(), "p.csv": statement.encode()}
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files(written(tmp_path, files))
        assert [finding for file in result.files for finding in file.findings] == []
        (row,) = book.tax_year(2024).rows
    assert (row.basis, row.proceeds) == (Decimal("3030.00"), Decimal("3500.00"))
