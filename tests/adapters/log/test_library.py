"""The library's own tests run against our recorder, and its own doors open onto our log."""

import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.sqlite import SQLiteDatastore

from adapters.log import Log
from adapters.log.mapper import Entry
from adapters.log.recorder import LogRecorder
from domain.recorded import stream_of
from tests.adapters.log.drafts import USUAL, deposit, deposits, fill, ids, noon

if find_spec("Crypto") is None:  # its tests import its cipher, which we have no use for
    cipher = ModuleType("eventsourcing.cipher")
    cipher.AESCipher = object  # type: ignore[attr-defined]
    sys.modules[cipher.__name__] = cipher

from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)


class _OnDisk:
    """A book in a folder of its own."""

    def setUp(self) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name, "book.db").as_uri()
        self.datastore = SQLiteDatastore(
            f"{path}?mode=rwc", lock_timeout=30, pool_timeout=30, originator_id_type="text"
        )

    def tearDown(self) -> None:
        for thread in threading.enumerate():  # the library's readers are told to stop, no more
            if thread is not threading.current_thread():
                thread.join(timeout=30)
        self.datastore.close()
        self.folder.cleanup()

    def new_originator_id(self) -> str:
        return stream_of(f"kraken/{uuid4().hex}")

    def create_recorder(self) -> LogRecorder:
        recorder = LogRecorder(self.datastore)
        recorder.create_table()
        return recorder

    def close_db_connection(self, *_: Any) -> None:
        self.datastore.close()


class TestTheLibrarysContract(_OnDisk, ApplicationRecorderTestCase[LogRecorder]):
    """What `eventsourcing` asks of every recorder."""


class TestTheLibrarysOrder(_OnDisk, NonInterleavingNotificationIDsBaseCase):
    """Two writers never get positions in between each other's."""


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase


STREAM = stream_of("kraken/main")


def test_what_the_library_stores_is_chained_and_read_like_the_rest() -> None:
    with Log.open(":memory:", create=USUAL, look=noon(1)) as log:
        log.append([deposit("A")])
        (recording,) = log.save(Entry(STREAM, 2, fill("F").event))
        assert recording.notification.id == 2
        log.append(deposits(2))
        assert ids(log.read(order="log")) == ["A", "F", "D1", "D2"]
        assert [entry.version for entry in log.read(order="log")] == [1, 2, 3, 4]
        assert log.append([fill("F")]).known == 1
        assert log.verify().ok


def test_the_library_refuses_a_version_that_is_taken() -> None:
    with Log.open(":memory:", create=USUAL, look=noon(1)) as log:
        log.append([deposit("A")])
        with pytest.raises(IntegrityError):
            log.save(Entry(STREAM, 1, fill("F").event))
        assert log.head().position == 1


def test_the_librarys_repository_folds_a_stream_as_of_a_version() -> None:
    def units(total: Any, entries: Any) -> Any:
        return sum((entry.event.quantity for entry in entries), total or 0)

    with Log.open(":memory:", create=USUAL, look=noon(1)) as log:
        log.append([deposit("A", quantity="1.5"), deposit("B", quantity="2")])
        assert str(log.repository.get(STREAM, projector_func=units)) == "3.5"
        assert str(log.repository.get(STREAM, version=1, projector_func=units)) == "1.5"


def test_the_librarys_notifications_follow_the_log() -> None:
    with Log.open(":memory:", create=USUAL, look=noon(1)) as log:
        log.append(deposits(25))
        section = log.notification_log["11,20"]
        assert [notification.id for notification in section.items] == list(range(11, 21))
        entry = log.mapper.to_domain_event(section.items[0])
        assert isinstance(entry, Entry)
        assert entry.event.id == "D11"
        assert entry.source is not None
        assert entry.source.line == 11


def test_what_is_no_event_of_ours_may_be_stored_and_is_named_by_verify() -> None:
    with Log.open(":memory:", create=USUAL, look=noon(1)) as log:
        log.recorder.insert_events([StoredEvent(STREAM, 1, "greeted.v1", b"hello")])
        faults = {one.name: one.first_fault for one in log.verify().passes if not one.ok}
        assert "chain" not in faults
        assert "greeted.v1" in str(faults["events"])
