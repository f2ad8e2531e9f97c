"""Form 6781, Part I: section 1256 contracts, marked to market, 40 % short and 60 % long.

A loss may be carried back on election (line 6), against the section 1256 gains of the three years
before, earliest first; each takes it on line 1 of an amended form.

Source: IRC 1256(a), 1212(c); Pub. 550 (2025) pp. 57-58; Form 6781, lines 1-9 and box D.
"""

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from domain.money import ZERO, cents
from projections.tax.us.law import (
    CAPITAL_LOSS_LIMIT,
    SECTION_1256_CARRYBACK_YEARS,
    SECTION_1256_SHORT,
    in_force,
)


@frozen(kw_only=True)
class Form6781:
    """The lines. `net` is line 5, `carried_back` line 6, `short` and `long` are lines 8 and 9."""

    lines: Mapping[str, Decimal]
    net: Decimal = ZERO
    carried_back: Decimal = ZERO
    short: Decimal = ZERO
    long: Decimal = ZERO


def form_6781(
    year: int,
    *,
    realised: Decimal,
    marked_before: Decimal = ZERO,
    marked: Decimal = ZERO,
    carried: Decimal = ZERO,
    carried_back: Decimal = ZERO,
) -> Form6781:
    """Fill the form, in cents.

    `realised`, `marked_before` and `marked` are boxes 8, 9 and 10 of Form 1099-B: realised, the
    unrealised result of last year's end, that of this year's end. `carried` (zero or negative) is
    last year's section 1256 loss, `carried_back` line 6.
    """
    if not (realised or marked_before or marked or carried):
        return Form6781(lines={})
    net = cents(realised) - marked_before + marked + carried
    line_7 = net + carried_back
    short, long = sixty_forty(year, line_7)
    lines = {"1": net, "5": net}
    if net < 0:
        lines["6"] = carried_back
    lines |= {"7": line_7, "8": short, "9": long}
    return Form6781(lines=lines, net=net, carried_back=carried_back, short=short, long=long)


def sixty_forty(year: int, amount: Decimal) -> tuple[Decimal, Decimal]:
    """The short-term and the long-term part, in cents."""
    short = cents(amount * in_force(SECTION_1256_SHORT, year).value)
    return short, amount - short


def carryback_limit(year: int, net: Decimal, carryover: Decimal, filing_status: str) -> Decimal:
    """The net section 1256 contracts loss: what may be carried back at most (IRC 1212(c)(4)).

    The lesser of the year's loss from these contracts alone, beyond what other income bears, and of
    the `carryover` (zero or more) there would be without the election.
    """
    beyond = -net - in_force(CAPITAL_LOSS_LIMIT, year).value[filing_status]
    return max(min(beyond, carryover), ZERO)


def absorbed(year: int, loss: Decimal, gains: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """What each year before takes of a loss carried back, earliest first (IRC 1212(c)(2), (3)).

    `gains` are the net section 1256 contract gains left by year (zero or more).
    """
    taken: dict[int, Decimal] = {}
    for before in range(year - SECTION_1256_CARRYBACK_YEARS.value, year):
        part = min(gains.get(before, ZERO), loss)
        if part > 0:
            taken[before] = part
            loss -= part
    return taken
