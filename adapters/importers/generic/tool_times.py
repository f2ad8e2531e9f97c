"""Times as other tools write them. What does not tell its zone is never guessed."""

from datetime import UTC, datetime, timedelta, timezone

from adapters.importers.table import SPREADSHEET, Misread

_HOUR = timedelta(hours=1)
_ZONES = {"UTC": UTC, "GMT": UTC, "BST": timezone(_HOUR), "Z": UTC}


def iso_or_utc(text: str, column: str) -> datetime:
    """`2025-03-04 10:00:05`, perhaps with T, fractions and a zone: an offset, UTC, GMT or BST.

    Without a zone it is UTC. Raises `Misread`.
    """
    bare, _, word = text.rpartition(" ")
    zone = _ZONES.get(word)
    try:
        at = datetime.fromisoformat(bare if zone else text)
        if len(text) >= len("2025-03-04 10:00") and not (zone and at.tzinfo):
            at = at if at.tzinfo else at.replace(tzinfo=zone or UTC)
            return at if at.tzinfo is UTC else at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    hint = f"It should look like 2025-03-04 10:00:05 UTC; {SPREADSHEET}"
    raise Misread(column, text, "is not a time", hint)


def american(text: str, column: str) -> datetime:
    """`03/04/2025 10:00:05` in UTC, the month first. Raises `Misread`."""
    at = _in_order(text, "/", (2, 0, 1))
    if at is None:
        hint = f"It should look like 03/04/2025 10:00:05, the month first; {SPREADSHEET}"
        raise Misread(column, text, "is not a time", hint)
    return at.replace(tzinfo=UTC)


def european(text: str, column: str) -> datetime:
    """`04.03.2025 10:00[:05]` or `2025-03-04 10:00:05`, with no zone. Raises `Misread`."""
    at = _in_order(text, ".", (2, 1, 0)) or _in_order(text, "-", (0, 1, 2))
    if at is None:
        hint = f"It should look like 04.03.2025 10:00:05, the day first; {SPREADSHEET}"
        raise Misread(column, text, "is not a time", hint)
    return at


def _in_order(text: str, mark: str, order: tuple[int, int, int]) -> datetime | None:
    """The time of a text whose date has its year, month and day at these places."""
    date, _, time = text.partition(" ")
    parts = date.split(mark)
    if len(parts) != 3 or not time:
        return None
    year, month, day = (parts[place] for place in order)
    time = f"0{time}" if time[1:2] == ":" else time
    try:
        at = datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2} {time}")
    except ValueError:
        return None
    return None if at.tzinfo else at
