"""What rows of a unified account mean, whichever venue keeps it: fills, contracts, interest, moves.

Spot, margin and derivatives share one wallet, and each row tells one balance's change with fee and
funding in it. So the balances follow exactly, whatever else a row says.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from attrs import define

from adapters.importers.assets import money_rank
from adapters.importers.fills import fee_fields, price_of
from adapters.importers.group import Group
from adapters.importers.layout import Moved
from adapters.importers.reading import BY_HAND, Unclear
from adapters.importers.table import plain
from domain.events import (
    ContractSettled,
    Event,
    FeeCharged,
    Filled,
    FundingSettled,
    IncomeReceived,
    InterestCharged,
    Liquidated,
    Transferred,
)
from domain.money import ZERO


@define(eq=False, kw_only=True)
class Change(Moved):
    """A row of a unified account: `amount` is all that the balance did.

    In it are `cost`, a fee taken (below zero: given back), and `funding` received (below zero:
    paid). `market` is the pair or contract as the venue writes it; `other` the account at the other
    end of a move between wallets.
    """

    cost: Decimal = ZERO
    funding: Decimal = ZERO
    market: str = ""
    other: str = ""

    @property
    def result(self) -> Decimal:
        """What is left without fee and funding: units traded, or a contract's result."""
        return self.amount + self.cost - self.funding


# Trades -----------------------------------------------------------------------------------------


def read_fill(
    group: Group,
    rows: Sequence[Change],
    name: str,
    pair: Sequence[str] = (),
    *,
    forced: str = "",
    elsewhere: Callable[[str], tuple[tuple[str, str], ...]] = lambda _: (),
) -> None:
    """Two assets changed hands: a `filled` of this name, or `liquidated` where it was `forced`.

    `elsewhere` says of each event's name where another kind of file may have put it (Draft).
    `pair` names base and quote; without it the asset that is more like money is the quote, and of
    two coins the one that comes first by name. Raises `Unclear`.
    """
    moved, costs = _moved(rows)
    if len(moved) != 2 or len({amount > 0 for amount in moved.values()}) != 2:
        raise _no_trade(moved)
    base, quote = pair or sorted(moved, key=lambda asset: (-money_rank(asset), asset))
    if base not in moved or quote not in moved:
        told = " and ".join(sorted(moved))
        raise Unclear(f"its rows move {told}, its market is {base} for {quote}", BY_HAND)
    fees = [(asset, costs[asset]) for asset in (quote, base, *costs) if costs.get(asset, ZERO) > 0]
    bought, quantity, amount = moved[base] > 0, abs(moved[base]), abs(moved[quote])
    fields = fee_fields(fees[0] if fees else None, quote)
    if forced:
        fields["reason"] = forced
    group.add(
        Liquidated if forced else Filled,
        *rows,
        id=name,
        elsewhere=elsewhere(name),
        side="buy" if bought else "sell",
        asset=base,
        quantity=quantity,
        quote=quote,
        price=price_of(amount, quantity),
        amount=amount,
        **fields,
    )
    for asset, fee in dict(fees[1:]).items():
        if asset != fees[0][0]:
            more = {"asset": asset, "quantity": fee, "of": name}
            id_ = f"{name}/fee-{asset}"
            group.add(FeeCharged, *rows, id=id_, elsewhere=elsewhere(id_), **more)
    for asset, cost in costs.items():
        if cost < 0:
            rebate = {"asset": asset, "quantity": -cost, "kind": "rebate"}
            id_ = f"{name}/rebate-{asset}"
            group.add(IncomeReceived, *rows, id=id_, elsewhere=elsewhere(id_), **rebate)


def _moved(rows: Sequence[Change]) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """What was traded of each asset, and what it cost (below zero: given back); without zeros."""
    moved: dict[str, Decimal] = {}
    costs: dict[str, Decimal] = {}
    for row in rows:
        asset = row.asset
        moved[asset] = moved.get(asset, ZERO) + row.amount + row.cost - row.funding
        if row.cost:
            costs[asset] = costs.get(asset, ZERO) + row.cost
    return (
        {asset: plain(amount) for asset, amount in moved.items() if amount},
        {asset: plain(cost) for asset, cost in sorted(costs.items()) if cost},
    )


