"""What holds in every paper session, whatever the market does and whatever is ordered."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.bar import Bar
from domain.events import (
    AccountOpened,
    DebtForgiven,
    Deposited,
    Event,
    Filled,
    InterestCharged,
    Liquidated,
    MarginTermsSet,
    OrderPlaced,
    OrderTrailed,
)
from domain.money import ZERO, exact
from domain.recorded import Recorded
from projections.paper.orders import Orders
from projections.replay import replay
from tests.paper import Session, logged, ran, resumed
from tests.story import recorded

BEGUN = datetime(2025, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MONEY = Decimal(10_000)
ACCOUNTS = ("paper/main", "paper/isolated/BTCUSD")

TERMS: tuple[dict[str, Any], ...] = (
    {"model": "kraken", "leverage": "5", "interest_rates": {"USD": "0.00025", "BTC": "0.0001"}},
    {"model": "binance_cross", "leverage": "5", "interest_rates": {"USD": "0.00001"}},
    {"model": "binance_isolated", "leverage": "3", "interest_rates": {"BTC": "0.00003"}},
    {
        "model": "bitfinex",
        "leverage": "5",
        "maintenance_rate": "0.1",
        "interest_rates": {"USD": "0.0005"},
    },
    {"model": "bybit_unified", "leverage": "10", "maintenance_rate": "0.04"},
    {"model": "standard", "initial_rate": "0.5", "maintenance_rate": "0.25"},
    {
        "model": "perp",
        "leverage": "20",
        "tiers": [
            {"from": "0", "maintenance_rate": "0.01", "deduction": "0"},
            {"from": "20000", "maintenance_rate": "0.02", "deduction": "200"},
        ],
    },
)
FEES = {"taker_fee_rate": "0.0026", "maker_fee_rate": "0.0016", "liquidation_fee_rate": "0.01"}

CENTS = st.integers(-2000, 2000).map(Decimal)


@st.composite
def bars(draw: st.DrawFn) -> list[Bar]:
    """An hourly market that jumps between bars and within them."""
    found, price = [], Decimal(1000)
    for number in range(draw(st.integers(2, 8))):
        moves = [
            max(price + price * Decimal(draw(st.integers(-30, 30))) / 100, Decimal(1)).quantize(
                Decimal("0.01")
            )
            for _ in range(4)
        ]
        at = BEGUN + number * HOUR
        found.append(
            Bar(
                at=at,
                ends=at + HOUR,
                asset="BTC",
                quote="USD",
                open=moves[0],
                high=max(moves),
                low=min(moves),
                close=moves[1],
            )
        )
        price = moves[1]
    return found


@st.composite
def orders(draw: st.DrawFn) -> list[OrderPlaced]:
    found = []
    prices = st.integers(500, 1500).map(Decimal)
    for number in range(draw(st.integers(1, 8))):
        kind = draw(
            st.sampled_from(["market", "limit", "stop_loss", "take_profit", "trailing_stop"])
        )
        fields: dict[str, Any] = {}
        if kind == "limit":
            fields["price"] = draw(prices)
        elif kind == "trailing_stop":
            fields |= draw(
                st.sampled_from([{"trail": Decimal(60)}, {"trail_rate": Decimal("0.07")}])
            )
        elif kind != "market":
            fields["trigger"] = draw(prices)
        position = draw(st.sampled_from([None, "one", "two"]))
        if position:
            fields["position"] = position
            fields["reduce_only"] = draw(st.booleans())
            if not fields["reduce_only"]:
                fields["leverage"] = draw(st.sampled_from([Decimal(2), Decimal(3)]))
        at = BEGUN + draw(st.integers(0, 5)) * HOUR / 2
        found.append(
            OrderPlaced(
                at=at,
                id=f"o{number}",
                side=draw(st.sampled_from(["buy", "sell"])),
                asset="BTC",
                quantity=Decimal(draw(st.integers(1, 60))) / 4,
                quote="USD",
                kind=kind,
                expires=draw(st.none() | st.just(at + 3 * HOUR / 2)),
                **fields,
            )
        )
    return found


@st.composite
def sessions(draw: st.DrawFn) -> tuple[str, list[Recorded], list[Bar]]:
    account = draw(st.sampled_from(ACCOUNTS))
    terms = draw(st.sampled_from(TERMS))
    begin = BEGUN - HOUR
    mode = "cross" if account == "paper/main" else "isolated"
    events: list[Event] = [
        AccountOpened(at=begin, id="open", mode=mode),
        Deposited(at=begin, id="money", asset="USD", quantity=MONEY),
        Deposited(at=begin, id="coins", asset="BTC", quantity=Decimal(3)),
        MarginTermsSet(at=begin, id="terms", **{**FEES, **terms}),
        *draw(orders()),
    ]
    return account, recorded((account, event) for event in events).replayed, draw(bars())


def of(session: Session, kind: type[Event]) -> list[Any]:
    return [event for _, event in session.made if isinstance(event, kind)]


@settings(max_examples=80, deadline=None)
@given(sessions())
def test_equity_changes_by_prices_fees_and_interest_and_by_nothing_else(
    told: tuple[str, list[Recorded], list[Bar]],
) -> None:
    """Exactly: every trade counts from its price to the last close, costs are taken off."""
    account, log, market = told
    session = resumed(log, market)
    close = market[-1].close
    with exact():
        expected = MONEY + 3 * close
        for fill in of(session, Filled):
            side = 1 if fill.side == "buy" else -1
            expected += side * fill.quantity * (close - fill.price) - fill.fee
            expected -= getattr(fill, "penalty", ZERO)
        expected -= sum(charge.quantity for charge in of(session, InterestCharged))
        expected += sum(
            debt.quantity * (close if debt.asset == "BTC" else 1)
            for debt in of(session, DebtForgiven)
        )
        standing = session.state.standing(session.state.accounts[account])
        standing = type(standing)(standing.account, None, standing.mark, standing.currency)
        assert standing.equity == expected


@settings(max_examples=80, deadline=None)
@given(sessions())
def test_nothing_is_ever_below_zero(told: tuple[str, list[Recorded], list[Bar]]) -> None:
    account, log, market = told
    session = resumed(log, market)
    own = session.state.accounts[account]
    session.state.balances.close()
    assert all(held >= 0 for held in own.held.values())
    assert all(owed >= 0 for owed in (*own.owed.values(), *own.interest_owed.values()))
    found = {finding.kind for finding in session.state.balances.findings.all()}
    assert found <= {"leverage_above_limit"} - {"negative_balance"}


@settings(max_examples=80, deadline=None)
@given(sessions(), st.integers(1, 6))
def test_a_session_may_stop_after_any_bar(
    told: tuple[str, list[Recorded], list[Bar]], stop: int
) -> None:
    _, log, market = told
    whole = resumed(log, market)
    first = resumed(log, market[:stop])
    second = resumed(logged(log, first.made), market[stop:])
    assert first.made + second.made == whole.made
    assert resumed(logged(log, whole.made), market).made == ()


@settings(max_examples=80, deadline=None)
@given(sessions())
def test_nothing_is_traded_at_a_price_that_was_not_there(
    told: tuple[str, list[Recorded], list[Bar]],
) -> None:
    _, log, market = told
    session = resumed(log, market)
    placed = {e.event.id: e.event for e in log if isinstance(e.event, OrderPlaced)}
    for fill in of(session, Filled):
        bar = next(bar for bar in market if bar.at <= fill.at < bar.ends)
        assert bar.low <= fill.price <= bar.high
        if fill.order:
            assert placed[fill.order].at <= bar.at
            assert fill.quantity <= placed[fill.order].quantity
    ids = [(where, event.id) for where, event in session.made]
    assert len(ids) == len(set(ids))
    times = [event.at for _, event in session.made]
    assert all(one <= other for one, other in pairwise(times))
    fold = Orders(keep_ended=True)
    replay(logged(log, session.made), fold)
    assert {order.order for order in fold.all()} == placed.keys()


@settings(max_examples=80, deadline=None)
@given(sessions())
def test_no_position_is_left_beyond_its_liquidation(
    told: tuple[str, list[Recorded], list[Bar]],
) -> None:
    account, log, market = told
    session = resumed(log, market)
    own = session.state.accounts[account]
    with exact():
        assert not own.positions or session.state.standing(own).status != "liquidation"
    interest = session.state.accruals.report()
    assert [f for f in interest.findings if f.severity != "info"] == []
    rounded = Decimal("1E-8") * (1 + len(of(session, InterestCharged)))
    differences = [loan.difference or ZERO for loan in interest.loans]
    differences += [loans.difference for loans in interest.ended]
    assert all(abs(one) <= rounded for one in differences), "interest is what the rule says"
    for liquidated in of(session, Liquidated):
        assert liquidated.reason


@st.composite
def bracketed(draw: st.DrawFn) -> tuple[list[Recorded], list[Bar]]:
    """One BTC opened by an order, with its stop and its target about it; more than enough money."""
    side = draw(st.sampled_from(["buy", "sell"]))
    kind = draw(st.sampled_from(["market", "limit", "stop_loss"]))
    price = Decimal(draw(st.integers(700, 1300)))
    asked = {"limit": "price", "stop_loss": "trigger"}.get(kind)
    fields: dict[str, Any] = {} if asked is None else {asked: price}
    away = Decimal(1 if side == "buy" else -1)
    ways = {
        "stop": ("stop_loss", price - away * draw(st.integers(1, 200))),
        "target": ("take_profit", price + away * draw(st.integers(1, 200))),
    }
    common: dict[str, Any] = {
        "at": BEGUN,
        "asset": "BTC",
        "quantity": Decimal(1),
        "quote": "USD",
        "position": "p",
    }
    begin = BEGUN - HOUR
    events: list[Event] = [
        AccountOpened(at=begin, id="open", mode="cross"),
        Deposited(at=begin, id="money", asset="USD", quantity=MONEY),
        MarginTermsSet(at=begin, id="terms", model="kraken", leverage=Decimal(5)),
        OrderPlaced(id="entry", side=side, kind=kind, leverage=Decimal(5), **common, **fields),
    ]
    for name in draw(st.permutations(sorted(ways))):
        how, trigger = ways[name]
        out = "sell" if side == "buy" else "buy"
        exit_: dict[str, Any] = {"kind": how, "trigger": trigger, "reduce_only": True}
        events.append(OrderPlaced(id=name, side=out, **common, **exit_))
    return recorded(("paper/main", event) for event in events).replayed, draw(bars())


@settings(max_examples=80, deadline=None)
@given(bracketed())
def test_a_bracket_ends_once_and_at_its_stop_where_its_first_bar_reaches_that(
    told: tuple[list[Recorded], list[Bar]],
) -> None:
    """What a bar opens between its stop and its target is stopped in it, wherever else it went."""
    log, market = told
    session = resumed(log, market)
    placed = {e.event.id: e.event for e in log if isinstance(e.event, OrderPlaced)}
    fills = {fill.order: fill for fill in of(session, Filled)}
    assert not {"stop", "target"} <= fills.keys()
    assert len(fills) == len(of(session, Filled)), "each at most once, and nothing is liquidated"
    if "entry" not in fills:
        assert fills == {}
        return
    entry, stop, target = fills["entry"], placed["stop"].trigger, placed["target"].trigger
    assert stop is not None
    assert target is not None
    bar = next(bar for bar in market if bar.at <= entry.at < bar.ends)
    between = min(stop, target) < entry.price < max(stop, target)
    if between and bar.low <= stop <= bar.high:
        assert fills["stop"].price == stop
        assert bar.at <= fills["stop"].at < bar.ends
        assert session.held() == MONEY - abs(entry.price - stop)


def worst(way: int, entry: tuple[str, int], stop: int, target: int, bar: list[int]) -> int | None:
    """The least that a bracket earns on any path a bar allows, tick by tick; None: never opened.

    Prices of a short (`way` -1) come negated, so that everything is a long. A path goes from the
    open to the close by way of low and high, and may come by the entry whenever it likes.
    """
    kind, wanted = entry
    opening, high, low, close = bar if way > 0 else [bar[0], bar[2], bar[1], bar[3]]
    opening, high, low, close, wanted, stop, target = (
        way * price for price in (opening, high, low, close, wanted, stop, target)
    )
    corners = {low, high} | ({wanted} if low <= wanted <= high else set())
    results: set[int | None] = set()
    for path in product(corners, repeat=4):
        if not {low, high} <= set(path):
            continue
        bought = None
        ticks = [opening]
        for corner in (*path, close):
            step = 1 if corner > ticks[-1] else -1
            ticks.extend(
                range(ticks[-1] + step, corner + step, step) if corner != ticks[-1] else ()
            )
        for tick in ticks:
            if bought is None:
                reached = {"market": True, "limit": tick <= wanted, "stop_loss": tick >= wanted}
                bought = tick if reached[kind] else None
            if bought is not None and (tick <= stop or tick >= target):
                results.add(tick - bought)
                break
        else:
            results.add(None if bought is None else close - bought)
    earned = [result for result in results if result is not None]
    assert earned == [] or None not in results, "whether it is opened hangs on no path"
    return min(earned, default=None)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_bar_does_to_a_bracket_the_worst_that_its_prices_allow(data: st.DataObject) -> None:
    """Against every path from open to close, walked tick by tick."""
    prices = st.integers(92, 108)
    way = data.draw(st.sampled_from([1, -1]))
    kind = data.draw(st.sampled_from(["market", "limit", "stop_loss"]))
    wanted, one, other = (data.draw(prices) for _ in range(3))
    opening, close, high, low = data.draw(st.tuples(prices, prices, prices, prices))
    high, low = max(opening, close, high, low), min(opening, close, high, low)
    stop, target = (min(one, other), max(one, other) + 1)[::way]
    side, out = ("buy", "sell")[::way]
    price = {"market": "", "limit": f"price {wanted}", "stop_loss": f"trigger {wanted}"}[kind]
    exits = "on p reduce_only yes"
    session = ran(
        f"""
        2025-01-01  paper/main  deposited  10000 USD
        2025-01-01  paper/main  terms  kraken leverage 5
        2025-01-01  paper/main  ordered  {out} 1 BTC take_profit trigger {target} {exits}
        2025-01-01  paper/main  ordered  {side} 1 BTC {kind} {price} on p leverage 5
        2025-01-01  paper/main  ordered  {out} 1 BTC stop_loss trigger {stop} {exits}
        """,
        f"2025-01-02  {opening} {high} {low} {close}",
    )
    expected = worst(way, (kind, wanted), stop, target, [opening, high, low, close])
    assert bool(session.fills) is (expected is not None)
    assert session.equity == 10_000 + (expected or 0)


@settings(max_examples=60, deadline=None)
@given(sessions())
def test_a_trailing_stop_never_moves_away_from_the_market(
    told: tuple[str, list[Recorded], list[Bar]],
) -> None:
    _, log, market = told
    session = resumed(log, market)
    sides = {e.event.id: e.event.side for e in log if isinstance(e.event, OrderPlaced)}
    stood: dict[str, Decimal] = {}
    for moved in of(session, OrderTrailed):
        before = stood.get(moved.order, moved.trigger)
        nearer = moved.trigger - before if sides[moved.order] == "sell" else before - moved.trigger
        assert nearer >= 0
        stood[moved.order] = moved.trigger
