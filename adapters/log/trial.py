"""A log on trial: as it stands at a head, with more entries that nobody has written.

So a decision is tried on paper, and so is a trade: every question can be asked of the log as it
would be, no lock is held meanwhile, and nothing has to be taken back.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any, Literal

from adapters.log.chain import Head
from adapters.log.readable import Reading
from domain.events import Event
from domain.order import place
from domain.recorded import Recorded


class Trial:
    """What `log` holds up to `head`, and `entries` as the next. It is read, and never written.

    `until`: nothing that happened later is replayed; what was decided later counts all the same.
    """

    def __init__(
        self, log: Reading, head: Head, *entries: Recorded, until: datetime | None = None
    ) -> None:
        self._log = log
        self._head = head
        self._entries = entries
        self._until = until
        self.settings = log.settings

    def head(self) -> Head:
        """Where the log would end. What the entries' hash would be, nobody knows."""
        end, more = self._head, len(self._entries)
        return Head(end.position + more, "") if more else end

    def read(
        self,
        *,
        order: Literal["replay", "log"] = "replay",
        known: int | None = None,
        at_or_before: datetime | None = None,
        accounts: Collection[str] | None = None,
        types: Collection[type[Event]] | None = None,
        with_source: bool = False,
    ) -> Iterator[Recorded]:
        """Read entries as the log does, those on trial in their places."""
        if order == "replay" and self._until is not None:
            at_or_before = min(at_or_before or self._until, self._until)
        last = self._head.position
        read = self._log.read(
            order=order,
            known=last if known is None else min(known, last),
            at_or_before=at_or_before,
            accounts=accounts,
            types=types,
            with_source=with_source,
        )
        entries = [
            entry
            for entry in self._entries
            if (known is None or entry.position <= known)
            and (at_or_before is None or entry.event.at <= at_or_before)
            and (accounts is None or entry.account in accounts)
            and (types is None or type(entry.event) in types)
        ]
        placing = _in_replay if order == "replay" else _in_log
        return _placed(sorted(entries, key=placing), read, placing) if entries else read

    def find(self, account: str, event_id: str) -> Recorded | None:
        """The event of an account by its id."""
        for entry in self._entries:
            if (entry.account, entry.event.id) == (account, event_id):
                return entry
        found = self._log.find(account, event_id)
        return None if found is None or found.position > self._head.position else found

    def clocked(self, known: int | None = None) -> bool:
        """Whether SOURCE_DATE_EPOCH said when some event was recorded."""
        last = self._head.position
        return self._log.clocked(last if known is None else min(known, last))


def _placed(
    entries: list[Recorded], others: Iterator[Recorded], order: Callable[[Recorded], Any]
) -> Iterator[Recorded]:
    """The others in order, with these entries, in order too, in their places."""
    waiting = iter(entries)
    entry = next(waiting)
    mark = order(entry)
    for other in others:
        while order(other) > mark:
            yield entry
            following = next(waiting, None)
            if following is None:
                yield other
                yield from others
                return
            entry, mark = following, order(following)
        yield other
    yield entry
    yield from waiting


def _in_replay(recorded: Recorded) -> tuple[datetime, int, int]:
    return recorded.event.at, place(recorded.event), recorded.position


def _in_log(recorded: Recorded) -> int:
    return recorded.position
