"""Binance's rows second by second: what belongs together although no row says so.

The one trick: a second is held back until the next one is known. What the statement spreads over
two seconds is joined in the first: legs and fees of a trade, the two legs of a move or of a
conversion, and the row of a liquidation that makes the trades just before it forced.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from attrs import define, field

from adapters.importers.binance.binance_futures import name_alike, told_twice
from adapters.importers.binance.binance_legs import (
    Places,
    claim_fills,
    mark_forced,
    pair_off,
    straddles,
)
from adapters.importers.binance.binance_statement import Change
from adapters.importers.binance.binance_times import SECOND
from adapters.importers.binance.binance_trade_history import Fill
from adapters.importers.binance.binance_trades import complete
from adapters.importers.instants import whole_second
from adapters.importers.layout import Entry

_OF_CONTRACTS = ("result", "funding", "contract fee", "income")


@define(eq=False)
class Second:
    """What happened within one second, by what its rows may belong to."""

    at: datetime
    trades: Places = field(factory=dict)
    fills: list[Fill] = field(factory=list)
    swaps: dict[tuple[str, str], list[Change]] = field(factory=dict)
    """Conversions by word and wallet; fees in BNB are of all wallets."""
    legs: list[Change] = field(factory=list)
    pairs: list[list[Change]] = field(factory=list)
    contracts: list[Change] = field(factory=list)
    history: list[Change] = field(factory=list)
    liquidations: list[Change] = field(factory=list)
    penalties: list[Change] = field(factory=list)
    others: list[list[Entry]] = field(factory=list)

    def take(self, group: list[Entry]) -> None:
        """Put a group of the engine's where it belongs."""
        first = group[0]
        if isinstance(first, Fill):
            self.fills += [row for row in group if isinstance(row, Fill)]
            return
        if not isinstance(first, Change):
            self.others.append(group)
            return
        rows = [row for row in group if isinstance(row, Change)]
        if first.history:
            self.history += rows
            return
        match first.kind:
            case "leg" | "fee":
                self.trades.setdefault(first.place, []).extend(rows)
            case "exchange" | "takeover":
                self.swaps.setdefault((first.word, first.place), []).extend(rows)
            case "bnb":
                self.swaps.setdefault(("bnb", ""), []).extend(rows)
            case "move" | "earn":
                self.legs += rows
            case "penalty":
                self.liquidations += rows
                self.penalties += rows
            case kind if kind in _OF_CONTRACTS:
                self.contracts += rows
            case _:
                if first.word == "forced":
                    self.liquidations += rows
                self.others.append(group)

    def settle(self) -> None:
        """Join what belongs together within the second."""
        name_alike(self.history)
        self._match(self)
        for row in [row for row in self.history if row.kind in ("move", "exchange")]:
            self.history.remove(row)
            if row.kind == "move":
                self.legs.append(row)
            else:
                self.swaps.setdefault((row.bundle or row.id, row.place), []).append(row)
        if self.legs:
            self.pairs += pair_off(self.legs)
        self._deduct()
        mark_forced(self.trades, self.liquidations)
        self.penalties = [row for row in self.penalties if not self._punish(row)]

    def meet(self, later: "Second") -> None:
        """Join what the next second holds of this one's."""
        self._match(later)
        later._match(self)
        for place in [place for place in later.trades if place in self.trades]:
            if straddles(self.trades[place], later.trades[place]):
                moved = later.trades.pop(place)
                self.trades[place] += moved
                coins = {row.asset for row in moved}
                self.fills += [fill for fill in later.fills if fill.base in coins]
                later.fills = [fill for fill in later.fills if fill.base not in coins]
        for key in [key for key in later.swaps if key in self.swaps]:
            mine, theirs = self.swaps[key], later.swaps[key]
            if not complete(mine) and not complete(theirs) and complete([*mine, *theirs]):
                mine += later.swaps.pop(key)
        if self.legs and later.legs:
            self._pair_with(later)
        mark_forced(self.trades, later.liquidations)
        later.penalties = [row for row in later.penalties if not self._punish(row)]
        claim_fills(self.fills, self.trades, later.fills, later.trades)

    def _pair_with(self, later: "Second") -> None:
        """Legs of a move that the statement tells a second apart."""
        both = [*self.legs, *later.legs]
        self.pairs += pair_off(both)
        left = set(map(id, both))
        self.legs = [row for row in self.legs if id(row) in left]
        later.legs = [row for row in later.legs if id(row) in left]

    def _match(self, other: "Second") -> None:
        """The futures history and the statement of one or two seconds: each fact once."""
        if not self.history:
            return
        for row, twin in told_twice(self.history, other.contracts):
            twin.contract = row.contract
            self.pairs.append([twin, row])
        moves = [row for row in self.history if row.kind in ("move", "exchange")]
        swaps = [row for rows in other.swaps.values() for row in rows if not row.history]
        for row, _ in told_twice(moves, [*other.legs, *swaps]):
            row.twin = True
            self.history.remove(row)
            self.others.append([row])

    def _deduct(self) -> None:
        """BNB taken alone beside a trade that bore no other fee is the trade's fee."""
        taken = self.swaps.get(("bnb", ""), [])
        if len({row.place for row in taken}) != 1 or any(row.amount >= 0 for row in taken):
            return
        trade = self.trades.get(taken[0].place, [])
        if trade and all(row.kind == "leg" for row in trade):
            trade += self.swaps.pop(("bnb", ""))

    def _punish(self, row: Change) -> bool:
        """Give the fee of a liquidation to the forced trade whose quote it was taken in."""
        trade = self.trades.get(row.place, [])
        quotes = {
            leg.asset
            for leg in trade
            if leg.word in ("buy", "sell") and (leg.amount > 0) == (leg.word == "sell")
        }
        if row.amount >= 0 or row.asset not in quotes or not any(leg.forced for leg in trade):
            return False
        trade.append(row)
        return True

    def groups(self) -> Iterator[list[Entry]]:
        """Everything, in the order that ranks give."""
        every: list[Sequence[Entry]] = [
            [*rows, *(fill for fill in self.fills if fill.bundle == place)]
            for place, rows in self.trades.items()
        ]
        alone: dict[str, list[Entry]] = {}
        for fill in self.fills:
            if fill.bundle not in self.trades:
                alone.setdefault(fill.bundle, []).append(fill)
        every += alone.values()
        every += [*self.swaps.values(), *self.pairs, *self.others]
        every += [[row] for row in (*self.legs, *self.contracts, *self.history, *self.penalties)]
        yield from sorted(map(list, every), key=lambda group: group[0].rank)


def in_seconds(groups: Iterable[list[Entry]]) -> Iterator[list[Entry]]:
    """The groups of the engine, joined within two seconds; oldest first."""
    before: Second | None = None
    for second in _seconds(groups):
        second.settle()
        if before is not None:
            if second.at - before.at == SECOND:
                before.meet(second)
            else:
                claim_fills(before.fills, before.trades, [], {})
            yield from before.groups()
        before = second
    if before is not None:
        claim_fills(before.fills, before.trades, [], {})
        yield from before.groups()


def _seconds(groups: Iterable[list[Entry]]) -> Iterator[Second]:
    now: Second | None = None
    for group in groups:
        at = whole_second(group[0].at)
        if now is None or now.at != at:
            if now is not None:
                yield now
            now = Second(at)
        now.take(group)
    if now is not None:
        yield now
