"""What might be the other leg of one that no rule pairs: the nearest few, for people to choose.

They may differ by more than a rule allows: by a day, because a file may be in another time zone, by
a tenth, because amounts are told with fees or without. Money comes and goes for other reasons in
any amount, so there only what the rules allow is a candidate.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import nsmallest
from itertools import chain, islice
from operator import attrgetter

from domain.money import CASH, difference, product
from projections.decisions import EARLY, Name
from projections.transfers.reach import LATE_MONEY, Reach, near
from projections.transfers.transfer_legs import Leg, in_order

_SHOWN = 3
_BEFORE, _AFTER = timedelta(days=1), timedelta(days=7)
_LEAST, _GREATEST = Decimal("0.9"), Decimal("1.1")
_MONEY = Reach(near, LATE_MONEY, apart=False)
_LOOKED_AT = 50  # legs before an instant and after it: more within a week are no help to anyone


class Candidates:
    """Legs that were left over. What is asked is of one of them."""

    def __init__(
        self, outs: Iterable[Leg], ins: Iterable[Leg], parted: Iterable[tuple[Name, Name]]
    ) -> None:
        self._outs, self._ins = _Shelf(outs), _Shelf(ins)
        self._parted = frozenset(parted)

    def into(self, out: Leg) -> tuple[Leg, ...]:
        """Deposits that might be what a withdrawal became, the nearest first."""
        there = self._ins.around(out, out.at - _BEFORE, out.at + _AFTER)
        ranked = [(self._distance(out, into), into) for into in there if self._may_be(out, into)]
        return tuple(leg for _, leg in nsmallest(_SHOWN, ranked, key=lambda pair: pair[0]))

    def out_of(self, into: Leg) -> tuple[Leg, ...]:
        """Withdrawals that a deposit might come from, the nearest first."""
        there = self._outs.around(into, into.at - _AFTER, into.at + _BEFORE)
        ranked = [(self._distance(out, into), out) for out in there if self._may_be(out, into)]
        return tuple(leg for _, leg in nsmallest(_SHOWN, ranked, key=lambda pair: pair[0]))

    def _may_be(self, out: Leg, into: Leg) -> bool:
        if out.account == into.account or (out.name, into.name) in self._parted:
            return False
        if out.chain and into.chain:
            return out.chain == into.chain
        if out.asset in CASH:
            return _MONEY.holds(out, into)
        least, greatest = product(out.quantity, _LEAST), product(out.quantity, _GREATEST)
        in_time = -_BEFORE <= into.at - out.at <= _AFTER
        return in_time and least <= into.quantity <= greatest

    @staticmethod
    def _distance(out: Leg, into: Leg) -> tuple[bool, Decimal, timedelta, str, str]:
        """One transaction first, then by amount, then by time."""
        unlike = not out.chain or out.chain != into.chain
        lost = abs(difference(out.quantity, into.quantity))
        return unlike, lost, abs(into.at - out.at), out.full_name, into.full_name


class _Shelf:
    """Legs of one direction, by time and by transaction."""

    def __init__(self, legs: Iterable[Leg]) -> None:
        self._by_asset: dict[str, list[Leg]] = {}
        self._by_chain: dict[tuple[str, str], list[Leg]] = {}
        for leg in sorted(legs, key=in_order):
            self._by_asset.setdefault(leg.asset, []).append(leg)
            if leg.chain:
                self._by_chain.setdefault((leg.asset, leg.chain), []).append(leg)

    def around(self, leg: Leg, since: datetime, until: datetime) -> Iterator[Leg]:
        """Legs of the same transaction, and those nearest in time; each once."""
        found = {}
        alike = self._by_chain.get((leg.asset, leg.chain), ()) if leg.chain else ()
        listed = self._by_asset.get(leg.asset, [])
        place = bisect_left(listed, leg.at, key=_at)
        near_by = listed[max(place - _LOOKED_AT, 0) : place + _LOOKED_AT]
        in_time = (other for other in near_by if since <= other.at <= until)
        for other in chain(islice(alike, _LOOKED_AT), in_time):
            found[other.name] = other
        yield from found.values()


_at = attrgetter("at")


def linkable(out: Leg, into: Leg) -> bool:
    """Whether a link of these two would be taken (adapters/rules.py)."""
    return into.quantity <= out.quantity and into.at >= out.at - EARLY
