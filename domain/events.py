"""The events: what happened, in the field's own words, in the past tense.

Each is a frozen, slotted value that cannot hold what cannot be true: numbers are exact Decimals,
times are aware and in UTC, quantities are above zero, sides and kinds are known (domain/fields.py).
Quantities count units of `asset`; amounts, prices, fees and penalties count units of the quote
unless a field says otherwise; nothing is negative but what is called signed. `id` is unique within
the account; `sequence` orders events of one instant.
"""

from datetime import date, datetime
from decimal import Decimal

from attrs import frozen

from domain.event import Event as Event
from domain.fields import (
    acquired,
    factors,
    flag,
    instant,
    many,
    non_negative,
    note,
    number,
    one_of,
    positive,
    scalar,
    text,
    texts,
    whole,
    year,
)
from domain.money import ZERO, product
from domain.order_events import OrderCancelled as OrderCancelled
from domain.order_events import OrderPlaced as OrderPlaced
from domain.order_events import OrderTrailed as OrderTrailed
from domain.parts import Allocation, Pick, StatedLot, Tier

# Accounts and what moves in and out of them ----------------------------------------------------


@frozen(kw_only=True)
class AccountOpened(Event):
    """An account began. First use opens one too: spot, in a broker's custody."""

    mode: str = one_of("spot", "cross", "isolated")
    venue: str | None = text(default=None)
    custody: str = one_of("broker", "self", default="broker")
    pair: str | None = text(default=None)


@frozen(kw_only=True)
class Deposited(Event):
    """Units came in from outside the book; `lots` say when they were bought and for how much."""

    asset: str = text()
    quantity: Decimal = positive()
    lots: tuple[StatedLot, ...] = many(StatedLot, default=())
    txid: str | None = text(default=None)  # the transaction's id on its chain, as told


@frozen(kw_only=True)
class Withdrawn(Event):
    """Units left the book; `fee` is taken in the same asset, on top."""

    asset: str = text()
    quantity: Decimal = positive()
    fee: Decimal = non_negative(default=ZERO)
    purpose: str = one_of("own", "spent", "gift", "donation", default="own")
    txid: str | None = text(default=None)  # the transaction's id on its chain, as told


@frozen(kw_only=True)
class Transferred(Event):
    """Units moved to another account of the book: `quantity` arrives, `fee` is taken on top."""

    to: str = text()
    asset: str = text()
    quantity: Decimal = positive()
    fee: Decimal = non_negative(default=ZERO)


# Debt -------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Borrowed(Event):
    """The venue lent units."""

    asset: str = text()
    quantity: Decimal = positive()
    loan: str | None = text(default=None)


@frozen(kw_only=True)
class Repaid(Event):
    """Units went back to the lender: `quantity` of principal and `interest` accrued before."""

    asset: str = text()
    quantity: Decimal = non_negative()
    interest: Decimal = non_negative(default=ZERO)
    loan: str | None = text(default=None)


@frozen(kw_only=True)
class InterestCharged(Event):
    """Interest fell due: taken from the balance at once, or added to the debt (not yet paid)."""

    asset: str = text()
    quantity: Decimal = positive()
    settled: str = one_of("balance", "debt")
    loan_asset: str | None = text(default=None)
    loan: str | None = text(default=None)


@frozen(kw_only=True)
class DebtForgiven(Event):
    """A negative balance or a debt was written off."""

    asset: str = text()
    quantity: Decimal = positive()
    recourse: bool | None = flag(default=None)


# Trades -----------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Filled(Event):
    """A trade. `amount` is the exact quote total; without it price x quantity is.

    `fee` is in `fee_asset` (the quote unless named). With `position` the trade opens, adds to or
    (from the other side) reduces that position beside the balances: only fees and results reach
    these.
    """

    side: str = one_of("buy", "sell")
    asset: str = text()
    quantity: Decimal = positive()
    quote: str = text()
    price: Decimal = positive()
    amount: Decimal | None = non_negative(default=None)
    fee: Decimal = non_negative(default=ZERO)
    fee_asset: str | None = text(default=None)
    position: str | None = text(default=None)
    leverage: Decimal | None = positive(default=None)
    order: str | None = text(default=None)
    liquidity: str | None = text(default=None)

    @property
    def total(self) -> Decimal:
        """What was paid or received in the quote, before fees."""
        return product(self.price, self.quantity) if self.amount is None else self.amount


@frozen(kw_only=True)
class Liquidated(Filled):
    """A trade forced by the venue; `penalty` is its fee for that, in the quote."""

    penalty: Decimal = non_negative(default=ZERO)
    reason: str = note()


@frozen(kw_only=True)
class PositionSettled(Event):
    """A position was delivered: a long pays `amount` for its units, a short gives own ones."""

    position: str = text()
    asset: str = text()
    quantity: Decimal = positive()
    quote: str = text()
    amount: Decimal = non_negative()


@frozen(kw_only=True)
class FeeCharged(Event):
    """A fee outside a trade, or one that the trade `of` cannot carry itself."""

    asset: str = text()
    quantity: Decimal = positive()
    kind: str | None = text(default=None)
    of: str | None = text(default=None)


# Income and derivatives -------------------------------------------------------------------------


@frozen(kw_only=True)
class IncomeReceived(Event):
    """Units received as ordinary income, worth `value` USD when they could first be disposed of."""

    asset: str = text()
    quantity: Decimal = positive()
    kind: str = one_of("staking", "airdrop", "fork", "reward", "bonus", "interest", "rebate")
    value: Decimal | None = non_negative(default=None)


@frozen(kw_only=True)
class FundingSettled(Event):
    """Funding of a perpetual: `amount` is signed, received above zero."""

    asset: str = text()
    amount: Decimal = number()
    contract: str = text()


