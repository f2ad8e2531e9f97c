"""The benchmark: what an event costs, how cost grows with the log, and what other engines cost.

    ./go bench                         10,000 and 100,000 events, and the peers
    ./go bench --full                  1,000,000 events too
    ./go bench --no-peers --json FILE

Budgets stand beside the figures and nothing fails for missing one: machines differ, and a busy one
is slow. What must hold is that every engine finds the same gain, else the exit status is 1.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from subprocess import TimeoutExpired
from tempfile import TemporaryDirectory

from tests.bench.measure import Measured, calibration_ns, in_child, machine, median, start_ms
from tests.bench.peers import PEERS
from tests.bench.shapes import SHAPES, Trade, trades, write_book, write_trades
from tests.bench.statements import FORMATS
from tests.bench.tables import (
    ANOTHER,
    OURS,
    Figure,
    Peer,
    agree,
    file_table,
    peer_table,
    stage_table,
)

STAGES = ("import", "margin", "history", "tax", "fifo", "methods", "verify")
SIZES = (10_000, 100_000)
LARGE = 1_000_000
PEER_SIZES = (1_000, 10_000)
PEER_TIMEOUT_S = 120
START_BUDGET_MS = 150
_HELP = "from marginbook import main; main(['--help'])"  # as the installed command does it

_HERE = Path(__file__).parent


def main() -> int:
    """Measure, print, and say whether the engines agree."""
    options = _options()
    about = {**machine(), "calibration_ns": round(calibration_ns(), 1)}
    start = {"help_ms": start_ms("-c", _HELP), "python_ms": start_ms("-c", "pass")}
    print(
        f"{about['processor']}, {about['cores']} cores, {about['system']}, {about['python']}, "
        f"SQLite {about['sqlite']}\n"
        f"calibration: {about['calibration_ns']} ns a round of Decimal work\n"
        f"start: marginbook --help takes {start['help_ms']:.0f} ms of CPU "
        f"(budget {START_BUDGET_MS}), Python alone {start['python_ms']:.0f} ms\n",
        flush=True,
    )
    with TemporaryDirectory(prefix="marginbook-bench-") as folder:
        measured = list(figures(options.sizes, Path(folder)))
        print(stage_table(measured), "\n", sep="", flush=True)
        files = list(statements(options.sizes, Path(folder)))
        print(file_table(files), "\n", sep="", flush=True)
        compared = list(peers(Path(folder))) if options.peers else []
    if compared:
        print(peer_table(compared, PEER_TIMEOUT_S))
    if options.json:
        told = {
            "machine": about,
            "start": start,
            "stages": [figure._asdict() for figure in measured],
            "files": [figure._asdict() for figure in files],
            "peers": [
                {**peer._asdict(), "cost": peer.cost and peer.cost._asdict()} for peer in compared
            ],
        }
        options.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    return 0 if agree(compared) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./go bench", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--full", action="store_true", help=f"{LARGE:,} events too")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="events of a book")
    parser.add_argument(
        "--peers", action=argparse.BooleanOptionalAction, default=True, help="other engines, too"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    options = parser.parse_args()
    options.sizes = sorted({*options.sizes, *([LARGE] if options.full else [])})
    return options


# Our own stages -----------------------------------------------------------------------------------


def figures(sizes: Sequence[int], folder: Path) -> Iterator[Figure]:
    """Every stage of every shape of book at every size."""
    for shape in SHAPES:
        for events in sizes:
            costs = _costs(shape, events, folder)
            for stage, cost in costs.items():
                yield Figure(shape, stage, events, cost.cpu_s / events * 1e6, cost.peak_mb)
            three = costs["methods"].cpu_s - costs["fifo"].cpu_s
            yield Figure(shape, ANOTHER, events, three / 3 / events * 1e6, None)


def _costs(shape: str, events: int, folder: Path) -> dict[str, Measured]:
    _say(f"{shape}, {events:,} events")
    with TemporaryDirectory(dir=folder) as made:
        file, book = Path(made, "book.jsonl"), Path(made, "book.db")
        write_book(file, shape, events)

        def run(stage: str) -> Measured:
            if stage == "import":
                for old in book.parent.glob("book.db*"):
                    old.unlink()
            return in_child(_HERE / "stages.py", stage, book, file, folder=book.parent)

        costs = {stage: median(partial(run, stage)) for stage in STAGES}
    _check(costs, events)
    return costs


def _check(costs: dict[str, Measured], events: int) -> None:
    """A stage that did something else is not worth measuring."""
    found = {stage: cost.found for stage, cost in costs.items()}
    lines = events + 3  # an account, its deposit and its margin terms come first
    if (
        found["import"] != {"recorded": lines, "findings": 0}
        or found["verify"] != {"events": lines + 1, "ok": True}
        or found["history"]["points"] != lines
        or found["tax"]["rows"] != found["fifo"]["disposals"]
    ):
        msg = f"the stages of {events:,} events did not do what they should: {found}"
        raise SystemExit(msg)


# Files of venues --------------------------------------------------------------------------------


def statements(sizes: Sequence[int], folder: Path) -> Iterator[Figure]:
    """What a row of each format costs, from its file into the log."""
    for name, write in FORMATS.items():
        for rows in sizes:
            _say(f"{name}, {rows:,} rows")
            with TemporaryDirectory(dir=folder) as made:
                file, book = Path(made, "rows"), Path(made, "book.db")
                write(file, rows)

                def run(file: Path = file, book: Path = book) -> Measured:
                    for old in book.parent.glob("book.db*"):
                        old.unlink()
                    return in_child(_HERE / "stages.py", "import", book, file, folder=book.parent)

                cost = median(run)
            if cost.found["findings"] or not rows - 3 <= cost.found["recorded"] <= rows:
                msg = f"{name}: {rows:,} rows were not read as they should: {cost.found}"
                raise SystemExit(msg)
            yield Figure(name, "import", rows, cost.cpu_s / rows * 1e6, cost.peak_mb)


# The peers ----------------------------------------------------------------------------------------


def peers(folder: Path) -> Iterator[Peer]:
    """Every engine that is installed on the same trades, from its own file to the total gain."""
    engines = [OURS]
    for name in PEERS:
        if find_spec(name):
            engines.append(name)
        else:
            print(f"{name} is left out: it is not installed")
    for shape in SHAPES:
        for count in PEER_SIZES:
            some = _for_all(shape, count)
            for name in engines:
                _say(f"{name}: {shape}, {count:,} trades")
                yield Peer(shape, count, name, _gain(name, some, folder))


def _for_all(shape: str, count: int) -> list[Trade]:
    """Trades that every engine can express: rp2 has no fee in USD on a sale."""
    return [
        trade if trade.side == "buy" else trade._replace(fee=Decimal(0))
        for trade in trades(shape, count)
    ]


def _gain(engine: str, some: list[Trade], folder: Path) -> Measured | None:
    """What the total gain costs an engine; None where it takes too long."""

    def run() -> Measured:
        with TemporaryDirectory(dir=folder) as made:
            if engine == OURS:
                file, book = Path(made, "trades.jsonl"), Path(made, "book.db")
                write_trades(file, some)
                return in_child(_HERE / "stages.py", "gain", book, file, folder=Path(made))
            name, write, _ = PEERS[engine]
            write(Path(made, name), some)
            script = _HERE / "peers.py"
            return in_child(script, engine, name, folder=Path(made), timeout_s=PEER_TIMEOUT_S)

    try:
        return median(run)
    except TimeoutExpired:
        return None


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
