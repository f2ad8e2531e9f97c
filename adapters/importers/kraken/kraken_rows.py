"""Rows of Kraken's two files as values, and what an importer keeps together of them.

`ledgers.csv` says what every balance did and is the truth of amounts and fees. `trades.csv` says
what was traded: price, volume, whole cost, and which position a fill closes. They join where a
ledger entry's `refid` is a trade's `txid`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from attrs import define, field

from adapters.importers.kraken.kraken_codes import FEE_CREDITS, GROUPED, Asset, asset, is_futures
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import Misread, number, plain, utc
from domain.events import Event
from domain.money import ZERO

LEDGER = ("txid", "refid", "time", "type", "asset", "amount", "fee", "balance")
LEDGER_ALSO = ("subtype", "wallet", "feecurrency", "amountusd")
TRADES = (
    *("txid", "ordertxid", "pair", "time", "type", "ordertype"),
    *("price", "cost", "fee", "vol", "margin", "misc"),
)
TRADES_ALSO = ("posttxid", "postxid", "posstatus", "posstatuscode")


class Chain(NamedTuple):
    """What one running balance counts: an asset where it is kept, in one wallet."""

    asset: Asset
    wallet: str
    owned: bool
    """Whether it counts in the account: fee credits and the futures wallet do not."""


@lru_cache(maxsize=4096)
def chain_of(code: str, wallet: str) -> Chain:
    """The balance of an asset's code in a wallet; files without wallets show the main one."""
    held = asset(code)
    wallet = " ".join(wallet.split()) or "spot / main"
    return Chain(held, wallet, held.name != FEE_CREDITS and not is_futures(wallet))


@define(eq=False)
class Entry:
    """One row of the ledger. `amount` is signed.

    `fee` is what the file prints: above zero in older files, at times below zero in newer ones.
    `charge` is what was taken (below zero: credited), which the running balance decides.
    """

    file: SourceFile
    line: int
    txid: str
    refid: str
    at: datetime
    kind: str
    type: str
    subtype: str
    chain: Chain
    asset: str
    amount: Decimal
    fee: Decimal
    charge: Decimal
    balance: Decimal | None
    amount_usd: str
    fate: str
    """Why this row alone says nothing: another row undoes it; "" where it counts."""


def entry_of(file: SourceFile, line: int, kind: str, fate: str, cells: Sequence[str]) -> Entry:
    """The entry of a row's cells, in the order of `LEDGER` and `LEDGER_ALSO`. Raises `Misread`."""
    txid, refid, time, type_, code, amount, fee, balance, subtype, wallet, fee_code, usd = cells
    for column, name in (("txid", txid), ("asset", code)):
        if not name or name != name.strip():
            raise Misread(column, name, "is no name: it is empty, or has spaces around it")
    chain = chain_of(code, wallet)
    printed = number(fee, "fee")
    if printed and fee_code and asset(fee_code).name != chain.asset.name:
        problem = f"the fee of a row of {chain.asset.name} is taken in another asset"
        raise Misread("feecurrency", fee_code, problem, "Enter it by hand as a native line")
    return Entry(
        file=file,
        line=line,
        txid=txid,
        refid=refid,
        at=utc(time, "time"),
        kind="fee credits" if chain.asset.name == FEE_CREDITS else kind,
        type=type_,
        subtype=subtype,
        chain=chain,
        asset=chain.asset.name,
        amount=number(amount, "amount"),
        fee=printed,
        charge=abs(printed),
        balance=number(balance, "balance") if balance else None,
        amount_usd=usd,
        fate=fate,
    )


@define(eq=False)
class Trade:
    """One row of the trades: a fill. `fee` is an estimate in the quote, not what was taken."""

    file: SourceFile
    line: int
    txid: str
    order: str
    pair: str
    at: datetime
    side: str
    price: Decimal
    cost: Decimal
    fee: Decimal
    volume: Decimal
    margin: Decimal
    words: frozenset[str]
    """`closing` (Kraken documents it), `initiated` (the taker's side), `liquidated`."""
    position: str
    """The opening trade that this one closes. Other trades name none, or one that is none."""
    status: str
    """`open` or `closed` where this trade opened a position (later files have this column)."""
    forced: bool


def trade_of(file: SourceFile, line: int, cells: Sequence[str]) -> Trade:
    """The trade of a row's cells, in the order of `TRADES` and `TRADES_ALSO`. Raises `Misread`."""
    txid, order, pair, time, side, kind, price, cost, fee, volume, margin, misc = cells[:12]
    words = _words(misc)
    if side not in ("buy", "sell"):
        raise Misread("type", side, "is neither buy nor sell")
    return Trade(
        file=file,
        line=line,
        txid=txid,
        order=order,
        pair=pair,
        at=utc(time, "time"),
        side=side,
        price=_above_zero(price, "price"),
        cost=number(cost, "cost"),
        fee=number(fee, "fee"),
        volume=_above_zero(volume, "vol"),
        margin=number(margin, "margin") if margin else ZERO,
        words=words,
        position=cells[12] or cells[13],
        status=(cells[14] or cells[15]).strip().lower(),
        forced="liquidat" in kind.lower() or "liquidated" in words,
    )


@lru_cache(maxsize=256)
def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in text.split(","))


def _above_zero(text: str, column: str) -> Decimal:
    value = number(text, column)
    if value <= 0:
        raise Misread(column, text, "is not above zero")
    return value


def key_of(entry: Entry) -> tuple[str, str]:
    """What entries that belong together have in common: their reference, where it counts."""
    return (entry.kind, entry.refid if entry.kind in GROUPED else entry.txid)


@define(eq=False)
class Group:
    """Ledger entries that belong together, their trade if they have one, and what they mean."""

    entries: list[Entry]
    at: datetime
    """When this happened, as the ledger knows it: a trade has a finer time of its own."""
    account: str
    turns: dict[datetime, int]
    """How many events of each instant there are so far."""
    trade: Trade | None = None
    events: list[Event] = field(factory=list)
    remarks: list[Fault] = field(factory=list)

    @property
    def kind(self) -> str:
        return self.entries[0].kind

    @property
    def rows(self) -> list[Entry | Trade]:
        """All its rows; the first speaks for the group."""
        return [self.trade, *self.entries] if self.trade else [*self.entries]

    def turn(self, at: datetime) -> int:
        """The next free sequence number of an instant."""
        turn = self.turns.get(at, 0)
        self.turns[at] = turn + 1
        return turn

    def moves(self) -> bool:
        """Whether any of its entries changes a balance."""
        return any(entry.amount or entry.charge for entry in self.entries)

    def net(self) -> dict[str, Decimal]:
        """What each asset's balance did apart from fees, over all wallets; zeros left out."""
        return _sums([(entry.asset, entry.amount) for entry in self.entries])

    def fees(self) -> dict[str, Decimal]:
        """The fee taken of each asset, below zero if credited; zeros left out."""
        return _sums([(entry.asset, entry.charge) for entry in self.entries])

    def remark(self, problem: str, hint: str = "") -> None:
        """Say what is odd about rows that become events all the same."""
        row = self.rows[0]
        self.remarks.append(
            Fault(file=row.file, line=row.line, problem=problem, hint=hint, counts=False)
        )


def _sums(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for name, amount in amounts:
        if amount:
            sums[name] = plain(sums[name] + amount) if name in sums else amount
    return sums if all(sums.values()) else {name: sum_ for name, sum_ in sums.items() if sum_}
