"""The German year as stories: one year, the exemption limit, each wallet's own queue."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from projections.tax.germany.private_sales import free
from tests.abroad import DE, disposals, kinds, pools, year_of
from tests.story import table, told


@pytest.mark.parametrize(
    ("year", "gain", "taxable"),
    [
        (2024, "999.99", "0.00"),
        (2024, "1000.00", "1000.00"),
        (2025, "1000.01", "1000.01"),
        (2023, "599.99", "0.00"),
        (2023, "600.00", "600.00"),
        (2023, "999.99", "999.99"),
        (2024, "-50.00", "0.00"),
    ],
)
def test_the_exemption_limit_is_a_cliff(year: int, gain: str, taxable: str) -> None:
    """Cases: M1. EStG sec. 23(3) sentence 5: below the limit nothing, at it everything."""
    book = told(f"""
        {year}-01-10  bought  1 TOK  for 5000 EUR
        {year}-06-10  sold    1 TOK  for {Decimal(5000) + Decimal(gain)} EUR
    """)
    figures = year_of(book, year, DE)
    assert (str(figures.net), str(figures.taxable)) == (gain, taxable)


def test_several_sales_reach_the_limit_together() -> None:
    """600 + 700 - 301 = 999: free. One euro less of a loss, and 1,000 are taxable."""
    story = """
        2024-01-10  bought  3 TOK  for 3000 EUR
        2024-02-10  sold    1 TOK  for 1600 EUR
        2024-03-10  sold    1 TOK  for 1700 EUR
        2024-04-10  sold    1 TOK  for {} EUR
    """
    assert year_of(told(story.format(699)), 2024, DE).taxable == 0
    assert year_of(told(story.format(700)), 2024, DE).taxable == 1000


@pytest.mark.parametrize(
    ("sold", "taxed", "taxable"),
    [("2024-03-12", "True", "9000.00"), ("2024-03-13", "False", "0.00")],
)
def test_coins_held_for_more_than_a_year_are_free(sold: str, taxed: str, taxable: str) -> None:
    """Cases: M2. 12 March to 12 March is one year and no more."""
    book = told(f"""
        2023-03-12T09:00  bought  1 TOK  for 1000 EUR
        {sold}T10:00      sold    1 TOK  for 10000 EUR
    """)
    figures = year_of(book, 2024, DE)
    assert disposals(figures) == [{"gain": "9000.00", "taxed": taxed}]
    assert str(figures.taxable) == taxable
    assert figures.amounts["free"] == Decimal(9000) - figures.taxable


@pytest.mark.parametrize(
    ("acquired", "first_free_day"),
    [
        (date(2023, 3, 12), date(2024, 3, 13)),
        (date(2024, 2, 29), date(2025, 3, 1)),
        (date(2024, 2, 28), date(2025, 3, 1)),
        (date(2023, 2, 28), date(2024, 2, 29)),
        (date(2023, 12, 31), date(2025, 1, 1)),
    ],
)
def test_a_year_ends_with_the_day_of_the_same_date(acquired: date, first_free_day: date) -> None:
    """BGB sec. 187(1), 188(2)-(3): where the date lacks, with the last day of the month."""
    assert free(acquired, first_free_day)
    assert not free(acquired, first_free_day - timedelta(days=1))


def test_each_wallet_sells_its_own_oldest_units() -> None:
    """The older, cheaper units of the other wallet are not asked; a transfer brings its date."""
    book = told("""
        2023-01-10  self/wallet  bought       1 BTC  for 15000 EUR
        2024-01-10  kraken/main  bought       1 BTC  for 40000 EUR
        2024-02-10  kraken/main  bought       1 BTC  for 45000 EUR
        2024-06-10  kraken/main  sold         1 BTC  for 60000 EUR
        2024-07-10  self/wallet  transferred  1 BTC  to kraken/main
        2024-08-10  kraken/main  sold         1 BTC  for 50000 EUR
    """)
    figures = year_of(book, 2024, DE)
    assert disposals(figures) == table("""
        sold        cost      gain      taxed  matched
        2024-06-10  40000.00  20000.00  True   1:privatesale:2024-01-10
        2024-08-10  15000.00  35000.00  False  1:heldoverayear:2023-01-10
    """)
    assert figures.taxable == 20000
    assert figures.amounts["free"] == 35000
    assert [pool.to_dict() for pool in figures.pools] == [
        {
            "asset": "BTC",
            "quantity": "1",
            "cost": "45000.00",
            "exact": {"cost": "45000"},
            "account": "kraken/main",
        }
    ]


def test_a_sale_over_several_lots_is_a_row_for_each() -> None:
    """The older half is free, the younger is not; a loss of free coins helps nobody."""
    book = told("""
        2023-01-10  bought  1 TOK  for 5000 EUR
        2024-01-10  bought  1 TOK  for 1000 EUR
        2024-06-10  sold    2 TOK  for 6000 EUR
    """)
    figures = year_of(book, 2024, DE)
    assert [(row["gain"], row["taxed"]) for row in disposals(figures)] == [
        ("-2000.00", "False"),
        ("2000.00", "True"),
    ]
    assert figures.taxable == 2000


def test_a_short_is_taxable_and_a_contract_is_income_from_capital() -> None:
    """EStG sec. 23(1) sentence 1 no. 3; sec. 20(2) sentence 1 no. 3."""
    book = told("""
        2024-01-10  borrowed  1 BTC
        2024-01-10  sold      1 BTC  for 60000 EUR
        2024-06-10  bought    1 BTC  for 50000 EUR
        2024-06-10  repaid    1 BTC
        2024-07-10  contract  PERP 500 EUR
    """)
    figures = year_of(book, 2024, DE)
    assert disposals(figures) == table("""
        asset  gain      taxed  matched
        BTC    10000.00  True   1:soldbeforeacquired:2024-06-10
        PERP     500.00  False  1:capitalincome:2024-07-10
    """)
    assert figures.taxable == 10000
    assert figures.amounts["capital_income"] == 500


def test_coins_that_pay_the_loss_of_a_contract_are_sold() -> None:
    """The loss is one from capital, what the coins gained until then a private sale."""
    book = told("""
        2024-01-10  bought   2 TOK  for 200 EUR
        2024-02-10  price    TOK 300 quote EUR
        2024-02-10  funding  -1 TOK PERP
    """)
    assert disposals(year_of(book, 2024, DE)) == table("""
        asset  gain     taxed  matched
        PERP   -300.00  False  1:capitalincome:2024-02-10
        TOK     200.00  True   1:privatesale:2024-01-10
    """)


def test_a_rebate_of_fees_is_costs_given_back_and_no_private_sale() -> None:
    """EStG sec. 23(3) sentence 1: costs lower the gain, so what is given back of them raises it."""
    book = told("""
        2024-01-10  received  rebate 900 EUR
        2024-02-10  received  rebate 0.1 TOK  worth 100
    """)
    figures = year_of(book, 2024, DE)
    assert disposals(figures) == table("""
        gain    taxed  matched
        900.00  True   1:costsgivenback:2024-01-10
        100.00  True   1:costsgivenback:2024-02-10
    """)
    assert figures.taxable == 1000


def test_what_happens_after_the_year_does_not_change_it() -> None:
    story = """
        2024-01-10  bought  2 TOK  for 2000 EUR
        2024-06-10  sold    1 TOK  for 3000 EUR
    """
    more = "2025-01-01  sold  1 TOK  for 9000 EUR"
    assert year_of(told(story), 2024, DE) == year_of(told(story + more), 2024, DE)


def test_unknown_units_are_sold_at_no_cost_and_found() -> None:
    book = told("""
        2024-01-10  deposited  1 TOK
        2024-06-10  sold       1 TOK  for 3000 EUR
    """)
    figures = year_of(book, 2024, DE)
    assert disposals(figures) == [{"cost": "0.00", "taxed": "True", "missing": "basis"}]
    assert kinds(figures) == ["missing_basis"]
    assert pools(figures) == []


def test_orders_and_picks_of_us_law_choose_nothing() -> None:
    book = told("""
        2024-01-01  elected  hifo
        2024-01-10  bought  1 TOK  for 1000 EUR  as old
        2024-01-11  bought  1 TOK  for 2000 EUR  as new
        2024-06-10  sold    1 TOK  for 4000 EUR  as sale
        2024-06-11  picked  sale  picks new:1
    """)
    figures = year_of(book, 2024, DE)
    assert disposals(figures) == [{"cost": "1000.00"}]
    assert kinds(figures, "info", "warning", "error") == []


@pytest.mark.parametrize("sold", ["2024-01-01", "2024-12-31"])
def test_the_year_is_that_of_the_calendar(sold: str) -> None:
    book = told(f"""
        2023-12-31  bought  1 TOK  for 5000 EUR
        {sold}      sold    1 TOK  for 7000 EUR
    """)
    assert [year_of(book, year, DE).net for year in (2023, 2024, 2025)] == [0, 2000, 0]


def test_own_coins_delivered_for_a_short_were_acquired_before_it() -> None:
    """EStG sec. 23(1) no. 3 is of what is sold before it was acquired; these were not."""
    book = told("""
        2022-01-10  bought    1 BTC  for 30000 EUR
        2024-01-10  borrowed  1 BTC
        2024-01-10  sold      1 BTC  for 60000 EUR
        2024-06-10  repaid    1 BTC
    """)
    figures = year_of(book, 2024, DE)
    assert disposals(figures) == [
        {"gain": "30000.00", "taxed": "False", "matched": "1:heldoverayear:2022-01-10"}
    ]
    assert figures.taxable == 0
    assert figures.amounts["free"] == 30000


def test_a_wallet_says_whether_all_of_its_cost_is_known() -> None:
    book = told("""
        2024-01-10  kraken/main  bought     1 TOK  for 100 EUR
        2024-02-10  kraken/main  deposited  1 TOK
        2024-02-10  self/wallet  deposited  1 TOK  bought 2024-01-01 for 90
        2024-03-10  kraken/main  bought     1 TOK  for 100 EUR
    """)
    figures = year_of(book, 2024, DE)
    assert pools(figures) == [
        {"account": "kraken/main", "quantity": "3", "cost": "200.00", "missing": "basis"},
        {"account": "self/wallet", "quantity": "1", "cost": "90.00"},
    ]
    assert "missing" not in figures.pools[1].to_dict()


def test_the_limit_is_told_and_a_dollar_book_is_another_currency() -> None:
    book = told("2024-01-10  bought  1 TOK  for 100 USD")
    figures = year_of(book, 2024, DE, "USD")
    assert {name: str(amount) for name, amount in figures.amounts.items()} == {
        "exemption_limit": "1000.00",
        "free": "0.00",
        "capital_income": "0.00",
    }
    (found,) = figures.findings
    assert (found.kind, found.account, found.severity) == ("other_currency", "book", "warning")
