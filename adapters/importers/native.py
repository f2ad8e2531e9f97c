"""The native file: JSON Lines, one event a line (CONTRACT: the book's own words).

The one trick: a line is parsed by a fast parser that keeps the last of two equal keys in silence,
so the quotation marks are counted. Every key and every text accounts for two; if the line has more
of them than the object explains (a key given twice, a quote within a text, an inner object), the
line is read a second time by a parser that sees every key.
"""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import orjson

from adapters.importers.layout import Header
from adapters.importers.reading import Draft, Fault, Outcome, SourceFile, Taken
from adapters.wire import from_native
from domain.account import is_paper
from domain.errors import InvalidEvent

_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = 1 << 24
_EXAMPLE = '{"type":"deposited","account":"kraken/main","at":"2025-03-04T10:00:05Z","id":"d-1",...}'


class Native:
    """The importer of native files. All or nothing: they were made for this book."""

    name = "native"
    title = "Native: JSON Lines"
    layouts: Sequence[Header] = ()
    headers: Sequence[str] = (_EXAMPLE,)
    all_or_nothing = True

    def recognise(self, beginning: bytes) -> str | None:
        """`native 1` if the first line that is not blank opens a JSON object."""
        return "native 1" if beginning.removeprefix(_BOM).lstrip().startswith(b"{") else None

    def read(self, files: Sequence[SourceFile], account: str | None) -> Iterator[Outcome]:
        """Every line as its event, file by file. `account` overrides the lines', except `book`.

        What was simulated stays so: `paper/...` is not overridden either.
        """
        for file in sorted(files, key=lambda file: (file.name, file.sha256)):
            yield from _read(file, account)


def _read(file: SourceFile, account: str | None) -> Iterator[Outcome]:
    with file.path.open("rb") as lines:
        read = partial(lines.readline, _LONGEST_LINE)
        for number, line in enumerate(iter(read, b""), start=1):
            if number == 1:
                line = line.removeprefix(_BOM)
            if line.isspace() or not line:
                continue
            if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                while (more := read()) and not more.endswith(b"\n"):
                    pass
                yield Fault(file=file, line=number, problem="is longer than 16 million characters")
                continue
            try:
                fields = orjson.loads(line)
                if type(fields) is not dict or _more_quotes(fields, line):
                    _check_keys(line)
                named, event = from_native(fields)
            except (InvalidEvent, ValueError, TypeError, RecursionError) as error:
                yield _fault(file, number, line, error)
                continue
            if account is not None and named != "book" and not is_paper(named):
                named = account
            yield Taken(((file, number),), (Draft(named, event, file.row(number)),))


def _more_quotes(fields: dict[str, Any], line: bytes) -> bool:
    """Whether a line has more quotation marks than the keys and texts of its object."""
    texts = [*map(type, fields.values())].count(str)
    return line.count(b'"') != 2 * (len(fields) + texts)


def _check_keys(line: bytes) -> None:
    """Raise `InvalidEvent` for what is no object, and for a key that an object has twice."""
    if not isinstance(json.loads(line, object_pairs_hook=_once), dict):
        raise InvalidEvent("", None, f"is JSON, but no object such as {_EXAMPLE}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidEvent(twice, fields[twice], "is given twice")
    return fields


def _fault(file: SourceFile, number: int, line: bytes, error: Exception) -> Fault:
    """What is wrong with a line, for people."""
    match error:
        case InvalidEvent(field=field, value=value, problem=problem):
            shown = "" if value is None else str(value)
            return Fault(file=file, line=number, column=field, value=shown, problem=problem)
        case json.JSONDecodeError(msg=message, colno=place):  # orjson's own error is one, too
            return Fault(
                file=file,
                line=number,
                problem=f"is not JSON: {message} at character {place}",
                hint=f"One object a line, such as {_EXAMPLE}."
                if line.endswith(b"\n")
                else "The last line does not end: is the file cut off?",
            )
        case _:
            return Fault(file=file, line=number, problem="a field holds a value of the wrong kind")
