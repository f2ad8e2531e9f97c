"""The end of the log while entries are added to it: each new row, chained to the one before."""

from adapters.log.chain import link

Row = tuple[int, str, int, str, bytes, int, int, int]
"""An entry to decode: position, stream, version, topic, state, recorded_at, effective_at, place."""

NewRow = tuple[int, str, int, str, bytes, int, int, int, str | None, int, bytes]
"""A row to store: an entry, and its key, clock and hash. So are the columns of the table."""

Held = Row | NewRow
"""What the log holds under an id: stored before, or waiting to be. Both begin with an entry."""


class Tail:
    """The last position and hash, and the rows that wait to be stored.

    All rows of one transaction are recorded at one time, by one clock (1: SOURCE_DATE_EPOCH said
    it).
    """

    __slots__ = ("_bytes", "clock", "hash", "position", "recorded_at", "rows")

    def __init__(self, position: int, hash_: bytes, recorded_at: int, clock: int) -> None:
        self.position = position
        self.hash = hash_
        self.recorded_at = recorded_at
        self.clock = clock
        self.rows: list[NewRow] = []
        self._bytes: dict[str, bytes] = {}  # of streams and topics: few, and many times the same

    def add(
        self,
        stream: str,
        version: int,
        topic: str,
        state: bytes,
        key: str | None,
        effective_at: int,
        place: int,
    ) -> NewRow:
        """Chain one more entry to the end."""
        known = self._bytes
        if stream not in known:
            known[stream] = stream.encode()
        if topic not in known:
            known[topic] = topic.encode()
        recorded_at, clock = self.recorded_at, self.clock
        self.position = position = self.position + 1
        self.hash = digest = link(
            self.hash,
            position,
            version,
            recorded_at,
            clock,
            known[stream],
            known[topic],
            None if key is None else key.encode(),
            state,
        )
        entry = (position, stream, version, topic, state, recorded_at, effective_at, place)
        row = (*entry, key, clock, digest)
        self.rows.append(row)
        return row
