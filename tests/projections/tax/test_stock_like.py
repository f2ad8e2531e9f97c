"""Short sales of coins as those of stock: policy `short_sale` stock_like (IRC 1233)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import events as e
from domain.lot import long_term
from domain.methods import ORDERS
from domain.money import ZERO, exact
from tests.laws.histories import lawful
from tests.story import Story, folded, form_8949, lots, recorded, table, taxed, told

STOCK_LIKE = "2023-01-01  policy  short_sale stock_like\n"


def test_the_short_sale_of_the_publication_is_short_term_however_long_it_was_open() -> None:
    """Pub. 550 p. 85, Example: bought after 13 months and delivered at once."""
    book = told(
        STOCK_LIKE
        + """
        2024-01-02  borrowed  100 ACE
        2024-01-02  sold      100 ACE  for 1000
        2025-02-03  bought    100 ACE  for 1400
        2025-02-03  repaid    100 ACE
        """
    )
    assert form_8949(book, 2025) == table("""
        acquired    sold        gain     term
        2025-02-03  2025-02-03  -400.00  short
    """)


OWN_YOUNG = """
    2024-06-01  bought    1 BTC  @ 20000  as own
    2025-03-01  borrowed  1 BTC
    2025-03-01  sold      1 BTC  @ 60000
"""


@pytest.mark.parametrize(("policy", "term"), [("", "long"), (STOCK_LIKE, "short")])
def test_a_gain_is_short_term_where_the_property_was_young_at_the_short(
    policy: str, term: str
) -> None:
    """Pub. 550 p. 85, Rule 1: held nine months when sold short, fourteen when delivered."""
    book = told(policy + OWN_YOUNG + "2025-08-02  repaid  1 BTC")
    assert form_8949(book, 2025) == [
        {"acquired": "2024-06-01", "gain": "40000.00", "term": term, "kind": "short"}
    ]


@pytest.mark.parametrize(
    ("sold", "term"), [("2025-09-01", "short"), ("2026-08-02", "short"), ("2026-08-03", "long")]
)
def test_the_time_of_young_property_begins_anew_at_the_close(sold: str, term: str) -> None:
    """Pub. 550 p. 85, Rule 2; column (b) keeps the day on which it was bought."""
    book = told(
        STOCK_LIKE
        + OWN_YOUNG
        + f"""
        2025-08-02  bought  1 BTC  @ 50000  as cover
        2025-08-02  repaid  1 BTC
        {sold}      sold    1 BTC  @ 70000  as end
        """
    )
    row = form_8949(book, int(sold[:4]))[-1]
    assert row == {"lot": "own", "acquired": "2024-06-01", "sold": sold, "gain": "50000.00"} | {
        "term": term
    }


def test_the_time_of_young_property_begins_anew_at_its_own_sale_if_that_is_first() -> None:
    """Pub. 550 p. 85, Rule 2: "or on the date of the sale of this property"."""
    sale = "2025-07-01  sold  1 BTC  @ 50000  as end\n"
    assert form_8949(told(OWN_YOUNG + sale), 2025) == [{"disposal": "end", "term": "long"}]
    book = told(STOCK_LIKE + OWN_YOUNG + sale)
    assert form_8949(book, 2025) == [{"disposal": "end", "term": "short", "acquired": "2024-06-01"}]
    (row,), _ = taxed(book, 2025)
    assert row.events == (2, 4, 5)


def test_property_that_was_sold_before_has_used_up_its_place() -> None:
    """The first unit acquired answers for the short, so the second keeps its time."""
    book = told(
        STOCK_LIKE
        + """
        2024-06-01  bought    1 X  for 20  as one
        2024-06-02  bought    1 X  for 20  as two
        2025-03-01  borrowed  1 X
        2025-03-01  sold      1 X  for 60
        2025-07-01  sold      1 X  for 50
        2025-08-01  bought    1 X  for 50
        2025-08-01  repaid    1 X
        2025-09-01  sold      1 X  for 50
        """
    )
    assert form_8949(book, 2025) == table("""
        lot  sold        term
        one  2025-07-01  short
        7    2025-08-01  short
        two  2025-09-01  long
    """)


def test_only_as_much_property_as_was_sold_short_begins_anew_first_acquired_first() -> None:
    """IRC 1233(b): in the order of acquisition, up to the quantity sold short."""
    book = told(
        STOCK_LIKE
        + """
        2024-06-01  bought    1 X  for 20  as one
        2024-06-02  bought    3 X  for 60  as two
        2025-03-01  borrowed  2 X
        2025-03-01  sold      2 X  for 120
        2025-08-01  bought    2 X  for 100
        2025-08-01  repaid    2 X
        2025-09-01  sold      4 X  for 200
        """
    )
    assert form_8949(book, 2025)[1:] == table("""
        lot  quantity  basis  gain   term
        one  1         20.00  30.00  short
        two  2         40.00  60.00  long
        two  1         20.00  30.00  short
    """)


def test_property_acquired_while_the_short_is_open_begins_anew_too() -> None:
    """Pub. 550 p. 85: "after the short sale and by the date of closing", in any account."""
    book = told(
        STOCK_LIKE
        + """
        2024-01-01  kraken/main  borrowed  1 X
        2024-01-01  kraken/main  sold      1 X  for 60
        2024-02-01  self/wallet  bought    1 X  for 20  as beside
        2025-03-01  kraken/main  bought    1 X  for 50
        2025-03-01  kraken/main  repaid    1 X
        2025-04-01  self/wallet  sold      1 X  for 70
        """
    )
    assert form_8949(book, 2025) == table("""
        lot     acquired    gain   term
        5       2025-03-01  10.00  short
        beside  2024-02-01  50.00  short
    """)


OLD = """
    2022-01-01  deposited  1 BTC  bought 2022-01-01 for 20000
    2025-03-01  borrowed   2 BTC
    2025-03-01  sold       2 BTC  for 120000
