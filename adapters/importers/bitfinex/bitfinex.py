"""Bitfinex: ledgers and trades, joined.

The ledger is the truth of balances, and shows of margin only what was won or lost; the trades tell
what was bought and sold, and not whether on margin. One file needs the other.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from attrs import evolve

from adapters.importers.bitfinex.bitfinex_dates import DatedLayout
from adapters.importers.bitfinex.bitfinex_meaning import BitfinexMeaning
from adapters.importers.bitfinex.bitfinex_movements import MOVEMENTS, transactions
from adapters.importers.bitfinex.bitfinex_pages import LEDGER_LISTS, TRADE_LISTS
from adapters.importers.bitfinex.bitfinex_rows import LEDGER, OLD_LEDGER, TRADES
from adapters.importers.layout import Accounts, Layout
from adapters.importers.reading import Outcome, SourceFile
from adapters.importers.statement import Meaning, Statement

_CANCELLED = re.compile(rb"cancell?ed withdrawal(?: request)? #(\d+)", re.IGNORECASE)


class Bitfinex(Statement):
    """The importer of Bitfinex's reports, all files of one account together."""

    name = "bitfinex"
    title = "Bitfinex"
    layouts: tuple[Layout, ...] = (
        *(LEDGER, OLD_LEDGER, TRADES, MOVEMENTS),
        *(LEDGER_LISTS, TRADE_LISTS),
    )

    def __init__(self, zone: ZoneInfo | None = None, files: Sequence[SourceFile] = ()) -> None:
        self._zone = zone
        self._cancelled = frozenset(number for file in files for number in _cancelled(file))
        self._transactions = dict(transactions(files))
        self.layouts = tuple(_layout(layout, zone, files) for layout in Bitfinex.layouts)

    def in_zone(self, zone: ZoneInfo) -> "Bitfinex":
        """The same importer, for reports that were set to this zone."""
        return Bitfinex(zone)

    def meaning(self, accounts: Accounts) -> Meaning:
        return BitfinexMeaning(accounts, self._cancelled, self._transactions)

    def read(self, files: Sequence[SourceFile], account: str | None) -> Iterator[Outcome]:
        """Every row, once it is known what was cancelled, what dates mean, and transactions."""
        yield from Statement.read(Bitfinex(self._zone, files), files, account)


def _layout(layout: Layout, zone: ZoneInfo | None, files: Sequence[SourceFile]) -> Layout:
    """The layout in this zone, with the files that tell together what its dates mean."""
    if not isinstance(layout, DatedLayout):
        return layout
    return evolve(layout, zone=zone, beside=tuple(files))


def _cancelled(file: SourceFile) -> Iterator[str]:
    """The numbers of the withdrawals that a file says were cancelled."""
    with file.path.open("rb") as content:
        for line in iter(partial(content.readline, 1 << 20), b""):
            if b"ed withdrawal" in line or b"ed Withdrawal" in line:
                yield from (found[1].decode() for found in _CANCELLED.finditer(line))
