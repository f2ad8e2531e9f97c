"""What a day of interest does to an account, at the rates of its terms."""

from domain.account import Account


def a_day_later(account: Account) -> Account | None:
    """The account with a day's interest charged; None where the terms tell no rate that counts."""
    return None
