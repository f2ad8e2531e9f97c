"""CoinTracking: its list of trades, and its template for imports.

The one trick: CoinTracking counts fees in. What was sold holds a fee in that asset, what was bought
is without one; so both are brought back to what was traded. A fee in a third asset is for reading
only: the balance pays it by a row of its own (Other Fee). Times are those of the account's zone,
which no file tells.
Source: CoinTracking's help pages on entering fees, transaction types, loans and their repayments;
headers as public programs read and write them.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.importers.generic.kinds import NO_PRICE, NO_SALE, NOT_TAXED, POOLED, Labels
from adapters.importers.generic.tool_times import european
from adapters.importers.generic.transaction import Part, Parts, Told, Tool
from adapters.importers.layout import Cells, Layout
from adapters.importers.local_times import in_zone
from adapters.importers.table import Misread, plain
from domain.money import difference, total

_CONTRACT = "unclear trades a contract: only its profit or loss is read"

LABELS = Labels(
    received={
        "Deposit": "deposited",
        **dict.fromkeys(("Gift/Tip", "Gift", "Gift/Tip(In)"), "deposited"),
        **dict.fromkeys(
            ("Income", "Other Income", "Mining", "Mining (commercial)", "Dividends Income"),
            "income_received reward",
        ),
        "Reward / Bonus": "income_received bonus",
        **dict.fromkeys(("Staking", "Masternode"), "income_received staking"),
        **dict.fromkeys(("Lending Income", "Interest Income"), "income_received interest"),
        "Airdrop": "income_received airdrop",
        "Receive Loan": "borrowed",
        "Receive Collateral": "transferred from collateral",
        "Margin Profit": "contract_settled margin",
        "Derivatives / Futures Profit": "contract_settled derivatives",
        **dict.fromkeys(
            ("Income (non taxable)", "Other Income (non taxable)", "Airdrop (non taxable)"),
            NOT_TAXED,
        ),
        **dict.fromkeys(("Minting", "Receive LP Token", "Remove Liquidity"), POOLED),
    },
    sent={
        "Withdrawal": "withdrawn",
        "Spend": "withdrawn spent",
        "Other Expense": "withdrawn spent",
        "Donation": "withdrawn donation",
        **dict.fromkeys(("Gift", "Gift(Out)"), "withdrawn gift"),
        **dict.fromkeys(
            ("Lost", "Stolen", "Stolen / Hacked / Fraud", "Stolen/Hacked"), "withdrawn lost"
        ),
        "Repay Loan": "repaid",
        "Send Collateral": "transferred to collateral",
        **dict.fromkeys(("Margin Fee", "Borrowing Fee"), "interest_charged"),
        **dict.fromkeys(("Other Fee", "Settlement Fee"), "fee_charged"),
        "Margin Loss": "contract_settled margin",
        "Derivatives / Futures Loss": "contract_settled derivatives",
        "Expense (non taxable)": NOT_TAXED,
        "Liquidation": NO_PRICE,
        **dict.fromkeys(("Provide Liquidity", "Return LP Token"), POOLED),
    },
    both={
        "Trade": "filled",
        "Margin Trade": "filled",
        "Liquidation": "liquidated",
        "Derivatives / Futures Trade": _CONTRACT,
        "Swap (non taxable)": NO_SALE,
    },
)


def _counted_out(received: Part | None, sent: Part | None, fee: Part | None) -> Parts:
    """Amounts without the fee that is counted in them."""
    if fee is None or (received is None and sent is None):
        return received, sent, fee
    if sent is not None and fee.asset == sent.asset:
        if fee.quantity >= sent.quantity:
            return received, None, sent if fee == sent else fee
        return received, Part(plain(difference(sent.quantity, fee.quantity)), sent.asset), fee
    if received is not None and fee.asset == received.asset:
        return Part(plain(total(received.quantity, fee.quantity)), received.asset), sent, fee
    return received, sent, None


def _cell(text: str) -> str:
    return "" if text == "-" else text


def _fee(text: str) -> str:
    """What a fee says: nothing, where it is zero."""
    told = _cell(text)
    return "" if not told.strip("0.") else told


def _told(cells: Cells) -> Told:
    type_, bought, buy_asset, sold, sell_asset, fee, fee_asset, exchange, time, id_ = map(
        _cell, cells
    )
    amounts = (bought, buy_asset, sold, sell_asset, _fee(fee), fee_asset)
    return Told(time, type_, *amounts, exchange, exchange, "", "", id_)


def _full(cells: Cells) -> Told:
    type_, bought, buy_asset, sold, sell_asset, exchange, time, _ = map(_cell, cells)
    return Told(time, type_, bought, buy_asset, sold, sell_asset, "", "", exchange, exchange)


def cointracking(zone: ZoneInfo | None) -> tuple[Layout, ...]:
    """The layouts of CoinTracking, for an account in this zone (None: it was not said)."""

    def at(text: str, column: str) -> datetime:
        told = european(text, column)
        if zone is None:
            problem = "is a time of the account's zone, which this file does not tell"
            hint = "Say it: --zone Europe/Berlin (or --zone UTC, if that is the account's)"
            raise Misread(column, text, problem, hint)
        return in_zone(told, zone, text, column)

    trades = Tool(
        name="cointracking",
        told=_told,
        columns=Told(
            *("Date", "Type", "Buy", "Cur.", "Sell", "Cur./2", "Fee", "Cur./3", "Exchange"),
            *("Exchange", "", "", "Tx-ID"),
        ),
        labels=LABELS,
        at=at,
        amounts=_counted_out,
    )
    full = Tool(
        name="cointracking",
        told=_full,
        columns=trades.columns,
        labels=LABELS,
        at=at,
    )
    return (
        trades.layout(
            "cointracking-trades",
            "CoinTracking: list of trades, and template for imports (CSV)",
            ("Type", "Buy", "Cur.", "Sell", "Cur./2", "Fee", "Cur./3", "Exchange", "Date"),
            ("Tx-ID",),
            aliases={
                "Buy Amount": "Buy",
                "Buy Currency": "Cur.",
                "Sell Amount": "Sell",
                "Sell Currency": "Cur./2",
                "Fee Currency": "Cur./3",
                "Trade Date": "Date",
                "Tx-ID (optional)": "Tx-ID",
            },
        ),
        full.layout(
            "cointracking-full",
            "CoinTracking: list of trades, full view without fees (CSV)",
            ("Type", "Buy", "Cur.", "Sell", "Cur./2", "Exchange", "Date", "Spread"),
        ),
    )
