"""The law as a table: each figure with the year it began, its source, and how well it was checked.

Confidence: `read` = read in the named primary text or form; `known` = from knowledge, to be
re-checked; `policy` = the law is open, a named policy decides (domain/policies.py). No number of
US law stands anywhere else.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from projections.tax.rule import Rule as Rule
from projections.tax.rule import in_force as in_force

# Identification of lots ---------------------------------------------------------------------------

PER_ACCOUNT = Rule(
    2025,
    date(2025, 1, 1),
    "Treas. Reg. 1.1012-1(j)(1)-(3), (6); T.D. 10000, 89 FR 56527-28",
    "read",
)
"""From this day on lots are identified account by account; before, universally too."""

TOLD_ALONE = Rule(
    2027,
    date(2027, 1, 1),
    "Treas. Reg. 1.1012-1(j)(3)(ii); Notice 2026-20, 3.03 and 4.02: relief ends 2026-12-31",
    "read",
)
"""From this day on only what the broker was told identifies units in its custody."""

TRANSITION_RULE = Rule(
    2025,
    date(2025, 1, 1),
    "Rev. Proc. 2024-28, 5.02(5)(a): a global rule is described before this day",
    "read",
)

TRANSITION_RETURN = Rule(
    2025,
    (date(2026, 4, 15), date(2026, 10, 15)),
    "Rev. Proc. 2024-28, 5.02(4)(b)(i); IRC 6072(a), 6081; Treas. Reg. 1.6081-4",
    "known",
)
"""The due date of the 2025 return, and with the extension of six months."""

IDENTIFICATION = Rule(
    2025,
    "picked no later than the sale, or ordered before it; else first in first out",
    "Treas. Reg. 1.1012-1(j)(1)-(3) (from 2025-01-01); Notices 2025-7 and 2026-20",
    "read",
)
WITHHELD = Rule(
    2025,
    "units withheld for costs come from the units just received",
    "Treas. Reg. 1.1012-1(j)(3)(iii)",
    "read",
)

CURRENCY = Rule(2013, "USD", "IRC 6011; Notice 2014-21, A-5: values in U.S. dollars", "read")

# Amounts ------------------------------------------------------------------------------------------

COSTS = Rule(
    2025,
    "costs of a purchase add to basis, costs of a sale or swap cut the amount realized",
    "Treas. Reg. 1.1012-1(h)(2), 1.1001-7(b) (from 2025-01-01)",
    "read",
)
LIQUIDATION = Rule(2013, "a forced sale is a sale", "IRC 1001; Pub. 544 (2025) p. 8", "read")
SHORT_SALE = Rule(
    2013,
    "a short is taxed when it is closed by delivery, with the date of what was delivered",
    "Treas. Reg. 1.1233-1(a)(1) by analogy; Pub. 550 (2025) p. 85; policy short_sale",
    "policy",
)
WASH_SALE = Rule(
    2013,
    30,
    "IRC 1091(a), (d), 1223(3); Pub. 550 (2025) pp. 86-87; of coins by policy wash_sale on",
    "read",
)
"""So many days before and after a sale at a loss a purchase of the same disallows the loss."""

STOCK_LIKE = Rule(
    2013,
    "identical property decides a short's term and its own time, up to the units sold short",
    "Pub. 550 (2025) pp. 85-86; IRC 1233(b), (d), (e); of coins by policy short_sale stock_like",
    "policy",
)
INCOME = Rule(
    2013,
    "units received are income at their value when they could first be disposed of",
    "Rev. Rul. 2019-24; Rev. Rul. 2023-14",
    "read",
)
INTEREST = Rule(
    2013,
    "margin interest is deductible when paid, up to net investment income",
    "IRC 163(d); Form 4952; Pub. 550 (2025) pp. 46-48",
    "read",
)

HOLDING = Rule(
    2013,
    "long-term: held more than one year, the day of acquisition left out",
    "IRC 1222(1)-(4); Rev. Rul. 66-7; Rev. Rul. 70-598",
    "read",
)

# Form 8949 and Schedule D -------------------------------------------------------------------------

DIGITAL_ASSET_FORM = Rule(
    2025, "1099-DA", "Treas. Reg. 1.6045-1(d)(2)(i); Form 1099-DA (2025)", "read"
)

COVERED_SINCE = Rule(
    2026, date(2026, 1, 1), "Treas. Reg. 1.6045-1(a)(15)(i)(J), (d)(2)(i)(D)", "read"
)
"""Units acquired from this day on in a broker's custody are covered: it reports their basis."""

_NO_FORM = "Form 8949 (2025), boxes; Instructions for Form 8949 (2025), pp. 3-4"

