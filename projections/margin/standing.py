"""Where an account stands: its equity, its debt and what it needs equity for, item by item.

The one trick: each asset and each position of an account is a part that knows what it adds to the
account's sums. An event changes a few parts; what they added before is taken off, what they add now
is put on. So a state costs the same however many assets there are, and equals the sum over all of
them to the last digit, because every sum is exact.

Equity = collateral (what is held, at its mark, after haircuts) + unrealised results - debt. Debt is
what was lent, with interest owed, and any balance below zero, which never has a haircut. All
amounts are in `currency`: the book's, or a coin's in which alone everything has a price.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from domain.account import Account, Position
from domain.money import MONEY, ZERO
from domain.terms import DEBT, USED, Terms

Mark = Callable[[str], Decimal | None]
"""What one unit of an asset is worth, None where no price is known."""


class Part(NamedTuple):
    """What an asset or a position adds to the sums of its account."""

    equity: Decimal
    weighed: Decimal
    """Used margin, what is lent, or maintenance margin: whichever the model weighs."""
    debt: Decimal


NOTHING = Part(ZERO, ZERO, ZERO)


class Standing:
    """The sums of one account under its terms, kept up to date part by part.

    `terms` None: nobody has told what the venue measures; equity and debt are known all the same.
    `unknown` are the assets without a mark that some part waits for.
    """

    __slots__ = (
        "_holds",
        "_named",
        "_parts",
        "_waiting",
        "account",
        "bare",
        "currency",
        "debt",
        "equity",
        "mark",
        "terms",
        "tried",
        "turns",
        "unlevered",
        "weighed",
    )  # fmt: skip

    def __init__(self, account: Account, terms: Terms | None, mark: Mark, currency: str) -> None:
        self.account = account
        self.terms = terms
        self.currency = currency
        self.equity = self.weighed = self.debt = ZERO
        self.turns = 0
        """How often another asset came to count, or ceased to, or began or ceased to wait."""
        self.tried: tuple[int, int] | None = None
        """When another money was last looked for (margin_history.py)."""
        self.mark = mark
        self._parts: dict[tuple[str, str], Part] = {}
        """By (asset, "") and ("", position)."""
        self._named: dict[str, set[str]] = {}
        """The positions that name an asset, as theirs or as their quote."""
        self._waiting: set[tuple[str, str]] = set()
        self._holds: set[str] = set()
        self.unlevered: set[str] = set()
        """Positions that were opened without saying their leverage."""
        self.bare: set[str] = set()
        """Positions that were opened when the account held nothing."""
        for asset in account.assets:
            self.touch(asset)
        for name in account.positions:
            self.touch_position(name)

    @property
    def known(self) -> bool:
        """Whether every part has its price."""
        return not self._waiting

    @property
    def size(self) -> tuple[int, int]:
        """How many parts there are, and how many of them wait for a price."""
        return len(self._parts), len(self._waiting)

    @property
    def need(self) -> Decimal:
        """What equity is held against, as the model has it; zero where it weighs nothing."""
        return ZERO if self.terms is None else self.terms.needed(self.weighed)

    @property
    def backed(self) -> bool:
        """Whether there is collateral, or was when each of the positions was opened."""
        return bool(self._holds) or not self.bare

    @property
    def measured(self) -> bool:
        """Whether a level can be figured: the terms weigh something, and nothing is missing."""
        terms = self.terms
        if terms is None or not self.weighed or self._waiting or not self.backed:
            return False
        return terms.model.need != USED or not self.unlevered

    @property
    def status(self) -> str | None:
        """`healthy`, `call` or `liquidation`: reached at or beyond the level, exactly."""
        return self.judged()[1]

    def judged(self) -> tuple[Decimal | None, str | None]:
        """The level in the model's own ratio, and the status; None where none can be figured."""
        terms, equity = self.terms, self.equity
        if terms is None or not self.measured:
            owes_nothing = self.known and not self.debt and not self.account.positions
            return None, "healthy" if owes_nothing and equity >= 0 else None
        need = terms.needed(self.weighed)
        level = terms.level(equity, need)
        call, liquidation = terms.levels(self.weighed)
        if liquidation is not None and terms.cushion(liquidation, equity, need) <= 0:
            return level, "liquidation"
        if call is not None and terms.cushion(call, equity, need) <= 0:
            return level, "call"
        return level, "healthy"

    def touch(self, asset: str) -> None:
        """An asset's balance, debt or price changed."""
        held, owed = self.account.held.get(asset, ZERO), self.account.owed_of(asset)
        if held > 0:
            self._holds.add(asset)
        else:
            self._holds.discard(asset)
        if not held and not owed:
            self._put((asset, ""), NOTHING)
            return
        mark = self.mark(asset)
        part = None if mark is None else asset_part(asset, held, owed, mark, self.terms)
        self._put((asset, ""), part)

    def touch_position(self, name: str) -> None:
        """A position was opened, changed or closed, or its price did."""
        position = self.account.positions.get(name)
        self.unlevered.discard(name)
        self.bare.discard(name)
        if position is None:
            self._put(("", name), NOTHING)
            self._parts.pop(("", name))
            return
        if position.used is None:
            self.unlevered.add(name)
        if not position.backed:
            self.bare.add(name)
        for asset in (position.asset, position.quote):
            self._named.setdefault(asset, set()).add(name)
        self._put(("", name), self._position_part(position, {}))

    def priced(self, asset: str) -> None:
        """An asset's price changed."""
        if (asset, "") in self._parts:
            self.touch(asset)
        self.priced_positions(asset)

    def priced_positions(self, asset: str) -> None:
        """An asset's price changed: the positions that name it."""
        if asset not in self._named:
            return
        for name in tuple(self._named[asset]):
            if name in self.account.positions:
                self.touch_position(name)
            else:
                self._named[asset].discard(name)

    def assets(self) -> set[str]:
        """Every asset whose price decides something of the account."""
        return {asset for asset, _ in self._parts if asset} | self._named.keys()

    def concerns(self, asset: str) -> bool:
        """Whether the account has anything whose worth an asset's price decides."""
        return (asset, "") in self._parts or asset in self._named

    def supposing(self, asset: str, price: Decimal) -> tuple[Decimal, Decimal]:
        """Equity and what is weighed, were this asset's price another, all else equal."""
        equity, weighed = self.equity, self.weighed
        for name, now in self._at_price(asset, price):
            before = self._parts[name]
            equity += now.equity - before.equity
            weighed += now.weighed - before.weighed
        return equity, weighed

    def _at_price(self, asset: str, price: Decimal) -> Iterator[tuple[tuple[str, str], Part]]:
        if (asset, "") in self._parts:
            held, owed = self.account.held.get(asset, ZERO), self.account.owed_of(asset)
            yield (asset, ""), asset_part(asset, held, owed, price, self.terms)
        for name in self._named.get(asset, ()):
            position = self.account.positions.get(name)
            part = None if position is None else self._position_part(position, {asset: price})
            if part is not None:
                yield ("", name), part

    def _position_part(self, position: Position, given: Mapping[str, Decimal]) -> Part | None:
        price = given.get(position.asset) or self.mark(position.asset)
        quote = given.get(position.quote) or self.mark(position.quote)
        if price is None or quote is None:
            return None
        return position_part(position, price, quote, self.terms)

    def _put(self, name: tuple[str, str], now: Part | None) -> None:
        before = self._parts.get(name, NOTHING)
        if now is None:
            if name not in self._waiting:
                self._waiting.add(name)
                self.turns += 1
            now = NOTHING
        elif name in self._waiting:
            self._waiting.discard(name)
            self.turns += 1
        elif (now is NOTHING) is not (before is NOTHING):
            self.turns += 1
        self._parts[name] = now
        self.equity += now.equity - before.equity
        if now.debt is not before.debt:
            self.debt += now.debt - before.debt
        if now.weighed is not before.weighed:
            self.weighed += now.weighed - before.weighed


