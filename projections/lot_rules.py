"""Rules of law over the lots and rows of one book of lots, as they come.

Without a policy that asks for one there are none, and nothing here runs. A rule may split what it
sees and say how the law treats the parts (`Treatment`, domain/lot.py); units, proceeds and the
basis that was paid always stay what they were in all.
"""

from collections.abc import Iterable
from decimal import Decimal

from domain.lot import Disposal, Lot
from projections.shorts import Short


class LotRule:
    """A rule of law over the lots and rows of a book as they come. This one changes nothing."""

    def acquired(self, asset: str, lot: Lot) -> Iterable[Lot]:
        """What was acquired: the lot as it is, or parts of it."""
        del asset
        return (lot,)

    def sold_short(self, asset: str, short: Short) -> None:
        """Borrowed units were sold."""

    def set_aside(self, asset: str, quantity: Decimal, short: Short) -> None:
        """Units were bought for an open short, and are no lot to choose."""

    def rows(self, disposal: Disposal) -> Iterable[Disposal]:
        """What was disposed of: the row as it is, or parts of it."""
        return (disposal,)
