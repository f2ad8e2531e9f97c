"""Another country's tax year as a report: disposals, what is left in the pools, what is taxable."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.money import cents
from projections.findings import Finding
from projections.report import Report, money, to_json
from projections.tax.gains import CountryDisposal


@frozen
class Span:
    """A tax year's first and last day."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@frozen(kw_only=True)
class PoolLeft:
    """What is left of an asset at the year's end, and its total cost: exact here, cents in JSON.

    `account` names the wallet where the law keeps one pool or queue for each. `missing` says that
    nobody has stated the cost of some of it.
    """

    asset: str
    quantity: Decimal
    cost: Decimal
    account: str = ""
    printed: Decimal | None = None
    missing: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The pool as JSON values; what does not apply is left out."""
        exact = {"cost": to_json(self.cost)}
        more = {"account": self.account, "printed": self.printed, "missing": self.missing}
        applies = {name: value for name, value in more.items() if value not in ("", None)}
        return {
            "asset": self.asset,
            "quantity": to_json(self.quantity),
            "cost": money(cents(self.cost)),
            "exact": exact,
            **{name: to_json(value) for name, value in applies.items()},
        }


@frozen(kw_only=True)
class Figures:
    """What one tax year comes to under a country's law. Amounts are the book's currency, in cents.

    `net` is signed; `taxable` is what tax is figured on, never below zero (what comes off it
    elsewhere, docs/other-countries.md says). `amounts` are the country's own further figures.
    """

    year: int
    country: str
    span: Span
    currency: str
    disposals: tuple[CountryDisposal, ...]
    pools: tuple[PoolLeft, ...]
    net: Decimal
    taxable: Decimal
    amounts: Mapping[str, Decimal]
    policies: Mapping[str, str]
    findings: tuple[Finding, ...]


@frozen(kw_only=True)
class CountryYear(Report):
    """A country's tax year of one book. `head`, `known` and `clock` as in the US tax year."""

    figures: Figures
    zone: str
    head: Any
    known: int
    clock: str

    @property
    def unreliable(self) -> bool:
        """Whether a finding makes a figure unreliable."""
        return any(finding.severity == "error" for finding in self.figures.findings)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        figures = self.figures
        return {
            "year": figures.year,
            "country": figures.country,
            "tax_year": {"from": to_json(figures.span.first), "to": to_json(figures.span.last)},
            "currency": figures.currency,
            "unreliable": self.unreliable,
            "zone": self.zone,
            "policies": dict(figures.policies),
            "head": to_json(self.head),
            "known": self.known,
            "clock": self.clock,
            "disposals": to_json(figures.disposals),
            "pools": to_json(figures.pools),
            "net": money(figures.net),
            "taxable": money(figures.taxable),
            **money(figures.amounts),
            "findings": to_json(figures.findings),
        }


def found_by(instant: datetime, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of what happened by then, and of what has no time."""
    return tuple(found for found in findings if found.at is None or found.at <= instant)
