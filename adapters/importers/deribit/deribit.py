"""Deribit: what rows of its transaction logs mean.

The one rule: a row's events add up to its `Change`, so the book holds what the log says. A trade of
a future or perpetual changes the balance by its fee alone: its result waits for the settlement, and
so does the funding that the row shows. It counts there, once.
"""

from collections.abc import Sequence
from decimal import Decimal

from adapters.importers.assets import money_rank
from adapters.importers.deribit import deribit_rows
from adapters.importers.deribit.deribit_rows import LogRow
from adapters.importers.fills import price_of
from adapters.importers.group import Group
from adapters.importers.layout import Accounts
from adapters.importers.reading import BY_HAND, Unclear
from adapters.importers.statement import Meaning, Statement
from adapters.importers.table import plain
from domain.events import (
    ContractSettled,
    Deposited,
    Filled,
    FundingSettled,
    IncomeReceived,
    Withdrawn,
)
from domain.money import ZERO

_ROUNDED = Decimal("0.00000002")  # what rounding may hide of what explains a change
_OF_THE_VENUE = {
    "transfer from insurance": "insurance fund",
    "socialized fund": "socialised loss",
}
"""Gains and losses that the venue shares out: the contract's name, as the row has none."""


class Deribit(Statement):
    """The importer of Deribit's transaction logs."""

    name = "deribit"
    title = "Deribit"
    layouts = (deribit_rows.LOG,)

    def meaning(self, accounts: Accounts) -> Meaning:
        return DeribitMeaning(accounts)


class DeribitMeaning(Meaning):
    """What rows of Deribit mean: each stands alone, but for the two of a spot trade."""

    def read(self, group: Group) -> str | None:
        row: LogRow = group.first
        if row.bundle:
            _read_spot(group)
            return None
        if not row.amount:
            return "nothing moved"
        match row.kind:
            case "trade" | "liquidation" | "delivery" if row.instrument:
                _read_trade(group, row)
            case "settlement" if row.instrument:
                _read_settlement(group, row)
            case "deposit" | "withdrawal" | "transfer":
                _read_transfer(group, row)
            case _ if row.kind in _OF_THE_VENUE:
                contract = row.instrument or _OF_THE_VENUE[row.kind]
                _settle(group, row, row.amount, contract=contract)
            case _:
                raise Unclear("is a type of row not known here", BY_HAND, "Type", row.kind)
        return None


# Contracts ----------------------------------------------------------------------------------------


def _read_trade(group: Group, row: LogRow) -> None:
    """What a trade or delivery moved: its fee, and what is paid or received at once, if anything.

    That is an option's premium or payoff, and the result of a contract whose profit does not wait.
    """
    fee, flow, change = row.fee_told, row.cash_flow, row.amount
    if _same(change, -fee):
        _settle(group, row, ZERO, fee=-change)
    elif _same(change, flow - fee):
        _settle(group, row, plain(change + fee), fee=fee)
    elif _same(change, flow):  # the fee was paid from a fee balance
        _settle(group, row, change)
    else:
        raise _unexplained(row, "neither the fee, nor the cash flow less the fee")


def _read_settlement(group: Group, row: LogRow) -> None:
    """A session's result, funding in it; some rows tell both side by side."""
    flow, funding, change = row.cash_flow, row.funding, row.amount
    if not _same(change, flow) and not _same(change, flow + funding):
        raise _unexplained(row, "neither the cash flow, nor cash flow and funding")
    if funding:
        group.add(
            FundingSettled,
            id=f"{row.id}/funding",
            asset=row.asset,
            amount=funding,
            contract=row.instrument,
        )
    result = plain(change - funding)
    if result:
        _settle(group, row, result)


def _settle(
    group: Group, row: LogRow, amount: Decimal, *, fee: Decimal = ZERO, contract: str = ""
) -> None:
    """A result in the log's currency; a fee below zero was given to the maker."""
    if amount or fee > 0:
        group.add(
            ContractSettled,
            contract=contract or row.instrument,
            asset=row.asset,
            amount=amount,
            fee=max(fee, ZERO),
            note=row.kind if row.kind == "liquidation" or contract else None,
        )
    if fee < 0:
        name = f"{row.id}/rebate"
        group.add(IncomeReceived, id=name, asset=row.asset, quantity=-fee, kind="rebate")


def _same(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= _ROUNDED


def _unexplained(row: LogRow, what: str) -> Unclear:
    return Unclear(f"the change of the balance is {what}", BY_HAND, "Change", f"{row.amount:f}")


# What comes in and goes out -----------------------------------------------------------------------


def _read_transfer(group: Group, row: LogRow) -> None:
    """Units in or out; a transfer's other side is another account, whose log tells it."""
    if row.kind != "transfer" and (row.amount > 0) != (row.kind == "deposit"):
        raise Unclear(f"is a {row.kind} that moves the other way", BY_HAND, "Change")
    if row.amount > 0:
        group.add(Deposited, asset=row.asset, quantity=row.amount)
        return
    fee = max(row.fee_told, ZERO)
    if fee >= -row.amount:
        raise Unclear("the fee is all that goes out", BY_HAND, "Fee Charged", f"{fee:f}")
    group.add(Withdrawn, asset=row.asset, quantity=plain(-row.amount - fee), fee=fee)


def _read_spot(group: Group) -> None:
    """A trade of coins: each of its two currencies' logs has one row of it."""
    rows: Sequence[LogRow] = group.entries
    net = group.net()
    if len(rows) != 2 or sorted(amount > 0 for amount in net.values()) != [False, True]:
        hint = "Give the logs of both currencies in one command"
        raise Unclear("is half of a trade: the other currency's row is missing", hint)
    base, _, quote = rows[0].instrument.partition("_")
    if net.keys() != {base, quote}:
        quote, base = sorted(net, key=money_rank)
    quantity, amount = abs(net[base]), abs(net[quote])
    group.add(
        Filled,
        id=f"spot-{rows[0].trade}",
        side="buy" if net[base] > 0 else "sell",
        asset=base,
        quantity=quantity,
        quote=quote,
        price=price_of(amount, quantity),
        amount=amount,
    )
