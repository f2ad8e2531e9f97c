"""Kraken's other entries: trades, exchanges, deposits, income, moves. One rule a test."""

from decimal import Decimal

import pytest

from tests.adapters.importers.outcomes import Outcomes, exported, kraken, shown
from tests.kraken_venue import Venue
from tests.story import balances, kinds, recorded

FILL = ["side", "quantity", "asset", "price", "amount", "fee", "fee_asset"]
NOON = "2025-02-01 12:00:00"


@pytest.fixture
def venue() -> Venue:
    """A trader with 10,000 USD."""
    venue = Venue("spot")
    venue.deposit("2025-01-02 09:00:00", "USD", "10000")
    return venue


def told(outcomes: Outcomes, *fields: str) -> list[str]:
    """What followed the deposit. Nothing but that may be remarked on."""
    assert outcomes.said == []
    assert set(outcomes.rows.values()) == {1}
    return shown(outcomes.events[1:], *(fields or FILL))


def refused(outcomes: Outcomes) -> str:
    """Why nothing followed the deposit."""
    assert len(outcomes.events) == 1
    assert set(outcomes.rows.values()) == {1}
    return outcomes.said[0]


# Trades -------------------------------------------------------------------------------------------


def test_a_trade_from_two_wallets_is_one_fill(venue: Venue) -> None:
    """31.41 units were once recorded as 1.55, the part of one wallet."""
    row = venue.fill(NOON, "buy", "ETH/USD", "2", "3000")
    venue.entry(NOON, "trade", "USD", "-6000", "15.6", refid=row["txid"])
    venue.entry(NOON, "trade", "ETH", "1.5", refid=row["txid"])
    venue.entry(NOON, "trade", "ETH", "0.5", refid=row["txid"], wallet="earn / flexible")
    assert told(exported(venue, 2024)) == ["Filled buy 2 ETH 3000 6000 15.6"]


def test_a_fee_in_the_coin_bought_is_the_fills_own(venue: Venue) -> None:
    row = venue.fill(NOON, "buy", "ETH/USD", "2", "3000")
    venue.entry(NOON, "trade", "USD", "-6000", refid=row["txid"])
    venue.entry(NOON, "trade", "ETH", "2", "0.0052", refid=row["txid"])
    assert told(exported(venue)) == ["Filled buy 2 ETH 3000 6000 0.0052 ETH"]


def test_a_second_fee_is_charged_beside_the_fill(venue: Venue) -> None:
    row = venue.fill(NOON, "buy", "ETH/USD", "2", "3000")
    venue.entry(NOON, "trade", "USD", "-6000", "10", refid=row["txid"])
    venue.entry(NOON, "trade", "ETH", "2", "0.002", refid=row["txid"])
    outcomes = exported(venue)
    assert told(outcomes) == ["Filled buy 2 ETH 3000 6000 10", "FeeCharged 0.002 ETH"]
    assert shown(outcomes.events[-1:], "id", "of", "sequence") == [
        f"FeeCharged {row['txid']}/fee-ETH {row['txid']} 1"
    ]


def test_a_fee_paid_in_fee_credits_costs_no_money(venue: Venue) -> None:
    venue.deposit("2025-01-02 10:00:00", "KFEE", "5000")
    row = venue.fill(NOON, "buy", "ETH/USD", "2", "3000")
    venue.entry(NOON, "trade", "USD", "-6000", refid=row["txid"])
    venue.entry(NOON, "trade", "ETH", "2", refid=row["txid"])
    venue.entry(NOON, "trade", "KFEE", 0, "1560", refid=row["txid"])
    outcomes = exported(venue)
    assert told(outcomes) == ["Filled buy 2 ETH 3000 6000"]
    assert outcomes.reasons["fee credits, not money"] == 2


def test_a_trade_so_small_that_it_cost_nothing_is_still_a_fill(venue: Venue) -> None:
    row = venue.fill(NOON, "buy", "XTZ/USD", "0.00004", "0.5")
    venue.entry(NOON, "trade", "XTZ", "0.00004", refid=row["txid"])
    assert told(exported(venue)) == ["Filled buy 0.00004 XTZ 0.5"]


