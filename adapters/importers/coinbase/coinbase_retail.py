"""Coinbase's transaction history: how its rows look, through all generations of its header.

Newest first, behind a few lines about the user. Older files have no ids, and print quantities
without a sign; the oldest name the currency in the header (`EUR Spot Price at Transaction`). Ids
cannot tell a row that an older file gave without one, so a row is called by what it says; its id
tells it from another that says the same.
Source: the headers of Coinbase's "Transaction history (CSV)" since 2019.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from attrs import define, frozen

from adapters.importers.assets import asset_of
from adapters.importers.coinbase.coinbase_notes import (
    ConvertNote,
    TradeNote,
    convert_note,
    money,
    trade_note,
)
from adapters.importers.coinbase.coinbase_types import ASSETS, BUYS, SELLS, canonical
from adapters.importers.layout import Accounts, Cells, Entry, Header, Kept, Key, Layout, first_rows
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Misread, Row, Table, number, plain, rfc3339, utc

_TOTAL = "Total (inclusive of fees and/or spread)"
_FEES = "Fees and/or Spread"
_CURRENCY = "Price Currency"
_ALWAYS = ("Timestamp", "Transaction Type", "Asset", "Quantity Transacted")
_MONEY = ("Price at Transaction", "Subtotal", _TOTAL, _FEES)
_PLACE_OF_CURRENCY = len(_ALWAYS)
_NAMES_CURRENCY = re.compile(r"([A-Z]{3}) Spot Price at Transaction", re.IGNORECASE)
_RANKS = {"deposit": 1, "receive": 1, "sell": 4, "advanced trade sell": 4, "withdrawal": 9}
_HINT = "Coinbase writes 2024-05-01 10:11:12 UTC, older files 2021-05-01T10:11:12Z"


@define(eq=False, kw_only=True)
class History(Entry):
    """A row of the transaction history, and what its note tells of a trade or conversion.

    `name` is what the row is called by what it says. `quantity` is above zero; `goes` says that it
    was printed below (None where it was not: some files print no signs). `total` includes fees; all
    money is in `currency`, without a sign. `serial` is Coinbase's id of the row, if the file has
    one; a `twin` says what another row says.
    """

    name: str
    kind: str
    asset: str
    quantity: Decimal
    goes: bool | None
    currency: str
    price: Decimal | None
    subtotal: Decimal | None
    total: Decimal | None
    fees: Decimal | None
    notes: str
    trade: TradeNote | None
    conversion: ConvertNote | None
    serial: str
    twin: bool = False


def _key(cells: Cells) -> Key | str:
    at, serial = _instant(cells[0]), cells[-1]
    return Key(at, serial) if serial else Key(at, identity=_identity(cells, at))


def _identity(cells: Cells, at: datetime) -> tuple[str, ...]:
    _, type_, asset, quantity = cells[: len(_ALWAYS)]
    units = plain(abs(number(quantity, "Quantity Transacted")))
    return (at.isoformat(), canonical(type_), asset, f"{units:f}")


def _entry(kept: Kept, accounts: Accounts) -> History:
    _, type_, asset, quantity, currency, price, subtotal, total, fees, notes, serial = kept.cells
    kind = canonical(type_)
    units = number(quantity, "Quantity Transacted")
    asset = ASSETS.get(asset, asset_of(asset, "Asset"))
    notes = notes.strip()
    return History(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(),
        rank=_RANKS.get(kind, 5),
        name=Key(kept.at, identity=_identity(kept.cells, kept.at)).name,
        kind=kind,
        asset=asset,
        quantity=abs(units),
        goes=True if units < 0 else None,
        currency=currency,
        price=_without_sign(price, "Price at Transaction"),
        subtotal=_without_sign(subtotal, "Subtotal"),
        total=_without_sign(total, _TOTAL),
        fees=_without_sign(fees, _FEES),
        notes=notes,
        trade=trade_note(notes, asset) if kind in BUYS or kind in SELLS else None,
        conversion=convert_note(notes) if kind == "convert" else None,
        serial=serial,
    )


def _without_sign(text: str, column: str) -> Decimal | None:
    value = money(text, column)
    return None if value is None else abs(value)


def _instant(text: str) -> datetime:
    """The whole second, as the newest files tell it: older ones also have its fraction."""
    try:
        at = utc(text[:-4], "Timestamp") if text.endswith(" UTC") else rfc3339(text, "Timestamp")
    except Misread:
        raise Misread("Timestamp", text, "is not a time with its zone", _HINT) from None
    return at.replace(microsecond=0)


@frozen(kw_only=True)
class CurrencyInHeader(Layout):
    """The history whose header names the currency; its rows get it as a column of their own."""

    def recognise(self, beginning: bytes) -> str | None:
        for cells in first_rows(beginning):
            currency = _currency(cells)
            if currency and self._spelled(currency).recognise(_line(cells)):
                return self.generation(cells)
        return None

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        with file.path.open("rb") as start:
            currencies = (_currency(cells) for cells in first_rows(start.read(1 << 16)))
            currency = next(filter(None, currencies), "")
        spelled = self._spelled(currency)
        at = _PLACE_OF_CURRENCY
        for row in Table(file, spelled.needed, spelled.optional, aliases=spelled.aliases).rows():
            if isinstance(row, Fault):
                yield row
            else:
                yield row._replace(cells=(*row.cells[:at], currency, *row.cells[at:]))

    def _spelled(self, currency: str) -> Header:
        """The header as it is with this currency."""
        aliases = {f"{currency} {name.removeprefix(_ANY)}": name for name in self.needed}
        return Header(
            name=self.name,
            title=self.title,
            needed=self.needed,
            optional=self.optional,
            aliases=aliases,
        )


def _currency(cells: Sequence[str]) -> str:
    found = filter(None, (_NAMES_CURRENCY.fullmatch(cell.strip()) for cell in cells))
    return next((match[1].upper() for match in found), "")


def _line(cells: Sequence[str]) -> bytes:
    return ",".join(f'"{cell}"' for cell in cells).encode()


_ANY = "XXX "  # stands for the currency
HISTORY = Layout(
    name="coinbase-history",
    title="Coinbase: transaction history (Statements, Transactions, CSV)",
    needed=(*_ALWAYS, _CURRENCY, *_MONEY, "Notes"),
    optional=("ID",),
    aliases={
        "Spot Price Currency": _CURRENCY,
        "Spot Price at Transaction": "Price at Transaction",
        "Total (inclusive of fees)": _TOTAL,
        "Total": _TOTAL,
        "Fees": _FEES,
    },
    generations=(
        ("2024", ("ID",)),
        ("2023", (_CURRENCY,)),
        ("2022", (_TOTAL,)),
        ("2021", ()),
    ),
    key=_key,
    entry=_entry,
)
OLDEST = CurrencyInHeader(
    name="coinbase-history-in-currency",
    title="Coinbase: transaction history whose header names the currency (XXX)",
    needed=(
        *_ALWAYS,
        *(f"{_ANY}{name}" for name in ("Spot Price at Transaction", "Subtotal")),
        *(f"{_ANY}{name}" for name in ("Total (inclusive of fees)", "Fees")),
        "Notes",
    ),
    optional=("ID",),
    generations=(("2019", ()),),
    family=HISTORY.family,
    key=_key,
    entry=_entry,
)
