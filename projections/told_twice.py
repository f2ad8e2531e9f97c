"""The same facts told by two files: a venue's own and a tool's, or those of two tools.

The one trick: whoever tells a fact, its amounts are the same, and so is its second (or its minute,
where a file tells no seconds). So it is enough to look at what happened within one minute. Files
that are read alike give the same ids and are known; these here were not, so both count.
"""

from collections.abc import Hashable
from datetime import datetime
from decimal import Decimal

from attrs import define

from domain.events import EVENTS, Deposited, Event, Filled, Liquidated, Withdrawn
from domain.recorded import Recorded
from projections.findings import Finding
from projections.replay import Steps

TOLD = (Deposited, Withdrawn, Filled, Liquidated)
"""What is looked at. Interest and rewards of two accounts are alike by themselves."""

_NEAR = Decimal("0.05")  # of the total: one tool counts the fee in, another does not
_HINT = (
    "was one history imported from two tools? Both count: void the events of one, or import one of"
    " them into a new book. If both really happened, nothing is wrong"
)


@define
class _Pair:
    """Two accounts of which files tell the same, and how often so far."""

    first: Recorded
    second: Recorded
    times: int = 0


class ToldTwice:
    """The fold. Events must come with their sources."""

    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._told: dict[Hashable, dict[Hashable, list[Recorded]]] = {}
        """What was told of the present minute: by amounts, then by who told it when. The third of
        one teller is the third of another: parts of one order, which are alike, match one to one.
        """
        self._pairs: dict[tuple[str, str], _Pair] = {}
        self.steps: Steps = dict.fromkeys(TOLD, self._tell)
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - frozenset(TOLD)

    def findings(self) -> tuple[Finding, ...]:
        """One finding for each two accounts, at the first fact that both tell."""
        return tuple(_found(pair) for pair in self._pairs.values())

    def _tell(self, recorded: Recorded, event: Event) -> None:
        if recorded.source is None:
            return
        minute = event.at.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._told.clear()
        alike = self._told.setdefault(_what(event), {})
        teller = (recorded.source.sha256, recorded.account, event.at.second, type(event))
        own = alike.setdefault(teller, [])
        own.append(recorded)
        number = len(own)
        for others in alike.values():
            if others is own or len(others) < number:
                continue
            if _same(others[number - 1], recorded):
                self._pair(others[number - 1], recorded)

    def _pair(self, one: Recorded, other: Recorded) -> None:
        names = sorted((one.account, other.account))
        pair = self._pairs.setdefault((names[0], names[1]), _Pair(one, other))
        pair.times += 1


def _what(event: Event) -> Hashable:
    """What two files that tell one fact agree on; a forced sale may be called a sale."""
    if isinstance(event, Filled):
        return (event.side, event.asset, event.quantity, event.quote)
    return (type(event), getattr(event, "asset", ""), getattr(event, "quantity", ""))


def _same(one: Recorded, other: Recorded) -> bool:
    """Whether two records of the same amounts are one fact told by two files."""
    if one.source is None or other.source is None:
        return False
    if one.source.sha256 == other.source.sha256 and one.source.line != other.source.line:
        return False
    first, second = one.event, other.event
    at_once = first.at.replace(microsecond=0) == second.at.replace(microsecond=0)
    minutes_alone = not at_once and (_no_second(first.at) or _no_second(second.at))
    if not at_once and not minutes_alone:
        return False
    if (
        isinstance(first, Filled)
        and isinstance(second, Filled)
        and abs(first.total - second.total) > _NEAR * max(first.total, second.total)
    ):
        return False
    # Within one account rows that are alike are counted, in whichever file they stand; but not
    # together with rows that one of the files gives an id of the venue's.
    named = first.id.startswith("~") != second.id.startswith("~")
    alike = type(first) is type(second) and not minutes_alone and not named
    return one.account != other.account or not alike


def _no_second(at: datetime) -> bool:
    return not at.second and not at.microsecond


def _where(recorded: Recorded) -> str:
    source = recorded.source
    return "a decision" if source is None else f"{source.file}:{source.line}"


def _found(pair: _Pair) -> Finding:
    first, second = pair.first, pair.second
    times = "this is" if pair.times == 1 else f"this and {pair.times - 1} more are"
    return Finding(
        kind="told_twice",
        account=second.account,
        asset=getattr(second.event, "asset", ""),
        at=second.event.at,
        event=second.event.id,
        problem=(
            f"{times} told of {first.account}, too ({first.event.id}): the same amounts at the same"
            f" time, in {_where(first)} and {_where(second)}"
        ),
        hint=_HINT,
        severity="warning",
    )
