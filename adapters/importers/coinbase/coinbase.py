"""Coinbase: all of its statements that are read."""

from adapters.importers.coinbase import coinbase_pro
from adapters.importers.group import Group
from adapters.importers.layout import Accounts
from adapters.importers.statement import Meaning, Statement


class Coinbase(Statement):
    """The importer of Coinbase's statements."""

    name = "coinbase"
    title = "Coinbase"
    layouts = (coinbase_pro.ACCOUNT, coinbase_pro.FILLS)

    def meaning(self, accounts: Accounts) -> Meaning:
        return CoinbaseMeaning(accounts)


class CoinbaseMeaning(Meaning):
    """What rows of Coinbase mean: each by the statement it stands in."""

    def read(self, group: Group) -> str | None:
        return coinbase_pro.read_pro(group)
