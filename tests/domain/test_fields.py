"""What an event takes, and what it refuses by name."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest

from domain.errors import BookError, InvalidEvent
from domain.events import EVENTS, Deposited, Event, Filled, MarginTermsSet, Repaid, TaxFactStated
from domain.fields import from_fields
from domain.parts import StatedLot
from tests.story import DECIDED, HAPPENED, told

ONE_OF_EACH = told("""
    2025-01-01  opened       cross
    2025-01-01  deposited    1 X  bought 2024-01-01 for 5
    2025-01-01  withdrawn    1 X
    2025-01-01  transferred  1 X  to self/wallet
    2025-01-01  borrowed     1 X
    2025-01-01  repaid       1 X
    2025-01-01  interest     1 X debt
    2025-01-01  forgiven     1 X
    2025-01-01  bought       1 X  @ 5
    2025-01-01  liquidated   1 X  @ 5
    2025-01-01  settled      p 1 X  for 5
    2025-01-01  charged      1 X
    2025-01-01  received     staking 1 X
    2025-01-01  funding      1 X PERP
    2025-01-01  contract     PERP 1 X
    2025-01-01  price        X 5
    2025-01-01  asserted     1 X
    2025-01-01  terms        kraken
    2025-01-01  elected      hifo
    2025-01-01  picked       9  picks 2:1
    2025-01-01  allocated    X  allocations kraken/main:2024-01-01:1:5
    2025-01-01  stated       2  lots 2024-01-01:1:5
    2025-01-01  linked       kraken/main#3 kraken/main#2
    2025-01-01  policy       funding net
    2025-01-01  fact         2025 trader yes
    2025-01-01  reported     1099-DA 2025  proceeds 5
    2025-01-01  voided       2 mistaken
    2025-01-01  closed       2025
    2025-01-01  imported     f h kraken 1 1 0 0 0
    2025-01-01  ordered      buy 1 X limit  price 5
    2025-01-01  cancelled    30 mistaken
    2025-01-01  trailed      30 5
