"""Explain a figure: which rule, which lots it could have been, which it was, which events say so.

A row of Form 8949 is explained by the lots a moment before they went (projections/identifying.py),
a line of another form by the rows and payments that it adds up.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.errors import UnknownName
from domain.lot import Disposal
from domain.price import Chosen
from projections.identifying import AtStake, Candidate
from projections.report import Report
from projections.tax.us import law
from projections.tax.us.form8949 import Row
from projections.tax.us.tax_year import TaxYear
from projections.trades import JUST_RECEIVED


@frozen(kw_only=True)
class LotTaken(Report):
    """A lot, or what a disposal took of it. `basis` is the exact total in USD."""

    lot: str
    acquired: date | None
    quantity: Decimal
    basis: Decimal
    row: int | None = None


@frozen(kw_only=True)
class Because:
    """Why a figure is what it is; `positions` are the log positions of the events behind it."""

    figure: str
    value: str
    rule: str
    law: tuple[str, ...]
    candidates: tuple[LotTaken, ...] = ()
    chosen: tuple[LotTaken, ...] = ()
    positions: tuple[int, ...] = ()
    sale: Disposal | None = None
    priced: tuple[tuple[str, Chosen], ...] = ()
    """The prices behind it, each with what it decided: `proceeds`, `basis` or the figure's name."""


Ask = Callable[[Disposal], AtStake]
"""What was at stake in a disposal of the year, under its method."""


def because(figure: str, year: TaxYear, ask: Ask) -> Because:
    """Why a figure of a tax year is what it is. Raises `UnknownName` for no such figure."""
    form, _, name = figure.partition(":")
    if form == "8949":
        return _row(figure, name, year.rows, ask)
    form = form.removeprefix("form_").removeprefix("schedule_").upper()
    if form == "D":
        return _schedule_line(figure, name, year)
    if form in _FORMS:
        return _line(figure, name, _FORMS[form], year)
    known = ", ".join(f"{form}:LINE" for form in ("D", *_FORMS))
    msg = f"no figure is called {figure!r}: ask for 8949:ROW, {known}"
    raise UnknownName(msg)


def _row(figure: str, name: str, rows: Sequence[Row], ask: Ask) -> Because:
    if not name.isdecimal() or not 1 <= int(name) <= len(rows):
        msg = f"Form 8949 has rows 1 to {len(rows)}, no {name!r}"
        raise UnknownName(msg)
    row = rows[int(name) - 1]
    same = [r for r in rows if _names(r) == _names(row)]
    return Because(
        figure=figure,
        value=format(row.gain, "f"),
        rule=_rule(row),
        law=_law(row),
        candidates=tuple(
            _candidate(lot)
            for (account, asset, _), lots in sorted(ask(row.of).could.items())
            if (account, asset) == (row.of.account, row.of.asset)
            for lot in lots
        ),
        chosen=tuple(_chosen(r) for r in same),
        positions=row.events,
        sale=row.of,
        priced=(
            *(("proceeds", chosen) for chosen in row.of.priced),
            *(("basis", chosen) for chosen in row.of.basis_priced),
        ),
    )


def _names(row: Row) -> tuple[str, str, str]:
    return row.of.event, row.of.account, row.of.asset


def _schedule_line(figure: str, name: str, year: TaxYear) -> Because:
    lines = year.forms.schedule_d
    if name not in lines:
        msg = f"line {name!r} of Schedule D is empty in {year.year}; filled: {', '.join(lines)}"
        raise UnknownName(msg)
    rows = [row for row in year.rows if row.box in _boxes(name)]
    boxes = sorted({row.box for row in rows})
    amount = lines[name]
    return Because(
        figure=figure,
        value=format(amount if isinstance(amount, Decimal) else amount["gain"], "f"),
        rule=f"the sum of {len(rows)} rows of Form 8949 (boxes: {', '.join(boxes) or 'none'})"
        + (", with what earlier years carried here" if name in _NET else "")
        + (", as far as the year's limit on losses" if name == "21" else ""),
        law=_sources(law.ROUNDING, law.CARRYOVER) if name in _NET else _sources(law.ROUNDING),
        chosen=tuple(_chosen(row) for row in rows),
        positions=_positions(rows),
    )


@frozen
class _Form:
    """A form whose lines are explained alike: where it stands, the rule, and what it adds up."""

    title: str
    field: str
    rule: str
    sources: tuple[law.Rule[Any], ...]
    adds_up: str = ""


