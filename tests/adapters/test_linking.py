"""Transfers that an import completes are linked at once, whatever the order of the files."""

import json
from collections.abc import Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from adapters.book import Book
from adapters.import_result import ImportResult
from adapters.importers.native import Native
from adapters.importers.reading import Importer
from adapters.intake import take_in
from adapters.log.chain import Settings
from adapters.log.log import Log
from domain import events as e
from projections.transfers.transfers import TransfersReport


class Venue(Native):
    """A venue whose files are written as native ones, for short."""

    name = "venue"
    all_or_nothing = False


def known_by(path: Path) -> tuple[Importer, str]:
    """Files that are not called native are a venue's."""
    return (Native(), "native 1") if "native" in path.name else (Venue(), "venue 1")


class Desk:
    """A log, and files to be taken in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = Log.open(":memory:", create=Settings())

    def take(self, *names: str, **options: Any) -> ImportResult:
        """Import files by name."""
        paths = [self.folder / name for name in names]
        return take_in(self.log, paths, known_by=known_by, **options)

    @property
    def transfers(self) -> TransfersReport:
        """What is linked, found or alone."""
        return Book(self.log).transfers()

    @property
    def links(self) -> list[str]:
        """The links in force, without their ids."""
        return sorted(f"{one.out} {one.into} {one.note}" for one in self.transfers.linked)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.log.close()


def written(desk: Desk, name: str, *lines: str) -> str:
    """A file of lines such as `09:00 a/x out W1 1 BTC fee=0.1 txid=ab`."""
    rows = [line.split() for line in lines]
    text = "".join(json.dumps(_object(row)) + "\n" for row in rows)
    (desk.folder / name).write_text(text, "utf-8")
    return name


def _object(row: Sequence[str]) -> dict[str, str]:
    time, account, way, name, quantity, asset, *more = row
    kind = {"out": "withdrawn", "in": "deposited"}[way]
    at = f"2025-03-01T{time}:00Z" if len(time) == 5 else time
    said = {"type": kind, "account": account, "at": at, "id": name}
    return said | {"quantity": quantity, "asset": asset} | dict(pair.split("=") for pair in more)


OUT = "09:00 a/x out W1 1 BTC fee=0.0005"
IN = "09:12 b/x in D1 1 BTC"


def test_the_second_file_completes_a_transfer(desk: Desk) -> None:
    assert desk.take(written(desk, "a", OUT)).linked == ()
    result = desk.take(written(desk, "b", IN))
    assert result.to_dict()["linked"] == [
        {"out": "a/x#W1", "into": "b/x#D1", "rule": "amount_and_time"}
    ]
    assert desk.links == ["a/x#W1 b/x#D1 paired by amount and time (12 min apart)"]
    assert result.head == desk.log.head()


def test_one_transaction_is_named_in_the_note(desk: Desk) -> None:
    written(desk, "a", f"{OUT} txid=0xAB12", "09:01 a/x out W2 1 BTC txid=cd")
    written(desk, "b", "11:00 b/x in D1 0.9 BTC txid=ab12")
    desk.take("a", "b")
    assert desk.links == ["a/x#W1 b/x#D1 paired by txid"]


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        ("09:00 a/x out W1 1 BTC", "2025-03-03T08:00:00Z b/x in D1 1 BTC"),
        ("09:00 a/x out W1 5000 USDT", "15:01 b/x in D1 5000 USDT"),
        ("09:00 a/x out W1 1.25 BTC fee=0.25", "15:01 b/x in D1 1 BTC"),
        ("09:00 a/x out W1 0.48213377 BTC", "15:01 b/x in D1 0.4818 BTC"),
        ("09:00 a/x out W1 5012.34 USD", "09:01 b/x in D1 5012.34 USD"),
        ("09:00 a/x out W1 5000 EUR", "2025-03-04T09:00:00Z b/x in D1 4960 EUR"),
    ],
)
def test_what_may_come_together_by_chance_is_asked_about(desk: Desk, sent: str, came: str) -> None:
    """A coin given to a friend and one of the same amount from an old wallet, two days later.

    Linked, the old coin would silently have the other one's date and basis. So a round amount, or
    one that fits only nearly, is linked by itself only if it came soon; money only within a venue.
    """
    assert desk.take(written(desk, "a", sent), written(desk, "b", came)).linked == ()
    assert [(one.out, one.into) for one in desk.transfers.pairs] == [("a/x#W1", "b/x#D1")]
    assert len(Book(desk.log).link_found().linked) == 1


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        ("09:00 a/x out W1 0.48213377 BTC", "2025-03-04T09:00:00Z b/x in D1 0.48213377 BTC"),
        ("09:00 a/x out W1 0.4821 BTC fee=0.0001", "2025-03-03T09:00:00Z b/x in D1 0.482 BTC"),
        ("09:00 a/x out W1 5000 USDT", "15:00 b/x in D1 4999 USDT"),
        ("09:00 a/x out W1 1 BTC", "15:00 b/x in D1 1 BTC"),
        ("09:00 a/x out W1 5000 USD", "09:01 a/y in D1 5000 USD"),
        ("09:00 a/x out W1 5000 USD txid=ab", "2025-03-04T09:00:00Z b/x in D1 4960 USD txid=ab"),
        ("09:00 a/x out W1 5000 USD", "2025-03-04T09:00:00Z b/x in W1 5000 USD"),
    ],
)
def test_what_is_no_chance_is_linked_however_late(desk: Desk, sent: str, came: str) -> None:
    assert len(desk.take(written(desk, "a", sent), written(desk, "b", came)).linked) == 1


def test_importing_again_writes_nothing(desk: Desk) -> None:
    written(desk, "a", OUT)
    written(desk, "b", IN)
    head = desk.take("a", "b").head
    for names in (("a",), ("b",), ("b", "a")):
        again = desk.take(*names)
        assert (again.head, again.linked) == (head, ())


def test_nothing_is_linked_where_that_is_not_wanted(desk: Desk) -> None:
    desk.take(written(desk, "a", OUT))
    assert desk.take(written(desk, "b", IN), link=False).linked == ()
    assert desk.links == []


def test_a_dry_run_says_what_would_be_linked_and_links_nothing(desk: Desk) -> None:
    head = desk.take(written(desk, "a", OUT)).head
    said = desk.take(written(desk, "b", IN), dry_run=True)
    assert [(one.out, one.into) for one in said.linked] == [("a/x#W1", "b/x#D1")]
    assert (desk.links, desk.log.head()) == ([], head)
    assert desk.take("b").linked == said.linked


def test_nothing_is_linked_by_an_import_that_is_refused(desk: Desk) -> None:
    written(desk, "a", OUT, IN)
    (desk.folder / "b").write_text("{}\n")
    result = desk.take("a", "b", strict=True)
    assert (result.refused, result.linked, desk.log.head().position) == (True, (), 0)


def test_pairs_that_were_left_alone_stay_so(desk: Desk) -> None:
    """Somebody did not want them to be linked."""
    desk.take(written(desk, "a", OUT, IN), link=False)
    other = written(desk, "c", "15:00 a/x out W2 2 BTC", "15:01 b/x in D2 2 BTC")
    assert [one.out for one in desk.take(other).linked] == ["a/x#W2"]


def test_a_native_file_links_nothing_by_itself(desk: Desk) -> None:
    """Its author can say `transferred`; but a venue's file finds its other leg there."""
    assert desk.take(written(desk, "native-1", OUT, IN)).linked == ()
    assert desk.take(written(desk, "native-2", "15:00 b/x in D2 2 BTC")).linked == ()
    assert [one.into for one in desk.take(written(desk, "v", "14:59 a/x out W2 2 BTC")).linked] == [
        "b/x#D2"
    ]


