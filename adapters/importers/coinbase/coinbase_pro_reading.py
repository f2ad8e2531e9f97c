"""What rows of Coinbase Pro mean: trades told by either statement, money and coins in and out.

Both statements tell the same trade: the account statement exactly what moved, the fills market and
price. The event is the same whichever of them is given, and both together are held against each
other. A fill names the market; without one, the quote is the asset that Coinbase quotes in.
"""

from decimal import Decimal
from typing import cast

from adapters.importers.coinbase.coinbase_pro import Fill, Row
from adapters.importers.fills import price_of
from adapters.importers.group import Group, sums
from adapters.importers.reading import BY_HAND, Unclear
from domain.events import Deposited, FeeCharged, Filled, IncomeReceived, Withdrawn
from domain.money import CASH, ZERO

_QUOTES = ("USD", "EUR", "GBP", "USDC", "USDT", "DAI", "BTC", "ETH")
"""What Coinbase's markets are quoted in: of two of them, the first."""
_WHOLE = "Export the account statement of all assets, or the fills of the same time"


def read_pro(group: Group) -> str | None:
    """What rows of one trade, conversion or transfer mean. Raises `Unclear`."""
    first = group.first
    if first.bundle.startswith("trade "):
        _read_trade(group)
        return None
    row = cast("Row", first)
    match row.kind:
        case "deposit" | "withdrawal" | "transfer":
            _read_transfer(group, row)
        case "conversion":
            _read_conversion(group)
        case "rebate":
            _read_rebate(group, row, row.id)
        case "fee" if row.amount <= 0:
            if row.amount:
                group.add(FeeCharged, asset=row.asset, quantity=-row.amount)
        case "match":
            raise Unclear("is a match without a trade id", _WHOLE, "trade id")
        case _:
            raise Unclear("is a type of entry not known here", BY_HAND, "type", row.kind)
    return None


def quote_rank(asset: str) -> tuple[int, str]:
    """How rather an asset is what others are quoted in: the lower, the rather."""
    return (_QUOTES.index(asset) if asset in _QUOTES else len(_QUOTES), asset)


def _read_transfer(group: Group, row: Row) -> None:
    """Units that came in or went out. The word tells nothing that the sign does not tell."""
    expected = {"deposit": 1, "withdrawal": -1}.get(row.kind)
    id_ = row.id
    if expected is not None and row.amount * expected < 0:
        if row.asset not in CASH:
            raise Unclear(f"takes back a {row.kind} of coins", BY_HAND, "amount", f"{row.amount:f}")
        id_ = f"{row.id}/reversed"
    if row.amount > 0:
        group.add(Deposited, id=id_, asset=row.asset, quantity=row.amount)
    elif row.amount:
        group.add(Withdrawn, id=id_, asset=row.asset, quantity=-row.amount)


def _read_rebate(group: Group, row: Row, id_: str) -> None:
    if row.amount < 0:
        raise Unclear("is a rebate that takes units away", BY_HAND, "amount", f"{row.amount:f}")
    if row.amount:
        group.add(IncomeReceived, row, id=id_, asset=row.asset, quantity=row.amount, kind="rebate")


def _read_conversion(group: Group) -> None:
    """Money for its stablecoin at par, or the other way."""
    net = group.net()
    if not net:
        return
    if sorted(map(_sign, net.values())) != [-1, 1]:
        raise Unclear("is half of a conversion: its other row is missing", _WHOLE)
    quote, asset = sorted(net, key=quote_rank)
    quantity, amount = abs(net[asset]), abs(net[quote])
    row: Row = group.first
    group.add(
        Filled,
        id=row.transfer or f"conversion/{row.at:%Y-%m-%dT%H:%M:%S.%fZ}/{asset}-{quote}",
        side="buy" if net[asset] > 0 else "sell",
        asset=asset,
        quantity=quantity,
        quote=quote,
        price=price_of(amount, quantity),
        amount=amount,
    )


# Trades -------------------------------------------------------------------------------------------


def _read_trade(group: Group) -> None:
    rows = [entry for entry in group.entries if isinstance(entry, Row)]
    fills = [entry for entry in group.entries if isinstance(entry, Fill)]
    told = [row for row in rows if row.kind != "rebate"]
    if len(fills) > 1:
        raise Unclear("is told by two fills")
    if fills:
        _compare(fills[0], told)
        _add_fill(group, fills[0])
    elif told:
        _add_matched(group, told)
    for row in rows:
        if row.kind == "rebate":
            _read_rebate(group, row, f"{_name(row.trade, row.asset)}/rebate")


def _add_fill(group: Group, fill: Fill) -> None:
    """A trade as the fills tell it; a fee below zero was given back."""
    group.add(
        Filled,
        id=_name(fill.id, fill.asset, fill.quote),
        side=fill.side,
        asset=fill.asset,
        quantity=fill.quantity,
        quote=fill.quote,
        price=fill.price,
        amount=fill.amount,
        fee=max(fill.fee, ZERO),
    )
    if fill.fee < 0:
        group.add(
            IncomeReceived,
            id=f"{_name(fill.id, fill.quote)}/rebate",
            asset=fill.quote,
            quantity=-fill.fee,
            kind="rebate",
        )


def _add_matched(group: Group, told: list[Row]) -> None:
    """A trade as the account statement alone tells it."""
    matched = sums((row.asset, row.amount) for row in told if row.kind == "match")
    charged = sums((row.asset, -row.amount) for row in told if row.kind == "fee")
    if sorted(map(_sign, matched.values())) != [-1, 1]:
        raise Unclear("is half of a trade: its other match is missing", _WHOLE)
    quote, asset = sorted(matched, key=quote_rank)
    if charged.keys() - {quote}:
        raise Unclear(f"has a fee in another asset than {quote}", _WHOLE)
    quantity, amount = abs(matched[asset]), abs(matched[quote])
    group.add(
        Filled,
        id=_name(told[0].trade, asset, quote),
        side="buy" if matched[asset] > 0 else "sell",
        asset=asset,
        quantity=quantity,
        quote=quote,
        price=price_of(amount, quantity),
        amount=amount,
        fee=charged.get(quote, ZERO),
    )


def _name(trade: str, *assets: str) -> str:
    """What a trade is called: its id is unique within its market alone."""
    return "/".join((trade, *sorted(assets)))


def _compare(fill: Fill, told: list[Row]) -> None:
    """Hold what the account statement says of a trade against its fill. Raises `Unclear`."""
    sign = 1 if fill.side == "buy" else -1
    expected = {fill.asset: fill.quantity * sign, fill.quote: -fill.amount * sign}
    matched = sums((row.asset, row.amount) for row in told if row.kind == "match")
    charged = sums((row.asset, -row.amount) for row in told if row.kind == "fee")
    fee_told = fill.quote in charged or len(matched) == len(expected)
    if any(expected.get(asset) != amount for asset, amount in matched.items()) or (
        fee_told and charged != ({fill.quote: fill.fee} if fill.fee > 0 else {})
    ):
        problem = "the fills tell other amounts of this trade than the account statement"
        raise Unclear(problem, "Was one of the files edited? Export both again")


def _sign(amount: Decimal) -> int:
    return 1 if amount > 0 else -1
