"""One loan's interest: what should have been charged by now, beside what was.

The one trick: between two events nothing about a loan changes, so any stretch of time is one
multiplication: charges that fell due in it x units lent x rate. Both sums are exact; a loan by the
second is kept as units x microseconds and divided only when it is read.

Expected and charged agree where they are no further apart than the venue's own rounding: half a
unit of the last decimal that it writes, for each amount due that has more decimals than that. As
long as it has written none, what 8 decimals round to nothing need not be charged.
"""

from copy import copy
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import define, field

from domain.interest_rules import DAY, InterestRule
from domain.money import ONE, ZERO, ratio, share

EARLY = timedelta(minutes=1)
"""A charge up to a minute before its tick is that tick's: fills and charges have two clocks."""

_HALF = Decimal("0.5")
_UNWRITTEN = -8
"""The last decimal of a venue that has not written one yet."""
_DAY = Decimal(DAY // timedelta(microseconds=1))


@define
class Parting:
    """When expected and charged parted, and the first charge after that, if one came in time."""

    at: datetime
    event: str = ""
    open: bool = True  # the period in which they parted is still running


@define(kw_only=True)
class LoanInterest:
    """A loan of one account in one asset: `name` is its position or its id, "" where it has none.

    `lent` are units owed now, without interest. `rate` is what `rule.every` costs, None where no
    terms say it: then nothing is expected. `expected` and `charged` are units since `counted`,
    signed as the trader's cost. `strange` are units charged in assets whose price is not known.
    """

    account: str
    asset: str
    name: str
    position: bool = False
    opened: datetime
    rule: InterestRule | None = None
    rate: Decimal | None = None
    lent: Decimal = ZERO
    counted: datetime
    reckoned: datetime
    moments: int = 0
    charged: Decimal = ZERO
    charges: int = 0
    strange: dict[str, Decimal] = field(factory=dict)  # replaced, never changed
    converted: bool = False
    parting: Parting | None = None
    ended: datetime | None = None
    _due: Decimal = ZERO  # what fell due, in units
    _grown: Decimal = ZERO  # what grew by the second, in units x microseconds
    _elapsed: Decimal = ZERO  # microseconds of interest by the second
    _decimals: dict[int, int] = field(factory=dict)  # how many amounts due end at which decimal
    _last_decimal: int | None = None  # the exponent of the venue's last decimal
    _rounding: Decimal = ZERO  # of charges in other assets, in units of this one

    @property
    def expected(self) -> Decimal:
        """What should have been charged by `reckoned`: exact, or cut at 40 decimals by second."""
        return self._due + (share(self._grown, ONE, _DAY) if self._grown else ZERO)

    @property
    def difference(self) -> Decimal:
        """Charged above expected; below zero, too little was charged."""
        return self.charged - self.expected

    @property
    def periods(self) -> Decimal:
        """How often interest fell due; by the second, days."""
        if self.rule is not None and self.rule.by_second:
            return ratio(self._elapsed, _DAY)
        return Decimal(self.moments)

    @property
    def tolerance(self) -> Decimal:
        """How far apart rounding alone can bring them."""
        last = _UNWRITTEN if self._last_decimal is None else self._last_decimal
        if self.rule is not None and self.rule.by_second:
            rounded = max(self.charges, 1)
        else:
            rounded = sum(count for decimal, count in self._decimals.items() if decimal < last)
        return self._rounding + ONE.scaleb(last) * _HALF * rounded

    @property
    def agrees(self) -> bool:
        """Whether charged is what was expected, but for rounding."""
        return abs(self.difference) <= self.tolerance

    @property
    def compared(self) -> bool:
        """Whether the two can be compared at all: there is a rate, and every charge has a price."""
        return self.rate is not None and not self.strange

    @property
    def differs(self) -> bool:
        """Whether they parted for good: the period is over, or the loan has ended."""
        if not self.compared or self.agrees:
            return False
        if self.ended is not None or self.rule is None:
            return True
        return not self.rule.by_second and self.parting is not None and not self.parting.open

    def at(self, time: datetime) -> "LoanInterest":
        """The loan as it stands at a later time, if nothing else happens."""
        loan = copy(self)
        loan.parting, loan._decimals = copy(self.parting), dict(self._decimals)
        loan.reckon(time)
        return loan

    # Time and principal ---------------------------------------------------------------------------

    def reckon(self, time: datetime) -> None:
        """Let interest fall due up to a time, that time included."""
        if time <= self.reckoned:
            return
        rule, rate = self.rule, self.rate
        if rule is not None and rate is not None and self.lent > 0:
            if rule.by_second:
                self._grow(time, rate)
            else:
                self._tick(rule, rate, time)
        self.reckoned = time

    def lend(self, quantity: Decimal, time: datetime) -> None:
        """Lend units more; where the rule says so, their first period is charged at once."""
        self.reckon(time)
        self.lent += quantity
        self.ended = None
        if self.rule is not None and self.rate is not None and self.rule.at_once:
            self._fall_due(quantity * self.rate, 1)
            self._part(time)

    def repay(self, quantity: Decimal, time: datetime) -> None:
        """Take units back: the charges of this instant still count for them."""
        self.reckon(time)
        self.lent -= quantity
        if not self.lent:
            self.ended = time

    def agree_on(self, rule: InterestRule, rate: Decimal | None, time: datetime) -> None:
        """Count under other terms from now on. What ran without a rate is not compared."""
        self.reckon(time)
        if self.rate is None:
            self._begin(time)
        self.rule, self.rate = rule, rate

    def _begin(self, time: datetime) -> None:
        self.counted = time
        self.moments = self.charges = 0
        self._due = self._grown = self._elapsed = self.charged = self._rounding = ZERO
        self._last_decimal, self.parting = None, None
        self._decimals, self.strange, self.converted = {}, {}, False

    def _tick(self, rule: InterestRule, rate: Decimal, time: datetime) -> None:
        ticks = rule.ticks(self.opened, self.reckoned, time)
        if not ticks:
            return
        first = rule.next(self.opened, self.reckoned)
        self._fall_due(self.lent * rate, ticks)
        if self.parting is not None:
            self.parting.open = False
        elif first is not None and not self.agrees:
            self.parting = Parting(first, open=ticks == 1)

    def _fall_due(self, amount: Decimal, times: int) -> None:
        self._due += amount * times
        self.moments += times
        decimal = _last_decimal(amount.normalize())
        self._decimals[decimal] = self._decimals.get(decimal, 0) + times

    def _grow(self, time: datetime, rate: Decimal) -> None:
        passed = Decimal((time - self.reckoned) // timedelta(microseconds=1))
        self._elapsed += passed
        self._grown += self.lent * rate * passed
        self._part(self.reckoned)

    # Charges --------------------------------------------------------------------------------------

    def charge(self, quantity: Decimal, time: datetime, event: str) -> None:
        """Units of the loan's own asset were charged."""
        self._look_ahead(time)
        self._last_decimal = min(_last_decimal(quantity), self._last_decimal or 0)
        self._count(quantity, time, event)

    def charge_other(
        self,
        asset: str,
        quantity: Decimal,
        prices: tuple[Decimal, Decimal] | None,
        time: datetime,
        event: str,
    ) -> None:
        """Units of another asset were charged; `prices` are that asset's and the loan's own."""
        self._look_ahead(time)
        if prices is None:
            self.strange = {**self.strange, asset: self.strange.get(asset, ZERO) + quantity}
            return
        price, own = prices
        self.converted = True
        self._rounding += ratio(ONE.scaleb(_last_decimal(quantity)) * _HALF * price, own)
        self._count(ratio(quantity * price, own), time, event)

    def _look_ahead(self, time: datetime) -> None:
        """Charged a moment before its tick: let the tick come first, if nothing else is due."""
        self.reckon(time)
        if self.rule is None or self.rate is None or not self.lent or self.parting is not None:
            return
        tick = self.rule.next(self.opened, self.reckoned)
        if tick is not None and tick - time <= EARLY:
            self.reckon(tick)

    def _count(self, quantity: Decimal, time: datetime, event: str) -> None:
        self.charged += quantity
        self.charges += 1
        if self.rate is None:
            return
        if self.agrees:
            self.parting = None
        elif self.parting is None:
            self.parting = Parting(time, event)
        elif self.parting.open and not self.parting.event:
            self.parting.event = event

    def _part(self, time: datetime) -> None:
        """Something fell due that is not charged yet."""
        if self.parting is None and not self.agrees:
            self.parting = Parting(time)


def _last_decimal(quantity: Decimal) -> int:
    """The place of its last decimal: -2 for 22.50, 0 for whole units."""
    return min(int(quantity.as_tuple().exponent), 0)
