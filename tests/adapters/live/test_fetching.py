"""Fetching over a loopback server: pages verbatim, whatever the weather, and no key anywhere."""

import base64
import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from adapters.live import page_fetch
from adapters.live.feeds import (
    BINANCE,
    BITFINEX,
    BYBIT,
    KRAKEN,
    KRAKEN_FUTURES,
    OKX,
    LiveVenue,
    Params,
    Span,
    venue_named,
)
from adapters.live.live_keys import Keys, keys_of, without_keys
from adapters.live.page_store import PageStore
from adapters.live.venue_wire import TRIES, VenueWire
from domain.errors import BookError, UnknownName
from marginbook import Book
from tests.adapters.importers.fixtures import DATA
from tests.adapters.importers.kraken_year import kraken_year
from tests.adapters.live.loopback import Loopback

SECRET = base64.b64encode(b"a secret of thirty-two bytes ...").decode()
KEYS = Keys("the-key-itself", SECRET, "the-passphrase")


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Loopback() as venue:
        yield venue


class Slept(list[float]):
    """Waits instead of sleeping."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def wire(venue: LiveVenue, loopback: Loopback, slept: Slept | None = None) -> VenueWire:
    return VenueWire(venue, KEYS, host=loopback.host, sleep=slept if slept is not None else Slept())


def unix(text: str) -> float:
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


def kraken_pages(loopback: Loopback) -> tuple[str, str]:
    """The invented year of Kraken's tests, as its interface tells it; and as its files do."""
    year = kraken_year()
    ledgers = {
        row["txid"]: {**_without(row, "txid"), "time": unix(row["time"]), "aclass": "currency"}
        for row in year.entries
        if row["txid"]
    }
    trades = {}
    for row in csv.DictReader(StringIO(year.trades(2020))):
        trades[row["txid"]] = {
            **_without(row, "txid"),
            "time": round(unix(row["time"]), 4),
            "ledgers": row["ledgers"].split(","),
        }
    loopback.kraken(ledgers, trades)
    return year.ledgers(2020), year.trades(2020)


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def fetched(
    venue: LiveVenue, loopback: Loopback, folder: Path, since: datetime | None = None
) -> list[Path]:
    page_fetch.fetch(venue, wire(venue, loopback), folder, since=since)
    return [*page_fetch.pages(venue, folder)]


def told(book: Book) -> list[str]:
    return sorted(
        f"{recorded.account} {recorded.event}"
        for recorded in book.events()
        if type(recorded.event).__name__ != "ImportRecorded"
    )


# Pages are read like files ------------------------------------------------------------------------


def test_pages_of_kraken_become_the_events_of_its_files(loopback: Loopback, tmp_path: Path) -> None:
    ledgers, trades = kraken_pages(loopback)
    pages = fetched(KRAKEN, loopback, tmp_path / "pages")
    (tmp_path / "l.csv").write_text(ledgers)
    (tmp_path / "t.csv").write_text(trades)
    files = [tmp_path / "l.csv", tmp_path / "t.csv"]
    with Book.open(tmp_path / "a.db") as live, Book.open(tmp_path / "b.db") as offline:
        result = live.import_files(pages)
        offline.import_files(files)
        assert not result.has_findings
        assert told(live) == told(offline)
        again = live.import_files(files)
        assert [file.recorded for file in again.files] == [0, 0]


def test_a_page_is_kept_byte_for_byte(loopback: Loopback, tmp_path: Path) -> None:
    """Bare numbers keep every digit; nothing is written anew."""
    odd = b'{"error":[],\n "result" : {"ledger":{"L1":{"time":1.5,"amount":0.12345678901234567}},'
    odd += b'"count":1}}'
    loopback.answers["/0/private/Ledgers"] = lambda _: odd
    loopback.answers["/0/private/TradesHistory"] = lambda _: {
        "error": [],
        "result": {"trades": {}, "count": 0},
    }
    (page,) = fetched(KRAKEN, loopback, tmp_path)
    assert page.read_bytes() == odd


@pytest.mark.parametrize("count", [0, 1, 50, 51, 120])
def test_every_page_is_asked_for_once(loopback: Loopback, tmp_path: Path, count: int) -> None:
    rows = {f"L{n:03d}": {"time": 1_700_000_000 + n, "asset": "ZUSD"} for n in range(count)}
    loopback.kraken(rows, {})
    pages = fetched(KRAKEN, loopback, tmp_path)
    names = [name for page in pages for name in json.loads(page.read_text())["result"]["ledger"]]
    assert sorted(names) == sorted(rows)
    assert len(names) == count


