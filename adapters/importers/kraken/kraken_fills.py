"""What trades and fees of Kraken's rows have in common: who pays which fee, and exact splits.

Ids: a fill bears its trade's txid. What else the same rows say is named after it: `TXID/2` the part
of another position, `TXID/opening` the fee for opening it, `TXID/own-BTC` own units sold to pay for
a loss, `TXID/fee-BTC` a second fee, `TXID/rebate-BTC` a fee given back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.importers.fills import Fee
from adapters.importers.kraken.kraken_codes import split_pair
from adapters.importers.kraken.kraken_rows import Group, Trade
from adapters.importers.reading import Unclear
from domain.events import FeeCharged, IncomeReceived


def pair_of(group: Group, trade: Trade) -> tuple[str, str]:
    """Base and quote of the group's trade. Raises `Unclear`."""
    pair = split_pair(trade.pair, frozenset([entry.asset for entry in group.entries]))
    if pair is None:
        problem = "cannot be split into base and quote"
        raise Unclear(problem, "Newer exports write BTC/USD", column="pair", value=trade.pair)
    return pair


def fees_of(group: Group, first: Sequence[str]) -> tuple[Fee | None, list[Fee]]:
    """The fee that a fill bears itself, and the rest. The assets named `first` come first.

    A fee below zero was given back: no fill bears it.
    """
    fees = [*group.fees().items()]
    if not fees or (len(fees) == 1 and fees[0][1] > 0):
        return (fees[0] if fees else None), []
    fees.sort(key=lambda fee: (first.index(fee[0]) if fee[0] in first else len(first), fee[0]))
    own = next((fee for fee in fees if fee[1] > 0), None)
    return own, [fee for fee in fees if fee is not own]


def charge(group: Group, fees: Sequence[Fee], of: str, at: datetime) -> None:
    """Add fees that the event `of` cannot carry itself, and those that were given back.

    A fee belongs to what it was taken for if that is a trade; else it says what it was taken for.
    """
    belongs: dict[str, Any] = (
        {"of": of} if group.trade or group.kind == "exchange" else {"kind": group.kind}
    )
    for name, fee in fees:
        more: dict[str, Any] = {"at": at, "asset": name, "quantity": abs(fee)}
        more["sequence"] = group.turn(at)
        if fee > 0:
            group.events.append(FeeCharged(id=f"{of}/fee-{name}", **belongs, **more))
        else:
            more["kind"] = "rebate"
            group.events.append(IncomeReceived(id=f"{of}/rebate-{name}", **more))
