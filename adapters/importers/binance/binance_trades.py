"""What rows of trades mean: one fill per second, wallet, pair and side, whoever tells it.

The one trick: sums by word and coin are exact, whereas which leg goes with which is not told. So
all legs of a second become one trade where they are of two coins, and a trade told by the statement
and by the trade history is the same event. Where a second holds several trades that the words do
not part, the fills of the trade history do, if they add up to the statement; else it is a fault.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import define, field

from adapters.importers.assets import dust
from adapters.importers.binance.binance_pairs import quote_rank
from adapters.importers.binance.binance_statement import Change
from adapters.importers.binance.binance_times import SECOND
from adapters.importers.binance.binance_trade_history import Fill
from adapters.importers.fills import price_of
from adapters.importers.group import Group, sums
from adapters.importers.instants import instant_name
from adapters.importers.layout import Entry
from adapters.importers.reading import Unclear
from adapters.importers.table import plain
from domain.events import FeeCharged, Filled, IncomeReceived, Liquidated
from domain.money import ZERO

GIVE_FILLS = "Export the trade history of this time, too, and give both in one command"
GIVE_ALL = "Export the whole time, with all coins and accounts"


@define(eq=False)
class Trade:
    """One trade: what was bought or sold, for how much, its fees by coin, and its rows."""

    side: str
    base: str
    quote: str
    quantity: Decimal
    amount: Decimal
    rows: list[Entry]
    fees: dict[str, Decimal] = field(factory=dict)
    penalty: Decimal = ZERO

    @property
    def received(self) -> str:
        return self.base if self.side == "buy" else self.quote

    @property
    def word(self) -> str:
        """What an id has of it: `BTC-USDT/buy`."""
        return f"{self.base}-{self.quote}/{self.side}"


def read_trades(group: Group, wallets: Sequence[str]) -> None:
    """Add the trades of one second and wallet. Raises `Unclear`.

    A trade history does not say which of the `wallets` it is of: what another one holds by the same
    id is this trade, told by the other kind of file in an import before this one.
    """
    changes = [row for row in group.entries if isinstance(row, Change)]
    fills = [row for row in group.entries if isinstance(row, Fill)]
    _doubt(group, fills)
    if not changes:
        _add_all(group, _filled(fills), fills[0].account, wallets, placed=False)
        return
    legs = [row for row in changes if row.kind == "leg"]
    fees = [row for row in changes if row.kind in ("fee", "bnb")]
    penalties = [row for row in changes if row.kind == "penalty"]
    if not legs:
        raise Unclear("is a fee whose trade is missing", GIVE_ALL)
    account = changes[0].account
    by_fills = _told_by_fills(legs, fees, fills)
    trades = by_fills or _parted(legs)
    if not by_fills:
        _bear(trades, fees)
        _compare(group, trades, fills)
    _punish(trades, penalties)
    forced = any(leg.forced for leg in legs)
    _add_all(group, trades, account, wallets, forced=forced)


def _doubt(group: Group, fills: Sequence[Fill]) -> None:
    """Remark on fees in a coin that Binance never takes: the last letters may be cut off."""
    for fill in fills:
        if fill.fee and fill.fee_coin not in (fill.base, fill.quote, "BNB"):
            group.remark(
                f"takes a fee in {fill.fee_coin}, which is neither of its coins nor BNB",
                "Is the line cut off? Export the trades again",
                column="Fee",
                value=f"{fill.fee:f}{fill.fee_coin}",
            )


def trade_id(trade: Trade, group: Group) -> str:
    return f"trade/{instant_name(group.at)}/{trade.word}"


# From the statement -------------------------------------------------------------------------------


def _parted(legs: Sequence[Change]) -> list[Trade]:
    """The trades of these legs, as far as their words part them. Raises `Unclear`."""
    if {leg.word for leg in legs} <= {"buy", "sell"}:
        families = {word: [leg for leg in legs if leg.word == word] for word in ("buy", "sell")}
        return [_trade(family, word) for word, family in families.items() if family]
    if any(leg.word in ("buy", "sell") for leg in legs):
        raise Unclear("stands beside a trade in the words of another year", GIVE_FILLS)
    for words in (("old buy",), ("old sell",)):
        rows = [leg for leg in legs if leg.word in words]
        rest = [leg for leg in legs if leg.word not in words]
        if rows and rest and complete(rows) and complete(rest):
            return [_trade(rows, _old_side(rows)), _trade(rest, _old_side(rest))]
    return [_trade(legs, _old_side(legs))]


def complete(rows: Iterable[Change]) -> bool:
    """Whether something was given and something received."""
    return {row.amount > 0 for row in rows} == {True, False}


def _old_side(rows: Sequence[Change]) -> str:
    """`Buy` names the coin bought and what was paid for it, `Sell` the coin sold; both: neither."""
    words = {row.word for row in rows}
    if words == {"old buy"}:
        return "buy"
    if words == {"old sell"}:
        return "sell"
    got = {row.asset for row in rows if row.amount > 0} or {""}
    given = {row.asset for row in rows if row.amount < 0} or {""}
    return "sell" if min(map(quote_rank, got)) < min(map(quote_rank, given)) else "buy"


def _trade(legs: Sequence[Change], side: str) -> Trade:
    """One trade of these legs. Raises `Unclear`."""
    got = sums((leg.asset, leg.amount) for leg in legs if leg.amount > 0)
    given = sums((leg.asset, -leg.amount) for leg in legs if leg.amount < 0)
    if not got or not given:
        raise Unclear("is half of a trade: what was given for it or received is missing", GIVE_ALL)
    if len(got) > 1 or len(given) > 1 or got.keys() == given.keys():
        coins = ", ".join(sorted({*got, *given}))
        problem = f"trades of several pairs in one second: which of {coins} was for which"
        raise Unclear(f"{problem} cannot be told", GIVE_FILLS)
    (((bought, plus),), ((sold, minus),)) = (got.items(), given.items())
    base, quantity, quote, amount = (
        (bought, plus, sold, minus) if side == "buy" else (sold, minus, bought, plus)
    )
    return Trade(side, base, quote, quantity, amount, list(legs))


def _bear(trades: list[Trade], fees: Sequence[Change]) -> None:
    """Give each fee to the trade that it was taken for. Raises `Unclear`."""
    for coin in dict.fromkeys(fee.asset for fee in fees):
        rows = [fee for fee in fees if fee.asset == coin]
        of = trades if len(trades) == 1 else [each for each in trades if each.received == coin]
        if len(of) != 1:
            problem = f"two trades in one second share a fee in {coin}: their shares of it"
            raise Unclear(f"{problem} cannot be told", GIVE_FILLS)
        of[0].fees[coin] = -sum((row.amount for row in rows), ZERO)
        of[0].rows += rows


def _punish(trades: list[Trade], penalties: Sequence[Change]) -> None:
    """Give a liquidation's fee to the trade whose quote it was taken in. Raises `Unclear`."""
    for row in penalties:
        of = next((trade for trade in trades if trade.quote == row.asset), None)
        if of is None:
            raise Unclear(f"has a liquidation's fee in {row.asset}, and no trade for it")
        of.penalty -= row.amount
        of.rows.append(row)


