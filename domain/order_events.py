"""Orders: what was asked of a simulated venue before anything was traded. Of paper books alone.

An order says when it may fill by its kind: `market` at once; `limit` at `price` or better;
`stop_loss` and `take_profit` once the market is at `trigger`, the one against the trader, the other
for him; `trailing_stop` once the market comes back by `trail` (units of the quote) or `trail_rate`
(a part of the price) from the best price since. What was filled of it are `filled` events that name
it in `order`. (FIX 5.0: OrdType 1, 2, 3, J and P; ExecInst 6 and E; TimeInForce 6.)
"""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from domain.errors import InvalidEvent
from domain.event import Event
from domain.fields import flag, instant, one_of, positive, text
from domain.money import ONE


@frozen(kw_only=True)
class OrderPlaced(Event):
    """An order for `quantity` units of `asset` against `quote`.

    With `position` it opens, enlarges or reduces that position, and the venue lends what `leverage`
    says; `reduce_only`: it never opens one. Without `position` it trades what the account holds.
    `trigger` of a trailing stop is where it stands when it is placed. It rests until `expires`.
    """

    side: str = one_of("buy", "sell")
    asset: str = text()
    quantity: Decimal = positive()
    quote: str = text()
    kind: str = one_of("market", "limit", "stop_loss", "take_profit", "trailing_stop")
    price: Decimal | None = positive(default=None)
    trigger: Decimal | None = positive(default=None)
    trail: Decimal | None = positive(default=None)
    trail_rate: Decimal | None = positive(default=None)
    position: str | None = text(default=None)
    leverage: Decimal | None = positive(default=None)
    reduce_only: bool = flag(default=False)
    expires: datetime | None = instant(default=None)

    def __attrs_post_init__(self) -> None:
        for name in ("price", "trigger", "trail", "trail_rate"):
            self._judge(name, _PRICES[self.kind].get(name))
        if self.kind == "trailing_stop" and (self.trail is None) == (self.trail_rate is None):
            problem = "or trail_rate, one of the two, is what a trailing_stop needs"
            raise InvalidEvent("trail", self.trail, problem)
        if self.trail_rate is not None and self.trail_rate >= ONE:
            raise InvalidEvent("trail_rate", self.trail_rate, "must be a part below 1")
        if self.asset == self.quote:
            raise InvalidEvent("quote", self.quote, "must be another asset than the one traded")
        if self.position is None and self.leverage is not None:
            raise InvalidEvent("leverage", self.leverage, "is of a position: name it")
        if self.position is None and self.reduce_only:
            raise InvalidEvent("reduce_only", True, "is for an order of a position: name it")
        if self.expires is not None and self.expires <= self.at:
            raise InvalidEvent("expires", self.expires.isoformat(), "must be later than `at`")

    def _judge(self, name: str, wanted: bool | None) -> None:
        """`wanted`: True, it must be there; None, it must not; False, it may."""
        given = getattr(self, name)
        if wanted and given is None:
            raise InvalidEvent(name, None, f"is missing: a {self.kind} order has one")
        if wanted is None and given is not None:
            raise InvalidEvent(name, given, f"has no meaning for a {self.kind} order")


_PRICES: dict[str, dict[str, bool]] = {
    "market": {},
    "limit": {"price": True},
    "stop_loss": {"trigger": True},
    "take_profit": {"trigger": True},
    "trailing_stop": {"trigger": False, "trail": False, "trail_rate": False},
}
"""Which prices each kind of order has, and whether it must."""


@frozen(kw_only=True)
class OrderCancelled(Event):
    """What is left of an order will not be filled: its owner took it back, or the venue did."""

    order: str = text()
    reason: str = text()


@frozen(kw_only=True)
class OrderTrailed(Event):
    """The price came to be better: a trailing stop stands at another `trigger` now."""

    order: str = text()
    trigger: Decimal = positive()
