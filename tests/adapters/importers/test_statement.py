"""The engine of statements, asked at a venue that exists in tests alone (corner_shop.py)."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from domain.events import AccountOpened, BalanceAsserted
from marginbook import Book
from tests.adapters.importers.corner_shop import HEADER, CornerShop
from tests.adapters.importers.outcomes import Outcomes, read, shown

SHOP = CornerShop()


def shop(*rows: str, header: str = HEADER, **more: str) -> Outcomes:
    """What becomes of these rows; `more` are further files, by name."""
    files: dict[str, str | bytes] = {"rows.csv": "\n".join([header, *rows, ""])}
    return read(SHOP, {**files, **more})


def table(*rows: str) -> str:
    return "\n".join([HEADER, *rows, ""])


def said(outcomes: Outcomes) -> list[str]:
    return shown(outcomes.events, "id", "side", "quantity", "asset")


# Identity -----------------------------------------------------------------------------------------

COFFEE = "2024-01-01T10:00:00Z,in,USD,5,,,"


def test_rows_that_are_alike_are_so_many() -> None:
    outcomes = shop(COFFEE, COFFEE, COFFEE)
    assert [event.id.partition("/")[2] for event in outcomes.events] == ["", "2", "3"]
    assert len({event.id for event in outcomes.events}) == 3


def test_the_same_rows_in_another_file_are_the_same_again() -> None:
    outcomes = shop(COFFEE, COFFEE, more=table(COFFEE, COFFEE, COFFEE))
    assert len(outcomes.events) == 3
    assert outcomes.reasons == {"the same row stands elsewhere in these files": 2}
    assert set(outcomes.rows.values()) == {1}


def test_a_row_is_the_same_in_another_generation_and_another_way_of_writing_numbers() -> None:
    old = "when,what happened,coin,change\n2024-01-01T11:00:00+01:00,in,USD,5.00\n"
    assert len(shop(COFFEE, old=old).events) == 1


def test_an_id_of_the_venue_names_the_event() -> None:
    assert said(shop("2024-01-01T10:00:00Z,in,USD,5,,,A7")) == ["Deposited A7 5 USD"]


def test_one_id_with_two_contents_is_found() -> None:
    outcomes = shop(
        "2024-01-01T10:00:00Z,in,USD,5,,5,A7",
        more=table("2024-01-01T10:00:00Z,in,USD,6,,,A7"),
    )
    assert said(outcomes) == ["Deposited A7 5 USD"]
    (fault,) = outcomes.said
    assert fault.startswith('more:2: "A7" this id stands in rows.csv:2 with other content')


def test_what_only_one_of_two_files_tells_is_no_contradiction() -> None:
    outcomes = shop(
        "2024-01-01T10:00:00Z,in,USD,5,,,A7", more=table("2024-01-01T10:00:00Z,in,USD,5.0,,5,A7")
    )
    assert outcomes.said == []
    assert outcomes.asserted == {"USD": Decimal(5)}


def test_a_page_of_the_interface_tells_the_same_rows() -> None:
    page = '{"ok": true, "result": {"rows": {"A7": {"when": "2024-01-01T10:00:00Z", "what": "in",'
    page += ' "coin": "BTC", "change": 0.12345678901234567}}, "count": 1}}'
    csv = "2024-01-01T10:00:00Z,in,BTC,0.12345678901234567,,,A7"
    (event,) = read(SHOP, {"p.json": page}).events
    assert (event.id, str(event.quantity)) == ("A7", "0.12345678901234567")  # type: ignore[attr-defined]
    assert len(shop(csv, **{"p.json": page}).events) == 1
    assert SHOP.recognise(page.encode()) == "shop-pages"


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ('{"rows": [{"when": "x", "what"', "is not JSON: "),
        ('[{"when":"2024-01-01T10:00:00Z","what":"in","coin":"USD","change":"5"}, 7]', "no object"),
        ('[{"when":"2024-01-01T10:00:00Z","what":"in","coin":"USD","change":"5"},{}]', "missing"),
        ("[" * 100_000, "is not JSON: "),
    ],
)
def test_a_damaged_page_is_found(page: str, problem: str) -> None:
    outcomes = read(_Forced(), {"p.json": page})
    assert any(problem in fault for fault in outcomes.said)


class _Forced(CornerShop):
    """Takes every file for a page."""

    def _layout_of(self, file: object) -> object:  # type: ignore[override]
        return self.layouts[1]


# Order --------------------------------------------------------------------------------------------


def test_within_an_instant_the_running_balance_tells_the_order() -> None:
    at = "2024-01-01T10:00:00Z"
    outcomes = shop(
        "2024-01-01T09:00:00Z,in,USD,100,,100,first",
        f"{at},in,USD,1,,1,c",
        f"{at},out,USD,-100,,0,b",
        f"{at},out,USD,-1,,0,d",
    )
    assert [event.id for event in outcomes.events] == ["first", "b", "c", "d"]
    assert outcomes.said == []


def test_without_balances_what_comes_in_comes_first() -> None:
    at = "2024-01-01T10:00:00Z"
    outcomes = shop(
        f"{at},out,USD,-1,,,a",
        f"{at},back,USD,-1,,,b",
        f"{at},trade,BTC,1,,,t",
        f"{at},trade,USD,-9,,,t",
        f"{at},loan,USD,9,,,y",
        f"{at},in,USD,5,,,z",
    )
    assert [event.id for event in outcomes.events] == ["z", "y", "t", "b", "a"]


def test_rows_of_one_trade_belong_together_whatever_their_instants() -> None:
    outcomes = shop(
        "2024-01-01T10:00:00Z,trade,BTC,1,,,t",
        "2024-01-01T10:00:01Z,in,USD,5,,,z",
        "2024-01-01T10:00:02Z,trade,USD,-9,,,t",
    )
    assert [event.id for event in outcomes.events] == ["t", "z"]
    assert outcomes.events[0].at.second == 0


def test_a_file_that_tells_more_of_an_instant_is_no_conflict(tmp_path: Path) -> None:
    """The order of reading is no part of what a row says."""
    few, all_ = tmp_path / "few.csv", tmp_path / "all.csv"
    late = "2024-01-01T10:00:00Z,out,USD,-1,,,b"
    few.write_text(table(late))
    all_.write_text(table("2024-01-01T10:00:00Z,in,USD,1,,,a", late))
    with Book.open(tmp_path / "book.db") as book:
        known_by = pytest.MonkeyPatch()
        known_by.setattr("adapters.intake.recognise", lambda _: (SHOP, "shop"))
        book.import_files([few])
        (file,) = book.import_files([all_]).files
        known_by.undo()
    assert (file.recorded, file.known, file.findings) == (1, 1, ())


# Balances -----------------------------------------------------------------------------------------


def test_a_balance_that_does_not_follow_is_found_and_the_row_counts() -> None:
    outcomes = shop(
        "2024-01-01T10:00:00Z,in,USD,5,,5,a",
        "2024-01-02T10:00:00Z,in,USD,5,,11,b",
        "2024-01-03T10:00:00Z,out,USD,-4,1,6,c",
    )
    assert outcomes.said == [
        'rows.csv:3: column "balance": "11" the running balance does not follow: after 5 it should'
        " be 10. Rows before this one are missing, or one of them was edited"
    ]
    assert len(outcomes.events) == 3
    assert outcomes.asserted == {"USD": 6}


def test_the_last_balance_of_each_asset_is_asserted_after_its_last_row() -> None:
    outcomes = shop(
        "2024-01-01T10:00:00Z,in,USD,5,,5,a",
        "2024-01-02T10:00:00Z,in,BTC,1,,1,b",
        "2024-01-03T10:00:00Z,out,USD,-5,,0,c",
    )
    asserted = [e for _, e in outcomes.drafts if isinstance(e, BalanceAsserted)]
    assert shown(asserted, "id", "asset", "quantity") == [
        "BalanceAsserted balance/BTC/b BTC 1",
        "BalanceAsserted balance/USD/c USD",
    ]


# Rows that cannot be read -------------------------------------------------------------------------


def test_a_row_that_cannot_be_read_takes_its_trade_with_it() -> None:
    outcomes = shop(
        "2024-01-01T10:00:00Z,trade,BTC,1,x,,t",
        "2024-01-01T10:00:00Z,trade,USD,-9,,,t",
        "2024-01-01T10:00:00Z,in,USD,5,,,z",
    )
    assert said(outcomes) == ["Deposited z 5 USD"]
    assert outcomes.said == [
        'rows.csv:2: column "fee": "x" is not a decimal. It should look like 1.5; was the file'
        " saved by a spreadsheet? Export it again",
        "rows.csv:3: belongs together with rows.csv:2, which could not be read.",
    ]


def test_half_a_trade_is_a_fault_of_every_row() -> None:
    outcomes = shop("2024-01-01T10:00:00Z,trade,BTC,1,,,t", "2024-01-01T10:00:00Z,trade,ETH,1,,,t")
    assert outcomes.said == [
        "rows.csv:2: is half of a trade.",
        "rows.csv:3: belongs together with rows.csv:2, which was not read.",
    ]


def test_what_an_event_refuses_is_a_fault() -> None:
    outcomes = shop("2024-01-01T10:00:00Z,in,USD,-5,,,z")
    assert outcomes.said == ['rows.csv:2: column "quantity": "-5" must be more than zero.']


def test_what_is_not_known_and_what_says_nothing() -> None:
    outcomes = shop(
        "2024-01-01T10:00:00Z,miracle,USD,5,,,a",
        "2024-01-01T10:00:00Z,gift card,USD,5,,,b",
        "2024-01-01T10:00:00Z,cancelled,USD,5,,,c",
    )
    assert outcomes.said == ['rows.csv:2: column "what": "miracle" is not known here. Ask for it']
    assert outcomes.reasons == {"gift cards are no money": 1, "cancelled": 1}
    assert outcomes.drafts == []


def test_a_file_that_is_none_of_the_venues_is_said_to_be_none() -> None:
    (fault,) = read(SHOP, {"x.csv": "a,b\n1,2\n"}).said
    assert fault.startswith("x.csv: is no export of The corner shop. The header should be")


# Accounts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "main", "cross"),
    [(None, "shop/main", "shop/cross"), ("my/own", "my/own", "my/own-cross")],
)
def test_wallets_are_accounts(given: str | None, main: str, cross: str) -> None:
    rows = table("2024-01-01T10:00:00Z,in,USD,5,,,a", "2024-01-01T10:00:00Z,loan,USD,5,,,b")
    outcomes = read(SHOP, {"rows.csv": rows}, given)
    assert [account for account, _ in outcomes.drafts] == [main, cross, cross]
    (opened,) = [e for _, e in outcomes.drafts if isinstance(e, AccountOpened)]
    assert (opened.mode, opened.venue) == ("cross", "shop")


def test_rows_with_control_characters_are_found() -> None:
    outcomes = shop("2024-01-01T10:00:00Z,in,U\x1fSD,5,,,a")
    assert outcomes.said == ["rows.csv:2: has control characters."]


def test_pages_keep_numbers_as_they_are_written() -> None:
    row = {"when": "2024-01-01T10:00:00Z", "what": "in", "coin": "USD", "change": 1e-7, "ref": "r"}
    (event,) = read(SHOP, {"p.json": json.dumps([row])}).events
    assert str(event.quantity) in ("1E-7", "0.0000001")  # type: ignore[attr-defined]


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_beyond_all_times_is_none(when: str) -> None:
    assert "is not a time with its zone" in shop(f"{when},in,USD,5,,5,a").said[0]


@pytest.mark.parametrize("year", ["1970", "2300"])
def test_a_year_in_which_nothing_can_have_happened_is_found(year: str) -> None:
    outcomes = shop(f"{year}-01-01T00:00:00Z,in,USD,5,,5,a")
    assert f"is of the year {year}. Was the file saved by a spreadsheet?" in outcomes.said[0]
    assert outcomes.drafts == []
