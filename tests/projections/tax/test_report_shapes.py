"""What scripts read: the keys of each report, and the figures behind them."""

from datetime import UTC
from typing import Any

import pytest

from domain.calendar import Calendar
from domain.methods import LAWFUL
from projections.decisions import Decisions
from projections.replay import replay
from projections.tax.country_year import CountryYear
from projections.tax.us.tax_year import TaxYear
from projections.tax.us.year import UsTax
from tests.abroad import CA, UK, year_of
from tests.story import Story, compared, taxed, told

TWO_SALES = """
    2023-01-10  bought  1 BTC  for 100.60
    2025-01-10  bought  1 BTC  for 200.40
    2025-06-01  sold    1 BTC  for 1000.49
    2025-06-02  sold    1 BTC  for 1000.40  as last
"""


def tax_year(book: Story, year: int = 2025, method: str = LAWFUL) -> TaxYear:
    rows, forms = taxed(book, year, method)
    policies = Decisions(book.log).policies
    return TaxYear(
        forms=forms,
        rows=tuple(rows),
        zone="UTC",
        policies=policies,
        head={"position": 4},
        known=4,
        clock="system",
    )


def test_a_tax_year_has_the_keys_that_scripts_rely_on() -> None:
    """Contract: `tax`. 1,000.49 - 100.60 long, 1,000.40 - 200.40 short: 1,699.89."""
    said = tax_year(told(TWO_SALES)).to_dict()
    assert list(said) == [
        "year",
        "method",
        "what_if",
        "unreliable",
        "zone",
        "policies",
        "head",
        "known",
        "clock",
        "form_8949",
        "schedule_d",
        "schedule_d_dollars",
        "form_4952",
        "form_6781",
        "schedule_1",
        "schedule_a",
        "schedule_b",
        "schedule_c",
        "form_8960",
        "form_1040",
        "schedule_d_answers",
        "schedule_d_tax_worksheet",
        "section_1256_carryback",
        "funding",
        "carryovers",
        "reconciliation",
        "liquidations",
        "prices",
        "findings",
    ]
    assert (said["year"], said["method"], said["zone"]) == (2025, "spec_id", "UTC")
    assert (said["head"], said["known"], said["clock"]) == ({"position": 4}, 4, "system")
    assert said["policies"]["funding"] == "net"
    assert said["form_1040"] == {"7a": "1699.89"}
    assert said["schedule_d"]["16"] == "1699.89"
    assert said["carryovers"] == {
        "short_term": "0.00",
        "long_term": "0.00",
        "investment_interest": "0.00",
        "section_1256": "0.00",
    }


def test_a_row_has_its_exact_amounts_its_instants_and_whole_dollars() -> None:
    """Long-term: 1,000 less 101 is 899 in dollars, and 899.89 in cents."""
    said = tax_year(told(TWO_SALES)).to_dict()["form_8949"]
    assert said[0] == {
        "row": 1,
        "box": "L",
        "description": "1 BTC",
        "acquired": "2023-01-10",
        "sold": "2025-06-01",
        "proceeds": "1000.49",
        "basis": "100.60",
        "code": "",
        "adjustment": "0.00",
        "gain": "899.89",
        "term": "long",
        "account": "kraken/main",
        "asset": "BTC",
        "quantity": "1",
        "lot": "1",
        "disposal": "3",
        "events": [1, 3],
        "identified": "fifo, the default: adequate",
        "kind": "sale",
        "missing": "",
        "held_from": None,
        "acquired_at": "2023-01-10T12:00:00Z",
        "sold_at": "2025-06-01T12:00:00Z",
        "exact": {"proceeds": "1000.49", "basis": "100.6", "adjustment": "0"},
        "dollars": {"proceeds": "1000", "basis": "101", "adjustment": "0", "gain": "899"},
    }
    assert said[1]["dollars"] == {
        "proceeds": "1000",
        "basis": "200",
        "adjustment": "0",
        "gain": "800",
    }


