"""Measuring: work in a process of its own, so that its CPU and its peak memory are its own.

CPU is user and system time of one core. What a process costs before it has anything to do (Python,
imports, opening a book) is measured on an empty book and taken off, so a figure is that of the
events alone. Peak memory is the whole process's.
"""

import json
import os
import platform
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Context, Decimal
from math import log
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent.parent

_ENOUGH = 10  # seconds of CPU of one run: it is not repeated then
_MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10  # in the units of ru_maxrss


class Measured(NamedTuple):
    """What a process cost, and what it found: to be compared, for speed alone proves nothing."""

    cpu_s: float
    peak_mb: float
    found: dict[str, Any]

    def less(self, start: "Measured") -> "Measured":
        """Without what it costs to start."""
        return self._replace(cpu_s=max(self.cpu_s - start.cpu_s, 1e-6))


def tell(found: dict[str, Any]) -> None:
    """Say at the end of a child process what it cost so far, and what it found."""
    print(json.dumps((_cpu(resource.RUSAGE_SELF), _peak_mb(), found)))


def in_child(
    script: Path, *arguments: object, folder: Path, timeout_s: float | None = None
) -> Measured | None:
    """Run a script that ends with `tell`, in a folder; None where it takes longer than it may."""
    try:
        done = _run([str(script), *map(str, arguments)], folder, timeout_s)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        msg = f"{script.name} {' '.join(map(str, arguments))} failed:\n{done.stderr}"
        raise SystemExit(msg)
    return Measured(*json.loads(done.stdout.splitlines()[-1]))


def median(run: Callable[[], Measured | None], times: int = 3) -> Measured | None:
    """The median of three runs by CPU; a run that takes over ten seconds stands alone."""
    runs: list[Measured] = []
    while len(runs) < times:
        measured = run()
        if measured is None:
            return None
        runs.append(measured)
        if measured.cpu_s > _ENOUGH:
            return measured
    return sorted(runs)[len(runs) // 2]


def growth(small: tuple[int, float], big: tuple[int, float]) -> float:
    """The exponent k by which cost grows as n^k between two points (n, cost): 1 is linear."""
    return log(big[1] / small[1]) / log(big[0] / small[0])


def start_ms(*arguments: str, times: int = 5) -> float:
    """CPU milliseconds of a whole Python process with these arguments, the median of some."""
    costs = []
    for _ in range(times):
        before = _cpu(resource.RUSAGE_CHILDREN)
        _run(list(arguments), ROOT, None).check_returncode()
        costs.append(_cpu(resource.RUSAGE_CHILDREN) - before)
    return sorted(costs)[times // 2] * 1000


# The machine --------------------------------------------------------------------------------------


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
    }


def calibration_ns() -> float:
    """Nanoseconds of one round of a fixed loop of Decimal work: figures of two machines scale by it."""
    context = Context(prec=60)
    rounds = 100_000
    best = float("inf")
    for _ in range(5):
        total, price = Decimal(0), Decimal("61234.56")
        before = time.process_time()
        for number in range(rounds):
            quantity = Decimal("0.00000001") + number
            total = context.add(total, context.multiply(quantity, price))
        best = min(best, time.process_time() - before)
    return best / rounds * 1e9


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        told = []
    names = (line.partition(":")[2].strip() for line in told if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")


# Processes ----------------------------------------------------------------------------------------


def _run(
    arguments: list[str], folder: Path, timeout_s: float | None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def _cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE
