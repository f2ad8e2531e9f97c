"""The Canadian year as stories: the adjusted cost base, half a gain, and losses put off."""

from decimal import Decimal

import pytest

from tests.abroad import CA, disposals, kinds, pools, year_of
from tests.story import table, told

L1 = """
    2020-01-10  bought  100 TOK  @ 50 CAD   fee 10 CAD
    2020-03-10  sold     50 TOK  @ 120 CAD  fee 10 CAD
    2020-05-10  bought   50 TOK  @ 130 CAD  fee 10 CAD
    2020-07-10  sold     40 TOK  @ 90 CAD   fee 10 CAD
"""


def test_fees_raise_the_cost_base_and_lower_the_proceeds() -> None:
    """Cases: L1. 5,990 - 2,505 = 3,485; 2,505 + 6,510 = 9,015; 3,590 - 3,606 = -16."""
    year = year_of(told(L1), 2020, CA)
    assert disposals(year) == table("""
        sold        quantity  proceeds     cost     gain  denied  matched
        2020-03-10        50   5990.00  2505.00  3485.00       0.00  50:adjustedcostbase
        2020-07-10        40   3590.00  3606.00   -16.00       0.00  40:adjustedcostbase
    """)
    assert pools(year) == [{"asset": "TOK", "quantity": "60", "cost": "5409.00"}]
    assert (year.net, year.taxable) == (Decimal(3469), Decimal("1734.50"))


def test_half_of_a_gain_is_taxable() -> None:
    """Cases: L2. 80,000 for 1.5 is 53,333.33 a unit; 0.8 of it cost 42,666.67."""
    book = told("""
        2021-01-10  bought  1 BTC    @ 50000 CAD
        2021-02-10  bought  0.5 BTC  @ 60000 CAD
        2021-06-10  sold    0.8 BTC  @ 65000 CAD
    """)
    year = year_of(book, 2021, CA)
    assert disposals(year) == [{"proceeds": "52000.00", "cost": "42666.67", "gain": "9333.33"}]
    assert (year.net, year.taxable) == (Decimal("9333.33"), Decimal("4666.67"))
    assert pools(year) == [{"quantity": "0.7", "cost": "37333.33"}]
    assert year.amounts["inclusion_rate"] == Decimal("0.5")


def test_a_loss_is_denied_as_far_as_units_are_bought_back_and_still_held() -> None:
    """Cases: L3. 10 sold at a loss of 1,000, 4 bought in the window, 6 held at its end: 400.

    What is left: 2 of the old at 200 each and 400 denied, then 4 for 440.
    """
    book = told("""
        2021-01-10  bought  12 TOK  for 2400 CAD
        2021-06-10  sold    10 TOK  for 1000 CAD
        2021-06-20  bought   4 TOK  for 440 CAD
    """)
    year = year_of(book, 2021, CA)
    assert disposals(year) == [
        {"proceeds": "1000.00", "cost": "2000.00", "denied": "400.00", "gain": "-600.00"}
    ]
    assert pools(year) == [{"quantity": "6", "cost": "1240.00"}]
    assert (year.net, year.taxable) == (Decimal(-600), Decimal(0))
    assert year.amounts["denied"] == 400


@pytest.mark.parametrize(
    ("bought", "denied"),
    [
        ("2021-05-11", "400.00"),
        ("2021-05-10", "0.00"),
        ("2021-07-10", "400.00"),
        ("2021-07-11", "0.00"),
    ],
    ids=["30 days before", "31 days before", "30 days after", "31 days after"],
)
def test_the_window_is_thirty_days_on_both_sides(bought: str, denied: str) -> None:
    """L3's facts but for the date; the sale is of 10 June. 4 at 200 keep the average."""
    book = told(f"""
        2021-01-10  bought  12 TOK  for 2400 CAD
        2021-06-10  sold    10 TOK  for 1000 CAD
        {bought}    bought   4 TOK  for 800 CAD
    """)
    assert disposals(year_of(book, 2021, CA)) == [{"cost": "2000.00", "denied": denied}]


def test_a_loss_is_final_where_nothing_is_held_in_the_end() -> None:
    """Bought back on the 10th day and sold again on the 20th: B is 0."""
    book = told("""
        2021-01-10  bought  10 TOK  for 2000 CAD
        2021-06-10  sold    10 TOK  for 1000 CAD
        2021-06-20  bought  10 TOK  for 1000 CAD
        2021-06-30  sold    10 TOK  for 1100 CAD
    """)
    year = year_of(book, 2021, CA)
    assert [row["gain"] for row in disposals(year)] == ["-1000.00", "100.00"]
    assert pools(year) == []


