"""Binance and Binance.US: statements, trade and futures histories, margin interest.

The one trick: the statement counts. The other files say what it leaves out (which fill was for
what, which contract, which interest), and given along with it they change no balance.
"""

from collections.abc import Iterator

from adapters.importers.binance.binance_exchanges import (
    BY_HAND,
    read_bnb,
    read_exchange,
    read_takeover,
)
from adapters.importers.binance.binance_futures import FUTURES_HISTORY, TOLD
from adapters.importers.binance.binance_interest import INTEREST, Charge, read_charge
from adapters.importers.binance.binance_margin import Debts, read_penalty
from adapters.importers.binance.binance_moves import SINGLE, read_earn, read_move
from adapters.importers.binance.binance_seconds import in_seconds
from adapters.importers.binance.binance_statement import STATEMENT, Change
from adapters.importers.binance.binance_trade_history import OLD_TRADES, TRADES, Fill
from adapters.importers.binance.binance_trades import read_trades
from adapters.importers.group import Group
from adapters.importers.layout import Accounts, Entry
from adapters.importers.reading import Unclear
from adapters.importers.statement import Meaning, Mode, Statement


class Binance(Statement):
    """The importer of Binance's files."""

    name = "binance"
    title = "Binance"
    layouts = (STATEMENT, TRADES, OLD_TRADES, FUTURES_HISTORY, INTEREST)

    def meaning(self, accounts: Accounts) -> Meaning:
        return BinanceMeaning(accounts)


class BinanceMeaning(Meaning):
    """What rows of Binance mean: by their kind, the debts followed."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts)
        self._debts = Debts()
        self._isolated = accounts.of("isolated")
        self._wallets = _trading(accounts)
        self._main_trades = False
        """Whether the statement told a trade of the main account so far."""

    def regroup(self, groups: Iterator[list[Entry]]) -> Iterator[list[Entry]]:
        return in_seconds(groups)

    def read(self, group: Group) -> str | None:
        first = group.first
        if isinstance(first, Charge):
            return self._read_charge(group, first)
        if isinstance(first, Fill):
            self._read_fills(group, first)
            return None
        self._look_for_margin(group)
        return self._read_change(group, first)

    def _read_change(self, group: Group, row: Change) -> str | None:
        match row.kind:
            case _ if row.twin:
                return TOLD
            case "leg" | "fee":
                self._main_trades |= row.place == "main"
                read_trades(group, self._wallets)
            case "exchange":
                read_exchange(group)
            case "takeover":
                read_takeover(group)
            case "bnb":
                read_bnb(group)
            case "move":
                return read_move(group)
            case "earn":
                return read_earn(group, self.accounts)
            case "loan":
                self._debts.read_loan(group, row)
            case "repay":
                self._debts.read_repaid(group, row)
            case "interest":
                return self._debts.read_margin_fee(group, row)
            case "penalty":
                read_penalty(group, row)
            case kind if kind in SINGLE:
                return SINGLE[kind](group, row)
            case _:
                problem = "is an operation not known here"
                raise Unclear(problem, BY_HAND, "Operation", row.said)
        return None

    def _read_fills(self, group: Group, fill: Fill) -> None:
        if fill.bundle == "unclear":
            problem = "is told by the statement in several accounts of this second, in other sums"
            raise Unclear(problem, "Export both again, for the same time")
        read_trades(group, self._wallets)
        if self._main_trades:
            group.remark(
                "the statement given along tells trades of the main account, but not this one",
                "Is it of another account? Then import it by itself, with --account",
            )

    def _read_charge(self, group: Group, charge: Charge) -> str | None:
        reason = read_charge(group, charge, self._debts, self._isolated, self.accounts.venue)
        if reason is None:
            self._modes(charge.account, charge.pair)
        return reason

    def _modes(self, account: str, pair: str) -> None:
        mode = "isolated" if pair or account == self._isolated else "cross"
        self.modes.setdefault(account, Mode(mode, pair or None))

    def _look_for_margin(self, group: Group) -> None:
        """Which accounts are of margin."""
        for each in group.entries:
            if isinstance(each, Change) and each.place in ("cross", "isolated"):
                self._modes(each.account, "")


def _trading(accounts: Accounts) -> tuple[str, ...]:
    """The accounts whose trades a trade history may tell without naming them."""
    known = [accounts]
    if accounts.given is not None and accounts.given.startswith(f"{accounts.venue}/"):
        known.append(Accounts(accounts.venue, None))
    return tuple(each.of(wallet) for each in known for wallet in ("main", "cross", "isolated"))
