"""Coinbase's transaction history: every generation, every type, and who paid for what.

The story: 20,000 USD come in; 1 BTC is bought for 42,042 (a card pays: the account does not hold
so much); 0.4 BTC are sold for 17,982 and 0.6 for 23,976; 5,000 go out. Held at the end, by hand:

    USD  20,000 + 42,042 - 42,042 + 17,982 + 23,976 - 5,000 = 56,958
    BTC  1 - 0.4 - 0.6                                       = 0
"""

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.importers.coinbase.coinbase import Coinbase
from domain.events import Filled, IncomeReceived
from marginbook import Book
from tests.adapters.importers.outcomes import Outcomes, read, shown
from tests.story import balances, kinds, recorded

DATA = Path(__file__).parents[2] / "data" / "coinbase"
HEADER = (
    "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,"
    "Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes"
)
GENERATIONS = ("history-2019", "history-2021", "history-2022", "story")


def history(*rows: str) -> Outcomes:
    """What is read of rows like `Buy,BTC,1,USD,$1.00,$1.00,$1.00,$0.00,Notes`, a minute apart."""
    lines = [f"id{n},2024-05-01 10:{n:02d}:00 UTC,{row}" for n, row in enumerate(rows)]
    return read(Coinbase(), {"c.csv": "\n".join(["", "Transactions", HEADER, *lines]) + "\n"})


def held(outcomes: Outcomes) -> dict[str, Decimal]:
    return {row["asset"]: Decimal(row["held"]) for row in balances(recorded(outcomes.drafts))}


def test_the_story_leaves_what_it_leaves_by_hand() -> None:
    outcomes = read(Coinbase(), {"story.csv": (DATA / "story.csv").read_bytes()})
    assert outcomes.said == []
    assert held(outcomes) == {"USD": Decimal(56958)}
    assert kinds(recorded(outcomes.drafts), 2024) == ["tax_fact_missing"]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_generation_tells_the_same(generation: str) -> None:
    first = read(Coinbase(), {"story.csv": (DATA / "story.csv").read_bytes()})
    outcomes = read(Coinbase(), {"x.csv": (DATA / f"{generation}.csv").read_bytes()})
    assert outcomes.said == []
    assert outcomes.drafts == first.drafts


def test_two_generations_in_one_command_or_two_count_once(tmp_path: Path) -> None:
    files = {f"{name}.csv": (DATA / f"{name}.csv").read_bytes() for name in GENERATIONS}
    outcomes = read(Coinbase(), files)
    assert outcomes.drafts == read(Coinbase(), {"story.csv": files["story.csv"]}).drafts
    assert outcomes.reasons == {"the same row stands elsewhere in these files": 15}
    assert set(outcomes.rows.values()) == {1}
    with Book.open(tmp_path / "book.db") as book:
        head = book.import_files([DATA / "story.csv"]).head
        for name in GENERATIONS:
            assert book.import_files([DATA / f"{name}.csv"]).head == head


@pytest.mark.parametrize(
    ("generation", "year"), [*zip(GENERATIONS, (2019, 2021, 2022, 2024), strict=True)]
)
def test_a_generation_is_named(generation: str, year: int) -> None:
    known = Coinbase().recognise((DATA / f"{generation}.csv").read_bytes())
    assert known is not None
    assert known.endswith(str(year))


def test_a_plain_buyer_never_holds_money_below_zero() -> None:
    """Bought by card, sold to the account, bought again from it: no deposit is on the file."""
    outcomes = history(
        "Buy,BTC,0.1,USD,$50000.00,$5000.00,$5050.00,$50.00,Bought 0.1 BTC for 5050 USD",
        "Sell,BTC,-0.1,USD,$60000.00,$6000.00,$5950.00,$50.00,Sold 0.1 BTC for 5950 USD",
        "Buy,ETH,1,USD,$3000.00,$3000.00,$3030.00,$30.00,Bought 1 ETH for 3030 USD",
        "Buy,ETH,2,USD,$3000.00,$6000.00,$6060.00,$60.00,Bought 2 ETH for 6060 USD",
    )
    assert shown(outcomes.events, "asset", "quantity") == [
        "Deposited USD 5050",
        "Filled BTC 0.1",
        "Filled BTC 0.1",
        "Filled ETH 1",
        "Deposited USD 6060",
        "Filled ETH 2",
    ]
    assert held(outcomes) == {"USD": Decimal(2920), "ETH": Decimal(3)}
    assert "negative_balance" not in kinds(recorded(outcomes.drafts), 2024)


