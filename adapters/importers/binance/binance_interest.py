"""Binance's margin interest history, as its interface gives it: one object per charge.

`asset` is the coin it was charged in, `rawAsset` the coin that was lent. What was converted (into
BNB) was taken from the balance; the other charges were added to the debt. What was taken may be a
margin fee of the statement, too: it is called as that would be, so that it never counts twice.
Source: Binance, GET /sapi/v1/margin/interestHistory.
"""

from decimal import Decimal

from attrs import define

from adapters.importers.binance.binance_margin import TOLD_AS_FEE, Debts
from adapters.importers.binance.binance_statement import moved_identity
from adapters.importers.group import Group
from adapters.importers.instants import whole_second
from adapters.importers.json_pages import PageLayout
from adapters.importers.layout import Accounts, Cells, Entry, Kept, Key
from adapters.importers.reading import Unclear
from adapters.importers.statement import opening
from adapters.importers.table import Misread, canonical, number, utc
from domain.events import InterestCharged

_SETTLED = {
    "ON_BORROW": "debt",
    "PERIODIC": "debt",
    "ON_BORROW_CONVERTED": "balance",
    "PERIODIC_CONVERTED": "balance",
}
TOLD_BY_REPAYMENTS = "the statement names no pair of isolated loans: its repayments tell interest"


@define(eq=False, kw_only=True)
class Charge(Entry):
    """One charge of interest, in `asset`, on a loan of `lent`, of isolated `pair` if of one."""

    asset: str
    lent: str
    quantity: Decimal
    type: str
    pair: str


def _key(cells: Cells) -> Key | str:
    time, asset, interest, _, type_, txid, lent, pair = cells
    at = utc(time, "interestAccuredTime")
    identity = (at.isoformat(), asset, lent, pair, type_, canonical(interest))
    return Key(at, f"interest/{txid}" if txid else "", "", identity)


def _entry(kept: Kept, accounts: Accounts) -> Charge:
    _, asset, interest, _, type_, _, lent, pair = kept.cells
    if not asset:
        raise Misread("asset", asset, "names no coin")
    return Charge(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(f"isolated/{pair}" if pair else "cross"),
        rank=3,  # after a loan of that instant, before whatever pays it
        asset=asset,
        lent=lent or asset,
        quantity=number(interest, "interest"),
        type=type_,
        pair=pair,
    )


INTEREST = PageLayout(
    name="binance-interest",
    title="margin interest history of the interface (/sapi/v1/margin/interestHistory)",
    needed=("interestAccuredTime", "asset", "interest", "principal", "type"),
    optional=("txId", "rawAsset", "isolatedSymbol"),
    milliseconds=frozenset({"interestAccuredTime"}),
    generations=(("2022", ("rawAsset",)), ("2019", ())),
    key=_key,
    entry=_entry,
)


def read_charge(
    group: Group, charge: Charge, debts: Debts, isolated: str, venue: str
) -> str | None:
    """Interest on a loan. `isolated` is where the statement keeps isolated loans of all pairs."""
    settled = _SETTLED.get(charge.type)
    if settled is None:
        problem = "is a type of interest not known here"
        raise Unclear(problem, "Enter it by hand as a native line", "type", charge.type)
    if not charge.quantity:
        return "nothing was charged"
    if charge.quantity < 0:
        raise Unclear("is interest below zero", "", "interest", f"{charge.quantity:f}")
    id_ = charge.id
    if settled == "balance":
        id_ = debts.name_of_fee(_as_fee(charge), charge.at)
        if not debts.charge_in_coin(charge.account, charge.asset, charge.at, charge.quantity):
            return TOLD_AS_FEE
    elif charge.pair and debts.borrowed(isolated, charge.lent):
        return TOLD_BY_REPAYMENTS
    else:
        debts.charge(charge.account, charge.asset, charge.quantity)
    # A statement that was imported before this tells isolated debts, and their interest, there.
    told = ((isolated, opening(venue)),) if charge.pair and settled == "debt" else ()
    group.add(
        InterestCharged,
        id=id_,
        elsewhere=told,
        asset=charge.asset,
        quantity=charge.quantity,
        settled=settled,
        loan_asset=charge.lent,
    )
    return None


def _as_fee(charge: Charge) -> str:
    """What a margin fee of the statement would be called that says this."""
    when = whole_second(charge.at).isoformat()
    place = "isolated" if charge.pair else "cross"
    identity = moved_identity(place, "interest", charge.asset, when, f"{-charge.quantity:f}")
    return Key(charge.at, identity=identity).name
