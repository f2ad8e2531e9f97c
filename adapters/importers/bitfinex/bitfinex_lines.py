"""What lines of Bitfinex's ledger mean without the trades: exchanges, moves, income and fees."""

from adapters.importers.assets import money_rank
from adapters.importers.bitfinex.bitfinex_deals import price_near
from adapters.importers.bitfinex.bitfinex_margin import rebate
from adapters.importers.bitfinex.bitfinex_rows import Line
from adapters.importers.fills import fee_fields, price_of
from adapters.importers.group import Group
from adapters.importers.reading import Unclear
from domain.events import (
    Deposited,
    FeeCharged,
    Filled,
    FundingSettled,
    IncomeReceived,
    Transferred,
    Withdrawn,
)
from domain.money import ZERO, ratio

BY_HAND = "Enter it by hand as a native line, or ask for this text to be read"
REVERSED = "reversed by the venue"
MOVED = "moved within the wallet"

_INCOME = {"income": "interest", "rebate": "rebate"}
_CHARGES = {
    "claiming fee": "claiming fee",
    "deposit fee": "deposit",
    "withdrawal fee": "withdrawal",
    "hidden order fee": "hidden order",
    "otc trade fee": "otc trade",
}


def read_exchange(group: Group, legs: list[Line]) -> None:
    """A spot trade: two lines, perhaps its fee, perhaps the trade itself."""
    base, quote = _legs(legs)
    says = legs[0].says
    if says is None or base is None or quote is None or base.amount * quote.amount >= 0:
        problem = "is half of a trade: its other line is missing"
        raise Unclear(problem, "Export all currencies", "DESCRIPTION", legs[0].text)
    quantity, amount = abs(base.amount), abs(quote.amount)
    price = says.price or price_of(amount, quantity)
    if quantity != says.quantity or not price_near(ratio(amount, quantity), price):
        group.remark(
            f"moves {quantity:f} {base.asset} for {amount:f} {quote.asset}, which counts, but says"
            f" {says.quantity:f} at {price:f}"
        )
    fee = next((e for e in group.entries if isinstance(e, Line) and e.kind == "fee"), None)
    taken = (fee.asset, -fee.amount) if fee and fee.amount else None
    own = taken if taken and taken[1] > 0 else None
    group.add(
        Filled,
        at=base.at,
        id=base.id,
        account=base.account,
        side="buy" if base.amount > 0 else "sell",
        asset=base.asset,
        quantity=quantity,
        quote=quote.asset,
        price=price,
        amount=amount,
        **fee_fields(own, quote.asset),
    )
    if taken and taken[1] < 0:
        rebate(group, taken, base.id, base.at, base.account)


def _legs(legs: list[Line]) -> tuple[Line | None, Line | None]:
    """The line of what was traded, and that of what it was traded for."""
    says = legs[0].says
    base = next((leg for leg in legs if says and leg.asset == says.base), None)
    quote = next((leg for leg in legs if says and leg.asset == says.quote), None)
    return base, quote


def read_settlement(group: Group) -> None:
    """Own cash, or coins, traded by the venue for a balance below zero."""
    lines = sorted(group.entries, key=lambda line: money_rank(line.asset))
    if len(lines) != 2 or lines[0].amount * lines[1].amount >= 0:
        problem = "is half of a settlement: its other line is missing"
        raise Unclear(problem, "Export all currencies", "DESCRIPTION", group.first.text)
    quote, base = lines
    price = base.says.price if base.says else None
    quantity, amount = abs(base.amount), abs(quote.amount)
    if price and not price_near(ratio(amount, quantity), price):
        group.remark(f"moves {quantity:f} {base.asset} for {amount:f} {quote.asset}, which counts")
        price = None
    group.add(
        Filled,
        *(base, quote),
        side="buy" if base.amount > 0 else "sell",
        asset=base.asset,
        quantity=quantity,
        quote=quote.asset,
        price=price or price_of(amount, quantity),
        amount=amount,
    )


def read_transfer(group: Group) -> str | None:
    """Units moved between own wallets: what left one reached the other."""
    lines = sorted(group.entries, key=lambda line: line.amount)
    if len(lines) != 2 or lines[0].amount + lines[1].amount != ZERO:
        problem = "is one leg of a move between own wallets, without the other"
        raise Unclear(problem, "Export all wallets", "DESCRIPTION", group.first.text)
    out, into = lines
    if out.account == into.account:
        return MOVED
    group.add(Transferred, out, into, to=into.account, asset=out.asset, quantity=into.amount)
    return None


def read_single(group: Group, line: Line, transaction: str | None) -> None:
    """Lines that stand alone, perhaps with a transaction on the chain. Raises `Unclear`."""
    kind, amount = line.kind, line.amount
    if kind in _CHARGES or kind in ("rebate", "cancelled fee"):
        _read_charge(group, line)
        return
    if kind == "contract funding":
        contract = line.says.contract if line.says else ""
        group.add(FundingSettled, asset=line.asset, amount=amount, contract=contract)
        return
    if kind == "sub-account":
        kind = "deposit" if amount > 0 else "withdrawal"
    if kind == "withdrawal" and amount < 0:
        _read_withdrawal(group, line, transaction)
        return
    match kind:
        case "deposit" if amount > 0:
            group.add(Deposited, asset=line.asset, quantity=amount, txid=transaction)
        case "income" | "staking" | "airdrop" | "bonus" if amount > 0:
            group.add(
                IncomeReceived,
                asset=line.asset,
                quantity=amount,
                kind=_INCOME.get(kind, kind),
            )
        case _:
            raise Unclear(
                "moves units the other way than its text says", BY_HAND, "AMOUNT", str(amount)
            )


def _read_withdrawal(group: Group, line: Line, transaction: str | None) -> None:
    """Units that went out, with the fee taken beside them."""
    fee = -sum((other.amount for other in group.entries[1:]), ZERO)
    if fee < 0:
        raise Unclear("gives a fee back with a withdrawal", BY_HAND)
    group.add(Withdrawn, asset=line.asset, quantity=-line.amount, fee=fee, txid=transaction)


def read_undone(group: Group, line: Line) -> str | None:
    """A withdrawal that was cancelled later: its fee was taken, and is given back by itself."""
    fees = [other for other in group.entries[1:] if other.amount]
    if not fees:
        return REVERSED
    group.ignore(REVERSED, line)
    for fee in fees:
        _read_charge(group, fee)
    return None


def _read_charge(group: Group, line: Line) -> None:
    """A fee that stands alone, or one that was given back."""
    if line.amount < 0:
        if line.kind in ("rebate", "cancelled fee"):
            raise Unclear(
                "takes what its text says it gives", BY_HAND, "AMOUNT", f"{line.amount:f}"
            )
        kind = _CHARGES[line.kind]
        group.add(FeeCharged, line, asset=line.asset, quantity=-line.amount, kind=kind)
    else:
        group.add(IncomeReceived, line, asset=line.asset, quantity=line.amount, kind="rebate")
