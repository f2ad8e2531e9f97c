"""The turn of 2025: lots that were universal lie in accounts (Rev. Proc. 2024-28)."""

from zoneinfo import ZoneInfo

import pytest

from domain.calendar import Calendar
from projections.decisions import Decisions
from projections.tax.us.allocation import first_disposed
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
        (allocated("2026-10-16", "global", ruled="2024-12-15T00:00Z"), "neither before 2026-10-15"),
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
    name = str(len(EXAMPLE.strip().splitlines()) + 1)
    void = f"2025-02-02 voided {name} changed\n"
    book = told(EXAMPLE + allocated("2025-02-01") + void + allocated("2025-02-03", lines=other))
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


# When the time ends -------------------------------------------------------------------------------

HELD = """
    2024-01-01  deposited  9 DE  bought 2024-01-01 for 90
    2024-01-01  deposited  9 X   bought 2024-01-01 for 90
"""


@pytest.mark.parametrize(
    ("happened", "assets"),
    [
        ("sold 1 DE for 10", "DE"),
        ("sold 1 DE for 10 fee 1", "DE USD"),
        ("sold 1 DE for 10 fee 1 X", "DE X"),
        ("sold 1 DE for 2 X fee 1", "DE X"),
        ("bought 1 DE for 10", "USD"),
        ("bought 1 DE for 2 X", "X"),
        ("liquidated 1 DE for 10", "DE"),
        ("sold 1 DE for 10 on P", ""),
        ("sold 1 DE for 10 fee 1 on P", "USD"),
        ("sold 1 DE for 10 fee 1 X on P", "X"),
        ("settled P 1 DE for 10", "DE"),
        ("withdrawn 1 DE", ""),
        ("withdrawn 1 DE fee 0.1", "DE"),
        ("spent 1 DE", "DE"),
        ("given 1 DE", "DE"),
        ("withdrawn 1 DE purpose donation", "DE"),
        ("transferred 1 DE to self/wallet", ""),
        ("transferred 1 DE to self/wallet fee 0.1", "DE"),
        ("borrowed 1 DE", ""),
        ("repaid 1 DE", ""),
        ("repaid 1 DE interest 0.1", "DE"),
        ("interest 1 DE balance", "DE"),
        ("interest 1 DE debt", ""),
        ("charged 1 DE", "DE"),
        ("received staking 1 DE", ""),
        ("funding -0.5 DE PERP", "DE"),
        ("funding 0.5 DE PERP", ""),
        ("funding 0 DE PERP", ""),
        ("contract PERP -0.5 DE", "DE"),
        ("contract PERP 0.5 DE", ""),
        ("deposited 1 DE", ""),
    ],
)
def test_what_disposes_of_an_asset_ends_the_time_for_it(happened: str, assets: str) -> None:
    """Rev. Proc. 2024-28, 3.11 and 5.02(4)(a): sales, dispositions and transfers to others."""
    book = told(f"{HELD} 2025-02-01 {happened}")
    assert set(ended(book)) == set(assets.split())


def ended(book: Story) -> dict[str, str]:
    """When each asset was first disposed of."""
    decisions, calendar = Decisions(book.log), Calendar(ZoneInfo(book.zone))
    first = first_disposed(book.replayed, decisions, calendar)
    return {asset: at.isoformat() for asset, at in first.items()}


def test_the_first_disposition_of_2025_counts_and_a_voided_one_does_not() -> None:
    """What was sold in the last second of 2024 is used basis; the first instant of 2025 counts."""
    book = told(f"""{HELD}
        2024-12-31T23:59:59  sold  1 DE  for 10
        2025-01-01T00:00:00  sold  1 X   for 10
        2025-03-01           sold  1 X   for 10
        2025-04-01           sold  1 DE  for 10  as mistaken
        2025-05-01           sold  1 DE  for 10
        2025-06-01  kraken/main  voided  mistaken twice
    """)
    assert ended(book) == {"X": "2025-01-01T00:00:00+00:00", "DE": "2025-05-01T12:00:00+00:00"}


