"""What holds for every format, asked of every fixture: nothing is lost, nothing counts twice.

A fixture is put in by a file in tests/data (fixtures.py says how); these tests find it.
"""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters.importers.reading import Draft, Taken
from adapters.importers.registry import recognise
from marginbook import Book
from tests.adapters.importers.fixtures import (
    Fixture,
    claims,
    count_of_rows,
    data_lines,
    fixtures,
    instants,
    layout_of,
    written,
)
from tests.adapters.importers.outcomes import Outcomes, read

FIXTURES = fixtures()


def _outcomes(fixture: Fixture, files: dict[str, bytes] | None = None) -> Outcomes:
    importer, _ = recognise(fixture.paths[0])
    return read(importer, files or fixture.files)


def _events(outcomes: Outcomes) -> list[str]:
    """What is recorded, without where it was read."""
    drafts = [draft for o in outcomes.all if isinstance(o, Taken) for draft in o.drafts]
    return sorted(map(_said, drafts))


def _said(draft: Draft) -> str:
    return f"{draft.account} {draft.event}"


def _reports(book: Book) -> list[Any]:
    return [row.to_dict() for row in book.balances().balances]


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_one_format_alone_claims_a_file(fixture: Fixture) -> None:
    assert [len(claims(path)) for path in fixture.paths] == [1] * len(fixture.paths)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_every_row_ends_as_one_thing(fixture: Fixture, tmp_path: Path) -> None:
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files(fixture.paths)
    for file in result.files:
        found = len(file.findings)
        assert file.rows <= file.recorded + file.known + file.ignored + found
    twice = {row: count for row, count in _outcomes(fixture).rows.items() if count != 1}
    assert twice == {}
    for path, file in zip(fixture.paths, result.files, strict=True):
        if layout_of(path) is not None:
            assert file.rows == count_of_rows(path.read_bytes(), len(data_lines(path)[0]))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_a_second_import_records_nothing(fixture: Fixture, tmp_path: Path) -> None:
    with Book.open(tmp_path / "book.db") as book:
        first = book.import_files(fixture.paths)
        again = book.import_files(fixture.paths)
        assert again.head == first.head
        assert [file.recorded for file in again.files] == [0] * len(fixture.paths)
        renamed = written(tmp_path, {f"copy-{n}": c for n, c in fixture.files.items()})
        assert book.import_files(renamed).head == first.head


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_the_order_of_rows_means_nothing(fixture: Fixture) -> None:
    tables = {path.name: data_lines(path) for path in fixture.paths if path.suffix == ".csv"}
    if not tables:
        pytest.skip("no table")
    expected = _events(_outcomes(fixture))
    for seed in range(3):
        random, files = Random(seed), fixture.files  # noqa: S311
        for name, (header, rows) in tables.items():
            files[name] = b"".join([*header, *random.sample(rows, len(rows))])
        assert _events(_outcomes(fixture, files)) == expected


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_rows_that_stand_in_two_files_count_once(fixture: Fixture) -> None:
    """Given in one command: the whole file, and one that begins later."""
    files = fixture.files
    for path in fixture.paths:
        times = instants(path)
        if times:
            files[f"late-{path.name}"] = b"".join(_cut(path, min(times.values()), None))
    if len(files) == len(fixture.paths):
        pytest.skip("no table of a statement")
    assert _events(_outcomes(fixture, files)) == _events(_outcomes(fixture))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_a_file_cut_in_two_says_the_same_or_asks_for_the_rest(
    fixture: Fixture, tmp_path: Path
) -> None:
    """In one command the same events; in two, overlapping, the same balances or findings."""
    parts: dict[str, bytes] = {}
    halves: tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]] = ([], [])
    for path in fixture.paths:
        times = sorted(instants(path).values())
        if not times:
            pytest.skip("no table of a statement")
        third, middle, late = (times[len(times) * part // 6] for part in (2, 3, 4))
        parts[f"a-{path.name}"] = b"".join(_cut(path, None, middle))
        parts[f"b-{path.name}"] = b"".join(_cut(path, middle, None))
        halves[0].append((f"1-{path.name}", b"".join(_cut(path, None, late))))
        halves[1].append((f"2-{path.name}", b"".join(_cut(path, third, None))))
    assert _events(_outcomes(fixture, parts)) == _events(_outcomes(fixture))
    with Book.open(tmp_path / "whole.db") as whole, Book.open(tmp_path / "cut.db") as cut:
        whole.import_files(fixture.paths)
        results = [cut.import_files(written(tmp_path, half)) for half in halves]
        if not any(result.has_findings for result in results):
            assert _reports(cut) == _reports(whole)


def _cut(path: Path, since: Any, until: Any) -> list[bytes]:
    """A table's lines of these instants (all that happened at `until` stays out)."""
    header, _ = data_lines(path)
    lines = path.read_bytes().splitlines(keepends=True)
    return [
        *header,
        *(
            lines[line - 1]
            for line, at in instants(path).items()
            if (since is None or at >= since) and (until is None or at < until)
        ),
    ]


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_damage_is_found_and_never_stops_the_reading(fixture: Fixture) -> None:
    """Bytes changed, cells swapped, rows of other files mixed in: outcomes, and no row twice."""
    _damage(fixture, range(40))


@pytest.mark.nightly
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_much_damage_never_stops_the_reading(fixture: Fixture) -> None:
    _damage(fixture, range(40, 1000))


def _damage(fixture: Fixture, seeds: range) -> None:
    for seed in seeds:
        random = Random(f"{fixture.name} {seed}")  # noqa: S311
        files = {name: _damaged(content, random) for name, content in fixture.files.items()}
        rows = _outcomes(fixture, files).rows
        assert [row for row, count in Counter(rows).items() if count > 1 and row[1]] == []


def _damaged(content: bytes, random: Random) -> bytes:
    match random.randrange(7):
        case 0:
            return content[: random.randrange(len(content))]
        case 1:
            bytes_ = bytearray(content)
            for _ in range(random.randrange(1, 20)):
                bytes_[random.randrange(len(bytes_))] = random.randrange(256)
            return bytes(bytes_)
        case 2:
            return content.replace(b".", b",")
        case 3:
            lines = content.splitlines(keepends=True)
            return b"".join(lines[:1] + random.choices(lines, k=len(lines)))
        case 4:
            lines = content.splitlines(keepends=True)
            cells = [line.split(b",") for line in lines]
            for row in cells[1:]:
                if random.random() < 0.3 and len(row) > 1:
                    a, b = random.sample(range(len(row)), 2)
                    row[a], row[b] = row[b], row[a]
            return b"".join(b",".join(row) for row in cells)
        case 5:
            other = random.choice(FIXTURES)
            return content + b"".join(
                line for path in other.paths for line in path.read_bytes().splitlines(keepends=True)
            )
        case _:
            return content.replace(b"2024-", random.choice([b"24/", b"0000-", b"-", b"9999-"]))
