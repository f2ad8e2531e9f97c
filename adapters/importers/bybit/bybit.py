"""Bybit: the unified trading account, the derivatives account before it, and the funding account.

The unified account lends by itself: what lies below zero is owed (auto_borrow.py), and interest is
a row. Loans that rows do tell (institutional, manual) are loans of their own.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import permutations

from adapters.importers.auto_borrow import held, lent, with_loans
from adapters.importers.bybit.bybit_rows import FUNDS, LOG, PAGES
from adapters.importers.group import Group
from adapters.importers.layout import Accounts, Entry
from adapters.importers.moves import PREFIX, matched, read_moves
from adapters.importers.reading import BY_HAND, Unclear
from adapters.importers.statement import Meaning, Mode, Statement
from adapters.importers.unified import (
    Change,
    read_away,
    read_contract,
    read_fee,
    read_fill,
    read_income,
    read_interest,
    read_plain,
)
from domain.events import Borrowed, Deposited, Repaid, Withdrawn

_FORCED = {
    "liquidation": "liquidation",
    "ADL": "auto-deleveraging",
    "forced conversion": "liquidation of a loan",
}
_ON_MARGIN = frozenset({"loan", "repayment", "interest", "funding", "delivery", *_FORCED})


class Bybit(Statement):
    """The importer of Bybit's statements."""

    name = "bybit"
    title = "Bybit"
    layouts = (LOG, PAGES, FUNDS)

    def meaning(self, accounts: Accounts) -> Meaning:
        return BybitMeaning(accounts)


class BybitMeaning(Meaning):
    """What rows of Bybit mean."""

    def held(self, balance: Decimal) -> Decimal:
        return held(balance)

    def regroup(self, groups: Iterator[list[Entry]]) -> Iterator[list[Entry]]:
        return matched(groups, self.accounts.of())

    def read(self, group: Group) -> str | None:
        reason = with_loans(group, _read)
        for row in group.entries:
            if row.account in self.modes:
                continue
            contract = row.kind == "trade" and row.word == "contract"
            if row.kind in _ON_MARGIN or contract or lent([row]):
                self.modes[row.account] = Mode("cross")
        return reason


def _read(group: Group) -> str | None:
    """Add a group's events. Raises `Unclear`."""
    row: Change = group.first
    if row.bundle.startswith(PREFIX):
        read_moves(group)
    elif row.bundle:
        forced = _FORCED.get(row.kind, "")
        read_fill(group, group.entries, row.bundle, _pair(group), forced=forced)
    else:
        _read_one(group, row)
    return None


def _pair(group: Group) -> tuple[str, ...]:
    """Base and quote of a market such as BTCUSDT, by the assets that its rows are of."""
    market, assets = group.first.market, sorted({row.asset for row in group.entries})
    return next((pair for pair in permutations(assets, 2) if market == "".join(pair)), ())


def _read_one(group: Group, row: Change) -> None:
    match row.kind:
        case "trade" | "funding" | "delivery" | "liquidation" | "ADL":
            read_contract(group, row, _FORCED.get(row.kind, ""))
        case "interest" | "forced interest":
            read_interest(group, row)
        case "loan":
            read_plain(group, Borrowed, row)
        case "repayment":
            read_plain(group, Repaid, row, sign=-1)
        case "deposit":
            read_plain(group, Deposited, row)
        case "withdrawal":
            read_plain(group, Withdrawn, row, sign=-1)
        case "bonus" | "airdrop" | "rebate" | "reward":
            read_income(group, row, row.kind)
        case "interest received":
            read_income(group, row, "interest")
        case "bonus recalled":
            read_fee(group, row, row.kind)
        case "earn":
            read_away(group, row)
        case _:
            raise Unclear("is a type of row not known here", BY_HAND, "Type", row.kind)
