"""Coinbase Pro, later Exchange: fills and account statements.

A trade's rows share its trade id: in the account statement a match for each of the two assets, and
the fee. The statement of fills tells the same trade in one row, so both become the same event.
Source: the headers of Coinbase Pro's reports "fills" and "account".
"""

from decimal import Decimal

from attrs import define

from adapters.importers.assets import money_rank
from adapters.importers.fills import price_of
from adapters.importers.group import Group, sums
from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key, Layout, Moved
from adapters.importers.reading import Unclear
from adapters.importers.table import Misread, number, rfc3339
from domain.events import Deposited, Filled, Withdrawn
from domain.money import ZERO

_RANKS = {"deposit": 1, "withdrawal": 9}


@define(eq=False, kw_only=True)
class Fill(Entry):
    """A row of the fills: `total` is signed, what the quote's balance did, fee included."""

    side: str
    asset: str
    quantity: Decimal
    quote: str
    price: Decimal
    fee: Decimal
    total: Decimal


def _account_key(cells: Cells) -> Key | str:
    type_, time, amount, balance, unit, transfer, trade, _, portfolio = cells
    bundle = trade and f"trade {trade}"
    at = rfc3339(time, "time")
    id_ = f"{trade or transfer}/{type_}/{unit}" if trade or transfer else ""
    return Key(at, id_, bundle, (portfolio, type_, at.isoformat(), amount, balance, unit))


def _account_entry(kept: Kept, accounts: Accounts) -> Moved:
    type_, _, amount, balance, unit, transfer, trade, order, portfolio = kept.cells
    return Moved(
        file=kept.file,
        line=kept.line,
        id=trade or transfer or kept.id,
        at=kept.at,
        account=accounts.of(_wallet(portfolio)),
        bundle=kept.bundle,
        rank=_RANKS.get(type_, 5),
        kind=type_,
        asset=unit,
        amount=number(amount, "amount"),
        balance=number(balance, "balance") if balance else None,
        word=order,
    )


def _fill_key(cells: Cells) -> Key | str:
    trade, time = cells[0], cells[3]
    return Key(rfc3339(time, "created at"), f"{trade}/fill", f"trade {trade}")


def _fill_entry(kept: Kept, accounts: Accounts) -> Fill:
    trade, product, side, _, size, price, fee, total, unit, portfolio = kept.cells
    asset, _, quote = product.partition("-")
    if side not in ("BUY", "SELL"):
        raise Misread("side", side, "is neither BUY nor SELL")
    if not asset or quote != unit:
        raise Misread("product", product, f"is no pair of an asset and {unit}")
    return Fill(
        file=kept.file,
        line=kept.line,
        id=trade,
        at=kept.at,
        account=accounts.of(_wallet(portfolio)),
        bundle=kept.bundle,
        side=side.lower(),
        asset=asset,
        quantity=number(size, "size"),
        quote=quote,
        price=number(price, "price"),
        fee=number(fee, "fee"),
        total=number(total, "total"),
    )


def _wallet(portfolio: str) -> str:
    """The portfolio as a wallet; the first one that everybody has is the main one."""
    return "main" if portfolio in ("", "default") else portfolio


ACCOUNT = Layout(
    name="coinbase-pro-account",
    title="Coinbase Pro and Exchange: account statement (Statements, Account, CSV)",
    needed=(
        *("type", "time", "amount", "balance", "amount/balance unit"),
        *("transfer id", "trade id"),
    ),
    optional=("order id", "portfolio"),
    key=_account_key,
    entry=_account_entry,
)
FILLS = Layout(
    name="coinbase-pro-fills",
    title="Coinbase Pro and Exchange: fills (Statements, Fills, CSV)",
    needed=(
        *("trade id", "product", "side", "created at", "size", "price", "fee", "total"),
        "price/fee/total unit",
    ),
    optional=("portfolio",),
    key=_fill_key,
    entry=_fill_entry,
)


def read_pro(group: Group) -> str | None:
    """What rows of one trade, deposit or withdrawal mean. Raises `Unclear`."""
    told = [entry for entry in group.entries if isinstance(entry, Moved)]
    if not told:
        _read_fill(group)
        return None
    if told[0].bundle:
        _read_trade(group, told)
        return None
    moved = told[0]
    match moved.kind:
        case "deposit" if moved.amount > 0:
            group.add(Deposited, asset=moved.asset, quantity=moved.amount)
        case "withdrawal" if moved.amount < 0:
            group.add(Withdrawn, asset=moved.asset, quantity=-moved.amount)
        case _:
            raise Unclear("is a type of entry not known here", "", "type", moved.kind)
    return None


def _read_fill(group: Group) -> None:
    """A trade as the fills tell it."""
    fill: Fill = group.first
    sign = -1 if fill.side == "buy" else 1
    group.add(
        Filled,
        side=fill.side,
        asset=fill.asset,
        quantity=fill.quantity,
        quote=fill.quote,
        price=fill.price,
        amount=(fill.total + fill.fee) * sign,
        fee=fill.fee,
    )


def _read_trade(group: Group, told: list[Moved]) -> None:
    """A trade as the account statement tells it; the fill beside it names pair and price."""
    matched = sums((row.asset, row.amount) for row in told if row.kind == "match")
    charged = sums((row.asset, -row.amount) for row in told if row.kind == "fee")
    if len(matched) != 2 or set(map(_sign, matched.values())) != {1, -1}:
        raise Unclear("is half of a trade: its other match is missing", "Export the whole time")
    fill = next((entry for entry in group.entries if isinstance(entry, Fill)), None)
    asset, quote = (fill.asset, fill.quote) if fill else sorted(matched, key=money_rank)[::-1]
    if matched.keys() != {asset, quote} or len(charged) > 1 or (charged and quote not in charged):
        raise Unclear("its rows are of other assets than its trade")
    quantity, amount, fee = abs(matched[asset]), abs(matched[quote]), charged.get(quote, ZERO)
    if fill and (fill.quantity, fill.fee, abs(fill.total + fill.fee)) != (quantity, fee, amount):
        raise Unclear("the fills tell other amounts of this trade", "Export both again")
    group.add(
        Filled,
        side="buy" if matched[asset] > 0 else "sell",
        asset=asset,
        quantity=quantity,
        quote=quote,
        price=fill.price if fill else price_of(amount, quantity),
        amount=amount,
        fee=fee,
    )


def _sign(amount: Decimal) -> int:
    return 1 if amount > 0 else -1
