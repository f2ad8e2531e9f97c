"""BitMEX's wallet history: how its rows look, as CSV and as a page of the interface.

Amounts count the smallest unit of their currency (satoshi, `XBt`); an old file names none, and is
of satoshi. The file that the site makes has times of the reader's own zone and language, and does
not say which: its user must, and only the English way of writing them is read. The interface tells
UTC.
Source: BitMEX, `GET /user/walletHistory`, and the site's "Wallet History" as programs read it.
"""

from datetime import datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from attrs import define

from adapters.importers.json_pages import PageLayout
from adapters.importers.layout import Accounts, Cells, Kept, Key, Layout, Moved
from adapters.importers.local_times import in_zone
from adapters.importers.reading import Unclear
from adapters.importers.table import SPREADSHEET, Misread, number, plain, rfc3339
from domain.money import ZERO, exact

UNITS = {
    "XBt": ("BTC", 8),
    "USDt": ("USDT", 6),
    "Gwei": ("ETH", 9),
    "LAMp": ("SOL", 9),
}
"""Currencies as BitMEX counts them: the asset, and how many decimals its smallest unit has."""

_UNREALISED = "unrealised result: nothing moved yet"
_NOTHING_YET = {
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "rejected": "rejected",
    "pending": "not completed yet",
    "processing": "not completed yet",
    "confirmed": "not completed yet",
}
_RANKS = {"deposit": 1, "transfer": 2, "withdrawal": 9}
_ABSENT = frozenset({"", "null"})
_ZONE = (
    "The zone of these times is not told. Say it (--zone America/New_York), or take the history"
    " from the interface (GET /user/walletHistory), whose times are UTC: 2019-12-25T12:00:00.000Z"
)
_ENGLISH = "%m/%d/%Y, %I:%M:%S %p"


@define(eq=False, kw_only=True)
class WalletRow(Moved):
    """A row of the wallet history. `amount` includes the fee that went with it: `inside`."""

    inside: Decimal
    address: str


def _key(cells: Cells, zone: ZoneInfo | None = None) -> Key | str:
    time, type_, amount, fee, status, address, _, currency, name = cells
    if type_.casefold() == "unrealisedpnl":
        return _UNREALISED
    if status.casefold() in _NOTHING_YET:
        return _NOTHING_YET[status.casefold()]
    if status.casefold() != "completed":
        raise Misread("transactStatus", status, "is a status not known here")
    at = _instant(time, zone)
    if name not in _ABSENT:
        return Key(at, name)
    numbers = (f"{number(amount, 'amount'):f}", f"{_told(fee, 'fee'):f}")
    what = (at.isoformat(), type_.casefold(), *numbers, address, currency or "XBt")
    return Key(at, identity=what)


def _instant(time: str, zone: ZoneInfo | None) -> datetime:
    """When a row was: as it says itself, or in the user's zone. Raises `Misread`."""
    try:
        return rfc3339(time, "transactTime")
    except Misread:
        if zone is None:
            raise Misread("transactTime", time, "is not a time with its zone", _ZONE) from None
    try:
        told = datetime.strptime(time.replace("\u202f", " "), _ENGLISH)  # noqa: DTZ007 - it follows
    except ValueError:
        hint = f"It should look like 12/25/2019, 7:00:00 AM; {SPREADSHEET}"
        raise Misread("transactTime", time, "is not a time", hint) from None
    return in_zone(told, zone, time, "transactTime")


def _entry(kept: Kept, accounts: Accounts) -> WalletRow:
    _, type_, amount, fee, _, address, balance, currency, _ = kept.cells
    asset, decimals = _unit(currency)
    kind = type_.casefold()
    return WalletRow(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(),
        rank=_RANKS.get(kind, 5),
        kind=kind,
        asset=asset,
        amount=_counted(amount, "amount", decimals),
        balance=None if balance in _ABSENT else _counted(balance, "walletBalance", decimals),
        word=type_,
        inside=_counted(fee, "fee", decimals),
        address="" if address in _ABSENT else address.strip(),
    )


def _unit(currency: str) -> tuple[str, int]:
    if currency in _ABSENT:
        return UNITS["XBt"]
    if currency not in UNITS:
        hint = f"Known are {', '.join(UNITS)}: how many decimals this one has is not guessed"
        raise Unclear("is a currency not known here", hint, "currency", currency)
    return UNITS[currency]


def _counted(text: str, column: str, decimals: int) -> Decimal:
    """Smallest units as units."""
    with exact():
        return plain(_told(text, column).scaleb(-decimals))


def _told(text: str, column: str) -> Decimal:
    return ZERO if text in _ABSENT else number(text, column)


_NEEDED = ("transactTime", "transactType", "amount", "fee", "transactStatus")
_OPTIONAL = ("address", "walletBalance", "currency", "transactID")


def wallet(zone: ZoneInfo | None) -> Layout:
    """The wallet history of a reader in this zone (None: it was not said)."""
    return Layout(
        name="bitmex-wallet",
        title="BitMEX: wallet history (Wallet, Transaction History, CSV; or of the interface)",
        needed=_NEEDED,
        optional=_OPTIONAL,
        generations=(("2021", ("currency",)), ("2016", ())),
        family="bitmex",
        key=partial(_key, zone=zone),
        entry=_entry,
    )


PAGE = PageLayout(
    name="bitmex-wallet-page",
    title="BitMEX: a page of `GET /user/walletHistory`",
    needed=_NEEDED,
    optional=_OPTIONAL,
    generations=(("2016", ()),),
    family="bitmex",
    key=_key,
    entry=_entry,
)
