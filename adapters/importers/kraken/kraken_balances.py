"""Kraken's running balances: every row must follow from the one before it.

The one trick: within one second the file's order means nothing, but each row says where its balance
came from (balance - amount + fee) and where it went. So the rows of a second are the edges of a
path, and walking it from the last known balance puts them in the order in which they happened.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise

from adapters.importers.kraken.kraken_rows import Chain, Entry
from adapters.importers.reading import Fault
from adapters.importers.table import plain
from domain.money import ZERO


class Balances:
    """What the file says is held, per asset, place and wallet."""

    def __init__(self) -> None:
        self._last: dict[Chain, Decimal | None] = {}
        """The last balance, or None where a row did not say it."""
        self.midway = False
        """Whether a balance was there before its first row: the files begin in the middle."""

    def follow(self, entries: Sequence[Entry]) -> tuple[list[list[Entry]], list[Fault]]:
        """Check the entries of one second: each balance's in order, and what does not follow.

        The entries come in an order of their own that does not depend on the file's.
        """
        chains: dict[Chain, list[Entry]] = {}
        for entry in entries:
            chains.setdefault(entry.chain, []).append(entry)
        faults: list[Fault] = []
        for chain, rows in chains.items():
            if len(rows) > 1:
                rows[:] = self._in_order(chain, rows)
            for row in rows:
                fault = self._check(row)
                if fault:
                    faults.append(fault)
        return list(chains.values()), faults

    def forget(self, chain: Chain) -> None:
        """A row of this balance could not be read: the next one starts anew."""
        self._last[chain] = None

    def held(self) -> dict[str, Decimal | None]:
        """What is held of each asset in all places and wallets of the account (None: not known)."""
        sums: dict[str, Decimal | None] = {}
        for chain, balance in self._last.items():
            if not chain.owned:
                continue
            before = sums.get(chain.asset.name, ZERO)
            known = balance is not None and before is not None
            sums[chain.asset.name] = before + balance if known else None  # type: ignore[operator]
        return sums

    def _in_order(self, chain: Chain, rows: list[Entry]) -> list[Entry]:
        if any(row.balance is None for row in rows):
            return rows
        start = self._last.get(chain)
        for charge in (lambda row: row.charge, lambda row: row.fee):
            path = _path(rows, start, charge)
            if path:
                return path
        return rows

    def _check(self, row: Entry) -> Fault | None:
        """Compare a row's balance with the one before; settle which sign its fee has."""
        if row.balance is None:
            self._last[row.chain] = None
            return None
        first = row.chain not in self._last
        before = self._last.get(row.chain)
        self._last[row.chain] = row.balance
        moved = row.balance - row.amount
        start = moved + row.charge
        expected = ZERO if first else before
        if expected is None or start == expected:
            return None
        if row.fee < 0 and moved - row.charge == expected:  # a fee below zero that was given back
            row.charge = -row.charge
            return None
        if first:
            self.midway = True
            was = f"the balance of {row.asset} was {plain(start):f}"
            problem = f"history before this row is missing: {was}"
            hint = "Export from the account's first day on, or give the earlier files along"
        else:
            follows = plain(expected + row.amount - row.charge)
            wanted = f"after {plain(expected):f} it should be {follows:f}"
            problem = f"the running balance does not follow: {wanted}"
            hint = "Rows before this one are missing, or one of them was edited"
        return Fault(
            file=row.file,
            line=row.line,
            column="balance",
            value=f"{row.balance:f}",
            problem=problem,
            hint=hint,
            counts=False,
        )


def _path(
    rows: Sequence[Entry], start: Decimal | None, charge: Callable[[Entry], Decimal]
) -> list[Entry] | None:
    """The rows in an order in which each begins where the last one ended, or None if there is none.

    An Eulerian path, found as Hierholzer does it: go on while you can, then fill in from where you
    got stuck.
    """
    leaving: dict[Decimal, list[Entry]] = {}
    for row in reversed(rows):  # so that the earliest is taken first
        leaving.setdefault(row.after - row.amount + charge(row), []).append(row)
    if start not in leaving:
        arriving = Counter(row.after for row in rows)
        ends = [place for place, out in leaving.items() if len(out) > arriving[place]]
        start = min(ends or leaving)
    stack: list[tuple[Decimal | None, Entry | None]] = [(start, None)]
    path: list[Entry] = []
    while stack:
        place, by = stack[-1]
        if place is not None and leaving.get(place):
            row = leaving[place].pop()
            stack.append((row.after, row))
        else:
            stack.pop()
            if by is not None:
                path.append(by)
    path.reverse()
    joined = all(one.after == two.after - two.amount + charge(two) for one, two in pairwise(path))
    return path if joined and len(path) == len(rows) else None
