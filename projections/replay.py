"""Replay: every projection is a fold over the same events, fed in one pass.

A projection is an object with `steps`, one for each kind of event it acts on, and `passes_over`,
the kinds it knows and leaves alone. Together they are all kinds there are: a new kind of event
stops every projection that has not said what it means.

Events come in replay order: (`at`, place in the instant, position in the log). An event that was
voided by what is known does not count. Inside a replay arithmetic is exact (domain/money.py).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from domain.errors import BookError
from domain.events import EVENTS, Event
from domain.money import exact
from domain.recorded import Recorded

Step = Callable[[Recorded, Any], None]
Steps = Mapping[type[Event], Step]


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
        self, projections: Iterable[Projection], voided: frozenset[tuple[str, str]] = frozenset()
    ) -> None:
        self._voided = voided
        self._table = _table(tuple(projections))

    def run(self, events: Iterable[Recorded]) -> None:
        """Feed events, oldest first."""
        table, voided = self._table, self._voided
        with exact():
            for recorded in events:
                event = recorded.event
                if voided and (recorded.account, event.id) in voided:
                    continue
                for step in table[type(event)]:
                    step(recorded, event)


def replay(
    events: Iterable[Recorded],
    *projections: Projection,
    voided: frozenset[tuple[str, str]] = frozenset(),
) -> None:
    """Feed events, oldest first, to every projection in one pass."""
    Replay(projections, voided).run(events)


def _table(projections: tuple[Projection, ...]) -> dict[type[Event], tuple[Step, ...]]:
    for projection in projections:
        unsaid = set(EVENTS) - projection.steps.keys() - projection.passes_over
        if unsaid:
            names = ", ".join(sorted(kind.__name__ for kind in unsaid))
            msg = f"{type(projection).__name__} does not say what it does about {names}"
            raise BookError(msg)
    return {kind: tuple(p.steps[kind] for p in projections if kind in p.steps) for kind in EVENTS}
