"""Canadian law as a table: each figure with its years, its source and how well it was checked."""

from decimal import Decimal

from projections.tax.rule import Rule

INCLUSION: tuple[Rule[Decimal], ...] = (
    Rule(
        2001,
        Decimal("0.5"),
        "ITA s. 38(a); the plan of two thirds (2024) was cancelled in 2025",
        "known",
    ),
)
"""The part of a capital gain that is taxable."""

SUPERFICIAL_DAYS: tuple[Rule[int], ...] = (
    Rule(1972, 30, "ITA s. 54, superficial loss; s. 40(2)(g)(i)", "known"),
)
"""Days before and after a sale at a loss in which a purchase of the same coin denies it."""

AVERAGE = "adjusted cost base"
NOTHING = "no acquisition"
"""ITA s. 47(1): identical properties at their average cost; s. 53(1)(f): the denied loss."""
