"""One list of transactions, written as each tool writes it.

    tx("2024-02-01 10:00:00", "borrowed", received="30000 USD")
    koinly([...])                        # the file's text

CoinTracking counts fees in, so its amounts differ; its times are written in Berlin's.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapters.importers.assets import money_rank

BERLIN = ZoneInfo("Europe/Berlin")

WORDS = {
    # kind: Koinly, CoinTracker, Summ, BittyTax, CoinTracking, a mapping file's own
    "deposited": ("", "", "receive", "Deposit", "Deposit", "IN"),
    "withdrawn": ("", "", "send", "Withdrawal", "Withdrawal", "OUT"),
    "withdrawn spent": ("cost", "payment", "expense", "Spend", "Spend", "PAID"),
    "withdrawn gift": ("gift", "gift", "outgoing-gift", "Gift-Sent", "Gift", "GIVEN"),
    "filled": ("", "margin", "buy", "Trade", "Margin Trade", "TRADE"),
    "borrowed": ("margin loan", "borrow", "borrow", "Loan", "Receive Loan", "LOAN"),
    "repaid": (
        *("margin repayment", "loan repayment", "loan-repayment", "Loan-Repayment"),
        *("Repay Loan", "REPAYMENT"),
    ),
    "interest_charged": (
        *("margin fee", "margin fee", "margin-fee", "Loan-Interest", "Borrowing Fee", "INTEREST"),
    ),
    "income_received staking": ("staking", "staking", "staking", "Staking", "Staking", "STAKED"),
    "income_received airdrop": ("airdrop", "airdrop", "airdrop", "Airdrop", "Airdrop", "DROP"),
    "income_received interest": (
        *("lending interest", "interest", "interest", "Interest", "Interest Income", "EARNED"),
    ),
    "gain": (
        *("realized gain", "margin gain", "realized-profit", "Margin-Gain", "Margin Profit"),
        "RESULT",
    ),
    "loss": (
        *("realized gain", "margin loss", "realized-loss", "Margin-Loss", "Margin Loss", "RESULT"),
    ),
}


@dataclass(frozen=True)
class Tx:
    """One transaction: parts are `30000 USD` or nothing."""

    at: datetime
    kind: str
    received: str = ""
    sent: str = ""
    fee: str = ""


def tx(at: str, kind: str, received: str = "", sent: str = "", fee: str = "") -> Tx:
    return Tx(datetime.fromisoformat(at).replace(tzinfo=UTC), kind, received, sent, fee)


STORY = (
    tx("2024-02-01 09:00:00", "deposited", received="20000 USD"),
    tx("2024-02-01 10:00:00", "borrowed", received="30000 USD"),
    tx("2024-02-01 10:05:00", "filled", received="1 BTC", sent="42000 USD", fee="42 USD"),
    tx("2024-02-02 00:00:00", "interest_charged", sent="9 USD"),
    tx("2024-02-10 12:00:00", "filled", received="18000 USD", sent="0.4 BTC", fee="18 USD"),
    tx("2024-02-10 12:05:00", "repaid", sent="15000 USD"),
    tx("2024-03-01 08:00:00", "borrowed", received="5 ETH"),
    tx("2024-03-01 08:05:00", "filled", received="17000 USD", sent="5 ETH", fee="17 USD"),
    tx("2024-03-15 08:00:00", "filled", received="5 ETH", sent="15500 USD", fee="15.5 USD"),
    tx("2024-03-15 08:05:00", "repaid", sent="5 ETH"),
    tx("2024-04-10 03:00:00", "filled", received="24000 USD", sent="0.6 BTC", fee="24 USD"),
    tx("2024-04-10 03:00:01", "repaid", sent="15000 USD"),
    tx("2024-04-20 12:00:00", "withdrawn", sent="5000 USD"),
)
"""The story that every venue's fixture tells; a tool that knows no forced sale calls it a sale."""


