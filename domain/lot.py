"""Lots: units acquired together, and what becomes of them.

A lot carries one date and one TOTAL basis. Splitting it never computes a unit price: a part takes
its share of the basis that is left, and the last part takes what remains, so basis is conserved
exactly.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve, field, frozen

from domain.filling import quickly_made
from domain.money import ZERO, difference, share
from domain.price import Chosen


@frozen
class Treatment:
    """What the law says of units beyond their purchase and sale, where a policy lets it say so.

    `held_from` is the day from which their time counts, `term` what they are whatever their time,
    `disallowed` the part of a loss in USD that counts later (Form 8949, columns (f) and (g)), and
    `replaces` whether they carry the loss of others. `events`: log positions of what it stands on.
    """

    held_from: date | None = None
    term: str = ""
    disallowed: Decimal = ZERO
    replaces: bool = False
    events: tuple[int, ...] = ()


UNTREATED = Treatment()


@quickly_made
@frozen
class Lot:
    """`quantity` units of one asset, acquired at one instant for `basis` USD in all, fees included.

    `id` is that of the event that made it. `acquired` (UTC) decides the order, `day` (in the book's
    tax zone) the term; `day` is None where nobody has said when the units were bought, and `basis`
    is zero and not `stated` where nobody has said for how much. `loss_basis` is a gift's basis for
    a loss (IRC 1015(a)). Ties of `acquired` fall to what `arrived` first (None: when
    acquired), then to `place` and `position`, as in the log.
    """

    id: str
    acquired: datetime
    day: date | None
    place: int
    position: int
    quantity: Decimal
    basis: Decimal
    stated: bool = True
    loss_basis: Decimal | None = None
    arrived: datetime | None = None
    account: str = ""
    """Where it was acquired; it may lie elsewhere by now."""
    given: date | None = None
    """The day a gift was given: its time begins there where it is sold at a loss."""
    treatment: Treatment | None = None
    priced: tuple[Chosen, ...] = field(default=(), eq=False)
    """The prices that its basis stands on: evidence, no part of what it is."""

    @property
    def held_from(self) -> date:
        """The day from which its time counts: when it was acquired, or as the law says."""
        told = None if self.treatment is None else self.treatment.held_from
        return told or self.day or self.acquired.date()

    def is_called(self, name: str) -> bool:
        """Whether a pick means this lot: by its own id or its event's, or by ACCOUNT#ID."""
        account, mark, event = name.rpartition("#")
        if mark and account != self.account:
            return False
        return self.id == event or self.id.startswith(f"{event}/")


class OpenLot:
    """What is left of a lot, and the account in which it lies."""

    __slots__ = ("basis", "loss_basis", "lot", "place", "quantity")

    def __init__(self, lot: Lot, place: str = "") -> None:
        self.lot = lot
        self.place = place
        self.quantity = lot.quantity
        self.basis = lot.basis
        self.loss_basis = lot.loss_basis

    @classmethod
    def of(cls, part: "Slice", place: str = "") -> "OpenLot":
        """A slice that lies open again, in another place."""
        lot = cls(part.lot, place)
        lot.quantity, lot.basis, lot.loss_basis = part.quantity, part.basis, part.loss_basis
        return lot

    def take(self, quantity: Decimal) -> "Slice":
        """Take `quantity` units off, at most what is left, with their share of the basis."""
        if quantity == self.quantity:
            whole = Slice(self.lot, self.quantity, self.basis, self.loss_basis)
            self.quantity -= quantity
            self.basis -= self.basis
            return whole
        basis = share(self.basis, quantity, self.quantity)
        loss_basis = self.loss_basis
        if loss_basis is not None:
            loss_basis = share(loss_basis, quantity, self.quantity)
            self.loss_basis = self.loss_basis - loss_basis  # type: ignore[operator]
        self.quantity -= quantity
        self.basis -= basis
        return Slice(self.lot, quantity, basis, loss_basis)


