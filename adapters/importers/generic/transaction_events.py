"""Transactions that need no memory, as events: deposits, moves, trades, income, fees.

Each function adds the events of one kind to the group, or raises `Unclear` where the row does not
have the sides that its kind needs. Amounts come before fees. A fee that the event cannot carry is a
`fee_charged` of its own, `ID/fee-ASSET`.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adapters.importers.assets import money_rank
from adapters.importers.fills import fee_fields, price_of
from adapters.importers.generic.kinds import BY_HAND
from adapters.importers.generic.transaction import Part, Transaction
from adapters.importers.group import Group
from adapters.importers.reading import Unclear
from domain.events import (
    Deposited,
    Event,
    FeeCharged,
    Filled,
    FundingSettled,
    IncomeReceived,
    InterestCharged,
    Liquidated,
    Transferred,
    Withdrawn,
)
from domain.money import ZERO

ONE_ACCOUNT = "moved within one account"


def deposited(group: Group, told: Transaction, _: str) -> None:
    """Units came in: bought when and for how much, these files do not say."""
    part = only_received(told)
    add(group, told, Deposited, part, txid=told.txid or None)
    charge(group, told, told.fees)


def withdrawn(group: Group, told: Transaction, purpose: str) -> None:
    """Units went out, perhaps for good: spent, given away, lost."""
    part = only_sent(told)
    fee, others = own_fee(told, part.asset)
    if purpose == "lost":
        group.remark("leaves the book as lost: no loss is figured", BY_HAND, value=told.label)
        purpose = "own"
    add(group, told, Withdrawn, part, fee=fee, purpose=purpose or "own", txid=told.txid or None)
    charge(group, told, others)


def transferred(group: Group, told: Transaction, place: str) -> None:
    """Units moved between own accounts. What left and did not arrive was the fee."""
    out, into = told.sent or told.received, told.received or told.sent
    if out is None or into is None:
        raise unfit(told, "moves nothing")
    if not place and (told.sent is None or told.received is None):
        raise unfit(told, "is one side of a move: where units came from or went is not told")
    if out.asset != into.asset or into.quantity > out.quantity:
        raise unfit(told, f"moves {out.asset}, and other units arrive")
    here, there = _places(told.account, place) if place else (told.account, told.to)
    fee, others = own_fee(told, out.asset)
    lost = out.quantity - into.quantity
    fee = fee if fee == lost else fee + lost
    if here != there:
        add(group, told, Transferred, into, account=here, to=there, fee=fee)
    elif fee:
        others = (Part(fee, out.asset), *others)
    charge(group, told, others)
    if not group.drafts:
        group.ignore(ONE_ACCOUNT)


def income(group: Group, told: Transaction, kind: str) -> None:
    """Units were earned."""
    add(group, told, IncomeReceived, only_received(told), kind=kind, value=told.worth)
    charge(group, told, told.fees)


def fee(group: Group, told: Transaction, _: str) -> None:
    """A fee outside a trade."""
    part, others = _taken(told)
    add(group, told, FeeCharged, part)
    charge(group, told, others)


def interest(group: Group, told: Transaction, _: str) -> None:
    """Interest or a fee of a loan, paid at once in whatever asset."""
    part, others = _taken(told)
    add(group, told, InterestCharged, part, settled="balance")
    charge(group, told, others)


def funding(group: Group, told: Transaction, _: str) -> None:
    """Funding of a perpetual, whose name these files do not tell."""
    asset, amount = result(told)
    add_event(group, told, FundingSettled, contract="perpetual", asset=asset, amount=amount)
    charge(group, told, told.fees)


def filled(group: Group, told: Transaction, _: str) -> None:
    """A trade."""
    _trade(group, told, Filled)


def liquidated(group: Group, told: Transaction, _: str) -> None:
    """A trade forced by the venue."""
    _trade(group, told, Liquidated)


def _trade(group: Group, told: Transaction, kind: type[Filled]) -> None:
    """What is more like money is the quote; of two coins, the one given."""
    got, given = told.received, told.sent
    if got is None or given is None:
        raise unfit(told, "is a trade, and one of its sides is missing")
    if got.asset == given.asset:
        raise unfit(told, f"exchanges {got.asset} for itself")
    if told.to != told.account:
        raise unfit(told, f"is a trade between two accounts, {told.account} and {told.to}")
    selling = money_rank(got.asset) < money_rank(given.asset)
    base, quote = (given, got) if selling else (got, given)
    fee = (told.fees[0].asset, told.fees[0].quantity) if told.fees else None
    add_event(
        group,
        told,
        kind,
        side="sell" if selling else "buy",
        asset=base.asset,
        quantity=base.quantity,
        quote=quote.asset,
        price=price_of(quote.quantity, base.quantity),
        amount=quote.quantity,
        **fee_fields(fee, quote.asset),
    )
    charge(group, told, told.fees[1:], of=told.id)


# Parts --------------------------------------------------------------------------------------------


def only_received(told: Transaction) -> Part:
    """What came in, where nothing went out. Raises `Unclear`."""
    if told.received is None or told.sent is not None:
        raise unfit(told, "goes with units received, and with no others")
    return told.received


def only_sent(told: Transaction) -> Part:
    """What went out, where nothing came in. Raises `Unclear`."""
    if told.sent is None or told.received is not None:
        raise unfit(told, "goes with units sent, and with no others")
    return told.sent


def result(told: Transaction) -> tuple[str, Decimal]:
    """The asset of a result, and the result itself, a loss below zero. Raises `Unclear`."""
    if told.received is not None and told.sent is None:
        return told.received.asset, told.received.quantity
    part = only_sent(told)
    return part.asset, -part.quantity


def own_fee(told: Transaction, asset: str) -> tuple[Decimal, Sequence[Part]]:
    """The fee that an event in this asset carries itself, and what is left of the fees."""
    if told.fees and told.fees[0].asset == asset:
        return told.fees[0].quantity, told.fees[1:]
    return ZERO, told.fees


def unfit(told: Transaction, problem: str) -> Unclear:
    """A transaction that is not what its label says."""
    return Unclear(problem, BY_HAND, told.column, told.label)


def _taken(told: Transaction) -> tuple[Part, Sequence[Part]]:
    """What a fee took, told as sent or as a fee, and further fees."""
    parts = told.fees if told.sent is None else (told.sent, *told.fees)
    if not parts or told.received is not None:
        raise unfit(told, "goes with units sent, and with no others")
    return parts[0], parts[1:]


def _places(account: str, place: str) -> tuple[str, str]:
    """Where units go from and to that are staked or pledged: they stay the owner's."""
    way, _, name = place.partition(" ")
    venue, _, last = account.rpartition("/")
    there = f"{venue}/{name}" if last == "main" and venue else f"{account}-{name}"
    return (account, there) if way == "to" else (there, account)


# Events -------------------------------------------------------------------------------------------


def charge(group: Group, told: Transaction, fees: Sequence[Part], of: str | None = None) -> None:
    """Charge fees that no event carries."""
    for part in fees:
        add(group, told, FeeCharged, part, id=f"{told.id}/fee-{part.asset}", of=of)


def add(group: Group, told: Transaction, kind: type[Event], part: Part, /, **values: Any) -> None:
    """Add an event of so many units."""
    add_event(group, told, kind, asset=part.asset, quantity=part.quantity, **values)


def add_event(group: Group, told: Transaction, kind: type[Event], /, **values: Any) -> None:
    """Add an event of the transaction's account, instant and id, unless `values` say others."""
    group.add(kind, **{"account": told.account, "id": told.id, "at": told.at} | values)
