"""Stories: events as an accountant would write them down, and reports as tables.

    book = told('''
        2023-01-10  kraken/main  deposited   1 BTC    bought 2023-01-10 for 17000
        2025-02-01  kraken/main  bought      0.5 BTC  @ 60000 USD  fee 30  as mine
    ''')

A line is a day (noon, UTC) or a time (UTC where no offset stands), an account (kraken/main, or book
for its decisions, where none stands), what happened, and what belongs to it behind a word of its
own. USD may be left out. An event is called by its line's number unless it says `as`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import takewhile
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from domain import events as e
from domain.calendar import Calendar
from domain.fields import from_fields
from domain.lot import Disposal
from domain.methods import LAWFUL
from domain.order import place
from domain.policies import price_age
from domain.recorded import Recorded
from projections.balances import Balances
from projections.dealings import Dealings
from projections.decisions import Decisions
from projections.findings import Findings
from projections.inventory import inventory
from projections.lots import LotBook
from projections.prices import Prices
from projections.property import Property
from projections.replay import Replay, replay
from projections.tax.us.compare import Compare, Comparison
from projections.tax.us.form8949 import Row as FormRow
from projections.tax.us.tax_year import Forms
from projections.tax.us.us_lots import UsLots, foresee
from projections.tax.us.year import UsTax

HAPPENED: dict[str, tuple[type[e.Event], str, dict[str, str]]] = {
    # the word: the event, the fields that follow the word, the fields that the word says
    "opened": (e.AccountOpened, "mode", {}),
    "deposited": (e.Deposited, "quantity asset", {}),
    "withdrawn": (e.Withdrawn, "quantity asset", {}),
    "spent": (e.Withdrawn, "quantity asset", {"purpose": "spent"}),
    "given": (e.Withdrawn, "quantity asset", {"purpose": "gift"}),
    "transferred": (e.Transferred, "quantity asset", {}),
    "borrowed": (e.Borrowed, "quantity asset", {}),
    "repaid": (e.Repaid, "quantity asset", {}),
    "interest": (e.InterestCharged, "quantity asset settled", {}),
    "forgiven": (e.DebtForgiven, "quantity asset", {}),
    "bought": (e.Filled, "quantity asset", {"side": "buy", "quote": "USD"}),
    "sold": (e.Filled, "quantity asset", {"side": "sell", "quote": "USD"}),
    "liquidated": (e.Liquidated, "quantity asset", {"side": "sell", "quote": "USD"}),
    "settled": (e.PositionSettled, "position quantity asset", {"quote": "USD"}),
    "charged": (e.FeeCharged, "quantity asset", {}),
    "received": (e.IncomeReceived, "kind quantity asset", {}),
    "funding": (e.FundingSettled, "amount asset contract", {}),
    "contract": (e.ContractSettled, "contract amount asset", {}),
    "asserted": (e.BalanceAsserted, "quantity asset", {}),
    "terms": (e.MarginTermsSet, "model", {}),
    "reported": (e.BrokerReported, "form year", {}),
    "ordered": (e.OrderPlaced, "side quantity asset kind", {"quote": "USD"}),
    "cancelled": (e.OrderCancelled, "order reason", {}),
    "trailed": (e.OrderTrailed, "order trigger", {}),
}
DECIDED: dict[str, tuple[type[e.Event], str, dict[str, str]]] = {
    "price": (e.PriceObserved, "asset price", {"quote": "USD"}),
    "elected": (e.MethodElected, "method", {}),
    "picked": (e.LotsIdentified, "disposal", {}),
    "allocated": (e.BasisAllocated, "asset", {}),
    "stated": (e.BasisStated, "target", {}),
    "linked": (e.TransferLinked, "out into", {}),
    "policy": (e.PolicySet, "name value", {}),
    "fact": (e.TaxFactStated, "year name value", {}),
    "voided": (e.Voided, "target reason", {}),
    "closed": (e.YearClosed, "year", {}),
    "imported": (e.ImportRecorded, "file sha256 format rows recorded known ignored findings", {}),
}
FOLLOWS = {  # a word within the line: the fields that follow it, the last of them if it is an ASSET
    "@": "price quote",
    "for": "amount quote",
    "fee": "fee fee_asset",
    "as": "id",
    "on": "position",
    "worth": "value",
    "covered": "basis",
}
SAID = {"covered": {"basis_reported": True}}  # what such a word says besides
PARTS = {  # a word before parts such as 2023-01-10:1:17000
    "lots": "acquired quantity basis loss_basis",
    "picks": "lot quantity",
    "allocations": "account acquired quantity basis",
}
WHOLE = {"sequence", "year", "rows", "recorded", "known", "ignored", "findings"}
TRUTH = {"yes": True, "no": False}
LEARNT = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Story:
    """Events in the order of the log, and the tax zone of their book."""

    log: tuple[Recorded, ...]
    zone: str = "UTC"

    @property
    def replayed(self) -> list[Recorded]:
        """The events oldest first."""
        return _oldest_first(self.log)


def _oldest_first(log: Iterable[Recorded]) -> list[Recorded]:
    return sorted(log, key=lambda r: (r.event.at, place(r.event), r.position))


def told(text: str, zone: str = "UTC") -> Story:
    """A book in which this happened."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return recorded((_event(words, str(i)) for i, words in enumerate(lines, 1)), zone)


