"""Presets: margin terms that venues have published, read from the TOML files beside this one.

A preset is only a source of values: what is recorded is a whole `margin_terms_set`, and no replay
ever looks here. Generations of one name differ by `date`, the first day that a source shows them to
hold; one without a date is what an undated source says, and counts before all others. Numbers that
no source gives are not here: `needs` names the fields that the user must give.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from attrs import fields, frozen

from domain.errors import Refused, UnknownName
from domain.events import MarginTermsSet
from domain.fields import from_fields
from domain.parts import Tier
from projections.report import Report

_FOLDER = Path(__file__).parent
_ABOUT = ("name", "model", "date", "source", "note", "needs", "ladder")
_BASIC = ("at", "id", "sequence", "note", "source", "model")


@frozen(kw_only=True)
class Preset(Report):
    """One generation of terms. `values` are fields of `margin_terms_set`, decimals as texts.

    `date` is from when they are known to hold (a UTC day), None where the source has none. `ladder`
    are tiers without the sizes at which they begin, which differ by pair: without these sizes the
    values are those of the first.
    """

    name: str
    venue: str
    model: str
    date: date | None
    source: str
    note: str
    needs: tuple[str, ...]
    values: Mapping[str, Any]
    ladder: tuple[Mapping[str, str], ...]

    @property
    def edition(self) -> str:
        """Its name with its date, which chooses this very generation: `kraken@2026-02-10`."""
        return f"{self.name}@{self.date or 'undated'}"

    def terms(self, *, at: datetime, id: str, **changes: Any) -> MarginTermsSet:  # noqa: A002
        """The whole event, all values written out; `changes` replace fields or fill what it needs.

        Rates and factors by asset are added to the preset's own; `tiers` may be the sizes at which
        the tiers of its ladder begin, with commas between them. Raises `Refused` where a needed
        field is not given, `InvalidEvent` where a value cannot be.
        """
        missing = [name for name in self.needs if changes.get(name) is None]
        if missing:
            given = " ".join(f"--set {name}=..." for name in missing)
            msg = (
                f"{self.name} says nothing of {', '.join(missing)}: no source gives it. Add {given}"
            )
            raise Refused(msg)
        if isinstance(changes.get("tiers"), str):
            changes["tiers"] = self.rungs(changes["tiers"].split(","))
        values: dict[str, Any] = {"model": self.model, **self.values, **changes}
        for table in ("collateral_factors", "interest_rates"):
            values[table] = {**self.values.get(table, {}), **changes.get(table, {})}
        source = f"preset {self.edition}: {self.source}"
        return from_fields(MarginTermsSet, {"at": at, "id": id, "source": source, **values})

    def rungs(self, begins: Sequence[str]) -> tuple[Tier, ...]:
        """The ladder laid on the sizes at which its tiers begin. Raises `Refused`."""
        if not self.ladder:
            msg = f"{self.name} has no ladder of tiers to lay on sizes: import the event instead"
            raise Refused(msg)
        if len(begins) > len(self.ladder):
            msg = f"{self.name} has {len(self.ladder)} tiers, and {len(begins)} sizes are given"
            raise Refused(msg)
        return tuple(
            from_fields(Tier, {"from": begin, **rung})
            for begin, rung in zip(begins, self.ladder, strict=False)
        )

    def to_dict(self) -> dict[str, Any]:
        """The preset as JSON values."""
        return {**super().to_dict(), "ladder": [dict(rung) for rung in self.ladder]}


@cache
def presets() -> tuple[Preset, ...]:
    """Every preset, by venue and name, the oldest generation first."""
    found = [made for file in sorted(_FOLDER.glob("*.toml")) for made in _read(file)]
    return tuple(sorted(found, key=lambda p: (p.venue, p.name, p.date or date.min)))


def preset(name: str, on: date | None = None) -> Preset:
    """The generation in force on a day (None: the latest), or the one of `NAME@DATE`.

    Raises `UnknownName`.
    """
    bare, mark, _ = name.partition("@")
    named = [p for p in presets() if p.name == bare]
    if not named:
        known = ", ".join(dict.fromkeys(p.name for p in presets()))
        msg = f"no preset is called {bare!r}; known: {known}"
        raise UnknownName(msg)
    if mark:
        chosen = [p for p in named if p.edition == name]
    else:
        chosen = [p for p in named if on is None or p.date is None or p.date <= on]
    if not chosen:
        known = ", ".join(p.edition for p in named)
        when = f"no such generation of {bare}" if mark else f"{bare} is not known to hold on {on}"
        msg = f"{when}; known: {known}. Name one of these to use it nevertheless"
        raise UnknownName(msg)
    return chosen[-1]


def _read(file: Path) -> list[Preset]:
    told = tomllib.loads(file.read_text("utf-8"))
    return [_preset(told["venue"], entry) for entry in told["preset"]]


def _preset(venue: str, entry: dict[str, Any]) -> Preset:
    about = {name: entry.pop(name) for name in _ABOUT if name in entry}
    return Preset(
        venue=venue,
        values=entry,
        name=about["name"],
        model=about["model"],
        date=about.get("date"),
        source=about["source"],
        note=about.get("note", ""),
        needs=tuple(about.get("needs", ())),
        ladder=tuple(about.get("ladder", ())),
    )


def settable() -> tuple[str, ...]:
    """The fields of terms that hold one value, and can be given as FIELD=VALUE."""
    tables = ("collateral_factors", "interest_rates", "tiers")
    return tuple(
        field.name for field in fields(MarginTermsSet) if field.name not in (*_BASIC, *tables)
    )
