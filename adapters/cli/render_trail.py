"""The trail of lights as text: a line for each account, or every light on a line of its own.

Without colour, or where stdout is no UTF-8, the lights are ASCII: `+` agrees, `~` has findings, `x`
differs, `o` nothing vouches.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from domain.money import plain
from projections.trail_report import AMBER, GREEN, GREY, RED, BalanceLight

if TYPE_CHECKING:
    from domain.calendar import Calendar
    from projections.trail_report import ImportLight, Light, Trail

_LONGEST = 20  # lights drawn of one account; of more, the last ones
_GLYPHS = {GREEN: "●", AMBER: "◐", RED: "✗", GREY: "○"}
_ASCII = {GREEN: "+", AMBER: "~", RED: "x", GREY: "o"}
_COLOURS = {GREEN: "green", AMBER: "yellow", RED: "red", GREY: "bright_black"}
_MEANS = {GREEN: "agrees", AMBER: "has findings", RED: "differs", GREY: "nothing vouches"}


def trail_text(trails: Iterable["Trail"], calendar: "Calendar", *, whole: bool = False) -> str:
    """What vouches for each account; `whole`: every light, in order. Days are the book's own."""
    trails = tuple(trails)
    if not trails:
        return ""
    shown = {trail.account: _lights(trail, whole=whole) for trail in trails}
    names = max(map(len, shown))
    width = max(len(click.unstyle(lights)) for lights in shown.values())
    legend = "  ".join(f"{_glyph(status)} {means}" for status, means in _MEANS.items())
    lines = [f"What vouches for each account   {legend}"]
    for trail in trails:
        lights = shown[trail.account]
        gap = " " * (width - len(click.unstyle(lights)))
        head, *more = _told(trail, calendar, whole=whole)
        lines.append(f"{trail.account:{names}}  {lights}{gap}  {head}")
        lines += [f"    {line}" for line in more]
    return "\n".join(lines)


def light_text(light: "Light", calendar: "Calendar") -> str:
    """One light in words."""
    day = calendar.day(light.at)
    if isinstance(light, BalanceLight):
        off = "" if light.status == GREEN else f" ({_sign(light.difference)})"
        both = f"{_exact(light.asserted)} asserted, {_exact(light.held)} held{off}"
        return f"{_glyph(light.status)} {day}  {light.asset}: {both}  [{light.event}]"
    counts = (("recorded", light.recorded), ("known", light.known), ("ignored", light.ignored))
    sum_ = " + ".join(f"{count} {name}" for name, count in (*counts, ("findings", light.findings)))
    remarks = f"; {_many(light.remarks, 'remark')}" if light.remarks else ""
    file = f"{light.file} ({light.format}, sha256 {light.sha256[:12]})"
    return f"{_glyph(light.status)} {day}  {file}: {light.rows} rows = {sum_}{remarks}"


def _lights(trail: "Trail", *, whole: bool) -> str:
    """The lights in a row, the latest last; an empty one where something held is not vouched for.

    Where every light has a line of its own, the account's stands alone.
    """
    if whole:
        return _glyph(trail.status)
    lights = [light.status for light in trail.lights]
    cut = "" if len(lights) <= _LONGEST else ".. "
    last = [GREY] if any(one.held for one in trail.unvouched) else []
    return cut + "".join(_glyph(status) for status in (*lights[-_LONGEST:], *last))


def _told(trail: "Trail", calendar: "Calendar", *, whole: bool) -> Iterator[str]:
    """The account in one line, then what does not go into it."""
    balances = list(trail.balances)
    wrong = [light for light in balances if light.status == RED]
    parts = [*_of_balances(balances, wrong, calendar), *_of_imports(list(trail.imports))]
    if trail.vouched is not None:
        parts.append(f"last vouched {calendar.day(trail.vouched)}")
        if trail.events_since:
            parts.append(f"{_many(trail.events_since, 'event')} since")
    elif trail.unvouched:
        parts.append("no balance was ever asserted")
    yield "; ".join(parts)
    if whole:
        yield from (light_text(light, calendar) for light in trail.lights)
    elif len(wrong) > 1:
        yield from (light_text(light, calendar) for light in wrong)
    yield from _gaps(trail, calendar)


def _of_balances(
    balances: list[BalanceLight], wrong: list[BalanceLight], calendar: "Calendar"
) -> Iterator[str]:
    if not balances:
        return
    right = len(balances) - len(wrong)
    agree = f"{_many(right, 'balance')} agree{'s' if right == 1 else ''}"
    if not wrong:
        yield agree
        return
    differ = f"{len(wrong)} differ" if len(wrong) > 1 else "1 differs"
    if len(wrong) == 1:
        (one,) = wrong
        both = f"{_exact(one.asserted)} asserted, {_exact(one.held)} held"
        differ += f" ({one.asset} {calendar.day(one.at)}: {both})"
    yield f"{agree}, {differ}" if right else f"no balance agrees, {differ}"


def _of_imports(imports: list["ImportLight"]) -> Iterator[str]:
    if not imports:
        return
    found = [light for light in imports if light.status == AMBER]
    left = ", ".join(
        f"{one.file}: {_many(one.findings, 'finding')}"
        + (f", {_many(one.remarks, 'remark')}" if one.remarks else "")
        for one in found
    )
    many = _many(len(imports), "import")
    yield f"{many}, {len(found)} with findings ({left})" if found else f"{many} without findings"


def _gaps(trail: "Trail", calendar: "Calendar") -> Iterator[str]:
    """What nothing vouches for, and what the book does not begin with."""
    for one in trail.unvouched:
        if not one.held:
            continue
        events, held = _many(one.events, "event"), f"{_exact(one.held)} {one.asset} held"
        if one.since is None:
            yield f"{_glyph(GREY)} {held} after {events}: never asserted"
        else:
            until = calendar.day(one.until)
            last = f"the last {events}" if one.events > 1 else "the last event"
            yield f"{_glyph(GREY)} {held}: nothing vouches for {last}, to {until}"
    for begun in trail.beginnings:
        if begun.lacking is not None:
            differ = f"every balance differs by {_sign(begun.lacking)} {begun.asset}"
            asked = "was it held before" if begun.lacking > 0 else "was something counted twice by"
            yield f"{differ}: {asked} {calendar.day(begun.at)} ({begun.event})?"
        elif begun.from_zero is False:
            first = f"{calendar.day(begun.at)} ({begun.event})"
            yield f"the history of {begun.asset} begins in the middle, at {first}"


def _glyph(status: str) -> str:
    if _plainly():
        return _ASCII[status]
    return click.style(_GLYPHS[status], fg=_COLOURS[status])


def _plainly() -> bool:
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    return bool(os.environ.get("NO_COLOR")) or encoding != "utf8"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _exact(number: Decimal) -> str:
    """All digits, thousands apart."""
    return f"{Decimal(plain(number)):,f}"


def _sign(number: Decimal) -> str:
    return f"{'+' if number > 0 else ''}{_exact(number)}"
