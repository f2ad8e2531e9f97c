"""Margin terms: what a venue measures, and at which level it calls and liquidates.

The one trick: every model weighs two amounts, an account's equity and what it needs equity for, and
its level is one of three ratios of the two. A level k is reached where the cushion

    equity - k x need          used margin, maintenance margin           (OF_NEED)
    equity - (k - 1) x need    debt: the level is assets / debt          (OF_DEBT)
    k x equity - need          the level is maintenance margin / equity  (OF_EQUITY)

is zero or less. All three are straight lines in equity and need, so the prices at which a level is
reached can be solved exactly (projections/margin/thresholds.py).

Terms come from `margin_terms_set` events. What an event leaves unsaid is what the model itself
means, the figures of MODELS; they are part of the model's definition and never change. Where no
event says anything, the accounts of the venue `kraken` have Kraken's published levels.
"""

from bisect import bisect_right
from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from domain.events import MarginTermsSet
from domain.money import ONE, ZERO, ratio, share
from domain.parts import Tier

OF_NEED, OF_DEBT, OF_EQUITY = "of_need", "of_debt", "of_equity"

USED, DEBT, MAINTENANCE = "used margin", "debt", "maintenance margin"
"""What need is made of: opening cost / leverage of positions; what is lent; rates of sizes."""


@frozen(kw_only=True)
class Model:
    """How one kind of venue measures an account.

    `sizes`: whose sizes a maintenance margin is a part of: `positions`, `debts` (with interest),
    `coins` (what is held or owed of each, netted, money and its tokens left out). `call` and
    `liquidation` count where the terms are silent; None: the model has no such level of its own.
    `words` is what the venue calls its level, `percent` whether it writes it as a percentage.
    """

    name: str
    scale: str
    need: str
    words: str
    percent: bool = True
    sizes: frozenset[str] = frozenset()
    call: Decimal | None = None
    liquidation: Decimal | None = ONE
    by_leverage: Mapping[Decimal, tuple[Decimal, Decimal]] = {}
    """(call, liquidation) by the leverage chosen, where the venue publishes them so."""
    liquidation_fee: Decimal = ZERO
    closing_fee: bool = False
    """Whether the taker fee of closing its positions is taken off equity already."""
    asks_rate: bool = False
    """Whether what is needed for a debt is its maintenance rate, and the fee of buying it back."""


def _levels(*rows: tuple[str, str, str]) -> Mapping[Decimal, tuple[Decimal, Decimal]]:
    return {Decimal(leverage): (Decimal(call), Decimal(out)) for leverage, call, out in rows}


