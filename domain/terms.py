"""Margin terms: at which level a venue calls for more collateral, and at which it liquidates.

A level is the model's own ratio: at Kraken equity / used margin. Terms come from `margin_terms_set`
events; where an account of a known venue has none, the venue's published terms below count.
"""

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from domain.events import MarginTermsSet
from domain.money import ONE


@frozen(kw_only=True)
class Terms:
    """What is in force: the model, and the levels reached at a margin call and at liquidation."""

    model: str
    call: Decimal
    liquidation: Decimal
    factors: Mapping[str, Decimal]

    def factor(self, asset: str) -> Decimal:
        """The part of an asset's worth that counts as collateral: 1 where the terms are silent."""
        return self.factors.get(asset, ONE)


LEVELS: Mapping[str, tuple[Decimal, Decimal]] = {"kraken": (Decimal("0.8"), Decimal("0.4"))}
"""(call, liquidation) by model. Kraken: about 80 % and 40 % of used margin, its help pages."""


def terms_of(account: str, told: MarginTermsSet | None) -> Terms | None:
    """The terms in force for an account, None where this version figures no level for it."""
    model = told.model if told is not None else account.partition("/")[0]
    if model not in LEVELS:
        return None
    call, liquidation = LEVELS[model]
    if told is None:
        return Terms(model=model, call=call, liquidation=liquidation, factors={})
    return Terms(
        model=model,
        call=told.call or call,
        liquidation=told.liquidation or liquidation,
        factors=dict(told.collateral_factors),
    )
