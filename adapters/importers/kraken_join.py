"""Where Kraken's rows meet: a temporary SQLite database that joins, sorts and weeds them out.

The one trick: rows are kept as the text they are, so memory stays constant however long the files, and what
is the same row in two files is found by sorting. Nothing here depends on the order of files or of rows.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from adapters.importers import kraken_codes as codes
from adapters.importers.kraken_rows import LEDGER, LEDGER_ALSO, TRADES, TRADES_ALSO
from adapters.importers.reading import Fault, Ignored, Outcome, SourceFile
from adapters.importers.table import Misread, Row, Table, number
from domain.money import ZERO

_LEDGER_CELLS = ", ".join((*LEDGER, *LEDGER_ALSO))
_TRADE_CELLS = ", ".join((*TRADES, *TRADES_ALSO))
_BATCH = 1000

_TABLES = f"""
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -32000;
    CREATE TABLE ledger (n INTEGER PRIMARY KEY, file, line, kind, pair, fate, {_LEDGER_CELLS});
    CREATE TABLE trades (n INTEGER PRIMARY KEY, file, line, {_TRADE_CELLS});
    CREATE TEMP TABLE gone (n INTEGER);
"""


class Join:
    """Ledger entries and trades of all files of one import."""

    def __init__(self, files: Sequence[SourceFile]) -> None:
        self.files = files
        self._database = sqlite3.connect("", isolation_level=None)  # a file of its own, gone when closed
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")

    def close(self) -> None:
        self._database.close()

    # Filling ----------------------------------------------------------------------------------------

    def add_ledger(self, file: int) -> Iterator[Outcome]:
        """Take in the entries of a ledgers file; yield what is no entry."""
        table = Table(self.files[file], LEDGER, LEDGER_ALSO)
        cells = ", ".join("?" * len((*LEDGER, *LEDGER_ALSO)))
        insert = f"INSERT INTO ledger VALUES (NULL, ?, ?, ?, ?, '', {cells})"  # noqa: S608 - marks alone
        batch: list[tuple[Any, ...]] = []
        for row in table.rows():
            if isinstance(row, Fault):
                yield row
            elif not row.cells[0]:
                yield Ignored(self.files[file], row.line, "pending: the venue gave it no ledger id yet")
            else:
                batch.append((file, *_with_kind(row)))
                if len(batch) == _BATCH:
                    self._database.executemany(insert, batch)
                    batch.clear()
        self._database.executemany(insert, batch)

    def add_trades(self, file: int) -> Iterator[Outcome]:
        """Take in the rows of a trades file; yield what is no trade."""
        table = Table(self.files[file], TRADES, TRADES_ALSO)
        cells = ", ".join("?" * len((*TRADES, *TRADES_ALSO)))
        insert = f"INSERT INTO trades VALUES (NULL, ?, ?, {cells})"  # noqa: S608 - marks alone
        batch: list[tuple[Any, ...]] = []
        for row in table.rows():
            if isinstance(row, Fault):
                yield row
            else:
                batch.append((file, row.line, *row.cells))
                if len(batch) == _BATCH:
                    self._database.executemany(insert, batch)
                    batch.clear()
        self._database.executemany(insert, batch)

    # Weeding out ------------------------------------------------------------------------------------

    def twins(self) -> Iterator[Outcome]:
        """Take out rows whose id another row has: ignored if they say the same, else a fault."""
        yield from self._twins("ledger", _LEDGER_CELLS, _same_entry)
        yield from self._twins("trades", _TRADE_CELLS, _same_trade)

    def _twins(self, table: str, cells: str, key: Any) -> Iterator[Outcome]:
        run = self._database.execute
        run(f"CREATE INDEX {table}_txid ON {table} (txid)")
        many = run(f"SELECT txid FROM {table} GROUP BY txid HAVING count(*) > 1")  # noqa: S608
        for (txid,) in many:
            rows = run(
                f"SELECT n, file, line, {cells} FROM {table} WHERE txid = ? ORDER BY file, line",  # noqa: S608
                (txid,),
            ).fetchall()
            kept = max(rows, key=lambda row: (sum(map(bool, row[3:])), -row[1], -row[2]))
            for row in rows:
                if row is kept:
                    continue
                run("INSERT INTO gone VALUES (?)", (row[0],))
                file, line = self.files[row[1]], row[2]
                if key(row[3:], kept[3:]):
                    yield Ignored(file, line, "the same row stands elsewhere in these files")
                else:
                    where = f"{self.files[kept[1]].name}:{kept[2]}"
                    yield Fault(
                        file=file,
                        line=line,
                        column="txid",
                        value=txid,
                        problem=f"this id stands in {where} with other content, which was taken",
                        hint="Was one of the files edited? Export both again",
                    )
        run(f"DELETE FROM {table} WHERE n IN (SELECT n FROM gone)")  # noqa: S608
        run("DELETE FROM gone")

    def pair_off(self) -> None:
        """Mark entries that undo each other: reversals, and moves between the owner's own wallets."""
        run = self._database.execute
        run("CREATE INDEX ledger_refid ON ledger (refid, kind, time)")
        undone: list[tuple[str, int]] = []
        rows = run(
            "SELECT pair, n, refid, kind, amount, fee, asset, wallet FROM ledger"
            " WHERE pair IS NOT NULL ORDER BY pair, time, txid"
        )
        for _, same in groupby(rows, key=itemgetter(0)):
            undone += _undone([_Half(*row[1:]) for row in same])
        self._database.executemany("UPDATE ledger SET fate = ? WHERE n = ?", undone)

    # Reading ----------------------------------------------------------------------------------------

    def moments(self) -> Iterator[list[tuple[Any, ...]]]:
        """Entries second by second: (second, file, line, kind, fate, cells...), oldest first.

        Entries that belong together share the second of the first of them.
        """
        grouped = ", ".join(f"'{kind}'" for kind in sorted(codes.GROUPED))
        rows = self._database.execute(
            f"""
            SELECT substr(CASE WHEN kind IN ({grouped}) THEN (
                       SELECT min(time) FROM ledger g WHERE g.refid = l.refid AND g.kind = l.kind
                   ) ELSE time END, 1, 19) AS second, file, line, kind, fate, {_LEDGER_CELLS}
            FROM ledger l ORDER BY second, time, txid
            """  # noqa: S608 - column names of our own
        )
        rows.arraysize = _BATCH
        for _, moment in groupby(rows, key=itemgetter(0)):
            yield list(moment)

    def trade(self, txid: str) -> tuple[Any, ...] | None:
        """The trade of this id as (file, line, cells...)."""
        found: tuple[Any, ...] | None = self._database.execute(
            f"SELECT file, line, {_TRADE_CELLS} FROM trades WHERE txid = ?",  # noqa: S608
            (txid,),
        ).fetchone()
        return found

    def lonely_trades(self) -> Iterator[tuple[SourceFile, int, str]]:
        """Trades that no ledger entry refers to: file, line and id."""
        joined = ", ".join(f"'{kind}'" for kind in sorted(codes.JOINED))
        rows = self._database.execute(
            f"""
            SELECT file, line, txid FROM trades t WHERE NOT EXISTS (
                SELECT 1 FROM ledger l WHERE l.refid = t.txid AND l.kind IN ({joined})
            ) ORDER BY file, line
            """  # noqa: S608 - names of our own
        )
        for file, line, txid in rows:
            yield self.files[file], line, txid


