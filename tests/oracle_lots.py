"""Lots and shorts as lists, and what is taken off them: the small change of the oracle."""

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

Place = tuple[str, str, str]
"""Account, asset, position; owned units lie in position ""."""


@dataclass
class Lot:
    """Units acquired together: what is left of them, and its basis."""

    account: str  # where it was made
    name: str
    acquired: datetime
    turn: tuple[datetime, int, int]  # when it arrived, sequence, position in the log
    part: int  # of a deposit of several lots
    quantity: Fraction
    basis: Fraction
    known: bool = True
    lain: int = 0  # when it came to lie where it lies, counted through all places


@dataclass
class Short:
    """Units sold short: what is open of them, and its proceeds (None: nobody knows)."""

    opened: datetime
    turn: tuple[datetime, int, int]
    quantity: Fraction
    proceeds: Fraction | None


def oldest_first(lots: list[Lot]) -> list[Lot]:
    """By acquisition, then by the order of the log; of one lot's parts, the longest here first."""
    return sorted(lots, key=lambda lot: (lot.acquired, lot.turn, lot.part, lot.lain))


def first(lots: list[Lot], method: str) -> Lot:
    """The lot that goes first; ties fall to the oldest, then to the order of the log."""
    oldest = oldest_first(lots)
    if method == "lifo":
        newest = max((lot.acquired, lot.turn) for lot in lots)
        return next(lot for lot in oldest if (lot.acquired, lot.turn) == newest)
    if method == "hifo":
        return max(oldest, key=lambda lot: lot.basis / lot.quantity)
    if method == "lofo":
        return min(oldest, key=lambda lot: lot.basis / lot.quantity)
    return oldest[0]


def units_of(lots: list[Lot]) -> Fraction:
    return sum((lot.quantity for lot in lots), Fraction())


def part_of(lot: Lot, quantity: Fraction) -> Lot:
    """Take units off a lot, with their share of its basis."""
    part = replace(lot, quantity=quantity, basis=lot.basis * quantity / lot.quantity)
    lot.quantity -= quantity
    lot.basis -= part.basis
    return part


def part_of_short(short: Short, quantity: Fraction) -> Short:
    """Take units off a short, with their share of its proceeds."""
    if short.proceeds is None:
        part = replace(short, quantity=quantity)
    else:
        part = replace(
            short, quantity=quantity, proceeds=short.proceeds * quantity / short.quantity
        )
        short.proceeds -= part.proceeds or Fraction()
    short.quantity -= quantity
    return part


def take(shorts: list[Short], quantity: Fraction) -> list[Short]:
    """Take open shorts, first opened first, at most all."""
    taken = []
    while quantity > 0 and shorts:
        part = part_of_short(shorts[0], min(quantity, shorts[0].quantity))
        taken.append(part)
        quantity -= part.quantity
        if not shorts[0].quantity:
            del shorts[0]
    return taken


def take_pairs(covers: list[tuple[Lot, Short]], quantity: Fraction) -> list[tuple[Lot, Short]]:
    """Take set-aside units with their shorts, first bought first, at most all."""
    taken = []
    while quantity > 0 and covers:
        lot, short = covers[0]
        units = min(quantity, lot.quantity)
        taken.append((part_of(lot, units), part_of_short(short, units)))
        quantity -= units
        if not lot.quantity:
            del covers[0]
    return taken
