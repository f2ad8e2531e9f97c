"""Broker's reports decide the box; what they got wrong is corrected by a code, or found."""

from datetime import UTC

import pytest

from domain.calendar import Calendar
from domain.methods import LAWFUL
from domain.money import exact
from projections.decisions import Decisions
from projections.replay import replay
from projections.report import money
from projections.tax.us.year import UsTax
from tests.story import Row, Story, findings, form_8949, schedule_d, table, taxed, told


def mismatches(book: Story, year: int = 2025) -> list[tuple[str, str]]:
    found = [row for row in findings(book, year) if row["kind"] == "broker_mismatch"]
    return [(row["severity"], row["problem"]) for row in found]


def reconciled(book: Story, year: int = 2025) -> list[Row]:
    return [
        Row((name, str(value)) for name, value in line.to_dict().items())
        for line in taxed(book, year)[1].reconciliation
    ]


def sale(report: str, bought: str = "2025-01-01", sold: str = "2025-06-01", fee: str = "") -> Story:
    """1 BTC bought for 100 and sold for 1000."""
    return told(f"""
        {bought}    deposited  1 BTC  bought {bought} for 100
        {sold}      sold       1 BTC  for 1000  {fee}  as sale
        {sold[:4]}-12-31  kraken/main  reported  {report}
    """)


@pytest.mark.parametrize(
    ("year", "report", "short", "long"),
    [
        ("2024", "1099-B 2024  disposal sale  proceeds 1000", "B", "E"),
        (
            "2024",
            "1099-B 2024  disposal sale  proceeds 1000  covered 100",
            "A",
            "D",
        ),
        ("2024", "", "C", "F"),
        ("2025", "1099-B 2025  disposal sale  proceeds 1000", "B", "E"),
        (
            "2025",
            "1099-B 2025  disposal sale  proceeds 1000  covered 100",
            "A",
            "D",
        ),
        ("2025", "1099-DA 2025  disposal sale  proceeds 1000", "H", "K"),
        ("2025", "1099-DA 2025  disposal sale  proceeds 1000  basis 100", "H", "K"),
        (
            "2025",
            "1099-DA 2025  disposal sale  proceeds 1000  covered 100",
            "G",
            "J",
        ),
        ("2025", "1099-DA 2025  disposal sale  proceeds 1000  basis_reported yes", "H", "K"),
        ("2025", "", "I", "L"),
    ],
)
def test_the_form_that_came_decides_the_box(year: str, report: str, short: str, long: str) -> None:
    """Cases: G1; Form 8949 (2024, 2025), boxes A to L."""
    for bought, box in ((f"{year}-01-01", short), ("2020-01-01", long)):
        line = f"{year}-12-31  kraken/main  reported  {report}" if report else ""
        book = told(f"""
            {bought}      deposited  1 BTC  bought {bought} for 100
            {year}-06-01  sold       1 BTC  for 1000  as sale
            {line}
        """)
        assert form_8949(book, int(year)) == table(f"""
            box    proceeds  basis   code  adjustment  gain
            {box}  1000.00   100.00  -     0.00        900.00
        """)
        assert mismatches(book, int(year)) == []


def test_costs_that_the_form_lacks_are_code_e() -> None:
    """Cases: G2; Instructions for Form 8949 (2025), code E."""
    book = sale("1099-DA 2025  disposal sale  proceeds 1000", fee="fee 12")
    assert form_8949(book, 2025) == table("""
        box  proceeds  basis   code  adjustment  gain
        H    1000.00   100.00  E     -12.00      888.00
    """)
    assert reconciled(book) == table("""
        report  status    code
        3       adjusted  E
    """)
    assert schedule_d(book, 2025)["2"] == "888.00"


def test_a_wrong_term_is_code_t_on_the_right_part() -> None:
    """Cases: G3."""
    report = "1099-DA 2025  disposal sale  proceeds 1000  term short"
    book = sale(report, bought="2020-01-01")
    assert form_8949(book, 2025) == table("""
        box  term  code  adjustment  gain
        K    long  T     0.00        900.00
    """)


