"""The law as a table: each figure with its years, its source and how well it was checked.

Confidence: `read` = read in the named primary text or form; `known` = from knowledge, to be
re-checked; `policy` = the law is open, a named policy decides (domain/policies.py). No number of
the law stands anywhere else.
"""

from collections.abc import Mapping
from datetime import date
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


# Identification ----------------------------------------------------------------------------------

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
