"""An event as the log holds it: the event itself, and where and when we learnt it."""

from datetime import datetime

from attrs import evolve, frozen

from domain.chain_ids import same_chain_id
from domain.events import Deposited, Event, InterestCharged, PriceObserved, Withdrawn
from domain.filling import quickly_made


@frozen(kw_only=True)
class Source:
    """The row an event was read from: file name, line (from 1) and the file's SHA-256 in hex.

    `also` are further rows that say the same (a venue's trade and its ledger entries).
    """

    file: str
    line: int
    sha256: str
    also: tuple["Source", ...] = ()


@quickly_made
@frozen
class Recorded:
    """One entry of the log.

    `position` counts from 1 over the whole log; `version` counts from 1 within the account's
    stream. `recorded_at` (UTC) is when we learnt it, `event.at` when it happened. Replay order is
    that of domain/order.py.
    """

    position: int
    account: str
    version: int
    recorded_at: datetime
    event: Event
    source: Source | None = None


def same_fact(one: Event, other: Event) -> bool:
    """Whether two events say the same. Where a price was read is no part of what it says.

    One file of a venue tells a transfer's transaction, or what a charge was for, and another does
    not: only two different transactions or loans contradict each other.
    """
    if isinstance(one, PriceObserved) and isinstance(other, PriceObserved):
        return one == evolve(other, source=one.source)
    if isinstance(one, Deposited | Withdrawn) and isinstance(other, type(one)):
        told = one.txid is not None and other.txid is not None
        if told and not same_chain_id(one.txid or "", other.txid or ""):
            return False
        return one == evolve(other, txid=one.txid)
    if isinstance(one, InterestCharged) and isinstance(other, InterestCharged):
        told = one.loan is not None and other.loan is not None
        return one == (other if told else evolve(other, loan=one.loan))
    return one == other


def stream_of(account: str) -> str:
    """The stream that holds an account's events."""
    return f"account:{account}"


def account_of(stream: str) -> str:
    """The account whose events a stream holds."""
    return stream.removeprefix("account:")
