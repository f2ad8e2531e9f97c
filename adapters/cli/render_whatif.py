"""What-ifs as text for people: what would be left and taxed, and what margin comes to."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.cli.render import findings_text, indented
from adapters.cli.render_margin import margin_text
from adapters.cli.text import price, table, usd
from domain.money import plain
from projections.amounts import total

if TYPE_CHECKING:
    from projections.margin.margin_state import MarginState
    from projections.tax.us.estimate import Change, TaxEffect
    from projections.whatif.supposed import WhatIf

_SHOWN = 4
"""Lots of a method that are named in a table."""


def whatif_text(report: "WhatIf") -> str:
    """The events, the outcome, the disposals, the tax, the collateral and the margin after."""
    parts = [
        f"WHAT IF: {report.kind} on {report.at:%Y-%m-%d %H:%M} UTC. Nothing is recorded.",
        *(["UNRELIABLE: an error below makes a figure wrong"] if report.unreliable else []),
        "",
        "What would happen",
        indented("\n".join(_event(event) for event in report.events) or "nothing"),
        "",
        "What would be left",
        indented(_outcomes(report)),
    ]
    if report.disposals:
        short, long = report.taxable
        rows = [
            (
                r.description,
                r.of.lot,
                r.acquired or "?",
                usd(r.proceeds),
                usd(r.basis) + ("?" if r.of.missing else ""),
                usd(r.gain),
                r.term,
            )
            for r in report.disposals
        ]
        heads = ["description", "lot", "acquired", "proceeds", "basis", "gain", "term"]
        parts += ["", f"Disposals ({report.method})", indented(table(heads, rows))]
        parts.append(
            f"  taxable {usd(short + long)}: short-term {usd(short)}, long-term {usd(long)}"
        )
        parts += ["", "By method (spec_id: the book's own)", indented(_methods(report))]
    parts += ["", f"Tax of {report.tax.year}, estimated", indented(_tax(report.tax))]
    if report.collateral:
        parts += [
            "",
            "Collateral before it, should it be liquidated",
            indented(_collateral(report)),
        ]
    parts += ["", "Margin before and after", indented(_before_and_after(report))]
    parts += ["", "Margin after", margin_text(report.after)]
    of_margin = {finding for state in report.after for finding in state.findings}
    others = [finding for finding in report.findings if finding not in of_margin]
    if others:
        parts += ["", findings_text(others)]
    return "\n".join(parts)


def _event(event: dict[str, Any]) -> str:
    words = [
        event["type"],
        event.get("side", ""),
        plain(Decimal(event.get("quantity", "0"))),
        event.get("asset", ""),
    ]
    if "price" in event:
        words.append(f"@ {price(Decimal(event['price']))} {event['quote']}")
    costs = {name: Decimal(event.get(name, "0")) for name in ("fee", "penalty", "interest")}
    words += [f"{name} {plain(amount)}" for name, amount in costs.items() if amount]
    if "position" in event:
        words.append(f"position {event['position']}")
    return "  ".join(word for word in [event["account"], *words] if word)


def _outcomes(report: "WhatIf") -> str:
    rows = [
        (
            one.account,
            usd(one.net_worth),
            usd(one.equity_left),
            usd(one.result),
            usd(one.fees),
            usd(one.penalty),
            "" if one.shortfall == 0 else usd(one.shortfall),
        )
        for one in report.outcomes
    ]
    heads = ["account", "net worth", "left", "result", "fees", "penalty", "the venue bears"]
    return table(heads, rows)


def _before_and_after(report: "WhatIf") -> str:
    rows = [
        (
            state.account if when == "before" else "",
            when,
            usd(state.equity),
            state.level_shown or "-",
            state.status or "unknown",
            usd(state.free_margin),
            *_liquidated_at(state),
        )
        for pair in zip(report.before, report.after, strict=True)
        for when, state in zip(("before", "after"), pair, strict=True)
    ]
    heads = ["account", "", "equity", "level", "status", "free margin", "liquidated at"]
    return table(heads, rows)


def _liquidated_at(state: "MarginState") -> tuple[str]:
    reached = ((asset, at.liquidation) for asset, at in state.prices.items())
    return (", ".join(f"{asset} {price(at)}" for asset, at in reached if at is not None),)


def _methods(report: "WhatIf") -> str:
    gains = {(method.short_term, method.long_term) for method in report.methods}
    if len(gains) == 1:
        return "every method takes the same gain"
    rows = [
        (
            method.method,
            usd(method.short_term),
            usd(method.long_term),
            usd(method.short_term + method.long_term),
            ", ".join(f"{plain(part.quantity)} of {part.lot}" for part in method.lots[:_SHOWN])
            + (" ..." if len(method.lots) > _SHOWN else ""),
        )
        for method in report.methods
    ]
    return table(["method", "short-term", "long-term", "gain", "takes"], rows)


def _tax(effect: "TaxEffect") -> str:
    lines = [
        f"Schedule D: short-term {_moved(effect.short_term)}, long-term {_moved(effect.long_term)}"
    ]
    if effect.tax is not None:
        change = effect.tax.change
        word = "more" if change > 0 else "less"
        told = f"{usd(abs(change))} {word}" if change else "unchanged"
        lines.append(f"federal income tax: {told} ({_moved(effect.tax)})")
    carried = [
        f"{name.replace('_', ' ')} {_moved(moved)}"
        for name, moved in effect.carryovers.items()
        if moved.change
    ]
    if carried:
        lines.append(f"carried to {effect.year + 1}: {', '.join(carried)}")
    return "\n".join([*lines, *effect.notes])


def _moved(change: "Change") -> str:
    return f"{usd(change.before)} -> {usd(change.after)}"


def _collateral(report: "WhatIf") -> str:
    rows = [
        (
            lot.account,
            lot.asset,
            lot.lot,
            lot.acquired or "?",
            lot.quantity,
            usd(lot.basis),
            price(lot.mark),
            usd(lot.unrealised),
            price(lot.liquidation_price),
            usd(lot.gain),
            lot.term,
        )
        for lot in report.collateral
    ]
    heads = ["account", "asset", "lot", "acquired", "quantity", "basis", "mark", "unrealised"]
    text = table([*heads, "liquidated at", "gain then", "term"], rows)
    whole = total(lot.gain for lot in report.collateral)
    return f"{text}\ntaxable if all of it is sold at these prices: {usd(whole)}"
