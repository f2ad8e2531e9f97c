"""Rows that know where they stand: the one reader of tables (comma-separated values).

The one trick: the parser is the standard library's, fed with lines that were looked at first. So a
row knows the physical line it begins on, a broken row is a fault and the next one is read, and
memory stays constant. Columns are matched by name, never by position. UTF-8, with or without a byte
order mark.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from attrs import define, evolve, field

from adapters.importers.column_names import named_columns
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.zones import ZONE, zone_told
from domain.money import ZERO

SPREADSHEET = "was the file saved by a spreadsheet? Export it again"
SAVED_BY_SPREADSHEET = "Was the file saved by a spreadsheet? Export it again"

BOM = "\ufeff"
_LONGEST_LINE = 1 << 20
_ZEROS = frozenset({"0", "0.0", "0.00", "0.0000", "0.00000", "0.00000000", "0.0000000000", "0E-10"})
_DIGITS = "0123456789.-+eE"
_BEFORE, _AFTER = 24, 40  # digits before the point and after it: what an event's number may have
HEADER_WITHIN = 20  # rows


class Row(NamedTuple):
    """One row: the physical line it begins on (from 1), and the cells of the columns asked for.

    `part` counts the files that were joined into this one before it.
    """

    line: int
    cells: tuple[str, ...]
    part: int = 0


class Misread(Exception):
    """A cell that does not hold what its column promises. Importers make a fault of it."""

    def __init__(self, column: str, value: str, problem: str, hint: str = "") -> None:
        super().__init__(f"{column}: {value!r} {problem}")
        self.column = column
        self.value = value
        self.problem = problem
        self.hint = hint

    def fault(self, file: SourceFile, line: int) -> Fault:
        """The fault of the row in which this was read."""
        return Fault(
            file=file,
            line=line,
            column=self.column,
            value=self.value,
            problem=self.problem,
            hint=self.hint,
        )


@define
class Table:
    """A file with a header row, read once from top to bottom.

    `needed` columns must be there; an `optional` one that is not reads as "" in every row. The
    header is the first of the first rows that names all needed columns, so that a preamble is
    passed over; of two columns with one name the second is called `NAME/2`. Capitals mean nothing,
    and `aliases` say what columns are called in some files. A format without a header says what the
    `columns` are. A column `zone` that is asked for tells what the header, or a preamble, says of
    the zone of times (zones.py), the same in every row. A line that says `nothing` alone, with
    which a venue fills an empty table, is no row. A header that comes again counts for the rows
    behind it: files joined end to end.
    """

    file: SourceFile
    needed: Sequence[str]
    optional: Sequence[str] = ()
    columns: Sequence[str] = ()
    aliases: Mapping[str, str] = field(factory=dict)
    nothing: str = ""
    separator: str = ","
    _problems: dict[int, str] = field(init=False, factory=dict)
    """What is wrong with the lines that the parser was given last, by their number."""
    _zone: str = field(init=False, default="")

    def rows(self) -> Iterator[Row | Fault]:
        """Every data row, or the fault that it is. A fault of the file as a whole comes alone."""
        with self.file.path.open("rb") as start:
            problem = no_text(start.read(4096))
        if problem:
            yield Fault(file=self.file, line=0, problem=problem, counts=False)
            return
        rows = self._parsed()
        header = list(self.columns) or self._header(rows)
        if isinstance(header, Fault):
            yield header
            return
        width, pick = len(header), self._picker(header)
        first, preamble, part = self._words(header), "", 0
        for line, cells in rows:
            if isinstance(cells, Fault):
                yield cells
                continue
            if _word(cells[0]) in first and (again := self._named(cells)):
                # Files were joined end to end: what follows is told as this header says.
                header, width, pick = again, len(again), self._picker(again)
                self._zone, preamble, part = zone_told(cells) or preamble, "", part + 1
                continue
            if len(cells) < width or (len(cells) > width and any(cells[width:])):
                if self.nothing and cells == [self.nothing]:
                    continue
                preamble = zone_told(cells) or preamble
                yield self._misshapen(line, cells, header)
                continue
            cells[width:] = ["", self._zone]  # what columns that are not there read as
            yield Row(line, pick(cells), part)

    def _header(self, rows: Iterator[tuple[int, "list[str] | Fault"]]) -> "list[str] | Fault":
        first: tuple[int, list[str]] | None = None
        for (line, cells), _ in zip(rows, range(HEADER_WITHIN), strict=False):
            if isinstance(cells, Fault):
                return evolve(cells, counts=False)
            self._zone = zone_told(cells) or self._zone
            if names := self._named(cells):
                return names
            first = first or (line, self._names(cells))
        if first is None:
            return Fault(file=self.file, line=0, problem="is empty", counts=False)
        line, names = first
        missing = next(name for name in self.needed if name not in names)
        return Fault(
            file=self.file,
            line=line,
            column=missing,
            problem="this column is missing",
            hint=f"The header found is {','.join(names)}{_parted_by(names)}",
            counts=False,
        )

    def _named(self, cells: list[str]) -> list[str] | None:
        """What the columns of a header are called here; None for what is no header."""
        names = self._names(cells)
        return None if set(self.needed).difference(names) else names

    def _names(self, cells: list[str]) -> list[str]:
        return named_columns(cells, (*self.needed, *self.optional), self.aliases)

    def _words(self, header: list[str]) -> frozenset[str]:
        """What a header begins with, if it stands within a file that has one already."""
        if self.columns:
            return frozenset()
        words = (*self.needed, *self.optional, *self.aliases, header[0])
        return frozenset(filter(None, map(_word, words)))

    def _picker(self, header: list[str]) -> "Callable[[Sequence[str]], tuple[str, ...]]":
        return _picker(header, (*self.needed, *self.optional))

    def _misshapen(self, line: int, cells: list[str], header: list[str]) -> Fault:
        """A row with too few or too many fields."""
        count, width = len(cells), len(header)
        return Fault(
            file=self.file,
            line=line,
            column=header[count] if count < width else str(width + 1),
            value="" if count < width else cells[width],
            problem=f"the row has {count} fields, the header {width}",
            hint="Is the line cut off?" if count < width else "Is a comma not in quotes?",
        )

    def _parsed(self) -> Iterator[tuple[int, "list[str] | Fault"]]:
        """Rows with the line they begin on. Blank lines, and rows of empty cells, are none."""
        reader = csv.reader(self._lines(), delimiter=self.separator, strict=True)
        problems = self._problems
        before = 0
        while True:
            try:
                for cells in reader:
                    line, before = before + 1, reader.line_num
                    if problems:
                        first, problem = next(iter(problems.items()))
                        problems.clear()
                        yield line, Fault(file=self.file, line=first, problem=problem)
                    elif any(cells):
                        yield line, cells
            except csv.Error as error:
                line, before = before + 1, reader.line_num
                problem = problems.popitem()[1] if problems else f"is no row of a table: {error}"
                problems.clear()
                yield (
                    line,
                    Fault(
                        file=self.file,
                        line=line,
                        problem=problem,
                        hint="Is a quote not closed, or the file cut off?",
                    ),
                )
            else:
                return

    def _lines(self) -> Iterator[str]:
        """Physical lines; `_problems` says which of them are no text."""
        with self.file.path.open(
            encoding="utf-8-sig", errors="surrogateescape", newline=""
        ) as text:
            read = partial(text.readline, _LONGEST_LINE)
            for number, line in enumerate(iter(read, ""), start=1):
                if "\0" in line:
                    self._problems[number] = "has a NUL byte: this is no text, or a damaged file"
                elif len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
                    self._problems[number] = "is longer than a million characters"
                    while (more := read()) and more[-1] not in "\r\n":
                        pass
                    yield "\n"
                    continue
                elif not line.isascii():
                    if _escaped(line):
                        self._problems[number] = "is not UTF-8"
                    line = line.replace(BOM, "")  # some venues put one before every cell
                yield line


def _parted_by(names: Sequence[str]) -> str:
    """What parts the columns of a header that was read as one column."""
    sign = next((sign for sign in ";\t|," if sign in names[0]), "") if len(names) == 1 else ""
    said = {"\t": "\\t"}.get(sign, sign)
    return f'; if it is mapped, say separator = "{said}" in the mapping file' if sign else ""


def no_text(beginning: bytes) -> str | None:
    """What is wrong with a file that begins so, if it cannot be UTF-8 text at all."""
    if not beginning:
        return "is empty"
    for signature, problem in _SIGNATURES.items():
        if beginning.startswith(signature):
            return problem
    return "is no text: it has NUL bytes" if b"\0" in beginning.partition(b"\n")[0] else None


_SIGNATURES = {
    b"PK\x03\x04": "is a ZIP archive or a workbook: unpack it, or save it as CSV",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook: save it as CSV",
    b"%PDF": "is a PDF: marginbook reads the CSV export",
    b"\x1f\x8b": "is compressed with gzip: unpack it",
    b"SQLite format 3": "is an SQLite database, perhaps a book",
    b"\xff\xfe": "is UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text: save it as UTF-8",
}


def _word(column: str) -> str:
    """A column's name without what stands in brackets behind it: its zone, say."""
    return column.partition("(")[0].strip().casefold()


