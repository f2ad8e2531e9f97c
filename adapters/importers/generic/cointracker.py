"""CoinTracker: its template for files of one's own.

A fee is taken beside the amounts. Times are read as UTC. No wallet is told: a file is one wallet.
Source: CoinTracker's help pages "Convert your transaction history to CoinTracker CSV", "Transaction
category definitions" (tags) and those on fees; the spelling of the tags for loans is not verified.
"""

from adapters.importers.generic.kinds import NO_PRICE, NO_SALE, Labels
from adapters.importers.generic.tool_times import american
from adapters.importers.generic.transaction import Told, Tool

LABELS = Labels(
    received={
        "airdrop": "income_received airdrop",
        **dict.fromkeys(("fork", "forked", "hard fork"), "income_received fork"),
        **dict.fromkeys(("staking", "staked", "staking reward"), "income_received staking"),
        **dict.fromkeys(
            ("mining", "mined", "mining reward", "payment", "income", "other income", "reward"),
            "income_received reward",
        ),
        **dict.fromkeys(("interest", "interest income"), "income_received interest"),
        "rebate": "income_received bonus",
        "margin rebate": "income_received rebate",
        "gift": "deposited",
        "borrow": "borrowed",
        "loan": "borrowed",
        "margin gain": "contract_settled",
        "unstake": "transferred from staked",
    },
    sent={
        "gift": "withdrawn gift",
        "donation": "withdrawn donation",
        **dict.fromkeys(("lost", "stolen", "lost / stolen"), "withdrawn lost"),
        "payment": "withdrawn spent",
        **dict.fromkeys(("loan repayment", "repay", "repayment"), "repaid"),
        **dict.fromkeys(("margin fee", "interest expense", "interest"), "interest_charged"),
        "margin loss": "contract_settled",
        "fee": "fee_charged",
        "stake": "transferred to staked",
        "liquidation": NO_PRICE,
    },
    both={
        "margin": "filled",
        "stake": "filled",
        "unstake": "filled",
        "liquidation": "liquidated",
        "wrap": NO_SALE,
        "unwrap": NO_SALE,
    },
)

_COLUMNS = (
    *("Date", "Received Quantity", "Received Currency", "Sent Quantity", "Sent Currency"),
    *("Fee Amount", "Fee Currency", "Tag"),
)

COINTRACKER = Tool(
    name="cointracker",
    told=lambda cells: Told(cells[0], cells[7], *cells[1:7]),
    columns=Told(_COLUMNS[0], _COLUMNS[7], *_COLUMNS[1:7]),
    labels=LABELS,
    at=american,
).layout("cointracker-transactions", "CoinTracker: template for custom files (CSV)", _COLUMNS)