MODELS: Mapping[str, Model] = {
    model.name: model
    for model in (
        # Kraken's help pages: margin level = equity / used margin; call about 80 %, liquidation
        # about 40 %.
        Model(
            name="kraken",
            scale=OF_NEED,
            need=USED,
            words="margin level",
            call=Decimal("0.8"),
            liquidation=Decimal("0.4"),
        ),
        # Binance's help pages, classic cross margin: assets / (debt + interest); 3x 1.3 and 1.1,
        # 5x 1.16 and 1.1; liquidation clearance fee 2 % of what is liquidated.
        Model(
            name="binance_cross",
            scale=OF_DEBT,
            need=DEBT,
            words="margin level",
            percent=False,
            call=Decimal("1.3"),
            liquidation=Decimal("1.1"),
            by_leverage=_levels(("5", "1.16", "1.1")),
            liquidation_fee=Decimal("0.02"),
        ),
        # Binance's help pages, isolated margin, tier 1 of each leverage.
        Model(
            name="binance_isolated",
            scale=OF_DEBT,
            need=DEBT,
            words="margin level",
            percent=False,
            liquidation=None,
            by_leverage=_levels(
                ("3", "1.22", "1.18"), ("5", "1.19", "1.15"), ("10", "1.09", "1.05")
            ),
            liquidation_fee=Decimal("0.02"),
        ),
        # Bitfinex's help pages: net equity, closing fees in, over the maintenance margin of the
        # positions; call at 1.5 of it.
        Model(
            name="bitfinex",
            scale=OF_NEED,
            need=MAINTENANCE,
            words="net equity / required margin",
            sizes=frozenset({"positions"}),
            call=Decimal("1.5"),
            closing_fee=True,
        ),
        # OKX's help pages: (assets - liabilities) / (maintenance margin + fees of the debt).
        Model(name="okx_isolated", scale=OF_NEED, need=DEBT, words="margin ratio", asks_rate=True),
        # Bybit's help pages: maintenance margin / margin balance, liquidation at 100 %.
        Model(
            name="bybit_unified",
            scale=OF_EQUITY,
            need=MAINTENANCE,
            words="account maintenance margin rate",
            sizes=frozenset({"positions", "debts"}),
        ),
        # USD-margined perpetuals: maintenance margin / margin balance, by brackets with deductions.
        Model(
            name="perp",
            scale=OF_EQUITY,
            need=MAINTENANCE,
            words="margin ratio",
            sizes=frozenset({"positions"}),
        ),
        # A plain model: equity over the maintenance margin of all that is leveraged.
        Model(
            name="standard",
            scale=OF_NEED,
            need=MAINTENANCE,
            words="equity / maintenance margin",
            sizes=frozenset({"positions", "coins"}),
        ),
    )
}
"""Every model there is; levels as the venues' help pages have them (docs/margin-terms.md)."""


