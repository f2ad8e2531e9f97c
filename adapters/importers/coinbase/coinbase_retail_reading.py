"""What rows of Coinbase's transaction history mean.

A row tells one side and its worth in the user's money; the note tells the other side. The file does
not say what a purchase was paid with: if the account's money, as these files know it, does not
cover the whole, a card or bank did, and the money came in with the purchase.
"""

from collections.abc import Iterable
from decimal import Decimal

from adapters.importers.coinbase import coinbase_types as types
from adapters.importers.coinbase.coinbase_pro_reading import quote_rank
from adapters.importers.coinbase.coinbase_retail import History
from adapters.importers.fills import price_of
from adapters.importers.group import Group
from adapters.importers.reading import BY_HAND, Draft, Unclear
from adapters.importers.spool import TWIN
from adapters.importers.table import plain
from domain.events import Deposited, Filled, IncomeReceived, Withdrawn
from domain.money import CASH, ZERO

MOVED_WITHIN = "moved between own wallets"
_CENTS = Decimal("0.02")  # what rounding may hide of a sum of money
_ROUNDED = Decimal("0.00000002")  # what rounding may hide of a quantity in a note


class RetailMeaning:
    """What the history means; it knows what money the account holds, as far as files tell."""

    def __init__(self) -> None:
        self._cash: dict[tuple[str, str], Decimal] = {}

    def read(self, group: Group) -> str | None:
        """Add the events of a row, or of a conversion's two. Raises `Unclear`."""
        row: History = group.first
        if row.twin:
            return TWIN
        reason = self._read(group, row)
        self._book(group.drafts)
        return reason

    def _read(self, group: Group, row: History) -> str | None:
        kind = row.kind
        if kind in types.UNCLEAR:
            raise Unclear(types.UNCLEAR[kind], BY_HAND, "Transaction Type", kind)
        if kind in types.INTERNAL or (kind == types.DEPRECATED_ETH2 and row.asset == "ETH"):
            return MOVED_WITHIN
        if not row.quantity:
            return "nothing moved"
        if kind in types.BUYS | types.SELLS:
            self._read_trade(group, row)
        elif kind == "convert":
            _read_convert(group, row)
        elif kind in types.COMES_IN:
            _read_receipt(group, row)
        elif kind in types.GOES_OUT:
            _read_sending(group, row)
        elif kind in types.INCOME:
            _read_income(group, row, types.INCOME[kind])
        else:
            problem = "is a type of transaction not known here"
            raise Unclear(problem, BY_HAND, "Transaction Type", kind)
        return None

    def _read_trade(self, group: Group, row: History) -> None:
        side = "buy" if row.kind in types.BUYS else "sell"
        quote, amount, fee = _paid(group, row, side)
        total = amount + fee
        if row.kind == "buy" and quote in CASH and self._held(row, quote) < total:
            group.add(Deposited, id=f"{row.id}/paid", asset=quote, quantity=total)
        group.add(
            Filled,
            side=side,
            asset=row.asset,
            quantity=row.quantity,
            quote=quote,
            price=price_of(amount, row.quantity),
            amount=amount,
            fee=fee,
        )

    # What money the account holds -----------------------------------------------------------------

    def _held(self, row: History, asset: str) -> Decimal:
        return self._cash.get((row.account, asset), ZERO)

    def _book(self, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            for asset, amount in _moved(draft):
                if asset in CASH:
                    name = (draft.account, asset)
                    self._cash[name] = self._cash.get(name, ZERO) + amount


def _moved(draft: Draft) -> list[tuple[str, Decimal]]:
    event = draft.event
    match event:
        case Deposited() | IncomeReceived():
            return [(event.asset, event.quantity)]
        case Withdrawn():
            return [(event.asset, -event.quantity - event.fee)]
        case Filled():
            sign = 1 if event.side == "sell" else -1
            return [
                (event.asset, -event.quantity * sign),
                (event.quote, event.total * sign - event.fee),
            ]
        case _:
            return []


# Trades -------------------------------------------------------------------------------------------


def _paid(group: Group, row: History, side: str) -> tuple[str, Decimal, Decimal]:
    """What a trade was paid in, how much before fees, and the fee. Raises `Unclear`."""
    note = row.trade
    if note is None and row.kind in types.ADVANCED:
        problem = "does not tell in which asset it was paid"
        raise Unclear(problem, f"The note should say so. {BY_HAND}", "Notes", row.notes)
    quote = row.currency if note is None else note.quote
    if not quote:
        raise Unclear("does not tell in which money it was paid", BY_HAND, "Price Currency")
    if note is None or note.quote == row.currency:
        return (quote, *_in_own_money(group, row, side))
    gross = note.amount if note.rate is None else plain(note.rate * row.quantity)
    fee = (note.amount - gross) * (1 if side == "buy" else -1)
    if not fee and row.subtotal == gross:  # a stable coin: the columns count the same
        return (quote, *_in_own_money(group, row, side))
    if fee < 0:  # the rate is rounded: the amount that moved counts, fee and all
        return quote, note.amount, ZERO
    return quote, gross, plain(fee)


def _in_own_money(group: Group, row: History, side: str) -> tuple[Decimal, Decimal]:
    """Subtotal and fee as the columns tell them: the total is what moved."""
    if row.subtotal is None or row.total is None:
        raise Unclear("tells no amount", BY_HAND, "Subtotal")
    fee = (row.total - row.subtotal) * (1 if side == "buy" else -1)
    if fee < -_CENTS:
        than = "below" if side == "buy" else "above"
        problem = f"the total of a {side} is {than} its subtotal"
        raise Unclear(problem, BY_HAND, "Subtotal", f"{row.subtotal:f}")
    if row.fees is not None and abs(row.fees - fee) > _CENTS:
        group.remark(
            f"the fee is {row.fees:f}, subtotal and total are {plain(fee):f} apart, which counts",
            column="Fees and/or Spread",
        )
    return (row.subtotal, plain(fee)) if fee > 0 else (row.total, ZERO)


def _read_convert(group: Group, row: History) -> None:
    """Something given for something else: the quote is what is more like money, else the given."""
    note = row.conversion
    if note is None:
        raise Unclear("does not tell what was got for what", BY_HAND, "Notes", row.notes)
    out, into = (types.ASSETS.get(name, name) for name in (note.out, note.into))
    if out == into:
        group.ignore(MOVED_WITHIN)
        return
    moved = {out: note.given, into: note.got}
    for side in group.entries:
        if side.asset not in moved or abs(moved[side.asset] - side.quantity) > _ROUNDED:
            problem = "the note tells another conversion than the row"
            raise Unclear(problem, BY_HAND, "Notes", row.notes)
        moved[side.asset] = side.quantity
    selling = quote_rank(into) < quote_rank(out) and quote_rank(into)[0] < quote_rank("BTC")[0]
    asset, quantity, quote, amount = (
        (out, moved[out], into, moved[into]) if selling else (into, moved[into], out, moved[out])
    )
    group.add(
        Filled,
        side="sell" if selling else "buy",
        asset=asset,
        quantity=quantity,
        quote=quote,
        price=price_of(amount, quantity),
        amount=amount,
    )


# What comes in and goes out -----------------------------------------------------------------------


def _read_receipt(group: Group, row: History) -> None:
    _no_sign_below(row)
    if row.kind == "receive" and any(who in row.notes.casefold() for who in types.REWARDS_IN_NOTES):
        _read_income(group, row, "reward")
    else:
        group.add(Deposited, asset=row.asset, quantity=row.quantity)


def _read_sending(group: Group, row: History) -> None:
    """What goes out; the quantity of money includes its fee."""
    fee = ZERO
    if row.kind == "withdrawal" and row.asset == row.currency and row.fees:
        fee = row.fees
        if fee >= row.quantity:
            raise Unclear("the fee is all that goes out", BY_HAND, "Fees and/or Spread", f"{fee:f}")
    group.add(
        Withdrawn,
        asset=row.asset,
        quantity=plain(row.quantity - fee),
        fee=fee,
        purpose=types.GOES_OUT[row.kind],
    )


def _read_income(group: Group, row: History, kind: str) -> None:
    """Units received for nothing, at their worth in dollars as Coinbase tells it."""
    _no_sign_below(row)
    worth = row.subtotal or row.total
    if not worth and row.price:
        worth = plain(row.price * row.quantity)
    told = worth if row.currency == "USD" and worth and row.asset not in CASH else None
    group.add(IncomeReceived, asset=row.asset, quantity=row.quantity, kind=kind, value=told)


def _no_sign_below(row: History) -> None:
    if row.goes:
        problem = f"takes units away, which a {row.kind} does not"
        raise Unclear(problem, BY_HAND, "Quantity Transacted", f"-{row.quantity:f}")
