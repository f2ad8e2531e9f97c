"""What Coinbase calls what happened: its transaction types, and what becomes of each.

Older files have older words for the same; a row is called by the newest, so that it is the same row
in every file. Sources: Coinbase's transaction histories as BittyTax and rotki read them, and what
users of other programs report.
"""

from functools import lru_cache

RENAMED = {
    "advance trade buy": "advanced trade buy",
    "advance trade sell": "advanced trade sell",
    "exchange deposit": "pro deposit",
    "exchange withdrawal": "pro withdrawal",
    "reward income": "rewards income",
    "coinbase earn": "learning reward",
    "subscription rebates (24 hours)": "subscription rebate",
}

BUYS = frozenset({"buy", "advanced trade buy"})
SELLS = frozenset({"sell", "advanced trade sell"})
ADVANCED = frozenset({"advanced trade buy", "advanced trade sell"})

COMES_IN = frozenset({"receive", "deposit", "pro withdrawal"})
GOES_OUT = {
    "send": "own",
    "withdrawal": "own",
    "pro deposit": "own",
    "card spend": "spent",
    "subscription": "spent",
    "donation": "donation",
}
"""What goes out, and for which purpose."""

INCOME = {
    "learning reward": "reward",
    "rewards income": "reward",
    "incentives rewards payout": "reward",
    "credit card reward": "reward",
    "staking income": "staking",
    "inflation reward": "staking",
    "interest payout": "interest",
    "airdrop": "airdrop",
    "subscription rebate": "rebate",
    "retail simple price improvement": "rebate",
}
"""What was received as income, and of which kind."""

REWARDS_IN_NOTES = ("coinbase earn", "coinbase rewards", "coinbase referral")
"""Who sends what is called `Receive` and is a reward."""

INTERNAL = frozenset(
    {
        "retail staking transfer",
        "retail unstaking transfer",
        "eth2 deposit",
        "vault deposit",
        "vault withdrawal",
        "cash to savings",
        "savings to cash",
        "portfolio transfer",
    }
)
"""Moves between places of one account."""

DEPRECATED_ETH2 = "retail eth2 deprecation"

UNCLEAR = {
    **dict.fromkeys(
        ("asset migration", "wrap asset", "unwrap"),
        "gives one token for another: whether that is a trade is not for the file to say",
    ),
    **dict.fromkeys(
        ("cfm funding", "derivatives settlement"),
        "belongs to a futures account, whose statement is not read",
    ),
    "admin debit": "takes units away, and does not say why",
    "retail simple dust": "sells small amounts, and does not say for how much of what",
}
"""Types that are known, and do not say what an event needs."""

ASSETS = {"ETH2": "ETH"}


@lru_cache(maxsize=1000)
def canonical(type_: str) -> str:
    """The type in small letters, in its newest word."""
    word = " ".join(type_.casefold().split())
    return RENAMED.get(word, word)
