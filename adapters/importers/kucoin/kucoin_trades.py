"""KuCoin's trades: what a second's rows of the account history, and its orders, come to.

The history tells every balance and its wallet, but neither pair nor order; orders tell the pair.
Where both are given the amounts must agree. All fills of one second, pair and side are one trade,
so that it has the same name in whichever file it stands.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from adapters.importers.assets import money_rank
from adapters.importers.fills import fee_fields, price_of
from adapters.importers.group import Group, sums
from adapters.importers.kucoin.kucoin_rows import Order, trade_name
from adapters.importers.kucoin.kucoin_words import FEES
from adapters.importers.layout import Accounts, Entry
from adapters.importers.reading import Unclear
from adapters.importers.table import plain
from adapters.importers.unified import Change, read_fee, read_fill, read_income
from domain.events import FeeCharged, Filled, Liquidated
from domain.money import ZERO

_BOTH = "Give either the orders or the order splitting, not both"
_WHOLE = "Export the whole time again, all wallets and currencies"


def read_trades(group: Group, accounts: Accounts, *, within_history: bool) -> None:
    """The trades of one second. Raises `Unclear`.

    Orders `within_history` must have their rows in it: else the trade would be told twice, where
    the two files print different seconds.
    """
    orders = [entry for entry in group.entries if isinstance(entry, Order)]
    if orders:
        rows = [entry for entry in group.entries if isinstance(entry, Change)]
        if within_history and not rows:
            raise Unclear("the account history, given along, has no trade in this second", _WHOLE)
        _read_orders(group, orders, rows, accounts)
        return
    by_account: dict[str, list[Change]] = {}
    for row in group.entries:
        by_account.setdefault(row.account, []).append(row)
    for own in by_account.values():
        _read_history(group, own, accounts)


def _read_history(group: Group, rows: Sequence[Change], accounts: Accounts) -> None:
    """A wallet's rows of one second, without orders: one pair, or it cannot be told."""
    moved: dict[str, Decimal] = {}
    ways, traded = set(), False
    for row in _with_costs(rows):
        if row.kind in FEES:
            continue
        result, traded = row.result, True
        moved[row.asset] = moved.get(row.asset, ZERO) + result
        ways.add((row.asset, result > 0))
    if not traded:
        _read_fees(group, rows)
        return
    if len(ways) != len(moved):
        raise Unclear("buys and sells one asset within a second", "Give the orders along")
    if len(moved) > 2:
        told = ", ".join(sorted(moved))
        raise Unclear(f"trades of {told} in one second cannot be told apart", "Give the orders too")
    base, quote = (*sorted(moved, key=lambda name: (-money_rank(name), name)), "", "")[:2]
    side = "buy" if moved[base] > 0 else "sell"
    places = elsewhere(accounts, rows[0], (base, quote, side))
    name = trade_name(rows[0].at, base, quote, side)
    read_fill(group, rows, name, forced=_forced(rows), elsewhere=places)


def elsewhere(
    accounts: Accounts, first: Entry, way: tuple[str, str, str]
) -> Callable[[str], tuple[tuple[str, str], ...]]:
    """Where the other kind of file, imported before, may have put an event of a trade.

    Orders do not tell whose they are, the history does not tell which coin is the quote, and the
    two may print times a second apart.
    """
    base, quote, side = way
    own = trade_name(first.at, base, quote, side)
    other = "sell" if side == "buy" else "buy"
    wallets = ("main", "cross", f"isolated/{base}-{quote}", f"isolated/{quote}-{base}")
    homes = [accounts.of(wallet) for wallet in wallets]
    names = [
        trade_name(first.at + timedelta(seconds=later), *each)
        for later in (0, 1, -1)
        for each in ((base, quote, side), (quote, base, other))
    ]

    def places(id_: str) -> tuple[tuple[str, str], ...]:
        behind = id_.removeprefix(own)
        told = ((home, f"{name}{behind}") for name in names for home in homes)
        return tuple(place for place in told if place != (first.account, id_))

    return places


