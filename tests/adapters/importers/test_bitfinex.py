"""Bitfinex's reports: what each row becomes, and how the two files are joined."""

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.importers.bitfinex.bitfinex import Bitfinex
from domain.events import Liquidated
from domain.recorded import same_fact
from marginbook import Book
from tests.adapters.importers.bitfinex_reports import Reports, after, started
from tests.adapters.importers.fixtures import DATA
from tests.adapters.importers.outcomes import Outcomes, read, shown
from tests.story import balances, kinds, recorded

STORY = sorted((DATA / "bitfinex").glob("story-*.csv"))


@pytest.fixture
def reports() -> Reports:
    return started()


def held(outcomes: Outcomes) -> dict[tuple[str, str], Decimal]:
    """What the events alone lead to, once the venue's own balances have agreed."""
    book = recorded(outcomes.drafts)
    assert "failed_assertion" not in kinds(book)
    return {(row["account"], row["asset"]): Decimal(row["held"]) for row in balances(book)}


# The story ----------------------------------------------------------------------------------------


def test_the_story_leaves_what_the_ledger_says(tmp_path: Path) -> None:
    """20,000 - 42 - 9 + 1,200 - 18 - 17 + 1,500 - 15.50 - 1,200 - 24 - 5,000 = 16,374.50."""
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files(STORY)
        assert [finding for file in result.files for finding in file.findings] == []
        rows = [row for row in book.balances().balances if row.held or row.owed]
        assert [(row.account, row.asset, row.held) for row in rows] == [
            ("bitfinex/margin", "USD", Decimal("16374.50"))
        ]
        assert [
            event.event.at.isoformat()
            for event in book.events()
            if isinstance(event.event, Liquidated)
        ] == ["2024-04-10T03:00:00+00:00"]


# Spot ---------------------------------------------------------------------------------------------


def test_a_trade_on_the_exchange_wallet_is_told_by_the_ledger_alone(reports: Reports) -> None:
    reports.spot("2024-01-06 10:00:00", "BTC/USD", "0.5", "40000", "-0.001", "BTC")
    reports.spot("2024-01-16 10:00:01", "BTC/USD", "-0.25", "41000", "-20.5", "USD")
    both, alone = reports.read(), read(Bitfinex(), {"ledgers.csv": reports.ledgers()})
    assert after(both) == [
        "Filled buy 0.5 BTC 40000 20000 0.001 BTC",
        "Filled sell 0.25 BTC 41000 10250 20.5",
    ]
    assert [event for _, event in alone.drafts] == [event for _, event in both.drafts]
    assert held(both)["bitfinex/main", "BTC"] == Decimal("1.249")
    assert both.said == alone.said == []


def test_fills_that_are_alike_are_as_many_fills(reports: Reports) -> None:
    for _ in range(3):
        reports.spot("2024-01-16 10:00:00", "BTC/USD", "0.1", "40000", "-0.0002", "BTC")
    outcomes = reports.read()
    assert after(outcomes) == ["Filled buy 0.1 BTC 40000 4000 0.0002 BTC"] * 3
    assert len({event.id for event in outcomes.events}) == len(outcomes.events)


def test_a_row_may_be_seconds_late(reports: Reports) -> None:
    reports.spot("2024-01-16 10:00:00", "BTC/USD", "0.1", "40000", "-0.0002", "BTC")
    reports.lines[-1][5] = "2024-01-16 10:00:04"
    reports.trades[-1][7] = "2024-01-16 09:59:58"
    assert after(reports.read()) == ["Filled buy 0.1 BTC 40000 4000 0.0002 BTC"]


def test_half_a_trade_is_a_finding(reports: Reports) -> None:
    reports.spot("2024-01-16 10:00:00", "BTC/USD", "0.1", "40000", "0", "BTC")
    del reports.lines[-1]
    assert any(
        "is half of a trade: its other line is missing" in said for said in reports.read().said
    )


def test_tethers_dollar_is_called_by_its_name(reports: Reports) -> None:
    reports.spot("2024-01-16 10:00:00", "UST/USD", "100", "1.001", "0", "UST")
    assert after(reports.read()) == ["Filled buy 100 USDT 1.001 100.1"]


# Margin -------------------------------------------------------------------------------------------


