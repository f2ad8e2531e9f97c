"""Kraken's margin entries, one rule a test. Fee rates are those of tests/kraken_venue.py."""

from decimal import Decimal

import pytest

from tests.adapters.importers.outcomes import Outcomes, exported, kraken, shown
from tests.kraken_venue import NO_POSITION, Row, Venue
from tests.story import balances, kinds, recorded

FILL = ["side", "quantity", "asset", "price", "amount", "fee", "fee_asset"]


@pytest.fixture
def venue() -> Venue:
    """A trader with money and both coins."""
    venue = Venue("rules")
    venue.deposit("2025-01-02 09:00:00", "USD", "50000")
    venue.deposit("2025-01-02 09:10:00", "BTC", "1")
    venue.deposit("2025-01-02 09:20:00", "ETH", "10")
    return venue


def after_deposits(outcomes: Outcomes, *fields: str) -> list[str]:
    return shown(outcomes.events[3:], *(fields or FILL))


def held(outcomes: Outcomes) -> dict[str, Decimal]:
    """What the events alone lead to, once the venue's own assertions have agreed."""
    book = recorded(outcomes.drafts)
    assert "failed_assertion" not in kinds(book)
    return {row["asset"]: Decimal(row["held"]) for row in balances(book)}


# Opening ------------------------------------------------------------------------------------------


def test_an_opening_fee_not_above_the_trading_fee_is_all_trading_fee(venue: Venue) -> None:
    """Later exports estimate both in one, or Kraken gave a rebate."""
    venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5, opening_rate=0)
    assert after_deposits(exported(venue)) == ["Filled buy 0.1 BTC 90000 9000 23.4"]


def test_an_opening_fee_in_the_traded_coin_is_parted_at_the_trades_price(venue: Venue) -> None:
    """23.40 USD of trading fee at 90,000 are 0.00026 BTC; the other 0.00002 are for the loan."""
    opening = venue.fill("2025-02-01 10:00:00", "buy", "BTC/USD", "0.1", "90000", margin="1800")
    venue.entry("2025-02-01 10:00:00", "margin", "BTC", 0, "0.00028", refid=opening["txid"])
    assert after_deposits(exported(venue)) == [
        "Filled buy 0.1 BTC 90000 9000 0.00026 BTC",
        "InterestCharged 0.00002 BTC",
    ]


def test_an_opening_fee_in_another_asset_stays_whole(venue: Venue) -> None:
    opening = venue.fill("2025-02-01 10:00:00", "buy", "BTC/USD", "0.1", "90000", margin="1800")
    venue.entry("2025-02-01 10:00:00", "margin", "ETH", 0, "0.01", refid=opening["txid"])
    assert after_deposits(exported(venue)) == ["Filled buy 0.1 BTC 90000 9000 0.01 ETH"]


def test_leverage_is_cost_by_margin_exact_where_that_ends(venue: Venue) -> None:
    venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5)
    third = venue.fill("2025-02-01 11:00:00", "buy", "BTC/USD", "0.1", "90000", margin="2700.1")
    venue.entry("2025-02-01 11:00:00", "margin", "USD", 0, "25", refid=third["txid"])
    shown_ = after_deposits(exported(venue), "quantity", "leverage")
    assert shown_[0] == "Filled 0.1 5"
    assert shown_[2] == "Filled 0.1 3.33320988"


def test_what_the_opening_fill_was_is_told_by_the_margin_it_uses(venue: Venue) -> None:
    """Neither misc nor posstatus says anything."""
    opening = venue.fill("2025-02-01 10:00:00", "buy", "BTC/USD", "0.1", "90000", margin="1800")
    venue.entry("2025-02-01 10:00:00", "margin", "USD", 0, "25.2", refid=opening["txid"])
    assert [e.position for e in exported(venue).events[3:4]] == [opening["txid"]]  # type: ignore[attr-defined]