@pytest.mark.parametrize(
    ("venue", "page"), [(OKX, "okx/bills"), (BYBIT, "bybit/pages"), (BINANCE, "binance/interest")]
)
def test_what_is_fetched_is_what_its_importer_reads(
    loopback: Loopback, tmp_path: Path, venue: LiveVenue, page: str
) -> None:
    """The same rows on one page and on pages as the venue gives them: the same events."""
    path = DATA / f"{page}.json"
    told_at_once = json.loads(path.read_text())
    match venue.name:
        case "okx":
            rows = told_at_once["data"]
            loopback.okx(sorted(rows, key=lambda row: -int(row["billId"])))
        case "bybit":
            loopback.bybit(told_at_once["result"]["list"])
        case _:
            loopback.binance(told_at_once["rows"])
    since = None if venue is OKX else datetime(2024, 1, 1, tzinfo=UTC)
    pages = fetched(venue, loopback, tmp_path / "pages", since)
    with Book.open(tmp_path / "a.db") as live, Book.open(tmp_path / "b.db") as offline:
        live.import_files(pages)
        offline.import_files([path])
        assert told(live) == told(offline) != []


def bitfinex_lists() -> tuple[list[list[Any]], list[list[Any]]]:
    """The story of the two reports, as the interface tells it."""
    ledgers = [
        *csv.DictReader(StringIO((DATA / "bitfinex/story-ledgers.csv").read_text("utf-8-sig")))
    ]
    trades = [
        *csv.DictReader(StringIO((DATA / "bitfinex/story-trades.csv").read_text("utf-8-sig")))
    ]
    lines = [
        [
            *(int(row["#"]), row["CURRENCY"], None, _ms(row["DATE"]), None),
            *(float(row["AMOUNT"]), float(row["BALANCE"]), None, row["DESCRIPTION"]),
        ]
        for row in ledgers
    ]
    fills = [
        [
            *(int(row["#"]), f"t{row['PAIR'].replace('/', '')}", _ms(row["DATE"])),
            *(int(row["ORDER ID"]), float(row["AMOUNT"]), float(row["PRICE"])),
            *("LIMIT", None, 1, float(row["FEE"]), row["FEE CURRENCY"], None),
        ]
        for row in trades
    ]
    return lines, fills


def _ms(date: str) -> int:
    return int(unix(f"20{date}") * 1000)


def test_lists_of_bitfinex_become_the_events_of_its_reports(
    loopback: Loopback, tmp_path: Path
) -> None:
    loopback.bitfinex(*bitfinex_lists())
    pages = fetched(BITFINEX, loopback, tmp_path / "pages")
    files = [*(DATA / "bitfinex").glob("story-*.csv")]
    with Book.open(tmp_path / "a.db") as live, Book.open(tmp_path / "b.db") as offline:
        assert not live.import_files(pages).has_findings
        offline.import_files(files)
        assert told(live) == told(offline) != []
        assert [file.recorded for file in live.import_files(files).files] == [0, 0]


