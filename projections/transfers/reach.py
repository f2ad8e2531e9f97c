"""How far apart two legs may be and still be one transfer: in amount, and in time.

Venues differ in what they call the amount sent: with the network's fee or without it, and some do
not tell the fee at all. So there are steps, each wider than the one before; what a narrow one
settles is settled. Nothing arrives that was not sent.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from attrs import frozen

from domain.money import CASH
from projections.decisions import EARLY
from projections.transfers.transfer_legs import Leg

Span = tuple[Decimal, Decimal]
"""From an amount to another, both included."""

Amounts = Callable[[Leg], tuple[Span, ...]]
"""What may arrive of what a leg sent: spans without a common point, the least first."""

LATE = timedelta(hours=72)
"""How long a coin may take: the sender's own checks, the chain, the receiver's confirmations."""

SOON = timedelta(hours=6)
"""Within which a coin does arrive, unless somebody holds it back."""

LATE_MONEY = timedelta(days=5)
"""How long money may take: a wire that is sent before a weekend and a holiday."""

LATE_BY_ID = timedelta(days=30)
"""How long a deposit may be held back whose id is that of its withdrawal; ids such as 1 come
again by chance."""

EVER = timedelta(days=402_000)
"""A transaction's id is that of no other one, however late a venue counts it."""

NETWORK = Decimal("0.01")
"""The part of what was sent that a network's fee may take where nobody tells it."""

_MOST = Decimal("0.5")  # of one transaction: more than half lost is another output of it


def whole(leg: Leg) -> tuple[Span, ...]:
    """All that was sent."""
    return ((leg.quantity, leg.quantity),)


def less_fee(leg: Leg) -> tuple[Span, ...]:
    """That, or less by the fee that was told: the amount sent contained it."""
    return _with_fee(leg, leg.quantity)


def near(leg: Leg) -> tuple[Span, ...]:
    """That, or less by a small fee that nobody told."""
    return _with_fee(leg, leg.quantity * (1 - NETWORK))


def most(leg: Leg) -> tuple[Span, ...]:
    """That, or less by what a chain takes of a small amount."""
    return _with_fee(leg, leg.quantity * _MOST)


def _with_fee(leg: Leg, least: Decimal) -> tuple[Span, ...]:
    span = (least, leg.quantity)
    rest = leg.quantity - leg.fee
    return ((rest, rest), span) if 0 < rest < least else (span,)


def late(asset: str) -> timedelta:
    """How long a transfer of an asset may take."""
    return LATE_MONEY if asset in CASH else LATE


@frozen
class Reach:
    """Which deposits may be the other leg of a withdrawal of the same asset.

    `apart`: two legs that both name a transaction are none of this, even if it is the same (then
    it was looked at before).
    """

    amounts: Amounts
    late: timedelta
    apart: bool

    def holds(self, out: Leg, into: Leg) -> bool:
        """Whether one may be the other leg of the other."""
        return (
            out.account != into.account
            and not (self.apart and out.chain and into.chain)
            and -EARLY <= into.at - out.at <= self.late
            and any(least <= into.quantity <= greatest for least, greatest in self.amounts(out))
        )
