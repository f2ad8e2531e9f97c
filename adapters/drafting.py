"""A decision in the making: its id, its time, and what was left unsaid.

An id is made of what the decision is and how many of the kind its account has (`elect-1`). A
decision that says again what is in force is that one, so that repeating a command changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import evolve, fields, frozen

from adapters import clock
from adapters.questions import Questions
from adapters.rules import lacking
from domain.errors import Refused, UnknownName
from domain.events import (
    BalanceAsserted,
    BasisAllocated,
    BasisStated,
    Event,
    LotsIdentified,
    MarginTermsSet,
    MethodElected,
    PolicySet,
    TaxFactStated,
    TransferLinked,
    Voided,
)
from domain.fields import from_fields
from domain.money import ZERO, exact
from domain.parts import Pick
from domain.recorded import Recorded

_NAMES: Mapping[type[Event], tuple[str, tuple[str, ...]]] = {
    MethodElected: ("elect", ("asset",)),
    LotsIdentified: ("identify", ("disposal",)),
    BasisAllocated: ("allocate", ("asset",)),
    BasisStated: ("basis", ("target",)),
    TransferLinked: ("link", ("out", "into")),
    PolicySet: ("policy", ("name",)),
    TaxFactStated: ("state", ("year", "name")),
    Voided: ("void", ("target",)),
    MarginTermsSet: ("terms", ()),
    BalanceAsserted: ("assert", ("asset", "at", "quantity")),
}
"""The word for each kind of decision, and the fields that say what it is about.

Margin terms and balances are facts about the venue and no decisions, but people write them down in
the same way.
"""


@frozen(kw_only=True)
class Made:
    """What may be said of every decision: when it was made (None: now), its id, a note."""

    at: datetime | date | None = None
    id: str | None = None
    note: str | None = None


def drafted(
    asked: Questions, kind: type[Event], account: str, content: Mapping[str, Any], made: Made
) -> Event:
    """The decision, or the recorded one that is in force and says the same."""
    at = asked.calendar.until(made.at) or clock.now()
    said = {"at": at, "id": made.id or "new", "note": made.note or "", **content}
    event = from_fields(kind, said)
    alike = list(asked.log.read(accounts=[account], types=[kind]))
    held = _in_force(asked, alike, event)
    if held is not None and _says(held.event, event, made):
        return held.event
    if made.id:
        return event
    written = [r for r in alike if kind is not BalanceAsserted or r.event.id.startswith("assert-")]
    return evolve(event, id=_new_id(asked, kind, account, len(written)))


def identification(
    asked: Questions, sale: Recorded, picks: Sequence[tuple[str, Decimal | None]]
) -> tuple[Pick, ...]:
    """The picks, where no quantity was given all that is left of the lot or is needed."""
    if all(quantity is not None for _, quantity in picks):
        return tuple(Pick(lot=lot, quantity=quantity) for lot, quantity in picks if quantity)
    stake = asked.at_stake(sale.position, sale.event.at)
    found: list[Pick] = []
    with exact():
        left = {asset: stake.takes(asset) for _, asset, _ in stake.needed}
        for lot, quantity in picks:
            left[stake.asset(lot)] = left.get(stake.asset(lot), ZERO) - (quantity or ZERO)
        for lot, quantity in picks:
            asset = stake.asset(lot)
            units = min(stake.within(lot), left[asset]) if quantity is None else quantity
            if units <= 0:
                raise Refused(lacking(sale, stake, lot))
            if quantity is None:
                left[asset] -= units
            found.append(Pick(lot=lot, quantity=units))
    return tuple(found)


def _in_force(asked: Questions, alike: Sequence[Recorded], event: Event) -> Recorded | None:
    """The last decision that is not void and is about the same: by its time if it is in force."""
    about = _NAMES[type(event)][1]
    voided = asked.decisions().voided
    same = [
        recorded
        for recorded in alike
        if (recorded.account, recorded.event.id) not in voided
        and all(getattr(recorded.event, name) == getattr(event, name) for name in about)
    ]
    if isinstance(event, MethodElected | MarginTermsSet):
        begun = [recorded for recorded in same if recorded.event.at <= event.at]
        return max(begun, key=lambda r: (r.event.at, r.position), default=None)
    return max(same, key=lambda r: r.position, default=None)


def _says(held: Event, event: Event, made: Made) -> bool:
    """Whether a recorded decision says all that was said now."""
    unsaid = {"sequence"}
    unsaid |= {name for name in ("at", "id", "note") if getattr(made, name) is None}
    return all(
        getattr(held, field.name) == getattr(event, field.name)
        for field in fields(type(event))
        if field.name not in unsaid
    )


def _new_id(asked: Questions, kind: type[Event], account: str, alike: int) -> str:
    number = alike + 1
    while True:
        name = f"{_NAMES[kind][0]}-{number}"
        try:
            asked.find(name, account)
        except UnknownName:
            return name
        number += 1
