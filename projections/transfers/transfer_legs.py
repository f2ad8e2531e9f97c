"""Legs: what left an account of the book and what came into one, as far as it may be a transfer.

Out of scope is what its teller has explained: units spent or given away, and deposits of which the
lots are told. A leg that a link names is kept beside the others, whatever it is.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from domain.chain_ids import chain_id
from domain.events import EVENTS, Deposited, Event, Withdrawn
from domain.money import ZERO
from domain.recorded import Recorded
from projections.decisions import Decisions, Name
from projections.replay import Steps


@frozen
class Leg:
    """One end of what may be a transfer: `quantity` units left, or came, at `at`.

    `fee` is what the sender says it took on top; `chain` is the transaction's id in the form in
    which ids are compared, empty where nobody told it.
    """

    account: str
    id: str
    asset: str
    quantity: Decimal
    fee: Decimal
    at: datetime
    chain: str = ""
    note: str = ""

    @property
    def name(self) -> Name:
        """(account, id)."""
        return self.account, self.id

    @property
    def full_name(self) -> str:
        """ACCOUNT#ID."""
        return f"{self.account}#{self.id}"


def in_order(leg: Leg) -> tuple[datetime, str, str]:
    """Legs by time; of one instant by name, so that no order of files is seen in any result."""
    return leg.at, leg.account, leg.id


LINKED_BY_IMPORT = "paired/"
"""How the ids of links begin that an import made by itself."""

PARTED_BY_IMPORT = "unpaired/"
"""How the ids of voids begin by which an import took back such a link: nobody said it was none."""


class Legs:
    """The fold that gathers them. `outs` and `ins` are linked with nothing yet."""

    def __init__(self, decisions: Decisions) -> None:
        self.outs: list[Leg] = []
        self.ins: list[Leg] = []
        self.linked: dict[Name, Leg] = {}
        self.decisions = decisions
        self.steps: Steps = {Withdrawn: self._left, Deposited: self._came}
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    @classmethod
    def among(cls, events: Iterable[Recorded], decisions: Decisions) -> "Legs":
        """The legs among some events, in any order."""
        legs = cls(decisions)
        for recorded in events:
            step = legs.steps.get(type(recorded.event))
            if step and (recorded.account, recorded.event.id) not in decisions.voided:
                step(recorded, recorded.event)
        return legs

    @property
    def parted(self) -> list[tuple[Name, Name]]:
        """Legs of which the owner said that they are no transfer: he voided their link."""
        return [
            pair
            for pair, void in self.decisions.parted.items()
            if not void.event.id.startswith(PARTED_BY_IMPORT)
        ]

    def _left(self, recorded: Recorded, event: Withdrawn) -> None:
        leg = _leg(recorded, event, event.fee)
        if leg.name in self.decisions.departures:
            self.linked[leg.name] = leg
        elif event.purpose == "own":
            self.outs.append(leg)

    def _came(self, recorded: Recorded, event: Deposited) -> None:
        leg = _leg(recorded, event, ZERO)
        if leg.name in self.decisions.arrivals:
            self.linked[leg.name] = leg
        elif not event.lots and self.decisions.stated(*leg.name) is None:
            self.ins.append(leg)


def _leg(recorded: Recorded, event: Deposited | Withdrawn, fee: Decimal) -> Leg:
    return Leg(
        recorded.account,
        event.id,
        event.asset,
        event.quantity,
        fee,
        event.at,
        "" if event.txid is None else chain_id(event.txid),
        event.note,
    )