def test_an_advanced_trade_is_always_paid_from_the_account() -> None:
    outcomes = history(
        "Advanced Trade Buy,BTC,0.1,USD,$50000.00,$5000.00,$5020.00,$20.00,"
        "Bought 0.1 BTC for 5020 USD on BTC-USD at 50000 USD/BTC"
    )
    assert shown(outcomes.events, "asset") == ["Filled BTC"]
    assert "negative_balance" in kinds(recorded(outcomes.drafts), 2024)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "Advanced Trade Buy,ETH,2,USD,$3600.00,$7200.00,$7243.20,$43.20,"
            "Bought 2 ETH for 7243.2 USDC on ETH-USDC at 3600 USDC/ETH",
            "Filled buy ETH 2 USDC 7200 43.2",
        ),
        (
            "Advance Trade Sell,ETH,-0.5,USD,$3600.00,$1800.00,$1792.80,$7.20,"
            "Sold 0.5 ETH for 0.02988 BTC on ETH-BTC at 0.06 BTC/ETH",
            "Filled sell ETH 0.5 BTC 0.03 0.00012",
        ),
        (  # a note without the fee, beside columns that count the same
            "Advanced Trade Buy,BTC,0.5,USD,$42000.00,$21000.00,$21126.00,$126.00,"
            "Bought 0.5 BTC for 21000 USDC on BTC-USDC at 42000 USDC/BTC",
            "Filled buy BTC 0.5 USDC 21000 126",
        ),
        (
            "Advanced Trade Buy,BTC,0.5,USD,$42000.00,$21000.00,$21126.00,$126.00,"
            "Bought 0.5 BTC for 21000 USD on BTC-USD at 42000 USD/BTC",
            "Filled buy BTC 0.5 USD 21000 126",
        ),
        (  # without a rate the fee stays within what moved
            "Advanced Trade Sell,AVAX,-0.48,USD,$23.10,$11.09,$11.04,$0.05,"
            "Sold 0.48 AVAX for 11.04 USDC on AVAX-USDC",
            "Filled sell AVAX 0.48 USDC 11.04",
        ),
        (
            "Buy,BTC,0.00012822,EUR,€36882.22,€4.72904,€5.00,€0.270961,"
            "Bought 0.00012822 BTC for €5.00 EUR using Visa",
            "Filled buy BTC 0.00012822 EUR 4.72904 0.27096",
        ),
        (
            'Buy,USDC,1500,USD,$1.00,"$1,500.00","$1,500.00",$0.00,'
            '"Bought 1,500 USDC for $1,500.00 USD"',
            "Filled buy USDC 1500 USD 1500",
        ),
    ],
)  # fmt: skip
def test_a_trade_is_paid_in_what_its_note_says(row: str, told: str) -> None:
    fills = [event for event in history(row).events if isinstance(event, Filled)]
    assert shown(fills, "side", "asset", "quantity", "quote", "amount", "fee") == [told]


BTC_TO_ETH = "USD,$54540.00,$5454.00,$5454.00,$54.00,Converted 0.1 BTC to 1.5 ETH"