def recorded(events: Iterable[tuple[str, e.Event]], zone: str = "UTC") -> Story:
    """A book that learnt these events of these accounts in this order."""
    return Story(
        tuple(
            Recorded(i, account, i, LEARNT, event) for i, (account, event) in enumerate(events, 1)
        ),
        zone,
    )


def _event(words: list[str], name: str) -> tuple[str, e.Event]:
    at = datetime.fromisoformat(words[0]) if "T" in words[0] else _noon(words[0])
    named = words[1] == "book" or "/" in words[1]
    said = words[2 if named else 1]
    kind, leading, implied = (HAPPENED | DECIDED)[said]
    account = words[1] if named else "book" if said in DECIDED else "kraken/main"
    given: dict[str, Any] = {"at": at.replace(tzinfo=at.tzinfo or UTC), "id": name, **implied}
    rest = words[3 if named else 2 :]
    for field in leading.split():
        given[field] = _value(field, rest.pop(0))
    while rest:
        word = rest.pop(0)
        if word in PARTS:
            parts = list(takewhile(lambda part: ":" in part, rest))
            given[word] = [
                dict(zip(PARTS[word].split(), part.split(":"), strict=False)) for part in parts
            ]
            del rest[: len(parts)]
            continue
        given |= SAID.get(word, {})
        for i, field in enumerate(FOLLOWS.get(word, word).split()):
            if i == 0 or (rest and rest[0].isupper()):
                given[field] = _value(field, rest.pop(0))
    return account, from_fields(kind, _finished(kind, given))


def _finished(kind: type[e.Event], given: dict[str, Any]) -> dict[str, Any]:
    """A total without a price has one; `bought DAY for USD` of a deposit is its only lot."""
    if "bought" in given:
        basis = given.pop("amount")
        lot = {"acquired": given.pop("bought"), "quantity": given["quantity"], "basis": basis}
        return given | {"lots": [lot]}
    if issubclass(kind, e.Filled) and "price" not in given:
        given["price"] = Decimal(given["amount"]) / Decimal(given["quantity"])
    return given


def _value(field: str, word: str) -> Any:
    return int(word) if field in WHOLE else TRUTH.get(word, word)


def _noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00")


# Reports -----------------------------------------------------------------------------------------


class Row(dict[str, str]):
    """A line of a report. Lines are equal where they agree in every column of the narrower one."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, dict):
            return NotImplemented
        narrow, wide = sorted((self, other), key=len)
        return all(wide.get(column) == text for column, text in narrow.items())

    __hash__ = None


def table(text: str) -> list[Row]:
    """The lines of a table: its first line names the columns, `-` is an empty cell."""
    header, *lines = [line.split() for line in text.splitlines() if line.strip()]
    return [Row(zip(header, line, strict=True)) for line in lines]


def form_8949(book: Story, year: int, method: str = LAWFUL) -> list[Row]:
    """The year's rows."""
    return [_line(row) for row in taxed(book, year, method)[0]]


def schedule_d(book: Story, year: int, method: str = LAWFUL) -> dict[str, str]:
    """Line: its amount, that in (h) where it has columns."""
    lines = taxed(book, year, method)[1].schedule_d
    return {n: str(a if isinstance(a, Decimal) else a["gain"]) for n, a in lines.items()}


def form_4952(book: Story, year: int) -> dict[str, str]:
    """Line: its amount."""
    return {name: str(amount) for name, amount in taxed(book, year)[1].form_4952.items()}


def schedule_1(book: Story, year: int = 2025) -> dict[str, str]:
    """Line: its amount."""
    return {line: str(amount) for line, amount in taxed(book, year)[1].schedule_1.items()}


def lots(book: Story, method: str = LAWFUL) -> list[Row]:
    """What is left: by account and asset, then as it would go."""
    fold = folded(book, method)
    return [_line(lot) for lot in inventory(fold.books[method], fold.property).lots]


def shorts(book: Story) -> list[Row]:
    """Units sold short and not yet delivered."""
    fold = folded(book)
    return [_line(short) for short in inventory(fold.books[LAWFUL], fold.property).shorts]


def balances(book: Story) -> list[Row]:
    """What every account holds and owes."""
    return [_line(balance) for balance in folded(book).balances.balances()]