@pytest.mark.parametrize("count", [0, 2499, 2500, 2501, 6000])
def test_bitfinex_is_asked_for_what_is_older_than_the_last_row(
    loopback: Loopback, tmp_path: Path, count: int
) -> None:
    """Several rows share an instant, and a page may end within it."""
    rows = [
        [n, "USD", None, 1_700_000_000_000 + n // 3, None, 1, 1, None, "Deposit on wallet exchange"]
        for n in range(count)
    ]
    loopback.bitfinex(rows, [])
    pages = fetched(BITFINEX, loopback, tmp_path)
    assert {row[0] for page in pages for row in json.loads(page.read_text())} == {*range(count)}


@pytest.mark.parametrize("count", [0, 499, 500, 501, 1200])
def test_kraken_futures_is_asked_up_to_the_last_id(
    loopback: Loopback, tmp_path: Path, count: int
) -> None:
    loopback.kraken_futures([{"id": n} for n in range(1, count + 1)])
    pages = fetched(KRAKEN_FUTURES, loopback, tmp_path)
    ids = [log["id"] for page in pages for log in json.loads(page.read_text())["logs"]]
    assert sorted(ids) == [*range(1, count + 1)]


# Bad weather --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weather",
    [
        ["throttled"],
        ["dropped"],
        ["half"],
        ["cut"],
        ["down"],
        ["fine", "half", "throttled", "dropped", "cut", "down", "fine", "dropped"],
    ],
    ids=" ".join,
)
def test_weather_costs_time_and_nothing_else(
    loopback: Loopback, tmp_path: Path, weather: list[str]
) -> None:
    rows = {f"L{n:03d}": {"time": 1_700_000_000 + n} for n in range(120)}
    loopback.kraken(rows, {})
    loopback.weather = [*weather]
    slept = Slept()
    page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback, slept), tmp_path)
    names = [
        name
        for page in page_fetch.pages(KRAKEN, tmp_path)
        for name in json.loads(page.read_text())["result"]["ledger"]
    ]
    assert sorted(names) == sorted(rows)
    assert len(slept) == len([one for one in weather if one != "fine"])
    assert slept[0] == 1


def test_a_venue_that_stays_away_is_said_and_what_came_is_kept(
    loopback: Loopback, tmp_path: Path
) -> None:
    rows = {f"L{n:03d}": {"time": 1_700_000_000 + n} for n in range(120)}
    loopback.kraken(rows, {})
    loopback.weather = ["fine", *["dropped"] * TRIES]
    slept = Slept()
    with pytest.raises(BookError, match=r"kraken could not be reached: .* run the same command"):
        page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback, slept), tmp_path)
    assert slept == [1, 2, 4, 8, 16, 32, 60]
    before = len(loopback.asked)
    (ledgers, trades) = page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)
    assert (ledgers.resumed, ledgers.pages, ledgers.rows) == (True, 2, 70)
    assert not trades.resumed
    assert [params["ofs"] for _, params in loopback.asked[before:]] == ["50", "100", "0"]


def test_the_next_run_begins_an_hour_before_the_last_ones_end(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback.kraken({"L1": {"time": 1_700_000_000}}, {})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700010000")
    fetched(KRAKEN, loopback, tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700020000")
    fetched(KRAKEN, loopback, tmp_path)
    spans = [(params.get("start"), params["end"]) for _, params in loopback.asked]
    assert spans == [(None, "1700010000")] * 2 + [("1700006400", "1700020000")] * 2


def test_a_refused_key_is_said_without_it(loopback: Loopback, tmp_path: Path) -> None:
    loopback.kraken({}, {})
    loopback.weather = ["refused"]
    with pytest.raises(BookError, match=r"kraken refuses: .*: check the key, and that it may read"):
        page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)


def test_an_answer_of_another_shape_is_no_page(loopback: Loopback, tmp_path: Path) -> None:
    loopback.answers["/0/private/Ledgers"] = lambda _: {"error": [], "result": {"other": 1}}
    with pytest.raises(BookError, match="the answer is no page of ledgers"):
        page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)
    assert [*page_fetch.pages(KRAKEN, tmp_path)] == []


# Keys ---------------------------------------------------------------------------------------------


