"""Positions that Kraken delivers instead of closing, and the interest it takes while they are open.

A long pays its cost and receives the units, a short delivers own units and receives its proceeds.
It is no trade: the units are owned since the position was opened.
"""

from decimal import Decimal

from adapters.importers.fills import price_of, split
from adapters.importers.kraken.kraken_fills import charge, pair_of
from adapters.importers.kraken.kraken_margin import compare
from adapters.importers.kraken.kraken_own import Deal, take_own
from adapters.importers.kraken.kraken_positions import EARLIER, Part, Position, Positions
from adapters.importers.kraken.kraken_rows import Group, Trade
from adapters.importers.reading import Unclear
from adapters.importers.table import plain
from domain.events import InterestCharged, PositionSettled
from domain.money import ZERO


def read_rollover(group: Group) -> None:
    """Interest for four hours, taken at once; the reference is the position."""
    entry = group.entries[0]
    taken = entry.charge - entry.amount
    if taken <= 0:
        raise Unclear("gives interest back", "Enter it by hand as a native line")
    group.events.append(
        InterestCharged(
            at=group.at,
            id=entry.txid,
            sequence=group.turn(group.at),
            asset=entry.asset,
            quantity=taken,
            settled="balance",
            loan=entry.refid or None,
        )
    )


def read_settled(group: Group, trade: Trade | None, positions: Positions) -> None:
    """A position delivered, in full or in part."""
    taken = group.net()
    base, quote, found = _found(group, trade, positions, taken)
    moved, paid = taken.pop(base, ZERO), -taken.pop(quote, ZERO)
    sign = 1 if moved > 0 else -1
    if not moved:
        raise Unclear(f"settles a position, but delivers no {base}", "Is a ledger entry missing?")
    if not found and trade and "closing" in trade.words and trade.position:
        # Opened before these files: the trade names the position, and its cost.
        before = Position(trade.position, base, quote, trade.side, abs(moved), trade.cost)
        parts = [Part(before, abs(moved), trade.cost)]
    else:
        parts = positions.take(found, abs(moved))
    cost = plain(sum((part.cost for part in parts), ZERO))
    total = paid * sign
    if taken:
        total = cost  # what the quote did not bear, other assets did
    elif total <= 0:
        raise Unclear(f"delivers {base} without its {quote}", "Is a ledger entry missing?")
    else:
        compare(group, -cost * sign, -paid, quote)
    at = group.at
    id_ = min(entry.txid for entry in group.entries if entry.asset == base)
    amounts = split(total, [part.cost or part.quantity for part in parts])
    for count, (part, amount) in enumerate(zip(parts, amounts, strict=True), start=1):
        group.events.append(
            PositionSettled(
                at=at,
                id=id_ if count == 1 else f"{id_}/{count}",
                sequence=group.turn(at),
                position=part.position.id,
                asset=base,
                quantity=part.quantity,
                quote=quote,
                amount=amount,
            )
        )
    if taken:
        price = price_of(total, abs(moved))
        deal = Deal(id_, at, base, quote, price, trade is not None and trade.forced)
        take_own(group, deal, taken, total * sign - paid)
    charge(group, [*group.fees().items()], id_, at)


def _found(
    group: Group, trade: Trade | None, positions: Positions, net: dict[str, Decimal]
) -> tuple[str, str, list[Position]]:
    """Base, quote, and the positions that may be delivered, in turn. Raises `Unclear`."""
    refid = group.entries[0].refid
    named = positions.named(trade.position if trade else "") or positions.named(refid)
    if named:
        return named[0].base, named[0].quote, named
    if trade is not None:
        base, quote = pair_of(group, trade)
        return (
            base,
            quote,
            positions.of_pair(base, quote, "buy" if net.get(base, ZERO) > 0 else "sell"),
        )
    ways = {
        (position.base, position.quote)
        for name, amount in net.items()
        for position in positions.of_asset(name, "buy" if amount > 0 else "sell")
    }
    if len(ways) != 1:
        raise Unclear("settles a position that these files did not open", EARLIER)
    base, quote = ways.pop()
    return base, quote, positions.of_pair(base, quote, "buy" if net[base] > 0 else "sell")
