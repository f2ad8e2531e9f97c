"""Crashes and crowds: what was acknowledged is there, nothing in part, no one turned away."""

import resource
import signal
import time
from contextlib import suppress
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from random import Random

import pytest
from attrs import evolve

from adapters.log import Fate, Head, Log
from adapters.log.database import wal_of
from domain.errors import LogError
from tests.adapters.log.drafts import USUAL, deposits, ids, noon

FORK = get_context("fork")


def append(book: Path, account: str, first: int, batches: int, size: int, said: Connection) -> None:
    """Append batches, and say after each how far it went."""
    log = Log.open(book, create=USUAL)
    for start in range(first, first + batches * size, size):
        head = log.append(deposits(size, account=account, first=start)).head
        said.send((start + size - 1, head))


def appending(
    book: Path, account: str, *, first: int = 1, batches: int, size: int
) -> tuple[ForkProcess, Connection]:
    """Another process that appends, and what it says."""
    heard, said = FORK.Pipe(duplex=False)
    process = FORK.Process(target=append, args=(book, account, first, batches, size, said))
    process.start()
    said.close()
    return process, heard


def last_said(heard: Connection) -> tuple[int, Head] | None:
    """The last that a process said before it ended."""
    last = None
    with suppress(EOFError):
        while True:
            last = heard.recv()
    return last


def killed_at_random(book: Path, times: int, seed: int) -> None:
    """Kill a process that appends, again and again on one book, and look at the book each time."""
    chance, size, acknowledged = Random(seed), 7, 0  # noqa: S311
    for _ in range(times):
        process, heard = appending(
            book, "kraken/main", first=acknowledged + 1, batches=999, size=size
        )
        time.sleep(0.02 + chance.random() * 0.04)
        process.kill()
        process.join()
        told = last_said(heard)
        if told is None:
            continue
        acknowledged, head = told
        with Log.open(book) as log:
            found = ids(log.read(order="log"))
            assert found == [f"D{n}" for n in range(1, len(found) + 1)]
            assert len(found) in (acknowledged, acknowledged + size)
            assert log.verify(head).ok
            acknowledged = len(found)


@pytest.mark.parametrize("seed", range(8))
def test_a_process_killed_while_appending_loses_nothing_acknowledged(
    tmp_path: Path, seed: int
) -> None:
    killed_at_random(tmp_path / "book.db", times=12, seed=seed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(500))
def test_a_process_killed_ten_thousand_times(tmp_path: Path, seed: int) -> None:
    killed_at_random(tmp_path / "book.db", times=20, seed=1000 + seed)


def test_a_process_killed_in_a_long_import_leaves_nothing_of_it(tmp_path: Path) -> None:
    """More than the cache holds, so that much of it stands in the journal already."""
    book = tmp_path / "book.db"
    with Log.open(book, create=USUAL) as log:
        head = log.append(deposits(3)).head
    process = FORK.Process(target=import_without_end, args=(book,))
    process.start()
    while not (wal_of(book).exists() and wal_of(book).stat().st_size > 1_000_000):
        assert process.is_alive()
        time.sleep(0.02)
    process.kill()
    process.join()
    with Log.open(book) as log:
        assert log.head() == head
        assert log.verify(head).ok
        assert log.append(deposits(4)).recorded == 1


def import_without_end(book: Path) -> None:
    (draft,) = deposits(1, account="okx/main")
    log = Log.open(book)
    log.append(evolve(draft, event=evolve(draft.event, id=f"E{n}")) for n in count())


def test_several_processes_append_at_once(tmp_path: Path) -> None:
    """They also begin at once: one of them makes the book."""
    book, accounts = tmp_path / "book.db", [f"venue{n}/main" for n in range(4)]
    crowd = [appending(book, account, batches=300, size=1) for account in accounts]
    for process, heard in crowd:
        told = last_said(heard)
        process.join()
        assert (told or [None])[0] == 300
        assert process.exitcode == 0
    with Log.open(book) as log:
        assert log.head().position == 1200
        for account in accounts:
            assert ids(log.read(accounts=[account], order="log")) == [
                f"D{n}" for n in range(1, 301)
            ]
        assert log.verify().ok


def test_processes_that_append_the_same_record_it_once(tmp_path: Path) -> None:
    book = tmp_path / "book.db"
    crowd = [appending(book, "kraken/main", batches=20, size=10) for _ in range(3)]
    for process, heard in crowd:
        last_said(heard)
        process.join()
        assert process.exitcode == 0
    with Log.open(book) as log:
        assert ids(log.read()) == [f"D{n}" for n in range(1, 201)]
        assert log.verify().ok


def test_who_waits_too_long_for_another_writer_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.log.database._PATIENCE", 1)
    book = tmp_path / "book.db"
    with Log.open(book, create=USUAL) as one, Log.open(book) as other:
        with one.writing() as writing:
            writing.append(deposits(1))
            with pytest.raises(LogError, match=r"another program.*try later"):
                other.append(deposits(2))
        assert other.append(deposits(2)).recorded == 1


def test_a_full_disk_is_told_and_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    with Log.open(tmp_path / "book.db", create=USUAL, look=noon(1)) as log:
        head = log.append(deposits(100)).head
        with log.recorder.reading() as rows:
            (pages,) = rows.execute("PRAGMA page_count").fetchone()
            rows.execute(f"PRAGMA max_page_count = {pages + 5}").fetchone()
        with pytest.raises(LogError, match="the disk is full"):
            log.append(deposits(5000, first=101))
        assert log.head() == head
        assert log.verify(head).ok
        assert log.append(deposits(101)).recorded == 1
        with log.recorder.reading() as rows:
            rows.execute(f"PRAGMA max_page_count = {2**30}").fetchone()
        assert log.append(deposits(5000)).recorded == 4899


def test_a_file_that_may_not_grow_is_told_and_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    """As a quota does: the write itself fails, at whatever point it is reached."""
    limit, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with Log.open(tmp_path / "book.db", create=USUAL, look=noon(1)) as log:
        head = log.append(deposits(100)).head
        failed = 0
        try:
            for size in range(60_000, 200_000, 14_001):
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
                with pytest.raises(LogError, match="disk"):
                    log.append(deposits(1000, first=101))
                failed += 1
                assert log.head() == head
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
            signal.signal(signal.SIGXFSZ, before)
        assert failed == 10
        assert log.verify(head).ok
        with log.writing() as writing:
            assert set(writing.append(deposits(200))) == {Fate.KNOWN, Fate.RECORDED}
        assert log.verify(head).ok
