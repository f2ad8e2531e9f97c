"""Binance.US: a row of its tax report is a whole transaction."""

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.importers.binance.binance import Binance
from adapters.importers.binance_us.binanceus import BinanceUS
from marginbook import Book
from tests.adapters.importers.fixtures import DATA
from tests.adapters.importers.outcomes import Outcomes, read, shown

PATH = DATA / "binanceus" / "tax-report.csv"
OLD = PATH.read_text()
RENAMED = {
    "User_Id": "User ID",
    "Order_Id": "Order ID",
    "Transaction_Id": "Transaction ID",
    "Primary_Asset": "Primary Asset",
    "Realized_Amount_For_Primary_Asset": "Realized Amount For Primary Asset",
    "Realized_Amount_For_Primary_Asset_In_USD_Value": "Realized Amount for Primary Asset in USD",
    "Base_Asset": "Base Asset",
    "Realized_Amount_For_Base_Asset": "Realized Amount For Base Asset",
    "Realized_Amount_For_Base_Asset_In_USD_Value": "Realized Amount For Base Asset In USD",
    "Quote_Asset": "Quote Asset",
    "Realized_Amount_For_Quote_Asset": "Realized Amount for Quote Asset",
    "Realized_Amount_For_Quote_Asset_In_USD_Value": "Realized Amount for Quote Asset in USD",
    "Fee_Asset": "Fee Asset",
    "Realized_Amount_For_Fee_Asset": "Realized Amount for Fee Asset",
    "Realized_Amount_For_Fee_Asset_In_USD_Value": "Realized Amount for Fee Asset in USD",
}


def report(**files: str) -> Outcomes:
    return read(BinanceUS(), {f"{name}.csv": text for name, text in files.items()})


def renamed(text: str) -> str:
    header, rows = text.split("\n", 1)
    return ",".join(RENAMED.get(name, name) for name in header.split(",")) + "\n" + rows


def test_every_kind_of_row() -> None:
    fields = ("side", "asset", "quantity", "amount", "quote", "fee", "fee_asset", "kind", "value")
    assert shown(report(a=OLD).events, *fields) == [
        "Deposited USD 5000",
        "Filled buy BTC 0.05 2400 USD 0.0072 BNB",
        "Filled sell BTC 0.02 1000 USD 0.75",
        "Filled buy ADA 400 500 USD 2.5",
        "Filled buy BNB 0.5 100 ADA",
        "IncomeReceived SUSHI 0.00224 bonus",
        "IncomeReceived BNB 0.01 staking 2.35",
        "FeeCharged BNB 0.001 staking",
        "Withdrawn BTC 0.01 0.0005",
    ]
    (said,) = report(a=OLD).said
    assert 'column "Category": "Quick Sell" is a category not known here' in said


def test_both_headers_tell_the_same() -> None:
    assert report(a=renamed(OLD)).drafts == report(a=OLD).drafts
    both = report(a=OLD, b=renamed(OLD))
    assert both.drafts == report(a=OLD).drafts
    assert both.reasons["the same row stands elsewhere in these files"] == 10
    headers = [text.splitlines()[0].encode() + b"\n" for text in (OLD, renamed(OLD))]
    assert list(map(BinanceUS().recognise, headers)) == [
        "binanceus-tax-report 2021",
        "binanceus-tax-report 2023",
    ]
    assert list(map(Binance().recognise, headers)) == [None, None]


def test_the_balances_by_hand(tmp_path: Path) -> None:
    """USD: 5,000 - 2,400 + 1,000 - 0.75 - 500 - 2.50; BNB: -0.0072 + 0.5 + 0.01 - 0.001."""
    with Book.open(tmp_path / "book.db") as book:
        (file,) = book.import_file(PATH).files
        assert (file.rows, file.recorded, len(file.findings)) == (10, 9, 1)
        held = {balance.asset: balance.held for balance in book.balances().balances}
    assert held == {
        "USD": Decimal("3096.75"),
        "BTC": Decimal("0.0195"),
        "ADA": Decimal(300),
        "BNB": Decimal("0.5018"),
        "SUSHI": Decimal("0.00224"),
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("Crypto Withdrawal,108,9009,BTC,0.01", "Crypto Withdrawal,108,9009,BTC,-1", "below zero"),
        ("BTC,0.05,2400,USD,2400", 'BTC,"",2400,USD,2400', "half of a trade"),
        ("Spot Trading,Buy", "Spot Trading,Swap", "neither Buy nor Sell"),
        ("Referral Commission", "Lottery", "operation not known here"),
        ("SUSHI,0.00224", "SUSHI,-0.00224", "takes units away"),
        ("SUSHI,0.00224", ",0.00224", "is of no coin"),
        ("2021-03-06 10:00:00", "03/06/2021", "is not a time"),
        ("ADA,400,500", '"",400,500', "is of no coin"),
    ],
)
def test_what_does_not_add_up_is_a_finding(old: str, new: str, problem: str) -> None:
    assert old in OLD
    assert any(problem in said for said in report(a=OLD.replace(old, new)).said)


def test_rows_without_an_id_are_the_same_with_other_zeros() -> None:
    """As a spreadsheet leaves them."""
    rows = [REPORT_ROW, REPORT_ROW.replace("5000.00", "5000")]
    files = {f"{n}.csv": f"{HEADER}\n{row}\n" for n, row in enumerate(rows)}
    outcomes = read(BinanceUS(), files)
    assert outcomes.said == []
    assert len(outcomes.events) == 1


def test_an_id_that_a_spreadsheet_cut_short_is_a_fault() -> None:
    row = REPORT_ROW.replace(",101,,", ",101,1.23E+15,")
    (said,) = read(BinanceUS(), {"t.csv": f"{HEADER}\n{row}\n"}).said
    assert '"1.23E+15" is an id that a spreadsheet shortened' in said


HEADER = (DATA / "binanceus" / "tax-report.csv").read_text().partition("\n")[0]
REPORT_ROW = (
    "31,2021-03-01 09:00:00.120,Deposit,USD Deposit,101,,USD,5000.00,5000"
    ',"","","","","","","",0,"",ACH,"",""'
)
