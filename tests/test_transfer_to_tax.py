"""From a withdrawal at one venue and a deposit at another to the row of Form 8949.

    2024-03-01  0.3 BTC bought at Kraken at 60,000: 18,000, fee 46.80      basis 60,156 a BTC
    2025-06-10  0.2 BTC leave Kraken, 0.0005 for the network; BTC at 110,000
    2025-06-10  0.2 BTC arrive at OKX, 42 minutes later
    2025-08-01  0.2 BTC sold there at 115,000: 23,000

The coins keep 1 March 2024 and 0.2 x 60,156 = 12,031.20: a long-term gain of 10,968.80. The
network's 0.0005 is a disposal of its own (policy `transfer_fee`): 55.00 - 30.078.
"""

import json
from pathlib import Path
from typing import Any

import pytest

import marginbook
from tests.kraken_venue import Venue

OKX = [
    {
        "type": "deposited",
        "account": "okx/main",
        "at": "2025-06-10T10:42:00Z",
        "id": "d-1",
        "asset": "BTC",
        "quantity": "0.2",
    },
    {
        "type": "filled",
        "account": "okx/main",
        "at": "2025-08-01T10:00:00Z",
        "id": "s-1",
        "side": "sell",
        "asset": "BTC",
        "quantity": "0.2",
        "quote": "USD",
        "price": "115000",
    },
    {
        "type": "price_observed",
        "account": "book",
        "at": "2025-06-10T09:59:00Z",
        "id": "p-1",
        "asset": "BTC",
        "quote": "USD",
        "price": "110000",
    },
]
FEE = ("0.0005", "2024-03-01", "2025-06-10", "55.00", "30.08", "24.92")
SALE = ("0.2", "2024-03-01", "2025-08-01", "23000.00", "12031.20", "10968.80")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    venue = Venue("a transfer")
    venue.deposit("2024-02-28 09:12:30", "USD", "20000")
    venue.trade("2024-03-01 11:05:41", "buy", "BTC", "0.3", "60000")
    venue.withdraw("2025-06-10 10:00:00", "BTC", "0.2", "0.0005")
    (tmp_path / "ledgers.csv").write_text(venue.ledgers(2024), "utf-8")
    (tmp_path / "trades.csv").write_text(venue.trades(2020), "utf-8")
    (tmp_path / "okx.jsonl").write_text("".join(json.dumps(line) + "\n" for line in OKX), "utf-8")
    return tmp_path


class Book:
    """The commands on a book in a folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, Any]:
        """Exit status and JSON."""
        status = marginbook.main(["--book", str(self._folder / "book.db"), "--json", *words])
        return status, json.loads(self._capsys.readouterr().out)

    def take(self, *names: str) -> Any:
        """Import files by name."""
        paths = [name if name.startswith("-") else str(self._folder / name) for name in names]
        return self("import", *paths)[1]

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """Form 8949."""
        columns = ("quantity", "acquired", "sold", "proceeds", "basis", "gain")
        rows = self("tax", "2025")[1]["form_8949"]
        return [tuple(row[column] for column in columns) for row in rows]


@pytest.fixture
def book(folder: Path, capsys: pytest.CaptureFixture[str]) -> Book:
    return Book(folder, capsys)


def kinds(book: Book) -> list[str]:
    return [one["kind"] for one in book("check")[1]["findings"]]


def test_a_found_transfer_is_linked_and_carries_date_and_basis(book: Book) -> None:
    """The native file comes last and links nothing: `check` says so, `link --found` does it."""
    book.take("ledgers.csv", "trades.csv")
    assert book.take("okx.jsonl")["linked"] == []
    assert kinds(book) == ["unpaired_transfer", "missing_basis"]
    status, said = book("transfers")
    (pair,) = said["pairs"]
    assert (status, pair["into"], pair["apart"], pair["fee"]) == (1, "okx/main#d-1", 2520, "0.0005")
    assert book("link", "--found", "--dry-run")[1]["dry_run"] is True
    assert book.rows[-1][-2:] == ("0.00", "23000.00")
    status, said = book("link", "--found")
    (link,) = said["linked"]
    assert (status, link["event"]["id"], link["rule"]) == (0, "link-1", "amount_and_time")
    assert link["event"]["note"] == "paired by amount and time (42 min apart)"
    gone = [one["kind"] for one in said["changed"]["findings"]["gone"]]
    assert gone == ["missing_basis", "unpaired_transfer"]
    assert book.rows == [FEE, SALE]
    assert kinds(book) == []
    head = book("verify")[1]["head"]
    assert book("link", "--found")[1]["linked"] == []
    assert book("verify")[1]["head"] == head
    status, said = book("transfers")
    assert (status, [one["link"] for one in said["linked"]]) == (0, ["link-1"])


def test_a_venues_file_links_what_it_completes(book: Book) -> None:
    book.take("okx.jsonl")
    (link,) = book.take("ledgers.csv", "trades.csv")["linked"]
    assert (link["into"], link["rule"]) == ("okx/main#d-1", "amount_and_time")
    assert book.rows == [FEE, SALE]
    assert kinds(book) == []
    head = book("verify")[1]["head"]
    assert book.take("trades.csv", "ledgers.csv")["head"] == head


def test_no_link_leaves_them_alone(book: Book) -> None:
    book.take("okx.jsonl")
    assert book.take("ledgers.csv", "trades.csv", "--no-link")["linked"] == []


@pytest.mark.parametrize(
    ("policy", "rows"),
    [
        ("add_to_basis", [(*SALE[:4], "12061.28", "10938.72")]),
        ("ignore", [SALE]),
    ],
)
def test_the_networks_fee_goes_by_its_policy(
    book: Book, policy: str, rows: list[tuple[str, ...]]
) -> None:
    """0.0005 x 60,156 = 30.078 more basis, or nothing."""
    book.take("okx.jsonl", "ledgers.csv", "trades.csv")
    book("policy", "transfer_fee", policy)
    assert book.rows == rows


@pytest.mark.parametrize(
    "words",
    [
        ["link", "kraken/main#a"],
        ["link"],
        ["link", "a", "b", "--dry-run"],
        ["link", "--found", "a", "b"],
        ["link", "--found", "--note", "mine"],
    ],
)
def test_a_link_is_of_two_legs_or_of_all_that_are_found(book: Book, words: list[str]) -> None:
    assert book(*words)[0] == 2


def test_people_read_what_was_linked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> str:
        marginbook.main(["--book", str(folder / "book.db"), *words])
        return capsys.readouterr().out

    assert "No leg of a transfer" in said("transfers")
    said("import", str(folder / "okx.jsonl"))
    assert "okx/main#d-1" in said("transfers")
    assert "No pair is found" in said("link", "--found")
    files = [str(folder / name) for name in ("ledgers.csv", "trades.csv")]
    assert "and okx/main#d-1: one transfer, by amount and time" in said("import", *files)
    assert "paired by amount and time (42 min apart)" in said("transfers")
