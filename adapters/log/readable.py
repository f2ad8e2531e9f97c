"""A log as far as it is read: what a question needs of it, and what a trial stands in for."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Literal, Protocol

from adapters.log.chain import Head, Settings
from domain.events import Event
from domain.recorded import Recorded


class Reading(Protocol):
    """A log, or one on trial (adapters/log/trial.py). Each is explained in adapters/log/log.py."""

    @property
    def settings(self) -> Settings:
        """What the book is kept in."""
        ...

    def head(self) -> Head:
        """Where it ends."""
        ...

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
        """Its entries in order."""
        ...

    def find(self, account: str, event_id: str) -> Recorded | None:
        """The event of an account by its id."""
        ...

    def clocked(self, known: int | None = None) -> bool:
        """Whether SOURCE_DATE_EPOCH said when some event was recorded, up to `known`."""
        ...
