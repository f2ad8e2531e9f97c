"""What some events are made of: lots as stated, picks, allocations, tiers of margin terms."""

from datetime import date
from decimal import Decimal

from attrs import frozen

from domain.fields import acquired, non_negative, positive, text


@frozen(kw_only=True)
class StatedLot:
    """A lot as stated: `basis` is the total in USD, `loss_basis` that of a gift sold at a loss."""

    acquired: date = acquired()
    quantity: Decimal = positive()
    basis: Decimal = non_negative()
    loss_basis: Decimal | None = non_negative(default=None)


@frozen(kw_only=True)
class Pick:
    """Units of one lot: `lot` is the id of the event that acquired them."""

    lot: str = text()
    quantity: Decimal = positive()


@frozen(kw_only=True)
class Allocation:
    """Unused basis laid on the units of one account (Rev. Proc. 2024-28)."""

    account: str = text()
    acquired: date = acquired()
    quantity: Decimal = positive()
    basis: Decimal = non_negative()


@frozen(kw_only=True)
class Tier:
    """Margin terms from a position size or debt on."""

    from_: Decimal = non_negative()
    maintenance_rate: Decimal | None = non_negative(default=None)
    deduction: Decimal | None = non_negative(default=None)
    call: Decimal | None = positive(default=None)
    liquidation: Decimal | None = positive(default=None)
    leverage: Decimal | None = positive(default=None)
