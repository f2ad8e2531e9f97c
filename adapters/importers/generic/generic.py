"""The importer of other tools' files: what users bring along when they move.

All of them write transactions; so all are read in one way (transaction_meaning.py), and a tool is
nothing but a layout and what its labels mean.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.importers.generic.bittytax import BITTYTAX
from adapters.importers.generic.cointracker import COINTRACKER
from adapters.importers.generic.cointracking import cointracking
from adapters.importers.generic.koinly import EXPORT, UNIVERSAL
from adapters.importers.generic.summ import SUMM
from adapters.importers.generic.transaction_meaning import TransactionMeaning
from adapters.importers.layout import Accounts, Layout
from adapters.importers.statement import Meaning, Statement
from domain.errors import UnknownName


class Generic(Statement):
    """The importer of other tools' files. `zone` is that of times that tell none."""

    name = "generic"
    title = "Other tools' files, and any table by a mapping file"

    def __init__(self, zone: ZoneInfo | None = None) -> None:
        self.layouts: Sequence[Layout] = (
            UNIVERSAL,
            EXPORT,
            COINTRACKER,
            SUMM,
            BITTYTAX,
            *cointracking(zone),
        )

    def in_zone(self, name: str) -> "Generic":
        """The same, where times that tell no zone are of this one. Raises `UnknownName`."""
        return Generic(zone_of(name))

    def meaning(self, accounts: Accounts) -> Meaning:
        return TransactionMeaning(accounts)


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name such as Europe/Berlin. Raises `UnknownName`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"there is no time zone {name!r}: name one such as Europe/Berlin"
        raise UnknownName(msg) from error
