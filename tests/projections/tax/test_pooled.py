"""The book of units of a country that averages: what stays, what goes, and what is on its way."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.calendar import Calendar
from domain.lot import Lot
from domain.money import exact
from projections.decisions import Decisions
from projections.findings import Findings
from projections.pools import Key, Parcel
from projections.tax.canada.cost_base import CostBase
from projections.tax.country import Law, under
from projections.tax.pooled import PooledBook
from tests.abroad import CA, UK, disposals, pools, year_of
from tests.story import told

NOON = datetime(2021, 1, 10, 12, tzinfo=UTC)
OWN: Key = ("kraken/main", "BTC", "")
IN_POSITION: Key = ("kraken/main", "BTC", "P")
RECORDED = told("2021-06-10  withdrawn  1 BTC").log[0]


def bought(key: Key, quantity: str, basis: str) -> PooledBook[CostBase]:
    book = PooledBook(CostBase, lambda disposal: None, Calendar(UTC))
    lot = Lot("A", NOON, NOON.date(), 0, 1, Decimal(quantity), Decimal(basis))
    book.acquire(key, lot)
    return book


def test_units_of_a_position_come_back_to_it_with_their_own_cost() -> None:
    """They are lots of the position: the pool never sees them."""
    book = bought(IN_POSITION, "3", "90")
    with exact():
        parcel = book.take(RECORDED, IN_POSITION, Decimal(1))
        assert [book.held(IN_POSITION), parcel.units, parcel.slices[0].basis] == [2, 1, 30]
        book.put(IN_POSITION, parcel)
    assert book.held(IN_POSITION) == 3
    assert book.holdings == {}


def test_pooled_units_have_no_cost_of_their_own_to_bring_into_a_position() -> None:
    book = bought(OWN, "3", "90")
    with exact():
        parcel = book.take(RECORDED, OWN, Decimal(1))
        beside = bought(IN_POSITION, "3", "90").take(RECORDED, IN_POSITION, Decimal(1))
        for slices in (parcel.slices, [*beside.slices, *parcel.slices]):
            with pytest.raises(ValueError, match="pooled units never go into a position"):
                book.put(IN_POSITION, Parcel(slices, Decimal(1)))


def test_units_of_a_position_join_the_pool_at_the_day_and_cost_of_its_opening() -> None:
    book = bought(IN_POSITION, "3", "90")
    with exact():
        book.put(OWN, book.take(RECORDED, IN_POSITION, Decimal(2)))
        _, pool = book.holdings["BTC"].figure(date(2021, 12, 31))
    assert book.held(OWN) == 2
    assert [pool.quantity, pool.cost] == [2, 60]


def test_what_an_account_does_not_hold_cannot_leave_it() -> None:
    """An empty account sends its units on: nothing moves, and the pool keeps what others hold."""
    book = told("""
        2018-05-01  other/main   bought       4 TOK  for 40 GBP
        2018-06-01  kraken/main  transferred  1 TOK  to self/wallet
        2018-06-02  kraken/main  withdrawn    1 TOK
    """)
    assert pools(year_of(book, 2018, UK)) == [{"quantity": "4", "cost": "40.00"}]


def test_units_whose_arrival_was_voided_are_still_on_their_way_and_owned() -> None:
    """Neither sold nor lost: the pool of the year's end holds them at their cost."""
    book = told("""
        2018-05-01  kraken/main  bought     2 ETH  for 10 GBP
        2018-06-01  kraken/main  withdrawn  2 ETH  as out
        2018-06-02  other/main   deposited  2 ETH  as in
        2018-06-03  linked  kraken/main#out other/main#in
        2018-06-04  other/main   voided     in twice
    """)
    assert pools(year_of(book, 2018, UK)) == [{"quantity": "2", "cost": "10.00"}]


def test_what_is_put_aside_for_a_sale_of_all_units_bears_all_of_the_cost() -> None:
    """3 units for 100: a third, a third, and what is left, to the last digit."""
    book = told("""
        2021-01-10  bought  3 TOK  for 100 CAD
        2021-02-10  sold    1 TOK  for 50 CAD
        2021-03-10  sold    1 TOK  for 50 CAD
        2021-04-10  sold    1 TOK  for 50 CAD
    """)
    year = year_of(book, 2021, CA)
    assert pools(year) == []
    with exact():
        assert sum(row.of.cost for row in year.disposals) == 100
    assert [row["cost"] for row in disposals(year)] == ["33.33", "33.34", "33.33"]


def test_identifications_of_us_law_are_no_decisions_of_another_country() -> None:
    """The book keeps them: another country is told of none."""
    decisions = Decisions(
        told("""
            2021-01-01  elected  hifo
            2021-06-10  kraken/main  picked  sale  picks A:1
        """).log
    )
    ours = under(Law(), decisions, Findings())
    assert (ours.orders, ours.picked("kraken/main", "sale")) == ([], [])
    assert len(decisions.orders) == len(decisions.picked("kraken/main", "sale")) == 1
