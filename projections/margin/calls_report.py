"""What a history of margin tells: how near an account came, its calls, its liquidations.

Values alone; margin_calls.py makes them.
"""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from domain.money import plain
from projections.findings import Finding
from projections.report import Report


@frozen(kw_only=True)
class Nearest(Report):
    """How close an account came: its level nearest to liquidation, and after which event.

    `level` is None where it was beyond any: maintenance margin / equity without equity.
    """

    level: Decimal | None
    at: datetime
    event: str
    status: str


@frozen(kw_only=True)
class Called(Report):
    """A time in which an account was at or beyond its call or liquidation level.

    `since` and `event` say when it began, `until` when it was over (None: it is not), `worst` how
    far it went; `status` is the worse of the two that was reached. `liquidated` says whether the
    venue liquidated anything meanwhile; `worst` is None where it was beyond any level.
    """

    status: str
    since: datetime
    event: str
    worst: Decimal | None
    until: datetime | None = None
    liquidated: bool = False


@frozen(kw_only=True)
class Compared(Report):
    """A liquidation by the venue beside the terms, a moment before it.

    `level` is the account's at the `price` at which was sold (all else at its last mark),
    `threshold` the level at which the terms liquidate, `difference` the first less the second;
    `expected_price` is the price at which the terms would have liquidated. `agrees`: whether that
    was reached; None where no level can be figured.
    """

    at: datetime
    event: str
    asset: str
    price: Decimal
    level: Decimal | None
    threshold: Decimal | None
    difference: Decimal | None
    expected_price: Decimal | None
    agrees: bool | None


@frozen(kw_only=True)
class AccountCalls(Report):
    """What came near, what was called, and what was liquidated, in one account."""

    account: str
    nearest: Nearest | None
    calls: tuple[Called, ...]
    liquidations: tuple[Compared, ...]


@frozen(kw_only=True)
class MarginCalls(Report):
    """Every account that had a level, or was liquidated."""

    accounts: tuple[AccountCalls, ...]
    findings: tuple[Finding, ...]

    def of(self, account: str) -> "MarginCalls":
        """What concerns one account."""
        return MarginCalls(
            accounts=tuple(calls for calls in self.accounts if calls.account == account),
            findings=tuple(finding for finding in self.findings if finding.account == account),
        )


def short_level(level: Decimal) -> str:
    """A level for people: four decimals.

    >>> short_level(Decimal("0.39834999"))
    '0.3983'
    """
    return plain(Decimal(format(level, ".4f")))
