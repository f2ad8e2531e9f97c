"""rp2: its spreadsheet of transactions, with the tables IN, OUT and INTRA for each asset.

The columns are those of the configuration that is given along, else those that the tables' headers
name (as DaLI writes them). Money is dollars unless a header says other money. The spreadsheet holds
no movements of money but what trades say.
Source: rp2, docs/input_files.md and its reader; DaLI, the generator of such spreadsheets.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from attrs import field, frozen

from adapters.importers.generic.kinds import Labels
from adapters.importers.generic.ods_sheets import SIGNATURE, BadSheet, SheetRow, sheet_rows
from adapters.importers.generic.rp2_columns import TABLES, Columns, ColumnsLayout
from adapters.importers.generic.transaction import Told, Tool
from adapters.importers.layout import Cells, Key, Layout
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Misread, Row, number, plain
from domain.money import CASH, difference, product

_EARNED = {
    "AIRDROP": "airdrop",
    "HARDFORK": "fork",
    "INTEREST": "interest",
    "STAKING": "staking",
    **dict.fromkeys(("INCOME", "MINING", "WAGES"), "reward"),
}
LABELS = Labels(
    received={
        **{f"IN {word}": f"income_received {kind}" for word, kind in _EARNED.items()},
        "IN GIFT": "deposited",
        "IN DONATE": "deposited",
    },
    sent={
        "OUT DONATE": "withdrawn donation",
        "OUT GIFT": "withdrawn gift",
        "OUT LOST": "withdrawn lost",
        "OUT FEE": "fee_charged",
        "OUT STAKING": "unclear loses staked units: what for is not told",
    },
    both={"IN BUY": "filled", "OUT SELL": "filled", "INTRA": "transferred"},
)

_FIELDS = (
    *("timestamp", "asset", "transaction_type", "exchange", "holder", "spot_price", "unique_id"),
    *("crypto_in", "crypto_fee", "fiat_fee", "fiat_in_no_fee", "fiat_in_with_fee"),
    *("crypto_out_no_fee", "fiat_out_no_fee"),
    *("from_exchange", "from_holder", "to_exchange", "to_holder", "crypto_sent", "crypto_received"),
)
_NEEDED = {
    "IN": ("timestamp", "asset", "transaction_type", "crypto_in"),
    "OUT": ("timestamp", "asset", "transaction_type", "crypto_out_no_fee", "crypto_fee"),
    "INTRA": ("timestamp", "asset", "crypto_sent", "crypto_received"),
}
_ABOUT = ("table", "sheet", "money")
"""What stands before the fields of a row: which table and sheet it is of, and in which money."""

_OFFSET = re.compile(r" ([+-]\d\d:?\d\d)$")
_END = "TABLE END"


def _at(text: str, column: str) -> datetime:
    try:
        at = datetime.fromisoformat(_OFFSET.sub(r"\1", text))
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    hint = "It should look like 2020-01-21 11:15:00+00:00"
    raise Misread(column, text, "is not a time with its zone", hint)


def _told(cells: Cells) -> Told:
    """A row's amounts: what it does not tell in money is its quantity at the spot price."""
    table, sheet, money = cells[:3]
    row = dict(zip(_FIELDS, cells[3:], strict=True))
    asset = row["asset"]
    if asset != sheet:
        raise Misread("asset", asset, f"stands in the sheet of {sheet}")
    time, id_ = row["timestamp"], row["unique_id"]
    if table == "INTRA":
        return Told(
            *(time, "INTRA", row["crypto_received"], asset, row["crypto_sent"], asset, "", ""),
            source=_wallet(row["from_exchange"], row["from_holder"]),
            target=_wallet(row["to_exchange"], row["to_holder"]),
            id=id_,
        )
    wallet = _wallet(row["exchange"], row["holder"])
    word = row["transaction_type"].upper()
    quantity = row["crypto_in"] if table == "IN" else row["crypto_out_no_fee"]
    paid = row["fiat_in_no_fee"] if table == "IN" else row["fiat_out_no_fee"]
    worth = paid or _product(quantity, row["spot_price"])
    fee = (row["crypto_fee"], asset)
    if not _some(row["crypto_fee"]):
        fee = (row["fiat_fee"] or _rest(row["fiat_in_with_fee"], row["fiat_in_no_fee"]), money)
    units = (quantity, asset)
    price = (worth, money) if word in ("BUY", "SELL") else ("", "")
    received, sent = (units, price) if table == "IN" else (price, units)
    label = f"{table} {row['transaction_type']}"
    return Told(time, label, *received, *sent, *fee, wallet, wallet, worth, money, "", id_)


def _wallet(exchange: str, holder: str) -> str:
    return f"{exchange}/{holder}" if exchange and holder else exchange or holder


def _some(told: str) -> bool:
    return bool(told) and number(told, "crypto_fee") != 0


def _rest(whole: str, part: str) -> str:
    """What is left of one amount without another, where both are told."""
    if not whole or not part:
        return ""
    rest = difference(number(whole, "fiat_in_with_fee"), number(part, "fiat_in_no_fee"))
    return f"{plain(rest):f}"


