"""What contradicts itself in margin terms, said in words.

A contradiction (`error`) leaves no level that could be figured: a call beyond the liquidation, an
initial margin below the maintenance margin. A `warning` is a level that is reached the moment the
most is borrowed: possible, and worth knowing before it happens.

The one trick: every comparison is multiplied out, so nothing is divided and nothing rounds.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from attrs import frozen

from domain.errors import Refused
from domain.events import MarginTermsSet
from domain.money import ONE, ZERO, plain, product
from domain.parts import Tier
from domain.terms import MAINTENANCE, MODELS, OF_DEBT, OF_EQUITY

RISING = frozenset(name for name, model in MODELS.items() if model.scale == OF_EQUITY)
"""Models whose level, maintenance margin / equity, rises on the way to a liquidation.

The level of all others falls: the call comes first, and is the higher one.
"""

_ASSETS_TO_DEBT = frozenset(name for name, model in MODELS.items() if model.scale == OF_DEBT)
_EQUITY_TO_MAINTENANCE = frozenset(
    name
    for name, model in MODELS.items()
    if name not in RISING and (model.need == MAINTENANCE or model.asks_rate)
)


@frozen(kw_only=True)
class TermsFault:
    """One fault of margin terms. `severity` is `error` (a contradiction) or `warning`."""

    problem: str
    hint: str
    severity: str = "error"


def faults(event: MarginTermsSet) -> tuple[TermsFault, ...]:
    """Everything that contradicts itself in these terms, and what is reached at once."""
    return (
        *_levels(event),
        *_rates(event),
        *_tiers(event),
        *_at_entry(event),
    )


def refuse(event: MarginTermsSet) -> None:
    """Raise `Refused` for terms of our own that contradict themselves."""
    against = [fault for fault in faults(event) if fault.severity == "error"]
    if against:
        raise Refused("; ".join(f"{fault.problem}. {fault.hint}" for fault in against))


# Levels -------------------------------------------------------------------------------------------


def _levels(event: MarginTermsSet) -> Iterator[TermsFault]:
    yield from _pair(event.model, event.call, event.liquidation, "")


def _pair(
    model: str, call: Decimal | None, liquidation: Decimal | None, where: str
) -> Iterator[TermsFault]:
    """The call and the liquidation level of the terms, or of one tier."""
    if model in _ASSETS_TO_DEBT:
        for name, level in (("call", call), ("liquidation", liquidation)):
            if level is not None and level <= 1:
                yield TermsFault(
                    problem=f"{where}{name} {plain(level)} is not above 1: by then the assets do"
                    " not cover the debt",
                    hint="levels of Binance are assets / debt, such as 1.1: divide percents by 100",
                )
    if call is None or liquidation is None:
        return
    if model in RISING and call > liquidation:
        yield TermsFault(
            problem=f"{where}call {plain(call)} lies beyond liquidation {plain(liquidation)}:"
            " the account would be liquidated before it is called",
            hint=f"the level of {model} is maintenance margin / equity and rises: the call is the"
            " lower one",
        )
    if model not in RISING and call < liquidation:
        yield TermsFault(
            problem=f"{where}call {plain(call)} lies below liquidation {plain(liquidation)}:"
            " the account would be liquidated before it is called",
            hint=f"the level of {model} falls: the call is the higher one. Were they exchanged?",
        )


# Rates --------------------------------------------------------------------------------------------


def _rates(event: MarginTermsSet) -> Iterator[TermsFault]:
    initial, maintenance, leverage = event.initial_rate, event.maintenance_rate, event.leverage
    yield from _leverage(leverage, "")
    yield from _maintenance(maintenance, "")
    for name in ("taker_fee_rate", "maker_fee_rate", "liquidation_fee_rate"):
        rate = getattr(event, name)
        if rate is not None and rate >= 1:
            yield TermsFault(
                problem=f"{name} {plain(rate)} is not below 1",
                hint="it is a part of what is traded: 0.0026 for 0.26 %",
            )
    if initial is not None and maintenance is not None and initial < maintenance:
        yield TermsFault(
            problem=f"initial_rate {plain(initial)} is below maintenance_rate"
            f" {plain(maintenance)}: what may be opened would be liquidated at once",
            hint="were they exchanged?",
        )
    if initial is not None and leverage is not None and product(initial, leverage) > 1:
        yield TermsFault(
            problem=f"leverage {plain(leverage)} x initial_rate {plain(initial)} is above 1:"
            " the initial margin does not allow so much",
            hint="initial_rate is at most 1 / leverage: 0.2 at 5x",
        )


def _leverage(leverage: Decimal | None, where: str) -> Iterator[TermsFault]:
    if leverage is not None and leverage < 1:
        yield TermsFault(
            problem=f"{where}leverage {plain(leverage)} is below 1",
            hint="leverage is position / own margin, such as 5",
        )


def _maintenance(rate: Decimal | None, where: str) -> Iterator[TermsFault]:
    if rate is not None and rate >= 1:
        yield TermsFault(
            problem=f"{where}maintenance_rate {plain(rate)} is not below 1",
            hint="it is a part of the position's value: 0.15 for 15 %",
        )


# Tiers --------------------------------------------------------------------------------------------


def _tiers(event: MarginTermsSet) -> Iterator[TermsFault]:
    for number, tier in enumerate(event.tiers, start=1):
        where = f"tier {number}: "
        yield from _leverage(tier.leverage, where)
        yield from _maintenance(tier.maintenance_rate, where)
        if tier.call is not None or tier.liquidation is not None:
            call, liquidation = tier.call or event.call, tier.liquidation or event.liquidation
            yield from _pair(event.model, call, liquidation, where)
    for number, (tier, after) in enumerate(pairwise(event.tiers), start=2):
        yield from _in_order(number, tier, after)
    yield from _falling(event.tiers)
    yield from _dropping(event)


def _in_order(number: int, tier: Tier, after: Tier) -> Iterator[TermsFault]:
    if after.from_ == tier.from_:
        problem = f"tiers {number - 1} and {number} both begin at {plain(after.from_)}"
        yield TermsFault(problem=problem, hint="which of them counts? Leave one out")
    elif after.from_ < tier.from_:
        problem = (
            f"tier {number} begins at {plain(after.from_)}, before tier {number - 1}"
            f" at {plain(tier.from_)}"
        )
        yield TermsFault(problem=problem, hint="list the tiers by size, the smallest first")


def _falling(tiers: tuple[Tier, ...]) -> Iterator[TermsFault]:
    """Larger positions never need a lower rate: the rates of those tiers that have one."""
    rated = [(n, rate) for n, t in enumerate(tiers, 1) if (rate := t.maintenance_rate) is not None]
    for (_, rate), (number, after) in pairwise(rated):
        if after < rate:
            yield TermsFault(
                problem=f"tier {number}: maintenance_rate falls from {plain(rate)} to"
                f" {plain(after)} for larger positions",
                hint="the rates of tiers rise with their size: is a row out of place?",
            )


def _dropping(event: MarginTermsSet) -> Iterator[TermsFault]:
    """A larger position never needs less margin: deductions may not take more than rates add."""
    before = event.maintenance_rate or ZERO, ZERO
    for number, tier in enumerate(event.tiers, 1):
        rate = event.maintenance_rate if tier.maintenance_rate is None else tier.maintenance_rate
        if rate is None:
            continue
        here = rate, tier.deduction or ZERO
        below, from_here = (product(tier.from_, r) - d for r, d in (before, here))
        fallen = here[0] < before[0]  # that is a fault of its own
        if (from_here < below or from_here < 0) and not fallen:
            yield TermsFault(
                problem=f"tier {number}: with its deduction {plain(here[1])} the margin falls from"
                f" {plain(below)} to {plain(from_here)} where it begins, at {plain(tier.from_)}",
                hint="a deduction is what makes the margin go on: before + from x (rate - rate"
                " before)",
            )
        before = here


# Reached at once ----------------------------------------------------------------------------------


def _at_entry(event: MarginTermsSet) -> Iterator[TermsFault]:
    """Levels that are reached the moment the most is borrowed."""
    own = Tier(
        from_=Decimal(0),
        maintenance_rate=event.maintenance_rate,
        call=event.call,
        liquidation=event.liquidation,
        leverage=event.leverage,
    )
    yield from _entered(event, own, "")
    for number, tier in enumerate(event.tiers, start=1):
        yield from _entered(event, tier, f"tier {number}: ")


def _entered(event: MarginTermsSet, tier: Tier, where: str) -> Iterator[TermsFault]:
    names = (
        ("liquidation", tier.liquidation or event.liquidation),
        ("call", tier.call or event.call),
    )
    for name, level in names:
        if level is not None and _reached(event, tier, level):
            leverage = tier.leverage or event.leverage
            most = f"at {plain(leverage)}x" if leverage else "with the initial margin alone"
            yield TermsFault(
                problem=f"{where}{name} {plain(level)} is reached as soon as the most is borrowed,"
                f" {most}",
                hint="borrow less, or read the level again",
                severity="warning",
            )
            return


def _reached(event: MarginTermsSet, tier: Tier, level: Decimal) -> bool:
    """Whether the level of a position opened with the initial margin alone is there already."""
    leverage = tier.leverage or event.leverage
    if event.model == "kraken":  # equity / used margin is 1 where all of it is used
        return level >= 1
    if event.model in _ASSETS_TO_DEBT:  # assets / debt is leverage / (leverage - 1)
        return leverage is not None and product(level, leverage - ONE) >= leverage
    rate = event.maintenance_rate if tier.maintenance_rate is None else tier.maintenance_rate
    if rate is None:
        return False
    if event.initial_rate is not None and tier.leverage is None:
        initial, whole = event.initial_rate, ONE
    elif leverage is not None:  # the initial margin is 1 / leverage
        initial, whole = ONE, leverage
    else:
        return False
    if event.model in _EQUITY_TO_MAINTENANCE:  # initial / maintenance
        return product(product(level, rate), whole) >= initial
    if event.model in RISING:  # maintenance / initial
        return product(rate, whole) >= product(level, initial)
    return False
