"""Whatever stands in a row is a fault of that row at the worst: nothing stops the reading.

Asked at a venue that exists in tests alone (corner_shop.py).
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, getcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attrs import evolve

from adapters.importers.group import Group, Turns
from adapters.importers.layout import Accounts, Kept, Layout, Moved
from adapters.importers.reading import Fault, SourceFile
from adapters.importers.statement import Meaning
from adapters.importers.table import Table
from domain.events import Deposited
from marginbook import Book
from tests.adapters.importers.corner_shop import HEADER, CornerShop, ShopMeaning, entry, key
from tests.adapters.importers.outcomes import Outcomes, kraken, read
from tests.adapters.importers.test_statement import shop, table

AT = "2024-01-01T10:00:00Z"
ROW = {"when": AT, "what": "in", "coin": "USD", "change": "5", "ref": "r"}
GOOD = f"{AT},in,USD,5,,,good"


def hostile(what: str, of: Callable[[], object]) -> CornerShop:
    """A shop whose `key`, `entry` or `read` stumbles over rows that are called `bad`."""
    layout: Layout = CornerShop.layouts[0]

    def stumbling(name: str, inner: Callable[..., object]) -> Callable[..., object]:
        def called(subject: object, *more: object) -> object:
            bad = "bad" in (subject.cells if isinstance(subject, Kept) else subject)  # type: ignore[operator]
            return of() if bad and what == name else inner(subject, *more)

        return called

    class Stumbling(ShopMeaning):
        def read(self, group: Group) -> str | None:
            if what == "read" and group.first.id == "bad":
                of()
            return super().read(group)

    class Hostile(CornerShop):
        layouts = (evolve(layout, key=stumbling("key", key), entry=stumbling("entry", entry)),)  # type: ignore[arg-type]

        def meaning(self, accounts: Accounts) -> Meaning:
            return Stumbling(accounts)

    return Hostile()


@pytest.mark.parametrize("where", ["key", "entry", "read"])
@pytest.mark.parametrize(
    ("of", "problem"),
    [
        (lambda: Decimal(0) / Decimal(0), "numbers that cannot be worked out (InvalidOperation)"),
        (lambda: Decimal(1) / Decimal(0), "numbers that cannot be worked out (DivisionByZero)"),
        (lambda: 1 // 0, "numbers that cannot be worked out (ZeroDivisionError)"),
        (lambda: 10.0**1000, "numbers that cannot be worked out (OverflowError)"),
        (lambda: int("x"), "cannot be read (invalid literal for int() with base 10: 'x')"),
        (lambda: b"\xff".decode(), "cannot be read ('utf-8' codec can't decode byte 0xff"),
    ],
)
def test_what_cells_make_go_wrong_is_a_fault_of_their_row(
    where: str, of: Callable[[], object], problem: str
) -> None:
    shop_ = hostile(where, of)
    outcomes = read(shop_, {"rows.csv": table(f"{AT},in,USD,5,,,bad", GOOD)})
    (said,) = outcomes.said
    assert said.startswith("rows.csv:2: ")
    assert problem in said
    assert [event.id for event in outcomes.events] == ["good"]


@pytest.mark.parametrize("error", [KeyError, TypeError, AttributeError, AssertionError])
@pytest.mark.parametrize("where", ["key", "entry", "read"])
def test_an_error_of_ours_is_never_hidden(where: str, error: type[Exception]) -> None:
    def of() -> object:
        raise error

    with pytest.raises(error):
        read(hostile(where, of), {"rows.csv": table(f"{AT},in,USD,5,,,bad")})


def test_sums_are_exact_wherever_rows_are_looked_at() -> None:
    """`entry` adds a fee of 1E-30 to a million: 28 digits would lose it. Outside, nothing leaks."""

    def exact_entry(kept: Kept, accounts: Accounts) -> Moved:
        moved = entry(kept, accounts)
        moved.amount += Decimal("1E-30")
        return moved

    class Exact(CornerShop):
        layouts = (evolve(CornerShop.layouts[0], entry=exact_entry),)

    before = getcontext().prec
    (event,) = read(Exact(), {"rows.csv": table(f"{AT},in,USD,1000000,,,a")}).events
    assert event.quantity == Decimal("1000000.000000000000000000000000000001")  # type: ignore[attr-defined]
    assert getcontext().prec == before


def test_the_context_of_exact_sums_is_left_between_two_outcomes() -> None:
    before, seen = getcontext().prec, set()

    class Watched(ShopMeaning):
        def regroup(self, groups):  # type: ignore[no-untyped-def]
            for group in groups:
                seen.add(getcontext().prec)
                yield group

    class Watching(CornerShop):
        def meaning(self, accounts: Accounts) -> Meaning:
            return Watched(accounts)

    read(Watching(), {"rows.csv": table(GOOD, f"{AT},in,USD,5,,,b")})
    assert seen == {400}
    assert getcontext().prec == before


def test_a_price_that_does_not_end_is_no_reason_to_stop() -> None:
    outcomes = shop(f"{AT},trade,BTC,3,,,t", f"{AT},trade,USD,-10,,,t")
    assert outcomes.said == []
    assert [str(event.price) for event in outcomes.events] == ["3.333333333"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("coin", ["", " USD", "\x1e\x85"])
def test_an_asset_that_is_none_is_a_fault_and_asserts_nothing(coin: str) -> None:
    outcomes = shop(f"{AT},in,{coin},5,,5,a", GOOD)
    assert outcomes.said[0].startswith('rows.csv:2: column "asset": ')
    assert [event.id for event in outcomes.events] == ["good"]


# Texts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["coin", "ref", "what"])
@pytest.mark.parametrize("text", ["\ud800", "a\0b", "a\x1fb"])
def test_a_text_that_cannot_be_kept_is_a_fault(field: str, text: str) -> None:
    page = json.dumps([{**ROW, field: text}, ROW])
    outcomes = read(CornerShop(), {"p.json": page})
    assert outcomes.said == ["p.json:1: has control characters."]
    assert [event.id for event in outcomes.events] == ["r"]


def test_a_field_that_stands_twice_in_one_object_is_no_page() -> None:
    row = json.dumps({name: value for name, value in ROW.items() if name != "ref"})
    outcomes = read(CornerShop(), {"p.json": f'{{"a": {row}, "a": {row}}}'})
    assert outcomes.said == [
        "p.json: is not JSON: 'a' stands twice in one object. Is the file cut off?"
    ]


@pytest.mark.parametrize("deep", [500, 990, 5_000, 200_000])
def test_a_page_that_is_nested_however_deep_is_read_or_found(deep: int) -> None:
    page = json.dumps([ROW])[:-1] + ', {"when": ' + "[" * deep + "]" * deep + "}]"
    outcomes = read(CornerShop(), {"p.json": page})
    assert outcomes.said


# Identity -----------------------------------------------------------------------------------------


def balanced(outcomes: Outcomes) -> tuple[int, list[str], dict[str, Decimal]]:
    return len(outcomes.events), outcomes.said, outcomes.asserted


def test_an_id_of_the_venues_may_begin_like_a_digest() -> None:
    """Two contents under one id are a contradiction, never two rows that are alike."""
    outcomes = shop(f"{AT},in,USD,5,,,~a", more=table(f"{AT},in,USD,6,,,~a"))
    assert len(outcomes.events) == 1
    assert '"~a" this id stands in' in outcomes.said[0]


def test_of_all_files_the_rows_of_the_one_that_has_most_count() -> None:
    """The first file tells the second of two rows alike: both rows of the other count."""
    five, ten = f"{AT},in,USD,5,,5,", f"{AT},in,USD,5,,10,"
    for one in (five, ten):
        for name in ("a.csv", "z.csv"):
            for both in ([five, ten], [ten, five]):
                outcomes = shop(*both, **{name: table(one)})
                assert balanced(outcomes) == (2, [], {"USD": Decimal(10)})


def test_of_three_files_the_one_that_has_most_counts() -> None:
    row = f"{AT},in,USD,5,,,"
    outcomes = shop(row, row, b=table(row, row, row), c=table(row))
    assert len({event.id for event in outcomes.events}) == len(outcomes.events) == 3
    assert set(outcomes.rows.values()) == {1}


def test_of_files_that_have_as_many_the_fuller_one_counts_whatever_its_name() -> None:
    """A generation without balances must not take the place of one that has them."""
    bare, full = "when,what,coin,change\n" + f"{AT},in,USD,5\n", table(f"{AT},in,USD,5,,5,")
    for names in (("a.csv", "b.csv"), ("b.csv", "a.csv")):
        outcomes = read(CornerShop(), dict(zip(names, (bare, full), strict=True)))
        assert balanced(outcomes) == (1, [], {"USD": Decimal(5)})


def test_names_of_rows_alike_do_not_depend_on_the_order_of_rows_or_the_names_of_files() -> None:
    rows = [f"{AT},in,USD,5,,{left}," for left in (5, 10, 15)]
    told = set()
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        drafts = read(CornerShop(), {f"{order}.csv": table(*(rows[n] for n in order))}).drafts
        told.add(tuple(sorted(str(event) for _, event in drafts)))
    assert len(told) == 1


def test_which_of_two_contradicting_rows_counts_does_not_depend_on_the_names_of_files() -> None:
    one, other = table(f"{AT},in,USD,5,,,A"), table(f"{AT},in,USD,6,,,A")
    kept = {
        str(event)
        for names in (("a", "b"), ("b", "a"))
        for event in read(CornerShop(), dict(zip(names, (one, other), strict=True))).events
    }
    assert len(kept) == 1


# Headers ------------------------------------------------------------------------------------------


def test_files_that_were_joined_end_to_end_are_read_as_if_apart() -> None:
    one, two = f"{AT},in,USD,5,,5,a", f"{AT},in,USD,6,,11,b"
    for bom in ("", "\ufeff"):
        outcomes = shop(one, f"{bom}{HEADER}", two, f"{bom}{HEADER}")
        assert balanced(outcomes) == (2, [], {"USD": Decimal(11)})
        assert outcomes.rows.keys() == {("rows.csv", 2), ("rows.csv", 4)}


def test_a_header_of_another_generation_counts_for_the_rows_behind_it() -> None:
    other = ["Ref,WHEN,what happened,coin,change", f"b,{AT},in,USD,6"]
    outcomes = shop(f"{AT},in,USD,5,,,a", *other)
    assert outcomes.said == []
    assert [event.id for event in outcomes.events] == ["a", "b"]


def test_a_row_of_empty_cells_is_none() -> None:
    outcomes = shop(f"{AT},in,USD,5,,,a", ",,,,,,", "", f"{AT},in,USD,5,,,b", ",,,,,,")
    assert outcomes.rows.keys() == {("rows.csv", 2), ("rows.csv", 5)}
    assert outcomes.said == []


def test_a_summary_at_the_end_is_a_fault_of_its_line() -> None:
    outcomes = shop(f"{AT},in,USD,5,,,a", "Total,,USD,5,,,")
    assert outcomes.said[0].startswith('rows.csv:3: column "when": "Total" is not a time')


def test_joined_files_may_tell_times_of_two_zones() -> None:
    """The zone stands in the header: rows behind another header are of its zone."""
    told = []
    for files in (["+00:00", "+08:00"], ["+08:00", "+00:00"]):
        text = "".join(
            f"Time(UTC{zone}),amount\n2024-01-01 {hour}:00:00,1\n"
            for zone, hour in zip(files, ("09", "17"), strict=True)
        )
        with TemporaryDirectory() as folder:
            path = Path(folder, "t.csv")
            path.write_text(text)
            table_ = Table(SourceFile(path=path, sha256=""), ("time", "amount"), ("zone",))
            told.append([row.cells for row in table_.rows() if not isinstance(row, Fault)])
    assert [[cells[2] for cells in rows] for rows in told] == [
        ["+00:00", "+08:00"],
        ["+08:00", "+00:00"],
    ]


def test_an_account_that_cannot_be_called_so_is_a_fault_of_its_rows(tmp_path: Path) -> None:
    """Coinbase Pro's portfolios bear names of people's own."""
    path = tmp_path / "account.csv"
    path.write_text(
        "portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id\n"
        f"mine#1,deposit,{AT},5,5,USD,t-1,\n"
        f"default,deposit,{AT},5,5,USD,t-2,\n"
    )
    with Book.open(tmp_path / "book.db") as book:
        (file,) = book.import_files([path]).files
    assert (file.recorded, len(file.findings)) == (1, 1)
    assert file.findings[0].column == "account"


def test_ten_thousand_instants_that_lie_ahead_cost_no_time_each() -> None:
    """Events may be given times of their own, in any order."""
    turns, ahead = Turns(), [datetime(2024, 1, 1, tzinfo=UTC) + n * timedelta(1) for n in range(3)]
    for n in range(30_000):
        assert turns.next(f"a/{n}", ahead[-1]) == 0
    looked_at = 0

    class Watched(dict[tuple[str, datetime], int]):
        def items(self):  # type: ignore[no-untyped-def]
            nonlocal looked_at
            looked_at += len(self)
            return super().items()

    turns._turns = Watched(turns._turns)
    for n in range(100):
        turns.next(f"b/{n}", ahead[0])
    assert looked_at <= 60_000


def test_a_page_of_kraken_that_holds_half_a_character_is_found() -> None:
    row = {"refid": "R", "time": 1_700_000_000.5, "type": "deposit", "subtype": "", "fee": "0"}
    row |= {"aclass": "currency", "asset": "ZUSD", "amount": "5", "balance": "5"}
    page = {"error": [], "result": {"ledger": {"L1": {**row, "asset": "\ud800"}, "L2": row}}}
    outcomes = kraken({"p.json": json.dumps(page)})
    assert "p.json:1: has control characters." in outcomes.said
    assert [event.id for event in outcomes.events] == ["L2"]


def test_two_events_of_one_name_are_never_taken_for_one() -> None:
    """A venue that names events by what they say names two alike the same: the log knows one."""

    class Naming(ShopMeaning):
        def read(self, group: Group) -> str | None:
            first = group.first
            group.add(Deposited, id=f"in/{first.asset}", asset=first.asset, quantity=first.amount)
            return None

    class Alike(CornerShop):
        def meaning(self, accounts: Accounts) -> Meaning:
            return Naming(accounts)

    rows = table(f"{AT},in,USD,5,,,a", f"{AT},in,USD,5,,,b", f"{AT},in,EUR,5,,,c")
    outcomes = read(Alike(), {"rows.csv": rows})
    assert [event.id for event in outcomes.events] == ["in/USD", "in/EUR"]
    assert outcomes.said == [
        "rows.csv:3: would become the event in/USD, and so would another row."
        " Two that cannot be told apart: record one by hand"
    ]
