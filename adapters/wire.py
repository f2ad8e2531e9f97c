"""An event as bytes and as a line: the one place that knows type names and JSON.

Stored form: a topic (`filled.v1`) and the JSON bytes `{"event": {...}, "source": {...}}`.
Native form: one JSON object with `type` and `account` beside the event's own fields.

The one trick: what comes in is checked by the event's own constructor; what comes back from the log
was checked on its way in and is bound by the hash chain since, so it is read by a compiled function
that fills the slots and asks nothing again. Writing is compiled as well. Events of many parts are
rare: cattrs writes them, and their own constructors read them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import attrs
import orjson

from adapters.upcasts import UPCASTS, Fields
from domain.errors import InvalidEvent, UnknownName, UnknownTopic
from domain.events import EVENTS, Event, MarginTermsSet
from domain.fields import from_fields
from domain.filling import filler
from domain.parts import Tier
from domain.recorded import Source

if TYPE_CHECKING:
    from cattrs import Converter


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


def type_named(name: str) -> type[Event]:
    """The event type of a native name. Raises `UnknownName`."""
    if name not in TYPES:
        msg = f"no event type is called {name!r}; known: {', '.join(TYPES)}"
        raise UnknownName(msg)
    return TYPES[name]


def topic_of(kind: type[Event]) -> str:
    """The stored type name: `filled.v1`."""
    return _TOPIC_OF[kind]


def topics_of(kinds: Collection[type[Event]]) -> tuple[str, ...]:
    """Every stored name, old and new, of what is read as one of these kinds today."""
    return tuple(t for t in (*TOPICS, *UPCASTS) if TOPICS[_current(t)] in kinds)


def check_known(topics: Iterable[str]) -> None:
    """Raise `UnknownTopic` for the first stored name that this version does not know."""
    for topic in topics:
        _current(topic)


def _current(topic: str) -> str:
    """The topic that a stored one is read as."""
    while topic in UPCASTS:
        topic = UPCASTS[topic][0]
    if topic not in TOPICS:
        msg = f"the log holds {topic!r}, which this version does not know: use a later marginbook"
        raise UnknownTopic(msg)
    return topic


def _plain(field: "attrs.Attribute[Any]", hints: dict[str, Any]) -> type | None:
    """A field's type where it is one plain value, perhaps absent; None where it has many parts."""
    hint = hints[field.name]
    kind = get_args(hint)[0] if isinstance(hint, UnionType) else hint
    return kind if kind in (Decimal, datetime, str, int, bool) else None


# Writing ----------------------------------------------------------------------------------------


def encode(event: Event, source: Source | None = None) -> tuple[str, bytes]:
    """The event's topic and the bytes to store."""
    kind = type(event)
    state = {"event": _WRITERS[kind](event)}
    if source is not None:
        state["source"] = _fields_of_source(source)
    try:
        stored = orjson.dumps(state, option=orjson.OPT_UTC_Z)
        return _TOPIC_OF[kind], bytes(memoryview(stored))  # orjson's bytes hold kilobytes
    except orjson.JSONEncodeError as problem:
        raise InvalidEvent("event", event.id, f"cannot be written: {problem}") from problem


def to_native(account: str, event: Event) -> dict[str, Any]:
    """The event as a native line's object; times and dates as text."""
    fields = orjson.loads(orjson.dumps(_WRITERS[type(event)](event), option=orjson.OPT_UTC_Z))
    return {"type": _NAME_OF[type(event)], "account": account, **fields}


def source_to_json(source: Source | None) -> dict[str, Any] | None:
    """The source as JSON."""
    return None if source is None else _fields_of_source(source)


def _fields_of_source(source: Source) -> Fields:
    fields = {"file": source.file, "line": source.line, "sha256": source.sha256}
    if source.also:
        fields["also"] = tuple(_fields_of_source(more) for more in source.also)
    return fields


class _Writers(dict[type[Event], Callable[[Event], Fields]]):
    """The function that writes each kind of event, made when it is first asked for."""

    def __missing__(self, kind: type[Event]) -> Callable[[Event], Fields]:
        write = self[kind] = _compiled_writer(kind) or _converter().get_unstructure_hook(kind)
        return write


_WRITERS = _Writers()