@pytest.mark.parametrize(
    "rows",
    [
        (f"Convert,BTC,-0.1,{BTC_TO_ETH}", f"Convert,ETH,1.5,{BTC_TO_ETH}"),
        (f"Convert,BTC,0.1,{BTC_TO_ETH}",),
        (f"Convert,ETH,1.5,{BTC_TO_ETH}",),
    ],
)
def test_a_conversion_is_one_fill_in_one_row_or_two(rows: tuple[str, ...]) -> None:
    lines = [f"x{n},2024-05-01 10:00:00 UTC,{row}" for n, row in enumerate(rows)]
    outcomes = read(Coinbase(), {"c.csv": "\n".join([HEADER, *lines]) + "\n"})
    assert shown(outcomes.events, "id", "side", "asset", "quantity", "quote", "amount") == [
        "Filled ~c520d7c04abfc0d3cde8 buy ETH 1.5 BTC 0.1"
    ]
    assert set(outcomes.rows.values()) == {1}


@pytest.mark.parametrize(
    ("note", "asset", "told"),
    [
        ("Converted 2 ETH to 7000.5 USDC", "ETH", "sell ETH 2 USDC 7000.5"),
        ("Converted 7,000.50 USDC to 2 ETH", "USDC", "buy ETH 2 USDC 7000.5"),
        ("Converted 10 USD to 10 USDC", "USD", "buy USDC 10 USD 10"),
    ],
)
def test_a_conversion_is_quoted_in_what_is_more_like_money(
    note: str, asset: str, told: str
) -> None:
    quantity = note.split()[1].replace(",", "")
    outcomes = history(f'Convert,{asset},{quantity},USD,$1.00,$1.00,$1.00,$0.00,"{note}"')
    assert shown(outcomes.events, "side", "asset", "quantity", "quote", "amount") == [
        f"Filled {told}"
    ]


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("Learning Reward", "reward"),
        ("Coinbase Earn", "reward"),
        ("Rewards Income", "reward"),
        ("Incentives Rewards Payout", "reward"),
        ("Credit Card Reward", "reward"),
        ("Staking Income", "staking"),
        ("Inflation Reward", "staking"),
        ("Interest payout", "interest"),
        ("Airdrop", "airdrop"),
        ("Subscription Rebates (24 Hours)", "rebate"),
        ("Retail Simple Price Improvement", "rebate"),
    ],
)
def test_what_comes_for_nothing_is_income_at_its_worth(type_: str, kind: str) -> None:
    outcomes = history(f"{type_},ATOM,0.5,USD,$7.00,$3.50,$3.50,$0.00,")
    assert shown(outcomes.events, "kind", "asset", "quantity", "value") == [
        f"IncomeReceived {kind} ATOM 0.5 3.5"
    ]


def test_a_worth_below_a_cent_is_figured_from_the_price() -> None:
    (income,) = history("Staking Income,ETH,0.00000012,USD,$3500.00,$0.00,$0.00,$0.00,").events
    assert isinstance(income, IncomeReceived)
    assert income.value == Decimal("0.00042")


def test_a_worth_in_other_money_is_left_to_the_prices() -> None:
    (income,) = history("Staking Income,ETH,0.1,EUR,€3500.00,€350.00,€350.00,€0.00,").events
    assert isinstance(income, IncomeReceived)
    assert income.value is None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Send,BTC,-0.05,USD,$1.00,$1.00,$1.00,$0.00,Sent", "Withdrawn BTC 0.05 own"),
        ("Receive,BTC,0.5,USD,$1.00,$1.00,$1.00,$0.00,Received", "Deposited BTC 0.5"),
        ("Receive,BTC,0.5,USD,$1.00,$1.00,$1.00,$0.00,Received 0.5 BTC from Coinbase Earn",
         "IncomeReceived BTC 0.5"),
        ("Deposit,USD,10,USD,$1.00,$10.00,$10.00,$0.00,", "Deposited USD 10"),
        ("Withdrawal,USD,-101.5,USD,$1.00,$100.00,$101.50,$1.50,", "Withdrawn USD 100 1.5 own"),
        ("Pro Deposit,BTC,0.25,USD,$1.00,$1.00,$1.00,$0.00,", "Withdrawn BTC 0.25 own"),
        ("Exchange Deposit,BTC,-0.25,USD,$1.00,$1.00,$1.00,$0.00,", "Withdrawn BTC 0.25 own"),
        ("Pro Withdrawal,BTC,0.25,USD,$1.00,$1.00,$1.00,$0.00,", "Deposited BTC 0.25"),
        ("Card Spend,USD,-12.5,USD,$1.00,$12.50,$12.50,$0.00,", "Withdrawn USD 12.5 spent"),
        ("Subscription,USD,-29.99,USD,$1.00,$29.99,$29.99,$0.00,", "Withdrawn USD 29.99 spent"),
        ("Donation,BTC,-1,USD,$1.00,$1.00,$1.00,$0.00,", "Withdrawn BTC 1 donation"),
    ],
)  # fmt: skip
def test_what_comes_in_and_goes_out(row: str, told: str) -> None:
    outcomes = history(row)
    assert outcomes.said == []
    assert shown(outcomes.events, "asset", "quantity", "fee", "purpose") == [told]


