"""What brokers told the IRS, laid against the book: which rows a report is of, and what differs.

A form came for a disposal or it did not (Instructions for Form 8949 (2025), pp. 3-4). A report
names a disposal, or the units of a day, or (stablecoins: 1.6045-1(d)(10)(i)) the total of a year.
What a code can correct is corrected (projections/tax/us/corrections.py); the rest is found.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from attrs import evolve, frozen

from domain.events import BrokerReported
from domain.lot import Disposal
from domain.money import ZERO, cents, plain, share
from domain.recorded import Recorded
from projections.decisions import Name, named
from projections.findings import Findings
from projections.report import Report
from projections.tax.us.corrections import (
    Filing,
    corrected,
    term_of,
    uncorrected,
    units_of,
    with_basis,
)
from projections.tax.us.law import COVERED_SINCE, DIGITAL_ASSET_FORM


@frozen(kw_only=True)
class Figures(Report):
    """What one side says of a disposal; None where it says nothing."""

    proceeds: Decimal | None = None
    basis: Decimal | None = None
    term: str = ""


@frozen(kw_only=True)
class Reconciled(Report):
    """A broker's report beside the book. Amounts are USD; the book's are net of costs.

    `status`: `agrees`, `adjusted` (by a code), `differs` (found), `no disposal`.
    """

    report: str
    account: str
    form: str
    disposal: str
    asset: str
    sold: date | None
    quantity: Decimal
    reported: Figures
    basis_reported: bool
    book: Figures
    code: str
    status: str


Filed = list[tuple[Disposal, Filing | None]]


class BrokerReports:
    """The reports of a book."""

    def __init__(
        self, reported: Sequence[Recorded], costs: Mapping[Name, Decimal], findings: Findings
    ) -> None:
        """`costs`: those of each sale, in USD, by the sale's name: told by whoever sells."""
        self._costs = costs
        self.reconciled: dict[int, list[Reconciled]] = {}
        self._findings = findings
        self._by_sale: dict[Name, list[Recorded]] = {}
        self._by_day: dict[tuple[str, str, date], list[Recorded]] = {}
        self._by_year: dict[tuple[str, str, int], _Year] = {}
        self._unmet: dict[int, Recorded] = {}
        for recorded in reported:
            self._keep(recorded)

    def __bool__(self) -> bool:
        return bool(self._by_sale or self._by_day or self._by_year)

    @property
    def by_day(self) -> bool:
        """Whether a report is of all units of one day, so that rows must wait for its end."""
        return bool(self._by_day)

    @property
    def years(self) -> set[int]:
        """The years that reports are of."""
        return {_of(recorded).year for recorded in self._unmet.values()} | set(self.reconciled)

    def file(self, disposals: Sequence[Disposal]) -> Filed:
        """How these disposals, of one instant or one day, stand on the form."""
        filed: dict[int, Filing] = {}
        for name in dict.fromkeys(name for d in disposals for name in _names(d)):
            reports = self._by_sale.get(name, []) + self._by_sale.get(("book", name[1]), [])
            if reports:
                self._match([d for d in disposals if name in _names(d)], reports, filed)
        for day in dict.fromkeys((d.account, d.asset, d.sold_day) for d in disposals):
            reports = self._by_day.get(day, []) + self._by_day.get(("book", *day[1:]), [])
            if reports:
                own = [d for d in disposals if id(d) not in filed and _day(d) == day]
                self._match_day(own, reports, filed)
        for disposal in disposals:
            if id(disposal) not in filed and disposal.kind in REPORTABLE:
                self._match_year(disposal, filed)
        return [(disposal, filed.get(id(disposal))) for disposal in disposals]

    def close(self, year: int) -> tuple[Reconciled, ...]:
        """The year's reports beside the book. What named no disposal is found."""
        for total in self._by_year.values():
            if total.report.year == year and total.rows:
                self._close_year(total)
        for recorded in list(self._unmet.values()):
            report = _of(recorded)
            if report.year == year:
                del self._unmet[recorded.position]
                self._differs(recorded, _NOTHING, "error")
                self._note(recorded, (), "", "no disposal")
        return tuple(self.reconciled.get(year, ()))

    # Which rows a report is of --------------------------------------------------------------------

    def _keep(self, recorded: Recorded) -> None:
        report = _of(recorded)
        if report.form == DIGITAL_ASSET_FORM.value and report.year < DIGITAL_ASSET_FORM.since:
            self._differs(recorded, f"there was no {report.form} for {report.year}", "error")
            return
        self._unmet[recorded.position] = recorded
        if report.disposal is not None:
            name = named(report.disposal, recorded.account)
            self._by_sale.setdefault(name, []).append(recorded)
        elif report.asset is None:
            self._differs(recorded, "it names neither a disposal nor an asset", "error")
        elif report.sold is None:
            place = (recorded.account, report.asset, report.year)
            self._by_year[place] = _Year(recorded)
        else:
            day = (recorded.account, report.asset, report.sold)
            self._by_day.setdefault(day, []).append(recorded)

    def _match(
        self, rows: list[Disposal], reports: list[Recorded], filed: dict[int, Filing]
    ) -> None:
        """The reports of one sale: several where units were covered and others not."""
        able = [d for d in rows if d.kind in REPORTABLE] or rows
        given: dict[int, list[Disposal]] = {r.position: [] for r in reports}
        room = {r.position: _of(r).quantity for r in reports}
        for row in able:
            fits = [r for r in reports if _fits(_of(r), row, room[r.position])]
            best = max(fits, key=lambda r: _likeness(_of(r), row), default=None)
            if best is not None:
                given[best.position].append(row)
                left = room[best.position]
                room[best.position] = None if left is None else left - row.quantity
        for recorded in reports:
            of_it = given[recorded.position]
            if of_it:
                self._unmet.pop(recorded.position, None)
                self._reconcile(recorded, of_it, self._costs_of(of_it, able), filed)
            elif recorded.position in self._unmet:
                del self._unmet[recorded.position]
                told = "all units of the disposal are in another report already"
                self._differs(recorded, told, "error")
                self._note(recorded, (), "", "no disposal")

    def _match_day(
        self, rows: list[Disposal], reports: list[Recorded], filed: dict[int, Filing]
    ) -> None:
        """Reports of all units of a day, or of the one sale that day of so many units."""
        for recorded in reports:
            report = _of(recorded)
            able = [d for d in rows if d.kind in REPORTABLE and id(d) not in filed]
            if report.quantity is not None:
                sales = [
                    [d for d in able if d.event == event]
                    for event in dict.fromkeys(d.event for d in able)
                ]
                equal = [sale for sale in sales if units_of(sale) == report.quantity]
                able = equal[0] if equal else able
            if able:
                self._unmet.pop(recorded.position, None)
                self._reconcile(recorded, able, self._costs_of(able, able), filed)

    def _match_year(self, disposal: Disposal, filed: dict[int, Filing]) -> None:
        """One total for a year, as brokers may give for stablecoins (1.6045-1(d)(10)(i))."""
        for account in (disposal.account, "book"):
            total = self._by_year.get((account, disposal.asset, disposal.sold_day.year))
            if total is not None:
                report = total.report
                total.rows.append(disposal)
                filed[id(disposal)] = uncorrected(report.form, with_basis(report), disposal)
                return

    # One report beside its rows -------------------------------------------------------------------

    def _reconcile(
        self,
        recorded: Recorded,
        rows: list[Disposal],
        costs: Decimal,
        filed: dict[int, Filing],
    ) -> None:
        report = _of(recorded)
        found = False
        if report.year != rows[0].sold_day.year:
            self._differs(recorded, f"it is of {report.year}, the sale of {rows[0].sold_day}")
            found = True
        if report.quantity is not None and report.quantity != units_of(rows):
            units = plain(units_of(rows))
            self._differs(recorded, f"{plain(report.quantity)} units reported, {units} in the book")
            found = True
        missing, beyond, explained = self._difference(recorded, rows, costs)
        found = found or not explained
        letters: set[str] = set()
        for row, filing in zip(rows, corrected(report, rows, missing, beyond), strict=True):
            filed[id(row)] = evolve(filing, agrees=not found)
            letters.update(filing.code)
        status = "differs" if found else "adjusted" if letters else "agrees"
        self._note(recorded, rows, "".join(sorted(letters)), status)

    def _difference(
        self, recorded: Recorded, rows: list[Disposal], costs: Decimal
    ) -> tuple[Decimal, Decimal, bool]:
        """What reported proceeds lack in costs, what they exceed by, and whether that is all."""
        report = _of(recorded)
        net = sum((row.proceeds for row in rows), ZERO)
        more = cents(report.proceeds) - cents(net)
        if not more:
            return ZERO, ZERO, True
        if more == cents(net + costs) - cents(net):
            return costs, ZERO, True
        told = f"proceeds of {report.proceeds:.2f} reported, {cents(net):.2f} in the book"
        if more < 0:
            self._differs(recorded, f"{told}: the correct amount stands, without a code", "info")
            return ZERO, ZERO, False
        self._differs(
            recorded,
            f"{told}: more than its costs ({cents(costs):.2f}) explain; column (d) is as reported,"
            " column (g) takes the difference back (code O)",
        )
        return ZERO, report.proceeds - net, False

    def _close_year(self, total: "_Year") -> None:
        net = sum((row.proceeds for row in total.rows), ZERO)
        self._unmet.pop(total.recorded.position, None)
        agrees = cents(net) == cents(total.report.proceeds)
        if not agrees:
            told = f"proceeds of {total.report.proceeds:.2f} reported for the year"
            self._differs(total.recorded, f"{told}, {cents(net):.2f} in the book")
        self._note(total.recorded, total.rows, "", "agrees" if agrees else "differs")
        total.rows.clear()

    def _costs_of(self, rows: Sequence[Disposal], sold: Sequence[Disposal]) -> Decimal:
        """The costs of all that was `sold`, as far as they are those of these rows, by units."""
        names = dict.fromkeys((row.account, row.event) for row in sold)
        costs = sum((self._costs.get(name, ZERO) for name in names), ZERO)
        return share(costs, units_of(rows), units_of(sold))

    # ----------------------------------------------------------------------------------------------

    def _differs(self, recorded: Recorded, problem: str, severity: str = "warning") -> None:
        self._findings.add(
            "broker_mismatch",
            recorded,
            problem,
            asset=_of(recorded).asset or "",
            hint="the gain is the book's own; ask the broker for a corrected form, or mend the book"
            " (Instructions for Form 8949, columns (d) to (g))",
            severity=severity,
        )

    def _note(self, recorded: Recorded, rows: Sequence[Disposal], code: str, status: str) -> None:
        report = _of(recorded)
        net = sum((row.proceeds for row in rows), ZERO)
        basis = sum((row.basis for row in rows), ZERO)
        terms = sorted({term_of(row) for row in rows})
        self.reconciled.setdefault(report.year, []).append(
            Reconciled(
                report=recorded.event.id,
                account=recorded.account,
                form=report.form,
                disposal=report.disposal or "",
                asset=rows[0].asset if rows else report.asset or "",
                sold=rows[0].sold_day if rows else report.sold,
                quantity=units_of(rows),
                reported=Figures(
                    proceeds=cents(report.proceeds),
                    basis=None if report.basis is None else cents(report.basis),
                    term=report.term or "",
                ),
                basis_reported=report.basis_reported,
                book=Figures(
                    proceeds=cents(net) if rows else None,
                    basis=cents(basis) if rows else None,
                    term=" and ".join(terms),
                ),
                code=code,
                status=status,
            )
        )


