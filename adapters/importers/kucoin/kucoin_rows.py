"""KuCoin's files: account histories, and the orders of which their trades are made.

The zone stands in the header: `Time(UTC+08:00)`. An amount has no sign, its side tells it, and the
fee is within it: so it is all that the balance did. No running balance is printed.
Source: headers of KuCoin's reports "Account history", "Spot orders, order splitting" and "Spot
orders, filled orders".
"""

from datetime import datetime
from decimal import Decimal

from attrs import define

from adapters.importers.instants import instant_name, whole_second
from adapters.importers.kucoin.kucoin_words import FEES, kind_of, wallet_named, wallet_of
from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key, Layout
from adapters.importers.reading import Unclear
from adapters.importers.table import Misread, number, zoned
from adapters.importers.unified import Change
from adapters.importers.zones import ZONE
from domain.money import ZERO

_RANKS = {
    "deposit": 1,
    "loan": 2,
    "interest": 6,
    "repayment": 7,
    "withdrawal": 9,
}
_SIDES = {"deposit": 1, "in": 1, "withdrawal": -1, "withdraw": -1, "out": -1}
_UNKNOWN_PAIR = "isolated/?"
_NOTHING = "No matching records found."


@define(eq=False, kw_only=True)
class Order(Entry):
    """A fill, or an order as a whole: base and quote units, and the fee beside them."""

    whole: bool
    base: str
    quote: str
    side: str
    quantity: Decimal
    volume: Decimal
    fee: Decimal
    fee_asset: str


# Account history --------------------------------------------------------------------------------


def _history_key(cells: Cells) -> Key | str:
    account, currency, side, amount, fee, time, remark, type_, _, zone = cells
    at = whole_second(zoned(time, zone, "Time"))
    kind = kind_of(type_, remark)
    moved, cost = number(amount, "Amount"), number(fee, "Fee") if fee else ZERO
    bundle = ""
    if kind in ("trade", "liquidation", *FEES):
        bundle = f"trade/{instant_name(at)}"
    elif kind in ("fiat", "exchange"):
        bundle = f"{kind}/{instant_name(at)}"
    elif kind == "transfer":
        bundle = f"transfer/{instant_name(at)}/{currency}/{moved:f}"
    identity = (at.isoformat(), account, currency, side.casefold(), f"{moved:f}", f"{cost:f}", kind)
    return Key(at, "", bundle, identity)


def _history_entry(kept: Kept, accounts: Accounts) -> Change:
    account, currency, side, amount, fee, _, remark, type_, _, _ = kept.cells
    sign = _SIDES.get(side.casefold())
    if sign is None:
        raise Misread("Side", side, "is neither Deposit nor Withdrawal")
    if not currency:
        raise Misread("Currency", currency, "is empty")
    moved = number(amount, "Amount")
    if moved < 0:
        raise Misread("Amount", amount, "has a sign: the side should tell it")
    kind = kind_of(type_, remark)
    wallet = wallet_of(account, kind, type_, remark)
    away = "earn" if kind == "earn" else wallet_named(remark, remark)
    if _UNKNOWN_PAIR in (wallet, away):
        raise Unclear("is of an isolated account, and does not say of which pair", column="Remark")
    return Change(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(wallet),
        bundle=kept.bundle,
        rank=_RANKS.get(kind, 5),
        kind=kind,
        asset=currency,
        amount=moved * sign,
        cost=number(fee, "Fee") if fee else ZERO,
        market=remark if kind in ("contract", "funding") else "",
        other=accounts.of(away) if away else "",
        word=wallet,
    )


# Orders -----------------------------------------------------------------------------------------


def _fill_key(cells: Cells) -> Key | str:
    return _order_key(cells, "fill")


def _whole_key(cells: Cells) -> Key | str:
    return _order_key(cells, "order")


def _order_key(cells: Cells, what: str) -> Key | str:
    account, id_, symbol, side, quantity, volume, time, fee, fee_asset, _, _, zone = cells
    filled = number(quantity, "Filled Amount")
    if not filled:
        return "an order that was not filled"
    at = whole_second(zoned(time, zone, "Filled Time"))
    worth = number(volume, "Filled Volume")
    numbers = (f"{filled:f}", f"{worth:f}", f"{number(fee, 'Fee') if fee else ZERO:f}")
    identity = (what, at.isoformat(), account, id_, symbol, side.casefold(), *numbers, fee_asset)
    return Key(at, "", f"trade/{instant_name(at)}", identity)


def _fill_entry(kept: Kept, accounts: Accounts) -> Order:
    return _order_entry(kept, accounts, whole=False)


def _whole_entry(kept: Kept, accounts: Accounts) -> Order:
    return _order_entry(kept, accounts, whole=True)


def _order_entry(kept: Kept, accounts: Accounts, *, whole: bool) -> Order:
    account, _, symbol, side, quantity, volume, _, fee, fee_asset, _, _, _ = kept.cells
    base, dash, quote = symbol.partition("-")
    if not dash or not base or not quote or "-" in quote:
        raise Misread("Symbol", symbol, "is no pair such as BTC-USDT")
    if side.casefold() not in ("buy", "sell"):
        raise Misread("Side", side, "is neither BUY nor SELL")
    cost = number(fee, "Fee") if fee else ZERO
    if cost and not fee_asset:
        raise Misread("Fee Currency", fee_asset, "is empty, and there is a fee")
    return Order(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(_wallet_of_order(account, symbol)),
        bundle=kept.bundle,
        whole=whole,
        base=base,
        quote=quote,
        side=side.casefold(),
        quantity=number(quantity, "Filled Amount"),
        volume=number(volume, "Filled Volume"),
        fee=cost,
        fee_asset=fee_asset,
    )


def _wallet_of_order(account: str, symbol: str) -> str:
    return wallet_named(account, symbol) or "main"


def trade_name(at: datetime, base: str, quote: str, side: str) -> str:
    """What all fills of one second, pair and side are called, whichever file tells them."""
    return f"trade/{instant_name(at)}/{base}-{quote}/{side}"


_ORDER = (
    *("Account Type", "Order ID", "Symbol", "Side", "Filled Amount", "Filled Volume"),
    *("Filled Time", "Fee", "Fee Currency"),
)

HISTORY = Layout(
    name="kucoin-history",
    title="KuCoin: account history (Export centre, Account history, CSV)",
    needed=("Account Type", "Currency", "Side", "Amount", "Fee", "Time", "Remark"),
    optional=("Type", "UID", ZONE),
    generations=(("2024", ("Type",)), ("2022", ())),
    nothing=_NOTHING,
    user="UID",
    key=_history_key,
    entry=_history_entry,
)
FILLS = Layout(
    name="kucoin-fills",
    title="KuCoin: fills (Export centre, Spot orders, Order splitting, CSV)",
    needed=(*_ORDER, "Maker/Taker"),
    optional=("UID", ZONE),
    generations=(("2023", ()),),
    nothing=_NOTHING,
    user="UID",
    key=_fill_key,
    entry=_fill_entry,
)
ORDERS = Layout(
    name="kucoin-orders",
    title="KuCoin: filled orders (Export centre, Spot orders, Filled orders, CSV)",
    needed=(*_ORDER, "Order Price"),
    optional=("UID", ZONE),
    generations=(("2024", ("Tax",)), ("2022", ())),
    nothing=_NOTHING,
    user="UID",
    key=_whole_key,
    entry=_whole_entry,
)
