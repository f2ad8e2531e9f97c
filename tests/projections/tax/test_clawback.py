"""A venue takes realized profit back: auto-deleveraging, a socialised loss, a clawback."""

from tests.story import form_8949, table, told


def test_in_the_same_year_it_is_less_proceeds_of_the_trade() -> None:
    """Cases: E8."""
    book = told("""
        2025-01-01  bought   1 BTC  for 100
        2025-06-01  sold     1 BTC  for 1000  as sale
        2025-06-02  charged  50 USD  kind clawback  of sale
    """)
    assert form_8949(book, 2025) == table("""
        proceeds  basis   gain
        950.00    100.00  850.00
    """)


def test_in_a_later_year_it_is_a_capital_loss_of_that_year() -> None:
    """Cases: E8; Arrowsmith v. Commissioner, 344 U.S. 6 (1952)."""
    book = told("""
        2025-01-01  bought    1 BTC  for 100
        2025-06-01  sold      1 BTC  for 1000  as sale
        2026-02-01  contract  clawback -50 USD
    """)
    assert [row["gain"] for row in form_8949(book, 2025)] == ["900.00"]
    assert [row["gain"] for row in form_8949(book, 2026)] == ["-50.00"]
