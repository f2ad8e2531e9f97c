"""Ordinary income, debt forgiven, funding and section 1256 results, year by year.

Units received as income are worth what they were at the date and time of dominion and control
(Rev. Rul. 2023-14, Rev. Rul. 2019-24): Schedule 1 line 8v for digital assets. Interest received is
investment income (Form 4952 line 4a). A rebate of trading fees is a price adjustment and no income,
unless policy `rebate` says so. Debt forgiven is income (IRC 61(a)(11)), but where it is part of
what a liquidation brought (projections/forgiven.py).
"""

from decimal import Decimal
from typing import TypeVar

from domain.calendar import Calendar
from domain.events import (
    EVENTS,
    ContractSettled,
    DebtForgiven,
    Event,
    FundingSettled,
    IncomeReceived,
)
from domain.money import CASH, ZERO, plain
from domain.price import Chosen
from domain.recorded import Recorded
from projections.decisions import Decisions
from projections.findings import Findings
from projections.prices import Prices
from projections.replay import Steps
from projections.worth import Worth

ByYear = dict[int, Decimal]

Named = TypeVar("Named", int, str)


class Income:
    """The fold: exact USD by year.

    `lines` are Schedule 1's by name; `interest` feeds Form 4952, `contracts` Form 6781; `forgiven`
    is income unless it is excluded; `funding_received` and `funding_paid` (both above zero) are
    empty where policy `funding` leaves funding in the capital result.
    """

    def __init__(
        self,
        decisions: Decisions,
        calendar: Calendar,
        prices: Prices,
        findings: Findings,
        year: int | None = None,
    ) -> None:
        """`year`: of which the prices chosen are kept."""
        self.lines: dict[int, dict[str, Decimal]] = {}
        self.interest: ByYear = {}
        self.contracts: ByYear = {}
        self.forgiven: ByYear = {}
        self.funding_received: ByYear = {}
        self.funding_paid: ByYear = {}
        self.behind: dict[tuple[int, str], list[int]] = {}
        """Log positions of what each year's figure adds up, such as (2025, `schedule_1:8v`)."""
        self.priced: dict[tuple[int, str], list[Chosen]] = {}
        """The prices that figures of the one year stand on, as `behind` names them."""
        self._kept = year
        policies = decisions.policies
        self._funding_apart = policies["funding"] == "split"
        self._rebate_is_income = policies["rebate"] == "income"
        self._calendar = calendar
        self._findings = findings
        self._decisions = decisions
        self._written_off = decisions.forgiven
        self._worth = Worth(prices, findings)
        self.steps: Steps = {
            IncomeReceived: self._income,
            DebtForgiven: self._forgiven,
            FundingSettled: self._funding,
            ContractSettled: self._contract,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def _income(self, recorded: Recorded, event: IncomeReceived) -> None:
        if event.kind == "rebate" and not self._rebate_is_income:
            return
        value = self._decisions.value(recorded, event)
        if value is None:
            value = self._usd(recorded, event.asset, event.quantity)
        year = self._year(recorded)
        if event.kind == "interest":
            _add(self.interest, year, value)
            self._note(recorded, "schedule_b:1")
        else:
            self._line(recorded, "8z" if event.asset in CASH else "8v", value)

    def _forgiven(self, recorded: Recorded, event: DebtForgiven) -> None:
        name = (recorded.account, event.id)
        if name in self._written_off.realised:  # amount realised, no income
            return
        if name in self._written_off.unplaced:
            self._findings.add(
                "forgiven_without_liquidation",
                recorded,
                f"{plain(event.quantity)} {event.asset} written off without recourse, and no"
                " liquidation of this account before it whose proceeds it could raise",
                asset=event.asset,
                hint="it counts as income (Schedule 1 line 8c): is the liquidation missing?",
                severity="warning",
            )
        worth = self._usd(recorded, event.asset, event.quantity)
        _add(self.forgiven, self._year(recorded), worth)
        self._note(recorded, "schedule_1:8c")

    def _funding(self, recorded: Recorded, event: FundingSettled) -> None:
        if not self._funding_apart or not event.amount:
            return
        worth, year = self._usd(recorded, event.asset, event.amount), self._year(recorded)
        if worth > 0:
            _add(self.funding_received, year, worth)
            self._line(recorded, "8z", worth)
        else:
            _add(self.funding_paid, year, -worth)

    def _contract(self, recorded: Recorded, event: ContractSettled) -> None:
        if event.section_1256:
            worth = self._usd(recorded, event.asset, event.amount - event.fee)
            _add(self.contracts, self._year(recorded), worth)
            self._note(recorded, "form_6781:1")

    def _line(self, recorded: Recorded, line: str, worth: Decimal) -> None:
        _add(self.lines.setdefault(self._year(recorded), {}), line, worth)
        self._note(recorded, f"schedule_1:{line}")

    def _note(self, recorded: Recorded, figure: str) -> None:
        name = (self._year(recorded), figure)
        self.behind.setdefault(name, []).append(recorded.position)
        if name[0] == self._kept:
            self.priced.setdefault(name, []).extend(self._worth.chosen(recorded))

    def _year(self, recorded: Recorded) -> int:
        return self._calendar.day(recorded.event.at).year

    def _usd(self, recorded: Recorded, asset: str, quantity: Decimal) -> Decimal:
        """The worth, as far as it is known: where it is not, that is found."""
        return self._worth.usd(recorded, asset, quantity) or ZERO


def _add(table: dict[Named, Decimal], key: Named, worth: Decimal) -> None:
    table[key] = table.get(key, ZERO) + worth
