"""Profit is the sum of its named parts: exactly, after every event, whatever happened."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import events as e
from domain.calendar import Calendar
from domain.money import exact
from domain.recorded import Recorded
from projections.amounts import minus, total
from projections.balances import Balances
from projections.decisions import Decisions
from projections.performance.exposure import mark
from projections.performance.ledger import Ledger
from projections.performance.performance import Performance
from projections.performance.results import PerformanceReport, performed
from projections.prices import Marks
from projections.replay import Replay, replay
from tests.laws.histories import COINS, EXCHANGES, KINDS, histories
from tests.story import Story, recorded

ZONES = ("UTC", "America/New_York")
ALL = (*KINDS, *EXCHANGES)
MORE = st.lists(st.tuples(*[st.integers(0, 63)] * 4), max_size=12)
"""What histories lack: money that comes and goes, contracts, forgiven debts, gifts, linked legs."""


def mixed(book: Story, more: list[tuple[int, int, int, int]]) -> Story:
    """The history with some of these between its events."""
    events = [(told.account, told.event) for told in book.log]
    times = [event.at for _, event in events] or [datetime.fromisoformat("2025-01-01T12:00Z")]
    for i, (kind, when, units, place) in enumerate(more):
        at = times[when % len(times)]
        account = ("kraken/main", "okx/main")[place % 2]
        events += [
            (here, event) for here, event in _more(kind % 9, i, at, Decimal(units + 1), account)
        ]
    return recorded(events, book.zone)


def _more(
    kind: int, i: int, at: datetime, units: Decimal, account: str
) -> Iterator[tuple[str, e.Event]]:
    said: dict[str, Any] = {"at": at, "id": f"more {i}"}
    coin = COINS[int(units) % 3]
    asset = ("USD", coin)[int(units) % 2]
    if kind == 0:
        yield account, e.Deposited(**said, asset="USD", quantity=units * 100)
    elif kind == 1:
        yield account, e.Withdrawn(**said, asset="USD", quantity=units)
    elif kind == 2:
        yield account, e.FundingSettled(**said, asset=asset, amount=units - 32, contract="PERP")
    elif kind == 3:
        yield (
            account,
            e.ContractSettled(**said, asset=asset, amount=units - 32, contract="C", fee=units),
        )
    elif kind == 4:
        yield account, e.Borrowed(**said, asset="USD", quantity=units * 10)
    elif kind == 5:
        yield account, e.DebtForgiven(**said, asset=asset, quantity=units)
    elif kind == 6:
        trade: dict[str, Any] = {"asset": "X", "quantity": units, "quote": "Y", "price": "0.5"}
        side = ("buy", "sell")[int(units) % 2]
        yield account, e.Filled(**said, **trade, side=side, position="in Y")
    elif kind == 7:
        nothing: dict[str, Any] = {"asset": asset, "quantity": units, "quote": "NEW", "price": "1"}
        side = ("buy", "sell")[account == "okx/main"]
        yield account, e.Filled(**said, **nothing, side=side, amount=Decimal(0))
    else:
        out: dict[str, Any] = {"at": at, "id": f"out {i}", "asset": coin}
        arrival = at + timedelta(days=int(units) % 3 - 1)
        into: dict[str, Any] = {"at": arrival, "id": f"in {i}", "asset": coin}
        yield "kraken/main", e.Withdrawn(**out, quantity=units, fee="0.1")  # type: ignore[arg-type]
        yield "okx/main", e.Deposited(**into, quantity=max(units + int(units) % 5 - 2, Decimal(1)))
        yield "book", e.TransferLinked(**said, out=f"kraken/main#out {i}", into=f"okx/main#in {i}")


FULL = st.builds(mixed, histories(ALL, zones=ZONES, priced=3), MORE)
LACKING = st.builds(mixed, histories(ALL, priced=0), MORE)


def fold_of(book: Story, account: str | None = None, since: datetime | None = None) -> Performance:
    calendar = Calendar(ZoneInfo(book.zone))
    return Performance("USD", calendar, Decisions(book.log), account, since)


def report(book: Story, account: str | None = None) -> PerformanceReport:
    fold = fold_of(book, account)
    replay(book.replayed, *fold.projections)
    with exact():
        fold.close(None)
        return performed(fold, curve=True)


def parts(ledger: Ledger, marks: Marks) -> dict[str, Decimal | None]:
    lines = ledger.lines
    return {
        "net worth": ledger.exposure.worth(marks),
        "deposited": lines["deposited"],
        "withdrawn": lines["withdrawn"],
        "realised": ledger.realised,
        "unrealised": ledger.unrealised(marks),
        **{name: lines[name] for name in ("income", "forgiven", "funding")},
        **{name: lines[name] for name in ("fees", "interest", "penalties")},
    }


LESS = ("withdrawn", "fees", "interest", "penalties")


def named_sum(known: dict[str, Decimal]) -> Decimal:
    worths = {name: amount for name, amount in known.items() if name != "net worth"}
    return sum((-a if name in LESS else a for name, a in worths.items()), Decimal(0))


def assert_adds_up(ledger: Ledger, marks: Marks) -> None:
    told = parts(ledger, marks)
    known = {name: amount for name, amount in told.items() if amount is not None}
    if len(known) == len(told):
        assert known["net worth"] == named_sum(known), ledger.name


@settings(max_examples=150, deadline=None)
@given(FULL)
def test_after_every_event_net_worth_is_the_sum_of_its_named_parts(book: Story) -> None:
    fold = fold_of(book)
    pass_ = Replay(fold.projections)
    for told in book.replayed:
        pass_.run([told])
        with exact():
            for ledger in (fold.book, *fold.ledgers.values()):
                assert_adds_up(ledger, fold.marks)
            assert fold.curve._worth.worth() == fold.book.exposure.worth(fold.marks)
            assert fold.curve._debt.worth() == fold.book.debts.worth(fold.marks)


@settings(max_examples=60, deadline=None)
@given(LACKING)
def test_where_prices_are_missing_what_is_known_still_adds_up(book: Story) -> None:
    """And what is unknown has a finding."""
    fold = fold_of(book)
    pass_ = Replay(fold.projections)
    for told in book.replayed:
        pass_.run([told])
        with exact():
            for ledger in (fold.book, *fold.ledgers.values()):
                assert_adds_up(ledger, fold.marks)
    with exact():
        fold.close(None)
        told_ = performed(fold)
    unknown = [name for name, value in told_.total.to_dict().items() if value is None]
    if {*unknown} - {"time_weighted", "money_weighted", "return_on_capital"}:
        assert "missing_price" in {one.kind for one in told_.findings}


@settings(max_examples=60, deadline=None)
@given(FULL, st.integers(0, 40))
def test_in_every_period_profit_is_the_sum_of_its_named_parts(book: Story, begins: int) -> None:
    times = [told.event.at for told in book.replayed] or [datetime.fromisoformat("2025-01-01T00Z")]
    fold = fold_of(book, since=times[begins % len(times)])
    replay(book.replayed, *fold.projections, turns=fold.turns)
    with exact():
        fold.close(None)
        found = performed(fold)
        for one in (found.total, *found.accounts):
            gains = (one.realised, one.unrealised, one.income, one.forgiven, one.funding)
            costs = (one.unrealised_before, one.fees, one.interest, one.penalties)
            expected = minus(total(gains), total(costs))
            if expected is not None:
                assert one.profit == expected, one.account


@settings(max_examples=60, deadline=None)
@given(FULL)
def test_every_ledger_holds_what_the_balances_hold(book: Story) -> None:
    """And the whole book holds what its accounts do, but for what is on its way."""
    fold = fold_of(book)
    replay(book.replayed, *fold.projections)
    with exact():
        for name, account in fold.balances.accounts.items():
            assets = {*account.held, *account.owed, *account.interest_owed}
            for asset in assets:
                held, owed = account.held.get(asset, 0), account.owed.get(asset, 0)
                now = held - owed - account.interest_owed.get(asset, 0)
                assert fold.ledgers[name].quantity(asset) == now, (name, asset)
        on_the_way: dict[str, Decimal] = {}
        for _, asset, units in fold._transit._sent.values():
            on_the_way[asset] = on_the_way.get(asset, Decimal(0)) + units
        for asset in ("USD", *COINS):
            within = sum(ledger.quantity(asset) for ledger in fold.ledgers.values())
            assert fold.book.quantity(asset) == within + on_the_way.get(asset, 0)


# Against naive ones -------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(FULL)
def test_every_point_is_what_a_replay_up_to_then_would_say(book: Story) -> None:
    """A day's last point, and the profit that a fold of nothing but balances and marks finds."""
    calendar = Calendar(ZoneInfo(book.zone))
    points, arrivals = report(book).curve, Decisions(book.log).arrivals
    for point in points[:-1]:
        if point.at != calendar.end(calendar.day(point.at)):
            continue
        until = [told for told in book.replayed if told.event.at <= point.at]
        assert point.net_worth == net_worth(until, arrivals)
    if points:
        assert points[-1].net_worth == net_worth(book.replayed, arrivals)


