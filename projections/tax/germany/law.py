"""German law as a table: each figure with its years, its source and how well it was checked."""

from decimal import Decimal

from projections.tax.rule import Rule

EXEMPTION_LIMIT: tuple[Rule[Decimal], ...] = (
    Rule(2009, Decimal(600), "EStG sec. 23(3) sentence 5, to 2023", "known"),
    Rule(2024, Decimal(1000), "EStG sec. 23(3) sentence 5, Wachstumschancengesetz 2024", "known"),
)
"""Gains of a year below this are free, at it and above all are taxable (Freigrenze), in EUR."""

PRIVATE_SALE = "private sale"
HELD_OVER_A_YEAR = "held over a year"
SHORT_SALE = "sold before acquired"
CAPITAL_INCOME = "capital income"
COSTS_GIVEN_BACK = "costs given back"
"""EStG sec. 23(1) sentence 1 no. 2 (private sales, within one year), no. 3 (sold before they were
acquired); sec. 20(2) sentence 1 no. 3 (results of contracts are income from capital).
Costs given back belong to the income that they lowered, sec. 23(3) sentence 1 (a policy: no text
says so of rebates of trading fees)."""
