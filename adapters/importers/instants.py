"""Instants to the second, as most tables print them, and as ids have them."""

from datetime import datetime


def whole_second(at: datetime) -> datetime:
    """The instant without its fraction: tables print none, so that of pages is not used either."""
    return at.replace(microsecond=0) if at.microsecond else at


def instant_name(at: datetime) -> str:
    """An instant in UTC as ids have it: `2024-05-06T09:21:33Z`."""
    return f"{at.isoformat()[:19]}Z"
