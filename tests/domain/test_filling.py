"""Frozen values, made quickly: they are what attrs would have made."""

from typing import Any

import pytest
from attrs import evolve, frozen
from attrs.exceptions import FrozenInstanceError

from domain.filling import filler, quickly_made


@frozen
class Slow:
    name: str
    units: int = 1
    place: str | None = None


@quickly_made
@frozen
class Quick:
    name: str
    units: int = 1
    place: str | None = None


@frozen
class Child(Slow):
    more: int = 0


@pytest.mark.parametrize(
    ("given", "named"), [(("BTC",), {}), (("BTC", 2), {"place": "x"}), ((), {"name": "BTC"})]
)
def test_a_value_quickly_made_is_the_same(given: Any, named: Any) -> None:
    slow, quick = Slow(*given, **named), Quick(*given, **named)
    assert type(quick) is Quick
    assert repr(quick) == repr(slow).replace("Slow", "Quick")
    assert quick == evolve(quick, units=quick.units)
    assert len({quick, Quick(*given, **named)}) == 1
    assert quick != evolve(quick, units=7)


def test_what_lacks_or_does_not_belong_is_refused() -> None:
    with pytest.raises(TypeError):
        Quick()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Quick("BTC", colour="red")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "made", [Quick("BTC"), filler(Child, lambda field: "v", {})({"name": "BTC", "more": 3})]
)
def test_its_guard_holds_once_it_is_made(made: Any) -> None:
    for name in ("name", "place"):
        with pytest.raises(FrozenInstanceError):
            setattr(made, name, "other")
    with pytest.raises(FrozenInstanceError):
        del made.name
    with pytest.raises(AttributeError):
        made.colour = "red"
    assert made.name == "BTC"


def test_a_value_is_filled_with_what_is_given_and_its_defaults() -> None:
    fill = filler(Child, lambda field: "v", {})
    assert fill({"name": "BTC", "units": 2}) == Child("BTC", 2)
    assert type(fill({"name": "BTC"})) is Child
    with pytest.raises(KeyError):
        fill({"units": 2})
