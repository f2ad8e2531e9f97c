"""The command `terms`: an account's margin terms, and the presets that they may be taken from.

What is recorded is the whole event with every value written out. It says what a venue's terms are,
so it is a fact; typed by hand, it is refused where it contradicts itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from adapters.cli.options import DONE, FOUND, TIME, Asked, Command
from adapters.cli.text import table

if TYPE_CHECKING:
    from adapters.book import Book
    from adapters.venues.presets import Preset
    from domain.events import Event, MarginTermsSet
    from domain.terms_faults import TermsFault

Time = datetime | date


class PartType(click.ParamType):  # type: ignore[type-arg]
    """ASSET=NUMBER, a part from 0 to 1."""

    def __init__(self, name: str, example: str) -> None:
        self.name = name
        self._example = example

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Decimal]:
        """Read a part."""
        asset, _, number = str(value).partition("=")
        try:
            part = Decimal(number)
        except InvalidOperation:
            part = Decimal(-1)
        if not asset or not part.is_finite() or not 0 <= part <= 1:
            self.fail(f"{value!r} is no part from 0 to 1: write {self._example}", param, ctx)
        return asset, part


class SettingType(click.ParamType):  # type: ignore[type-arg]
    """FIELD=VALUE of margin terms."""

    name = "FIELD=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Take a field that terms have; what it may hold, the event knows."""
        from adapters.venues.presets import settable

        field, mark, given = str(value).partition("=")
        known = (*settable(), "tiers")
        if not mark or not given:
            self.fail(f"{value!r} is no setting: write leverage=3", param, ctx)
        if field not in known:
            words = ", ".join(known)
            self.fail(f"{field!r} cannot be set; known: {words}; and --rate, --factor", param, ctx)
        return field, given


RATE = PartType("ASSET=R", "USD=0.00025")
FACTOR = PartType("ASSET=F", "BTC=0.95")
SETTING = SettingType()


@click.command(
    cls=Command,
    epilog="\b\nExample:\n  marginbook terms binance/cross binance_cross_3x --rate USDT=0.00001",
)
@click.argument("account", metavar="[ACCOUNT]", required=False)
@click.argument("preset", metavar="[PRESET]", required=False)
@click.option("--list", "listed", is_flag=True, help="List the presets with their sources.")
@click.option(
    "--at", type=TIME, help="From when they hold (a date: its start), or as of when (default: now)."
)
@click.option("--set", "settings", type=SETTING, multiple=True, help="Another value.")
@click.option("--factor", "factors", type=FACTOR, multiple=True, help="What collateral counts.")
@click.option("--rate", "rates", type=RATE, multiple=True, help="Interest of one period.")
@click.option("--id", metavar="ID", help="Its id (default: such as terms-1).")
@click.option("--note", metavar="TEXT", help="Words to keep with it.")
@click.option("--dry-run", is_flag=True, help="Show the event; record nothing.")
@click.pass_obj
def terms(
    asked: Asked,
    /,
    account: str | None,
    preset: str | None,
    listed: bool,
    at: Time | None,
    settings: Sequence[tuple[str, str]],
    factors: Sequence[tuple[str, Decimal]],
    rates: Sequence[tuple[str, Decimal]],
    dry_run: bool,
    **made: str | None,
) -> int:
    """Show an account's margin terms, or record them from a preset: the venue's own, dated.

    A preset has generations: the one in force at --at counts, NAME@DATE names another.
    """
    if listed and account is not None:
        raise click.UsageError("--list is of all presets: leave the account out")
    if listed:
        return _list(asked)
    if account is None:
        raise click.UsageError("name an account, or ask for --list")
    if preset is None:
        if settings or factors or rates:
            raise click.UsageError("--set, --factor and --rate belong to a PRESET: see --list")
        return _show(asked, account, at)
    changes: dict[str, Any] = dict(settings)
    changes |= {"collateral_factors": dict(factors), "interest_rates": dict(rates)}
    return _record(asked, account, preset, {"at": at, **made}, changes, dry_run=dry_run)


# Showing ------------------------------------------------------------------------------------------


def _list(asked: Asked) -> int:
    from adapters.venues.presets import presets

    found = presets()
    asked.answer(
        {"presets": [one.to_dict() for one in found]},
        lambda: "\n".join(_described(one) for one in found),
    )
    return DONE


def _described(preset: "Preset") -> str:
    since = f"from {preset.date}" if preset.date else "undated"
    needs = [f"  needs {', '.join(preset.needs)}"] if preset.needs else []
    ladder = [f"  {len(preset.ladder)} tiers: --set tiers=SIZE,..."] if preset.ladder else []
    values = "  ".join(f"{name} {_shown(value)}" for name, value in preset.values.items())
    notes = [f"  {preset.note}"] if preset.note else []
    head = f"{preset.name} ({preset.venue}, {preset.model}, {since})"
    return "\n".join([head, f"  {values}", *needs, *ladder, *notes, f"  source: {preset.source}"])


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return f"{len(value)} tiers" if isinstance(value, list) else str(value)


