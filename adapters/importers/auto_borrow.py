"""Borrowing that no row tells: in a unified account what lies below zero is owed.

OKX (multi-currency margin) and Bybit (unified trading account) lend by letting a balance go below
zero: no row says so, and interest is taken from the balance. The one trick: what a row lends is
told by its own running balance, the part below zero after it less the part below zero before it.
So it depends neither on the rows around it nor on where an export begins, and over any rows it adds
up to what is owed.

In the book the account then holds max(0, balance) and owes max(0, -balance). Borrowed units come
first, repayments last, so that within a group nothing is given that is not there.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from adapters.importers.group import Group
from adapters.importers.layout import Moved
from adapters.importers.table import plain
from domain.events import Borrowed, Repaid
from domain.money import ZERO, total


def owed(balance: Decimal) -> Decimal:
    """What is owed where the venue's balance says this."""
    return -balance if balance < 0 else ZERO


def held(balance: Decimal) -> Decimal:
    """What is held where the venue's balance says this."""
    return balance if balance > 0 else ZERO


def lent(rows: Iterable[Moved]) -> dict[tuple[str, str], Decimal]:
    """What rows lent (above zero) or paid back, by account and asset; without zeros."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        after = row.balance
        if after is None:
            continue
        before = after - row.net
        if after < 0 or before < 0:
            name = (row.account, row.asset)
            amounts[name] = amounts.get(name, ZERO) + owed(after) - owed(before)
    return {name: plain(amount) for name, amount in amounts.items() if amount}


class Untold:
    """Balances that no row tells: what was moved, added up from nothing."""

    def __init__(self) -> None:
        self._balances: dict[tuple[str, str], Decimal] = {}

    def move(self, account: str, asset: str, amount: Decimal) -> Decimal:
        """What is there after this move."""
        after = total(self._balances.get((account, asset), ZERO), amount)
        self._balances[account, asset] = after
        return after


def with_loans(
    group: Group, read: Callable[[Group], str | None], beside: Sequence[Moved] = ()
) -> str | None:
    """Read a group, with what it borrows before and what it repays behind. Raises `Unclear`.

    `beside` are further changes of balances that its rows mean.
    """
    rows = [row for row in group.entries if isinstance(row, Moved)]
    loans = sorted(lent([*rows, *beside]).items())
    first = group.first
    name = first.bundle or first.id
    for (account, asset), amount in loans:
        if amount > 0:
            borrowed = {"id": f"{name}/borrowed-{asset}", "asset": asset, "quantity": amount}
            group.add(Borrowed, account=account, **borrowed)
    reason = read(group)
    for (account, asset), amount in loans:
        if amount < 0:
            repaid = {"id": f"{name}/repaid-{asset}", "asset": asset, "quantity": -amount}
            group.add(Repaid, account=account, **repaid)
    return reason