@pytest.mark.parametrize(
    ("basis", "adjustment", "gain"), [("900", "800.00", "900.00"), ("40", "-60.00", "900.00")]
)
def test_a_wrong_basis_that_was_reported_is_corrected_in_g(
    basis: str, adjustment: str, gain: str
) -> None:
    """Cases: G8, Example 4; Worksheet for Basis Adjustments in Column (g)."""
    book = sale(f"1099-DA 2025  disposal sale  proceeds 1000  covered {basis}")
    assert form_8949(book, 2025) == table(f"""
        box  proceeds  basis       code  adjustment    gain
        G    1000.00   {basis}.00  B     {adjustment}  {gain}
    """)


def test_a_wrong_basis_that_was_only_shown_is_replaced() -> None:
    """Instructions for Form 8949 (2025), code B: the correct basis in (e), -0- in (g)."""
    book = sale("1099-DA 2025  disposal sale  proceeds 1000  basis 900")
    assert form_8949(book, 2025) == table("""
        box  basis   code  adjustment  gain
        H    100.00  B     0.00        900.00
    """)


def test_codes_are_alphabetical_and_g_is_their_net() -> None:
    """Cases: G3: BE."""
    report = "1099-DA 2025  disposal sale  proceeds 1000  covered 90  term long"
    book = sale(report, fee="fee 12")
    assert form_8949(book, 2025) == table("""
        box  proceeds  basis  code  adjustment  gain
        G    1000.00   90.00  BET   -22.00      888.00
    """)


def test_proceeds_too_low_on_the_form_are_stated_correctly_without_a_code() -> None:
    """Cases: G10; Instructions for Form 8949 (2025), column (d)."""
    book = sale("1099-DA 2025  disposal sale  proceeds 900")
    assert form_8949(book, 2025) == table("""
        proceeds  code  adjustment  gain
        1000.00   -     0.00        900.00
    """)
    ((severity, problem),) = mismatches(book)
    assert (severity, "900.00 reported, 1000.00 in the book" in problem) == ("info", True)


def test_proceeds_too_high_for_another_reason_are_taken_back_and_found() -> None:
    """Cases: G10; Instructions for Form 8949 (2025) p. 1: as reported, corrected in column (g)."""
    book = sale("1099-DA 2025  disposal sale  proceeds 1500", fee="fee 12")
    assert form_8949(book, 2025) == table("""
        proceeds  code  adjustment  gain
        1500.00   O     -512.00     888.00
    """)
    ((severity, problem),) = mismatches(book)
    assert severity == "warning"
    assert "1500.00 reported, 988.00 in the book" in problem


def test_rows_whose_report_differs_are_never_summed_on_schedule_d() -> None:
    """Exception 1: only where nothing is to be corrected."""
    for proceeds in ("900", "1500"):
        book = sale(f"1099-DA 2025  disposal sale  proceeds {proceeds}  covered 100")
        rows, forms = taxed(book, 2025, aggregate=True)
        assert [row.box for row in rows] == ["G"]
        assert "1a" not in forms.schedule_d


def test_a_form_of_a_short_sale_may_name_what_covered_it() -> None:
    book = told("""
        2025-01-01  borrowed  1 BTC
        2025-01-02  sold      1 BTC  for 1000  as opening
        2025-03-01  bought    1 BTC  for 800   as cover
        2025-03-02  repaid    1 BTC            as back
        2025-12-31  reported  1099-DA 2025  disposal cover  proceeds 1000
    """)
    assert form_8949(book, 2025) == table("""
        box  kind   proceeds  code
        H    short  1000.00   -
    """)
    assert mismatches(book) == []


