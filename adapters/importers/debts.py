"""What is owed of an asset, as far as files tell: how much of a repayment can be interest.

Rows of repayments mix principal and interest. What goes beyond the principal is interest that
nobody told, if it can be so much (2 % a day of the most that was owed); beyond that the files begin
in the middle of a loan.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from attrs import define

from domain.money import ZERO

_MOST_A_DAY = Decimal("0.02")
_DAY = timedelta(days=1)
EARLIER = "Export from the account's first loan on, or give the earlier files along"


@define
class Debt:
    """What is owed of a coin. `peak` is the most that was owed since it was nothing, at `since`."""

    principal: Decimal = ZERO
    interest: Decimal = ZERO
    peak: Decimal = ZERO
    since: datetime | None = None
    known: bool = True

    def borrow(self, quantity: Decimal, at: datetime) -> None:
        if not self.principal:
            self.since, self.peak = at, ZERO
        self.principal += quantity
        self.peak = max(self.peak, self.principal)

    def most(self, at: datetime) -> Decimal:
        """More than interest on it can have come to by then."""
        days = 1 if self.since is None else (at - self.since) // _DAY + 1
        return self.peak * _MOST_A_DAY * days
