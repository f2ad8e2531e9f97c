"""Form 8949: one row a lot slice, by box, in cents.

The one trick: a row's cents are the growth of its box's rounded running total, so rows add up to
the rounded exact total and dust never vanishes (domain/money.py). Rows stream: a row goes to `sink`
as soon as the instant of its sale is over, ordered by (sold, the disposal's position in the log,
acquired).
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.lot import Disposal
from domain.money import Cents, plain
from projections.report import instant, money, to_json
from projections.tax.us.law import NO_FORM_BOX, in_force


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
    adjustment: Decimal = Decimal("0.00")

    @property
    def gain(self) -> Decimal:
        """Column (h) = (d) - (e) + (g)."""
        return self.proceeds - self.basis + self.adjustment

    @property
    def description(self) -> str:
        """Column (a): exact units and name (Instructions for Form 8949 (2025), column (a))."""
        if self.of.kind in ("contract", "rebate"):
            return self.of.asset
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
    def events(self) -> tuple[int, ...]:
        """Log positions of the events that made the row."""
        positions = {self.of.position, self.of.lot_position, self.of.opened_position}
        return tuple(sorted(positions - {0}))

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON values."""
        of = self.of
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
            "exact": {"proceeds": plain(of.proceeds), "basis": plain(of.basis)},
        }


class BoxTotal:
    """One box of one year: printed totals of columns (d) and (e)."""

    __slots__ = ("basis", "proceeds", "rows")

    def __init__(self) -> None:
        self.proceeds = Cents()
        self.basis = Cents()
        self.rows = 0

    @property
    def gain(self) -> Decimal:
        return self.proceeds.printed - self.basis.printed


class Form8949:
    """Rows of one year, and box totals of every year (losses are carried from year to year)."""

    def __init__(self, year: int, sink: Callable[[Row], None]) -> None:
        self._year = year
        self._sink = sink
        self._instant: list[Disposal] = []
        self._row = 0
        self._boxes: dict[tuple[int, str], tuple[str, BoxTotal]] = {}
        self.totals: dict[int, dict[str, BoxTotal]] = {}

    def add(self, disposal: Disposal) -> None:
        """Take a disposal, in the order of the replay."""
        instant = self._instant
        if instant and instant[0].sold != disposal.sold:
            self.close()
        self._instant.append(disposal)

    def close(self) -> None:
        """The instant is over: its disposals become rows."""
        instant = self._instant
        if len(instant) > 1:
            instant.sort(key=_order)
        for disposal in instant:
            self._print(disposal)
        instant.clear()

    def _print(self, disposal: Disposal) -> None:
        year = disposal.sold_day.year
        term = "long" if disposal.long else "short"
        box, total = self._boxes.get((year, term)) or self._box(year, term)
        proceeds = total.proceeds.add(disposal.proceeds)
        basis = total.basis.add(disposal.basis)
        total.rows += 1
        if year == self._year:
            self._row += 1
            self._sink(Row(self._row, box, term, proceeds, basis, disposal))

    def _box(self, year: int, term: str) -> tuple[str, BoxTotal]:
        box = in_force(NO_FORM_BOX, year).value[term]
        found = self._boxes[year, term] = box, BoxTotal()
        self.totals.setdefault(year, {})[box] = found[1]
        return found


def _order(disposal: Disposal) -> tuple[int, datetime, int]:
    return disposal.position, disposal.acquired, disposal.lot_position