def asset_part(
    asset: str, held: Decimal, owed: Decimal, mark: Decimal, terms: Terms | None
) -> Part:
    """What an asset adds: its collateral after the haircut, less what is owed of it."""
    if held < 0:
        held, owed = ZERO, owed - held
    worth = held * mark
    debt = owed * mark if owed else ZERO
    equity = worth - debt if debt else worth
    if terms is None:
        return Part(equity, ZERO, debt)
    if terms.factors and asset in terms.factors:
        equity = worth * terms.factors[asset] - debt
    model = terms.model
    if model.need == DEBT:
        return Part(equity, debt, debt)
    if "debts" in model.sizes and debt:
        return Part(equity, terms.maintenance(debt), debt)
    if "coins" in model.sizes and asset not in MONEY:
        return Part(equity, terms.maintenance(abs(worth - debt)), debt)
    return Part(equity, ZERO, debt)


def position_part(position: Position, mark: Decimal, quote: Decimal, terms: Terms | None) -> Part:
    """What a position adds: its unrealised result, and what its model weighs of it."""
    worth, cost = position.quantity * mark, position.cost * quote
    result = worth - cost if position.side > 0 else cost - worth
    if terms is None:
        return Part(result, ZERO, ZERO)
    model = terms.model
    if model.closing_fee:
        result -= worth * terms.taker_fee_rate
    if model.need == USED:
        return Part(result, (position.used or ZERO) * quote, ZERO)
    if model.need == DEBT:
        return Part(result, cost if position.side > 0 else worth, ZERO)
    return Part(result, terms.maintenance(worth, quote), ZERO)
