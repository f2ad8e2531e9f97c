"""What Kraken's other entries mean: spot trades, conversions, deposits, withdrawals, income, transfers.

Amounts and fees are the ledger's, summed over the wallets that took part. What is not known for certain
raises `Unclear`: never a guess, and never passed over.
"""

from decimal import Decimal

from adapters.importers.kraken_codes import dust, money_rank
from adapters.importers.kraken_fills import (
    charge,
    fees_of,
    give_back,
    pair_of,
    price_of,
    split,
)
from adapters.importers.kraken_rows import Entry, Group, Trade, Unclear
from adapters.importers.table import Misread, number
from domain.events import Deposited, Filled, IncomeReceived, Transferred, Withdrawn
from domain.money import CASH, ZERO

BY_HAND = "Enter it by hand as a native line, or ask for this type to be read"


def read_trade(group: Group, trade: Trade) -> None:
    """A trade of own units: price from the trade, what moved from the ledger."""
    base, quote = pair_of(group, trade)
    net = group.net()
    quantity, amount = net.pop(base, ZERO), net.pop(quote, ZERO)
    sign = 1 if trade.side == "buy" else -1
    if net or quantity * sign <= 0 or amount * sign > 0:
        raise Unclear(f"says {trade.side} {base} for {quote}, its ledger entries something else")
    for moved, traded, name in ((quantity, trade.volume, base), (amount, trade.cost, quote)):
        if abs(abs(moved) - traded) > dust(name):
            group.remark(
                f"trades {traded:f} {name}, its ledger entries move {abs(moved):f}: the ledger counts",
                "Is a ledger entry missing?",
            )
    _fill(group, trade.txid, trade.at, base, quantity, quote, amount, trade)


def read_exchange(group: Group) -> None:
    """Something given for something else: bought in the app, converted, swept up."""
    net = group.net()
    given = {name: amount for name, amount in net.items() if amount < 0}
    got = {name: amount for name, amount in net.items() if amount > 0}
    if len(got) != 1 or not given:
        raise Unclear("is half of an exchange: what was given or received is missing", BY_HAND)
    ((received, total),) = got.items()
    at = min(entry.at for entry in group.entries)
    id_ = min(entry.txid for entry in group.entries if entry.asset == received and entry.amount > 0)
    names = sorted(given)
    shares = split(total, _weights(group, names)) if len(names) > 1 else [total]
    for count, (name, share) in enumerate(zip(names, shares, strict=True), start=1):
        base, quote = sorted((name, received), key=lambda n: (-money_rank(n), n != received))
        moved = {name: given[name], received: share}
        part = id_ if count == 1 else f"{id_}/{count}"
        _fill(group, part, at, base, moved[base], quote, moved[quote], None, fees=count == 1)


def _weights(group: Group, names: list[str]) -> list[Decimal]:
    """What each asset given was worth, as the file's USD column has it. Raises `Unclear`."""
    worth = dict.fromkeys(names, ZERO)
    try:
        for entry in group.entries:
            if entry.amount < 0:
                worth[entry.asset] += abs(number(entry.amount_usd, "amountusd"))
    except Misread:
        worth = {}
    if not all(worth.values()) or not worth:
        problem = f"gives {' and '.join(names)} for one amount: their shares of it cannot be told"
        raise Unclear(problem, "Export it again with the amountusd column, or enter it by hand")
    return list(worth.values())


def _fill(
    group: Group,
    id_: str,
    at: datetime,
    base: str,
    quantity: Decimal,
    quote: str,
    amount: Decimal,
    trade: Trade | None,
    *,
    fees: bool = True,
) -> None:
    """Add a fill of own units, with the group's fees."""
