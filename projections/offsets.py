"""Two offsetting positions in one coin, through one tax year, and what is told of them."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from domain.lot import Disposal
from domain.money import CASH, ZERO, cents
from projections.findings import Finding

LEGS = {False: "long", True: "short"}

Legs = dict[tuple[str, str, bool], list[tuple[datetime, Decimal | None]]]
"""By account, coin and whether short: when each open part began, its gain (None: no price)."""


@frozen
class Pair:
    """Whose lots are long and whose loan, position or contract is (or may be) short."""

    asset: str
    long: str
    short: str
    contract: str = ""


class Offset:
    """What happened to a pair in a year. Events by id, in order."""

    def __init__(self, pair: Pair, since: datetime, event: str) -> None:
        self.pair = pair
        self.since = since
        self.event = event
        """The event that it began with."""
        self.lost: dict[bool, Decimal] = {}
        self.interest: dict[str, None] = {}
        self.contract_losses: dict[str, None] = {}
        self._losing: dict[bool, dict[str, None]] = {}
        self._lost_at: dict[bool, datetime] = {}
        self._delivered = ZERO
        self._deliveries: dict[str, None] = {}

    def is_leg(self, account: str, asset: str, *, short: bool) -> bool:
        """Whether units of this coin are one of its legs, long or short, in an account."""
        pair = self.pair
        return asset == pair.asset and account == (pair.short if short else pair.long)

    def lose(self, disposal: Disposal, *, short: bool) -> None:
        """A loss on one leg."""
        self.lost[short] = self.lost.get(short, ZERO) - disposal.gain
        self._lost_at[short] = disposal.sold
        self._losing.setdefault(short, {}).setdefault(disposal.event)

    def deliver(self, disposal: Disposal, worth: Decimal) -> None:
        """Own units were delivered for a short, worth this much: above its proceeds it had lost."""
        if worth > disposal.proceeds:
            self._delivered += worth - disposal.proceeds
            self._deliveries.setdefault(disposal.event)

    def finding(self, year: int, legs: Legs) -> Finding:
        """One finding for the year: a warning where a figure of the forms may be another."""
        pair = self.pair
        warnings = [*self._deferred(legs), *self._settled(), *self._carried()]
        return Finding(
            kind="straddle",
            account=pair.short,
            asset=pair.asset,
            at=self.since,
            event=self.event,
            problem="; ".join([self._overlap(year), *warnings]),
            hint=_CONTRACT if pair.contract else _RULE,
            severity="warning" if warnings else "info",
        )

    def _overlap(self, year: int) -> str:
        pair = self.pair
        if not pair.contract:
            return (
                f"{year}: {pair.asset} of {pair.long} is long while {pair.asset} is short in"
                f" {pair.short} (since {self.event})"
            )
        lost = f"; it lost with {_named(self.contract_losses)}" if self.contract_losses else ""
        return (
            f"{year}: {pair.asset} is held in {pair.long} beside the contract {pair.contract} of"
            f" {pair.short} (since {self.event}), whose side the book does not know{lost}"
        )

    def _deferred(self, legs: Legs) -> list[str]:
        """Losses on one leg, as far as what was open of the other then still is, with a gain."""
        words = []
        for short, lost in sorted(self.lost.items()):
            other = (self.pair.long if short else self.pair.short, self.pair.asset, not short)
            began_before = [g for at, g in legs.get(other, ()) if at <= self._lost_at[short]]
            gain = None if None in began_before else sum((g for g in began_before if g), ZERO)
            told = (
                f"a loss of {cents(lost)} was realised on the {LEGS[short]} leg"
                f" ({_named(self._losing[short])}) while the {LEGS[not short]} leg is open"
            )
            if gain is None:
                words.append(f"{told}, and no price says whether it stands at a gain")
            elif gain > 0:
                words.append(
                    f"{told} with an unrecognised gain of {cents(gain)}: up to"
                    f" {cents(min(lost, gain))} is not deductible yet and carries forward"
                    " (Form 6781 Part II)"
                )
        return words

    def _settled(self) -> list[str]:
        if not self._delivered:
            return []
        return [
            f"own units were delivered for a short that stood at a loss of {cents(self._delivered)}"
            f" ({_named(self._deliveries)}): it counts as closed at market value and the units"
            " as sold at it (Pub. 550 (2025) p. 91, Note)"
        ]

    def _carried(self) -> list[str]:
        if not self.interest:
            return []
        return [
            f"interest fell due or was paid meanwhile ({_named(self.interest)}): it is added to"
            " the basis of the straddle, not deducted on Form 4952 (Pub. 550 (2025) p. 51)"
        ]


def underlying(contract: str, assets: Collection[str]) -> str:
    """The coin of these that a contract's name begins a word with; "" where there is none."""
    words = "".join(c if c.isalnum() else " " for c in contract.upper()).split()
    named = [
        asset
        for asset in sorted(assets)
        for word in words
        if any(_means(word, name) for name in (asset, _ALSO.get(asset, asset)))
    ]
    return max(named, key=len, default="")


def _means(word: str, name: str) -> bool:
    rest = word.removeprefix(name.upper())
    return rest != word and (not rest or rest.isdigit() or rest in _QUOTES)


def _named(events: Collection[str]) -> str:
    names = list(events)
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


_SHOWN = 5
_ALSO = {"BTC": "XBT"}
_QUOTES = CASH | {"USDT", "USDC", "PERP", "M", "USDM", "USDTM"}
_RULE = (
    "offsetting positions are a straddle (IRC 1092; Pub. 550 (2025) pp. 90-91): losses wait for the"
    " other leg's gain, holding periods of a year or less begin anew. The forms here do not figure"
    " it: ask whoever signs the return"
)
_CONTRACT = "if the contract is short of the coin, they are a straddle (IRC 1092); " + (
    "if it is long, nothing follows"
)
