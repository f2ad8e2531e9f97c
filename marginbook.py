"""marginbook: an event-sourced accounting engine for crypto margin trading in the US.

The front door, and the only public API: the book, the events, the errors, `main()`. Names are
loaded when they are first asked for, so that the command line starts at once.

>>> from marginbook import Book
>>> with Book.open(":memory:") as book:
...     book.head().position
0
"""

from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.book import Book as Book
    from adapters.decision import Decision as Decision
    from adapters.found_links import FoundLinks as FoundLinks
    from adapters.log.chain import Head as Head
    from adapters.paper.paper_book import PaperBook as PaperBook
    from adapters.paper.paper_book import PaperRun as PaperRun
    from adapters.prices.bar_import import PricesResult as PricesResult
    from adapters.prices.known_prices import KnownPrice as KnownPrice
    from adapters.whatif import Supposing as Supposing
    from domain.bar import Bar as Bar
    from domain.errors import BookError as BookError
    from domain.errors import Refused as Refused
    from domain.events import *  # noqa: F403
    from domain.parts import Allocation as Allocation
    from domain.parts import Pick as Pick
    from domain.parts import StatedLot as StatedLot
    from domain.parts import Tier as Tier
    from domain.recorded import Recorded as Recorded
    from domain.recorded import Source as Source
    from projections.balances import Balance as Balance
    from projections.balances import BalancesReport as BalancesReport
    from projections.changes import Changed as Changed
    from projections.findings import Finding as Finding
    from projections.inventory import LotsReport as LotsReport
    from projections.loans.accrual_report import AccrualReport as AccrualReport
    from projections.loans.accrual_report import EndedLoans as EndedLoans
    from projections.loans.accrual_report import LoanAccrual as LoanAccrual
    from projections.margin.calls_report import MarginCalls as MarginCalls
    from projections.margin.margin_history import MarginPoint as MarginPoint
    from projections.margin.margin_state import MarginState as MarginState
    from projections.margin.thresholds import Threshold as Threshold
    from projections.paper.orders import OrderState as OrderState
    from projections.performance.results import PerformanceReport as PerformanceReport
    from projections.tax.country_year import CountryYear as CountryYear
    from projections.tax.country_year import PoolLeft as PoolLeft
    from projections.tax.gains import CountryDisposal as CountryDisposal
    from projections.tax.us.estimate import Rates as Rates
    from projections.tax.us.form8949 import Row as Row
    from projections.tax.us.tax_year import TaxYear as TaxYear
    from projections.trail_report import BalanceLight as BalanceLight
    from projections.trail_report import Beginning as Beginning
    from projections.trail_report import ImportLight as ImportLight
    from projections.trail_report import Trail as Trail
    from projections.trail_report import Unvouched as Unvouched
    from projections.transfers.transfers import LinkedTransfer as LinkedTransfer
    from projections.transfers.transfers import TransferCandidate as TransferCandidate
    from projections.transfers.transfers import TransferPair as TransferPair
    from projections.transfers.transfers import TransfersReport as TransfersReport
    from projections.transfers.transfers import UnpairedLeg as UnpairedLeg
    from projections.whatif.supposed import WhatIf as WhatIf

__version__ = "0.1.0"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status (0 done, 1 with findings, 2 wrong use)."""
    from adapters.cli.main import run

    return run(arguments)


if not TYPE_CHECKING:  # a checker sees the imports above, and finds a misspelt name

    def __getattr__(name: str) -> Any:
        if not name.startswith("_"):  # the import system asks for `__path__`: not for that
            for home in _homes():
                found = vars(home).get(name)
                if isinstance(found, type) and found.__module__ == home.__name__:
                    return found
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)

    def _homes() -> tuple[ModuleType, ...]:
        from adapters import book, decision, found_links, whatif
        from adapters.log import chain
        from adapters.paper import paper_book
        from adapters.prices import bar_import, known_prices
        from domain import bar, errors, event, events, order_events, parts, recorded
        from projections import balances, changes, findings, inventory, trail_report
        from projections.loans import accrual_report
        from projections.margin import calls_report, margin_history, margin_state, thresholds
        from projections.paper import orders
        from projections.performance import results
        from projections.tax import country_year, gains
        from projections.tax.us import compare, estimate, form8949, tax_year
        from projections.transfers import transfers
        from projections.whatif import supposed

        kinds = (event, events, order_events, parts, recorded, errors, bar)
        doors = (book, decision, chain, whatif, bar_import, known_prices, paper_book, orders)
        links = (found_links, transfers)
        reports = (accrual_report, balances, changes, findings, inventory, results, supposed)
        lights = (trail_report,)
        margins = (calls_report, margin_history, margin_state, thresholds)
        taxes = (form8949, tax_year, compare, estimate, country_year, gains)
        return (*kinds, *doors, *links, *reports, *lights, *margins, *taxes)


if __name__ == "__main__":
    raise SystemExit(main())
