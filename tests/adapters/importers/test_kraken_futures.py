"""The account log of Kraken's futures: results, fees, funding, and what another file tells."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.importers.kraken.kraken import Kraken
from adapters.importers.kraken.kraken_futures import KrakenFutures
from marginbook import Book
from tests.adapters.importers.fixtures import DATA
from tests.adapters.importers.outcomes import Outcomes, read, shown
from tests.kraken_venue import Venue
from tests.story import balances, kinds, recorded

HEADER = (
    "uid,dateTime,account,type,symbol,contract,change,new balance,new average entry price,"
    "trade price,mark price,funding rate,realized pnl,fee,realized funding,collateral,"
    "conversion spread percentage,liquidation fee,position uid,exchange rate,exchange rate from,"
    "conversion fee"
)
COLUMNS = HEADER.split(",")
STORY = DATA / "kraken_futures" / "story-log.csv"
FIELDS = ("asset", "quantity", "amount", "price", "fee", "contract", "kind", "note")

Row = dict[str, str]


class Log:
    """Rows of the log with running balances, of one sub-account."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.balances: dict[str, Decimal] = {}

    def row(self, time: str, type_: str, symbol: str, change: str, **more: str) -> None:
        held = self.balances.get(symbol, Decimal()) + Decimal(change)
        self.balances[symbol] = held
        row = {"uid": f"uid-{len(self.rows):04}", "dateTime": time, "account": "flex"}
        row |= {"type": type_, "symbol": symbol, "change": change, "new balance": f"{held:f}"}
        self.rows.append(row | {name.replace("_", " "): value for name, value in more.items()})

    def trade(
        self, time: str, contract: str, size: str, pnl: str, fee: str, type_: str = "futures trade"
    ) -> None:
        """Both rows of a trade: the position's, then the money's."""
        self.row(time, type_, contract, size, contract=contract, trade_price="42000")
        change = f"{Decimal(pnl) - Decimal(fee):f}"
        self.row(time, type_, "usd", change, contract=contract, realized_pnl=pnl, fee=fee)

    def csv(self, header: str = HEADER, columns: list[str] = COLUMNS) -> str:
        lines = [",".join(row.get(name, "") for name in columns) for row in reversed(self.rows)]
        return "\n".join([header, *lines]) + "\n"

    def page(self) -> str:
        """The same as the interface tells it."""
        names = {"uid": "booking_uid", "type": "info", "symbol": "asset"}
        names |= {"account": "margin_account"}
        logs = []
        for number, row in enumerate(self.rows, start=1):
            of = {names.get(n, n.replace(" ", "_")): row.get(n) or None for n in COLUMNS}
            of["date"] = of.pop("dateTime", "").replace(" ", "T") + ".123Z"  # type: ignore[union-attr]
            old = Decimal(row["new balance"]) - Decimal(of.pop("change") or "0")
            logs.append({"id": number, **of, "old_balance": float(old), "execution": None})
        return json.dumps({"accountUid": "x", "logs": logs[::-1]})

    def read(self) -> Outcomes:
        return read(KrakenFutures(), {"log.csv": self.csv()})


@pytest.fixture
def log() -> Log:
    """A wallet that was filled from the spot wallet."""
    log = Log()
    log.row("2024-02-01 09:00:00", "cross-exchange transfer", "usd", "1000")
    return log


def test_the_story_beside_the_spot_ledger_leaves_what_the_log_says(tmp_path: Path) -> None:
    """20,000 - 42 - 9 + 1,182 - 17 + 1,484.50 - 1,224 - 5,000 = 16,374.50, none of it twice."""
    venue = Venue("beside")
    venue.deposit("2024-02-01 08:00:00", "USD", "20000")
    for time, subtype, amount in (
        ("2024-02-01 09:00:00", "spottofutures", "-20000"),
        ("2024-04-20 12:00:00", "spotfromfutures", "5000"),
    ):
        venue.entry(time, "transfer", "USD", amount, subtype=subtype)
    ledgers = tmp_path / "ledgers.csv"
    ledgers.write_text(venue.ledgers())
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files([STORY, ledgers])
        assert [finding for file in result.files for finding in file.findings] == []
        assert {(row.account, row.held) for row in book.balances().balances} == {
            ("kraken/futures", Decimal("16374.50")),
            ("kraken/main", Decimal(5000)),
        }
        assert "failed_assertion" not in {finding.kind for finding in book.check()}


