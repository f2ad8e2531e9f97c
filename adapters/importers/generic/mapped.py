"""The importer that a mapping file makes: `--format mapping.toml` reads any table of transactions.

A row is a transaction (received and sent, or side, quantity and price), or a movement of one
balance; movements that share a group are one transaction.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import evolve, frozen

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
        for row in Table(file, self.needed, separator=self.separator).rows():
            yield self._hinted(row) if isinstance(row, Fault) and row.column else row

    def _hinted(self, fault: Fault) -> Fault:
        """The fault; of a header that is not parted at all, with what to say of it."""
        marks = [sign for sign in _SIGNS if sign != self.separator and sign in fault.hint]
        if fault.counts or self.separator in fault.hint or not marks:
            return fault
        sign = {"\t": "\\t"}.get(marks[0], marks[0])
        say = f'{fault.hint}: say separator = "{sign}" in the mapping file'
        return evolve(fault, hint=say)


_SIGNS = (";", "\t", "|", ",")


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
