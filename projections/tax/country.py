"""A country as a plug-in of the same fold: what it is asked, and what it is told.

The one trick: what an event means for property is asked once. `Dealings` and `Property` decide what
came in, went out or moved, who bears which cost, and what is a loan or a short; a country brings
the book of units that they tell, and says in the end what was gained. Countries of other
distributions are found by entry point (adapters/country_registry.py) and keep to `Country`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from attrs import evolve, frozen

from domain.calendar import Calendar
from domain.events import EVENTS, Event, Withdrawn
from domain.policies import DEFAULTS, price_age
from domain.recorded import Recorded
from projections.dealings import Dealings
from projections.decisions import Decisions
from projections.findings import Finding, Findings
from projections.lots import Choice
from projections.pools import Key
from projections.prices import Prices
from projections.property import Property
from projections.replay import Projection, Steps
from projections.tax.country_year import Figures, Span
from projections.units import UnitBook


class Country(Protocol):
    """A country's law for private holders of coins."""

    @property
    def code(self) -> str:
        """The name by which it is asked for, such as `uk`."""
        ...

    @property
    def currency(self) -> str:
        """The currency its tax is figured in."""
        ...

    def span(self, year: int) -> Span:
        """The first and the last day of a tax year."""
        ...

    def seen(self, year: int) -> date | None:
        """The last day that a replay must see for this year; None: all that is known."""
        ...

    def fold(
        self, year: int, decisions: Decisions, calendar: Calendar, currency: str
    ) -> "CountryFold":
        """The fold of one tax year, for a book in `currency`."""
        ...


class CountryFold(Protocol):
    """Projections to feed with one replay; then the year's figures."""

    @property
    def projections(self) -> Sequence[Projection]:
        """What the replay feeds."""
        ...

    def result(self) -> Figures:
        """The year's figures. Call after the replay."""
        ...


class FirstIn:
    """Lots chosen first in first out, whoever asks: a `Chooser` without elections."""

    method = order = "fifo"
    _choice = Choice("fifo", "fifo")

    def choose(self, recorded: Recorded, key: Key) -> Choice:
        """First in first out."""
        return self._choice

    def lacking(self, recorded: Recorded, key: Key, lot: str, asked: Decimal, had: Decimal) -> None:
        """Nothing is picked, so nothing lacks."""

    def beyond(self, recorded: Recorded, key: Key, picked: Decimal, leaving: Decimal) -> None:
        """Nor is anything beyond."""

    def barred(self, recorded: Recorded, key: Key, lot: str) -> None:
        """Nor barred."""


@frozen
class Law:
    """How a country reads the events: which gifts are sales, and its readings of policies."""

    gifts_sold: frozenset[str] = frozenset()
    """Purposes of a withdrawal that are a disposal at market value: `gift`, `donation`."""
    policies: Mapping[str, str] = {}
    """Policies that this law has settled, whatever the book says."""


def under(law: Law, decisions: Decisions, findings: Findings) -> Decisions:
    """The book's decisions as far as they mean something in another country.

    Picks and standing orders are identifications of US law; they choose nothing here.
    """
    ours = copy(decisions)
    ours.picks, ours.orders = {}, []
    ours.policies = {**decisions.policies, **law.policies}
    for name, value in law.policies.items():
        if decisions.policies[name] not in (value, DEFAULTS[name]):
            problem = f"policy {name} {decisions.policies[name]} is not this law's: {value} counts"
            findings.keep(
                Finding(kind="policy_not_used", account="book", problem=problem, severity="info")
            )
    return ours


def told(
    book: UnitBook,
    law: Law,
    decisions: Decisions,
    calendar: Calendar,
    currency: str,
    findings: Findings,
) -> tuple[Projection, ...]:
    """The projections that tell a book of units what happened; `decisions` are `under` the law."""
    prices = Prices(currency, price_age(decisions.policies["price_age"]))
    dealings = Dealings(Property([book], calendar, prices, findings), decisions)
    return prices, GiftsSold(dealings, law.gifts_sold, findings) if law.gifts_sold else dealings


def counting(decisions: Decisions) -> Mapping[str, str]:
    """The policies that count in another country."""
    return {name: decisions.policies[name] for name in _COUNTING}


_COUNTING = ("short_sale", "loan", "funding", "transfer_fee", "withheld_fee", "rebate", "price_age")


class LastSeen:
    """The last day on which anything happened: a law that looks ahead may not be final yet."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._last: datetime | None = None
        self.steps: Steps = dict.fromkeys(EVENTS, self._see)
        self.passes_over: frozenset[type[Event]] = frozenset()

    def remark(self, sold: Iterable[date], last: date, days: timedelta, findings: Findings) -> None:
        """Find that the book ends before all acquisitions that may matter to the year are known."""
        latest = max(sold, default=None)
        seen = None if self._last is None else self._calendar.day(self._last)
        if latest is not None and seen is not None and seen < latest + days:
            findings.keep(
                Finding(
                    kind="year_not_final",
                    account="book",
                    problem=f"an acquisition up to {latest + days} may change what was sold by"
                    f" {latest}; the book's last event is of {seen}",
                    hint=f"look again when everything up to {last + days} is recorded",
                    severity="info",
                )
            )

    def _see(self, recorded: Recorded, event: Event) -> None:
        if recorded.account != "book":
            self._last = event.at


class GiftsSold:
    """Dealings in a law that takes a gift for a sale at market value."""

    def __init__(self, dealings: Projection, purposes: frozenset[str], findings: Findings) -> None:
        self._withdrawn: Callable[[Recorded, Any], None] = dealings.steps[Withdrawn]
        self._purposes = purposes
        self._findings = findings
        self.steps: Steps = {**dealings.steps, Withdrawn: self._given}
        self.passes_over: frozenset[type[Event]] = dealings.passes_over

    def _given(self, recorded: Recorded, event: Withdrawn) -> None:
        if event.purpose in self._purposes:
            self._findings.add(
                "gift_at_market",
                recorded,
                f"the {event.purpose} of {event.asset} counts as a sale at its market value",
                asset=event.asset,
                hint="given to a spouse it would not: then link it, or let it go out as `own`",
                severity="info",
            )
            event = evolve(event, purpose="spent")
            recorded = evolve(recorded, event=event)
        self._withdrawn(recorded, event)


def remark_currency(country: Country, currency: str, findings: Findings) -> None:
    """Find that the book is kept in another currency than the country's tax."""
    if currency != country.currency:
        findings.keep(
            Finding(
                kind="other_currency",
                account="book",
                problem=f"the book is kept in {currency}, this tax is figured in"
                f" {country.currency}: the figures are {currency}",
                hint=f"keep a book of its own: marginbook init --currency {country.currency}",
                severity="warning",
            )
        )
