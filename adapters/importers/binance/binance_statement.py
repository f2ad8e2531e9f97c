"""Binance's transaction history, the statement of all accounts: one row per balance moved.

Rows carry no id, no order and, for isolated margin, no pair; times are whole seconds. A row is
known by what it says in every generation: wallet, kind, coin, time and change. So identical rows
are counted, and a trade's rows are told apart by second and wallet.
Source: Binance, Transaction History (CSV), in its three generations of headers.
"""

from attrs import define

from adapters.importers.binance.binance_times import ZonedLayout, instant_and_text
from adapters.importers.binance.binance_words import reading_of
from adapters.importers.layout import Accounts, Cells, Kept, Key, Moved
from adapters.importers.table import Misread, canonical, number


@define(eq=False, kw_only=True)
class Change(Moved):
    """A row of the statement. `kind` and `word` are its operation's, `said` is as the file says."""

    place: str
    """The wallet: `main`, `cross`."""
    said: str
    remark: str = ""
    user: str = ""
    forced: bool = False
    """Whether a liquidation stands beside it."""
    contract: str = ""
    """The contract, where the futures history names it."""
    history: bool = False
    """Whether it is a row of the futures history, not of the statement."""
    twin: bool = False
    """Whether the statement tells it, too, and counts."""


def moved_identity(place: str, kind: str, coin: str, when: str, change: str) -> tuple[str, ...]:
    """What makes a row of the statement this row."""
    return (place, kind, coin, when, change)


def _key(cells: Cells) -> Key | str:
    time, account, said, coin, change, _, _ = cells
    at, when = instant_and_text(time, "Time")
    place, _, identity, together = reading_of(account, said)
    bundle = f"{together} {when}" if together else ""
    return Key(at, "", bundle, moved_identity(place, identity, coin, when, canonical(change)))


def _entry(kept: Kept, accounts: Accounts) -> Change:
    _, account, said, coin, change, remark, user = kept.cells
    place, operation, _, _ = reading_of(account, said)
    if not coin:
        raise Misread("Coin", coin, "names no coin")
    if operation.kind == "earn" and coin.startswith("LD") and coin not in ("LD", "LDO"):
        coin, place = coin[2:], "earn"  # LDUSDT stands for USDT that lie in Simple Earn
    return Change(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(place),
        bundle=kept.bundle,
        rank=operation.rank,
        kind=operation.kind,
        word=operation.word,
        asset=coin,
        amount=number(change, "Change"),
        place=place,
        said=said,
        remark=remark,
        user=user,
    )


STATEMENT = ZonedLayout(
    name="binance-statement",
    title="transaction history of all accounts (Wallet, Transaction History, Export)",
    needed=("Time", "Account", "Operation", "Coin", "Change"),
    optional=("Remark", "User_ID"),
    user="User_ID",
    aliases={"UTC_Time": "Time", "User ID": "User_ID"},
    generations=(
        ("2023", ("Time", "User ID")),
        ("2021", ("UTC_Time", "User_ID")),
        ("2019", ()),
    ),
    key=_key,
    entry=_entry,
)
