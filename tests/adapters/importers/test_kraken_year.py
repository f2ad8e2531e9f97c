"""One invented year (kraken_year.py tells it), from the two files to its events and numbers."""

from decimal import Decimal

import pytest

from domain.events import Filled, Liquidated
from tests.adapters.importers.kraken_year import FOLDER, kraken_year
from tests.adapters.importers.outcomes import Outcomes, exported, kraken, shown
from tests.kraken_venue import LEDGERS, TRADES
from tests.story import balances, kinds, recorded


@pytest.fixture(scope="module")
def year() -> Outcomes:
    return kraken({name: (FOLDER / name).read_bytes() for name in ("ledgers.csv", "trades.csv")})


def test_the_files_are_those_of_the_story() -> None:
    told = kraken_year()
    assert (FOLDER / "ledgers.csv").read_text() == told.ledgers()
    assert (FOLDER / "trades.csv").read_text() == told.trades()


def test_the_year_becomes_these_events(year: Outcomes) -> None:
    fields = ["side", "quantity", "asset", "price", "amount", "fee", "kind", "purpose"]
    assert shown(year.events, *fields) == [
        "Deposited 20000 USD",
        "Deposited 0.5 BTC",
        "Filled buy 2 ETH 3300 6600 17.16",
        "Filled buy 0.5 BTC 95000 47500 123.5",
        "InterestCharged 9.5 USD",
        "InterestCharged 9.5 USD",
        "InterestCharged 9.5 USD",
        "InterestCharged 9.5 USD",
        "Filled sell 0.2 BTC 98000 19600 50.96",
        "InterestCharged 5.7 USD",
        "PositionSettled 0.1 BTC 9500",
        "InterestCharged 3.8 USD",
        "InterestCharged 3.8 USD",
        "Filled sell 3 ETH 2800 8400 21.84",
        "InterestCharged 1.68 USD",
        "InterestCharged 0.0006 ETH",
        "Filled buy 3 ETH 2650 7950 20.67",
        "Withdrawn 2600 USD 4 own",
        "InterestCharged 3.8 USD",
        "InterestCharged 3.8 USD",
        "Liquidated sell 0.2 BTC 78500 15700 40.82",
        "Liquidated sell 0.0164271338 BTC 78500 1289.53",
        "Withdrawn 0.25 BTC 0.00015 own",
        "IncomeReceived 0.0012 ETH staking",
        "Deposited 500 USD",
        "Filled buy 0.006 BTC 82500 495 4.95",
    ]


def test_nothing_is_left_unread(year: Outcomes) -> None:
    assert year.said == []
    assert year.reasons == {
        "pending: the venue gave it no id yet": 6,
        "fee credits, not money": 1,
    }
    assert sorted(year.rows) == [
        *(("ledgers.csv", line) for line in range(2, 36)),
        *(("trades.csv", line) for line in range(2, 8)),
    ]
    assert set(year.rows.values()) == {1}


def test_fills_and_interest_name_their_position(year: Outcomes) -> None:
    long, short = "TRE23U-FP7Q3-6QVXCK", "TFCCQ5-MX5KG-QWEJ27"
    named = [getattr(e, "position", None) or getattr(e, "loan", None) for e in year.events]
    assert named.count(long) == 13, "opening, its fee, 8 rollovers, a close, a settlement, the end"
    assert named.count(short) == 4, "opening, its fee, a rollover, the cover"


def test_a_fill_opens_with_its_leverage_and_closes_without(year: Outcomes) -> None:
    assert [
        (event.leverage, event.order is not None)
        for event in year.events
        if isinstance(event, Filled) and event.position
    ] == [(Decimal(5), True), (None, True), (Decimal(3), True), (None, True), (None, True)]


def test_own_coins_taken_in_a_liquidation_are_sold_by_the_venue_at_the_trades_price(
    year: Outcomes,
) -> None:
    forced, own = (event for event in year.events if isinstance(event, Liquidated))
    assert forced.position is not None
    assert own.position is None
    assert own.id == f"{forced.id}/own-BTC"
    assert (own.at, own.sequence) == (forced.at, 1)


def test_each_position_made_what_the_ledger_says(year: Outcomes) -> None:
    """The long: 19,600 + 9,500 + 15,700 - 47,500 = -2,700; the short: 8,400 - 7,950 = +450."""
    fills = [e for e in year.events if isinstance(e, Filled) and e.position]
    result = {name: Decimal() for name in {e.position for e in fills}}
    for event in fills:
        result[event.position] += event.total * (1 if event.side == "sell" else -1)
    assert sorted(result.values()) == [Decimal(-2700) - 9500, Decimal(450)]


def test_the_year_ends_with_these_balances(year: Outcomes) -> None:
    assert year.asserted == {
        "USD": Decimal("0.05"),
        "BTC": Decimal("0.3394228662"),
        "ETH": Decimal("2.0006"),
    }


def test_the_events_alone_lead_to_those_balances(year: Outcomes) -> None:
    book = recorded(year.drafts)
    assert {row["asset"]: Decimal(row["held"]) for row in balances(book)} == year.asserted
    assert [kind for kind in kinds(book) if kind in ("failed_assertion", "negative_balance")] == []


@pytest.mark.parametrize("ledgers", LEDGERS)
@pytest.mark.parametrize("trades", TRADES)
def test_every_years_headers_tell_the_same_story(year: Outcomes, ledgers: int, trades: int) -> None:
    assert exported(kraken_year(), ledgers, trades).drafts == year.drafts


def test_another_account_can_be_named(year: Outcomes) -> None:
    told = kraken_year()
    files = {"ledgers.csv": told.ledgers(), "trades.csv": told.trades()}
    accounts = {account for account, _ in kraken(files, "kraken/mine").drafts}
    assert accounts == {"kraken/mine"}
    assert {account for account, _ in year.drafts} == {"kraken/main"}


def test_windows_line_endings_do_not_matter(year: Outcomes) -> None:
    told = kraken_year()
    files = {"ledgers.csv": told.ledgers(), "trades.csv": told.trades()}
    windows = {name: text.replace("\n", "\r\n") for name, text in files.items()}
    assert kraken(windows).drafts == year.drafts
