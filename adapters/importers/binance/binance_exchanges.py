"""What one thing for another means where no pair is traded: conversions, dust, takeovers, BNB.

The statement tells each leg in a row of its own. Of legs of one second the words `ACE to USDC` in
the remark say which go together; without them, several coins for one amount are a fault, because
their shares of it cannot be told.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adapters.importers.binance.binance_pairs import quote_rank
from adapters.importers.binance.binance_statement import Change
from adapters.importers.fills import price_of
from adapters.importers.group import Group, sums
from adapters.importers.reading import Unclear
from domain.events import Deposited, FeeCharged, Filled, Liquidated, Transferred

BY_HAND = "Enter it by hand as a native line, or ask for this operation to be read"
_BOUGHT = ("buy crypto", "buy crypto with card", "buy crypto with fiat")


def read_exchange(group: Group) -> None:
    """Something given for something else. Raises `Unclear`."""
    parts: dict[str, list[Change]] = {}
    for row in group.entries:
        parts.setdefault(_remarked(row), []).append(row)
    for rows in parts.values():
        if rows[0].word in _BOUGHT and all(row.amount > 0 for row in rows):
            for row in rows:  # paid by a card, so nothing left this book
                group.add(Deposited, row, asset=row.asset, quantity=row.amount)
        else:
            _exchange(group, rows)


def _remarked(row: Change) -> str:
    """`ACE to USDC` where the row is of one of these coins."""
    given, to, got = row.remark.partition(" to ")
    return row.remark if to and row.asset in (given, got) else ""


def _exchange(group: Group, rows: Sequence[Change], **more: Any) -> None:
    (given, minus), (got, plus) = _legs(rows)
    # The one that is more like money is the quote; of two alike, the one that was given.
    selling = quote_rank(got) < quote_rank(given)
    base, quote, quantity, amount = (
        (given, got, minus, plus) if selling else (got, given, plus, minus)
    )
    _fill(group, rows, "sell" if selling else "buy", base, quote, quantity, amount, **more)


def _legs(rows: Sequence[Change]) -> tuple[tuple[str, Decimal], tuple[str, Decimal]]:
    """What was given, what was received. Raises `Unclear`."""
    got = sums((row.asset, row.amount) for row in rows if row.amount > 0)
    given = sums((row.asset, -row.amount) for row in rows if row.amount < 0)
    if not got or not given:
        problem = "is half of an exchange: what was given or received is missing"
        raise Unclear(problem, BY_HAND, "Operation", rows[0].said)
    if len(got) > 1 or len(given) > 1 or got.keys() == given.keys():
        problem = f"exchanges {', '.join(sorted(given))} for {', '.join(sorted(got))} in one second"
        raise Unclear(f"{problem}: their shares of it cannot be told", BY_HAND)
    return next(iter(given.items())), next(iter(got.items()))


def _fill(
    group: Group,
    rows: Sequence[Change],
    side: str,
    base: str,
    quote: str,
    quantity: Decimal,
    amount: Decimal,
    **more: Any,
) -> None:
    """A trade of these rows; it bears the id of what was received."""
    kind = Liquidated if "reason" in more else Filled
    group.add(
        kind,
        *rows,
        id=min(row.id for row in rows if row.amount > 0),
        side=side,
        asset=base,
        quantity=quantity,
        quote=quote,
        price=price_of(amount, quantity),
        amount=amount,
        **more,
    )


def read_takeover(group: Group) -> None:
    """Small assets that the venue took over in a liquidation: a sale of them. Raises `Unclear`."""
    (base, quantity), (quote, amount) = _legs(group.entries)
    _fill(group, group.entries, "sell", base, quote, quantity, amount, reason="takeover")


def read_bnb(group: Group) -> None:
    """BNB taken for a fee that had been charged in another coin, which is given back.

    The two legs may be of two wallets; then the coin moves on to where it was given back. BNB taken
    alone is a fee. Raises `Unclear`.
    """
    rows: Sequence[Change] = group.entries
    taken = [row for row in rows if row.amount < 0]
    back = [row for row in rows if row.amount > 0]
    if not back:
        for row in taken:
            group.add(FeeCharged, row, asset=row.asset, quantity=-row.amount, kind="fee deduction")
        return
    if not taken:
        problem = "gives back a fee, and the BNB taken for it are missing"
        raise Unclear(problem, "Export all accounts together", "Coin", back[0].asset)
    homes, places = {row.account for row in taken}, {row.account for row in back}
    (given, minus), (got, plus) = _legs(rows)
    if len(homes) > 1 or len(places) > 1:
        raise Unclear("moves fees of several accounts in one second: whose cannot be told", BY_HAND)
    (home,), (place,) = homes, places
    _fill(group, rows, "sell", given, got, minus, plus, account=home)
    if place != home:
        id_ = f"{min(row.id for row in back)}/moved"
        group.add(Transferred, *back, account=home, id=id_, to=place, asset=got, quantity=plus)
