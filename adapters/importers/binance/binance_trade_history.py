"""Binance's trade histories: one row per fill, with its pair, but without account and id.

Spot and margin trades look alike, so they are those of the main account unless another is given.
Source: Binance, Trade History (CSV): the older columns with Market and Total, the newer ones with
quantities glued to their coins.
"""

from datetime import datetime
from decimal import Decimal

from attrs import define

from adapters.importers.binance.binance_pairs import coins_of, glued, plain_number, split_pair
from adapters.importers.binance.binance_times import ZonedLayout, instant
from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key
from adapters.importers.table import Misread, canonical, number
from domain.money import ZERO

_SIDES = {"BUY": "buy", "SELL": "sell"}


@define(eq=False, kw_only=True)
class Fill(Entry):
    """A row of a trade history: one fill, its fee taken in any coin."""

    side: str
    base: str
    quote: str
    quantity: Decimal
    amount: Decimal
    fee: Decimal
    fee_coin: str


def _key(cells: Cells) -> Key | str:
    time, pair, side, price, executed, amount, fee = cells
    at = instant(time, "Date(UTC)")
    try:
        base, quote = coins_of(pair.replace("/", ""), executed, amount)
        charged, coin = glued(fee, "Fee", (base, quote, "BNB")) if fee else (ZERO, "")
        numbers = [plain_number(price, "Price"), glued(executed, "Executed", (base,))[0]]
        numbers += [glued(amount, "Amount", (quote,))[0], charged]
        said = (*(f"{each:f}" for each in numbers), coin if charged else "")
    except Misread:  # it is raised again when the row is read, for all rows that go with it
        said = (price, executed, amount, fee)
    return _named(at, pair, side, said)


def _entry(kept: Kept, accounts: Accounts) -> Fill:
    _, pair, side, price, executed, total, fee = kept.cells
    plain_number(price, "Price")
    base, quote = coins_of(pair.replace("/", ""), executed, total)
    quantity, _ = glued(executed, "Executed", (base,))
    amount, _ = glued(total, "Amount", (quote,))
    charged, fee_coin = glued(fee, "Fee", (base, quote, "BNB")) if fee else (ZERO, quote)
    return _fill(
        kept, accounts, (side, "Side"), (base, quote), (quantity, amount), (charged, fee_coin)
    )


def _old_key(cells: Cells) -> Key | str:
    time, market, type_, price, amount, total, fee, fee_coin = cells
    numbers = [canonical(each) for each in (price, amount, total, fee or "0")]
    coin = fee_coin if numbers[-1] != "0" else ""
    return _named(instant(time, "Date(UTC)"), market, type_, (*numbers, coin))


def _named(at: datetime, pair: str, side: str, said: tuple[str, ...]) -> Key:
    """A fill is known by the same words in both histories."""
    when, pair = at.isoformat(), pair.replace("/", "")
    return Key(at, "", f"fills {when} {pair}", (when, pair, side, *said))


def _old_entry(kept: Kept, accounts: Accounts) -> Fill:
    _, market, type_, price, amount, total, fee, fee_coin = kept.cells
    number(price, "Price")
    base, slash, quote = market.partition("/")
    if not slash:
        base, quote = split_pair(market, fee_coin)
    charged = number(fee, "Fee") if fee else ZERO
    if charged and not fee_coin:
        raise Misread("Fee Coin", fee_coin, "names no coin")
    return _fill(
        kept,
        accounts,
        (type_, "Type"),
        (base, quote),
        (number(amount, "Amount"), number(total, "Total")),
        (charged, fee_coin or quote),
    )


def _fill(
    kept: Kept,
    accounts: Accounts,
    said: tuple[str, str],
    coins: tuple[str, str],
    traded: tuple[Decimal, Decimal],
    fee: tuple[Decimal, str],
) -> Fill:
    side, column = said
    if side not in _SIDES:
        raise Misread(column, side, "is neither BUY nor SELL")
    return Fill(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(),
        bundle=kept.bundle,
        side=_SIDES[side],
        base=coins[0],
        quote=coins[1],
        quantity=traded[0],
        amount=traded[1],
        fee=fee[0],
        fee_coin=fee[1],
    )


TRADES = ZonedLayout(
    name="binance-trades",
    title="trade history, spot or margin (Orders, Trade History, Export)",
    needed=("Date(UTC)", "Pair", "Side", "Price", "Executed", "Amount", "Fee"),
    aliases={"Time": "Date(UTC)"},
    generations=(("2023", ("Time",)), ("2021", ())),
    family="binance-trades",
    key=_key,
    entry=_entry,
)
OLD_TRADES = ZonedLayout(
    name="binance-trades-old",
    title="trade history as it was until 2021",
    needed=("Date(UTC)", "Market", "Type", "Price", "Amount", "Total", "Fee", "Fee Coin"),
    generations=(("2017", ()),),
    family="binance-trades",
    key=_old_key,
    entry=_old_entry,
)
