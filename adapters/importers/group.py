"""Rows that belong together, and the events that a venue's reading adds for them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import define, field

from adapters.importers.layout import Entry
from adapters.importers.reading import Draft, Fault, Ignored, Outcome, Taken
from adapters.importers.table import plain
from domain.events import Event
from domain.fields import from_fields
from domain.money import ZERO

_ROOM = 10_000  # instants that are remembered, unless more of them lie ahead


class Turns:
    """How many events of each account and instant there are so far: their `sequence`."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, datetime], int] = {}
        self._room = _ROOM

    def next(self, account: str, at: datetime) -> int:
        turn = self._turns.get((account, at), 0)
        if len(self._turns) > self._room:
            self._turns = {key: turn for key, turn in self._turns.items() if key[1] >= at}
            self._room = max(_ROOM, 2 * len(self._turns))
        self._turns[account, at] = turn + 1
        return turn


@define(eq=False)
class Group:
    """Rows that belong together, and what they mean. The first row speaks for the group."""

    entries: Sequence[Any]
    _turns: Turns = field(factory=Turns)
    drafts: list[Draft] = field(factory=list)
    remarks: list[Fault] = field(factory=list)
    ignored: dict[int, str] = field(factory=dict)

    @property
    def first(self) -> Any:
        return self.entries[0]

    @property
    def at(self) -> datetime:
        """When it happened: the instant of its first row."""
        at: datetime = self.first.at
        return at

    def add(self, kind: type[Event], /, *of: Entry, **fields: Any) -> None:
        """Add an event. Its rows are `of`, or all of the group's.

        `at`, `id` and `account` are those of the first of these rows unless given; the event's
        `sequence` follows the order in which events of an instant are added. Fields that are None
        are left out. `elsewhere`, `placed` and `untold` are the draft's.
        """
        rows = of or self.entries
        first = rows[0]
        account = fields.pop("account", first.account)
        elsewhere, placed = fields.pop("elsewhere", ()), fields.pop("placed", True)
        untold = fields.pop("untold", ())
        given = {name: value for name, value in fields.items() if value is not None}
        at = given.setdefault("at", first.at)
        given.setdefault("id", first.id)
        given["sequence"] = self._turns.next(account, at)
        event = from_fields(kind, given)
        also = [row.file.row(row.line) for row in rows[1:]]
        self.drafts.append(
            Draft(
                account,
                event,
                first.file.row(first.line, *also),
                sequenced=False,
                elsewhere=elsewhere,
                placed=placed,
                untold=untold,
            )
        )

    def ignore(self, reason: str, *rows: Entry) -> None:
        """These rows (all, if none are named) say nothing to record, and why."""
        self.ignored |= dict.fromkeys(map(id, rows or self.entries), reason)

    def remark(self, problem: str, hint: str = "", *, column: str = "", value: str = "") -> None:
        """Say what is odd about rows that become events all the same."""
        self.remarks.append(
            Fault(
                file=self.first.file,
                line=self.first.line,
                column=column,
                value=value,
                problem=problem,
                hint=hint,
                counts=False,
            )
        )

    def net(self) -> dict[str, Decimal]:
        """What each asset's balance did, fees included; zeros left out. Of `Moved` rows."""
        return sums((entry.asset, entry.net) for entry in self.entries)

    def outcomes(self) -> Iterator[Outcome]:
        """What becomes of the rows: those that are not ignored were taken for the events."""
        taken = []
        for entry in self.entries:
            reason = self.ignored.get(id(entry))
            if reason is not None:
                yield Ignored(entry.file, entry.line, reason)
            elif self.drafts:
                taken.append((entry.file, entry.line))
            else:
                yield Ignored(entry.file, entry.line, "nothing moved")
        if self.drafts:
            yield Taken(tuple(taken), tuple(self.drafts))
        yield from self.remarks


def sums(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """The sum by name, without zeros; names in the order in which they came."""
    totals: dict[str, Decimal] = {}
    for name, amount in amounts:
        totals[name] = totals.get(name, ZERO) + amount
    return {name: plain(total) for name, total in totals.items() if total}
