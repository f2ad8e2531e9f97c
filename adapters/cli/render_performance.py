"""Performance as text: what is there, where it came from, and what it is worth as a return."""

from collections.abc import Iterator
from decimal import Decimal
from textwrap import indent
from typing import TYPE_CHECKING

from adapters.cli.render import findings_text
from adapters.cli.text import percent, price, table, usd

if TYPE_CHECKING:
    from projections.performance.results import AccountResult, PerformanceReport, TotalResult

_ACCOUNTS = ("account", "net_worth", "deposited", "withdrawn", "profit", "realised", "unrealised")
_CURVE = ("net_worth", "net_flows", "profit", "debt")


def performance_text(report: "PerformanceReport") -> str:
    """The whole first, then its parts; a dash where a price is missing."""
    if report.since is None or report.until is None:
        return "Nothing happened."
    total = report.total
    parts = [
        f"PERFORMANCE {report.since:%Y-%m-%d %H:%M} to {report.until:%Y-%m-%d %H:%M} UTC"
        f", {total.account}, in {report.currency}",
        table(["own capital", ""], _capital(total)),
        table(["profit", ""], _profit(total)),
        table(["return on own capital", "", ""], _returns(total)),
    ]
    if len(report.accounts) > 1:
        heads = [name.replace("_", " ") for name in _ACCOUNTS]
        rows = [[account.account, *_amounts(account)] for account in report.accounts]
        parts.append(table(heads, rows))
        if total.assets:
            parts.append(f"all accounts as one\n{indent(_assets(total), '  ')}")
    parts += [f"{a.account}\n{indent(_parts(a), '  ')}" for a in report.accounts if _parts(a)]
    if report.curve:
        rows = [
            [f"{point.at:%Y-%m-%d %H:%M:%S}", *(usd(getattr(point, name)) for name in _CURVE)]
            for point in report.curve
        ]
        parts.append(table(["equity curve (UTC)", *(n.replace("_", " ") for n in _CURVE)], rows))
    if report.findings:
        parts.append(findings_text(report.findings))
    return "\n\n".join(parts)


def _capital(total: "TotalResult") -> Iterator[tuple[str, str]]:
    yield "net worth before", usd(total.net_worth_before)
    yield "deposited", usd(total.deposited)
    yield "withdrawn", usd(_less(total.withdrawn))
    yield "profit", usd(total.profit)
    yield "net worth", usd(total.net_worth)


def _profit(total: "TotalResult") -> Iterator[tuple[str, str]]:
    """What the profit is the sum of; lines without an amount are left out."""
    lines = (
        ("realised", total.realised),
        ("unrealised", total.unrealised),
        ("unrealised before", _less(total.unrealised_before)),
        ("income", total.income),
        ("debt forgiven", total.forgiven),
        ("funding", total.funding),
        ("fees", _less(total.fees)),
        ("interest", _less(total.interest)),
        ("penalties", _less(total.penalties)),
    )
    for name, amount in lines:
        if amount != 0 or name in ("realised", "unrealised"):
            yield name, usd(amount)
    yield "profit", usd(total.profit)
    if total.interest_paid != 0 or total.interest_owed != 0:
        yield "(interest paid)", usd(total.interest_paid)
        yield "(interest owed)", usd(total.interest_owed)


def _returns(total: "TotalResult") -> Iterator[tuple[str, str, str]]:
    reasons = total.reasons
    by_time, by_money = reasons.get("time_weighted", ""), reasons.get("money_weighted", "")
    yield "time-weighted, over the period", percent(total.time_weighted), by_time
    yield "money-weighted, a year", percent(total.money_weighted), by_money
    yield "profit by the most capital in", percent(total.return_on_capital), ""


def _parts(account: "AccountResult") -> str:
    return "\n".join(filter(None, (_assets(account), _positions(account), _contracts(account))))


def _assets(account: "AccountResult") -> str:
    return table(
        ["asset", "quantity", "average entry", "realised", "unrealised"],
        [
            (a.asset, a.quantity, price(a.average_entry), usd(a.realised), usd(a.unrealised))
            for a in account.assets
        ],
    )


def _positions(account: "AccountResult") -> str:
    return table(
        ["position", "side", "quantity", "asset", "entry", "realised", "unrealised", "status"],
        [
            (
                p.position,
                p.side,
                p.quantity,
                p.asset,
                price(p.average_entry),
                usd(p.realised),
                usd(p.unrealised),
                p.status,
            )
            for p in account.positions
        ],
    )


def _contracts(account: "AccountResult") -> str:
    return table(
        ["contract", "realised", "funding"],
        [(c.contract, usd(c.realised), usd(c.funding)) for c in account.contracts],
    )


def _amounts(account: "AccountResult") -> list[str]:
    return [usd(getattr(account, name)) for name in _ACCOUNTS[1:]]


def _less(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else -amount
