"""Kraken Futures (Derivatives): the account log, an account beside that of Kraken's other files.

What a contract realises is money at once; contracts themselves are no assets. Money that comes from
the spot wallet or goes there is told by Kraken's ledger, and only there, so that it counts once.
"""

from decimal import Decimal

from adapters.importers.assets import dust, money_rank
from adapters.importers.fills import price_of
from adapters.importers.group import Group, sums
from adapters.importers.kraken.kraken_codes import asset
from adapters.importers.kraken.kraken_futures_rows import LOG, LOG_PAGE, LogRow
from adapters.importers.kraken.kraken_spot import BY_HAND
from adapters.importers.layout import Accounts
from adapters.importers.reading import Unclear
from adapters.importers.statement import Meaning, Mode, Statement
from adapters.importers.table import plain
from domain.events import (
    ContractSettled,
    Deposited,
    Filled,
    FundingSettled,
    IncomeReceived,
    InterestCharged,
    Withdrawn,
)
from domain.money import ZERO

TOLD_BY_LEDGER = "told by Kraken's ledger: give ledgers.csv, too"
MOVED = "moved between own wallets"

_TRADES = frozenset({"futures trade", "settlement", "futures settlement"})
_FORCED = frozenset(
    {
        "futures liquidation",
        "futures partial liquidation",
        "covered liquidation",
        "futures assignor",
        "futures assignee",
        "futures unwind",
        "futures_unwind",
        "futures unwind counterparty",
        "futures unwind bankrupt",
    }
)


class KrakenFutures(Statement):
    """The importer of the account log of Kraken's futures."""

    name = "kraken-futures"
    title = "Kraken Futures"
    venue = "kraken"
    layouts = (LOG, LOG_PAGE)

    def meaning(self, accounts: Accounts) -> Meaning:
        return FuturesMeaning(accounts)


class FuturesMeaning(Meaning):
    """What rows of the log mean: each stands alone, but for conversions and moves."""

    def read(self, group: Group) -> str | None:
        reason = self._read(group, group.first)
        if group.drafts:
            self.modes.setdefault(group.first.account, Mode("cross"))
        return reason

    def _read(self, group: Group, row: LogRow) -> str | None:
        match row.kind:
            case kind if kind in _TRADES or kind in _FORCED:
                return _read_trade(group, row)
            case "funding rate change":
                return _read_funding(group, row)
            case "conversion":
                return _read_conversions(group)
            case "cross-exchange transfer":
                return TOLD_BY_LEDGER
            case "transfer":
                moved = sums((one.asset, one.amount) for one in group.entries)
                return TOLD_BY_LEDGER if moved else MOVED
            case _ if not row.amount:
                return "nothing moved"
            case "interest payment":
                _read_interest(group, row)
            case "subaccount transfer" if row.amount > 0:
                group.add(Deposited, asset=row.asset, quantity=row.amount)
            case "subaccount transfer":
                group.add(Withdrawn, asset=row.asset, quantity=-row.amount)
            case _:
                raise Unclear("is a type of entry not known here", BY_HAND, "type", row.kind)
        return None


def _read_trade(group: Group, row: LogRow) -> str | None:
    """What a fill, a liquidation or an expiry realised, with its fees."""
    fees = row.charged + row.penalty
    if _near(row, row.amount + row.charged - row.funding, row.pnl):
        fees = row.charged  # the liquidation fee is part of it, or was not taken here
    result = _result(row, row.amount + fees - row.funding, row.pnl, "realized pnl")
    if not row.contract:
        raise Unclear("names no contract", BY_HAND, "contract")
    if result or fees > 0:
        group.add(
            ContractSettled,
            contract=row.contract,
            asset=row.asset,
            amount=result,
            fee=max(fees, ZERO),
            note=row.kind if row.kind in _FORCED else "",
        )
    if fees < 0:
        _give(group, row, -fees, "rebate", "rebate")
    if row.funding:
        _fund(group, row, row.funding, f"{row.id}/funding")
    return None if group.drafts else "nothing moved"


