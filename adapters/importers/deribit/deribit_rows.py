"""Deribit's transaction log: how its rows look.

A log is of one currency, which the rows do not name: their instruments do, and those rows that have
none (deposits, transfers) stand in the same log. `Change` is what the balance did; everything else
explains it. Rows of one instant go by their user sequence. Times are UTC.
Source: Deribit, "Transaction log", and what `private/get_transaction_log` says of the same fields.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from attrs import define, frozen

from adapters.importers.instants import whole_second
from adapters.importers.layout import Accounts, Cells, Kept, Key, Layout, Moved
from adapters.importers.reading import Fault, SourceFile, Unclear
from adapters.importers.table import Misread, Row, Table, number, rfc3339, utc
from domain.money import ZERO

_CONTRACT = re.compile(r"(?P<base>[A-Z0-9]+)(?:_(?P<margin>[A-Z0-9]+))?-.+", re.IGNORECASE)
_SPOT = re.compile(r"(?P<base>[A-Z0-9]+)_(?P<quote>[A-Z0-9]+)", re.IGNORECASE)
_LOG_NAME = re.compile(r"transaction_log-\d+-([A-Z0-9]{3,6})-.*", re.IGNORECASE)
_DASHES = frozenset({"", "-"})
_NOT_TOLD = (
    "Export a time in which a contract was traded, or keep the name that Deribit gave the file"
    " (transaction_log-USER-BTC-...)"
)


@define(eq=False, kw_only=True)
class LogRow(Moved):
    """A row of a log: `amount` is the change of the balance, all of it.

    `cash_flow`, `funding` and `fee_told` explain it: results or premiums, funding within them, and
    the trading fee. `instrument` is "" where the row has none.
    """

    instrument: str
    cash_flow: Decimal
    funding: Decimal
    fee_told: Decimal
    trade: str


@frozen(kw_only=True, slots=False)
class LogLayout(Layout):
    """A log as CSV: rows get the currency of their log as a column of their own."""

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        currency = self._currency(file)
        for row in self._table(file):
            if isinstance(row, Fault):
                yield row
            else:
                yield row._replace(cells=(*row.cells[:-1], row.cells[-1] or currency))

    def _currency(self, file: SourceFile) -> str:
        """The currency of a log: what its contracts are settled in, else what its name says."""
        place = self.needed.index("Instrument")
        for row in self._table(file):
            if not isinstance(row, Fault) and (currency := settled_in(row.cells[place])):
                return currency
        named = _LOG_NAME.match(file.name)
        return named[1].upper() if named else ""

    def _table(self, file: SourceFile) -> Iterator[Row | Fault]:
        return Table(file, self.needed, self.optional, aliases=self.aliases).rows()


def settled_in(instrument: str) -> str:
    """The currency that a contract is settled in, "" for what is none: BTC-PERPETUAL, BTC."""
    found = _CONTRACT.fullmatch(instrument)
    return (found["margin"] or found["base"]).upper() if found else ""


def _key(cells: Cells) -> Key | str:
    name, _, date, instrument = cells[:4]
    trade, currency = cells[11], cells[-1]
    if not name:
        raise Misread("ID", name, "is missing")
    bundle = f"spot {trade}" if trade and _SPOT.fullmatch(instrument) else ""
    return Key(_instant(date, "Date"), f"{currency}-{name}", bundle)


def _entry(kept: Kept, accounts: Accounts) -> LogRow:
    name, sequence, _, instrument, type_, flow, funding, fee, change, balance = kept.cells[:10]
    trade, currency = kept.cells[11], kept.cells[-1]
    instrument = "" if instrument in _DASHES else instrument
    _check_currency(instrument, currency)
    return LogRow(
        file=kept.file,
        line=kept.line,
        id=f"{currency}-{name}",
        at=kept.at,
        account=accounts.of(),
        bundle=kept.bundle,
        rank=int(number(sequence, "UserSeq")),
        kind=" ".join(type_.casefold().replace("_", " ").split()),
        asset=currency,
        amount=_told(change, "Change"),
        balance=number(balance, "Balance") if balance not in _DASHES else None,
        instrument=instrument,
        cash_flow=_told(flow, "Cash Flow"),
        funding=_told(funding, "Funding"),
        fee_told=_told(fee, "Fee Charged"),
        trade=trade,
    )


def _check_currency(instrument: str, currency: str) -> None:
    """Refuse a row of another currency than its log's. Raises `Unclear`."""
    told = settled_in(instrument)
    if not currency:
        raise Unclear("the currency of this log is not told", _NOT_TOLD, "Instrument", instrument)
    if told and told != currency:
        problem = f"is settled in {told}, the log is of {currency}"
        raise Unclear(problem, "Are two logs in one file? Give each by itself", "Instrument", told)


def _told(text: str, column: str) -> Decimal:
    return ZERO if text in _DASHES else number(text, column)


def _instant(text: str, column: str) -> datetime:
    """The whole second of `2024-02-10 08:00:00[.123]` or an RFC 3339 time: both are UTC."""
    at = rfc3339(text, column) if "T" in text else utc(text, column)
    return whole_second(at)


LOG = LogLayout(
    name="deribit-log",
    title="Deribit: transaction log of one currency (History, Transaction log, CSV)",
    needed=(
        *("ID", "UserSeq", "Date", "Instrument", "Type", "Cash Flow", "Funding"),
        *("Fee Charged", "Change", "Balance", "Info"),
    ),
    optional=("Trade ID", "Order ID", "Side", "Note", "Currency"),
    aliases={"Fee Paid": "Fee Charged"},
    generations=(
        ("2025", ("Amount", "Base Amount")),
        ("2024", ("Note",)),
        ("2023", ("Fee Charged",)),
        ("2022", ()),
    ),
    key=_key,
    entry=_entry,
)
