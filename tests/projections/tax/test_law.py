"""The law is a table, and no number of it stands anywhere else."""

import ast
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from projections.tax.canada import law as canada
from projections.tax.germany import law as germany
from projections.tax.rule import Rule, in_force
from projections.tax.uk import law as uk
from projections.tax.us import law as us
from projections.tax.us.law import BOXES, CAPITAL_LOSS_LIMIT

ROOT = Path(us.__file__).parents[2]


def tables(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if name.isupper() and not name.startswith("_"):
            yield name, value


def rules(value: Any) -> Iterator[tuple[Rule[Any], ...]]:
    if isinstance(value, Rule):
        yield (value,)
    elif isinstance(value, tuple) and isinstance(value[0], Rule):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            if not isinstance(part, str):
                yield from rules(part)


@pytest.mark.parametrize("module", [us, uk, canada, germany])
def test_every_figure_has_its_year_source_and_confidence(module: ModuleType) -> None:
    found = 0
    for name, value in tables(module):
        for rows in rules(value):
            if all(isinstance(row, str) for row in rows):
                continue  # which boxes a line takes
            assert all(isinstance(row, Rule) for row in rows), name
            years = [row.since for row in rows]
            assert years == sorted(set(years)), name
            for row in rows:
                assert row.source.strip(), name
                assert row.confidence in ("read", "known", "policy"), name
                found += 1
    assert found


def test_a_rule_counts_from_its_year_until_the_next() -> None:
    boxes = BOXES["", False]
    assert [in_force(boxes, year).value["short"] for year in (1999, 2024, 2025, 2099)] == list(
        "CCII"
    )
    assert in_force(CAPITAL_LOSS_LIMIT, 2025).value["mfs"] == 1500


def test_no_number_of_the_law_stands_outside_its_table() -> None:
    """Whatever is a year, a rate, a limit or a number of days. Small counts are no law."""
    allowed = {12, 31, 28, 1000, 1970}  # the ends of years, a buffer, the beginning of time
    found = []
    for path in sorted((ROOT / "tax").rglob("*.py")):
        if path.name == "law.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            value = node.value if isinstance(node, ast.Constant) else None
            if type(value) in (int, float) and value not in {0, 1, 2, 3, *allowed}:
                found.append(f"{path.name}:{node.lineno}: {value!r}")  # type: ignore[attr-defined]
    assert found == []


BEGAN = {
    # United States
    "PER_ACCOUNT": 2025,
    "TOLD_ALONE": 2027,
    "TRANSITION_RULE": 2025,
    "TRANSITION_RETURN": 2025,
    "IDENTIFICATION": 2025,
    "WITHHELD": 2025,
    "CURRENCY": 2013,
    "COSTS": 2025,
    "LIQUIDATION": 2013,
    "SHORT_SALE": 2013,
    "STOCK_LIKE": 2013,
    "WASH_SALE": 2013,
    "INCOME": 2013,
    "INTEREST": 2013,
    "HOLDING": 2013,
    "DIGITAL_ASSET_FORM": 2025,
    "COVERED_SINCE": 2026,
    "CAPITAL_LOSS_LIMIT": 1978,
    "CARRYOVER": 1978,
    "ROUNDING": 2011,
    "SECTION_1256_SHORT": 1981,
    "SECTION_1256_CARRYBACK_YEARS": 1981,
    "NET_INVESTMENT_INCOME_RATE": 2013,
    "NET_INVESTMENT_INCOME_THRESHOLD": 2013,
    "SECTION_68": 2018,
    "INCOME_RATES": 2018,
    "INCOME_BRACKETS": 2023,
    "CAPITAL_GAIN_RATES": 2013,
    "CAPITAL_GAIN_BREAKPOINTS": 2023,
    "CAPITAL_GAIN_LINE": 2020,
    # United Kingdom, Canada, Germany
    "YEAR_BEGINS": 2007,
    "MATCHING_DAYS": 1998,
    "ANNUAL_EXEMPT_AMOUNT": 2008,
    "INCLUSION": 2001,
    "SUPERFICIAL_DAYS": 1972,
    "EXEMPTION_LIMIT": 2009,
}
"""The first year for which a figure is known to hold, by the acts and forms that each names."""


def test_the_law_began_when_its_act_or_form_says() -> None:
    """Bitcoin's first year is before most of them: nobody's books are older."""
    first = {
        name: row.since
        for module in (us, uk, canada, germany)
        for name, value in tables(module)
        if not isinstance(value, Mapping)
        for rows in rules(value)
        for row in rows[:1]
    }
    assert first == BEGAN


def test_dates_of_the_law_are_those_of_its_text() -> None:
    """Reg. 1.1012-1(j)(6), 1.6045-1(d)(2)(i)(D); Notice 2026-20, 3.03; Rev. Proc. 2024-28, 5.02;
    IRC 6072(a) and Reg. 1.6081-4: 15 April, six months later 15 October."""
    assert us.PER_ACCOUNT.value == us.TRANSITION_RULE.value == date(2025, 1, 1)
    assert us.COVERED_SINCE.value == date(2026, 1, 1)
    assert us.TOLD_ALONE.value == date(2027, 1, 1)
    assert us.TRANSITION_RETURN.value == (date(2026, 4, 15), date(2026, 10, 15))


@pytest.mark.parametrize(
    ("form", "years", "boxes"),
    [
        (("", False), range(2011, 2025), "CF"),
        (("", False), range(2025, 2030), "IL"),
        (("1099-B", True), range(2011, 2030), "AD"),
        (("1099-B", False), range(2011, 2030), "BE"),
        (("1099-DA", True), range(2025, 2030), "GJ"),
        (("1099-DA", False), range(2025, 2030), "HK"),
    ],
)
def test_every_form_has_a_box_a_term_from_the_year_of_its_print_on(
    form: tuple[str, bool], years: range, boxes: str
) -> None:
    """Form 8949 (2011 to 2024): A to F; (2025): G to L for digital assets."""
    assert BOXES[form][0].since == (2025 if form[0] == "1099-DA" else 2011)
    for year in years:
        assert in_force(BOXES[form], year).value == {"short": boxes[0], "long": boxes[1]}


@pytest.mark.parametrize(
    ("status", "loss", "threshold"),
    [
        ("single", 3000, 200_000),
        ("mfj", 3000, 250_000),
        ("hoh", 3000, 200_000),
        ("mfs", 1500, 125_000),
    ],
)
def test_amounts_of_a_filing_status_are_those_of_the_code(
    status: str, loss: int, threshold: int
) -> None:
    """IRC 1211(b)(1), 1411(b)."""
    for table_, amount in (
        (us.CAPITAL_LOSS_LIMIT, loss),
        (us.NET_INVESTMENT_INCOME_THRESHOLD, threshold),
    ):
        assert in_force(table_, 2026).value[status] == amount


PRINTED = {
    2023: {"single": "174238.25", "mfj": "186601.50", "hoh": "172623.50", "mfs": "93300.75"},
    2024: {"single": "183647.25", "mfj": "196669.50", "hoh": "181954.50", "mfs": "98334.75"},
    2025: {"single": "188769.75", "mfj": "202154.50", "hoh": "187031.50", "mfs": "101077.25"},
    2026: {"single": "192979.25", "mfj": "206583.50", "hoh": "191171.00", "mfs": "103291.75"},
}


@pytest.mark.parametrize(("year", "status"), [(y, s) for y, row in PRINTED.items() for s in row])
def test_brackets_and_rates_add_up_to_the_tax_that_is_printed_beside_them(
    year: int, status: str
) -> None:
    """Rev. Proc. 2022-38, 2023-34, 2024-40 and 2025-32, the last row of Tables 1 to 4: so much,
    "plus 37 % of the excess". Every bracket and every rate below is in that one sum."""
    begins = in_force(us.INCOME_BRACKETS, year).value[status]
    rates = in_force(us.INCOME_RATES, year).value
    assert begins == tuple(sorted(begins))
    assert len(rates) == len(begins) + 1
    parts = zip(rates, (Decimal(0), *begins), begins, strict=False)
    assert sum(rate * (end - begin) for rate, begin, end in parts) == Decimal(PRINTED[year][status])


def test_the_highest_bracket_is_the_one_that_section_68_asks_for() -> None:
    """Rev. Proc. 2025-32, 4.01."""
    tops = {status: row[-1] for status, row in in_force(us.INCOME_BRACKETS, 2026).value.items()}
    assert tops == {"single": 640_600, "mfj": 768_700, "hoh": 640_600, "mfs": 384_350}


@pytest.mark.parametrize(
    ("year", "zero_rate", "fifteen_percent"),
    [
        (2023, (44_625, 89_250, 59_750, 44_625), (492_300, 553_850, 523_050, 276_900)),
        (2024, (47_025, 94_050, 63_000, 47_025), (518_900, 583_750, 551_350, 291_850)),
        (2025, (48_350, 96_700, 64_750, 48_350), (533_400, 600_050, 566_700, 300_000)),
        (2026, (49_450, 98_900, 66_200, 49_450), (545_500, 613_700, 579_600, 306_850)),
    ],
)
def test_capital_gain_breakpoints_are_the_maximum_amounts_of_their_year(
    year: int, zero_rate: tuple[int, ...], fifteen_percent: tuple[int, ...]
) -> None:
    """The same Rev. Procs., 3.03, 3.03, 2.03 and 4.03: maximum zero and 15 % rate amounts."""
    found: Mapping[str, tuple[Any, ...]] = in_force(us.CAPITAL_GAIN_BREAKPOINTS, year).value
    rows = zip(("single", "mfj", "hoh", "mfs"), zero_rate, fifteen_percent, strict=True)
    assert found == {status: (zero, fifteen) for status, zero, fifteen in rows}
    assert in_force(us.CAPITAL_GAIN_RATES, year).value == (
        Decimal(0),
        Decimal("0.15"),
        Decimal("0.20"),
    )


def test_rates_and_lines_are_those_of_the_code_and_the_forms() -> None:
    """IRC 1256(a)(3), 1212(c)(1)(A), 1411(a)(1), 68(a), (f); Schedule D (2024, 2025), line 16."""
    assert in_force(us.SECTION_1256_SHORT, 2025).value == Decimal("0.4")
    assert us.SECTION_1256_CARRYBACK_YEARS.value == 3
    assert in_force(us.NET_INVESTMENT_INCOME_RATE, 2025).value == Decimal("0.038")
    assert in_force(us.SECTION_68, 2025).value is None
    assert in_force(us.SECTION_68, 2026).value == (Decimal(2), Decimal(37))
    assert [in_force(us.CAPITAL_GAIN_LINE, year).value for year in (2020, 2024, 2025)] == [
        "7",
        "7",
        "7a",
    ]


def test_other_countries_windows_and_shares_are_those_of_their_acts() -> None:
    """ITA 2007 s. 4(3), TCGA 1992 s. 106A(5); ITA (Canada) s. 38(a), 54."""
    assert uk.YEAR_BEGINS.value == (4, 6)
    assert in_force(uk.MATCHING_DAYS, 2018).value == 30
    assert in_force(canada.SUPERFICIAL_DAYS, 2021).value == 30
    assert in_force(canada.INCLUSION, 2024).value == Decimal("0.5")


def test_each_box_stands_on_one_line_of_schedule_d() -> None:
    """Schedule D (2025): 1b A and G, 2 B and H, 3 C and I; 8b D and J, 9 E and K, 10 F and L."""
    lines = {box: line for line, boxes in us.SCHEDULE_D_LINES.items() for box in boxes}
    assert "".join(box for box in lines if box.isalpha()) == "AGBHCIDJEKFL"
    assert [lines[box] for box in "AGBHCIDJEKFL"] == [
        *("1b", "1b", "2", "2", "3", "3"),
        *("8b", "8b", "9", "9", "10", "10"),
    ]
    assert us.SUMMED == {"A": "1a", "G": "1a", "D": "8a", "J": "8a"}
    assert lines["1a"] == "1a"
    assert lines["8a"] == "8a"
