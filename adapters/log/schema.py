"""The tables of a book, version 1.

Entries and settings can only be added: triggers refuse the rest, for our own programs and for a
slip of the hand; what gets past them is for `verify` to find. `head` is the lock of writers and
says where the log ends. Positions are given out by us, one after another, and never again.
"""

APPLICATION = 0x6D626B31
"""Marks the file as a book: `PRAGMA application_id`."""

PAPER_APPLICATION = 0x6D626B70
"""Marks the file as a paper book, of simulated trades."""

VERSION = 1
"""The version of these tables: `PRAGMA user_version`."""

_ENTRIES = """
CREATE TABLE stored_events (
    rowid INTEGER PRIMARY KEY AUTOINCREMENT,
    originator_id TEXT NOT NULL,
    originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    state BLOB NOT NULL CHECK (typeof(state) = 'blob'),
    recorded_at INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    place INTEGER NOT NULL,
    key TEXT,
    clock INTEGER NOT NULL,
    hash BLOB NOT NULL
)
"""

_HEAD = """
CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    position INTEGER NOT NULL,
    hash BLOB NOT NULL
)
"""
_SETTINGS = """
CREATE TABLE settings (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    genesis BLOB NOT NULL
)
"""


COMMON = (
    "balance_asserted.v1",
    "borrowed.v1",
    "contract_settled.v1",
    "deposited.v1",
    "filled.v1",
    "funding_settled.v1",
    "income_received.v1",
    "interest_charged.v1",
    "liquidated.v1",
    "position_settled.v1",
    "price_observed.v1",
    "repaid.v1",
    "transferred.v1",
    "withdrawn.v1",
)
"""What a venue records by the million: these have no place in the index of topics.

A name that is not among them, be it of a later version, is in the index.
"""

RARE = " AND ".join(f"topic <> '{name}'" for name in COMMON)
"""Says that an entry stands in the index of topics: in its own words, or SQLite cannot use it.

Comparisons, because SQLite builds the list of a NOT IN anew for every entry that is stored.
"""


def _only_added_to(table: str, deed: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
    )


_INDEXES = {
    "by_stream": "UNIQUE INDEX by_stream ON stored_events (originator_id, originator_version)",
    "by_key": "UNIQUE INDEX by_key ON stored_events (originator_id, key)",
    "by_time": "INDEX by_time ON stored_events (effective_at, place)",
    "by_topic": f"INDEX by_topic ON stored_events (topic) WHERE {RARE}",
    "by_clock": "INDEX by_clock ON stored_events (clock) WHERE clock = 1",
}

SCHEMA = {
    "stored_events": _ENTRIES.strip(),
    "head": _HEAD.strip(),
    "settings": _SETTINGS.strip(),
    **{name: f"CREATE {index}" for name, index in _INDEXES.items()},
    "stored_events_no_update": _only_added_to("stored_events", "UPDATE"),
    "stored_events_no_delete": _only_added_to("stored_events", "DELETE"),
    "settings_no_update": _only_added_to("settings", "UPDATE"),
    "settings_no_delete": _only_added_to("settings", "DELETE"),
}
"""The statement that makes each table, index and trigger, by its name, as SQLite keeps it."""
