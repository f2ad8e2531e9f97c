"""Gemini's transaction history: how its rows look.

Every asset has three columns of its own (`BTC Amount BTC`, `Fee (BTC) BTC`, `BTC Balance BTC`), so
the header names the assets. An amount is written as people read it: `$1,359.90`, `(0.07 BTC)` for
what goes out; a fee in brackets was taken. The last row has totals and no date.
Source: the header and rows of Gemini's history as CSV, as several programs read them.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from attrs import define, frozen

from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key, Layout, Moved, first_rows
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Misread, Row, Table, number, utc

_AMOUNT = re.compile(r"(\w+) Amount\b.*", re.IGNORECASE)
_FEE = re.compile(r"(?:Trading )?Fee \((\w+)\).*", re.IGNORECASE)
_BALANCE = re.compile(r"(\w+) Balance\b.*", re.IGNORECASE)
_KINDS = (_AMOUNT, _FEE, _BALANCE)
_PRINTED = re.compile(
    r"(?P<out>\()?(?P<minus>-)?[$€£]?(?P<digits>[\d.,]+(?:[eE]-?\d+)?)(?: [A-Za-z0-9]+)?(?(out)\))"
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_RANKS = {"credit": 1, "interest credit": 2, "debit": 9}


class Numbers(NamedTuple):
    """What a row says of one asset; `fee` as printed: below zero it was taken."""

    asset: str
    amount: Decimal
    fee: Decimal
    balance: Decimal | None


@define(eq=False, kw_only=True, slots=False)
class HistoryRow(Entry):
    """A row: what it moves, asset by asset. `symbol` is the asset, or the market of a trade."""

    kind: str
    symbol: str
    specification: str
    numbers: tuple[Numbers, ...]
    order: str
    transaction: str

    @cached_property
    def moves(self) -> tuple[Moved, ...]:
        return tuple(self._move(*numbers) for numbers in self.numbers)

    @property
    def told(self) -> Sequence[Moved]:
        return [move for move in self.moves if move.balance is not None]

    def _move(self, asset: str, amount: Decimal, fee: Decimal, balance: Decimal | None) -> Moved:
        return Moved(
            file=self.file,
            line=self.line,
            id=self.id,
            at=self.at,
            account=self.account,
            kind=self.kind,
            asset=asset,
            amount=amount,
            fee=-fee,
            balance=balance,
        )


class _Columns(NamedTuple):
    """The columns of one asset, as the header spells them; "" for one that is not there."""

    asset: str
    amount: str
    fee: str
    balance: str


@frozen(kw_only=True, slots=False)
class HistoryLayout(Layout):
    """The history: its needed columns, and three for every asset that the header names."""

    def recognise(self, beginning: bytes) -> str | None:
        known = super().recognise(beginning)
        return known if known and _assets(self._header(beginning)) else None

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        with file.path.open("rb") as start:
            assets = _assets(self._header(start.read(1 << 16)))
        names = [name for columns in assets for name in columns[1:] if name]
        base = len(self.columns)
        place = {name: base + n for n, name in enumerate(names)} | {"": -1}
        places = [
            (one.asset, place[one.amount], place[one.fee], place[one.balance]) for one in assets
        ]
        for row in Table(file, self.needed, (*self.optional, *names), again=False).rows():
            if isinstance(row, Fault):
                yield row
                continue
            cells = (*row.cells, "")  # the last stands for a column that is not there
            moved = {
                asset: (cells[amount].strip(), cells[fee].strip(), cells[balance].strip())
                for asset, amount, fee, balance in places
                if cells[amount] or cells[fee]
            }
            yield Row(row.line, (*row.cells[:base], json.dumps(moved)))

    def _header(self, beginning: bytes) -> Sequence[str]:
        """The cells of the row that names the needed columns."""
        needed = {name.casefold() for name in self.needed}
        rows = ([cell.strip() for cell in cells] for cells in first_rows(beginning))
        return next((c for c in rows if needed.issubset(name.casefold() for name in c)), ())


def _assets(header: Sequence[str]) -> list[_Columns]:
    """The assets whose amounts a header has columns for."""
    found: dict[str, list[str]] = {}
    for cell in header:
        for place, kind in enumerate(_KINDS):
            match = kind.fullmatch(cell)
            if match:
                found.setdefault(match[1], ["", "", ""])[place] = cell
    return [_Columns(asset, *names) for asset, names in found.items() if names[0]]


def _key(cells: Cells) -> Key | str:
    date, time, type_, symbol, _, trade = cells[:6]
    if not date and not type_:
        return "totals of the history"
    at = _instant(date, time)
    if trade:
        return Key(at, f"{trade}/{type_.casefold()}")
    moved = [f"{a} {amount:f} {fee:f}" for a, amount, fee, _ in _moved(cells[-1])]
    return Key(at, identity=(at.isoformat(), type_.casefold(), symbol, *moved))


def _entry(kept: Kept, accounts: Accounts) -> HistoryRow:
    _, _, type_, symbol, specification, trade, order, transaction, moved = kept.cells
    kind = type_.casefold()
    return HistoryRow(
        file=kept.file,
        line=kept.line,
        id=trade or kept.id,
        at=kept.at,
        account=accounts.of(),
        rank=_RANKS.get(kind, 5),
        kind=kind,
        symbol=symbol,
        specification=specification,
        numbers=tuple(_moved(moved)),
        order=order,
        transaction=transaction.strip(),
    )


def _moved(packed: str) -> list[Numbers]:
    """What moved: asset, amount, fee as printed, and balance; only what is not zero."""
    rows = []
    for asset, (amount, fee, balance) in json.loads(packed).items():
        moved = _printed(amount, f"{asset} Amount"), _printed(fee, f"Fee ({asset})")
        if any(moved):
            held = _printed(balance, f"{asset} Balance") if balance else None
            rows.append(Numbers(asset, *moved, held))
    return rows


def _printed(text: str, column: str) -> Decimal:
    """An amount as people read it; nothing is zero. Raises `Misread`."""
    if not text:
        return Decimal(0)
    found = _PRINTED.fullmatch(text)
    digits = found["digits"] if found else text
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    try:
        value = number(digits, column)
    except Misread as misread:
        raise Misread(column, text, misread.problem, misread.hint) from None
    return -value if found and (found["out"] or found["minus"]) else value


def _instant(date: str, time: str) -> datetime:
    """Date and time of day; a table saved by a spreadsheet has both in both columns."""
    both = len(time) > len("19:41:00.164000")
    return utc(time if both else f"{date[:10]} {time}", "Time (UTC)")


HISTORY = HistoryLayout(
    name="gemini-history",
    title="Gemini: transaction history (Account, Balances, Statements; as CSV)",
    needed=("Date", "Time (UTC)", "Type", "Symbol", "Specification"),
    optional=("Trade ID", "Order ID", "Tx Hash"),
    generations=(("2017", ()),),
    key=_key,
    entry=_entry,
)