def test_costs_that_a_form_lacks_are_in_the_dollars_too() -> None:
    """1,000 as reported, 12.60 of costs in (g): 1,000 - 100 - 13 is 887."""
    book = told("""
        2025-01-01  deposited  1 BTC  bought 2025-01-01 for 100
        2025-06-01  sold       1 BTC  for 1000  fee 12.60  as sale
        2025-12-31  reported   1099-DA 2025  disposal sale  proceeds 1000
    """)
    (row,) = tax_year(book).to_dict()["form_8949"]
    assert row["dollars"] == {
        "proceeds": "1000",
        "basis": "100",
        "adjustment": "-13",
        "gain": "887",
    }
    assert row["exact"]["adjustment"] == "-12.6"


def test_what_nobody_knows_is_null() -> None:
    (row,) = tax_year(told("2025-06-01  sold  1 BTC  for 5")).to_dict()["form_8949"]
    assert (row["acquired"], row["acquired_at"], row["lot"]) == (None, None, "")


def test_a_row_of_a_contract_or_a_rebate_is_called_after_it_and_has_no_units() -> None:
    book = told("""
        2025-06-01  contract  PERP-BTC 100 USD
        2025-06-02  received  rebate 5 USD
        2025-06-03  borrowed  1 ETH
        2025-06-03  sold      1 ETH  for 60
        2025-06-04  bought    1 ETH  for 50
        2025-06-04  repaid    1 ETH
    """)
    assert [row.description for row in taxed(book, 2025)[0]] == [
        "PERP-BTC",
        "USD fee rebate",
        "1 ETH short sale closed",
    ]


ELECTED = "2025-06-01T18:00  elected  hifo\n"


@pytest.mark.parametrize(
    ("method", "more", "what_if"),
    [
        (LAWFUL, "", False),
        ("fifo", "", False),
        ("hifo", "", True),
        ("fifo", ELECTED, True),
        ("hifo", ELECTED, True),
        (LAWFUL, ELECTED, False),
    ],
)
def test_a_method_is_a_what_if_where_any_row_stands_on_what_was_not_in_force(
    method: str, more: str, what_if: bool
) -> None:
    """HIFO elected between the two sales: neither method alone was in force for both."""
    said = tax_year(told(more + TWO_SALES), method=method).to_dict()
    assert said["what_if"] is what_if
    assert said["method"] == method


def test_a_year_is_unreliable_where_a_finding_is_an_error() -> None:
    """A warning is something to look at; a missing basis makes a figure wrong."""
    fine = tax_year(told("2025-06-01  contract  PERP 100 USD"))
    doubtful = told("""
        2025-01-01  deposited  1 BTC  bought 2025-01-01 for 100
        2025-06-01  sold       1 BTC  for 1000  as sale
        2025-12-31  reported   1099-DA 2025  disposal sale  proceeds 1500
    """)
    wrong = told("2025-01-01 deposited 1 BTC\n 2025-06-01 deposited 1 ETH bought 2025-06-01 for 5")
    assert fine.unreliable is fine.to_dict()["unreliable"] is False
    assert {f.severity for f in tax_year(doubtful).forms.findings} == {"warning"}
    assert tax_year(doubtful).unreliable is False
    both = tax_year(
        told(""" 2025-01-01 deposited 1 BTC
        2025-06-01  sold       1 BTC  for 1000  as sale
        2025-12-31  reported   1099-DA 2025  disposal sale  proceeds 1500
    """)
    )
    assert {f.severity for f in both.forms.findings} == {"warning", "error"}
    assert both.unreliable is tax_year(wrong).unreliable is True


def test_a_report_is_called_by_its_year_and_method() -> None:
    report = tax_year(told(TWO_SALES), method="hifo")
    assert (report.year, report.method) == (2025, "hifo")


# Years of a book ----------------------------------------------------------------------------------


def fold(book: Story, year: int = 2025) -> UsTax:
    decisions = Decisions(book.log)
    tax = UsTax(year, LAWFUL, decisions, Calendar(UTC), "USD", lambda row: None)
    replay(book.replayed, *tax.projections, turns=tax.turns)
    return tax