def test_fills_of_a_pair_net_into_one_position(reports: Reports) -> None:
    """Bought 6 for 12,003, sold 3 in two fills, the rest and 2 more: from long to short."""
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "3", "2000", "-6")
    reports.margin("2024-01-08 10:00:01", "ETH/USD", "3", "2001", "-6.003")
    reports.margin("2024-01-09 10:00:00", "ETH/USD", "-1", "2100", "-2.1", profit="99.5")
    reports.margin("2024-01-10 10:00:00", "ETH/USD", "-7", "2000", "-14", profit="-2.5")
    reports.margin("2024-01-20 10:00:00", "ETH/USD", "2", "1900", "-3.8", profit="200", how="")
    outcomes = reports.read()
    assert after(outcomes) == [
        "Filled buy 3 ETH 2000 6000 6 1201001",
        "Filled buy 3 ETH 2001 6003 6.003 1201001",
        "Filled sell 1 ETH 2100 2100 2.1 1201001",
        "Filled sell 5 ETH 2000 10000 10 1201001",
        "Filled sell 2 ETH 2000 4000 4 1201004/2",
        "Filled buy 2 ETH 1900 3800 3.8 1201004/2",
    ]
    assert outcomes.said == []
    assert held(outcomes)["bitfinex/margin", "USD"] == outcomes.asserted["USD"]


def test_one_line_of_profit_may_tell_of_several_fills(reports: Reports) -> None:
    """2,100 - 2,000 and 2 x (2,101 - 2,000) are 302 in one line, at an average price."""
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "3", "2000", "-6")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "-1", "2100", "-2.1")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "-2", "2101", "-4.2")
    reports.line("2024-01-19 10:00:02", "Position closed @ 2100.67", "USD", "302", "margin")
    outcomes = reports.read()
    assert outcomes.said == []
    assert [line.split()[-2:] for line in after(outcomes, "amount", "fee")] == [
        ["6000", "6"],
        ["2100", "2.1"],
        ["4202", "4.2"],
    ]


def test_profit_may_be_told_at_the_end_alone(reports: Reports) -> None:
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "3", "2000")
    reports.margin("2024-01-09 10:00:00", "ETH/USD", "-1", "2100")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "-2", "2000", profit="100")
    outcomes = reports.read()
    assert outcomes.said == []
    assert held(outcomes)["bitfinex/margin", "USD"] == 20100


def test_rounding_of_the_ledger_counts_to_the_last_digit(reports: Reports) -> None:
    """3 bought in two fills cost 6,001 / 3 each, which does not end: the ledger rounds."""
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "1", "2000")
    reports.margin("2024-01-08 10:00:01", "ETH/USD", "2", "2000.5")
    reports.margin("2024-01-09 10:00:00", "ETH/USD", "-1", "2100", profit="99.66666667")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "-2", "2000", profit="-0.66666667")
    outcomes = reports.read()
    assert outcomes.said == []
    assert held(outcomes)["bitfinex/margin", "USD"] == Decimal(20099)


def test_a_profit_that_the_fills_do_not_make_is_remarked_on_and_counts(reports: Reports) -> None:
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "1", "2000")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "-1", "2100", profit="90")
    outcomes = reports.read()
    assert [fault.counts for fault in outcomes.faults] == [False]
    assert "in the ledger is 90 USD, that of the gross fills 100" in outcomes.said[0]
    assert held(outcomes)["bitfinex/margin", "USD"] == 20090


@pytest.mark.parametrize("text", ["Position closed @ 1500 (LIQ)", "Position #9 liquidated @ 1500"])
def test_a_liquidation_is_told_by_the_line_of_profit(reports: Reports, text: str) -> None:
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "1", "2000")
    reports.line("2024-01-19 10:00:00", text, "USD", "-500", "margin")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "-1", "1500")
    assert after(reports.read(), "quantity")[-1] == "Liquidated 1"


def test_two_positions_in_one_second_find_their_own_profits(reports: Reports) -> None:
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "1", "2000")
    reports.margin("2024-01-08 10:00:00", "BTC/USD", "-0.1", "40000")
    reports.margin("2024-01-19 10:00:00", "BTC/USD", "0.1", "39000", profit="100")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "-1", "2050", profit="50")
    outcomes = reports.read()
    assert outcomes.said == []
    assert held(outcomes)["bitfinex/margin", "USD"] == 20150


