"""What a day of interest does to an account, at the rates of the terms that are in force.

Loans owe it; of positions, which the venue lends to, it is taken from the balance. Principal alone
bears interest.
"""

from decimal import Decimal

from domain.account import Account
from domain.interest_rules import DAY, rule_of
from domain.money import ZERO


def a_day_later(account: Account) -> Account | None:
    """The account with a day's interest charged; None where the terms tell no rate of a loan."""
    charges = _charges(account)
    if not charges:
        return None
    later = account.copy()
    for asset, units, of_position in charges:
        if of_position:
            later.credit(asset, -units)
        else:
            later.owe_interest(asset, units)
    return later


def _charges(account: Account) -> list[tuple[str, Decimal, bool]]:
    """Units of an asset that a day costs, and whether a position bears them."""
    terms = account.terms
    rates = account.rates
    if terms is None or not rates:
        return []
    times = DAY // rule_of(terms).period
    lent = [(asset, owed, False) for asset, owed in account.owed.items() if owed > 0]
    lent += [(*position.lent, True) for position in account.positions.values()]
    return [
        (asset, units * rates.get(asset, ZERO) * times, of_position)
        for asset, units, of_position in lent
        if rates.get(asset)
    ]