def net_worth(events: list[Recorded], arrivals: dict[Any, Any] | None = None) -> Decimal | None:
    """Everything held at its mark, less everything owed, plus positions and what is on its way.

    What is long in one account and short in another needs no price.
    """
    balances, marks = Balances(), Marks("USD", timedelta(hours=24))
    replay(events, balances, marks)
    units: defaultdict[str, Decimal] = defaultdict(Decimal)
    with exact():
        for b in balances.balances():
            units[b.asset] += b.held - b.owed - b.interest_owed
        for asset, moving in on_the_way(events, arrivals or {}):
            units[asset] += moving
        for account in balances.accounts.values():
            for p in account.positions.values():
                units[p.asset] += p.side * p.quantity
                units[p.quote] -= p.side * p.cost
        prices = {asset: mark(marks, asset) for asset, left in units.items() if left}
        if None in prices.values():
            return None
        return sum((units[asset] * (price or 0) for asset, price in prices.items()), Decimal(0))


def on_the_way(events: list[Recorded], arrivals: dict[Any, Any]) -> Iterator[tuple[str, Decimal]]:
    """Units of legs that left, and whose other leg neither came before nor has come since."""
    gone: dict[Any, tuple[str, Decimal]] = {}
    came = set()
    for told in events:
        name = (told.account, told.event.id)
        if name in arrivals:
            came.add(arrivals[name])
            gone.pop(arrivals[name], None)
        if name in arrivals.values() and name not in came and isinstance(told.event, e.Withdrawn):
            gone[name] = told.event.asset, told.event.quantity
    yield from gone.values()


