"""However files are cut (between instants), shuffled, named and given: the same events in the end.

Asked at a venue that exists in tests alone (corner_shop.py), of rows with and without ids, many of
them alike.
"""

from random import Random

import pytest
from attrs import evolve

from domain.events import BalanceAsserted, Event
from tests.adapters.importers.corner_shop import CornerShop
from tests.adapters.importers.outcomes import read
from tests.adapters.importers.test_statement import table

Told = dict[tuple[str, str], Event]


def instants(random: Random) -> list[list[str]]:
    """Rows by their instants: few assets and amounts, so that many rows are alike."""
    held, told, count = {"USD": 0, "EUR": 0}, [], 0
    for day in range(1, random.randrange(3, 9)):
        rows = []
        for _ in range(random.randrange(1, 5)):
            coin, change, count = random.choice(["USD", "EUR"]), random.choice([1, 1, 2]), count + 1
            held[coin] += change
            ref = f"id{count}" if random.random() < 0.4 else ""
            rows.append(f"2024-01-0{day}T10:00:00Z,in,{coin},{change},,{held[coin]},{ref}")
        told.append(rows)
    return told


def taken(files: dict[str, str]) -> Told:
    outcomes = read(CornerShop(), dict(files))
    assert set(outcomes.rows.values()) == {1}
    return {
        (account, event.id): evolve(event, sequence=0)
        for account, event in outcomes.drafts
        if not isinstance(event, BalanceAsserted)
    }


@pytest.mark.parametrize("seed", range(40))
def test_cuts_overlaps_orders_and_names_change_nothing(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    rows = instants(random)
    whole = taken({"whole.csv": table(*(row for instant in rows for row in instant))})
    assert len(whole) == sum(map(len, rows))
    recorded: Told = {}
    spans = [(first, first + 1) for first in range(len(rows))]  # each instant in the end
    while spans:
        files = {}
        for _ in range(random.randrange(1, 4)):
            first = random.randrange(len(rows))
            first, end = spans.pop() if spans else (first, random.randrange(first, len(rows)) + 1)
            end = max(end, random.randrange(len(rows) + 1))
            chosen = [row for instant in rows[first:end] for row in instant]
            random.shuffle(chosen)
            files[f"{random.random()}.csv"] = table(*chosen)
        for name, event in taken(files).items():
            assert recorded.setdefault(name, event) == event
    assert recorded == whole
