"""CoinTracker: its template for files of one's own.

A fee is taken beside the amounts. Times are read as UTC. No wallet is told: a file is one wallet.
Source: CoinTracker's help pages "Convert your transaction history to CoinTracker CSV", "Transaction
category definitions" (tags) and those on fees; the spelling of the tags for loans is not verified.
"""

from collections.abc import Iterator

from attrs import frozen

from adapters.importers.generic.kinds import NO_PRICE, NO_SALE, Labels
from adapters.importers.generic.tool_times import american
from adapters.importers.generic.transaction import Told, Tool
from adapters.importers.layout import Layout
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.table import SPREADSHEET, Row

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


@frozen(kw_only=True, slots=False)
class MonthFirst(Layout):
    """The template. A date with the day first, as some spreadsheets save it, shows it for all."""

    def rows(self, file: SourceFile) -> Iterator[Row | Fault]:
        shown = next((row for row in super().rows(file) if _day_first(row)), None)
        for row in super().rows(file):
            if shown is None or isinstance(row, Fault):
                yield row
            else:
                yield _turned(file, row, shown)


def _day_first(row: Row | Fault) -> bool:
    if isinstance(row, Fault):
        return False
    day, _, rest = row.cells[0].partition("/")
    month = rest.partition("/")[0]
    return day.isdecimal() and month.isdecimal() and int(day) > 12 >= int(month)


def _turned(file: SourceFile, row: Row, shown: Row | Fault) -> Fault:
    where = f"{file.name}:{shown.line}"
    said = "" if isinstance(shown, Fault) else shown.cells[0]
    return Fault(
        file=file,
        line=row.line,
        column=_COLUMNS[0],
        value=row.cells[0],
        problem=f"has the day first, as {where} shows ({said}): CoinTracker has the month first",
        hint=f"It should look like 03/25/2025 10:00:05; {SPREADSHEET}",
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
).layout(
    "cointracker-transactions",
    "CoinTracker: template for custom files (CSV)",
    _COLUMNS,
    kind=MonthFirst,
)