def test_what_a_loan_costs_names_its_position(reports: Reports) -> None:
    """A long is lent the quote, a short the coin; the venue's number decides where it was met."""
    long = reports.margin("2024-01-08 10:00:00", "ETH/USD", "1", "2000")
    reports.line("2024-01-09 00:00:00", "Position #9 funding cost", "USD", "-1", "margin")
    short = reports.margin("2024-01-09 10:00:00", "BTC/USD", "-0.1", "40000")
    reports.margin("2024-01-09 11:00:00", "LTC/USD", "1", "70")
    reports.line("2024-01-10 00:00:00", "Position #9 funding cost", "USD", "-2", "margin")
    reports.line("2024-01-10 00:00:01", "Position #10 funding cost", "BTC", "-0.001", "margin")
    reports.line("2024-01-20 00:00:00", "Used Margin Funding Charge", "USD", "-3", "margin")
    interest = [
        line for line in after(reports.read(), "quantity", "asset", "loan") if "Int" in line
    ]
    assert interest == [
        f"InterestCharged 1 USD {long}",
        f"InterestCharged 2 USD {long}",
        f"InterestCharged 0.001 BTC {short}",
        "InterestCharged 3 USD",
    ]


def test_a_claim_delivers_the_position(reports: Reports) -> None:
    long = reports.margin("2024-01-08 10:00:00", "BTC/USD", "0.5", "30000")
    text = "Position #9 claimed @ 41000.0"
    reports.line("2024-01-19 10:00:00", text, "USD", "-15000", "margin")
    reports.line("2024-01-19 10:00:00", text, "BTC", "0.5", "margin")
    fee = "Claiming fee for Position claimed BTCUSD @ 41000.0"
    reports.line("2024-01-19 10:00:01", fee, "USD", "-15", "margin")
    outcomes = reports.read()
    assert after(outcomes, "quantity", "asset", "amount", "position", "kind")[1:] == [
        f"PositionSettled 0.5 BTC 15000 {long}",
        "FeeCharged 15 USD claiming fee",
    ]
    assert held(outcomes)["bitfinex/margin", "BTC"] == Decimal("1.5")


def test_a_settlement_trades_own_cash_for_a_balance_below_zero(reports: Reports) -> None:
    short = reports.margin("2024-01-08 10:00:00", "ETH/USD", "-1", "2000")
    reports.line("2024-01-09 00:00:00", "Position #9 funding cost", "ETH", "-0.01", "margin")
    reports.line("2024-01-19 00:05:00", "Settlement @ 2000.0", "ETH", "0.01", "margin")
    reports.line("2024-01-19 00:05:00", "Settlement @ 2000.0", "USD", "-20", "margin")
    outcomes = reports.read()
    assert after(outcomes, "side", "quantity", "asset", "amount", "loan")[1:] == [
        f"InterestCharged 0.01 ETH {short}",
        "Filled buy 0.01 ETH 20",
    ]


def test_a_derivative_settles_its_result(reports: Reports) -> None:
    reports.transfer("2024-01-06 10:00:00", "1000", "USTF0", "exchange", "margin")
    reports.margin("2024-01-08 10:00:00", "BTCF0/USTF0", "0.1", "40000", "-2")
    text = "Funding Event tBTCF0:USTF0 (0.1)"
    reports.line("2024-01-08 16:00:00", text, "USTF0", "-0.25", "margin")
    reports.margin("2024-01-19 10:00:00", "BTCF0/USTF0", "-0.1", "41000", "-2.05", profit="100")
    fields = ("asset", "quantity", "amount", "contract", "fee")
    assert after(reports.read(), *fields)[1:] == [
        "ContractSettled USDT BTCF0:USTF0 2",
        "FundingSettled USDT -0.25 BTCF0:USTF0",
        "ContractSettled USDT 100 BTCF0:USTF0 2.05",
    ]


# One file without the other -----------------------------------------------------------------------


