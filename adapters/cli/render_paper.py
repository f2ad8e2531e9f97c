"""Paper trading as text for people: what was placed, which orders are open, what bars made."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from adapters.cli.text import price, table
from adapters.references import full_name
from adapters.wire import to_native
from domain.events import MarginTermsSet
from domain.money import plain

if TYPE_CHECKING:
    from adapters.paper.paper_book import PaperRun, Placed
    from projections.paper.orders import OrderState

_BESIDE = ("type", "account", "id", "at")


def placed_text(placed: "Placed") -> str:
    """The events as they stand in the log."""
    word = "Known already" if placed.known else "Recorded"
    lines = []
    for entry in placed.events:
        native = to_native(entry.account, entry.event)
        said = " ".join(f"{k}={v}" for k, v in native.items() if k not in _BESIDE)
        when = f"{entry.event.at:%Y-%m-%d %H:%M:%S}"
        lines.append(f"{word}: {full_name(entry)}  {native['type']}  {when} UTC  {said}")
        if isinstance(entry.event, MarginTermsSet):
            lines.extend(_free_of_charge(entry.event))
    return "\n".join([*lines, f"head {placed.head}"])


def _free_of_charge(terms: MarginTermsSet) -> Iterator[str]:
    """What the simulated venue does not charge, because its terms tell no rate."""
    if terms.taker_fee_rate is None:
        yield "  no taker_fee_rate is told, so trades cost no fee: --set taker_fee_rate=0.004"
    if not terms.interest_rates:
        yield "  no rates are told, so what is lent bears no interest: --rate USD=0.00025"


def orders_text(orders: Sequence["OrderState"]) -> str:
    """One line an order."""
    rows = [
        (
            one.order,
            one.account,
            f"{one.side} {plain(one.quantity)} {one.asset}",
            one.kind,
            "market" if one.kind == "market" else f"{price(one.price or one.trigger)} {one.quote}",
            one.position or "",
            "" if one.leverage is None else f"{plain(one.leverage)}x",
            one.status,
            one.reason,
        )
        for one in orders
    ]
    heads = ["order", "account", "", "kind", "at", "position", "leverage", "status", "reason"]
    return table(heads, rows) or "No orders."


def run_text(report: "PaperRun") -> str:
    """How far the session has come, and what happened on the way."""
    known = f" ({report.known} had run before)" if report.known else ""
    interest = [f"{plain(units)} {asset}" for asset, units in report.interest.items()]
    lines = [
        f"{report.bars} bars run{known}: {report.filled} fills, {report.liquidated} liquidations,"
        f" {report.cancelled} orders cancelled, interest {', '.join(interest) or 'none'}.",
        f"{report.recorded} events recorded; head {report.head}",
    ]
    if report.stands is not None:
        lines.insert(1, f"The session stands at {report.stands:%Y-%m-%d %H:%M} UTC.")
    if report.waiting:
        words = "open orders are placed after that: for older bars, say --at when you place them"
        lines.append(f"{report.waiting} {words}.")
    return "\n".join(lines)
