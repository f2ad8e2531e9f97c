"""Reading: in either order, as of any time and any knowledge, in constant memory."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import wire
from adapters.clock import microseconds
from adapters.importers.reading import Draft
from adapters.log import Log
from adapters.log.pages import Selection, pages, way_in
from adapters.log.schema import COMMON
from domain.errors import LogError, UnknownTopic
from domain.events import BalanceAsserted, Deposited, PolicySet, PriceObserved
from domain.money import ONE
from domain.recorded import stream_of
from tests.adapters.log.drafts import (
    NEW_YEAR,
    USUAL,
    book_of,
    deposit,
    deposits,
    fill,
    ids,
    noon,
    policy,
    tampered,
)


@pytest.fixture
def log() -> Iterator[Log]:
    with Log.open(":memory:", create=USUAL, look=noon(1)) as log:
        yield log


def test_what_happened_first_is_replayed_first(log: Log) -> None:
    log.append(
        [deposit("late", at="2024-06-01T00:00:00Z"), deposit("early", at="2024-05-01T00:00Z")]
    )
    assert ids(log.read()) == ["early", "late"]
    assert ids(log.read(order="log")) == ["late", "early"]


def test_within_an_instant_the_sequence_decides_and_then_the_log(log: Log) -> None:
    log.append(
        [
            deposit("b", sequence=1),
            deposit("c", sequence=1),
            deposit("a", sequence=-5),
            deposit("d", sequence=2, at=NEW_YEAR),
            deposit("before", sequence=9, at=NEW_YEAR - timedelta(microseconds=1)),
        ]
    )
    assert ids(log.read()) == ["before", "a", "b", "c", "d"]


def test_a_price_comes_first_and_an_asserted_balance_last_of_its_instant(log: Log) -> None:
    log.append(
        [
            Draft(
                "kraken/main", BalanceAsserted(at=NEW_YEAR, id="A", asset="X", quantity=ONE), None
            ),
            deposit("D", sequence=3),
            Draft(
                "book", PriceObserved(at=NEW_YEAR, id="P", asset="X", quote="USD", price=ONE), None
            ),
        ]
    )
    assert ids(log.read()) == ["P", "D", "A"]


def test_times_before_1970_and_to_the_microsecond_are_exact(log: Log) -> None:
    times = [
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        datetime(2999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ]
    log.append(deposit(str(n), at=time) for n, time in reversed(list(enumerate(times))))
    assert [entry.event.at for entry in log.read()] == times
    assert ids(log.read(at_or_before=times[1])) == ["0", "1"]
    assert ids(log.read(after=times[2])) == ["3", "4"]


def test_a_report_as_of_a_time_counts_that_instant(log: Log) -> None:
    log.append(deposits(3))
    at = NEW_YEAR + timedelta(minutes=2)
    assert ids(log.read(at_or_before=at)) == ["D1", "D2"]
    assert ids(log.read(after=at)) == ["D3"]
    assert ids(log.read(after=NEW_YEAR, at_or_before=at)) == ["D1", "D2"]


def test_what_was_learnt_later_does_not_count(log: Log) -> None:
    log.append([deposit("A", at="2024-06-01T00:00:00Z")])
    known = log.head().position
    log.append([deposit("B", at="2024-05-01T00:00:00Z")])
    assert ids(log.read(known=known)) == ["A"]
    assert ids(log.read(since=known)) == ["B"]


def test_what_was_known_at_a_time_is_a_position() -> None:
    readings = iter([noon(day)() for day in (3, 3, 5, 9)])
    with Log.open(":memory:", create=USUAL, look=lambda: next(readings)) as log:
        for draft in deposits(4):
            log.append([draft])
        known = [log.recorded_by(datetime(2025, 1, n, 12, tzinfo=UTC)) for n in range(1, 11)]
        assert known == [0, 0, 2, 2, 3, 3, 3, 3, 4, 4]
        assert log.recorded_by(datetime(2025, 1, 3, 11, tzinfo=UTC)) == 0


def test_accounts_and_kinds_are_read_alone(log: Log) -> None:
    log.append([*deposits(3), policy("P"), deposit("A", account="okx/main"), fill("F")])
    assert ids(log.read(accounts=["okx/main"])) == ["A"]
    assert ids(log.read(accounts=["okx/main", "book"], order="log")) == ["P", "A"]
    assert ids(log.read(types=[PolicySet])) == ["P"]
    assert ids(log.read(types={Deposited}, accounts=["kraken/main"])) == ["D1", "D2", "D3"]
    assert ids(log.read(types=[])) == ids(log.read(accounts=[])) == []


def test_few_decisions_are_found_without_reading_the_fills(log: Log) -> None:
    log.append([*deposits(6000), policy("P1"), *deposits(6000, first=7000), policy("P2")])
    known = log.head().position
    decisions = Selection(known=known, topics=["policy_set.v1"])
    facts = Selection(known=known, topics=["deposited.v1"])
    account = Selection(known=known, streams=["account:book"], replay=False)
    with log.recorder.reading() as rows:
        assert way_in(rows, decisions, 100) == "INDEXED BY by_topic"
        assert way_in(rows, facts, 100) == "INDEXED BY by_time"
        assert way_in(rows, account, 100) == "INDEXED BY by_stream"
    assert ids(log.read(types=[PolicySet])) == ["P1", "P2"]
    assert len(list(log.read(types=[Deposited]))) == 12_000


def test_what_is_common_is_known_to_this_version() -> None:
    """A name that is not known is looked for among the rare ones alone."""
    wire.check_known(COMMON)


def test_sources_are_read_if_they_are_wanted(log: Log) -> None:
    log.append(deposits(1))
    (plain,) = log.read()
    (sourced,) = log.read(with_source=True)
    assert plain.source is None
    assert sourced.source is not None
    assert (sourced.source.file, sourced.source.line) == ("deposits.csv", 1)


def test_one_event_is_found_by_its_id_or_position(log: Log) -> None:
    log.append(deposits(3))
    found = log.find("kraken/main", "D2")
    assert found is not None
    assert found == log.entry(2)
    assert found.event == deposits(2)[1].event
    assert log.find("okx/main", "D2") is log.find("kraken/main", "D4") is log.entry(4) is None


def test_a_reader_sees_the_log_as_it_was_when_it_asked(log: Log) -> None:
    """Others append between two pages, also what would have come first."""
    log.append(deposits(12_000))
    reading = log.read()
    beginning = [next(reading) for _ in range(10)]
    log.append(
        [deposit("first", at="2001-01-01T00:00:00Z"), deposit("last", at="2100-01-01T00:00Z")]
    )
    assert ids(beginning) + ids(reading) == [f"D{n}" for n in range(1, 12_001)]


def test_writing_is_possible_while_reading(log: Log) -> None:
    log.append(deposits(3))
    for entry in log.read():
        log.append([policy(f"about {entry.event.id}")])
    assert log.head().position == 6


def test_an_instant_may_hold_more_than_a_page(log: Log) -> None:
    log.append(deposit(f"{n:05}") for n in range(12_000))
    assert ids(log.read()) == [f"{n:05}" for n in range(12_000)]


MOMENTS = st.sampled_from([NEW_YEAR + timedelta(microseconds=n) for n in (-1, 0, 1)])
ACCOUNTS = ["a/x", "b/x"]
HISTORY = st.lists(st.tuples(MOMENTS, st.integers(-2, 2), st.sampled_from(ACCOUNTS)), max_size=40)


@given(
    history=HISTORY,
    size=st.integers(1, 12),
    replay=st.booleans(),
    known=st.integers(0, 41),
    account=st.none() | st.sampled_from([*ACCOUNTS, "c/x"]),
    until=st.none() | MOMENTS,
)
def test_pages_of_any_size_are_what_sorting_everything_gives(
    history: list[tuple[datetime, int, str]],
    size: int,
    replay: bool,
    known: int,
    account: str | None,
    until: datetime | None,
) -> None:
    expected = [
        (at, sequence, position)
        for position, (at, sequence, name) in enumerate(history, start=1)
        if position <= known and account in (None, name) and (until is None or at <= until)
    ]
    wanted = Selection(
        known=known,
        replay=replay,
        streams=None if account is None else [stream_of(account)],
        at_or_before=None if until is None else microseconds(until),
    )
    with Log.open(":memory:", create=USUAL, look=noon(1)) as log:
        log.append(
            deposit(str(n), at=at, sequence=sequence, account=name)
            for n, (at, sequence, name) in enumerate(history)
        )
        found = [row[0] for page in pages(log.recorder, wanted, size) for row in page]
    assert found == [position for _, _, position in (sorted(expected) if replay else expected)]


@pytest.mark.parametrize(
    "edit",
    [
        "state = CAST('{' AS BLOB)",
        "state = CAST('[]' AS BLOB)",
        "state = CAST(replace(state, '\"1\"', '\"one\"') AS BLOB)",
        "originator_id = CAST(originator_id AS BLOB)",
        "recorded_at = 'noon'",
        "recorded_at = 9223372036854775807",
    ],
)
def test_an_entry_that_cannot_be_read_is_named(tmp_path: Path, edit: str) -> None:
    book = book_of(tmp_path / "book.db", deposits(3))
    tampered(book, f"UPDATE stored_events SET {edit} WHERE rowid = 2")  # noqa: S608
    with Log.open(book) as log:
        with pytest.raises(LogError, match="position 2 cannot be read"):
            list(log.read())
        with pytest.raises(LogError, match="position 2 cannot be read"):
            log.entry(2)
        assert log.entry(3)


def test_what_a_later_version_wrote_is_never_passed_over(tmp_path: Path) -> None:
    """Not even by a reader who asks for other kinds: it might be one of them."""
    book = book_of(tmp_path / "book.db", deposits(3))
    tampered(book, "UPDATE stored_events SET topic = 'deposited.v9' WHERE rowid = 2")
    with Log.open(book) as log:
        with pytest.raises(UnknownTopic, match=r"deposited\.v9.*later"):
            list(log.read())
        with pytest.raises(UnknownTopic, match=r"deposited\.v9.*later"):
            log.read(types=[PolicySet])
