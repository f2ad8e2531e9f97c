"""docs/formats.md says what the importers do, in their own names."""

import re
from pathlib import Path

import attrs

from adapters.importers.formats_page import formats_page
from adapters.importers.kraken import kraken_codes as codes
from adapters.importers.registry import formats
from adapters.wire import TYPES
from domain.events import Event

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*)$", PAGE, re.MULTILINE))


def test_every_type_of_event_and_every_field_is_on_the_page() -> None:
    common = {field.name for field in attrs.fields(Event)}
    assert ROWS.keys() == TYPES.keys()
    for name, kind in TYPES.items():
        like = ROWS["filled"] if name == "liquidated" else ""
        said = set(re.findall(r"`(\w+)`", ROWS[name] + like))
        assert {field.name for field in attrs.fields(kind)} - common <= said, name


def test_the_page_is_written_from_the_importers() -> None:
    """If this fails: python -m adapters.importers.formats_page > docs/formats.md"""
    assert formats_page() == PAGE


def test_every_kind_of_file_is_on_the_page() -> None:
    assert [
        n for _, n, _ in formats() if n not in ("native", "") and f"\n| `{n}` |" not in PAGE
    ] == []


def test_every_suffix_of_an_asset_is_on_the_page() -> None:
    for suffix in ("S", "M", "F", "B", "P", "HOLD"):
        assert codes.asset(f"DOT.{suffix}").name == "DOT"
        assert f".{suffix}" in PAGE