def test_a_ledger_alone_asks_for_the_trades(reports: Reports) -> None:
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "1", "2000", "-2")
    reports.line("2024-01-09 00:00:00", "Position #9 funding cost", "USD", "-1", "margin")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "-1", "2100", profit="100")
    outcomes = read(Bitfinex(), {"ledgers.csv": reports.ledgers()})
    assert [fault.problem for fault in outcomes.faults] == [
        "the trade of this fee is missing",
        "is the net profit of a margin trade, and the trade is missing",
    ]
    assert all("ledgers and trades" in fault.hint for fault in outcomes.faults)
    with_trades = {event.id: event for _, event in reports.read().drafts}
    assert all(same_fact(with_trades[event.id], event) for event in outcomes.events)
    assert shown(outcomes.events[-1:], "quantity") == ["InterestCharged 1"]


def test_trades_alone_ask_for_the_ledger(reports: Reports) -> None:
    reports.spot("2024-01-06 10:00:00", "BTC/USD", "0.5", "40000", "-0.001", "BTC")
    reports.margin("2024-01-18 10:00:00", "ETH/USD", "1", "2000")
    outcomes = read(Bitfinex(), {"trades.csv": reports.trades_()})
    assert outcomes.drafts == []
    assert all("cannot be told without the ledger" in said for said in outcomes.said)


def test_a_trade_after_the_ledgers_end_is_no_margin_trade(reports: Reports) -> None:
    reports.trade("2024-02-08 10:00:00", "ETH/USD", "1", "2000")
    (said,) = reports.read().said
    assert "spot or margin cannot be told" in said


def test_a_position_from_before_the_files_makes_its_pair_a_finding() -> None:
    """What looks like a short opened, with a profit, is the end of a long that is not here."""
    reports = Reports()
    reports.line("2024-01-05 09:30:00", "Deposit (WIRE) #2", "USD", "50000", "margin")
    reports.margin("2024-01-08 10:00:00", "ETH/USD", "-1", "2000", profit="100")
    reports.margin("2024-01-19 10:00:00", "ETH/USD", "2", "2000", profit="7")
    reports.margin("2024-01-20 10:00:00", "BTC/USD", "1", "40000")
    reports.line("2024-01-21 00:00:00", "Position #9 funding cost", "USD", "-1", "margin")
    outcomes = reports.read()
    assert {fault.line for fault in outcomes.faults if "trades" in fault.file.name} == {3, 4}
    assert shown(outcomes.events, "asset", "loan")[1:] == ["Filled BTC", "InterestCharged USD"]


def test_a_position_from_before_the_files_is_not_taken_for_another(reports: Reports) -> None:
    """Its number was met while nothing was open, so it is not the long that was opened later."""
    reports.line("2024-01-07 00:00:00", "Position #8 funding cost", "USD", "-1", "margin")
    long = reports.margin("2024-01-08 10:00:00", "ETH/USD", "1", "2000")
    reports.line("2024-01-09 00:00:00", "Position #8 funding cost", "USD", "-1", "margin")
    reports.line("2024-01-19 00:00:00", "Position #9 funding cost", "USD", "-2", "margin")
    outcomes = reports.read()
    interest = [line for line in after(outcomes, "quantity", "loan") if "Interest" in line]
    assert interest == ["InterestCharged 1", "InterestCharged 1", f"InterestCharged 2 {long}"]
    assert outcomes.said == []


def test_a_fee_on_the_exchange_wallet_is_of_no_margin_trade(reports: Reports) -> None:
    reports.spot("2024-01-08 10:00:00", "BTC/USD", "0.1", "40000", "-0.0002", "BTC")
    reports.line("2024-01-19 10:00:00", "Margin Funding Payment", "USD", "1", "funding")
    del reports.lines[-4:-2]
    assert any("its exchange is missing" in said for said in reports.read().said)


def test_a_free_trade_beside_an_exchange_that_does_not_quite_agree_is_a_finding(
    reports: Reports,
) -> None:
    reports.spot("2024-01-08 10:00:00", "BTC/USD", "0.1", "40000", "0", "BTC")
    reports.line("2024-01-19 10:00:00", "Margin Funding Payment", "USD", "1", "funding")
    reports.trades[-1][2] = "0.10000000004"
    outcomes = reports.read()
    assert after(outcomes, "quantity")[:1] == ["Filled 0.1"]
    assert ["spot or margin cannot be told" in said for said in outcomes.said] == [True]
