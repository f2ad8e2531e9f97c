"""The worth of many assets, kept up by touching what moved."""

from datetime import timedelta
from decimal import Decimal

from domain.money import exact
from domain.price import Price
from projections.performance.exposure import Exposure, Running
from projections.prices import Marks
from projections.replay import replay
from tests.story import told

MANY = 300


class CountingMarks(Marks):
    """Marks that count how often they are asked."""

    asked = 0

    def mark(self, asset: str, currency: str | None = None) -> Price | None:
        self.asked += 1
        return super().mark(asset, currency)


def test_what_did_not_move_is_not_valued_again() -> None:
    """However many assets are held, a price or a movement of one is one question."""
    marks = CountingMarks("USD", timedelta(hours=24))
    replay(told("\n".join(f"2025-01-01  price  A{i} 2" for i in range(MANY))).log, marks)
    exposure = Exposure()
    running = Running(exposure, marks)
    for i in range(MANY):
        exposure.add(f"A{i}", Decimal(1))
        running.price(f"A{i}", "USD")
    with exact():
        assert running.worth() == 2 * MANY
        marks.asked = 0
        exposure.add("A7", Decimal(2))
        exposure.add("USD", Decimal(5))
        assert running.worth() == 2 * MANY + 4 + 5
        running.price("A8", "USD")
        assert running.worth() == 2 * MANY + 9
    assert marks.asked == 3


def test_an_asset_without_a_price_leaves_the_whole_unknown_until_it_is_gone() -> None:
    exposure = Exposure()
    running = Running(exposure, Marks("USD", timedelta(hours=24)))
    exposure.add("USD", Decimal(5))
    exposure.add("NEW", Decimal(1))
    assert running.worth() is None
    exposure.add("NEW", Decimal(-1))
    assert running.worth() == 5
    assert exposure.units == {"USD": 5}
