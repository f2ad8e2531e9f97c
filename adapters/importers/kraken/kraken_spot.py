"""What Kraken's other entries mean: trades, conversions, deposits, withdrawals, income, moves.

Amounts and fees are the ledger's, summed over the wallets that took part. What is not known for
certain raises `Unclear`: never a guess, and never passed over.
"""

from decimal import Decimal

from adapters.importers.assets import dust, money_rank
from adapters.importers.fills import fee_fields, price_of, split
from adapters.importers.kraken.kraken_fills import charge, fees_of, pair_of
from adapters.importers.kraken.kraken_rows import Entry, Group, Trade
from adapters.importers.reading import BY_HAND, Unclear
from adapters.importers.table import Misread, number
from domain.events import Deposited, Filled, IncomeReceived, Transferred, Withdrawn
from domain.money import CASH, ZERO


def read_trade(group: Group, trade: Trade) -> None:
    """A trade of own units: price from the trade, what moved from the ledger."""
    base, quote = pair_of(group, trade)
    net = group.net()
    sign = 1 if trade.side == "buy" else -1
    moved = {base: net.pop(base, ZERO), quote: net.pop(quote, ZERO)}
    if net or moved[base] * sign <= 0 or moved[quote] * sign > 0:
        raise Unclear(f"says {trade.side} {base} for {quote}, its ledger entries something else")
    for name, traded in ((base, trade.volume), (quote, trade.cost)):
        if abs(abs(moved[name]) - traded) > dust(name):
            group.remark(
                f"trades {traded:f} {name}, the ledger moves {abs(moved[name]):f}, which counts",
                "Is a ledger entry missing?",
            )
    fee, others = fees_of(group, (quote, base))
    group.events.append(
        Filled(
            at=trade.at,
            id=trade.txid,
            sequence=group.turn(trade.at),
            side=trade.side,
            asset=base,
            quantity=abs(moved[base]),
            quote=quote,
            price=trade.price,
            amount=abs(moved[quote]),
            order=trade.order or None,
            **fee_fields(fee, quote),
        )
    )
    charge(group, others, trade.txid, trade.at)


def read_exchange(group: Group) -> None:
    """Something given for something else: bought in the app, converted, swept up."""
    net = group.net()
    given = sorted(name for name, amount in net.items() if amount < 0)
    got = [name for name, amount in net.items() if amount > 0]
    if len(got) != 1 or not given:
        raise Unclear("is half of an exchange: what was given or received is missing", BY_HAND)
    at = group.at
    id_ = min(e.txid for e in group.entries if e.asset == got[0] and e.amount > 0)
    shares = split(net[got[0]], _weights(group, given)) if given[1:] else [net[got[0]]]
    fee, others = fees_of(group, got)
    for count, (name, share) in enumerate(zip(given, shares, strict=True), start=1):
        # The one that is more like money is the quote; of two coins, the one that was given.
        selling = money_rank(got[0]) < money_rank(name)
        base, quote = (name, got[0]) if selling else (got[0], name)
        quantity, amount = (-net[name], share) if selling else (share, -net[name])
        group.events.append(
            Filled(
                at=at,
                id=id_ if count == 1 else f"{id_}/{count}",
                sequence=group.turn(at),
                side="sell" if selling else "buy",
                asset=base,
                quantity=quantity,
                quote=quote,
                price=price_of(amount, quantity),
                amount=amount,
                **fee_fields(fee if count == 1 else None, quote),
            )
        )
    charge(group, others, id_, at)


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


# Single entries -----------------------------------------------------------------------------------


def read_deposit(group: Group, entry: Entry) -> None:
    """Units that came in; a fee is taken from them afterwards."""
    if entry.amount < 0:
        raise Unclear("takes back a deposit of an amount that these files do not hold", BY_HAND)
    if entry.amount:
        group.events.append(
            Deposited(
                at=group.at,
                id=entry.txid,
                sequence=group.turn(group.at),
                asset=entry.asset,
                quantity=entry.amount,
            )
        )
    read_fee(group, entry)


def read_withdrawal(group: Group, entry: Entry) -> None:
    """Units that went out; the fee is taken on top."""
    if entry.amount > 0:
        raise Unclear("gives back a withdrawal of an amount that these files do not hold", BY_HAND)
    if not entry.amount or entry.charge < 0:
        read_fee(group, entry)
    if entry.amount:
        group.events.append(
            Withdrawn(
                at=group.at,
                id=entry.txid,
                sequence=group.turn(group.at),
                asset=entry.asset,
                quantity=-entry.amount,
                fee=max(entry.charge, ZERO),
            )
        )


def read_income(group: Group, entry: Entry) -> None:
    """Units received for nothing; what they were worth is found later."""
    if entry.amount < 0:
        raise Unclear("takes units away, and does not say why", BY_HAND)
    if entry.asset in CASH and entry.kind in ("airdrop", "fork"):
        raise Unclear("gives money, and does not say why", BY_HAND)
    if entry.amount:
        group.events.append(
            IncomeReceived(
                at=group.at,
                id=entry.txid,
                sequence=group.turn(group.at),
                asset=entry.asset,
                quantity=entry.amount,
                kind=entry.kind,
            )
        )
    read_fee(group, entry)


def read_fee(group: Group, entry: Entry) -> None:
    """The fee of an entry that cannot carry it itself, or that was given back."""
    charge(group, [*group.fees().items()], entry.txid, group.at)


def read_futures(group: Group, futures: str) -> None:
    """Units moved to or from the futures wallet, an account of its own."""
    net = group.net()
    names = {entry.asset for entry in group.entries}
    moved = max(abs(entry.amount) for entry in group.entries)
    if (
        len(names) != 1
        or any(abs(entry.amount) != moved for entry in group.entries)
        or group.fees()
    ):
        raise Unclear("is no plain transfer of one asset", BY_HAND)
    away = group.kind == "to futures"
    if net and (net[min(names)] < 0) != away:
        raise Unclear("moves units the other way than its subtype says", BY_HAND)
    here, there = (group.account, futures) if away else (futures, group.account)
    group.account = here
    at = group.at
    group.events.append(
        Transferred(
            at=at,
            id=min(entry.txid for entry in group.entries),
            sequence=group.turn(at),
            to=there,
            asset=min(names),
            quantity=moved,
        )
    )
