"""Pairs that are alone: a withdrawal and a deposit that have no one but each other in reach.

The one trick: nobody is compared with everybody. Time sweeps over the legs; what is in reach of the
leg at hand lies in a window, sorted by amount, so how many there are is the difference of two
places in it (all accounts' less the own account's). Only where that is one is it looked up.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from operator import itemgetter
from types import MappingProxyType

from attrs import define, field

from projections.decisions import EARLY, Name
from projections.transfers.reach import Amounts, Reach, Span, whole
from projections.transfers.transfer_legs import Leg, in_order

Parted = Mapping[Name, Collection[Name]]
"""By what went out: what came in and is not its other leg, because somebody said so."""


def only_ones(
    reach: Reach, outs: Collection[Leg], ins: Collection[Leg], parted: Parted = MappingProxyType({})
) -> list[tuple[Leg, Leg]]:
    """Legs of one asset, each the only one within the other's reach. To be called in `exact()`."""
    if not outs or not ins:
        return []
    sent, came = sorted(outs, key=in_order), sorted(ins, key=in_order)
    gone = _gone(reach, sent, came, parted)
    sole: dict[Name, Leg] = {}
    for out, window in _sweep(sent, came, whole, (-EARLY, reach.late), reach.apart):
        spans, without = reach.amounts(out), gone.get(out.name, ())
        if window.count(spans, out.account) - len(without) == 1:
            into = next(leg for leg in window.within(spans, out) if leg.name not in without)
            sole[into.name] = out
    asked = [into for into in came if into.name in sole]
    return [
        (sole[into.name], into)
        for into, window in _sweep(asked, sent, reach.amounts, (-reach.late, EARLY), reach.apart)
        if window.count(whole(into), into.account) - len(gone.get(into.name, ())) == 1
    ]


def _gone(
    reach: Reach, sent: Sequence[Leg], came: Sequence[Leg], parted: Parted
) -> dict[Name, set[Name]]:
    """Who is in whose reach, but parted."""
    gone: dict[Name, set[Name]] = {}
    among = {into.name: into for into in came} if parted else {}
    for out in sent if parted else ():
        for name in parted.get(out.name, ()):
            into = among.get(name)
            if into is not None and reach.holds(out, into):
                gone.setdefault(out.name, set()).add(name)
                gone.setdefault(name, set()).add(out.name)
    return gone


def _sweep(
    asking: Sequence[Leg],
    answering: Sequence[Leg],
    amounts: Amounts,
    reach: tuple[timedelta, timedelta],
    apart: bool,
) -> Iterator[tuple[Leg, "_Window"]]:
    """Each leg that asks, with the window of those that may answer, which it must use at once.

    `amounts` are those of the answering legs; `reach` is how much earlier and later they may be.
    """
    earliest, latest = reach
    everyone, nameless = _Window(amounts), _Window(amounts)
    begun = ended = 0
    for leg in asking:
        while begun < len(answering) and answering[begun].at - leg.at <= latest:
            for window in (everyone, nameless) if not answering[begun].chain else (everyone,):
                window.add(answering[begun])
            begun += 1
        while ended < begun and answering[ended].at - leg.at < earliest:
            for window in (everyone, nameless) if not answering[ended].chain else (everyone,):
                window.drop(answering[ended])
            ended += 1
        yield leg, nameless if apart and leg.chain else everyone


_Place = tuple[Decimal, str, str]
"""An amount, and the account and id of the leg that bears it."""

_ALL = ""


@define
class _Window:
    """The legs in reach in time, by where the spans of their amounts begin and end."""

    _amounts: Amounts
    _begins: dict[str, list[_Place]] = field(factory=dict)
    _ends: dict[str, list[_Place]] = field(factory=dict)
    _legs: dict[Name, Leg] = field(factory=dict)

    def add(self, leg: Leg) -> None:
        """A leg comes into reach."""
        self._legs[leg.name] = leg
        for least, greatest in self._amounts(leg):
            for account in (_ALL, leg.account):
                insort(self._begins.setdefault(account, []), (least, *leg.name))
                insort(self._ends.setdefault(account, []), (greatest, *leg.name))

    def drop(self, leg: Leg) -> None:
        """A leg goes out of reach."""
        del self._legs[leg.name]
        for least, greatest in self._amounts(leg):
            for account in (_ALL, leg.account):
                for places, amount in ((self._begins, least), (self._ends, greatest)):
                    listed = places[account]
                    del listed[bisect_left(listed, (amount, *leg.name))]

    def count(self, spans: Sequence[Span], account: str) -> int:
        """How many have a span that meets one of these, the account's own left out.

        No leg meets two of them, because either these or those are single amounts.
        """
        return sum(self._meeting(span, _ALL) - self._meeting(span, account) for span in spans)

    def _meeting(self, span: Span, account: str) -> int:
        begun, ended = self._begins.get(account, ()), self._ends.get(account, ())
        least, greatest = span
        before = bisect_left(ended, least, key=_amount)
        return bisect_right(begun, greatest, key=_amount) - before

    def within(self, spans: Sequence[Span], asking: Leg) -> Iterator[Leg]:
        """Those that bear a single amount within these spans, the account's own left out."""
        for least, greatest in spans:
            for listed in self._looked_through(least, greatest, asking.account):
                begin = bisect_left(listed, least, key=_amount)
                end = bisect_right(listed, greatest, key=_amount)
                for _, account, name in listed[begin:end]:
                    if account != asking.account:
                        yield self._legs[account, name]

    def _looked_through(self, least: Decimal, greatest: Decimal, own: str) -> list[list[_Place]]:
        """All legs, or account by account where most of them may be the account's own."""
        if self._meeting((least, greatest), _ALL) <= len(self._begins):
            return [self._begins.get(_ALL, [])]
        return [listed for name, listed in self._begins.items() if name not in (_ALL, own)]


_amount = itemgetter(0)
