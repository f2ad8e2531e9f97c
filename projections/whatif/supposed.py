"""What would follow of something supposed: a report, nothing of it in the log."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.events import DebtForgiven, Deposited, Event, Filled, Liquidated, Withdrawn
from domain.lot import Disposal
from domain.money import ZERO, cents, exact, rough
from projections.amounts import times, total
from projections.findings import Finding
from projections.inventory import HeldLot
from projections.margin.margin_state import MarginState
from projections.report import Report, money, to_json
from projections.tax.us.estimate import TaxEffect
from projections.tax.us.form8949 import Row


@frozen(kw_only=True)
class Gain(Report):
    """What one method would take, and the gain of it: exact USD by term."""

    method: str
    short_term: Decimal
    long_term: Decimal
    lots: tuple["Part", ...]

    def to_dict(self) -> dict[str, Any]:
        """The gain as JSON values, in cents."""
        short, long = cents(self.short_term), cents(self.long_term)
        return {
            "method": self.method,
            "short_term": money(short),
            "long_term": money(long),
            "total": money(short + long),
            "lots": to_json(self.lots),
        }


@frozen(kw_only=True)
class Part(Report):
    """What would be taken of one lot. `acquired` is its day; amounts are exact USD."""

    asset: str
    lot: str
    acquired: date | None
    quantity: Decimal
    proceeds: Decimal
    basis: Decimal
    gain: Decimal
    term: str
    kind: str


@frozen(kw_only=True)
class CollateralLot(Report):
    """A lot in an account that owes, and what a liquidation would make of it.

    `liquidation_price`: of its asset, all else equal; `gain` (exact USD) is what is taxed if the
    whole lot is sold at it, `term` its term on the day of asking; `unrealised` is at the mark.
    """

    account: str
    asset: str
    lot: str
    acquired: date | None
    quantity: Decimal
    basis: Decimal | None
    mark: Decimal | None
    unrealised: Decimal | None
    liquidation_price: Decimal | None
    gain: Decimal | None
    term: str


@frozen(kw_only=True)
class Outcome(Report):
    """One account before and after, in its own `currency`.

    `result` is what its net worth changes by, but for what is deposited or withdrawn (a loss below
    zero); `fees` and `penalty` are the part of it that the venue takes. `equity_left` is its net
    worth afterwards: in isolated mode never below zero, else what is below zero stays owed.
    `shortfall` is what the venue bears in isolated mode.
    """

    account: str
    currency: str
    net_worth: Decimal | None
    equity_left: Decimal | None
    result: Decimal | None
    fees: Decimal | None
    penalty: Decimal | None
    shortfall: Decimal | None


@frozen(kw_only=True)
class WhatIf:
    """What would follow. `disposals` are rows of that year's Form 8949.

    `events` and `prices` (observed at that time) are native objects: recorded for real, they would
    give the same.
    """

    kind: str
    at: datetime
    method: str
    events: tuple[dict[str, Any], ...]
    prices: tuple[dict[str, Any], ...]
    before: tuple[MarginState, ...]
    after: tuple[MarginState, ...]
    outcomes: tuple[Outcome, ...]
    disposals: tuple[Row, ...]
    methods: tuple[Gain, ...]
    tax: TaxEffect
    collateral: tuple[CollateralLot, ...]
    findings: tuple[Finding, ...]

    @property
    def unreliable(self) -> bool:
        """Whether a finding makes a figure unreliable."""
        return any(finding.severity == "error" for finding in self.findings)

    @property
    def taxable(self) -> tuple[Decimal, Decimal]:
        """The gain of its disposals in cents, short-term and long-term."""
        with exact():
            short = sum((row.gain for row in self.disposals if row.term == "short"), ZERO)
            return short, sum((row.gain for row in self.disposals if row.term == "long"), ZERO)

    def to_dict(self) -> dict[str, Any]:
        """The what-if as JSON values."""
        with exact():
            return self._told()

    def _told(self) -> dict[str, Any]:
        short, long = self.taxable
        return {
            "whatif": self.kind,
            "at": to_json(self.at),
            "method": self.method,
            "recorded": False,
            "unreliable": self.unreliable,
            "events": list(self.events),
            "prices": list(self.prices),
            "margin_before": {"accounts": to_json(self.before)},
            "margin": {"accounts": to_json(self.after)},
            "outcomes": to_json(self.outcomes),
            "disposals": to_json(self.disposals),
            "taxable": {
                "short_term": money(cents(short)),
                "long_term": money(cents(long)),
                "total": money(cents(short + long)),
            },
            "methods": to_json(self.methods),
            "tax": self.tax.to_dict(),
            "collateral": to_json(self.collateral),
            "findings": to_json(self.findings),
        }


def gain_by(method: str, disposals: Sequence[Disposal]) -> Gain:
    """What a method would take, and its gain."""
    with exact():
        parts = tuple(
            Part(
                asset=d.asset,
                lot=d.lot,
                acquired=d.acquired_day,
                quantity=d.quantity,
                proceeds=d.proceeds,
                basis=d.basis,
                gain=d.gain,
                term="long" if d.long else "short",
                kind=d.kind,
            )
            for d in disposals
        )
        short = sum((part.gain for part in parts if part.term == "short"), ZERO)
        long = sum((part.gain for part in parts if part.term == "long"), ZERO)
    return Gain(method=method, short_term=short, long_term=long, lots=parts)


def collateral_lot(lot: HeldLot, state: MarginState, day: date, currency: str) -> CollateralLot:
    """A lot at the price at which its account is liquidated, on a day of the tax zone.

    No gain is told where the account's figures are in another money than bases, the book's.
    """
    told = state.currency == currency
    mark = next((h.mark for h in state.holdings if h.asset == lot.asset), None)
    reached = state.prices.get(lot.asset)
    price = None if reached is None else reached.liquidation
    return CollateralLot(
        account=lot.account,
        asset=lot.asset,
        lot=lot.lot,
        acquired=lot.acquired,
        quantity=lot.quantity,
        basis=lot.basis,
        mark=mark,
        unrealised=_gain_at(lot, mark) if told else None,
        liquidation_price=price,
        gain=_gain_at(lot, price) if told else None,
        term=lot.term(day),
    )


def outcome(
    before: MarginState,
    after: MarginState,
    events: Sequence[Event],
    mark: Callable[[str], Decimal | None],
) -> Outcome:
    """What becomes of an account's worth by these events of it, at marks in its currency."""
    trades = [event for event in events if isinstance(event, Filled)]
    forced = [event for event in trades if isinstance(event, Liquidated)]
    borne = [event for event in events if isinstance(event, DebtForgiven)]
    had, left = before.net_worth, after.net_worth
    with exact():
        put_in = _put_in(events, mark)
        return Outcome(
            account=before.account,
            currency=before.currency,
            net_worth=had,
            equity_left=left,
            result=None if left is None or had is None or put_in is None else left - had - put_in,
            fees=total(times(trade.fee, mark(trade.quote)) for trade in trades),
            penalty=total(times(trade.penalty, mark(trade.quote)) for trade in forced),
            shortfall=total(times(event.quantity, mark(event.asset)) for event in borne),
        )


def _put_in(events: Sequence[Event], mark: Callable[[str], Decimal | None]) -> Decimal | None:
    """What comes in from outside less what goes out, at its marks; None where one is missing."""
    came = (times(e.quantity, mark(e.asset)) for e in events if isinstance(e, Deposited))
    went = (times(-e.quantity, mark(e.asset)) for e in events if isinstance(e, Withdrawn))
    return total((*came, *went))


def reached_by(kind: str, before: MarginState, after: MarginState) -> Iterator[Finding]:
    """What the account comes to: a call or a liquidation at once, or more than its margin."""
    if after.status in ("call", "liquidation") and after.status != before.status:
        yield Finding(
            kind="reached_at_once",
            account=after.account,
            problem=f"afterwards the account is at its {after.status} level ({after.level_shown})",
            hint="suppose less of it, or more collateral",
            severity="error" if after.status == "liquidation" else "warning",
        )
    free, had = after.free_margin, before.free_margin
    if kind in _TAKES_MARGIN and free is not None and free < min(had or ZERO, ZERO):
        yield Finding(
            kind="margin_exceeded",
            account=after.account,
            problem=f"afterwards the free margin is {rough(free)} {after.currency}",
            hint="a venue would not let it happen: suppose less of it, or more collateral",
            severity="warning",
        )


_TAKES_MARGIN = ("buy", "sell", "borrow", "withdraw")
"""What a venue lets happen only while there is margin for it."""


def _gain_at(lot: HeldLot, price: Decimal | None) -> Decimal | None:
    if price is None or lot.basis is None:
        return None
    with exact():
        return cents(lot.quantity * price - lot.basis)
