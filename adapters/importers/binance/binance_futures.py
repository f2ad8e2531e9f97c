"""Binance's futures history: one row per result, fee, funding or transfer, with its contract.

The statement tells the same rows without contract and id. The one trick: a row is called by what
both files say of it (wallet, kind, coin, second, amount), so that given together they are one event
that names the contract, and given apart the second is a conflict, never a double.
Source: Binance Futures, Transaction History (CSV); the types are those of GET /fapi/v1/income.
"""

import re
from collections import Counter
from collections.abc import Iterable

from adapters.importers.binance.binance_statement import Change, moved_identity
from adapters.importers.binance.binance_times import ZonedLayout, instant
from adapters.importers.binance.binance_words import Operation, identity_of
from adapters.importers.instants import whole_second
from adapters.importers.layout import Accounts, Cells, Kept, Key
from adapters.importers.reading import BY_HAND
from adapters.importers.table import Misread, canonical, number
from domain.money import MONEY

_TYPES = {
    **dict.fromkeys(("REALIZED_PNL", "DELIVERED_SETTELMENT"), Operation("result")),
    "INSURANCE_CLEAR": Operation("result", "insurance fund compensation"),
    "COMMISSION": Operation("contract fee"),
    "FUNDING_FEE": Operation("funding"),
    **dict.fromkeys(("TRANSFER", "DEPOSIT", "WITHDRAW"), Operation("move", "transfer", 3)),
    **dict.fromkeys(
        ("COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW"),
        Operation("exchange", "asset conversion transfer"),
    ),
    "AUTO_EXCHANGE": Operation("exchange", "auto exchange"),
    **dict.fromkeys(
        ("REFERRAL_KICKBACK", "COMMISSION_REBATE", "API_REBATE"), Operation("income", "rebate", 1)
    ),
    "WELCOME_BONUS": Operation("income", "bonus", 1),
    "CONTEST_REWARD": Operation("income", "reward", 1),
}
_COIN_MARGINED = re.compile(r"[A-Z0-9]+USD_(?:PERP|\d{6})")
_SWAPS = ("COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW", "AUTO_EXCHANGE")
TOLD = "the statement tells this, too"


def _key(cells: Cells) -> Key | str:
    time, type_, amount, asset, symbol, txid = cells
    at = instant(time, "Date(UTC)")
    bundle = f"swap {txid}" if type_ in _SWAPS and txid else ""
    identity = (type_, asset, symbol, at.isoformat(), canonical(amount))
    id_ = f"{type_}/{symbol}/{txid}/{asset}" if txid else ""
    if bundle:
        id_ += f"/{'-' if amount.startswith('-') else '+'}"
    return Key(at, id_, bundle, identity)


def _entry(kept: Kept, accounts: Accounts) -> Change:
    _, type_, amount, asset, symbol, _ = kept.cells
    operation = _TYPES.get(type_)
    if operation is None:
        raise Misread("type", type_, "is a type of row not known here", BY_HAND)
    if not asset:
        raise Misread("Asset", asset, "names no coin")
    place = _wallet(type_, asset, symbol)
    return Change(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(place),
        bundle=kept.bundle,
        rank=operation.rank,
        kind=operation.kind,
        word=operation.word,
        asset=asset,
        amount=number(amount, "Amount"),
        place=place,
        said=type_,
        contract=symbol,
        history=True,
    )


def _wallet(type_: str, asset: str, symbol: str) -> str:
    """Which futures wallet a row is of. Raises `Misread`."""
    if symbol:
        return "coin-futures" if _COIN_MARGINED.fullmatch(symbol) else "futures"
    if asset in MONEY or type_ in _SWAPS:
        return "futures"
    problem = f"is empty, so which futures wallet of {asset} this is cannot be told"
    raise Misread("Symbol", symbol, problem, "Give the statement instead, which names the wallet")


FUTURES_HISTORY = ZonedLayout(
    name="binance-futures",
    title="futures transaction history (Futures, Transaction History, Export)",
    needed=("Date(UTC)", "type", "Amount", "Asset", "Symbol", "Transaction ID"),
    aliases={"Time": "Date(UTC)"},
    generations=(("2023", ("Time",)), ("2020", ())),
    key=_key,
    entry=_entry,
)


def name_alike(history: Iterable[Change]) -> None:
    """Call rows of one second as the statement would call them."""
    seen: Counter[str] = Counter()
    for row in sorted(history, key=lambda row: row.id):
        kind = identity_of(Operation(row.kind, row.word))
        when = whole_second(row.at).isoformat()
        identity = moved_identity(row.place, kind, row.asset, when, f"{row.amount:f}")
        name = Key(row.at, identity=identity).name
        seen[name] += 1
        row.id = name if seen[name] == 1 else f"{name}/{seen[name]}"


def told_twice(history: list[Change], statement: list[Change]) -> list[tuple[Change, Change]]:
    """Take out of both lists the rows that say the same: each of the history with its twin."""
    left: dict[tuple[object, ...], list[Change]] = {}
    for row in sorted(statement, key=lambda row: row.id):
        left.setdefault(_said(row), []).append(row)
    pairs = [
        (row, left[_said(row)].pop(0))
        for row in sorted(history, key=lambda row: row.id)
        if left.get(_said(row))
    ]
    gone = {id(row) for pair in pairs for row in pair}
    for rows in (history, statement):
        rows[:] = [row for row in rows if id(row) not in gone]
    return pairs


def _said(row: Change) -> tuple[object, ...]:
    return (row.account, row.kind, row.asset, row.amount)
