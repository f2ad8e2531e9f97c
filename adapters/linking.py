"""What an import links by itself: pairs of legs that it completes.

It pairs the legs twice from scratch, as if no import had ever linked any: without what it brings,
and with it. What is a pair only with it is linked; what an import linked and is none any more, now
that another leg fits as well, is taken back. So the same files in any order end with the same
links. What was a pair before is left alone: somebody did not want it to be linked, or the other leg
stands in a native file, whose author can say what he means. Nor is a pair linked that may be one by
chance (`Pair.is_sure`): a wrong link is quiet, for it gives units a date and a basis, but a pair
that waits is a finding.

It is a part of the import's own transaction: no one ever sees the legs without their links, and an
import that is broken off has not to be finished by another one. The log is asked for legs and links
by their stored names; nothing is replayed, for what fits by the rules of the pairing
(projections/transfers/reach.py) is taken by those of the decision (rules.py), which are wider.
"""

from collections.abc import Sequence

from attrs import frozen

from adapters.importers.reading import Draft
from adapters.log.writing import Writing
from domain.events import BasisStated, Deposited, Event, TransferLinked, Voided, Withdrawn
from domain.recorded import Recorded
from projections.decisions import Decisions, Name, named
from projections.report import Report
from projections.transfers.transfer_legs import LINKED_BY_IMPORT, PARTED_BY_IMPORT, Legs
from projections.transfers.transfer_pairs import Pair, pairs_of

LEGS: tuple[type[Event], ...] = (Deposited, Withdrawn)
"""The kinds of event that may be a leg."""


@frozen(kw_only=True)
class LinkedLegs(Report):
    """A withdrawal and a deposit (ACCOUNT#ID each) that were linked, and by which rule."""

    out: str
    into: str
    rule: str


@frozen(kw_only=True)
class PartedLegs(Report):
    """A link that an import had made and this one took back, and why."""

    out: str
    into: str
    reason: str


@frozen(kw_only=True)
class Linking(Report):
    """What an import did about transfers."""

    linked: tuple[LinkedLegs, ...] = ()
    parted: tuple[PartedLegs, ...] = ()


def link_at_once(writing: Writing, brought: Sequence[range]) -> Linking:
    """Link what became a pair by what venues' files brought, at these positions of the log."""
    told = list(writing.read([BasisStated, TransferLinked, Voided]))
    links = {_legs(link): link for link in Decisions(told).links if _is_own(link)}
    own = {link.position for link in links.values()}
    decisions = Decisions(entry for entry in told if entry.position not in own)
    moves = list(writing.read(LEGS))
    new = {move.position for move in moves for positions in brought if move.position in positions}
    assets = {_asset(move) for move in moves if move.position in new}
    moves = [move for move in moves if _asset(move) in assets]  # no other pairs can change
    now = Legs.among(moves, decisions)
    earlier = Legs.among((move for move in moves if move.position not in new), decisions)
    known = {_names(pair) for pair in _pairs(earlier)}
    pairs = _pairs(now)
    fits, done = {_names(pair) for pair in pairs}, known.union(links)
    free = {leg.name for leg in (*now.outs, *now.ins)}
    return Linking(
        parted=tuple(
            _part(writing, link)
            for legs, link in links.items()
            if legs not in fits and free.issuperset(legs)
        ),
        linked=tuple(
            _link(writing, pair) for pair in pairs if pair.is_sure and _names(pair) not in done
        ),
    )


def _asset(move: Recorded) -> str:
    assert isinstance(move.event, Deposited | Withdrawn)  # noqa: S101 - for the type checker
    return move.event.asset


def _is_own(link: Recorded) -> bool:
    return link.event.id.startswith(LINKED_BY_IMPORT)


def _legs(link: Recorded) -> tuple[Name, Name]:
    assert isinstance(link.event, TransferLinked)  # noqa: S101 - for the type checker
    return named(link.event.out), named(link.event.into)


def _pairs(legs: Legs) -> list[Pair]:
    return pairs_of(legs.outs, legs.ins, legs.parted)


def _names(pair: Pair) -> tuple[Name, Name]:
    return pair.out.name, pair.into.name


def _link(writing: Writing, pair: Pair) -> LinkedLegs:
    link = TransferLinked(
        at=writing.recorded_at,
        id=f"{LINKED_BY_IMPORT}{writing.head.position + 1}",
        note=pair.words,
        out=pair.out.full_name,
        into=pair.into.full_name,
    )
    writing.append([Draft("book", link, None)])
    return LinkedLegs(out=link.out, into=link.into, rule=pair.rule)


def _part(writing: Writing, link: Recorded) -> PartedLegs:
    assert isinstance(link.event, TransferLinked)  # noqa: S101 - for the type checker
    void = Voided(
        at=writing.recorded_at,
        id=f"{PARTED_BY_IMPORT}{writing.head.position + 1}",
        target=link.event.id,
        reason=_NOT_ALONE,
    )
    writing.append([Draft("book", void, None)])
    return PartedLegs(out=link.event.out, into=link.event.into, reason=void.reason)


_NOT_ALONE = "another leg that came in fits as well, or better"
