"""A layout: one kind of file, known by the names of its columns, and how its rows are looked at.

A row is looked at twice. Before sorting, `key` says when it happened, what it is called and which
rows belong to it; that must be cheap. Afterwards `entry` reads it as values. Both raise `Misread`
for a cell that does not hold what its column promises, and then the row is a fault.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from attrs import define, field, frozen

from adapters.importers.column_names import named_columns
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import BOM, HEADER_WITHIN, Row, Table
from adapters.importers.zones import ZONE
from adapters.wire import account_name
from domain.money import ZERO

Cells = tuple[str, ...]
"""A row's cells: the needed columns, then the optional ones ("" where the file has no such)."""


class Key(NamedTuple):
    """What a row is sorted and found by.

    `id` is the venue's own, unique within the layout's family of files. Where there is none,
    `identity` says what makes the row this row in every generation of the format, in the file's
    own words (canonical times and numbers apart): rows that are alike are told apart by counting
    them. `bundle` is what rows that belong together have in common ("": the row stands alone).
    """

    at: datetime
    id: str = ""
    bundle: str = ""
    identity: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The id, or `~` and a digest of the identity."""
        if self.id:
            return self.id
        text = "\x1f".join(self.identity).encode("utf-8", "surrogateescape")
        return "~" + blake2b(text, digest_size=10).hexdigest()


class Kept(NamedTuple):
    """A row as it was kept: where it stands, its name, its instant, and its cells."""

    file: SourceFile
    line: int
    id: str
    at: datetime
    bundle: str
    cells: Cells


@frozen
class Accounts:
    """Which account each wallet of a venue is: `binance/cross`, `binance/main`.

    A `given` account stands for the venue's main wallet, and with the wallet's name behind it for
    the others: `mine`, `mine-cross`.
    """

    venue: str
    given: str | None

    def of(self, wallet: str = "main") -> str:
        """The account of a wallet: `main`, `cross`, `isolated/BTCUSDT`.

        Raises `InvalidEvent` for one that no account can be called by: people name wallets, too.
        """
        named = account_name(f"{self.venue}/{wallet}")
        if self.given is None:
            return named
        return self.given if wallet == "main" else f"{self.given}-{wallet.replace('/', '-')}"


@define(eq=False, kw_only=True)
class Entry:
    """One row as values. A venue adds what its rows say in a subclass of its own.

    `rank` orders entries of one instant where no running balance does: the lower comes first (what
    comes in 1, loans 2, trades 5, repayments 7, what goes out 9).
    """

    file: SourceFile
    line: int
    id: str
    at: datetime
    account: str
    bundle: str = ""
    rank: int = 5

    @property
    def told(self) -> "Sequence[Moved]":
        """What it moves, balance by balance, where it prints what is held afterwards.

        The same objects whenever it is asked: they learn which sign their fee has.
        """
        return ()


@define(eq=False, kw_only=True)
class Moved(Entry):
    """A row that moves one balance: `amount` is signed and comes before the `fee` taken with it.

    `kind` is the venue's word for it, in a form that all generations share; `asset` the common
    name; `balance` what is held afterwards, where the file says so; `wallet` where the account
    keeps it, if that has a running balance of its own; `word` what the row says besides.
    """

    kind: str
    asset: str
    amount: Decimal
    fee: Decimal = ZERO
    charge: Decimal = field(init=False)
    balance: Decimal | None = None
    wallet: str = ""
    word: str = ""

    @charge.default
    def _charge(self) -> Decimal:
        return self.fee

    @property
    def told(self) -> "Sequence[Moved]":
        return () if self.balance is None else (self,)

    @property
    def chain(self) -> tuple[str, str, str]:
        """What its running balance counts."""
        return (self.account, self.asset, self.wallet)

    @property
    def net(self) -> Decimal:
        """What the balance did, fee included."""
        return self.amount - self.charge


@frozen(kw_only=True, slots=False)
class Header:
    """The names of the columns by which one kind of file is known. `name` is `VENUE-KIND`."""

    name: str
    title: str
    """What it is, and where the venue gives it, for people."""
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(factory=dict)
    """Columns as some files spell them -> as they are called here. Capitals mean nothing."""
    generations: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """When such files were first seen, and the columns (as the file spells them) that tell it: the
    newest first. The last may need none."""

    @property
    def looks_like(self) -> str:
        """The header that it is known by, for people."""
        perhaps = (f"[{name}]" for name in self.optional if name != ZONE)
        return ",".join((*self.needed, *perhaps))

    def recognise(self, beginning: bytes) -> str | None:
        """The generation of a file that begins so, or None: it is none of this kind."""
        for cells in first_rows(beginning):
            names = named_columns(cells, self.columns, self.aliases)
            if not set(self.needed).difference(names):
                return self.generation(cells)
        return None

    def missing(self, beginning: bytes) -> list[str]:
        """The needed columns that a file which begins so lacks, in its likeliest header."""
        return min(
            (
                [name for name in self.needed if name not in names]
                for cells in first_rows(beginning)
                for names in (named_columns(cells, self.columns, self.aliases),)
            ),
            key=len,
            default=[*self.needed],
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read."""
        return (*self.needed, *self.optional)

    def generation(self, cells: Sequence[str]) -> str:
        """The format's name, with when files with these columns were first seen."""
        spelled = {cell.strip().casefold() for cell in cells}
        for label, columns in self.generations:
            if spelled.issuperset(column.casefold() for column in columns):
                return f"{self.name} {label}"
        return self.name


@frozen(kw_only=True, slots=False)
class Layout(Header):
    """One kind of file, and how its rows are looked at."""

    family: str = field()
    """What shares its ids: rows of one family with one id are one row (its CSV and its pages)."""
    key: Callable[[Cells], Key | str]
    """When and what a row is, and with which others; a text says why it is nothing to record."""
    entry: Callable[[Kept, Accounts], Entry]
    """The row as values."""
    nothing: str = ""
    """What stands in place of rows where there are none."""
    user: str = ""
    """The column that names the user, where there is one: rows of two are never mixed."""

    @family.default
    def _family(self) -> str:
        return self.name

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        """Every row of a file of this kind, or the fault that it is."""
        table = Table(file, self.needed, self.optional, aliases=self.aliases, nothing=self.nothing)
        return table.rows()


def first_rows(beginning: bytes) -> Iterator[list[str]]:
    """The first rows of a table, as far as they can be read: one of them may be the header."""
    text = beginning.decode("utf-8-sig", errors="replace").replace(BOM, "")
    reader = csv.reader(text.splitlines()[: 2 * HEADER_WITHIN])
    try:
        yield from (
            cells for cells, _ in zip(filter(None, reader), range(HEADER_WITHIN), strict=False)
        )
    except csv.Error:
        return
