"""The wire: every event survives its way into the log and back, today's and those of years ago."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, get_type_hints

import attrs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import wire
from adapters.upcasts import UPCASTS, Fields
from domain.errors import InvalidEvent, UnknownTopic
from domain.events import (
    EVENTS,
    BasisStated,
    Event,
    Filled,
    Liquidated,
    OrderPlaced,
    PolicySet,
    Withdrawn,
)
from domain.money import ONE
from domain.parts import Allocation, Pick, StatedLot, Tier
from domain.recorded import Source

GOLDEN = Path(__file__).parent / "golden" / "stored.txt"
NEW_YEAR = datetime(2020, 1, 1, tzinfo=UTC)
STORED = [tuple(line.split(" ", 1)) for line in GOLDEN.read_text("utf-8").splitlines()]

# Events made up from their fields ----------------------------------------------------------------

NAMES = {
    "side": ["buy", "sell"],
    "mode": ["spot", "cross", "isolated"],
    "custody": ["broker", "self"],
    "purpose": ["own", "spent", "gift", "donation"],
    "settled": ["balance", "debt"],
    "model": ["kraken", "bitfinex", "bybit_unified", "standard"],
    "method": ["fifo", "lifo", "hifo", "lofo"],
    "form": ["1099-DA", "1099-B"],
    "term": ["short", "long"],
    "interest_every": ["hour", "4h", "day"],
}
KINDS = {"income_received": ["staking", "fork"], "basis_allocated": ["specific", "global"]}

TEXT = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))
NUMBERS = st.builds(
    lambda digits, shift: Decimal(digits).scaleb(-shift),
    st.integers(1, 10**24 - 1),
    st.integers(0, 24),
)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    datetime: TIMES,
    date: DAYS | TIMES,
    Decimal: NUMBERS,
    bool: st.booleans(),
    int: st.integers(-(2**52), 2**52),
    str: TEXT,
}
OTHERS: dict[str, st.SearchStrategy[Any]] = {
    "collateral_factors": st.dictionaries(TEXT, st.decimals(0, 1, places=4), max_size=3),
    "interest_rates": st.dictionaries(TEXT, st.decimals(0, 1, places=4), max_size=3),
    "digests": st.lists(st.tuples(TEXT, TEXT), max_size=3),
    "year": st.integers(2009, 2999),
}


def made_up(kind: type) -> st.SearchStrategy[Any]:
    """Values of a class from the types and defaults of its fields."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{one.name: field(kind, one, hints) for one in attrs.fields(kind)})


def field(kind: type, one: "attrs.Attribute[Any]", hints: dict[str, Any]) -> st.SearchStrategy[Any]:
    name = wire.name_of(kind) if issubclass(kind, Event) else ""
    if one.name in NAMES and name != "year_closed":
        value = st.sampled_from(NAMES[one.name])
    elif one.name == "kind" and name in KINDS:
        value = st.sampled_from(KINDS[name])
    elif one.name in OTHERS:
        value = OTHERS[one.name]
    else:
        value = VALUES[next(of for of in VALUES if hints[one.name] in (of, of | None))]
    return value if one.default is attrs.NOTHING else st.just(one.default) | value


