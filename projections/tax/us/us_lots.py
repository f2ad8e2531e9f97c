"""Books of lots as the law of the United States has them, year after year.

Before 2025 a sale chooses among the lots of all accounts (policy `basis_scope`; IRS FAQ on virtual
currency, 39-41), from then on among those of its own account, or its venue's (policy `lot_pool`;
Treas. Reg. 1.1012-1(j)).
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.calendar import Calendar
from domain.errors import BookError
from domain.lot import Disposal
from projections.decisions import Decisions
from projections.findings import Findings
from projections.lots import LotBook, everywhere, venue
from projections.replay import Turn
from projections.tax.us.allocation import Transition
from projections.tax.us.identification import Identification
from projections.tax.us.stock_like import StockLike
from projections.tax.us.wash_sales import Purchases, WashSales


class UsLots:
    """Makes books of lots, one a method; `turns` is what happens to them by law."""

    def __init__(
        self,
        decisions: Decisions,
        calendar: Calendar,
        findings: Findings,
        disposed: Mapping[str, datetime],
        purchases: Purchases | None = None,
    ) -> None:
        """`disposed` and `purchases`: what passes over the events before the replay have found."""
        self._decisions = decisions
        self._calendar = calendar
        self._findings = findings
        self._purchases = purchases
        scope = venue if decisions.policies["lot_pool"] == "venue" else None
        by_account = decisions.policies["basis_scope"] == "account"
        self._universal = not (by_account and "basis_scope" in decisions.chosen)
        self._scope = everywhere if self._universal else scope
        self._transition = Transition(decisions, calendar, findings, disposed, scope)
        self._made: list[tuple[LotBook, Identification]] = []

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The start of 2025."""
        return ((self._transition.at, self._turn),)

    def book(
        self,
        method: str,
        sink: Callable[[Disposal], None],
        kind: Callable[..., LotBook] = LotBook,
    ) -> LotBook:
        """A book of lots under a method."""
        chooser = Identification(
            method,
            self._decisions,
            self._calendar,
            self._findings,
            universal=self._universal,
            completed=self._transition.completed,
        )
        book = kind(sink, chooser, self._scope)
        policies, since = self._decisions.policies, self._decisions.policies_from
        if policies["wash_sale"] == "on":
            if self._purchases is None:
                raise BookError("wash sales need the purchases of the whole book")
            book.follow(WashSales(book, self._purchases, since["wash_sale"]))
        if policies["short_sale"] == "stock_like":
            book.follow(StockLike(book))
        self._made.append((book, chooser))
        return book

    def _turn(self) -> None:
        for book, chooser in self._made:
            self._transition.turn(book)
            chooser.per_account()
