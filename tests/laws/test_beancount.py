"""Another program agrees: beancount's FIFO books the same gains, to the last of ten decimals.

On distinct days, as within one day beancount goes by the line of the file.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from tests.story import Story, folded, told

loader = pytest.importorskip("beancount.loader")

OPENING = """
option "inferred_tolerance_default" "*:0.00000000005"
2019-01-01 open Assets:Coins COIN "FIFO"
2019-01-01 open Assets:Cash
2019-01-01 open Income:Gains
"""
BOUGHT = """
{day} * "{number}"
  Assets:Coins  {quantity} COIN {{{price} USD}}
  Assets:Cash  -{amount:.10f} USD
"""
SOLD = """
{day} * "{number}"
  Assets:Coins  -{quantity} COIN {{}} @ {price} USD
  Assets:Cash  {amount:.10f} USD
  Income:Gains
"""


def trades(seed: int, count: int) -> list[tuple[date, str, Decimal, Decimal]]:
    """Random trades that never sell more than is held: (day, side, quantity, price)."""
    random = Random(seed)  # noqa: S311 - made up from a seed
    held, day = Decimal(0), date(2020, 1, 1)
    made = []
    for _ in range(count):
        day += timedelta(days=random.randrange(1, 9))
        price = Decimal(random.randrange(1, 10**7)) / 1000
        if held and random.random() < 0.55:
            quantity = min(held, Decimal(random.randrange(1, 10**6)) / 10**4)
            held -= quantity
            made.append((day, "sold", quantity, price))
        else:
            quantity = Decimal(random.randrange(1, 10**6)) / 10**4
            held += quantity
            made.append((day, "bought", quantity, price))
    return made


def ours(book: Story) -> dict[str, Decimal]:
    gains: dict[str, Decimal] = defaultdict(Decimal)
    for disposal in folded(book, "fifo").disposals["fifo"]:
        gains[disposal.event] += disposal.gain
    return dict(gains)


def theirs(text: str) -> dict[str, Decimal]:
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    return {
        entry.narration: -posting.units.number
        for entry in entries
        for posting in getattr(entry, "postings", ())
        if posting.account == "Income:Gains"
    }


@pytest.mark.parametrize("seed", range(3))
def test_beancount_books_the_same_gains(seed: int) -> None:
    text, story = OPENING, ""
    for number, (day, side, quantity, price) in enumerate(trades(seed, 150), 1):
        form = BOUGHT if side == "bought" else SOLD
        text += form.format(
            day=day, number=number, quantity=quantity, price=price, amount=quantity * price
        )
        story += f"{day}  {side}  {quantity} COIN  @ {price}\n"
    gains = ours(told(story))
    assert len(gains) > 50
    booked = theirs(text)
    assert booked.keys() == gains.keys()
    for event, gain in gains.items():
        assert gain.quantize(Decimal("1E-10")) == booked[event].quantize(Decimal("1E-10")), event