def _read_funding(group: Group, row: LogRow) -> str | None:
    """Funding of a perpetual."""
    amount = _result(row, row.amount + row.charged, row.funding, "realized funding")
    if row.charged:
        raise Unclear("takes a fee for funding", BY_HAND, "fee", f"{row.charged:f}")
    if not amount:
        return "nothing moved"
    if not row.contract:
        raise Unclear("names no contract", BY_HAND, "contract")
    _fund(group, row, amount, row.id)
    return None


def _result(row: LogRow, moved: Decimal, told: Decimal, column: str) -> Decimal:
    """What the balance did, which must be what is told, rounding apart. Raises `Unclear`."""
    if not _near(row, moved, told):
        problem = f"its parts make {plain(told):f} {row.asset}, the balance says {plain(moved):f}"
        raise Unclear(problem, "Was the file edited?", column, f"{told:f}")
    return plain(moved)


def _near(row: LogRow, moved: Decimal, told: Decimal) -> bool:
    return abs(moved - told) <= dust(row.asset) + dust("USDT")


def _fund(group: Group, row: LogRow, amount: Decimal, id_: str) -> None:
    group.add(FundingSettled, id=id_, asset=row.asset, amount=amount, contract=row.contract)


def _give(group: Group, row: LogRow, quantity: Decimal, kind: str, of: str) -> None:
    id_ = f"{row.id}/{of}" if of else row.id
    group.add(IncomeReceived, id=id_, asset=row.asset, quantity=quantity, kind=kind)


def _read_interest(group: Group, row: LogRow) -> None:
    """Interest on collateral that is lent, or on an unsettled loss."""
    if row.amount > 0:
        _give(group, row, row.amount, "interest", "")
    else:
        group.add(InterestCharged, asset=row.asset, quantity=-row.amount, settled="balance")


# Conversions --------------------------------------------------------------------------------------


def _read_conversions(group: Group) -> str | None:
    """Collateral sold for the currency that was owed: what went and what came, by the second."""
    rows = [row for row in group.entries if row.amount]
    group.ignore("nothing moved", *(row for row in group.entries if not row.amount))
    given = sorted({row.asset for row in rows if row.amount < 0})
    got = sorted({row.asset for row in rows if row.amount > 0})
    if not rows:
        return "nothing moved"
    if not given or not got:
        raise Unclear("is half of a conversion: its other row is missing", "Export it again")
    if {*given} & {*got} or min(len(given), len(got)) != 1:
        raise Unclear("converts several assets into several at once", BY_HAND, "type", "conversion")
    if len(given) == len(got) == 1:
        _exchange(group, rows, given[0], got[0])
        return None
    if len(got) > 1:
        raise Unclear("converts one asset into several at once", BY_HAND, "type", "conversion")
    for name in given:  # the row of what came says from what
        part = [row for row in rows if row.asset == name]
        into = [row for row in rows if row.amount > 0 and _from(row) == name]
        if not into:
            raise Unclear("does not say what was converted", BY_HAND, "exchange rate from")
        _exchange(group, [*part, *into], name, got[0])
    if sum(len(draft.source.also) + 1 for draft in group.drafts if draft.source) != len(rows):
        raise Unclear("does not say what was converted", BY_HAND, "exchange rate from")
    return None


def _from(row: LogRow) -> str:
    return asset(row.rate_from.upper()).name


def _exchange(group: Group, rows: list[LogRow], given: str, got: str) -> None:
    """One asset for another."""
    moved = sums((row.asset, row.amount) for row in rows)
    selling = money_rank(got) < money_rank(given)
    base, quote = (given, got) if selling else (got, given)
    quantity, amount = abs(moved[base]), abs(moved[quote])
    rows = sorted(rows, key=lambda row: (row.asset != got, row.id))
    group.add(
        Filled,
        *rows,
        side="sell" if selling else "buy",
        asset=base,
        quantity=quantity,
        quote=quote,
        price=price_of(amount, quantity),
        amount=amount,
    )
