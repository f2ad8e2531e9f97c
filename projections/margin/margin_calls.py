"""Margin calls and liquidations: those that the terms imply beside those that the venue made.

An account is judged when its instant is over, as all that a venue books at once is one state. A
liquidation is judged a moment before it, at the price at which the venue sold: a level not reached
there is a disagreement, and so is a level reached without a liquidation in the log.

The one trick: this fold stands before the balances in the replay, so that it meets a liquidation
while the account is still as it was.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from attrs import evolve

from domain.events import (
    EVENTS,
    Borrowed,
    DebtForgiven,
    Event,
    FeeCharged,
    InterestCharged,
    Liquidated,
    PriceObserved,
    Repaid,
)
from domain.money import ONE, ZERO, plain, ratio, rough
from domain.recorded import Recorded
from domain.terms import DEBT, OF_EQUITY, Terms
from projections.balances import Balances
from projections.findings import Finding, Findings
from projections.margin.calls_report import (
    AccountCalls,
    Called,
    Compared,
    MarginCalls,
    Nearest,
    short_level,
)
from projections.margin.margin_history import MarginHistory, MarginPoint
from projections.margin.standing import Standing
from projections.margin.thresholds import threshold
from projections.prices import Marks
from projections.replay import Projection, Steps


class Calls:
    """The fold. `projections` is what a replay has to feed; `sink` may hear every point, too."""

    def __init__(
        self,
        balances: Balances,
        marks: Marks,
        sink: Callable[[MarginPoint], None] | None = None,
    ) -> None:
        self.findings = Findings()
        self._sink = sink
        self._history = MarginHistory(balances, marks, self._hear)
        self._watches: dict[str, _Watch] = {}
        self.steps: Steps = {Liquidated: self._liquidated}
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    @property
    def projections(self) -> tuple[Projection, ...]:
        """What a replay has to feed, in this order."""
        return self, *self._history.projections

    def report(self) -> MarginCalls:
        """What was seen. Call when the replay is over."""
        names = sorted(self._watches)
        accounts = tuple(self._watches[name].report(name) for name in names)
        for name in names:
            for call in self._watches[name].unanswered():
                self._find_unanswered(name, call)
        about_terms = (f for remarks in self._history.remarks.values() for f in remarks.all())
        return MarginCalls(accounts=accounts, findings=(*about_terms, *self.findings.all()))

    # ----------------------------------------------------------------------------------------------

    def _hear(self, point: MarginPoint, standing: Standing, recorded: Recorded) -> None:
        """An account's standing changed."""
        if self._sink is not None:
            self._sink(point)
        self._watch(point.account).hear(point, standing, recorded)

    def _watch(self, account: str) -> "_Watch":
        watch = self._watches.get(account)
        if watch is None:
            watch = self._watches[account] = _Watch(self.findings)
        return watch

    def _liquidated(self, recorded: Recorded, event: Liquidated) -> None:
        standing = self._history.standing(recorded.account)
        if standing is None:
            return
        watch = self._watch(recorded.account)
        if watch.liquidated(event.at):
            return  # the first sale is the venue's decision, the rest of its course follows it
        compared = _compared(standing, event)
        watch.liquidations.append(compared)
        if compared.agrees is False:
            self._find_early(recorded, standing, compared)

    def _find_early(self, recorded: Recorded, standing: Standing, compared: Compared) -> None:
        level, wanted = compared.level, compared.threshold
        if level is None or wanted is None or standing.terms is None:
            return
        call = standing.terms.levels(standing.weighed)[0]
        called = call is not None and _at_or_beyond(standing.terms, level, call)
        expected = compared.expected_price
        at = f"; its terms liquidate at {rough(expected)}" if expected is not None else ""
        self.findings.add(
            "venue_disagrees",
            recorded,
            f"liquidated at a level of {short_level(level)}, its terms say {short_level(wanted)}"
            f" ({_signed(level - wanted)}): sold at {plain(compared.price)}{at}",
            asset=compared.asset,
            hint="between call and liquidation a venue may liquidate at its discretion"
            if called
            else "are terms, deposits or debts of that time missing, or were prices apart?",
            severity="info" if called else "warning",
        )

    def _find_unanswered(self, account: str, call: Called) -> None:
        worst = "" if call.worst is None else f", at worst {short_level(call.worst)}"
        until = "" if call.until is None else f" until {call.until:%Y-%m-%d %H:%M} UTC"
        self.findings.keep(
            Finding(
                kind="venue_disagrees",
                account=account,
                at=call.since,
                event=call.event,
                problem="by its terms the account was to be liquidated from here on"
                f"{until}{worst}, and nothing says that it was",
                hint="are rows of a liquidation missing, or the terms of that time?",
                severity="warning",
            )
        )


class _Seen(NamedTuple):
    """An account after an event; `borrowed`: the last loan of this instant."""

    point: MarginPoint
    terms: Terms | None
    equity: Decimal
    weighed: Decimal
    borrowed: Recorded | None


