"""Interest as text for people: each loan with what it should have cost, and what it did."""

from typing import TYPE_CHECKING

from adapters.cli.render import findings_text
from adapters.cli.text import table
from projections.report import instant

if TYPE_CHECKING:
    from projections.loans.accrual_report import AccrualReport


def interest_text(report: "AccrualReport") -> str:
    """Open loans, what has ended, and where expected and charged parted."""
    heads = ["account", "asset", "loan", "lent", "rate", "every", "periods", "expected", "charged"]
    rows = [
        [
            *(getattr(loan, name) for name in heads),
            loan.difference,
            "" if loan.next_charge is None else instant(loan.next_charge),
            loan.per_day,
            loan.uncompared,
        ]
        for loan in report.loans
    ]
    parts = [table([*heads, "difference", "next charge", "per day", ""], rows) or "No open loans."]
    if report.ended:
        names = ["account", "asset", "loans", "compared", "expected", "charged", "difference"]
        ended = [[getattr(total, name) for name in names] for total in report.ended]
        parts += ["", "Ended", table(names, ended)]
    if report.findings:
        parts += ["", findings_text(report.findings)]
    return "\n".join(parts)
