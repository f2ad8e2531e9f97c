"""Every pair of legs that is found, linked by one decision of the owner: all of them, or none.

Each link is a decision like any other (adapters/decision.py): judged by its rules, then tried on
paper. They are tried together, because the legs of found pairs have nothing to do with each other,
and a replay for each would take hours where a book has thousands.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from adapters import clock
from adapters.importers.reading import Draft
from adapters.log.chain import Head
from adapters.log.log import Log
from adapters.log.trial import Trial
from adapters.questions import Questions
from adapters.rules import Case, judge, objection
from adapters.wire import to_native
from domain.errors import Refused
from domain.events import TransferLinked
from domain.recorded import Recorded
from projections.changes import Changed, changes
from projections.transfers.transfer_pairs import Pair

_ACCOUNT = "book"


@frozen(kw_only=True)
class FoundLinks:
    """The links that were recorded, the rule of each, and what they changed.

    `dry_run`: what would have been; nothing was recorded. `head` is the log's after it.
    """

    linked: tuple[tuple[TransferLinked, str], ...]
    changed: Changed
    head: Head
    dry_run: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON values; `event` is the native object."""
        return {
            "linked": [
                {
                    "event": to_native(_ACCOUNT, link),
                    "out": link.out,
                    "into": link.into,
                    "rule": rule,
                }
                for link, rule in self.linked
            ],
            "changed": self.changed.to_dict(),
            "head": self.head.to_dict(),
            "dry_run": self.dry_run,
        }


def link_found(log: Log, *, dry_run: bool = False) -> FoundLinks:
    """Link what the rules pair. Raises `Refused` where something speaks against one of the links.

    Others may write meanwhile; then it is begun again.
    """
    while True:
        head = log.head()
        book = Questions(Trial(log, head))
        pairs = book.transfers().pairs
        now = clock.now()
        links = list(_links(book, pairs, now))
        changed = _tried(log, head, book, links, now) if links else Changed()
        if dry_run or not links or _recorded(log, head, links):
            return FoundLinks(
                linked=tuple((link, pair.rule) for link, pair in zip(links, pairs, strict=True)),
                changed=changed,
                head=log.head(),
                dry_run=dry_run,
            )


def _links(book: Questions, pairs: Sequence[Pair], now: datetime) -> Iterator[TransferLinked]:
    """Numbered on behind the links there are."""
    number = sum(1 for _ in book.log.read(types=[TransferLinked], order="log"))
    for pair in pairs:
        number += 1
        while book.log.find(_ACCOUNT, f"link-{number}") is not None:
            number += 1
        yield TransferLinked(
            at=now,
            id=f"link-{number}",
            note=pair.words,
            out=pair.out.full_name,
            into=pair.into.full_name,
        )


def _tried(
    log: Log, head: Head, book: Questions, links: Sequence[TransferLinked], now: datetime
) -> Changed:
    """What they change. Raises `Refused`."""
    decisions, picture = book.decisions(), book.picture()
    cases = [
        Case(book=book, event=link, account=_ACCOUNT, decisions=decisions, picture=picture)
        for link in links
    ]
    if refused := [why for case in cases if (why := objection(case))]:
        raise Refused("; ".join(refused))
    entries = [
        Recorded(position, _ACCOUNT, 0, now, link)
        for position, link in enumerate(links, head.position + 1)
    ]
    then = Questions(Trial(log, head, *entries)).picture()
    ours = {link.id for link in links}
    found = [f for f in then.findings if f.account == _ACCOUNT and f.event in ours]
    if against := [one for case in cases for one in judge(case, found)] if found else []:
        raise Refused("; ".join(f"{one.problem}. {one.hint}".rstrip(". ") for one in against))
    return changes(picture, then)


def _recorded(log: Log, head: Head, links: Sequence[TransferLinked]) -> bool:
    """Whether they are recorded: not where the log went on since they were tried."""
    with log.writing() as writing:
        if writing.head != head:
            writing.discard()
            return False
        writing.append(Draft(_ACCOUNT, link, None) for link in links)
    return True
