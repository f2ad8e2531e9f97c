"""Binance's files as tests write them: a row in a line, in any generation of the statement."""

from adapters.importers.binance.binance import Binance
from tests.adapters.importers.outcomes import Outcomes, read, shown

OLDEST = "UTC_Time,Account,Operation,Coin,Change,Remark"
MIDDLE = "User_ID,UTC_Time,Account,Operation,Coin,Change,Remark"
NEWEST = "User ID,Time,Account,Operation,Coin,Change,Remark"
TRADES = "Date(UTC),Pair,Side,Price,Executed,Amount,Fee"
FUTURES = "Date(UTC),type,Amount,Asset,Symbol,Transaction ID"

MARGIN = "Transfer Between Main Account/Futures and Margin Account"


def lines(text: str) -> list[str]:
    """The rows of a story: `DAY TIME, account, operation, coin, change[, remark]`, one a line."""
    rows = [line.strip() for line in text.strip().splitlines()]
    return [",".join(cell.strip() for cell in row.split(",")) for row in rows if row]


def statement(text: str, header: str = MIDDLE, user: str = "7") -> str:
    """The statement of these rows, as Binance wrote it under this header."""
    rows = []
    for line in lines(text):
        row = line if line.count(",") == 5 else f"{line},"
        if header == NEWEST:
            row = row[2:]  # 2024-02-01 -> 24-02-01
        rows.append(row if header == OLDEST else f"{user},{row}")
    mark = "\ufeff" if header == NEWEST else ""
    return mark + "\n".join([header, *rows, ""])


def table(header: str, text: str) -> str:
    return "\n".join([header, *lines(text), ""])


def binance(*texts: str, account: str | None = None, **files: str) -> Outcomes:
    """What the importer makes of statements told in rows, and of other files."""
    told = {f"statement-{n}.csv": statement(text) for n, text in enumerate(texts, start=1)}
    named = {f"{name}.{'json' if text[0] in '[{' else 'csv'}": text for name, text in files.items()}
    return read(Binance(), told | named, account)


def told(outcomes: Outcomes) -> list[str]:
    """The events in words: account, type, and what matters of it."""
    fields = (
        *("side", "asset", "quantity", "amount", "quote", "fee", "fee_asset", "penalty"),
        *("interest", "settled", "loan_asset", "to", "kind", "contract", "purpose"),
    )
    events = {id(event) for event in outcomes.events}
    return [
        f"{account.removeprefix('binance/')} {line}"
        for account, event in outcomes.drafts
        if id(event) in events
        for line in shown([event], *fields)
    ]
