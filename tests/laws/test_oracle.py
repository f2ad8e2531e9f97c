"""The engine says what the slow and plain oracle says, exactly, under every method."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import Phase, find, given, settings

from domain import events as e
from domain import lot, methods
from domain.lot import Disposal
from domain.methods import LAWFUL, ORDERS
from domain.money import cents, ratio
from domain.recorded import Recorded
from tests.laws.histories import histories
from tests.oracle import Oracle
from tests.story import Folded, Story, folded, told

METHODS = (*ORDERS, LAWFUL)
CLOSE = Fraction(1, 10**30)


def differences(book: Story, names: Iterable[str] = METHODS) -> list[str]:
    """Where engine and oracle differ: rows, open lots, shorts and covers."""
    fold = folded(book, *names)
    events = book.replayed
    found = []
    for method in names:
        oracle = Oracle(method, book.zone).run(events)
        pairs = (
            (engine_rows(fold.disposals[method]), oracle_rows(oracle)),
            (engine_lots(fold, method), oracle_lots(oracle)),
            (engine_shorts(fold), oracle_shorts(oracle)),
        )
        found += [f"{method}: {one} != {two}" for one, two in pairs if not same(one, two)]
    return found


Line = tuple[tuple[Any, ...], tuple[Decimal | Fraction | None, ...]]
"""What must be equal, and what may differ by what is cut at forty decimals."""


def same(engine: list[Line], oracle: list[Line]) -> bool:
    return len(engine) == len(oracle) and all(
        one[0] == two[0] and all(map(near, one[1], two[1]))
        for one, two in zip(engine, oracle, strict=True)
    )


def near(one: Decimal | Fraction | None, two: Decimal | Fraction | None) -> bool:
    if one is None or two is None:
        return one is two
    return one == two or abs(Fraction(one) - Fraction(two)) < CLOSE


def ordered(lines: Iterable[Line]) -> list[Line]:
    """By name, where the parts of one lot in one place, or of one row, are one."""
    sums: dict[tuple[Any, ...], list[Fraction]] = {}
    for (*name, quantity), amounts in lines:
        added = [
            Fraction(quantity),
            *(Fraction(amount) for amount in amounts if amount is not None),
        ]
        before = sums.get(tuple(name), [Fraction()] * len(added))
        sums[tuple(name)] = [one + two for one, two in zip(before, added, strict=True)]
    return [((*name, units), tuple(rest)) for name, (units, *rest) in sorted(sums.items())]


def engine_rows(disposals: list[Disposal]) -> list[Line]:
    return ordered(
        (
            (
                *(d.sold, d.event, d.account, d.asset, d.acquired, d.lot, d.kind),
                *(bool(d.missing), Fraction(d.quantity)),
            ),
            (d.proceeds, d.basis),
        )
        for d in disposals
    )


def oracle_rows(oracle: Oracle) -> list[Line]:
    return ordered(
        (
            (
                *(r.sold, r.event, r.account, r.asset, r.acquired, r.lot, r.kind),
                *(r.missing, r.quantity),
            ),
            (r.proceeds, r.basis),
        )
        for r in oracle.rows
    )


def engine_lots(fold: Folded, method: str) -> list[Line]:
    return ordered(
        ((key, o.lot.acquired, o.lot.id, o.lot.stated, Fraction(o.quantity)), (o.basis,))
        for key, o in fold.books[method].open()
    )


def oracle_lots(oracle: Oracle) -> list[Line]:
    return ordered(
        ((place, o.acquired, o.name, o.known, o.quantity), (o.basis,))
        for place, lots in oracle.lots.items()
        for o in lots
    )


def engine_shorts(fold: Folded) -> list[Line]:
    lines: list[Line] = []
    for place, loan in sorted(fold.property.loans.items()):
        lines += [((place, s.opened, Fraction(s.quantity)), (s.proceeds,)) for s in loan.shorts]
        lines += [
            ((place, c.lot.lot.id, Fraction(c.lot.quantity)), (c.lot.basis, c.short.proceeds))
            for c in loan.covers
        ]
        if loan.unsold:
            lines.append(((place, "unsold", Fraction(loan.unsold)), ()))
    return lines


def oracle_shorts(oracle: Oracle) -> list[Line]:
    lines: list[Line] = []
    for place in sorted({*oracle.shorts, *oracle.covers, *oracle.unsold}):
        lines += [((place, s.opened, s.quantity), (s.proceeds,)) for s in oracle.shorts[place]]
        lines += [
            ((place, lot.name, lot.quantity), (lot.basis, short.proceeds))
            for lot, short in oracle.covers[place]
        ]
        if oracle.unsold[place]:
            lines.append(((place, "unsold", oracle.unsold[place]), ()))
    return lines


@settings(max_examples=1200)
@given(histories())
def test_engine_and_oracle_agree_on_any_history(book: Story) -> None:
    assert differences(book) == []


@pytest.mark.nightly
@settings(max_examples=30_000)
@given(histories(size=80))
def test_engine_and_oracle_agree_on_any_long_history(book: Story) -> None:
    assert differences(book) == []


# Small world -------------------------------------------------------------------------------------

LETTERS = told("""
    2025-01-01  bought    1 X  @ 1
    2025-01-01  bought    2 X  @ 3
    2025-01-01  sold      1 X  @ 2
    2025-01-01  sold      2 X  @ 1
    2025-01-01  borrowed  1 X
    2025-01-01  borrowed  2 X
    2025-01-01  repaid    1 X
    2025-01-01  bought    1 X  @ 1  on p
    2025-01-01  sold      2 X  @ 3  on p
    2025-01-01  settled   p 1 X  for 1
    2025-01-01  repaid    2 X
    2025-01-01  bought    2 X  @ 2  on p
