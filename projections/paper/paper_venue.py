"""A simulated venue: what a bar makes of the open orders. Pure: a state and a bar, events out.

The bar rule is pessimistic. A bar tells four prices and not their order, so what is worse for the
trader counts as having come first:

1. at the open, at its price: liquidation, then gapped stops, market orders, and what is better at
   the open than it asked for;
2. within the bar, whatever the path was: liquidation at the exact price at which its level is
   reached, then stops at their trigger, then take-profits and limits at their price; of two alike
   the one nearer to the open. What is opened here may be liquidated in the same bar, or its stop be
   reached; its target only where the market must have come by afterwards;
3. a trailing stop follows the best price of bars that have ended, never of the bar it stands in;
   one that waits for its position begins where that is opened.

What happens within a bar bears its last microsecond: a bar of 31 December is of that year.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from domain.bar import Bar
from domain.events import PriceObserved
from projections.paper.order_prices import STOPS, asked, reached, trailed
from projections.paper.orders import Order
from projections.paper.paper_state import PRICES, PaperState
from projections.paper.paper_trades import PaperTrades
from projections.report import instant

_AT_OPEN = (STOPS, ("market",), ("take_profit", "limit"))
_WITHIN = (*STOPS, "take_profit", "limit")
_LAST = timedelta(microseconds=1)


class PaperVenue:
    """What bars make of a state. Each of the three moments of a bar is a method."""

    def __init__(self, state: PaperState) -> None:
        self._state = state
        self._trades = PaperTrades(state)

    def opens(self, bar: Bar) -> None:
        """The bar's first price: `at` its beginning."""
        at, trades = bar.at, self._trades
        self._stand(bar, bar.open, at)
        trades.charge_interest(at)
        trades.settle(at)
        for order in self._orders(bar):
            if order.placed.expires is not None and order.placed.expires <= at:
                trades.cancel(order, at, "expired")
            elif trades.idle(order):
                trades.cancel(order, at, f"there is no position {order.placed.position} to reduce")
            elif order.trigger is None and trades.trails(order, at):
                trades.trail(order, at, trailed(order, bar.open))
        trades.liquidate(bar, at, (bar.open, bar.open))
        tried: set[tuple[str, str]] = set()
        while (gapped := self._next_at_open(bar, tried)) is not None:
            tried.add((gapped.account, gapped.placed.id))
            self._stand(bar, bar.open, at)
            trades.fill(gapped, bar.open, at, "taker")

    def runs(self, bar: Bar) -> None:
        """All its other prices, at its last microsecond."""
        at, trades = bar.ends - _LAST, self._trades
        self._stand(bar, bar.open, at)
        trades.charge_interest(at)
        trades.liquidate(bar, at, (bar.low, bar.high))
        tried: set[tuple[str, str]] = set()
        entries: dict[_Place, _Entry] = {}
        while (found := self._next_within(bar, tried, entries)) is not None:
            order, price, rested = found.order, found.price, found.turn != _AT_ONCE
            tried.add((order.account, order.placed.id))
            self._stand(bar, price, at)
            liquidity = "maker" if order.placed.kind == "limit" and rested else "taker"
            before = trades.behind(order)
            if trades.fill(order, price, at, liquidity):
                trades.liquidate(bar, at, (bar.low, bar.high))
            if trades.behind(order) > before:
                entries[_place(order)] = _Entry(price, before)
        for order in self._orders(bar, ("trailing_stop",)):
            if trades.trails(order, bar.at) and not _expires(order, bar):
                best = bar.high if order.placed.side == "sell" else bar.low
                trades.trail(order, at, trailed(order, best))

    def closes(self, bar: Bar) -> None:
        """Its close is known, when it has ended."""
        event = PriceObserved(
            at=bar.ends,
            id=f"bar-{bar.asset}-{bar.quote}-{instant(bar.at)}",
            asset=bar.asset,
            quote=bar.quote,
            price=bar.close,
            source="close of a paper session's bar",
        )
        self._state.make(PRICES, event)

    def _next_at_open(self, bar: Bar, tried: set[tuple[str, str]]) -> Order | None:
        """The order that fills next at the open. Asked anew after every fill, as within the bar."""
        for kinds in _AT_OPEN:
            for order in self._orders(bar, kinds):
                if (order.account, order.placed.id) in tried or not reached(order, bar.open):
                    continue
                if order.placed.kind == "market" or not self._trades.waits(order):
                    return order
        return None

    def _next_within(
        self, bar: Bar, tried: set[tuple[str, str]], entries: "dict[_Place, _Entry]"
    ) -> "_Reached | None":
        """The order that the bar reaches next; one that waits is not asked.

        It is asked for anew after every fill, so the stop of what was just opened comes before its
        target, and before anything else.
        """
        candidates = (
            _reached_within(order, bar, entries.get(_place(order)))
            for order in self._orders(bar, _WITHIN)
            if not _expires(order, bar)
            and (order.account, order.placed.id) not in tried
            and not self._trades.waits(order)
        )
        return min((found for found in candidates if found is not None), default=None)

    def _stand(self, bar: Bar, price: Decimal, at: datetime) -> None:
        self._state.marks.stand(bar.asset, bar.quote, price, at)

    def _orders(self, bar: Bar, kinds: tuple[str, ...] | None = None) -> Iterator[Order]:
        """The open orders of the bar's pair that were there when it began, as they were placed."""
        for order in self._state.orders.open():
            placed = order.placed
            of_pair = (placed.asset, placed.quote) == (bar.asset, bar.quote)
            if of_pair and placed.at <= bar.at and (kinds is None or placed.kind in kinds):
                yield order


_Place = tuple[str, str, str]
_AT_ONCE, _STOP, _OTHER = range(3)


class _Entry(NamedTuple):
    """What a bar opened within: at which price, and how many units were there before."""

    price: Decimal
    before: Decimal


class _Reached(NamedTuple):
    """An order that a bar reaches, at a price. They sort by whose turn it is."""

    turn: int
    distance: Decimal
    number: int
    price: Decimal
    order: Order


def _place(order: Order) -> _Place:
    """What an order adds to or takes from: a position, or the coins of an account."""
    return order.account, order.placed.position or "", order.placed.asset


def _reached_within(order: Order, bar: Bar, entry: _Entry | None) -> _Reached | None:
    """Whether a bar reaches an order after its open.

    An exit of what was opened in this bar: at once, if its price was passed there; a stop where
    the bar ever was; a target only where the market was afterwards on every path.
    """
    price, turn = asked(order), _STOP if order.placed.kind in STOPS else _OTHER
    if price is None:
        return None
    low, high = bar.low, bar.high
    if entry is not None and _is_exit(order) and order.left > entry.before:
        if reached(order, entry.price):
            price, turn = entry.price, _AT_ONCE
        elif turn == _OTHER:
            low = low if entry.price < bar.open else min(entry.price, bar.close)
            high = high if entry.price > bar.open else max(entry.price, bar.close)
    if not low <= price <= high:
        return None
    return _Reached(turn, abs(price - bar.open), order.number, price, order)


def _is_exit(order: Order) -> bool:
    placed = order.placed
    return placed.reduce_only or (placed.position is None and placed.side == "sell")


def _expires(order: Order, bar: Bar) -> bool:
    """Whether it expires before the bar ends: it may fill at the open alone."""
    return order.placed.expires is not None and order.placed.expires < bar.ends
