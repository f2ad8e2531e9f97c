"""What Bitfinex's margin wallet shows besides fills: what loans cost, claims, contracts.

A claim delivers a position against its cost. A contract (a pair in F0) is no asset of the book:
only its result, its fee and its funding are.
"""

from adapters.importers.assets import dust
from adapters.importers.bitfinex.bitfinex_margin import (
    BOTH_FILES,
    EARLIER,
    Rows,
    rebate,
    told_by_ledger,
)
from adapters.importers.bitfinex.bitfinex_positions import Positions
from adapters.importers.bitfinex.bitfinex_rows import Line
from adapters.importers.fills import rounded
from adapters.importers.group import Group, sums
from adapters.importers.reading import Unclear
from adapters.importers.table import plain
from domain.events import ContractSettled, FeeCharged, InterestCharged, PositionSettled
from domain.money import ZERO


def read_contract(group: Group) -> str | None:
    """A fill of a derivative: what it realised, and its fee; the contract itself is no asset."""
    rows = Rows.of(group.entries)
    fill = rows.fills[0]
    told_by_ledger(fill, rows)
    at = min(entry.at for entry in group.entries)
    charged = sums((line.asset, -line.amount) for line in rows.fees)
    booked = sum((line.amount for line in rows.profits), ZERO)
    other = [name for name in charged if name != fill.quote]
    if other:
        raise Unclear("the fee of a contract is taken in another asset", BOTH_FILES)
    fee = charged.get(fill.quote, ZERO)
    if booked or fee > 0:
        group.add(
            ContractSettled,
            at=at,
            id=fill.id,
            account=fill.account,
            contract=fill.contract,
            asset=fill.quote,
            amount=booked,
            fee=max(fee, ZERO),
        )
    if fee < 0:
        rebate(group, (fill.quote, fee), fill.id, at, fill.account)
    return None if group.drafts else "opens or closes a contract: nothing moved"


def read_interest(group: Group, line: Line, positions: Positions) -> None:
    """What a loan costs, taken at once. Raises `Unclear`."""
    if line.amount >= 0:
        raise Unclear("gives interest back", "Enter it by hand as a native line")
    loan = None
    if line.text.lower().startswith("position"):
        number = line.says.id if line.says else ""
        loan = positions.charged(number, line.asset, line.at)
    group.add(
        InterestCharged,
        asset=line.asset,
        quantity=-line.amount,
        settled="balance",
        loan=loan,
    )


def read_claim(group: Group, positions: Positions) -> None:
    """A position delivered: a long pays its cost and receives the units. Raises `Unclear`."""
    moved = sums((line.asset, line.amount) for line in group.entries)
    found = [
        position for position in positions.all if {position.base, position.quote} == moved.keys()
    ]
    if len(found) != 1:
        raise Unclear("claims a position that these files did not open", EARLIER)
    position = found[0]
    base, quote = position.base, position.quote
    sign = 1 if position.side == "buy" else -1
    units, paid = moved[base] * sign, -moved[quote] * sign
    if units <= 0 or paid < 0 or units > position.quantity:
        raise Unclear("claims other units than the position has", EARLIER)
    fee = sum(
        (line.says.quantity for line in group.entries if line.says and line.says.quantity), ZERO
    )
    cost = position.take(units)
    if not position.quantity:
        positions.end(position, group.at)
    charge = fee if fee and abs(abs(moved[quote]) - cost - fee * sign) <= dust(quote) else ZERO
    amount = paid - charge * sign
    if abs(amount - cost) > dust(quote):
        group.remark(
            f"the position cost {rounded(cost, 8):f} {quote}, the claim moves {amount:f},"
            " which counts"
        )
    rows = sorted(group.entries, key=lambda line: line.asset != base)
    group.add(
        PositionSettled,
        *rows,
        position=position.id,
        asset=base,
        quantity=units,
        quote=quote,
        amount=plain(amount),
    )
    if charge:
        group.add(
            FeeCharged,
            *rows,
            id=f"{rows[0].id}/fee-{quote}",
            asset=quote,
            quantity=charge,
            kind="claiming fee",
        )
