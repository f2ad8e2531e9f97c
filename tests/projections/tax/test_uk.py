"""The UK year as stories: matching, pools, the turn of the year, what HMRC prints."""

from decimal import Decimal

import pytest

from projections.tax.country import Country
from tests.abroad import CA, UK, disposals, kinds, pools, year_of
from tests.story import Story, table, told

ZONE = "Europe/London"

K2 = """
    2018-06-01  bought  5000 TOK  for 500 GBP
    2018-07-02T09:00  sold    1000 TOK  for 800 GBP
    2018-07-02T10:00  bought  1600 TOK  for 1000 GBP
    2018-07-02T11:00  sold     500 TOK  for 600 GBP
"""


def test_units_of_one_pool_cost_their_average() -> None:
    """Cases: K1; Cryptoassets Manual CRYPTO22251: (1,000 + 125,000) x 50/150 = 42,000."""
    book = told("""
        2018-05-01  bought   100 TOK  for 1000 GBP
        2018-09-01  bought    50 TOK  for 125000 GBP
        2018-12-01  sold      50 TOK  for 300000 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == table("""
        sold        asset  quantity   proceeds      cost       gain  printed  matched
        2018-12-01  TOK          50  300000.00  42000.00  258000.00   258000  50:section104pool
    """)
    assert pools(year) == table("""
        asset  quantity      cost  printed
        TOK         100  84000.00    84000
    """)
    assert (year.net, year.taxable) == (Decimal(258000), Decimal(258000))
    assert year.amounts["annual_exempt_amount"] == 11700
    assert year.amounts["above_exempt_amount"] == 246300


def test_a_day_is_one_acquisition_and_one_disposal() -> None:
    """Cases: K2. 1,500 sold for 1,400; 1,500 of the 1,600 bought cost 937.50; printed 462."""
    year = year_of(told(K2), 2018, UK)
    assert disposals(year) == table("""
        sold        asset  quantity  proceeds    cost    gain  printed  matched
        2018-07-02  TOK        1500   1400.00  937.50  462.50      462  1500:sameday:2018-07-02
    """)
    assert pools(year) == table("""
        asset  quantity    cost  printed
        TOK        5100  562.50      562
    """)
    (row,) = year.disposals
    assert row.to_dict()["events"] == ["kraken/main#2", "kraken/main#4"]
    assert row.to_dict()["exact"] == {"proceeds": "1400", "cost": "937.5", "gain": "462.5"}
    assert row.to_dict()["printed"] == {"proceeds": "1400", "cost": "938", "gain": "462"}


def test_a_busy_day_and_the_pool_behind_it() -> None:
    """Cases: K3. 7,000 sold for 642: 6,500 of the day cost 500, 500 of the pool 62.50."""
    book = told("""
        2018-06-01        bought  8000 TOK  for 1000 GBP
        2018-07-02T09:00  sold    5000 TOK  for 500 GBP
        2018-07-02T10:00  bought  4000 TOK  for 320 GBP
        2018-07-02T11:00  bought  1000 TOK  for 75 GBP
        2018-07-02T12:00  bought  1000 TOK  for 70 GBP
        2018-07-02T13:00  sold    2000 TOK  for 142 GBP
        2018-07-02T14:00  bought   500 TOK  for 35 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == table("""
        quantity  proceeds    cost   gain  printed  matched
        7000        642.00  562.50  79.50       79  6500:sameday:2018-07-02+500:section104pool
    """)
    assert pools(year) == table("""
        asset  quantity    cost  printed
        TOK        7500  937.50      937
    """)


def test_what_is_bought_within_30_days_comes_before_the_pool() -> None:
    """Cases: K4. 500 for 17,500, and 3,500 of the pool for 50,000: 160,000 - 67,500."""
    book = told("""
        2018-05-01  bought  14000 TOK  for 200000 GBP
        2018-08-30  sold     4000 TOK  for 160000 GBP
        2018-09-11  bought    500 TOK  for 17500 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == table("""
        sold        gain      matched
        2018-08-30  92500.00  500:30days:2018-09-11+3500:section104pool
    """)
    assert pools(year) == table("""
        asset  quantity       cost
        TOK       10500  150000.00
    """)


def test_a_loss_of_30_days_beside_a_pool_without_gain() -> None:
    """Cases: K5. 500: 750 - 850 = -100; 3,500: 5,250 - 5,250 = 0."""
    book = told("""
        2018-05-01  bought  9500 TOK  for 14250 GBP
        2018-08-30  sold    4000 TOK  for 6000 GBP
        2018-09-11  bought   500 TOK  for 850 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == table("""
        gain     printed  matched
        -100.00     -100  500:30days:2018-09-11+3500:section104pool
    """)
    assert pools(year) == table("""
        asset  quantity     cost
        TOK        6000  9000.00
    """)
    assert (year.net, year.taxable) == (Decimal(-100), Decimal(0))


@pytest.mark.parametrize(
    ("bought", "gain"),
    [("2019-04-30", "200.00"), ("2019-05-01", "900.00")],
    ids=["the 30th day counts", "the 31st does not"],
)
def test_the_window_is_thirty_days_and_reaches_across_5_april(bought: str, gain: str) -> None:
    """Cases: K6. Sold on 31 March: 1,000 - 800 of 30 April, or 1,000 - 100 of the pool."""
    book = told(f"""
        2018-05-01  bought  10 TOK  for 1000 GBP
        2019-03-31  sold     1 TOK  for 1000 GBP
        {bought}    bought   1 TOK  for 800 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == [{"sold": "2019-03-31", "gain": gain}]
    assert pools(year)[0]["quantity"] == ("10" if gain == "200.00" else "9")


def test_a_later_day_keeps_what_it_needs_for_itself() -> None:
    """Reservation: bought and sold on 3 March match each other, so 2 March reaches 6 March."""
    book = told("""
        2019-01-10        bought  10 TOK  for 1000 GBP
        2019-03-02        sold     2 TOK  for 400 GBP
        2019-03-03T09:00  bought   3 TOK  for 390 GBP
        2019-03-03T15:00  sold     3 TOK  for 450 GBP
        2019-03-06        bought   2 TOK  for 280 GBP
    """)
    assert disposals(year_of(book, 2018, UK)) == table("""
        sold        gain    matched
        2019-03-02  120.00  2:30days:2019-03-06
        2019-03-03   60.00  3:sameday:2019-03-03
    """)


def test_what_a_day_does_not_need_is_free_for_an_earlier_one() -> None:
    """Of 5 bought on 3 March 3 are sold that day; 2 serve 2 March at 130 each."""
    book = told("""
        2019-01-10        bought  10 TOK  for 1000 GBP
        2019-03-02        sold     4 TOK  for 800 GBP
        2019-03-03T09:00  bought   5 TOK  for 650 GBP
        2019-03-03T15:00  sold     3 TOK  for 450 GBP
    """)
    assert disposals(year_of(book, 2018, UK)) == table("""
        sold        cost    matched
        2019-03-02  460.00  2:30days:2019-03-03+2:section104pool
        2019-03-03  390.00  3:sameday:2019-03-03
    """)


def test_a_sale_with_nothing_in_the_pool_waits_for_what_is_bought_later() -> None:
    """CG51555: beyond 30 days too, earliest first; the sale of units never held is found."""
    book = told("""
        2018-05-01  sold    3 TOK  for 300 GBP
        2018-08-01  bought  2 TOK  for 100 GBP
        2018-09-01  bought  2 TOK  for 140 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == table("""
        cost    gain    matched
        170.00  130.00  2:lateracquisition:2018-08-01+1:lateracquisition:2018-09-01
    """)
    assert pools(year) == [{"asset": "TOK", "quantity": "1", "cost": "70.00"}]
    assert kinds(year) == ["missing_basis"]


def test_a_sale_that_nothing_ever_answers_has_no_stated_cost() -> None:
    year = year_of(told("2018-05-01  sold  3 TOK  for 300 GBP"), 2018, UK)
    assert disposals(year) == [{"cost": "0.00", "matched": "3:noacquisition", "missing": "basis"}]
    assert kinds(year) == ["missing_basis"]


def test_the_year_begins_on_6_april_in_the_books_zone() -> None:
    """5 April 2018 23:30 UTC is 6 April in London: the year 2018/19."""
    book = told(
        """
        2018-01-01        bought  10 TOK  for 100 GBP
        2018-04-05T22:30  sold     1 TOK  for 20 GBP
        2018-04-05T23:30  sold     1 TOK  for 30 GBP
        2019-04-05        sold     1 TOK  for 40 GBP
        2019-04-06        sold     1 TOK  for 50 GBP
    """,
        ZONE,
    )
    assert disposals(year_of(book, 2018, UK)) == table("""
        sold        gain
        2018-04-06  20.00
        2019-04-05  30.00
    """)
    assert [len(year_of(book, year, UK).disposals) for year in (2017, 2019)] == [1, 1]


def test_the_pool_spans_all_wallets_and_moves_leave_no_trace() -> None:
    """10 at 10 and 10 at 30 cost 20 each, wherever they lie and however they got there."""
    book = told("""
        2018-05-01  kraken/main  bought       10 TOK  for 100 GBP
        2018-06-01  other/main   bought       10 TOK  for 300 GBP
        2018-07-01  kraken/main  transferred  10 TOK  to other/main
        2018-08-01  kraken/main  bought       2 ETH  for 10 GBP
        2018-08-02  kraken/main  withdrawn    2 ETH  as out
        2018-08-03  other/main   deposited    2 ETH  as in
        2018-08-04  linked  kraken/main#out other/main#in
        2018-12-01  other/main   sold         5 TOK  for 500 GBP
        2018-12-01  other/main   sold         1 ETH  for 8 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == table("""
        asset  cost    gain
        ETH      5.00    3.00
        TOK    100.00  400.00
    """)
    assert pools(year) == table("""
        asset  quantity    cost
        ETH           1    5.00
        TOK          15  300.00
    """)
    assert kinds(year) == []


def test_a_move_in_the_middle_of_the_way_is_still_owned() -> None:
    """Out in the year, in after it: the pool of 5 April holds the units."""
    book = told("""
        2019-01-01  kraken/main  bought     2 ETH  for 10 GBP
        2019-04-01  kraken/main  withdrawn  2 ETH  as out
        2019-04-20  other/main   deposited  2 ETH  as in
        2019-04-21  linked  kraken/main#out other/main#in
    """)
    assert pools(year_of(book, 2018, UK)) == [{"quantity": "2", "cost": "10.00"}]


def test_units_that_leave_the_book_take_their_share_of_the_pool() -> None:
    book = told("""
        2018-05-01  bought     10 TOK  for 100 GBP
        2018-06-01  withdrawn   4 TOK
        2018-07-01  sold        1 TOK  for 30 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == [{"cost": "10.00"}]
    assert pools(year) == [{"quantity": "5", "cost": "50.00"}]


def test_a_deposited_lot_counts_from_when_it_was_bought() -> None:
    """Bought elsewhere ten days after the sale, brought into the book long after: 30 days."""
    book = told("""
        2018-05-01  bought     10 TOK  for 100 GBP
        2018-08-30  sold        1 TOK  for 60 GBP
        2018-12-01  deposited   1 TOK  bought 2018-09-09 for 25
    """)
    assert disposals(year_of(book, 2018, UK)) == [
        {"matched": "1:30days:2018-09-09", "gain": "35.00"}
    ]


def test_units_of_unknown_date_go_into_the_pool_and_say_so() -> None:
    """A deposit without lots matches nothing by date; the pool's cost is not all known."""
    book = told("""
        2018-05-01  bought     1 TOK  for 100 GBP
        2018-08-30  sold       1 TOK  for 60 GBP
        2018-08-31  deposited  1 TOK
        2018-10-01  sold       1 TOK  for 60 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == table("""
        sold        cost    matched
        2018-08-30  100.00  1:section104pool
        2018-10-01    0.00  1:section104pool
    """)
    assert [row.of.missing for row in year.disposals] == ["", "basis"]
    assert kinds(year) == ["missing_basis"]


def test_fees_are_allowable_costs_on_both_sides() -> None:
    book = told("""
        2018-05-01  bought  2 TOK  for 100 GBP  fee 4 GBP
        2018-08-30  sold    1 TOK  for 90 GBP   fee 3 GBP
    """)
    assert disposals(year_of(book, 2018, UK)) == [{"proceeds": "87.00", "cost": "52.00"}]


def test_coin_for_coin_is_a_disposal_at_the_worth_of_what_came() -> None:
    """CRYPTO22100. 1 BTC, bought for 5,000, becomes 20 ETH worth 300 each."""
    book = told("""
        2018-05-01  bought  1 BTC  for 5000 GBP
        2018-08-30  price   ETH 300  quote GBP
        2018-08-30  bought  20 ETH  for 1 BTC
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == [{"asset": "BTC", "proceeds": "6000.00", "gain": "1000.00"}]
    assert pools(year) == [{"asset": "ETH", "quantity": "20", "cost": "6000.00"}]


def test_what_was_spent_at_an_unknown_worth_leaves_the_pool_and_is_found() -> None:
    book = told("""
        2018-05-01  bought  4 ETH  for 400 GBP
        2018-08-30  spent   1 ETH
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == []
    assert pools(year) == [{"quantity": "3", "cost": "300.00"}]
    assert kinds(year) == ["missing_price"]


def test_a_gift_is_a_sale_at_market_value_and_a_donation_is_none() -> None:
    """TCGA 1992 s. 17 and s. 257."""
    book = told("""
        2018-05-01  bought     4 ETH  for 400 GBP
        2018-08-30  price      ETH 150  quote GBP
        2018-08-30  given      1 ETH
        2018-08-31  withdrawn  1 ETH  purpose donation
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == [{"sold": "2018-08-30", "proceeds": "150.00", "gain": "50.00"}]
    assert pools(year) == [{"quantity": "2", "cost": "200.00"}]
    assert "gift_at_market" in kinds(year, "info")


def test_a_short_leaves_the_pool_alone_and_closes_by_itself() -> None:
    """Borrowed and sold at 60, bought back at 50: 10, and the pool keeps its own cost."""
    book = told("""
        2018-05-01  bought    5 BTC  for 50 GBP
        2018-06-01  borrowed  1 BTC
        2018-06-01  sold      1 BTC  for 60 GBP
        2018-06-10  bought    1 BTC  for 50 GBP
        2018-06-10  repaid    1 BTC
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == [
        {"sold": "2018-06-10", "gain": "10.00", "matched": "1:shortsale:2018-06-10"}
    ]
    assert pools(year) == [{"quantity": "5", "cost": "50.00"}]


def test_a_leveraged_position_never_mixes_with_the_pool() -> None:
    """Long 1 at 100, closed at 130; the pool's units, at 10, are not asked. Cases: D9."""
    book = told("""
        2018-05-01  bought  5 BTC  for 50 GBP
        2018-06-01  bought  1 BTC  for 100 GBP  on P
        2018-06-02  sold    3 BTC  for 390 GBP  on P
        2018-06-03  bought  2 BTC  for 200 GBP  on P
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == table("""
        sold        quantity  proceeds    cost   gain  matched
        2018-06-02         1    130.00  100.00  30.00  1:position:2018-06-01
        2018-06-03         2    260.00  200.00  60.00  2:shortsale:2018-06-03
    """)
    assert pools(year) == [{"quantity": "5", "cost": "50.00"}]


def test_a_delivered_position_joins_the_pool_at_its_opening() -> None:
    """Opened 5 days after the sale, delivered 50 days after it: within 30 days."""
    book = told("""
        2018-05-01  bought   5 BTC  for 50 GBP
        2018-06-01  sold     1 BTC  for 90 GBP
        2018-06-06  bought   1 BTC  for 80 GBP  on P
        2018-07-21  settled  P 1 BTC  for 80 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == [{"gain": "10.00", "matched": "1:30days:2018-06-06"}]
    assert pools(year) == [{"quantity": "5", "cost": "50.00"}]


def test_a_contract_is_a_gain_of_the_day_it_settles() -> None:
    book = told("""
        2018-06-01  contract  PERP 40 GBP
        2018-06-02  contract  PERP -15 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == table("""
        asset  proceeds   cost    gain  matched
        PERP      40.00   0.00   40.00  1:contract:2018-06-01
        PERP       0.00  15.00  -15.00  1:contract:2018-06-02
    """)
    assert year.net == 25


REBATE = """
    2024-05-01  received  rebate 5 GBP
    2024-05-02  received  rebate 0.1 TOK  worth 4
    2024-06-01  sold      0.1 TOK  for 7 GBP
"""


@pytest.mark.parametrize("country", [UK, CA], ids=lambda country: country.code)
def test_a_rebate_of_fees_is_a_gain_of_its_day(country: Country) -> None:
    """It lowers the cost of trading; in coin its worth is the cost of the units, too."""
    year = year_of(told(REBATE), 2024, country, "GBP")
    assert [(row["asset"], row["cost"], row["gain"]) for row in disposals(year)] == [
        ("GBP fee rebate", "0.00", "5.00"),
        ("TOK fee rebate", "0.00", "4.00"),
        ("TOK", "4.00", "3.00"),
    ]
    assert year.net == 12


@pytest.mark.parametrize("country", [UK, CA], ids=lambda country: country.code)
def test_a_rebate_that_is_income_is_no_gain(country: Country) -> None:
    year = year_of(told("2024-01-01  policy  rebate income" + REBATE), 2024, country, "GBP")
    assert [(row["asset"], row["gain"]) for row in disposals(year)] == [("TOK", "3.00")]
    assert year.policies["rebate"] == "income"


def test_thirds_add_up_to_the_penny_and_the_pool_is_used_up() -> None:
    """3 units for 100: 33.33, 33.34 and 33.33 as rows, 100 in all, nothing left."""
    book = told("""
        2018-05-01  bought  3 TOK  for 100 GBP
        2018-06-01  sold    1 TOK  for 50 GBP
        2018-08-01  sold    1 TOK  for 50 GBP
        2018-10-01  sold    1 TOK  for 50 GBP
    """)
    year = year_of(book, 2018, UK)
    assert [row["gain"] for row in disposals(year)] == ["16.67", "16.66", "16.67"]
    assert year.net == 50
    assert pools(year) == []


def test_a_loss_is_printed_in_the_holders_favour() -> None:
    """7,000 sold at a loss of 30.50: HMRC's line is 31, cost 31 above the proceeds."""
    book = told("""
        2018-05-01  bought  10 TOK  for 130.50 GBP
        2018-06-01  sold    10 TOK  for 100 GBP
    """)
    (row,) = year_of(book, 2018, UK).disposals
    assert row.printed == {"proceeds": 100, "cost": 131, "gain": -31}


@pytest.mark.parametrize(
    ("year", "amount"),
    [
        *((2008, 9600), (2009, 10100), (2010, 10100), (2011, 10600), (2012, 10600)),
        *((2013, 10900), (2014, 11000), (2015, 11100), (2016, 11100), (2017, 11300)),
        *((2018, 11700), (2019, 12000), (2020, 12300), (2021, 12300), (2022, 12300)),
        *((2023, 6000), (2024, 3000), (2025, 3000)),
    ],
)
def test_the_exempt_amount_is_that_of_the_year(year: int, amount: int) -> None:
    assert year_of(Story(()), year, UK).amounts["annual_exempt_amount"] == amount


def test_a_year_is_final_thirty_days_after_its_last_disposal() -> None:
    """An info as long as the book ends before; gone with the first event after the window."""
    early = K2 + "2018-07-31  bought  1 ETH  for 1 GBP"
    late = K2 + "2018-08-01  bought  1 ETH  for 1 GBP"
    assert kinds(year_of(told(early), 2018, UK), "info") == ["year_not_final"]
    assert kinds(year_of(told(late), 2018, UK), "info") == []


def test_what_happens_after_the_window_is_no_finding_of_the_year() -> None:
    book = told(K2 + "2019-06-01  sold  1 ETH  for 1 GBP")
    assert kinds(year_of(book, 2018, UK)) == []
    assert kinds(year_of(book, 2019, UK)) == ["missing_basis"]


def test_another_currency_is_a_finding_and_the_figures_stay_in_it() -> None:
    book = told(K2.replace("GBP", "USD"))
    year = year_of(book, 2018, UK, "USD")
    assert (year.currency, year.net) == ("USD", Decimal("462.50"))
    assert kinds(year) == ["other_currency"]


def test_a_policy_that_is_not_the_laws_is_named() -> None:
    """A network fee in coin is a disposal, whatever the policy for US tax says."""
    book = told("""
        2018-05-01  policy  transfer_fee ignore
        2018-05-01  kraken/main  bought       10 TOK  for 100 GBP
        2018-06-01  price  TOK 30  quote GBP
        2018-06-01  kraken/main  transferred  9 TOK  to self/wallet  fee 1
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == [{"proceeds": "30.00", "cost": "10.00"}]
    assert year.policies["transfer_fee"] == "disposal"
    assert "policy_not_used" in kinds(year, "info")


def test_disposals_of_a_day_stand_as_the_first_of_each_stood_in_the_log() -> None:
    """The pool's disposal of a day is one, and its place is that of its first sale."""
    story = """
        2018-05-01        bought  5 BTC  for 50 GBP
        2018-06-01        bought  1 BTC  for 100 GBP  on P
        2018-06-02T09:00  sold    1 BTC  for 130 GBP  {first}
        2018-06-02T10:00  sold    1 BTC  for 60 GBP   {second}
        2018-06-02T11:00  sold    1 BTC  for 70 GBP
    """
    position_first = year_of(told(story.format(first="on P", second="")), 2018, UK)
    assert [row["gain"] for row in disposals(position_first)] == ["30.00", "110.00"]
    pool_first = year_of(told(story.format(first="", second="on P")), 2018, UK)
    assert [row["gain"] for row in disposals(pool_first)] == ["180.00", "-40.00"]


def test_units_delivered_and_units_that_pay_the_interest_on_them_are_one_event() -> None:
    """2 sold short at 40 each are closed with own units; 1 more pays the interest, worth 30."""
    book = told("""
        2018-05-01  bought    10 TOK  for 100 GBP
        2018-06-01  borrowed   2 TOK
        2018-06-01  sold       2 TOK  for 80 GBP
        2018-06-02  price     TOK 30  quote GBP
        2018-06-02  repaid     2 TOK  interest 1
        2018-06-02  sold       1 TOK  for 35 GBP
    """)
    year = year_of(book, 2018, UK)
    assert disposals(year) == [{"quantity": "4", "proceeds": "145.00", "cost": "40.00"}]
    assert year.disposals[0].to_dict()["events"] == ["kraken/main#5", "kraken/main#6"]


def test_a_disposal_says_so_if_any_part_of_its_cost_is_unknown() -> None:
    """1 bought that day for 40, 1 of a pool that nobody has stated."""
    book = told("""
        2018-05-01        deposited  1 TOK
        2018-08-30T09:00  bought     1 TOK  for 40 GBP
        2018-08-30T10:00  sold       2 TOK  for 120 GBP
    """)
    (row,) = year_of(book, 2018, UK).disposals
    assert row.cost == 40
    assert row.to_dict()["missing"] == "basis"
    assert [part.rule for part in row.of.matched] == ["same day", "section 104 pool"]


def test_a_pool_says_whether_all_of_its_cost_is_known() -> None:
    """Once all of it is gone, what is bought next has a cost that is known."""
    story = "2018-05-01 deposited 2 TOK\n 2018-05-01 bought 1 ETH for 5 GBP\n"
    known, unknown = year_of(told(story), 2018, UK).pools
    assert "missing" not in known.to_dict()
    assert unknown.to_dict()["missing"] == "basis"
    rest = """
        2018-06-01  sold    2 TOK  for 100 GBP
        2018-08-01  bought  2 TOK  for 30 GBP
        2018-12-01  sold    1 TOK  for 20 GBP
    """
    year = year_of(told(story + rest), 2018, UK)
    assert [row.of.missing for row in year.disposals] == ["basis", ""]
    assert all("missing" not in pool.to_dict() for pool in year.pools)


def test_an_account_gives_no_more_than_it_holds() -> None:
    """10 in each of two accounts; one gives 6 and then only the 4 it still has."""
    book = told("""
        2018-05-01  a/1  bought     10 TOK  for 100 GBP
        2018-05-01  b/1  bought     10 TOK  for 300 GBP
        2018-06-01  a/1  withdrawn   6 TOK
        2018-06-02  a/1  withdrawn   6 TOK
    """)
    assert pools(year_of(book, 2018, UK)) == [{"quantity": "10", "cost": "200.00"}]


def test_what_is_wrong_within_thirty_days_of_the_year_is_wrong_in_the_year() -> None:
    """Bought back on 5 May 2019 would count; what nobody can price there is told with the year."""
    story = K2 + "2019-{day}  spent  1 ETH\n"
    assert "missing_price" in kinds(year_of(told(story.format(day="05-05")), 2018, UK))
    assert "missing_price" not in kinds(year_of(told(story.format(day="05-06")), 2018, UK))


def test_gains_of_the_book_name_their_event_with_its_account() -> None:
    year = year_of(told("2018-06-01  contract  PERP 40 GBP  as result"), 2018, UK)
    assert year.disposals[0].to_dict()["events"] == ["kraken/main#result"]
    assert "denied" not in year.disposals[0].to_dict()


def test_findings_of_the_law_itself_are_the_books() -> None:
    """No one event is wrong: the reading, the year's end and the currency are of the whole book."""
    book = told("2018-05-01  policy  transfer_fee ignore\n" + K2.replace("GBP", "USD"))
    found = year_of(book, 2018, UK, "USD").findings
    assert {(f.kind, f.account, f.severity) for f in found} == {
        ("policy_not_used", "book", "info"),
        ("other_currency", "book", "warning"),
        ("year_not_final", "book", "info"),
    }


def test_the_last_sale_of_the_year_decides_when_it_is_final() -> None:
    """Sold on 1 June and on 1 March: up to 31 March of 2019 an acquisition may count."""
    book = told("""
        2018-05-01  bought  9 TOK  for 90 GBP
        2018-06-01  sold    1 TOK  for 20 GBP
        2019-03-01  sold    1 TOK  for 20 GBP
    """)
    (found,) = year_of(book, 2018, UK).findings
    assert "up to 2019-03-31 may change what was sold by 2019-03-01" in found.problem
    assert found.hint == "look again when everything up to 2019-05-05 is recorded"


def test_a_liquidated_position_and_a_fee_withheld_are_gains_beside_the_pool() -> None:
    """100 - 70 is lost; 1 AB of the 10 just received pays the venue at its own cost."""
    book = told("""
        2018-06-01  bought      1 BTC  for 100 GBP  on P
        2018-06-02  liquidated  1 BTC  for 70 GBP   on P
        2018-07-01  deposited  10 CD   bought 2018-05-01 for 5
        2018-07-02  price       AB 1   quote GBP
        2018-07-02  price       CD 1   quote GBP
        2018-07-02  bought     10 AB   @ 1 CD  fee 1 AB
    """)
    rows = disposals(year_of(book, 2018, UK))
    assert [(row["asset"], row["gain"], row["matched"]) for row in rows] == [
        ("BTC", "-30.00", "1:position:2018-06-01"),
        ("AB", "0.00", "1:withheld:2018-07-02"),
        ("CD", "4.00", "10:section104pool"),
    ]
