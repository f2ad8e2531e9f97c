"""What a performance report says: results by account, asset and position, and the returns.

All amounts are in the book's currency. None: a price is missing, and a finding names the event.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.money import ZERO, ratio
from projections.amounts import Amount, minus, times, total
from projections.findings import Finding
from projections.performance.equity_curve import Point
from projections.performance.exposure import mark
from projections.performance.ledger import Ledger, unrealised
from projections.performance.performance import Performance
from projections.report import Report


@frozen(kw_only=True)
class AssetResult(Report):
    """Units held less units owed (below zero: short); entry and results are before fees."""

    asset: str
    quantity: Decimal
    average_entry: Decimal | None
    realised: Decimal | None
    unrealised: Decimal | None


@frozen(kw_only=True)
class PositionResult(Report):
    """A position, `average_entry` in its quote. Status: open, closed, delivered, liquidated."""

    account: str
    position: str
    asset: str
    quote: str
    side: str
    quantity: Decimal
    average_entry: Decimal | None
    realised: Decimal | None
    unrealised: Decimal | None
    status: str


@frozen(kw_only=True)
class ContractResult(Report):
    """A derivative's settled results and funding (signed: paid below zero)."""

    account: str
    contract: str
    realised: Decimal | None
    funding: Decimal | None


@frozen(kw_only=True)
class AccountResult(Report):
    """One account over a period: profit = net worth - that before - deposited + withdrawn.

    It is also realised + (unrealised - that before) + income + forgiven + funding - fees - interest
    - penalties. `interest` is what was charged, at its worth then; `interest_paid` what of it, or
    of older, was paid; `interest_owed` what is unpaid, at its mark.
    """

    account: str
    net_worth: Decimal | None
    net_worth_before: Decimal | None
    deposited: Decimal | None
    withdrawn: Decimal | None
    profit: Decimal | None
    realised: Decimal | None
    unrealised: Decimal | None
    unrealised_before: Decimal | None
    income: Decimal | None
    forgiven: Decimal | None
    fees: Decimal | None
    interest: Decimal | None
    interest_paid: Decimal | None
    interest_owed: Decimal | None
    funding: Decimal | None
    penalties: Decimal | None
    assets: tuple[AssetResult, ...]
    positions: tuple[PositionResult, ...]
    contracts: tuple[ContractResult, ...]


@frozen(kw_only=True)
class TotalResult(AccountResult):
    """The whole book (`book`), or the one account asked for, with its returns (0.2 is 20 %).

    `time_weighted` is over the period, `money_weighted` a year's; `return_on_capital` is profit by
    the most own capital that was in. `reasons`: why one of them is None, by its name.
    """

    time_weighted: Decimal | None
    money_weighted: Decimal | None
    return_on_capital: Decimal | None
    reasons: dict[str, str]


@frozen(kw_only=True)
class PerformanceReport(Report):
    """Results over a period. `since` and `until` are None where nothing happened at all."""

    currency: str
    since: datetime | None
    until: datetime | None
    accounts: tuple[AccountResult, ...]
    total: TotalResult
    curve: tuple[Point, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, object]:
        """The report as JSON values; the period is `from` and `to`."""
        names = {"since": "from", "until": "to"}
        return {names.get(name, name): value for name, value in super().to_dict().items()}


def performed(fold: Performance, *, curve: bool = False) -> PerformanceReport:
    """The report of a fold that is closed; `curve` adds its points. Call it inside `exact()`."""
    whole = fold.watched is fold.book
    ledgers = fold.ledgers if whole else {fold.watched.name: fold.watched}
    found = (*fold.balances.findings.all(), *fold.findings.all())
    return PerformanceReport(
        currency=fold.book.currency,
        since=fold.curve.first,
        until=fold.curve.last,
        accounts=tuple(_Figures(fold, ledgers[name]).account() for name in sorted(ledgers)),
        total=_Figures(fold, fold.watched).total(),
        curve=tuple(fold.curve.points) if curve else (),
        findings=tuple(one for one in found if whole or one.account == fold.watched.name),
    )


class _Figures:
    """The figures of one ledger."""

    def __init__(self, fold: Performance, ledger: Ledger) -> None:
        self._fold = fold
        self._ledger = ledger
        self._marks = fold.marks

    def account(self) -> AccountResult:
        return AccountResult(**self._named())

    def total(self) -> TotalResult:
        curve, named = self._fold.curve, self._named()
        by_time, by_money = curve.time_weighted(), curve.money_weighted()
        profit, capital = named["profit"], curve.capital
        on_capital = None
        if profit is not None and capital is not None and capital > 0:
            on_capital = ratio(profit, capital)
        reasons = {"time_weighted": by_time.reason, "money_weighted": by_money.reason}
        return TotalResult(
            **named,
            time_weighted=by_time.rate,
            money_weighted=by_money.rate,
            return_on_capital=on_capital,
            reasons={name: reason for name, reason in reasons.items() if reason},
        )

    def _named(self) -> dict[str, Any]:
        ledger, lines = self._ledger, self._ledger.lines
        worth = ledger.exposure.worth(self._marks)
        before, unrealised_before = self._fold.before.get(ledger.name, (ZERO, ZERO))
        flows = minus(lines["deposited"], lines["withdrawn"])
        return {
            "account": ledger.name,
            "net_worth": worth,
            "net_worth_before": before,
            "profit": minus(minus(worth, before), flows),
            "realised": ledger.realised,
            "unrealised": ledger.unrealised(self._marks),
            "unrealised_before": unrealised_before,
            "interest_owed": self._interest_owed(),
            **lines,
            "assets": tuple(self._assets()),
            "positions": tuple(self._positions()),
            "contracts": tuple(self._contracts()),
        }

    def _interest_owed(self) -> Amount:
        accounts = self._fold.balances.accounts
        asked = accounts if self._ledger is self._fold.book else [self._ledger.name]
        return total(
            times(units, mark(self._marks, asset))
            for name in asked
            if name in accounts
            for asset, units in accounts[name].interest_owed.items()
        )

    def _assets(self) -> Iterator[AssetResult]:
        for asset, holding in sorted(self._ledger.holdings.items()):
            yield AssetResult(
                asset=asset,
                quantity=holding.quantity,
                average_entry=holding.average_entry,
                realised=holding.realised,
                unrealised=unrealised(asset, holding, self._marks),
            )

    def _positions(self) -> Iterator[PositionResult]:
        for (account, name), position in sorted(self._ledger.positions.items(), key=_name):
            yield PositionResult(
                account=account,
                position=name,
                asset=position.asset,
                quote=position.quote,
                side=position.side,
                quantity=abs(position.quantity),
                average_entry=position.average_entry,
                realised=position.realised,
                unrealised=position.unrealised(self._marks),
                status=position.status,
            )

    def _contracts(self) -> Iterator[ContractResult]:
        for (account, name), contract in sorted(self._ledger.contracts.items(), key=_name):
            yield ContractResult(
                account=account,
                contract=name,
                realised=contract.realised,
                funding=contract.funding,
            )


def _name(item: tuple[tuple[str, str], object]) -> tuple[str, str]:
    return item[0]
