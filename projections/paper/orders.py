"""Orders: which are open, and what became of the others.

The one trick: an order is what was placed, less what was filled of it, until it is cancelled; no
event says that it is filled. So the open orders follow from the log alone, wherever it stops.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from domain.events import EVENTS, Event, Filled, OrderCancelled, OrderPlaced, OrderTrailed
from domain.money import ZERO
from domain.recorded import Recorded
from projections.replay import Steps
from projections.report import Report


@frozen(kw_only=True)
class OrderState(Report):
    """An order and what became of it: `open`, `filled` or `cancelled` (`reason`), since `until`.

    `trigger` is where a trailing stop stands now; `filled` are units of the asset.
    """

    account: str
    order: str
    at: datetime
    side: str
    quantity: Decimal
    asset: str
    quote: str
    kind: str
    price: Decimal | None
    trigger: Decimal | None
    trail: Decimal | None
    trail_rate: Decimal | None
    position: str | None
    leverage: Decimal | None
    reduce_only: bool
    expires: datetime | None
    status: str
    filled: Decimal
    until: datetime | None
    reason: str


class Order:
    """An order in the making: mutable, the accumulator of the fold."""

    __slots__ = ("account", "filled", "number", "placed", "reason", "trigger", "until")

    def __init__(self, recorded: Recorded, placed: OrderPlaced) -> None:
        self.account = recorded.account
        self.placed = placed
        self.number = recorded.position
        """Its position in the log: who was placed first."""
        self.trigger = placed.trigger
        self.filled = ZERO
        self.reason = ""
        self.until: datetime | None = None

    @property
    def left(self) -> Decimal:
        """Units that are not filled."""
        return self.placed.quantity - self.filled

    @property
    def is_open(self) -> bool:
        """Whether it may still fill."""
        return self.until is None

    def state(self) -> OrderState:
        """The order as it is reported."""
        placed = self.placed
        return OrderState(
            account=self.account,
            order=placed.id,
            at=placed.at,
            side=placed.side,
            quantity=placed.quantity,
            asset=placed.asset,
            quote=placed.quote,
            kind=placed.kind,
            price=placed.price,
            trigger=self.trigger,
            trail=placed.trail,
            trail_rate=placed.trail_rate,
            position=placed.position,
            leverage=placed.leverage,
            reduce_only=placed.reduce_only,
            expires=placed.expires,
            status="open" if self.is_open else "cancelled" if self.reason else "filled",
            filled=self.filled,
            until=self.until,
            reason=self.reason,
        )


class Orders:
    """The fold. `ended` are kept only where they are asked for."""

    def __init__(self, *, keep_ended: bool = False) -> None:
        self._open: dict[tuple[str, str], Order] = {}
        self._ended: list[Order] | None = [] if keep_ended else None
        self.steps: Steps = {
            OrderPlaced: self._placed,
            OrderTrailed: self._trailed,
            OrderCancelled: self._cancelled,
            Filled: self._filled,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def open(self, account: str | None = None) -> Iterator[Order]:
        """The open orders of an account (None: of all), as they were placed."""
        return (o for o in list(self._open.values()) if account in (None, o.account))

    def find(self, account: str, name: str) -> Order | None:
        """An open order."""
        return self._open.get((account, name))

    def all(self) -> tuple[OrderState, ...]:
        """Every order that is kept, as it was placed."""
        kept = [*self._open.values(), *(self._ended or ())]
        return tuple(order.state() for order in sorted(kept, key=lambda order: order.number))

    def _placed(self, recorded: Recorded, event: OrderPlaced) -> None:
        self._open[recorded.account, event.id] = Order(recorded, event)

    def _trailed(self, recorded: Recorded, event: OrderTrailed) -> None:
        order = self._open.get((recorded.account, event.order))
        if order is not None:
            order.trigger = event.trigger

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        order = self._open.get((recorded.account, event.order or ""))
        if order is not None:
            order.filled += event.quantity
            if order.left <= 0:
                self._end(order, event.at, "")

    def _cancelled(self, recorded: Recorded, event: OrderCancelled) -> None:
        order = self._open.get((recorded.account, event.order))
        if order is not None:
            self._end(order, event.at, event.reason)

    def _end(self, order: Order, at: datetime, reason: str) -> None:
        order.until, order.reason = at, reason
        del self._open[order.account, order.placed.id]
        if self._ended is not None:
            self._ended.append(order)
