"""From a row of the log to what the house reads: `Recorded`."""

from collections.abc import Iterable, Iterator

from adapters import clock
from adapters.log.tail import Row
from adapters.wire import decode, decode_event
from domain.errors import LogError, UnknownTopic
from domain.recorded import Recorded, account_of


def recorded(row: Row) -> Recorded:
    """One entry, with its source."""
    (entry,) = with_sources([row])
    return entry


def with_sources(rows: Iterable[Row]) -> Iterator[Recorded]:
    """Entries with the rows of files they were read from."""
    for position, stream, version, topic, state, recorded_at, _, _ in rows:
        try:
            event, source = decode(topic, state)
            account, time = account_of(stream), clock.instant(recorded_at)
        except Exception as problem:
            raise _unreadable(position, problem) from problem
        yield Recorded(position, account, version, time, event, source)


def without_sources(rows: Iterable[Row]) -> Iterator[Recorded]:
    """Entries for a replay: the same, quicker."""
    last, time = 0, clock.instant(0)
    for position, stream, version, topic, state, recorded_at, _, _ in rows:
        try:
            event, account = decode_event(topic, state), account_of(stream)
            if recorded_at != last:  # whole imports are recorded at one time
                last, time = recorded_at, clock.instant(recorded_at)
        except Exception as problem:
            raise _unreadable(position, problem) from problem
        yield Recorded(position, account, version, time, event)


def _unreadable(position: int, problem: Exception) -> LogError:
    if isinstance(problem, UnknownTopic):
        return problem
    msg = f"position {position} cannot be read ({problem!r}): run `marginbook verify`"
    return LogError(msg)
