"""The order of what happened at one instant."""

import pytest

from domain.order import place
from tests.story import told

INSTANT = """
    2025-01-01  asserted  1 X         sequence 2   as claimed-later
    2025-01-01  asserted  1 X         sequence 1   as claimed
    2025-01-01  charged   1 X  of buy  sequence 2  as its-second-fee
    2025-01-01  charged   1 X  of buy  sequence 1  as its-first-fee
    2025-01-01  charged   1 X         sequence 3   as custody-fee
    2025-01-01  bought    1 X  @ 5    sequence 2   as buy
    2025-01-01  deposited 1 X         sequence -1  as in
    2025-01-01  price     X 6         sequence 9   as corrected-price
    2025-01-01  price     X 5         sequence 8   as price
"""


def test_prices_come_first_then_what_happened_then_fees_of_trades_then_what_is_claimed() -> None:
    """Within each the venue's own sequence, wherever the lines stood."""
    assert [recorded.event.id for recorded in told(INSTANT).replayed] == [
        "price",
        "corrected-price",
        "in",
        "buy",
        "custody-fee",
        "its-first-fee",
        "its-second-fee",
        "claimed",
        "claimed-later",
    ]


@pytest.mark.parametrize("sequence", [2**53 - 1, 1 - 2**53])
def test_no_sequence_leaves_its_place(sequence: int) -> None:
    """The largest sequences there are: a price stays before a trade, a claim after it."""
    kinds = ("price X 5", "bought 1 X @ 5", "charged 1 X of 2", "asserted 1 X")
    text = "\n".join(f"2025-01-01 {kind} sequence {sequence}" for kind in kinds)
    other = "\n".join(f"2025-01-01 {kind} sequence {-sequence}" for kind in kinds)
    places = [[place(recorded.event) for recorded in told(t).log] for t in (text, other)]
    for before, after in zip(places[0][:-1], places[1][1:], strict=True):
        assert before < after
