"""Which rows of Bitfinex belong together: no reference says so, only what they tell.

A spot trade is two lines `Exchange a X for Y @ r`, its fee a third, its trade a row of the other
file. A margin trade is a row of the trades, its fee a line on the margin wallet, and where it
closes a line `Position closed @ p`. The one trick: rows go through a window of a few seconds, and
within it those that tell the same pair, quantity and price find each other, the oldest first.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import takewhile

from adapters.importers.bitfinex.bitfinex_deals import (
    WINDOW,
    Deal,
    Likeness,
    likeness,
    put,
    takes,
)
from adapters.importers.bitfinex.bitfinex_positions import Positions
from adapters.importers.bitfinex.bitfinex_results import told_with
from adapters.importers.bitfinex.bitfinex_rows import Fill, Line
from adapters.importers.layout import Entry
from domain.money import exact

_WAITING = 20_000  # trades that wait for the ledger to go on


class Joining:
    """The window: deals that may still find more rows, oldest first."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._queue: deque[Deal] = deque()
        self._open: dict[Likeness, list[Deal]] = {}
        self._lonely: deque[Deal] = deque(maxlen=100)
        """Exchanges of late whose trade was not found."""
        self._ledger: tuple[datetime, datetime] | None = None
        """The first and the last line of the ledger so far."""

    def add(self, entry: Entry) -> None:
        """Put a row to those that it belongs to."""
        if isinstance(entry, Line):
            since = self._ledger[0] if self._ledger else entry.at
            self._ledger = (since, entry.at)
        key = likeness(entry)
        for deal in self._open.get(key, ()) if key else ():
            if takes(deal, entry):
                put(deal, entry)
                return
        deal = Deal(entry.at, key)
        if key:
            self._open.setdefault(key, []).append(deal)
        put(deal, entry)
        self._queue.append(deal)

    def ready(self, now: datetime | None) -> Iterator[list[Entry]]:
        """What is complete at this time (None: all is), oldest first."""
        while self._queue:
            deal = self._queue[0]
            if now is not None and (now - deal.at <= WINDOW or self._waits(deal)):
                return
            self._queue.popleft()
            if self._put_off(deal):
                continue
            self._close(deal)
            if not deal.gone:
                yield self._marked(self._whole(deal))

    def _marked(self, entries: list[Entry]) -> list[Entry]:
        """The rows, with their trades told whether the ledger reaches over them."""
        for entry in entries:
            if isinstance(entry, Fill) and self._ledger is not None:
                since, until = self._ledger
                entry.covered = since <= entry.at <= until and not self._may_be_spot(entry)
        return entries

    def _may_be_spot(self, fill: Fill) -> bool:
        """Whether an exchange of this pair, whose texts do not quite agree, was about then."""
        return any(
            deal.fill is None
            and abs(deal.at - fill.at) <= WINDOW
            and any(leg.says and leg.says.base == fill.asset for leg in deal.legs)
            for deal in (*self._lonely, *takewhile(_until(fill.at + WINDOW), self._queue))
            if deal.legs and deal.legs[0].kind == "exchange"
        )

    def _waits(self, deal: Deal) -> bool:
        """Whether a trade waits for the ledger to go on, so that what it does not show counts."""
        fill = deal.fill
        if fill is None or deal.legs or deal.fee or self._ledger is None:
            return False
        since, until = self._ledger
        return since <= fill.at and until <= fill.at + WINDOW and len(self._queue) < _WAITING

    def _close(self, deal: Deal) -> None:
        if deal.key:
            open_ = self._open[deal.key]
            open_.remove(deal)
            if not open_:
                del self._open[deal.key]

    # Profit and the fills that made it ------------------------------------------------------------

    def _whole(self, deal: Deal) -> list[Entry]:
        """A deal's rows; of a margin trade with what the ledger shows of its result."""
        fill = deal.fill
        if deal.legs and fill is None:
            self._lonely.append(deal)
        if fill is None or deal.legs:
            return deal.entries
        near = self._near(deal)
        lines = [other for other in near if other.profit is not None]
        others = [other for other in near if other.fill is not None and not other.legs]
        with exact():
            deals = told_with(deal, fill, others, lines, self._positions)
        for other in deals[1:]:
            other.gone = True
        return [entry for each in deals for entry in each.entries]

    def _put_off(self, line: Deal) -> bool:
        """Let a line of profit wait for the margin trades behind it that it may tell of."""
        if line.profit is None or line.waited:
            return False
        line.waited = True
        behind = 0
        for at, other in enumerate(takewhile(_until(line.at + WINDOW), self._queue), start=1):
            if other.fill is not None and not other.legs:
                behind = at
        if behind:
            self._queue.insert(behind, line)
        return behind > 0

    def _near(self, deal: Deal) -> list[Deal]:
        """Deals of about this time that have not gone out."""
        return [
            other
            for other in takewhile(_until(deal.at + WINDOW), self._queue)
            if other is not deal and not other.gone
        ]


def _until(at: datetime) -> Callable[[Deal], bool]:
    return lambda deal: deal.at <= at
