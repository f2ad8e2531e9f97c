"""What was stated of one tax year from outside the book, read as the forms need it.

What cannot be read is a finding and is left out.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from domain.money import ZERO, cents
from projections.findings import Finding, Findings
from projections.tax.us.law import CAPITAL_LOSS_LIMIT

_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


class Facts:
    """The facts of one year."""

    def __init__(self, year: int, stated: Mapping[str, str], findings: Findings) -> None:
        self._year = year
        self._stated = stated
        self._findings = findings

    def filing_status(self) -> str:
        """`single` unless stated otherwise."""
        status = self._stated.get("filing_status", "single")
        if status not in CAPITAL_LOSS_LIMIT[0].value:
            known = ", ".join(CAPITAL_LOSS_LIMIT[0].value)
            self._unreadable(f"filing_status {status!r} is none of {known}: single counts")
            return "single"
        return status

    def truth(self, name: str) -> bool | None:
        """Yes or no, None where nothing was stated."""
        text = self._stated.get(name)
        if text is None:
            return None
        if text not in _TRUTH:
            self._unreadable(f"{name} {text!r} is neither true nor false: it is left out")
        return _TRUTH.get(text)

    def money(self, name: str) -> Decimal | None:
        """A stated amount in USD of either sign, None where nothing was stated."""
        text = self._stated.get(name)
        if text is None:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            self._unreadable(f"{name} {text!r} is no amount: it is left out")
            return None
        return cents(amount)

    def amount(self, name: str) -> Decimal:
        """A stated amount that is zero or more; zero where nothing was stated."""
        amount = self.money(name)
        if amount is not None and amount < 0:
            self._unreadable(f"{name} {amount} must not be negative: it is left out")
            return ZERO
        return amount or ZERO

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
        elif stated < 0:
            self._unreadable(f"{name} {stated} must not be negative: it is left out")
            return chained
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

    def _unreadable(self, problem: str) -> None:
        self.find("tax_fact_unreadable", problem, "state the fact again", "error")
