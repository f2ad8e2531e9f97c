"""OKX's files: trading account (table and pages of bills), funding account, and the oldest table.

A fill is two rows of one order and second, one a currency. Times are those of the zone that the
line above the header tells (`Time Zone:UTC+8`), else UTC. Pages tell milliseconds, tables none, so
both are read to the second. Source: headers of OKX's reports "Trading account history" and "Funding
account history"; OKX API v5, `GET /api/v5/account/bills`.
"""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from adapters.importers.instants import instant_name, whole_second
from adapters.importers.json_pages import PageLayout
from adapters.importers.layout import Accounts, Cells, Kept, Key, Layout
from adapters.importers.moves import PREFIX
from adapters.importers.okx.okx_words import ACTIONS, CONTRACTS, FUNDING, SUBTYPES, TYPES
from adapters.importers.table import Misread, number, plain, utc, zoned
from adapters.importers.unified import Change
from adapters.importers.zones import ZONE
from domain.money import ZERO, exact

RANKS = {"transfer": 1, "deposit": 1, "loan": 2, "interest": 6, "repayment": 7, "withdrawal": 9}

_CONVERT = "-CONVERT"
"""How the market of a conversion ends in tables, which name no action then: TAO-USDC-CONVERT."""
_PAIRED = ("trade", "liquidation", "forced repayment", "ADL")


# What tables and pages have in common -----------------------------------------------------------


@lru_cache(maxsize=4096)
def pair_of(market: str, word: str) -> tuple[str, str] | tuple[()]:
    """Base and quote of a pair such as BTC-USDT, () for a contract."""
    base, dash, quote = market.removesuffix(_CONVERT).partition("-")
    if not dash or not base or not quote or "-" in quote or word.casefold() in CONTRACTS:
        return ()
    return base, quote


def _bundle(kind: str, at: datetime, order: str, market: str, word: str) -> str:
    """What the rows of one trade have in common."""
    if kind == "conversion":
        return f"conversion/{f'{order}/' if order else ''}{instant_name(at)}"
    if kind not in _PAIRED or not pair_of(market, word):
        return ""
    return f"trade/{order or market}/{instant_name(at)}"


def _move(at: datetime, asset: str, amount: Decimal, into: bool) -> str:
    """What a move between funding and trading account is called, whichever of them tells it."""
    way = "to-trading" if into else "to-funding"
    return f"{PREFIX}{instant_name(at)}/{asset}/{abs(amount):f}/{way}"


# Trading account: the table ---------------------------------------------------------------------


def _table_key(cells: Cells) -> Key | str:
    id_, order, time, trade, market, action, change, unit = cells[:8]
    at = whole_second(zoned(time, cells[-1] or "+00:00", "Time"))
    kind = _kind_of(action, market)
    moved = number(change, "Balance Change")
    if kind == "transfer":
        bundle = _move(at, unit, moved, moved > 0)
    else:
        bundle = _bundle(kind, at, order, market, trade)
    return Key(at, f"{_id(id_)}/{unit}/{kind}", bundle)


def _id(text: str) -> str:
    """A row's id. Raises `Misread`."""
    if not text:
        raise Misread("id", text, "is empty", "Was the file edited? Export it again")
    return text


def _table_entry(kept: Kept, accounts: Accounts) -> Change:
    id_, _, _, trade, market, action, change, unit, balance, fee, fee_unit, _ = kept.cells
    cost = -number(fee, "Fee") if fee else ZERO
    if cost and fee_unit not in ("", unit):
        problem = f"is another currency than the balance's, which is {unit}"
        raise Misread("Fee Unit", fee_unit, problem)
    return _change(
        kept,
        accounts.of(),
        id_=id_,
        kind=_kind_of(action, market),
        asset=unit,
        amount=number(change, "Balance Change"),
        balance=number(balance, "Balance") if balance else None,
        cost=cost,
        market=market,
        word=_word(trade, market),
        other=accounts.of("funding"),
    )


@lru_cache(maxsize=4096)
def _kind_of(action: str, market: str) -> str:
    if not action and market.endswith(_CONVERT):
        return "conversion"
    return ACTIONS.get(action.casefold(), action)


def _word(trade: str, market: str) -> str:
    """`contract` or `pair`, as far as a row tells."""
    return "pair" if pair_of(market, trade) else "contract"


def _change(
    kept: Kept,
    account: str,
    *,
    id_: str,
    kind: str,
    asset: str,
    amount: Decimal,
    balance: Decimal | None,
    cost: Decimal,
    market: str,
    word: str,
    other: str,
) -> Change:
    if not asset:
        raise Misread("Balance Unit", asset, "is empty: the row names no currency")
    return Change(
        file=kept.file,
        line=kept.line,
        id=id_,
        at=kept.at,
        account=account,
        bundle=kept.bundle,
        rank=RANKS.get(kind, 5),
        kind=kind,
        asset=asset,
        amount=amount,
        balance=balance,
        cost=cost,
        market=market,
        word=word,
        other=other,
    )


