"""Running balances: every row that tells one must follow from the row before it.

The one trick: within one instant the file's order means nothing, but each row says where its
balance came from (balance - amount + fee) and where it went. So the rows of an instant are the
edges of a path, and walking it from the last known balance puts them in the order in which they
happened.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Protocol, TypeVar

from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import plain
from domain.money import ZERO


class BalanceRow(Protocol):
    """A row that moves one balance, and perhaps tells it.

    `amount` is signed and comes before the fee; `fee` is what the file prints, `charge` what was
    taken (below zero: given back); `chain` names the balance; `asset` is for people.
    """

    file: SourceFile
    line: int
    asset: str
    amount: Decimal
    fee: Decimal
    charge: Decimal
    balance: Decimal | None

    @property
    def chain(self) -> Hashable: ...


R = TypeVar("R", bound=BalanceRow)


class RunningBalances:
    """What the files say is held, by what each balance counts."""

    def __init__(self, rounding: Callable[[str], Decimal] = lambda _: ZERO) -> None:
        """`rounding`: how far a balance of an asset may be off because it is printed rounded."""
        self._rounding = rounding
        self._last: dict[Hashable, Decimal | None] = {}
        """The last balance, or None where a row did not say it."""
        self.midway = False
        """Whether a balance was there before its first row: the files begin in the middle."""

    def follow(self, entries: Sequence[R]) -> tuple[list[list[R]], list[Fault]]:
        """Check the entries of one instant: each balance's in order, and what does not follow.

        The entries come in an order of their own that does not depend on the file's.
        """
        chains: dict[Hashable, list[R]] = {}
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

    def forget(self, chain: Hashable) -> None:
        """A row of this balance could not be read: the next one starts anew."""
        self._last[chain] = None

    def forget_all(self) -> None:
        """A row could not be read, and may be of any balance."""
        self._last = dict.fromkeys(self._last)

    def last(self) -> Iterator[tuple[Hashable, Decimal | None]]:
        """Every balance as its last row told it (None: not known)."""
        return iter(self._last.items())

    def _in_order(self, chain: Hashable, rows: list[R]) -> list[R]:
        if any(row.balance is None for row in rows):
            return rows
        start = self._last.get(chain)
        if path := _path(rows, start, lambda row: row.charge):
            return path
        return _path(rows, start, lambda row: row.fee) or rows

    def _check(self, row: BalanceRow) -> Fault | None:
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
        off, other = abs(start - expected), abs(moved - row.charge - expected)
        near = self._rounding(row.asset)
        if row.fee < 0 and other <= near and other < off:  # of a fee below zero, the sign that fits
            row.charge = -row.charge
            return None
        if off <= near:
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


def _after(row: BalanceRow) -> Decimal:
    """The balance after this row, where the file prints it."""
    return row.balance if row.balance is not None else ZERO


def _path(rows: list[R], start: Decimal | None, charge: Callable[[R], Decimal]) -> list[R] | None:
    """The rows in an order in which each begins where the last one ended, or None if there is none.

    An Eulerian path, found as Hierholzer does it: go on while you can, then fill in from where you
    got stuck.
    """
    if start is not None:  # the walk below would find the same
        for order in (rows, rows[::-1]):
            if _follows(order, start, charge):
                return order
    leaving: dict[Decimal, list[R]] = {}
    for row in reversed(rows):  # so that the earliest is taken first
        leaving.setdefault(_after(row) - row.amount + charge(row), []).append(row)
    if start not in leaving:
        arriving = Counter(_after(row) for row in rows)
        ends = [place for place, out in leaving.items() if len(out) > arriving[place]]
        start = min(ends or leaving)
    stack: list[tuple[Decimal | None, R | None]] = [(start, None)]
    path: list[R] = []
    while stack:
        place, by = stack[-1]
        if place is not None and leaving.get(place):
            row = leaving[place].pop()
            stack.append((_after(row), row))
        else:
            stack.pop()
            if by is not None:
                path.append(by)
    path.reverse()
    joined = all(
        _after(one) == _after(two) - two.amount + charge(two) for one, two in pairwise(path)
    )
    return path if joined and len(path) == len(rows) else None


def _follows(rows: Sequence[R], start: Decimal, charge: Callable[[R], Decimal]) -> bool:
    """Whether each row begins where the one before it ended."""
    for row in rows:
        if _after(row) - row.amount + charge(row) != start:
            return False
        start = _after(row)
    return True
