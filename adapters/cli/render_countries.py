"""Another country's tax year as text: the disposals, what is left, what is taxable."""

from typing import TYPE_CHECKING

from adapters.cli.render import findings_text
from adapters.cli.text import table, usd
from domain.money import cents, plain

if TYPE_CHECKING:
    from projections.tax.country_year import CountryYear
    from projections.tax.gains import CountryDisposal

_SHOWN = 60
"""Rows printed before `--json` or `--out` is the better way."""


def country_text(report: "CountryYear") -> str:
    """The year: disposals with what they were matched with, pools, totals, what is doubtful."""
    figures = report.figures
    span = f"{figures.span.first} to {figures.span.last}"
    parts = [
        f"Tax year {figures.year} ({span}), country {figures.country}, {figures.currency},"
        f" zone {report.zone}"
    ]
    if report.unreliable:
        parts.append("UNRELIABLE: an error below makes a figure wrong until it is settled")
    parts += ["", "Disposals", _disposals_text(report)]
    left = [
        (p.asset, p.account, p.quantity, usd(cents(p.cost)) + ("?" if p.missing else ""))
        for p in figures.pools
    ]
    parts += ["", "Left", table(["asset", "account", "quantity", "cost"], left) or "nothing"]
    totals = {"net": figures.net, "taxable": figures.taxable, **figures.amounts}
    rows = [(name.replace("_", " "), usd(amount)) for name, amount in totals.items()]
    parts += ["", "Totals", table(["what", "amount"], rows)]
    if figures.findings:
        parts += ["", "Findings", findings_text(figures.findings)]
    policies = ", ".join(f"{name} {value}" for name, value in figures.policies.items())
    parts += ["", f"Policies: {policies}", f"Log head {report.head}"]
    if report.known < report.head.position:
        parts.append(f"As it was known at position {report.known}; later entries do not count.")
    if report.clock != "system":
        parts.append(f"Some events were recorded under {report.clock}.")
    return "\n".join(parts)


def _disposals_text(report: "CountryYear") -> str:
    disposals = report.figures.disposals
    rows = [
        (
            disposal.sold,
            disposal.asset,
            disposal.quantity,
            usd(disposal.proceeds),
            usd(disposal.cost) + ("?" if disposal.of.missing else ""),
            usd(disposal.gain),
            "" if disposal.taxed else "not counted",
            _matched_text(disposal),
        )
        for disposal in disposals[:_SHOWN]
    ]
    heads = ["sold", "asset", "quantity", "proceeds", "cost", "gain", "", "matched"]
    if not rows:
        return "none"
    more = len(disposals) - _SHOWN
    rest = f"\n... and {more} more: --json or --out DIR" if more > 0 else ""
    return table(heads, rows) + rest


def _matched_text(disposal: "CountryDisposal") -> str:
    parts = [
        f"{plain(part.quantity)} {part.rule}" + (f" {part.acquired}" if part.acquired else "")
        for part in disposal.of.matched
    ]
    if disposal.denied:
        parts.append(f"loss of {usd(disposal.denied)} denied")
    return ", ".join(parts)
