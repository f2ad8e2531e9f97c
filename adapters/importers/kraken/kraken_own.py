"""Own units taken for what a margin entry costs, and what the venue gave for them.

Where the quote cannot cover a loss, Kraken takes other assets under the same reference. That sells
own units: the gain on them may be far from the loss on the position. The file does not price them.
What the fills cost and the quote did not bear was paid by the others: one other asset bears it all,
exactly; of several, the traded coin counts at the trade's price, a stable coin of the quote at par,
and the one that is left bears the rest.
Source: Kraken's help, "Differences between ledger and trades history": several deductions of one
refid.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from adapters.importers.assets import STABLE, dust
from adapters.importers.fills import price_of
from adapters.importers.kraken.kraken_rows import Group
from adapters.importers.reading import Unclear
from adapters.importers.table import plain
from domain.events import Filled, Liquidated
from domain.money import ZERO

_FAR = Decimal("0.05")


@frozen
class Deal:
    """The trade that own units paid for: its name, time, pair, price, and whether it was forced."""

    id: str
    at: datetime
    base: str
    quote: str
    price: Decimal
    forced: bool


def take_own(group: Group, deal: Deal, taken: Mapping[str, Decimal], wanted: Decimal) -> None:
    """Add the sales of own units that brought in `wanted` of the quote (below zero: purchases).

    `taken` is what each other asset's balance did, below zero where units went. Raises `Unclear`
    where the amounts contradict each other, or cannot be valued.
    """
    for name, value in _values(group, deal, taken, wanted).items():
        quantity = abs(taken[name])
        kind = Liquidated if deal.forced else Filled
        group.events.append(
            kind(
                at=deal.at,
                id=f"{deal.id}/own-{name}",
                sequence=group.turn(deal.at),
                side="sell" if value > 0 else "buy",
                asset=name,
                quantity=quantity,
                quote=deal.quote,
                price=deal.price if name == deal.base else price_of(abs(value), quantity),
                amount=plain(abs(value)),
            )
        )


def _values(
    group: Group, deal: Deal, taken: Mapping[str, Decimal], wanted: Decimal
) -> dict[str, Decimal]:
    """What each asset brought in (below zero: cost) in the quote; together they are `wanted`."""
    estimates = {name: _estimate(name, -amount, deal) for name, amount in sorted(taken.items())}
    bearer = _bearer(estimates, deal)
    values = {name: value or ZERO for name, value in estimates.items()}
    estimate = values[bearer]
    values[bearer] += wanted - sum(values.values(), ZERO)
    if values[bearer] * taken[bearer] >= 0:
        problem = (
            f"the ledger's net profit differs from the gross fills by {plain(wanted):f}"
            f" {deal.quote}, which {taken[bearer]:f} {bearer} does not explain"
        )
        raise Unclear(problem, "Were trades or ledger entries edited, or is one missing?")
    if estimate and abs(values[bearer] - estimate) > abs(estimate) * _FAR + dust(deal.quote):
        group.remark(
            f"{abs(taken[bearer]):f} {bearer} stood for {plain(abs(values[bearer])):f} {deal.quote}"
            f" here, while the trade's price makes it {plain(abs(estimate)):f}",
            "Check this trade with the venue",
        )
    return values


def _estimate(name: str, sold: Decimal, deal: Deal) -> Decimal | None:
    """What units are worth in the quote, as far as the rows tell."""
    if name == deal.base:
        return sold * deal.price
    if name in STABLE.get(deal.quote, ()) or deal.quote in STABLE.get(name, ()):
        return sold
    return None


def _bearer(estimates: Mapping[str, Decimal | None], deal: Deal) -> str:
    """The asset that bears what the others leave. Raises `Unclear`."""
    unknown = [name for name, value in estimates.items() if value is None]
    if len(unknown) > 1:
        problem = f"takes {' and '.join(unknown)} for one loss: their shares of it cannot be told"
        raise Unclear(problem, "Enter what each was worth by hand, as native lines")
    return unknown[0] if unknown else deal.base if deal.base in estimates else max(estimates)
