"""Other countries against plain engines that move one unit at a time in fractions.

These know nothing of pools in the making, heaps or exact decimals: lists of units, searched from
the beginning for each unit sold. What they cannot know (shorts, positions, fees in coin) is held by
a law instead: once everything is sold, every country has counted the same gain.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import events as e
from domain.money import exact
from projections.tax.country import Country
from projections.tax.country_year import Figures
from tests.abroad import CA, DE, UK, year_of
from tests.laws.histories import flattened, histories, lawful
from tests.story import Story, recorded, taxed

ACCOUNTS = ("kraken/main", "self/wallet")
FINE = Fraction(1, 10**30)


@frozen
class Step:
    """Units of one coin bought or sold for whole money, or moved to the other account."""

    kind: str
    account: int
    at: datetime
    quantity: int
    amount: int

    @property
    def day(self) -> date:
        return self.at.date()


def steps(kinds: str = "buy sell", *, owned: bool) -> st.SearchStrategy[list[Step]]:
    """Days apart or on one day; `owned`: nothing goes from an account that does not hold it."""
    draw = st.tuples(
        st.sampled_from(["buy", *kinds.split()]),
        st.integers(0, 1),
        st.sampled_from([0, 0, 1, 7, 12, 29, 30, 31, 45, 200]),
        st.integers(1, 5),
        st.integers(1, 100),
    )
    return st.lists(draw, max_size=25).map(lambda draws: list(_steps(draws, owned=owned)))


def _steps(draws: Iterable[tuple[str, int, int, int, int]], *, owned: bool) -> Iterator[Step]:
    at = datetime(2021, 2, 1, tzinfo=UTC)
    held = [0, 0]
    for kind, account, gap, quantity, amount in draws:
        at += timedelta(days=gap, seconds=1)
        if kind == "buy":
            held[account] += quantity
        elif owned and held[account] < quantity:
            continue
        else:
            held[account] -= quantity
            held[1 - account] += quantity if kind == "transfer" else 0
        yield Step(kind, account, at, quantity, amount)


def book_of(happened: list[Step], currency: str) -> Story:
    return recorded(
        (ACCOUNTS[step.account], _event(step, f"e{i}", currency)) for i, step in enumerate(happened)
    )


def _event(step: Step, name: str, currency: str) -> e.Event:
    quantity = Decimal(step.quantity)
    if step.kind == "transfer":
        to = ACCOUNTS[1 - step.account]
        return e.Transferred(at=step.at, id=name, to=to, asset="X", quantity=quantity)
    return e.Filled(
        at=step.at,
        id=name,
        side=step.kind,
        asset="X",
        quantity=quantity,
        quote=currency,
        price=Decimal(1),
        amount=Decimal(step.amount),
    )


def years(country: Country, book: Story) -> list[Figures]:
    """Every tax year in which anything happened, and those beside them."""
    happened = {recorded.event.at.year for recorded in book.log} or {2021}
    return [year_of(book, year, country) for year in range(min(happened) - 1, max(happened) + 2)]


def same(one: Decimal | Fraction, other: Fraction) -> bool:
    return abs(Fraction(one) - other) < FINE


# United Kingdom ----------------------------------------------------------------------------------


def unit_by_unit(happened: list[Step]) -> dict[date, Fraction]:
    """The cost of each day's disposal, one unit after the other."""
    bought: dict[date, list[int]] = {}
    sold: dict[date, int] = {}
    for step in happened:
        if step.kind == "buy":
            known = bought.setdefault(step.day, [0, 0])
            known[0] += step.quantity
            known[1] += step.amount
        else:
            sold[step.day] = sold.get(step.day, 0) + step.quantity
    each = {day: Fraction(amount, units) for day, (units, amount) in bought.items()}
    free = {day: max(0, units - sold.get(day, 0)) for day, (units, _) in bought.items()}
    pool: list[Fraction] = []
    costs: dict[date, Fraction] = {}
    for day in sorted({*bought, *sold}):
        own = min(sold.get(day, 0), bought.get(day, [0, 0])[0])
        cost = own * each.get(day, Fraction(0))
        for _ in range(sold.get(day, 0) - own):
            soon = [d for d in free if day < d <= day + timedelta(days=30) and free[d]]
            late = [d for d in free if d > day + timedelta(days=30) and free[d]]
            if soon or (late and not pool):
                found = min(soon or late)
                free[found] -= 1
                cost += each[found]
            elif pool:
                cost += pool.pop()
        if day in sold:
            costs[day] = cost
        pool += [each.get(day, Fraction(0))] * free.get(day, 0)
        pool = [sum(pool, Fraction(0)) / len(pool)] * len(pool) if pool else []
    return costs


@given(steps("sell sell", owned=False))
@settings(max_examples=300)
def test_the_uk_matches_as_one_unit_after_the_other_would(happened: list[Step]) -> None:
    costs = unit_by_unit(happened)
    rows = [row for year in years(UK, book_of(happened, "GBP")) for row in year.disposals]
    assert [row.sold for row in rows] == sorted(costs)
    with exact():
        assert all(same(row.of.cost, costs[row.sold]) for row in rows)
        assert all(sum(p.quantity for p in row.of.matched) == row.quantity for row in rows)


@given(steps("sell transfer", owned=True))
@settings(max_examples=150)
def test_the_uk_pool_conserves_units_and_cost(happened: list[Step]) -> None:
    """What was bought is what was matched and what is left, to the last of 40 decimals."""
    found = years(UK, book_of(happened, "GBP"))
    rows = [row for year in found for row in year.disposals]
    bought = [step for step in happened if step.kind == "buy"]
    with exact():
        used = sum((row.of.cost for row in rows), Decimal(0))
        gone = sum((row.quantity for row in rows), Decimal(0))
        left = [(pool.quantity, pool.cost) for pool in found[-1].pools]
        left = left or [(Decimal(0), Decimal(0))]
        assert used + left[0][1] == sum(step.amount for step in bought)
        assert gone + left[0][0] == sum(step.quantity for step in bought)


