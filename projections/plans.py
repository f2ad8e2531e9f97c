"""Plans: the events that a trade, a loan or a liquidation would be, made of an account's state.

Pure: a plan says what would happen, whoever asks replays it (adapters/whatif.py). A liquidation
follows the venue's own order: positions are closed first; then coins are sold and coins owed are
bought back; then debts are repaid as far as there is anything to repay them with. In isolated mode
the venue bears what is left (`debt_forgiven` without recourse), else it stays owed.

Which coins are sold: where the account owes loans, all of them, as such venues take the collateral
over; where only positions are closed, as much as their loss wants, those of the positions first,
as Kraken deducts them (its help pages), then by worth.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import ROUND_CEILING, Context, Decimal
from typing import Any

from attrs import frozen

from domain.account import Account
from domain.errors import BookError
from domain.events import (
    Borrowed,
    DebtForgiven,
    Deposited,
    Event,
    Filled,
    Liquidated,
    PriceObserved,
    Repaid,
    Withdrawn,
)
from domain.money import MONEY, ONE, ZERO, plain, ratio, share
from domain.terms import Terms
from projections.findings import Finding
from projections.standing import assets_of, owed_of

Planned = tuple[str, Event]
"""An account and what would happen in it."""

_UP = Context(prec=28, rounding=ROUND_CEILING)
_EIGHT = Decimal("1E-8")


@frozen(kw_only=True)
class Market:
    """What things would cost: marks in the account's `money`, at one instant."""

    at: datetime
    money: str
    mark: Callable[[str], Decimal | None]

    def price(self, asset: str) -> Decimal:
        """What one unit costs. Raises `BookError` where nobody has said."""
        price = self.mark(asset)
        if price is None:
            msg = f"what is 1 {asset} worth in {self.money}? Give --price {asset}=PRICE"
            raise BookError(msg)
        return price

    def priced_in(self, asset: str, quote: str) -> Decimal:
        """What one unit costs in another asset."""
        return (
            self.price(asset)
            if quote == self.money
            else ratio(self.price(asset), self.price(quote))
        )