@frozen(kw_only=True)
class Terms:
    """What is in force for one account. `told`: the event that says so, None: published levels."""

    model: Model
    call: Decimal | None
    liquidation: Decimal | None
    leverage: Decimal | None = None
    initial_rate: Decimal | None = None
    maintenance_rate: Decimal | None = None
    taker_fee_rate: Decimal = ZERO
    maker_fee_rate: Decimal = ZERO
    liquidation_fee_rate: Decimal = ZERO
    factors: Mapping[str, Decimal] = {}
    tiers: tuple[Tier, ...] = ()
    told: MarginTermsSet | None = None

    def factor(self, asset: str) -> Decimal:
        """The part of an asset's worth that counts as collateral: 1 where the terms are silent."""
        return self.factors.get(asset, ONE)

    def tier(self, size: Decimal) -> Tier | None:
        """The tier of a size (worth of a position in its quote, of a debt in the book's money)."""
        found = bisect_right(self.tiers, size, key=_from)
        return self.tiers[found - 1] if found else None

    def maintenance(self, worth: Decimal, quote: Decimal = ONE) -> Decimal:
        """The maintenance margin of a worth: rate x worth - the deduction of its tier.

        Tiers and deductions are in a quote that is worth so much itself.
        """
        if not self.tiers:
            return worth * (self.maintenance_rate or ZERO)
        tier = self.tier(worth if quote == 1 else share(worth, ONE, quote))
        if tier is None:
            return worth * (self.maintenance_rate or ZERO)
        rate = self.maintenance_rate if tier.maintenance_rate is None else tier.maintenance_rate
        return worth * (rate or ZERO) - (tier.deduction or ZERO) * quote

    def levels(self, lent: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """The call and liquidation levels; models of debt have them by what is lent."""
        tier = self.tier(lent) if self.tiers and self.model.need == DEBT else None
        if tier is None:
            return self.call, self.liquidation
        return tier.call or self.call, tier.liquidation or self.liquidation

    def needed(self, weighed: Decimal) -> Decimal:
        """What equity is held against: `weighed`, the sum of the account's parts.

        OKX asks of a debt its maintenance rate, and the taker fee of buying back debt and margin.
        """
        if not self.model.asks_rate or not weighed:
            return weighed
        kept = self.maintenance(weighed)
        return kept + (weighed + kept) * self.taker_fee_rate

    def level(self, equity: Decimal, need: Decimal) -> Decimal | None:
        """The level in the model's own ratio, to 28 digits; None where there is none."""
        if not need or (self.model.scale == OF_EQUITY and equity <= 0):
            return None
        if self.model.scale == OF_EQUITY:
            return ratio(need, equity)
        return ratio(equity + need if self.model.scale == OF_DEBT else equity, need)

    def cushion(self, level: Decimal, equity: Decimal, need: Decimal) -> Decimal:
        """Above zero while the level is not reached, exactly; zero on it, and below beyond it."""
        if self.model.scale == OF_EQUITY:
            return level * equity - need
        return equity - (level - ONE if self.model.scale == OF_DEBT else level) * need

    def held_at(self, level: Decimal, need: Decimal) -> Decimal:
        """The equity at which a level is reached: at liquidation, the maintenance margin."""
        if self.model.scale == OF_EQUITY:
            return share(need, ONE, level)
        return (level - ONE if self.model.scale == OF_DEBT else level) * need

    def initial_margin(self, worth: Decimal) -> Decimal | None:
        """Own margin needed for so much lent, or opened; None where nothing says."""
        leverage = self._leverage(worth)
        if self.model.need == DEBT:
            return None if leverage is None or leverage <= 1 else share(worth, ONE, leverage - ONE)
        if leverage is not None:
            return share(worth, ONE, leverage)
        return None if self.initial_rate is None else worth * self.initial_rate

    def lendable(self, margin: Decimal, lent: Decimal) -> Decimal | None:
        """What a model of debt lends against so much free margin, at the leverage of what is lent.

        None where nothing says.
        """
        leverage = self._leverage(lent)
        if self.model.need != DEBT or leverage is None or leverage <= 1:
            return None
        return margin * (leverage - ONE)

    def _leverage(self, lent: Decimal) -> Decimal | None:
        """The leverage chosen, or the lower one that a tier of debt allows."""
        tier = self.tier(lent) if self.tiers and self.model.need == DEBT else None
        return self.leverage if tier is None or tier.leverage is None else tier.leverage

    @property
    def lacking(self) -> str:
        """What the terms do not say and the model cannot do without; "" where nothing lacks."""
        tiers = self.tiers
        if self.model.need == MAINTENANCE or self.model.asks_rate:
            whole = bool(tiers) and not tiers[0].from_
            told = whole and all(tier.maintenance_rate is not None for tier in tiers)
            return "" if told or self.maintenance_rate is not None else "maintenance_rate"
        told = any(tier.liquidation is not None for tier in tiers)
        return "" if told or self.liquidation is not None else "call and liquidation, or leverage"


_KRAKEN = MODELS["kraken"]
PUBLISHED = Terms(model=_KRAKEN, call=_KRAKEN.call, liquidation=_KRAKEN.liquidation)
"""What counts for accounts of Kraken until somebody tells their terms."""


def terms_of(account: str, told: MarginTermsSet | None) -> Terms | None:
    """The terms in force for an account; None where nobody has told them.

    They may lack something (`Terms.lacking`), or contradict each other (domain/terms_faults.py).
    """
    if told is None:
        venue, _, name = account.partition("/")
        return PUBLISHED if venue == "kraken" and "futures" not in name else None
    model = MODELS[told.model]
    call, liquidation = model.call, model.liquidation
    if told.leverage is not None:
        call, liquidation = model.by_leverage.get(told.leverage, (call, liquidation))
    fee, maker = told.liquidation_fee_rate, told.maker_fee_rate
    return Terms(
        model=model,
        call=told.call or call,
        liquidation=told.liquidation or liquidation,
        leverage=told.leverage,
        initial_rate=told.initial_rate,
        maintenance_rate=told.maintenance_rate,
        taker_fee_rate=told.taker_fee_rate or ZERO,
        maker_fee_rate=(told.taker_fee_rate if maker is None else maker) or ZERO,
        liquidation_fee_rate=model.liquidation_fee if fee is None else fee,
        factors=dict(told.collateral_factors),
        tiers=tuple(sorted(told.tiers, key=_from)),
        told=told,
    )


def _from(tier: Tier) -> Decimal:
    return tier.from_