def test_one_sale_of_covered_and_noncovered_units_has_three_forms() -> None:
    """Cases: G11; Instructions for Form 1099-DA (2026), p. 4."""
    book = told("""
        2022-04-01  bought  1 BTC  for 100
        2026-04-01  bought  1 BTC  for 200
        2026-08-01  bought  1 BTC  for 300
        2027-06-01  sold    3 BTC  for 3000  as sale
        2028-01-31 reported 1099-DA 2027  disposal sale  proceeds 1000
        2028-01-31 reported 1099-DA 2027 disposal sale proceeds 1000 covered 200 term long
        2028-01-31 reported 1099-DA 2027 disposal sale proceeds 1000 covered 300 term short
    """)
    assert form_8949(book, 2027) == table("""
        box  acquired    basis   code
        K    2022-04-01  100.00  -
        J    2026-04-01  200.00  -
        G    2026-08-01  300.00  -
    """)
    assert mismatches(book, 2027) == []


def test_units_that_moved_in_are_a_mismatch_of_basis() -> None:
    """Cases: A4; Treas. Reg. 1.6045-1(d)(2)(vii)(C), Example 3."""
    book = told("""
        2025-08-01  crx/main  deposited    10 DE  bought 2025-08-01 for 90
        2026-01-01  bex/main  deposited    20 DE  bought 2026-01-01 for 100
        2027-08-01  crx/main  transferred  10 DE  to bex/main
        2027-09-01  bex/main  sold         10 DE  for 100  as sale
        2028-01-31 bex/main reported 1099-DA 2027 disposal sale proceeds 100 covered 50 term long
    """)
    assert form_8949(book, 2027) == table("""
        box  basis  code  adjustment  gain
        J    50.00  B     -40.00      10.00
    """)


def test_a_report_may_be_of_all_units_of_a_day() -> None:
    book = told("""
        2025-01-01        bought  3 BTC  for 300
        2025-06-01T10:00  sold    1 BTC  for 1000  fee 5
        2025-06-01T11:00  sold    1 ETH  for 50
        2025-06-01T12:00  sold    2 BTC  for 2000  fee 10
        2025-06-02        sold    1 ETH  for 50
        2026-01-31 reported 1099-DA 2025  asset BTC quantity 3 sold 2025-06-01 proceeds 3000
    """)
    assert form_8949(book, 2025) == table("""
        asset  box  proceeds  code  adjustment
        BTC    H    1000.00   E     -5.00
        ETH    I    50.00     -     0.00
        BTC    H    2000.00   E     -10.00
        ETH    I    50.00     -     0.00
    """)


def test_a_report_of_so_many_units_of_a_day_is_of_the_sale_of_so_many() -> None:
    book = told("""
        2025-01-01        bought  3 BTC  for 300
        2025-06-01T10:00  sold    1 BTC  for 1000
        2025-06-01T12:00  sold    2 BTC  for 2000
        2026-01-31 reported 1099-DA 2025  asset BTC quantity 2 sold 2025-06-01 proceeds 2000
    """)
    assert [row["box"] for row in form_8949(book, 2025)] == ["I", "H"]
    assert mismatches(book) == []


def test_a_year_of_a_stablecoin_may_be_one_total() -> None:
    """Treas. Reg. 1.6045-1(d)(10)(i)."""
    story = """
        2025-01-01  bought  3000 USDC  for 3000
        2025-03-01  sold    1000 USDC  for 1001
        2025-06-01  sold    2000 USDC  for 1999
        2026-01-31 reported 1099-DA 2025  asset USDC  proceeds {total}
    """
    book = told(story.format(total="3000"))
    assert [row["box"] for row in form_8949(book, 2025)] == ["H", "H"]
    assert mismatches(book) == []
    ((_, problem),) = mismatches(told(story.format(total="3500")))
    assert "3000.00 in the book" in problem


def test_a_report_of_nothing_is_found() -> None:
    book = told("2026-01-31 kraken/main reported 1099-DA 2025  disposal sale  proceeds 5")
    ((severity, problem),) = mismatches(book)
    assert (severity, "names no disposal of that year" in problem) == ("error", True)
    assert mismatches(book, 2026) == []


def test_there_was_no_1099_da_before_2025() -> None:
    book = sale("1099-DA 2024  disposal sale  proceeds 1000", "2024-01-01", "2024-06-01")
    assert [row["box"] for row in form_8949(book, 2024)] == ["C"]
    assert mismatches(book, 2024) == [("error", "there was no 1099-DA for 2024")]