""")


def sentences(letters: Story, length: int, first: datetime) -> Iterator[Story]:
    """Every history of that many of these events, one a day; a pick is for the event after it."""
    spelled = [
        [spell(letter, i, first + timedelta(days=i - 1)) for letter in letters.log]
        for i in range(1, length + 1)
    ]
    return (Story(events) for events in product(*spelled))


def spell(letter: Recorded, number: int, at: datetime) -> Recorded:
    event = evolve(letter.event, id=f"e{number}", at=at)
    if isinstance(event, e.LotsIdentified):
        event = evolve(event, disposal=f"e{number + 1}")
    return evolve(letter, position=number, event=event)


def some(letters: Story, many: int) -> Story:
    return Story(letters.log[:many])


NEW_YEAR = datetime(2025, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("length", "letters"), [(1, 12), (2, 12), (3, 12), (4, 9)])
def test_engine_and_oracle_agree_on_every_short_history(length: int, letters: int) -> None:
    for book in sentences(some(LETTERS, letters), length, NEW_YEAR):
        assert differences(book, ORDERS) == []


@pytest.mark.nightly
@pytest.mark.parametrize("length", [5, 6])
def test_engine_and_oracle_agree_on_a_million_histories(length: int) -> None:
    for book in sentences(some(LETTERS, 10), length, NEW_YEAR):
        assert differences(book, ORDERS) == []


# Canaries: the comparison must be able to fail ---------------------------------------------------


def lifo_called_fifo(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(methods.ORDERS, "fifo", methods.lifo)


def rounded_to_cents(patch: pytest.MonkeyPatch) -> None:
    """As those do who keep a unit price (hledger: 10/3 gives a gain of 2.00000001)."""
    patch.setattr(lot, "share", lambda total, part, whole: cents(total * ratio(part, whole)))


def dearest_lot_not_unit(patch: pytest.MonkeyPatch) -> None:
    """Ranks by the total where it should by the basis per unit."""
    patch.setitem(methods.ORDERS, "hifo", lambda lot: (-lot.basis, *methods.fifo(lot)))


@pytest.mark.parametrize("broken", [lifo_called_fifo, rounded_to_cents, dearest_lot_not_unit])
def test_a_broken_engine_is_caught(
    broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    quick = settings(max_examples=2000, database=None, derandomize=True, phases=[Phase.generate])
    caught = find(histories(), lambda book: bool(differences(book, ORDERS)), settings=quick)
    assert differences(caught, ORDERS) != []