@pytest.mark.parametrize(
    "type_",
    [
        "Retail Staking Transfer",
        "Retail Unstaking Transfer",
        "Vault Withdrawal",
        "Cash to Savings",
        "Portfolio Transfer",
    ],
)
def test_moves_within_the_account_are_no_events(type_: str) -> None:
    outcomes = history(f"{type_},ETH,-1,USD,$1.00,$1.00,$1.00,$0.00,")
    assert outcomes.events == []
    assert outcomes.reasons == {"moved between own wallets": 1}


def test_eth2_is_eth() -> None:
    outcomes = history(
        "Retail Eth2 Deprecation,ETH2,-1,USD,$1.00,$1.00,$1.00,$0.00,",
        "Retail Eth2 Deprecation,ETH,1,USD,$1.00,$1.00,$1.00,$0.00,",
        "Staking Income,ETH2,0.1,USD,$3000.00,$300.00,$300.00,$0.00,",
    )
    assert shown(outcomes.events, "asset", "quantity") == ["IncomeReceived ETH 0.1"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Loan,BTC,1,USD,$1.00,$1.00,$1.00,$0.00,", '"loan" is a type of transaction not known'),
        ("Asset Migration,MATIC,-5,USD,$1.00,$5.00,$5.00,$0.00,", "gives one token for another"),
        ("Derivatives Settlement,USD,5,USD,$1.00,$5.00,$5.00,$0.00,", "futures account"),
        ("Admin Debit,USD,-5,USD,$1.00,$5.00,$5.00,$0.00,", "does not say why"),
        ("Advanced Trade Buy,BTC,1,USD,$1.00,$1.00,$1.00,$0.00,Bought BTC", "in which asset"),
        ("Convert,BTC,1,USD,$1.00,$1.00,$1.00,$0.00,", "what was got for what"),
        ("Convert,BTC,1,USD,$1.00,$1.00,$1.00,$0.00,Converted 2 BTC to 3 ETH", "another conver"),
        ("Buy,BTC,1,USD,$1.00,$1.00,$1.00,$0.00,Bought 1 ETH for 1 USD", "another trade"),
        ("Buy,BTC,1,USD,$1.00,$2.00,$1.00,$1.00,Bought 1 BTC for 1 USD", "below its subtotal"),
        ("Sell,BTC,1,USD,$1.00,$1.00,$2.00,$1.00,Sold 1 BTC for 1 USD", "above its subtotal"),
        ("Buy,BTC,1,USD,$1.00,,,,Bought 1 BTC for 1 USD", "tells no amount"),
        ("Receive,BTC,-1,USD,$1.00,$1.00,$1.00,$0.00,", "takes units away"),
        ('Deposit,USD,"1,5",USD,$1.00,$1.00,$1.00,$0.00,', '"1,5" is not a decimal'),
        ('Buy,BTC,1,USD,$1.00,"$1,5","$1,5",$0.00,Bought 1 BTC for 1 USD', '"$1,5" is not a dec'),
        ("Buy,,1,USD,$1.00,$1.00,$1.00,$0.00,Bought 1 BTC for 1 USD", "names no asset"),
    ],
)
def test_what_cannot_be_told_is_a_finding(row: str, said: str) -> None:
    outcomes = history(row)
    assert outcomes.events == []
    assert len(outcomes.faults) == 1
    assert said in outcomes.said[0]
    assert outcomes.faults[0].line == 4


