"""Paper sessions as stories: what is asked of the venue, and bars, one a line.

    ran('''
        2025-01-01  paper/main  deposited  10000 USD
        2025-01-01  paper/main  ordered    buy 1 BTC limit  price 90  as entry
    ''', '''
        2025-01-02  100 110 90 105
    ''')

A bar's line is the day it begins (or its hour), open, high, low, close, and its pair (BTC/USD where
none stands).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.account import Account
from domain.bar import Bar
from domain.events import EVENTS, Event, Filled, InterestCharged, Liquidated
from domain.money import ZERO, exact
from domain.recorded import Recorded
from projections.paper.paper_session import PaperSession
from projections.paper.paper_state import PRICES as PRICES
from projections.paper.paper_state import Made, PaperState
from tests.story import LEARNT, told

MIDNIGHT = "T00:00"


@dataclass(frozen=True)
class Session:
    """What a session made, and the state that it ended in."""

    state: PaperState
    made: tuple[Made, ...]

    @property
    def account(self) -> Account:
        return self.state.accounts["paper/main"]

    def of(self, *kinds: type[Event]) -> list[Any]:
        """The events made of these kinds; prices left out unless they are asked for."""
        wanted = kinds or tuple(EVENTS)
        return [e for account, e in self.made if type(e) in wanted and account != PRICES]

    @property
    def fills(self) -> list[str]:
        """Fills and liquidations: `sell 1 BTC @ 90 of stop`, or `for order`."""
        return [
            f"{e.side} {e.quantity} {e.asset} @ {e.price.normalize():f}"
            + (f" of {e.order}" if e.order else " liquidated")
            for e in self.of(Filled, Liquidated)
        ]

    @property
    def said(self) -> dict[str, str]:
        """Why orders were cancelled, by order."""
        return {
            e.order: e.reason
            for _, e in self.made
            if hasattr(e, "reason") and hasattr(e, "order") and not isinstance(e, Filled)
        }

    def held(self, asset: str = "USD") -> Decimal:
        return self.account.held.get(asset, ZERO)

    @property
    def equity(self) -> Decimal:
        with exact():
            return self.state.standing(self.account).equity

    @property
    def costs(self) -> Decimal:
        """Fees, penalties and interest in USD."""
        with exact():
            fees = sum(
                (e.fee + getattr(e, "penalty", ZERO) for e in self.of(Filled, Liquidated)), ZERO
            )
            return fees + sum((e.quantity for e in self.of(InterestCharged)), ZERO)


def bars(text: str, hours: int = 24) -> list[Bar]:
    """Bars as they are told."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        at = datetime.fromisoformat(words[0]).replace(tzinfo=UTC)
        asset, quote = words[5].split("/") if len(words) > 5 else ("BTC", "USD")
        names = ("open", "high", "low", "close")
        prices = dict(zip(names, map(Decimal, words[1:5]), strict=True))
        found.append(
            Bar(at=at, ends=at + timedelta(hours=hours), asset=asset, quote=quote, **prices)
        )
    return found


def story(text: str) -> list[Recorded]:
    """What is asked of the venue; a day is its first instant, as bars begin."""
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    timed = ((day if "T" in day else day + MIDNIGHT, rest) for day, rest in lines)
    return told("\n".join(f"{at} {rest}" for at, rest in timed)).replayed


def ran(text: str, told_bars: str | Iterable[Bar], hours: int = 24) -> Session:
    """A session from its beginning."""
    given = bars(told_bars, hours) if isinstance(told_bars, str) else told_bars
    return resumed(story(text), given)


def resumed(log: list[Recorded], given: Iterable[Bar]) -> Session:
    """A session that goes on from a log."""
    state = PaperState("USD", timedelta(hours=24))
    session = PaperSession(state, log)
    return Session(state, tuple(session.run(given)))


def logged(log: list[Recorded], made: Iterable[Made]) -> list[Recorded]:
    """The log with what was made, in replay order."""
    from domain.order import place

    first = max((r.position for r in log), default=0) + 1
    more = [Recorded(i, a, i, LEARNT, e) for i, (a, e) in enumerate(made, first)]
    return sorted([*log, *more], key=lambda r: (r.event.at, place(r.event), r.position))
