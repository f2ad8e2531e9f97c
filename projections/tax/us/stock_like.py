"""Short sales of coins as those of stock (policy `short_sale` stock_like; IRC 1233(b), (d), (e)).

The law looks at the identical property that one holds beside the short (Pub. 550 (2025) pp. 85-86):

- held one year or less when the short was opened, or acquired after it and by its close: the gain
  on the close is short-term, and the time of that property begins anew at the close, or at its own
  sale where that comes first;
- held more than one year when it was opened: a loss on the close is long-term;
- only up to the amount of that property, taken in the order in which it was acquired.

The one trick: each short lays a claim on so many units of a lot as it refers to. A unit answers for
one open short at a time; what is bought for a short and set aside answers for that one.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from attrs import evolve

from domain.lot import UNTREATED, Disposal, Lot, Slice, long_term
from domain.methods import fifo
from domain.money import ZERO
from projections.lot_rules import LotRule
from projections.lots import LotBook
from projections.shorts import Short

Name = tuple[int, str]
"""What a lot is known by: the log position of its event, and its id."""


class Claim:
    """Units of a lot that a short refers to: when it was opened held a year or less (`near`)."""

    __slots__ = ("lot", "near", "units")

    def __init__(self, lot: Name, near: bool, units: Decimal) -> None:
        self.lot = lot
        self.near = near
        self.units = units

    def take(self, units: Decimal) -> Decimal:
        """Claim up to `units` less; return how many."""
        taken = min(units, self.units)
        self.units -= taken
        return taken


class OpenShort:
    """A short that is open: how much of it is closed, and how much property it refers to in all."""

    __slots__ = ("claims", "closed", "day", "near", "old", "quantity")

    def __init__(self, day: date) -> None:
        self.day = day
        self.quantity = ZERO
        self.closed = ZERO
        self.near = ZERO
        self.old = ZERO
        self.claims: list[Claim] = []

    def refer(self, lot: Lot, units: Decimal) -> Decimal:
        """Refer to up to so many units of a lot, as far as units sold short lack some."""
        near = not long_term(lot.held_from, self.day)
        units = min(units, self.quantity - (self.near if near else self.old))
        if units:
            self.claims.append(Claim(_name(lot), near, units))
            if near:
                self.near += units
            else:
                self.old += units
        return units


class StockLike(LotRule):
    """The open shorts of a book of lots, and what they do to its lots and rows."""

    def __init__(self, book: LotBook) -> None:
        self._book = book
        self._open: dict[str, dict[int, OpenShort]] = {}

    def sold_short(self, asset: str, short: Short) -> None:
        """A short was opened: it refers to what is held, first acquired first."""
        if short.proceeds is None:  # it will make no row: a finding already
            return
        shorts = self._open.setdefault(asset, {})
        claimed = _claimed(shorts.values())
        opened = shorts.setdefault(short.position, OpenShort(short.opened_day))
        opened.quantity += short.quantity
        for lot in sorted(self._book.lots_of(asset), key=lambda held: fifo(held.lot)):
            name, units = _name(lot.lot), lot.quantity
            taken = min(units, claimed.get(name, ZERO))
            if taken:
                claimed[name] -= taken
            opened.refer(lot.lot, units - taken)

    def acquired(self, asset: str, lot: Lot) -> Iterable[Lot]:
        """Property came in while shorts are open: they refer to it, first opened first."""
        left = lot.quantity
        for opened in self._open.get(asset, {}).values():
            left -= opened.refer(lot, left)
        return (lot,)

    def set_aside(self, asset: str, quantity: Decimal, short: Short) -> None:
        """Units were bought for a short: property acquired after it."""
        opened = self._open.get(asset, {}).get(short.position)
        if opened is not None:
            opened.near += min(quantity, opened.quantity - opened.near)

    def rows(self, disposal: Disposal) -> Iterable[Disposal]:
        """What a short that closes, or property beside an open one, is in the eyes of the law."""
        shorts = self._open.get(disposal.asset)
        if not shorts:
            return (disposal,)
        if disposal.kind != "short":
            return _sold(shorts, disposal)
        opened = shorts.get(disposal.opened_position)
        if opened is None:
            return (disposal,)
        rows = tuple(_closed(opened, disposal))
        self._begin_anew(opened, disposal)
        if opened.closed == opened.quantity:
            del shorts[disposal.opened_position]
        return rows

    def _begin_anew(self, opened: OpenShort, close: Disposal) -> None:
        """The time of property begins at the close: of as many units as are closed.

        Property that is delivered itself has its share in these.
        """
        opened.closed += close.quantity
        near = [claim for claim in opened.claims if claim.near]
        left = close.quantity
        for claim in near:
            if claim.lot == (close.lot_position, close.lot):
                left -= claim.take(left)
        for claim in near:
            units = claim.take(left)
            if units:
                left -= units
                self._restart(claim.lot, units, close)

    def _restart(self, lot: Name, units: Decimal, close: Disposal) -> None:
        def anew(part: Slice) -> None:
            before = part.lot.treatment or UNTREATED
            events = (*before.events, close.position)
            treatment = evolve(before, held_from=close.sold_day, events=events)
            part.lot = evolve(part.lot, treatment=treatment)

        self._book.alter(close.asset, lambda held: _name(held) == lot, units, anew)


def _closed(opened: OpenShort, close: Disposal) -> Iterator[Disposal]:
    """The close of a short, in parts: what the property decides, and what it does not reach."""
    gain = close.gain
    term, reach = ("short", opened.near) if gain > 0 else ("long", opened.old)
    units = min(close.quantity, max(reach - opened.closed, ZERO))
    if not gain or not units or close.long == (term == "long"):
        yield close
        return
    decided, rest = close.split(units)
    yield decided.treated(term=term)
    if rest is not None:
        yield rest


def _sold(shorts: Mapping[int, OpenShort], sale: Disposal) -> Iterator[Disposal]:
    """Property sold while shorts refer to it: its time begins at its own sale."""
    left, near = sale.quantity, ZERO
    events: tuple[int, ...] = ()
    for position, opened in shorts.items():
        for claim in opened.claims:
            if claim.lot == (sale.lot_position, sale.lot):
                units = claim.take(left)
                left -= units
                if claim.near and units:
                    near += units
                    events += (position,)
    if not near or not sale.long:
        yield sale
        return
    anew, rest = sale.split(near)
    yield anew.treated(events, held_from=sale.sold_day)
    if rest is not None:
        yield rest


def _claimed(shorts: Iterable[OpenShort]) -> dict[Name, Decimal]:
    """The units of each lot that open shorts refer to."""
    claimed: dict[Name, Decimal] = {}
    for opened in shorts:
        for claim in opened.claims:
            claimed[claim.lot] = claimed.get(claim.lot, ZERO) + claim.units
    return claimed


def _name(lot: Lot) -> Name:
    return lot.position, lot.id
