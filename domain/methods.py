"""Which lot goes first: a method is nothing but an order.

FIFO is the law's default. The others are standing orders of specific identification and count only
from the instant they were elected (Reg. 1.1012-1(j)); who may use which, and when, is the law's
business. Ties fall to the oldest lot, then to the order of the log.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from domain.errors import UnknownName
from domain.lot import Lot
from domain.money import ratio

Order = Callable[[Lot], tuple[Any, ...]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fifo(lot: Lot) -> tuple[Any, ...]:
    """Oldest first; parts of one event as they were stated (ID/2 before ID/10)."""
    arrived = lot.arrived or lot.acquired
    return (lot.acquired, arrived, lot.place, lot.position, len(lot.id), lot.id)


def lifo(lot: Lot) -> tuple[Any, ...]:
    """Newest first."""
    arrived = _EPOCH - (lot.arrived or lot.acquired)
    return (_EPOCH - lot.acquired, arrived, -lot.place, -lot.position, len(lot.id), lot.id)


def hifo(lot: Lot) -> tuple[Any, ...]:
    """Dearest unit first, fees included; among equals the oldest."""
    return (-ratio(lot.basis, lot.quantity), *fifo(lot))


def lofo(lot: Lot) -> tuple[Any, ...]:
    """Cheapest unit first, fees included; among equals the oldest."""
    return (ratio(lot.basis, lot.quantity), *fifo(lot))


ORDERS: dict[str, Order] = {"fifo": fifo, "lifo": lifo, "hifo": hifo, "lofo": lofo}

LAWFUL = "spec_id"
"""The book's own treatment: picks, else the standing order in force, else FIFO."""


def method_name(name: str | None) -> str:
    """A known method's name; None is the lawful default. Raises `UnknownName`."""
    if name is None:
        return LAWFUL
    if name != LAWFUL and name not in ORDERS:
        msg = f"no method is called {name!r}; known: {LAWFUL}, {', '.join(ORDERS)}"
        raise UnknownName(msg)
    return name