def test_a_closing_fill_may_show_margin_too(venue: Venue) -> None:
    """Files of 2026 print the margin that was freed."""
    long = venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5)
    venue.close("2025-02-01 12:00:00", long, "0.1", "90000")
    venue.fills[-1]["margin"] = "1800"
    last = exported(venue, 2026, 2026).events[-1]
    assert shown([last], "side", "position") == [f"Filled sell {long['txid']}"]


# Closing ------------------------------------------------------------------------------------------


def test_a_close_without_profit_or_words_takes_the_open_position(venue: Venue) -> None:
    long = venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5)
    venue.close("2025-02-01 12:00:00", long, "0.1", "90000")
    venue.fills[-1]["misc"] = ""
    assert shown(exported(venue).events[-1:], "side", "amount", "position") == [
        f"Filled sell 9000 {long['txid']}"
    ]


def two_longs(venue: Venue) -> tuple[Row, Row]:
    first = venue.open("2025-02-01 10:00:00", "buy", "ETH", "1", "3000", leverage=2)
    second = venue.open("2025-02-01 11:00:00", "buy", "ETH", "2", "3100", leverage=2)
    return first, second


def test_a_close_of_several_positions_takes_the_oldest_first(venue: Venue) -> None:
    """Sold 2 at 3,200: 200 made on the first, 100 on half of the second; the fee is shared."""
    first, second = two_longs(venue)
    trade = venue.fill("2025-02-02 10:00:00", "sell", "ETH/USD", "2", "3200", misc="closing")
    venue.entry("2025-02-02 10:00:00", "margin", "USD", "300", "16.64", refid=trade["txid"])
    outcomes = exported(venue)
    closes = outcomes.events[-2:]
    assert shown(closes, "id", "position", "quantity", "amount", "fee") == [
        f"Filled {trade['txid']} {first['txid']} 1 3200 8.32",
        f"Filled {trade['txid']}/2 {second['txid']} 1 3200 8.32",
    ]
    assert held(outcomes) == outcomes.asserted


def test_a_close_that_names_its_position_takes_that_one(venue: Venue) -> None:
    _, second = two_longs(venue)
    venue.close("2025-02-02 10:00:00", second, "2", "3200")
    assert shown(exported(venue, 2026, 2026).events[-1:], "position", "quantity") == [
        f"Filled {second['txid']} 2"
    ]


def test_parts_of_a_cost_that_does_not_divide_still_agree_with_the_ledger(venue: Venue) -> None:
    """A cost of 27,000.01 in thirds: no close may move the balance by less or more than it says."""
    long = venue.fill(
        "2025-02-01 10:00:00", "buy", "BTC/USD", "0.3", "90000", cost="27000.01", margin="5400"
    )
    venue.entry("2025-02-01 10:00:00", "margin", "USD", 0, "75.6", refid=long["txid"])
    for day, profit in (("02", "99.9967"), ("03", "99.9967"), ("04", "99.9966")):
        time = f"2025-02-{day} 10:00:00"
        trade = venue.fill(time, "sell", "BTC/USD", "0.1", "91000", misc="closing")
        venue.entry(time, "margin", "USD", profit, "23.66", refid=trade["txid"])
    outcomes = exported(venue)
    assert outcomes.said == []
    assert shown(outcomes.events[-3:], "quantity", "amount") == [
        "Filled 0.1 9100.0000333333333333333333333333333333333333",
        "Filled 0.1 9100.0000333333333333333333333333333333333333",
        "Filled 0.1 9099.9999333333333333333333333333333333333334",
    ]
    assert sum(e.amount for e in outcomes.events[-3:]) == Decimal(27300)  # type: ignore[attr-defined]
    assert held(outcomes) == outcomes.asserted


def test_rounding_between_fills_and_ledger_is_no_fault_and_the_ledger_counts(venue: Venue) -> None:
    long = venue.open("2025-02-01 10:00:00", "buy", "ETH", "0.33333333", "3000.01", leverage=2)
    venue.close("2025-02-01 12:00:00", long, "0.33333333", "3123.45")
    outcomes = exported(venue)
    assert outcomes.said == []
    assert held(outcomes) == outcomes.asserted


