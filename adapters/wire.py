"""An event as bytes and as a line: the one place that knows type names and JSON.

Stored form: a topic (`filled.v1`) and the JSON bytes `{"event": {...}, "source": {...}}`.
Native form: one JSON object with `type` and `account` beside the event's own fields.

The one trick: what comes in is checked by the event's own constructor; what comes back from the log was
checked on its way in and is bound by the hash chain since, so it is read by a compiled function that
fills the slots and asks nothing again. Writing is cattrs' business.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import Any, get_args, get_type_hints

import attrs
import cattrs
import orjson
from cattrs.gen import make_dict_unstructure_fn, override

from adapters.upcasts import UPCASTS, Fields
from domain.errors import InvalidEvent, UnknownTopic
from domain.events import EVENTS, Event, MarginTermsSet, Tier
from domain.fields import from_fields
from domain.recorded import Recorded, Source


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


TYPES: dict[str, type[Event]] = {_snake(kind.__name__): kind for kind in EVENTS}
"""The closed registry: every native type name there is."""

TOPICS: dict[str, type[Event]] = {f"{name}.v1": kind for name, kind in TYPES.items()}
"""The stored name of each type in its current version."""

_NAME_OF = {kind: name for name, kind in TYPES.items()}
_TOPIC_OF = {kind: topic for topic, kind in TOPICS.items()}


def name_of(kind: type[Event]) -> str:
    """The native type name: `filled`."""
    return _NAME_OF[kind]


def topic_of(kind: type[Event]) -> str:
    """The stored type name: `filled.v1`."""
    return _TOPIC_OF[kind]


# Writing ----------------------------------------------------------------------------------------


def _writer() -> cattrs.Converter:
    writer = cattrs.Converter(omit_if_default=True)
    writer.register_unstructure_hook(Decimal, str)
    writer.register_unstructure_hook(datetime, lambda time: time)  # orjson writes times and dates
    writer.register_unstructure_hook(date, lambda day: day)
    for kind, fields in (
        (Tier, {"from_": override(rename="from")}),
        (
            MarginTermsSet,
            {"collateral_factors": override(unstruct_hook=lambda p: {a: str(f) for a, f in p})},
        ),
    ):
        writer.register_unstructure_hook(
            kind,
            make_dict_unstructure_fn(kind, writer, _cattrs_omit_if_default=True, **fields),  # type: ignore[arg-type]
        )
    return writer


_WRITER = _writer()
_FIELDS_OF = {kind: _WRITER.get_unstructure_hook(kind) for kind in EVENTS}
_SOURCE_OF = _WRITER.get_unstructure_hook(Source)


def encode(event: Event, source: Source | None = None) -> tuple[str, bytes]:
    """The event's topic and the bytes to store."""
    kind = type(event)
    state = {"event": _FIELDS_OF[kind](event)}
    if source is not None:
        state["source"] = _SOURCE_OF(source)
    return _TOPIC_OF[kind], orjson.dumps(state, option=orjson.OPT_UTC_Z)


def to_native(account: str, event: Event) -> dict[str, Any]:
    """The event as a native line's object; times and dates as text."""
    fields = orjson.loads(orjson.dumps(_FIELDS_OF[type(event)](event), option=orjson.OPT_UTC_Z))
    return {"type": _NAME_OF[type(event)], "account": account, **fields}


def source_to_json(source: Source | None) -> dict[str, Any] | None:
    """The source as JSON."""
    return None if source is None else _SOURCE_OF(source)


# Reading what the log holds -----------------------------------------------------------------------


def decode(topic: str, state: bytes) -> tuple[Event, Source | None]:
    """The event and its source row. Raises `UnknownTopic`."""
    stored = orjson.loads(state)
    fields = stored["event"]
    read = _READERS.get(topic)
    if read is None:
        topic, fields = _lifted(topic, fields)
        read = _READERS[topic]
    source = stored.get("source")
    return read(fields), None if source is None else _source(source)