def _product(quantity: str, price: str) -> str:
    if not quantity or not price:
        return ""
    worth = product(number(quantity, "quantity"), number(price, "spot_price"))
    return f"{plain(worth):f}"


@frozen(kw_only=True)
class SheetLayout(Layout):
    """The spreadsheet. `told` is the configuration's word on its columns (None: by their names)."""

    told: Columns | None = field(default=None)

    @property
    def looks_like(self) -> str:
        return "OpenDocument spreadsheet: IN, OUT or INTRA, a header, rows, TABLE END"

    def recognise(self, beginning: bytes) -> str | None:
        return self.name if SIGNATURE in beginning[:200] else None

    def missing(self, beginning: bytes) -> list[str]:
        return [*self.needed]

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        """Rows, numbered through all sheets as if they stood one behind the other."""
        line, sheet, before, tables = 0, "", 0, _Tables(file, self.told)
        try:
            for row in sheet_rows(file.path):
                if row.sheet != sheet:
                    sheet, before = row.sheet, line
                    yield from tables.begun()
                line = before + row.number
                yield from tables.rows(row, line)
            yield from tables.begun()
        except BadSheet as bad:
            yield Fault(file=file, line=0, problem=str(bad), counts=False)


class _Tables:
    """Which table a row is in, and where its columns stand."""

    def __init__(self, file: SourceFile, told: Columns | None) -> None:
        self._file = file
        self._told = told
        self._table = ""
        self._places: Sequence[int | None] | None = None
        self._money = "USD"
        self._line = 0

    def begun(self) -> Iterator[Fault]:
        """Another sheet begins, or the file ends: no table may be open."""
        if self._table:
            problem = f"the table {self._table} has no end"
            hint = f"Its last row says {_END} in the first column"
            yield Fault(file=self._file, line=self._line, problem=problem, hint=hint, counts=False)
        self._table = ""

    def rows(self, row: SheetRow, line: int) -> Iterator[Row | Fault]:
        """What a row of a sheet is: a mark, a header, a transaction, or nothing of ours."""
        mark = row.cells[0].upper()
        if mark in TABLES:
            yield from self.begun()
            self._table, self._places, self._line = mark, None, line
        elif mark == _END:
            self._table = ""
        elif not self._table:
            yield Row(line, ("", row.sheet, *[""] * (len(_FIELDS) + 1)))
        elif self._places is None:
            yield from self._header(row, line)
        else:
            cells = (
                row.cells[p] if p is not None and p < len(row.cells) else "" for p in self._places
            )
            yield Row(line, (self._table, row.sheet, self._money, *cells))

    def _header(self, row: SheetRow, line: int) -> Iterator[Fault]:
        names = [_field(name) for name in row.cells]
        told = (self._told or {}).get(self._table)
        places = told or {name: place for place, name in reversed([*enumerate(names)])}
        self._places = [places.get(name) for name in _FIELDS]
        firsts = (cell.split(" ")[0].upper() for cell in row.cells)
        self._money = next((first for first in firsts if first in CASH), "USD")
        for name in _NEEDED[self._table]:
            if name not in places:
                problem = f"the table {self._table} of {row.sheet} has no such column"
                hint = "Give the configuration (.ini) along: it says which column is which"
                yield Fault(
                    file=self._file,
                    line=line,
                    column=name,
                    problem=problem,
                    hint=hint,
                    counts=False,
                )


def _field(name: str) -> str:
    """The field that a header names: `USD In No Fee` is fiat_in_no_fee."""
    words = re.sub(r"[^a-z0-9]+", " ", name.casefold()).split()
    if words and words[0].upper() in CASH:
        words[0] = "fiat"
    return "_".join(words)


def _key(cells: Cells) -> Key | str:
    if not cells[0]:
        return "stands outside of the tables"
    return _TOOL.key(cells)


_TOOL = Tool(
    name="rp2",
    told=_told,
    columns=Told(
        *("timestamp", "transaction_type", "crypto_in", "asset", "crypto_out_no_fee", "asset"),
        *("fee", "asset", "exchange", "exchange", "spot_price", "", "", "unique_id"),
    ),
    labels=LABELS,
    at=_at,
)


def rp2(told: Columns | None) -> tuple[Layout, ...]:
    """rp2's layouts, with the columns that a configuration tells."""
    return (
        SheetLayout(
            name="rp2-spreadsheet",
            title="rp2 and DaLI: the spreadsheet of transactions (ODS)",
            needed=(*_ABOUT, *_FIELDS),
            family="rp2",
            key=_key,
            entry=_TOOL.entry,
            told=told,
        ),
        COLUMNS,
    )


COLUMNS = ColumnsLayout(
    name="rp2-configuration",
    title="rp2: the configuration of its spreadsheet (INI or JSON), given along",
    needed=("in_header", "out_header", "intra_header"),
    family="rp2",
    key=_key,
    entry=_TOOL.entry,
)
