"""Closes become prices of the book: at the end of their bar, once, whatever file they come from."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.book import Book
from adapters.prices.bar_import import PricesResult
from domain.errors import BookError
from domain.events import ImportRecorded, IncomeReceived, PriceObserved, Voided
from tests.adapters.prices.bars import DATA, a_day, kraken

KRAKEN = DATA / "XBTUSD_1440.csv"


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    return Book.open(":memory:")


def written(folder: Path, content: str, name: str = "XBTUSD_1440.csv") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def counts(result: PricesResult) -> list[tuple[int, int, int, int, int]]:
    return [
        (file.rows, file.recorded, file.known, file.ignored, len(file.findings))
        for file in result.imported.files
    ]


def test_a_close_is_a_price_when_its_bar_has_ended(book: Book) -> None:
    book.import_prices([KRAKEN])
    first = next(book.events(types=[PriceObserved]))
    assert first.account == "book"
    assert first.event == PriceObserved(
        at="2025-03-02T00:00:00Z",  # type: ignore[arg-type]
        id="price-BTC-USD-1440m@kraken-2025-03-01T00:00:00Z",
        asset="BTC",
        quote="USD",
        price="86050.1",  # type: ignore[arg-type]
        source="XBTUSD_1440.csv 1440m close",
    )
    assert first.source is not None
    assert (first.source.file, first.source.line) == ("XBTUSD_1440.csv", 1)
    assert len(first.source.sha256) == 64


def test_a_price_values_what_happens_after_its_bar_ended_not_before(book: Book) -> None:
    """The bar of 1 March counts from 2 March 00:00 on, for 24 hours (policy `price_age`)."""
    book.import_prices([KRAKEN])
    for at, basis in (
        ("2025-03-01T23:59:59Z", None),
        ("2025-03-02T00:00:00Z", Decimal("86050.1")),
        ("2025-03-02T23:59:59Z", Decimal("86050.1")),
        ("2025-03-05T12:00:00Z", None),
    ):
        event = IncomeReceived(id=at, at=at, asset="BTC", quantity="1", kind="reward")  # type: ignore[arg-type]
        book.record([event], "kraken/main")
        (lot,) = [lot for lot in book.lots().lots if lot.lot == at]
        assert lot.basis == basis


def test_importing_again_records_nothing(book: Book) -> None:
    assert counts(book.import_prices([KRAKEN])) == [(4, 4, 0, 0, 0)]
    head = book.head()
    assert counts(book.import_prices([KRAKEN])) == [(4, 0, 4, 0, 0)]
    assert book.head() == head


def test_an_overlapping_file_of_another_name_brings_what_is_new(book: Book, tmp_path: Path) -> None:
    book.import_prices([written(tmp_path, kraken(0, 1, 2))])
    more = written(tmp_path, kraken(1, 2, 3, 4), "later_XBTUSD_1440.csv")
    assert counts(book.import_prices([more])) == [(4, 2, 2, 0, 0)]


def test_the_same_prices_in_another_format_are_known(book: Book, tmp_path: Path) -> None:
    book.import_prices([written(tmp_path, kraken(0, 1))])
    plain = "date,open,high,low,close\n2025-03-01,10,10.0,10,10.00\n2025-03-02,11,11,11,11\n"
    files = [written(tmp_path, plain, "p.csv")]
    result = book.import_prices(files, asset="BTC", quote="USD", venue="kraken")
    assert counts(result) == [(2, 0, 2, 0, 0)]


def test_bars_of_nobody_known_stand_beside_those_of_a_venue(book: Book, tmp_path: Path) -> None:
    book.import_prices([written(tmp_path, kraken(0, 1))])
    plain = "date,open,high,low,close\n2025-03-01,10,10,10,10\n2025-03-02,12,12,12,12\n"
    result = book.import_prices([written(tmp_path, plain, "p.csv")], asset="BTC", quote="USD")
    assert counts(result) == [(2, 2, 0, 0, 0)]
    assert [(price.venue, str(price.price)) for price in book.prices()] == [
        ("kraken", "10"),
        ("", "10"),
        ("kraken", "11"),
        ("", "12"),
    ]


def test_two_venues_bars_of_one_pair_stand_side_by_side(book: Book, tmp_path: Path) -> None:
    """Of one venue another close for a known bar stays a conflict."""
    book.import_prices([written(tmp_path, kraken(0, 1))])
    other = written(tmp_path, kraken(0, a_day(1, "11.5")), "o_XBTUSD_1440.csv")
    assert counts(book.import_prices([other], venue="bitstamp")) == [(2, 2, 0, 0, 0)]
    assert counts(book.import_prices([other], venue="bitstamp")) == [(2, 0, 2, 0, 0)]
    assert counts(book.import_prices([other])) == [(2, 0, 1, 0, 1)]


@pytest.mark.parametrize("venue", ["", "Kraken", "a/b", "a@b", "-x", "x" * 41])
def test_what_is_no_venue_is_refused(book: Book, venue: str) -> None:
    with pytest.raises(BookError, match="is no venue"):
        book.import_prices([KRAKEN], venue=venue)


def test_a_file_recorded_before_names_had_venues_is_still_known(book: Book, tmp_path: Path) -> None:
    """Its bars keep their names: also where a later file brought one of them under its new name."""
    old = written(tmp_path, kraken(0, 1, 2))
    book.import_prices([old], venue="none")
    (evidence,) = book.events(types=[ImportRecorded])
    assert isinstance(evidence.event, ImportRecorded)
    assert evidence.event.format == "kraken-ohlcvt", "as it was recorded then"
    again = book.import_prices([old])
    assert counts(again) == [(3, 0, 3, 0, 0)]
    assert again.series[str(old)].venue == ""
    longer = written(tmp_path, kraken(0, 1, 2, 3), "b_XBTUSD_1440.csv")
    assert counts(book.import_prices([longer])) == [(4, 4, 0, 0, 0)]
    assert counts(book.import_prices([old, longer])) == [(3, 0, 3, 0, 0), (4, 0, 4, 0, 0)]


def test_a_venue_that_is_told_gives_old_bars_their_names(book: Book) -> None:
    book.import_prices([KRAKEN], venue="none")
    assert counts(book.import_prices([KRAKEN], venue="kraken")) == [(4, 4, 0, 0, 0)]
    assert {price.venue for price in book.prices()} == {"", "kraken"}


def test_overlapping_files_of_one_command_record_each_bar_once(book: Book, tmp_path: Path) -> None:
    one = written(tmp_path, kraken(0, 1, 2), "a_XBTUSD_1440.csv")
    two = written(tmp_path, kraken(1, 2, 3), "b_XBTUSD_1440.csv")
    assert counts(book.import_prices([two, one])) == [(3, 1, 2, 0, 0), (3, 3, 0, 0, 0)]


def test_another_close_for_a_known_bar_is_a_conflict(book: Book, tmp_path: Path) -> None:
    """The last bar of an export from the middle of a day was not finished."""
    book.import_prices([written(tmp_path, kraken(0, 1))])
    finished = written(tmp_path, kraken(0, a_day(1, "11.5"), 2))
    result = book.import_prices([finished])
    assert counts(result) == [(3, 1, 1, 0, 1)]
    (found,) = result.imported.files[0].findings
    assert (found.line, found.column) == (2, "id")
    assert "conflict" in found.problem
    assert [str(price.price) for price in book.prices()] == ["10", "11", "12"]


def test_rows_in_any_order_leave_the_same_head(book: Book, tmp_path: Path) -> None:
    """Of a file that is known in another order of its rows nothing is new."""
    rows = [a_day(day) for day in range(30)]
    book.import_prices([written(tmp_path, "".join(rows))])
    head, known = book.head(), list(book.prices())
    shuffled = written(tmp_path, "".join(rows[1::2] + rows[-2::-2]))
    assert counts(book.import_prices([shuffled])) == [(30, 0, 30, 0, 0)]
    assert book.head() == head
    with Book.open(":memory:") as other:
        other.import_prices([shuffled])
        assert [(p.id, p.price, p.at) for p in other.prices()] == [
            (p.id, p.price, p.at) for p in known
        ]


def test_good_rows_are_recorded_and_the_rest_are_findings(book: Book, tmp_path: Path) -> None:
    content = kraken(0, 1, 2, "1741046400,0,0,0,0,0,0\n", 1, "1741132800,1,2\n")
    result = book.import_prices([written(tmp_path, content)])
    assert counts(result) == [(6, 3, 0, 1, 2)]
    assert result.imported.files[0].reasons == {
        "the same bar stands in another row of this file": 1
    }
    assert result.imported.has_findings


def test_strict_records_all_or_nothing(book: Book, tmp_path: Path) -> None:
    bad = written(tmp_path, kraken(0, 1, "1741046400,0,0,0,0,0,0\n"))
    result = book.import_prices([KRAKEN, bad], strict=True)
    assert result.imported.refused
    assert book.head().position == 0


def test_an_unknown_pair_records_nothing(book: Book, tmp_path: Path) -> None:
    nameless = written(tmp_path, kraken(0, 1), "prices.csv")
    with pytest.raises(BookError, match="Tell it with --asset and --quote"):
        book.import_prices([KRAKEN, nameless])
    assert book.head().position == 0


def test_a_row_of_zeros_is_never_a_price(book: Book, tmp_path: Path) -> None:
    result = book.import_prices([written(tmp_path, kraken(0, "1740873600,0,0,0,0,0,0\n", 2))])
    (found,) = result.imported.files[0].findings
    assert (found.line, found.column, found.value) == (2, "open", "0")
    series = result.to_dict()["files"][0]["series"]
    assert (series["bars"], series["missing"]) == (2, 1)


def test_a_voided_price_is_no_longer_known(book: Book) -> None:
    book.import_prices([KRAKEN])
    at = datetime(2025, 4, 1, tzinfo=UTC)
    name = "price-BTC-USD-1440m@kraken-2025-03-01T00:00:00Z"
    book.decide(Voided(at=at, id="v", target=name, reason="wrong"))
    assert name not in [price.id for price in book.prices()]
    assert len(list(book.prices())) == 3


def test_the_book_still_verifies(book: Book) -> None:
    book.import_prices([KRAKEN, DATA / "BTCUSDT-1h-2024-12.csv", DATA / "Bitstamp_ETHUSD_d.csv"])
    assert book.verify().ok


def test_prices_can_be_asked_by_asset_and_time(book: Book) -> None:
    book.import_prices([KRAKEN, DATA / "Bitstamp_ETHUSD_d.csv"])
    since, at = datetime(2025, 3, 3, tzinfo=UTC), datetime(2025, 3, 4, tzinfo=UTC)
    known = book.prices(asset="ETH", since=since, at=at)
    assert [(p.asset, str(p.price), p.interval) for p in known] == [
        ("ETH", "2520.5", "1440m"),
        ("ETH", "2150.2", "1440m"),
    ]