def koinly(told: Iterable[Tx]) -> str:
    """Koinly's universal template."""
    return _table(
        "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,"
        "Fee Currency,Net Worth Amount,Net Worth Currency,Label,Description,TxHash",
        (
            [
                f"{t.at:%Y-%m-%d %H:%M:%S} UTC",
                *(*_part(t.sent), *_part(t.received), *_part(t.fee)),
                *("", "", WORDS[t.kind][0], "", ""),
            ]
            for t in told
        ),
    )


def koinly_export(told: Iterable[Tx]) -> str:
    """Koinly's own export, in which all of it happened at Koinly."""
    return "Transaction report 2024\n\n" + _table(
        "Date,Type,Tag,Sending Wallet,Sent Amount,Sent Currency,Sent Cost Basis,Receiving Wallet,"
        "Received Amount,Received Currency,Received Cost Basis,Fee Amount,Fee Currency,"
        "Gain (USD),Net Value (USD),Fee Value (USD),TxSrc,TxDest,TxHash,Description",
        (
            [
                f"{t.at:%Y-%m-%d %H:%M:%S} UTC",
                _exported(t),
                WORDS[t.kind][0],
                *("Koinly" if t.sent else "", *_part(t.sent), ""),
                *("Koinly" if t.received else "", *_part(t.received), ""),
                *(*_part(t.fee), *[""] * 7),
            ]
            for t in told
        ),
    )


def cointracker(told: Iterable[Tx]) -> str:
    return _table(
        "Date,Received Quantity,Received Currency,Sent Quantity,Sent Currency,Fee Amount,"
        "Fee Currency,Tag",
        (
            [
                f"{t.at:%m/%d/%Y %H:%M:%S}",
                *(*_part(t.received), *_part(t.sent), *_part(t.fee)),
                WORDS[t.kind][1],
            ]
            for t in told
        ),
    )


def summ(told: Iterable[Tx]) -> str:
    """The advanced template: a trade's quote is what is more like money."""
    return _table(
        "Timestamp (UTC),Type,Base Currency,Base Amount,Quote Currency (Optional),"
        "Quote Amount (Optional),Fee Currency (Optional),Fee Amount (Optional),From (Optional),"
        "To (Optional),ID (Optional),Description (Optional)",
        (
            [
                f"{t.at:%Y-%m-%d %H:%M:%S}",
                "sell" if _sells(t) else WORDS[t.kind][2],
                *_part(t.sent if _sells(t) else t.received or t.sent)[::-1],
                *_part(t.received if _sells(t) else t.sent if t.received else "")[::-1],
                *_part(t.fee)[::-1],
                *("", "", "", ""),
            ]
            for t in told
        ),
    )


def _sells(told: Tx) -> bool:
    """Whether something is sold for what is more like money."""
    if told.kind != "filled":
        return False
    got, given = _part(told.received)[1], _part(told.sent)[1]
    return money_rank(got) < money_rank(given)


def bittytax(told: Iterable[Tx]) -> str:
    return _table(
        "Type,Buy Quantity,Buy Asset,Buy Value in USD,Sell Quantity,Sell Asset,Sell Value in USD,"
        "Fee Quantity,Fee Asset,Fee Value in USD,Wallet,Timestamp,Note",
        (
            [
                WORDS[t.kind][3],
                *(*_part(t.received), "", *_part(t.sent), "", *_part(t.fee), ""),
                *("", f"{t.at:%Y-%m-%dT%H:%M:%S} UTC", ""),
            ]
            for t in told
        ),
    )


def cointracking(told: Iterable[Tx]) -> str:
    """The list of trades: a byte order mark, `-` for nothing, fees counted in."""
    return "\ufeff" + _table(
        "Type,Buy,Cur.,Sell,Cur.,Fee,Cur.,Exchange,Group,Comment,Date",
        (
            [
                WORDS[t.kind][4],
                *(cell or "-" for cell in (*_counted_in(t), *_part(t.fee))),
                *("", "", "", f"{t.at.astimezone(BERLIN):%d.%m.%Y %H:%M:%S}"),
            ]
            for t in told
        ),
    )


