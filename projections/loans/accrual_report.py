"""What is said of loans and their interest: rows, totals of what has ended, and findings."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from domain.interest_rules import DAY
from domain.money import ZERO, plain
from domain.recorded import Recorded
from projections.findings import Finding
from projections.loans.loan_interest import LoanInterest
from projections.report import Report, instant


@frozen(kw_only=True)
class LoanAccrual(Report):
    """An open loan, in units of `asset`, as of `at`.

    `lent` is owed without interest. `rate` is what one period of `every` (hour, 4h, day) costs as a
    part of it. `since` is when it was opened, or when a rate was first known: `expected` and
    `charged` count from then. `difference` is charged above expected, None where they cannot be
    compared, and `uncompared` says why. `by_value`: some of it was charged in another asset and
    counts at marks. `next_charge` is None where interest grows by the second. `per_day` is the
    forecast at the rate in force.
    """

    account: str
    asset: str
    loan: str
    lent: Decimal
    opened: datetime
    since: datetime
    at: datetime
    rate: Decimal | None
    every: str | None
    periods: Decimal | None
    expected: Decimal | None
    charged: Decimal
    difference: Decimal | None
    by_value: bool
    uncompared: str
    next_charge: datetime | None
    per_day: Decimal | None


@frozen(kw_only=True)
class EndedLoans(Report):
    """Loans of one account and asset that have ended: those that could be compared, summed."""

    account: str
    asset: str
    loans: int
    compared: int
    expected: Decimal
    charged: Decimal
    difference: Decimal


@frozen(kw_only=True)
class AccrualReport(Report):
    """Interest due beside interest charged, by loan."""

    loans: tuple[LoanAccrual, ...]
    ended: tuple[EndedLoans, ...]
    findings: tuple[Finding, ...]

    def of(self, account: str) -> "AccrualReport":
        """What it says of one account."""
        return AccrualReport(
            loans=tuple(loan for loan in self.loans if loan.account == account),
            ended=tuple(total for total in self.ended if total.account == account),
            findings=tuple(found for found in self.findings if found.account == account),
        )


def reported(loan: LoanInterest) -> LoanAccrual:
    """An open loan as a row."""
    rule, rate = loan.rule, loan.rate
    known = rule is not None and rate is not None
    return LoanAccrual(
        account=loan.account,
        asset=loan.asset,
        loan=loan.name,
        lent=loan.lent,
        opened=loan.opened,
        since=loan.counted,
        at=loan.reckoned,
        rate=rate,
        every=rule.every if rule is not None and known else None,
        periods=loan.periods if known else None,
        expected=loan.expected if known else None,
        charged=loan.charged,
        difference=loan.difference if loan.compared else None,
        by_value=loan.converted,
        uncompared=_why_not(loan),
        next_charge=rule.next(loan.opened, loan.reckoned) if rule is not None and known else None,
        per_day=_per_day(loan),
    )


def ended_with(totals: Mapping[tuple[str, str], EndedLoans], loan: LoanInterest) -> EndedLoans:
    """The total of a loan's account and asset, with this loan in it."""
    before = totals.get((loan.account, loan.asset))
    counts = loan.compared
    expected, charged = (loan.expected, loan.charged) if counts else (ZERO, ZERO)
    if before is not None:
        expected, charged = before.expected + expected, before.charged + charged
    return EndedLoans(
        account=loan.account,
        asset=loan.asset,
        loans=1 + (before.loans if before else 0),
        compared=counts + (before.compared if before else 0),
        expected=expected,
        charged=charged,
        difference=charged - expected,
    )


def differing(loan: LoanInterest) -> Finding:
    """Expected and charged parted: where, both figures, and the difference."""
    rule, rate, parting = loan.rule, loan.rate, loan.parting
    every = "" if rule is None or rate is None else f" at {plain(rate)} every {_WORDS[rule.every]}"
    named = f" of {loan.name}" if loan.name else ""
    since = "" if parting is None else f"; they parted at {instant(parting.at)}"
    values = " by value at marks" if loan.converted else ""
    return Finding(
        kind="interest_differs",
        account=loan.account,
        asset=loan.asset,
        at=loan.counted if parting is None else parting.at,
        event="" if parting is None else parting.event,
        problem=f"interest on the loan{named} from {instant(loan.counted)} to"
        f" {instant(loan.reckoned)}: {plain(loan.expected)} {loan.asset} expected{every},"
        f" {plain(loan.charged)} charged{values} ({_signed(loan.difference)}){since}",
        hint="is an interest_charged missing or doubled, or was the rate another one then:"
        " `marginbook terms ACCOUNT PRESET --at TIME --rate ASSET=RATE`?",
        severity="info" if loan.converted else "warning",
    )


def without_loan(
    recorded: Recorded, quantity: Decimal, asset: str, of: str, name: str | None
) -> Finding:
    """Units of an asset were charged on a loan of an asset (`of`) that the book does not know."""
    named = f" {name}" if name else ""
    return Finding(
        kind="interest_without_loan",
        account=recorded.account,
        asset=of,
        at=recorded.event.at,
        event=recorded.event.id,
        problem=f"{plain(quantity)} {asset} of interest on a loan{named} of {of} that is not in"
        " the book",
        hint="a borrowed event, or the fill that opened the position, is missing before this",
        severity="warning",
    )


_WORDS = {"hour": "hour", "4h": "4 hours", "day": "day"}


def _why_not(loan: LoanInterest) -> str:
    if loan.rate is None:
        return f"no interest rate of {loan.asset} is known"
    units = ", ".join(f"{plain(units)} {asset}" for asset, units in sorted(loan.strange.items()))
    return f"{units} charged, of unknown price" if units else ""


def _per_day(loan: LoanInterest) -> Decimal | None:
    if loan.rule is None or loan.rate is None:
        return None
    return loan.lent * loan.rate * (DAY // loan.rule.period)


def _signed(number: Decimal) -> str:
    return f"+{plain(number)}" if number > 0 else plain(number)
