"""Several methods in one pass."""

import pytest
from hypothesis import given, settings

from domain.errors import UnknownName
from domain.methods import LAWFUL, ORDERS
from domain.money import ZERO
from projections.tax.us.compare import Comparison
from tests.laws.histories import histories
from tests.story import Story, compared, taxed, told

METHODS = (LAWFUL, *ORDERS)

# Cases: N1. Three purchases, three sales, all short.
PARTS = """
    2025-01-10  bought  1 BTC     @ 20000  fee 100  as 1
    2025-02-10  bought  0.5 BTC   @ 24000  fee 60   as 2
    2025-03-10  bought  2 BTC     @ 22000           as 3
    2025-06-01  sold    0.4 BTC   @ 30000           as 4
    2025-06-02  sold    1.5 BTC   @ 31000           as 5
    2025-06-03  sold    0.25 BTC  @ 28000           as 6
"""


def totals(report: Comparison) -> dict[str, str]:
    return {name: str(total.total) for name, total in report.methods.items()}


def test_totals_of_each_method() -> None:
    """Cases: N1."""
    report = compared(told(PARTS), 2025, *ORDERS)
    expected = {"fifo": "19040.00", "lifo": "17882.00", "hifo": "17140.00", "lofo": "20100.00"}
    assert totals(report) == expected


def test_the_disposals_that_differ_say_what_each_method_took() -> None:
    """Cases: N1."""
    report = compared(told(PARTS), 2025, "fifo", "lofo")
    assert [d.disposal for d in report.differences] == ["5"]
    taken = report.differences[0].methods
    assert [(t.lot, str(t.quantity), str(t.gain)) for t in taken["fifo"]] == [
        ("1", "0.6", "6540.00"),
        ("2", "0.5", "3440.00"),
        ("3", "0.4", "3600.00"),
    ]
    assert [(t.lot, str(t.quantity), str(t.gain)) for t in taken["lofo"]] == [
        ("1", "0.6", "6540.00"),
        ("3", "0.9", "8100.00"),
    ]


def test_only_what_was_elected_in_time_may_be_filed() -> None:
    """HIFO is a standing order that counts for the sales after it."""
    labels = {
        name: total.label
        for name, total in compared(
            told("2025-01-01  elected  hifo" + PARTS), 2025, *METHODS
        ).methods.items()
    }
    assert labels == {
        "spec_id": "elected in time",
        "fifo": "what-if",
        "lifo": "what-if",
        "hifo": "elected in time",
        "lofo": "what-if",
    }
    late = compared(told("2025-06-02T00:00  elected  hifo" + PARTS), 2025, "hifo")
    assert late.methods["hifo"].label == "what-if"


def test_a_year_without_sales_has_no_differences() -> None:
    report = compared(told(PARTS), 2024, "fifo", "hifo")
    assert report.differences == ()
    assert totals(report) == {"fifo": "0.00", "hifo": "0.00"}


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UnknownName, match="dearest"):
        compared(told(PARTS), 2025, "dearest")


@settings(max_examples=150)
@given(histories())
def test_each_method_is_taxed_as_it_would_be_alone(book: Story) -> None:
    report = compared(book, 2025, *METHODS)
    for method in METHODS:
        rows, _ = taxed(book, 2025, method)
        total = report.methods[method]
        assert total.rows == len(rows)
        assert total.short_term == sum((r.gain for r in rows if r.term == "short"), ZERO)
        assert total.long_term == sum((r.gain for r in rows if r.term == "long"), ZERO)
        assert total.elected == (method == LAWFUL or "what-if" not in str(rows))
