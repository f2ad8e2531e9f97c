"""Fetching: a venue's feeds, page by page, into a folder; then the pages are imported like files.

Every page ever fetched is imported each time: what is known is known, and positions that were
opened long ago are there. A run that was cut off goes on where it stopped; the next run begins an
hour before the end of the last one, because venues book late.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from adapters import clock
from adapters.intake import ImportResult
from adapters.live.feeds import Feed, LiveVenue, Span
from adapters.live.page_store import PageStore
from domain.errors import BookError
from projections.report import Report

OVERLAP = timedelta(hours=1)

Told = Callable[[str, int], None]
"""Told which feed is read, and how many rows it has brought so far."""


class Wire(Protocol):
    """Whatever brings a page."""

    def page(self, method: str, params: dict[str, Any]) -> tuple[str, Any]:
        """The text of one page as it came, and its JSON values."""
        ...


@frozen(kw_only=True)
class FeedResult(Report):
    """What one feed brought in this run, and the span it was asked for."""

    feed: str
    pages: int
    rows: int
    since: datetime | None
    until: datetime
    resumed: bool


@frozen(kw_only=True)
class FetchResult(Report):
    """What was fetched, and what became of it (None: no page has any row)."""

    venue: str
    folder: str
    feeds: tuple[FeedResult, ...]
    imported: ImportResult | None


def fetch(
    venue: LiveVenue,
    wire: Wire,
    folder: Path,
    *,
    since: datetime | None = None,
    told: Told | None = None,
) -> tuple[FeedResult, ...]:
    """Fetch what is new of every feed into `folder`. Raises `BookError`; what came is kept."""
    until = clock.now()
    return tuple(
        _fetched(feed, wire, store_of(venue, feed, folder), Span(since, until), told)
        for feed in venue.feeds
    )


def pages(venue: LiveVenue, folder: Path) -> Iterator[Path]:
    """Every page of a venue that holds rows, checked against what was fetched."""
    for feed in venue.feeds:
        yield from store_of(venue, feed, folder).paths()


def store_of(venue: LiveVenue, feed: Feed, folder: Path) -> PageStore:
    """Where the pages of a feed are kept."""
    return PageStore(folder / venue.name / feed.name, f"{venue.name}-{feed.name}")


def _fetched(feed: Feed, wire: Wire, store: PageStore, span: Span, told: Told | None) -> FeedResult:
    last = store.last
    resumed = last is not None and last.next is not None
    if last is not None and last.next is not None:
        span = Span(_time(last.since), datetime.fromisoformat(last.until))
        request: dict[str, Any] | None = last.next
    else:
        if last is not None:
            span = Span(datetime.fromisoformat(last.until) - OVERLAP, span.until)
        request = feed.first(span)
    count = rows = 0
    while request is not None:
        text, page = wire.page(feed.method, request)
        try:
            found = len(feed.rows(page))
            following = feed.following(request, page, span)
        except (LookupError, TypeError, ValueError, AttributeError):
            msg = f"{feed.method}: the answer is no page of {feed.name}: {text[:200]!r}"
            raise BookError(msg) from None
        store.keep(
            text,
            rows=found,
            at=clock.now(),
            since=span.since,
            until=span.until,
            request=request,
            following=following,
        )
        count, rows, request = count + 1, rows + found, following
        if told is not None:
            told(feed.name, rows)
    return FeedResult(
        feed=feed.name,
        pages=count,
        rows=rows,
        since=span.since,
        until=span.until,
        resumed=resumed,
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
