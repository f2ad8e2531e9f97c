"""Where fetched pages are kept: byte for byte as they came, with a list of what was asked.

A folder a venue and feed: `000001.json`, `000002.json`, ..., and `requests.jsonl`, one line a page,
written after its page. So a run that was cut off goes on where its list ends, and what is not on
the list was never fetched. Nothing here holds a key.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from domain.errors import BookError


@frozen
class Kept:
    """A page that was fetched: what was asked for, and what comes next (None: nothing)."""

    page: int
    rows: int
    sha256: str
    fetched_at: str
    since: str | None
    until: str
    request: dict[str, Any]
    next: dict[str, Any] | None


@contextmanager
def kept_alone(folder: Path) -> Iterator[None]:
    """A venue's folder for one run at a time. Raises `BookError` where another one is under way.

    The lock is a database's, so that every system has it, and a run that dies lets it go.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "lock", timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as taken:
            msg = f"another run fetches into {folder}: wait until it has ended"
            raise BookError(msg) from taken
        yield


class PageStore:
    """The pages of one feed. Raises `BookError` where the list and the pages do not agree."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._prefix = prefix
        self._list = folder / "requests.jsonl"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else's business
        self.last: Kept | None = None
        self._spans: set[tuple[str | None, str]] = set()
        self._torn = True
        for kept in self.kept():
            self.last = kept
            self._spans.add((kept.since, kept.until))

    @property
    def begun(self) -> datetime | None:
        """The earliest time from which on pages were asked for; None: from the beginning."""
        starts = [since for since, _ in self._spans]
        if not starts or None in starts:
            return None
        return min(datetime.fromisoformat(since) for since in starts if since is not None)

    def reached(self, now: datetime) -> datetime | None:
        """The latest end of a run. One that lies ahead is none: the clock was wrong that day."""
        ends = (datetime.fromisoformat(until) for _, until in self._spans)
        return max((end for end in ends if end <= now), default=None)

    def kept(self) -> Iterator[Kept]:
        """Every page on the list, in the order of fetching."""
        if not self._list.exists():
            return
        for number, line in enumerate(self._list.read_bytes().splitlines(keepends=True), start=1):
            if not line.endswith(b"\n"):
                return  # the writing of this line was cut off: its page was not fetched
            try:
                yield Kept(**json.loads(line))
            except (ValueError, TypeError):
                msg = f"{self._list}:{number} is no line of fetched pages: was it edited or cut?"
                raise BookError(msg) from None

    def path(self, page: int) -> Path:
        """Where a page is, or will be."""
        return self._folder / f"{self._prefix}-{page:06d}.json"

    def paths(self) -> Iterator[Path]:
        """The pages that hold rows, checked against the list."""
        for kept in self.kept():
            path = self.path(kept.page)
            if not path.exists() or sha256(path.read_bytes()).hexdigest() != kept.sha256:
                msg = f"{path} is not the page that was fetched: delete {self._folder}, fetch again"
                raise BookError(msg)
            if kept.rows:
                yield path

    def keep(
        self,
        text: str,
        *,
        rows: int,
        at: datetime,
        since: datetime | None,
        until: datetime,
        request: dict[str, Any],
        following: dict[str, Any] | None,
    ) -> None:
        """Keep a page: first the page, then its line, each written through to the disk."""
        content = text.encode()
        page = 1 if self.last is None else self.last.page + 1
        draft = self.path(page).with_suffix(".part")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path(page))
        self.last = Kept(
            page=page,
            rows=rows,
            sha256=sha256(content).hexdigest(),
            fetched_at=at.isoformat(),
            since=None if since is None else since.isoformat(),
            until=until.isoformat(),
            request=request,
            next=following,
        )
        self._spans.add((self.last.since, self.last.until))
        self._note(json.dumps(asdict(self.last)))

    def _note(self, line: str) -> None:
        """Add a line to the list; the first one in the place of one that was cut off."""
        with self._list.open("ab") as file:
            if self._torn:
                file.truncate(self._list.read_bytes().rfind(b"\n") + 1)
                self._torn = False
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
