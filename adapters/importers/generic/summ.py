"""Crypto Tax Calculator, now Summ: its advanced template.

The type says which way the base goes; with a quote it is a trade. A fee is taken beside the
amounts. A move between own wallets is two rows, one at each wallet: a deposit and a withdrawal.
Source: its help page "Advanced Manual CSV Import" (columns, times in UTC, types) and public
programs that write the template.
"""

from adapters.importers.generic.kinds import NO_PRICE, NO_SALE, POOLED, Labels
from adapters.importers.generic.tool_times import iso_or_utc
from adapters.importers.generic.transaction import Told, Tool
from adapters.importers.layout import Cells

_IN = {
    **dict.fromkeys(("fiat-deposit", "receive", "transfer-in", "bridge-in"), "deposited"),
    **dict.fromkeys(("gift", "incoming-gift"), "deposited"),
    **dict.fromkeys(("income", "mining", "royalty", "royalties"), "income_received reward"),
    "interest": "income_received interest",
    "airdrop": "income_received airdrop",
    "staking": "income_received staking",
    "chain-split": "income_received fork",
    "rebate": "income_received rebate",
    "cashback": "income_received bonus",
    "borrow": "borrowed",
    "loan": "borrowed",
    "realized-profit": "contract_settled",
    "staking-withdrawal": "transferred from staked",
    "collateral-withdrawal": "transferred from collateral",
    **dict.fromkeys(
        ("mint", "receive-lp-token", "remove-liquidity", "close-position", "receive-pq"), POOLED
    ),
    **dict.fromkeys(("swap-in", "bridge-trade-in"), NO_SALE),
    "failed-in": "ignored failed",
    "spam": "ignored marked as spam in the file",
}
_OUT = {
    **dict.fromkeys(("fiat-withdrawal", "send", "transfer-out", "bridge-out"), "withdrawn"),
    "outgoing-gift": "withdrawn gift",
    **dict.fromkeys(("expense", "personal-use"), "withdrawn spent"),
    **dict.fromkeys(("stolen", "lost", "burn"), "withdrawn lost"),
    **dict.fromkeys(("fee", "approval"), "fee_charged"),
    "loan-repayment": "repaid",
    **dict.fromkeys(("margin-fee", "loan-fee"), "interest_charged"),
    "realized-loss": "contract_settled",
    "staking-deposit": "transferred to staked",
    "collateral-deposit": "transferred to collateral",
    "liquidate": NO_PRICE,
    **dict.fromkeys(("add-liquidity", "return-lp-token", "open-position", "send-pq"), POOLED),
    **dict.fromkeys(("swap-out", "bridge-trade-out"), NO_SALE),
    "failed-out": "ignored failed",
}
LABELS = Labels(
    received=_IN,
    sent=_OUT,
    both={"buy": "filled", "sell": "filled", "liquidate": "liquidated"},
)


def _told(cells: Cells) -> Told:
    """The base comes in or goes out by its type; the quote goes the other way."""
    time, type_, base_asset, base, quote_asset, quote, fee_asset, fee = cells[:8]
    source, target, id_ = cells[8:]
    word = type_.casefold().replace("_", "-").replace(" ", "-")
    incoming = word == "buy" or (word not in _OUT and word != "sell")
    if quote or word in ("buy", "sell"):
        wallets = (source or target, target or source)
    else:
        wallets = ("", target) if incoming else (source, "")
    one, other = (base, base_asset), (quote, quote_asset)
    received, sent = (one, other) if incoming else (other, one)
    return Told(time, type_, *received, *sent, fee, fee_asset, *wallets, "", "", "", id_)


_NEEDED = (
    *("Timestamp (UTC)", "Type", "Base Currency", "Base Amount", "Quote Currency"),
    *("Quote Amount", "Fee Currency", "Fee Amount"),
)
_OPTIONAL = ("From", "To", "ID")

SUMM = Tool(
    name="summ",
    told=_told,
    columns=Told(
        *("Timestamp (UTC)", "Type", "Base Amount", "Base Currency", "Quote Amount"),
        *("Quote Currency", "Fee Amount", "Fee Currency", "From", "To", "", "", "", "ID"),
    ),
    labels=LABELS,
    at=iso_or_utc,
).layout(
    "summ-advanced",
    "Crypto Tax Calculator, now Summ: advanced template (CSV)",
    _NEEDED,
    _OPTIONAL,
    aliases={f"{name} (Optional)": name for name in (*_NEEDED, *_OPTIONAL)},
)
