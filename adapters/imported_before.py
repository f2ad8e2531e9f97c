"""The same bytes again: what an earlier import dealt with whole has nothing new to tell.

If it has, it was read otherwise: in another zone, for another account, by another mapping. The ids
differ then, so no event is known, and every fact counts twice.
"""

from collections.abc import Collection, Iterable

from adapters.importers.reading import Fault, SourceFile
from domain.events import ImportRecorded
from domain.recorded import Recorded

_HINT = (
    "Was it read with another --account, --zone or --format then, or along with other files? What"
    " both imports tell counts twice: void the events of one of them"
)


def dealt_with(imports: Iterable[Recorded], digests: Collection[str]) -> dict[str, ImportRecorded]:
    """The imports of these bytes that left no row as a finding, by digest."""
    events = (recorded.event for recorded in imports)
    return {
        event.sha256: event
        for event in events
        if isinstance(event, ImportRecorded) and event.sha256 in digests and not event.findings
    }


def new_all_the_same(
    file: SourceFile, recorded: int, before: ImportRecorded | None
) -> Fault | None:
    """A remark on a file of which so many rows were recorded, though it was dealt with before."""
    if before is None or not recorded:
        return None
    new = "1 row is" if recorded == 1 else f"{recorded} rows are"
    return Fault(
        file=file,
        line=0,
        problem=f"was imported on {before.at:%Y-%m-%d} ({before.id}), and {new} new all the same",
        hint=_HINT,
        counts=False,
    )
