"""Margin: what each account is worth, and at which price it is called or liquidated.

Equity = collateral (what is held, at its mark, after haircuts) + unrealised results - debt with
interest. Kraken's level = equity / used margin, used margin = opening cost / leverage of what is
still open.

The one trick: with everything else equal, equity and used margin are straight lines in one asset's
price, so the price at which the level is k solves in one step and is exact: P = p + (k x used -
equity) / (slope of equity - k x slope of used). (Kraken's published example: 10,000 of collateral,
long 1.5 BTC at 30,000 and 5x, is called at 28,133.33 and liquidated at 25,733.33.)
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import frozen

from domain.account import Account, Position
from domain.money import ZERO, ratio
from domain.terms import Terms, terms_of
from projections.balances import Balances
from projections.findings import Finding
from projections.prices import Marks
from projections.report import Report


@frozen(kw_only=True)
class Holding(Report):
    """Units held or owed, at their mark. `value` is before haircuts; None: no price is known."""

    asset: str
    quantity: Decimal
    mark: Decimal | None
    value: Decimal | None


@frozen(kw_only=True)
class Threshold(Report):
    """Prices at which an account reaches its call and its liquidation level, None: at no price."""

    call: Decimal | None
    liquidation: Decimal | None


@frozen(kw_only=True)
class OpenPosition(Report):
    """A position: prices are in its quote, `unrealised` in the book's currency."""

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


@frozen(kw_only=True)
class MarginState(Report):
    """One account, in the book's currency. None: a price or a leverage is missing, see findings."""

    account: str
    mode: str
    model: str | None
    equity: Decimal | None
    collateral: Decimal | None
    debt: Decimal | None
    used_margin: Decimal | None
    maintenance_margin: Decimal | None
    level: Decimal | None
    status: str | None
    holdings: tuple[Holding, ...]
    debts: tuple[Holding, ...]
    positions: tuple[OpenPosition, ...]
    prices: Mapping[str, Threshold]
    findings: tuple[Finding, ...] = ()


def margin(
    balances: Balances, marks: Marks, prices: Mapping[str, Decimal] | None = None
) -> tuple[MarginState, ...]:
    """The state of every account after a replay of both; `prices` (USD) stand in for marks."""
    given = prices or {}
    return tuple(
        _Figures(balances.accounts[name], marks, given).state()
        for name in sorted(balances.accounts)
    )


