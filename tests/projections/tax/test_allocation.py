"""The turn of 2025: lots that were universal lie in accounts (Rev. Proc. 2024-28)."""

import pytest

from tests.story import Story, findings, form_8949, kinds, lots, table, told

# Rev. Proc. 2024-28, 6.02, Example 2: six units sold from XYZ were identified as six of GHI's.
EXAMPLE = """
    2019-01-01        xyz/wallet  opened     spot  custody self
    2019-01-01        ghi/wallet  opened     spot  custody self
    2019-07-01        xyz/wallet  deposited  10 DE  bought 2019-07-01 for 10   as X
    2020-09-01        ghi/wallet  deposited  20 DE  bought 2020-09-01 for 100  as G
    2024-12-01        xyz/wallet  picked     six   picks ghi/wallet#G:6
    2024-12-01        xyz/wallet  sold       6 DE  for 60  as six
"""
RIGHT = "xyz/wallet:2020-09-01:4:20 ghi/wallet:2020-09-01:10:50 ghi/wallet:2019-07-01:10:10"


def allocated(at: str, kind: str = "specific", lines: str = RIGHT, ruled: str = "") -> str:
    rule = f"rule_recorded {ruled}" if ruled else ""
    return f"{at}  allocated  DE  kind {kind} {rule} allocations {lines}\n"


def lying(book: Story) -> list[tuple[str, str, str, str]]:
    return [(r["account"], r["acquired"], r["quantity"], r["basis"]) for r in lots(book)]


LAID = [
    ("ghi/wallet", "2019-07-01", "10", "10"),
    ("ghi/wallet", "2020-09-01", "10", "50"),
    ("xyz/wallet", "2020-09-01", "4", "20"),
]
FILLED = [
    ("ghi/wallet", "2019-07-01", "6", "6"),
    ("ghi/wallet", "2020-09-01", "14", "70"),
    ("xyz/wallet", "2019-07-01", "4", "4"),
]


def test_units_and_lots_part_company_before_2025() -> None:
    """Cases: A8; Rev. Proc. 2024-28, 6.02, Example 2."""
    book = told(EXAMPLE)
    assert [row["basis"] for row in form_8949(book, 2024)] == ["30.00"]
    assert lying(book) == FILLED
    assert kinds(book, 2024) == []
    assert kinds(book, 2025) == ["allocation_needed"]


@pytest.mark.parametrize("kind", ["specific", "global"])
def test_an_allocation_in_time_lays_the_lots(kind: str) -> None:
    """Cases: A8; Rev. Proc. 2024-28, 6.03 and 6.04."""
    book = told(EXAMPLE + allocated("2025-02-01", kind, ruled="2024-12-15T00:00Z"))
    assert lying(book) == LAID
    assert kinds(book, 2025) == []


SALE = "2025-03-01  ghi/wallet  sold  2 DE  for 20  as sale\n"
PICK = "2025-03-01  ghi/wallet  picked  sale  picks ghi/wallet#G:1 xyz/wallet#X:1\n"


def test_a_pick_before_a_global_allocation_is_complete_does_not_count() -> None:
    """Cases: A8; Rev. Proc. 2024-28, 6.04, Example 4."""
    book = told(
        EXAMPLE + PICK + SALE + allocated("2026-03-01", "global", ruled="2024-12-15T00:00Z")
    )
    assert form_8949(book, 2025) == table("""
        acquired    quantity  basis
        2019-07-01  2         2.00
    """)
    assert kinds(book, 2025) == ["identification_before_allocation"]


def test_a_standing_order_before_a_global_allocation_is_complete_counts() -> None:
    """Rev. Proc. 2024-28, 5.02(5)(c)."""
    order = "2025-01-15  elected  hifo\n"
    book = told(
        EXAMPLE + order + SALE + allocated("2026-03-01", "global", ruled="2024-12-15T00:00Z")
    )
    assert form_8949(book, 2025) == table("""
        acquired    quantity  basis
        2020-09-01  2         10.00
    """)
    assert kinds(book, 2025) == []


@pytest.mark.parametrize(
    ("allocation", "problem"),
    [
        (allocated("2025-04-01"), "had been disposed of before"),
        (allocated("2025-04-01", "global"), "not written down before 2025"),
        (allocated("2025-04-01", "global", ruled="2025-01-01T00:00Z"), "not written down"),
        (allocated("2026-10-16", "global", ruled="2024-12-15T00:00Z"), "only after 2026-10-15"),
    ],
)
def test_a_late_allocation_has_no_effect(allocation: str, problem: str) -> None:
    """Rev. Proc. 2024-28, 5.02(4), (5)."""
    book = told(EXAMPLE + SALE + allocation)
    found = {row["kind"]: row["problem"] for row in findings(book, 2026)}
    assert problem in found["allocation_late"]
    assert [row["basis"] for row in form_8949(book, 2025)] == ["2.00"]


def test_a_transfer_to_an_own_wallet_does_not_end_the_time() -> None:
    """Rev. Proc. 2024-28, 3.11."""
    move = "2025-02-01  xyz/wallet  transferred  1 DE  to ghi/wallet\n"
    book = told(EXAMPLE + move + allocated("2025-02-02"))
    assert kinds(book, 2025) == []
    assert lying(book)[-1] == ("xyz/wallet", "2020-09-01", "3", "15")


