"""Which rows of the transaction history are one fact: told twice, or in two rows.

Rows of one instant are looked at together. A row of an older file is the row with an id that says
the same; rows that are alike are numbered by what else they say, so their order means nothing; the
two rows of a conversion stand together.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from adapters.importers.coinbase.coinbase_retail import History
from adapters.importers.layout import Key
from domain.money import ZERO


def regrouped(groups: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """Groups instant by instant: those of other statements as they are, the history's by fact."""
    for _, together in groupby(groups, key=lambda group: group[0].at):
        rows: list[History] = []
        for group in together:
            if isinstance(group[0], History):
                rows += group
            else:
                yield group
        yield from facts(rows) if len(rows) != 1 or rows[0].kind == "convert" else _alone(rows)


def facts(rows: Sequence[History]) -> list[list[History]]:
    """What the rows of one instant tell, in their order, fact by fact; twins stand alone."""
    place = {id(row): number for number, row in enumerate(rows)}
    by_name = sorted(rows, key=attrgetter("name"))
    for _, alike in groupby(by_name, key=attrgetter("name")):
        _number([*alike])
    groups: dict[object, list[History]] = {}
    for row in rows:
        groups.setdefault(id(row) if row.twin else _fact(row), []).append(row)
    return sorted(groups.values(), key=lambda group: min(place[id(row)] for row in group))


def _alone(rows: list[History]) -> list[list[History]]:
    rows[0].id = rows[0].name
    return [rows]


def _number(alike: list[History]) -> None:
    """Name rows that are alike; one without an id that a row with one tells, too, is a twin."""
    called = sorted((row for row in alike if row.serial), key=_content)
    others = sorted((row for row in alike if not row.serial), key=_content)
    for row in others[: len(called)]:
        row.twin = True
    for number, row in enumerate([*called, *others[len(called) :]], start=1):
        row.id = row.name if number == 1 else f"{row.name}/{number}"


def _content(row: History) -> tuple[Any, ...]:
    return (row.total or ZERO, row.subtotal or ZERO, row.notes, row.serial)


def _fact(row: History) -> str:
    """What the rows of one fact share: a conversion is called by what was given."""
    note = row.conversion
    if note is None:
        return row.id
    given, got = (f"{quantity:f}" for quantity in (note.given, note.got))
    what = ("convert", row.at.isoformat(), given, note.out, got, note.into)
    name = Key(row.at, identity=what).name
    row.id = row.id.replace(row.name, name)
    return row.id
