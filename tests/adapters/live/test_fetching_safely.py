"""Fetching in a world that errs: wrong clocks, two runs at once, circles, loose keys."""

import base64
import json
import multiprocessing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from adapters.live import page_fetch
from adapters.live.feeds import BYBIT, KRAKEN, OKX, LiveVenue
from adapters.live.live_keys import Keys, without_keys
from adapters.live.page_store import PageStore, kept_alone
from adapters.live.venue_wire import VenueWire
from domain.errors import BookError
from tests.adapters.live.loopback import Loopback
from tests.adapters.live.test_fetching import KEYS, Slept, loopback, wire

__all__ = ["loopback"]

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
DAY = 86_400


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def run(
    venue: LiveVenue,
    loopback: Loopback,
    folder: Path,
    clock: int,
    monkeypatch: pytest.MonkeyPatch,
    since: datetime | None = None,
) -> list[tuple[str | None, str]]:
    """The spans of the ledgers that a run asks for when the clock says this."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(clock))
    before = len(loopback.asked)
    page_fetch.fetch(venue, wire(venue, loopback), folder, since=since)
    asked = [params for path, params in loopback.asked[before:] if path.endswith("Ledgers")]
    return [(params.get("start"), params["end"]) for params in asked]


# Clocks -------------------------------------------------------------------------------------------

NOW = 1_700_000_000


def test_a_run_whose_clock_was_ahead_leaves_no_gap(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run believes in the year 2033. The next one begins where nothing is yet sure."""
    loopback.kraken({}, {})
    run(KRAKEN, loopback, tmp_path, NOW + 3650 * DAY, monkeypatch)
    assert run(KRAKEN, loopback, tmp_path, NOW, monkeypatch) == [(None, str(NOW))]
    run(KRAKEN, loopback, tmp_path, NOW + 3650 * DAY, monkeypatch)
    later = run(KRAKEN, loopback, tmp_path, NOW + DAY, monkeypatch)
    assert later == [(str(NOW - 3600), str(NOW + DAY))]


