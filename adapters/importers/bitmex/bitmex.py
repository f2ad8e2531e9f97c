"""BitMEX: what rows of its wallet history mean.

The wallet tells results, not trades: once a day what a contract brought, its fees and its funding
in one sum. So results are of contracts, in the coin that secures them; no coin is bought or sold.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.importers.bitmex import bitmex_rows
from adapters.importers.bitmex.bitmex_rows import WalletRow
from adapters.importers.group import Group
from adapters.importers.layout import Accounts, Layout
from adapters.importers.reading import BY_HAND, Unclear
from adapters.importers.statement import Meaning, Statement
from adapters.importers.table import plain
from domain.events import ContractSettled, Deposited, FundingSettled, IncomeReceived, Withdrawn


class Bitmex(Statement):
    """The importer of BitMEX's wallet history."""

    name = "bitmex"
    title = "BitMEX"

    def __init__(self, zone: ZoneInfo | None = None) -> None:
        self.layouts: Sequence[Layout] = (bitmex_rows.wallet(zone), bitmex_rows.PAGE)

    def in_zone(self, zone: ZoneInfo) -> "Bitmex":
        """The same importer, for the site's file of a reader in this zone."""
        return Bitmex(zone)

    def meaning(self, accounts: Accounts) -> Meaning:
        return BitmexMeaning(accounts)


class BitmexMeaning(Meaning):
    """What rows of BitMEX mean: each stands alone."""

    def read(self, group: Group) -> str | None:
        row: WalletRow = group.first
        if not row.amount:
            return "nothing moved"
        match row.kind:
            case "realisedpnl" | "funding":
                _read_result(group, row)
            case "deposit" | "withdrawal" | "transfer":
                _read_transfer(group, row)
            case "affiliatepayout" if row.amount > 0:
                group.add(IncomeReceived, asset=row.asset, quantity=row.amount, kind="reward")
            case _:
                problem = "is a type of transaction not known here"
                raise Unclear(problem, BY_HAND, "transactType", row.word)
        return None


def _read_result(group: Group, row: WalletRow) -> None:
    """A contract's result of a day, or its funding: the address is the contract's name."""
    if not row.address:
        raise Unclear("does not tell of which contract it is", BY_HAND, "address")
    kind = FundingSettled if row.kind == "funding" else ContractSettled
    group.add(kind, asset=row.asset, amount=row.amount, contract=row.address)


def _read_transfer(group: Group, row: WalletRow) -> None:
    """Units in or out; what goes out includes its fee."""
    if row.kind != "transfer" and (row.amount > 0) != (row.kind == "deposit"):
        problem = f"is a {row.kind} that moves the other way"
        raise Unclear(problem, BY_HAND, "amount", f"{row.amount:f}")
    if row.amount > 0:
        group.add(Deposited, asset=row.asset, quantity=row.amount)
        return
    if row.inside >= -row.amount:
        raise Unclear("the fee is all that goes out", BY_HAND, "fee", f"{row.inside:f}")
    quantity = plain(-row.amount - row.inside)
    group.add(Withdrawn, asset=row.asset, quantity=quantity, fee=row.inside)