def test_one_fold_knows_all_years_and_fills_any_of_them() -> None:
    """Sold in 2023 and 2025, a fact of 2027: five years; 2024 and 2026 are among them."""
    book = told("""
        2022-01-01  bought  2 X  for 20
        2023-06-01  sold    1 X  for 110
        2025-06-01  sold    1 X  for 60
        2025-06-02  fact    2027 taxable_income 5
    """)
    tax = fold(book, 2023)
    assert tax.years() == range(2023, 2028)
    assert tax.last_year() == 2027
    net = {year: str(tax.result(year).form_1040.get("7a", "-")) for year in (2025, 2026)}
    assert net == {2025: "50.00", 2026: "-"}
    assert tax.year == 2026
    assert str(tax.result(2023).form_1040["7"]) == "100.00"
    assert tax.result().year == 2023


def test_a_book_in_which_nothing_was_taxed_has_no_years() -> None:
    tax = fold(told("2025-01-01  bought  1 X  for 5"))
    assert tax.years() == range(0)
    assert tax.last_year() == 1970


def test_a_year_of_a_single_result_is_one_year() -> None:
    assert fold(told("2025-06-01  contract  PERP 1 USD")).years() == range(2025, 2026)


def test_what_is_below_zero_in_the_last_instant_is_found_with_the_year() -> None:
    book = told("2025-06-01  withdrawn  5 USD")
    assert [found.kind for found in taxed(book, 2025)[1].findings] == ["negative_balance"]


# Several methods, and other countries -------------------------------------------------------------


def test_a_comparison_has_the_keys_that_scripts_rely_on() -> None:
    """Contract: `compare`. FIFO sells the old lot first: 900 long and 800 short in all; HIFO the
    new one first. Both come to 1,699.89."""
    said: Any = compared(told(TWO_SALES.replace("2025-06-02", "2026-06-02")), 2025, "fifo", "hifo")
    said = said.to_dict()
    assert said["methods"] == {
        "fifo": {
            "short_term": "0.00",
            "long_term": "899.89",
            "total": "899.89",
            "rows": 1,
            "elected": True,
            "label": "elected in time",
        },
        "hifo": {
            "short_term": "800.09",
            "long_term": "0.00",
            "total": "800.09",
            "rows": 1,
            "elected": False,
            "label": "what-if",
        },
    }
    assert said["differences"] == [
        {
            "disposal": "3",
            "account": "kraken/main",
            "asset": "BTC",
            "sold": "2025-06-01",
            "methods": {
                "fifo": [
                    {
                        "lot": "1",
                        "acquired": "2023-01-10",
                        "quantity": "1",
                        "basis": "100.60",
                        "gain": "899.89",
                        "term": "long",
                    }
                ],
                "hifo": [
                    {
                        "lot": "2",
                        "acquired": "2025-01-10",
                        "quantity": "1",
                        "basis": "200.40",
                        "gain": "800.09",
                        "term": "short",
                    }
                ],
            },
        }
    ]
    assert (said["year"], said["head"]) == (2025, None)


def test_the_total_of_a_method_is_short_term_and_long_term_together() -> None:
    (total,) = compared(told(TWO_SALES), 2025, "fifo").methods.values()
    assert [str(n) for n in (total.short_term, total.long_term, total.total)] == [
        "800.00",
        "899.89",
        "1699.89",
    ]


def test_costs_that_a_form_lacks_are_compared_as_they_are_filed() -> None:
    """1,000.008 less 0.004 of costs, reported as 1,000.01: code E. Columns (d) and (g) are rounded
    each by itself: 1,000.01 and 0.00, so column (h) is 900.01 though the exact gain is 900.004."""
    book = told("""
        2025-01-01  deposited  1 BTC  bought 2025-01-01 for 100
        2025-06-01  sold       1 BTC  for 1000.008  fee 0.004  as sale
        2025-12-31  reported   1099-DA 2025  disposal sale  proceeds 1000.01
    """)
    rows, _ = taxed(book, 2025)
    assert [(row.code, str(row.gain)) for row in rows] == [("E", "900.01")]
    assert str(compared(book, 2025, "fifo").methods["fifo"].total) == "900.01"