class _Figures:
    """The figures of one account: each asset's mark, and the slopes of equity and used margin."""

    def __init__(self, account: Account, marks: Marks, given: Mapping[str, Decimal]) -> None:
        self.account = account
        self.terms = terms_of(account.name, account.terms)
        self.currency = marks.currency
        self.findings: list[Finding] = []
        self._marks = marks
        self._given = given
        self._cache: dict[str, Decimal | None] = {}

    def state(self) -> MarginState:
        account, terms = self.account, self.terms
        held = self._holdings(account.held.items())
        owed = self._holdings(self._owed())
        collateral = self._sum(self._counted(h, terms) for h in held)
        debt = self._sum(h.value for h in owed)
        unrealised = self._sum(self.unrealised(p) for p in account.positions.values())
        used = self._used()
        equity = None
        if collateral is not None and debt is not None and unrealised is not None:
            equity = collateral + unrealised - debt
        level = None if terms is None or equity is None or not used else ratio(equity, used)
        thresholds = self._thresholds(equity, used) if used else {}
        self._remark()
        return MarginState(
            account=account.name,
            mode="cross"
            if terms and account.mode == "spot" and account.positions
            else account.mode,
            model=account.terms.model if account.terms else (terms.model if terms else None),
            equity=equity,
            collateral=collateral,
            debt=debt,
            used_margin=used,
            maintenance_margin=None if terms is None or used is None else terms.liquidation * used,
            level=level,
            status=self._status(level, equity),
            holdings=held,
            debts=owed,
            positions=tuple(
                self._position(name, account.positions[name], thresholds)
                for name in sorted(account.positions)
            ),
            prices=thresholds,
            findings=tuple(self.findings),
        )

    # Marks ----------------------------------------------------------------------------------------

    def mark(self, asset: str) -> Decimal | None:
        if asset not in self._cache:
            found = self._given.get(asset)
            if found is None:
                price = self._marks.mark(asset)
                found = None if price is None else price.price
            self._cache[asset] = found
            if found is None:
                self._find(
                    "missing_price",
                    asset,
                    f"what is 1 {asset} worth in {self.currency}?",
                    f"margin --price {asset}=PRICE, or a price_observed event",
                )
        return self._cache[asset]

    def unrealised(self, position: Position) -> Decimal | None:
        price, quote = self.mark(position.asset), self.mark(position.quote)
        if price is None or quote is None:
            return None
        return (position.quantity * price - position.cost * quote) * position.side

    def _holdings(self, quantities: Iterable[tuple[str, Decimal]]) -> tuple[Holding, ...]:
        return tuple(
            Holding(
                asset=asset,
                quantity=quantity,
                mark=self.mark(asset),
                value=_times(quantity, self.mark(asset)),
            )
            for asset, quantity in sorted(quantities)
            if quantity
        )

    def _owed(self) -> list[tuple[str, Decimal]]:
        owed, interest = self.account.owed, self.account.interest_owed
        return [(a, owed.get(a, ZERO) + interest.get(a, ZERO)) for a in {*owed, *interest}]

    def _counted(self, holding: Holding, terms: Terms | None) -> Decimal | None:
        if terms is None or holding.value is None:
            return holding.value
        return holding.value * terms.factor(holding.asset)

    def _used(self) -> Decimal | None:
        total = ZERO
        for position in self.account.positions.values():
            quote = self.mark(position.quote)
            if position.used is None or quote is None:
                return None
            total += position.used * quote
        return total

    # The prices that matter -----------------------------------------------------------------------

    def _thresholds(self, equity: Decimal | None, used: Decimal | None) -> Mapping[str, Threshold]:
        if self.terms is None or equity is None or used is None:
            return {}
        slopes, used_slopes = self._slopes(self.terms)
        found = {}
        for asset in sorted(slopes):
            price = self.mark(asset)
            if asset == self.currency or price is None:
                continue
            prices = [
                _solve(price, level, equity, used, slopes[asset], used_slopes.get(asset, ZERO))
                for level in (self.terms.call, self.terms.liquidation)
            ]
            found[asset] = Threshold(call=prices[0], liquidation=prices[1])
        return found

    def _slopes(self, terms: Terms) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        """By how much equity, and used margin, grow with one asset's price."""
        equity: dict[str, Decimal] = {}
        used: dict[str, Decimal] = {}
        for asset, quantity in self.account.held.items():
            equity[asset] = equity.get(asset, ZERO) + quantity * terms.factor(asset)
        for asset, quantity in self._owed():
            equity[asset] = equity.get(asset, ZERO) - quantity
        for p in self.account.positions.values():
            equity[p.asset] = equity.get(p.asset, ZERO) + p.quantity * p.side
            equity[p.quote] = equity.get(p.quote, ZERO) - p.cost * p.side
            used[p.quote] = used.get(p.quote, ZERO) + (p.used or ZERO)
        return {asset: slope for asset, slope in equity.items() if slope or used.get(asset)}, used

    def _position(
        self, name: str, position: Position, thresholds: Mapping[str, Threshold]
    ) -> OpenPosition:
        price, quote = self.mark(position.asset), self.mark(position.quote)
        reached = thresholds.get(position.asset, Threshold(call=None, liquidation=None))
        return OpenPosition(
            position=name,
            asset=position.asset,
            quote=position.quote,
            side="long" if position.side > 0 else "short",
            quantity=position.quantity,
            entry=ratio(position.cost, position.quantity),
            mark=_over(price, quote),
            unrealised=self.unrealised(position),
            used_margin=_times(position.used, quote),
            call_price=_over(reached.call, quote),
            liquidation_price=_over(reached.liquidation, quote),
        )

    # ----------------------------------------------------------------------------------------------

    @property
    def _owes(self) -> bool:
        owed = (*self.account.owed.values(), *self.account.interest_owed.values())
        return any(owed) or bool(self.account.positions)

    def _status(self, level: Decimal | None, equity: Decimal | None) -> str | None:
        if level is None or self.terms is None:
            return None if self._owes or equity is None or equity < 0 else "healthy"
        if level <= self.terms.liquidation:
            return "liquidation"
        return "call" if level <= self.terms.call else "healthy"

    def _remark(self) -> None:
        for name, position in sorted(self.account.positions.items()):
            if position.used is None:
                self._find(
                    "missing_leverage",
                    position.asset,
                    f"position {name} was opened without saying its leverage",
                    "name leverage on its fills, or in margin_terms_set",
                )
        if self._owes and self.terms is None:
            self._find(
                "missing_terms",
                "",
                "the account owes, and its margin terms are unknown: no level is figured",
                "record margin_terms_set with model kraken; other models come later",
                "warning",
            )

    def _find(
        self, kind: str, asset: str, problem: str, hint: str, severity: str = "error"
    ) -> None:
        finding = Finding(
            kind=kind,
            account=self.account.name,
            asset=asset,
            problem=problem,
            hint=hint,
            severity=severity,
        )
        if finding not in self.findings:
            self.findings.append(finding)

    @staticmethod
    def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
        total = ZERO
        for value in values:
            if value is None:
                return None
            total += value
        return total


def _solve(
    price: Decimal,
    level: Decimal,
    equity: Decimal,
    used: Decimal,
    slope: Decimal,
    used_slope: Decimal,
) -> Decimal | None:
    """The price at which equity = level x used, all else equal; None where there is none."""
    steep = slope - level * used_slope
    if not steep:
        return None
    found = price + ratio(level * used - equity, steep)
    return found if found > 0 else None


def _times(quantity: Decimal | None, price: Decimal | None) -> Decimal | None:
    return None if quantity is None or price is None else quantity * price


def _over(price: Decimal | None, quote: Decimal | None) -> Decimal | None:
    if price is None or not quote:
        return None
    return price if quote == 1 else ratio(price, quote)
