"""Binance's glued words: `0.20000000BTC` is a quantity and a coin, `BTCUSDT` two coins.

The one trick: what a row names decides. `1,234.51INCH` beside the pair `1INCHUSDT` can be parted
in one way only, since the coins of `Executed` and `Amount` make up the pair. Where an old row names
nothing but its pair, the quotes that Binance ever had are tried, and two answers are a fault.
"""

import re
from decimal import Decimal
from functools import lru_cache

from adapters.importers.table import Misread, number
from domain.money import CASH, MONEY

_QUOTES = (
    "AEUR ARS AUD BIDR BKRW BNB BRL BTC BUSD BVND COP CZK DAI DOGE DOT ETH EUR EURI FDUSD GBP GYEN"
    " IDRT JPY MXN NGN PAX PLN RON RUB SOL TRX TRY TUSD UAH USD USD1 USDC USDP USDS USDT UST VAI"
    " XMR XRP ZAR"
)
QUOTES = frozenset(_QUOTES.split())
"""Every coin that Binance ever priced others in."""

_COINS = "ADA ANT BAT BCH BSV COMP EOS GRT LINK LTC ONT QNT QTUM VET XLM"
_KNOWN = QUOTES.union(_COINS.split())
"""Coins that are told from a coin with a letter more, where a pair could be parted twice."""

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_GROUPED = re.compile(rf"{_NUMBER}(?:[eE][+-]?\d+)?")
_GLUED = re.compile(rf"({_NUMBER}) ?([A-Za-z][A-Za-z0-9]*)")


def plain_number(text: str, column: str) -> Decimal:
    """A number that may have commas between its thousands. Raises `Misread`."""
    if "," in text and _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    return number(text, column)


def behind(text: str, coin: str) -> str | None:
    """The number that stands before this coin in a glued text, None if it is not one."""
    if not coin or not text.endswith(coin):
        return None
    digits = text[: -len(coin)].rstrip(" ")
    return digits if _GROUPED.fullmatch(digits) else None


def coins_of(pair: str, executed: str, amount: str) -> tuple[str, str]:
    """Base and quote, as the pair and the glued quantities name them. Raises `Misread`."""
    found = [
        (pair[:cut], pair[cut:])
        for cut in range(1, len(pair))
        if behind(executed, pair[:cut]) is not None and behind(amount, pair[cut:]) is not None
    ]
    if len(found) != 1:
        problem = f"is no pair of the coins in {executed} and {amount}"
        raise Misread("Pair", pair, problem, "Export the trades again, as CSV")
    return found[0]


def glued(text: str, column: str, coins: tuple[str, ...]) -> tuple[Decimal, str]:
    """Quantity and coin; `coins` are those it is likely in. Raises `Misread`."""
    for coin in coins:
        digits = behind(text, coin)
        if digits is not None:
            return plain_number(digits, column), coin
    found = _GLUED.fullmatch(text)
    if found is None:
        raise Misread(column, text, "is no quantity with its coin", "It should look like 0.5BNB")
    return plain_number(found[1], column), found[2]


@lru_cache(maxsize=4096)
def split_pair(market: str, fee_coin: str) -> tuple[str, str]:
    """Base and quote of an old row, whose fee may name one of them. Raises `Misread`."""
    ways = [(market[:cut], market[cut:]) for cut in range(1, len(market)) if market[cut:] in QUOTES]
    for narrower in (
        [way for way in ways if fee_coin in way and fee_coin != "BNB"],
        [way for way in ways if way[0] in _KNOWN],
    ):
        if len(ways) > 1 and narrower:
            ways = narrower
    if len(ways) != 1:
        problem = "cannot be parted into two coins"
        hint = "Newer exports of the trades name the coins: export them again"
        raise Misread("Market", market, problem, hint)
    return ways[0]


def quote_rank(coin: str) -> int:
    """How much a coin is the quote at Binance: of two coins of a pair, the one that ranks lower."""
    if coin in _RANKS:
        return _RANKS[coin]
    return 2 if coin in MONEY - CASH else 7


_MONEYS = "USD ARS BRL COP CZK IDRT JPY MXN NGN PLN RON RUB TRY UAH ZAR"
_RANKS = {
    **dict.fromkeys(_MONEYS.split(), 0),
    "USDT": 1,
    **dict.fromkeys(("EUR", "GBP", "AUD"), 3),  # the base where the quote is a dollar
    "BTC": 4,
    "ETH": 5,
    "BNB": 6,
}
