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
    """A row of Form 8949. Money is USD in cents; `exact_*` is unrounded. `acquired` None: nobody knows."""

    row: int
    box: str
    description: str
    acquired: date | None
    sold: date
    proceeds: Decimal
    basis: Decimal
    code: str
    adjustment: Decimal
    gain: Decimal
    term: str
    account: str
    asset: str
    quantity: Decimal
    lot: str
    disposal: str
    kind: str
    identified: str
    missing: str
    acquired_at: datetime | None
    sold_at: datetime
    exact_proceeds: Decimal
    exact_basis: Decimal
    events: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON values."""
        shown = {name: to_json(getattr(self, name)) for name in _COLUMNS}
        shown |= {name: money(getattr(self, name)) for name in _AMOUNTS}
        shown["acquired_at"] = to_json(self.acquired_at)
        shown["sold_at"] = instant(self.sold_at)
        shown["exact"] = to_json({"proceeds": self.exact_proceeds, "basis": self.exact_basis})
        return shown


_COLUMNS = (
    *("row", "box", "description", "acquired", "sold", "proceeds", "basis", "code", "adjustment"),
    *("gain", "term", "account", "asset", "quantity", "lot", "disposal", "events", "identified"),
    *("kind", "missing"),
)
_AMOUNTS = ("proceeds", "basis", "adjustment", "gain")
_NO_ADJUSTMENT = Decimal("0.00")


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
        box = in_force(NO_FORM_BOX, year).value[term]
        total = self._total(year, box)
        proceeds = total.proceeds.add(disposal.proceeds)
        basis = total.basis.add(disposal.basis)
        total.rows += 1
        if year == self._year:
            self._row += 1
            self._sink(_row(self._row, box, term, disposal, proceeds, basis))

    def _total(self, year: int, box: str) -> BoxTotal:
        boxes = self.totals.setdefault(year, {})
        total = boxes.get(box)
        if total is None:
            total = boxes[box] = BoxTotal()
        return total


def _order(disposal: Disposal) -> tuple[int, datetime, int]:
    return disposal.position, disposal.acquired, disposal.lot_position


def _row(
    number: int, box: str, term: str, disposal: Disposal, proceeds: Decimal, basis: Decimal
) -> Row:
    known = disposal.acquired_day is not None
    events = {disposal.position, disposal.lot_position, disposal.opened_position} - {0}
    return Row(
        number,
        box,
        described(disposal),
        disposal.acquired_day,
        disposal.sold_day,
        proceeds,
        basis,
        "",
        _NO_ADJUSTMENT,
        proceeds - basis,
        term,
        disposal.account,
        disposal.asset,
        disposal.quantity,
        disposal.lot,
        disposal.event,
        disposal.kind,
        disposal.identified,
        disposal.missing,
        disposal.acquired if known else None,
        disposal.sold,
        disposal.proceeds,
        disposal.basis,
        tuple(sorted(events)),
    )


def described(disposal: Disposal) -> str:
    """Column (a): exact units and name. Source: Instructions for Form 8949 (2025), column (a)."""
    if disposal.kind == "contract":
        return disposal.asset
    words = f"{plain(disposal.quantity)} {disposal.asset}"
    return f"{words} short sale closed" if disposal.kind == "short" else words