"""


def test_a_loss_is_long_term_where_the_property_was_old_up_to_its_amount() -> None:
    """Pub. 550 p. 86, Losses; IRC 1233(d), (e)(1): the excess is unaffected."""
    book = told(
        STOCK_LIKE
        + OLD
        + """
        2025-04-01  bought  2 BTC  for 132000
        2025-04-01  repaid  2 BTC
        """
    )
    assert form_8949(book, 2025) == table("""
        quantity  acquired    proceeds  basis     gain      term   box
        1         2025-04-01  60000.00  66000.00  -6000.00  long   L
        1         2025-04-01  60000.00  66000.00  -6000.00  short  I
    """)


def test_a_short_closed_in_parts_uses_up_the_property_once() -> None:
    book = told(
        STOCK_LIKE
        + OLD
        + """
        2025-04-01  bought  1 BTC  for 66000
        2025-04-01  repaid  1 BTC
        2025-05-01  bought  1 BTC  for 67000
        2025-05-01  repaid  1 BTC
        """
    )
    assert [row["term"] for row in form_8949(book, 2025)] == ["long", "short"]


def test_old_property_keeps_its_time_and_leaves_a_gain_as_it_is() -> None:
    """Cases: D4 as far as IRC 1233 goes: own old units delivered, the gain is long-term."""
    book = told(
        STOCK_LIKE
        + """
        2022-01-01  deposited  2 BTC  bought 2022-01-01 for 40000
        2025-05-01  borrowed   1 BTC
        2025-05-01  sold       1 BTC  @ 60000
        2025-06-01  repaid     1 BTC
        2025-07-01  sold       1 BTC  @ 66000
        """
    )
    assert form_8949(book, 2025) == table("""
        kind   gain      term
        short  40000.00  long
        sale   46000.00  long
    """)


def test_one_unit_answers_for_one_open_short_at_a_time() -> None:
    book = told(
        STOCK_LIKE
        + OLD
        + """
        2025-03-02  sold    1 BTC  @ 60000  on p
        2025-04-01  bought  1 BTC  @ 66000  on p
        2025-04-02  bought  2 BTC  for 132000
        2025-04-02  repaid  2 BTC
        2025-05-02  sold    1 BTC  @ 60000  on q
        2025-06-01  bought  1 BTC  @ 66000  on q
        """
    )
    assert form_8949(book, 2025) == table("""
        sold        gain      term
        2025-04-01  -6000.00  short
        2025-04-02  -6000.00  long
        2025-04-02  -6000.00  short
        2025-06-01  -6000.00  long
    """)


def test_the_short_of_a_position_is_one_like_any_other() -> None:
    book = told(
        STOCK_LIKE
        + """
        2024-06-01  bought  1 BTC  @ 20000  as own
        2025-03-01  sold    1 BTC  @ 60000  on p
        2025-08-01  bought  1 BTC  @ 50000  on p
        2025-09-01  sold    1 BTC  @ 70000  as end
        """
    )
    assert form_8949(book, 2025) == table("""
        kind   lot  gain      term
        short  4    10000.00  short
        sale   own  50000.00  short
    """)


def test_each_method_has_its_own_property_beside_a_short() -> None:
    """What was sold before decides what is held: the old lot, or the young one."""
    book = told(
        STOCK_LIKE
        + """
        2022-01-01  bought    1 X  for 20
        2025-01-01  bought    1 X  for 30
        2025-02-01  sold      1 X  for 50
        2025-03-01  borrowed  1 X
        2025-03-01  sold      1 X  for 60
        2025-04-01  bought    1 X  for 70
        2025-04-01  repaid    1 X
        """
    )
    assert [form_8949(book, 2025, method)[-1]["term"] for method in ("fifo", "lifo")] == [
        "short",
        "long",
    ]


def test_lots_of_which_a_part_began_anew_are_shown_in_parts() -> None:
    book = told(
        STOCK_LIKE
        + """
        2024-06-01  bought    3 X  for 60  as own
        2025-03-01  borrowed  1 X
        2025-03-01  sold      1 X  for 60
        2025-08-01  bought    1 X  for 50
        2025-08-01  repaid    1 X
        """
    )
    assert lots(book) == table("""
        lot  acquired    quantity  basis
        own  2024-06-01  2         40
        own  2024-06-01  1         20
    """)


@settings(max_examples=150)
@given(lawful())
def test_the_law_of_stock_moves_terms_and_nothing_else(book: Story) -> None:
    """The same units go for the same money, lot by lot, whatever the policy says."""
    (policy,) = told(STOCK_LIKE).log
    ruled = Story((*book.log, evolve(policy, position=len(book.log) + 1)), book.zone)
    one, other = folded(book, *ORDERS), folded(ruled, *ORDERS)
    for method in ORDERS:
        assert sums(one.disposals[method]) == sums(other.disposals[method])
        assert one.books[method].units() == other.books[method].units()


def sums(disposals: list[Any]) -> dict[Any, tuple[Decimal, ...]]:
    found: dict[Any, tuple[Decimal, ...]] = defaultdict(lambda: (ZERO, ZERO, ZERO))
    with exact():
        for d in disposals:
            units, proceeds, basis = found[d.event, d.account, d.asset, d.kind, d.lot]
            name = (d.event, d.account, d.asset, d.kind, d.lot)
            found[name] = (units + d.quantity, proceeds + d.proceeds, basis + d.basis)
    return dict(found)


# Unit by unit ------------------------------------------------------------------------------------


@dataclass
class Held:
    """A lot: from when the time of each unit left counts, and the shorts that refer to units."""

    name: str
    units: list[date]
    claims: list[tuple["Opened", bool]] = field(default_factory=list)


@dataclass(eq=False)
class Opened:
    """A short: what it sold, and how many units near and old it refers to in all."""

    day: date
    units: int
    price: int
    closed: int = 0
    near: int = 0
    old: int = 0


class Naive:
    """The rule in whole units, first in first out, shorts of positions covered at once."""

    def __init__(self) -> None:
        self.lots: list[Held] = []
        self.shorts: dict[str, list[Opened]] = defaultdict(list)
        self.open: list[Opened] = []
        self.rows: dict[tuple[str, str, bool], int] = defaultdict(int)

    def buy(self, name: str, day: date, units: int, _: int) -> None:
        lot = Held(name, [day] * units)
        self.lots.append(lot)
        for short in self.open:
            free = min(units - len(lot.claims), short.units - short.near)
            lot.claims += [(short, True)] * free
            short.near += free

    def sell(self, name: str, day: date, units: int, _: int) -> None:
        for lot in self.lots:
            sold, lot.units = lot.units[:units], lot.units[units:]
            units -= len(sold)
            lot.claims.sort(key=lambda claim: self.open.index(claim[0]))
            for since, same in groupby(sold):
                size = len(list(same))
                taken, lot.claims = lot.claims[:size], lot.claims[size:]
                anew = sum(near for _, near in taken)
                for index in range(size):
                    long = long_term(since, day) and index >= anew
                    self.rows[name, lot.name, long] += 1

    def short(self, position: str, day: date, units: int, price: int) -> None:
        short = Opened(day, units, price)
        self.open.append(short)
        self.shorts[position].append(short)
        for lot in self.lots:
            for since in lot.units[len(lot.claims) :]:
                near = not long_term(since, day)
                if (short.near if near else short.old) < units:
                    lot.claims.append((short, near))
                    short.near += near
                    short.old += not near

    def cover(self, name: str, position: str, day: date, units: int, price: int) -> None:
        for short in list(self.shorts[position]):
            closed = min(units, short.units - short.closed)
            units -= closed
            short.near += min(closed, short.units - short.near)
            for _ in range(closed):
                long = price > short.price and short.closed < short.old
                self.rows[name, name, long] += 1
                short.closed += 1
            self.begin_anew(short, closed, day)
            if short.closed == short.units:
                self.shorts[position].remove(short)
                self.open.remove(short)
                for lot in self.lots:
                    lot.claims = [claim for claim in lot.claims if claim[0] is not short]

    def begin_anew(self, short: Opened, units: int, day: date) -> None:
        for lot in self.lots:
            while units and (short, True) in lot.claims:
                lot.claims.remove((short, True))
                lot.units = [*lot.units[1:], day]
                units -= 1


ACTS = ("buy", "buy", "sell", "short", "cover")
DAYS = (1, 50, 130, 250)


@settings(max_examples=400)
@given(st.lists(st.tuples(*(st.integers(0, n) for n in (4, 3, 2, 1, 1))), max_size=25))
def test_terms_are_those_of_the_rule_unit_by_unit(draws: list[tuple[int, ...]]) -> None:
    """Shorts of two positions and property beside them; nothing is sold that is not held."""
    naive, at = Naive(), datetime(2023, 1, 1, 12, tzinfo=UTC)
    story: list[tuple[str, e.Event]] = []
    for number, (act, pause, size, place, cheap) in enumerate(draws):
        at += timedelta(days=DAYS[pause])
        name, position, units, price = (
            f"e{number}",
            "pq"[place],
            size + 1,
            (100, 130)[cheap] + number % 3,
        )
        kind = ACTS[act]
        if kind == "sell":
            units = min(units, sum(len(lot.units) for lot in naive.lots))
        elif kind == "cover":
            units = min(units, sum(s.units - s.closed for s in naive.shorts[position]))
        if not units:
            continue
        if kind == "short":
            naive.short(position, at.date(), units, price)
        elif kind == "cover":
            naive.cover(name, position, at.date(), units, price)
        else:
            getattr(naive, kind)(name, at.date(), units, price)
        fill = {"quantity": units, "price": str(price), "asset": "X", "quote": "USD"}
        side = "buy" if kind in ("buy", "cover") else "sell"
        of = position if kind in ("short", "cover") else None
        story.append(("kraken/main", e.Filled(at=at, id=name, side=side, position=of, **fill)))  # type: ignore[arg-type]
    (policy,) = told(STOCK_LIKE).log
    fold = folded(recorded([("book", policy.event), *story]))
    rows: dict[tuple[str, str, bool], Decimal] = defaultdict(Decimal)
    for disposal in fold.disposals["spec_id"]:
        rows[disposal.event, disposal.lot, disposal.long] += disposal.quantity
    assert rows == naive.rows
