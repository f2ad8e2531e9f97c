"""The importer of other tools' files: what users bring along when they move.

All of them write transactions; so all are read in one way (transaction_meaning.py), and a tool is
nothing but a layout and what its labels mean.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from zoneinfo import ZoneInfo

from adapters.importers.generic.bittytax import BITTYTAX
from adapters.importers.generic.cointracker import COINTRACKER
from adapters.importers.generic.cointracking import cointracking
from adapters.importers.generic.koinly import EXPORT, UNIVERSAL
from adapters.importers.generic.rp2 import COLUMNS, rp2
from adapters.importers.generic.rp2_columns import BadColumns, Columns, read_columns
from adapters.importers.generic.summ import SUMM
from adapters.importers.generic.transaction_meaning import TransactionMeaning
from adapters.importers.layout import Accounts, Layout
from adapters.importers.reading import Outcome, SourceFile
from adapters.importers.statement import Meaning, Statement


class Generic(Statement):
    """The importer of other tools' files. `zone` is that of times that tell none."""

    name = "generic"
    title = "Other tools' files, and any table by a mapping file"

    def __init__(self, zone: ZoneInfo | None = None, columns: Columns | None = None) -> None:
        self._zone = zone
        self.layouts: Sequence[Layout] = (
            UNIVERSAL,
            EXPORT,
            COINTRACKER,
            SUMM,
            BITTYTAX,
            *cointracking(zone),
            *rp2(columns),
        )

    def in_zone(self, zone: ZoneInfo) -> "Generic":
        """The same importer, for files of this zone."""
        return Generic(zone)

    def read(self, files: Sequence[SourceFile], account: str | None) -> Iterator[Outcome]:
        """Every row; a configuration of rp2 among the files says how its spreadsheets are read."""
        reader = Generic(self._zone, _columns_among(files))
        return super(Generic, reader).read(files, account)

    def meaning(self, accounts: Accounts) -> Meaning:
        return TransactionMeaning(accounts)


def _columns_among(files: Sequence[SourceFile]) -> Columns | None:
    for file in sorted(files, key=lambda file: (file.name, file.sha256)):
        with file.path.open("rb") as start:
            known = COLUMNS.recognise(start.read(1 << 16))
        with suppress(BadColumns):  # a fault of that file, when it is read
            if known:
                return read_columns(file.path)
    return None
