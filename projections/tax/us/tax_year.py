"""The tax year as a report: the forms, the rows, and everything that the figures stand on."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.methods import LAWFUL
from domain.money import exact
from projections.findings import Finding
from projections.liquidation import Liquidation
from projections.report import money, to_json
from projections.tax.us.broker_reports import Reconciled
from projections.tax.us.form8949 import Row, whole_dollars
from projections.tax.us.schedule_d import Line


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
    reconciliation: tuple[Reconciled, ...] = ()
    interest_payments: tuple[int, ...] = ()
    """Log positions of what line 1 of Form 4952 adds up."""


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
    liquidations: tuple[Liquidation, ...] = ()
    """Those that began in the year: what each cost its owner beside what is taxed."""

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
            "form_4952": money(forms.form_4952),
            "form_6781": money(forms.form_6781),
            "schedule_1": money(forms.schedule_1),
            "carryovers": money(forms.carryovers),
            "reconciliation": to_json(forms.reconciliation),
            "liquidations": [liquidation.to_dict() for liquidation in self.liquidations],
            "findings": to_json(forms.findings),
        }


def _rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as JSON values, each with its columns in whole dollars."""
    with exact():
        dollars = list(whole_dollars(rows))
    return [
        {**row.to_dict(), "dollars": money(whole)} for row, whole in zip(rows, dollars, strict=True)
    ]