def test_a_trade_that_says_more_than_its_entries_is_remarked_on(venue: Venue) -> None:
    row = venue.fill(NOON, "buy", "ETH/USD", "2", "3000")
    venue.entry(NOON, "trade", "USD", "-4500", "11.7", refid=row["txid"])
    venue.entry(NOON, "trade", "ETH", "1.5", refid=row["txid"])
    outcomes = exported(venue)
    assert [fault.counts for fault in outcomes.faults] == [False, False]
    assert "trades 2 ETH, the ledger moves 1.5, which counts" in outcomes.said[0]
    assert shown(outcomes.events[-1:], *FILL) == ["Filled buy 1.5 ETH 3000 4500 11.7"]


def test_a_trade_against_its_own_entries_is_refused(venue: Venue) -> None:
    row = venue.fill(NOON, "sell", "ETH/USD", "2", "3000")
    venue.entry(NOON, "trade", "USD", "-6000", "15.6", refid=row["txid"])
    venue.entry(NOON, "trade", "ETH", "2", refid=row["txid"])
    assert "says sell ETH for USD, its ledger entries something else" in refused(exported(venue))


def test_a_pair_that_splits_in_two_ways_is_refused(venue: Venue) -> None:
    row = venue.fill(NOON, "buy", "FOO/PYUSD", "2", "3000")
    venue.entry(NOON, "trade", "BAR", "2", refid=row["txid"])
    assert 'column "pair": "FOOPYUSD" cannot be split into base and quote' in refused(
        exported(venue)
    )


def test_a_rebate_is_income_beside_the_fill(venue: Venue) -> None:
    """A fee below zero that the balance shows as given back."""
    row = venue.fill(NOON, "buy", "ETH/USD", "2", "3000")
    venue.entry(NOON, "trade", "USD", "-6000", "-1.2", refid=row["txid"])
    venue.entry(NOON, "trade", "ETH", "2", refid=row["txid"])
    assert told(exported(venue), *FILL, "kind") == [
        "Filled buy 2 ETH 3000 6000",
        "IncomeReceived 1.2 USD rebate",
    ]


def test_a_fee_printed_below_zero_that_was_taken_is_a_fee(venue: Venue) -> None:
    """Newer exports may print the sign of what the fee does to the balance."""
    venue.trade(NOON, "buy", "ETH", "2", "3000")
    before = told(exported(venue))
    for entry in venue.entries:
        entry["fee"] = f"-{entry['fee']}"
    assert told(exported(venue)) == before == ["Filled buy 2 ETH 3000 6000 15.6"]


def test_a_fee_in_another_asset_than_the_rows_own_is_not_guessed(venue: Venue) -> None:
    venue.entry(NOON, "earn", "ETH", "0.2", "0.05", subtype="reward")
    venue.entries[-1]["feecurrency"] = "USD"
    venue.entries[-1]["balance"] = "0.2"
    assert 'column "feecurrency": "USD" the fee of a row of ETH is taken' in refused(
        exported(venue, 2026)
    )


# Exchanges without a trade ------------------------------------------------------------------------


def exchange(venue: Venue, *legs: tuple[str, str, str], fee: str = "0", subtype: str = "") -> str:
    refid = venue.id("T")
    for count, (type_, asset, amount) in enumerate(legs):
        venue.entry(NOON, type_, asset, amount, "0" if count else fee, refid=refid, subtype=subtype)
    return refid


def test_spend_and_receive_are_a_fill(venue: Venue) -> None:
    exchange(venue, ("spend", "USD", "-300"), ("receive", "ETH", "0.11"), fee="4.5")
    assert told(exported(venue)) == ["Filled buy 0.11 ETH 2727.272727 300 4.5"]


def test_selling_in_the_app_counts_in_money(venue: Venue) -> None:
    venue.deposit("2025-01-03 09:00:00", "ETH", "1")
    exchange(venue, ("spend", "ETH", "-1"), ("receive", "USD", "2700"))
    assert told(exported(venue))[1:] == ["Filled sell 1 ETH 2700 2700"]


