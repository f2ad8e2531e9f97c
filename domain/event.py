"""What every event has. The kinds themselves stand in domain/events.py and order_events.py."""

from datetime import datetime

from attrs import frozen

from domain.fields import instant, note, text, whole


@frozen(kw_only=True)
class Event:
    """What every event has: when it happened, and its name within the account."""

    at: datetime = instant()
    id: str = text()
    sequence: int = whole(default=0)
    note: str = note()
