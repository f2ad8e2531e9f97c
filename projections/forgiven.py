"""Debt written off without recourse: which liquidation it belongs to.

Where the lender can look to the collateral alone, all of the debt that the sale discharges is
amount realised, even above what the sale brought, and none of it is income (IRC 1001; Pub. 544
(2025) p. 8, Amount realized on a nonrecourse debt). The write-off comes after the sale whose
proceeds it raises, perhaps in another year: so both are gathered before the replay
(projections/decisions.py). What is written off with recourse is income and changes no gain.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from domain.events import DebtForgiven, Liquidated
from domain.money import ZERO, share
from domain.order import place
from domain.recorded import Recorded

APART = timedelta(hours=1)
"""Two events further apart are not of one liquidation."""

Name = tuple[str, str]
"""An event's name in the book: (account, id)."""

Units = tuple[str, Decimal]
"""An asset, and how many units of it."""


class Forgiven:
    """What was written off without recourse, by the liquidations whose proceeds it raises.

    It goes to the account's last liquidation at or before it: to all its liquidated events with the
    same quote, each at most an hour after the one before, in proportion to what each brought.
    """

    def __init__(self, known: Iterable[Recorded], policy: str) -> None:
        self.accounts: set[str] = set()
        """Accounts that ever were liquidated."""
        self.raises: dict[Name, list[Units]] = {}
        """By liquidated event: what was written off after it, in units of the debt."""
        self.realised: set[Name] = set()
        """The write-offs that are amount realised of a liquidation."""
        self.unplaced: set[Name] = set()
        """Those without recourse that no liquidation stands before: income, for want of a sale."""
        self.behind: dict[Name, list[int]] = {}
        """By liquidated event: log positions of what was written off."""
        written_off: list[Recorded] = []
        sales: dict[str, list[Recorded]] = {}
        for recorded in known:
            event = recorded.event
            if type(event) is Liquidated:
                self.accounts.add(recorded.account)
                sales.setdefault(recorded.account, []).append(recorded)
            elif type(event) is DebtForgiven and without_recourse(event, policy):
                written_off.append(recorded)
        for recorded in written_off:
            self._lay(recorded, _last(sales.get(recorded.account, ()), recorded.event.at))

    def _lay(self, recorded: Recorded, sales: list[Recorded]) -> None:
        debt = recorded.event
        assert isinstance(debt, DebtForgiven)  # noqa: S101 - for the type checker
        found = self.realised if sales else self.unplaced
        found.add((recorded.account, debt.id))
        left, whole = debt.quantity, sum((_total(sale) for sale in sales), ZERO)
        for sale in sales:
            name = (sale.account, sale.event.id)
            part = left if sale is sales[-1] else share(left, _total(sale), whole)
            left, whole = left - part, whole - _total(sale)
            self.raises.setdefault(name, []).append((debt.asset, part))
            self.behind.setdefault(name, []).append(recorded.position)


def without_recourse(event: DebtForgiven, policy: str) -> bool:
    """Whether the lender could look to the collateral alone: the event says so, or the policy."""
    return policy == "nonrecourse" if event.recourse is None else not event.recourse


def _last(sales: Iterable[Recorded], at: datetime) -> list[Recorded]:
    """The last liquidation at or before an instant: its sales in one quote, oldest first."""
    before = sorted((s for s in sales if s.event.at <= at), key=_order)
    last: list[Recorded] = []
    for sale in reversed(before):
        if last and last[0].event.at - sale.event.at > APART:
            break
        last.insert(0, sale)
    return [s for s in last if _quote(s) == _quote(last[-1]) and _total(s)] or last[-1:]


def _order(recorded: Recorded) -> tuple[datetime, int, int]:
    return recorded.event.at, place(recorded.event), recorded.position


def _quote(recorded: Recorded) -> str:
    event = recorded.event
    return event.quote if isinstance(event, Liquidated) else ""


def _total(recorded: Recorded) -> Decimal:
    event = recorded.event
    return event.total if isinstance(event, Liquidated) else ZERO