def test_a_profit_that_the_fills_do_not_explain_is_recorded_with_a_remark(venue: Venue) -> None:
    long = venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5)
    venue.close("2025-02-01 12:00:00", long, "0.1", "91000")
    venue.entries[-1]["amount"] = "101"
    venue.entries[-1]["balance"] = str(Decimal(venue.entries[-1]["balance"]) + 1)
    outcomes = exported(venue)
    (said,) = outcomes.said
    assert "the net profit in the ledger is 101 USD, that of the gross fills 100" in said
    assert not outcomes.faults[0].counts
    assert held(outcomes) == outcomes.asserted


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize(
    ("off", "remarks"),
    [("0.0002", 0), ("-0.0002", 0), ("0.0003", 1), ("-0.0003", 1), ("250", 1), ("-250", 1)],
)
def test_net_profit_is_compared_with_the_gross_fills_from_both_sides(
    venue: Venue, side: str, off: str, remarks: int
) -> None:
    """Long or short, the ledger saying more or less: two units of its last digit are rounding."""
    opened = venue.open("2025-02-01 10:00:00", side, "BTC", "0.1", "90000", leverage=5)
    venue.close("2025-02-01 12:00:00", opened, "0.1", "91000")
    gross = Decimal(100 if side == "buy" else -100)
    last = venue.entries[-1]
    assert Decimal(last["amount"]) == gross
    last["amount"] = str(gross + Decimal(off))
    last["balance"] = str(Decimal(last["balance"]) + Decimal(off))
    outcomes = exported(venue)
    said = f"the net profit in the ledger is {gross + Decimal(off):f} USD, that of the gross fills"
    assert [said in one for one in outcomes.said] == [True] * remarks
    assert held(outcomes) == outcomes.asserted, "the ledger counts, whatever it says"


def test_a_close_of_what_these_files_did_not_open_is_refused_with_all_its_rows(
    venue: Venue,
) -> None:
    trade = venue.fill("2025-02-02 10:00:00", "sell", "ETH/USD", "2", "3200", misc="closing")
    venue.entry("2025-02-02 10:00:00", "margin", "USD", "300", "16.64", refid=trade["txid"])
    outcomes = exported(venue)
    assert len(outcomes.events) == 3
    assert outcomes.said == [
        "trades.csv:2: takes 2 of a position, of which these files opened 0."
        " Export trades and ledgers from the position's opening on, and give all files in one"
        " import",
        "ledgers.csv:8: belongs together with trades.csv:2, which was not read.",
    ]


def test_a_close_that_names_an_unknown_position_does_not_take_another(venue: Venue) -> None:
    two_longs(venue)
    trade = venue.fill(
        "2025-02-02 10:00:00", "sell", "ETH/USD", "2", "3200", misc="closing", posttxid="TGONE1"
    )
    venue.entry("2025-02-02 10:00:00", "margin", "USD", "300", "16.64", refid=trade["txid"])
    assert (
        "closes position TGONE1, which these files did not open"
        in exported(venue, 2026, 2026).said[0]
    )


def test_files_that_begin_in_the_middle_do_not_close_the_wrong_position(venue: Venue) -> None:
    """The first long, which the close means, was opened before them, at another price."""
    two_longs(venue)
    trade = venue.fill("2025-02-02 10:00:00", "sell", "ETH/USD", "1", "3200", misc="closing")
    venue.entry("2025-02-02 10:00:00", "margin", "USD", "200", "8.32", refid=trade["txid"])
    assert exported(venue).said == []
    late = [row for row in venue.entries if row["time"] > "2025-02-01 10:30:00"]
    files = {
        "ledgers.csv": venue.ledgers(2020, late),
        "trades.csv": venue.trades(2013, venue.fills[1:]),
    }
    outcomes = kraken(files)
    assert "may close a position opened before these files" in outcomes.said[1]
    assert trade["txid"] not in {event.id for event in outcomes.events}


