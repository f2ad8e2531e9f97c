"""Form 8949, Schedule D and the loss carried forward, as OpenTaxSolver figures them for 2025.

An engine that others wrote, from the IRS's forms: it decides each row's term, fills Schedule D,
Form 6781 and the Capital Loss Carryover Worksheet. It comes inside the package `tenforty` (GPL, for
tests alone), which has no wheel for some platforms: there these tests are skipped.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from domain import events as e
from domain import lot
from projections.tax.us import schedule_d as schedule
from projections.tax.us.form8949 import BoxTotal, Row
from projections.tax.us.law import CAPITAL_LOSS_LIMIT
from projections.tax.us.schedule_d import Carryover, ScheduleD, schedule_d
from tests.story import Story, recorded, taxed

pytest.importorskip("tenforty", reason="OpenTaxSolver has no wheel for this platform")
from tenforty._ots_form_models import OTS_FORM_CONFIG
from tenforty.otslib import _evaluate_form

YEAR = 2025
SHARED = (("A/D", "G/J"), ("B/E", "H/K"), ("C/F", "I/L"))
"""Boxes that share a line of Schedule D (1b and 8b, 2 and 9, 3 and 10)."""
STATUS = {
    "single": "Single",
    "mfj": "Married/Joint",
    "mfs": "Married/Sep",
    "hoh": "Head_of_House",
}
LONG, SHORT = (date(2023, 3, 1), date(2025, 3, 3)), (date(2025, 3, 1), date(2025, 3, 3))
COMPARED = ("7", "15", "16", "21")
COLUMNS = {"proceeds": "d", "basis": "e", "adjustment": "g", "gain": "h"}
CENT = Decimal("0.01")


# What the others say ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sale:
    """A row as OpenTaxSolver is told it, under a pair of boxes: it decides which of the two."""

    name: str
    pair: str
    acquired: date
    sold: date
    proceeds: Decimal
    basis: Decimal
    adjustment: Decimal = Decimal(0)

    def __str__(self) -> str:
        corrected = f"B {self.adjustment}" if self.adjustment else "~ ~"
        days = [f"{day:%m-%d-%Y}" for day in (self.acquired, self.sold)]
        return f"{-self.basis} {days[0]} {{{self.name}}} {self.proceeds} {days[1]} {corrected}"


FORM_6781 = """\
Title: Form 6781 - Gains and Losses From Section 1256 Contracts and Straddles
YourName: N
YourSocSec#: N
BoxA N
BoxB N
BoxC N
BoxD N
L1 {loss} {gain} {{contracts}} ;
L4 ; L6 ; L10 ; L11a ; L11b ; L12 ; L13a ; L13b ; L14 ;
"""


def solved(form: str, told: str) -> str:
    """A form as OpenTaxSolver fills it."""
    text: str = _evaluate_form(YEAR, form, told, None, "ignore")
    assert "ERROR" not in text
    return text


def solved_year(sales: list[Sale], status: str, **lines: object) -> str:
    """Form 1040 with these sales; `lines` of Schedule D are given by name: D4, D6, D11, D14."""
    said = {"Status": STATUS[status], "VirtCurr?": "Y", **lines}
    for pair in chain(*SHARED):
        said[f"CapGains-{pair}"] = "\n".join(str(sale) for sale in sales if sale.pair == pair)
    form = next(c for c in OTS_FORM_CONFIG if (c["year"], c["form_id"]) == (YEAR, "US_1040"))
    fields = [
        f"{field['key']} {said.get(field['key'], field['default'])}"
        + (" ;" if field["terminator"] == "semicolon" else "")
        for field in form["fields"]
    ]
    return solved("US_1040", "\n".join(fields))


def solved_line(text: str, name: str) -> Decimal:
    """The amount on a line, zero where the line is not printed."""
    found = re.search(rf"^\s*{name} =\s*(-?[\d.]+)", text, re.MULTILINE)
    return Decimal(found[1]) if found else Decimal(0)


def solved_boxes(text: str) -> dict[str, str]:
    """Name of a sale: the box on whose form it stands."""
    boxes, box = {}, ""
    for line in text.splitlines():
        if found := re.search(r"^ ?Form 8949 .* CHECK \((.)\)", line):
            box = found[1]
        elif found := re.search(r"^ ?(\S+) +\d+-\d+-\d{4} +\d+-\d+-\d{4} ", line):
            boxes[found[1]] = box
    return boxes


def solved_carryover(year: str, taxable_income: Decimal, folder: Path) -> Carryover:
    """What the worksheet makes of a year: OpenTaxSolver reads last year's return from a file.

    It prints taxable income floored at zero, where the worksheet asks for it before the floor.
    """
    file = folder / "last_year.txt"
    file.write_text(re.sub(r"^L15 = .*$", f"L15 = {taxable_income}", year, flags=re.MULTILINE))
    text = solved_year([], "single", D6=f'"{file}"')
    return Carryover(short_term=solved_line(text, "D6"), long_term=solved_line(text, "D14"))


# The whole way: events to Schedule D --------------------------------------------------------------


class Year:
    """A year that was drawn: a book, what was stated of it, and what both engines make of it."""

    def __init__(self, book: Story, status: str, income: int, method: str) -> None:
        self.book, self.status, self.income, self.method = book, status, income, method

    def __repr__(self) -> str:
        return "\n".join(str(r.event) for r in self.book.log) + f"\n{self.status} {self.income}"

    def differences(self, folder: Path) -> list[str]:
        rows, forms = taxed(self.book, YEAR, self.method)
        sales = [sale(row) for row in rows]
        contracts = {n: str(a) for n, a in forms.form_6781.items() if n in "89"}
        before = {n: forms.schedule_d.get(n, Decimal(0)) for n in ("6", "14")}
        text = solved_year(
            sales,
            self.status,
            D4=contracts.get("8", "0"),
            D6=before["6"],
            D11=contracts.get("9", "0"),
            D14=before["14"],
        )
        found = list(different_lines(forms.schedule_d, text))
        boxes = solved_boxes(text)
        found += [
            f"row {row.row}, {row.acquired} to {row.sold}: {row.box} != {boxes[str(row.row)]}"
            for row in rows
            if boxes[str(row.row)] != row.box
        ]
        ours = {n: forms.carryovers[n] for n in ("short_term", "long_term")}
        carried = solved_carryover(text, Decimal(self.income), folder)
        if ours != {"short_term": carried.short_term, "long_term": carried.long_term}:
            found.append(f"{ours} != {carried}")
        return found


def different_lines(lines: Mapping[str, Any], text: str) -> Iterator[str]:
    for name in COMPARED:
        theirs = solved_line(text, f"D{name}")
        if lines.get(name, 0) != theirs:
            yield f"line {name}: {lines.get(name)} != {theirs}"
    for name in ("1b", "2", "3", "8b", "9", "10"):
        ours = lines.get(name, {})
        for column, letter in COLUMNS.items():
            theirs = solved_line(text, f"D{name}{letter}")
            if ours.get(column, 0) != theirs:
                yield f"line {name}, {column}: {ours.get(column)} != {theirs}"


def sale(row: Row) -> Sale:
    acquired = row.acquired
    assert acquired is not None, "every unit of these years was bought"
    amounts = row.proceeds, row.basis, row.adjustment
    return Sale(str(row.row), "I/L", acquired, row.sold, *amounts)


@st.composite
def years(draw: st.DrawFn) -> Year:
    """Some coins are bought over the years, most of them about a year before a sale of 2025."""
    events: list[tuple[str, e.Event]] = []
    amounts = st.integers(1, 9_999_999).map(lambda cents: cents * CENT)
    shares = st.sampled_from(["0.25", "0.33333333", "0.5", "1"]).map(Decimal)

    def add(account: str, kind: type[e.Event], at: datetime, **fields: Any) -> None:
        events.append((account, kind(at=at, id=f"e{len(events)}", **fields)))

    def add_fill(at: datetime, side: str, quantity: Decimal, **fields: Any) -> None:
        amount = draw(amounts)
        price = (amount / quantity).quantize(CENT) + CENT
        fee = draw(st.sampled_from(["0", "0.01", "12.34"]))
        trade = {"asset": "X", "quote": "USD", "quantity": quantity, "price": price, "fee": fee}
        add("kraken/main", e.Filled, at, **trade, side=side, amount=amount, **fields)

    fills: list[tuple[datetime, str]] = []
    hours = st.integers(0, 23)
    for _ in range(draw(st.integers(0, 5))):
        sold = date(YEAR, 1, 2) + timedelta(days=draw(st.integers(0, 362)))
        days = draw(st.one_of(st.integers(360, 371), st.integers(0, 2000)))
        fills.append((noon(sold - timedelta(days=days)) - timedelta(hours=draw(hours)), "buy"))
        fills.append((noon(sold) + timedelta(hours=draw(hours) % 12), "sell"))
    held = Decimal(0)
    for at, side in sorted(fills):
        part = draw(shares)
        quantity = part if side == "buy" else round(held * part, 8)
        if quantity:
            add_fill(at, side, quantity)
        held += quantity if side == "buy" else -quantity
    if draw(st.booleans()):
        day = noon(date(YEAR, 1, 2) + timedelta(days=draw(st.integers(0, 350))))
        add_fill(day, "sell", Decimal(1), position="p")
        add_fill(day + timedelta(days=draw(st.integers(0, 12))), "buy", Decimal(1), position="p")
    end = noon(date(YEAR, 12, 31))
    if draw(st.booleans()):
        result = draw(amounts) * draw(st.sampled_from([1, -1]))
        add("cme/main", e.ContractSettled, end, contract="BTCZ5", asset="USD", amount=result,
            section_1256=True)  # fmt: skip
    status = draw(st.sampled_from(sorted(STATUS)))
    income = draw(st.sampled_from([50_000, 0, -1, -1000, -2999, -3000, -20_000]))
    facts = {"filing_status": status, "taxable_income": str(income)}
    for name in ("short_term_carryover", "long_term_carryover"):
        if draw(st.booleans()):
            facts[name] = str(draw(amounts))
    for name, value in facts.items():
        add("book", e.TaxFactStated, end, year=YEAR, name=name, value=value)
    zone = draw(st.sampled_from(["UTC", "America/New_York", "Asia/Tokyo"]))
    method = draw(st.sampled_from(["spec_id", "lifo", "hifo", "lofo"]))
    return Year(recorded(events, zone), status, income, method)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("return")


@given(year=years())
@settings(max_examples=300)
def test_any_year_is_as_opentaxsolver_figures_it(year: Year, folder: Path) -> None:
    """The term and box of each row, Schedule D, and the Capital Loss Carryover Worksheet."""
    assert year.differences(folder) == []


@pytest.mark.nightly
@given(year=years())
@settings(max_examples=10_000)
def test_thousands_of_years_are_as_opentaxsolver_figures_them(year: Year, folder: Path) -> None:
    assert year.differences(folder) == []


def test_the_term_of_every_pair_of_days_about_a_year_apart_is_theirs() -> None:
    """Cases: C. Acquired from 2019 on, sold by the end of 2025, 360 to 371 days later."""
    days = [date(2019, 1, 1) + timedelta(days=n) for n in range(7 * 365 + 2)]
    pairs = [
        (one, one + timedelta(days=held))
        for one in days
        for held in range(360, 372)
        if one + timedelta(days=held) <= days[-1]
    ]
    sales = [Sale(f"{n}", "I/L", *pair, CENT, CENT) for n, pair in enumerate(pairs)]
    boxes = solved_boxes(solved_year(sales, "single"))
    terms = {"I": False, "L": True}
    wrong = [pair for n, pair in enumerate(pairs) if lot.long_term(*pair) != terms[boxes[f"{n}"]]]
    assert (len(boxes), wrong) == (len(pairs), [])


# Every box ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Boxes:
    """Totals of any of the boxes A to L, and what else Schedule D takes."""

    sales: tuple[Sale, ...]
    carried: Carryover
    contracts: tuple[Decimal, Decimal]
    status: str
    income: int

    @property
    def ours(self) -> ScheduleD:
        boxes: dict[str, BoxTotal] = {}
        for sale in self.sales:
            total = boxes.setdefault(sale.pair[2 if sale.acquired == LONG[0] else 0], BoxTotal())
            total.proceeds.add(sale.proceeds)
            total.basis.add(sale.basis)
            total.adjustment.add(sale.adjustment)
        return schedule_d(
            YEAR,
            boxes,
            contracts_short=self.contracts[0],
            contracts_long=self.contracts[1],
            carried=self.carried,
            filing_status=self.status,
            taxable_income=Decimal(self.income),
        )

    @property
    def theirs(self) -> str:
        short, long = self.contracts
        carried = {"D6": self.carried.short_term, "D14": self.carried.long_term}
        return solved_year(list(self.sales), self.status, D4=short, D11=long, **carried)

    def differences(self, folder: Path) -> list[str]:
        ours, theirs = self.ours, self.theirs
        found = list(different_lines(ours.lines, theirs))
        carried = solved_carryover(theirs, Decimal(self.income), folder)
        return found + ([] if ours.carryover == carried else [f"{ours.carryover} != {carried}"])


MONEY = st.integers(0, 2_000_000).map(lambda cents: cents * CENT)
SIGNED = st.integers(-500_000, 500_000).map(lambda cents: cents * CENT)


def some_sales(pairs: tuple[str, ...]) -> st.SearchStrategy[tuple[Sale, ...]]:
    """Sales under some pairs of boxes, of two days, so that their terms are known."""
    days = st.sampled_from([SHORT, LONG])
    drawn = st.tuples(st.sampled_from(pairs), days, MONEY, MONEY, st.just(Decimal(0)) | SIGNED)
    made = drawn.map(lambda of: Sale("some", of[0], *of[1], *of[2:]))
    return st.lists(made, max_size=6).map(tuple)


BOXES = st.builds(
    Boxes,
    # Of two boxes on one line OpenTaxSolver (v23.05) forgets the first, where Schedule D adds them.
    st.tuples(*map(st.sampled_from, SHARED)).flatmap(some_sales),
    st.builds(Carryover, short_term=MONEY.map(lambda x: -x), long_term=MONEY.map(lambda x: -x)),
    st.tuples(SIGNED, SIGNED),
    st.sampled_from(sorted(STATUS)),
    st.integers(-10_000, 10_000),
)


@given(boxes=BOXES)
@settings(max_examples=400)
def test_schedule_d_of_any_boxes_is_as_opentaxsolver_fills_it(boxes: Boxes, folder: Path) -> None:
    """Lines 1b to 3 and 8b to 10 of twelve boxes, 4, 6, 11 and 14 beside them."""
    assert boxes.differences(folder) == []


@given(SIGNED)
@settings(max_examples=50)
def test_form_6781_is_as_opentaxsolver_fills_it(result: Decimal) -> None:
    """60 % long, 40 % short (IRC 1256(a)(3))."""
    settled = e.ContractSettled(
        at=noon(date(YEAR, 6, 1)), id="c", contract="BTCM5", asset="USD", amount=result,
        section_1256=True)  # fmt: skip
    ours = taxed(recorded([("cme/main", settled)]), YEAR)[1].form_6781
    text = solved("f6781", FORM_6781.format(loss=min(result, 0), gain=max(result, 0)))
    assert {name: solved_line(text, f"L{name}") for name in "5789"} == {
        n: ours.get(n, 0) for n in "5789"
    }


# Canaries: the comparison must be able to fail ----------------------------------------------------


def a_year_is_365_days(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lot, "long_term", lambda acquired, sold: (sold - acquired).days >= 365)


def a_year_ends_on_its_own_day(patch: pytest.MonkeyPatch) -> None:
    """The anniversary itself is taken for long-term."""
    rule = lot.long_term
    patch.setattr(lot, "long_term", lambda one, two: rule(one, two + timedelta(days=1)))


def spouses_apart_have_the_whole_limit(patch: pytest.MonkeyPatch) -> None:
    limit = evolve(CAPITAL_LOSS_LIMIT[0], value=dict.fromkeys(STATUS, Decimal(3000)))
    patch.setattr(schedule, "CAPITAL_LOSS_LIMIT", (limit,))


def long_losses_are_used_first(patch: pytest.MonkeyPatch) -> None:
    rule = schedule._carryover

    def swapped(short: Decimal, long: Decimal, *rest: Any) -> Carryover:
        wrong = rule(long, short, *rest)
        return Carryover(short_term=wrong.long_term, long_term=wrong.short_term)

    patch.setattr(schedule, "_carryover", swapped)


@pytest.mark.parametrize(
    "broken",
    [
        a_year_is_365_days,
        a_year_ends_on_its_own_day,
        spouses_apart_have_the_whole_limit,
        long_losses_are_used_first,
    ],
)
def test_a_wrong_rule_is_caught(
    broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    broken(monkeypatch)
    quick = settings(max_examples=2000, database=None, derandomize=True, phases=[Phase.generate])
    caught = find(years(), lambda year: bool(year.differences(folder)), settings=quick)
    assert caught.differences(folder) != []