def test_a_trade_is_two_rows_of_which_one_counts(log: Log) -> None:
    log.trade("2024-02-02 10:00:00", "pf_xbtusd", "0.1", "0", "2.1")
    log.trade("2024-02-03 10:00:00", "pf_xbtusd", "-0.1", "100", "2.2")
    outcomes = log.read()
    assert shown(outcomes.events, *FIELDS) == [
        "ContractSettled USD 2.1 PF_XBTUSD",
        "ContractSettled USD 100 2.2 PF_XBTUSD",
    ]
    assert outcomes.reasons["the position's side of a trade; its money's side counts"] == 2
    assert outcomes.said == []
    assert outcomes.asserted == {"USD": Decimal("1095.7")}


@pytest.mark.parametrize(
    "type_",
    [
        *("futures liquidation", "futures partial liquidation", "covered liquidation"),
        *("futures assignor", "futures assignee"),
        *("futures unwind counterparty", "futures unwind bankrupt"),
    ],
)
def test_what_the_venue_forces_says_so(log: Log, type_: str) -> None:
    log.trade("2024-02-02 10:00:00", "pf_xbtusd", "-0.1", "-100", "2.1", type_)
    assert shown(log.read().events, *FIELDS) == [f"ContractSettled USD -100 2.1 PF_XBTUSD {type_}"]


@pytest.mark.parametrize(("change", "fee"), [("-112", "12"), ("-102", "2")])
def test_a_liquidation_fee_counts_where_the_balance_shows_it(
    log: Log, change: str, fee: str
) -> None:
    more = {"contract": "pf_xbtusd", "realized_pnl": "-100", "fee": "2", "liquidation_fee": "10"}
    log.row("2024-02-02 10:00:00", "futures liquidation", "usd", change, **more)
    (event,) = log.read().events
    assert event.fee == Decimal(fee)  # type: ignore[attr-defined]


def test_funding_is_settled_alone_or_with_a_trade(log: Log) -> None:
    more = {"contract": "pf_xbtusd", "realized_funding": "-0.25"}
    log.row("2024-02-02 08:00:00", "funding rate change", "usd", "-0.25", fee="0", **more)
    log.row("2024-02-02 09:00:00", "funding rate change", "usd", "0", contract="pf_xbtusd")
    more |= {"realized_pnl": "10", "fee": "1"}
    log.row("2024-02-02 10:00:00", "futures trade", "usd", "8.75", **more)
    outcomes = log.read()
    assert shown(outcomes.events, *FIELDS) == [
        "FundingSettled USD -0.25 PF_XBTUSD",
        "ContractSettled USD 10 1 PF_XBTUSD",
        "FundingSettled USD -0.25 PF_XBTUSD",
    ]
    assert outcomes.reasons["nothing moved"] == 1


def test_a_maker_who_is_paid_receives_a_rebate(log: Log) -> None:
    log.trade("2024-02-02 10:00:00", "pf_xbtusd", "0.1", "0", "-0.5")
    assert shown(log.read().events, *FIELDS) == ["IncomeReceived USD 0.5 rebate"]


def test_parts_that_do_not_add_up_are_a_finding(log: Log) -> None:
    more = {"contract": "pf_xbtusd", "realized_pnl": "10", "fee": "1"}
    log.row("2024-02-02 10:00:00", "futures trade", "usd", "8", **more)
    (said,) = log.read().said
    assert said.startswith('log.csv:2: column "realized pnl": "10" its parts make 10 USD')


def test_interest_is_charged_or_received(log: Log) -> None:
    log.row("2024-02-02 10:00:00", "interest payment", "usd", "-2")
    log.row("2024-02-03 10:00:00", "interest payment", "usd", "1")
    assert shown(log.read().events, *FIELDS) == [
        "InterestCharged USD 2",
        "IncomeReceived USD 1 interest",
    ]


def test_fee_credits_are_no_money(log: Log) -> None:
    log.row("2024-02-02 10:00:00", "kfee applied", "fee", "-33.3")
    assert log.read().reasons["fee credits, not money"] == 1


def test_wallets_of_the_log_are_one_account(log: Log) -> None:
    log.row("2024-02-02 10:00:00", "transfer", "usd", "-10")
    log.row("2024-02-02 10:00:00", "transfer", "usd", "10")
    log.rows[-1] |= {"account": "cash", "new balance": "10"}
    assert log.read().reasons["moved between own wallets"] == 2


def test_another_of_the_users_accounts_is_outside(log: Log) -> None:
    log.row("2024-02-02 10:00:00", "subaccount transfer", "usd", "-10")
    log.row("2024-02-03 10:00:00", "subaccount transfer", "xbt", "1")
    assert shown(log.read().events, *FIELDS) == ["Withdrawn USD 10", "Deposited BTC 1"]