# Trading account: pages of bills ----------------------------------------------------------------


def _bill_key(cells: Cells) -> Key | str:
    bill, ccy, change, _, type_, sub, time = cells[:7]
    market, order, word = cells[7], cells[8], cells[9]
    at = whole_second(utc(time, "ts"))
    kind = _bill_kind(type_, sub)
    moved = number(change, "balChg")
    if kind == "transfer":
        bundle = _move(at, ccy, moved, moved > 0)
    else:
        bundle = _bundle(kind, at, order, market, word)
    if not bill:
        raise Misread("billId", bill, "is empty")
    return Key(at, f"{bill}/{ccy}/{kind}", bundle)


def _bill_entry(kept: Kept, accounts: Accounts) -> Change:
    bill, ccy, change, balance, type_, sub, _, market, _, word, mode, fee = kept.cells
    kind = _bill_kind(type_, sub)
    isolated = mode == "isolated" and bool(pair_of(market, word)) and word != "SPOT"
    away = "strategy" if kind == "strategy" else "funding"
    return _change(
        kept,
        # A move of margin is told by the account it leaves; all else of a position by its own.
        accounts.of(f"isolated/{market}" if isolated and kind != "margin" else "main"),
        id_=bill,
        kind=kind,
        asset=ccy,
        amount=number(change, "balChg"),
        # `bal` is the account's, not the position's: of that, nothing is told.
        balance=number(balance, "bal") if balance and (kind == "margin" or not isolated) else None,
        cost=-number(fee, "fee") if fee else ZERO,
        market=market,
        word=_word(word, market),
        other=accounts.of(f"isolated/{market}" if kind == "margin" else away),
    )


def _bill_kind(type_: str, sub: str) -> str:
    if type_ == "7" and sub == "295":
        return "penalty"
    return TYPES.get(type_) or SUBTYPES.get(sub) or f"{type_}/{sub}"


# Funding account --------------------------------------------------------------------------------


def _funding_key(cells: Cells) -> Key | str:
    id_, time, type_, amount, before, after, symbol = cells[:7]
    at = whole_second(zoned(time, cells[-1] or "+00:00", "Time"))
    bundle = ""
    if FUNDING.get(type_.casefold()) == "transfer":
        with exact():
            moved = number(after, "After Balance") - number(before, "Before Balance")
        bundle = _move(at, symbol, plain(moved), moved < 0)
    else:
        number(amount, "Amount")
    return Key(at, f"{_id(id_)}/{symbol}", bundle)


def _funding_entry(kept: Kept, accounts: Accounts) -> Change:
    """A row whose change is told by its balances; a fee is in the amount, or beside it."""
    id_, _, type_, amount, before, after, symbol, fee, _ = kept.cells
    kind = FUNDING.get(type_.casefold(), type_)
    balance, told = number(after, "After Balance"), number(amount, "Amount")
    cost = abs(number(fee, "Fee")) if fee else ZERO
    with exact():
        change = plain(balance - number(before, "Before Balance"))
        if change not in (told, told - cost):
            problem = f"is not what the balance did, which is {change:f}"
            raise Misread("Amount", amount, problem, "Was the file edited? Export it again")
    return _change(
        kept,
        accounts.of("funding"),
        id_=id_,
        kind=kind,
        asset=symbol,
        amount=change,
        balance=balance,
        cost=cost,
        market="",
        word="funding",
        other=accounts.of("earn" if kind == "earn" else "main"),
    )


TRADING = Layout(
    name="okx-trading",
    title="OKX: history of the trading account (Report center, Trading account history, CSV)",
    needed=(
        *("id", "Order id", "Time", "Trade Type", "Symbol", "Action", "Balance Change"),
        *("Balance Unit", "Balance", "Fee"),
    ),
    optional=("Fee Unit", ZONE),
    aliases={"Instrument": "Symbol", "Type": "Action", "Unit/2": "Balance Unit"},
    generations=(
        ("2025", ("Trading Unit", "Filled Price", "Fee Unit")),
        ("2022", ("Instrument", "Type")),
    ),
    family="okx-bills",
    key=_table_key,
    entry=_table_entry,
)
BILLS = PageLayout(
    name="okx-bills",
    title="OKX: pages of `account/bills` and `account/bills-archive` (API v5, JSON)",
    needed=("billId", "ccy", "balChg", "bal", "type", "subType", "ts"),
    optional=("instId", "ordId", "instType", "mgnMode", "fee"),
    milliseconds=frozenset({"ts"}),
    key=_bill_key,
    entry=_bill_entry,
)
FUNDS = Layout(
    name="okx-funding",
    title="OKX: history of the funding account (Report center, Funding account history, CSV)",
    needed=("id", "Time", "Type", "Amount", "Before Balance", "After Balance", "Symbol"),
    optional=("Fee", ZONE),
    generations=(("2025", ()),),
    key=_funding_key,
    entry=_funding_entry,
)
