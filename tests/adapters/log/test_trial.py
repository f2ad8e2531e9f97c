"""A log on trial: what nobody has written stands where it would stand, and nothing else moves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from adapters.intake import take_in
from adapters.log import Log
from adapters.log.trial import Trial
from domain.events import BalanceAsserted, Deposited, Event, PriceObserved
from domain.order import place
from domain.recorded import Recorded
from tests.adapters.log.drafts import NEW_YEAR, USUAL, deposits, ids, noon

LEARNT = datetime(2025, 1, 2, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """Ten coins came in, a minute apart."""
    with Log.open(tmp_path / "book.db", create=USUAL, look=noon(1)) as opened:
        opened.append(deposits(10))
        yield opened


def supposed(count: int, first: int) -> list[Recorded]:
    """So many entries in the minutes of the log, of kinds that have places of their own."""
    chance = Random(count)  # noqa: S311
    made = []
    for number in range(count):
        at, name = NEW_YEAR + timedelta(minutes=chance.randrange(13)), f"T{number}"
        event: Event
        if number % 3 == 0:
            event = PriceObserved(at=at, id=name, asset="BTC", quote="USD", price="1")  # type: ignore[arg-type]
        elif number % 3 == 1:
            event = BalanceAsserted(at=at, id=name, asset="BTC", quantity="1")  # type: ignore[arg-type]
        else:
            sequence = chance.randrange(3)
            event = Deposited(at=at, id=name, asset="BTC", quantity="1", sequence=sequence)  # type: ignore[arg-type]
        made.append(Recorded(first + number, "kraken/main", number, LEARNT, event))
    return made


def test_thousands_of_entries_stand_in_their_places_among_the_others(log: Log) -> None:
    """Prices first, asserted balances last in their instant, wherever their lines stand."""
    entries = supposed(3000, first=11)
    trial = Trial(log, log.head(), *entries)
    everything = [*log.read(order="log"), *entries]
    replayed = sorted(everything, key=lambda r: (r.event.at, place(r.event), r.position))
    assert ids(trial.read()) == ids(replayed)
    assert ids(trial.read(order="log")) == ids(everything)
    assert trial.head().position == 3010


def test_entries_before_all_others_and_after_them(log: Log) -> None:
    early = [Recorded(11, "a/b", 1, LEARNT, Deposited(at=NEW_YEAR, id="E", asset="X", quantity=1))]  # type: ignore[arg-type]
    late = [
        Recorded(n, "a/b", n, LEARNT, Deposited(at=LEARNT, id=f"L{n}", asset="X", quantity=1))  # type: ignore[arg-type]
        for n in (13, 12)
    ]
    names = [f"D{n}" for n in range(1, 11)]
    trial = Trial(log, log.head(), *late, *early)
    assert ids(trial.read()) == ["E", *names, "L12", "L13"]
    assert ids(trial.read(order="log")) == [*names, "E", "L12", "L13"]


def test_of_an_empty_log_the_entries_are_all_there_is(tmp_path: Path) -> None:
    with Log.open(tmp_path / "book.db", create=USUAL, look=noon(1)) as empty:
        trial = Trial(empty, empty.head(), *supposed(3, first=1))
        assert sorted(ids(trial.read())) == ["T0", "T1", "T2"]
        assert ids(trial.read(order="log")) == ["T0", "T1", "T2"]


def test_what_happened_later_is_not_replayed_and_stands_in_the_log_all_the_same(log: Log) -> None:
    until = NEW_YEAR + timedelta(minutes=4)
    entry = Recorded(11, "a/b", 1, LEARNT, Deposited(at=until, id="T", asset="X", quantity=1))  # type: ignore[arg-type]
    trial = Trial(log, log.head(), entry, until=until)
    assert ids(trial.read()) == ["D1", "D2", "D3", "D4", "T"]
    earlier = until - timedelta(minutes=1)
    assert ids(trial.read(at_or_before=earlier)) == ["D1", "D2", "D3"]
    assert len(ids(trial.read(order="log"))) == 11


def test_entries_that_are_asked_for_by_account_kind_and_knowledge(log: Log) -> None:
    entries = supposed(3, first=11)
    trial = Trial(log, log.head(), *entries)
    assert ids(trial.read(order="log", types=[PriceObserved])) == ["T0"]
    assert ids(trial.read(order="log", accounts=["nobody/else"])) == []
    assert ids(trial.read(order="log", known=12))[-2:] == ["T0", "T1"]
    assert ids(trial.read(order="log", known=3)) == ["D1", "D2", "D3"]
    assert trial.find("kraken/main", "T1") == entries[1]
    assert trial.find("kraken/main", "D1") is not None
    assert trial.find("kraken/main", "T9") is None


def test_sources_are_read_where_they_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    line = '{"type":"deposited","account":"a/b","at":"2025-01-01T00:00:00Z","id":"D",'
    file.write_text(line + '"asset":"X","quantity":"1"}')
    with Log.open(tmp_path / "book.db", create=USUAL, look=noon(1)) as log:
        take_in(log, [file])
        trial = Trial(log, log.head(), *supposed(1, first=3))
        with_sources = {r.event.id: r.source for r in trial.read(with_source=True)}
        assert {name for name, source in with_sources.items() if source is not None} == {"D"}
        assert [r.source for r in trial.read()] == [None, None, None]
