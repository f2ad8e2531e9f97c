"""Tables for people: plain text, columns aligned, numbers to the right."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from domain.money import plain

GAP = "  "


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The rows under their headings. Columns that hold numbers alone stand to the right."""
    cells = [[shown(value) for value in row] for row in rows]
    if not cells:
        return ""
    columns = list(zip(headings, *cells, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    right = [all(_numeric(cell) for cell in column[1:]) for column in columns]
    lines = [
        GAP.join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in [list(headings), ["-" * width for width in widths], *cells]
    ]
    return "\n".join(lines)


def shown(value: Any) -> str:
    """A value as people read it; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    return str(value)


def usd(amount: Decimal | None) -> str:
    """Money with two decimals and thousands apart; a dash where it is not known."""
    return "-" if amount is None else f"{amount:,.2f}".replace("-0.00", "0.00")


def price(amount: Decimal | None) -> str:
    """A price to two decimals, small ones to eight digits or four that count."""
    if amount is None:
        return "-"
    if abs(amount) >= 1:
        return f"{amount:,.2f}"
    return f"{amount:.8f}" if abs(amount) >= _SMALL else plain(Decimal(f"{amount:.4g}"))


_SMALL = Decimal("0.00001")


def percent(part: Decimal | None) -> str:
    """A part of the whole as people write it."""
    return "-" if part is None else f"{part * 100:,.2f} %"


def _numeric(cell: str) -> bool:
    bare = cell.replace(",", "").removesuffix(" %")
    return not bare or bare == "-" or bare.lstrip("+-").replace(".", "", 1).isdigit()
