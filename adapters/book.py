"""A book: one log, and every question that can be asked of it.

Each question replays the log: one pass, the projections it needs, nothing kept. What had happened
is a time (`at`), what was known is a position in the log (`known`); without them everything counts.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from adapters.decision import Decision, decide
from adapters.explaining import Explanation, explain
from adapters.found_links import FoundLinks, link_found
from adapters.import_result import ImportResult
from adapters.importers.reading import Draft
from adapters.intake import How, Progress, take_in
from adapters.log.chain import Head, Settings
from adapters.log.log import Log
from adapters.log.verification import Verification
from adapters.log.writing import Conflict
from adapters.prices.bar_import import PricesResult, take_in_prices
from adapters.prices.known_prices import KnownPrice, known_prices
from adapters.prices.pairs import Wanted
from adapters.questions import Questions
from adapters.whatif import Supposing
from adapters.wire import account_name
from domain.errors import BookError, UnknownName
from domain.events import Event, PriceObserved
from domain.recorded import Recorded
from projections.balances import Balances, BalancesReport
from projections.changes import Picture
from projections.findings import Finding, by_time
from projections.inventory import LotsReport
from projections.loans.accrual_report import AccrualReport
from projections.margin.calls_report import MarginCalls
from projections.margin.margin_history import MarginPoint
from projections.margin.margin_state import MarginState
from projections.performance.results import PerformanceReport
from projections.tax.country_year import CountryYear
from projections.tax.us.compare import Comparison
from projections.tax.us.estimate import Rates
from projections.tax.us.form8949 import Row
from projections.tax.us.tax_year import TaxYear
from projections.trail_report import Trail
from projections.transfers.transfers import TransfersReport

Time = datetime | date
"""A time with zone; a date means the end of that day in the book's tax zone."""


