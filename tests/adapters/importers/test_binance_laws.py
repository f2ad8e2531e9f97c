"""Laws of Binance's importer: every row once, no order, and what was taken moved what it says.

Rows are made up within a few seconds, so that everything that may belong together does.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.importers.reading import Taken
from domain.events import AccountOpened
from domain.money import ZERO, exact
from domain.recorded import Recorded
from projections.balances import Balances
from tests.adapters.importers.binance_files import FUTURES, MARGIN, TRADES, binance, table
from tests.adapters.importers.outcomes import Outcomes

ACCOUNTS = {"Spot": "main", "Cross Margin": "cross", "Isolated Margin": "isolated"}
OPERATIONS = [
    *("Transaction Buy", "Transaction Spend", "Transaction Sold", "Transaction Revenue"),
    *("Transaction Fee", "Buy", "Sell", "Fee", "Transaction Related", "BNB Fee Deduction"),
    *("Binance Convert", "Small Assets Exchange BNB", MARGIN, "transfer_out", "Deposit"),
    *("Withdraw", "Margin Loan", "Margin Repayment", "Margin Fee", "Distribution"),
    *("Cross Margin Liquidation - Repayment", "Isolated Margin Liquidation - Fee"),
    *("Cross Margin Liquidation - Small Assets Takeover", "Simple Earn Flexible Redemption"),
    *("Buy Crypto With Card", "P2P Trading", "Something New"),
]
AMOUNTS = ["1", "-1", "2", "-2", "0.5", "-0.5", "100", "-100", "102", "-102", "0"]
NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)

rows = st.lists(
    st.builds(
        "{:%Y-%m-%d %H:%M:%S},{},{},{},{}".format,
        st.sampled_from([NOON + timedelta(seconds=n) for n in range(4)]),
        st.sampled_from([*ACCOUNTS]),
        st.sampled_from(OPERATIONS),
        st.sampled_from(["BTC", "ETH", "USDT", "BNB"]),
        st.sampled_from(AMOUNTS),
    ),
    min_size=1,
    max_size=14,
)
fills = st.lists(
    st.sampled_from(
        [
            "2024-05-06 12:00:01,BTCUSDT,BUY,100,1BTC,100USDT,0.5BNB",
            "2024-05-06 12:00:01,BTCUSDT,SELL,50,2BTC,100USDT,1USDT",
            "2024-05-06 12:00:02,ETHUSDT,BUY,50,2ETH,100USDT,0.5ETH",
            "2024-05-06 12:00:02,BNBETH,SELL,1,1BNB,1ETH,0.5BNB",
        ]
    ),
    max_size=4,
)
futures = st.lists(
    st.sampled_from(
        [
            "2024-05-06 12:00:01,TRANSFER,100,USDT,,1",
            "2024-05-06 12:00:01,REALIZED_PNL,-2,USDT,BTCUSDT,2",
            "2024-05-06 12:00:02,COIN_SWAP_DEPOSIT,1,BNB,,3",
            "2024-05-06 12:00:02,COIN_SWAP_WITHDRAW,-100,USDT,,3",
        ]
    ),
    max_size=4,
    unique=True,
)


def held(outcomes: Outcomes) -> dict[tuple[str, str], Decimal]:
    """What the events make of every balance."""
    fold = Balances()
    with exact():
        for number, (account, event) in enumerate(outcomes.drafts, start=1):
            if not isinstance(event, AccountOpened):
                recorded = Recorded(number, account, number, NOON, event)
                fold.steps[type(event)](recorded, event)
    return {
        (name, asset): quantity
        for name, account in fold.accounts.items()
        for asset, quantity in account.held.items()
        if quantity and name != "binance/earn"
    }


def moved(outcomes: Outcomes, lines: list[str]) -> dict[tuple[str, str], Decimal]:
    """What the rows say that were taken."""
    sums: dict[tuple[str, str], Decimal] = {}
    for outcome in outcomes.all:
        if isinstance(outcome, Taken):
            for file, line in outcome.rows:
                if file.name.startswith("statement"):
                    _, account, _, coin, change = lines[line - 2].split(",")
                    name = (f"binance/{ACCOUNTS[account]}", coin)
                    sums[name] = sums.get(name, ZERO) + Decimal(change)
    return {name: change for name, change in sums.items() if change}


@settings(max_examples=150, deadline=None)
@given(rows)
def test_what_was_taken_moved_what_it_says(lines: list[str]) -> None:
    outcomes = binance("\n".join(lines))
    assert set(outcomes.rows.values()) == {1}
    assert len(outcomes.rows) == len(lines)
    assert held(outcomes) == moved(outcomes, lines)


@settings(max_examples=80, deadline=None)
@given(rows, fills, futures, st.integers())
def test_the_order_of_rows_and_files_means_nothing(
    lines: list[str], trades: list[str], history: list[str], seed: int
) -> None:
    random = Random(seed)  # noqa: S311
    told = []
    for shuffled in (False, True):
        parts = [[*lines], [*trades], [*history]]
        for part in parts if shuffled else ():
            random.shuffle(part)
        named = ("z", "a") if shuffled else ("a", "z")
        files = {
            f"{named[0]}-trades": table(TRADES, "\n".join(parts[1])),
            f"{named[1]}-futures": table(FUTURES, "\n".join(parts[2])),
        }
        outcomes = binance("\n".join(parts[0]), **files)
        assert set(outcomes.rows.values()) <= {1}
        assert len(outcomes.rows) == len(lines) + len(trades) + len(history)
        told.append(sorted(map(str, outcomes.drafts)))
    assert told[0] == told[1]


@settings(max_examples=50, deadline=None)
@given(rows)
def test_a_file_given_twice_tells_nothing_new(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert binance(text, text).drafts == binance(text).drafts
    ids = [(account, event.id) for account, event in binance(text).drafts]
    assert len(ids) == len(set(ids))
