"""Margin kept event by event is what figuring every account afresh would find.

Books here hold all kinds of events in any order, much of which no venue would book: transfers into
accounts that nobody has seen, settlements of positions that are not there, prices of money, quotes
that are coins. A history that forgets to touch one part of one account is wrong after that event.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from domain import events as e
from domain.money import exact
from domain.recorded import Recorded
from projections.balances import Balances
from projections.margin.margin_history import MarginHistory, MarginPoint
from projections.margin.margin_report import margin
from projections.margin.margin_state import MarginState
from projections.prices import Marks
from projections.replay import Replay
from tests.laws.test_margin_oracle import MODELS

ASSETS = ("BTC", "ETH", "SOL", "USD", "USDT", "USDC", "EUR")
ACCOUNTS = ("kraken/main", "v/a", "v/isolated/BTCUSDT", "w/b")
UNITS = ("0.07", "0.5", "1", "2", "3", "10")
PRICES = ("0.00002", "0.5", "3", "100", "12345.678")
START = datetime(2025, 1, 1, tzinfo=UTC)


class AnyEvents:
    """Events drawn from a seed: `recorded` are theirs, in order."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311
        self._at = START
        self._when: dict[str, Any] = {}
        self.recorded = list(self._drawn(self._chance.randrange(10, 60)))

    def _drawn(self, count: int) -> Iterator[Recorded]:
        for number in range(1, count + 1):
            self._at += timedelta(minutes=self._chance.choice([0, 0, 1, 60, 3000]))
            account, event = self._event(number)
            yield Recorded(number, account, number, self._at, event)

    def _event(self, number: int) -> tuple[str, e.Event]:
        chance = self._chance
        self._when = {"at": self._at, "id": f"e{number}"}
        account = chance.choice(ACCOUNTS)
        asset, quote = chance.sample(ASSETS, 2)
        if chance.random() < 0.2:
            price = chance.choice(PRICES)
            return "book", self._made(e.PriceObserved, asset=asset, quote=quote, price=price)
        if chance.random() < 0.3:
            return account, self._trade(asset, quote)
        kind = chance.choice([self._moved, self._lent, self._told, self._rare])
        return account, kind(account, asset, quote)

    def _made(self, kind: type[e.Event], /, **fields: Any) -> e.Event:
        return kind(**self._when, **fields)

    def _units(self) -> Decimal:
        return Decimal(self._chance.choice(UNITS))

    def _trade(self, asset: str, quote: str) -> e.Event:
        chance, position = self._chance, self._chance.choice([None, f"p{asset}", "q"])
        trade: dict[str, Any] = {
            "side": chance.choice(["buy", "sell"]),
            "asset": asset,
            "quantity": self._units(),
            "quote": quote,
            "price": chance.choice(PRICES),
            "position": position,
        }
        if chance.random() < 0.2:
            return self._made(e.Liquidated, **trade, penalty="0.2")
        fee_asset = chance.choice([None, *ASSETS])
        leverage = chance.choice([None, 5]) if position else None
        return self._made(e.Filled, **trade, fee="0.1", fee_asset=fee_asset, leverage=leverage)

    def _moved(self, account: str, asset: str, quote: str) -> e.Event:
        chance, units, fee = self._chance, self._units(), self._chance.choice(["0", "0.1"])
        kind = chance.randrange(4)
        if kind == 0:
            return self._made(e.Withdrawn, asset=asset, quantity=units, fee=fee)
        if kind == 1:
            to = chance.choice([name for name in (*ACCOUNTS, "unseen/yet") if name != account])
            return self._made(e.Transferred, asset=asset, quantity=units, fee=fee, to=to)
        return self._made(e.Deposited, asset=asset, quantity=units * 100)

    def _lent(self, account: str, asset: str, quote: str) -> e.Event:
        kind, units = self._chance.randrange(4), self._units()
        if kind == 0:
            return self._made(e.Repaid, asset=asset, quantity=units, interest="0.01")
        if kind == 1:
            interest = {"asset": asset, "quantity": "0.3", "loan_asset": quote}
            settled = self._chance.choice(["debt", "balance"])
            return self._made(e.InterestCharged, **interest, settled=settled)
        if kind == 2:
            return self._made(e.DebtForgiven, asset=asset, quantity="0.4")
        return self._made(e.Borrowed, asset=asset, quantity=units)

    def _told(self, account: str, asset: str, quote: str) -> e.Event:
        if self._chance.random() < 0.3:
            mode = self._chance.choice(["spot", "cross", "isolated"])
            return self._made(e.AccountOpened, mode=mode)
        return self._made(e.MarginTermsSet, **self._chance.choice(MODELS))

    def _rare(self, account: str, asset: str, quote: str) -> e.Event:
        rare: list[tuple[type[e.Event], dict[str, Any]]] = [
            (e.FundingSettled, {"amount": "-0.3", "contract": "C"}),
            (e.ContractSettled, {"amount": "-0.3", "contract": "C", "fee": "0.1"}),
            (e.IncomeReceived, {"quantity": "0.4", "kind": "staking"}),
            (e.FeeCharged, {"quantity": "0.4"}),
            (e.BalanceAsserted, {"quantity": "1"}),
            (e.PositionSettled, {"position": f"p{asset}", "quantity": "0.07", "quote": quote}),
        ]
        kind, fields = self._chance.choice(rare)
        more = {"amount": "5"} if kind is e.PositionSettled else {}
        return self._made(kind, asset=asset, **fields, **more)


class Afresh:
    """Compares, after every event, the last point of each account with figures made anew."""

    def __init__(self) -> None:
        self.balances, self.marks = Balances(), Marks("USD", timedelta(hours=24))
        self.last: dict[str, MarginPoint] = {}
        self.history = MarginHistory(self.balances, self.marks, self._hear)
        self.differences: list[str] = []
        self.compared = 0

    def run(self, events: list[Recorded]) -> None:
        """Replay them one at a time."""
        replay = Replay(self.history.projections)
        for recorded in events:
            replay.run([recorded])
            with exact():
                for state in margin(self.balances, self.marks):
                    self._compare(recorded, state)

    def _hear(self, point: MarginPoint, *_: object) -> None:
        self.last[point.account] = point

    def _compare(self, recorded: Recorded, state: MarginState) -> None:
        point = self.last.get(state.account)
        if point is None:  # nothing but what an account is said to hold was heard of it
            assert not any((state.equity, state.debt, state.positions))
            return
        self.compared += 1
        found, fresh = _figures(point), _figures(state)
        if found != fresh:
            kind = type(recorded.event).__name__
            self.differences.append(f"{state.account} after {kind}: {found}, afresh {fresh}")


def _figures(told: MarginPoint | MarginState) -> tuple[object, ...]:
    return told.currency, told.equity, told.debt, told.level, told.status


def judge(first: int, last: int) -> None:
    """Of each of these seeds: after every event, every account."""
    found, compared = {}, 0
    for seed in range(first, last):
        afresh = Afresh()
        afresh.run(AnyEvents(seed).recorded)
        compared += afresh.compared
        if afresh.differences:
            found[seed] = afresh.differences[0]
    assert found == {}
    assert compared > (last - first) * 50


def test_every_account_is_what_figuring_it_afresh_finds() -> None:
    judge(0, 150)


@pytest.mark.nightly
def test_thousands_of_histories_are_what_figuring_them_afresh_finds() -> None:
    judge(1_000, 3_000)