def _compiled_writer(kind: type[Event]) -> Callable[[Event], Fields] | None:
    """Compile a function that lists a `kind`'s fields, but no defaults; None if one has parts."""
    hints = get_type_hints(kind)
    names: dict[str, Any] = {}
    required, others = [], []
    for field in attrs.fields(kind):
        plain = _plain(field, hints)
        if plain is None:
            return None
        write = "str" if plain is Decimal else ""  # orjson writes times
        if field.default is attrs.NOTHING:
            required.append(f"{field.name!r}: {write}(e.{field.name})")
        else:
            names[f"default_{field.name}"] = field.default
            others.append(f"    v = e.{field.name}")
            others.append(f"    if v != default_{field.name}: s[{field.name!r}] = {write}(v)")
    lines = ["def write(e):", f"    s = {{{', '.join(required)}}}", *others, "    return s"]
    return _function("write", lines, names)


@cache
def _converter() -> "Converter":
    """The writer of events of many parts."""
    from cattrs import Converter
    from cattrs.gen import make_dict_unstructure_fn, override

    writer = Converter(omit_if_default=True)
    writer.register_unstructure_hook(Decimal, str)
    writer.register_unstructure_hook(datetime, lambda time: time)  # orjson writes times and dates
    writer.register_unstructure_hook(date, lambda day: day)
    renamed = {"from_": override(rename="from")}
    by_asset = override(unstruct_hook=lambda pairs: {asset: str(part) for asset, part in pairs})
    of_terms = {"collateral_factors": by_asset, "interest_rates": by_asset}
    for kind, fields in ((Tier, renamed), (MarginTermsSet, of_terms)):
        writer.register_unstructure_hook(
            kind,
            make_dict_unstructure_fn(kind, writer, _cattrs_omit_if_default=True, **fields),  # type: ignore[arg-type]
        )
    return writer


# Reading what the log holds -----------------------------------------------------------------------


def decode(topic: str, state: bytes) -> tuple[Event, Source | None]:
    """The event and its source row. Raises `UnknownTopic`."""
    read = _READERS[topic]
    stored = orjson.loads(state)
    source = stored.get("source")
    return read(stored["event"]), None if source is None else _source(source)


def decode_event(topic: str, state: bytes) -> Event:
    """The event alone, for a replay. Raises `UnknownTopic`."""
    return _READERS[topic](orjson.loads(state)["event"])


def validate(topic: str, state: bytes) -> Event:
    """The event, checked once more by its own constructor: what `verify` reads with."""
    kind = TOPICS[_current(topic)]
    stored = orjson.loads(state)
    if "source" in stored:
        _source(stored["source"])
    return from_fields(kind, _lifted(topic, stored["event"]))


def _lifted(topic: str, fields: Fields) -> Fields:
    while topic in UPCASTS:
        topic, lift = UPCASTS[topic]
        fields = lift(fields)
    return fields


def _source(fields: Fields) -> Source:
    also = tuple(_source(more) for more in fields.get("also", ()))
    return Source(file=fields["file"], line=fields["line"], sha256=fields["sha256"], also=also)


class _Readers(dict[str, Callable[[Fields], Event]]):
    """The function that reads each topic, made when it is first asked for."""

    def __missing__(self, topic: str) -> Callable[[Fields], Event]:
        current = _current(topic)
        if current == topic:
            read = _compiled_reader(TOPICS[topic]) or partial(from_fields, TOPICS[topic])
        else:
            read = _lifting_reader(topic, self[current])
        self[topic] = read
        return read


_READERS = _Readers()


def _lifting_reader(topic: str, read: Callable[[Fields], Event]) -> Callable[[Fields], Event]:
    return lambda fields: read(_lifted(topic, fields))


def _compiled_reader(kind: type[Event]) -> Callable[[Fields], Event] | None:
    """What fills a `kind` and asks nothing; None if a field has parts."""
    hints = get_type_hints(kind)
    plain = {field.name: _plain(field, hints) for field in attrs.fields(kind)}
    if None in plain.values():
        return None
    made = {Decimal: "Decimal(v)", datetime: "time(v)"}
    names = {"Decimal": Decimal, "time": datetime.fromisoformat}
    return filler(kind, lambda field: made.get(plain[field.name], "v"), names)  # type: ignore[arg-type]


def _function(name: str, lines: list[str], names: dict[str, Any]) -> Callable[[Any], Any]:
    exec("\n".join(lines), names)  # noqa: S102 - made from our own classes' fields alone
    function: Callable[[Any], Any] = names[name]
    return function


# Reading what others write ------------------------------------------------------------------------


def from_native(line: Mapping[str, Any]) -> tuple[str, Event]:
    """The account and the event of a native line's object. Raises `InvalidEvent`."""
    name = line.get("type")
    kind = TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        problem = "is missing" if name is None else f"is no event type; known: {', '.join(TYPES)}"
        raise InvalidEvent("type", name, problem)
    account = account_name(line.get("account"))
    fields = dict(line)
    del fields["type"], fields["account"]
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
