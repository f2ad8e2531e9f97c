"""BittyTax: transaction records, as its conversion tool writes them.

A fee is taken beside the amounts. Times without a zone are UTC. Values are in the currency that the
column names; those in USD are the worth of income.
Source: BittyTax, transaction records (types and their mandatory fields) and its reader of them.
"""

from adapters.importers.generic.kinds import Labels
from adapters.importers.generic.tool_times import iso_or_utc
from adapters.importers.generic.transaction import Told, Tool
from adapters.importers.generic.written_numbers import DOLLARS
from adapters.importers.layout import Cells

LABELS = Labels(
    received={
        "Deposit": "deposited",
        "Gift-Received": "deposited",
        "Unstake": "transferred from staked",
        **dict.fromkeys(("Mining", "Income", "Dividend"), "income_received reward"),
        **dict.fromkeys(("Staking-Reward", "Staking"), "income_received staking"),
        "Interest": "income_received interest",
        "Fork": "income_received fork",
        "Airdrop": "income_received airdrop",
        **dict.fromkeys(("Referral", "Cashback"), "income_received bonus"),
        **dict.fromkeys(("Fee-Rebate", "Margin-Fee-Rebate"), "income_received rebate"),
        "Loan": "borrowed",
        "Margin-Gain": "contract_settled",
    },
    sent={
        "Withdrawal": "withdrawn",
        "Spend": "withdrawn spent",
        **dict.fromkeys(("Gift-Sent", "Gift-Spouse"), "withdrawn gift"),
        "Charity-Sent": "withdrawn donation",
        "Lost": "withdrawn lost",
        "Stake": "transferred to staked",
        "Loan-Repayment": "repaid",
        **dict.fromkeys(("Loan-Interest", "Margin-Fee"), "interest_charged"),
        "Margin-Loss": "contract_settled",
    },
    both={"Trade": "filled"},
)

_NEEDED = (
    *("Type", "Buy Quantity", "Buy Asset", "Sell Quantity", "Sell Asset", "Fee Quantity"),
    *("Fee Asset", "Wallet", "Timestamp"),
)


def _told(cells: Cells) -> Told:
    type_, bought, buy_asset, sold, sell_asset, fee, fee_asset, wallet, time, worth = cells
    amounts = (bought, buy_asset, sold, sell_asset, fee, fee_asset)
    return Told(time, type_, *amounts, wallet, wallet, worth, "USD")


BITTYTAX = Tool(
    name="bittytax",
    told=_told,
    columns=Told(
        *("Timestamp", "Type", "Buy Quantity", "Buy Asset", "Sell Quantity", "Sell Asset"),
        *("Fee Quantity", "Fee Asset", "Wallet", "Wallet", "Buy Value in USD"),
    ),
    labels=LABELS,
    at=iso_or_utc,
    number=DOLLARS,
).layout(
    "bittytax-records",
    "BittyTax: transaction records (CSV)",
    _NEEDED,
    ("Buy Value in USD",),
)
