"""Pages of Bitfinex's interface: the same lines and trades, as lists in which each place counts.

Source: Bitfinex API v2, "Ledgers" and "Trades": the places of each row.
"""

from typing import Any

from adapters.importers.bitfinex.bitfinex_rows import (
    Fill,
    fill_entry,
    fill_key,
    line_entry,
    line_key,
)
from adapters.importers.json_pages import PageLayout
from adapters.importers.layout import Accounts, Cells, Kept, Key


def _tells_wallet(row: list[Any]) -> bool:
    return isinstance(row[8], str) and " on wallet " in row[8]


def _is_trade(row: list[Any]) -> bool:
    return isinstance(row[1], str) and row[1].startswith("t") and isinstance(row[10], str)


def _trade_key(cells: Cells) -> Key:
    return fill_key(_without_mark(cells))


def _trade_entry(kept: Kept, accounts: Accounts) -> Fill:
    return fill_entry(kept._replace(cells=_without_mark(kept.cells)), accounts)


def _without_mark(cells: Cells) -> Cells:
    """The interface writes a `t` before a trading pair."""
    number, pair, *others = cells
    return (number, pair.removeprefix("t"), *others)


LEDGER_LISTS = PageLayout(
    name="bitfinex-ledgers-page",
    title="Bitfinex: a page of the interface's ledgers (v2), as it came",
    needed=("DESCRIPTION", "CURRENCY", "AMOUNT", "BALANCE", "DATE"),
    optional=("WALLET", "#"),
    family="bitfinex-ledgers",
    milliseconds=frozenset({"DATE"}),
    places={"#": 0, "CURRENCY": 1, "DATE": 3, "AMOUNT": 5, "BALANCE": 6, "DESCRIPTION": 8},
    looks=_tells_wallet,
    key=line_key,
    entry=line_entry,
)
TRADE_LISTS = PageLayout(
    name="bitfinex-trades-page",
    title="Bitfinex: a page of the interface's trades (v2), as it came",
    needed=("#", "PAIR", "AMOUNT", "PRICE", "FEE", "FEE CURRENCY", "DATE"),
    optional=("ORDER ID", "FEE PERC"),
    family="bitfinex-trades",
    milliseconds=frozenset({"DATE"}),
    places={
        "#": 0,
        "PAIR": 1,
        "DATE": 2,
        "ORDER ID": 3,
        "AMOUNT": 4,
        "PRICE": 5,
        "FEE": 9,
        "FEE CURRENCY": 10,
    },
    looks=_is_trade,
    key=_trade_key,
    entry=_trade_entry,
)
