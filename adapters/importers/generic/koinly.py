"""Koinly: its universal template, and the export of its own transactions.

In both, a fee is taken beside the amounts. The export tells wallets; a title may
stand above it.
Source: Koinly's help pages on custom files ("universal template", times in UTC) and on tags; the
export's header as public programs read it.
"""

from adapters.importers.generic.kinds import NO_PRICE, NO_SALE, POOLED, Labels
from adapters.importers.generic.tool_times import iso_or_utc
from adapters.importers.generic.transaction import Told, Tool
from adapters.importers.layout import Cells

LABELS = Labels(
    received={
        "airdrop": "income_received airdrop",
        "fork": "income_received fork",
        "mining": "income_received reward",
        "reward": "income_received reward",
        "staking": "income_received staking",
        "salary": "income_received reward",
        "income": "income_received reward",
        "other income": "income_received reward",
        "interest": "income_received interest",
        "loan interest": "income_received interest",
        "lending interest": "income_received interest",
        "cashback": "income_received bonus",
        "fee refund": "income_received rebate",
        "margin rebate": "income_received rebate",
        "gift": "deposited",
        "loan": "borrowed",
        "margin loan": "borrowed",
        "remove from pool": "transferred from pool",
        "received from pool": "transferred from pool",
        "from pool": "transferred from pool",
        **dict.fromkeys(("realized gain", "realized pnl", "realized p&l"), "contract_settled"),
        "liquidity in": POOLED,
        "liquidity out": POOLED,
        "transfer": "transferred",
        "ignored": "ignored marked as ignored in the file",
    },
    sent={
        "gift": "withdrawn gift",
        "donation": "withdrawn donation",
        "lost": "withdrawn lost",
        "stolen": "withdrawn lost",
        "cost": "withdrawn spent",
        "tax": "withdrawn spent",
        "fee": "fee_charged",
        "margin fee": "interest_charged",
        "loan fee": "interest_charged",
        "interest": "interest_charged",
        "interest payment": "interest_charged",
        "loan repayment": "repaid",
        "margin repayment": "repaid",
        "add to pool": "transferred to pool",
        "sent to pool": "transferred to pool",
        "to pool": "transferred to pool",
        **dict.fromkeys(
            ("realized gain", "realized loss", "realized pnl", "realized p&l"), "contract_settled"
        ),
        "liquidation": NO_PRICE,
        "liquidity in": POOLED,
        "liquidity out": POOLED,
        "transfer": "transferred",
        "ignored": "ignored marked as ignored in the file",
    },
    both={
        "liquidation": "liquidated",
        "swap": NO_SALE,
        "liquidity in": POOLED,
        "liquidity out": POOLED,
        "transfer": "transferred",
        "ignored": "ignored marked as ignored in the file",
    },
)

_NEEDED = (
    *("Date", "Sent Amount", "Sent Currency", "Received Amount", "Received Currency"),
    *("Fee Amount", "Fee Currency"),
)


def _universal(cells: Cells) -> Told:
    time, sent, sent_asset, received, received_asset, fee, fee_asset = cells[:7]
    worth, currency, label, _, txid = cells[7:]
    return Told(
        *(time, label, received, received_asset, sent, sent_asset, fee, fee_asset),
        *("", "", worth, currency, txid),
    )


_EXPORTED = {
    "transfer": "transfer",
    **dict.fromkeys(
        (
            *("buy", "sell", "exchange", "fiat deposit", "crypto deposit"),
            *("fiat withdrawal", "crypto withdrawal"),
        ),
        "",
    ),
}
"""The export's types: but for transfers, the sides say the same."""


def _export(cells: Cells) -> Told:
    time, sent, sent_asset, received, received_asset, fee, fee_asset = cells[:7]
    type_, label, source, target, worth, txid = cells[7:]
    known = _EXPORTED.get(type_.casefold().replace("_", " "))
    return Told(
        time,
        (known or label) if known is not None else type_,
        *(received, received_asset, sent, sent_asset, fee, fee_asset),
        *(source, target, worth, "USD", txid),
    )


_COLUMNS = Told(
    *("Date", "Label", "Received Amount", "Received Currency", "Sent Amount", "Sent Currency"),
    *("Fee Amount", "Fee Currency", "Sending Wallet", "Receiving Wallet", "Net Worth Amount"),
    *("Net Worth Currency", "TxHash"),
)

UNIVERSAL = Tool(
    name="koinly", told=_universal, columns=_COLUMNS, labels=LABELS, at=iso_or_utc
).layout(
    "koinly-universal",
    "Koinly: universal template for custom files (CSV)",
    (*_NEEDED, "Net Worth Amount", "Net Worth Currency", "Label"),
    ("Description", "TxHash"),
    aliases={"Tag": "Label"},
)
EXPORT = Tool(
    name="koinly",
    told=_export,
    columns=_COLUMNS._replace(worth="Net Value (USD)"),
    labels=LABELS,
    at=iso_or_utc,
).layout(
    "koinly-transactions",
    "Koinly: transactions (Reports, Transaction history, CSV)",
    (*_NEEDED, "Type", "Label", "Sending Wallet", "Receiving Wallet"),
    ("Net Value (USD)", "TxHash"),
    aliases={"Tag": "Label"},
)
