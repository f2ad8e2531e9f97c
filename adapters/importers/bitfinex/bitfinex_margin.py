"""What Bitfinex's margin rows mean: positions opened, reduced, closed, claimed, liquidated.

The venue lends the whole cost of a long and the whole volume of a short beside the balances, so the
ledger shows only fees, what the loan costs, and the profit or loss of what was closed. The fills
come from the trades; the ledger says what they did to the balance, and both must agree.
Source: Bitfinex API, "Claim Position" (base price: the average of the orders of the position).
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import define, field

from adapters.importers.assets import dust
from adapters.importers.bitfinex.bitfinex_positions import Position, Positions
from adapters.importers.bitfinex.bitfinex_rows import Fill, Line
from adapters.importers.fills import Fee, fee_fields, rounded, split
from adapters.importers.group import Group
from adapters.importers.layout import Entry
from adapters.importers.reading import Unclear
from adapters.importers.table import plain
from domain.events import (
    Filled,
    IncomeReceived,
    Liquidated,
)
from domain.money import ZERO

BOTH_FILES = "Export ledgers and trades for the same time, and give both in one import"
EARLIER = (
    "Export trades and ledgers from the position's opening on, and give all files in one import"
)


@define
class Part:
    """One event that a fill becomes: what it closes of a position, or opens."""

    fill: Fill
    id: str
    position: Position
    quantity: Decimal
    amount: Decimal
    fee: Fee | None
    closes: bool


@define
class Rows:
    """The rows of one margin deal: its fills, their fees, and the lines of profit."""

    fills: list[Fill] = field(factory=list)
    fees: list[Line] = field(factory=list)
    profits: list[Line] = field(factory=list)

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Rows":
        rows = cls()
        for entry in entries:
            if isinstance(entry, Fill):
                rows.fills.append(entry)
            elif isinstance(entry, Line):
                (rows.profits if entry.kind == "profit" else rows.fees).append(entry)
        return rows

    def fee_of(self, fill: Fill) -> Line | None:
        """The line of a fill's fee."""
        for line in self.fees:
            says = line.says
            if says and says.quantity == fill.quantity and says.base == fill.asset:
                self.fees.remove(line)
                return line
        return None


def read_margin(group: Group, positions: Positions) -> None:
    """Fills that open, add to, reduce, close or turn a position. Raises `Unclear`."""
    rows = Rows.of(group.entries)
    first = rows.fills[0]
    pair = (first.asset, first.quote)
    if pair in positions.lost:
        raise Unclear("is of a position of which other rows could not be read", EARLIER)
    try:
        _read_fills(group, rows, positions)
    except Unclear:
        positions.lose(pair)
        raise


def _read_fills(group: Group, rows: Rows, positions: Positions) -> None:
    at = min(entry.at for entry in group.entries)
    forced = any(line.says is not None and line.says.forced for line in rows.profits)
    parts: list[Part] = []
    for fill in rows.fills:
        told_by_ledger(fill, rows)
        parts += _parts(group, fill, rows, positions, at)
    closing = [part for part in parts if part.closes]
    if rows.profits or any(part.position.closed for part in closing):
        _agree(group, rows, closing)
    for part in parts:
        _add(group, part, at, forced=forced and part.closes)


def told_by_ledger(fill: Fill, rows: Rows) -> None:
    """Refuse a trade of which the ledger does not show that it was on margin. Raises `Unclear`."""
    if any(line.account != fill.account for line in rows.fees):
        problem = "its fee stands on the exchange wallet, and its exchange is missing"
        raise Unclear(problem, BOTH_FILES, "#", fill.id)
    if rows.fees or rows.profits:
        return
    if not fill.covered:
        problem = "whether this trade was spot or margin cannot be told without the ledger"
        raise Unclear(problem, BOTH_FILES)
    if fill.fee:
        problem = "neither this trade nor its fee stands in the ledger"
        raise Unclear(problem, BOTH_FILES, "#", fill.id)