def test_of_two_coins_the_one_given_is_the_quote(venue: Venue) -> None:
    venue.deposit("2025-01-03 09:00:00", "SOL", "10")
    exchange(venue, ("conversion", "SOL", "-10"), ("conversion", "DOT", "400"))
    assert told(exported(venue))[1:] == ["Filled buy 400 DOT 0.025 10"]


def test_legs_that_cancel_are_no_part_of_it(venue: Venue) -> None:
    exchange(
        venue,
        ("spend", "USD", "-300"),
        ("receive", "USD", "300"),
        ("spend", "USD", "-300"),
        ("receive", "TSLAX", "1"),
    )
    assert told(exported(venue)) == ["Filled buy 1 TSLAX 300 300"]


def test_half_an_exchange_is_refused(venue: Venue) -> None:
    exchange(venue, ("spend", "USD", "-300"))
    assert "is half of an exchange" in refused(exported(venue))


def swept(venue: Venue) -> None:
    """Remainders of two coins become 0.40 USD."""
    venue.deposit("2025-01-03 09:00:00", "SOL", "0.002")
    venue.deposit("2025-01-03 09:10:00", "DOT", "0.02")
    sweep = (("spend", "SOL", "-0.002"), ("spend", "DOT", "-0.02"), ("receive", "USD", "0.4"))
    exchange(venue, *sweep, subtype="dustsweeping")


def test_swept_remainders_share_by_what_the_file_says_they_were_worth(venue: Venue) -> None:
    swept(venue)
    ledger = venue.ledgers(2026).splitlines()
    worth = {"SOL": "-0.3", "DOT": "-0.1"}
    for i, line in enumerate(ledger):
        for coin, usd in worth.items():
            if f'"{coin}"' in line and "dustsweeping" in line:
                ledger[i] = line.replace('"-","-","-"', f"{usd},0.0,0.0")
    outcomes = kraken({"ledgers.csv": "\n".join(ledger) + "\n"})
    assert told(outcomes)[2:] == ["Filled sell 0.02 DOT 5 0.1", "Filled sell 0.002 SOL 150 0.3"]


def test_swept_remainders_that_cannot_be_told_apart_are_refused(venue: Venue) -> None:
    swept(venue)
    outcomes = exported(venue)
    assert "gives DOT and SOL for one amount: their shares of it cannot be told" in outcomes.said[0]
    assert len(outcomes.faults) == 3


# Deposits and withdrawals -------------------------------------------------------------------------


def test_a_deposits_fee_is_taken_afterwards(venue: Venue) -> None:
    venue.deposit(NOON, "EUR", "100", "2.5")
    assert told(exported(venue), *FILL, "kind", "of") == [
        "Deposited 100 EUR",
        "FeeCharged 2.5 EUR deposit",
    ]


def test_a_reversed_deposit_never_was(venue: Venue) -> None:
    venue.deposit("2025-01-05 09:00:00", "EUR", "100")
    venue.entry(NOON, "deposit", "EUR", "-100")
    outcomes = exported(venue)
    assert told(outcomes) == []
    assert outcomes.reasons["reversed by the venue"] == 2


def test_a_reversed_withdrawal_gives_its_fee_back(venue: Venue) -> None:
    venue.withdraw("2025-01-05 09:00:00", "USD", "100", "4")
    venue.entry(NOON, "withdrawal", "USD", "100", "-4")
    assert told(exported(venue)) == []


def test_a_fee_that_was_not_given_back_stays_charged(venue: Venue) -> None:
    venue.withdraw("2025-01-05 09:00:00", "USD", "100", "4")
    venue.entry(NOON, "withdrawal", "USD", "100")
    outcomes = exported(venue)
    assert told(outcomes) == ["FeeCharged 4 USD"]
    assert outcomes.asserted == {"USD": Decimal(9996)}


