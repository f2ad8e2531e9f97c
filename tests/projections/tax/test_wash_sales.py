"""Wash sales of coins: off by default, as IRC 1091 has them of stock where the policy is on."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import events as e
from domain.methods import LAWFUL, ORDERS
from domain.money import ZERO, exact
from tests.laws.histories import flattened, histories, lawful
from tests.story import Story, folded, form_8949, lots, schedule_d, table, taxed, told

ON = "2023-01-01  policy  wash_sale on\n"


@pytest.mark.parametrize("policy", ["", "2023-01-01  policy  wash_sale off\n"])
def test_without_the_policy_a_loss_is_allowed(policy: str) -> None:
    """Cases: D7: sold at a loss of 1,200, bought back next day; code W never appears."""
    book = told(
        policy
        + """
        2025-03-01  bought  1 BTC  @ 61200
        2025-04-01  sold    1 BTC  @ 60000
        2025-04-02  bought  1 BTC  @ 60000
        """
    )
    assert form_8949(book, 2025) == table("""
        gain      code  adjustment
        -1200.00  -     0.00
    """)
    assert [row["basis"] for row in lots(book)] == ["60000"]


def test_a_loss_is_added_to_the_cost_of_what_was_bought_again() -> None:
    """Pub. 550 p. 86, Example 1: 250 disallowed, a basis of 1,050."""
    book = told(
        ON
        + """
        2025-03-01  bought  100 X  for 1000
        2025-04-01  sold    100 X  for 750
        2025-04-20  bought  100 X  for 800
        """
    )
    assert form_8949(book, 2025) == table("""
        quantity  proceeds  basis    code  adjustment  gain  box  term
        100       750.00    1000.00  W     250.00      0.00  I    short
    """)
    assert lots(book) == table("""
        lot  acquired    quantity  basis
        4    2025-04-20  100       1050
    """)
    assert schedule_d(book, 2025)["3"] == "0.00"


def test_less_bought_before_than_sold_disallows_a_part() -> None:
    """Pub. 550 p. 87, More or less stock bought than sold, Example 1."""
    book = told(
        ON
        + """
        2024-09-20  bought  100 M  for 5000
        2024-12-13  bought  50 M   for 2750
        2024-12-20  bought  25 M   for 1125
        2025-01-03  sold    100 M  for 4000
        """
    )
    assert form_8949(book, 2025) == table("""
        quantity  proceeds  basis    code  adjustment  gain
        75        3000.00   3750.00  W     750.00      0.00
        25        1000.00   1250.00  -     0.00        -250.00
    """)
    assert lots(book) == table("""
        lot  quantity  basis
        3    50        3250
        4    25        1375
    """)


def test_more_bought_after_than_sold_is_matched_first_bought_first() -> None:
    """Pub. 550 p. 87, More or less stock bought than sold, Example 2."""
    book = told(
        ON
        + """
        2024-09-16  bought  100 M  for 5000
        2025-01-29  sold    100 M  for 4000
        2025-02-03  bought  50 M   for 2000
        2025-02-04  bought  50 M   for 2000
        2025-02-05  bought  50 M   for 2000
        2025-02-06  bought  50 M   for 2000
        """
    )
    assert form_8949(book, 2025) == table("""
        code  adjustment  gain
        W     1000.00     0.00
    """)
    assert [row["basis"] for row in lots(book)] == ["2500", "2500", "2000", "2000"]


def test_a_disallowed_loss_reduces_no_gain_of_the_same_day() -> None:
    """Pub. 550 p. 87, Loss and gain on same day."""
    book = told(
        ON
        + """
        2023-03-01  bought  100 X  @ 158
        2023-04-01  bought  100 X  @ 100
        2023-05-01  bought  100 X  @ 95
        2024-12-27  sold    300 X  @ 125
        2025-01-10  bought  250 X  @ 120
        """
    )
    assert form_8949(book, 2024) == table("""
        quantity  basis     code  adjustment  gain
        100       15800.00  W     3300.00     0.00
        100       10000.00  -     0.00        2500.00
        100       9500.00   -     0.00        3000.00
    """)
    assert lots(book) == table("""
        lot  quantity  basis
        6    150       18000
        6    100       15300
    """)


@pytest.mark.parametrize(
    ("bought", "code"),
    [("2025-03-01", "-"), ("2025-03-02", "W"), ("2025-05-01", "W"), ("2025-05-02", "-")],
)
def test_thirty_days_before_and_after_count(bought: str, code: str) -> None:
    """IRC 1091(a): beginning 30 days before the date of the sale and ending 30 days after."""
    book = told(
        ON
        + f"""
        2025-01-01  bought  1 X  for 100
        {bought}    bought  1 X  for 80
        2025-04-01  sold    1 X  for 70
        """
    )
    assert [row["code"] for row in form_8949(book, 2025)] == [code]


def test_units_are_not_replaced_by_themselves_nor_by_what_is_gone() -> None:
    """Both units bought in the window were sold, the first before the loss."""
    book = told(
        ON
        + """
        2025-03-10  bought  1 X  for 50
        2025-03-11  bought  1 X  for 100
        2025-03-20  sold    1 X  for 70
        2025-03-21  sold    1 X  for 70
        """
    )
    assert form_8949(book, 2025) == table("""
        gain    code
        20.00   -
        -30.00  -
    """)


def test_a_part_of_a_lot_replaces_another_part_that_was_sold() -> None:
    """Bought 2, sold 1 of them at a loss: the other was bought within 30 days before."""
    book = told(
        ON
        + """
        2025-03-10  bought  2 X  for 200
        2025-03-20  sold    1 X  for 70
        """
    )
    assert form_8949(book, 2025) == table("""
        gain  code  adjustment
        0.00  W     30.00
    """)
    assert lots(book) == table("""
        quantity  basis
        1         130
    """)


def test_each_unit_that_was_bought_replaces_one_that_was_sold() -> None:
    book = told(
        ON
        + """
        2025-01-01  bought  2 X  for 200
        2025-04-01  sold    1 X  for 70
        2025-04-02  sold    1 X  for 60
        2025-04-10  bought  1 X  for 65
        """
    )
    assert form_8949(book, 2025) == table("""
        sold        code  adjustment  gain
        2025-04-01  W     30.00       0.00
        2025-04-02  -     0.00        -40.00
    """)
    assert [row["basis"] for row in lots(book)] == ["95"]


def test_a_chain_of_two_carries_both_losses_on() -> None:
    book = told(
        ON
        + """
        2025-01-01  bought  1 X  for 100
        2025-04-01  sold    1 X  for 70
        2025-04-10  bought  1 X  for 75
        2025-04-20  sold    1 X  for 60
        2025-05-05  bought  1 X  for 65
        2025-09-01  sold    1 X  for 50
        """
    )
    assert form_8949(book, 2025) == table("""
        proceeds  basis   code  adjustment  gain
        70.00     100.00  W     30.00       0.00
        60.00     105.00  W     45.00       0.00
        50.00     110.00  -     0.00        -60.00
    """)


@pytest.mark.parametrize(("sold", "term"), [("2025-06-10", "short"), ("2025-06-11", "long")])
def test_the_time_of_the_old_units_is_that_of_the_new_ones_too(sold: str, term: str) -> None:
    """IRC 1223(3): held 334 days before, and the new ones as if from 334 days earlier."""
    book = told(
        ON
        + f"""
        2024-06-01  bought  1 X  for 100
        2025-05-01  sold    1 X  for 70
        2025-05-10  bought  1 X  for 75
        {sold}      sold    1 X  for 80
        """
    )
    rows = form_8949(book, 2025)
    assert rows[1] == {"acquired": "2025-05-10", "held_from": "2024-06-10", "term": term}
    assert rows[1] == {"basis": "105.00", "gain": "-25.00", "code": "-"}
    assert rows[1]["events"] == "[3, 4, 5]"


def test_units_bought_in_the_next_year_disallow_a_loss_of_this_one() -> None:
    book = told(
        ON
        + """
        2025-01-01  bought  1 X  for 100
        2025-12-20  sold    1 X  for 70
        2026-01-10  bought  1 X  for 75
        2026-03-01  sold    1 X  for 90
        """
    )
    assert form_8949(book, 2025) == table("""
        code  adjustment  gain
        W     30.00       0.00
    """)
    assert form_8949(book, 2026) == table("""
        code  basis   gain    term
        -     105.00  -15.00  long
    """)


def test_purchases_in_every_account_count_wherever_the_units_lie_now() -> None:
    book = told(
        ON
        + """
        2025-01-01  kraken/main  bought       1 X  for 100
        2025-03-20  okx/main     bought       1 X  for 90  as again
        2025-03-25  okx/main     transferred  1 X  to self/wallet
        2025-04-01  kraken/main  sold         1 X  for 70
        """
    )
    assert [row["code"] for row in form_8949(book, 2025)] == ["W"]
    assert lots(book) == table("""
        account      lot    basis
        self/wallet  again  120
    """)


def test_a_purchase_that_lies_in_two_accounts_carries_the_loss_in_both() -> None:
    book = told(
        ON
        + """
        2025-01-01  kraken/main  bought       3 X  for 300
        2025-03-20  okx/main     bought       3 X  for 270  as again
        2025-03-25  okx/main     transferred  1 X  to self/wallet
        2025-04-01  kraken/main  sold         3 X  for 210
        """
    )
    assert form_8949(book, 2025) == [{"code": "W", "adjustment": "90.00"}]
    assert lots(book) == table("""
        account      lot    quantity  basis
        okx/main     again  2         240
        self/wallet  again  1         120
    """)


def test_coins_earned_count_as_bought_and_coins_brought_in_do_not() -> None:
    """Pub. 550 p. 86, Example 2: a bonus award within 30 days."""
    sale = ON + "2025-01-01  bought  1 X  for 100\n2025-04-01  sold  1 X  for 70\n"
    for told_so, code in (
        ("2025-04-10  received  staking 1 X  worth 75", "W"),
        ("2025-04-10  deposited  1 X  bought 2025-04-05 for 75", "-"),
    ):
        assert [row["code"] for row in form_8949(told(sale + told_so), 2025)] == [code]


def test_the_policy_counts_for_sales_from_its_own_time_on() -> None:
    book = told("""
        2025-01-01        bought  2 X  for 200
        2025-04-01        sold    1 X  for 70
        2025-04-02        sold    1 X  for 60
        2025-04-10        bought  2 X  for 130
        2025-04-02  book  policy  wash_sale on
    """)
    assert [row["code"] for row in form_8949(book, 2025)] == ["-", "W"]


def test_a_loss_on_a_short_is_let_alone_and_so_is_what_covers_it() -> None:
    """IRC 1091(e) is not figured: what was bought to close a short replaces nothing."""
    book = told(
        ON
        + """
        2025-01-01  bought    1 X  for 100
        2025-03-01  borrowed  1 X
        2025-03-01  sold      1 X  for 60
        2025-03-10  sold      1 X  for 70
        2025-03-12  bought    1 X  for 80
        2025-03-12  repaid    1 X
        """
    )
    assert form_8949(book, 2025) == table("""
        kind   gain    code
        sale   -30.00  -
        short  -20.00  -
    """)


def test_a_position_opened_again_within_the_window_replaces_the_one_closed() -> None:
    """Units bought on margin are units bought."""
    book = told(
        ON
        + """
        2025-03-01  bought  1 X  for 100  on p
        2025-03-02  sold    1 X  for 90   on p
        2025-03-03  bought  1 X  for 95   on q
        2025-05-01  sold    1 X  for 99   on q
        """
    )
    assert form_8949(book, 2025) == table("""
        basis   code  adjustment  gain
        100.00  W     10.00       0.00
        105.00  -     0.00        -6.00
    """)


def test_a_row_that_a_broker_reported_bears_both_codes() -> None:
    """Instructions for Form 8949 p. 8: several codes in one row, their adjustments added."""
    book = told(
        ON
        + """
        2026-03-01  bought    1 X  for 100
        2026-04-01  sold      1 X  for 70  as loss
        2026-04-20  bought    1 X  for 80
        2027-02-01  reported  1099-DA 2026  disposal loss  proceeds 70  covered 90
        """
    )
    assert form_8949(book, 2026) == table("""
        box  proceeds  basis  code  adjustment  gain
        G    70.00     90.00  BW    20.00       0.00
    """)


def test_schedule_d_adds_up_the_adjustments() -> None:
    book = told(
        ON
        + """
        2025-03-01  bought  2 X  for 200
        2025-04-01  sold    2 X  for 150
        2025-04-20  bought  1 X  for 80
        """
    )
    line = taxed(book, 2025)[1].schedule_d["3"]
    assert not isinstance(line, Decimal)
    assert {name: str(amount) for name, amount in line.items()} == {
        "proceeds": "150.00",
        "basis": "200.00",
        "adjustment": "25.00",
        "gain": "-25.00",
    }


def test_the_dearest_units_that_replaced_others_go_first_where_the_dearest_do() -> None:
    """HIFO ranks by basis per unit, the disallowed loss in it."""
    book = told(
        ON
        + """
        2025-01-01  bought   1 X  for 100
        2025-04-01  sold     1 X  for 50
        2025-04-02  bought   1 X  for 60   as again
        2025-04-03  bought   1 X  for 90   as other
        2025-08-01  sold     1 X  for 110
        """
    )
    assert [row["lot"] for row in form_8949(book, 2025, "hifo")] == ["2", "again"]


def with_policy(book: Story, *others: str) -> Story:
    policies = told(ON + "\n".join(f"2023-01-01  policy  {other}" for other in others)).log
    last = len(book.log)
    added = (evolve(policy, position=last + policy.position) for policy in policies)
    return Story((*book.log, *added), book.zone)


OTHERS = st.sets(st.sampled_from(("short_sale stock_like", "loan exchange", "lot_pool venue")))


@settings(max_examples=200)
@given(lawful("withdraw").map(flattened), OTHERS)
def test_once_all_is_sold_the_policy_has_moved_gains_and_lost_none(
    book: Story, others: set[str]
) -> None:
    """A disallowed loss is postponed, never denied (Pub. 550 p. 86), beside other policies too."""
    methods = (*ORDERS, LAWFUL)
    off, on = folded(book, *methods), folded(with_policy(book, *sorted(others)), *methods)
    with exact():
        for method in methods:
            gains = [sum((d.gain for d in fold.disposals[method]), ZERO) for fold in (off, on)]
            assert gains[0] == gains[1]
            assert all(d.disallowed >= 0 for d in on.disposals[method])


@settings(max_examples=300)
@given(histories(("buy", "sell", "sell again")))
def test_losses_are_disallowed_as_a_list_of_purchases_says(book: Story) -> None:
    """Against the rule in fractions, first in first out in every account and coin."""
    fold = folded(with_policy(book), "fifo")
    found: dict[str, Fraction] = defaultdict(Fraction)
    for disposal in fold.disposals["fifo"]:
        found[disposal.event] += Fraction(disposal.disallowed)
    expected = disallowed(book)
    for event in {*found, *expected}:
        assert abs(found[event] - expected[event]) < Fraction(1, 10**30)


@dataclass
class Units:
    """Units of one purchase: a part may have replaced others."""

    bought: int
    day: date
    quantity: Fraction
    basis: Fraction
    replaces: bool = False

    def part(self, quantity: Fraction) -> "Units":
        basis = self.basis * quantity / self.quantity
        self.quantity, self.basis = self.quantity - quantity, self.basis - basis
        return replace(self, quantity=quantity, basis=basis)


def disallowed(book: Story) -> dict[str, Fraction]:
    """The disallowed losses by sale: slowly, all purchases known beforehand."""
    fills = [(r.position, r.account, r.event) for r in book.replayed]
    bought = [
        Units(
            position, event.at.date(), Fraction(event.quantity), Fraction(event.total + event.fee)
        )
        for position, _, event in fills
        if isinstance(event, e.Filled) and event.side == "buy"
    ]
    coins = {position: event.asset for position, _, event in fills if isinstance(event, e.Filled)}
    to_come = {units.bought: units.quantity for units in bought}
    laid: dict[int, list[tuple[Fraction, Fraction]]] = defaultdict(list)
    there: dict[tuple[str, str], list[Units]] = defaultdict(list)
    losses: dict[str, Fraction] = defaultdict(Fraction)
    for position, account, event in fills:
        assert isinstance(event, e.Filled)
        lots = there[account, event.asset]
        if event.side == "buy":
            own = next(units for units in bought if units.bought == position)
            parts = [(own.part(units), loss) for units, loss in laid[position]]
            came = [own, *(replace(u, basis=u.basis + x, replaces=True) for u, x in parts)]
            lots += [units for units in came if units.quantity]
            del to_come[position]
            continue
        proceeds, left, sold = Fraction(event.total - event.fee), Fraction(event.quantity), []
        price = proceeds / left
        while left and lots:
            sold.append(lots[0].part(min(left, lots[0].quantity)))
            left -= sold[-1].quantity
            if not lots[0].quantity:
                lots.pop(0)
        for units in sold:
            loss_a_unit = units.basis / units.quantity - price
            missing = units.quantity
            if loss_a_unit <= 0:
                continue
            for other in bought:
                near = abs(other.day - event.at.date()) <= timedelta(days=30)
                if not near or coins[other.bought] != event.asset:
                    continue
                if other.bought in to_come:
                    matched = min(missing, to_come[other.bought])
                    to_come[other.bought] -= matched
                    if matched:
                        laid[other.bought].append((matched, matched * loss_a_unit))
                else:
                    matched = Fraction()
                    for place in there.values():
                        for held in [u for u in place if u.bought == other.bought]:
                            if held.replaces or matched == missing:
                                continue
                            part = held.part(min(missing - matched, held.quantity))
                            matched += part.quantity
                            part.basis += part.quantity * loss_a_unit
                            part.replaces = True
                            after = max(i for i, u in enumerate(place) if u.bought == other.bought)
                            place.insert(after + 1, part)
                            place[:] = [u for u in place if u.quantity]
                missing -= matched
                losses[event.id] += matched * loss_a_unit
    return losses
