"""What the stories about the log are told with."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from adapters.clock import Clock, Reading
from adapters.importers.reading import Draft
from adapters.log import Log, Settings
from domain.events import Deposited, Filled, PolicySet
from domain.fields import from_fields
from domain.recorded import Recorded, Source

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
USUAL = Settings(zone="America/New_York", currency="USD")


def deposit(
    id_: str,
    *,
    account: str = "kraken/main",
    at: datetime | str = NEW_YEAR,
    quantity: str = "1",
    sequence: int = 0,
    line: int | None = None,
) -> Draft:
    """A coin comes in, read from a line of a file or said by no row."""
    fields = {"at": at, "id": id_, "sequence": sequence, "asset": "BTC", "quantity": quantity}
    source = None if line is None else Source(file="deposits.csv", line=line, sha256="ab" * 32)
    return Draft(account, from_fields(Deposited, fields), source)


def deposits(count: int, account: str = "kraken/main", first: int = 1) -> list[Draft]:
    """As many coins come in, a minute apart: D1, D2 and so on, each from a line of a file."""
    return [
        deposit(f"D{n}", account=account, at=NEW_YEAR + timedelta(minutes=n), line=n)
        for n in range(first, first + count)
    ]


def fill(id_: str, at: datetime = NEW_YEAR) -> Draft:
    half, price = Decimal("0.5"), Decimal(40_000)
    fill = Filled(at=at, id=id_, side="buy", asset="BTC", quantity=half, quote="USD", price=price)
    return Draft("kraken/main", fill, None)


def policy(id_: str, value: str = "exchange") -> Draft:
    """The book decides something."""
    return Draft("book", PolicySet(at=NEW_YEAR, id=id_, name="loan", value=value), None)


def noon(day: int, *, stated: bool = False) -> Clock:
    """A clock that stands at noon of a day of January 2025."""
    return lambda: Reading(datetime(2025, 1, day, 12, tzinfo=UTC), stated)


def book_of(path: Path, drafts: list[Draft]) -> Path:
    """A book on the disk, in one file, that holds these."""
    with Log.open(path, create=USUAL, look=noon(1)) as log:
        log.append(drafts)
    return path


def ids(entries: Iterable[Recorded]) -> list[str]:
    return [entry.event.id for entry in entries]


def tampered(book: Path, *statements: str) -> None:
    """Edit a book by hand, as someone would who knows SQLite and drops what is in the way."""
    connection = sqlite3.connect(book, isolation_level=None)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    kept = triggers.fetchall()
    connection.execute("PRAGMA ignore_check_constraints = ON")
    for name, _ in kept:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.executescript(statement)
    for _, sql in kept:
        connection.execute(sql)
    connection.close()