def _no_trade(moved: dict[str, Decimal]) -> Unclear:
    if len(moved) < 2:
        told = f"only {next(iter(moved))} moves" if moved else "nothing moves"
        return Unclear(f"is half of a trade: {told}", "Export the whole time, with all currencies")
    told = ", ".join(f"{amount:+f} {asset}" for asset, amount in moved.items())
    return Unclear(f"is no trade of one asset for another: {told}", BY_HAND)


# Single rows ------------------------------------------------------------------------------------


def read_contract(group: Group, row: Change, note: str = "") -> None:
    """A derivative's result with its fee, and its funding. Raises `Unclear`."""
    if not row.market:
        raise Unclear("names no contract", BY_HAND)
    said = {"note": note} if note else {}
    result = plain(row.result)
    settled = bool(result) or row.cost > 0
    if settled:
        group.add(
            ContractSettled,
            row,
            contract=row.market,
            asset=row.asset,
            amount=result,
            fee=max(row.cost, ZERO),
            **said,
        )
    if row.funding:
        name = f"{row.id}/funding" if settled else row.id
        funding = {"asset": row.asset, "amount": row.funding, "contract": row.market}
        group.add(FundingSettled, row, id=name, **funding, **said)
    if row.cost < 0:
        name = f"{row.id}/rebate"
        group.add(
            IncomeReceived, row, id=name, asset=row.asset, quantity=-row.cost, kind="rebate", **said
        )


def read_funding(group: Group, row: Change) -> None:
    """All of the change is a perpetual's funding. Raises `Unclear`."""
    if not row.market:
        raise Unclear("names no contract", BY_HAND)
    group.add(FundingSettled, row, asset=row.asset, amount=row.amount, contract=row.market)


def read_interest(group: Group, row: Change) -> None:
    """Interest taken from the balance, on what is owed of the same asset; or given back."""
    if row.amount > 0:
        read_income(group, row, "rebate", note="interest given back")
    elif row.amount < 0:
        group.add(
            InterestCharged,
            row,
            asset=row.asset,
            quantity=-row.amount,
            settled="balance",
            loan_asset=row.asset,
        )


def read_income(group: Group, row: Change, kind: str, note: str = "") -> None:
    """Units received for nothing. Raises `Unclear` for units taken away."""
    if row.amount < 0:
        raise Unclear("takes units away, and does not say why", BY_HAND)
    if row.amount:
        said = {"note": note} if note else {}
        group.add(IncomeReceived, row, asset=row.asset, quantity=row.amount, kind=kind, **said)


def read_fee(group: Group, row: Change, kind: str) -> None:
    """Units taken as a fee. Raises `Unclear` for units given."""
    if row.amount > 0:
        raise Unclear("gives units for what should be a fee", BY_HAND)
    if row.amount:
        group.add(FeeCharged, row, asset=row.asset, quantity=-row.amount, kind=kind)


def read_plain(group: Group, kind: type[Event], row: Change, sign: int = 1) -> None:
    """An event of one asset and its quantity, for a change of this sign. Raises `Unclear`."""
    if row.amount * sign < 0:
        problem = f"moves the balance the other way than a {row.kind} does"
        raise Unclear(problem, BY_HAND, "change", f"{row.amount:f}")
    if row.amount:
        group.add(kind, row, asset=row.asset, quantity=abs(row.amount))


def read_away(group: Group, row: Change) -> None:
    """Units that leave for, or come from, a wallet that has no file of its own."""
    out = row.amount < 0
    if row.amount:
        group.add(
            Transferred,
            row,
            account=row.account if out else row.other,
            to=row.other if out else row.account,
            asset=row.asset,
            quantity=abs(row.amount),
        )
