"""The state of a simulated venue: the folds of the real thing, and where its market stands.

The one trick: what the venue makes is fed to the same folds at once, as if it had been read from
the log. So a session that is stopped and read back from its log is the session that went on.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from domain.account import Account
from domain.bar import Bar
from domain.errors import BookError
from domain.events import EVENTS, Event, Filled, InterestCharged, PriceObserved
from domain.money import ONE, exact, plain, ratio
from domain.price import Price
from domain.recorded import Recorded
from domain.terms import Terms
from projections.balances import Balances
from projections.loans.accrual import Accruals
from projections.loans.accrual_report import LoanAccrual
from projections.margin.remarks import Remarks, sound
from projections.margin.standing import Standing
from projections.margin.valuation import money_of
from projections.paper.orders import Orders
from projections.prices import Marks
from projections.replay import Replay, Steps
from projections.report import instant

PRICES = "paper/prices"
"""The account under which the closes of bars stand: nothing of a simulated market is the book's."""

Made = tuple[str, Event]
"""An account, and what happened in it."""

_Loan = tuple[str, str, str, datetime]
"""Account, asset and name of a loan, and when it was opened."""

_AMOUNT = Decimal("1E-8")
_WIDE = Context(prec=100)


def amount(number: Decimal) -> Decimal:
    """A fee, interest or penalty as the venue writes it: 8 decimals, halves up."""
    return Decimal(plain(number.quantize(_AMOUNT, ROUND_HALF_UP, _WIDE)))


def units_up(number: Decimal) -> Decimal:
    """Units with 8 decimals, rounded up."""
    return Decimal(plain(number.quantize(_AMOUNT, ROUND_CEILING, _WIDE)))


def beyond(price: Decimal, *, falling: bool) -> Decimal:
    """A price of 12 digits that is no nearer than `price` on a market that falls, or rises."""
    return Context(prec=12, rounding=ROUND_FLOOR if falling else ROUND_CEILING).plus(price)


class BarMarks(Marks):
    """Marks that may stand at a price within a bar, which nobody records."""

    def stand(self, asset: str, quote: str, price: Decimal, at: datetime) -> None:
        """The market is here now."""
        self._seen.setdefault(asset, {})[quote] = Price(price, at, "bar")


class BarsSeen:
    """How far the bars of each pair have run: a fold over their closes."""

    def __init__(self) -> None:
        self.until: dict[tuple[str, str], datetime] = {}
        self._closes: dict[tuple[str, str, datetime], Decimal] = {}
        self.last: datetime | None = None
        """Where the session stands: when its last bar ended."""
        self.steps: Steps = {PriceObserved: self._observed}
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def knows(self, bar: Bar) -> bool:
        """Whether this bar has run. Raises `BookError` for one that ran otherwise, or never did."""
        until = self.until.get((bar.asset, bar.quote))
        if until is None or bar.ends > until:
            return False
        close = self._closes.get((bar.asset, bar.quote, bar.ends))
        if close == bar.close:
            return True
        ran = "no bar that ended then has run" if close is None else f"it ran with {plain(close)}"
        msg = (
            f"the bar of {bar.asset}/{bar.quote} that ends {instant(bar.ends)} closes at"
            f" {plain(bar.close)}: {ran}, and the session stands at {instant(until)}"
        )
        raise BookError(msg)

    def _observed(self, recorded: Recorded, event: PriceObserved) -> None:
        if recorded.account == PRICES:
            self.until[event.asset, event.quote] = event.at
            self._closes[event.asset, event.quote, event.at] = event.price
            self.last = event.at if self.last is None else max(self.last, event.at)


