"""What a projection noticed: missing, contradictory or doubtful facts, as values.

A finding never stops a report. An `error` makes a figure unreliable, and the figure says so.
"""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.money import plain
from domain.recorded import Recorded
from projections.report import Report


@frozen(kw_only=True)
class Finding(Report):
    """One thing to look at: what is wrong, with which event, and what to do about it."""

    kind: str
    account: str
    asset: str = ""
    at: datetime | None = None
    event: str = ""
    problem: str
    hint: str = ""
    severity: str = "error"


def by_time(finding: Finding) -> tuple[str, str, str]:
    """Findings in the order in which things happened; those of no time first."""
    at = "" if finding.at is None else finding.at.isoformat()
    return at, finding.account, finding.kind


class Findings:
    """A list of findings in the making, in replay order; the same finding is kept once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], Finding] = {}

    def add(self, kind: str, recorded: Recorded, problem: str, **more: Any) -> None:
        """Find something in one event. `more`: asset, hint, severity."""
        finding = Finding(
            kind=kind,
            account=recorded.account,
            at=recorded.event.at,
            event=recorded.event.id,
            problem=problem,
            **more,
        )
        self.keep(finding)

    def never_came_in(
        self, recorded: Recorded, account: str, quantity: Decimal, asset: str, day: date
    ) -> None:
        """Find that units went out of an account that are not in the book."""
        self.add(
            "missing_basis",
            recorded,
            f"{plain(quantity)} {asset} went out on {day} that never came in",
            asset=asset,
            hint=f"what is missing in {account}: a deposit, a purchase or a loan before this?",
        )

    def unknown_position(
        self, recorded: Recorded, position: str, quantity: Decimal, asset: str
    ) -> None:
        """Find that a position was settled that does not hold so much."""
        problem = f"position {position} does not hold {plain(quantity)} {asset}"
        self.add("unknown_position", recorded, problem, asset=asset, hint=_OPENING)

    def keep(self, finding: Finding) -> None:
        """Keep a finding, unless the same one is here already."""
        name = (finding.kind, finding.account, finding.asset, finding.event, finding.problem)
        self._found.setdefault(name, finding)

    def withdraw(self, kind: str, account: str, asset: str) -> None:
        """What was found of this kind has been explained by a later event."""
        self._found = {
            name: finding
            for name, finding in self._found.items()
            if (finding.kind, finding.account, finding.asset) != (kind, account, asset)
        }

    def about(self, assets: Collection[str]) -> "Findings":
        """What was found of these assets, in a list of its own."""
        kept = Findings()
        for finding in self._found.values():
            if finding.asset in assets:
                kept.keep(finding)
        return kept

    def of_account(self, account: str) -> tuple[Finding, ...]:
        """What was found in one account."""
        return tuple(finding for finding in self._found.values() if finding.account == account)

    def all(self) -> tuple[Finding, ...]:
        return tuple(self._found.values())


_OPENING = "it settles nothing: is the fill that opened the position missing from the book?"
