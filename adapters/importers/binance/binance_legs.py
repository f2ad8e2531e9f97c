"""Which rows of two seconds of Binance's belong together: the rules, one by one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from adapters.importers.binance.binance_statement import Change
from adapters.importers.binance.binance_trade_history import Fill
from adapters.importers.binance.binance_trades import complete, net_of
from adapters.importers.group import sums

Places = dict[str, list[Change]]
"""A second's rows of trades by wallet."""


# Trades that reach into the next second -----------------------------------------------------------


def straddles(now: Sequence[Change], later: Sequence[Change]) -> bool:
    """Whether these rows of the next second belong to the trade of this one.

    Fees alone do, and legs do if they make even what is uneven: as many got as given of each word,
    and as many fees, of two coins in all.
    """
    legs, others = _legs(now), _legs(later)
    if not legs or not others:
        return True
    together = _uneven([*now, *later])
    if together >= _uneven(now) + _uneven(later):
        return False
    whole = complete(legs) and complete(others)
    return _two_coins([*legs, *others]) and (not whole or not together)


def _legs(rows: Iterable[Change]) -> list[Change]:
    return [row for row in rows if row.kind == "leg"]


def _uneven(rows: Sequence[Change]) -> int:
    """By how many rows got and given of each word differ, and fees from what was got."""
    counts: Counter[str] = Counter()
    for row in rows:
        if row.kind == "leg":
            counts[row.word.partition(" ")[0]] += 1 if row.amount > 0 else -1
            counts[""] += row.amount > 0
        else:
            counts[""] -= 1
    return sum(map(abs, counts.values()))


def _two_coins(legs: Iterable[Change]) -> bool:
    """Whether each word has one coin that came and one that went."""
    coins: dict[tuple[str, bool], set[str]] = {}
    for leg in legs:
        name = (leg.word.partition(" ")[0], leg.amount > 0)
        coins.setdefault(name, set()).add(leg.asset)
    return all(len(names) == 1 for names in coins.values())


def mark_forced(trades: Places, liquidations: Iterable[Change]) -> None:
    """Trades that brought the coin which a liquidation takes at once, or a second later."""
    for row in liquidations:
        rows = trades.get(row.place, [])
        if any(leg.kind == "leg" and leg.amount > 0 and leg.asset == row.asset for leg in rows):
            for leg in rows:
                leg.forced = True


# The trade history beside the statement -----------------------------------------------------------


def claim_fills(
    fills: list[Fill], trades: Places, later_fills: list[Fill], later_trades: Places
) -> None:
    """Say of each fill which wallet's trade it tells: its `bundle` is the wallet's name.

    It is the one whose rows are of its coins. Of several, and of one a second later, the one that
    says exactly the same. Fills of no wallet stay alone.
    """
    for pair in dict.fromkeys((fill.base, fill.quote) for fill in fills):
        of_pair = [fill for fill in fills if (fill.base, fill.quote) == pair]
        here = _of_coins(trades, pair)
        place = here[0] if len(here) == 1 else _exactly(trades, of_pair)
        if place is None and not here:
            place = _exactly(later_trades, of_pair)
            if place is not None:  # the statement tells it a second later
                fills[:] = [fill for fill in fills if fill not in of_pair]
                later_fills += of_pair
                continue
        for fill in of_pair:
            fill.bundle = place or ("unclear" if here else "")


def _of_coins(trades: Places, pair: tuple[str, str]) -> list[str]:
    return [
        place
        for place, rows in trades.items()
        if {*pair} <= {row.asset for row in rows if row.kind == "leg"}
    ]


def _exactly(trades: Places, fills: Sequence[Fill]) -> str | None:
    """The wallet whose trades these fills are, to the last digit."""
    told = net_of(fills)
    same = [
        place
        for place, rows in trades.items()
        if sums((row.asset, row.amount) for row in rows if row.kind != "penalty") == told
    ]
    return same[0] if len(same) == 1 else None


# Moves --------------------------------------------------------------------------------------------


def pair_off(legs: list[Change]) -> list[list[Change]]:
    """Take out of these legs those that are two of one move: what left first, then what came.

    Of one coin and size, rather with the same word than with another, rather between two accounts
    than within one.
    """
    outs: dict[tuple[str, str, Decimal], list[Change]] = {}
    ins: dict[tuple[str, str, Decimal], list[Change]] = {}
    for leg in sorted(legs, key=lambda leg: (leg.at, leg.account, leg.id)):
        if leg.amount:
            side = outs if leg.amount < 0 else ins
            side.setdefault((leg.kind, leg.asset, abs(leg.amount)), []).append(leg)
    pairs = []
    for name, leaving in outs.items():
        coming = ins.get(name, [])
        for apart, alike in ((True, True), (True, False), (False, False)):
            for out in [*leaving]:
                into = next((leg for leg in coming if _fit(out, leg, apart, alike)), None)
                if into is not None:
                    pairs.append([out, into])
                    leaving.remove(out)
                    coming.remove(into)
    gone = {id(leg) for pair in pairs for leg in pair}
    legs[:] = [leg for leg in legs if id(leg) not in gone]
    return pairs


def _fit(out: Change, into: Change, apart: bool, alike: bool) -> bool:
    """Whether these are two legs of one move; of Earn's, one is the Earn wallet's own."""
    if out.kind == "earn":
        return (out.place == "earn") != (into.place == "earn")
    return (out.account != into.account or not apart) and (
        out.said.casefold() == into.said.casefold() or not alike
    )
