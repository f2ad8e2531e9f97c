"""A paper book: accounts to play with, orders, and bars that fill them. Every report is the Book's.

What is asked of the venue (an account, an order, a cancellation) is recorded at the time it is said
to happen, where nothing else is said where the session stands: when its last bar ended.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from attrs import evolve, frozen

from adapters import clock
from adapters.book import Book, Time
from adapters.importers.reading import Draft
from adapters.log.chain import Head
from adapters.log.writing import Conflict
from adapters.wire import account_name, to_native
from domain.account import is_paper
from domain.bar import Bar
from domain.errors import BookError, Refused, UnknownName
from domain.events import (
    AccountOpened,
    Deposited,
    Event,
    Filled,
    InterestCharged,
    Liquidated,
    MarginTermsSet,
    OrderCancelled,
    OrderPlaced,
)
from domain.fields import from_fields
from domain.money import ZERO, exact
from domain.policies import price_age
from domain.recorded import Recorded
from domain.terms import terms_of
from projections.paper.orders import Orders, OrderState
from projections.paper.paper_placing import completed, objection
from projections.paper.paper_session import PaperSession
from projections.paper.paper_state import PRICES, PaperState
from projections.report import Report, instant

MAIN = "paper/main"
"""The account where none is named."""


@frozen(kw_only=True)
class PaperRun(Report):
    """What running bars did: bars run and known before; the events that the venue made of them.

    `interest` are units by asset. `stands` is where the session stands now; `waiting` are open
    orders that are placed after that.
    """

    bars: int
    known: int
    filled: int
    liquidated: int
    cancelled: int
    interest: Mapping[str, Decimal]
    recorded: int
    stands: datetime | None
    waiting: int
    head: Head


@frozen(kw_only=True)
class Placed:
    """Events of our own as they stand in the log now; `known`: they had been recorded before."""

    events: tuple[Recorded, ...]
    known: bool
    head: Head

    def to_dict(self) -> dict[str, Any]:
        """The events as JSON values."""
        return {
            "events": [
                {
                    "event": to_native(entry.account, entry.event),
                    "position": entry.position,
                    "recorded_at": instant(entry.recorded_at),
                }
                for entry in self.events
            ],
            "known": self.known,
            "head": self.head.to_dict(),
        }


class PaperBook(Book):
    """A book of simulated trades, never mixed with a real one."""

    @classmethod
    def open(
        cls, path: str | Path, *, zone: str = "UTC", currency: str = "USD", paper: bool = True
    ) -> Self:
        """Open the paper book at `path`, or begin one. Raises `BookError` for a real book."""
        if not paper:
            raise BookError("a PaperBook is of paper: use Book for a real one")
        return super().open(path, zone=zone, currency=currency, paper=True)

    # What is asked of the venue -------------------------------------------------------------------

    def begin(
        self,
        account: str = MAIN,
        *,
        at: Time | None = None,
        deposits: Sequence[tuple[Decimal, str]] = (),
        terms: Callable[[datetime], MarginTermsSet] | None = None,
    ) -> Placed:
        """Open an account with deposits and margin terms, or add them to one that is open.

        Raises `Refused` for a time that the session has passed.
        """
        account = account_name(account)
        if account == PRICES or not is_paper(account):
            msg = f"{account}: a paper account is called paper/NAME, or paper/isolated/PAIR"
            raise Refused(msg)
        at = self.calendar.until(at) or self.stands() or clock.now()
        self._not_passed(at)
        events: list[Event] = []
        if self.questions.log.find(account, "open") is None:
            mode = "isolated" if "/isolated/" in account else "spot" if terms is None else "cross"
            events.append(AccountOpened(at=at, id="open", mode=mode, venue="paper"))
        number = self._count(account, Deposited)
        for place, (quantity, asset) in enumerate(deposits, start=number + 1):
            name = f"deposit-{place}"
            events.append(Deposited(at=at, id=name, asset=asset, quantity=quantity))
        if terms is not None:
            name = f"terms-{self._count(account, MarginTermsSet) + 1}"
            told = evolve(terms(at), id=name)
            found = terms_of(account, told)
            if found is not None and found.lacking:
                msg = f"the terms ({told.model}) do not say {found.lacking}: the venue needs it"
                raise Refused(msg)
            events.append(told)
        if not events:
            msg = f"{account} is open: give --deposit or margin terms to add to it"
            raise Refused(msg)
        return Placed(events=self.record(events, account), known=False, head=self.head())

    def order(self, account: str = MAIN, **fields: Any) -> Placed:
        """Place an order given by its fields. Raises `Refused`.

        It is placed where the session stands, is called `order-1` and so on, and with `leverage`
        opens a position that is called as it is, unless the fields say otherwise.
        """
        account = account_name(account)
        given = {name: value for name, value in fields.items() if value is not None}
        given.setdefault("at", self.stands() or self._opened(account))
        given.setdefault("id", f"order-{self._count(account, OrderPlaced) + 1}")
        if "leverage" in given:
            given.setdefault("position", given["id"])
        return self.place(from_fields(OrderPlaced, given), account)

    def place(self, order: OrderPlaced, account: str = MAIN) -> Placed:
        """Place an order, completed by what follows. Raises `Refused` where it cannot be."""
        while True:
            head = self.head()
            state = self._state_at(order.at, head)
            held = self.questions.log.find(account, order.id)
            with exact():
                whole = completed(state, account, order)
                if held is not None:
                    return self._held(held, (order, whole), head)
                reason = objection(state, account, whole)
            if reason:
                raise Refused(reason)
            if self._appended(head, Draft(account, whole, None)):
                return self._recorded(account, order.id)

    def cancel(
        self,
        order: str,
        account: str | None = None,
        *,
        at: datetime | None = None,
        reason: str = "taken back",
    ) -> Placed:
        """Take an open order back. Raises `Refused` for one that is open no longer."""
        while True:
            head = self.head()
            named = [o for o in self.orders(all=True) if o.order == order]
            found = [o for o in named if account in (None, o.account)]
            if not found:
                msg = f"no order is called {order!r}: `marginbook paper orders` lists them"
                raise UnknownName(msg)
            if len(found) > 1:
                msg = f"{len(found)} orders are called {order!r}: name the account"
                raise UnknownName(msg)
            one = found[0]
            if one.status != "open":
                msg = f"{order} is {one.status}: there is nothing to take back"
                raise Refused(msg)
            when = at or max(self.stands() or one.at, one.at)
            self._not_passed(when)
            event = OrderCancelled(at=when, id=f"cancel-{order}", order=order, reason=reason)
            if self._appended(head, Draft(one.account, event, None)):
                return self._recorded(one.account, event.id)

    def run(self, bars: Iterable[Bar], until: datetime | None = None) -> PaperRun:
        """Run bars, oldest first, against the open orders. Bars that have run are passed over.

        `bars` may be asked for again, should another process write meanwhile. Raises `BookError`
        for a bar that begins before where the session stands.
        """
        if not any(account != PRICES for account in self.accounts()):
            msg = "no account is open: marginbook paper open --deposit 10000 USD"
            raise Refused(msg)
        while True:
            head = self.head()
            session = PaperSession(self._state(), self._log.read(known=head.position))
            tally = _Tally()
            with self._log.writing() as writing:
                if writing.head != head:
                    writing.discard()
                    continue
                drafts = (tally.counted(*made) for made in session.run(bars, until))
                for answer in writing.append(drafts):
                    if isinstance(answer, Conflict):
                        held = answer.recorded
                        msg = f"{held.account}#{held.event.id} is taken by another event"
                        raise BookError(f"{msg}, at position {held.position}")
            return tally.told(session, self.orders(), self.head())

    # What is known --------------------------------------------------------------------------------

    def orders(self, *, all: bool = False) -> tuple[OrderState, ...]:  # noqa: A002
        """The open orders as they were placed; `all`: what became of the others, too."""
        fold = Orders(keep_ended=all)
        self.questions.replay(self.questions.decisions(), [fold])
        return fold.all()

    def stands(self) -> datetime | None:
        """When the last bar ended that was run; None before the first."""
        state = self._state()
        for entry in self._log.read(accounts=[PRICES]):
            state.bars.steps[type(entry.event)](entry, entry.event)
        return state.bars.last

    # ----------------------------------------------------------------------------------------------

    def _state(self) -> PaperState:
        decisions = self.questions.decisions()
        age = price_age(decisions.policies["price_age"])
        return PaperState(self.currency, age, decisions.voided)

    def _state_at(self, at: datetime, head: Head) -> PaperState:
        return PaperSession(self._state(), self._log.read(known=head.position)).look_until(at)

    def _not_passed(self, at: datetime) -> None:
        stands = self.stands()
        if stands is not None and at < stands:
            msg = f"the session has run to {instant(stands)}: nothing can happen at {instant(at)}"
            raise Refused(msg)

    def _opened(self, account: str) -> datetime:
        """When an account was opened: the first moment at which an order can be placed."""
        found = self._log.find(account, "open")
        return clock.now() if found is None else found.event.at

    def _count(self, account: str, kind: type[Event]) -> int:
        return sum(1 for _ in self._log.read(accounts=[account], types=[kind]))

    def _appended(self, head: Head, draft: Draft) -> bool:
        """Whether it was recorded; not, if the log went on since it was judged."""
        with self._log.writing() as writing:
            if writing.head != head:
                writing.discard()
                return False
            writing.append([draft])
        return True

    def _held(self, held: Recorded, same: tuple[Event, ...], head: Head) -> Placed:
        if held.event not in same:
            msg = f"{held.account}#{held.event.id} is already recorded with other content"
            raise BookError(f"{msg}, at position {held.position}: give the order its own id")
        return Placed(events=(held,), known=True, head=head)

    def _recorded(self, account: str, name: str) -> Placed:
        found = self._log.find(account, name)
        if found is None:
            raise BookError(f"{account}#{name} was not recorded")
        return Placed(events=(found,), known=False, head=self.head())


class _Tally:
    """What the venue made, counted as it is recorded."""

    def __init__(self) -> None:
        self.recorded = self.filled = self.liquidated = self.cancelled = 0
        self.interest: dict[str, Decimal] = {}

    def counted(self, account: str, event: Event) -> Draft:
        self.recorded += 1
        match event:
            case Liquidated():
                self.liquidated += 1
            case Filled():
                self.filled += 1
            case OrderCancelled():
                self.cancelled += 1
            case InterestCharged(asset=asset, quantity=quantity):
                with exact():
                    self.interest[asset] = self.interest.get(asset, ZERO) + quantity
        return Draft(account, event, None)

    def told(self, session: PaperSession, orders: Iterable[OrderState], head: Head) -> PaperRun:
        stands = session.state.bars.last
        return PaperRun(
            bars=session.ran,
            known=session.known,
            filled=self.filled,
            liquidated=self.liquidated,
            cancelled=self.cancelled,
            interest=dict(sorted(self.interest.items())),
            recorded=self.recorded,
            stands=stands,
            waiting=sum(1 for order in orders if stands is not None and order.at > stands),
            head=head,
        )