def test_the_placeholder_of_trades_without_position_is_no_position(venue: Venue) -> None:
    venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5)
    assert venue.fills[0]["posttxid"] == NO_POSITION
    assert exported(venue, 2026, 2026).said == []


# Losses that other assets bear --------------------------------------------------------------------


def liquidated(venue: Venue, **taken: str) -> Outcomes:
    """A long of 1 BTC at 90,000 ends at 70,000: -20,000, of which USD bears 8,000."""
    long = venue.open("2025-02-01 10:00:00", "buy", "BTC", "1", "90000", leverage=5)
    trade = venue.fill(
        "2025-02-05 10:00:00",
        *("sell", "BTC/USD", "1", "70000"),
        ordertype="liquidation market",
        posttxid=long["txid"],
    )
    venue.entry("2025-02-05 10:00:00", "margin", "USD", "-8000", "182", refid=trade["txid"])
    for asset, amount in taken.items():
        venue.entry("2025-02-05 10:00:00", "margin", asset, amount, refid=trade["txid"])
    return exported(venue)


def test_one_other_asset_bears_exactly_what_the_quote_did_not(venue: Venue) -> None:
    """12,000 for 0.1714285714 BTC: the last digits of the coin do not decide."""
    outcomes = liquidated(venue, BTC="-0.1714285714")
    assert outcomes.said == []
    assert after_deposits(outcomes)[2:] == [
        "Liquidated sell 1 BTC 70000 70000 182",
        "Liquidated sell 0.1714285714 BTC 70000 12000",
    ]
    assert held(outcomes) == outcomes.asserted


def test_an_asset_that_is_not_traded_gets_the_price_that_follows(venue: Venue) -> None:
    outcomes = liquidated(venue, ETH="-4.8")
    assert after_deposits(outcomes)[-1] == "Liquidated sell 4.8 ETH 2500 12000"


def test_of_several_assets_the_traded_one_counts_at_its_price(venue: Venue) -> None:
    outcomes = liquidated(venue, BTC="-0.1", ETH="-2")
    assert after_deposits(outcomes)[-2:] == [
        "Liquidated sell 0.1 BTC 70000 7000",
        "Liquidated sell 2 ETH 2500 5000",
    ]


def test_a_stable_coin_of_the_quote_counts_at_par(venue: Venue) -> None:
    venue.deposit("2025-01-02 09:30:00", "USDC", "5000")
    outcomes = liquidated(venue, USDC="-5000", ETH="-2.8")
    assert shown(outcomes.events[-2:], *FILL) == [
        "Liquidated sell 2.8 ETH 2500 7000",
        "Liquidated sell 5000 USDC 1 5000",
    ]


def test_two_assets_without_a_price_cannot_be_told_apart(venue: Venue) -> None:
    venue.deposit("2025-01-02 09:30:00", "SOL", "100")
    outcomes = liquidated(venue, SOL="-50", ETH="-2")
    assert "takes ETH and SOL for one loss: their shares of it cannot be told" in outcomes.said[0]
    assert len(outcomes.faults) == 4, "the trade and its three entries"


def test_an_asset_taken_at_a_price_far_from_the_trades_is_remarked_on(venue: Venue) -> None:
    outcomes = liquidated(venue, BTC="-0.2")
    assert (
        "0.2 BTC stood for 12000 USD here, while the trade's price makes it 14000"
        in outcomes.said[0]
    )
    assert not outcomes.faults[0].counts


def test_a_deduction_in_spite_of_a_profit_is_refused(venue: Venue) -> None:
    long = venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5)
    venue.close("2025-02-01 12:00:00", long, "0.1", "91000", taken={"ETH": "-1"})
    assert (
        "differs from the gross fills by 0 USD, which -1 ETH does not explain"
        in exported(venue).said[0]
    )


