"""Binance's own words: which wallet an account is, and what an operation means.

The one trick: a word is looked up in the form that all generations of the statement share, so that
a row that was renamed (`Small assets exchange BNB`, `Small Assets Exchange BNB`) is the same row.
Sources: the statement format as public importers read it (BittyTax, rotki, CoinTaxman and others);
an operation stands here where two of them agree on it, or where its two rows leave no doubt.
"""

from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from attrs import frozen

from adapters.importers.table import Misread

_WALLETS = {
    "spot": "main",
    "funding": "funding",
    "p2p": "funding",
    "earn": "earn",
    "savings": "earn",
    "pool": "pool",
    "crossmargin": "cross",
    "isolatedmargin": "isolated",
    **dict.fromkeys(("usdmfutures", "usdtfutures", "usdsmfutures"), "futures"),
    **dict.fromkeys(("coinmfutures", "coinfutures"), "coin-futures"),
    "strategy": "strategy",
    "options": "options",
}

FUTURES = {"futures": "USD-M futures", "coin-futures": "COIN-M futures"}
"""The wallets of derivatives, and what a contract of theirs is called where no row names it."""


@frozen
class Operation:
    """What rows of an operation are. `word` tells operations of one kind apart."""

    kind: str
    word: str = ""
    rank: int = 5


def _each(kind: str, rank: int, *words: str) -> dict[str, Operation]:
    return {word: Operation(kind, word, rank) for word in words}


def _income(kind: str, *words: str) -> dict[str, Operation]:
    return {word: Operation("income", kind, 1) for word in words}


_OPERATIONS = {
    **dict.fromkeys(("deposit", "fiat deposit"), Operation("in", rank=1)),
    **dict.fromkeys(("withdraw", "fiat withdraw", "fiat withdrawal"), Operation("out", rank=9)),
    # Trades: the word says which of its two coins a leg is, but for the oldest words.
    **dict.fromkeys(("transaction buy", "transaction spend"), Operation("leg", "buy")),
    **dict.fromkeys(("transaction sold", "transaction revenue"), Operation("leg", "sell")),
    "buy": Operation("leg", "old buy"),
    "sell": Operation("leg", "old sell"),
    "transaction related": Operation("leg", "old"),
    **dict.fromkeys(("transaction fee", "fee"), Operation("fee")),
    **dict.fromkeys(("bnb fee deduction", "strategy trading fee rebate"), Operation("bnb", rank=6)),
    # Margin
    **dict.fromkeys(("margin loan", "isolated margin loan"), Operation("loan", rank=2)),
    **dict.fromkeys(("margin repayment", "isolated margin repayment"), Operation("repay", rank=7)),
    **dict.fromkeys(
        (
            "cross margin liquidation - repayment",
            "isolated margin liquidation - forced repayment",
        ),
        Operation("repay", "forced", 7),
    ),
    "isolated margin liquidation - fee": Operation("penalty", rank=6),
    "cross margin liquidation - small assets takeover": Operation("takeover", "takeover", 8),
    "margin fee": Operation("interest", rank=4),
    # One thing for another
    **_each(
        "exchange",
        5,
        *("binance convert", "small assets exchange bnb", "large otc trading"),
        *("the easiest way to trade", "stablecoins auto-conversion", "asset conversion transfer"),
        *("eth 2.0 staking", "eth 2.0 staking withdrawals", "futures convert"),
        *("buy crypto", "buy crypto with card", "buy crypto with fiat", "sell crypto to fiat"),
        "convert fiat to crypto ocbs",
    ),
    "futures convert - from": Operation("exchange", "futures convert"),
    "futures convert - to": Operation("exchange", "futures convert"),
    # Between own wallets
    **dict.fromkeys(
        ("transfer_in", "transfer_out", "inter-wallet transfer"), Operation("move", "transfer", 3)
    ),
    **dict.fromkeys(
        (
            *("simple earn flexible subscription", "simple earn flexible redemption"),
            *("simple earn locked subscription", "simple earn locked redemption"),
            *("savings purchase", "savings principal redemption"),
            *("pos savings purchase", "pos savings redemption"),
            *("staking purchase", "staking redemption"),
            *("launchpool subscription", "launchpool redemption"),
            "launchpool subscription/redemption",
        ),
        Operation("earn", "earn", 3),
    ),
    # Income
    **_income(
        "rebate",
        *("commission rebate", "commission fee shared with you", "referral kickback"),
        "referee rebates",
    ),
    **_income("bonus", "commission history", "referrer rebates", "referral commission"),
    **_income(
        "airdrop",
        *("airdrop assets", "cash voucher distribution", "distribution"),
        *("hodler airdrops distribution", "launchpool airdrop"),
        "launchpool airdrop - user claim distribution",
        "launchpool airdrop - system distribution",
    ),
    **_income(
        "reward",
        *("campaign related reward", "mission reward distribution", "cashback voucher"),
        *("liquid swap rewards", "swap farming rewards", "binance card cashback"),
    ),
    **_income(
        "interest", "savings interest", "simple earn flexible interest", "savings distribution"
    ),
    **_income(
        "staking",
        *("staking rewards", "eth 2.0 staking rewards", "simple earn locked rewards"),
        *("pos savings interest", "launchpool interest", "launchpool earnings withdrawal"),
        "bnb vault rewards",
    ),
    "asset - transfer": Operation("asset transfer", rank=1),
    # With others
    "crypto box": Operation("gift", rank=1),
    "p2p trading": Operation("p2p", rank=1),
    "binance card spending": Operation("card", rank=9),
    # Derivatives
    **dict.fromkeys(("realized profit and loss", "realize profit and loss"), Operation("result")),
    **_each("result", 5, "insurance fund compensation", "insurance fund refund"),
    "funding fee": Operation("funding"),
}

