"""The bar of an import: what it shows, how often, and that it leaves nothing behind."""

import re
from io import StringIO
from pathlib import Path
from unittest.mock import Mock

import pytest

import marginbook
from adapters.book import Book
from adapters.cli import options, progressing
from adapters.cli.options import Asked
from adapters.cli.progressing import lines_of, progress_of
from tests.kraken_venue import Venue


class Terminal(StringIO):
    """What someone watches."""

    def isatty(self) -> bool:
        return True

    @property
    def drawn(self) -> list[str]:
        """Every drawing of the bar."""
        return [one.rstrip() for one in re.findall(r"importing  [^\r]*", self.getvalue())]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal as stderr. (pytest has its own, which it puts back before each test.)"""
    terminal = Terminal()
    for module in (progressing, options):
        monkeypatch.setattr(module, "sys", Mock(stderr=terminal))
    return terminal


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """A clock that stands still until it is told: `clock.return_value` seconds."""
    clock = Mock(return_value=0.0)
    monkeypatch.setattr(progressing, "monotonic", clock)
    monkeypatch.setattr("time.time", clock)  # the bar's own
    return clock


def lines(path: Path, count: int) -> Path:
    path.write_text("x\n" * count)
    return path


@pytest.mark.parametrize(
    ("content", "count"),
    [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n\n", 2), (b"a\n" * 700_000, 700_000)],
)
def test_lines_are_counted_the_last_one_ended_or_not(
    tmp_path: Path, content: bytes, count: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert lines_of(path) == count


def test_the_bar_shows_how_far_it_is_of_all_files_together(
    tmp_path: Path, terminal: Terminal, clock: Mock
) -> None:
    files = [lines(tmp_path / "a", 3000), lines(tmp_path / "b", 1000)]
    with progress_of(Asked(), [*files, files[0]]) as told:
        assert told is not None
        clock.return_value = 2.0
        told(1000)
        clock.return_value = 4.0
        told(2000)
    assert terminal.drawn == [
        "importing  [----------------]    0%  0 rows",
        "importing  [####------------]   25%  00:00:06  1,000 rows  500 rows/s",
        "importing  [############----]   75%  00:00:01  3,000 rows  750 rows/s",
    ]


def test_it_is_drawn_ten_times_a_second_at_most(
    tmp_path: Path, terminal: Terminal, clock: Mock
) -> None:
    with progress_of(Asked(), [lines(tmp_path / "a", 10_000)]) as told:
        assert told is not None
        for step in range(1000):
            clock.return_value = step / 1000
            told(10)
    assert 9 <= len(terminal.drawn) <= 11


def test_more_rows_than_lines_are_never_more_than_all(
    tmp_path: Path, terminal: Terminal, clock: Mock
) -> None:
    """A file whose lines end otherwise, such as with a lone carriage return."""
    with progress_of(Asked(), [lines(tmp_path / "a", 1)]) as told:
        assert told is not None
        clock.return_value = 1.0
        told(50)
    assert "100%  50 rows" in terminal.drawn[-1]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_bar_is_gone_however_it_ends(
    tmp_path: Path, terminal: Terminal, error: type[BaseException]
) -> None:
    with pytest.raises(error), progress_of(Asked(), [lines(tmp_path / "a", 5)]):
        raise error
    assert terminal.getvalue().endswith("\r\x1b[2K\x1b[?25h"), "and the cursor is seen again"


def test_it_is_silent_where_no_one_watches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_of(Asked(), [lines(tmp_path / "a", 5)]) as told:
        assert told is None
    assert capsys.readouterr().err == ""


def test_it_is_silent_where_json_is_asked_for(tmp_path: Path, terminal: Terminal) -> None:
    asked = Asked()
    asked.json = True
    with progress_of(asked, [lines(tmp_path / "a", 5)]) as told:
        assert told is None
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("command", ["import", "prices"])
def test_both_imports_have_it(
    tmp_path: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progressing, "_EVERY", 0)
    bars = "".join(f"{1735689600 + 60 * i},1,1,1,1,1,1\n" for i in range(100))
    Path("XBTUSD_1.csv").write_text(bars)
    at = '"type":"deposited","account":"a/x","at":"2025-01-01T00:00:00Z"'
    events = (f'{{{at},"id":"{i}","asset":"USD","quantity":"1"}}\n' for i in range(100))
    Path("a.jsonl").write_text("".join(events))
    words = {"import": ["import", "a.jsonl"], "prices": ["prices", "import", "XBTUSD_1.csv"]}
    assert marginbook.main(words[command]) == 0
    assert "100%  100 rows" in terminal.drawn[-1]
    assert terminal.getvalue().endswith("\x1b[2K\x1b[?25h")


def test_rows_that_are_told_are_the_rows_that_are_counted(tmp_path: Path) -> None:
    """A remark on a row that was taken is no row more."""
    venue = Venue("gap")
    venue.deposit("2025-01-02 09:00:00", "USD", "50000")
    venue.withdraw("2025-01-03 09:00:00", "USD", "1000")
    del venue.entries[-1]
    venue.withdraw("2025-01-04 09:00:00", "USD", "2000")
    path = tmp_path / "ledgers.csv"
    path.write_text(venue.ledgers())
    told: list[int] = []
    with Book.open(":memory:") as book:
        (file,) = book.import_files([path], progress=told.append).files
    assert file.findings
    assert sum(told) == file.rows