def findings(book: Story, year: int = 2025, method: str = LAWFUL) -> list[Row]:
    """What the tax year and the balances noticed."""
    tax, fold = taxed(book, year, method)[1], folded(book, method)
    return [_line(found) for found in dict.fromkeys((*tax.findings, *fold.balances.findings.all()))]


def kinds(book: Story, year: int = 2025) -> list[str]:
    """The kinds of finding there are."""
    return sorted({row["kind"] for row in findings(book, year)})


class _Told(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


def _line(report: _Told) -> Row:
    shown = report.to_dict().items()
    return Row((column, "-" if value in (None, "") else str(value)) for column, value in shown)


# Folds -------------------------------------------------------------------------------------------


class Folded:
    """A book's property under several methods, and its balances, in one pass that may go on."""

    def __init__(
        self,
        log: Iterable[Recorded],
        methods: Sequence[str] = (LAWFUL,),
        zone: str = "UTC",
        kind: type[LotBook] = LotBook,
    ) -> None:
        self.decisions = Decisions(log)
        self.findings = Findings()
        self.disposals: dict[str, list[Disposal]] = {method: [] for method in methods}
        calendar = Calendar(ZoneInfo(zone))
        ahead = foresee(lambda: _oldest_first(log), self.decisions, calendar, "USD")
        made = UsLots(self.decisions, calendar, self.findings, ahead)
        self.books = {
            method: made.kept(method, partial(kind, self.disposals[method].append))
            for method in methods
        }
        prices = Prices("USD", price_age(self.decisions.policies["price_age"]))
        self.property = Property(list(self.books.values()), calendar, prices, self.findings)
        self.balances = Balances()
        dealings = Dealings(self.property, self.decisions)
        self._replay = Replay((prices, dealings, self.balances), self.decisions.voided, made.turns)

    def run(self, events: Iterable[Recorded]) -> "Folded":
        """Go on with these events."""
        self._replay.run(events)
        return self

    def close(self) -> "Folded":
        """There are no more."""
        self._replay.close()
        self.balances.close()
        return self


def liquidated(book: Story, year: int, method: str = LAWFUL) -> list[dict[str, Any]]:
    """The year's liquidations, each with what it cost and what is taxed."""
    return [one.to_dict() for one in taxed(book, year, method)[1].liquidations]


def straddles(book: Story, year: int | None = 2025) -> list[Row]:
    """What was found long and short at once in a year; None: in all, by one pass over them."""
    if year is not None:
        found = taxed(book, year)[1].findings
    else:
        seen = [r.event.at.year for r in book.log]
        rows: list[FormRow] = []
        ever = datetime.max.replace(tzinfo=UTC)
        tax = _us_tax(book, max(seen), LAWFUL, ever, rows.append)
        years = range(min(seen), max(seen) + 1)
        found = tuple({f: None for each in years for f in tax.result(each).findings})
    return [_line(one) for one in found if one.kind == "straddle"]


def folded(book: Story, *methods: str) -> Folded:
    """All of a book under these methods, or the lawful one."""
    return Folded(book.log, methods or (LAWFUL,), book.zone).run(book.replayed).close()


def compared(book: Story, year: int, *methods: str) -> Comparison:
    """The year under these methods side by side."""
    decisions, calendar = Decisions(book.log), Calendar(ZoneInfo(book.zone))
    ahead = foresee(lambda: book.replayed, decisions, calendar, "USD")
    fold = Compare(year, methods, decisions, calendar, "USD", ahead)
    end = calendar.end(date(year, 12, 31))
    happened = (r for r in book.replayed if r.event.at <= end)
    replay(happened, *fold.projections, voided=decisions.voided, turns=fold.turns, until=end)
    return fold.result()


def taxed(
    book: Story, year: int, method: str = LAWFUL, *, aggregate: bool = False
) -> tuple[list[FormRow], Forms]:
    """The year's rows and forms. What happened in later years is not replayed."""
    rows: list[FormRow] = []
    end = Calendar(ZoneInfo(book.zone)).end(date(year, 12, 31))
    return rows, _us_tax(book, year, method, end, rows.append, aggregate=aggregate).result()


def _us_tax(
    book: Story,
    year: int,
    method: str,
    end: datetime,
    sink: Callable[[FormRow], None],
    *,
    aggregate: bool = False,
) -> UsTax:
    """The fold of a US tax year, fed with all that happened until the end."""
    decisions, calendar = Decisions(book.log), Calendar(ZoneInfo(book.zone))
    ahead = foresee(lambda: book.replayed, decisions, calendar, "USD")
    tax = UsTax(
        year,
        method,
        decisions,
        calendar,
        "USD",
        sink,
        foreseen=ahead,
        aggregate=aggregate,
    )
    happened = (r for r in book.replayed if r.event.at <= end)
    replay(happened, *tax.projections, voided=decisions.voided, turns=tax.turns, until=end)
    return tax