def test_no_file_and_no_message_holds_a_key(
    loopback: Loopback,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    kraken_pages(loopback)
    caplog.set_level(0)
    with Book.open(tmp_path / "book.db") as book:
        book.import_files(fetched(KRAKEN, loopback, tmp_path / "pages"))
    held = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    out, err = capfd.readouterr()
    for secret in (KEYS.key, KEYS.secret, KEYS.passphrase):
        assert not any(secret.encode() in content for content in held)
        assert secret not in caplog.text + out + err + repr(KEYS)
    assert without_keys(f"x {KEYS.secret} y {KEYS.key}", KEYS) == "x *** y ***"


def test_keys_come_from_the_environment_then_from_the_keyring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import keyring

    monkeypatch.setattr(
        keyring, "get_password", lambda service, name: {"secret": f"{service} holds it"}.get(name)
    )
    monkeypatch.setenv("MARGINBOOK_KRAKEN_KEY", "k")
    keys = keys_of("kraken")
    assert (keys.key, keys.secret) == ("k", "marginbook/kraken holds it")
    monkeypatch.setenv("MARGINBOOK_OKX_KEY", "k")
    with pytest.raises(BookError, match="no passphrase for okx: set MARGINBOOK_OKX_PASSPHRASE"):
        keys_of("okx", passphrase=True)


# Pages on the disk --------------------------------------------------------------------------------


def keep(store: PageStore, text: str, following: dict[str, Any] | None) -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    store.keep(text, rows=1, at=at, since=None, until=at, request={"n": 1}, following=following)


def test_a_line_that_was_cut_off_was_never_written(tmp_path: Path) -> None:
    """The machine stopped between a page and its line: the page is fetched again."""
    store = PageStore(tmp_path, "p")
    keep(store, "one", {"n": 2})
    keep(store, "two", None)
    listed = tmp_path / "requests.jsonl"
    whole = listed.read_bytes()
    for cut in range(whole.index(b"\n") + 1, len(whole)):
        listed.write_bytes(whole[:cut])
        again = PageStore(tmp_path, "p")
        assert again.last is not None
        assert again.last.next == {"n": 2}
        keep(again, "two", None)
        assert listed.read_bytes().count(b"\n") == 2
        assert [path.read_text() for path in PageStore(tmp_path, "p").paths()] == ["one", "two"]


def test_a_page_that_was_edited_is_refused(tmp_path: Path) -> None:
    store = PageStore(tmp_path, "p")
    keep(store, "one", None)
    store.path(1).write_text("won")
    with pytest.raises(BookError, match="is not the page that was fetched"):
        [*store.paths()]
    (tmp_path / "requests.jsonl").write_text("{}\n")
    with pytest.raises(BookError, match=r"requests.jsonl:1 is no line of fetched pages"):
        PageStore(tmp_path, "p")


# Other venues' ways of paging ---------------------------------------------------------------------

UNTIL = datetime(2025, 6, 1, tzinfo=UTC)


def test_okx_is_asked_for_what_is_older_than_the_last_bill(
    loopback: Loopback, tmp_path: Path
) -> None:
    bills = [{"billId": str(1000 - n), "ccy": "USDT"} for n in range(250)]
    loopback.okx(bills)
    (result,) = page_fetch.fetch(OKX, wire(OKX, loopback), tmp_path)
    assert (result.pages, result.rows) == (3, 250)


def test_bybit_is_asked_week_by_week(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(UNTIL.timestamp())))
    first = int(datetime(2025, 5, 1, tzinfo=UTC).timestamp() * 1000)
    rows = [{"transactionTime": str(first + n * 3_600_000), "id": str(n)} for n in range(31 * 24)]
    loopback.bybit(rows)
    since = datetime(2025, 5, 1, tzinfo=UTC)
    (result,) = page_fetch.fetch(BYBIT, wire(BYBIT, loopback), tmp_path, since=since)
    assert result.rows == len(rows)


def test_binance_is_asked_month_by_month(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(UNTIL.timestamp())))
    first = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000)
    rows = [{"interestAccuredTime": first + n * 3_600_000, "txId": n} for n in range(500 * 24)]
    loopback.binance(rows)
    since = datetime(2024, 1, 1, tzinfo=UTC)
    (result,) = page_fetch.fetch(BINANCE, wire(BINANCE, loopback), tmp_path, since=since)
    assert result.rows == len(rows)
    old = [params.get("archived") for _, params in loopback.asked]
    assert set(old) == {"true", None}
    assert old[0] == "true"
    assert old[-1] is None


def test_windows_leave_no_gap_and_do_not_overlap() -> None:
    span = Span(datetime(2024, 1, 1, tzinfo=UTC), UNTIL)
    for feed, days in ((BYBIT.feeds[0], 7), (BINANCE.feeds[0], 30)):
        request: Params | None = feed.first(span)
        empty = {"result": {"list": []}, "rows": [], "total": 0}
        spans = []
        while request is not None:
            spans.append((request["startTime"], request["endTime"]))
            request = feed.following(request, empty, span)
        assert [start for start, _ in spans[1:]] == [end + 1 for _, end in spans[:-1]]
        assert all(end - start < days * 86_400_000 for start, end in spans)
        assert spans[-1][1] == int(UNTIL.timestamp() * 1000)


def test_a_venue_that_cannot_be_asked_is_said() -> None:
    with pytest.raises(UnknownName, match="'mtgox' is no venue that can be asked; known: binance"):
        venue_named("mtgox")
