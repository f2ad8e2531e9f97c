"""What is asked of each venue: which method, with which parameters, and how its pages follow.

A feed is pure: from a span of time to the first request, and from a page to the next. So a run that
was cut off goes on with the request that it would have made, and a test needs no network.
Sources: the venues' own references of their interfaces, by the name of each method.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import frozen

from domain.errors import UnknownName

Params = dict[str, Any]
Page = Any
"""A page as JSON values."""

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Span:
    """What to ask for: everything after `since` (None: from the beginning) up to `until`."""

    since: datetime | None
    until: datetime


@frozen(kw_only=True)
class Feed:
    """One method of a venue's interface that tells rows, page by page."""

    name: str
    method: str
    """The method as ccxt names it, such as `privatePostLedgers`."""
    first: Callable[[Span], Params]
    rows: Callable[[Page], list[Any]]
    """A page's rows. Raises `KeyError`, `TypeError` or `LookupError` for what is no such page."""
    following: Callable[[Params, Page, Span], Params | None]
    """The next request, or None: this was the last page."""


@frozen(kw_only=True)
class LiveVenue:
    """A venue whose interface is asked. `exchange` is its name in ccxt."""

    name: str
    exchange: str
    feeds: tuple[Feed, ...]
    passphrase: bool = False


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - _EPOCH) // _MILLISECOND


# Kraken: offsets, 50 rows a page, newest first. The end is fixed, so rows do not shift. -----------


_KRAKEN_ROWS = 50


def _kraken(name: str, method: str, inside: str) -> Feed:
    def first(span: Span) -> Params:
        params: Params = {"ofs": 0, "end": int(span.until.timestamp())}
        return params if span.since is None else {**params, "start": int(span.since.timestamp())}

    def rows(page: Page) -> list[Any]:
        return [*page["result"][inside].values()]

    def following(params: Params, page: Page, span: Span) -> Params | None:
        """Until a page is short and the count is reached: a count alone may be of an hour ago."""
        found = len(rows(page))
        reached = params["ofs"] + found
        if not found or (found < _KRAKEN_ROWS and reached >= int(page["result"]["count"])):
            return None
        return {**params, "ofs": reached}

    return Feed(name=name, method=method, first=first, rows=rows, following=following)


KRAKEN = LiveVenue(
    name="kraken",
    exchange="kraken",
    feeds=(
        _kraken("ledgers", "privatePostLedgers", "ledger"),
        _kraken("trades", "privatePostTradesHistory", "trades"),
    ),
)

# OKX: bills of the last three months, by the id of the last one seen. -----------------------------

_OKX_ROWS = 100


def _okx_first(span: Span) -> Params:
    params: Params = {"limit": str(_OKX_ROWS), "end": str(milliseconds(span.until))}
    return params if span.since is None else {**params, "begin": str(milliseconds(span.since))}


def _okx_rows(page: Page) -> list[Any]:
    return list(page["data"])


def _okx_following(params: Params, page: Page, span: Span) -> Params | None:
    rows = _okx_rows(page)
    return {**params, "after": rows[-1]["billId"]} if len(rows) >= _OKX_ROWS else None


OKX = LiveVenue(
    name="okx",
    exchange="okx",
    passphrase=True,
    feeds=(
        Feed(
            name="bills",
            method="privateGetAccountBillsArchive",
            first=_okx_first,
            rows=_okx_rows,
            following=_okx_following,
        ),
    ),
)

# Windows of time: Bybit's transaction log (7 days, with a cursor), Binance's interest (30 days) ---


def _windowed(span: Span, start: datetime, days: int) -> Params:
    """The window that begins at `start`."""
    end = min(start + timedelta(days=days) - _MILLISECOND, span.until)
    return {"startTime": milliseconds(start), "endTime": milliseconds(end)}


def _next_window(params: Params, span: Span, days: int) -> Params | None:
    start = _EPOCH + timedelta(milliseconds=params["endTime"] + 1)
    return _windowed(span, start, days) if start < span.until else None


_BYBIT_KEEPS = timedelta(days=2 * 365)  # Bybit: "Query for transaction logs in Unified account"
_BYBIT = {"accountType": "UNIFIED", "limit": 50}


def _bybit_first(span: Span) -> Params:
    start = span.since or span.until - _BYBIT_KEEPS
    return {**_BYBIT, **_windowed(span, start, 7)}


def _bybit_rows(page: Page) -> list[Any]:
    return list(page["result"]["list"])