BOXES: Mapping[tuple[str, bool], tuple[Rule[Mapping[str, str]], ...]] = {
    # the form that came, and whether it reported the basis
    ("", False): (
        Rule(2011, {"short": "C", "long": "F"}, "Form 8949 (2024), boxes C and F", "read"),
        Rule(2025, {"short": "I", "long": "L"}, f"{_NO_FORM}: never C or F", "read"),
    ),
    ("1099-B", True): (Rule(2011, {"short": "A", "long": "D"}, _NO_FORM, "read"),),
    ("1099-B", False): (Rule(2011, {"short": "B", "long": "E"}, _NO_FORM, "read"),),
    ("1099-DA", True): (Rule(2025, {"short": "G", "long": "J"}, _NO_FORM, "read"),),
    ("1099-DA", False): (Rule(2025, {"short": "H", "long": "K"}, _NO_FORM, "read"),),
}
"""The box of a disposal, by term."""

SUMMED: Mapping[str, str] = {"A": "1a", "G": "1a", "D": "8a", "J": "8a"}
"""Boxes whose rows may be summed on Schedule D alone where nothing is to be corrected.

Source: Instructions for Form 8949 (2025) p. 4, Exception 1; Schedule D (2025), 1a and 8a. Read.
"""

SCHEDULE_D_LINES: Mapping[str, tuple[str, ...]] = {
    "1a": ("1a",),
    "1b": ("A", "G"),
    "2": ("B", "H"),
    "3": ("C", "I"),
    "8a": ("8a",),
    "8b": ("D", "J"),
    "9": ("E", "K"),
    "10": ("F", "L"),
}
"""Which boxes' totals a line takes. Source: Schedule D (Form 1040) 2025, Parts I and II. Read."""

SHORT_LINES, LONG_LINES = ("1a", "1b", "2", "3"), ("8a", "8b", "9", "10")
"""The lines of Parts I and II that add up rows."""

CAPITAL_LOSS_LIMIT: tuple[Rule[Mapping[str, Decimal]], ...] = (
    Rule(
        1978,
        {
            "single": Decimal(3000),
            "mfj": Decimal(3000),
            "hoh": Decimal(3000),
            "mfs": Decimal(1500),
        },
        "IRC 1211(b)(1); Schedule D line 21",
        "read",
    ),
)
"""The part of a net capital loss that other income bears in a year, by filing status."""

CARRYOVER = Rule(
    1978,
    "short-term losses are used first; character is kept",
    "IRC 1212(b); Capital Loss Carryover Worksheet, Instructions for Schedule D (2025) p. 10",
    "read",
)
ROUNDING = Rule(
    2011,
    "cents are added before a total is rounded to dollars",
    "Instructions for Form 8949 (2025) p. 3, Rounding off",
    "read",
)

# Section 1256 -------------------------------------------------------------------------------------

SECTION_1256_SHORT: tuple[Rule[Decimal], ...] = (
    Rule(1981, Decimal("0.40"), "IRC 1256(a)(3)(A); Form 6781 line 8", "known"),
)
"""The share of a section 1256 result that is short-term; the rest is long-term."""

SECTION_1256_CARRYBACK_YEARS = Rule(1981, 3, "IRC 1212(c)(1)(A)", "read")
"""Years before the loss year that a section 1256 loss may go back to."""

NET_INVESTMENT_INCOME_RATE: tuple[Rule[Decimal], ...] = (
    Rule(2013, Decimal("0.038"), "IRC 1411(a)(1); Form 8960 (2025) line 17", "read"),
)
"""The tax on net investment income."""

NET_INVESTMENT_INCOME_THRESHOLD: tuple[Rule[Mapping[str, Decimal]], ...] = (
    Rule(
        2013,
        {
            "single": Decimal(200_000),
            "mfj": Decimal(250_000),
            "hoh": Decimal(200_000),
            "mfs": Decimal(125_000),
        },
        "IRC 1411(b); Form 8960 line 14",
        "read",
    ),
)
"""Modified adjusted gross income above which it is due, by filing status."""

CAPITAL_GAIN_LINE: tuple[Rule[str], ...] = (
    Rule(2020, "7", "Form 1040 (2020-2024), line 7", "known"),
    Rule(2025, "7a", "Schedule D (2025), lines 16 and 21: Form 1040, line 7a", "read"),
)
"""The line of Form 1040 that takes line 16 or 21 of Schedule D."""

# Itemised deductions ------------------------------------------------------------------------------

SECTION_68: tuple[Rule[tuple[Decimal, Decimal] | None], ...] = (
    Rule(2018, None, "IRC 68(f) (2018-2025): no limit", "known"),
    Rule(2026, (Decimal(2), Decimal(37)), "IRC 68(a) as amended by P.L. 119-21", "known"),
)
"""The part of itemised deductions that is lost, at most."""

# Rates of income tax ------------------------------------------------------------------------------


