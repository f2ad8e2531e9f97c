"""Debts in coin that are written off: as if the units had come in for that, and gone back.

They count at what they are worth when they are written off, which is income, or, without recourse,
at what the liquidation before them counted as amount realised (projections/forgiven.py). So a short
that was sold of them closes, and units that were never sold are the debtor's own now. Source: IRC
61(a)(11), 1001.
"""

from decimal import Decimal

from domain.money import ZERO, share
from domain.recorded import Recorded
from projections.property import Property


def discharge(
    property: Property,  # noqa: A002
    recorded: Recorded,
    asset: str,
    quantity: Decimal,
) -> Decimal | None:
    """What a liquidation discharges of a debt without recourse: its worth in USD, if known."""
    worth = property.worth.usd(recorded, asset, quantity)
    key = (recorded.account, asset, "")
    units, before = property.discharged.get(key, (ZERO, ZERO))
    known = None if worth is None or before is None else worth + before
    property.discharged[key] = (units + quantity, known)
    return worth


def release(
    property: Property,  # noqa: A002
    recorded: Recorded,
    asset: str,
    quantity: Decimal,
    *,
    realised: bool,
) -> None:
    """A debt was written off; `realised`: it was part of what a liquidation brought."""
    key = (recorded.account, asset, "")
    loan = property.loans.get(key)
    units = ZERO if loan is None else min(loan.outstanding, quantity)
    if not units:
        return
    whole, value = property.discharged.get(key, (ZERO, ZERO))
    if realised and units <= whole:
        worth = None if value is None else share(value, units, whole)
        left = None if value is None or worth is None else value - worth
        property.discharged[key] = (whole - units, left)
    else:
        worth = property.worth.usd(recorded, asset, units)
    property.bought(recorded, asset, units, worth)
    property.delivered(recorded, asset, units)
