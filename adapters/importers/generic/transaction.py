"""A transaction as other tools write it: units received, units sent, a fee, and a word for it.

The one trick: all such files say the same in another arrangement. A tool rearranges its cells into
the texts of `Told`; everything else (numbers, kinds, accounts, identity) is figured once, here. So
one transaction is one event, whichever tool wrote it.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from attrs import define, frozen

from adapters.importers.assets import by_hand
from adapters.importers.generic.kinds import Names, rank_of
from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key, Layout
from adapters.importers.table import Misread, number


class Part(NamedTuple):
    """So many units of an asset, above zero."""

    quantity: Decimal
    asset: str


class Told(NamedTuple):
    """The texts of one row: an amount and its asset for each part, and what else it says.

    `source` is the wallet that sends, `target` the one that receives ("": not told); `worth` what
    the units were worth, in `currency`; `txid` the transaction's id on its chain, `id` the tool's.
    """

    time: str
    label: str
    received: str = ""
    received_asset: str = ""
    sent: str = ""
    sent_asset: str = ""
    fee: str = ""
    fee_asset: str = ""
    source: str = ""
    target: str = ""
    worth: str = ""
    currency: str = ""
    txid: str = ""
    id: str = ""


_RECEIVED, _SENT, _FEE = (Told._fields.index(name) for name in ("received", "sent", "fee"))


@define(eq=False, kw_only=True)
class Transaction(Entry):
    """One transaction: `received` and `sent` come before `fees`, which are taken beside them.

    `kind` is one of `kinds.KINDS`, in the words of events; `to` the account that receives where
    the row names another one; `worth` is in USD; `unpaid` a fee that the row only
    mentions; `column` and `label` are what the file calls it.
    """

    kind: str
    column: str
    label: str
    received: Part | None = None
    sent: Part | None = None
    fees: tuple[Part, ...] = ()
    unpaid: str = ""
    to: str = ""
    worth: Decimal | None = None
    txid: str = ""
    told_id: str = ""


Parts = tuple[Part | None, Part | None, Part | None]
"""What was received, sent, and taken as a fee."""


def as_told(received: Part | None, sent: Part | None, fee: Part | None) -> Parts:
    """A fee is taken beside the amounts."""
    return received, sent, fee


@frozen(kw_only=True)
class Tool:
    """How one tool writes transactions.

    `name` names the account of rows without a wallet: `koinly/main`. `told` arranges cells,
    `columns` says what each text's column is called, `at` reads times, `number` amounts, and
    `amounts` makes fees stand beside the amounts where the tool counts them in.
    """

    name: str
    told: Callable[[Cells], Told]
    columns: Told
    labels: Names
    at: Callable[[str, str], datetime]
    number: Callable[[str, str], Decimal] = number
    amounts: Callable[[Part | None, Part | None, Part | None], Parts] = as_told
    account: str = ""
    """The account of rows without a wallet, where it is not `NAME/main`."""

    def layout(
        self,
        name: str,
        title: str,
        needed: Sequence[str],
        optional: Sequence[str] = (),
        aliases: dict[str, str] | None = None,
        kind: type[Layout] = Layout,
    ) -> Layout:
        """The layout of this tool's files."""
        return kind(
            name=name,
            title=title,
            needed=tuple(needed),
            optional=tuple(optional),
            aliases=aliases or {},
            family=self.name,
            key=self.key,
            entry=self.entry,
        )

    def key(self, cells: Cells) -> Key | str:
        """When it happened, and what it says in words that do not depend on the tool.

        Labels are no part of it: people change them, and then it is the same row, in conflict.
        """
        told = self.told(cells)
        at = self.at(told.time, self.columns.time)
        received, sent, fee = self._parts(told)
        words = (told.source, told.target, told.txid, told.id)
        parts = [f"{p.quantity:f} {p.asset}" if p else "" for p in (received, sent, fee)]
        return Key(at, identity=(at.isoformat(), *parts, *words))

    def entry(self, kept: Kept, accounts: Accounts) -> Transaction:
        """The row as values. Raises `Misread`, and `Unclear` for a label that is not known."""
        told = self.told(kept.cells)
        received, sent, fee = self._parts(told)
        column = self.columns.label
        kind = self.labels.kind(told.label, column, received is not None, sent is not None)
        account, to = self._accounts(told, accounts, received is not None, sent is not None)
        return Transaction(
            file=kept.file,
            line=kept.line,
            id=kept.id,
            at=kept.at,
            account=account,
            to=to,
            rank=rank_of(kind),
            kind=kind,
            column=column,
            label=told.label,
            received=received,
            sent=sent,
            fees=() if fee is None else (fee,),
            unpaid=self._unpaid(told, fee),
            worth=self._worth(told),
            txid=told.txid.strip(),
            told_id=told.txid or told.id,
        )

    def _parts(self, told: Told) -> Parts:
        received = self._part(told, _RECEIVED) if told.received else None
        sent = self._part(told, _SENT) if told.sent else None
        fee = self._part(told, _FEE) if told.fee else None
        return self.amounts(received, sent, fee)

    def _part(self, told: Told, place: int) -> Part | None:
        """An amount and the asset behind it; an amount of zero, or an asset alone, is nothing."""
        amount, asset, column = told[place], by_hand(told[place + 1]), self.columns[place]
        quantity = self.number(amount, column)
        if quantity > 0 and asset:
            return Part(quantity, asset)
        if quantity < 0:
            problem = "is below zero"
            raise Misread(column, amount, problem, "What is sent stands in a column of its own")
        if not quantity:
            return None
        problem = f"says nothing, but {column} says {amount}"
        hint = "Is the currency missing, or the row shifted?"
        raise Misread(self.columns[place + 1], "", problem, hint)

    def _unpaid(self, told: Told, fee: Part | None) -> str:
        """A fee that the row mentions and this tool does not take."""
        if self.amounts is as_told or fee is not None or not told.fee:
            return ""
        return f"{told.fee} {told.fee_asset}"

    def _worth(self, told: Told) -> Decimal | None:
        if told.currency != "USD" or not told.worth:
            return None
        return self.number(told.worth, self.columns.worth) or None  # a worth of zero is unknown

    def _accounts(
        self, told: Told, accounts: Accounts, received: bool, sent: bool
    ) -> tuple[str, str]:
        """The account of a row, and the one that receives where it is another."""
        source, target = told.source or told.target, told.target or told.source
        if accounts.given is not None:
            return accounts.given, accounts.given
        here = account_of(source, self._default) if sent or not received else ""
        there = account_of(target, self._default) if received else here
        return here or there, there

    @property
    def _default(self) -> str:
        return self.account or f"{self.name}/main"


_UNSAFE = re.compile(r"[^\w.]+")


@lru_cache(maxsize=4096)
def account_of(wallet: str, default: str) -> str:
    """A wallet's name as an account: `Kraken` is kraken/main, `Binance / Cross` binance/cross."""
    if not wallet:
        return default
    names = [_UNSAFE.sub("-", name.casefold()).strip("-.") for name in wallet.split("/")]
    names = [name for name in names if name]
    if not names:
        raise Misread("wallet", wallet, "is no name of a wallet")
    return "/".join(names if len(names) > 1 else (*names, "main"))