class PaperState:
    """Balances, loans, orders and marks of every account. `made` is what the venue made so far."""

    def __init__(
        self,
        currency: str,
        max_age: timedelta,
        voided: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.balances = Balances()
        self.marks = BarMarks(currency, max_age)
        self.recorded = Marks(currency, max_age)
        """The marks of the log alone: what interest in another asset is figured at, here and in any
        later replay."""
        self.accruals = Accruals(self.balances, self.recorded)
        self.orders = Orders()
        self.bars = BarsSeen()
        marks = (self.marks, self.recorded)
        folds = (self.balances, *marks, self.accruals, self.orders, self.bars)
        self._replay = Replay(folds, voided)
        self._position = 0
        self._converted: dict[_Loan, Decimal] = {}
        self._now: datetime | None = None
        self._names: Counter[tuple[str, str]] = Counter()
        self.made: list[Made] = []

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Every account that anything happened in."""
        return self.balances.accounts

    def account(self, name: str) -> Account:
        """An account, empty where nothing happened in it yet."""
        return self.balances.accounts.setdefault(name, Account(name))

    def learn(self, recorded: Recorded) -> None:
        """Something stands in the log."""
        self._position = max(self._position, recorded.position)
        self._hear(recorded)

    def make(self, account: str, event: Event) -> None:
        """Something happens at the venue."""
        self._position += 1
        self._hear(Recorded(self._position, account, 0, event.at, event))
        self.made.append((account, event))

    def due(self, at: datetime) -> Iterator[tuple[LoanAccrual, Decimal]]:
        """Loans on which interest fell due and was not charged yet, in units of what is lent.

        Of a loan whose interest is charged in another asset, all that was due at the last charge
        is paid: no price decides how much.
        """
        with exact():
            for loan in self.accruals.report(at).loans:
                paid = self._converted.get(_loan(loan), loan.charged)
                if loan.expected is not None and loan.expected > paid:
                    yield loan, loan.expected - paid

    def _hear(self, recorded: Recorded) -> None:
        self._replay.run((recorded,))
        event = recorded.event
        if type(event) is not InterestCharged or event.asset == (event.loan_asset or event.asset):
            return
        for loan in self.accruals.report(event.at).loans:
            if (loan.account, loan.loan) == (recorded.account, event.loan) and loan.expected:
                self._converted[_loan(loan)] = loan.expected

    def taken(self) -> Iterator[Made]:
        """What was made since this was asked for last."""
        made, self.made = self.made, []
        return iter(made)

    def name(self, account: str, stem: str, at: datetime) -> str:
        """An id of this instant: the stem, and a number where it is not the first."""
        if at != self._now:
            self._now = at
            self._names.clear()
        self._names[account, stem] += 1
        number = self._names[account, stem]
        return stem if number == 1 else f"{stem}/{number}"

    # Prices and levels ----------------------------------------------------------------------------

    def price(self, asset: str, quote: str) -> Decimal | None:
        """What one unit of the asset is worth in the quote now."""
        return _rate(self.marks, asset, quote)

    def recorded_price(self, asset: str, quote: str) -> Decimal | None:
        """The same by the last price that stands in the log."""
        return _rate(self.recorded, asset, quote)

    def terms(self, account: str) -> Terms | None:
        """The margin terms in force."""
        known = self.accounts.get(account)
        return None if known is None or known.terms is None else sound(known, Remarks(account))

    def standing(self, account: Account) -> Standing:
        """Where an account stands at the marks. To be called inside `exact()`."""
        currency = money_of(account, self.marks)

        def mark(asset: str) -> Decimal | None:
            seen = self.marks.mark(asset, currency)
            return None if seen is None else seen.price

        terms = None if account.terms is None else sound(account, Remarks(account.name))
        return Standing(account, terms, mark, currency)

    def after(self, account: str, fill: Filled) -> Account:
        """The account as it would be with this trade."""
        trial = Balances()
        trial.accounts[account] = deepcopy(self.account(account))
        with exact():
            trial.steps[type(fill)](Recorded(0, account, 0, fill.at, fill), fill)
        return trial.accounts[account]


def _loan(loan: LoanAccrual) -> _Loan:
    return loan.account, loan.asset, loan.loan, loan.opened


def _rate(marks: Marks, asset: str, quote: str) -> Decimal | None:
    if asset == quote:
        return ONE
    seen = marks.mark(asset, quote)
    if seen is not None:
        return seen.price
    one, other = marks.mark(asset), marks.mark(quote)
    return None if one is None or other is None else ratio(one.price, other.price)
