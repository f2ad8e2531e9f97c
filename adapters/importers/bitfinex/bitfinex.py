"""Bitfinex: ledgers and trades, joined.

The ledger is the truth of balances, and shows of margin only what was won or lost; the trades tell
what was bought and sold, and not whether on margin. One file needs the other.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from attrs import evolve

from adapters.importers.bitfinex.bitfinex_dates import DatedLayout
from adapters.importers.bitfinex.bitfinex_meaning import BitfinexMeaning
from adapters.importers.bitfinex.bitfinex_rows import LEDGER, OLD_LEDGER, TRADES
from adapters.importers.layout import Accounts
from adapters.importers.reading import Outcome, SourceFile
from adapters.importers.statement import Meaning, Statement

_CANCELLED = re.compile(rb"cancell?ed withdrawal(?: request)? #(\d+)", re.IGNORECASE)


class Bitfinex(Statement):
    """The importer of Bitfinex's reports, all files of one account together."""

    name = "bitfinex"
    title = "Bitfinex"
    layouts: tuple[DatedLayout, ...] = (LEDGER, OLD_LEDGER, TRADES)

    def __init__(self, files: Sequence[SourceFile] = ()) -> None:
        self._cancelled = frozenset(number for file in files for number in _cancelled(file))
        if files:
            beside = tuple(files)
            self.layouts = tuple(evolve(layout, beside=beside) for layout in self.layouts)

    def meaning(self, accounts: Accounts) -> Meaning:
        return BitfinexMeaning(accounts, self._cancelled)

    def read(self, files: Sequence[SourceFile], account: str | None) -> Iterator[Outcome]:
        """Every row, once it is known which withdrawals were cancelled, and what dates mean."""
        yield from Statement.read(Bitfinex(files), files, account)


def _cancelled(file: SourceFile) -> Iterator[str]:
    """The numbers of the withdrawals that a file says were cancelled."""
    with file.path.open("rb") as content:
        for line in iter(partial(content.readline, 1 << 20), b""):
            if b"ed withdrawal" in line or b"ed Withdrawal" in line:
                yield from (found[1].decode() for found in _CANCELLED.finditer(line))
