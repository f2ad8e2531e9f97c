"""How much like money an asset is, and what rounding may hide in an amount of it.

What is bought for what is a matter of convention where a file names no pair: of two assets, the one
that is more like money is the quote.
"""

from decimal import Decimal
from functools import lru_cache

from adapters.importers.table import Misread
from domain.money import CASH

STABLE = {
    "USD": frozenset(
        {"USDT", "USDC", "PYUSD", "DAI", "USDG", "USDQ", "USDR", "RLUSD", "TUSD", "USDD"}
    ),
    "EUR": frozenset({"EURC", "EURT", "EURQ", "EURR", "EUROP"}),
    "GBP": frozenset({"TGBP"}),
}
"""Coins that stand for one unit of a money."""

_IS_STABLE = frozenset().union(*STABLE.values())


def asset_of(text: str, column: str) -> str:
    """The asset that a cell names, as it stands. Raises `Misread` where it names none."""
    if not text or text != text.strip():
        raise Misread(column, text, "names no asset")
    return text


@lru_cache(maxsize=4096)
def by_hand(text: str) -> str:
    """The asset that people mean: money and the best known coins in small letters are no others.

    Of all else capitals may mean something (stETH, cUSDC): it stays as it stands.
    """
    name = text.strip()
    return name.upper() if money_rank(name.upper()) < _UNKNOWN else name


def money_rank(name: str) -> int:
    """How much like money an asset is: the lower, the rather it is what others are priced in."""
    if name in CASH or name == "KRW":
        return 0 if name == "USD" else 1
    if name in _IS_STABLE:
        return 2
    return {"BTC": 3, "ETH": 4}.get(name, _UNKNOWN)


_UNKNOWN = 5


def dust(name: str) -> Decimal:
    """What rounding may hide in an amount: two units of the last digit that the files print."""
    return _DUST.get(name, _COIN_DUST)


_COIN_DUST = Decimal("0.00000002")
_DUST = {
    **dict.fromkeys(_IS_STABLE, Decimal("0.00002")),
    **dict.fromkeys(CASH, Decimal("0.0002")),
    **dict.fromkeys(("JPY", "KRW"), Decimal("0.02")),
}
