"""Bars into the book: each close as a `price_observed` at the instant at which its bar ended.

A bar's close is known when the bar has ended, not before: a price of 2025-03-04 (a daily bar) is
the one of 2025-03-05T00:00Z. The id names pair, interval, venue and beginning (domain/price.py), so
that no bar is recorded twice, whatever file it comes from; another close for the same bar is a
conflict, and two venues' bars stand side by side. A file that was recorded before ids named venues
keeps its names, unless a venue is told.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from adapters.import_result import ImportResult
from adapters.importers.reading import Draft, Importer, Outcome, SourceFile, Taken
from adapters.intake import Progress, digest, take_in
from adapters.log.log import Log
from adapters.prices.bar_file import BarFile, Placed, Series
from adapters.prices.bar_formats import FORMATS, format_of
from adapters.prices.pairs import Wanted, label
from domain.bar import Bar
from domain.events import ImportRecorded, PriceObserved
from domain.price import name_of_close, series_of_name
from domain.recorded import Source
from projections.report import Report, instant


@frozen(kw_only=True)
class PricesResult(Report):
    """What an import of bars did, and what each file holds that had a bar, by its path."""

    imported: ImportResult
    series: dict[str, Series]

    def to_dict(self) -> dict[str, Any]:
        """As an import has it, with the pair, the interval and the missing bars of each file."""
        document = self.imported.to_dict()
        for file in document["files"]:
            series = self.series.get(file["path"])
            file["series"] = None if series is None else series.to_dict()
        return document


def take_in_prices(
    log: Log,
    paths: Sequence[Path],
    wanted: Wanted,
    *,
    dry_run: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> PricesResult:
    """Record the closes of files of bars, in one transaction.

    Raises `BookError` where a file is of no known format, or its pair is not known.
    """
    series: dict[str, Series] = {}
    before = _without_venue(log, paths) if wanted.venue is None else frozenset()
    importer = Bars(wanted, lambda file, held: series.update({str(file.path): held}), before)
    imported = take_in(
        log,
        paths,
        known_by=importer.known,
        dry_run=dry_run,
        strict=strict,
        progress=progress,
    )
    return PricesResult(imported=imported, series=series)


class Bars:
    """The importer of files of bars. What each file holds is told to `heard`."""

    name = "bars"
    headers: Sequence[str] = tuple(known.looks_like for known in FORMATS)
    all_or_nothing = False

    def __init__(
        self,
        wanted: Wanted,
        heard: Callable[[SourceFile, Series], None],
        without_venue: Collection[str] = (),
    ) -> None:
        """`without_venue`: the SHA-256 of files whose bars are named without one."""
        self._wanted = wanted
        self._heard = heard
        self._without_venue = without_venue

    def known(self, path: Path) -> tuple[Importer, str]:
        """This importer, and the format of a file. Raises `UnknownName`."""
        return self, format_of(path, self._wanted).name

    def recognise(self, beginning: bytes) -> str | None:
        """The name of the first format that knows the file."""
        return next((known.name for known in FORMATS if known.recognise(beginning)), None)

    def read(self, files: Sequence[SourceFile], account: str | None) -> Iterator[Outcome]:
        """Every row of these files; prices are the book's own, whatever the `account`."""
        for file in sorted(files, key=lambda file: (file.name, file.sha256)):
            with BarFile(file, format_of(file.path, self._wanted), self._wanted) as bars:
                if file.sha256 in self._without_venue:
                    bars.venue = ""
                for outcome in bars.outcomes():
                    if isinstance(outcome, Placed):
                        yield _taken(file, outcome, bars.name, bars.venue)
                    else:
                        yield outcome
                if bars.series is not None:
                    self._heard(file, bars.series)


def _without_venue(log: Log, paths: Sequence[Path]) -> frozenset[str]:
    """The files, by SHA-256, whose bars the book holds under names without a venue."""
    formats = {known.name for known in FORMATS if known.venue}
    imports = [record.event for record in log.read(types=[ImportRecorded])]
    known = {
        event.sha256
        for event in imports
        if isinstance(event, ImportRecorded) and event.format in formats
    }
    again = known.intersection(digest(path) for path in paths) if known else known
    found: set[str] = set()
    for held in log.read(order="log", types=[PriceObserved], with_source=True) if again else ():
        source = held.source
        if source is not None and source.sha256 in again:
            again.discard(source.sha256)
            if not series_of_name(held.event.id).venue:
                found.add(source.sha256)
            if not again:
                break
    return frozenset(found)


def _taken(file: SourceFile, placed: Placed, name: str, venue: str) -> Taken:
    bar, line = placed
    event = observed(bar, name.strip(), venue)
    source = Source(file=name, line=line, sha256=file.sha256)
    return Taken(((file, line),), (Draft("book", event, source),))


def observed(bar: Bar, file: str, venue: str = "") -> PriceObserved:
    """The price that a bar of a venue ("": not known) tells: its close, when it ended."""
    interval = label(bar.ends - bar.at)
    return PriceObserved(
        at=bar.ends,
        id=name_of_close(bar.asset, bar.quote, interval, venue, instant(bar.at)),
        asset=bar.asset,
        quote=bar.quote,
        price=bar.close,
        source=f"{file} {interval} close",
    )
