"""Margin after every event: the level of each account whose standing an event changed.

The one trick: an event names what it changes (its assets, its position, its account), so after it
only these parts of a standing are figured anew; a price is one part of each account that has the
asset. Fed after the balances and the marks of the same replay.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import get_args

from attrs import frozen

from domain.account import Account
from domain.events import (
    EVENTS,
    AccountOpened,
    Borrowed,
    ContractSettled,
    DebtForgiven,
    Deposited,
    Event,
    FeeCharged,
    Filled,
    FundingSettled,
    IncomeReceived,
    InterestCharged,
    Liquidated,
    MarginTermsSet,
    PositionSettled,
    PriceObserved,
    Repaid,
    Transferred,
    Withdrawn,
)
from domain.filling import quickly_made
from domain.money import ONE
from domain.recorded import Recorded
from projections.balances import Balances
from projections.margin.remarks import Remarks, sound
from projections.margin.standing import Standing
from projections.margin.valuation import money_of
from projections.prices import Marks
from projections.replay import Projection, Step, Steps
from projections.report import Report


@quickly_made
@frozen
class MarginPoint(Report):
    """Where an account stood after the event at a log position; amounts are in `currency`.

    `level` and `status` are None where something that they need is missing.
    """

    account: str
    at: datetime
    position: int
    event: str
    currency: str
    equity: Decimal | None
    debt: Decimal | None
    level: Decimal | None
    status: str | None


_MovesOne = (
    Deposited
    | Withdrawn
    | Borrowed
    | Repaid
    | InterestCharged
    | DebtForgiven
    | FeeCharged
    | IncomeReceived
    | FundingSettled
    | ContractSettled
)
"""Events that move one asset of their own account."""

Heard = Callable[[MarginPoint, Standing, Recorded], None]
"""Who hears of each point; the standing is as it is then, and goes on."""


class MarginHistory:
    """The fold. `heard` gets a point for each account that an event concerns."""

    def __init__(self, balances: Balances, marks: Marks, heard: Heard) -> None:
        self.remarks: dict[str, Remarks] = {}
        """What was noticed about the terms of each account, whenever they were in force."""
        self._balances = balances
        self._marks = marks
        self._heard = heard
        self._standings: dict[str, Standing] = {}
        self._holders: defaultdict[str, dict[str, None]] = defaultdict(dict)
        """The accounts that have, or had, anything whose worth an asset decides."""
        self._pairs = 0
        """How many pairs have had a price."""
        self._prices: dict[str, dict[str, Decimal | None]] = {}
        """The marks of each money, kept until a price that they hang on moves."""
        self._through: dict[str, set[str]] = {}
        """The assets whose price was seen in a quote, and so hangs on that of the quote."""
        moved: dict[type[Event], Step] = dict.fromkeys(get_args(_MovesOne), self._moved)
        self.steps: Steps = {
            **moved,
            Transferred: self._transferred,
            Filled: self._filled,
            Liquidated: self._filled,
            PositionSettled: self._settled,
            AccountOpened: self._anew,
            MarginTermsSet: self._anew,
            PriceObserved: self._priced,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    @property
    def projections(self) -> tuple[Projection, ...]:
        """What a replay has to feed, in this order."""
        return self._balances, self._marks, self

    def standing(self, account: str) -> Standing | None:
        """Where an account stands now, None before its first event."""
        return self._standings.get(account)

    # What events change ---------------------------------------------------------------------------

    def _moved(self, recorded: Recorded, event: _MovesOne) -> None:
        self._touch(recorded, recorded.account, (event.asset,))

    def _transferred(self, recorded: Recorded, event: Transferred) -> None:
        self._touch(recorded, recorded.account, (event.asset,))
        self._touch(recorded, event.to, (event.asset,))

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        own, fee = recorded.account, event.fee_asset
        others = self._price_moved(event.asset, event.quote, but=own)
        assets = (event.asset, event.quote, fee) if fee else (event.asset, event.quote)
        self._touch(recorded, own, assets, event.position, priced=True)
        for account in others:
            self._tell(recorded, account)

    def _settled(self, recorded: Recorded, event: PositionSettled) -> None:
        self._touch(recorded, recorded.account, (event.asset, event.quote), event.position)

    def _anew(self, recorded: Recorded, event: AccountOpened | MarginTermsSet) -> None:
        self._standings.pop(recorded.account, None)
        self._touch(recorded, recorded.account, ())

    def _priced(self, recorded: Recorded, event: PriceObserved) -> None:
        for account in self._price_moved(event.asset, event.quote):
            self._tell(recorded, account)

    # ----------------------------------------------------------------------------------------------

    def _touch(
        self,
        recorded: Recorded,
        account: str,
        assets: tuple[str, ...],
        position: str | None = None,
        *,
        priced: bool = False,
    ) -> None:
        """Figure an account anew in these parts; `priced`: the first asset's price moved, too."""
        standing = self._standings.get(account)
        if standing is None:
            standing = self._begin(self._balances.accounts[account])
        else:
            for asset in assets:
                standing.touch(asset)
            if position is not None:
                standing.touch_position(position)
            if priced:
                standing.priced_positions(assets[0])
                for asset in self._through.get(assets[0], ()):
                    standing.priced(asset)
        for asset in assets:
            self._holders[asset][account] = None
        self._recast(standing)
        self._tell(recorded, account)

    def _begin(self, account: Account) -> Standing:
        """A standing of all that the account has, in the money in which all of it has a price."""
        remarks = self.remarks.setdefault(account.name, Remarks(account.name))
        money = money_of(account, self._marks)
        standing = Standing(account, sound(account, remarks), self._mark_in(money), money)
        self._standings[account.name] = standing
        for asset in standing.assets():
            self._holders[asset][account.name] = None
        return standing

    def _recast(self, standing: Standing) -> None:
        """Where another money is the one in which all has a price now, begin again in it.

        It is asked only where that may have changed: a new pair was seen, or other assets count.
        """
        if standing.known and standing.currency == self._marks.currency:
            return
        state = self._pairs, standing.turns
        if standing.tried == state:
            return
        standing.tried = state
        if money_of(standing.account, self._marks) != standing.currency:
            self._begin(standing.account)

    def _price_moved(self, asset: str, quote: str, but: str = "") -> list[str]:
        """Figure anew what hangs on a price; return the accounts that have any of it.

        An account may be left to the caller.
        """
        seen = self._through.setdefault(quote, set())
        if asset not in seen:
            seen.add(asset)
            self._pairs += 1
        concerned: dict[str, None] = {}
        for priced in (asset, *self._through.get(asset, ())):
            for prices in self._prices.values():
                prices.pop(priced, None)
            for account in self._holders[priced]:
                standing = self._standings[account]
                if account != but and standing.concerns(priced):
                    standing.priced(priced)
                    concerned[account] = None
        for account in concerned:
            self._recast(self._standings[account])
        return sorted(concerned)

    def _mark_in(self, money: str) -> Callable[[str], Decimal | None]:
        marks, prices = self._marks, self._prices.setdefault(money, {money: ONE})

        def mark(asset: str) -> Decimal | None:
            if asset not in prices:
                price = marks.mark(asset, money)
                prices[asset] = None if price is None else price.price
            return prices[asset]

        return mark

    def _tell(self, recorded: Recorded, account: str) -> None:
        standing = self._standings[account]
        known = standing.known
        level, status = standing.judged()
        point = MarginPoint(
            account,
            recorded.event.at,
            recorded.position,
            recorded.event.id,
            standing.currency,
            standing.equity if known else None,
            standing.debt if known else None,
            level,
            status,
        )
        self._heard(point, standing, recorded)
