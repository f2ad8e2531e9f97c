"""Which fills a line `Position closed @ p` tells of: it names neither pair nor quantity.

The one trick: what each margin fill of these seconds wins is known beforehand, for positions net by
pair. So a line goes to the fill that wins its amount, then to several fills that do so together,
and only then to one at its price, which is remarked on later.
"""

from collections.abc import Sequence
from decimal import Decimal

from adapters.importers.assets import dust
from adapters.importers.bitfinex.bitfinex_deals import Deal, price_near
from adapters.importers.bitfinex.bitfinex_positions import Pair, Position, Positions
from adapters.importers.bitfinex.bitfinex_rows import Fill, Line
from domain.money import ZERO


def told_with(
    deal: Deal, fill: Fill, others: Sequence[Deal], lines: Sequence[Deal], positions: Positions
) -> list[Deal]:
    """A margin trade with further ones and the line that tells of them, where there is one.

    `others` are the margin trades that follow within seconds, `lines` those of profit.
    """
    lines = [line for line in lines if _fits(line.profit, fill)]
    if not lines:
        return [deal]
    if fill.contract:
        return [deal, *[line for line in lines if price_near(_price(line), fill.price)][:1]]
    wins = _wins([deal, *others], positions)
    position = positions.of((fill.asset, fill.quote))
    untold = position.untold if position else ZERO
    lines = sorted(lines, key=lambda line: not price_near(_price(line), fill.price))
    together, line = _exactly(deal, fill, others, wins, untold, lines)
    if line is not None:
        return [*together, line]
    if wins[0] is not None and abs(wins[0] + untold) <= dust(fill.quote):
        return [deal]  # what wins nothing is not shown
    lines = [line for line in lines if not _is_anothers(line, others, wins[1:])]
    priced = [line for line in lines if price_near(_price(line), fill.price)]
    if priced or wins[0] is None:
        return [deal, *priced[:1]]
    loose = [line for line in lines if not any(_at_price(line, other) for other in others)]
    return [*together, loose[0]] if loose else [deal]


def _exactly(
    deal: Deal,
    fill: Fill,
    others: Sequence[Deal],
    wins: Sequence[Decimal | None],
    untold: Decimal,
    lines: Sequence[Deal],
) -> tuple[list[Deal], Deal | None]:
    """The fills of one pair, from the first on, that win just what a line says; and the line."""
    together, bound = [deal], dust(fill.quote)
    if wins[0] is None:
        return together, None
    won = wins[0]
    for line in lines:
        if abs(_amount(line) - won) <= bound or abs(_amount(line) - won - untold) <= bound:
            return together, line
    for other, more in zip(others, wins[1:], strict=True):
        next_ = other.fill
        if next_ is None or (next_.asset, next_.quote) != (fill.asset, fill.quote):
            continue
        if more is None or next_.side != fill.side:
            break
        together.append(other)
        won += more
        for line in lines:
            if abs(_amount(line) - won - untold) <= bound * len(together):
                return together, line
    return together, None


def _wins(deals: Sequence[Deal], positions: Positions) -> list[Decimal | None]:
    """What each of these fills wins on what it closes (None: it closes nothing)."""
    left: dict[Pair, Position | None] = {}
    wins: list[Decimal | None] = []
    for deal in deals:
        fill, won = deal.fill, None
        if fill is None or fill.contract:
            wins.append(None)
            continue
        pair = (fill.asset, fill.quote)
        if pair not in left:
            known = positions.of(pair)
            left[pair] = known.copy() if known else None
        position, rest = left[pair], fill.quantity
        if position is not None and position.side != fill.side:
            closed, won = position.made(fill)
            rest -= closed
        if rest and (position is None or not position.quantity):
            position = left[pair] = Position("", *pair, fill.side)
        if rest and position is not None:
            position.add(rest, rest * fill.price)
        wins.append(won)
    return wins


def _is_anothers(line: Deal, others: Sequence[Deal], wins: Sequence[Decimal | None]) -> bool:
    """Whether a later fill wins just what a line says."""
    return any(
        won and other.fill and _fits(line.profit, other.fill) and _near(line, won, other.fill.quote)
        for other, won in zip(others, wins, strict=True)
    )


def _near(line: Deal, won: Decimal, quote: str) -> bool:
    return abs(_amount(line) - won) <= dust(quote)


def _at_price(line: Deal, other: Deal) -> bool:
    fill = other.fill
    return fill is not None and _fits(line.profit, fill) and price_near(_price(line), fill.price)


def _fits(line: Line | None, fill: Fill) -> bool:
    """Whether a line of profit may be a fill's: of its quote and account."""
    if line is None or (line.account, line.asset) != (fill.account, fill.quote):
        return False
    return line.derivative == bool(fill.contract)


def _amount(deal: Deal) -> Decimal:
    return deal.profit.amount if deal.profit is not None else ZERO


def _price(deal: Deal) -> Decimal | None:
    line = deal.profit
    return line.says.price if line is not None and line.says is not None else None
