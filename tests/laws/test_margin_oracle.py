"""Margin after every event equals what a naive engine finds by summing everything anew.

The oracle below knows the venues' formulas as their help pages state them, one a model, in
fractions. It shares nothing with the code under test but the balances and the last prices.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import events as e
from domain.account import Account
from domain.money import MONEY, exact
from domain.recorded import Recorded
from projections.balances import Balances
from projections.margin.margin_history import MarginHistory, MarginPoint
from projections.margin.margin_report import margin
from projections.margin.standing import Standing
from projections.prices import Marks
from projections.replay import Replay
from tests.laws.histories import ACCOUNTS, EXCHANGES, KINDS, histories
from tests.story import Story, recorded

MODELS: tuple[dict[str, Any], ...] = (
    {"model": "kraken", "leverage": 5, "collateral_factors": {"X": "0.9", "Y": "0.5"}},
    {"model": "binance_cross", "leverage": 3},
    {"model": "binance_isolated", "leverage": 5, "collateral_factors": {"X": "0.9"}},
    {"model": "bitfinex", "maintenance_rate": "0.15", "taker_fee_rate": "0.002"},
    {"model": "okx_isolated", "maintenance_rate": "0.03", "taker_fee_rate": "0.001"},
    {"model": "bybit_unified", "maintenance_rate": "0.05", "collateral_factors": {"Y": "0.7"}},
    {
        "model": "perp",
        "tiers": [
            {"from": "0", "maintenance_rate": "0.005"},
            {"from": "1000", "maintenance_rate": "0.02", "deduction": "15"},
        ],
    },
    {"model": "standard", "initial_rate": "0.5", "maintenance_rate": "0.25"},
)


def oracle(account: Account, marks: Marks) -> tuple[Fraction, Fraction | None] | None:
    """Equity and level of an account with terms, by adding up all that it has; None: no price."""

    def worth(asset: str, units: Decimal) -> Fraction:
        if not units:
            return Fraction(0)
        price = marks.mark(asset)
        if price is None:
            raise LookupError(asset)
        return Fraction(units) * Fraction(price.price)

    told = account.terms
    factors = dict(told.collateral_factors) if told else {}
    assets = {*account.held, *account.owed, *account.interest_owed}
    try:
        assets_in, debts, net = Fraction(0), Fraction(0), {}
        for asset in assets:
            held = account.held.get(asset, Decimal(0))
            owed = account.owed.get(asset, Decimal(0)) + account.interest_owed.get(
                asset, Decimal(0)
            )
            assets_in += worth(asset, max(held, Decimal(0))) * Fraction(factors.get(asset, 1))
            debts += worth(asset, owed) + worth(asset, max(-held, Decimal(0)))
            net[asset] = abs(worth(asset, held - owed))
        longs, shorts, costs_long, costs_short, used = (Fraction(0) for _ in range(5))
        sizes = []
        for position in account.positions.values():
            size, cost = (
                worth(position.asset, position.quantity),
                worth(position.quote, position.cost),
            )
            sizes.append((size, worth(position.quote, Decimal(1))))
            if position.side > 0:
                longs, costs_long = longs + size, costs_long + cost
            else:
                shorts, costs_short = shorts + size, costs_short + cost
            if position.used is not None:
                used += worth(position.quote, position.used)
    except LookupError:
        return None
    equity = assets_in - debts + longs - costs_long + costs_short - shorts
    model = told.model if told else "kraken" if account.name.startswith("kraken") else None
    if model is None:
        return equity, None
    rate = Fraction(told.maintenance_rate or 0) if told else Fraction(0)
    fee = Fraction(told.taker_fee_rate or 0) if told else Fraction(0)
    if model == "bitfinex":
        equity -= (longs + shorts) * fee
    if not any(q > 0 for q in account.held.values()) and any(
        not p.backed for p in account.positions.values()
    ):
        return equity, None
    if model == "kraken":
        bare = any(p.used is None for p in account.positions.values())
        return equity, None if bare or not used else equity / used
    if model in ("binance_cross", "binance_isolated"):
        lent = debts + costs_long + shorts
        return equity, (assets_in + longs + costs_short) / lent if lent else None
    if model == "okx_isolated":
        lent = debts + costs_long + shorts
        return equity, equity / (lent * ((1 + rate) * (1 + fee) - 1)) if lent else None
    if model == "bitfinex":
        return equity, equity / (rate * (longs + shorts)) if longs + shorts else None
    if model == "standard":
        coins = sum((units for asset, units in net.items() if asset not in MONEY), Fraction(0))
        need = rate * (longs + shorts + coins)
        return equity, equity / need if need else None
    if model == "bybit_unified":
        need = rate * (longs + shorts + debts)
    else:
        need = Fraction(0)
        for size, quote in sizes:
            high = size / quote >= 1000
            need += size * Fraction(20, 1000) - 15 * quote if high else size * Fraction(5, 1000)
    return equity, need / equity if need and equity > 0 else None


@st.composite
def margined(draw: st.DrawFn) -> Story:
    """Histories in which terms of any model are set in the midst, and fills say their leverage."""
    kinds = [*KINDS, *EXCHANGES, "price", "long", "short"]
    book = draw(histories(kinds, size=30, priced=draw(st.sampled_from([0, 1, 3]))))
    events: list[tuple[str, e.Event]] = []
    for i, told in enumerate(book.replayed):
        if i == 0 or draw(st.integers(0, 9)) == 0:
            terms = draw(st.sampled_from(MODELS))
            account = ACCOUNTS[draw(st.integers(0, 2))]
            events.append((account, e.MarginTermsSet(at=told.event.at, id=f"terms {i}", **terms)))
        events.append((told.account, told.event))
    return recorded(events)


class Compared:
    """Points beside what the oracle finds at that moment."""

    def __init__(self) -> None:
        self.balances = Balances()
        self.marks = Marks("USD", timedelta(hours=24))
        self.history = MarginHistory(self.balances, self.marks, self.hear)
        self.points: list[MarginPoint] = []

    def hear(self, point: MarginPoint, standing: Standing, _: Recorded) -> None:
        self.points.append(point)
        if point.currency == "USD":
            self.judge(point)

    def judge(self, point: MarginPoint) -> None:
        found = oracle(self.balances.accounts[point.account], self.marks)
        if found is None:
            assert (point.equity, point.level) == (None, None)
            return
        equity, level = found
        assert point.equity is not None
        assert Fraction(point.equity) == equity
        close(point.level, level)


def close(level: Decimal | None, exact_level: Fraction | None) -> None:
    """A level is a quotient to 28 digits."""
    assert (level is None) == (exact_level is None)
    if level is not None and exact_level is not None:
        assert abs(Fraction(level) - exact_level) <= abs(exact_level) * Fraction(1, 10**26)


@settings(max_examples=300, deadline=None)
@given(margined())
def test_after_every_event_it_is_what_a_naive_engine_finds(book: Story) -> None:
    compared = Compared()
    Replay(compared.history.projections).run(book.replayed)


@settings(max_examples=150, deadline=None)
@given(margined())
def test_its_last_points_are_the_state_that_is_reported(book: Story) -> None:
    compared = Compared()
    Replay(compared.history.projections).run(book.replayed)
    last = {point.account: point for point in compared.points}
    with exact():
        states = margin(compared.balances, compared.marks)
    for state in states:
        if state.account not in last:
            continue
        point = last[state.account]
        assert (state.currency, state.equity, state.debt) == (
            point.currency,
            point.equity,
            point.debt,
        )
        assert (state.level, state.status) == (point.level, point.status)


# A year of trading ------------------------------------------------------------------------------

COINS = tuple(f"C{i}" for i in range(60))
YEAR_MODELS = tuple(terms for terms in MODELS if "collateral_factors" not in terms)


def a_year(count: int, seed: int) -> Iterator[Recorded]:
    """So many events of two accounts in sixty coins: prices, trades, positions, loans, interest."""
    chance = Random(seed)  # noqa: S311
    prices = {coin: chance.randrange(1, 10**6) for coin in COINS}
    at, step = datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=364) / count
    accounts = ("v/one", "v/two")
    opening: list[tuple[str, e.Event]] = [
        (account, e.Deposited(at=at, id="cash", asset="USD", quantity=Decimal(10**9)))
        for account in accounts
    ]
    for position, (account, first) in enumerate(opening, 1):
        yield Recorded(position, account, position, at, first)
    for number in range(len(opening) + 1, count + 1):
        at += step
        account, coin = chance.choice(accounts), chance.choice(COINS)
        prices[coin] = max(1, prices[coin] + chance.randrange(-999, 1000))
        price = Decimal(prices[coin]).scaleb(-2)
        units = Decimal(chance.randrange(1, 10**6)).scaleb(-4)
        side = chance.choice(("buy", "sell"))
        when: dict[str, Any] = {"at": at, "id": f"e{number}"}
        trade: dict[str, Any] = {"side": side, "quote": "USD", "price": price, "fee": "0.1"}
        kind = chance.randrange(100)
        event: e.Event
        if kind < 40:
            account = "book"
            event = e.PriceObserved(**when, asset=coin, quote="USD", price=price)
        elif kind < 70:
            event = e.Filled(**when, **trade, asset=coin, quantity=units)
        elif kind < 90:
            named: dict[str, Any] = {"position": f"p{coin}", "leverage": Decimal(5)}
            event = e.Filled(**when, **trade, **named, asset=coin, quantity=units)
        elif kind < 94:
            event = e.Borrowed(**when, asset=coin, quantity=units)
        elif kind < 97:
            event = e.InterestCharged(**when, asset=coin, quantity=units / 1000, settled="debt")
        elif kind < 99:
            event = e.Repaid(**when, asset=coin, quantity=units)
        else:
            event = e.MarginTermsSet(**when, **chance.choice(YEAR_MODELS))
        yield Recorded(number, account, number, at, event)


class Sampled(Compared):
    """Compares so many points, by chance, of so many."""

    def __init__(self, points: int, of: int, seed: int) -> None:
        super().__init__()
        chance = Random(seed)  # noqa: S311
        self.chosen = {chance.randrange(1, of + 1) for _ in range(points)}
        self.judged = 0

    def hear(self, point: MarginPoint, standing: Standing, _: Recorded) -> None:
        if point.position in self.chosen:
            self.judged += 1
            self.judge(point)


def compare_a_year(count: int, points: int, seed: int) -> int:
    sampled = Sampled(points, count, seed)
    Replay(sampled.history.projections).run(a_year(count, seed))
    return sampled.judged


def test_a_year_is_right_at_hundreds_of_moments() -> None:
    assert compare_a_year(10_000, 400, seed=1) > 300


@pytest.mark.nightly
def test_a_year_of_a_million_events_is_right_at_thousands_of_moments() -> None:
    assert compare_a_year(1_000_000, 5_000, seed=2) > 4_000
