"""Where Kraken's rows meet: a temporary SQLite database that joins, sorts and weeds them out.

The one trick: rows are kept as the text they are, so memory stays constant however long the files,
and what is the same row in two files is found by sorting. Nothing here depends on the order of
files or of rows.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from adapters.importers.kraken import kraken_codes as codes
from adapters.importers.kraken.kraken_rows import LEDGER, LEDGER_ALSO, TRADES, TRADES_ALSO
from adapters.importers.reading import Fault, Ignored, Outcome, SourceFile
from adapters.importers.table import Misread, Row, number
from domain.money import ZERO

Cells = tuple[str | None, ...]

_BETWEEN = "\x1f"  # what parts the cells of a row, kept as one text
_BATCH = 1000

_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -32000;
    CREATE TABLE ledger (
        n INTEGER PRIMARY KEY, file INT, line INT, txid, cells, refid, time, kind, pair, fate
    );
    CREATE TABLE trades (n INTEGER PRIMARY KEY, file INT, line INT, txid, cells);
    CREATE TEMP TABLE gone (n INT);
"""

_GROUPED = ", ".join(f"'{kind}'" for kind in sorted(codes.GROUPED))
_JOINED = ", ".join(f"'{kind}'" for kind in sorted(codes.JOINED))


class Gathered(NamedTuple):
    """A ledger row with the second it belongs to and its trade, if it has one, as they stand."""

    second: str
    file: int
    line: int
    cells: str
    kind: str
    fate: str
    trade_file: int
    trade_line: int
    trade_cells: str | None


def cells_of(text: str) -> list[str]:
    """The cells of a row that was kept as one text."""
    return text.split(_BETWEEN)


class Join:
    """Ledger entries and trades of all files of one import."""

    def __init__(self, files: Sequence[SourceFile]) -> None:
        self.files = files
        # The empty name is a file of its own, which is gone when closed.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")

    def close(self) -> None:
        self._database.close()

    # Filling --------------------------------------------------------------------------------------

    def add_ledger(self, file: int, rows: Iterator[Row | Fault]) -> Iterator[Outcome]:
        """Take in the entries of a ledgers file; yield what is no entry."""
        width = len(LEDGER) + len(LEDGER_ALSO)
        yield from self._add("ledger", file, rows, width, _entry)

    def add_trades(self, file: int, rows: Iterator[Row | Fault]) -> Iterator[Outcome]:
        """Take in the rows of a trades file; yield what is no trade."""
        width = len(TRADES) + len(TRADES_ALSO)
        yield from self._add("trades", file, rows, width, _trade)

    def _add(
        self,
        name: str,
        file: int,
        rows: Iterator[Row | Fault],
        width: int,
        keys: Callable[[tuple[str, ...]], Cells],
    ) -> Iterator[Outcome]:
        batch: list[tuple[Any, ...]] = []
        for row in rows:
            if isinstance(row, Fault):
                yield row
                continue
            line, cells, _ = row
            text = _BETWEEN.join(cells)
            if not cells[0]:
                yield Ignored(self.files[file], line, "pending: the venue gave it no id yet")
            elif text.count(_BETWEEN) >= width:
                yield Fault(file=self.files[file], line=line, problem="has control characters")
            else:
                batch.append((None, file, line, cells[0], text, *keys(cells)))
                if len(batch) == _BATCH:
                    self._insert(name, batch)
        self._insert(name, batch)

    def _insert(self, name: str, batch: list[tuple[Any, ...]]) -> None:
        if batch:
            marks = ", ".join("?" * len(batch[0]))
            self._database.executemany(f"INSERT INTO {name} VALUES ({marks})", batch)  # noqa: S608
            batch.clear()

    # Weeding out ----------------------------------------------------------------------------------

    def twins(self) -> Iterator[Outcome]:
        """Take out rows whose id another row has: ignored if they say the same, else a fault."""
        yield from self._twins("ledger", _same_entry)
        yield from self._twins("trades", _same_trade)

    def _twins(self, table: str, same: Callable[[list[str], list[str]], bool]) -> Iterator[Outcome]:
        run = self._database.execute
        run(f"CREATE INDEX {table}_txid ON {table} (txid)")
        twice = run(f"SELECT txid FROM {table} GROUP BY txid HAVING count(*) > 1")  # noqa: S608
        for (txid,) in twice:
            rows = [
                (n, file, line, cells_of(cells))
                for n, file, line, cells in run(
                    f"SELECT n, file, line, cells FROM {table} WHERE txid = ?"  # noqa: S608
                    " ORDER BY file, line",
                    (txid,),
                )
            ]
            kept = max(rows, key=lambda row: sum(map(bool, row[3])))  # the first of the fullest
            for row in rows:
                if row is not kept:
                    run("INSERT INTO gone VALUES (?)", (row[0],))
                    yield self._twin(row[1:], kept[1:], alike=same(row[3], kept[3]))
        run(f"DELETE FROM {table} WHERE n IN (SELECT n FROM gone)")  # noqa: S608
        run("DELETE FROM gone")

    def _twin(
        self, row: tuple[int, int, list[str]], kept: tuple[int, int, list[str]], *, alike: bool
    ) -> Outcome:
        file, line = self.files[row[0]], row[1]
        if alike:
            return Ignored(file, line, "the same row stands elsewhere in these files")
        where = f"{self.files[kept[0]].name}:{kept[1]}"
        return Fault(
            file=file,
            line=line,
            column="txid",
            value=row[2][0],
            problem=f"this id stands in {where} with other content, which was taken",
            hint="Was one of the files edited? Export both again",
        )

    def pair_off(self) -> None:
        """Mark entries that undo each other: reversals, and moves between own wallets."""
        run = self._database.execute
        run("CREATE INDEX ledger_refid ON ledger (refid, kind, time)")
        undone: list[tuple[str, int]] = []
        rows = run(
            "SELECT pair, n, kind, cells FROM ledger"
            " WHERE pair IS NOT NULL ORDER BY pair, time, txid"
        )
        for _, same in groupby(rows, key=itemgetter(0)):
            undone += _undone([_Half(n, kind, *cells_of(cells)) for _, n, kind, cells in same])
        self._database.executemany("UPDATE ledger SET fate = ? WHERE n = ?", undone)

    # Reading --------------------------------------------------------------------------------------

    def moments(self) -> Iterator[list[Gathered]]:
        """Entries second by second, oldest first, each with its trade.

        Entries that belong together share the second of the first of them.
        """
        rows = self._database.execute(
            f"""
            SELECT substr(CASE WHEN l.kind IN ({_GROUPED}) THEN (
                       SELECT min(time) FROM ledger g WHERE g.refid = l.refid AND g.kind = l.kind
                   ) ELSE l.time END, 1, 19) AS second,
                   l.file, l.line, l.cells, l.kind, l.fate, t.file, t.line, t.cells
            FROM ledger l LEFT JOIN trades t ON t.txid = l.refid AND l.kind IN ({_JOINED})
                AND l.kind = (  -- a settlement may bear the name of the trade that opened it
                    SELECT min(g.kind) FROM ledger g
                    WHERE g.refid = l.refid AND g.kind IN ({_JOINED})
                )
            ORDER BY second, l.time, l.txid
            """  # noqa: S608 - names of our own
        )
        for _, moment in groupby(map(Gathered._make, rows), key=itemgetter(0)):
            yield list(moment)

    def lonely_trades(self) -> Iterator[tuple[SourceFile, int, str]]:
        """Trades that no ledger entry refers to: file, line and id."""
        rows = self._database.execute(
            f"""
            SELECT file, line, txid FROM trades t WHERE NOT EXISTS (
                SELECT 1 FROM ledger l WHERE l.refid = t.txid AND l.kind IN ({_JOINED})
            ) ORDER BY file, line
            """  # noqa: S608 - names of our own
        )
        for file, line, txid in rows:
            yield self.files[file], line, txid