class _Year:
    """A report of one total for a year, and the rows of it."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        self.rows: list[Disposal] = []

    @property
    def report(self) -> BrokerReported:
        return _of(self.recorded)


_NOTHING = (
    "it names no disposal of that year (a short is one when it closes: by its repayment or cover)"
)

REPORTABLE = frozenset({"sale", "liquidation", "spent"})
"""Kinds of disposal that a form is of. None is of units withheld (1.6045-1(c)(3)(ii)(C)), nor of
short sales and lending (Notice 2024-57)."""


def _names(row: Disposal) -> tuple[Name, ...]:
    """What a report may call a row: its event; a short also what covered it."""
    own = (row.account, row.event)
    return (own, (row.account, row.lot)) if row.kind == "short" and row.lot else (own,)


def _fits(report: BrokerReported, row: Disposal, room: Decimal | None) -> bool:
    return report.asset in (None, row.asset) and (room is None or room >= row.quantity)


def _likeness(report: BrokerReported, row: Disposal) -> tuple[bool, bool]:
    """How much a report looks like that of a row: by term, and whether its basis is known."""
    covered = row.acquired_day is not None and row.acquired_day >= COVERED_SINCE.value
    return report.term in (None, term_of(row)), with_basis(report) == covered


def _day(disposal: Disposal) -> tuple[str, str, date]:
    return disposal.account, disposal.asset, disposal.sold_day


def _of(recorded: Recorded) -> BrokerReported:
    assert isinstance(recorded.event, BrokerReported)  # noqa: S101 - for the type checker
    return recorded.event
