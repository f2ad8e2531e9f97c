"""Lots as their owner states them: the dates and bases of units that came in from outside.

A lot acquired on a day counts from the end of that day, never from after it arrived; one that
claims to is found. A gift carries its giver's date for a gain; for a loss its time begins when it
was given (IRC 1015(a), 1223(2); Pub. 550 (2025), Holding Period, gifts).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from domain.calendar import Calendar
from domain.lot import Lot
from domain.money import ZERO
from domain.parts import StatedLot
from domain.recorded import Recorded
from projections.findings import Findings


def stated_lots(
    recorded: Recorded,
    lots: Sequence[StatedLot],
    rest: Decimal,
    calendar: Calendar,
    findings: Findings,
) -> Iterator[Lot]:
    """A lot for each that is stated, and one of unknown date and basis for the `rest`."""
    event = recorded.event
    several = len(lots) + (rest > 0) > 1
    arrived = calendar.day(event.at)
    for number, told in enumerate(lots, 1):
        instant, day = _acquired(told.acquired, calendar)
        if day > arrived or (isinstance(told.acquired, datetime) and instant > event.at):
            problem = f"a lot of {event.id} is said to be acquired on {day}, after it came in"
            hint = "state it again: it counts as acquired when it came in"
            findings.add("acquired_after_arrival", recorded, problem, hint=hint)
            day = arrived
        yield Lot(
            f"{event.id}/{number}" if several else event.id,
            min(instant, event.at),
            day,
            event.sequence,
            recorded.position,
            told.quantity,
            told.basis,
            True,
            told.loss_basis,
            event.at,
            recorded.account,
            given=None if told.loss_basis is None else arrived,
        )
    if rest > 0:
        yield Lot(
            f"{event.id}/{len(lots) + 1}" if several else event.id,
            event.at,
            None,
            event.sequence,
            recorded.position,
            rest,
            ZERO,
            stated=False,
            account=recorded.account,
        )


def _acquired(told: date, calendar: Calendar) -> tuple[datetime, date]:
    """The instant and day of an acquisition told as a day or a time."""
    if isinstance(told, datetime):
        return told, calendar.day(told)
    return calendar.end(told), told
