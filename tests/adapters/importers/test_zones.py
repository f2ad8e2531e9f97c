"""The zone that a file tells of its times, and what is said where it tells none."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.importers.reading import SourceFile
from adapters.importers.table import Misread, Row, Table, zoned
from adapters.importers.zones import ZONE, unzoned, zone_told


@pytest.mark.parametrize(
    ("cell", "name", "zone"),
    [
        ("Time(UTC+08:00)", "Time", "+08:00"),
        ("Time(UTC)", "Time", "+00:00"),
        ("Date & Time(UTC)", "Date & Time", "+00:00"),
        ("Filled Time (GMT-3)", "Filled Time", "-03:00"),
        ("Time(UTC+0530)", "Time", "+05:30"),
        ("Time", "Time", ""),
        ("Currency (Fiat)", "Currency (Fiat)", ""),
    ],
)
def test_a_columns_name_may_tell_the_zone(cell: str, name: str, zone: str) -> None:
    assert (unzoned(cell), zone_told([cell])) == (name, zone)


def test_a_line_above_the_header_may_tell_it() -> None:
    assert zone_told(["UID:1", "Account Type:Main", "Time Zone:UTC+8"]) == "+08:00"
    assert zone_told(["UID:1", "Time Zone:UTC"]) == "+00:00"
    assert zone_told(["UID:1", "Zone 5"]) == ""


def test_every_row_says_the_files_zone(tmp_path: Path) -> None:

    path = tmp_path / "x.csv"
    path.write_text("\ufeffUID:1,\ufeffTime Zone:UTC-4\n\ufeffTime,\ufeffA\n\ufeff2024,\ufeff1\n")
    table = Table(SourceFile(path=path, sha256=""), ("Time", "A"), ("B", ZONE))
    assert list(table.rows()) == [Row(3, ("2024", "1", "", "-04:00"))]


def test_a_time_is_read_in_its_zone_and_never_guessed() -> None:
    assert zoned("2024-01-01 02:00:00", "+08:00", "Time") == datetime(2023, 12, 31, 18, tzinfo=UTC)
    with pytest.raises(Misread, match="the zone of these times is not told"):
        zoned("2024-01-01 02:00:00", "", "Time")
    with pytest.raises(Misread, match="is not a time"):
        zoned("01.01.2024 02:00", "+00:00", "Time")