FUTURES_FEE = Operation("contract fee")


class Reading(NamedTuple):
    """What an account and an operation are: the wallet, the operation, and what rows share.

    `identity` is what all generations call such a row, `together` the beginning of the bundle of
    rows that are read as a whole ("": it stands alone).
    """

    place: str
    operation: Operation
    identity: str
    together: str


@lru_cache(maxsize=4096)
def reading_of(account: str, said: str) -> Reading:
    """What a row with these words is. Raises `Misread` for an account that is not known."""
    place = wallet_of(account)
    operation = _operation_of(said, place)
    match operation.kind:
        case "leg" | "fee":
            together = f"trade {place}"
        case "exchange" | "takeover":
            together = f"{operation.word} {place}"
        case "bnb":
            together = "bnb"
        case _:
            together = ""
    return Reading(place, operation, identity_of(operation), together)


def identity_of(operation: Operation) -> str:
    """What every generation calls a row of this operation; the legs of trades were renamed."""
    if operation.kind == "leg" or not operation.word:
        return operation.kind
    return f"{operation.kind} {operation.word}"


def wallet_of(account: str) -> str:
    """The wallet that a statement's account is. Raises `Misread`."""
    name = normalize("NFKC", account).casefold()
    wallet = _WALLETS.get("".join(filter(str.isalnum, name)))
    if wallet is None:
        hint = "Enter its rows by hand as native lines, or ask for this account to be read"
        raise Misread("Account", account, "is an account of Binance not known here", hint)
    return wallet


def _operation_of(said: str, wallet: str) -> Operation:
    """What an operation is in this wallet: kind `unknown` where that is not known here."""
    word = " ".join(said.casefold().split())
    known = _OPERATIONS.get(word)
    if known is None and word.startswith("transfer between "):
        return Operation("move", "transfer", 3)
    if known is None:
        return Operation("unknown", word)
    if known.kind == "fee" and wallet in FUTURES:
        return FUTURES_FEE
    return known
