"""Lots: exact shares, and how long they were held."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from domain.lot import Lot, OpenLot, long_term
from domain.money import exact

FIRST, LAST = date(2019, 1, 1), date(2025, 12, 31)


def a_year_later(day: date) -> date:
    """The same day of the next year; 29 February has none there but 1 March."""
    if (day.month, day.day) == (2, 29):
        return date(day.year + 1, 3, 1)
    return day.replace(year=day.year + 1)


def test_long_is_more_than_a_year_for_every_pair_of_days() -> None:
    """Cases: C, property: long iff sold >= add_year(acquired + 1 day)."""
    acquired, pairs = FIRST, 0
    while acquired <= LAST:
        for distance in range(360, 372):
            sold = acquired + timedelta(days=distance)
            expected = sold >= a_year_later(acquired + timedelta(days=1))
            assert long_term(acquired, sold) is expected, (acquired, sold)
            pairs += 1
        acquired += timedelta(days=1)
    assert pairs == 2557 * 12


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(-800, 4000))
def test_a_term_never_turns_back(acquired: date, days: int) -> None:
    sold = acquired + timedelta(days=days)
    if long_term(acquired, sold):
        assert long_term(acquired, sold + timedelta(days=1))
        assert long_term(acquired - timedelta(days=1), sold)
        assert days > 364


def open_lot(quantity: str, basis: str, loss_basis: str | None = None) -> OpenLot:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    loss = None if loss_basis is None else Decimal(loss_basis)
    return OpenLot(
        Lot("A", at, at.date(), 0, 1, Decimal(quantity), Decimal(basis), loss_basis=loss)
    )


def test_a_part_takes_its_share_and_the_last_part_what_is_left() -> None:
    lot = open_lot("3", "100", "10")
    with exact():
        parts = [lot.take(Decimal(1)) for _ in range(3)]
        assert sum(part.basis for part in parts) == 100
        assert sum(part.loss_basis or 0 for part in parts) == 10
    assert lot.quantity == lot.basis == 0


def test_a_share_is_cut_at_forty_decimals_and_the_rest_stays() -> None:
    lot = open_lot("3", "100")
    with exact():
        part = lot.take(Decimal(1))
    assert str(part.basis) == "33." + "3" * 40
    assert str(lot.basis) == "66." + "6" * 39 + "7"


@given(
    st.decimals("0.00000001", "1000000", places=8),
    st.decimals("0", "1000000000", places=4),
    st.lists(st.decimals("0.00000001", "1000", places=8), max_size=30),
)
def test_basis_is_conserved_whatever_is_taken(
    quantity: Decimal, basis: Decimal, cuts: list[Decimal]
) -> None:
    lot = open_lot(str(quantity), str(basis))
    gone = units = Decimal(0)
    with exact():
        for cut in cuts:
            if not lot.quantity:
                break
            part = lot.take(min(cut, lot.quantity))
            gone, units = gone + part.basis, units + part.quantity
            assert part.basis >= 0
            assert gone + lot.basis == basis
            assert units + lot.quantity == quantity


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("D", True),
        ("D/2", True),
        ("kraken/main#D", True),
        ("kraken/main#D/2", True),
        ("D/1", False),
        ("D/20", False),
        ("D/", False),
        ("", False),
        ("2", False),
        ("bitfinex/main#D", False),
        ("#D", False),
    ],
)
def test_a_pick_names_a_lot_by_its_own_id_or_its_events(name: str, meant: bool) -> None:
    """D/2 is the second lot of event D of kraken/main."""
    lot = evolve(open_lot("1", "1").lot, id="D/2", account="kraken/main")
    assert lot.is_called(name) is meant
    assert not evolve(lot, id="D2").is_called(name)


def test_a_cost_that_a_part_bears_counts_where_lots_rank_by_basis_per_unit() -> None:
    lot = open_lot("2", "10")
    with exact():
        part = lot.take(Decimal(1))
        part.bear(Decimal(7))
    assert part.basis == part.lot.basis == 12
    assert part.lot.quantity == 1
    assert lot.basis == 5
    assert lot.lot.basis == 10


def test_a_part_lies_open_again_elsewhere() -> None:
    lot = open_lot("2", "10")
    moved = OpenLot.of(lot.take(Decimal(1)))
    assert moved.lot.id == "A"
    assert moved.quantity == 1
    assert moved.basis == 5


def test_a_lot_of_which_nothing_else_is_said_has_a_stated_basis() -> None:
    lot = open_lot("1", "10").lot
    assert (lot.stated, lot.loss_basis, lot.arrived, lot.account) == (True, None, None, "")
