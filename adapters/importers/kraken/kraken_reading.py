"""Kraken's entries, second by second: put in order, gathered, joined with trades, and read."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from attrs import define, field

from adapters.importers.in_order import gathered
from adapters.importers.kraken import kraken_codes as codes
from adapters.importers.kraken.kraken_account import balance_asserted, margin_account
from adapters.importers.kraken.kraken_join import Gathered, Join, cells_of
from adapters.importers.kraken.kraken_margin import read_margin
from adapters.importers.kraken.kraken_positions import Positions
from adapters.importers.kraken.kraken_rows import (
    Chain,
    Entry,
    Group,
    Trade,
    chain_of,
    entry_of,
    key_of,
    trade_of,
)
from adapters.importers.kraken.kraken_settled import read_rollover, read_settled
from adapters.importers.kraken.kraken_spot import (
    BY_HAND,
    read_deposit,
    read_exchange,
    read_fee,
    read_futures,
    read_income,
    read_trade,
    read_withdrawal,
)
from adapters.importers.reading import Draft, Fault, Ignored, Outcome, Taken, Unclear
from adapters.importers.running_balances import RunningBalances
from adapters.importers.table import Misread
from domain.errors import InvalidEvent
from domain.money import ZERO, exact

_BOTH_FILES = "Export trades and ledgers for the same period, and give both in one import"
_APART = timedelta(minutes=10)  # the two files are seconds apart at most, time zones a quarter hour
_NEVER = datetime.min.replace(tzinfo=UTC)
_MARGIN = frozenset({"margin", "rollover", "settled"})


class Reading:
    """One import: what the account holds and has open so far, and what each second adds."""

    def __init__(self, join: Join, account: str | None) -> None:
        self._join = join
        self._account = account or "kraken/main"
        self._futures = f"{account}-futures" if account else "kraken/futures"
        self._balances = RunningBalances()
        self._positions = Positions()
        self._last: dict[str, tuple[datetime, Entry]] = {}
        """For each asset its last entry, and when everything of that second had happened."""
        self._margin = False

    def outcomes(self) -> Iterator[Outcome]:
        """What every row means, oldest first; then what they say of the account as a whole."""
        for rows in self._join.moments():
            yield from self._moment(rows)
        for file, line, txid in self._join.lonely_trades():
            yield Fault(
                file=file,
                line=line,
                column="txid",
                value=txid,
                problem="the ledger entries of this trade are missing",
                hint=_BOTH_FILES,
            )
        held = _held(self._balances)
        asserted = [
            balance_asserted(self._account, asset, quantity, at, entry)
            for asset, (at, entry) in sorted(self._last.items())
            if (quantity := held.get(asset)) is not None
        ]
        opened = margin_account(self._account) if self._margin else []
        if opened or asserted:
            yield Taken((), (*opened, *asserted))

    def _moment(self, rows: Sequence[Gathered]) -> list[Outcome]:
        """What the entries of one second mean."""
        with exact():
            moment = self._parsed(rows)
            chains, remarks = self._balances.follow(moment.entries)
            self._positions.midway = self._balances.midway
            outcomes: list[Outcome] = [*moment.faults, *remarks]
            turns: dict[datetime, int] = {}
            reached: dict[Chain, datetime] = {}
            for entries in gathered(moment.entries, chains, key_of):
                at = max([reached.get(e.chain, _NEVER) for e in entries] + [entries[0].at])
                group = Group(entries, at, self._account, turns)
                outcomes += self._group(group, moment)
                # The ledger's time is a whole second. What its balances show to have come after a
                # fill within that second must not stand before it.
                at = max([at, *(event.at for event in group.events)])
                reached |= {entry.chain: at for entry in entries}
            outcomes += [self._orphan(row) for row in moment.trades.values()]
            latest = max(reached.values(), default=_NEVER)
            for chain in chains:
                if chain[-1].chain.owned:
                    self._last[chain[-1].asset] = (latest, chain[-1])
            return outcomes

    def _parsed(self, rows: Sequence[Gathered]) -> "Moment":
        moment = Moment()
        for row in rows:
            file, cells = self._join.files[row.file], cells_of(row.cells)
            if row.trade_cells:
                moment.trades[cells[1]] = row
            try:
                moment.entries.append(entry_of(file, row.line, row.kind, row.fate, cells))
            except Misread as misread:
                moment.faults.append(misread.fault(file, row.line))
                key = (row.kind, cells[1] if row.kind in codes.GROUPED else cells[0])
                moment.broken[key] = f"{file.name}:{row.line}"
                self._balances.forget(chain_of(cells[4], cells[9]))
        return moment

    def _group(self, group: Group, moment: "Moment") -> list[Outcome]:
        """What entries that belong together mean, unless one of them could not be read."""
        first = group.entries[0]
        self._margin |= group.kind in _MARGIN
        try:
            if group.kind in codes.JOINED and first.refid in moment.trades:
                group.trade = self._trade(moment.trades.pop(first.refid))
                _refuse_shifted(group, group.trade)
            if moment.broken:
                _refuse_broken(group, moment.broken)
            reason = self._read(group, group.trade)
        except BadTrade as bad:
            return [bad.fault, *lost(group, Unclear(f"its trade in {bad.where} could not be read"))]
        except InvalidEvent as error:
            return lost(group, Unclear(error.problem, column=error.field, value=str(error.value)))
        except Unclear as unclear:
            return lost(group, unclear)
        if reason or not group.events:
            reason = reason or "nothing moved"
            return [Ignored(entry.file, entry.line, reason) for entry in group.entries]
        return [taken(group), *group.remarks]

    def _trade(self, row: Gathered) -> Trade:
        """The trade that stands beside an entry. Raises `BadTrade`."""
        file = self._join.files[row.trade_file]
        try:
            return trade_of(file, row.trade_line, cells_of(row.trade_cells or ""))
        except Misread as misread:
            raise BadTrade(misread.fault(file, row.trade_line)) from None

    def _orphan(self, row: Gathered) -> Fault:
        """The fault of a trade all of whose entries are faults."""
        where = f"{self._join.files[row.file].name}:{row.line}"
        return Fault(
            file=self._join.files[row.trade_file],
            line=row.trade_line,
            problem=f"belongs together with {where}, which could not be read",
        )

    def _read(self, group: Group, trade: Trade | None) -> str | None:
        """Add the group's events; return a reason to ignore its rows instead. Raises `Unclear`."""
        entry = group.entries[0]
        match group.kind:
            case "fee credits":
                return "fee credits, not money"
            case kind if kind and kind not in codes.JOINED and not group.moves():
                return "nothing moved"
            case "trade" if trade:
                read_trade(group, trade)
            case "margin" if trade:
                read_margin(group, trade, self._positions)
            case "trade" | "margin":
                problem = "its trade is missing in the trades file"
                raise Unclear(problem, _BOTH_FILES, "refid", entry.refid)
            case "settled":
                read_settled(group, trade, self._positions)
            case "rollover":
                read_rollover(group)
            case _ if entry.fate and (entry.fate == codes.REVERSED or not entry.charge):
                return entry.fate
            case _ if entry.fate:
                read_fee(group, entry)
            case "deposit":
                read_deposit(group, entry)
            case "withdrawal":
                read_withdrawal(group, entry)
            case "exchange" | "conversion":
                read_exchange(group)
            case "to futures" | "from futures":
                read_futures(group, self._futures)
            case "move":
                problem = "is one leg of a move between own wallets, without the other"
                raise Unclear(problem, "Export the whole time", "subtype", entry.subtype)
            case kind if kind in codes.INCOME:
                read_income(group, entry)
            case _:
                named = f"{entry.type}/{entry.subtype}" if entry.subtype else entry.type
                raise Unclear("is a type of entry not known here", BY_HAND, "type", named)
        return None


