"""Bitfinex's ledger line by line, and its files however they come."""

from collections import Counter

import pytest

from adapters.importers.bitfinex.bitfinex import Bitfinex
from tests.adapters.importers.bitfinex_reports import Reports, after, started
from tests.adapters.importers.fixtures import DATA
from tests.adapters.importers.outcomes import read


@pytest.fixture
def reports() -> Reports:
    return started()


# Other lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "currency", "amount", "wallet", "becomes"),
    [
        ("Margin Funding Payment", "USD", "3", "funding", "IncomeReceived USD 3 interest"),
        ("Interest Payment", "USD", "3", "deposit", "IncomeReceived USD 3 interest"),
        ("Swap Payment", "USD", "3", "deposit", "IncomeReceived USD 3 interest"),
        ("Staking reward", "ETH", "0.1", "exchange", "IncomeReceived ETH 0.1 staking"),
        ("BFX distribution", "BFX", "3", "exchange", "IncomeReceived BFX 3 airdrop"),
        ("Earned fees from user 5", "USD", "3", "exchange", "IncomeReceived USD 3 bonus"),
        (
            "Affiliate Rebate (lev:1,rebate:0.2%)",
            "USD",
            "3",
            "exchange",
            "IncomeReceived USD 3 bonus",
        ),
        (
            "Trading rebate for 1.0 BTC (BTCUSD) @ 42000.0 on BFX (0.02%)",
            *("USD", "3", "margin", "IncomeReceived USD 3 rebate"),
        ),
        ("Unused Margin Funding Fee", "USD", "-3", "margin", "InterestCharged USD 3"),
        ("Unused Margin Funding Charge", "USD", "-3", "trading", "InterestCharged USD 3"),
        ("Unused Margin Funding Fee Loan #7", "USD", "-3", "trading", "InterestCharged USD 3"),
        ("Margin Funding Charge", "UST", "-3", "margin", "InterestCharged USDT 3"),
        ("Interest charge", "USD", "-3", "trading", "InterestCharged USD 3"),
        ("Deposit Fee (BITCOIN) 7", "BTC", "-0.1", "exchange", "FeeCharged BTC 0.1 deposit"),
        ("Crypto Withdrawal fee", "BTC", "-0.1", "exchange", "FeeCharged BTC 0.1 withdrawal"),
        ("Wire Withdrawal express fee", "USD", "-3", "exchange", "FeeCharged USD 3 withdrawal"),
        ("BTC Withdrawal #7", "BTC", "-0.1", "exchange", "Withdrawn BTC 0.1"),
        ("Wire Transfer Withdrawal #7", "USD", "-3", "exchange", "Withdrawn USD 3"),
        ("Deposit (LIGHTNING) #7", "BTC", "0.1", "exchange", "Deposited BTC 0.1"),
        ("Deposit", "BTC", "0.1", "exchange", "Deposited BTC 0.1"),
        (
            "Transfer of 3.0 USD from wallet Exchange to Exchange SA(me->mine)",
            *("USD", "-3", "exchange", "Withdrawn USD 3"),
        ),
        (
            "Transfer of 3.0 USD from wallet Exchange to Exchange SA(mine->me)",
            *("USD", "3", "exchange", "Deposited USD 3"),
        ),
    ],
)
def test_a_line_that_stands_alone(
    reports: Reports, text: str, currency: str, amount: str, wallet: str, becomes: str
) -> None:
    reports.line("2024-01-16 10:00:00", text, currency, amount, wallet)
    outcomes = reports.read()
    assert after(outcomes, "asset", "quantity", "kind") == [becomes]
    assert outcomes.said == []


@pytest.mark.parametrize(
    "text",
    [
        "Adjustment #12",
        "Adjustment Margin Funding Payment",
        "Margin Funding Payment (adj 0.1)",
        "Extraordinary loss adj of 36.0 USD for 36.0 BFX @ 1.0",
        "Position #9 transfer",
        "Delist adjustment",
        "Expense",
        "",
    ],
)
def test_what_is_not_known_is_a_finding(reports: Reports, text: str) -> None:
    reports.line("2024-01-16 10:00:00", text, "USD", "-1", "exchange")
    outcomes = reports.read()
    (fault,) = outcomes.faults
    assert (fault.line, fault.column) == (2, "DESCRIPTION")
    assert "is a text not known here" in fault.problem


