"""What transactions are called here (in the words of events), and the labels of other tools for it.

A label means what it means on its side: units received, units sent, or both (a trade). Capitals,
hyphens, underscores and brackets mean nothing: `loan_repayment`, `Loan-Repayment`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from attrs import field, frozen

from adapters.importers.reading import Unclear

BY_HAND = "Enter it by hand as a native line, or ask for this label to be read"

KINDS: Mapping[str, tuple[str, ...]] = {
    "deposited": ("",),
    "withdrawn": ("", "spent", "gift", "donation", "lost"),
    "transferred": (
        "",
        *(f"{way} {place}" for way in ("to", "from") for place in ("staked", "collateral", "pool")),
    ),
    "filled": ("", "buy", "sell"),
    "liquidated": ("", "buy", "sell"),
    "borrowed": ("",),
    "repaid": ("",),
    "interest_charged": ("",),
    "fee_charged": ("",),
    "income_received": ("staking", "airdrop", "fork", "reward", "bonus", "interest", "rebate"),
    "contract_settled": ("", "margin", "derivatives"),
    "funding_settled": ("",),
    "ignored": ("",),
}
"""The kinds of transaction, and what each may be besides: `withdrawn gift`. Tools' labels may also
be `ignored REASON`, and `unclear WHY` where what happened cannot be told for sure."""

COMES_IN = ("deposited", "borrowed", "income_received")
GOES_OUT = ("withdrawn", "repaid", "interest_charged", "fee_charged")

_RANKS = {
    "deposited": 1,
    "borrowed": 2,
    "income_received": 3,
    "transferred from": 3,
    "transferred": 4,
    "transferred to": 8,
    "filled": 5,
    "liquidated": 5,
    "contract_settled": 5,
    "funding_settled": 5,
    "interest_charged": 6,
    "fee_charged": 6,
    "repaid": 7,
    "withdrawn": 9,
    "ignored": 9,
}


@lru_cache(maxsize=256)
def rank_of(kind: str) -> int:
    """Which of one instant comes first: loans before what they buy, repayments after it."""
    words = kind.split()
    return _RANKS.get(" ".join(words[:2])) or _RANKS[words[0]]


NO_SALE = "unclear exchanges one coin for another, and says that this is no sale"
NO_PRICE = "unclear is a forced sale that does not say what the units were sold for"
POOLED = "unclear moves units into or out of a pool of others: what comes back is no more told"
NOT_TAXED = "unclear says that it is not taxable, and not what it is: a loan, a move, a gift?"


BY_SIDES = ("fee_charged", "deposited", "withdrawn", "filled")
"""What it is without a label: a fee alone, units received, units sent, or both."""


class Names(Protocol):
    """What a file's words for transactions mean."""

    def known(self, label: str, received: bool, sent: bool) -> str | None:
        """The kind, or None where the word is not known on this side."""
        ...

    def kind(self, label: str, column: str, received: bool, sent: bool) -> str:
        """The kind. Raises `Unclear`."""
        ...


@frozen
class Labels:
    """What a tool's labels mean, by side. Without a label: a deposit, a withdrawal, a trade."""

    received: Mapping[str, str]
    sent: Mapping[str, str]
    both: Mapping[str, str]
    _sides: tuple[Mapping[str, str], ...] = field(init=False)

    @_sides.default
    def _words(self) -> tuple[Mapping[str, str], ...]:
        return tuple(
            {_word(label): kind for label, kind in ({"": plain} | dict(told)).items()}
            for plain, told in zip(BY_SIDES, ({}, self.received, self.sent, self.both), strict=True)
        )

    def known(self, label: str, received: bool, sent: bool) -> str | None:
        """What it is, or None: this label is not known on this side."""
        side = self._sides[received + 2 * sent]
        found = side.get(label)
        if found is None:
            found = side.get(_word(label))
        if found is None and not received and not sent:  # a fee alone: what was sent
            found = self._sides[2].get(_word(label))
        return found

    def kind(self, label: str, column: str, received: bool, sent: bool) -> str:
        """What it is. Raises `Unclear`."""
        kind = self.known(label, received, sent)
        if kind is None:
            if any(_word(label) in side for side in self._sides):
                side = ("nothing but a fee", "units received", "units sent", "a trade")
                problem = f"does not go with {side[received + 2 * sent]}"
                raise Unclear(problem, "Are amounts in the wrong columns?", column, label)
            raise Unclear("is a label not known here", BY_HAND, column, label)
        if kind.startswith("unclear "):
            raise Unclear(kind.removeprefix("unclear "), BY_HAND, column, label)
        return kind


@lru_cache(maxsize=4096)
def _word(label: str) -> str:
    return _BETWEEN.sub(" ", label.casefold()).strip()


_BETWEEN = re.compile(r"[\W_]+")