def test_a_fee_of_a_close_may_be_taken_in_the_coin(venue: Venue) -> None:
    """As in an export of 2018: the profit in euros, the fee in ether."""
    short = venue.open("2025-02-01 10:00:00", "sell", "ETH", "1", "3000", leverage=2)
    trade = venue.fill("2025-02-01 12:00:00", "buy", "ETH/USD", "1", "2900", misc="closing")
    venue.entry("2025-02-01 12:00:00", "margin", "USD", "100", refid=trade["txid"])
    venue.entry("2025-02-01 12:00:00", "margin", "ETH", 0, "0.0026", refid=trade["txid"])
    assert shown(exported(venue).events[-1:], *FILL, "position") == [
        f"Filled buy 1 ETH 2900 2900 0.0026 ETH {short['txid']}"
    ]


def test_a_loss_paid_in_a_stable_coin_bought_for_it(venue: Venue) -> None:
    """In Europe euros are first exchanged for a coin that may serve as collateral."""
    long = venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5)
    trade = venue.fill("2025-02-01 12:00:00", "sell", "BTC/USD", "0.1", "89000", misc="closing")
    refid = trade["txid"]
    venue.entry("2025-02-01 12:00:00", "collateralconversion", "USD", "-123.14", refid=refid)
    venue.entry("2025-02-01 12:00:00", "collateralconversion", "USDC", "123.14", refid=refid)
    venue.entry("2025-02-01 12:00:00", "margin", "USDC", "-100", "23.14", refid=refid)
    outcomes = exported(venue)
    assert shown(outcomes.events[-3:], *FILL, "position") == [
        "Filled buy 123.14 USDC 1 123.14",
        f"Filled sell 0.1 BTC 89000 8900 23.14 USDC {long['txid']}",
        "Filled sell 100 USDC 1 100",
    ]
    assert held(outcomes) == {k: v for k, v in outcomes.asserted.items() if v}


# Settlement ---------------------------------------------------------------------------------------


def test_a_short_is_settled_with_own_units(venue: Venue) -> None:
    short = venue.open("2025-02-01 10:00:00", "sell", "ETH", "3", "3000", leverage=2)
    venue.settle("2025-02-09 03:00:00", short, "2")
    outcomes = exported(venue)
    assert shown(outcomes.events[-1:], "quantity", "asset", "amount", "position") == [
        f"PositionSettled 2 ETH 6000 {short['txid']}"
    ]
    assert held(outcomes)["ETH"] == 8


def test_a_settlement_of_several_positions_takes_the_oldest_first(venue: Venue) -> None:
    first, second = two_longs(venue)
    refid = venue.id("T")
    venue.entry("2025-02-09 03:00:00", "settled", "USD", "-6100", refid=refid)
    base = venue.entry("2025-02-09 03:00:00", "settled", "ETH", "2", refid=refid)
    assert shown(exported(venue).events[-2:], "id", "position", "quantity", "amount") == [
        f"PositionSettled {base} {first['txid']} 1 3000",
        f"PositionSettled {base}/2 {second['txid']} 1 3100",
    ]


def test_a_settlement_may_stand_in_the_trades_and_name_its_position(venue: Venue) -> None:
    """Files of 2026: a fill on the position's own side, at its price, without fee."""
    _, second = two_longs(venue)
    row = venue.fill("2025-02-09 03:00:00", "buy", "ETH/USD", "2", "3100", misc="initiated,closing")
    row["posttxid"] = second["txid"]
    venue.entry("2025-02-09 03:00:00", "settled", "USD", "-6200", refid=row["txid"])
    venue.entry("2025-02-09 03:00:00", "settled", "ETH", "2", refid=row["txid"])
    outcomes = exported(venue, 2026, 2026)
    assert outcomes.said == []
    assert shown(outcomes.events[-1:], "position", "quantity", "amount") == [
        f"PositionSettled {second['txid']} 2 6200"
    ]


