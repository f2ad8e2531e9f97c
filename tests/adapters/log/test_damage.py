"""Damage: whatever becomes of the bytes, a book is never called in order with another content.

A flip where nothing is stored may go unnoticed; one that changes what the book says may not.
"""

from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from adapters.log import Head, Log
from adapters.log.database import wal_of
from domain.errors import LogError
from domain.recorded import Recorded
from tests.adapters.log.drafts import USUAL, book_of, deposits, fill, noon, policy

DRAFTS = [
    *deposits(20),
    policy("P"),
    *deposits(10, account="okx/main"),
    *(fill(f"F{n}") for n in range(19)),
]

Content = tuple[object, Head, list[Recorded], list[Recorded]]


def content(log: Log) -> Content:
    """All that a book says."""
    in_order = list(log.read(order="log", with_source=True))
    return log.settings, log.head(), in_order, list(log.read())


def in_order(book: Path, noted: Head | None = None) -> Content | None:
    """What a book says, if it opens and every pass finds it in order."""
    try:
        with Log.open(book) as log:
            return content(log) if log.verify(noted).ok else None
    except LogError:
        return None


def changed(book: Path, bytes_: bytes, wal: bytes | None = None) -> Path:
    """The book with other bytes, and nothing beside it that was there before."""
    for file in book.parent.glob(f"{book.name}*"):
        file.unlink()
    book.write_bytes(bytes_)
    if wal is not None:
        wal_of(book).write_bytes(wal)
    return book


def flipped(bytes_: bytes, place: int, bit: int) -> bytes:
    return bytes_[:place] + bytes([bytes_[place] ^ 1 << bit]) + bytes_[place + 1 :]


def found_unless_meaningless(book: Path, flips: Iterable[tuple[int, int]]) -> int:
    """Flip bits one at a time; return how many were found."""
    whole = book.read_bytes()
    said = in_order(book)
    assert said is not None
    found = 0
    for place, bit in flips:
        now = in_order(changed(book, flipped(whole, place, bit)))
        assert now in (None, said), f"byte {place} bit {bit}: another content, called in order"
        found += now is None
    return found


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return book_of(tmp_path / "book.db", DRAFTS)


def test_a_flipped_bit_is_found(book: Path) -> None:
    chance = Random(2024)  # noqa: S311
    size = book.stat().st_size
    flips = [(chance.randrange(size), chance.randrange(8)) for _ in range(300)]
    assert found_unless_meaningless(book, flips) > 50


def test_a_flipped_bit_in_the_files_header_is_found_or_means_nothing(book: Path) -> None:
    flips = [(place, place % 8) for place in range(108)]
    assert found_unless_meaningless(book, flips) > 20


def test_a_flipped_bit_in_an_event_is_found_at_its_position(book: Path) -> None:
    """Every bit of every byte of one state, wherever it stands in the file."""
    whole = book.read_bytes()
    start = whole.index(b'{"event":{"at":"2024-01-01T00:07:00Z","id":"D7"')
    end = whole.index(b"}}", start) + 2
    for place in range(start, end):
        with Log.open(changed(book, flipped(whole, place, place % 8))) as log:
            passes = {one.name: one for one in log.verify().passes}
        assert str(passes["chain"].first_fault).startswith("position 7: expected ")


@pytest.mark.nightly
def test_every_byte_of_a_book(book: Path) -> None:
    flips = [(place, place % 8) for place in range(book.stat().st_size)]
    assert found_unless_meaningless(book, flips) > 10_000


def test_a_file_that_was_cut_off_is_found(book: Path) -> None:
    chance = Random(1)  # noqa: S311
    whole = book.read_bytes()
    cuts = {*range(0, len(whole), 4096), *chance.sample(range(len(whole)), 80), 1, len(whole) - 1}
    assert [cut for cut in cuts if in_order(changed(book, whole[:cut]))] == []


def test_a_page_that_was_wiped_or_written_elsewhere_is_found(book: Path) -> None:
    """What a disk does that loses a write, or misdirects one."""
    whole = book.read_bytes()
    said = in_order(book)
    starts = range(0, len(whole), 4096)
    for start in starts:
        for other in (b"\0" * 4096, *(whole[s : s + 4096] for s in starts if s != start)):
            now = in_order(changed(book, whole[:start] + other + whole[start + 4096 :]))
            assert now in (None, said)


def test_a_damaged_journal_loses_its_end_and_the_noted_head_shows_it(tmp_path: Path) -> None:
    """A crash leaves commits in the journal; those that are damaged SQLite takes as unwritten."""
    with Log.open(tmp_path / "book.db", create=USUAL, look=noon(1)) as log:
        for start in range(1, 60, 10):
            noted = log.append(deposits(10, first=start)).head
        said = content(log)
        whole, wal = (tmp_path / "book.db").read_bytes(), wal_of(tmp_path / "book.db").read_bytes()
    copy = tmp_path / "copy.db"
    assert in_order(changed(copy, whole, wal), noted) == said
    chance = Random(7)  # noqa: S311
    for _ in range(100):
        place = chance.randrange(len(wal))
        damaged = flipped(wal, place, chance.randrange(8)) if chance.random() < 0.7 else wal[:place]
        assert in_order(changed(copy, whole, damaged), noted) in (None, said)
