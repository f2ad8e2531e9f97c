"""Replay: every projection is a fold over the same events, fed in one pass.

A projection is an object with `steps`, one for each kind of event it acts on, and `passes_over`,
the kinds it knows and leaves alone. Together they are all kinds there are: a new kind of event
stops every projection that has not said what it means.

Events come in replay order: (`at`, place in the instant, position in the log). An event that was
voided by what is known does not count. Inside a replay arithmetic is exact (domain/money.py).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from domain.errors import BookError
from domain.events import EVENTS, Event
from domain.money import exact
from domain.recorded import Recorded

Step = Callable[[Recorded, Any], None]
Steps = Mapping[type[Event], Step]
Turn = tuple[datetime, Callable[[], None]]
"""Something that happens at an instant by law, without an event: before all events of it."""


class Projection(Protocol):
    """A fold over events. State lives inside; results are frozen values."""

    @property
    def steps(self) -> Steps:
        """What it does about each kind of event."""
        ...

    @property
    def passes_over(self) -> frozenset[type[Event]]:
        """The kinds of event that mean nothing to it."""
        ...


class Replay:
    """One pass for several projections. It may go on: `run(a)`, `run(b)` is `run(a + b)`."""

    def __init__(
        self,
        projections: Iterable[Projection],
        voided: frozenset[tuple[str, str]] = frozenset(),
        turns: Iterable[Turn] = (),
    ) -> None:
        self._voided = voided
        self._table = _table(tuple(projections))
        self._turns = sorted(turns, key=lambda turn: turn[0], reverse=True)

    def run(self, events: Iterable[Recorded]) -> None:
        """Feed events, oldest first."""
        table, voided = self._table, self._voided
        turns = self._turns
        next_turn = turns[-1][0] if turns else _NEVER
        with exact():
            for recorded in events:
                event = recorded.event
                if event.at >= next_turn:
                    next_turn = self._turn(event.at)
                if voided and (recorded.account, event.id) in voided:
                    continue
                for step in table[type(event)]:
                    step(recorded, event)

    def close(self, at: datetime | None = None) -> None:
        """No more events up to `at` (None: ever): what happens by law until then happens."""
        with exact():
            self._turn(at or _NEVER)

    def _turn(self, now: datetime) -> datetime:
        """Make the turns that are due; return when the next one is."""
        turns = self._turns
        while turns and turns[-1][0] <= now:
            turns.pop()[1]()
        return turns[-1][0] if turns else _NEVER


def replay(
    events: Iterable[Recorded],
    *projections: Projection,
    voided: frozenset[tuple[str, str]] = frozenset(),
    turns: Iterable[Turn] = (),
    until: datetime | None = None,
) -> None:
    """Feed events up to `until` (None: all), oldest first, to every projection in one pass."""
    fold = Replay(projections, voided, turns)
    fold.run(events)
    fold.close(until)


def _table(projections: tuple[Projection, ...]) -> dict[type[Event], tuple[Step, ...]]:
    for projection in projections:
        unsaid = set(EVENTS) - projection.steps.keys() - projection.passes_over
        if unsaid:
            names = ", ".join(sorted(kind.__name__ for kind in unsaid))
            msg = f"{type(projection).__name__} does not say what it does about {names}"
            raise BookError(msg)
    return {kind: tuple(p.steps[kind] for p in projections if kind in p.steps) for kind in EVENTS}


_NEVER = datetime.max.replace(tzinfo=UTC)
