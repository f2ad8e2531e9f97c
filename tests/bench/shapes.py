"""Books made up for measuring: four shapes of trading, the same trades on every machine.

few   every purchase is sold whole by the next trade: at most one lot is open
many  55 of 100 trades are purchases, all of random size: a tenth of the trades stay open as lots
pile  all purchases come first and all sales after them: half of the trades are open lots
dust  499 tiny purchases, then one sale that takes nearly all of their slivers

The one trick: sizes and prices are drawn as whole numbers (1e-8 BTC, cents) from a fixed seed, so
nothing depends on how a machine rounds, and every engine is given the same decimals. A book is one
margin account within one year, so that every sale is a row of that year's Form 8949.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from random import Random
from typing import NamedTuple

YEAR = 2025
ACCOUNT = "kraken/main"

_SEED = 8949
_BEGIN = datetime(YEAR, 1, 2, tzinfo=UTC)
_SPAN = timedelta(days=360)
_LARGEST = 10_000_000  # 0.1 BTC
_BETWEEN_DUST_SALES = 500
_TRADES_PER_LOAN_EVENT = 49


class Trade(NamedTuple):
    """A purchase or sale of BTC for USD; `fee` is in USD."""

    number: int
    at: datetime
    side: str
    quantity: Decimal
    price: Decimal
    fee: Decimal


def trades(shape: str, count: int) -> Iterator[Trade]:
    """The first and only `count` trades of a shape, oldest first, evenly spread over the year."""
    chance = Random(_SEED)
    cents = 6_000_000
    step = _SPAN / count
    for number, units in enumerate(SHAPES[shape](chance, count)):
        cents = max(1_000_000, cents + chance.randint(-5_000, 5_000))
        fee = abs(units) * cents * 26 // 10**10  # 26 basis points, in 1e-4 USD
        yield Trade(
            number=number,
            at=(_BEGIN + number * step).replace(microsecond=0),
            side="buy" if units > 0 else "sell",
            quantity=Decimal(abs(units)).scaleb(-8),
            price=Decimal(cents).scaleb(-2),
            fee=Decimal(fee).scaleb(-4),
        )


def write_book(file: Path, shape: str, events: int) -> None:
    """Write a native file: its opening, then `events` events, one in fifty of them of a loan."""
    some = trades(shape, events - events // (_TRADES_PER_LOAN_EVENT + 1)) if events else ()
    with file.open("w", encoding="ascii", newline="\n") as lines:
        lines.writelines(_opening())
        lines.write(_terms())
        lines.writelines(_with_loans(some))


def write_trades(file: Path, some: Iterable[Trade]) -> None:
    """Write a native file of these trades alone, as other engines are given them."""
    with file.open("w", encoding="ascii", newline="\n") as lines:
        lines.writelines(_opening())
        lines.writelines(map(_fill, some))


# Sizes: units of 1e-8 BTC, purchases above zero and sales below ----------------------------------


def _few(chance: Random, count: int) -> Iterator[int]:
    units = 0
    for number in range(count):
        units = -units if number % 2 else chance.randint(1, _LARGEST)
        yield units


def _many(chance: Random, count: int) -> Iterator[int]:
    held = 0
    for _ in range(count):
        units = chance.randint(1, _LARGEST)
        if held >= units and chance.randrange(100) >= 55:
            units = -units
        held += units
        yield units


def _pile(chance: Random, count: int) -> Iterator[int]:
    held = 0
    for _ in range(count - count // 2):
        units = chance.randint(1_000, _LARGEST)
        held += units
        yield units
    for left in range(count // 2, 0, -1):
        units = held * chance.randint(1, 1_999) // (1_000 * left) if left > 1 else held
        units = min(max(units, 1), held - left + 1)  # leave something for each sale to come
        held -= units
        yield -units


def _dust(chance: Random, count: int) -> Iterator[int]:
    held = 0
    for number in range(1, count + 1):
        units = chance.randint(100, 2_000)
        if number % _BETWEEN_DUST_SALES == 0:
            units = -(held - units)
        held += units
        yield units


SHAPES: dict[str, Callable[[Random, int], Iterator[int]]] = {
    "few": _few,
    "many": _many,
    "pile": _pile,
    "dust": _dust,
}


# Lines -------------------------------------------------------------------------------------------


def _opening() -> Iterator[str]:
    at = _BEGIN - timedelta(days=1)
    yield _line("account_opened", at, "opened", '"mode":"cross"')
    yield _line("deposited", at, "cash", '"asset":"USD","quantity":"1000000000000"')


def _terms() -> str:
    """Terms that weigh loans, so that there is a level whenever something is lent."""
    at = _BEGIN - timedelta(days=1)
    return _line("margin_terms_set", at, "terms", '"model":"binance_cross","leverage":3')


def _with_loans(some: Iterable[Trade]) -> Iterator[str]:
    """The trades, and behind every 49th of them a loan, its interest or its repayment in turn."""
    loans = cycle(
        (
            ("borrowed", '"asset":"USD","quantity":"10000"'),
            ("interest_charged", '"asset":"USD","quantity":"1.25","settled":"debt"'),
            ("repaid", '"asset":"USD","quantity":"10000","interest":"1.25"'),
        )
    )
    for trade in some:
        yield _fill(trade)
        if (trade.number + 1) % _TRADES_PER_LOAN_EVENT == 0:
            kind, fields = next(loans)
            yield _line(kind, trade.at, f"L{trade.number}", fields)


def _fill(trade: Trade) -> str:
    fields = (
        f'"side":"{trade.side}","asset":"BTC","quantity":"{trade.quantity:f}",'
        f'"quote":"USD","price":"{trade.price:f}","fee":"{trade.fee:f}"'
    )
    return _line("filled", trade.at, f"T{trade.number}", fields)


def _line(kind: str, at: datetime, name: str, fields: str) -> str:
    when = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return f'{{"type":"{kind}","account":"{ACCOUNT}","at":"{when}","id":"{name}",{fields}}}\n'
