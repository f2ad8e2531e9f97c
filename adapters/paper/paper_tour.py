"""The session that `marginbook paper demo` runs: four trades over twenty invented days.

A long is stopped by a gap, the next reaches its target, a short is closed by a trailing stop, and a
long without a stop is liquidated. The book is made anew in the folder `out` each time.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import frozen

from adapters.cli.options import WATERMARK
from adapters.cli.render import tax_text
from adapters.cli.render_margin import margin_json, margin_text
from adapters.cli.render_paper import orders_text
from adapters.exporters.files import write_tax_year
from adapters.paper.bar_feed import BarFeed
from adapters.paper.paper_book import MAIN, PaperBook
from adapters.prices.pairs import Wanted
from adapters.venues.presets import preset
from domain.events import MarginTermsSet

YEAR = 2025
BARS = "invented-bars.csv"
_FEES = {"taker_fee_rate": "0.004", "maker_fee_rate": "0.0025", "liquidation_fee_rate": "0.005"}


def _day(number: int) -> datetime:
    return datetime(YEAR, 3, number, tzinfo=UTC)


@frozen
class _Act:
    """Orders that are placed on a day of March, and what they are to show."""

    day: int
    shows: str
    orders: tuple[Mapping[str, Any], ...]


def _pair(**fields: Any) -> Mapping[str, Any]:
    return {"asset": "BTC", "quote": "USD", **fields}


ACTS = (
    _Act(
        1,
        "a long with a stop at 55,000; the market opens below it on 5 March: filled there",
        (
            _pair(id="long", side="buy", quantity="0.5", kind="market", leverage="3"),
            _pair(side="sell", quantity="0.5", kind="stop_loss", trigger="55000", position="long"),
        ),
    ),
    _Act(
        6,
        "a long with stop and target: the target is reached, and the stop goes",
        (
            _pair(
                id="again", side="buy", quantity="0.4", kind="limit", price="52000", leverage="3"
            ),
            _pair(side="sell", quantity="0.4", kind="stop_loss", trigger="49000", position="again"),
            _pair(
                side="sell", quantity="0.4", kind="take_profit", trigger="58000", position="again"
            ),
        ),
    ),
    _Act(
        10,
        "a short whose stop follows the falling market by 2,500, and closes it as it turns",
        (
            _pair(id="short", side="sell", quantity="0.3", kind="market", leverage="3"),
            _pair(side="buy", quantity="0.3", kind="trailing_stop", trail="2500", position="short"),
        ),
    ),
    _Act(
        15,
        "a large long without a stop: liquidated where the margin level reaches 40 %",
        (_pair(id="large", side="buy", quantity="1.5", kind="market", leverage="5"),),
    ),
)


def tour(out: Path) -> tuple[dict[str, Any], str]:
    """Run the session in `out`; return its report as JSON values and as text."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / "paper-demo.db"
    for old in out.glob("paper-demo.db*"):
        old.unlink()
    bars = out / BARS
    bars.write_bytes((Path(__file__).parent / BARS).read_bytes())
    with PaperBook.open(path) as book, BarFeed([bars], Wanted()) as feed:
        book.begin(at=_day(1), deposits=[(Decimal(20_000), "USD")], terms=_terms)
        for act in ACTS:
            if act.day > 1:
                book.run(feed, until=_day(act.day))
            for order in act.orders:
                book.order(MAIN, **order)
        run = book.run(feed)
        before = book.margin(_day(17))
        orders, margin = book.orders(all=True), book.margin()
        year, verified = book.tax_year(YEAR), book.verify()
    written = [str(file) for file in write_tax_year(year, out, WATERMARK)]
    report = {
        "book": str(path),
        "run": run.to_dict(),
        "orders": [order.to_dict() for order in orders],
        "margin_before_the_fall": margin_json(before),
        "margin": margin_json(margin),
        "tax": year.to_dict(),
        "verify": verified.to_dict(),
        "files": written,
    }
    shown = [
        f"Twenty invented days of BTC/USD, and 20,000 USD of play money, in {path}.",
        *_told(),
        f"\n{orders_text(orders)}",
        f"\nMARGIN before the fall, {_day(17):%Y-%m-%d}\n\n{margin_text(before)}",
        f"\nMARGIN at the end\n\n{margin_text(margin)}",
        f"\nPAPER TAX YEAR {YEAR}\n\n{tax_text(year)}",
        f"\nWrote {', '.join(written)}",
        "\nNext:",
        f"  ./go paper --paper-book {path} orders --all",
        f"  ./go paper --paper-book {path} explain 8949:4 --year {YEAR}",
        f"  ./go paper --paper-book {path} interest",
    ]
    return report, "\n".join(shown)


def _terms(at: datetime) -> MarginTermsSet:
    """Kraken's published levels and rates of 2026, and fees of the lowest volume."""
    return preset("kraken@2026-02-10").terms(at=at, id="new", **_FEES)


def _told() -> Iterator[str]:
    yield ""
    for act in ACTS:
        yield f"{act.day:>2} March  {act.shows}"
