"""A ledger: what one account, or the whole book as if it were one, has earned and paid.

The one trick: units never move without their worth, and the worth goes to a line by name. So what
stands there, at cost, is always the sum of the lines, and with what is not yet realised:

    net worth = deposited - withdrawn + realised + unrealised + income + forgiven + funding
                - fees - interest - penalties

The whole book is one more ledger, which no transfer between its accounts touches.
"""

from collections.abc import Iterator
from decimal import Decimal

from domain.money import ZERO, ratio
from domain.recorded import Recorded
from projections.amounts import Amount, minus, plus, times, total
from projections.performance.average_cost import Holding
from projections.performance.exposure import Exposure, mark
from projections.prices import Marks

LINES = (
    "deposited",
    "withdrawn",
    "income",
    "forgiven",
    "fees",
    "interest",
    "interest_paid",
    "funding",
    "penalties",
)
"""What a ledger adds up, in the book's currency; all but funding are above zero."""

Name = tuple[str, str]
"""A position's or contract's account and name."""


class Leveraged:
    """A position: signed units, and what they cost in the quote (below zero: brought)."""

    __slots__ = ("asset", "cost", "moved", "quantity", "quote", "realised", "side", "status")

    def __init__(self, asset: str, quote: str) -> None:
        self.asset = asset
        self.quote = quote
        self.side = ""
        self.quantity = ZERO
        self.cost = ZERO
        self.realised: Amount = ZERO
        self.status = "open"
        self.moved: Recorded | None = None

    @property
    def average_entry(self) -> Decimal | None:
        """What one unit cost, or brought, in the quote; None where nothing is open."""
        return ratio(self.cost, self.quantity) if self.quantity else None

    def unrealised(self, marks: Marks) -> Amount:
        """What closing it at the marks would earn."""
        return minus(
            times(self.quantity, mark(marks, self.asset)), times(self.cost, mark(marks, self.quote))
        )


class Contract:
    """What a derivative settled: results, and funding, in the book's currency."""

    __slots__ = ("funding", "realised")

    def __init__(self) -> None:
        self.realised: Amount = ZERO
        self.funding: Amount = ZERO


class Ledger:
    """The fold's state for one account or the book. Units of the book's currency are its cash."""

    def __init__(self, name: str, currency: str) -> None:
        self.name = name
        self.currency = currency
        self.cash = ZERO
        self.holdings: dict[str, Holding] = {}
        self.positions: dict[Name, Leveraged] = {}
        self.contracts: dict[Name, Contract] = {}
        self.lines: dict[str, Amount] = dict.fromkeys(LINES, ZERO)
        self.exposure = Exposure()
        self.debts = Exposure()

    # What happened --------------------------------------------------------------------------------

    def move(self, recorded: Recorded, asset: str, units: Decimal, worth: Amount) -> None:
        """Units came (above zero) or went, with their worth."""
        if not units and worth == 0:
            return
        self.exposure.add(asset, units)
        if asset == self.currency:
            self.cash += units
        else:
            self._holding(asset).move(recorded, units, worth)

    def add(self, line: str, amount: Amount) -> None:
        """A line grew."""
        self.lines[line] = plus(self.lines[line], amount)

    def owe(self, asset: str, units: Decimal) -> None:
        """More is owed, or less."""
        self.debts.add(asset, units)

    def stand(
        self, recorded: Recorded, name: Name, asset: str, quote: str, units: Decimal, cost: Decimal
    ) -> Leveraged:
        """A position has these signed units at this signed cost now."""
        position = self.positions.get(name)
        if position is None:
            position = self.positions[name] = Leveraged(asset, quote)
        self.exposure.add(position.asset, -position.quantity)
        self.exposure.add(position.quote, position.cost)
        self.exposure.add(asset, units)
        self.exposure.add(quote, -cost)
        position.asset, position.quote, position.moved = asset, quote, recorded
        position.quantity, position.cost = units, cost
        if units:
            position.side, position.status = ("long" if units > 0 else "short"), "open"
        return position

    def contract(self, name: Name) -> Contract:
        """A derivative's results."""
        return self.contracts.setdefault(name, Contract())

    def begin(self) -> None:
        """Another period begins: what was earned and paid before it is forgotten, costs are not."""
        self.lines = dict.fromkeys(LINES, ZERO)
        self.holdings = {a: h for a, h in self.holdings.items() if h.quantity}
        self.positions = {name: p for name, p in self.positions.items() if p.quantity}
        self.contracts = {}
        for holding in self.holdings.values():
            holding.realised = ZERO
        for position in self.positions.values():
            position.realised = ZERO

    # What stands there ----------------------------------------------------------------------------

    def quantity(self, asset: str) -> Decimal:
        """Units held less units owed."""
        if asset == self.currency:
            return self.cash
        holding = self.holdings.get(asset)
        return ZERO if holding is None else holding.quantity

    @property
    def realised(self) -> Amount:
        """The results of units parted with, of positions closed and of contracts settled."""
        held = total(holding.realised for holding in self.holdings.values())
        closed = total(position.realised for position in self.positions.values())
        return plus(plus(held, closed), total(one.realised for one in self.contracts.values()))

    def unrealised(self, marks: Marks) -> Amount:
        """What parting with everything at the marks would earn besides."""
        held = (unrealised(asset, one, marks) for asset, one in self.holdings.items())
        return plus(total(held), total(one.unrealised(marks) for one in self.positions.values()))

    def unpriced(self, marks: Marks) -> Iterator[tuple[Recorded, str]]:
        """Assets that live here and have no mark, with what moved them last."""
        for asset, holding in self.holdings.items():
            if holding.quantity and holding.moved and mark(marks, asset) is None:
                yield holding.moved, asset
        for position in self.positions.values():
            for asset in (position.asset, position.quote):
                if position.quantity and position.moved and mark(marks, asset) is None:
                    yield position.moved, asset

    def _holding(self, asset: str) -> Holding:
        holding = self.holdings.get(asset)
        if holding is None:
            holding = self.holdings[asset] = Holding()
        return holding


def unrealised(asset: str, holding: Holding, marks: Marks) -> Amount:
    """What parting with a holding at its mark would earn."""
    return minus(times(holding.quantity, mark(marks, asset)), holding.cost)