def _parts(group: Group, fill: Fill, rows: Rows, positions: Positions, at: datetime) -> list[Part]:
    """What a fill closes, then what it opens."""
    pair = (fill.asset, fill.quote)
    fee = _fee(group, fill, rows)
    position = positions.of(pair)
    parts: list[Part] = []
    left, amount = fill.quantity, fill.quantity * fill.price
    if position is not None and position.side != fill.side:
        closed, won = position.made(fill)
        position.untold += won
        left -= closed
        paid, amount = closed * fill.price, amount - closed * fill.price
        parts.append(Part(fill, fill.id, position, closed, paid, fee, closes=True))
        if not position.quantity:
            positions.end(position, at)
            position = None
    if left:
        id_ = fill.id if not parts else f"{fill.id}/2"
        position = position or positions.open(id_, pair, fill.side)
        position.add(left, amount)
        parts.append(Part(fill, id_, position, left, amount, fee, closes=False))
    if len(parts) > 1 and fee:
        shares = split(fee[1], [part.quantity for part in parts])
        for part, taken in zip(parts, shares, strict=True):
            part.fee = (fee[0], taken)
    return parts


def _fee(group: Group, fill: Fill, rows: Rows) -> Fee | None:
    """The fee as the ledger took it; the trades file's is only compared. Raises `Unclear`."""
    line = rows.fee_of(fill)
    if line is None:
        if fill.fee:
            raise Unclear("its fee is missing in the ledger", BOTH_FILES, "FEE", f"{-fill.fee:f}")
        return None
    taken = -line.amount
    if line.asset == fill.fee_asset and abs(taken - fill.fee) > dust(line.asset):
        group.remark(
            f"the trades tell a fee of {fill.fee:f} {fill.fee_asset}, the ledger takes {taken:f},"
            " which counts"
        )
    return (line.asset, taken)


def _agree(group: Group, rows: Rows, closing: list[Part]) -> None:
    """Make the fills agree with what the ledger booked for them. Raises `Unclear`.

    The ledger may be silent on a part of a position, and tell all at its end.
    """
    booked = sum((line.amount for line in rows.profits), ZERO)
    if not closing:
        raise Unclear("closes a position that these files did not open", EARLIER)
    last = closing[-1]
    position, quote = last.position, last.position.quote
    made = position.untold
    if not rows.profits:
        if abs(made) > dust(quote):
            group.remark(
                f"it ends with {rounded(made, 8):f} {quote} which the ledger does not show",
                "Are rows of the ledger missing?",
            )
        return
    off = booked - made
    if abs(off) > dust(quote) * len(closing):
        group.remark(
            f"the net profit in the ledger is {booked:f} {quote}, that of the gross fills"
            f" {rounded(made, 8):f}: the ledger's counts",
            "Was one of the files edited, or is a row missing?",
        )
    last.amount += off if position.side == "buy" else -off
    if last.amount < 0:
        raise Unclear("loses more than the position was worth", "Was one of the files edited?")
    position.untold = ZERO


def _add(group: Group, part: Part, at: datetime, *, forced: bool) -> None:
    fill, fee = part.fill, part.fee
    own = fee if fee and fee[1] > 0 else None
    group.add(
        Liquidated if forced else Filled,
        at=at,
        id=part.id,
        account=fill.account,
        side=fill.side,
        asset=fill.asset,
        quantity=part.quantity,
        quote=fill.quote,
        price=fill.price,
        amount=plain(part.amount),
        position=part.position.id,
        order=fill.order or None,
        **fee_fields(own, fill.quote),
    )
    if fee and fee[1] < 0:
        rebate(group, fee, part.id, at, fill.account)


def rebate(group: Group, fee: Fee, of: str, at: datetime, account: str) -> None:
    """A fee below zero: it was given."""
    fields: dict[str, Any] = {"asset": fee[0], "quantity": -fee[1], "kind": "rebate"}
    group.add(IncomeReceived, at=at, id=f"{of}/rebate-{fee[0]}", account=account, **fields)
