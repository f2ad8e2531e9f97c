"""Pairs: which withdrawal of one account and which deposit of another are one transfer.

Three rules, the strongest first; what one has settled, the next ones do not see. Each takes the
amounts in steps (reach.py), and a pair counts only where both legs have no one else in reach: of
two equal candidates none is chosen. The result does not depend on the order of the legs.

- `txid`: both venues tell the same transaction of the chain.
- `id`: the legs have one id, one's id is the other's transaction, or one's note names the other.
- `amount_and_time`: what arrived is what was sent, a little later. Two legs that both tell their
  transaction are never paired so: it is the same one, or they are no pair. Nor is a leg whose
  transaction another account tells, too: its other leg is there, if only one knew which.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from attrs import frozen

from domain.chain_ids import chain_id
from domain.money import CASH, exact, plain
from projections.decisions import Name
from projections.transfers.only_ones import only_ones
from projections.transfers.reach import (
    EVER,
    LATE_BY_ID,
    SOON,
    Amounts,
    Reach,
    late,
    less_fee,
    most,
    near,
    whole,
)
from projections.transfers.transfer_legs import Leg, in_order

_DIGITS = 4
"""An amount of fewer digits is a round one: 1, 0.25, 5000."""

_NARROW: tuple[Amounts, ...] = (whole, less_fee, near)
_OF_ONE_TRANSACTION: tuple[Amounts, ...] = (whole, less_fee, most)


@frozen
class Pair:
    """Two legs of one transfer, and the rule that says so."""

    out: Leg
    into: Leg
    rule: str

    @property
    def apart(self) -> timedelta:
        """How long after it was sent it arrived; below zero where it was there before."""
        return self.into.at - self.out.at

    @property
    def is_sure(self) -> bool:
        """Whether it needs no one's word: amounts that come together by chance do.

        A round amount, or one that fits only nearly, stands on itself if it came soon; money only
        if it did so within one venue (elsewhere a bank is between, and no lots go with it).
        """
        if self.rule != BY_AMOUNT:
            return True
        sent, came = self.out.quantity, self.into.quantity
        told = came in (sent, sent - self.out.fee)
        soon = self.apart <= SOON
        if self.out.asset in CASH:
            return soon and told and _venue(self.out) == _venue(self.into)
        is_round = len(plain(sent).replace(".", "").strip("0")) < _DIGITS
        return soon or (told and not is_round)

    @property
    def words(self) -> str:
        """Why they are a pair, for people."""
        by = f"paired by {self.rule.replace('_', ' ')}"
        return f"{by} ({duration(self.apart)} apart)" if self.rule == BY_AMOUNT else by


def _venue(leg: Leg) -> str:
    return leg.account.partition("/")[0]


BY_TXID, BY_ID, BY_AMOUNT = "txid", "id", "amount_and_time"


def pairs_of(
    outs: Iterable[Leg], ins: Iterable[Leg], parted: Iterable[tuple[Name, Name]] = ()
) -> list[Pair]:
    """Every pair, in the order in which the units left. `parted`: out and in that are none."""
    left = _Left(outs, ins, parted)
    with exact():
        for sent, came in left.alike(lambda leg: leg.chain and (leg.asset, leg.chain)):
            left.settle(BY_TXID, sent, came, _OF_ONE_TRANSACTION, EVER)
        _by_id(left)
        waiting = _waiting(left)
        for sent, came in left.alike(lambda leg: leg.name not in waiting and leg.asset):
            left.settle(BY_AMOUNT, sent, came, _NARROW, late(sent[0].asset))
    return sorted(left.pairs, key=lambda pair: in_order(pair.out))


class _Left:
    """Legs that are not paired yet, and the pairs."""

    def __init__(
        self, outs: Iterable[Leg], ins: Iterable[Leg], parted: Iterable[tuple[Name, Name]]
    ) -> None:
        self.outs = {leg.name: leg for leg in outs}
        self.ins = {leg.name: leg for leg in ins}
        self.parted: dict[Name, set[Name]] = {}
        self.pairs: list[Pair] = []
        for out, into in parted:
            self.parted.setdefault(out, set()).add(into)

    def alike(self, key: Callable[[Leg], object]) -> Iterator[tuple[list[Leg], list[Leg]]]:
        """Legs out and in that have the same key; one without a key (empty) is not looked at."""
        sent, came = _by(self.outs.values(), key), _by(self.ins.values(), key)
        for name in sent.keys() & came.keys():
            yield sent[name], came[name]

    def settle(
        self, rule: str, sent: list[Leg], came: list[Leg], steps: tuple[Amounts, ...], by: timedelta
    ) -> None:
        """Pair what is alone, step by step."""
        for amounts in steps:
            reach = Reach(amounts, by, apart=rule == BY_AMOUNT)
            for out, into in only_ones(reach, sent, came, self.parted):
                self.pair(rule, out, into)
            sent = [leg for leg in sent if leg.name in self.outs]
            came = [leg for leg in came if leg.name in self.ins]

    def pair(self, rule: str, out: Leg, into: Leg) -> None:
        """These two are one transfer."""
        del self.outs[out.name], self.ins[into.name]
        self.pairs.append(Pair(out, into, rule))


def _by(legs: Iterable[Leg], key: Callable[[Leg], object]) -> dict[object, list[Leg]]:
    found: dict[object, list[Leg]] = {}
    for leg in legs:
        if name := key(leg):
            found.setdefault(name, []).append(leg)
    return found


def _waiting(left: _Left) -> set[Name]:
    """Legs whose transaction is told in another account, too: it is that one or none."""
    waiting: set[Name] = set()
    for sides in left.alike(lambda leg: leg.chain and (leg.asset, leg.chain)):
        sent, came = ({leg.account for leg in side} for side in sides)
        for legs, others in zip(sides, (came, sent), strict=True):
            waiting.update(leg.name for leg in legs if others - {leg.account})
    return waiting


# By id --------------------------------------------------------------------------------------------


def _by_id(left: _Left) -> None:
    """Pair legs of which one tells the other's id: there are few such for any leg."""
    told = {(out.name, into.name): (out, into) for out, into in _told(left)}
    for amounts in _NARROW:
        reach = Reach(amounts, LATE_BY_ID, apart=False)
        held = [
            (out, into)
            for out, into in told.values()
            if out.name in left.outs and into.name in left.ins and reach.holds(out, into)
        ]
        times = Counter(leg.name for legs in held for leg in legs)
        for out, into in held:
            if times[out.name] == times[into.name] == 1:
                left.pair(BY_ID, out, into)


