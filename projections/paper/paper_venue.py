"""A simulated venue: what a bar makes of the open orders. Pure: a state and a bar, events out.

The bar rule is pessimistic. A bar tells four prices and not their order, so what is worse for the
trader counts as having come first:

1. at the open, at its price: liquidation, then gapped stops, market orders, and what is better at
   the open than it asked for;
2. within the bar, whatever the path was: liquidation at the exact price at which its level is
   reached, then stops at their trigger, then take-profits and limits at their price; of two alike
   the one nearer to the open. What is opened here may be liquidated in the same bar, and then its
   stop be reached, before its target is;
3. a trailing stop follows the best price of bars that have ended, never of the bar it stands in;
   one that waits for its position begins where that is opened.

What happens within a bar bears its last microsecond: a bar of 31 December is of that year.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from domain.bar import Bar
from domain.events import PriceObserved
from projections.paper.order_prices import STOPS, asked, reached, trailed
from projections.paper.orders import Order
from projections.paper.paper_state import PRICES, PaperState
from projections.paper.paper_trades import PaperTrades
from projections.report import instant

_AT_OPEN = (STOPS, ("market",), ("take_profit", "limit"))
_WITHIN = (STOPS, ("take_profit", "limit"))
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
        for kinds in _AT_OPEN:
            for order in self._orders(bar, kinds):
                if order.is_open and reached(order, bar.open):
                    self._stand(bar, bar.open, at)
                    trades.fill(order, bar.open, at, "taker")

    def runs(self, bar: Bar) -> None:
        """All its other prices, at its last microsecond."""
        at, trades = bar.ends - _LAST, self._trades
        self._stand(bar, bar.open, at)
        trades.charge_interest(at)
        trades.liquidate(bar, at, (bar.low, bar.high))
        tried: set[tuple[str, str]] = set()
        while (found := self._next_within(bar, tried)) is not None:
            order, price = found
            tried.add((order.account, order.placed.id))
            self._stand(bar, price, at)
            liquidity = "maker" if order.placed.kind == "limit" else "taker"
            if trades.fill(order, price, at, liquidity):
                trades.liquidate(bar, at, (bar.low, bar.high))
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

    def _next_within(self, bar: Bar, tried: set[tuple[str, str]]) -> tuple[Order, Decimal] | None:
        """The order that the bar reaches next, at its price: what waits for a position does not.

        It is asked for anew after every fill, so the stop of what was just opened comes before its
        target, and before anything else.
        """
        for kinds in _WITHIN:
            reached_here = [
                (_distance(order, bar), order, price)
                for order in self._orders(bar, kinds)
                if not _expires(order, bar)
                and (order.account, order.placed.id) not in tried
                and not self._trades.waits(order)
                and (price := asked(order)) is not None
                and bar.low <= price <= bar.high
            ]
            if reached_here:
                _, order, price = min(reached_here, key=lambda each: each[0])
                return order, price
        return None

    def _stand(self, bar: Bar, price: Decimal, at: datetime) -> None:
        self._state.marks.stand(bar.asset, bar.quote, price, at)

    def _orders(self, bar: Bar, kinds: tuple[str, ...] | None = None) -> Iterator[Order]:
        """The open orders of the bar's pair that were there when it began, as they were placed."""
        for order in self._state.orders.open():
            placed = order.placed
            of_pair = (placed.asset, placed.quote) == (bar.asset, bar.quote)
            if of_pair and placed.at <= bar.at and (kinds is None or placed.kind in kinds):
                yield order


def _distance(order: Order, bar: Bar) -> tuple[Decimal, int]:
    return abs((asked(order) or bar.open) - bar.open), order.number


def _expires(order: Order, bar: Bar) -> bool:
    """Whether it expires before the bar ends: it may fill at the open alone."""
    return order.placed.expires is not None and order.placed.expires < bar.ends
