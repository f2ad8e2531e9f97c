"""Measuring: work in a process of its own, so that its CPU and its peak memory are its own.

CPU is user and system time, counted from when a process is ready: everything is imported, and the
same work has been done once on something small. Peak memory is the whole process's.
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
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent.parent

_ENOUGH_S = 5
_MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10  # in the units of ru_maxrss


class Measured(NamedTuple):
    """What work cost, and what it found, to be compared: speed alone proves nothing."""

    cpu_s: float
    peak_mb: float
    found: dict[str, Any]


def tell(work: Callable[[], dict[str, Any]]) -> None:
    """Do the work of a child process, and tell its parent what it cost and found."""
    before = _cpu(resource.RUSAGE_SELF)
    found = work()
    print(json.dumps((_cpu(resource.RUSAGE_SELF) - before, _peak_mb(), found)))


def in_child(
    script: Path, *arguments: object, folder: Path, timeout_s: float | None = None
) -> Measured:
    """Run a script that ends with `tell`, in a folder. Raises `TimeoutExpired`."""
    done = _run([str(script), *map(str, arguments)], folder, timeout_s)
    if done.returncode:
        msg = f"{script.name} {' '.join(map(str, arguments))} failed:\n{done.stderr}"
        raise SystemExit(msg)
    return Measured(*json.loads(done.stdout.splitlines()[-1]))


def median(run: Callable[[], Measured], times: int = 3) -> Measured:
    """The median of three runs by CPU; a run of more than five seconds is enough by itself."""
    runs: list[Measured] = []
    while len(runs) < times:
        runs.append(run())
        if runs[-1].cpu_s > _ENOUGH_S:
            return runs[-1]
    return sorted(runs, key=attrgetter("cpu_s"))[times // 2]


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
    """Nanoseconds of one round of fixed Decimal work: by it, figures of two machines compare."""
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
