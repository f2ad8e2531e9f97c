"""Intake: from files to recorded events, one transaction, every row accounted for.

Files are recognised by what they begin with and read by their importer, a venue's files together.
What the importer yields goes straight into the log; the log answers which events are new, known or
in conflict. A native file with a fault is refused whole, and then nothing of the command is
recorded.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypedDict, Unpack

from attrs import evolve

from adapters.import_result import ImportFinding, ImportResult, Tally
from adapters.imported_before import dealt_with, new_all_the_same
from adapters.importers.native import Native
from adapters.importers.reading import Draft, Fault, Ignored, Importer, Outcome, SourceFile, Taken
from adapters.importers.registry import generation_of, in_zone, named, recognise
from adapters.linking import LEGS, Linking, link_at_once
from adapters.log.log import Log
from adapters.log.separation import misplaced
from adapters.log.writing import Answer, Conflict, Fate, Writing
from adapters.wire import account_name
from domain.account import is_paper
from domain.errors import BookError
from domain.events import ImportRecorded
from domain.recorded import Recorded

Progress = Callable[[int], None]
"""Told how many rows have been read since it was told last."""

KnownBy = Callable[[Path], tuple[Importer, str]]
"""The importer of a file, and the format's generation."""

_BATCH = 2000


class How(TypedDict, total=False):
    """How files are taken in.

    `format` is an importer's name or a mapping file (`auto`: each file is known by its beginning);
    `account` overrides the importer's; `zone` (such as Europe/Berlin) is that of times that tell
    none; `dry_run` records nothing; `strict` records nothing where one row has a finding; `link`
    (true unless said) links transfers of which a venue's file brings a leg (adapters/linking.py);
    `progress` hears how many rows have been read.
    """

    format: str
    account: str | None
    zone: str | None
    dry_run: bool
    strict: bool
    link: bool
    progress: Progress | None


def take_in(
    log: Log, paths: Sequence[Path], *, known_by: KnownBy | None = None, **how: Unpack[How]
) -> ImportResult:
    """Read files and record what they say, in one transaction.

    `known_by` finds the importer of each file (None: `format`, or its beginning).

    Raises `BookError` where a file cannot be opened or no importer knows it, and for a paper book:
    what stands in files has happened.
    """
    account, progress = how.get("account"), how.get("progress")
    dry_run, strict = how.get("dry_run", False), how.get("strict", False)
    if log.settings.paper:
        raise BookError("a paper book takes in no files: its trades are made by `marginbook paper`")
    if account == "book":
        raise BookError("account: book is for decisions: name an account, such as kraken/main")
    if account is not None and is_paper(account_name(account)):
        msg = f"{account}: paper accounts are simulated: no file is recorded under one"
        raise BookError(msg)
    known = [_recognised(path, how, known_by) for path in dict.fromkeys(paths)]
    tallies = {file.path: Tally(file, generation) for file, _, generation in known}
    refused, linking = False, Linking()
    brought: list[range] = []
    beside: list[range] = []
    with log.writing() as writing:
        digests = {file.sha256 for file, _, _ in known}
        before = dealt_with(writing.read([ImportRecorded]), digests)
        for importer in {importer.name: importer for _, importer, _ in known}.values():
            files = [file for file, read_by, _ in known if read_by.name == importer.name]
            outcomes = _separated(importer.read(files, account))
            if progress is not None:
                outcomes = _told(outcomes, progress)
            begin, moved = writing.head.position + 1, False
            for batch in _batches(outcomes):
                moved |= _record(batch, writing, tallies)
            if moved:
                legs = beside if importer.name == Native.name else brought
                legs.append(range(begin, writing.head.position + 1))
            for file in files:
                tally = tallies[file.path]
                again = new_all_the_same(file, tally.recorded, before.get(file.sha256))
                if again is not None and known_by is None:  # prices may be read under another name
                    tally.faults += 1
                    tally.find(_finding(again), counts=False)
                refused |= _is_refused(tally, importer, strict=strict)
        if refused:
            for tally in tallies.values():
                tally.undo(_REFUSED)
        else:
            if not dry_run:
                _attest(writing, tallies.values())
            if (brought or beside) and how.get("link", True):
                linking = link_at_once(writing, brought, beside)
        if refused or dry_run:
            writing.discard()
    return ImportResult(
        files=tuple(tally.result() for tally in tallies.values()),
        head=log.head(),
        linked=linking.linked,
        parted=linking.parted,
        dry_run=dry_run,
        refused=refused,
    )


def _is_refused(tally: Tally, importer: Importer, *, strict: bool) -> bool:
    """Whether a file refuses the import: none of its rows could be read, or not all that must."""
    if tally.faults and (importer.all_or_nothing or not tally.rows):
        return True
    return strict and tally.faults + tally.conflicts > 0


_REFUSED = "not recorded, because a file of this import was refused"


