"""Margin: what each account is worth, how near it is to liquidation, and at which prices.

A report of where accounts stand (standing.py) with the prices that matter (thresholds.py). Where
something is missing, no level is figured: a finding names it.
(Kraken's published example: 10,000 of collateral, long 1.5 BTC at 30,000 and 5x, is called at
28,133.33 and liquidated at 25,733.33.)
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from domain.account import Account, Position
from domain.errors import InvalidEvent
from domain.money import MONEY, ONE, ZERO, cents, plain, ratio
from domain.terms import DEBT, USED, Terms, terms_of
from projections.amounts import minus, times, total
from projections.balances import Balances
from projections.margin.interest_ahead import a_day_later
from projections.margin.margin_state import Holding, MarginState, OpenPosition, TermsInForce
from projections.margin.remarks import Remarks, sound
from projections.margin.standing import Standing, position_part
from projections.margin.thresholds import NEVER, Threshold, threshold
from projections.margin.valuation import Valuation
from projections.prices import Marks


def margin(
    balances: Balances,
    marks: Marks,
    prices: Mapping[str, Decimal] | None = None,
    at: datetime | None = None,
) -> tuple[MarginState, ...]:
    """The state of every account after a replay of both. To be called inside `exact()`.

    `prices` stand in for marks; `at` is the time of asking, by which marks are old (None: the time
    of the last event). Raises `InvalidEvent` for a price that is none.
    """
    given = prices or {}
    for asset, price in given.items():
        if not price.is_finite() or price <= 0:
            raise InvalidEvent("price", f"{asset}={price}", "must be more than zero")
    now = at or last_seen(balances, marks)
    return tuple(
        _Figures(balances.accounts[name], marks, given, now).state()
        for name in sorted(balances.accounts)
    )


def last_seen(balances: Balances, marks: Marks) -> datetime | None:
    """The time of the last movement or price, None where nothing has happened."""
    times = [time for time in (balances.now, marks.now) if time is not None]
    return max(times, default=None)


class _Figures:
    """The figures of one account."""

    def __init__(
        self,
        account: Account,
        marks: Marks,
        given: Mapping[str, Decimal],
        now: datetime | None,
    ) -> None:
        self.account = account
        self.remarks = Remarks(account.name)
        self.valuation = Valuation(account, marks, given, now, self.remarks)
        self.mark = self.valuation.mark
        self.currency = self.valuation.currency
        self.told = terms_of(account.name, account.terms)
        self.terms = sound(account, self.remarks)
        self.standing = Standing(account, self.terms, self.mark, self.currency)
        self.equity = self.standing.equity if self.standing.known else None

    def state(self) -> MarginState:
        account, terms, standing = self.account, self.terms, self.standing
        held = self._holdings((a, account.held.get(a, ZERO)) for a in account.assets)
        owed = self._holdings((a, account.owed_of(a)) for a in account.assets)
        worth, exposure, used = self._net_worth(held, owed), self._exposure(), self._used()
        (level, status), thresholds = standing.judged(), self._thresholds(standing)
        self._remark()
        return MarginState(
            account=account.name,
            mode=self._mode(),
            model=self.told.model.name if self.told else None,
            currency=self.currency,
            equity=self.equity,
            collateral=total(h.counted for h in held),
            debt=standing.debt if standing.known else None,
            used_margin=used,
            maintenance_margin=self._held_at(1, standing.need),
            level=level,
            level_shown=_shown(terms, level),
            status=status,
            net_worth=worth,
            free_margin=minus(self.equity, used),
            borrowable=self._borrowable(minus(self.equity, used)),
            above_call=minus(self.equity, self._held_at(0, standing.need)),
            above_liquidation=minus(self.equity, self._held_at(1, standing.need)),
            exposure=exposure,
            leverage=ratio(exposure, worth)
            if exposure is not None and worth and worth > 0
            else None,
            at_risk=None if worth is None else max(worth, ZERO),
            recourse=account.mode != "isolated",
            terms=_in_force(self.told, self._levels()),
            holdings=held,
            debts=owed,
            positions=tuple(
                self._position(name, account.positions[name], thresholds)
                for name in sorted(account.positions)
            ),
            prices=thresholds,
            prices_per_day=self._moves(thresholds),
            findings=self.remarks.all(),
        )

    # Amounts --------------------------------------------------------------------------------------

    def _holdings(self, quantities: Iterable[tuple[str, Decimal]]) -> tuple[Holding, ...]:
        return tuple(self._holding(asset, quantity) for asset, quantity in quantities if quantity)

    def _holding(self, asset: str, quantity: Decimal) -> Holding:
        mark, seen = self.mark(asset), self.valuation.seen(asset)
        value = times(quantity, mark)
        counted = value if value is None or quantity > 0 else ZERO
        if counted and self.terms is not None:
            counted *= self.terms.factor(asset)
        return Holding(
            asset=asset,
            quantity=quantity,
            mark=mark,
            value=value,
            counted=counted,
            marked_at=None if seen is None else seen.at,
            stale=self.valuation.is_old(seen),
        )

    def _net_worth(self, held: Iterable[Holding], owed: Iterable[Holding]) -> Decimal | None:
        values = [*(h.value for h in held), *(None if h.value is None else -h.value for h in owed)]
        return total([*values, *(self._unrealised(p) for p in self.account.positions.values())])

    def _used(self) -> Decimal | None:
        """The margin used: as the fills of positions said, and what terms ask of loans or coins."""
        account, terms = self.account, self.terms
        values = [self._worth(p.used, p.quote) for p in account.positions.values()]
        if terms is None:
            return None if account.owes and not values else total(values)
        if account.owes and not self.standing.measured:
            return None
        asked: Decimal | None = ZERO
        if terms.model.need == DEBT or "debts" in terms.model.sizes:
            asked = None if self.equity is None else self.standing.debt
        elif "coins" in terms.model.sizes:
            asked = self._coins()
        return total([*values, terms.initial_margin(asked) if asked else asked])

    def _coins(self) -> Decimal | None:
        """Coins held or owed, each netted, at their marks."""
        account = self.account
        coins = (asset for asset in account.assets if asset not in MONEY)
        net = ((a, abs(account.held.get(a, ZERO) - account.owed_of(a))) for a in coins)
        return total(times(units, self.mark(asset)) for asset, units in net if units)

    def _exposure(self) -> Decimal | None:
        """What is at stake in markets: positions, and coins held or owed."""
        positions = self.account.positions.values()
        return total([self._coins(), *(times(p.quantity, self.mark(p.asset)) for p in positions)])

    def _held_at(self, which: int, need: Decimal) -> Decimal | None:
        """The equity at which a level (0: call, 1: liquidation) is reached."""
        level, blind = self._levels()[which], self.account.owes and not self.standing.measured
        if self.terms is None or self.equity is None or level is None or blind:
            return None
        return self.terms.held_at(level, need)

    def _borrowable(self, free: Decimal | None) -> Decimal | None:
        """What the terms would still lend: (assets - IRR x debt) / (IRR - 1) at Binance."""
        if self.terms is None or free is None:
            return None
        return self.terms.lendable(max(free, ZERO), self.standing.weighed)

    def _worth(self, units: Decimal | None, asset: str) -> Decimal | None:
        return None if units is None else times(units, self.mark(asset))

    def _unrealised(self, position: Position) -> Decimal | None:
        price, quote = self.mark(position.asset), self.mark(position.quote)
        if price is None or quote is None:
            return None
        return position_part(position, price, quote, None).equity

    def _levels(self) -> tuple[Decimal | None, Decimal | None]:
        return (None, None) if self.terms is None else self.terms.levels(self.standing.weighed)

    def _mode(self) -> str:
        account = self.account
        crossed = self.told is not None and account.mode == "spot" and bool(account.positions)
        return "cross" if crossed else account.mode

    # The prices that matter -----------------------------------------------------------------------

    def _thresholds(self, standing: Standing) -> Mapping[str, Threshold]:
        """Each asset's, where it has any."""
        if not standing.measured:
            return {}
        marks = {asset: self.mark(asset) for asset in sorted(standing.assets() - {self.currency})}
        found = {
            asset: threshold(standing, asset, mark)
            for asset, mark in marks.items()
            if mark is not None
        }
        return {asset: reached for asset, reached in found.items() if reached != NEVER}

    def _moves(self, now: Mapping[str, Threshold]) -> Mapping[str, Threshold]:
        """How far a day of interest moves these prices, where rates are told."""
        later = a_day_later(self.account) if now else None
        if later is None:
            return {}
        then = self._thresholds(Standing(later, self.terms, self.mark, self.currency))
        return {asset: _moved(now[asset], then.get(asset, NEVER)) for asset in now}

    def _position(
        self, name: str, position: Position, thresholds: Mapping[str, Threshold]
    ) -> OpenPosition:
        price, quote = self.mark(position.asset), self.mark(position.quote)
        reached = thresholds.get(position.asset, NEVER)
        kept = None
        if price is not None and quote is not None and self.terms is not None:
            weighed = position_part(position, price, quote, self.terms).weighed
            kept = None if self.terms.model.need == DEBT else self._held_at(1, weighed)
        return OpenPosition(
            position=name,
            asset=position.asset,
            quote=position.quote,
            side="long" if position.side > 0 else "short",
            quantity=position.quantity,
            entry=ratio(position.cost, position.quantity),
            mark=_over(price, quote),
            unrealised=self._unrealised(position),
            used_margin=self._worth(position.used, position.quote),
            call_price=_over(reached.call, quote),
            liquidation_price=_over(reached.liquidation, quote),
            maintenance_margin=kept,
            opened=position.opened,
            since=position.since,
        )

    # ----------------------------------------------------------------------------------------------

    def _remark(self) -> None:
        account, add = self.account, self.remarks.add
        weighs_used = self.told is None or self.told.model.need == USED
        for name in sorted(self.standing.unlevered if weighs_used else ()):
            add(
                "missing_leverage",
                f"position {name} was opened without saying its leverage",
                "name leverage on its fills, or in margin_terms_set",
                asset=account.positions[name].asset,
                event=account.positions[name].opened,
            )
        for name in sorted(() if self.standing.backed else self.standing.bare):
            add(
                "missing_collateral",
                f"position {name} was opened in an account that holds nothing",
                "its deposit, or a transfer into it, is missing from the book",
                asset=account.positions[name].asset,
                event=account.positions[name].opened,
            )
        if account.owes and self.told is None:
            add(
                "missing_terms",
                "the account owes, and its margin terms are unknown: no level is figured",
                f"record margin_terms_set, or a preset: marginbook terms {account.name} PRESET"
                " (marginbook terms --list names them)",
                severity="warning",
            )
        elif account.owes and self.terms and not (account.positions or self.standing.weighed):
            add(
                "unmeasured_debt",
                f"the model {self.terms.model.name} measures positions, and there are none",
                "loans outside positions have no level in it: are these the right terms?",
                severity="warning",
            )
        if account.contract is not None:
            contract, at = account.contract
            add(
                "unseen_contracts",
                f"contracts settle here (the last one {contract}, on {at:%Y-%m-%d}), and what is"
                " open of them is not in the book: these figures are of coins, loans and positions",
                "the venue shows open contracts; as fills with a position they count here",
                severity="warning",
                at=at,
            )


def _shown(terms: Terms | None, level: Decimal | None) -> str | None:
    """The level in the venue's own words."""
    if terms is None or level is None:
        return None
    model = terms.model
    if model.percent:
        return f"{model.words} {cents(level * 100)} %"
    return f"{model.words} {plain(Decimal(format(level, '.4f')))}"


def _in_force(
    terms: Terms | None, levels: tuple[Decimal | None, Decimal | None]
) -> TermsInForce | None:
    if terms is None:
        return None
    told = terms.told
    return TermsInForce(
        event=None if told is None else told.id,
        since=None if told is None else told.at,
        source=None if told is None else told.source,
        call=levels[0],
        liquidation=levels[1],
    )


def _moved(now: Threshold, later: Threshold) -> Threshold:
    """How far the prices are from those a day later."""
    return Threshold(
        call=minus(later.call, now.call), liquidation=minus(later.liquidation, now.liquidation)
    )


def _over(price: Decimal | None, quote: Decimal | None) -> Decimal | None:
    if price is None or not quote:
        return None
    return price if quote == ONE else ratio(price, quote)
