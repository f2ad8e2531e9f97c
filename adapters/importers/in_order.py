"""Which of the things that happened within one instant came first.

The file's order means nothing. Each running balance orders its own entries; what belongs together
by reference stands together, so the balances' orders combine into one.
"""

from collections.abc import Callable, Hashable, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import TypeVar

E = TypeVar("E")


def gathered(
    entries: Sequence[E], chains: Sequence[Sequence[E]], key: Callable[[E], Hashable]
) -> list[list[E]]:
    """The entries of one instant by what belongs together, in the order in which it happened.

    Args:
        entries: All of them, in the order that counts where their balances say nothing.
        chains: The same, each running balance's by itself, in its order.
        key: What entries that belong together have in common.
    """
    if len(entries) == 1:
        return [[entries[0]]]
    groups: dict[Hashable, list[E]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    if len(groups) == 1:
        return list(groups.values())
    number = {id(entry): n for n, group in enumerate(groups.values()) for entry in group}
    after: list[set[int]] = [set() for _ in groups]
    for chain in chains:
        for one, two in pairwise(chain):
            if number[id(one)] != number[id(two)]:
                after[number[id(one)]].add(number[id(two)])
    listed = list(groups.values())
    return [listed[n] for n in _sorted(after)]


def _sorted(after: Sequence[set[int]]) -> list[int]:
    """Numbers so that each comes before those `after` it; the smallest first where one can choose.

    Where balances contradict each other, the smallest number breaks the circle.
    """
    before = [0] * len(after)
    for followers in after:
        for n in followers:
            before[n] += 1
    ready = [n for n, count in enumerate(before) if not count]
    heapify(ready)
    waiting = iter(range(len(after)))
    placed: dict[int, None] = {}
    while len(placed) < len(after):
        n = heappop(ready) if ready else next(n for n in waiting if n not in placed)
        if n in placed:
            continue
        placed[n] = None
        for follower in after[n]:
            before[follower] -= 1
            if not before[follower]:
                heappush(ready, follower)
    return list(placed)
