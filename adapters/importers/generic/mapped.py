"""The importer that a mapping file makes: `--format mapping.toml` reads any table of transactions.

A row is a transaction (received and sent, or side, quantity and price), or a movement of one
balance; movements that share a group are one transaction.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from adapters.importers.generic.mapped_cells import MappedCells
from adapters.importers.generic.mapped_transactions import mapped_tool
from adapters.importers.generic.mapping_file import MappingFile, read_mapping
from adapters.importers.generic.movement import MovementMeaning, Movements
from adapters.importers.layout import Accounts, Layout
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.statement import Meaning, Statement
from adapters.importers.table import Row, Table


class Mapped(Statement):
    """The importer of tables that a mapping file explains."""

    def __init__(self, path: Path) -> None:
        mapping = read_mapping(path)
        self.name = mapping.name
        self.title = f"{mapping.name} ({mapping.file})"
        self.spanning = "group" in mapping.columns
        self.layouts: Sequence[Layout] = (_layout(mapping),)

    def meaning(self, accounts: Accounts) -> Meaning:
        return MovementMeaning(accounts)

    def _layout_of(self, file: SourceFile) -> Layout:
        return self.layouts[0]  # the user has said so


@frozen(kw_only=True)
class SeparatedLayout(Layout):
    """A layout of tables whose columns are parted by another sign than a comma."""

    separator: str

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        return Table(file, self.needed, separator=self.separator).rows()


def _layout(mapping: MappingFile) -> Layout:
    rows = Movements(MappedCells(mapping)) if mapping.movements else mapped_tool(mapping)
    return SeparatedLayout(
        name=mapping.name,
        title=mapping.file,
        needed=mapping.headers,
        separator=mapping.separator,
        key=rows.key,
        entry=rows.entry,
    )