def test_its_network_fee_does() -> None:
    move = "2025-02-01  xyz/wallet  transferred  0.9 DE  to ghi/wallet  fee 0.1\n"
    book = told("2025-02-01 price DE 10\n" + EXAMPLE + move + allocated("2025-02-02"))
    assert "allocation_late" in kinds(book, 2025)


@pytest.mark.parametrize(
    "lines",
    [
        "xyz/wallet:2020-09-01:5:25 ghi/wallet:2020-09-01:9:45 ghi/wallet:2019-07-01:10:10",
        "xyz/wallet:2020-09-01:4:20 ghi/wallet:2020-09-01:10:50",
        "xyz/wallet:2020-09-01:4:30 ghi/wallet:2020-09-01:10:40 ghi/wallet:2019-07-01:10:10",
        "xyz/wallet:2019-09-01:4:20 ghi/wallet:2020-09-01:10:50 ghi/wallet:2019-07-01:10:10",
        "xyz/wallet:2020-09-01:4:20 ghi/wallet:2020-09-01:11:55 ghi/wallet:2019-07-01:9:9",
        "abc/wallet:2020-09-01:4:20 ghi/wallet:2020-09-01:10:50 ghi/wallet:2019-07-01:10:10",
    ],
)
def test_an_allocation_that_does_not_conserve_has_no_effect(lines: str) -> None:
    """Rev. Proc. 2024-28, 5.02(2), 3.03, 5.02(7)."""
    book = told(EXAMPLE + allocated("2025-02-01", lines=lines))
    assert kinds(book, 2025) == ["allocation_mismatch", "allocation_needed"]
    assert lying(book) == FILLED


def test_the_first_allocation_that_holds_is_irrevocable() -> None:
    """Rev. Proc. 2024-28, 4.02(6)."""
    wrong = allocated("2025-01-02", lines="xyz/wallet:2020-09-01:4:20")
    other = "xyz/wallet:2019-07-01:4:4 ghi/wallet:2020-09-01:14:70 ghi/wallet:2019-07-01:6:6"
    book = told(EXAMPLE + wrong + allocated("2025-02-01") + allocated("2025-02-02", lines=other))
    assert lying(book) == LAID
    assert kinds(book, 2025) == ["allocation_irrevocable", "allocation_mismatch"]


def test_an_allocation_of_what_nobody_holds_is_found() -> None:
    book = told("2025-01-01  allocated  X  allocations kraken/main:2024-01-01:1:5")
    assert kinds(book) == ["allocation_mismatch"]


def test_complete_after_the_due_date_holds_only_with_an_extension() -> None:
    book = told(EXAMPLE + allocated("2026-06-01"))
    assert kinds(book, 2026) == ["allocation_on_extension"]
    assert lying(book) == LAID


def test_basis_is_conserved_through_the_turn() -> None:
    book = told("""
        2023-01-01  a/1  bought       3 BTC  for 100
        2023-02-01  b/1  bought       3 BTC  for 200
        2024-01-01  b/1  sold         2 BTC  for 1000
        2024-02-01  a/1  transferred  1 BTC  to b/1
        2025-06-01  a/1  sold         2 BTC  for 1000
        2025-06-01  b/1  sold         2 BTC  for 1000
    """)
    assert lots(book) == []
    rows = form_8949(book, 2024) + form_8949(book, 2025)
    assert sum(float(row["basis"]) for row in rows) == 300


def test_units_that_moved_without_lots_are_filled_at_the_turn() -> None:
    """Universal FIFO used up the oldest lot, which lay in a; its unit is still there and moves."""
    book = told("""
        2023-01-01  a/1  bought       1 BTC  for 100
        2023-02-01  b/1  bought       1 BTC  for 200
        2024-01-01  b/1  sold         1 BTC  for 1000
        2024-02-01  a/1  transferred  1 BTC  to c/1
    """)
    assert [(r["account"], r["basis"]) for r in lots(book)] == [("c/1", "200")]
    assert "allocation_needed" in kinds(book, 2025)


def test_a_void_does_not_undo_an_allocation_that_was_effective() -> None:
    """Rev. Proc. 2024-28, 4.02(6)."""
    other = "xyz/wallet:2019-07-01:4:4 ghi/wallet:2020-09-01:14:70 ghi/wallet:2019-07-01:6:6"
    first = allocated("2025-02-01").rstrip() + "  \n"
    name = str(len(EXAMPLE.strip().splitlines()) + 1)
    book = told(
        EXAMPLE
        + first
        + f"2025-02-02 voided {name} changed\n"
        + allocated("2025-02-03", lines=other)
    )
    assert lying(book) == LAID
    found = {row["event"]: row["kind"] for row in findings(book, 2025)}
    assert set(found.values()) == {"allocation_irrevocable"}
    assert len(found) == 2


def test_an_allocation_that_never_held_may_be_voided() -> None:
    wrong = allocated("2025-02-01", lines="xyz/wallet:2020-09-01:4:20")
    name = str(len(EXAMPLE.strip().splitlines()) + 1)
    book = told(EXAMPLE + wrong + f"2025-02-02 voided {name} wrong\n" + allocated("2025-02-03"))
    assert lying(book) == LAID
    assert kinds(book, 2025) == []
