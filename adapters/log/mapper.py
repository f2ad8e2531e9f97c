"""Between the library and the wire: what `save`, `repository` and `notification_log` hand around.

The house itself reads and writes by `Log.read` and `Log.writing`, which need no object between an
event and its row. Whoever knows the library finds its doors open all the same, on the same rows and
chain.
"""

from typing import cast

from attrs import frozen
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

from adapters.wire import decode, encode
from domain.events import Event
from domain.recorded import Source


@frozen
class Entry:
    """An event with its place in a stream, as the library knows it."""

    originator_id: str
    originator_version: int
    event: Event
    source: Source | None = None


class EventMapper(Mapper[str]):
    """Entries as stored events: topic and bytes are the wire's."""

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        entry = cast("Entry", domain_event)
        topic, state = encode(entry.event, entry.source)
        return StoredEvent(entry.originator_id, entry.originator_version, topic, state)

    def to_domain_event(self, stored_event: StoredEvent) -> Entry:
        event, source = decode(stored_event.topic, stored_event.state)
        stream, version = str(stored_event.originator_id), stored_event.originator_version
        return Entry(stream, version, event, source)
