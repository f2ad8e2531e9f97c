"""Events as they stream from the log, and what follows from each, at any size."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson

from adapters.wire import name_of, source_to_json, to_native
from domain.recorded import Recorded
from projections.report import Report, instant


def as_json(events: Iterable[Recorded]) -> Iterator[str]:
    """One JSON document, piece by piece."""
    yield '{"events":['
    gap = "\n"
    for recorded in events:
        yield gap + orjson.dumps(_entry(recorded)).decode()
        gap = ",\n"
    yield "\n]}\n"


def points_before() -> str:
    """How a JSON document of points begins."""
    return '{"points":['


def as_items() -> Callable[[Report], str]:
    """Prints reports as the items of a JSON list, one by one."""
    gap = "\n"

    def item(report: Report) -> str:
        nonlocal gap
        text, gap = gap + orjson.dumps(report.to_dict()).decode(), ",\n"
        return text

    return item


def points_after(rest: Mapping[str, Any]) -> str:
    """How it ends: with what the points tell."""
    told = "".join(
        f",\n{orjson.dumps(name).decode()}:{orjson.dumps(value).decode()}"
        for name, value in rest.items()
    )
    return f"\n]{told}}}\n"


def as_text(events: Iterable[Recorded]) -> Iterator[str]:
    """One line an event."""
    for recorded in events:
        native = to_native(recorded.account, recorded.event)
        kind, account, at, name = (native.pop(key) for key in ("type", "account", "at", "id"))
        fields = " ".join(f"{key}={_short(value)}" for key, value in native.items())
        source = recorded.source
        where = "" if source is None else f"  [{source.file}:{source.line}]"
        yield f"{recorded.position:>7}  {at}  {account}  {kind}  {name}  {fields}{where}\n"


def _entry(recorded: Recorded) -> dict[str, Any]:
    event = recorded.event
    return {
        "position": recorded.position,
        "id": event.id,
        "account": recorded.account,
        "type": name_of(type(event)),
        "at": instant(event.at),
        "recorded_at": instant(recorded.recorded_at),
        "source": source_to_json(recorded.source),
        "event": to_native(recorded.account, event),
    }


def _short(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
