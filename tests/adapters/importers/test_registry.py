"""Which importer reads a file, and what is said of a file that none reads."""

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from adapters.importers import registry
from domain.errors import BookError, UnknownName
from tests.adapters.importers.kraken_year import FOLDER


def test_a_file_is_known_by_its_beginning_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "export (3).txt"
    path.write_bytes((FOLDER / "ledgers.csv").read_bytes())
    importer, generation = registry.recognise(path)
    assert (importer.name, generation) == ("kraken", "kraken-ledgers 2020")


def test_a_native_file_is_known_too(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text('\n  {"type": "deposited"}\n')
    assert registry.recognise(path)[0].name == "native"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b,c\n1,2,3\n", "x.csv is of a format not known here. "),
        (b"", "x.csv is empty. "),
        (b"PK\x03\x04", "x.csv is a ZIP archive or a workbook"),
        ("txid,refid,aclass".encode("utf-16"), "x.csv is UTF-16 text: save it as UTF-8. "),
    ],
)
def test_an_unknown_file_is_told_which_headers_are_known(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(UnknownName) as unknown:
        registry.recognise(path)
    assert str(unknown.value).startswith(said)
    for importer, name, header in registry.formats():
        assert f"\n  {name or importer}: {header}" in str(unknown.value)


def test_an_importer_can_be_named() -> None:
    assert registry.named("kraken").name == "kraken"
    with pytest.raises(UnknownName, match="no importer is called 'bitstamp'; known: kraken, "):
        registry.named("bitstamp")


class Installed:
    """An importer of another distribution."""

    name = "elsewhere"
    headers = ("ELSEWHERE",)
    all_or_nothing = False

    def recognise(self, beginning: bytes) -> str | None:
        return "elsewhere 1" if beginning.startswith(b"ELSEWHERE") else None


def installed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    point = EntryPoint("elsewhere", value, registry.ENTRY_POINT)
    monkeypatch.setattr(registry, "entry_points", lambda group: EntryPoints([point]))


def test_an_importer_of_another_distribution_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed(monkeypatch, f"{__name__}:Installed")
    monkeypatch.setattr(EntryPoint, "load", lambda _: Installed)
    path = tmp_path / "x"
    path.write_text("ELSEWHERE")
    assert registry.recognise(path)[1] == "elsewhere 1"


def test_an_importer_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "nowhere.to.be:Found")
    with pytest.raises(BookError, match=r"the importer 'elsewhere' \(nowhere.to.be:Found\) cannot"):
        registry.importers()


def test_what_is_installed_is_looked_for_only_where_none_of_ours_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page of a venue is one of thousands; and a broken importer stops no file of ours."""
    installed(monkeypatch, "nowhere.to.be:Found")
    assert registry.recognise(FOLDER / "ledgers.csv")[0].name == "kraken"
