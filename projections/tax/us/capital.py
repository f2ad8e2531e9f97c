"""Capital results year after year: Form 6781, Schedule D, and the losses that move between years.

Losses go forward by the Capital Loss Carryover Worksheet (IRC 1212(b)). A section 1256 loss goes
back where that is elected (IRC 1212(c)): earlier returns are amended by their owner, here they only
remember what they took. It leaves no loss to carry in them, so what they carried stays right. Where
the election was made, what is carried forward of these losses is a section 1256 loss of next year.
"""

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from domain.money import ZERO, cents
from projections.tax.us.facts import Facts
from projections.tax.us.form6781 import Form6781, absorbed, carryback_limit, form_6781
from projections.tax.us.gathered import Gathered
from projections.tax.us.schedule_d import Carryover, ScheduleD, schedule_d


@frozen(kw_only=True)
class CapitalYear:
    """One year's forms, and what it leaves: losses carried are zero or negative."""

    contracts: Form6781
    schedule: ScheduleD
    carryover: Carryover
    section_1256: Decimal
    goes_back: Mapping[int, Decimal]
    """What earlier years absorb of this year's section 1256 loss."""


class CapitalYears:
    """The chain. `years` are in order; `taken` is what later losses take from each year's gain."""

    def __init__(self, facts: Mapping[int, Facts], gathered: Gathered) -> None:
        self.years: dict[int, CapitalYear] = {}
        self.taken: dict[int, Decimal] = {}
        self._facts = facts
        self._gathered = gathered
        self._first = min(facts)
        last = CapitalYear(
            contracts=Form6781(lines={}),
            schedule=ScheduleD(lines={}, short=ZERO, long=ZERO, limited=ZERO, carryover=_NONE),
            carryover=_NONE,
            section_1256=ZERO,
            goes_back={},
        )
        for year in sorted(facts):
            last = self.years[year] = self._filled(year, last)

    def _filled(self, year: int, last: CapitalYear) -> CapitalYear:
        facts, first, before = self._facts[year], self._first, last.carryover
        carried = Carryover(
            short_term=facts.carried("short_term_carryover", before.short_term, first),
            long_term=facts.carried("long_term_carryover", before.long_term, first),
        )
        if _marked(self._facts.get(year - 1)) and facts.money("section_1256_unrealized") is None:
            facts.find(
                "tax_fact_missing",
                "section_1256_unrealized is not stated, though contracts were open a year before",
                "state the unrealised result at the end of the year, 0 if all were closed;"
                " until then it counts as zero",
                "warning",
            )
        income = facts.money("taxable_income")
        contracts = self._contracts(year, last.section_1256)
        schedule = self._schedule(year, contracts, carried, income)
        asked = facts.amount("section_1256_carryback")
        if asked:
            elected = self._contracts(year, last.section_1256, asked)
            with_it = self._schedule(year, elected, carried, income)
            spared = None if income is None else income - with_it.limited + schedule.limited
            without = self._schedule(year, contracts, carried, spared).carryover
            loss = -without.short_term - without.long_term
            limit = carryback_limit(year, contracts.net, loss, facts.filing_status())
            if asked <= limit:
                return self._carried_back(year, elected, with_it)
            self._refuse(facts, asked, limit)
        return CapitalYear(
            contracts=contracts,
            schedule=schedule,
            carryover=schedule.carryover,
            section_1256=ZERO,
            goes_back={},
        )

    def _contracts(self, year: int, carried: Decimal, back: Decimal = ZERO) -> Form6781:
        before = self._facts.get(year - 1)
        return form_6781(
            year,
            realised=self._gathered.contracts.get(year, ZERO),
            marked_before=_marked(before),
            marked=_marked(self._facts[year]),
            carried=carried,
            carried_back=back,
        )

    def _schedule(
        self, year: int, contracts: Form6781, carried: Carryover, income: Decimal | None
    ) -> ScheduleD:
        return schedule_d(
            year,
            self._gathered.boxes.get(year, {}),
            contracts_short=contracts.short,
            contracts_long=contracts.long,
            carried=carried,
            filing_status=self._facts[year].filing_status(),
            taxable_income=income,
        )

    def _carried_back(self, year: int, contracts: Form6781, schedule: ScheduleD) -> CapitalYear:
        """The loss goes to the gains of earlier years; what they do not absorb goes forward."""
        back = absorbed(year, contracts.carried_back, self._gains())
        for earlier, part in back.items():
            self.taken[earlier] = self.taken.get(earlier, ZERO) + part
        stays = contracts.carried_back - sum(back.values(), ZERO)
        forward = schedule.carryover
        short = max(forward.short_term, min(contracts.short, ZERO))
        long = max(forward.long_term, min(contracts.long, ZERO))
        if stays:
            self._facts[year].find(
                "carryback_unabsorbed",
                f"{stays} of the section 1256 loss carried back meets no section 1256 gain of the"
                " three years before in this book",
                "it is carried forward as such a loss; if earlier returns had such gains, record"
                " their contract_settled events",
                "warning",
            )
        return CapitalYear(
            contracts=contracts,
            schedule=schedule,
            carryover=Carryover(
                short_term=forward.short_term - short, long_term=forward.long_term - long
            ),
            section_1256=short + long - stays,
            goes_back=back,
        )

    def _gains(self) -> dict[int, Decimal]:
        """Net section 1256 contract gains left by year (IRC 1212(c)(5))."""
        return {
            year: min(done.contracts.net, cents(done.schedule.short + done.schedule.long))
            - self.taken.get(year, ZERO)
            for year, done in self.years.items()
        }

    def _refuse(self, facts: Facts, asked: Decimal, limit: Decimal) -> None:
        facts.find(
            "carryback_above_limit",
            f"section_1256_carryback {asked} is above {limit}, the net section 1256 contracts loss",
            "no election counts until it is stated again, within the limit (IRC 1212(c)(4))",
            "error",
        )


_NONE = Carryover()


def _marked(facts: Facts | None) -> Decimal:
    """The unrealised result at the end of a year."""
    return ZERO if facts is None else facts.money("section_1256_unrealized") or ZERO
