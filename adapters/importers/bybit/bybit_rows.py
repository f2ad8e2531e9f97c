"""Bybit's files: the transaction log (table and pages) and the log of the funding account.

No id is in all of them, so a row is called by what it says: second, currency, contract, type and
change. A spot trade is two rows of one second, contract and direction, one a currency; all fills of
that second and direction are one trade, because newer tables tell no more. Fees and funding are
printed with either sign: which one, the row's own change tells. Times are UTC.
Source: headers of Bybit's reports "Transaction log", "Account change details"; API v5,
`GET /v5/account/transaction-log`.
"""

from datetime import datetime
from decimal import Decimal

from adapters.importers.assets import dust
from adapters.importers.bybit.bybit_words import CONTRACT_SIDES, TYPES, funding_kind, plainly
from adapters.importers.instants import instant_name, whole_second
from adapters.importers.json_pages import PageLayout
from adapters.importers.layout import Accounts, Cells, Kept, Key, Layout
from adapters.importers.moves import PREFIX
from adapters.importers.table import Misread, number, utc, zoned
from adapters.importers.unified import Change
from adapters.importers.zones import ZONE
from domain.money import ZERO, exact

_RANKS = {
    "transfer": 1,
    "deposit": 1,
    "loan": 2,
    "interest": 6,
    "repayment": 7,
    "withdrawal": 9,
}
_TRADES = ("trade", "liquidation", "ADL")
_EXACT = (*_TRADES, "funding", "delivery")
"""Kinds whose change must be what cash flow, fee and funding come to."""
_NOTHING = ("", "-", "--")


# Transaction log --------------------------------------------------------------------------------


def _table_key(cells: Cells) -> Key | str:
    at = whole_second(zoned(cells[0], cells[-1] or "+00:00", "Time"))
    return _key(at, cells[1:-2], "")


def _table_entry(kept: Kept, accounts: Accounts) -> Change:
    return _entry(kept, accounts, kept.cells[1:-2])


def _page_key(cells: Cells) -> Key | str:
    return _key(whole_second(utc(cells[0], "transactionTime")), cells[1:-1], cells[-1])


def _page_entry(kept: Kept, accounts: Accounts) -> Change:
    return _entry(kept, accounts, kept.cells[1:-1])


def _key(at: datetime, cells: Cells, category: str) -> Key:
    currency, contract, type_, side, quantity, _, cash, change, _, _ = cells
    kind = TYPES.get(plainly(type_), type_)
    moved = _amount(change, "Change")
    identity = (at.isoformat(), currency, _said(contract), kind, f"{moved:f}")
    bundle = ""
    if kind == "transfer":
        bundle = _move(at, currency, moved, moved > 0)
    elif kind in ("conversion", "forced conversion"):
        bundle = f"{kind.replace(' ', '-')}/{instant_name(at)}"
    elif kind in _TRADES and _is_pair(category, side, quantity, cash):
        bundle = f"{kind}/{_said(contract)}/{side.casefold()}/{instant_name(at)}"
    return Key(at, "", bundle, identity)


def _entry(kept: Kept, accounts: Accounts, cells: Cells) -> Change:
    currency, contract, type_, _, _, fee, cash, change, balance, funding = cells
    if not currency:
        raise Misread("Currency", currency, "is empty")
    kind = TYPES.get(plainly(type_), type_)
    moved = _amount(change, "Change")
    cost, received = _signed(
        currency,
        moved,
        _amount(cash, "Cash Flow"),
        _amount(fee, "Fee Paid"),
        _amount(funding, "Funding"),
        strict=kind in _EXACT,
    )
    pair = bool(kept.bundle) and kind in _TRADES
    return Change(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(),
        bundle=kept.bundle,
        rank=_RANKS.get(kind, 5),
        kind=kind,
        asset=currency,
        amount=moved,
        balance=number(balance, "Wallet Balance") if balance not in _NOTHING else None,
        cost=cost,
        funding=received,
        market=_said(contract),
        word="pair" if pair else "contract",
        other=accounts.of("earn" if kind == "earn" else "funding"),
    )


def _is_pair(category: str, side: str, quantity: str, cash: str) -> bool:
    """Whether a row is of a spot trade: then its quantity is what flowed, sign and all.

    (Nothing, where it only takes the fee in a third currency. A contract's is its size.)
    """
    if category:
        return category == "spot"
    if side.replace(" ", "").casefold() in CONTRACT_SIDES:
        return False
    return _amount(quantity, "Quantity") == _amount(cash, "Cash Flow")


