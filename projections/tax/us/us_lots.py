"""Books of lots as the law of the United States has them, year after year.

Before 2025 a sale chooses among the lots of all accounts (policy `basis_scope`; IRS FAQ on virtual
currency, 39-41), from then on among those of its own account, or its venue's (policy `lot_pool`;
Treas. Reg. 1.1012-1(j)).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeVar

from attrs import field, frozen

from domain.calendar import Calendar
from domain.lot import Disposal
from domain.recorded import Recorded
from projections.decisions import Decisions
from projections.findings import Findings
from projections.lots import Chooser, LotBook, Scope, everywhere, venue
from projections.replay import Turn
from projections.tax.us.allocation import Transition, first_disposed
from projections.tax.us.identification import Identification
from projections.tax.us.law import PER_ACCOUNT
from projections.tax.us.stock_like import StockLike
from projections.tax.us.wash_sales import Purchases, WashSales, purchased

B = TypeVar("B", bound=LotBook)


@frozen
class Foreseen:
    """What the law asks of later events: it must be known before the replay comes to them.

    `disposed`: when each asset was first disposed of in 2025 or later (allocation.py); `purchases`:
    all that was bought, where wash sales count (wash_sales.py).
    """

    disposed: Mapping[str, datetime] = field(factory=dict)
    purchases: Purchases = field(factory=dict)


def foresee(
    read: Callable[[], Iterable[Recorded]],
    decisions: Decisions,
    calendar: Calendar,
    currency: str,
) -> Foreseen:
    """Look ahead in all events, oldest first; nothing is read where nothing is asked for."""
    disposed = first_disposed(read(), decisions, calendar) if decisions.allocations else {}
    washed = decisions.policies["wash_sale"] == "on"
    purchases = purchased(read(), decisions, calendar, currency) if washed else {}
    return Foreseen(disposed, purchases)


def policies_of(year: int, decisions: Decisions) -> Mapping[str, str]:
    """The policies as they count for a year: `basis_scope` is universal before 2025 unless set."""
    early = year < PER_ACCOUNT.since and "basis_scope" not in decisions.chosen
    return {**decisions.policies, **({"basis_scope": "universal"} if early else {})}


class UsLots:
    """Makes books of lots, one a method; `turns` is what happens to them by law."""

    def __init__(
        self,
        decisions: Decisions,
        calendar: Calendar,
        findings: Findings,
        foreseen: Foreseen,
    ) -> None:
        self._decisions = decisions
        self._calendar = calendar
        self._findings = findings
        self._purchases = foreseen.purchases
        scope = venue if decisions.policies["lot_pool"] == "venue" else None
        by_account = decisions.policies["basis_scope"] == "account"
        self._universal = not (by_account and "basis_scope" in decisions.chosen)
        self._scope = everywhere if self._universal else scope
        self._transition = Transition(decisions, calendar, findings, foreseen.disposed, scope)
        self._made: list[tuple[LotBook, Identification]] = []

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The start of 2025."""
        return ((self._transition.at, self._turn),)

    def book(self, method: str, sink: Callable[[Disposal], None]) -> LotBook:
        """A book of lots under a method; `sink` gets its disposals."""
        return self.kept(method, partial(LotBook, sink))

    def kept(self, method: str, kind: Callable[[Chooser, Scope | None], B]) -> B:
        """A book of this kind, kept under a method as the law has it."""
        chooser = Identification(
            method,
            self._decisions,
            self._calendar,
            self._findings,
            universal=self._universal,
            completed=self._transition.completed,
        )
        book = kind(chooser, self._scope)
        policies, since = self._decisions.policies, self._decisions.policies_from
        if policies["wash_sale"] == "on":
            book.follow(WashSales(book, self._purchases, since["wash_sale"]))
        if policies["short_sale"] == "stock_like":
            book.follow(StockLike(book))
        self._made.append((book, chooser))
        return book

    def _turn(self) -> None:
        for book, chooser in self._made:
            self._transition.turn(book)
            chooser.per_account()
