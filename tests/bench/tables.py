"""Figures as tables of plain text: what was measured, beside what was promised."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from tests.bench.measure import Measured, growth

OURS = "marginbook"
ANOTHER = "another method"
BUDGET_US = {"import": 15, "history": 12, "tax": 12, ANOTHER: 3}
BUDGET_GROWTH = 1.05
BUDGET_OF_NATIVE = "2"
"""How many times a native line a row of any table may cost."""
BUDGET_MB = 100


class Figure(NamedTuple):
    """What one stage of a book costs: CPU microseconds an event, and megabytes at the peak."""

    shape: str
    stage: str
    events: int
    us: float
    peak_mb: float | None


class Peer(NamedTuple):
    """What an engine costs for the same trades, None where it did not finish."""

    shape: str
    trades: int
    engine: str
    cost: Measured | None


def stage_table(figures: Sequence[Figure]) -> str:
    """One line a stage of a shape: its cost at each size, its growth, its memory."""
    sizes = sorted({figure.events for figure in figures})
    head = ["shape", "stage", *(f"us at {_short(size)}" for size in sizes), "budget", "growth"]
    head += ["budget", *(f"MB at {_short(size)}" for size in sizes), "budget"]
    lines: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        lines.setdefault((figure.shape, figure.stage), []).append(figure)
    rows = [[*name, *_stage_cells(name[1], found)] for name, found in lines.items()]
    return _table(head, rows, left=2)


def file_table(figures: Sequence[Figure]) -> str:
    """One line a format: what a row of its files costs, beside a native line of the same run."""
    sizes = sorted({figure.events for figure in figures})
    head = ["format", *(f"us a row at {_short(size)}" for size in sizes), "x native", "budget"]
    head += [f"MB at {_short(size)}" for size in sizes]
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        found.setdefault(figure.shape, []).append(figure)
    native = found["native"][-1].us
    rows = [
        [
            name,
            *(f"{figure.us:.1f}" for figure in line),
            f"{line[-1].us / native:.1f}",
            BUDGET_OF_NATIVE if name != "native" else "",
            *(f"{figure.peak_mb:.0f}" for figure in line if figure.peak_mb is not None),
        ]
        for name, line in found.items()
    ]
    return _table(head, rows, left=1)


def _stage_cells(stage: str, found: Sequence[Figure]) -> Iterable[str]:
    for figure in found:
        yield f"{figure.us:.1f}"
    yield str(BUDGET_US.get(stage, ""))
    small, big = found[0], found[-1]
    if big.events > small.events and small.us > 0 < big.us:
        exponent = growth(*((point.events, point.us * point.events) for point in (small, big)))
        yield from (f"{exponent:.2f}", str(BUDGET_GROWTH))
    else:
        yield from ("", "")
    for figure in found:
        yield "" if figure.peak_mb is None else f"{figure.peak_mb:.0f}"
    yield "" if big.peak_mb is None else str(BUDGET_MB)


def peer_table(peers: Sequence[Peer], timeout_s: int) -> str:
    """One line for the same trades: what each engine costs, as a multiple of ours, and the gain."""
    engines = list(dict.fromkeys(peer.engine for peer in peers))
    head = ["shape", "trades"]
    for engine in engines:
        head += [f"{engine} s", "MB"] + ([] if engine == OURS else ["x ours"])
    rows = []
    for shape, count in dict.fromkeys((peer.shape, peer.trades) for peer in peers):
        same = [peer for peer in peers if (peer.shape, peer.trades) == (shape, count)]
        ours = next(peer.cost for peer in same if peer.engine == OURS)
        row = [shape, f"{count:,}"]
        for peer in same:
            row += _peer_cells(peer, ours, timeout_s)
        rows.append([*row, _gains(same)])
    return _table([*head, "total gain"], rows, left=1)


def _peer_cells(peer: Peer, ours: Measured | None, timeout_s: int) -> list[str]:
    cost = peer.cost
    if cost is None:
        return [f"not in {timeout_s}", "", ""][: 2 if peer.engine == OURS else 3]
    cells = [f"{cost.cpu_s:.2f}", f"{cost.peak_mb:.0f}"]
    if peer.engine != OURS:
        cells.append(f"{cost.cpu_s / ours.cpu_s:.0f}" if ours else "")
    return cells


def agree(peers: Sequence[Peer]) -> bool:
    """Whether all engines that finished found the same gain for the same trades, to the cent."""
    found: dict[tuple[str, int], set[Decimal]] = {}
    for peer in peers:
        if peer.cost:
            found.setdefault((peer.shape, peer.trades), set()).add(_gain(peer.cost))
    return all(len(gains) == 1 for gains in found.values())


def _gains(same: Sequence[Peer]) -> str:
    gains = {peer.engine: _gain(peer.cost) for peer in same if peer.cost}
    if len(set(gains.values())) > 1:
        return "THEY DISAGREE: " + ", ".join(f"{name} {gain}" for name, gain in gains.items())
    gain = next(iter(gains.values()))
    return f"{gain:,} USD" + (f", all {len(gains)} agree" if len(gains) > 1 else "")


def _gain(cost: Measured) -> Decimal:
    return Decimal(cost.found["gain"]).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _short(size: int) -> str:
    """10k, 1M."""
    for unit, name in ((10**6, "M"), (10**3, "k")):
        if size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)


def _table(head: list[str], rows: Sequence[list[str]], left: int) -> str:
    """Columns as wide as their widest cell; the first `left` of them begin at the left."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
