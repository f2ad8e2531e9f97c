"""OKX: trading and funding account, spot, margin and derivatives in one wallet.

In multi-currency margin nothing says that units are borrowed: what lies below zero is owed
(auto_borrow.py). Where the venue does tell a loan (spot mode, quick margin), it is a loan of its
own, and the balance is not below zero for it.
"""

from collections.abc import Iterator
from decimal import Decimal

from attrs import evolve

from adapters.importers.auto_borrow import Untold, held, lent, with_loans
from adapters.importers.group import Group
from adapters.importers.layout import Accounts, Entry, Moved
from adapters.importers.moves import PREFIX, matched, read_moves
from adapters.importers.okx.okx_oldest import OLDEST
from adapters.importers.okx.okx_rows import BILLS, FUNDS, TRADING, pair_of
from adapters.importers.reading import BY_HAND, Unclear
from adapters.importers.statement import Meaning, Mode, Statement
from adapters.importers.table import plain
from adapters.importers.unified import (
    Change,
    read_away,
    read_contract,
    read_fee,
    read_fill,
    read_funding,
    read_income,
    read_interest,
    read_plain,
)
from domain.events import Borrowed, Deposited, Repaid, Withdrawn

_FORCED = {
    "liquidation": "liquidation",
    "forced repayment": "forced repayment",
    "ADL": "auto-deleveraging",
}
_NOTES = {**_FORCED, "clawback": "clawback"}
_ON_MARGIN = frozenset({"loan", "repayment", "interest", "funding", "delivery", *_NOTES})


class Okx(Statement):
    """The importer of OKX's statements."""

    name = "okx"
    title = "OKX"
    layouts = (TRADING, BILLS, FUNDS, OLDEST)

    def meaning(self, accounts: Accounts) -> Meaning:
        return OkxMeaning(accounts)


class OkxMeaning(Meaning):
    """What rows of OKX mean."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts)
        self._isolated = accounts.of("isolated/X")[:-1]
        self._positions = Untold()

    def held(self, balance: Decimal) -> Decimal:
        return held(balance)

    def regroup(self, groups: Iterator[list[Entry]]) -> Iterator[list[Entry]]:
        return matched(groups, self.accounts.of())

    def read(self, group: Group) -> str | None:
        for row in group.entries:
            if row.account.startswith(self._isolated):
                row.balance = self._positions.move(row.account, row.asset, row.amount)
        reason = with_loans(group, _read, self._moved_margin(group.first))
        for row in group.entries:
            self._opened(row)
        return reason

    def _moved_margin(self, row: Change) -> list[Moved]:
        """The other end of a move of margin, which no row tells."""
        if row.kind != "margin" or row.bundle:
            return []
        into = evolve(row, account=row.other, amount=-row.amount)
        into.balance = self._positions.move(into.account, into.asset, into.amount)
        return [into]

    def _opened(self, row: Change) -> None:
        """An account in which something is owed, or that trades contracts, is no spot account."""
        if row.account in self.modes:
            return
        if row.account.startswith(self._isolated):
            self.modes[row.account] = Mode("isolated", row.market)
        elif row.kind in _ON_MARGIN or _is_contract(row) or lent([row]):
            self.modes[row.account] = Mode("cross")


def _is_contract(row: Change) -> bool:
    return row.kind == "trade" and row.word == "contract"


def _read(group: Group) -> str | None:
    """Add a group's events. Raises `Unclear`."""
    row: Change = group.first
    if row.bundle.startswith(PREFIX):
        read_moves(group)
    elif row.bundle:
        pair = pair_of(row.market, "") if row.word == "pair" else ()
        read_fill(group, group.entries, row.bundle, pair, forced=_FORCED.get(row.kind, ""))
    else:
        _read_one(group, row)
    return None


def _read_one(group: Group, row: Change) -> None:
    match row.kind:
        case "trade" | "liquidation" | "ADL" | "clawback" | "delivery" | "forced repayment":
            read_contract(group, row, _NOTES.get(row.kind, ""))
        case "funding":
            read_funding(group, row)
        case "interest":
            read_interest(group, row)
        case "penalty":
            read_fee(group, row, "overdue loan")
        case "loan":
            read_plain(group, Borrowed, row)
        case "repayment":
            read_plain(group, Repaid, row, sign=-1)
        case "margin" if not row.market:
            raise Unclear("moves margin, and does not name the position", BY_HAND)
        case "margin" | "strategy" | "earn":
            read_away(group, row)
        case "deposit":
            read_plain(group, Deposited, row)
        case "withdrawal" if row.amount < 0:
            quantity = plain(-row.amount - row.cost)
            group.add(Withdrawn, asset=row.asset, quantity=quantity, fee=row.cost)
        case "rebate" | "staking" | "airdrop":
            read_income(group, row, row.kind)
        case "lending":
            read_income(group, row, "interest")
        case "withdrawal":
            read_plain(group, Withdrawn, row, sign=-1)
        case _:
            raise Unclear("is a type of row not known here", BY_HAND, "type", row.kind)
