"""Fill a frozen, slotted value from a mapping, by a function compiled once for its class.

A million events are made from mappings in every replay, and most of their fields are absent. What
is given is made as the caller says; what is absent is its default, which nobody needs to check.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import attrs
from attrs import Attribute

T = TypeVar("T")


def filler(
    kind: type[T],
    made: Callable[["Attribute[Any]"], str],
    names: Mapping[str, Any],
) -> Callable[[Mapping[str, Any]], T]:
    """Compile a function that fills a new `kind` from a mapping of its fields.

    `made` gives the expression that makes a field's value of what is given, `v`; `names` are what
    the expressions mean. The function raises `KeyError` for a required field that is absent.
    """
    known = {**names, "kind": kind, "new": object.__new__}
    lines = ["def fill(given):", "    value = new(kind)"]
    for field in attrs.fields(kind):  # type: ignore[arg-type]
        name, outside = field.name, outside_name(field)
        known[f"set_{name}"] = getattr(kind, name).__set__
        if field.default is attrs.NOTHING:
            lines += [f"    v = given[{outside!r}]", f"    set_{name}(value, {made(field)})"]
        else:
            known[f"default_{name}"] = field.default
            lines += [
                f"    if {outside!r} in given:",
                f"        v = given[{outside!r}]",
                f"        set_{name}(value, {made(field)})",
                "    else:",
                f"        set_{name}(value, default_{name})",
            ]
    exec("\n".join([*lines, "    return value"]), known)  # noqa: S102 - from our own classes alone
    function: Callable[[Mapping[str, Any]], T] = known["fill"]
    return function


def outside_name(field: "Attribute[Any]") -> str:
    """A field's name as it is written in files: `from` for `from_`."""
    return field.name.rstrip("_")
