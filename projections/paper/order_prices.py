"""The price that an order waits for, and where a trailing stop stands.

Stops wait for a worse price than the market's, targets and limits for a better one. Prices are of
one unit of the asset in the quote; all of it is exact.
"""

from decimal import Decimal

from domain.events import OrderPlaced
from domain.money import ONE, difference, product
from projections.paper.orders import Order

STOPS = ("stop_loss", "trailing_stop")
"""The kinds of order that fill when the market goes against the trader."""


def asked(order: Order) -> Decimal | None:
    """The price that an order waits for; None for a market order."""
    return order.placed.price if order.placed.kind == "limit" else order.trigger


def reached(order: Order, price: Decimal) -> bool:
    """Whether an order may fill at a price: it is where it waits for, or beyond."""
    kind, wanted = order.placed.kind, asked(order)
    if kind == "market":
        return True
    if wanted is None:
        return False
    waits_below = (order.placed.side == "sell") is (kind in STOPS)
    return price <= wanted if waits_below else price >= wanted


def trailed(order: Order, best: Decimal) -> Decimal:
    """Where a trailing stop stands if the market was at `best`: never worse than it stood."""
    trigger = trailed_from(order.placed, best)
    if order.trigger is None:
        return trigger
    nearer = min if order.placed.side == "buy" else max
    return nearer(order.trigger, trigger)


def trailed_from(placed: OrderPlaced, best: Decimal) -> Decimal:
    """The trail behind a price: below it for a sale, above it for a purchase."""
    trail = placed.trail
    if trail is None:
        trail = product(best, placed.trail_rate or ONE)
    return difference(best, trail if placed.side == "sell" else -trail)
