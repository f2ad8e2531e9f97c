"""The adjusted cost base: one weighted average an asset, and losses that are put off.

A purchase fee raises the cost base, a sale's fee lowers the proceeds (ITA s. 47(1), 53). A loss is
superficial as far as the same coin was bought from 30 days before the sale to 30 days after it and
is still held then: of S units sold, P bought in the window and B held at its end, the loss of
min(S, P, B) / S is denied (s. 54; CRA's formula) and added to the cost base of what is held; where
nothing is, it waits for what is bought next (s. 53(1)(f)).

The one trick: told first, figured afterwards, in the order in which things happened.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from attrs import frozen

from domain.money import ZERO, share
from projections.tax.canada.law import AVERAGE, NOTHING, SUPERFICIAL_DAYS
from projections.tax.gains import Matched
from projections.tax.pooled import Arrival, AverageCost, Departure, Sale
from projections.tax.rule import in_force


@frozen
class Sold:
    """A sale, its cost, and the part of its loss that is denied (zero or more)."""

    sale: Sale
    matched: tuple[Matched, ...]
    denied: Decimal
    missing: bool


class CostBase:
    """One asset over all accounts (`Holding` of projections/tax/pooled.py)."""

    def __init__(self) -> None:
        self._told: list[tuple[date, Arrival | Sale | Departure]] = []

    def came(self, arrival: Arrival, day: date) -> None:
        """Units were acquired."""
        self._told.append((day, arrival))

    def sold(self, sale: Sale) -> None:
        """Units were disposed of."""
        self._told.append((sale.day, sale))

    def left(self, departure: Departure) -> None:
        """Units left without a disposal."""
        self._told.append((departure.day, departure))

    def figure(self, last: date) -> tuple[list[Sold], AverageCost]:
        """Every sale up to a day, and the pool at its end; later days decide what is denied."""
        self._told.sort(key=lambda entry: entry[1].at)
        units = _Units(self._told)
        pool, found = AverageCost(), []
        for day, entry in self._told:
            if day > last:
                break
            if isinstance(entry, Arrival):
                pool.add(entry.quantity, entry.cost, missing=not entry.stated)
            elif isinstance(entry, Sale):
                sold = _sold(entry, pool, units)
                pool.cost += sold.denied
                found.append(sold)
            else:
                _leave(pool, entry)
        return found, pool


class _Units:
    """How many units were bought between two days, and how many were held at the end of one."""

    def __init__(self, told: list[tuple[date, Arrival | Sale | Departure]]) -> None:
        self._days: list[date] = []
        self._held: list[Decimal] = []
        self._bought: list[Decimal] = []
        held = bought = ZERO
        for day, entry in told:
            if isinstance(entry, Arrival):
                held += entry.quantity
                bought += entry.quantity if entry.day is not None else ZERO
            else:
                held = max(ZERO, held - entry.quantity)
            self._days.append(day)
            self._held.append(held)
            self._bought.append(bought)

    def bought(self, first: date, last: date) -> Decimal:
        """Units bought from one day to another, both included; those of unknown date are not."""
        return self._at(bisect_right(self._days, last), self._bought) - self._at(
            bisect_left(self._days, first), self._bought
        )

    def held(self, day: date) -> Decimal:
        """Units held at the end of a day."""
        return self._at(bisect_right(self._days, day), self._held)

    def _at(self, place: int, told: list[Decimal]) -> Decimal:
        return told[place - 1] if place else ZERO


def _sold(sale: Sale, pool: AverageCost, units: _Units) -> Sold:
    missing = pool.missing or pool.quantity < sale.quantity
    matched = tuple(_matched(sale, pool))
    loss = sum((part.cost for part in matched), ZERO) - sale.proceeds
    denied = share(loss, _superficial(sale, units), sale.quantity) if loss > 0 else ZERO
    return Sold(sale, matched, denied, missing)


def _matched(sale: Sale, pool: AverageCost) -> Iterator[Matched]:
    owned = min(pool.quantity, sale.quantity)
    if owned:
        yield Matched(rule=AVERAGE, quantity=owned, cost=pool.take(owned))
    if owned < sale.quantity:
        yield Matched(rule=NOTHING, quantity=sale.quantity - owned, cost=ZERO)


def _superficial(sale: Sale, units: _Units) -> Decimal:
    """Units of the sale whose loss is denied: min(S, P, B)."""
    days = timedelta(days=in_force(SUPERFICIAL_DAYS, sale.day.year).value)
    first, last = sale.day - days, sale.day + days
    return min(sale.quantity, units.bought(first, last), units.held(last))


def _leave(pool: AverageCost, departure: Departure) -> None:
    pool.take(min(departure.quantity, pool.quantity))
