"""A decision of our own: tried on paper, judged, recorded, and what it changed.

What a venue reports has happened, and is never refused. What we decide is not a fact before we
record it, so it may be: by a rule that it breaks (adapters/rules.py), or by an error that it causes
in a replay of the log as it would be (adapters/log/trial.py). Others may write meanwhile; then it
is tried again.
"""

from typing import Any

from attrs import frozen

from adapters import clock
from adapters.importers.reading import Draft
from adapters.log.chain import Head
from adapters.log.log import Log
from adapters.log.trial import Trial
from adapters.questions import Questions
from adapters.references import full_name
from adapters.rules import Case, Decided, counts, judge, objection
from adapters.wire import name_of, to_native
from domain.errors import BookError, Refused
from domain.events import Event
from domain.recorded import Recorded
from projections.changes import Changed, changes
from projections.report import instant


@frozen(kw_only=True)
class Decision:
    """A decision as the log holds it. `known`: it was recorded before, and nothing changed now.

    `counts` says in words for what it counts; `head` is the log's after it.
    """

    recorded: Recorded
    head: Head
    known: bool
    counts: str
    changed: Changed

    @property
    def event(self) -> Event:
        """The decision itself."""
        return self.recorded.event

    def to_dict(self) -> dict[str, Any]:
        """The decision as JSON values; `event` is the native object."""
        recorded = self.recorded
        return {
            "event": to_native(recorded.account, recorded.event),
            "position": recorded.position,
            "recorded_at": instant(recorded.recorded_at),
            "head": self.head.to_dict(),
            "known": self.known,
            "counts": self.counts,
            "changed": self.changed.to_dict(),
        }


def decide(log: Log, event: Event, account: str) -> Decision:
    """Record a decision unless a rule or an error speaks against it. Raises `Refused`."""
    if not isinstance(event, Decided):
        msg = f"{name_of(type(event))} is a fact, no decision: record it"
        raise BookError(msg)
    while True:
        head = log.head()
        case = Case(book=Questions(Trial(log, head)), event=event, account=account)
        held = log.find(account, event.id)
        if held is not None:
            return _known(held, case, head)
        refused = objection(case)
        if refused:
            raise Refused(refused)
        entry = Recorded(head.position + 1, account, 0, clock.now(), event)
        then = Questions(Trial(log, head, entry)).picture()
        against = judge(case, then.findings)
        if against:
            raise Refused("; ".join(f"{f.problem}. {f.hint}".rstrip(". ") for f in against))
        recorded = _recorded(log, head, Draft(account, event, None))
        if recorded is not None:
            changed = changes(case.picture, then)
            return Decision(
                recorded=recorded,
                head=log.head(),
                known=False,
                counts=counts(case, recorded.recorded_at, changed),
                changed=changed,
            )


def _known(held: Recorded, case: Case, head: Head) -> Decision:
    if held.event != case.event:
        msg = f"{full_name(held)} is already recorded with other content, at position"
        msg = f"{msg} {held.position}: give the decision an id of its own"
        raise BookError(msg)
    said = counts(case, held.recorded_at, Changed())
    return Decision(recorded=held, head=head, known=True, counts=said, changed=Changed())


def _recorded(log: Log, head: Head, draft: Draft) -> Recorded | None:
    """The decision as the log holds it now; None where the log went on since it was tried."""
    with log.writing() as writing:
        if writing.head != head:
            writing.discard()
            return None
        writing.append([draft])
    return log.find(draft.account, draft.event.id)
