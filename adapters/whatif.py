"""What if: a trade, a loan, a stop or a liquidation, tried on the log and never recorded.

What would happen is planned as the very events that would be imported if it did
(projections/plans.py). The log is read once as it is and once with them (adapters/log/trial.py), so
margin, lots and tax of the what-if are those of the real thing. Nothing that happened after the
time of asking is looked at.
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
from domain.events import Event, Filled
from domain.methods import LAWFUL, ORDERS
from domain.money import MONEY, exact
from domain.recorded import Recorded
from projections.balances import Balances
from projections.findings import Findings
from projections.margin import last_seen, sound
from projections.plans import Market, Plan, observed
from projections.standing import owes
from projections.stops import judged
from projections.supposed import CollateralLot, WhatIf, collateral_lot, gain_by, outcome
from projections.tax.us.estimate import Rates, estimated
from projections.tax.us.facts import Facts
from projections.valuation import Remarks, Valuation

Make = Callable[[Plan], None]
"""Fills the plan of one account."""

MOVES = ("borrow", "repay", "deposit", "withdraw")
"""Moves of units that are no trade."""


class Supposing:
    """What is supposed of a book at one time: prices, a method, marginal rates.

    Each question returns a `WhatIf`; nothing is recorded.
    """

    def __init__(
        self,
        asked: Questions,
        at: datetime | None = None,
        *,
        prices: Mapping[str, Decimal] | None = None,
        method: str | None = None,
        rates: Rates | None = None,
    ) -> None:
        """Prices are in each account's currency, that of "" is of what is left by a stop.

        `at` None: right after the last event.
        """
        self._asked = asked
        self._head = asked.log.head()
        self._prices = {asset: price for asset, price in (prices or {}).items() if asset}
        self._unnamed = (prices or {}).get("")
        self._method = method
        self._rates = rates
        self._now = Questions(Trial(asked.log, self._head, until=at))
        self._balances, self._marks = Balances(), self._now.marks()
        self._now.replay(self._now.decisions(), [self._balances, self._marks], until=at)
        last = last_seen(self._balances, self._marks)
        if last is None:
            msg = "nothing has happened in the book until then: nothing can be supposed of it"
            raise BookError(msg)
        self.at = at or _right_after(last, asked.calendar)
        self._states = {state.account: state for state in self._now.margin(self.at)}

    # Questions ------------------------------------------------------------------------------------

    def liquidate(self, accounts: Sequence[str] = ()) -> WhatIf:
        """Liquidate these accounts, or all that owe. Raises `BookError` where none does."""
        names = accounts or [a.name for a in self._balances.accounts.values() if owes(a)]
        if not names:
            msg = "no account owes anything: there is nothing to liquidate"
            raise BookError(msg)
        return self._happens("liquidate", dict.fromkeys(sorted(names), Plan.liquidate))

    def trade(
        self,
        side: str,
        quantity: Decimal,
        asset: str,
        *,
        account: str | None = None,
        position: str | None = None,
        leverage: Decimal | None = None,
    ) -> WhatIf:
        """Buy or sell at the price supposed, else at the mark."""
        name = account or self._only(position=position, holding=asset if side == "sell" else None)
        quote = None
        if position is not None and position in self.account(name).positions:
            quote = self.account(name).positions[position].quote
        return self._happens(
            side,
            {
                name: lambda plan: plan.trade(
                    side, asset, quantity, quote=quote, position=position, leverage=leverage
                )
            },
        )

    def move(
        self, kind: str, quantity: Decimal, asset: str, *, account: str | None = None
    ) -> WhatIf:
        """Borrow, repay (interest first), deposit or withdraw units."""
        owing = asset if kind == "repay" else None
        name = account or self._only(owing=owing, holding=asset if kind == "withdraw" else None)
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
        name = account or self._only(position=position, holding=asset, at_stake=True)
        asset = asset or self._at_stake(name, position)
        if self._unnamed is not None:
            self._prices[asset] = self._unnamed
        price = self._prices.get(asset)
        if price is None:
            msg = f"at which price? Give --price {asset}=PRICE"
            raise BookError(msg)

        def make(plan: Plan) -> None:
            side = plan.leave(asset, price, quantity=quantity, position=position)
            plan.findings += judged(kind, self._states[name], asset, price, side)

        return self._happens(kind, {name: make})

    def account(self, name: str) -> Account:
        """An account's state. Raises `BookError` where there is none of that name."""
        found = self._balances.accounts.get(name)
        if found is None:
            msg = (
                f"there is no account {name!r}; known: {', '.join(sorted(self._balances.accounts))}"
            )
            raise BookError(msg)
        return found

    # Which is meant -------------------------------------------------------------------------------

    def _only(
        self,
        *,
        position: str | None = None,
        holding: str | None = None,
        owing: str | None = None,
        at_stake: bool = False,
    ) -> str:
        """The one account that this can be about. Raises `BookError` where there are several."""
        accounts = self._balances.accounts.values()
        found = [a for a in accounts if position is None or position in a.positions]
        if holding is not None and position is None:
            held = [a for a in found if a.held.get(holding) or _owed(a, holding)]
            found = [
                a for a in found if any(p.asset == holding for p in a.positions.values())
            ] or held
        if owing is not None:
            found = [a for a in found if _owed(a, owing)]
        if at_stake and holding is None and position is None:
            found = [a for a in found if self._exits(a)]
        if len(found) != 1:
            names = ", ".join(sorted(a.name for a in found or accounts)) or "none"
            msg = f"in which account? Name one with --account: {names}"
            raise BookError(msg)
        return found[0].name

    def _at_stake(self, name: str, position: str | None) -> str:
        account = self.account(name)
        if position is not None and position in account.positions:
            return account.positions[position].asset
        exits = self._exits(account)
        if len(exits) != 1:
            msg = f"of which asset? Name one: {', '.join(sorted(exits)) or 'there is none'}"
            raise BookError(msg)
        return exits.pop()

    @staticmethod
    def _exits(account: Account) -> set[str]:
        """The assets of positions; without any, the coins held or owed."""
        positions = {position.asset for position in account.positions.values()}
        coins = {asset for asset, units in account.held.items() if units and asset not in MONEY}
        owed = {asset for asset, units in account.owed.items() if units and asset not in MONEY}
        return positions or coins | owed

    # ----------------------------------------------------------------------------------------------

    def _happens(self, kind: str, plans: Mapping[str, Make]) -> WhatIf:
        """Fill a plan for each of these accounts, and replay the log with all of them."""
        findings = Findings()
        made, seen = self._planned(plans, findings)
        first = self._head.position
        entries = [
            Recorded(first + number, account, 0, self.at, event)
            for number, (account, event) in enumerate([*seen, *made], 1)
        ]
        then = Questions(Trial(self._asked.log, self._head, *entries, until=self.at))
        after = {s.account: s for s in then.margin(self.at) if s.account in plans}
        day = self._asked.calendar.day(self.at)
        without = self._now.tax_year(day.year, self._method, None)
        taxed = then.tax_year(day.year, self._method, None)
        facts = Facts(day.year, then.decisions().facts(day.year), findings)
        methods = list(dict.fromkeys([self._method or LAWFUL, *ORDERS]))
        taken = then.disposals(first, methods)
        came = (f for f in taxed.forms.findings if f not in without.forms.findings)
        of_margin = (finding for state in after.values() for finding in state.findings)
        return WhatIf(
            kind=kind,
            at=self.at,
            method=taxed.method,
            events=tuple(to_native(account, event) for account, event in made),
            before=tuple(self._states[name] for name in plans),
            after=tuple(after[name] for name in plans),
            outcomes=tuple(
                outcome(self._states[name], after[name], [e for a, e in made if a == name])
                for name in plans
            ),
            disposals=tuple(row for row in taxed.rows if row.of.position > first),
            methods=tuple(gain_by(name, taken[name]) for name in methods),
            tax=estimated(without.forms, taxed.forms, facts, self._rates),
            collateral=self._collateral(plans),
            findings=tuple(dict.fromkeys((*findings.all(), *came, *of_margin))),
        )

    def _planned(
        self, plans: Mapping[str, Make], findings: Findings
    ) -> tuple[list[tuple[str, Event]], list[tuple[str, Event]]]:
        """The events of the plans, and the prices that they stand on."""
        made: list[tuple[str, Event]] = []
        seen: list[tuple[str, Event]] = []
        for number, (name, make) in enumerate(plans.items(), 1):
            account, remarks = self.account(name), Remarks(name)
            valuation = Valuation(account, self._marks, self._prices, self.at, remarks)
            market = Market(at=self.at, money=valuation.currency, mark=valuation.mark)
            label = f"whatif-{number}"
            with exact():
                plan = Plan(account, sound(account, remarks), market, label)
                make(plan)
            for finding in plan.findings:
                findings.keep(finding)
            made += [(name, event) for event in plan.events]
            seen += observed(market, self._prices_of(plan, market), label)
        return made, seen

    def _prices_of(self, plan: Plan, market: Market) -> dict[str, Decimal]:
        """The prices that count at the time of asking: those given, and those of the trades."""
        prices = dict(self._prices)
        for event in plan.events:
            for asset in {getattr(event, "asset", ""), getattr(event, "quote", "")} - {""}:
                mark = market.mark(asset)
                if isinstance(event, Filled) and (asset, market.money) == (
                    event.asset,
                    event.quote,
                ):
                    mark = event.price
                if mark is not None:
                    prices.setdefault(asset, mark)
        return prices

    def _collateral(self, plans: Mapping[str, Make]) -> tuple[CollateralLot, ...]:
        """The lots of these accounts, where they owe, as a liquidation would find them."""
        owing = {name for name in plans if owes(self.account(name))}
        lots = self._now.lots(self.at, self._method, None).lots if owing else ()
        day = self._asked.calendar.day(self.at)
        return tuple(
            collateral_lot(lot, self._states[lot.account], day)
            for lot in lots
            if lot.account in owing and not lot.position
        )


def _owed(account: Account, asset: str) -> bool:
    return bool(account.owed.get(asset) or account.interest_owed.get(asset))


def _right_after(last: datetime, calendar: Calendar) -> datetime:
    """A microsecond later, on the same day: after what was asserted at that instant."""
    after = last + timedelta(microseconds=1)
    return after if calendar.day(after) == calendar.day(last) else last
