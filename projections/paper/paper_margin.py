"""What margin allows on paper: whether a trade may be made, and where an account is liquidated.

Both ask the margin engine of real books (projections/margin): the account as it would be after the
trade, and the account as it would be at another price.
"""

from decimal import Decimal

from domain.account import Account
from domain.bar import Bar
from domain.events import Filled
from domain.money import ONE, ZERO, exact, plain, ratio
from domain.terms import DEBT, Terms
from projections.margin.standing import Standing
from projections.margin.thresholds import threshold
from projections.paper.paper_state import PaperState, beyond


def forbids(state: PaperState, account: str, fill: Filled) -> str:
    """Why a venue would not make this trade; "" if it would. The market stands at its price."""
    before, after = state.account(account), state.after(account, fill)
    if fill.position is None:
        for asset in (fill.quote, fill.asset):
            held, left = before.held.get(asset, ZERO), after.held.get(asset, ZERO)
            if left < min(held, ZERO):
                return f"it takes {plain(held - left)} {asset}, and {plain(held)} are held"
        return _endangers(state, before, after)
    if not _opens(before, after, fill.position):
        return ""
    terms = state.terms(account)
    if terms is None:
        return "the account has no margin terms: marginbook paper open --preset or --model"
    return too_much_leverage(terms, fill.leverage) or _lacks_margin(state, after, terms)


def too_much_leverage(terms: Terms, leverage: Decimal | None) -> str:
    """Whether the terms allow a leverage; "" where they do."""
    allowed = terms.leverage
    if allowed is None and terms.initial_rate:
        allowed = ratio(ONE, terms.initial_rate)
    if leverage is not None and leverage < 1:
        return f"a leverage of {plain(leverage)} lends nothing: give 1 or more"
    if leverage is None or allowed is None or leverage <= allowed:
        return ""
    return f"{plain(leverage)}x is more than the {plain(allowed)}x that the terms allow"


def liquidation_price(
    state: PaperState, account: Account, bar: Bar, within: tuple[Decimal, Decimal]
) -> Decimal | None:
    """The price in the quote at which a market that moves between two prices liquidates it.

    None where it does not. Where the account is beyond its level already, that is the price now.
    """
    now, unit = state.price(bar.asset, bar.quote), None
    with exact():
        standing = state.standing(account)
        if now is None or not standing.measured or not standing.concerns(bar.asset):
            return None
        if standing.status == "liquidation":
            return now
        unit = standing.mark(bar.quote)
        if unit is None:
            return None
        prices = [_between(standing, bar.asset, unit, now, extreme) for extreme in within]
    found = [price for price in prices if price is not None]
    return min(found, key=lambda price: abs(price - now), default=None)


def _between(
    standing: Standing, asset: str, unit: Decimal, now: Decimal, extreme: Decimal
) -> Decimal | None:
    """Where the level is reached on the way from `now` to `extreme`, if it is at the extreme.

    Prices are of the quote, and `unit` is what one of the quote is worth.
    """
    if not _liquidated(standing, asset, extreme * unit):
        return None
    low, high = min(now, extreme), max(now, extreme)
    for near in (now, extreme):
        price = threshold(standing, asset, near * unit).liquidation
        if price is not None and low <= ratio(price, unit) <= high:
            rounded = beyond(ratio(price, unit), falling=extreme < now)
            return min(max(rounded, low), high)
    return extreme


def _liquidated(standing: Standing, asset: str, price: Decimal) -> bool:
    terms = standing.terms
    equity, weighed = standing.supposing(asset, price)
    level = None if terms is None else terms.levels(weighed)[1]
    if terms is None or level is None or not weighed:
        return False
    return terms.cushion(level, equity, terms.needed(weighed)) <= 0


def _opens(before: Account, after: Account, name: str) -> bool:
    """Whether a position is larger afterwards, or on another side."""
    was, now = before.positions.get(name), after.positions.get(name)
    if now is None:
        return False
    return was is None or was.side != now.side or now.quantity > was.quantity


def _lacks_margin(state: PaperState, after: Account, terms: Terms) -> str:
    """Whether equity does not cover the initial margin of all that is open."""
    with exact():
        standing = state.standing(after)
        if not standing.known:
            return "the account holds or owes what has no price yet"
        needed = ZERO
        for name, position in after.positions.items():
            unit = standing.mark(position.quote)
            if position.used is None or unit is None:
                return f"nothing says the leverage of position {name}"
            needed += position.used * unit
        if terms.model.need == DEBT:
            needed = max(needed, terms.initial_margin(standing.weighed) or ZERO)
        if standing.equity < needed:
            return (
                f"its initial margin is {_short(needed)} {standing.currency} with all that is open,"
                f" and the equity would be {_short(standing.equity)}"
            )
        return "" if standing.status != "liquidation" else "it would be liquidated at once"


def _endangers(state: PaperState, before: Account, after: Account) -> str:
    """Whether a trade of own coins would bring a margined account to its call or beyond."""
    if not after.positions and not any(after.owed.values()):
        return ""
    with exact():
        was, now = state.standing(before).status, state.standing(after).status
    if now in ("call", "liquidation") and now != was:
        return f"it would bring the account to its {now} level"
    return ""


def _short(number: Decimal) -> str:
    return plain(Decimal(f"{number:.8f}"))
