"""Binance.US: the tax report of all transactions, one row per transaction, all of its legs in it.

Its statement and trade history have the columns of Binance's, and are read there. A row has a
primary asset (deposits, withdrawals, income), or a base and a quote. Of `Spot Trading` these are
the pair's; of `Buy`, `Sell` and `Convert` the base is what was given, the quote what was received.
Source: Binance.US, Tax statements (CSV), as public importers read it (BittyTax and others).
"""

from decimal import Decimal

from attrs import define

from adapters.importers.assets import money_rank
from adapters.importers.binance.binance_times import instant
from adapters.importers.fills import fee_fields, price_of
from adapters.importers.group import Group
from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key, Layout
from adapters.importers.reading import Unclear
from adapters.importers.statement import Meaning, Statement
from adapters.importers.table import Misread, canonical, number
from domain.events import Deposited, FeeCharged, Filled, IncomeReceived, Withdrawn
from domain.money import ZERO

BY_HAND = "Enter it by hand as a native line, or ask for this category to be read"
_INCOME = {"Others": "airdrop", "Referral Commission": "bonus", "Staking Rewards": "staking"}
_WORTH = "Realized_Amount_For_Primary_Asset_In_USD_Value"
_TRADES = ("Spot Trading", "Buy", "Sell", "Quick Buy", "Convert")

Leg = tuple[str, Decimal]
"""A coin and how much of it; no coin where the row has no such leg."""


@define(eq=False, kw_only=True)
class Transaction(Entry):
    """A row of the report."""

    category: str
    operation: str
    primary: Leg
    base: Leg
    quote: Leg
    fee: Leg
    worth: Decimal | None
    """What the primary leg was worth, in USD, where the report says so."""


def _key(cells: Cells) -> Key | str:
    time, category, operation, primary, quantity, base, quote, txid = cells[:8]
    at = instant(time, "Time")
    numbers = map(canonical, (quantity, *cells[9:13]))
    identity = (at.isoformat(), category, operation, primary, base, quote, cells[13], *numbers)
    return Key(at, f"{category}/{txid}" if txid else "", "", identity)


def _entry(kept: Kept, accounts: Accounts) -> Transaction:
    (_, category, operation, primary, quantity, base, quote, txid) = kept.cells[:8]
    worth, given, received, received_usd, fee, fee_coin = kept.cells[8:]
    if not received and quote == "USD":
        received = received_usd  # dollars stand in their own column of dollars alone
    return Transaction(
        file=kept.file,
        line=kept.line,
        id=txid or kept.id,
        at=kept.at,
        account=accounts.of(),
        rank=1 if category == "Deposit" else 9 if category == "Withdrawal" else 5,
        category=category,
        operation=operation,
        primary=_leg(primary, quantity, "Realized_Amount_For_Primary_Asset"),
        base=_leg(base, given, "Realized_Amount_For_Base_Asset"),
        quote=_leg(quote, received, "Realized_Amount_For_Quote_Asset"),
        fee=_leg(fee_coin, fee, "Realized_Amount_For_Fee_Asset"),
        worth=number(worth, _WORTH) if worth else None,
    )


def _leg(coin: str, quantity: str, column: str) -> Leg:
    units = number(quantity, column) if quantity else ZERO
    if units and not coin:
        raise Misread(column, quantity, "is of no coin")
    return coin, units


