"""Cells as a mapping file names and writes them: texts, numbers, assets, accounts, times, kinds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from attrs import field, frozen

from adapters.importers.generic.kinds import BY_SIDES, KINDS
from adapters.importers.generic.mapping_file import MappingFile
from adapters.importers.generic.transaction import account_of
from adapters.importers.layout import Cells
from adapters.importers.local_times import in_zone
from adapters.importers.reading import Unclear
from adapters.importers.table import Misread, number


@frozen
class MappedCells:
    """A row's cells by field, as a mapping names and writes them."""

    mapping: MappingFile
    _places: Mapping[str, int] = field(init=False)
    _time: tuple[int, ...] = field(init=False)

    @_places.default
    def _of_fields(self) -> dict[str, int]:
        headers = self.mapping.headers
        return {name: headers.index(header) for name, header in self.mapping.columns.items()}

    @_time.default
    def _of_time(self) -> tuple[int, ...]:
        return tuple(map(self.mapping.headers.index, self.mapping.time))

    def text(self, cells: Cells, name: str) -> str:
        """What a field says, or its default."""
        place = self._places.get(name)
        told = "" if place is None else self.mapping.numbers.cell(cells[place].strip())
        return told or self.mapping.defaults.get(name, "")

    def number(self, cells: Cells, name: str) -> Decimal | None:
        """The number of a field, None where it says nothing. Raises `Misread`."""
        told = self.text(cells, name)
        return self.mapping.numbers(told, self.header(name)) if told else None

    def asset(self, cells: Cells, name: str) -> str:
        """The asset of a field, by its common name."""
        told = self.text(cells, name)
        return self.mapping.assets.get(told, told)

    def account(self, cells: Cells, name: str = "wallet") -> str:
        """The account of a wallet, "" where none is told. Raises `Misread`."""
        mapping, told = self.mapping, self.text(cells, name)
        if not told:
            return ""
        if mapping.wallets:
            if told not in mapping.wallets:
                hint = f'Add it to {mapping.file}, under [wallets]: "{told}" = "{mapping.account}"'
                raise Misread(self.header(name), told, "is a wallet not known here", hint)
            return mapping.wallets[told]
        return f"{mapping.name}/{account_of(told, '').removesuffix('/main')}"

    def header(self, name: str) -> str:
        """What the column of a field is called."""
        return self.mapping.columns.get(name, name)

    def when(self, cells: Cells) -> str:
        """The text of the time, of one column or several."""
        return " ".join([cells[place].strip() for place in self._time])

    def at(self, text: str, column: str) -> datetime:
        """The instant of a time as the mapping writes it. Raises `Misread`."""
        wanted, zone = self.mapping.time_format, self.mapping.zone
        try:
            if wanted in ("unix", "unix_ms"):
                seconds = number(text, column) / (1000 if wanted == "unix_ms" else 1)
                whole = int(seconds)
                micro = int((seconds - whole) * 1_000_000)
                return datetime.fromtimestamp(whole, UTC).replace(microsecond=micro)
            told = (
                datetime.fromisoformat(text) if wanted == "iso" else datetime.strptime(text, wanted)  # noqa: DTZ007 - the zone comes below
            )
            if told.tzinfo is not None:
                return told.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            hint = f"{self.mapping.file} says that it looks like {wanted}"
            raise Misread(column, text, "is not a time", hint) from None
        if zone is None:
            hint = f'Say it in {self.mapping.file}: [time] zone = "Europe/Berlin"'
            raise Misread(column, text, "tells no zone", hint)
        return in_zone(told, zone, text, column)

    def ignored(self, cells: Cells) -> str:
        """Why a row is nothing to record, "" if it is something."""
        kind = self.mapping.kinds.get(self.text(cells, "kind"))
        return f"ignored, as {self.mapping.file} says" if kind == "ignored" else ""

    # Words ----------------------------------------------------------------------------------------

    def known(self, label: str, received: bool, sent: bool) -> str | None:
        """The kind of a word; of none, what the sides say."""
        if not self.mapping.kinds:
            return BY_SIDES[received + 2 * sent]
        kind = self.mapping.kinds.get(label)
        return kind.split()[0] if kind and kind.startswith(("filled", "liquidated")) else kind

    def kind(self, label: str, column: str, received: bool, sent: bool) -> str:
        """The same. Raises `Unclear`."""
        kind = self.known(label, received, sent)
        if kind is None:
            known = ", ".join(KINDS)
            hint = f'Add it to {self.mapping.file}, under [kinds]: "{label}" = one of {known}'
            raise Unclear("is a kind not known here", hint, column, label)
        return kind
