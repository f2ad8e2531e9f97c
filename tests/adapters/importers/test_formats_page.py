"""docs/formats.md says what the importers do, in their own names."""

import re
from pathlib import Path

import attrs

from adapters.importers.kraken import kraken_codes as codes
from adapters.importers.registry import importers
from adapters.wire import TYPES
from domain.events import Event
from tests.kraken_venue import LEDGERS, TRADES

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*)$", PAGE, re.MULTILINE))


def test_every_type_of_event_and_every_field_is_on_the_page() -> None:
    common = {field.name for field in attrs.fields(Event)}
    assert ROWS.keys() == TYPES.keys()
    for name, kind in TYPES.items():
        like = ROWS["filled"] if name == "liquidated" else ""
        said = set(re.findall(r"`(\w+)`", ROWS[name] + like))
        assert {field.name for field in attrs.fields(kind)} - common <= said, name


def test_every_importer_has_its_section() -> None:
    assert [i.name for i in importers() if f"## {i.name.capitalize()}" not in PAGE] == []


def test_every_generation_of_kraken_is_on_the_page() -> None:
    for years, kind in ((LEDGERS, "ledgers"), (TRADES, "trades")):
        (row,) = re.findall(rf"^\| {kind} \|(.*)$", PAGE, re.MULTILINE)
        assert [int(year) for year in re.findall(r"20\d\d", row)] == sorted(years)


def test_every_suffix_of_an_asset_is_on_the_page() -> None:
    for suffix in ("S", "M", "F", "B", "P", "HOLD"):
        assert codes.asset(f"DOT.{suffix}").name == "DOT"
        assert f".{suffix}" in PAGE