class Slice:
    """Units taken off a lot, with their exact share of its basis."""

    __slots__ = ("basis", "loss_basis", "lot", "quantity")

    def __init__(
        self, lot: Lot, quantity: Decimal, basis: Decimal, loss_basis: Decimal | None = None
    ) -> None:
        self.lot = lot
        self.quantity = quantity
        self.basis = basis
        self.loss_basis = loss_basis

    def bear(self, cost: Decimal) -> None:
        """Add a cost to the basis; it counts where lots rank by basis per unit."""
        self.basis += cost
        self.lot = evolve(self.lot, quantity=self.quantity, basis=self.basis)


@quickly_made
@frozen
class Disposal:
    """One lot slice sold: a row of Form 8949 before rounding. Amounts are exact USD.

    `kind` is `sale`, `liquidation`, `fee`, `interest`, `spent`, `repayment` (of a loan that was an
    exchange), `short` (a short sale closed: the lot is what was delivered), `contract` or `rebate`.
    `missing` says what nobody has stated: `basis`.
    """

    account: str
    asset: str
    quantity: Decimal
    lot: str
    acquired: datetime
    acquired_day: date | None
    sold: datetime
    sold_day: date
    proceeds: Decimal
    basis: Decimal
    event: str
    position: int
    lot_position: int
    kind: str
    identified: str
    missing: str = ""
    opened_position: int = 0
    """The log position of the sale that opened a short, 0 where none was."""
    treatment: Treatment | None = None
    priced: tuple[Chosen, ...] = field(default=(), eq=False)
    """The prices that the proceeds stand on: evidence, no part of what it is."""
    basis_priced: tuple[Chosen, ...] = field(default=(), eq=False)

    @property
    def disallowed(self) -> Decimal:
        """The part of the loss that counts later, in USD."""
        return ZERO if self.treatment is None else self.treatment.disallowed

    @property
    def gain(self) -> Decimal:
        gain = difference(self.proceeds, self.basis)
        return difference(gain, -self.disallowed) if self.disallowed else gain

    @property
    def held_from(self) -> date:
        """The day from which the time of the units counts."""
        told = None if self.treatment is None else self.treatment.held_from
        return told or self.acquired_day or self.acquired.date()

    @property
    def long(self) -> bool:
        """Whether the units were held more than one year; unproven, they were not."""
        if self.treatment is None:
            return long_term(self.acquired_day or self.acquired.date(), self.sold_day)
        if self.treatment.term:
            return self.treatment.term == "long"
        return long_term(self.held_from, self.sold_day)

    def split(self, quantity: Decimal) -> tuple["Disposal", "Disposal | None"]:
        """`quantity` units of it, at most all, and the rest (None: there is none)."""
        if quantity == self.quantity:
            return self, None
        proceeds = share(self.proceeds, quantity, self.quantity)
        basis = share(self.basis, quantity, self.quantity)
        return evolve(self, quantity=quantity, proceeds=proceeds, basis=basis), evolve(
            self,
            quantity=self.quantity - quantity,
            proceeds=self.proceeds - proceeds,
            basis=self.basis - basis,
        )

    def treated(self, events: tuple[int, ...] = (), **told: Any) -> "Disposal":
        """The same, with more said of it by the law: `held_from`, `term` or `disallowed`."""
        before = self.treatment or UNTREATED
        return evolve(self, treatment=evolve(before, events=before.events + events, **told))


def long_term(acquired: date, sold: date) -> bool:
    """Whether property was held more than one year.

    The day of acquisition does not count, the day of sale does. A year from 29 February ends on 1
    March. Source: IRC 1222(1)-(4); Rev. Rul. 66-7; Rev. Rul. 70-598.

    >>> long_term(date(2024, 1, 1), date(2025, 1, 1)), long_term(date(2024, 1, 1), date(2025, 1, 2))
    (False, True)
    """
    held = (sold - acquired).days
    if held != 366:  # 365 days are never more than a year, 367 always
        return held > 366
    first = acquired + timedelta(days=1)
    try:
        return sold >= first.replace(year=first.year + 1)
    except ValueError:  # first is 29 February, and 366 days end on 28 February
        return False
