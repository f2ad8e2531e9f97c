"""What one replay gathered for the forms: exact USD by tax year. Filling them is filing.py's."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from attrs import frozen

from domain.price import Chosen
from projections.tax.us.form8949 import BoxTotal

ByYear = Mapping[int, Decimal]


@frozen(kw_only=True)
class Gathered:
    """The totals of every year under one method; all but `boxes` are the same under every one."""

    boxes: Mapping[int, Mapping[str, BoxTotal]]
    """Form 8949 by box."""
    interest_paid: ByYear
    interest_received: ByYear
    schedule_1: Mapping[int, Mapping[str, Decimal]]
    """Ordinary income by line, but for debt forgiven."""
    forgiven: ByYear
    """Debt forgiven that is income unless it is excluded (IRC 108)."""
    contracts: ByYear
    """Realised results of section 1256 contracts."""
    funding_received: ByYear
    funding_paid: ByYear
    behind: Mapping[tuple[int, str], Sequence[int]]
    """Log positions of what a year's figure adds up, such as (2025, `schedule_1:8v`)."""
    priced: Mapping[tuple[int, str], Sequence[Chosen]] = MappingProxyType({})
    """The prices that figures of the year asked for stand on, by the same names."""

    def years(self) -> set[int]:
        """The years in which anything was taxed."""
        return set().union(
            self.boxes,
            self.interest_paid,
            self.interest_received,
            self.schedule_1,
            self.forgiven,
            self.contracts,
            self.funding_paid,
        )
