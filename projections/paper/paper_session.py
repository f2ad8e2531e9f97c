"""A paper session: the log and the bars meet in the order of time.

The one trick: a bar is three moments (its open, its last microsecond, its end), and moments of all
pairs and the entries of the log are taken in order of time, as a replay would take them later. So
running some bars, stopping, and running the others gives the same log as running all at once.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from attrs import evolve

from domain.bar import Bar
from domain.errors import BookError
from domain.money import exact
from domain.recorded import Recorded
from projections.paper.paper_state import PRICES, Made, PaperState
from projections.paper.paper_venue import PaperVenue
from projections.report import instant

_ENDS, _RUNS = 0, 1
_Moment = tuple[datetime, int, int, Bar]
_LAST = timedelta(microseconds=1)


class PaperSession:
    """Bars run against what a log holds. `recorded` comes in replay order."""

    def __init__(self, state: PaperState, recorded: Iterable[Recorded]) -> None:
        self.state = state
        self.ran = self.known = 0
        """How many bars were run, and how many had been run before."""
        self._venue = PaperVenue(state)
        self._to_come = _resumed(state, recorded)
        self._now = state.bars.last
        self._agenda: list[_Moment] = []
        self._running: dict[tuple[str, str], Bar] = {}
        """The bar of each pair that was begun last."""
        self._numbers = count()

    def run(self, bars: Iterable[Bar], until: datetime | None = None) -> Iterator[Made]:
        """Run bars, oldest first, that end until then; yield what the venue makes.

        Raises `BookError` for a bar that begins before where the session stands, or differs from
        one of the same time.
        """
        for bar in bars:
            if self.state.bars.knows(bar) or self._is_running(bar):
                self.known += 1
            elif until is None or bar.ends <= until:
                yield from self._up_to(bar.at)
                self._open(bar)
                yield from self.state.taken()
        yield from self._up_to(None)

    def look_until(self, at: datetime) -> PaperState:
        """Learn what the log says up to a time; nothing is run."""
        while self._to_come and self._to_come[0].event.at <= at:
            self.state.learn(self._to_come.popleft())
        return self.state

    def _is_running(self, bar: Bar) -> bool:
        """Whether this bar was begun already. Raises `BookError` for one that overlaps it."""
        begun = self._running.get((bar.asset, bar.quote))
        if begun is None or bar.at >= begun.ends:
            return False
        if evolve(bar, volume=begun.volume) == begun:
            return True
        msg = (
            f"two bars of {bar.asset}/{bar.quote} are of one time and differ: {instant(begun.at)}"
            f" to {instant(begun.ends)}, and {instant(bar.at)} to {instant(bar.ends)}"
        )
        raise BookError(msg)

    def _open(self, bar: Bar) -> None:
        if self._now is not None and bar.at < self._now:
            msg = (
                f"the bar of {bar.asset}/{bar.quote} at {instant(bar.at)} begins before"
                f" {instant(self._now)}, where the session stands: time runs forward. Bars of"
                " several pairs go together, in one command"
            )
            raise BookError(msg)
        self.ran += 1
        self._now = bar.at
        self._running[bar.asset, bar.quote] = bar
        self.look_until(bar.at)
        with exact():
            self._venue.opens(bar)
        heappush(self._agenda, (bar.ends - _LAST, _RUNS, next(self._numbers), bar))
        heappush(self._agenda, (bar.ends, _ENDS, next(self._numbers), bar))

    def _up_to(self, time: datetime | None) -> Iterator[Made]:
        """What happens up to a time (None: ever): in bars that run, and in the log."""
        while self._agenda and (time is None or self._agenda[0][0] <= time):
            at, what, _, bar = heappop(self._agenda)
            self._now = at
            self.look_until(at if what == _RUNS else at - _LAST)
            with exact():
                self._venue.runs(bar) if what == _RUNS else self._venue.closes(bar)
            yield from self.state.taken()


def _resumed(state: PaperState, recorded: Iterable[Recorded]) -> deque[Recorded]:
    """Learn what happened until the last bar ended; return what is to come after it."""
    waiting: deque[Recorded] = deque()
    for entry in recorded:
        waiting.append(entry)
        if entry.account == PRICES:
            while waiting:
                state.learn(waiting.popleft())
    return waiting
