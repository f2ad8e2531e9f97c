"""The clock: when we learn something. The one place that asks what time it is.

The time is the system's, in UTC, or what SOURCE_DATE_EPOCH says where that is set (whole seconds
since 1970, see reproducible-builds.org), so that a book can be made again to the last byte. Stored
times are whole microseconds since 1970, before it negative: exact, and in order as integers.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from attrs import frozen

from domain.errors import BookError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799  # the last second of the year 9999


@frozen
class Reading:
    """A look at the clock: `stated` if SOURCE_DATE_EPOCH said the time."""

    time: datetime
    stated: bool


Clock = Callable[[], Reading]


def read() -> Reading:
    """Look at the clock. Raises `BookError` where SOURCE_DATE_EPOCH is no time."""
    stated = os.environ.get("SOURCE_DATE_EPOCH")
    if stated is None:
        return Reading(datetime.now(UTC), stated=False)
    if not (stated.isascii() and stated.isdigit() and int(stated[:20]) <= _LATEST):
        msg = (
            f"SOURCE_DATE_EPOCH: {stated!r} is no time: give whole seconds since 1970, or unset it"
        )
        raise BookError(msg)
    return Reading(_EPOCH + timedelta(seconds=int(stated)), stated=True)


def now() -> datetime:
    """The time in UTC. Raises `BookError` where SOURCE_DATE_EPOCH is no time."""
    return read().time


def microseconds(time: datetime) -> int:
    """An aware time as whole microseconds since 1970."""
    passed = time - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def instant(microseconds: int) -> datetime:
    """The time in UTC, so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)
