"""A log on trial: as it stands at a head, with one more entry that nobody has written.

So a decision is tried on paper: every question can be asked of the log as it would be, no lock is
held meanwhile, and nothing has to be taken back.
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
    """What `log` holds up to `head`, and `entry` as the next. It is read, and never written."""

    def __init__(self, log: Reading, head: Head, entry: Recorded | None = None) -> None:
        self._log = log
        self._head = head
        self._entry = entry
        self.settings = log.settings

    def head(self) -> Head:
        """Where the log would end. What the entry's hash would be, nobody knows."""
        end = self._head
        return end if self._entry is None else Head(end.position + 1, "")

    def read(
        self,
        *,
        order: Literal["replay", "log"] = "replay",
        known: int | None = None,
        at_or_before: datetime | None = None,
        accounts: Collection[str] | None = None,
        types: Collection[type[Event]] | None = None,
    ) -> Iterator[Recorded]:
        """Read entries as the log does, the one on trial in its place."""
        last = self._head.position
        entries = self._log.read(
            order=order,
            known=last if known is None else min(known, last),
            at_or_before=at_or_before,
            accounts=accounts,
            types=types,
        )
        entry = self._entry
        if (
            entry is None
            or (known is not None and entry.position > known)
            or (at_or_before is not None and entry.event.at > at_or_before)
            or (accounts is not None and entry.account not in accounts)
            or (types is not None and type(entry.event) not in types)
        ):
            return entries
        return _placed(entry, entries, _in_replay if order == "replay" else _in_log)

    def find(self, account: str, event_id: str) -> Recorded | None:
        """The event of an account by its id."""
        entry = self._entry
        if entry is not None and (entry.account, entry.event.id) == (account, event_id):
            return entry
        found = self._log.find(account, event_id)
        return None if found is None or found.position > self._head.position else found

    def clocked(self, known: int | None = None) -> bool:
        """Whether SOURCE_DATE_EPOCH said when some event was recorded."""
        last = self._head.position
        return self._log.clocked(last if known is None else min(known, last))


def _placed(
    entry: Recorded, entries: Iterator[Recorded], order: Callable[[Recorded], Any]
) -> Iterator[Recorded]:
    """The entries in order, with one more in its place."""
    mark = order(entry)
    for other in entries:
        if order(other) > mark:
            yield entry
            yield other
            yield from entries
            return
        yield other
    yield entry


def _in_replay(recorded: Recorded) -> tuple[datetime, int, int]:
    return recorded.event.at, place(recorded.event), recorded.position


def _in_log(recorded: Recorded) -> int:
    return recorded.position