def test_a_report_of_another_year_is_found() -> None:
    book = sale("1099-DA 2026  disposal sale  proceeds 1000")
    assert mismatches(book) == [("warning", "it is of 2026, the sale of 2025-06-01")]


def test_two_reports_that_contradict_each_other_are_found() -> None:
    book = told("""
        2025-01-01  bought  1 BTC  for 100
        2025-06-01  sold    1 BTC  for 1000  as sale
        2026-01-31 reported 1099-DA 2025  disposal sale  proceeds 1000
        2026-01-31 reported 1099-DA 2025  disposal sale  proceeds 1200
    """)
    assert form_8949(book, 2025) == table("""
        box  proceeds  code
        H    1000.00   -
    """)
    ((severity, problem),) = mismatches(book)
    assert severity == "error"
    assert "in another report already" in problem


def test_shorts_and_units_withheld_have_no_form() -> None:
    """Notice 2024-57; Treas. Reg. 1.6045-1(c)(3)(ii)(C)."""
    book = told("""
        2025-01-01  price  AB 1
        2025-01-01  price  CD 1
        2025-01-01  deposited  10 CD  bought 2025-01-01 for 10
        2025-01-01  bought  10 AB  @ 1 CD  fee 1 AB  as swap
        2026-01-31 reported 1099-DA 2025  disposal swap  proceeds 10
    """)
    assert form_8949(book, 2025) == table("""
        asset  kind  box  proceeds  code  adjustment
        CD     sale  H    10.00     E     -1.00
        AB     fee   I    1.00      -     0.00
    """)


def test_a_basis_that_nobody_stated_is_not_corrected() -> None:
    book = told("""
        2026-02-01  deposited  1 BTC
        2026-06-01  sold       1 BTC  for 1000  as sale
        2027-01-31 reported 1099-DA 2026  disposal sale  proceeds 1000  covered 70
    """)
    assert form_8949(book, 2026) == table("""
        box  basis  code  gain    missing
        G    70.00  -     930.00  basis
    """)


def test_rows_of_one_report_share_its_amounts_by_units() -> None:
    book = told("""
        2025-01-01  bought  1 BTC  for 100
        2025-02-01  bought  2 BTC  for 300
        2025-06-01  sold    3 BTC  for 1000  fee 10  as sale
        2026-01-31 reported 1099-DA 2025  disposal sale  proceeds 1000  covered 500
    """)
    rows = form_8949(book, 2025)
    assert rows == table("""
        proceeds  basis   code  adjustment  gain
        333.33    166.67  BE    63.33       229.99
        666.67    333.33  BE    26.67       360.01
    """)


def test_rows_that_need_no_correction_may_be_summed_on_schedule_d() -> None:
    """Cases: G5, G9; Instructions for Schedule D (2025), Examples 1 to 3."""
    book = told("""
        2021-01-01  bought  1 BTC  for 2000
        2021-01-02  bought  1 BTC  for 3000
        2021-01-03  bought  1 BTC  for 50
        2025-06-01  sold    1 BTC  for 6000  as first
        2025-06-02  sold    1 BTC  for 5000  as second
        2025-06-03  sold    1 BTC  for 100   as third
        2026-01-31 reported 1099-DA 2025  disposal first   proceeds 6000  covered 2000
        2026-01-31 reported 1099-DA 2025  disposal second  proceeds 5000  covered 3000
        2026-01-31 reported 1099-DA 2025  disposal third   proceeds 100   covered 60
    """)
    rows, forms = taxed(book, 2025, aggregate=True)
    assert [(row.row, row.box, row.code) for row in rows] == [(1, "J", "B")]
    assert money(forms.schedule_d["8a"]) == {
        "proceeds": "11000.00",
        "basis": "5000.00",
        "adjustment": "0.00",
        "gain": "6000.00",
    }
    assert schedule_d(book, 2025)["15"] == "6050.00"
    assert str(forms.schedule_d["15"]) == "6050.00"


