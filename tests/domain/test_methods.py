"""Which lot goes first."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from domain.errors import UnknownName
from domain.lot import Lot
from domain.methods import LAWFUL, ORDERS, method_name


def lot(name: str, day: int, basis: str, place: int = 0, position: int = 1) -> Lot:
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return Lot(name, at, date(2024, 1, 1), place, position, Decimal(2), Decimal(basis))


OLD_CHEAP, OLD_DEAR, NEW = lot("a", 1, "10"), lot("b", 2, "30"), lot("c", 3, "20")


@pytest.mark.parametrize(
    ("method", "order"), [("fifo", "abc"), ("lifo", "cba"), ("hifo", "bca"), ("lofo", "acb")]
)
def test_each_method_is_an_order(method: str, order: str) -> None:
    lots = sorted([NEW, OLD_CHEAP, OLD_DEAR], key=ORDERS[method])
    assert "".join(each.id for each in lots) == order


@pytest.mark.parametrize("method", ["hifo", "lofo"])
def test_equals_fall_to_the_oldest(method: str) -> None:
    lots = sorted([lot("new", 2, "10"), lot("old", 1, "10")], key=ORDERS[method])
    assert lots[0].id == "old"


@pytest.mark.parametrize(
    ("method", "first"), [("fifo", "a"), ("lifo", "d"), ("hifo", "a"), ("lofo", "a")]
)
def test_ties_of_one_instant_fall_to_the_order_of_the_log(method: str, first: str) -> None:
    same = [lot("a", 1, "10", 1, 9), lot("b", 1, "10", 2, 3), lot("c", 1, "10", 2, 4)]
    same.append(lot("d", 1, "10", 3, 1))
    assert min(same, key=ORDERS[method]).id == first


@pytest.mark.parametrize(
    ("method", "order"), [("fifo", "abc"), ("lifo", "cba"), ("hifo", "abc"), ("lofo", "abc")]
)
def test_equals_of_one_sequence_fall_to_the_position_in_the_log(method: str, order: str) -> None:
    """Newest first means the last line first, too."""
    same = [lot("b", 1, "10", 0, 2), lot("c", 1, "10", 0, 3), lot("a", 1, "10", 0, 1)]
    assert "".join(each.id for each in sorted(same, key=ORDERS[method])) == order


@pytest.mark.parametrize(("method", "order"), [("fifo", "abc"), ("lifo", "cba")])
def test_lots_bought_at_one_instant_go_as_they_arrived(method: str, order: str) -> None:
    """A was bought here; b and c were bought elsewhere at that time and came in later."""
    first, second, third = lot("a", 1, "10"), lot("b", 1, "10"), lot("c", 1, "10")
    came = [
        evolve(third, arrived=third.acquired + timedelta(days=9)),
        first,
        evolve(second, arrived=second.acquired + timedelta(days=5)),
    ]
    assert "".join(each.id for each in sorted(came, key=ORDERS[method])) == order


def test_parts_of_one_event_go_as_they_were_stated() -> None:
    for order in ORDERS.values():
        assert min(lot("in/10", 1, "10"), lot("in/2", 1, "10"), key=order).id == "in/2"


def test_no_method_is_the_lawful_one() -> None:
    assert [method_name(name) for name in (None, LAWFUL, "hifo")] == [LAWFUL, LAWFUL, "hifo"]
    with pytest.raises(UnknownName, match="no method is called 'best'; known: spec_id, fifo"):
        method_name("best")