def _with_kind(row: Row) -> tuple[Any, ...]:
    """A ledger row's line, kind, what it may pair with, and cells."""
    cells = row.cells
    kind = codes.kind(cells[3], cells[8])
    pair = None
    if kind in codes.PAIRED:
        try:
            amount = abs(number(cells[5], "amount"))
        except Misread:
            amount = ZERO
        if amount:
            pair = f"{kind} {codes.asset(cells[4]).name} {amount}"
    return (row.line, kind, pair, *cells)


# What is the same, and what undoes what -------------------------------------------------------------


def _same_entry(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two ledger rows say the same, perhaps in the columns of two years."""
    txid, refid, time, type_, asset, *numbers = one[:8]
    txid2, refid2, time2, type2, asset2, *numbers2 = other[:8]
    return (
        (refid, time[:19], type_, codes.asset(asset)) == (refid2, time2[:19], type2, codes.asset(asset2))
        and all(map(_same_number, numbers, numbers2))
        and all(a == b or not a or not b for a, b in zip(one[8:10], other[8:10], strict=True))
    )


def _same_trade(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two rows are the same trade. Its state (`ledgers`, `posstatus`, ...) may have moved on."""
    at = TRADES.index("price")
    pairs = (one[2].replace("/", ""), other[2].replace("/", ""))
    same_pair = pairs[0] == pairs[1] or codes.split_pair(one[2], ()) == codes.split_pair(other[2], ())
    return (
        same_pair
        and (one[1], one[3], one[4], one[5]) == (other[1], other[3], other[4], other[5])
        and all(map(_same_number, one[at : at + 5], other[at : at + 5]))
    )


def _same_number(one: str, other: str) -> bool:
    try:
        return one == other or abs(number(one, "")) == abs(number(other, ""))
    except Misread:
        return False


class _Half(NamedTuple):
    """An entry that another one may undo."""

    n: int
    refid: str
    kind: str
    amount: str
    fee: str
    asset: str
    wallet: str

    @property
    def out(self) -> bool:
        return self.amount.startswith("-")


def _undone(halves: Sequence[_Half]) -> Iterator[tuple[str, int]]:
    """Which of these entries of one kind, asset and amount undo each other: (why, n) of each.

    They come oldest first. Only an earlier deposit or withdrawal can be reversed.
    """
    waiting: dict[bool, list[_Half]] = {True: [], False: []}
    for half in halves:
        others = waiting[not half.out]
        if (half.kind, half.out) in (("deposit", False), ("withdrawal", True)):
            others = []
        partner = _partner(half, others)
        if partner is None:
            waiting[half.out].append(half)
            continue
        others.remove(partner)
        why = _why(half, partner)
        yield why, half.n
        yield why, partner.n


def _partner(half: _Half, others: list[_Half]) -> _Half | None:
    """The one of these that `half` undoes: of the same reference, else the nearest in time."""
    for other in others:
        if other.refid == half.refid:
            return other
    if half.kind == "airdrop":  # units given twice are no move; units in another place may be
        others = [o for o in others if (o.asset, o.wallet) != (half.asset, half.wallet)]
    return others[-1] if others else None


def _why(half: _Half, partner: _Half) -> str:
    if half.kind in ("move", "airdrop"):
        return "moved between own wallets"
    try:
        kept = number(half.fee, "fee") + number(partner.fee, "fee")
    except Misread:
        kept = ZERO
    return "reversed by the venue, but for its fee" if kept else "reversed by the venue"
