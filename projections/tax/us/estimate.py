"""What some disposals would change of a year's federal income tax: an estimate, not a form.

The one trick: the return outside the book is known by one stated fact. `taxable_income` is that of
the return WITHOUT the what-if, so it holds the book's own result already; the what-if moves it by
what Form 1040 takes from Schedule D (line 7a: line 16, or line 21 of a loss) and by what Schedule A
deducts of interest. Tax is figured twice, by income_tax.py, and the effect is the difference.

It may be stated below zero, and is before the cut of section 68, as for Schedule A. `modified_agi`,
too, is that without the what-if, and is moved.

Not in it: the alternative minimum tax, credits and deductions that depend on income, other taxes of
the year, state tax, and what losses carried are worth later.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from domain.errors import BookError
from domain.money import ONE, ZERO, cents, exact
from projections.report import Report
from projections.tax.us.facts import Facts
from projections.tax.us.form8960 import due
from projections.tax.us.income_tax import income_tax
from projections.tax.us.law import CAPITAL_GAIN_LINE, INCOME_BRACKETS, in_force
from projections.tax.us.section68 import cut
from projections.tax.us.tax_year import Forms


def _share(_: object, what: Any, rate: Decimal) -> None:
    if not (rate.is_finite() and ZERO <= rate <= ONE):
        msg = f"{what.name}: {rate} is no rate; give a part of the whole, such as 0.24"
        raise BookError(msg)


@frozen
class Rates(Report):
    """What a dollar of short-term and of long-term gain bears: parts of a whole, from 0 to 1."""

    short: Decimal = field(validator=_share)
    long: Decimal = field(validator=_share)


@frozen
class Change(Report):
    """A figure in USD and cents without the what-if, and with it."""

    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        """What the what-if adds; below zero it saves."""
        with exact():
            return self.after - self.before

    def to_dict(self) -> dict[str, Any]:
        """Both, and the change."""
        lines = {"before": self.before, "after": self.after, "change": self.change}
        return {name: format(cents(amount), "f") for name, amount in lines.items()}


@frozen(kw_only=True)
class TaxEffect(Report):
    """The estimate. None: it cannot be figured, and `notes` says why."""

    year: int
    filing_status: str | None
    """None: not stated."""
    short_term: Change
    """Schedule D line 7."""
    long_term: Change
    """Schedule D line 15."""
    capital_result: Change
    """What Form 1040 takes: line 16 of Schedule D, of a loss line 21 (negative)."""
    taxable_income: Change | None
    """After the cut of section 68."""
    ordinary_tax: Change | None
    capital_gain_tax: Change | None
    """On net capital gain and qualified dividends."""
    net_investment_income_tax: Change | None
    tax: Change | None
    """The sum of those that could be figured."""
    rates_before: Rates | None
    """What the next dollar would bear without the what-if, or the rates that were given."""
    rates_after: Rates | None
    carryovers: Mapping[str, Change]
    """Losses and interest carried to next year, as the forms say."""
    missing: tuple[str, ...]
    """Facts of the year that would have to be stated."""
    notes: tuple[str, ...]


def estimated(before: Forms, after: Forms, facts: Facts, rates: Rates | None = None) -> TaxEffect:
    """Compare one year's forms without and with the what-if.

    `facts` are those of that year. `rates` replace the brackets and need no fact: gain that is
    taxed lower bears `long`, all else that Form 1040 takes `short` (a loss, as far as line 21
    allows it, saves `short`; interest deducted, too), after the netting of Schedule D. They are
    taken to hold every tax: no net investment income tax is added. Raises BookError for forms of
    two years.
    """
    if before.year != after.year:
        msg = f"forms of {before.year} and {after.year} are compared: give two of one year"
        raise BookError(msg)
    with exact():
        first, last = _Side(before), _Side(after)
        found = _at_rates(rates, first, last) if rates else _by_brackets(first, last, facts)
        return TaxEffect(
            year=before.year,
            filing_status=None if facts.missing("filing_status") else facts.filing_status(),
            short_term=Change(first.short, last.short),
            long_term=Change(first.long, last.long),
            capital_result=Change(first.result, last.result),
            taxable_income=found.change(lambda side: side.income),
            ordinary_tax=found.change(lambda side: side.ordinary),
            capital_gain_tax=found.change(lambda side: side.gain),
            net_investment_income_tax=found.change(lambda side: side.invested),
            tax=found.change(lambda side: side.total),
            rates_before=found.taxes[0].rates if found.taxes else None,
            rates_after=found.taxes[1].rates if found.taxes else None,
            carryovers={
                name: Change(amount, after.carryovers[name])
                for name, amount in before.carryovers.items()
            },
            missing=found.missing,
            notes=(*found.notes, *_not_followed(before, after)),
        )


# One side -----------------------------------------------------------------------------------------


class _Side:
    """One year's forms, as far as tax depends on them."""

    def __init__(self, forms: Forms) -> None:
        self.year = forms.year
        self.short, self.long = _line(forms, "7"), _line(forms, "15")
        self.result = forms.form_1040.get(in_force(CAPITAL_GAIN_LINE, forms.year).value, ZERO)
        self.interest = forms.schedule_a.get("9", ZERO)
        self.invested = forms.form_8960.get("12", ZERO)
        self._elected = forms.schedule_d_tax_worksheet

    @property
    def gain(self) -> Decimal:
        """Gain that is taxed lower: the smaller of lines 15 and 16, less line 4g of Form 4952."""
        if self._elected:
            return self._elected["9"]
        return max(min(self.long, self.short + self.long), ZERO)

    def dividends(self, qualified: Decimal) -> Decimal:
        """Qualified dividends, less what line 4g takes of them."""
        return self._elected["6"] if self._elected else qualified