SIMPLE = (*(kind for kind in KINDS if kind != "settle"), "spend", "fee", "swap in", "swap out")


@settings(max_examples=150, deadline=None)
@given(histories(SIMPLE, priced=3))
def test_the_figures_are_those_of_a_naive_engine_in_fractions(book: Story) -> None:
    expected, found = Naive(book.replayed), report(book).total
    for name in ("deposited", "withdrawn", "income", "fees", "interest", "penalties"):
        assert Fraction(getattr(found, name)) == expected.lines[name], name
    assert found.realised is not None
    assert abs(Fraction(found.realised) - expected.realised) < Fraction(1, 10**30)
    for asset in found.assets:
        units, cost = expected.assets.get(asset.asset, (Fraction(0), Fraction(0)))
        assert Fraction(asset.quantity) == units
        if asset.average_entry is not None:
            assert abs(Fraction(asset.average_entry) - cost / units) < Fraction(1, 10**18)


RICH = Decimal(1000000000)


@settings(max_examples=60, deadline=None)
@given(histories(SIMPLE, priced=3))
def test_the_time_weighted_return_is_the_chain_between_replays(book: Story) -> None:
    """A billion of one's own comes first, so that it is never all lost."""
    begun = min((told.event.at for told in book.log), default=datetime(2025, 1, 1, tzinfo=UTC))
    first = e.Deposited(at=begun - timedelta(days=1), id="first", asset="USD", quantity=RICH)
    rich = recorded([("kraken/main", first), *((told.account, told.event) for told in book.log)])
    expected, found = chained(rich.replayed), report(rich).total.time_weighted
    assert found is not None
    assert abs(Fraction(found) - expected) <= Fraction(1, 10**24) * (1 + abs(expected))


def chained(events: list[Recorded]) -> Fraction:
    """Worth before a flow / worth after the one before, each by a replay of its own."""
    grown, stands = Fraction(1), Fraction(0)
    for i, told in enumerate(events, 1):
        if isinstance(told.event, e.Deposited | e.Withdrawn):
            after = Fraction(net_worth(events[:i]) or 0)
            flow = Fraction(told.event.quantity) * Naive(events[:i]).marks[told.event.asset]
            before = after - (flow if isinstance(told.event, e.Deposited) else -flow)
            grown, stands = grown * (before / stands if stands else 1), after
    return grown * Fraction(net_worth(events) or 0) / stands - 1