def test_a_cancelled_withdrawal_undoes_its_own(reports: Reports) -> None:
    """The fee was taken, and given back: a rebate."""
    reports.line("2024-01-13 03:00:00", "BTC Withdrawal #44", "BTC", "-0.5", "exchange")
    reports.line("2024-01-13 03:00:00", "Crypto Withdrawal fee", "BTC", "-0.0004", "exchange")
    reports.line("2024-01-16 03:00:00", "Canceled withdrawal request #44", "BTC", "0.5", "exchange")
    fee = "Canceled withdrawal fee #44"
    reports.line("2024-01-16 03:00:00", fee, "BTC", "0.0004", "exchange")
    outcomes = reports.read()
    assert after(outcomes, "quantity", "kind") == [
        "FeeCharged 0.0004 withdrawal",
        "IncomeReceived 0.0004 rebate",
    ]
    assert outcomes.reasons == {"reversed by the venue": 2}


def test_a_cancelled_withdrawal_from_before_the_files_is_a_finding(reports: Reports) -> None:
    reports.line("2024-01-16 03:00:00", "Canceled withdrawal request #44", "BTC", "0.5", "exchange")
    (said,) = reports.read().said
    assert "gives back a withdrawal that these files do not hold" in said


def test_a_withdrawal_bears_the_fee_that_is_taken_beside_it(reports: Reports) -> None:
    reports.line("2024-01-13 03:00:00", "BTC Withdrawal #44", "BTC", "-0.5", "exchange")
    reports.line("2024-01-13 03:00:01", "Crypto Withdrawal fee", "BTC", "-0.0004", "exchange")
    reports.line("2024-01-16 03:00:00", "Wire Transfer Withdrawal #45", "USD", "-5", "exchange")
    assert after(reports.read(), "quantity", "fee") == ["Withdrawn 0.5 0.0004", "Withdrawn 5"]


def test_movements_tell_the_transactions_of_the_ledgers_lines(reports: Reports) -> None:
    reports.line("2024-01-13 03:00:00", "BTC Withdrawal #44", "BTC", "-0.5", "exchange")
    reports.line("2024-01-16 03:00:00", "Deposit (ETHEREUM) #45", "ETH", "5", "exchange")
    movements = (
        "#,DATE,CURRENCY,STATUS,AMOUNT,FEES,DESCRIPTION,TRANSACTION ID,NOTE\n"
        "45,16-01-24 02:30:00,ETH,COMPLETED,5,0,0xme,0xabc,\n"
        "44,13-01-24 02:30:00,BTC,COMPLETED,-0.5,0,bc1me,f00d,\n"
        "43,12-01-24 02:30:00,BTC,CANCELED,-0.5,0,bc1me,,\n"
    )
    outcomes = read(Bitfinex(), {"l.csv": reports.ledgers(), "m.csv": movements})
    assert after(outcomes, "quantity", "txid") == ["Withdrawn 0.5 f00d", "Deposited 5 0xabc"]
    assert outcomes.said == []
    assert outcomes.reasons == {
        "told by the ledgers, which take its transaction: give them, too": 2,
        "not completed: CANCELED": 1,
    }


def test_one_leg_of_a_transfer_is_a_finding(reports: Reports) -> None:
    reports.transfer("2024-01-16 03:00:00", "5", "USD", "exchange", "margin")
    del reports.lines[-1]
    (said,) = reports.read().said
    assert "is one leg of a move between own wallets, without the other" in said


# Files --------------------------------------------------------------------------------------------


