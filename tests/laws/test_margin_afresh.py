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
from projections.margin import margin
from projections.margin_history import MarginHistory, MarginPoint
from projections.margin_state import MarginState
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
        self.recorded = list(self._drawn(self._chance.randrange(10, 60)))

    def _drawn(self, count: int) -> Iterator[Recorded]:
        for number in range(1, count + 1):
            self._at += timedelta(minutes=self._chance.choice([0, 0, 1, 60, 3000]))
            account, event = self._event(number)
            yield Recorded(number, account, number, self._at, event)

    def _event(self, number: int) -> tuple[str, e.Event]:
        chance, when = self._chance, {"at": self._at, "id": f"e{number}"}
        account = chance.choice(ACCOUNTS)
        asset, quote = chance.sample(ASSETS, 2)
        if chance.random() < 0.2:
            price = chance.choice(PRICES)
            return "book", e.PriceObserved(**when, asset=asset, quote=quote, price=price)
        if chance.random() < 0.3:
            return account, self._trade(when, asset, quote)
        kind = chance.choice([self._moved, self._lent, self._told, self._rare])
        return account, kind(when, account, asset, quote)

    def _units(self) -> Decimal:
        return Decimal(self._chance.choice(UNITS))

    def _trade(self, when: dict[str, Any], asset: str, quote: str) -> e.Event:
        chance = self._chance
        trade: dict[str, Any] = {
            **when,
            "asset": asset,
            "quantity": self._units(),
            "quote": quote,
            "price": chance.choice(PRICES),
            "position": chance.choice([None, "p", "q"]),
        }
        if chance.random() < 0.2:
            return e.Liquidated(**trade, side=chance.choice(["buy", "sell"]), penalty="0.2")
        fee = {"fee": "0.1", "fee_asset": chance.choice([None, *ASSETS])}
        leverage = chance.choice([None, 5]) if trade["position"] else None
        return e.Filled(**trade, **fee, side=chance.choice(["buy", "sell"]), leverage=leverage)

    def _moved(self, when: dict[str, Any], account: str, asset: str, quote: str) -> e.Event:
        chance, fee = self._chance, self._chance.choice(["0", "0.1"])
        moved: dict[str, Any] = {**when, "asset": asset, "quantity": self._units()}
        kind = chance.randrange(4)
        if kind == 0:
            return e.Withdrawn(**moved, fee=fee)
        if kind == 1:
            others = [name for name in (*ACCOUNTS, "unseen/yet") if name != account]
            return e.Transferred(**moved, to=chance.choice(others), fee=fee)
        return e.Deposited(**{**moved, "quantity": moved["quantity"] * 100})

    def _lent(self, when: dict[str, Any], account: str, asset: str, quote: str) -> e.Event:
        chance, lent = self._chance, {**when, "asset": asset}
        kind = chance.randrange(4)
        if kind == 0:
            return e.Repaid(**lent, quantity=self._units(), interest="0.01")
        if kind == 1:
            settled = chance.choice(["debt", "balance"])
            return e.InterestCharged(**lent, quantity="0.3", settled=settled, loan_asset=quote)
        if kind == 2:
            return e.DebtForgiven(**lent, quantity="0.4")
        return e.Borrowed(**lent, quantity=self._units())

    def _told(self, when: dict[str, Any], account: str, asset: str, quote: str) -> e.Event:
        if self._chance.random() < 0.3:
            mode = self._chance.choice(["spot", "cross", "isolated"])
            return e.AccountOpened(**when, mode=mode)  # type: ignore[arg-type]
        return e.MarginTermsSet(**when, **self._chance.choice(MODELS))

    def _rare(self, when: dict[str, Any], account: str, asset: str, quote: str) -> e.Event:
        kind, of = self._chance.randrange(6), {**when, "asset": asset}
        if kind == 0:
            return e.FundingSettled(**of, amount="-0.3", contract="C")
        if kind == 1:
            return e.ContractSettled(**of, amount="-0.3", contract="C", fee="0.1")
        if kind == 2:
            return e.IncomeReceived(**of, quantity="0.4", kind="staking")
        if kind == 3:
            return e.FeeCharged(**of, quantity="0.4")
        if kind == 4:
            return e.BalanceAsserted(**of, quantity="1")
        position = self._chance.choice("pq")
        return e.PositionSettled(
            **of, position=position, quantity=self._units(), quote=quote, amount="5"
        )


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
            assert (state.equity, state.debt, state.positions) == (0, 0, ())
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
