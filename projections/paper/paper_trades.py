"""What a simulated venue does at one price: fills, interest, liquidation, and what follows of each.

Every event is one that a real venue's files could hold, so margin, lots and tax need to know
nothing of paper. A fill is tried on a copy of the account first, by the very fold that counts it.
What a closing or a charge leaves below zero, the venue lends (`borrowed`); it is paid back from the
next credit, interest first; in an isolated account it is written off when nothing is left to sell.
"""

from datetime import datetime
from decimal import Decimal

from domain.account import Account
from domain.bar import Bar
from domain.events import (
    Borrowed,
    DebtForgiven,
    Filled,
    InterestCharged,
    Liquidated,
    OrderCancelled,
    OrderTrailed,
    Repaid,
)
from domain.money import MONEY, ONE, ZERO, exact, plain, ratio
from projections.loans.accrual_report import LoanAccrual
from projections.paper.order_prices import trailed
from projections.paper.orders import Order
from projections.paper.paper_margin import forbids, liquidation_price
from projections.paper.paper_state import PaperState, amount, units_up
from projections.report import instant


class PaperTrades:
    """What can happen in the accounts of a state."""

    def __init__(self, state: PaperState) -> None:
        self._state = state

    # Orders ---------------------------------------------------------------------------------------

    def fill(self, order: Order, price: Decimal, at: datetime, liquidity: str) -> bool:
        """Fill what is left of an order at a price, or cancel it; whether it opened something.

        One that may only reduce waits while there is nothing to reduce, but for a market order.
        """
        account, position, before = order.account, order.placed.position, self._size(order)
        if order.placed.reduce_only and before >= 0:
            if order.placed.kind == "market":
                self.cancel(order, at, f"there is no position {position} to reduce")
            return False
        trade = self._trade(order, before, price, at, liquidity)
        reason = forbids(self._state, account, trade)
        if reason:
            self.cancel(order, at, reason)
            return False
        self._state.make(account, trade)
        if order.is_open:
            self.cancel(order, at, "the position held no more than was filled")
        self._settle(account, at)
        self._after_closing(account, position, at)
        opened = self._size(order) > max(before, ZERO)
        if opened:
            self.charge_interest(at)
            self._begin_to_trail(account, position, price, at)
        return opened

    def _trade(
        self, order: Order, before: Decimal, price: Decimal, at: datetime, liquidity: str
    ) -> Filled:
        placed, terms = order.placed, self._state.terms(order.account)
        quantity = min(order.left, -before) if placed.reduce_only else order.left
        rate = ZERO
        if terms is not None:
            rate = terms.maker_fee_rate if liquidity == "maker" else terms.taker_fee_rate
        return Filled(
            at=at,
            id=f"fill-{placed.id}",
            side=placed.side,
            asset=placed.asset,
            quantity=quantity,
            quote=placed.quote,
            price=price,
            fee=_part(price, quantity, rate),
            position=placed.position,
            leverage=placed.leverage,
            order=placed.id,
            liquidity=liquidity,
        )

    def waits(self, order: Order) -> bool:
        """Whether what an order is to reduce or to sell is still to be opened or bought."""
        placed = order.placed
        if placed.reduce_only or placed.position:
            return placed.reduce_only and self._size(order) >= 0
        if placed.side == "buy" or self.behind(order) >= order.left:
            return False
        open_ones = (o.placed for o in self._state.orders.open(order.account))
        return any((o.side, o.asset, o.position) == ("buy", placed.asset, None) for o in open_ones)

    def behind(self, order: Order) -> Decimal:
        """Units that stand where an order of this side puts its own: of its position, or held."""
        if order.placed.position is None:
            return self._state.account(order.account).held.get(order.placed.asset, ZERO)
        return max(self._size(order), ZERO)

    def settle(self, at: datetime) -> None:
        """Pay back what is lent from what has come in meanwhile."""
        for name in sorted(self._state.accounts):
            if any(self._state.accounts[name].owed.values()):
                self._settle(name, at)

    def idle(self, order: Order) -> bool:
        """Whether an order that only reduces has nothing to wait for: no position, and no entry."""
        if not order.placed.reduce_only or self._size(order) < 0:
            return False
        entries = self._state.orders.open(order.account)
        return not any(
            entry.placed.position == order.placed.position
            and entry.placed.side != order.placed.side
            and not entry.placed.reduce_only
            for entry in entries
        )

    def cancel(self, order: Order, at: datetime, reason: str) -> None:
        """The venue takes what is left of an order off."""
        event = OrderCancelled(
            at=at, id=f"cancel-{order.placed.id}", order=order.placed.id, reason=reason
        )
        self._state.make(order.account, event)

    def trail(self, order: Order, at: datetime, trigger: Decimal) -> None:
        """A trailing stop moves, if it does."""
        if trigger == order.trigger:
            return
        if trigger <= 0:
            self.cancel(order, at, "its trail is wider than the price")
            return
        name = f"trail-{order.placed.id}-{instant(at)}"
        event = OrderTrailed(at=at, id=name, order=order.placed.id, trigger=trigger)
        self._state.make(order.account, event)

    def trails(self, order: Order, since: datetime) -> bool:
        """Whether a trailing stop follows the market.

        One that only reduces does so while its position is there, since a time or longer.
        """
        if order.placed.kind != "trailing_stop":
            return False
        if not order.placed.reduce_only:
            return True
        position = self._state.account(order.account).positions.get(order.placed.position or "")
        return position is not None and self._size(order) < 0 and position.since <= since

    def _begin_to_trail(
        self, account: str, position: str | None, price: Decimal, at: datetime
    ) -> None:
        """Trailing stops that waited for a position begin where it was opened."""
        for order in self._state.orders.open(account):
            waited = order.placed.position == position and order.trigger is None
            if waited and self.trails(order, at):
                self.trail(order, at, trailed(order, price))

    def _size(self, order: Order) -> Decimal:
        """Units of the order's position: above zero on its own side, below where it reduces it."""
        account = self._state.account(order.account)
        found = account.positions.get(order.placed.position or "")
        if found is None:
            return ZERO
        same = (found.side > 0) is (order.placed.side == "buy")
        return found.quantity if same else -found.quantity

    def _after_closing(self, account: str, position: str | None, at: datetime) -> None:
        """Stop and target of a position that was closed have nothing left to do."""
        own = self._state.accounts[account]
        if position is None or position in own.positions:
            return
        for order in self._state.orders.open(account):
            if order.placed.reduce_only and order.placed.position == position:
                self.cancel(order, at, f"position {position} is closed")
        if not own.positions and not any(held > 0 for held in own.held.values()):
            self._write_off(own, at)

    # Interest -------------------------------------------------------------------------------------

    def charge_interest(self, at: datetime) -> None:
        """Charge every loan what fell due of it up to now, by the venue's clock and rates.

        A short's coins cost theirs in the quote of its position, at the last recorded price.
        """
        for loan, due in tuple(self._state.due(at)):
            self._charge(loan, due, at)

    def _charge(self, loan: LoanAccrual, due: Decimal, at: datetime) -> None:
        account = self._state.accounts[loan.account]
        position = account.positions.get(loan.loan)
        asset = loan.asset if position is None else position.quote
        price = self._state.recorded_price(loan.asset, asset)
        if price is None:
            return
        with exact():
            quantity = amount(due * price)
        if not quantity:
            return
        paid = account.held.get(asset, ZERO) >= quantity
        name = f"interest-{loan.loan or loan.asset}-{instant(at)}"
        event = InterestCharged(
            at=at,
            id=self._state.name(loan.account, name, at),
            asset=asset,
            quantity=quantity,
            settled="balance" if paid else "debt",
            loan_asset=loan.asset,
            loan=loan.loan or None,
        )
        self._state.make(loan.account, event)

    # Liquidation ----------------------------------------------------------------------------------

    def liquidate(self, bar: Bar, at: datetime, within: tuple[Decimal, Decimal]) -> None:
        """Close what must be closed while the market moves between two prices.

        Positions go oldest first, each whole, until the level is no longer reached; then own coins,
        as many as what is lent beside positions takes.
        """
        for name in sorted(self._state.accounts):
            account = self._state.accounts[name]
            while account.positions or any(account.owed.values()):
                price = liquidation_price(self._state, account, bar, within)
                if price is None:
                    break
                self._state.marks.stand(bar.asset, bar.quote, price, at)
                if not (self._close_oldest(account, at) or self._sell_coins(account, at)):
                    break

    def _close_oldest(self, account: Account, at: datetime) -> bool:
        priced = [
            (position.since, name, price)
            for name, position in account.positions.items()
            if (price := self._state.price(position.asset, position.quote)) is not None
        ]
        if not priced:
            return False
        _, name, price = min(priced)
        position = account.positions[name]
        side = "sell" if position.side > 0 else "buy"
        pair = (position.asset, position.quote)
        self._force(account, at, side, pair, position.quantity, price, name)
        self._after_closing(account.name, name, at)
        if not account.positions:
            while any(account.owed.values()) and self._sell_coins(account, at):
                pass
            self._write_off(account, at)
        return True

    def _sell_coins(self, account: Account, at: datetime) -> bool:
        """Sell own coins for what is lent beside positions; whether there were any."""
        terms = self._state.terms(account.name)
        costs = ZERO if terms is None else terms.taker_fee_rate + terms.liquidation_fee_rate
        if costs >= ONE:
            return False
        for quote in sorted(asset for asset, owed in account.owed.items() if owed > 0):
            needed = account.owed_of(quote)
            for asset in sorted(account.held.keys() - MONEY - {quote}):
                held, price = account.held[asset], self._state.price(asset, quote)
                if held > 0 and price is not None:
                    units = min(held, units_up(ratio(needed, price * (ONE - costs))))
                    self._force(account, at, "sell", (asset, quote), units, price, None)
                    return True
        return False

    def _force(
        self,
        account: Account,
        at: datetime,
        side: str,
        pair: tuple[str, str],
        quantity: Decimal,
        price: Decimal,
        position: str | None,
    ) -> None:
        terms = self._state.terms(account.name)
        fee_rate = ZERO if terms is None else terms.taker_fee_rate
        penalty_rate = ZERO if terms is None else terms.liquidation_fee_rate
        event = Liquidated(
            at=at,
            id=self._state.name(
                account.name, f"liquidation-{position or pair[0]}-{instant(at)}", at
            ),
            side=side,
            asset=pair[0],
            quantity=quantity,
            quote=pair[1],
            price=price,
            fee=_part(price, quantity, fee_rate),
            position=position,
            penalty=_part(price, quantity, penalty_rate),
            reason=f"the liquidation level was reached at {plain(price)}",
        )
        self._state.make(account.name, event)
        self._settle(account.name, at)

    def _write_off(self, account: Account, at: datetime) -> None:
        """Of an isolated account no more is lost than it held."""
        if account.mode != "isolated":
            return
        for asset in sorted({*account.owed, *account.interest_owed}):
            left = account.owed_of(asset)
            if left > 0:
                name = self._state.name(account.name, f"forgiven-{asset}-{instant(at)}", at)
                event = DebtForgiven(at=at, id=name, asset=asset, quantity=left, recourse=False)
                self._state.make(account.name, event)

    def _settle(self, name: str, at: datetime) -> None:
        """Lend what lacks; pay back what is lent."""
        account = self._state.accounts[name]
        for asset in sorted(account.held):
            held = account.held[asset]
            if held < 0:
                lent = self._state.name(name, f"borrowed-{asset}-{instant(at)}", at)
                self._state.make(name, Borrowed(at=at, id=lent, asset=asset, quantity=-held))
                self.charge_interest(at)
                continue
            interest = min(held, account.interest_owed.get(asset, ZERO))
            principal = min(held - interest, account.owed.get(asset, ZERO))
            if interest or principal:
                paid = self._state.name(name, f"repaid-{asset}-{instant(at)}", at)
                event = Repaid(at=at, id=paid, asset=asset, quantity=principal, interest=interest)
                self._state.make(name, event)


def _part(price: Decimal, quantity: Decimal, rate: Decimal) -> Decimal:
    """A part of what is traded, as the venue writes it."""
    with exact():
        return amount(price * quantity * rate)
