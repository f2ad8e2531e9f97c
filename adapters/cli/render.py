"""Reports as text for people: what matters first, every amount with its name."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.cli.losses import losses_text
from adapters.cli.text import table, usd
from domain.money import ZERO, cents, plain

if TYPE_CHECKING:
    from adapters.explaining import Explanation
    from projections.balances import BalancesReport
    from projections.findings import Finding
    from projections.inventory import LotsReport
    from projections.tax.us.compare import Comparison
    from projections.tax.us.form8949 import Row
    from projections.tax.us.schedule_d import Line
    from projections.tax.us.tax_year import TaxYear

_SHOWN = 60
"""Rows printed before `--json` or `--out` is the better way."""


def findings_text(found: Iterable["Finding"]) -> str:
    """Findings as a colleague would tell them."""
    lines = []
    for finding in found:
        what = " ".join(w for w in (finding.account, finding.event) if w)
        hint = f"\n    {finding.hint}" if finding.hint else ""
        lines.append(f"{finding.severity:7} {finding.kind}  {what}: {finding.problem}{hint}")
    return "\n".join(lines)


def balances_text(report: "BalancesReport") -> str:
    """What is held and owed."""
    heads = ["account", "asset", "held", "owed", "interest_owed", "in_positions"]
    rows = [[getattr(balance, name) for name in heads] for balance in report.balances]
    parts = [table(heads, rows) or "No balances."]
    if report.findings:
        parts.append(findings_text(report.findings))
    return "\n".join(parts)


def lots_text(report: "LotsReport") -> str:
    """Open lots and shorts."""
    lots = [
        (
            lot.account,
            lot.asset,
            lot.lot,
            lot.acquired or "?",
            lot.quantity,
            usd(None if lot.basis is None else cents(lot.basis)),
            lot.position,
        )
        for lot in report.lots
    ]
    shorts = [
        (
            short.account,
            short.asset,
            short.opened,
            short.quantity,
            usd(None if short.proceeds is None else cents(short.proceeds)),
            "covered" if short.covered else "",
            short.position,
        )
        for short in report.shorts
    ]
    parts = [f"Open lots under {report.method}"]
    heads = ["account", "asset", "lot", "acquired", "quantity", "basis", "position"]
    parts.append(table(heads, lots) or "none")
    if shorts:
        heads = ["account", "asset", "opened", "quantity", "proceeds", "", "position"]
        parts += ["", "Open shorts", table(heads, shorts)]
    return "\n".join(parts)


def tax_text(report: "TaxYear") -> str:
    """The year: rows, totals, interest, what is carried, and what is doubtful."""
    forms = report.forms
    label = "  WHAT-IF: this method was not elected in time" if report.what_if else ""
    parts = [f"Tax year {forms.year}, method {forms.method}, zone {report.zone}{label}"]
    if report.unreliable:
        parts.append("UNRELIABLE: an error below makes a figure wrong until it is settled")
    parts += ["", "Form 8949", _rows_text(report)]
    parts += ["", "Schedule D", _schedule_text(forms.schedule_d)]
    for name, lines in (
        ("Form 4952", forms.form_4952),
        ("Form 6781", forms.form_6781),
        ("Form 8960", forms.form_8960),
        ("Form 1040", forms.form_1040),
        ("Schedule 1", forms.schedule_1),
        ("Schedule A", forms.schedule_a),
        ("Schedule B", forms.schedule_b),
        ("Schedule C", forms.schedule_c),
        ("Schedule D Tax Worksheet", forms.schedule_d_tax_worksheet),
        ("Section 1256 loss carried back to", forms.section_1256_carryback),
        ("Funding", forms.funding),
    ):
        if lines:
            rows = [(line, usd(amount)) for line, amount in lines.items() if amount]
            parts += ["", name, table(["line", "amount"], rows)]
    if forms.liquidations:
        parts += ["", "Liquidations", losses_text(forms.liquidations)]
    carried = [(n.replace("_", " "), usd(a)) for n, a in forms.carryovers.items() if a]
    if carried:
        parts += ["", f"Carried to {forms.year + 1}", table(["what", "amount"], carried)]
    if forms.reconciliation:
        parts += ["", "Brokers' forms beside the book", _reconciled_text(report)]
    if forms.findings:
        parts += ["", "Findings", findings_text(forms.findings)]
    policies = ", ".join(f"{name} {value}" for name, value in report.policies.items())
    parts += ["", f"Policies: {policies}", f"Log head {report.head}"]
    if report.known < report.head.position:
        parts.append(f"As it was known at position {report.known}; later entries do not count.")
    if report.clock != "system":
        parts.append(f"Some events were recorded under {report.clock}.")
    return "\n".join(parts)


def _rows_text(report: "TaxYear") -> str:
    coded = any(row.code for row in report.rows)
    heads = ["row", "box", "description", "acquired", "sold", "proceeds", "basis"]
    heads += [*(["(f)", "(g)"] if coded else []), "gain", "term", ""]
    text = table(heads, [_row(row, coded) for row in report.rows[:_SHOWN]]) or "no disposals"
    more = len(report.rows) - _SHOWN
    if more > 0:
        text += f"\n... and {more} rows more: --json or --out DIR"
    return "\n".join([text, *_identified_text(report.rows)])


def _identified_text(rows: "Sequence[Row]") -> list[str]:
    """How the lots of rows were identified, and whether that is adequate, alike ones together."""
    said: dict[str, list[int]] = {}
    for row in rows:
        said.setdefault(row.of.identified, []).append(row.row)
    return [
        f"row{'s' if len(numbers) > 1 else ''} {_ranges(numbers)}: {words}"
        for words, numbers in said.items()
    ]


def _ranges(numbers: list[int]) -> str:
    """1-3, 5 of 1, 2, 3, 5."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    shown = ["-".join(map(str, part)) for part in parts[:8]]
    return ", ".join(shown) + (", ..." if len(parts) > 8 else "")


