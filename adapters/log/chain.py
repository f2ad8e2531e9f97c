"""The chain: each entry's hash covers all that is stored of it and the hash of the entry before.

The one trick: a header of fixed length says how long each text after it is, so no two entries can
share their bytes; and what is hashed is what is stored, never something encoded once more. What the
log derives from the state (the event's time and place) needs no hash of its own: `verify` derives
it again. The first entry follows the genesis, which binds what a book is kept in.

A chain shows what changed within the log. That its end was cut off shows only against a head that
was noted elsewhere: every report prints one, and `verify --head` asks for it.
"""

import re
from hashlib import sha256
from struct import Struct
from typing import Self
from zoneinfo import ZoneInfo

from attrs import field, frozen

from domain.errors import BookError, UnknownName
from domain.money import CASH
from projections.report import Report

_HASH_VERSION = 1
_HEADER = Struct(">BqqqBIII")
_NO_KEY = 0xFFFF_FFFF


def link(
    previous: bytes,
    position: int,
    version: int,
    recorded_at: int,
    clock: int,
    stream: bytes,
    topic: bytes,
    key: bytes | None,
    state: bytes,
) -> bytes:
    """The hash of an entry that follows `previous`."""
    key_length = _NO_KEY if key is None else len(key)
    header = _HEADER.pack(
        _HASH_VERSION, position, version, recorded_at, clock, len(stream), len(topic), key_length
    )
    return sha256(b"".join((previous, header, stream, topic, key or b"", state))).digest()


@frozen(kw_only=True)
class Settings:
    """What a book is kept in, fixed when it is made: its tax zone (IANA name) and its currency.

    `paper`: its trades are simulated. The genesis binds this, too.
    """

    zone: str = field(default="UTC")
    currency: str = field(default="USD")
    paper: bool = False

    @zone.validator
    def _check_zone(self, _: object, zone: str) -> None:
        try:
            ZoneInfo(zone)
        except (OSError, TypeError, ValueError, KeyError):
            msg = f"{zone!r} is no time zone: give a name such as UTC or America/New_York"
            raise UnknownName(msg) from None

    @currency.validator
    def _check_currency(self, _: object, currency: str) -> None:
        if currency not in CASH:
            msg = f"{currency!r} is no currency a book can be kept in: {', '.join(sorted(CASH))}"
            raise UnknownName(msg)

    @property
    def genesis(self) -> bytes:
        """The hash that the first entry follows."""
        return genesis(self.zone, self.currency, paper=self.paper)


def genesis(zone: str, currency: str, *, paper: bool = False) -> bytes:
    """The hash that binds a zone and a currency, and that a book is on paper."""
    kind = ("paper",) if paper else ()
    texts = (text.encode() for text in ("marginbook log", zone, currency, *kind))
    return sha256(b"".join(len(text).to_bytes(4, "big") + text for text in texts)).digest()


@frozen
class Head(Report):
    """How far a log goes: the position of its last entry (0: none), and that entry's hash in hex.

    The hash covers the whole log up to there, so a head names its content.
    """

    position: int
    hash: str

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `POSITION:HASH` as reports print it."""
        if not re.fullmatch(r"[0-9]{1,18}:[0-9a-f]{64}", text):
            msg = f"{text!r} is no head: copy POSITION:HASH as a report prints it"
            raise BookError(msg)
        position, _, digest = text.partition(":")
        return cls(int(position), digest)
