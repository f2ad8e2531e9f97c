"""Rows of Bitfinex's two files as values: lines of the ledger, and fills of the trades.

The same line stands in exports with and without its number, so it is called by what it says: time,
text, currency, amount and balance. A trade is called by the number that the venue gave it.
"""

from decimal import Decimal
from functools import lru_cache

from attrs import define

from adapters.importers.bitfinex.bitfinex_assets import asset, codes_of, is_derivative
from adapters.importers.bitfinex.bitfinex_dates import DatedLayout
from adapters.importers.bitfinex.bitfinex_texts import WALLETS, Said, parted, said
from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key, Moved
from adapters.importers.table import Misread, number, utc
from domain.money import ZERO

_RANKS = {
    "deposit": 1,
    "transfer": 1,
    "exchange": 5,
    "fee": 6,
    "profit": 6,
    "interest": 7,
    "withdrawal": 9,
    "withdrawal fee": 9,
}


@define(eq=False, kw_only=True)
class Line(Moved):
    """A row of the ledger, and what its text says (None: it is not known here)."""

    says: Said | None
    text: str
    number: str
    """The venue's own, where the file has it."""
    derivative: bool


@define(eq=False, kw_only=True)
class Fill(Entry):
    """A row of the trades. `fee` is above zero where it was taken, in `fee_asset`.

    `covered` says whether the ledger reaches from before to after it; then a trade that it does not
    show as an exchange was a margin trade.
    """

    side: str
    asset: str
    quantity: Decimal
    quote: str
    price: Decimal
    fee: Decimal
    fee_asset: str
    order: str
    contract: str
    """The pair, as the venue names contracts, where it is one: `BTCF0:USTF0`."""
    covered: bool = False


def line_key(cells: Cells) -> Key:
    """When a line is, and what it says."""
    text, currency, amount, balance, date, wallet, _ = cells
    at = utc(date, "DATE")
    words, named = parted(text)
    wallet = (wallet or named).strip().lower()
    return Key(
        at,
        identity=(
            date[: len("2024-02-01 10:05:00")],
            words.casefold(),
            WALLETS.get(wallet, wallet),
            currency,
            _canonical(amount),
            _canonical(balance),
        ),
    )


def _canonical(amount: str) -> str:
    """A number without zeros that say nothing; what is none stays as it is."""
    if "e" in amount or "E" in amount:
        return f"{number(amount, 'AMOUNT'):f}"
    bare = amount.rstrip("0").rstrip(".") if "." in amount else amount
    return bare if bare not in ("-0", "") else bare.strip("-") or amount


def line_entry(kept: Kept, accounts: Accounts) -> Line:
    """A line as values. Raises `Misread`."""
    text, currency, amount, balance, _, column, number_ = kept.cells
    words, named = parted(text)
    wallet = _wallet(column, named)
    name, code, derivative = _money(currency)
    says = said(words)
    return Line(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at.replace(microsecond=0),  # not every export has more
        account=accounts.of(wallet),
        rank=_RANKS.get(says.kind, 5) if says else 5,
        kind=says.kind if says else "",
        asset=name,
        amount=number(amount, "AMOUNT"),
        balance=number(balance, "BALANCE") if balance else None,
        wallet=code,
        says=says,
        text=words,
        number=number_,
        derivative=derivative,
    )


@lru_cache(maxsize=4096)
def _money(currency: str) -> tuple[str, str, bool]:
    """The asset of a currency, its code, and whether it is that of derivatives."""
    if not currency or currency != currency.strip():
        raise Misread("CURRENCY", currency, "is no name: it is empty, or has spaces around it")
    return asset(currency), currency.upper(), is_derivative(currency)


@lru_cache(maxsize=256)
def _wallet(column: str, named: str) -> str:
    """The account of a line's wallet: the column and the text must agree."""
    told = {name: WALLETS.get(name.strip().lower()) for name in (column, named) if name}
    if not told:
        raise Misread("WALLET", "", "is not told, by the text neither")
    for name, wallet in told.items():
        if wallet is None:
            known = ", ".join(sorted(WALLETS))
            raise Misread("WALLET", name, f"is no wallet known here ({known})")
    if len({*told.values()}) > 1:
        raise Misread("WALLET", column, f"is another wallet than the text says ({named})")
    return str(told[column or named])


def fill_key(cells: Cells) -> Key:
    """When a trade was, and its number."""
    number_, pair, amount, _, _, _, date, _, _ = cells
    if not number_.strip():
        raise Misread("#", number_, "is no number of a trade")
    side = "sell" if amount.startswith("-") else "buy"
    return Key(utc(date, "DATE"), f"{number_}/{pair}/{side}")


def fill_entry(kept: Kept, accounts: Accounts) -> Fill:
    """A trade as values. Raises `Misread`."""
    number_, pair, amount, price, fee, fee_currency, _, order, _ = kept.cells
    base, quote = codes_of(pair)
    moved, paid = number(amount, "AMOUNT"), number(price, "PRICE")
    if not moved:
        raise Misread("AMOUNT", amount, "is zero")
    if paid <= 0:
        raise Misread("PRICE", price, "is not above zero")
    charged = -number(fee, "FEE") if fee else ZERO
    if charged and not fee_currency:
        raise Misread("FEE CURRENCY", "", "is empty, and there is a fee")
    return Fill(
        file=kept.file,
        line=kept.line,
        id=number_,
        at=kept.at.replace(microsecond=0),
        account=accounts.of("margin"),
        rank=4,
        side="buy" if moved > 0 else "sell",
        asset=asset(base),
        quantity=abs(moved),
        quote=asset(quote),
        price=paid,
        fee=charged,
        fee_asset=asset(fee_currency) if fee_currency else "",
        order=order,
        contract=f"{base}:{quote}" if is_derivative(base) else "",
    )


LEDGER = DatedLayout(
    name="bitfinex-ledgers",
    title="Bitfinex: Reports, Ledgers, Export (all currencies, all wallets), CSV",
    needed=("DESCRIPTION", "CURRENCY", "AMOUNT", "BALANCE", "DATE", "WALLET"),
    optional=("#",),
    generations=(("2021", ("#",)), ("2019", ())),
    family="bitfinex-ledgers",
    key=line_key,
    entry=line_entry,
)
OLD_LEDGER = DatedLayout(
    name="bitfinex-old-ledgers",
    title="Bitfinex: the ledgers of one currency, before the reports",
    needed=("DESCRIPTION", "CURRENCY", "AMOUNT", "BALANCE", "DATE"),
    optional=("WALLET", "#"),
    generations=(("2013", ()),),
    family="bitfinex-ledgers",
    whole=True,
    key=line_key,
    entry=line_entry,
)
TRADES = DatedLayout(
    name="bitfinex-trades",
    title="Bitfinex: Reports, Trades, Export (all pairs), CSV; for the same time as the ledgers",
    needed=("#", "PAIR", "AMOUNT", "PRICE", "FEE", "FEE CURRENCY", "DATE"),
    optional=("ORDER ID", "FEE PERC"),
    generations=(("2019", ("FEE PERC",)), ("2013", ())),
    key=fill_key,
    entry=fill_entry,
)