class Naive:
    """One pool of each coin for the whole book, told from the events alone, in fractions."""

    def __init__(self, events: list[Recorded]) -> None:
        self.lines = dict.fromkeys(
            ("deposited", "withdrawn", "income", "fees", "interest", "penalties"), Fraction(0)
        )
        self.assets: dict[str, tuple[Fraction, Fraction]] = {}
        self.positions: dict[tuple[str, str], tuple[Fraction, Fraction]] = {}
        self.interest: dict[tuple[str, str], Fraction] = {}
        self.marks = {"USD": Fraction(1)}
        self.seen: dict[str, dict[str, Fraction]] = {}
        self.realised = Fraction(0)
        for told in events:
            self._take(told.account, told.event)

    def _take(self, account: str, event: Any) -> None:
        if isinstance(event, e.PriceObserved | e.Filled) and event.quote == "USD":
            self.marks[event.asset] = Fraction(event.price)
        units = Fraction(getattr(event, "quantity", 0))
        match event:
            case e.Deposited():
                self._flow("deposited", event.asset, units, 1)
            case e.Withdrawn():
                self._flow("fees", event.asset, Fraction(event.fee), -1)
                self._flow("withdrawn", event.asset, units, -1)
            case e.Transferred():
                self._flow("fees", event.asset, Fraction(event.fee), -1)
            case e.FeeCharged():
                self._flow("fees", event.asset, units, -1)
            case e.IncomeReceived():
                worth = units * self.marks[event.asset]
                worth = worth if event.value is None else Fraction(event.value)
                self.lines["income"] += worth
                self._move(event.asset, units, worth)
            case e.InterestCharged():
                self._flow("interest", event.asset, units, -1)
                owed = units if event.settled == "debt" else Fraction(0)
                place = (account, event.asset)
                self.interest[place] = self.interest.get(place, Fraction(0)) + owed
            case e.Repaid():
                place = (account, event.asset)
                paid = min(Fraction(event.interest), self.interest.get(place, Fraction(0)))
                self.interest[place] = self.interest.get(place, Fraction(0)) - paid
                self._flow("interest", event.asset, Fraction(event.interest) - paid, -1)
            case e.Filled():
                side = 1 if event.side == "buy" else -1
                total = Fraction(event.total)
                if event.position is not None:
                    self._leveraged((account, event.position), units * side, total * side)
                else:
                    worth = total * self.marks[event.quote]
                    self._move(event.asset, units * side, worth * side)
                    self._move(event.quote, -total * side, -worth * side)
                self._flow("fees", event.fee_asset or event.quote, Fraction(event.fee), -1)
                penalty = Fraction(getattr(event, "penalty", 0))
                self._flow("penalties", event.quote, penalty, -1)

    def _flow(self, line: str, asset: str, units: Fraction, sign: int) -> None:
        worth = units * self.marks[asset] if units else Fraction(0)
        self.lines[line] += worth
        self._move(asset, units * sign, worth * sign)

    def _move(self, asset: str, units: Fraction, worth: Fraction) -> None:
        if asset != "USD" and units:
            held, cost = self.assets.get(asset, (Fraction(0), Fraction(0)))
            self.assets[asset] = self._averaged(held, cost, units, worth)

    def _leveraged(self, name: tuple[str, str], units: Fraction, worth: Fraction) -> None:
        held, cost = self.positions.get(name, (Fraction(0), Fraction(0)))
        self.positions[name] = self._averaged(held, cost, units, worth)

    def _averaged(
        self, held: Fraction, cost: Fraction, units: Fraction, worth: Fraction
    ) -> tuple[Fraction, Fraction]:
        """Close against what is there at its average, open the rest at its own price."""
        if held * units >= 0:
            return held + units, cost + worth
        price, average = worth / units, cost / held
        closed = min(abs(units), abs(held))
        sign = 1 if held > 0 else -1
        self.realised += closed * sign * (price - average)
        left = held + units
        return left, left * (average if abs(held) > closed else price)
