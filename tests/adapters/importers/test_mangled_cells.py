"""Cells that hold what no one expects there: each row ends as one thing, in every format."""

import csv
from io import StringIO
from random import Random

import pytest

from adapters.importers.registry import recognise
from tests.adapters.importers.fixtures import Fixture, data_lines, fixtures, layout_of
from tests.adapters.importers.outcomes import read

TABLES = [f for f in fixtures() if all(layout_of(path) for path in f.paths)]
WORDS = """
    0 -1 1 -0.0 NaN 1,5 1e9999999999 99999999999999999999999 0.00000000000000000000001 1E-8 $ ($1)
    $-5 €5 - BTC USD ETH2 BTC-USD BTC_USDC BTC-PERPETUAL Buy Sell Convert deposit match fee trade
    settlement Funding Withdrawal Completed default null 2024-02-01T10:05:00Z 0001-01-01T00:00:00Z
"""
CELLS = [
    *WORDS.split(),
    *("", " ", "\n", "\x00", "\x1f", "\ufffd", "x" * 300),
    *("2024-02-01 10:05:00", "2024-02-01 10:05:00 UTC", "9999-12-31 23:59:59"),
    *("Bought 1 BTC for 0 USD", "Sold 0.4 BTC for .,. USD", "Converted 1 BTC to 0 ETH"),
]


@pytest.mark.parametrize("fixture", TABLES, ids=lambda fixture: fixture.name)
def test_every_row_with_a_strange_cell_ends_as_one_thing(fixture: Fixture) -> None:
    importer, _ = recognise(fixture.paths[0])
    for seed in range(25):
        random, files, count = Random(f"{fixture.name} {seed}"), {}, 0  # noqa: S311
        for path in fixture.paths:
            header, lines = data_lines(path)
            rows = [*csv.reader(StringIO(b"".join(lines).decode()))]
            for _ in range(random.randrange(1, 6)):
                row = random.choice(rows)
                row[random.randrange(len(row))] = random.choice(CELLS)
            count += len(rows)
            files[path.name] = b"".join(header) + _written(rows).encode()
        outcomes = read(importer, files)
        assert len(outcomes.rows) == count
        assert set(outcomes.rows.values()) == {1}


def _written(rows: list[list[str]]) -> str:
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue()
