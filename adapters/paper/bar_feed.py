"""The bars of several files as one stream in the order of time, to be asked for as often as needed.

A session stands on every bar, so a file with a fault is refused: its findings say where.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from heapq import merge
from pathlib import Path
from typing import Self

from adapters.importers.reading import Fault
from adapters.prices.bar_file import BarFile, opened
from adapters.prices.pairs import Wanted
from domain.bar import Bar
from domain.errors import ImportRefused

_SHOWN = 10


class BarFeed:
    """Use it in a `with` statement. Raises `ImportRefused` where a row is no bar."""

    def __init__(self, paths: Sequence[Path], wanted: Wanted) -> None:
        self._stack = ExitStack()
        self._files: list[BarFile] = []
        try:
            for path in dict.fromkeys(paths):
                file = self._stack.enter_context(opened(path, wanted))
                _check(path, file.faults())
                self._files.append(file)
        except BaseException:
            self._stack.close()
            raise

    def __iter__(self) -> Iterator[Bar]:
        """Every bar, oldest first; at one time the pairs by name."""
        return merge(*self._files, key=lambda bar: (bar.at, bar.ends, bar.asset, bar.quote))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _check(path: Path, faults: Sequence[Fault]) -> None:
    if not faults:
        return
    told = [f"{path.name}:{fault.line}: {fault.problem}" for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        told.append(f"and {len(faults) - _SHOWN} more")
    raise ImportRefused("nothing was run:\n" + "\n".join(told))
