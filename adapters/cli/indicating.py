"""The command `prices indicators`: what traders read off bars, or off the prices of the book.

The one trick: every indicator is a stream beside the stream of prices, so rows are printed as they
are read, and a million bars need no more memory than the window of the longest.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import islice, tee
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.options import DONE, FOUND, INTERVAL, Asked, Command
from adapters.cli.recording import check_files
from adapters.cli.text import shown, table

if TYPE_CHECKING:
    from adapters.importers.reading import Fault
    from adapters.prices.bar_file import BarFile
    from adapters.prices.known_prices import Close
    from adapters.prices.pairs import Wanted
    from domain.bar import Bar

_SHOWN = 60
"""Rows printed for people before `--last` or `--json` is the better way."""
_MOST_BINS = 10_000

Row = dict[str, Any]
Indicator = Callable[[Iterable[Decimal]], Iterator[Any]]


class BollingerType(click.ParamType):  # type: ignore[type-arg]
    """LENGTH[,WIDTH]: how many bars, how many deviations to each side."""

    name = "N[,K]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, Decimal]:
        """Read 20 or 20,2.5."""
        length, _, width = str(value).partition(",")
        try:
            count, deviations = int(length), Decimal(width or 2)
        except (ValueError, InvalidOperation):
            count, deviations = 0, Decimal(0)
        if count < 1 or not deviations.is_finite() or not 0 < deviations <= 1000:
            self.fail(f"{value!r} is no length and width: write 20 or 20,2.5", param, ctx)
        return count, deviations


_LENGTH = click.IntRange(1, 1_000_000)


@click.command(cls=Command)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option("--asset", metavar="A", help="What is priced: in the book, or in the file.")
@click.option("--quote", metavar="Q", help="What it is priced in.")
@click.option("--interval", type=INTERVAL, help="How long a bar is: 1440, 60m, 4h, 1d.")
@click.option("--venue", metavar="V", help="Where it was traded: kraken, or none (not known).")
@click.option("--rsi", type=_LENGTH, metavar="N", help="Wilder's RSI, such as 14.")
@click.option("--bollinger", type=BollingerType(), help="Bollinger Bands, such as 20,2.")
@click.option("--sma", type=_LENGTH, metavar="N", help="Simple moving average.")
@click.option("--ema", type=_LENGTH, metavar="N", help="Exponential moving average.")
@click.option("--pivots", is_flag=True, help="Pivots of the last bar; swing highs and lows.")
@click.option("--levels", type=click.IntRange(1, _MOST_BINS), metavar="BINS", help="Volume levels.")
@click.option("--last", type=_LENGTH, metavar="N", help="The last N bars alone; levels of them.")
@click.pass_obj
def indicators(
    asked: Asked,
    file: Path | None,
    asset: str | None,
    quote: str | None,
    interval: timedelta | None,
    venue: str | None,
    rsi: int | None,
    bollinger: tuple[int, Decimal] | None,
    sma: int | None,
    ema: int | None,
    pivots: bool,
    levels: int | None,
    last: int | None,
) -> int:
    """Indicators of a file of bars, or of an asset's prices in the book; nothing is recorded.

    Without a choice: RSI of 14 bars and Bollinger Bands of 20 bars, 2 deviations wide.
    """
    from adapters.prices.pairs import Wanted
    from projections.charts import indicators as known

    chosen: dict[str, Indicator] = {}
    if not (rsi or bollinger or sma or ema or pivots or levels):
        rsi, bollinger = 14, (20, Decimal(2))
    if rsi:
        chosen["rsi"] = partial(known.rsi, length=rsi)
    if bollinger:
        chosen["bollinger"] = partial(known.bollinger, length=bollinger[0], width=bollinger[1])
    if sma:
        chosen["sma"] = partial(known.sma, length=sma)
    if ema:
        chosen["ema"] = partial(known.ema, length=ema)
    wanted = Wanted(asset=asset, quote=quote, interval=interval, venue=venue)
    if file is not None:
        return _of_file(asked, file, wanted, chosen, pivots=pivots, levels=levels, last=last)
    if asset is None:
        raise click.UsageError("name a file of bars, or an asset of the book with --asset")
    if pivots or levels:
        raise click.UsageError("--pivots and --levels need bars: name the file they stand in")
    return _of_book(asked, asset, wanted, chosen, last)


def _of_file(
    asked: Asked,
    file: Path,
    wanted: "Wanted",
    chosen: Mapping[str, Indicator],
    *,
    pivots: bool,
    levels: int | None,
    last: int | None,
) -> int:
    """The indicators of a file of bars."""
    from adapters.prices.bar_file import opened
    from projections.charts.indicators import floor_pivots, swings
    from projections.charts.volume_levels import volume_profile
    from projections.report import to_json

    check_files([file])
    with opened(file, wanted) as bars:
        faults = bars.faults()
        held = bars.series
        if held is None:
            for fault in faults:
                click.echo(str(fault), err=True)
            raise click.ClickException(f"{file} holds no bar that can be read")
        rows = _rows(_closes(bars), chosen)
        if pivots:
            turned = ({"swing": to_json(swing)} for swing in swings(bars))
            rows = ({**row, **turn} for row, turn in zip(rows, turned, strict=True))
        end: Row = {"missing": held.missing}
        if levels:
            end["levels"] = to_json(volume_profile(_Tail(bars, held.bars, last), levels))
        if pivots:
            (bar,) = _Tail(bars, held.bars, 1)
            end["pivots"] = {"of": to_json(bar.at), **to_json(floor_pivots(bar))}
        end["findings"] = [_found(fault) for fault in faults]
        head = {"asset": held.asset, "quote": held.quote, "interval": held.interval}
        _answer(asked, head, rows, end, last)
    return FOUND if faults else DONE


def _of_book(
    asked: Asked, asset: str, wanted: "Wanted", chosen: Mapping[str, Indicator], last: int | None
) -> int:
    """The indicators of an asset's prices in the book."""
    from attrs import evolve

    from adapters.prices.known_prices import series_of

    with asked.open() as book:
        wanted = evolve(wanted, currency=book.currency)
        series = series_of(lambda: book.prices(asset=asset), asset, wanted)
        head = {"asset": series.asset, "quote": series.quote, "interval": series.interval or None}
        _answer(asked, head, _rows(series.closes, chosen), {}, last)
    return DONE


