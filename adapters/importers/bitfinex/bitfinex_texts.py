"""What the texts of Bitfinex's ledger say. Nothing but the text tells what a row is.

Each ends ` on wallet NAME`. Words change their capitals over the years, numbers their zeros.
Source: the categories of Bitfinex's ledger interface and of its report tools, public importers'
texts as met in exports.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from attrs import frozen

from adapters.importers.bitfinex.bitfinex_assets import asset, codes_of
from adapters.importers.table import Misread, number
from domain.money import ZERO

_ON_WALLET = " on wallet "

WALLETS = {
    "exchange": "main",
    "margin": "margin",
    "trading": "margin",
    "funding": "funding",
    "deposit": "funding",
}
"""Bitfinex's wallets, by all names they had -> the account."""


@frozen(kw_only=True)
class Said:
    """What a text says. `quantity` is of `base`, in the words of a trade or a transfer."""

    kind: str
    base: str = ""
    quote: str = ""
    quantity: Decimal = ZERO
    price: Decimal | None = None
    id: str = ""
    contract: str = ""
    source: str = ""
    target: str = ""
    forced: bool = False


@lru_cache(maxsize=1024)
def parted(text: str) -> tuple[str, str]:
    """What a description says, and the wallet that it names at its end ("" if it names none)."""
    at = text.lower().rfind(_ON_WALLET)
    return (text, "") if at < 0 else (text[:at], text[at + len(_ON_WALLET) :].strip().lower())


@lru_cache(maxsize=1024)  # the legs of a trade say the same
def said(text: str) -> Said | None:
    """What a text (without its wallet) says; None if it is not known here. Raises `Misread`."""
    for pattern, kind in _of(text):
        found = pattern.fullmatch(text)
        if found:
            return _said(kind, {name: value or "" for name, value in found.groupdict().items()})
    return None


def _said(kind: str, words: dict[str, str]) -> Said:
    base, quote, pair = words.get("base", ""), words.get("quote", ""), words.get("pair", "")
    price, quantity = words.get("price"), words.get("quantity")
    if pair and base and not quote:
        quote = _other(pair, base)
    how = (words.get("how", "") + words.get("tail", "")).lower()
    return Said(
        kind=kind,
        base=asset(base) if base else "",
        quote=asset(quote) if quote else "",
        quantity=number(quantity, "DESCRIPTION") if quantity else ZERO,
        price=number(price, "DESCRIPTION") if price else None,
        id=words.get("id", ""),
        contract=pair.removeprefix("t") if kind == "contract funding" else "",
        source=WALLETS.get(words.get("source", "").lower(), ""),
        target=WALLETS.get(words.get("target", "").lower(), ""),
        forced="liq" in how,
    )


def _other(pair: str, base: str) -> str:
    """The quote of a pair whose base is known."""
    if pair.upper().startswith(base.upper()):
        return pair[len(base) :].lstrip(":/")
    try:
        return codes_of(pair)[1]
    except Misread:
        return ""


_N = r"-?\d[\d.]*(?:e-?\d+)?"
_ID = r"(?: ?#(?P<id>\d+))?"
_TRADE = (
    rf"for (?P<quantity>{_N}) (?P<base>\S+)(?: \((?P<pair>[^)]+)\))? @ ?(?P<price>{_N})"
    r"(?: on \w+)?(?: \([^)]*\))?"
)

_TEXTS: dict[str, tuple[tuple[str, str], ...]] = {
    "exchange": (
        (
            rf"exchange (?P<quantity>{_N}) (?P<base>\S+) for (?P<quote>\S+) @ ?(?P<price>{_N})",
            "exchange",
        ),
    ),
    "trading": (
        (rf"trading fees? {_TRADE}", "fee"),
        (rf"trading rebates? {_TRADE}", "rebate"),
    ),
    "position": (
        (
            rf"position{_ID} (?P<how>closed?|modified|liquidated?)(?: @ ?(?P<price>{_N}))?"
            r"(?P<tail>.*)",
            "profit",
        ),
        (rf"position pl @ ?(?P<price>{_N}) settlement(?P<tail>.*)", "profit"),
        (rf"position{_ID} (?:funding cost|swap)", "interest"),
        (
            rf"position{_ID} claim(?:ed)?(?: (?P<pair>[^@ ]+))? @ ?(?P<price>{_N})"
            rf"(?: \(fee: (?P<quantity>{_N}) (?P<base>\S+)\))?",
            "claim",
        ),
    ),
    "claiming": ((r"claiming fee.*", "claiming fee"),),
    "settlement": ((rf"settlement @ ?(?P<price>{_N})", "settlement"),),
    "swap": ((r"swap fees?.*", "interest"), (r"swap payment", "income")),
    "interest": ((r"interest charges?", "interest"), (r"interest payment", "income")),
    "used": ((r"used margin funding (?:charge|fee)", "interest"),),
    "unused": ((r"unused margin funding (?:charge|fee)(?: loan #\d+)?", "interest"),),
    "margin": (
        (r"margin funding (?:charge|fee)", "interest"),
        (r"margin funding payment", "income"),
    ),
    "funding": ((rf"funding event (?P<pair>\S+) \((?P<quantity>{_N})\)", "contract funding"),),
    "transfer": (
        (
            rf"transfer of (?P<quantity>{_N}) (?P<base>\S+) from wallet (?P<source>\w+) to"
            r" (?:wallet )?(?P<target>\w+)",
            "transfer",
        ),
        (
            rf"transfer of (?P<quantity>{_N}) (?P<base>\S+) from wallet (?P<source>\w+) to"
            r" (?:wallet )?(?P<target>\w+) SA\([^)]*\)",
            "sub-account",
        ),
    ),
    "deposit": (
        (r"deposit(?: \([^)]*\))?(?: #(?P<id>\S+))?", "deposit"),
        (r"deposit fee.*", "deposit fee"),
    ),
    "canceled": (
        (r"cancell?ed withdrawal(?: request)? #(?P<id>\d+)", "cancelled"),
        (r"cancell?ed withdrawal (?:express )?fee #(?P<id>\d+)", "cancelled fee"),
    ),
    "earned": ((r"earned fees? from user .*", "bonus"),),
    "affiliate": ((r"affiliate rebate.*", "bonus"),),
    "staking": ((r"staking (?:reward|payment)s?", "staking"),),
    "hidden": ((r"hidden order fees?.*", "hidden order fee"),),
    "otc": ((r"otc trade fees?.*", "otc trade fee"),),
    "miner": ((r"miner fees?.*", "withdrawal fee"),),
    "": (
        (r".+ withdrawal #(?P<id>\d+)", "withdrawal"),
        (r".*withdrawal (?:express )?fee.*", "withdrawal fee"),
        (r"\S+ (?:airdrop|distribution)", "airdrop"),
    ),
}
"""By the first word: what a text looks like, and its kind. Those under "" may begin with any."""

_COMPILED = {
    word: [(re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in texts]
    for word, texts in _TEXTS.items()
}
_COMPILED["cancelled"] = _COMPILED["canceled"]


def _of(text: str) -> Iterator[tuple[re.Pattern[str], str]]:
    yield from _COMPILED.get(text.partition(" ")[0].lower(), ())
    yield from _COMPILED[""]