def test_what_its_owner_parted_is_not_linked_again(desk: Desk) -> None:
    desk.take(written(desk, "a", OUT), written(desk, "b", IN))
    book = Book(desk.log)
    (link,) = desk.log.read(types=[e.TransferLinked])
    book.decide(e.Voided(at=link.event.at, id="v", target=link.event.id, reason="not mine"))
    assert desk.take(written(desk, "c", "15:00 b/x in D2 5 BTC")).linked == ()
    assert desk.links == []
    assert book.transfers().pairs == ()


def test_a_link_of_the_owner_stays_whatever_comes_in(desk: Desk) -> None:
    desk.take(written(desk, "a", OUT), written(desk, "b", IN), link=False)
    Book(desk.log).link_found()
    assert desk.take(written(desk, "c", "09:01 c/x out W9 1 BTC")).parted == ()
    assert len(desk.links) == 1


def test_a_link_that_is_no_longer_the_only_one_is_taken_back(desk: Desk) -> None:
    """A third account's file shows another withdrawal that fits as well."""
    desk.take(written(desk, "a", OUT), written(desk, "b", IN))
    result = desk.take(written(desk, "c", "09:01 c/x out W9 1 BTC"))
    assert [(one.out, one.into) for one in result.parted] == [("a/x#W1", "b/x#D1")]
    assert (result.linked, desk.links) == ((), [])
    again = desk.take("a", "b", "c")
    assert (again.head, again.parted) == (result.head, ())


