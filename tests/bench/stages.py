"""The stages of a book, each to be run in a process of its own: `stages.py STAGE BOOK FILE`.

import   a native file into a new log: read, checked, encoded, chained, stored, durable
margin   the log into balances, marks and what every account is worth
history  the log into the margin level after every event, and the calls that it tells
tax      the log into the year's rows of Form 8949 under FIFO, streamed; interest, income, forms
fifo     the log into lots and disposals under one method
methods  the same under four methods at once, over one read of the log
verify   the log read once by every pass that proves it unchanged
gain     a file into a new log and its rows: the total gain, to be compared with other engines
"""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from adapters.book import Book
from adapters.log.log import Log
from domain.calendar import Calendar
from domain.lot import Disposal
from domain.money import ZERO, exact
from domain.policies import price_age
from projections.dealings import Dealings
from projections.decisions import DECISIONS, Decisions
from projections.findings import Findings
from projections.margin.margin_history import MarginPoint
from projections.prices import Prices
from projections.property import Property
from projections.replay import replay
from projections.tax.us.form8949 import Row
from projections.tax.us.us_lots import Foreseen, UsLots
from tests.bench.measure import tell
from tests.bench.shapes import YEAR, write_book

METHODS = ("fifo", "lifo", "hifo", "lofo")

_SMALL = 200  # events: every kind there is


def imported(path: Path, file: Path) -> dict[str, Any]:
    with Book.open(path) as book:
        (result,) = book.import_files([file]).files
        return {"recorded": result.recorded, "findings": len(result.findings)}


def margin(path: Path, _: Path) -> dict[str, Any]:
    with Book.open(path) as book:
        (state,) = (state for state in book.margin() if state.account != "book")
        return {"equity": str(state.equity)}


def history(path: Path, _: Path) -> dict[str, Any]:
    points = levels = 0

    def count(point: MarginPoint) -> None:
        nonlocal points, levels
        points += 1
        levels += point.level is not None

    with Book.open(path) as book:
        book.margin_history(count)
    return {"points": points, "levels": levels}


def tax(path: Path, _: Path) -> dict[str, Any]:
    rows = 0

    def count(row: Row) -> None:
        nonlocal rows
        rows += 1

    with Book.open(path) as book:
        book.stream_tax_year(YEAR, count, "fifo")
    return {"rows": rows}


def fifo(path: Path, _: Path) -> dict[str, Any]:
    return {"disposals": _disposals(path, METHODS[:1])}


def methods(path: Path, _: Path) -> dict[str, Any]:
    return {"disposals": _disposals(path, METHODS)}


def verify(path: Path, _: Path) -> dict[str, Any]:
    with Book.open(path) as book:
        verification = book.verify()
        return {"events": verification.events, "ok": verification.ok}


def gain(path: Path, file: Path) -> dict[str, Any]:
    total = ZERO

    def add(row: Row) -> None:
        nonlocal total
        total += row.of.gain

    with Book.open(path) as book, exact():
        book.import_files([file])
        book.stream_tax_year(YEAR, add, "fifo")
    return {"gain": str(total)}


STAGES: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    "import": imported,
    "margin": margin,
    "history": history,
    "tax": tax,
    "fifo": fifo,
    "methods": methods,
    "verify": verify,
    "gain": gain,
}


def _disposals(path: Path, names: tuple[str, ...]) -> int:
    """How many disposals come of the log under these methods, all fed by one pass."""
    count = 0

    def sink(disposal: Disposal) -> None:
        nonlocal count
        count += 1

    with Log.open(path, read_only=True) as log:
        decisions = Decisions(log.read(types=DECISIONS, order="log"))
        findings = Findings()
        prices = Prices(log.settings.currency, price_age(decisions.policies["price_age"]))
        calendar = Calendar(ZoneInfo(log.settings.zone))
        lots = UsLots(decisions, calendar, findings, Foreseen())
        own = Property([lots.book(name, sink) for name in names], calendar, prices, findings)
        dealings = Dealings(own, decisions)
        replay(log.read(), prices, dealings, voided=decisions.voided, turns=lots.turns)
    return count


def main(stage: str, book: str, file: str) -> None:
    """Get ready on a small book, then run the stage and tell."""
    with TemporaryDirectory() as made:
        lines, small = Path(made, "small.jsonl"), Path(made, "small.db")
        write_book(lines, "few", _SMALL)
        imported(small, lines)
        STAGES[stage](small, lines)
    tell(lambda: STAGES[stage](Path(book), Path(file)))


if __name__ == "__main__":
    main(*sys.argv[1:])