def _by_status(**figures: str) -> Mapping[str, tuple[Decimal, ...]]:
    """USD by filing status, as the tables print them: `single="11,925 48,475"`."""
    return {
        status: tuple(Decimal(figure.replace(",", "")) for figure in row.split())
        for status, row in figures.items()
    }


INCOME_RATES: tuple[Rule[tuple[Decimal, ...]], ...] = (
    Rule(
        2018,
        tuple(map(Decimal, ("0.10", "0.12", "0.22", "0.24", "0.32", "0.35", "0.37"))),
        "IRC 1(j)(2); for good by P.L. 119-21, sec. 70101",
        "known",
    ),
)
"""The rates of ordinary income, the lowest bracket first."""

INCOME_BRACKETS: tuple[Rule[Mapping[str, tuple[Decimal, ...]]], ...] = (
    Rule(
        2023,
        _by_status(
            single="11,000 44,725  95,375 182,100 231,250 578,125",
            mfj="   22,000 89,450 190,750 364,200 462,500 693,750",
            hoh="   15,700 59,850  95,350 182,100 231,250 578,100",
            mfs="   11,000 44,725  95,375 182,100 231,250 346,875",
        ),
        "Rev. Proc. 2022-38, 3.01; IRC 1(j)(2)",
        "known",
    ),
    Rule(
        2024,
        _by_status(
            single="11,600 47,150 100,525 191,950 243,725 609,350",
            mfj="   23,200 94,300 201,050 383,900 487,450 731,200",
            hoh="   16,550 63,100 100,500 191,950 243,700 609,350",
            mfs="   11,600 47,150 100,525 191,950 243,725 365,600",
        ),
        "Rev. Proc. 2023-34, 3.01; IRC 1(j)(2)",
        "known",
    ),
    Rule(
        2025,
        _by_status(
            single="11,925 48,475 103,350 197,300 250,525 626,350",
            mfj="   23,850 96,950 206,700 394,600 501,050 751,600",
            hoh="   17,000 64,850 103,350 197,300 250,500 626,350",
            mfs="   11,925 48,475 103,350 197,300 250,525 375,800",
        ),
        "Rev. Proc. 2024-40, 2.01; IRC 1(j)(2)",
        "known",
    ),
    Rule(
        2026,
        _by_status(
            single="12,400  50,400 105,700 201,775 256,225 640,600",
            mfj="   24,800 100,800 211,400 403,550 512,450 768,700",
            hoh="   17,700  67,450 105,700 201,750 256,200 640,600",
            mfs="   12,400  50,400 105,700 201,775 256,225 384,350",
        ),
        "Rev. Proc. 2025-32, 4.01, Tables 1-4; IRC 1(j)(2)",
        "known",
    ),
)
"""Taxable income from which each rate but the lowest counts, by filing status: indexed each year.

The last of each is where the 37 % bracket begins, which section 68 asks for. Those of 2023 to 2025
were checked against the tax that OpenTaxSolver figures, those of 2026 against a copy of the text,
all against the tax that is printed beside them. Later years: state them here.
"""

CAPITAL_GAIN_RATES: tuple[Rule[tuple[Decimal, ...]], ...] = (
    Rule(
        2013,
        (Decimal(0), Decimal("0.15"), Decimal("0.20")),
        "IRC 1(h)(1)(B)-(D): net capital gain but for collectibles, IRC 1202 and 1250 gain",
        "known",
    ),
)
"""The rates of net capital gain and qualified dividends, the lowest first."""

CAPITAL_GAIN_BREAKPOINTS: tuple[Rule[Mapping[str, tuple[Decimal, ...]]], ...] = (
    Rule(
        2023,
        _by_status(
            single="44,625 492,300",
            mfj="   89,250 553,850",
            hoh="   59,750 523,050",
            mfs="   44,625 276,900",
        ),
        "Rev. Proc. 2022-38, 3.03; IRC 1(j)(5)(B)",
        "known",
    ),
    Rule(
        2024,
        _by_status(
            single="47,025 518,900",
            mfj="   94,050 583,750",
            hoh="   63,000 551,350",
            mfs="   47,025 291,850",
        ),
        "Rev. Proc. 2023-34, 3.03; IRC 1(j)(5)(B)",
        "known",
    ),
    Rule(
        2025,
        _by_status(
            single="48,350 533,400",
            mfj="   96,700 600,050",
            hoh="   64,750 566,700",
            mfs="   48,350 300,000",
        ),
        "Rev. Proc. 2024-40, 2.03; IRC 1(j)(5)(B)",
        "known",
    ),
    Rule(
        2026,
        _by_status(
            single="49,450 545,500",
            mfj="   98,900 613,700",
            hoh="   66,200 579,600",
            mfs="   49,450 306,850",
        ),
        "Rev. Proc. 2025-32, 4.03; IRC 1(j)(5)(B)",
        "known",
    ),
)
"""Taxable income from which 15 % and 20 % count, by filing status: indexed each year."""
