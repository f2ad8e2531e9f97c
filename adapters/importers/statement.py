"""The importer of a venue's statements: what all of them do, around what each of them means.

The one trick: rows of all files are sorted first, so the order of files and rows means nothing.
Then they are read instant by instant: running balances tell the order within it, rows that belong
together are gathered, and the venue says what they mean by adding events to their group. Whatever
it does not understand it raises as `Unclear`: a fault for every row of the group, never a guess.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import cast

from attrs import frozen

from adapters.importers.group import Group, Turns
from adapters.importers.in_order import gathered
from adapters.importers.layout import Accounts, Entry, Kept, Layout, Moved
from adapters.importers.reading import Draft, Fault, Outcome, SourceFile, Taken, Unclear
from adapters.importers.running_balances import RunningBalances
from adapters.importers.spool import Spool
from adapters.importers.table import plain
from adapters.importers.unread import UNREAD, fault_of
from domain.errors import InvalidEvent
from domain.events import AccountOpened, BalanceAsserted
from domain.money import ZERO, exact, total

BEGINNING = datetime(2009, 1, 3, tzinfo=UTC)
"""Before anything that a file can tell: when accounts that files speak of are opened."""


@frozen
class Mode:
    """What kind of account a wallet is: `cross`, or `isolated` with its `pair` if that is known."""

    mode: str
    pair: str | None = None


class Meaning(ABC):
    """What rows of one venue mean, for one import: it may keep what it has seen so far."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.modes: dict[str, Mode] = {}
        """Accounts that are no spot account, by name: filled while rows are read."""

    @abstractmethod
    def read(self, group: Group) -> str | None:
        """Add the group's events; return a reason to ignore its rows instead. Raises `Unclear`."""

    def held(self, balance: Decimal) -> Decimal:
        """What is held where the venue's running balance says this: below zero, it may be owed."""
        return balance

    def rounding(self, asset: str) -> Decimal:
        """How far a printed balance of an asset may be off: then it vouches for nothing."""
        return ZERO

    def regroup(self, groups: Iterator[list[Entry]]) -> Iterator[list[Entry]]:
        """The groups as the venue has them, where bundles do not say all: theirs, oldest first."""
        return groups


class Statement(ABC):
    """An importer of statements: a venue's layouts, and what their rows mean."""

    name: str
    title: str
    """The venue, as it calls itself."""
    venue = ""
    """What its accounts are called by, where that is not the importer's name."""
    layouts: Sequence[Layout]
    spanning = False
    """Whether rows of one bundle may be of several instants."""
    all_or_nothing = False

    @property
    def headers(self) -> Sequence[str]:
        return [layout.looks_like for layout in self.layouts]

    @abstractmethod
    def meaning(self, accounts: Accounts) -> Meaning:
        """What rows mean, for one import."""

    def recognise(self, beginning: bytes) -> str | None:
        """`VENUE-KIND YEAR`: the kind of file, and when such files were first seen."""
        return next(filter(None, (each.recognise(beginning) for each in self.layouts)), None)

    def read(self, files: Sequence[SourceFile], account: str | None) -> Iterator[Outcome]:
        """Every row of these files, in the order of time."""
        ordered = sorted(files, key=lambda file: (file.name, file.sha256))
        accounts = Accounts(self.venue or self.name, account)
        with closing(Spool(ordered)) as spool:
            for number, file in enumerate(ordered):
                layout = self._layout_of(file)
                if layout is None:
                    yield self._unknown(file)
                else:
                    yield from spool.take_in(number, layout)
            yield from spool.others()
            yield from spool.twins(lambda one, other: _same(one, other, accounts))
            reading = _Reading(self.meaning(accounts), accounts)
            yield from reading.outcomes(spool.moments(spanning=self.spanning))

    def _layout_of(self, file: SourceFile) -> Layout | None:
        with file.path.open("rb") as start:
            beginning = start.read(1 << 16)
        return next((each for each in self.layouts if each.recognise(beginning)), None)

    def _unknown(self, file: SourceFile) -> Fault:
        hint = f"The header should be {' or '.join(self.headers)}"
        problem = f"is no export of {self.title}"
        return Fault(file=file, line=0, problem=problem, hint=hint, counts=False)


def _same(one: tuple[Layout, Kept], other: tuple[Layout, Kept], accounts: Accounts) -> bool:
    """Whether two rows of one id say the same; what only one of them says is no contradiction."""
    try:
        with exact():
            first, second = (layout.entry(kept, accounts) for layout, kept in (one, other))
    except UNREAD:
        return False
    names = [a.name for a in first.__attrs_attrs__ if a.name not in ("file", "line")]
    pairs = ((getattr(first, name), getattr(second, name, None)) for name in names)
    return type(first) is type(second) and all(
        a == b or a in ("", None) or b in ("", None) for a, b in pairs
    )