@pytest.mark.parametrize("type_", ["admin transfer", "tax withheld", "options trade", "x", ""])
def test_what_is_not_known_is_a_finding(log: Log, type_: str) -> None:
    log.row("2024-02-02 10:00:00", type_, "usd", "-10")
    (fault,) = log.read().faults
    assert (fault.line, fault.column, fault.value) == (2, "type", type_)


# Conversions --------------------------------------------------------------------------------------


def test_collateral_is_converted_into_what_was_owed(log: Log) -> None:
    log.row("2024-02-02 10:00:00", "conversion", "eur", "-10", conversion_spread_percentage="0.1")
    log.row("2024-02-02 10:00:00", "conversion", "usd", "10.8", exchange_rate_from="EUR")
    outcomes = log.read()
    assert shown(outcomes.events, "side", *FIELDS) == ["Filled sell EUR 10 10.8 1.08"]


def test_several_conversions_of_a_second_are_told_apart_by_their_source(log: Log) -> None:
    for symbol, change, into in (("eur", "-10", "10.8"), ("xbt", "-0.01", "420")):
        log.row("2024-02-02 10:00:00", "conversion", symbol, change)
        log.row("2024-02-02 10:00:00", "conversion", "usd", into, exchange_rate_from=symbol.upper())
    assert shown(log.read().events, "side", *FIELDS) == [
        "Filled sell BTC 0.01 420 42000",
        "Filled sell EUR 10 10.8 1.08",
    ]
    for row in log.rows:
        row.pop("exchange rate from", None)
    (first, *rest) = log.read().faults
    assert "does not say what was converted" in first.problem
    assert len(rest) == 3  # the other rows


def test_half_a_conversion_is_a_finding(log: Log) -> None:
    log.row("2024-02-02 10:00:00", "conversion", "usd", "10.8", exchange_rate_from="EUR")
    (said,) = log.read().said
    assert "converts several assets into several at once" not in said
    assert "is half of a conversion" in said


# Files --------------------------------------------------------------------------------------------


def test_a_page_of_the_interface_says_the_same(log: Log) -> None:
    log.trade("2024-02-02 10:00:00", "pf_xbtusd", "0.1", "0", "2.1")
    log.trade("2024-02-03 10:00:00", "pf_xbtusd", "-0.1", "100", "2.2")
    log.row("2024-02-03 12:00:00", "interest payment", "usd", "-2")
    expected = log.read()
    assert read(KrakenFutures(), {"log.json": log.page()}).drafts == [
        (account, event) for account, event in expected.drafts
    ]
    both = read(KrakenFutures(), {"log.csv": log.csv(), "log.json": log.page()})
    assert both.said == []
    assert both.drafts == expected.drafts


@pytest.mark.parametrize("between", ["_", "-"])
def test_columns_may_be_spelled_otherwise(log: Log, between: str) -> None:
    log.trade("2024-02-02 10:00:00", "pf_xbtusd", "0.1", "0", "2.1")
    spelled = log.csv(HEADER.replace(" ", between).upper())
    assert read(KrakenFutures(), {"log.csv": spelled}).drafts == log.read().drafts


def test_rows_are_accounted_for_once(log: Log) -> None:
    log.trade("2024-02-02 10:00:00", "pf_xbtusd", "0.1", "0", "2.1")
    rows = log.read().rows
    assert rows == Counter({("log.csv", 2 + n) for n in range(len(log.rows))})


def test_a_given_account_is_the_futures_wallet_beside_it(log: Log) -> None:
    log.trade("2024-02-02 10:00:00", "pf_xbtusd", "0.1", "0", "2.1")
    accounts = {a for a, _ in read(KrakenFutures(), {"l.csv": log.csv()}, "mine/kraken").drafts}
    assert accounts == {"mine/kraken-futures"}


def test_the_balances_follow(log: Log) -> None:
    log.trade("2024-02-02 10:00:00", "pf_xbtusd", "0.1", "0", "2.1")
    book = recorded(log.read().drafts)
    assert [row["held"] for row in balances(book)] == ["-2.1"]  # the ledger is not here
    assert "failed_assertion" in kinds(book)


def test_the_spot_importer_refuses_it_and_the_other_way_round(log: Log) -> None:
    assert Kraken().recognise(log.csv().encode()) is None
    assert KrakenFutures().recognise((DATA / "kraken" / "ledgers.csv").read_bytes()) is None
