"""What if: a trade, a loan, a stop or a liquidation, tried on the log and never recorded.

What would happen is planned as the very events that would be imported if it did
(projections/whatif/plans.py). The log is read once as it is and once with them
(adapters/log/trial.py), so margin, lots and tax of the what-if are those of the real thing. Nothing
that happened after the time of asking is looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.log.trial import Trial
from adapters.questions import Questions
from adapters.wire import to_native
from domain.account import Account
from domain.calendar import Calendar
from domain.errors import BookError
from domain.events import Deposited
from domain.methods import LAWFUL, ORDERS
from domain.money import MONEY, ZERO, exact
from domain.recorded import Recorded
from projections.balances import Balances
from projections.findings import Findings
from projections.margin.margin_report import last_seen
from projections.margin.remarks import Remarks, sound
from projections.margin.valuation import Valuation
from projections.tax.us.estimate import Rates, estimated
from projections.tax.us.facts import Facts
from projections.whatif.liquidating import liquidate
from projections.whatif.plans import Market, Plan, observed
from projections.whatif.stops import judged, leave
from projections.whatif.supposed import (
    CollateralLot,
    WhatIf,
    collateral_lot,
    gain_by,
    outcome,
    reached_by,
)

Make = Callable[[Plan], None]
"""Fills the plan of one account."""


class Supposing:
    """What is supposed of a book at one time: prices, a method, marginal rates.

    Each question returns a `WhatIf`; nothing is recorded. What cannot happen raises `BookError`.
    """

    def __init__(
        self,
        asked: Questions,
        at: datetime | None = None,
        *,
        prices: Mapping[str, Decimal] | None = None,
        price: Decimal | None = None,
        method: str | None = None,
        rates: Rates | None = None,
    ) -> None:
        """`prices` are in each account's currency, `price` is in the quote of what is traded.

        `at` None: right after the last event.
        """
        self._asked = asked
        self._head = asked.log.head()
        self._prices = dict(prices or {})
        self._price = price
        self._method = method
        self._rates = rates
        self._now = Questions(Trial(asked.log, self._head, until=at))
        self._balances, self._marks = Balances(), self._now.marks()
        self._now.replay(self._now.decisions(), [self._balances, self._marks], until=at)
        last = last_seen(self._balances, self._marks)
        if last is None:
            msg = "nothing has happened in the book until then: nothing can be supposed of it"
            raise BookError(msg)
        self.at = at if at is not None and at > last else _right_after(last, asked.calendar)
        self._states = {state.account: state for state in self._now.margin(self.at)}

    # Questions ------------------------------------------------------------------------------------

    def liquidate(self, accounts: Sequence[str] = ()) -> WhatIf:
        """Liquidate these accounts, or all that owe. Raises `BookError` where none does."""
        names = accounts or [a.name for a in self._accounts() if a.owes]
        if not names:
            msg = "no account owes anything: there is nothing to liquidate"
            raise BookError(msg)
        return self._happens("liquidate", dict.fromkeys(sorted(names), liquidate))

    def trade(
        self,
        side: str,
        quantity: Decimal,
        asset: str,
        *,
        account: str | None = None,
        position: str | None = None,
        leverage: Decimal | None = None,
        borrow: bool = False,
    ) -> WhatIf:
        """Buy or sell at the price supposed, else at the mark; `borrow` what is lacking for it."""
        if leverage is not None and position is None:
            msg = "a leverage is a position's: name it with --position"
            raise BookError(msg)
        if position is not None:
            name = account or self._only(lambda a: position in a.positions)
        elif side == "sell" and not borrow:
            name = account or self._only(lambda a: a.held.get(asset, ZERO) > 0)
        else:
            name = account or self._only(lambda a: True)
        found = self.account(name).positions.get(position or "")

        def make(plan: Plan) -> None:
            plan.trade(
                side,
                asset,
                quantity,
                quote=None if found is None else found.quote,
                price=self._price,
                position=position,
                leverage=leverage,
                lent=borrow,
            )

        return self._happens(side, {name: make})

    def move(
        self, kind: str, quantity: Decimal, asset: str, *, account: str | None = None
    ) -> WhatIf:
        """Borrow, repay (interest first), deposit or withdraw units."""
        fits: Callable[[Account], bool] = lambda a: True  # noqa: E731
        if kind == "repay":
            fits = lambda a: bool(a.owed_of(asset))  # noqa: E731
        elif kind == "withdraw":
            fits = lambda a: a.held.get(asset, ZERO) > 0  # noqa: E731
        name = account or self._only(fits)
        return self._happens(kind, {name: lambda plan: getattr(plan, kind)(asset, quantity)})

    def leave(
        self,
        kind: str,
        asset: str | None = None,
        *,
        quantity: Decimal | None = None,
        account: str | None = None,
        position: str | None = None,
    ) -> WhatIf:
        """Leave a position or holding at the price supposed: `stop` or `take-profit`."""
        if position is not None:
            name = account or self._only(lambda a: position in a.positions)
        else:
            name = account or self._only(lambda a: bool(_exits(a, asset)))
        asset = asset or self._exit(name, position)
        price = self._exit_price(name, asset, position)
        mark = self._market(name, but=asset).mark(asset)
        self._prices[asset] = price

        def make(plan: Plan) -> None:
            side = leave(plan, asset, price, quantity=quantity, position=position)
            plan.findings += judged(kind, mark, self._states[name], asset, price, side)

        return self._happens(kind, {name: make})

    def account(self, name: str) -> Account:
        """An account's state. Raises `BookError` where there is none of that name."""
        for account in self._accounts():
            if account.name == name:
                return account
        known = ", ".join(account.name for account in self._accounts())
        msg = f"there is no account {name!r}; known: {known}"
        raise BookError(msg)

    # Which is meant -------------------------------------------------------------------------------

    def _accounts(self) -> list[Account]:
        accounts = self._balances.accounts
        return [accounts[name] for name in sorted(accounts) if name != "book"]

    def _only(self, fits: Callable[[Account], bool]) -> str:
        """The one account that this can be about. Raises `BookError` where there are several."""
        accounts = self._accounts()
        found = [account for account in accounts if fits(account)] or accounts
        if len(found) != 1:
            names = ", ".join(account.name for account in found) or "none"
            msg = f"in which account? Name one with --account: {names}"
            raise BookError(msg)
        return found[0].name

    def _exit(self, name: str, position: str | None) -> str:
        """The one asset that an account could leave."""
        account = self.account(name)
        if position is not None and position in account.positions:
            return account.positions[position].asset
        exits = _exits(account, None)
        if len(exits) != 1:
            msg = f"of which asset? Name one: {', '.join(sorted(exits)) or 'there is none'}"
            raise BookError(msg)
        return exits.pop()

    def _exit_price(self, name: str, asset: str, position: str | None) -> Decimal:
        """The price supposed, in the account's money."""
        if self._price is None:
            if asset not in self._prices:
                msg = f"at which price? Give --price {asset}=PRICE"
                raise BookError(msg)
            return self._prices[asset]
        positions = self.account(name).positions
        named = [positions[position]] if position in positions else positions.values()
        quotes = {found.quote for found in named if found.asset == asset}
        if not quotes:
            market = self._market(name)
            quotes = {Plan(self.account(name), None, market, "").money_for(asset)}
        if len(quotes) > 1:
            msg = f"{asset} has positions in {', '.join(sorted(quotes))}: name one with --position"
            raise BookError(msg)
        return self._market(name).worth(self._price, quotes.pop())

    def _market(self, name: str, but: str = "") -> Market:
        """Prices as supposed, but for that of one asset."""
        prices = {asset: price for asset, price in self._prices.items() if asset != but}
        valuation = self._valuation(name, prices, Remarks(name))
        return Market(at=self.at, money=valuation.currency, mark=valuation.mark)

    def _valuation(self, name: str, prices: Mapping[str, Decimal], remarks: Remarks) -> Valuation:
        return Valuation(self.account(name), self._marks, prices, self.at, remarks)

    # ----------------------------------------------------------------------------------------------

    def _happens(self, kind: str, plans: Mapping[str, Make]) -> WhatIf:
        """Fill a plan for each of these accounts, and replay the log with all of them."""
        findings = Findings()
        made = self._planned(plans, findings)
        seen = [
            planned
            for number, plan in enumerate(made, 1)
            for planned in observed(plan, self._prices, self._label(number))
        ]
        happened = [(plan.account.name, event) for plan in made for event in plan.events]
        first = self._head.position
        entries = [
            Recorded(first + number, account, 0, self.at, event)
            for number, (account, event) in enumerate([*seen, *happened], 1)
        ]
        then = Questions(Trial(self._asked.log, self._head, *entries, until=self.at))
        after = {s.account: s for s in then.margin(self.at) if s.account in plans}
        day = self._asked.calendar.day(self.at)
        without = self._now.tax_year(day.year, self._method, None)
        taxed = then.tax_year(day.year, self._method, None)
        facts = Facts(day.year, then.decisions().facts(day.year), findings)
        methods = list(dict.fromkeys([self._method or LAWFUL, *ORDERS]))
        taken = then.disposals(first, methods)
        before = {name: self._states[name] for name in plans}
        own = {event.id for _, event in happened if isinstance(event, Deposited)}
        told = (f for f in taxed.forms.findings if f.event not in own)
        known = without.forms.findings
        came = (f for f in told if f not in known or f.severity == "error")
        of_margin = (f for state in after.values() for f in state.findings if f.event not in own)
        reached = (f for name in plans for f in reached_by(kind, before[name], after[name]))
        return WhatIf(
            kind=kind,
            at=self.at,
            method=taxed.method,
            events=tuple(to_native(account, event) for account, event in happened),
            prices=tuple(to_native(account, event) for account, event in seen),
            before=tuple(before.values()),
            after=tuple(after[name] for name in plans),
            outcomes=tuple(
                outcome(before[name], after[name], plan.events, plan.market.mark)
                for name, plan in zip(plans, made, strict=True)
            ),
            disposals=tuple(row for row in taxed.rows if row.of.position > first),
            methods=tuple(gain_by(name, taken[name]) for name in methods),
            tax=estimated(without.forms, taxed.forms, facts, self._rates),
            collateral=self._collateral(plans),
            findings=tuple(dict.fromkeys((*findings.all(), *reached, *came, *of_margin))),
        )

    def _label(self, number: int) -> str:
        """A name of events that no log of this length holds."""
        return f"whatif-{self._head.position + 1}-{number}"

    def _planned(self, plans: Mapping[str, Make], findings: Findings) -> list[Plan]:
        """The plans, filled. `findings` take what is to be said of them and of their prices."""
        made = []
        for number, (name, make) in enumerate(plans.items(), 1):
            remarks = Remarks(name)
            valuation = self._valuation(name, self._prices, remarks)
            market = Market(at=self.at, money=valuation.currency, mark=valuation.mark)
            account = self.account(name)
            with exact():
                plan = Plan(account, sound(account, remarks), market, self._label(number))
                make(plan)
            for finding in (*plan.findings, *remarks.all()):
                findings.keep(finding)
            made.append(plan)
        return made

    def _collateral(self, plans: Mapping[str, Make]) -> tuple[CollateralLot, ...]:
        """The lots of these accounts, where they owe, as a liquidation would find them."""
        owing = {name for name in plans if self.account(name).owes}
        lots = self._now.lots(self.at, self._method, None).lots if owing else ()
        day = self._asked.calendar.day(self.at)
        return tuple(
            collateral_lot(lot, self._states[lot.account], day, self._marks.currency)
            for lot in lots
            if lot.account in owing and not lot.position
        )


def _exits(account: Account, asset: str | None) -> set[str]:
    """What an account could leave: the assets of its positions; without any, coins held or owed."""
    positions = {position.asset for position in account.positions.values()}
    coins = {name for name, units in account.held.items() if units and name not in MONEY}
    owed = {name for name, units in account.owed.items() if units and name not in MONEY}
    if asset is None:
        return positions or coins | owed
    return {asset} & (positions | coins | owed)


def _right_after(last: datetime, calendar: Calendar) -> datetime:
    """A microsecond later, on the same day: after what was asserted at that instant."""
    after = last + timedelta(microseconds=1)
    return after if calendar.day(after) == calendar.day(last) else last