def test_short_term_rows_that_are_summed_stay_short_term() -> None:
    """Schedule D (2025), line 1a: in Part I, so line 7 has its 900 and line 15 the 500 of 8a."""
    book = told("""
        2021-01-01  bought  1 OLD  for 100
        2025-01-01  bought  1 NEW  for 100
        2025-06-01  sold    1 OLD  for 600   as old
        2025-06-01  sold    1 NEW  for 1000  as new
        2026-01-31 reported 1099-DA 2025  disposal old  proceeds 600   covered 100
        2026-01-31 reported 1099-DA 2025  disposal new  proceeds 1000  covered 100
    """)
    rows, forms = taxed(book, 2025, aggregate=True)
    assert rows == []
    assert money(forms.schedule_d["1a"])["gain"] == "900.00"
    assert {n: str(forms.schedule_d[n]) for n in ("7", "15", "16")} == {
        "7": "900.00",
        "15": "500.00",
        "16": "1400.00",
    }


@pytest.mark.parametrize(
    ("report", "line"),
    [
        ("1099-B 2025  disposal sale  proceeds 1000  covered 100", "1b 8b"),
        ("1099-B 2025  disposal sale  proceeds 1000", "2 9"),
        ("1099-DA 2025  disposal sale  proceeds 1000  covered 100", "1b 8b"),
        ("1099-DA 2025  disposal sale  proceeds 1000", "2 9"),
        ("", "3 10"),
    ],
)
def test_each_box_has_its_line_in_the_part_of_its_term(report: str, line: str) -> None:
    """Schedule D (2025), Parts I and II: 1b, 2, 3 lead to line 7, 8b, 9, 10 to line 15."""
    for bought, name, total in zip(
        ("2025-01-01", "2020-01-01"), line.split(), ("7", "15"), strict=True
    ):
        story = f"""
            {bought}    deposited  1 BTC  bought {bought} for 100
            2025-06-01  sold       1 BTC  for 1000  as sale
        """
        told_ = f"2025-12-31  kraken/main  reported  {report}" if report else ""
        lines = schedule_d(told(story + told_), 2025)
        assert {n: a for n, a in lines.items() if a != "0.00"} == {
            name: "900.00",
            total: "900.00",
            "16": "900.00",
        }


# The report beside the book -----------------------------------------------------------------------


def test_a_report_and_the_book_stand_side_by_side() -> None:
    book = sale("1099-DA 2025  disposal sale  proceeds 1000  covered 90  term long", fee="fee 12")
    (line,) = taxed(book, 2025)[1].reconciliation
    assert line.to_dict() == {
        "report": "3",
        "account": "kraken/main",
        "form": "1099-DA",
        "disposal": "sale",
        "asset": "BTC",
        "sold": "2025-06-01",
        "quantity": "1",
        "reported": {"proceeds": "1000", "basis": "90", "term": "long"},
        "basis_reported": True,
        "book": {"proceeds": "988", "basis": "100", "term": "short"},
        "code": "BET",
        "status": "adjusted",
    }


def test_a_report_that_agrees_says_so() -> None:
    (line,) = taxed(sale("1099-DA 2025  disposal sale  proceeds 1000"), 2025)[1].reconciliation
    said = line.to_dict()
    assert (said["status"], said["code"]) == ("agrees", "")
    assert said["reported"] == {"proceeds": "1000", "basis": None, "term": ""}


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        ("disposal sale  proceeds 1000.50", "more than its costs (0.00) explain"),
        ("disposal sale  proceeds 1000.01", "more than its costs (0.00) explain"),
        ("disposal sale  proceeds 999.99", "the correct amount stands"),
        ("disposal sale  proceeds 1000  quantity 2", "2 units reported, 1 in the book"),
        ("asset BTC  proceeds 1000  sold 2025-06-01  quantity 2", "2 units reported, 1 in the"),
        ("asset BTC  proceeds 999", "reported for the year, 1000.00 in the book"),
    ],
)
def test_a_report_that_differs_says_so_and_the_book_stands(report: str, problem: str) -> None:
    """What the form shows too much is taken back in column (g), code O: the gain is the book's."""
    book = sale(f"1099-DA 2025  {report}")
    assert [row["gain"] for row in form_8949(book, 2025)] == ["900.00"]
    found = [row["problem"] for row in findings(book) if row["kind"] == "broker_mismatch"]
    assert len(found) == 1
    assert problem in found[0]
    too_much = "1000." in report
    assert [(r["status"], r["code"]) for r in reconciled(book)] == [
        ("differs", "O" if too_much else "")
    ]