def placed_orders() -> st.SearchStrategy[OrderPlaced]:
    """Each kind of order with the prices that it has, and no others."""
    prices = {
        "market": st.just({}),
        "limit": st.fixed_dictionaries({"price": NUMBERS}),
        "stop_loss": st.fixed_dictionaries({"trigger": NUMBERS}),
        "take_profit": st.fixed_dictionaries({"trigger": NUMBERS}),
        "trailing_stop": st.fixed_dictionaries({"trail": NUMBERS}, optional={"trigger": NUMBERS})
        | st.fixed_dictionaries({"trail_rate": st.decimals("0.0001", "0.9999", places=4)}),
    }
    kinds = st.sampled_from(sorted(prices)).flatmap(
        lambda kind: prices[kind].map(lambda given: {"kind": kind, **given})
    )
    of_position = st.fixed_dictionaries(
        {"position": TEXT}, optional={"leverage": NUMBERS, "reduce_only": st.booleans()}
    )
    lasting = st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=300))
    return st.builds(
        lambda kind, position, at, lasts, **others: OrderPlaced(
            at=at,
            expires=None if lasts is None else at + lasts,
            quote="Q$",
            **others | kind | position,
        ),
        kind=kinds,
        position=st.just({}) | of_position,
        at=st.datetimes(datetime(1900, 1, 1), datetime(2998, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
        lasts=lasting,
        id=TEXT,
        side=st.sampled_from(["buy", "sell"]),
        asset=st.sampled_from(["BTC", "ETH"]),
        quantity=NUMBERS,
        sequence=VALUES[int],
        note=TEXT,
    )


OTHERS |= {
    "lots": st.lists(made_up(StatedLot), max_size=3),
    "picks": st.lists(made_up(Pick), max_size=3),
    "allocations": st.lists(made_up(Allocation), max_size=3),
    "tiers": st.lists(made_up(Tier), max_size=3),
}
ANY_EVENT = st.sampled_from(EVENTS).flatmap(
    lambda kind: placed_orders() if kind is OrderPlaced else made_up(kind)
)
ROWS = st.builds(Source, file=TEXT, line=st.integers(0, 10**9), sha256=TEXT)
ANY_SOURCE = st.none() | st.builds(attrs.evolve, ROWS, also=st.lists(ROWS, max_size=2).map(tuple))


@given(event=ANY_EVENT, source=ANY_SOURCE)
def test_an_event_comes_back_as_it_was_stored(event: Event, source: Source | None) -> None:
    topic, state = wire.encode(event, source)
    assert wire.decode(topic, state) == (event, source)
    assert wire.decode_event(topic, state) == event
    assert wire.validate(topic, state) == event
    assert wire.encode(*wire.decode(topic, state)) == (topic, state)


@given(event=ANY_EVENT)
def test_an_event_comes_back_as_it_was_printed(event: Event) -> None:
    line = orjson.loads(orjson.dumps(wire.to_native("okx/isolated/BTC-USDT", event)))
    assert wire.from_native(line) == ("okx/isolated/BTC-USDT", event)


@pytest.mark.parametrize("kind", EVENTS)
def test_every_kind_of_event_has_stored_bytes_to_be_held_to(kind: type[Event]) -> None:
    assert len([topic for topic, _ in STORED if topic == wire.topic_of(kind)]) >= 2


@pytest.mark.parametrize("topic", [*wire.TOPICS, *UPCASTS])
def test_every_name_that_was_ever_stored_has_its_bytes(topic: str) -> None:
    assert topic in [stored for stored, _ in STORED]


@pytest.mark.parametrize(("topic", "state"), STORED)
def test_what_was_ever_stored_is_read_for_ever(topic: str, state: str) -> None:
    """And what is stored under that name today has those bytes: same log, same hashes."""
    event, source = wire.decode(topic, state.encode())
    assert wire.validate(topic, state.encode()) == event == wire.decode_event(topic, state.encode())
    if topic in wire.TOPICS:
        assert wire.encode(event, source) == (topic, state.encode())


def test_a_fill_has_the_bytes_that_were_agreed() -> None:
    event = Filled(
        at=datetime(2025, 3, 4, 11, 0, 5, tzinfo=timezone(timedelta(hours=1))),
        id="T-1",
        side="buy",
        asset="BTC",
        quantity=Decimal("0.50"),
        quote="USD",
        price=Decimal(40_000),
        fee=Decimal("0.00"),
        order="O-1",
    )
    source = Source(file="trades.csv", line=2, sha256="ab")
    assert wire.encode(event, source) == (
        "filled.v1",
        b'{"event":{"at":"2025-03-04T10:00:05Z","id":"T-1","side":"buy","asset":"BTC",'
        b'"quantity":"0.50","quote":"USD","price":"40000","order":"O-1"},'
        b'"source":{"file":"trades.csv","line":2,"sha256":"ab"}}',
    )


@pytest.mark.parametrize("topic", ["greeted.v1", "filled.v2", "filled", "", "os:system"])
def test_a_name_that_no_version_up_to_this_one_stored_is_refused(topic: str) -> None:
    _, state = wire.encode(PolicySet(at=NEW_YEAR, id="1", name="loan", value="exchange"))
    for read in (wire.decode, wire.decode_event, wire.validate):
        with pytest.raises(UnknownTopic, match="later marginbook"):
            read(topic, state)


def test_old_forms_are_lifted_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once `sent` named its asset `coin`; then it was called `paid_out` and had no purpose."""

    def named(fields: Fields) -> Fields:
        return {"asset": fields["coin"], **{k: v for k, v in fields.items() if k != "coin"}}

    def with_purpose(fields: Fields) -> Fields:
        return {**fields, "purpose": "spent"}

    monkeypatch.setitem(UPCASTS, "sent.v1", ("paid_out.v1", named))
    monkeypatch.setitem(UPCASTS, "paid_out.v1", ("withdrawn.v1", with_purpose))
    state = b'{"event":{"at":"2020-01-01T00:00:00Z","id":"1","coin":"BTC","quantity":"1"}}'
    expected = Withdrawn(at=NEW_YEAR, id="1", asset="BTC", quantity=ONE, purpose="spent")
    assert wire.decode("sent.v1", state) == (expected, None)
    assert wire.decode_event("sent.v1", state) == wire.validate("sent.v1", state) == expected
    assert wire.topics_of([Withdrawn]) == ("withdrawn.v1", "sent.v1", "paid_out.v1")


def test_a_kind_is_asked_for_by_its_own_names_alone() -> None:
    """A liquidation is a fill to the house, but not to who asks for fills."""
    assert wire.topics_of([Filled]) == ("filled.v1",)
    assert wire.topics_of({Liquidated, BasisStated}) == ("liquidated.v1", "basis_stated.v1")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({}, "type: None is missing"),
        ({"type": "greeted"}, "type: 'greeted' is no event type; known: account_opened"),
        ({"type": ["filled"]}, "is no event type"),
        ({"type": "policy_set"}, "account: None is missing"),
        ({"type": "policy_set", "account": "kraken"}, "must be venue/name"),
        ({"type": "policy_set", "account": "book"}, "is missing"),
        ({"type": "policy_set", "account": "book", "colour": "red"}, "colour: 'red' is no field"),
    ],
)
def test_a_line_that_is_no_event_says_why(line: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidEvent, match=told):
        wire.from_native(line)
