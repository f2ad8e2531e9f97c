"""The log: what happened, in the order we learnt it, added to and never changed.

It is an application of the library `eventsourcing`, one stream an account. The library brings the
pool of connections, the transactions and the recorder; ours is what a book of accounts needs
beside: ids that are recorded once, two times, a chain of hashes, reading in constant memory. What
the library would take from the environment of the user's shell is fixed here.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from attrs import evolve
from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, Mapper
from eventsourcing.sqlite import SQLiteTransaction
from eventsourcing.utils import Environment, EnvType

from adapters import clock
from adapters.importers.reading import Draft
from adapters.log.chain import Head, Settings
from adapters.log.database import Database, Fault, database_at, told
from adapters.log.entries import recorded, with_sources, without_sources
from adapters.log.mapper import EventMapper
from adapters.log.pages import Selection, pages
from adapters.log.recorder import LogFactory, LogRecorder
from adapters.log.tail import Row
from adapters.log.verification import Verification, verify
from adapters.log.writing import Conflict, Fate, Receipt, Writing
from adapters.wire import check_known, topics_of
from domain.errors import LogError, UnknownName
from domain.events import Event
from domain.recorded import Recorded, stream_of


class Log(Application[str]):
    """One book's log. Close it when done, or use it in a `with` block."""

    recorder: LogRecorder
    settings: Settings

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        create: Settings | None = None,
        paper: bool = False,
        read_only: bool = False,
        look: clock.Clock = clock.read,
    ) -> "Log":
        """Open a book; where there is none, make one with the settings in `create`.

        Args:
            path: Of a file, or ":memory:" for a book that lives as long as this object.
            create: What a new book is kept in. A book that exists keeps its own.
            paper: Open a paper book, and nothing else; without it, never one. `create` says it.
            read_only: Touch nothing.
            look: The clock that says when events are recorded.

        Raises:
            LogError: there is no book of this kind, or what is there is none.
        """
        paper = paper if create is None else create.paper
        database = database_at(path, create=create is not None, read_only=read_only)
        log = cls(database, look)
        try:
            log._begin(create, paper=paper)
        except BaseException:
            log.close()
            raise
        return log

    def __init__(self, database: Database, look: clock.Clock) -> None:
        self._database = database
        self._look = look
        super().__init__()

    def _begin(self, create: Settings | None, *, paper: bool) -> None:
        with told(self._database.name):
            if create is not None:
                self.recorder.create(create)
            if self.recorder.check_kind() is not paper:
                raise Fault(_OTHER_DOOR[paper])
            zone, currency, begun = self.recorder.settings()
        try:
            self.settings = Settings(zone=zone, currency=currency, paper=paper)
        except UnknownName as problem:
            msg = f"{self._database.name}: its settings cannot be used: {problem}"
            raise LogError(msg) from problem
        self._relabelled = begun == evolve(self.settings, paper=not paper).genesis

    # Appending ------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Append in one transaction: all of it is kept when the block ends, or nothing.

        Nothing is kept if the block raises, or called `discard`. Other writers wait meanwhile.

        Raises:
            LogError: the log cannot be written. Nothing is kept.
        """
        self._check_mark()
        name = self._database.name
        with ExitStack() as stack:
            with told(name):
                connection = stack.enter_context(self._database.get_connection(commit=True))
                transaction = SQLiteTransaction(connection, commit=True)
                cursor = stack.enter_context(transaction)
                writing = Writing(self.recorder, cursor, name, paper=self.settings.paper)
            yield writing
            transaction.commit = writing.is_kept()
            with told(name):
                stack.close()

    def append(self, drafts: Iterable[Draft], *, dry_run: bool = False) -> Receipt:
        """Append what is new, all or nothing. A dry run gives the same receipt, keeps nothing."""
        with self.writing() as writing:
            answers = writing.append(drafts)
            if dry_run:
                writing.discard()
        return Receipt(
            recorded=answers.count(Fate.RECORDED),
            known=answers.count(Fate.KNOWN),
            conflicts=tuple(answer for answer in answers if isinstance(answer, Conflict)),
            head=writing.head,
        )

    # Reading --------------------------------------------------------------------------------------

    def head(self) -> Head:
        """Where the log ends now."""
        with told(self._database.name):
            position, digest = self.recorder.head()
        return Head(position, digest.hex())

    def read(
        self,
        *,
        order: Literal["replay", "log"] = "replay",
        known: int | None = None,
        since: int = 0,
        at_or_before: datetime | None = None,
        after: datetime | None = None,
        accounts: Collection[str] | None = None,
        types: Collection[type[Event]] | None = None,
        with_source: bool = False,
    ) -> Iterator[Recorded]:
        """Read entries in constant memory; what is appended meanwhile is not among them.

        Args:
            order: "replay" is (`at`, place in the instant, position), "log" is position.
            known: The last position that counts; None: the head's as this is called.
            since: The last position that does not.
            at_or_before: What happened later does not count.
            after: What happened at that time or earlier does not.
            accounts: These alone.
            types: These kinds of event alone.
            with_source: Also decode the rows of files that events were read from.

        Raises:
            LogError: an entry cannot be read.
            UnknownTopic: a later version of this program wrote to the log.
        """
        self._check_mark()
        with told(self._database.name):
            if types is not None:
                check_known(self.recorder.rare_topics())
            wanted = Selection(
                known=self.head().position if known is None else known,
                since=since,
                at_or_before=None if at_or_before is None else clock.microseconds(at_or_before),
                after=None if after is None else clock.microseconds(after),
                streams=None if accounts is None else [stream_of(name) for name in accounts],
                topics=None if types is None else topics_of(types),
                replay=order == "replay",
            )
        return self._read(wanted, with_sources if with_source else without_sources)

    def find(self, account: str, event_id: str) -> Recorded | None:
        """The event of an account by its id, with its source."""
        self._check_mark()
        with told(self._database.name):
            row = self.recorder.find(stream_of(account), event_id)
        return None if row is None else recorded(row)

    def entry(self, position: int) -> Recorded | None:
        """The event at a position, with its source."""
        self._check_mark()
        with told(self._database.name):
            row = self.recorder.entry(position)
        return None if row is None else recorded(row)

    def recorded_by(self, time: datetime) -> int:
        """The last position recorded at or before a time: what was known then."""
        with told(self._database.name):
            return self.recorder.recorded_by(clock.microseconds(time))

    def clocked(self, known: int | None = None) -> bool:
        """Whether SOURCE_DATE_EPOCH said when some event was recorded, up to `known`."""
        with told(self._database.name):
            return self.recorder.clocked(self.head().position if known is None else known)

    def verify(self, head: Head | None = None) -> Verification:
        """Check everything that could lie, in one pass over the log.

        Args:
            head: One noted earlier, printed on a report: the log must still contain it.

        Raises:
            LogError: the file can no longer be read as a book at all.
        """
        with told(self._database.name):
            return verify(self.recorder, head)

    def _check_mark(self) -> None:
        """Neither read nor write a book in which someone mixed paper and real by hand."""
        if self._mixed:
            msg = f"{self._database.name}: {self._mixed}"
            raise LogError(msg)

    @cached_property
    def _mixed(self) -> str:
        if self._relabelled:
            return _RELABELLED
        with told(self._database.name):
            return _COPIED if not self.settings.paper and self.recorder.simulated() else ""

    def _read(
        self, wanted: Selection, entries: Callable[[list[Row]], Iterator[Recorded]]
    ) -> Iterator[Recorded]:
        remaining = pages(self.recorder, wanted)
        while True:
            with told(self._database.name):
                page = next(remaining, None)
            if page is None:
                return
            yield from entries(page)

    # What the library asks for --------------------------------------------------------------------

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Nothing from the user's shell."""
        return Environment(name)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        return LogFactory(env, self._database, self._look)

    def construct_mapper(self) -> Mapper[str]:
        return self.factory.mapper(mapper_class=EventMapper)


_OTHER_DOOR = {
    True: "this is a real book, no paper book: paper trades are kept in a file of their own",
    False: "this is a paper book, its trades are simulated: reach it by `marginbook paper ...`, or"
    " Book.open(path, paper=True)",
}
_COPIED = (
    "simulated trades were copied into this real book."
    " Run `marginbook verify`, and go back to a copy"
)
_RELABELLED = (
    "its mark was changed: the chain began as a book of the other kind, paper or real."
    " Run `marginbook verify` (or `marginbook paper verify`), and go back to a copy"
)
