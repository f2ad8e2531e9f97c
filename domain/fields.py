"""The kinds of field an event has: each says what it takes, makes it exact, and refuses the rest.

A number is given as a Decimal, an integer or a decimal string (`"0.5"`), never as a float; a time
as an aware `datetime` or an RFC 3339 string with offset, and is kept in UTC. What is refused raises
`InvalidEvent` with the field's name.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

import attrs
from attrs import Attribute, Converter

from domain.errors import InvalidEvent
from domain.filling import filler, outside_name

Number = Decimal | int | str
Instant = datetime | str
Day = date | str

T = TypeVar("T")
D = TypeVar("D", bound=date)

_DIGITS = "0123456789.-+eE"
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_BEFORE, _AFTER = 24, 40  # digits before the point and after it: see domain/money.py


def _number(value: Number, field: "Attribute[Any]") -> Decimal:
    if type(value) is str:
        if value.strip(_DIGITS):
            raise InvalidEvent(field.name, value, "is not a decimal number such as 0.5")
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise InvalidEvent(field.name, value, "is not a decimal number such as 0.5") from None
        if len(value) <= _BEFORE and "e" not in value and "E" not in value:
            return number
    elif type(value) is Decimal:
        number = value
    elif type(value) is int:
        number = Decimal(value)
    else:
        raise InvalidEvent(field.name, value, 'is not exact: give a decimal string such as "0.5"')
    if not number.is_finite():
        raise InvalidEvent(field.name, value, "is not a finite number")
    if number.adjusted() >= _BEFORE or int(number.as_tuple().exponent) < -_AFTER:
        raise InvalidEvent(field.name, value, "has over 24 digits before the point or 40 after")
    return number


def _positive(value: Number, field: "Attribute[Any]") -> Decimal:
    number = _number(value, field)
    if number <= 0:
        raise InvalidEvent(field.name, value, "must be more than zero")
    return number


def _non_negative(value: Number, field: "Attribute[Any]") -> Decimal:
    number = _number(value, field)
    if number < 0:
        raise InvalidEvent(field.name, value, "must not be negative")
    return number


def _text(value: str, field: "Attribute[Any]") -> str:
    if type(value) is not str or not value or value != value.strip():
        raise InvalidEvent(field.name, value, "must be a text without spaces around it")
    return value


def _note(value: str, field: "Attribute[Any]") -> str:
    if type(value) is not str:
        raise InvalidEvent(field.name, value, "must be a text")
    return value


def _scalar(value: str | bool | int, field: "Attribute[Any]") -> str:
    if type(value) is bool:
        return "true" if value else "false"
    return _text(str(value) if type(value) in (int, Decimal) else value, field)  # type: ignore[arg-type]


def _flag(value: bool, field: "Attribute[Any]") -> bool:
    if type(value) is not bool:
        raise InvalidEvent(field.name, value, "must be true or false")
    return value


def _whole(value: int, field: "Attribute[Any]") -> int:
    if type(value) is not int or abs(value) >= 2**53:
        raise InvalidEvent(field.name, value, "must be a whole number")
    return value


def _year(value: int, field: "Attribute[Any]") -> int:
    if type(value) is not int or not _FIRST_YEAR <= value <= _LAST_YEAR:
        raise InvalidEvent(field.name, value, "must be a year such as 2025")
    return value


def _instant(value: Instant, field: "Attribute[Any]") -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidEvent(
                field.name, value, "is not a time such as 2025-03-04T10:00:05Z"
            ) from None
    if not isinstance(value, datetime):
        raise InvalidEvent(field.name, value, "is not a time such as 2025-03-04T10:00:05Z")
    if value.tzinfo is None:
        raise InvalidEvent(
            field.name, value.isoformat(), "has no zone: write 2025-03-04T10:00:05Z or +01:00"
        )
    value = _dated(value, field)
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _dated(value: D, field: "Attribute[Any]") -> D:
    """A day or time of a year that leaves room for zones and years around it."""
    if not 1900 <= value.year < 3000:
        raise InvalidEvent(field.name, value.isoformat(), "is not of the years 1900 to 2999")
    return value


def _acquired(value: date | str, field: "Attribute[Any]") -> date:
    """A day (`date`) or an instant (`datetime` in UTC)."""
    if type(value) is str and len(value) == len("2025-03-04"):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise InvalidEvent(field.name, value, "is not a date such as 2025-03-04") from None
    if type(value) is date:
        return _dated(value, field)
    return _instant(value, field)  # type: ignore[arg-type]


def _optional(convert: Callable[[Any, "Attribute[Any]"], Any]) -> Callable[..., Any]:
    def converted(value: Any, field: "Attribute[Any]") -> Any:
        return None if value is None else convert(value, field)

    return converted


def number(*, default: Any = attrs.NOTHING) -> Any:
    """A number of either sign."""
    return _field(_number, default)


def positive(*, default: Any = attrs.NOTHING) -> Any:
    """A number above zero."""
    return _field(_positive, default)


def non_negative(*, default: Any = attrs.NOTHING) -> Any:
    """A number, zero included."""
    return _field(_non_negative, default)


def text(*, default: Any = attrs.NOTHING) -> Any:
    """A name: not empty, no spaces around it."""
    return _field(_text, default)


def scalar() -> Any:
    """A text, number or truth value, kept as text."""
    return _field(_scalar, attrs.NOTHING)


def note() -> Any:
    """Free words."""
    return _field(_note, "")


def flag(*, default: Any = attrs.NOTHING) -> Any:
    """True or false."""
    return _field(_flag, default)


def whole(*, default: Any = attrs.NOTHING) -> Any:
    """A whole number."""
    return _field(_whole, default)


def year() -> Any:
    """A tax year."""
    return _field(_year, attrs.NOTHING)


def instant(*, default: Any = attrs.NOTHING) -> Any:
    """A time with zone, kept in UTC."""
    return _field(_instant, default)


def acquired(*, default: Any = attrs.NOTHING) -> Any:
    """A day, or a time with zone."""
    return _field(_acquired, default)


def one_of(*names: str, default: Any = attrs.NOTHING) -> Any:
    """One of a few names."""
    known = frozenset(names)

    def named(value: str, field: "Attribute[Any]") -> str:
        if type(value) is not str or value not in known:
            raise InvalidEvent(field.name, value, f"must be one of {', '.join(names)}")
        return value

    return _field(named, default)


def many(kind: type, *, default: Any = attrs.NOTHING) -> Any:
    """A tuple of small values of one kind, each given as such or as a mapping of its fields."""

    def listed(values: Iterable[Any], field: "Attribute[Any]") -> tuple[Any, ...]:
        if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
            raise InvalidEvent(field.name, values, "must be a list")
        return tuple(made(value, field) for value in values)

    def made(value: Any, field: "Attribute[Any]") -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise InvalidEvent(field.name, value, f"must have the fields of a {kind.__name__}")
        return from_fields(kind, value)

    return _field(listed, default)


def factors(*, default: Any = attrs.NOTHING) -> Any:
    """Numbers from zero to one by asset: pairs in the order of the names, or a mapping."""

    def paired(values: Any, field: "Attribute[Any]") -> tuple[tuple[str, Decimal], ...]:
        kept = tuple(
            sorted((_text(a, field), _non_negative(f, field)) for a, f in _pairs(values, field))
        )
        for asset, factor in kept:
            if factor > 1:
                raise InvalidEvent(field.name, f"{asset} {factor}", "must not be above 1")
        return kept

    return _field(paired, default)


def texts(*, default: Any = attrs.NOTHING) -> Any:
    """Texts by name: pairs in the order of the names, or a mapping."""

    def paired(values: Any, field: "Attribute[Any]") -> tuple[tuple[str, str], ...]:
        return tuple(sorted((_text(a, field), _text(b, field)) for a, b in _pairs(values, field)))

    return _field(paired, default)


def _pairs(values: Any, field: "Attribute[Any]") -> list[tuple[Any, Any]]:
    given = values.items() if isinstance(values, Mapping) else values
    try:
        return [(name, value) for name, value in given]
    except (TypeError, ValueError):
        raise InvalidEvent(field.name, values, "must be a mapping, or a list of pairs") from None


def from_fields(kind: type[T], given: Mapping[str, Any]) -> T:
    """Make a `kind` from a mapping of its fields; unknown and missing ones are refused by name."""
    known, fill, judge = _shape(kind)  # type: ignore[arg-type]
    if not given.keys() <= known.keys():
        name = next(name for name in given if name not in known)
        problem = f"is no field here; known: {', '.join(known)}"
        raise InvalidEvent(name, given[name], problem)
    try:
        made: T = fill(given)
    except KeyError as missing:
        raise InvalidEvent(str(missing.args[0]), None, "is missing") from None
    if judge is not None:
        judge(made)
    return made


@cache
def _shape(
    kind: Any,
) -> tuple[dict[str, None], Callable[[Mapping[str, Any]], Any], Callable[[Any], None] | None]:
    """The fields' names as they are written, what fills them, and what judges them together."""
    fields = attrs.fields(kind)
    names = {f"convert_{field.name}": field.converter.converter for field in fields}
    names |= {f"field_{field.name}": field for field in fields}
    fill = filler(kind, lambda f: f"convert_{f.name}(v, field_{f.name})", names)
    judge = getattr(kind, "__attrs_post_init__", None)
    return dict.fromkeys(outside_name(field) for field in fields), fill, judge


def _field(convert: Callable[[Any, "Attribute[Any]"], Any], default: Any) -> Any:
    if default is None:
        convert = _optional(convert)
    if default is attrs.NOTHING:
        return attrs.field(converter=Converter(convert, takes_field=True))
    return attrs.field(default=default, converter=Converter(convert, takes_field=True))