def _show(asked: Asked, account: str, at: Time | None) -> int:
    """The terms in force, and the event that set them."""
    from adapters import clock
    from adapters.wire import to_native
    from domain.events import MarginTermsSet
    from domain.terms_faults import faults

    with asked.open() as book:
        told = book.terms(account, at or clock.now())
    event = None if told is None else told.event
    found = faults(event) if isinstance(event, MarginTermsSet) else ()

    def text() -> str:
        if told is None:
            record = f"marginbook terms {account} PRESET (terms --list)"
            return f"No terms of {account} are in the book: {record}"
        head = f"{account}: set by {told.event.id} at position {told.position}"
        return "\n".join([head, _values(account, told.event), *_warned(found)])

    document = {
        "account": account,
        "event": None if event is None else to_native(account, event),
        "position": None if told is None else told.position,
        "faults": _listed(found),
    }
    asked.answer(document, text)
    return FOUND if found else DONE


def _values(account: str, event: "Event") -> str:
    from adapters.wire import to_native

    fields = to_native(account, event)
    tiers = fields.pop("tiers", [])
    rows = [(name, _shown(value)) for name, value in fields.items() if name not in _NAMES]
    parts = [table(["field", "value"], rows)]
    if tiers:
        heads = list(dict.fromkeys(name for tier in tiers for name in tier))
        parts.append(table(heads, [[tier.get(name, "") for name in heads] for tier in tiers]))
    return "\n".join(parts)


_NAMES = ("type", "account", "id")


# Recording ----------------------------------------------------------------------------------------


def _record(
    asked: Asked,
    account: str,
    name: str,
    made: Mapping[str, Any],
    changes: dict[str, Any],
    *,
    dry_run: bool,
) -> int:
    """Write the whole event, unless it contradicts itself or says what is in force already."""
    from adapters.wire import account_name, to_native
    from domain.errors import BookError
    from domain.terms_faults import faults, refuse

    account = account_name(account)
    if account == "book":
        raise click.UsageError("margin terms are an account's: name one, such as kraken/main")
    if dry_run and not Path(asked.book).exists():
        asked.book = ":memory:"  # a dry run leaves no book behind
    with asked.open() as book:
        event = _drafted(book, account, name, made, changes)
        refuse(event)
        found = faults(event)
        before = book.head().position
        if dry_run:
            held = book.questions.log.find(account, event.id)
            if held is not None and held.event != event:
                msg = f"{account}#{event.id} is already recorded with other content"
                raise BookError(f"{msg}: give the event its own id")
        else:
            (held,) = book.record([event], account)
    position = None if held is None else held.position
    known = position is not None and position <= before
    asked.answer(
        {
            "event": to_native(account, event),
            "position": position,
            "known": known,
            "faults": _listed(found),
        },
        lambda: "\n".join([_told(account, event, position, known), *_warned(found)]),
    )
    return DONE


def _drafted(
    book: "Book", account: str, name: str, made: Mapping[str, Any], changes: dict[str, Any]
) -> "MarginTermsSet":
    from attrs import fields

    from adapters import clock
    from adapters.drafting import Made, drafted
    from adapters.venues.presets import preset
    from domain.events import MarginTermsSet

    at = made["at"]
    if at is None:
        at = clock.now()
    elif not isinstance(at, datetime):
        at = book.calendar.start(at)
        made = {**made, "at": at}
    chosen = preset(name, at.date())
    whole = chosen.terms(at=at, id="new", **changes)
    content = {f.name: getattr(whole, f.name) for f in fields(type(whole)) if f.name not in _MADE}
    return cast(
        "MarginTermsSet",
        drafted(book.questions, MarginTermsSet, account, content, Made(**made)),
    )


_MADE = ("at", "id", "note", "sequence")


def _told(account: str, event: "MarginTermsSet", position: int | None, known: bool) -> str:
    if known:
        return f"Known already: {account}#{event.id}, at position {position}. Nothing changed."
    head = (
        f"A dry run: {account}#{event.id} would be recorded."
        if position is None
        else f"Recorded {account}#{event.id} at position {position}."
    )
    return f"{head}\n{_values(account, event)}"


def _listed(found: "Sequence[TermsFault]") -> list[dict[str, str]]:
    return [
        {"severity": fault.severity, "problem": fault.problem, "hint": fault.hint}
        for fault in found
    ]


def _warned(found: "Sequence[TermsFault]") -> list[str]:
    return [f"{fault.severity:7} {fault.problem}\n    {fault.hint}" for fault in found]
