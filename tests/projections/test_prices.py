"""What something was worth: an observed price of that instant, or not too old."""

from datetime import timedelta
from decimal import Decimal

import pytest

from projections.prices import Marks
from projections.replay import replay
from tests.story import findings, kinds, lots, table, told

PAID = "received  reward 1 X"


@pytest.mark.parametrize(
    ("priced", "found"),
    [
        ("2025-06-01T12:00:00", []),
        ("2025-06-01T11:59:59", []),
        ("2025-05-31T12:00:00", []),
        ("2025-05-31T11:59:59.999999", ["missing_price"]),
        ("2025-06-01T12:00:00.000001", ["missing_price"]),
    ],
)
def test_a_price_counts_for_its_instant_and_24_hours(priced: str, found: list[str]) -> None:
    """Contract: `price_observed`, policy `price_age`."""
    book = told(f"{priced}  price  X 7\n2025-06-01  {PAID}")
    assert kinds(book) == found
    assert [row["basis"] for row in lots(book)] == (["-"] if found else ["7"])


def test_the_age_of_prices_is_a_policy() -> None:
    text = f"2025-05-31T10:00  price  X 7\n2025-06-01  {PAID}\n"
    assert kinds(told(text)) == ["missing_price"]
    assert kinds(told(text + "2025-01-01  policy  price_age 26h")) == []


def test_a_price_counts_wherever_its_line_stood() -> None:
    book = told(f"2025-06-01  {PAID}\n2025-06-01  price  X 7")
    assert [row["basis"] for row in lots(book)] == ["7"]


def test_the_newest_price_counts_though_an_older_one_was_learnt_later() -> None:
    book = told(f"""
        2025-06-01T11:00  price  X 7
        2025-06-01T10:00  price  X 6
        2025-06-01  {PAID}
    """)
    assert [row["basis"] for row in lots(book)] == ["7"]


def test_a_price_in_another_asset_needs_that_assets_own_price() -> None:
    book = told(f"""
        2025-06-01T11:00  price  X 0.002  quote BTC
        2025-06-01T11:30  price  BTC 60000
        2025-06-01  {PAID}
    """)
    assert [row["basis"] for row in lots(book)] == ["120"]


def test_a_price_of_two_legs_is_as_old_as_its_older_leg() -> None:
    for leg in ("X 0.002  quote BTC", "BTC 60000"):
        other = "BTC 60000" if leg.startswith("X") else "X 0.002  quote BTC"
        book = told(f"""
            2025-05-31T11:00  price  {leg}
            2025-06-01T11:00  price  {other}
            2025-06-01  {PAID}
        """)
        assert kinds(book) == ["missing_price"]


def test_a_fresh_price_of_two_legs_stands_in_for_a_direct_one_that_is_too_old() -> None:
    book = told(f"""
        2025-05-01        price  X 7
        2025-06-01T11:00  price  X 0.002  quote BTC
        2025-06-01T11:00  price  BTC 60000
        2025-06-01  {PAID}
    """)
    assert [row["basis"] for row in lots(book)] == ["120"]


def test_a_missing_price_says_of_what_and_when() -> None:
    (row,) = findings(told(f"2025-06-01  {PAID}"))
    assert [row] == table("""
        kind           account      asset  event  severity
        missing_price  kraken/main  X      1      error
    """)
    assert row["problem"] == "what was 1 X worth in USD at 2025-06-01T12:00:00Z?"


def test_marks_learn_from_fills_and_never_grow_old() -> None:
    book = told("""
        2020-01-01  bought  1 X  @ 5
        2020-01-02  sold    1 Y  @ 3 X
    """)
    marks = Marks("USD", timedelta(hours=24))
    replay(book.replayed, marks)
    for asset, price in (("X", 5), ("Y", 15), ("USD", 1)):
        mark = marks.mark(asset)
        assert mark is not None
        assert mark.price == Decimal(price)
    assert marks.mark("Z") is None
    assert marks.value("X", book.log[1].event.at) is None


def test_a_price_tells_where_its_legs_came_from() -> None:
    book = told("""
        2025-06-01  price  X 0.002  quote BTC  source kraken
        2025-06-01  price  BTC 60000
    """)
    marks = Marks("USD", timedelta(hours=24))
    replay(book.replayed, marks)
    price = marks.value("X", book.log[0].event.at)
    assert price is not None
    assert price.source == "kraken; BTC: observed"


def test_a_price_of_two_legs_is_exact_also_outside_a_replay() -> None:
    """Sixteen digits times sixteen are thirty-two; a plain multiplication keeps 28."""
    leg = "1.000000000000001"
    book = told(f"""
        2025-03-01  price  COIN {leg}  quote USDT
        2025-03-01  price  USDT {leg}
    """)
    marks = Marks("USD", timedelta(hours=24))
    replay(book.replayed, marks)
    seen = marks.mark("COIN")
    assert seen is not None
    assert seen.price == Decimal("1.000000000000002000000000000001")
