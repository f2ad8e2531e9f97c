"""Bybit's words for what happened in the unified account and in the funding account.

Tables of the older derivatives account write `transferIn` where the unified account and its pages
write `TRANSFER_IN`; both are one word here. Source: Bybit API v5, enums, `type(uta-translog)`.
"""

from functools import lru_cache

_EARN = (
    *("FLEXIBLE_STAKING_SUBSCRIPTION", "FLEXIBLE_STAKING_REDEMPTION", "FLEXIBLE_STAKING_REFUND"),
    *("FIXED_STAKING_SUBSCRIPTION", "FIXED_STAKING_REFUND"),
    *("ONCHAINEARN_SUBSCRIPTION", "ONCHAINEARN_REDEMPTION", "ONCHAINEARN_REFUND"),
    *("STRUCTURE_PRODUCT_SUBSCRIPTION", "STRUCTURE_PRODUCT_REFUND"),
    *("LIQUIDITY_MINING_SUBSCRIPTION", "LIQUIDITY_MINING_REFUND"),
    *("DEFI_INVESTMENT_SUBSCRIPTION", "DEFI_INVESTMENT_REDEMPTION", "DEFI_INVESTMENT_REFUND"),
)
_KINDS = {
    "trade": ("TRADE",),
    "funding": ("SETTLEMENT", "funding"),
    "delivery": ("DELIVERY",),
    "liquidation": ("LIQUIDATION",),
    "ADL": ("ADL",),
    "transfer": ("TRANSFER_IN", "TRANSFER_OUT"),
    "deposit": ("DEPOSIT",),
    "withdrawal": ("WITHDRAW", "WITHDRAWAL"),
    "interest": ("INTEREST", "INTEREST_REPAYMENT_INS_LOAN", "INSTITUTION_PAYBACK_INTEREST_OUT"),
    "forced interest": ("AUTO_INTEREST_REPAYMENT_INS_LOAN", "INSTITUTION_LIQ_INTEREST_OUT"),
    "loan": (
        *("BORROWED_AMOUNT_INS_LOAN", "INSTITUTION_LOAN_IN"),
        *("MANUAL_LOANS_BORROW", "AUTO_LOANS_BORROW", "LOANS_BORROW_FUNDS"),
    ),
    "repayment": (
        *("PRINCIPLE_REPAYMENT_INS_LOAN", "INSTITUTION_PAYBACK_PRINCIPAL_OUT"),
        *("AUTO_PRINCIPLE_REPAYMENT_INS_LOAN", "INSTITUTION_LIQ_PRINCIPAL_OUT"),
        *("MANUAL_LOANS_REPAY", "AUTO_LOANS_REPAY"),
    ),
    "conversion": (
        *("CURRENCY_BUY", "CURRENCY_SELL", "SPOT_REPAYMENT_BUY", "SPOT_REPAYMENT_SELL"),
        *("exchangeIn", "exchangeOut"),
    ),
    "forced conversion": (
        *("AUTO_SOLD_COLLATERAL_INS_LOAN", "AUTO_BUY_LIABILITY_INS_LOAN"),
        *("INSTITUTION_EXCHANGE_SELL", "INSTITUTION_EXCHANGE_BUY"),
    ),
    "bonus": ("BONUS",),
    "bonus recalled": ("BONUS_RECOLLECT",),
    "airdrop": ("AIRDROP",),
    "rebate": ("FEE_REFUND",),
    "earn": _EARN,
}


@lru_cache(maxsize=4096)
def plainly(word: str) -> str:
    """A type's word without capitals and bars."""
    return word.replace("_", "").casefold()


TYPES = {plainly(word): kind for kind, words in _KINDS.items() for word in words}
"""What a type means, by its word written plainly."""

CONTRACT_SIDES = frozenset({"openlong", "openshort", "closelong", "closeshort"})
"""Directions that only contracts have, written without spaces and capitals."""

WALLETS = ("unified trading account", "derivatives account")
"""What the funding account calls the account that trades, in small letters."""


def funding_kind(type_: str, description: str) -> str:
    """What a row of the funding account means; its own words where that is not known."""
    words = description.casefold()
    if words.startswith(("transfer to ", "transfer from ")) and words.endswith(WALLETS):
        return "transfer"
    if "interest distribution" in words:
        return "interest received"
    if "rewards distribution" in words:
        return "reward"
    if any(word in words for word in ("subscription", "redemption", "auto-earn")):
        return "earn"
    named = {
        "deposit": "deposit",
        "withdraw": "withdrawal",
        "withdrawal": "withdrawal",
        "convert": "conversion",
        "airdrop": "airdrop",
        "rewards": "reward",
    }
    kind = named.get(type_.casefold()) or named.get(words)
    return kind or f"{type_}, {description}"
