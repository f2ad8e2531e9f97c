"""Coinbase Pro, later Exchange: how rows of its fills and account statements look.

A trade's rows share its trade id: in the account statement a match for each of the two assets, and
the fee. A trade id is unique within one market alone, so a trade is called by its instant, too.
Times count to the millisecond, as the fills tell them.
Source: the headers of Coinbase Pro's reports "fills" and "account".
"""

from datetime import datetime
from decimal import Decimal

from attrs import define

from adapters.importers.assets import asset_of
from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key, Layout, Moved
from adapters.importers.table import Misread, canonical, number, plain, rfc3339

OF_TRADES = frozenset({"match", "fee", "rebate"})
_RANKS = {"deposit": 1, "conversion": 4, "withdrawal": 9}


@define(eq=False, kw_only=True)
class Row(Moved):
    """A row of an account statement. `transfer` and `trade` are what it belongs to, if told."""

    transfer: str = ""
    trade: str = ""


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
    order: str = ""

    @property
    def amount(self) -> Decimal:
        """What was paid or received in the quote, before the fee."""
        return plain((self.total + self.fee) * (-1 if self.side == "buy" else 1))


def _account_key(cells: Cells) -> Key | str:
    type_, time, amount, balance, unit, transfer, trade, _, portfolio = cells
    at = _instant(time, "time")
    kind, portfolio = type_.casefold(), portfolio or "default"
    if trade and kind in OF_TRADES:
        bundle = _trade(portfolio, trade, at)
    elif kind == "conversion":
        bundle = f"conversion {portfolio} {transfer or at.isoformat()}"
    else:
        bundle = ""
    told = trade or transfer
    id_ = f"{portfolio}/{told}/{kind}/{unit}/{at.isoformat()}" if told else ""
    return Key(
        at, id_, bundle, (portfolio, kind, at.isoformat(), *map(canonical, (amount, balance)), unit)
    )


def _account_entry(kept: Kept, accounts: Accounts) -> Row:
    type_, _, amount, balance, unit, transfer, trade, order, portfolio = kept.cells
    kind = type_.casefold()
    return Row(
        file=kept.file,
        line=kept.line,
        id=trade or transfer or kept.id,
        at=kept.at,
        account=accounts.of(_wallet(portfolio)),
        bundle=kept.bundle,
        rank=_RANKS.get(kind, 5),
        kind=kind,
        asset=asset_of(unit, "amount/balance unit"),
        amount=number(amount, "amount"),
        balance=number(balance, "balance") if balance else None,
        word=order,
        transfer=transfer,
        trade=trade,
    )


def _fill_key(cells: Cells) -> Key | str:
    trade, time, portfolio = cells[0], cells[3], cells[9] or "default"
    if not trade:
        raise Misread("trade id", trade, "is missing: a fill without it cannot be told from others")
    at = _instant(time, "created at")
    bundle = _trade(portfolio, trade, at)
    return Key(at, f"{bundle}/fill", bundle)


def _fill_entry(kept: Kept, accounts: Accounts) -> Fill:
    trade, product, side, _, size, price, fee, total, unit, portfolio = kept.cells
    asset, _, quote = product.partition("-")
    if side.upper() not in ("BUY", "SELL"):
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


def _instant(time: str, column: str) -> datetime:
    at = rfc3339(time, column)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _trade(portfolio: str, trade: str, at: datetime) -> str:
    return f"trade {portfolio} {trade} {at.isoformat()}"


def _wallet(portfolio: str) -> str:
    """The portfolio as a wallet; the first one that everybody has needs no name."""
    return "pro" if portfolio in ("", "default") else f"pro/{portfolio}"


ACCOUNT = Layout(
    name="coinbase-pro-account",
    title="Coinbase Pro and Exchange: account statement (Statements, Account, CSV)",
    needed=(
        *("type", "time", "amount", "balance", "amount/balance unit"),
        *("transfer id", "trade id"),
    ),
    optional=("order id", "portfolio"),
    aliases={"timestamp": "time"},
    generations=(("2018", ("portfolio",)), ("2015", ())),
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
    generations=(("2018", ("portfolio",)), ("2015", ())),
    key=_fill_key,
    entry=_fill_entry,
)
