"""Reports: frozen, typed values that know their JSON shape.

Decimals become strings: money on a form as it stands there (two decimals), everything else without
an exponent and without zeros behind its last digit. Times are RFC 3339 in UTC, days are dates.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs

from domain.money import plain


class Report:
    """A report or a part of one."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values, in the order of its fields."""
        return {
            field.name: to_json(getattr(self, field.name))
            for field in attrs.fields(type(self))  # type: ignore[arg-type]
        }


def to_json(value: Any) -> Any:
    """A report's part as JSON values."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    return value


def instant(at: datetime) -> str:
    """An RFC 3339 time in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def money(value: Any) -> Any:
    """Lines of a form: amounts keep their two decimals."""
    if isinstance(value, Mapping):
        return {key: money(item) for key, item in value.items()}
    return format(value, "f")