# From the trade history ---------------------------------------------------------------------------


def _filled(fills: Sequence[Fill]) -> list[Trade]:
    """Fills of one second by pair and side."""
    trades: dict[tuple[str, str, str], Trade] = {}
    for fill in fills:
        key = (fill.base, fill.quote, fill.side)
        if key not in trades:
            trades[key] = Trade(fill.side, fill.base, fill.quote, ZERO, ZERO, [])
        trade = trades[key]
        trade.quantity += fill.quantity
        trade.amount += fill.amount
        trade.rows.append(fill)
        if fill.fee:
            trade.fees[fill.fee_coin] = trade.fees.get(fill.fee_coin, ZERO) + fill.fee
    return list(trades.values())


def net_of(fills: Iterable[Fill]) -> dict[str, Decimal]:
    """What fills did to each coin's balance."""
    return sums(
        move
        for fill in fills
        for sign in (1 if fill.side == "buy" else -1,)
        for move in (
            (fill.base, fill.quantity * sign),
            (fill.quote, -fill.amount * sign),
            (fill.fee_coin, -fill.fee),
        )
    )


def _told_by_fills(
    legs: Sequence[Change], fees: Sequence[Change], fills: Sequence[Fill]
) -> list[Trade]:
    """The trades as the fills part them, if they say exactly what the statement says."""
    if not fills:
        return []
    if net_of(fills) != sums((row.asset, row.amount) for row in (*legs, *fees)):
        return []
    trades = _filled(fills)
    trades[0].rows += [*legs, *fees]
    return trades