def test_a_comparison_says_the_same_however_many_sales_it_holds_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sales that every method has told are compared and forgotten once there are many."""
    sales = "".join(f"2025-06-{day:02}  sold  1 X  for {day}\n" for day in range(1, 29))
    lots = "".join(f"2025-01-{day:02}  bought  1 X  for {40 - day}\n" for day in range(1, 29))
    book = told(lots + sales + "2025-06-15  sold  1 X  for 9")
    whole = compared(book, 2025, "fifo", "lifo", "hifo")
    monkeypatch.setattr("projections.tax.us.compare._MANY", 3)
    assert compared(book, 2025, "fifo", "lifo", "hifo") == whole
    assert len(whole.differences) > 20


def country_year(book: Story, year: int, country: Any) -> dict[str, Any]:
    report = CountryYear(
        figures=year_of(book, year, country),
        zone="Europe/London",
        head={"position": 3},
        known=3,
        clock="system",
    )
    return report.to_dict() | {"is_unreliable": report.unreliable}


def test_another_countrys_year_has_the_keys_that_scripts_rely_on() -> None:
    """Contract: `tax --country`; Cases: K5: 6,000 - 850 - 5,250 = -100."""
    said = country_year(
        told("""
            2018-05-01  bought  9500 TOK  for 14250 GBP
            2018-08-30  sold    4000 TOK  for 6000 GBP
            2018-09-11  bought    500 TOK  for 850 GBP
            2019-06-01  price   TOK 2  quote GBP
        """),
        2018,
        UK,
    )
    (disposal,), (pool,) = said.pop("disposals"), said.pop("pools")
    assert said == {
        "year": 2018,
        "country": "uk",
        "tax_year": {"from": "2018-04-06", "to": "2019-04-05"},
        "currency": "GBP",
        "unreliable": False,
        "is_unreliable": False,
        "zone": "Europe/London",
        "policies": {
            "short_sale": "open_transaction",
            "loan": "nonrecognition",
            "funding": "net",
            "transfer_fee": "disposal",
            "withheld_fee": "from_received",
            "rebate": "price_adjustment",
            "price_age": "24h",
        },
        "head": {"position": 3},
        "known": 3,
        "clock": "system",
        "net": "-100.00",
        "taxable": "0.00",
        "annual_exempt_amount": "11700.00",
        "above_exempt_amount": "0.00",
        "findings": said["findings"],
    }
    assert [found["kind"] for found in said["findings"]] == ["year_not_final"]
    assert disposal["matched"][0]["rule"] == "30 days"
    assert list(disposal) == [
        *("sold", "asset", "quantity", "proceeds", "cost", "gain", "taxed", "matched", "exact"),
        *("events", "printed"),
    ]
    assert pool == {
        "asset": "TOK",
        "quantity": "6000",
        "cost": "9000.00",
        "exact": {"cost": "9000"},
        "printed": "9000",
    }


def test_a_canadian_year_tells_its_rate_and_what_it_denied() -> None:
    said = country_year(told("2021-01-10  contract  PERP 10 CAD"), 2021, CA)
    assert (said["inclusion_rate"], said["denied"], said["taxable"]) == ("0.5", "0.00", "5.00")


def test_another_countrys_year_is_unreliable_where_a_finding_is_an_error() -> None:
    """`year_not_final` alone is no error; a cost that nobody stated is one."""
    wrong = "2018-05-01  deposited  1 TOK\n 2018-06-01  sold  1 TOK  for 5 GBP"
    said = country_year(told(wrong), 2018, UK)
    assert {found["severity"] for found in said["findings"]} == {"info", "error"}
    assert said["unreliable"] is said["is_unreliable"] is True
