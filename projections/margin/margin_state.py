"""The margin state of an account as a report: amounts, level, positions, and what they stand on."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from projections.findings import Finding
from projections.margin.thresholds import Threshold
from projections.report import Report


@frozen(kw_only=True)
class Holding(Report):
    """Units held or owed, at their mark. `value` is before haircuts; None: no price is known.

    `counted` is the part of the value that is collateral, `marked_at` when the mark was seen.
    """

    asset: str
    quantity: Decimal
    mark: Decimal | None
    value: Decimal | None
    counted: Decimal | None = None
    marked_at: datetime | None = None
    stale: bool = False


@frozen(kw_only=True)
class OpenPosition(Report):
    """A position: prices are in its quote, `unrealised` and `used_margin` in the account's money.

    `opened` is the id of the fill that opened it, at `since`.
    """

    position: str
    asset: str
    quote: str
    side: str
    quantity: Decimal
    entry: Decimal
    mark: Decimal | None
    unrealised: Decimal | None
    used_margin: Decimal | None
    call_price: Decimal | None
    liquidation_price: Decimal | None
    maintenance_margin: Decimal | None
    opened: str
    since: datetime


@frozen(kw_only=True)
class TermsInForce(Report):
    """The levels in force. `event`: the `margin_terms_set` that told them, None: published ones."""

    event: str | None
    since: datetime | None
    source: str | None
    call: Decimal | None
    liquidation: Decimal | None


@frozen(kw_only=True)
class MarginState(Report):
    """One account, in `currency`. None: a price, a leverage or terms are missing, see findings.

    `net_worth` is all that is held less all that is owed, before haircuts; `equity` is after them.
    `free_margin` is what equity leaves for new loans and positions, `borrowable` what a model of
    debt would still lend, `maintenance_margin` the equity at which the account is liquidated;
    `above_call` and `above_liquidation` are what equity may fall by (or be withdrawn of money)
    until then. `leverage` is exposure to coins / net worth. `at_risk` is
    what the account can lose: in isolated mode nothing more (`recourse` false), else what is lost
    beyond it is owed.
    """

    account: str
    mode: str
    model: str | None
    currency: str
    equity: Decimal | None
    collateral: Decimal | None
    debt: Decimal | None
    used_margin: Decimal | None
    maintenance_margin: Decimal | None
    level: Decimal | None
    level_shown: str | None
    status: str | None
    net_worth: Decimal | None
    free_margin: Decimal | None
    borrowable: Decimal | None
    above_call: Decimal | None
    above_liquidation: Decimal | None
    exposure: Decimal | None
    leverage: Decimal | None
    at_risk: Decimal | None
    recourse: bool
    terms: TermsInForce | None
    holdings: tuple[Holding, ...]
    debts: tuple[Holding, ...]
    positions: tuple[OpenPosition, ...]
    prices: Mapping[str, Threshold]
    prices_per_day: Mapping[str, Threshold]
    """How far each moves in a day of interest at the rates of the terms, where rates are told."""
    findings: tuple[Finding, ...] = ()