def test_a_reversal_takes_the_latest_of_equal_withdrawals_unless_it_names_one(venue: Venue) -> None:
    first = venue.withdraw("2025-01-05 09:00:00", "USD", "100")
    second = venue.withdraw("2025-01-06 09:00:00", "USD", "100")
    venue.entry(NOON, "withdrawal", "USD", "100")
    assert told(exported(venue), "id") == [f"Withdrawn {first}"]
    venue.entries[-1]["refid"] = next(e["refid"] for e in venue.entries if e["txid"] == first)
    assert told(exported(venue), "id") == [f"Withdrawn {second}"]


def test_a_reversal_of_nothing_is_refused(venue: Venue) -> None:
    venue.entry(NOON, "withdrawal", "USD", "100")
    assert "gives back a withdrawal of an amount that these files do not hold" in refused(
        exported(venue)
    )


def test_a_reversal_before_its_original_is_none(venue: Venue) -> None:
    venue.entry(NOON, "deposit", "USD", "-100")
    venue.deposit("2025-03-01 09:00:00", "USD", "100")
    outcomes = exported(venue)
    assert "takes back a deposit of an amount that these files do not hold" in outcomes.said[0]
    assert shown(outcomes.events[1:], "quantity") == ["Deposited 100"]


# Income and moves ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "subtype", "kind"),
    [
        ("staking", "", "staking"),
        ("earn", "reward", "reward"),
        ("dividend", "", "reward"),
        ("transfer", "", "airdrop"),
        ("transfer", "airdrop", "airdrop"),
        ("earn", "airdrop", "airdrop"),
        ("invite bonus", "", "bonus"),
    ],
)
def test_what_comes_for_nothing_is_income(
    venue: Venue, type_: str, subtype: str, kind: str
) -> None:
    venue.entry(NOON, type_, "DOT", "0.35", subtype=subtype)
    assert told(exported(venue), "quantity", "asset", "kind") == [f"IncomeReceived 0.35 DOT {kind}"]


def test_a_commission_on_a_reward_is_a_fee(venue: Venue) -> None:
    venue.entry(NOON, "earn", "DOT", "0.35", "0.105", subtype="reward")
    assert told(exported(venue)) == ["IncomeReceived 0.35 DOT", "FeeCharged 0.105 DOT"]


def test_units_taken_without_a_word_are_not_guessed(venue: Venue) -> None:
    venue.entry(NOON, "transfer", "USD", "-100")
    assert "takes units away, and does not say why" in refused(exported(venue))


def test_money_given_without_a_word_is_not_guessed(venue: Venue) -> None:
    venue.entry(NOON, "transfer", "USD", "100")
    assert "gives money, and does not say why" in refused(exported(venue))


def test_units_staked_and_unstaked_stay_where_they_are(venue: Venue) -> None:
    venue.deposit("2025-01-03 09:00:00", "DOT", "100")
    venue.entry("2025-01-04 09:00:00", "transfer", "DOT", "-100", subtype="spottostaking")
    venue.entry("2025-01-04 09:03:00", "transfer", "DOT28.S", "100", subtype="stakingfromspot")
    venue.entry("2025-01-08 09:00:00", "staking", "DOT28.S", "0.25")
    outcomes = exported(venue)
    assert told(outcomes) == ["Deposited 100 DOT", "IncomeReceived 0.25 DOT"]
    assert outcomes.reasons["moved between own wallets"] == 2
    assert outcomes.asserted["DOT"] == Decimal("100.25")


def test_a_move_in_a_file_without_subtypes_is_known_by_its_two_places(venue: Venue) -> None:
    venue.deposit("2025-01-03 09:00:00", "XTZ", "100")
    venue.entry("2025-01-04 09:00:00", "transfer", "XTZ", "-100", subtype="spottostaking")
    venue.entry("2025-01-04 09:03:00", "transfer", "XTZ.S", "100", subtype="stakingfromspot")
    assert told(exported(venue, 2013)) == ["Deposited 100 XTZ"]


def test_units_given_and_later_taken_in_one_place_are_no_move(venue: Venue) -> None:
    venue.entry("2025-01-03 09:00:00", "transfer", "XLM", "100")
    venue.entry(NOON, "transfer", "XLM", "-100")
    outcomes = exported(venue)
    assert shown(outcomes.events[1:], "kind") == ["IncomeReceived airdrop"]
    assert len(outcomes.said) == 1