_FORMS: Mapping[str, _Form] = {
    "4952": _Form(
        "Form 4952",
        "form_4952",
        "line 1 is the margin interest paid in the year; the other lines follow from it,"
        " from Schedule D and from the facts stated for the year",
        (law.INTEREST,),
        "form_4952:1",
    ),
    "6781": _Form(
        "Form 6781",
        "form_6781",
        "line 1 is what section 1256 contracts brought, marked at the end of the year; 40 % of"
        " it is short-term, whatever the time",
        (law.SECTION_1256_SHORT[0],),
        "form_6781:1",
    ),
    "1": _Form(
        "Schedule 1",
        "schedule_1",
        "the worth of what was received, when it could first be disposed of",
        (law.INCOME,),
        "schedule_1:{line}",
    ),
    "B": _Form("Schedule B", "schedule_b", "interest received", (law.INCOME,), "schedule_b:1"),
    "A": _Form("Schedule A", "schedule_a", "line 8 of Form 4952", (law.INTEREST,), "form_4952:1"),
    "C": _Form(
        "Schedule C", "schedule_c", "interest of the business", (law.INTEREST,), "form_4952:1"
    ),
    "8960": _Form(
        "Form 8960",
        "form_8960",
        "net investment income: interest, dividends and gains less what deducts from them",
        (law.NET_INVESTMENT_INCOME_RATE[0],),
    ),
}
"""By the name that a figure begins with."""


def _line(figure: str, name: str, form: _Form, year: TaxYear) -> Because:
    lines = getattr(year.forms, form.field)
    if name not in lines:
        msg = f"line {name!r} of {form.title} is empty in {year.year}; filled: {', '.join(lines)}"
        raise UnknownName(msg)
    adds_up = form.adds_up.format(line=name)
    return Because(
        figure=figure,
        value=format(lines[name], "f"),
        rule=form.rule,
        law=_sources(*form.sources),
        positions=year.forms.behind.get(adds_up, ()),
        priced=tuple((adds_up, chosen) for chosen in year.forms.priced.get(adds_up, ())),
    )


_NET = ("7", "15", "16", "21")


def _boxes(line: str) -> frozenset[str]:
    """The boxes whose rows reach a line of Schedule D."""
    both = law.SHORT_LINES + law.LONG_LINES
    sums = {"7": law.SHORT_LINES, "15": law.LONG_LINES, "16": both, "21": both}
    names = sums.get(line, (line,))
    return frozenset(box for name in names for box in law.SCHEDULE_D_LINES.get(name, ()))


def _positions(rows: Iterable[Row]) -> tuple[int, ...]:
    return tuple(sorted({position for row in rows for position in row.events}))


def _candidate(lot: Candidate) -> LotTaken:
    return LotTaken(lot=lot.lot.id, acquired=lot.lot.day, quantity=lot.quantity, basis=lot.basis)


def _chosen(row: Row) -> LotTaken:
    return LotTaken(
        lot=row.of.lot,
        acquired=row.acquired,
        quantity=row.of.quantity,
        basis=row.of.basis,
        row=row.row,
    )


def _rule(row: Row) -> str:
    words = [f"lots: {row.of.identified}", f"{_held(row)}: {row.term}-term, box {row.box}"]
    words.append("gain = proceeds - basis + adjustment, in cents of the box's running total")
    if row.of.missing:
        words.insert(0, f"{row.of.missing} is stated nowhere: it counts as zero and is a finding")
    return "; ".join(words)


def _held(row: Row) -> str:
    treatment = row.of.treatment
    if treatment is not None and treatment.term:
        return "whatever the time it was held"
    held = "held more than one year" if row.term == "long" else "held one year or less"
    if treatment is not None and treatment.held_from is not None:
        held += f", counted from {treatment.held_from}"
    return held


def _law(row: Row) -> tuple[str, ...]:
    cited: list[law.Rule[Any]] = [law.SHORT_SALE if row.of.kind == "short" else law.IDENTIFICATION]
    if row.of.identified == JUST_RECEIVED:
        cited = [law.WITHHELD]
    treatment = row.of.treatment
    if treatment is not None:
        washed = treatment.disallowed or treatment.replaces
        cited.append(law.WASH_SALE if washed else law.STOCK_LIKE)
    if row.of.kind == "liquidation":
        cited.insert(0, law.LIQUIDATION)
    return _sources(*cited, law.COSTS, law.HOLDING, law.ROUNDING)


def _sources(*rules: law.Rule[Any]) -> tuple[str, ...]:
    return tuple(rule.source for rule in rules)
