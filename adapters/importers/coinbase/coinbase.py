"""Coinbase: all of its statements that are read.

Its accounts are `coinbase/main`, the one that everybody has, and `coinbase/pro` (other portfolios
`coinbase/pro/NAME`), which lived apart. Each statement tells its own side of what moved between.
"""

from collections.abc import Iterator
from typing import Any

from adapters.importers.coinbase import coinbase_pro, coinbase_retail
from adapters.importers.coinbase.coinbase_pro_reading import read_pro
from adapters.importers.coinbase.coinbase_retail import History
from adapters.importers.coinbase.coinbase_retail_reading import RetailMeaning
from adapters.importers.coinbase.coinbase_retail_rows import regrouped
from adapters.importers.group import Group
from adapters.importers.layout import Accounts
from adapters.importers.statement import Meaning, Statement


class Coinbase(Statement):
    """The importer of Coinbase's statements."""

    name = "coinbase"
    title = "Coinbase"
    layouts = (
        coinbase_retail.HISTORY,
        coinbase_retail.OLDEST,
        coinbase_pro.ACCOUNT,
        coinbase_pro.FILLS,
    )

    def meaning(self, accounts: Accounts) -> Meaning:
        return CoinbaseMeaning(accounts)


class CoinbaseMeaning(Meaning):
    """What rows of Coinbase mean: each by the statement it stands in."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts)
        self._retail = RetailMeaning()

    def regroup(self, groups: Iterator[list[Any]]) -> Iterator[list[Any]]:
        return regrouped(groups)

    def read(self, group: Group) -> str | None:
        if isinstance(group.first, History):
            return self._retail.read(group)
        return read_pro(group)
