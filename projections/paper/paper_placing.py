"""What speaks against an order when it is placed, and what it leaves unsaid.

An order is a decision of our own, so one that contradicts what is known is refused with its reason.
Whether it can be paid for is asked when it fills: until then money may come in.
"""

from collections.abc import Iterator
from decimal import Decimal

from attrs import evolve

from domain.account import Account
from domain.events import OrderPlaced
from domain.money import ZERO, plain
from projections.paper.order_prices import trailed_from
from projections.paper.orders import Order
from projections.paper.paper_margin import too_much_leverage
from projections.paper.paper_state import PRICES, PaperState
from projections.report import instant


def completed(state: PaperState, account: str, order: OrderPlaced) -> OrderPlaced:
    """The order with what follows: where a trailing stop begins, and that an exit opens nothing."""
    own, name = state.accounts.get(account), order.position
    position = None if own is None or name is None else own.positions.get(name)
    if name is not None and order.leverage is None and not order.reduce_only:
        if position is None:
            other = any(o.placed.side != order.side for o in _entries(state, account, name))
        else:
            other = (position.side > 0) is (order.side == "sell")
        order = evolve(order, reduce_only=True) if other else order
    waits = order.reduce_only and position is None
    mark = state.price(order.asset, order.quote)
    if order.kind != "trailing_stop" or order.trigger is not None or mark is None or waits:
        return order
    trigger = trailed_from(order, mark)
    return evolve(order, trigger=trigger) if trigger > 0 else order


def objection(state: PaperState, account: str, order: OrderPlaced) -> str:
    """Why an order cannot be placed; "" if it can. To be called inside `exact()`."""
    own, last = state.accounts.get(account), state.bars.last
    if own is None or account == PRICES:
        return f"{account} is not open: marginbook paper open --account {account}"
    if last is not None and order.at < last:
        return (
            f"the session has run to {instant(last)}: no order can be placed at {instant(order.at)}"
        )
    return (
        _on_the_wrong_side(order, state.price(order.asset, order.quote))
        or (_of_a_position(state, own, order) if order.position else "")
        or ("" if order.position else _of_coins(state, own, order))
    )


def _entries(state: PaperState, account: str, position: str) -> Iterator[Order]:
    """The open orders that open a position."""
    return (
        order
        for order in state.orders.open(account)
        if order.placed.position == position and not order.placed.reduce_only
    )


def _on_the_wrong_side(order: OrderPlaced, mark: Decimal | None) -> str:
    """A stop waits for a worse price, a target for a better one."""
    if mark is None or order.trigger is None:
        return ""
    waits_below = (order.side == "sell") is (order.kind != "take_profit")
    if order.trigger < mark if waits_below else order.trigger > mark:
        return ""
    side = "below" if waits_below else "above"
    pair = f"{order.asset}/{order.quote}"
    return (
        f"a {order.kind} order to {order.side} waits for a price {side} the market:"
        f" {plain(order.trigger)} is not, {pair} stands at {plain(mark)}"
    )


def _of_a_position(state: PaperState, own: Account, order: OrderPlaced) -> str:
    name = order.position or ""
    position = own.positions.get(name)
    if position is not None and (position.asset, position.quote) != (order.asset, order.quote):
        return f"position {name} is of {position.asset}/{position.quote}"
    if order.reduce_only:
        own_side = "buy" if position is None or position.side > 0 else "sell"
        if position is not None:
            return "" if own_side != order.side else f"this would enlarge position {name}"
        if any(o.placed.side != order.side for o in _entries(state, own.name, name)):
            return ""
        return f"there is no position {name}, and no open order that opens one"
    terms = state.terms(own.name)
    if terms is None:
        return "the account has no margin terms: marginbook paper open --preset or --model"
    if own.margin_of(order.quantity, order.leverage) is None:
        return "neither the order nor the terms say the leverage: give --leverage"
    return too_much_leverage(terms, order.leverage)


def _of_coins(state: PaperState, own: Account, order: OrderPlaced) -> str:
    """Coins that are sold are held, or an open order buys them."""
    if order.side == "buy":
        return ""
    coming = sum(
        (
            o.left
            for o in state.orders.open(own.name)
            if o.placed.side == "buy" and o.placed.asset == order.asset and not o.placed.position
        ),
        ZERO,
    )
    held = own.held.get(order.asset, ZERO)
    if order.quantity <= held + coming:
        return ""
    return (
        f"{plain(order.quantity)} {order.asset} are more than the {plain(held)} that are held: to"
        " sell short, give --leverage"
    )