def _rows(closes: "Iterable[Close]", chosen: Mapping[str, Indicator]) -> Iterator[Row]:
    """One object a close, its values as JSON has them: null until an indicator is defined."""
    from projections.report import to_json

    beside, *copies = tee(closes, len(chosen) + 1)
    streams = [
        indicator(one.close for one in copy)
        for indicator, copy in zip(chosen.values(), copies, strict=True)
    ]
    for close, *values in zip(beside, *streams, strict=True):
        row = {name: to_json(value) for name, value in close._asdict().items()}
        yield row | {name: to_json(v) for name, v in zip(chosen, values, strict=True)}


def _closes(bars: "Iterable[Bar]") -> "Iterator[Close]":
    from adapters.prices.known_prices import Close

    return (Close(bar.at, bar.ends, bar.close) for bar in bars)


class _Tail:
    """The last bars of a file, or all of them; may be read again."""

    def __init__(self, bars: "BarFile", count: int, last: int | None) -> None:
        self._bars = bars
        self._before = max(count - last, 0) if last else 0

    def __iter__(self) -> "Iterator[Bar]":
        return islice(iter(self._bars), self._before, None)


def _found(fault: "Fault") -> Row:
    names = ("line", "column", "value", "problem", "hint")
    return {name: getattr(fault, name) for name in names}


# Printing -----------------------------------------------------------------------------------------


def _answer(asked: Asked, head: Row, rows: Iterator[Row], end: Row, last: int | None) -> None:
    """Print the rows, piece by piece where that is asked for, between what is said of them all."""
    kept = rows if last is None else iter(deque(rows, maxlen=last))
    for part in _as_json(head, kept, end) if asked.json else _as_text(head, kept, end, last):
        click.echo(part, nl=False)


def _as_json(head: Row, rows: Iterator[Row], end: Row) -> Iterator[str]:
    """One JSON document."""
    import orjson

    yield orjson.dumps(head).decode()[:-1] + ',"bars":['
    gap = "\n"
    for row in rows:
        yield gap + orjson.dumps(row).decode()
        gap = ",\n"
    rest = orjson.dumps(end).decode()[1:]
    yield "\n]" + ("," if end else "") + rest + "\n"


def _as_text(head: Row, rows: Iterator[Row], end: Row, last: int | None) -> Iterator[str]:
    """A table, its numbers rounded for the eye; all digits are in the JSON."""
    total = 0

    def counted() -> Iterator[Row]:
        nonlocal total
        for row in rows:
            total += 1
            yield row

    kept = [_flat(row) for row in deque(counted(), maxlen=None if last else _SHOWN)]
    interval = f", bars of {head['interval']}" if head["interval"] else ""
    yield f"{head['asset']}/{head['quote']}{interval}\n"
    if total > len(kept):
        yield f"... {total - len(kept)} bars before these: --last N, or --json\n"
    if kept:
        yield table(list(kept[0]), [list(row.values()) for row in kept]) + "\n"
    if end.get("missing"):
        yield f"{end['missing']} bars are missing between the first and the last.\n"
    if "levels" in end:
        yield _levels(end["levels"])
    if "pivots" in end:
        of, *prices = end["pivots"].items()
        yield f"\nPivots after the bar of {of[1]}\n"
        yield table(["level", "price"], [(name.upper(), _eye(price)) for name, price in prices])
        yield "\n"
    for found in end.get("findings", ()):
        column = f' column "{found["column"]}":' if found["column"] else ""
        value = f' "{found["value"]}"' if found["value"] else ""
        yield f"line {found['line']}:{column}{value} {found['problem']}. {found['hint']}\n"


def _levels(profile: Row) -> str:
    control = profile["point_of_control"]
    rows = [
        (_eye(b["low"]), _eye(b["high"]), _eye(b["volume"]), "most" if b == control else "")
        for b in reversed(profile["bins"])
    ]
    low, high = _eye(profile["value_area_low"]), _eye(profile["value_area_high"])
    return (
        f"\nVolume by price, {_eye(profile['volume'])} units\n"
        f"{table(['from', 'to', 'volume', ''], rows)}\n"
        f"Value area (70 % of the volume): {low} to {high}\n"
    )


def _flat(row: Row) -> dict[str, str]:
    """A row's columns for people."""
    columns = {"at": row["at"].replace("T", " ").removesuffix(":00Z")}
    for name, value in list(row.items())[2:]:
        parts = {name: value}
        if name in _PARTS:
            parts = {f"{name} {part}": (value or {}).get(part) for part in _PARTS[name]}
        columns |= {part: _eye(number) for part, number in parts.items()}
    return columns


_PARTS = {"bollinger": ("lower", "middle", "upper"), "swing": ("high", "low")}


def _eye(number: str | None) -> str:
    """A number to eight significant digits, but whole ones to the last."""
    if number is None:
        return ""
    value = Decimal(number)
    places = max(2, 7 - value.adjusted()) if value else 0
    rounded = round(value, places)
    return number if rounded == value else shown(rounded)
