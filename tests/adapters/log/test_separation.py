"""Paper and real books are never mixed: no paper event reaches a real report."""

from pathlib import Path
from typing import Any

import pytest

from adapters.book import Book
from adapters.importers.reading import Draft
from adapters.log import Log, Settings
from adapters.log.separation import misplaced
from adapters.paper.paper_book import PaperBook
from adapters.wire import to_native
from domain.errors import BookError, InvalidEvent, LogError
from domain.events import EVENTS, ORDERS, Deposited, Event, OrderCancelled, Transferred
from domain.money import ONE
from tests.adapters.log.drafts import NEW_YEAR, book_of, deposit, deposits, tampered
from tests.domain.test_fields import EVENT_OF

REAL, PAPER = Settings(), Settings(paper=True)
OF_THE_BOOK = "book"


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper book with one deposit."""
    path = tmp_path / "paper.db"
    with Log.open(path, create=PAPER) as log:
        log.append([deposit("D1", account="paper/main")])
    return path


# Doors -------------------------------------------------------------------------------------------


def test_the_genesis_of_a_real_book_is_what_it_always_was() -> None:
    assert REAL.genesis.hex() == GENESIS
    assert PAPER.genesis != REAL.genesis


GENESIS = "8f2687f8b85b2a341cc414ab703a597e5b7f479c29fc614482b86773b3bdd0ab"


def test_a_real_door_does_not_open_a_paper_book(paper: Path) -> None:
    for opened in (Log.open, Book.open):
        with pytest.raises(LogError, match=r"this is a paper book.*marginbook paper \.\.\."):
            opened(paper)


def test_a_paper_door_does_not_open_a_real_book(tmp_path: Path) -> None:
    real = book_of(tmp_path / "book.db", deposits(1))
    with pytest.raises(LogError, match="this is a real book"):
        Log.open(real, paper=True)
    with pytest.raises(LogError, match="this is a real book"):
        Book.open(real, paper=True)


def test_a_paper_book_opens_as_what_it_is(paper: Path) -> None:
    with Log.open(paper, paper=True) as log:
        assert log.settings == PAPER
        assert log.verify().ok
    with Book.open(paper, paper=True) as book:
        assert [entry.event.id for entry in book.events()] == ["D1"]


@pytest.mark.parametrize("paper_first", [True, False])
def test_a_changed_mark_is_found_by_verify_and_nothing_is_read_meanwhile(
    tmp_path: Path, paper_first: bool
) -> None:
    """Who flips the mark by hand opens the other door, and finds the chain behind it."""
    path = tmp_path / "book.db"
    account = "paper/main" if paper_first else "kraken/main"
    with Log.open(path, create=PAPER if paper_first else REAL) as log:
        log.append([deposit("D1", account=account)])
    tampered(path, f"PRAGMA application_id = {0x6D626B31 if paper_first else 0x6D626B70}")
    with Book.open(path, paper=not paper_first) as book:
        verified = book.verify()
        faults = [one.name for one in verified.passes if not one.ok]
        assert (verified.ok, faults) == (False, ["settings"])
        for asked in (
            book.balances,
            book.lots,
            book.check,
            lambda: book.tax_year(2025),
            lambda: list(book.events()),
            lambda: book.find("D1"),
            lambda: book.find("D1", account),
            lambda: book.record([], account),
        ):
            with pytest.raises(LogError, match="its mark was changed"):
                asked()


@pytest.mark.parametrize("into", ["account:paper/main", "account:kraken/main"])
def test_rows_copied_by_hand_into_a_real_book_are_not_read(
    tmp_path: Path, paper: Path, into: str
) -> None:
    """Neither under their own name, nor, being orders, under another."""
    with PaperBook.open(paper) as book:
        book.order(asset="BTC", quote="USD", side="buy", quantity=ONE, kind="market")
    real = book_of(tmp_path / "book.db", deposits(1))
    tampered(
        real,
        f"ATTACH '{paper}' AS other",
        "INSERT INTO stored_events SELECT rowid + 1, ?1, 100 + originator_version, topic, state,"
        " recorded_at, effective_at, place, 'copied ' || key, clock, hash"
        " FROM other.stored_events WHERE topic LIKE 'order%' OR ?1 LIKE '%paper%'".replace(
            "?1", f"'{into}'"
        ),
    )
    with Book.open(real) as book:
        assert not book.verify().ok
        for asked in (book.balances, lambda: book.tax_year(2025), lambda: list(book.events())):
            with pytest.raises(LogError, match="simulated trades were copied into this real book"):
                asked()


# Events ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("account", ["paper/main", "Paper/main", "paper/isolated/BTCUSD", "paper"])
def test_no_event_of_a_paper_account_enters_a_real_book(kind: type[Event], account: str) -> None:
    wrong = misplaced(account, EVENT_OF[kind], paper=False)
    assert wrong is not None
    assert wrong[0] == ("type" if kind in ORDERS else "account")


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("account", ["kraken/main", "paperback/main", "paper/isolated"])
def test_only_paper_accounts_are_of_a_paper_book(kind: type[Event], account: str) -> None:
    given = "paper/other/place" if account == "paper/isolated" else account
    assert misplaced(given, EVENT_OF[kind], paper=True) is not None


def test_orders_are_of_paper_books_alone() -> None:
    order = OrderCancelled(at=NEW_YEAR, id="1", order="2", reason="mine")
    assert misplaced("kraken/main", order, paper=False) is not None
    assert misplaced("paper/main", order, paper=True) is None


def test_units_do_not_move_from_one_kind_of_book_to_the_other() -> None:
    def moved(to: str) -> Transferred:
        return Transferred(at=NEW_YEAR, id="1", to=to, asset="BTC", quantity=ONE)

    assert misplaced("kraken/main", moved("paper/main"), paper=False) is not None
    assert misplaced("paper/main", moved("kraken/main"), paper=True) is not None
    assert misplaced("paper/main", moved("paper/other"), paper=True) is None


def test_a_real_log_refuses_and_keeps_nothing(tmp_path: Path) -> None:
    with Log.open(tmp_path / "book.db", create=REAL) as log:
        with pytest.raises(InvalidEvent, match="paper trades never enter a real book"):
            log.append([deposit("D1"), deposit("D2", account="paper/main")])
        assert log.head().position == 0
    with Book.open(tmp_path / "book.db") as book:
        with pytest.raises(InvalidEvent, match="never enter"):
            book.record([Deposited(at=NEW_YEAR, id="1", asset="USD", quantity=ONE)], "paper/main")
        assert book.head().position == 0


def test_a_paper_log_refuses_what_is_real(paper: Path) -> None:
    with Log.open(paper, paper=True) as log, pytest.raises(InvalidEvent, match="does not belong"):
        log.append([Draft("kraken/main", EVENT_OF[Deposited], None)])


# Files -------------------------------------------------------------------------------------------


def exported(book: Path, *types: str) -> str:
    """A paper book as a native file, of these types alone."""
    import orjson

    with Book.open(book, paper=True) as opened:
        lines = [to_native(entry.account, entry.event) for entry in opened.events()]
    kept = [line for line in lines if not types or line["type"] in types]
    return "\n".join(orjson.dumps(line).decode() for line in kept) + "\n"


@pytest.mark.parametrize("options", [{}, {"account": "kraken/main"}, {"strict": True}])
def test_an_exported_paper_book_is_refused_by_a_real_one(
    tmp_path: Path, paper: Path, options: dict[str, Any]
) -> None:
    """Whatever name is given for its accounts: a simulated trade stays simulated."""
    file = tmp_path / "events.jsonl"
    file.write_text(exported(paper))
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files([file], **options)
        assert result.refused
        assert book.head().position == 0
        (finding,) = result.files[0].findings
        assert (finding.line, finding.column, finding.value) == (1, "account", "paper/main")
        assert "paper trades never enter a real book" in finding.problem


def test_no_file_is_recorded_under_a_paper_account(tmp_path: Path, paper: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(exported(paper))
    real, opened = Book.open(tmp_path / "book.db"), Book.open(paper, paper=True)
    with real, pytest.raises(BookError, match="no file is recorded under one"):
        real.import_files([file], account="paper/main")
    with opened, pytest.raises(BookError, match="a paper book takes in no files"):
        opened.import_files([file])