@frozen(kw_only=True)
class ContractSettled(Event):
    """Realised result of a derivative: `amount` is signed, a profit above zero."""

    contract: str = text()
    asset: str = text()
    amount: Decimal = number()
    section_1256: bool = flag(default=False)
    fee: Decimal = non_negative(default=ZERO)


# What is known of the world ---------------------------------------------------------------------


@frozen(kw_only=True)
class PriceObserved(Event):
    """A price that may decide a number: one unit of `asset` in units of `quote`."""

    asset: str = text()
    quote: str = text()
    price: Decimal = positive()
    source: str | None = text(default=None)


@frozen(kw_only=True)
class BalanceAsserted(Event):
    """What the venue says is held after everything of this instant; checked, never applied."""

    asset: str = text()
    quantity: Decimal = number()


@frozen(kw_only=True)
class MarginTermsSet(Event):
    """The venue's margin terms from now on; levels are in the model's own ratio.

    `interest_rates` are what a period of `interest_every` costs, as parts of what is lent, by
    asset; `liquidation_fee_rate` is what a liquidation takes of what it sells; `maker_fee_rate` is
    what a resting order pays (None: as a taker); `source` says where the terms were read.
    """

    model: str = one_of(
        "kraken",
        "binance_cross",
        "binance_isolated",
        "bitfinex",
        "okx_isolated",
        "bybit_unified",
        "perp",
        "standard",
    )
    leverage: Decimal | None = positive(default=None)
    initial_rate: Decimal | None = non_negative(default=None)
    maintenance_rate: Decimal | None = non_negative(default=None)
    call: Decimal | None = positive(default=None)
    liquidation: Decimal | None = positive(default=None)
    collateral_factors: tuple[tuple[str, Decimal], ...] = factors(default=())
    taker_fee_rate: Decimal | None = non_negative(default=None)
    maker_fee_rate: Decimal | None = non_negative(default=None)
    tiers: tuple[Tier, ...] = many(Tier, default=())
    liquidation_fee_rate: Decimal | None = non_negative(default=None)
    interest_rates: tuple[tuple[str, Decimal], ...] = factors(default=())
    interest_every: str | None = one_of("hour", "4h", "day", default=None)
    source: str | None = text(default=None)


# The book's own decisions -----------------------------------------------------------------------


@frozen(kw_only=True)
class MethodElected(Event):
    """A standing order: which lots go first in every sale after this instant."""

    method: str = one_of("fifo", "lifo", "hifo", "lofo")
    asset: str | None = text(default=None)
    told_broker: bool = flag(default=False)


@frozen(kw_only=True)
class LotsIdentified(Event):
    """The lots that one sale or transfer takes."""

    disposal: str = text()
    picks: tuple[Pick, ...] = many(Pick)
    told_broker: bool = flag(default=False)


@frozen(kw_only=True)
class BasisAllocated(Event):
    """Unused basis laid on accounts as of 2025-01-01 (Rev. Proc. 2024-28)."""

    asset: str = text()
    allocations: tuple[Allocation, ...] = many(Allocation)
    kind: str = one_of("specific", "global", default="specific")
    rule_recorded: datetime | None = instant(default=None)


@frozen(kw_only=True)
class BasisStated(Event):
    """The owner's word on date and basis of what came in without them."""

    target: str = text()
    lots: tuple[StatedLot, ...] = many(StatedLot)


@frozen(kw_only=True)
class TransferLinked(Event):
    """Two legs, each named `ACCOUNT#ID`, are one transfer of own units."""

    out: str = text()
    into: str = text()


@frozen(kw_only=True)
class PolicySet(Event):
    """A named reading of the law."""

    name: str = text()
    value: str = text()


@frozen(kw_only=True)
class TaxFactStated(Event):
    """A number or status from outside the book, for one tax year."""

    year: int = year()
    name: str = text()
    value: str = scalar()


@frozen(kw_only=True)
class BrokerReported(Event):
    """What a broker told the IRS of one disposal (`disposal`), or of all units of one day."""

    form: str = one_of("1099-DA", "1099-B")
    year: int = year()
    disposal: str | None = text(default=None)
    asset: str | None = text(default=None)
    quantity: Decimal | None = positive(default=None)
    sold: date | None = acquired(default=None)
    proceeds: Decimal = number()
    basis: Decimal | None = non_negative(default=None)
    basis_reported: bool = flag(default=False)
    term: str | None = one_of("short", "long", default=None)


@frozen(kw_only=True)
class Voided(Event):
    """The named event of this account no longer counts, from when this is recorded."""

    target: str = text()
    reason: str = text()


@frozen(kw_only=True)
class YearClosed(Event):
    """The year's return was filed: binds what it stood on."""

    year: int = year()
    head: str | None = text(default=None)
    method: str | None = text(default=None)
    digests: tuple[tuple[str, str], ...] = texts(default=())


@frozen(kw_only=True)
class ImportRecorded(Event):
    """A file was read: its rows ended as events, known ones, ignored ones or findings.

    `remarks` are findings beside the rows: about a row that was taken, or about the file.
    """

    file: str = text()
    sha256: str = text()
    format: str = text()
    rows: int = whole()
    recorded: int = whole()
    known: int = whole()
    ignored: int = whole()
    findings: int = whole()
    remarks: int = whole(default=0)


ORDERS: tuple[type[Event], ...] = (OrderPlaced, OrderCancelled, OrderTrailed)
"""What only a paper book holds (domain/order_events.py)."""

EVENTS: tuple[type[Event], ...] = (
    *(
        kind
        for kind in list(globals().values())
        if isinstance(kind, type) and issubclass(kind, Event) and kind.__module__ == __name__
    ),
    *ORDERS,
)
"""Every kind of event, in the order above."""