def _row(row: "Row", coded: bool) -> tuple[Any, ...]:
    basis = usd(row.basis) + ("?" if row.of.missing else "")
    columns = (row.row, row.box, row.description, row.acquired or "?", row.sold)
    codes = (row.code, usd(row.adjustment) if row.code else "") if coded else ()
    return (*columns, usd(row.proceeds), basis, *codes, usd(row.gain), row.term, row.of.kind)


def _reconciled_text(report: "TaxYear") -> str:
    rows = [
        (
            line.report,
            line.form,
            line.disposal or line.asset,
            line.sold or "year",
            usd(line.reported.proceeds),
            usd(line.book.proceeds),
            usd(line.reported.basis),
            usd(line.book.basis),
            line.code,
            line.status,
        )
        for line in report.forms.reconciliation
    ]
    heads = ["report", "form", "of", "sold", "proceeds", "in the book", "basis", "in the book"]
    return table([*heads, "code", ""], rows)


def _schedule_text(lines: "dict[str, Line] | Any") -> str:
    rows = []
    for line, amount in lines.items():
        if isinstance(amount, Decimal):
            rows.append((line, "", "", usd(amount)))
        else:
            rows.append((line, usd(amount["proceeds"]), usd(amount["basis"]), usd(amount["gain"])))
    return table(["line", "proceeds", "basis", "gain or loss"], rows) or "empty"


def comparison_text(report: "Comparison") -> str:
    """The methods side by side, and what each took where they differ."""
    totals = [
        (name, usd(t.short_term), usd(t.long_term), usd(t.total), t.rows, t.label)
        for name, t in report.methods.items()
    ]
    heads = ["method", "short-term", "long-term", "total", "rows", ""]
    parts = [f"Tax year {report.year}, before carryovers and other forms", table(heads, totals)]
    rows = [
        (
            d.disposal,
            d.sold,
            d.asset,
            name,
            ", ".join(f"{plain(part.quantity)} of {part.lot or '?'}" for part in taken),
            usd(sum((part.gain for part in taken), ZERO)),
        )
        for d in report.differences[:_SHOWN]
        for name, taken in d.methods.items()
    ]
    if rows:
        heads = ["disposal", "sold", "asset", "method", "took", "gain"]
        parts += ["", "Disposals that differ", table(heads, rows)]
    more = len(report.differences) - _SHOWN
    if more > 0:
        parts.append(f"... and {more} disposals more: --json")
    if report.findings:
        parts += ["", "Findings", findings_text(report.findings)]
    return "\n".join(parts)


def explanation_text(explanation: "Explanation") -> str:
    """Why: the rule, the law, the lots, the events and the rows of the files."""
    why = explanation.because
    parts = [f"{why.figure} = {why.value}", "", "Because", *_wrapped(why.rule)]
    parts += ["", "Law", *(f"  {source}" for source in why.law)]
    heads = ["lot", "acquired", "quantity", "basis"]
    if why.candidates:
        rows = [(c.lot, c.acquired or "?", c.quantity, usd(c.basis)) for c in why.candidates]
        parts += ["", "Open lots before it, first in order first", indented(table(heads, rows))]
    if why.chosen:
        chosen = [
            (c.row or "", c.lot or "none", c.acquired or "?", plain(c.quantity), usd(c.basis))
            for c in why.chosen
        ]
        parts += ["", "What it took", indented(table(["row", *heads], chosen))]
    if why.priced:
        heads = ["of", "asset", "price", "observed", "rule", "source"]
        prices = [
            (
                of,
                c.asset,
                plain(c.price.price),
                f"{c.price.at:%Y-%m-%d %H:%M}",
                c.rule,
                c.price.source,
            )
            if c.price
            else (of, c.asset, "?", "", c.rule, "")
            for of, c in why.priced
        ]
        parts += ["", "Prices", indented(table(heads, prices))]
    evidence = [
        (
            e.position,
            e.type,
            e.id,
            "" if e.source is None else f"{e.source.file}:{e.source.line}",
            "" if e.source is None else e.source.sha256[:12],
        )
        for e in explanation.events
    ]
    if evidence:
        heads = ["position", "event", "id", "source row", "sha256"]
        parts += ["", "Events", indented(table(heads, evidence))]
    return "\n".join(parts)


def _wrapped(rule: str) -> list[str]:
    return [f"  {part}" for part in rule.split("; ")]


def indented(text: str) -> str:
    """The text, each line two spaces in."""
    return "\n".join(f"  {line}" for line in text.splitlines())
