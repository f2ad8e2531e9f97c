"""Form 8949: one row a lot slice, by box, in cents.

The one trick: a row's cents are the growth of its box's rounded running total, so rows add up to
the rounded exact total and dust never vanishes (domain/money.py). Rows stream: a row goes to `sink`
as soon as the instant of its sale is over (its day, where a broker reported a day's units as one),
ordered by (sold, the disposal's position in the log, acquired).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.filling import quickly_made
from domain.lot import Disposal
from domain.money import ONE, ZERO, Cents, plain
from domain.price import OWN_FILL, RULES, Chosen
from projections.report import instant, money, to_json
from projections.tax.us.broker_reports import BrokerReports
from projections.tax.us.corrections import NO_FORM, Filing, uncorrected
from projections.tax.us.law import BOXES, SUMMED, in_force

NOTHING = Decimal("0.00")


@quickly_made
@frozen
class Row:
    """A row of Form 8949: a disposal, its box, and its money in cents (USD)."""

    row: int
    box: str
    term: str
    proceeds: Decimal
    basis: Decimal
    of: Disposal
    """The disposal itself: exact amounts, instants, and how its lot was chosen."""
    code: str = ""
    adjustment: Decimal = NOTHING
    filing: Filing | None = None
    """Its columns, where a broker's report of it came or a code corrects it."""

    @property
    def gain(self) -> Decimal:
        """Column (h) = (d) - (e) + (g)."""
        return self.proceeds - self.basis + self.adjustment

    @property
    def description(self) -> str:
        """Column (a): exact units and name (Instructions for Form 8949 (2025), column (a))."""
        of = self.of
        if of.kind in ("contract", "rebate") and of.lot_position == of.position:
            return of.asset  # a result without units; coins that paid for one are units
        words = f"{plain(self.of.quantity)} {self.of.asset}"
        return f"{words} short sale closed" if self.of.kind == "short" else words

    @property
    def acquired(self) -> date | None:
        """Column (b), None where nobody has said when."""
        return self.of.acquired_day

    @property
    def sold(self) -> date:
        """Column (c)."""
        return self.of.sold_day

    @property
    def exact(self) -> tuple[Decimal, Decimal, Decimal]:
        """Columns (d), (e) and (g), unrounded."""
        filing = self.filing
        if filing is None:
            return self.of.proceeds, self.of.basis, ZERO
        return filing.proceeds, filing.basis, filing.adjustment

    @property
    def events(self) -> tuple[int, ...]:
        """Log positions of the events that made the row."""
        positions = {self.of.position, self.of.lot_position, self.of.opened_position}
        if self.of.treatment is not None:
            positions.update(self.of.treatment.events)
        return tuple(sorted(positions - {0}))

    @property
    def priced(self) -> tuple[Chosen, ...]:
        """The observed prices that proceeds and basis stand on; none where events told both."""
        return self.of.priced + self.of.basis_priced

    @property
    def price_rule(self) -> str:
        """The rule of the weakest of its prices (domain/price.py)."""
        return max((chosen.rule for chosen in self.priced), key=RULES.index, default=OWN_FILL)

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON values."""
        of = self.of
        proceeds, basis, adjustment = self.exact
        prices = [
            *({"of": "proceeds", **chosen.to_dict()} for chosen in of.priced),
            *({"of": "basis", **chosen.to_dict()} for chosen in of.basis_priced),
        ]
        return {
            "row": self.row,
            "box": self.box,
            "description": self.description,
            "acquired": to_json(self.acquired),
            "sold": to_json(self.sold),
            "proceeds": money(self.proceeds),
            "basis": money(self.basis),
            "code": self.code,
            "adjustment": money(self.adjustment),
            "gain": money(self.gain),
            "term": self.term,
            "account": of.account,
            "asset": of.asset,
            "quantity": plain(of.quantity),
            "lot": of.lot,
            "disposal": of.event,
            "events": list(self.events),
            "identified": of.identified,
            "kind": of.kind,
            "missing": of.missing,
            "acquired_at": None if self.acquired is None else instant(of.acquired),
            "sold_at": instant(of.sold),
            "held_from": None if of.treatment is None else to_json(of.held_from),
            "exact": {
                "proceeds": plain(proceeds),
                "basis": plain(basis),
                "adjustment": plain(adjustment),
            },
            **({"prices": prices} if prices else {}),
        }


class BoxTotal:
    """One box of one year: printed totals of columns (d), (e) and (g)."""

    __slots__ = ("adjustment", "basis", "proceeds")

    def __init__(self, unit: Decimal | None = None) -> None:
        self.proceeds, self.basis, self.adjustment = (Cents(unit) for _ in range(3))

    @property
    def gain(self) -> Decimal:
        """Column (h)."""
        return self.proceeds.printed - self.basis.printed + self.adjustment.printed


class Form8949:
    """Rows of one year, and box totals of every year (losses are carried from year to year).

    `aggregate`: rows that may be summed on lines 1a and 8a of Schedule D are left off the form.
    """

    def __init__(
        self,
        year: int,
        sink: Callable[[Row], None],
        reports: BrokerReports | None = None,
        *,
        aggregate: bool = False,
    ) -> None:
        self._year = year
        self._sink = sink
        self._reports = reports or None
        self._aggregate = aggregate
        self._waiting: list[Disposal] = []
        self._row = 0
        self._boxes: dict[tuple[int, str], tuple[str, BoxTotal]] = {}
        self.totals: dict[int, dict[str, BoxTotal]] = {}

    def add(self, disposal: Disposal) -> None:
        """Take a disposal, in the order of the replay."""
        waiting = self._waiting
        if waiting and waiting[0].sold != disposal.sold and self._over(disposal):
            self.close()
        self._waiting.append(disposal)

    def close(self) -> None:
        """The instant is over: its disposals become rows."""
        waiting = self._waiting
        if len(waiting) > 1:
            waiting.sort(key=_order)
        if self._reports is None:
            for disposal in waiting:
                self._print(disposal)
        else:
            for disposal, filing in self._reports.file(waiting):
                if filing is None:
                    self._print(disposal)
                else:
                    self._print_filed(disposal, filing)
        waiting.clear()

    def _over(self, disposal: Disposal) -> bool:
        """Whether what waits is over when this comes."""
        if self._reports is None or not self._reports.by_day:
            return True
        return self._waiting[0].sold_day != disposal.sold_day

    def _print(self, disposal: Disposal) -> None:
        if disposal.treatment is not None and disposal.disallowed:
            self._print_filed(disposal, uncorrected(NO_FORM, False, disposal))
            return
        year, term = disposal.sold_day.year, "long" if disposal.long else "short"
        box, total = self._boxes.get((year, term)) or self._unreported(year, term)
        proceeds = total.proceeds.add(disposal.proceeds)
        basis = total.basis.add(disposal.basis)
        if year == self._year:
            self._row += 1
            self._sink(Row(self._row, box, term, proceeds, basis, disposal))

    def _print_filed(self, disposal: Disposal, filing: Filing) -> None:
        year, term = disposal.sold_day.year, "long" if disposal.long else "short"
        box = _box(filing.form, filing.basis_reported, year)[term]
        summed = self._aggregate and box in SUMMED and filing.agrees and not filing.code
        total = self._total(year, SUMMED[box] if summed else box)
        proceeds = total.proceeds.add(filing.proceeds)
        basis = total.basis.add(filing.basis)
        adjustment = total.adjustment.add(filing.adjustment)
        if year == self._year and not summed:
            self._row += 1
            columns = (proceeds, basis, disposal, filing.code, adjustment, filing)
            self._sink(Row(self._row, box, term, *columns))

    def _unreported(self, year: int, term: str) -> tuple[str, BoxTotal]:
        box = _box(NO_FORM, False, year)[term]
        found = self._boxes[year, term] = box, self._total(year, box)
        return found

    def _total(self, year: int, box: str) -> BoxTotal:
        totals = self.totals.setdefault(year, {})
        if box not in totals:
            totals[box] = BoxTotal()
        return totals[box]


def whole_dollars(rows: Iterable[Row]) -> Iterator[dict[str, Decimal]]:
    """Columns (d), (e), (g) and (h) of rows in whole dollars.

    Made from the unrounded running totals of their boxes, so that a printed page adds up (see
    law.ROUNDING).
    """
    boxes: dict[str, BoxTotal] = {}
    for row in rows:
        total = boxes.setdefault(row.box, BoxTotal(ONE))
        proceeds, basis, adjustment = row.exact
        d, e = total.proceeds.add(proceeds), total.basis.add(basis)
        g = total.adjustment.add(adjustment)
        yield {"proceeds": d, "basis": e, "adjustment": g, "gain": d - e + g}


def _box(form: str, basis_reported: bool, year: int) -> Mapping[str, str]:
    return in_force(BOXES[form, basis_reported], year).value


def _order(disposal: Disposal) -> tuple[datetime, int, datetime, int]:
    return disposal.sold, disposal.position, disposal.acquired, disposal.lot_position