def _told(left: _Left) -> Iterator[tuple[Leg, Leg]]:
    """Legs out and in of one asset of which one tells the other, unless something parts them."""
    for out, into in (*_of_one_id(left), *_noted(left)):
        differ = out.chain and into.chain and out.chain != into.chain
        if (
            out.asset == into.asset
            and not differ
            and into.name not in left.parted.get(out.name, ())
        ):
            yield out, into


def _of_one_id(left: _Left) -> Iterator[tuple[Leg, Leg]]:
    """The same id, or an id that is the other's transaction."""
    called = _by(left.ins.values(), lambda leg: leg.id)
    by_chain = _by(left.ins.values(), lambda leg: chain_id(leg.id))
    telling = _by(left.ins.values(), lambda leg: leg.chain)
    for out in left.outs.values():
        yield from ((out, into) for into in called.get(out.id, ()))
        yield from ((out, into) for into in telling.get(chain_id(out.id), ()))
        if out.chain:
            yield from ((out, into) for into in by_chain.get(out.chain, ()))


def _noted(left: _Left) -> Iterator[tuple[Leg, Leg]]:
    """A note that names the other leg as ACCOUNT#ID."""
    for legs, others in ((left.outs, left.ins), (left.ins, left.outs)):
        for leg in legs.values():
            for word in leg.note.split() if "#" in leg.note else ():
                account, _, name = word.strip(_AROUND).partition("#")
                other = others.get((account, name))
                if other is not None:
                    yield (leg, other) if legs is left.outs else (other, leg)


_AROUND = "\"'.,;:()[]<>"


# In words -----------------------------------------------------------------------------------------

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def duration(time: timedelta) -> str:
    """A time between two events in its two largest units, whichever came first.

    >>> duration(timedelta(hours=-3, minutes=-5, seconds=-7)), duration(timedelta(0))
    ('3 h 5 min', '0 s')
    """
    seconds = abs(time) // timedelta(seconds=1)
    parts = []
    for size, name in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"