def _entry(cells: tuple[str, ...]) -> Cells:
    """What a ledger row is found by: refid, time, kind, what it may pair with, and its fate."""
    kind = codes.kind(cells[3], cells[8])
    pair = None
    if kind in codes.PAIRED:
        try:
            amount = abs(number(cells[5], "amount"))
        except Misread:
            amount = ZERO
        if amount:
            pair = f"{kind} {codes.asset(cells[4]).name} {amount}"
    return (cells[1], cells[2], kind, pair, "")


def _trade(cells: tuple[str, ...]) -> Cells:
    """What a trade is found by besides its id: nothing."""
    return ()


# What is the same, and what undoes what -----------------------------------------------------------


def _same_entry(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two ledger rows say the same, perhaps in the columns of two years."""
    _, refid, time, type_, asset, *numbers = one[:8]
    _, refid2, time2, type2, asset2, *numbers2 = other[:8]
    return (
        (refid, time[:19], type_, codes.asset(asset))
        == (refid2, time2[:19], type2, codes.asset(asset2))
        and all(map(_same_number, numbers, numbers2))
        and all(a == b or not a or not b for a, b in zip(one[8:10], other[8:10], strict=True))
    )


def _same_trade(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two rows are one trade. Its state (`ledgers`, `posstatus`) may have moved on."""
    at = TRADES.index("price")
    pairs = (one[2].replace("/", ""), other[2].replace("/", ""))
    same_pair = pairs[0] == pairs[1] or codes.split_pair(one[2], frozenset()) == codes.split_pair(
        other[2], frozenset()
    )
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
    """An entry that another one may undo: its kind, and its cells."""

    n: int
    kind: str
    txid: str
    refid: str
    time: str
    type: str
    asset: str
    amount: str
    fee: str
    balance: str
    subtype: str
    wallet: str
    feecurrency: str
    amountusd: str

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
        return codes.MOVED
    try:
        kept = number(half.fee, "fee") + number(partner.fee, "fee")
    except Misread:
        kept = ZERO
    return codes.REVERSED_BUT_FEE if kept else codes.REVERSED
