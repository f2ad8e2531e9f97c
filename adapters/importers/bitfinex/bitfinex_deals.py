"""Which rows of Bitfinex tell of one thing: one pair, quantity and price, at about one time."""

from datetime import datetime, timedelta
from decimal import Decimal

from attrs import define, field

from adapters.importers.bitfinex.bitfinex_rows import Fill, Line
from adapters.importers.layout import Entry
from domain.money import exact

WINDOW = timedelta(seconds=10)
_NEAR = Decimal("0.00001")  # prices in texts may be rounded
_LEGS = {"exchange": 2, "transfer": 2, "settlement": 2, "claim": 2, "withdrawal": 1}
_FEES = ("fee", "withdrawal fee")
_ALONE = ("transfer", "settlement", "claim", "withdrawal", "withdrawal fee")

Likeness = tuple[object, ...]
"""What rows of one deal have in common."""


@define(eq=False)
class Deal:
    """Rows that belong together so far."""

    at: datetime
    key: Likeness
    legs: list[Line] = field(factory=list)
    fee: Line | None = None
    fill: Fill | None = None
    alone: Entry | None = None
    gone: bool = False
    """Whether it went out with another deal."""
    waited: bool = False
    """Whether it was put behind later deals already."""

    @property
    def entries(self) -> list[Entry]:
        rows = (self.alone, self.fill, *self.legs, self.fee)
        return [row for row in rows if row is not None]

    @property
    def profit(self) -> Line | None:
        line = self.alone
        return line if isinstance(line, Line) and line.kind == "profit" else None


def price_near(one: Decimal | None, other: Decimal | None) -> bool:
    """Whether two prices are one, rounding apart; a price that is not told fits all."""
    if one is None or other is None or one == other:
        return True
    with exact():
        return abs(one - other) <= _NEAR * other


def likeness(entry: Entry) -> Likeness:
    """What rows of one deal have in common; () if it stands alone."""
    if isinstance(entry, Fill):
        return ("deal", entry.asset, entry.quantity)
    if not isinstance(entry, Line) or entry.says is None:
        return ()
    says = entry.says
    match entry.kind:
        case "exchange" | "fee":
            return ("deal", says.base, abs(says.quantity))
        case "transfer":
            return ("transfer", says.base, says.quantity, says.source, says.target)
        case "settlement" | "claim":
            return (entry.kind, entry.account, says.price, says.id)
        case "withdrawal" | "withdrawal fee":
            return ("withdrawal", entry.account, entry.wallet)
    return ()


def takes(deal: Deal, entry: Entry) -> bool:
    """Whether a row belongs to a deal of its key."""
    if abs(entry.at - deal.at) > WINDOW:
        return False
    if isinstance(entry, Fill):
        return deal.fill is None and all(_same_trade(entry, line) for line in _lines(deal))
    if not isinstance(entry, Line):
        return False
    if entry.kind in _FEES:
        taken = deal.fee is not None
    else:
        taken = any(leg.asset == entry.asset and _same_wallet(leg, entry) for leg in deal.legs)
        taken = taken or len(deal.legs) == _LEGS[entry.kind]
    if taken or entry.kind in _ALONE:
        return not taken
    if deal.fill is not None and not _same_trade(deal.fill, entry):
        return False
    return all(_same_deal(line, entry) for line in _lines(deal))


def _same_wallet(one: Line, other: Line) -> bool:
    return (one.account, one.wallet) == (other.account, other.wallet)


def _lines(deal: Deal) -> list[Line]:
    return [*deal.legs, deal.fee] if deal.fee else deal.legs


def _same_deal(one: Line, other: Line) -> bool:
    """Whether two lines tell of one trade: their texts agree."""
    a, b = one.says, other.says
    if a is None or b is None or one.account != other.account:
        return False
    if a.quote and b.quote and a.quote != b.quote:
        return False
    if one.kind == other.kind and (one.amount > 0) == (other.amount > 0):
        return False  # the same leg of two trades
    return price_near(a.price, b.price)


def _same_trade(fill: Fill, line: Line) -> bool:
    """Whether a line is of this trade."""
    says = line.says
    if says is None or (says.quote and says.quote != fill.quote):
        return False
    if line.derivative != bool(fill.contract):
        return False
    if line.kind == "exchange":
        gets = (line.amount > 0) == (line.asset == fill.asset)
        if gets != (fill.side == "buy"):
            return False
    return price_near(says.price, fill.price)


def put(deal: Deal, entry: Entry) -> None:
    if isinstance(entry, Fill):
        deal.fill = entry
    elif isinstance(entry, Line) and entry.kind in _FEES:
        deal.fee = entry
    elif isinstance(entry, Line) and entry.kind in _LEGS:
        deal.legs.append(entry)
    else:
        deal.alone = entry