@pytest.mark.parametrize("time", ["2024-05-01 10:00:00", "05/01/2024 10:00", "2024-05-01"])
def test_a_time_without_its_zone_is_not_guessed(time: str) -> None:
    row = f"x,{time},Deposit,USD,10,USD,$1.00,$10.00,$10.00,$0.00,"
    outcomes = read(Coinbase(), {"c.csv": f"{HEADER}\n{row}\n"})
    assert outcomes.events == []
    assert "Coinbase writes 2024-05-01 10:11:12 UTC" in outcomes.said[0]


def test_a_fee_that_is_not_the_difference_is_remarked_on() -> None:
    outcomes = history("Buy,BTC,1,USD,$1.00,$100.00,$101.00,$9.00,Bought 1 BTC for 101 USD")
    assert outcomes.said == [
        'c.csv:4: column "Fees and/or Spread": the fee is 9, subtotal and total are 1 apart,'
        " which counts."
    ]
    assert shown(outcomes.events, "amount", "fee")[-1] == "Filled 100 1"


def test_a_row_is_the_same_with_and_without_a_sign() -> None:
    row = "a,2024-05-01 10:00:00 UTC,Sell,BTC,{},USD,$1.00,$1.00,$1.00,$0.00,Sold 1 BTC for 1 USD"
    files = {f"{n}.csv": f"{HEADER}\n{row.format(n)}\n" for n in ("1", "-1")}
    outcomes = read(Coinbase(), files)
    assert outcomes.said == []
    assert len(outcomes.events) == 1


ALIKE = [
    "a,2024-05-01 10:00:00 UTC,Advanced Trade Buy,BTC,0.1,USD,$50000.00,$5000.00,$5010.00,$10.00,"
    "Bought 0.1 BTC for 5010 USD on BTC-USD at 50000 USD/BTC",
    "b,2024-05-01 10:00:00 UTC,Advanced Trade Buy,BTC,0.1,USD,$50001.00,$5000.10,$5010.10,$10.00,"
    "Bought 0.1 BTC for 5010.1 USD on BTC-USD at 50001 USD/BTC",
]


def test_fills_of_one_second_and_size_are_told_apart_by_their_ids() -> None:
    one = read(Coinbase(), {"c.csv": "\n".join([HEADER, *ALIKE]) + "\n"})
    other = read(Coinbase(), {"c.csv": "\n".join([HEADER, *ALIKE[::-1], ALIKE[0]]) + "\n"})
    assert one.drafts != []
    assert [event for _, event in other.drafts] == [event for _, event in one.drafts]
    assert len(one.events) == 2
    assert other.reasons == {"the same row stands elsewhere in these files": 1}


def test_of_rows_without_ids_as_many_count_as_the_fullest_file_has() -> None:
    header = HEADER.removeprefix("ID,").replace("Price", "Spot Price")
    old = [row.partition(",")[2].replace(" UTC", "Z").replace(" 10:", "T10:") for row in ALIKE]
    files = {
        "old.csv": "\n".join([header, *old, old[1]]) + "\n",
        "new.csv": "\n".join([HEADER, *ALIKE]) + "\n",
    }
    outcomes = read(Coinbase(), files)
    assert len(outcomes.events) == 3
    assert outcomes.reasons == {"the same row stands elsewhere in these files": 2}
    assert set(outcomes.rows.values()) == {1}
