"""What a trade was worth and what it cost, in fractions of USD.

Costs cut what a sale brings, are part of what a purchase for cash costs, and in an exchange coin
for coin all belong to what was given (Treas. Reg. 1.1012-1(h)(2)). Units that pay a cost are
disposed of themselves (1.1001-7(b)(1)(ii)): withheld from the coin given they are sold with it,
withheld from the coin received they are of the units just received ((j)(3)(iii)), and those of a
third coin bear what disposing of them cost (1.1001-7(b)(5), Examples 2 to 5).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from domain import events as e
from domain.recorded import Recorded

Worth = Callable[[Recorded, str, Fraction], Fraction | None]


@dataclass
class Cost:
    """Units that were charged, and what was charged for paying with them."""

    asset: str
    quantity: Fraction
    on_it: list["Cost"] = field(default_factory=list)


@dataclass
class Costs:
    """`usd` in cash and at the worth of third coins; None: nobody knows."""

    usd: Fraction | None = Fraction()
    with_given: Fraction = Fraction()
    with_received: Fraction = Fraction()
    paid: list[tuple[str, Fraction, Fraction | None]] = field(default_factory=list)
    """Third coins: asset, units, and what they brought."""

    def add(self, usd: Fraction | None) -> None:
        self.usd = None if usd is None or self.usd is None else self.usd + usd


class Fees:
    """The fees charged of other events, each reckoned with once."""

    def __init__(self, log: Sequence[Recorded]) -> None:
        self._charged = [(r.account, r.event) for r in log if isinstance(r.event, e.FeeCharged)]
        self.reckoned: set[tuple[str, str]] = set()

    def costs(
        self, now: Recorded, own: list[Cost], given: str, received: str, worth: Worth
    ) -> Costs:
        """All costs of a trade: its `own` fee and penalty, and what was charged of it.

        A further charge in the coin of the trade's own fee is the cost of paying that fee.
        """
        further = list(self.of(now, now.event.id))
        for cost in own[:1]:
            if cost.quantity:
                cost.on_it += [more for more in further if more.asset == cost.asset]
                further = [more for more in further if more.asset != cost.asset]
        costs = Costs()
        for cost in [*own, *further]:
            if cost.quantity:
                self._bear(now, costs, cost, given, received, worth)
        return costs

    def of(self, now: Recorded, event: str, asset: str = "") -> Iterator[Cost]:
        """What was charged of an event (in one asset), with what was charged of that."""
        for account, fee in self._charged:
            name = (account, fee.id)
            if (
                (account, fee.of) == (now.account, event)
                and (not asset or fee.asset == asset)
                and name not in self.reckoned
            ):
                self.reckoned.add(name)
                on_it = [] if asset else list(self.of(now, fee.id))
                yield Cost(fee.asset, Fraction(fee.quantity), on_it)

    def _bear(
        self, now: Recorded, costs: Costs, cost: Cost, given: str, received: str, worth: Worth
    ) -> None:
        if cost.asset == "USD":
            costs.add(cost.quantity)
        elif cost.asset == received:
            costs.with_received += cost.quantity
        elif cost.asset == given:
            costs.with_given += cost.quantity
        else:
            costs.add(worth(now, cost.asset, cost.quantity))
            self._third(now, costs, cost, worth)
            return
        for more in cost.on_it:
            self._bear(now, costs, more, given, received, worth)

    def _third(self, now: Recorded, costs: Costs, cost: Cost, worth: Worth) -> None:
        units, brought = cost.quantity, worth(now, cost.asset, cost.quantity)
        for more in cost.on_it:
            price = worth(now, more.asset, more.quantity)
            if more.asset == cost.asset:
                units += more.quantity
                continue
            brought = None if brought is None or price is None else brought - price
            if more.asset != "USD":
                costs.paid.append((more.asset, more.quantity, price))
        costs.paid.append((cost.asset, units, brought))
