"""One fold for all: kinds of event, voids, exact sums, and replays that go on."""

from datetime import timedelta
from decimal import Decimal, Inexact

import pytest

from domain.errors import BookError
from domain.events import EVENTS, Borrowed, Event, Filled
from domain.recorded import Recorded
from projections.prices import Marks
from projections.replay import Replay, Steps, replay
from tests.story import Folded, taxed, told

BOOK = told("""
    2025-01-01  bought    2 X   for 10
    2025-01-02  sold      1 X   for 8
    2025-01-03  borrowed  1 X
    2025-01-04  sold      1 X   for 9
    2025-01-05  bought    1 X   for 7
    2025-01-06  repaid    1 X
""")


class Counter:
    """Counts trades and passes over some of the rest."""

    def __init__(self, passes_over: frozenset[type[Event]]) -> None:
        self.count = 0
        self.steps: Steps = {Filled: self._counted}
        self.passes_over = passes_over

    def _counted(self, recorded: Recorded, event: Filled) -> None:
        self.count += 1


def test_a_projection_that_has_not_said_what_a_kind_of_event_means_is_refused() -> None:
    forgetful = Counter(frozenset(EVENTS) - {Filled, Borrowed})
    with pytest.raises(BookError, match="Counter does not say what it does about Borrowed"):
        replay([], forgetful)


def test_every_projection_says_what_every_kind_of_event_means() -> None:
    Folded([]).run([])
    taxed(told(""), 2025)
    replay([], Marks("USD", timedelta(hours=24)))


def test_only_the_kinds_that_a_projection_acts_on_reach_it() -> None:
    counter = Counter(frozenset(EVENTS) - {Filled})
    replay(BOOK.replayed, counter)
    assert counter.count == 4


def test_one_pass_feeds_several_projections() -> None:
    counters = [Counter(frozenset(EVENTS) - {Filled}) for _ in range(3)]
    replay(BOOK.replayed, *counters)
    assert [counter.count for counter in counters] == [4, 4, 4]


def test_a_voided_event_does_not_count() -> None:
    counter = Counter(frozenset(EVENTS) - {Filled})
    replay(BOOK.replayed, counter, voided=frozenset({("kraken/main", "2"), ("okx/main", "4")}))
    assert counter.count == 3


@pytest.mark.parametrize("first", range(7))
def test_a_replay_may_be_continued(first: int) -> None:
    """`run(a)`, `run(b)` is `run(a + b)`."""
    events = BOOK.replayed
    whole = Folded(BOOK.log).run(events)
    parts = Folded(BOOK.log).run(events[:first]).run(events[first:])
    assert parts.disposals == whole.disposals
    assert parts.balances.balances() == whole.balances.balances()


def test_rounding_inside_a_replay_is_an_error() -> None:
    class Divides(Counter):
        def _counted(self, recorded: Recorded, event: Filled) -> None:
            Decimal(1) / Decimal(3)

    with pytest.raises(Inexact):
        Replay([Divides(frozenset(EVENTS) - {Filled})]).run(BOOK.replayed)


def test_an_event_of_an_unknown_kind_is_never_passed_over_in_silence() -> None:
    class Invented(Filled):
        pass

    known = BOOK.log[0]
    event = known.event
    assert isinstance(event, Filled)
    invented = Invented(
        at=event.at,
        id="x",
        side="buy",
        asset="X",
        quantity=event.quantity,
        quote="USD",
        price=event.price,
    )
    counter = Counter(frozenset(EVENTS) - {Filled})
    with pytest.raises(KeyError):
        replay([Recorded(1, "kraken/main", 1, known.recorded_at, invented)], counter)


def test_a_price_counts_for_everything_of_its_instant_and_a_sequence_decides_the_rest() -> None:
    book = told("""
        2025-01-01  asserted  1 X
        2025-01-01  sold      1 X   for 8  sequence 2
        2025-01-01  bought    2 X   for 10  sequence 1
        2025-01-01  price     X 5
    """)
    kinds = [type(r.event).__name__ for r in book.replayed]
    assert kinds == ["PriceObserved", "Filled", "Filled", "BalanceAsserted"]
    assert [r.event.id for r in book.replayed] == ["4", "3", "2", "1"]
