"""The law as a table: each figure with its years, its source and how well it was checked.

Confidence: `read` = read in the named primary text or form; `known` = from knowledge, to be
re-checked; `policy` = the law is open, a named policy decides (domain/policies.py). No number of
the law stands anywhere else.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Generic, TypeVar

from attrs import frozen

T = TypeVar("T")


@frozen
class Rule(Generic[T]):
    """A figure of the law from tax year `since` on."""

    since: int
    value: T
    source: str
    confidence: str


def in_force(rules: tuple[Rule[T], ...], year: int) -> Rule[T]:
    """The rule that a tax year falls under: the latest that began, the first where none had."""
    begun = [rule for rule in rules if rule.since <= year]
    return begun[-1] if begun else rules[0]


NO_FORM_BOX: tuple[Rule[Mapping[str, str]], ...] = (
    Rule(2011, {"short": "C", "long": "F"}, "Form 8949 (2024), boxes C and F", "read"),
    Rule(
        2025,
        {"short": "I", "long": "L"},
        "Form 8949 (2025), boxes I and L; Instructions for Form 8949 (2025), pp. 3-4:"
        " digital assets are never C or F",
        "read",
    ),
)
"""The box of a disposal for which no broker's form came."""

SCHEDULE_D_LINES: Mapping[str, tuple[str, ...]] = {
    "1b": ("A", "G"),
    "2": ("B", "H"),
    "3": ("C", "I"),
    "8b": ("D", "J"),
    "9": ("E", "K"),
    "10": ("F", "L"),
}
"""Which boxes' totals a line takes. Source: Schedule D (Form 1040) 2025, Parts I and II. Read."""

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

SECTION_1256_SHORT: tuple[Rule[Decimal], ...] = (
    Rule(1981, Decimal("0.40"), "IRC 1256(a)(3)(A); Form 6781 line 8", "known"),
)
"""The share of a section 1256 result that is short-term; the rest is long-term."""

SECTION_1256_CARRYBACK_YEARS = 3
"""Years before the loss year that a section 1256 loss may go back to. Source: IRC 1212(c)(1)(A).
Read."""

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

COSTS = "Treas. Reg. 1.1012-1(h)(2), 1.1001-7(b) (from 2025-01-01)"
IDENTIFICATION = "Treas. Reg. 1.1012-1(j)(1)-(3) (from 2025-01-01); Notices 2025-7 and 2026-20"
WITHHELD = "Treas. Reg. 1.1012-1(j)(3)(iii)"
HOLDING = "IRC 1222(1)-(4); Rev. Rul. 66-7; Rev. Rul. 70-598"
SHORT_SALE = "Treas. Reg. 1.1233-1(a)(1) by analogy; Pub. 550 (2025) p. 85; policy short_sale"
LIQUIDATION = "IRC 1001; Pub. 544 (2025) p. 8"
INTEREST = "IRC 163(d); Form 4952; Pub. 550 (2025) pp. 46-48"
INCOME = "Rev. Rul. 2019-24; Rev. Rul. 2023-14"
CARRYOVER = (
    "IRC 1212(b); Capital Loss Carryover Worksheet, Instructions for Schedule D (2025) p. 10"
)
ROUNDING = "Instructions for Form 8949 (2025) p. 3, Rounding off"
"""Paragraphs that `explain` cites."""