def _bybit_following(params: Params, page: Page, span: Span) -> Params | None:
    cursor = page["result"].get("nextPageCursor")
    if cursor and _bybit_rows(page):
        return {**params, "cursor": cursor}
    window = _next_window(params, span, 7)
    return None if window is None else {**_BYBIT, **window}


BYBIT = LiveVenue(
    name="bybit",
    exchange="bybit",
    feeds=(
        Feed(
            name="transactions",
            method="privateGetV5AccountTransactionLog",
            first=_bybit_first,
            rows=_bybit_rows,
            following=_bybit_following,
        ),
    ),
)

_BINANCE_MARGIN_SINCE = datetime(2019, 7, 1, tzinfo=UTC)  # Binance opened margin trading
_BINANCE_ROWS = 100


def _binance_first(span: Span) -> Params:
    return _binance_window(_windowed(span, span.since or _BINANCE_MARGIN_SINCE, 30), span)


def _binance_window(window: Params, span: Span) -> Params:
    """The first page of a window; Binance keeps rows older than six months apart."""
    old = window["startTime"] < milliseconds(span.until - timedelta(days=180))
    archived = {"archived": "true"} if old else {}
    return {"size": _BINANCE_ROWS, "current": 1, **window, **archived}


def _binance_rows(page: Page) -> list[Any]:
    return list(page["rows"])


def _binance_following(params: Params, page: Page, span: Span) -> Params | None:
    if _binance_rows(page) and params["current"] * _BINANCE_ROWS < int(page["total"]):
        return {**params, "current": params["current"] + 1}
    window = _next_window(params, span, 30)
    return None if window is None else _binance_window(window, span)


BINANCE = LiveVenue(
    name="binance",
    exchange="binance",
    feeds=(
        Feed(
            name="margin-interest",
            method="sapiGetMarginInterestHistory",
            first=_binance_first,
            rows=_binance_rows,
            following=_binance_following,
        ),
    ),
)

# Bitfinex: newest first, each page up to the time of the last row seen ----------------------------

_BITFINEX_ROWS = 2500


def _bitfinex(name: str, method: str, at: int) -> Feed:
    """A feed of lists; the row's time stands at place `at`."""

    def first(span: Span) -> Params:
        params: Params = {"limit": _BITFINEX_ROWS, "end": milliseconds(span.until)}
        return params if span.since is None else {**params, "start": milliseconds(span.since)}

    def rows(page: Page) -> list[Any]:
        if not isinstance(page, list):
            raise TypeError
        return page

    def following(params: Params, page: Page, span: Span) -> Params | None:
        """The last instant is asked for again, in case the page ended within it."""
        found = rows(page)
        if len(found) < _BITFINEX_ROWS:
            return None
        last = int(found[-1][at])
        return {**params, "end": last if last < params["end"] else last - 1}

    return Feed(name=name, method=method, first=first, rows=rows, following=following)


BITFINEX = LiveVenue(
    name="bitfinex",
    exchange="bitfinex",
    feeds=(
        _bitfinex("ledgers", "privatePostAuthRLedgersHist", 3),
        _bitfinex("trades", "privatePostAuthRTradesHist", 2),
    ),
)

# Kraken Futures: newest first, 500 entries a page, up to the id before the last one seen ----------

_FUTURES_ROWS = 500


def _futures_first(span: Span) -> Params:
    params: Params = {"count": _FUTURES_ROWS, "before": milliseconds(span.until)}
    return params if span.since is None else {**params, "since": milliseconds(span.since)}


def _futures_rows(page: Page) -> list[Any]:
    return list(page["logs"])


def _futures_following(params: Params, page: Page, span: Span) -> Params | None:
    rows = _futures_rows(page)
    if len(rows) < _FUTURES_ROWS:
        return None
    return {**params, "to": min(int(row["id"]) for row in rows) - 1}


KRAKEN_FUTURES = LiveVenue(
    name="kraken-futures",
    exchange="krakenfutures",
    feeds=(
        Feed(
            name="account-log",
            method="historyGetAccountLog",
            first=_futures_first,
            rows=_futures_rows,
            following=_futures_following,
        ),
    ),
)

VENUES = {venue.name: venue for venue in (KRAKEN, KRAKEN_FUTURES, OKX, BYBIT, BINANCE, BITFINEX)}


def venue_named(name: str) -> LiveVenue:
    """The venue of this name. Raises `UnknownName`."""
    if name not in VENUES:
        msg = f"{name!r} is no venue that can be asked; known: {', '.join(sorted(VENUES))}"
        raise UnknownName(msg)
    return VENUES[name]
