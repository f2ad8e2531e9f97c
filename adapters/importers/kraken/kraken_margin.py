"""What Kraken's margin entries mean: positions opened and closed.

The venue lends the whole cost of a long and the whole volume of a short, and keeps both apart from
the balances: an entry shows only the profit or loss of what was closed, less fees. The fill comes
from the trades file; the entry says what it did to the balance, and both must agree.
Source: Kraken's help, "Differences between ledger and trades history", "How to interpret trades
history fields"; API reference, TradesHistory (`misc`: "closing: trade closes all or part of a
position").
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adapters.importers.assets import dust
from adapters.importers.fills import Fee, fee_fields, quotient, rounded, split
from adapters.importers.kraken.kraken_fills import charge, fees_of, pair_of
from adapters.importers.kraken.kraken_own import Deal, take_own
from adapters.importers.kraken.kraken_positions import EARLIER, Part, Position, Positions
from adapters.importers.kraken.kraken_rows import Group, Trade
from adapters.importers.reading import Unclear
from adapters.importers.table import plain
from domain.events import Filled, InterestCharged, Liquidated
from domain.money import ZERO, ratio

_OTHER_SIDE = {"buy": "sell", "sell": "buy"}


def read_margin(group: Group, trade: Trade, positions: Positions) -> None:
    """A fill that opens or closes a position."""
    base, quote = pair_of(group, trade)
    if _closes(group, trade, positions, base, quote):
        _closed(group, trade, positions, base, quote)
    else:
        _opened(group, trade, positions, base, quote)


def _closes(group: Group, trade: Trade, positions: Positions, base: str, quote: str) -> bool:
    """Whether a fill closes: no one column says so in the files of all years."""
    if "closing" in trade.words or trade.position in positions:
        return True
    if trade.status in ("open", "closed"):  # the state of the position that this trade opened
        return False
    if group.net() or trade.margin:
        return bool(group.net())
    if positions.of_pair(base, quote, _OTHER_SIDE[trade.side]):
        return True
    raise Unclear("neither opens nor closes a position: no margin used, no profit made", EARLIER)


# Opening ------------------------------------------------------------------------------------------


def _opened(group: Group, trade: Trade, positions: Positions, base: str, quote: str) -> None:
    if group.net():
        raise Unclear("opens a position, yet its ledger entry moves a balance")
    fee, others = fees_of(group, (quote, base))
    fee, interest = _opening_fee(fee, trade, base, quote)
    group.events.append(
        _kind(trade)(
            **_fill(group, trade),
            asset=base,
            quantity=trade.volume,
            quote=quote,
            amount=trade.cost,
            position=trade.txid,
            leverage=quotient(trade.cost, trade.margin) if trade.margin > 0 < trade.cost else None,
            **fee_fields(fee, quote),
        )
    )
    if interest:
        group.events.append(
            InterestCharged(
                at=trade.at,
                id=f"{trade.txid}/opening",
                sequence=group.turn(trade.at),
                asset=interest[0],
                quantity=interest[1],
                settled="balance",
                loan=trade.txid,
            )
        )
    charge(group, others, trade.txid, trade.at)
    positions.open(Position(trade.txid, base, quote, trade.side, trade.volume, trade.cost))


def _opening_fee(
    fee: Fee | None, trade: Trade, base: str, quote: str
) -> tuple[Fee | None, Fee | None]:
    """Part the one fee of an opening entry into the trading fee and the first interest on the loan.

    The trades file's fee tells the trading fee in the quote; taken in the base, it is that at the
    trade's price. Taken in anything else, the fee stays whole.
    """
    if fee is None or fee[0] not in (base, quote):
        return fee, None
    name, taken = fee
    trading = max(ZERO, trade.fee)
    if name != quote:
        trading = rounded(ratio(trading, trade.price), 10)
    if trading >= taken:
        return fee, None
    return (name, trading), (name, plain(taken - trading))


# Closing ------------------------------------------------------------------------------------------


def _closed(group: Group, trade: Trade, positions: Positions, base: str, quote: str) -> None:
    parts = positions.take(_to_close(trade, positions, base, quote), trade.volume)
    sign = 1 if trade.side == "sell" else -1
    cost = sum((part.cost for part in parts), ZERO)
    made = sign * (trade.cost - cost)
    amounts = split(trade.cost, [part.quantity for part in parts])
    taken = group.net()
    booked = taken.pop(quote, ZERO)
    if not taken:
        # What the balance did is certain: the fill's amount is made to agree with it.
        if not trade.position and positions.midway and abs(made - booked) > dust(quote):
            raise Unclear("may close a position opened before these files", EARLIER)
        compare(group, made, booked, quote)
        amounts[-1] += sign * (booked - made)
    if min(amounts) < 0:
        raise Unclear("loses more than the position was worth", "Was one of the files edited?")
    _add_closing(group, trade, parts, amounts)
    if taken:
        deal = Deal(trade.txid, trade.at, base, quote, trade.price, trade.forced)
        take_own(group, deal, taken, booked - made)


def _to_close(trade: Trade, positions: Positions, base: str, quote: str) -> Sequence[Position]:
    """The positions that a fill closes, in turn. Raises `Unclear`."""
    side = _OTHER_SIDE[trade.side]
    if not trade.position:
        return positions.of_pair(base, quote, side)
    named = positions.named(trade.position)
    if not named:
        raise Unclear(f"closes position {trade.position}, which these files did not open", EARLIER)
    if (named[0].base, named[0].quote, named[0].side) != (base, quote, side):
        raise Unclear(f"closes position {trade.position}, which is of another pair or side")
    return named


def compare(group: Group, gross: Decimal, booked: Decimal, quote: str) -> None:
    """Remark on a ledger's profit that is not that of the fills, rounding apart."""
    if abs(gross - booked) > dust(quote):
        group.remark(
            f"the net profit in the ledger is {booked:f} {quote}, that of the gross fills"
            f" {rounded(gross, 10):f}: the ledger's counts",
            "Was one of the files edited, or is another position closed here?",
        )


def _add_closing(group: Group, trade: Trade, parts: list[Part], amounts: list[Decimal]) -> None:
    """One fill for each position that the trade closes."""
    base, quote = parts[0].position.base, parts[0].position.quote
    own, others = fees_of(group, (quote, base))
    shares = split(own[1] if own else ZERO, [part.quantity for part in parts])
    for count, (part, amount, fee) in enumerate(zip(parts, amounts, shares, strict=True), start=1):
        group.events.append(
            _kind(trade)(
                **_fill(group, trade, count),
                asset=base,
                quantity=part.quantity,
                quote=quote,
                amount=plain(amount),
                position=part.position.id,
                **fee_fields((own[0], fee) if own else None, quote),
            )
        )
    charge(group, others, trade.txid, trade.at)


# What all fills have ------------------------------------------------------------------------------


def _kind(trade: Trade) -> type[Filled]:
    return Liquidated if trade.forced else Filled


def _fill(group: Group, trade: Trade, count: int = 1) -> dict[str, Any]:
    """What a fill takes from its trade as it stands."""
    return {
        "at": trade.at,
        "id": trade.txid if count == 1 else f"{trade.txid}/{count}",
        "sequence": group.turn(trade.at),
        "side": trade.side,
        "price": trade.price,
        "order": trade.order or None,
    }