REPORT = Layout(
    name="binanceus-tax-report",
    title="tax report of all transactions (Tax statements, Export)",
    needed=(
        *("Time", "Category", "Operation", "Primary_Asset", "Realized_Amount_For_Primary_Asset"),
        *("Base_Asset", "Quote_Asset"),
    ),
    optional=(
        "Transaction_Id",
        _WORTH,
        "Realized_Amount_For_Base_Asset",
        "Realized_Amount_For_Quote_Asset",
        "Realized_Amount_For_Quote_Asset_In_USD_Value",
        "Realized_Amount_For_Fee_Asset",
        "Fee_Asset",
    ),
    aliases={
        "Transaction ID": "Transaction_Id",
        "Primary Asset": "Primary_Asset",
        "Realized Amount For Primary Asset": "Realized_Amount_For_Primary_Asset",
        "Realized Amount for Primary Asset in USD": _WORTH,
        "Base Asset": "Base_Asset",
        "Realized Amount For Base Asset": "Realized_Amount_For_Base_Asset",
        "Quote Asset": "Quote_Asset",
        "Realized Amount for Quote Asset": "Realized_Amount_For_Quote_Asset",
        "Realized Amount for Quote Asset in USD": "Realized_Amount_For_Quote_Asset_In_USD_Value",
        "Fee Asset": "Fee_Asset",
        "Realized Amount for Fee Asset": "Realized_Amount_For_Fee_Asset",
    },
    generations=(("2023", ("Primary Asset",)), ("2021", ())),
    key=_key,
    entry=_entry,
)


class BinanceUS(Statement):
    """The importer of Binance.US's tax report."""

    name = "binanceus"
    title = "Binance.US"
    layouts = (REPORT,)

    def meaning(self, accounts: Accounts) -> Meaning:
        return BinanceUSMeaning(accounts)


class BinanceUSMeaning(Meaning):
    """What rows of the report mean: by their category."""

    def read(self, group: Group) -> str | None:
        row: Transaction = group.first
        coin, quantity = row.primary
        if row.category in _TRADES:
            _trade(group, row)
            return None
        if row.category not in ("Deposit", "Withdrawal", "Distribution"):
            raise Unclear("is a category not known here", BY_HAND, "Category", row.category)
        if not coin:
            raise Unclear("names no primary asset", "", "Primary_Asset", "")
        if not quantity and not row.fee[1]:
            return "nothing moved"
        if row.category == "Distribution":
            _distribution(group, row)
        elif quantity < 0:
            raise Unclear("is below zero", BY_HAND, "Realized_Amount_For_Primary_Asset")
        elif row.category == "Deposit":
            group.add(Deposited, asset=coin, quantity=quantity)
            _charge(group, row.fee, f"{row.id}/fee", "deposit")
        else:
            own = row.fee[0] in ("", coin)
            group.add(Withdrawn, asset=coin, quantity=quantity, fee=row.fee[1] if own else None)
            _charge(group, ("", ZERO) if own else row.fee, f"{row.id}/fee", "withdrawal")
        return None


def _distribution(group: Group, row: Transaction) -> None:
    coin, quantity = row.primary
    kind = _INCOME.get(row.operation)
    if kind is None:
        raise Unclear("is an operation not known here", BY_HAND, "Operation", row.operation)
    if quantity > 0:
        value = row.worth or None  # a zero says that the report does not know it
        group.add(IncomeReceived, asset=coin, quantity=quantity, kind=kind, value=value)
    elif kind == "staking":  # the venue's share of the reward
        group.add(FeeCharged, asset=coin, quantity=-quantity, kind="staking")
    else:
        raise Unclear("takes units away, and does not say why", BY_HAND, "Operation", row.operation)


def _charge(group: Group, fee: Leg, id_: str, kind: str) -> None:
    if fee[1]:
        group.add(FeeCharged, id=id_, asset=fee[0], quantity=fee[1], kind=kind)


def _trade(group: Group, row: Transaction) -> None:
    """A trade: `Spot Trading` names its pair, the others what was given and received."""
    base, quote = row.base, row.quote
    if not base[1] or not quote[1]:
        raise Unclear("is half of a trade: one of its amounts is missing", BY_HAND)
    if row.category == "Spot Trading":
        if row.operation not in ("Buy", "Sell"):
            raise Unclear("is neither Buy nor Sell", "", "Operation", row.operation)
        side = row.operation.lower()
    else:
        selling = money_rank(quote[0]) < money_rank(base[0])
        side = "sell" if selling else "buy"
        base, quote = (base, quote) if selling else (quote, base)
    group.add(
        Filled,
        side=side,
        asset=base[0],
        quantity=base[1],
        quote=quote[0],
        price=price_of(quote[1], base[1]),
        amount=quote[1],
        **fee_fields(row.fee if row.fee[0] else None, quote[0]),
    )
