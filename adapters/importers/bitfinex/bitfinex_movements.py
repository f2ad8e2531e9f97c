"""Bitfinex's report of deposits and withdrawals: it tells their transactions, and nothing else new.

The ledger tells each of them with the same number, so these rows are passed over; what they tell of
the chain goes to the ledger's line, so that the other end can be found.
Source: the header of Bitfinex's report "Movements".
"""

from collections.abc import Iterator, Sequence

from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key, Layout
from adapters.importers.reading import Fault, SourceFile

TOLD = "told by the ledgers, which take its transaction: give them, too"


def _key(cells: Cells) -> Key | str:
    status = cells[2].strip().upper()
    return TOLD if status == "COMPLETED" else f"not completed: {status or 'no status'}"


def _entry(kept: Kept, accounts: Accounts) -> Entry:
    raise NotImplementedError  # no row is kept


MOVEMENTS = Layout(
    name="bitfinex-movements",
    title="Bitfinex: Reports, Movements, Export, CSV; beside the ledgers",
    needed=("#", "TRANSACTION ID", "STATUS", "DATE", "CURRENCY", "AMOUNT", "FEES"),
    key=_key,
    entry=_entry,
)


def transactions(files: Sequence[SourceFile]) -> Iterator[tuple[str, str]]:
    """The number of each completed movement, and its transaction on the chain."""
    for file in files:
        with file.path.open("rb") as start:
            ours = MOVEMENTS.recognise(start.read(1 << 16))
        for row in MOVEMENTS.rows(file) if ours else ():
            if not isinstance(row, Fault):
                number, transaction, status = (cell.strip() for cell in row.cells[:3])
                if number and transaction and status.upper() == "COMPLETED":
                    yield number, transaction