def decode_event(topic: str, state: bytes) -> Event:
    """The event alone, for a replay."""
    read = _READERS.get(topic)
    if read is None:
        return decode(topic, state)[0]
    return read(orjson.loads(state)["event"])


def validate(topic: str, state: bytes) -> Event:
    """The event, checked once more by its own constructor: what `verify` reads with."""
    topic, fields = _lifted(topic, orjson.loads(state)["event"])
    return from_fields(TOPICS[topic], fields)


def _lifted(topic: str, fields: Fields) -> tuple[str, Fields]:
    while topic in UPCASTS:
        topic, lift = UPCASTS[topic]
        fields = lift(fields)
    if topic not in TOPICS:
        msg = f"the log holds {topic!r}, which this version does not know: use a later marginbook"
        raise UnknownTopic(msg)
    return topic, fields


def _source(fields: Fields) -> Source:
    also = tuple(_source(more) for more in fields.get("also", ()))
    return Source(file=fields["file"], line=fields["line"], sha256=fields["sha256"], also=also)


def _reader(kind: type[Event]) -> Callable[[Fields], Event]:
    """Compile a function that fills a new `kind` from stored fields without asking again."""
    hints = get_type_hints(kind)
    names: dict[str, Any] = {"kind": kind, "new": object.__new__, "Decimal": Decimal}
    names["time"] = datetime.fromisoformat
    lines = ["def read(s):", "    e = new(kind)", "    get = s.get"]
    for field in attrs.fields(kind):
        optional = isinstance(hints[field.name], UnionType)
        plain = next(t for t in (get_args(hints[field.name]) or [hints[field.name]]))
        make = {Decimal: "Decimal(v)", datetime: "time(v)", str: "v", int: "v", bool: "v"}.get(plain)
        if make is None:  # a field of many parts: rare, so read by the constructor
            return lambda fields: from_fields(kind, fields)
        names[f"set_{field.name}"] = getattr(kind, field.name).__set__
        if field.default is attrs.NOTHING:
            lines.append(f"    v = s[{field.name!r}]; set_{field.name}(e, {make})")
        else:
            names[f"default_{field.name}"] = field.default
            lines.append(f"    v = get({field.name!r})")
            absent = f"default_{field.name} if v is None else {make}"
            lines.append(f"    set_{field.name}(e, {absent})")
        assert optional or field.default is not None  # noqa: S101 - None needs an optional field
    lines.append("    return e")
    exec("\n".join(lines), names)  # noqa: S102 - made from our own classes' fields alone
    read: Callable[[Fields], Event] = names["read"]
    return read


_READERS: dict[str, Callable[[Fields], Event]] = {t: _reader(kind) for t, kind in TOPICS.items()}


# Reading what others write ------------------------------------------------------------------------


def from_native(line: Mapping[str, Any]) -> tuple[str, Event]:
    """The account and the event of a native line's object. Raises `InvalidEvent`."""
    name = line.get("type")
    kind = TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        problem = "is missing" if name is None else f"is no event type; known: {', '.join(TYPES)}"
        raise InvalidEvent("type", name, problem)
    account = account_name(line.get("account"))
    fields = {key: value for key, value in line.items() if key not in ("type", "account")}
    return account, from_fields(kind, fields)


def account_name(value: object) -> str:
    """`venue/name`, `venue/isolated/PAIR` or `book`. Raises `InvalidEvent`."""
    if not isinstance(value, str) or not value:
        raise InvalidEvent("account", value, "is missing: write venue/name, or book")
    return _account_name(value)


@lru_cache(maxsize=1024)
def _account_name(value: str) -> str:
    parts = value.split("/")
    if value != "book" and (len(parts) not in (2, 3) or "#" in value or not all(map(_tidy, parts))):
        raise InvalidEvent("account", value, "must be venue/name, venue/isolated/PAIR or book")
    return value


def _tidy(part: str) -> bool:
    return bool(part) and part == part.strip() and part.isprintable()