class _Watch:
    """One account over time."""

    def __init__(self, findings: Findings) -> None:
        self.liquidations: list[Compared] = []
        self.liquidated_at: datetime | None = None
        self._findings = findings
        self._calls: list[Called] = []
        self._open: Called | None = None
        self._nearest: tuple[tuple[bool, Decimal], Nearest] | None = None
        self._on_course = False
        """Whether the venue is liquidating, and nothing else has happened since."""
        self._last: _Seen | None = None

    def hear(self, point: MarginPoint, standing: Standing, recorded: Recorded) -> None:
        """Judge the instant before, if it is over; keep this point as the last."""
        last, borrowed = self._last, recorded if type(recorded.event) is Borrowed else None
        if type(recorded.event) not in _OF_A_COURSE:
            self._on_course = False
        if last is not None and last.point.at != point.at:
            self._settle(last)
        elif last is not None and borrowed is None:
            borrowed = last.borrowed
        self._last = _Seen(point, standing.terms, standing.equity, standing.weighed, borrowed)

    def liquidated(self, at: datetime) -> bool:
        """The venue liquidates now; return whether it was liquidating already."""
        following = self._on_course or self.liquidated_at == at
        self.liquidated_at, self._on_course = at, True
        if self._last is not None and self._last.point.at != at:
            self._settle(self._last)
            self._last = None
        if self._open is not None:
            self._open = evolve(self._open, liquidated=True)
        return following

    def report(self, account: str) -> AccountCalls:
        """What was seen of it."""
        if self._last is not None:
            self._settle(self._last)
            self._last = None
        return AccountCalls(
            account=account,
            nearest=None if self._nearest is None else self._nearest[1],
            calls=self._all(),
            liquidations=tuple(self.liquidations),
        )

    def unanswered(self) -> Iterator[Called]:
        """Times in which it was to be liquidated, and was not."""
        return (
            call for call in self._all() if call.status == "liquidation" and not call.liquidated
        )

    def _all(self) -> tuple[Called, ...]:
        return (*self._calls, self._open) if self._open else tuple(self._calls)

    def _settle(self, seen: _Seen) -> None:
        """An instant is over: the account stands as it was at its last point."""
        point, terms = seen.point, seen.terms
        level = point.level
        if seen.borrowed is not None:
            self._judge_loan(seen, seen.borrowed)
        beyond = level is None and point.status == "liquidation"
        if terms is not None and point.status is not None and (beyond or level is not None):
            safety = level or ZERO
            nearness = not beyond, -safety if terms.model.scale == OF_EQUITY else safety
            if self._nearest is None or nearness < self._nearest[0]:
                near = Nearest(level=level, at=point.at, event=point.event, status=point.status)
                self._nearest = nearness, near
        if point.status in ("call", "liquidation"):
            self._called(point, terms)
        elif self._open is not None:
            self._calls.append(evolve(self._open, until=point.at))
            self._open = None

    def _called(self, point: MarginPoint, terms: Terms | None) -> None:
        call = self._open
        if call is None or (call.status == "call" and point.status == "liquidation"):
            if call is not None:
                self._calls.append(evolve(call, until=point.at))
            self._open = Called(
                status=point.status or "",
                since=point.at,
                event=point.event,
                worst=point.level,
                liquidated=self.liquidated_at == point.at,
            )
        elif call.worst is not None and terms is not None:
            worse = point.level is None or _at_or_beyond(terms, point.level, call.worst)
            self._open = evolve(call, worst=point.level) if worse else call

    def _judge_loan(self, seen: _Seen, loan: Recorded) -> None:
        """A loan beyond what the leverage of the terms allows, at the marks of its instant."""
        terms, equity = seen.terms, seen.equity
        allowed = None if terms is None or terms.model.need != DEBT else terms.leverage
        if allowed is None or seen.point.level is None or equity * (allowed - ONE) >= seen.weighed:
            return
        over = (
            f"{short_level(ratio(seen.weighed + equity, equity))}x" if equity > 0 else "no equity"
        )
        self._findings.add(
            "leverage_above_limit",
            loan,
            f"borrowed up to {over}, the terms allow {plain(allowed)}x",
            hint="are these the terms of that day? or is a deposit before this missing?",
            severity="warning",
        )


_OF_A_COURSE = (Liquidated, Repaid, FeeCharged, InterestCharged, DebtForgiven, PriceObserved)
"""What a liquidation is made of, and prices: anything else ends its course."""


def _compared(standing: Standing, event: Liquidated) -> Compared:
    """The account a moment before the venue sold, at the price at which it did."""
    terms = standing.terms
    quote = ONE if event.quote == standing.currency else standing.mark(event.quote)
    found = Compared(
        at=event.at,
        event=event.id,
        asset=event.asset,
        price=event.price,
        level=None,
        threshold=None,
        difference=None,
        expected_price=None,
        agrees=None,
    )
    if terms is None or quote is None or not standing.measured:
        return found
    price = event.price * quote
    equity, weighed = standing.supposing(event.asset, price)
    need, wanted = terms.needed(weighed), terms.levels(weighed)[1]
    level = terms.level(equity, need)
    if wanted is None or not need:
        return found
    mark = standing.mark(event.asset)
    reached = None if mark is None else threshold(standing, event.asset, mark).liquidation
    return evolve(
        found,
        level=level,
        threshold=wanted,
        difference=None if level is None else level - wanted,
        expected_price=None if reached is None else ratio(reached, quote),
        agrees=terms.cushion(wanted, equity, need) <= 0,
    )


def _at_or_beyond(terms: Terms, level: Decimal, other: Decimal) -> bool:
    return level >= other if terms.model.scale == OF_EQUITY else level <= other


def _signed(difference: Decimal) -> str:
    return f"{'+' if difference > 0 else ''}{short_level(difference)}"