def test_a_link_gives_way_to_an_exact_one(desk: Desk) -> None:
    desk.take(written(desk, "a", "09:00 a/x out W1 1.001 BTC"), written(desk, "b", IN))
    assert desk.links == ["a/x#W1 b/x#D1 paired by amount and time (12 min apart)"]
    result = desk.take(written(desk, "c", "09:02 c/x out W9 1 BTC"))
    assert [one.out for one in result.parted] == ["a/x#W1"]
    assert desk.links == ["c/x#W9 b/x#D1 paired by amount and time (10 min apart)"]
    desk.take(written(desk, "d", "10:00 d/x in D4 1 BTC"))
    assert desk.links == []
    result = desk.take(written(desk, "e", "11:00 e/x in D5 1.001 BTC"))
    assert [(one.out, one.into) for one in result.linked] == [("a/x#W1", "e/x#D5")]


FILES = {
    "a": ["09:00 a/x out W1 1 BTC", "10:00 a/x out W2 2 BTC txid=ab", "10:00 a/x in D9 3 BTC"],
    "b": ["09:12 b/x in D1 1 BTC", "10:30 b/x in D2 1.9 BTC txid=ab", "09:59 b/x out W9 3 BTC"],
    "c": ["09:01 c/x out W3 1.001 BTC", "10:20 c/x in D3 2 BTC", "09:00 c/x out W8 3.01 BTC"],
    "d": ["09:30 d/x in D4 0.999 BTC", "09:31 d/x in D5 1.001 BTC", "10:10 d/x in D8 2.995 BTC"],
}


def test_the_same_files_in_any_order_lead_to_the_same_links(tmp_path: Path) -> None:
    found = set()
    for order in [*permutations(FILES), None]:
        desk = Desk(tmp_path)
        for name, lines in FILES.items():
            written(desk, name, *lines)
        for names in (order,) if order is None else ((name,) for name in order):
            desk.take(*(names or FILES))
        found.add(tuple(desk.links))
        desk.log.close()
    assert len(found) == 1
    assert len(found.pop()) >= 3


def test_links_leave_the_proofs_of_the_log_alone(desk: Desk) -> None:
    desk.take(written(desk, "a", OUT), written(desk, "b", IN))
    assert desk.log.verify().ok


def test_a_transaction_told_later_is_known_and_another_one_a_conflict(desk: Desk) -> None:
    desk.take(written(desk, "a", OUT))
    (same,) = desk.take(written(desk, "b", f"{OUT} txid=ab")).files
    assert (same.recorded, same.known, same.findings) == (0, 1, ())
    desk.take(written(desk, "c", f"{IN} txid=ab"))
    assert [file.known for file in desk.take(written(desk, "d", IN)).files] == [1]
    (other,) = desk.take(written(desk, "e", f"{IN} txid=cd")).files
    assert [found.column for found in other.findings] == ["id"]


def test_a_leg_of_a_native_file_that_fits_as_well_takes_a_link_back(desk: Desk) -> None:
    """Whatever the order of the files, nobody knows which of the two deposits it became."""
    files = (
        written(desk, "a", OUT),
        written(desk, "b", IN),
        written(desk, "native-c", "09:10 c/x in D3 1 BTC"),
    )
    for order in permutations(files):
        desk.log = Log.open(":memory:", create=Settings())
        for name in order:
            desk.take(name)
        assert desk.links == [], order