@pytest.mark.parametrize(
    ("kind", "sold", "at", "kinds_"),
    [
        ("specific", "2025-03-01T12:00", "2025-03-01T11:59:59", []),
        ("specific", "2025-03-01T12:00", "2025-03-01T12:00:00", ["allocation_late"]),
        ("specific", "2026-12-01T12:00", "2026-04-14T23:59:59", []),
        ("specific", "2026-12-01T12:00", "2026-04-15T00:00:00", ["allocation_on_extension"]),
        ("specific", "2026-12-01T12:00", "2026-10-14T23:59:59", ["allocation_on_extension"]),
        ("specific", "2026-12-01T12:00", "2026-10-15T00:00:00", ["allocation_late"]),
        ("global", "2025-03-01T12:00", "2026-10-14T23:59:59", ["allocation_on_extension"]),
        ("global", "2025-03-01T12:00", "2026-10-15T00:00:00", ["allocation_late"]),
        ("global", "2026-12-01T12:00", "2026-12-01T11:59:59", ["allocation_on_extension"]),
        ("global", "2026-12-01T12:00", "2026-12-01T12:00:00", ["allocation_late"]),
    ],
)
def test_an_allocation_is_complete_before_the_earlier_or_the_later_date(
    kind: str, sold: str, at: str, kinds_: list[str]
) -> None:
    """Rev. Proc. 2024-28, 5.02(4) and (5)(b): before the first sale, before the due date of the
    2025 return (15 April 2026, extended 15 October): the earlier for a specific allocation, the
    later for a global one."""
    sale = f"{sold}  ghi/wallet  sold  2 DE  for 20\n"
    book = told(EXAMPLE + sale + allocated(f"{at}Z", kind, ruled="2024-12-31T23:59:59Z"))
    found = [row for row in findings(book, 2026) if row["kind"].startswith("allocation")]
    late = ["allocation_needed"] if "allocation_late" in kinds_ else []
    assert sorted(row["kind"] for row in found) == sorted(kinds_ + late)
    severities = {row["kind"]: (row["severity"], row["account"], row["asset"]) for row in found}
    expected = {
        "allocation_late": ("error", "book", "DE"),
        "allocation_on_extension": ("info", "book", "DE"),
        "allocation_needed": ("warning", "book", "DE"),
    }
    assert all(expected[name] == told_ for name, told_ in severities.items())


def test_without_a_sale_the_due_date_alone_ends_it() -> None:
    assert kinds(told(EXAMPLE + allocated("2026-10-14T23:59Z")), 2026) == [
        "allocation_on_extension"
    ]
    late = told(EXAMPLE + allocated("2026-10-15T00:00Z"))
    assert kinds(late, 2026) == ["allocation_late", "allocation_needed"]


# Which lots lie where -----------------------------------------------------------------------------


