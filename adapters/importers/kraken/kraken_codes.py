"""What Kraken calls things: assets, pairs, and the types of its ledger.

Kraken's older codes put X before a coin and Z before money (XXBT, ZUSD) and write pairs without a
slash (XXBTZUSD). A suffix says where units are kept (DOT.S is staked DOT): for lots it is the same
asset.
Source: the `altname` of Kraken's public Assets and AssetPairs; types and subtypes as met in
exports.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_NAMES = {
    "XXBT": "BTC",
    "XBT": "BTC",
    "XETH": "ETH",
    "ETH2": "ETH",  # staked ether before withdrawals were possible, exchanged one for one
    "XXRP": "XRP",
    "XLTC": "LTC",
    "XXLM": "XLM",
    "XXMR": "XMR",
    "XZEC": "ZEC",
    "XETC": "ETC",
    "XREP": "REP",
    "XMLN": "MLN",
    "XXDG": "DOGE",
    "XDG": "DOGE",
    "XDAO": "DAO",
    "XICN": "ICN",
    "XNMC": "NMC",
    "XXVN": "VEN",
    "ZUSD": "USD",
    "ZEUR": "EUR",
    "ZGBP": "GBP",
    "ZCAD": "CAD",
    "ZJPY": "JPY",
    "ZAUD": "AUD",
    "ZKRW": "KRW",
}
"""Kraken's codes whose common name is another."""

_KEPT_AT = re.compile(r"(?P<code>.+?)(?:03|04|07|14|21|28)?\.(?P<place>S|M|F|B|P|HOLD)")
"""Staked (S, with the days of the bond before it), opt-in rewards (M), earning (F),
yield-bearing (B), in a parachain auction (P), or on hold (HOLD)."""

_QUOTES = (
    *("USD", "EUR", "GBP", "CAD", "JPY", "AUD", "CHF", "AED", "KRW"),
    *(
        "USDT",
        "USDC",
        "PYUSD",
        "EURT",
        "EURC",
        "EURQ",
        "EURR",
        "USDQ",
        "USDR",
        "USDG",
        "RLUSD",
        "DAI",
    ),
    *("XBT", "BTC", "ETH", "DOT"),
)
"""What pairs are quoted in. TUSD, USDS and other money-like coins are bases only."""

FEE_CREDITS = "KFEE"


class Asset(NamedTuple):
    """`name` is the common name; `place` where Kraken keeps it ("" where it can be traded)."""

    name: str
    place: str


@lru_cache(maxsize=4096)
def asset(code: str) -> Asset:
    """The asset of a code: `XXBT` is BTC, `DOT28.S` is DOT, staked."""
    kept = _KEPT_AT.fullmatch(code)
    bare, place = (kept["code"], code[len(kept["code"]) :]) if kept else (code, "")
    return Asset(_NAMES.get(bare, bare), place)


def is_futures(wallet: str) -> bool:
    """Whether a wallet is that of the derivatives, which have a statement of their own."""
    return wallet.lower().startswith(("futures", "derivatives"))


@lru_cache(maxsize=4096)
def split_pair(pair: str, known: frozenset[str]) -> tuple[str, str] | None:
    """Base and quote of `BTC/USD` or `XXBTZUSD`; None if it can be read in two ways or none.

    `known` are names of assets that take part for certain (the trade's own ledger entries).
    """
    if "/" in pair:
        base, _, quote = pair.partition("/")
        return (asset(base).name, asset(quote).name) if base and quote else None
    ways = {
        (asset(pair[:at]).name, asset(pair[at:]).name): _likely(pair[:at], pair[at:], known)
        for at in range(1, len(pair))
        if asset(pair[at:]).name in _QUOTE_NAMES
    }
    best = max(ways.values(), default=0)
    likeliest = [way for way, likely in ways.items() if likely == best]
    return likeliest[0] if best and len(likeliest) == 1 else None


_QUOTE_NAMES = frozenset(asset(code).name for code in _QUOTES)


def _likely(base: str, quote: str, known: frozenset[str]) -> int:
    """How likely a pair is split so: 0 never, more the more is known of its two sides."""
    name, money = asset(base).name, asset(quote).name
    old_quote = quote in _NAMES and quote not in _QUOTES
    familiar = base in _NAMES or name in _QUOTE_NAMES or name in known
    if old_quote and not familiar:  # XTZUSD is XTZ and USD, not XT and ZUSD
        return 0
    return 1 + 4 * (name in known) + 2 * familiar + (money in known)


# The types of the ledger --------------------------------------------------------------------------

_SAME_WALLET_OWNER = (
    "allocation",
    "deallocation",
    "autoallocation",
    "autoallocate",
    "migration",
    "spottostaking",
    "stakingtospot",
    "spotfromstaking",
    "stakingfromspot",
)

_KINDS: dict[tuple[str, str], str] = {
    ("deposit", ""): "deposit",
    ("withdrawal", ""): "withdrawal",
    ("trade", ""): "trade",
    ("trade", "tradespot"): "trade",
    ("margin", ""): "margin",
    ("margin trade", ""): "margin",
    ("rollover", ""): "rollover",
    ("settled", ""): "settled",
    **{(type_, ""): "exchange" for type_ in ("spend", "receive", "sale", "conversion")},
    **{(type_, "dustsweeping"): "exchange" for type_ in ("spend", "receive")},
    **{(type_, "delistingconversion"): "exchange" for type_ in ("transfer", "earn")},
    ("collateralconversion", ""): "conversion",
    ("marginconversion", ""): "conversion",
    **{
        (type_, sub): "move"
        for type_ in ("transfer", "earn", "staking")
        for sub in _SAME_WALLET_OWNER
    },
    **{("transfer", sub): "to futures" for sub in ("spottofutures", "futuresfromspot")},
    **{("transfer", sub): "from futures" for sub in ("spotfromfutures", "futurestospot")},
    ("transfer", ""): "airdrop",
    ("transfer", "airdrop"): "airdrop",
    ("earn", "airdrop"): "airdrop",
    ("airdrop", ""): "airdrop",
    ("fork", ""): "fork",
    ("transfer", "fork"): "fork",
    ("staking", ""): "staking",
    ("staking", "reward"): "staking",
    ("earn", "reward"): "reward",  # staking or lending: the file does not say
    ("reward", ""): "reward",
    ("dividend", ""): "reward",
    ("invite bonus", ""): "bonus",
    ("invitebonus", ""): "bonus",
}

JOINED = frozenset({"trade", "margin", "settled"})
"""Kinds of entry that a row of the trades file belongs to."""

GROUPED = JOINED | {"exchange", "conversion", "to futures", "from futures"}
"""Kinds of entry that belong together by their reference id."""

INCOME = frozenset({"airdrop", "fork", "staking", "reward", "bonus"})
"""Kinds of entry that are income, named as the event names it."""

REVERSED = "reversed by the venue"
REVERSED_BUT_FEE = "reversed by the venue, but for its fee"
MOVED = "moved between own wallets"

PAIRED = frozenset({"deposit", "withdrawal", "move", "airdrop"})
"""Kinds of entry that another one may undo."""


def kind(type_: str, subtype: str) -> str:
    """What a ledger entry of this type and subtype is; "" if that is not known."""
    return _KINDS.get((type_, subtype)) or _KINDS.get((type_.lower(), subtype.lower()), "")