def _line(forms: Forms, name: str) -> Decimal:
    """A line of Schedule D that is one amount, not columns; zero where it is empty."""
    amount = forms.schedule_d.get(name)
    return amount if isinstance(amount, Decimal) else ZERO


@frozen(kw_only=True)
class _Taxes:
    """One side's taxes in cents."""

    ordinary: Decimal
    gain: Decimal
    rates: Rates
    invested: Decimal | None = None
    income: Decimal | None = None

    @property
    def total(self) -> Decimal:
        return self.ordinary + self.gain + (self.invested or ZERO)


@frozen(kw_only=True)
class _Found:
    """What could be figured: the taxes without and with the what-if, or why not."""

    taxes: tuple[_Taxes, _Taxes] | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...]

    def change(self, of: Callable[[_Taxes], Decimal | None]) -> Change | None:
        if self.taxes is None:
            return None
        before, after = map(of, self.taxes)
        return None if before is None or after is None else Change(before, after)


# By the rates given -------------------------------------------------------------------------------


def _at_rates(rates: Rates, first: _Side, last: _Side) -> _Found:
    return _Found(
        taxes=(_taxed_at(rates, first), _taxed_at(rates, last)),
        notes=("figured with the rates given, which are taken to hold every tax",),
    )


def _taxed_at(rates: Rates, side: _Side) -> _Taxes:
    """What the book's own result bears, less what the interest deducted saves."""
    return _Taxes(
        ordinary=cents((side.result - side.gain - side.interest) * rates.short),
        gain=cents(side.gain * rates.long),
        rates=rates,
    )


# By brackets --------------------------------------------------------------------------------------

_NEEDED = ("filing_status", "taxable_income")


def _by_brackets(first: _Side, last: _Side, facts: Facts) -> _Found:
    year, needed = first.year, facts.missing(*_NEEDED)
    unknown = facts.missing("modified_agi") if first.invested or last.invested else ()
    missing = (*needed, *unknown)
    if needed:
        note = f"no tax is figured until {' and '.join(needed)} of {year} are stated"
        return _Found(missing=missing, notes=(note,))
    if year < INCOME_BRACKETS[0].since:
        note = f"no tax is figured: the brackets of {year} are not known to this version"
        return _Found(missing=missing, notes=(note,))
    before, after = _taxed(first, first, facts), _taxed(last, first, facts)
    notes = ["by formula: no Tax Table, alternative minimum tax, credits or state tax"]
    if year > INCOME_BRACKETS[-1].since:
        notes.append(
            f"figured with the brackets of {INCOME_BRACKETS[-1].since}: they are indexed each year,"
            " a later version of this tool will know that year's"
        )
    if unknown:
        notes.append("net investment income tax is not in it: state modified_agi")
    moved = _income(last, first, facts)
    if last.result != first.result and min(facts.amount("taxable_income"), moved) < 0:
        notes.append(
            "losses carried are figured with taxable_income as stated: it is below zero without or"
            " with the what-if, and then what is carried depends on it"
        )
    return _Found(taxes=(before, after), missing=missing, notes=tuple(notes))


def _taxed(side: _Side, before: _Side, facts: Facts) -> _Taxes:
    """The stated return, moved by what this side's forms change of it."""
    status, dividends = facts.filing_status(), facts.amount("qualified_dividends")
    income, deductions = _income(side, before, facts), facts.amount("itemized_deductions")
    if facts.truth("itemizes") and deductions:
        deductions += side.interest - before.interest
        income += cents(cut(side.year, deductions, income, status))
    tax = income_tax(side.year, status, income, side.gain + side.dividends(dividends))
    return _Taxes(
        ordinary=cents(tax.ordinary),
        gain=cents(tax.favoured),
        rates=Rates(tax.ordinary_rate, tax.favoured_rate),
        invested=_invested(side, before, facts),
        income=income,
    )


def _income(side: _Side, before: _Side, facts: Facts) -> Decimal:
    """Taxable income of this side, before the cut of section 68."""
    moved, interest = side.result - before.result, side.interest - before.interest
    return facts.amount("taxable_income") + moved - interest


def _invested(side: _Side, before: _Side, facts: Facts) -> Decimal | None:
    """Form 8960 line 17, where line 13 moves as Form 1040 does: the form has it as stated."""
    stated = facts.money("modified_agi")
    if not side.invested:
        return cents(ZERO)
    if stated is None:
        return None
    line_13 = stated + side.result - before.result
    return cents(due(side.year, side.invested, line_13, facts.filing_status())["17"])


# ----------------------------------------------------------------------------------------------


def _not_followed(before: Forms, after: Forms) -> Iterator[str]:
    """What else differs, and is not in the estimate."""
    for name in ("schedule_1", "schedule_b", "schedule_c", "funding", "section_1256_carryback"):
        if getattr(before, name) != getattr(after, name):
            yield f"{name} differs too: what that changes is not in the estimate"