MAPPING = """
name = "mapped"
separator = ";"
[columns]
time = ["Day", "Hour"]
kind = "What"
received = "In"
received_asset = "In of"
sent = "Out"
sent_asset = "Out of"
fee = "Cost"
fee_asset = "Cost of"
[time]
format = "%d/%m/%Y %H:%M:%S"
zone = "Europe/Berlin"
[numbers]
decimal = ","
thousands = "."
[kinds]
"IN" = "deposited"
"OUT" = "withdrawn"
"PAID" = "withdrawn spent"
"GIVEN" = "withdrawn gift"
"TRADE" = "filled"
"LOAN" = "borrowed"
"REPAYMENT" = "repaid"
"INTEREST" = "interest_charged"
"STAKED" = "income_received staking"
"DROP" = "income_received airdrop"
"EARNED" = "income_received interest"
"RESULT" = "contract_settled"
"""


def mapped(told: Iterable[Tx]) -> str:
    """A table as a German spreadsheet writes it, for `MAPPING`."""
    return _table(
        "Day;Hour;What;In;In of;Out;Out of;Cost;Cost of",
        (
            [
                f"{t.at.astimezone(BERLIN):%d/%m/%Y}",
                f"{t.at.astimezone(BERLIN):%H:%M:%S}",
                WORDS[t.kind][5],
                *_german(t.received),
                *_german(t.sent),
                *_german(t.fee),
            ]
            for t in told
        ),
        ";",
    )


MOVEMENTS = """
name = "moved"
rows = "movements"
[columns]
time = "when"
group = "ref"
kind = "what"
asset = "coin"
amount = "change"
[time]
format = "unix"
""" + MAPPING[MAPPING.index("[kinds]") :].replace('"TRADE"', '"FEE" = "fee_charged"\n"TRADE"')


def movements(told: Iterable[Tx]) -> str:
    """A row for each balance that moves, the fee's too; those of one transaction share `ref`."""
    rows: list[tuple[Tx, int, str, str]] = []
    for number, t in enumerate(told, start=1):
        for sign, part in (("", t.received), ("-", t.sent)):
            if part:
                rows.append((t, number, WORDS[t.kind][5], f"{sign}{part}"))
        if t.fee:
            rows.append((t, number, "FEE", f"-{t.fee}"))
    return _table(
        "when,ref,what,coin,change",
        (
            [f"{int(t.at.timestamp())}", f"r{number}", word, *part.split()[::-1]]
            for t, number, word, part in rows
        ),
    )


TOOLS: dict[str, Callable[[Iterable[Tx]], str]] = {
    "koinly": koinly,
    "koinly_export": koinly_export,
    "cointracker": cointracker,
    "summ": summ,
    "bittytax": bittytax,
    "cointracking": cointracking,
}


def _table(header: str, rows: Iterable[Sequence[str]], separator: str = ",") -> str:
    return "".join(f"{line}\n" for line in (header, *(separator.join(row) for row in rows)))


def _part(part: str) -> list[str]:
    return part.split() if part else ["", ""]


def _exported(told: Tx) -> str:
    if told.received and told.sent:
        return "exchange"
    return "crypto_deposit" if told.received else "crypto_withdrawal"


def _counted_in(told: Tx) -> list[str]:
    """What was bought without the fee, what was sold with it."""
    received, sent, fee = (_part(part) for part in (told.received, told.sent, told.fee))
    if told.fee and fee[1] == sent[1]:
        sent = [f"{Decimal(sent[0]) + Decimal(fee[0]):f}", sent[1]]
    elif told.fee and fee[1] == received[1]:
        received = [f"{Decimal(received[0]) - Decimal(fee[0]):f}", received[1]]
    return [*received, *sent]


def _german(part: str) -> list[str]:
    amount, asset = _part(part)
    return [f"{Decimal(amount):,f}".translate(str.maketrans(",.", ".,")) if amount else "", asset]
