"""The command `fetch`, as its user sees it."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.cli.main import run
from adapters.live import live_keys, venue_wire
from adapters.live.feeds import LiveVenue
from adapters.live.live_keys import Keys
from tests.adapters.live.loopback import Loopback
from tests.adapters.live.test_fetching import KEYS, Slept, kraken_pages, loopback

__all__ = ["loopback"]


@pytest.fixture
def venue(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """Kraken on this machine, with keys."""
    kraken_pages(loopback)
    real = venue_wire.VenueWire

    def here(venue: LiveVenue, keys: Keys) -> Any:
        return real(venue, keys, host=loopback.host, sleep=Slept())

    monkeypatch.setattr(venue_wire, "VenueWire", here)
    monkeypatch.setattr(live_keys, "keys_of", lambda *_, **__: KEYS)
    return loopback


def fetched(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = run(["fetch", "kraken", *arguments])
    return status, capsys.readouterr().out


def test_the_first_run_records_and_the_second_knows(
    venue: Loopback, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = str(tmp_path / "b.db")
    status, said = fetched(capsys, "--book", book, "--json")
    first = json.loads(said)
    assert status == 0
    assert [feed["feed"] for feed in first["feeds"]] == ["ledgers", "trades"]
    files = first["imported"]["files"]
    assert sum(file["recorded"] for file in files) > 0
    status, said = fetched(capsys, "--book", book, "--json")
    again = json.loads(said)
    assert again["imported"]["head"] == first["imported"]["head"]
    assert (tmp_path / "b.db.pages" / "kraken" / "ledgers" / "requests.jsonl").exists()


def test_a_dry_run_keeps_pages_and_makes_no_book(
    venue: Loopback, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = fetched(capsys, "--book", str(tmp_path / "b.db"), "--dry-run")
    assert status == 0
    assert "A dry run: nothing was recorded." in said
    assert not (tmp_path / "b.db").exists()


def test_an_unknown_venue_and_missing_keys_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["fetch", "mtgox"]) == 2
    assert "'mtgox' is no venue that can be asked; known: binance" in capsys.readouterr().err
    monkeypatch.setattr(live_keys, "_keyring", lambda *_: "")
    assert run(["fetch", "kraken"]) == 2
    assert "set MARGINBOOK_KRAKEN_KEY and MARGINBOOK_KRAKEN_SECRET" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []
