"""What would follow of something supposed: a report, nothing of it in the log."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.events import DebtForgiven, Deposited, Event, Filled, Liquidated, Withdrawn
from domain.lot import Disposal
from domain.money import ZERO, cents, exact
from projections.findings import Finding
from projections.inventory import HeldLot
from projections.margin_state import MarginState
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
        return {
            "method": self.method,
            "short_term": money(cents(self.short_term)),
            "long_term": money(cents(self.long_term)),
            "total": money(cents(self.short_term + self.long_term)),
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
    fees: Decimal
    penalty: Decimal
    shortfall: Decimal


@frozen(kw_only=True)
class WhatIf:
    """What would follow. `events` are native objects, `disposals` rows of that year's Form 8949."""

    kind: str
    at: datetime
    method: str
    events: tuple[dict[str, Any], ...]
    before: tuple[MarginState, ...]
    after: tuple[MarginState, ...]
    outcomes: tuple[Outcome, ...]
    disposals: tuple[Row, ...]
    methods: tuple[Gain, ...]
    tax: TaxEffect
    collateral: tuple[CollateralLot, ...]
    findings: tuple[Finding, ...]

    @property
    def taxable(self) -> tuple[Decimal, Decimal]:
        """The gain of its disposals in cents, short-term and long-term."""
        short = sum((row.gain for row in self.disposals if row.term == "short"), ZERO)
        return short, sum((row.gain for row in self.disposals if row.term == "long"), ZERO)

    def to_dict(self) -> dict[str, Any]:
        """The what-if as JSON values."""
        short, long = self.taxable
        return {
            "whatif": self.kind,
            "at": to_json(self.at),
            "method": self.method,
            "recorded": False,
            "events": list(self.events),
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


def collateral_lot(lot: HeldLot, state: MarginState, day: date) -> CollateralLot:
    """A lot at the price at which its account is liquidated, on a day of the tax zone."""
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
        unrealised=_gain_at(lot, mark),
        liquidation_price=price,
        gain=_gain_at(lot, price),
        term=lot.term(day),
    )


def outcome(before: MarginState, after: MarginState, events: Sequence[Event]) -> Outcome:
    """What becomes of an account's worth by these events of it."""
    trades = [event for event in events if isinstance(event, Filled)]
    forced = [event for event in trades if isinstance(event, Liquidated)]
    borne = [event for event in events if isinstance(event, DebtForgiven)]
    had, left = before.net_worth, after.net_worth
    put_in = _put_in(events, before, after)
    with exact():
        return Outcome(
            account=before.account,
            currency=before.currency,
            net_worth=had,
            equity_left=left,
            result=None if left is None or had is None or put_in is None else left - had - put_in,
            fees=sum((trade.fee for trade in trades), ZERO),
            penalty=sum((trade.penalty for trade in forced), ZERO),
            shortfall=sum((event.quantity for event in borne), ZERO),
        )


def _put_in(events: Sequence[Event], *states: MarginState) -> Decimal | None:
    """What comes in from outside less what goes out, at their marks; None where there is none."""
    marks = {held.asset: held.mark for state in states for held in state.holdings}
    found = ZERO
    for event in events:
        if isinstance(event, Deposited | Withdrawn):
            mark = marks.get(event.asset)
            if mark is None:
                return None
            with exact():
                found += event.quantity * (mark if isinstance(event, Deposited) else -mark)
    return found


def _gain_at(lot: HeldLot, price: Decimal | None) -> Decimal | None:
    if price is None or lot.basis is None:
        return None
    with exact():
        return cents(lot.quantity * price - lot.basis)
