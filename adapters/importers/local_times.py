"""Times of a place, where a file does not tell the zone and its user does."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.importers.table import SAVED_BY_SPREADSHEET, Misread
from domain.errors import UnknownName


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name such as Europe/Berlin. Raises `UnknownName`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"there is no time zone {name!r}: name one such as Europe/Berlin"
        raise UnknownName(msg) from error


def in_zone(at: datetime, zone: ZoneInfo, text: str, column: str) -> datetime:
    """The instant of a local time. Raises `Misread` where clocks showed it twice, or never."""
    local = at.replace(tzinfo=zone)
    try:
        instant = local.astimezone(UTC)
    except OverflowError:
        raise Misread(column, text, "is no time of ours", SAVED_BY_SPREADSHEET) from None
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        never = instant.astimezone(zone).replace(tzinfo=None) != at
        problem = f"never was in {zone.key}" if never else f"was twice in {zone.key}"
        hint = "Clocks were changed in that hour: export with times in UTC"
        raise Misread(column, text, problem, hint)
    return instant