def _read_orders(
    group: Group, orders: Sequence[Order], rows: Sequence[Change], accounts: Accounts
) -> None:
    """Trades by their orders; the history, where it is given, must say the same."""
    fills = [order for order in orders if not order.whole]
    whole = [order for order in orders if order.whole]
    if fills and whole and _told(fills) != _told(whole):
        raise Unclear("the orders and their splitting tell other amounts of this second", _BOTH)
    fills = fills or whole
    if len({row.account for row in rows}) > 1:
        raise Unclear("trades in two wallets within a second cannot be told apart", _WHOLE)
    apart = [row for row in rows if row.kind in FEES]
    if rows and _told(fills) == _moved(rows):
        apart = []  # the orders tell the fee in KCS, too
    elif rows and _told(fills) != _moved([row for row in rows if row.kind not in FEES]):
        raise Unclear("the account history tells other amounts of this second", _WHOLE)
    trades: dict[tuple[str, str, str], list[Order]] = {}
    for fill in fills:
        trades.setdefault((fill.base, fill.quote, fill.side), []).append(fill)
    if rows and len(trades) == 1:
        (((base, quote, side), same),) = trades.items()
        name = trade_name(same[0].at, base, quote, side)
        told = elsewhere(accounts, rows[0], (base, quote, side))
        read_fill(
            group, _with_costs(rows), name, (base, quote), forced=_forced(rows), elsewhere=told
        )
        return
    for way, same in sorted(trades.items()):
        _read_order(group, way, same, rows, accounts)
    _read_fees(group, apart)


def _read_order(
    group: Group,
    way: tuple[str, str, str],
    same: Sequence[Order],
    rows: Sequence[Change],
    accounts: Accounts,
) -> None:
    """One trade by its orders alone; `rows` are those of all trades of its second."""
    base, quote, side = way
    name = trade_name(same[0].at, base, quote, side)
    quantity = _total(fill.quantity for fill in same)
    amount = _total(fill.volume for fill in same)
    fees = sorted(sums((fill.fee_asset, fill.fee) for fill in same).items())
    account, forced = (rows or same)[0].account, _forced(rows)
    told, placed = elsewhere(accounts, (rows or same)[0], way), bool(rows)
    fields = fee_fields(fees[0] if fees else None, quote)
    if forced:
        fields["reason"] = forced
    group.add(
        Liquidated if forced else Filled,
        *rows,
        *same,
        account=account,
        id=name,
        elsewhere=told(name),
        placed=placed,
        side=side,
        asset=base,
        quantity=quantity,
        quote=quote,
        price=price_of(amount, quantity),
        amount=amount,
        **fields,
    )
    for asset, fee in fees[1:]:
        id_ = f"{name}/fee-{asset}"
        more = {"account": account, "asset": asset, "quantity": fee, "of": name, "placed": placed}
        group.add(FeeCharged, *same, id=id_, elsewhere=told(id_), **more)


def _forced(rows: Sequence[Change]) -> str:
    return "liquidation" if any(row.kind == "liquidation" for row in rows) else ""


def _with_costs(rows: Sequence[Change]) -> Sequence[Change]:
    """The rows, of which those that pay a fee, or give one back, are nothing but that."""
    for row in rows:
        if row.kind in FEES:
            row.cost = -row.amount
    return rows


def _read_fees(group: Group, rows: Sequence[Change]) -> None:
    """Fees paid in KCS, and what is given back for them, apart from their trade."""
    for row in rows:
        if row.kind == "kcs fee":
            read_fee(group, row, "trading")
        else:
            read_income(group, row, "rebate")


def _total(numbers: Iterable[Decimal]) -> Decimal:
    return plain(sum(numbers, ZERO))


def _told(orders: Sequence[Order]) -> dict[str, Decimal]:
    """What each asset's balance does by these orders, fees taken."""
    moved = []
    for order in orders:
        sign = 1 if order.side == "buy" else -1
        moved += [
            (order.base, order.quantity * sign),
            (order.quote, order.volume * -sign),
            (order.fee_asset, -order.fee),
        ]
    return dict(sorted(sums(moved).items()))


def _moved(rows: Sequence[Change]) -> dict[str, Decimal]:
    """What each asset's balance did by the history."""
    return dict(sorted(sums((row.asset, row.amount) for row in rows).items()))
