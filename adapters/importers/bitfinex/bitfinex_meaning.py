"""What Bitfinex's rows mean: each deal goes to those who read its kind.

Amounts are the ledger's. A text that is not known, and a row whose others are missing, raises
`Unclear`: never a guess, and never passed over.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby

from adapters.importers.bitfinex import bitfinex_charges as charges
from adapters.importers.bitfinex import bitfinex_lines as lines
from adapters.importers.bitfinex.bitfinex_joining import Joining
from adapters.importers.bitfinex.bitfinex_margin import BOTH_FILES, read_margin
from adapters.importers.bitfinex.bitfinex_positions import Positions
from adapters.importers.bitfinex.bitfinex_rows import Fill, Line
from adapters.importers.group import Group
from adapters.importers.layout import Accounts, Entry
from adapters.importers.reading import Unclear
from adapters.importers.statement import Meaning, Mode


class BitfinexMeaning(Meaning):
    """One import: the positions open so far, and the withdrawals that were cancelled."""

    def __init__(
        self,
        accounts: Accounts,
        cancelled: frozenset[str] = frozenset(),
        transactions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(accounts)
        self._transactions = transactions or {}
        self._positions = Positions()
        self._cancelled = cancelled
        self._undone: dict[str, Line] = {}
        """Cancelled withdrawals that were met, by number."""
        self._doubles: dict[int, Line] = {}
        """Lines whose number another line has, which counts."""

    def regroup(self, groups: Iterator[list[Entry]]) -> Iterator[list[Entry]]:  # type: ignore[override]
        joining = Joining(self._positions)
        for at, moment in groupby(groups, key=_at):
            yield from joining.ready(at)
            entries = [entry for group in moment for entry in group]
            self._doubles = _doubles(entries)
            for entry in entries:
                if id(entry) in self._doubles:
                    yield [entry]
                else:
                    joining.add(entry)
            self._doubles = {}
        yield from joining.ready(None)

    def read(self, group: Group) -> str | None:
        reason = self._read(group)
        wallet = self.accounts.of("margin")
        if group.drafts and any(entry.account == wallet for entry in group.entries):
            self.modes.setdefault(wallet, Mode("cross"))
        return reason

    def _read(self, group: Group) -> str | None:
        first = group.first
        other = self._doubles.get(id(first))
        if other is not None:
            problem = f"this number stands in {other.file.name}:{other.line} with other content"
            raise Unclear(f"{problem}, which was taken", "Export it again", "#", first.number)
        fills = [entry for entry in group.entries if isinstance(entry, Fill)]
        legs = [e for e in group.entries if isinstance(e, Line) and e.kind == "exchange"]
        if legs:
            lines.read_exchange(group, legs)
        elif fills:
            if fills[0].contract:
                return charges.read_contract(group)
            read_margin(group, self._positions)
        else:
            return self._read_line(group, first)
        return None

    def _read_line(self, group: Group, line: Line) -> str | None:
        """Lines that no trade of the other file belongs to."""
        if line.says is None:
            raise Unclear("is a text not known here", lines.BY_HAND, "DESCRIPTION", line.text)
        match line.kind:
            case kind if not line.amount and kind not in ("exchange", "fee", "profit"):
                return "nothing moved"
            case "fee":
                problem = "the trade of this fee is missing"
                raise Unclear(problem, BOTH_FILES, "DESCRIPTION", line.text)
            case "profit":
                problem = "is the net profit of a margin trade, and the trade is missing"
                raise Unclear(problem, BOTH_FILES, "DESCRIPTION", line.text)
            case "interest":
                charges.read_interest(group, line, self._positions)
            case "claim":
                charges.read_claim(group, self._positions)
            case "settlement":
                lines.read_settlement(group)
            case "transfer":
                return lines.read_transfer(group)
            case "withdrawal" if line.says.id in self._cancelled:
                self._undone[line.says.id] = line
                return lines.read_undone(group, line)
            case "cancelled":
                return self._read_cancelled(line)
            case _:
                lines.read_single(group, line, self._transactions.get(line.says.id))
        return None

    def _read_cancelled(self, line: Line) -> str:
        """A withdrawal that comes back undoes the one of its number. Raises `Unclear`."""
        number = line.says.id if line.says else ""
        undone = self._undone.pop(number, None)
        if undone is None or (undone.asset, undone.amount) != (line.asset, -line.amount):
            problem = "gives back a withdrawal that these files do not hold"
            raise Unclear(
                problem, "Export from the account's first day on", "DESCRIPTION", line.text
            )
        return lines.REVERSED


def _at(group: list[Entry]) -> datetime:
    return group[0].at


def _doubles(entries: list[Entry]) -> dict[int, Line]:
    """Of the lines of one instant that have one number, and say not the same, all but the first."""
    if len(entries) == 1:
        return {}
    numbered = [entry for entry in entries if isinstance(entry, Line) and entry.number]
    first: dict[str, Line] = {}
    if len({line.number for line in numbered}) == len(numbered):
        return {}
    numbered.sort(key=lambda line: (line.file.name, line.line))
    return {
        id(line): first[line.number]
        for line in numbered
        if first.setdefault(line.number, line) is not line
    }
