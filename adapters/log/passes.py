"""What `verify` looks at in each entry: one class for each thing that could lie.

`see` is shown every entry in order of position, `end` is called after the last; both answer what is
wrong, or None. What they cannot look at at all raises, and that is a fault too.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from adapters import clock
from adapters.log.chain import Head, link
from adapters.wire import validate
from domain.events import Event
from domain.order import place


class StoredEntry:
    """An entry as it stands in the table; its event is decoded once for all passes."""

    __slots__ = (
        "_event",
        "clock",
        "effective_at",
        "hash",
        "key",
        "place",
        "position",
        "recorded_at",
        "state",
        "stream",
        "topic",
        "version",
    )

    def __init__(self, row: Sequence[Any]) -> None:
        (
            self.position,
            self.stream,
            self.version,
            self.topic,
            self.state,
            self.key,
            self.recorded_at,
            self.clock,
            self.effective_at,
            self.place,
            self.hash,
        ) = row
        self._event: Event | Exception | None = None

    @property
    def event(self) -> Event:
        """The event, through the constructor that checks it. Raises whatever that raises."""
        if self._event is None:
            try:
                self._event = validate(self.topic, self.state)
            except Exception as problem:
                self._event = problem
        if isinstance(self._event, Exception):
            raise self._event
        return self._event


class Check(Protocol):
    """One thing that could lie."""

    name: str

    def see(self, entry: StoredEntry) -> str | None:
        """What is wrong with this entry."""
        ...

    def end(self) -> str | None:
        """What is wrong now that all entries were seen."""
        ...


class Chain:
    """Each entry's hash is that of its stored bytes and the hash before."""

    name = "chain"

    def __init__(self, genesis: bytes) -> None:
        self._previous = genesis

    def see(self, entry: StoredEntry) -> str | None:
        expected = link(
            self._previous,
            entry.position,
            entry.version,
            entry.recorded_at,
            entry.clock,
            _bytes(entry.stream),
            _bytes(entry.topic),
            None if entry.key is None else _bytes(entry.key),
            entry.state,
        )
        self._previous = expected
        return None if entry.hash == expected else differ(expected, entry.hash)

    def end(self) -> str | None:
        return None


class Positions:
    """Entries are numbered from 1 without a gap, and the log ends where it says."""

    name = "positions"

    def __init__(self, stated: tuple[Any, Any] | None, genesis: bytes) -> None:
        self._stated = stated or (None, None)
        self._last: tuple[Any, Any] = (0, genesis)

    def see(self, entry: StoredEntry) -> str | None:
        expected = self._last[0] + 1
        self._last = (entry.position, entry.hash)
        return None if entry.position == expected else differ(expected, entry.position)

    def end(self) -> str | None:
        if self._stated == self._last:
            return None
        said, found = (
            f"{position}:{in_hex(digest)}" for position, digest in (self._stated, self._last)
        )
        return f"the log says it ends at {said}, and ends at {found}"


class Versions:
    """Each account's entries are numbered from 1 without a gap."""

    name = "versions"

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def see(self, entry: StoredEntry) -> str | None:
        expected = self._last.get(entry.stream, 0) + 1
        self._last[entry.stream] = expected
        return None if entry.version == expected else differ(expected, entry.version)

    def end(self) -> str | None:
        return None


class Keys:
    """The key is the event's id, and no other entry of the account bears it."""

    name = "keys"

    def __init__(self, twins: tuple[Any, ...] | None) -> None:
        self._twins = twins

    def see(self, entry: StoredEntry) -> str | None:
        return None if entry.key == entry.event.id else differ(entry.event.id, entry.key)

    def end(self) -> str | None:
        if self._twins is None:
            return None
        stream, key, count = self._twins
        return f"{stream}: {count} entries bear the id {key!r}"


class Columns:
    """Time and place in a replay are those of the event."""

    name = "columns"

    def see(self, entry: StoredEntry) -> str | None:
        if type(entry.effective_at) is not int or type(entry.place) is not int:
            return "a time or place that is no whole number"
        expected = (clock.microseconds(entry.event.at), place(entry.event))
        found = (entry.effective_at, entry.place)
        return None if found == expected else differ(expected, found)

    def end(self) -> str | None:
        return None


class Events:
    """Each state is an event that this version knows and its constructor accepts."""

    name = "events"

    def see(self, entry: StoredEntry) -> str | None:
        entry.event  # noqa: B018 - raises what is wrong
        return None

    def end(self) -> str | None:
        return None


class Times:
    """When entries were recorded never runs backwards."""

    name = "clock"

    def __init__(self) -> None:
        self._last = -(2**63)

    def see(self, entry: StoredEntry) -> str | None:
        if entry.recorded_at < self._last:
            return f"recorded at {entry.recorded_at}, before the entry before it, {self._last}"
        self._last = entry.recorded_at
        return None if entry.clock in (0, 1) else differ("clock 0 or 1", entry.clock)

    def end(self) -> str | None:
        return None


class Anchor:
    """The log still contains a head that was noted earlier: it was neither cut nor rewritten."""

    name = "head"

    def __init__(self, head: Head, genesis: bytes) -> None:
        self._head = head
        self._position = 0
        self._found = in_hex(genesis) if head.position == 0 else None

    def see(self, entry: StoredEntry) -> str | None:
        self._position = entry.position
        if entry.position == self._head.position:
            self._found = in_hex(entry.hash)
            return None if self._found == self._head.hash else differ(self._head.hash, self._found)
        return None

    def end(self) -> str | None:
        if self._found == self._head.hash:
            return None
        if self._found is not None:
            return f"position 0: {differ(self._head.hash, self._found)}"
        return (
            f"the log ends at position {self._position}, before {self._head.position}:"
            " its end was cut off, or this is an older copy"
        )


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def in_hex(digest: object) -> str:
    """A hash as text, whatever stands in its place."""
    return digest.hex() if isinstance(digest, bytes) else repr(digest)


def differ(expected: object, found: object) -> str:
    """What was expected and what was found, hashes in hex."""
    shown = (in_hex(one) if isinstance(one, bytes) else one for one in (expected, found))
    return "expected {}, found {}".format(*shown)
