"""An account's positions: what they cost, and the margin that the venue holds against them."""

from decimal import Decimal

from domain.account import Account, Position
from domain.events import Filled
from domain.money import exact

OPENING = Filled(
    at="2025-03-01T12:00:00Z",  # type: ignore[arg-type]
    id="t1",
    side="buy",
    asset="BTC",
    quantity="1",  # type: ignore[arg-type]
    quote="USD",
    price="400",  # type: ignore[arg-type]
)


def long_of(*fills: tuple[int, int, int | None]) -> Position:
    """A long opened by fills of so many units, for so much, at such a leverage."""
    account, position = Account("kraken/main"), Position(OPENING, 1, backed=True)
    with exact():
        for quantity, amount, leverage in fills:
            given = None if leverage is None else Decimal(leverage)
            used = account.margin_of(Decimal(amount), given)
            position.add(Decimal(quantity), Decimal(amount), used)
    return position


def test_what_is_closed_takes_its_share_of_cost_and_margin() -> None:
    """4 units for 1,000 at 5 times: 200 of margin. A quarter is 250 and 50, the rest stays."""
    position = long_of((1, 400, 5), (3, 600, 5))
    with exact():
        assert position.reduce(Decimal(1)) == 250
        assert [position.quantity, position.cost, position.used] == [3, 750, 150]
        assert position.reduce(Decimal(1)) == 250
        assert [position.quantity, position.cost, position.used] == [2, 500, 100]
        assert position.reduce(Decimal(2)) == 500
    assert [position.quantity, position.cost, position.used] == [0, 0, 0]


def test_the_last_units_take_what_is_left_of_a_cost_that_does_not_divide() -> None:
    """100 over 3 units, one after the other: the three costs are 100 to the last digit."""
    position = long_of((3, 100, 5))
    with exact():
        costs = [position.reduce(Decimal(1)) for _ in range(3)]
        assert sum(costs) == 100
    assert [position.cost, position.used] == [0, 0]


def test_one_fill_of_unknown_leverage_makes_the_margin_unknown() -> None:
    position = long_of((1, 400, 5), (1, 600, None), (1, 500, 5))
    assert position.used is None
    with exact():
        assert position.reduce(Decimal(1)) == 500
    assert [position.cost, position.used] == [1000, None]
