"""Policies that need more than one pass over the log of a book."""

from datetime import date
from decimal import Decimal

from adapters.book import Book
from tests.story import told


def test_a_wash_sale_looks_at_the_purchases_of_the_whole_log() -> None:
    """The year's report reads to its end; the purchase that disallows the loss came after it."""
    story = told("""
        2023-01-01  book  policy  wash_sale on
        2025-01-01        bought  1 X  for 100
        2025-12-20        sold    1 X  for 70
        2026-01-10        bought  1 X  for 75
    """)
    with Book.open(":memory:") as book:
        for recorded in story.log:
            book.record([recorded.event], account=recorded.account)
        (row,) = book.tax_year(2025).rows
        assert (row.code, row.adjustment, row.gain) == ("W", Decimal("30.00"), Decimal("0.00"))
        assert [lot.basis for lot in book.lots().lots] == [Decimal(105)]
        assert book.lots(at=date(2025, 12, 31)).lots == ()
        assert book.explain("8949:1", year=2025).to_dict()["law"][1].startswith("IRC 1091(a), (d)")
        (known,) = book.tax_year(2025, known=3).rows
        assert (known.code, known.gain) == ("", Decimal("-30.00"))


def test_the_scope_of_lots_is_printed_as_it_counts_for_the_year() -> None:
    with Book.open(":memory:") as book:
        shown = {year: book.tax_year(year).policies["basis_scope"] for year in (2024, 2025)}
    assert shown == {2024: "universal", 2025: "account"}
