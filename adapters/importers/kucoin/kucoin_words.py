"""KuCoin's words: what happened, and in which wallet.

Newer files say it in their column Type, older ones in Remark. Source: KuCoin API, account ledgers,
the list of business types; the account history's own Types as public importers have met them.
"""

import re
from functools import lru_cache

_KINDS = {
    "deposit": ("deposit", "fiat deposit"),
    "withdrawal": ("withdraw", "withdrawal", "fiat withdraw", "fiat withdrawal"),
    "transfer": ("transfer", "assets transferred in after upgrading"),
    "sub-account": ("sub-account transfer", "sub account transfer"),
    "trade": (
        *("spot", "exchange", "trade", "trade_exchange", "margin trade", "margin_exchange"),
        *("cross margin", "isolated margin", "margin"),
    ),
    "liquidation": ("liquidation", "liquidation takeover", "cross margin liquidation"),
    "fiat": ("fiat transactions", "buy crypto", "sell crypto"),
    "exchange": ("instant exchange", "convert", "convert to kcs", "convert dust to kcs"),
    "loan": ("borrowings", "borrowing", "borrow", "margin loan"),
    "repayment": ("debt repayment", "repayment", "repay"),
    "interest": ("interest", "margin interest", "loan interest"),
    "liquidation fee": ("liquidation fees", "liquidation fee"),
    "kcs fee": ("kcs pay fees", "kcs fee deduction"),
    "fee refund": ("fee refunds using kcs",),
    "rebate": ("refunded fees", "fee rebate", "deduction coupon refund"),
    "bonus": ("kucoin bonus", "kcs bonus", "referral bonus"),
    "reward": ("rewards", "other rewards", "platform_reward_withdraw", "kucoin event"),
    "airdrop": ("distribution", "airdrop/fork"),
    "staking": (
        *("staking profits", "soft staking profits", "voting earnings", "kucoin earn profits"),
        *("hold to earn earnings", "earn rate-up coupon"),
    ),
    "earn": (
        *("staking", "redemption", "kucoin earn", "voting", "redemption of voting"),
        *("lendings", "loans repaid", "kucoin earn locked", "kucoin earn redemptions"),
    ),
    "contract": ("realised pnl", "realised p&l", "realisedpnl", "realized pnl"),
    "funding": ("funding fee", "funding fees"),
}
FEES = ("kcs fee", "fee refund")
"""A fee paid in KCS instead, and what is given back for it."""
WORDS = {word: kind for kind, words in _KINDS.items() for word in words}

_ON_MARGIN = frozenset({"loan", "repayment", "interest", "liquidation", "liquidation fee"})
_PAIR = re.compile(r"\b([A-Z0-9]{2,})[-/]([A-Z0-9]{2,})\b")


@lru_cache(maxsize=4096)
def kind_of(type_: str, remark: str) -> str:
    """What a row means; its own words where that is not known."""
    kind = WORDS.get(type_.strip().casefold())
    if kind is None:
        kind = WORDS.get(remark.strip().casefold())
    return kind or type_ or remark


@lru_cache(maxsize=4096)
def wallet_of(account: str, kind: str, type_: str, remark: str) -> str:
    """The wallet of a row: `main` (funding and trading), `cross`, `isolated/PAIR`, `futures`.

    By its account type; where that only says that it is the main user's, by what happened.
    """
    told = wallet_named(account, remark)
    if told not in ("", "main"):
        return told
    if kind in ("contract", "funding"):
        return "futures"
    if kind in ("trade", *_ON_MARGIN):
        word = wallet_named(type_ or remark, remark)
        return word if word not in ("", "main") else ("cross" if kind in _ON_MARGIN else "main")
    return "main"


@lru_cache(maxsize=4096)
def wallet_named(words: str, pair: str) -> str:
    """The wallet that some words name, or "": an isolated one by the pair that stands in `pair`."""
    said = words.casefold()
    if "isolated" in said:
        found = _PAIR.search(pair) or _PAIR.search(words)
        return f"isolated/{found[1]}-{found[2]}" if found else "isolated/?"
    if "margin" in said:
        return "cross"
    if "future" in said or "contract" in said:
        return "futures"
    if "earn" in said or "pool" in said:
        return "earn"
    if any(word in said for word in ("main", "funding", "trading", "trade", "spot")):
        return "main"
    return ""