def _held(balances: RunningBalances) -> dict[str, Decimal | None]:
    """What is held of each asset in all places and wallets of the account (None: not known)."""
    sums: dict[str, Decimal | None] = {}
    for chain, balance in balances.last():
        if not isinstance(chain, Chain) or not chain.owned:
            continue
        before = sums.get(chain.asset.name, ZERO)
        known = balance is not None and before is not None
        sums[chain.asset.name] = before + balance if known else None  # type: ignore[operator]
    return sums


@define
class Moment:
    """The rows of one second as values: entries, trades beside them, and what cannot be read."""

    entries: list[Entry] = field(factory=list)
    trades: dict[str, Gathered] = field(factory=dict)
    """By id; one that is read is taken out."""
    faults: list[Fault] = field(factory=list)
    broken: dict[tuple[str, str], str] = field(factory=dict)
    """Where an entry could not be read, by what its group has in common."""


class BadTrade(Exception):
    """A trade's row that could not be read: its fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.problem)
        self.fault = fault
        self.where = f"{fault.file.name}:{fault.line}"


def _refuse_shifted(group: Group, trade: Trade) -> None:
    """Raise `Unclear` if a trade happened at another time than its entries say."""
    apart = abs(trade.at - group.entries[0].at)
    if group.kind != "settled" and apart > _APART:  # a settlement bears the name of its opening
        hours = str(apart).partition(".")[0]
        problem = f"its trade and its ledger entries are {hours} apart"
        hint = "Were the times of one file moved to another time zone? Export both again"
        raise Unclear(problem, hint, "time", trade.at.strftime("%Y-%m-%d %H:%M:%S"))


def _refuse_broken(group: Group, broken: dict[tuple[str, str], str]) -> None:
    """Raise `Unclear` if an entry that belongs to these could not be read."""
    first = group.entries[0]
    where = broken.get(key_of(first))
    if where:
        raise Unclear(f"belongs together with {where}, which could not be read")


def taken(group: Group) -> Taken:
    """The group's rows as its events; the first row is their source, with the others beside it."""
    rows = group.rows
    others = [row.file.row(row.line) for row in rows[1:]]
    source = rows[0].file.row(rows[0].line, *others)
    drafts = tuple(Draft(group.account, event, source) for event in group.events)
    return Taken(tuple((row.file, row.line) for row in rows), drafts)


def lost(group: Group, unclear: Unclear) -> list[Outcome]:
    """A fault for every row of a group that became nothing; the first says why."""
    rows = group.rows
    where = f"{rows[0].file.name}:{rows[0].line}"
    first = Fault(
        file=rows[0].file,
        line=rows[0].line,
        column=unclear.column,
        value=unclear.value,
        problem=unclear.problem,
        hint=unclear.hint,
    )
    others = f"belongs together with {where}, which was not read"
    return [first, *(Fault(file=row.file, line=row.line, problem=others) for row in rows[1:])]
