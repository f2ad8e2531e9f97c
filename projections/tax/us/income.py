"""Ordinary income and section 1256 results, year by year.

Units received as income are worth what they were at the date and time of dominion and control
(Rev. Rul. 2023-14, Rev. Rul. 2019-24): Schedule 1 line 8v for digital assets. Interest received is
investment income (Form 4952 line 4a). Debt forgiven is line 8c (IRC 61(a)(11)), but where it is
part of what a liquidation brought (projections/forgiven.py).
"""

from decimal import Decimal

from domain.calendar import Calendar
from domain.events import EVENTS, ContractSettled, DebtForgiven, Event, IncomeReceived
from domain.money import CASH, ZERO, plain
from domain.recorded import Recorded
from projections.findings import Findings
from projections.forgiven import Forgiven
from projections.prices import Prices
from projections.replay import Steps
from projections.worth import Worth


class Income:
    """The fold: exact USD by year and line; `interest` feeds Form 4952, `contracts` Form 6781."""

    def __init__(
        self, calendar: Calendar, prices: Prices, findings: Findings, forgiven: Forgiven
    ) -> None:
        self.lines: dict[int, dict[str, Decimal]] = {}
        self.interest: dict[int, Decimal] = {}
        self.contracts: dict[int, Decimal] = {}
        self._calendar = calendar
        self._findings = findings
        self._forgiven_debts = forgiven
        self._worth = Worth(prices, findings)
        self.steps: Steps = {
            IncomeReceived: self._income,
            DebtForgiven: self._forgiven,
            ContractSettled: self._contract,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(EVENTS) - self.steps.keys()

    def _income(self, recorded: Recorded, event: IncomeReceived) -> None:
        value = event.value
        if value is None:
            value = self._usd(recorded, event.asset, event.quantity)
        year = self._year(recorded)
        if event.kind == "interest":
            self.interest[year] = self.interest.get(year, ZERO) + value
        else:
            self._add(year, "8z" if event.asset in CASH else "8v", value)

    def _forgiven(self, recorded: Recorded, event: DebtForgiven) -> None:
        name = (recorded.account, event.id)
        if name in self._forgiven_debts.realised:  # amount realised, no income
            return
        if name in self._forgiven_debts.unplaced:
            self._findings.add(
                "forgiven_without_liquidation",
                recorded,
                f"{plain(event.quantity)} {event.asset} written off without recourse, and no"
                " liquidation of this account before it whose proceeds it could raise",
                asset=event.asset,
                hint="it counts as income (Schedule 1 line 8c): is the liquidation missing?",
                severity="warning",
            )
        self._add(self._year(recorded), "8c", self._usd(recorded, event.asset, event.quantity))

    def _contract(self, recorded: Recorded, event: ContractSettled) -> None:
        if event.section_1256:
            year = self._year(recorded)
            worth = self._usd(recorded, event.asset, event.amount - event.fee)
            self.contracts[year] = self.contracts.get(year, ZERO) + worth

    def _add(self, year: int, line: str, worth: Decimal) -> None:
        lines = self.lines.setdefault(year, {})
        lines[line] = lines.get(line, ZERO) + worth

    def _year(self, recorded: Recorded) -> int:
        return self._calendar.day(recorded.event.at).year

    def _usd(self, recorded: Recorded, asset: str, quantity: Decimal) -> Decimal:
        """The worth, as far as it is known: where it is not, that is found."""
        return self._worth.usd(recorded, asset, quantity) or ZERO
