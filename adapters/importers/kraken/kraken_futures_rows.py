"""Rows of the account log of Kraken's futures, as a CSV and as pages of the interface.

A trade is two rows: what the money did, and what the position did. The second has the contract
where the first has a currency, says nothing of money, and is passed over.
Source: Kraken's help, "Interpreting the logs (Derivatives)"; API, account log v3; the header of the
log as exported.
"""

from datetime import datetime
from decimal import Decimal

from attrs import define

from adapters.importers.json_pages import PageLayout
from adapters.importers.kraken.kraken_codes import asset
from adapters.importers.layout import Accounts, Cells, Kept, Key, Layout, Moved
from adapters.importers.table import Misread, number, rfc3339, utc
from domain.money import ZERO

POSITION = "the position's side of a trade; its money's side counts"
CREDITS = "fee credits, not money"

_FEE_CREDITS = ("fee", "kfee")

_NEEDED = ("uid", "dateTime", "type", "symbol", "contract", "new balance")
_OPTIONAL = (
    *("change", "old balance", "account", "realized pnl", "fee", "realized funding"),
    *("liquidation fee", "exchange rate from"),
)
_API = {
    "booking_uid": "uid",
    "date": "dateTime",
    "info": "type",
    "asset": "symbol",
    "margin_account": "account",
}
"""The interface's names -> those of the CSV."""


@define(eq=False, kw_only=True)
class LogRow(Moved):
    """What one row did to a balance, and of what that consists.

    `amount` is the change, fees included: `pnl` + `funding` - `charged` - `penalty` of a trade.
    """

    contract: str
    pnl: Decimal
    funding: Decimal
    charged: Decimal
    penalty: Decimal
    rate_from: str


def _key(cells: Cells) -> Key | str:
    uid, time, type_, symbol, contract = cells[:5]
    if symbol.casefold() in _FEE_CREDITS:
        return CREDITS
    if symbol and symbol.casefold() == contract.casefold():
        return POSITION
    if not uid.strip():
        raise Misread("uid", uid, "is no id")
    at = _second(time)
    kind = " ".join(type_.split()).lower()
    bundle = f"{kind} {at.isoformat()}" if kind in ("conversion", "transfer") else ""
    return Key(at, f"{uid}/{symbol.lower()}", bundle)


def _entry(kept: Kept, accounts: Accounts) -> LogRow:
    uid, _, type_, symbol, contract, new, change, old, account, *more = kept.cells
    pnl, fee, funding, penalty, rate_from = more
    if not symbol or symbol != symbol.strip():
        raise Misread("symbol", symbol, "is no name: it is empty, or has spaces around it")
    balance = number(new, "new balance")
    if change:
        amount = number(change, "change")
    elif old:
        amount = balance - number(old, "old balance")
    else:
        raise Misread("change", change, "is empty, and so is the old balance")
    return LogRow(
        file=kept.file,
        line=kept.line,
        id=uid,
        at=kept.at,
        account=accounts.of("futures"),
        bundle=kept.bundle,
        kind=" ".join(type_.split()).lower(),
        asset=asset(symbol.upper()).name,
        amount=amount,
        balance=balance,
        wallet=account.lower(),
        contract=contract.upper(),
        pnl=_number(pnl, "realized pnl"),
        funding=_number(funding, "realized funding"),
        charged=_number(fee, "fee"),
        penalty=_number(penalty, "liquidation fee"),
        rate_from=rate_from,
    )


def _number(text: str, column: str) -> Decimal:
    return number(text, column) if text else ZERO


def _second(time: str) -> datetime:
    """The second of a time: the CSV tells no more, and the same row must be the same event."""
    at = rfc3339(time, "dateTime") if "T" in time else utc(time, "dateTime")
    return at.replace(microsecond=0)


def _spellings() -> dict[str, str]:
    """Columns as they may be spelled, with other signs between the words."""
    found = dict(_API)
    for name in (*_NEEDED, *_OPTIONAL):
        found |= {name.replace(" ", between): name for between in "_-" if " " in name}
    found |= {"date_time": "dateTime", "date time": "dateTime", "date-time": "dateTime"}
    return found


LOG = Layout(
    name="kraken-futures-log",
    title="Kraken Futures (Derivatives): account log, CSV",
    needed=_NEEDED,
    optional=_OPTIONAL,
    aliases=_spellings(),
    generations=(("2026", ("exchange rate from",)), ("2021", ())),
    family="kraken-futures",
    key=_key,
    entry=_entry,
)
LOG_PAGE = PageLayout(
    name="kraken-futures-log-page",
    title="Kraken Futures: a page of the interface's account log (v3), as it came",
    needed=("booking_uid", "date", "info", "asset", "contract", "new_balance"),
    optional=(
        *("change", "old_balance", "margin_account", "realized_pnl", "fee", "realized_funding"),
        *("liquidation_fee", "exchange_rate_from"),
    ),
    family="kraken-futures",
    key=_key,
    entry=_entry,
)
