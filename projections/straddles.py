"""Straddles: long and short of one coin at once, in whatever accounts.

Own lots and long positions offset open shorts, and may offset contracts on the same coin (IRC 1092;
Pub. 550 (2025) pp. 90-91). A loss on one leg waits for what the other leg has gained without being
taxed at year's end (p. 91), interest is added to basis (p. 51), a holding period of a year or less
begins anew. None of this is figured here: it is found, once a year for each coin and pair of
accounts, with the events and the amounts that matter.

The one trick: this fold is fed before lots, shorts and prices move (projections/dealings.py), so it
sees them as the last event left them, and a year as its last event left it. It pairs accounts anew
where an event made or ended a leg; where no unit was ever lent and no contract settled it looks at
nothing.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from domain.calendar import Calendar
from domain.events import (
    EVENTS,
    BasisAllocated,
    Borrowed,
    ContractSettled,
    Deposited,
    Event,
    FeeCharged,
    Filled,
    FundingSettled,
    IncomeReceived,
    InterestCharged,
    Liquidated,
    PositionSettled,
    PriceObserved,
    Repaid,
    Transferred,
    Withdrawn,
)
from domain.lot import Disposal
from domain.money import CASH, exact
from domain.recorded import Recorded
from projections.findings import Finding
from projections.offsets import Legs, Offset, Pair, underlying
from projections.pools import Key
from projections.property import Property
from projections.replay import Steps
from projections.shorts import FIRST_OPENED, Loan

STEADY = frozenset(
    ["USDT", "USDC", "DAI", "BUSD", "TUSD", "USDP", "PYUSD", "FDUSD", "GUSD", "USDD", "RLUSD"]
)
"""Coins that are worth a dollar: long and short of one there is no risk to lessen."""

_MOVES = (
    Deposited,
    Withdrawn,
    Transferred,
    Borrowed,
    PositionSettled,
    FeeCharged,
    IncomeReceived,
)

_ASSETS = {
    kind: tuple(name for name in ("asset", "quote", "fee_asset") if hasattr(kind, name))
    for kind in EVENTS
}
"""The fields of an event that name what it may move."""


class Straddles:
    """The fold. `watch` a property before the replay, then ask what was `found` after it."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._year = 0
        self._ends: datetime | None = None
        self._last: Recorded | None = None
        self._all = self._stale = False
        self._places: dict[str, set[Key]] = {}
        self._shorts: dict[str, dict[Key, Loan]] = {}
        self._offsets: dict[Pair, Offset] = {}
        self._open: dict[str, list[Offset]] = {}
        self._beside: dict[str, list[Offset]] = {}
        self._unpaired: set[str] = set()
        self._filled_last: dict[str, Filled] = {}
        self._found: dict[int, list[Finding]] = {}
        self.steps: Steps = {
            **dict.fromkeys(_MOVES, self._moved),
            Filled: self._filled,
            Liquidated: self._filled,
            InterestCharged: self._interest,
            Repaid: self._repaid,
            BasisAllocated: self._allocated,
            FundingSettled: self._contract,
            ContractSettled: self._contract,
            PriceObserved: self._priced,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def watch(self, property: Property) -> None:  # noqa: A002
        """The lots and shorts to look at."""
        self._property = property
        self._loans = property.loans

    def found(self, year: int | None = None) -> tuple[Finding, ...]:
        """What was found in a tax year, or in all (None). Call after the replay."""
        with exact():
            self._assess()
            while self._year and self._year < (year or 0):
                self._turn()
            self._judge()
        return tuple(
            finding
            for each in sorted(self._found)
            if year in (None, each)
            for finding in self._found[each]
        )

    def disposed(self, disposal: Disposal) -> None:
        """Hear of a disposal: a loss on one leg, or own units delivered for a short."""
        if not self._open:
            return
        short = disposal.kind == "short"
        for offset in self._open_in(disposal.account):
            if offset.is_leg(disposal.account, disposal.asset, short=short):
                if disposal.proceeds < disposal.basis:
                    offset.lose(disposal, short=short)
                if short and disposal.identified != FIRST_OPENED:
                    price = self._property.prices.value(
                        disposal.asset, disposal.sold, disposal.account
                    )
                    if price is not None:
                        offset.deliver(disposal, disposal.quantity * price.price)

    # Events ---------------------------------------------------------------------------------------

    def _moved(self, recorded: Recorded, event: Event) -> None:
        if self._ends is None or event.at >= self._ends:
            self._begin(event.at)
        if self._loans or self._all:
            self._assess()
        self._last = recorded

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        self._moved(recorded, event)
        if self._open and event.quote == self._property.prices.currency:
            self._filled_last[event.asset] = event

    def _interest(self, recorded: Recorded, event: InterestCharged) -> None:
        self._moved(recorded, event)
        self._carry(recorded)

    def _repaid(self, recorded: Recorded, event: Repaid) -> None:
        self._moved(recorded, event)
        self._unpaired.add(event.asset)  # units go to whoever lent them, and those who lent to him
        if event.interest:
            self._carry(recorded)

    def _allocated(self, recorded: Recorded, event: BasisAllocated) -> None:
        """Lots may lie elsewhere after it."""
        self._moved(recorded, event)
        self._stale = bool(self._places)

    def _carry(self, recorded: Recorded) -> None:
        """Interest fell due or was paid in an account of an open straddle."""
        for offset in self._open_in(recorded.account):
            offset.interest.setdefault(recorded.event.id)

    def _priced(self, recorded: Recorded, event: PriceObserved) -> None:
        """The prices of a year are of no account for the one before."""
        if self._ends is not None and event.at >= self._ends:
            self._begin(event.at)

    def _contract(self, recorded: Recorded, event: FundingSettled | ContractSettled) -> None:
        """A contract on a coin that is held: its side is not known."""
        self._moved(recorded, event)
        if not self._all:
            self._all = True
            self._index()
        asset = underlying(event.contract, self._places)
        for account in sorted({key[0] for key in self._held(asset)}):
            pair = Pair(asset, account, recorded.account, event.contract)
            offset = self._offsets.get(pair)
            if offset is None:
                offset = self._offsets[pair] = Offset(pair, event.at, event.id)
            if isinstance(event, ContractSettled) and event.amount < event.fee:
                offset.contract_losses.setdefault(event.id)

    # Who is long, who is short --------------------------------------------------------------------

    def _assess(self) -> None:
        """See what the last event left: which shorts are open, and whose lots offset them."""
        last, self._last = self._last, None
        if last is None or not (self._loans or self._all):
            return
        if self._stale:
            self._index()
        changed = {key[1] for key in self._keys(last) if self._has_changed(key)}
        for asset in sorted(changed & self._shorts.keys()):
            self._match(asset, last)

    def _has_changed(self, key: Key) -> bool:
        """Note whether this place is a leg, long or short; return whether its coin pairs anew."""
        asset, loan = key[1], self._loans.get(key)
        is_short = loan is not None and bool(loan.open or loan.covers)  # until it is delivered
        if asset in STEADY or not (is_short or self._watches(asset)):
            return False
        if not self._watches(asset):
            self._places[asset] = set()
            self._index()
        changed = asset in self._unpaired
        if is_short != (key in self._shorts.get(asset, ())):
            self._shorts.setdefault(asset, {}).setdefault(key, loan)  # type: ignore[arg-type]
            changed = True
        holds = bool(self._property.books[0].held(key))
        if holds != (key in self._places.get(asset, ())):
            if holds:
                self._places.setdefault(asset, set()).add(key)
            changed = True
        return changed

    def _match(self, asset: str, last: Recorded) -> None:
        self._unpaired.discard(asset)
        self._beside.clear()
        loans = self._shorts.pop(asset)
        shorts = {key: loan for key, loan in loans.items() if loan.open or loan.covers}
        if shorts:
            self._shorts[asset] = shorts
        self._places[asset] = set(self._held(asset))
        longs = {key[0] for key in self._places[asset]}
        self._open.pop(asset, None)
        for short in sorted({key[0] for key in shorts}):
            for long in sorted(longs):
                pair = Pair(asset, long, short)
                offset = self._offsets.get(pair)
                if offset is None:
                    offset = self._offsets[pair] = Offset(pair, last.event.at, last.event.id)
                self._open.setdefault(asset, []).append(offset)

    def _open_in(self, account: str) -> list[Offset]:
        """The open straddles with a leg in an account."""
        found = self._beside.get(account)
        if found is None:
            every = (offset for offsets in self._open.values() for offset in offsets)
            found = [each for each in every if account in (each.pair.long, each.pair.short)]
            self._beside[account] = found
        return found

    def _held(self, asset: str) -> Iterator[Key]:
        book = self._property.books[0]
        return (key for key in self._places.get(asset, ()) if book.held(key))

    def _watches(self, asset: str) -> bool:
        """Whether its lots are followed: it was once short, or contracts may be on it."""
        return self._all or asset in self._places

    def _index(self) -> None:
        """Learn where the lots of each coin that is watched lie."""
        self._stale = False
        for key, _ in self._property.books[0].open():
            if self._watches(key[1]) and key[1] not in STEADY:
                self._places.setdefault(key[1], set()).add(key)
        self._unpaired.update(self._places)

    def _keys(self, recorded: Recorded) -> Iterator[Key]:
        """Where the event may have moved lots or shorts; units that only went are left out."""
        account, event = recorded.account, recorded.event
        position = getattr(event, "position", None)
        for name in _ASSETS[type(event)]:
            asset = getattr(event, name)
            if asset is None or asset in CASH:
                continue
            yield account, asset, ""
            if position:
                yield account, asset, position
            if type(event) is Transferred:
                yield event.to, asset, ""
            elif type(event) is Repaid:
                loan = self._loans.get((account, asset, ""))
                yield from () if loan is None else loan.moved

    # Years ----------------------------------------------------------------------------------------

    def _begin(self, at: datetime) -> None:
        """Another tax year begins with this instant: judge those before it."""
        year = self._calendar.day(at).year
        if self._ends is not None:
            self._assess()
            while self._year < year:
                self._turn()
        self._year = year
        self._ends = self._calendar.start(date(year + 1, 1, 1))
        self._stale = bool(self._places)

    def _turn(self) -> None:
        """Judge the year; what is still open goes on into the next."""
        self._judge()
        self._year += 1
        still = [offset for offsets in self._open.values() for offset in offsets]
        self._open, self._offsets, self._beside = {}, {}, {}
        for old in still:
            offset = self._offsets[old.pair] = Offset(old.pair, old.since, old.event)
            self._open.setdefault(old.pair.asset, []).append(offset)

    def _judge(self) -> None:
        if self._offsets:
            losing = {offset.pair.asset for offset in self._offsets.values() if offset.lost}
            legs = self._legs(losing) if losing else {}
            found = [offset.finding(self._year, legs) for offset in self._offsets.values()]
            self._found[self._year] = found

    def _legs(self, assets: set[str]) -> Legs:
        """What is open of these coins, and what each part has gained untaxed."""
        legs: Legs = {}
        for (account, asset, _), lot in self._property.books[0].open():
            if asset in assets and lot.lot.stated:
                price = self._price(asset)
                gain = None if price is None else lot.quantity * price - lot.basis
                legs.setdefault((account, asset, False), []).append((lot.lot.acquired, gain))
        for asset in assets & self._shorts.keys():
            price = self._price(asset)
            for (account, _, _), loan in self._shorts[asset].items():
                for short in loan.shorts:
                    gain = None
                    if price is not None and short.proceeds is not None:
                        gain = short.proceeds - short.quantity * price
                    legs.setdefault((account, asset, True), []).append((short.opened, gain))
                for cover in loan.covers:  # a gain realised, not recognised before it is delivered
                    gain = None
                    if cover.short.proceeds is not None and cover.lot.lot.stated:
                        gain = cover.short.proceeds - cover.lot.basis
                    opened = cover.short.opened
                    legs.setdefault((account, asset, True), []).append((opened, gain))
        return legs

    def _price(self, asset: str) -> Decimal | None:
        """The last price seen, observed or filled."""
        seen = (self._property.prices.mark(asset), self._filled_last.get(asset))
        known = [price for price in seen if price is not None]
        return max(known, key=lambda price: price.at).price if known else None