def test_a_report_of_nothing_stands_alone() -> None:
    """Neither the year's total of a coin nor a sale's name meets anything in the book."""
    for report in ("asset BTC", "disposal sale", "asset BTC  sold 2025-06-01"):
        book = told(f"2026-01-31 kraken/main reported 1099-DA 2025  {report}  proceeds 5")
        assert [severity for severity, _ in mismatches(book)] == ["error"]
        assert "it names no disposal of that year" in mismatches(book)[0][1]
        (line,) = taxed(book, 2025)[1].reconciliation
        said = line.to_dict()
        assert (said["status"], said["code"], said["quantity"]) == ("no disposal", "", "0")
        assert said["asset"] == ("" if "sale" in report else "BTC")
        assert said["disposal"] == ("sale" if "sale" in report else "")
        assert said["sold"] == ("2025-06-01" if "sold" in report else None)
        assert said["book"] == {"proceeds": None, "basis": None, "term": ""}
        found = [row for row in findings(book) if row["kind"] == "broker_mismatch"]
        assert found[0]["asset"] == ("-" if "sale" in report else "BTC")


def test_a_report_must_say_of_what_it_is() -> None:
    book = told("2026-01-31 kraken/main reported 1099-DA 2025  proceeds 5")
    assert ("error", "it names neither a disposal nor an asset") in mismatches(book)


def test_a_report_beside_one_that_took_all_units_has_no_disposal() -> None:
    book = told("""
        2025-01-01  bought  1 BTC  for 100
        2025-06-01  sold    1 BTC  for 1000  as sale
        2026-01-31 reported 1099-DA 2025  disposal sale  proceeds 1000  as one
        2026-01-31 reported 1099-DA 2025  disposal sale  proceeds 1200  as two
    """)
    assert [(r["report"], r["status"], r["code"]) for r in reconciled(book)] == [
        ("one", "agrees", ""),
        ("two", "no disposal", ""),
    ]


def test_a_report_of_another_year_stands_with_that_year() -> None:
    book = sale("1099-DA 2026  disposal sale  proceeds 1000")
    assert reconciled(book, 2025) == []
    assert [row["status"] for row in reconciled(book, 2026)] == ["differs"]


def test_a_total_of_another_year_is_not_looked_at() -> None:
    book = sale("1099-DA 2025  asset BTC  proceeds 900")
    assert len(mismatches(book, 2025)) == 1
    assert mismatches(book, 2026) == []
    assert reconciled(book, 2026) == []


def test_asked_twice_a_year_says_the_same() -> None:
    """A book is asked for one year after the other, and perhaps for one again."""
    book = told("""
        2025-01-01  bought  2 BTC  for 200
        2025-06-01  sold    1 BTC  for 1000  as sale
        2025-07-01  sold    1 BTC  for 1100
        2026-01-31 reported 1099-DA 2025  disposal sale  proceeds 1000  as one
        2026-01-31 reported 1099-DA 2025  asset BTC      proceeds 1100  as rest
        2026-01-31 reported 1099-DA 2025  disposal none  proceeds 5     as none
        2026-01-31 reported 1099-DA 2027  disposal none  proceeds 5     as later
    """)
    decisions, calendar = Decisions(book.log), Calendar(UTC)
    tax = UsTax(2025, LAWFUL, decisions, calendar, "USD", lambda row: None)
    replay(book.replayed, *tax.projections, turns=tax.turns)
    first, again = tax.result(2025), tax.result(2025)
    said = [("one", "agrees"), ("rest", "agrees"), ("none", "no disposal")]
    assert [(line.report, line.status) for line in first.reconciliation] == said
    assert again.reconciliation == first.reconciliation
    assert list(tax.years()) == [2025, 2026, 2027]