@pytest.fixture
def busy(reports: Reports) -> Reports:
    """A bit of everything, over several weeks."""
    reports.spot("2024-01-06 10:00:00", "BTC/USD", "0.5", "20000", "-0.001", "BTC")
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "3", "2000", "-6")
    reports.line("2024-01-09 00:00:00", "Position #9 funding cost", "USD", "-1", "margin")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "-3", "2100", "-6.3", profit="300")
    reports.line("2024-02-02 00:00:00", "Margin Funding Payment", "USD", "3", "funding")
    reports.spot("2024-02-16 10:00:00", "BTC/USD", "-0.1", "42000", "-4.2", "USD")
    reports.line("2024-02-28 00:00:00", "BTC Withdrawal #44", "BTC", "-0.5", "exchange")
    return reports


def test_every_generation_says_the_same(busy: Reports) -> None:
    expected = [event for _, event in busy.read().drafts]
    for ledgers in (busy.ledgers(numbered=False), busy.ledgers(old=True)):
        outcomes = read(Bitfinex(), {"ledgers.csv": ledgers, "trades.csv": busy.trades_()})
        assert [event for _, event in outcomes.drafts] == expected


def test_generations_given_together_count_once(busy: Reports) -> None:
    files = {"l.csv": busy.ledgers(), "m.csv": busy.ledgers(old=True), "t.csv": busy.trades_()}
    outcomes = read(Bitfinex(), files)
    assert outcomes.drafts == busy.read().drafts
    assert outcomes.said == []
    assert outcomes.reasons == {"the same row stands elsewhere in these files": len(busy.lines)}


def test_rows_are_accounted_for_once(busy: Reports) -> None:
    outcomes = busy.read()
    assert outcomes.said == []
    rows = {("ledgers.csv", 2 + n) for n in range(len(busy.lines))}
    rows |= {("trades.csv", 2 + n) for n in range(len(busy.trades))}
    assert outcomes.rows == Counter(rows)


def test_an_edited_row_is_found(busy: Reports) -> None:
    lines = busy.ledgers().splitlines(keepends=True)
    edited = [*lines, lines[2].replace(",-4.2,", ",-0.2,")]
    outcomes = read(Bitfinex(), {"ledgers.csv": "".join(edited), "trades.csv": busy.trades_()})
    assert any("stands in ledgers.csv:3 with other content" in said for said in outcomes.said)


def test_a_wallet_that_contradicts_the_text_is_a_fault(busy: Reports) -> None:
    ledgers = busy.ledgers().replace("28 00:00:00,exchange", "28 00:00:00,margin")
    faults = read(Bitfinex(), {"ledgers.csv": ledgers, "trades.csv": busy.trades_()}).faults
    assert [(f.line, f.column) for f in faults if f.counts] == [(2, "WALLET")]


def test_a_given_account_names_all_wallets(busy: Reports) -> None:
    files = {"ledgers.csv": busy.ledgers(), "trades.csv": busy.trades_()}
    accounts = {account for account, _ in read(Bitfinex(), files, "mine/bfx").drafts}
    assert accounts == {"mine/bfx", "mine/bfx-margin", "mine/bfx-funding"}


@pytest.mark.parametrize("name", ["kraken/ledgers.csv", "kraken/trades.csv", "prices/daily.csv"])
def test_files_of_others_are_refused(name: str) -> None:
    content = (DATA / name).read_bytes()
    assert Bitfinex().recognise(content) is None
    (fault,) = read(Bitfinex(), {"x.csv": content}).faults
    assert fault.problem == "is no export of Bitfinex"


def test_a_statement_of_a_bank_is_none_of_bitfinexs() -> None:
    """The columns of the oldest ledger are common ones: all of them, no others, and its words."""
    header = b"Date,Description,Amount,Balance,Currency"
    row = b"2014-02-01 10:00:00,Deposit #1 on wallet Exchange,1,1,USD"
    assert Bitfinex().recognise(header + b"\n" + row) is not None
    assert Bitfinex().recognise(header + b",Payee\n" + row + b",me") is None
    assert Bitfinex().recognise(header + b"\n2014-02-01,Groceries,-1,1,USD") is None
