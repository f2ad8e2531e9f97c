"""How venues charge interest: when, on what, and at whose rate.

A period's rate comes from `margin_terms_set`; what stands here is the clock. It needs no list of
hours: the number of charges between two instants is a difference of two whole divisions.

Sources, all read as published:
Binance (Margin Trading Guides, cross and isolated): simple interest; the first hour counts at the
borrow, then one at each full hour: 1,000 at 0.001 % from 13:20 to 14:15 is two hours, 0.02.
Kraken (What are the fees for trading using margin?, 10 Feb 2026): an opening fee and a rollover
every 4 hours, on what is lent; the rate is locked when the order is executed.
OKX (VI. Interest Calculation, 13 Sep 2024): figured at each full hour on what is owed then: from
14:55 to 14:57 it costs nothing. Bybit (Borrowing, Interest and Repayment, UTA, 8 Jan 2025):
likewise, taken five minutes after the hour.
Bitfinex (What do I get when I offer Margin Funding?): amount x daily rate x seconds / 86,400.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from attrs import evolve, frozen

from domain.events import MarginTermsSet

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)

PERIODS: Mapping[str, timedelta] = {
    "hour": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "day": DAY,
}
"""`interest_every`, as it is written in events."""


@frozen(kw_only=True)
class InterestRule:
    """One venue's clock. `every` is the period that a rate is for.

    `from_opening`: periods are counted from the loan's opening; else by the clock, in UTC.
    `at_once`: the first period is charged when the money is lent.
    `by_second`: interest grows with every second, and no charge is rounded up to a period.
    `locked`: a loan keeps the rate that was in force when it was opened.
    """

    every: str
    from_opening: bool = False
    at_once: bool = False
    by_second: bool = False
    locked: bool = False

    @property
    def period(self) -> timedelta:
        """The time that one rate pays for."""
        return PERIODS[self.every]

    def ticks(self, opened: datetime, after: datetime, until: datetime) -> int:
        """How often a charge falls due after one instant and up to another, that one included."""
        return self._count(opened, until) - self._count(opened, after)

    def next(self, opened: datetime, after: datetime) -> datetime | None:
        """When the next charge falls due; None where interest grows by the second."""
        if self.by_second:
            return None
        return self._origin(opened) + (self._count(opened, after) + 1) * self.period

    def _count(self, opened: datetime, at: datetime) -> int:
        return (at - self._origin(opened)) // self.period

    def _origin(self, opened: datetime) -> datetime:
        return opened if self.from_opening else EPOCH


_CLOCK_HOURS = InterestRule(every="hour", at_once=True)
_FULL_HOURS = InterestRule(every="hour")

BY_MODEL: Mapping[str, InterestRule] = {
    "kraken": InterestRule(every="4h", from_opening=True, at_once=True, locked=True),
    "binance_cross": _CLOCK_HOURS,
    "binance_isolated": _CLOCK_HOURS,
    "bitfinex": InterestRule(every="day", by_second=True),
    "okx_isolated": _FULL_HOURS,
    "bybit_unified": _FULL_HOURS,
    "perp": _FULL_HOURS,
    "standard": _CLOCK_HOURS,
}
"""Each model's own rule. A contract (`perp`) lends nothing; where its venue does, as Bybit does."""


def rule_of(terms: MarginTermsSet) -> InterestRule:
    """The rule of these terms. Another period than the model's own keeps what else is its own.

    Periods of 4 hours run from the opening, hours and days by the clock in UTC.
    """
    own = BY_MODEL[terms.model]
    every = terms.interest_every
    if every is None or every == own.every:
        return own
    return evolve(own, every=every, from_opening=every == "4h", by_second=False)
