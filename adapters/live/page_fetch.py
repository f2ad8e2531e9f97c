"""Fetching: a venue's feeds, page by page, into a folder; then the pages are imported like files.

Every page ever fetched is imported each time: what is known is known, and positions that were
opened long ago are there. A run that was cut off goes on where it stopped; the next run begins an
hour before the end of the last one, because venues book late.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from adapters import clock
from adapters.import_result import ImportResult
from adapters.live.feeds import Feed, LiveVenue, Span
from adapters.live.page_store import PageStore, kept_alone
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

    def shown(self, text: str) -> str:
        """The beginning of an answer, for people: without anything of the keys."""
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
    """Fetch what is new of every feed into `folder`. Raises `BookError`; what came is kept.

    `since`: not before this. It counts in the first run, and later where it goes back further.
    """
    until = clock.now()
    if since is not None and since >= until:
        msg = f"{since:%Y-%m-%d %H:%M} lies ahead: there is nothing to fetch since then"
        raise BookError(msg)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # pages are private
    with kept_alone(folder / venue.name):
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
        span = _what_is_new(store, span)
        request = feed.first(span)
    count = rows = 0
    seen: set[str] = set()
    while request is not None:
        text, page = wire.page(feed.method, request)
        try:
            told_rows = feed.rows(page)
            following = feed.following(request, page, span)
        except (LookupError, TypeError, ValueError, AttributeError):
            msg = f"{feed.method}: the answer is no page of {feed.name}: {wire.shown(text)!r}"
            raise BookError(msg) from None
        _once(request, seen, feed)
        if told_rows:
            _once(told_rows, seen, feed)
        found = len(told_rows)
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


def _what_is_new(store: PageStore, span: Span) -> Span:
    """From an hour before the end of the last run on; or from where `span` goes back further."""
    reached = store.reached(span.until)
    if reached is None:
        return span
    if span.since is not None and store.begun is not None and span.since < store.begun:
        return span
    return Span(reached - OVERLAP, span.until)


def _once(what: object, seen: set[str], feed: Feed) -> None:
    """Raise `BookError` where a venue leads in a circle: the same request, or the same rows."""
    said = sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
    if said in seen:
        msg = f"{feed.method}: the venue tells the same page again and would never end: try later"
        raise BookError(msg)
    seen.add(said)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
