"""The law is a table, and no number of it stands anywhere else."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from projections.tax.canada import law as canada
from projections.tax.germany import law as germany
from projections.tax.rule import Rule, in_force
from projections.tax.uk import law as uk
from projections.tax.us import law as us
from projections.tax.us.law import BOXES, CAPITAL_LOSS_LIMIT

ROOT = Path(us.__file__).parents[2]


def tables(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if name.isupper() and not name.startswith("_"):
            yield name, value


def rules(value: Any) -> Iterator[tuple[Rule[Any], ...]]:
    if isinstance(value, Rule):
        yield (value,)
    elif isinstance(value, tuple):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            if not isinstance(part, str):
                yield from rules(part)


@pytest.mark.parametrize("module", [us, uk, canada, germany])
def test_every_figure_has_its_year_source_and_confidence(module: ModuleType) -> None:
    found = 0
    for name, value in tables(module):
        for rows in rules(value):
            if all(isinstance(row, str) for row in rows):
                continue  # which boxes a line takes
            assert all(isinstance(row, Rule) for row in rows), name
            years = [row.since for row in rows]
            assert years == sorted(set(years)), name
            for row in rows:
                assert row.source.strip(), name
                assert row.confidence in ("read", "known", "policy"), name
                found += 1
    assert found


def test_a_rule_counts_from_its_year_until_the_next() -> None:
    boxes = BOXES["", False]
    assert [in_force(boxes, year).value["short"] for year in (1999, 2024, 2025, 2099)] == list(
        "CCII"
    )
    assert in_force(CAPITAL_LOSS_LIMIT, 2025).value["mfs"] == 1500


def test_no_number_of_the_law_stands_outside_its_table() -> None:
    """Whatever is a year, a rate, a limit or a number of days. Small counts are no law."""
    allowed = {12, 31, 28, 1000, 1970}  # the ends of years, a buffer, the beginning of time
    found = []
    for path in sorted((ROOT / "tax").rglob("*.py")):
        if path.name == "law.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            value = node.value if isinstance(node, ast.Constant) else None
            if type(value) in (int, float) and value not in {0, 1, 2, 3, *allowed}:
                found.append(f"{path.name}:{node.lineno}: {value!r}")  # type: ignore[attr-defined]
    assert found == []