def test_the_denied_loss_comes_back_with_the_units_that_bear_it() -> None:
    """All bought back: 1,000 is denied, 1,000 + 1,000 is the new cost base, 2,500 - 2,000 = 500."""
    book = told("""
        2021-01-10  bought  10 TOK  for 2000 CAD
        2021-12-20  sold    10 TOK  for 1000 CAD
        2022-01-15  bought  10 TOK  for 1000 CAD
        2022-06-30  sold    10 TOK  for 2500 CAD
    """)
    first, second = year_of(book, 2021, CA), year_of(book, 2022, CA)
    assert disposals(first) == [{"gain": "0.00", "denied": "1000.00"}]
    assert pools(first) == [{"quantity": "0", "cost": "1000.00"}]
    assert disposals(second) == [{"cost": "2000.00", "gain": "500.00"}]
    assert second.taxable == 250


def test_a_denied_loss_waits_for_its_units_whatever_goes_missing_meanwhile() -> None:
    """Units that were never held are spent in between: that is found, and takes no cost along."""
    book = told("""
        2021-01-10  bought  10 TOK  for 2000 CAD
        2021-06-10  sold    10 TOK  for 1000 CAD
        2021-06-15  spent    1 TOK
        2021-06-20  bought  10 TOK  for 1000 CAD
    """)
    year = year_of(book, 2021, CA)
    assert disposals(year) == [{"denied": "1000.00", "gain": "0.00"}]
    assert pools(year) == [{"quantity": "10", "cost": "2000.00"}]
    assert kinds(year) == ["missing_basis", "missing_price"]


def test_the_cost_base_is_one_over_all_accounts() -> None:
    book = told("""
        2021-01-10  kraken/main  bought       1 BTC  for 10000 CAD
        2021-01-11  other/main   bought       1 BTC  for 30000 CAD
        2021-01-12  kraken/main  transferred  1 BTC  to other/main
        2021-06-10  other/main   sold         1 BTC  for 50000 CAD
    """)
    year = year_of(book, 2021, CA)
    assert disposals(year) == [{"cost": "20000.00", "gain": "30000.00"}]
    assert pools(year) == [{"quantity": "1", "cost": "20000.00"}]


def test_gifts_and_donations_are_sales_at_market_value() -> None:
    """ITA s. 69(1)(b)."""
    book = told("""
        2021-01-10  bought     4 ETH  for 400 CAD
        2021-06-10  price      ETH 150  quote CAD
        2021-06-10  given      1 ETH
        2021-06-10  withdrawn  1 ETH  purpose donation
    """)
    assert year_of(book, 2021, CA).net == 100


def test_a_short_and_a_position_leave_the_cost_base_alone() -> None:
    """No loss of theirs is superficial. 60 - 70 = -10; 90 - 100 = -10."""
    book = told("""
        2021-01-10  bought    5 BTC  for 50 CAD
        2021-06-01  borrowed  1 BTC
        2021-06-01  sold      1 BTC  for 60 CAD
        2021-06-02  bought    1 BTC  for 70 CAD
        2021-06-02  repaid    1 BTC
        2021-06-03  bought    1 BTC  for 100 CAD  on P
        2021-06-04  sold      1 BTC  for 90 CAD   on P
    """)
    year = year_of(book, 2021, CA)
    assert disposals(year) == table("""
        sold        gain    denied  matched
        2021-06-02  -10.00    0.00  1:shortsale:2021-06-02
        2021-06-04  -10.00    0.00  1:position:2021-06-03
    """)
    assert pools(year) == [{"quantity": "5", "cost": "50.00"}]


def test_units_that_were_never_bought_have_no_cost_and_say_so() -> None:
    book = told("""
        2021-01-10  bought  1 TOK  for 100 CAD
        2021-06-10  sold    2 TOK  for 300 CAD
    """)
    year = year_of(book, 2021, CA)
    assert disposals(year) == [
        {"gain": "200.00", "matched": "1:adjustedcostbase+1:noacquisition", "missing": "basis"}
    ]
    assert kinds(year) == ["missing_basis"]


def test_units_that_left_do_not_count_as_held() -> None:
    """L3's facts, but all that is left goes out of the book within the window: B is 0."""
    book = told("""
        2021-01-10  bought     12 TOK  for 2400 CAD
        2021-06-10  sold       10 TOK  for 1000 CAD
        2021-06-20  bought      4 TOK  for 440 CAD
        2021-06-30  withdrawn   6 TOK
    """)
    year = year_of(book, 2021, CA)
    assert disposals(year) == [{"denied": "0.00", "gain": "-1000.00"}]
    assert pools(year) == []


def test_a_dollar_book_is_another_currency() -> None:
    year = year_of(told(L1.replace("CAD", "USD")), 2020, CA, "USD")
    assert kinds(year) == ["other_currency"]


def test_a_deposited_lot_counts_from_when_it_was_bought() -> None:
    """Brought in after the sale, bought before it: (100 + 300) / 2 = 200 at the sale."""
    book = told("""
        2021-01-10  bought     1 TOK  for 100 CAD
        2021-06-10  sold       1 TOK  for 500 CAD
        2021-09-10  deposited  1 TOK  bought 2021-03-10 for 300
    """)
    assert disposals(year_of(book, 2021, CA)) == [{"cost": "200.00", "gain": "300.00"}]


