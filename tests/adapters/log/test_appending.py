"""Appending: each event once, all of it or nothing, and every draft is answered."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.importers.reading import Draft
from adapters.log import Conflict, Fate, Log, Settings
from domain.errors import InvalidEvent, LogError
from domain.events import Deposited, PolicySet
from tests.adapters.log.drafts import USUAL, deposit, deposits, ids, noon, policy

RECORDED, KNOWN = Fate.RECORDED, Fate.KNOWN


@pytest.fixture
def log() -> Iterator[Log]:
    with Log.open(":memory:", create=USUAL, look=noon(2)) as log:
        yield log


def test_an_event_is_recorded_where_it_belongs(log: Log) -> None:
    receipt = log.append([deposit("A", line=14), policy("P"), deposit("B")])
    first, decision, second = log.read(order="log", with_source=True)
    assert [entry.position for entry in (first, decision, second)] == [1, 2, 3]
    assert [entry.account for entry in (first, decision, second)] == [
        "kraken/main",
        "book",
        "kraken/main",
    ]
    assert [entry.version for entry in (first, decision, second)] == [1, 1, 2]
    assert {entry.recorded_at for entry in (first, decision)} == {
        datetime(2025, 1, 2, 12, tzinfo=UTC)
    }
    assert first.source is not None
    assert (first.source.line, second.source) == (14, None)
    assert (receipt.recorded, receipt.known, receipt.head) == (3, 0, log.head())
    assert receipt.positions == range(1, 4)


def test_an_event_that_is_known_is_not_recorded_again(log: Log) -> None:
    log.append([deposit("A", line=1)])
    head = log.head()
    assert log.append([deposit("A", line=1)]).known == 1
    assert log.head() == head


def test_the_same_event_in_another_file_is_known(log: Log) -> None:
    """Two exports overlap: other lines, and 1.0 where the other wrote 1."""
    log.append([deposit("A", quantity="1", line=1)])
    assert log.append([deposit("A", quantity="1.0", line=77)]).known == 1


def test_the_same_id_with_other_content_is_a_conflict(log: Log) -> None:
    log.append([deposit("A", quantity="1", line=3)])
    head = log.head()
    receipt = log.append([deposit("A", quantity="2")])
    (conflict,) = receipt.conflicts
    assert conflict.recorded == log.entry(1)
    assert isinstance(conflict.recorded.event, Deposited)
    assert conflict.recorded.event.quantity == Decimal(1)
    assert (receipt.recorded, receipt.known, log.head()) == (0, 0, head)


def test_two_accounts_may_use_one_id(log: Log) -> None:
    assert log.append([deposit("A"), deposit("A", account="okx/main")]).recorded == 2


def test_each_draft_is_answered_in_order(log: Log) -> None:
    log.append([deposit("A")])
    with log.writing() as writing:
        new, known, conflict = writing.append(
            [deposit("B"), deposit("A"), deposit("A", quantity="2")]
        )
    assert (new, known) == (RECORDED, KNOWN)
    assert isinstance(conflict, Conflict)
    assert conflict.recorded.position == 1


def test_a_batch_may_repeat_and_contradict_itself(log: Log) -> None:
    with log.writing() as writing:
        *answers, conflict = writing.append(
            [deposit("A"), deposit("A"), deposit("B"), deposit("B", quantity="9")]
        )
    assert answers == [RECORDED, KNOWN, RECORDED]
    assert isinstance(conflict, Conflict)
    assert conflict.recorded == log.find("kraken/main", "B")


def test_what_one_batch_recorded_the_next_one_knows(log: Log) -> None:
    with log.writing() as writing:
        assert writing.append(deposits(3)) == [RECORDED] * 3
        assert writing.append(deposits(4)) == [KNOWN] * 3 + [RECORDED]
    assert ids(log.read(order="log")) == ["D1", "D2", "D3", "D4"]


def test_millions_may_come_from_a_generator(log: Log) -> None:
    """Ten thousand here: more than a batch, and as much as a look-up of ids and a page hold."""
    receipt = log.append(draft for draft in deposits(10_001))
    assert receipt.recorded == receipt.head.position == 10_001
    assert log.append(iter(deposits(10_001))).known == 10_001
    assert log.verify().ok


def test_nothing_is_kept_when_the_source_fails_halfway(log: Log) -> None:
    log.append([deposit("A")])
    head = log.head()

    def broken() -> Iterator[Draft]:
        yield from deposits(5000)
        msg = "line 5001 cannot be read"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="line 5001"):
        log.append(broken())
    assert log.head() == head
    assert ids(log.read()) == ["A"]
    assert log.append(deposits(2)).positions == range(2, 4)


def test_nothing_is_kept_when_the_block_raises(log: Log) -> None:
    def interrupted() -> None:
        with log.writing() as writing:
            writing.append(deposits(3))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert log.head().position == 0


def test_what_failed_cannot_be_kept_by_looking_away(log: Log) -> None:
    def broken() -> Iterator[Draft]:
        yield from deposits(3000)
        raise ValueError

    def careless() -> None:
        with log.writing() as writing:
            writing.append(deposits(3))
            with suppress(ValueError):
                writing.append(broken())

    with pytest.raises(LogError, match="begin again"):
        careless()
    assert log.head().position == 0


def test_a_dry_run_answers_the_same_and_keeps_nothing(log: Log) -> None:
    log.append([deposit("A")])
    drafts = [deposit("A"), deposit("A", quantity="2"), *deposits(3)]
    dry = log.append(drafts, dry_run=True)
    assert log.head().position == 1
    assert log.append(drafts) == dry


def test_an_empty_append_changes_nothing(log: Log) -> None:
    before = log.head()
    receipt = log.append([])
    assert (receipt.recorded, receipt.head, log.head()) == (0, before, before)
    assert list(receipt.positions) == []


@pytest.mark.parametrize("account", ["", "kraken", "kraken/", "kraken/main#1", "a/b/c/d", " k/m"])
def test_an_account_must_have_a_name_that_a_line_could_have(log: Log, account: str) -> None:
    with pytest.raises(InvalidEvent, match="account"):
        log.append([deposit("A", account=account)])
    assert log.head().position == 0


def test_a_text_that_is_no_text_is_refused(log: Log) -> None:
    """Half of a character pair: Python holds it, no file can."""
    with pytest.raises(InvalidEvent, match="cannot be written as UTF-8"):
        log.append([deposit("A\ud800")])


def test_an_id_may_hold_any_character(log: Log) -> None:
    odd = [deposit(name) for name in ("naïve", "a'b\"c", "%s", "a\x00b", "a", "🜚", "A" * 5000)]
    assert log.append(odd).recorded == len(odd)
    assert log.append(odd).known == len(odd)
    assert log.verify().ok


def test_all_of_one_writing_is_recorded_at_one_time(log: Log) -> None:
    with log.writing() as writing:
        writing.append(deposits(2))
        writing.append([policy("P")])
        when = writing.recorded_at
    assert {entry.recorded_at for entry in log.read()} == {when}


def test_the_time_of_recording_never_runs_backwards(tmp_path: Path) -> None:
    """Whether a clock was wrong or SOURCE_DATE_EPOCH names an earlier day."""
    book = tmp_path / "book.db"
    for day, draft in ((20, deposit("A")), (3, deposit("B")), (21, deposit("C"))):
        with Log.open(book, create=USUAL, look=noon(day)) as log:
            log.append([draft])
    with Log.open(book) as log:
        assert [entry.recorded_at.day for entry in log.read(order="log")] == [20, 20, 21]


def test_books_fed_the_same_under_one_stated_clock_have_the_same_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    heads = []
    for name in ("one.db", "two.db"):
        with Log.open(tmp_path / name, create=USUAL) as log:
            log.append(deposits(10))
            log.append([policy("P")])
            heads.append(str(log.head()))
    assert heads[0] == heads[1]


def test_what_a_book_is_kept_in_is_part_of_its_hashes(tmp_path: Path) -> None:
    with (
        Log.open(":memory:", create=USUAL, look=noon(1)) as one,
        Log.open(":memory:", create=Settings(), look=noon(1)) as other,
    ):
        assert one.settings.zone != other.settings.zone
        assert one.append(deposits(1)).head.hash != other.append(deposits(1)).head.hash


def test_an_append_under_way_reads_what_the_log_will_hold(log: Log) -> None:
    """Of the kinds it asks for, what was there before and what it has added."""
    log.append([deposit("D1"), policy("P1")])
    with log.writing() as writing:
        writing.append([policy("P2"), deposit("D2", account="okx/main")])
        held = [(entry.position, entry.account) for entry in writing.read([Deposited])]
        assert held == [(1, "kraken/main"), (4, "okx/main")]
        assert [entry.event.id for entry in writing.read([PolicySet])] == ["P1", "P2"]
        writing.append([deposit("D3")])
        assert len(list(writing.read([Deposited, PolicySet]))) == 5
        writing.discard()
    assert ids(log.read(order="log")) == ["D1", "P1"]