def test_each_account_keeps_its_oldest_lots_and_the_rest_fill_the_others_oldest_first() -> None:
    """Sold in a were units of b and c: a has 2 units and lots of 6, b 2 units and none, c 4 and 2.

    a keeps 1 of January and 1 of the 2 of February. What is left, 1 of February at 20 and 3 of
    March at 30 each, goes to b (2 units) and then to c (2 units). ETH and the open position beside
    them are not asked. 10 + 20 + 20 + 30 + 60 + 200 = 340, as 640 less the 300 sold.
    """
    book = told("""
        2022-12-01  0/1  bought  5 ETH  for 500
        2023-03-01  a/1  deposited  3 DE  bought 2023-03-01 for 90
        2023-03-02  a/1  deposited  1 DE  bought 2023-01-01 for 10
        2023-03-03  a/1  deposited  2 DE  bought 2023-02-01 for 40
        2023-04-01  b/1  bought  2 DE  for 100  as B
        2023-05-01  c/1  bought  4 DE  for 400  as C
        2024-06-01  a/1  bought  7 DE  for 700  on P
        2024-06-02  a/1  picked  four  picks b/1#B:2 c/1#C:2
        2024-06-02  a/1  sold    4 DE  for 900  as four
    """)
    assert form_8949(book, 2024)[0]["basis"] == "100.00"
    assert [row for row in lying(book) if row[3] not in ("500", "700")] == [
        ("a/1", "2023-01-01", "1", "10"),
        ("a/1", "2023-02-01", "1", "20"),
        ("b/1", "2023-02-01", "1", "20"),
        ("b/1", "2023-03-01", "1", "30"),
        ("c/1", "2023-03-01", "2", "60"),
        ("c/1", "2023-05-01", "2", "200"),
    ]
    assert ("0/1", "2022-12-01", "5", "500") in lying(book)
    assert ("a/1", "2024-06-01", "7", "700") in lying(book)
    (needed,) = [row for row in findings(book, 2025) if row["kind"] == "allocation_needed"]
    assert "(2 in a/1, 2 in b/1, 4 in c/1)" in needed["problem"]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (RIGHT.replace(":4:20", ":5:25"), "xyz/wallet held 4 DE, not 5"),
        (RIGHT.replace(":10:50", ":9:45"), "ghi/wallet held 20 DE, not 19"),
        (RIGHT.replace(":4:20", ":4:20.01"), "4 units of 2020-09-01 have a basis of 20.00"),
        (RIGHT.replace("2019-07-01", "2019-07-02"), "10 units of 2019-07-02 were not there"),
    ],
)
def test_an_allocation_that_does_not_conserve_is_told_where(lines: str, problem: str) -> None:
    """Rev. Proc. 2024-28, 5.02(2): all unused basis, on the same number of units."""
    book = told(EXAMPLE + allocated("2025-02-01", lines=lines))
    found = {row["kind"]: row["problem"] for row in findings(book, 2025)}
    assert problem in found["allocation_mismatch"]


def test_a_basis_told_to_the_cent_is_near_enough() -> None:
    lines = RIGHT.replace(":4:20", ":4:20.0099")
    assert kinds(told(EXAMPLE + allocated("2025-02-01", lines=lines)), 2025) == []


# Two lots of one day: 10 units at 10 and 2 units at 15, an hour later.
SAME_DAY = """
    2020-09-02  a/1  deposited  10 DE  lots 20200901T120000Z:10:100
    2020-09-02  b/1  deposited   2 DE  lots 20200901T130000Z:2:30
"""


@pytest.mark.parametrize(
    ("lines", "laid"),
    [
        ("a/1:2020-09-01:10:100 b/1:2020-09-01:2:30", [("a/1", "100"), ("b/1", "30")]),
        ("b/1:2020-09-01:2:30 a/1:2020-09-01:10:100", [("a/1", "100"), ("b/1", "30")]),
        (
            "b/1:2020-09-01:2:20 a/1:2020-09-01:10:110",
            [("a/1", "80"), ("a/1", "30"), ("b/1", "20")],
        ),
        (
            "a/1:20200901T120000Z:8:80 a/1:20200901T130000Z:2:30 b/1:20200901T120000Z:2:20",
            [("a/1", "80"), ("a/1", "30"), ("b/1", "20")],
        ),
    ],
)
def test_of_lots_of_one_day_the_one_whose_basis_is_named_is_meant(
    lines: str, laid: list[tuple[str, str]]
) -> None:
    """By its basis, or by the time of day: the date stays with the basis (Rev. Proc. 2024-28,
    3.03)."""
    book = told(SAME_DAY + allocated("2025-02-01", lines=lines))
    assert kinds(book, 2025) == []
    assert [(row["account"], row["basis"]) for row in lots(book)] == laid