@pytest.mark.parametrize(
    ("sold", "years"),
    [("2021-01-01", [2021]), ("2021-12-31", [2021]), ("2022-01-01", [2022])],
)
def test_the_year_is_that_of_the_calendar(sold: str, years: list[int]) -> None:
    book = told(f"""
        2020-06-10  bought  2 TOK  for 100 CAD
        {sold}      sold    1 TOK  for 80 CAD
    """)
    found = {year: disposals(year_of(book, year, CA)) for year in (2020, 2021, 2022)}
    assert [year for year, rows in found.items() if rows == [{"sold": sold}]] == years
    assert pools(year_of(book, 2021, CA))[0]["quantity"] == ("1" if years == [2021] else "2")


@pytest.mark.parametrize(("proceeds", "denied"), [("99", "1.00"), ("100", "0.00")])
def test_the_smallest_loss_is_denied_and_no_gain_is(proceeds: str, denied: str) -> None:
    """All of it is bought back the next day: 1 of loss waits, break-even leaves nothing."""
    book = told(f"""
        2021-01-10  bought  1 TOK  for 100 CAD
        2021-06-10  sold    1 TOK  for {proceeds} CAD
        2021-06-11  bought  1 TOK  for 100 CAD
    """)
    year = year_of(book, 2021, CA)
    assert disposals(year) == [{"denied": denied, "gain": "0.00"}]
    assert pools(year) == [{"cost": f"{100 + Decimal(denied)}"}]


def test_a_denied_loss_stands_on_its_row_and_nowhere_else() -> None:
    """L3's facts: 400 of 1,000 is denied; the gain of the year before has no such line."""
    book = told("""
        2021-01-10  bought  13 TOK  for 2600 CAD
        2021-02-10  sold     1 TOK  for 250 CAD
        2021-06-10  sold    10 TOK  for 1000 CAD
        2021-06-20  bought   4 TOK  for 440 CAD
    """)
    gain, loss = (row.to_dict() for row in year_of(book, 2021, CA).disposals)
    assert "denied" not in gain
    assert (loss["denied"], loss["gain"]) == ("400.00", "-600.00")


def test_a_pool_says_whether_all_of_its_cost_is_known() -> None:
    """A deposit without lots makes the pool uncertain until all of it is gone; then it is anew."""
    story = """
        2021-01-10  bought     1 TOK  for 100 CAD
        2021-01-11  bought     1 ETH  for 100 CAD
        2021-02-10  deposited  1 TOK
        2021-03-10  sold       1 TOK  for 80 CAD
    """
    year = year_of(told(story), 2021, CA)
    assert [row.of.missing for row in year.disposals] == ["basis"]
    assert "missing" not in year.pools[0].to_dict()
    assert year.pools[1].to_dict()["missing"] == "basis"
    rest = """
        2021-04-10  sold    1 TOK  for 80 CAD
        2021-05-10  bought  1 TOK  for 90 CAD
        2021-12-10  sold    1 TOK  for 95 CAD
    """
    later = year_of(told(story + rest), 2021, CA)
    assert [row.of.missing for row in later.disposals] == ["basis", "basis", ""]
    assert "missing" not in later.disposals[-1].to_dict()


def test_a_year_is_final_thirty_days_after_its_last_sale() -> None:
    story = "2021-01-10  bought  2 TOK  for 100 CAD\n 2021-12-20  sold  1 TOK  for 80 CAD\n"
    early = year_of(told(story + "2022-01-18  bought  1 ETH  for 1 CAD"), 2021, CA)
    (found,) = early.findings
    assert found.to_dict() == {
        "kind": "year_not_final",
        "account": "book",
        "asset": "",
        "at": None,
        "event": "",
        "problem": "an acquisition up to 2022-01-19 may change what was sold by 2021-12-20;"
        " the book's last event is of 2022-01-18",
        "hint": "look again when everything up to 2022-01-30 is recorded",
        "severity": "info",
    }
    late = told(story + "2022-01-19  bought  1 ETH  for 1 CAD")
    assert kinds(year_of(late, 2021, CA), "info") == []


def test_a_decision_of_the_book_is_nothing_that_happened() -> None:
    """A price and a policy recorded in spring do not make December final."""
    book = told("""
        2021-01-10  bought  2 TOK  for 100 CAD
        2021-12-20  sold    1 TOK  for 80 CAD
        2022-03-01  price   TOK 90  quote CAD
        2022-03-01  policy  funding net
    """)
    assert kinds(year_of(book, 2021, CA), "info") == ["year_not_final"]


@pytest.mark.parametrize(("day", "found"), [("2022-01-30", True), ("2022-01-31", False)])
def test_what_is_wrong_in_the_window_is_wrong_in_the_year(day: str, found: bool) -> None:
    """Units that came within 30 days of the year's end may decide what is denied in it."""
    book = told(f"""
        2021-01-10  bought     2 TOK  for 100 CAD
        2021-12-31  sold       1 TOK  for 40 CAD
        {day}       deposited  1 TOK
    """)
    assert ("missing_basis" in kinds(year_of(book, 2021, CA))) is found
