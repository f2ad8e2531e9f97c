"""Moves between two wallets of one venue, each of which tells them in a file of its own.

A move is named by second, asset, amount and way, so that it has one name whichever file says it.
Where the two files print seconds that differ a little, given together they are matched; the move
then bears the name that the main wallet gives it, and the earlier time, so that neither wallet
lacks it at its next row.
"""

from collections.abc import Iterator
from datetime import timedelta

from adapters.importers.group import Group
from adapters.importers.layout import Entry
from adapters.importers.unified import Change
from domain.events import Transferred

PREFIX = "transfer/"
"""How the bundle of rows of a move begins."""

_WITHIN = timedelta(seconds=5)


def matched(groups: Iterator[list[Entry]], main: str) -> Iterator[list[Entry]]:
    """The same groups, the two sides of a move joined where they are a few seconds apart.

    `main` is the account whose rows come first, and so name it.
    """
    waiting: list[list[Entry]] = []
    for group in groups:
        while waiting and group[0].at - waiting[0][0].at > _WITHIN:
            yield waiting.pop(0)
        side = _one_side(group)
        if side is None:
            if waiting:
                waiting.append(group)
            else:
                yield group
            continue
        other = next((one for one in waiting if _matches(_one_side(one), side)), None)
        if other is None:
            waiting.append(group)
        else:
            other += group
            other.sort(key=lambda row: row.account != main)
    yield from waiting


def read_moves(group: Group) -> None:
    """As many moves as the wallet tells that tells more of them."""
    sides: dict[str, list[Change]] = {}
    for row in group.entries:
        if row.amount:
            sides.setdefault(row.account, []).append(row)
    name = group.first.bundle
    for number in range(max(map(len, sides.values()), default=0)):
        rows = [side[number] for side in sides.values() if number < len(side)]
        row = rows[0]
        out = row.amount < 0
        group.add(
            Transferred,
            *rows,
            at=min(row.at for row in rows),
            account=row.account if out else row.other,
            id=name if not number else f"{name}/{number + 1}",
            to=row.other if out else row.account,
            asset=row.asset,
            quantity=abs(row.amount),
        )


def _one_side(group: list[Entry]) -> Change | None:
    """A row of a move that one wallet alone has told so far."""
    first: Entry = group[0]
    if not isinstance(first, Change) or not first.bundle.startswith(PREFIX):
        return None
    alone = all(row.account == first.account for row in group)
    return first if alone and first.amount else None


def _matches(one: Change | None, other: Change) -> bool:
    """Whether two rows tell one move: out here, in there, of the same units."""
    return (
        one is not None
        and one.asset == other.asset
        and one.amount == -other.amount
        and (one.account, one.other) == (other.other, other.account)
    )