# Which rows a report is of ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "report",
    [
        "disposal sale",
        "asset BTC sold 2025-06-01",
        "asset BTC quantity 1 sold 2025-06-01",
        "asset BTC",
    ],
)
def test_a_report_may_be_recorded_for_the_whole_book(report: str) -> None:
    book = told(f"""
        2025-01-01  bought  1 BTC  for 100
        2025-06-01  sold    1 BTC  for 1000  as sale
        2026-01-31  book  reported  1099-DA 2025  {report}  proceeds 1000
    """)
    assert [row["box"] for row in form_8949(book, 2025)] == ["H"]
    assert mismatches(book) == []


def test_reports_of_so_many_units_share_the_lots_of_a_sale() -> None:
    """3 units of 3 lots: the first report has room for 2 of them, the third is of the other."""
    book = told("""
        2025-01-01  bought  1 BTC  for 100
        2025-01-02  bought  1 BTC  for 200
        2025-01-03  bought  1 BTC  for 300
        2025-06-01  sold    3 BTC  for 3000  as sale
        2026-01-31 reported 1099-DA 2025  disposal sale  quantity 2  proceeds 2000  as two
        2026-01-31 reported 1099-DA 2025  disposal sale  quantity 1  proceeds 1000  as one
    """)
    assert [(r["report"], r["quantity"], r["status"]) for r in reconciled(book)] == [
        ("two", "2", "agrees"),
        ("one", "1", "agrees"),
    ]


def test_a_report_of_another_coin_is_not_of_the_sale() -> None:
    book = sale("1099-DA 2025  disposal sale  asset ETH  proceeds 1000")
    assert [row["box"] for row in form_8949(book, 2025)] == ["I"]
    assert [severity for severity, _ in mismatches(book)] == ["error"]


def test_units_are_covered_that_were_acquired_from_the_first_day_of_2026_on() -> None:
    """Treas. Reg. 1.6045-1(a)(15)(i)(J): 31 December 2025 is not, 1 January 2026 is."""
    book = told("""
        2025-12-31  bought  1 BTC  for 100
        2026-01-01  bought  1 BTC  for 200
        2026-06-01  sold    2 BTC  for 2000  as sale
        2027-01-31 reported 1099-DA 2026  disposal sale  proceeds 1000  covered 200
        2027-01-31 reported 1099-DA 2026  disposal sale  proceeds 1000
    """)
    assert [(row["basis"], row["box"]) for row in form_8949(book, 2026)] == [
        ("100.00", "H"),
        ("200.00", "G"),
    ]
    assert mismatches(book, 2026) == []


def test_reports_of_so_many_units_of_a_day_are_each_of_their_own_sale() -> None:
    """1, 2 and 4 units sold; the day's reports of 4 and of 2 leave the sale of 1 without a form."""
    book = told("""
        2025-01-01        bought  7 BTC  for 700
        2025-06-01T10:00  sold    1 BTC  for 1000  as a
        2025-06-01T11:00  sold    2 BTC  for 2000  as b
        2025-06-01T12:00  sold    4 BTC  for 4000  as c
        2026-01-31 reported 1099-DA 2025  asset BTC quantity 4 sold 2025-06-01 proceeds 4000
        2026-01-31 reported 1099-DA 2025  asset BTC quantity 2 sold 2025-06-01 proceeds 2000
    """)
    assert [(row["disposal"], row["box"]) for row in form_8949(book, 2025)] == [
        ("a", "I"),
        ("b", "H"),
        ("c", "H"),
    ]
    assert mismatches(book) == []


