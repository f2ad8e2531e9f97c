"""One book, three tax years: what differs is what the law changed, and nothing else.

The same dealings in each year: two accounts with lots of their own, a standing order kept in own
books, a sale whose broker's form came. Expected figures are worked out by hand.
"""

from tests.story import Story, form_8949, kinds, table, told


def dealings(year: int) -> str:
    """In each year anew: an old lot in one account, a dear and a cheap one in the other."""
    form = "1099-B" if year < 2025 else "1099-DA"
    return f"""
        {year}-01-10  w/1  deposited  1 C{year}  bought {year - 3}-01-10 for 100  as old{year}
        {year}-02-10  w/2  bought     1 C{year}  @ 700                          as dear{year}
        {year}-03-10  w/2  bought     1 C{year}  @ 500                          as cheap{year}
        {year}-06-01  w/2  sold       1 C{year}  @ 1000                         as sale{year}
        {year}-12-31  w/2  reported   {form} {year}  disposal sale{year}  proceeds 1000
    """


def book(order: str = "") -> Story:
    return told(order + "".join(dealings(year) for year in range(2023, 2028)))


def test_lots_scope_and_boxes_change_with_the_year() -> None:
    """FIFO: universal before 2025 (the old lot of the other account, long), per account from 2025.

    Boxes: 1099-B without basis is B or E to 2024; 1099-DA without basis is H or K from 2025.
    """
    same = [form_8949(book(), year) for year in range(2023, 2028)]
    assert [rows for rows in same if len(rows) != 1] == []
    assert [rows[0] for rows in same] == table("""
        lot       term   box  basis   gain
        old2023   long   E    100.00  900.00
        old2024   long   E    100.00  900.00
        dear2025  short  H    700.00  300.00
        dear2026  short  H    700.00  300.00
        dear2027  short  H    700.00  300.00
    """)
    found = [set(kinds(book(), year)) - {"negative_balance"} for year in range(2023, 2028)]
    lots_apart = {"allocation_needed"}
    assert found == [set(), set(), lots_apart, lots_apart, lots_apart]


def test_an_order_in_own_books_counts_until_the_relief_ends() -> None:
    """LOFO kept in own books: to 2026 it chooses; in 2027 the broker was not told: FIFO."""
    year_by_year = [
        form_8949(book("2023-01-01  elected  lofo\n"), year)[0] for year in range(2023, 2028)
    ]
    assert year_by_year == table("""
        lot        term   box  basis   gain
        old2023    long   E    100.00  900.00
        old2024    long   E    100.00  900.00
        cheap2025  short  H    500.00  500.00
        cheap2026  short  H    500.00  500.00
        dear2027   short  H    700.00  300.00
    """)
    elected = book("2023-01-01  elected  lofo\n")
    assert "identification_not_told_to_broker" in kinds(elected, 2027)
    assert "identification_not_told_to_broker" not in kinds(elected, 2026)


def test_the_same_sale_in_each_year_without_a_form() -> None:
    """No form: C and F to 2024, I and L from 2025: digital assets are never C or F since."""
    story = told(
        "".join(
            f"{year}-01-10 w/1 bought 1 C{year} @ 100\n{year}-06-01 w/1 sold 1 C{year} @ 110\n"
            for year in (2024, 2025, 2026)
        )
    )
    assert [form_8949(story, year)[0] for year in (2024, 2025, 2026)] == table("""
        box  gain   term
        C    10.00  short
        I    10.00  short
        I    10.00  short
    """)
