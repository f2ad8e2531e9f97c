"""Gains as a country lists them: exact first, then in cents that add up.

The one trick: a row's cents are the growth of its column's rounded total, so rows foot both ways:
proceeds less cost is the gain, and the rows' gains are the year's net gain.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from domain.lot import Disposal
from domain.money import ZERO, Cents, exact
from projections.report import Report, money, to_json


@frozen(kw_only=True)
class Matched(Report):
    """Units of a disposal, what the law matched them with, and their exact cost.

    `rule` is the law's own name; `acquired` the day they came in, None for a pool's units.
    """

    rule: str
    quantity: Decimal
    cost: Decimal
    acquired: date | None = None


@frozen(kw_only=True)
class Gain:
    """One disposal in exact amounts. `denied` is the part of a loss that the law puts off."""

    sold: date
    asset: str
    quantity: Decimal
    proceeds: Decimal
    matched: tuple[Matched, ...]
    events: tuple[str, ...]
    place: int
    denied: Decimal = ZERO
    taxed: bool = True
    missing: str = ""

    @property
    def cost(self) -> Decimal:
        """What the units cost, exact."""
        with exact():
            return sum((part.cost for part in self.matched), ZERO)

    @property
    def amount(self) -> Decimal:
        """Gain above zero, loss below, as it counts."""
        with exact():
            return self.proceeds - self.cost + self.denied


@frozen(kw_only=True)
class CountryDisposal:
    """A disposal as it is listed: amounts in cents, and exact. gain = proceeds - cost + denied."""

    of: Gain
    proceeds: Decimal
    cost: Decimal
    gain: Decimal
    denied: Decimal
    exact: Mapping[str, Decimal]
    printed: Mapping[str, Decimal] = field(factory=dict)
    """Whole units of the currency, where the authority prints them so."""

    @property
    def sold(self) -> date:
        return self.of.sold

    @property
    def asset(self) -> str:
        return self.of.asset

    @property
    def quantity(self) -> Decimal:
        return self.of.quantity

    @property
    def taxed(self) -> bool:
        """Whether it counts in the year's net gain."""
        return self.of.taxed

    def to_dict(self) -> dict[str, Any]:
        """The disposal as JSON values; what does not apply is left out."""
        shown = {
            "sold": self.sold.isoformat(),
            "asset": self.asset,
            "quantity": to_json(self.quantity),
            "proceeds": money(self.proceeds),
            "cost": money(self.cost),
            "gain": money(self.gain),
            "taxed": self.taxed,
            "matched": [
                {name: value for name, value in part.to_dict().items() if value is not None}
                for part in self.of.matched
            ],
            "exact": to_json(self.exact),
            "events": list(self.of.events),
        }
        if self.of.denied:
            shown["denied"] = money(self.denied)
        if self.printed:
            shown["printed"] = to_json(self.printed)
        if self.of.missing:
            shown["missing"] = self.of.missing
        return shown


def listed(gains: Iterable[Gain]) -> tuple[CountryDisposal, ...]:
    """The disposals by day, asset and place in the log. To be called inside `exact()`."""
    columns = {taxed: (Cents(), Cents(), Cents()) for taxed in (True, False)}
    return tuple(
        _row(gain, columns[gain.taxed])
        for gain in sorted(gains, key=lambda gain: (gain.sold, gain.asset, gain.place))
    )


def net(gains: Iterable[Gain]) -> Decimal:
    """What the gains that count add up to, exact and signed."""
    return sum((gain.amount for gain in gains if gain.taxed), ZERO)


def as_it_is(disposal: Disposal, rule: str = "", *, taxed: bool = True) -> Gain:
    """A disposal whose cost is known already: a lot's, a position's, a short's, a contract's."""
    part = Matched(
        rule=rule or _RULES[disposal.kind],
        quantity=disposal.quantity,
        cost=disposal.basis,
        acquired=disposal.acquired_day,
    )
    return Gain(
        sold=disposal.sold_day,
        asset=disposal.asset,
        quantity=disposal.quantity,
        proceeds=disposal.proceeds,
        matched=(part,),
        events=(f"{disposal.account}#{disposal.event}",),
        place=disposal.position,
        taxed=taxed,
        missing=disposal.missing,
    )


def _row(gain: Gain, columns: tuple[Cents, Cents, Cents]) -> CountryDisposal:
    proceeds, denied, counted = columns
    brought, put_off, amount = (
        proceeds.add(gain.proceeds),
        denied.add(gain.denied),
        counted.add(gain.amount),
    )
    return CountryDisposal(
        of=gain,
        proceeds=brought,
        cost=brought + put_off - amount,
        gain=amount,
        denied=put_off,
        exact={"proceeds": gain.proceeds, "cost": gain.cost, "gain": gain.amount},
    )


_RULES = {
    "sale": "position",
    "liquidation": "position",
    "spent": "position",
    "interest": "position",
    "fee": "withheld",
    "short": "short sale",
    "contract": "contract",
    "rebate": "rebate",
}
"""What no pool decides, by the disposal's kind."""
