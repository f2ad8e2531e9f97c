"""An order cannot hold what cannot be true of one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import InvalidEvent
from domain.events import OrderPlaced
from domain.fields import from_fields

NOW = datetime(2025, 1, 1, tzinfo=UTC)
KINDS = {
    "market": {},
    "limit": {"price": "5"},
    "stop_loss": {"trigger": "5"},
    "take_profit": {"trigger": "5"},
    "trailing_stop": {"trail": "1"},
}


def order(kind: str, **fields: Any) -> OrderPlaced:
    given = {"side": "buy", "asset": "BTC", "quantity": "1", "quote": "USD", "kind": kind}
    return OrderPlaced(at=NOW, id="o", **(given | KINDS.get(kind, {}) | fields))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_order_has_its_prices_and_no_others(kind: str) -> None:
    assert order(kind).kind == kind
    for name in {"price", "trigger", "trail", "trail_rate"} - KINDS[kind].keys():
        if kind == "trailing_stop" and name == "trigger":
            assert order(kind, trigger="4").trigger == 4
            continue
        with pytest.raises(InvalidEvent):
            order(kind, **{name: "0.5"})


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("limit", {"price": None}, "price: None is missing: a limit order has one"),
        ("stop_loss", {"trigger": None}, "trigger: None is missing"),
        ("take_profit", {"trigger": None}, "trigger: None is missing"),
        ("market", {"price": "5"}, "has no meaning for a market order"),
        ("trailing_stop", {"trail": None}, "trail: None or trail_rate, one of the two"),
        ("trailing_stop", {"trail_rate": "0.1"}, "one of the two"),
        ("trailing_stop", {"trail": None, "trail_rate": "1"}, "must be a part below 1"),
        ("market", {"leverage": "3"}, "leverage: Decimal.*is of a position"),
        ("market", {"reduce_only": True}, "reduce_only: True is for an order of a position"),
        ("market", {"quote": "BTC"}, "must be another asset"),
        ("limit", {"expires": NOW}, "expires: .* must be later than `at`"),
        ("stop_limit", {}, "kind: 'stop_limit' must be one of market, limit"),
        ("market", {"quantity": "0"}, "quantity: '0' must be more than zero"),
    ],
)
def test_what_contradicts_itself_is_refused_by_name(
    kind: str, fields: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(InvalidEvent, match=wrong):
        order(kind, **fields)


def test_a_line_of_a_file_is_judged_as_the_constructor_judges() -> None:
    """Also what is read from a mapping, without the constructor, is looked at as a whole."""
    fields = {"at": NOW, "id": "o", "side": "buy", "asset": "BTC", "quantity": "1", "quote": "USD"}
    with pytest.raises(InvalidEvent, match="price: None is missing"):
        from_fields(OrderPlaced, {**fields, "kind": "limit"})
    made = from_fields(OrderPlaced, {**fields, "kind": "limit", "price": "5"})
    assert made == order("limit")


def test_an_order_may_rest_until_a_time() -> None:
    later = NOW + timedelta(seconds=1)
    assert order("limit", expires=later).expires == later
