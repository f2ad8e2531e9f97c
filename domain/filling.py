"""Make frozen, slotted values quickly, by functions compiled once for their class.

A replay makes millions of them, and attrs goes round its own guard for every field of each. Here
one is filled as an unguarded twin, a class with the same slots, and becomes what it is when it is
full: from then on its guard holds. Events are filled from mappings: what is given is made as the
caller says; what is absent is its default, which nobody needs to check.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import attrs
from attrs import Attribute

T = TypeVar("T")


def quickly_made(kind: type[T]) -> type[T]:
    """Give a frozen class of plain fields, without converters or checks, a quicker `__init__`."""
    known: dict[str, Any] = {"_twin": _twin(kind), "_made": kind, "_set": object.__setattr__}
    given, lines = ["self"], ["    _set(self, '__class__', _twin)"]
    for field in attrs.fields(kind):  # type: ignore[arg-type]
        name = field.name
        known[f"default_{name}"] = field.default
        given.append(name if field.default is attrs.NOTHING else f"{name}=default_{name}")
        lines.append(f"    self.{name} = {name}")
    lines = [f"def __init__({', '.join(given)}):", *lines, "    self.__class__ = _made"]
    kind.__init__ = _function("__init__", lines, known)  # type: ignore[method-assign]
    return kind


def filler(
    kind: type[T],
    made: Callable[["Attribute[Any]"], str],
    names: Mapping[str, Any],
) -> Callable[[Mapping[str, Any]], T]:
    """Compile a function that fills a new `kind` from a mapping of its fields.

    `made` gives the expression that makes a field's value of what is given, `v`; `names` are what
    the expressions mean. The function raises `KeyError` for a required field that is absent.
    """
    known = {**names, "kind": kind, "twin": _twin(kind), "new": object.__new__}
    lines = ["def fill(given):", "    value = new(twin)"]
    for field in attrs.fields(kind):  # type: ignore[arg-type]
        name, outside = field.name, outside_name(field)
        if field.default is attrs.NOTHING:
            lines += [f"    v = given[{outside!r}]", f"    value.{name} = {made(field)}"]
        else:
            known[f"default_{name}"] = field.default
            lines += [
                f"    if {outside!r} in given:",
                f"        v = given[{outside!r}]",
                f"        value.{name} = {made(field)}",
                "    else:",
                f"        value.{name} = default_{name}",
            ]
    return _function("fill", [*lines, "    value.__class__ = kind", "    return value"], known)


def outside_name(field: "Attribute[Any]") -> str:
    """A field's name as it is written in files: `from` for `from_`."""
    return field.name.rstrip("_")


def _twin(kind: type[Any]) -> type[Any]:
    """The same class, but anybody may write to its fields; without both it were no quicker."""
    unguarded = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(kind.__name__, (kind,), {"__slots__": (), **unguarded})


def _function(name: str, lines: list[str], known: dict[str, Any]) -> Callable[..., Any]:
    exec("\n".join(lines), known)  # noqa: S102 - from our own classes alone
    function: Callable[..., Any] = known[name]
    return function
