"""The engine says what the slow and plain oracle says, exactly, under every method."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis.errors import NoSuchExample

from domain import methods
from domain.lot import Disposal
from domain.methods import LAWFUL, ORDERS
from tests.laws.histories import KINDS, histories, story
from tests.oracle import Oracle
from tests.story import Folded, Story, folded

METHODS = (*ORDERS, LAWFUL)
CLOSE = Fraction(1, 10**30)


def differences(book: Story, names: Iterable[str] = METHODS) -> list[str]:
    """Where engine and oracle differ: rows, open lots, shorts and covers."""
    fold = folded(book, *names)
    found = []
    for method in names:
        oracle = Oracle("fifo" if method == LAWFUL else method).run(book.replayed)
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
    return abs(Fraction(one) - Fraction(two)) < CLOSE


def ordered(lines: Iterable[Line]) -> list[Line]:
    """Lines of equal names stay as they came: first opened first, first sold first."""
    return sorted(lines, key=lambda line: line[0])


def engine_rows(disposals: list[Disposal]) -> list[Line]:
    return ordered(
        (
            (d.sold, d.event, d.account, d.asset, d.acquired, d.lot, d.kind)
            + (bool(d.missing), Fraction(d.quantity)),
            (d.proceeds, d.basis),
        )
        for d in disposals
    )


def oracle_rows(oracle: Oracle) -> list[Line]:
    return ordered(
        (
            (r.sold, r.event, r.account, r.asset, r.acquired, r.lot, r.kind)
            + (r.missing, r.quantity),
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


@settings(max_examples=3000)
@given(histories())
def test_engine_and_oracle_agree_on_any_history(book: Story) -> None:
    assert differences(book) == []
