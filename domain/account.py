"""What one account holds and owes, and the positions that stand beside its balances.

Mutable: the accumulator of a fold. Nothing here refuses anything: the venue has already decided.
"""

from datetime import datetime
from decimal import Decimal

from domain.events import Filled, MarginTermsSet
from domain.money import ONE, ZERO, share

PAPER = "paper/"
"""How the account of every simulated trade begins."""


def is_paper(account: str) -> bool:
    """Whether what happens in this account is simulated."""
    named = account.lower()
    return named.startswith(PAPER) or named == PAPER[:-1]


class Position:
    """A leveraged position: the venue lends its whole cost (long) or volume (short).

    `side` is 1 (long) or -1 (short); `quantity` units of `asset`; `cost` is the quote total at
    which they were opened; `used` the margin that the venue holds against it (cost / leverage),
    None where a fill did not say its leverage. `opened` is the id of the fill that opened it, at
    the time `since`; `backed` says whether the account held anything then.
    """

    __slots__ = (
        "asset", "backed", "cost", "opened", "quantity", "quote", "side", "since", "used",
    )  # fmt: skip

    def __init__(self, fill: Filled, side: int, *, backed: bool) -> None:
        self.asset = fill.asset
        self.quote = fill.quote
        self.side = side
        self.opened = fill.id
        self.since: datetime = fill.at
        self.backed = backed
        self.quantity = ZERO
        self.cost = ZERO
        self.used: Decimal | None = ZERO

    @property
    def lent(self) -> tuple[str, Decimal]:
        """What the venue lends to it: the cost of a long in its quote, the units of a short."""
        return (self.quote, self.cost) if self.side > 0 else (self.asset, self.quantity)

    def add(self, quantity: Decimal, amount: Decimal, used: Decimal | None) -> None:
        """Open or enlarge the position by `quantity` units for `amount` of the quote."""
        self.quantity += quantity
        self.cost += amount
        self.used = None if used is None or self.used is None else self.used + used

    def reduce(self, quantity: Decimal) -> Decimal:
        """Take units off, at most all; return their share of the cost."""
        cost = self.cost if quantity == self.quantity else share(self.cost, quantity, self.quantity)
        if self.used is not None:
            self.used -= (
                self.used
                if quantity == self.quantity
                else share(self.used, quantity, self.quantity)
            )
        self.quantity -= quantity
        self.cost -= cost
        return cost


class Account:
    """An account's state, in units of each asset. `held` may be negative: that is a finding."""

    __slots__ = (
        "contract", "held", "interest_owed", "mode", "name", "owed", "positions", "rates", "terms",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.name = name
        self.mode = "isolated" if "/isolated/" in name else "spot"
        self.held: dict[str, Decimal] = {}
        self.owed: dict[str, Decimal] = {}
        self.interest_owed: dict[str, Decimal] = {}
        self.positions: dict[str, Position] = {}
        self.terms: MarginTermsSet | None = None
        self.rates: dict[str, Decimal] = {}
        """What a period of interest costs by asset, as terms told last."""
        self.contract: tuple[str, datetime] | None = None
        """The derivative that settled here last, and when: what is open of it no balance shows."""

    def copy(self) -> "Account":
        """The same balances and debts, to be changed apart; positions and terms are shared."""
        twin = Account(self.name)
        twin.mode, twin.terms, twin.positions = self.mode, self.terms, self.positions
        twin.rates, twin.contract = self.rates, self.contract
        twin.held, twin.owed = dict(self.held), dict(self.owed)
        twin.interest_owed = dict(self.interest_owed)
        return twin

    @property
    def assets(self) -> list[str]:
        """Every asset that is held or owed, or was, by name."""
        return sorted({*self.held, *self.owed, *self.interest_owed})

    @property
    def owes(self) -> bool:
        """Whether anything is lent to the account, stands in a position, or lies below zero."""
        owed = (*self.owed.values(), *self.interest_owed.values())
        below = any(units < 0 for units in self.held.values())
        return bool(self.positions) or any(owed) or below

    def owed_of(self, asset: str) -> Decimal:
        """Units owed of an asset, with unpaid interest."""
        owed, interest = self.owed.get(asset, ZERO), self.interest_owed.get(asset)
        return owed + interest if interest else owed

    def margin_of(self, amount: Decimal, leverage: Decimal | None) -> Decimal | None:
        """The margin used by opening for `amount`, at a leverage or the account's own terms."""
        terms = self.terms
        if leverage is None and terms is not None:
            if terms.leverage is None and terms.initial_rate is not None:
                return amount * terms.initial_rate
            leverage = terms.leverage
        return None if leverage is None else share(amount, ONE, leverage)

    def agree_on(self, terms: MarginTermsSet) -> None:
        """These terms count from now on. Rates that they do not tell stay as they were."""
        self.terms = terms
        if terms.interest_rates:
            self.rates = dict(terms.interest_rates)

    def credit(self, asset: str, quantity: Decimal) -> None:
        self.held[asset] = self.held.get(asset, ZERO) + quantity

    def owe(self, asset: str, quantity: Decimal) -> None:
        self.owed[asset] = self.owed.get(asset, ZERO) + quantity

    def owe_interest(self, asset: str, quantity: Decimal) -> None:
        self.interest_owed[asset] = self.interest_owed.get(asset, ZERO) + quantity
