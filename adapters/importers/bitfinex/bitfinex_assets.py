"""What Bitfinex calls assets and pairs.

Three letters had to do for years: Tether's dollar is UST, IOTA is IOT. Derivatives add F0.
Source: Bitfinex's public configuration, pub:map:currency:sym.
"""

from functools import lru_cache

from adapters.importers.table import Misread

_NAMES = {
    "ABS": "ABYSS",
    "AIO": "AION",
    "ALG": "ALGO",
    "AMP": "AMPL",
    "ATO": "ATOM",
    "BAB": "BCH",
    "BCHN": "BCH",
    "CTX": "CTXC",
    "DAT": "DATA",
    "DOG": "MDOGE",
    "DRN": "DRGN",
    "DSH": "DASH",
    "EDO": "PNT",
    "EUS": "EURS",
    "EUT": "EURT",
    "GSD": "GUSD",
    "IOS": "IOST",
    "IOT": "IOTA",
    "LBT": "LBTC",
    "LES": "LEO",
    "LET": "LEO",
    "MIT": "MITH",
    "MNA": "MANA",
    "NCA": "NCASH",
    "OMN": "OMNI",
    "PAS": "PASS",
    "POY": "POLY",
    "QSH": "QASH",
    "QTM": "QTUM",
    "RBT": "RBTC",
    "SNG": "SNGLS",
    "STJ": "STORJ",
    "TSD": "TUSD",
    "UDC": "USDC",
    "USDT0": "USDT",
    "USK": "USDK",
    "UST": "USDT",  # Tether's dollar, never Terra's
    "UTN": "UTNP",
    "VSY": "VSYS",
    "WBT": "WBTC",
    "XCH": "XCHF",
    "YYW": "YOYOW",
}
"""Bitfinex's codes whose common name is another."""

_DERIVATIVE = "F0"


@lru_cache(maxsize=4096)
def asset(code: str) -> str:
    """The common name of a code: UST is USDT, and so is USTF0, the money of derivatives."""
    bare = code.upper().removesuffix(_DERIVATIVE)
    return _NAMES.get(bare, bare)


def is_derivative(base: str) -> bool:
    """Whether a pair of this base, as the file spells it, is a contract."""
    return base.upper().endswith(_DERIVATIVE)


@lru_cache(maxsize=4096)
def codes_of(pair: str) -> tuple[str, str]:
    """Base and quote, as they are spelled: of `BTC/USD`, `XAUT:USD`, `BTCUSD`. Raises `Misread`."""
    for between in "/:":
        base, found, quote = pair.partition(between)
        if found and base and quote and between not in quote:
            return base, quote
    bare = pair.removeprefix("t")
    if len(bare) == 6 and bare.isalnum():
        return bare[:3], bare[3:]
    raise Misread(
        "PAIR", pair, "cannot be split into base and quote", "It should look like BTC/USD"
    )