class _Reading:
    """One import under way: running balances, and what is found while rows are gathered."""

    def __init__(self, meaning: Meaning, accounts: Accounts) -> None:
        self._meaning = meaning
        self._accounts = accounts
        self._balances = RunningBalances(meaning.rounding)
        self._found: list[Outcome] = []
        self._last: dict[tuple[str, str], Moved] = {}
        """The last entry of each account and asset that told a balance."""
        self._turns = Turns()
        self._instant: datetime | None = None
        self._named: set[tuple[str, str]] = set()
        """The events of this instant by account and id."""

    def outcomes(self, moments: Iterator[list[tuple[Layout, Kept]]]) -> Iterator[Outcome]:
        """What every row means, oldest first; then what the files say of each account."""
        groups = chain.from_iterable(map(self._gathered, moments))
        for entries in _exactly(self._meaning.regroup(groups)):
            yield from self._drained()
            yield from self._group(entries)
        yield from self._drained()
        drafts = (*self._opened(), *self._asserted())
        if drafts:
            yield Taken((), drafts)

    def _drained(self) -> Iterator[Outcome]:
        yield from self._found
        self._found.clear()

    def _gathered(self, rows: list[tuple[Layout, Kept]]) -> list[list[Entry]]:
        """The rows of one instant by what belongs together, in order."""
        entries: list[Entry] = []
        broken: dict[str, str] = {}
        for layout, kept in rows:
            try:
                entries.append(layout.entry(kept, self._accounts))
            except UNREAD as error:
                self._found.append(fault_of(error, kept.file, kept.line))
                broken[kept.bundle] = f"{kept.file.name}:{kept.line}"
                self._balances.forget_all()
        if broken:
            entries = [entry for entry in entries if not self._is_broken(entry, broken)]
        entries.sort(key=lambda entry: entry.rank)
        told = [moved for entry in entries for moved in entry.told]
        chains, faults = self._balances.follow(told)
        self._found += faults
        for chain_ in chains:
            self._last[chain_[-1].account, chain_[-1].asset] = chain_[-1]
        if len(entries) == 1:
            return [entries]
        row = {id(moved): entry for entry in entries for moved in entry.told}
        return gathered(entries, [[row[id(moved)] for moved in c] for c in chains], _bundle)

    def _is_broken(self, entry: Entry, broken: dict[str, str]) -> bool:
        """Whether a row goes with one that could not be read; then it is a fault, too."""
        if not entry.bundle or entry.bundle not in broken:
            return False
        problem = f"belongs together with {broken[entry.bundle]}, which could not be read"
        self._found.append(Fault(file=entry.file, line=entry.line, problem=problem))
        return True

    def _group(self, entries: Sequence[Entry]) -> Iterator[Outcome]:
        group = Group(entries, self._turns)
        try:
            with exact():
                reason = self._meaning.read(group)
            self._once(group)
        except UNREAD as error:
            return _lost(entries, error)
        if reason:
            group.ignore(reason)
        return group.outcomes()

    def _once(self, group: Group) -> None:
        """Raise `Unclear` where an event of this instant is called so already.

        The log would take it for the same event, and one of two would be lost in silence.
        """
        if group.at != self._instant:
            self._instant, self._named = group.at, set()
        for draft in group.drafts:
            name = (draft.account, draft.event.id)
            if name in self._named:
                problem = f"would become the event {draft.event.id}, and so would another row"
                raise Unclear(problem, "Two that cannot be told apart: record one by hand")
            self._named.add(name)

    def _opened(self) -> Iterator[Draft]:
        for account, mode in sorted(self._meaning.modes.items()):
            venue = self._accounts.venue
            opened = AccountOpened(
                at=BEGINNING,
                id=opening(venue),
                mode=mode.mode,
                venue=venue,
                pair=mode.pair,
            )
            yield Draft(account, opened, None)

    def _asserted(self) -> Iterator[Draft]:
        """What the running balances say is held after the last row of each asset."""
        held: dict[tuple[str, str], Decimal | None] = {}
        for told, balance in self._balances.last():
            account, asset, _ = cast("tuple[str, str, str]", told)
            before = held.get((account, asset), ZERO)
            known = None if before is None or balance is None else total(before, balance)
            held[account, asset] = known
        for name, quantity in sorted(held.items()):
            last = self._last.get(name)
            if quantity is None or last is None or self._meaning.rounding(last.asset):
                continue
            try:
                asserted = BalanceAsserted(
                    at=last.at,
                    id=f"balance/{last.asset}/{last.id}",
                    asset=last.asset,
                    quantity=plain(self._meaning.held(quantity)),
                )
            except InvalidEvent:  # its row is a fault
                continue
            yield Draft(last.account, asserted, last.file.row(last.line))


def opening(venue: str) -> str:
    """What the opening of a venue's account is called."""
    return f"account/{venue}"


def _bundle(entry: Entry) -> object:
    return entry.bundle or id(entry)


def _exactly(groups: Iterator[list[Entry]]) -> Iterator[list[Entry]]:
    """The groups, each made in a context in which rounding is an error, and given out of it."""
    while True:
        with exact():
            group = next(groups, None)
        if group is None:
            return
        yield group


def _lost(entries: Sequence[Entry], error: Exception) -> Iterator[Outcome]:
    """A fault for every row of a group that became nothing; the first says why."""
    first = entries[0]
    yield fault_of(error, first.file, first.line)
    problem = f"belongs together with {first.file.name}:{first.line}, which was not read"
    for entry in entries[1:]:
        yield Fault(file=entry.file, line=entry.line, problem=problem)
