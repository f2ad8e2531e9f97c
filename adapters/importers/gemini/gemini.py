"""Gemini: what rows of its transaction history mean.

A market is written without a mark between its assets (`BTCUSD`): the two assets that a trade moves
tell where one ends. Running balances are checked asset by asset, and tell which sign a fee has.
"""

from decimal import Decimal

from adapters.importers.fills import price_of
from adapters.importers.gemini import gemini_rows
from adapters.importers.gemini.gemini_rows import HistoryRow
from adapters.importers.group import Group
from adapters.importers.layout import Accounts, Moved
from adapters.importers.reading import BY_HAND, Unclear
from adapters.importers.statement import Meaning, Statement
from domain.events import Deposited, FeeCharged, Filled, IncomeReceived, Withdrawn
from domain.money import CASH, ZERO

_CENTS = Decimal("0.02")
"""What the cents hide of a balance before, an amount, a fee and the balance after."""


class Gemini(Statement):
    """The importer of Gemini's transaction history."""

    name = "gemini"
    title = "Gemini"
    layouts = (gemini_rows.HISTORY,)

    def meaning(self, accounts: Accounts) -> Meaning:
        return GeminiMeaning(accounts)


class GeminiMeaning(Meaning):
    """What rows of Gemini mean: each stands alone."""

    def rounding(self, asset: str) -> Decimal:
        return _CENTS if asset in CASH else ZERO

    def read(self, group: Group) -> str | None:
        row: HistoryRow = group.first
        match row.kind:
            case "buy" | "sell":
                _read_trade(group, row)
            case "credit" | "debit":
                _read_transfer(group, row)
            case "interest credit":
                _read_interest(group, row)
            case _:
                raise Unclear("is a type of row not known here", BY_HAND, "Type", row.kind)
        return None


def _read_trade(group: Group, row: HistoryRow) -> None:
    moved = {move.asset: move for move in row.moves if move.amount}
    market = _market(row.symbol, [*moved])
    if market is None or len(moved) != len(market):
        problem = f"moves {' and '.join(moved) or 'nothing'}, which is no trade of its market"
        raise Unclear(problem, BY_HAND, "Symbol", row.symbol)
    asset, quote = market
    quantity, amount = moved[asset].amount, moved[quote].amount
    sign = 1 if row.kind == "buy" else -1
    if quantity * sign <= 0 or amount * sign >= 0:
        raise Unclear(f"says {row.kind}, and moves the other way", BY_HAND, "Type", row.kind)
    fees = [move for move in row.moves if move.charge]
    own = fees[0] if len(fees) == 1 and fees[0].charge > 0 else None
    group.add(
        Filled,
        side=row.kind,
        asset=asset,
        quantity=abs(quantity),
        quote=quote,
        price=price_of(abs(amount), abs(quantity)),
        amount=abs(amount),
        fee=own.charge if own else None,
        fee_asset=own.asset if own and own.asset != quote else None,
        order=row.order or None,
    )
    if own is None:
        for move in fees:
            _read_fee(group, move, of=row.id)


def _market(symbol: str, assets: list[str]) -> tuple[str, str] | None:
    """Which two of these assets, one behind the other, a market's name consists of."""
    name = "".join(filter(str.isalnum, symbol)).casefold()
    pairs = ((one, two) for one in assets for two in assets if one != two)
    return next((pair for pair in pairs if "".join(pair).casefold() == name), None)


def _read_transfer(group: Group, row: HistoryRow) -> None:
    """Units that came in or went out: the specification says that they did no more than that."""
    word = "deposit" if row.kind == "credit" else "withdrawal"
    if not row.specification.casefold().startswith(word):
        problem = f"is a {row.kind} that is no {word}"
        raise Unclear(problem, BY_HAND, "Specification", row.specification)
    move = _only_move(row)
    if (move.amount > 0) != (row.kind == "credit"):
        problem = f"is a {row.kind} of an amount that goes the other way"
        raise Unclear(problem, BY_HAND, f"{move.asset} Amount", f"{move.amount:f}")
    if move.amount > 0:
        group.add(Deposited, asset=move.asset, quantity=move.amount, txid=row.transaction or None)
        _read_fee(group, move)
    else:
        fee = max(move.charge, ZERO)
        group.add(
            Withdrawn,
            asset=move.asset,
            quantity=-move.amount,
            fee=fee,
            txid=row.transaction or None,
        )
        if move.charge < 0:
            _read_fee(group, move)


def _read_interest(group: Group, row: HistoryRow) -> None:
    move = _only_move(row)
    if move.amount < 0:
        problem = "is interest that takes units away"
        raise Unclear(problem, BY_HAND, f"{move.asset} Amount", f"{move.amount:f}")
    group.add(IncomeReceived, asset=move.asset, quantity=move.amount, kind="interest")
    _read_fee(group, move)


def _only_move(row: HistoryRow) -> Moved:
    moves = [move for move in row.moves if move.amount]
    if len(moves) != 1 or any(move.charge for move in row.moves if move is not moves[0]):
        raise Unclear("does not move one asset alone", BY_HAND, "Symbol", row.symbol)
    return moves[0]


def _read_fee(group: Group, move: Moved, of: str | None = None) -> None:
    """A fee that its row's event cannot carry; one below zero was given back."""
    name, fee = f"{move.id}/fee-{move.asset}", move.charge
    if fee > 0:
        group.add(FeeCharged, id=name, asset=move.asset, quantity=fee, of=of)
    elif fee < 0:
        _give_back(group, move, -fee)


def _give_back(group: Group, move: Moved, fee: Decimal) -> None:
    name = f"{move.id}/rebate-{move.asset}"
    group.add(IncomeReceived, id=name, asset=move.asset, quantity=fee, kind="rebate")
