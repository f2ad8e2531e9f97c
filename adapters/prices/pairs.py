"""Which pair a file's bars are of, how long they are, and whose: told, or read from data or name.

What the user told counts, then what the data says, then what the file is called in the manner of
Kraken (`XBTUSD_1440.csv`) or Binance (`BTCUSDT-1d-2025-03.csv`). A name is a default alone: where
it is used the answer says so. What can be read in two ways is asked, never guessed.
"""

import re
from datetime import timedelta
from typing import NamedTuple

from attrs import field, frozen
from attrs.converters import optional

from adapters.importers.kraken.kraken_codes import split_pair
from domain.errors import BookError, UnknownName


def _venue(text: str) -> str:
    """A venue as the names of accounts begin: `kraken`. `none` is "": not known.

    Raises `UnknownName`.
    """
    if text == "none":
        return ""
    if not _VENUE.fullmatch(text):
        msg = f"{text!r} is no venue: write it as its accounts are called, such as kraken, or none"
        raise UnknownName(msg)
    return text


_VENUE = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@frozen(kw_only=True)
class Wanted:
    """What was told of a file of bars; `currency` is the quote where only the asset was told.

    `venue` is where its bars were traded, called as in the names of accounts, or `none`, which is
    "". Raises `UnknownName` for what is no venue.
    """

    asset: str | None = None
    quote: str | None = None
    interval: timedelta | None = None
    venue: str | None = field(default=None, converter=optional(_venue))
    currency: str = "USD"


class Pair(NamedTuple):
    """One unit of `asset` is priced in `quote`; `told_by` says how that is known."""

    asset: str
    quote: str
    told_by: str


def pair_of(file: str, symbol: str, wanted: Wanted) -> Pair:
    """The pair of a file whose rows say `symbol` ("": they say none).

    Raises `BookError` where it is not known, is none, or is another than was told.
    """
    pair = _pair_of(file, symbol, wanted)
    if pair.asset == pair.quote:
        msg = f"{file}: {pair.asset} is not priced in itself: tell --asset and --quote"
        raise BookError(msg)
    return pair


def _pair_of(file: str, symbol: str, wanted: Wanted) -> Pair:
    asset, quote = wanted.asset, wanted.quote
    said, told_by = split(symbol), "the data"
    if said is None:
        said, told_by = named(file)[0], "the file's name"
    elif (asset or said[0], quote or said[1]) != said:
        msg = f"{file}: its rows are of {said[0]}/{said[1]}, not of {asset or '?'}/{quote or '?'}"
        raise BookError(msg)
    if asset and quote:
        return Pair(asset, quote, "--asset and --quote")
    if asset:
        if said is not None and said[0] == asset:
            return Pair(asset, said[1], f"--asset and {told_by}")
        return Pair(asset, wanted.currency, "--asset and the book's currency")
    if said is not None and quote in (None, said[1]):
        return Pair(*said, told_by)
    msg = f"{file}: of which pair are these bars? Tell it with --asset and --quote"
    raise BookError(msg)


def split(symbol: str) -> tuple[str, str] | None:
    """Base and quote of `BTC/USD`, `BTC-USD` or `BTCUSDT`; None if it can be read in two ways."""
    code = symbol.upper().replace("-", "/").replace("_", "/")
    doubtful = any(len(code.removesuffix(quote)) in range(3, len(code)) for quote in _LIKE_USD)
    if not code or ("/" not in code and doubtful):
        return None
    found = split_pair(code, frozenset())
    return None if found is None or "/" in found[1] else found


_LIKE_USD = ("BUSD", "FDUSD", "TUSD")
"""Quotes outside Kraken that end like another: BTCBUSD is BTC in BUSD, or BTCB in USD?"""


def named(file: str) -> tuple[tuple[str, str] | None, timedelta | None]:
    """The pair and the interval in a file's name, as far as it tells them."""
    kraken, binance = _KRAKEN.search(file), _BINANCE.search(file)
    if kraken:
        interval = timedelta(minutes=int(kraken["minutes"]))
        return split_pair(kraken["pair"], frozenset()), interval
    if binance:
        return split(binance["pair"]), interval_of(binance["interval"])
    return None, None


_KRAKEN = re.compile(r"(?:^|[_\W])(?P<pair>[A-Z0-9]{5,20})_(?P<minutes>[1-9]\d{0,4})(?!\d)")
_BINANCE = re.compile(r"(?:^|[_\W])(?P<pair>[A-Z0-9]{5,20})-(?P<interval>[1-9]\d?[smhdw])(?![\w])")


def named_interval(file: str) -> timedelta | None:
    """How long a file's bars are by its name; None if it does not say."""
    return named(file)[1]


def interval_of(text: str) -> timedelta:
    """`1440` (minutes), `90s`, `15m`, `4h`, `1d` or `1w` as a span. Raises `UnknownName`."""
    read = _INTERVAL.fullmatch(text)
    seconds = int(read["count"]) * _SECONDS[read["unit"]] if read else 0
    if not 0 < seconds <= LONGEST.total_seconds():
        msg = f"{text!r} is no interval of bars: write 1440, 60m, 4h, 1d or 1w"
        raise UnknownName(msg)
    return timedelta(seconds=seconds)


_INTERVAL = re.compile(r"(?P<count>\d{1,9})(?P<unit>[smhdw]?)")
_SECONDS = {"s": 1, "": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST = timedelta(days=366)
"""No bar is longer than a year."""


def label(interval: timedelta) -> str:
    """An interval as it stands in ids and sources: in whole minutes, else in seconds.

    >>> label(timedelta(days=1)), label(timedelta(seconds=1))
    ('1440m', '1s')
    """
    if not interval % timedelta(minutes=1):
        return f"{interval // timedelta(minutes=1)}m"
    return f"{interval.total_seconds():f}".rstrip("0").rstrip(".") + "s"
