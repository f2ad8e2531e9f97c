"""What an importer makes of a file: each row ends as events, ignored with a reason, or a fault.

An importer knows no log and no projection. It yields outcomes; whoever records the events finds out
whether they were known already. A row counts once, whatever became of it, so the counts add up. A
blank line and a header are no rows.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from domain.events import Event
from domain.recorded import Source


@frozen(kw_only=True)
class SourceFile:
    """A file to read: its path, and the SHA-256 of its bytes in hex."""

    path: Path
    sha256: str
    name: str = field(init=False)
    """What the file is called in sources and messages: its name without the folders."""

    @name.default
    def _name(self) -> str:
        return self.path.name

    def row(self, line: int, *also: Source) -> Source:
        """The source of what stands at `line` (from 1) of this file."""
        return Source(file=self.name, line=line, sha256=self.sha256, also=also)


@frozen
class Draft:
    """An event about to be recorded, and the row it was read from (None where no row says it)."""

    account: str
    event: Event
    source: Source | None
    sequenced: bool = True
    """Whether the source tells the event's `sequence`. Else it is the order of reading, which may
    differ in a file that tells more of the same instant: no reason for a conflict."""
    elsewhere: tuple[tuple[str, str], ...] = ()
    """Accounts and ids under which an earlier import may hold this very event, because one of the
    venue's kinds of file does not say whose it is: then it is no new one. The opening of an account
    stands for all that is told there."""
    placed: bool = True
    """Whether this file says whose it is. If not, what is held elsewhere counts; if so, the same
    event in another account is a conflict."""
    untold: tuple[str, ...] = ()
    """Fields that this file does not tell, so that they contradict nothing held under the id."""


@frozen
class Taken:
    """Rows that together became events. `rows` are (file, line) of every row used up."""

    rows: tuple[tuple[SourceFile, int], ...]
    drafts: tuple[Draft, ...]


@frozen
class Ignored:
    """A row that says nothing to record, and why: a short reason that many rows can share."""

    file: SourceFile
    line: int
    reason: str


@frozen(kw_only=True)
class Fault:
    """A row that could not be read, or contradicts another: where, what stood there, what to do.

    `line` counts from 1 (0: the file as a whole); `column` is the column's or field's name.
    """

    file: SourceFile
    line: int
    column: str = ""
    value: str = ""
    problem: str
    hint: str = ""
    counts: bool = field(default=True)
    """Whether a row ends here: False where the row is `Taken` and this only remarks on it, and for
    what is wrong with the file rather than with one of its rows."""

    def __str__(self) -> str:
        """One line for people: `ledgers.csv:4711: column "amount": "1,5" is not a decimal. ...`."""
        where = f"{self.file.name}:{self.line}" if self.line else self.file.name
        column = f'column "{self.column}": ' if self.column else ""
        value = f'"{self.value}" ' if self.value else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}: {column}{value}{self.problem}.{hint}"


Outcome = Taken | Ignored | Fault

BY_HAND = "Enter it by hand as a native line, or ask for this type to be read"
"""What to do about a row that is understood by people alone."""


class Unclear(Exception):
    """Rows that do not add up to an event: what is wrong, and what to do. It becomes a fault."""

    def __init__(self, problem: str, hint: str = "", column: str = "", value: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
        self.column = column
        self.value = value


class Importer(Protocol):
    """One family of file formats. Instances hold no state between calls."""

    name: str
    """The format's name: `native`, `kraken`."""

    all_or_nothing: bool
    """Whether one fault refuses the whole file."""

    @property
    def headers(self) -> Sequence[str]:
        """What a file of this family looks like, for people: the headers it is known by."""
        ...

    def recognise(self, beginning: bytes) -> str | None:
        """The generation of a file that begins so (up to 64 KiB of it), or None: not ours."""
        ...

    def read(self, files: Sequence[SourceFile], account: str | None) -> Iterator[Outcome]:
        """Every row of these files, in an order that does not depend on the files' order.

        `account` overrides the account that the importer would choose.
        """
        ...
