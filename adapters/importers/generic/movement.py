"""Movements: rows of which each moves one balance. Those of one group are one transaction.

The one trick: what a group did is the sum of what its rows did. What came in was received, what
went out was sent, rows of fees are its fees; so two rows of a trade, or ten parts of it, are one.
"""

from collections.abc import Iterable
from decimal import Decimal

from attrs import define

from adapters.importers.generic.kinds import BY_HAND, BY_SIDES, rank_of
from adapters.importers.generic.mapped_cells import MappedCells
from adapters.importers.generic.transaction import Part, Transaction
from adapters.importers.generic.transaction_meaning import TransactionMeaning
from adapters.importers.group import Group, sums
from adapters.importers.layout import Accounts, Cells, Kept, Key, Moved
from adapters.importers.reading import Unclear
from adapters.importers.table import Misread
from domain.money import ZERO


@define(eq=False, kw_only=True)
class Movement(Moved):
    """A row that moves one balance, and perhaps takes a fee of another asset."""

    column: str
    label: str
    other_fee: Part | None = None
    worth: Decimal | None = None
    txid: str = ""
    told_id: str = ""


class Movements:
    """How rows of movements are looked at."""

    def __init__(self, fields: MappedCells) -> None:
        self._fields = fields

    def key(self, cells: Cells) -> Key | str:
        fields = self._fields
        reason = fields.ignored(cells)
        if reason:
            return reason
        at = fields.at(fields.when(cells), " ".join(fields.mapping.time))
        amount, fee = fields.number(cells, "amount"), fields.number(cells, "fee")
        words = [fields.text(cells, name) for name in ("asset", "wallet", "group", "txid")]
        numbers = ["" if told is None else f"{told:f}" for told in (amount, fee)]
        group = fields.text(cells, "group")
        bundle = f"group {group}" if group else ""
        return Key(at, fields.text(cells, "id"), bundle, (at.isoformat(), *words, *numbers))

    def entry(self, kept: Kept, accounts: Accounts) -> Movement:
        fields, cells = self._fields, kept.cells
        column, label = fields.header("kind"), fields.text(cells, "kind")
        asset, amount = fields.asset(cells, "asset"), fields.number(cells, "amount") or ZERO
        if not asset:
            raise Misread(fields.header("asset"), "", "says nothing of what was moved")
        kind = fields.kind(label, column, amount > 0, amount < 0)
        fee = fields.number(cells, "fee") or ZERO
        if fee < 0:
            raise Misread(fields.header("fee"), f"{fee:f}", "is below zero")
        fee_asset = fields.asset(cells, "fee_asset") or asset
        own = fee_asset == asset
        return Movement(
            file=kept.file,
            line=kept.line,
            id=fields.text(cells, "group") or kept.id,
            at=kept.at,
            account=accounts.given or fields.account(cells) or fields.mapping.account,
            bundle=kept.bundle,
            rank=rank_of(kind),
            kind=kind,
            column=column,
            label=label,
            asset=asset,
            amount=amount,
            fee=fee if own else ZERO,
            other_fee=None if own or not fee else Part(fee, fee_asset),
            balance=fields.number(cells, "balance"),
            worth=fields.number(cells, "value"),
            txid=fields.text(cells, "txid"),
            told_id=fields.text(cells, "txid") or fields.text(cells, "id"),
        )


class MovementMeaning(TransactionMeaning):
    """The reading of transactions, told by a row each or by several."""

    def transaction(self, group: Group) -> Transaction:
        if isinstance(group.first, Transaction):
            return group.first
        return together(group.entries)


def together(rows: Iterable[Movement]) -> Transaction:
    """What movements of one group tell. Raises `Unclear`."""
    rows = [*rows]
    fees = [row for row in rows if row.kind == "fee_charged"]
    main = [row for row in rows if row.kind != "fee_charged"]
    charged = [*_fees_of(rows), *(_taken(row) for row in (fees if main else fees[1:]))]
    first, *_ = main = main or fees[:1]
    amounts = _amounts(main)
    received = [Part(amount, asset) for asset, amount in amounts if amount > 0]
    sent = [Part(-amount, asset) for asset, amount in amounts if amount < 0]
    if len(received) > 1 or len(sent) > 1:
        names = ", ".join(asset for asset, _ in amounts)
        problem = f"moves {names} at once: what was given for what cannot be told"
        raise Unclear(problem, BY_HAND, first.column, first.label)
    return Transaction(
        file=first.file,
        line=first.line,
        id=first.id,
        at=first.at,
        account=next((row.account for row in main if row.amount < 0), first.account),
        to=next((row.account for row in main if row.amount > 0), first.account),
        kind=_kind(main, bool(received), bool(sent)),
        column=first.column,
        label=first.label,
        received=received[0] if received else None,
        sent=sent[0] if sent else None,
        fees=tuple(Part(amount, asset) for asset, amount in sums(charged).items()),
        worth=first.worth,
        txid=first.txid,
        told_id=first.told_id,
    )


def _amounts(rows: list[Movement]) -> list[tuple[str, Decimal]]:
    """What each asset did. Of a move, what went out stands apart from what came in."""
    moved = len({row.account for row in rows}) > 1 or rows[0].kind == "transferred"
    signs = (True, False) if moved else (None,)
    return [
        amount
        for sign in signs
        for amount in sums(
            (row.asset, row.amount) for row in rows if sign is None or (row.amount > 0) == sign
        ).items()
    ]


def _kind(rows: list[Movement], received: bool, sent: bool) -> str:
    """The kind that rows share; a deposit and a withdrawal that go together are a trade or move."""
    kinds = {row.kind for row in rows}
    if kinds == {"deposited", "withdrawn"}:
        same = len({row.asset for row in rows}) == 1
        return "transferred" if same else "filled"
    if len(kinds) > 1:
        said = " and ".join(sorted({f'"{row.label}"' for row in rows}))
        raise Unclear(f"its rows are of different kinds: {said}", BY_HAND, rows[0].column)
    (kind,) = kinds
    return kind or BY_SIDES[received + 2 * sent]


def _fees_of(rows: Iterable[Movement]) -> Iterable[tuple[str, Decimal]]:
    for row in rows:
        if row.fee:
            yield row.asset, row.fee
        if row.other_fee:
            yield row.other_fee.asset, row.other_fee.quantity


def _taken(row: Movement) -> tuple[str, Decimal]:
    """What a row of a fee took. Raises `Unclear`."""
    if row.amount > 0:
        raise Unclear("is a fee that is given back", BY_HAND, row.column, row.label)
    return row.asset, -row.amount
