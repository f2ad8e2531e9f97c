"""The tables of a book, version 1.

Entries and settings can only be added: triggers refuse the rest, for our own programs and for a slip of
the hand; what gets past them is for `verify` to find. `head` is the lock of writers and says where the
log ends. Positions are given out by us, one after another, and never again.
"""

APPLICATION = 0x6D626B31
"""Marks the file as a book: `PRAGMA application_id`."""

VERSION = 1
"""The version of these tables: `PRAGMA user_version`."""

_ENTRIES = """
CREATE TABLE stored_events (
    rowid INTEGER PRIMARY KEY,
    originator_id TEXT NOT NULL CHECK (typeof(originator_id) = 'text'),
    originator_version INTEGER NOT NULL CHECK (typeof(originator_version) = 'integer'),
    topic TEXT NOT NULL CHECK (typeof(topic) = 'text'),
    state BLOB NOT NULL CHECK (typeof(state) = 'blob'),
    key TEXT CHECK (typeof(key) IN ('text', 'null')),
    recorded_at INTEGER NOT NULL CHECK (typeof(recorded_at) = 'integer'),
    clock INTEGER NOT NULL CHECK (clock IN (0, 1)),
    effective_at INTEGER NOT NULL CHECK (typeof(effective_at) = 'integer'),
    place INTEGER NOT NULL CHECK (typeof(place) = 'integer'),
    hash BLOB NOT NULL CHECK (typeof(hash) = 'blob')
)
"""

SCHEMA = {
    "stored_events": _ENTRIES.strip(),
    "by_stream": "CREATE UNIQUE INDEX by_stream ON stored_events (originator_id, originator_version)",
    "by_key": "CREATE UNIQUE INDEX by_key ON stored_events (originator_id, key)",
    "by_time": "CREATE INDEX by_time ON stored_events (effective_at, place)",
    "by_topic": "CREATE INDEX by_topic ON stored_events (topic)",
    "by_clock": "CREATE INDEX by_clock ON stored_events (clock) WHERE clock = 1",
    "head": "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 0), position INTEGER NOT NULL, hash BLOB NOT NULL)",
    "settings": "CREATE TABLE settings (id INTEGER PRIMARY KEY CHECK (id = 0), zone TEXT NOT NULL, currency TEXT NOT NULL, genesis BLOB NOT NULL)",
} | {
    f"no_{deed.lower()}_of_{table}": f"CREATE TRIGGER no_{deed.lower()}_of_{table} BEFORE {deed} ON {table} BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
    for table in ("stored_events", "settings")
    for deed in ("UPDATE", "DELETE")
}
"""The statement that makes each table, index and trigger, by its name, as SQLite keeps it."""
