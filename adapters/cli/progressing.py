"""How far an import is: a bar on a terminal's stderr, with rows a second and the time that is left.

The one trick: files are counted in lines before anyone waits for them (a newline is found far
faster than a row is read), and rows are told as they end. A header, a blank line or a line break
within quotes makes the two differ a little: the bar is an estimate, and is gone when the counts
are printed.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from adapters.cli.options import Asked, progress_to_stderr

if TYPE_CHECKING:
    from adapters.intake import Progress

_EVERY = 0.1  # seconds between two drawings
_BLOCK = 1 << 20
WIPED = "\r\x1b[2K\x1b[?25h"
"""The line is empty again, and the cursor is seen."""


@contextmanager
def progress_of(asked: Asked, files: Iterable[Path]) -> "Iterator[Progress | None]":
    """Who hears how many rows have been read: None where no one watches, or JSON is asked for."""
    if asked.json or not progress_to_stderr():
        yield None
        return
    stderr = sys.stderr
    seen = _Seen()
    bar = click.progressbar(
        range(sum(map(lines_of, dict.fromkeys(files)))),
        label="importing",
        item_show_func=lambda _: seen.said(),
        file=stderr,
        width=16,
    )
    bar.render_progress()

    def told(more: int) -> None:
        due = seen.due(more)
        if due:
            bar.update(due)

    try:
        yield told
    finally:
        stderr.write(WIPED)
        stderr.flush()


def lines_of(file: Path) -> int:
    """How many lines a file has, the last one ended or not."""
    lines, block = 0, b""
    with file.open("rb", buffering=0) as stream:
        while more := stream.read(_BLOCK):
            block = more
            lines += block.count(b"\n")
    return lines + (block[-1:] not in (b"", b"\n"))


class _Seen:
    """The rows seen so far, and how many of them the bar does not show yet."""

    def __init__(self) -> None:
        self._began = self._drawn = monotonic()
        self._rows = 0
        self._waiting = 0

    def due(self, more: int) -> int:
        """Count more rows; return how many to draw now, 0 if it is too soon."""
        self._rows += more
        self._waiting += more
        now = monotonic()
        if now - self._drawn < _EVERY:
            return 0
        self._drawn = now
        waiting, self._waiting = self._waiting, 0
        return waiting

    def said(self) -> str:
        """The rows, and how many a second since the beginning."""
        seconds = monotonic() - self._began
        rate = f"  {self._rows / seconds:,.0f} rows/s" if self._rows and seconds > _EVERY else ""
        return f"{self._rows:,} rows{rate}"
