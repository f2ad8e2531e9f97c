"""What moves of one coin mean: deposits, withdrawals, own wallets, income, gifts."""

from collections.abc import Callable

from adapters.importers.binance.binance_exchanges import BY_HAND
from adapters.importers.binance.binance_statement import Change
from adapters.importers.binance.binance_words import FUTURES
from adapters.importers.group import Group
from adapters.importers.layout import Accounts
from adapters.importers.reading import Unclear
from domain.events import (
    ContractSettled,
    Deposited,
    FundingSettled,
    IncomeReceived,
    Transferred,
    Withdrawn,
)
from domain.money import ZERO

WITHIN = "moved within one wallet"
_GIVEN_AWAY = ("airdrop", "distribution")


def read_move(group: Group) -> str | None:
    """Two legs between own wallets, one of them perhaps missing. Raises `Unclear`."""
    out = next((row for row in group.entries if row.amount < 0), None)
    into = next((row for row in group.entries if row.amount > 0), None)
    if out is None or into is None:
        leg: Change = group.first
        if not leg.amount:
            return "nothing moved"
        problem = (
            f"is one leg of a transfer: {abs(leg.amount):f} {leg.asset}"
            f" {'left' if into is None else 'came to'} the account {leg.account},"
            f" and {'where they came to' if into is None else 'where they left'} is missing"
        )
        raise Unclear(problem, "Export all accounts together", "Operation", leg.said)
    if out.account == into.account:
        return WITHIN
    group.add(
        Transferred,
        *(out, into),
        id=out.id,
        to=into.account,
        asset=out.asset,
        quantity=-out.amount,
    )
    return None


def read_earn(group: Group, accounts: Accounts) -> str | None:
    """Units that go to or come from Binance Earn, whose own leg the statement may leave out."""
    leg = next((row for row in group.entries if row.place != "earn"), None)
    if leg is None:
        return read_move(group)
    earn = accounts.of("earn")
    if not leg.amount:
        return "nothing moved"
    away = leg.amount < 0
    group.add(
        Transferred,
        leg,
        *(row for row in group.entries if row is not leg),
        account=leg.account if away else earn,
        to=earn if away else leg.account,
        asset=leg.asset,
        quantity=abs(leg.amount),
    )
    return None


def read_in(group: Group, row: Change) -> str | None:
    """Units that came in from outside of this book."""
    if not row.amount:
        return "nothing moved"
    _above_zero(row)
    group.add(Deposited, asset=row.asset, quantity=row.amount)
    return None


def read_out(group: Group, row: Change) -> str | None:
    """Units that left; the network's fee is in the amount, and not told."""
    if not row.amount:
        return "nothing moved"
    if row.amount > 0:
        problem = "gives units, as a withdrawal does that failed and came back"
        hint = "Void the one that failed; if none did, enter a deposit by hand as a native line"
        raise Unclear(problem, hint, "Operation", row.said)
    group.add(Withdrawn, asset=row.asset, quantity=-row.amount)
    return None


def read_income(group: Group, row: Change) -> str | None:
    if not row.amount:
        return "nothing moved"
    _above_zero(row)
    group.add(IncomeReceived, asset=row.asset, quantity=row.amount, kind=row.word)
    return None


def read_asset_transfer(group: Group, row: Change) -> None:
    """An old word for many things: the remark says whether it was given away."""
    if row.amount <= 0 or not any(word in row.remark.casefold() for word in _GIVEN_AWAY):
        raise Unclear("does not say why units moved", BY_HAND, "Operation", row.said)
    group.add(IncomeReceived, asset=row.asset, quantity=row.amount, kind="airdrop")


def read_p2p(group: Group, row: Change) -> None:
    """Bought from a person: the money went another way. Sold to one, its price is not told."""
    if row.amount <= 0:
        problem = "sells to a person for money that this file does not tell"
        raise Unclear(problem, "Enter the sale by hand as a native line", "Operation", row.said)
    group.add(Deposited, asset=row.asset, quantity=row.amount)


def read_card(group: Group, row: Change) -> None:
    _below_zero(row)
    group.add(Withdrawn, asset=row.asset, quantity=-row.amount, purpose="spent")


# Derivatives --------------------------------------------------------------------------------------


def read_contract(group: Group, row: Change) -> str | None:
    """A result, funding or fee of a derivative; the futures history names the contract.

    A fee cuts the contract's result, as everywhere: alone, it is a result of nothing with a fee.
    """
    if not row.amount:
        return "nothing moved"
    contract = row.contract or FUTURES.get(row.place, "")
    if not contract:
        problem = "is an operation of derivatives in another account"
        raise Unclear(problem, BY_HAND, "Operation", row.said)
    untold = () if row.contract else ("contract",)
    what = {"asset": row.asset, "amount": row.amount, "contract": contract}
    match row.kind:
        case "result":
            group.add(ContractSettled, untold=untold, **what)
        case "funding":
            group.add(FundingSettled, untold=untold, **what)
        case _ if row.amount < 0:
            group.add(ContractSettled, untold=untold, **{**what, "amount": ZERO}, fee=-row.amount)
        case _:
            group.add(IncomeReceived, asset=row.asset, quantity=row.amount, kind="rebate")
    return None


SINGLE: dict[str, Callable[[Group, Change], str | None]] = {
    "in": read_in,
    "gift": read_in,
    "out": read_out,
    "income": read_income,
    "asset transfer": read_asset_transfer,
    "p2p": read_p2p,
    "card": read_card,
    "result": read_contract,
    "funding": read_contract,
    "contract fee": read_contract,
}
"""What a row means that stands alone, by kind."""


def _above_zero(row: Change) -> None:
    if row.amount < 0:
        raise Unclear("takes units away, and does not say why", BY_HAND, "Operation", row.said)


def _below_zero(row: Change) -> None:
    if row.amount >= 0:
        raise Unclear("gives units, and does not say why", BY_HAND, "Operation", row.said)