def test_a_settlement_may_bear_the_name_of_its_position(venue: Venue) -> None:
    long = venue.open("2025-02-01 10:00:00", "buy", "ETH", "1", "3000", leverage=2)
    venue.entry("2025-02-09 03:00:00", "settled", "USD", "-3000", refid=long["txid"])
    venue.entry("2025-02-09 03:00:00", "settled", "ETH", "1", refid=long["txid"])
    outcomes = exported(venue)
    assert set(outcomes.rows.values()) == {1}
    assert shown(outcomes.events[-1:], "position", "amount") == [
        f"PositionSettled {long['txid']} 3000"
    ]


def test_a_settlement_paid_in_part_with_another_asset_sells_that(venue: Venue) -> None:
    long = venue.open("2025-02-01 10:00:00", "buy", "ETH", "1", "3000", leverage=2)
    refid = venue.id("T")
    venue.entry("2025-02-09 03:00:00", "settled", "USD", "-1000", refid=refid)
    venue.entry("2025-02-09 03:00:00", "settled", "BTC", "-0.025", refid=refid)
    venue.entry("2025-02-09 03:00:00", "settled", "ETH", "1", refid=refid)
    outcomes = exported(venue)
    assert shown(outcomes.events[-2:], *FILL, "position") == [
        f"PositionSettled 1 ETH 3000 {long['txid']}",
        "Filled sell 0.025 BTC 80000 2000",
    ]
    assert held(outcomes) == outcomes.asserted


def test_a_settlement_at_another_cost_is_remarked_on(venue: Venue) -> None:
    long = venue.open("2025-02-01 10:00:00", "buy", "ETH", "1", "3000", leverage=2)
    venue.settle("2025-02-09 03:00:00", long, "1")
    venue.entries[-2]["amount"], venue.entries[-2]["balance"] = "-2999", "46992.6"
    assert (
        "the net profit in the ledger is -2999 USD, that of the gross fills -3000"
        in exported(venue).said[0]
    )


def test_a_settlement_of_an_unknown_position_is_refused(venue: Venue) -> None:
    refid = venue.id("T")
    venue.entry("2025-02-09 03:00:00", "settled", "USD", "-3000", refid=refid)
    venue.entry("2025-02-09 03:00:00", "settled", "ETH", "1", refid=refid)
    assert "settles a position that these files did not open" in exported(venue).said[0]


# The two files ------------------------------------------------------------------------------------


def test_without_the_trades_file_every_fill_is_missed_by_its_name(venue: Venue) -> None:
    long = venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5)
    bought = venue.trade("2025-02-02 10:00:00", "buy", "ETH", "1", "3000")
    outcomes = kraken({"ledgers.csv": venue.ledgers()})
    hint = "Export trades and ledgers for the same period, and give both in one import"
    missing = 'column "refid": "{}" its trade is missing in the trades file. ' + hint
    assert sorted(outcomes.said) == [
        f"ledgers.csv:10: {missing.format(bought)}",
        f"ledgers.csv:8: {missing.format(long['txid'])}",
        "ledgers.csv:9: belongs together with ledgers.csv:10, which was not read.",
    ]


def test_without_the_ledger_every_trade_says_what_it_lacks(venue: Venue) -> None:
    bought = venue.trade("2025-02-02 10:00:00", "buy", "ETH", "1", "3000")
    assert kraken({"trades.csv": venue.trades()}).said == [
        f'trades.csv:2: column "txid": "{bought}" the ledger entries of this trade are missing.'
        " Export trades and ledgers for the same period, and give both in one import"
    ]


def test_margin_terms_come_with_the_first_margin_entry_only(venue: Venue) -> None:
    names = [type(event).__name__ for _, event in exported(venue).drafts]
    assert "MarginTermsSet" not in names
    venue.open("2025-02-01 10:00:00", "buy", "BTC", "0.1", "90000", leverage=5)
    names = [type(event).__name__ for _, event in exported(venue).drafts]
    assert names.count("MarginTermsSet") == names.count("AccountOpened") == 1