def _escaped(line: str) -> bool:
    """Whether bytes that are no UTF-8 were let through in this line."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return True
    return False


def _picker(
    header: Sequence[str], columns: Sequence[str]
) -> "Callable[[Sequence[str]], tuple[str, ...]]":
    nowhere = {ZONE: len(header) + 1}
    places = [
        header.index(name) if name in header else nowhere.get(name, len(header)) for name in columns
    ]
    if len(places) == 1:
        return lambda cells: (cells[places[0]],)
    return itemgetter(*places)


def number(text: str, column: str) -> Decimal:
    """The decimal number that `text` is, without trailing zeros, never a negative zero.

    Raises `Misread` for the rest: a decimal comma, a currency sign, NaN, too many digits.
    """
    if text in _ZEROS:
        return ZERO
    exponent = "E" in text or "e" in text
    digits = text.rstrip("0").rstrip(".") if "." in text and not exponent else text
    try:
        value = Decimal(digits)
    except InvalidOperation:
        value = None
    if value is None or text.strip(_DIGITS):  # Decimal alone also takes 1_5, NaN and other digits
        raise Misread(column, text, "is not a decimal", f"It should look like 1.5; {SPREADSHEET}")
    if not value:
        return ZERO
    if exponent or len(text) > _BEFORE:
        places = -int(value.as_tuple().exponent)
        if value.adjusted() >= _BEFORE or places > _AFTER:
            problem = f"has over {_BEFORE} digits before the point or {_AFTER} after"
            raise Misread(column, text, problem)
        return plain(value)
    return value


def canonical(text: str) -> str:
    """A number's text as every generation of a file has it; what is no number as it stands."""
    if "." in text and "E" not in text and "e" not in text:
        bare = text.rstrip("0").rstrip(".")
        return bare if bare not in ("-0", "-", "") else "0"
    try:
        return f"{number(text, ''):f}"
    except Misread:
        return text


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent above zero."""
    text = str(value)
    if text[-1] != "0" and "E" not in text:
        return value
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text) or ZERO


def utc(text: str, column: str) -> datetime:
    """The instant of `YYYY-MM-DD HH:MM:SS[.ffffff]`, which is UTC. Raises `Misread`."""
    if len(text) >= len("2025-03-04 10:00:05") and text[10] == " " and "1900" <= text < "3":
        try:
            return datetime.fromisoformat(f"{text}+00:00")  # refuses a zone of the text's own
        except ValueError:
            pass
    hint = f"It should look like 2025-03-04 10:00:05; {SPREADSHEET}"
    raise Misread(column, text, "is not a time", hint)


def rfc3339(text: str, column: str) -> datetime:
    """The instant, in UTC, of `2025-03-04T10:00:05.123Z` or a time with another offset.

    Raises `Misread`.
    """
    try:
        at = datetime.fromisoformat(text)
        told = at.tzinfo is not None and len(text) >= len("2025-03-04T10:00Z")
        if told and 1900 <= at.year < 3000:  # what an event's time may be
            return at if at.tzinfo is UTC else at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    hint = f"It should look like 2025-03-04T10:00:05.123Z; {SPREADSHEET}"
    raise Misread(column, text, "is not a time with its zone", hint)


def zoned(text: str, zone: str, column: str) -> datetime:
    """The instant of `YYYY-MM-DD HH:MM:SS[.ffffff]` in a zone such as `+08:00`. Raises `Misread`.

    A zone that is not told ("") is never guessed.
    """
    if not zone:
        hint = "Export it again with the zone in its header, such as Time(UTC+00:00)"
        raise Misread(column, text, "is a local time: the zone of these times is not told", hint)
    if len(text) >= len("2025-03-04 10:00:05") and text[10] == " ":
        try:
            return datetime.fromisoformat(f"{text}{zone}").astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    hint = f"It should look like 2025-03-04 10:00:05; {SPREADSHEET}"
    raise Misread(column, text, "is not a time", hint)
