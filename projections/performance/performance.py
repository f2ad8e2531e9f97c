"""Performance: what a trader has earned, by asset, position and account, and on which capital.

An economic view, not the tax's: average cost instead of lots, everything at its mark. Each event
says which units moved and what they were worth (ledger.py keeps what follows). The one
trick: what counts of an asset is held less owed. A loan moves both alike, so it is neither income
nor capital; coins borrowed and sold are units below zero, a short; interest added to a debt is a
cost at once. Where an event's effect depends on what was owed or open, the balances' own answer is
read: this fold stands behind theirs in the pass.

Worth is units at the last price seen by then, fills included. A flow, cost or result without a
price is unknown, and so is every sum it is part of.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from domain.calendar import Calendar
from domain.events import (
    EVENTS,
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
    PositionSettled,
    PriceObserved,
    Repaid,
    Transferred,
    Withdrawn,
)
from domain.money import ZERO
from domain.policies import price_age
from domain.recorded import Recorded
from projections.amounts import Amount, negative, plus, times
from projections.balances import Balances
from projections.decisions import Decisions
from projections.findings import Findings
from projections.performance.equity_curve import EquityCurve
from projections.performance.exposure import Running, mark
from projections.performance.ledger import Ledger
from projections.performance.transit import Transit
from projections.prices import Marks
from projections.replay import Projection, Steps, Turn

BOOK = "book"
"""The ledger of all accounts together."""


class Performance:
    """The fold, with all that it needs: feed `projections` and `turns` to one replay, then `close`.

    `account` names the one whose curve and returns are wanted (None: the whole book's), `since` the
    beginning of the period (None: the first event).
    """

    def __init__(
        self,
        currency: str,
        calendar: Calendar,
        decisions: Decisions,
        account: str | None = None,
        since: datetime | None = None,
    ) -> None:
        self._currency = currency
        self._since = since
        self.balances = Balances()
        self.marks = Marks(currency, price_age(decisions.policies["price_age"]))
        self.findings = Findings()
        self.ledgers: dict[str, Ledger] = {}
        self.book = Ledger(BOOK, currency)
        self.watched = self.book if account is None else self._ledger(account)
        self.before: dict[str, tuple[Amount, Amount]] = {}
        """Net worth and unrealised results when the period began, by ledger."""
        self._running = Running(self.watched.exposure, self.marks)
        self._debt = Running(self.watched.debts, self.marks)
        self._transit = Transit(decisions)
        self.steps: Steps = {
            Deposited: self._deposited,
            Withdrawn: self._withdrawn,
            Transferred: self._transferred,
            Borrowed: self._owes,
            Repaid: self._repaid,
            InterestCharged: self._interest,
            DebtForgiven: self._forgiven,
            Filled: self._filled,
            Liquidated: self._filled,
            PositionSettled: self._settled,
            FeeCharged: self._fee,
            IncomeReceived: self._income,
            FundingSettled: self._funding,
            ContractSettled: self._contract,
            PriceObserved: self._price,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()
        self.curve = EquityCurve(calendar, self._running, self._debt, self.steps)

    @property
    def projections(self) -> tuple[Projection, ...]:
        """The folds in the order of the pass: the curve before anyone learns, this one last."""
        return self.curve, self.balances, self.marks, self

    @property
    def turns(self) -> Iterable[Turn]:
        """The period begins before all events of its first instant."""
        return [] if self._since is None else [(self._since, self._begin)]

    def close(self, until: datetime | None) -> None:
        """There are no more events; the period ends here (None: with the last event)."""
        self.balances.close()
        self.curve.close(until)
        self._transit.close(self.findings)
        for ledger in (self.book, *self.ledgers.values()):
            for recorded, asset in ledger.unpriced(self.marks):
                self._unpriced(recorded, asset)

    def _begin(self) -> None:
        assert self._since is not None  # noqa: S101 - for the type checker
        self.curve.begin(self._since)
        unsettled: set[str] = set()
        for ledger in (self.book, *self.ledgers.values()):
            worth = ledger.exposure.worth(self.marks)
            self.before[ledger.name] = worth, ledger.unrealised(self.marks)
            ledger.begin()
            unsettled.update(a for a, held in ledger.holdings.items() if held.cost is None)
        self.findings = self.findings.about(unsettled)

    # In and out -----------------------------------------------------------------------------------

    def _deposited(self, recorded: Recorded, event: Deposited) -> None:
        """A flow, but for the book where the units come from an account of its own."""
        worth = self._worth(recorded, event.asset, event.quantity)
        sent = self._transit.arrives(recorded, event)
        self._flow(recorded, self._ledger(recorded.account), event.asset, event.quantity, worth)
        if sent is None:
            self._flow(recorded, self.book, event.asset, event.quantity, worth)
        elif sent < event.quantity:
            more = event.quantity - sent
            worth = self._worth(recorded, event.asset, more)
            self._flow(recorded, self.book, event.asset, more, worth)
        elif sent > event.quantity:  # the network's fee
            self._cost(recorded, [self.book], "fees", event.asset, sent - event.quantity)

    def _withdrawn(self, recorded: Recorded, event: Withdrawn) -> None:
        self._pay(recorded, "fees", event.asset, event.fee)
        worth = self._worth(recorded, event.asset, -event.quantity)
        self._flow(recorded, self._ledger(recorded.account), event.asset, -event.quantity, worth)
        if not self._transit.departs(recorded, event):
            self._flow(recorded, self.book, event.asset, -event.quantity, worth)

    def _transferred(self, recorded: Recorded, event: Transferred) -> None:
        """A flow for both accounts, and none for the book."""
        self._pay(recorded, "fees", event.asset, event.fee)
        worth = self._worth(recorded, event.asset, event.quantity)
        here = self._ledger(recorded.account)
        self._flow(recorded, here, event.asset, -event.quantity, negative(worth))
        self._flow(recorded, self._ledger(event.to), event.asset, event.quantity, worth)

    def _flow(
        self, recorded: Recorded, ledger: Ledger, asset: str, units: Decimal, worth: Amount
    ) -> None:
        ledger.move(recorded, asset, units, worth)
        if units > 0:
            ledger.add("deposited", worth)
        else:
            ledger.add("withdrawn", negative(worth))
        if ledger is self.watched:
            self.curve.flow(recorded.event.at, worth)

    # Debt -----------------------------------------------------------------------------------------

    def _repaid(self, recorded: Recorded, event: Repaid) -> None:
        """Interest beyond what was charged before is a cost now; the rest was one already."""
        self._owes(recorded, event)
        self._add(recorded, "interest_paid", event.asset, event.interest)
        self._pay(recorded, "interest", event.asset, -self._moved(recorded, event.asset))

    def _interest(self, recorded: Recorded, event: InterestCharged) -> None:
        self._owes(recorded, event)
        if event.settled == "balance":
            self._add(recorded, "interest_paid", event.asset, event.quantity)
        self._pay(recorded, "interest", event.asset, event.quantity)

    def _forgiven(self, recorded: Recorded, event: DebtForgiven) -> None:
        self._owes(recorded, event)
        self._receive(recorded, "forgiven", event.asset, self._moved(recorded, event.asset))

    def _owes(
        self, recorded: Recorded, event: Borrowed | Repaid | InterestCharged | DebtForgiven
    ) -> None:
        """What is owed of the asset now, with interest."""
        account, asset = self.balances.accounts[recorded.account], event.asset
        more = account.owed_of(asset) - self._ledger(recorded.account).debts.units.get(asset, ZERO)
        for ledger in self._ledgers(recorded.account):
            ledger.owe(asset, more)

    def _moved(self, recorded: Recorded, asset: str) -> Decimal:
        """By how much what is held less what is owed grew by this event, as the balances say."""
        account = self.balances.accounts[recorded.account]
        now = account.held.get(asset, ZERO) - account.owed_of(asset)
        return now - self._ledger(recorded.account).quantity(asset)

    # Trades ---------------------------------------------------------------------------------------

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        self._priced(event.asset, event.quote)
        if event.position is not None:
            self._position_filled(recorded, event, event.position)
        else:
            side = 1 if event.side == "buy" else -1
            self._trade(recorded, event, side, event.total)
        self._pay(recorded, "fees", event.fee_asset or event.quote, event.fee)
        if type(event) is Liquidated:
            self._pay(recorded, "penalties", event.quote, event.penalty)

    def _trade(
        self, recorded: Recorded, event: Filled | PositionSettled, side: int, total: Decimal
    ) -> None:
        """Units for units that are worth the same; `side` is 1 where the asset comes in."""
        worth = self._traded(recorded, event, total)
        given, taken = (negative(worth), worth) if side > 0 else (worth, negative(worth))
        for ledger in self._ledgers(recorded.account):
            ledger.move(recorded, event.asset, event.quantity * side, taken)
            ledger.move(recorded, event.quote, -total * side, given)

    def _traded(
        self, recorded: Recorded, event: Filled | PositionSettled, total: Decimal
    ) -> Amount:
        """What the quote is worth; where nobody knows, what the asset is."""
        if event.asset == self._currency:
            return event.quantity
        asset, quote = mark(self.marks, event.asset), mark(self.marks, event.quote)
        if total and quote is None and asset is not None:
            return times(event.quantity, asset)
        return self._worth(recorded, event.quote, total)

    def _position_filled(self, recorded: Recorded, event: Filled, name: str) -> None:
        """The position is what the balances say; its result is the cost left unexplained."""
        before = self._ledger(recorded.account).positions.get((recorded.account, name))
        cost_before = ZERO if before is None else before.cost
        paid = event.total if event.side == "buy" else -event.total
        cost = self._stand(recorded, event, name)
        result = cost - cost_before - paid
        worth = self._worth(recorded, event.quote, result)
        for ledger in self._ledgers(recorded.account):
            position = ledger.positions[recorded.account, name]
            if result:
                ledger.move(recorded, event.quote, result, worth)
                position.realised = plus(position.realised, worth)
            if not position.quantity:
                position.status = "liquidated" if type(event) is Liquidated else "closed"

    def _settled(self, recorded: Recorded, event: PositionSettled) -> None:
        """A position was delivered: a trade of its units at what was paid for them."""
        before = self._ledger(recorded.account).positions.get((recorded.account, event.position))
        if before is None or not self._moved(recorded, event.asset):
            return  # the balances have found why
        side = 1 if before.quantity > 0 else -1
        self._stand(recorded, event, event.position)
        self._trade(recorded, event, side, event.amount)
        for ledger in self._ledgers(recorded.account):
            position = ledger.positions[recorded.account, event.position]
            if not position.quantity:
                position.status = "delivered"

    def _stand(self, recorded: Recorded, event: Filled | PositionSettled, name: str) -> Decimal:
        """Take the position over from the balances; return its signed cost."""
        position = self.balances.accounts[recorded.account].positions.get(name)
        asset, quote, units, cost = event.asset, event.quote, ZERO, ZERO
        if position is not None:
            asset, quote = position.asset, position.quote
            units, cost = position.quantity * position.side, position.cost * position.side
        for ledger in self._ledgers(recorded.account):
            ledger.stand(recorded, (recorded.account, name), asset, quote, units, cost)
        return cost

    # Costs, income, derivatives -------------------------------------------------------------------

    def _fee(self, recorded: Recorded, event: FeeCharged) -> None:
        self._pay(recorded, "fees", event.asset, event.quantity)

    def _income(self, recorded: Recorded, event: IncomeReceived) -> None:
        worth = event.value
        if worth is None or event.asset == self._currency:
            worth = self._worth(recorded, event.asset, event.quantity)
        for ledger in self._ledgers(recorded.account):
            ledger.move(recorded, event.asset, event.quantity, worth)
            ledger.add("income", worth)

    def _funding(self, recorded: Recorded, event: FundingSettled) -> None:
        worth = self._receive(recorded, "funding", event.asset, event.amount)
        for ledger in self._ledgers(recorded.account):
            contract = ledger.contract((recorded.account, event.contract))
            contract.funding = plus(contract.funding, worth)

    def _contract(self, recorded: Recorded, event: ContractSettled) -> None:
        worth = self._worth(recorded, event.asset, event.amount)
        for ledger in self._ledgers(recorded.account):
            ledger.move(recorded, event.asset, event.amount, worth)
            contract = ledger.contract((recorded.account, event.contract))
            contract.realised = plus(contract.realised, worth)
        self._pay(recorded, "fees", event.asset, event.fee)

    def _pay(self, recorded: Recorded, line: str, asset: str, units: Decimal) -> None:
        """Units went for a cost."""
        if units:
            self._cost(recorded, self._ledgers(recorded.account), line, asset, units)

    def _cost(
        self, recorded: Recorded, ledgers: Iterable[Ledger], line: str, asset: str, units: Decimal
    ) -> None:
        worth = self._worth(recorded, asset, units)
        for ledger in ledgers:
            ledger.move(recorded, asset, -units, negative(worth))
            ledger.add(line, worth)

    def _receive(self, recorded: Recorded, line: str, asset: str, units: Decimal) -> Amount:
        """Units came (below zero: went) on a line of their own."""
        worth = self._worth(recorded, asset, units)
        for ledger in self._ledgers(recorded.account):
            ledger.move(recorded, asset, units, worth)
            ledger.add(line, worth)
        return worth

    def _add(self, recorded: Recorded, line: str, asset: str, units: Decimal) -> None:
        """A line grew that tells more of units which another one has moved."""
        worth = self._worth(recorded, asset, units)
        for ledger in self._ledgers(recorded.account):
            ledger.add(line, worth)

    # Prices ---------------------------------------------------------------------------------------

    def _price(self, recorded: Recorded, event: PriceObserved) -> None:
        self._priced(event.asset, event.quote)

    def _priced(self, asset: str, quote: str) -> None:
        self._running.price(asset, quote)
        self._debt.price(asset, quote)

    def _worth(self, recorded: Recorded, asset: str, units: Decimal) -> Amount:
        """What units (signed) are worth now; a finding where nobody knows."""
        worth = times(units, mark(self.marks, asset))
        if worth is None:
            self._unpriced(recorded, asset)
        return worth

    def _unpriced(self, recorded: Recorded, asset: str) -> None:
        at = recorded.event.at.isoformat().replace("+00:00", "Z")
        self.findings.add(
            "missing_price",
            recorded,
            f"what was 1 {asset} worth in {self._currency} at {at}?",
            asset=asset,
            hint="add a price_observed of that time or before it, or begin later (--from)",
        )

    # Ledgers --------------------------------------------------------------------------------------

    def _ledgers(self, account: str) -> tuple[Ledger, Ledger]:
        return self._ledger(account), self.book

    def _ledger(self, account: str) -> Ledger:
        ledger = self.ledgers.get(account)
        if ledger is None:
            ledger = self.ledgers[account] = Ledger(account, self._currency)
        return ledger
