"""Numbers as people and spreadsheets write them: thousands, decimal commas, signs of money.

What stands between thousands must stand there every three digits: `1.5` is no number where the
decimal sign is a comma and a point parts thousands, though `1.500` is.
"""

import re
from decimal import Decimal

from attrs import field, frozen

from adapters.importers.table import Misread, number


@frozen
class Written:
    """How numbers are written: the `decimal` sign, what parts `thousands`, and words for nothing.

    `signs` may stand before or behind a number and mean nothing here.
    """

    decimal: str = "."
    thousands: str = ""
    empty: tuple[str, ...] = ()
    signs: str = ""
    _plain: re.Pattern[str] = field(init=False)

    @_plain.default
    def _pattern(self) -> re.Pattern[str]:
        digits = r"\d*"
        if self.thousands:
            digits = rf"(?:\d*|\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+)"
        return re.compile(rf"[+-]?{digits}(?:{re.escape(self.decimal)}\d*)?(?:[eE][+-]?\d+)?")

    def __call__(self, text: str, column: str) -> Decimal:
        """The number that a cell is. Raises `Misread`."""
        bare = text.strip(f"{self.signs} \u00a0") if self.signs else text
        if not self._plain.fullmatch(bare):
            looks = f"1{self.thousands}234{self.decimal}5"
            raise Misread(column, text, "is not a number", f"It should look like {looks}")
        if self.thousands:
            bare = bare.replace(self.thousands, "")
        return number(bare.replace(self.decimal, "."), column)

    def cell(self, text: str) -> str:
        """What a cell says: nothing, where it is a word for nothing."""
        return "" if text in self.empty else text


DOLLARS = Written(thousands=",", signs="£€$")
"""Numbers such as `$1,234.5`."""