""")
EVENT_OF = {type(recorded.event): recorded.event for recorded in ONE_OF_EACH.log}
NOW = datetime(2025, 1, 1, tzinfo=UTC)


changed: Any = attrs.evolve
"""An event with other fields, of whatever type."""


def test_there_is_a_word_and_an_example_for_every_kind_of_event() -> None:
    assert set(EVENT_OF) == set(EVENTS)
    assert {kind for kind, *_ in (HAPPENED | DECIDED).values()} == set(EVENTS)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, field.name) for kind in EVENTS for field in attrs.fields(kind)],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_every_field_refuses_what_it_cannot_be_by_name(kind: type[Event], name: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        changed(EVENT_OF[kind], **{name: object()})
    assert refused.value.field == name


@pytest.mark.parametrize("kind", EVENTS)
def test_events_are_values(kind: type[Event]) -> None:
    event = EVENT_OF[kind]
    assert attrs.evolve(event) == event
    assert hash(attrs.evolve(event)) == hash(event)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.id = "other"  # type: ignore[misc]


# Numbers -----------------------------------------------------------------------------------------


def fill(**fields: Any) -> Filled:
    given = {"side": "buy", "asset": "X", "quantity": "2", "quote": "USD", "price": "5"}
    return Filled(at=NOW, id="1", **(given | fields))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0.50", "0.50"),
        (3, "3"),
        (Decimal("1E+3"), "1000"),
        ("1e-8", "1E-8"),
        ("+7", "7"),
        ("999999999999999999999999", "999999999999999999999999"),
        ("1E-40", "1E-40"),
    ],
)
def test_a_number_is_kept_exactly(given: Any, kept: str) -> None:
    assert fill(quantity=given).quantity == Decimal(kept)


@pytest.mark.parametrize(
    "given",
    [
        *(0.5, True, None, b"1", "", " ", "1,5", "1 000", "1_000", "0x10", "one", "\u0661"),
        *("NaN", "nan", "inf", "-", ".", "1e", "1.2.3", Decimal("NaN"), Decimal("Infinity")),
        *("1e24", "1e999999999", "1" * 25, "1E-41", "0." + "0" * 40 + "1", Decimal("1E+30")),
        *("0", "-1", 0, Decimal(-1)),
    ],
)
def test_what_is_no_quantity_is_refused(given: Any) -> None:
    with pytest.raises(InvalidEvent) as refused:
        fill(quantity=given)
    assert refused.value.field == "quantity"


def test_a_fee_may_be_zero_and_not_below() -> None:
    assert fill(fee="0").fee == 0
    with pytest.raises(InvalidEvent, match=r"fee: '-0\.01' must not be negative"):
        fill(fee="-0.01")


def test_a_missing_amount_is_price_times_quantity() -> None:
    assert fill().total == 10
    assert fill(amount="9.99").total == Decimal("9.99")
    assert fill(amount="0").total == 0


# Times -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        "2025-03-04T10:00:05Z",
        "2025-03-04T11:00:05+01:00",
        "2025-03-04T05:00:05.000000-05:00",
        datetime(2025, 3, 4, 10, 0, 5, tzinfo=UTC),
        datetime(2025, 3, 4, 15, 30, 5, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
)
def test_a_time_is_kept_in_utc(given: Any) -> None:
    at = changed(fill(), at=given).at
    assert at == datetime(2025, 3, 4, 10, 0, 5, tzinfo=UTC)
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    "given",
    [
        *("", "yesterday", "2025-03-04", "2025-03-04T10:00:05", "2025-13-04T10:00:05Z", 1741082405),
        *(datetime(2025, 3, 4), date(2025, 3, 4)),  # noqa: DTZ001 - without a zone on purpose
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_what_is_no_time_is_refused(given: Any) -> None:
    with pytest.raises(InvalidEvent) as refused:
        changed(fill(), at=given)
    assert refused.value.field == "at"


def test_the_date_of_a_lot_is_a_day_or_a_time() -> None:
    def lot(acquired: Any) -> date:
        return from_fields(StatedLot, {"acquired": acquired, "quantity": 1, "basis": 1}).acquired

    assert lot("2024-02-29") == date(2024, 2, 29)
    assert lot(date(2024, 2, 29)) == date(2024, 2, 29)
    assert lot("2024-02-29T10:00:00+01:00") == datetime(2024, 2, 29, 9, tzinfo=UTC)
    for wrong in ("2023-02-29", "29.02.2024", "2024-02-29T10:00:00", 20240229, "9999-12-31"):
        with pytest.raises(InvalidEvent) as refused:
            lot(wrong)
        assert refused.value.field == "acquired"


# The rest ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["", " BTC", "BTC ", "BTC\n", None, 5])
def test_a_name_is_neither_empty_nor_padded(given: Any) -> None:
    with pytest.raises(InvalidEvent, match="asset"):
        fill(asset=given)


def test_an_optional_field_may_be_none() -> None:
    assert fill(position=None, leverage=None).position is None


def test_one_of_a_few_says_which() -> None:
    with pytest.raises(InvalidEvent, match="side: 'hold' must be one of buy, sell"):
        fill(side="hold")


def deposit(lots: Any) -> Deposited:
    return Deposited(at=NOW, id="1", asset="X", quantity=Decimal(1), lots=lots)


def terms(**fields: Any) -> MarginTermsSet:
    return MarginTermsSet(at=NOW, id="1", model="kraken", **fields)


def test_lots_may_be_given_as_values_or_as_fields() -> None:
    fields = {"acquired": "2024-01-01", "quantity": "1", "basis": "5"}
    lot = from_fields(StatedLot, fields)
    events = [deposit(lots) for lots in ([lot], (lot,), [fields], iter([fields]))]
    assert all(event == events[0] for event in events)


@pytest.mark.parametrize(
    ("lots", "field"),
    [
        ("2024", "lots"),
        (5, "lots"),
        ({"acquired": "2024-01-01"}, "lots"),
        ([5], "lots"),
        ([{"acquired": "2024-01-01", "quantity": 1}], "basis"),
        ([{"acquired": "2024-01-01", "quantity": 1, "basis": 1, "price": 1}], "price"),
        ([{"acquired": "2024-01-01", "quantity": 0, "basis": 1}], "quantity"),
    ],
)
def test_a_part_is_refused_by_the_name_of_its_field(lots: Any, field: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        deposit(lots)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "given", [5, "BTC", [5], [("BTC",)], {"BTC": "1.1"}, {"BTC": "-1"}, {"": "1"}, {"BTC": 0.5}]
)
def test_collateral_factors_lie_between_zero_and_one(given: Any) -> None:
    with pytest.raises(InvalidEvent) as refused:
        terms(collateral_factors=given)
    assert refused.value.field == "collateral_factors"


def test_collateral_factors_are_kept_in_the_order_of_the_names() -> None:
    factors = terms(collateral_factors={"ETH": "0.9", "BTC": 1}).collateral_factors
    assert factors == (("BTC", Decimal(1)), ("ETH", Decimal("0.9")))


def test_a_tier_begins_at_from() -> None:
    """`from` is a word of Python, so the field is called `from_`, and nobody else must know."""
    (tier,) = terms(tiers=[{"from": "0", "maintenance_rate": "0.005"}]).tiers
    assert tier.from_ == 0


def test_a_fact_is_kept_as_text() -> None:
    values = [("12", "12"), (12, "12"), (True, "true"), (False, "false"), (Decimal("1.5"), "1.5")]
    for given, kept in values:
        fields = {"at": NOW, "id": "1", "year": 2025, "name": "n", "value": given}
        assert from_fields(TaxFactStated, fields).value == kept


@pytest.mark.parametrize("year", [0, -1, 25, 20255, 2**60, "2025", 2025.0, None, True])
def test_a_tax_year_has_four_digits(year: Any) -> None:
    fields = {"at": NOW, "id": "1", "name": "n", "value": "1"}
    with pytest.raises(InvalidEvent) as refused:
        from_fields(TaxFactStated, fields | {"year": year})
    assert refused.value.field == "year"


def test_unknown_and_missing_fields_are_named() -> None:
    fields = {"at": NOW, "id": "1", "asset": "X"}
    with pytest.raises(InvalidEvent, match="quantity: None is missing"):
        from_fields(Repaid, fields)
    with pytest.raises(InvalidEvent, match="amount: 5 is no field here; known: at, id"):
        from_fields(Repaid, fields | {"quantity": 1, "amount": 5})


def test_a_refusal_is_an_error_of_this_library() -> None:
    assert issubclass(InvalidEvent, BookError)


def test_a_refusal_says_which_field_what_was_given_and_what_is_wanted() -> None:
    with pytest.raises(InvalidEvent) as refused:
        fill(side="hold")
    said = refused.value
    assert (said.field, said.value, said.problem) == ("side", "hold", "must be one of buy, sell")


@pytest.mark.parametrize("given", ["2024-02-30", "29.02.2024"])
def test_ten_characters_that_are_no_date_are_told_so(given: str) -> None:
    """Nobody who wrote a day is asked for a time of day."""
    with pytest.raises(InvalidEvent, match="is not a date such as 2025-03-04"):
        from_fields(StatedLot, {"acquired": given, "quantity": 1, "basis": 1})


# The words that events take -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "field", "words"),
    [
        ("AccountOpened", "mode", "spot cross isolated"),
        ("AccountOpened", "custody", "broker self"),
        ("Withdrawn", "purpose", "own spent gift donation"),
        ("InterestCharged", "settled", "balance debt"),
        ("Filled", "side", "buy sell"),
        ("Liquidated", "side", "buy sell"),
        ("IncomeReceived", "kind", "staking airdrop fork reward bonus interest rebate"),
        (
            "MarginTermsSet",
            "model",
            "kraken binance_cross binance_isolated bitfinex okx_isolated bybit_unified perp"
            " standard",
        ),
        ("MethodElected", "method", "fifo lifo hifo lofo"),
        ("BasisAllocated", "kind", "specific global"),
        ("BrokerReported", "form", "1099-DA 1099-B"),
        ("BrokerReported", "term", "short long"),
    ],
)
def test_an_event_takes_these_words_and_no_other(kind: str, field: str, words: str) -> None:
    """Contract, section 2."""
    event = next(event for each, event in EVENT_OF.items() if each.__name__ == kind)
    for word in words.split():
        assert getattr(changed(event, **{field: word}), field) == word
        with pytest.raises(InvalidEvent):
            changed(event, **{field: word + "s"})


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("AccountOpened", "custody", "broker"),
        ("Withdrawn", "purpose", "own"),
        ("Withdrawn", "fee", 0),
        ("Transferred", "fee", 0),
        ("Repaid", "interest", 0),
        ("Filled", "fee", 0),
        ("Filled", "amount", None),
        ("Filled", "fee_asset", None),
        ("Filled", "position", None),
        ("Liquidated", "penalty", 0),
        ("Liquidated", "reason", ""),
        ("DebtForgiven", "recourse", None),
        ("ContractSettled", "section_1256", False),
        ("ContractSettled", "fee", 0),
        ("Deposited", "note", ""),
        ("Deposited", "sequence", 0),
        ("MethodElected", "told_broker", False),
        ("MethodElected", "asset", None),
        ("LotsIdentified", "told_broker", False),
        ("BasisAllocated", "kind", "specific"),
        ("BasisAllocated", "rule_recorded", None),
        ("BrokerReported", "basis_reported", False),
        ("BrokerReported", "basis", None),
        ("BrokerReported", "term", None),
        ("YearClosed", "digests", ()),
    ],
)
def test_what_an_event_does_not_say_is_nothing_unusual(kind: str, field: str, value: Any) -> None:
    """Contract, section 2: what stands in brackets there may be left out."""
    event = next(event for each, event in EVENT_OF.items() if each.__name__ == kind)
    assert getattr(event, field) == value


@pytest.mark.parametrize("given", [2**53 - 1, 1 - 2**53, 0])
def test_a_whole_number_is_one_that_every_program_reads_alike(given: int) -> None:
    """Up to 2**53 - 1, as JSON numbers are exact in every language."""
    assert changed(fill(), sequence=given).sequence == given
    for wrong in (2**53, -(2**53), "1", 1.0, True):
        with pytest.raises(InvalidEvent, match="sequence"):
            changed(fill(), sequence=wrong)


@pytest.mark.parametrize(
    ("year", "known"), [(1899, False), (1900, True), (2999, True), (3000, False)]
)
def test_years_reach_from_1900_to_2999(year: int, known: bool) -> None:
    def of_year(number: int) -> None:
        changed(EVENT_OF[TaxFactStated], year=number)
        changed(fill(), at=datetime(number, 6, 1, tzinfo=UTC))

    if known:
        of_year(year)
    else:
        with pytest.raises(InvalidEvent):
            changed(EVENT_OF[TaxFactStated], year=year)
        with pytest.raises(InvalidEvent):
            changed(fill(), at=datetime(year, 6, 1, tzinfo=UTC))
