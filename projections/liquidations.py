"""Liquidations: beside each one, what it cost its owner, what is taxed, and why the two differ.

A liquidation is one account's `liquidated` events with whatever settles them (repayments, interest,
fees), each at most an hour after the one before. A trade, deposit, withdrawal, transfer or loan of
the owner's ends it. Debt written off counts to the account's last liquidation, however late.

The one trick: the account is looked at twice an event, before its balances move and after. Before,
the fold sees what stood there when the account began to owe (nothing owed, no position, nothing
below zero until then); after, what is left. The difference less what was put in between, at the
prices nearest in time (projections/stake.py), is the economic result. What is taxed is the sum of
the lot slices sold (IRC 1001; Pub. 544 (2025) p. 8), whatever became of the account's equity.
Only accounts that ever were liquidated are watched.
"""

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
from domain.lot import Disposal
from domain.money import ZERO, exact
from domain.policies import price_age
from domain.recorded import Recorded
from projections.balances import Balances
from projections.decisions import Decisions
from projections.forgiven import APART
from projections.liquidation import Course, Liquidation
from projections.prices import Marks
from projections.replay import Projection, Step, Steps
from projections.stake import Stake, equity, owes

_ENDS = (
    Deposited,
    Withdrawn,
    Transferred,
    Borrowed,
    Filled,
    PositionSettled,
    ContractSettled,
)
_SETTLES = (Repaid, InterestCharged, FeeCharged, DebtForgiven)
_PASSES = (IncomeReceived, FundingSettled)


class Before:
    """Looks at an account before an event moves its balances."""

    def __init__(self, look: Step) -> None:
        kinds = (*_ENDS, *_SETTLES, *_PASSES, Liquidated)
        self.steps: Steps = dict.fromkeys(kinds, look)
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()


class Liquidations:
    """The fold. `projections` are to be fed in this order, before those that dispose of lots."""

    def __init__(
        self, decisions: Decisions, balances: Balances, calendar: Calendar, currency: str
    ) -> None:
        self.accounts = decisions.forgiven.accounts
        self._realised = decisions.forgiven.realised
        self._balances = balances
        self._calendar = calendar
        self._marks = Marks(currency, price_age(decisions.policies["price_age"]))
        self._stakes: dict[str, Stake] = {}
        self._waiting: dict[str, Stake] = {}
        self._open: dict[str, Course] = {}
        self._last: dict[str, Course] = {}
        self._courses: list[Course] = []
        self.steps: Steps = {
            PriceObserved: self._priced,
            Filled: self._filled,
            Liquidated: self._liquidated,
            Deposited: self._deposited,
            Withdrawn: self._withdrawn,
            Transferred: self._transferred,
            Repaid: self._repaid,
            InterestCharged: self._settled,
            FeeCharged: self._settled,
            DebtForgiven: self._forgiven,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    @property
    def projections(self) -> tuple[Projection, ...]:
        """What to replay: the balances alone where nothing was ever liquidated."""
        if not self.accounts:
            return (self._balances,)
        return Before(self._look), self._balances, self._marks, self

    def disposed(self, disposal: Disposal) -> None:
        """Hear of a disposal: those of a liquidation's events, and shorts closed by its buys."""
        course = self._open.get(disposal.account)
        if course is not None and (
            disposal.event in course.events
            or (disposal.kind == "short" and disposal.lot in course.events)
        ):
            course.disposed(disposal)

    def of_year(self, year: int) -> tuple[Liquidation, ...]:
        """The liquidations that began in a tax year, in replay order."""
        with exact():
            for course in self._open.values():
                course.close()
            return tuple(
                course.told(self._calendar)
                for course in self._courses
                if self._calendar.day(course.since).year == year
            )

    # Before the balances move ---------------------------------------------------------------------

    def _look(self, recorded: Recorded, event: Event) -> None:
        if type(event) is Transferred:
            self._turn(event.to, event)
        name = recorded.account
        if name not in self.accounts:
            return
        self._turn(name, event)
        if name not in self._stakes:
            known = type(event) is not Liquidated
            if not known or self._begins(name, event):
                account = self._balances.accounts.get(name)
                held = {} if account is None else account.held
                stake = Stake(event.at, held, self._marks, known=known)
                self._stakes[name] = self._waiting[name] = stake

    def _turn(self, name: str, event: Event) -> None:
        """End what this event ends: a liquidation, and the stake of an account that owes no more.

        A stake outlives the debt until its liquidation is over.
        """
        course = self._open.get(name)
        if course is not None and (event.at - course.until > APART or type(event) in _ENDS):
            self._open.pop(name).close()
            course = None
        if course is None and name in self._stakes and not owes(self._balances.accounts[name]):
            del self._stakes[name]

    def _begins(self, name: str, event: Event) -> bool:
        """Whether an account that owed nothing owes after this event."""
        if isinstance(event, Filled):
            if event.position is not None:
                return True
            account = self._balances.accounts.get(name)
            held = {} if account is None else account.held
            if event.side == "buy":
                return held.get(event.quote, ZERO) < event.total
            return held.get(event.asset, ZERO) < event.quantity
        return isinstance(event, Borrowed) or (
            isinstance(event, InterestCharged) and event.settled == "debt"
        )

    # After the balances moved ---------------------------------------------------------------------

    def _priced(self, recorded: Recorded, event: PriceObserved) -> None:
        self._see()

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        self._see()

    def _see(self) -> None:
        for name, stake in list(self._waiting.items()):
            if not stake.look():
                del self._waiting[name]

    def _deposited(self, recorded: Recorded, event: Deposited) -> None:
        self._moved(recorded.account, event, event.quantity)

    def _withdrawn(self, recorded: Recorded, event: Withdrawn) -> None:
        self._moved(recorded.account, event, -event.quantity)

    def _transferred(self, recorded: Recorded, event: Transferred) -> None:
        self._moved(recorded.account, event, -event.quantity)
        self._moved(event.to, event, event.quantity)

    def _moved(
        self, name: str, event: Deposited | Withdrawn | Transferred, quantity: Decimal
    ) -> None:
        stake = self._stakes.get(name)
        if stake is not None:
            stake.move(event.asset, quantity, event.at)
            self._waiting[name] = stake

    def _liquidated(self, recorded: Recorded, event: Liquidated) -> None:
        name = recorded.account
        self._see()
        course = self._open.get(name)
        if course is None:
            course = Course(name, event.at, self._stakes[name], self._marks)
            self._open[name] = self._last[name] = course
            self._courses.append(course)
        course.sold(event)
        self._value(course, event)

    def _repaid(self, recorded: Recorded, event: Repaid) -> None:
        course = self._open.get(recorded.account)
        if course is not None:
            course.repay(event)
            self._value(course, event)

    def _settled(self, recorded: Recorded, event: InterestCharged | FeeCharged) -> None:
        course = self._open.get(recorded.account)
        if course is not None:
            self._value(course, event)

    def _forgiven(self, recorded: Recorded, event: DebtForgiven) -> None:
        course = self._last.get(recorded.account)
        if course is not None:
            name = (recorded.account, event.id)
            course.forgive(event, realised=name in self._realised)
            if recorded.account in self._open:
                self._value(course, event)

    def _value(self, course: Course, event: Event) -> None:
        course.until = event.at
        course.left(*equity(self._balances.accounts[course.account], self._marks))
