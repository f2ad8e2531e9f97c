"""UK law as a table: each figure with its years, its source and how well it was checked.

A rule of year Y holds from 6 April Y on. Confidence as in projections/tax/rule.py.
"""

from decimal import Decimal

from projections.tax.rule import Rule

YEAR_BEGINS = Rule(2007, (4, 6), "ITA 2007 s. 4(3): 6 April", "known")
"""Month and day on which a tax year begins."""

MATCHING_DAYS: tuple[Rule[int], ...] = (
    Rule(1998, 30, "TCGA 1992 s. 106A(5); HMRC Cryptoassets Manual CRYPTO22250", "known"),
)
"""Days after a disposal in which an acquisition is matched with it before the pool is."""

ANNUAL_EXEMPT_AMOUNT: tuple[Rule[Decimal], ...] = tuple(
    Rule(since, Decimal(amount), "TCGA 1992 s. 1K (before 2019: s. 3), as of the year", "known")
    for since, amount in (
        (2008, 9600),
        (2009, 10100),
        (2011, 10600),
        (2013, 10900),
        (2014, 11000),
        (2015, 11100),
        (2017, 11300),
        (2018, 11700),
        (2019, 12000),
        (2020, 12300),
        (2023, 6000),
        (2024, 3000),
    )
)
"""What an individual's net gains of a year are exempt up to, in GBP."""

SAME_DAY = "same day"
LATER_DAYS = "30 days"
POOL = "section 104 pool"
BEYOND = "later acquisition"
NOTHING = "no acquisition"
"""The rules by which units are matched, in their order: TCGA 1992 ss. 105(1)(b), 106A(5), 104 and
106A(9); Cryptoassets Manual CRYPTO22200 ff.; CG51555."""
