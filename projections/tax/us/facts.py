"""What was stated of one tax year from outside the book, read as the forms need it.

What cannot be read is not among it (projections/decisions.py).
"""

from collections.abc import Mapping
from decimal import Decimal

from domain.money import ZERO, cents
from projections.findings import Finding, Findings


class Facts:
    """The facts of one year."""

    def __init__(self, year: int, stated: Mapping[str, str], findings: Findings) -> None:
        self._year = year
        self._stated = stated
        self._findings = findings

    def filing_status(self) -> str:
        """`single` unless stated otherwise."""
        return self._stated.get("filing_status", "single")

    def missing(self, *names: str) -> tuple[str, ...]:
        """Those of these facts that were not stated."""
        return tuple(name for name in names if name not in self._stated)

    def truth(self, name: str) -> bool | None:
        """Yes or no, None where nothing was stated."""
        text = self._stated.get(name)
        return None if text is None else text in ("true", "yes")

    def money(self, name: str) -> Decimal | None:
        """A stated amount in USD of either sign, None where nothing was stated."""
        text = self._stated.get(name)
        return None if text is None else cents(Decimal(text))

    def amount(self, name: str) -> Decimal:
        """A stated amount in USD, zero where nothing was stated."""
        return self.money(name) or ZERO

    def share(self, name: str) -> Decimal:
        """A part of a whole, all of it where nothing was stated."""
        return Decimal(self._stated.get(name, "1"))

    def carried(self, name: str, chained: Decimal, first: int) -> Decimal:
        """What comes from last year: as stated, else as last year left it.

        Statements are for the `first` year of the book; a later one counts too, and is found where
        it contradicts what the book carries.
        """
        stated = self.money(name)
        if stated is None:
            return chained
        if name != "interest_carryforward":
            stated = -abs(stated)  # a loss, whatever its sign
        if self._year > first and stated != cents(chained):
            self.find(
                "carryover_contradicted",
                f"{name} is stated as {stated}, the book carries {cents(chained)} from the year"
                " before",
                "the statement counts; it is meant for the first year of the book: void it, or"
                " find what is missing before",
                "warning",
            )
        return stated

    def find(self, kind: str, problem: str, hint: str, severity: str = "info") -> None:
        """Find something about this year."""
        finding = Finding(
            kind=kind,
            account="book",
            problem=f"{self._year}: {problem}",
            hint=hint,
            severity=severity,
        )
        self._findings.keep(finding)