class Book:
    """A book of accounts. Use `Book.open`; close it, or use it in a `with` statement."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.zone = log.settings.zone
        self.currency = log.settings.currency
        self.questions = Questions(log)
        self.calendar = self.questions.calendar

    @classmethod
    def open(
        cls, path: str | Path, *, zone: str = "UTC", currency: str = "USD", paper: bool = False
    ) -> Self:
        """Open the book at `path`, or begin one there in this tax zone and currency.

        `:memory:` is a book that is gone when it is closed. `paper`: a book of simulated trades,
        which no one opens by mistake. Raises `BookError` where the file is no book of that kind.
        """
        if str(path).startswith("postgresql://"):
            msg = "books on PostgreSQL come with a later version: give the path of a file"
            raise BookError(msg)
        return cls(Log.open(path, create=Settings(zone=zone, currency=currency, paper=paper)))

    def close(self) -> None:
        """Let the file go."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Writing --------------------------------------------------------------------------------------

    def import_files(
        self,
        paths: Sequence[str | Path],
        **how: Unpack[How],
    ) -> ImportResult:
        """Record what the files say; files of one venue are read together, in any order.

        Nothing is recorded twice. `how`: adapters/intake.py.
        """
        return take_in(self._log, [Path(path) for path in paths], **how)

    def import_file(self, path: str | Path, **how: Unpack[How]) -> ImportResult:
        """Record what one file says; see `import_files`."""
        return self.import_files([path], **how)

    def import_prices(
        self,
        paths: Sequence[str | Path],
        *,
        asset: str | None = None,
        quote: str | None = None,
        interval: timedelta | None = None,
        venue: str | None = None,
        dry_run: bool = False,
        strict: bool = False,
        progress: Progress | None = None,
    ) -> PricesResult:
        """Record the closes of files of price bars, each at the instant at which its bar ended.

        What is not told is read from the files (adapters/prices/pairs.py). Nothing is recorded
        twice. Raises `BookError` where a file is of no known format, or its pair is not known.
        """
        wanted = Wanted(
            asset=asset, quote=quote, interval=interval, venue=venue, currency=self.currency
        )
        files = [Path(path) for path in paths]
        return take_in_prices(
            self._log, files, wanted, dry_run=dry_run, strict=strict, progress=progress
        )

    def record(self, events: Iterable[Event], account: str) -> tuple[Recorded, ...]:
        """Record events of one account, all or none; return them as the log holds them.

        An event that is known already is returned as it was recorded. Raises `BookError` where an
        id is taken by other content.
        """
        account = account_name(account)
        given = list(events)
        with self._log.writing() as writing:
            for answer in writing.append(Draft(account, event, None) for event in given):
                if isinstance(answer, Conflict):
                    held = answer.recorded
                    msg = f"{account}#{held.event.id} is already recorded with other content, "
                    raise BookError(msg + f"at position {held.position}: give the event its own id")
        found = (self._log.find(account, event.id) for event in given)
        return tuple(recorded for recorded in found if recorded is not None)

    def decide(self, event: Event, account: str = "book") -> Decision:
        """Record a decision of our own, and say what it changed.

        It is tried first. Raises `Refused`, which names the rule, where it cannot count; then
        nothing is recorded. Facts are never refused: `record` them.
        """
        return decide(self._log, event, account_name(account))

    def link_found(self, *, dry_run: bool = False) -> FoundLinks:
        """Link every pair of legs that `transfers` finds, all or none, and say what it changed."""
        return link_found(self._log, dry_run=dry_run)

    # Reading --------------------------------------------------------------------------------------

    def head(self) -> Head:
        """Position and hash of the last entry: noted elsewhere, it proves all that is before it."""
        return self._log.head()

    def events(
        self,
        *,
        account: str | None = None,
        types: Collection[type[Event]] | None = None,
        since: Time | None = None,
        at: Time | None = None,
    ) -> Iterator[Recorded]:
        """Events in replay order, with their sources; `since` and `at` include their instants."""
        return self._log.read(
            accounts=None if account is None else [account],
            types=types,
            after=self._before(since),
            at_or_before=self.calendar.until(at),
            with_source=True,
        )

    def prices(
        self, *, asset: str | None = None, since: Time | None = None, at: Time | None = None
    ) -> Iterator[KnownPrice]:
        """Prices that were observed and not voided, in the order of time; limits included."""
        observed = self.events(types=[PriceObserved], since=since, at=at)
        return known_prices(observed, self.questions.decisions().voided, asset)

    def find(self, reference: str, account: str | None = None) -> Recorded:
        """The event called ID (of an account, or of the one that has it), or ACCOUNT#ID.

        Raises `UnknownName` where there is none, or several.
        """
        return self.questions.find(reference, account)

    def verify(self, head: Head | None = None) -> Verification:
        """Prove that nothing was changed, and that the log still contains an older `head`."""
        return self._log.verify(head)

    def accounts(self, at: Time | None = None) -> tuple[str, ...]:
        """Every account in which anything has happened by then."""
        fold, decisions = Balances(), self.questions.decisions()
        self.questions.replay(decisions, [fold], until=self.calendar.until(at))
        return tuple(sorted(fold.accounts))

    def balances(self, at: Time | None = None, *, known: int | None = None) -> BalancesReport:
        """What every account holds and owes."""
        fold, decisions = Balances(), self.questions.decisions(known)
        self.questions.replay(decisions, [fold], until=self.calendar.until(at), known=known)
        fold.close()
        return fold.report()

    def margin(
        self,
        at: Time | None = None,
        *,
        prices: Mapping[str, Decimal] | None = None,
        known: int | None = None,
    ) -> tuple[MarginState, ...]:
        """What every account is worth and how far it is from liquidation; `prices` in USD."""
        return self.questions.margin(self.calendar.until(at), prices, known)

    def supposing(
        self,
        at: Time | None = None,
        *,
        prices: Mapping[str, Decimal] | None = None,
        price: Decimal | None = None,
        method: str | None = None,
        rates: Rates | None = None,
    ) -> Supposing:
        """What if: trades, loans, stops and liquidations at a time, of which nothing is recorded.

        `prices` stand in for marks (in each account's currency), `price` is that of what is traded
        (in its quote), `method` stands in for the book's own, `rates` for the year's brackets.
        """
        then = self.calendar.until(at)
        return Supposing(
            self.questions, then, prices=prices, price=price, method=method, rates=rates
        )

    def margin_history(
        self,
        sink: Callable[[MarginPoint], None] | None = None,
        *,
        account: str | None = None,
        since: Time | None = None,
        at: Time | None = None,
        known: int | None = None,
    ) -> MarginCalls:
        """Every account's level after every event, one point at a time to `sink`.

        Returned is what they tell: how near each account came, when its terms called or liquidated
        it, and each liquidation of the venue beside the terms. `account` narrows all of it, `since`
        the points alone. Raises `UnknownName` for an account in which nothing has happened.
        """
        before = self._before(since)

        def hear(point: MarginPoint) -> None:
            wanted = account in (None, point.account) and (before is None or point.at > before)
            if sink is not None and wanted:
                sink(point)

        told = self.questions.margin_history(hear if sink else None, self.calendar.until(at), known)
        known_ones = [calls.account for calls in told.accounts]
        if account is not None and account not in known_ones:
            msg = f"there is no account {account!r}; known: {', '.join(known_ones)}"
            raise UnknownName(msg)
        return told if account is None else told.of(account)

    def interest(self, at: Time | None = None, *, known: int | None = None) -> AccrualReport:
        """What each loan should have cost by its venue's rule and rates, beside what was charged.

        Without `at`, as of the last fact of each account: nothing is forecast.
        """
        return self.questions.interest(self.calendar.until(at), known)

    def transfers(self, at: Time | None = None, *, known: int | None = None) -> TransfersReport:
        """Withdrawals and deposits that are one transfer, are linked as one, or stand alone."""
        return self.questions.transfers(self.calendar.until(at), known).report()

    def terms(self, account: str, at: Time | None = None) -> Recorded | None:
        """The `margin_terms_set` in force for an account at a time, None where there is none."""
        return self.questions.terms(account_name(account), self.calendar.until(at))

    def performance(
        self,
        account: str | None = None,
        *,
        since: Time | None = None,
        at: Time | None = None,
        curve: bool = False,
        known: int | None = None,
    ) -> PerformanceReport:
        """What was earned from `since` to `at`, both included, and the return on own capital.

        None: from the first event, to the last; of one `account`, or of the whole book. `curve`
        adds the equity curve. Raises `BookError` where the period or the account is none.
        """
        begin, end = self.calendar.since(since), self.calendar.until(at)
        return self.questions.performance(account, begin, end, known, curve=curve)

    def lots(
        self, at: Time | None = None, *, method: str | None = None, known: int | None = None
    ) -> LotsReport:
        """What is open under a method (None: the book's own)."""
        return self.questions.lots(self.calendar.until(at), method, known)

    def tax_year(
        self,
        year: int,
        method: str | None = None,
        *,
        known: int | None = None,
        aggregate: bool = False,
    ) -> TaxYear:
        """The US tax year under a method (None: the book's own), as known at a log position.

        `aggregate` sums the rows that may be on lines 1a and 8a of Schedule D, off Form 8949.
        """
        return self.questions.tax_year(year, method, known, aggregate=aggregate)

    def stream_tax_year(
        self,
        year: int,
        sink: Callable[[Row], None],
        method: str | None = None,
        *,
        known: int | None = None,
        aggregate: bool = False,
    ) -> TaxYear:
        """The tax year, its rows handed to `sink` one by one instead of being kept."""
        return self.questions.us_year(year, sink, method, known, aggregate=aggregate)

    def compare(self, year: int, methods: Sequence[str], *, known: int | None = None) -> Comparison:
        """A US tax year under several methods side by side, from one pass over the log."""
        return self.questions.compare(year, methods, known)

    def country_year(self, year: int, country: str, *, known: int | None = None) -> CountryYear:
        """The tax year of another country (`uk`, `ca`, `de`), as known at a log position."""
        return self.questions.country_year(year, country, known)

    def explain(
        self, figure: str, *, year: int, method: str | None = None, known: int | None = None
    ) -> Explanation:
        """Why a figure is what it is: `8949:17`, `D:16`, `4952:1`."""
        return explain(self._log, figure, year=year, method=method, known=known)

    def check(self) -> tuple[Finding, ...]:
        """Everything that is missing, contradictory or doubtful, in replay order."""
        found = (
            *self.picture().findings,
            *self.margin_history().findings,
            *self.questions.told_twice(),
        )
        return tuple(sorted(dict.fromkeys(found), key=by_time))

    def trail(self, *, known: int | None = None) -> tuple[Trail, ...]:
        """What vouches for each account: its asserted balances and its imports, in time order."""
        return self.questions.trails(known)

    def picture(self) -> Picture:
        """Every tax year and open lot under the book's own method, and every finding."""
        return self.questions.picture()

    def known_at(self, time: Time) -> int:
        """The last log position that was recorded at or before a time."""
        instant = self.calendar.until(time)
        return self.head().position if instant is None else self._log.recorded_by(instant)

    # ----------------------------------------------------------------------------------------------

    def _before(self, time: Time | None) -> datetime | None:
        """The last microsecond before a time, or before a day begins."""
        start = self.calendar.since(time)
        return None if start is None else start - timedelta(microseconds=1)