# Canada ------------------------------------------------------------------------------------------


def averaged(happened: list[Step]) -> tuple[list[tuple[Fraction, Fraction]], Fraction]:
    """(cost, denied) of each sale, and the cost base that is left."""
    sales: list[tuple[Fraction, Fraction]] = []
    units, base = 0, Fraction(0)
    trades = [step for step in happened if step.kind != "transfer"]
    for step in trades:
        if step.kind == "buy":
            units, base = units + step.quantity, base + step.amount
            continue
        cost = base * Fraction(step.quantity, units)
        units, base = units - step.quantity, base - cost
        first, last = step.day - timedelta(days=30), step.day + timedelta(days=30)
        again = sum(t.quantity for t in trades if t.kind == "buy" and first <= t.day <= last)
        until = [t for t in trades if t.day <= last]
        held = sum(t.quantity if t.kind == "buy" else -t.quantity for t in until)
        superficial = Fraction(min(step.quantity, again, held), step.quantity)
        denied = max(Fraction(0), cost - step.amount) * superficial
        base += denied
        sales.append((cost, denied))
    return sales, base


@given(steps("sell transfer", owned=True))
@settings(max_examples=200)
def test_canada_averages_and_denies_as_the_formula_says(happened: list[Step]) -> None:
    sales, base = averaged(happened)
    found = years(CA, book_of(happened, "CAD"))
    rows = [row for year in found for row in year.disposals]
    assert len(rows) == len(sales)
    for row, (cost, denied) in zip(rows, sales, strict=True):
        assert same(row.of.cost, cost)
        assert same(row.of.denied, denied)
    left = [pool.cost for pool in found[-1].pools] or [Decimal(0)]
    assert same(left[0], base)


# Germany -----------------------------------------------------------------------------------------


def oldest_first(happened: list[Step]) -> list[tuple[Fraction, Fraction]]:
    """(taxed, free) gain of each sale: each wallet's units in a row, oldest first."""
    wallets: list[list[tuple[datetime, Fraction]]] = [[], []]
    sales = []
    for step in happened:
        wallet = wallets[step.account]
        if step.kind == "buy":
            wallet += [(step.at, Fraction(step.amount, step.quantity))] * step.quantity
            continue
        wallet.sort(key=lambda unit: unit[0])
        gone, wallet[:] = wallet[: step.quantity], wallet[step.quantity :]
        if step.kind == "transfer":
            wallets[1 - step.account] += gone
            continue
        price, counted, free = Fraction(step.amount, step.quantity), Fraction(0), Fraction(0)
        for bought, cost in gone:
            day = bought.date()
            if step.day > date(
                day.year + 1, day.month, min(day.day, 28) if day.month == 2 else day.day
            ):
                free += price - cost
            else:
                counted += price - cost
        sales.append((counted, free))
    return sales


@given(steps("sell transfer", owned=True))
@settings(max_examples=200)
def test_germany_sells_the_oldest_units_of_each_wallet(happened: list[Step]) -> None:
    sales = oldest_first(happened)
    found = years(DE, book_of(happened, "EUR"))
    with exact():
        rows = [row for year in found for row in year.disposals]
        counted = sum((row.of.amount for row in rows if row.taxed), Decimal(0))
        free = sum((row.of.amount for row in rows if not row.taxed), Decimal(0))
    assert same(counted, sum((taxed for taxed, _ in sales), Fraction(0)))
    assert same(free, sum((free for _, free in sales), Fraction(0)))


# All of them -------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", [UK, CA, DE], ids=lambda country: country.code)
@given(book=lawful("withdraw").map(flattened))
@settings(max_examples=60)
def test_once_everything_is_sold_every_country_has_counted_the_same_gain(
    country: Country, book: Story
) -> None:
    """Cases: A7. Shorts, positions, fees, interest and income in coin, deliveries and transfers."""
    happened = [recorded.event.at.year for recorded in book.log] or [2023]
    with exact():
        at_home = Decimal(0)
        for year in range(min(happened), max(happened) + 1):
            rows, _ = taxed(book, year)
            at_home += sum((row.of.gain for row in rows), Decimal(0))
        abroad = Decimal(0)
        for year in range(min(happened) - 1, max(happened) + 1):
            figures = year_of(book, year, country, "USD")
            abroad += sum((row.of.amount for row in figures.disposals), Decimal(0))
            assert sum((row.gain for row in figures.disposals if row.taxed), Decimal(0)) == (
                figures.net
            )
            for row in figures.disposals:
                assert row.proceeds - row.cost + row.denied == row.gain
    assert abs(abroad - at_home) < Decimal("1E-30")
    assert figures.pools == ()


@pytest.mark.parametrize("country", [UK, CA, DE], ids=lambda country: country.code)
@given(book=histories())
@settings(max_examples=100)
def test_whatever_happened_rows_foot_and_pools_are_never_below_zero(
    country: Country, book: Story
) -> None:
    """Also what no venue would have allowed: sold twice, repaid too much, moved while lent."""
    for figures in years(country, book):
        with exact():
            assert sum((r.gain for r in figures.disposals if r.taxed), Decimal(0)) == figures.net
            for row in figures.disposals:
                assert row.proceeds - row.cost + row.denied == row.gain
                assert sum(part.quantity for part in row.of.matched) == row.quantity
        assert all(pool.quantity >= 0 <= pool.cost for pool in figures.pools)
        assert figures.taxable >= 0
