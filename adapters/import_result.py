"""What became of the rows of files: counted while they are read, and told when they are."""

from collections import Counter

from attrs import define, field, frozen

from adapters.importers.reading import SourceFile
from adapters.linking import LinkedLegs, PartedLegs
from adapters.log.chain import Head
from projections.report import Report

_SHOWN = 1000  # findings kept of one file; the rest are counted


@frozen(kw_only=True)
class ImportFinding(Report):
    """A row to look at: where it stands, what stands there, what to do."""

    line: int
    column: str
    value: str
    problem: str
    hint: str


@frozen(kw_only=True)
class FileResult(Report):
    """What became of a file's rows: recorded, known, ignored and found ones add up to rows."""

    path: str
    format: str
    sha256: str
    rows: int
    recorded: int
    known: int
    ignored: int
    reasons: dict[str, int]
    findings: tuple[ImportFinding, ...]
    unshown: int = 0
    """Findings beyond the first thousand."""


@frozen(kw_only=True)
class ImportResult(Report):
    """What an import did. `refused`: nothing was recorded, the findings say why.

    `linked` are transfers of which it brought a leg, `parted` such that an earlier import had
    linked and that are no pair any more (adapters/linking.py).
    """

    files: tuple[FileResult, ...]
    head: Head
    linked: tuple[LinkedLegs, ...] = ()
    parted: tuple[PartedLegs, ...] = ()
    dry_run: bool = False
    refused: bool = False

    @property
    def has_findings(self) -> bool:
        return any(file.findings for file in self.files)


@define
class Tally:
    """The counts of one file in the making."""

    file: SourceFile
    generation: str
    recorded: int = 0
    known: int = 0
    faulty: int = 0
    faults: int = 0
    conflicts: int = 0
    remarks: int = 0
    unshown: int = 0
    reasons: Counter[str] = field(factory=Counter)
    findings: list[ImportFinding] = field(factory=list)

    def find(self, finding: ImportFinding, *, counts: bool = True) -> None:
        """Keep a finding; `counts` where the row ends as one, else it is a remark."""
        self.faulty += counts
        self.remarks += not counts
        if len(self.findings) < _SHOWN:
            self.findings.append(finding)
        else:
            self.unshown += 1

    def undo(self, reason: str) -> None:
        """Nothing was recorded after all."""
        if self.recorded:
            self.reasons[reason] += self.recorded
            self.recorded = 0

    @property
    def rows(self) -> int:
        return self.recorded + self.known + self.reasons.total() + self.faulty

    def result(self) -> FileResult:
        return FileResult(
            path=str(self.file.path),
            format=self.generation,
            sha256=self.file.sha256,
            rows=self.rows,
            recorded=self.recorded,
            known=self.known,
            ignored=self.reasons.total(),
            reasons=dict(sorted(self.reasons.items())),
            findings=tuple(self.findings),
            unshown=self.unshown,
        )
