"""OKX's words for what happened: the types of its interface, and what its tables call them.

A bill of the interface has a type, and a subtype within it; a table has the subtype's name as its
action. Both lead to one kind here, so that a page and a table tell the same.
Source: OKX API v5, "Bills details": the lists of `type` and `subType` as published.
"""

TYPES = {
    "1": "transfer",
    "2": "trade",
    "3": "delivery",
    "4": "forced repayment",
    "5": "liquidation",
    "6": "margin",
    "7": "interest",
    "8": "funding",
    "9": "ADL",
    "10": "clawback",
    "11": "conversion",
    "12": "strategy",
    "13": "trade",  # delta dynamic hedging
    "14": "trade",  # block trade
    "16": "loan",
    "22": "repayment",
    "24": "trade",  # spread trading
    "27": "conversion",
    "28": "conversion",  # easy convert
    "34": "delivery",  # settlement
}
"""What a bill's `type` means."""

_BY_SUBTYPE = {
    "trade": (
        *(1, 2, 3, 4, 5, 6, 131, 132, 204, 205, 206, 207, 208, 209),
        *(270, 271, 272, 273, 274, 275, 320, 321, 324, 325, 326, 327, 328, 329),
    ),
    "interest": (9, 14, 293, 294),
    "transfer": (11, 12),
    "repayment": (16, 211, 213, 308, 309),
    "loan": (210, 212, 306, 307),
    "liquidation": (100, 101, 102, 103, 104, 105, 106, 107),
    "clawback": (108, 117),
    "delivery": (112, 113, 170, 171, 172, 355),
    "forced repayment": (114, 115),
    "conversion": (118, 119, 236, 237, 318, 319),
    "ADL": (125, 126, 127, 128),
    "margin": (160, 161, 162),
    "funding": (173, 174),
    "strategy": (200, 201, 202, 203),
    "penalty": (295,),
    "airdrop": (372, 373),
    "lending": (381,),
}
SUBTYPES = {str(number): kind for kind, numbers in _BY_SUBTYPE.items() for number in numbers}
"""What a bill's `subType` means where its type does not say it."""

ACTIONS = {
    **dict.fromkeys(
        (
            *("buy", "sell", "open long", "open short", "close long", "close short"),
            *("ddh buy", "ddh sell", "block trade buy", "block trade sell"),
            *("block trade open long", "block trade open short"),
            *("block trade close long", "block trade close short"),
            *("simple buy", "simple sell", "spread trading buy", "spread trading sell"),
        ),
        "trade",
    ),
    **dict.fromkeys(("transfer in", "transfer out"), "transfer"),
    **dict.fromkeys(
        (
            *("interest deduction", "interest deduction for market loans"),
            *("interest deduction for vip loans", "fixed loan interest deduction"),
            "fixed loan interest refund",
        ),
        "interest",
    ),
    **dict.fromkeys(
        ("funding fee", "funding fee expense", "funding fee income", "funding"), "funding"
    ),
    **dict.fromkeys(
        (
            *("partial liquidation close long", "partial liquidation close short"),
            *("partial liquidation buy", "partial liquidation sell"),
            *("liquidation long", "liquidation short", "liquidation buy", "liquidation sell"),
        ),
        "liquidation",
    ),
    **dict.fromkeys(
        (
            *("forced repayment buy", "forced repayment sell", "auto buy", "auto sell"),
            *("auto token conversion", "auto-conversion"),
        ),
        "forced repayment",
    ),
    **dict.fromkeys(("adl close long", "adl close short", "adl buy", "adl sell"), "ADL"),
    **dict.fromkeys(("clawback", "delivery/exercise clawback"), "clawback"),
    **dict.fromkeys(
        ("delivery long", "delivery short", "exercised", "counterparty exercised", "expired"),
        "delivery",
    ),
    **dict.fromkeys(("expired otm", "settlement pnl"), "delivery"),
    **dict.fromkeys(
        (
            *("system token conversion transfer in", "system token conversion transfer out"),
            *("easy convert in", "easy convert out", "convert in", "convert out"),
        ),
        "conversion",
    ),
    **dict.fromkeys(
        ("manual margin increase", "manual margin decrease", "auto margin increase"), "margin"
    ),
    **dict.fromkeys(("manual borrow", "auto borrow", "manual borrowing of quick margin"), "loan"),
    "auto borrow of quick margin": "loan",
    **dict.fromkeys(
        (
            *("manual repay", "auto repay", "repay forcibly", "auto repay of quick margin"),
            "manual repayment of quick margin",
        ),
        "repayment",
    ),
    **dict.fromkeys(
        (
            *("system transfer in", "manually transfer in"),
            *("system transfer out", "manually transfer out"),
        ),
        "strategy",
    ),
    "fixed loan overdue penalty": "penalty",
    "auto lend interest transfer in": "lending",
}
"""What a table's action means, in small letters."""

CONTRACTS = frozenset(
    {"swap", "futures", "option", "options", "perpetual", "perpetual swap", "expiry futures"}
)
"""What is traded where it is no pair of assets, in small letters."""

FUNDING = {
    "deposit": "deposit",
    "received": "deposit",
    "withdrawal": "withdrawal",
    "fee rebate": "rebate",
    "staking yield": "staking",
    "from unified trading account": "transfer",
    "to unified trading account": "transfer",
    "from trading account": "transfer",
    "to trading account": "transfer",
    "stake": "earn",
    "redeem staking": "earn",
    "savings subscription": "earn",
    "savings redemption": "earn",
}
"""What the funding account's types mean, in small letters."""