def test_a_line_over_two_lots_takes_first_the_one_nearer_to_its_basis() -> None:
    """11 units for 115: 115 / 11 is nearer to 10 than to 15, so 10 at 10 and 1 at 15."""
    story = SAME_DAY.replace("b/1", "a/1")
    assert kinds(told(story + allocated("2025-02-01", lines=LINE.format("115"))), 2025) == []
    other = told(story + allocated("2025-02-01", lines=LINE.format("120")))
    assert "allocation_mismatch" in kinds(other, 2025)


LINE = "a/1:2020-09-01:11:{} a/1:2020-09-01:1:15"


@pytest.mark.parametrize(
    ("sold", "lot"),
    [
        ("2024-12-31T23:59:59", "ghi/wallet#G"),
        ("2025-01-01T00:00:00", "X"),
        ("2026-02-28T23:59:59", "X"),
        ("2026-03-01T12:00:00", "G"),
    ],
)
def test_a_pick_counts_before_2025_and_again_once_the_global_allocation_is_complete(
    sold: str, lot: str
) -> None:
    """Rev. Proc. 2024-28, 5.02(5)(c): the allocation is complete at noon of 1 March 2026. The old
    units are X's until somebody says otherwise."""
    book = told(f"""{EXAMPLE}
        {sold}  ghi/wallet  picked  sale  picks ghi/wallet#G:2
        {sold}  ghi/wallet  sold    2 DE  for 20  as sale
        {allocated("2026-03-01", "global", ruled="2024-12-15T00:00Z")}
    """)
    year = int(sold[:4])
    basis = "10.00" if lot.endswith("G") else "2.00"
    assert [row["basis"] for row in form_8949(book, year)[-1:]] == [basis]
    early = [row for row in findings(book, year) if row["kind"].startswith("identification_")]
    expected = ("identification_before_allocation", "DE", "warning")
    assert [(r["kind"], r["asset"], r["severity"]) for r in early] == [expected] * (lot == "X")


UNDER_WAY = """
    2020-01-01  self/wallet  opened     spot  custody {custody}
    2020-02-01  self/wallet  deposited  1 DE  bought 2020-02-01 for 1000   as L1
    2021-02-01  self/wallet  deposited  1 DE  bought 2021-02-01 for 40000  as L2
    2025-02-01  self/wallet  bought     1 DE  @ 90000                      as N1
    2025-02-02  self/wallet  bought     1 DE  @ 95000                      as N2
    2025-03-01  self/wallet  picked     sale  picks {lot}:1  told_broker {told}
    2025-03-02  self/wallet  sold       1 DE  @ 100000                     as sale
    2025-12-01  allocated DE kind global rule_recorded 2024-12-15T00:00Z
"""
ALL_OF_IT = " allocations self/wallet:2020-02-01:1:1000 self/wallet:2021-02-01:1:40000\n"


@pytest.mark.parametrize(
    ("custody", "lot", "told_", "taken", "found"),
    [
        ("self", "N2", "no", "N2", []),
        ("self", "L2", "no", "L1", ["identification_before_allocation"]),
        ("broker", "N2", "yes", "N2", []),
        ("broker", "N2", "no", "L1", ["identification_before_allocation"]),
    ],
)
def test_until_a_global_allocation_is_complete_only_old_units_cannot_be_picked(
    custody: str, lot: str, told_: str, taken: str, found: list[str]
) -> None:
    """Rev. Proc. 2024-28, 5.02(3) and (5)(c): of "remaining digital asset units" alone.

    In a broker's custody own books are not enough before it is complete (Notice 2025-7, 4.04).
    """
    text = UNDER_WAY.format(custody=custody, lot=lot, told=told_).rstrip()
    book = told(text + ALL_OF_IT)
    assert [row["lot"] for row in form_8949(book, 2025)] == [taken]
    assert [kind for kind in kinds(book, 2025) if kind != "negative_balance"] == found