def _compare(group: Group, trades: list[Trade], fills: Sequence[Fill]) -> None:
    """Say where the trade history tells another trade than the statement, which counts."""
    for told in _filled(fills):
        own = next((trade for trade in trades if trade.word == told.word), None)
        if own is None or any(
            abs(mine - theirs) > dust(coin)
            for coin, mine, theirs in (
                (own.base, own.quantity, told.quantity),
                (own.quote, own.amount, told.amount),
            )
        ):
            group.remark(
                f"the trade history tells another trade: {told.side} {plain(told.quantity):f}"
                f" {told.base} for {plain(told.amount):f} {told.quote}; the statement counts",
                "Are rows missing in one of the files? Export both again",
            )
        trades[0].rows += told.rows


# Events -------------------------------------------------------------------------------------------


def _add_all(
    group: Group,
    trades: list[Trade],
    account: str,
    wallets: Sequence[str],
    *,
    placed: bool = True,
    forced: bool = False,
) -> None:
    where = {"at": group.at, "account": account, "placed": placed}
    where["wallets"] = wallets if account in wallets else ()
    for trade in sorted(trades, key=lambda trade: trade.word):
        _add(group, trade, where, forced=forced)


def _add(group: Group, trade: Trade, where: dict[str, Any], *, forced: bool) -> None:
    if not trade.quantity or not trade.amount:
        raise Unclear(f"trades {trade.base} for {trade.quote}, but nothing of one of them")
    id_ = trade_id(trade, group)
    fees = _in_order(trade)
    own = next((fee for fee in fees if fee[1] > 0), None)
    fields: dict[str, Any] = {} if own is None else {"fee": own[1]}
    if own is not None and own[0] != trade.quote:
        fields["fee_asset"] = own[0]
    if forced:
        fields |= {"penalty": plain(trade.penalty), "reason": "liquidation"}
    group.add(
        Liquidated if forced else Filled,
        *trade.rows,
        **_named(trade, "", **where),
        side=trade.side,
        asset=trade.base,
        quantity=plain(trade.quantity),
        quote=trade.quote,
        price=price_of(trade.amount, trade.quantity),
        amount=plain(trade.amount),
        **fields,
    )
    for coin, fee in fees:
        if fee > 0 and coin != (own or ("",))[0]:
            group.add(
                FeeCharged,
                *trade.rows,
                **_named(trade, f"/fee-{coin}", **where),
                asset=coin,
                quantity=fee,
                of=id_,
            )
        elif fee < 0:
            group.add(
                IncomeReceived,
                *trade.rows,
                **_named(trade, f"/rebate-{coin}", **where),
                asset=coin,
                quantity=-fee,
                kind="rebate",
            )


def _named(
    trade: Trade,
    behind: str,
    *,
    at: datetime,
    account: str,
    placed: bool,
    wallets: Sequence[str],
) -> dict[str, Any]:
    """What an event of a trade is called, and what the other kind of file may have called it.

    The statement, which says whose a trade is, may tell it a second later, and in its older words
    by the other coin.
    """
    other = "sell" if trade.side == "buy" else "buy"
    words = [trade.word]
    if quote_rank(trade.quote) >= quote_rank(trade.base):  # else both kinds of file agree
        words.append(f"{trade.quote}-{trade.base}/{other}")
    times = (at, at - SECOND if placed else at + SECOND)
    names = [f"trade/{instant_name(when)}/{word}{behind}" for when in times for word in words]
    own = (account, names[0])
    places = [(wallet, name) for name in names for wallet in wallets]
    elsewhere = tuple([place for place in places if place != own])
    return {"at": at, "account": account, "id": own[1], "placed": placed, "elsewhere": elsewhere}


def _in_order(trade: Trade) -> list[tuple[str, Decimal]]:
    """Fees by coin: the quote's first, then the traded coin's, then others by name."""
    first = (trade.quote, trade.base)
    return sorted(
        ((coin, plain(fee)) for coin, fee in trade.fees.items() if fee),
        key=lambda fee: (first.index(fee[0]) if fee[0] in first else 2, fee[0]),
    )
