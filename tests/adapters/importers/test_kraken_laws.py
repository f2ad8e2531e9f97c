"""What holds for every story at Kraken, however its files come."""

import csv
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from io import StringIO
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.importers.kraken_year import kraken_year
from tests.adapters.importers.outcomes import exported, kraken, moved
from tests.kraken_venue import LEDGERS, TRADES, Row, Venue
from tests.story import balances, recorded

YEAR = kraken_year()
EVENTS = exported(YEAR).drafts


@st.composite
def stories(draw: st.DrawFn) -> Venue:
    """A trader who opens, carries, closes and settles, often several times within one second."""
    venue = Venue("laws")
    venue.deposit("2025-01-01 00:00:00", "USD", "1000000")
    venue.deposit("2025-01-01 00:00:00", "BTC", "10")
    venue.deposit("2025-01-01 00:00:00", "ETH", "100")
    seconds, still = 0, draw(st.sampled_from([0, 1, 7200]))
    positions: list[Row] = []
    for _ in range(draw(st.integers(1, 12))):
        seconds += draw(st.integers(0, still))
        day, rest = divmod(seconds, 86400)
        time = f"2025-01-{day + 2:02d} {rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
        price = draw(st.integers(60000, 120000))
        volume = draw(st.decimals("0.0001", "0.5", places=4))
        match draw(st.sampled_from(["trade", "open", "roll", "close", "settle", "withdraw"])):
            case "trade":
                venue.trade(time, draw(st.sampled_from(["buy", "sell"])), "BTC", volume, price)
            case "withdraw":
                venue.withdraw(time, "ETH", volume, "0.001")
            case "open":
                side = draw(st.sampled_from(["buy", "sell"]))
                leverage = draw(st.sampled_from([2, 3, 5]))
                positions.append(venue.open(time, side, "BTC", volume, price, leverage=leverage))
            case "roll" if positions:
                venue.rollover(time, positions[0])
            case "close" if positions:
                _reduce(draw, positions, partial(_close, venue, time, price))
            case "settle" if positions:
                _reduce(draw, positions, partial(venue.settle, time))
    return venue


def _reduce(draw: st.DrawFn, positions: list[Row], reduce: Callable[[Row, Decimal], str]) -> None:
    """Take all or a part off the oldest position."""
    position = positions[0]
    left = Decimal(position["left"])
    part = draw(st.sampled_from([left, max(left - Decimal("0.0001"), left / 2)]))
    reduce(position, part)
    if part == left:
        positions.pop(0)


def _close(venue: Venue, time: str, price: int, position: Row, volume: Decimal) -> str:
    return venue.close(time, position, volume, price)


@given(stories())
@settings(max_examples=60)
def test_the_events_lead_to_the_ledgers_balances(venue: Venue) -> None:
    outcomes = exported(venue, 2026, 2026)
    assert outcomes.said == []
    book = recorded(outcomes.drafts)
    held = {row["asset"]: Decimal(row["held"]) for row in balances(book)}
    for asset, sum_ in moved(venue.entries).items():
        assert held.get(asset, Decimal()) == outcomes.asserted[asset] == sum_


@given(stories(), st.sampled_from(sorted(LEDGERS)), st.sampled_from(sorted(TRADES)), st.randoms())
@settings(max_examples=60)
def test_the_order_of_rows_does_not_matter(
    venue: Venue, ledgers: int, trades: int, random: Random
) -> None:
    first = exported(venue, ledgers, trades)
    assert set(first.rows.values()) == {1}
    random.shuffle(venue.fills)
    header, *lines = venue.ledgers(ledgers).splitlines()
    random.shuffle(lines)
    shuffled = kraken(
        {"ledgers.csv": "\n".join([header, *lines]) + "\n", "trades.csv": venue.trades(trades)}
    )
    assert shuffled.drafts == first.drafts
    assert sorted(f.problem for f in shuffled.faults) == sorted(f.problem for f in first.faults)


@given(st.data())
@settings(max_examples=40)
def test_files_may_be_split_and_may_overlap(data: st.DataObject) -> None:
    entries = sorted(YEAR.entries, key=lambda row: row["time"])
    a = data.draw(st.integers(0, len(entries)))
    b = data.draw(st.integers(0, a))
    c = data.draw(st.integers(0, len(YEAR.fills)))
    d = data.draw(st.integers(0, c))
    names = data.draw(st.permutations(["1.csv", "2.csv", "3.csv", "4.csv"]))
    years = [data.draw(st.sampled_from(sorted(LEDGERS))) for _ in range(2)]
    texts = [
        YEAR.ledgers(years[0], entries[:a]),
        YEAR.ledgers(years[1], entries[b:]),
        YEAR.trades(data.draw(st.sampled_from(sorted(TRADES))), YEAR.fills[:c]),
        YEAR.trades(data.draw(st.sampled_from(sorted(TRADES))), YEAR.fills[d:]),
    ]
    outcomes = kraken(dict(zip(names, texts, strict=True)))
    assert outcomes.said == []
    assert outcomes.drafts == EVENTS
    assert set(outcomes.rows.values()) == {1}


@given(st.binary(max_size=400), st.booleans())
def test_bytes_of_any_kind_end_as_outcomes(noise: bytes, behind: bool) -> None:
    ledger = YEAR.ledgers().encode()
    kraken({"ledgers.csv": ledger + noise if behind else noise, "trades.csv": noise})


WORDS = """
    0 -1 1 -0.0 NaN 1,5 1e9999999999 99999999999999999999999 0.00000000000000000000001
    trade margin settled rollover deposit withdrawal spend receive transfer earn closing buy sell
    XXBT ZUSD KFEE DOT.S BTC/USD TRE23U-FP7Q3-6QVXCK LT35Z6-HMYUE-IZS2S3
"""
CELLS = st.sampled_from(
    [*WORDS.split(), "", " ", "\n", "\x00", "\x1f", "2025-02-04 01:17:30"]
) | st.text(max_size=8)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.integers(0, 24), CELLS), max_size=8),
    st.sampled_from([(2013, 2013), (2020, 2020), (2026, 2026)]),
)
@settings(max_examples=200)
def test_mangled_rows_are_accounted_for_each_once(
    changes: list[tuple[bool, int, int, str]], years: tuple[int, int]
) -> None:
    tables = [
        list(csv.reader(StringIO(text))) for text in (YEAR.ledgers(years[0]), YEAR.trades(years[1]))
    ]
    for in_trades, line, place, cell in changes:
        rows = tables[in_trades]
        row = rows[1 + line % (len(rows) - 1)]
        row[place % len(row)] = cell
    outcomes = kraken({f"{i}.csv": _written(table) for i, table in enumerate(tables)})
    assert len(outcomes.rows) == sum(len(table) - 1 for table in tables)
    assert set(outcomes.rows.values()) == {1}


def _written(table: list[list[str]]) -> str:
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    return text.getvalue()