def test_a_clock_that_goes_back_asks_again_for_what_came(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback.kraken({}, {})
    run(KRAKEN, loopback, tmp_path, NOW, monkeypatch)
    run(KRAKEN, loopback, tmp_path, NOW + DAY, monkeypatch)
    back = run(KRAKEN, loopback, tmp_path, NOW + DAY - 60, monkeypatch)
    assert back == [(str(NOW - 3600), str(NOW + DAY - 60))]


def test_a_beginning_that_lies_ahead_is_refused_and_leaves_no_trace(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the first run would count as done, and all that came before would never be asked for."""
    loopback.kraken({}, {})
    with pytest.raises(BookError, match=r"2023-11-15 22:13 lies ahead: there is nothing to fetch"):
        run(KRAKEN, loopback, tmp_path, NOW, monkeypatch, since=at(NOW + DAY))
    assert run(KRAKEN, loopback, tmp_path, NOW, monkeypatch) == [(None, str(NOW))]


def test_an_earlier_beginning_goes_back_to_it(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback.kraken({}, {})
    month, year = at(NOW - 30 * DAY), at(NOW - 365 * DAY)
    run(KRAKEN, loopback, tmp_path, NOW, monkeypatch, since=month)
    again = run(KRAKEN, loopback, tmp_path, NOW + 60, monkeypatch, since=month)
    assert again == [(str(NOW - 3600), str(NOW + 60))]
    earlier = run(KRAKEN, loopback, tmp_path, NOW + 120, monkeypatch, since=year)
    assert earlier == [(str(NOW - 365 * DAY), str(NOW + 120))]
    last = run(KRAKEN, loopback, tmp_path, NOW + 180, monkeypatch, since=year)
    assert last == [(str(NOW - 3600 + 120), str(NOW + 180))]


def test_a_clock_that_the_venue_does_not_take_is_said(loopback: Loopback, tmp_path: Path) -> None:
    loopback.answers["/0/private/Ledgers"] = lambda _: {"error": ["EAPI:Invalid nonce"]}
    with pytest.raises(BookError, match="is this machine's clock right"):
        page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)


# Venues that never end ----------------------------------------------------------------------------


def test_a_venue_that_repeats_a_page_is_left(loopback: Loopback, tmp_path: Path) -> None:
    page = {f"L{n}": {"time": 1_700_000_000 + n} for n in range(50)}
    answer = {"error": [], "result": {"ledger": page, "count": 10**9}}
    loopback.answers["/0/private/Ledgers"] = lambda _: answer
    with pytest.raises(BookError, match="tells the same page again and would never end"):
        page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)
    assert len(loopback.asked) == 2


def test_a_cursor_that_leads_in_a_circle_is_left(loopback: Loopback, tmp_path: Path) -> None:
    """The rows are new ones each time, or say so; the cursor is not."""
    count = iter(range(10**6))

    def answer(params: dict[str, str]) -> Any:
        rows = [{"id": next(count)}]
        cursor = "b" if params.get("cursor") == "a" else "a"
        return {"retCode": 0, "result": {"list": rows, "nextPageCursor": cursor}}

    loopback.answers["/v5/account/transaction-log"] = answer
    with pytest.raises(BookError, match="would never end"):
        page_fetch.fetch(BYBIT, wire(BYBIT, loopback), tmp_path, since=SINCE)
    assert len(loopback.asked) < 10


def test_a_count_that_is_too_low_ends_nothing(loopback: Loopback, tmp_path: Path) -> None:
    rows = {f"L{n:03d}": {"time": 1_700_000_000 + n} for n in range(120)}
    loopback.kraken(rows, {})
    inner = loopback.answers["/0/private/Ledgers"]

    def low(params: dict[str, str]) -> Any:
        page = inner(params)
        page["result"]["count"] = 50
        return page

    loopback.answers["/0/private/Ledgers"] = low
    (ledgers, _) = page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)
    assert ledgers.rows == 120


# Two runs, and who may look -----------------------------------------------------------------------


def _holding(folder: Path, held: Any, done: Any) -> None:
    with kept_alone(folder):
        held.set()
        done.wait(20)


def test_two_runs_at_once_do_not_mix_their_pages(loopback: Loopback, tmp_path: Path) -> None:
    loopback.kraken({"L1": {"time": 1_700_000_000}}, {})
    taken = pytest.raises(BookError, match=r"another run fetches into .*kraken: wait")
    with kept_alone(tmp_path / "kraken"), taken:
        page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)
    assert loopback.asked == []
    assert page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)[0].rows == 1


def test_a_run_that_died_holds_nobody_up(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=_holding, args=(tmp_path, held, done))
    other.start()
    assert held.wait(20)
    other.kill()
    other.join()
    with kept_alone(tmp_path):
        pass


def test_pages_are_nobody_elses_business(loopback: Loopback, tmp_path: Path) -> None:
    loopback.kraken({"L1": {"time": 1_700_000_000}}, {})
    folder = tmp_path / "book.db.pages"
    page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), folder)
    assert folder.stat().st_mode & 0o077 == 0


def test_many_pages_are_noted_in_a_time_that_does_not_grow(tmp_path: Path) -> None:
    """Each line is added; the list is read once, for a line that was cut off."""
    store = PageStore(tmp_path, "p")
    reads = 0
    inner = Path.read_bytes

    def counted(self: Path) -> bytes:
        nonlocal reads
        reads += self.name == "requests.jsonl"
        return inner(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "read_bytes", counted)
        for n in range(20):
            store.keep(
                str(n), rows=1, at=SINCE, since=None, until=SINCE, request={}, following=None
            )
    assert reads <= 1
    assert len([*PageStore(tmp_path, "p").paths()]) == 20


# Keys ---------------------------------------------------------------------------------------------

SECRET = base64.b64encode(b"\xff\xfe\xfb/of thirty-two bytes ../?>").decode()
LOOSE = Keys("key/with+signs", SECRET, "a pass/phrase")


@pytest.mark.parametrize("secret", ["not base64!", "sécret", "€"])
def test_a_secret_that_is_none_is_said_without_it(
    loopback: Loopback, tmp_path: Path, secret: str
) -> None:
    loopback.kraken({}, {})
    bad = VenueWire(KRAKEN, Keys("k-e-y", secret), host=loopback.host, sleep=Slept())
    with pytest.raises(BookError, match="kraken cannot be asked: the secret is none") as raised:
        page_fetch.fetch(KRAKEN, bad, tmp_path)
    assert secret not in str(raised.value)


@pytest.mark.parametrize("slash", ["/", r"\/"])
@pytest.mark.parametrize("value", ["key", "secret", "passphrase"])
def test_an_answer_that_says_a_key_back_is_shown_without_it(
    loopback: Loopback, tmp_path: Path, value: str, slash: str
) -> None:
    for said in (getattr(LOOSE, value), quote(getattr(LOOSE, value), safe="")):
        body = json.dumps({"code": "0", "said": said}).replace("/", slash).encode()
        loopback.answers["/api/v5/account/bills-archive"] = partial(_given, body)
        echoing = VenueWire(OKX, LOOSE, host=loopback.host, sleep=Slept())
        with pytest.raises(BookError, match="is no page of bills") as raised:
            page_fetch.fetch(OKX, echoing, tmp_path)
        assert "***" in str(raised.value)
        assert said not in str(raised.value)


def _given(body: bytes, _: dict[str, str]) -> bytes:
    return body


def test_a_refusal_that_says_a_key_back_is_shown_without_it(
    loopback: Loopback, tmp_path: Path
) -> None:
    said = {"error": [f"EGeneral:Unknown {KEYS.key} {KEYS.secret}".replace("/", r"\/")]}
    loopback.answers["/0/private/Ledgers"] = lambda _: said
    with pytest.raises(BookError, match="kraken refuses") as raised:
        page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)
    assert KEYS.key not in str(raised.value)
    assert KEYS.secret not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_page_of_a_website_is_no_answer(loopback: Loopback, tmp_path: Path) -> None:
    """A captive portal, or a wall before the venue: waited out, then said."""
    loopback.answers["/0/private/Ledgers"] = lambda _: b"<html>Log in to the hotel</html>"
    with pytest.raises(BookError, match="could not be reached: the answer was no JSON, or cut off"):
        page_fetch.fetch(KRAKEN, wire(KRAKEN, loopback), tmp_path)


def test_keys_are_masked_in_every_spelling() -> None:
    for text in (LOOSE.key, "key%2Fwith%2Bsigns", r"key\/with+signs", LOOSE.secret):
        assert without_keys(f"<{text}>", LOOSE) == "<***>"
