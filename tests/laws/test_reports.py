"""What must not change a report, and what every report must add up to."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import events as e
from domain.methods import LAWFUL, ORDERS
from domain.money import ZERO, cents, exact
from projections.tax.us.tax_year import Forms
from tests.laws.histories import ACCOUNTS, histories, lawful
from tests.story import Folded, Story, folded, recorded, taxed

YEARS = (2023, 2024, 2025, 2026, 2027)
METHODS = (*ORDERS, LAWFUL)
CUT = Decimal("1E-30")
"""More than what is cut at forty decimals ever adds up to."""


def report(book: Story, method: str = LAWFUL) -> list[Any]:
    """Everything the book says, but for positions in its log."""
    said: list[Any] = []
    for year in YEARS:
        rows, forms = taxed(book, year, method)
        said += [row.to_dict() | {"events": ()} for row in rows]
        said.append(evolve(forms, behind={}, priced={}))
    fold = folded(book, method)
    said += [(key, o.lot.id, o.quantity, o.basis) for key, o in fold.books[method].open()]
    said += [(key, s.opened, s.quantity, s.proceeds) for key, s in shorts(fold)]
    return [*said, fold.balances.balances(), fold.balances.findings.all()]


def shorts(fold: Folded) -> list[Any]:
    return [(key, s) for key, loan in sorted(fold.property.loans.items()) for s in loan.shorts]


@settings(max_examples=150)
@given(histories(), st.integers(0, 40))
def test_a_replay_goes_on_where_it_stopped(book: Story, first: int) -> None:
    events = book.replayed
    whole = folded(book, *ORDERS)
    parts = Folded(book.log, tuple(ORDERS)).run(events[:first]).run(events[first:])
    parts.balances.close()
    assert parts.disposals == whole.disposals
    assert parts.findings.all() == whole.findings.all()
    assert parts.balances.balances() == whole.balances.balances()
    assert parts.balances.findings.all() == whole.balances.findings.all()


@settings(max_examples=100)
@given(lawful(), st.randoms(use_true_random=False))
def test_the_order_of_the_log_means_nothing_where_instants_differ(
    book: Story, random: Random
) -> None:
    """Files and rows may arrive in any order."""
    events = [(r.account, r.event) for r in book.log if not isinstance(r.event, e.PriceObserved)]
    prices = [(r.account, r.event) for r in book.log if isinstance(r.event, e.PriceObserved)]
    shuffled = events + prices
    random.shuffle(shuffled)
    for method in (LAWFUL, "lifo", "hifo"):
        assert report(recorded(shuffled), method) == report(book, method)


@settings(max_examples=150)
@given(histories())
def test_several_methods_in_one_pass_are_each_as_alone(book: Story) -> None:
    together = folded(book, *METHODS)
    for method in METHODS:
        alone = folded(book, method)
        assert together.disposals[method] == alone.disposals[method]
        assert open_lots(together, method) == open_lots(alone, method)


def open_lots(fold: Folded, method: str) -> list[Any]:
    return [(key, o.lot, o.quantity, o.basis) for key, o in fold.books[method].open()]


# Metamorphic: what changes nothing ---------------------------------------------------------------


def totals(book: Story, method: str) -> dict[Any, tuple[Decimal, Decimal, Decimal]]:
    """Units, proceeds and basis by asset, year and term."""
    sums: dict[Any, tuple[Decimal, Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO, ZERO))
    with exact():
        for d in folded(book, method).disposals[method]:
            units, proceeds, basis = sums[d.asset, d.sold_day.year, d.long]
            sums[d.asset, d.sold_day.year, d.long] = (
                units + d.quantity,
                proceeds + d.proceeds,
                basis + d.basis,
            )
    return dict(sums)


def close(one: dict[Any, Any], two: dict[Any, Any]) -> bool:
    """Equal but for what is cut at forty decimals."""
    return one.keys() == two.keys() and all(
        abs(a - b) < CUT for key in one for a, b in zip(one[key], two[key], strict=True)
    )


@pytest.mark.parametrize("parts", [2, 5])
@settings(max_examples=75)
@given(book=histories())
def test_a_fill_split_into_parts_makes_the_same_totals(book: Story, parts: int) -> None:
    split: list[tuple[str, e.Event]] = []
    for r in book.log:
        if isinstance(r.event, e.Filled):
            given: dict[str, Any] = {
                name: getattr(r.event, of) / parts
                for name, of in (("quantity", "quantity"), ("amount", "total"), ("fee", "fee"))
            }
            if isinstance(r.event, e.Liquidated):
                given["penalty"] = r.event.penalty / parts
            split += [
                (r.account, evolve(r.event, id=f"{r.event.id}.{part}", **given))
                for part in range(parts)
            ]
        else:
            split.append((r.account, r.event))
    for method in ORDERS:
        assert close(totals(recorded(split), method), totals(book, method))


@settings(max_examples=100)
@given(histories(), histories())
def test_an_unrelated_asset_changes_nothing(book: Story, other: Story) -> None:
    def renamed(event: e.Event) -> e.Event:
        names: dict[str, Any] = {"id": f"other {event.id}"}
        for name in ("asset", "position"):
            if getattr(event, name, None):
                names[name] = f"{getattr(event, name)}2"
        return evolve(event, **names)

    both = recorded(
        [(r.account, r.event) for r in book.log]
        + [(r.account, renamed(r.event)) for r in other.log]
    )
    for method in ORDERS:
        rows = [d for d in folded(both, method).disposals[method] if not d.asset.endswith("2")]
        assert rows == folded(book, method).disposals[method]


@settings(max_examples=100)
@given(histories())
def test_the_names_of_accounts_mean_nothing(book: Story) -> None:
    names = dict(zip(ACCOUNTS, ("zz/last", "aa/first", "mm/middle"), strict=True))

    def renamed(event: e.Event) -> e.Event:
        return evolve(event, to=names[event.to]) if isinstance(event, e.Transferred) else event

    other = recorded([(names[r.account], renamed(r.event)) for r in book.log])
    for method in ORDERS:
        expected = [
            evolve(d, account=names[d.account]) for d in folded(book, method).disposals[method]
        ]
        assert folded(other, method).disposals[method] == expected


@settings(max_examples=200)
@given(histories(("buy", "deposit"), size=12), st.integers(1, 100))
def test_dearest_first_gains_least_and_cheapest_first_most_on_one_sale(
    book: Story, percent: int
) -> None:
    """Cases: O: of the same lots, whatever other method chooses."""
    held = folded(book).balances.accounts.get(ACCOUNTS[0])
    units = held.held.get("X", ZERO) if held else ZERO
    sale = e.Filled(
        at=book.replayed[-1].event.at if book.log else datetime(2023, 1, 1, tzinfo=UTC),
        id="sale",
        sequence=99,
        side="sell",
        asset="X",
        quantity=units * percent / 100 or Decimal(1),
        quote="USD",
        price=Decimal(50),
    )
    sold = recorded([*((r.account, r.event) for r in book.log), (ACCOUNTS[0], sale)])
    fold = folded(sold, *ORDERS)
    with exact():
        gains = {m: sum((d.gain for d in fold.disposals[m]), ZERO) for m in ORDERS}
        assert gains["hifo"] - CUT <= min(gains.values())
        assert gains["lofo"] + CUT >= max(gains.values())


# What adds up ------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(histories())
def test_printed_rows_add_up_to_the_rounded_exact_total_of_their_box(book: Story) -> None:
    by_box: dict[Any, list[Any]] = defaultdict(list)
    for year in YEARS:
        for row in taxed(book, year)[0]:
            assert row.gain == row.proceeds - row.basis + row.adjustment
            by_box[year, row.box].append(row)
    with exact():
        for rows in by_box.values():
            for column in ("proceeds", "basis"):
                printed = sum((getattr(row, column) for row in rows), ZERO)
                exactly = [Decimal(row.to_dict()["exact"][column]) for row in rows]
                assert printed == cents(sum(exactly, ZERO))


@settings(max_examples=150)
@given(histories())
def test_schedule_d_is_the_sum_of_the_rows(book: Story) -> None:
    for year in YEARS:
        rows, forms = taxed(book, year)
        for line, boxes in (("3", "CI"), ("10", "FL")):
            of_line = [row for row in rows if row.box in boxes]
            columns = forms.schedule_d.get(line)
            assert (columns is None) == (not of_line)
            if isinstance(columns, dict):
                for column in ("proceeds", "basis", "adjustment", "gain"):
                    assert columns[column] == sum(getattr(row, column) for row in of_line)


@settings(max_examples=100)
@given(histories())
def test_what_a_year_carries_is_what_the_next_takes_up(book: Story) -> None:
    forms = [taxed(book, year)[1] for year in YEARS]
    for this, following in pairwise(forms):
        for name, line in (("short_term", "6"), ("long_term", "14")):
            assert following.schedule_d.get(line, 0) == this.carryovers[name]
        assert following.form_4952.get("2", 0) == this.carryovers["investment_interest"]
        assert losses(following) == losses(this) + gains_of(following)


def losses(forms: Forms) -> Decimal:
    """What is carried: zero or negative."""
    return forms.carryovers["short_term"] + forms.carryovers["long_term"]


def gains_of(forms: Forms) -> Decimal:
    """The year's own result as far as it touches the carryover."""
    lines = forms.schedule_d
    net = lines.get("16", ZERO)
    assert isinstance(net, Decimal)
    carried = sum((a for n in ("6", "14") if isinstance(a := lines.get(n, ZERO), Decimal)), ZERO)
    limited = lines.get("21", ZERO)
    assert isinstance(limited, Decimal)
    return min(net - limited, ZERO) - carried
