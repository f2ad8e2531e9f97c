"""Pages of JSON, as a venue's interface gives them: rows like those of a table.

A page is the answer as it came, byte for byte: a list of objects, or objects called by their ids,
or lists in which each place means something, anywhere within it. A row's line is its number among
them, from 1. Numbers are read as the text they are, so that no digit is lost.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from attrs import field, frozen

from adapters.importers.layout import Header, Layout
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Row

_FLAT = re.compile(r"\{[^{}]*\}|\[[^\[\]{}]*\]")
_DEEP = 6


@frozen(kw_only=True, slots=False)
class PageHeader(Header):
    """One kind of page: `needed` are the fields by which its objects are known."""

    named_by: str = ""
    """The field that takes an object's own name, where objects are called by their ids."""
    seconds: Mapping[str, int] = field(factory=dict)
    """Fields that count seconds since 1970, and to how many decimals: they read as in a table."""
    milliseconds: frozenset[str] = frozenset()
    """Fields that count milliseconds since 1970: they read as in a table, too."""
    places: Mapping[str, int] = field(factory=dict)
    """Where each field stands, if rows are lists and no objects."""
    looks: Callable[[list[Any]], bool] = bool
    """Whether a list that is long enough may be such a row."""

    @property
    def looks_like(self) -> str:
        if self.places:
            named = sorted(self.places.items(), key=itemgetter(1))
            return "JSON lists: " + ", ".join(f"[{at}] {name}" for name, at in named)
        return "JSON: " + ",".join(f'"{name}"' for name in self.needed if name != self.named_by)

    def recognise(self, beginning: bytes) -> str | None:
        text = beginning.decode("utf-8-sig", errors="replace")
        if text.lstrip()[:1] not in ("[", "{"):
            return None
        for found in _FLAT.finditer(text):
            try:
                fields = json.loads(found[0])
            except (ValueError, RecursionError):
                continue
            if self._known_by(fields):
                return self.generation([*fields] if isinstance(fields, dict) else [])
        return None

    def missing(self, beginning: bytes) -> list[str]:
        return [*self.needed]

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        try:
            page = json.loads(
                file.path.read_bytes().decode("utf-8-sig"),
                parse_float=str,
                parse_int=str,
                object_pairs_hook=_once,
            )
        except (ValueError, RecursionError) as error:
            problem = f"is not JSON: {error}"
            hint = "Is the file cut off?"
            yield Fault(file=file, line=0, problem=problem, hint=hint, counts=False)
            return
        for line, fields in enumerate(self._records(page, _DEEP), start=1):
            if self._known_by(fields) and isinstance(fields, list):
                fields = {name: fields[at] for name, at in self.places.items()}
            if not isinstance(fields, dict):
                yield Fault(file=file, line=line, value=str(fields)[:80], problem="is no object")
                continue
            missing = next((name for name in self.needed if name not in fields), None)
            if missing is not None:
                problem = "this field is missing"
                yield Fault(file=file, line=line, column=missing, problem=problem)
                continue
            try:
                cells = tuple(self._cell(name, fields.get(name)) for name in self.columns)
            except RecursionError:
                yield Fault(file=file, line=line, problem="is nested too deep")
                continue
            if not _is_text("".join(cells)):
                yield Fault(file=file, line=line, problem="has control characters")
                continue
            yield Row(line, cells)

    def _cell(self, name: str, value: Any) -> str:
        text = _text(value)
        if name in self.seconds:
            return _time(text, self.seconds[name])
        if name in self.milliseconds and len(text) > len("000"):
            return _time(f"{text[:-3]}.{text[-3:]}", 3)
        return text

    def _known_by(self, fields: Any) -> bool:
        """Whether an object, or a list, is one of this kind."""
        if self.places and isinstance(fields, list):
            return len(fields) > max(self.places.values()) and self.looks(fields)
        if not isinstance(fields, dict):
            return False
        return all(name in fields for name in self.needed if name != self.named_by)

    def _records(self, page: Any, depth: int) -> list[Any]:
        """The objects of a page: the first list or collection that has one of this kind."""
        if not isinstance(page, dict | list) or not depth:
            return []
        inside = [*page.values()] if isinstance(page, dict) else page
        if any(map(self._known_by, inside)):
            if isinstance(page, dict) and self.named_by:
                return [
                    {self.named_by: name, **one} if isinstance(one, dict) else one
                    for name, one in page.items()
                ]
            return inside
        if self._known_by(page):
            return [page]
        for one in inside:
            if records := self._records(one, depth - 1):
                return records
        return []


@frozen(kw_only=True, slots=False)
class PageLayout(PageHeader, Layout):
    """A page whose rows are looked at as a table's are."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's fields; one that is named twice would take the other's place in silence."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"{twice!r} stands twice in one object"
        raise ValueError(msg)
    return fields


def _time(seconds: str, places: int) -> str:
    """Seconds since 1970 as `2025-03-04 10:00:05.1234`, cut; what is no such number as it is."""
    whole, _, fraction = seconds.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdecimal()) or len(whole) > len("9999999999"):
        return seconds
    at = datetime.fromtimestamp(int(whole), UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{at}.{fraction[:places]}" if places and fraction else at


def _text(value: Any) -> str:
    """A field's value as a cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_text(text: str) -> bool:
    """Whether a text can be kept: JSON may spell a NUL, or half a character, and these cannot."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
