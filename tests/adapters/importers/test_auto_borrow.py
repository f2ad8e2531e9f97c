"""Borrowing that no row tells, against a naive oracle: owed = max(0, -balance) after every row."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.importers.auto_borrow import held, lent, owed, with_loans
from adapters.importers.bybit.bybit import Bybit
from adapters.importers.group import Group
from adapters.importers.layout import Moved
from adapters.importers.reading import SourceFile
from domain.account import Account
from domain.events import Borrowed, FeeCharged, Repaid
from domain.recorded import Recorded
from projections.balances import Balances
from projections.replay import Replay
from tests.adapters.importers.outcomes import read

FILE = SourceFile(path=Path("x.csv"), sha256="")
START = datetime(2024, 1, 1, tzinfo=UTC)
AMOUNTS = st.integers(-5000, 5000).map(lambda cents: Decimal(cents) / 100)


def row(amount: Decimal, balance: Decimal, line: int = 1) -> Moved:
    return Moved(
        file=FILE,
        line=line,
        id=str(line),
        at=START,
        account="v/main",
        kind="x",
        asset="USDT",
        amount=amount,
        balance=balance,
    )


def rows_of(amounts: list[Decimal], start: Decimal = Decimal(0)) -> list[Moved]:
    rows, balance = [], start
    for line, amount in enumerate(amounts, start=1):
        balance += amount
        rows.append(row(amount, balance, line))
    return rows


def test_the_part_below_zero_is_borrowed_and_repaid_when_it_comes_back() -> None:
    told = [lent([one]) for one in rows_of([Decimal(n) for n in (100, -250, -50, 120, 200)])]
    name = ("v/main", "USDT")
    assert told == [{}, {name: 150}, {name: 50}, {name: -120}, {name: -80}]


@given(st.lists(AMOUNTS), AMOUNTS)
def test_any_rows_lend_what_is_owed_after_them_less_what_was_before(
    amounts: list[Decimal], start: Decimal
) -> None:
    rows = rows_of(amounts, start)
    last = rows[-1].balance if rows else start
    assert last is not None
    expected = owed(last) - owed(start)
    assert sum(lent(rows).values(), Decimal()) == expected
    assert sum((sum(lent([one]).values()) for one in rows), Decimal()) == expected
    assert lent(reversed(rows)) == lent(rows)


def test_what_is_lent_comes_first_and_what_is_repaid_last() -> None:
    def charge(group: Group) -> None:
        group.add(FeeCharged, asset="USDT", quantity=Decimal(30))

    group = Group([row(Decimal(-30), Decimal(-10))])
    with_loans(group, charge)
    kinds = [type(draft.event) for draft in group.drafts]
    assert kinds == [Borrowed, FeeCharged]
    group = Group([row(Decimal(30), Decimal(10))])
    with_loans(group, charge)
    assert [type(draft.event) for draft in group.drafts] == [FeeCharged, Repaid]


def uta(amounts: list[tuple[str, Decimal]]) -> str:
    """A log of interest and bonuses, a minute apart, newest first; a balance for each coin."""
    lines, balances = [], dict.fromkeys(("USDT", "BTC"), Decimal())
    for minute, (coin, amount) in enumerate(amounts):
        balances[coin] += amount
        at = START + timedelta(minutes=minute)
        kind = "BONUS" if amount > 0 else "INTEREST"
        lines.append(
            f"{at:%Y-%m-%d %H:%M:%S},{coin},,{kind},--,0,0,0,0,0,"
            f"{amount},{amount},{balances[coin]},0,,"
        )
    header = (
        "Time,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,"
        "Cash Flow,Change,Wallet Balance,Fee Rate,Trade ID,Order ID"
    )
    return "\n".join([header, *reversed(lines)]) + "\n"


@given(st.lists(st.tuples(st.sampled_from(["USDT", "BTC"]), AMOUNTS), max_size=30))
@settings(max_examples=60, deadline=None)
def test_after_every_row_the_book_holds_and_owes_what_the_balance_says(
    amounts: list[tuple[str, Decimal]],
) -> None:
    outcomes = read(Bybit(), {"log.csv": uta(amounts)})
    assert outcomes.said == []
    told = dict.fromkeys(("USDT", "BTC"), Decimal())
    by_time: dict[datetime, list[Recorded]] = {}
    for position, (account, event) in enumerate(outcomes.drafts, start=1):
        recorded = Recorded(position, account, position, START, event)
        by_time.setdefault(event.at, []).append(recorded)
    balances = Balances()
    replay = Replay([balances])
    for minute, (coin, amount) in enumerate(amounts):
        told[coin] += amount
        replay.run(by_time.get(START + timedelta(minutes=minute), ()))
        book = balances.accounts.get("bybit/main") or Account("bybit/main")
        for asset, balance in told.items():
            found = (book.held.get(asset, 0), book.owed.get(asset, 0))
            assert found == (held(balance), owed(balance))
    assert [finding.kind for finding in balances.findings.all()] == []
