"""Liquidations as text: beside the rows, what each cost and why that is not what is taxed."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING

from adapters.cli.text import table, usd
from domain.money import plain

if TYPE_CHECKING:
    from projections.liquidation import Liquidation

_WIDTH = 110


def losses_text(liquidations: Iterable["Liquidation"]) -> str:
    """Each liquidation: its amounts in a line, then in words."""
    return "\n\n".join(_told(one) for one in liquidations)


def _told(one: "Liquidation") -> str:
    from projections.liquidation import why

    traded = [f"{units} sold" for units in _units(one.sold)]
    traded += [f"{units} bought back" for units in _units(one.bought)]
    heads = ["proceeds", "penalty", "economic result", "taxable", "built up before"]
    amounts = (one.proceeds, one.penalty, one.economic_result, one.taxable, one.built_up_before)
    lines = [
        f"{one.account}  {one.since:%Y-%m-%d %H:%M}  {', '.join(traded)}",
        *table(heads, [[usd(amount) for amount in amounts]]).splitlines(),
        *wrap(why(one), _WIDTH),
    ]
    if one.debt_repaid:
        lines.insert(1, f"debt repaid after it: {', '.join(_units(one.debt_repaid))}")
    return "\n  ".join(lines)


def _units(units: Mapping[str, Decimal]) -> list[str]:
    return [f"{plain(units[asset])} {asset}" for asset in sorted(units)]
