"""Appending: one transaction, streaming, each event answered.

The log is asked for a batch of ids at a time what it holds already; what is new is chained and
stored, what is there is compared. Nothing is kept but the current batch and each stream's last
version.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime
from enum import Enum
from itertools import islice

from attrs import evolve, frozen
from eventsourcing.sqlite import SQLiteCursor

from adapters import clock
from adapters.importers.reading import Draft
from adapters.log.chain import Head
from adapters.log.database import told
from adapters.log.entries import recorded, without_sources
from adapters.log.pages import Selection, pages_read
from adapters.log.recorder import LogRecorder, plain_rows
from adapters.log.separation import misplaced
from adapters.log.tail import Held
from adapters.wire import account_name, encode, topics_of
from domain.errors import InvalidEvent, LogError
from domain.events import AccountOpened, Event, Filled
from domain.order import place
from domain.recorded import Recorded, same_fact, stream_of

_BATCH = 2000


class Fate(Enum):
    """What became of an event that the log does not contradict."""

    RECORDED = "recorded"
    KNOWN = "known"


@frozen
class Conflict:
    """The account holds another event, `recorded`, under the same id. The new one is refused."""

    recorded: Recorded


Answer = Fate | Conflict
"""What the log answers to an event."""

_RECORDED, _KNOWN = Fate.RECORDED, Fate.KNOWN


@frozen(kw_only=True)
class Receipt:
    """What an append did; `head` is the log's after it."""

    recorded: int
    known: int
    conflicts: tuple[Conflict, ...]
    head: Head

    @property
    def positions(self) -> range:
        """The positions of what was recorded."""
        return range(self.head.position - self.recorded + 1, self.head.position + 1)


class _Stream:
    __slots__ = ("began", "held", "name", "version")

    def __init__(self, name: str, version: int) -> None:
        self.name = name
        self.version = version
        self.began = version > 0
        """Whether it held anything before this writing."""
        self.held: dict[str, Held] = {}
        """What the log holds under the ids of the current batch."""


