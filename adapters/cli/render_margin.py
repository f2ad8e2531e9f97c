"""Margin as text: where each account stands, how near it came, and when it was called."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.cli.render import findings_text, indented
from adapters.cli.text import price, table, usd
from projections.margin.calls_report import short_level

if TYPE_CHECKING:
    from projections.margin.calls_report import AccountCalls, MarginCalls
    from projections.margin.margin_history import MarginPoint
    from projections.margin.margin_state import Holding, MarginState


def margin_json(states: Sequence["MarginState"]) -> dict[str, Any]:
    """The states, with all findings in one list."""
    accounts = [state.to_dict() for state in states]
    return {
        "accounts": accounts,
        "findings": [finding.to_dict() for state in states for finding in state.findings],
    }


def margin_text(states: Iterable["MarginState"]) -> str:
    """Each account: a line of amounts, its positions, and the prices that matter."""
    return "\n\n".join(_margin(state) for state in states) or "No accounts."


def point_text(point: "MarginPoint") -> str:
    """One line of the history."""
    level = "-" if point.level is None else short_level(point.level)
    return (
        f"{point.position:>7}  {point.at:%Y-%m-%d %H:%M:%S}  {point.account}  equity"
        f" {usd(point.equity)} {point.currency}  debt {usd(point.debt)}  level {level}"
        f"  {point.status or 'unknown'}"
        f"  after {point.event}"
    )


def calls_text(report: "MarginCalls") -> str:
    """How near each account came, when it was called, and what the venue liquidated."""
    parts = [_calls(account) for account in report.accounts]
    if report.findings:
        parts.append(findings_text(report.findings))
    return "\n\n".join(part for part in parts if part) or "No account had a margin level."


def _margin(state: "MarginState") -> str:
    model = f", {state.model} terms" if state.model else ""
    money = "" if state.currency == "USD" else f", in {state.currency}"
    parts = [
        f"{state.account} ({state.mode}{model}{money})",
        f"  equity {usd(state.equity)}   collateral {usd(state.collateral)}"
        f"   debt {usd(state.debt)}   used margin {usd(state.used_margin)}",
        f"  {state.level_shown or 'margin level -'}   {state.status or 'unknown'}",
    ]
    if state.debts or state.positions:
        parts.append(
            f"  maintenance margin {usd(state.maintenance_margin)}   free margin"
            f" {usd(state.free_margin)}   net worth {usd(state.net_worth)}   leverage"
            f" {'-' if state.leverage is None else f'{state.leverage:.2f}x'}"
        )
        room = [
            f"{name} {usd(amount)}"
            for name, amount in (
                ("equity above call", state.above_call),
                ("above liquidation", state.above_liquidation),
                ("may still be borrowed", state.borrowable),
            )
            if amount is not None
        ]
        if room:
            parts.append("  " + "   ".join(room))
        if not state.recourse:
            parts.append(f"  isolated: it can lose {usd(state.at_risk)} and no more")
    tables = (_positions(state), _holdings(state), _thresholds(state))
    parts += [indented(shown) for shown in tables if shown]
    if state.findings:
        parts.append(findings_text(state.findings))
    return "\n".join(parts)


def _positions(state: "MarginState") -> str:
    rows = [
        (
            p.position,
            p.side,
            p.quantity,
            f"{p.asset}/{p.quote}",
            price(p.entry),
            price(p.mark),
            usd(p.unrealised),
            price(p.call_price),
            price(p.liquidation_price),
        )
        for p in state.positions
    ]
    heads = ["position", "side", "quantity", "pair", "entry", "mark", "unrealised"]
    return table([*heads, "call at", "liquidated at"], rows)


def _holdings(state: "MarginState") -> str:
    cut = any(h.counted not in (None, h.value) for h in state.holdings)
    held = [_holding(h, h.asset, cut) for h in state.holdings]
    owed = [_holding(h, f"{h.asset} owed", cut) for h in state.debts]
    heads = ["asset", "quantity", "mark", "value", *(["counted"] if cut else []), "marked at"]
    return table(heads, held + owed)


def _thresholds(state: "MarginState") -> str:
    moves = state.prices_per_day
    rows = [
        (
            asset,
            price(t.call),
            price(t.liquidation),
            *([_moved(moves[asset].liquidation)] if moves else []),
        )
        for asset, t in state.prices.items()
    ]
    heads = ["with all else equal", "call at", "liquidated at"]
    return table([*heads, *(["and a day later"] if moves else [])], rows)


def _holding(holding: "Holding", name: str, cut: bool) -> tuple[Any, ...]:
    seen = "" if holding.marked_at is None else f"{holding.marked_at:%Y-%m-%d %H:%M}"
    counted = "" if name.endswith(" owed") else usd(holding.counted)
    return (
        name,
        holding.quantity,
        price(holding.mark),
        usd(holding.value),
        *([counted] if cut else []),
        f"{seen} old" if holding.stale else seen,
    )


def _calls(account: "AccountCalls") -> str:
    lines = []
    if account.nearest is not None:
        near = account.nearest
        lines.append(
            f"nearest to liquidation: level {_level(near.level)} ({near.status})"
            f" on {near.at:%Y-%m-%d %H:%M} UTC, after {near.event}"
        )
    rows = [
        (
            call.status,
            f"{call.since:%Y-%m-%d %H:%M:%S}",
            "still" if call.until is None else f"{call.until:%Y-%m-%d %H:%M:%S}",
            _level(call.worst),
            "liquidated" if call.liquidated else "",
            call.event,
        )
        for call in account.calls
    ]
    if rows:
        heads = ["by its terms", "from", "until", "worst level", "by the venue", "began with"]
        lines.append(table(heads, rows))
    sold = [
        (
            f"{c.at:%Y-%m-%d %H:%M:%S}",
            c.asset,
            price(c.price),
            "-" if c.level is None else short_level(c.level),
            "-" if c.threshold is None else short_level(c.threshold),
            price(c.expected_price),
            {True: "agrees", False: "disagrees", None: "not known"}[c.agrees],
        )
        for c in account.liquidations
    ]
    if sold:
        heads = ["liquidated", "asset", "sold at", "level there", "its terms", "price of terms", ""]
        lines.append(table(heads, sold))
    return f"{account.account}\n{indented(chr(10).join(lines))}" if lines else ""


def _level(level: Decimal | None) -> str:
    return "beyond any" if level is None else short_level(level)


def _moved(change: Decimal | None) -> str:
    return "-" if change is None else f"{change:+,.2f}"