class Plan:
    """Events in the making, for one account; `balance` is what would be held."""

    def __init__(self, account: Account, terms: Terms | None, market: Market, name: str) -> None:
        self.account = account
        self.events: list[Event] = []
        self.findings: list[Finding] = []
        self._terms = terms
        self._market = market
        self._name = name
        self._held = dict(account.held)
        self._owed = {asset: owed_of(account, asset) for asset in assets_of(account)}

    # Single steps ---------------------------------------------------------------------------------

    def trade(
        self,
        side: str,
        asset: str,
        quantity: Decimal,
        *,
        quote: str | None = None,
        price: Decimal | None = None,
        position: str | None = None,
        leverage: Decimal | None = None,
        kind: type[Filled] = Filled,
    ) -> None:
        """Buy or sell at a price, or at the mark, with the taker fee of the terms."""
        quote = quote or self._money_for(asset)
        price = price or self._market.priced_in(asset, quote)
        total = price * quantity
        taken, seized = self._fee_rates
        fee = _cut(total * taken)
        more: dict[str, Any] = {"penalty": _cut(total * seized)} if kind is Liquidated else {}
        self._add(
            kind,
            side=side,
            asset=asset,
            quantity=quantity,
            quote=quote,
            price=price,
            fee=fee,
            position=position,
            leverage=leverage,
            **more,
        )
        cost = fee + more.get("penalty", ZERO)
        if position is not None:
            self._close(position, side, quantity, total, cost)
            return
        sign = 1 if side == "buy" else -1
        self._credit(asset, sign * quantity)
        self._credit(quote, -sign * total - cost)

    def borrow(self, asset: str, quantity: Decimal) -> None:
        """The venue lends units."""
        self._add(Borrowed, asset=asset, quantity=quantity)

    def repay(self, asset: str, quantity: Decimal) -> None:
        """Units go back: interest owed is paid first, the rest is principal."""
        interest = min(self.account.interest_owed.get(asset, ZERO), quantity)
        self._add(Repaid, asset=asset, quantity=quantity - interest, interest=interest)
        self._credit(asset, -quantity)
        self._owed[asset] = self._owed.get(asset, ZERO) - quantity

    def deposit(self, asset: str, quantity: Decimal, lots: Any = ()) -> None:
        """Units come in from outside."""
        self._add(Deposited, asset=asset, quantity=quantity, lots=lots)

    def withdraw(self, asset: str, quantity: Decimal) -> None:
        """Units go out, and stay one's own."""
        self._add(Withdrawn, asset=asset, quantity=quantity)

    def leave(
        self,
        asset: str,
        price: Decimal,
        *,
        quantity: Decimal | None = None,
        position: str | None = None,
    ) -> int:
        """Leave an asset at a price, whole or so many units; return the side that was left.

        A position if there is one or one is named; else what is held beyond what is owed of it, or,
        where more is owed, what would have to be bought back. Raises `BookError` for nothing.
        """
        positions = self.account.positions
        named = [n for n, p in sorted(positions.items()) if p.asset == asset]
        if position is not None and position not in positions:
            msg = f"{self.account.name} has no position {position}; open: {', '.join(positions)}"
            raise BookError(msg)
        if position is not None or named:
            return self._leave_positions([position] if position else named, price, quantity)
        net = self._held.get(asset, ZERO) - self._owed.get(asset, ZERO)
        if not net:
            msg = f"{self.account.name} has no {asset} and owes none"
            raise BookError(msg)
        side = "sell" if net > 0 else "buy"
        quote = self._money_for(asset)
        at = price if quote == self._market.money else ratio(price, self._market.price(quote))
        self.trade(side, asset, quantity or abs(net), quote=quote, price=at)
        return 1 if net > 0 else -1

    def _leave_positions(self, names: list[str], price: Decimal, quantity: Decimal | None) -> int:
        sides = {self.account.positions[name].side for name in names}
        if len(sides) > 1:
            msg = f"positions {', '.join(names)} are long and short: name one with --position"
            raise BookError(msg)
        for name in names:
            position = self.account.positions[name]
            units = position.quantity if quantity is None else min(quantity, position.quantity)
            quantity = None if quantity is None else quantity - units
            at = price if position.quote == self._market.money else None
            at = at or ratio(price, self._market.price(position.quote))
            side = "sell" if position.side > 0 else "buy"
            if units:
                self.trade(
                    side, position.asset, units, quote=position.quote, price=at, position=name
                )
        if not any(self._owed.values()):
            self._sell_for_losses([self.account.positions[name].asset for name in names], Filled)
        return sides.pop()

    # A liquidation --------------------------------------------------------------------------------

    def liquidate(self) -> None:
        """Everything that the venue would do to end all debts of the account."""
        positions = sorted(self.account.positions.items(), key=lambda item: item[1].since)
        for name, position in positions:
            side = "sell" if position.side > 0 else "buy"
            self.trade(
                side,
                position.asset,
                position.quantity,
                quote=position.quote,
                position=name,
                kind=Liquidated,
            )
        loans = {asset for asset, owed in self._owed.items() if owed}
        for asset in sorted(self._held):
            beyond = self._held[asset] - self._owed.get(asset, ZERO)
            if loans and beyond > 0 and asset not in MONEY:
                self.trade("sell", asset, beyond, kind=Liquidated)
        for asset in sorted(loans - MONEY):
            lacking = self._owed[asset] - max(self._held.get(asset, ZERO), ZERO)
            if lacking > 0:
                self.trade("buy", asset, lacking, kind=Liquidated)
        if not loans:
            self._sell_for_losses([position.asset for _, position in positions], Liquidated)
        self._repay_all(loans)

    def _sell_for_losses(self, first: list[str], kind: type[Filled]) -> None:
        """Sell coins, as many as a balance below zero wants: a loss is taken in what is held."""
        for money in sorted(asset for asset, held in self._held.items() if held < 0):
            for asset in self._coins(first):
                lacking = -self._held[money]
                if lacking <= 0:
                    break
                if asset == money:
                    continue
                price = self._market.priced_in(asset, money)
                taken, seized = self._fee_rates
                kept = ONE - taken - (seized if kind is Liquidated else ZERO)
                wanted = _UP.quantize(_UP.divide(lacking, price * kept), _EIGHT)
                units = Decimal(plain(min(wanted, self._held[asset])))
                self.trade("sell", asset, units, quote=money, kind=kind)

    def _coins(self, first: list[str]) -> Iterator[str]:
        """Coins held: those of the positions first, then by worth, the dearest first."""
        held = [asset for asset, units in self._held.items() if units > 0]
        order = {asset: place for place, asset in enumerate(dict.fromkeys(first))}

        def place(asset: str) -> tuple[int, Decimal, str]:
            worth = self._held[asset] * self._market.price(asset)
            return order.get(asset, len(order)), -worth, asset

        return iter(sorted(held, key=place))

    def _repay_all(self, loans: set[str]) -> None:
        for asset in sorted(loans):
            owed, held = self._owed[asset], max(self._held.get(asset, ZERO), ZERO)
            if min(owed, held) > 0:
                self.repay(asset, min(owed, held))
        if self.account.mode != "isolated":
            return
        below = {asset: -held for asset, held in self._held.items() if held < 0}
        for asset in sorted({*below, *(a for a in loans if self._owed[a] > 0)}):
            left = below.get(asset, ZERO) + max(self._owed.get(asset, ZERO), ZERO)
            if left:
                self._add(DebtForgiven, asset=asset, quantity=left, recourse=False)

    # ----------------------------------------------------------------------------------------------

    def _money_for(self, asset: str) -> str:
        """What an asset is traded for: the money owed, else the money held, else the account's."""
        owed = [a for a, units in self._owed.items() if units and a in MONEY and a != asset]
        held = [a for a, units in self._held.items() if units and a in MONEY and a != asset]
        found = owed or held or [self._market.money]
        return self._market.money if self._market.money in found else min(found)

    @property
    def _fee_rates(self) -> tuple[Decimal, Decimal]:
        """Of a trade, and of a liquidation on top."""
        terms = self._terms
        return (ZERO, ZERO) if terms is None else (terms.taker_fee_rate, terms.liquidation_fee_rate)

    def _close(
        self, name: str, side: str, quantity: Decimal, total: Decimal, cost: Decimal
    ) -> None:
        """The result of what is closed of a position reaches the balance, less its costs."""
        position = self.account.positions.get(name)
        quote = self.events[-1].quote  # type: ignore[attr-defined]
        result = ZERO
        if position is not None and (side == "buy") != (position.side > 0):
            closed = min(quantity, position.quantity)
            amount = total if closed == quantity else share(total, closed, quantity)
            whole = closed == position.quantity
            paid = position.cost if whole else share(position.cost, closed, position.quantity)
            result = (amount - paid) * position.side
        self._credit(quote, result - cost)

    def _credit(self, asset: str, quantity: Decimal) -> None:
        self._held[asset] = self._held.get(asset, ZERO) + quantity

    def _add(self, kind: type[Event], **fields: Any) -> None:
        number = len(self.events) + 1
        name = f"{self._name}-{number}"
        self.events.append(kind(at=self._market.at, id=name, sequence=number, **fields))


def _cut(amount: Decimal) -> Decimal:
    """An amount as an event can hold it: cut at 40 decimals."""
    return share(amount, ONE, ONE)


def observed(market: Market, prices: Mapping[str, Decimal], name: str) -> list[Planned]:
    """The prices that a plan stands on, as if somebody had seen them at its instant."""
    return [
        (
            "book",
            PriceObserved(
                at=market.at,
                id=f"{name}-price-{asset}",
                asset=asset,
                quote=market.money,
                price=price,
                source="what if",
            ),
        )
        for asset, price in sorted(prices.items())
        if asset != market.money
    ]
