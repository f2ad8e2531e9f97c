"""Plans: the events that a trade, a loan or a move of units would be, made of an account's state.

Pure: a plan says what would happen; whoever asks replays it (adapters/whatif.py). What cannot
happen is refused with what would be needed, so that no figure stands on units that are not there.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from attrs import frozen

from domain.account import Account
from domain.errors import BookError
from domain.events import (
    Borrowed,
    Deposited,
    Event,
    Filled,
    Liquidated,
    PriceObserved,
    Repaid,
    Withdrawn,
)
from domain.money import CASH, MONEY, ONE, ZERO, plain, product, ratio, share
from domain.terms import Terms
from projections.findings import Finding

_LATE = 2**52
"""What is supposed comes after all that happened at its instant."""

Planned = tuple[str, Event]
"""An account and what would happen in it."""


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
        price = self.price(asset)
        return price if quote == self.money else ratio(price, self.price(quote))

    def worth(self, price: Decimal, quote: str) -> Decimal:
        """A price in another asset, in the account's money."""
        return product(price, self.price(quote))


class Plan:
    """Events in the making, for one account; `held` and `owed` are what would be there then."""

    def __init__(self, account: Account, terms: Terms | None, market: Market, name: str) -> None:
        self.account = account
        self.market = market
        self.events: list[Event] = []
        self.findings: list[Finding] = []
        self.held = dict(account.held)
        self.owed = {asset: account.owed_of(asset) for asset in account.assets}
        self._terms = terms
        self._name = name

    @property
    def fee_rates(self) -> tuple[Decimal, Decimal]:
        """Of a trade, and of a liquidation on top."""
        terms = self._terms
        return (ZERO, ZERO) if terms is None else (terms.taker_fee_rate, terms.liquidation_fee_rate)

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
        lent: bool = False,
        kind: type[Filled] = Filled,
    ) -> None:
        """Buy or sell at a price in the quote, or at the mark, with the taker fee of the terms.

        `lent`: the venue lends what is lacking. Raises `BookError` where it is lacking and is not
        lent, and for a trade of the money itself.
        """
        quote = quote or self.money_for(asset)
        if asset == quote:
            msg = f"{asset} is the money here: what is to be bought or sold for it?"
            raise BookError(msg)
        if side == "sell" and position is None and not lent:
            self._must_hold(asset, quantity)  # before anybody is asked for its price
        price, total, fee, penalty = self._amounts(asset, quantity, quote, price, kind)
        self._see_to(side, asset, quantity, quote, total, fee + penalty, position, lent=lent)
        self.add(
            kind,
            side=side,
            asset=asset,
            quantity=_short(quantity),
            quote=quote,
            price=price,
            amount=None if total == price * quantity else total,
            fee=fee,
            position=position,
            leverage=leverage,
            **({"penalty": penalty} if kind is Liquidated else {}),
        )
        if position is not None:
            self.credit(quote, self._result(position, side, quantity, total) - fee - penalty)
            return
        sign = 1 if side == "buy" else -1
        self.credit(asset, sign * quantity)
        self.credit(quote, -sign * total - fee - penalty)

    def borrow(self, asset: str, quantity: Decimal) -> None:
        """The venue lends units."""
        self.add(Borrowed, asset=asset, quantity=_short(quantity))
        self.credit(asset, quantity)
        self.owed[asset] = self.owed.get(asset, ZERO) + quantity

    def repay(self, asset: str, quantity: Decimal) -> None:
        """Units go back: interest owed is paid first, the rest is principal."""
        owed = self.owed.get(asset, ZERO)
        if quantity > owed:
            msg = f"{self.account.name} owes {plain(owed)} {asset}, not {plain(quantity)}"
            raise BookError(msg)
        self._must_hold(asset, quantity)
        interest = min(self.account.interest_owed.get(asset, ZERO), quantity)
        principal = _short(quantity - interest)
        self.add(Repaid, asset=asset, quantity=principal, interest=_short(interest))
        self.credit(asset, -quantity)
        self.owed[asset] = owed - quantity

    def deposit(self, asset: str, quantity: Decimal) -> None:
        """Units come in from outside."""
        self.add(Deposited, asset=asset, quantity=quantity)

    def withdraw(self, asset: str, quantity: Decimal) -> None:
        """Units go out, and stay one's own."""
        self._must_hold(asset, quantity)
        self.add(Withdrawn, asset=asset, quantity=quantity)

    # What they do to the account ------------------------------------------------------------------

    def money_for(self, asset: str) -> str:
        """What an asset is traded for: the money owed, else the money held, else the account's."""
        owed = [a for a, units in self.owed.items() if units and a in MONEY and a != asset]
        held = [a for a, units in self.held.items() if units and a in MONEY and a != asset]
        found = owed or held or [self.market.money]
        return self.market.money if self.market.money in found else min(found)

    def credit(self, asset: str, quantity: Decimal) -> None:
        """Units come in, or go out below zero."""
        self.held[asset] = self.held.get(asset, ZERO) + quantity

    def add(self, kind: type[Event], **fields: Any) -> None:
        """One more event."""
        number = len(self.events) + 1
        name = f"{self._name}-{number}"
        self.events.append(kind(at=self.market.at, id=name, sequence=_LATE + number, **fields))

    def takes(
        self,
        side: str,
        asset: str,
        quantity: Decimal,
        quote: str,
        price: Decimal | None,
        position: str,
        kind: type[Filled],
    ) -> Decimal:
        """What closing so much of a position takes of the quote: a loss, and its costs."""
        _, total, fee, penalty = self._amounts(asset, quantity, quote, price, kind)
        return fee + penalty - self._result(position, side, quantity, total)

    def _amounts(
        self,
        asset: str,
        quantity: Decimal,
        quote: str,
        price: Decimal | None,
        kind: type[Filled],
    ) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Price, total, fee and penalty of a trade."""
        price = _cut(price or self.market.priced_in(asset, quote))
        total = _settled(price * quantity)
        taken, seized = self.fee_rates
        penalty = _settled(total * seized) if kind is Liquidated else ZERO
        return price, total, _settled(total * taken), penalty

    def _see_to(
        self,
        side: str,
        asset: str,
        quantity: Decimal,
        quote: str,
        total: Decimal,
        costs: Decimal,
        position: str | None,
        *,
        lent: bool,
    ) -> None:
        """See that there is what a trade takes: it is lent, or the trade is refused."""
        if position is not None:
            needed, units = quote, costs - self._result(position, side, quantity, total)
        elif side == "sell":
            needed, units = asset, quantity
        else:
            needed, units = quote, total + costs
        lacking = units - max(self.held.get(needed, ZERO), ZERO)
        if lacking <= 0:
            return
        if lent and needed not in CASH:
            self.borrow(needed, _cut(lacking))
        elif not lent and position is None:
            self._must_hold(needed, units)

    def _must_hold(self, asset: str, units: Decimal) -> None:
        held = max(self.held.get(asset, ZERO), ZERO)
        if units > held:
            msg = (
                f"{self.account.name} holds {plain(held)} {asset}, this takes {plain(units)}:"
                f" suppose less, or with --borrow that the venue lends it"
            )
            raise BookError(msg)

    def _result(self, position: str, side: str, quantity: Decimal, total: Decimal) -> Decimal:
        """The result of what a trade closes of a position, exactly as balances have it."""
        found = self.account.positions.get(position)
        if found is None or (side == "buy") == (found.side > 0):
            return ZERO
        closed = min(quantity, found.quantity)
        amount = total if closed == quantity else share(total, closed, quantity)
        whole = closed == found.quantity
        paid = found.cost if whole else share(found.cost, closed, found.quantity)
        return (amount - paid) * found.side


def _cut(amount: Decimal) -> Decimal:
    """An amount as an event can hold it: cut at 40 decimals, without zeros at its end."""
    return _short(share(amount, ONE, ONE))


def _settled(amount: Decimal) -> Decimal:
    """An amount as a venue books it: at most 18 decimals."""
    if int(amount.as_tuple().exponent) >= -_DECIMALS:
        return _short(amount)
    return _short(amount.quantize(_LAST, ROUND_HALF_EVEN, _EXACT))


_DECIMALS = 18
_LAST = Decimal("1E-18")
_EXACT = Context(prec=400)


def _short(amount: Decimal) -> Decimal:
    return Decimal(plain(amount))


def observed(plan: Plan, given: Mapping[str, Decimal], name: str) -> list[Planned]:
    """The prices that a plan stands on, as if somebody had seen them at its instant.

    Those `given`, and those of its trades and of what it moves.
    """
    market, prices = plan.market, dict(given)
    for event in plan.events:
        for asset in {getattr(event, "asset", ""), getattr(event, "quote", "")} - {""}:
            mark = market.mark(asset)
            if isinstance(event, Filled) and asset == event.asset:
                quote = market.mark(event.quote)
                mark = None if quote is None else _cut(product(event.price, quote))
            if mark is not None:
                prices.setdefault(asset, mark)
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