def test_a_report_of_a_day_is_of_what_reports_of_its_sales_leave() -> None:
    """Nor is it of the units that paid a fee (Treas. Reg. 1.6045-1(c)(3)(ii)(C))."""
    book = told("""
        2025-01-01        bought  9 BTC  for 900
        2025-06-01T09:00  price   BTC 1000
        2025-06-01T10:00  sold    1 BTC  for 1000  as a
        2025-06-01T11:00  sold    2 BTC  for 2000  as b
        2025-06-01T12:00  charged  1 BTC
        2026-01-31 reported 1099-DA 2025  disposal a  proceeds 1000  covered 100
        2026-01-31 reported 1099-DA 2025  asset BTC quantity 2 sold 2025-06-01 proceeds 2000
    """)
    assert [(row["kind"], row["box"]) for row in form_8949(book, 2025)] == [
        ("sale", "G"),
        ("sale", "H"),
        ("fee", "I"),
    ]
    assert mismatches(book) == []


def test_a_report_of_the_rest_of_a_day_is_of_neither_what_was_reported_nor_what_paid_a_fee() -> (
    None
):
    book = told("""
        2025-01-01        bought  9 BTC  for 900
        2025-06-01T09:00  price   BTC 1000
        2025-06-01T10:00  sold    1 BTC  for 1000  as a
        2025-06-01T11:00  sold    2 BTC  for 2000  as b
        2025-06-01T12:00  charged  1 BTC
        2026-01-31 reported 1099-DA 2025  asset BTC quantity 2 sold 2025-06-01 proceeds 2000
        2026-01-31 reported 1099-DA 2025  asset BTC            sold 2025-06-01 proceeds 1000
    """)
    assert [(row["kind"], row["box"]) for row in form_8949(book, 2025)] == [
        ("sale", "H"),
        ("sale", "H"),
        ("fee", "I"),
    ]
    assert [row["status"] for row in reconciled(book)] == ["agrees", "agrees"]
    assert mismatches(book) == []


def test_a_total_of_the_year_is_of_what_other_reports_leave() -> None:
    book = told("""
        2025-01-01  bought   4000 USDC  for 4000
        2025-03-01  price    USDC 1
        2025-03-01  sold     1000 USDC  for 1000  as a
        2025-03-01  charged  1 USDC
        2025-06-01  sold     2000 USDC  for 2000
        2026-01-31 reported 1099-DA 2025  disposal a  proceeds 1000
        2026-01-31 reported 1099-DA 2025  asset USDC  proceeds 2000
    """)
    assert [(row["kind"], row["box"]) for row in form_8949(book, 2025)] == [
        ("sale", "H"),
        ("fee", "I"),
        ("sale", "H"),
    ]
    assert mismatches(book) == []
    assert [row["status"] for row in reconciled(book)] == ["agrees", "agrees"]


def test_a_reported_basis_is_spread_by_units_to_the_last_cent() -> None:
    """100 over 1, 1 and 1 units: 33.33, 33.34, 33.33 in column (e), 100 in all."""
    book = told("""
        2025-01-01  bought  1 BTC  for 10
        2025-02-01  bought  1 BTC  for 20
        2025-03-01  bought  1 BTC  for 30
        2025-06-01  sold    3 BTC  for 300  as sale
        2026-01-31 reported 1099-DA 2025  disposal sale  proceeds 300  covered 100
    """)
    rows, _ = taxed(book, 2025)
    assert [(str(row.basis), str(row.adjustment), str(row.gain)) for row in rows] == [
        ("33.33", "23.33", "90.00"),
        ("33.34", "13.34", "80.00"),
        ("33.33", "3.33", "70.00"),
    ]
    with exact():
        assert sum(row.exact[1] for row in rows) == 100


def test_costs_on_several_rows_add_up_to_what_was_reported() -> None:
    """Three rows of a sale for 100.005 less 1; the form shows 100.01 (found by a reader)."""
    book = told("""
        2025-01-01  bought    1 X  for 10
        2025-01-02  bought    1 X  for 20
        2025-01-03  bought    1 X  for 30
        2025-06-01  sold      3 X  for 100.005  fee 1  as sale
        2025-12-31  reported  1099-DA 2025  disposal sale  proceeds 100.01
    """)
    columns = taxed(book, 2025)[1].schedule_d["2"]
    assert money(columns) == {
        "proceeds": "100.01",
        "basis": "60.00",
        "adjustment": "-1.00",
        "gain": "39.01",
    }
