"""Transfers as text for people."""

from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.cli.decided import changed_text
from adapters.cli.text import table
from projections.report import instant
from projections.transfers.transfer_pairs import duration

if TYPE_CHECKING:
    from adapters.found_links import FoundLinks
    from adapters.import_result import ImportResult
    from projections.transfers.transfers import TransfersReport, UnpairedLeg


def transfers_text(report: "TransfersReport") -> str:
    """Linked ones, pairs that were found, and legs that stand alone with what is near them."""
    linked = [
        (one.out, one.into, one.asset, one.sent, one.arrived, _apart(one.apart), one.note)
        for one in report.linked
    ]
    pairs = [
        (one.out, one.into, one.asset, one.sent, one.arrived, _apart(one.apart), one.rule)
        for one in report.pairs
    ]
    alone = [row for leg in report.unpaired for row in _alone(leg)]
    heads = ["out", "into", "asset", "sent", "arrived", "apart"]
    parts = []
    for title, columns, rows in (
        ("Linked", [*heads, "note"], linked),
        ("Found, not linked: `marginbook link --found` links them", [*heads, "rule"], pairs),
        ("Alone", ["leg", "", "at", "asset", "quantity", "near it", "quantity", "apart"], alone),
    ):
        if rows:
            parts += [f"{title}\n{table(columns, rows)}"]
    return "\n\n".join(parts) or "No leg of a transfer: nothing left one account for another."


def found_links_text(links: "FoundLinks") -> str:
    """What was linked, and what moved."""
    if not links.linked:
        return (
            "No pair is found that is not linked: `marginbook transfers` lists what stands alone."
        )
    said = "Would link" if links.dry_run else "Linked"
    parts = [f"{said} {link.out} and {link.into}: {link.note}." for link, _ in links.linked]
    parts += changed_text(links.changed) or ["No figure, lot or finding is another one now."]
    end = "A dry run: nothing was recorded." if links.dry_run else f"head {links.head}"
    return "\n".join([*parts, end])


def linked_text(result: "ImportResult") -> list[str]:
    """What an import linked, and what it took back."""
    word = "would link" if result.dry_run else "linked"
    lines = [
        f"{word} {one.out} and {one.into}: one transfer, by {one.rule.replace('_', ' ')}"
        for one in result.linked
    ]
    parted = "would no longer link" if result.dry_run else "no longer linked"
    return lines + [f"{parted} {one.out} and {one.into}: {one.reason}" for one in result.parted]


def _alone(leg: "UnpairedLeg") -> list[tuple[object, ...]]:
    """A row for the leg with its nearest candidate, and one for each further one."""
    word = "left" if leg.direction == "out" else "came"
    first = (leg.leg, word, instant(leg.at), leg.asset, leg.quantity)
    near = [(one.leg, one.quantity, _apart(one.apart)) for one in leg.candidates]
    rows: list[tuple[object, ...]] = [(*first, *(near[0] if near else ("", "", "")))]
    return rows + [("", "", "", "", "", *further) for further in near[1:]]


def _apart(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return f"{'-' if seconds < 0 else ''}{duration(timedelta(seconds=seconds))}"