class Writing:
    """An append that is under way: kept when its block ends, unless it was discarded or raised."""

    def __init__(
        self, recorder: LogRecorder, cursor: SQLiteCursor, book: str, *, paper: bool = False
    ) -> None:
        self._book = book
        self._paper = paper
        self._recorder = recorder
        self._cursor = cursor
        self._tail = recorder.lock(cursor)
        self._before = self._tail.position
        """The last position of what was recorded before this append."""
        self._streams: dict[str, _Stream] = {}
        self._looked_up: list[_Stream] = []
        self._discarded = False
        self._whole = True

    @property
    def head(self) -> Head:
        """The log's head with what was appended so far."""
        return Head(self._tail.position, self._tail.hash.hex())

    @property
    def recorded_at(self) -> datetime:
        """When what is appended here is recorded: the time it began at, or the last recorded."""
        return clock.instant(self._tail.recorded_at)

    def discard(self) -> None:
        """Let nothing of this be kept: a dry run, or a file that is refused."""
        self._discarded = True

    def is_kept(self) -> bool:
        """Whether to commit. Raises `LogError` after an append that failed."""
        if not self._whole:
            msg = "nothing of this was recorded, because a part of it failed: begin again"
            raise LogError(msg)
        return not self._discarded

    def append(self, drafts: Iterable[Draft]) -> list[Answer]:
        """Append what is new; return an answer to each draft, in order.

        Raises:
            LogError: the log cannot be written. Nothing of this writing is kept.
            InvalidEvent: an account's name or a text cannot be stored, or the event belongs into
                another kind of book (adapters/log/separation.py). Nothing is kept either.
        """
        self._whole = False  # should this raise, and the caller go on
        answers: list[Answer] = []
        remaining = iter(drafts)
        while batch := list(islice(remaining, _BATCH)):
            with told(self._book):
                self._look_up(batch)
            answers.extend(self._answers(batch))
            with told(self._book):
                self._recorder.write(self._cursor, self._tail)
        self._whole = True
        return answers

    def read(self, types: Collection[type[Event]]) -> Iterator[Recorded]:
        """What the log holds of these kinds, with what was appended so far, in order of position.

        The database looks for them by their stored names; nothing else is decoded.
        """
        wanted = Selection(known=self._tail.position, topics=topics_of(types), replay=False)
        rows = plain_rows(self._cursor)
        with told(self._book):
            for page in pages_read(lambda: nullcontext(rows), wanted):
                yield from without_sources(page)

    def _look_up(self, batch: list[Draft]) -> None:
        """Learn what the log holds under the batch's ids."""
        ids: dict[str, list[str]] = {}
        for draft in batch:
            ids.setdefault(draft.account, []).append(draft.event.id)
            for account, key in draft.elsewhere if self._before else ():
                if self._stream(account).began:
                    ids.setdefault(account, []).append(key)
        for stream in self._looked_up:
            stream.held = {}
        self._looked_up = [self._stream(name) for name in ids]
        for stream, keys in zip(self._looked_up, ids.values(), strict=True):
            try:
                stream.held = self._recorder.held(self._cursor, stream.name, keys)
            except UnicodeEncodeError as problem:
                raise InvalidEvent("id", problem.object, "cannot be written as UTF-8") from problem

    def _stream(self, account: str) -> _Stream:
        return self._streams.get(account) or self._opened(account)

    def _opened(self, account: str) -> _Stream:
        name = stream_of(account_name(account))
        stream = _Stream(name, self._recorder.version(self._cursor, name))
        self._streams[account] = stream
        return stream

    def _answers(self, batch: list[Draft]) -> Iterator[Answer]:
        tail, streams, paper = self._tail, self._streams, self._paper
        for draft in batch:
            event = draft.event
            wrong = misplaced(draft.account, event, paper=paper)
            if wrong is not None:
                raise InvalidEvent(*wrong)
            topic, state = encode(event, draft.source)
            stream = streams[draft.account]
            held = stream.held.get(event.id)
            if held is not None:
                yield _compared(held, draft, topic, state)
                continue
            if (
                self._before
                and draft.elsewhere
                and (answer := self._told_elsewhere(draft)) is not None
            ):
                yield answer
                continue
            stream.version = version = stream.version + 1
            at, order = clock.microseconds(event.at), place(event)
            row = tail.add(stream.name, version, topic, state, event.id, at, order)
            stream.held[event.id] = row
            yield _RECORDED

    def _told_elsewhere(self, draft: Draft) -> Answer | None:
        """The answer to an event that an earlier import put elsewhere; None: it is a new one.

        What this very append holds is an event of its own. One of the same account at another
        time may be, too, and may be not: a conflict.
        """
        for account, key in draft.elsewhere:
            held = self._streams[account].held.get(key)
            entry = None if held is None else recorded(held[:8])
            if entry is None or entry.position > self._before:
                continue
            if isinstance(entry.event, AccountOpened):
                return _KNOWN
            same = _says(entry.event, draft.event) or _turned(entry.event, draft.event)
            if same and account == draft.account and entry.event.at == draft.event.at:
                return _KNOWN
            if same and account != draft.account and not draft.placed:
                return _KNOWN
            if same or (key == draft.event.id and not draft.placed):
                return Conflict(entry)
        return None


_NAMES = ("at", "id", "of", "sequence", "note")


def _says(one: Event, other: Event) -> bool:
    """Whether `one` says all that `other` says but its time and name, forced or not."""
    names = (each.name for each in other.__attrs_attrs__ if each.name not in _NAMES)
    return all(getattr(one, name, None) == getattr(other, name) for name in names)


def _turned(one: Event, other: Event) -> bool:
    """Whether they are one trade, seen from its two sides: base and quote may change places."""
    return (
        isinstance(one, Filled)
        and isinstance(other, Filled)
        and (one.asset, one.quote, one.side != other.side) == (other.quote, other.asset, True)
        and (one.quantity, one.amount) == (other.amount, other.quantity)
    )


def _compared(held: Held, draft: Draft, topic: str, state: bytes) -> Answer:
    """The same bytes are the same event; other bytes may be: 1.0 is 1, read from another file."""
    if held[3] == topic and held[4] == state:
        return _KNOWN
    entry = recorded(held[:8])
    event = draft.event
    if not draft.sequenced:
        event = evolve(event, sequence=entry.event.sequence)
    if draft.untold and type(entry.event) is type(event):
        event = evolve(event, **{name: getattr(entry.event, name) for name in draft.untold})
    return _KNOWN if same_fact(entry.event, event) else Conflict(entry)
