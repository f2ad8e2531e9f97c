"""What a decision changes: the figures, lots and findings of a book before and after it.

Every year is looked at, because a decision reaches years by rules of its own (a lot that goes today
is not there to go tomorrow, a loss is carried on); what did not move is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.money import exact, plain
from projections.findings import Finding
from projections.inventory import LotsReport
from projections.report import Report, money, to_json
from projections.tax.us.schedule_d import Line
from projections.tax.us.tax_year import Forms

FORMS = ("schedule_d", "form_4952", "form_6781", "schedule_1", "carryovers")
"""The forms that are compared line by line, by their names in a tax year's JSON."""


@frozen(kw_only=True)
class Picture:
    """A book at one moment: its years' forms, its open lots, what is found in it, its accounts."""

    years: tuple[Forms, ...]
    lots: LotsReport
    findings: tuple[Finding, ...]
    accounts: frozenset[str]


@frozen(kw_only=True)
class MovedFigure:
    """A line of a year's form that is another one now. None: the line was, or is, empty."""

    year: int
    form: str
    line: str
    before: Line | None
    after: Line | None

    def to_dict(self) -> dict[str, Any]:
        """The line as JSON values."""
        return {
            "year": self.year,
            "form": self.form,
            "line": self.line,
            "before": None if self.before is None else money(self.before),
            "after": None if self.after is None else money(self.after),
        }


@frozen(kw_only=True)
class Lying(Report):
    """What lies open of a lot. `basis` is the exact total in USD; None: nobody has stated it."""

    acquired: date | None
    quantity: Decimal
    basis: Decimal | None

    def __str__(self) -> str:
        basis = "?" if self.basis is None else plain(self.basis)
        return f"{plain(self.quantity)} of {self.acquired or '?'} for {basis}"


@frozen(kw_only=True)
class MovedLot(Report):
    """A lot of which something else lies open now. None: nothing did, or does."""

    account: str
    asset: str
    lot: str
    position: str
    before: Lying | None
    after: Lying | None


@frozen(kw_only=True)
class Changed:
    """What moved: `gone` and `came` are findings."""

    figures: tuple[MovedFigure, ...] = ()
    lots: tuple[MovedLot, ...] = ()
    gone: tuple[Finding, ...] = ()
    came: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.figures or self.lots or self.gone or self.came)

    def to_dict(self) -> dict[str, Any]:
        """The changes as JSON values."""
        return {
            "figures": to_json(self.figures),
            "lots": to_json(self.lots),
            "findings": {"gone": to_json(self.gone), "came": to_json(self.came)},
        }


def changes(before: Picture, after: Picture) -> Changed:
    """What is otherwise in `after`."""
    return Changed(
        figures=tuple(_figures(_lines(before), _lines(after))),
        lots=tuple(_lots(_lying(before.lots), _lying(after.lots))),
        gone=_without(before.findings, after.findings),
        came=_without(after.findings, before.findings),
    )


_Name = tuple[int, str, str]


def _lines(picture: Picture) -> dict[_Name, Line]:
    """Every line of every form; an amount of zero is an empty line."""
    return {
        (forms.year, form, line): amount
        for forms in picture.years
        for form in FORMS
        for line, amount in getattr(forms, form).items()
        if amount
    }


def _figures(before: Mapping[_Name, Line], after: Mapping[_Name, Line]) -> Iterator[MovedFigure]:
    for name in sorted({*before, *after}, key=_on_paper):
        was, now = before.get(name), after.get(name)
        if was != now:
            year, form, line = name
            yield MovedFigure(year=year, form=form, line=line, before=was, after=now)


def _on_paper(name: _Name) -> tuple[int, int, int, str]:
    """The order of the lines: 1b, 2, 16; what has no number by its name."""
    year, form, line = name
    letters = line.lstrip("0123456789")
    number = line.removesuffix(letters)
    return year, FORMS.index(form), int(number or 0), letters


_Place = tuple[str, str, str, str]


def _lying(report: LotsReport) -> dict[_Place, Lying]:
    """What lies open of each lot in each place, parts that lie there apart together."""
    held: dict[_Place, Lying] = {}
    with exact():
        for lot in report.lots:
            name = (lot.account, lot.asset, lot.position, lot.lot)
            quantity, basis, other = lot.quantity, lot.basis, held.get(name)
            if other is not None:
                quantity += other.quantity
                basis = None if basis is None or other.basis is None else basis + other.basis
            held[name] = Lying(acquired=lot.acquired, quantity=quantity, basis=basis)
    return held


def _lots(before: Mapping[_Place, Lying], after: Mapping[_Place, Lying]) -> Iterator[MovedLot]:
    for place in sorted({*before, *after}):
        was, now = before.get(place), after.get(place)
        if was != now:
            account, asset, position, lot = place
            yield MovedLot(
                account=account, asset=asset, lot=lot, position=position, before=was, after=now
            )


def _without(some: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    known = set(others)
    return tuple(finding for finding in some if finding not in known)
