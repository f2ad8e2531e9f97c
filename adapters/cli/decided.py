"""A decision as text for people: what was recorded, for what it counts, what it changed."""

from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.cli.render import findings_text
from adapters.cli.text import table, usd
from adapters.references import full_name
from adapters.wire import name_of

if TYPE_CHECKING:
    from adapters.decision import Decision
    from projections.changes import Changed, MovedFigure

_SHOWN = 20
"""Lots printed before `--json` is the better way."""

_FORMS = {
    "schedule_d": "Schedule D line",
    "form_4952": "Form 4952 line",
    "form_6781": "Form 6781 line",
    "schedule_1": "Schedule 1 line",
    "carryovers": "carried on,",
}


def decision_text(decision: "Decision") -> str:
    """What was recorded, and what moved."""
    recorded = decision.recorded
    what = f"{full_name(recorded)} ({name_of(type(recorded.event))})"
    if decision.known:
        return f"Known already: {what}, at position {recorded.position}. Nothing changed."
    parts = [f"Recorded {what} at position {recorded.position}: {decision.counts}."]
    parts += changed_text(decision.changed) or ["No figure, lot or finding is another one now."]
    return "\n".join([*parts, f"head {decision.head}"])


def changed_text(changed: "Changed") -> list[str]:
    """What moved, in paragraphs; none where nothing did."""
    parts = []
    figures = [row for moved in changed.figures for row in _columns(moved)]
    if figures:
        parts += ["", "Figures", table(["year", "line", "before", "after"], figures)]
    if changed.lots:
        lots = [
            (f"{m.account} {m.position}".rstrip(), m.asset, m.lot, m.before or "-", m.after or "-")
            for m in changed.lots[:_SHOWN]
        ]
        heads = ["account", "asset", "lot", "before", "after"]
        parts += ["", "Open lots", table(heads, lots)]
        more = len(changed.lots) - _SHOWN
        parts += [f"... and {more} lots more: --json"] if more > 0 else []
    for title, found in (("No longer found", changed.gone), ("Found now", changed.came)):
        if found:
            parts += ["", title, findings_text(found)]
    return parts


def _columns(moved: "MovedFigure") -> list[tuple[object, ...]]:
    """One row for an amount; for a line with columns, one for each column that moved."""
    name = f"{_FORMS[moved.form]} {moved.line.replace('_', ' ')}"
    before, after = moved.before, moved.after
    if isinstance(before, Decimal) or isinstance(after, Decimal):
        assert not isinstance(before, dict) and not isinstance(after, dict)  # noqa: S101, PT018
        return [(moved.year, name, usd(before), usd(after))]  # type: ignore[arg-type]
    was, now = before or {}, after or {}
    return [
        (moved.year, f"{name} {column}", usd(was.get(column)), usd(now.get(column)))
        for column in now or was
        if (was.get(column) or 0) != (now.get(column) or 0)
    ]