def test_an_allocation_between_wallets_is_a_move(venue: Venue) -> None:
    venue.deposit("2025-01-03 09:00:00", "DOT", "100")
    refid = venue.id("E")
    venue.entry(NOON, "earn", "DOT", "-100", refid=refid, subtype="autoallocation")
    venue.entry(
        NOON, "earn", "DOT", "100", refid=refid, subtype="autoallocation", wallet="earn / flexible"
    )
    assert told(exported(venue, 2024)) == ["Deposited 100 DOT"]


def test_one_leg_of_a_move_is_refused(venue: Venue) -> None:
    venue.entry(NOON, "earn", "DOT", "100", subtype="allocation", wallet="earn / flexible")
    assert 'column "subtype": "allocation" is one leg of a move' in refused(exported(venue, 2024))


def test_the_futures_wallet_is_an_account_of_its_own(venue: Venue) -> None:
    venue.entry("2025-01-05 09:00:00", "transfer", "USD", "-500", subtype="spottofutures")
    venue.entry(NOON, "transfer", "USD", "700", subtype="spotfromfutures")
    outcomes = exported(venue)
    assert told(outcomes, "to", "quantity") == [
        "Transferred kraken/futures 500",
        "Transferred kraken/main 700",
    ]
    assert [account for account, _ in outcomes.drafts][1:3] == ["kraken/main", "kraken/futures"]
    assert outcomes.asserted == {"USD": Decimal(10200)}


def test_both_legs_to_the_futures_wallet_are_one_transfer(venue: Venue) -> None:
    refid = venue.id("F")
    venue.entry(NOON, "transfer", "USD", "-500", refid=refid, subtype="spottofutures")
    venue.entry(
        NOON,
        "transfer",
        "USD",
        "500",
        refid=refid,
        subtype="spottofutures",
        wallet="futures / main",
    )
    outcomes = exported(venue, 2024)
    assert told(outcomes, "quantity") == ["Transferred 500"]
    assert outcomes.asserted == {"USD": Decimal(9500)}


@pytest.mark.parametrize(
    "type_", ["adjustment", "credit", "nfttrade", "reserve", "derivativestaxconversion", ""]
)
def test_an_unknown_type_is_never_guessed(venue: Venue, type_: str) -> None:
    venue.entry(NOON, type_, "USD", "5")
    assert "is a type of entry not known here" in refused(exported(venue))


def test_an_unknown_subtype_is_never_guessed(venue: Venue) -> None:
    venue.entry(NOON, "earn", "USD", "5", subtype="vaultmove")
    assert 'column "type": "earn/vaultmove" is a type of entry not known here' in refused(
        exported(venue)
    )


def test_entries_that_move_nothing_are_ignored(venue: Venue) -> None:
    venue.entry(NOON, "deposit", "DOT", "0")
    venue.entry(NOON, "rollover", "USD", "0", "0")
    venue.entry(NOON, "transfer", "USD", "0", subtype="spottofutures")
    venue.entry(NOON, "earn", "USD", "0", subtype="allocation")
    assert exported(venue).reasons["nothing moved"] == 4


# One instant --------------------------------------------------------------------------------------


def test_what_happened_in_one_second_stands_in_the_order_of_the_balances(venue: Venue) -> None:
    """In, swapped, out again, all at noon, and the file has it the other way round."""
    venue.deposit(NOON, "EUR", "100")
    refid = venue.id("T")
    venue.entry(NOON, "spend", "EUR", "-100", refid=refid)
    venue.entry(NOON, "receive", "DOT", "20", refid=refid)
    venue.withdraw(NOON, "DOT", "20")
    venue.entries.reverse()
    outcomes = exported(venue)
    assert told(outcomes, "asset", "sequence") == [
        "Deposited EUR 0",
        "Filled DOT 1",
        "Withdrawn DOT 2",
    ]
    book = recorded(outcomes.drafts)
    assert "negative_balance" not in kinds(book)
    assert [row["asset"] for row in balances(book)] == ["USD"]