def _recognised(path: Path, how: How, known_by: KnownBy | None) -> tuple[SourceFile, Importer, str]:
    format_, zone = how.get("format", "auto"), how.get("zone")
    if format_ == "auto":
        importer, generation = (known_by or recognise)(path)
    else:
        importer = named(format_)
        generation = generation_of(importer, path)
    if zone is not None:
        importer = in_zone(importer, zone)
    return SourceFile(path=path, sha256=digest(path)), importer, generation


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _separated(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Rows that a paper book wrote are faults in the file of a real one: each of them one."""
    for outcome in outcomes:
        if isinstance(outcome, Taken) and outcome.rows:
            for draft in outcome.drafts:
                wrong = misplaced(draft.account, draft.event, paper=False)
                if wrong is not None:
                    yield from _simulated(outcome.rows, *wrong)
                    break
            else:
                yield outcome
        else:
            yield outcome


def _simulated(
    rows: tuple[tuple[SourceFile, int], ...], column: str, value: str, problem: str
) -> Iterator[Fault]:
    for file, line in rows:
        yield Fault(file=file, line=line, column=column, value=value, problem=problem)


def _told(outcomes: Iterable[Outcome], progress: Progress) -> Iterator[Outcome]:
    rows = 0
    for outcome in outcomes:
        match outcome:
            case Taken():
                rows += len(outcome.rows)
            case Ignored():
                rows += 1
            case Fault():
                rows += outcome.counts
        if rows >= _BATCH:
            progress(rows)
            rows = 0
        yield outcome
    progress(rows)


def _batches(outcomes: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    iterator = iter(outcomes)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _record(batch: list[Outcome], writing: Writing, tallies: dict[Path, Tally]) -> bool:
    """Record what a batch says, and count its rows. Return whether units came in or went out."""
    drafts = [draft for taken in batch if isinstance(taken, Taken) for draft in taken.drafts]
    told = writing.append(drafts)
    answers = iter(told)
    for outcome in batch:
        match outcome:
            case Taken():
                _count(outcome, list(islice(answers, len(outcome.drafts))), tallies)
            case Ignored():
                tallies[outcome.file.path].reasons[outcome.reason] += 1
            case Fault():
                tally = tallies[outcome.file.path]
                tally.faults += 1
                tally.find(_finding(outcome), counts=outcome.counts)
    return any(
        isinstance(draft.event, LEGS) and answer is Fate.RECORDED
        for draft, answer in zip(drafts, told, strict=True)
    )


def _count(taken: Taken, answers: list[Answer], tallies: dict[Path, Tally]) -> None:
    in_conflict = set()
    for draft, answer in zip(taken.drafts, answers, strict=True):
        if isinstance(answer, Conflict) and (taken.rows or draft.source is not None):
            file, line = _row_of(draft, taken.rows, tallies)
            tally = tallies[file.path]
            tally.conflicts += 1
            counts = (file, line) in taken.rows and (file, line) not in in_conflict
            tally.find(_conflict(draft, answer.recorded, line), counts=counts)
            in_conflict.add((file, line))
    new = Fate.RECORDED in answers
    for file, line in taken.rows:
        if (file, line) in in_conflict:
            continue
        if new:
            tallies[file.path].recorded += 1
        else:
            tallies[file.path].known += 1


def _row_of(
    draft: Draft, rows: tuple[tuple[SourceFile, int], ...], tallies: dict[Path, Tally]
) -> tuple[SourceFile, int]:
    """Where a draft was read: one of the rows used up, or where it says itself."""
    source = draft.source
    if source is None:
        return rows[0]
    said = [row for row in rows if (row[0].sha256, row[1]) == (source.sha256, source.line)]
    if said or rows:
        return (said or rows)[0]
    files = [tally.file for tally in tallies.values()]
    return next((f for f in files if f.sha256 == source.sha256), files[0]), source.line


def _conflict(draft: Draft, held: Recorded, line: int) -> ImportFinding:
    where = f" at position {held.position}"
    if held.source is not None:
        where += f" ({held.source.file}:{held.source.line})"
    if (held.account, held.event.id) != (draft.account, draft.event.id):
        return ImportFinding(
            line=line,
            column="id",
            value=draft.event.id,
            problem=f"conflict: {held.account} holds this of {draft.account} already{where}",
            hint="Two kinds of file tell it, of which one does not say whose it is, or when to the"
            " second: give both in one command, to a new book",
        )
    return ImportFinding(
        line=line,
        column="id",
        value=draft.event.id,
        problem=f"conflict: {draft.account} holds this id with other content{where}",
        hint=_ELSE if draft.sequenced else _OTHERWISE,
    )


_ELSE = "give the event an id of its own; if the recorded one is wrong, void that one, too"
_OTHERWISE = (
    "files imported before tell it otherwise, perhaps without the rows around it: what is"
    " recorded stays; if that is wrong, give all files in one command, to a new book"
)


def _finding(fault: Fault) -> ImportFinding:
    return ImportFinding(
        line=fault.line,
        column=fault.column,
        value=fault.value,
        problem=fault.problem,
        hint=fault.hint,
    )


def _attest(writing: Writing, tallies: Iterable[Tally]) -> None:
    """Record what became of each file of which something was recorded: evidence of completeness."""
    for tally in tallies:
        if not tally.recorded:
            continue
        evidence = ImportRecorded(
            at=writing.recorded_at,
            id=f"import/{writing.head.position + 1}",
            file=tally.file.name,
            sha256=tally.file.sha256,
            format=tally.generation,
            rows=tally.rows,
            recorded=tally.recorded,
            known=tally.known,
            ignored=tally.reasons.total(),
            findings=tally.faulty,
            remarks=tally.remarks,
        )
        while writing.append([Draft("book", evidence, None)]) != [Fate.RECORDED]:
            # A native file may itself hold the records of another book's imports.
            evidence = evolve(evidence, id=f"{evidence.id}+")