def _signed(
    currency: str, change: Decimal, cash: Decimal, fee: Decimal, funding: Decimal, *, strict: bool
) -> tuple[Decimal, Decimal]:
    """The fee above zero where it was taken, and funding above zero where it was received.

    Of the four ways to read their signs, the one by which the change follows. Raises `Misread`.
    """
    with exact():
        rest = change - cash
        if not funding and rest in (fee, -fee):  # most rows by far
            return -rest, ZERO
        ways = {
            (cost, received)
            for cost in (-fee, fee)
            for received in (funding, -funding)
            if abs(rest + cost - received) <= dust(currency)
        }
        nearest = sorted(ways, key=lambda way: abs(rest + way[0] - way[1]))
        if len(nearest) > 1:
            first, second = (abs(rest + cost - received) for cost, received in nearest[:2])
            nearest = nearest if first == second else nearest[:1]
    if len(nearest) == 1:
        return nearest[0]
    if not strict:
        return ZERO, ZERO
    told = f"cash flow {cash:f}, fee {fee:f} and funding {funding:f}"
    problem = f"is not what {told} come to" if not nearest else f"may come of {told} in two ways"
    raise Misread("Change", f"{change:f}", problem, "Was the file edited? Export it again")


def _amount(text: str, column: str) -> Decimal:
    return ZERO if text in _NOTHING else number(text, column)


def _said(text: str) -> str:
    return "" if text in _NOTHING else text


def _move(at: datetime, asset: str, amount: Decimal, into: bool) -> str:
    """What a move between funding and unified account is called, whichever of them tells it."""
    way = "to-unified" if into else "to-funding"
    return f"{PREFIX}{instant_name(at)}/{asset}/{abs(amount):f}/{way}"


# Funding account --------------------------------------------------------------------------------


def _funding_key(cells: Cells) -> Key | str:
    time, coin, quantity, type_, balance, description, _, zone = cells
    at = whole_second(zoned(time, zone or "+00:00", "Date & Time"))
    kind, moved = funding_kind(type_, description), number(quantity, "QTY")
    bundle = ""
    if kind == "transfer":
        bundle = _move(at, coin, moved, moved < 0)
    elif kind == "conversion":
        bundle = f"conversion/funding/{instant_name(at)}"
    held = f"{number(balance, 'Account Balance'):f}"
    return Key(at, "", bundle, (at.isoformat(), coin, kind, f"{moved:f}", held))


def _funding_entry(kept: Kept, accounts: Accounts) -> Change:
    _, coin, quantity, type_, balance, description, _, _ = kept.cells
    if not coin:
        raise Misread("Coin", coin, "is empty")
    kind = funding_kind(type_, description)
    return Change(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of("funding"),
        bundle=kept.bundle,
        rank=_RANKS.get(kind, 5),
        kind=kind,
        asset=coin,
        amount=number(quantity, "QTY"),
        balance=number(balance, "Account Balance"),
        word="funding",
        other=accounts.of("earn" if kind == "earn" else "main"),
    )


LOG = Layout(
    name="bybit-log",
    title="Bybit: transaction log of the unified or derivatives account (Data export, CSV)",
    needed=(
        *("Time", "Currency", "Contract", "Type", "Direction", "Quantity", "Fee Paid"),
        *("Cash Flow", "Change", "Wallet Balance"),
    ),
    optional=("Funding", "Uid", ZONE),
    generations=(
        ("2025", ("Uid", "Action", "Time(UTC)")),
        ("2024", ("Action",)),
        ("2022", ("Uid",)),
        ("2020", ()),
    ),
    family="bybit-unified",
    user="Uid",
    key=_table_key,
    entry=_table_entry,
)
PAGES = PageLayout(
    name="bybit-pages",
    title="Bybit: pages of `account/transaction-log` (API v5, JSON)",
    needed=(
        *("transactionTime", "currency", "symbol", "type", "side", "qty", "fee", "cashFlow"),
        *("change", "cashBalance", "funding", "category"),
    ),
    milliseconds=frozenset({"transactionTime"}),
    family="bybit-unified",
    key=_page_key,
    entry=_page_entry,
)
FUNDS = Layout(
    name="bybit-funding",
    title="Bybit: account change details of the funding account (Data export, CSV)",
    needed=("Date & Time", "Coin", "QTY", "Type", "Account Balance", "Description"),
    optional=("Uid", ZONE),
    generations=(("2025", ("Uid",)), ("2022", ())),
    user="Uid",
    key=_funding_key,
    entry=_funding_entry,
)
