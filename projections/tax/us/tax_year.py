"""The tax year as a report: the forms, the rows, and everything that the figures stand on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from attrs import frozen

from domain.methods import LAWFUL
from domain.money import exact
from domain.price import RULES, Chosen
from projections.findings import Finding
from projections.liquidation import Liquidation
from projections.report import money, to_json
from projections.tax.us.broker_reports import Reconciled
from projections.tax.us.form8949 import Row, whole_dollars
from projections.tax.us.schedule_d import Line

NOTHING: Mapping[str, Any] = MappingProxyType({})


@frozen(kw_only=True)
class Forms:
    """One year's forms but for the rows of Form 8949, by the forms' own line names, in cents."""

    year: int
    method: str
    schedule_d: Mapping[str, Line]
    form_4952: Mapping[str, Decimal]
    form_6781: Mapping[str, Decimal]
    schedule_1: Mapping[str, Decimal]
    carryovers: Mapping[str, Decimal]
    findings: tuple[Finding, ...]
    schedule_d_dollars: Mapping[str, Line] = NOTHING
    """Schedule D in whole dollars, rounded from unrounded sums."""
    reconciliation: tuple[Reconciled, ...] = ()
    """Brokers' reports of the year beside the book."""
    liquidations: tuple[Liquidation, ...] = ()
    """The year's liquidations, each with what it cost and what is taxed."""
    schedule_a: Mapping[str, Decimal] = NOTHING
    schedule_b: Mapping[str, Decimal] = NOTHING
    schedule_c: Mapping[str, Decimal] = NOTHING
    form_8960: Mapping[str, Decimal] = NOTHING
    form_1040: Mapping[str, Decimal] = NOTHING
    schedule_d_answers: Mapping[str, bool] = NOTHING
    """Yes or no on lines 17, 20 and 22, where the form asks."""
    schedule_d_tax_worksheet: Mapping[str, Decimal] = NOTHING
    """Lines 2 to 10, where gain was elected on Form 4952 line 4g."""
    section_1256_carryback: Mapping[str, Decimal] = NOTHING
    """What each earlier year absorbs of this year's section 1256 loss."""
    funding: Mapping[str, Decimal] = NOTHING
    """Funding received and paid, both above zero, where it stands apart from capital results."""
    behind: Mapping[str, tuple[int, ...]] = NOTHING
    """Log positions of what a figure adds up, such as `form_4952:1`, `schedule_1:8v`."""
    priced: Mapping[str, tuple[Chosen, ...]] = NOTHING
    """The observed prices that such a figure stands on."""


@frozen(kw_only=True)
class TaxYear:
    """A US tax year under one method.

    `method` spec_id is the book's lawful treatment; any other is a replay, and its rows say where
    it differs from what was elected in time. `head` is the log it was made from, `known` the
    position up to which it was read; `clock` says whether any of its events were recorded under
    SOURCE_DATE_EPOCH.
    """

    forms: Forms
    rows: tuple[Row, ...]
    zone: str
    policies: Mapping[str, str]
    head: Any
    known: int
    clock: str

    @property
    def year(self) -> int:
        return self.forms.year

    @property
    def method(self) -> str:
        return self.forms.method

    @property
    def what_if(self) -> bool:
        """Whether any row stands on a method that was not in force."""
        return self.method != LAWFUL and any("what-if" in row.of.identified for row in self.rows)

    @property
    def unreliable(self) -> bool:
        """Whether a finding makes a figure unreliable."""
        return any(finding.severity == "error" for finding in self.forms.findings)

    def prices(self) -> list[dict[str, Any]]:
        """By which rule prices were chosen, how often: rows of Form 8949, amounts of other lines.

        A row counts by the weakest of its prices, or as `own_fill` where its events told all.
        """
        rows = Counter(row.price_rule for row in self.rows)
        lines = Counter(chosen.rule for each in self.forms.priced.values() for chosen in each)
        return [
            {"rule": rule, "count": rows[rule] + lines[rule], "rows": rows[rule]}
            for rule in RULES
            if rows[rule] or lines[rule]
        ]

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        forms = self.forms
        return {
            "year": forms.year,
            "method": forms.method,
            "what_if": self.what_if,
            "unreliable": self.unreliable,
            "zone": self.zone,
            "policies": dict(self.policies),
            "head": to_json(self.head),
            "known": self.known,
            "clock": self.clock,
            "form_8949": _rows(self.rows),
            "schedule_d": money(forms.schedule_d),
            "schedule_d_dollars": money(forms.schedule_d_dollars),
            "form_4952": money(forms.form_4952),
            "form_6781": money(forms.form_6781),
            "schedule_1": money(forms.schedule_1),
            "schedule_a": money(forms.schedule_a),
            "schedule_b": money(forms.schedule_b),
            "schedule_c": money(forms.schedule_c),
            "form_8960": money(forms.form_8960),
            "form_1040": money(forms.form_1040),
            "schedule_d_answers": dict(forms.schedule_d_answers),
            "schedule_d_tax_worksheet": money(forms.schedule_d_tax_worksheet),
            "section_1256_carryback": money(forms.section_1256_carryback),
            "funding": money(forms.funding),
            "carryovers": money(forms.carryovers),
            "reconciliation": to_json(forms.reconciliation),
            "liquidations": [liquidation.to_dict() for liquidation in forms.liquidations],
            "prices": self.prices(),
            "findings": to_json(forms.findings),
        }


def _rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as JSON values, each with its columns in whole dollars."""
    with exact():
        dollars = list(whole_dollars(rows))
    return [
        {**row.to_dict(), "dollars": money(whole)} for row, whole in zip(rows, dollars, strict=True)
    ]
