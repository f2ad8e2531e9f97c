"""Units between two linked legs: withdrawn from one account of the book, not yet in the other.

They stay the book's own. What is told to arrive a little before it left was on its way all the same
(`Decisions.early`). A leg that arrives long before it left counts as a deposit, and the other one,
when it comes, as a withdrawal: so the book never counts units twice, nor loses any.
"""

from decimal import Decimal

from domain.events import Deposited, Withdrawn
from domain.money import plain
from domain.recorded import Recorded
from projections.decisions import Decisions, Name
from projections.findings import Findings


class Transit:
    """What was sent, by the leg that sent it."""

    def __init__(self, decisions: Decisions) -> None:
        self._departures = decisions.departures
        self._arrivals = decisions.arrivals
        self._sent_later = decisions.early
        self._sent: dict[Name, tuple[Recorded, str, Decimal]] = {}
        self._early: set[Name] = set()
        self._here: set[Name] = set()

    def departs(self, recorded: Recorded, event: Withdrawn) -> bool:
        """Whether these units are on their way to another account."""
        name = (recorded.account, event.id)
        if name not in self._departures or name in self._early:
            return False
        if name in self._here:
            return True
        self._sent[name] = recorded, event.asset, event.quantity
        return True

    def arrives(self, recorded: Recorded, event: Deposited) -> Decimal | None:
        """How many units were sent of those that arrive here; None where they come from outside."""
        out = self._arrivals.get((recorded.account, event.id))
        if out is None:
            return None
        later = self._sent_later.get((recorded.account, event.id))
        gone = later.event if later is not None else None
        if isinstance(gone, Withdrawn) and gone.asset == event.asset:
            self._here.add(out)
            return gone.quantity
        sent = self._sent.get(out)
        if sent is None or sent[1] != event.asset:
            self._early.add(out)
            return None
        return self._sent.pop(out)[2]

    def close(self, findings: Findings) -> None:
        """Find what has not arrived."""
        for recorded, asset, units in self._sent.values():
            findings.add(
                "unpaired_transfer",
                recorded,
                f"{plain(units)} {asset} left for another account and have not arrived",
                asset=asset,
                hint="they count as the book's own: is the other leg missing, or of another asset?",
                severity="warning",
            )
