"""Several methods side by side: what each would tax, from one pass over the log.

All books of lots hear the same dealings; whatever a disposal took under one method and not under
another is a difference. Only methods that were elected in time may be filed: the others are what-if
(Treas. Reg. 1.1012-1(j)).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.calendar import Calendar
from domain.methods import LAWFUL, method_name
from domain.money import ZERO, cents, exact
from domain.policies import price_age
from projections.dealings import Dealings
from projections.decisions import Decisions, Name
from projections.findings import Finding, Findings
from projections.prices import Prices
from projections.property import Property
from projections.replay import Projection
from projections.report import Report, money
from projections.tax.us.broker_reports import BrokerReports
from projections.tax.us.form8949 import Form8949, Row
from projections.tax.us.law import SCHEDULE_D_LINES, SHORT_LINES
from projections.tax.us.us_lots import Foreseen, UsLots


@frozen(kw_only=True)
class Total(Report):
    """A year under one method, in cents of USD, before carryovers and other forms.

    `elected`: whether it is what the law asks for, every lot of it chosen in time; else it is a
    what-if.
    """

    short_term: Decimal
    long_term: Decimal
    rows: int
    elected: bool

    def to_dict(self) -> dict[str, Any]:
        """The totals as JSON values."""
        return {
            "short_term": money(self.short_term),
            "long_term": money(self.long_term),
            "total": money(self.total),
            "rows": self.rows,
            "elected": self.elected,
            "label": self.label,
        }

    @property
    def label(self) -> str:
        """Whether it may be filed, in words."""
        return "elected in time" if self.elected else "what-if"

    @property
    def total(self) -> Decimal:
        return self.short_term + self.long_term


@frozen(kw_only=True)
class Taken(Report):
    """What a disposal took of a lot under one method: a row of its Form 8949, in cents of USD."""

    lot: str
    acquired: date | None
    quantity: Decimal
    basis: Decimal
    gain: Decimal
    term: str

    def to_dict(self) -> dict[str, Any]:
        """The part as JSON values."""
        return {**super().to_dict(), "basis": money(self.basis), "gain": money(self.gain)}


@frozen(kw_only=True)
class Difference(Report):
    """A disposal that took other lots under other methods; `methods` has its parts by method."""

    disposal: str
    account: str
    asset: str
    sold: date
    methods: Mapping[str, tuple[Taken, ...]]


@frozen(kw_only=True)
class Comparison(Report):
    """One year under several methods."""

    year: int
    methods: Mapping[str, Total]
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]
    head: Any = None
    """The log it was made from."""


Sale = tuple[datetime, int, str, str]
"""A disposal: when, its log position, its account and asset."""


class Compare:
    """The projections of one year under several methods; `result()` lays them side by side."""

    def __init__(
        self,
        year: int,
        methods: Sequence[str],
        decisions: Decisions,
        calendar: Calendar,
        currency: str,
        foreseen: Foreseen,
    ) -> None:
        """`foreseen`: see us_lots.py. Raises `UnknownName` for a method."""
        self.year = year
        self.findings = Findings()
        self._names = [method_name(name) for name in dict.fromkeys(methods)]
        self._sales: dict[Sale, dict[str, list[Row]]] = {}
        self._rows = dict.fromkeys(self._names, 0)
        self._what_if: set[str] = set()
        self._differences: list[Difference] = []
        costs: dict[Name, Decimal] = {}
        lots = UsLots(decisions, calendar, self.findings, foreseen)
        prices = Prices(currency, price_age(decisions.policies["price_age"]))
        self.turns = lots.turns
        self._forms: dict[str, Form8949] = {}
        books = []
        for name in self._names:
            reports = BrokerReports(decisions.reported, costs, Findings())
            form = self._forms[name] = Form8949(year, self._hearing(name), reports)
            books.append(lots.book(name, form.add))
        own = Property(books, calendar, prices, self.findings)
        told = costs if decisions.reported else None
        self.projections: tuple[Projection, ...] = (prices, Dealings(own, decisions, told))

    def result(self) -> Comparison:
        """The methods side by side. Call after the replay."""
        with exact():
            for form in self._forms.values():
                form.close()
            for sale in sorted(self._sales):
                self._compare(sale)
            totals = {name: self._total(name) for name in self._names}
        self._sales.clear()
        return Comparison(
            year=self.year,
            methods=totals,
            differences=tuple(self._differences),
            findings=self.findings.all(),
        )

    def _hearing(self, name: str) -> Any:
        """The sink of one method's rows: a sale is compared once every method has told it."""
        last = self._names[-1]

        def hear(row: Row) -> None:
            of = row.of
            sale = (of.sold, of.position, of.account, of.asset)
            self._rows[name] += 1
            if "what-if" in of.identified:
                self._what_if.add(name)
            self._sales.setdefault(sale, {}).setdefault(name, []).append(row)
            if name == last and len(self._sales) > _MANY:
                for known in sorted(known for known in self._sales if known[0] < of.sold):
                    self._compare(known)
                    del self._sales[known]

        return hear

    def _compare(self, sale: Sale) -> None:
        rows = self._sales[sale]
        parts = {name: tuple(map(_taken, rows.get(name, ()))) for name in self._names}
        lots = {tuple((part.lot, part.quantity) for part in parts[name]) for name in self._names}
        if len(lots) > 1:
            (first, *_), *_ = rows.values()
            self._differences.append(
                Difference(
                    disposal=first.of.event,
                    account=first.of.account,
                    asset=first.of.asset,
                    sold=first.sold,
                    methods=parts,
                )
            )

    def _total(self, name: str) -> Total:
        boxes = self._forms[name].totals.get(self.year, {})
        short = sum((t.gain for box, t in boxes.items() if box in _SHORT), ZERO)
        return Total(
            short_term=cents(short),
            long_term=cents(sum((t.gain for t in boxes.values()), ZERO) - short),
            rows=self._rows[name],
            elected=name == LAWFUL or name not in self._what_if,
        )


def _taken(row: Row) -> Taken:
    return Taken(
        lot=row.of.lot,
        acquired=row.acquired,
        quantity=row.of.quantity,
        basis=row.basis,
        gain=row.gain,
        term=row.term,
    )


_MANY = 1000
_SHORT = frozenset(box for line in SHORT_LINES for box in SCHEDULE_D_LINES[line])
