"""Debts in coin that are written off."""

from tests.story import Story, form_8949, kinds, lots, schedule_1, shorts, table, told

SHORT = """
    2025-01-01  borrowed  1 BTC
    2025-01-02  sold      1 BTC  @ 60000
    2025-06-01  price     BTC 20000
"""


def test_a_short_whose_debt_is_written_off_closes_at_what_is_income() -> None:
    """60,000 was received and 1 BTC never paid back: 20,000 is income (8c), 40,000 a gain."""
    book = told(SHORT + "2025-06-01  forgiven  1 BTC  recourse yes  as end")
    assert form_8949(book, 2025) == table("""
        kind   lot  acquired    sold        proceeds  basis     gain
        short  end  2025-06-01  2025-06-01  60000.00  20000.00  40000.00
    """)
    assert schedule_1(book, 2025) == {"8c": "20000.00"}
    assert (lots(book), shorts(book)) == ([], [])


def test_a_part_written_off_closes_a_part() -> None:
    book = told(SHORT + "2025-06-01  forgiven  0.25 BTC  recourse yes")
    assert form_8949(book, 2025) == table("""
        quantity  proceeds  basis    gain
        0.25      15000.00  5000.00  10000.00
    """)
    assert shorts(book) == table("""
        quantity  proceeds
        0.75      45000
    """)


def test_later_trades_have_nothing_to_do_with_it() -> None:
    after = """
        2025-07-01  borrowed  1 BTC
        2025-07-01  sold      1 BTC  @ 30000
        2025-07-02  bought    1 BTC  @ 25000
        2025-07-02  repaid    1 BTC
    """
    book = told(SHORT + "2025-06-01  forgiven  1 BTC  recourse yes\n" + after)
    assert [row["gain"] for row in form_8949(book, 2025)] == ["40000.00", "5000.00"]


def test_units_that_were_never_sold_are_own_units_worth_what_was_income() -> None:
    """Sold later at 30,000: a gain of 10,000."""
    book = told("""
        2025-01-01  borrowed  1 BTC
        2025-06-01  price     BTC 20000
        2025-06-01  forgiven  1 BTC  recourse yes
        2025-07-01  sold      1 BTC  @ 30000
    """)
    assert form_8949(book, 2025) == table("""
        kind  acquired    proceeds  basis     gain
        sale  2025-06-01  30000.00  20000.00  10000.00
    """)
    assert shorts(book) == []


def test_without_recourse_it_closes_at_what_the_liquidation_counted() -> None:
    """ETH worth 20,000 is taken for a debt of 0.75 BTC, then worth 30,000: amount realised 50,000.

    The short of 0.75 BTC (sold for 37,500) closes at 30,000, also if BTC has moved since.
    """
    book = told("""
        2025-01-01  deposited   10 ETH    bought 2025-01-01 for 25000
        2025-01-01  borrowed    0.75 BTC
        2025-01-02  sold        0.75 BTC  @ 50000
        2025-06-01  price       BTC 40000
        2025-06-01  liquidated  10 ETH    for 20000
        2025-06-01T12:30  price     BTC 44000
        2025-06-01T12:30  forgiven  0.75 BTC  recourse no
    """)
    assert form_8949(book, 2025) == table("""
        asset  kind         proceeds  basis     gain
        ETH    liquidation  50000.00  25000.00  25000.00
        BTC    short        37500.00  30000.00  7500.00
    """)
    assert schedule_1(book, 2025) == {}


def test_in_exchange_of_loans_the_obligation_ends_at_what_is_income() -> None:
    """Policy loan exchange: owed 50,000 (worth when borrowed), 20,000 of it income, 30,000 gain."""
    book = told("""
        2025-01-01  policy    loan exchange
        2025-01-01  price     BTC 50000
        2025-01-01  borrowed  1 BTC
        2025-01-01  sold      1 BTC  @ 50000
        2025-06-01  price     BTC 20000
        2025-06-01  forgiven  1 BTC  recourse yes
    """)
    assert [row["gain"] for row in form_8949(book, 2025)] == ["0.00", "30000.00"]


def test_the_deficit_of_a_liquidation_over_minutes_is_shared_by_all_its_sales() -> None:
    """BTC at 10:00, ETH at 10:01: 400 written off is shared as 3 to 1."""
    book: Story = told("""
        2025-01-01  deposited  1 BTC  bought 2020-01-01 for 100
        2025-01-01  deposited  1 ETH  bought 2025-01-01 for 100
        2025-01-01  borrowed   4400 USD
        2025-06-01T10:00  liquidated  1 BTC  for 3000
        2025-06-01T10:01  liquidated  1 ETH  for 1000
        2025-06-01T10:05  forgiven    400 USD  recourse no
    """)
    assert form_8949(book, 2025) == table("""
        asset  proceeds
        BTC    3300.00
        ETH    1100.00
    """)


def test_each_liquidation_closes_what_was_written_off_after_it_at_its_own_worth() -> None:
    """0.5 BTC counts 20,000 at the first (40,000 each), 0.5 BTC 30,000 at the second (60,000)."""
    book = told("""
        2025-01-01  deposited   20 ETH   bought 2025-01-01 for 50000
        2025-01-01  borrowed    1 BTC
        2025-01-02  sold        1 BTC    @ 50000
        2025-06-01  price       BTC 40000
        2025-06-01  liquidated  10 ETH   for 20000
        2025-06-01  forgiven    0.5 BTC  recourse no
        2025-07-01  price       BTC 60000
        2025-07-01  liquidated  10 ETH   for 20000
        2025-07-02T13:00  forgiven  0.5 BTC  recourse no
    """)
    short = [row for row in form_8949(book, 2025) if row["kind"] == "short"]
    assert short == table("""
        proceeds  basis     gain
        25000.00  20000.00  5000.00
        25000.00  30000.00  -5000.00
    """)
    assert "missing_price" not in kinds(book)
