"""How a disposal stands on Form 8949 where a broker's form came: columns (d) to (g).

Columns (d) and (e) follow the form as far as the instructions say; (f) and (g) correct it
(Instructions for Form 8949 (2025), pp. 8-11):

- proceeds that lack the costs of the sale: as reported, code E, the costs negative in (g);
- proceeds too low: the correct amount, no code; too high for another reason: as reported, code O,
  what is too much negative in (g) (p. 1: correct what the form shows in column (g)), and found;
- a basis that was reported to the IRS: as reported, code B, the difference in (g); one that was
  only shown: the correct basis, code B, nothing in (g);
- a wrong term: the right part of the form, code T, nothing in (g);
- a loss that a wash sale disallows: code W, the loss positive in (g), form or no form.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from attrs import evolve, frozen

from domain.events import BrokerReported
from domain.lot import Disposal
from domain.money import ZERO, cents, share

NO_FORM = ""


@frozen
class Filing:
    """How a disposal stands on the form: columns (d) to (g), exact, and the box's form."""

    form: str
    basis_reported: bool
    proceeds: Decimal
    basis: Decimal
    adjustment: Decimal = ZERO
    code: str = ""
    agrees: bool = True
    """Whether nothing differs that a code cannot correct."""


def uncorrected(form: str, basis_reported: bool, row: Disposal) -> Filing:
    """How a row stands with no difference to a form: a loss that counts later has code W."""
    filing = Filing(form, basis_reported, row.proceeds, row.basis)
    return _with(filing, "W", adjustment=row.disallowed) if row.disallowed else filing


def corrected(
    report: BrokerReported, rows: Sequence[Disposal], costs: Decimal, beyond: Decimal
) -> Iterator[Filing]:
    """How the rows of one report stand.

    `costs` of the sale are missing from its proceeds; they are too high by `beyond` otherwise.
    """
    same = _same_basis(report, rows)
    told = (_spread(report.basis, rows), _spread(costs, rows), _spread(beyond, rows))
    for row, told_basis, cost, more in zip(rows, *told, strict=True):
        filing = uncorrected(report.form, with_basis(report), row)
        if cost:
            filing = _with(filing, "E", proceeds=filing.proceeds + cost, adjustment=-cost)
        if more:
            filing = _with(filing, "O", proceeds=filing.proceeds + more, adjustment=-more)
        if told_basis is not None:
            filing = _with_basis(filing, row, told_basis, same=same)
        if report.term not in (None, term_of(row)):
            filing = _with(filing, "T")
        yield filing


def with_basis(report: BrokerReported) -> bool:
    """Whether a basis was shown and reported to the IRS."""
    return report.basis_reported and report.basis is not None


def term_of(row: Disposal) -> str:
    return "long" if row.long else "short"


def units_of(rows: Sequence[Disposal]) -> Decimal:
    return sum((row.quantity for row in rows), ZERO)


def _with(
    filing: Filing, code: str, *, proceeds: Decimal | None = None, adjustment: Decimal = ZERO
) -> Filing:
    return evolve(
        filing,
        code="".join(sorted({*filing.code, code})),
        proceeds=filing.proceeds if proceeds is None else proceeds,
        adjustment=filing.adjustment + adjustment,
    )


def _with_basis(filing: Filing, row: Disposal, told: Decimal, *, same: bool) -> Filing:
    """The basis that a form shows, where it is not the book's."""
    if row.missing == "basis":  # nothing to correct it with
        return evolve(filing, basis=told)
    if same:
        return filing
    if not filing.basis_reported:
        return _with(filing, "B")
    return evolve(_with(filing, "B", adjustment=told - row.basis), basis=told)


def _same_basis(report: BrokerReported, rows: Sequence[Disposal]) -> bool:
    own = sum((row.basis for row in rows), ZERO)
    return report.basis is not None and cents(own) == cents(report.basis)


def _spread(total: Decimal | None, rows: Sequence[Disposal]) -> Iterator[Decimal | None]:
    """A reported total on its rows, by units; the last takes what is left."""
    left, units = total, units_of(rows)
    for row in rows:
        if left is None:
            yield None
            continue
        part = left if row.quantity == units else share(left, row.quantity, units)
        left, units = left - part, units - row.quantity
        yield part
